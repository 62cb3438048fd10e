"""Fitting: for one picture, the latents and weights that make L = R + lam * D small.

    picture --Adam on v and weights--> whole latents, weights

This takes the place of an analysis. There is no network to do it: the gradient searches. It is a
training as in learned/train.py, on the very picture that is coded: nothing can be learnt too well.
jpeg/optimize.py is the same thought where only the tables and coefficients are free.
Lesson one_picture. Ladune et al. 2023 (Cool-chic); Kim et al. 2023 (C3).
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .container import MAX_EXPONENT
from .entropy import MOST, Canvas, bits, canvas
from .quantize import PARTS, Coding, named, nearly_round, to_weights, to_whole, width_of
from .transform import GRID, synthesize


class Found(NamedTuple):
    """Where the search stands after a step."""

    rate: float  # R without the networks
    distortion: float
    vs: list[Tensor]  # the latents of each picture on its canvas, float32, nearly whole
    theta: Tensor  # the weights, float32 (n,)


RATE_V, RATE_W = 0.2, 5e-3  # Adam's steps at first: latents, weights
LAST = 0.1  # this part of the steps is with rounded latents, for the weights
STEEP, NOISE = (0.35, 0.1), (0.22, 0.12)  # of the soft staircase, at first and at last


def pyramid(v: Tensor, where: Canvas) -> list[Tensor]:
    """Latents on a canvas -> (h, w) for each level, the finest first."""
    return [v[place] for place in where.places]


def loss(
    v: Tensor, w: dict[str, Tensor], x: Tensor, where: Canvas, step: float
) -> tuple[Tensor, Tensor]:
    """R and D of latents v on a canvas, rounded or nearly so. x: float (1, 3, H, W)."""
    rate = bits(v, where, w).sum() / (x.shape[2] * x.shape[3])
    return rate, torch.mean((synthesize(pyramid(v, where), w, step) - x) ** 2)


def search(
    pictures: list[np.ndarray], lam: float, step: float, theta: Tensor, steps: int
) -> Iterator[Found]:
    """Fit step by step; what has been found moves on with the next step.

    A codec fits one picture; to find weights to start from, several take turns. pictures: uint8
    (H, W, 3); step: what a latent of 1 paints; theta: float32 (n,), the start.
    """
    random = torch.Generator().manual_seed(0)
    sheets = [canvas(*image.shape[:2]) for image in pictures]
    xs = [torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() for image in pictures]
    vs = [torch.zeros(where.shape, requires_grad=True) for where in sheets]
    theta = theta.clone().requires_grad_()
    adam = torch.optim.Adam([{"params": vs}, {"params": [theta]}], betas=(0.9, 0.99))
    for i in range(steps):
        t, k = i / steps, i % len(pictures)
        for group, rate in zip(adam.param_groups, (RATE_V, RATE_W), strict=True):
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * t)))
        if t < 1 - LAST:
            steep, noise = (a + (b - a) * t for a, b in (STEEP, NOISE))
            v_hat = nearly_round(vs[k], steep, noise, random) * sheets[k].mask
        else:
            v_hat = rounded(vs[k], sheets[k])
        rate, distortion = loss(v_hat, named(theta), xs[k], sheets[k], step)
        adam.zero_grad()
        (rate + lam * distortion).backward()
        adam.step()  # passes over the latents of the other pictures: they have no gradient
        yield Found(rate.item(), distortion.item(), [v.detach() for v in vs], theta.detach())


def rounded(v: Tensor, where: Canvas) -> Tensor:
    """Latents on a canvas -> whole ones that a file can hold; the places between are empty."""
    return torch.round(v.detach()).clamp(-MOST, MOST) * where.mask


@torch.inference_mode()
def best_steps(
    image: np.ndarray, v: Tensor, theta: Tensor, where: Canvas, lam: float, step: float
) -> tuple[np.ndarray, Coding]:
    """The steps of the weights that make L least, counting what the weights cost.

    v: whole latents on a canvas. Returns the weights' differences, whole, and their coding.
    """
    x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    whole, coding = [], []
    for part in PARTS:  # one network, then the other, beside the rounded one
        found = []
        for exponent in range(2, MAX_EXPONENT + 1):
            q = to_whole(theta, exponent)
            width, spent = width_of(q[part])
            tried = theta.clone()
            tried[part] = torch.from_numpy(to_weights(q, (exponent, exponent))).float()[part] / GRID
            rate, distortion = loss(v, named(tried), x, where, step)
            total = rate + spent / image[..., 0].size + lam * distortion
            found.append((float(total), q[part], (exponent, width), tried))
        _, q, how, theta = min(found, key=lambda each: each[0])
        whole.append(q)
        coding.append(how)
    return np.concatenate(whole), tuple(coding)
