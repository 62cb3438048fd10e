"""The rate-distortion plot beside the cells, as SVG.

R across, in bits per point, and up how far the error lies below the variance, in dB. The KLT with a
coder of one number after the other is orange and dashed, the KLT with a coder that looks is orange
and thin; the dotted line is Shannon's lower bound, where the source is known.
"""

import numpy as np

from lic_teach.kit.axes import Axes, names
from lic_teach.kit.plots import JPEG, LEARNED, QUIET, TEXT, minus, ticks, titled

MOST = 9  # bits


def bound(cloud) -> list[tuple[float, float]]:
    """What no code can pass: (R, dB) pairs, R = log2(sigma along * sigma across / D).

    Shannon's lower bound R >= h(x) - log2(2 pi e D) for two numbers (Cover and Thomas 2006,
    problem 10.8). Bending does not change h of the banana: it moves areas and keeps their size.
    """
    variance, rates = cloud.x.var(0).mean(), np.linspace(1, MOST, 9)
    return [(r, 10 * np.log10(variance / (cloud.bound * 2.0**-r))) for r in rates]


def curves(result) -> str:
    """cells.Result -> SVG, 440 x 262."""
    alone, klt, these = (
        [(p.rate, p.snr) for p in moved.curve if p.rate <= MOST]
        for moved in (result.alone, result.klt, result.moved)
    )
    color = JPEG if result.linear else LEARNED
    lines = [("KLT", alone, JPEG, 2, "6 4"), ("these cells", these, color, 2, "")]
    if result.klt.look:
        lines.insert(1, ("KLT, looks", klt, JPEG, 1.2, ""))
    if result.cloud.bound is not None:
        lines.append(("the limit", bound(result.cloud), QUIET, 1.2, "2 3"))
    up = ticks(0, max(snr for _, points, *_ in lines for _, snr in points))
    ax = Axes((0, MOST), (0, up[-1]), (36, 50, 344, 220))
    now = [(p.rate, p.snr) for p in (result.klt_point, result.point)]
    gain = minus(f"{result.point.snr - result.klt_point.snr:+z.1f}")
    body = (
        ax.grid(range(MOST + 1), up, "R, bits per point", "variance / D, dB")
        + "".join(ax.line(*np.transpose(points), *look) for _, points, *look in lines)
        + names(348, ((ax.y(max(points)[1]), name, paint) for name, points, paint, *_ in lines))
        + ax.line(*np.transpose(now), TEXT)
        + "".join(ax.mark(*point, c) for point, c in zip(now, (JPEG, color), strict=True))
    )
    title = f"At {result.point.rate:.1f} bits: {gain} dB against the KLT"
    return titled(440, 262, title, body)
