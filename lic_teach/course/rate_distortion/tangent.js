// An SVG from the kernel, and a hand in it. The rectangle .lic-grab spans the axes: its data-across
// and data-up are what its right and its upper edge stand for, its lower left corner is (0, 0).
// Where the pointer holds it becomes `hand`. The slider does the same by keyboard.

function render({ model, el }) {
  let held = false;
  el.classList.add("lic-plot");

  function show() {
    el.innerHTML = model.get("value");
  }

  function pull(event) {
    const area = el.querySelector(".lic-grab");
    const box = area.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const up = (box.bottom - event.clientY) / box.height;
    const inside = (share) => Math.min(Math.max(share, 0), 1);
    model.set("hand", [inside(across) * area.dataset.across, inside(up) * area.dataset.up]);
    model.save_changes();
  }

  el.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".lic-grab")) return;
    event.preventDefault();
    el.setPointerCapture(event.pointerId);
    held = true;
    pull(event);
  });
  el.addEventListener("pointermove", (event) => held && pull(event));
  for (const end of ["pointerup", "pointercancel"]) el.addEventListener(end, () => (held = false));
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
