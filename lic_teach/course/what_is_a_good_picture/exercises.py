"""Checks: how often a coin does as well, where inside its bin a latent may lie."""

from math import comb

import numpy as np
from scipy.stats import norm, truncnorm

from lic_teach.kit import votes
from lic_teach.kit.checks import Wrong, checks, hint, knows, nearly, number

# --- 1 -----------------------------------------------------------------------------------


def _tail(first, last, n):
    return sum(comb(n, j) for j in range(first, last + 1)) / 2**n


@knows(
    {
        "That is how often it falls so exactly k times. Whoever takes more than k does at least as "
        "well: count them, too.": lambda k, n: comb(n, k) / 2**n,
        "You count from k + 1 on. k times belongs to it.": lambda k, n: _tail(k + 1, n, n),
        "n times of n is missing: range(k, n) ends at n - 1.": lambda k, n: _tail(k, n - 1, n),
        "That is in percent. A probability lies between 0 and 1.": (
            lambda k, n: 100 * _tail(k, n, n)
        ),
        "That is k times or less often.": lambda k, n: _tail(0, k, n),
        "That is less often than k times: the rest is asked for.": lambda k, n: _tail(0, k - 1, n),
        "Those are the rows of throws with k or more; there are 2 ** n rows altogether.": (
            lambda k, n: _tail(k, n, n) * 2**n
        ),
        "That counts both sides of the coin. Here one was named before.": (
            lambda k, n: 2 * _tail(k, n, n)
        ),
        "That is the share itself. How often does a coin reach it?": lambda k, n: k / n,
        "The coin is always thrown n times: comb(n, j), not comb(j, k).": (
            lambda k, n: sum(comb(j, k) for j in range(k, n + 1)) / 2**n
        ),
        "That is one row of throws. There are several rows with k times that side.": (
            lambda k, n: 0.5**n
        ),
        "That is one row of k throws: the other throws are missing, and all the orders.": (
            lambda k, n: 0.5**k
        ),
    },
    otherwise="Of 3 throws, 2 or more: 3 rows with two and 1 with three, of 8 in all.",
)
def by_chance(answer):
    """answer: a function of k, n -> how often a coin falls k times or more on a named side."""
    found, right = number(answer(9, 12)), votes.by_chance(9, 12)
    if not np.isclose(found, right, rtol=1e-6):
        words = hint(by_chance, found, 9, 12)
        if words == by_chance.otherwise and abs(found - right) < 0.02:
            words = nearly(found, right) or (
                "Near, as thrown coins and a bell curve are. Count all rows: math.comb(n, j)."
            )
        raise Wrong(words)
    for k, n in ((0, 5), (5, 5), (31, 60)):
        if not np.isclose(number(answer(k, n)), votes.by_chance(k, n), rtol=1e-6):
            raise Wrong(f"Right for 9 of 12, wrong for {k} of {n}.")
    return f"A coin takes 9 or more of 12 in {100 * right:.1f} % of all games."


# --- 2 -----------------------------------------------------------------------------------


def _cases():
    """k, sigma, u: a hundred bins, none of them so far out that a cdf is 1."""
    rng = np.random.default_rng(21)
    sigma = rng.uniform(0.4, 3, 100)
    return np.rint(rng.normal(0, sigma)), sigma, rng.uniform(0.02, 0.98, 100)


def _between(low, high, sigma, u):
    low, high = norm.cdf(low / sigma), norm.cdf(high / sigma)
    return sigma * norm.ppf(low + u * (high - low))


@knows(
    {
        "You return the latent. How far from k does it lie?": (
            lambda k, s, u: _between(k - 0.5, k + 0.5, s, u)
        ),
        "You draw evenly in the bin. Its density is that of N(0, σ), which falls away from 0.": (
            lambda k, s, u: u - 0.5
        ),
        "You draw from the whole density. The file says that the latent lies in the bin of k.": [
            lambda k, s, u: s * norm.ppf(u) - k,
            lambda k, s, u: s * norm.ppf(u),
        ],
        "Where is σ in the cdf? That is a density of width 1.": [
            lambda k, s, u: _between(k - 0.5, k + 0.5, 1.0, u) - k,
            lambda k, s, u: s * _between(k - 0.5, k + 0.5, 1.0, u) - k,
        ],
        "You multiply by σ in the cdf. How many σ are half a step?": (
            lambda k, s, u: _between((k - 0.5) * s**2, (k + 0.5) * s**2, s, u) - k
        ),
        "That is the bin around 0. Where does the bin of k lie?": (
            lambda k, s, u: _between(-0.5, 0.5, s, u)
        ),
        "That is a share of the mass. It is still to be made a place.": [
            lambda k, s, u: u * (norm.cdf((k + 0.5) / s) - norm.cdf((k - 0.5) / s)),
            lambda k, s, u: norm.cdf(_between(k - 0.5, k + 0.5, s, u) / s),
        ],
        "/ binds closer than + and −: k − 0.5 needs brackets before it is divided.": (
            lambda k, s, u: _between(k * s - 0.5, k * s + 0.5, s, u) - k
        ),
        "The point lies there. How far it lies from k is a difference.": (
            lambda k, s, u: _between(k - 0.5, k + 0.5, s, u) + k
        ),
        "Below your point lies the share u of the bin, and all that is below the bin, too.": (
            lambda k, s, u: (
                s * norm.ppf(u * (norm.cdf((k + 0.5) / s) - norm.cdf((k - 0.5) / s))) - k
            )
        ),
        "norm.ppf goes back to a density of width 1: from there to σ a factor is missing.": (
            lambda k, s, u: _between(k - 0.5, k + 0.5, s, u) / s - k
        ),
        "The bin of k reaches half a step to either side of it.": [
            lambda k, s, u: _between(k, k + 1, s, u) - k,
            lambda k, s, u: _between(k - 1, k + 1, s, u) - k,
            lambda k, s, u: _between(k - 1, k, s, u) - k,
        ],
        "Your points go down while u goes up: from the upper edge to the lower one.": (
            lambda k, s, u: _between(k - 0.5, k + 0.5, s, 1 - u) - k
        ),
        "That is the middle of the mass, whatever u is.": (
            lambda k, s, u: _between(k - 0.5, k + 0.5, s, 0.5) - k
        ),
    },
    otherwise="u = 0 is the lower edge, −0.5; u = 1 the upper one, 0.5; between them the share u "
    "of the bin's mass lies below the point.",
)
def points(answer):
    """answer: a function of k, sigma, u -> points inside the bins, relative to k."""
    k, sigma, u = _cases()
    found = np.asarray(answer(k.copy(), sigma.copy(), u.copy()), float)
    if found.shape != k.shape:
        raise Wrong(f"A point for each k is asked for, {k.shape}; this is {found.shape}.")
    if np.isnan(found).any():
        raise Wrong("Some of your points are nan. norm.ppf takes shares, from 0 to 1.")
    low, high = (k - 0.5) / sigma, (k + 0.5) / sigma
    right = sigma * truncnorm.ppf(u, low, high) - k
    if not np.allclose(found, right, atol=1e-6):
        raise Wrong(hint(points, found, k, sigma, u))
    return "SciPy's truncnorm draws the same points. Now draw a cat with them."


check = checks(by_chance, points)
