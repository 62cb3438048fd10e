"""A view of a file: every byte belongs to a segment, and each segment says what it is.

    bytes --parse--> [Segment(offset, length, name, meaning), ...]

For people, not for the decoder: a damaged file is described as far as it goes, and so is one of
a kind that the decoder does not read. A .lic file says of itself no more than its header
(files.describe_learned). Lesson a_real_jpeg.
"""

from typing import NamedTuple

import numpy as np

from . import huffman
from . import markers as mk
from . import segments as seg
from .arguments import file_bytes
from .errors import JpegError

MAX_SEGMENTS = 1 << 18  # of a file; a progressive photograph has some forty
LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}  # frame headers behind which a scan names a predictor


class Segment(NamedTuple):
    """Bytes offset .. offset + length of a file. name: T.81's, or "" for bytes without a marker."""

    offset: int
    length: int
    name: str
    meaning: str


def parse(data: bytes) -> list[Segment]:
    """Cut a file into segments without gap or overlap; JpegError if it begins with no SOI.

    Entropy-coded bytes are segments named "" between SOS and the next marker; so are bytes
    behind EOI and bytes that belong nowhere. After MAX_SEGMENTS the rest is one piece.

    >>> parse(b"\\xff\\xd8\\xff\\xd9")[1]
    Segment(offset=2, length=2, name='EOI', meaning='end of the image')
    """
    data = file_bytes(data)
    found, position, kind, in_scan = [], 0, 0, False
    for start in np.sort(np.concatenate(mk.find_markers(data)[:3])).tolist():
        if start < position:  # inside a payload
            continue
        if start > position:
            found.append(_unmarked(position, start, in_scan))
        marker = data[start + 1]
        kind = marker if marker in mk.HEADERS else kind
        payload, length = _payload(data, start, marker)
        found.append(Segment(start, length, mk.name(marker), meaning(marker, payload, kind)))
        in_scan = marker == mk.SOS or (in_scan and marker in mk.INSIDE)
        position = start + length
        if marker == mk.EOI or len(found) >= MAX_SEGMENTS:
            break
    return found + _rest(found, position, len(data), in_scan)


def _unmarked(start: int, stop: int, in_scan: bool) -> Segment:
    what = "entropy-coded bytes" if in_scan else "bytes that belong to no segment"
    return Segment(start, stop - start, "", what)


def _rest(found: list[Segment], start: int, stop: int, in_scan: bool) -> list[Segment]:
    """What stands behind the last segment."""
    if start == stop:
        return []
    if found[-1].name == "EOI":
        return [Segment(start, stop - start, "", "bytes after the end of the image")]
    if len(found) >= MAX_SEGMENTS:
        return [Segment(start, stop - start, "", f"more than {MAX_SEGMENTS} segments")]
    return [_unmarked(start, stop, in_scan)]


def _payload(data: bytes, offset: int, marker: int) -> tuple[bytes, int]:
    """The payload of a segment and the length of all of it, cut off where the data ends."""
    if marker in mk.ALONE:
        return b"", 2
    length = max(int.from_bytes(data[offset + 2 : offset + 4], "big"), 2)
    whole = data[offset : offset + 2 + length]
    return whole[4:], len(whole)


def meaning(marker: int, payload: bytes, kind: int = mk.SOF0) -> str:
    """What a segment says, in words. kind: the marker of the frame header before it."""
    try:
        if marker in mk.HEADERS:
            return _frame(marker, payload)
        if marker == mk.SOS:
            return _scan(payload, kind)
        if marker in TABLES:
            return TABLES[marker](payload)
    except JpegError as error:
        return f"damaged: {error}"
    if marker in mk.REFUSED:
        return mk.REFUSED[marker]
    if mk.APP0 <= marker <= mk.APP15:
        return f"for applications: {_text(payload.split(bytes(1))[0])}"
    if marker == mk.COM:
        return f"comment: {_text(payload)}"
    if mk.RST0 <= marker <= mk.RST7:
        return "restart: the DC predictions begin again at 0"
    if marker in mk.RESERVED:
        return "a reserved code: no encoder writes it"
    return {mk.SOI: "start of the image", mk.EOI: "end of the image"}.get(marker, "unknown")


def _frame(marker: int, payload: bytes) -> str:
    frame = seg.read_sof(marker, payload)
    parts = ", ".join(f"{c.id}: {c.h}x{c.v} table {c.table}" for c in frame.components)
    bits = f", {frame.precision} bits a sample" if frame.precision != 8 else ""
    size = f"{frame.width} x {frame.height} pixels"
    return f"{mk.HEADERS[marker]}{bits}, {size}, components {parts}"


def _scan(payload: bytes, kind: int) -> str:
    """Without the frame, from the header alone."""
    if len(payload) < 4 or len(payload) != 4 + 2 * payload[0]:
        raise JpegError(f"a scan header of {len(payload)} bytes")
    ids = ", ".join(str(i) for i in payload[1:-3:2])
    first, last, high, low = payload[-3], payload[-2], payload[-1] >> 4, payload[-1] & 15
    bits = f", bit {low}" if high else f", down to bit {low}" if low else ""
    if kind in LOSSLESS:
        return f"scan of components {ids}: predictor {first}{bits}"
    if kind == mk.SOF55:
        return f"scan of components {ids}: errors of at most {first}"
    return f"scan of components {ids}: coefficients {first} to {last}{bits}"


def _dqt(payload: bytes) -> str:
    tables = seg.read_dqt(payload).items()
    return "; ".join(f"quantization table {i}, steps {t.min()} to {t.max()}" for i, t in tables)


def _dht(payload: bytes) -> str:
    return "; ".join(
        f"{'AC' if row > 3 else 'DC'} {row % 4} Huffman table, {len(t.values)} codes"
        + (", more than their lengths allow" if huffman.overfull(t) else "")
        for row, t in seg.read_dht(payload).items()
    )


def _dac(payload: bytes) -> str:
    return "; ".join(
        f"{'AC' if row > 3 else 'DC'} {row % 4} arithmetic conditioning, "
        + (f"Kx {value}" if row > 3 else f"L {value & 15}, U {value >> 4}")
        for row, value in seg.read_dac(payload).items()
    )


TABLES = {
    mk.DQT: _dqt,
    mk.DHT: _dht,
    mk.DAC: _dac,
    mk.DRI: lambda payload: f"a restart marker every {seg.read_number(payload)} MCUs",
    mk.DNL: lambda payload: f"{seg.read_number(payload)} lines",
}


def _text(payload: bytes) -> str:
    """Printable beginning of some bytes."""
    text = payload[:60].decode("latin-1")
    return "".join(c if c.isprintable() else "." for c in text) + ("..." if payload[60:] else "")
