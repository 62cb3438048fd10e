"""Quantize: the one place where JPEG loses anything. Divide and round <-> multiply.

    coefficients float32 (..., 64) --quantize--> int16 (..., 64) --dequantize--> float32

Each of the 64 frequencies has its own step, from a table that somebody once chose by eye
(T.81 Annex K.1). Unlike learned/quantize.py: 64 hand-made steps, and no training, so no noise
stands in for rounding. Lesson quantization; lesson jpeg_by_lambda learns the table.
"""

import numpy as np

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
    whole = isinstance(quality, int | np.integer) and not isinstance(quality, bool)
    if not whole or not 1 <= quality <= 100:
        raise ValueError(f"quality must be a whole number in 1..100, got {quality!r}")
    quality = int(quality)
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((table * percent + 50) // 100, 1, 255)


def quantize(coefficients: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Nearest multiple of the step: float (..., 64), steps (64,) -> int16 (..., 64) (A.3.4)."""
    return np.rint(coefficients / steps.astype(np.float32)).astype(np.int16)


def dequantize(quantized: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Undo quantize up to half a step: int16 (..., 64) -> float32 (..., 64) (A.3.4)."""
    return quantized * steps.astype(np.float32)
