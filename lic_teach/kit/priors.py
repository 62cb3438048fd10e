"""Priors on whole numbers, Gaussian and Laplace: what they charge, and which fits.

    photograph --in_steps--> latents (128, h, w) --round--> whole numbers k
    k, mean, sigma --information--> -log2 P(k)          histogram of k --fit--> mean, sigma

The latents are those of the shipped codec at lambda = 0.01, counted in its quantization steps.
Everything is kept as a logarithm, so nothing underflows. The twin that a training can afford is
learned/entropy.likelihood, in float32, with a floor.
"""

from typing import NamedTuple

import constriction
import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr

from lic_teach import learned
from lic_teach.kit.measured import model
from lic_teach.learned.quantize import to_code

LAM = 0.01
GAUSSIAN, LAPLACE = "Gaussian", "Laplace"
SIGMA_MIN, SIGMA_MAX = 0.1, 40.0  # in steps
CODERS = {GAUSSIAN: "QuantizedGaussian", LAPLACE: "QuantizedLaplace"}


class Best(NamedTuple):
    """The prior of one shape that codes a channel with the fewest bits."""

    mean: float
    sigma: float
    bits: float


def in_steps(image: np.ndarray, lam: float = LAM) -> np.ndarray:
    """Latents of the shipped codec in its steps at lambda: uint8 (H, W, 3) -> float32 (128, h, w).

    Round them, and they are what a file holds but for the codec's means.
    """
    step = model().step(model().position(to_code(lam)).float())[0]
    return learned.analyse(image, model()) / step.numpy()


def information(
    k: float | np.ndarray, mean: float, sigma: float | np.ndarray, shape: str = GAUSSIAN
) -> float | np.ndarray:
    """-log2 of the prior's mass on k - 1/2..k + 1/2, in bits. Any shapes that broadcast.

    sigma: the standard deviation, of the Laplace density too. By logarithms: exact in the tails.

    >>> round(float(information(0, 0, 1)), 3), round(float(information(100, 0, 1)))
    (1.385, 7149)
    """
    distance = np.abs(np.asarray(k, float) - mean)
    log_mass = _log_gaussian if shape == GAUSSIAN else _log_laplace
    return log_mass(distance, np.asarray(sigma, float)) / -np.log(2)


def _log_gaussian(distance, sigma):
    """log(a - b) = log a + log(1 - b/a), on the left side, where both are small."""
    upper = log_ndtr((0.5 - distance) / sigma)
    lower = log_ndtr((-0.5 - distance) / sigma)
    return upper + np.log1p(-np.exp(lower - upper))


def _log_laplace(distance, sigma):
    """The distribution function is exp(t / b) / 2 left of the mean, b = sigma / sqrt(2)."""
    b = sigma / np.sqrt(2)
    outside = (0.5 - np.maximum(distance, 0.5)) / b + np.log(-np.expm1(-1 / b) / 2)
    inside = np.minimum(distance, 0.5)
    inside = np.log1p(-(np.exp((inside - 0.5) / b) + np.exp((-inside - 0.5) / b)) / 2)
    return np.where(distance < 0.5, inside, outside)


def fit(values: np.ndarray, share: np.ndarray, shape: str = GAUSSIAN) -> Best:
    """The mean and sigma of fewest bits for whole numbers (n,) and their shares (n,).

    sigma is kept within SIGMA_MIN..SIGMA_MAX, as on the slider.
    """
    mean = share @ values
    sigma = np.sqrt(share @ (values - mean) ** 2)

    def cost(guess):
        spread = np.exp(np.clip(guess[1], np.log(SIGMA_MIN), np.log(SIGMA_MAX)))
        return share @ information(values, guess[0], spread, shape)

    start = mean, np.log(np.clip(sigma, 2 * SIGMA_MIN, SIGMA_MAX / 2))
    found = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    sigma = np.clip(np.exp(found.x[1]), SIGMA_MIN, SIGMA_MAX)
    return Best(float(found.x[0]), float(sigma), float(found.fun))


def histogram(k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers of any shape -> each from the least - 1 to the greatest + 1, and its share."""
    low, high = int(k.min()) - 1, int(k.max()) + 1
    counts = np.bincount((k.ravel() - low).astype(int), minlength=high - low + 1)
    return np.arange(low, high + 1), counts / k.size


def written(k: np.ndarray, mean: float, sigma: float, shape: str = GAUSSIAN) -> float:
    """Bits a latent that constriction's range coder takes with this prior.

    It leaves a probability of 2^-24 to each of 4095 numbers, so that no guess can cost more.
    """
    prior = getattr(constriction.stream.model, CODERS[shape])
    spread = sigma if shape == GAUSSIAN else sigma / np.sqrt(2)
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(k.ravel().astype(np.int32), prior(-2047, 2047, float(mean), float(spread)))
    return 32 * len(coder.get_compressed()) / k.size
