"""What the explorer draws, as SVG: the cells in the plane of x, and in that of y.

Both planes are white in both themes. A cell is darker where the code expects more points. A
coder of one number after the other expects the product of two histograms; one that looks at y1
before it codes y2 expects each pair as often as it came. Linear is orange, as JPEG is; not linear
is blue, as a learned codec is.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.course.bend_or_look import code
from lic_teach.kit.controls import picture_url
from lic_teach.kit.plots import BLUE, LINE, ORANGE, heading, svg, text

PIXELS = 300  # of a side of a plane
DOTS = 500  # points that are drawn
LEFT, TOP, GAP = 2, 62, 40  # of the planes in the drawing
BARS = 34  # height of the histograms of y
WIDTH, HEIGHT = 2 * PIXELS + GAP + BARS + 8, PIXELS + TOP + 26


class Frame(NamedTuple):
    """The square of a plane that is drawn: its centre, and half its side."""

    centre: tuple[float, float]
    half: float


def frame_of(points: np.ndarray) -> Frame:
    """A square around nearly all points, float (n, 2)."""
    low, high = np.quantile(points, [0.001, 0.999], axis=0)
    return Frame(tuple((low + high) / 2), max(0.58 * float((high - low).max()), 0.1))


class Plane(NamedTuple):
    """y at the pixels of a frame, the top row first, and how fast it changes there."""

    y: tuple[np.ndarray, np.ndarray]  # y1 and y2: float32, broadcast to (PIXELS, PIXELS)
    slope: tuple[np.ndarray, np.ndarray]  # of each, per pixel


def plane_of(forward, frame: Frame, straight: bool = False) -> Plane:
    """The frame in the plane of x; forward: g_a; straight: it is linear, so one slope is enough."""
    across, up = _middles(frame)
    x = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    y = np.asarray(forward(x), dtype=np.float32).T.reshape(2, PIXELS, PIXELS)
    slope = (np.hypot(*np.gradient(v[:3, :3] if straight else v)) for v in y)
    return Plane(tuple(y), tuple(s[:1, :1] if straight else s for s in slope))


def plane_of_y(frame: Frame) -> Plane:
    """The frame in the plane of y itself."""
    across, up = (v.astype(np.float32) for v in _middles(frame))
    return Plane((across[None], up[:, None]), (across[1:2] - across[:1],) * 2)


def _middles(frame):
    """Of the pixels: across from the left, up from the top."""
    away = ((np.arange(PIXELS) + 0.5) / PIXELS * 2 - 1) * frame.half
    return frame.centre[0] + away, frame.centre[1] - away


def planes(result) -> str:
    """cells.Result -> SVG: the cells in the plane of x, and the same in the plane of y."""
    step, y, cloud = result.point.step, result.moved.y, result.cloud
    seen = code.cells_of(result.moved.seen, step)
    shares = [_shares(code.cells_of(v, step)) for v in y.T]
    color = ORANGE if result.linear else BLUE
    frame, right = frame_of(y), LEFT + PIXELS + GAP
    in_x = shade(result.moved.plane, step, seen, result.moved.look, color)
    in_y = shade(plane_of_y(frame), step, seen, result.moved.look, color)
    title = f"{result.name}: cells at {result.point.rate:.1f} bits per point"
    body = (
        heading("x: darker where the code expects points")
        + _plane(in_x, LEFT, cloud.x, cloud.frame, cloud.axes)
        + heading("y: the same cells are squares", left=right)
        + _plane(in_y, right, y, frame, ("y₁", "y₂"))
        + _bars(shares, step, frame, right, color)
    )
    return svg(WIDTH, HEIGHT, title, body)


def _shares(q):
    """The smallest whole number, and the share of each from there on."""
    low = int(q.min())
    return low, np.bincount(q - low) / q.size


def shade(
    plane: Plane, step: float, seen: np.ndarray, look: bool, color: tuple[int, int, int]
) -> np.ndarray:
    """Plane -> uint8 (PIXELS, PIXELS, 3): cells, darker where the code expects more points.

    seen: cells, int (n, 2), that filled the coder's table; look: does it look at y1 before y2?
    """
    table = code.expected(seen, look)
    u = [y / np.float32(step) for y in plane.y]
    q = np.stack(np.broadcast_arrays(*(np.rint(v).astype(np.int64) for v in u)), axis=-1)
    tint = 0.78 * (table(q) / table(seen).max()) ** 0.4
    off = (v - np.rint(v) for v in u)
    slopes = (slope / np.float32(step) for slope in plane.slope)
    ink = np.maximum(*(_border(*each) for each in zip(off, slopes, strict=True)))
    paper = 255 - np.minimum(tint, 1)[..., None] * (255 - np.array(color, np.float32))
    return (paper * (1 - 0.5 * ink[..., None])).astype(np.uint8)


def _border(off, slope):
    """0..1: 1 on the lines half-way between whole numbers, a pixel wide.

    off: y in steps minus the nearest whole number; slope: whole numbers a pixel.
    """
    away = (0.5 - np.abs(off)) / (slope + np.float32(1e-9))
    fine = np.clip(1.4 - 2.5 * slope, 0, 1)  # lines too close to be seen fade away
    return fine * np.clip(1.1 - away, 0, 1)


def _plane(image, left, points, frame, names):
    """The cells with some of the points on them, and the names of the axes."""
    places = ((points[:DOTS] - frame.centre) / frame.half * [1, -1] + 1) * PIXELS / 2
    places = places[((places > 1) & (places < PIXELS - 1)).all(1)]
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places + [left, TOP])
    square = f'x="{left}" y="{TOP}" width="{PIXELS}" height="{PIXELS}"'
    under = TOP + PIXELS + 17
    return (
        f'<image {square} href="{picture_url(image)}"/><path d="{dots}" stroke="#222" '
        f'stroke-opacity=".55" stroke-width="1.8" stroke-linecap="round"/>'
        f'<rect {square} fill="none" stroke="{LINE}"/>'
        + text(left + PIXELS, under, f"{names[0]} →", anchor="end")
        + text(left, under, f"↑ {names[1]}", anchor="start")
    )


def _bars(expected, step, frame, left, color):
    """How often each y1 occurs, above the plane, and each y2, to its right."""
    drawn = ""
    for k, (low, shares) in enumerate(expected):
        edges = (np.arange(len(shares) + 1) + low - 0.5) * step
        edges = ((edges - frame.centre[k]) / frame.half * (1, -1)[k] + 1) * PIXELS / 2
        edges = np.clip(edges, 0, PIXELS)
        for start, end, share in zip(edges, edges[1:], shares / shares.max(), strict=False):
            at, wide, long = min(start, end), max(abs(end - start) - 0.6, 0.3), share * BARS
            x, y = (left + at, TOP - 3 - long) if k == 0 else (left + PIXELS + 3, TOP + at)
            wide, long = (wide, long) if k == 0 else (long, wide)
            drawn += f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{long:.1f}"/>'
    return '<g style="fill:rgb({},{},{})">'.format(*color) + drawn + "</g>"
