"""The duel: JPEG against the learned codec, on one picture and at one lambda.

Equal lambda: each codec stands where its own L = R + lam * D is smallest, JPEG at the quality
found so, the learned codec at lam. Equal bits: JPEG at the quality whose file comes nearest
to the learned file in size. Sizes are those of real files, headers included.

The curves, and the learned codec's analysis of the picture, are computed once a picture.
A move of the slider then costs one JPEG file written and read, one learned file written, and
one synthesis: `reconstruct` gives what the file decodes to without the range decoder.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import learned
from lic_teach.kit import plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Wipe, choice, encode_picture
from lic_teach.kit.measured import (
    LAMS,
    Coded,
    by_jpeg,
    by_learned,
    model,
    quality_for_bpp,
    quality_for_lam,
)
from lic_teach.kit.rd_plot import Curve, rd_plot

# Every one where the tables are coarse and sizes jump, then every fifth.
QUALITIES = (*range(1, 20), *range(20, 96, 5))
EQUAL_LAM, EQUAL_BITS = "equal λ", "equal bits"
HEADS = (
    "",
    f'<span style="color:{plots.JPEG}" aria-hidden="true">●</span> JPEG',
    f'<span style="color:{plots.LEARNED}" aria-hidden="true">■</span> learned',
)


class Source(NamedTuple):
    """A picture with all that lambda does not change."""

    image: np.ndarray  # uint8 (H, W, 3)
    latents: np.ndarray  # float32 (C, H/8, W/8)
    jpeg: list[Coded]  # at QUALITIES
    learned: list[Coded]  # at LAMS
    last: dict[float, Coded]  # the learned file that was shown last, by lambda


class Result(NamedTuple):
    source: Source
    lam: float
    match: str
    jpeg: Coded
    learned: Coded


def prepare(image: np.ndarray) -> Source:
    """A picture uint8 (H, W, 3): both whole curves, from real files, without their pictures."""
    latents = learned.analyse(image, model())
    return Source(
        image,
        latents,
        [by_jpeg(image, quality).without_pictures() for quality in QUALITIES],
        [by_learned(image, latents, lam).without_pictures() for lam in LAMS],
        {},
    )


def compute(source: Source, lam: float, match: str) -> Result:
    """Both codecs at lam; match is EQUAL_LAM or EQUAL_BITS -> Result."""
    if lam not in source.last:  # a press of the button beside the slider leaves it as it is
        source.last.clear()
        source.last[lam] = by_learned(source.image, source.latents, lam)
    theirs = source.last[lam]
    if match == EQUAL_LAM:
        quality = quality_for_lam(source.jpeg, lam)
    else:
        quality = quality_for_bpp(source.jpeg, theirs.bpp)
    return Result(source, lam, match, by_jpeg(source.image, quality), theirs)


def draw(result: Result) -> View:
    """The two pictures, the table, the sentence and the plot.

    The browser decodes the JPEG file itself: some of its samples are a few grey levels away from
    those of our decoder, which the table measures (T.81 leaves the rounding open).
    """
    return View(
        (result.jpeg.data, encode_picture(result.learned.x_hat)),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        rd_plot(_curves(result), "Higher is better, further left is smaller"),
    )


def _curves(result):
    """The two whole curves, with the points where the codecs stand now."""
    source = result.source
    return [
        _curve("JPEG", source.jpeg, result.jpeg, plots.JPEG, "circle", ""),
        _curve("learned", source.learned, result.learned, plots.LEARNED, "square", "6 3"),
    ]


def _curve(name, curve, now, *look):
    points = [(coded.bpp, coded.psnr) for coded in (*curve, now)]
    bpp, psnr = zip(*points[:-1], strict=True)
    return Curve(name, bpp, psnr, *look, points[-1])


def _table(result):
    ours, theirs = result.jpeg, result.learned
    rows = (
        ("set to", f"quality {ours.setting}", f"λ = {result.lam:.3g}"),
        ("file, bytes", f"{ours.size:,}", f"{theirs.size:,}"),
        ("R, bits per pixel", f"{ours.bpp:.3f}", f"{theirs.bpp:.3f}"),
        ("D, MSE", f"{ours.mse:.1f}", f"{theirs.mse:.1f}"),
        ("PSNR (RGB), dB", f"{ours.psnr:.2f}", f"{theirs.psnr:.2f}"),
        ("L = R + λD", f"{ours.cost(result.lam):.3f}", f"{theirs.cost(result.lam):.3f}"),
    )
    return readout.table(rows, HEADS)


def verdict(result: Result) -> str:
    """Who is ahead, in one sentence."""
    ours, theirs = result.jpeg, result.learned
    if result.match == EQUAL_LAM:
        change = 100 * (theirs.cost(result.lam) / ours.cost(result.lam) - 1)
        word = "lower" if change < 0 else "higher"
        return f"At this λ the learned codec's L is {abs(change):.0f} % {word} than JPEG's."
    if abs(ours.bpp / theirs.bpp - 1) > 0.1:
        return (
            f"No JPEG file of this picture comes near {theirs.bpp:.3f} bits per pixel: "
            f"quality {ours.setting} takes {ours.bpp:.3f}."
        )
    if ours.mse == theirs.mse:
        return "With as many bits, the two pictures are equally far from the original."
    if 0 in (ours.mse, theirs.mse):
        return f"With as many bits, {'JPEG' if ours.mse == 0 else 'the network'} makes no error."
    gain = theirs.psnr - ours.psnr
    word = "above" if gain > 0 else "below"
    return f"With as many bits, the learned picture is {abs(gain):.2f} dB {word} JPEG's."


def summary(result: Result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    return "; ".join(
        f"{name} {coded.bpp:.2f} bits per pixel, {coded.psnr:.1f} dB"
        for name, coded in (
            (f"lambda {result.lam:.3g}, JPEG quality {result.jpeg.setting}", result.jpeg),
            ("learned", result.learned),
        )
    )


class Duel(Explorer):
    """Duel(), Duel("coffee"), Duel("my photo.jpg"): one slider for both codecs."""

    tries = {
        "λ = 0.0005": (
            dict(image="chelsea", lam=5e-4),
            "Which codec breaks first, and how? Wipe over the eyes and over the whiskers.",
            "JPEG: it falls into squares, and most of its colour is wrong. The network's picture "
            "is soft and has lost its whiskers, in less than half the bytes.",
        ),
        "λ = 0.1": (
            dict(image="chelsea", lam=0.1),
            "Both ask for quality now. Which of the two still differs from a photograph?",
            "Neither, at this size: enlarge them with the button in the picture. L is a third "
            "lower on the network's side all the same: it needs about two thirds of the bytes.",
        ),
        "equal bits, λ = 0.01": (
            dict(image="chelsea", lam=1e-2, match=EQUAL_BITS),
            "Now JPEG takes the quality whose file comes nearest in size. Who has the higher PSNR? "
            "Whose picture do you like better? Those are two questions.",
            "The network, by 3 dB. The second answer is yours: JPEG's picture is sharper in places "
            "and full of squares, the network's is smoother than the cat is.",
        ),
        "equal bits, the rocket": (
            dict(image="rocket", lam=3e-3, match=EQUAL_BITS),
            "Another photograph, with a smooth sky. Is the gap as wide?",
            "A little more than 2 dB at this λ, less than on the cat. It widens to the right: to "
            "4 dB at λ = 0.1.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(names=("JPEG", "learned")),
            lam=LamSlider(),
            match=choice("Compare at", [EQUAL_LAM, EQUAL_BITS]),
        )
