"""The trained codec and its lambda: what it writes, where the bits go, what it gives up.

    picture --analyse--> y                                        once a picture
    y, lambda --encode--> file, x_hat
              --count--> y_hat: what is in the file; bits of every latent: by place, by channel

The middle 256 x 256 pixels of a picture are taken, so that a move of the slider needs a blink.
JPEG stands beside it with a file of as many bits, by libjpeg (4:2:0, Huffman tables of its own),
and the curve of JPEG by lambda, the strong anchor.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images, learned
from lic_teach.course.learned_codec import codec_view_drawing
from lic_teach.course.learned_codec.anchors import lam_points
from lic_teach.course.learned_codec.codec_view_drawing import SHOWN
from lic_teach.kit import plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Wipe, choice, side_by_side
from lic_teach.kit.measured import LAMS, Coded, by_learned, libjpeg, model, quality_for_bpp
from lic_teach.kit.rd_plot import Curve, rd_plot
from lic_teach.learned import anatomy, quantize, rate

SIDE = 256  # pixels
QUALITIES = (*range(1, 20), *range(20, 91, 5))
ORIGINAL, BITS, JPEG = "original", "bits", "JPEG"  # what stands left of the line


class Source(NamedTuple):
    """A picture with all that lambda does not change."""

    image: np.ndarray  # uint8 (H, W, 3), at most SIDE x SIDE
    y: np.ndarray  # float32 (128, H/8, W/8), latents before quantization
    paints: np.ndarray  # float32 (128, 16, 16, 3): what each channel draws
    jpeg: list[Coded]  # at QUALITIES, without pictures
    by_lam: list[tuple[float, float]]  # (bpp, psnr) of JPEG by lambda
    learned: list[Coded]  # at LAMS, without pictures
    last: dict[float, "Result"]  # what was shown last, by lambda


class Result(NamedTuple):
    source: Source
    lam: float
    beside: str
    coded: Coded  # the learned file
    rival: Coded  # libjpeg's, nearest in size; setting is its quality
    y_hat: np.ndarray  # float32 (128, h, w): the latents in the file, in steps
    bits: np.ndarray  # float64 (128, h, w): -log2 P of each
    side: float  # bits of the side information


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    image = np.ascontiguousarray(images.centre_crop(image, SIDE))
    y = learned.analyse(image, model())
    return Source(
        image,
        y,
        anatomy.pictures_of_channels(model()),
        [libjpeg(image, quality).without_pictures() for quality in QUALITIES],
        lam_points(image),
        [by_learned(image, y, lam).without_pictures() for lam in LAMS],
        {},
    )


def compute(source: Source, lam: float, beside: str) -> Result:
    """The file at lam, what is in it and what it costs -> Result."""
    if lam not in source.last:  # a press of the buttons beside the slider leaves it as it is
        source.last.clear()
        source.last[lam] = at(source, lam)
    return source.last[lam]._replace(beside=beside)


def at(source: Source, lam: float) -> Result:
    """All of compute that lambda changes -> Result."""
    coded = by_learned(source.image, source.y, lam)
    y_hat, bits, side = rate.count(source.y, model(), quantize.to_code(lam))
    rival = libjpeg(source.image, quality_for_bpp(source.jpeg, coded.bpp))
    return Result(source, lam, BITS, coded, rival, y_hat, bits, float(side))


def by_channel(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """Channels and their bits, the largest first: int (128,), float64 (128,)."""
    spent = result.bits.sum((1, 2))
    order = np.argsort(-spent, kind="stable")
    return order, spent[order]


def silent(result: Result) -> int:
    """How many channels cost less than one bit, all their places together."""
    return int(np.sum(result.bits.sum((1, 2)) < 1))


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View."""
    left = {
        ORIGINAL: lambda: result.source.image,
        JPEG: lambda: result.rival.x_hat,
        BITS: lambda: codec_view_drawing.bit_picture(result),
    }[result.beside]()
    return View(
        side_by_side(left, result.coded.x_hat),
        _table(result) + f"<p>{words(result)}</p>" + codec_view_drawing.channels(result),
        summary(result),
        rd_plot(_curves(result), _title(result)),
        names=(result.beside, "learned"),
    )


def _curves(result):
    return [
        _curve("JPEG", result.source.jpeg, result.rival, plots.JPEG, "circle", ""),
        Curve("JPEG by λ", *zip(*result.source.by_lam, strict=True), plots.JPEG, dash="2 4"),
        _curve("learned", result.source.learned, result.coded, plots.LEARNED, "square", "6 3"),
    ]


def _curve(name, points, now, *look):
    bpp, psnr = [c.bpp for c in points], [c.psnr for c in points]
    return Curve(name, bpp, psnr, *look, (now.bpp, now.psnr))


def _title(result):
    ours = result.coded
    return f"λ = {result.lam:.3g}: {ours.psnr:.1f} dB for {ours.bpp:.2f} bits per pixel"


def _table(result):
    theirs, ours = result.rival, result.coded
    rows = (
        ("set to", f"quality {theirs.setting}", f"λ = {result.lam:.3g}"),
        ("file, bytes", f"{theirs.size:,}", f"{ours.size:,}"),
        ("R, bits per pixel", f"{theirs.bpp:.3f}", f"{ours.bpp:.3f}"),
        ("D, MSE", f"{theirs.mse:.1f}", f"{ours.mse:.1f}"),
        ("PSNR (RGB), dB", *(f"{c.psnr:.2f}" for c in (theirs, ours))),
        ("L = R + λD", f"{theirs.cost(result.lam):.3f}", f"{ours.cost(result.lam):.3f}"),
    )
    return readout.table(rows, ("", "JPEG", "learned"))


def words(result: Result) -> str:
    """Where the bits are, in one or two sentences."""
    _, spent = by_channel(result)
    places = np.sort(result.bits.sum(0).ravel())[::-1]
    total = max(spent.sum(), 1e-9)
    half = (np.searchsorted(np.cumsum(places), places.sum() / 2) + 1) / places.size
    loudest = spent[:SHOWN].sum() / total
    return (
        f"{silent(result)} of {len(spent)} channels are silent. Half of the bits fall on "
        f"{100 * half:.0f} % of the places, and {100 * loudest:.0f} % on the {SHOWN} channels "
        "below."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    ours, theirs = result.coded, result.rival
    return (
        f"lambda {result.lam:.3g}: learned {ours.bpp:.2f} bits per pixel, {ours.psnr:.1f} dB; "
        f"JPEG quality {theirs.setting} {theirs.bpp:.2f} bits per pixel, {theirs.psnr:.1f} dB; "
        f"{silent(result)} of {len(result.bits)} channels silent"
    )


class CodecView(Explorer):
    """CodecView(), CodecView("coffee"), CodecView("my photo.jpg"): one slider, the whole codec."""

    tries = {
        "λ = 0.1": (
            dict(image="chelsea", lam=0.1),
            "Move λ from left to right. Where do the bits go first? What do the fur and the "
            "background get, and when?",
            "To edges and fur. Smooth parts stay light at every λ; the prior expects them, and "
            "what is expected is cheap. The chequered pattern is the prior's, too: it sees half "
            "of the places first, like the white squares of a chessboard, and with them it "
            "guesses the other half better, as lesson <i>Tell the decoder where</i> says.",
        ),
        "λ = 0.0005": (
            dict(image="chelsea", lam=5e-4),
            "Watch the number of silent channels. Which channels are never silent?",
            "More than a hundred of 128 are silent here. Those that speak first are means and slow "
            "waves, in luma.",
        ),
        "beside JPEG": (
            dict(image="chelsea", lam=2e-3, beside=JPEG),
            "Both files are equally large. Look at the rim of the eye at 4×.",
            "JPEG has squares and rings; the learned codec has blur.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(),
            lam=LamSlider(),
            beside=choice("Left of the line", [BITS, ORIGINAL, JPEG]),
        )
