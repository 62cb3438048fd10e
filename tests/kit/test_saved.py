"""A notebook saved with its figures and opened again, in a real JupyterLab: lic_teach/labextension.

The kernel that the figures lived in is gone; their pictures are in the file.
"""

import json
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.lab import EXTENSION, chromium, jupyterlab, open_notebook, run_all

ROOT = Path(__file__).parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"
PAINTED = """
import numpy as np
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, encode_picture

class Painted(Explorer):
    def compute(self, _, n):
        return n

    def draw(self, n):
        return View(encode_picture(np.full((40, 60, 3), n, np.uint8)), f"<p>Grey {n}</p>", f"{n}")

Painted(image=None, n=Slider(9, 0, 255, label="Grey"))
"""
DRAWN = """
class Drawn(Painted):
    def draw(self, n):
        drawing = f'<svg viewBox="0 0 90 90" width="90"><circle cx="45" cy="45" r="{n}"/></svg>'
        return View(b"", f"<p>Radius {n}</p>", f"{n}", drawing)

display(Drawn(image=None, n=Slider(9, 0, 40, label="Radius")))
"""
STOCK = "import ipywidgets\nipywidgets.IntSlider(7)"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "saved.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in (PAINTED, DRAWN, STOCK)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)
    return path


def save(page):
    """Save the notebook, by JupyterLab; what the file then holds."""
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    saved = "window.jupyterapp.shell.currentWidget.context"
    page.wait_for_function(f"!{saved}.model.dirty")
    url = f"/api/contents/{page.evaluate(f'{saved}.path')}?token=lesson"
    return page.evaluate(f"fetch('{url}').then(answer => answer.json())")["content"]


def moves(page, label):
    """A slider of the notebook moves, and its readout follows."""
    slider = page.get_by_role("slider", name=label)
    slider.press("ArrowRight")
    words = f"{label} {slider.input_value()}"
    page.locator(".lic-readout").get_by_text(words, exact=True).wait_for()


def no_kernel(route):
    """As where none can start: only the file is there."""
    route.abort() if route.request.method == "POST" else route.continue_()


def stills(page):
    """Every output is the best that the file has of it, without a word of what is missing."""
    outputs = page.locator(".jp-OutputArea-output")
    outputs.get_by_text("IntSlider(value=7)").wait_for()
    pictures = outputs.locator("img")
    pictures.nth(1).wait_for()
    sizes = pictures.evaluate_all("all => all.map(e => [e.naturalWidth, e.naturalHeight])")
    assert [width for width, _ in sizes] == [943, 943] and sizes[0][1] > sizes[1][1] > 90
    assert outputs.all_inner_texts() == ["", "", "IntSlider(value=7)"]
    assert page.evaluate("window.jupyterapp.shell.currentWidget.model.cells.get(0).trusted")


@pytest.mark.browser
def test_a_notebook_opened_again_shows_its_figures_as_pictures_until_they_run(notebook):
    with jupyterlab([notebook]) as address, chromium() as page:
        pictures = page.locator(".jp-OutputArea-output img")
        open_notebook(page, address, notebook.name)
        run_all(page)
        moves(page, "Grey")
        saved = save(page)
        assert "widgets" not in saved["metadata"]  # no state: it is as large as all its pictures
        assert [WIDGET in cell["outputs"][0]["data"] for cell in saved["cells"]] == [True] * 3

        open_notebook(page, address, notebook.name)  # the page anew, the kernel alive
        moves(page, "Grey")
        moves(page, "Radius")
        assert pictures.count() == 0

        page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.route("**/api/sessions?*", no_kernel)
        page.goto(address(notebook.name))
        stills(page)
        page.unroute_all()
        with page.expect_console_message(lambda line: "widget model not found" in line.text):
            open_notebook(page, address, notebook.name)  # a kernel that has never seen them
        stills(page)

        run_all(page)
        moves(page, "Grey")
        moves(page, "Radius")
        assert pictures.count() == 0


def test_the_extension_of_jupyterlab_is_installed_where_jupyterlab_looks():
    """Jupyter's documentation of prebuilt extensions: share/jupyter/labextensions/NAME."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    package = json.loads((EXTENSION / "package.json").read_text())
    build = package["jupyterlab"]["_build"]
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    target = f"share/jupyter/labextensions/{package['name']}"
    assert shared == {EXTENSION.relative_to(ROOT).as_posix(): target}
    assert package["version"] == project["project"]["version"]
    script = (EXTENSION / build["load"]).read_text()
    assert f'_JUPYTERLAB["{package["name"]}"] = ' in script
