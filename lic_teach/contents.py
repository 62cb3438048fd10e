"""The table of contents, made from the folder lessons/: nothing else keeps a list of lessons.

Their parts, by which the index of the site is ordered, are the bold headings of
lessons/README.md.

    lessons/src/NN_subject.py --lessons--> Lesson, Lesson, ...
    text --renumbered--> the same, every link to a lesson with the number that it has now
    text --listed--> the same, its list with one row a lesson
    text --unlinked--> the mentions of a lesson that are no link

A lesson's number stands in the name of its notebook alone. Texts name other lessons by links,
[lesson 13](13_noise_for_rounding.ipynb), and a link holds the subject: so its number can be
made new when lessons are added or change places. `python -m lic_teach.notebooks texts` does it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from lic_teach.paths import LESSONS

LINK = re.compile(r"\[([^\]]*)\]\(((?:\.\./)?(?:lessons/)?)(\d\d)_(\w+)\.ipynb")
MENTION = re.compile(r"\blessons?\s+\d\d\b", re.IGNORECASE)
CODE_OR_LINK = re.compile(r"^```.*?^```|`[^`\n]*`|\[[^\]]*\]\([^)]*\)", re.DOTALL | re.MULTILINE)
ROWS = {  # a file of the repository -> what a row of its list begins with, and the row
    "README.md": (r"\| \d\d \| \[", "| {number} | [{title}](lessons/{name}.ipynb) | {question} |"),
    "lessons/README.md": (r"- \[\d\d · ", "- [{number} · {title}]({name}.ipynb): {question}"),
}
OTHERS = "TEACHING.md", "CONTRIBUTING.md", "data/README.md", "lic_teach/site/index.md"
AT_HOME = re.compile(r"^In none of the meetings: .*$", re.MULTILINE)


class Lesson(NamedTuple):
    """One lesson; its room is course/SUBJECT."""

    name: str  # "03_dct", of source and notebook
    title: str  # "The DCT"
    question: str

    @property
    def number(self) -> str:
        """Two digits."""
        return self.name[:2]

    @property
    def subject(self) -> str:
        """The name without its number."""
        return self.name[3:]

    def link(self, words: str, where: str = "") -> str:
        """Markdown."""
        return f"[{words}]({where}{self.name}.ipynb)"


def lessons(folder: Path = LESSONS) -> list[Lesson]:
    """All of them in their order: title and question are those of the sources."""
    return [_read(path) for path in sorted((folder / "src").glob("[0-9][0-9]_*.py"))]


def _read(path):
    text = path.read_text(encoding="utf-8")
    title = re.search(r"^# # (?:\d\d · )?(.+)$", text, re.MULTILINE)
    question = re.search(r"^# \*\*(.+?)\*\*$", text, re.MULTILINE)
    return Lesson(path.stem, title[1] if title else path.stem, question[1] if question else "")


def notebook(subject: str, folder: Path = LESSONS) -> Path:
    """The notebook of a subject, whatever its number. ValueError where there is none."""
    found = sorted(folder.glob(f"[0-9][0-9]_{subject}.ipynb"))
    if len(found) != 1:
        raise ValueError(f"no lesson {subject!r} in {folder}")
    return found[0]


# --- texts -------------------------------------------------------------------------------


def renumbered(text: str, known: Iterable[Lesson]) -> str:
    """Markdown whose links to lessons have the numbers of today, in address and words."""
    numbers = {lesson.subject: lesson.number for lesson in known}

    def anew(link):
        words, where, number, subject = link.groups()
        now = numbers.get(subject, number)
        return f"[{words.replace(number, now)}]({where}{now}_{subject}.ipynb"

    return LINK.sub(anew, text)


def unlinked(text: str) -> list[str]:
    """The mentions of lessons in markdown that are no link.

    >>> unlinked("as [lesson 03](03_dct.ipynb) says, and Lesson 04")
    ['Lesson 04']
    """
    return MENTION.findall(CODE_OR_LINK.sub("", text))


def dead(text: str, names: Iterable[str]) -> list[str]:
    """The names of lessons that markdown links to and that are not among names."""
    linked = [f"{number}_{subject}" for _, _, number, subject in LINK.findall(text)]
    return sorted(set(linked) - set(names))


def without_dead(text: str, names: Iterable[str]) -> str:
    """Markdown in which links to lessons that are not among names are words alone."""
    names = set(names)
    link = re.compile(LINK.pattern + r"[^)]*\)")
    return link.sub(lambda found: found[0] if f"{found[3]}_{found[4]}" in names else found[1], text)


def neighbours(name: str, known: list[Lesson]) -> str:
    """How a lesson ends: markdown with links to the one before it and the next; "" if alone."""
    at = [lesson.name for lesson in known].index(name)
    before, after = known[max(at - 1, 0) : at], known[at + 1 : at + 2]
    links = [("Before", lesson) for lesson in before] + [("Next", lesson) for lesson in after]
    return " | ".join(f"{word}: {o.link(f'{o.number} · {o.title}')}" for word, o in links)


# --- lists -------------------------------------------------------------------------------


def listed(text: str, known: list[Lesson], start: str, row: str) -> str:
    """Text whose list of lessons has a row for each of them; start, row: as in ROWS.

    A heading inside the list stays before the lesson that it stood before.
    """
    lines = text.split("\n")
    rows = [n for n, line in enumerate(lines) if re.match(start, line)]
    if not rows:
        return text
    heads, waiting = {}, []
    for line in lines[rows[0] : rows[-1] + 1]:
        if re.match(start, line):
            heads[LINK.search(line)[4]], waiting = waiting, []
        else:
            waiting.append(line)
    new = []
    for lesson in known:
        values = lesson._asdict() | {"number": lesson.number}
        new += [*heads.get(lesson.subject, []), row.format_map(values)]
    return "\n".join([*lines[: rows[0]], *new, *lines[rows[-1] + 1 :]])


def at_home(text: str, known: list[Lesson]) -> str:
    """TEACHING.md, whose line AT_HOME names the lessons that the table before it leaves out."""
    if not (line := AT_HOME.search(text)):
        return text
    table = text[text.rfind("\n**", 0, line.start()) : line.start()]
    left = [lesson for lesson in known if f"/{lesson.name}.ipynb" not in table]
    words = ", ".join(lesson.link(lesson.number, "lessons/") for lesson in left) or "no lesson"
    return text.replace(line[0], f"In none of the meetings: {words}.")


def parts(text: str) -> list[tuple[str, list[str]]]:
    """The parts of the course as lessons/README.md has them: title, names of lessons."""
    found = []
    for line in text.split("\n"):
        if title := re.fullmatch(r"\*\*(.+)\*\*", line):
            found.append((title[1], []))
        elif re.match(ROWS["lessons/README.md"][0], line) and found:
            found[-1][1].append("_".join(LINK.search(line).groups()[2:]))
    return [part for part in found if part[1]]


def up_to_date(folder: Path = LESSONS) -> dict[Path, str]:
    """Every text beside the lessons and every source -> what it should say."""
    known, texts = lessons(folder), {}
    for name in (*ROWS, *OTHERS):
        path = folder.parent / name
        if path.exists():
            text = renumbered(path.read_text(encoding="utf-8"), known)
            text = listed(text, known, *ROWS[name]) if name in ROWS else at_home(text, known)
            texts[path] = text
    for lesson in known:
        path = folder / "src" / f"{lesson.name}.py"
        text = renumbered(path.read_text(encoding="utf-8"), known)
        texts[path] = re.sub(
            r"^# # \d\d ·", f"# # {lesson.number} ·", text, count=1, flags=re.MULTILINE
        )
    return texts
