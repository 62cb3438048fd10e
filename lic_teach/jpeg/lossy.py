"""The half that loses: an image <-> quantized coefficients. The first three boxes of codec.py.

    image --analyse--> float32 blocks
    image --quantized--> int16 blocks (N, 64) --paint--> image

Large pictures go through in bands of rows, which stay in the processor's cache. In learned/codec.py
`analyse` ends before the rounding, too, and `paint` paints. Lessons start_here and a_real_jpeg.
"""

import numpy as np

from lic_teach.compiled import compiled

from . import color, quantize, transform
from .frame import Component, Frame, count_blocks, plane_size, split

BAND = 96 << 10  # samples that are handled at a time


def quantized(image: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> np.ndarray:
    """Image -> quantized coefficients of all components: int16 (N, 64), zig-zag (frame.split)."""
    blocks = np.empty((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    for top, bottom in bands(frame.mcus[0], 64 * frame.v_max * frame.h_max * frame.mcus[1]):
        band = planes(image, frame, top, bottom)
        for c, grid, plane in zip(frame.components, grids, band, strict=True):
            out = grid[top * c.v : bottom * c.v]
            quantize.quantize(transform.forward(plane), tables[c.table], out)
    for c, grid in zip(frame.components, grids, strict=True):
        empty_padding(grid, plane_size(frame, c))
    return blocks


def analyse(image: np.ndarray, frame: Frame) -> list[np.ndarray]:
    """Image -> coefficients before quantization: float32 (blocks_y, blocks_x, 64) a component."""
    return [transform.forward(plane) for plane in planes(image, frame, 0, frame.mcus[0])]


def planes(image: np.ndarray, frame: Frame, top: int, bottom: int) -> list[np.ndarray]:
    """MCU rows top..bottom, one plane (8 blocks_y, 8 blocks_x) for each component."""
    tall, wide = 8 * frame.v_max, 8 * frame.h_max
    rows = image[top * tall : bottom * tall]
    missing = (bottom - top) * tall - len(rows), frame.mcus[1] * wide - frame.width
    if any(missing):  # the border is repeated to whole MCUs
        rows = np.pad(rows, [(0, n) for n in missing] + [(0, 0)] * (rows.ndim - 2), mode="edge")
    full = rows[None] if rows.ndim == 2 else color.rgb_to_ycbcr(rows)
    return [
        color.downsample(p, frame.v_max // c.v, frame.h_max // c.h)
        for p, c in zip(full, frame.components, strict=True)
    ]


def paint(
    blocks: np.ndarray,
    frame: Frame,
    tables: list[np.ndarray],
    fancy: bool = True,
    laplace: bool = False,
) -> np.ndarray:
    """Undo quantized: int16 (N, 64) -> uint8 (H, W, 3) or (H, W), or as joined does it."""
    painted = []
    for c, grid in zip(frame.components, split(blocks, frame), strict=True):
        plane = np.empty((8 * grid.shape[0], 8 * grid.shape[1]), np.uint8)
        pull = laplace_pull(grid, frame, c) if laplace else None
        for top, bottom in bands(grid.shape[0], 64 * grid.shape[1]):
            values = grid[top:bottom] if pull is None else quantize.pulled(grid[top:bottom], pull)
            eights = plane[8 * top : 8 * bottom].view(np.uint64)
            _paint_band(values, tables[c.table].astype(np.float32), eights)
        painted.append(full_size(plane, frame, c, fancy))
    return joined(painted, frame)


@compiled
def _paint_band(grid, steps, eights):
    """quantize.dequantize, then transform.inverse, for a row of blocks at a time: so the
    coefficients never leave the processor's cache."""
    coefficients = np.empty((1, grid.shape[1], 64), np.float32)
    for i in range(grid.shape[0]):
        quantize.multiply(grid[i], steps, coefficients[0])
        transform.add_up(coefficients, eights[8 * i : 8 * i + 8])


def laplace_pull(grid: np.ndarray, frame: Frame, c: Component) -> np.ndarray | None:
    """quantize.laplace_pull of a component, from all its blocks but the padding.

    None for chroma of lower resolution: upsampling smooths it, which makes it smaller anyway.
    """
    if (c.v, c.h) != (frame.v_max, frame.h_max):
        return None
    rows, columns = (-(-n // 8) for n in plane_size(frame, c))
    return quantize.laplace_pull(grid[:rows, :columns])


def joined(planes: list[np.ndarray], frame: Frame) -> np.ndarray:
    """Planes at full size -> uint8 (H, W, 3) RGB, or (H, W) grayscale.

    Components without a colour (2 of them, or 5 and more) stay as they are: (H, W, n).
    """
    shape = frame.height, frame.width
    if frame.color in ("ycbcr", "ycck"):
        image = color.ycbcr_to_rgb(planes[:3], shape)
    else:
        visible = planes[:3] if frame.color == "cmyk" else planes
        image = np.stack([p[: shape[0], : shape[1]] for p in visible], -1)
    if frame.color == "ycck":
        image = 255 - image
    if frame.color in ("cmyk", "ycck"):
        return color.cmyk_to_rgb(image, planes[3][: shape[0], : shape[1]])
    return image[..., 0] if frame.color == "gray" else image


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
