"""The same presses in a JupyterLab and a Chromium: how long until all of it is on the screen.

    Rows --measure--> Rows with the screen's times

One server, one kernel, one page: the cell of a notebook becomes the next explorer's, and is run
again. Before every press the page rests, if asked: then the kernel works ahead (kit/prefetch.py).
The clock is the page's: from the key or the click to the end of the frame in which the
last part of the explorer changed, be it picture, plot or readout.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from tqdm import tqdm

from tests.lab import chromium, jupyterlab, open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WINDOW = 1300, 900
WATCH = """(root) => {
    const press = () => (window.pressed ??= performance.now());
    for (const kind of ["keydown", "click", "change"]) root.addEventListener(kind, press, true);
    const painted = () => requestAnimationFrame(() => setTimeout(() => {
        window.last = performance.now() - window.pressed;
    }));
    const loaded = (img) => img.complete || new Promise((done) => {
        for (const kind of ["load", "error"]) img.addEventListener(kind, done, { once: true });
    });
    const pictures = () => Promise.all([...root.querySelectorAll("img[src]")].map(loaded));
    const parts = ".lic-picture, .lic-wipe, .lic-plot, .lic-readout, .lic-block, .lic-bytes";
    const shows = ({ target, type }) => {
        if (type === "attributes") return target.matches("img");
        const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
        return element?.closest(parts) && !element.closest(".lic-spoken");
    };
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver((changes) => {
        if (window.pressed && changes.some(shows)) pictures().then(painted);
    }).observe(root, what);
    const kind = CanvasRenderingContext2D.prototype;
    const draw = kind.drawImage;
    kind.drawImage = function (...what) {
        draw.apply(this, what);
        if (window.pressed && root.contains(this.canvas)) painted();
    };
}"""
READY = "() => ([window.pressed, window.last] = [null, 0])"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"
QUIET = f"""() => window.pressed && {KERNEL} === "idle"
    && performance.now() - window.pressed > (window.last ? window.last + 200 : 1500)"""
# Which key goes on, and which one back from an end.
ONWARD = """(input) => {
    const [value, step] = [Number(input.value), Number(input.step)];
    if (value + step > Number(input.max)) input.dataset.key = "PageDown";
    if (value - step < Number(input.min)) input.dataset.key = "PageUp";
    return input.dataset.key ?? "PageUp";
}"""
SET = """(code) => window.jupyterapp.shell.currentWidget.content.widgets[0]
    .model.sharedModel.setSource(code)"""


def measure(rows: list, presses: int, rest: float = 0) -> list:
    """Rows as explorers.py has them -> the same with times; what fails is said in `problem`.

    rest: seconds before every press.
    """
    found = []
    ahead = {"LIC_TEACH_PREFETCH": "1"}
    with (
        empty_notebook() as path,
        jupyterlab([path], **ahead) as address,
        chromium(*WINDOW) as page,
    ):
        open_notebook(page, address, path.name)
        with tqdm(total=len(rows), desc="on the screen", disable=None) as bar:
            for cell, group in groupby(rows, lambda row: row.cell):
                for row in _measured(page, cell, list(group), presses, rest):
                    found.append(row)
                    bar.update()
    return found


def _measured(page, cell, rows, presses, rest):
    if any(row.kind == "" for row in rows):  # it could not be made in the kernel either
        return rows
    try:
        root = show(page, cell)
    except RuntimeError as error:
        return [row._replace(problem=str(error)) for row in rows]
    return [_timed(page, root, row, presses, rest) for row in rows]


def _timed(page, root, row, presses, rest):
    from playwright.sync_api import Error

    try:
        return row._replace(screen=on_screen(page, root, row.kind, row.control, presses, rest))
    except Error as error:
        return row._replace(problem=f"on the screen: {error.message.splitlines()[0]}")


@contextmanager
def empty_notebook() -> Iterator[Path]:
    """A notebook of one empty cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.ipynb")
        nbformat.write(notebook, path)
        yield path


def show(page: "Page", cell: str) -> "Locator":
    """Run this code in the open notebook's first cell -> the explorer in the page."""
    page.evaluate(SET, cell)
    run_all(page)
    root = page.locator(".lic-explorer").last
    root.wait_for()
    page.wait_for_timeout(2000)
    root.evaluate(WATCH)
    return root


def on_screen(
    page: "Page", root: "Locator", kind: str, label: str, presses: int, rest: float = 0
) -> list[float]:
    """Milliseconds of each press on a control, all others as they are at first.

    One press before them is not timed. rest: seconds before every press.
    """
    root.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(300)
    page.wait_for_function(f"{KERNEL} === 'idle'")
    press, times = PRESSES[kind](root, label), []
    for number in range(presses + 1):
        page.wait_for_timeout(1000 * rest)
        page.evaluate(READY)
        press(number)
        page.wait_for_function(QUIET, polling=50)
        if number and (last := page.evaluate("window.last")):
            times.append(last)
    return times


# --- what a press is, for each kind of control --------------------------------------------


def slider(root: "Locator", label: str) -> Callable[[int], None]:
    """A Slider by its label."""
    return along(root.get_by_role("slider", name=label, exact=True))


def block(root: "Locator", _: str) -> Callable[[int], None]:
    """The first coefficient of a block to drag: it is a slider, too."""
    return along(root.locator(".lic-coefficient input"))


def along(element: "Locator") -> Callable[[int], None]:
    """Page Up from the lower end of an <input type=range> to the upper one, and down again."""
    return lambda number: element.press(element.evaluate(ONWARD) if number else "Home")


def choice(root: "Locator", label: str) -> Callable[[int], None]:
    """A row of buttons: one after the other."""
    named = root.page.get_by_text(label, exact=True)
    buttons = root.locator(".widget-toggle-buttons", has=named).get_by_role("button")
    return lambda number: buttons.nth(number % buttons.count()).click()


def menu(root: "Locator", label: str) -> Callable[[int], None]:
    """A list to choose from: one option after the other."""
    element = root.get_by_label(label, exact=True)
    count = element.locator("option").count()
    return lambda number: element.select_option(index=number % count)


def checkbox(root: "Locator", label: str) -> Callable[[int], None]:
    """A box to tick: on and off."""
    return lambda _: root.get_by_label(label, exact=True).click()


def picture(root: "Locator", _: str) -> Callable[[int], None]:
    """A picture whose cell is chosen by keys: eight steps right, eight back."""
    stage = root.locator(".lic-picture:not(.lic-map) .lic-stage[tabindex]").first
    return lambda number: stage.press("ArrowRight" if number % 16 < 8 else "ArrowLeft")


def bytes_(root: "Locator", _: str) -> Callable[[int], None]:
    """A window into bytes: eight pages on, eight back."""
    chosen = root.locator('.lic-hex button[tabindex="0"]')
    return lambda number: chosen.press("PageDown" if number % 16 < 8 else "PageUp")


PRESSES = {
    "slider": slider,
    "block": block,
    "choice": choice,
    "menu": menu,
    "checkbox": checkbox,
    "picture": picture,
    "bytes": bytes_,
}
