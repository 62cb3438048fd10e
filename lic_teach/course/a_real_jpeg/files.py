"""The files under the byte microscope: written, broken, and decoded as far as possible.

picture --prepare--> Source: kind -> File, and kind, sabotage, flipped bits, scans -> Broken
"""

import io
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from lic_teach import images, jpeg
from lic_teach.course.a_real_jpeg import words
from lic_teach.course.a_real_jpeg.sabotage import SABOTAGE, Edit
from lic_teach.jpeg.describe import Segment
from lic_teach.kit.controls import encode_picture

OURS, RESTARTS, PROGRESSIVE = "ours", "ours, restart markers", "ours, progressive"
STRANGER = "a stranger's"
KINDS_OF_FILE = OURS, RESTARTS, PROGRESSIVE, STRANGER
QUALITY = 50
OWN_BYTES, OWN_PIXELS = 1 << 17, 1 << 20  # a learner's .jpg up to this is shown as it is


class File(NamedTuple):
    """A file before anything is broken."""

    data: bytes
    segments: list[Segment]
    blocks: words.Blocks | None
    picture: np.ndarray  # uint8 (H, W, 3), decoded
    encoded: bytes  # the same, for Picture
    scans: int


class Broken(NamedTuple):
    """The file as it is decoded: after the sabotage, up to some scan."""

    data: bytes
    segments: list[Segment]
    origin: np.ndarray  # int (n,): where each byte stood before
    changed: list[int]  # bytes that are not what they were; the one behind a gap
    edit: Edit | None
    read: int  # bytes up to the end of the last scan that is decoded
    picture: np.ndarray | None  # uint8 (H, W, 3), or None where the decoder gives up
    said: str  # by the decoder
    encoded: bytes  # the picture for Picture; grey where there is none


class Source(NamedTuple):
    """A picture, and its files, made when they are asked for and kept."""

    image: np.ndarray  # uint8 (H, W, 3)
    file: Callable[[str], File]  # kind -> file
    broken: Callable[..., Broken]  # kind, sabotage, flips, scans


def prepare(image: np.ndarray, own: bytes = b"") -> Source:
    """uint8 (H, W, 3) and, where it came as a small .jpg, the bytes of that -> Source."""

    @lru_cache
    def file(kind):
        return _file(_write(image, kind, own))

    @lru_cache(64)
    def broken(kind, sabotage, flips, scans):
        return _break(file(kind), sabotage, flips, scans)

    return Source(image, file, broken)


def own_file(picture: np.ndarray | str) -> bytes:
    """The bytes of a .jpg that is small enough to be shown as it is; else nothing.

    picture: what Explorer.load takes.
    """
    if picture is None or isinstance(picture, np.ndarray) or picture in images.SAMPLES:
        return b""
    try:
        data = picture.getvalue() if hasattr(picture, "getvalue") else Path(picture).read_bytes()
        if len(data) <= OWN_BYTES:
            shown = jpeg.decode(data, max_pixels=OWN_PIXELS)
            return data if shown.shape[2:] in ((), (3,)) else b""
    except (OSError, TypeError, jpeg.JpegError):
        pass  # base.py says what is wrong with it, if anything
    return b""


def _write(image, kind, own):
    if kind == STRANGER:
        return own or _pillow(image)
    interval = -(-image.shape[1] // 16) if kind == RESTARTS else 0  # one row of MCUs
    return jpeg.encode(image, QUALITY, progressive=kind == PROGRESSIVE, restart_interval=interval)


def _pillow(image):
    buffer = io.BytesIO()
    options = {"quality": QUALITY, "subsampling": "4:2:0", "comment": "written by Pillow"}
    Image.fromarray(image).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def _file(data):
    picture = _colour(jpeg.decode(data))
    parts = jpeg.container.parse(data)
    scans = sum(s.name == "SOS" for s in parts)
    return File(data, parts, words.find_blocks(data), picture, encode_picture(picture), scans)


def _break(file, sabotage, flips, scans):
    way = SABOTAGE[sabotage]
    edit = way(file.data) if way else None
    data, origin, changed = _apply(file.data, edit)
    for bit in flips:
        if bit // 8 < len(data):
            data[bit // 8] ^= 128 >> bit % 8
            changed.append(bit // 8)
    data = bytes(data)
    try:
        parts = jpeg.container.parse(data)
    except jpeg.JpegError as error:
        parts = [Segment(0, len(data), "", str(error))]
    picture, said = _decode(data, scans if scans < file.scans else None)
    read = _read_until(parts, scans) if scans < file.scans else len(data)
    shown = encode_picture(np.full_like(file.picture, 200) if picture is None else picture)
    return Broken(data, parts, origin, changed, edit, read, picture, said, shown)


def _apply(data, edit):
    """The edited bytes, where each of them stood before, and which are new or behind a gap."""
    origin = np.arange(len(data))
    if edit is None:
        return bytearray(data), origin, []
    new = bytearray(data[: edit.start] + edit.new + data[edit.stop :])
    before = np.r_[: edit.start, edit.start : edit.start + len(edit.new), edit.stop : len(data)]
    inside = range(edit.start, edit.start + len(edit.new))
    changed = [i for i in inside if new[i] != data[i]] or [min(edit.start, len(new) - 1)]
    return new, before.astype(int), changed


def _decode(data, scans):
    """What our decoder makes of the bytes, and what it says."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            picture = jpeg.decode(data, strict=False, scans=scans, max_pixels=OWN_PIXELS)
        except jpeg.JpegError as error:
            return None, str(error)
    return _colour(picture), str(said[0].message) if said else ""


def _colour(picture):
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)


def _read_until(parts, scans):
    """Where the data of scan number `scans` end."""
    headers = [i for i, s in enumerate(parts) if s.name == "SOS"]
    if scans >= len(headers):
        return parts[-1].offset + parts[-1].length
    last = headers[scans] - 1
    while parts[last].name == "DHT":
        last -= 1
    return parts[last].offset + parts[last].length
