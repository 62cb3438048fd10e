"""The half that loses nothing: quantized coefficients <-> a file. The last two boxes of codec.py.

    blocks int16 (N, 64), frame, tables --pack--> bytes --unpack--> blocks, frame, tables

`unpack` is where a strange file is met: it bounds the work, and decides what a damaged file is
still worth. Its twins are encode_latents and decode_latents in learned/codec.py. Lessons
entropy_coding, a_real_jpeg.
"""

import warnings

import numpy as np

from . import container, scan
from .errors import JpegError, JpegWarning
from .frame import Frame, count_blocks, grid_size

MAX_PIXELS = 1 << 26  # 67 million; who has larger pictures says so
MAX_SCANS, MAX_VISITS = 1000, 1 << 25  # scans of a file; blocks visited by all of them


def pack(
    blocks: np.ndarray,
    frame: Frame,
    tables: list[np.ndarray],
    restart_interval: int = 0,
    optimize: bool = True,
    comment: bytes = b"",
) -> bytes:
    """Quantized coefficients -> a file. ValueError for coefficients that T.81 does not allow."""
    if not 0 <= restart_interval <= 65535:
        raise ValueError(f"restart_interval must be 0..65535, got {restart_interval}")
    if frame.progressive and not optimize:
        raise ValueError("the standard Huffman tables have no codes for progressive scans")
    scans = [scan.encode(blocks, frame, s, restart_interval, optimize) for s in scan.script(frame)]
    return container.write(frame, tables, scans, restart_interval, comment)


def unpack(
    data: bytes, strict: bool = True, scans: int | None = None, max_pixels: int = MAX_PIXELS
) -> tuple[np.ndarray, Frame, list[np.ndarray]]:
    """Undo pack: a file -> blocks, frame, quantization tables. Arguments as those of decode."""
    blocks = frame = problem = None
    steps, visits = {}, 0
    try:
        for number, coded in enumerate(container.read(bytes(data), max_pixels)):
            if number == scans:
                break
            frame = coded.frame
            blocks = np.zeros((count_blocks(frame), 64), np.int16) if blocks is None else blocks
            visits += sum(
                np.prod(grid_size(frame, frame.components[m])) for m in coded.scan.members
            )
            if number >= MAX_SCANS or visits > MAX_VISITS:
                raise JpegError(f"too much work: scan {number + 1}", coded.offset)
            for m in coded.scan.members:  # a table counts as it stands at the first scan (B.2.4.1)
                steps.setdefault(m, container.table_of(coded, m))
            error = scan.decode(coded, blocks, strict)
            problem = problem or error
    except JpegError as error:
        if strict or blocks is None:
            raise
        problem = problem or error
    if blocks is None:
        raise JpegError("no scan before the end of the image", len(data))
    if problem:
        warnings.warn(str(problem), JpegWarning, stacklevel=3)
    return blocks, *_renumbered(frame, steps)


def _renumbered(frame: Frame, steps: dict[int, np.ndarray]) -> tuple[Frame, list[np.ndarray]]:
    """A table for each component; equal ones get the same number."""
    flat = np.ones(64, np.uint16)
    tables = [steps.get(m, flat) for m in range(len(frame.components))]
    same = [[np.array_equal(t, u) for u in tables].index(True) for t in tables]
    parts = [c._replace(table=i) for c, i in zip(frame.components, same, strict=True)]
    return frame._replace(components=tuple(parts)), tables
