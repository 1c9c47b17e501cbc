// What pointer and tools do.
let tool = "select";
let label = 0;  // the chosen class
const brushRadius = () => Number($("size").value) / 2;
const paintKind = () => document.querySelector("input[name=kind]:checked").value;

function chooseTool(name) {
  tool = name;
  if (name !== "polygon") drawing.polygon = [];
  if (drawing.pen) endStroke();
  for (const button of document.querySelectorAll("#tools [data-tool]")) {
    button.setAttribute("aria-checked", button.dataset.tool === name);
    button.tabIndex = button.dataset.tool === name ? 0 : -1;
  }
  for (const id of ["map", "picture"]) $(id).className = name;
  redraw();
}

const inside = (x, y) => x >= 0 && y >= 0 && x < scene.width && y < scene.height;
const valueAt = (x, y) => {
  const i = Math.floor(y) * scene.width + Math.floor(x);
  return {label: scene.labels[i], id: scene.ids ? scene.ids[i] : 0};
};

async function pick(x, y) {
  if (!inside(x, y)) return select(null);
  try {
    select({x: Math.floor(x), y: Math.floor(y), ...await askJson(`/object?x=${Math.floor(x)}&y=${Math.floor(y)}`)});
  } catch (error) {
    complain(error);
  }
}

function select(object) {
  selected = object ? {...object, ...shapesOf(object)} : null;
  ghost = null;
  showObject();
  redraw();
}

const expected = () => ({expect: {label: selected.label, id: selected.id}});
const here = () => ({x: selected.x, y: selected.y});

function needObject() {
  if (selected) return true;
  complain({refused: true, message: "Nothing is selected: pick an object first, with the tool Select."});
  return false;
}

/// After an edit the object may lie elsewhere, be another, or be gone.
async function pickAgain(dx = 0, dy = 0) {
  const x = selected.x + dx, y = selected.y + dy;
  await queue;
  await pick(Math.min(scene.width - 1, Math.max(0, x)), Math.min(scene.height - 1, Math.max(0, y)));
}

async function relabelObject() {
  if (needObject() && await tryEdit({kind: "relabel", ...here(), label, ...expected()}, "Relabelled to " + nameOf(label))) pickAgain();
}
async function deleteObject() {
  if (needObject() && await tryEdit({kind: "delete", ...here(), ...expected()}, "Deleted " + nameOf(selected.label))) select(null);
}
async function shiftObject(kind, dx, dy) {
  if (!needObject()) return;
  const result = await tryEdit({kind, ...here(), dx, dy, ...expected()}, (kind === "move" ? "Moved " : "Duplicated ") + nameOf(selected.label));
  ghost = null;
  redraw();
  if (result) pickAgain(dx, dy);
}
function duplicateObject() {
  if (!needObject()) return;
  const step = Math.max(8, Math.round(selected.box[2] / 2));
  shiftObject("duplicate", selected.box[0] + selected.box[2] + step <= scene.width ? step : -step, 0);
}
async function chooseStyle(style) {
  if (needObject() && await tryEdit({kind: "style", ...here(), style, ...expected()}, style === null ? "Choice of style taken back" : "Style " + (style + 1))) pickAgain();
}

async function closePolygon() {
  const points = drawing.polygon;
  drawing.polygon = [];
  redraw();
  if (points.length < 6) return complain({refused: true, message: "A polygon needs at least three corners."});
  await tryEdit({kind: "polygon", points, label, as: paintKind()}, "Painted " + nameOf(label));
}

/// The tool at a place, by pointer or key.
function useTool(x, y) {
  if (tool === "polygon") {
    const p = drawing.polygon;
    const closes = p.length >= 6 && Math.hypot(x - p[0], y - p[1]) * view.scale < 8;
    if (closes) return closePolygon();
    p.push(x, y);
    redraw();
  } else if (tool === "fill") {
    tryEdit({kind: "fill", x: Math.floor(x), y: Math.floor(y), label, as: paintKind()}, "Filled with " + nameOf(label));
  } else if (tool === "select") {
    pick(x, y);
  }
}

const undo = () => tryEdit({kind: "undo"}, "Undone").then(result => result && select(null));
const redo = () => tryEdit({kind: "redo"}, "Done again").then(result => result && select(null));

let drag = null;
let spaceHeld = false;

function placeOf(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const px = event.clientX - box.left, py = event.clientY - box.top;
  return {px, py, x: (px - view.x) / view.scale, y: (py - view.y) / view.scale};
}

async function pointerDown(event) {
  if (!scene.width || event.button > 1) return;
  event.currentTarget.focus({focusVisible: false});
  event.currentTarget.setPointerCapture(event.pointerId);
  const at = placeOf(event);
  if (tool === "pan" || spaceHeld || event.button === 1) {
    drag = {kind: "pan", px: at.px, py: at.py};
    event.currentTarget.classList.add("grabbing");
  } else if (tool === "brush") {
    drag = {kind: "brush"};
    beginStroke(at.x, at.y);
  } else if (tool === "select" && inside(at.x, at.y)) {
    const mine = drag = {kind: "move", x: at.x, y: at.y, copy: event.altKey, ready: false};
    const value = valueAt(at.x, at.y);
    const same = selected && selected.label === value.label && selected.id === value.id && hits(selected, at.x, at.y);
    if (!same) await pick(at.x, at.y);
    mine.ready = true;
    if (drag !== mine && mine.moved) finishMove(mine);
  } else if (tool === "select") {
    select(null);
  } else {
    useTool(at.x, at.y);
  }
}

const hits = (object, x, y) => x >= object.box[0] && y >= object.box[1] && x < object.box[0] + object.box[2] && y < object.box[1] + object.box[3];

function pointerMove(event) {
  if (!scene.width) return;
  const at = placeOf(event);
  Object.assign(cursor, {x: at.x, y: at.y, shown: true});
  showPlace();
  if (drag && drag.kind === "pan") {
    panBy(at.px - drag.px, at.py - drag.py);
    Object.assign(drag, {px: at.px, py: at.py});
  } else if (drag && drag.kind === "brush") {
    for (const point of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
      const box = event.currentTarget.getBoundingClientRect();
      goOnStroke((point.clientX - box.left - view.x) / view.scale, (point.clientY - box.top - view.y) / view.scale);
    }
  } else if (drag && drag.kind === "move") {
    const dx = Math.round(at.x - drag.x), dy = Math.round(at.y - drag.y);
    if (!drag.moved && Math.hypot(dx, dy) * view.scale < 4) return redraw();
    drag.moved = [dx, dy];
    ghost = {dx, dy};
  }
  redraw();
}

function finishMove(move) {
  const [dx, dy] = move.moved;
  if (dx !== 0 || dy !== 0) shiftObject(move.copy ? "duplicate" : "move", dx, dy);
  else ghost = null;
}

function pointerUp(event) {
  event.currentTarget.classList.remove("grabbing");
  const ended = drag;
  drag = null;
  if (ended && ended.kind === "brush") endStroke();
  if (ended && ended.kind === "move" && ended.moved && ended.ready) finishMove(ended);
  redraw();
}
