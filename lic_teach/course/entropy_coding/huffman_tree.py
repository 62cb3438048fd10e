"""Huffman's tree, rebuilt as the counts change: join the two rarest, again and again.

Six sliders are the counts of six symbols, at first those of the cat's six most frequent AC
symbols. "Joins" stops the building half-way; "canonical" shows the tree that belongs to the code
words which JPEG deals out, with the same lengths.
"""

import heapq
from typing import NamedTuple

import numpy as np
from ipywidgets import Dropdown, VBox

from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View, row
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.plots import QUIET, TEXT, text
from lic_teach.kit.readout import table
from lic_teach.metrics import entropy

NAMES = ("EOB", "(0, 1)", "(0, 2)", "(0, 3)", "(1, 1)", "(2, 1)")
PRESETS = {  # chelsea at quality 50, luma; then what a tree does in the simplest cases
    "the cat": (2204, 5375, 3165, 1388, 1687, 775),
    "all equal": (100, 100, 100, 100, 100, 100),
    "each half of the one before": (1600, 800, 400, 200, 100, 100),
    "one takes nearly all": (5000, 40, 20, 10, 5, 1),
}
JOINS = len(NAMES) - 1
LETTERS = "abcdef"  # the controls of the six counts
GROWING, CANONICAL = "as it is built", "canonical"
WIDTH, TOP, LEVEL, MARGIN, BASE = 460, 50, 58, 44, 340


class Node(NamedTuple):
    """A leaf has a symbol and no children."""

    count: int
    symbol: int
    children: tuple


class Result(NamedTuple):
    counts: tuple[int, ...]
    joins: int
    show: str
    forest: list[Node]  # what is left after `joins` joins
    lengths: tuple[int, ...]  # of the code words, when all is joined
    codes: tuple[str, ...]


def compute(
    _, a: float, b: float, c: float, d: float, e: float, f: float, joins: int, show: str
) -> Result:
    """Six counts and the number of joins -> Result."""
    counts = tuple(round(count) for count in (a, b, c, d, e, f))
    whole = join(counts, JOINS)
    lengths = depths(whole[0])
    codes = canonical(lengths)
    forest = [from_codes(codes, counts)] if show == CANONICAL else join(counts, joins)
    return Result(counts, joins, show, forest, lengths, codes)


def join(counts: tuple[int, ...], joins: int) -> list[Node]:
    """The two rarest nodes become one, `joins` times -> nodes that are left, the rarest last."""
    heap = [(count, symbol, Node(count, symbol, ())) for symbol, count in enumerate(counts)]
    heapq.heapify(heap)
    for number in range(joins):
        *_, rarest = heapq.heappop(heap)
        *_, second = heapq.heappop(heap)
        both = Node(rarest.count + second.count, -1, (second, rarest))
        heapq.heappush(heap, (both.count, len(counts) + number, both))
    return [node for *_, node in sorted(heap, reverse=True)]


def depths(root: Node) -> tuple[int, ...]:
    """How deep the leaf of each symbol lies: a tuple in the order of the symbols."""
    return tuple(depth for _, depth in sorted(_leaves(root, 0)))


def _leaves(node, depth):
    if not node.children:
        return [(node.symbol, depth)]
    return [leaf for child in node.children for leaf in _leaves(child, depth + 1)]


def canonical(lengths: tuple[int, ...]) -> tuple[str, ...]:
    """Code words in order of length, each one more than the last (T.81 Annex C): strings.

    >>> canonical((2, 1, 3, 3))
    ('10', '0', '110', '111')
    """
    words, word, before = {}, -1, 0
    for symbol in sorted(range(len(lengths)), key=lambda s: lengths[s]):
        word = (word + 1) << (lengths[symbol] - before)
        before = lengths[symbol]
        words[symbol] = format(word, f"0{before}b")
    return tuple(words[symbol] for symbol in range(len(lengths)))


def from_codes(codes: tuple[str, ...], counts: tuple[int, ...], prefix: str = "") -> Node:
    """The tree whose paths are these code words: 0 to the left, 1 to the right."""
    if prefix in codes:
        symbol = codes.index(prefix)
        return Node(counts[symbol], symbol, ())
    children = tuple(from_codes(codes, counts, prefix + bit) for bit in "01")
    return Node(sum(child.count for child in children), -1, children)


def bits_per_symbol(result: Result) -> tuple[float, float]:
    """Entropy, and the mean length of the code words."""
    counts = np.array(result.counts)
    return entropy(counts), float(counts @ result.lengths / counts.sum())


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    return View(b"", _table(result), summary(result), _plot(result))


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    ideal, mean = bits_per_symbol(result)
    words = ", ".join(f"{name} {code}" for name, code in zip(NAMES, result.codes, strict=True))
    return f"{words}: {mean:.3f} bits a symbol, entropy {ideal:.3f}"


def _table(result):
    total = sum(result.counts)
    rows = (
        (name, f"{n:,}", f"{-np.log2(n / total):.2f}", len(code), f"<code>{code}</code>")
        for name, n, code in zip(NAMES, result.counts, result.codes, strict=True)
    )
    ideal, mean = bits_per_symbol(result)
    return (
        table(rows, ("symbol", "count", "−log₂ p", "bits", "canonical word"))
        + f"<p>Mean: <b>{mean:.3f}</b> bits a symbol. Entropy: <b>{ideal:.3f}</b>. "
        f"Whole bits cost {100 * (mean / ideal - 1):.1f} % more.</p>"
    )


def _plot(result):
    left = len(result.forest)
    title = "One tree: a deeper leaf has a longer word"
    if left > 1:
        title = f"{result.joins} of {JOINS} joins: {left} trees are left"
    if result.show == CANONICAL:
        title = "Canonical: short words first, then count up"
    depth = max(length for root in result.forest for _, length in _leaves(root, 0))
    level = min(LEVEL, (BASE - TOP - 46) / max(depth, 1))
    places = iter(np.linspace(MARGIN, WIDTH - MARGIN, len(NAMES)))
    drawn = "".join(_branch(root, 0, level, places)[0] for root in result.forest)
    return plots.titled(WIDTH, BASE, title, drawn)


def _branch(node, depth, level, places):
    """A node and all below it -> SVG, and where it stands across. Leaves take the next place."""
    y = TOP + depth * level
    if not node.children:
        x = float(next(places))
        return _box(x, y, f"{node.count:,}", plots.JPEG, 0.3) + _under(x, y, node.symbol), x
    parts = [_branch(child, depth + 1, level, places) for child in node.children]
    x = sum(at for _, at in parts) / 2
    lines = ""
    for bit, (_, at) in zip("01", parts, strict=True):
        lines += f'<path d="M{x:.1f} {y + 10}L{at:.1f} {y + level - 10:.1f}" '
        lines += f'style="stroke:{QUIET}"/>'
        down = level - 20
        away = 10 / np.hypot(at - x, down)  # so that the digit stands 10 above the line
        left, top = (x + at) / 2 + away * np.copysign(down, at - x), y - away * abs(at - x)
        lines += text(left, top + level / 2 + 4, bit, plots.JPEG, weight=700)
    return lines + "".join(part for part, _ in parts) + _box(x, y, f"{node.count:,}", "none", 1), x


def _box(x, y, words, fill, opacity):
    return (
        f'<rect x="{x - 25:.1f}" y="{y - 11:.1f}" width="50" height="22" rx="11" '
        f'stroke="{plots.LINE}" style="fill:{fill};fill-opacity:{opacity}"/>'
        + text(round(x, 1), y + 4, words, TEXT, size=12)
    )


def _under(x, y, symbol):
    return text(round(x, 1), y + 27, NAMES[symbol], TEXT, weight=600)


class HuffmanTree(Explorer):
    """HuffmanTree(): six counts, their tree, their code words."""

    tries = {
        "each half of the one before": (
            dict(zip(LETTERS, PRESETS["each half of the one before"], strict=True)),
            "How far is the mean from the entropy? Why?",
            "They are equal: each −log₂ p is a whole number.",
        ),
        "one takes nearly all": (
            dict(zip(LETTERS, PRESETS["one takes nearly all"], strict=True)),
            "What is its −log₂ p, and how many bits must it take?",
            "Almost nothing, but a word has at least one bit. Whole bits cost several times the "
            "entropy.",
        ),
        "all equal": (
            dict(zip(LETTERS, PRESETS["all equal"], strict=True)),
            "Pull the last one up. When does its word become shorter?",
            "As soon as it is more frequent than the others, a word of three bits becomes one of "
            "two. One bit it gets when it is more frequent than three of the others together.",
        ),
    }

    def __init__(self):
        counts = {
            letter: Slider(count, 1, 10000, log=True, label=name, unit="times")
            for letter, count, name in zip(LETTERS, PRESETS["the cat"], NAMES, strict=True)
        }
        self.preset = Dropdown(options=PRESETS, description="Counts of")
        self.preset.observe(
            lambda change: self.set(**dict(zip(LETTERS, change.new, strict=True))), "value"
        )
        super().__init__(
            None,
            **counts,
            joins=Slider(JOINS, 0, JOINS, label="Joins", unit=f"of {JOINS}"),
            show=choice("Tree", [GROWING, CANONICAL]),
        )

    def _body(self):
        """The sliders beside the tree, which needs no picture."""
        *counts, joins, show = self.controls.values()
        left = VBox([self.preset, *counts, row(self._reset)]).add_class("lic-sliders")
        right = VBox([row(joins, show), row(self.plot, self.readout)]).add_class("lic-side")
        return [row(left, right)]
