"""What the second explorer draws as SVG: the bowl from above, the loss by steps."""

import numpy as np

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LINE, RESIDUAL, TEXT, titled

MAP, LOSSES = (44, 46, 424, 344), (44, 408, 424, 478)  # left, top, right, bottom
SPAN_A, SPAN_B = (-1.0, 2.0), (-0.675, 1.675)  # of the two weights: one scale on the screen
LEVELS = (0.02, 0.1, 0.3, 1, 3, 6)  # of the loss, above its least
POWERS = {1e-6: "10⁻⁶", 1e-3: "10⁻³", 1: "1", 1e3: "10³"}


def plot(result, title: str) -> str:
    """Result -> SVG, 440 x 520."""
    return titled(440, 520, title, _map(result) + _losses(result))


def _map(result):
    """Lines of equal loss, the way of the weights on them."""
    ax = Axes(SPAN_A, SPAN_B, MAP)
    far = np.append(np.flatnonzero(np.abs(result.path).max(1) > 100), len(result.path))
    (x, y), best = ax.edge(*result.bowl.best), result.bowl.best
    cross = f'<path d="M{x - 6:.1f} {y:.1f}h12m-6 -6v12" style="stroke:{TEXT};stroke-width:2"/>'
    drawn = (
        "".join(ax.line(*ring.T, LINE, 1.2) for ring in rings(result.bowl))
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
        (bowl.best[:, None] + axes @ (circle * np.sqrt(2 * level / curvatures)[:, None])).T
        for level in LEVELS
    ]


def _losses(result):
    """What is left above the bottom, step by step, on a logarithmic axis."""
    above = np.clip(result.losses - result.bowl.loss(result.bowl.best), 1e-6, 1e3)
    last = len(above) - 1
    ax = Axes((0, max(last, 1)), (1e-6, 1e3), LOSSES, log="y")
    numbers = ax.grid(sorted({0, last}), POWERS, "steps", "loss above the bottom")
    return numbers + ax.line(range(len(above)), above, RESIDUAL)
