"""Blur brightness and colour apart, and look how far each can go unnoticed.

    image -> Y, Cb, Cr -> Y blurred by `luma`, Cb and Cr by `chroma` -> JPEG file -> picture

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
from lic_teach.kit.controls import Slider, Wipe, encode_picture
from lic_teach.kit.measured import Coded, measured
from lic_teach.kit.rd_plot import Curve, rd_plot
from lic_teach.kit.readout import figures, table

QUALITY = 90
BLURS = (0.5, 1, 2, 4, 8, 16)  # of the two curves, in pixels
NAMES = ("Y, brightness", "Cb, blue", "Cr, red")
THUMBNAIL = 150  # pixels across


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
    planes: list[np.ndarray]  # blurred
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


def compute(source: Source, luma: float, chroma: float) -> Result:
    """luma, chroma: standard deviations in pixels, 0 for none -> Result."""
    blurred = blur_planes(source.planes, luma, chroma)
    coded = measure(source.image, blurred)
    return Result(source, luma, chroma, blurred, coded, psnr_y(source.planes, coded))


def draw(result: Result) -> View:
    """Result -> View."""
    planes = figures(zip(NAMES, alone(result.planes), strict=True))
    return View(
        (result.source.shown, encode_picture(result.coded.x_hat)),
        _table(result) + f"<p>{verdict(result)}</p>" + planes,
        summary(result),
        rd_plot(_curves(result), "Blur one of them: most of the bits are luma's"),
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
        _curve("luma (dashed)", luma, "square", "6 3"),
        _curve("chroma", chroma, "circle", ""),
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
    return table(rows, ("", "not blurred", "now"))


def verdict(result: Result) -> str:
    """What the blur saves, in one sentence."""
    saved = 100 * (1 - result.coded.size / result.source.sharp.size)
    if result.luma == result.chroma == 0:
        return "Nothing is blurred. Pull one of the sliders."
    return f"The blur saves {saved:.0f} % of the file. Wipe: can you see what it took?"


def summary(result: Result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    return (
        f"luma blurred by {result.luma:g} pixels, chroma by {result.chroma:g}: "
        f"{result.coded.bpp:.2f} bits per pixel, {result.coded.psnr:.1f} dB in RGB, "
        f"{result.psnr_y:.1f} dB in Y"
    )


class Chroma(Explorer):
    """Chroma(), Chroma("coffee"), Chroma("my photo.jpg"): one blur for Y, one for Cb and Cr."""

    tries = {
        "chroma 8": (
            dict(image="chelsea", chroma=8.0),
            "Wipe across the cat. Where can you see it?",
            "Hardly anywhere: where the pink of the nose ends, and at the rim of the eye. The "
            "edges in the fur are edges of luma, and those are still there.",
        ),
        "luma 1": (
            dict(image="chelsea", luma=1.0, chroma=0.0),
            "One pixel, and now of brightness. Do you see it?",
            "At once: whiskers and fur go soft. PSNR (RGB) is 3 dB lower than with chroma blurred "
            "by 8 pixels.",
        ),
        "chroma 16, the astronaut": (
            dict(image="astronaut", chroma=16.0),
            "Which edges bleed: in the face, the suit, the flag? What do they have in common?",
            "The strong colours: orange, red, blue. An edge between two colours that are equally "
            "bright has nothing in luma to hide behind. <i>Where you see it</i>, below, has more.",
        ),
        "both 8": (
            dict(image="chelsea", luma=8.0, chroma=8.0),
            "Nothing is sharp. Now press <i>chroma 8</i>, where only luma is sharp. How much "
            "sharpness returns?",
            "All that you would miss, and with it most of the file: it was 67 % smaller, and is "
            "14 % smaller.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(names=("original", "blurred")),
            luma=_blur_slider(0.0, "Blur of luma"),
            chroma=_blur_slider(4.0, "Blur of chroma"),
        )


def _blur_slider(value, label):
    return Slider(value, 0.0, 16.0, step=0.5, label=label, unit="px", ends=("sharp", "fog"))
