"""What would an encoder gain that could bend its latents into a Gaussian?

    c --bend(part)--> y --* width, round--> k --mean of what fell on k--> c_hat
    width --least--> the smallest L = R + lambda D, R under the Gaussian of fewest bits

part 0 is a straight line, what the small codec has; part 1 sends every quantile of the
coefficient to that of N(0, 1), a perfect fit. In between it is a mean of both. Unlike the
small codec's, nothing here is learned from other photographs: bend, width, prior and decoder
are the best ones for this one coefficient. Lesson why_the_prior_fits.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from lic_teach.course.why_the_prior_fits.small_codec import split

WIDTHS = np.geomspace(0.3, 60, 60)  # of the latents, in steps
SIGMAS = np.geomspace(0.2, 70, 80)  # of the prior, in steps


class Spent(NamedTuple):
    """One coefficient at the width of least L. R, H: bits of a latent; D: squared error."""

    L: float
    R: float
    H: float
    D: float


def bend(c: np.ndarray, part: float) -> np.ndarray:
    """One coefficient of all blocks, float (n,) -> latents of width about 1, in the same order."""
    place = (stats.rankdata(c, "ordinal") - 0.5) / len(c)
    return (1 - part) * c / np.sqrt(np.mean(c**2)) + part * stats.norm.ppf(place)


def spend(c: np.ndarray, y: np.ndarray, lam: float) -> Spent:
    """Latents in steps, (n,) -> what their whole numbers cost, with the best decoder and sigma."""
    k = np.rint(y)
    values, where, counts = np.unique(k, return_inverse=True, return_counts=True)
    c_hat = (np.bincount(where, c) / counts)[where]  # no decoder has a smaller error
    R, H = split(np.broadcast_to(k, (len(SIGMAS), len(k))), SIGMAS)
    R, D = R.min(), np.mean((c_hat - c) ** 2)
    return Spent(R + lam * D, R, H[0], D)


def least(c: np.ndarray, part: float, lam: float) -> Spent:
    """The width of least L, among WIDTHS, for latents that are bent so far."""
    y = bend(c, part)
    return min((spend(c, width * y, lam) for width in WIDTHS), key=lambda found: found.L)
