"""Morphing tables: from the standard's steps to the learned ones, at one lambda.

At every lambda two pairs of tables stand against each other: the standard's at libjpeg's best
quality, the one with the smallest L = R + lam * D; and the learned ones. `table` moves all 128
steps from the one to the other, each by the same share of its logarithm. What comes out is a
real file, 4:2:0, in one scan, and libjpeg's file of equal PSNR stands beside it.
"""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

from lic_teach import jpeg
from lic_teach.course.jpeg_by_lambda import tables_drawing
from lic_teach.jpeg import codec, lossy, optimize
from lic_teach.jpeg.frame import Frame, count_blocks, make_frame, split
from lic_teach.jpeg.targets import error_weights
from lic_teach.kit import plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Slider, Wipe, choice
from lic_teach.kit.measured import LAMS, Coded, libjpeg, measured, quality_for_lam
from lic_teach.kit.rd_plot import Curve, rd_plot

QUALITIES = (*range(1, 20), *range(20, 80, 5), *range(80, 99, 2))
NEAR = 2.5  # the plot shows rates up to so many times as large or small as libjpeg's
ROUNDED, CHOSEN = "rounded", "chosen by λ"
LIBJPEG, OURS = "libjpeg", "this file"


class Source(NamedTuple):
    """A picture with all that the controls do not change."""

    image: np.ndarray  # uint8 (H, W, 3)
    frame: Frame  # 4:2:0
    coefficients: list[np.ndarray]  # float32 (n, m, 64) a component
    libjpeg: list[Coded]  # at QUALITIES, without pictures
    best: list[Coded]  # everything chosen for each of LAMS, without pictures


class Result(NamedTuple):
    source: Source
    lam: float
    coefficients: str
    start: Coded  # libjpeg's file with the smallest L; setting is its quality
    standard: list[np.ndarray]  # its tables: luma, chroma, int (64,), zig-zag
    learned: list[np.ndarray]
    steps: list[np.ndarray]  # those of the file
    coded: Coded  # the file; setting is lam
    rival: Coded  # libjpeg's file whose PSNR comes nearest; setting is its quality
    saved: float | None  # share of bits saved at equal PSNR; None where libjpeg does not get there


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: libjpeg's curve, through Pillow, and that of lambda's best."""
    frame = make_frame(*image.shape[:2], 3, "4:2:0")
    by_libjpeg = [libjpeg(image, quality).without_pictures() for quality in QUALITIES]
    files = [(lam, jpeg.encode(image, lam=lam, fast=True)) for lam in LAMS]
    best = [measured(image, lam, d, jpeg.decode(d)).without_pictures() for lam, d in files]
    return Source(image, frame, lossy.analyse(image, frame), by_libjpeg, best)


def compute(source: Source, lam: float, table: int, coefficients: str) -> Result:
    """table: 0 the standard's steps, 100 the learned ones; coefficients: ROUNDED or CHOSEN."""
    start = libjpeg(source.image, quality_for_lam(source.libjpeg, lam))
    standard, learned = codec.standard_tables(start.setting), optimize.learned_tables(lam)
    finer = optimize.TRELLIS_STEPS if coefficients == CHOSEN else 1
    steps = [morph(a, b, table / 100, finer) for a, b in zip(standard, learned, strict=True)]
    blocks = quantized(
        source.image, source.frame, lam, steps, coefficients == CHOSEN, source.coefficients
    )
    data = codec.pack(blocks, source.frame, steps)
    coded = measured(source.image, lam, data, codec.paint(blocks, source.frame, steps))
    rival = libjpeg(source.image, quality_for_psnr(source.libjpeg, coded.psnr))
    saved = saved_bits(source.libjpeg, coded)
    return Result(source, lam, coefficients, start, standard, learned, steps, coded, rival, saved)


def morph(standard: np.ndarray, learned: np.ndarray, share: float, finer: float = 1) -> np.ndarray:
    """Steps on the way from one table to the other: int (64,), 1..255."""
    logs = (1 - share) * np.log(standard) + share * np.log(learned)
    return np.clip(np.rint(finer * np.exp(logs)), 1, 255).astype(int)


def quantized(
    image: np.ndarray,
    frame: Frame,
    lam: float,
    steps: list[np.ndarray],
    chosen: bool,
    coefficients: list[np.ndarray] | None = None,
) -> np.ndarray:
    """The coefficients of all components, rounded or chosen by the trellis: int16 (N, 64).

    coefficients: what lossy.analyse makes of image, where that is known.
    """
    if not chosen:
        return codec.quantized(image, frame, steps)
    known = coefficients or lossy.analyse(image, frame)
    blocks = np.zeros((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    weights = [lam / 3 * w for w in error_weights(frame)]
    for part, table in ((slice(0, 1), steps[0]), (slice(1, 3), steps[1])):
        planes = known[part], grids[part], frame, table.astype(float)
        optimize.settle(*planes, weights[part], optimize.WHOLE, move_steps=False)
    return blocks


def quality_for_psnr(curve: list[Coded], psnr: float) -> int:
    """The quality of libjpeg whose PSNR comes nearest."""
    every = np.arange(QUALITIES[0], QUALITIES[-1] + 1)
    known = np.interp(every, QUALITIES, [min(c.psnr, 100) for c in curve])
    return int(every[np.argmin(np.abs(known - min(psnr, 100)))])


def saved_bits(curve: list[Coded], coded: Coded) -> float | None:
    """1 - its bits / the bits of the curve at its PSNR; None outside the curve's PSNRs."""
    logs = {c.psnr: np.log(c.bpp) for c in curve if c.psnr < np.inf}
    known = sorted(logs)
    if len(known) < 2 or not known[0] <= coded.psnr <= known[-1]:
        return None
    between = PchipInterpolator(known, [logs[psnr] for psnr in known])
    return float(1 - coded.bpp / np.exp(between(coded.psnr)))


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View. The browser decodes both files itself, as in duel.py."""
    return View(
        (result.rival.data, result.coded.data),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        _side_by_side(tables_drawing.grids(result), rd_plot(_curves(result), title(result))),
    )


def _side_by_side(*drawings):
    look = "display:flex;flex-wrap:wrap;gap:10px 28px"
    return f'<div style="{look}">{"".join(drawings)}</div>'


def title(result: Result) -> str:
    """What the plot shows, in a few words."""
    if result.saved is None:
        return "Off libjpeg's curve"
    if abs(result.saved) < 0.01:
        return "The file stands on libjpeg's curve"
    words = "left of" if result.saved > 0 else "right of"
    return f"{100 * abs(result.saved):.0f} % {words} libjpeg's curve"


def _curves(result):
    """libjpeg's curve near its best point, the one with everything chosen, this file's point."""
    source, ours, start = result.source, result.coded, result.start
    theirs, best = (
        [c for c in curve if 1 / NEAR < c.bpp / start.bpp < NEAR]
        for curve in (source.libjpeg, source.best)
    )
    return [
        _curve("libjpeg", sorted([*theirs, start], key=lambda c: c.setting), "circle", "", start),
        _curve("all by λ", best or [ours], "square", "5 4"),
        _curve("", [start, ours], "square", "1 3", ours),
    ]


def _curve(name, points, marker, dash, now=None):
    bpp, psnr = [c.bpp for c in points], [c.psnr for c in points]
    point = (now.bpp, now.psnr) if now else None
    return Curve(name, bpp, psnr, plots.JPEG, marker, dash, point)


def _table(result):
    theirs, ours = result.rival, result.coded
    rows = (
        ("set to", f"quality {theirs.setting}", f"λ = {result.lam:.3g}"),
        ("file, bytes", f"{theirs.size:,}", f"{ours.size:,}"),
        ("R, bits per pixel", f"{theirs.bpp:.3f}", f"{ours.bpp:.3f}"),
        ("PSNR (RGB), dB", *(f"{c.psnr:.2f}" for c in (theirs, ours))),
        ("L = R + λD", f"{theirs.cost(result.lam):.3f}", f"{ours.cost(result.lam):.3f}"),
    )
    return readout.table(rows, ("", "libjpeg, equal PSNR", OURS))


def verdict(result: Result) -> str:
    """Whether bits are saved at equal PSNR, in one sentence."""
    if result.saved is None:
        return "No 4:2:0 file of libjpeg's has this PSNR."
    if abs(result.saved) < 0.005:
        return "As many bits as libjpeg takes for this PSNR."
    word = "fewer" if result.saved > 0 else "more"
    return f"{100 * abs(result.saved):.1f} % {word} bits than libjpeg takes for this PSNR."


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    smallest, largest = result.steps[0].min(), result.steps[0].max()
    return (
        f"lambda {result.lam:.3g}, luma steps {smallest} to {largest}, coefficients "
        f"{result.coefficients}: {result.coded.size:,} bytes, {result.coded.bpp:.2f} bits per "
        f"pixel, {result.coded.psnr:.1f} dB. {verdict(result)}"
    ).replace("inf", "∞")


class Tables(Explorer, layout="drawing first"):
    """Tables(), Tables("chelsea"): pull the tables from the standard's to the learned ones."""

    tries = {
        "λ = 0.1": (
            dict(image="coffee", lam=0.1),
            "What do all steps have in common at this end?",
            "They go with 1/√λ: a hundred times the λ, a tenth of the step. Here the luma table is "
            "nearly flat.",
        ),
        "λ = 0.001": (
            dict(image="coffee", lam=1e-3),
            "And at this end?",
            "The file is so coarse that only a few waves matter at all.",
        ),
        "the standard's tables": (
            dict(image="coffee", table=0),
            "Compare the chroma tables at 0 % and 100 %. Whose steps does the machine make finer, "
            "luma's or chroma's?",
            "Chroma's, and by far. One sample of chroma reaches four pixels, so to R, G and B its "
            "error does about three times what an error of luma does. The standard, made for the "
            "eye, gives chroma the larger steps.",
        ),
        "the rocket": (
            dict(image="rocket"),
            "How many bits are saved at λ = 0.002, at 0.01, at 0.1? And for the cat, for the "
            "coffee?",
            "Coffee: 12 %, 21 %, 28 %. Rocket: 14 %, 26 %, 32 %. The cat has the least at 0.01, "
            "9 %.",
        ),
        "the wood": (
            dict(image="coffee"),
            "Enlarge the picture (the button on it) and wipe over the wood at the upper right. "
            "Equal PSNR: equally good?",
            "No. In libjpeg's file the wood has grain, in the learned one it has turned to flat "
            "squares. The grain is weak and made of slow waves, and for those the learned steps "
            "are larger: 37 for the slowest across, where libjpeg's file of equal PSNR has 12.",
        ),
    }

    def __init__(self, image="coffee"):
        super().__init__(
            image,
            picture=Wipe(names=(LIBJPEG, OURS)),
            lam=LamSlider(),
            table=Slider(100, 0, 100, label="Table", unit="%", ends=("standard", "learned")),
            coefficients=choice("Coefficients", [ROUNDED, CHOSEN]),
        )
