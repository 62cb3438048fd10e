"""What the explorer draws, as SVG: every file of every codec, one of them chosen.

    R across, on a scale of doublings     dB up, of PSNR or of MS-SSIM

JPEG is orange, learned is blue, the others black; within a colour dashes and marks differ. Each
point carries data-codec and data-n, by which showdown.js finds it.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, stroke, symbol
from lic_teach.kit.plots import JPEG, LEARNED, TEXT, ticks, titled

STYLES = {  # colour, width, dash, mark
    "JPEG": (JPEG, 2, "", "circle"),
    "JPEG by λ": (JPEG, 2, "5 3", "square"),
    "WebP": (TEXT, 1, "", "triangle"),
    "JPEG 2000": (TEXT, 1, "2 3", "diamond"),
    "AVIF": (TEXT, 1, "7 3", "circle"),
    "learned, factorized": (LEARNED, 2, "5 3", "circle"),
    "learned": (LEARNED, 2, "", "square"),
}
HAND = ' cursor="pointer"'
UP = {"PSNR": "PSNR (RGB), dB", "MS-SSIM": "MS-SSIM, −10 log₁₀(1 − MS-SSIM), dB"}


def plot(result) -> str:
    """showdown.Result -> SVG, 460 x 458."""
    curves, metric, chosen = result.curves, result.metric, result.chosen
    files = [file for curve in curves.values() for file in curve]
    bits = np.log2([file.bpp for file in files])
    across = 2.0 ** np.arange(np.floor(bits.min()), np.ceil(bits.max()) + 1)
    db = ticks(*(f([file.quality(metric) for file in files]) for f in (min, max)))
    ax = Axes((across[0], across[-1]), (db[0], db[-1]), (34, 48, 452, 352), log="x")
    numbers = {t: f"{t:.3g}".removeprefix("0") for t in across}
    words = f"bits per pixel, {result.counted} (each step doubles them)"
    body = ax.grid(numbers, db, words, UP[metric])
    body += _legend(curves, chosen.codec)
    body += "".join(_curve(ax, i, result, name) for i, name in enumerate(curves))
    color, *_, shape = STYLES[chosen.codec]
    body += ax.mark(chosen.bpp, chosen.quality(metric), color, shape, 8, HAND)
    title = f"{chosen.codec}: {chosen.bpp:.2f} bits per pixel, {chosen.quality(metric):.1f} dB"
    return titled(460, 458, title, body, f"{title}, {metric}")


def _curve(ax, i, result, name):
    """A codec's line, and its points, larger where they can be clicked: data-codec, data-n."""
    color, width, dash, shape = STYLES[name]
    files = result.curves[name]
    bpp, quality = [file.bpp for file in files], [file.quality(result.metric) for file in files]
    points = "".join(
        symbol(*place, color, shape, 4, data=f'{HAND} data-codec="{i}" data-n="{n}"')
        for n, place in enumerate(ax.places(bpp, quality), 1)
    )
    return ax.line(bpp, quality, color, width + (name == result.chosen.codec), dash) + points


def _legend(curves, chosen):
    """The codecs in their order, three to a column, the chosen one in bold."""
    drawn = ""
    for i, name in enumerate(curves):
        place, weight = ((34, 168, 330)[i // 3], 412 + 19 * (i % 3)), 400 + 200 * (name == chosen)
        drawn += legend(*place, {name: stroke(*STYLES[name])}, weight=weight)
    return drawn
