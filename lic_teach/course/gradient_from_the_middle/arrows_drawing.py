"""The arrow map, as SVG: forward in grey, gradients of R and of D coming back.

       steps                R is violet and dashed, as all that is trained with noise;
      /     \\               lambda D is a full line.
g_a - Q ---- g_s - D        Beside each part that learns stands the length of either gradient,
      |                     or the word "none".
    prior - R
"""

import math

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.plots import LINE, NOISE, PAPER, QUIET, RESIDUAL, TEXT, text

WIDTH, HEIGHT = 460, 318
BOXES = {  # middle, width, height
    "g_a": (66, 168, 88, 62),
    "Q": (188, 168, 98, 62),
    "g_s": (310, 168, 88, 62),
    "D": (421, 168, 68, 62),
    "steps": (249, 62, 88, 62),
    "prior": (188, 280, 88, 62),
    "R": (310, 280, 76, 62),
}
NAMES = {"Q": "Q", "D": "D", "R": "R"}
BELOW = {
    "Q": ("÷ step, then", "noise or round"),
    "D": ("(x̂ − x)²", "mean"),
    "R": ("−log₂ P", "bits / pixel"),
}
WIRES = {  # where a wire begins and ends, forward
    ("g_a", "Q"): ((110, 168), (139, 168)),
    ("Q", "g_s"): ((237, 168), (266, 168)),
    ("g_s", "D"): ((354, 168), (387, 168)),
    ("steps", "Q"): ((222, 93), (198, 137)),
    ("steps", "g_s"): ((276, 93), (300, 137)),
    ("Q", "prior"): ((186, 199), (186, 249)),
    ("prior", "R"): ((232, 280), (272, 280)),
}
CARRIES = {  # which gradients come back along a wire, if it is whole
    ("g_a", "Q"): "RD",
    ("Q", "g_s"): "D",
    ("g_s", "D"): "D",
    ("steps", "Q"): "RD",
    ("steps", "g_s"): "D",
    ("Q", "prior"): "R",
    ("prior", "R"): "R",
}
LETTERS = {("g_a", "Q"): "y", ("Q", "g_s"): "ŷ", ("g_s", "D"): "x̂"}
CUTS = {"the way to the prior": (("Q", "prior"), "R"), "the way to g_s": (("Q", "g_s"), "D")}
APART = 9  # between lines side by side
CUT = 13  # what each of two strokes across a wire reaches on either side


def number(value: float | None) -> str:
    """A length in two digits; "none" for None.

    >>> number(None), number(0.012345), number(1.04), number(123.4), number(0.0)
    ('none', '0.012', '1.0', '123', '0')
    """
    if value is None:
        return "none"
    if not value:
        return "0"
    decimals = max(1 - math.floor(math.log10(value)), 0)
    return f"{value:.{decimals}f}" if decimals < 6 else f"{value:.0e}"


def arrow_map(result) -> str:
    """arrows.Result -> SVG, WIDTH x HEIGHT."""
    live = living(result.loss, result.cut)
    body = (
        _line((2, 168), (22, 168), LINE, 1.4)
        + text(10, 157, "x", QUIET, size=14)
        + "".join(_wire(wire, live[wire], result.cut) for wire in WIRES)
        + "".join(_box(name, result) for name in BOXES)
        + _cut(result.cut)
        + _legend(result.loss)
    )
    return plots.titled(WIDTH, HEIGHT, title_of(result), body)


def title_of(result) -> str:
    """What is to be seen."""
    if result.loss == "R":
        return "R alone: no way leads from R back to g_s"
    if result.loss == "λ·D":
        return "D alone: no way leads from D back to the prior"
    if result.cut in CUTS:
        return f"{CUTS[result.cut][1]} no longer reaches the encoder"
    return "Two losses, two ways back: they meet at Q, and add up"


def living(loss: str, cut: str) -> dict[tuple[str, str], str]:
    """{wire: "R", "D", "RD" or ""}: the gradients that come back along it."""
    wire, lost = CUTS.get(cut, (None, ""))
    before = {("g_a", "Q"), ("steps", "Q"), wire}
    return {
        w: "".join(k for k in kinds if k in loss and not (k == lost and w in before))
        for w, kinds in CARRIES.items()
    }


def _wire(wire, kinds, cut):
    """Forward a thin line; gradients beside it, the other way. A cut's letter stands higher."""
    start, end = (np.array(p, float) for p in WIRES[wire])
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    if wire == ("steps", "Q"):
        across = -across
    drawn = _arrow(start, end, LINE, 1.4)
    for place, kind in enumerate(kinds, 1):
        move = place * APART * across
        color, dash = (NOISE, "6 3") if kind == "R" else (RESIDUAL, "")
        drawn += _arrow(end + move, start + move, color, 3, dash)
    if wire in LETTERS:
        above = CUT + 5 if wire == CUTS.get(cut, ("",))[0] else 11
        drawn += text(*((start + end) / 2 - (0, above)), LETTERS[wire], QUIET, size=14)
    return drawn


def _arrow(start, end, color, width, dash=""):
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    head = 5 + width
    left, right = (end - head * along + side * (2 + width) * across for side in (1, -1))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (end, left, right))
    line = _line(start, end - (head - 1) * along, color, width, dash)
    return line + f'<polygon points="{points}" style="fill:{color}"/>'


def _line(start, end, color, width, dash=""):
    (x0, y0), (x1, y1) = start, end
    look = f'style="stroke:{color};stroke-width:{width}" stroke-dasharray="{dash}"'
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" {look}/>'


def _box(name, result):
    """Name, and the two gradients of a part that learns; what it does, of one that does not."""
    x, y, width, height = BOXES[name]
    part = result.parts.get(name)
    rx, frame = (14, f"stroke:{TEXT};stroke-width:1.6") if part else (4, f"stroke:{LINE}")
    box = f'x="{x - width / 2}" y="{y - height / 2}" width="{width}" height="{height}" rx="{rx}"'
    drawn = f'<rect {box} style="fill:{PAPER};{frame}"/>'
    drawn += text(x, y - 13, NAMES.get(name, name), TEXT, size=15, weight=600)
    if not part:
        dead = name in "RD" and name not in result.loss
        first, second = ("not in L", "") if dead else BELOW[name]
        return drawn + text(x, y + 5, first, QUIET) + text(x, y + 20, second, QUIET)
    lines = (("∂R", part.r, NOISE), ("λ∂D", part.d, RESIDUAL))
    for row, (label, value, color) in enumerate(lines):
        paint, weight = (QUIET, 400) if value is None else (color, 700)
        drawn += text(x - 8, y + 5 + 16 * row, label, paint, "end", 12, weight)
        drawn += text(x + 2, y + 5 + 16 * row, number(value), paint, "start", 12, weight)
    return drawn


def _cut(cut):
    """Two strokes across the wire that is cut."""
    if cut not in CUTS:
        return ""
    start, end = (np.array(p, float) for p in WIRES[CUTS[cut][0]])
    along = (end - start) / np.hypot(*(end - start))
    across, middle = np.array([-along[1], along[0]]), (start + end) / 2
    strokes = (middle + side * 3 * along for side in (1, -1))
    return "".join(_line(p - CUT * across, p + CUT * across, TEXT, 2.5) for p in strokes)


def _legend(loss):
    rows = (("R", "gradient of R", NOISE, "6 3"), ("D", "gradient of λD", RESIDUAL, ""))
    lines = "".join(
        _line((6, y), (34, y), color if kind in loss else LINE, 3, dash)
        + text(40, y + 4, words, color if kind in loss else QUIET, "start")
        for (kind, words, color, dash), y in zip(rows, (272, 292), strict=True)
    )
    note = "compare the numbers", "of one box only"
    return lines + "".join(text(454, 56 + 15 * k, w, QUIET, "end") for k, w in enumerate(note))
