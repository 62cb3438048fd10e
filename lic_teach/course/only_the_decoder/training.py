"""Photographs -> .jpg files -> pairs to learn from -> a network that repairs.

    photographs --pairs--> what was, what is painted, how coarse --batch--> pieces --train--> Repair

Nobody has to label anything: who has a photograph has both sides of the lesson. Three
photographs are few, so each comes three times: as it is, and at three quarters and at half its
size with its colours exchanged. Lesson only_the_decoder.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from lic_teach import half
from lic_teach.course.only_the_decoder.repair import Repair, painted
from lic_teach.study import codecs

QUALITIES = (10, 20, 30, 40, 50, 60, 75, 90)
STEPS, BATCH, CROP, RATE = 1000, 16, 64, 3e-3
CALM = 4.0  # grey levels²: below this error a piece counts less than its share


class Pair(NamedTuple):
    """One photograph, and what a decoder makes of its file."""

    original: np.ndarray  # uint8 (H, W, 3)
    picture: np.ndarray  # uint8 (H, W, 3)
    coarse: np.ndarray  # float32 (2,)


def jpg(image: np.ndarray, quality: int) -> bytes:
    """The file that most programs write: Pillow's, 4:2:0, with Huffman tables of its own."""
    return codecs.CODECS["jpeg"].encode(image, quality)


def variants(photo: np.ndarray) -> list[np.ndarray]:
    """A photograph three times: whole, smaller with other colours, and smaller still."""
    middle, small = smaller(photo, 0.75), smaller(photo, 0.5)
    return [photo, 255 - middle[..., [2, 0, 1]], small[..., [1, 2, 0]]]


def smaller(photo: np.ndarray, part: float) -> np.ndarray:
    """A photograph at a part of its width and height."""
    size = round(photo.shape[1] * part), round(photo.shape[0] * part)
    return np.array(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def pairs(photos: Sequence[np.ndarray], qualities: Sequence[int] = QUALITIES) -> list[Pair]:
    """Every photograph in its variants, at every quality."""
    return [
        Pair(x, *painted(jpg(x, quality)))
        for photo in photos
        for x in variants(photo)
        for quality in qualities
    ]


def batch(known: Sequence[Pair], rng: np.random.Generator, count: int = BATCH, crop: int = CROP):
    """Random pieces of whole blocks, mirrored and turned, as three tensors.

    Originals and pictures float32 (count, 3, crop, crop), coarse (count, 2).
    """
    originals, pictures, coarse = [], [], []
    for n in rng.integers(len(known), size=count):
        height, width = known[n].original.shape[:2]
        row, column = (8 * rng.integers((side - crop) // 8 + 1) for side in (height, width))
        piece = np.s_[row : row + crop, column : column + crop]
        turns, mirror = rng.integers(4), rng.choice((1, -1))
        for kept, image in ((originals, known[n].original), (pictures, known[n].picture)):
            kept.append(np.rot90(image[piece], turns)[::mirror])
        coarse.append(known[n].coarse)
    x, painted_x = (torch.from_numpy(np.stack(p)).permute(0, 3, 1, 2).float() for p in
                    (originals, pictures))  # fmt: skip
    return x, painted_x, torch.from_numpy(np.stack(coarse))


def loss(net: Repair, x: torch.Tensor, picture: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
    """Squared error after over squared error before, about: so no quality drowns the others."""
    before = ((picture - x) ** 2).mean((1, 2, 3))
    with half.autocast():  # half the digits, where that is faster
        after = ((net(picture, coarse) - x) ** 2).mean((1, 2, 3))
    return (after / (before + CALM)).mean()


def rate_at(step: int, steps: int, rate: float) -> float:
    """The learning rate at a step: up in thirty steps, then down to zero along a line."""
    return rate * min(1, (step + 1) / 30) * (1 - step / steps)


def train(known: Sequence[Pair], steps: int = STEPS, rate: float = RATE, seed: int = 0) -> Repair:
    """A network from nothing: Adam, its rate falling to zero. About a minute."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Repair().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate_at(step, steps, rate)
        found = loss(net, *batch(known, rng))
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
    return net.eval()
