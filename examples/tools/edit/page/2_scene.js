// The maps, as far as this page knows them. The server's are the true ones; strokes are drawn here at once and replaced
// by what the server made of them.
const scene = {width: 0, height: 0, labels: null, ids: null, version: 0, session: -1};
let about = {classes: [], styles: [], instances: false};
let colours = new Uint32Array(256);  // little-endian RGBA
let names = [];
const mapImage = document.createElement("canvas");  // labels in colours, at full size
const edgeImage = document.createElement("canvas");

function takeAbout(news) {
  about = news;
  names = [];
  for (const c of about.classes) {
    colours[c.id] = (255 << 24) | (c.colour[2] << 16) | (c.colour[1] << 8) | c.colour[0];
    names[c.id] = c.name;
  }
}

/// The server's sentences speak of numbers of classes, people of their names.
const named = text => text.replace(/\bclass (\d+)\b/gi, (all, id) => names[id] ?? all);
const nameOf = label => names[label] ?? "class " + label;

function resizeScene(width, height) {
  Object.assign(scene, {width, height, labels: new Uint8Array(width * height),
    ids: about.instances ? new Int32Array(width * height) : null});
  for (const image of [mapImage, edgeImage]) Object.assign(image, {width, height});
}

async function loadMaps([x, y, width, height]) {
  if (width === 0 || height === 0) return;
  const bytes = await (await ask(`/maps?x=${x}&y=${y}&width=${width}&height=${height}`)).arrayBuffer();
  const labels = new Uint8Array(bytes, 0, width * height);
  const ids = new DataView(bytes, width * height);
  for (let row = 0; row < height; ++row) {
    const to = (y + row) * scene.width + x, from = row * width;
    scene.labels.set(labels.subarray(from, from + width), to);
    if (scene.ids)
      for (let i = 0; i < width; ++i) scene.ids[to + i] = ids.getInt32(4 * (from + i), true);
  }
  drawMap(x, y, width, height);
}

function drawMap(x, y, width, height) {
  const left = Math.max(0, x - 1), top = Math.max(0, y - 1);
  const right = Math.min(scene.width, x + width + 1), bottom = Math.min(scene.height, y + height + 1);
  if (right <= left || bottom <= top) return;
  const map = new ImageData(right - left, bottom - top), edges = new ImageData(right - left, bottom - top);
  const mapPixels = new Uint32Array(map.data.buffer), edgePixels = new Uint32Array(edges.data.buffer);
  const of = scene.ids || scene.labels, w = scene.width;
  let at = 0;
  for (let v = top; v < bottom; ++v)
    for (let u = left; u < right; ++u, ++at) {
      const i = v * w + u;
      mapPixels[at] = colours[scene.labels[i]];
      const edge = (u + 1 < w && of[i] !== of[i + 1]) || (u > 0 && of[i] !== of[i - 1]) ||
        (v + 1 < scene.height && of[i] !== of[i + w]) || (v > 0 && of[i] !== of[i - w]);
      if (edge) edgePixels[at] = 0xffffffff;
    }
  mapImage.getContext("2d").putImageData(map, left, top);
  edgeImage.getContext("2d").putImageData(edges, left, top);
  redraw();
}

/// Draws a piece of a stroke as the server will: pixels whose centres are at most `radius` from the line. Returns whether
/// there are any in the picture.
function paintHere(points, radius, label) {
  let left = scene.width, top = scene.height, right = 0, bottom = 0, reaches = false;
  for (let p = 0; p < points.length; p += 2) {
    const before = Math.max(0, p - 2), ax = points[before], ay = points[before + 1], bx = points[p], by = points[p + 1];
    const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const x0 = Math.max(0, Math.floor(Math.min(ax, bx) - radius)), x1 = Math.min(scene.width, Math.ceil(Math.max(ax, bx) + radius));
    const y0 = Math.max(0, Math.floor(Math.min(ay, by) - radius)), y1 = Math.min(scene.height, Math.ceil(Math.max(ay, by) + radius));
    for (let y = y0; y < y1; ++y)
      for (let x = x0; x < x1; ++x) {
        const along = square > 0 ? Math.min(1, Math.max(0, ((x + .5 - ax) * dx + (y + .5 - ay) * dy) / square)) : 0;
        const ex = x + .5 - ax - along * dx, ey = y + .5 - ay - along * dy;
        if (ex * ex + ey * ey > radius * radius) continue;
        scene.labels[y * scene.width + x] = label;
        reaches = true;
      }
    left = Math.min(left, x0); top = Math.min(top, y0); right = Math.max(right, x1); bottom = Math.max(bottom, y1);
  }
  if (reaches) drawMap(left, top, right - left, bottom - top);
  return reaches;
}
