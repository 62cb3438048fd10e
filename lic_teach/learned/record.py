"""A training, watched and written down: for a live plot, and for a scrubber.

    a training --follow--> History --save--> file --load--> History

Three sample photographs are learned from; the cat is the one that the codec does not see.
tools/record.py trains lesson learned_codec's own codec, from JPEG's DCT and from random filters.
JPEG needs no such file: there was no training. Lesson learned_codec.
"""

import copy
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

from lic_teach import images, metrics
from lic_teach.paths import DATA

from . import live
from .codec import analyse, encode_and_reconstruct
from .model import Model, prepare

SEEN, UNSEEN = ("astronaut", "coffee", "rocket"), "chelsea"
LAM = 0.01
STARTS = ("dct", "random")
MOMENTS = (1, 10, 20, 40, 60, 100, 150, 200, 300, 400, 600, 800, 1000, 1200, 1500, 2000)
MEAN = 20  # the losses of single batches jump about: means over so many steps are kept
CROP = (slice(88, 136), slice(152, 200))  # of the cat, what is kept of each picture: its eye
FILE = DATA / "training.safetensors"


class History(NamedTuple):
    """What happened up to the last of the moments. Arrays; n means, m moments."""

    losses: np.ndarray  # float32 (n, 3): L, R, D of the batches, means over MEAN steps
    moments: np.ndarray  # int32 (m,): steps done
    points: np.ndarray  # float32 (m, 2): rate of the unseen picture's file in bpp, PSNR in dB
    pictures: np.ndarray  # uint8 (m, 48, 48, 3): CROP of what that file decodes to


def photographs() -> list[np.ndarray]:
    """What is learned from: the photographs SEEN, and each twice more with two colours swapped.

    The three hold hardly any blue. A codec that knows only them fails on a blue sky.
    """
    seen = [images.sample(name) for name in SEEN]
    swaps = (0, 1, 2), (2, 1, 0), (1, 0, 2)
    return [photo[:, :, list(swap)] for swap in swaps for photo in seen]


def code(model: Model, photo: np.ndarray, lam: float) -> tuple[bytes, np.ndarray]:
    """A file by a model in training, and what it decodes to. The model itself stays as it is."""
    ready, size = prepare(copy.deepcopy(model)), photo.shape[:2]
    return encode_and_reconstruct(analyse(photo, ready), size, ready, lam)


def follow(
    training: Iterable[live.Progress],
    photo: np.ndarray,
    lam: float,
    moments: tuple[int, ...] = MOMENTS,
    write: Callable = code,
) -> Iterator[History]:
    """Run a training; at each of the moments code a photograph, and yield the History so far.

    photo: uint8 (H, W, 3), one that the training does not see. write: model, photo, lambda -> a
    file, and what it decodes to.
    """
    losses, done, points, pictures = [], [], [], []
    for progress in training:
        losses.append((progress.L, progress.R, progress.D))
        if progress.step + 1 in moments:
            data, x_hat = write(progress.model, photo, lam)
            done.append(progress.step + 1)
            points.append((metrics.bpp(data, photo), metrics.psnr(photo, x_hat)))
            pictures.append(x_hat[CROP])
            yield History(
                means(losses),
                np.array(done, np.int32),
                np.array(points, np.float32),
                np.array(pictures),
            )


def means(losses: list[tuple[float, float, float]]) -> np.ndarray:
    """Means over MEAN steps, the last one over what is left: float32 (n, 3)."""
    parts = [losses[i : i + MEAN] for i in range(0, len(losses), MEAN)]
    return np.array([np.mean(part, 0) for part in parts], np.float32).reshape(-1, 3)


def save(histories: dict[str, History], path: str | Path) -> None:
    """Histories by name -> a safetensors file; the pictures as one lossless WebP each."""
    tensors = {}
    for name, history in histories.items():
        sheet, buffer = history.pictures.reshape(-1, *history.pictures.shape[2:]), io.BytesIO()
        Image.fromarray(sheet).save(buffer, "WEBP", lossless=True, method=6, quality=100)
        parts = history._replace(pictures=np.frombuffer(buffer.getvalue(), np.uint8))
        tensors |= {f"{name}.{part}": value for part, value in parts._asdict().items()}
    images.write_atomic(path, to_bytes(tensors))


def load(path: str | Path = FILE) -> dict[str, History]:
    """Undo save."""
    tensors = load_file(path)
    return {
        name: _unpack(History(*(tensors[f"{name}.{part}"] for part in History._fields)))
        for name in dict.fromkeys(key.split(".")[0] for key in sorted(tensors))
    }


def _unpack(history):
    sheet = np.array(Image.open(io.BytesIO(history.pictures.tobytes())).convert("RGB"))
    return history._replace(pictures=sheet.reshape(len(history.moments), -1, *sheet.shape[1:]))
