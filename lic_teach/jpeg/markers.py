"""Markers: the bytes behind FF that say what comes, and where in a file they are (T.81 B.1.1).

    bytes --find_markers--> Markers(segments, restarts, reserved, spare)

Unlike learned/container.py, whose fields stand at fixed places: here every part of a file announces
itself, so that a reader can step over what it does not know. Lesson a_real_jpeg.
"""

from typing import NamedTuple

import numpy as np

from .errors import JpegError

SOF0, SOF1, SOF2, SOF9, SOF10, DHT, DAC = 0xC0, 0xC1, 0xC2, 0xC9, 0xCA, 0xC4, 0xCC
RST0, RST7, SOI, EOI, SOS, DQT, DNL, DRI = 0xD0, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD
DHP, EXP, APP0, APP14, APP15, SOF55, COM, TEM = 0xDE, 0xDF, 0xE0, 0xEE, 0xEF, 0xF7, 0xFE, 0x01
RESERVED = range(0x01, 0xC0)  # TEM, and codes that mean nothing (Table B.1)
INSIDE = {*RESERVED, *range(RST0, RST7 + 1)}  # do not end a scan
ALONE = {*INSIDE, SOI, EOI}  # markers without a length
FRAMES = {
    SOF0: "baseline",
    SOF1: "extended sequential",
    SOF2: "progressive",
    SOF9: "arithmetic coding (sequential)",
    SOF10: "arithmetic coding (progressive)",
}
NEEDED = {*FRAMES, DHT, SOS, DQT, DRI}  # the decoder reads these; it steps over all others

REFUSED = {
    0xC3: "lossless",
    0xC5: "hierarchical (differential sequential)",
    0xC6: "hierarchical (differential progressive)",
    0xC7: "hierarchical (differential lossless)",
    0xC8: "reserved for extensions",
    0xCB: "arithmetic coding (lossless)",
    0xCD: "arithmetic coding (hierarchical sequential)",
    0xCE: "arithmetic coding (hierarchical progressive)",
    0xCF: "arithmetic coding (hierarchical lossless)",
    0xDE: "hierarchical",
    0xDF: "hierarchical (expansion of a reference)",
    0xF7: "JPEG-LS",
}
HEADERS = {**FRAMES, **{m: REFUSED[m] for m in REFUSED if m not in (0xC8, EXP)}}  # like SOF0

NAMES = {
    **{0xC0 + i: f"SOF{i}" for i in range(16)},
    **{RST0 + i: f"RST{i}" for i in range(8)},
    **{APP0 + i: f"APP{i}" for i in range(16)},
    **{DHT: "DHT", 0xC8: "JPG", DAC: "DAC", SOI: "SOI", EOI: "EOI", SOS: "SOS", DQT: "DQT"},
    **{DNL: "DNL", DRI: "DRI", DHP: "DHP", EXP: "EXP", SOF55: "SOF55", COM: "COM", TEM: "TEM"},
    0xF8: "LSE",
}


def name(marker: int) -> str:
    """T.81's name of a marker (Table B.1), or its hexadecimal number."""
    return NAMES.get(marker, f"FF{marker:02X}")


KIND = np.zeros(256, np.uint8)  # of each xx, by the order of the fields of Markers
KIND[RST0 : RST7 + 1], KIND[1:0xC0], KIND[[0, 0xFF]] = 1, 2, 3


class Markers(NamedTuple):
    """Offsets of every FF xx that can be a marker, ascending: int64 (n,), by what xx is.

    segments: C0 .. FE but for RST; restarts: RST0 .. RST7; reserved: 01 .. BF, which only damage
    puts into the data of a scan; spare: 00 and FF, no markers: a byte FF of the data, and a fill
    byte.
    """

    segments: np.ndarray
    restarts: np.ndarray
    reserved: np.ndarray
    spare: np.ndarray


def find_markers(data: bytes) -> Markers:
    """Where the markers of a file are. Raises JpegError where the first is not SOI."""
    if data[:2] != b"\xff\xd8":
        raise JpegError(f"a JPEG begins with FF D8, this with {data[:8].hex(' ') or 'nothing'}", 0)
    raw = np.frombuffer(data, np.uint8)
    ff = np.flatnonzero(raw == 0xFF)
    code = raw[np.minimum(ff + 1, len(raw) - 1)]  # behind the last byte nothing can follow
    kinds = KIND[code]
    return Markers(*(ff[kinds == kind] for kind in range(4)))
