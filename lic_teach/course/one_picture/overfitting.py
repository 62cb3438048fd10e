"""A fit to scrub through: at each moment the file is opened, and all that is in it is drawn.

    Fit --prepare--> files, rivals' curves
    moment --compute--> picture, latents, weights, and where the bytes are

Nothing is trained here: the moments are real files, and to open one takes a blink.
"""

from typing import NamedTuple

import numpy as np
import torch

from lic_teach.course.one_picture import fit, overfitting_drawing, rivals
from lic_teach.course.one_picture.fit import Fit
from lic_teach.course.one_picture.rivals import Rivals
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.kit.measured import Coded, libjpeg, quality_for_bpp
from lic_teach.overfit import codec, container, entropy, quantize
from lic_teach.overfit.codec import Parts
from lic_teach.overfit.transform import GRID, LEVELS

ORIGINAL, JPEG = "original", "JPEG, as many bytes"  # what stands left of the line


class Opened(NamedTuple):
    """One moment's file."""

    coded: Coded
    parts: Parts
    levels: np.ndarray  # float (LEVELS,): bytes of the latents of each level, the finest first


class Source(NamedTuple):
    """A fit with all that the controls do not change."""

    fit: Fit
    rivals: Rivals
    opened: dict[int, Opened]  # by the steps done, as far as they were asked for

    def at(self, step: int) -> Opened:
        """What is in the file after so many steps."""
        if step not in self.opened:
            self.opened[step] = open_file(self.fit.image, self.fit.files[step])
        return self.opened[step]


class Result(NamedTuple):
    source: Source
    step: int  # steps done
    beside: str
    now: Opened
    path: list[tuple[float, float]]  # (bpp, psnr) of all moments up to this one


def prepare(recorded: Fit) -> Source:
    """Fit -> Source. All files are opened here, so that the slider answers at once."""
    source = Source(recorded, rivals.measure(recorded.image), {})
    for step in recorded.files:
        source.at(step)
    return source


def open_file(image: np.ndarray, data: bytes) -> Opened:
    """A file, decoded, and where its bytes are: those of latents as -log2 P, in proportion."""
    parts = codec.unpack(data)
    spent = level_bits(parts)
    payload = len(data) - container.OVERHEAD - parts.networks
    return Opened(rivals.overfitted(image, data), parts, payload * spent / max(spent.sum(), 1e-9))


def level_bits(parts: Parts) -> np.ndarray:
    """Bits of the latents of each level, estimated: float (LEVELS,), the finest first."""
    v, theta = torch.from_numpy(parts.v).float(), torch.from_numpy(parts.weights).float() / GRID
    with torch.inference_mode():
        bits = entropy.bits(v, parts.where, quantize.named(theta)).numpy()
    level = parts.where.level[parts.where.inside].numpy()
    return np.bincount(level, bits, LEVELS)


def compute(source: Source, moment: int, beside: str) -> Result:
    """moment: 1..number of moments -> Result."""
    steps = sorted(source.fit.files)
    seen = [source.at(step).coded for step in steps[:moment]]
    step = steps[moment - 1]
    path = [(coded.bpp, coded.psnr) for coded in seen]
    return Result(source, step, beside, source.at(step), path)


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View."""
    image, coded = result.source.fit.image, result.now.coded
    left = image
    if result.beside == JPEG:
        left = libjpeg(image, quality_for_bpp(result.source.rivals.jpeg, coded.bpp)).x_hat
    return View(
        side_by_side(left, coded.x_hat),
        _table(result) + f"<p>{words(result)}</p>",
        summary(result),
        overfitting_drawing.plot(result),
        names=(result.beside, "overfitted"),
    )


def _table(result):
    coded, last = result.now.coded, result.source.at(max(result.source.fit.files)).coded
    rows = (
        ("file, bytes", f"{coded.size:,}", f"{last.size:,}"),
        ("of them networks", *(f"{parts.networks:,}" for parts in _parts(result))),
        ("R, bits per pixel", f"{coded.bpp:.3f}", f"{last.bpp:.3f}"),
        ("D, MSE", f"{coded.mse:.1f}", f"{last.mse:.1f}"),
        ("PSNR (RGB), dB", f"{coded.psnr:.2f}", f"{last.psnr:.2f}"),
        ("L = R + λD", f"{coded.cost(fit.LAM):.3f}", f"{last.cost(fit.LAM):.3f}"),
    )
    return readout.table(rows, ("", f"step {result.step}", "at the end"))


def _parts(result):
    return result.now.parts, result.source.at(max(result.source.fit.files)).parts


def words(result: Result) -> str:
    """The networks' share, and how many weights have left the start."""
    parts, coded = result.now.parts, result.now.coded
    moved = np.count_nonzero(parts.weights != quantize.start())
    share, finest = parts.networks / coded.size, result.now.levels[0] / coded.size
    return (
        f"Networks: {100 * share:.0f} % of the file; the finest level: {100 * finest:.0f} %. "
        f"{moved} of {len(parts.weights)} weights are other than at the start. "
        f"{np.count_nonzero(parts.v):,} of {len(parts.where.order):,} latents are not 0."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    coded, parts = result.now.coded, result.now.parts
    return (
        f"step {result.step}: {coded.size:,} bytes, {parts.networks} of them networks, "
        f"{coded.psnr:.1f} dB, L {coded.cost(fit.LAM):.3f}"
    )


class Overfitting(Explorer):
    """Overfitting(): the cat's recorded fit. Overfitting(fit.fit(piece)): one of your own."""

    tries = {
        "step 1": (
            dict(moment=1),
            "What is in the file before anything is fitted?",
            "Nearly nothing: all latents are still 0, and the networks are one step away from "
            "those of the course, fitted to other photographs. The picture is plain grey.",
        ),
        "step 20": (
            dict(moment=fit.MOMENTS.index(20) + 1),
            "Where does the point stand, seen from JPEG's curve? From here on, what falls: the "
            "bytes, the error, or both?",
            "Far under it. From here on both fall: the picture is there after twenty steps, and "
            "the other 980 make it cheaper <i>and</i> better.",
        ),
        "the end": (
            dict(moment=len(fit.MOMENTS)),
            "Which level takes most of the bytes? Which ones take next to none?",
            "The finest, level 0, takes two thirds of the file, for fur and edges. The four "
            "coarsest take next to nothing: there are few latents in them.",
        ),
        "beside JPEG": (
            dict(beside=JPEG),
            "Both files are equally large. Look at the eye and at the whiskers, at 4×.",
            "JPEG has its squares. Here fine hairs have gone soft, and edges are smooth: there are "
            "no blocks in this codec.",
        ),
    }

    def __init__(self, recorded: Fit | None = None):
        self.recorded = recorded or fit.load()
        last = len(self.recorded.files)
        super().__init__(
            None,
            picture=Wipe(position=0.3),
            moment=Slider(
                last, 1, last, label="Moment", unit=f"of {last}", ends=("first step", "last step")
            ),
            beside=choice("Left of the line", [ORIGINAL, JPEG]),
        )

    def prepare(self, _):
        """The fit that this explorer was made for."""
        return prepare(self.recorded)
