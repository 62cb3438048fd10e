"""Checks: which latents and which step for a budget; how bits are shared among latents."""

from functools import cache

import numpy as np
from scipy.optimize import brentq

from lic_teach import images
from lic_teach.course.autoencoder import bottleneck
from lic_teach.course.autoencoder.autoencoders import linear, seen
from lic_teach.kit.checks import Wrong, checks, hint, knows

# --- 1 -----------------------------------------------------------------------------------

Files = dict[tuple[int, int], tuple[int, float]]  # (k, step): bytes and dB


def fitting(files: Files, budget: int) -> Files:
    """Those that are not larger than the budget."""
    return {key: file for key, file in files.items() if file[0] <= budget}


def _swapped(files, budget):
    k, step = best(files, budget)
    return step, k


@knows(
    {
        "Nearly. First k, then step.": _swapped,
        "A file that takes the whole budget fits, too.": (
            lambda files, n: max(fitting(files, n - 1), key=lambda key: files[key][1])
        ),
        "That is its size and its PSNR. Which k and which step made it?": (
            lambda files, n: files[best(files, n)]
        ),
        "That is the best picture of all. Its file is too large.": (
            lambda files, n: max(files, key=lambda key: files[key][1])
        ),
        "That file is the largest that fits. A larger file is not always a better picture.": (
            lambda files, n: max(fitting(files, n), key=lambda key: files[key][0])
        ),
        "That is the smallest file. The budget may be spent.": (
            lambda files, n: min(files, key=lambda key: files[key][0])
        ),
        "That is the finest step that fits. How many latents were left for it?": (
            lambda files, n: min(fitting(files, n), key=lambda key: (key[1], -key[0]))
        ),
        "Here fewer latents are better: 64 alone is not enough to look at.": (
            lambda files, n: max(
                (key for key in fitting(files, n) if key[0] == 64), key=lambda key: files[key][1]
            )
        ),
        "Those are the most latents that fit. Is their step the finest that fits?": (
            lambda files, n: max(fitting(files, n))
        ),
    },
    otherwise="Leave out the files that are too large. Of the others, which has the most dB?",
)
def choose(answer):
    """answer: a function of files, {(k, step): (bytes, dB)}, and a budget -> (k, step)."""
    for name, files, budget in cases():
        found, right = answer(dict(files), budget), best(files, budget)
        pair = isinstance(found, tuple | list) and len(found) == 2
        if not pair or any(np.ndim(part) for part in found):
            raise Wrong(f"A pair is asked for, k and step. This is {_kind(found)}.")
        if tuple(found) != right:
            said = hint(choose, tuple(found), files, budget)
            raise Wrong(f"{name}, {budget:,} bytes: {found[0]} and {found[1]}. {said}")
    k, step = best(cases()[0][1], cases()[0][2])
    return f"For 12,000 bytes of the cup that is {k} latents in steps of {step}."


def _kind(found):
    """In words: what was returned instead of a pair."""
    if isinstance(found, int | float | str) or (isinstance(found, tuple) and len(found) < 4):
        return repr(found)
    return f"of the type {type(found).__name__}"


def best(files: Files, budget: int) -> tuple[int, int]:
    """The right answer."""
    inside = fitting(files, budget)
    return max(inside, key=lambda key: inside[key][1])


def cases() -> list[tuple[str, Files, int]]:
    """What is measured: the cup. And a picture that is made up, where all 64 are not the best."""
    grey = {
        (8, 16): (1000, 40.0),
        (8, 32): (700, 38.0),
        (16, 16): (900, 39.5),
        (16, 32): (800, 37.0),
        (64, 8): (1200, 41.0),
        (64, 64): (950, 35.0),
        (64, 96): (850, 33.0),
    }
    return [
        ("The cup", measured(), 12_000),
        ("The cup", measured(), 30_000),
        ("Made up", grey, 1000),
    ]


@cache
def measured() -> Files:
    """Real files of the coffee cup, which the machine has not seen: each (k, step)."""
    source = bottleneck.prepare(images.sample("coffee"))
    results = [
        bottleneck.compute(source, bottleneck.LINEAR, k, step)
        for k in (4, 8, 16, 32, 64)
        for step in (8, 12, 16, 20, 24, 28, 32, 40, 48, 53, 60, 72, 96)
    ]
    return {(r.k, r.step): (r.size, r.psnr) for r in results}


# --- 2 -----------------------------------------------------------------------------------


def _ideal(sigma, budget, power=1):
    """What is best where bits may be negative; the power is a mistake."""
    log = power * np.log2(sigma)
    return budget / sigma.size + log - log.mean()


def _cut(sigma, budget):
    return np.maximum(_ideal(sigma, budget), 0)


@knows(
    {
        "All the same: the strong ones deserve more.": lambda s, n: np.full(s.size, n / s.size),
        "In proportion to σ² the first takes all.": lambda s, n: n * s**2 / np.sum(s**2),
        "Bits grow with log₂ σ, not with σ.": lambda s, n: n * s / s.sum(),
        "Scaled after the cut, the levels are no longer equal.": (
            lambda s, n: _cut(s, n) * n / _cut(s, n).sum()
        ),
        "One bit halves the error of σ, not of σ²: log₂ σ, once.": lambda s, n: _ideal(s, n, 2),
    }
)
def split(answer):
    """answer: a function of sigma (64,) and a budget in bits -> bits (64,), each >= 0."""
    sigma = spreads()
    for budget in (200.0, 64.0, 16.0):
        bits = np.asarray(answer(sigma.copy(), budget), float)
        if bits.shape != sigma.shape:
            raise Wrong(f"An array {sigma.shape} is asked for, this is {bits.shape}.")
        best = shared(sigma, budget)
        if not np.allclose(bits, best, atol=0.02):
            raise Wrong(f"A budget of {budget:g} bits. {_split_hint(bits, best, sigma, budget)}")
    used = np.count_nonzero(shared(sigma, 64.0))
    worse = error(sigma, np.full(64, 1.0)) / error(sigma, shared(sigma, 64.0))
    return (
        f"Of 64 bits {used} latents get some, and what is left is {worse:.0f} times less than "
        f"with one bit for each."
    )


def spreads():
    """Standard deviations of the 64 latents of the linear autoencoder, on what it learned from."""
    model = linear()
    return ((seen() - model.mean.numpy()) @ model.down.numpy().T).std(0).astype(float)


def shared(sigma, budget):
    """The right answer: log2(sigma / level) where that is positive, the level so that it fits."""

    def bits(log_level):
        return np.maximum(np.log2(sigma) - log_level, 0)

    ends = np.log2(sigma).min() - budget, np.log2(sigma).max()
    return bits(brentq(lambda level: bits(level).sum() - budget, *ends, xtol=1e-12))


def error(sigma, bits):
    """What is left at these bits: the sum of sigma**2 * 4**-bits."""
    return np.sum(sigma**2 * 4.0**-bits)


def _split_hint(bits, best, sigma, budget):
    known = hint(split, bits, sigma, budget, rtol=1e-4)
    if known:
        return known
    if np.allclose(bits, _cut(sigma, budget), atol=1e-3):
        return f"You spend {bits.sum():.1f} bits of {budget:g}: those cut off owed some. Again."
    if bits.min() < -1e-9:
        return f"Latent {bits.argmin()} gets {bits.min():.1f} bits. Nobody can owe bits."
    if not np.isclose(bits.sum(), budget, atol=0.05):
        return f"You spend {bits.sum():.2f}."
    more = error(sigma, bits) / error(sigma, best)
    return f"Spent well, but the error is {more:.4f} times the best: are all σ 2⁻ᵇ equal?"


check = checks(choose, split)
