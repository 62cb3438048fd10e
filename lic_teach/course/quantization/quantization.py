"""Quantization: one quality, one block and the whole picture.

Click a block. Its 64 luma coefficients stand in a square, each with its step; those that become
zero are struck out. The picture, its error and all numbers come from a real file, written at
every move of the slider; its coefficients are painted without reading them back.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images, jpeg, metrics
from lic_teach.course.quantization import quantization_drawing
from lic_teach.jpeg import codec, color, frame, transform
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Picture, QualitySlider, choice, encode_picture
from lic_teach.kit.rd_plot import Curve, rd_plot
from lic_teach.kit.readout import figures, table

QUALITIES = (2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)
DECODED, ORIGINAL, ERROR = "decoded", "original", "error × 8"


class Source(NamedTuple):
    """A picture with all that the quality does not change."""

    image: np.ndarray  # uint8 (H, W, 3)
    luma: np.ndarray  # uint8, padded to whole blocks
    curve: list[tuple[float, float]]  # bpp and PSNR at QUALITIES


class Block(NamedTuple):
    """One 8x8 block of luma; the three tables in natural order."""

    at: tuple[int, int]  # row and column of its upper left pixel
    coefficients: np.ndarray  # float32 (8, 8)
    steps: np.ndarray  # int (8, 8)
    quantized: np.ndarray  # int16 (8, 8), as it stands in the file
    samples: np.ndarray  # uint8 (8, 8)
    decoded: np.ndarray  # uint8 (8, 8)


class Result(NamedTuple):
    source: Source
    quality: int
    show: str
    x_hat: np.ndarray  # uint8 (H, W, 3), what the file decodes to
    size: int  # bytes
    bpp: float
    mse: float
    psnr: float
    kept: float  # share of all coefficients in the file that are not zero
    block: Block


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    luma = images.pad_to_multiple(color.luma(image), 8)
    return Source(image, luma, [_point(image, quality) for quality in QUALITIES])


def _point(image, quality):
    data = jpeg.encode(image, quality)
    return metrics.bpp(data, image), metrics.psnr(image, jpeg.decode(data))


def compute(source: Source, quality: int, show: str, at: tuple[int, int]) -> Result:
    """Write one file and paint its coefficients. at: row and column of a pixel of the block."""
    layout = frame.make_frame(*source.image.shape[:2], 3, "4:2:0")
    tables = codec.standard_tables(quality)
    blocks = codec.quantized(source.image, layout, tables)
    data = codec.pack(blocks, layout, tables)
    x_hat = codec.paint(blocks, layout, tables)
    quantized = frame.split(blocks, layout)[0]
    return Result(
        source,
        quality,
        show,
        x_hat,
        len(data),
        metrics.bpp(data, source.image),
        metrics.mse(source.image, x_hat),
        metrics.psnr(source.image, x_hat),
        np.count_nonzero(blocks) / blocks.size,
        _block(source.luma, quantized, tables[0], at),
    )


def _block(luma, quantized, steps, at):
    v, u = (pixel // 8 for pixel in at)
    samples = transform.to_blocks(luma)[v, u].reshape(8, 8)
    q = quantized[v, u]
    decoded = transform.inverse((q * steps.astype(np.float32))[None, None])
    before = transform.forward(samples.astype(np.float32))[0, 0]
    tables = (table[transform.NATURAL].reshape(8, 8) for table in (before, steps, q))
    return Block((8 * v, 8 * u), *tables, samples, decoded)


def draw(result: Result) -> View:
    """Result -> View."""
    image, x_hat = result.source.image, result.x_hat
    pictures = {DECODED: x_hat, ORIGINAL: image}
    picture = pictures[result.show] if result.show in pictures else enlarge(image, x_hat, 8)
    return View(
        encode_picture(picture),
        _table(result) + quantization_drawing.histogram(image, x_hat) + _blocks(result.block),
        summary(result),
        quantization_drawing.grid(result.block) + _curve(result),
    )


def enlarge(x: np.ndarray, x_hat: np.ndarray, gain: int) -> np.ndarray:
    """The error, gain times as large, around middle grey: uint8, of the shape of x."""
    error = x_hat.astype(np.int16) - x
    return np.clip(128 + gain * error, 0, 255).astype(np.uint8)


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    row, column = result.block.at
    left = np.count_nonzero(result.block.quantized)
    return (
        f"quality {result.quality}: {result.size:,} bytes, {result.bpp:.2f} bits per pixel, "
        f"{result.psnr:.1f} dB; {left} of 64 coefficients left in the block at row {row}, "
        f"column {column}"
    )


def _table(result):
    rows = (
        ("file, bytes", f"{result.size:,}"),
        ("R, bits per pixel", f"{result.bpp:.3f}"),
        ("D, MSE", f"{result.mse:.1f}"),
        ("PSNR (RGB), dB", f"{result.psnr:.2f}"),
        ("coefficients left, whole picture", f"{100 * result.kept:.1f} %"),
    )
    return table(rows)


def _blocks(block):
    error = enlarge(block.samples, block.decoded, 4)
    names = "block, luma", "decoded", "error × 4"
    return figures(zip(names, (block.samples, block.decoded, error), strict=True), 96)


def _curve(result):
    points, now = zip(*result.source.curve, strict=True), (result.bpp, result.psnr)
    curve = Curve("JPEG", *points, plots.JPEG, point=now)
    return rd_plot([curve], f"Quality {result.quality}: one point of JPEG's curve")


class Quantization(Explorer, layout="under"):
    """Quantization(), Quantization("coffee"): click a block, move the quality."""

    tries = {
        "quality 10": (
            dict(image="chelsea", quality=10),
            "From 50 down to 10. Which coefficients are struck out first? Pull on to 1: which one "
            "stays to the last?",
            "High frequencies go first: their coefficients are small and their steps large. Of the "
            "block at the eye two are left even at quality 1, and DC is not one of them: −121 is "
            "less than half of 255.",
        ),
        "quality 30, in the background": (
            dict(image="chelsea", quality=30, at=(16, 408)),
            "A block of the blurred background. How many coefficients are left?",
            "One to three, in all of the blocks around.",
        ),
        "quality 30, in the fur": (
            dict(image="chelsea", quality=30, at=(32, 216)),
            "A block of the fur between the ears, at the same quality. How many now?",
            "13, and about ten in the blocks around. There is one table for all blocks; what is "
            "struck out depends on what is there.",
        ),
        "quality 10, at an edge": (
            dict(image="astronaut", quality=10, at=(384, 272)),
            "Five numbers are left of this upright edge. Look at its dark side, decoded.",
            "Ripples: the row that was 45, 46, 45, 41, 37, 39 has become 31, 67, 44, 6, 60 and the "
            "like. They are the waves that were struck out, with the opposite sign.",
        ),
        "half the steps": (
            dict(image="chelsea", quality=75, show=ORIGINAL),
            "Quality 75. Switch between original and decoded: where do you see a difference?",
            "Hardly anywhere, says the standard of half its steps. And the file has an eighth of "
            "the bytes of a lossless WebP.",
        ),
        "the error": (
            dict(image="chelsea", show=ERROR),
            "Where is the picture wrong, and where is it right? Why is the error not the same "
            "everywhere?",
            "In the fur and at edges. Where a block is flat, there is little to strike out.",
        ),
        "quality 100": (
            dict(image="chelsea", quality=100, show=ERROR),
            "Every step is 1. Is every sample right now?",
            "No, a little more than half. The rest was rounded off even at a step of 1, or is the "
            "loss of chroma's smaller planes.",
        ),
    }

    def __init__(self, image="chelsea", at=(88, 192)):
        super().__init__(
            image,
            picture=Picture(cell=8, at=at),
            quality=QualitySlider(),
            show=choice("Show", [DECODED, ORIGINAL, ERROR]),
        )
