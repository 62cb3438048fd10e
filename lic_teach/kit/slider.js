// A labelled <input type=range>, linear or logarithmic. Keys are the browser's own: arrows,
// Page Up and Down, Home, End. A log slider moves in steps of 1/40 decade through the powers of ten.
// While the kernel works on one value, ipywidgets holds the next ones back and sends the newest.

const PER_DECADE = 40;

function render({ model, el }) {
  const get = (name) => model.get(name);
  const toPosition = (value) => (get("log") ? Math.round(PER_DECADE * Math.log10(value)) : value);
  const toValue = (position) => {
    if (position === toPosition(get("minimum"))) return get("minimum");
    if (position === toPosition(get("maximum"))) return get("maximum");
    return Number(get("log") ? (10 ** (position / PER_DECADE)).toPrecision(3) : position);
  };
  // As the stills write it: a minus that is one, and commas between thousands.
  const words = (value) => {
    const number = Math.abs(value) < 1000 ? `${value}` : Math.round(value).toLocaleString("en");
    return `${number.replace("-", "−")} ${get("unit")}`;
  };
  // Each slider loads this file anew, so a counter would give two of them the same id.
  const id = `lic-slider-${Math.random().toString(36).slice(2)}`;
  el.classList.add("lic-slider");
  el.innerHTML = `
    <label for="${id}"></label>
    <span class="lic-track">
      <input type="range" id="${id}">
      <span class="lic-ends" aria-hidden="true"><span></span><span></span></span>
    </span>
    <output for="${id}"></output>`;
  const [label, input, output] = ["label", "input", "output"].map((tag) => el.querySelector(tag));
  let widest = 0; // characters that the value has taken, so that the track keeps its length
  const [low, high] = el.querySelectorAll(".lic-ends span");

  function show() {
    const value = get("value");
    label.textContent = get("label");
    [low.textContent, high.textContent] = get("ends");
    [input.min, input.max] = [get("minimum"), get("maximum")].map(toPosition);
    input.step = get("step");
    if (toValue(Number(input.value)) !== value) input.value = toPosition(value);
    output.textContent = words(value);
    for (const number of [value, get("minimum"), get("maximum")]) {
      widest = Math.max(widest, words(number).length);
    }
    output.style.minWidth = `${widest}ch`;
    const spoken = get("spoken") || `${get("label")} {} ${get("unit")}`;
    input.setAttribute("aria-valuetext", spoken.replace("{}", value));
  }

  input.addEventListener("input", () => {
    model.set("value", toValue(Number(input.value)));
    model.save_changes();
  });
  // JupyterLab has shortcuts of its own on these keys.
  input.addEventListener("keydown", (event) => {
    if (/^(Arrow|Page|Home|End)/.test(event.key)) event.stopPropagation();
  });
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
