"""The rate-distortion plot of the course: bits per pixel (the whole file), and PSNR in dB over RGB.

Curves differ in colour, in dash and in the shape of their points, and carry their names: nothing
hangs on colour alone.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from lic_teach.kit.axes import Axes, symbol
from lic_teach.kit.labels import free
from lic_teach.kit.plots import minus, text, ticks, titled

WIDTH, HEIGHT = 440, 300
BOX = LEFT, TOP, RIGHT, BOTTOM = 40, 48, 368, 256


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
    """Curves -> SVG text, WIDTH x HEIGHT; title says what is to be seen.

    A curve whose name is "" is not named: the point of what is shown now, say.

    An infinite PSNR, of a picture that came back exactly, stands on a line of its own at the top.
    """
    bpp, psnr = np.concatenate(
        [(curve.bpp, curve.psnr) for curve in curves]
        + [np.reshape(curve.point, (2, 1)) for curve in curves if curve.point],
        axis=1,
    )
    across, up = ticks(0, bpp.max()), _decibels(psnr)
    top = max(up)
    ax = Axes((across[0], across[-1]), (min(up), top), BOX)
    body = ax.grid(across, up, "bits per pixel, whole file", "PSNR (RGB), dB")
    for c in curves:
        body += ax.line(c.bpp, np.minimum(c.psnr, top), c.color, 2, c.dash, 2.5, c.marker)
    named = [c for c in curves if c.name]
    marks = [ax.edge(*c.point) for c in curves if c.point]
    body += _names(named, ax, marks) if len(named) < 3 else _legend(named)
    for c in curves:  # the circle is larger, so that it shows under a square
        if c.point:
            body += ax.mark(*c.point, c.color, c.marker, 5.5 if c.marker == "square" else 8.5)
    return titled(WIDTH, HEIGHT, title, body)


def _decibels(psnr):
    """{where the lines across stand: their labels}; one more, at the top, where some are inf."""
    finite = psnr[np.isfinite(psnr)]
    found = ticks(finite.min(), finite.max()) if finite.size else ticks(0, 50)
    more = {} if finite.size == psnr.size else {2 * found[-1] - found[-2]: "∞"}
    return {t: minus(f"{t:g}") for t in found} | more


def _names(curves, ax, marks):
    """Right of the curve that reaches furthest; at the point of each other that is most alone."""
    places = [np.array([ax.edge(*p) for p in zip(c.bpp, c.psnr, strict=True)]) for c in curves]
    furthest = int(np.argmax([each[:, 0].max() for each in places]))
    drawn = ""
    for i, (curve, own) in enumerate(zip(curves, places, strict=True)):
        if i == furthest:
            x, y = own[own[:, 0].argmax()] + (9, 4)
            around = [(x, y, "start"), (x + 3, y - 3, "start")]
        else:
            others = np.concatenate(places[:i] + places[i + 1 :])
            alone = np.linalg.norm(own[:, None] - others, axis=-1).min(1).argmax()
            x, y = own[alone]
            around = [(x - 4, y - 9, "end"), (x - 14, y + 4, "end"), (x + 14, y + 8, "start")]
        x, y, anchor = free(curve.name, around, places, marks)
        drawn += text(x, y, escape(curve.name), anchor=anchor, weight=600, halo=True)
    return drawn


def _legend(curves):
    """A line of each kind with its name, in the corner under all curves, which stays empty."""
    drawn = ""
    for i, c in enumerate(curves):
        x, y = RIGHT - 150, BOTTOM - 12 - 17 * (len(curves) - 1 - i)
        drawn += (
            f'<path d="M{x} {y}H{x + 30}" stroke-width="2" stroke-dasharray="{c.dash}" '
            f'style="stroke:{c.color}"/>'
            + symbol(x + 15, y, c.color, c.marker, 2.5)
            + text(x + 38, y + 4, escape(c.name), anchor="start", weight=600, halo=True)
        )
    return drawn
