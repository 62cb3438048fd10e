"""The 64 latents of a linear autoencoder, and the best width of a prior for whole numbers.

    photograph --latents--> y (64, h, w), in steps --round--> k        k --best_sigma--> sigma

The autoencoder is the KLT of three photographs, as in lesson autoencoder, without the cat.
"""

from functools import cache

import numpy as np

from lic_teach import images
from lic_teach.jpeg import color, transform
from lic_teach.kit import priors

STEP = 16  # grey levels: the one step of all 64
SEEN = ("astronaut", "coffee", "rocket")  # whose patches the KLT is of


def patches(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> float (h, w, 64): 8x8 patches of luma, 0..255, the border repeated."""
    return transform.to_blocks(images.pad_to_multiple(color.luma(image), 8)).astype(float)


def klt(blocks: np.ndarray) -> np.ndarray:
    """float (N, 64) -> (64, 64): orthonormal rows, the largest variance first."""
    return np.linalg.eigh(np.cov(blocks.T))[1].T[::-1]


@cache
def machine() -> tuple[np.ndarray, np.ndarray]:
    """The mean patch (64,) and the rows (64, 64) of the photographs in SEEN."""
    blocks = np.concatenate([patches(images.sample(name)).reshape(-1, 64) for name in SEEN])
    return blocks.mean(0), klt(blocks)


def latents(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> float (64, h, w): the latents of each patch, in steps of 16."""
    mean, rows = machine()
    return np.moveaxis((patches(image) - mean) @ rows.T / STEP, -1, 0)


def best_sigma(k: np.ndarray) -> float:
    """Whole numbers (n,) -> the sigma, 0.11..50, with which N(0, sigma²) takes fewest bits."""
    values, share = priors.histogram(k)
    sigmas = np.geomspace(0.11, 50, 200)
    return sigmas[(share @ priors.information(values[:, None], 0, sigmas)).argmin()]
