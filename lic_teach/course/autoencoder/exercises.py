"""Checks: the angle between subspaces, bits of a latent code, how to share them."""

import numpy as np
from scipy.linalg import subspace_angles
from scipy.optimize import brentq

from lic_teach.course.autoencoder.autoencoders import linear, seen
from lic_teach.kit.checks import Wrong, checks

# --- 1 -----------------------------------------------------------------------------------


def largest_angle(answer):
    """answer: a function of A and B, float (64, k), full rank -> degrees, 0..90."""
    for seed, k in ((0, 6), (1, 1), (2, 3)):
        A, B = pair(seed, k)
        found, right = _number(answer(A.copy(), B.copy())), angles(A, B)[0]
        if not np.isclose(found, right, atol=0.01):
            raise Wrong(_angle_hint(found, A, B))
        mixed = _number(answer(A.copy(), A @ mixture(seed, k)))
        if not mixed < 0.01:
            raise Wrong(
                f"Right for one pair. But A and A @ M span the same, whatever M mixes, and you "
                f"say {mixed:.1f}°."
            )
    return "SciPy says the same, for spaces of 1, 3 and 6 dimensions."


def pair(seed, k):
    """Two sets of k directions that are neither orthonormal nor far apart: float (64, k)."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(64, k)) * np.linspace(1, 5, k)
    return A, (A + 0.3 * rng.normal(size=(64, k))) @ mixture(seed, k)


def mixture(seed, k):
    """An invertible (k, k)."""
    return np.random.default_rng(seed).normal(size=(k, k)) + 2 * np.eye(k)


def angles(A, B):
    """SciPy's principal angles in degrees, the largest first."""
    return np.degrees(subspace_angles(A, B))


def _number(found):
    if np.ndim(found) or isinstance(found, complex):
        raise Wrong("One number is asked for: the largest angle.")
    if np.isnan(found):
        raise Wrong(
            "nan: a cosine above 1 has no angle. Are the columns orthonormal? If so, clip it to 1."
        )
    return float(found)


def _angle_hint(found, A, B):
    right = angles(A, B)
    Qa, Qb = np.linalg.qr(A)[0], np.linalg.qr(B)[0]
    raw = np.clip(np.linalg.svd(A.T @ B)[1], 0, 1)
    unit = [each / np.linalg.norm(each, axis=0) for each in (A, B)]
    columns = np.degrees(np.arccos(np.clip(np.abs(np.sum(unit[0] * unit[1], 0)), 0, 1)))
    known = (
        (np.radians(right[0]), "That is the angle in radians."),
        (np.cos(np.radians(right[0])), "That is the cosine of it."),
        (right[-1], "That is the smallest angle: the direction that the two share best."),
        (np.degrees(np.arccos(raw.min())), "Your columns are not orthonormal yet. np.linalg.qr."),
        (columns.max(), "You compare column with column. The axes inside a subspace are free."),
        (np.degrees(np.arccos(np.clip(np.abs(Qa.T @ Qb).min(), 0, 1))), "An entry is no angle."),
    )
    for value, hint in known:
        if np.isclose(found, value, atol=1e-4):
            return hint
    return (
        f"{found:.2f} does not fit. Two orthonormal bases, the product of one transposed with "
        f"the other, its singular values: which of them belongs to the largest angle?"
    )


# --- 2 -----------------------------------------------------------------------------------

PICTURES = ((400, 600), (300, 451), (8, 8), (1, 1))  # coffee, chelsea, two small ones


def rate(answer):
    """answer: a function of k, b, height, width -> bits per pixel of k latents a patch, b bits."""
    for height, width in PICTURES:
        for k, b in ((6, 5), (16, 5)):
            found, right = _number(answer(k, b, height, width)), bpp(k, b, height, width)
            if not np.isclose(found, right, rtol=1e-9):
                raise Wrong(_rate_hint(found, k, b, height, width))
    return (
        f"The cup: {bpp(8, 8, 400, 600):.3f} bits per pixel with 8 latents of 8 bits. The cat: "
        f"{bpp(8, 8, 300, 451):.3f}, because of the border."
    )


def bpp(k, b, height, width):
    """The right answer."""
    return k * b * -(-height // 8) * -(-width // 8) / (height * width)


def _rate_hint(found, k, b, height, width):
    says = f"k = {k}, b = {b}, a picture of {height} × {width}: {found:.4g}. "
    total = bpp(k, b, height, width) * height * width
    known = (
        (total, "Those are the bits of the whole picture. How many for a pixel?"),
        (k * b, "Those are the bits of one patch. It has 64 pixels."),
        (k * b / 8, "A patch has 64 pixels, not 8."),
        (k / 64, "That counts numbers. How many bits has each?"),
        (total / 8 / (height * width), "Those are bytes per pixel."),
        (b / k, "More latents, more bits."),
        (k * b * (height // 8) * (width // 8) / (height * width), "The last patches are cut off."),
        (
            k * b * -(-height * width // 64) / (height * width),
            "Half a patch here and half a patch "
            "there are two: round up the rows and the columns of patches, each by itself.",
        ),
        (k * b / 64, "Right inside. At the border a patch is stored whole, too: round up."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-9):
            return says + hint
    return says + "Patches times latents times bits, over pixels."


# --- 3 -----------------------------------------------------------------------------------


def split(answer):
    """answer: a function of sigma (64,) and a budget in bits -> bits (64,), each >= 0."""
    sigma = spreads()
    for budget in (200.0, 64.0, 16.0):
        bits = np.asarray(answer(sigma.copy(), budget), float)
        if bits.shape != sigma.shape:
            raise Wrong(f"An array {sigma.shape} is asked for, this is {bits.shape}.")
        best = shared(sigma, budget)
        if not np.allclose(bits, best, atol=0.02):
            raise Wrong(_split_hint(bits, best, sigma, budget))
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
    ideal = budget / sigma.size + np.log2(sigma) - np.log2(sigma).mean()
    twice = budget / sigma.size + 2 * (np.log2(sigma) - np.log2(sigma).mean())
    cut = np.maximum(ideal, 0)
    known = (
        (np.full(sigma.size, budget / sigma.size), "All the same: the strong ones deserve more."),
        (budget * sigma**2 / np.sum(sigma**2), "In proportion to σ² the first takes all."),
        (budget * sigma / sigma.sum(), "Bits grow with log₂ σ, not with σ."),
        (cut * budget / cut.sum(), "Scaled after the cut, the levels are no longer equal."),
        (cut, f"You spend {cut.sum():.1f} bits of {budget:g}: those cut off owed some. Again."),
        (twice, "One bit halves the error of σ, not of σ²: log₂ σ, once."),
    )
    says = f"A budget of {budget:g} bits. "
    for value, hint in known:
        if np.allclose(bits, value, atol=1e-3):
            return says + hint
    if bits.min() < -1e-9:
        return says + f"Latent {bits.argmin()} gets {bits.min():.1f} bits. Nobody can owe bits."
    if not np.isclose(bits.sum(), budget, atol=0.05):
        return says + f"You spend {bits.sum():.2f}."
    more = error(sigma, bits) / error(sigma, best)
    return says + f"Spent well, but the error is {more:.4f} times the best: are all σ 2⁻ᵇ equal?"


check = checks(largest_angle, rate, split)
