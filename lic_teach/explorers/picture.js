// One picture. With `cell` > 0 it can be clicked: `at` becomes the [row, column] of the cell's
// upper left pixel, and a frame shows the cell. Arrow keys move it where the picture has focus.

// Bytes from the kernel, or what is an address already, on a page without one.
const address = (picture) =>
  typeof picture === "string" ? picture : URL.createObjectURL(new Blob([picture], { type: "image/webp" }));

function render({ model, el }) {
  el.classList.add("lic-picture");
  el.innerHTML = `<div class="lic-stage"><img><span class="lic-cell"></span></div>`;
  const stage = el.querySelector(".lic-stage");
  const frame = el.querySelector(".lic-cell");
  const img = el.querySelector("img");

  function showPicture() {
    const old = img.src;
    img.src = address(model.get("value"));
    img.alt = model.get("alt");
    URL.revokeObjectURL(old);
  }

  function showCell() {
    const cell = model.get("cell");
    frame.hidden = !cell || !img.naturalWidth;
    if (frame.hidden) return;
    const [row, column] = model.get("at");
    const share = (pixels, all) => `${(100 * pixels) / all}%`;
    frame.style.left = share(column, img.naturalWidth);
    frame.style.top = share(row, img.naturalHeight);
    frame.style.width = share(Math.min(cell, img.naturalWidth - column), img.naturalWidth);
    frame.style.height = share(Math.min(cell, img.naturalHeight - row), img.naturalHeight);
    stage.setAttribute("aria-label", `${model.get("alt")}. Chosen: row ${row}, column ${column}`);
  }

  function choose(row, column) {
    const cell = model.get("cell");
    const snap = (pixel, size) => cell * Math.floor(Math.min(Math.max(pixel, 0), size - 1) / cell);
    model.set("at", [snap(row, img.naturalHeight), snap(column, img.naturalWidth)]);
    model.save_changes();
  }

  img.addEventListener("load", showCell);
  model.on("change:value", showPicture);
  model.on("change:at", showCell);
  if (model.get("cell")) {
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "picture: the arrow keys move the choice");
    stage.addEventListener("click", (event) => {
      const box = img.getBoundingClientRect();
      choose(
        ((event.clientY - box.top) / box.height) * img.naturalHeight,
        ((event.clientX - box.left) / box.width) * img.naturalWidth,
      );
    });
    stage.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      if (!(event.key in step)) return;
      event.preventDefault();
      event.stopPropagation();
      const [row, column] = model.get("at");
      const [down, right] = step[event.key];
      choose(row + down * model.get("cell"), column + right * model.get("cell"));
    });
  }
  if (model.get("value").byteLength ?? model.get("value")) showPicture();
  return () => {
    model.off("change:value", showPicture);
    model.off("change:at", showCell);
    URL.revokeObjectURL(img.src);
  };
}

export default { render };
