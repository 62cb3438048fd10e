"""One-click damage for the byte microscope: each way changes a few bytes of a file.

bytes --SABOTAGE[name]--> Edit(start, stop, new, words), or None where there is nothing to break
"""

import re
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lic_teach.jpeg import JpegWarning, codec, container, markers

FRAMES = [markers.name(marker) for marker in markers.FRAMES]  # the frame headers that are read


class Edit(NamedTuple):
    """Bytes start..stop of the file become `new`; words says what that means."""

    start: int
    stop: int
    new: bytes
    words: str


def segment(data: bytes, *names: str):
    """The first segment of one of these names, or None."""
    return next((s for s in container.parse(data) if s.name in names), None)


def flip_bit(data: bytes) -> Edit | None:
    """One bit, two fifths into the file: of the 32 from there the one that harms the most."""
    scans = [s for s in container.parse(data) if s.name == ""]
    if not scans:
        return None
    scan = next((s for s in scans if s.offset + s.length > 2 * len(data) // 5), scans[-1])
    first = max(2 * len(data) // 5, scan.offset)
    last = min(first + 4, scan.offset + scan.length)
    edits = [
        Edit(at, at + 1, bytes([data[at] ^ 1 << bit]), f"One bit of byte {at:,} is turned round.")
        for at in range(first, last)
        for bit in range(8)
    ]
    whole = codec.unpack(data)[0].astype(int)
    return max(
        edits, key=lambda edit: _harm(whole, data[: edit.start] + edit.new + data[edit.stop :])
    )


def _harm(whole, broken):
    """How far the coefficients of a broken file are from what they were, all together."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", JpegWarning)
        return np.abs(codec.unpack(broken, strict=False)[0] - whole).sum()


def swap_steps(data: bytes) -> Edit | None:
    """The frame header gives luma the quantization table of chroma, and the other way round."""
    header = segment(data, *FRAMES)
    start, stop = header.offset + 4, header.offset + header.length
    payload = bytearray(data[start:stop])
    payload[8::3] = bytes({0: 1, 1: 0}.get(t, t) for t in payload[8::3])
    words = "The frame header gives luma the steps of chroma, and chroma those of luma."
    return Edit(start, stop, bytes(payload), words) if len(payload) > 9 else None


def swap_words(data: bytes) -> Edit | None:
    """The scan header gives luma the Huffman tables of chroma, and the other way round."""
    header = segment(data, "SOS")
    start, stop = header.offset + 4, header.offset + header.length
    payload = bytearray(data[start:stop])
    payload[2:-3:2] = bytes({0: 0x11, 0x11: 0}.get(t, t) for t in payload[2:-3:2])
    words = "The scan header gives luma the code words of chroma, and chroma those of luma."
    return Edit(start, stop, bytes(payload), words) if payload[0] > 1 else None


def drop_restart(data: bytes) -> Edit | None:
    """One restart marker, from the middle of the picture."""
    markers = [s for s in container.parse(data) if s.name.startswith("RST")]
    if not markers:
        return None
    lost = markers[len(markers) // 2]
    words = f"The restart marker {lost.name} of byte {lost.offset:,} is gone."
    return Edit(lost.offset, lost.offset + 2, b"", words)


def drop_stuffing(data: bytes) -> Edit | None:
    """One of the zeros behind FF, from the middle of the scan."""
    scan = max(
        (s for s in container.parse(data) if s.name == ""), key=lambda s: s.length, default=None
    )
    if scan is None:
        return None
    inside = data[scan.offset : scan.offset + scan.length]
    found = [m.start() + scan.offset + 1 for m in re.finditer(b"\xff\x00", inside)]
    if not found:
        return None
    at = found[len(found) // 2]
    code = data[at + 1]
    words = f"The stuffed 00 of byte {at:,} is gone: the file now says FF {code:02X}, a marker."
    return Edit(at, at + 1, b"", words)


def widen(data: bytes) -> Edit:
    """The frame header claims 16 pixels more a line."""
    at = segment(data, *FRAMES).offset + 7
    width = int.from_bytes(data[at : at + 2], "big")
    words = f"The frame header says {width + 16} pixels a line instead of {width}."
    return Edit(at, at + 2, (width + 16).to_bytes(2, "big"), words)


def cut(data: bytes) -> Edit:
    """The second half of the file is missing."""
    return Edit(len(data) // 2, len(data), b"", "The file ends in the middle.")


SABOTAGE: dict[str, Callable[[bytes], Edit | None] | None] = {
    "none": None,
    "flip one bit": flip_bit,
    "swap the quantization tables": swap_steps,
    "swap the Huffman tables": swap_words,
    "drop a restart marker": drop_restart,
    "drop a stuffed 00": drop_stuffing,
    "claim a larger width": widen,
    "cut the file in half": cut,
}
