"""PSNR over bits per pixel for a few latent sizes, as SVG: the plot of bottleneck.py.

Each curve is one latent size, its points are steps. A curve with few latents goes flat: more
bits for the same few numbers buy nothing. The mark is the file that is shown, a circle for the
linear autoencoder and a square for the other one.
"""

from lic_teach.kit.axes import Axes
from lic_teach.kit.labels import frame, free
from lic_teach.kit.plots import LEARNED, ORIGINAL, text, ticks, titled

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
        body += ax.line(*zip(*curve, strict=True), LEARNED if k == 64 else ORIGINAL, dash=FLAT[k])
    shape = "circle" if result.machine == "linear" else "square"
    body += ax.mark(result.bpp, result.psnr, LEARNED, shape) + _names(ax, curves, result)
    return titled(440, 300, TITLE, body, f"{TITLE}: PSNR over bits per pixel")


def _names(ax, curves, result):
    """Right of each curve's finest step, further where the mark or another name stands there."""
    drawn, taken = "", [ax.places(*zip(*curve, strict=True)) for curve in curves.values()]
    mark = ax.edge(result.bpp, result.psnr)
    for k, curve in curves.items():
        name = "all 64" if k == 64 else f"{k} latents" if k == 4 else str(k)
        x, y = ax.edge(*curve[0])
        around = [
            (x + right, y + 4 + down, "start") for right in (7, 20, 40) for down in (0, 7, -7)
        ]
        place = free(name, around, taken, [mark])
        taken.append(frame(name, place))
        x, y, anchor = place
        drawn += text(x, y, name, anchor=anchor, weight=600, halo=True)
    return drawn
