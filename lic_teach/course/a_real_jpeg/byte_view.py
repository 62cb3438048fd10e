"""A window into the bytes of a file: hex in the colours of its segments, and one byte's bits.

`value` is the chosen byte; `flipped` the bits that the learner turned round by hand, as numbers
8 * byte + place from the left. Everything else is what the explorer shows. A byte is chosen with
a click or the arrow keys, Page Up and Down, Home and End; a click on a bit turns it round.
"""

from pathlib import Path

import anywidget
import traitlets

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
