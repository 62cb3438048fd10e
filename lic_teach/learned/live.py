"""A codec trained while you watch: one lambda, a minute, from JPEG's own DCT.

    for step in live.train_live(pictures): plot(step.L); live.point(step.model, picture, lam)

The networks are those of the shipped codec; what differs from train.py is the recipe: small
pieces, small batches, high rates, one lambda. Before the first step the transform *is* JPEG's,
16x16 taps with a rim of zeros; the prior is random and takes every latent for 0, so the first
pictures are grey.
Its twin is jpeg/learn.py, where a minute suffices for 128 numbers. Lesson learned_codec.
"""

import copy
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from lic_teach import metrics

from .codec import analyse, encode_latents, reconstruct
from .model import Model, prepare
from .train import QUICK, begin, train

STEPS = 1800  # about a minute on one core


class Progress(NamedTuple):
    """One step of the training: losses of its batch, and the model as it stands."""

    step: int
    L: float
    R: float  # bits per pixel, of noisy latents: more than a file has
    D: float  # mean squared error
    model: Model


def train_live(
    pictures: list[np.ndarray],
    lam: float = 0.01,
    steps: int = STEPS,
    *,
    prior: str = "context",
    start: str = "dct",
    seed: int = 0,
) -> Iterator[Progress]:
    """Train a codec for one lambda on a few photographs. Yields after every step.

    pictures: uint8 (H, W, 3), at least 64 pixels a side; prior: a key of model.PRIORS;
    start: "dct" or "random" taps. The same seed gives the same weights on the same machine.
    """
    torch.manual_seed(seed)
    model = Model(prior)
    if start == "random":
        randomize(model)
    begin(model, pictures)
    for step, L, R, D in train(model, pictures, steps, QUICK, lam=lam, seed=seed):
        yield Progress(step, L, R, D, model)


def randomize(model: Model) -> None:
    """Forget the DCT: taps of random numbers, as large as the DCT's are together."""
    for network in (model.g_a, model.g_s):
        taps = network.taps.detach()
        nn.init.normal_(network.taps, std=taps.std().item())


def point(model: Model, picture: np.ndarray, lam: float) -> tuple[float, float]:
    """Where a codec stands: rate of the picture's whole file in bpp, PSNR in dB.

    picture: uint8 (H, W, 3). A copy of the model makes the file; the model can go on training.
    """
    model, size = prepare(copy.deepcopy(model)), picture.shape[:2]
    y = analyse(picture, model)
    data = encode_latents(y, size, model, lam)
    x_hat = reconstruct(y, size, model, lam)
    return metrics.bpp(data, picture), metrics.psnr(picture, x_hat)
