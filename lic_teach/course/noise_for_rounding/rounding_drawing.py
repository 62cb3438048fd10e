"""What the explorer draws, as SVG: a latent over its bins, and two curves over sigma.

    latent   its density, thin; the probability of each whole number as a bar; the density of
             the noisy latent, which meets every bar in its middle
    curves   bits, and squared error, of both over sigma; the shade is what rounding does at
             other means; the marks are where the sliders stand

Rounding is blue, full, with a circle; noise is violet, dashed, with a square.
"""

import numpy as np

from lic_teach.kit.plots import LEARNED, LINE, QUIET, svg, text

NOISE = "#a653c9"  # legible on white and on black
WIDTH, LATENT, CURVES = 460, 230, 402  # of both drawings, and their heights
LEFT, RIGHT = 40, 448
UPPER = (50, 190)  # top and bottom of the axes, in the drawing of the latent
BITS, ERROR = (48, 178), (260, 356)  # in that of the curves
REACH, BAR = 3.5, 56  # whole numbers -3..3; width of a bar
SIGMA_TICKS = (0.03, 0.1, 0.2, 0.5, 1, 2)
PANELS = (  # what, its axes, their height and marks, as in rounding.Cost
    ("bits per latent", BITS, 3.2, (0, 1, 2, 3)),
    ("squared error, steps²", ERROR, 0.26, (0, 0.1, 0.2)),
)
DASH, SHADE = "6 4", f"fill:{LEARNED};fill-opacity:.35"


def latent(result) -> str:
    """rounding.Result -> SVG, WIDTH x LATENT."""
    return svg(WIDTH, LATENT, _title(result), _heading(_title(result)) + _latent(result.latent))


def curves(result) -> str:
    """rounding.Result -> SVG, WIDTH x CURVES."""
    title = "Below half a step noise and rounding part"
    return svg(WIDTH, CURVES, title, _heading(title) + _panel(result, 0) + _panel(result, 1))


def both(result):
    """One over the other, for a page without a kernel."""
    below = f'<svg y="{LATENT + 20}" width="{WIDTH}" height="{CURVES}">{curves(result)}</svg>'
    return svg(WIDTH, LATENT + 20 + CURVES, _title(result), latent(result) + below)


def _title(result):
    file, noise = result.rounded.bits, result.noisy.bits
    return f"σ = {result.sigma:.3g}: {file:.2f} bits in the file, {noise:.2f} with noise"


def _heading(title):
    return text(1, 15, title, anchor="start", weight=600)


def _panel(result, which):
    """Both over sigma. which: 0 for bits, 1 for the error."""
    name, span, highest, marks = PANELS[which]
    y, source = _scale(0, highest, *span[::-1]), result.source
    low, high, curve, noisy = (
        y(cost[which]) for cost in (source.low, source.high, result.curve, source.noisy)
    )
    x = _place(source.sigmas)
    return (
        _axes(y, marks, span, name)
        + _shade(x, low, high)
        + _line(x, curve, LEARNED)
        + _line(x, noisy, NOISE, DASH)
        + text(LEFT + 8, (low[0] + 2 * high[0]) / 3, "rounded, other means", QUIET, "start", 11)
        + _now(_place(result.sigma), y(result.rounded[which]), y(result.noisy[which]), span)
    )


def _latent(latent):
    """The latent, its bars, the noisy latent."""
    x, y = _scale(-REACH, REACH, LEFT, RIGHT), _scale(0, 1.05, *UPPER[::-1])
    whole = np.arange(-3, 4)
    bars = "".join(
        f'<rect x="{x(k) - BAR / 2:.1f}" y="{y(p):.1f}" width="{BAR}" '
        f'height="{UPPER[1] - y(p):.1f}" style="{SHADE}"/>'
        + text(x(k), UPPER[1] + 16, f"{k}".replace("-", "−"))
        for k, p in zip(whole, latent.mass, strict=True)
    )
    dots = "".join(
        _mark("circle", x(k), y(p), 2.5) for k, p in zip(whole, latent.mass, strict=True)
    )
    return (
        _rows(y, (0, 0.5, 1))
        + bars
        + _line(x(latent.t), np.maximum(y(latent.plain), 0), QUIET, width=1, clip=UPPER)
        + _line(x(latent.t), y(latent.noisy), NOISE, DASH)
        + dots
        + _legend()
        + text((LEFT + RIGHT) / 2, UPPER[1] + 33, "latent, steps")
    )


def _legend():
    """The names of the three, upper right."""
    left, tops = RIGHT - 96, [UPPER[0] + 6 + 18 * line for line in range(3)]
    names = zip(("rounded", "with noise", "y itself"), tops, strict=True)
    return (
        text(1, UPPER[0] - 12, "probability, density", anchor="start")
        + f'<rect x="{left}" y="{tops[0] - 7}" width="26" height="13" style="{SHADE}"/>'
        + _line((left, left + 26), (tops[1], tops[1]), NOISE, DASH)
        + _line((left, left + 26), (tops[2], tops[2]), QUIET, width=1)
        + "".join(text(left + 33, y + 4, name, anchor="start", halo=True) for name, y in names)
    )


def _scale(low, high, start, end):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (np.asarray(value) - low) / (high - low)


def _place(sigma):
    """Where sigma stands across, logarithmic."""
    low, high = np.log(SIGMA_TICKS[0]), np.log(SIGMA_TICKS[-1])
    return LEFT + (RIGHT - LEFT) * (np.log(sigma) - low) / (high - low)


def _rows(y, marks):
    return "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in marks
    )


def _axes(y, marks, span, name):
    """Thin lines, numbers, names; sigma across."""
    columns = "".join(
        f'<path d="M{_place(t):.1f} {span[1]}v4" stroke="{LINE}"/>'
        + text(_place(t), span[1] + 17, f"{t:g}")
        for t in SIGMA_TICKS
    )
    below = text((LEFT + RIGHT) / 2, span[1] + 34, "σ, steps")
    return _rows(y, marks) + columns + below + text(1, span[0] - 12, name, anchor="start")


def _shade(x, low, high):
    """All that lies between two curves."""
    edge = [*zip(x, high, strict=True), *zip(x[::-1], low[::-1], strict=True)]
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in edge)
    return f'<polygon points="{points}" style="fill:{LEARNED};fill-opacity:.13"/>'


def _now(x, rounded, noisy, span):
    """Where the sliders stand: a thin line down, a circle and a square on it."""
    return (
        f'<path d="M{x:.1f} {span[0]}V{span[1]}" style="stroke:{QUIET}" stroke-dasharray="2 3"/>'
        + _mark("circle", x, rounded, 6.5)
        + _mark("square", x, noisy, 5)
    )


def _mark(marker, x, y, r):
    ring = ' stroke="#fff" stroke-width="1.5"' if r > 3 else ""
    if marker == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" style="fill:{LEARNED}"{ring}/>'
    box = f'x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"'
    return f'<rect {box} style="fill:{NOISE}"{ring}/>'


def _line(x, y, color, dash="", width=2, clip=(0, CURVES)):
    """What lies above or below `clip` is cut off."""
    top, height = clip[0], clip[1] - clip[0]
    points = " ".join(f"{a:.1f},{b - top:.1f}" for a, b in zip(x, y, strict=True))
    return (
        f'<svg y="{top}" width="{WIDTH}" height="{height}">'
        f'<polyline points="{points}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/></svg>'
    )
