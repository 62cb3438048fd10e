"""Photographs -> random pieces, and a lambda for each: what every training step draws.

JPEG needs no such file: nobody trained it. Lesson learned_codec.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lic_teach import images

from . import quantize

CROP, BATCH = 128, 8  # pixels of a piece, a side; pieces of a step
MIDDLE = (2, 7)  # octaves of lambda


def photographs(folder: str | Path, crop: int = CROP) -> list[np.ndarray]:
    """All pictures of a folder at least `crop` wide and high, by name: list of uint8 (H, W, 3)."""
    return list(look_through(folder, crop)[0].values())


def look_through(folder: str | Path, crop: int = CROP) -> tuple[dict[str, np.ndarray], list[str]]:
    """The pictures of a folder that are at least `crop` wide and high, and what else lies there.

    Returns uint8 (H, W, 3) by name, and the names of all that was left out. Raises ValueError,
    which names the file, for a damaged picture, and where there is none that is large enough.
    """
    folder = Path(folder)
    pictures = {path.name: images.load(path) for path in images.members(folder)}
    large = {name: x for name, x in pictures.items() if min(x.shape[:2]) >= crop}
    if not large:
        raise ValueError(f"no photograph of at least {crop}x{crop} pixels in {folder}")
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    return large, sorted(names - large.keys())


def digest(picture: np.ndarray) -> str:
    """SHA-256 of a picture's size and samples, as text: what it shows, whatever its file."""
    samples = np.ascontiguousarray(picture)
    return hashlib.sha256(str(picture.shape).encode() + samples.tobytes()).hexdigest()


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
    """Lambdas of all octaves of the slider: float32 (count,).

    Three of four lie in its middle, octaves 2 to 7, where photographs come out at 28 to 38 dB.
    """
    low, high = np.where(rng.uniform(size=(count, 1)) < 0.75, MIDDLE, (0, quantize.OCTAVES)).T
    return torch.tensor(quantize.LAM_MIN * 2.0 ** rng.uniform(low, high), dtype=torch.float32)
