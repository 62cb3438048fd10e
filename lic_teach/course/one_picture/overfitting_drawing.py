"""What the explorer draws of a moment: all latents, all weights, where the bytes are, the way.

latents   the sheet: one grey level a latent, mid-grey is 0, the finest level above
weights   a square each: mid-grey where a weight is as at the start
bytes     a bar as long as the file: networks, then the levels from coarse to fine
way       bits per pixel across, dB up; the rivals' curves, and the moments so far
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, stroke
from lic_teach.kit.controls import picture_url
from lic_teach.kit.plots import JPEG, LEARNED, LINE, QUIET, TEXT, heading, text, titled
from lic_teach.overfit import quantize
from lic_teach.overfit.transform import LEVELS

TALLEST = 330  # pixels for the sheet
LEFT, RIGHT = 246, 650
CELL = 6  # pixels a weight
HEIGHT = 420
BARS, WAY = 184, (258, 378)  # tops, and the way's bottom
NAMES = 108  # pixels for the names of the way's curves, right of them
STEP = 22  # grey levels for a latent of 1
GREYS = 700.0  # grey levels for a change of a weight by 1
ROWS = (("look", "guess", "mean", "width"), ("mix", "paint", "straight", "filter"))


def plot(result) -> str:
    """overfitting.Result -> SVG."""
    coded = result.now.coded
    title = f"Step {result.step}: {coded.size:,} bytes, {coded.psnr:.1f} dB"
    body = sheet(result.now.parts) + weights(result.now.parts) + byte_bar(result) + way(result)
    return titled(RIGHT + 4, HEIGHT, title, body)


def sheet(parts) -> str:
    """All latents on their canvas."""
    grey = np.clip(128 + STEP * parts.v, 0, 255).astype(np.uint8)
    grey[~parts.where.inside.numpy().reshape(grey.shape)] = 255
    height, width = grey.shape
    scale = min(1, TALLEST / height, (LEFT - 20) / width)
    words = text(1, 44 + height * scale, "all latents, 0 is grey", QUIET, "start")
    return _image(grey, 1, 26, width * scale, height * scale) + words


def weights(parts) -> str:
    """Both networks: how far each weight has gone from where it started."""
    away = quantize.named((parts.weights - quantize.start()) / 4096)
    drawn = heading("How far its 523 weights are from the start", 15, LEFT)
    for row, (words, members) in enumerate(zip(("context", "synthesis"), ROWS, strict=True)):
        x, y = LEFT + 66, 26 + row * 76
        drawn += text(LEFT, y + 12, words, QUIET, "start")
        for name in members:
            array = _flat(away[name])
            grey = np.clip(128 + GREYS * array, 0, 255).astype(np.uint8)
            drawn += _image(grey, x, y, CELL * grey.shape[1], CELL * grey.shape[0], "lic-pixels")
            x += CELL * (grey.shape[1] + 2)
    return drawn


def _flat(array):
    """Any weights as rows and columns, the longer side across, at most 11 rows."""
    array = array.reshape(9, 9) if array.ndim == 4 else np.atleast_2d(array)
    return array.T if array.shape[0] > array.shape[1] else array


def byte_bar(result) -> str:
    """The file as a bar; the longest of the fit's files is as long as the drawing is wide."""
    source, now = result.source, result.now
    longest = max(len(data) for data in source.fit.files.values())
    drawn = heading("Where its bytes are", BARS, LEFT)
    names = ["networks", *(f"level {k}" for k in reversed(range(LEVELS)))]
    sizes, x = [now.parts.networks, *now.levels[::-1]], LEFT
    for i, (name, size) in enumerate(zip(names, sizes, strict=True)):
        wide = (RIGHT - LEFT) * size / longest
        paint = f"fill:{TEXT}" if i == 0 else f"fill:{LEARNED};fill-opacity:{0.25 + 0.1 * i:.2f}"
        drawn += (
            f'<rect x="{x:.1f}" y="{BARS + 9}" width="{wide:.1f}" height="16" style="{paint}"/>'
        )
        if i and wide > 52 and x + wide / 2 > LEFT + 90:  # right of the word "networks"
            drawn += text(x + wide / 2, BARS + 40, name)
        x += wide
    return drawn + text(LEFT, BARS + 40, "networks", anchor="start")


def way(result) -> str:
    """The moments' points beside the rivals' curves."""
    ax = Axes((0, 1.4), (22, 36), (LEFT + 30, WAY[0], RIGHT - NAMES, WAY[1]))
    drawn = ax.grid((0, 0.4, 0.8, 1.2), (24, 28, 32, 36), "bits per pixel")
    drawn += text(LEFT, WAY[0] - 12, "PSNR (RGB), dB", anchor="start")
    looks = (JPEG, ""), (JPEG, "2 4"), (LEARNED, "6 3")
    samples = {}
    for (name, curve), (color, dash) in zip(
        result.source.rivals.named().items(), looks, strict=True
    ):
        drawn += ax.line([c.bpp for c in curve], [c.psnr for c in curve], color, dash=dash)
        samples[name] = stroke(color, dash=dash)
    drawn += ax.line(*np.transpose(result.path), TEXT, 1.5, dots=2.5)
    drawn += ax.mark(*result.path[-1], TEXT, "circle", 6)
    samples["overfitted"] = stroke(TEXT, 1.5, shape="circle")
    return drawn + legend(RIGHT - NAMES + 8, WAY[1] - 84, samples)


def _image(pixels, x, y, width, height, kind=""):
    """Pixels, uint8 (h, w), as a part of a drawing, with a thin frame."""
    look = f'x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height:.1f}"'
    return (
        f'<image class="{kind}" style="image-rendering:pixelated" {look} '
        f'preserveAspectRatio="none" href="{picture_url(pixels)}"/>'
        f'<rect {look} fill="none" style="stroke:{LINE}"/>'
    )
