"""Every codec on one plot: choose a point, see the picture that it stands for. Lesson 18.

Every point is a real file of the same piece of a photograph, at most 384 x 256 pixels from its
middle, so that all of them can be written, read and measured when a picture is loaded. To the
left of the wipe stands the original, or the JPEG file that comes nearest in size: what the bits
of the point would have bought there.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets
from PIL import features

from lic_teach import jpeg, learned, metrics
from lic_teach.explorers import readout, showdown_plot
from lic_teach.explorers.base import Explorer, View
from lic_teach.explorers.controls import HERE, Slider, Wipe, choice, encode_picture
from lic_teach.explorers.duel import keep_memory
from lic_teach.study import codecs

HEIGHT, WIDTH = 256, 384
SMALL = 64  # pixels a side: less is no picture for these codecs
LAMS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
MAX_DB, MAX_SIMILAR = 68.0, 0.9999  # stand for no error at all
PSNR, MS_SSIM = "PSNR", "MS-SSIM"
ORIGINAL, JPEG = "the original", "a JPEG of its size"
NEEDS = {"WebP": "webp", "JPEG 2000": "jpg_2000", "AVIF": "avif"}  # what Pillow must have
SETTINGS = {
    "JPEG": (5, 15, 40, 70, 90),
    "JPEG by λ": LAMS,
    "WebP": (1, 15, 45, 75, 90),
    "JPEG 2000": (100, 50, 25, 14, 8),
    "AVIF": (15, 32, 50, 68, 84),
    "learned, plain prior": LAMS,
    "learned": LAMS,
}
WORDS = {"JPEG": "quality", "WebP": "quality", "AVIF": "quality", "JPEG 2000": "24 bits over"}


class File(NamedTuple):
    """One file of the piece, measured."""

    codec: str
    n: int  # 1 is the smallest of its codec
    setting: float
    data: bytes
    bpp: float
    psnr: float  # dB, of RGB
    ms_ssim: float  # nan where the picture is too small for it
    picture: bytes  # what it decodes to, as encode_picture makes it

    def quality(self, metric: str) -> float:
        """In decibels, by one of the two metrics."""
        return self.psnr if metric == PSNR else -10 * np.log10(1 - self.ms_ssim)


class Source(NamedTuple):
    """A piece of a picture and its files."""

    original: bytes  # as encode_picture makes it
    curves: dict[str, list[File]]
    jpeg_of: Callable[[int], File]  # the JPEG file whose number of bytes comes nearest


class Result(NamedTuple):
    source: Source
    chosen: File
    metric: str
    beside: File | None  # None: the original


@cache
def model(name: str):
    """A learned codec that comes with the course, loaded once; one thread (see duel.py)."""
    import torch

    torch.set_num_threads(1)
    keep_memory()
    return learned.load(name)


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
        "learned, plain prior": by_learned("factorized"),
        "learned": by_learned("context"),
    }
    for name, needed in NEEDS.items():
        if features.check(needed):
            writers[name] = lambda s, name=name: by_pillow(name.lower().replace(" ", ""), s)
    return writers


def measured(piece, codec, n, setting, data, x_hat) -> File:
    """A file and what it decodes to -> File."""
    similar = metrics.ms_ssim(piece, x_hat) if min(piece.shape[:2]) >= 161 else np.nan
    quality = min(metrics.psnr(piece, x_hat), MAX_DB), min(similar, MAX_SIMILAR)
    rate = metrics.bpp(data, piece)
    return File(codec, n, setting, data, rate, *quality, encode_picture(x_hat))


def compute(source: Source, n: int, codec: str, metric: str, beside: str) -> Result:
    """Point n of a codec, and the picture to see beside it."""
    chosen = source.curves[codec][n - 1]
    if np.isnan(chosen.ms_ssim):
        metric = PSNR
    other = source.jpeg_of(len(chosen.data)) if beside == JPEG else None
    return Result(source, chosen, metric, other)


def draw(result: Result) -> View:
    """The two pictures, the table and the plot."""
    left = result.beside.picture if result.beside else result.source.original
    return View(
        (left, result.chosen.picture),
        table(result) + f"<p>{words(result)}</p>",
        summary(result),
        showdown_plot.plot(result),
    )


def table(result: Result) -> str:
    """The files as columns."""
    files = [file for file in (result.beside, result.chosen) if file]
    rows = (
        ("set to", *(setting_of(file) for file in files)),
        ("file, bytes", *(f"{len(file.data):,}" for file in files)),
        ("R, bits per pixel", *(f"{file.bpp:.3f}" for file in files)),
        ("PSNR (RGB), dB", *(f"{file.psnr:.2f}" for file in files)),
        ("MS-SSIM", *(similar(file) for file in files)),
    )
    return readout.table(rows, ["", *(f"<b>{file.codec}</b>" for file in files)])


def similar(file: File) -> str:
    """MS-SSIM as it is, and in decibels."""
    if np.isnan(file.ms_ssim):
        return "needs 161 pixels a side"
    return f"{file.ms_ssim:.4f} ({file.quality(MS_SSIM):.1f} dB)"


def setting_of(file: File) -> str:
    """What was asked of the codec, in its own words."""
    return f"{WORDS[file.codec]} {file.setting}" if file.codec in WORDS else f"λ = {file.setting:g}"


def words(result: Result) -> str:
    """How many bits the anchor would need for the same quality."""
    file, metric = result.chosen, result.metric
    if file.codec == "JPEG":
        return "JPEG itself is the anchor: compare the others with it."
    curve = result.source.curves["JPEG"]
    quality = [each.quality(metric) for each in curve]
    if not quality[0] <= file.quality(metric) <= quality[-1] or np.any(np.diff(quality) <= 0):
        return f"None of JPEG's five files comes near this {metric}."
    rate = np.exp(np.interp(file.quality(metric), quality, np.log([each.bpp for each in curve])))
    change = 100 * (file.bpp / rate - 1)
    return (
        f"For this {metric} JPEG needs about {rate:.2f} bits per pixel: {file.codec} takes "
        f"{abs(change):.0f} % {'fewer' if change < 0 else 'more'}."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    file = result.chosen
    return (
        f"{file.codec}, {setting_of(file)}: {file.bpp:.2f} bits per pixel, {file.psnr:.1f} dB"
        + ("" if np.isnan(file.ms_ssim) else f", MS-SSIM {file.ms_ssim:.3f}")
        + (f"; beside it JPEG, {result.beside.psnr:.1f} dB" if result.beside else "")
    )


class Points(anywidget.AnyWidget):
    """An SVG whose points, with data-codec and data-n, can be clicked, or chosen with arrows."""

    _esm = HERE / "showdown.js"
    _css = HERE / "style.css"
    value = traitlets.Unicode().tag(sync=True)
    picked = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 1)).tag(sync=True)


class Showdown(Explorer):
    """Showdown(), Showdown("coffee"), Showdown("my photo.jpg")."""

    prepare = staticmethod(prepare)
    compute = staticmethod(compute)
    draw = staticmethod(draw)

    def __init__(self, image="chelsea"):
        self.names = [n for n in SETTINGS if n not in NEEDS or features.check(NEEDS[n])]
        super().__init__(
            image,
            picture=Wipe(names=("", "")),
            n=Slider(3, 1, len(LAMS), label="Point", ends=("smaller file", "better picture")),
            codec=choice("Codec", self.names, "learned"),
            metric=choice("Measured by", [PSNR, MS_SSIM]),
            beside=choice("Beside it", [ORIGINAL, JPEG]),
        )

    def _arrange(self, chooser):
        self.plot = Points().add_class("lic-plot")
        self.plot.observe(self._pick, "picked")
        return super()._arrange(chooser)

    def _pick(self, change):
        codec, n = change.new
        if 0 <= codec < len(self.names) and (self.codec, self.n) != (self.names[codec], n):
            self.set(codec=self.names[codec], n=n)

    def update(self, _change=None):
        super().update()
        if not self._held:
            chosen, beside = self.result.chosen, self.result.beside
            self.plot.picked = self.names.index(chosen.codec), chosen.n
            left = f"JPEG, {len(beside.data):,} bytes" if beside else "original"
            self.picture.names = left, f"{chosen.codec}, {len(chosen.data):,} bytes"
