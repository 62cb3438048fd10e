// One picture. With `cell` > 0 it can be clicked: `at` becomes the [row, column] of the cell's
// upper left pixel, and a frame shows the cell. Arrow keys move it where the picture has focus.

function render({ model, el }) {
  el.classList.add("lic-picture");
  el.innerHTML = `
    <div class="lic-stage"><canvas role="img" width="0"></canvas><span class="lic-cell"></span></div>`;
  const stage = el.querySelector(".lic-stage");
  const frame = el.querySelector(".lic-cell");
  const canvas = el.querySelector("canvas");
  let newest = 0;

  async function showPicture() {
    const mine = ++newest;
    const bitmap = await decode(model.get("value"));
    if (mine !== newest) return bitmap.close();
    paint(canvas, bitmap);
    showCell();
  }

  function showLabel() {
    canvas.setAttribute("aria-label", model.get("alt"));
    showCell(); // whose label begins with the same words
  }

  function showCell() {
    const cell = model.get("cell");
    frame.hidden = !cell || !canvas.width;
    if (frame.hidden) return;
    const [row, column] = model.get("at");
    const share = (pixels, all) => `${(100 * pixels) / all}%`;
    frame.style.left = share(column, canvas.width);
    frame.style.top = share(row, canvas.height);
    frame.style.width = share(Math.min(cell, canvas.width - column), canvas.width);
    frame.style.height = share(Math.min(cell, canvas.height - row), canvas.height);
    stage.setAttribute("aria-label", `${model.get("alt")}. Chosen: row ${row}, column ${column}`);
  }

  function choose(row, column) {
    const cell = model.get("cell");
    const snap = (pixel, size) => cell * Math.floor(Math.min(Math.max(pixel, 0), size - 1) / cell);
    model.set("at", [snap(row, canvas.height), snap(column, canvas.width)]);
    model.save_changes();
  }

  model.on("change:value", showPicture);
  model.on("change:alt", showLabel);
  model.on("change:at", showCell);
  if (model.get("cell")) {
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "picture: the arrow keys move the choice");
    stage.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      choose(
        ((event.clientY - box.top) / box.height) * canvas.height,
        ((event.clientX - box.left) / box.width) * canvas.width,
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
  showLabel();
  if (model.get("value").byteLength ?? model.get("value")) showPicture();
  return () => {
    model.off("change:value", showPicture);
    model.off("change:alt", showLabel);
    model.off("change:at", showCell);
  };
}

export default { render };
