"""Two machines, drawn: JPEG above, the learner's own codec below, box under box, as SVG.

The dotted line between the boxes is the file: right of it stands the decoder.
"""

from lic_teach.kit.plots import JPEG, LEARNED, QUIET, TEXT, text, titled

WIDTH, HEIGHT, LEFT, BOX, GAP, TALL = 776, 346, 6, 130, 28, 98
ROWS = {JPEG: 62, LEARNED: 232}  # the upper edge of the boxes
NAMES = {
    JPEG: ("JPEG, 4:4:4", "sees 8 × 8 pixels"),
    LEARNED: ("yours", "sees 32 × 32 pixels"),
}
BOXES = {
    JPEG: (
        ("transform", "colour matrix", "DCT of 8 × 8", "→ 192 numbers", "every 8 pixels"),
        ("quantize", "÷ step, round", "128 steps", "", ""),
        (
            "entropy code",
            "DC: − the left one",
            "AC: run lengths,",
            "a Huffman table",
            "for all blocks",
        ),
        ("multiply", "× step", "", "", ""),
        ("inverse", "IDCT of 8 × 8", "colour matrix", "→ 8 × 8 pixels", ""),
    ),
    LEARNED: (
        ("g_a", "filters of 16 × 16", "→ 128 channels", "every 8 pixels;", "÷ step; + a bend"),
        ("quantize", "round", "in training: noise", "", ""),
        ("prior, coder", "looks left, above", "→ mean and width", "of each number;", "range coder"),
        ("g_s, first", "+ a bend", "× step", "", ""),
        ("g_s, then", "filters of 16 × 16", "→ 16 × 16 pixels,", "which overlap", ""),
    ),
}


def machines() -> str:
    """The whole drawing."""
    title = "The same machine twice: orange is written in a standard, blue is learned"
    body = "".join(_row(color) for color in ROWS)
    return titled(WIDTH, HEIGHT, title, body, label())


def label() -> str:
    """What a screen reader says of it."""
    rows = (
        NAMES[color][0] + ": " + "; ".join(" ".join(filter(None, box)) for box in BOXES[color])
        for color in ROWS
    )
    return "Two machines, box by box. " + ". ".join(rows)


def _row(color):
    top = ROWS[color]
    name, sees = NAMES[color]
    places = [LEFT + i * (BOX + GAP) for i in range(len(BOXES[color]))]
    arrows = "".join(_arrow(x + BOX, top + 26, color) for x in places[:-1])
    boxes = "".join(_box(x, top, box, color) for x, box in zip(places, BOXES[color], strict=True))
    file = places[2] + BOX + GAP / 2
    return (
        text(LEFT, top - 12, name, color, "start", 13, 600)
        + text(LEFT + 100, top - 12, sees, QUIET, "start")
        + arrows
        + boxes
        + text(file, top - 12, "the file", color, weight=600)
        + f'<path d="M{file} {top - 6}V{top + TALL + 6}" stroke-dasharray="2 3" '
        f'style="stroke:{color}"/>'
    )


def _box(x, y, words, color):
    name, *lines = words
    inside = text(x + BOX / 2, y + 18, name, TEXT, size=13, weight=600)
    inside += "".join(
        text(x + BOX / 2, y + 38 + 16 * i, line, TEXT) for i, line in enumerate(lines)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{BOX}" height="{TALL}" rx="5" fill-opacity=".08" '
        f'stroke-width="1.6" style="fill:{color};stroke:{color}"/>{inside}'
    )


def _arrow(x, y, color):
    return (
        f'<path d="M{x + 3} {y}h{GAP - 10}m-6 -4l6 4l-6 4" fill="none" stroke-width="1.6" '
        f'style="stroke:{color}"/>'
    )
