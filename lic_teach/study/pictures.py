"""The pictures of a study, looked at before the first of them is coded.

    folder of pictures --look--> Pictures --doubts--> sentences about means that they will spoil

A damaged picture, or one too small for MS-SSIM, is found in a second here; while measuring it
would be found after hours. For curves.py.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from lic_teach.files import about, sentence, some
from lic_teach.images import load

SMALLEST = 161  # pixels a side that MS-SSIM needs (metrics.ms_ssim)


class Picture(NamedTuple):
    """One picture of a study, read once."""

    name: str  # of its file
    digest: str  # of its samples
    size: tuple[int, int]  # width and height in pixels
    flat: bool  # one colour and nothing else


def digest(x: np.ndarray) -> str:
    """SHA-256 of a picture's shape and samples: uint8 (H, W, 3) -> 64 hexadecimal digits.

    Of what the codecs are given, not of the file: that holds when a file is written anew without
    loss, and it tells when another version of Pillow decodes it differently.
    """
    return hashlib.sha256(f"{x.shape}".encode() + x.tobytes()).hexdigest()


def look(paths: Sequence[Path]) -> list[Picture]:
    """Read every picture. ValueError that names all that cannot be read, or share a name."""
    names = [Path(path).name for path in paths]
    if len(set(names)) < len(names):
        raise ValueError("two pictures have the same file name")
    found, failed = [], []
    for path, name in zip(tqdm(paths, "looking", unit="picture", disable=None), names, strict=True):
        try:
            with about(path):
                x = load(path)
        except Exception as error:
            failed.append(sentence(error))
        else:
            flat = bool((x == x[0, 0]).all())
            found.append(Picture(name, digest(x), (x.shape[1], x.shape[0]), flat))
    if failed:
        raise ValueError(f"{len(failed)} of {len(paths)} cannot be measured: {some(failed, '; ')}")
    return found


def doubts(pictures: Sequence[Picture]) -> Iterator[str]:
    """Sentences about pictures that will leave a mean without a value."""
    small = [p for p in pictures if min(p.size) < SMALLEST]
    if small:
        sizes = some([f"{p.name} is {p.size[0]} x {p.size[1]}" for p in small])
        yield f"no mean of MS-SSIM, which needs {SMALLEST} pixels a side: {sizes}"
    if flat := [p.name for p in pictures if p.flat]:
        yield (
            f"perhaps no mean of PSNR, which is infinite where nothing is lost: {some(flat)} "
            f"{'has' if len(flat) == 1 else 'have'} one colour alone"
        )
