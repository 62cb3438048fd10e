"""Predictors of a pixel from four neighbours, and the bits that they leave.

The neighbours are decoded before the pixel x is, and named as in JPEG-LS
(T.87: Ra, Rb, Rc, Rd), whose borders they have too (A.2.1): zeros above the picture; at the
beginning of a row a is b, and c is what a was one row above; at its end d is b.

    c b d
    a x
"""

from collections.abc import Callable

import numpy as np

from lic_teach import metrics


def neighbours(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """uint8 (H, W) -> a, b, c, d: left, above, above left, above right; int (H, W) each."""
    padded = np.pad(x.astype(int), ((1, 0), (1, 1)))
    padded[1:, 0], padded[:, -1] = padded[:-1, 1], padded[:, -2]
    return padded[1:, :-2], padded[:-1, 1:-1], padded[:-1, :-2], padded[:-1, 2:]


def med(a, b, c, d) -> np.ndarray:
    """The median edge detector of LOCO-I and JPEG-LS (T.87, Annex A.4); d is not used.

    Any numbers or arrays -> float array. Beside a vertical edge it takes b, below a horizontal
    one a, else the plane a + b - c: always the middle one of the three.
    """
    return np.median([a, b, a + b - c], axis=0)


def bits_after(predict: Callable, x: np.ndarray) -> float:
    """Entropy of the residuals x - predict(a, b, c, d), in bits per sample: x uint8 (H, W).

    Predictions are rounded and clipped to 0..255, residuals taken modulo 256.
    """
    predicted = np.clip(np.rint(predict(*neighbours(x))), 0, 255).astype(int)
    return metrics.entropy(np.bincount(((x - predicted) % 256).ravel()))
