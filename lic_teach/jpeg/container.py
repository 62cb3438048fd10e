"""Container: a whole file, SOI ... EOI (T.81 Annex B, JFIF 1.02).

    SOI  APP0 (JFIF)  DQT  SOF  [ DHT  SOS  entropy-coded bytes ] once or more  EOI

`write` strings the segments of segments.py together, `read` takes them apart again, scan by
scan; `parse` says in words what each byte of a file belongs to. Unlike learned/container.py: no
checksum, and whatever is unknown can be skipped. Lesson a_real_jpeg.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import huffman
from . import markers as mk
from . import segments as seg
from .describe import MAX_SEGMENTS, Segment, parse
from .errors import JpegError, errors_at
from .frame import Frame, Scan, count_blocks, count_mcus
from .restarts import Payload, entropy_coded

__all__ = ["CodedScan", "Payload", "Segment", "parse", "read", "write"]

PADDING = 1 << 22  # samples: what a small picture may waste on whole MCUs


class CodedScan(NamedTuple):
    """A scan as it stands in the file, with everything that is needed to decode it.

    offset: of its SOS; tables: Huffman tables by row, 0..3 DC and 4..7 AC; steps: quantization
    tables by number; interval: MCUs between restarts, 0 for none; conditioning: of arithmetic
    coding, by row.
    """

    offset: int
    frame: Frame
    scan: Scan
    tables: dict[int, huffman.Table]
    steps: dict[int, np.ndarray]
    interval: int
    payload: Payload
    conditioning: dict[int, int]


def write(
    frame: Frame, steps: list[np.ndarray], scans: list[bytes], interval: int, comment: bytes
) -> bytes:
    """A file of coded scans, each with its DHT and SOS (scan.encode)."""
    used = sorted({c.table for c in frame.components})
    wide = any(steps[i].max() > 255 for i in used)
    adobe = {"rgb": seg.adobe(0), "cmyk": seg.adobe(0), "ycck": seg.adobe(2), "unknown": b""}
    parts = [b"\xff\xd8", adobe[frame.color] if frame.color in adobe else seg.jfif()]
    parts += [seg.segment(mk.COM, comment)] if comment else []
    parts += [seg.dqt(i, steps[i]) for i in used]
    parts += [seg.sof(frame, extended=wide)]
    parts += [seg.dri(interval)] if interval else []
    return b"".join([*parts, *scans, b"\xff\xd9"])


class Heard(NamedTuple):
    """What the segments up to some place of a file have said; adobe: its transform, if any."""

    frame: Frame | None = None
    tables: dict[int, huffman.Table] = {}
    steps: dict[int, np.ndarray] = {}
    conditioning: dict[int, int] = {}
    interval: int = 0
    jfif: bool = False
    adobe: int | None = None


def read(data: bytes, max_pixels: float) -> Iterator[CodedScan]:
    """Undo write: the scans of a file one by one, with the tables as they stand at that point.

    Raises JpegError where the file is not what it should be; the scans before that are good.
    """
    marks = mk.find_markers(data)
    heard, scans, position = Heard(), 0, 2
    for number in itertools.count(1):
        marker, offset, payload, position = read_segment(data, marks.segments, position)
        if marker == mk.EOI:
            break
        with errors_at(offset):
            if number > MAX_SEGMENTS:
                raise JpegError(f"more than {MAX_SEGMENTS} segments")
            if marker != mk.SOS:
                heard = _hear(heard, marker, payload, max_pixels)
                continue
            scan = seg.read_sos(payload, heard.frame)
            need = (
                -(-count_mcus(heard.frame, scan.members) // heard.interval) if heard.interval else 1
            )
            cleaned, position = entropy_coded(data, marks, position, need)
            if scans == 0:
                lines = _number_of_lines(data, position, heard.frame)
                frame = checked(heard.frame._replace(height=lines), max_pixels)
                heard = heard._replace(frame=frame._replace(color=color_of(heard)))
            yield _coded(offset, heard, scan, cleaned)
            scans += 1
    if scans == 0:
        raise JpegError("no scan before the end of the image", offset)


def _hear(heard: Heard, marker: int, payload: bytes, max_pixels: float) -> Heard:
    """One segment more, if it is one that the decoder needs."""
    if marker in mk.REFUSED:
        raise JpegError(f"{mk.REFUSED[marker]} is a kind of JPEG not read here")
    if marker == mk.SOI or (marker in mk.FRAMES and heard.frame is not None):
        raise JpegError(f"a second {mk.name(marker)} segment")
    if marker == mk.DQT:
        return heard._replace(steps=heard.steps | seg.read_dqt(payload))
    if marker == mk.DHT:
        return heard._replace(tables=heard.tables | seg.read_dht(payload))
    if marker == mk.DAC and heard.frame is not None and heard.frame.arithmetic:
        return heard._replace(conditioning=heard.conditioning | seg.read_dac(payload))
    if marker == mk.DRI:
        return heard._replace(interval=seg.read_number(payload))
    if marker == mk.APP0:
        return heard._replace(jfif=heard.jfif or payload[:5] == b"JFIF\0")
    if marker == mk.APP14:
        return heard._replace(adobe=seg.read_adobe(payload, heard.adobe))
    if marker in mk.FRAMES:
        return heard._replace(frame=checked(seg.read_sof(marker, payload), max_pixels))
    return heard


def _coded(offset: int, heard: Heard, scan: Scan, payload: Payload) -> CodedScan:
    """Motion-JPEG leaves the standard Huffman tables out; there are none for progressive files."""
    tables = heard.tables if heard.frame.progressive else huffman.STANDARD | heard.tables
    said = heard.steps, heard.interval, payload, heard.conditioning
    return CodedScan(offset, heard.frame, scan, tables, *said)


def read_segment(data: bytes, marks: np.ndarray, position: int) -> tuple[int, int, bytes, int]:
    """The next segment at or behind position: its marker, offset, payload, and where it ends.

    A length counts its own two bytes. Where less is said of a segment that nobody needs, it is
    taken for empty, as in libjpeg.
    """
    i = bisect_left(marks, position)
    if i == len(marks):
        raise JpegError("the file ends without an EOI marker", len(data))
    offset = int(marks[i])
    marker = data[offset + 1]
    if marker in mk.ALONE:
        return marker, offset, b"", offset + 2
    length, left = int.from_bytes(data[offset + 2 : offset + 4], "big"), len(data) - offset - 2
    if marker not in mk.NEEDED:
        length = max(length, 2)
    if length < 2:
        raise JpegError(f"{mk.name(marker)} of {length} bytes, but its length takes two", offset)
    if left < length:
        raise JpegError(f"{mk.name(marker)} of {length} bytes, but {left} are left", offset)
    return marker, offset, data[offset + 4 : offset + 2 + length], offset + 2 + length


def _number_of_lines(data: bytes, position: int, frame: Frame) -> int:
    """The height, which a DNL segment right behind the first scan may set or change (B.2.5)."""
    segment = data[position : position + 6]
    if segment[:4] == b"\xff\xdc\0\4" and (lines := int.from_bytes(segment[4:], "big")):
        return lines
    if frame.height == 0:
        raise JpegError("a height of 0, and no DNL segment behind the first scan", position)
    return frame.height


def checked(frame: Frame, max_pixels: float) -> Frame:
    """The frame, if it is one that this codec reads, and not too large."""
    if frame.precision != 8:
        raise JpegError(f"samples of {frame.precision} bits; this codec reads 8")
    size = f"{frame.width} x {frame.height} pixels"
    pixels, parts = frame.height * frame.width, len(frame.components)
    if pixels > max_pixels:
        raise JpegError(f"{size}, more than the {max_pixels} that max_pixels allows")
    # Memory goes with the samples: of all components, in the picture and in whole MCUs.
    if parts * pixels > 3 * max_pixels or 64 * count_blocks(frame) > 4 * max_pixels + PADDING:
        raise JpegError(f"{size} of {parts} components, more samples than max_pixels allows")
    return frame


def color_of(heard: Heard) -> str:
    """What the components mean, by libjpeg's rules (jdapimin.c)."""
    ids = bytes(c.id for c in heard.frame.components)
    if len(ids) == 4:
        return "ycck" if heard.adobe else "cmyk"
    if len(ids) != 3:
        return "gray" if len(ids) == 1 else "unknown"
    if heard.jfif or (heard.adobe is None and ids != b"RGB"):
        return "ycbcr"
    return "rgb" if not heard.adobe else "ycbcr"


def table_of(coded: CodedScan, member: int) -> np.ndarray:
    """The quantization table of a component of the frame."""
    number = coded.frame.components[member].table
    if number not in coded.steps:
        raise JpegError(f"quantization table {number} is not defined", coded.offset)
    return coded.steps[number]
