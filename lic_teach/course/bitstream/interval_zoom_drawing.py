"""What the interval zoom draws, as SVG: the last steps, and bits over letters.

zoom     the interval before the last three letters and now, each as a full bar; lines lead
         from the part that was taken to the bar below, which is that part enlarged
curves   certain bits (blue, stairs), -log2 P (thin), Huffman's bits (orange, dashed)
"""

from math import log2

import numpy as np

from lic_teach.kit.axes import Axes, names
from lic_teach.kit.plots import JPEG, LEARNED, LINE, MONO, QUIET, TEXT, moved, svg, text, titled

WIDTH, ZOOM, CURVES = 460, 420, 210
LEFT, RIGHT = 8, 452
TOP, BAR, APART = 46, 34, 82  # of the bars: where the first begins, height, from one to the next
SHOWN = 4  # bars
AXES = (40, 26, 378, 168)  # left, top, right, bottom of the curves
SHARE = {"A": 0.16, "B": 0.34, "C": 0.16}  # how strongly the parts are filled


def zoom(result) -> str:
    """interval.Result -> SVG, WIDTH x ZOOM."""
    first = max(result.step - SHOWN + 1, 0)
    body = ""
    for line, step in enumerate(range(first, result.step + 1)):
        taken = result.message[step] if step < result.step else None
        body += _bar(result, step, TOP + line * APART, taken)
    return titled(WIDTH, ZOOM, _title(result), body + _ends(result))


def curves(result) -> str:
    """interval.Result -> SVG, WIDTH x CURVES."""
    count, fixed = len(result.message), [len(bits) for bits in result.certain]
    highest = 1.06 * max(_whole(result), sum(result.words[letter] for letter in result.message))
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if highest / s <= 6)
    ax = Axes((0, count), (0, highest), AXES)
    ends = (result.ideal, "−log₂ P", QUIET), (fixed, "certain", LEARNED)
    ends += ((result.huffman, "Huffman", JPEG),)
    body = (
        ax.grid(range(0, count + 1, 4), range(0, int(highest) + 1, step), "letters coded", "bits")
        + _stairs(ax, result.huffman, JPEG, "6 4")
        + _stairs(ax, fixed, LEARNED)
        + ax.line(range(len(result.ideal)), result.ideal, QUIET, 1.2)
        + names(ax.x(result.step) + 8, ((ax.y(v[-1]), *name) for v, *name in ends), AXES[3] - 8)
    )
    return svg(WIDTH, CURVES, "bits over letters coded", body)


def _stairs(ax, values, color, dash=""):
    """A count that jumps with every letter."""
    return ax.line(
        np.repeat(np.arange(len(values)), 2)[1:], np.repeat(values, 2)[:-1], color, 2, dash
    )


def _whole(result):
    """-log2 P of the whole message."""
    return sum(-log2(result.chances[letter].width) for letter in result.message)


def both(result):
    """One over the other, for a page without a kernel."""
    below = moved(curves(result), y=ZOOM + 10)
    return svg(WIDTH, ZOOM + 10 + CURVES, _title(result), zoom(result) + below)


def _title(result):
    letters = "1 letter" if result.step == 1 else f"{result.step} letters"
    bits = len(result.certain[-1])
    return f"{letters}, {bits} bit{'' if bits == 1 else 's'} certain"


def _bar(result, step, top, taken):
    """The interval after `step` letters, enlarged to a full bar; taken: the next letter."""
    drawn, span = "", RIGHT - LEFT
    for letter, part in result.chances.items():
        x, width = LEFT + span * float(part.low), span * float(part.width)
        fill = 0.75 if letter == taken else SHARE[letter] * (0.35 if taken else 1)
        drawn += (
            f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" '
            f'stroke="{LINE}" style="fill:{LEARNED};fill-opacity:{fill:.2f}"/>'
        )
        if width > 12:
            ink = "#fff" if letter == taken else TEXT
            drawn += text(x + width / 2, top + 22, letter, ink, size=14, weight=600)
        if letter == taken:
            drawn += _fan(x, width, top + BAR, top + APART)
    coded = result.message[:step]
    name = f"after {'…' if step > 12 else ''}{coded[-12:]}" if step else "at first: 0 to 1"
    return drawn + text(LEFT, top - 6, name, QUIET, "start", 12)


def _fan(x, width, above, below):
    """From the part that is taken to the bar that shows it enlarged."""
    points = f"{x:.1f},{above} {x + width:.1f},{above} {RIGHT},{below} {LEFT},{below}"
    return f'<polygon points="{points}" style="fill:{LEARNED};fill-opacity:.08"/>'


def _ends(result):
    """Both ends of the interval in binary: what they share is certain."""
    low, width = result.intervals[-1]
    fixed, top = len(result.certain[-1]), TOP + (SHOWN - 1) * APART + BAR + 26
    more = fixed + 8
    last = low + width - (low + width) / 2**200  # the end itself is outside
    drawn = text(LEFT, top - 1, "The ends in binary; blue is certain", QUIET, "start", 12)
    for line, (name, value) in enumerate((("from", low), ("to", last))):
        digits = f"{int(value * 2**more):0{more}b}"
        shown = f"…{digits[fixed - 26 : fixed]}" if fixed > 27 else digits[:fixed]
        drawn += text(LEFT, top + 19 + 19 * line, name, QUIET, "start", 12)
        drawn += (
            f'<text x="{LEFT + 36}" y="{top + 19 + 19 * line}" '
            f'style="fill:{QUIET};font-size:13px;font-family:{MONO}">0.'
            f'<tspan style="fill:{LEARNED};font-weight:700">{shown}</tspan>{digits[fixed:]}…</text>'
        )
    return drawn
