"""A prior for each latent at its place: side information, and the neighbours already decoded.

    y --h_a--> z --(file)--> h_s ------> mean, scale of each latent, first half
    first half of y_hat --context------> mean, scale of each latent, second half

The upper rungs of the ladder that prior.py begins. Where a JPEG tells its tables once for all
blocks, here the file holds a little of everything: z, at 1/32 of the picture's size, for which a
Factorized prior will do. The halves are the white and the black fields of a checkerboard: every
neighbour of a black field is white, and known when the black ones are coded. What the decoder
computes again is exact (exact.py). Lessons tell_the_decoder_where and learned_codec. Balle et al.
2018 (hyperprior), Minnen et al. 2018 (its mean), He et al. 2021 (checkerboard; here with four
neighbours).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .entropy import Table, bits, likelihood, sigma_of, table_number
from .exact import FixedConv
from .prior import Factorized, Visit
from .quantize import add_noise, straight_through
from .transform import STRIP, in_strips


class Hyper(nn.Module):
    """A Gaussian for each latent, from side information z at 1/32 of the picture's size and, for
    every second latent (like the black fields of a checkerboard), from its decoded neighbours."""

    def __init__(self, channels: int, context: bool = True, width: int = 64, side: int = 32):
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

    def forward(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Training: y (N, C, h, w) -> bits of noisy y and z (N,), rounded latents y_hat."""
        z_bits, z_hat = self.z(self.side(y), t)
        features = self.features(z_hat, y.shape)
        mean, scale = self.first(features).float().chunk(2, 1)  # a guess for every field
        if self.context:
            # Training has all latents, so both halves are done at once and a mask keeps the
            # order: black fields must not be looked at, they come later in a file.
            white = checkerboard(y)
            seen = self.look(signed_and_size(straight_through(y, mean))) * white
            both = torch.cat((features, self.gather(torch.cat(neighbours(seen), 1))), 1)
            black_mean, black_scale = self.second(both).float().chunk(2, 1)
            mean = torch.where(white.bool(), mean, black_mean)
            scale = torch.where(white.bool(), scale, black_scale)
        # Bits are counted of noisy latents, whose slope is smooth; the decoder trains on rounded
        # ones, which are what it will get.
        rate = bits(likelihood(add_noise(y), mean, sigma_of(scale)))
        return rate.sum((1, 2, 3)) + z_bits, straight_through(y, mean)

    def code(
        self,
        visit: Visit,
        y: Tensor | None,
        shape: tuple[int, ...],
        t: Tensor,
        tables: list[Table],
        first: Tensor | None = None,
    ) -> Tensor:
        """Visit z, then the latents: all at once, or the white and then the black fields.

        first: the latents that z is made of, if they are not y (refine.py).
        """
        # Side information first: z has a plain prior, and is all that h_s needs.
        small = (shape[0], self.z.mean.shape[1], -(-shape[2] // 4), -(-shape[3] // 4))
        first = y if first is None else first
        z_hat = self.z.code(visit, None if first is None else self.side(first), small, t, tables)
        features = self.features(z_hat, shape)
        if not self.context:
            mean, scale = self.first(features).chunk(2, 1)
            return visit(y, mean, table_number(scale), tables)
        # Then two walks. `seen` is what the white fields say to their neighbours: nothing yet.
        y_hat, seen = torch.zeros(shape), torch.zeros_like(features)
        white = checkerboard(y_hat).flatten().bool()
        for field in (white, ~white):
            here = field.nonzero()[:, 0]  # the places of this field: nothing else is computed
            if not len(here):  # a picture of one latent has no black field
                continue
            # White fields know only z; each black one also its four white neighbours.
            known = [features, *neighbours(seen)] if field is not white else [features]
            parts = [self.expect([at(x, p) for x in known]) for p in here.split(STRIP)]
            mean, scale = torch.cat(parts, 2).chunk(2, 1)
            # The visitor writes these latents into the file, or reads them from it, or only
            # counts: encoder, decoder and estimate walk here alike, and so cannot disagree.
            values = None if y is None else at(y, here)
            put(y_hat, here, visit(values, mean, table_number(scale), tables))
            if field is white:  # now they are known, on both sides: let them speak
                looked = self.look(signed_and_size(at(y_hat, here))[..., None])
                put(seen, here, looked[..., 0])
        return y_hat

    def expect(self, known: list[Tensor]) -> Tensor:
        """Mean and scale at some places, (N, 2 * channels, n), from the features there and, at
        black fields, from what their four neighbours say: known, a list of (N, width, n)."""
        features, *around = (x[..., None] for x in known)
        if not around:
            return self.first(features)[..., 0]
        return self.second(torch.cat((features, self.gather(torch.cat(around, 1))), 1))[..., 0]

    def side(self, y: Tensor) -> Tensor:
        """h_a: latents (N, C, h, w) -> z (N, side, h/4, w/4), edges repeated to fit.

        Only the encoder runs it, so float32 will do.
        """
        pad = (0, -y.shape[3] % 4, 0, -y.shape[2] % 4)
        z = self.analysis(F.pad(torch.log1p(y.float().abs()), pad, mode="replicate"))
        return z.to(y.dtype)

    def features(self, z_hat: Tensor, shape: tuple[int, ...]) -> Tensor:
        """h_s: z_hat -> features (N, width, h, w)."""
        return in_strips(self.synthesis, z_hat, 1)[:, :, : shape[2], : shape[3]]


def head(inputs: int, channels: int) -> nn.Sequential:
    """Features -> mean and scale of each latent."""
    return nn.Sequential(FixedConv(inputs, 128), nn.ReLU(), FixedConv(128, 2 * channels))


def checkerboard(y: Tensor) -> Tensor:
    """1 on the white fields (row + column even), 0 on the black ones: (1, 1, h, w)."""
    rows = torch.arange(y.shape[2], device=y.device)[:, None]
    columns = torch.arange(y.shape[3], device=y.device)
    return ((rows + columns + 1) % 2).to(y.dtype)[None, None]


def at(x: Tensor, places: Tensor) -> Tensor:
    """x: (N, C, h, w) -> its values at some places, int (n,), counted row after row: (N, C, n)."""
    return x.flatten(2).gather(2, places.expand(*x.shape[:2], -1))


def put(x: Tensor, places: Tensor, values: Tensor) -> None:
    """Undo at: write values (N, C, n) into x (N, C, h, w), which is contiguous."""
    x.flatten(2).scatter_(2, places.expand(*x.shape[:2], -1), values)


def signed_and_size(y_hat: Tensor) -> Tensor:
    """Decoded latents (N, C, ...) as the context sees them: value and magnitude, 2 * C channels."""
    part = y_hat.clamp(-256, 256) / 4
    return torch.cat((part, part.abs()), 1)


def neighbours(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x: (N, C, h, w) -> what lies above, below, left and right of each place, 0 past the edge.

    All four neighbours of a black field are white.
    """
    x = F.pad(x, (1, 1, 1, 1))
    return x[:, :, :-2, 1:-1], x[:, :, 2:, 1:-1], x[:, :, 1:-1, :-2], x[:, :, 1:-1, 2:]
