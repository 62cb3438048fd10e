"""Other transforms than the DCT of eight, and what each costs: bits at equal error.

    plane --cut--> blocks @ kron(rows, rows).T --> coefficients --bits_at--> bits a pixel

Rows are orthonormal, so the error of the coefficients is that of the pixels, and all transforms can
be brought to the same one by the step alone. The code that is paid has one number a coefficient,
its spread, and that is learned on the half of the blocks that is not being paid for.
"""

import numpy as np
from scipy.fft import dct

START = 4  # pixels: no block lies on the grid of a JPEG that the photograph may have been


def cosines(n: int) -> np.ndarray:
    """The DCT of n samples: float (n, n), row u is wave u."""
    return dct(np.eye(n), axis=0, norm="ortho")


def fourier(n: int) -> np.ndarray:
    """The Fourier transform of n samples, n even, in real numbers: float (n, n).

    Row 0 is flat; then a cosine and a sine for 1, 2, ... whole swings; last the one of n/2 swings,
    which is a cosine alone. Slow before fast, orthonormal.
    """
    swings = (np.arange(n) + 1) // 2
    sine = (np.arange(n) % 2 == 0) & (swings > 0)
    angle = 2 * np.pi * np.outer(swings, np.arange(n)) / n
    rows = np.where(sine[:, None], np.sin(angle), np.cos(angle))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def turned(n: int, seed: int = 0) -> np.ndarray:
    """A random rotation: float (n, n), orthonormal."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]


def cut(plane: np.ndarray, n: int) -> np.ndarray:
    """Whole blocks of n x n, from row and column START on: float32 (blocks, n * n), minus 128."""
    rows, columns = ((side - START) // n for side in plane.shape)
    inside = plane[START:, START:][: rows * n, : columns * n].astype(np.float32) - 128
    return inside.reshape(rows, n, columns, n).transpose(0, 2, 1, 3).reshape(-1, n * n)


def bits_at(mse: float, coefficients: np.ndarray) -> float:
    """Bits a pixel when the step is such that the mean squared error is `mse`.

    coefficients: float (blocks, k) of an orthonormal transform. Each half of the blocks (by lot,
    always the same) is paid with what the other half taught. mse: above 0, below the energy.
    """
    step = step_for(mse, coefficients)
    lot = np.random.default_rng(0).permutation(len(coefficients))
    halves = coefficients[lot[::2]], coefficients[lot[1::2]]
    there, back = halves, halves[::-1]
    return float(np.mean([laplace_bits(learn, pay, step) for learn, pay in (there, back)]))


def step_for(mse: float, coefficients: np.ndarray) -> float:
    """The step at which rounding to its multiples has this mean squared error, by halving."""
    low, high = np.sqrt(mse), 30 * np.sqrt(mse)  # all stairs full: mse = step**2 / 12
    for _ in range(16):
        step = (low + high) / 2
        error = coefficients - step * np.rint(coefficients / step)
        low, high = (low, step) if np.mean(error**2) > mse else (step, high)
    return low


def laplace_bits(learn: np.ndarray, pay: np.ndarray, step: float) -> float:
    """Mean -log2 p of `pay`, rounded to multiples of step, under the Laplace law of `learn`.

    learn, pay: float (blocks, k). Middle and spread of each of the k are those of `learn`; p is
    the law's mass between step * (q - 1/2) and step * (q + 1/2).
    """
    middle = learn.mean(0)
    spread = np.abs(learn - middle).mean(0) + 1e-6
    away = np.abs(step * np.rint(pay / step) - middle)
    near, far = (away - step / 2) / spread, (away + step / 2) / spread
    inside = 1 - np.exp(np.minimum(near, 0)) / 2 - np.exp(-far) / 2  # the middle lies in the stair
    outside = (np.exp(-np.maximum(near, 0)) - np.exp(-far)) / 2
    p = np.where(near < 0, inside, outside)
    return float(-np.log2(np.maximum(p, 1e-9)).mean())
