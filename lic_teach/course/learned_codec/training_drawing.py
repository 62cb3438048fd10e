"""What a training looks like, as SVG: its losses over the steps, and its point beside JPEG's curve.

losses   L, R and D of the batches over the steps: violet dashes, as all that training sees;
         blue squares in the middle panel are files of the picture that it does not see
path     where those files stand, moment after moment, beside both JPEGs' curves
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LEARNED, NOISE, QUIET, titled
from lic_teach.learned.record import MEAN

WIDTH, HEIGHT = 440, 330
LEFT, RIGHT, TOP, PANEL, GAP = 46, 396, 52, 54, 38
BOX = LEFT, TOP, RIGHT, TOP + 3 * PANEL + 2 * GAP
FAR, NEAR = ((0.08, 12), (10, 42)), ((0.3, 1.0), (31, 35))  # what is shown of rates and decibels
RATES_NEAR = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
RATES, DECIBELS = (0.1, 0.2, 0.5, 1, 2, 5, 10), range(10, 41, 5)  # bits per pixel
NAMES = ("L = R + λD", "R, bits per pixel (■ a file of the cat)", "D, mean squared error")


def losses(history, moment: int, last: int) -> str:
    """L, R, D over the steps, a mark at the moment (its number); last: where the axis ends."""
    step = history.moments[moment]
    means = history.losses[min((step - 1) // MEAN, len(history.losses) - 1)]
    whole = Axes((1, last), (0, 1), BOX, log="x")
    body = "".join(_panel(history, which, step, last) for which in range(3)) + whole.grid(
        [t for t in (1, 10, 100, 1000) if t <= last], (), "steps of training"
    )
    return titled(WIDTH, HEIGHT, f"Step {step}: L = {means[0]:.2f} in training", body)


def path(histories, moment: int, jpeg: list[tuple], lam: list[tuple]) -> str:
    """The curves of JPEG and JPEG by lambda, and the way of the first training, its mark at the
    moment.

    A second one, for comparison, is grey. The first decides how much of the plane is shown.
    """
    rate, quality = histories[0].points[moment]
    title = f"The cat: {quality:.1f} dB for {rate:.2f} bits per pixel"
    near = histories[0].points[:, 1].min() > NEAR[1][0]
    ax = Axes(*(NEAR if near else FAR), BOX, log="x")
    marks = (RATES_NEAR, range(31, 36)) if near else (RATES, DECIBELS)
    body = ax.grid(*marks, "bits per pixel, whole file", "PSNR (RGB), dB")
    for curve, name, dash in ((jpeg, "JPEG", ""), (lam, "JPEG by λ", "7 3")):
        body += ax.line(*np.transpose(curve), plots.JPEG, dash=dash)
        body += _name(ax, curve, name, marks[1][-1])
    looks = (LEARNED, "6 3"), (QUIET, "1 3")
    for history, (color, dash) in reversed(list(zip(histories, looks, strict=False))):
        body += ax.line(*history.points.T, color, dash=dash, dots=2.5, shape="square")
    body += ax.mark(*histories[0].points[moment], LEARNED, "square")
    return titled(WIDTH, HEIGHT, title, body)


def _name(ax, curve, name, top):
    """The curve's name, where the curve comes to the upper end of what is shown."""
    rates, quality = np.transpose(curve)
    high = min(quality[-1], top - 0.4)
    rate = np.exp(np.interp(high, quality, np.log(rates)))
    return ax.text(rate, high, name, -6, 0, plots.JPEG, anchor="end", weight=600)


def _panel(history, which, step, last):
    """One of L, R, D: violet dashes, a rule at the step; in R's panel the files' rates, too."""
    values, top = history.losses[:, which], TOP + which * (PANEL + GAP)
    files = history.points[:, 0] if which == 1 else values[:0]
    highest = plots.ticks(0, max(values.max(), files.max(initial=0)))[-1]
    ax = Axes((1, last), (0, highest), (LEFT, top, RIGHT, top + PANEL), log="x")
    steps = np.minimum(MEAN * (np.arange(len(values)) + 0.5), last)
    return (
        ax.grid((), (0, highest / 2, highest), "", NAMES[which])
        + ax.rule(x=step, color=QUIET)
        + ax.line(steps, values, NOISE, dash="6 3")
        + ax.dots(history.moments[: len(files)], files, LEARNED, "square")
    )
