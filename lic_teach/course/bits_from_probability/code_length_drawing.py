"""What the explorer draws, as SVG: a guess over real latents, and its code length.

    guess    blue bars: how often each whole number occurs; the curve: the prior's density; the
             steps under it: the mass of each bin; below, the bits that each number costs
    cost     code length over sigma; the entropy as the bound; the floor: bits of the likeliest

Blue is what is in the picture. The guess is a thin dark line, its bins shaded grey.
"""

import numpy as np

from lic_teach.kit.plots import LEARNED, LINE, QUIET, TEXT, svg, text

WIDTH, HEIGHT = 460, 482
LEFT, RIGHT = 40, 448
UPPER, LOWER = (44, 204), (288, 440)  # top and bottom of the two panels
MOST = 8.0  # bits at the top of the lower one
SIGMA_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def plot(result) -> str:
    """code_length.Result -> SVG text."""
    title = f"{result.bits:.2f} bits a latent; the histogram allows {result.entropy:.2f}"
    heading = text(1, 15, title, anchor="start", weight=600)
    return svg(WIDTH, HEIGHT, title, heading + _guess(result) + _cost(result))


def _scale(low, high, start, end):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (np.asarray(value) - low) / (high - low)


# --- above: the guess --------------------------------------------------------------------


def _guess(result):
    values, share, mass = result.values, result.share, 2.0**-result.spent
    top = min(1.0, 1.45 * share.max())
    x = _scale(values[0] - 0.5, values[-1] + 0.5, LEFT, RIGHT)
    y = _scale(0, top, *UPPER[::-1])
    return (
        text(1, UPPER[0] - 12, "share of latents, probability", anchor="start")
        + _rows(y, _marks(top))
        + _bins(x, y, values, np.minimum(mass, top))
        + _bars(x, y, values, share)
        + _density(result, x, y, top)
        + _numbers(x, values, result.spent)
        + _legend(x, values, share)
    )


def _marks(top):
    """Two round shares below the top."""
    step = next(s for s in (0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01) if 2 * s <= top or s == 0.01)
    return 0, step, 2 * step


def _bins(x, y, values, mass):
    """The guess's mass: a grey step for each bin, with an edge."""
    points = " ".join(
        f"{x(k + side):.1f},{y(m):.1f}"
        for k, m in zip(values, mass, strict=True)
        for side in (-0.5, 0.5)
    )
    ends = f"{LEFT},{UPPER[1]} {points} {RIGHT},{UPPER[1]}"
    return (
        f'<polygon points="{ends}" style="fill:{QUIET};fill-opacity:.22"/>'
        f'<polyline points="{points}" fill="none" style="stroke:{QUIET}" stroke-width="1"/>'
    )


def _bars(x, y, values, share):
    """The latents: a blue bar for each whole number."""
    wide = 0.5 * float(x(1) - x(0))
    return "".join(
        f'<rect x="{x(k) - wide / 2:.1f}" y="{y(p):.1f}" width="{wide:.1f}" '
        f'height="{UPPER[1] - y(p):.1f}" style="fill:{LEARNED}"/>'
        for k, p in zip(values, share, strict=True)
        if p
    )


def _density(result, x, y, top):
    """The prior's density, thin, cut off at the top."""
    near = np.concatenate((np.linspace(-4, 4, 41) * result.sigma, [0.0]))
    t = np.sort(result.mean + near)
    z = np.abs(t - result.mean) / result.sigma
    if result.shape == "Gaussian":
        p = np.exp(-(z**2) / 2) / (result.sigma * np.sqrt(2 * np.pi))
    else:
        p = np.exp(-np.sqrt(2) * z) / (result.sigma * np.sqrt(2))
    points = " ".join(f"{a:.1f},{b - UPPER[0]:.1f}" for a, b in zip(x(t) - LEFT, y(p), strict=True))
    return (
        f'<svg x="{LEFT}" y="{UPPER[0]}" width="{RIGHT - LEFT}" height="{UPPER[1] - UPPER[0]}">'
        f'<polyline points="{points}" fill="none" style="stroke:{TEXT}" stroke-width="1.5"/></svg>'
    )


def _numbers(x, values, bits):
    """Under the axis each whole number and what it costs, as many as there is room for."""
    every = max(int(np.ceil(len(values) / 11)), 1)
    shown = [(k, b) for k, b in zip(values, bits, strict=True) if k % every == 0]
    cells = "".join(
        text(x(k), UPPER[1] + 17, f"{k}".replace("-", "−"), QUIET)
        + text(x(k), UPPER[1] + 34, f"{b:.0f}" if b >= 99.5 else f"{b:.1f}", weight=600)
        for k, b in shown
    )
    return (
        cells
        + text(1, UPPER[1] + 17, "ŷ", QUIET, anchor="start")
        + text(1, UPPER[1] + 34, "bits", anchor="start", weight=600)
    )


def _legend(x, values, share):
    """What is blue and what is grey, on the emptier side."""
    middle = (values[0] + values[-1]) / 2
    left = RIGHT - 92 if share @ values <= middle + 0.25 * len(values) else LEFT + 8
    tops = [UPPER[0] + 4 + 18 * line for line in range(3)]
    names = zip(("latents", "guess, P(ŷ)", "its density"), tops, strict=True)
    return (
        f'<rect x="{left}" y="{tops[0] - 7}" width="20" height="12" style="fill:{LEARNED}"/>'
        f'<rect x="{left}" y="{tops[1] - 7}" width="20" height="12" '
        f'style="fill:{QUIET};fill-opacity:.22;stroke:{QUIET}"/>'
        f'<path d="M{left} {tops[2]}h20" style="stroke:{TEXT}" stroke-width="1.5"/>'
        + "".join(text(left + 26, t + 4, name, anchor="start", halo=True) for name, t in names)
    )


# --- below: the cost ---------------------------------------------------------------------


def _cost(result):
    x, y = _sigma, _scale(0, MOST, *LOWER[::-1])
    sigmas = np.geomspace(SIGMA_TICKS[0], SIGMA_TICKS[-1], len(result.curve))
    bound = y(min(result.entropy, MOST))
    end, anchor = (RIGHT, "end") if result.entropy < 3 else (LEFT, "start")  # where it is free
    return (
        text(1, LOWER[0] - 12, "bits per latent", anchor="start")
        + _rows(y, (0, 2, 4, 6, 8), LOWER)
        + _sigma_axis()
        + _line(x(sigmas), y(result.cheapest), QUIET, "2 3", 1.5)
        + f'<path d="M{LEFT} {bound:.1f}H{RIGHT}" style="stroke:{LEARNED}" stroke-dasharray="7 4" '
        'stroke-width="1.5"/>'
        + _line(x(sigmas), y(result.curve), TEXT, "", 2)
        + text(end, bound - 6, "entropy", LEARNED, anchor, weight=600, halo=True)
        + text(RIGHT, y(result.cheapest[-1]) + 26, "floor", QUIET, "end", halo=True)
        + _points(result, x, y)
    )


def _sigma(sigma):
    """Where sigma stands across, logarithmic."""
    return _scale(*np.log((SIGMA_TICKS[0], SIGMA_TICKS[-1])), LEFT, RIGHT)(np.log(sigma))


def _sigma_axis():
    ticks = "".join(
        f'<path d="M{_sigma(t):.1f} {LOWER[1]}v4" stroke="{LINE}"/>'
        + text(_sigma(t), LOWER[1] + 17, f"{t:g}")
        for t in SIGMA_TICKS
    )
    return ticks + text((LEFT + RIGHT) / 2, LOWER[1] + 36, "σ of the guess, steps")


def _points(result, x, y):
    """The guess as a full mark, the best one as a ring; above the top: an arrow with its number."""
    now, best = (x(result.sigma), result.bits), (x(result.best.sigma), result.best.bits)
    ring = (
        f'<circle cx="{best[0]:.1f}" cy="{y(min(best[1], MOST)):.1f}" r="5.5" fill="none" '
        f'style="stroke:{TEXT}" stroke-width="1.5"/>'
        + text(best[0], y(min(best[1], MOST)) + (20 if best[1] > 1.3 else -11), "best", halo=True)
    )
    if now[1] <= MOST:
        full = f'<circle cx="{now[0]:.1f}" cy="{y(now[1]):.1f}" r="6.5"'
        return ring + full + f' style="fill:{TEXT}" stroke="#fff" stroke-width="1.5"/>'
    top = f"M{now[0]:.1f} {LOWER[0] - 8}l6 11h-12z"
    side = ("start", 10) if now[0] < (LEFT + RIGHT) / 2 else ("end", -10)
    words = text(now[0] + side[1], LOWER[0] + 3, f"{now[1]:.1f}", TEXT, side[0], 12, 600, halo=True)
    return ring + f'<path d="{top}" style="fill:{TEXT}"/>' + words


def _rows(y, marks, span=UPPER):
    return "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in marks
        if span[0] - 1 <= y(t) <= span[1] + 1
    )


def _line(x, y, color, dash, width):
    """What lies above the lower panel is cut off."""
    points = " ".join(f"{a:.1f},{b - LOWER[0]:.1f}" for a, b in zip(x, y, strict=True))
    return (
        f'<svg y="{LOWER[0]}" width="{WIDTH}" height="{LOWER[1] - LOWER[0]}">'
        f'<polyline points="{points}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/></svg>'
    )
