// An SVG from the kernel whose points can be chosen: by a click, which takes the nearest one, or
// with the arrow keys. Left and right go along a curve, up and down to the next codec. Points carry
// data-codec and data-n; `picked` is the pair that is chosen.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function render({ model, el }) {
  el.classList.add("lic-plot");
  el.innerHTML = `<div class="lic-stage" tabindex="0" role="application"
    aria-roledescription="plot: left and right go along a curve, up and down to the next codec"></div>`;
  const stage = el.firstElementChild;

  function show() {
    stage.innerHTML = model.get("value");
    stage.setAttribute("aria-label", stage.querySelector("svg")?.getAttribute("aria-label") ?? "");
  }

  function pick(codec, n) {
    model.set("picked", [+codec, +n]);
    model.save_changes();
  }

  const points = () => [...stage.querySelectorAll("[data-codec]")];

  stage.addEventListener("click", (event) => {
    const away = (point) => {
      const box = point.getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
    };
    const nearest = points().sort((a, b) => away(a) - away(b))[0];
    if (nearest) pick(nearest.dataset.codec, nearest.dataset.n);
  });
  stage.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    const to = model.get("picked").map((place, i) => place + STEPS[event.key][i]);
    const there = points().some(({ dataset }) => +dataset.codec === to[0] && +dataset.n === to[1]);
    if (there) pick(...to);
  });
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
