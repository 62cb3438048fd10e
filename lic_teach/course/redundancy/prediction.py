"""Prediction from the left, and pixels in random order.

x (H, W) --residuals--> r (H, W) --undo--> x        modulo 256: a byte stays a byte
x --shuffled--> the same pixels, none of them where it was
"""

import numpy as np


def residuals(x: np.ndarray, lag: int = 1) -> np.ndarray:
    """Each pixel minus its neighbour `lag` columns to the left, modulo 256.

    x: uint8 (H, W). Returns uint8 (H, W); outside the picture there are zeros, so the first
    `lag` columns stay as they are. Raises ValueError where lag is not in 1..W - 1.

    >>> residuals(np.array([[100, 103, 101]], np.uint8)).tolist()
    [[100, 3, 254]]
    """
    if not 1 <= lag < x.shape[1]:
        raise ValueError(f"lag must be in 1..{x.shape[1] - 1}, got {lag}")
    found = x.copy()
    found[:, lag:] -= x[:, :-lag]
    return found


def undo(r: np.ndarray, lag: int = 1) -> np.ndarray:
    """What residuals(x, lag) was made of: uint8 (H, W) -> uint8 (H, W), exactly.

    >>> undo(np.array([[100, 3, 254]], np.uint8)).tolist()
    [[100, 103, 101]]
    """
    x = r.copy()
    for column in range(lag, r.shape[1]):
        x[:, column] += x[:, column - lag]
    return x


def shuffled(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """The same pixels in random order: (H, W) or (H, W, 3), any dtype."""
    pixels = x.reshape(-1, *x.shape[2:])
    return np.random.default_rng(seed).permutation(pixels).reshape(x.shape)
