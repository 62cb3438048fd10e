"""Interval zoom: an arithmetic coder at work, one symbol a step.

    0..1 --narrow, symbol by symbol--> low..low + width --certain--> bits that stand already
                                                        --shortest-> bits that end the file

Three letters; B is the most frequent and lies in the middle. All numbers are exact fractions.
"""

from fractions import Fraction
from math import log2
from typing import NamedTuple

from ipywidgets import Dropdown, Layout

from lic_teach.course.bitstream import interval_zoom_drawing
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider
from lic_teach.kit.readout import table

LETTERS = "ABC"
WORDS = {"A": 2, "B": 1, "C": 2}  # bits of Huffman's words: A and C are joined first
LENGTH = 24
MESSAGES = {
    "typical": "BBCBBBABBBBBCBBABBBBACBB",
    "all B": "B" * LENGTH,
    "all B, and C at the end": "B" * (LENGTH - 1) + "C",
    "one rare letter after the other": "ACCACAACACCAACCCACAACACA",
}


class Interval(NamedTuple):
    """The numbers low <= x < low + width."""

    low: Fraction
    width: Fraction


class Result(NamedTuple):
    message: str
    step: int  # how many letters are coded
    chances: dict[str, Interval]  # of each letter: where its part of 0..1 lies
    intervals: list[Interval]  # after 0, 1, ... `step` letters
    certain: list[str]  # the bits that stand then
    ideal: list[float]  # -log2 P then
    words: dict[str, int]  # bits of Huffman's words
    huffman: list[int]  # all bits of them then
    file: str  # the bits of a file that ends here


def parts(often: int) -> dict[str, Interval]:
    """Percent of B, 34..98 -> each letter's part of 0..1; A and C share the rest."""
    rare = Fraction(100 - often, 200)
    return {
        "A": Interval(Fraction(0), rare),
        "B": Interval(rare, 1 - 2 * rare),
        "C": Interval(1 - rare, rare),
    }


def narrow(interval: Interval, part: Interval) -> Interval:
    """The part of an interval that belongs to a letter.

    >>> narrow(Interval(Fraction(1, 2), Fraction(1, 2)), Interval(Fraction(0), Fraction(1, 4)))
    Interval(low=Fraction(1, 2), width=Fraction(1, 8))
    """
    return Interval(interval.low + interval.width * part.low, interval.width * part.width)


def certain(interval: Interval) -> str:
    """The binary digits behind the point that all numbers of an interval share.

    >>> certain(Interval(Fraction(5, 16), Fraction(1, 8)))
    '01'
    """
    digits, (low, width) = "", interval
    while True:
        bit, end = int(2 * low), 2 * (low + width)
        if end > bit + 1:  # the digit is not the same at both ends
            return digits
        digits += f"{bit}"
        low, width = 2 * low - bit, 2 * width


def shortest(interval: Interval) -> str:
    """The fewest bits that name a number which stays inside, whatever bits may follow.

    >>> shortest(Interval(Fraction(5, 16), Fraction(1, 8)))
    '0101'
    """
    low, width = interval
    bits = 0
    while True:
        number = -(-low * 2**bits // 1)  # the first multiple of 2**-bits that is not below
        if number + 1 <= (low + width) * 2**bits:
            return f"{int(number):0{bits}b}" if bits else ""
        bits += 1


def compute(_, message: str, often: int, step: int) -> Result:
    """The first `step` letters; often: percent of B -> Result."""
    chances = parts(often)
    intervals = [Interval(Fraction(0), Fraction(1))]
    for letter in message[:step]:
        intervals.append(narrow(intervals[-1], chances[letter]))
    return Result(
        message,
        step,
        chances,
        intervals,
        [certain(interval) for interval in intervals],
        [0.0 - log2(interval.width) for interval in intervals],
        WORDS,
        [sum(WORDS[letter] for letter in message[:n]) for n in range(step + 1)],
        shortest(intervals[-1]),
    )


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    curves = f'<div class="lic-plot">{interval_zoom_drawing.curves(result)}</div>'
    readout = f"<p>{words(result)}</p>" + _table(result) + curves
    return View(b"", readout, summary(result), interval_zoom_drawing.zoom(result))


def words(result: Result) -> str:
    """What the newest letter did."""
    if not result.step:
        return "No letter yet: all numbers from 0 to 1 are possible."
    letter = result.message[result.step - 1]
    new = len(result.certain[-1]) - len(result.certain[-2])
    cost = result.ideal[-1] - result.ideal[-2]
    came = {0: "No new bit is certain", 1: "One new bit is certain"}.get(
        new, f"{new} new bits are certain"
    )
    open_bits = result.ideal[-1] - len(result.certain[-1])
    late = open_bits > 4
    straddle = " The interval lies across a border, so no bit can be told yet." if late else ""
    return f"<b>{letter}</b> narrows the interval by {cost:.2f} bits. {came}.{straddle}"


def _table(result):
    rows = (
        ("−log₂ P of the letters so far", f"{result.ideal[-1]:.2f}"),
        ("certain bits", len(result.certain[-1])),
        ("a file that ends here", len(result.file)),
        ("Huffman: B 1 bit, A and C 2", result.huffman[-1]),
    )
    return table(rows, ("", "bits"))


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"{result.step} letters, {result.message[: result.step] or 'none'}: "
        f"{result.ideal[-1]:.2f} bits of information, certain bits "
        f"{result.certain[-1] or 'none'}, the file {result.file or 'empty'}"
    )


class IntervalZoom(Explorer, layout="drawing"):
    """IntervalZoom(): code a message letter by letter, and watch the interval shrink."""

    tries = {
        "one letter": (
            dict(step=1),
            "Go on through the message with the arrow keys. Which letters bring bits, which do "
            "not?",
            "The rare ones, mostly. A and C narrow the interval by 3 bits each, B by 0.42. Some of "
            "the bits come later, when the interval no longer lies across a border.",
        ),
        "all letters, P(B) = 95 %": (
            dict(step=LENGTH, often=95),
            "What happened to Huffman's bits, what to the others?",
            "Huffman's stay: its words do not change. For this message, the ideal has a lowest "
            "point near 75 %, since 18 of 24 letters are B. A prior that says 95 % is too sure of "
            "itself, and each A or C gets expensive.",
        ),
        "all B": (
            dict(step=LENGTH, message=MESSAGES["all B"]),
            "How many bits are certain in the end? Why?",
            "None. The interval closes in on ½ from both sides: 0.0111… or 0.1000…, and nobody can "
            "tell.",
        ),
        "all B, and C at the end": (
            dict(step=LENGTH, message=MESSAGES["all B, and C at the end"]),
            "And now?",
            "All of them come at once. Remember this case. It will come back as the <i>carry</i>.",
        ),
    }

    def __init__(self, step=4):
        super().__init__(
            None,
            step=Slider(step, 0, LENGTH, label="Letters coded", unit=f"of {LENGTH}"),
            often=Slider(75, 34, 98, label="P(B)", unit="%", ends=("all alike", "nearly always")),
            message=Dropdown(options=MESSAGES, description="Message", layout=Layout(width="auto")),
        )
