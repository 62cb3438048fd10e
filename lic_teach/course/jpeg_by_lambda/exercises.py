"""Checks: a gradient by hand, the eye's weights, when a zero is cheaper."""

from itertools import product

import numpy as np

from lic_teach.jpeg import codec
from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number

LN2 = np.log(2)
STEPS = (8.0, 15.0, 40.0, 101.0)
LAMS = (1e-3, 1e-2, 5e-2)


@knows(
    {
        "The sign is turned round: a larger Δ saves bits and adds error.": (
            lambda q, lam: 1 / (q * LN2) - lam * q / 6
        ),
        "ln Δ has the derivative 1/Δ. What has log₂ Δ?": lambda q, lam: -1 / q + lam * q / 6,
        "log₂ Δ = ln Δ / ln 2: is ln 2 above or below?": lambda q, lam: -LN2 / q + lam * q / 6,
        "R falls when Δ grows: what sign has its slope?": lambda q, lam: (
            1 / (q * LN2) + lam * q / 6
        ),
        "That is the slope of λD. R has one, too.": lambda q, lam: lam * q / 6,
        "That is the slope of R. λD has one, too.": lambda q, lam: -1 / (q * LN2),
        "Where is λ?": lambda q, lam: -1 / (q * LN2) + q / 6,
        "Δ² has the derivative 2Δ.": lambda q, lam: -1 / (q * LN2) + lam * q / 12,
        "You differentiated R, and left D as it is.": (
            lambda q, lam: -1 / (q * LN2) + lam * q**2 / 12
        ),
        "You differentiated λD, and left R as it is.": lambda q, lam: -np.log2(q) + lam * q / 6,
        "That is L itself, without h. How fast does it change?": (
            lambda q, lam: -np.log2(q) + lam * q**2 / 12
        ),
        "2/12 is not 1/3.": lambda q, lam: -1 / (q * LN2) + lam * q / 3,
        "That is the slope over ln Δ. Here Δ itself moves.": lambda q, lam: (
            -1 / LN2 + lam * q**2 / 6
        ),
    },
    otherwise="Differentiate −log₂ Δ and λΔ²/12 one after the other, and add.",
)
def slope(answer):
    """answer: a function of step and lambda -> dL/dq of L = h - log2(q) + lam * q**2 / 12."""
    for q, lam in product(STEPS, LAMS):
        found, right = one_number(answer(q, lam)), _slope(q, lam)
        if not np.isclose(found, right, rtol=1e-3, atol=1e-6):
            where = f"Δ = {q:g}, λ = {lam:g}: you say {found:.4g}. "
            raise Wrong(where + hint(slope, found, q, lam))
    return "At twelve points it is what L does when Δ grows by a thousandth."


def _slope(q, lam):
    """The difference quotient, which knows no rule of calculus."""

    def loss(q):
        return -np.log2(q) + lam * q**2 / 12

    return (loss(1.0005 * q) - loss(0.9995 * q)) / (0.001 * q)


@knows(
    {
        "That is upside down: a large step should mean that an error weighs little.": (
            lambda s: LN2 * s**2 / 6
        ),
        "The root is too much: the rule has one already.": lambda s: (6 / (LN2 * s**2)) ** 0.5,
        "The right shape, and the wrong size: where are 6 and ln 2?": lambda s: 1 / s**2,
        "That is against DC's. For which weights, in bits, does the rule give these steps?": (
            lambda s: (s[0] / s) ** 2
        ),
        "ln 2 stands on the wrong side of the fraction.": lambda s: 6 * LN2 / s**2,
        "ln 2 is missing.": lambda s: 6 / s**2,
        "The 6 is missing.": lambda s: 1 / (LN2 * s**2),
        "Δ enters squared.": lambda s: 6 / (LN2 * s),
        "You put Δ where w stands. Solve the rule for w first.": lambda s: np.sqrt(6 / (LN2 * s)),
    },
    otherwise="Square both sides of the rule, then solve for w.",
)
def weights_for(answer):
    """answer: a function of steps (64,) -> the w for which sqrt(6 / (w ln 2)) are these steps."""
    for quality in (50, 20, 85):
        steps = codec.standard_tables(quality)[0].astype(float)
        found = np.asarray(answer(steps.copy()), float)
        if found.shape != steps.shape:
            raise Wrong(f"One weight for each step: {steps.shape}, not {found.shape}.")
        back = np.sqrt(6 / (LN2 * np.maximum(found, 1e-12)))
        if len(wrong := np.flatnonzero(~np.isclose(back, steps, rtol=1e-3))):
            first = wrong[0]
            where = f"For a step of {steps[first]:g} you give a weight of {found[first]:.4g}. "
            raise Wrong(where + hint(weights_for, found, steps))
    return "Put into the rule, they give back the standard's tables at three qualities."


@knows(
    {
        "λ on the wrong side: with a large λ the bits count little.": (
            lambda q, lam, bits: q / 2 + lam * bits / (2 * q)
        ),
        "That is plain rounding: the bits count for nothing.": lambda q, lam, bits: q / 2,
        "Then zero would be narrower than with rounding. The bits speak for zero.": (
            lambda q, lam, bits: q / 2 - bits / (2 * lam * q)
        ),
        "A factor of two: it is 2Δ|c| that stands in (|c| − Δ)².": (
            lambda q, lam, bits: q / 2 + bits / (lam * q)
        ),
        "A factor of two: what stands before |c|?": lambda q, lam, bits: q + bits / (lam * q),
        "That is only what the bits add to plain rounding.": (
            lambda q, lam, bits: bits / (2 * lam * q)
        ),
        "That is in steps. |c| itself is asked for.": (
            lambda q, lam, bits: 0.5 + bits / (2 * lam * q**2)
        ),
        "Where is λ?": lambda q, lam, bits: q / 2 + bits / 2 / q,
        "That weighs λc² against the bits. A kept one has an error too.": (
            lambda q, lam, bits: np.sqrt(bits / lam)
        ),
        "That puts the rule's step in. Here the step is given, and need not fit λ.": (
            lambda q, lam, bits: q * (0.5 + bits * LN2 / 12)
        ),
        "That is for the rule's step alone, and in steps. |c| itself is asked for, for any Δ.": (
            lambda q, lam, bits: 0.5 + bits * LN2 / 12
        ),
        "Nearly: that is still to be divided by Δ.": lambda q, lam, bits: (q**2 + bits / lam) / 2,
    },
    otherwise="Write L for both, zero and Δ, as λ · error² + bits. Where are they equal?",
)
def zero_is_cheaper(answer):
    """answer: a function of step, lambda, bits -> the |c| below which 0 has a smaller L than Δ."""
    for q, lam, bits in product(STEPS, LAMS, (2, 5, 13)):
        found, right = one_number(answer(q, lam, bits)), _threshold(q, lam, bits)
        if not np.isclose(found, right, rtol=1e-3):
            where = f"Δ = {q:g}, λ = {lam:g}, {bits} bits: you say {found:.4g}. "
            raise Wrong(where + hint(zero_is_cheaper, found, q, lam, bits))
    best = np.sqrt(6 / (LN2 * 1e-2))
    ends = ", ".join(f"{_threshold(best, 1e-2, b) / best:.2f} Δ for {b}" for b in (2, 5, 13))
    return f"At the step that suits λ = 0.01, zero reaches to {ends} bits."


def _threshold(q, lam, bits):
    """By bisection: where c**2 lam and (c - q)**2 lam + bits cross."""
    low, high = -1e9, 1e9
    for _ in range(100):
        c = (low + high) / 2
        low, high = (c, high) if lam * c**2 < lam * (c - q) ** 2 + bits else (low, c)
    return low


check = checks(slope, weights_for, zero_is_cheaper)
