"""The half that loses nothing: quantized coefficients <-> a file. The last two boxes of codec.py.

    blocks int16 (N, 64), frame, tables --pack--> bytes --unpack--> blocks, frame, tables

`unpack` is where a strange file is met: it bounds the work, and decides what a damaged file is
still worth. Its twins are encode_latents and decode_latents in learned/codec.py. Lessons
entropy_coding, a_real_jpeg.
"""

import warnings
from collections.abc import Iterator

import numpy as np

from . import container, scan, smooth
from .arguments import file_bytes, positive_number, shown, whole_number
from .container import CodedScan
from .errors import JpegError, JpegWarning
from .frame import Frame, count_blocks, grid_size

MAX_PIXELS = 1 << 26  # 67 million; who has larger pictures says so
MAX_SCANS, MAX_VISITS = 1000, 1 << 25  # scans of a file; blocks visited by all of them,
MAX_INTERVALS = 1 << 18  # ... and restart intervals


def pack(
    blocks: np.ndarray,
    frame: Frame,
    tables: list[np.ndarray],
    restart_interval: int = 0,
    optimize: bool = True,
    comment: bytes = b"",
) -> bytes:
    """Quantized coefficients -> a file. ValueError for coefficients that T.81 does not allow."""
    restart_interval = whole_number("restart_interval", restart_interval, 0, 65535)
    if not isinstance(comment, bytes | bytearray | memoryview):
        raise ValueError(f"comment must be bytes, got {shown(comment)}")
    if frame.progressive and not optimize and not frame.arithmetic:
        raise ValueError("the standard Huffman tables have no codes for progressive scans")
    scans = [scan.encode(blocks, frame, s, restart_interval, optimize) for s in scan.script(frame)]
    return container.write(frame, tables, scans, restart_interval, bytes(comment))


def unpack(
    data: bytes, strict: bool = True, scans: int | None = None, max_pixels: float = MAX_PIXELS
) -> tuple[np.ndarray, Frame, list[np.ndarray]]:
    """Undo pack: a file -> blocks, frame, quantization tables. Arguments as those of decode."""
    return receive(data, strict, scans, max_pixels)[:3]


def receive(
    data: bytes, strict: bool, scans: int | None, max_pixels: float
) -> tuple[np.ndarray, Frame, list[np.ndarray], smooth.Known]:
    """unpack, and how much of each coefficient a progressive file has sent."""
    blocks = problem = None
    steps, decoded = {}, 0
    try:
        for coded in _within_limits(data, scans, max_pixels):
            frame = coded.frame
            if blocks is None:
                blocks, known = np.zeros((count_blocks(frame), 64), np.int16), smooth.nothing(frame)
            for m in coded.scan.members:  # a table counts as it stands at the first scan (B.2.4.1)
                steps.setdefault(m, container.table_of(coded, m))
            error, mcus = scan.decode(coded, blocks, strict)
            if frame.progressive:
                known = smooth.heard(known, frame, coded.scan, mcus)
            decoded += int(coded.payload.ends[-1])
            problem = problem or error
    except JpegError as error:
        problem = problem or error
        if strict or blocks is None:
            raise
    if problem and decoded == 0:
        raise problem  # there was not a byte to be decoded
    if problem:
        warnings.warn(str(problem), JpegWarning, stacklevel=3)
    return blocks, *_renumbered(frame, steps), known


def _within_limits(data: bytes, scans: int | None, max_pixels: float) -> Iterator[CodedScan]:
    """The first scans of a file, or all; JpegError where it asks for too much work."""
    data, max_pixels = file_bytes(data), positive_number("max_pixels", max_pixels)
    scans = None if scans is None else whole_number("scans", scans, 1)
    visits = intervals = 0
    for number, coded in enumerate(container.read(data, max_pixels)):
        if number == scans:
            break
        grids = [grid_size(coded.frame, coded.frame.components[m]) for m in coded.scan.members]
        visits += sum(rows * columns for rows, columns in grids)
        intervals += len(coded.payload.ends)
        if number >= MAX_SCANS or visits > MAX_VISITS or intervals > MAX_INTERVALS:
            raise JpegError(f"too much work: scan {number + 1}", coded.offset)
        yield coded


def _renumbered(frame: Frame, steps: dict[int, np.ndarray]) -> tuple[Frame, list[np.ndarray]]:
    """A table for each component; equal ones get the same number."""
    flat = np.ones(64, np.uint16)
    tables = [steps.get(m, flat) for m in range(len(frame.components))]
    keys = [t.tobytes() for t in tables]
    same = [keys.index(key) for key in keys]
    parts = [c._replace(table=i) for c, i in zip(frame.components, same, strict=True)]
    return frame._replace(components=tuple(parts)), tables
