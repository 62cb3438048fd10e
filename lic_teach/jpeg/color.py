"""Colour: RGB <-> YCbCr, and chroma at a lower resolution.

    image (H, W, 3) --rgb_to_ycbcr--> planes (3, H, W) --ycbcr_to_rgb--> image (H, W, 3)
    plane (H, W) --downsample--> plane (H/v, W/h) --upsample--> plane (H, W)

The first line loses nothing but rounding; the second throws samples away, where the eye hardly
looks. The learned codec has no such file: its transform starts from this matrix and finds its
own colours (learned/transform.py). Lesson colour.
JFIF 1.02, "Conversion to and from RGB"; ITU-R BT.601.
"""

from collections.abc import Sequence

import numpy as np

from lic_teach.compiled import compiled

# Rows: Y, Cb, Cr. Columns: R, G, B. JFIF 1.02, page 3.
RGB_TO_YCBCR = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.168735892, -0.331264108, 0.5],
        [0.5, -0.418687589, -0.081312411],
    ]
)
YCBCR_TO_RGB = np.linalg.inv(RGB_TO_YCBCR)
FORWARD, INVERSE = RGB_TO_YCBCR.astype(np.float32), YCBCR_TO_RGB.astype(np.float32)
CENTRE = np.float32(128)  # the value of Cb and Cr for grey


def rgb_to_ycbcr(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> uint8 (3, H, W): Y in 0..255, Cb and Cr around 128, rounded.

    >>> rgb_to_ycbcr(np.array([[[255, 255, 255], [255, 0, 0]]], np.uint8))[:, 0].T.tolist()
    [[255, 128, 128], [76, 85, 255]]
    """
    planes = np.empty((3, *image.shape[:2]), np.uint8)
    _rgb_to_ycbcr(in_rows(image), FORWARD, planes)
    return planes


def in_rows(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) -> (H, 3 W): a row is R G B R G B ..., and every third of it a colour."""
    return np.ascontiguousarray(image).reshape(len(image), -1)


def luma(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> its Y, uint8 (H, W).

    >>> luma(np.array([[[255, 0, 0]]], np.uint8)).tolist()
    [[76]]
    """
    return rgb_to_ycbcr(image)[0]


def unrounded_ycbcr(image: np.ndarray) -> np.ndarray:
    """rgb_to_ycbcr before it rounds: float32 (3, H, W)."""
    planes = FORWARD @ image.reshape(-1, 3).T.astype(np.float32)
    planes[1:] += CENTRE
    return planes.reshape(3, *image.shape[:2])


def ycbcr_to_rgb(planes: Sequence[np.ndarray], shape: tuple[int, int] | None = None) -> np.ndarray:
    """Undo rgb_to_ycbcr: three uint8 (H, W) -> uint8 (H, W, 3), rounded and clipped.

    shape: of the picture, where the planes are padded.
    """
    image = np.empty((*(shape or planes[0].shape), 3), np.uint8)
    _ycbcr_to_rgb(*map(np.ascontiguousarray, planes), INVERSE, in_rows(image))
    return image


@compiled
def _rgb_to_ycbcr(pixels, matrix, planes):
    _, rows, columns = planes.shape
    row = np.empty((3, columns), np.float32)
    for i in range(rows):
        for j in range(columns):
            for c in range(3):
                row[c, j] = pixels[i, 3 * j + c]
        for c in range(3):
            m = matrix[c]
            shift = CENTRE if c else np.float32(0)
            for j in range(columns):
                planes[c, i, j] = _sample(
                    m[0] * row[0, j] + m[1] * row[1, j] + m[2] * row[2, j] + shift
                )


@compiled
def _ycbcr_to_rgb(y, cb, cr, matrix, pixels):
    rows, columns = pixels.shape[0], pixels.shape[1] // 3
    for i in range(rows):
        for j in range(columns):
            luma, blue, red = np.float32(y[i, j]), cb[i, j] - CENTRE, cr[i, j] - CENTRE
            for c in range(3):
                m = matrix[c]
                pixels[i, 3 * j + c] = _sample(m[0] * luma + m[1] * blue + m[2] * red)


@compiled
def _sample(value):
    """Round to the nearest whole number and clip to 0..255."""
    return np.uint8(min(max(np.int32(value + np.float32(0.5)), np.int32(0)), np.int32(255)))


def cmyk_to_rgb(inks: np.ndarray, black: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) and (H, W), as Adobe stores ink (255: none) -> RGB, uint8 (H, W, 3).

    Each ink lets its share of the light through: R = C K / 255. For the decoder only.
    """
    for i in range(3):
        inks[..., i] = (inks[..., i] * black.astype(np.uint16) + 127) // 255
    return inks


def downsample(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """Replace each v x h cell by its mean: (H, W) -> float32 (H/v, W/h), or itself for 1 x 1.

    H and W are multiples of v and h. JFIF sites chroma in the middle of the cell, so the
    plain mean is the right filter.

    >>> downsample(np.array([[1, 3], [5, 8]], np.uint8), 2, 2).tolist()
    [[4.25]]
    """
    if v == h == 1:
        return plane
    out = np.empty((plane.shape[0] // v, plane.shape[1] // h), np.float32)
    _mean(np.ascontiguousarray(plane), v, h, out)
    return out


@compiled
def _mean(plane, v, h, out):
    sums = np.empty(plane.shape[1], np.float32)
    cell = np.float32(v * h)
    for i in range(out.shape[0]):
        sums[:] = 0
        for y in range(v):
            for j in range(sums.size):
                sums[j] += plane[v * i + y, j]
        if h == 2:  # the usual case, of which numba makes a fast loop
            for j in range(out.shape[1]):
                out[i, j] = np.true_divide(sums[2 * j] + sums[2 * j + 1], cell)
        else:
            for j in range(out.shape[1]):
                out[i, j] = sums[h * j : h * j + h].sum() / cell


def upsample(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """Undo downsample by a triangle filter: uint8 (H, W) -> uint8 (v H, h W); v, h in 1, 2.

    A new sample lies a quarter of a step from its nearest old one: 3/4 of that one and 1/4 of
    the next one on its side. Beyond the border stands the border's sample again. This is
    libjpeg's "fancy upsampling" (jdsample.c), with its way of rounding.
    """
    out = np.empty((v * plane.shape[0], h * plane.shape[1]), np.uint8)
    _triangle(np.ascontiguousarray(plane), v, h, out)
    return out


@compiled
def _triangle(plane, v, h, out):
    rows, columns = plane.shape
    wide = np.empty(columns + 2, np.int32)  # one row, times 4, and a sample more on each side
    left, right = (8, 7) if v == 2 else (4, 8)  # what is added before the division by 16
    for i in range(v * rows):
        near = plane[i // v]
        far = plane[min(max(i // v + 2 * (i % v) - 1, 0), rows - 1)] if v == 2 else near
        for j in range(columns):
            wide[j + 1] = 3 * np.int32(near[j]) + far[j]
        wide[0], wide[columns + 1] = wide[1], wide[columns]
        if h == 1:
            for j in range(columns):
                out[i, j] = (wide[j + 1] + 1 + i % 2) >> 2
        else:
            for j in range(columns):
                out[i, 2 * j] = (3 * wide[j + 1] + wide[j] + left) >> 4
                out[i, 2 * j + 1] = (3 * wide[j + 1] + wide[j + 2] + right) >> 4


def repeat(plane: np.ndarray, shape: tuple[int, int], v: float, h: float) -> np.ndarray:
    """Undo subsampling by any ratio v, h >= 1: the nearest sample above and to the left again."""
    rows = (np.arange(shape[0]) / v + 1e-9).astype(int)
    columns = (np.arange(shape[1]) / h + 1e-9).astype(int)
    return plane[rows[:, None], columns]
