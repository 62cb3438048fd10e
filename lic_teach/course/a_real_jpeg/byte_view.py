"""A window into the bytes of a file: hex in the colours of its segments, and one byte's bits.

`value` is the chosen byte; `flipped` the bits that the learner turned round by hand, as numbers
8 * byte + place from the left. Everything else is what the explorer shows. A byte is chosen with
a click or the arrow keys, Page Up and Down, Home and End; a click on a bit turns it round.
"""

from pathlib import Path

import anywidget
import traitlets

from lic_teach.kit.typeset import Piece, Run, below, text

HERE = Path(__file__).parent

# kind -> what it is called in the legend; the colours stand in byte_view.css
KINDS = {
    "alone": "marker alone",
    "app": "application, other",
    "dqt": "quantization table",
    "sof": "frame header",
    "dht": "Huffman table",
    "sos": "scan header",
    "data": "picture data",
}


ROWS, COLUMNS = 10, 16  # of the window in byte_view.js
COLORS = "6b6b6b b0a898 00896b 7b53b0 c2528f b39400 d9730d"  # of KINDS, as in byte_view.css
INKS = {kind: f"#{ink}" for kind, ink in zip(KINDS, COLORS.split(), strict=True)}


def kind_of(name: str) -> str:
    """The kind of a segment, by its name in jpeg.container.parse."""
    if name in ("SOI", "EOI") or name.startswith("RST"):
        return "alone"
    start = name[:3]
    return {"": "data", "DQT": "dqt", "DHT": "dht", "SOS": "sos", "SOF": "sof"}.get(start, "app")


class ByteView(anywidget.AnyWidget):
    """data: the file; segments: [offset, length, kind] without gaps.

    block: first and last byte of the block that is framed, or -1, -1; changed: bytes that are not
    what they were; roles: 8 letters, what the chosen byte's bits are: c code word, e extra bit,
    n neither.
    """

    _esm = HERE / "byte_view.js"
    _css = HERE / "byte_view.css"
    value = traitlets.Int(0).tag(sync=True)
    flipped = traitlets.Tuple().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    segments = traitlets.List().tag(sync=True)
    names = traitlets.Dict(KINDS).tag(sync=True)
    block = traitlets.Tuple(default_value=(-1, -1)).tag(sync=True)
    changed = traitlets.List(traitlets.Int()).tag(sync=True)
    roles = traitlets.Unicode("nnnnnnnn").tag(sync=True)

    def typeset(self) -> Piece:
        """The rows around the chosen byte, and its bits, where there is no script."""
        first = max(self.value // COLUMNS - ROWS // 2, 0)
        rows = [self._row(16 * row) for row in range(first, first + ROWS)]
        bits = " ".join(f"{self.data[self.value]:08b}")
        chosen = [Run(f"Byte {self.value:,}  ", True), Run(bits)]
        return below([below(rows, 0), text(chosen, 400)])

    def _row(self, start):
        drawn = f'<text x="0" y="14" font-size="10" fill="#616161">{start:,}</text>'
        for i, byte in enumerate(self.data[start : start + COLUMNS]):
            at, kind = start + i, self._kind(start + i)
            inside = 0.62 if self.block[0] <= at <= self.block[1] else 0.26
            ring = ' stroke="#212121" stroke-width="2"' if at == self.value else ""
            bold = 700 if at in self.changed else 400
            drawn += (
                f'<rect x="{50 + 24 * i}" y="1" width="24" height="18" fill="{INKS[kind]}" '
                f'fill-opacity="{inside}"{ring}/><text x="{62 + 24 * i}" y="14" font-size="11" '
                f'text-anchor="middle" font-weight="{bold}">{byte:02X}</text>'
            )
        return Piece(drawn, 50 + 24 * COLUMNS, 20)

    def _kind(self, byte):
        return max(part for part in self.segments if part[0] <= byte)[2]
