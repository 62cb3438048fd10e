// Wipe, crops and tables of the page: all pictures lie in the JSON above.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const stage = $("stage");
let [zoom, height] = [1, 50]; // times; percent from the top

const mode = () => document.querySelector("input[name=mode]:checked").value;
const key = (name) => (data.shared.includes(name) ? name : `${name} ${mode()}`);
const caption = (name) => data.captions[key(name)] ?? "";
const picture = (name, view) => data.pictures[key(name)][view];

function options(select, words, chosen) {
  select.replaceChildren(...words.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

async function load(img, name, view) {
  img.src = picture(name, view);
  img.alt = `${data.views[view]}, ${data.names[name]} ${caption(name)}`;
  await img.decode().catch(() => {});
}

async function showWipe() {
  const [left, right, view] = [$("left").value, $("right").value, Number($("view").value)];
  await Promise.all([load($("under"), left, view), load($("over"), right, view)]);
  // What is not made smaller is shown twice as large where there is room, each pixel a square.
  const natural = $("under").naturalWidth;
  const shrunk = data.shrunk && view === 0;
  const double = !shrunk && 2 * natural <= stage.parentElement.clientWidth;
  for (const img of [$("under"), $("over")]) img.style.width = `${natural * (double ? 2 : 1)}px`;
  stage.classList.toggle("pixels", !shrunk);
  const scale = stage.clientWidth / natural;
  $("left-name").textContent = `◂ ${data.names[left]}\n${caption(left)}`;
  $("right-name").textContent = `${data.names[right]} ▸\n${caption(right)}`;
  $("at").setAttribute("aria-label", `Wipe from ${data.names[left]} to ${data.names[right]}`);
  $("wipe-note").textContent = note(shrunk, scale * zoom);
}

function note(shrunk, scale) {
  const size = shrunk
    ? "The whole picture, made smaller: differences are hard to see at this size. The crops show them."
    : `Shown at ${scale.toFixed(Number.isInteger(scale) ? 0 : 2)} : 1.`;
  return `${size} Drag, or use the arrow keys.`;
}

function showPosition() {
  stage.style.setProperty("--at", `${$("at").value}%`);
  $("at").setAttribute("aria-valuetext", `left ${$("at").value} percent`);
}

function showZoom() {
  $("zoom").textContent = `Zoom ${zoom}×`;
  $("zoom").setAttribute("aria-label", `Zoom: ${zoom} times. Press for more, or to go back to 1`);
  stage.classList.toggle("enlarged", zoom > 1);
  stage.style.setProperty("--zoom", zoom);
  stage.style.setProperty("--height", `${height}%`);
}

function showCrops() {
  const view = Number($("crop").value);
  const figures = Object.keys(data.names).map((name) => {
    const figure = document.createElement("figure");
    const [img, words, numbers] = ["img", "figcaption", "span"].map((tag) => document.createElement(tag));
    load(img, name, view);
    words.textContent = data.names[name];
    numbers.textContent = caption(name);
    words.append(numbers);
    figure.append(img, words);
    return figure;
  });
  $("crops").replaceChildren(...figures);
}

function showTables() {
  for (const part of document.querySelectorAll(".numbers")) part.hidden = part.dataset.mode !== mode();
}

function showAll() {
  showWipe();
  showCrops();
  showTables();
}

const names = Object.entries(data.names);
options($("left"), names, "jpeg");
options($("right"), names, data.shared[1]);
options($("view"), data.views.map((text, i) => [String(i), text]), "0");
options($("crop"), data.views.map((text, i) => [String(i), text]).slice(1), "3");
for (const id of ["left", "right", "view"]) $(id).addEventListener("change", showWipe);
$("crop").addEventListener("change", showCrops);
$("mode").addEventListener("change", showAll);
$("at").addEventListener("input", showPosition);
$("at").addEventListener("pointermove", (event) => {
  if (event.buttons) height = (100 * event.offsetY) / $("at").clientHeight;
  showZoom();
});
$("zoom").addEventListener("click", () => {
  zoom = zoom === 4 ? 1 : 2 * zoom;
  showZoom();
  showWipe();
});
window.addEventListener("resize", showWipe);
$("crops").style.setProperty("--side", `${data.side}px`);
showPosition();
showZoom();
showAll();
