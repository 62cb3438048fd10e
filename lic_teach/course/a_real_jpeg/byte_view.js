// A window of 10 rows of 16 bytes, in the colours of the segments, and the bits of the chosen byte.
// One byte at a time is in the tab order; the keys move the choice and the window follows. The names
// of the kinds above are buttons: they jump to the next segment of that kind.

const [ROWS, COLUMNS] = [10, 16];
const STEPS = {
  ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS,
  PageUp: -ROWS * COLUMNS, PageDown: ROWS * COLUMNS, Home: -Infinity, End: Infinity,
};

function render({ model, el }) {
  const get = (name) => model.get(name);
  el.classList.add("lic-bytes");
  el.innerHTML = `
    <div class="lic-kinds" role="group" aria-label="Jump to the next segment of a kind"></div>
    <div class="lic-hex" role="group" aria-label="Bytes of the file in hexadecimal"></div>
    <div class="lic-byte"><b></b><span class="lic-bits" role="group" aria-label="Bits: a click turns one round"></span><i></i></div>`;
  const [kinds, hex, bits] = [".lic-kinds", ".lic-hex", ".lic-bits"].map((name) => el.querySelector(name));
  const [title, note] = [el.querySelector("b"), el.querySelector("i")];
  let top = 0; // first row of the window

  const bytes = () => new Uint8Array(get("data").buffer, get("data").byteOffset, get("data").byteLength);
  const two = (value) => value.toString(16).toUpperCase().padStart(2, "0");
  const button = (parent, onclick) => {
    const made = document.createElement("button");
    made.type = "button";
    made.addEventListener("click", onclick);
    parent.append(made);
    return made;
  };

  const offsets = [];
  const cells = Array.from({ length: ROWS * COLUMNS }, (_, place) => {
    if (place % COLUMNS === 0) {
      offsets.push(document.createElement("span"));
      hex.append(offsets.at(-1));
    }
    const cell = button(hex, () => choose(top * COLUMNS + place));
    cell.addEventListener("keydown", pressed);
    return cell;
  });
  const eight = Array.from({ length: 8 }, (_, place) => button(bits, () => flip(8 * get("value") + place)));

  function choose(byte, focus) {
    const last = get("data").byteLength - 1;
    model.set("value", Math.min(Math.max(byte, 0), last));
    model.save_changes();
    if (focus) cells[get("value") - top * COLUMNS]?.focus();
  }

  function flip(bit) {
    const now = new Set(get("flipped"));
    if (!now.delete(bit)) now.add(bit);
    model.set("flipped", [...now]);
    model.save_changes();
  }

  function pressed(event) {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
    choose(get("value") + STEPS[event.key], true);
  }

  function next(kind) {
    const here = get("segments").filter((segment) => segment[2] === kind);
    const found = here.find((segment) => segment[0] > get("value")) ?? here[0];
    choose(found[0]);
  }

  function showKinds() {
    const present = new Set(get("segments").map((segment) => segment[2]));
    kinds.replaceChildren();
    for (const [kind, name] of Object.entries(get("names"))) {
      if (!present.has(kind)) continue;
      const made = button(kinds, () => next(kind));
      made.className = `lic-k-${kind}`;
      made.textContent = name;
    }
    show();
  }

  function show() {
    const [data, value] = [bytes(), get("value")];
    const row = Math.floor(value / COLUMNS);
    if (row < top || row >= top + ROWS) top = row - Math.floor(ROWS / 2);
    top = Math.max(Math.min(top, Math.ceil(data.length / COLUMNS) - ROWS), 0);
    offsets.forEach((offset, i) => (offset.textContent = ((top + i) * COLUMNS).toLocaleString("en")));
    showBytes(data, value);
    showBits(data, value);
  }

  function showBytes(data, value) {
    const [from, to] = get("block");
    const changed = new Set(get("changed"));
    const segments = get("segments");
    let s = 0;
    cells.forEach((cell, place) => {
      const byte = top * COLUMNS + place;
      while (s + 1 < segments.length && segments[s + 1][0] <= byte) s++;
      const [offset, , kind] = segments[s] ?? [0, 0, "data"];
      cell.textContent = byte < data.length ? two(data[byte]) : "";
      cell.className = `lic-k-${kind}`;
      cell.classList.toggle("lic-none", byte >= data.length);
      cell.classList.toggle("lic-begins", offset === byte);
      cell.classList.toggle("lic-in-block", byte >= from && byte <= to);
      cell.classList.toggle("lic-changed", changed.has(byte));
      cell.tabIndex = byte === value ? 0 : -1;
      cell.setAttribute("aria-pressed", byte === value);
      const name = `byte ${byte} is ${cell.textContent}, ${get("names")[kind]}`;
      cell.setAttribute("aria-label", name + (changed.has(byte) ? ", changed" : ""));
      if (byte === value) for (const made of kinds.children) made.setAttribute("aria-current", made.className === `lic-k-${kind}`);
    });
  }

  function showBits(data, value) {
    const flipped = new Set(get("flipped"));
    title.textContent = `Byte ${value.toLocaleString("en")}`;
    eight.forEach((made, place) => {
      made.textContent = (data[value] >> (7 - place)) & 1;
      made.className = `lic-role-${get("roles")[place]}`;
      made.setAttribute("aria-pressed", flipped.has(8 * value + place));
      made.setAttribute("aria-label", `bit ${place + 1} of 8 is ${made.textContent}: turn it round`);
    });
    note.textContent = flipped.size ? `${flipped.size} turned round by hand` : "click a bit to turn it round";
  }

  // One event for all that a message from the kernel changes.
  let known;
  function update() {
    if (known === get("segments")) return show();
    known = get("segments");
    showKinds();
  }
  model.on("change", update);
  update();
  return () => model.off("change", update);
}

export default { render };
