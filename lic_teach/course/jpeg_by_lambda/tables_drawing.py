"""What the explorer draws as SVG: the steps of two tables, as squares.

A filled square is a step of the file, its outline the standard's. The side grows with the cube
root, so that small steps can be seen; the largest step of both ends of the way fills a cell, so
that nothing jumps while the tables move.
"""

import numpy as np

from lic_teach.jpeg import transform
from lic_teach.kit import plots

CELL, GAP, TOP = 28, 12, 44
WIDTH, HEIGHT = 16 * CELL + GAP + 2, TOP + 8 * CELL + 26


def grids(result) -> str:
    """Luma and chroma side by side, as one drawing."""
    label = "Steps for luma and chroma, and the standard's"
    body = ""
    for c, name in enumerate(("luma", "chroma")):
        left = 1 + c * (8 * CELL + GAP)
        ours, theirs = (table[c][transform.NATURAL] for table in (result.steps, result.standard))
        largest = max(result.standard[c].max(), result.learned[c].max())
        filled = f'style="fill:{plots.JPEG};fill-opacity:.45"'
        body += plots.text(left, TOP - 8, name, anchor="start")
        body += _squares(left, ours / largest, filled)
        body += _squares(left, theirs / largest, f'fill="none" stroke="{plots.QUIET}"')
        body += "".join(
            plots.text(x, y + 4, step, size=10)
            for (x, y), step in zip(_middles(left), ours, strict=True)
        )
    standards = f"the standard's at quality {result.start.setting}"
    words = f"filled, and in numbers: this file; outline: {standards}"
    body += plots.text(1, HEIGHT - 6, words, plots.QUIET, anchor="start", size=11)
    return plots.titled(WIDTH, HEIGHT, "A larger square is a larger step", body, label)


def _middles(left):
    """Of the 64 cells of a table, row after row."""
    return [(left + CELL * (k % 8 + 0.5), TOP + CELL * (k // 8 + 0.5)) for k in range(64)]


def _squares(left, shares, look):
    """One path for all 64 squares: fewer elements to lay out at every move."""
    sides = (CELL - 3) * np.minimum(shares, 1) ** (1 / 3)
    places = zip(_middles(left), sides, strict=True)
    d = "".join(
        f"M{x - a / 2:.1f} {y - a / 2:.1f}h{a:.1f}v{a:.1f}h{-a:.1f}z" for (x, y), a in places
    )
    return f'<path d="{d}" {look}/>'
