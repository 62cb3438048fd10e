// Two pictures of one size, one over the other; the upper one is cut at `position` (0..1).
// The whole picture is the handle: drag on it, or focus it and press the arrow keys. The button
// enlarges both around the border, at the height of the pointer; up and down keys move the height.
// Both pictures are decoded before either is shown, so they always change together.

function render({ model, el }) {
  el.classList.add("lic-wipe");
  el.innerHTML = `
    <div class="lic-stage">
      <canvas role="img" width="0"></canvas><canvas role="img" width="0" class="lic-over"></canvas>
      <span class="lic-divider"></span>
      <span class="lic-name lic-left"></span><span class="lic-name lic-right"></span>
      <input type="range" min="0" max="100" step="1">
      <button type="button" class="lic-zoom"></button>
    </div>`;
  const stage = el.querySelector(".lic-stage");
  const canvases = el.querySelectorAll("canvas");
  const input = el.querySelector("input");
  const button = el.querySelector("button");
  let newest = 0;
  let known = []; // what the two canvases show: a picture that stays is not decoded again
  let [zoom, height] = [1, 50]; // times, percent from the top

  async function showPictures() {
    const mine = ++newest;
    await null; // a message that brings two changes calls twice: the second call sees both
    if (mine !== newest) return;
    const pictures = [model.get("left"), model.get("right")];
    const made = await Promise.all(pictures.map((picture, i) => picture !== known[i] && decode(picture)));
    if (mine !== newest) return made.forEach((bitmap) => bitmap && bitmap.close());
    known = pictures;
    made.forEach((bitmap, i) => bitmap && paint(canvases[i], bitmap));
  }

  function showLabels() {
    const [alt, names] = [model.get("alt"), model.get("names")];
    canvases.forEach((canvas, i) => canvas.setAttribute("aria-label", `${alt}: ${names[i]}`));
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
  const parts = { left: showPictures, right: showPictures, alt: showLabels, names: showLabels };
  for (const part in parts) model.on(`change:${part}`, parts[part]);
  model.on("change:position", showPosition);
  model.on("change:names", showPosition);
  showLabels();
  showPosition();
  showZoom();
  if (model.get("left").byteLength ?? model.get("left")) showPictures();
  return () => {
    for (const part in parts) model.off(`change:${part}`, parts[part]);
    model.off("change:position", showPosition);
    model.off("change:names", showPosition);
  };
}

export default { render };
