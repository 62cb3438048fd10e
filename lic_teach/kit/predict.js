// A question, a guess, and only then the answer: buttons for some choices, or a field for a number.
// Until a guess is given, nothing of the answer is in the page, for no eye and no screen reader.

function render({ model, el }) {
  const get = (name) => model.get(name);
  // Each widget loads this file anew, so a counter would give two of them the same id.
  const id = `lic-predict-${Math.random().toString(36).slice(2)}`;
  el.classList.add("lic-predict");
  el.innerHTML = `
    <form aria-labelledby="${id}">
      <p id="${id}"><b>Predict:</b> <span></span></p>
      <div class="lic-guess"></div>
    </form>
    <p class="lic-verdict" aria-live="polite"></p>
    <div class="lic-answer"></div>`;
  const [form, verdict, answer] = el.children;
  form.querySelector("span").textContent = get("question");
  const field = form.querySelector(".lic-guess");
  const add = (tag, traits) => field.appendChild(Object.assign(document.createElement(tag), traits));

  const choices = get("choices").map((choice) => {
    const button = add("button", { type: "button", textContent: choice });
    button.addEventListener("click", () => given() || set(choice));
    return button;
  });
  let input;
  if (!choices.length) {
    const label = add("label", { textContent: "Your guess " });
    input = Object.assign(document.createElement("input"), { type: "number", step: "any", required: true });
    label.append(input, ` ${get("unit")}`);
  }
  // One button for both, so that the focus stays where it was.
  const again = add("button", { type: "submit" });

  const given = () => (get("guess") ?? null) !== null;

  function set(guess) {
    model.set("guess", guess);
    model.save_changes();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (given()) {
      set(null);
      (input ?? choices[0]).focus();
    } else if (input) set(Number(input.value));
  });

  const words = (guess) => {
    if (!input) return guess;
    const number = guess.toLocaleString("en", { maximumFractionDigits: 9 }).replace("-", "−");
    return `${number} ${get("unit")}`.trim();
  };

  function sentence(guess) {
    const truth = get("truth");
    if (guess === truth) return `Your guess is right: ${get("answer")}.`;
    const where = Math.abs(guess - truth) <= get("near") ? "close" : guess > truth ? "too high" : "too low";
    return `You guessed ${words(guess)}${input ? `, ${where}` : ""}: the answer is ${get("answer")}.`;
  }

  function show() {
    const guess = get("guess");
    choices.forEach((button) => {
      button.setAttribute("aria-pressed", button.textContent === guess);
      button.setAttribute("aria-disabled", given());
    });
    if (input) {
      input.readOnly = given();
      input.value = given() ? guess : "";
    }
    again.hidden = !input && !given();
    again.textContent = given() ? "Guess again" : "Show the answer";
    answer.innerHTML = "";
    verdict.textContent = given() ? sentence(guess) : "";
    if (!given()) return;
    answer.innerHTML = `
      <div class="lic-pair"><p>Your guess <b></b></p><p>The answer <b></b></p></div>
      <div class="lic-outputs">${get("outputs")}</div>`;
    const [mine, truth] = answer.querySelectorAll("b");
    [mine.textContent, truth.textContent] = [words(guess), get("answer")];
  }

  // JupyterLab has shortcuts of its own on letters and on Enter.
  el.addEventListener("keydown", (event) => event.stopPropagation());
  model.on("change:guess", show);
  show();
  return () => model.off("change:guess", show);
}

export default { render };
