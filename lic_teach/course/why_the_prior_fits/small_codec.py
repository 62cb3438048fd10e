"""The smallest codec with a prior, trained in seconds: JPEG's DCT and a step a coefficient.

    luma --DCT--> c (64) --/ step--> y --round--> y_hat --* step--> c_hat --IDCT--> luma
                                     |
                                     prior of one shape and width sigma --> bits

Training moves 64 steps, and for a learned prior 64 widths. Nothing else can move: so one sees
who comes to whom. As in the big codec both are tables over lambda, one row half a decade apart,
interpolated between rows; R is that of noisy latents, D that of rounded ones, straight through.
R in bits per pixel, D the mean squared error of luma. Unlike jpeg/learn.py, whose
entropy coder is Huffman's, there is a prior here that can be wrong.
"""

import math
from typing import NamedTuple

import numpy as np
import torch

from lic_teach import images
from lic_teach.jpeg import color, transform
from lic_teach.kit.priors import GAUSSIAN, LAPLACE, information
from lic_teach.learned import entropy, quantize

SEEN = ("astronaut", "coffee", "rocket")
LAMS = 10.0 ** np.arange(-7, -0.9, 0.5)  # the rows of the tables
STEP = 16.0  # of every coefficient, before training
STEPS = 400  # of training
MOMENTS = (0, 1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 180, 256, 400)  # that are kept
BATCH, RATE = 96, 0.12  # blocks of a training step; Adam's learning rate, falling to 0
BETAS = 0.9, 0.95  # Adam's memory: short, since the first gradients are huge


class Prior(NamedTuple):
    """What is expected of every latent: shape and width, and whether the width is learned."""

    shape: str = GAUSSIAN
    sigma: float = 1.0  # the standard deviation, in steps; where it is learned: the first one
    learned: bool = False


NORMAL = Prior()  # the lecture's N(0, 1)


class History(NamedTuple):
    """A training. m moments, 13 lambdas, 64 coefficients in zig-zag order."""

    prior: Prior
    moments: np.ndarray  # int (m,): training steps done
    step: np.ndarray  # float64 (m, 13, 64), grey levels
    sigma: np.ndarray  # float64 (m, 13, 64), in steps


def luma(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> luma, float32 0..255, padded to whole blocks."""
    return color.unrounded_ycbcr(images.pad_to_multiple(image, 8))[0]


def coefficients(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> DCT of its luma blocks, float32 (n, m, 64), zig-zag."""
    return transform.forward(luma(image))


def bits(y, sigma, shape=GAUSSIAN):
    """priors.information for tensors: -log2 of the prior's mass on y - 1/2..y + 1/2, mean 0.

    By logarithms: there is a slope however far out y lies. entropy.likelihood has none there.
    """
    distance = torch.abs(y)
    if shape == LAPLACE:
        return _laplace(distance, sigma / math.sqrt(2)) / -math.log(2)
    upper, lower = (torch.special.log_ndtr((h - distance) / sigma) for h in (0.5, -0.5))
    return (upper + torch.log1p(-torch.exp(lower - upper))) / -math.log(2)


def _laplace(distance, b):
    """Logarithm of the mass: outside of the middle bin, where the density falls, and inside."""
    outside = (0.5 - distance.clamp(min=0.5)) / b + torch.log(-torch.expm1(-1 / b) / 2)
    near = distance.clamp(max=0.5)
    inside = torch.log1p(-(torch.exp((near - 0.5) / b) + torch.exp((-near - 0.5) / b)) / 2)
    return torch.where(distance < 0.5, inside, outside)


def objective(c, log_step, log_sigma, lam, prior):
    """L, R, D of each coefficient. c: (n, 64); log_step, log_sigma: (k, 1, 64); lam: (k, 1).

    R: bits of a latent; D: squared error of a coefficient, which for an orthonormal transform
    is that of the pixels. Each is a mean over the blocks, (k, 64); their means over the 64 are
    bits per pixel and MSE.
    """
    step, sigma = log_step.exp(), entropy.LowerBound.apply(log_sigma.exp(), entropy.SIGMA_MIN)
    y = c / step
    R = bits(quantize.add_noise(y), sigma, prior.shape).mean(1)
    D = ((step * quantize.straight_through(y, 0.0) - c) ** 2).mean(1)
    return R + lam * D, R, D


def train(prior: Prior = NORMAL, steps: int = STEPS, seed: int = 0) -> History:
    """Train the tables for all of LAMS at once on three sample photographs. Some seconds."""
    torch.manual_seed(seed)
    data = [coefficients(images.sample(name)).reshape(-1, 64) for name in SEEN]
    data = torch.from_numpy(np.concatenate(data))
    lam = torch.tensor(LAMS, dtype=torch.float32)[:, None]
    log_step = torch.full((len(LAMS), 1, 64), math.log(STEP), requires_grad=True)
    log_sigma = torch.full((len(LAMS), 1, 64), math.log(prior.sigma), requires_grad=prior.learned)
    moving = [p for p in (log_step, log_sigma) if p.requires_grad]
    optimizer = torch.optim.Adam(moving, lr=RATE, betas=BETAS)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    kept = []
    for done in range(steps + 1):
        if done in MOMENTS:
            kept.append((done, *(p.detach()[:, 0].exp() for p in (log_step, log_sigma))))
        batch = data[torch.randint(len(data), (BATCH,))]
        L, _, _ = objective(batch, log_step, log_sigma, lam, prior)
        optimizer.zero_grad()
        L.sum().backward()
        optimizer.step()
        slower.step()
    moments, step, sigma = zip(*kept, strict=True)
    step, sigma = (torch.stack(p).double().numpy() for p in (step, sigma))
    return History(prior, np.array(moments), step, np.maximum(sigma, entropy.SIGMA_MIN))


def at(history: History, lam: float) -> tuple[np.ndarray, np.ndarray]:
    """Steps and widths for a lambda of LAMS[0]..LAMS[-1] at every moment: (m, 64) each."""
    place = np.clip(np.interp(np.log(lam), np.log(LAMS), np.arange(len(LAMS))), 0, len(LAMS) - 1)
    low = min(int(place), len(LAMS) - 2)
    part = place - low
    return tuple(
        np.exp((1 - part) * np.log(table[:, low]) + part * np.log(table[:, low + 1]))
        for table in (history.step, history.sigma)
    )


def split(k, sigma, shape=GAUSSIAN):
    """Rows of whole numbers (r, n), a width for each row (r,) -> R and H of each row, in bits.

    R: what they cost on average under the prior; H: the entropy of their histogram; R - H is KL.
    """
    reach = int(np.abs(k).max())
    rows, places = np.arange(len(k))[:, None], 2 * reach + 1
    counts = np.bincount((rows * places + k.astype(int) + reach).ravel(), None, len(k) * places)
    row, value = np.nonzero(counts.reshape(len(k), places))
    share = counts[counts > 0] / k.shape[1]
    cost = information(value - reach, 0, np.asarray(sigma)[row], shape)
    return tuple(np.bincount(row, share * spent, len(k)) for spent in (cost, -np.log2(share)))
