"""Words, tables and drawings of a readout as SVG: what a browser makes of its HTML, without one.

    HTML --html--> Piece(svg, width, height)           pieces --below, beside--> Piece

For the still picture of an explorer (stills.py). Known is what readouts are made of: paragraphs,
bold words, tables, the rows of small pictures of readout.figures, and whole drawings. The
letters are those of the font that matplotlib brings along, so that all machines set them alike.
"""

import re
from base64 import b64decode, b64encode
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from PIL import ImageFont

from lic_teach.kit.controls import decode_picture, encode_png

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FACES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}  # by whether they are bold
SIZE, LINE, GAP = 11, 16, 8  # pixels
COLUMNS = 14  # pixels between those of a table
DRAWING = re.compile(r"<svg\b|</svg>")  # a drawing can hold others
VARIABLE = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")  # of style.css, and what stands in for it


class Piece(NamedTuple):
    """SVG whose upper left corner is at 0, 0, and its size in pixels."""

    svg: str
    width: float
    height: float


class Run(NamedTuple):
    """Words of one look; "\\n" ends a line."""

    words: str
    bold: bool = False
    ink: str = "#212121"


@cache
def _font(bold, size):
    return ImageFont.truetype(FONTS / FACES[bold], size)


@cache
def length(words: str, bold: bool = False, size: int = SIZE) -> float:
    """Width in pixels."""
    return _font(bold, size).getlength(words)


def below(pieces: list[Piece], gap: float = GAP) -> Piece:
    """One under the other."""
    svg, y = "", 0.0
    for piece in pieces:
        svg += f'<g transform="translate(0 {y:g})">{piece.svg}</g>'
        y += piece.height + gap
    return Piece(svg, max((p.width for p in pieces), default=0), max(y - gap, 0))


def beside(pieces: list[Piece], gap: float = 2 * GAP) -> Piece:
    """One to the right of the other."""
    svg, x = "", 0.0
    for piece in pieces:
        svg += f'<g transform="translate({x:g} 0)">{piece.svg}</g>'
        x += piece.width + gap
    return Piece(svg, max(x - gap, 0), max((p.height for p in pieces), default=0))


def text(runs: list[Run], width: float) -> Piece:
    """Runs of words, broken into lines of this width."""
    lines, x = [[]], 0.0
    for run in runs:
        for word in re.findall(r"\n|[^\s]+\s*|\s+", run.words):
            step = 0 if word == "\n" else length(word, run.bold)
            if word.isspace() and word != "\n":  # none begins a line
                x += step if x else 0
            elif word == "\n" or (x and x + length(word.rstrip(), run.bold) > width):
                lines, x = [*lines, []], 0.0
            if word.strip():
                lines[-1].append((x, word.rstrip(), run))
                x += step
    drawn = "".join(
        f'<text x="{x:.1f}" y="{LINE * row + 12}" font-size="{SIZE}" fill="{run.ink}" '
        f'font-weight="{700 if run.bold else 400}">{_escaped(word)}</text>'
        for row, line in enumerate(lines)
        for x, word, run in line
    )
    ends = [x + length(word, run.bold) for line in lines for x, word, run in line[-1:]]
    return Piece(drawn, max(ends, default=0), LINE * len(lines) if ends else 0)


def _escaped(words):
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(rows: list[list[list[Run]]]) -> Piece:
    """Rows of cells of runs: the first column to the left, the others to the right."""
    cells = [[text(cell, 1e9) for cell in row] for row in rows]
    count = max(map(len, cells))
    widths = [max(r[i].width for r in cells if i < len(r)) for i in range(count)]
    drawn = ""
    for y, row in enumerate(cells):
        for i, cell in enumerate(row):
            right = sum(widths[: i + 1]) + COLUMNS * i
            x = right - (cell.width if i else widths[0])
            drawn += f'<g transform="translate({x:.1f} {y * (LINE + 3)})">{cell.svg}</g>'
    return Piece(drawn, sum(widths) + COLUMNS * (count - 1), (LINE + 3) * len(cells))


def drawing(svg: str) -> Piece:
    """A whole drawing on white. Its letters are a little smaller: the font here is a wide one."""
    svg = VARIABLE.sub(r"\1", svg)
    svg = re.sub(r"font-size:([\d.]+)px", lambda m: f"font-size:{0.9 * float(m[1]):g}px", svg)
    head = svg[: svg.index(">")]
    width, height = (re.search(rf'\b{side}="([\d.]+)"', head) for side in ("width", "height"))
    box = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', head)
    across = float(width[1] if width else box[1])
    return Piece(
        svg, across, float(height[1]) if height else across * float(box[2]) / float(box[1])
    )


def html(words: str, width: float) -> Piece:
    """A readout of this width; drawings and tables keep their own."""
    found, depth, start = [], 0, 0
    for mark in DRAWING.finditer(words):
        if depth == 0:
            found += _Reader(words[start : mark.start()], width).found
            start = mark.start()
        depth += 1 if mark[0] == "<svg" else -1
        if depth == 0:
            found.append(drawing(words[start : mark.end()]))
            start = mark.end()
    found += _Reader(words[start:], width).found
    return below([piece for piece in found if piece.height])


class _Reader(HTMLParser):
    """Collects the pieces of HTML without drawings."""

    def __init__(self, words, width):
        super().__init__()
        self.width, self.found = width, []
        self._runs, self._looks = [], [Run("")]
        self._rows, self._figures, self._apart = None, None, False
        self.feed(words)
        self._paragraph()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        ink = re.search(r"color:\s*(?:var\([^,]+,\s*)?(#\w+)", attributes.get("style") or "")
        look = self._looks[-1]
        look = look._replace(bold=look.bold or tag in ("b", "strong"))
        self._looks.append(look._replace(ink=ink[1]) if ink else look)
        if tag in ("p", "div", "table", "ul", "li"):
            self._paragraph()
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._runs = []
        elif attributes.get("class") == "lic-figures":
            self._figures = []
        elif attributes.get("class") == "lic-symbols":
            self._apart = True
        elif tag == "img":
            self._looks.pop()
            self._picture = _given(attributes["src"], int(attributes.get("width", 0)))
        elif tag == "br":
            self._looks.pop()
            self._runs.append(Run("\n"))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        if len(self._looks) > 1:
            self._looks.pop()
        if tag in ("td", "th"):
            self._rows[-1].append(self._runs)
            self._runs = []
        elif tag == "table":
            self.found.append(table(self._rows))
            self._rows = None
        elif tag == "figure":
            name = text(self._runs, 1e9)
            self._figures.append(below([self._picture, name], 2))
            self._runs = []
        elif tag in ("small", "span") and self._apart:  # boxes on the screen
            self._runs.append(Run(" " if tag == "small" else "   "))
        elif tag in ("p", "div", "li"):
            self._paragraph()
            self._apart = False
            if tag == "div" and self._figures:
                self.found.append(beside(self._figures, 12))
                self._figures = None

    def handle_data(self, words):
        words = re.sub(r"\s+", " ", words)
        if words.strip() or self._runs:
            self._runs.append(self._looks[-1]._replace(words=words))

    def _paragraph(self):
        if self._rows is None and self._figures is None and self._runs:
            self.found.append(text(self._runs, self.width))
        if self._rows is None and self._figures is None:
            self._runs = []


def picture(image: np.ndarray) -> Piece:
    """uint8 (H, W, 3) or (H, W), a pixel a pixel."""
    height, width = image.shape[:2]
    address = b64encode(encode_png(image)).decode()
    size = f'width="{width}" height="{height}"'
    return Piece(f'<image {size} href="data:image/png;base64,{address}"/>', width, height)


def _given(address, width):
    """What readout.figures shows: in its own size, or its pixels as squares."""
    image = decode_picture(b64decode(address.partition(",")[2]))
    times = max(width // image.shape[1], 1)
    return picture(image.repeat(times, 0).repeat(times, 1))
