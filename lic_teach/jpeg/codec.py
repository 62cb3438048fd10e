"""The whole machine: an image goes down on the left and comes up again on the right.

    encode (down)                                      decode (up)

    image  uint8 (H, W, 3)                             image  uint8 (H, W, 3)
      |                                                  ^
      v                                                  |
    [ YCbCr, less chroma    color.py     ]             [ full chroma, RGB      color.py     ]
      |  planes uint8                                    ^  planes uint8
      v                                                  |
    [ DCT of 8x8 blocks     transform.py ]             [ inverse DCT           transform.py ]
      |  float32 (N, 64)                                 ^  float32 (N, 64)
      v                                                  |
    [ / table, round        quantize.py  ]             [ * table               quantize.py  ]
      |  whole numbers, int16 (N, 64)                    ^  whole numbers
      v                                                  |
    [ symbols, Huffman      scan.py      ]             [ Huffman, symbols      scan.py      ]
      |  bytes of each scan                              ^  bytes of each scan
      v                                                  |
    [ markers, tables       container.py ] -- bytes -> [ markers, tables       container.py ]

The first three boxes together are `analyse`, upwards `synthesise`; the last two are `pack`,
upwards `unpack`. Under scan.py stand symbols.py, progressive.py, huffman.py and bitstream.py.
What is exact: everything below the rounding. Its twin is learned/codec.py, drawn the same way.
Lessons 00 and 06.
"""

import warnings

import numpy as np

from . import color, container, quantize, scan, transform
from .errors import JpegError, JpegWarning
from .frame import Component, Frame, count_blocks, grid_size, make_frame, plane_size, split

BAND = 1 << 16  # samples that are handled at a time: they stay in the processor's cache
MAX_PIXELS = 1 << 26  # 67 million; who has larger pictures says so
MAX_SCANS, MAX_VISITS = 1000, 1 << 25  # scans of a file; blocks visited by all of them


def encode(
    image: np.ndarray,
    quality: int = 75,
    *,
    subsampling: str = "4:2:0",
    tables: tuple[np.ndarray, np.ndarray] | None = None,
    progressive: bool = False,
    restart_interval: int = 0,
    optimize: bool = True,
    comment: bytes = b"",
    lam: float | None = None,
    fast: bool = False,
) -> bytes:
    """Compress an image into a JFIF file.

    image: uint8 (H, W, 3) RGB or (H, W) grayscale; quality: 1..100 by libjpeg's rule;
    subsampling: "4:4:4", "4:2:2" or "4:2:0"; tables: own quantization tables for luma and chroma,
    int (8, 8) row after row, instead of a quality; progressive: coarse to fine in ten scans;
    restart_interval: MCUs between restart markers, 0 for none; optimize: Huffman tables made for
    this picture, or else the standard ones; comment: put into a COM segment.
    lam: instead of all these, choose everything for the smallest L = R + lam * D (optimize.py),
    with D the MSE of RGB on 0..255; fast: as a slider needs it, a little less well.
    Raises ValueError for anything else.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"want uint8 (H, W) or (H, W, 3), got {image.dtype} {image.shape}")
    if lam is not None:
        from . import optimize  # it stands on this file

        return optimize.encode(image, lam, fast)
    frame = make_frame(*image.shape[:2], 1 if image.ndim == 2 else 3, subsampling)
    frame = frame._replace(progressive=progressive)
    steps = standard_tables(quality) if tables is None else own_tables(tables)
    blocks = analyse(image, frame, steps)
    return pack(blocks, frame, steps, restart_interval, optimize, comment)


def decode(
    data: bytes,
    *,
    strict: bool = True,
    fancy: bool = True,
    scans: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> np.ndarray:
    """Undo encode: a JPEG file -> uint8 (H, W, 3), or (H, W) for one component.

    Reads every Huffman-coded DCT file of 8 bits. strict=False gives what can be decoded of a
    damaged file, the rest grey, with a JpegWarning. fancy=False repeats chroma samples instead
    of interpolating them. scans: stop after so many (the coarse picture of a progressive file).
    Raises JpegError for anything that is not such a file, or larger than max_pixels.
    """
    return synthesise(*unpack(data, strict, scans, max_pixels), fancy)


def standard_tables(quality: int) -> list[np.ndarray]:
    """The tables of T.81 Annex K for a quality, as the file holds them: int (64,), zig-zag."""
    pair = quantize.LUMINANCE, quantize.CHROMINANCE
    return own_tables([quantize.scale(t, quality) for t in pair])


def own_tables(tables) -> list[np.ndarray]:
    """Two (8, 8) tables, row after row -> (64,) in zig-zag order. Steps are 1..65535."""
    tables = [np.asarray(t) for t in tables]
    for t in tables:
        if t.shape != (8, 8) or t.dtype.kind not in "iu" or t.min() < 1 or t.max() > 65535:
            raise ValueError("a quantization table is (8, 8) whole numbers from 1 to 65535")
    if len(tables) != 2:
        raise ValueError(f"want two quantization tables, luma and chroma, got {len(tables)}")
    return [t.ravel()[transform.ZIGZAG] for t in tables]


def analyse(image: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> np.ndarray:
    """Image -> quantized coefficients of all components: int16 (N, 64), zig-zag (frame.split)."""
    blocks = np.empty((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    for top, bottom in bands(frame.mcus[0], 64 * frame.v_max * frame.h_max * frame.mcus[1]):
        band = coefficients(image, frame, top, bottom)
        for c, grid, values in zip(frame.components, grids, band, strict=True):
            grid[top * c.v : bottom * c.v] = quantize.quantize(values, tables[c.table])
    for c, grid in zip(frame.components, grids, strict=True):
        empty_padding(grid, plane_size(frame, c))
    return blocks


def coefficients(
    image: np.ndarray, frame: Frame, top: int = 0, bottom: int | None = None
) -> list[np.ndarray]:
    """MCU rows top..bottom before quantization: a float32 (blocks_y, blocks_x, 64) a component."""
    tall, wide = 8 * frame.v_max, 8 * frame.h_max
    bottom = frame.mcus[0] if bottom is None else bottom
    rows = image[top * tall : bottom * tall]
    missing = (bottom - top) * tall - len(rows), frame.mcus[1] * wide - frame.width
    if any(missing):  # the border is repeated to whole MCUs
        rows = np.pad(rows, [(0, n) for n in missing] + [(0, 0)] * (rows.ndim - 2), mode="edge")
    planes = rows[None] if rows.ndim == 2 else color.rgb_to_ycbcr(rows)
    smaller = [
        color.downsample(p, frame.v_max // c.v, frame.h_max // c.h)
        for p, c in zip(planes, frame.components, strict=True)
    ]
    return [transform.forward(p) for p in smaller]


def synthesise(
    blocks: np.ndarray, frame: Frame, tables: list[np.ndarray], fancy: bool = True
) -> np.ndarray:
    """Undo analyse: quantized coefficients -> uint8 (H, W, 3) or (H, W)."""
    planes = []
    for c, grid in zip(frame.components, split(blocks, frame), strict=True):
        plane = np.empty((8 * grid.shape[0], 8 * grid.shape[1]), np.uint8)
        for top, bottom in bands(grid.shape[0], 64 * grid.shape[1]):
            values = quantize.dequantize(grid[top:bottom], tables[c.table])
            plane[8 * top : 8 * bottom] = transform.inverse(values)
        planes.append(full_size(plane, frame, c, fancy))
    shape = frame.height, frame.width
    if frame.color in ("ycbcr", "ycck"):
        image = color.ycbcr_to_rgb(planes[:3], shape)
    else:
        image = np.stack([p[: shape[0], : shape[1]] for p in planes[:3]], -1)
    if frame.color == "ycck":
        image = 255 - image
    if len(planes) == 4:
        return color.cmyk_to_rgb(image, planes[3][: shape[0], : shape[1]])
    return image if len(planes) == 3 else image[..., 0]


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


def bands(rows: int, samples: int) -> list[tuple[int, int]]:
    """Cut `rows` rows of `samples` samples each into bands of about BAND samples."""
    step = max(1, BAND // samples)
    return [(top, min(top + step, rows)) for top in range(0, rows, step)]


def empty_padding(grid: np.ndarray, size: tuple[int, int]) -> None:
    """Blocks outside the picture cost least when they repeat the DC of their neighbour."""
    rows, columns = (-(-n // 8) for n in size)
    grid[:, columns:, 1:] = 0
    grid[:, columns:, 0] = grid[:, columns - 1, None, 0]
    grid[rows:, :, 1:] = 0
    grid[rows:, :, 0] = grid[rows - 1, None, :, 0]


def full_size(plane: np.ndarray, frame: Frame, c: Component, fancy: bool) -> np.ndarray:
    """A padded plane at the picture's resolution, at least as large as the picture."""
    if (c.v, c.h) == (frame.v_max, frame.h_max):
        return plane
    rows, columns = plane_size(frame, c)
    plane = plane[:rows, :columns]
    ratio = frame.v_max / c.v, frame.h_max / c.h
    doubled = ratio in ((1, 2), (2, 1), (2, 2)) and (columns > 2 or ratio[1] == 1)
    if fancy and doubled:  # libjpeg, too, leaves planes of one or two columns alone
        return color.upsample(plane, int(ratio[0]), int(ratio[1]))
    return color.repeat(plane, (frame.height, frame.width), *ratio)
