"""How much light a pixel sends: what luma is not.

    R, G, B --inverse of the sRGB curve--> shares of the light --weights--> luminance

Luma weighs the numbers of the file as they are, by the red, green and blue of 1953. Luminance
undoes the curve first, and its weights are those of the screens of today.
IEC 61966-2-1 (sRGB); ITU-R BT.709.
"""

import numpy as np

WEIGHTS = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue light


def linear(samples: np.ndarray) -> np.ndarray:
    """sRGB samples, 0..255 -> the light that they stand for, 0..1.

    >>> linear([0, 255]).tolist()
    [0.0, 1.0]
    """
    v = np.asarray(samples) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """sRGB (..., 3), 0..255 -> luminance (...), white is 1."""
    return linear(rgb) @ WEIGHTS


def grey_of(light: float) -> float:
    """The grey, 0..255, that sends so much light, 0..1: linear undone."""
    curved = 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    return 255 * np.where(light <= 0.0031308, 12.92 * light, curved)
