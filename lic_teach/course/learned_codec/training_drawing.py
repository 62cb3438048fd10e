"""What a training looks like, as SVG: its losses over the steps, and its point beside JPEG's curve.

losses   L, R and D of the batches over the steps: violet dashes, as all that training sees;
         blue squares in the middle panel are files of the picture that it does not see
path     where those files stand, moment after moment, beside JPEG's curve
live     both side by side, for a training that is under way
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.plots import LEARNED, LINE, QUIET, svg, text
from lic_teach.learned.record import MEAN

WIDTH, HEIGHT = 440, 330
LEFT, RIGHT, TOP, PANEL, GAP = 46, 396, 52, 54, 38
BOTTOM = TOP + 3 * PANEL + 2 * GAP
RATES, DECIBELS = (0.08, 12), (10, 40)  # ends of the axes, of the rate in bits per pixel
STEPS = (1, 10, 100, 1000)  # numbers under the axis
NOISE = "#a653c9"  # legible on white and on black; lesson noise_for_rounding's violet
NAMES = ("L = R + λD", "R, bits per pixel (■ a file of the cat)", "D, mean squared error")


def live(history, jpeg, last):
    """record.History so far -> SVG. jpeg: its points, (bpp, psnr) pairs; last: steps in all."""
    title, moment = f"After {history.moments[-1]} of {last} steps", len(history.moments) - 1
    return _beside(losses(history, moment, last), title, path([history], moment, jpeg))


def waiting(jpeg):
    """JPEG's curve alone, as large as `live` will be -> SVG."""
    return _beside("", "Before the first step", _rd(jpeg, [], "Before the first step"))


def _beside(left, title, right):
    inside = f'<svg x="{WIDTH + 20}" width="{WIDTH}" height="{HEIGHT}">{right}</svg>'
    return plots.still(svg(2 * WIDTH + 20, HEIGHT, title, left + inside))


def losses(history, moment: int, last: int) -> str:
    """L, R, D over the steps, a mark at the moment (its number); last: where the axis ends."""
    step = history.moments[moment]
    means = history.losses[min((step - 1) // MEAN, len(history.losses) - 1)]
    title = f"Step {step}: L = {means[0]:.2f} in training"
    x = _scale(0, np.log(last), LEFT, RIGHT)
    body = "".join(_panel(history, which, x, last) for which in range(3))
    place = x(np.log(step))
    now = f'<path d="M{place:.1f} {TOP}V{BOTTOM}" style="stroke:{QUIET}" stroke-dasharray="2 3"/>'
    marks = "".join(
        f'<path d="M{x(np.log(t)):.1f} {BOTTOM}v4" stroke="{LINE}"/>'
        + text(x(np.log(t)), BOTTOM + 17, f"{t:,}")
        for t in STEPS
        if t <= last
    )
    below = marks + text((LEFT + RIGHT) / 2, HEIGHT - 4, "steps of training")
    return svg(WIDTH, HEIGHT, title, _heading(title) + now + body + below)


def path(histories, moment: int, jpeg: list[tuple[float, float]]) -> str:
    """JPEG's curve and the way of the first training in blue, its mark at the moment.

    A second one, for comparison, is grey. The axis of the rate is logarithmic.
    """
    rate, quality = histories[0].points[moment]
    title = f"The cat: {quality:.1f} dB for {rate:.2f} bits per pixel"
    return _rd(jpeg, histories, title, moment)


def _rd(jpeg, histories, title, moment=None):
    x, y = _scale(*np.log(RATES), LEFT, RIGHT), _scale(*DECIBELS, BOTTOM, TOP)
    ways = [[(x(np.log(b)), y(p)) for b, p in h.points] for h in histories]
    curve = [(x(np.log(b)), y(p)) for b, p in jpeg]
    body = _line(curve, plots.JPEG)
    body += text(curve[-1][0] + 8, curve[-1][1] + 4, "JPEG", anchor="start", weight=600)
    for way, color, dash in list(zip(ways, (LEARNED, QUIET), ("6 3", "1 3"), strict=False))[::-1]:
        body += _line(way, color, dash) + "".join(_square(*place, 2.5, color) for place in way)
    if ways:
        body += _square(*ways[0][moment], 6.5, LEARNED, ' stroke="#fff" stroke-width="2"')
    return svg(WIDTH, HEIGHT, title, _heading(title) + _rd_axes(x, y) + body)


def _rd_axes(x, y):
    columns = "".join(
        f'<path d="M{x(np.log(t)):.1f} {BOTTOM}v4" stroke="{LINE}"/>'
        + text(x(np.log(t)), BOTTOM + 17, f"{t:g}")
        for t in (0.1, 0.2, 0.5, 1, 2, 5, 10)
    )
    below = text((LEFT + RIGHT) / 2, HEIGHT - 4, "bits per pixel, whole file")
    name = text(1, TOP - 13, "PSNR (RGB), dB", anchor="start")
    return _rows(y, range(DECIBELS[0], DECIBELS[1] + 1, 5)) + columns + below + name


def _line(places, color, dash=""):
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    return (
        f'<polyline points="{points}" fill="none" stroke-width="2" stroke-dasharray="{dash}" '
        f'style="stroke:{color}"/>'
    )


def _square(x, y, r, color, ring=""):
    return (
        f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}" '
        f'style="fill:{color}"{ring}/>'
    )


def _panel(history, which, x, last):
    """One of L, R, D: violet dashes; in R's panel the files' rates, too."""
    values = history.losses[:, which]
    top = TOP + which * (PANEL + GAP)
    files = history.points[:, 0] if which == 1 else values[:0]
    highest = plots.ticks(0, max(values.max(), files.max(initial=0)))[-1]
    y = _scale(0, highest, top + PANEL, top)
    steps = np.minimum(MEAN * (np.arange(len(values)) + 0.5), last)
    line = [(x(np.log(s)), y(v)) for s, v in zip(steps, values, strict=True)]
    squares = "".join(
        _square(x(np.log(s)), y(rate), 2.5, LEARNED)
        for s, rate in zip(history.moments, files, strict=False)
    )
    return (
        _rows(y, (0, highest / 2, highest))
        + _line(line, NOISE, "6 3")
        + squares
        + text(1, top - 12, NAMES[which], anchor="start", halo=True)
    )


def _rows(y, marks):
    return "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in marks
    )


def _heading(title):
    return text(1, 15, title, anchor="start", weight=600)


def _scale(low, high, start, end):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (value - low) / (high - low)
