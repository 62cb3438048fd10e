"""A game of the blind test, as in a sealed envelope: who is who comes out after the last vote.

    files of one size --deal--> Deal: seen, vote, votes

The order and the sides are drawn anew for every game from the system's randomness. They live in
the closure of three functions and nowhere else: no attribute holds them, no seed repeats them.
"""

import math
import secrets
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lic_teach.course.what_is_a_good_picture.pairs import Coded, places, questions, square

ROUNDS = 12
SIDES = "left", "right"


class Vote(NamedTuple):
    """One round, opened."""

    taken: str  # codecs
    other: str
    side: str  # the one of SIDES that was taken
    psnr: bool  # has the one that was taken the higher one?
    ms_ssim: bool


Card = tuple[tuple[str, str], tuple[int, int], bool]  # a pair, a corner, whether it is turned


class Deal(NamedTuple):
    """A game. Nothing in it can be asked who is who before the last vote."""

    rounds: int
    seen: Callable[[], tuple[np.ndarray, np.ndarray]]  # left, right of the round that is on
    vote: Callable[[str], None]  # one of SIDES; then the next round is on
    votes: Callable[[], list[Vote]]  # ValueError while there are rounds left


def deal(image: np.ndarray, files: dict[str, Coded]) -> Deal:
    """uint8 (H, W, 3) and its files -> a game of ROUNDS rounds, each pair in every other place.

    ValueError where there are no two files.
    """
    pairs = questions(list(files))
    if not pairs:
        raise ValueError("no two codecs have files of one size for this picture: try another one")
    cards = shuffled(pairs, places(image, math.ceil(ROUNDS / len(pairs))))
    cast = []

    def now():
        (one, other), corner, turned = cards[len(cast)]
        return ((other, one) if turned else (one, other)), corner

    def seen():
        names, corner = now()
        return tuple(square(files[name].picture, corner) for name in names)

    def vote(side):
        if side not in SIDES or len(cast) == ROUNDS:
            raise ValueError(f"a vote is {' or '.join(SIDES)}, {ROUNDS} times; this is {side!r}")
        names, _ = now()
        taken, other = names if side == "left" else names[::-1]
        a, b = files[taken], files[other]
        cast.append(Vote(taken, other, side, a.psnr > b.psnr, a.ms_ssim > b.ms_ssim))

    def votes():
        if len(cast) < ROUNDS:
            raise ValueError(f"the names come after {ROUNDS} votes; {len(cast)} are cast")
        return list(cast)

    return Deal(ROUNDS, seen, vote, votes)


def shuffled(pairs: list[tuple[str, str]], corners: list[tuple[int, int]]) -> list[Card]:
    """ROUNDS cards in an order that nobody knows: of the cards, half are turned, of a pair's own
    half, or one more or fewer; each pair comes equally often, or nearly, and in other corners."""
    chance = secrets.SystemRandom()
    pairs = chance.sample(pairs, len(pairs))
    where = [chance.sample(corners, len(corners)) for _ in pairs]
    cards = [
        (pair, where[i][j], (i + j) % 2 == 1)
        for j in range(len(corners))
        for i, pair in enumerate(pairs)
    ][:ROUNDS]
    return chance.sample(cards, len(cards))
