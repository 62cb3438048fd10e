"""What the second explorer draws as SVG: the bowl from above, the loss by steps."""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.plots import LINE, TEXT, text

PATH = "var(--lic-residual, #12857a)"
WIDTH, HEIGHT = 440, 520
LEFT, RIGHT = 44, 424
UPPER, LOWER = (42, 340), (404, 478)  # top and bottom of the two parts
SPAN_A, SPAN_B = (-1.0, 2.0), (-0.675, 1.675)  # of the two weights: one scale on the screen
LEVELS = (0.02, 0.1, 0.3, 1, 3, 6)  # of the loss, above its least


def plot(result, title: str) -> str:
    """Result -> SVG, WIDTH x HEIGHT."""
    body = text(1, 15, title, anchor="start", weight=600) + _map(result) + _losses(result)
    return plots.svg(WIDTH, HEIGHT, title, body)


def _place(w):
    """Weights (n, 2) -> where they stand, as (n, 2)."""
    low = np.array([SPAN_A[0], SPAN_B[0]])
    size = np.array([SPAN_A[1] - SPAN_A[0], SPAN_B[1] - SPAN_B[0]])
    share = (w - low) / size
    return np.array([LEFT, UPPER[1]]) + share * [RIGHT - LEFT, UPPER[0] - UPPER[1]]


def _line(points, look):
    words = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{words}" fill="none" style="{look}"/>'


def _map(result):
    """Lines of equal loss, the way of the weights on them."""
    lines = "".join(
        _line(_place(ring), f"stroke:{LINE};stroke-width:1.2") for ring in rings(result.bowl)
    )
    far = np.append(np.flatnonzero(np.abs(result.path).max(1) > 100), len(result.path))
    places = _place(result.path[: far[0] + 1])
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" style="fill:{PATH}"/>' for x, y in places
    )
    way = _line(places, f"stroke:{PATH};stroke-width:1.6")
    (x, y), (x0, y0) = _place(np.stack([result.bowl.best, result.path[0]]))
    cross = f'<path d="M{x - 6:.1f} {y:.1f}h12m-6 -6v12" style="stroke:{TEXT};stroke-width:2"/>'
    words = text(x + 9, y - 8, "bottom", TEXT, "start", halo=True)
    words += text(x0 - 8, y0 + 4, "start", TEXT, "end", halo=True)
    return (
        _window(UPPER, lines + way + dots + cross + words)
        + _numbers()
        + text((LEFT + RIGHT) / 2, UPPER[1] + 34, "weight of the left pixel")
        + text(1, UPPER[0] - 8, "weight of the pixel above", anchor="start")
    )


def _numbers():
    """Along both axes of the map."""
    low, left = UPPER[1] + 17, LEFT - 6
    across = [(_place(np.array([[t, 0]]))[0, 0], t) for t in (-1, 0, 1, 2)]
    up = [(_place(np.array([[0, t]]))[0, 1] + 4, t) for t in (0, 1)]
    return "".join(text(x, low, f"{t}".replace("-", "−")) for x, t in across) + "".join(
        text(left, y, t, anchor="end") for y, t in up
    )


def rings(bowl) -> list[np.ndarray]:
    """Ellipses of equal loss around the bottom: a list of float (n, 2)."""
    curvatures, axes = bowl.curvatures
    turn = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    return [
        (bowl.best[:, None] + axes @ (circle * np.sqrt(2 * level / curvatures)[:, None])).T
        for level in LEVELS
    ]


def _losses(result):
    """What is left above the bottom, step by step, on a logarithmic axis."""
    above = result.losses - result.bowl.loss(result.bowl.best)
    powers = np.clip(np.log10(np.maximum(above, 1e-12)), -6, 3)
    steps = max(len(above) - 1, 1)
    top, bottom = LOWER
    x = LEFT + (RIGHT - LEFT) * np.arange(len(above)) / steps
    y = bottom - (bottom - top) * (powers + 6) / 9
    rows = "".join(
        f'<path d="M{LEFT} {bottom - (bottom - top) * (p + 6) / 9:.1f}H{RIGHT}" '
        f'style="stroke:{LINE};stroke-width:.5"/>'
        + text(LEFT - 6, bottom - (bottom - top) * (p + 6) / 9 + 4, words, anchor="end")
        for p, words in ((-6, "10⁻⁶"), (-3, "10⁻³"), (0, "1"), (3, "10³"))
    )
    points = np.stack([x, y], axis=1)
    return (
        rows
        + _window((top - 4, bottom + 3), _line(points, f"stroke:{PATH};stroke-width:2"))
        + text(1, top - 12, "loss above the bottom", anchor="start")
        + text((LEFT + RIGHT) / 2, bottom + 34, "steps")
        + text(LEFT, bottom + 17, "0")
        + text(RIGHT, bottom + 17, f"{len(result.path) - 1}", anchor="end")
    )


def _window(span, inner):
    """What lies outside is cut off."""
    box = f"{LEFT} {span[0]} {RIGHT - LEFT} {span[1] - span[0]}"
    size = f'width="{RIGHT - LEFT}" height="{span[1] - span[0]}"'
    frame = f'<rect x="{LEFT}" y="{span[0]}" {size} fill="none" style="stroke:{LINE}"/>'
    return f'<svg x="{LEFT}" y="{span[0]}" {size} viewBox="{box}">{inner}</svg>' + frame
