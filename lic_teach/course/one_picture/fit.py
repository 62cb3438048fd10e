"""A fit, watched: at some moments a real file is written, and these files are all that is kept.

    picture --follow, write--> {step: file} --save--> data/one_picture.safetensors --load--> Fit

Those of the sample photographs come with the course, so that figures answer at once;
tools/one_picture.py made them, and took the time. What a fit is lies in overfit/fit.py.
"""

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


def fit(image: np.ndarray, steps: int = STEPS) -> Fit:
    """Fit a codec to a picture at LAM, and write a file at each of MOMENTS and at the end."""
    files = {}
    for step, found in enumerate(codec.follow(image, LAM, steps), 1):
        if step in MOMENTS or step == steps:
            files[step] = codec.write(image, found, LAM)
    return Fit(image, files)


def save(fits: dict[str, dict[int, bytes]], seconds: dict[str, float], path: Path = FILE) -> None:
    """Write files by photograph and step; seconds: what took how long where they were made."""
    arrays = {
        f"{name} {step}": np.frombuffer(data, np.uint8)
        for name, files in fits.items()
        for step, data in files.items()
    }
    save_file(arrays, path, {what: f"{each:.3g}" for what, each in seconds.items()})


@cache
def load(name: str = PHOTO) -> Fit:
    """A sample photograph's middle and its files: the cat's of all moments, of others the last."""
    stored = {tuple(key.split()): data.tobytes() for key, data in load_file(FILE).items()}
    files = {int(step): data for (photo, step), data in stored.items() if photo == name}
    return Fit(piece(images.sample(name)), dict(sorted(files.items())))


@cache
def seconds() -> dict[str, float]:
    """Of a pass, a refining step and a fit's step, on the machine that recorded the cat."""
    with safe_open(FILE, "numpy") as file:
        return {what: float(each) for what, each in file.metadata().items()}
