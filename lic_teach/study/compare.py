"""One picture by every codec, twice: at one lambda, and in as many bits.

    picture --sketch--> a curve a codec --at_lam, at_bits--> settings --code--> files, measured

At equal lambda each codec stands where its own L = R + lam * D is smallest; at equal bits, where
its file is as large as the learned codec's at that lambda. All files are of the whole picture.
The curves, from which the settings are read, are measured on the whole of a small picture and on
tiles of a large one. `lic-teach compare` makes a page of it (report/). Lesson showdown.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import features
from scipy.interpolate import PchipInterpolator
from tqdm import tqdm

from lic_teach import metrics
from lic_teach.study import codecs, own
from lic_teach.study.codecs import Codec
from lic_teach.study.pool import run, workers

LEARNED, ANCHOR = "learned_hours", "jpeg"
NEEDS = {"webp": "webp", "jpeg2000": "jpg_2000", "avif": "avif"}  # what Pillow must have
QUALITY = ("jpeg", "webp", "avif")  # their settings are whole numbers; of others, logarithms count
SLOWEST_FIRST = ("avif", LEARNED, "jpeg2000", "webp", "jpeg_lam", "jpeg")

LARGE = 1_500_000  # pixels; above, curves and MS-SSIM are taken on tiles
TILE, ACROSS, DOWN = 400, 3, 2  # of a large picture
SMALL = 64  # pixels a side: less is no picture for six codecs
MIN_MSE = 1e-3
Tile = tuple[slice, slice]  # rows, columns


class Curve(NamedTuple):
    """What a codec does with the sample, by setting: arrays of one length, settings rising."""

    settings: np.ndarray
    bpp: np.ndarray
    mse: np.ndarray


class File(NamedTuple):
    """A file of the whole picture. Times are of the processor, in seconds."""

    codec: str
    setting: float
    size: int  # bytes
    bpp: float
    mse: float
    psnr: float  # dB, of RGB
    ms_ssim: float | None  # mean over the tiles
    encode: float
    decode: float
    shown: list  # what `show` made of the decoded picture


class Comparison(NamedTuple):
    lam: float
    large: bool  # whether curves and MS-SSIM are those of tiles
    curves: dict[str, Curve]
    equal_lam: dict[str, File]
    equal_bits: dict[str, File]


def known(large: bool = False) -> dict[str, Codec]:
    """The codecs that can be compared here, by name: those of the course, and Pillow's.

    For a large picture our JPEG is the fast one, under the same name: the thorough one would
    take longer than all others together.
    """
    ours = own.CODECS["jpeg_lam_fast" if large else "jpeg_lam"]
    found = {ANCHOR: codecs.CODECS[ANCHOR], "jpeg_lam": ours, LEARNED: own.CODECS[LEARNED]}
    return found | {n: codecs.CODECS[n] for n, needed in NEEDS.items() if features.check(needed)}


def compare(image: np.ndarray, lam: float, show: Callable[[np.ndarray], list]) -> Comparison:
    """Code a picture by all codecs at equal lambda and at equal bits.

    image: uint8 (H, W, 3), both sides at least SMALL; lam: bpp per unit of squared error, as
    learned.encode takes it; show: decoded picture -> what is kept of it. A larger picture is
    worked on by two processes. Raises ValueError for a picture that is too small.
    """
    height, width = image.shape[:2]
    if min(height, width) < SMALL:
        raise ValueError(f"{width} x {height} pixels: comparing takes at least {SMALL} a side")
    large = height * width > LARGE
    tiles = spread(height, width) if large else [(slice(None), slice(None))]
    found = known(large)
    names = [name for name in SLOWEST_FIRST if name in found]
    sample = mosaic(image, tiles)
    bar = tqdm(total=3 * len(names) - 1, unit="step", disable=None)
    with workers(height * width) as pool, bar:
        curves = run(pool, bar, {n: (sketch, n, found[n], sample) for n in names})
        todo = {n: at_lam(n, curves[n], lam) for n in names}
        work = {n: (code, n, found[n], s, image, tiles, show) for n, s in todo.items()}
        equal_lam = run(pool, bar, work)
        bits = equal_lam[LEARNED].bpp
        todo = {n: at_bits(n, curves[n], bits, equal_lam[n]) for n in names if n != LEARNED}
        work = {n: (code, n, found[n], s, image, tiles, show) for n, s in todo.items()}
        equal_bits = run(pool, bar, work) | {LEARNED: equal_lam[LEARNED]}
    parts = ({n: part[n] for n in found} for part in (curves, equal_lam, equal_bits))
    return Comparison(lam, large, *parts)


# --- the sample --------------------------------------------------------------------------


def spread(height: int, width: int) -> list[Tile]:
    """ACROSS x DOWN tiles, the other way round in an upright picture, spread evenly over it."""
    down, across = (DOWN, ACROSS) if width >= height else (ACROSS, DOWN)

    def starts(length, count):
        tile = min(TILE, length)
        middles = (np.arange(count) + 0.5) * length / count
        found = np.clip(middles - tile / 2, 0, length - tile).astype(int) // 16 * 16
        return [slice(int(start), int(start) + tile) for start in found]

    return [(y, x) for y in starts(height, down) for x in starts(width, across)]


def mosaic(image: np.ndarray, tiles: list[Tile]) -> np.ndarray:
    """The tiles as one picture, ACROSS in a row."""
    parts = [image[tile] for tile in tiles]
    rows = [np.concatenate(parts[i : i + ACROSS], 1) for i in range(0, len(parts), ACROSS)]
    return np.ascontiguousarray(np.concatenate(rows, 0))


# --- settings ----------------------------------------------------------------------------


def sketch(name: str, codec: Codec, sample: np.ndarray) -> Curve:
    """About every second setting of a study, measured on the sample; between them every setting.

    Rate and error are smooth in their logarithms; so they are interpolated.
    """
    one_thread()
    measured = sorted({*codec.settings[::2], codec.settings[-1]})
    rows = []
    for setting in measured:
        data = codec.encode(sample, setting)
        error = metrics.mse(sample, codec.decode(data))
        rows.append((metrics.bpp(data, sample), max(error, MIN_MSE)))
    if name in QUALITY:
        settings = np.arange(measured[0], measured[-1] + 1)
        places = measured, settings
    else:
        settings = np.geomspace(measured[0], measured[-1], 100)
        places = np.log(measured), np.log(settings)
    between = PchipInterpolator(places[0], np.log(rows))(places[1])
    return Curve(settings, *np.exp(between).T)


def at_lam(name: str, curve: Curve, lam: float) -> float:
    """The setting with the smallest R + lam * D. The course's own codecs take lambda itself."""
    if name in ("jpeg_lam", LEARNED):
        return lam
    return curve.settings[np.argmin(curve.bpp + lam * curve.mse)].item()


def at_bits(name: str, curve: Curve, bits: float, seen: File) -> float:
    """The setting whose file of the whole picture has nearest to `bits` bits per pixel.

    seen: a file of the whole picture; how much larger or smaller it is than on the sample
    holds for its neighbours too.
    """
    expected = np.interp(np.log(seen.setting), np.log(curve.settings), curve.bpp)
    distance = np.abs(np.log(curve.bpp * seen.bpp / expected / bits))
    return curve.settings[np.argmin(distance)].item()


# --- files -------------------------------------------------------------------------------


def code(
    name: str,
    codec: Codec,
    setting: float,
    image: np.ndarray,
    tiles: list[Tile],
    show: Callable[[np.ndarray], list],
) -> File:
    """Write and read one file of the whole picture, with all that is said of it."""
    one_thread()
    codec.decode(codec.encode(image[:SMALL, :SMALL], setting))  # what only the first call pays
    data, encode = timed(lambda: codec.encode(image, setting))
    x_hat, decode = timed(lambda: codec.decode(data))
    error, quality = metrics.mse(image, x_hat), metrics.psnr(image, x_hat)
    rate, similarity = metrics.bpp(data, image), ms_ssim(image, x_hat, tiles)
    measured = len(data), rate, error, quality, similarity
    return File(name, setting, *measured, encode, decode, show(x_hat))


def timed(call: Callable) -> tuple:
    """Result and processor time of a call; of a quick one the least of several."""
    times = []
    while sum(times) < 0.1 and len(times) < 5:
        start = time.process_time()
        result = call()
        times.append(time.process_time() - start)
    return result, max(min(times), 1e-6)


def ms_ssim(image: np.ndarray, x_hat: np.ndarray, tiles: list[Tile]) -> float | None:
    """Mean over the tiles; None where they are too small for it."""
    if min(image[tiles[0]].shape[:2]) < 161:
        return None
    return float(np.mean([metrics.ms_ssim(image[tile], x_hat[tile]) for tile in tiles]))


def one_thread() -> None:
    """Two threads on busy cores are slower than one, and two processes are at work already."""
    import torch

    torch.set_num_threads(1)
