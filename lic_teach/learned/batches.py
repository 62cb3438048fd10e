"""Photographs -> random pieces, and a lambda for each: what every training step draws.

JPEG needs no such file: nobody trained it. Lesson learned_codec.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lic_teach import images
from lic_teach.learned import quantize

CROP, BATCH = 128, 8  # pixels of a piece, a side; pieces of a step


def photographs(folder: str | Path, crop: int = CROP) -> list[np.ndarray]:
    """All pictures of a folder at least `crop` wide and high: list of uint8 (H, W, 3)."""
    pictures = map(images.load, images.members(Path(folder)))
    pictures = [picture for picture in pictures if min(picture.shape[:2]) >= crop]
    if not pictures:
        raise ValueError(f"no photograph of at least {crop}x{crop} pixels in {folder}")
    return pictures


def draw_batch(
    pictures: list[np.ndarray], rng: np.random.Generator, count: int = BATCH, crop: int = CROP
) -> Tensor:
    """Random pieces, mirrored and turned: float32 (count, 3, crop, crop), 0..255."""
    pieces = []
    for picture in (pictures[i] for i in rng.integers(len(pictures), size=count)):
        row = rng.integers(picture.shape[0] - crop + 1)
        column = rng.integers(picture.shape[1] - crop + 1)
        piece = picture[row : row + crop, column : column + crop]
        pieces.append(np.rot90(piece, rng.integers(4))[:: rng.choice((1, -1))])
    return torch.from_numpy(np.stack(pieces)).permute(0, 3, 1, 2).float()


def draw_lambdas(rng: np.random.Generator, count: int = BATCH) -> Tensor:
    """Lambdas spread evenly over the octaves of the slider: float32 (count,)."""
    octaves = rng.uniform(0, quantize.OCTAVES, count)
    return torch.tensor(quantize.LAM_MIN * 2.0**octaves, dtype=torch.float32)
