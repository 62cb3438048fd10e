"""Where words stand free, in pixels: of lines, of marks and of other words.

    places for words, from the best one down + lines, marks --free--> one of the places

axes.py stacks names that stand at the ends of lines; here each has several places of its own.
"""

from collections.abc import Iterable, Sequence

import numpy as np

LETTER, ABOVE, BELOW = 0.62, 0.8, 0.22  # of the size: a bold letter's width, reach from its line
ROOM, AROUND = 2, 9  # pixels between words and a line, and around the middle of a mark
STEP = 2  # pixels between the points that stand for a line
SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}  # of the words that stands left of their place

Place = tuple[float, float, str]  # x, y, anchor, as of plots.text


def free(
    words: str,
    places: Sequence[Place],
    lines: Iterable = (),
    marks: Iterable[tuple[float, float]] = (),
    size: float = 12,
) -> Place:
    """The first of the places at which the words touch nothing; else where they touch least.

    lines: each the points (x, y) that it goes through; marks: their middles.

    >>> free("name", [(0, 0, "start"), (0, 30, "start")], lines=[[(-9, -3), (99, -3)]])
    (0, 30, 'start')
    """
    marks = np.reshape(list(marks), (-1, 2))
    dots = np.concatenate([np.empty((0, 2)), *map(along, lines)])

    def touched(place):
        left, top, right, bottom = box(words, place, size)
        return sum(
            np.all((points > (left - d, top - d)) & (points < (right + d, bottom + d)), 1).sum()
            for points, d in ((dots, ROOM), (marks, AROUND))
        )

    return min(places, key=touched)


def box(words: str, place: Place, size: float = 12) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of words at a place; a little wider than most letters are."""
    x, y, anchor = place
    wide = LETTER * size * len(words)
    left = x - SHARE[anchor] * wide
    return left, y - ABOVE * size, left + wide, y + BELOW * size


def frame(words: str, place: Place, size: float = 12) -> list[tuple[float, float]]:
    """Words that other words are to keep away from, as a line for `free`: through their middle."""
    left, top, right, bottom = box(words, place, size)
    middle = (top + bottom) / 2
    return [(left, middle), (right, middle)]


def along(line) -> np.ndarray:
    """Points on a line, float (n, 2), so close that no letter fits between two."""
    line = np.asarray(line, float)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, way[-1], int(way[-1] / STEP) + 2)
    return np.stack([np.interp(at, way, part) for part in line.T], 1)
