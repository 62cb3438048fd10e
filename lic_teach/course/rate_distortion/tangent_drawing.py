"""What the explorer draws, as SVG: the curves with their tangent, twice.

    upper   D across, R up    the files of one L lie on a straight line of slope dR/dD = -lambda
    lower   R across, dB up   the usual axes: the same files, and the same line, now bent

A larger lambda is a steeper line above and moves the point to the left there, to the right below.
The upper axes carry the rectangle .lic-grab that tangent.js listens to.
"""

import numpy as np

from lic_teach.kit.plots import JPEG, LINE, QUIET, TEXT, svg, text, ticks

WIDTH, HEIGHT = 440, 600
LEFT, RIGHT = 40, 428
UPPER, LOWER = (48, 320), (416, 562)  # top and bottom of the axes
LAM_RANGE = 5e-4, 1e-1  # the axes show every point that such a lambda chooses
STYLES = (("circle", ""), ("square", "5 3"))  # 4:2:0 and 4:4:4


def plot(result) -> str:
    """tangent.Result -> SVG, WIDTH x HEIGHT."""
    chosen, lam = result.chosen, result.lam
    title = f"λ = {lam:.3g}: the lowest line touches {chosen.codec}, quality {chosen.setting}"
    body = (
        text(1, 15, title, anchor="start", weight=600)
        + _straight(result)
        + text(
            1, LOWER[0] - 32, "The same in decibels: the line is bent", anchor="start", weight=600
        )
        + _bent(result)
    )
    return svg(WIDTH, HEIGHT, title, body)


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
    largest = limits(result.source)
    x, y = _scale(0, largest[0], LEFT, RIGHT), _scale(0, largest[1], *UPPER[::-1])
    ends = [(x(d), y(r)) for d, r in line(result)]
    places = [[(x(f.mse), y(f.bpp)) for f in curve] for curve in result.source.curves]
    best = [(x(f.mse), y(f.bpp)) for f in result.best]
    other = min(result.best, key=lambda file: file is result.chosen)
    rise = y(other.cost(result.lam)) - y(result.chosen.cost(result.lam))
    return (
        _axes(x, y, *(_inside(0, limit) for limit in largest), UPPER, "D, mean squared error")
        + text(1, UPPER[0] - 12, "R, bits per pixel", anchor="start")
        + _legend()
        + _clip(
            UPPER,
            _path([(a, b + rise) for a, b in ends], QUIET, 1, "2 3")
            + _curves(places)
            + _path(ends, TEXT, 2),
        )
        + _chosen(result, best)
        + "".join(_handle(*end) for end in ends)
        + text(ends[0][0] + 16, ends[0][1] - 8, "L", weight=600, halo=True)
        + f'<rect class="lic-grab" x="{LEFT}" y="{UPPER[0]}" width="{RIGHT - LEFT}" '
        f'height="{UPPER[1] - UPPER[0]}" data-across="{largest[0]:.6g}" '
        f'data-up="{largest[1]:.6g}" style="fill:transparent;cursor:grab;touch-action:none"/>'
    )


def _bent(result):
    """The usual axes. On the line D = (L - R) / lambda, and PSNR = 10 log10(255² / D)."""
    widest, highest = limits(result.source)
    seen = [f for c in result.source.curves for f in c if f.mse <= widest and f.bpp <= highest]
    values = [f.psnr for f in seen] or [result.chosen.psnr]
    db = ticks(min(values), max(values))
    x, y = _scale(0, highest, LEFT, RIGHT), _scale(db[0], db[-1], *LOWER[::-1])
    cost = result.chosen.cost(result.lam)
    rate = np.linspace(0, cost, 120)[:-1]
    psnr = 10 * np.log10(255**2 * result.lam / (cost - rate))
    bent = [(x(r), y(p)) for r, p in zip(rate, psnr, strict=True)]
    places = [[(x(f.bpp), y(f.psnr)) for f in curve] for curve in result.source.curves]
    return (
        _axes(x, y, _inside(0, highest), db, LOWER, "R, bits per pixel, whole file")
        + text(1, LOWER[0] - 12, "PSNR (RGB), dB", anchor="start")
        + _clip(LOWER, _curves(places) + _path(bent, TEXT, 2))
        + _chosen(result, [(x(f.bpp), y(f.psnr)) for f in result.best])
    )


def _scale(low, high, start, end):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (value - low) / (high - low)


def _inside(low, high):
    """Round numbers within low..high."""
    return [tick for tick in ticks(low, high) if tick <= high]


def _axes(x, y, x_ticks, y_ticks, span, name):
    """Thin lines and numbers; span is top and bottom."""
    rows = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in y_ticks
    )
    columns = "".join(
        f'<path d="M{x(t):.1f} {span[1]}v4" stroke="{LINE}"/>' + text(x(t), span[1] + 17, f"{t:g}")
        for t in x_ticks
    )
    return rows + columns + text((LEFT + RIGHT) / 2, span[1] + 34, name)


def _clip(span, inner):
    """What lies outside the axes is cut off."""
    box = f"{LEFT} {span[0]} {RIGHT - LEFT} {span[1] - span[0]}"
    left, top, width, height = box.split()
    place = f'x="{left}" y="{top}" width="{width}" height="{height}"'
    return f'<svg {place} viewBox="{box}">{inner}</svg>'


def _curves(places):
    return "".join(
        _path(points, JPEG, 1.5, dash) + "".join(_mark(marker, *p, 2.2) for p in points)
        for points, (marker, dash) in zip(places, STYLES, strict=True)
    )


def _chosen(result, places):
    """The point that each line touches; the lower line's is larger."""
    found = zip(result.best, places, STYLES, strict=True)
    marks = [(file is result.chosen, marker, place) for file, place, (marker, _) in found]
    return "".join(_mark(m, *place, 7.5 if big else 4.5) for big, m, place in sorted(marks))


def _mark(marker, x, y, r):
    """A full circle or a square with a hole."""
    if marker == "circle":
        ring = ' stroke="#fff" stroke-width="2"' if r > 4 else ""
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" style="fill:{JPEG}"{ring}/>'
    box = f'x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"'
    width = 3 if r > 4 else 1.2
    look = f"fill:var(--jp-layout-color0, #fff);stroke:{JPEG};stroke-width:{width}"
    return f'<rect {box} style="{look}"/>'


def _handle(x, y):
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" style="fill:var(--jp-layout-color0, #fff);'
        f'stroke:{TEXT};stroke-width:2"/>'
    )


def _legend():
    rows = zip(("4:2:0", "4:4:4"), STYLES, (0, 20), strict=True)
    return "".join(
        _path([(RIGHT - 96, UPPER[0] + 8 + down), (RIGHT - 64, UPPER[0] + 8 + down)], JPEG, 2, dash)
        + _mark(marker, RIGHT - 80, UPPER[0] + 8 + down, 3.5)
        + text(RIGHT - 56, UPPER[0] + 12 + down, name, anchor="start", weight=600)
        for name, (marker, dash), down in rows
    )


def _path(points, color, width, dash=""):
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{places}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/>'
    )
