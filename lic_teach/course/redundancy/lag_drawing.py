"""The plot beside the picture in lag.py, as SVG text: a cloud and two histograms.

The cloud is light on dark in both themes, like a photographic plate. A point on the dashed
diagonal is a pixel that equals its neighbour; the residual is the height above that line.
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.controls import picture_url
from lic_teach.kit.plots import text

RESIDUAL = "var(--lic-residual, #12857a)"
ON_DARK = "#45c4b5"  # the same colour where it must be seen on the plate
WIDTH, HEIGHT = 440, 330
PLATE_X, PLATE_Y, PLATE = 34, 44, 244  # the cloud: its upper left corner and its side
HIST_X, HIST_WIDTH, HIST_HEIGHT = 308, 128, 84


def lag_plot(pairs: np.ndarray, histograms, peak: float, title: str) -> str:
    """SVG text, WIDTH x HEIGHT; title says what is to be seen.

    pairs: int (256, 256), [neighbour, pixel]. histograms: two of (name, counts (256,), bits,
    first and last value, colour). peak: the probability at the top of both.
    """
    places = zip(histograms, (PLATE_Y, PLATE_Y + HIST_HEIGHT + 76), strict=True)
    body = (
        text(1, 15, title, anchor="start", weight=600)
        + _plate(pairs)
        + "".join(_histogram(*histogram, peak, top) for histogram, top in places)
        + text(HIST_X, PLATE_Y + PLATE + 34, "both on one scale", anchor="start")
    )
    return plots.svg(WIDTH, HEIGHT, title, body)


def _plate(pairs):
    """The cloud of pairs, two by two levels a dot, brighter where more lie (logarithmic)."""
    dots = np.log1p(pairs.reshape(128, 2, 128, 2).sum((1, 3)))
    ink = (36 + 219 * dots / max(dots.max(), 1e-9)).astype(np.uint8)
    right, bottom = PLATE_X + PLATE, PLATE_Y + PLATE
    ticks = "".join(
        text(PLATE_X + PLATE * t / 255, bottom + 16, t)
        + text(PLATE_X - 6, bottom - PLATE * t / 255 + 4, t, anchor="end")
        for t in (0, 128, 255)
    )
    return (
        f'<image x="{PLATE_X}" y="{PLATE_Y}" width="{PLATE}" height="{PLATE}" '
        f'style="image-rendering:pixelated" href="{picture_url(ink.T[::-1])}"/>'
        f'<path d="M{PLATE_X} {bottom}L{right} {PLATE_Y}" stroke="{ON_DARK}" '
        f'stroke-width="1.5" stroke-dasharray="5 4"/>'
        + ticks
        + text(PLATE_X + PLATE / 2, bottom + 34, "neighbour, grey level")
        + text(1, PLATE_Y - 10, "pixel, grey level", anchor="start")
    )


def _histogram(name, counts, bits, ends, color, peak, top):
    """256 probabilities as steps; what is higher than `peak` is cut."""
    bottom = top + HIST_HEIGHT
    heights = HIST_HEIGHT * np.minimum(counts / counts.sum() / peak, 1)
    steps = "".join(f"V{bottom - height:.1f}h{HIST_WIDTH / 256}" for height in heights)
    return (
        f'<path d="M{HIST_X} {bottom}{steps}V{bottom}Z" style="fill:{color}"/>'
        f'<path d="M{HIST_X} {bottom}h{HIST_WIDTH}" stroke="{plots.LINE}"/>'
        + text(HIST_X, top - 8, f"{name}: {bits:.2f} bits", anchor="start", weight=600)
        + text(HIST_X, bottom + 16, ends[0], anchor="start")
        + text(HIST_X + HIST_WIDTH, bottom + 16, ends[1], anchor="end")
    )
