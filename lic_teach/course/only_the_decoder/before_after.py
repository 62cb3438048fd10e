"""Before and after: one .jpg, painted by an ordinary decoder, by Laplace's points, by networks.

    photograph --prepare--> the curves of all decoders, from real files
    quality, writer, decoder --compute--> one file, what each decoder paints of it

All decoders read the same file: the points of one file stand above one another. The network that
repairs is the one that comes with the course.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import jpeg, metrics
from lic_teach.course.only_the_decoder import repair, training
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import QualitySlider, Wipe, choice, encode_picture
from lic_teach.kit.rd_plot import Curve, rd_plot
from lic_teach.kit.readout import table

QUALITIES = (5, 10, 20, 30, 40, 50, 65, 80, 90, 95)
PILLOW, BY_LAMBDA = "by quality", "by λ"
PLAIN, LAPLACE, LEARNED, ORIGINAL = "plain", "Laplace", "network", "original"
LOOKS = {
    PLAIN: (plots.JPEG, "circle", ""),
    LAPLACE: (plots.RESIDUAL, "circle", "2 3"),
    LEARNED: (plots.LEARNED, "square", "6 3"),
}


class Source(NamedTuple):
    image: np.ndarray  # uint8 (H, W, 3)
    curves: dict[str, list[tuple[float, dict[str, float]]]]  # writer: bpp, PSNR of each decoder


class Result(NamedTuple):
    source: Source
    quality: int
    writer: str
    shows: str
    size: int
    bpp: float
    pictures: dict[str, np.ndarray]  # of each decoder
    psnr: dict[str, float]


def lam_of(quality: int) -> float:
    """A λ whose file is about as large as that of a quality: the better it is, the larger.

    >>> round(lam_of(50), 4)
    0.0265
    """
    return float(2 ** (0.074 * quality - 8.94))


def written(image: np.ndarray, quality: int, writer: str) -> bytes:
    """The file: Pillow's of a quality, or the course's JPEG for a λ."""
    if writer == PILLOW:
        return training.jpg(image, quality)
    return jpeg.encode(image, lam=lam_of(quality), fast=True)


def decoders(data: bytes) -> dict[str, np.ndarray]:
    """What each decoder paints of one file: uint8 (H, W, 3)."""
    laplace, coarse = repair.painted(data)
    return {
        PLAIN: jpeg.decode(data),
        LAPLACE: laplace,
        LEARNED: repair.apply(repair.shipped(), laplace, coarse),
    }


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    curves = {}
    for writer in (PILLOW, BY_LAMBDA):
        files = [written(image, quality, writer) for quality in QUALITIES]
        curves[writer] = [
            (metrics.bpp(data, image), _psnr(image, decoders(data))) for data in files
        ]
    return Source(image, curves)


def _psnr(image, pictures):
    return {name: metrics.psnr(image, picture) for name, picture in pictures.items()}


def compute(source: Source, quality: int, writer: str, shows: str) -> Result:
    """Write one file, decode it in three ways -> Result."""
    data = written(source.image, quality, writer)
    pictures = decoders(data)
    numbers = len(data), metrics.bpp(data, source.image)
    return Result(source, quality, writer, shows, *numbers, pictures, _psnr(source.image, pictures))


def draw(result: Result) -> View:
    """Result -> View."""
    shown = result.pictures | {ORIGINAL: result.source.image}
    pair = encode_picture(shown[PLAIN]), encode_picture(shown[result.shows])
    return View(pair, _table(result) + f"<p>{words(result)}</p>", summary(result), _plot(result))


def _plot(result):
    curves = []
    for name, look in LOOKS.items():
        points = [(bpp, psnr[name]) for bpp, psnr in result.source.curves[result.writer]]
        now = result.bpp, result.psnr[name]
        curves.append(Curve(name, *zip(*points, strict=True), *look, now))
    if result.writer == PILLOW:  # the strong anchor, decoded as everybody does
        points = [(bpp, psnr[PLAIN]) for bpp, psnr in result.source.curves[BY_LAMBDA]]
        points = [p for p in points if p[0] <= 1.1 * result.source.curves[PILLOW][-1][0]]
        bpp, psnr = zip(*points, strict=True)
        curves.append(Curve("JPEG by λ, plain", bpp, psnr, plots.QUIET, "circle", "1 3"))
    return rd_plot(curves, "One file, three decoders")


def _table(result):
    rows = [
        (name, f"{result.psnr[name]:.2f}", plots.minus(f"{gain(result, name):+.2f}"))
        for name in LOOKS
    ]
    return table(rows, (f"decoder, {result.size:,} bytes", "PSNR, dB", "more than plain, dB"))


def gain(result: Result, name: str) -> float:
    """By how many dB a decoder is above the plain one."""
    return result.psnr[name] - result.psnr[PLAIN] if result.psnr[PLAIN] < np.inf else 0.0


def words(result: Result) -> str:
    """What the file is, and what the network brings beyond Laplace."""
    how = f"λ = {lam_of(result.quality):.2g}" if result.writer == BY_LAMBDA else "quality"
    how += f" {result.quality}" if result.writer == PILLOW else ""
    more = result.psnr[LEARNED] - result.psnr[LAPLACE]
    verb = "repairs" if more > 0 else "spoils"
    return (
        f"A file of {how}, {result.bpp:.3f} bits per pixel. Beyond Laplace's points the network "
        f"{verb} <b>{abs(more):.2f} dB</b>."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    parts = ", ".join(f"{name} {result.psnr[name]:.2f}" for name in LOOKS)
    return f"{result.writer} {result.quality}: {result.size:,} bytes; PSNR in dB: {parts}"


class BeforeAfter(Explorer, layout="under"):
    """BeforeAfter(), BeforeAfter("coffee", quality=10): plain decoder and repaired picture."""

    tries = {
        "quality 10": (
            dict(image="chelsea", quality=10),
            "Pull the border over the picture. What comes back, and what does not?",
            "Most of the squares go, in grey and in colour: 1.0 dB. The fine hairs that the steps "
            "have struck out do not come back.",
        ),
        "quality 95": (
            dict(image="chelsea", quality=95),
            "The steps are fine. Is anything left to repair?",
            "A third of a decibel, which nobody sees: 41.3 becomes 41.6 dB.",
        ),
        "a file by λ": (
            dict(image="chelsea", quality=30, writer=BY_LAMBDA),
            "The encoder has chosen the numbers. What do both decoders do now?",
            "Laplace loses 0.1 dB: this encoder rounds down where that saves bits, so the middle "
            "of a stair is about right. The network still wins 0.4 dB over the plain decoder, half "
            "of what it wins at quality 30.",
        ),
        "the astronaut": (
            dict(image="astronaut", quality=30),
            "Another photograph that the network has never seen.",
            "1.2 dB, the most of the four. The wall behind her is calm, and there the borders of "
            "blocks go.",
        ),
    }

    def __init__(self, image="chelsea", quality=30, writer=PILLOW, shows=LEARNED):
        super().__init__(
            image,
            picture=Wipe(names=("plain", "the other")),
            quality=QualitySlider(quality),
            writer=choice("File", [PILLOW, BY_LAMBDA], writer),
            shows=choice("Right of the border", [LEARNED, LAPLACE, ORIGINAL], shows),
        )
