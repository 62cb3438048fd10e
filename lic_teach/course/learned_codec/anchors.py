"""JPEG twice: as most programs write it, and by lambda, the strong anchor. Curves, and equal bytes.

    photograph --jpeg_points, lam_points--> [(bpp, psnr), ...] --saved_bits--> share of the bytes
               --at_bytes--> both files with about as many bytes

As most programs write it: libjpeg through Pillow, 4:2:0, with Huffman tables of its own.
By lambda: this course's own .jpg of lesson jpeg_by_lambda, tables and coefficients chosen for L.
"""

import numpy as np

from lic_teach import metrics
from lic_teach.kit.measured import Coded, by_lam, libjpeg
from lic_teach.study import codecs

QUALITIES = (*range(1, 10, 2), *range(10, 96, 5))
LAMS = (0.003, 0.006, 0.012, 0.024, 0.048)
NAMES = "JPEG", "JPEG by λ"


def jpeg_points(image: np.ndarray) -> list[tuple[float, float]]:
    """libjpeg's curve, 4:2:0 with Huffman tables of its own: (bpp, psnr) pairs, rising."""
    points, anchor = [], codecs.CODECS["jpeg"]
    for quality in QUALITIES:
        data = anchor.encode(image, quality)
        points.append((metrics.bpp(data, image), metrics.psnr(image, anchor.decode(data))))
    return points


def lam_points(image: np.ndarray) -> list[tuple[float, float]]:
    """The curve of JPEG by lambda, at LAMS: (bpp, psnr) pairs, rising."""
    return [(coded.bpp, coded.psnr) for coded in (by_lam(image, lam) for lam in LAMS)]


def saved_bits(points: list[tuple[float, float]], bpp: float, psnr: float) -> float | None:
    """1 - bpp / the curve's rate at this PSNR; None outside of it. points: (bpp, psnr) pairs."""
    rates, quality = np.array(sorted(points, key=lambda point: point[1])).T
    if not quality[0] <= psnr <= quality[-1]:
        return None
    return float(1 - bpp / np.exp(np.interp(psnr, quality, np.log(rates))))


def at_bytes(image: np.ndarray, size: int) -> tuple[Coded, Coded]:
    """The largest file of each JPEG that is not larger than `size` bytes; of none, the smallest."""
    return _below(lambda q: libjpeg(image, q), range(1, 96), size), _below(
        lambda k: by_lam(image, 0.001 * 2 ** (k / 8)), range(49), size
    )


def _below(write, settings, size):
    """By bisection: the settings' files grow."""
    low, high = settings[0], settings[-1] + 1
    best = write(low)
    while high - low > 1:
        middle = (low + high) // 2
        coded = write(middle)
        if coded.size <= size:
            low, best = middle, coded
        else:
            high = middle
    return best
