"""The small rate-distortion plot beside a picture, as SVG text: quick to build, sharp at any size.

Axes: bits per pixel (the whole file) and PSNR in dB over RGB. Curves differ in colour, in
dash and in the shape of their points, and carry their names: nothing hangs on colour alone.
Colours are the CSS variables of style.css, with a value of their own where there is none.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 40, 72, 48, 44
JPEG = "var(--lic-jpeg, #d9730d)"
LEARNED = "var(--lic-learned, #2563b0)"
ORIGINAL = "var(--lic-quiet, #757575)"
LINE = "var(--lic-line, #bdbdbd)"


class Curve(NamedTuple):
    """One codec's curve and, where it now stands on it: bpp and psnr are sequences, point a pair.

    marker is "circle" or "square"; dash is an SVG stroke-dasharray ("" for a full line).
    """

    name: str
    bpp: Sequence[float]
    psnr: Sequence[float]
    color: str
    marker: str = "circle"
    dash: str = ""
    point: tuple[float, float] | None = None


def rd_plot(curves: Sequence[Curve], title: str) -> str:
    """Curves -> SVG text, WIDTH x HEIGHT; title says what is to be seen."""
    bpp = np.concatenate([curve.bpp for curve in curves])
    psnr = np.concatenate([curve.psnr for curve in curves])
    x_ticks = ticks(0, bpp.max())
    y_ticks = ticks(psnr.min(), psnr.max())

    def x(value):
        span = WIDTH - LEFT - RIGHT
        return LEFT + span * (value - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])

    def y(value):
        span = HEIGHT - TOP - BOTTOM
        return HEIGHT - BOTTOM - span * (value - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        + _text(4, 15, title, "start", bold=True)
        + _axes(x, y, x_ticks, y_ticks)
        + "".join(_curve(curve, x, y) for curve in curves)
        + _names(curves, x, y)
        + "".join(_point(curve, x, y) for curve in curves if curve.point)
        + "</svg>"
    )


def ticks(low: float, high: float) -> np.ndarray:
    """Round numbers that enclose low..high, four to eight of them.

    >>> ticks(0, 1.7).tolist(), ticks(21.3, 38).tolist()
    ([0.0, 0.5, 1.0, 1.5, 2.0], [20.0, 25.0, 30.0, 35.0, 40.0])
    """
    rough = max(high - low, 1e-9) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min([1, 2, 5, 10], key=lambda nice: abs(np.log(nice * power / rough)))
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return np.round(np.arange(first, max(last, first + 1) + 1) * step, 10)


def _axes(x, y, x_ticks, y_ticks):
    bottom, right = y(y_ticks[0]), x(x_ticks[-1])
    rows = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{right:.1f}" stroke="{LINE}" stroke-width=".5"/>'
        + _text(LEFT - 6, y(t) + 4, f"{t:g}", "end")
        for t in y_ticks
    )
    columns = "".join(
        f'<path d="M{x(t):.1f} {bottom:.1f}v4" stroke="{LINE}"/>'
        + _text(x(t), bottom + 17, f"{t:g}", "middle")
        for t in x_ticks
    )
    names = _text((LEFT + right) / 2, HEIGHT - 8, "bits per pixel, whole file", "middle")
    return rows + columns + names + _text(4, TOP - 13, "PSNR (RGB), dB", "start")


def _curve(curve, x, y):
    places = [(x(b), y(p)) for b, p in zip(curve.bpp, curve.psnr, strict=True)]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    return (
        f'<polyline points="{line}" fill="none" style="stroke:{curve.color}" '
        f'stroke-width="2" stroke-dasharray="{curve.dash}"/>'
        + "".join(_mark(curve, across, down, 2.5) for across, down in places)
    )


def _names(curves, x, y):
    """Beside the end of the curve that reaches furthest right, above the end of the others."""
    ends = [(max(zip(c.bpp, c.psnr, strict=True)), c.name) for c in curves]
    furthest = max(ends)
    return "".join(
        _text(x(bpp) + 9, y(psnr) + 4, name, "start", bold=True)
        if ((bpp, psnr), name) == furthest
        else _text(x(bpp) + 4, y(psnr) - 9, name, "end", bold=True)
        for (bpp, psnr), name in ends
    )


def _point(curve, x, y):
    """Where the codec stands now; the circle is larger, so that it shows under a square."""
    r = 5.5 if curve.marker == "square" else 8.5
    return _mark(curve, x(curve.point[0]), y(curve.point[1]), r, ring=True)


def _mark(curve, x, y, r, ring=False):
    paint = f'style="fill:{curve.color}"' + (' stroke="#fff" stroke-width="2"' if ring else "")
    if curve.marker == "square":
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" {paint}/>'


def _text(x, y, text, anchor, bold=False):
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
