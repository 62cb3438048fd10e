"""The rate-distortion function of Gaussian sources, and what it says about many of them.

R(D) = 1/2 log2(variance / D) bits a number for one; several share a distortion by reverse
water-filling: each is left with min(level, variance), so those under the water get no bits.
Cover and Thomas, Elements of Information Theory, theorem 10.3.3.
"""

import numpy as np

from lic_teach.images import pad_to_multiple
from lic_teach.jpeg import color, transform


def fill(variances: np.ndarray, mean_error: float) -> float:
    """The level at which the errors min(level, variance) have this mean.

    variances: float (n,), above 0. ValueError unless 0 < mean_error <= their mean.

    >>> fill(np.array([1.0, 9.0]), 3.0)  # the first is drowned: (1 + 5) / 2
    5.0
    """
    low_first = np.sort(np.asarray(variances, dtype=float))
    if not 0 < mean_error <= low_first.mean():
        raise ValueError(f"mean error {mean_error}, expected above 0, up to {low_first.mean()}")
    n = len(low_first)
    drowned = np.concatenate([[0.0], np.cumsum(low_first)[:-1]])  # the error of the k smallest
    level = (n * mean_error - drowned) / (n - np.arange(n))  # if they are under the water
    return float(level[np.argmax(level <= low_first)])


def bits(variances: np.ndarray, level: float) -> np.ndarray:
    """What each needs at this level: float (n,), bits a number.

    >>> bits(np.array([1.0, 16.0]), 4.0).tolist()
    [0.0, 1.0]
    """
    return 0.5 * np.log2(np.maximum(variances / level, 1))


def luma_variances(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> float (64,): the variance of each DCT coefficient of luma, zig-zag.

    The first is of DC itself, not of the differences that JPEG writes.
    """
    luma = pad_to_multiple(color.luma(image), 8).astype(np.float32)
    return transform.forward(luma).reshape(-1, 64).astype(float).var(axis=0)
