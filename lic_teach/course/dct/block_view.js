// A block, what is built of it, what is taken away, and the grid of its 64 coefficients. `value` holds
// what was set by hand, [place, coefficient] pairs; a cell changes when it is dragged up or down, by
// the slider, or with Delete (to zero). One cell at a time is in the tab order; the arrow keys move between them.

const ARROWS = { ArrowUp: -8, ArrowDown: 8, ArrowLeft: -1, ArrowRight: 1 };

const figure = (words, under) => `
  <figure><canvas width="8" height="8" role="img" aria-label="${words}"></canvas><figcaption>${under}</figcaption></figure>`;

function render({ model, el }) {
  const get = (name) => model.get(name);
  // Each view loads this file anew, so a counter would give two of them the same id.
  const id = `lic-coefficient-${Math.random().toString(36).slice(2)}`;
  el.classList.add("lic-block");
  el.innerHTML = `
    <div class="lic-blocks">
      ${figure("The block of the photograph", "the block")}
      ${figure("The block built from the kept coefficients", "built")}
      ${figure("The block minus what is built", "taken away ×5")}
    </div>
    <div class="lic-grid" role="group" aria-label="64 coefficients: drag one, or choose it and move the slider">
      <canvas aria-hidden="true"></canvas>
    </div>
    <p class="lic-hint"></p>
    <div class="lic-coefficient">
      <label for="${id}"></label><output for="${id}"></output>
      <input type="range" id="${id}" step="1">
      <button type="button">set to 0</button><button type="button">put back</button>
    </div>`;
  const grid = el.querySelector(".lic-grid");
  const [original, built, taken, tiles] = el.querySelectorAll("canvas");
  const hint = el.querySelector(".lic-hint");
  const [label, output, input] = ["label", "output", "input"].map((tag) => el.querySelector(tag));
  const [zero, back] = el.querySelectorAll(".lic-coefficient button");
  const cells = Array.from({ length: 64 }, (_, place) => {
    const cell = document.createElement("button");
    cell.type = "button";
    cell.addEventListener("focus", () => choose(place));
    cell.addEventListener("keydown", (event) => pressed(event, place));
    draggable(cell, place);
    grid.append(cell);
    return cell;
  });

  const byHand = () => new Map(get("value").map(([place, coefficient]) => [place, coefficient]));
  const at = (place) => byHand().get(place) ?? get("coefficients")[place] ?? 0;

  function change(place, coefficient) {
    const edits = byHand();
    if (coefficient === null) edits.delete(place);
    else edits.set(place, Math.min(Math.max(Math.round(coefficient), -get("limit")), get("limit")));
    model.set("value", [...edits]);
    model.save_changes();
  }

  function choose(place) {
    if (place === get("chosen")) return;
    model.set("chosen", place);
    model.save_changes();
  }

  function pressed(event, place) {
    if (event.key in ARROWS) {
      const next = place + ARROWS[event.key];
      const sameRow = Math.floor(next / 8) === Math.floor(place / 8);
      if (next >= 0 && next < 64 && (sameRow || Math.abs(ARROWS[event.key]) === 8)) cells[next].focus();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      change(place, 0);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function draggable(cell, place) {
    let from = null;
    cell.addEventListener("pointerdown", (event) => {
      cell.focus();
      cell.setPointerCapture(event.pointerId);
      from = { y: event.clientY, coefficient: at(place) };
    });
    cell.addEventListener("pointermove", (event) => {
      const up = from ? from.y - event.clientY : 0;
      if (up) change(place, from.coefficient + (up * get("limit")) / 256);
    });
    for (const end of ["pointerup", "pointercancel"]) cell.addEventListener(end, () => (from = null));
  }

  const looks = []; // of every cell, as it was last shown: most stay as they are

  function showCoefficients() {
    const edits = byHand();
    cells.forEach((cell, place) => {
      const coefficient = Math.round(edits.get(place) ?? get("coefficients")[place] ?? 0) + 0;
      const kept = edits.has(place) || get("kept")[place];
      const state = edits.has(place) ? "set by hand" : kept ? "kept" : "not kept";
      const chosen = place === get("chosen");
      const words = `${get("names")[place]}: ${coefficient}, ${state}`;
      if (looks[place] === words + chosen) return;
      looks[place] = words + chosen;
      cell.innerHTML = `<span>${String(coefficient).replace("-", "−")}</span>`;
      cell.classList.toggle("lic-dropped", !kept);
      cell.classList.toggle("lic-by-hand", edits.has(place));
      cell.tabIndex = chosen ? 0 : -1;
      cell.setAttribute("aria-pressed", chosen);
      cell.setAttribute("aria-label", words);
    });
    hint.textContent = get("hint");
    const place = get("chosen");
    const name = get("names")[place] ?? "";
    label.textContent = `Coefficient of ${name}`;
    [input.min, input.max] = [-get("limit"), get("limit")];
    if (Math.abs(Number(input.value) - at(place)) >= 1) input.value = at(place);
    output.textContent = at(place).toFixed(1).replace("-", "−");
    input.setAttribute("aria-valuetext", `${at(place).toFixed(1)}`);
    back.disabled = !edits.has(place);
  }

  const pictures = Object.entries({ original, built, taken, tiles });
  const shows = pictures.map(([name, canvas]) => async () => {
    const data = get(name);
    const bitmap = await decode(data);
    if (data === get(name)) draw(canvas, bitmap);
    bitmap.close();
  });

  input.addEventListener("input", () => change(get("chosen"), Number(input.value)));
  // JupyterLab has shortcuts of its own on these keys.
  input.addEventListener("keydown", (event) => {
    if (/^(Arrow|Page|Home|End)/.test(event.key)) event.stopPropagation();
  });
  zero.addEventListener("click", () => change(get("chosen"), 0));
  back.addEventListener("click", () => change(get("chosen"), null));
  const described = "change:value change:chosen change:names change:coefficients change:kept " +
    "change:limit change:hint";
  model.on(described, showCoefficients);
  pictures.forEach(([name], i) => model.on(`change:${name}`, shows[i]));
  showCoefficients();
  shows.forEach((show) => show());
  return () => {
    model.off(described, showCoefficients);
    pictures.forEach(([name], i) => model.off(`change:${name}`, shows[i]));
  };
}

export default { render };
