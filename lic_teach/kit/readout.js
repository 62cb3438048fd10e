// What the explorer says: HTML for the eye, and one sentence for a screen reader, which is
// announced once the learner pauses (a live region only speaks if it stays in the page).

function render({ model, el }) {
  el.classList.add("lic-readout");
  el.innerHTML = `<div></div><p class="lic-spoken" aria-live="polite"></p>`;
  const [html, spoken] = el.children;
  let pause;
  function show() {
    html.innerHTML = model.get("value").replaceAll(" %", "\u00a0%"); // a number keeps its sign
    clearTimeout(pause);
    pause = setTimeout(() => (spoken.textContent = model.get("summary")), 700);
  }
  model.on("change:value", show);
  show();
  return () => model.off("change:value", show);
}

export default { render };
