"""What the decoder expects of every latent before it is told: a mean and a width.

    Fixed:       ------------------> N(0, 1) for every latent
    Factorized:  lambda -----------> mean, scale of each channel
    Mixture:     lambda -----------> mean of each channel, scale and weight of three Gaussians

JPEG's Huffman tables say how often each symbol occurs in the picture; here a Gaussian says how
far each latent may lie from its mean. `code` walks through a picture once, for the encoder, the
decoder and the estimate alike: `visit` is what differs. Of the ladder of priors these are the lower
rungs, which know the channel alone; hyperprior.py knows the place too. What the decoder computes
again is exact (exact.py). Lessons learned_codec, why_the_prior_fits, showdown. Balle et al. 2017.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from .entropy import (
    SIGMA_MIN,
    LowerBound,
    Table,
    bits,
    likelihood,
    mix_tables,
    sigma_of,
    table_number,
)
from .exact import on_grid
from .quantize import OCTAVES, add_noise, interpolate, straight_through

# values (None to read), mean, table numbers, tables -> y_hat, float32 of the mean's shape
Visit = Callable[[Tensor | None, Tensor, Tensor, list[Table]], Tensor]


class Factorized(nn.Module):
    """A Gaussian for each channel, the same at every place; mean and scale follow lambda."""

    def __init__(self, channels: int):
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(OCTAVES + 1, channels))
        self.scale = nn.Parameter(torch.full((OCTAVES + 1, channels), 2.2))

    def expect(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """t: (N,) position of lambda -> mean, scale: (N, C, 1, 1)."""
        return interpolate(self.mean, t), interpolate(self.scale, t)

    def forward(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Training: y (N, C, h, w) -> bits of the noisy latents (N,), rounded latents y_hat."""
        mean, scale = self.expect(t)
        rate = bits(likelihood(add_noise(y), mean, sigma_of(scale)))
        return rate.sum((1, 2, 3)), straight_through(y, mean)

    def code(
        self,
        visit: Visit,
        y: Tensor | None,
        shape: tuple[int, ...],
        t: Tensor,
        tables: list[Table],
        first: Tensor | None = None,
    ) -> Tensor:
        """Visit all latents at once, shape (N, C, h, w) -> y_hat.

        y: None to read. tables: those of the Gaussians, entropy.read_tables. first: for the side
        information that a Hyper has. y_hat: float32.
        """
        mean, scale = (on_grid(p.double()).expand(shape) for p in self.expect(t))
        return visit(y, mean, table_number(scale), tables)

    @torch.no_grad()
    def fit(self, y: Tensor, t: Tensor) -> None:
        """Start from data: mean and width of latents y (N, C, h, w), made at lambda's place t."""
        row = int(t[0])
        self.mean[row] = y.mean((0, 2, 3))
        self.scale[row] = torch.log(y.std((0, 2, 3)) / SIGMA_MIN).clamp(0.1)


class Fixed(Factorized):
    """N(0, 1) for every latent, as in the lecture: nothing to learn but the steps."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.scale.data.fill_(-math.log(SIGMA_MIN))
        self.requires_grad_(False)

    def fit(self, y: Tensor, t: Tensor) -> None:
        """A fixed prior stays as it is."""


class Mixture(Factorized):
    """Three Gaussians of one mean for each channel: a narrow peak and heavy tails."""

    def __init__(self, channels: int):
        super().__init__(channels)
        self.spread = nn.Parameter(torch.tensor([-1.0, 0.0, 1.5]).repeat(OCTAVES + 1, channels))
        self.weight = nn.Parameter(torch.ones(OCTAVES + 1, 3 * channels))

    def parts(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and weight of each Gaussian: (N, C, 3, 1, 1); the weights add up to 1."""
        scale, spread, weight = (
            interpolate(table, t).unflatten(1, (-1, n))
            for table, n in ((self.scale, 1), (self.spread, 3), (self.weight, 3))
        )
        weight = LowerBound.apply(weight, 2.0**-8)
        return scale + spread, weight / weight.sum(2, keepdim=True)

    def forward(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        mean = interpolate(self.mean, t)
        scale, weight = self.parts(t)
        noisy = add_noise(y)
        mass = sum(
            weight[:, :, j] * likelihood(noisy, mean, sigma_of(scale[:, :, j])) for j in range(3)
        )
        return bits(mass).sum((1, 2, 3)), straight_through(y, mean)

    def code(
        self,
        visit: Visit,
        y: Tensor | None,
        shape: tuple[int, ...],
        t: Tensor,
        tables: list[Table],
        first: Tensor | None = None,
    ) -> Tensor:
        """One mixed table for each channel, made in whole numbers; table 0 is not used."""
        scale, weight = (p[0, :, :, 0, 0] for p in self.parts(t))
        whole = torch.floor(weight * 2**10 + 0.5).numpy()
        numbers = table_number(scale).numpy()
        mixed = [mix_tables(tables, k, w) for k, w in zip(numbers, whole, strict=True)]
        channel = torch.arange(1, shape[1] + 1, dtype=torch.uint8)[:, None, None].expand(shape)
        mean = on_grid(interpolate(self.mean, t).double()).expand(shape)
        return visit(y, mean, channel, [None, *mixed])
