"""Noise against rounding: what a Gaussian latent costs in training and in the file.

    sigma, mean --rounded--> bits and squared error of round(y)       what the file has
                --noisy----> bits and squared error of y + u          what training sees

y is N(mean, sigma^2), counted in quantization steps; the bins lie around the whole numbers; u is
uniform in -1/2..1/2. The prior is the latent's own distribution: no bit is lost to a wrong guess.
All is computed from formulas, nothing is drawn by lot.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from lic_teach.course.noise_for_rounding import rounding_drawing
from lic_teach.kit.base import Explorer, View, column, row
from lic_teach.kit.controls import Slider
from lic_teach.kit.readout import table

SIGMAS = np.geomspace(0.03, 2, 60)
WHOLE = np.arange(-24, 25)  # further than any latent here goes
REACH = 3.5  # what is drawn of the latent, on both sides of 0
NOISE_ERROR = 1 / 12  # the mean of u^2


class Cost(NamedTuple):
    """Of one latent, or of one at each of SIGMAS."""

    bits: float | np.ndarray
    error: float | np.ndarray  # squared, in steps^2


class Latent(NamedTuple):
    """What is drawn of the latent itself."""

    mass: np.ndarray  # (7,), of the whole numbers -3..3
    t: np.ndarray  # (n,), in steps, rising
    plain: np.ndarray  # (n,), density of y
    noisy: np.ndarray  # (n,), density of y + u


class Source(NamedTuple):
    """What no control changes: costs at SIGMAS, and the range that the mean leaves rounding."""

    sigmas: np.ndarray
    noisy: Cost
    low: Cost
    high: Cost


class Result(NamedTuple):
    source: Source
    sigma: float
    mean: float
    rounded: Cost
    noisy: Cost
    curve: Cost  # of rounding at this mean, at SIGMAS
    latent: Latent


def density(t: np.ndarray, mean: float, sigma: float | np.ndarray) -> np.ndarray:
    """Density of y + u at t, and for whole t the probability of round(y) = t.

    The mass of N(mean, sigma^2) on t - 1/2..t + 1/2: the density of y, averaged over a window as
    wide as a bin. Any shapes that broadcast. Balle et al. 2017, section 3.

    >>> round(float(density(0.0, 0.0, 1.0)), 5)
    0.38292
    """
    distance = -np.abs(t - mean)
    return ndtr((distance + 0.5) / sigma) - ndtr((distance - 0.5) / sigma)


def rounded(mean: float, sigma: float | np.ndarray) -> Cost:
    """Entropy in bits and mean squared error of round(y). sigma: 0.03 or more, any shape -> Cost.

    The error is a Fourier series in the mean: 1/12, and waves that die out as exp(-2 pi^2 sigma^2)
    (Sripad, Snyder 1977).
    """
    sigma = np.asarray(sigma)[..., None]
    n = np.arange(1, 60)
    waves = (-1.0) ** n / (np.pi * n) ** 2 * np.cos(2 * np.pi * n * mean)
    error = 1 / 12 + np.sum(waves * np.exp(-2 * (np.pi * n * sigma) ** 2), -1)
    return Cost(np.sum(_information(density(WHOLE, mean, sigma)), -1), error)


def noisy(sigma: float | np.ndarray) -> Cost:
    """Differential entropy in bits of y + u, and the mean of u^2. sigma: any shape -> Cost.

    The mean of y plays no part. The entropy is the mean of -log2 of the density, by Gauss-Legendre
    quadrature where the density is neither 0 nor 1: within 9 sigma of 1/2, on one side of two.
    """
    sigma = np.asarray(sigma)[..., None]
    nodes, weights = np.polynomial.legendre.leggauss(100)
    low = np.maximum(0.5 - 9 * sigma, 0)
    half = (0.5 + 9 * sigma - low) / 2
    inside = _information(density(low + half * (nodes + 1), 0.0, sigma))
    bits = 2 * np.sum(half * weights * inside, -1)
    return Cost(bits, np.full_like(bits, NOISE_ERROR))


def _information(p):
    """-p log2 p, and 0 where p is 0."""
    return -p * np.log2(np.maximum(p, 1e-300))


def prepare(_) -> Source:
    """Source. A mean on a whole number and one between two are the ends of what rounding does."""
    middle, edge = rounded(0.0, SIGMAS), rounded(0.5, SIGMAS)
    pairs = list(zip(middle, edge, strict=True))
    low, high = (Cost(*(end(pair, axis=0) for pair in pairs)) for end in (np.min, np.max))
    return Source(SIGMAS, noisy(SIGMAS), low, high)


def compute(source: Source, sigma: float, mean: float) -> Result:
    """One latent N(mean, sigma^2), rounded and with noise -> Result."""
    both, curve = (rounded(mean, sigma), noisy(sigma)), rounded(mean, SIGMAS)
    return Result(source, sigma, mean, *both, curve, _latent(sigma, mean))


def _latent(sigma, mean):
    """Closer points where something bends: around the mean, and half a step from it."""
    near = np.linspace(-5, 5, 51) * sigma
    t = mean + np.concatenate((near, near - 0.5, near + 0.5, np.linspace(-4, 4, 41)))
    t = np.sort(t[np.abs(t) <= REACH])
    plain = np.exp(-(((t - mean) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    return Latent(density(np.arange(-3, 4), mean, sigma), t, plain, density(t, mean, sigma))


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    drawing = f'<div class="lic-plot">{rounding_drawing.latent(result)}</div>'
    readout = drawing + _table(result) + f"<p>{words(result)}</p>"
    return View(b"", readout, summary(result), rounding_drawing.curves(result))


def words(result: Result) -> str:
    """Who pays too much, and what the mean has to do with it."""
    gap = result.noisy.bits - result.rounded.bits
    if abs(gap) < 0.0005:
        first = "Training and file agree to half a thousandth of a bit."
    elif gap > 0:
        first = f"Training pays for <b>{gap:.3f} bits</b> that are not in the file."
    else:
        first = f"The file has <b>{-gap:.3f} bits</b> that training did not pay for."
    return (
        f"{first} Averaged over all means, rounding has {result.noisy.bits:.3f} bits and an "
        "error of 0.0833: exactly what noise has."
    )


def _table(result):
    bits, error = zip(result.rounded, result.noisy, strict=True)
    rows = (
        ("bits per latent", *(f"{b:.3f}" for b in bits), f"{bits[1] - bits[0]:+z.3f}"),
        ("squared error, steps²", *(f"{e:.4f}" for e in error), f"{error[1] - error[0]:+z.4f}"),
    )
    return table(rows, ("", "file: rounding", "training: noise", "gap"))


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    file, training = result.rounded, result.noisy
    return (
        f"sigma {result.sigma:.3g} steps, mean {result.mean:z.2f}: {file.bits:.3f} bits rounded, "
        f"{training.bits:.3f} with noise; squared error {file.error:.4f} rounded, "
        f"{training.error:.4f} with noise"
    )


class Rounding(Explorer):
    """Rounding(): a Gaussian latent; how wide is it, and where is its mean?"""

    tries = {
        "σ = 0.5": (
            dict(sigma=0.5),
            "Move σ from here to the left. Where do the two rates part? Where is the gap in bits "
            "the largest?",
            "Below σ = 0.5. The gap is the largest at about 0.19: some 0.42 bits. (In proportion "
            "it grows on and on: below 0.1 the file needs nothing at all.)",
        ),
        "a mean of 0.5": (
            dict(sigma=0.2, mean=0.5),
            "The mean moved from 0 to 0.5. What happens to the file, what to the noise?",
            "A mean of 0.5 lies on the edge between two bins. The latent falls left or right "
            "like a coin, one whole bit, and an error of more than 1/12. The noise does not "
            "notice: it knows no bins. Now training pays too <i>little</i>.",
        ),
        "σ = 1": (
            dict(sigma=1.0),
            "The shaded band closes to the right. What does that say about the place of the bins, "
            "for wide latents?",
            "It does not matter: from σ = 0.7 upwards rounding costs the same bits and makes the "
            "same error wherever the mean lies.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            sigma=Slider(
                0.2, 0.03, 2, log=True, label="σ", unit="steps", ends=("always 0", "many numbers")
            ),
            mean=Slider(
                0.0, -0.5, 0.5, step=0.05, label="Mean", unit="steps", ends=("edge", "edge")
            ),
        )

    def _body(self):
        """The latent over its numbers, the curves beside them."""
        return [row(column(self.readout), self.plot)]
