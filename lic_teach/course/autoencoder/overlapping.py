"""Isolated patches of 8x8 against windows of 16x16 that overlap by half; both are linear.

    plane --mix across each border--> plane' --cut into 8x8, DCT--> latents --pack--> file
          <--unmix-------------------        <--put together-----           <-------

Mixed are the eight samples around a border, four on each side, in rows and in columns. What is cut
afterwards has seen its neighbours: mix, cut and DCT are one matrix on 16x16 pixels, and there are
64 latents for 64 pixels as before. In the field: a lapped transform (Malvar and Staelin 1989), in
its time-domain form (Tran, Liang and Tu 2003). Its twin without a mix is autoencoders.py.
Lesson autoencoder.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from lic_teach import images, metrics
from lic_teach.course.autoencoder.autoencoders import pack, pca
from lic_teach.jpeg.color import luma
from lic_teach.jpeg.transform import BASIS, from_blocks, to_blocks

STEPS = (8, 12, 16, 24, 32, 48, 64, 96)  # of the rate-distortion curves
# Sums and differences of the four pairs that lie as mirror images on the two sides of a border.
PAIRS = np.kron([[1.0, 1.0], [1.0, -1.0]], np.eye(4))[:, [0, 1, 2, 3, 7, 6, 5, 4]] / np.sqrt(2)


class Machine(NamedTuple):
    """mix: float (8, 8), the identity if isolated; mean (64,); rows (64, 64): DCT or PCA."""

    mix: np.ndarray
    mean: np.ndarray
    rows: np.ndarray


def across(plane: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Every eight samples around a border times mix: float (H, W) -> (H, W), H and W in eights."""
    for _ in range(2):  # rows, then columns: turned twice it lies as before
        middle = plane[4:-4].reshape(-1, 8, plane.shape[1])
        mixed = (mix @ middle).reshape(-1, plane.shape[1])
        plane = np.concatenate([plane[:4], mixed, plane[-4:]]).T
    return plane


def encode(machine: Machine, plane: np.ndarray) -> np.ndarray:
    """uint8 (H, W) -> latents, float (n, m, 64)."""
    padded = images.pad_to_multiple(plane, 8).astype(float)
    return (to_blocks(across(padded, machine.mix)) - machine.mean) @ machine.rows.T


def decode(machine: Machine, y_hat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Latents (n, m, 64) -> uint8 of this shape, rounded and clipped."""
    mixed = from_blocks(y_hat.astype(float) @ machine.rows + machine.mean)
    plane = across(mixed, np.linalg.inv(machine.mix))
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)[: shape[0], : shape[1]]


def draws(machine: Machine, k: int) -> np.ndarray:
    """What a 1 in latent k of the middle patch of 3x3 adds to the picture: float (24, 24)."""
    y = np.zeros((3, 3, 64))
    y[1, 1, k] = 1
    return across(from_blocks(y @ machine.rows), np.linalg.inv(machine.mix))


def isolated() -> Machine:
    """The DCT of JPEG."""
    return Machine(np.eye(8), np.full(64, 128.0), BASIS.astype(float))


def isolated_pca(names: tuple[str, ...]) -> Machine:
    """The PCA of the patches of these sample photographs in place of the DCT."""
    x = np.concatenate([to_blocks(plane).reshape(-1, 64) for plane in _planes(names)])
    return Machine(np.eye(8), *pca(x))


def overlapping(names: tuple[str, ...]) -> Machine:
    """The DCT behind a mix that was learned from these sample photographs."""
    return isolated()._replace(mix=learned_mix(names))


def _planes(names):
    return [images.pad_to_multiple(luma(images.sample(name)), 8).astype(float) for name in names]


@cache
def learned_mix(names: tuple[str, ...]) -> np.ndarray:
    """The mix (8, 8) with which the latents of these photographs are cheapest, by `cost`.

    Sums of mirror pairs stay; the four differences go through a matrix of 4x4. So 16 numbers are
    learned. LBFGS, from no mix at all.
    """
    windows = [
        np.lib.stride_tricks.sliding_window_view(p, (16, 16))[4::8, 4::8] for p in _planes(names)
    ]
    covariance = torch.from_numpy(np.cov(np.concatenate([w.reshape(-1, 256) for w in windows]).T))
    log = torch.zeros(4, 4, dtype=torch.float64, requires_grad=True)  # exp: always an inverse
    descent = torch.optim.LBFGS([log], max_iter=200, line_search_fn="strong_wolfe")

    def step():
        descent.zero_grad()
        loss = cost(mixing(torch.matrix_exp(log)), covariance)
        loss.backward()
        return loss

    descent.step(step)
    return mixing(torch.matrix_exp(log)).detach().numpy()


def mixing(differences: torch.Tensor) -> torch.Tensor:
    """The mix of eight samples: float (4, 4) for the differences of the pairs -> (8, 8)."""
    pairs = torch.from_numpy(PAIRS)
    inner = torch.block_diag(torch.eye(4, dtype=torch.float64), differences)
    return pairs.T @ inner @ pairs


def cost(mix: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """Twice the nats of a latent, for fine steps of equal error; up to a constant.

    covariance: (256, 256), of windows of 16x16. A latent of variance v costs log(v) / 2 nats
    (Huang and Schultheiss 1963). What unmixing adds to the error of rounding must be bought back
    with a smaller step.
    """
    one = torch.block_diag(mix, mix)[4:12]  # what of 16 samples goes into a patch
    rows = torch.from_numpy(BASIS.astype(float)) @ torch.kron(one, one)  # (64, 256)
    variances = ((rows @ covariance) * rows).sum(1)
    louder = torch.linalg.inv(mix).square().sum() / 8
    return variances.log().mean() + 2 * louder.log()


def curve(machine: Machine, plane: np.ndarray, steps=STEPS) -> list[tuple[float, float]]:
    """(bits per pixel, PSNR) of the files of a plane, uint8, at these steps."""
    y = encode(machine, plane)
    points = []
    for step in steps:
        data, y_hat = pack(y, step, plane.shape)
        picture = decode(machine, y_hat, plane.shape)
        points.append((metrics.bpp(data, plane), metrics.psnr(plane, picture)))
    return points


def within(machine: Machine, plane: np.ndarray, size: int) -> tuple[bytes, np.ndarray]:
    """The finest step whose file has at most `size` bytes -> the file, and its picture."""
    y = encode(machine, plane)
    for step in range(2, 400):
        data, y_hat = pack(y, step, plane.shape)
        if len(data) <= size:
            return data, decode(machine, y_hat, plane.shape)
    raise ValueError(f"no step up to 399 makes a file of {size} bytes or less")
