"""Pictures of a lesson's explorers, to be looked at: wide and narrow, light and dark.

    python -m tools.shots FOLDER lessons/*_dct.ipynb lessons/*_quantization.ipynb

Opens each lesson in JupyterLab and Chromium, runs it, and writes every explorer, and whatever it
shows, as FOLDER/NAME_0_light_1400.png: 0 is the first of the lesson, 1400 the window's width.
"""

import sys
from pathlib import Path

from tests.lab import chromium, jupyterlab, open_notebook, run_all, set_theme

WIDTHS = (1400, 600)
HEIGHT = 2200  # so that an explorer stands in the window whole


def shoot(page, folder, name):
    """All explorers of the open notebook, in both themes and both widths."""
    if page.evaluate("!window.jupyterapp.shell.leftCollapsed"):
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    for theme in ("Light", "Dark"):
        set_theme(page, f"JupyterLab {theme}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for i, explorer in enumerate(page.locator(".lic-explorer, .lic-predict").all()):
                for _ in range(2):  # cells above take their height only once they are seen
                    explorer.evaluate("element => element.scrollIntoView({block: 'center'})")
                    page.wait_for_timeout(700)
                explorer.screenshot(path=folder / f"{name}_{i}_{theme.lower()}_{width}.png")


if __name__ == "__main__":
    folder, *notebooks = (Path(argument).resolve() for argument in sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    with jupyterlab(notebooks) as address, chromium(WIDTHS[0], HEIGHT) as page:
        for notebook in notebooks:
            open_notebook(page, address, notebook.name)
            run_all(page)
            page.locator(".lic-explorer").first.wait_for()
            shoot(page, folder, notebook.stem)
