"""What a learner gives to an explorer, and what it is called there.

    picture --given--> Given(name, content, file) --read--> image, notes

Two files can have one name: what a telephone's browser uploads is called image.jpg, each time.
So a picture is known by its content; the name is only what stands in the chooser.
"""

import hashlib
import warnings
from html import escape
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from lic_teach import images

ARRAY = "your array"  # in the chooser
FILE = "your file"  # one without a name


class Given(NamedTuple):
    """A picture that is not read yet."""

    name: str
    content: str | bytes | None  # a sample's name, the SHA-256 of a file, None for an array
    file: str | BinaryIO | np.ndarray | None  # to read it from


class Known(NamedTuple):
    """A picture that was read."""

    content: str | bytes | None
    image: np.ndarray | None
    source: object  # what prepare made of it
    note: str  # HTML: how it was read


def given(picture: str | Path | BinaryIO | np.ndarray | None) -> Given:
    """What Explorer.load takes -> Given. A file is read here, from its beginning.

    Only a str can be a sample's name: an uploaded file called "coffee" is the learner's own.
    """
    if picture is None or isinstance(picture, np.ndarray):
        return Given(ARRAY, None, picture)
    if isinstance(picture, str) and picture in images.SAMPLES:
        return Given(picture, picture, picture)
    is_open = hasattr(picture, "read")
    if is_open:
        picture.seek(0)
    file = BytesIO(images.read(picture))
    file.name = str(getattr(picture, "name", FILE) if is_open else picture)
    return Given(file.name, hashlib.sha256(file.getvalue()).digest(), file)


def free_name(asked: Given, known: dict[str, Known]) -> str:
    """Its name in the chooser: "name (2)", "name (3)", ... where that is another picture's."""
    if asked.content in (None, asked.name):  # an array, a sample: these keep their names
        return asked.name
    name, number = asked.name, 1
    while name in (*images.SAMPLES, ARRAY) or (
        name in known and known[name].content != asked.content
    ):
        number += 1
        name = f"{asked.name} ({number})"
    return name


def read(file: str | BinaryIO | np.ndarray | None) -> tuple[np.ndarray | None, str]:
    """Given.file -> uint8 (H, W, 3), and as HTML what had to be done to it on reading."""
    if file is None or isinstance(file, str):
        return (None if file is None else images.sample(file)), ""
    if isinstance(file, np.ndarray):
        if file.dtype != np.uint8 or file.ndim != 3 or file.shape[2] != 3:
            found = f"{file.dtype} {file.shape}"
            raise ValueError(f"a picture is an array uint8 (H, W, 3), this one is {found}")
        return file, ""
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always", UserWarning)
        image = images.load(file)
    return image, "".join(f"<p>{escape(str(note.message))}</p>" for note in notes)
