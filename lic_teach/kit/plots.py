"""Drawings beside a picture, as SVG text: quick to build, sharp at any size.

    text, ... --svg--> a whole drawing --still--> the same for a page without a kernel
    Curves --rd_plot--> the rate-distortion plot of the course

Its axes: bits per pixel (the whole file) and PSNR in dB over RGB. Curves differ in colour, in
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
ORIGINAL = QUIET = "var(--lic-quiet, #757575)"
TEXT = "var(--lic-text, #212121)"
LINE = "var(--lic-line, #bdbdbd)"
MONO = "var(--jp-code-font-family, monospace)"
HEAT = np.array([[246, 248, 251], [116, 165, 222], [37, 99, 176], [8, 24, 58]])  # nothing .. most


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


def heat_map(share: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture of what each 8 x 8 pixels cost, from white by blue to black.

    share: 0..1 of what is most, (h, w). Returns uint8 (height, width, 3), at most 8 h x 8 w.
    """
    places = np.linspace(0, 1, len(HEAT))
    tiles = np.stack([np.interp(share, places, c) for c in HEAT.T], -1).astype(np.uint8)
    return np.ascontiguousarray(tiles.repeat(8, 0).repeat(8, 1)[:height, :width])


def svg(width: float, height: float, label: str, body: str) -> str:
    """A whole drawing; label is what a screen reader says of it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{body}</svg>'
    )


def text(x, y, words, fill=TEXT, anchor="middle", size=12, weight=400, mono=False, halo=False):
    """words: SVG text, escaped where need be; halo: legible where it stands on a line."""
    font = f";font-family:{MONO}" if mono else ""
    kind = ' class="lic-halo"' if halo else ""
    return (
        f'<text x="{round(float(x), 1):g}" y="{round(float(y), 1):g}" text-anchor="{anchor}"{kind} '
        f'style="fill:{fill};font-size:{size}px;font-weight:{weight}{font}">{words}</text>'
    )


def still(drawing: str) -> str:
    """What svg returns, on white whatever is around it: for a page without style.css."""
    head, rest = drawing.split(">", 1)
    return f'{head} font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>{rest}'


def rd_plot(curves: Sequence[Curve], title: str) -> str:
    """Curves -> SVG text, WIDTH x HEIGHT; title says what is to be seen.

    An infinite PSNR, of a picture that came back exactly, stands on a line of its own at the top.
    """
    bpp, psnr = np.concatenate(
        [(curve.bpp, curve.psnr) for curve in curves]
        + [np.reshape(curve.point, (2, 1)) for curve in curves if curve.point],
        axis=1,
    )
    x_ticks, (y_ticks, labels) = ticks(0, bpp.max()), _decibels(psnr)

    def x(value):
        span = WIDTH - LEFT - RIGHT
        return LEFT + span * (value - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])

    def y(value):
        span = HEIGHT - TOP - BOTTOM
        share = (min(value, y_ticks[-1]) - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return HEIGHT - BOTTOM - span * share

    body = (
        text(1, 15, escape(title), anchor="start", weight=600)
        + _axes(x, y, x_ticks, zip(y_ticks, labels, strict=True))
        + "".join(_curve(curve, x, y) for curve in curves)
        + _names(curves, x, y)
        + "".join(_point(curve, x, y) for curve in curves if curve.point)
    )
    return svg(WIDTH, HEIGHT, title, body)


def _decibels(psnr):
    """Where the lines across stand, and their labels: one more, at the top, where some are inf."""
    finite = psnr[np.isfinite(psnr)]
    found = ticks(finite.min(), finite.max()) if finite.size else ticks(0, 50)
    labels = [f"{t:g}" for t in found]
    if finite.size < psnr.size:
        found, labels = np.append(found, 2 * found[-1] - found[-2]), [*labels, "∞"]
    return found, labels


def ticks(low: float, high: float) -> np.ndarray:
    """Round numbers that enclose low..high, four to eight of them.

    >>> ticks(0, 1.7).tolist(), ticks(21.3, 38).tolist()
    ([0.0, 0.5, 1.0, 1.5, 2.0], [20.0, 25.0, 30.0, 35.0, 40.0])
    """
    rough = max(high - low, abs(high) / 100, 1e-9) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min([1, 2, 5, 10], key=lambda nice: abs(np.log(nice * power / rough)))
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return np.round(np.arange(first, max(last, first + 1) + 1) * step, 10)


def _axes(x, y, x_ticks, y_ticks):
    bottom, right = HEIGHT - BOTTOM, x(x_ticks[-1])
    rows = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{right:.1f}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, label, anchor="end")
        for t, label in y_ticks
    )
    columns = "".join(
        f'<path d="M{x(t):.1f} {bottom:.1f}v4" stroke="{LINE}"/>'
        + text(x(t), bottom + 17, f"{t:g}")
        for t in x_ticks
    )
    names = text((LEFT + right) / 2, HEIGHT - 8, "bits per pixel, whole file")
    return rows + columns + names + text(1, TOP - 13, "PSNR (RGB), dB", anchor="start")


def _places(curve, x, y):
    return [(x(b), y(p)) for b, p in zip(curve.bpp, curve.psnr, strict=True)]


def _curve(curve, x, y):
    places = _places(curve, x, y)
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    return (
        f'<polyline points="{line}" fill="none" style="stroke:{curve.color}" '
        f'stroke-width="2" stroke-dasharray="{curve.dash}"/>'
        + "".join(_mark(curve, across, down, 2.5) for across, down in places)
    )


def _names(curves, x, y):
    """Right of the curve that reaches furthest; at the point of each other that is most alone."""
    all_places = [np.array(_places(curve, x, y)) for curve in curves]
    furthest = int(np.argmax([places[:, 0].max() for places in all_places]))
    drawn = ""
    for i, (curve, places) in enumerate(zip(curves, all_places, strict=True)):
        if i == furthest:
            across, down = places[places[:, 0].argmax()] + (9, 4)
        else:
            others = np.concatenate(all_places[:i] + all_places[i + 1 :])
            alone = np.linalg.norm(places[:, None] - others, axis=-1).min(1).argmax()
            across, down = places[alone] - (4, 9)
        anchor = "start" if i == furthest else "end"
        drawn += text(across, down, escape(curve.name), TEXT, anchor, weight=600, halo=True)
    return drawn


def _point(curve, x, y):
    """Where the codec stands now; the circle is larger, so that it shows under a square."""
    r = 5.5 if curve.marker == "square" else 8.5
    return _mark(curve, x(curve.point[0]), y(curve.point[1]), r, ring=True)


def _mark(curve, x, y, r, ring=False):
    paint = f'style="fill:{curve.color}"' + (' stroke="#fff" stroke-width="2"' if ring else "")
    if curve.marker == "square":
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" {paint}/>'
