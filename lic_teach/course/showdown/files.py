"""The files behind the explorer: one piece of a picture, by every codec.

    picture --middle--> piece --writers_of--> files --measured--> Source
    file --head--> how many of its bytes are not coded picture

All are written, read and measured when a picture is loaded; then a choice costs a look-up.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from PIL import features

from lic_teach import jpeg, learned, metrics
from lic_teach.kit.controls import encode_picture
from lic_teach.kit.measured import by_jpeg, model
from lic_teach.learned import container
from lic_teach.learned.model import DEFAULT
from lic_teach.study import codecs

HEIGHT, WIDTH = 256, 384
SMALL = 64  # pixels a side: less is no picture for these codecs
LAM, QUALITIES = 0.01, (*range(1, 20), *range(20, 96, 5), 100)  # of whole pictures
LAMS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
MAX_DB, MAX_SIMILAR = 68.0, 0.9999  # stand for no error at all
PSNR, MS_SSIM = "PSNR", "MS-SSIM"
NEEDS = {"WebP": "webp", "JPEG 2000": "jpg_2000", "AVIF": "avif"}  # what Pillow must have
SETTINGS = {
    "JPEG": (5, 15, 40, 70, 90),
    "JPEG by λ": LAMS,
    "WebP": (1, 15, 45, 75, 90),
    "JPEG 2000": (100, 50, 25, 14, 8),
    "AVIF": (15, 32, 50, 68, 84),
    "learned, factorized": LAMS,
    "learned": LAMS,
}


def present() -> list[str]:
    """The codecs that there are on this machine, in their order."""
    return [name for name in SETTINGS if name not in NEEDS or features.check(NEEDS[name])]


class File(NamedTuple):
    """One file of the piece, measured."""

    codec: str
    n: int  # 1 is the smallest of its codec
    setting: float
    data: bytes
    bpp: float  # of the whole file
    psnr: float  # dB, of RGB
    ms_ssim: float  # nan where the picture is too small for it
    picture: bytes  # what it decodes to, as encode_picture makes it

    def quality(self, metric: str) -> float:
        """In decibels, by one of the two metrics."""
        return self.psnr if metric == PSNR else -10 * np.log10(1 - self.ms_ssim)

    def coded_alone(self) -> "File":
        """The same, its rate without what stands before the first coded byte."""
        return self._replace(bpp=self.bpp * (1 - head(self.data) / len(self.data)))


class Source(NamedTuple):
    """A piece of a picture and its files."""

    original: bytes  # as encode_picture makes it
    curves: dict[str, list[File]]
    jpeg_of: Callable[[int], File]  # the JPEG file whose number of bytes comes nearest


def middle(image: np.ndarray) -> np.ndarray:
    """The piece that is coded. ValueError where a side is shorter than SMALL."""
    height, width = image.shape[:2]
    if min(height, width) < SMALL:
        raise ValueError(f"{width} x {height} pixels: every side needs {SMALL} or more")
    top, left = max(height - HEIGHT, 0) // 2, max(width - WIDTH, 0) // 2
    return np.ascontiguousarray(image[top : top + HEIGHT, left : left + WIDTH])


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: every file of every codec that there is on this machine."""
    piece = middle(image)
    writers = writers_of(piece)
    curves = {
        name: [measured(piece, name, n, s, *writers[name](s)) for n, s in enumerate(settings, 1)]
        for name, settings in SETTINGS.items()
        if name in writers
    }

    @lru_cache(None)
    def size_at(quality):
        return len(jpeg.encode(piece, quality))

    @lru_cache(None)
    def jpeg_of(size):
        low, high = 1, 100
        while high - low > 1:
            half = (low + high) // 2
            low, high = (half, high) if size_at(half) <= size else (low, half)
        quality = min(low, high, key=lambda quality: abs(size_at(quality) - size))
        return measured(piece, "JPEG", 0, quality, *writers["JPEG"](quality))

    return Source(encode_picture(piece), curves, jpeg_of)


def writers_of(piece: np.ndarray) -> dict[str, Callable]:
    """For each codec a function: setting -> file, and the picture that it decodes to."""

    def by_jpeg(**options):
        data = jpeg.encode(piece, **options)
        return data, jpeg.decode(data)

    def by_pillow(name, setting):
        data = codecs.CODECS[name].encode(piece, setting)
        return data, codecs.pillow_decode(data)

    def by_learned(name):
        y = learned.analyse(piece, model(name))
        return lambda lam: learned.encode_and_reconstruct(y, piece.shape[:2], model(name), lam)

    writers = {
        "JPEG": lambda quality: by_jpeg(quality=quality),
        "JPEG by λ": lambda lam: by_jpeg(lam=lam, fast=True),
        "learned, factorized": by_learned("factorized"),
        "learned": by_learned(DEFAULT),
    }
    for name in NEEDS.keys() & set(present()):
        writers[name] = partial(by_pillow, name.lower().replace(" ", ""))
    return writers


def measured(
    piece: np.ndarray, codec: str, n: int, setting: float, data: bytes, x_hat: np.ndarray
) -> File:
    """A file and what it decodes to -> File."""
    similar = metrics.ms_ssim(piece, x_hat) if min(piece.shape[:2]) >= 161 else np.nan
    quality = min(metrics.psnr(piece, x_hat), MAX_DB), min(similar, MAX_SIMILAR)
    rate = metrics.bpp(data, piece)
    return File(codec, n, setting, data, rate, *quality, encode_picture(x_hat))


# --- what stands around the coded bytes ---------------------------------------------------


def head(data: bytes) -> int:
    """How many bytes of a file stand before the first coded one: names, sizes, tables.

    data: a whole JPEG, WebP, AVIF, .lic or JPEG 2000 file (a bare codestream); ValueError for
    anything else. Of a .lic file the checksum at its end is counted, too.
    """
    if data[:2] == b"\xff\xd8":
        return _segments(data, b"\xff\xda", 0)
    if data[:4] == b"\xff\x4f\xff\x51":  # JPEG 2000, T.800 Annex A: SOT and SOD begin a tile
        return _segments(data, b"\xff\x93", 2)
    if data[4:8] == b"ftyp":
        return _boxes(data)
    if data[:4] == b"RIFF" and data[12:16] == b"VP8 ":
        return 30  # RIFF 12, the chunk's name and length 8, RFC 6386 section 9.1: 10
    if data[:4] == container.MAGIC:
        return container.OVERHEAD
    raise ValueError(f"no file of a codec of this figure: it begins with {data[:8].hex(' ')}")


def _segments(data, last, behind):
    """Markers with a length, up to `last`: where the bytes behind it begin."""
    at = 2
    while data[at : at + 2] != last:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at + (behind or 2 + int.from_bytes(data[at + 2 : at + 4], "big"))


def _boxes(data):
    """ISO 14496-12: a box is its length, its name, its bytes; mdat holds the coded ones."""
    at = 0
    while data[at + 4 : at + 8] != b"mdat":
        at += int.from_bytes(data[at : at + 4], "big")
    return at + 8


# --- whole pictures ----------------------------------------------------------------------


def learned_file(image: np.ndarray) -> tuple[int, float]:
    """Bytes of the learned file at LAM, and its PSNR."""
    data = learned.encode(image, model(), LAM)
    return len(data), metrics.psnr(image, learned.decode(data, model()))


def jpeg_files(image: np.ndarray) -> list[tuple[int, float]]:
    """Bytes and PSNR of JPEG files, 4:2:0, at QUALITIES."""
    files = (by_jpeg(image, quality) for quality in QUALITIES)
    return [(file.size, file.psnr) for file in files]
