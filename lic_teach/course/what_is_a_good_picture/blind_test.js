// Two pictures without names, a button for each, and the keys left and right. The kernel sends
// pixels, and how many moves it has seen: until it is there, no vote counts.

function render({ model, el }) {
  el.classList.add("lic-blind");
  el.innerHTML = `
    <div class="lic-blind-stage" role="group" tabindex="0" aria-label="Two pictures, A to the left and B to the right">
      <figure><canvas role="img" width="0"></canvas><button type="button"></button></figure>
      <figure><canvas role="img" width="0"></canvas><button type="button"></button></figure>
    </div>
    <button type="button" class="lic-blind-begin"></button>`;
  const [stage, begin] = el.children;
  const canvases = [...stage.querySelectorAll("canvas")];
  const buttons = [...stage.querySelectorAll("button")];
  const SIDES = ["left", "right"];
  let newest = 0;

  const cast = () => model.get("done") - 1;
  const playing = () => cast() >= 0 && cast() < model.get("rounds");
  const ready = () => model.get("done") === model.get("moves").length;

  function move(moves) {
    if (!ready()) return; // the kernel is not there yet
    model.set("moves", moves);
    model.save_changes();
  }

  const vote = (side) => playing() && move([...model.get("moves"), side]);

  async function showPictures() {
    const mine = ++newest;
    const bitmaps = await Promise.all(model.get("value").map(decode));
    if (mine !== newest) return bitmaps.forEach((bitmap) => bitmap.close());
    bitmaps.forEach((bitmap, i) => paint(canvases[i], bitmap));
  }

  function showButtons() {
    buttons.forEach((button, i) => {
      button.textContent = playing() ? `${"AB"[i]} looks better` : "the original";
      button.setAttribute("aria-disabled", !playing());
    });
    begin.hidden = playing();
    begin.textContent = cast() < 0 ? `Begin ${model.get("rounds")} rounds` : "Play again";
    canvases.forEach((canvas, i) => canvas.setAttribute("aria-label", playing() ? "AB"[i] : "the original"));
  }

  buttons.forEach((button, i) => button.addEventListener("click", () => vote(SIDES[i])));
  begin.addEventListener("click", () => {
    move(["begin"]);
    stage.focus(); // the button goes, and the keys are wanted
  });
  el.addEventListener("keydown", (event) => {
    const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
    if (side && playing()) {
      event.preventDefault();
      if (!event.repeat) vote(side);
    }
    event.stopPropagation(); // JupyterLab has shortcuts of its own
  });
  model.on("change:value", showPictures);
  model.on("change:done", showButtons);
  showButtons();
  if (model.get("value").length) showPictures();
  return () => {
    model.off("change:value", showPictures);
    model.off("change:done", showButtons);
  };
}

export default { render };
