"""One block becomes bits, symbol by symbol.

Click a block, choose a quality, and step through its symbols: which coefficients each of them
tells, its code word, its extra bits. The file is a real one, and so are the bits, read out of it
by jpeg.trace.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lic_teach import jpeg
from lic_teach.course.entropy_coding import block_bits_drawing
from lic_teach.course.entropy_coding.block_bits_drawing import name_of
from lic_teach.jpeg import codec, frame, scan
from lic_teach.jpeg.bitstream import extend
from lic_teach.jpeg.trace import Symbol, trace
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Picture, QualitySlider, Slider, encode_picture
from lic_teach.kit.plots import minus
from lic_teach.kit.readout import table

ALL = 64  # a block has no more symbols than coefficients


class Coded(NamedTuple):
    """A file of the picture, and what stands in it."""

    data: bytes
    picture: bytes  # what it decodes to, as encode_picture makes it
    luma: np.ndarray  # int16 (n, m, 64), zig-zag
    numbers: np.ndarray  # int (n, m): of each luma block in the order of the file
    counts: np.ndarray  # int (8, 256), how often each symbol occurs, by table


class Source(NamedTuple):
    image: np.ndarray  # uint8 (H, W, 3)
    coded: Callable[[int], Coded]  # quality -> the file; the last few are remembered


class Result(NamedTuple):
    coded: Coded
    quality: int
    at: tuple[int, int]  # row and column of the block's upper left pixel
    symbols: list[Symbol]
    values: np.ndarray  # int16 (64,), zig-zag
    step: int  # how many symbols are written


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    return Source(image, lru_cache(4)(lambda quality: _coded(image, quality)))


def _coded(image, quality):
    data = jpeg.encode(image, quality)
    blocks, layout, tables = codec.unpack(data)
    order, _ = frame.scan_order(layout, tuple(range(len(layout.components))))
    numbers = np.empty(order.size, int)
    numbers[order.ravel()] = np.arange(order.size)
    luma = frame.split(blocks, layout)[0]
    return Coded(
        data,
        encode_picture(codec.paint(blocks, layout, tables)),
        luma,
        numbers[: luma[..., 0].size].reshape(luma.shape[:2]),
        scan.symbol_counts(blocks, layout),
    )


def compute(source: Source, quality: int, step: int, at: tuple[int, int]) -> Result:
    """The symbols of one luma block. step: how many are written; at: a pixel of it -> Result."""
    coded = source.coded(quality)
    row, column = (pixel // 8 for pixel in at)
    symbols = trace(coded.data, int(coded.numbers[row, column]))
    step = min(max(step, 1), len(symbols))
    return Result(coded, quality, (8 * row, 8 * column), symbols, coded.luma[row, column], step)


def draw(result: Result) -> View:
    """Result -> View."""
    return View(
        result.coded.picture,
        f"<p>{words(result)}</p>" + _table(result),
        summary(result),
        block_bits_drawing.plot(result.values, result.symbols, result.step),
        more=(result.step, len(result.symbols)),
    )


def words(result: Result) -> str:
    """What the newest symbol says, in one or two sentences."""
    symbol = result.symbols[result.step - 1]
    if symbol.name == "EOB":
        return "EOB, end of block: all coefficients that are left are zero. One symbol tells it."
    if symbol.name == "ZRL":
        return "ZRL: sixteen zeros, and there is still a number to come."
    sent = extend(int(symbol.extra, 2), symbol.size) if symbol.extra else 0
    bits = "1 bit" if symbol.size == 1 else f"{symbol.size} bits"
    rest = f"{minus(sent)} has {bits}" if symbol.size else "0 has no bits at all"
    if symbol.extra:
        add = f" + {(1 << symbol.size) - 1}" if sent < 0 else ""
        rest += f": the code word says {symbol.size}, the extra bits {symbol.extra} say which"
        rest += f" ({minus(sent)}{add} = {int(symbol.extra, 2)})" if add else ""
    if symbol.name == "DC":
        before = minus(symbol.value - sent)
        return (
            f"The block before has DC {before}, this one {minus(symbol.value)}: the difference "
            f"is {minus(sent)}. {rest}."
        )
    zeros = "1 zero" if symbol.run == 1 else f"{symbol.run} zeros"
    return f"{zeros[0].upper()}{zeros[1:]}, then {minus(sent)}. {rest}."


def _table(result):
    symbol = result.symbols[result.step - 1]
    counts = result.coded.counts[0 if symbol.name == "DC" else 4]
    seen, total = counts[symbol.run << 4 | symbol.size], counts.sum()
    written = result.symbols[: result.step]
    code, extra = (
        sum(len(bits) for bits in part) for part in zip(*(s[1:3] for s in written), strict=True)
    )
    rows = (
        (f"{name_of(symbol)} in this file", f"{seen:,} of {total:,}"),
        ("−log₂ of its share, bits", f"{-np.log2(seen / total):.2f}"),
        ("its code word, bits", len(symbol.code)),
        ("code words so far, bits", code),
        ("extra bits so far", extra),
        ("all so far, bits (64 pixels: 512)", code + extra),
    )
    return table(rows)


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    symbol, (row, column) = result.symbols[result.step - 1], result.at
    bits = sum(len(s.code) + len(s.extra) for s in result.symbols[: result.step])
    return (
        f"quality {result.quality}, block at row {row}, column {column}: symbol {result.step} of "
        f"{len(result.symbols)} is {name_of(symbol)}, code word {symbol.code}, "
        f"extra bits {symbol.extra or 'none'}; {bits} bits so far"
    )


class BlockBits(Explorer):
    """BlockBits(), BlockBits("coffee"): click a block, step through its symbols.

    The step at its right end means the whole block, also where the next block has more symbols.
    """

    tries = {
        "the longest word": (
            dict(image="chelsea", step=9),
            "Pull <i>Symbol</i> to the left end and step with the arrow key. Why is this code word "
            "the longest of our block?",
            "(14, 1) takes 12 bits. It is rare: the table says how often it occurs in this file.",
        ),
        "in the background": (
            dict(image="chelsea", at=(16, 408)),
            "How many bits does a block of the blurred background need?",
            "Between 11 and 16 at the upper right: a difference, at most a few small numbers, and "
            "EOB.",
        ),
        "quality 95": (
            dict(image="chelsea", quality=95),
            "What grows faster from 50 to 95, the code words or the extra bits?",
            "The extra bits. In our block they grow from 25 to 103, the code words from 48 to 147.",
        ),
    }

    def __init__(self, image="chelsea", at=(88, 192)):
        super().__init__(
            image,
            picture=Picture(cell=8, at=at),
            quality=QualitySlider(),
            step=Slider(ALL, 1, ALL, label="Symbol", ends=("DC", "whole block")),
        )

    @property
    def state(self):
        step = self.controls["step"]
        return super().state | {"step": ALL if step.value == step.maximum else step.value}

    def set(self, image=None, **values):
        """As every explorer; a step is one of the block to come, which may have more symbols."""
        with self._one_at_a_time, self._hold():
            self.controls["step"].maximum = ALL
        super().set(image, **{"step": ALL} | values)

    def _put(self, view):
        super()._put(view)
        (now, symbols), step = view.more, self.controls["step"]
        with self._hold(), step.hold_sync():
            step.maximum = max(symbols, 2)
            step.value = now
            step.unit = f"of {symbols}"
