"""What the explorer draws as SVG: a block's coefficients, a picture's errors."""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import QUIET, TEXT, minus, text

SPAN = 24  # the histogram shows errors of up to so many grey levels
CELL_WIDTH, CELL_HEIGHT, GRID_TOP = 55, 36, 26


def grid(block) -> str:
    """The 64 coefficients with their steps, the zeros struck out, as SVG."""
    left = np.count_nonzero(block.quantized)
    title = f"{left} of 64 coefficients are left"
    cells = "".join(_cell(v, u, block) for v in range(8) for u in range(8))
    width, height = 8 * CELL_WIDTH + 2, GRID_TOP + 8 * CELL_HEIGHT + 20
    words = "row v, column u: v half swings down, u across"
    below = text(1, height - 5, words, QUIET, "start", 11)
    return plots.titled(width, height, title, cells + below)


def _cell(v, u, block):
    """One coefficient over its step; a line through it, or what it becomes."""
    x, y = 1 + u * CELL_WIDTH, GRID_TOP + v * CELL_HEIGHT
    q, middle = block.quantized[v, u], x + CELL_WIDTH / 2
    value = minus(round(float(block.coefficients[v, u])))
    step = f"÷{block.steps[v, u]}" + (f"→{minus(q)}" if q else "")
    fill = f"fill:{plots.JPEG};fill-opacity:.28" if q else "fill:none"
    strike = f'<path d="M{x + 13} {y + 18}l{CELL_WIDTH - 26} -13" stroke="{QUIET}"/>'
    return (
        f'<rect x="{x}" y="{y}" width="{CELL_WIDTH}" height="{CELL_HEIGHT}" '
        f'stroke="{plots.LINE}" style="{fill}"/>'
        + text(middle, y + 16, value, TEXT if q else QUIET, size=13, weight=600 if q else 400)
        + ("" if q else strike)
        + text(middle, y + 30, step, TEXT if q else QUIET, size=10)
    )


def histogram(x: np.ndarray, x_hat: np.ndarray) -> str:
    """The errors of all samples, -SPAN..SPAN, as SVG; the highest bar fills the height."""
    error = x_hat.astype(np.int16) - x
    values = np.arange(-SPAN, SPAN + 1)
    counts = np.bincount(np.clip(error.ravel() + SPAN + 1, 0, 2 * SPAN + 2), minlength=2 * SPAN + 3)
    share = counts[1:-1] / error.size
    right = f"{100 * share[SPAN]:.0f} % of all samples are exactly right"
    ax = Axes((-SPAN - 0.5, SPAN + 0.5), (0, share.max()), (10, 34, 402, 104))
    marks = {e: minus(f"{e:+d}") for e in (-20, -10, 10, 20)} | {0: "0"}
    body = (
        ax.bars(values, share, 0.875, f"fill:{plots.JPEG}")
        + ax.grid(marks, (), "decoded − original, grey levels")
        + text(408, 15, right, QUIET, anchor="end")
    )
    title, label = "Error of all samples", f"Histogram of the errors: {right}"
    return f'<div class="lic-plot">{plots.titled(412, 142, title, body, label)}</div>'
