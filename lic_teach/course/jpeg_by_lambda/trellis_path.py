"""One block and its trellis: which of its coefficients are worth their bits?

Click a block and drag lambda. The steps stay as they are, one for all waves; what moves is the
choice. Each coefficient that does not round to zero is a node, and a hop from one kept node to the
next costs bits (run and size) and errors (of all that it leaps over, and of the one where it
lands). The cheapest chain of hops is found as in jpeg/trellis.py, which keeps no record of the ways
that lost; here they are what is shown. The picture is a real grayscale file with all blocks chosen.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.course.jpeg_by_lambda import trellis_drawing
from lic_teach.jpeg import codec, color, optimize, scan, transform, trellis
from lic_teach.jpeg.frame import Frame, make_frame
from lic_teach.jpeg.huffman import code_lengths
from lic_teach.jpeg.symbols import EOB, ZRL
from lic_teach.jpeg.trellis import Rates
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Picture, encode_picture
from lic_teach.metrics import bpp, psnr

STEP = 24  # a fifth finer than what suits lambda = 0.01 without a choice, 29.4


class Source(NamedTuple):
    """A picture with all that lambda does not change."""

    luma: np.ndarray  # uint8 (H, W)
    frame: Frame
    coefficients: np.ndarray  # float32 (n, m, 64), zig-zag
    rates: Rates  # the bits of every symbol, in a table that is made for this picture


class Hop(NamedTuple):
    """From one kept coefficient to the next: what it costs, against a block of zeros."""

    start: int  # number of the node; 0 is the DC, which is always sent
    end: int
    value: int  # how many steps, without the sign; 0 for the EOB
    bits: float
    error: float  # squared; below 0, as a kept coefficient has less error than a zero


class Result(NamedTuple):
    source: Source
    lam: float
    at: tuple[int, int]  # row and column of the block's upper left pixel
    places: list[int]  # the coefficients that do not round to zero
    target: np.ndarray  # float (64,), the block, zig-zag
    sizes: np.ndarray  # float (64,), the same in steps, without signs
    rounded: np.ndarray  # int (64,)
    chosen: np.ndarray  # int (64,)
    hops: list[Hop]  # the cheapest way to each node
    ways: list[Hop]  # from DC to EOB: the cheapest chain, in order
    data: bytes  # the file of the whole picture
    picture: np.ndarray  # uint8 (H, W), what it decodes to


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: luma alone."""
    luma = color.luma(image)
    frame = make_frame(*luma.shape, 1, "4:4:4")
    padded = np.pad(luma, [(0, -n % 8) for n in luma.shape], mode="edge")
    coefficients = transform.forward(padded.astype(np.float32))
    guess = optimize.round_towards_zero(coefficients.reshape(-1, 64), np.full(64, float(STEP)))
    return Source(luma, frame, coefficients, code_lengths_of(guess, frame))


def code_lengths_of(blocks: np.ndarray, frame: Frame) -> Rates:
    """The bits of every AC symbol in a file of these blocks, int16 (N, 64), with its own table.

    A symbol never seen would make the table longer: two bits more. (trellis.ac_rates is for
    progressive files, where one word may end many blocks.)
    """
    lengths = code_lengths(scan.symbol_counts(blocks, frame)[4]).astype(float)
    lengths = np.where(lengths > 0, lengths, lengths.max() + 2)
    return Rates(lengths + np.arange(256) % 16, lengths[EOB], lengths[EOB])


def compute(source: Source, lam: float, at: tuple[int, int]) -> Result:
    """The block at a pixel, and the whole picture, for a lambda -> Result."""
    row, column = (pixel // 8 for pixel in at)
    target = source.coefficients[row, column].astype(float)
    sizes = abs(target) / STEP
    rounded = (np.sign(target) * np.floor(sizes + 0.5)).astype(int)
    places = [k for k in range(1, 64) if rounded[k]]
    hops, last = cheapest(target, places, lam, source.rates)
    ways = chain(hops, last)
    chosen = np.zeros(64, int)
    chosen[0] = rounded[0]
    for hop in ways[:-1]:
        k = places[hop.end - 1]
        chosen[k] = np.sign(target[k]) * hop.value
    data, picture = whole(source, lam)
    at = 8 * row, 8 * column
    return Result(
        source, lam, at, places, target, sizes, rounded, chosen, hops, ways, data, picture
    )


def candidates(size: float) -> list[int]:
    """|c| -> what it may become beside 0: the nearest, and the largest with a bit less."""
    nearest = int(size / STEP + 0.5)
    smaller = 2 ** (nearest.bit_length() - 1) - 1
    return [nearest, smaller] if smaller else [nearest]


def cheapest(target, places, lam, rates) -> tuple[list[Hop], Hop]:
    """The cheapest hop into each node, and the one into the EOB: jpeg/trellis.py in Python.

    cost[node] = min over the nodes before and the candidates of cost[before] + bits + lam * error
    """
    at, cost, hops = [0, *places], [0.0], []
    for node, k in enumerate(places, 1):
        size = abs(target[k])
        ways = [
            Hop(start, node, value, bits(k - at[start] - 1, value, rates), gain(size, value))
            for start in range(node)
            for value in candidates(size)
        ]
        hops.append(min(ways, key=lambda hop: cost[hop.start] + hop.bits + lam * hop.error))
        cost.append(cost[hops[-1].start] + hops[-1].bits + lam * hops[-1].error)
    last = [Hop(0, len(at), 0, rates.empty, 0.0)]
    last += [
        Hop(node, len(at), 0, rates.end if at[node] < 63 else 0.0, 0.0)
        for node in range(1, len(at))
    ]
    return hops, min(last, key=lambda hop: cost[hop.start] + hop.bits)


def bits(run: int, value: int, rates: Rates) -> float:
    """So many zeros, then a value of this size: code words and extra bits."""
    symbol = (run % 16) << 4 | value.bit_length()
    return float(run // 16 * rates.symbol[ZRL] + rates.symbol[symbol])


def gain(size: float, value: int) -> float:
    """How the squared error of |c| changes if it is kept as `value` steps and not as zero."""
    return (size - value * STEP) ** 2 - size**2


def chain(hops: list[Hop], last: Hop) -> list[Hop]:
    """The way back from the EOB to DC, in the order of the file."""
    ways = [last]
    while ways[-1].start:
        ways.append(hops[ways[-1].start - 1])
    return ways[::-1]


def whole(source: Source, lam: float) -> tuple[bytes, np.ndarray]:
    """All blocks of the picture, chosen by the package: a grayscale file, and what it shows."""
    steps = np.full(64, STEP)
    targets = np.ascontiguousarray(source.coefficients.reshape(-1, 64))
    blocks = np.zeros(targets.shape, np.int16)
    blocks[:, 0] = np.rint(targets[:, 0] / STEP)
    rates = source.rates
    trellis.choose_ac(targets, steps.astype(float), np.full(64, lam), 1, 63, *rates, blocks)
    data = codec.pack(blocks, source.frame, [steps])
    return data, codec.paint(blocks, source.frame, [steps])


def costs(result: Result, values: np.ndarray) -> tuple[float, float]:
    """Bits of the AC coefficients of a block, EOB too, and its squared error: int (64,)."""
    total, before, rates = 0.0, 0, result.source.rates
    for k in np.flatnonzero(values[1:]) + 1:
        total += bits(int(k) - before - 1, abs(int(values[k])), rates)
        before = int(k)
    total += rates.empty if before == 0 else rates.end if before < 63 else 0.0
    return float(total), float(np.sum((result.target[1:] - STEP * values[1:]) ** 2))


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View."""
    return View(
        encode_picture(result.picture),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        trellis_drawing.plot(result),
    )


def _table(result):
    columns = [(*costs(result, values),) for values in (result.rounded, result.chosen)]
    sums = [b + result.lam * error for b, error in columns]
    rows = (
        ("bits", *(f"{b:.0f}" for b, _ in columns)),
        ("squared error", *(f"{error:,.0f}" for _, error in columns)),
        ("bits + λ · error", *(f"{total:.1f}" for total in sums)),
    )
    return readout.table(rows, ("this block, without DC", "rounded", "chosen"))


def counts(result: Result) -> tuple[int, int, int]:
    """How many coefficients fell to zero, how many to fewer bits; how many were kept."""
    before, after = abs(result.rounded[1:]), abs(result.chosen[1:])
    kept = int(np.count_nonzero(after))
    return int(np.count_nonzero(before)) - kept, int(np.sum((after > 0) & (after < before))), kept


def verdict(result: Result) -> str:
    """What fell, in one sentence; then the whole picture."""
    fell, shrank, kept = counts(result)
    words = f"{fell} of {fell + kept} fell to zero" + (f", {shrank} became smaller" * bool(shrank))
    luma = result.source.luma
    whole = f"{len(result.data):,} bytes, {bpp(result.data, luma):.3f} bits per pixel"
    return f"{words}. The whole picture, luma alone: {whole}, {psnr(luma, result.picture):.2f} dB."


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    (a, _), (b, _) = (costs(result, values) for values in (result.rounded, result.chosen))
    row, column = result.at
    return (
        f"lambda {result.lam:.3g}, block at row {row}, column {column}: {a:.0f} bits rounded, "
        f"{b:.0f} bits chosen. {verdict(result)}"
    )


class TrellisPath(Explorer, layout="drawing first"):
    """TrellisPath(), TrellisPath("coffee"): click a block, drag lambda, see what is kept."""

    tries = {
        "λ = 0.1": (
            dict(image="chelsea", at=(88, 192), lam=0.1),
            "Who falls where an error is so expensive?",
            "Nobody. This is plain rounding, and the block takes 78 bits.",
        ),
        "λ = 0.012": (
            dict(image="chelsea", at=(88, 192), lam=0.012),
            "Pull λ up to 0.015 and back. How many fall at once, and why not one after the other?",
            "Three. Without one of them alone, the run of the next one grows, and the bits come "
            "back there. Without all three the block ends at place 5, and 20 bits are saved.",
        ),
        "λ = 0.005": (
            dict(image="chelsea", at=(88, 192), lam=0.005),
            "What has become of the 8 at place 2, which was 7.9?",
            "A 7. The 8 has four binary digits and the 7 has three, so word and extra bits "
            "are shorter by 3 bits together.",
        ),
        "a busy block": (
            dict(image="chelsea", at=(96, 168), lam=0.01),
            "Here 33 coefficients do not round to zero. Which fall first, those far out or the "
            "small ones? And at λ = 0.002?",
            "The small ones: nine fall, none of them larger than 0.9 of a step. At 0.002 being far "
            "out is enough: behind place 11 even a 2.3 falls.",
        ),
    }

    def __init__(self, image="chelsea", at=(88, 192)):
        super().__init__(image, picture=Picture(cell=8, at=at), lam=LamSlider())
