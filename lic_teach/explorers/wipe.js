// Two pictures of one size, one over the other; the upper one is cut at `position` (0..1).
// The whole picture is the handle: drag on it, or focus it and press the arrow keys. The button
// enlarges both around the border, at the height of the pointer; up and down keys move the height.
// Both pictures are decoded before either is shown, so they always change together.

// Bytes from the kernel, or what is an address already, on a page without one.
const address = (picture) =>
  typeof picture === "string" ? picture : URL.createObjectURL(new Blob([picture], { type: "image/webp" }));

// A picture that stays, such as the original, need not be decoded again.
function same(picture, known) {
  if (typeof picture === "string" || picture?.byteLength !== known?.byteLength) return picture === known;
  const [a, b] = [picture, known].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return a.every((byte, i) => byte === b[i]);
}

function render({ model, el }) {
  el.classList.add("lic-wipe");
  el.innerHTML = `
    <div class="lic-stage">
      <img><img class="lic-over">
      <span class="lic-divider"></span>
      <span class="lic-name lic-left"></span><span class="lic-name lic-right"></span>
      <input type="range" min="0" max="100" step="1">
      <button type="button" class="lic-zoom"></button>
    </div>`;
  const stage = el.querySelector(".lic-stage");
  const input = el.querySelector("input");
  const button = el.querySelector("button");
  let newest = 0;
  let known = []; // what the two <img> show
  let [zoom, height] = [1, 50]; // times, percent from the top

  function fresh(picture, old) {
    const img = new Image();
    img.src = address(picture);
    img.className = old.className;
    return img;
  }

  async function showPictures() {
    const mine = ++newest;
    const pictures = model.get("value");
    const shown = [...stage.querySelectorAll("img")];
    const next = shown.map((img, i) => (same(pictures[i], known[i]) ? img : fresh(pictures[i], img)));
    next.forEach((img, i) => (img.alt = `${model.get("alt")}: ${model.get("names")[i]}`));
    const made = next.filter((img) => !shown.includes(img));
    await Promise.all(made.map((img) => img.decode()));
    if (mine === newest) {
      known = pictures;
      shown.forEach((img, i) => img !== next[i] && img.replaceWith(next[i]));
    }
    const done = mine === newest ? shown.filter((img) => !next.includes(img)) : made;
    for (const img of done) URL.revokeObjectURL(img.src);
  }

  function showPosition() {
    const percent = Math.round(100 * model.get("position"));
    const [left, right] = model.get("names");
    stage.style.setProperty("--at", `${percent}%`);
    el.querySelector(".lic-left").textContent = `◂ ${left}`;
    el.querySelector(".lic-right").textContent = `${right} ▸`;
    input.value = percent;
    input.setAttribute("aria-label", `Wipe from ${left} to ${right}`);
    input.setAttribute("aria-valuetext", `left ${percent} percent ${left}, the rest ${right}`);
  }

  function showZoom() {
    button.textContent = `${zoom}×`;
    button.setAttribute("aria-label", `Enlarged ${zoom} times. Enlarge more or go back to 1`);
    stage.classList.toggle("lic-enlarged", zoom > 1);
    stage.style.setProperty("--zoom", zoom);
    stage.style.setProperty("--height", `${height}%`);
  }

  button.addEventListener("click", () => {
    zoom = zoom === 4 ? 1 : 2 * zoom;
    showZoom();
  });
  input.addEventListener("pointermove", (event) => {
    if (event.buttons) height = (100 * event.offsetY) / input.clientHeight;
    showZoom();
  });
  input.addEventListener("input", () => {
    model.set("position", Number(input.value) / 100);
    model.save_changes();
    showPosition();
  });
  // JupyterLab has shortcuts of its own on these keys.
  input.addEventListener("keydown", (event) => {
    if (/^(Arrow|Page|Home|End)/.test(event.key)) event.stopPropagation();
    const step = { ArrowUp: -5, ArrowDown: 5 }[event.key];
    if (zoom === 1 || !step) return;
    event.preventDefault();
    height = Math.min(Math.max(height + step, 0), 100);
    showZoom();
  });
  model.on("change:value", showPictures);
  model.on("change:position", showPosition);
  model.on("change:names", showPosition);
  showPosition();
  showZoom();
  if (model.get("value").length) showPictures();
  return () => {
    model.off("change:value", showPictures);
    model.off("change:position", showPosition);
    model.off("change:names", showPosition);
    stage.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
  };
}

export default { render };
