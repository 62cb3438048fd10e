"""Frame: which components a picture has, how many blocks each, and in which order they travel.

    blocks int16 (N, 64)  =  all of component 0, then all of component 1, ...
    split(blocks, frame)  =  one view (blocks_y, blocks_x, 64) a component

A minimum coded unit (MCU) holds h x v blocks of each component of a scan; components are
stored padded to whole MCUs (T.81 A.1.1, A.2). The learned codec needs nothing like it: its
latents are one array. Lesson entropy_coding.
"""

from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

SAMPLING = {"4:4:4": (1, 1), "4:2:2": (1, 2), "4:2:0": (2, 2)}  # v, h of luma; chroma has 1, 1


class Component(NamedTuple):
    """One colour plane: its identifier, sampling factors 1..4, quantization table 0..3."""

    id: int
    h: int
    v: int
    table: int


class Frame(NamedTuple):
    """Height and width in pixels, and the components, 1 to 255 of them (T.81 B.2.2).

    color: "gray", "ycbcr", "rgb", "cmyk", "ycck", or "unknown": what the components mean;
    precision: bits a sample; arithmetic: coded by arithmetic.py, not by huffman.py.
    """

    height: int
    width: int
    components: tuple[Component, ...]
    color: str = "ycbcr"
    progressive: bool = False
    precision: int = 8
    arithmetic: bool = False

    @property
    def h_max(self) -> int:
        """The largest horizontal sampling factor: that of luma, as a rule."""
        return largest_factors(self.components)[1]

    @property
    def v_max(self) -> int:
        """The largest vertical sampling factor."""
        return largest_factors(self.components)[0]

    @property
    def mcus(self) -> tuple[int, int]:
        """Rows and columns of MCUs when all components are interleaved (A.2.3)."""
        v, h = largest_factors(self.components)
        return -(-self.height // (8 * v)), -(-self.width // (8 * h))


@lru_cache(maxsize=64)  # it is asked for dozens of times a picture
def largest_factors(components: tuple[Component, ...]) -> tuple[int, int]:
    """The largest sampling factors, vertical and horizontal."""
    return max(c.v for c in components), max(c.h for c in components)


class Scan(NamedTuple):
    """One pass over some components and some coefficients (T.81 B.2.3, G.1.1).

    members: indices of the components; dc, ac: the table of each member, of Huffman codes 0..3;
    first..last: coefficients, zig-zag; low: bits still missing below the ones sent here;
    high: bits missing before this scan, 0 for a first scan. A sequential file has one kind
    of scan: 0..63, nothing missing.
    """

    members: tuple[int, ...]
    dc: tuple[int, ...]
    ac: tuple[int, ...]
    first: int = 0
    last: int = 63
    high: int = 0
    low: int = 0


def make_frame(height: int, width: int, channels: int, subsampling: str) -> Frame:
    """The frame that the encoder writes: grayscale (1 channel) or YCbCr (3)."""
    if not isinstance(subsampling, str) or subsampling not in SAMPLING:
        raise ValueError(f"subsampling must be one of {', '.join(SAMPLING)}, got {subsampling!r}")
    if not (1 <= height <= 65535 and 1 <= width <= 65535):
        raise ValueError(f"a JPEG is 1..65535 pixels high and wide, got {height} x {width}")
    if channels == 1:
        return Frame(height, width, (Component(1, 1, 1, 0),), "gray")
    v, h = SAMPLING[subsampling]
    chroma = Component(2, 1, 1, 1), Component(3, 1, 1, 1)
    return Frame(height, width, (Component(1, h, v, 0), *chroma))


def plane_size(frame: Frame, c: Component) -> tuple[int, int]:
    """Rows and columns of samples of a component, without padding (A.1.1)."""
    return -(-frame.height * c.v // frame.v_max), -(-frame.width * c.h // frame.h_max)


def grid_size(frame: Frame, c: Component) -> tuple[int, int]:
    """Rows and columns of blocks of a component, padded to whole MCUs."""
    mcus_y, mcus_x = frame.mcus
    return mcus_y * c.v, mcus_x * c.h


def grid_sizes(frame: Frame) -> list[tuple[int, int]]:
    """grid_size of every component."""
    mcus_y, mcus_x = frame.mcus
    return [(mcus_y * c.v, mcus_x * c.h) for c in frame.components]


def count_blocks(frame: Frame) -> int:
    """N, the number of blocks of all components, padding included."""
    return sum(y * x for y, x in grid_sizes(frame))


def first_blocks(frame: Frame) -> list[int]:
    """The row of (N, 64) at which each component begins, and N."""
    return list(accumulate((y * x for y, x in grid_sizes(frame)), initial=0))


def split(blocks: np.ndarray, frame: Frame) -> list[np.ndarray]:
    """Views of (N, ...): one (blocks_y, blocks_x, ...) for each component, padding included."""
    pieces = zip(pairwise(first_blocks(frame)), grid_sizes(frame), strict=True)
    return [blocks[a:b].reshape(*grid, *blocks.shape[1:]) for (a, b), grid in pieces]


def count_mcus(frame: Frame, members: tuple[int, ...]) -> int:
    """How many MCUs a scan of these components has (scan_order)."""
    if len(members) > 1:
        return frame.mcus[0] * frame.mcus[1]
    rows, columns = plane_size(frame, frame.components[members[0]])
    return -(-rows // 8) * -(-columns // 8)


def scan_order(frame: Frame, members: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The order in which a scan visits the blocks, MCU by MCU.

    Returns order: int32 (mcus, blocks per MCU), rows of the (N, 64) array, and member: uint8
    (blocks per MCU,), which of the scan's components each of them belongs to. One component
    alone goes row by row, one block an MCU, and leaves the padding out (A.2.2); several are
    interleaved, v x h blocks of each in an MCU (A.2.3).
    """
    parts, starts = [frame.components[m] for m in members], first_blocks(frame)
    if len(members) == 1:
        rows, columns = (-(-n // 8) for n in plane_size(frame, parts[0]))
        wide = grid_size(frame, parts[0])[1]
        order = np.arange(rows, dtype=np.int32)[:, None] * wide + np.arange(columns, dtype=np.int32)
        return order.reshape(-1, 1) + starts[members[0]], np.zeros(1, np.uint8)
    member = np.repeat(np.arange(len(members), dtype=np.uint8), [c.v * c.h for c in parts])
    order = np.empty((*frame.mcus, len(member)), np.int32)
    place = 0
    for m, c in zip(members, parts, strict=True):
        _interleave(starts[m], c.v, c.h, place, order)
        place += c.v * c.h
    return order.reshape(-1, len(member)), member


@compiled
def _interleave(start, v, h, place, order):
    """The v x h blocks of a component in each MCU, which stand in `order` from `place` on."""
    rows, columns, _ = order.shape
    for i in range(rows):
        for j in range(columns):
            for y in range(v):
                for x in range(h):
                    block = start + (i * v + y) * columns * h + j * h + x
                    order[i, j, place + y * h + x] = block
