"""Checks: the floor of a fixed Gaussian, the best sigma, Laplace instead."""

import numpy as np
from scipy import stats

from lic_teach.kit import priors
from lic_teach.kit.checks import Wrong, checks, hint, knows, nearly, number
from lic_teach.kit.plots import minus

# --- 1 -----------------------------------------------------------------------------------

PRIORS = ((0.0, 1.0), (0.0, 4.0), (0.0, 0.11), (1.4, 1.0), (0.5, 1.0), (-7.3, 0.4), (2.7, 0.8))


def _cost(mean, sigma, k, low=-0.5, high=0.5):
    """Bits of k, or of another part of the axis near it."""
    cdf = stats.norm(mean, sigma).cdf
    return -np.log2(max(float(cdf(k + high) - cdf(k + low)), 1e-300))


def _least(mean, sigma):
    return min(_cost(mean, sigma, k) for k in range(-12, 13))


@knows(
    {
        "Bits are not negative: −log₂ of a number below 1 is positive.": lambda m, s: -_least(m, s),
        "Those are nats: use log₂.": lambda m, s: _least(m, s) * np.log(2),
        "That is the probability. What does it cost?": lambda m, s: 2.0 ** -_least(m, s),
        "That comes from the density. What is the whole bin's mass?": [
            lambda m, s: -np.log2(stats.norm(m, s).pdf(np.rint(m))),
            lambda m, s: -np.log2(stats.norm(m, s).pdf(m)),
        ],
        "That is what 0 costs. Is 0 the likeliest number here?": lambda m, s: _cost(m, s, 0.0),
        "That fits a mean that is a whole number. Where does the bin lie when it is not?": (
            lambda m, s: _cost(m, s, m)
        ),
        "How does σ come in?": lambda m, s: _cost(m, 1, np.rint(m)),
        "σ is the width itself, neither its square nor its root.": [
            lambda m, s: _cost(m, s**0.5, np.rint(m)),
            lambda m, s: _cost(m, s**2, np.rint(m)),
        ],
        "The right bin. But the density lies around μ.": lambda m, s: _cost(0, s, np.rint(m)),
        "Is that the whole number nearest to μ?": [
            lambda m, s: _cost(m, s, np.trunc(m)),
            lambda m, s: _cost(m, s, np.floor(m)),
            lambda m, s: _cost(m, s, np.ceil(m)),
        ],
        "Half the bin is missing.": lambda m, s: _cost(m, s, np.rint(m), 0),
        "A bin reaches half a step both ways.": lambda m, s: _cost(m, s, np.rint(m), 0, 1),
    }
)
def floor(answer):
    """answer: a function of mean, sigma -> the fewest bits that any whole number can cost."""
    for mean, sigma in PRIORS:
        where = minus(f"Mean {mean:g}, σ = {sigma:g}: ")
        found, right = number(answer(mean, sigma), where), _least(mean, sigma)
        if not np.isclose(found, right, rtol=1e-3, atol=1e-6):
            where += minus(f"{found:z.4g} bits? ")
            known = nearly(found, right) or hint(floor, found, mean, sigma, rtol=1e-3)
            raise Wrong(where + (known or "Which number is the likeliest? What mass has its bin?"))
    return (
        f"At σ = 1 no number costs less than {_least(0, 1):.3f} bits; at σ = 0.11 a zero "
        f"costs {_least(0, 0.11):.5f}."
    )


# --- 2 -----------------------------------------------------------------------------------

SPARE = 0.003  # bits a latent that a sigma may waste


def _channels():
    """Whole numbers of a few channels: wide, narrow, heavy tails, and one that is always 0."""
    rng = np.random.default_rng(12)
    return {
        "a wide channel": np.rint(rng.normal(0, 6, 4000)),
        "a channel of middle width": np.rint(rng.normal(0, 1, 4000)),
        "a narrow channel": np.rint(rng.normal(0, 0.2, 4000)),
        "a channel with heavy tails": np.rint(rng.laplace(0, 0.25, 4000)),
        "a channel that is always 0": np.zeros(4000),
    }


def _unweighted(k, values=lambda k: priors.histogram(k)[0]):
    """The sigma of fewest bits for the different numbers, each taken once."""
    sigmas = np.geomspace(0.11, 50, 2000)
    return sigmas[priors.information(values(k)[:, None], 0, sigmas).sum(0).argmin()]


@knows(
    {
        "That is what a latent costs at the best σ. Which σ is it?": lambda k: _least_bits(k),
        "Rounding has made the variance 1/12 larger already: nothing is to be added.": (
            lambda k: np.sqrt(k.var() + 1 / 12)
        ),
        "You returned σ². Take the root.": lambda k: np.mean(k**2),
        "There each number counts once, however often it comes: multiply by its share.": [
            _unweighted,
            lambda k: _unweighted(k, np.unique),
        ],
        "That is how wide the rounded numbers lie. Where most are 0, that is not the σ of fewest "
        "bits: try many, and count the bits of each.": np.std,
        "Variance less 1/12 holds for wide channels only: try many, and count the bits of each.": (
            lambda k: np.sqrt(max(k.var() - 1 / 12, 0.11**2))
        ),
        "That is the mean of |ŷ|. Try many σ, and count the bits of each.": (
            lambda k: np.mean(np.abs(k))
        ),
        "That is as narrow as it gets: a number that is not 0 costs a lot there.": lambda k: 0.11,
    },
    otherwise="Try many σ, from 0.11 to 50, and count the bits of each.",
)
def best_sigma(answer):
    """answer: a function of whole numbers, float (n,) -> the sigma of fewest bits, mean 0."""
    saved = []
    for name, k in _channels().items():
        given = answer(k.copy())
        found = number(given, f"{name.capitalize()}: ")
        if not 0 < found < 1e6:
            raise Wrong(f"{name.capitalize()}: {_no_width(found, k)}")
        cost, least = _bits(k, found), _least_bits(k)
        if not cost <= least + SPARE:  # nor nan
            paid = f"with σ = {found:.3g} a latent costs {cost:.2f} bits, and it could be "
            raise Wrong(f"{name.capitalize()}: {paid}{least:.2f}. {_sigma_hint(given, k)}")
        saved.append(_bits(k, 1.0) - cost)
    return (
        f"Against σ = 1 that saves {saved[0]:.1f} bits a latent in the wide channel and "
        f"{saved[-1]:.2f} in the one that is always 0: its floor is gone."
    )


def _bits(k, sigma):
    values, share = priors.histogram(k)
    return float(share @ priors.information(values, 0, sigma))


def _least_bits(k):
    values, share = priors.histogram(k)
    sigmas = np.geomspace(0.11, 50, 2000)
    return float((share @ priors.information(values[:, None], 0, sigmas)).min())


def _no_width(found, k):
    if not k.any():
        return f"{found:g} is no width. Keep σ at 0.11 or above, as the codec does."
    return minus(f"σ is a positive number of steps, not {found:g}.")


def _sigma_hint(given, k):
    known = hint(best_sigma, found := float(given), k, rtol=0.01)
    if known != best_sigma.otherwise:
        return known
    if isinstance(given, int | np.integer) and found > 1:
        return "A whole number? If it is the place of the best σ in your list: return the σ there."
    if _bits(k, found) < _least_bits(k) + 0.05:
        return "Near, but another σ takes fewer bits: try many, close together."
    return known


# --- 3 -----------------------------------------------------------------------------------

R2 = 2**0.5
OTHERWISE = "It is F(k + ½) − F(k − ½), and F has one formula on each side of the mean."
CASES = [(k, mean, sigma) for mean, sigma in ((0, 1), (0.3, 0.5), (-1.6, 3)) for k in (0, 1, -2, 4)]


def _mass(k, mean, b, low=-0.5, high=0.5):
    cdf = stats.laplace(mean, b).cdf
    return float(cdf(k + high) - cdf(k + low))


def _one_sided(k, mean, sigma):
    low, high = np.exp((k + np.array([-0.5, 0.5]) - mean) * R2 / sigma) / 2
    return high - low


def _side_of_k(k, mean, sigma):
    """The side of the mean by k itself, for both ends."""
    ends = (k + np.array([-0.5, 0.5]) - mean) * R2 / sigma
    low, high = np.exp(ends) / 2 if k < mean else 1 - np.exp(-ends) / 2
    return high - low


def _no_half(k, mean, sigma):
    ends = (k + np.array([-0.5, 0.5]) - mean) * R2 / sigma
    low, high = np.where(ends < 0, np.exp(ends), 1 - np.exp(-ends))
    return high - low


def _two_humps(k, mean, sigma):
    """With exp(-|t|) / 2 for F everywhere."""
    low, high = np.exp(-np.abs(k + np.array([-0.5, 0.5]) - mean) * R2 / sigma) / 2
    return high - low


@knows(
    {
        "A probability is never negative: which end is subtracted?": (
            lambda k, m, s: -_mass(k, m, s / R2)
        ),
        "You took σ for b, but σ = b √2.": lambda k, m, s: _mass(k, m, s),
        "b = σ / √2, not σ √2.": lambda k, m, s: _mass(k, m, s * R2),
        "That is the density. What lies over the whole bin?": [
            lambda k, m, s: stats.laplace(m, s / R2).pdf(k),
            lambda k, m, s: stats.laplace(m, s).pdf(k),
        ],
        "That is the Gaussian's mass.": lambda k, m, s: 2 ** -_cost(m, s, k),
        "Where is the mean?": lambda k, m, s: _mass(k, 0, s / R2),
        "Each end of the bin by itself: left of the mean F is ½ exp((t − μ)/b), right of it it is "
        "another formula.": [_one_sided, _side_of_k],
        "At the mean F is ½: both formulas have a factor ½.": _no_half,
        "One formula on both sides of the mean? F climbs from 0 by ½ to 1.": [
            lambda k, m, s: _two_humps(k, m, s),
            lambda k, m, s: abs(_two_humps(k, m, s)),
            lambda k, m, s: -_two_humps(k, m, s),
        ],
        "Those are the bits. The probability is asked for.": (
            lambda k, m, s: -np.log2(_mass(k, m, s / R2))
        ),
        "A bin reaches half a step both ways.": lambda k, m, s: _mass(k, m, s / R2, 0, 1),
        "Your bin is two steps wide.": lambda k, m, s: _mass(k, m, s / R2, -1, 1),
    }
)
def laplace(answer):
    """answer: a function of k, mean, sigma -> the Laplace prior's mass on k - 1/2..k + 1/2."""
    for k, mean, sigma in CASES:
        where = minus(f"ŷ = {k}, mean {mean:g}, σ = {sigma:g}: ")
        found, right = number(answer(float(k), mean, sigma), where), _mass(k, mean, sigma / R2)
        if not np.isclose(found, right, rtol=1e-4, atol=2e-7):  # float32 will do
            where += minus(f"{found:z.4g}? ")
            known = hint(laplace, found, k, mean, sigma, rtol=1e-4) or nearly(found, right)
            raise Wrong(where + (known or OTHERWISE))
    total = sum(float(answer(float(k), 0.3, 2.0)) for k in range(-60, 61))
    least = -np.log2(float(answer(0.0, 0.0, 1.0)))
    return (
        f"All bins together have the mass {total:.4f}. At σ = 1 a zero costs {least:.3f} bits; "
        "the Gaussian took 1.385."
    )


check = checks(floor, best_sigma, laplace)
