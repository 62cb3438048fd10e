"""Container: the markers around the bits, SOI ... EOI (T.81 Annex B, JFIF 1.02).

    SOI  APP0 (JFIF)  DQT  SOF  DHT  SOS  entropy-coded bytes  EOI

A segment is FF, a marker byte, a length of two bytes (which counts itself) and a payload.
Each writer stands beside its reader. Unlike learned/container.py: the tables travel in the
file, there is no checksum, and whatever is unknown can be skipped. Lesson 06.
"""

from collections.abc import Iterator

import numpy as np

from .errors import JpegError
from .frame import Component, Frame
from .huffman import Table

SOF0, DHT, RST0, SOI, EOI, SOS, DQT, DRI, APP0 = (
    0xC0,
    0xC4,
    0xD0,
    0xD8,
    0xD9,
    0xDA,
    0xDB,
    0xDD,
    0xE0,
)
STANDALONE = {0x01, SOI, EOI, *range(RST0, RST0 + 8)}


def segment(marker: int, payload: bytes) -> bytes:
    """FF, marker, length, payload."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def read_segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(marker, offset of its FF, payload) from SOI on; entropy-coded bytes are stepped over."""
    if data[:2] != b"\xff\xd8":
        raise JpegError(f"a JPEG file begins with FF D8, this one with {data[:2].hex(' ')}", 0)
    position = 2
    while True:
        position = data.find(b"\xff", position)
        while position >= 0 and data[position + 1 : position + 2] == b"\xff":  # fill bytes
            position += 1
        if position < 0 or position + 2 > len(data):
            raise JpegError("the file ends before its EOI marker", len(data))
        marker = data[position + 1]
        if marker == 0 or RST0 <= marker < RST0 + 8:  # inside entropy-coded bytes
            position += 2
            continue
        if marker in STANDALONE:
            yield marker, position, b""
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        payload = data[position + 4 : position + 2 + length]
        if length < 2 or len(payload) != length - 2:
            raise JpegError(f"marker {marker:02X} has a length of {length}", position)
        yield marker, position, payload
        position += 2 + length


def jfif() -> bytes:
    """APP0: version 1.01, no pixel density, no thumbnail."""
    return segment(APP0, b"JFIF\0" + bytes([1, 1, 0, 0, 1, 0, 1, 0, 0]))


def dqt(number: int, steps: np.ndarray) -> bytes:
    """One quantization table, (64,) in zig-zag order, as 8 bits each (B.2.4.1)."""
    return segment(DQT, bytes([number]) + steps.astype(np.uint8).tobytes())


def read_dqt(payload: bytes) -> dict[int, np.ndarray]:
    """Number -> uint16 (64,) in zig-zag order."""
    tables = {}
    while payload:
        wide, number = divmod(payload[0], 16)
        size = 128 if wide else 64
        if wide > 1 or number > 3 or len(payload) < 1 + size:
            raise JpegError(f"bad quantization table {payload[0]:02X}")
        tables[number] = np.frombuffer(payload[1 : 1 + size], ">u2" if wide else "u1").astype(
            np.uint16
        )
        payload = payload[1 + size :]
    return tables


def sof(marker: int, frame: Frame) -> bytes:
    """Frame header (B.2.2): precision 8, size, components."""
    parts = [bytes([c.id, c.h << 4 | c.v, c.table]) for c in frame.components]
    size = frame.height.to_bytes(2, "big") + frame.width.to_bytes(2, "big")
    return segment(marker, bytes([8]) + size + bytes([len(parts)]) + b"".join(parts))


def read_sof(payload: bytes) -> Frame:
    """Undo sof."""
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
        raise JpegError(f"a frame header of {len(payload)} bytes")
    if payload[0] != 8:
        raise JpegError(f"samples of {payload[0]} bits; this codec reads 8")
    height, width = (int.from_bytes(payload[i : i + 2], "big") for i in (1, 3))
    triples = [payload[i : i + 3] for i in range(6, len(payload), 3)]
    parts = tuple(Component(i, hv >> 4, hv & 15, t) for i, hv, t in triples)
    for c in parts:
        if not (1 <= c.h <= 4 and 1 <= c.v <= 4 and c.table <= 3):
            raise JpegError(f"component {c.id}: sampling {c.h} x {c.v}, table {c.table}")
    if not (height and width and len(parts) in (1, 3)):
        raise JpegError(f"size {width} x {height}, {len(parts)} components")
    return Frame(height, width, parts)


def dht(number: int, t: Table) -> bytes:
    """One Huffman table (B.2.4.2); number: 0..3 for DC, 16..19 for AC."""
    return segment(DHT, bytes([number]) + t.bits.tobytes() + t.values.tobytes())


def read_dht(payload: bytes) -> dict[int, Table]:
    """Row 0..3 (DC) or 4..7 (AC) -> Table."""
    tables = {}
    while payload:
        kind, number = divmod(payload[0], 16)
        bits = np.frombuffer(payload[1:17], np.uint8)
        n = int(bits.sum())
        room = np.cumsum(bits * 2.0 ** -np.arange(1, len(bits) + 1))
        if kind > 1 or number > 3 or len(payload) < 17 + n or n > 256 or room[-1] > 1:
            raise JpegError(f"bad Huffman table {payload[0]:02X}")
        tables[4 * kind + number] = Table(bits, np.frombuffer(payload[17 : 17 + n], np.uint8))
        payload = payload[17 + n :]
    return tables


def sos(frame: Frame, dc: list[int], ac: list[int]) -> bytes:
    """Scan header of all components (B.2.3), with the numbers of their Huffman tables."""
    parts = [bytes([c.id, d << 4 | a]) for c, d, a in zip(frame.components, dc, ac, strict=True)]
    return segment(SOS, bytes([len(parts)]) + b"".join(parts) + bytes([0, 63, 0]))


def read_sos(payload: bytes, frame: Frame) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Undo sos: indices of the scan's components, their DC tables, their AC tables."""
    if len(payload) < 4 or len(payload) != 4 + 2 * payload[0]:
        raise JpegError(f"a scan header of {len(payload)} bytes")
    ids = [c.id for c in frame.components]
    pairs = [payload[i : i + 2] for i in range(1, 1 + 2 * payload[0], 2)]
    if not all(i in ids and t >> 4 < 4 and t & 15 < 4 for i, t in pairs):
        raise JpegError("the scan header names an unknown component or table")
    dc = np.array([t >> 4 for _, t in pairs], np.int32)
    return [ids.index(i) for i, _ in pairs], dc, np.array([t & 15 for _, t in pairs], np.int32)


def entropy_coded(data: bytes, start: int) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of a scan from `start` to its end, without stuffing and restart markers.

    Returns payload: uint8, and ends: int64, where in payload each restart interval ends.
    """
    raw = np.frombuffer(data, np.uint8)[start:]
    ff = np.flatnonzero(raw[:-1] == 0xFF)
    after = raw[ff + 1]
    plain = (after == 0) | (after == 0xFF) | ((after >= RST0) & (after < RST0 + 8))
    stop = len(raw) if plain.all() else ff[np.argmin(plain)]
    ff, after = ff[ff < stop], after[: np.searchsorted(ff, stop)]
    restarts = ff[(after >= RST0) & (after < RST0 + 8)]
    stuffed, fill = ff[after == 0] + 1, ff[after == 0xFF]
    dropped = np.sort(np.concatenate([stuffed, fill, restarts, restarts + 1]))
    ends = np.append(restarts, stop)
    return np.delete(raw[:stop], dropped), ends - np.searchsorted(dropped, ends)
