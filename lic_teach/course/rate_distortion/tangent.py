"""The lambda tangent: pull the line of one L = R + lambda * D until it touches a file.

Two codecs, JPEG with chroma halved (4:2:0) and whole (4:4:4). Every point is a real file. With D
across and R up, the files of one and the same L lie on a line of slope dR/dD = -lambda; the
lowest line that still meets a file meets the one to choose. Each codec has such a line; the lower
one belongs to the better codec, at this lambda.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets

from lic_teach import jpeg
from lic_teach.course.rate_distortion import tangent_drawing
from lic_teach.kit import plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import STYLE, LamSlider, Wipe, encode_picture
from lic_teach.kit.measured import Coded, by_jpeg

HERE = Path(__file__).parent
CODECS = ("4:2:0", "4:4:4")
QUALITIES = (*range(2, 20, 2), *range(20, 96, 5), 98)  # below 20 one step changes much
MAX_DB = 68.0  # stands for the PSNR of no error at all


class Source(NamedTuple):
    """A picture and its files."""

    original: bytes  # as encode_picture makes it
    curves: tuple[list[Coded], list[Coded]]  # of CODECS, at QUALITIES
    picture: Callable[[Coded], bytes]  # what it decodes to; the last few are remembered


class Result(NamedTuple):
    source: Source
    lam: float
    best: tuple[Coded, Coded]  # the smallest L of each codec
    chosen: Coded  # the smaller of the two
    picture: bytes  # what `chosen` decodes to


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: every file of the two curves."""
    curves = ([_file(image, codec, q) for q in QUALITIES] for codec in CODECS)
    picture = lru_cache(16)(lambda file: encode_picture(jpeg.decode(file.data)))
    return Source(encode_picture(image), tuple(curves), picture)


def _file(image, codec, quality):
    file = by_jpeg(image, quality, subsampling=codec)
    return file._replace(codec=codec, psnr=min(file.psnr, MAX_DB), x_hat=None)


def compute(source: Source, lam: float) -> Result:
    """Slide lines of slope -lam down until they touch -> Result."""
    best = tuple(min(curve, key=lambda file: file.cost(lam)) for curve in source.curves)
    chosen = min(best, key=lambda file: file.cost(lam))
    return Result(source, lam, best, chosen, source.picture(chosen))


def pulled(files, hand, touched):
    """The lam of the line through the hand that touches the curves; None where there is none.

    files: all points. hand: (D, R), what the learner holds. touched: the file that the line
    touches now; the line goes on touching on that side of the hand.
    """
    across, up = np.array([(file.mse, file.bpp) for file in files]).T - np.array([hand]).T
    if touched.mse > hand[0]:  # held left of where it touches: as flat as the curve allows
        beyond = across > 0
        return float(np.max(-up[beyond] / across[beyond]))
    beyond = across < 0  # held right of it: as steep as the curve allows
    return float(np.min(-up[beyond] / across[beyond])) if beyond.any() else None


def draw(result: Result) -> View:
    """Result -> View."""
    return View(
        (result.source.original, result.picture),
        _table(result) + f"<p>{words(result)}</p>",
        summary(result),
        tangent_drawing.plot(result),
    )


def words(result: Result) -> str:
    """Who is ahead, and what a bit is worth."""
    chosen, other = sorted(result.best, key=lambda file: file.cost(result.lam))
    percent = 100 * (1 - chosen.cost(result.lam) / other.cost(result.lam))
    return (
        f"At this λ one bit per pixel is worth {1 / result.lam:,.0f} units of MSE. "
        f"The lowest line touches {chosen.codec}: its L is {percent:.1f} % below the best of "
        f"{other.codec}."
    )


def _table(result):
    lam, best = result.lam, result.best
    heads = [
        f'<span style="color:{plots.JPEG}" aria-hidden="true">{mark}</span> '
        + (f"<b>{file.codec}</b>" if file is result.chosen else file.codec)
        for mark, file in zip("●□", best, strict=True)
    ]
    rows = (
        ("quality", *(file.setting for file in best)),
        ("file, bytes", *(f"{file.size:,}" for file in best)),
        ("R, bits per pixel", *(f"{file.bpp:.3f}" for file in best)),
        ("D, MSE", *(f"{file.mse:.1f}" for file in best)),
        ("PSNR (RGB), dB", *(f"{file.psnr:.2f}" for file in best)),
        ("λD, bits per pixel", *(f"{lam * file.mse:.3f}" for file in best)),
        ("L = R + λD", *(f"{file.cost(lam):.3f}" for file in best)),
    )
    return readout.table(rows, ["", *heads])


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    chosen = result.chosen
    return (
        f"lambda {result.lam:.3g}: the line touches {chosen.codec} at quality {chosen.setting}, "
        f"{chosen.bpp:.2f} bits per pixel, MSE {chosen.mse:.1f}, {chosen.psnr:.1f} dB, "
        f"L {chosen.cost(result.lam):.3f}"
    )


class Pullable(anywidget.AnyWidget):
    """An SVG whose .lic-grab rectangle can be pulled at: `hand` is where, as (D, R)."""

    _esm = HERE / "tangent.js"
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    hand = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0))
    hand.tag(sync=True)


class Tangent(Explorer, layout="under"):
    """Tangent(), Tangent("coffee"): move lambda, or pull the line itself."""

    tries = {
        "λ = 0.0112": (
            dict(image="rocket", lam=0.0112),
            "Near here 4:4:4 overtakes 4:2:0. Move λ a little to both sides. What does the point "
            "do? Wipe over the picture: would your eye have chosen the same?",
            "It jumps from one codec to the other, a little above 0.011; both have the same L "
            "there.",
        ),
        "λ = 0.003": (
            dict(image="rocket", lam=0.003),
            "Pull very slowly. The point stands still, and then it jumps. Why?",
            "The line turns about one file until it meets the next one. The files between are "
            "never touched.",
        ),
        "the astronaut, λ = 0.02": (
            dict(image="astronaut", lam=0.02),
            "Where does 4:4:4 win here?",
            "From about 0.016 on.",
        ),
        "the cat, λ = 0.1": (
            dict(image="chelsea", lam=0.1),
            "And on the cat, or on the coffee?",
            "Nowhere: λ chooses 4:2:0 to the end.",
        ),
    }

    def __init__(self, image="rocket"):
        pictures = Wipe(names=("original", "λ's choice"))
        super().__init__(image, picture=pictures, plot=Pullable(), lam=LamSlider())
        self.plot.observe(self._pull, "hand")

    def _pull(self, change):
        files = [file for curve in self.source.curves for file in curve]
        lam = pulled(files, change.new, self.result.chosen)
        if lam is not None:
            self.lam = float(f"{lam:.3g}")
