// Following the server: every page sees every edit.
let news = null, shownPicture = "", shownRender = "";

/// Waits until the page is to be seen.
async function shown() {
  while (document.hidden)
    await new Promise(resolve => document.addEventListener("visibilitychange", resolve, {once: true}));
}

/// Waits for news after `counter`, as long as the page is to be seen. A browser has six connections to a server, for all
/// its windows, and this holds one: what nobody sees leaves them to the edits of the others.
async function waitForNews(counter) {
  const stop = new AbortController(), hide = () => { if (document.hidden) stop.abort(); };
  document.addEventListener("visibilitychange", hide);
  try {
    return await askJson(`/state?after=${counter}&seen=${scene.version}`, {signal: stop.signal});
  } finally {
    document.removeEventListener("visibilitychange", hide);
  }
}

async function follow() {
  let counter = 0;
  for (;;) {
    if (counter > 0) await shown();  // what is there already takes no waiting, nor a connection
    try {
      const state = await waitForNews(counter);
      counter = state.counter;
      await take(state);
      document.body.dataset.connected = "yes";
    } catch (error) {
      if (error.name === "AbortError") continue;  // it was hidden
      document.body.dataset.connected = "no";
      if (error.refused) {
        announce(error.message);
      } else {
        announce("The editor does not answer; trying again");
      }
      counter = 0;
      await new Promise(resolve => setTimeout(resolve, 700));
    }
  }
}

async function take(state) {
  const other = state.session !== scene.session;
  if (other) {
    takeAbout(await askJson("/about"));
    $("title").textContent = "\u2014 " + about.labels;
    document.title = about.labels + " \u2014 pix2pixhd editor";
    $("export-instances").hidden = !about.instances;
    $("kind").disabled = !about.instances;
    if (!names[label]) label = about.classes[0].id;
    resizeScene(state.width, state.height);
    showClasses();
    selected = null;
    shownPicture = "";
  }
  if (other || state.version !== scene.version) {
    await loadMaps(other ? [0, 0, state.width, state.height] : state.box);
    Object.assign(scene, {version: state.version, session: state.session});
    repaintStrokes();
    if (other) fit();
  }
  news = state;
  showState(state);
  await showPicture(state);
  document.body.dataset.version = state.version;
}

function showState(state) {
  const busy = state.render.phase !== "idle";
  $("undo").disabled = state.undo === 0;
  $("redo").disabled = state.redo === 0;
  $("undo").title = (state.undo ? "Undo: " + named(state.undo_what) : "Nothing to undo") + " (Ctrl+Z)";
  $("redo").title = (state.redo ? "Redo: " + named(state.redo_what) : "Nothing to redo") + " (Ctrl+Shift+Z)";
  $("saved").textContent = state.warning ? "\u26a0 not kept" : state.saved ? "saved" : "kept";
  $("saved").title = state.warning || (state.saved ? "The project file has everything." : "Every edit is in the journal of the project.");
  $("progress").classList.toggle("on", busy);
  $("progress").value = state.render.progress;
  document.body.dataset.ready = !busy && state.render.exact === state.version ? "yes" : "no";
  document.body.setAttribute("aria-busy", busy);
  // Only what is new is announced: other announcements are not to be cut short.
  const now = [state.render.phase, state.render.exact, state.version, state.render.error].join();
  if (now !== shownRender) {
    shownRender = now;
    if (state.render.error) announce("No picture: " + named(state.render.error));
    else if (state.render.phase === "exact") announce("Making the exact picture");
    else if (!busy && state.render.exact === state.version) announce("The picture is ready");
  }
  $("picture-note").textContent = state.render.exact === state.version ? "exact"
    : state.render.preview === state.version ? "preview" : "older than the map";
}

async function showPicture(state) {
  const key = state.session + "," + state.render.preview + "," + state.render.exact;
  if (state.render.preview === 0 || key === shownPicture) return;
  const response = await ask("/picture");
  const bitmap = await createImageBitmap(await response.blob());
  shownPicture = key;
  pictureImage = bitmap;
  document.body.dataset.picture = response.headers.get("X-Version");
  document.body.dataset.exact = response.headers.get("X-Exact");
  $("empty").hidden = true;
  redraw();
}

function start() {
  for (const id of ["map", "picture"]) {
    const canvas = $(id);
    canvas.addEventListener("pointerdown", pointerDown);
    canvas.addEventListener("pointermove", pointerMove);
    canvas.addEventListener("pointerup", pointerUp);
    canvas.addEventListener("pointercancel", pointerUp);
    canvas.addEventListener("pointerleave", () => { if (!drag) { cursor.shown = false; redraw(); } });
    canvas.addEventListener("dblclick", () => { if (tool === "polygon" && drawing.polygon.length >= 6) closePolygon(); });
    canvas.addEventListener("wheel", event => {
      const at = placeOf(event);
      zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? .05 : .0015)), [at.px, at.py]);
      event.preventDefault();
    }, {passive: false});
  }
  new ResizeObserver(redraw).observe($("panes"));
  addEventListener("keydown", pageKey);
  addEventListener("keyup", event => { if (event.key === " ") spaceHeld = false; });
  addEventListener("blur", () => { spaceHeld = false; });
  addEventListener("dragover", event => event.preventDefault());
  addEventListener("drop", event => { event.preventDefault(); if (event.dataTransfer.files.length) openFiles(event.dataTransfer.files); });
  const press = (id, f) => $(id).addEventListener("click", f);
  press("undo", undo); press("redo", redo);
  press("zoom-in", () => zoomBy(1.25)); press("zoom-out", () => zoomBy(.8)); press("zoom-fit", fit);
  press("relabel", relabelObject); press("move", beginMoving); press("duplicate", duplicateObject); press("delete", deleteObject);
  press("save", saveProject); press("open", () => $("files").click()); press("mask", () => $("mask-file").click());
  press("help", () => $("keys").showModal());
  press("edges", () => { view.edges = !view.edges; $("edges").setAttribute("aria-pressed", view.edges); redraw(); });
  press("compare", () => {
    view.compare = !view.compare;
    $("compare").setAttribute("aria-pressed", view.compare);
    $("panes").classList.toggle("compare", view.compare);
    $("split").hidden = !view.compare;
    if (view.compare) $("split").focus();
    redraw();
  });
  $("split").oninput = () => { view.split = $("split").value / 100; redraw(); };
  $("files").onchange = () => { openFiles($("files").files).then(() => { $("files").value = ""; }); };
  $("mask-file").onchange = () => {
    const [file] = $("mask-file").files;
    if (file) layMask(file).finally(() => { $("mask-file").value = ""; });
  };
  $("size").oninput = () => { $("size-shown").value = $("size").value; redraw(); };
  $("filter").oninput = showClasses;
  $("filter").onkeydown = event => {
    const first = $("classes").firstChild;
    if (event.key === "Enter" && first) {
      $("filter").value = "";
      chooseClass(Number(first.id.slice(6)));
      $("map").focus();
      event.preventDefault();
      event.stopPropagation();
    }
  };
  $("classes").addEventListener("keydown", classKey);
  for (const button of document.querySelectorAll("#exports [data-file]")) button.onclick = () => download(button.dataset.file);
  for (const button of document.querySelectorAll("#tools [data-tool]")) button.onclick = () => chooseTool(button.dataset.tool);
  groupKeys($("tools"), button => chooseTool(button.dataset.tool));
  groupKeys($("styles"), button => button.click());
  chooseTool("select");
  showObject();
  follow();
}
start();
