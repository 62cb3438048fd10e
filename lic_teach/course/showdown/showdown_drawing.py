"""What the explorer draws, as SVG: every file of every codec, one of them chosen.

    R across, on a scale of doublings     dB up, of PSNR or of MS-SSIM

JPEG is orange, learned is blue, the others black; within a colour dashes and marks differ. Each
point carries data-codec and data-n, by which showdown.js finds it.
"""

import numpy as np

from lic_teach.kit.plots import JPEG, LEARNED, LINE, TEXT, svg, text, ticks

WIDTH, HEIGHT = 460, 458
LEFT, RIGHT, TOP, BOTTOM = 34, 452, 48, 352
LEGEND = 412, (LEFT, 168, 330), 19  # its top, its three columns, a row
STYLES = {  # colour, dash, mark, width
    "JPEG": (JPEG, "", "circle", 2),
    "JPEG by λ": (JPEG, "5 3", "square", 2),
    "WebP": (TEXT, "", "triangle", 1),
    "JPEG 2000": (TEXT, "2 3", "diamond", 1),
    "AVIF": (TEXT, "7 3", "circle", 1),
    "learned, factorized": (LEARNED, "5 3", "circle", 2),
    "learned": (LEARNED, "", "square", 2),
}
SHAPES = {  # unit paths around 0
    "circle": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "square": "M-.9 -.9H.9V.9H-.9Z",
    "triangle": "M0 -1.2L1.1 .8H-1.1Z",
    "diamond": "M0 -1.3L1.1 0L0 1.3L-1.1 0Z",
}


def plot(result) -> str:
    """showdown.Result -> SVG, WIDTH x HEIGHT."""
    curves, metric, chosen = result.source.curves, result.metric, result.chosen
    files = [file for curve in curves.values() for file in curve]
    high = np.log2([file.bpp for file in files])
    db = ticks(*(f([file.quality(metric) for file in files]) for f in (min, max)))
    x = scale(np.floor(high.min()), np.ceil(high.max()), LEFT, RIGHT)
    y = scale(db[0], db[-1], BOTTOM, TOP)
    named = f"{chosen.codec}: {chosen.bpp:.2f} bits per pixel, {chosen.quality(metric):.1f} dB"
    places = {
        name: [(x(np.log2(file.bpp)), y(file.quality(metric))) for file in curve]
        for name, curve in curves.items()
    }
    body = (
        text(1, 15, named, anchor="start", weight=600)
        + axes(x, y, np.arange(np.floor(high.min()), np.ceil(high.max()) + 1), db, metric)
        + legend(curves, chosen.codec)
        + "".join(curve(i, name, places[name], chosen) for i, name in enumerate(places))
        + mark(chosen.codec, *places[chosen.codec][chosen.n - 1], 8, ring=True)
    )
    return svg(WIDTH, HEIGHT, f"{named}, {metric}", body)


def scale(low: float, high: float, start: int, end: int):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (value - low) / max(high - low, 1e-9)


def axes(x, y, doublings: np.ndarray, db: np.ndarray, metric: str) -> str:
    """Thin lines and numbers."""
    rows = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in db
    )
    columns = "".join(
        f'<path d="M{x(t):.1f} {BOTTOM}v4" stroke="{LINE}"/>'
        + text(x(t), BOTTOM + 17, f"{2**t:.3g}".removeprefix("0") if t < 0 else f"{2**t:g}")
        for t in doublings
    )
    what = "PSNR (RGB), dB" if metric == "PSNR" else "MS-SSIM, −10 log₁₀(1 − MS-SSIM), dB"
    names = text(
        (LEFT + RIGHT) / 2, BOTTOM + 36, "bits per pixel, whole file (each step doubles them)"
    )
    return rows + columns + names + text(1, TOP - 13, what, anchor="start")


def curve(i: int, name: str, places: list[tuple[float, float]], chosen) -> str:
    """A codec's line, and its points, larger where they can be clicked: data-codec, data-n."""
    color, dash, _, width = STYLES[name]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    width += name == chosen.codec
    return (
        f'<polyline points="{line}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/>'
        + "".join(
            mark(name, *place, 4, f' data-codec="{i}" data-n="{n}"')
            for n, place in enumerate(places, 1)
        )
    )


def mark(
    name: str, across: float, down: float, size: int, data: str = "", ring: bool = False
) -> str:
    """The mark of a codec at a place; with a ring it is the chosen one."""
    color, _, shape, _ = STYLES[name]
    edge = ' stroke="#fff" stroke-width=".25"' if ring else ""
    return (
        f'<path d="{SHAPES[shape]}" transform="translate({across:.1f} {down:.1f}) scale({size})" '
        f'style="fill:{color};cursor:pointer"{edge}{data}/>'
    )


def legend(curves, chosen: str) -> str:
    """The codecs in their order, the chosen one in bold."""
    top, columns, height = LEGEND
    rows = ""
    for i, name in enumerate(curves):
        color, dash, _, width = STYLES[name]
        left, down = columns[i // 3], top + height * (i % 3)
        rows += (
            f'<path d="M{left} {down}h26" stroke-width="{width}" stroke-dasharray="{dash}" '
            f'style="stroke:{color}"/>'
            + mark(name, left + 13, down, 4)
            + text(left + 33, down + 4, name, anchor="start", weight=600 if name == chosen else 400)
        )
    return rows
