"""The package's pieces of an own learned codec: what its lesson takes where mine.py has none.

    x --filters--> y --straight_through--> y_hat      noisy y, mean, b --laplace_bits--> bits
                                           x, x_hat, bits, lambda --objective--> L, R, D

Its twin is course/a_real_jpeg/pieces.py. own_codec.py joins them. Lesson learned_codec.
"""

import numpy as np
import torch
from torch import Tensor, nn

from lic_teach.kit import priors
from lic_teach.learned import entropy, quantize
from lic_teach.learned.transform import CHANNELS, from_taps, jpeg_basis, to_taps

WIDTH = 64  # channels inside a block


def filters() -> tuple[Tensor, Tensor]:
    """JPEG's colours and DCT as convolutions of 16 x 16 pixels, the outer ones 0.

    Analysis and synthesis: float32 (128, 3, 16, 16) each. 64 channels of luma, 32 of each chroma.
    """
    forward, backward = (from_taps(to_taps(rows)).contiguous() for rows in jpeg_basis())
    return forward, backward


def block(channels: int = CHANNELS) -> nn.Sequential:
    """A bend: what it adds to latents depends on a place and its eight neighbours. At first 0."""
    layers = nn.Sequential(
        nn.Conv2d(channels, WIDTH, 1),
        nn.GELU(),
        nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
        nn.GELU(),
        nn.Conv2d(WIDTH, channels, 1),
    )
    nn.init.zeros_(layers[-1].weight)
    nn.init.zeros_(layers[-1].bias)
    return layers


def laplace_bits(y: Tensor, mean: Tensor, b: Tensor) -> Tensor:
    """-log2 of a Laplace prior's mass on the bin of width 1 around y, at most 24 bits.

    F(y + 1/2) - F(y - 1/2) of lesson bits_from_probability, by distances, so that nothing
    underflows. b: the width, sigma / sqrt(2). Any float tensors that broadcast.

    >>> round(float(laplace_bits(torch.zeros(1), torch.zeros(1), torch.full((1,), 0.5**0.5))), 2)
    0.98
    """
    distance = (y - mean).abs()
    far, near = distance.clamp(min=0.5), distance.clamp(max=0.5)
    outside = torch.exp((0.5 - far) / b) * -torch.expm1(-1 / b) / 2
    inside = 1 - (torch.exp((near - 0.5) / b) + torch.exp((-near - 0.5) / b)) / 2
    mass = torch.where(distance < 0.5, inside, outside)
    return entropy.bits(entropy.LowerBound.apply(mass, entropy.FLOOR))


def best_sigma(k: np.ndarray) -> float:
    """Whole numbers (n,) -> the sigma of fewest bits, 0.11..50. Lesson bits_from_probability."""
    values, share = priors.histogram(k)
    sigmas = np.geomspace(0.11, 50, 200)
    return sigmas[(share @ priors.information(values[:, None], 0, sigmas)).argmin()]


def straight_through(y: Tensor) -> Tensor:
    """Round; backwards, pretend that nothing was rounded. Lesson noise_for_rounding."""
    return quantize.straight_through(y, torch.zeros(()))


def objective(x: Tensor, x_hat: Tensor, bits: Tensor, lam: float) -> tuple[Tensor, ...]:
    """L, R, D of each piece: x, x_hat (N, 3, H, W), 0..255; bits (N,). Lesson learned_codec."""
    R = bits / (x.shape[2] * x.shape[3])
    D = ((x - x_hat) ** 2).mean((1, 2, 3))
    return R + lam * D, R, D
