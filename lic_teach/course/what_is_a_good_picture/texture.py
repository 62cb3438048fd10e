"""One file, many decoders: a slider from the smallest error to the most texture.

inside.py draws; here the eleven pictures of the slider are painted once, and shown.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import learned, metrics
from lic_teach.course.what_is_a_good_picture import inside, texture_drawing
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.kit.expected import expected
from lic_teach.kit.measured import model

STRENGTHS = tuple(n / 10 for n in range(11))
MIDDLE, ORIGINAL = "as usual", "the original"


class Drawn(NamedTuple):
    """What one decoder makes of the file."""

    picture: np.ndarray  # uint8 (H, W, 3)
    mse: float
    psnr: float  # dB, of RGB
    share: float  # of the original's detail
    distance: float  # of the distributions of detail


class Source(NamedTuple):
    image: np.ndarray  # uint8 (H, W, 3)
    size: int  # bytes of the one file
    drawn: list[Drawn]  # at STRENGTHS


class Result(NamedTuple):
    source: Source
    strength: float
    now: Drawn
    beside: str


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: one file, eleven decoders."""
    latents = expected(image, inside.LAM)
    y = learned.analyse(image, model())
    data = learned.encode_latents(y, image.shape[:2], model(), inside.LAM)
    return Source(image, len(data), [decoded(image, latents, s) for s in STRENGTHS])


def decoded(image, latents, strength: float) -> Drawn:
    """The picture of a decoder that draws so strongly, measured."""
    x_hat = inside.painted(inside.drawn(latents, strength), image.shape[:2])
    mse, psnr = metrics.mse(image, x_hat), metrics.psnr(image, x_hat)
    return Drawn(x_hat, mse, psnr, inside.share(image, x_hat), inside.distance(image, x_hat))


def compute(source: Source, strength: float, beside: str) -> Result:
    """Look the decoder up."""
    return Result(source, strength, source.drawn[round(10 * strength)], beside)


def draw(result: Result) -> View:
    """The wipe, the table and the plane."""
    left = result.source.image if result.beside == ORIGINAL else result.source.drawn[0].picture
    return View(
        side_by_side(left, result.now.picture),
        table(result),
        summary(result),
        texture_drawing.plane(result.source.drawn, result.now),
        names=(result.beside, f"drawn, {result.strength:.1f}"),
    )


def table(result: Result) -> str:
    """The usual decoder and this one."""
    both = result.source.drawn[0], result.now
    rows = (
        ("file, bytes", *[f"{result.source.size:,}"] * 2),
        ("PSNR (RGB), dB", *(f"{d.psnr:.2f}" for d in both)),
        ("D, MSE", *(f"{d.mse:.1f}" for d in both)),
        ("detail, of the original's", *(f"{100 * d.share:.0f} %" for d in both)),
        ("distance of detail", *(f"{d.distance:.2f}" for d in both)),
    )
    return readout.table(rows, ("", "as usual", f"drawn, {result.strength:.1f}"))


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    now = result.now
    return (
        f"drawn with strength {result.strength:.1f}: {now.psnr:.1f} dB, {100 * now.share:.0f} % of "
        f"the original's detail, distance {now.distance:.2f}"
    )


class Texture(Explorer):
    """Texture(), Texture("coffee"), Texture("my photo.jpg"): who needs the smallest error?"""

    tries = {
        "half": (
            dict(image="chelsea", strength=0.5),
            "Wipe over the cheek and the forehead. Which side would you rather look at?",
            "To the left the fur is ironed, to the right it has grain. It costs half a decibel.",
        ),
        "all of it, beside the original": (
            dict(image="chelsea", strength=1.0, beside=ORIGINAL),
            "Now there is nearly as much detail as in the original. Is it the same detail?",
            "No: grain, not hairs. The decoder knows how strong the detail is, and about where. It "
            "does not know that it is fur.",
        ),
        "the rocket": (
            dict(image="rocket", strength=1.0),
            "A sky. Which way does the curve go in the drawing?",
            "Up, almost from the start: the sky gets grain that it never had. Error and distance "
            "grow together, and nothing is won.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(),
            strength=Slider(0.5, 0.0, 1.0, step=0.1, label="Drawn", ends=("PSNR", "texture")),
            beside=choice("Beside it", [MIDDLE, ORIGINAL]),
        )
