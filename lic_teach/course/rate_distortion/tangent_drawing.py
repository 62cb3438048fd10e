"""What the explorer draws, as SVG: the curves with their tangent, twice.

    upper   D across, R up    the files of one L lie on a straight line of slope dR/dD = -lambda
    lower   R across, dB up   the usual axes: the same files, and the same line, now bent

A larger lambda is a steeper line above and moves the point to the left there, to the right below.
The upper axes carry the rectangle .lic-grab that tangent.js listens to.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, stroke, within
from lic_teach.kit.plots import JPEG, QUIET, TEXT, heading, ticks, titled

UPPER, LOWER = (40, 48, 428, 320), (40, 416, 428, 562)  # left, top, right, bottom
LAM_RANGE = 5e-4, 1e-1  # the axes show every point that such a lambda chooses
STYLES = {"4:2:0": ("circle", ""), "4:4:4": ("open square", "5 3")}


def plot(result) -> str:
    """tangent.Result -> SVG, 440 x 600."""
    chosen, lam = result.chosen, result.lam
    title = f"λ = {lam:.3g}: the lowest line touches {chosen.codec}, quality {chosen.setting}"
    second = heading("The same in decibels: the line is bent", LOWER[1] - 32)
    return titled(440, 600, title, _straight(result) + second + _bent(result))


def limits(source) -> tuple[float, float]:
    """The largest D and R that the upper axes show."""
    low, high = LAM_RANGE
    coarse = [min(curve, key=lambda file: file.cost(low)) for curve in source.curves]
    highest = [min(file.cost(high) for file in curve) for curve in source.curves]
    return max(1.05 * max(file.mse for file in coarse), 1.0), 1.05 * min(highest)


def line(result) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of the tangent inside the upper axes: (D, R) and (D, R)."""
    lam, cost = result.lam, result.chosen.cost(result.lam)
    right = min(cost / lam, limits(result.source)[0])
    return (0.0, cost), (right, cost - lam * right)


def _straight(result):
    largest, (left, top, right, bottom) = limits(result.source), UPPER
    ax = Axes((0, largest[0]), (0, largest[1]), UPPER)
    ends = line(result)
    d, r = np.transpose(ends)
    other = min(result.best, key=lambda file: file is result.chosen)
    rise = other.cost(result.lam) - result.chosen.cost(result.lam)
    numbers = (within(0, limit) for limit in largest)
    return (
        ax.grid(*numbers, "D, mean squared error", "R, bits per pixel")
        + legend(332, 56, {n: stroke(JPEG, 2, dash, mark) for n, (mark, dash) in STYLES.items()})
        + ax.line(d, r + rise, QUIET, 1, "2 3")
        + _curves(ax, result, "mse", "bpp")
        + ax.line(d, r, TEXT)
        + _chosen(ax, result, "mse", "bpp")
        + "".join(ax.mark(*end, TEXT, "open circle", 6) for end in ends)
        + ax.text(*ends[0], "L", 16, -8, weight=600, halo=True)
        + f'<rect class="lic-grab" x="{left}" y="{top}" width="{right - left}" '
        f'height="{bottom - top}" data-across="{largest[0]:.6g}" '
        f'data-up="{largest[1]:.6g}" style="fill:transparent;cursor:grab;touch-action:none"/>'
    )


def _bent(result):
    """The usual axes. On the line D = (L - R) / lambda, and PSNR = 10 log10(255² / D)."""
    widest, highest = limits(result.source)
    seen = [f for c in result.source.curves for f in c if f.mse <= widest and f.bpp <= highest]
    values = [f.psnr for f in seen] or [result.chosen.psnr]
    db = ticks(min(values), max(values))
    ax = Axes((0, highest), (db[0], db[-1]), LOWER)
    cost = result.chosen.cost(result.lam)
    rate = np.linspace(0, cost, 120)[:-1]
    return (
        ax.grid(within(0, highest), db, "R, bits per pixel, whole file", "PSNR (RGB), dB")
        + _curves(ax, result, "bpp", "psnr")
        + ax.line(rate, 10 * np.log10(255**2 * result.lam / (cost - rate)), TEXT)
        + _chosen(ax, result, "bpp", "psnr")
    )


def _curves(ax, result, across, up):
    """All files; across, up: the names of what is measured."""
    drawn = ""
    for files, (mark, dash) in zip(result.source.curves, STYLES.values(), strict=True):
        x, y = ([getattr(file, name) for file in files] for name in (across, up))
        drawn += ax.line(x, y, JPEG, 1.5, dash, 2.2, mark)
    return drawn


def _chosen(ax, result, across, up):
    """The point that each line touches; the lower line's is larger, and on top."""
    drawn = ""
    best = zip(result.best, STYLES.values(), strict=True)
    for file, (mark, _) in sorted(best, key=lambda each: each[0] is result.chosen):
        r = 7.5 if file is result.chosen else 4.5
        drawn += ax.mark(getattr(file, across), getattr(file, up), JPEG, mark, r)
    return drawn
