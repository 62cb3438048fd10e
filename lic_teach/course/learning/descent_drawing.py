"""What the explorer draws as SVG: the bowl from above, the loss by steps."""

import numpy as np

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LINE, QUIET, RESIDUAL, TEXT, titled

MAP, LOSSES = (52, 40, 432, 338), (52, 398, 432, 482)  # left, top, right, bottom
SPAN_A, SPAN_B = (-1.0, 2.0), (-0.675, 1.675)  # of the two weights: one scale on the screen
UNIT = 64.0  # grey levels, as in descent.py
LEVELS = (200, 500, 1500, 4000, 12000, 25000)  # of the squared error, grey levels²
POWERS = {0.01: "0.01", 1: "1", 100: "100", 10000: "10,000"}  # grey levels²


def plot(result, title: str) -> str:
    """Result -> SVG, 450 x 520."""
    return titled(450, 520, title, _map(result) + _losses(result))


def _map(result):
    """Lines of equal loss, the way of the weights on them."""
    ax = Axes(SPAN_A, SPAN_B, MAP)
    far = np.append(np.flatnonzero(np.abs(result.path).max(1) > 100), len(result.path))
    (x, y), best = ax.edge(*result.bowl.best), result.bowl.best
    cross = f'<path d="M{x - 6:.1f} {y:.1f}h12m-6 -6v12" style="stroke:{TEXT};stroke-width:2"/>'
    drawn = (
        "".join(ax.line(*ring.T, LINE, 1.2) for ring in rings(result.bowl))
        + "".join(_level(ax, *pair) for pair in zip(LEVELS, rings(result.bowl), strict=True))
        + ax.line(*result.path[: far[0] + 1].T, RESIDUAL, 1.6, dots=2.6)
        + cross
        + ax.text(*best, "bottom", 9, -8, anchor="start", halo=True)
        + ax.text(*result.path[0], "start", -8, 4, anchor="end", halo=True)
    )
    frame = [ax.rule(x=a, color=LINE, dash="") for a in SPAN_A]
    frame += [ax.rule(y=b, color=LINE, dash="") for b in SPAN_B]
    grid = ax.grid((-1, 0, 1, 2), (0, 1), "weight of the left pixel", "weight of the pixel above")
    return grid + ax.inside(drawn) + "".join(frame)


def rings(bowl) -> list[np.ndarray]:
    """Ellipses of equal loss around the bottom: a list of float (n, 2)."""
    curvatures, axes = bowl.curvatures
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    return [
        (bowl.best[:, None] + axes @ (circle * np.sqrt(2 * above / curvatures)[:, None])).T
        for above in np.array(LEVELS) / UNIT**2 - bowl.loss(bowl.best)
    ]


def _level(ax, level, ring):
    """The squared error of a ring, written at its end on the lower right."""
    shown = [(a, b) for a, b in ring if SPAN_A[0] < a < SPAN_A[1] and SPAN_B[0] < b < SPAN_B[1]]
    place = max(shown, key=lambda point: point[0] - point[1])
    return ax.text(*place, f"{level:,}", -4, -4, QUIET, "end", 10, halo=True)


def _losses(result):
    """What is left above the bottom, step by step, on a logarithmic axis."""
    above = result.losses - result.bowl.loss(result.bowl.best)
    above = np.clip(UNIT**2 * np.minimum(above, UNIT**2), 1e-2, 1e4)  # the square may overflow
    last = len(above) - 1
    ax = Axes((0, max(last, 1)), (1e-2, 1e4), LOSSES, log="y")
    numbers = ax.grid(sorted({0, last}), POWERS, "steps", "squared error above the bottom")
    return numbers + ax.line(range(len(above)), above, RESIDUAL)
