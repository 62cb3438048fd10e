"""The rate-distortion plot of one picture: a line a codec, marks for the files of the page.

Unlike kit/plots.py, whose plot compares two codecs beside a slider, six lines stand here
close together: rate is on a logarithmic axis, and the names stand at the right, apart.
"""

from collections.abc import Callable

import numpy as np

from lic_teach.kit.plots import LINE, QUIET, TEXT, svg, text, ticks
from lic_teach.study.compare import LEARNED, Comparison, Curve, File

WIDTH, HEIGHT, SIZE = 560, 400, 14  # the size of letters: legible on a telephone too
LEFT, RIGHT, TOP, BOTTOM = 34, 150, 48, 52
REACH = 4  # from a quarter of the rate in question to four times as much
LOOKS = {  # colour, width, dash
    "jpeg": ("var(--jpeg)", 2.2, ""),
    "jpeg_lam": ("var(--jpeg)", 2.2, "7 4"),
    LEARNED: ("var(--learned)", 2.6, ""),
    "webp": ("var(--quiet)", 1.3, "2 3"),
    "jpeg2000": ("var(--quiet)", 1.3, "8 3"),
    "avif": ("var(--quiet)", 1.3, ""),
}
Axis = Callable[[float], float]  # a value -> its place in pixels
TITLE = "Higher is nearer to the original, further left is smaller"


def note(result: Comparison) -> str:
    """What marks and lines are, in words."""
    marks = "Full marks: equal bits. Rings: equal λ. Each is a file of the whole picture. "
    if result.large:
        return marks + "Lines: their course measured on tiles, moved so that they meet the marks."
    return marks + "Lines: through six to eight files a codec, interpolated."


def draw(result: Comparison, names: dict[str, str]) -> str:
    """The plot as SVG text, WIDTH x HEIGHT."""
    middle = result.equal_lam[LEARNED].bpp
    low, high = middle / REACH, middle * REACH
    lines = {}
    for name, curve in result.curves.items():
        bpp, psnr = line(curve, [result.equal_lam[name], result.equal_bits[name]])
        inside = (bpp >= low) & (bpp <= high)
        lines[name] = bpp[inside], psnr[inside]
    marks = [*result.equal_lam.values(), *result.equal_bits.values()]
    heights = np.concatenate([psnr for _, psnr in lines.values()] + [[f.psnr for f in marks]])
    heights = heights[np.isfinite(heights)]
    levels = ticks(heights.min(), heights.max())

    def x(bpp):
        share = np.log(np.clip(bpp, low, high) / low) / np.log(high / low)
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(psnr):
        share = (min(psnr, levels[-1]) - levels[0]) / (levels[-1] - levels[0])
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    body = axes(x, y, low, high, levels) + reference(x, middle)
    body += "".join(polyline(name, *line_, x, y) for name, line_ in lines.items())
    for files, full in ((result.equal_lam, False), (result.equal_bits, True)):
        last = sorted(files.values(), key=lambda file: file.codec == LEARNED)  # on top
        body += "".join(mark(file, x, y, full) for file in last)
    return svg(WIDTH, HEIGHT, TITLE, body + labels(lines, names, x, y))


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


def axes(x: Axis, y: Axis, low: float, high: float, levels: list[float]) -> str:
    """Lines across with their decibels, rates below."""
    right = WIDTH - RIGHT
    drawn = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{right}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 8, y(t) + 4, f"{t:g}", anchor="end", size=SIZE)
        for t in levels
    )
    rates = [r for power in range(-4, 3) for r in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)]
    for rate in (r for r in rates if low <= r <= high):
        drawn += f'<path d="M{x(rate):.1f} {HEIGHT - BOTTOM}v5" stroke="{QUIET}"/>'
        drawn += text(x(rate), HEIGHT - BOTTOM + 20, f"{rate:g}", size=SIZE)
    words = "bits per pixel, whole file (logarithmic)"
    drawn += text((LEFT + right) / 2, HEIGHT - 8, words, size=SIZE)
    return drawn + text(1, TOP - 28, "PSNR (RGB), dB", anchor="start", size=SIZE)


def reference(x: Axis, bpp: float) -> str:
    """Where the bits are equal: a thin line up."""
    at = f"{x(bpp):.1f}"
    path = f'<path d="M{at} {TOP}V{HEIGHT - BOTTOM}" stroke="{QUIET}" stroke-width=".8"/>'
    return path + text(x(bpp), TOP - 6, f"{bpp:.3f} bpp", QUIET, size=SIZE)


def polyline(name: str, bpp: np.ndarray, psnr: np.ndarray, x: Axis, y: Axis) -> str:
    """The line of a codec, in its look."""
    colour, width, dash = LOOKS[name]
    points = " ".join(f"{x(b):.1f},{y(p):.1f}" for b, p in zip(bpp, psnr, strict=True))
    return (
        f'<polyline points="{points}" fill="none" style="stroke:{colour}" '
        f'stroke-width="{width}" stroke-dasharray="{dash}"/>'
    )


def mark(file: File, x: Axis, y: Axis, full: bool) -> str:
    """A square for the learned codec, a circle for all others; full or a ring."""
    colour, at_x, at_y, r = LOOKS[file.codec][0], x(file.bpp), y(file.psnr), 4.5
    paint = f'style="fill:{colour if full else "var(--page)"};stroke:{colour}" stroke-width="2"'
    if file.codec == LEARNED:
        return f'<rect x="{at_x - r:.1f}" y="{at_y - r:.1f}" width="9" height="9" {paint}/>'
    return f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="{r}" {paint}/>'


def labels(lines: dict, names: dict[str, str], x: Axis, y: Axis, apart: float = 20) -> str:
    """The names at the right ends of the lines, moved apart where they would touch."""
    ends = {name: (x(bpp[-1]), y(psnr[-1])) for name, (bpp, psnr) in lines.items() if len(bpp)}
    order = sorted(ends, key=lambda name: ends[name][1])
    heights = np.array([ends[name][1] for name in order])
    for _ in range(200):  # neighbours push each other away until all have room
        gaps = np.diff(heights)
        push = np.maximum(apart - gaps, 0) / 2
        heights[:-1] -= push
        heights[1:] += push
    drawn = ""
    for name, height in zip(order, heights, strict=True):
        colour, width, dash = LOOKS[name]
        right = WIDTH - RIGHT + 10
        drawn += (
            f'<path d="M{ends[name][0] + 3:.1f} {ends[name][1]:.1f}L{right} {height:.1f}" '
            f'fill="none" style="stroke:{colour}" stroke-width=".7"/>'
        )
        drawn += text(right + 4, height + 4, names[name], TEXT, "start", SIZE, 600)
    return drawn
