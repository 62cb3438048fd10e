"""A training to scrub through: L, R, D, the point beside JPEG's curve, the picture.

Two trainings of a minute each, recorded by lic_teach.learned.record: one starts as JPEG's DCT, the
other from random taps. The picture is a part of the cat, which neither of them saw, as its file
decodes at each moment.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images, metrics
from lic_teach.course.learned_codec import training_drawing
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.learned import record
from lic_teach.study import codecs

DCT, RANDOM = "JPEG's DCT", "random numbers"
NAMES = dict(zip((DCT, RANDOM), record.STARTS, strict=True))
QUALITIES = (*range(1, 10, 2), *range(10, 96, 5))
ZOOM = 6


class Source(NamedTuple):
    """What no control changes."""

    histories: dict[str, record.History]  # by what the training starts from
    original: np.ndarray  # uint8 (48, 48, 3)
    jpeg: list[tuple[float, float]]  # the whole cat by libjpeg: bpp, psnr


class Result(NamedTuple):
    source: Source
    start: str
    moment: int  # 1 is the first
    step: int  # steps done
    losses: np.ndarray  # L, R, D of the batches around it
    bpp: float  # of the cat's file
    psnr: float
    saved: float | None  # bits saved against JPEG at equal PSNR; None where JPEG is not there


def prepare(_) -> Source:
    """Source, from the recorded trainings."""
    recorded = record.load()
    cat = images.sample(record.UNSEEN)
    histories = {name: recorded[key] for name, key in NAMES.items()}
    return Source(histories, cat[record.CROP], jpeg_points(cat))


def jpeg_points(image: np.ndarray) -> list[tuple[float, float]]:
    """libjpeg's curve, 4:2:0 with Huffman tables of its own: (bpp, psnr) pairs, rising."""
    points, anchor = [], codecs.CODECS["jpeg"]
    for quality in QUALITIES:
        data = anchor.encode(image, quality)
        points.append((metrics.bpp(data, image), metrics.psnr(image, anchor.decode(data))))
    return points


def saved_bits(jpeg: list[tuple[float, float]], bpp: float, psnr: float) -> float | None:
    """1 - bpp / JPEG's rate at this PSNR; None outside of its curve. jpeg: (bpp, psnr) pairs."""
    rates, quality = np.array(sorted(jpeg, key=lambda point: point[1])).T
    if not quality[0] <= psnr <= quality[-1]:
        return None
    return float(1 - bpp / np.exp(np.interp(psnr, quality, np.log(rates))))


def compute(source: Source, moment: int, start: str) -> Result:
    """moment: 1..number of moments; start: DCT or RANDOM -> Result."""
    history = source.histories[start]
    step = int(history.moments[moment - 1])
    losses = history.losses[(step - 1) // record.MEAN]
    bpp, psnr = map(float, history.points[moment - 1])
    saved = saved_bits(source.jpeg, bpp, psnr)
    return Result(source, start, moment, step, losses, bpp, psnr, saved)


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
            training_drawing.path([history, source.histories[other]], at, source.jpeg),
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
    """Where the point is, seen from JPEG's curve."""
    if result.saved is None:
        return "No JPEG file of the cat is as bad as this."
    word = "fewer" if result.saved > 0 else "more"
    return f"{100 * abs(result.saved):.0f} % {word} bits than JPEG takes for this PSNR."


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
            "What is in the picture? When does the eye appear? What gets better after that, the "
            "picture or the file?",
            "Grey, and some dark squares: the few latents that the prior lets pass. At step 20 the "
            "eye is there, at step 40 with all it needs: the transform knew how all along. What "
            "follows makes the file less than half as large, and the picture a little better.",
        ),
        "step 600": (
            dict(moment=record.MOMENTS.index(600) + 1),
            "At which step does the point cross JPEG's curve?",
            "Between step 400 and step 600.",
        ),
        "from random numbers": (
            dict(start=RANDOM),
            "Go through all moments again. Where does this one stand after the same 1,800 steps?",
            "Still below JPEG's curve: about a fifth more bits than JPEG takes. (On six other "
            "photographs it was nearly twice as many; three pictures are too few to find a "
            "transform in.) With many photographs and days of training, networks that begin at "
            "random become as good as any.",
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
