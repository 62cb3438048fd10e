"""Colour: RGB <-> YCbCr, and chroma at a lower resolution.

    image (H, W, 3) --rgb_to_ycbcr--> planes (3, H, W) --ycbcr_to_rgb--> image (H, W, 3)
    plane (H, W) --downsample--> plane (H/v, W/h) --upsample--> plane (H, W)

Nothing is lost in the first line but rounding; the second throws samples away, where the
eye hardly looks. The learned codec has no such file: its transform starts from this matrix
and finds its own colours (learned/transform.py). Lesson 02.
JFIF 1.02 ("Conversion to and from RGB"); ITU-R BT.601.
"""

import numpy as np

# Rows: Y, Cb, Cr. Columns: R, G, B. JFIF 1.02, page 3.
RGB_TO_YCBCR = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.168735892, -0.331264108, 0.5],
        [0.5, -0.418687589, -0.081312411],
    ]
)
YCBCR_TO_RGB = np.linalg.inv(RGB_TO_YCBCR)
FORWARD = RGB_TO_YCBCR.astype(np.float32)
INVERSE = YCBCR_TO_RGB.astype(np.float32)


def rgb_to_ycbcr(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> float32 (3, H, W): Y in 0..255, Cb and Cr around 128.

    >>> rgb_to_ycbcr(np.array([[[255, 255, 255], [255, 0, 0]]], np.uint8))[:, 0].T.round(1).tolist()
    [[255.0, 128.0, 128.0], [76.2, 85.0, 255.5]]
    """
    planes = FORWARD @ image.reshape(-1, 3).T.astype(np.float32)
    planes[1:] += 128
    return planes.reshape(3, *image.shape[:2])


def ycbcr_to_rgb(planes: np.ndarray) -> np.ndarray:
    """Undo rgb_to_ycbcr: (3, H, W) of any real type -> uint8 (H, W, 3), rounded and clipped."""
    centred = planes.reshape(3, -1).astype(np.float32)
    centred[1:] -= 128
    rgb = INVERSE @ centred
    np.clip(np.rint(rgb, out=rgb), 0, 255, out=rgb)
    return rgb.T.astype(np.uint8).reshape(*planes.shape[1:], 3)


def downsample(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """Replace each v x h cell by its mean: float (H, W) -> float (H/v, W/h).

    H and W are multiples of v and h. JFIF sites chroma in the middle of the cell, so the
    plain mean is the right filter.

    >>> downsample(np.array([[1.0, 3.0], [5.0, 7.0]]), 2, 2).tolist()
    [[4.0]]
    """
    if v == h == 1:
        return plane
    cells = [plane[y::v, x::h] for y in range(v) for x in range(h)]
    return sum(cells[1:], cells[0]) * plane.dtype.type(1 / len(cells))


def upsample(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """Undo downsample by a triangle filter: uint8 (H, W) -> uint8 (v H, h W).

    A new sample lies a quarter of a step from its nearest old one: 3/4 of that one and 1/4 of
    the next one on its side. Beyond the border stands the border's sample again.
    This is libjpeg's "fancy upsampling" (jdsample.c), with its way of rounding; like it, a
    plane of one or two columns is only repeated.
    """
    if v == h == 1:
        return plane
    if plane.shape[1] <= 2:
        return plane.repeat(v, 0).repeat(h, 1)
    return _double_rows_and_columns(plane) if v == 2 else _double_columns(plane)


def _double_columns(plane: np.ndarray) -> np.ndarray:
    near = plane.astype(np.int16) * 3
    wide = np.pad(plane.astype(np.int16), ((0, 0), (1, 1)), mode="edge")
    out = np.empty((plane.shape[0], 2 * plane.shape[1]), np.uint8)
    out[:, 0::2] = (near + wide[:, :-2] + 1) >> 2
    out[:, 1::2] = (near + wide[:, 2:] + 2) >> 2
    return out


def _double_rows_and_columns(plane: np.ndarray) -> np.ndarray:
    tall = np.pad(plane.astype(np.int16), ((1, 1), (0, 0)), mode="edge")
    sums = np.empty((2 * plane.shape[0], plane.shape[1]), np.int16)  # 3/4 and 1/4, times 4
    sums[0::2] = 3 * tall[1:-1] + tall[:-2]
    sums[1::2] = 3 * tall[1:-1] + tall[2:]
    wide = np.pad(sums, ((0, 0), (1, 1)), mode="edge")
    out = np.empty((sums.shape[0], 2 * sums.shape[1]), np.uint8)
    out[:, 0::2] = (3 * sums + wide[:, :-2] + 8) >> 4
    out[:, 1::2] = (3 * sums + wide[:, 2:] + 7) >> 4
    return out
