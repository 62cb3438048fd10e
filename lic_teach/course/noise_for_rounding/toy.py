"""The smallest codec that learns: points of the plane, two networks, one width for each latent.

    x (n, 2) --network--> y (n, 2) --round--> y_hat --network--> x_hat (n, 2)

What stands for the rounding in training is the lesson's subject, and its loop is in the lesson.
Here are the points, the networks, and what a file of them would hold. The points are the banana
of Balle et al. 2021 (Nonlinear Transform Coding, section II), here divided by 3.
"""

import numpy as np
import torch
from torch import Tensor, nn

from lic_teach import metrics

LENGTH, WIDTH, BEND, TURN = 1.0, 1 / 6, 0.3, 30  # of the banana; TURN in degrees
SCALE = 8  # latents per unit of what the network says: at first there are some whole numbers


def points(count: int, seed: int) -> Tensor:
    """Points of a Gaussian that is bent by a parabola and turned: float32 (count, 2), mean 0."""
    rng = np.random.default_rng(seed)
    t, n = rng.normal(0, LENGTH, count), rng.normal(0, WIDTH, count)
    along, across = t, n + BEND * (t**2 - 1)
    c, s = np.cos(np.radians(TURN)), np.sin(np.radians(TURN))
    return torch.tensor(
        np.stack([c * along - s * across, s * along + c * across], 1), dtype=torch.float32
    )


def network() -> nn.Sequential:
    """A transform of points with 1,218 random numbers: (n, 2) -> (n, 2)."""
    return nn.Sequential(
        nn.Linear(2, 32),
        nn.Softplus(),
        nn.Linear(32, 32),
        nn.Softplus(),
        nn.Linear(32, 2),
    )


def latents(g_a: nn.Module, x: Tensor) -> Tensor:
    """x (n, 2) -> y (n, 2), in steps."""
    return SCALE * g_a(x)


def decode(g_s: nn.Module, y: Tensor) -> Tensor:
    """y (n, 2), rounded or what stands for it -> x_hat (n, 2)."""
    return g_s(y / SCALE)


@torch.no_grad()
def measure(g_a: nn.Module, g_s: nn.Module, x: Tensor) -> tuple[float, float]:
    """x (n, 2) -> R, D as a file has them: rounded, with neither noise nor prior.

    R: the entropies of the two whole numbers, in bits per point. D: squared error per number.
    """
    y_hat = torch.round(latents(g_a, x))
    counts = [np.unique(k, return_counts=True)[1] for k in y_hat.T.numpy()]
    error = torch.mean((decode(g_s, y_hat) - x) ** 2)
    return sum(metrics.entropy(count) for count in counts), error.item()
