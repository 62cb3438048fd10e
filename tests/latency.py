"""How long from a key on a slider to the new figure on the screen? Reported, not a test.

    python tests/latency.py lessons/00_start_here.ipynb λ 60

Opens the lesson in JupyterLab and Chromium, runs it, presses Page Up and Down on the slider of
that name, one after the other, and takes the time in the page: from the key event to the end of
the frame in which the last part of the explorer changed, be it picture, plot or readout. Prints
the median and the 90th percentile. A press that changes nothing is not counted.
"""

import statistics
import sys
from pathlib import Path

from lab import chromium, jupyterlab, open_notebook, run_all

WATCH = """(input) => {
    input.addEventListener("keydown", () => {
        [window.pressed, window.last] = [performance.now(), 0];
    });
    const painted = () => requestAnimationFrame(() => setTimeout(() => {
        window.last = performance.now() - window.pressed;
    }));
    const mine = ({ target }) => {
        const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
        return !element?.closest(".lic-slider, .lic-spoken");
    };
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver((changes) => changes.some(mine) && painted())
        .observe(input.closest(".lic-explorer"), what);
}"""
QUIET = """() => performance.now() - window.pressed > (window.last ? window.last + 200 : 1500)"""


def measure(notebook, name, presses, size=(1300, 900)):
    """Milliseconds of each press."""
    with jupyterlab([notebook]) as address, chromium(*size) as page:
        open_notebook(page, address, notebook.name)
        run_all(page)
        slider = page.get_by_role("slider", name=name, exact=True).first
        slider.wait_for()
        page.wait_for_timeout(2000)
        slider.press("Home")
        page.wait_for_timeout(1000)
        slider.evaluate(WATCH)
        times = []
        for i in range(presses):
            slider.press("PageUp" if i % 16 < 8 else "PageDown")
            page.wait_for_function(QUIET)
            times.append(page.evaluate("window.last"))
        return [time for time in times if time]


if __name__ == "__main__":
    times = measure(Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3]))
    median, slow = statistics.median(times), statistics.quantiles(times, n=10)[8]
    print(f"{len(times)} presses: median {median:.0f} ms, 90th percentile {slow:.0f} ms")
