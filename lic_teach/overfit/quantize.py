"""Latents and weights -> whole numbers, and what stands for rounding while they are fitted.

    v --soft_round--> v + noise (fitting) --round--> whole numbers (file)
    weights - start --/ step, round--> whole numbers

Latents have step 1: the synthesis says what a 1 paints. Plain rounding has no useful gradient; here
it is approached: a soft staircase that grows steep, with noise that grows small. The weights are
written as differences from those that come with the course. Unlike jpeg/quantize.py, whose table is
chosen by hand, and learned/quantize.py, whose steps are trained for all pictures.
Lesson one_picture. Agustsson and Theis 2020 (soft rounding); Kim et al. 2023 (C3).
"""

from functools import cache

import numpy as np
import safetensors.numpy
import torch
from torch import Tensor

from lic_teach.paths import DATA

from . import entropy, transform

SHAPES = {**entropy.SHAPES, **transform.SHAPES}
COUNTS = [int(np.prod(shape)) for shape in SHAPES.values()]
CONTEXT = sum(COUNTS[: len(entropy.SHAPES)])  # so many weights are the context network's


def named(theta: Tensor | np.ndarray) -> dict[str, Tensor | np.ndarray]:
    """All weights of both networks, one after the other, (n,) -> by name, in their shapes."""
    ends = np.cumsum(COUNTS)
    return {
        name: theta[end - count : end].reshape(shape)
        for (name, shape), count, end in zip(SHAPES.items(), COUNTS, ends, strict=True)
    }


def soft_round(v: Tensor, steep: float) -> Tensor:
    """A smooth staircase through the whole and the half numbers; rounding as steep -> 0.

    steep: about 0.3 while much moves, 0.1 at the end.
    """
    middle = torch.floor(v) + 0.5
    return middle + 0.5 * torch.tanh((v - middle) / steep) / np.tanh(0.5 / steep)


def nearly_round(v: Tensor, steep: float, noise: float, random: torch.Generator) -> Tensor:
    """What fitting sees in place of rounded latents: soft_round, with noise, again soft_round."""
    normal = torch.randn(v.shape, generator=random)
    return soft_round(soft_round(v, steep) + noise * normal, steep)


# --- the weights of a picture's networks -----------------------------------------------------

Coding = tuple[tuple[int, int], tuple[int, int]]
PARTS = slice(0, CONTEXT), slice(CONTEXT, None)
LIMIT = 1 << 15  # no weight is larger, in 1/GRID


@cache
def start() -> np.ndarray:
    """The weights that come with the course, fitted to other photographs: int64 (n,), in 1/GRID."""
    path = DATA / "overfit.safetensors"
    return safetensors.numpy.load_file(path)["start"].astype(np.int64)


def to_weights(whole: np.ndarray, exponents: tuple[int, ...]) -> np.ndarray:
    """Differences from start, counted in 2^exponent, int64 (n,) -> weights int64 in 1/GRID.

    exponents: of the context network and of the synthesis.
    """
    shift = np.repeat(exponents, [CONTEXT, len(whole) - CONTEXT])
    return np.clip(start() + (whole << shift), -LIMIT, LIMIT)


def to_whole(theta: Tensor, exponent: int) -> np.ndarray:
    """Undo to_weights, for one exponent: weights float (n,) -> the nearest differences."""
    away = theta.double().numpy() * entropy.ONE - start()
    return np.clip(np.round(away / 2**exponent), -entropy.MOST, entropy.MOST).astype(np.int64)


def width_of(whole: np.ndarray) -> tuple[int, float]:
    """The number of the best Laplace width for these whole numbers, and what they cost in bits."""
    q = torch.from_numpy(whole)[:, None]
    widths = entropy.WIDTH_MIN * torch.exp(torch.arange(entropy.WIDTHS) / entropy.PER_E)
    spent = -torch.log2(entropy.likelihood(q, torch.zeros(1), widths)).sum(0)
    return int(spent.argmin()), float(spent.min())


def code_weights(
    coder: entropy.Coder, coding: Coding, whole: np.ndarray | None = None
) -> np.ndarray:
    """Write the whole numbers of all weights, or read them; returns the weights: int64, 1/GRID."""
    whole = np.zeros(sum(COUNTS), np.int64) if whole is None else whole.copy()
    for part, (_, width) in zip(PARTS, coding, strict=True):
        coder.numbers(whole[part], width)
    return to_weights(whole, tuple(exponent for exponent, _ in coding))
