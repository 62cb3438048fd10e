"""Segments: what stands behind each marker, and how it is written and read (T.81 Annex B).

A segment is FF, a marker byte, a length of two bytes that counts itself, and a payload. Each
writer stands beside its reader; readers take the payload and raise JpegError without an
offset, which container.py adds. Unlike learned/container.py: the tables travel in the file.
Lesson a_real_jpeg.
"""

import numpy as np

from .errors import JpegError
from .frame import Component, Frame, Scan
from .huffman import Table
from .markers import APP0, APP14, DHT, DQT, DRI, SOF0, SOF1, SOF2, SOF9, SOF10, SOS


def segment(marker: int, payload: bytes) -> bytes:
    """FF, marker, length, payload."""
    if len(payload) > 65533:
        raise ValueError(f"a segment holds 65533 bytes, not {len(payload)}")
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def jfif() -> bytes:
    """APP0: JFIF 1.01, square pixels, no thumbnail."""
    return segment(APP0, b"JFIF\0" + bytes([1, 1, 0, 0, 1, 0, 1, 0, 0]))


def adobe(transform: int) -> bytes:
    """APP14: the components are RGB or CMYK (transform 0) or YCCK (2)."""
    return segment(APP14, b"Adobe" + bytes([0, 100, 0, 0, 0, 0, transform]))


def read_adobe(payload: bytes, otherwise: int | None) -> int | None:
    """Undo adobe, if it is Adobe's: 0 no transform, 1 YCbCr, 2 YCCK."""
    return payload[11] if payload[:5] == b"Adobe" and len(payload) >= 12 else otherwise


def dqt(number: int, steps: np.ndarray) -> bytes:
    """One quantization table (64,) in zig-zag order, of 8 or 16 bits a step (B.2.4.1)."""
    wide = int(steps.max() > 255)
    return segment(DQT, bytes([wide << 4 | number]) + steps.astype([">u1", ">u2"][wide]).tobytes())


def read_dqt(payload: bytes) -> dict[int, np.ndarray]:
    """Number 0..3 -> uint16 (64,) in zig-zag order."""
    tables = {}
    while payload:
        wide, number = divmod(payload[0], 16)
        size = 128 if wide else 64
        if wide > 1 or number > 3:
            raise JpegError(
                f"quantization table {number} of precision {wide}; 0..3 of 0 or 1 exist"
            )
        if len(payload) < 1 + size:
            raise JpegError(f"quantization table {number} has {len(payload) - 1} bytes of {size}")
        values = np.frombuffer(payload[1 : 1 + size], [">u1", ">u2"][wide])
        tables[number] = values.astype(np.uint16)
        payload = payload[1 + size :]
    return tables


def dht(row: int, t: Table) -> bytes:
    """One Huffman table (B.2.4.2); row: 0..3 for DC, 4..7 for AC."""
    return segment(DHT, bytes([row // 4 << 4 | row % 4]) + t.bits.tobytes() + t.values.tobytes())


def read_dht(payload: bytes) -> dict[int, Table]:
    """Row 0..3 (DC) or 4..7 (AC) -> Table, not yet checked (huffman.lookup does that)."""
    tables = {}
    while payload:
        kind, number = divmod(payload[0], 16)
        bits = np.frombuffer(payload[1:17], np.uint8)
        n = int(bits.sum())
        if kind > 1 or number > 3:
            raise JpegError(
                f"Huffman table of class {kind} and number {number}; 0..1 and 0..3 exist"
            )
        if n > 256 or len(payload) < 17 + n:
            raise JpegError(f"a Huffman table of {n} codes in {len(payload)} bytes")
        tables[4 * kind + number] = Table(bits, np.frombuffer(payload[17 : 17 + n], np.uint8))
        payload = payload[17 + n :]
    return tables


def read_dac(payload: bytes) -> dict[int, int]:
    """Conditioning of the arithmetic coder (B.2.4.3): row 0..3 (DC) or 4..7 (AC) -> value."""
    if len(payload) % 2:
        raise JpegError(f"pairs of bytes that are {len(payload)} bytes")
    values = {}
    for table, value in zip(payload[::2], payload[1::2], strict=True):
        kind, number = divmod(table, 16)
        if kind > 1 or number > 3:
            raise JpegError(
                f"conditioning of class {kind} and number {number}; 0..1 and 0..3 exist"
            )
        values[4 * kind + number] = value
    return values


def sof(frame: Frame, extended: bool) -> bytes:
    """Frame header (B.2.2): precision 8, size, components."""
    if frame.arithmetic:
        marker = SOF10 if frame.progressive else SOF9
    else:
        marker = SOF2 if frame.progressive else SOF1 if extended else SOF0
    parts = [bytes([c.id, c.h << 4 | c.v, c.table]) for c in frame.components]
    size = frame.height.to_bytes(2, "big") + frame.width.to_bytes(2, "big")
    return segment(marker, bytes([8]) + size + bytes([len(parts)]) + b"".join(parts))


def read_sof(marker: int, payload: bytes) -> Frame:
    """Undo sof, for any of HEADERS. A height of 0 is told later, by DNL.

    Whether this codec reads such a frame is container.py's question, which also sets `color`.
    """
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
        raise JpegError(f"a frame header of {len(payload)} bytes")
    height, width = (int.from_bytes(payload[i : i + 2], "big") for i in (1, 3))
    triples = [payload[i : i + 3] for i in range(6, len(payload), 3)]
    parts = tuple(Component(i, hv >> 4, hv & 15, t) for i, hv, t in triples)
    if width == 0 or not parts:
        raise JpegError(f"a picture of width {width} and {len(parts)} components")
    for c in parts:
        if not (1 <= c.h <= 4 and 1 <= c.v <= 4):
            raise JpegError(f"component {c.id}: sampling {c.h} x {c.v}; 1 to 4 can be")
    kind = {"progressive": marker in (SOF2, SOF10), "arithmetic": marker in (SOF9, SOF10)}
    return Frame(height, width, parts, precision=payload[0], **kind)


def sos(frame: Frame, scan: Scan) -> bytes:
    """Scan header (B.2.3)."""
    members = zip(scan.members, scan.dc, scan.ac, strict=True)
    parts = [bytes([frame.components[m].id, d << 4 | a]) for m, d, a in members]
    band = bytes([scan.first, scan.last, scan.high << 4 | scan.low])
    return segment(SOS, bytes([len(parts)]) + b"".join(parts) + band)


def read_sos(payload: bytes, frame: Frame | None) -> Scan:
    """Undo sos; a sequential scan is 0..63 whatever its header says.

    Where components share an identifier, each mention takes the first that is left, as in libjpeg.
    """
    if frame is None:
        raise JpegError("a scan before any frame header")
    if len(payload) < 4 or len(payload) != 4 + 2 * payload[0]:
        raise JpegError(f"a scan header of {len(payload)} bytes")
    named, tables = payload[1:-3:2], payload[2:-3:2]
    if not 1 <= len(named) <= 4:
        raise JpegError(f"a scan of {len(named)} components; 1 to 4 can be")
    left = {m: c.id for m, c in enumerate(frame.components)}
    members = []
    for i in named:
        found = [m for m in left if left[m] == i]
        if not found:
            have = [c.id for c in frame.components]
            what = f"the components {list(named)}" if i in have else f"component {i}"
            raise JpegError(f"the scan names {what}; the frame has {have}")
        members.append(found[0])
        del left[found[0]]
    scan = Scan(tuple(members), tuple(t >> 4 for t in tables), tuple(t & 15 for t in tables))
    return _band(scan, *payload[-3:]) if frame.progressive else scan


def _band(scan: Scan, first: int, last: int, bits: int) -> Scan:
    """The coefficients and bits that a progressive scan sends (G.1.1.1)."""
    high, low = divmod(bits, 16)
    one_band = last == 0 if first == 0 else first <= last <= 63 and len(scan.members) == 1
    if not one_band or low > 13 or (high and high != low + 1):
        raise JpegError(f"a progressive scan of coefficients {first}..{last}, bits {high} to {low}")
    return scan._replace(first=first, last=last, high=high, low=low)


def dri(interval: int) -> bytes:
    """MCUs between two restart markers, 0..65535 (B.2.4.4)."""
    return segment(DRI, interval.to_bytes(2, "big"))


def read_number(payload: bytes) -> int:
    """Undo dri; also the number of lines in a DNL segment (B.2.5)."""
    if len(payload) != 2:
        raise JpegError(f"a number of {len(payload)} bytes where two belong")
    return int.from_bytes(payload, "big")
