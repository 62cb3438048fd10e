"""Checks: a gradient by hand, the eye's weights, when a zero is cheaper."""

import numpy as np

from lic_teach.jpeg import codec
from lic_teach.kit.checks import Wrong, checks

LN2 = np.log(2)
STEPS = (8.0, 15.0, 40.0, 101.0)
LAMS = (1e-3, 1e-2, 5e-2)


# --- 1 -----------------------------------------------------------------------------------


def slope(answer):
    """answer: a function of step and lambda -> dL/dq of L = h - log2(q) + lam * q**2 / 12."""
    for q in STEPS:
        for lam in LAMS:
            found, right = float(answer(q, lam)), _slope(q, lam)
            if not np.isclose(found, right, rtol=1e-3, atol=1e-6):
                where = f"Δ = {q:g}, λ = {lam:g}: you say {found:.4g}. "
                raise Wrong(where + _slope_hint(found, q, lam))
    return "At twelve points it is what L does when Δ grows by a thousandth."


def _slope(q, lam):
    """The difference quotient, which knows no rule of calculus."""

    def loss(q):
        return -np.log2(q) + lam * q**2 / 12

    return (loss(1.0005 * q) - loss(0.9995 * q)) / (0.001 * q)


def _slope_hint(found, q, lam):
    r, d = -1 / (q * LN2), lam * q / 6
    known = (
        (-r - d, "The sign is turned round: a larger Δ saves bits and adds error."),
        (-1 / q + d, "ln Δ has the derivative 1/Δ. What has log₂ Δ?"),
        (-LN2 / q + d, "log₂ Δ = ln Δ / ln 2: is ln 2 above or below?"),
        (-r + d, "R falls when Δ grows: what sign has its slope?"),
        (d, "That is the slope of λD. R has one, too."),
        (r, "That is the slope of R. λD has one, too."),
        (r + q / 6, "Where is λ?"),
        (r + lam * q / 12, "Δ² has the derivative 2Δ."),
        (r + lam * q**2 / 12, "You differentiated R, and left D as it is."),
        (-np.log2(q) + d, "You differentiated λD, and left R as it is."),
        (-np.log2(q) + lam * q**2 / 12, "That is L itself, without h. How fast does it change?"),
        (r + lam * q / 3, "2/12 is not 1/3."),
        (q * (r + d), "That is the slope over ln Δ. Here Δ itself moves."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-4):
            return hint
    return "Differentiate −log₂ Δ and λΔ²/12 one after the other, and add."


# --- 2 -----------------------------------------------------------------------------------


def weights_for(answer):
    """answer: a function of steps (64,) -> the w for which sqrt(6 / (w ln 2)) are these steps."""
    for quality in (50, 20, 85):
        steps = codec.standard_tables(quality)[0].astype(float)
        found = np.asarray(answer(steps.copy()), float)
        if found.shape != steps.shape:
            raise Wrong(f"One weight for each step: {steps.shape}, not {found.shape}.")
        if not np.allclose(np.sqrt(6 / (LN2 * np.maximum(found, 1e-12))), steps, rtol=1e-3):
            where = f"For a step of {steps[0]:g} you give a weight of {found[0]:.4g}. "
            raise Wrong(where + _weights_hint(found, steps))
    return "Put into the rule, they give back the standard's tables at three qualities."


def _weights_hint(found, steps):
    right = 6 / (LN2 * steps**2)
    known = (
        (1 / right, "That is upside down: a large step should mean that an error weighs little."),
        (np.sqrt(right), "The root is too much: the rule has one already."),
        (1 / steps**2, "The right shape, and the wrong size: where are 6 and ln 2?"),
        (right * LN2**2, "ln 2 stands on the wrong side of the fraction."),
        (right * LN2, "ln 2 is missing."),
        (right / 6, "The 6 is missing."),
        (right * steps, "Δ enters squared."),
        (np.sqrt(6 / (LN2 * steps)), "You put Δ where w stands. Solve the rule for w first."),
    )
    for value, hint in known:
        if np.allclose(found, value, rtol=1e-3):
            return hint
    return "Square both sides of the rule, then solve for w."


# --- 3 -----------------------------------------------------------------------------------


def zero_is_cheaper(answer):
    """answer: a function of step, lambda, bits -> the |c| below which 0 has a smaller L than Δ."""
    for q in STEPS:
        for lam in LAMS:
            for bits in (2, 5, 13):
                found, right = float(answer(q, lam, bits)), _threshold(q, lam, bits)
                if not np.isclose(found, right, rtol=1e-3):
                    where = f"Δ = {q:g}, λ = {lam:g}, {bits} bits: you say {found:.4g}. "
                    raise Wrong(where + _threshold_hint(found, q, lam, bits))
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


def _threshold_hint(found, q, lam, bits):
    more = bits / (2 * lam * q)
    known = (
        (
            q / 2 + lam * bits / (2 * q),
            "λ on the wrong side: with a large λ the bits count little.",
        ),
        (q / 2, "That is plain rounding: the bits count for nothing."),
        (q / 2 - more, "Then zero would be narrower than with rounding. The bits speak for zero."),
        (q / 2 + 2 * more, "A factor of two: it is 2Δ|c| that stands in (|c| − Δ)²."),
        (q + 2 * more, "A factor of two: what stands before |c|?"),
        (more, "That is only what the bits add to plain rounding."),
        (0.5 + more / q, "That is in steps. |c| itself is asked for."),
        (q / 2 + bits / 2 / q, "Where is λ?"),
        (np.sqrt(bits / lam), "That weighs λc² against the bits. A kept one has an error too."),
        ((q**2 + bits / lam) / 2, "Nearly: that is still to be divided by Δ."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-6):
            return hint
    return "Write L for both, zero and Δ, as λ · error² + bits. Where are they equal?"


check = checks(slope, weights_for, zero_is_cheaper)
