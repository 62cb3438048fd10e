"""How long the core of each lesson takes, counted: python -m tools.minutes

    notebook --core--> its cells up to END --minutes--> words, code lines, figures ... in minutes

The rule of the course: 150 words a minute, 10 lines of visible code a minute, 6 minutes for the
first explorer and 4 for each further one, 5 for an exercise, half a minute for a figure. Folded
code and folded text (<details>) are depth. A lesson that has no END yet is all core.
"""

import re
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from lic_teach import contents
from lic_teach.site.pages import is_explorer

END = "The question is answered. What follows is depth."
WORDS, LINES = 150, 10  # a minute
FIRST_EXPLORER, EXPLORER, EXERCISE, FIGURE = 6, 4, 5, 0.5  # minutes each
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
NO_WORDS = re.compile(r"\$\$.*?\$\$|\]\([^)]*\)|<[^>]*>", re.DOTALL)  # formulas, addresses, tags


class Core(NamedTuple):
    """What the core of a lesson holds."""

    words: int
    lines: int
    explorers: int
    exercises: int
    figures: int
    ended: bool  # is END there?

    @property
    def minutes(self) -> float:
        """All of it together."""
        explorers = (FIRST_EXPLORER + EXPLORER * (self.explorers - 1)) if self.explorers else 0
        return (
            self.words / WORDS
            + self.lines / LINES
            + explorers
            + EXERCISE * self.exercises
            + FIGURE * self.figures
        )


def core(notebook: NotebookNode) -> Core:
    """Count an executed notebook, up to END."""
    words = lines = explorers = exercises = figures = 0
    for cell in notebook.cells:
        text, ended, _ = cell.source.partition(END)
        if cell.cell_type == "markdown":
            words += count_words(text)
        else:
            lines += 0 if is_folded(cell) else count_lines(cell.source)
            exercises += len(re.findall(r"^check\(", cell.source, re.MULTILINE))
            pictures = [o for o in cell.outputs if any("image/" in k for k in o.get("data", {}))]
            alive = [o for o in pictures if is_explorer(o)]
            explorers, figures = explorers + len(alive), figures + len(pictures) - len(alive)
        if ended:
            return Core(words, lines, explorers, exercises, figures, True)
    return Core(words, lines, explorers, exercises, figures, False)


def count_words(markdown: str) -> int:
    """Words that are read: neither folded ones nor addresses.

    >>> count_words("See [the DCT](dct.html): **eight** waves. <details>not yet</details>")
    5
    """
    text = NO_WORDS.sub(" ", FOLD.sub(" ", markdown))
    return sum(any(c.isalnum() for c in word) for word in text.split())


def count_lines(source: str) -> int:
    """Lines of code, but for empty ones and comments."""
    return sum(bool(line.strip()) and line.strip()[0] != "#" for line in source.splitlines())


def is_folded(cell: NotebookNode) -> bool:
    """Does JupyterLab hide the source?"""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def main() -> None:
    """A line for each lesson."""
    print(f"{'':28}{'words':>6}{'lines':>6}{'figures':>9}{'explorers':>11}{'✎':>4}{'minutes':>9}")
    for lesson in contents.lessons():
        c = core(nbformat.read(contents.notebook(lesson.subject), as_version=4))
        counts = f"{c.words:>6}{c.lines:>6}{c.figures:>9}{c.explorers:>11}{c.exercises:>4}"
        print(f"{lesson.name:28}{counts}{c.minutes:>9.0f}{'' if c.ended else '  (no end yet)'}")


if __name__ == "__main__":
    main()
