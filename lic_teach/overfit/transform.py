"""Synthesis: a pyramid of latents -> pixels. There is no analysis: fit.py searches the latents.

    v_6 ... v_0 -- blown up --> seven planes at full size, (7, H, W)
    planes -- 1x1, 16 hidden, 1x1 -- + 3x3 --> x_hat

Level k has a latent every 2^k pixels. Each level is blown up by a fixed cubic and halved, so that
a latent of any level paints about as much squared error. What follows sees a pixel's seven numbers
and mixes them: some 450 weights, which belong to this one picture and travel in its file. Unlike
jpeg/transform.py and learned/transform.py, whose one transform serves all pictures.
Lesson one_picture. Ladune et al. 2023 (Cool-chic); Leguay et al. 2023.
"""

import itertools
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

LEVELS = 7
HIDDEN = 16
SHAPES = {  # the weights of the synthesis, by name
    "mix": (HIDDEN, LEVELS),
    "mix_bias": (HIDDEN,),
    "paint": (3, HIDDEN),
    "paint_bias": (3,),
    "straight": (3, LEVELS),
    "filter": (3, 3, 3, 3),
}
CUBIC = [-3, 29, 111, -9]  # / 128: Keys' cubic a quarter of the way; the other way round, 3/4
GRID = 4096  # the decoder's weights are whole multiples of 1/GRID
SCALE = 16.0  # grey levels for one unit of the network

Snap = Callable[[Tensor], Tensor]


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Rows and columns of each level, the finest first.

    >>> sizes(4, 6)[:3]
    [(4, 6), (2, 3), (1, 2)]
    """
    return [(-(-height // 2**k), -(-width // 2**k)) for k in range(LEVELS)]


@lru_cache(4)  # both sides of two pictures: of 4096 pixels one takes 270 MB
def enlarging(size: int) -> list[np.ndarray]:
    """For each level a matrix (size, size_k) that blows one side up: float64, multiples of 1/GRID.

    Level after level the side is doubled by CUBIC; beyond the border the last latent is repeated.
    """
    lengths = [-(-size // 2**k) for k in range(LEVELS)]
    found = [np.eye(size)]
    for fine, coarse in pairwise(lengths):
        up = np.zeros((fine, coarse))
        for i, j in itertools.product(range(fine), range(4)):
            tap = CUBIC[3 - j if i % 2 else j]
            up[i, min(max((i + 1) // 2 - 2 + j, 0), coarse - 1)] += tap / 128
        found.append(found[-1] @ up)
    return [np.round(u * GRID) / GRID for u in found]


def planes(pyramid: list[Tensor], snap: Snap) -> Tensor:
    """Latents (h_k, w_k), the finest first -> all at full size, (LEVELS, H * W)."""
    height, width = pyramid[0].shape
    found = [pyramid[0]]
    for k in range(1, LEVELS):
        down, across = (torch.from_numpy(enlarging(n)[k]).to(pyramid[0]) for n in (height, width))
        found.append(snap(snap(down @ pyramid[k]) @ across.T) / 2**k)
    return torch.stack(found).flatten(1)


def synthesize(
    pyramid: list[Tensor], w: dict[str, Tensor], step: float, snap: Snap = lambda x: x
) -> Tensor:
    """Latents in steps, (h_k, w_k), the finest first -> picture (1, 3, H, W), 0..255.

    w: weights by name, SHAPES; step: how much a latent of 1 paints. Not clamped. snap rounds what
    has been computed to a grid; with whole latents, weights and steps on a grid and float64 all
    sums are then exact, in any order (learned/exact.py says why).
    """
    u = snap(planes(pyramid, snap) * step)
    hidden = snap(torch.relu(torch.addmm(w["mix_bias"][:, None], w["mix"], u)))
    x = torch.addmm(w["paint_bias"][:, None], w["paint"], hidden) + w["straight"] @ u
    x = snap(x).reshape(1, 3, *pyramid[0].shape)
    x = x + snap(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), w["filter"]))
    return 128 + SCALE * x
