"""What the explorer of lesson 08 draws as SVG: the steps of two tables, as squares.

A filled square is a step of the file, its outline the standard's. The side grows with the cube
root, so that small steps can be seen; the largest step of both ends of the way fills a cell, so
that nothing jumps while the tables move.
"""

from lic_teach.explorers import plots
from lic_teach.jpeg import transform

CELL, GAP, TOP = 28, 12, 44
WIDTH, HEIGHT = 16 * CELL + GAP + 2, TOP + 8 * CELL + 26


def grids(result) -> str:
    """Luma and chroma side by side, as one drawing."""
    label = "Steps for luma and chroma, and the standard's"
    body = plots.text(1, 15, "A larger square is a larger step", anchor="start", weight=600)
    for c, name in enumerate(("luma", "chroma")):
        left = 1 + c * (8 * CELL + GAP)
        largest = max(result.standard[c].max(), result.learned[c].max())
        body += plots.text(left, TOP - 8, name, anchor="start")
        pair = zip(
            *(t[transform.NATURAL] for t in (result.steps[c], result.standard[c])), strict=True
        )
        body += "".join(
            _cell(left + k % 8 * CELL, TOP + k // 8 * CELL, step, standard, largest)
            for k, (step, standard) in enumerate(pair)
        )
    standards = f"the standard's at quality {result.start.setting}"
    words = f"filled, and in numbers: this file; outline: {standards}"
    body += plots.text(1, HEIGHT - 6, words, plots.QUIET, anchor="start", size=11)
    return plots.svg(WIDTH, HEIGHT, label, body)


def _cell(x, y, step, standard, largest):
    middle_x, middle_y = x + CELL / 2, y + CELL / 2
    return (
        _square(middle_x, middle_y, step / largest, f'style="fill:{plots.JPEG};fill-opacity:.45"')
        + _square(middle_x, middle_y, standard / largest, f'fill="none" stroke="{plots.QUIET}"')
        + plots.text(middle_x, middle_y + 4, step, size=10)
    )


def _square(x, y, share, look):
    half = (CELL - 3) / 2 * min(share, 1) ** (1 / 3)
    place = f'x="{x - half:.1f}" y="{y - half:.1f}"'
    return f'<rect {place} width="{2 * half:.1f}" height="{2 * half:.1f}" {look}/>'
