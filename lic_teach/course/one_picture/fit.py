"""A fit, watched: at some moments a real file is written, and these files are all that is kept.

    picture --follow, write--> {step: file} --save--> data/one_picture.safetensors --load--> Fit

The cat's comes with the course, so that its figure answers at once; tools/one_picture.py made it,
and took the time. What a fit is lies in overfit/fit.py.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from lic_teach import images
from lic_teach.overfit import codec
from lic_teach.paths import DATA

FILE = DATA / "one_picture.safetensors"
PHOTO, SIDE = "chelsea", 256
LAM, STEPS = 0.01, 1000
MOMENTS = (1, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 500, 600, 700, 800, 900, 950, 1000)


class Fit(NamedTuple):
    """A picture and its files."""

    image: np.ndarray  # uint8 (H, W, 3)
    files: dict[int, bytes]  # by the steps done

    @property
    def last(self) -> bytes:
        """The file of the last step."""
        return self.files[max(self.files)]


def piece(image: np.ndarray) -> np.ndarray:
    """The middle SIDE x SIDE pixels, or what there is of them: uint8 (H, W, 3)."""
    return np.ascontiguousarray(images.centre_crop(image, SIDE))


def fit(
    image: np.ndarray, steps: int = STEPS, tell: Callable[[int, bytes], None] | None = None
) -> Fit:
    """Fit a codec to a picture at LAM. tell: gets each of MOMENTS and its file, as it is made."""
    files = {}
    for step, found in enumerate(codec.follow(image, LAM, steps), 1):
        if step in MOMENTS or step == steps:
            files[step] = codec.write(image, found, LAM)
            if tell:
                tell(step, files[step])
    return Fit(image, files)


def save(files: dict[int, bytes], seconds: dict[str, float], path: Path = FILE) -> None:
    """Write a fit's files; seconds: what took how long on the machine that made them."""
    arrays = {str(step): np.frombuffer(data, np.uint8) for step, data in files.items()}
    save_file(arrays, path, {name: f"{each:.3g}" for name, each in seconds.items()})


@cache
def load() -> Fit:
    """The cat's."""
    stored = sorted((int(step), data.tobytes()) for step, data in load_file(FILE).items())
    return Fit(piece(images.sample(PHOTO)), dict(stored))


@cache
def seconds() -> dict[str, float]:
    """Of a pass, a refining step and a fit's step, on the machine that recorded the cat."""
    with safe_open(FILE, "numpy") as file:
        return {name: float(each) for name, each in file.metadata().items()}
