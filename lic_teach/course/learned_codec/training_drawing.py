"""What a training looks like, as SVG: its losses over the steps, and its point beside JPEG's curve.

losses   L, R and D of the batches over the steps: violet dashes, as all that training sees;
         blue squares in the middle panel are files of the picture that it does not see
path     where those files stand, moment after moment, beside JPEG's curve
live     both side by side, for a training that is under way
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LEARNED, NOISE, QUIET, titled
from lic_teach.learned.record import MEAN

WIDTH, HEIGHT = 440, 330
LEFT, RIGHT, TOP, PANEL, GAP = 46, 396, 52, 54, 38
BOX = LEFT, TOP, RIGHT, TOP + 3 * PANEL + 2 * GAP
RATES, DECIBELS = (0.1, 0.2, 0.5, 1, 2, 5, 10), range(10, 41, 5)  # bits per pixel
NAMES = ("L = R + λD", "R, bits per pixel (■ a file of the cat)", "D, mean squared error")


def live(history, jpeg, last):
    """record.History so far -> SVG. jpeg: its points, (bpp, psnr) pairs; last: steps in all."""
    title, moment = f"After {history.moments[-1]} of {last} steps", len(history.moments) - 1
    return _beside(losses(history, moment, last), title, path([history], moment, jpeg))


def waiting(jpeg):
    """JPEG's curve alone, as large as `live` will be -> SVG."""
    return _beside("", "Before the first step", _rd(jpeg, [], "Before the first step"))


def _beside(left, title, right):
    right = plots.moved(right, x=WIDTH + 20)
    return plots.still(plots.svg(2 * WIDTH + 20, HEIGHT, title, left + right))


def losses(history, moment: int, last: int) -> str:
    """L, R, D over the steps, a mark at the moment (its number); last: where the axis ends."""
    step = history.moments[moment]
    means = history.losses[min((step - 1) // MEAN, len(history.losses) - 1)]
    whole = Axes((1, last), (0, 1), BOX, log="x")
    body = (
        whole.rule(x=step, color=QUIET)
        + "".join(_panel(history, which, last) for which in range(3))
        + whole.grid([t for t in (1, 10, 100, 1000) if t <= last], (), "steps of training")
    )
    return titled(WIDTH, HEIGHT, f"Step {step}: L = {means[0]:.2f} in training", body)


def path(histories, moment: int, jpeg: list[tuple[float, float]]) -> str:
    """JPEG's curve and the way of the first training in blue, its mark at the moment.

    A second one, for comparison, is grey. The axis of the rate is logarithmic.
    """
    rate, quality = histories[0].points[moment]
    return _rd(jpeg, histories, f"The cat: {quality:.1f} dB for {rate:.2f} bits per pixel", moment)


def _rd(jpeg, histories, title, moment=None):
    ax = Axes((0.08, 12), (10, 42), BOX, log="x")
    body = ax.grid(RATES, DECIBELS, "bits per pixel, whole file", "PSNR (RGB), dB")
    body += ax.line(*np.transpose(jpeg), plots.JPEG)
    body += ax.text(*jpeg[-1], "JPEG", 8, 4, anchor="start", weight=600)
    looks = (LEARNED, "6 3"), (QUIET, "1 3")
    for history, (color, dash) in reversed(list(zip(histories, looks, strict=False))):
        body += ax.line(*history.points.T, color, dash=dash, dots=2.5, shape="square")
    if histories:
        body += ax.mark(*histories[0].points[moment], LEARNED, "square")
    return titled(WIDTH, HEIGHT, title, body)


def _panel(history, which, last):
    """One of L, R, D: violet dashes; in R's panel the files' rates, too."""
    values, top = history.losses[:, which], TOP + which * (PANEL + GAP)
    files = history.points[:, 0] if which == 1 else values[:0]
    highest = plots.ticks(0, max(values.max(), files.max(initial=0)))[-1]
    ax = Axes((1, last), (0, highest), (LEFT, top, RIGHT, top + PANEL), log="x")
    steps = np.minimum(MEAN * (np.arange(len(values)) + 0.5), last)
    return (
        ax.grid((), (0, highest / 2, highest), "", NAMES[which])
        + ax.line(steps, values, NOISE, dash="6 3")
        + ax.dots(history.moments[: len(files)], files, LEARNED, "square")
    )
