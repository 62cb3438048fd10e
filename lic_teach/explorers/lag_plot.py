"""The plot beside the picture in lag.py, as SVG text: a cloud and two histograms. Lesson 01.

The cloud is light on dark in both themes, like a photographic plate. A point on the dashed
diagonal is a pixel that equals its neighbour; the residual is the height above that line.
"""

import base64

import numpy as np

from lic_teach.explorers import plots
from lic_teach.explorers.controls import encode_picture

RESIDUAL = "var(--lic-residual, #12857a)"
WIDTH, HEIGHT = 440, 330
PLATE_X, PLATE_Y, PLATE = 34, 44, 244  # the cloud: its upper left corner and its side
HIST_X, HIST_WIDTH, HIST_HEIGHT = 308, 128, 84


def lag_plot(pairs, histograms, peak, title):
    """SVG text, WIDTH x HEIGHT; title says what is to be seen.

    pairs: int (256, 256), [neighbour, pixel]. histograms: two of (name, counts (256,), bits,
    first and last value, colour). peak: the probability at the top of both.
    """
    places = zip(histograms, (PLATE_Y, PLATE_Y + HIST_HEIGHT + 76), strict=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" '
        f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        + _text(4, 15, title, "start", bold=True)
        + _plate(pairs)
        + "".join(_histogram(*histogram, peak, top) for histogram, top in places)
        + _text(HIST_X, PLATE_Y + PLATE + 34, "both on one scale", "start")
        + "</svg>"
    )


def _plate(pairs):
    """The cloud of pairs, two by two levels a dot, brighter where more lie (logarithmic)."""
    dots = np.log1p(pairs.reshape(128, 2, 128, 2).sum((1, 3)))
    ink = (36 + 219 * dots / max(dots.max(), 1e-9)).astype(np.uint8)
    data = base64.b64encode(encode_picture(ink.T[::-1])).decode()
    right, bottom = PLATE_X + PLATE, PLATE_Y + PLATE
    ticks = "".join(
        _text(PLATE_X + PLATE * t / 255, bottom + 16, t, "middle")
        + _text(PLATE_X - 6, bottom - PLATE * t / 255 + 4, t, "end")
        for t in (0, 128, 255)
    )
    return (
        f'<image x="{PLATE_X}" y="{PLATE_Y}" width="{PLATE}" height="{PLATE}" '
        f'style="image-rendering:pixelated" href="data:image/webp;base64,{data}"/>'
        f'<path d="M{PLATE_X} {bottom}L{right} {PLATE_Y}" style="stroke:{RESIDUAL}" '
        f'stroke-width="1.5" stroke-dasharray="5 4"/>'
        + ticks
        + _text(PLATE_X + PLATE / 2, bottom + 34, "neighbour, grey level", "middle")
        + _text(4, PLATE_Y - 10, "pixel, grey level", "start")
    )


def _histogram(name, counts, bits, ends, color, peak, top):
    """256 probabilities as steps; what is higher than `peak` is cut."""
    bottom = top + HIST_HEIGHT
    heights = HIST_HEIGHT * np.minimum(counts / counts.sum() / peak, 1)
    steps = "".join(f"V{bottom - height:.1f}h{HIST_WIDTH / 256}" for height in heights)
    return (
        f'<path d="M{HIST_X} {bottom}{steps}V{bottom}Z" style="fill:{color}"/>'
        f'<path d="M{HIST_X} {bottom}h{HIST_WIDTH}" stroke="{plots.LINE}"/>'
        + _text(HIST_X, top - 8, f"{name}: {bits:.2f} bits", "start", bold=True)
        + _text(HIST_X, bottom + 16, ends[0], "start")
        + _text(HIST_X + HIST_WIDTH, bottom + 16, ends[1], "end")
    )


def _text(x, y, text, anchor, bold=False):
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{text}</text>'
