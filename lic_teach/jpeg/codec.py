"""The whole machine: an image goes down on the left and comes up again on the right.

        encode                                                 decode

    image  uint8 (H, W, 3)                                 image  uint8 (H, W, 3)
       |                                                      ^
   [ color       RGB -> YCbCr, chroma at half size ]      [ color       chroma to full size, RGB ]
       |  3 planes of samples                                 |
   [ transform   DCT of 8x8 blocks                 ]      [ transform   inverse DCT               ]
       |  float (N, 64)                                       |
   [ quantize    divide by the table, round        ]      [ quantize    multiply by the table     ]
       |  int16 (N, 64)                                       |
   [ symbols     run-length, DC difference         ]      [ symbols     back to coefficients      ]
       |  symbols + extra bits                                |
   [ huffman     code words                        ]      [ huffman     look the code words up    ]
       |  bits                                                |
   [ container   markers and tables                ]      [ container   markers and tables        ]
       |                                                      |
       +--------------------->  bytes, a .jpg  -------------->+

    analyse: color .. quantize      pack: symbols .. container
    synthesise: quantize .. color   unpack: container .. symbols

Only bytes cross from left to right. Its twin is learned/codec.py, drawn the same way.
Lessons 00 and 06.
"""

import numpy as np

from . import color, container, quantize, symbols, transform
from .errors import JpegError
from .frame import Frame, count_blocks, make_frame, plane_size, scan_order, split
from .huffman import code_lengths, codes, decoding_tables, table
from .huffman import pack as pack_bits

BAND = 1 << 16  # samples handled at a time: they stay in the processor's cache


def encode(
    image: np.ndarray,
    quality: int = 75,
    *,
    subsampling: str = "4:2:0",
    lam: float | None = None,
    fast: bool = False,
) -> bytes:
    """Compress an image into a JFIF file.

    image: uint8 (H, W, 3) RGB or (H, W) grayscale; quality: 1..100 by libjpeg's rule;
    subsampling: "4:4:4", "4:2:2" or "4:2:0". Raises ValueError for anything else.
    lam: instead of both, choose everything for the smallest L = R + lam * D (optimize.py), with
    D the MSE of RGB on 0..255; fast: as a slider needs it, a little less well.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"want uint8 (H, W) or (H, W, 3), got {image.dtype} {image.shape}")
    if lam is not None:
        from . import optimize  # it stands on this file

        return optimize.encode(image, lam, fast)
    frame = make_frame(*image.shape[:2], 1 if image.ndim == 2 else 3, subsampling)
    tables = standard_tables(quality)
    return pack(analyse(image, frame, tables), frame, tables)


def decode(data: bytes) -> np.ndarray:
    """Undo encode: a JPEG file -> uint8 (H, W, 3), or (H, W) for one component.

    Raises JpegError for what is not a readable JPEG.
    """
    return synthesise(*unpack(data))


def standard_tables(quality: int) -> list[np.ndarray]:
    """The two tables of Annex K for a quality, as the file numbers them: int (64,), zig-zag."""
    pair = quantize.LUMINANCE, quantize.CHROMINANCE
    return [quantize.scale(t, quality).ravel()[transform.ZIGZAG] for t in pair]


def analyse(image: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> np.ndarray:
    """Image -> quantized coefficients of all components: int16 (N, 64), zig-zag (frame.split)."""
    blocks = np.empty((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    for top, bottom in bands(frame.mcus[0], 64 * frame.v_max * frame.h_max * frame.mcus[1]):
        planes = _planes(image, frame, top, bottom)
        for c, grid in zip(frame.components, grids, strict=True):
            plane = planes[frame.components.index(c)]
            plane = color.downsample(plane, frame.v_max // c.v, frame.h_max // c.h)
            coefficients = transform.forward(plane)
            grid[top * c.v : bottom * c.v] = quantize.quantize(coefficients, tables[c.table])
    for c, grid in zip(frame.components, grids, strict=True):
        _empty_padding(grid, plane_size(frame, c))
    return blocks


def synthesise(blocks: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> np.ndarray:
    """Undo analyse: quantized coefficients -> uint8 (H, W, 3) or (H, W)."""
    planes = []
    for c, grid in zip(frame.components, split(blocks, frame), strict=True):
        rows, columns = plane_size(frame, c)
        plane = np.empty((8 * grid.shape[0], 8 * grid.shape[1]), np.uint8)
        for top, bottom in bands(grid.shape[0], 64 * grid.shape[1]):
            coefficients = quantize.dequantize(grid[top:bottom], tables[c.table])
            plane[8 * top : 8 * bottom] = transform.inverse(coefficients)
        planes.append(plane[:rows, :columns])
    if len(planes) == 1:
        return planes[0].copy()
    image = np.empty((frame.height, frame.width, 3), np.uint8)
    for top, bottom in bands(frame.height, frame.width):
        full = [
            _rows_at_full_size(p, top, bottom, frame.v_max // c.v, frame.h_max // c.h)
            for p, c in zip(planes, frame.components, strict=True)
        ]
        image[top:bottom] = color.ycbcr_to_rgb(np.stack([f[:, : frame.width] for f in full]))
    return image


def pack(blocks: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> bytes:
    """Quantized coefficients -> a file: symbols, tables made from their counts, bits, markers."""
    dc = ac = np.array([min(i, 1) for i in range(len(frame.components))], np.int32)
    order, member = scan_order(frame, list(range(len(frame.components))))
    room = 5 * len(order) + np.count_nonzero(blocks)
    stream, extra = np.empty(room, np.uint16), np.empty(room, np.uint16)
    n = symbols.sequential_symbols(blocks, order, member, dc, ac, 0, stream, extra)
    if n < 0:
        raise ValueError(
            "a coefficient is outside -1023..1023, or a DC difference outside -2047..2047"
        )
    stream, extra = stream[:n], extra[:n]
    counts = np.bincount(stream, minlength=symbols.ALPHABET)
    code, length, headers = np.zeros_like(counts), np.zeros_like(counts), []
    for row in range(8):
        span = slice(256 * row, 256 * row + 256)
        if counts[span].any():
            t = table(code_lengths(counts[span]))
            code[span], length[span] = codes(t)
            headers.append(container.dht(row % 4 | row // 4 << 4, t))
    total = int(counts @ (length + symbols.EXTRA_LENGTHS))
    out = np.empty(total // 4 + 16, np.uint8)
    size = pack_bits(stream, extra, code, length, symbols.EXTRA_LENGTHS, out)
    used = sorted({c.table for c in frame.components})
    parts = [b"\xff\xd8", container.jfif(), *(container.dqt(i, tables[i]) for i in used)]
    parts += [container.sof(container.SOF0, frame), *headers, container.sos(frame, dc, ac)]
    return b"".join([*parts, out[:size].tobytes(), b"\xff\xd9"])


def unpack(data: bytes) -> tuple[np.ndarray, Frame, list[np.ndarray]]:
    """Undo pack: a file -> blocks, frame, quantization tables."""
    data = bytes(data)
    frame, steps, tables, interval = None, [None] * 4, [None] * 8, 0
    for marker, offset, payload in container.read_segments(data):
        if marker == container.DQT:
            for number, t in container.read_dqt(payload).items():
                steps[number] = t
        elif marker == container.DHT:
            for row, t in container.read_dht(payload).items():
                tables[row] = t
        elif marker == container.DRI:
            interval = int.from_bytes(payload, "big")
        elif marker in (container.SOF0, container.SOF0 + 1):
            frame = container.read_sof(payload)
            blocks = np.zeros((count_blocks(frame), 64), np.int16)
        elif 0xC2 <= marker <= 0xCF and marker not in (0xC4, 0xCC):
            raise JpegError(f"coding process SOF{marker - 0xC0} is not read", offset)
        elif marker == container.SOS:
            if frame is None:
                raise JpegError("SOS before SOF", offset)
            members, dc, ac = container.read_sos(payload, frame)
            order, member = scan_order(frame, members)
            per_mcu = int(np.sum(member[: len(order) // _mcu_count(frame, members)] >= 0))
            bits, ends = container.entropy_coded(data, offset + 4 + len(payload))
            lookup, slow = decoding_tables(tables)
            status, _, _ = symbols.decode_sequential(
                bits, ends, interval * per_mcu, lookup, slow, blocks, order, member, dc, ac
            )
            if status != symbols.OK:
                raise JpegError(f"damaged scan (status {status})", offset)
        elif marker == container.EOI:
            break
    if frame is None or any(steps[c.table] is None for c in frame.components):
        raise JpegError("no frame, or a quantization table is missing")
    return blocks, frame, steps


def _mcu_count(frame: Frame, members: list[int]) -> int:
    if len(members) > 1:
        return frame.mcus[0] * frame.mcus[1]
    rows, columns = plane_size(frame, frame.components[members[0]])
    return -(-rows // 8) * -(-columns // 8)


def bands(rows: int, samples: int) -> list[tuple[int, int]]:
    """Cut `rows` rows of `samples` samples each into bands of about BAND samples."""
    step = max(1, BAND // samples)
    return [(top, min(top + step, rows)) for top in range(0, rows, step)]


def _planes(image: np.ndarray, frame: Frame, top: int, bottom: int) -> np.ndarray:
    """Planes of MCU rows top..bottom, the border repeated to whole MCUs: float32 (1 or 3, H, W)."""
    tall, wide = 8 * frame.v_max, 8 * frame.h_max
    rows = image[top * tall : bottom * tall]
    pad = [(0, (bottom - top) * tall - len(rows)), (0, frame.mcus[1] * wide - frame.width)]
    rows = np.pad(rows, pad + [(0, 0)] * (image.ndim - 2), mode="edge")
    if image.ndim == 2:
        return rows[None].astype(np.float32)
    return np.clip(np.rint(color.rgb_to_ycbcr(rows)), 0, 255)  # samples are whole numbers


def _empty_padding(grid: np.ndarray, size: tuple[int, int]) -> None:
    """Blocks outside the picture cost least when they repeat the DC of their neighbour."""
    rows, columns = (-(-n // 8) for n in size)
    grid[:, columns:, 1:] = 0
    grid[:, columns:, 0] = grid[:, columns - 1, None, 0]
    grid[rows:, :, 1:] = 0
    grid[rows:, :, 0] = grid[rows - 1, None, :, 0]


def _rows_at_full_size(plane: np.ndarray, top: int, bottom: int, v: int, h: int) -> np.ndarray:
    """Rows top..bottom of the upsampled plane; one row more on each side feeds the filter."""
    first, last = max(top // v - 1, 0), min(-(-bottom // v) + 1, len(plane))
    return color.upsample(plane[first:last], v, h)[top - first * v : bottom - first * v]
