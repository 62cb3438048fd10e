"""Notebooks as Sphinx reads them: saved outputs as they are, explorers as places for site.js.

    notebook, name --page--> the same notebook for reading, recordings beside it

An explorer is made anew from its own cell. Only where that needs what earlier cells made are
those executed first, without showing anything.
"""

import ast
import contextlib
import io
import json
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path

from nbformat import NotebookNode

from lic_teach import contents, course
from lic_teach.kit import stills
from lic_teach.kit.base import Explorer
from lic_teach.site import store
from lic_teach.site.record import record

Report = Callable[[str], object]  # says a line
FOR_NBVAL = "# NBVAL_CHECK_OUTPUT\n"
NOTE = '<p class="lic-note">{}</p>'
STILL = NOTE.format("A still picture: in JupyterLab this figure can be moved.")


def page(
    notebook: NotebookNode, name: str, names: list[str], folder: Path, report: Report = print
) -> None:
    """Make the notebook NAME, one of NAMES, a page, in place; its recordings go to
    folder/_static."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = contents.without_dead(cell.source, names)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code):
        for output in cell.outputs:
            if is_explorer(output):
                output.data = explorer_data(code, number, output.data, name, folder, report)
            elif "image/png" in output.get("data", {}):  # as WebP half as large
                output.data = {"text/html": still(output.data, folder / "_static")}
    for cell in code:
        cell.source = cell.source.replace(FOR_NBVAL, "")
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]


# --- explorers ---------------------------------------------------------------------------


@cache
def names_of_explorers() -> frozenset[str]:
    """Of all classes in lic_teach.course."""
    return frozenset(kind.__name__ for kind in course.classes())


def is_explorer(output: NotebookNode) -> bool:
    """Whether a saved output is an explorer's still picture: its text begins with its class."""
    words = output.get("data", {}).get("text/plain", "")
    return words.split(":")[0] in names_of_explorers()


def explorer_data(
    code: list[NotebookNode], number: int, saved: dict, name: str, folder: Path, report: Report
) -> dict[str, str]:
    """What stands for an explorer on its page: a place for its recording, or its still picture."""
    static = folder / "_static"
    explorer = explorer_of(code, number)
    recording = record(explorer)
    if recording is None:
        report(f"{name}: {type(explorer).__name__}, a still picture")
        return {"text/html": standing(explorer, static) + STILL}
    key = store.write(recording, f"{name[3:]}-{type(explorer).__name__.lower()}", static)
    report(f"{name}: {type(explorer).__name__}, {len(recording.states)} states")
    more = ", ".join(recording.missing)
    words = NOTE.format(f"In JupyterLab this figure also has: {more}." if more else "")
    plain = f"<noscript>{still(saved, static)}{words_of(explorer)}</noscript>"
    return {"text/html": f"{place(key)}{plain}{words}"}


def words_of(explorer: Explorer) -> str:
    """The words that set the figure, and what there is to see: HTML that needs no script."""
    return explorer._tries.value if explorer.tries else ""


def place(key: str) -> str:
    """Where site.js puts a recording, as HTML."""
    return (
        f'<div class="lic-explorer widget-box widget-vbox" data-recording="{key}"></div>'
        f'<script defer src="_static/recordings/{key}.js"></script>'
    )


def still(saved: dict, static: Path) -> str:
    """The picture of a saved output, as HTML."""
    if "image/svg+xml" in saved:
        return saved["image/svg+xml"]
    address = store.write_picture(b64decode(saved["image/png"]), static)
    words = saved.get("text/plain", "")
    alt = "figure" if words.startswith("<") else escape(words)  # <Figure size ...> says nothing
    return f'<img alt="{alt}" src="{address}">'


def standing(explorer: Explorer, static: Path) -> str:
    """An explorer that does not move: a picture, and another for every button, as HTML."""

    def shown():
        widgets = [child for child in explorer.children if child is not explorer._tries]
        return store.write_picture(stills.still(widgets), static)

    first, words = shown(), explorer.readout.summary
    pictures, photograph = {}, explorer._chooser.value
    for name in explorer.tries:
        explorer._chooser.value = photograph  # a try can leave another one
        explorer.press(name)
        pictures[name] = shown()
    return (
        f'<div class="lic-explorer" data-stills="{escape(json.dumps(pictures))}">'
        f'<img alt="{escape(words)}" src="{first}">{words_of(explorer)}</div>'
    )


def explorer_of(code: list[NotebookNode], number: int) -> Explorer:
    """What the cell shows, made anew: from the cell alone, or after all that stand before it."""
    quiet = {"display": lambda *_, **__: None}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return last_value(code[number].source, dict(quiet))
        except NameError:
            for cell in code[:number]:
                exec(cell.source, quiet)
            return last_value(code[number].source, quiet)


def last_value(source: str, namespace: dict) -> object:
    """Execute a cell; what its last line is worth."""
    module = ast.parse(source)
    last = ast.Expression(module.body.pop().value)
    exec(compile(module, "<cell>", "exec"), namespace)
    return eval(compile(last, "<cell>", "eval"), namespace)
