"""The board of next_pixel.py, as SVG text: pixels above, the row, and what each guess cost.

Every known pixel is a square with its grey level written in it; the next one carries the class
lic-next, and data- attributes with what its neighbours say. Bars below: left the learner's,
filled; right MED's, open.
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.plots import text

YOU = "var(--lic-residual, #12857a)"
CELL = 21  # px, the side of a pixel
BEFORE, ABOVE = 4, 5  # pixels that are shown left of the row, and rows above it
LEFT, TOP = 34, 26
MOST, TALL = 16, 80  # bits at the top of the bars, and how many px that is
WIDTH = LEFT + 29 * CELL + 4


def window(result) -> tuple[slice, slice]:
    """The rows and columns that the board shows."""
    row, column = result.first
    width = result.x.shape[1]
    last = min(column + result.count + 1, width)
    return slice(max(row - ABOVE, 0), row + 1), slice(max(column - BEFORE, 0), last)


def board(result, cost: dict[str, np.ndarray]) -> str:
    """SVG text; cost: bits (n,) of every guess, by who made it."""
    title = "Which grey level comes next?"
    if len(result.truth) == result.count:
        title = "The row, and what each guess cost"
    return plots.svg(WIDTH, _height(result), title, _body(result, cost, title))


def _height(result):
    rows, _ = window(result)
    return TOP + (rows.stop - rows.start) * CELL + TALL + 44


def _body(result, cost, title):
    rows, columns = window(result)
    cells = [(i, j) for i in range(rows.start, rows.stop) for j in range(*columns.indices(1 << 30))]
    return (
        text(1, 15, title, anchor="start", weight=600)
        + "".join(_cell(result, i, j) for i, j in cells)
        + _bars(result, cost)
    )


def _place(result, i, j):
    """Upper left corner of pixel (i, j) on the board."""
    rows, columns = window(result)
    return LEFT + CELL * (j - columns.start), TOP + CELL * (i - rows.start)


def _cell(result, i, j):
    (x, y), (row, column) = _place(result, i, j), result.first
    now = column + len(result.truth)
    square = f'x="{x}" y="{y}" width="{CELL}" height="{CELL}"'
    if i < row or j < now:
        level = int(result.x[i, j])
        ink = "#000" if level > 115 else "#fff"
        look = f'style="fill:rgb({level},{level},{level})" data-level="{level}"'
        number = text(x + CELL / 2, y + 14, level, ink, size=9.5)
        guessed = i == row and j >= column
        edge = f'<rect {square} fill="none" style="stroke:{YOU}"/>' if guessed else ""
        return f"<rect {square} {look}/>{number}{edge}"
    if j == now and j < column + result.count:
        return (
            f'<rect {square} class="lic-next" {_data(result, i, j)} '
            f'style="fill:none;stroke:{YOU};stroke-width:3"/>'
            + text(x + CELL / 2, y + 15, "?", weight=600)
        )
    return f'<rect {square} fill="none" stroke="{plots.LINE}" stroke-dasharray="2 2"/>'


def _data(result, i, j):
    """What stands around the next pixel: where a guess begins, and in words."""
    around = {
        "left": (i, j - 1),
        "above": (i - 1, j),
        "above left": (i - 1, j - 1),
        "above right": (i - 1, j + 1),
    }
    inside = {
        name: int(result.x[k])
        for name, k in around.items()
        if min(k) >= 0 and k[1] < result.x.shape[1]
    }
    start = next(iter(inside.values()), 128)
    words = ", ".join(f"{name} {level}" for name, level in inside.items())
    return f'data-start="{start}" data-around="{words}"'


def _bars(result, cost):
    row, column = result.first
    left, top = _place(result, row, column)
    bottom, right = top + CELL + 12 + TALL, left + CELL * result.count
    lines = "".join(
        f'<path d="M{left} {bottom - TALL * b / MOST:g}H{right}" stroke="{plots.LINE}" '
        f'stroke-dasharray="{dash}"/>'
        + text(left - 6, bottom - TALL * b / MOST + 4, b, anchor="end")
        for b, dash in ((0, ""), (8, "3 3"), (16, ""))
    )
    bars = "".join(
        _bar(left + CELL * k + 2, bottom, cost["you"][k], f"fill:{YOU}")
        + _bar(left + CELL * k + 11, bottom, cost["MED"][k], f"fill:none;stroke:{plots.TEXT}")
        for k in range(len(result.truth))
    )
    key = (
        f'<rect x="{left}" y="{bottom + 10}" width="9" height="9" style="fill:{YOU}"/>'
        + text(left + 14, bottom + 19, "you", anchor="start")
        + f'<rect x="{left + 50}" y="{bottom + 10}" width="8" height="9" fill="none" '
        f'style="stroke:{plots.TEXT}"/>'
        + text(left + 64, bottom + 19, "MED, a machine", anchor="start")
        + text(right, bottom + 19, "bits of each pixel; 8 without a prediction", anchor="end")
    )
    return lines + bars + key


def _bar(x, bottom, bits, paint):
    """One guess's bits; what is higher than MOST is cut and says its number."""
    height = TALL * min(bits, MOST) / MOST
    number = text(x + 4, bottom - TALL - 3, f"{bits:.0f}", size=9) if bits > MOST else ""
    return (
        f'<rect x="{x}" y="{bottom - height:.1f}" width="7" height="{height:.1f}" '
        f'style="{paint}"/>{number}'
    )
