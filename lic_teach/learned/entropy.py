"""Probability -> bits: the Gaussian's mass on a bin, the same as integer tables, the range coder.

    y_hat, mean, sigma --likelihood--> P --(-log2)--> bits     (training, estimates)
    symbols, table numbers --encode--> bytes --decode--> symbols     (files)

Unlike jpeg/entropy.py no code word is ever written down: a range coder spends -log2 P bits on a
symbol, a fraction of a bit if P is near 1. The decoder must know P *exactly* as the encoder did, so
nothing here is computed with exp or erf when a file is read: SCALES widths of the Gaussian are
tabulated once as whole numbers, stored with the weights, and a latent only says which table.
Lessons 12 and 17. Balle et al. 2018, eq. 8; Martin 1979; Bamler 2022 (constriction).
"""

import math

import constriction
import numpy as np
import torch

SCALES = 64  # number of tables
SIGMA_MIN = 0.11  # in quantization steps; table k is for sigma = SIGMA_MIN * exp(k / PER_E)
PER_E = 8  # tables for each factor e: a power of two, so that scale * PER_E is exact
SCALE_MAX = (SCALES - 1) / PER_E
TOTAL = 1 << 20  # the counts of a table add up to this
FLOOR = 2.0**-24  # least probability in training: what an escape may cost, roughly
REACH = 5  # a table covers whole numbers up to REACH * sigma + 2, then an escape
ESCAPE_MAX = 1 << 15  # no latent is larger than this


class LowerBound(torch.autograd.Function):
    """max(x, bound) whose gradient still pulls x up from below the bound."""

    @staticmethod
    def forward(ctx, x, bound):
        ctx.save_for_backward(x)
        ctx.bound = bound
        return x.clamp(min=bound)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ((x >= ctx.bound) | (grad < 0)), None


def likelihood(y, mean, sigma):
    """The mass of N(mean, sigma^2) on the bin of width 1 around y, at least FLOOR.

    Any float tensors that broadcast. Computed on -|y - mean|, where the difference of the two
    tails does not cancel.

    >>> zero = torch.tensor(0.0)
    >>> round(float(likelihood(zero, zero, torch.tensor(1.0))), 5)
    0.38292
    """
    distance = -torch.abs(y - mean)
    mass = torch.special.ndtr((distance + 0.5) / sigma) - torch.special.ndtr(
        (distance - 0.5) / sigma
    )
    return LowerBound.apply(mass, FLOOR)


def bits(probability):
    """Information in bits: -log2 P."""
    return -torch.log2(probability)


def sigma_of(scale):
    """Width of the Gaussian, from its scale = log(sigma / SIGMA_MIN), kept in 0..SCALE_MAX.

    Below 0 the gradient may still pull the scale up.
    """
    return SIGMA_MIN * torch.exp(LowerBound.apply(scale, 0.0).clamp(max=SCALE_MAX))


def table_number(scale):
    """scale, float64 (any shape) -> number of the nearest table, int64. Exact arithmetic."""
    return torch.floor(scale.clamp(0, SCALE_MAX) * PER_E + 0.5).long()


def table_reach():
    """How far each table goes: table k holds the symbols -reach[k] .. reach[k]. int (SCALES,)."""
    sigma = SIGMA_MIN * np.exp(np.arange(SCALES) / PER_E)
    return np.ceil(REACH * sigma + 2).astype(int)


def make_tables():
    """Counts for every width, made once and stored with the weights.

    Returns int32 (sum over k of 2 * reach[k] + 2,): for table k the counts of -reach[k]..reach[k],
    then of the escape; each at least 1, together TOTAL.
    """
    parts = []
    for k, reach in enumerate(table_reach()):
        sigma = torch.tensor(SIGMA_MIN * math.exp(k / PER_E), dtype=torch.float64)
        n = torch.arange(-reach, reach + 1, dtype=torch.float64)
        mass = torch.special.ndtr((0.5 - n.abs()) / sigma) - torch.special.ndtr(
            (-0.5 - n.abs()) / sigma
        )
        counts = np.maximum(np.floor(np.append(mass.numpy(), 0.0) * (TOTAL - 4096)), 1)
        counts[reach] += TOTAL - counts.sum()
        parts.append(counts)
    return np.concatenate(parts).astype(np.int32)


def coder_models(tables):
    """Stored counts -> one constriction model for each table. tables: int32, as make_tables."""
    ends = np.cumsum(2 * table_reach() + 2)
    return [
        constriction.stream.model.Categorical(part.astype(np.float64) / TOTAL, perfect=False)
        for part in np.split(tables, ends[:-1])
    ]


def information(symbols, numbers, tables):
    """What the range coder should spend, in bits: -log2 of every symbol's count / TOTAL, summed.

    symbols, numbers as for `encode`; tables as from `make_tables`.
    """
    total, starts = 0.0, np.cumsum(np.append(0, 2 * table_reach() + 2))
    for k, where, reach in _groups(numbers):
        outside = np.abs(symbols[where]) > reach
        places = starts[k] + np.where(outside, 2 * reach + 1, symbols[where] + reach)
        total -= np.log2(tables[places] / TOTAL).sum()
        total += outside.sum() * math.log2(2 * ESCAPE_MAX + 1)
    return total


def encode(coder, symbols, numbers, models):
    """Write whole numbers with the tables that `numbers` names, table after table.

    coder: constriction.stream.queue.RangeEncoder; symbols, numbers: int (n,). Symbols of table 0
    (sigma = SIGMA_MIN) are not written at all: the decoder takes them for 0, and so must the
    encoder (see codec.py). What lies outside a table is written as an escape, then in full.
    """
    for k, where, reach in _groups(numbers):
        values = symbols[where]
        outside = np.abs(values) > reach
        coder.encode(np.where(outside, 2 * reach + 1, values + reach).astype(np.int32), models[k])
        if outside.any():
            whole = constriction.stream.model.Uniform(2 * ESCAPE_MAX + 1)
            coder.encode((values[outside] + ESCAPE_MAX).astype(np.int32), whole)


def decode(coder, numbers, models):
    """Undo encode: RangeDecoder, table numbers int (n,) -> symbols int64 (n,)."""
    symbols = np.zeros(len(numbers), dtype=np.int64)
    for k, where, reach in _groups(numbers):
        values = coder.decode(models[k], len(where)).astype(np.int64) - reach
        outside = values > reach
        if outside.any():
            whole = constriction.stream.model.Uniform(2 * ESCAPE_MAX + 1)
            count = int(outside.sum())
            values[outside] = coder.decode(whole, count).astype(np.int64) - ESCAPE_MAX
        symbols[where] = values
    return symbols


def _groups(numbers):
    """For every table but 0 that occurs: its number, where it is used, how far it reaches."""
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(SCALES + 1))
    reach = table_reach()
    for k in range(1, SCALES):
        if starts[k] < starts[k + 1]:
            yield k, order[starts[k] : starts[k + 1]], int(reach[k])
