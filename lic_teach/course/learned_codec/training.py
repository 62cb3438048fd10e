"""A training to scrub through: L, R, D, the point beside JPEG's curve, the picture.

Two trainings of own_codec.py, a minute each, recorded by tools/record.py: one starts as JPEG, the
other from random filters. The picture is a part of the cat, which neither of them saw, as its file
decodes at each moment.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images
from lic_teach.course.learned_codec import training_drawing
from lic_teach.course.learned_codec.anchors import jpeg_points, lam_points, saved_bits
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.learned import record

DCT, RANDOM = "JPEG's DCT", "random numbers"
NAMES = dict(zip((DCT, RANDOM), record.STARTS, strict=True))
ZOOM = 6


class Source(NamedTuple):
    """What no control changes."""

    histories: dict[str, record.History]  # by what the training starts from
    original: np.ndarray  # uint8 (48, 48, 3)
    jpeg: list[tuple[float, float]]  # the whole cat by libjpeg: bpp, psnr
    lam: list[tuple[float, float]]  # by JPEG by lambda


class Result(NamedTuple):
    source: Source
    start: str
    moment: int  # 1 is the first
    step: int  # steps done
    losses: np.ndarray  # L, R, D of the batches around it
    bpp: float  # of the cat's file
    psnr: float
    saved: float | None  # bits saved against JPEG at equal PSNR; None where JPEG is not there
    by_lam: float | None  # against JPEG by lambda


def prepare(_) -> Source:
    """Source, from the recorded trainings."""
    recorded = record.load()
    cat = images.sample(record.UNSEEN)
    histories = {name: recorded[key] for name, key in NAMES.items()}
    return Source(histories, cat[record.CROP], jpeg_points(cat), lam_points(cat))


def compute(source: Source, moment: int, start: str) -> Result:
    """moment: 1..number of moments; start: DCT or RANDOM -> Result."""
    history = source.histories[start]
    step = int(history.moments[moment - 1])
    losses = history.losses[(step - 1) // record.MEAN]
    bpp, psnr = map(float, history.points[moment - 1])
    saved = [saved_bits(curve, bpp, psnr) for curve in (source.jpeg, source.lam)]
    return Result(source, start, moment, step, losses, bpp, psnr, *saved)


def draw(result: Result) -> View:
    """Result -> View."""
    source, at = result.source, result.moment - 1
    history = source.histories[result.start]
    other = next(name for name in NAMES if name != result.start)
    pair = (p.repeat(ZOOM, 0).repeat(ZOOM, 1) for p in (source.original, history.pictures[at]))
    return View(
        side_by_side(*pair),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        _side_by_side(
            training_drawing.losses(history, at, history.moments[-1]),
            training_drawing.path([history, source.histories[other]], at, source.jpeg, source.lam),
        ),
    )


def _side_by_side(*drawings):
    look = "display:flex;flex-wrap:wrap;gap:10px 28px"
    return f'<div style="{look}">{"".join(drawings)}</div>'


def _table(result):
    L, R, D = result.losses
    rows = (
        ("R, bits per pixel", f"{R:.2f}", f"{result.bpp:.2f}"),
        ("D, MSE", f"{D:.0f}", f"{255**2 / 10 ** (result.psnr / 10):.0f}"),
        ("PSNR (RGB), dB", "", f"{result.psnr:.1f}"),
    )
    rows += (("L = R + λD", f"{L:.2f}", f"{_cost(result):.2f}"),)
    return readout.table(rows, ("", "batches, with noise", "file of the unseen cat"))


def _cost(result):
    return result.bpp + record.LAM * 255**2 / 10 ** (result.psnr / 10)


def verdict(result: Result) -> str:
    """Where the point is, seen from both curves."""
    if result.saved is None:
        return "No JPEG file of the cat is as bad as this."
    parts = [f"{_share(result.saved)} JPEG takes for this PSNR"]
    if result.by_lam is not None:
        parts.append(f"{_share(result.by_lam)} JPEG by λ")
    return ", ".join(parts) + "."


def _share(saved):
    return f"{100 * abs(saved):.0f} % {'fewer' if saved > 0 else 'more'} bits than"


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"started from {result.start}, {result.step} steps: {result.bpp:.2f} bits per pixel, "
        f"{result.psnr:.1f} dB. {verdict(result)}"
    )


class Training(Explorer, layout="drawing first"):
    """Training(): scrub through a minute of learning."""

    tries = {
        "the first step": (
            dict(moment=1),
            "Where does the point stand, seen from JPEG's curve? What happens first, a better "
            "picture or a smaller file?",
            "It begins beside JPEG's curve: it is JPEG but for its coder. Then the file shrinks by "
            "nearly a half, at about the same quality. Only in the second half of the training "
            "does the picture get better, too, for no more bits.",
        ),
        "step 400": (
            dict(moment=record.MOMENTS.index(400) + 1),
            "At which step does the point cross the curve of JPEG by λ?",
            "Between step 300 and this one. The steps are still large here: from moment to moment "
            "the point jumps by some tenths of a decibel. Toward the end they become small.",
        ),
        "from random numbers": (
            dict(start=RANDOM),
            "Go through all moments again. What is in the picture at first? Where does this one "
            "stand after the same 2,000 steps?",
            "Noise, then coarse blocks. In the end it is still a little worse than JPEG as most "
            "programs write it, and more than 2 dB below the one that began as JPEG. With many "
            "photographs and days of training, codecs that begin at random become as good as any.",
        ),
    }

    def __init__(self):
        last = len(record.MOMENTS)
        super().__init__(
            None,
            picture=Wipe(names=("original", "decoded"), position=0.25),
            moment=Slider(
                last, 1, last, label="Moment", unit=f"of {last}", ends=("first step", "last step")
            ),
            start=choice("Started from", [DCT, RANDOM]),
        )
