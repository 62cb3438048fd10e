"""The codecs that a study can measure, each a pair of functions and the settings to visit.

    image, setting --encode--> bytes --decode--> image

A codec here is whatever fits that line. To study your own, pass your own pair to
curves.rate_distortion. The references run through Pillow, with every choice that moves the
result set here and said in the protocol: subsampling, effort, threads. Lesson showdown.
"""

import importlib.metadata
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile, features

Encode = Callable[[np.ndarray, float], bytes]  # uint8 (H, W, 3), setting -> a whole file
Decode = Callable[[bytes], np.ndarray]  # a whole file -> uint8 (H, W, 3)


class Codec(NamedTuple):
    """A pair of functions, the settings to measure it at, and what one must know to repeat it."""

    encode: Encode
    decode: Decode
    settings: tuple[float, ...]
    protocol: str
    versions: Callable[[], dict[str, str]]
    command: str = "lic-teach rd --images {dataset} --codecs {name}"  # repeats it


def pillow_encode(image: np.ndarray, setting: float, *, format: str, knob: str, **options) -> bytes:
    """Encode through Pillow; `knob` names the option that `setting` turns."""
    file = io.BytesIO()
    with room_for(image):
        Image.fromarray(image).save(file, format, **{knob: setting}, **options)
    return file.getvalue()


@contextmanager
def room_for(image: np.ndarray) -> Iterator[None]:
    """libjpeg puts out an optimized file in one piece: Pillow's buffer is too small for noise.

    No file takes 4 bytes a sample. Pillow has one setting for all threads.
    """
    with _ALONE:
        usual = ImageFile.MAXBLOCK
        ImageFile.MAXBLOCK = max(usual, 4 * image.size)
        try:
            yield
        finally:
            ImageFile.MAXBLOCK = usual


_ALONE = threading.Lock()


def jpeg2000_encode(image: np.ndarray, ratio: float, **options) -> bytes:
    """JPEG 2000 at a compression ratio: 24 / ratio bits per pixel, whatever the picture."""
    return pillow_encode(image, [ratio], knob="quality_layers", **options)


def pillow_decode(data: bytes) -> np.ndarray:
    """Decode any file that Pillow knows: uint8 (H, W, 3)."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def pillow_versions(feature: str, library: str) -> dict[str, str]:
    """Versions that a result depends on: Pillow's, and that of the library inside it."""
    return {
        "pillow": importlib.metadata.version("pillow"),
        library: features.version(feature) or "unknown",
    }


def _pillow(format: str, feature: str, library: str, settings, protocol: str, **options) -> Codec:
    encode = partial(pillow_encode, format=format, knob="quality", **options)
    versions = partial(pillow_versions, feature, library)
    return Codec(encode, pillow_decode, settings, f"Pillow {protocol}", versions)


_QUALITIES = (5, 10, 15, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95)

CODECS = {
    "jpeg": _pillow(
        "JPEG", "libjpeg_turbo", "libjpeg-turbo", _QUALITIES,
        "JPEG, 4:2:0, optimize=True, quality; the anchor",
        subsampling="4:2:0", optimize=True,
    ),
    "jpeg444": _pillow(
        "JPEG", "libjpeg_turbo", "libjpeg-turbo", _QUALITIES,
        "JPEG, 4:4:4, optimize=True, quality",
        subsampling="4:4:4", optimize=True,
    ),
    "jpeg_progressive": _pillow(
        "JPEG", "libjpeg_turbo", "libjpeg-turbo", _QUALITIES,
        "JPEG, 4:2:0, progressive=True, optimize=True, quality",
        subsampling="4:2:0", optimize=True, progressive=True,
    ),
    "webp": _pillow(
        "WEBP", "webp", "libwebp", (1, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95),
        "WebP, lossy, method=6, quality",
        method=6,
    ),
    "jpeg2000": Codec(
        partial(
            jpeg2000_encode, format="JPEG2000", quality_mode="rates",
            irreversible=True, mct=1, no_jp2=True,
        ),
        pillow_decode, (200, 150, 100, 75, 50, 40, 30, 25, 20, 16, 12, 10, 8),
        "Pillow JPEG 2000, irreversible 9/7, ICT, bare codestream, compression ratio",
        partial(pillow_versions, "jpg_2000", "openjpeg"),
    ),
    "avif": _pillow(
        "AVIF", "avif", "libavif", (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95),
        "AVIF (aom), 4:2:0, speed=6, one thread, quality",
        subsampling="4:2:0", speed=6, max_threads=1,
    ),
    "avif444": _pillow(
        "AVIF", "avif", "libavif", (5, 15, 30, 45, 60, 70, 80, 90),
        "AVIF (aom), 4:4:4, speed=4, one thread, quality",
        subsampling="4:4:4", speed=4, max_threads=1,
    ),
}  # fmt: skip
