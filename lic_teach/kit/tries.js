// The words that set a figure, as buttons: what stands there without a script, made to be pressed.

function render({ model, el }) {
  el.innerHTML = model.get("value");
  for (const words of el.querySelectorAll("[data-try]")) {
    const button = Object.assign(document.createElement("button"), { type: "button", innerHTML: words.innerHTML });
    button.addEventListener("click", () => {
      model.set("pressed", words.dataset.try);
      model.save_changes();
    });
    words.replaceWith(button);
  }
}

export default { render };
