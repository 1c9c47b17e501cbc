// What is seen: map and picture under one zoom, and on top of them cursor, selection and what is being drawn.
const view = {scale: 1, x: 0, y: 0, fitted: true, edges: false, compare: false, split: .5};
const cursor = {x: 0, y: 0, shown: false};  // of the keyboard or the pointer, in pixels of the picture
let pictureImage = null;
let selected = null;  // {x, y, label, id, box, pixels, outline, styles, style}
let ghost = null;     // {dx, dy}: where the selected object is being moved to
let drawing = {polygon: [], pen: false};

let wanted = false;
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => { wanted = false; draw(); });
}

function fit() {
  const canvas = $("map"), width = canvas.clientWidth, height = canvas.clientHeight;
  if (!scene.width || !width || !height) return;
  view.scale = Math.min(width / scene.width, height / scene.height) * .98;
  view.x = (width - scene.width * view.scale) / 2;
  view.y = (height - scene.height * view.scale) / 2;
  view.fitted = true;
  redraw();
}

function zoomBy(factor, at) {
  const canvas = $("map"), [px, py] = at || [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const scale = Math.min(40, Math.max(.02, view.scale * factor)), ratio = scale / view.scale;
  view.x = px - (px - view.x) * ratio;
  view.y = py - (py - view.y) * ratio;
  view.scale = scale;
  view.fitted = false;
  redraw();
}

function panBy(dx, dy) {
  view.x += dx;
  view.y += dy;
  view.fitted = false;
  redraw();
}

function prepare(canvas) {
  const ratio = devicePixelRatio || 1, width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  context.imageSmoothingEnabled = view.scale * ratio < 1.5;
  context.imageSmoothingQuality = "high";
  return context;
}

function draw() {
  if (!scene.width) return;
  if (view.fitted) {
    const canvas = $("map");
    if (canvas.lastSize !== canvas.clientWidth + "x" + canvas.clientHeight) {
      canvas.lastSize = canvas.clientWidth + "x" + canvas.clientHeight;
      fit();
    }
  }
  $("zoom").textContent = Math.round(view.scale * 100) + " %";
  const map = prepare($("map"));
  map.drawImage(mapImage, 0, 0);
  if (view.compare) drawSplit(map);
  if (view.edges) drawEdges(map);
  drawMarks(map, true);
  if (view.compare) return;
  const picture = prepare($("picture"));
  if (pictureImage) picture.drawImage(pictureImage, 0, 0, scene.width, scene.height);
  if (view.edges) drawEdges(picture);
  drawMarks(picture, false);
}

function drawEdges(context) {
  context.globalAlpha = .85;
  context.drawImage(edgeImage, 0, 0);
  context.globalAlpha = 1;
}

/// In compare mode the picture lies over the map from the slider on.
function drawSplit(context) {
  const at = scene.width * view.split;
  if (pictureImage) {
    context.save();
    context.beginPath();
    context.rect(at, 0, scene.width - at, scene.height);
    context.clip();
    context.drawImage(pictureImage, 0, 0, scene.width, scene.height);
    context.restore();
  }
  context.fillStyle = "#fff";
  context.fillRect(at - 1 / view.scale, 0, 2 / view.scale, scene.height);
}

function drawMarks(context, onMap) {
  const pixel = 1 / view.scale;
  if (selected && selected.outline) {
    const dx = ghost ? ghost.dx : 0, dy = ghost ? ghost.dy : 0;
    context.imageSmoothingEnabled = false;
    if (ghost && onMap) {
      context.globalAlpha = .75;
      context.drawImage(selected.filled, selected.box[0] + dx, selected.box[1] + dy);
      context.globalAlpha = 1;
    }
    context.drawImage(selected.outline, selected.box[0] + dx - 1, selected.box[1] + dy - 1);
    context.setLineDash([4 * pixel, 4 * pixel]);
    context.lineWidth = 1.5 * pixel;
    context.strokeStyle = "#fff";
    context.strokeRect(selected.box[0] + dx, selected.box[1] + dy, selected.box[2], selected.box[3]);
    context.setLineDash([]);
  }
  const line = drawing.polygon;
  if (line.length > 0) {
    context.beginPath();
    for (let i = 0; i < line.length; i += 2) context.lineTo(line[i], line[i + 1]);
    if (cursor.shown) context.lineTo(cursor.x, cursor.y);
    context.lineWidth = 2 * pixel;
    context.strokeStyle = "#fff";
    context.stroke();
    context.setLineDash([3 * pixel, 3 * pixel]);
    context.strokeStyle = "#000";
    context.stroke();
    context.setLineDash([]);
  }
  if (!cursor.shown) return;
  context.lineWidth = pixel;
  for (const [colour, offset] of [["#000", pixel], ["#fff", 0]]) {
    context.strokeStyle = colour;
    context.beginPath();
    if (tool === "brush") {
      context.arc(cursor.x + offset, cursor.y + offset, brushRadius(), 0, 7);
    } else {
      context.moveTo(cursor.x - 7 * pixel, cursor.y + offset);
      context.lineTo(cursor.x + 7 * pixel, cursor.y + offset);
      context.moveTo(cursor.x + offset, cursor.y - 7 * pixel);
      context.lineTo(cursor.x + offset, cursor.y + 7 * pixel);
    }
    context.stroke();
  }
}

/// Outline and filled shape of an object from the runs that the server tells.
function shapesOf(object) {
  const [, , width, height] = object.box;
  const inside = new Uint8Array(width * height);
  let at = 0;
  object.mask.forEach((count, i) => {
    if (i % 2 === 1) inside.fill(1, at, at + count);
    at += count;
  });
  const filled = new ImageData(width, height), outline = new ImageData(width + 2, height + 2);
  const fill = new Uint32Array(filled.data.buffer), rim = new Uint32Array(outline.data.buffer);
  const has = (x, y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x] === 1;
  for (let y = -1; y <= height; ++y)
    for (let x = -1; x <= width; ++x) {
      if (has(x, y)) fill[y * width + x] = colours[object.label];
      else if (has(x - 1, y) || has(x + 1, y) || has(x, y - 1) || has(x, y + 1))
        rim[(y + 1) * (width + 2) + x + 1] = 0xffffffff;
    }
  const image = (data, w, h) => {
    const canvas = Object.assign(document.createElement("canvas"), {width: w, height: h});
    canvas.getContext("2d").putImageData(data, 0, 0);
    return canvas;
  };
  return {filled: image(filled, width, height), outline: image(outline, width + 2, height + 2)};
}
