"""What is right and what is open, by lesson: of one learner, and of a class.

    notebooks --lessons--> their exercises        mine.py --right--> the names of right answers
                                     both --> a table as text, as HTML, as CSV

Exercises are the calls of check(...) in the notebooks, so no list of them is kept anywhere. Of a
mine.py only the text is read; none of its code runs.
"""

import ast
import csv
import io
import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import NamedTuple

from IPython.display import display

from lic_teach.kit import mine, votes
from lic_teach.paths import LESSONS

CHECK = re.compile(r"^check\(\s*[\"'](\w+)[\"']", re.MULTILINE)


class Lesson(NamedTuple):
    """A notebook with exercises."""

    number: str  # "03"
    title: str  # "03 · The DCT"
    exercises: list[str]


def lessons(folder: Path) -> list[Lesson]:
    """The lessons whose notebooks lie in a folder, or, where none do, the course's own.

    A copy of a notebook adds nothing: each exercise is in one lesson.
    """
    found, known = [], set()
    for path in sorted(folder.glob("*.ipynb")):
        title, names = _title_and_exercises(path)
        if new := [name for name in names if name not in known]:
            found.append(Lesson(path.stem.split("_")[0], title, new))
            known.update(new)
    return found if found or folder == LESSONS else lessons(LESSONS)


def _title_and_exercises(path):
    text = {"code": "", "markdown": "", "raw": ""}
    try:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text[cell["cell_type"]] += "".join(cell["source"]) + "\n"
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        warnings.warn(f"{path} is no notebook that can be read", stacklevel=2)
    title = re.match(r"#+ *(.+)", text["markdown"].lstrip())
    return title[1] if title else path.stem, dict.fromkeys(CHECK.findall(text["code"]))


def right(folder: Path) -> set[str]:
    """The exercises that the mine.py in a folder holds right answers to.

    A block that somebody edited so that its functions are gone is not counted. A file that cannot
    be read is a warning, and holds none.
    """
    try:
        blocks = mine.blocks(mine.read(folder))
    except (ValueError, OSError) as error:
        warnings.warn(str(error), stacklevel=2)
        return set()
    blocks.pop(votes.BLOCK, None)  # no answer, and neither right nor wrong
    return {name for name, block in blocks.items() if _defined(block.source) >= {*block.functions}}


def _defined(source):
    """The names that the top of a text defines or imports; none where it is not Python."""
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    names = {getattr(node, "name", None) for node in nodes}
    for node in nodes:
        names |= {
            a.asname or a.name for a in getattr(node, "names", []) if isinstance(a, ast.alias)
        }
        names |= {getattr(target, "id", None) for target in getattr(node, "targets", [])}
    return names


# --- one learner -------------------------------------------------------------------------


def rows(course: list[Lesson], names: set[str]) -> list[tuple[str, str, str]]:
    """(title, "1 of 2", the open exercises) of each lesson, and in the end of all together."""
    found = [_row(lesson.title, lesson.exercises, names) for lesson in course]
    every = [name for lesson in course for name in lesson.exercises]
    return [*found, (*_row("All lessons", every, names)[:2], "")]


def _row(title, exercises, names):
    open_ = [name for name in exercises if name not in names]
    return title, f"{len(exercises) - len(open_)} of {len(exercises)}", ", ".join(open_)


def table_text(folder: Path) -> str:
    """A learner's folder -> lines for a terminal. ValueError where there are no lessons."""
    course = lessons(folder)
    if not course:
        raise ValueError(f"{folder} holds no notebooks of the course")
    table = rows(course, right(folder))
    width = max(len(title) for title, *_ in table)
    lines = (
        f"{title:{width}} {done:>9}   {open_ and 'open: '}{open_}" for title, done, open_ in table
    )
    return "\n".join(line.rstrip() for line in lines)


def panel() -> None:
    """Show, in a lesson, a table of all lessons: how much is right, and what is open.

    Where answers are not kept a sentence: what a notebook stores depends on no other notebook.
    """
    if not mine.in_use():
        words = "Run this cell: a table of what is right, and what is open"
        display({"text/plain": words}, raw=True)
        return
    table = rows(lessons(Path()), right(Path()))
    words = f"Right answers: {table[-1][1]}"
    display({"text/plain": words, "text/html": _html(table)}, raw=True)


def _html(table):
    left = 'style="text-align: left"'
    head = "".join(f'<th scope="col" {left}>{word}</th>' for word in ("lesson", "right", "open"))
    body = "".join(
        f'<tr><th scope="row" {left}>{escape(title)}</th><td>{done}</td>'
        f"<td {left}>{escape(open_)}</td></tr>"
        for title, done, open_ in table
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# --- a class -----------------------------------------------------------------------------


def learners(folder: Path) -> dict[str, set[str]]:
    """A folder with one folder for each learner -> their names, and what is right there.

    A learner's mine.py may lie at any depth; of several all are counted. What is in no learner's
    folder, and who has no mine.py, is a warning. ValueError in words.
    """
    every = sorted(path for path in folder.iterdir() if path.name[0] != ".")
    inside = [path for path in every if path.is_dir()]
    if not inside:
        raise ValueError(f"{folder} holds no folders: one for each learner is expected")
    homes = {path.name: list(_homes(path)) for path in inside}
    _warn("in no learner's folder, not counted", [p.name for p in every if not p.is_dir()])
    _warn(f"no {mine.FILE}", [name for name, found in homes.items() if not found])
    return {name: set().union(*map(right, found)) for name, found in homes.items()}


def _warn(what, names):
    if names:
        warnings.warn(f"{what}: {', '.join(names)}", stacklevel=3)


def cast(folder: Path, names: Iterable[str]) -> dict[str, list[votes.Vote]]:
    """The same folder, learners' names -> the votes of each in blind tests.

    Votes are added at the end: a file whose votes are how another's begin is a copy of it.
    """
    found = {}
    for name in names:
        files = []
        for home in _homes(folder / name):
            with suppress(ValueError, OSError):  # `right` has warned of it
                files.append(votes.read(home))
        files.sort(key=len, reverse=True)
        copies = [any(f == g[: len(f)] for g in files[:n]) for n, f in enumerate(files)]
        own = (f for f, copy in zip(files, copies, strict=True) if not copy)
        found[name] = [vote for f in own for vote in f]
    return found


def _homes(folder):
    """All folders with a mine.py in them, but for hidden ones; a link is somebody else's file."""
    for place, inside, names in os.walk(folder):
        inside[:] = [name for name in inside if name[0] != "."]
        if mine.FILE in names and not Path(place, mine.FILE).is_symlink():
            yield Path(place)


def course_of(found: dict[str, set[str]]) -> list[Lesson]:
    """The course's lessons; and what is right besides, of another edition, as one more."""
    course = lessons(LESSONS)
    known = {name for lesson in course for name in lesson.exercises}
    other = sorted(set().union(*found.values()) - known)
    return [*course, Lesson("other", "other", other)] if other else course


def class_text(folder: Path) -> str:
    """A line for each learner: how many are right in each lesson, and in all; then the votes."""
    found = learners(folder)
    course = course_of(found)
    width = max(map(len, [*found, "learner"]))
    lines = [("learner", [lesson.number for lesson in course], "all")]
    for name, names in [*found.items(), ("of", {n for lesson in course for n in lesson.exercises})]:
        counts = [len(names.intersection(lesson.exercises)) for lesson in course]
        lines.append((name, [count or "·" for count in counts], sum(counts)))
    table = "\n".join(
        f"{name:{width}} "
        + "".join(
            f"{cell:>{len(lesson.number) + 1}}" for cell, lesson in zip(cells, course, strict=True)
        )
        + f"{total:>5}"
        for name, cells, total in lines
    )
    return table + _votes_text(cast(folder, found))


def _votes_text(found):
    """The votes of all together: a line a pair; nothing where there are none."""
    together = votes.rows(vote for of_one in found.values() for vote in of_one)
    if not together:
        return ""
    lines = [("blind test", "taken", "true share", "a coin"), *together]
    width = max(len(pair) for pair, *_ in lines)
    lines = (
        f"{pair:{width}} {taken:>9} {share:>13} {coin:>8}" for pair, taken, share, coin in lines
    )
    return "\n\n" + "\n".join(lines)


def class_csv(folder: Path) -> str:
    """A line for each learner: 1 or 0 for each exercise, how many are right, and the votes."""
    found = learners(folder)
    exercises = [name for lesson in course_of(found) for name in lesson.exercises]
    ballots = {name: Counter(of_one) for name, of_one in cast(folder, found).items()}
    pairs = sorted(set().union(*ballots.values()))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = [f"{taken} before {other}" for taken, other in pairs]
    writer.writerow(map(_plain, ["learner", *exercises, "right", *heads]))
    for learner, names in found.items():
        marks = [int(name in names) for name in exercises]
        taken = [ballots[learner][pair] for pair in pairs]
        writer.writerow([_plain(learner), *marks, sum(marks), *taken])
    return out.getvalue()


def _plain(word):
    """A spreadsheet takes what begins like this for a formula."""
    return f"'{word}" if word[0] in "=+-@\t\r" else word
