// The keyboard: everything can be done without a pointer.
let moving = false;  // the selected object follows the arrow keys

function cursorBy(dx, dy) {
  if (!cursor.shown || !inside(cursor.x, cursor.y)) {
    Object.assign(cursor, {x: Math.floor(scene.width / 2) + .5, y: Math.floor(scene.height / 2) + .5, shown: true});
  } else {
    cursor.x = Math.min(scene.width - .5, Math.max(.5, cursor.x + dx));
    cursor.y = Math.min(scene.height - .5, Math.max(.5, cursor.y + dy));
  }
  keepInView();
  if (drawing.pen) goOnStroke(cursor.x, cursor.y);
  showPlace(true);
  redraw();
}

function keepInView() {
  const canvas = $("map"), px = cursor.x * view.scale + view.x, py = cursor.y * view.scale + view.y, room = 20;
  const dx = px < room ? room - px : px > canvas.clientWidth - room ? canvas.clientWidth - room - px : 0;
  const dy = py < room ? room - py : py > canvas.clientHeight - room ? canvas.clientHeight - room - py : 0;
  if (dx || dy) panBy(dx, dy);
}

function beginMoving() {
  if (!needObject()) return;
  moving = true;
  ghost = {dx: 0, dy: 0};
  $("map").focus();
  announce("Moving: arrow keys, then Enter; Escape gives up");
}

const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

/// Keys that mean something only on map and picture.
function canvasKey(event) {
  const arrow = arrows[event.key];
  if (arrow && (event.ctrlKey || event.metaKey)) {
    panBy(-60 * arrow[0], -60 * arrow[1]);
  } else if (arrow) {
    const step = (event.shiftKey ? 10 : 1) * Math.max(1, Math.round(2 / view.scale));
    if (moving) {
      ghost = {dx: ghost.dx + arrow[0] * step, dy: ghost.dy + arrow[1] * step};
      redraw();
    } else {
      cursorBy(arrow[0] * step, arrow[1] * step);
    }
  } else if (event.key === "Enter") {
    if (moving) {
      moving = false;
      if (ghost.dx !== 0 || ghost.dy !== 0) shiftObject("move", ghost.dx, ghost.dy);
    } else if (!cursor.shown) {
      cursorBy(0, 0);
    } else if (tool === "brush") {
      const down = !drawing.pen;
      if (down) beginStroke(cursor.x, cursor.y);
      else endStroke();
      drawing.pen = down;
      announce(drawing.pen ? "Pen down" : "Pen up");
    } else if (tool === "polygon" && event.shiftKey) {
      closePolygon();
    } else {
      useTool(cursor.x, cursor.y);
    }
  } else if (event.key === " ") {
    spaceHeld = true;
  } else {
    return false;
  }
  return true;
}

const keys = {
  v: () => chooseTool("select"), b: () => chooseTool("brush"), p: () => chooseTool("polygon"),
  f: () => chooseTool("fill"), h: () => chooseTool("pan"), r: relabelObject, d: duplicateObject, m: beginMoving,
  Delete: deleteObject, Backspace: deleteObject, e: () => $("edges").click(), c: () => $("compare").click(),
  "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(.8), "0": fit,
  "[": () => setSize(-1), "]": () => setSize(1), "/": () => $("filter").focus(), "?": () => $("keys").showModal(),
  "`": () => chooseStyle(null),
  k: () => $("mask").click(),
  n: () => {
    const next = document.querySelector("input[name=kind]:not(:checked)");
    next.checked = true;
    announce("Paint as " + (next.value === "new" ? "a new object" : "surface"));
  },
  Escape: () => {
    if (drawing.pen) endStroke();
    else if (moving) { moving = false; ghost = null; redraw(); }
    else if (drawing.polygon.length > 0) { drawing.polygon = []; redraw(); }
    else select(null);
  },
};

function setSize(direction) {
  const size = $("size"), value = Number(size.value);
  size.value = value + direction * Math.max(1, Math.round(value * .15));
  $("size-shown").value = size.value;
  redraw();
}

function pageKey(event) {
  const control = event.ctrlKey || event.metaKey, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ($("keys").open) return;
  if (control && key === "z") (event.shiftKey ? redo : undo)();
  else if (control && key === "y") redo();
  else if (control && key === "s") $("save").click();
  else if (control && key === "o") $("open").click();
  else if (event.target.matches("input[type=search]")) {
    if (key === "Escape") { event.target.value = ""; showClasses(); $("map").focus(); }
    return;
  } else if (event.target.matches("canvas") && canvasKey(event)) { /* done */ }
  else if (control || event.altKey) return;
  else if (/^[1-9]$/.test(key) && selected && selected.styles >= Number(key)) chooseStyle(Number(key) - 1);
  else if (keys[key] && !(event.target.matches("input[type=range]") && arrows[key])) keys[key]();
  else return;
  event.preventDefault();
}

/// Arrow keys within a group of radio buttons.
function groupKeys(group, choose) {
  group.addEventListener("keydown", event => {
    const arrow = arrows[event.key];
    if (!arrow || !event.target.matches("[role=radio]")) return;
    const all = [...group.querySelectorAll("[role=radio]")];
    const next = all[(all.indexOf(event.target) + arrow[0] + arrow[1] + all.length) % all.length];
    choose(next);
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}
