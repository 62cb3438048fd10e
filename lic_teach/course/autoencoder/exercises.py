"""Checks: the angle between subspaces, bits of a latent code, how to share them."""

import numpy as np
from scipy.linalg import subspace_angles
from scipy.optimize import brentq

from lic_teach.course.autoencoder.autoencoders import linear, seen
from lic_teach.kit.checks import Wrong, checks, hint, knows

# --- 1 -----------------------------------------------------------------------------------


def angles(A, B):
    """SciPy's principal angles in degrees, the largest first."""
    return np.degrees(subspace_angles(A, B))


def _degrees(cosine):
    return np.degrees(np.arccos(np.clip(cosine, 0, 1)))


def _by_column(A, B):
    A, B = (each / np.linalg.norm(each, axis=0) for each in (A, B))
    return _degrees(np.abs((A * B).sum(0)).min())


@knows(
    {
        "That is the angle in radians.": lambda A, B: np.radians(angles(A, B)[0]),
        "That is the cosine of it.": lambda A, B: np.cos(np.radians(angles(A, B)[0])),
        "That is the smallest angle: the direction that the two share best.": (
            lambda A, B: angles(A, B)[-1]
        ),
        "Your columns are not orthonormal yet. np.linalg.qr.": (
            lambda A, B: _degrees(np.linalg.svd(A.T @ B)[1].min())
        ),
        "You compare column with column. The axes inside a subspace are free.": _by_column,
        "An entry is no angle.": (
            lambda A, B: _degrees(np.abs(np.linalg.qr(A)[0].T @ np.linalg.qr(B)[0]).min())
        ),
    },
    otherwise="{:.2f} does not fit. Two orthonormal bases, the product of one transposed with "
    "the other, its singular values: which of them belongs to the largest angle?",
)
def largest_angle(answer):
    """answer: a function of A and B, float (64, k), full rank -> degrees, 0..90."""
    for seed, k in ((0, 6), (1, 1), (2, 3)):
        A, B = pair(seed, k)
        found, right = _number(answer(A.copy(), B.copy())), angles(A, B)[0]
        if not np.isclose(found, right, atol=0.01):
            raise Wrong(hint(largest_angle, found, A, B, rtol=1e-5).format(found))
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


def _number(found):
    if np.ndim(found) or isinstance(found, complex):
        raise Wrong("One number is asked for: the largest angle.")
    if np.isnan(found):
        raise Wrong(
            "nan: a cosine above 1 has no angle. Are the columns orthonormal? If so, clip it to 1."
        )
    return float(found)


# --- 2 -----------------------------------------------------------------------------------

PICTURES = ((400, 600), (300, 451), (8, 8), (1, 1))  # coffee, chelsea, two small ones


@knows(
    {
        "Those are the bits of the whole picture. How many for a pixel?": (
            lambda k, b, h, w: k * b * _up(h) * _up(w)
        ),
        "Those are the bits of one patch. It has 64 pixels.": lambda k, b, h, w: k * b,
        "A patch has 64 pixels, not 8.": lambda k, b, h, w: k * b / 8,
        "That counts numbers. How many bits has each?": lambda k, b, h, w: k / 64,
        "Those are bytes per pixel.": lambda k, b, h, w: bpp(k, b, h, w) / 8,
        "More latents, more bits.": lambda k, b, h, w: b / k,
        "The last patches are cut off.": lambda k, b, h, w: k * b * (h // 8) * (w // 8) / (h * w),
        "Half a patch here and half a patch there are two: round up the rows and the columns of "
        "patches, each by itself.": lambda k, b, h, w: k * b * -(-h * w // 64) / (h * w),
        "Right inside. At the border a patch is stored whole, too: round up.": (
            lambda k, b, h, w: k * b / 64
        ),
    },
    otherwise="Patches times latents times bits, over pixels.",
)
def rate(answer):
    """answer: a function of k, b, height, width -> bits per pixel of k latents a patch, b bits."""
    for height, width in PICTURES:
        for k, b in ((6, 5), (16, 5)):
            found, right = _number(answer(k, b, height, width)), bpp(k, b, height, width)
            if not np.isclose(found, right, rtol=1e-9):
                says = f"k = {k}, b = {b}, a picture of {height} × {width}: {found:.4g}. "
                raise Wrong(says + hint(rate, found, k, b, height, width, rtol=1e-9, atol=1e-8))
    return (
        f"The cup: {bpp(8, 8, 400, 600):.3f} bits per pixel with 8 latents of 8 bits. The cat: "
        f"{bpp(8, 8, 300, 451):.3f}, because of the border."
    )


def bpp(k, b, height, width):
    """The right answer."""
    return k * b * _up(height) * _up(width) / (height * width)


def _up(side):
    return -(-side // 8)


# --- 3 -----------------------------------------------------------------------------------


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


check = checks(largest_angle, rate, split)
