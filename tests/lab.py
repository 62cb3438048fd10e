"""A JupyterLab of the tests' own, and a browser on it: lic_teach.bench.lab says how."""

import nbformat

from lic_teach.bench.lab import chromium, jupyterlab, open_notebook, run_all

__all__ = [
    "chromium",
    "jupyterlab",
    "new_pictures",
    "open_notebook",
    "pictures",
    "run_all",
    "set_theme",
    "without",
]
SUMS = """canvases => canvases.map(canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    const samples = context.getImageData(0, 0, copy.width, copy.height).data;
    return samples.reduce((sum, sample) => (sum * 31 + sample) % 1000003, 7);
})"""


def pictures(canvases):
    """What an explorer's canvases show, as the browser decoded it: a checksum each."""
    canvases.first.wait_for()
    return canvases.evaluate_all(SUMS)


def new_pictures(canvases, before):
    """Wait until all of them show others than before; what they then show."""
    differ = f"([all, old]) => ({SUMS})(all).every((sum, i) => sum !== old[i])"
    canvases.page.wait_for_function(differ, arg=[canvases.element_handles(), before])
    return pictures(canvases)


def without(lesson, folder, *words):
    """A copy of a lesson without the code cells that hold any of these words -> its path."""
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or not any(word in cell.source for word in words)
    ]
    nbformat.write(notebook, folder / lesson.name)
    return folder / lesson.name


def set_theme(page, name):
    """ "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})"
    )
    page.wait_for_timeout(1500)
