"""The same picture by several codecs, in files of one size, and the places to look at.

    picture --coded--> {codec: Coded}, each within 1 % of the same number of bytes
    picture --places--> corners of squares in which there is something to see

A codec more is a line more in KINDS: whatever stands side by side there becomes a question, and so
do the last and the first.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import features
from scipy.ndimage import gaussian_filter, uniform_filter

from lic_teach import jpeg, learned, metrics
from lic_teach.jpeg.quantize import CHROMINANCE, LUMINANCE
from lic_teach.kit.measured import model
from lic_teach.learned.model import DEFAULT, EYE
from lic_teach.learned.quantize import LAM_MAX, LAM_MIN
from lic_teach.study.codecs import CODECS

SIDE = 192  # pixels of a square that is compared
AVIF = 30  # the quality whose file sets the size of all
BPP = 0.22  # and where Pillow has no AVIF, about as much
NEAR = 0.01  # how far from that size a file may be
TRIES = 14  # files that a codec may write on its way to that size
SLOPE = 1.5  # a file twice as large takes a knob about 2 ** SLOPE times as large

File = tuple[bytes, np.ndarray]  # and the picture that it decodes to
Write = Callable[[float], File]  # the larger the knob, the larger the file


class Kind(NamedTuple):
    """A codec with a knob."""

    writer: Callable[[np.ndarray], Write]
    low: float
    high: float


class Coded(NamedTuple):
    """One file of the whole picture."""

    size: int  # bytes
    picture: np.ndarray  # uint8 (H, W, 3)
    psnr: float  # dB, of RGB
    ms_ssim: float


# --- the codecs --------------------------------------------------------------------------


def by_tables(image: np.ndarray) -> Write:
    """JPEG with the standard's tables, their steps divided by the knob: quality, in between."""

    def write(knob):
        tables = (np.clip(np.rint(t / knob), 1, 255).astype(int) for t in (LUMINANCE, CHROMINANCE))
        data = jpeg.encode(image, tables=tuple(tables))
        return data, jpeg.decode(data)

    return write


def by_lambda(image: np.ndarray, eye: bool = False) -> Write:
    """JPEG by λ, the fast way; with `eye` errors count as they are seen (jpeg/eye.py)."""

    def write(knob):
        data = jpeg.encode(image, lam=knob, fast=True, eye=eye)
        return data, jpeg.decode(data)

    return write


def by_eye(image: np.ndarray) -> Write:
    """JPEG by λ for the eye."""
    return by_lambda(image, eye=True)


def by_learned(image: np.ndarray, weights: str = DEFAULT) -> Write:
    """A learned codec of the course, by the name of its weights."""
    y = learned.analyse(image, model(weights))
    return lambda knob: learned.encode_and_reconstruct(y, image.shape[:2], model(weights), knob)


def by_learned_eye(image: np.ndarray) -> Write:
    """The learned codec whose last training had MS-SSIM for its D."""
    return by_learned(image, EYE)


def by_avif(image: np.ndarray) -> Write:
    """AVIF as Pillow writes it."""

    def write(knob):
        data = CODECS["avif"].encode(image, round(knob))
        return data, CODECS["avif"].decode(data)

    return write


KINDS = {
    "JPEG": Kind(by_tables, 0.05, 4),
    "JPEG by λ": Kind(by_lambda, 1e-4, 0.1),
    "JPEG by λ, eye": Kind(by_eye, 1e-4, 0.1),
    "learned": Kind(by_learned, LAM_MIN, LAM_MAX),
    "learned, MS-SSIM": Kind(by_learned_eye, LAM_MIN, LAM_MAX),
    "AVIF": Kind(by_avif, AVIF, AVIF),
}


# --- one size ----------------------------------------------------------------------------


def target(image: np.ndarray) -> int:
    """The number of bytes that all files of a picture shall have. ValueError for a small one."""
    if min(image.shape[:2]) < SIDE:
        height, width = image.shape[:2]
        raise ValueError(f"{width} x {height} pixels: every side needs {SIDE} or more")
    if not features.check("avif"):
        return round(BPP * image.shape[0] * image.shape[1] / 8)
    return len(CODECS["avif"].encode(image, AVIF))


def to_size(write: Write, size: int, low: float, high: float) -> File | None:
    """The file whose size comes within NEAR of `size`, its knob within low..high; None if none."""
    knob = (low * high) ** 0.5
    for _ in range(TRIES):
        data, picture = write(knob)
        if abs(len(data) / size - 1) <= NEAR / 2:  # two such files are within NEAR of each other
            return data, picture
        low, high = (low, knob) if len(data) > size else (knob, high)
        guess = knob * (size / len(data)) ** SLOPE
        knob = guess if low < guess < high else (low * high) ** 0.5
    return None


def coded(image: np.ndarray, size: int) -> dict[str, Coded]:
    """uint8 (H, W, 3), bytes -> the codecs that reach this size, in the order of KINDS.

    Left out is a codec that this machine has not (AVIF, where Pillow was built without), or one
    that has no file of that size for this picture.
    """
    found = {}
    for name, kind in KINDS.items():
        if name == "AVIF" and not features.check("avif"):
            continue
        if file := to_size(kind.writer(image), size, kind.low, kind.high):
            data, picture = file
            scores = metrics.psnr(image, picture), metrics.ms_ssim(image, picture)
            found[name] = Coded(len(data), picture, *scores)
    return found


def questions(names: list[str]) -> list[tuple[str, str]]:
    """The pairs that are put side by side: each codec and the next, the last and the first."""
    return list(pairwise([*names, *names[:1]] if len(names) > 2 else names))


# --- where to look -----------------------------------------------------------------------


def places(image: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Corners (row, column) of `count` squares: the busiest first, then others away from it."""
    y = image.mean(-1)
    busy = uniform_filter(np.abs(y - gaussian_filter(y, 2.0)), SIDE, mode="constant")
    height, width = (n - SIDE + 1 for n in y.shape)
    busy = busy[SIDE // 2 :, SIDE // 2 :][:height, :width]  # by the corner, not by the middle
    rows, columns = np.mgrid[:height, :width]
    found = []
    for _ in range(count):
        corner = np.unravel_index(np.argmax(busy), busy.shape)
        found.append((int(corner[0]), int(corner[1])))
        away = np.maximum(abs(rows - corner[0]), abs(columns - corner[1])) / SIDE
        busy = busy * np.minimum(away, 1)  # the next one overlaps it little
    return found


def square(image: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """The SIDE x SIDE pixels whose upper left one is the corner."""
    row, column = corner
    return image[row : row + SIDE, column : column + SIDE]
