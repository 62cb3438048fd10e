"""Guessing a row of pixels: who said what, and what each miss costs.

    photograph --prepare--> Source: its green channel, what each predictor says, 12 places
    Source + place + guesses --compute--> Result: 24 pixels, and who missed them by how much

Everybody pays by one table, fixed before the game: a miss has the probability

    p(miss) = (1 - t) / (1 + t) * t ** abs(miss)        t = 2 ** (-1 / 4)

so that a hit costs -log2 p = 3.53 bits, and every 4 levels of a miss one bit more. It is a table
that a decoder can have: it sums to 1 over all whole numbers. For MED on the four photographs
of the course 2 ** (-1 / 3) would be the best t, by 0.03 bits a
pixel. Golomb's codes, those of JPEG-LS, are the prefix codes for such tables.
The pure half of next_pixel.py.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.kit.predictors import med, neighbours

COUNT = 24  # pixels a game
PLACES = 12  # games a picture
SPAN = 40  # grey levels that a row must span, or it is too easy
HALVING = 4  # levels: a miss so much larger is half as likely


class Source(NamedTuple):
    x: np.ndarray  # uint8 (H, W)
    predicted: dict[str, np.ndarray]  # int (H, W), by name
    places: list[tuple[int, int]]  # row and column of the first pixel to guess


class Result(NamedTuple):
    x: np.ndarray  # uint8 (H, W)
    first: tuple[int, int]  # row and column of the first pixel to guess
    count: int  # pixels to guess
    said: dict[str, np.ndarray]  # int (n,): the learner's guesses, "you", and the machines'
    truth: np.ndarray  # int (n,): the pixels that are guessed


def price(miss: np.ndarray | int) -> np.ndarray:
    """-log2 of the probability of this miss, in bits: whole numbers of any shape -> float.

    >>> price([0, 4, -8]).round(2).tolist()
    [3.53, 4.53, 5.53]
    """
    t = 2 ** (-1 / HALVING)
    return np.log2((1 + t) / (1 - t)) + np.abs(miss) / HALVING


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    x = image[..., 1]
    a, b, c, d = neighbours(x)
    predicted = {"MED": med(a, b, c, d).astype(int), "left": a}
    return Source(x, predicted, places(x))


def places(x: np.ndarray) -> list[tuple[int, int]]:
    """PLACES times row and column, drawn by lot where COUNT pixels span SPAN levels or more.

    x: uint8 (H, W). Where there are too few of those, any place is taken.
    """
    rng = np.random.default_rng(0)
    height, width = x.shape
    rows = rng.integers(min(1, height - 1), height, 100 * PLACES).tolist()
    columns = rng.integers(min(1, width - 1), max(width - COUNT, 1) + 1, 100 * PLACES).tolist()
    drawn = [(i, min(j, width - 1)) for i, j in zip(rows, columns, strict=True)]
    lively = [(i, j) for i, j in drawn if np.ptp(x[i, j : j + COUNT]) >= SPAN]
    return (lively + drawn)[:PLACES]


def compute(source: Source, place: int, guesses: tuple[int, ...]) -> Result:
    """The game at this place, 1..PLACES, after these guesses, 0..255 each -> Result."""
    row, column = first = source.places[place - 1]
    count = min(COUNT, source.x.shape[1] - column)
    guesses = np.array(guesses[:count], int).clip(0, 255)
    seen = np.s_[row, column : column + len(guesses)]
    machines = {name: plane[seen] for name, plane in source.predicted.items()}
    return Result(source.x, first, count, {"you": guesses} | machines, source.x[seen].astype(int))


def bits(result: Result) -> dict[str, np.ndarray]:
    """What each guess cost, float (n,), by who made it."""
    return {who: price(result.truth - said) for who, said in result.said.items()}


def so_far(result: Result) -> np.ndarray:
    """What a decoder has by now, uint8 (H, W): the pixels before this one, and hatching."""
    known = result.x.copy().ravel()
    row, column = result.first
    rest = np.arange(row * result.x.shape[1] + column + len(result.truth), known.size)
    i, j = np.divmod(rest, result.x.shape[1])
    known[rest] = np.where((i + j) % 6 < 2, 196, 226)
    return known.reshape(result.x.shape)
