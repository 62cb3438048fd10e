"""Checks: the floor of a fixed Gaussian, the best sigma, Laplace instead."""

import numpy as np
from scipy import stats

from lic_teach.kit import priors
from lic_teach.kit.checks import Wrong, checks

# --- 1 -----------------------------------------------------------------------------------

PRIORS = ((0.0, 1.0), (0.0, 0.11), (0.0, 4.0), (1.4, 1.0), (0.5, 1.0), (-7.3, 0.4), (2.7, 0.8))


def floor(answer):
    """answer: a function of mean, sigma -> the fewest bits that any whole number can cost."""
    for mean, sigma in PRIORS:
        found, right = _number(answer(mean, sigma)), _least(mean, sigma)
        if not np.isclose(found, right, rtol=1e-3, atol=1e-6):
            where = f"Mean {mean:g}, σ = {sigma:g}: {found:.4g} bits? ".replace("-", "−")
            raise Wrong(where + _floor_hint(found, mean, sigma))
    return (
        f"At σ = 1 no number costs less than {_least(0, 1):.3f} bits; at σ = 0.11 a zero "
        f"costs {_least(0, 0.11):.5f}."
    )


def _number(found):
    """One finite number, or a hint."""
    if np.ndim(found) or not np.isfinite(float(found)):
        raise Wrong(f"Return one finite number, not {found!r}.")
    return float(found)


def _mass(low, high):
    return max(float(high - low), 1e-300)


def _least(mean, sigma):
    cdf = stats.norm(mean, sigma).cdf
    return -np.log2(max(_mass(cdf(k - 0.5), cdf(k + 0.5)) for k in range(-12, 13)))


_CUTS = np.trunc, np.floor, np.ceil


def _floor_hint(found, mean, sigma):
    prior, nearest = stats.norm(mean, sigma), np.rint(mean)
    least = _least(mean, sigma)
    known = (
        (-least, "Bits are not negative: −log₂ of a number below 1 is positive."),
        (least * np.log(2), "Those are nats: use log₂."),
        (2.0**-least, "That is the probability. What does it cost?"),
        (
            -np.log2(prior.pdf(nearest)),
            "That comes from the density. What is the whole bin's mass?",
        ),
        (-np.log2(prior.pdf(mean)), "That comes from the density. What is the whole bin's mass?"),
        (_cost(prior, 0.0), "That is what 0 costs. Is 0 the likeliest number here?"),
        (_cost(prior, mean), "That bin lies around the mean. A bin lies around a whole number."),
        (_cost(stats.norm(mean, 1), nearest), "How does σ come in?"),
        (_cost(stats.norm(mean, sigma**0.5), nearest), "You took σ² for σ: σ is the width itself."),
        (_cost(stats.norm(0, sigma), nearest), "The right bin. But the density lies around μ."),
        *((_cost(prior, cut(mean)), "Is that the whole number nearest to μ?") for cut in _CUTS),
        (-np.log2(_mass(*prior.cdf((nearest, nearest + 0.5)))), "Half the bin is missing."),
        (
            -np.log2(_mass(*prior.cdf((nearest, nearest + 1)))),
            "A bin reaches half a step both ways.",
        ),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-3, atol=1e-6):
            return hint
    return "Which number is the likeliest, and what is the mass of its bin?"


def _cost(prior, k):
    return -np.log2(_mass(*prior.cdf((k - 0.5, k + 0.5))))


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


def best_sigma(answer):
    """answer: a function of whole numbers, float (n,) -> the sigma of fewest bits, mean 0."""
    saved = []
    for name, k in _channels().items():
        found = answer(k.copy())
        if np.ndim(found) or not float(found) > 0 or not np.isfinite(float(found)):
            raise Wrong(f"{name.capitalize()}: {_no_width(found, k)}")
        cost, least = _bits(k, float(found)), _least_bits(k)
        if not cost <= least + SPARE:  # nor nan
            raise Wrong(f"{name.capitalize()}: {_sigma_hint(float(found), k, cost, least)}")
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
        return f"{found} is no width. Keep σ at 0.11 or above, as the codec does."
    return "σ is one positive number" + ("." if np.ndim(found) else f", not {found}.")


def _sigma_hint(found, k, cost, least):
    paid = f"with σ = {found:.3g} a latent costs {cost:.2f} bits, and it could be {least:.2f}. "
    known = (
        (least, "That is what a latent costs at the best σ. Which σ is it?"),
        (np.mean(k**2), "You returned σ². Take the root."),
        (k.std(), "That is how wide the rounded numbers lie. Where most are 0, that is not "
                  "the σ of fewest bits: try many, and count the bits of each."),
        (np.sqrt(max(k.var() - 1 / 12, 0.11**2)), "Variance less 1/12 holds for wide channels "
                                                  "only: try many, and count the bits of each."),
        (np.mean(np.abs(k)), "That is the mean of |ŷ|. Try many σ, and count the bits of each."),
        (0.11, "That is as narrow as it gets: a number that is not 0 costs a lot there."),
    )  # fmt: skip
    for value, hint in known:
        if np.isclose(found, value, rtol=0.01):
            return paid + hint
    if cost < least + 0.05:
        return paid + "Near. Try more values in between."
    return paid + "Try many σ, from 0.11 to 50, and count the bits of each."


# --- 3 -----------------------------------------------------------------------------------

CASES = [(k, mean, sigma) for mean, sigma in ((0, 1), (0.3, 0.5), (-1.6, 3)) for k in (0, 1, -2, 4)]


def laplace(answer):
    """answer: a function of k, mean, sigma -> the Laplace prior's mass on k - 1/2..k + 1/2."""
    for k, mean, sigma in CASES:
        found, prior = _number(answer(float(k), mean, sigma)), stats.laplace(mean, sigma / 2**0.5)
        if not np.isclose(found, _on_bin(prior, k), rtol=1e-4, atol=2e-7):  # float32 will do
            where = f"ŷ = {k}, mean {mean:g}, σ = {sigma:g}: {found:.4g}? ".replace("-", "−")
            raise Wrong(where + _laplace_hint(found, k, mean, sigma))
    total = sum(float(answer(float(k), 0.3, 2.0)) for k in range(-60, 61))
    least = -np.log2(float(answer(0.0, 0.0, 1.0)))
    return (
        f"All bins together have the mass {total:.4f}. At σ = 1 a zero costs {least:.3f} bits; "
        "the Gaussian took 1.385."
    )


def _on_bin(prior, k, low=-0.5, high=0.5):
    return float(prior.cdf(k + high) - prior.cdf(k + low))


def _laplace_hint(found, k, mean, sigma):
    prior = stats.laplace(mean, sigma / 2**0.5)
    b, right = sigma / 2**0.5, _on_bin(prior, k)
    one_sided = (np.exp((k + 0.5 - mean) / b) - np.exp((k - 0.5 - mean) / b)) / 2
    known = (
        (-right, "A probability is never negative: which end is subtracted?"),
        (_on_bin(stats.laplace(mean, sigma), k), "You took σ for b, but σ = b √2."),
        (_on_bin(stats.laplace(mean, sigma * 2**0.5), k), "b = σ / √2, not σ √2."),
        (prior.pdf(k), "That is the density. What lies over the whole bin?"),
        (_on_bin(stats.norm(mean, sigma), k), "That is the Gaussian's mass."),
        (_on_bin(stats.laplace(0, b), k), "Where is the mean?"),
        (one_sided, "Left of the mean F is ½ exp((t − μ)/b). Right of it, it is another formula."),
        (-np.log2(right), "Those are the bits. The probability is asked for."),
        (_on_bin(prior, k, 0, 1), "A bin reaches half a step both ways."),
        (_on_bin(prior, k, -1, 1), "Your bin is two steps wide."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-4, atol=1e-9):
            return hint
    return "It is F(k + ½) − F(k − ½), and F has one formula on each side of the mean."


check = checks(floor, best_sigma, laplace)
