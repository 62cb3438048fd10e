// Explorers without a kernel. Every widget is drawn by the script that draws it in the lessons;
// behind it stands a model whose values come from a recording: one list of values for every
// combination of the controls. Recordings are plain scripts: this also works from a disk.

const lic = { widgets: {}, recordings: {} };

lic.model = (traits, onSet) => {
  const listeners = [];
  const tell = (event) => listeners.filter(([e]) => e === event).forEach(([, call]) => call());
  return {
    get: (name) => traits[name],
    set: (name, value) => onSet(name, value),
    save_changes() {},
    on: (event, call) => listeners.push([event, call]),
    off() {},
    receive(changed) {
      Object.assign(traits, changed);
      Object.keys(changed).forEach((name) => tell(`change:${name}`));
      tell("change");
    },
  };
};

// --- the widgets that the lessons have from ipywidgets ------------------------------------

lic.widgets.html = {
  render({ model, el }) {
    const show = () => (el.innerHTML = model.get("value"));
    model.on("change:value", show);
    show();
  },
};

lic.widgets.choice = {
  render({ model, el }) {
    el.classList.add("lic-choice");
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", model.get("description"));
    el.append(Object.assign(document.createElement("span"), { textContent: model.get("description") }));
    const buttons = model.get("options").map((option) => {
      const button = Object.assign(document.createElement("button"), { textContent: option });
      button.type = "button";
      button.addEventListener("click", () => model.set("value", option));
      el.append(button);
      return button;
    });
    const show = () => buttons.forEach((b) => b.setAttribute("aria-pressed", b.textContent === model.get("value")));
    model.on("change:value", show);
    show();
  },
};

lic.widgets.checkbox = {
  render({ model, el }) {
    el.innerHTML = `<label class="lic-check"><input type="checkbox"> <span></span></label>`;
    const input = el.querySelector("input");
    el.querySelector("span").textContent = model.get("description");
    input.addEventListener("change", () => model.set("value", input.checked));
    const show = () => (input.checked = model.get("value"));
    model.on("change:value", show);
    show();
  },
};

lic.widgets.reset = {
  render({ model, el }) {
    const button = Object.assign(document.createElement("button"), { textContent: model.get("description") });
    button.type = "button";
    button.addEventListener("click", () => model.set("clicked", true));
    el.classList.add("lic-choice");
    el.append(button);
  },
};

// --- an explorer --------------------------------------------------------------------------

lic.unpack = (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
};

lic.mount = async (place) => {
  const packed = lic.recordings[place.dataset.recording];
  const { tree, kinds, start, controls, varying, states, tries, values } = await lic.unpack(packed);
  place.innerHTML = tree;
  const first = controls.map(({ widget, values: all }) => nearest(all, values[start[widget].value]));
  const at = [...first];

  function nearest(all, value) {
    if (typeof value !== "number") return all.indexOf(value);
    const away = all.map((each) => Math.abs(each - value));
    return away.indexOf(Math.min(...away));
  }

  // Which state: the last control moves fastest.
  const number = (places) => controls.reduce((sum, { values: all }, i) => sum * all.length + places[i], 0);

  function changes(state, set) {
    const changed = kinds.map(() => ({}));
    state.forEach((n, i) => (changed[varying[i][0]][varying[i][1]] = values[n]));
    controls.forEach(({ widget }, i) => (changed[widget].value = set[i]));
    return changed;
  }

  const changesAt = (places) => changes(states[number(places)], controls.map(({ values: all }, i) => all[places[i]]));

  function move(places, changed = changesAt(places), name = number(places)) {
    places.forEach((p, i) => (at[i] = p));
    changed.forEach((traits, i) => Object.keys(traits).length && models[i].receive(traits));
    place.dataset.state = name;
    fetchNeighbours();
  }

  // A button among the tries. What it shows can lie between the places of the controls.
  function press(words) {
    const { controls: set, state } = tries[words];
    move(controls.map(({ values: all }, i) => nearest(all, set[i])), changes(state, set), words);
  }

  // The pictures to both sides are loaded before they are asked for.
  function fetchNeighbours() {
    for (const p of [at[0] - 1, at[0] + 1].filter((p) => p in controls[0].values)) {
      const found = JSON.stringify(changesAt([p, ...at.slice(1)])).match(/_static\/pictures\/\w+\.webp/g);
      for (const address of found ?? []) new Image().src = address;
    }
  }

  function heard(i, name, value) {
    const which = controls.findIndex(({ widget }) => widget === i);
    if (kinds[i] === "reset") move(first);
    else if (name === "pressed") press(value);
    else if (name === "picked") move([value[1] - 1, value[0], ...at.slice(2)]); // the showdown's plot
    else if (name === "position") models[i].receive({ position: value });
    else if (which >= 0) move(at.map((p, k) => (k === which ? nearest(controls[which].values, value) : p)));
  }

  const models = start.map((numbers, i) => {
    const traits = Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, values[n]]));
    const control = controls.find(({ widget }) => widget === i);
    if (kinds[i] === "slider") {
      Object.assign(traits, { minimum: control.values[0], maximum: control.values.at(-1), step: control.step });
    }
    return lic.model(traits, (name, value) => heard(i, name, value));
  });
  kinds.forEach((kind, i) => lic.widgets[kind].render({ model: models[i], el: place.querySelector(`[data-widget="${i}"]`) }));
  // A picture to click needs a kernel.
  for (const stage of place.querySelectorAll(".lic-stage[role=application]")) {
    for (const name of ["tabindex", "role", "aria-roledescription", "aria-label"]) stage.removeAttribute(name);
  }
  place.dataset.state = number(at);
  place.addEventListener("pointerenter", fetchNeighbours, { once: true });
  place.addEventListener("focusin", fetchNeighbours, { once: true });
};

// --- an explorer that only stands still: each button among the tries has a picture -----------

lic.stills = (place) => {
  const [shown, tries] = [place.querySelector("img"), place.querySelector(".lic-tries")];
  const pictures = JSON.parse(place.dataset.stills);
  const model = lic.model({ value: tries?.innerHTML }, (name, words) => {
    shown.src = pictures[words];
    shown.alt = words;
    place.dataset.state = words;
  });
  if (tries) lic.widgets.tries.render({ model, el: tries });
};

// --- a guess: the saved HTML carries all that its script needs ------------------------------

lic.predict = (place) => {
  const outputs = place.querySelector("details > div").innerHTML;
  const model = lic.model({ ...JSON.parse(place.dataset.predict), outputs }, (name, value) => model.receive({ [name]: value }));
  lic.widgets.predict.render({ model, el: place });
};

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-predict]").forEach(lic.predict);
  document.querySelectorAll("[data-stills]").forEach(lic.stills);
  for (const place of document.querySelectorAll("[data-recording]")) {
    lic.mount(place).catch((error) => {
      place.textContent = `This figure does not move in this browser: ${error}`;
      throw error;
    });
  }
});
