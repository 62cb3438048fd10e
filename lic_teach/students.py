"""The lessons without their solutions, for a class.

    lessons/NN.ipynb, executed --without_solutions--> OUT/NN.ipynb

A solution folds open under its exercise: a text cell, or a part of one, between
`<details><summary>Solution</summary>` and `</details>`. Nothing else is taken away: figures, hints
and other folded notes stay, and so do the checks, which say of an exercise that nobody has filled
in that it is not done yet. `lic-teach students OUT`; TEACHING.md says how to use it.
"""

import re
from pathlib import Path

import nbformat

from lic_teach.images import write_atomic
from lic_teach.paths import LESSONS, lessons

SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?</details>\s*", re.DOTALL)


def write(out: Path, force: bool = False) -> list[Path]:
    """Write the students' copy of every lesson into the folder `out`; returns the new files.

    Raises ValueError where there are no lessons (in an installed package), where a copy exists
    and `force` is not given, and where something of a solution would be left.
    """
    sources = lessons(LESSONS)
    if out.resolve() == LESSONS.resolve():
        raise ValueError(f"{out} holds the lessons themselves: choose another folder")
    targets = [out / source.name for source in sources]
    for target in targets:
        if target.exists() and not force:
            raise ValueError(f"{target} exists, perhaps with someone's answers: --force overwrites")
    copies = [without_solutions(nbformat.read(source, as_version=4)) for source in sources]
    out.mkdir(parents=True, exist_ok=True)
    for target, copy in zip(targets, copies, strict=True):
        write_atomic(target, (nbformat.writes(copy) + "\n").encode())
    return targets


def without_solutions(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take the folded solutions out, in place; a cell that held nothing else goes whole."""
    kept = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "Solution</summary>" in cell.source:
            cell.source = SOLUTION.sub("", cell.source).strip()
            if "Solution</summary>" in cell.source:
                raise ValueError(f"a solution that does not end in </details>: {cell.source[:60]}")
            if not cell.source:
                continue
        kept.append(cell)
    notebook.cells = kept
    return notebook
