"""A view of a file: every byte belongs to a segment, and each segment says what it is.

    bytes --parse--> [Segment(offset, length, name, meaning), ...]

For people, not for the decoder: a damaged file is described as far as it goes. A .lic
file says of itself no more than its header (files.describe_learned). Lesson a_real_jpeg.
"""

from typing import NamedTuple

import numpy as np

from . import segments as seg
from .errors import JpegError


class Segment(NamedTuple):
    """Bytes offset .. offset + length of a file. name: T.81's, or "" for bytes without a marker."""

    offset: int
    length: int
    name: str
    meaning: str


def parse(data: bytes) -> list[Segment]:
    """Cut a file into segments without gap or overlap; JpegError if it begins with no SOI.

    Entropy-coded bytes are segments named "" between SOS and the next marker; so are bytes
    behind EOI and bytes that belong nowhere.

    >>> parse(b"\\xff\\xd8\\xff\\xd9")[1]
    Segment(offset=2, length=2, name='EOI', meaning='end of the image')
    """
    data = bytes(data)
    marks = [*np.sort(np.concatenate(seg.find_markers(data))).tolist(), len(data)]
    found, position, in_scan = [], 0, False
    for start in marks:
        if start < position:  # inside a payload
            continue
        if start > position:
            what = "entropy-coded bytes" if in_scan else "bytes that belong to no segment"
            found.append(Segment(position, start - position, "", what))
        if start == len(data):
            break
        marker = data[start + 1]
        payload, length = _payload(data, start, marker)
        found.append(Segment(start, length, seg.name(marker), meaning(marker, payload)))
        in_scan = marker == seg.SOS or (in_scan and seg.RST0 <= marker <= seg.RST7)
        position = start + length
        if marker == seg.EOI and position < len(data):
            found.append(
                Segment(position, len(data) - position, "", "bytes after the end of the image")
            )
            break
    return found


def _payload(data: bytes, offset: int, marker: int) -> tuple[bytes, int]:
    """The payload of a segment and the length of all of it, cut off where the data ends."""
    if marker in seg.ALONE:
        return b"", 2
    length = max(int.from_bytes(data[offset + 2 : offset + 4], "big"), 2)
    whole = data[offset : offset + 2 + length]
    return whole[4:], len(whole)


def meaning(marker: int, payload: bytes) -> str:
    """What a segment says, in words."""
    try:
        if marker == seg.DQT:
            return "; ".join(_steps(i, t) for i, t in seg.read_dqt(payload).items())
        if marker == seg.DHT:
            tables = seg.read_dht(payload).items()
            return "; ".join(f"{_row(r)} Huffman table, {len(t.values)} codes" for r, t in tables)
        if marker in seg.FRAMES:
            return _frame(marker, payload)
        if marker == seg.SOS:
            return _scan(payload)
        if marker in (seg.DRI, seg.DNL):
            number = seg.read_number(payload)
            return (
                f"a restart marker every {number} MCUs" if marker == seg.DRI else f"{number} lines"
            )
    except JpegError as error:
        return f"damaged: {error}"
    if marker in seg.REFUSED:
        return seg.REFUSED[marker]
    if seg.APP0 <= marker <= seg.APP15:
        return f"for applications: {_text(payload.split(bytes(1))[0])}"
    if marker == seg.COM:
        return f"comment: {_text(payload)}"
    if seg.RST0 <= marker <= seg.RST7:
        return "restart: the DC predictions begin again at 0"
    return {seg.SOI: "start of the image", seg.EOI: "end of the image"}.get(marker, "unknown")


def _steps(number: int, steps: np.ndarray) -> str:
    return f"quantization table {number}, steps {steps.min()} to {steps.max()}"


def _row(row: int) -> str:
    return f"{'AC' if row > 3 else 'DC'} {row % 4}"


def _frame(marker: int, payload: bytes) -> str:
    frame = seg.read_sof(marker, payload)
    parts = ", ".join(f"{c.id}: {c.h}x{c.v} table {c.table}" for c in frame.components)
    return f"{seg.FRAMES[marker]}, {frame.width} x {frame.height} pixels, components {parts}"


def _scan(payload: bytes) -> str:
    """Without the frame, from the header alone."""
    if len(payload) < 4 or len(payload) != 4 + 2 * payload[0]:
        raise JpegError(f"a scan header of {len(payload)} bytes")
    ids = ", ".join(str(i) for i in payload[1:-3:2])
    first, last, high, low = payload[-3], payload[-2], payload[-1] >> 4, payload[-1] & 15
    bits = f", bit {low}" if high else f", down to bit {low}" if low else ""
    return f"scan of components {ids}: coefficients {first} to {last}{bits}"


def _text(payload: bytes) -> str:
    """Printable beginning of some bytes."""
    text = payload[:60].decode("latin-1")
    return "".join(c if c.isprintable() else "." for c in text) + ("..." if payload[60:] else "")
