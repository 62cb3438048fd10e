"""Targets: which samples of Y, Cb and Cr to aim at, and what it costs to miss them.

    image (H, W, 3) --best_chroma--> small planes --(coded, decoded)--> cb, cr at full size
    image, cb, cr --best_luma--> the plane that luma aims at
    image, y --best_colour--> planes for best_chroma, once luma is there
    error_weights: what a unit error of each coefficient does to R, G and B

D is the squared error of RGB. The plain encoder converts each pixel to YCbCr and takes means of
chroma; but what the decoder makes of them is filtered, rounded and wrong in a way that the
encoder knows. So chroma aims at the samples whose upsampling comes nearest, and luma, chosen
after it, makes up for what chroma has lost. Unlike learned/transform.py, where training finds
all of this by itself. Lesson jpeg_by_lambda.
"""

import numpy as np
from scipy.linalg import solveh_banded

from . import color, lossy, quantize, transform
from .frame import Frame

TO_RGB = color.YCBCR_TO_RGB  # columns: what one unit of Y, Cb, Cr does to R, G, B
REPAIRED = TO_RGB[:, 1:].mean(0)  # of a unit of Cb, Cr: what a change of Y can make up for


# ---- what an error costs ----------------------------------------------------------------


def error_weights(frame: Frame) -> list[np.ndarray]:
    """Squared error of RGB for a unit error of each coefficient: float (64,) a component.

    Y: 3, once in each of R, G and B. Chroma: the squared length of its column of TO_RGB, less
    what luma, chosen after it, makes up for; times what upsampling does to the basis picture.
    """
    if len(frame.components) == 1:
        return [np.full(64, 3.0)]
    spread = np.ones((8, 8))
    for factor, axis in ((frame.v_max, (8, 1)), (frame.h_max, (1, 8))):
        if factor == 2:
            spread = spread * _upsampled_energy().reshape(axis)
    spread = spread.ravel()[transform.ZIGZAG]
    return [np.full(64, 3.0), *(w * spread for w in chroma_weights())]


def chroma_weights() -> np.ndarray:
    """Squared error of RGB for a unit error of Cb, Cr that luma makes up for: float (2,)."""
    return (TO_RGB[:, 1:] ** 2).sum(0) - 3 * REPAIRED**2


def _upsampled_energy() -> np.ndarray:
    """Energy of each of the eight DCT basis vectors after color.upsample: float (8,), about
    1.9 for the slowest and 0.6 for the fastest: fast chroma is smoothed away anyway."""
    gram = np.diag(np.full(8, 1.25)) + 0.375 * (np.eye(8, k=1) + np.eye(8, k=-1))
    basis = transform.dct_matrix()
    return np.diag(basis @ gram @ basis.T)


# ---- what to aim at ---------------------------------------------------------------------


def best_chroma(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """The small plane whose upsampling is nearest: float32 (H, W) -> float32 (H/v, W/h).

    Least squares for the triangle filter of color.upsample, where color.downsample takes means.
    The decoder keeps samples in 0..255, and so do these.
    """
    if v == 2:
        plane = _halve_rows(plane)
    if h == 2:
        plane = _halve_rows(plane.T).T
    return np.clip(plane, 0, 255, order="C")


def _halve_rows(plane: np.ndarray) -> np.ndarray:
    """Solve U'U x = U'plane. U makes rows 2i and 2i+1 of 3/4 of row i, 1/4 of a neighbour."""
    even, odd = plane[0::2], plane[1::2]
    right = 0.75 * (even + odd)
    right[:-1] += 0.25 * even[1:]
    right[1:] += 0.25 * odd[:-1]
    right[0] += 0.25 * even[0]  # beyond the border stands the border's row again
    right[-1] += 0.25 * odd[-1]
    gram = np.full((2, len(right)), 1.25, np.float32)
    gram[1] = 0.375
    gram[0, 0] += 0.375
    gram[0, -1] += 0.375
    return solveh_banded(gram, right, lower=True, overwrite_b=True, check_finite=False)


def decoded_plane(grid: np.ndarray, steps: np.ndarray, frame: Frame, c: int) -> np.ndarray:
    """Component c as the decoder will see it, at full size: uint8 (H, W)."""
    plane = transform.inverse(quantize.dequantize(grid, steps))
    full = lossy.full_size(plane, frame, frame.components[c], True)
    return full[: frame.height, : frame.width]


def best_luma(image: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> np.ndarray:
    """The luma that comes nearest to the image where chroma is given: float32 (H, W).

    Y adds the same to R, G and B, so the best Y is the mean of what chroma leaves to do.
    cb, cr: uint8 (H, W), decoded. In 0..255, where the decoder keeps it.
    """
    share = REPAIRED.astype(np.float32)
    done = share[0] * cb.astype(np.float32) + share[1] * cr.astype(np.float32) - 128 * share.sum()
    best = image.astype(np.float32) @ np.full(3, 1 / 3, np.float32) - done
    return np.clip(best, 0, 255, out=best)


def best_colour(image: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The Cb and Cr that come nearest to the image where luma is given: float32 (2, H, W).

    Least squares in each pixel: three numbers to reach, two to choose. y: uint8 (H, W), decoded.
    """
    left = image - y[..., None].astype(np.float32)
    chroma = np.linalg.pinv(TO_RGB[:, 1:]).astype(np.float32) @ left.reshape(-1, 3).T
    return chroma.reshape(2, *y.shape) + 128


def pad(array: np.ndarray, frame: Frame) -> np.ndarray:
    """Repeat the last row and column up to whole MCUs."""
    height, width = (8 * s * n for s, n in zip((frame.v_max, frame.h_max), frame.mcus, strict=True))
    missing = [(0, height - array.shape[0]), (0, width - array.shape[1])]
    return np.pad(array, missing + [(0, 0)] * (array.ndim - 2), mode="edge")


def chroma_detail(image: np.ndarray) -> float:
    """Mean squared error of RGB when 2x2 cells of chroma are replaced by their means."""
    even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
    if not even.size:
        return 0.0
    planes = color.unrounded_ycbcr(even)[1:] - np.float32(128)
    lost = [np.mean(p * p) - np.mean(color.downsample(p, 2, 2) ** 2) for p in planes]
    return float(chroma_weights() @ lost) / 3
