"""What is measured: distortion of a picture, size of a file, distance between two R-D curves.

    x, x_hat: uint8 (H, W, 3) --mse--> D --psnr--> dB        data: bytes --bpp--> R
    many (R, PSNR) points of two codecs --bd_rate--> percent of bits saved or lost

Both codecs are measured here and nowhere else: 8-bit RGB samples, one picture at a time,
averages taken over the numbers of the pictures afterwards. Every number of the course rests on
these, so what could be read in two ways is refused: floats of 0..1, channels first, a curve
written as rows. Lessons start_here, rate_distortion and showdown.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np

Points = Sequence[tuple[float, float]] | np.ndarray  # of one curve: (rate, quality) pairs
Window = tuple[float, float]

HALF_A_LEVEL = 0.5 / 255  # on a scale of 0..1: a picture that stays below is black on both scales


def mse(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Mean squared error over all samples: the D of L = R + lam * D.

    x, x_hat: uint8 (H, W, 3) or (H, W), of one shape; or floats in 0..255. Returns a float in
    0..255**2. Raises ValueError for other shapes, types and ranges: floats whose largest sample
    is 1 or less are taken for a picture in 0..1.

    >>> mse(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8))
    9.0
    """
    _check_pair(x, x_hat)
    error = np.subtract(x, x_hat, dtype=np.float64, subok=False).ravel()
    return float(error @ error / error.size)


def psnr(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB: 10 log10(255**2 / mse). Infinite for equal pictures.

    x, x_hat: as `mse` takes them; clipped and rounded before they come here.

    >>> round(psnr(np.zeros((2, 2), np.uint8), np.full((2, 2), 3, np.uint8)), 2)
    38.59
    """
    error = mse(x, x_hat)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ms_ssim(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Multi-scale structural similarity, mean of the channels: 1 for equal pictures.

    x, x_hat: as `mse` takes them. Five scales, an 11-tap Gaussian window (Wang,
    Simoncelli and Bovik 2003), data range 255, as `pytorch_msssim` computes it. The picture is
    halved four times and the window must fit what is left: a side under 161 pixels raises
    ValueError (the measure has no value there; fewer scales would be another measure).
    """
    import torch  # here, so that what needs only mse and psnr starts without torch
    from pytorch_msssim import ms_ssim as reference

    _check_pair(x, x_hat)
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

    data: the bytes of the file, not its name; image: (H, W, 3) or (H, W), of which only the
    size counts. Raises ValueError for anything else.

    >>> bpp(b"12345678", np.zeros((8, 8, 3), np.uint8))
    1.0
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise ValueError(f"expected the bytes of a file, got {type(data).__name__}: read it first")
    _check_layout(image)
    return 8 * memoryview(data).nbytes / (image.shape[0] * image.shape[1])


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


def _check_pair(x, x_hat):
    """Two pictures that can be compared; ValueError in words for anything else."""
    for picture in (x, x_hat):
        _check_layout(picture)
        _check_samples(picture)
    if x.shape != x_hat.shape:
        raise ValueError(f"pictures differ in shape: {x.shape} and {x_hat.shape}")


def _check_layout(image):
    """Rows first, channels last, and at least one pixel."""
    if not isinstance(image, np.ndarray) or isinstance(image, np.ma.MaskedArray):
        raise ValueError(f"expected a NumPy array (H, W, 3) or (H, W), got {type(image).__name__}")
    if image.size == 0 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"expected a picture (H, W, 3) or (H, W), got an array {image.shape}")


def _check_samples(image):
    """On the scale 0..255. uint8 costs nothing to check, floats a walk through the picture."""
    if image.dtype == np.uint8:
        return
    if image.dtype.kind != "f":
        raise ValueError(f"expected uint8 samples, or floats in 0..255, got {image.dtype}")
    low, high = image.min(), image.max()
    if not (low >= 0 and high <= 255):  # also where one of them is nan
        raise ValueError(f"float samples must lie in 0..255, found {low:.4g}..{high:.4g}")
    if HALF_A_LEVEL < high <= 1:
        raise ValueError(
            f"the largest sample is {high:.4g}, as in a picture of 0..1: expected floats in "
            "0..255, so multiply by 255, or give uint8"
        )


def bd_rate(anchor_points: Points, points: Points, window: Window | None = None) -> float:
    """Bjontegaard delta rate: mean difference in bits at equal quality, in percent.

    anchor_points, points: (N, 2), pairs of bpp and quality, in this order, at least four a
    curve, sorted or not; quality is PSNR in dB (or MS-SSIM in dB). Akima interpolation of log
    rate over quality (Bjontegaard 2001 with the interpolation of Herglotz et al. 2022), by the
    `bjontegaard` package, integrated over `overlap` of both curves and of `window`, a (low, high)
    in units of quality. Negative: `points` needs fewer bits than the anchor.
    Raises ValueError for curves of another shape, fewer than four points, values that are no
    curve (more quality must cost more bits), or no overlap. Warns where the overlap is less than
    half of what the curves span together, inside the window: the number then speaks of that part
    alone.

    >>> anchor = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)]
    >>> round(bd_rate(anchor, [(r / 2, q) for r, q in anchor]), 6)
    -50.0
    """
    from bjontegaard import bd_rate as reference  # imports matplotlib: only who asks waits

    low, high = overlap(anchor_points, points, window)
    (rate_a, quality_a), (rate, quality) = _curve(anchor_points), _curve(points)
    bottom, top = min(quality_a[0], quality[0]), max(quality_a[-1], quality[-1])
    if window is not None:
        bottom, top = max(bottom, window[0]), min(top, window[1])
    if high - low < (top - bottom) / 2:
        warnings.warn(
            f"the BD-rate speaks of {low:.2f}..{high:.2f} alone: of {bottom:.2f}..{top:.2f} "
            "that is where both curves have points",
            stacklevel=2,
        )
    _, curve_a, curve = reference(
        rate_a, quality_a, rate, quality, "akima", False, min_overlap=0, interpolators=True
    )
    difference = curve.integrate(low, high) - curve_a.integrate(low, high)  # of log10 rates
    return float(100 * (10 ** (difference / (high - low)) - 1))


def overlap(anchor_points: Points, points: Points, window: Window | None = None) -> Window:
    """The interval of quality that `bd_rate` of the same arguments is a mean over: (low, high).

    Raises ValueError where there is none, and for what is no curve.

    >>> anchor = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)]
    >>> overlap(anchor, [(2 * r, q + 2) for r, q in anchor], window=(29.5, 36.0))
    (30.0, 36.0)
    """
    curves = _curve(anchor_points)[1], _curve(points)[1]
    low, high = max(q[0] for q in curves), min(q[-1] for q in curves)
    if window is not None:
        if len(window) != 2 or not window[0] < window[1]:
            raise ValueError(f"a window is (low, high) in units of quality, got {window}")
        low, high = max(low, window[0]), min(high, window[1])
    if low >= high:
        (a, b), (c, d) = ((q[0], q[-1]) for q in curves)
        raise ValueError(
            f"the curves do not overlap: anchor {a:.2f}..{b:.2f}, other {c:.2f}..{d:.2f}, "
            f"window {window}"
        )
    return float(low), float(high)


def _curve(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """(rate, quality) pairs -> rates, qualities, sorted by quality; ValueError if unusable."""
    array = _pairs(points)
    rate, quality = array[np.argsort(array[:, 1])].T
    if len(array) < 4:
        raise ValueError(f"a curve needs at least four points, got {len(array)}")
    if not (np.isfinite(array).all() and (rate > 0).all()):
        raise ValueError("every rate must be positive, every value finite")
    if (np.diff(quality) <= 0).any():
        raise ValueError("two points of a curve have the same quality: drop one of them")
    if (np.diff(rate) <= 0).any():
        i = int(np.argmin(np.diff(rate)))
        raise ValueError(
            f"more quality must cost more bits, but {quality[i]:.6g} takes a rate of {rate[i]:.6g} "
            f"and {quality[i + 1]:.6g} one of {rate[i + 1]:.6g}: drop one of them"
        )
    return rate, quality


def _pairs(points):
    """What is written as (N, 2) and nothing else -> float (N, 2)."""
    words = "a curve is (N, 2): pairs of (rate, quality)"
    if np.ma.is_masked(points):
        raise ValueError(f"{words}, got an array with masked values")
    try:
        array = np.asarray(points)
        array = array.astype(float) if array.dtype.kind in "iufO" else None
    except (TypeError, ValueError):
        array = None  # ragged, or no numbers
    if array is None or array.ndim < 1:
        raise ValueError(f"{words}, got {type(points).__name__} that is no table of numbers")
    if array.size and array.shape[1:] != (2,):
        raise ValueError(f"{words}, got an array {array.shape}")
    return array.reshape(-1, 2)
