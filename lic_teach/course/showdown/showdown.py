"""Every codec on one plot: choose a point, see the picture that it stands for.

Every point is a real file of the same piece of a photograph, at most 384 x 256 pixels from its
middle, so that all of them can be written, read and measured when a picture is loaded. On so small
a piece a file's head weighs: it can be left out of the count. To the left of the wipe stands the
original, or the JPEG file that comes nearest in size: what the bits of the point would have bought
there.
"""

from pathlib import Path
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets

from lic_teach.course.showdown import files, showdown_drawing
from lic_teach.course.showdown.files import LAMS, MS_SSIM, PSNR, File, Source, head, present
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import STYLE, Slider, Wipe, choice

ORIGINAL, JPEG = "the original", "a JPEG of its size"
WHOLE, CODED = "whole files", "without their heads"
WIDE = "min(440px, 90vw)"  # of the sentence, whatever it says: so the plot keeps its place
WORDS = {"JPEG": "quality", "WebP": "quality", "AVIF": "quality", "JPEG 2000": "24 bits over"}


class Result(NamedTuple):
    source: Source
    curves: dict[str, list[File]]  # those of the source, or their rates without the heads
    chosen: File
    metric: str
    beside: File | None  # None: the original
    counted: str


def compute(
    source: Source, n: int, codec: str, metric: str, beside: str, counted: str = WHOLE
) -> Result:
    """Point n of a codec, and the picture to see beside it."""
    chosen = source.curves[codec][n - 1]
    if np.isnan(chosen.ms_ssim):
        metric = PSNR
    left = source.jpeg_of(len(chosen.data)) if beside == JPEG else None
    curves = source.curves
    if counted == CODED:
        curves = {name: [f.coded_alone() for f in curve] for name, curve in curves.items()}
        chosen, left = curves[codec][n - 1], left and left.coded_alone()
    return Result(source, curves, chosen, metric, left, counted)


def draw(result: Result) -> View:
    """The two pictures, the table and the plot."""
    left = result.beside.picture if result.beside else result.source.original
    return View(
        (left, result.chosen.picture),
        table(result) + f'<p style="width:{WIDE}">{words(result)}</p>',
        summary(result),
        showdown_drawing.plot(result),
        more=(result.chosen.codec, result.chosen.n),
        names=names(result),
    )


def names(result: Result) -> tuple[str, str]:
    """What stands in the corners of the two pictures."""
    left = f"JPEG, {len(result.beside.data):,} bytes" if result.beside else "original"
    return left, f"{result.chosen.codec}, {len(result.chosen.data):,} bytes"


def table(result: Result) -> str:
    """The files as columns."""
    files = [file for file in (result.beside, result.chosen) if file]
    rows = (
        ("set to", *(setting_of(file) for file in files)),
        ("file, bytes", *(f"{len(file.data):,}" for file in files)),
        ("before the first coded byte", *(f"{head(file.data):,}" for file in files)),
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
    curve = result.curves["JPEG"]
    quality = [each.quality(metric) for each in curve]
    if not min(quality) <= file.quality(metric) <= max(quality):
        than = "lower" if file.quality(metric) > max(quality) else "higher"
        return f"All of JPEG's five files have a {than} {metric}."
    if np.any(np.diff(quality) <= 0):
        return f"JPEG's five files do not rise in {metric}: there is no curve to compare with."
    rate = np.exp(np.interp(file.quality(metric), quality, np.log([each.bpp for each in curve])))
    change = 100 * (file.bpp / rate - 1)
    return (
        f"For this {metric} JPEG needs about {rate:.2f} bits per pixel: {file.codec} takes "
        f"{abs(change):.0f} % {'fewer' if change < 0 else 'more'}."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    file = result.chosen
    without = "" if result.counted == WHOLE else " without the head"
    return (
        f"{file.codec}, {setting_of(file)}: {file.bpp:.2f} bits per pixel{without}, "
        f"{file.psnr:.1f} dB"
        + ("" if np.isnan(file.ms_ssim) else f", MS-SSIM {file.ms_ssim:.3f}")
        + (f"; beside it JPEG, {result.beside.psnr:.1f} dB" if result.beside else "")
    )


class Points(anywidget.AnyWidget):
    """An SVG whose points, with data-codec and data-n, can be clicked, or chosen with arrows."""

    _esm = Path(__file__).parent / "showdown.js"
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    picked = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 1)).tag(sync=True)


class Showdown(Explorer, layout="under"):
    """Showdown(), Showdown("coffee"), Showdown("my photo.jpg")."""

    tries = {
        "learned beside a JPEG of its size": (
            dict(image="chelsea", codec="learned", n=2, beside=JPEG),
            "Move <i>Point</i>. From which point on do you no longer see which is which?",
            "At the second point JPEG is all coloured blocks. At the third look at the blur behind "
            "the head; at the fourth one has to enlarge (the button in the picture).",
        ),
        "the smallest JPEG by λ": (
            dict(image="chelsea", codec="JPEG by λ", n=1),
            "Go through the codecs at their smallest files. Each breaks in its own way: blocks, "
            "ripples, smears. Which do you mind least?",
            "JPEG shows blocks and wrong colours. JPEG by λ takes as many bits and is smooth "
            "instead. JPEG 2000 leaves grain beside edges (its smallest file is larger here). AVIF "
            "and the learned codec keep the colours and iron the hair.",
        ),
        "MS-SSIM": (
            dict(image="chelsea", metric=MS_SSIM),
            "Which curve falls behind which?",
            "AVIF comes nearer to the learned curve: behind by a twelfth, no longer by a fifth. "
            "JPEG by λ and JPEG 2000 lose a third to a half of their lead over JPEG.",
        ),
        "the rocket, without heads": (
            dict(image="rocket", codec="AVIF", n=2, counted=CODED),
            "Is AVIF still behind the learned codec? Then choose <i>whole files</i>.",
            "Without their heads the two curves lie on each other. With them AVIF needs a seventh "
            "more: most of the rocket is sky, its files are small, and a head is 275 bytes.",
        ),
    }

    prepare = staticmethod(files.prepare)

    def __init__(self, image="chelsea"):
        self.names = present()
        super().__init__(
            image,
            picture=Wipe(),
            plot=Points(),
            n=Slider(3, 1, len(LAMS), label="Point", ends=("smaller file", "better picture")),
            codec=choice("Codec", self.names, "learned"),
            metric=choice("Measured by", [PSNR, MS_SSIM]),
            beside=choice("Beside it", [ORIGINAL, JPEG]),
            counted=choice("Bytes of", [WHOLE, CODED]),
        )
        self.plot.observe(self._pick, "picked")

    def _pick(self, change):
        codec, n = change.new
        if 0 <= codec < len(self.names) and (self.codec, self.n) != (self.names[codec], n):
            self.set(codec=self.names[codec], n=n)

    def _put(self, view):
        super()._put(view)
        codec, n = view.more
        self.plot.picked = self.names.index(codec), n
