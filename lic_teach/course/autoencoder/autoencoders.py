"""Autoencoders of 8x8 patches: k numbers in the middle, linear and not.

    patches x (N, 64) --encode--> latents y (N, k) --decode--> x_hat (N, 64)

The linear one is the PCA of the patches of three photographs, exact. The other one has a
hidden layer of 64 on each side, beside the linear map. Before training it adds nothing, so
whatever it wins over the linear one, it has won by bending. It is trained on the same three
photographs for the squared error alone. No bits are in that: `pack` counts them afterwards,
in a real file, with JPEG's own entropy coder in place of everything that lessons
bits_from_probability to learned_codec add.

tools/autoencoders.py trained all SIZES into WEIGHTS.
"""

from functools import cache, lru_cache

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from lic_teach import images
from lic_teach.jpeg import codec, color, frame, transform
from lic_teach.paths import DATA

SEEN = ("astronaut", "chelsea", "rocket")  # learned from; the fourth sample, coffee, never is
SIZES = (2, 4, 8, 16)  # the latent sizes that the non-linear one was trained for
WEIGHTS = DATA / "autoencoder.safetensors"
WIDTH = 64
SCALE = 64.0  # grey levels that the hidden layers take for 1


class Autoencoder(nn.Module):
    """encode and decode: float32 (..., 64) samples 0..255 <-> float32 (..., k) latents.

    It begins as the PCA of `patches`, float (N, 64): orthonormal, mean 0, the latent that varies
    most first. So one unit of a latent is one grey level on one pixel, as for the DCT.
    """

    def __init__(self, k: int, patches: np.ndarray):
        super().__init__()
        mean, rows = pca(patches)
        self.mean = nn.Parameter(torch.from_numpy(mean).float())
        self.down = nn.Parameter(torch.from_numpy(rows[:k].copy()).float())
        self.up = nn.Parameter(self.down.detach().clone())
        self.bend_down = _hidden(64, k)
        self.bend_up = _hidden(k, 64)

    def encode(self, x: Tensor) -> Tensor:
        x = x - self.mean
        return x @ self.down.T + SCALE * self.bend_down(x / SCALE)

    def decode(self, y: Tensor) -> Tensor:
        return self.mean + y @ self.up + SCALE * self.bend_up(y / SCALE)


def _hidden(inputs, outputs):
    """Linear, ReLU, linear; the last one is zero at first."""
    last = nn.Linear(WIDTH, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(inputs, WIDTH), nn.ReLU(), last)


def pca(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean (64,) and the eigenvectors of the covariance, rows (64, 64), largest first."""
    _, vectors = np.linalg.eigh(np.cov(patches.T.astype(np.float64)))
    rows = vectors.T[::-1]
    return patches.mean(0, dtype=np.float64), rows * np.where(rows[:, :1] < 0, -1, 1)


def to_patches(plane: np.ndarray) -> np.ndarray:
    """uint8 (H, W) -> float32 (n, m, 64), the border repeated where a side is no multiple of 8."""
    return transform.to_blocks(images.pad_to_multiple(plane, 8)).astype(np.float32)


def to_plane(patches: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Undo to_patches: float (n, m, 64) -> uint8 of this shape, rounded and clipped."""
    samples = np.clip(np.rint(patches), 0, 255).astype(np.uint8)
    return transform.from_blocks(samples)[: shape[0], : shape[1]]


@cache
def seen() -> np.ndarray:
    """The patches of the photographs learned from: float32 (10582, 64)."""
    return np.concatenate([to_patches(color.luma(images.sample(n))).reshape(-1, 64) for n in SEEN])


@lru_cache
def linear(k: int = 64) -> Autoencoder:
    """The best linear one with k latents: the PCA of the patches seen."""
    return Autoencoder(k, seen()).eval().requires_grad_(False)


@lru_cache
def nonlinear(k: int) -> Autoencoder:
    """The trained one with k latents, k in SIZES. ValueError for others."""
    if k not in SIZES:
        raise ValueError(f"trained for {SIZES} latents, not for {k}")
    model, prefix = Autoencoder(k, seen()), f"{k}."
    stored = {n: w.float() for n, w in load_file(WEIGHTS).items() if n.startswith(prefix)}
    model.load_state_dict({n.removeprefix(prefix): w for n, w in stored.items()})
    return model.eval().requires_grad_(False)


def train(k: int, patches: np.ndarray, steps: int, seed: int = 0) -> Autoencoder:
    """Minimise the squared error of these patches, float32 (N, 64), with k latents.

    It begins as linear(k), so that latent by latent the two can be compared. Each step takes
    256 patches at random; Adam, one cycle of the learning rate up to 0.003.
    """
    torch.manual_seed(seed)
    x, model = torch.from_numpy(patches), Autoencoder(k, seen())
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for _ in range(steps):
        some = x[torch.randint(len(x), (256,))]
        loss = ((model.decode(model.encode(some)) - some) / SCALE).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    return model.eval().requires_grad_(False)


def many(names: tuple[str, ...] = SEEN, stride: int = 3) -> np.ndarray:
    """Patches at every `stride`-th pixel of these samples, mirrored and turned: (N, 64)."""
    planes = [color.luma(images.sample(name)) for name in names]
    views = [
        np.lib.stride_tricks.sliding_window_view(p, (8, 8))[::stride, ::stride] for p in planes
    ]
    x = np.concatenate([view.reshape(-1, 8, 8) for view in views]).astype(np.float32)
    x = np.concatenate([x, x.transpose(0, 2, 1)])
    x = np.concatenate([x, x[:, ::-1]])
    return np.concatenate([x, x[:, :, ::-1]]).reshape(-1, 64)


def pack(latents: np.ndarray, step: int, shape: tuple[int, int]) -> tuple[bytes, np.ndarray]:
    """Latents (n, m, k) in steps -> a file, and the rounded latents as its decoder has them.

    The file is a JPEG for a plane of this shape whose 64 "DCT coefficients" are the k latents
    and zeros: JPEG's symbols and Huffman codes, all headers counted. Lesson entropy_coding.
    step: 2..65535; with 1 a latent could be larger than JPEG allows (ValueError).
    """
    q = np.rint(latents / step).astype(np.int16)
    blocks = np.zeros((*q.shape[:2], 64), np.int16)
    blocks[..., : q.shape[2]] = q
    layout = frame.make_frame(*shape, 1, "4:4:4")
    return codec.pack(blocks.reshape(-1, 64), layout, [np.full(64, step)]), q * np.float32(step)


def psnr(model: Autoencoder, patches: np.ndarray, k: int | None = None) -> float:
    """dB of float (N, 64) patches through the model, nothing rounded; only the first k latents."""
    x = torch.from_numpy(patches)
    y = model.encode(x)
    if k is not None:
        y[..., k:] = 0
    error = (model.decode(y) - x).square().mean().item()
    return 10 * np.log10(255**2 / error)
