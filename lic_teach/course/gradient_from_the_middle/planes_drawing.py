"""Two gradients of the same part and their sum, in the one plane in which they lie, as SVG.

dR <------o          The angle is true, and so are the lengths beside each other: the longer
         / lambda dD one fills the drawing. Steps and encoder, the parts that hear of both.
"""

import math

from lic_teach.course.gradient_from_the_middle.arrows_drawing import number
from lic_teach.kit import plots
from lic_teach.kit.plots import LINE, NOISE, QUIET, RESIDUAL, TEXT, text

PLANE_WIDTH, PLANE_HEIGHT, REACH, BASE = 440, 180, 84, 156
NEAR = 34  # pixels from tip to tip: nearer than that their words would overlap
SHOWN = ("steps", "g_a")


def planes(result) -> str:
    """arrows.Result -> SVG: for two parts, the gradients of R and lambda D and their sum."""
    both = [name for name in SHOWN if result.parts[name].cosine is not None]
    title = "Seen in their own plane: the two gradients and their sum"
    body = ""
    for place, name in enumerate(SHOWN):
        x = PLANE_WIDTH * (1 + 2 * place) / 4
        body += _plane(name, result.parts[name], x) if name in both else _alone(name, result, x)
    return plots.titled(PLANE_WIDTH, PLANE_HEIGHT, title, body)


def _plane(name, pull, x):
    """R points left. The scale is such that the longer one fills the drawing."""
    scale = REACH / max(pull.r, pull.d)
    angle = math.acos(max(-1.0, min(1.0, pull.cosine)))
    r = -scale * pull.r, 0.0
    d = -scale * pull.d * math.cos(angle), -scale * pull.d * math.sin(angle)
    total = r[0] + d[0], r[1] + d[1]
    sides = "".join(
        f'<path d="M{x + a:.1f} {BASE + b:.1f}L{x + total[0]:.1f} {BASE + total[1]:.1f}" '
        f'style="stroke:{LINE}" stroke-dasharray="2 3"/>'
        for a, b in (r, d)
    )
    by_r, by_d = (math.dist(total, tip) < NEAR for tip in (r, d))
    said = f"{math.degrees(angle):.0f}°" + (f", best λ {pull.best:.2g}" if pull.best else "")
    return (
        text(x, 36, f"{name}: {said}", weight=600)
        + sides
        + _vector(x, r, NOISE, "6 3", "∂R")
        + _vector(x, d, RESIDUAL, "", "λ∂D", "start" if by_d else "middle")
        + _vector(x, total, TEXT, "", "sum", "end" if by_d else "middle", 4, 11 * (by_r or by_d))
        + f'<circle cx="{x}" cy="{BASE}" r="3.5" style="fill:{TEXT}"/>'
    )


def _vector(x, tip, color, dash, word, anchor="middle", width=2.6, lift=0):
    length = math.hypot(*tip)
    if length < 1:
        return ""
    u, v = tip[0] / length, tip[1] / length
    head = min(10.0, length)
    wings = " ".join(
        f"{x + tip[0] - head * u + s * 5 * v:.1f},{BASE + tip[1] - head * v - s * 5 * u:.1f}"
        for s in (1, -1)
    )
    end = f"{x + tip[0]:.1f},{BASE + tip[1]:.1f}"
    at = x + tip[0] + 15 * u, BASE + tip[1] + 12 * v + 4 - lift
    at = max(at[0], 32 if anchor == "end" else 14), at[1]  # inside the drawing
    return (
        f'<path d="M{x:.1f} {BASE}l{tip[0] - 0.8 * head * u:.1f} {tip[1] - 0.8 * head * v:.1f}" '
        f'style="stroke:{color};stroke-width:{width}" stroke-dasharray="{dash}"/>'
        f'<polygon points="{end} {wings}" style="fill:{color}"/>'
        + text(at[0], at[1], word, color, anchor, weight=700, halo=True)
    )


def _alone(name, result, x):
    pull = result.parts[name]
    found = [(word, v) for word, v in (("∂R", pull.r), ("λ∂D", pull.d)) if v is not None]
    said = ", ".join(f"{word} {number(v)}" for word, v in found) or "none"
    return text(x, 36, name, weight=600) + text(x, 100, f"one gradient only: {said}", QUIET)
