"""What the decoder expects of every latent before it is told: a mean and a width.

    Factorized:  lambda ----------------------------> mean, scale of each channel
    Hyper:       y --h_a--> z --(file)--> h_s ------> mean, scale of each latent, first half
                 first half of y_hat --context------> mean, scale of each latent, second half

JPEG's Huffman tables say how often each symbol occurs in the picture; here a network says how
wide each latent's Gaussian is at its place. `code` walks through a picture once, for the encoder,
the decoder and the estimate alike: `visit` is what differs.

Exactness. The decoder must find bit for bit the widths that the encoder had. So in float64 these
networks compute in fixed point: weights are multiples of 2^-12 below 2^4, activations multiples
of 2^-10 below 2^10, and a sum of a few thousand products stays below 2^53 units of 2^-22: float64
holds every such sum exactly, in any order, on any machine that sums products (the codec decodes on
the CPU, where nothing is transformed first, as an FFT or Winograd's convolution would).
Lessons 14, 16, 19. Balle et al. 2018 (hyperprior), Minnen et al. 2018 (its mean), He et al. 2021
(checkerboard; here with four neighbours).
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

from lic_teach.learned.entropy import (
    SIGMA_MIN,
    LowerBound,
    bits,
    likelihood,
    mix_tables,
    sigma_of,
    table_number,
)
from lic_teach.learned.quantize import OCTAVES, add_noise, interpolate, straight_through
from lic_teach.learned.transform import STRIP, in_strips

WEIGHT_GRID, WEIGHT_MAX = 2**12, 2**4
ACTIVATION_GRID, ACTIVATION_MAX = 2**10, 2**10


def snap(x, grid, limit):
    """Nearest multiple of 1/grid within -limit..limit. x: float64, changed in place.

    Beside a number as large as `shelf` float64 has no digits finer than 1/grid: they are rounded.
    """
    shelf = 1.5 * 2.0**52 / grid
    return x.add_(shelf).sub_(shelf).clamp_(-limit, limit)


def exact(prior):
    """A float64 copy of a trained prior with its weights on the grid: what codes files."""
    prior = copy.deepcopy(prior).double().eval().requires_grad_(False)
    if isinstance(prior, Hyper):
        prior.analysis.float()
    for module in prior.modules():
        if isinstance(module, FixedConv):
            module.weight.copy_(snap(module.weight, WEIGHT_GRID, WEIGHT_MAX))
            module.bias.copy_(snap(module.bias, ACTIVATION_GRID, ACTIVATION_MAX))
        if isinstance(module, Factorized):
            for table in module.parameters():
                table.copy_(snap(table, ACTIVATION_GRID, ACTIVATION_MAX))
    return prior


def on_grid(x):
    """Round float64 x to the grid of activations, in place -> float32, which holds it exactly."""
    return snap(x, ACTIVATION_GRID, ACTIVATION_MAX).float()


class FixedConv(nn.Conv2d):
    """A convolution that, in float64, rounds its output to the grid (see Exactness above)."""

    def __init__(self, inputs, outputs, kernel=1):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)

    def forward(self, x):
        if self.weight.dtype != torch.float64:
            return super().forward(x)
        return on_grid(super().forward(x.double()))


class Factorized(nn.Module):
    """A Gaussian for each channel, the same at every place; mean and scale follow lambda."""

    def __init__(self, channels):
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(OCTAVES + 1, channels))
        self.scale = nn.Parameter(torch.full((OCTAVES + 1, channels), 2.2))

    def expect(self, t):
        """t: (N,) position of lambda -> mean, scale: (N, C, 1, 1)."""
        return interpolate(self.mean, t), interpolate(self.scale, t)

    def forward(self, y, t):
        """Training: y (N, C, h, w) -> bits of the noisy latents (N,), rounded latents y_hat."""
        mean, scale = self.expect(t)
        rate = bits(likelihood(add_noise(y), mean, sigma_of(scale)))
        return rate.sum((1, 2, 3)), straight_through(y, mean)

    def code(self, visit, y, shape, t, tables, first=None):
        """visit(values or None, mean, table numbers, tables) -> y_hat, all latents at once.

        y: None to read. tables: those of the Gaussians, entropy.read_tables. first: for the side
        information that a Hyper has. y_hat: float32.
        """
        mean, scale = (on_grid(p.double()).expand(shape) for p in self.expect(t))
        return visit(y, mean, table_number(scale), tables)

    @torch.no_grad()
    def fit(self, y, t):
        """Start from data: mean and width of latents y (N, C, h, w), made at lambda's place t."""
        row = int(t[0])
        self.mean[row] = y.mean((0, 2, 3))
        self.scale[row] = torch.log(y.std((0, 2, 3)) / SIGMA_MIN).clamp(0.1)


class Fixed(Factorized):
    """N(0, 1) for every latent, as in the lecture: nothing to learn but the steps."""

    def __init__(self, channels):
        super().__init__(channels)
        self.scale.data.fill_(-math.log(SIGMA_MIN))
        self.requires_grad_(False)

    def fit(self, y, t):
        """A fixed prior stays as it is."""


class Mixture(Factorized):
    """Three Gaussians of one mean for each channel: a narrow peak and heavy tails."""

    def __init__(self, channels):
        super().__init__(channels)
        self.spread = nn.Parameter(torch.tensor([-1.0, 0.0, 1.5]).repeat(OCTAVES + 1, channels))
        self.weight = nn.Parameter(torch.ones(OCTAVES + 1, 3 * channels))

    def parts(self, t):
        """Scale and weight of each Gaussian: (N, C, 3, 1, 1); the weights add up to 1."""
        scale, spread, weight = (
            interpolate(table, t).unflatten(1, (-1, n))
            for table, n in ((self.scale, 1), (self.spread, 3), (self.weight, 3))
        )
        weight = LowerBound.apply(weight, 2.0**-8)
        return scale + spread, weight / weight.sum(2, keepdim=True)

    def forward(self, y, t):
        mean = interpolate(self.mean, t)
        scale, weight = self.parts(t)
        noisy = add_noise(y)
        mass = sum(
            weight[:, :, j] * likelihood(noisy, mean, sigma_of(scale[:, :, j])) for j in range(3)
        )
        return bits(mass).sum((1, 2, 3)), straight_through(y, mean)

    def code(self, visit, y, shape, t, tables, first=None):
        """One mixed table for each channel, made in whole numbers; table 0 is not used."""
        scale, weight = (p[0, :, :, 0, 0] for p in self.parts(t))
        whole = torch.floor(weight * 2**10 + 0.5).numpy()
        numbers = table_number(scale).numpy()
        mixed = [mix_tables(tables, k, w) for k, w in zip(numbers, whole, strict=True)]
        channel = torch.arange(1, shape[1] + 1, dtype=torch.uint8)[:, None, None].expand(shape)
        mean = on_grid(interpolate(self.mean, t).double()).expand(shape)
        return visit(y, mean, channel, [None, *mixed])


class Hyper(nn.Module):
    """A Gaussian for each latent, from side information z at 1/32 of the picture's size and, for
    every second latent (like the black fields of a checkerboard), from its decoded neighbours."""

    def __init__(self, channels, context=True, width=64, side=32):
        super().__init__()
        self.analysis = nn.Sequential(
            nn.Conv2d(channels, 64, 1),
            nn.GELU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(64, side, 3, stride=2, padding=1),
        )
        self.z = Factorized(side)
        self.synthesis = nn.Sequential(
            FixedConv(side, 4 * 48, 3),
            nn.PixelShuffle(2),
            nn.ReLU(),
            FixedConv(48, 4 * width),
            nn.PixelShuffle(2),
            nn.ReLU(),
        )
        self.first = head(width, channels)
        self.context = context
        if context:
            self.look = FixedConv(2 * channels, width)  # at each white field
            self.gather = nn.Sequential(FixedConv(4 * width, width), nn.ReLU())  # at each black one
            self.second = head(2 * width, channels)

    def forward(self, y, t):
        """Training: y (N, C, h, w) -> bits of noisy y and z (N,), rounded latents y_hat."""
        z_bits, z_hat = self.z(self.side(y), t)
        features = self.features(z_hat, y.shape)
        mean, scale = self.first(features).float().chunk(2, 1)
        if self.context:
            white = checkerboard(y)
            seen = self.look(signed_and_size(straight_through(y, mean))) * white
            both = torch.cat((features, self.gather(torch.cat(neighbours(seen), 1))), 1)
            black_mean, black_scale = self.second(both).float().chunk(2, 1)
            mean = torch.where(white.bool(), mean, black_mean)
            scale = torch.where(white.bool(), scale, black_scale)
        rate = bits(likelihood(add_noise(y), mean, sigma_of(scale)))
        return rate.sum((1, 2, 3)) + z_bits, straight_through(y, mean)

    def code(self, visit, y, shape, t, tables, first=None):
        """Visit z, then the latents: all at once, or the white and then the black fields.

        first: the latents that z is made of, if they are not y (refine.py).
        """
        small = (shape[0], self.z.mean.shape[1], -(-shape[2] // 4), -(-shape[3] // 4))
        first = y if first is None else first
        z_hat = self.z.code(visit, None if first is None else self.side(first), small, t, tables)
        features = self.features(z_hat, shape)
        if not self.context:
            mean, scale = self.first(features).chunk(2, 1)
            return visit(y, mean, table_number(scale), tables)
        y_hat, seen = torch.zeros(shape), torch.zeros_like(features)
        white = checkerboard(y_hat).flatten().bool()
        for field in (white, ~white):
            here = field.nonzero()[:, 0]  # the places of this field: nothing else is computed
            if not len(here):  # a picture of one latent has no black field
                continue
            known = [features, *neighbours(seen)] if field is not white else [features]
            parts = [self.expect([at(x, p) for x in known]) for p in here.split(STRIP)]
            mean, scale = torch.cat(parts, 2).chunk(2, 1)
            values = None if y is None else at(y, here)
            put(y_hat, here, visit(values, mean, table_number(scale), tables))
            if field is white:
                looked = self.look(signed_and_size(at(y_hat, here))[..., None])
                put(seen, here, looked[..., 0])
        return y_hat

    def expect(self, known):
        """Mean and scale at some places, (N, 2 * channels, n), from the features there and, at
        black fields, from what their four neighbours say: known, a list of (N, width, n)."""
        features, *around = (x[..., None] for x in known)
        if not around:
            return self.first(features)[..., 0]
        return self.second(torch.cat((features, self.gather(torch.cat(around, 1))), 1))[..., 0]

    def side(self, y):
        """h_a: latents (N, C, h, w) -> z (N, side, h/4, w/4), edges repeated to fit.

        Only the encoder runs it, so float32 will do.
        """
        pad = (0, -y.shape[3] % 4, 0, -y.shape[2] % 4)
        z = self.analysis(F.pad(torch.log1p(y.float().abs()), pad, mode="replicate"))
        return z.to(y.dtype)

    def features(self, z_hat, shape):
        """h_s: z_hat -> features (N, width, h, w)."""
        return in_strips(self.synthesis, z_hat, 1)[:, :, : shape[2], : shape[3]]


def head(inputs, channels):
    """Features -> mean and scale of each latent."""
    return nn.Sequential(FixedConv(inputs, 128), nn.ReLU(), FixedConv(128, 2 * channels))


def checkerboard(y):
    """1 on the white fields (row + column even), 0 on the black ones: (1, 1, h, w)."""
    rows = torch.arange(y.shape[2], device=y.device)[:, None]
    columns = torch.arange(y.shape[3], device=y.device)
    return ((rows + columns + 1) % 2).to(y.dtype)[None, None]


def at(x, places):
    """x: (N, C, h, w) -> its values at some places, int (n,), counted row after row: (N, C, n)."""
    return x.flatten(2).gather(2, places.expand(*x.shape[:2], -1))


def put(x, places, values):
    """Undo at: write values (N, C, n) into x (N, C, h, w), which is contiguous."""
    x.flatten(2).scatter_(2, places.expand(*x.shape[:2], -1), values)


def signed_and_size(y_hat):
    """Decoded latents (N, C, ...) as the context sees them: value and magnitude, 2 * C channels."""
    part = y_hat.clamp(-256, 256) / 4
    return torch.cat((part, part.abs()), 1)


def neighbours(x):
    """x: (N, C, h, w) -> what lies above, below, left and right of each place, 0 past the edge.

    All four neighbours of a black field are white.
    """
    x = F.pad(x, (1, 1, 1, 1))
    return x[:, :, :-2, 1:-1], x[:, :, 2:, 1:-1], x[:, :, 1:-1, :-2], x[:, :, 1:-1, 2:]
