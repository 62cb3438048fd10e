"""The rate-distortion plot of one picture: a line a codec, marks for the files of the page.

Unlike kit/rd_plot.py, whose plot compares two codecs beside a slider, six lines stand here
close together: rate is on a logarithmic axis, and the names stand at the right, apart.
"""

import numpy as np

from lic_teach.kit.axes import Axes, apart
from lic_teach.kit.plots import JPEG, QUIET, svg, text, ticks
from lic_teach.kit.plots import LEARNED as BLUE
from lic_teach.study.compare import LEARNED, Comparison, Curve, File

BOX = LEFT, TOP, RIGHT, BOTTOM = 34, 48, 410, 348
SIZE = 14  # of the letters: legible on a telephone too
REACH = 4  # from a quarter of the rate in question to four times as much
RATES = [f * 10.0**power for power in range(-4, 3) for f in (1, 2, 5)]
LOOKS = {  # colour, width, dash
    "jpeg": (JPEG, 2.2, ""),
    "jpeg_lam": (JPEG, 2.2, "7 4"),
    LEARNED: (BLUE, 2.6, ""),
    "webp": (QUIET, 1.3, "2 3"),
    "jpeg2000": (QUIET, 1.3, "8 3"),
    "avif": (QUIET, 1.3, ""),
}
TITLE = "Higher is nearer to the original, further left is smaller"


def note(result: Comparison) -> str:
    """What marks and lines are, in words."""
    marks = "Full marks: equal bits. Rings: equal λ. Each is a file of the whole picture. "
    if result.large:
        return marks + "Lines: their course measured on tiles, moved so that they meet the marks."
    return marks + "Lines: through six to eight files a codec, interpolated."


def draw(result: Comparison, names: dict[str, str]) -> str:
    """The plot as SVG text, 560 x 400."""
    middle = result.equal_lam[LEARNED].bpp
    low, high = middle / REACH, middle * REACH
    lines = {}
    for name, curve in result.curves.items():
        bpp, psnr = line(curve, [result.equal_lam[name], result.equal_bits[name]])
        inside = (bpp >= low) & (bpp <= high)
        lines[name] = bpp[inside], psnr[inside]
    files = [*result.equal_lam.values(), *result.equal_bits.values()]
    heights = np.concatenate([psnr for _, psnr in lines.values()] + [[f.psnr for f in files]])
    heights = heights[np.isfinite(heights)]
    up = ticks(heights.min(), heights.max())
    ax = Axes((low, high), (up[0], up[-1]), BOX, log="x", size=SIZE)
    rates = [rate for rate in RATES if low <= rate <= high]
    body = (
        ax.grid(rates, up, "bits per pixel, whole file (logarithmic)", "PSNR (RGB), dB")
        + ax.rule(x=middle, color=QUIET, dash="", width=0.8)
        + ax.text(middle, up[-1], f"{middle:.3f} bpp", 0, -6, QUIET, size=SIZE)
        + "".join(ax.line(*points, *LOOKS[name]) for name, points in lines.items())
        + marks(ax, result.equal_lam, "open ")
        + marks(ax, result.equal_bits, "")
    )
    return svg(560, 400, TITLE, body + labels(ax, lines, names))


def line(curve: Curve, files: list[File]) -> tuple[np.ndarray, np.ndarray]:
    """bpp and PSNR along a curve, moved so that it meets the files.

    A curve of the whole picture stays where it is: there the files lie on it, or as near as
    interpolation comes.
    """
    bpp, psnr = curve.bpp, 10 * np.log10(255**2 / curve.mse)
    places = np.log(curve.settings)
    files = sorted({file.setting: file for file in files}.values(), key=lambda f: f.setting)
    at = np.log([file.setting for file in files])
    rate_shift = [
        np.log(f.bpp) - np.interp(a, places, np.log(bpp)) for f, a in zip(files, at, strict=True)
    ]
    shift = [min(f.psnr, 60) - np.interp(a, places, psnr) for f, a in zip(files, at, strict=True)]
    moved = bpp * np.exp(np.interp(places, at, rate_shift)), psnr + np.interp(places, at, shift)
    order = np.argsort(moved[0])
    return moved[0][order], moved[1][order]


def marks(ax: Axes, files: dict[str, File], kind: str) -> str:
    """A square for the learned codec, which is on top, a circle for others; kind: "" or "open "."""
    return "".join(
        ax.mark(f.bpp, f.psnr, LOOKS[f.codec][0], kind + ("square" if last else "circle"), 5)
        for last, f in sorted(((f.codec == LEARNED, f) for f in files.values()), key=lambda p: p[0])
    )


def labels(ax: Axes, lines: dict, names: dict[str, str]) -> str:
    """The names at the right ends of the lines, moved apart where they would touch."""
    ends = {name: ax.edge(bpp[-1], psnr[-1]) for name, (bpp, psnr) in lines.items() if len(bpp)}
    order = sorted(ends, key=lambda name: ends[name][1])
    drawn = ""
    for name, height in zip(order, apart([ends[n][1] for n in order], room=20), strict=True):
        x, y = ends[name]
        way = f"M{x + 3:.1f} {y:.1f}L{RIGHT + 10} {height:.1f}"
        drawn += f'<path d="{way}" fill="none" style="stroke:{LOOKS[name][0]}" stroke-width=".7"/>'
        drawn += text(RIGHT + 14, height + 4, names[name], anchor="start", size=SIZE, weight=600)
    return drawn
