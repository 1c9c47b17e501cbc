// The panels around the pictures.
function showClasses() {
  const word = $("filter").value.trim().toLowerCase(), list = $("classes");
  list.replaceChildren(...about.classes.filter(c => c.name.includes(word) || String(c.id) === word).map(c => {
    const item = document.createElement("li"), colour = document.createElement("i"), id = document.createElement("b");
    item.id = "class-" + c.id;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", c.id === label);
    colour.style.background = `rgb(${c.colour.join()})`;
    id.textContent = c.id;
    item.append(colour, c.name, id);
    item.onclick = () => chooseClass(c.id);
    item.ondblclick = () => selected && relabelObject();
    return item;
  }));
  list.setAttribute("aria-activedescendant", $("class-" + label) ? "class-" + label : "");
}

function chooseClass(id) {
  label = id;
  showClasses();
  const item = $("class-" + id);
  if (item) item.scrollIntoView({block: "nearest"});
  showObject();
}

function classKey(event) {
  const items = [...$("classes").children], at = items.findIndex(item => item.id === "class-" + label);
  const step = {ArrowDown: 1, ArrowUp: -1, Home: -items.length, End: items.length, PageDown: 8, PageUp: -8}[event.key];
  if (step && items.length > 0) {
    chooseClass(Number(items[Math.min(items.length - 1, Math.max(0, at + step))].id.slice(6)));
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key === "Enter" && selected) {
    relabelObject();
    event.preventDefault();
    event.stopPropagation();
  }
}

let shownStyles = "";
function showObject() {
  for (const id of ["move", "duplicate", "delete"]) $(id).disabled = !selected;
  $("relabel").disabled = !selected || selected.label === label;
  $("relabel").title = "Give it the class " + nameOf(label) + " (R)";
  $("object-what").textContent = !selected ? "Nothing is selected."
    : `${nameOf(selected.label)}${about.instances ? ", id " + selected.id : ""}, ${selected.pixels.toLocaleString("en")} pixels`;
  showStyles();
}

function showStyles() {
  const box = $("styles"), key = selected ? [selected.label, selected.id, selected.style, scene.version].join() : "";
  if (key === shownStyles) return;
  shownStyles = key;
  for (const image of box.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  box.replaceChildren();
  if (!selected) return;
  if (selected.styles === 0) {
    box.append(Object.assign(document.createElement("p"), {className: "soft", textContent: about.styles.length === 0
      ? "These weights have no styles." : "This class has no styles."}));
    box.lastChild.style.gridColumn = "1 / -1";
    return;
  }
  for (let i = 0; i < selected.styles; ++i) {
    const button = document.createElement("button"), number = document.createElement("span");
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", selected.style === i);
    button.setAttribute("aria-label", "Style " + (i + 1));
    button.title = "Style " + (i + 1) + (i < 9 ? ` (${i + 1})` : "");
    button.tabIndex = i === (selected.style ?? 0) ? 0 : -1;
    number.textContent = i + 1;
    button.append(number);
    button.onclick = () => chooseStyle(i);
    box.append(button);
    thumbnail(button, i, key);
  }
}

async function thumbnail(button, style, key) {
  try {
    const blob = await (await ask(`/thumbnail?x=${selected.x}&y=${selected.y}&style=${style}`)).blob();
    if (key !== shownStyles) return;
    const image = new Image();
    image.alt = "";
    image.src = URL.createObjectURL(blob);
    button.prepend(image);
  } catch { /* the number says enough */ }
}

function showPlace(aloud = false) {
  const text = inside(cursor.x, cursor.y)
    ? `${Math.floor(cursor.x)}, ${Math.floor(cursor.y)}  ${nameOf(valueAt(cursor.x, cursor.y).label)}` : "";
  $("where").textContent = text;
  if (aloud) for (const id of ["map", "picture"]) $(id).setAttribute("aria-label", (id === "map" ? "Label map, " : "Picture, ") + text);
}

/// Whether what was done on this scene may leave the page.
async function mayLeave() {
  await queue;
  const steps = (await askJson("/state?after=0&seen=0")).undo;
  return steps === 0 || confirm(`Open another scene? This one, with ${steps === 1 ? "a step" : steps + " steps"} to undo, ` +
    `leaves the page; it is kept beside the project, as ${about.project}.previous.`);
}

async function openFiles(files) {
  const body = new FormData(), opened = [...files].map(file => file.name).join(" and ");
  for (const file of files) {
    const kind = file.name.endsWith(".safetensors") ? "project"
      : /inst/i.test(file.name) || body.has("labels") ? "instances" : "labels";
    body.append(kind, file);
  }
  try {
    if (!await mayLeave()) return;
    await ask("/open", {method: "POST", body});
    select(null);
    announce("Opened " + opened);
  } catch (error) {
    complain(error);
  }
}

async function download(name) {
  try {
    const blob = await (await ask("/download/" + name)).blob();
    const link = Object.assign(document.createElement("a"), {href: URL.createObjectURL(blob), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    $("exports").open = false;
  } catch (error) {
    complain(error);
  }
}

async function saveProject() {
  try {
    announce("Saved " + (await askJson("/save", {method: "POST"})).file);
  } catch (error) {
    complain(error);
  }
}
