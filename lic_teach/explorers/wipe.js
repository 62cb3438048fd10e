// Two pictures of one size, one over the other; the upper one is cut at `position` (0..1).
// The whole picture is the handle: drag on it, or focus it and press the arrow keys.
// Both pictures are decoded before either is shown, so they always change together.

function render({ model, el }) {
  el.classList.add("lic-wipe");
  el.innerHTML = `
    <div class="lic-stage">
      <img><img class="lic-over">
      <span class="lic-divider"></span>
      <span class="lic-name lic-left"></span><span class="lic-name lic-right"></span>
      <input type="range" min="0" max="100" step="1">
    </div>`;
  const stage = el.querySelector(".lic-stage");
  const input = el.querySelector("input");
  let newest = 0;

  async function showPictures() {
    const mine = ++newest;
    const shown = stage.querySelectorAll("img");
    const fresh = model.get("value").map((bytes, i) => {
      const img = new Image();
      img.src = URL.createObjectURL(new Blob([bytes], { type: "image/webp" }));
      img.alt = `${model.get("alt")}: ${model.get("names")[i]}`;
      img.className = shown[i].className;
      return img;
    });
    await Promise.all(fresh.map((img) => img.decode()));
    if (mine === newest) shown.forEach((img, i) => img.replaceWith(fresh[i]));
    for (const img of mine === newest ? shown : fresh) URL.revokeObjectURL(img.src);
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

  input.addEventListener("input", () => {
    model.set("position", Number(input.value) / 100);
    model.save_changes();
    showPosition();
  });
  // JupyterLab has shortcuts of its own on these keys.
  input.addEventListener("keydown", (event) => {
    if (/^(Arrow|Page|Home|End)/.test(event.key)) event.stopPropagation();
  });
  model.on("change:value", showPictures);
  model.on("change:position", showPosition);
  showPosition();
  if (model.get("value").length) showPictures();
  return () => {
    model.off("change:value", showPictures);
    model.off("change:position", showPosition);
    stage.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
  };
}

export default { render };
