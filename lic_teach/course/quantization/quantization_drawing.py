"""What the explorer draws as SVG: a block's coefficients, a picture's errors."""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.plots import QUIET, TEXT, text

SPAN = 24  # the histogram shows errors of up to so many grey levels
CELL_WIDTH, CELL_HEIGHT, GRID_TOP = 55, 36, 26


def grid(block) -> str:
    """The 64 coefficients with their steps, the zeros struck out, as SVG."""
    left = np.count_nonzero(block.quantized)
    title = f"{left} of 64 coefficients are left"
    cells = "".join(_cell(v, u, block) for v in range(8) for u in range(8))
    width, height = 8 * CELL_WIDTH + 2, GRID_TOP + 8 * CELL_HEIGHT + 20
    body = (
        text(1, 15, title, anchor="start", weight=600)
        + cells
        + text(1, height - 5, "row v, column u: v half swings down, u across", QUIET, "start", 11)
    )
    return plots.svg(width, height, title, body)


def _cell(v, u, block):
    """One coefficient over its step; a line through it, or what it becomes."""
    x, y = 1 + u * CELL_WIDTH, GRID_TOP + v * CELL_HEIGHT
    q, middle = block.quantized[v, u], x + CELL_WIDTH / 2
    value = _number(round(float(block.coefficients[v, u])))
    step = f"÷{block.steps[v, u]}" + (f"→{_number(q)}" if q else "")
    fill = f"fill:{plots.JPEG};fill-opacity:.28" if q else "fill:none"
    strike = f'<path d="M{x + 13} {y + 18}l{CELL_WIDTH - 26} -13" stroke="{QUIET}"/>'
    return (
        f'<rect x="{x}" y="{y}" width="{CELL_WIDTH}" height="{CELL_HEIGHT}" '
        f'stroke="{plots.LINE}" style="{fill}"/>'
        + text(middle, y + 16, value, TEXT if q else QUIET, size=13, weight=600 if q else 400)
        + ("" if q else strike)
        + text(middle, y + 30, step, TEXT if q else QUIET, size=10)
    )


def _number(value):
    return f"{value:d}".replace("-", "−")


def histogram(x: np.ndarray, x_hat: np.ndarray) -> str:
    """The errors of all samples, -SPAN..SPAN, as SVG; the highest bar fills the height."""
    error = x_hat.astype(np.int16) - x
    counts = np.bincount(np.clip(error.ravel() + SPAN + 1, 0, 2 * SPAN + 2), minlength=2 * SPAN + 3)
    share = counts[1:-1] / error.size
    left, base, width, height = 10, 104, 8, 70
    bars = "".join(
        f"M{left + width * i} {base}v{-height * s / share.max():.1f}h{width - 1}V{base}z"
        for i, s in enumerate(share)
    )
    ticks = "".join(
        text(left + width * (e + SPAN) + 3.5, base + 16, f"{e:+d}".replace("-", "−"), QUIET)
        for e in (-20, -10, 10, 20)
    )
    right = f"{100 * share[SPAN]:.0f} % of all samples are exactly right"
    body = (
        text(1, 15, "Error of all samples", anchor="start", weight=600)
        + text(408, 15, right, QUIET, anchor="end")
        + f'<path d="{bars}" style="fill:{plots.JPEG}"/>'
        + f'<path d="M4 {base}H408" stroke="{plots.LINE}"/>'
        + ticks
        + text(left + width * SPAN + 3.5, base + 16, "0", QUIET)
        + text(206, base + 31, "decoded − original, grey levels", QUIET)
    )
    drawing = plots.svg(412, 138, f"Histogram of the errors: {right}", body)
    return f'<div class="lic-plot">{drawing}</div>'
