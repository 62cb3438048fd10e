"""What is measured: distortion of a picture, size of a file, distance between two R-D curves.

    x, x_hat: uint8 (H, W, 3) --mse--> D --psnr--> dB        data: bytes --bpp--> R
    many (R, PSNR) points of two codecs --bd_rate--> percent of bits saved or lost

Both codecs are measured here and nowhere else: 8-bit RGB samples, one picture at a time,
averages taken over the numbers of the pictures afterwards. Lessons start_here, rate_distortion and
showdown.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np


def mse(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Mean squared error over all samples: the D of L = R + lam * D.

    x, x_hat: uint8 (H, W, 3) or (H, W), of one shape. Returns a float in 0..255**2.
    Raises ValueError where the shapes differ.

    >>> mse(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8))
    9.0
    """
    x, x_hat = np.asarray(x), np.asarray(x_hat)
    if x.shape != x_hat.shape:
        raise ValueError(f"pictures differ in shape: {x.shape} and {x_hat.shape}")
    error = np.subtract(x, x_hat, dtype=np.float64).ravel()
    return float(error @ error / error.size)


def psnr(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB: 10 log10(255**2 / mse). Infinite for equal pictures.

    x, x_hat: uint8 (H, W, 3) or (H, W), clipped and rounded before they come here.

    >>> round(psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8)), 2)
    38.59
    """
    error = mse(x, x_hat)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ms_ssim(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Multi-scale structural similarity, mean of the channels: 1 for equal pictures.

    x, x_hat: uint8 (H, W, 3) or (H, W). Five scales, an 11-tap Gaussian window (Wang,
    Simoncelli and Bovik 2003), data range 255, as `pytorch_msssim` computes it. The picture is
    halved four times and the window must fit what is left: a side under 161 pixels raises
    ValueError (the measure has no value there; fewer scales would be another measure).
    """
    import torch  # here, so that what needs only mse and psnr starts without torch
    from pytorch_msssim import ms_ssim as reference

    x, x_hat = np.asarray(x), np.asarray(x_hat)
    if x.shape != x_hat.shape:
        raise ValueError(f"pictures differ in shape: {x.shape} and {x_hat.shape}")
    if min(x.shape[:2]) < 161:
        raise ValueError(
            f"MS-SSIM needs sides of 161 pixels or more, got {x.shape[1]}x{x.shape[0]}"
        )

    def batch(a: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(a.astype(np.float32).reshape(*a.shape[:2], -1)).permute(2, 0, 1)

    with torch.inference_mode():
        return float(reference(batch(x)[None], batch(x_hat)[None], data_range=255))


def bpp(data: bytes, image: np.ndarray) -> float:
    """Bits per pixel of a whole file, header included: 8 * len(data) / (H * W).

    >>> bpp(b"12345678", np.zeros((8, 8, 3), np.uint8))
    1.0
    """
    return 8 * len(data) / (image.shape[0] * image.shape[1])


def entropy(counts: np.ndarray) -> float:
    """Bits per symbol of independent draws with these frequencies: -sum p log2 p.

    counts: any shape, numbers >= 0, not all of them 0. Shannon 1948, section 6. It says what the
    best code costs that knows these frequencies and nothing else, on average: lesson redundancy.

    >>> entropy(np.array([4, 2, 1, 1, 0]))
    1.75
    """
    counts = np.asarray(counts)
    p = counts[counts > 0] / counts.sum()
    return float(-np.sum(p * np.log2(p))) + 0.0  # no -0.0


def bd_rate(
    anchor_points: Sequence[tuple[float, float]],
    points: Sequence[tuple[float, float]],
    window: tuple[float, float] | None = None,
) -> float:
    """Bjontegaard delta rate: mean difference in bits at equal quality, in percent.

    anchor_points, points: (bpp, quality) pairs, at least four a curve, in any order; quality is
    PSNR in dB (or MS-SSIM in dB). Akima interpolation of log rate over quality (Bjontegaard
    2001 with the interpolation of Herglotz et al. 2022), by the `bjontegaard` package,
    integrated over the overlap of both curves and of `window`, a (low, high) in units of
    quality. Negative: `points` needs fewer bits than the anchor.
    Raises ValueError for fewer than four points, equal qualities, or no overlap.

    >>> anchor = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)]
    >>> round(bd_rate(anchor, [(r / 2, q) for r, q in anchor]), 6)
    -50.0
    """
    from bjontegaard import bd_rate as reference  # imports matplotlib: only who asks waits

    rate_a, quality_a = _curve(anchor_points)
    rate, quality = _curve(points)
    low, high = max(quality_a[0], quality[0]), min(quality_a[-1], quality[-1])
    if window is not None:
        low, high = max(low, window[0]), min(high, window[1])
    if low >= high:
        raise ValueError(
            f"the curves do not overlap: anchor {quality_a[0]:.2f}..{quality_a[-1]:.2f}, "
            f"other {quality[0]:.2f}..{quality[-1]:.2f}, window {window}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of little overlap; the window is our statement
        _, curve_a, curve = reference(
            rate_a, quality_a, rate, quality, "akima", False, interpolators=True
        )
    difference = curve.integrate(low, high) - curve_a.integrate(low, high)  # of log10 rates
    return float(100 * (10 ** (difference / (high - low)) - 1))


def _curve(points: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """(rate, quality) pairs -> rates, qualities, sorted by quality; ValueError if unusable."""
    array = np.asarray(points, float).reshape(-1, 2)
    rate, quality = array[np.argsort(array[:, 1])].T
    if len(array) < 4:
        raise ValueError(f"a curve needs at least four points, got {len(array)}")
    if not (np.isfinite(array).all() and (rate > 0).all()):
        raise ValueError("every rate must be positive, every value finite")
    if (np.diff(quality) <= 0).any():
        raise ValueError("two points of a curve have the same quality: drop one of them")
    return rate, quality
