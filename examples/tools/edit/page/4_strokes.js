// Strokes of the brush. They are sent in pieces while they are drawn, so that previews follow them; the pieces of one are
// one step of undo, unless something else was done between them. A piece takes its turn among the edits when it is due, and has whatever was drawn until that turn.
const strokes = new Set();  // those that are being drawn, or that the server has not taken whole
let stroke = null;          // the newest

function beginStroke(x, y) {
  if (stroke && stroke.on) endStroke();
  // `points` begin with the last place that the server has taken, if there is any: the first `sent` numbers.
  // `after`: session and version since which there is no other edit than pieces of it; null before the first.
  stroke = {points: [], sent: 0, reaches: false, id: null, after: null, on: true, label, radius: brushRadius(), kind: paintKind()};
  strokes.add(stroke);
  addPoint(x, y);
  flushStroke(stroke);
}

function goOnStroke(x, y) {
  const [lastX, lastY] = stroke.points.slice(-2);
  if (Math.hypot(x - lastX, y - lastY) < .5) return;
  addPoint(x, y);
  setTimeout(flushStroke, 120, stroke);
}

function endStroke() {
  drawing.pen = false;
  stroke.on = false;
  flushStroke(stroke);
}

function addPoint(x, y) {
  stroke.points.push(x, y);
  if (paintHere(stroke.points.slice(-4), stroke.radius, stroke.label)) stroke.reaches = true;
}

const flushStroke = one => inTurn(() => sendPiece(one));

async function sendPiece(one) {
  const points = one.points.slice(), reaches = one.reaches;
  one.reaches = false;
  if (points.length > one.sent) {
    try {
      if (reaches) takeAnswer(one, await sendEdit(pieceRequest(one, points)));  // what lies beside the picture changes nothing
      // The last place that was sent begins the next piece, so that there is no gap.
      one.points.splice(0, points.length - 2);
      one.sent = 2;
    } catch (error) {
      complain(error);
      one.points.splice(0, points.length);
      one.sent = 0;
      await takePaintBack();
      one.reaches = paintHere(one.points, one.radius, one.label);  // without the line from what was refused
    }
  }
  if (!one.on && one.points.length <= one.sent) strokes.delete(one);
}

function pieceRequest(one, points) {
  const as = one.id !== null ? {as: "object", id: one.id} : {as: one.kind};
  const joined = one.after ? {joined: true, after: one.after} : {};  // unless others painted since, says the server
  return {kind: "stroke", points, radius: one.radius, label: one.label, ...joined, ...as};
}

function takeAnswer(one, result) {
  const follows = one.after && result.session === one.after[0] && result.version === one.after[1] + 1;
  if (result.pixels > 0 || follows) one.after = [result.session, result.version];
  if (result.pixels === 0) return;
  if (one.kind === "new" && about.instances) one.id = result.id;
}

/// What was drawn here and not taken goes again.
async function takePaintBack() {
  try {
    await loadMaps([0, 0, scene.width, scene.height]);
  } catch {
    scene.session = -1;  // all is loaded anew when the server answers again
  }
  repaintStrokes();
}

/// Draws what the server may not have taken yet, after its maps were loaded.
function repaintStrokes() {
  for (const one of strokes) paintHere(one.points, one.radius, one.label);
}
