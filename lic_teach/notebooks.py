"""Lessons from text to executed notebook: what is committed is what a reader sees.

    lessons/src/NN_name.py --jupytext--> cells --nbclient--> outputs --normalise--> NN_name.ipynb

    python -m lic_teach.notebooks refresh [NN ...]     execute these lessons, or all
    python -m lic_teach.notebooks texts                prose, links and lists anew; runs no code
    python -m lic_teach.notebooks check                do sources and notebooks agree?

A notebook ends with a cell that its source does not have: links to its neighbours.
Two refreshes give the same bytes, so that a diff shows what changed and nothing else: no
timings, no random ids, no state of widgets. Of an explorer its picture and its summary stay.
"""

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated

import jupytext
import nbformat
import typer
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from lic_teach import contents
from lic_teach.images import write_atomic
from lic_teach.paths import LESSONS, environment, lessons

MAX_BYTES = 1_000_000
WIDGET = "application/vnd.jupyter.widget-view+json"
KEPT_CELL_METADATA = ("tags", "jupyter")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read_source(source: Path) -> NotebookNode:
    """lessons/src/NN_name.py -> notebook without outputs, normalised."""
    notebook = jupytext.read(source, fmt="py:percent")
    if links := contents.neighbours(source.stem, contents.lessons(source.parents[1])):
        notebook.cells.append(nbformat.v4.new_markdown_cell(links))
    return normalise(notebook)


def notebook_of(source: Path) -> Path:
    """lessons/src/NN_name.py -> the path lessons/NN_name.ipynb."""
    return source.parents[1] / f"{source.stem}.ipynb"


def refresh(source: Path) -> Path:
    """Execute one lesson and write its notebook; returns its path.

    Raises ValueError, and leaves the old notebook, where a cell fails, where an output would
    differ on the next machine or run (an object's address, a path of this machine), and
    where the notebook would be 1 MB or more.
    """
    notebook = read_source(source)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the order of sums, and so the last digit
    client = NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(source.parents[1])}},
    )
    try:
        # Whoever refreshes learns nothing, and moves nothing.
        alone = {"LIC_TEACH_MINE": "0", "LIC_TEACH_PREFETCH": "0"}
        client.execute(env=environment() | alone)
    except CellExecutionError as error:
        raise ValueError(f"{source.name}: {error}") from error
    report_stderr(notebook, source.name)
    normalise(notebook)
    text = nbformat.writes(notebook, version=4) + "\n"
    if found := problems(notebook, len(text.encode())):
        raise ValueError(f"{source.name}: " + "; ".join(found))
    write_atomic(notebook_of(source), text.encode())
    return notebook_of(source)


def texts(folder: Path = LESSONS) -> list[Path]:
    """Bring all prose, links and lists of lessons up to date; returns the files that changed.

    No code is executed: a notebook whose code is not its source's is left to refresh.
    """
    new = contents.up_to_date(folder)
    changed = [path for path, text in new.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        write_atomic(path, new[path].encode())
    for source in sorted((folder / "src").glob("*.py")):
        path, text = notebook_of(source), _with_prose_of(source)
        if text and path.read_text(encoding="utf-8") != text:
            write_atomic(path, text.encode())
            changed.append(path)
    return changed


def _with_prose_of(source):
    """The notebook with its source's prose and its own outputs; "" where it needs a refresh."""
    if not notebook_of(source).exists():
        return ""
    old, new = nbformat.read(notebook_of(source), as_version=4), read_source(source)
    executed, code = ([c for c in n.cells if c.cell_type == "code"] for n in (old, new))
    if [c.source for c in executed] != [c.source for c in code]:
        return ""
    for cell, done in zip(code, executed, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return nbformat.writes(normalise(new), version=4) + "\n"


def report_stderr(notebook: NotebookNode, name: str) -> None:
    """Show the author what is not kept: progress bars, and warnings that ask for a remedy."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                print(f"{name}, cell {number}, on stderr:\n{output.text}", file=sys.stderr)


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Strip, in place, all that is not the lesson: applied twice it changes nothing more."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    seen = set()
    for cell in notebook.cells:
        cell.id = _cell_id(cell, seen)
        kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = _normal_outputs(cell.outputs)
    return notebook


def _cell_id(cell, seen):
    """Eight hexadecimal digits that depend on the cell's text only, so that a diff stays small."""
    copy = 0
    while True:
        digest = hashlib.sha256(f"{cell.cell_type} {copy} {cell.source}".encode()).hexdigest()[:8]
        if digest not in seen:
            seen.add(digest)
            return digest
        copy += 1


def _normal_outputs(outputs):
    """Without stderr and live widgets (a widget without a picture goes whole); stdout joined."""
    kept = []
    for output in outputs:
        data = output.get("data", {})
        only_widget = data.pop(WIDGET, None) and set(data) <= {"text/plain"}
        if only_widget or output.get("name") == "stderr":
            continue
        if kept and output.output_type == kept[-1].output_type == "stream":
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def problems(notebook: NotebookNode, size: int) -> list[str]:
    """What is wrong with an executed notebook, in words: a list, empty if nothing is."""
    found = [f"{size:,} bytes, the limit is {MAX_BYTES:,}"] if size >= MAX_BYTES else []
    home = (str(LESSONS.parent), str(Path.home()), sys.prefix)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if cell.source.strip() and cell.execution_count is None:
            found.append(f"cell {number} was never executed")
        text = "".join(_texts(cell.outputs))
        if address := re.search(r"\bat 0x[0-9a-fA-F]{6,}", text):
            found.append(f"cell {number} prints an object's address ({address[0]})")
        if path := next((path for path in home if path in text), None):
            found.append(f"cell {number} prints a path of this machine ({path})")
    return found


def _texts(outputs):
    """All that the outputs say: streams, tracebacks and every textual representation."""
    for output in outputs:
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for kind, data in output.get("data", {}).items():
            if not kind.startswith("image/png"):
                yield data if isinstance(data, str) else json.dumps(data)


def check(folder: Path = LESSONS) -> list[str]:
    """Whether every source has its executed notebook and the other way round: list of problems."""
    sources = sorted((folder / "src").glob("*.py"))
    orphans = {path.stem for path in folder.glob("*.ipynb")} - {path.stem for path in sources}
    found = [f"{name}.ipynb: no source src/{name}.py" for name in sorted(orphans)]
    for source in sources:
        if notebook_of(source).exists():
            found += [f"{source.stem}: {problem}" for problem in _compare(source)]
        else:
            found.append(f"{source.stem}: never refreshed")
    for path, text in contents.up_to_date(folder).items():
        if path.read_text(encoding="utf-8") != text:
            found.append(f"{path.name}: numbers, links or its list of lessons are old: run texts")
    return found + [problem for source in sources for problem in _mentions(source, sources)]


def _mentions(source, sources):
    """Lessons that the text of a source names without a link, or links to in vain."""
    cells = [cell.source for cell in read_source(source).cells if cell.cell_type == "markdown"]
    names = [path.stem for path in sources]
    for words in (word for cell in cells for word in contents.unlinked(cell)):
        yield f"{source.stem}: {words!r} is no link"
    for name in (name for cell in cells for name in contents.dead(cell, names)):
        yield f"{source.stem}: a link leads to {name}, which is no lesson"


def _compare(source):
    text = notebook_of(source).read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    found = problems(notebook, len(text.encode()))
    if _cells(notebook) != _cells(read_source(source)):
        found.append("the notebook's cells are not the source's: refresh it")
    elif nbformat.writes(normalise(notebook), version=4) + "\n" != text:
        found.append("saved by hand, not by refresh: edit the source and refresh it")
    return found


def _cells(notebook):
    return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


# --- the command line --------------------------------------------------------------------

app = typer.Typer(no_args_is_help=True, help=__doc__.split("\n\n")[0])


@app.command("refresh")
def refresh_command(
    numbers: Annotated[list[str] | None, typer.Argument(help="such as 00 07; all without")] = None,
) -> None:
    """Execute lessons/src into lessons."""
    try:
        sources = lessons(LESSONS / "src", numbers or [], ".py")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    for source in sources:
        try:
            path = refresh(source)
        except ValueError as error:
            sys.exit(str(error))
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    texts_command()


@app.command("texts")
def texts_command() -> None:
    """Bring prose, links and lists of lessons up to date; execute nothing."""
    for path in texts(LESSONS):
        print(f"{path.name}: its text is new")


@app.command("check")
def check_command() -> None:
    """Compare lessons/src with lessons."""
    found = check(LESSONS)
    print("\n".join(found) or "Sources and notebooks agree.")
    sys.exit(bool(found))


if __name__ == "__main__":
    app()
