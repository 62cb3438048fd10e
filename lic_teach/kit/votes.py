"""Votes of a blind test: kept in the learner's mine.py, counted, and held against a coin.

    [("AVIF", "JPEG"), ...] --keep--> a block in mine.py --read--> the same list
    k of n --interval--> where the true share lies       --two_sided--> how often a coin does that

A vote is a pair of names: the one that was taken, and the one that was not. Of a mine.py only the
text is read; nothing runs. Lesson what_is_a_good_picture.
"""

import ast
from collections import Counter
from collections.abc import Iterable
from math import comb, sqrt
from pathlib import Path
from statistics import NormalDist

from lic_teach.kit import mine

BLOCK = "votes"  # its name in mine.py: no exercise has it
LONGEST = 40  # characters of a codec's name
NORMAL = NormalDist().inv_cdf(0.975)  # 95 % lie within so many widths of the middle: 1.96

Vote = tuple[str, str]  # taken, not taken


def read(folder: Path) -> list[Vote]:
    """The votes in the mine.py of a folder, the oldest first; none where there are none.

    What somebody has edited so that it is no list of pairs is left out. ValueError where the file
    itself cannot be read.
    """
    block = mine.blocks(mine.read(folder)).get(BLOCK)
    if block is None:
        return []
    try:
        *_, line = ast.parse(block.source).body
        found = ast.literal_eval(line.value)
    except (ValueError, SyntaxError, AttributeError, MemoryError, RecursionError):
        return []
    pairs = found if isinstance(found, list) else []
    return [pair for pair in pairs if _is_vote(pair)]


def _is_vote(pair):
    return (
        isinstance(pair, tuple)
        and len(pair) == 2
        and all(isinstance(name, str) and 0 < len(name) <= LONGEST for name in pair)
        and all(name.isprintable() for name in pair)
        and pair[0] != pair[1]
    )


def keep(votes: Iterable[Vote]) -> str:
    """Add votes to the mine.py beside the notebooks -> a sentence on what was done.

    "" where nothing is kept at all (mine.in_use). Never raises.
    """
    if not mine.in_use():
        return ""
    try:
        every = [*read(Path()), *votes]
    except (OSError, ValueError) as error:
        return f"Not kept in {mine.FILE}: {error}."
    lines = "".join(f"    {pair!r},\n" for pair in every)
    source = f"votes = [  # taken, not taken\n{lines}]\n"
    return mine.put(BLOCK, ("votes",), source) or f"Kept in {mine.FILE}."


def counts(votes: Iterable[Vote]) -> dict[Vote, tuple[int, int]]:
    """Votes -> {(the one taken more often, the other): (how often, of how many)}.

    Where both were taken equally often, the first by name comes first.
    """
    taken = Counter(votes)
    found = {}
    for one, other in sorted({tuple(sorted(pair)) for pair in taken}):
        k, n = taken[one, other], taken[one, other] + taken[other, one]
        found[(one, other) if 2 * k >= n else (other, one)] = max(k, n - k), n
    return found


def interval(k: int, n: int) -> tuple[float, float]:
    """k of n -> the 95 % interval of the share behind it, by Wilson: two numbers in 0..1.

    All shares p from which k is at most 1.96 widths away, a width being sqrt(n p (1 - p)).
    Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    >>> [round(end, 2) for end in interval(9, 12)]
    [0.47, 0.91]
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"k of n needs 0 <= k <= n and n >= 1, got {k} of {n}")
    z = NORMAL**2
    middle = (k + z / 2) / (n + z)
    half = NORMAL / (n + z) * sqrt(k * (n - k) / n + z / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def by_chance(k: int, n: int) -> float:
    """How often a fair coin falls on its named side k times or more in n throws.

    >>> by_chance(3, 3), by_chance(0, 3)
    (0.125, 1.0)
    """
    term = total = comb(n, k)  # of n throws, those in which k fall there, then k + 1, ...
    for j in range(k, n):
        term = term * (n - j) // (j + 1)
        total += term
    return total / 2**n


def two_sided(k: int, n: int) -> float:
    """How often a fair coin is as uneven in n throws as k of n, or more so, to either side.

    Of a pair whose winner was not named before: by_chance of the side that is ahead, twice.

    >>> two_sided(3, 3), two_sided(0, 3), two_sided(2, 4)
    (0.25, 0.25, 1.0)
    """
    return min(2 * by_chance(max(k, n - k), n), 1.0)


def rows(votes: Iterable[Vote]) -> list[tuple[str, str, str, str]]:
    """A line a pair: who before whom, "9 of 12", the interval, and what a coin would do."""
    return [
        (f"{one} before {other}", f"{k} of {n}", *judged(k, n))
        for (one, other), (k, n) in counts(votes).items()
    ]


def judged(k: int, n: int) -> tuple[str, str]:
    """k of n -> the interval and the coin, two-sided, as people write them.

    >>> judged(9, 12), judged(30, 30)[1]
    (('47 to 91 %', '15 %'), 'under 0.01 %')
    """
    (low, high), coin = interval(k, n), 100 * two_sided(k, n)
    words = f"{coin:.0f}" if coin >= 10 else f"{coin:.1g}" if coin < 1 else f"{coin:.1f}"
    return f"{100 * low:.0f} to {100 * high:.0f} %", f"{words if coin >= 0.01 else 'under 0.01'} %"
