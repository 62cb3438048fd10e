// A row of pixels from the kernel, and the next guess: a slider, a field for a number, a click on a
// pixel that is known. Enter or the button uncovers; only then does the kernel send what was there.
// Where nothing is covered any more, the same button asks for the next row.

function render({ model, el }) {
  // Each view loads this file anew, so a counter would give two of them the same id.
  const id = `lic-next-${Math.random().toString(36).slice(2)}`;
  el.classList.add("lic-plot", "lic-next-pixel");
  el.innerHTML = `
    <div></div>
    <form>
      <label for="${id}">Your guess</label>
      <input type="range" id="${id}" min="0" max="255">
      <input type="number" min="0" max="255" required aria-label="Your guess, grey level">
      <button>Uncover</button>
      <span aria-hidden="true"></span>
    </form>`;
  const [board, form] = el.children;
  const [, range, number, button, around] = form.children;
  const next = () => board.querySelector(".lic-next");
  let shown = -1; // how many guesses the board that is shown knows

  function choose(level) {
    range.value = number.value = level;
    range.setAttribute("aria-valuetext", `grey level ${level}`);
    if (next()) next().style.fill = `rgb(${level},${level},${level})`;
  }

  function show() {
    board.innerHTML = model.get("value");
    const open = Boolean(next());
    for (const part of [range, number]) part.setAttribute("aria-disabled", !open);
    button.textContent = open ? "Uncover" : "Next row";
    const words = open ? next().dataset.around : "";
    range.setAttribute("aria-description", words);
    around.textContent = words;
    shown = model.get("guesses").length;
    if (open) choose(next().dataset.start);
  }

  range.addEventListener("input", () => choose(range.value));
  number.addEventListener("input", () => number.value !== "" && number.checkValidity() && choose(number.value));
  board.addEventListener("click", (event) => {
    const pixel = event.target.closest("[data-level]");
    if (pixel && next()) choose(pixel.dataset.level);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (shown !== model.get("guesses").length) return; // the kernel is not there yet
    if (next()) model.set("guesses", [...model.get("guesses"), Number(number.value)]);
    else model.set("rows", model.get("rows") + 1);
    model.save_changes();
  });
  // JupyterLab has shortcuts of its own on these keys.
  el.addEventListener("keydown", (event) => {
    if (event.target === range && event.key === "Enter") {
      event.preventDefault(); // some browsers submit by themselves, others do not
      form.requestSubmit();
    }
    event.stopPropagation();
  });
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
