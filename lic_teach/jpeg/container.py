"""Container: a whole file, SOI ... EOI (T.81 Annex B, JFIF 1.02).

    SOI  APP0 (JFIF)  DQT  SOF  [ DHT  SOS  entropy-coded bytes ] once or more  EOI

`write` strings the segments of segments.py together, `read` takes them apart again, scan by
scan; `parse` says in words what each byte of a file belongs to. Unlike learned/container.py: no
checksum, and whatever is unknown can be skipped. Lesson a_real_jpeg.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import huffman
from . import segments as seg
from .bitstream import SPARE
from .describe import Segment, parse
from .errors import JpegError
from .frame import Frame, Scan

__all__ = ["CodedScan", "Segment", "parse", "read", "write"]


class CodedScan(NamedTuple):
    """A scan as it stands in the file, with everything that is needed to decode it.

    offset: of its SOS; tables: Huffman tables by row, 0..3 DC and 4..7 AC; steps: quantization
    tables by number; interval: MCUs between restarts, 0 for none.
    """

    offset: int
    frame: Frame
    scan: Scan
    tables: dict[int, huffman.Table]
    steps: dict[int, np.ndarray]
    interval: int
    payload: "Payload"


class Payload(NamedTuple):
    """The entropy-coded bytes of a scan, cleaned.

    start: where in the file they begin; data: uint8, without stuffing, fill bytes and restart
    markers, and with SPARE zeros behind; dropped: int64, which bytes from start on are left
    out; ends: int64, where in data each restart interval ends; restarts: uint8, the numbers 0..7
    of the markers between them.
    """

    start: int
    data: np.ndarray
    dropped: np.ndarray
    ends: np.ndarray
    restarts: np.ndarray

    def offset(self, position: int) -> int:
        """Where in the file data[position] stands."""
        kept_before = self.dropped - np.arange(len(self.dropped))
        return self.start + position + int(np.searchsorted(kept_before, position, "right"))


def write(
    frame: Frame, steps: list[np.ndarray], scans: list[bytes], interval: int, comment: bytes
) -> bytes:
    """A file of coded scans, each with its DHT and SOS (scan.encode)."""
    used = sorted({c.table for c in frame.components})
    wide = any(steps[i].max() > 255 for i in used)
    transform = {"rgb": 0, "cmyk": 0, "ycck": 2}.get(frame.color)
    parts = [b"\xff\xd8", seg.jfif() if transform is None else seg.adobe(transform)]
    parts += [seg.segment(seg.COM, comment)] if comment else []
    parts += [seg.dqt(i, steps[i]) for i in used]
    parts += [seg.sof(frame, extended=wide)]
    parts += [seg.dri(interval)] if interval else []
    return b"".join([*parts, *scans, b"\xff\xd9"])


def read(data: bytes, max_pixels: int) -> Iterator[CodedScan]:
    """Undo write: the scans of a file one by one, with the tables as they stand at that point.

    Raises JpegError where the file is not what it should be; the scans before that are good.
    """
    marks, restarts = seg.find_markers(data)
    tables = huffman.STANDARD  # Motion-JPEG leaves them out
    steps, frame, interval, adobe, jfif = {}, None, 0, None, False
    marker, position = seg.SOI, 2
    while marker != seg.EOI:
        marker, offset, payload = read_segment(data, marks, position)
        position = offset + 2 + (0 if marker in seg.ALONE else 2 + len(payload))
        with seg.errors_at(offset):
            if marker in seg.REFUSED:
                raise JpegError(f"{seg.REFUSED[marker]} is a kind of JPEG not read here")
            if marker == seg.SOI or (marker in seg.FRAMES and frame is not None):
                raise JpegError(f"a second {seg.name(marker)} segment")
            if marker == seg.DQT:
                steps = steps | seg.read_dqt(payload)
            elif marker == seg.DHT:
                tables = tables | seg.read_dht(payload)
            elif marker == seg.DRI:
                interval = seg.read_number(payload)
            elif marker == seg.APP0:
                jfif = jfif or payload[:5] == b"JFIF\0"
            elif marker == seg.APP14:
                adobe = seg.read_adobe(payload, adobe)
            elif marker in seg.FRAMES:
                frame = _checked(seg.read_sof(marker, payload), max_pixels)
            elif marker == seg.SOS:
                scan = seg.read_sos(payload, frame)
                cleaned, stop = entropy_coded(data, marks, restarts, position)
                if frame.height == 0:
                    lines = _number_of_lines(data, marks, stop)
                    frame = _checked(frame._replace(height=lines), max_pixels)
                frame = frame._replace(color=color_of(frame, jfif, adobe))
                yield CodedScan(offset, frame, scan, tables, steps, interval, cleaned)
                position = stop


def read_segment(data: bytes, marks: np.ndarray, position: int) -> tuple[int, int, bytes]:
    """The next segment at or behind position: its marker, offset and payload."""
    i = np.searchsorted(marks, position)
    if i == len(marks):
        raise JpegError("the file ends without an EOI marker", len(data))
    offset = int(marks[i])
    marker = data[offset + 1]
    length = int.from_bytes(data[offset + 2 : offset + 4], "big")
    payload = b"" if marker in seg.ALONE else data[offset + 4 : offset + 2 + length]
    if marker not in seg.ALONE and (length < 2 or len(payload) != length - 2):
        left = len(data) - offset - 2
        raise JpegError(f"{seg.name(marker)} of {length} bytes, but {left} are left", offset)
    return marker, offset, payload


def entropy_coded(
    data: bytes, marks: np.ndarray, restarts: np.ndarray, start: int
) -> tuple[Payload, int]:
    """The bytes of a scan, from start up to the next marker that is not RST; and where that is."""
    i = np.searchsorted(marks, start)
    stop = int(marks[i]) if i < len(marks) else len(data)
    raw = np.frombuffer(data, np.uint8)[start:stop]
    ff = np.flatnonzero(raw[:-1] == 0xFF)
    stuffed, fill = ff[raw[ff + 1] == 0] + 1, ff[raw[ff + 1] == 0xFF]
    at = restarts[slice(*np.searchsorted(restarts, (start, stop)))] - start
    dropped = np.sort(np.concatenate([stuffed, fill, at, at + 1]))
    ends = np.append(at, stop - start)
    ends -= np.searchsorted(dropped, ends)
    cleaned = np.append(np.delete(raw, dropped), np.zeros(SPARE, np.uint8))
    return Payload(start, cleaned, dropped, ends, raw[at + 1] - seg.RST0), stop


def _number_of_lines(data: bytes, marks: np.ndarray, position: int) -> int:
    """The height, from the DNL segment that stands behind the first scan (B.2.5)."""
    marker, offset, payload = read_segment(data, marks, position)
    with seg.errors_at(offset):
        if marker != seg.DNL or not (lines := seg.read_number(payload)):
            raise JpegError("a height of 0, and no DNL segment behind the first scan")
        return lines


def _checked(frame: Frame, max_pixels: int) -> Frame:
    if frame.height * frame.width > max_pixels:
        size = f"{frame.width} x {frame.height} pixels"
        raise JpegError(f"{size}, more than the {max_pixels} that max_pixels allows")
    return frame


def color_of(frame: Frame, jfif: bool, adobe: int | None) -> str:
    """What the components mean, by libjpeg's rules (jdapimin.c); adobe: its transform, if any."""
    if len(frame.components) == 1:
        return "gray"
    if len(frame.components) == 4:
        return "ycck" if adobe else "cmyk"
    ids = bytes(c.id for c in frame.components)
    if jfif or (adobe is None and ids != b"RGB"):
        return "ycbcr"
    return "rgb" if not adobe else "ycbcr"


def table_of(coded: CodedScan, member: int) -> np.ndarray:
    """The quantization table of a component of the frame."""
    number = coded.frame.components[member].table
    if number not in coded.steps:
        raise JpegError(f"quantization table {number} is not defined", coded.offset)
    return coded.steps[number]
