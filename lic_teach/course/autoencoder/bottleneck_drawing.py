"""PSNR over bits per pixel for a few latent sizes, as SVG: the plot of bottleneck.py.

Each curve is one latent size, its points are steps. A curve with few latents goes flat: more
bits for the same few numbers buy nothing. The mark is the file that is shown, a circle for the
linear autoencoder and a square for the other one.
"""

import numpy as np

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LEARNED, ORIGINAL, ticks, titled

LEFT = 34
FLAT = {4: "2 3", 8: "6 3", 16: "10 3 2 3", 64: ""}  # how the line is dashed
RATE = 2.0  # bits per pixel at the right edge
TITLE = "Few latents go flat: finer steps buy nothing"


def plot(result) -> str:
    """Result of bottleneck.compute -> SVG text."""
    curves = result.source.curves
    points = [p for curve in curves.values() for _, p in curve] + [result.psnr]
    finite = [p for p in points if p < 99]
    up = ticks(min(finite, default=0), max(finite, default=50))
    ax = Axes((0, RATE), (up[0], up[-1]), (LEFT, 48, 384, 256))
    body = ax.grid((0, 0.5, 1, 1.5, 2), up, "bits per pixel, whole file", "PSNR (Y), dB")
    for k, curve in curves.items():
        finest = curve[0]  # the right end
        name = "all 64" if k == 64 else f"{k} latents" if k == 4 else k
        curve = np.minimum(np.transpose(curve), [[RATE], [up[-1]]])
        body += ax.line(*curve, LEARNED if k == 64 else ORIGINAL, dash=FLAT[k])
        body += ax.text(*finest, name, 7, 4, anchor="start", weight=600, halo=True)
    shape = "circle" if result.machine == "linear" else "square"
    body += ax.mark(result.bpp, result.psnr, LEARNED, shape)
    return titled(440, 300, TITLE, body, f"{TITLE}: PSNR over bits per pixel")
