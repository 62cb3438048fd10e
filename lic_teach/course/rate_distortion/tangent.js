// An SVG from the kernel, and a hand in it. A rectangle .lic-grab spans the axes of each panel: its
// data-across and data-up are what its right and its upper edge stand for, its lower left corner is
// (0, 0). Where the pointer holds it becomes `hand`, and the number of the panel. The slider does the
// same by keyboard.

function render({ model, el }) {
  let held = -1;  // the panel
  el.classList.add("lic-plot");

  function show() {
    el.innerHTML = model.get("value");
  }

  function pull(event) {
    const area = el.querySelectorAll(".lic-grab")[held];
    const box = area.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const up = (box.bottom - event.clientY) / box.height;
    const inside = (share) => Math.min(Math.max(share, 0), 1);
    model.set("hand", [inside(across) * area.dataset.across, inside(up) * area.dataset.up, held]);
    model.save_changes();
  }

  el.addEventListener("pointerdown", (event) => {
    const area = event.target.closest(".lic-grab");
    if (event.button !== 0 || !area) return;
    event.preventDefault();
    el.setPointerCapture(event.pointerId);
    held = [...el.querySelectorAll(".lic-grab")].indexOf(area);
    pull(event);
  });
  el.addEventListener("pointermove", (event) => held >= 0 && pull(event));
  for (const end of ["pointerup", "pointercancel"]) el.addEventListener(end, () => (held = -1));
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
