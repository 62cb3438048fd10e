"""Blur brightness and colour apart, and look how far each can go unnoticed.

    image -> Y, Cb, Cr -> Y blurred by `luma`, Cb and Cr by `chroma`, one of the three made 128
                       -> JPEG file -> picture

Each blur is a Gaussian, given by its standard deviation in pixels (Pillow's, three box filters).
The file is a real one, quality 90 and without subsampling (4:4:4), so that what is missing from
it was taken away by the two sliders and by nothing else that an eye would find. The planes
beside the picture show what the sliders have left of Y, Cb and Cr.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from lic_teach import jpeg, metrics
from lic_teach.jpeg import color
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, encode_picture
from lic_teach.kit.measured import Coded, measured
from lic_teach.kit.rd_plot import Curve, rd_plot
from lic_teach.kit.readout import figures, table

QUALITY = 90
BLURS = (0.5, 1, 2, 4, 8, 16)  # of the two curves, in pixels
NAMES = ("Y, brightness", "Cb, blue", "Cr, red")
THUMBNAIL = 150  # pixels across
NONE, PLANES = "none", ("Y", "Cb", "Cr")
GREY = 128  # of Cb and Cr: no colour


class Source(NamedTuple):
    """A picture with all that the sliders do not change."""

    image: np.ndarray  # uint8 (H, W, 3)
    planes: np.ndarray  # uint8 (3, H, W): Y, Cb, Cr
    shown: bytes  # the picture as encode_picture gives it
    sharp: Coded  # no blur
    sharp_y: float  # its PSNR of Y alone, dB
    luma: list[Coded]  # only Y blurred, by BLURS
    chroma: list[Coded]  # only Cb and Cr blurred, by BLURS


class Result(NamedTuple):
    source: Source
    luma: float
    chroma: float
    gone: str  # the plane that is 128 all over, or NONE
    planes: list[np.ndarray]  # what goes into the file
    coded: Coded
    psnr_y: float  # dB, Y alone


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: both whole curves, from real files."""
    planes = color.rgb_to_ycbcr(image)
    sharp = measure(image, planes)
    return Source(
        image,
        planes,
        encode_picture(image),
        sharp,
        psnr_y(planes, sharp),
        [measure(image, blur_planes(planes, blur, 0)) for blur in BLURS],
        [measure(image, blur_planes(planes, 0, blur)) for blur in BLURS],
    )


def blur_planes(planes: np.ndarray, luma: float, chroma: float) -> list[np.ndarray]:
    """Y, Cb, Cr as uint8 (3, H, W), two blurs in pixels -> the blurred planes, in a list."""
    return [gaussian(plane, s) for plane, s in zip(planes, (luma, chroma, chroma), strict=True)]


def gaussian(plane: np.ndarray, sigma: float) -> np.ndarray:
    """uint8 (H, W) blurred with standard deviation sigma, in pixels: uint8 (H, W)."""
    if sigma == 0:
        return plane
    return np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(sigma)))


def measure(image: np.ndarray, blurred: Sequence[np.ndarray]) -> Coded:
    """One file of the blurred planes, against the picture before the blur -> Coded."""
    data = jpeg.encode(color.ycbcr_to_rgb(blurred), QUALITY, subsampling="4:4:4")
    return measured(image, QUALITY, data, jpeg.decode(data))


def psnr_y(planes: np.ndarray, coded: Coded) -> float:
    """PSNR of Y alone, in dB."""
    return metrics.psnr(planes[0], color.luma(coded.x_hat))


def compute(source: Source, luma: float, chroma: float, gone: str = NONE) -> Result:
    """luma, chroma: standard deviations in pixels, 0 for none; gone: of PLANES, or NONE."""
    left = blur_planes(source.planes, luma, chroma)
    if gone != NONE:
        left[PLANES.index(gone)] = np.full_like(source.planes[0], GREY)
    coded = measure(source.image, left)
    return Result(source, luma, chroma, gone, left, coded, psnr_y(source.planes, coded))


def draw(result: Result) -> View:
    """Result -> View."""
    planes = figures(zip(NAMES, alone(result.planes), strict=True))
    return View(
        (result.source.shown, result.coded.data),
        _table(result) + f"<p>{verdict(result)}</p>" + planes,
        summary(result),
        rd_plot(_curves(result), "Where the curves cross, PSNR calls it a draw"),
    )


def alone(planes: list[np.ndarray]) -> list[np.ndarray]:
    """Three uint8 (H, W) -> three small pictures, each of one plane with the others at 128."""
    step = -(-planes[0].shape[1] // THUMBNAIL)
    small = [np.array(Image.fromarray(plane).reduce(step)) for plane in planes]
    grey = np.full_like(small[0], 128)
    luma, blue, red = small
    return [
        color.ycbcr_to_rgb(p) for p in ((luma, grey, grey), (grey, blue, grey), (grey, grey, red))
    ]


def _curves(result):
    """Luma blurred, chroma blurred, and where the two sliders stand now."""
    source, now = result.source, result.coded
    luma, chroma = source.luma, [source.sharp, *source.chroma]
    return [
        _curve("luma blurred", luma, "square", "6 3"),
        _curve("chroma blurred", chroma, "circle", ""),
        Curve("", [now.bpp], [now.psnr], plots.TEXT, "circle", "", (now.bpp, now.psnr)),
    ]


def _curve(name, files, marker, dash):
    bpp, psnr = [coded.bpp for coded in files], [coded.psnr for coded in files]
    return Curve(name, bpp, psnr, plots.JPEG, marker, dash)


def _table(result):
    sharp, now = result.source.sharp, result.coded
    rows = (
        ("JPEG file, bytes", f"{sharp.size:,}", f"{now.size:,}"),
        ("R, bits per pixel", f"{sharp.bpp:.3f}", f"{now.bpp:.3f}"),
        ("PSNR (RGB), dB", f"{sharp.psnr:.2f}", f"{now.psnr:.2f}"),
        ("PSNR (Y), dB", f"{result.source.sharp_y:.2f}", f"{result.psnr_y:.2f}"),
    )
    return table(rows, ("", "unchanged", "now"))


def verdict(result: Result) -> str:
    """What is saved, in one sentence."""
    saved = 100 * (1 - result.coded.size / result.source.sharp.size)
    if result.luma == result.chroma == 0 and result.gone == NONE:
        return "Nothing is blurred. Pull one of the sliders."
    return f"The file is {saved:.0f} % smaller. Wipe: can you see what is gone?"


def summary(result: Result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    return (
        f"luma blurred by {result.luma:g} pixels, chroma by {result.chroma:g}{_gone(result)}: "
        f"{result.coded.bpp:.2f} bits per pixel, {result.coded.psnr:.1f} dB in RGB, "
        f"{result.psnr_y:.1f} dB in Y"
    )


def _gone(result):
    return "" if result.gone == NONE else f", all {result.gone} set to {GREY}"


class Chroma(Explorer):
    """Chroma(), Chroma("rocket"), Chroma("my photo.jpg"): one blur for Y, one for Cb and Cr."""

    tries = {
        "chroma 8": (
            dict(image="coffee", chroma=8.0),
            "Colour runs. Note the bytes and PSNR (RGB).",
            "The edges are sharp, and the spoon and the rim of the cup have taken colour from "
            "around them.",
        ),
        "luma 0.75": (
            dict(image="coffee", luma=0.75, chroma=0.0),
            "As many bytes and the same PSNR (RGB) as <i>chroma 8</i>. Which picture would you "
            "rather have?",
            "Here no colour runs, and nothing is sharp. PSNR (RGB) asks how large the errors in "
            "red, green and blue are, not whether an eye finds them. In the plot, this is where "
            "the curves cross.",
        ),
        "no Cb": (
            dict(image="coffee", chroma=0.0, gone="Cb"),
            "All Cb is 128: nothing is bluer or yellower than grey. What is left?",
            "A pink coffee, sharp in every detail. Without Cr it is green.",
        ),
        "no Y": (
            dict(image="coffee", chroma=0.0, gone="Y"),
            "And with all Y at 128?",
            "Washes of colour, and hardly a cup. The file is a third as large: that is all that "
            "chroma costs.",
        ),
        "chroma 16, the astronaut": (
            dict(image="astronaut", chroma=16.0),
            "Which edges bleed?",
            "Those between a strong colour and a weak one: the orange of the suit spreads over "
            "the wall, the blue of the badge is lost in it. Where luma has a strong edge, too, as "
            "around the helmet, it hides what colour does.",
        ),
    }

    def __init__(self, image="coffee"):
        super().__init__(
            image,
            picture=Wipe(names=("original", "changed")),
            luma=_blur_slider(0.0, "Blur of luma"),
            chroma=_blur_slider(4.0, "Blur of chroma"),
            gone=choice(f"Set to {GREY}", [NONE, *PLANES]),
        )


def _blur_slider(value, label):
    return Slider(value, 0.0, 16.0, step=0.25, label=label, unit="px", ends=("sharp", "fog"))
