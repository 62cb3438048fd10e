"""Drawings beside a picture, as SVG text: quick to build, sharp at any size.

    text, ... --titled, svg--> a whole drawing --stills.Drawing--> what a cell shows

axes.py draws what has axes. Colours are the CSS variables of style.css, with a value of their own
where there is none; what has a colour differs in dash or shape, too.
"""

from html import escape

import numpy as np

JPEG = "var(--lic-jpeg, #d9730d)"
LEARNED = "var(--lic-learned, #2563b0)"
NOISE = "#a653c9"  # all that is trained with noise: legible on white and on black
RESIDUAL = "var(--lic-residual, #12857a)"  # residuals, and gradients with where they lead
ORIGINAL = QUIET = "var(--lic-quiet, #757575)"
TEXT = "var(--lic-text, #212121)"
LINE = "var(--lic-line, #bdbdbd)"
PAPER = "var(--jp-layout-color0, #fff)"
MONO = "var(--jp-code-font-family, monospace)"
ORANGE, BLUE = (217, 115, 13), (37, 99, 176)  # JPEG and LEARNED as pixels
HEAT = np.array([[246, 248, 251], [116, 165, 222], BLUE, [8, 24, 58]])  # nothing .. most


def heat_map(share: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture of what each 8 x 8 pixels cost, from white by blue to black.

    share: 0..1 of what is most, (h, w). Returns uint8 (height, width, 3), at most 8 h x 8 w.
    """
    places = np.linspace(0, 1, len(HEAT))
    tiles = np.stack([np.interp(share, places, c) for c in HEAT.T], -1).astype(np.uint8)
    return np.ascontiguousarray(tiles.repeat(8, 0).repeat(8, 1)[:height, :width])


def svg(width: float, height: float, label: str, body: str) -> str:
    """A whole drawing; label is what a screen reader says of it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{body}</svg>'
    )


def titled(width: float, height: float, title: str, body: str, label: str = "") -> str:
    """A whole drawing under its title, which says what is to be seen; label: as of svg."""
    return svg(width, height, label or title, heading(escape(title)) + body)


def heading(words: str, down: float = 15, left: float = 1) -> str:
    """A title; words: as of text."""
    return text(left, down, words, anchor="start", weight=600)


def text(x, y, words, fill=TEXT, anchor="middle", size=12, weight=400, mono=False, halo=False):
    """words: SVG text, escaped where need be; halo: legible where it stands on a line."""
    font = f";font-family:{MONO}" if mono else ""
    kind = ' class="lic-halo"' if halo else ""
    return (
        f'<text x="{round(float(x), 1):g}" y="{round(float(y), 1):g}" text-anchor="{anchor}"{kind} '
        f'style="fill:{fill};font-size:{size}px;font-weight:{weight}{font}">{words}</text>'
    )


def minus(words: object) -> str:
    """A minus sign as long as a plus, in place of hyphens.

    >>> minus(-3), minus("2 to -0.5")
    ('−3', '2 to −0.5')
    """
    return str(words).replace("-", "−")


def moved(drawing: str, x: float = 0, y: float = 0) -> str:
    """What svg returns, as a part of another drawing: its upper left corner at (x, y)."""
    return drawing.replace("<svg ", f'<svg x="{x}" y="{y}" ', 1)


def ticks(low: float, high: float) -> np.ndarray:
    """Round numbers that enclose low..high, four to eight of them.

    >>> ticks(0, 1.7).tolist(), ticks(21.3, 38).tolist()
    ([0.0, 0.5, 1.0, 1.5, 2.0], [20.0, 25.0, 30.0, 35.0, 40.0])
    """
    rough = max(high - low, abs(high) / 100, 1e-9) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min([1, 2, 5, 10], key=lambda nice: abs(np.log(nice * power / rough)))
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return np.round(np.arange(first, max(last, first + 1) + 1) * step, 10)
