"""The rate-distortion plot beside the cells, as SVG.

R across, in bits per point, and up how far the error lies below the variance, in dB. The KLT is
orange and dashed; the dotted line is Shannon's lower bound, where the source is known.
"""

import numpy as np

from lic_teach.kit.plots import JPEG, LEARNED, LINE, QUIET, TEXT, svg, text, ticks

WIDTH, HEIGHT = 440, 262
LEFT, RIGHT, TOP, BOTTOM = 36, 344, 50, 220
MOST = 9  # bits


def bound(cloud) -> list[tuple[float, float]]:
    """What no code can pass: (R, dB) pairs, R = log2(sigma along * sigma across / D).

    Shannon's lower bound R >= h(x) - log2(2 pi e D) for two numbers (Cover and Thomas 2006,
    problem 10.8). Bending does not change h of the banana: it moves areas and keeps their size.
    """
    variance, rates = cloud.x.var(0).mean(), np.linspace(1, MOST, 9)
    return [(r, 10 * np.log10(variance / (cloud.bound * 2.0**-r))) for r in rates]


def curves(result) -> str:
    """cells.Result -> SVG, WIDTH x HEIGHT."""
    klt, these = (
        [(p.rate, p.snr) for p in moved.curve if p.rate <= MOST]
        for moved in (result.klt, result.moved)
    )
    color = JPEG if result.linear else LEARNED
    lines = [("KLT", klt, JPEG, 2, "6 4"), ("these cells", these, color, 2, "")]
    if result.cloud.bound is not None:
        lines.append(("the limit", bound(result.cloud), QUIET, 1.2, "2 3"))
    rows = ticks(0, max(snr for _, points, *_ in lines for _, snr in points))
    place = _places(rows[-1])
    points = [(p.rate, p.snr) for p in (result.klt_point, result.point)]
    gain = f"{points[1][1] - points[0][1]:+z.1f}".replace("-", "−")
    title = f"At {result.point.rate:.1f} bits: {gain} dB"
    body = (
        text(1, 15, f"{title} against the KLT", anchor="start", weight=600)
        + text(1, TOP - 16, "variance / D, dB", anchor="start")
        + _grid(rows, place)
        + "".join(_line([place(*p) for p in points], *look) for _, points, *look in lines)
        + _names(lines, place)
        + _line([place(*p) for p in points], TEXT, 2, "")
        + "".join(_dot(*place(*p), c) for p, c in zip(points, (JPEG, color), strict=True))
    )
    return svg(WIDTH, HEIGHT, title, body)


def _places(highest):
    """A function from R and dB to the place in the drawing."""

    def place(rate, snr):
        up = min(max(snr / highest, 0), 1)
        return LEFT + (RIGHT - LEFT) * rate / MOST, BOTTOM - (BOTTOM - TOP) * up

    return place


def _grid(rows, place):
    lines = "".join(
        f'<path d="M{LEFT} {place(0, t)[1]:.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, place(0, t)[1] + 4, f"{t:g}", anchor="end")
        for t in rows
    )
    numbers = "".join(text(place(t, 0)[0], BOTTOM + 17, t) for t in range(MOST + 1))
    return lines + numbers + text((LEFT + RIGHT) / 2, BOTTOM + 34, "R, bits per point")


def _line(places, color, width, dash):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return (
        f'<polyline points="{path}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/>'
    )


def _names(lines, place):
    """At the right end of each line, pushed down where they would touch."""
    ends = sorted((place(*max(points))[1], name, paint) for name, points, paint, *_ in lines)
    drawn, last = "", 0.0
    for y, name, paint in ends:
        last = max(y + 4, last + 15)
        drawn += text(RIGHT + 4, last, name, paint, "start", weight=600)
    return drawn


def _dot(x, y, color):
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.5" stroke="#fff" stroke-width="2" '
        f'style="fill:{color}"/>'
    )
