"""The plot beside the picture in lag.py, as SVG text: a cloud and two histograms.

The cloud is light on dark in both themes, like a photographic plate. A point on the dashed
diagonal is a pixel that equals its neighbour; the residual is the height above that line.
"""

import numpy as np

from lic_teach.kit.axes import Axes, steps
from lic_teach.kit.controls import picture_url
from lic_teach.kit.plots import text, titled

ON_DARK = "#45c4b5"  # RESIDUAL where it must be seen on the plate
PLATE = 34, 44, 278, 288  # left, top, right, bottom


def lag_plot(pairs: np.ndarray, histograms, peak: float, title: str) -> str:
    """SVG text, 440 x 330; title says what is to be seen.

    pairs: int (256, 256), [neighbour, pixel]. histograms: two of (name, counts (256,), bits,
    first and last value, colour). peak: the probability at the top of both.
    """
    body = (
        _plate(pairs)
        + "".join(_histogram(*h, peak, top) for h, top in zip(histograms, (44, 204), strict=True))
        + text(308, 322, "both on one scale", anchor="start")
    )
    return titled(440, 330, title, body)


def _plate(pairs):
    """The cloud of pairs, two by two levels a dot, brighter where more lie (logarithmic)."""
    dots = np.log1p(pairs.reshape(128, 2, 128, 2).sum((1, 3)))
    ink = (36 + 219 * dots / max(dots.max(), 1e-9)).astype(np.uint8)
    left, top, right, bottom = PLATE
    ax, marks = Axes((0, 255), (0, 255), PLATE), (0, 128, 255)
    return (
        ax.grid(marks, marks, "neighbour, grey level", "pixel, grey level")
        + f'<image x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" '
        f'style="image-rendering:pixelated" href="{picture_url(ink.T[::-1])}"/>'
        + ax.line((0, 255), (0, 255), ON_DARK, 1.5, "5 4")
    )


def _histogram(name, counts, bits, ends, color, peak, top):
    """256 probabilities as steps; what is higher than `peak` is cut."""
    ax = Axes((0, 256), (0, peak), (320, top, 426, top + 84))
    x, share = steps(np.arange(256) + 0.5, np.minimum(counts / counts.sum(), peak))
    return (
        ax.area(x, 0, share, f"fill:{color}")
        + ax.grid(dict(zip((0, 256), ends, strict=True)))
        + text(308, top - 8, f"{name}: {bits:.2f} bits", anchor="start", weight=600)
    )
