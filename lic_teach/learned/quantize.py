"""Latents -> latents counted in steps -> whole numbers, and what stands for rounding in training.

    y --divide--> y / step --round--> y_hat --multiply--> y_hat * step

Like JPEG's DQT table, one step per channel, the same on both sides. Unlike jpeg/quantize.py the
table is learned, and it is learned once for every lambda: the logarithm of each step is
interpolated between lambdas an octave apart (model.Model.step is where lambda becomes steps).
Rounding has no useful gradient, so the rate is that of noisy latents, and the error's gradient
passes the rounding straight through: for the encoder's sake, since the decoder needs no stand-in.
Lesson noise_for_rounding. Noise: Balle et al. 2017, section 3; gain vectors: Cui et al. 2021.
"""

import math

import torch
from torch import Tensor

LAM_MIN = 4e-4  # bpp per unit of squared error
OCTAVES = 8  # up to LAM_MIN * 2**8 = 0.1024
LAM_MAX = LAM_MIN * 2**OCTAVES
SYMBOL_MAX = 1 << 15  # no latent is farther from its mean, in steps
FINE = 4096  # a file stores lambda in 1/4096 of an octave


def position(lam: float | Tensor) -> Tensor:
    """lambda -> its place on the octave scale: 0 at LAM_MIN, OCTAVES at LAM_MAX.

    lam: float or tensor, in bpp per unit of squared error (0..255 scale).
    """
    return torch.log2(torch.as_tensor(lam, dtype=torch.float32) / LAM_MIN)


def to_code(lam: float) -> int:
    """lambda -> the whole number that a file stores (0..OCTAVES * FINE).

    Raises ValueError for a lambda outside LAM_MIN..LAM_MAX.

    >>> to_code(4e-4), to_code(0.01)
    (0, 19021)
    """
    if not LAM_MIN * 0.999 <= lam <= LAM_MAX * 1.001:
        raise ValueError(f"lambda must lie in {LAM_MIN:g}..{LAM_MAX:g}, got {lam:g}")
    return min(max(round(math.log2(lam / LAM_MIN) * FINE), 0), OCTAVES * FINE)


def from_code(code: int) -> float:
    """Undo to_code: whole number -> lambda."""
    return LAM_MIN * 2.0 ** (code / FINE)


def interpolate(table: Tensor, t: Tensor) -> Tensor:
    """Read a table of one row an octave at the places t.

    table: (OCTAVES + 1, C); t: float (N,), clamped to the table. Returns (N, C, 1, 1).
    """
    t = t.clamp(0, OCTAVES)
    low = t.floor().clamp(max=OCTAVES - 1)
    part = (t - low)[:, None]
    low = low.long()
    return ((1 - part) * table[low] + part * table[low + 1])[:, :, None, None]


def high_rate_steps(channels: int) -> Tensor:
    """Logarithms of the steps that theory gives for many bits, the start of training.

    A step q in a channel whose picture has norm 1 costs q^2 / 12 squared error and -log2(q) bits;
    with the error shared by 3 samples a pixel, L = -log2(q) + lam q^2 / 36 is least at
    q^2 = 18 / (lam ln 2). Returns float32 (OCTAVES + 1, channels).
    """
    lam = LAM_MIN * 2.0 ** torch.arange(OCTAVES + 1)
    return (0.5 * torch.log(18 / (lam * math.log(2))))[:, None].repeat(1, channels)


def add_noise(y: Tensor) -> Tensor:
    """Training's stand-in for rounding in the rate: y + U(-1/2, 1/2)."""
    return y + torch.rand_like(y) - 0.5


def straight_through(y: Tensor, mean: Tensor) -> Tensor:
    """Round y to mean + whole number; backwards, pretend that nothing was rounded."""
    return y + (torch.round(y - mean) + mean - y).detach()


def to_symbols(y: Tensor, mean: Tensor, numbers: Tensor) -> Tensor:
    """Round distances from the mean to the whole numbers that a file holds: float32, y's shape.

    numbers: which table each latent has; what has table 0 is taken for 0 by both sides.
    """
    symbols = torch.round(y - mean).clamp_(-SYMBOL_MAX, SYMBOL_MAX)
    return symbols.mul_(numbers > 0)
