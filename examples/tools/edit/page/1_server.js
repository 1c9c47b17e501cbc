// Talking to the server. Every request carries the token from the address.
const $ = id => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token") || "";

async function ask(path, options = {}) {
  const response = await fetch(path, {...options, headers: {"X-Token": token, ...options.headers}});
  if (response.ok) return response;
  let sentence = "The editor answered with " + response.status + ".";
  try { sentence = (await response.json()).error || sentence; } catch { /* not ours */ }
  throw Object.assign(new Error(sentence), {refused: true});
}
const askJson = async (path, options) => (await ask(path, options)).json();

// Edits go one after the other, in the order in which they were made.
let queue = Promise.resolve();
function inTurn(work) {
  const done = queue.then(work);
  queue = done.catch(() => {});
  return done;
}
const sendEdit = request => askJson("/edit", {method: "POST", body: JSON.stringify(request)});
const edit = request => inTurn(() => sendEdit(request));

/// Carries out an edit; a refusal is shown and gives null.
async function tryEdit(request, done) {
  try {
    const result = await edit(request);
    if (done) announce(done);
    return result;
  } catch (error) {
    complain(error);
    return null;
  }
}

let complained = "";  // the last complaint, which stays for some seconds only

function complain(error) {
  const text = error.refused ? named(error.message)
    : "The editor does not answer; nothing that it took is lost. (" + error.message + ")";
  complained = text;
  const p = document.createElement("p");
  p.textContent = text;
  $("toasts").append(p);
  while ($("toasts").children.length > 3) $("toasts").firstChild.remove();
  setTimeout(() => p.remove(), 9000);
}

/// What assistive technology reads out, and the status line shows.
let announced = "";
function announce(text) {
  if (text === announced) return;
  announced = text;
  $("phase").textContent = text;
}
