"""A whole explorer, or a drawing, as one picture: for a page without a kernel.

    explorer's widgets --typeset--> Pieces, as they stand on the screen --resvg--> PNG
    what plots.svg returns --Drawing--> a cell's output: that SVG, its PNG and its words

The same bytes for the same explorer: nothing here knows a clock, a screen or a system's fonts.
"""

import base64
import io
import re
from collections import Counter
from collections.abc import Iterable
from html import unescape

import numpy as np
import resvg_py
from ipywidgets import HTML, Box, Checkbox, Dropdown, ToggleButtons, VBox, Widget
from PIL import Image, ImageColor

from lic_teach.kit.controls import Picture, Readout, Slider, Tries, Wipe
from lic_teach.kit.typeset import (
    FACES,
    FONTS,
    GAP,
    LINE,
    Piece,
    Run,
    below,
    beside,
    drawing,
    html,
    picture,
    text,
)

PICTURE, WORDS = 451, 440  # pixels across, at most: a photograph, a paragraph
DRAWING = 460  # and a drawing that stands beside a photograph
WIDTH = PICTURE + 2 * GAP + DRAWING
SMALL = 150  # pixels: what is narrower is enlarged to be seen
TALL = 640  # pixels, at most, of a photograph
MOST = 200_000  # bytes
INKS = 15  # of drawings and words, exact in the palette
STYLE = ".lic-halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"


def still(widgets: Iterable[Widget]) -> bytes:
    """An explorer's children -> PNG bytes: at most MOST, but for pictures of pure noise."""
    whole = below([p for w in widgets if (p := piece(w, WIDTH)) and p.height], GAP + 4)
    inside = f'<g transform="translate({GAP} {GAP})">{whole.svg}</g>'
    return _png(Piece(inside, WIDTH + 2 * GAP, round(whole.height + 2 * GAP)))


class Drawing:
    """A drawing as what a cell shows; svg: as of plots.svg.

    A notebook that nobody has trusted yet, a fresh copy, shows PNG and words, but no SVG.
    """

    def __init__(self, svg: str):
        self.svg = svg

    def _repr_mimebundle_(self, **kwargs):
        head, rest = self.svg.split(">", 1)
        paper = '<rect width="100%" height="100%" fill="#fff"/>'  # whatever is around it
        return {
            "image/svg+xml": f'{head} font-family="sans-serif">{paper}{rest}',
            "image/png": base64.b64encode(_png(drawing(self.svg))).decode(),
            "text/plain": unescape(re.search('aria-label="(.*?)"', head)[1]),
        }


def _png(whole):
    """A Piece on white -> PNG bytes."""
    drawn = resvg_py.svg_to_bytes(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole.width:g}" '
        f'height="{whole.height:g}" font-family="DejaVu Sans"><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{whole.svg}</svg>',
        skip_system_fonts=True,
        font_files=[str(FONTS / name) for name in (*FACES.values(), "DejaVuSansMono.ttf")],
        sans_serif_family="DejaVu Sans",
        monospace_family="DejaVu Sans Mono",
        font_family="DejaVu Sans",
    )
    used = Counter(re.findall(r"#[0-9a-f]{6}\b", whole.svg))
    inks = ["#ffffff", *(ink for ink, _ in used.most_common(INKS) if ink != "#ffffff")]
    return _small(Image.open(io.BytesIO(drawn)).convert("RGB"), inks)


def _small(image, inks):
    """As PNG of few colours, the inks among them, and of fewer where a noisy picture is large."""
    kept = [_on_white(ImageColor.getrgb(ink), part) for part in (1, 0.5) for ink in inks]
    packed = _packed(np.array(image))
    for colours in (256, 224, 192, 160, 128, 96, 64):
        found = image.quantize(colours - len(kept)).getpalette()
        palette = Image.new("P", (1, 1))
        palette.putpalette(sum(kept, []) + found)
        places = np.array(image.quantize(palette=palette, dither=Image.Dither.NONE))
        for place, ink in enumerate(kept[: len(inks)]):  # Pillow takes one nearby
            places[packed == _packed(np.array(ink))] = place
        drawn, buffer = Image.fromarray(places), io.BytesIO()
        drawn.putpalette(sum(kept, []) + found)
        drawn.save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST:
            break
    return buffer.getvalue()


def _on_white(ink, part):
    """The ink, or what is seen of it at the edge of a line."""
    return [round(255 - part * (255 - c)) for c in ink]


def _packed(colours):
    return colours.astype(np.int64) @ (65536, 256, 1)


def piece(widget: Widget, width: float) -> Piece | None:
    """A widget, in at most this width; None where a page without a kernel has no use for it."""
    if widget.layout.display == "none":
        return None
    match widget:
        case VBox():
            width = min(width, _pixels(widget.layout.max_width) or width)
            return below([p for child in widget.children if (p := piece(child, width))])
        case Box():
            return _row(widget.children, width)
        case Picture() | Wipe():
            return _photograph(widget, min(width, PICTURE)) if widget.value else None
        case Readout() | HTML():
            return html(widget.value, min(width, WORDS))
        case Slider():
            return _slider(widget)
        case ToggleButtons() | Dropdown():
            return _line(widget.description, str(widget.label))
        case Checkbox():
            return _line(widget.description, "yes" if widget.value else "no")
        case Tries():
            return html(widget.folded(), width)
    if hasattr(widget, "typeset"):  # a room's own widget says it itself,
        return widget.typeset()
    words = getattr(widget, "value", "")  # or is a drawing that can be taken hold of
    return html(words, width) if str(words).lstrip().startswith("<svg") else None


def _row(widgets, width):
    """Side by side, and in a further line where the room ends, as the style's `row wrap` does."""
    lines, left = [[]], width
    for number, widget in enumerate(widgets):
        basis = _pixels(widget.layout.flex) or ("lic-side" in widget._dom_classes and 320)
        later = sum(bool(_pixels(other.layout.flex)) for other in widgets[number + 1 :])
        room = (left - 2 * GAP * later) / (1 + later) if basis else left
        if room < (basis or 0):
            room = width
        found = piece(widget, room)
        if not found or not found.height:
            continue
        if lines[-1] and found.width > left:
            lines, left = [*lines, []], width
            found = piece(widget, width)
        lines[-1].append(found)
        left -= found.width + 2 * GAP
    return below([beside(line) for line in lines if line])


def _pixels(words):
    """Of a layout's width, or the basis of its flex: "1 1 300px" -> 300; 0 where there is none."""
    last = (words or "").split(" ")[-1]
    return int(last[:-2]) if last.endswith("px") else 0


def _photograph(widget, width):
    """A picture at its size, or smaller; a small one enlarged. With what lies over it."""
    image = _image(widget)
    height, across = image.shape[:2]
    if across < SMALL:
        times = max(min(int(width // across), TALL // height), 1)
        image = image.repeat(times, 0).repeat(times, 1)
    scale = min(width / image.shape[1], TALL / image.shape[0], 1)
    size = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
    if scale < 1:
        image = np.array(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))
    shown = picture(image)
    over = _names(widget.names, *size) if isinstance(widget, Wipe) else _cell(widget, scale)
    return shown._replace(svg=shown.svg + over)


def _image(widget):
    """What is to be seen of it: uint8 (H, W, 3)."""
    return np.array(Image.open(io.BytesIO(widget.still())).convert("RGB"))


def _names(names, width, height):
    """The words in the upper corners of a Wipe."""
    drawn = ""
    for number, name in enumerate(names):
        words = text([Run(name, ink="#fff")], width)
        if words.height:
            x = width - words.width - 15 if number else 8
            drawn += (
                f'<rect x="{x - 6:.1f}" y="8" width="{words.width + 12:.1f}" height="20" rx="4" '
                f'fill="#000" opacity=".7"/><g transform="translate({x:.1f} 10)">{words.svg}</g>'
            )
    return drawn


def _cell(widget, scale):
    """The frame of the chosen cell."""
    if widget.cell <= 1:
        return ""
    y, x = (place * scale for place in widget.at)
    box = f'width="{widget.cell * scale:.1f}" height="{widget.cell * scale:.1f}" fill="none"'
    return "".join(
        f'<rect x="{x:.1f}" y="{y:.1f}" {box} stroke="{ink}" stroke-width="{wide}"/>'
        for ink, wide in (("#000", 6), ("#fff", 3))
    )


def _slider(widget):
    """Its label, a track with the knob, its value."""
    low, high, now = widget.minimum, widget.maximum, widget.value
    if widget.log:
        low, high, now = np.log([low, high, now])
    share = (now - low) / (high - low) if high > low else 0
    track = (
        '<path d="M0 8H120" stroke="#bdbdbd" stroke-width="4" stroke-linecap="round"/>'
        f'<circle cx="{120 * share:.1f}" cy="8" r="6" fill="#2f7de1"/>'
    )
    value = f"{widget.value:,.0f}" if widget.value >= 1000 else f"{widget.value:.3g}"
    words = (Run(widget.label, True), Run(f"{value} {widget.unit}".strip().replace("-", "−")))
    label, said = (text([run], WIDTH) for run in words)
    return beside([label, Piece(track, 120, LINE), said], 12)


def _line(label, value):
    return text([Run(f"{label} ", True), Run(value)], WIDTH) if value else None
