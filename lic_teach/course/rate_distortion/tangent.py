"""One lambda over three curves: three pictures share a budget of bytes.

Every point is a real JPEG file, with chroma halved (4:2:0) or whole (4:4:4). With D across and R
up, the files of one and the same L = R + lambda * D lie on a line of slope -lambda; the lowest
such line that still meets a file meets the one to choose. One lambda for all three pictures:
three parallel lines. Pull one of them, and all turn.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets

from lic_teach import jpeg
from lic_teach.course.rate_distortion import budget, tangent_drawing
from lic_teach.course.rate_distortion.tangent_drawing import BUDGET, NAMES
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import STYLE, LamSlider, Wipe, encode_picture
from lic_teach.kit.measured import Coded, by_jpeg

HERE = Path(__file__).parent
CODECS = ("4:2:0", "4:4:4")
QUALITIES = (*range(2, 20, 2), *range(20, 96, 5), 98)  # below 20 one step changes much
MAX_DB = 68.0  # stands for the PSNR of no error at all


class Source(NamedTuple):
    """Three pictures and their files."""

    original: bytes  # of the learner's picture, as encode_picture makes it
    curves: tuple[list[Coded], ...]  # of each of NAMES: CODECS at QUALITIES, one after the other
    pixels: tuple[int, ...]  # of each picture
    picture: Callable[[Coded], bytes]  # what a file decodes to; the last few are remembered


class Result(NamedTuple):
    source: Source
    lam: float
    chosen: tuple[Coded, ...]  # the smallest L of each picture
    size: int  # bytes of the three
    psnr: float  # of all pixels of the three together
    alike: float | None  # the best that one quality and one chroma for all has at equal bytes
    picture: bytes  # what the learner's picture decodes to


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: the files of this picture, of the coffee and of the page."""
    others = [budget.picture(name) for name in ("coffee", "page")]
    curves = curve(image), *(companion(name) for name in ("coffee", "page"))
    pixels = tuple(each.shape[0] * each.shape[1] for each in (image, *others))
    picture = lru_cache(16)(lambda file: encode_picture(jpeg.decode(file.data)))
    return Source(encode_picture(image), curves, pixels, picture)


@cache
def companion(name: str) -> list[Coded]:
    """The files of a picture that is always there."""
    return curve(budget.picture(name))


def curve(image: np.ndarray) -> list[Coded]:
    """All files of a picture, without what they decode to."""
    return [_file(image, codec, quality) for codec in CODECS for quality in QUALITIES]


def _file(image, codec, quality):
    file = by_jpeg(image, quality, subsampling=codec)
    return file._replace(codec=codec, psnr=min(file.psnr, MAX_DB), x_hat=None)


def compute(source: Source, lam: float) -> Result:
    """Slide a line of slope -lam down to each picture's files until it touches -> Result."""
    chosen = tuple(min(files, key=lambda file: file.cost(lam)) for files in source.curves)
    size = sum(file.size for file in chosen)
    psnr = together(source, chosen)
    return Result(source, lam, chosen, size, psnr, alike(source, size), source.picture(chosen[0]))


def together(source: Source, files: tuple[Coded, ...]) -> float:
    """The PSNR of all pixels of the three, dB."""
    error = sum(file.mse * n for file, n in zip(files, source.pixels, strict=True))
    mse = error / sum(source.pixels)
    return min(float(10 * np.log10(255**2 / mse)), MAX_DB) if mse else MAX_DB


def alike(source: Source, size: int) -> float | None:
    """What one quality and one chroma for all three has at exactly `size` bytes, dB.

    Between two qualities, on a straight line. None where no quality is so small or so large.
    """
    found = []
    for start in range(0, len(CODECS) * len(QUALITIES), len(QUALITIES)):
        rows = list(zip(*(c[start : start + len(QUALITIES)] for c in source.curves), strict=True))
        sizes = [sum(file.size for file in row) for row in rows]
        if sizes[0] <= size <= sizes[-1]:
            found.append(float(np.interp(size, sizes, [together(source, row) for row in rows])))
    return max(found, default=None)


def pulled(files, hand, touched):
    """The lam of the line through the hand that touches the curve; None where there is none.

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
    """Whether it fits, and what one λ brings at equal bytes."""
    left = BUDGET - result.size
    fits = f"{left:,} bytes are left." if left >= 0 else f"That is {-left:,} bytes too many."
    spent = f"The three files take {result.size:,} of {BUDGET:,} bytes. {fits}"
    if result.alike is None:
        return spent
    return (
        f"{spent} All pixels together: {result.psnr:.2f} dB. One quality and one chroma for all, "
        f"at as many bytes: {result.alike:.2f} dB."
    )


def _table(result):
    lam, chosen = result.lam, result.chosen
    rows = (
        ("chroma", *(file.codec for file in chosen)),
        ("quality", *(file.setting for file in chosen)),
        ("file, bytes", *(f"{file.size:,}" for file in chosen)),
        ("R, bits per pixel", *(f"{file.bpp:.3f}" for file in chosen)),
        ("D, MSE", *(f"{file.mse:.1f}" for file in chosen)),
        ("PSNR (RGB), dB", *(f"{file.psnr:.2f}" for file in chosen)),
        ("L = R + λD", *(f"{file.cost(lam):.3f}" for file in chosen)),
    )
    return readout.table(rows, ["", *NAMES])


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    found = ", ".join(
        f"{name} {file.codec} at quality {file.setting}"
        for name, file in zip(NAMES, result.chosen, strict=True)
    )
    return (
        f"lambda {result.lam:.3g}: {found}; {result.size:,} of {BUDGET:,} bytes, "
        f"{result.psnr:.2f} dB"
    )


class Pullable(anywidget.AnyWidget):
    """An SVG whose .lic-grab rectangles can be pulled at: `hand` is where, as (D, R, which)."""

    _esm = HERE / "tangent.js"
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    hand = traitlets.Tuple(
        traitlets.Float(), traitlets.Float(), traitlets.Int(), default_value=(0.0, 0.0, 0)
    ).tag(sync=True)


class Tangent(Explorer, layout="under"):
    """Tangent(), Tangent("rocket"): move lambda, or pull one of the three lines."""

    tries = {
        "λ = 0.003": (
            dict(lam=0.003),
            "The price is low. Which chroma does each picture take?",
            "All three take 4:2:0.",
        ),
        "λ = 0.01": (
            dict(lam=0.01),
            "Who changes the chroma first? Why this one?",
            "The page: its red and blue letters are edges in chroma, and 4:2:0 smears them.",
        ),
        "λ = 0.03": (
            dict(lam=0.03),
            "And the two photographs?",
            "The astronaut takes 4:4:4 now, from about 0.016 on. The coffee never does.",
        ),
    }

    def __init__(self, image="astronaut"):
        pictures = Wipe(names=("original", "λ's choice"))
        super().__init__(image, picture=pictures, plot=Pullable(), lam=LamSlider())
        self.plot.observe(self._pull, "hand")

    def _pull(self, change):
        across, up, which = change.new
        lam = pulled(self.source.curves[which], (across, up), self.result.chosen[which])
        if lam is not None:
            self.lam = float(f"{lam:.3g}")
