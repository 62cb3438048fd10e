"""Quantize: the one place where JPEG loses anything. Divide and round <-> multiply.

    coefficients float32 (..., 64) --quantize--> int16 (..., 64) --dequantize--> float32

Each of the 64 frequencies has its own step, from a table that somebody once chose by eye
(T.81 Annex K.1). Unlike learned/quantize.py: 64 hand-made steps, and no training, so no noise
stands in for rounding. Where lambda becomes steps: optimize.learned_tables. Lesson quantization;
lesson jpeg_by_lambda learns the table.
"""

import numpy as np

from lic_teach.compiled import compiled

from .arguments import whole_number

# T.81 Tables K.1 and K.2, row after row. Made for quality 50.
LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
CHROMINANCE = np.full((8, 8), 99)
CHROMINANCE[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]


def scale(table: np.ndarray, quality: int) -> np.ndarray:
    """libjpeg's quality rule (jcparam.c): int table for 50 -> int table for 1..100.

    Quality 50 leaves the table, 100 makes every step 1, each halving of the quality under 50
    doubles the steps. Steps stay within 1..255, as baseline asks.

    >>> scale(LUMINANCE, 75)[0].tolist()
    [8, 6, 5, 8, 12, 20, 26, 31]
    """
    quality = whole_number("quality", quality, 1, 100)
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.minimum(np.maximum((table * percent + 50) // 100, 1), 255)


def quantize(
    coefficients: np.ndarray, steps: np.ndarray, out: np.ndarray | None = None
) -> np.ndarray:
    """Nearest multiple of the step: float (..., 64), steps (64,) -> int16 (..., 64) (A.3.4).

    out: where the result goes, if there is a place for it; without gaps.
    """
    out = np.empty(coefficients.shape, np.int16) if out is None else out
    _quantize(coefficients.reshape(-1, 64), steps.astype(np.float32), out.reshape(-1, 64))
    return out


@compiled
def _quantize(coefficients, steps, quantized):
    for i in range(quantized.shape[0]):
        for k in range(64):
            quantized[i, k] = np.int32(np.rint(np.true_divide(coefficients[i, k], steps[k])))


def dequantize(
    quantized: np.ndarray, steps: np.ndarray, pull: np.ndarray | None = None
) -> np.ndarray:
    """Undo quantize up to half a step: int16 (..., 64) -> float32 (..., 64) (A.3.4).

    pull: float (64,), how far nonzero values are moved towards zero, in steps (laplace_pull).
    """
    quantized = quantized if pull is None else pulled(quantized, pull)
    coefficients = np.empty(quantized.shape, np.float32)
    rows = quantized.reshape(-1, 64), coefficients.reshape(-1, 64)
    multiply(rows[0], steps.astype(np.float32), rows[1])
    return coefficients


@compiled
def multiply(quantized, steps, coefficients):
    """int16 or float32 (n, 64) times float32 (64,) into float32 (n, 64)."""
    for i in range(quantized.shape[0]):
        for k in range(64):
            coefficients[i, k] = np.float32(quantized[i, k]) * steps[k]


def pulled(quantized: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Nonzero values, int16 (..., 64), moved towards zero by pull (64,): float32 (..., 64)."""
    return quantized - np.sign(quantized) * pull.astype(np.float32)


def laplace_pull(quantized: np.ndarray) -> np.ndarray:
    """How far the mean of a coefficient lies from the middle of its step, towards zero.

    quantized: int16 (..., 64). Returns float (64,), in steps. Other decoders paint the middle of a
    step. But small coefficients are likelier than large ones, within a step, too. Say that their
    density falls like exp(-m |x|), x in steps (Laplace). Then each of the sizes 1, 2, 3, ... is
    exp(-m) times as frequent as the one before, so a nonzero coefficient "goes on" to the next
    size with that probability; it is estimated by how often they did, with half a case more of
    each. The mean of a step lies 1/2 - 1/m + 1/(exp(m) - 1) below its middle. Zeros tell nothing:
    there are more of them than Laplace has. DC is no Laplacian and stays (Price and Rabbani,
    Biased reconstruction for JPEG decoding, 2000).

    >>> blocks = np.zeros((3, 64), np.int16)
    >>> blocks[:, 1] = 1, -1, 2
    >>> laplace_pull(blocks)[:3].round(2).tolist()
    [0.0, 0.1, 0.0]
    """
    flat = np.abs(quantized.reshape(-1, 64))
    nonzero, total = np.count_nonzero(flat, axis=0), flat.sum(0, dtype=np.float64)
    m = -np.log((total - nonzero + 0.5) / (total + 1))
    pull = 0.5 - 1 / m + 1 / np.expm1(m)
    pull[(nonzero == 0) | (np.arange(64) == 0)] = 0
    return pull
