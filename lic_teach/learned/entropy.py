"""Probability -> bits: the Gaussian's mass on a bin, the same as integer tables, the range coder.

    y_hat, mean, sigma --likelihood--> P --(-log2)--> bits     (training, estimates)
    symbols, table numbers --encode--> bytes --decode--> symbols     (files)

Unlike jpeg/huffman.py no code word is ever written down: a range coder spends -log2 P bits on a
symbol, a fraction of a bit if P is near 1. The decoder must know P *exactly* as the encoder did, so
nothing here is computed with exp or erf when a file is read: SCALES widths of the Gaussian are
tabulated once as whole numbers, stored with the weights, and a latent only says which table.
Lessons bits_from_probability and bitstream. Balle et al. 2018, section 3; Martin 1979; Bamler 2022
(constriction).
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import constriction
import numpy as np
import torch
from torch import Tensor

from .quantize import SYMBOL_MAX

SCALES = 64  # number of tables
SIGMA_MIN = 0.11  # in quantization steps; table k is for sigma = SIGMA_MIN * exp(k / PER_E)
PER_E = 8  # tables for each factor e: a power of two, so that scale * PER_E is exact
SCALE_MAX = (SCALES - 1) / PER_E
TOTAL = 1 << 20  # the counts of a table add up to this
FLOOR = 2.0**-24  # least probability in training: 24 bits (in a file an escape costs 36)
REACH = 5  # a table covers whole numbers up to REACH * sigma + 2, then an escape
WHOLE = constriction.stream.model.Uniform(2 * SYMBOL_MAX + 1)


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


def likelihood(y: Tensor, mean: Tensor, sigma: Tensor) -> Tensor:
    """The mass of N(mean, sigma^2) on the bin of width 1 around y, at least FLOOR.

    Any float tensors that broadcast. Computed on -|y - mean|, so that both sides cost the same; in
    float32 it is coarse where it comes near FLOOR.

    >>> zero = torch.tensor(0.0)
    >>> round(float(likelihood(zero, zero, torch.tensor(1.0))), 5)
    0.38292
    """
    distance = -torch.abs(y - mean)
    mass = torch.special.ndtr((distance + 0.5) / sigma) - torch.special.ndtr(
        (distance - 0.5) / sigma
    )
    return LowerBound.apply(mass, FLOOR)


def bits(probability: Tensor) -> Tensor:
    """Information in bits: -log2 P."""
    return -torch.log2(probability)


def sigma_of(scale: Tensor) -> Tensor:
    """Width of the Gaussian, from its scale = log(sigma / SIGMA_MIN), kept in 0..SCALE_MAX.

    Below 0 the gradient may still pull the scale up.
    """
    return SIGMA_MIN * torch.exp(LowerBound.apply(scale, 0.0).clamp(max=SCALE_MAX))


def table_number(scale: Tensor) -> Tensor:
    """scale on the grid (any shape) -> number of the nearest table, uint8. Exact arithmetic."""
    return torch.floor(scale.clamp(0, SCALE_MAX) * PER_E + 0.5).byte()


def table_reach() -> np.ndarray:
    """How far each table goes: table k holds the symbols -reach[k] .. reach[k]. int (SCALES,)."""
    sigma = SIGMA_MIN * np.exp(np.arange(SCALES) / PER_E)
    return np.ceil(REACH * sigma + 2).astype(int)


def make_tables() -> np.ndarray:
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


class Table(NamedTuple):
    """Counts of the symbols -reach..reach and of the escape, and constriction's model of them."""

    counts: np.ndarray  # float64 (2 * reach + 2,), whole numbers, together TOTAL
    reach: int
    model: constriction.stream.model.Categorical


def table_of(counts: np.ndarray) -> Table:
    """Counts, whole numbers (2 * reach + 2,) -> Table. All arithmetic here is exact."""
    counts = np.maximum(counts, 1).astype(np.float64)
    counts[len(counts) // 2 - 1] += TOTAL - counts.sum()
    model = constriction.stream.model.Categorical(counts / TOTAL, perfect=False)
    return Table(counts, len(counts) // 2 - 1, model)


def read_tables(stored: np.ndarray) -> list[Table]:
    """What make_tables stored -> a list of SCALES Tables. stored: int32."""
    ends = np.cumsum(2 * table_reach() + 2)
    return [table_of(part) for part in np.split(stored, ends[:-1])]


def mix_tables(tables: list[Table], numbers: np.ndarray, weights: np.ndarray) -> Table:
    """A mixture of Gaussians of one mean as one Table, in whole numbers.

    numbers: int (m,) of tables; weights: int (m,), together a power of two.
    """
    parts = [tables[k] for k in numbers]
    counts = np.zeros(2 * max(part.reach for part in parts) + 2)
    middle = len(counts) // 2 - 1
    for part, weight in zip(parts, weights, strict=True):
        counts[middle - part.reach : middle + part.reach + 1] += weight * part.counts[:-1]
    return table_of(np.floor(counts / np.sum(weights)))


def encode(
    coder: constriction.stream.queue.RangeEncoder,
    symbols: np.ndarray,
    numbers: np.ndarray,
    tables: list[Table],
) -> None:
    """Write whole numbers with the tables that `numbers` names, table after table.

    symbols: whole numbers of any type (n,); numbers: uint8 (n,). Symbols of table 0 are not
    written at all: the decoder takes them for 0, and so must the encoder (quantize.to_symbols).
    What lies outside a table is written as an escape, then in full.
    """
    for table, where in _groups(numbers, tables):
        values = symbols[where].astype(np.int32)
        outside = np.abs(values) > table.reach
        places = np.where(outside, 2 * table.reach + 1, values + table.reach)
        coder.encode(places, table.model)
        if outside.any():
            coder.encode(values[outside] + SYMBOL_MAX, WHOLE)


def decode(
    coder: constriction.stream.queue.RangeDecoder, numbers: np.ndarray, tables: list[Table]
) -> np.ndarray:
    """Undo encode: table numbers int (n,) -> symbols float32 (n,)."""
    symbols = np.zeros(len(numbers), dtype=np.float32)
    for table, where in _groups(numbers, tables):
        values = coder.decode(table.model, len(where)) - table.reach
        outside = values > table.reach
        if outside.any():
            values[outside] = coder.decode(WHOLE, int(outside.sum())) - SYMBOL_MAX
        symbols[where] = values
    return symbols


def information(symbols: np.ndarray, numbers: np.ndarray, tables: list[Table]) -> np.ndarray:
    """What encode should spend on each symbol, in bits: -log2(count / TOTAL). float64 (n,)."""
    spent = np.zeros(len(symbols))
    for table, where in _groups(numbers, tables):
        values = symbols[where].astype(np.int32)
        outside = np.abs(values) > table.reach
        places = np.where(outside, 2 * table.reach + 1, values + table.reach)
        spent[where] = -np.log2(table.counts[places] / TOTAL)
        spent[where] += outside * math.log2(2 * SYMBOL_MAX + 1)
    return spent


def _groups(numbers: np.ndarray, tables: list[Table]) -> Iterator[tuple[Table, np.ndarray]]:
    """For every table but 0 that occurs: the table, and where it is used."""
    used = np.flatnonzero(numbers)
    numbers = numbers[used].astype(np.uint8)  # NumPy sorts bytes by counting
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(len(tables) + 1))
    order = used[order]
    for k in range(1, len(tables)):
        if starts[k] < starts[k + 1]:
            yield tables[k], order[starts[k] : starts[k + 1]]
