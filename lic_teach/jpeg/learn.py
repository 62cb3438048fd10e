"""Learn: JPEG's quantization tables by gradient descent on L = R + lambda * D.

    photographs --coefficients--> targets --learn_tables--> two tables of 64 steps

The pipeline is JPEG's own, and the parameters are log(steps). Two things stand in its way:
rounding has no useful gradient, and the length of a file none at all. So
  - D: a coefficient that is rounded to 0 or +-1 keeps its true error, whose gradient q * k - t
    is exact between the jumps; a larger one errs like uniform noise in -q/2 .. q/2;
  - R: the entropy of a rounded Laplace variable, in closed form in q. Its scale is that of the
    frequency in blocks of like activity: flat blocks cost next to nothing, as EOB makes them.
Its twin is learned/train.py, where the transform itself has parameters. Lesson jpeg_by_lambda.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lic_teach.images import load, try_place, write_atomic

from . import color, transform
from .frame import make_frame
from .targets import best_chroma, error_weights, pad

CLASSES = 8  # of block activity
LAMS = (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1)


def laplace_bits(ratio: torch.Tensor) -> torch.Tensor:
    """Entropy in bits of round(x / q) for Laplace x of scale s, where ratio = q / s.

    P(0) = 1 - exp(-ratio / 2); then a sign, and a geometric size with ratio exp(-ratio).

    >>> round(laplace_bits(torch.tensor(0.01)).item(), 3), round(float(np.log2(2 * np.e / 0.01)), 3)
    (9.087, 9.087)
    """
    nonzero, again = torch.exp(-ratio / 2), torch.exp(-ratio)
    return _binary(nonzero) + nonzero * (1 + _binary(again) / (1 - again).clamp_min(1e-6))


def _binary(p: torch.Tensor) -> torch.Tensor:
    p = p.clamp(1e-9, 1 - 1e-6)  # the slope is infinite at 0 and 1
    return -(p * p.log2() + (1 - p) * (1 - p).log2())


def coefficients(image: np.ndarray, subsampling: str) -> list[np.ndarray]:
    """Unquantized coefficients of Y, Cb and Cr: float32 (n, 64) each, zig-zag, raster order."""
    frame = make_frame(*image.shape[:2], 3, subsampling)
    planes = color.unrounded_ycbcr(pad(image, frame))
    small = [best_chroma(p, frame.v_max, frame.h_max) for p in planes[1:]]
    return [transform.forward(p).reshape(-1, 64) for p in (planes[0], *small)]


def scales(targets: torch.Tensor) -> torch.Tensor:
    """Mean size of each frequency in each class of blocks: (CLASSES, 64).

    DC counts as it is sent, as a difference to the block before.
    """
    order = torch.argsort(targets[:, 1:].square().sum(1))
    classes = [
        targets[i].abs().mean(0) for i in torch.tensor_split(order, min(CLASSES, len(order)))
    ]
    table = torch.stack(classes)
    table[:, 0] = targets[:, 0].diff(prepend=torch.zeros(1)).abs().mean()
    return table.clamp_min(0.05)


def loss(
    log_steps: torch.Tensor,
    batch: torch.Tensor,
    weights: torch.Tensor,
    scale: torch.Tensor,
    generator: torch.Generator,
) -> torch.Tensor:
    """R + lambda D in bits a block, for a batch of coefficients (n, 64).

    weights: (64,), bits per squared error; scale: (CLASSES, 64).
    """
    q = log_steps.exp()
    k = torch.round(batch / q).detach()
    noise = torch.rand(batch.shape, generator=generator) - 0.5
    error = torch.where(k.abs() > 1, q * noise, q * k - batch)
    return laplace_bits(q / scale).sum(1).mean() + (weights * error.square()).sum(1).mean()


def learn_tables(
    images: Sequence[np.ndarray],
    lam: float,
    subsampling: str = "4:2:0",
    steps: int = 150,
    seed: int = 0,
) -> list[np.ndarray]:
    """Tables for one picture, or one pair for many: luma and chroma, int (64,), zig-zag, 1..255.

    images: uint8 (H, W, 3) each. Adam on log(steps), from the steps that are best for fine
    quantization: q**2 = 6 / (ln 2 * weight), where a change of q buys as much R as it costs D.
    """
    generator = torch.Generator().manual_seed(seed)
    frame = make_frame(16, 16, 3, subsampling)
    weights = [torch.tensor(lam / 3 * w).float() for w in error_weights(frame)]
    sets = [coefficients(image, subsampling) for image in images]
    targets = [torch.from_numpy(np.concatenate(planes)) for planes in zip(*sets, strict=True)]
    members = slice(0, 1), slice(1, 3)  # luma; both chroma components
    return [learn_table(targets[m], weights[m], steps, generator) for m in members]


def learn_table(
    targets: Sequence[torch.Tensor],
    weights: Sequence[torch.Tensor],
    steps: int,
    generator: torch.Generator,
) -> np.ndarray:
    """One table for components that share it: coefficients (n, 64), error weights (64,) each."""
    fine = torch.sqrt(6 / (np.log(2) * weights[0]))
    log_steps = fine.log().requires_grad_()
    optimizer = torch.optim.Adam([log_steps], lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    spread = [scales(t) for t in targets]
    for _ in range(steps):
        total = 0
        for t, weight, scale in zip(targets, weights, spread, strict=True):
            rows = torch.randint(len(t), (8192,), generator=generator)
            total += loss(log_steps, t[rows], weight, scale, generator)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        schedule.step()
    return np.clip(np.rint(log_steps.detach().exp().numpy()), 1, 255).astype(int)


def make_data(paths: Sequence[Path], target: Path) -> None:
    """Learn tables over lambda from photographs and store them: data/jpeg_tables.json.

    The stored ones come from every sixth, by name, of the 207 pictures of CID22 that the learned
    codec was trained on (data/README.md).
    """
    try_place(target)
    images = [load(p) for p in paths]
    stored = {"pictures": [p.name for p in paths], "lams": LAMS}
    for subsampling in ("4:2:0", "4:4:4"):
        pairs = [learn_tables(images, lam, subsampling) for lam in LAMS]
        kinds = zip(*pairs, strict=True)
        stored[subsampling] = {
            kind: [t.tolist() for t in tables]
            for kind, tables in zip(("luma", "chroma"), kinds, strict=True)
        }
    write_atomic(target, (json.dumps(stored) + "\n").encode())
