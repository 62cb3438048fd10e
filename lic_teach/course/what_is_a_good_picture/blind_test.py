"""The blind test: two pictures from files of one size, no names, twelve rounds; then the reveal.

What reaches the browser is pixels without compression: two pictures of one size have equally many
bytes, and nothing about them but the pixels differs. Who is who stays in the kernel (sealed.py).
The votes of a whole game go into the learner's mine.py (kit/votes.py).
"""

import io
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import NamedTuple

import anywidget
import numpy as np
import traitlets
from PIL import Image

from lic_teach.course.what_is_a_good_picture import sealed
from lic_teach.course.what_is_a_good_picture.pairs import coded, places, square, target
from lic_teach.course.what_is_a_good_picture.sealed import ROUNDS, Deal, Vote
from lic_teach.kit import votes
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import decode_picture, encode_png, script
from lic_teach.kit.readout import table
from lic_teach.kit.typeset import Piece, beside, picture

HERE = Path(__file__).parent
BEGIN = "begin"  # the first move; every other one is a side
HEADS = ("", "this game", "all your games", "true share, 95 %", "a coin: as uneven or more")


class Source(NamedTuple):
    """A picture with its files; they are inside of `deal`."""

    size: int  # bytes of each file
    start: np.ndarray  # of the original, (SIDE, SIDE, 3)
    deal: Callable[[], Deal]


class Result(NamedTuple):
    """What can be seen of a game."""

    size: int
    number: int  # of the round that is on: 1..ROUNDS; 0 before, ROUNDS + 1 after
    pictures: tuple[np.ndarray, np.ndarray]
    votes: list[Vote]  # none before the end
    every: list[votes.Vote]  # of all games that are kept, this one among them
    note: str  # whether this game was kept


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source. A few seconds: every codec searches for the size."""
    size = target(image)
    files = coded(image, size)
    start = square(image, places(image, 1)[0])
    return Source(size, start, lambda: sealed.deal(image, files))


def look(source: Source, deal: Deal, moves: tuple[str, ...], note: str = "") -> Result:
    """What there is to see after these moves, which the deal has had."""
    cast = len(moves) - 1
    if 0 <= cast < ROUNDS:
        return Result(source.size, cast + 1, deal.seen(), [], [], note)
    originals = source.start, source.start
    if cast < 0:
        return Result(source.size, 0, originals, [], [], note)
    opened = deal.votes()
    every = [vote[:2] for vote in opened]
    if note:  # kept: then they are in the file
        with suppress(OSError, ValueError):
            every = votes.read(Path()) or every
    return Result(source.size, ROUNDS + 1, originals, opened, every, note)


def draw(result: Result) -> View:
    """Result -> View: the two pictures as bytes without compression."""
    shown = tuple(uncompressed(image) for image in result.pictures)
    return View(shown, readout(result), summary(result))


def uncompressed(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) -> a BMP file, whose length depends on H and W alone."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "BMP")
    return buffer.getvalue()


# --- words -------------------------------------------------------------------------------


def readout(result: Result) -> str:
    """What to do, or the reveal."""
    if result.number > ROUNDS:
        return reveal(result)
    files = f"Behind them stand two files of {result.size:,} bytes, within 1 %."
    if not result.number:
        return (
            f"<p>{ROUNDS} rounds. In each you see a piece of the photograph, twice. {files} "
            "Take the one that looks better to you: a button, or the keys ← and →.</p>"
        )
    return f"<p><b>Round {result.number} of {ROUNDS}.</b> Which one looks better? {files}</p>"


def summary(result: Result) -> str:
    """The state of the game as one plain sentence."""
    if not result.number:
        return f"0 of {ROUNDS} rounds are played"
    if result.number <= ROUNDS:
        return f"round {result.number} of {ROUNDS}: A or B?"
    return f"all {ROUNDS} rounds are played: " + "; ".join(
        f"{one} before {other} {k} of {n}" for (one, other), (k, n) in this_game(result).items()
    )


def this_game(result: Result) -> dict[votes.Vote, tuple[int, int]]:
    """votes.counts of the last twelve."""
    return votes.counts(vote[:2] for vote in result.votes)


def reveal(result: Result) -> str:
    """Pairs of codecs, then the judges: k of n, the interval, the coin."""
    of_these = [vote[:2] for vote in result.votes]
    rows = []
    for (one, other), (k, n) in votes.counts(result.every).items():
        taken, lost = of_these.count((one, other)), of_these.count((other, one))
        here = f"{taken} of {taken + lost}" if taken + lost else "·"
        rows.append(
            (f"<b>{escape(one)}</b> before {escape(other)}", here, f"{k} of {n}")
            + votes.judged(k, n)
        )
    for name, field in (("higher PSNR", "psnr"), ("higher MS-SSIM", "ms_ssim")):
        k = sum(getattr(vote, field) for vote in result.votes)
        rows.append((f"the one of {name}", f"{k} of {ROUNDS}", "·", *votes.judged(k, ROUNDS)))
    left = sum(vote.side == "left" for vote in result.votes)
    rows.append(("the left one", f"{left} of {ROUNDS}", "·", *votes.judged(left, ROUNDS)))
    return table(rows, HEADS) + f"<p>{verdict(result.every)} {escape(result.note)}</p>"


def verdict(every: list[votes.Vote]) -> str:
    """Which pairs are decided, with 5 % for all of them together (Bonferroni)."""
    counts = votes.counts(every)
    level = 0.05 / len(counts)
    sure = [
        f"<b>{escape(one)}</b> before {escape(other)}"
        for (one, other), (k, n) in counts.items()
        if votes.two_sided(k, n) <= level
    ]
    said = f"Decided: {'; '.join(sure)}." if sure else "No pair is decided."
    shared = f", so that all {len(counts)} pairs together have 5 %" if len(counts) > 1 else ""
    return f"{said} It takes {100 * level:.3g} % or less in the coin's column{shared}."


# --- the shell ---------------------------------------------------------------------------


class TwoPictures(anywidget.AnyWidget):
    """Two pictures of one size, and a button for each.

    value: their BMP files. moves: BEGIN, then a side for each round; done: how many of them the
    pictures know. alt: what the readout says, too: not spoken twice.
    """

    _esm = script("canvas") + (HERE / "blind_test.js").read_text(encoding="utf-8")
    _css = HERE / "blind_test.css"
    value = traitlets.Tuple().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    moves = traitlets.Tuple().tag(sync=True)
    done = traitlets.Int().tag(sync=True)
    rounds = traitlets.Int(ROUNDS).tag(sync=True)

    def typeset(self) -> Piece:
        """Both pictures, where there is no script."""
        return beside([picture(decode_picture(data)) for data in self.value])

    def still(self) -> bytes:
        """Both as one PNG."""
        return encode_png(np.hstack([decode_picture(data) for data in self.value]))


class Moves(traitlets.HasTraits):
    """The control behind the two pictures."""

    value = traitlets.Tuple()


class BlindTest(Explorer, layout="under"):
    """BlindTest(), BlindTest("coffee"), BlindTest("my photo.jpg"): your eyes, and no names."""

    tries = {
        "the astronaut": (
            dict(image="astronaut"),
            "Twelve rounds on another photograph. Do you take the same codecs?",
            "The pairs are the same, the places others: a suit full of straight edges, where "
            "blocks show, and a face. Votes are counted together with those on the cat.",
        ),
        "a learner who does not look": (
            dict(image="chelsea", moves=(BEGIN, *["left"] * ROUNDS)),
            "Twelve times the left one. Is some codec decided?",
            "None: of each pair each one stands to the left once, and 1 of 2 has an interval of "
            "9 to 91 %. Nothing of this was kept.",
        ),
    }
    _game = None, ()  # the source, and the moves that the deal has had
    _kept = ""

    def __init__(self, image="chelsea"):
        super().__init__(image, picture=TwoPictures(), moves=Moves())
        traitlets.link((self.picture, "moves"), (self, "moves"))

    def press(self, words):
        """As of any explorer; a game of its own, never the end of the learner's."""
        self._game = None, ()
        super().press(words)

    def compute(self, source, moves):
        """As of any explorer; who is who is in the deal."""
        return look(source, self._deal, moves, self._kept)

    def update(self, change=None):
        """As every explorer; another picture, or moves that do not go on, begin a new game."""
        if self._held:
            return
        source, before = self._game
        if source is not self.source and self.moves == before:
            with self._hold():
                self.moves = ()
        goes_on = source is self.source and self.moves[: len(before)] == before != ()
        if not goes_on:
            self._deal, before, self._kept = self.source.deal(), (), ""
        for move in self.moves[len(before) :]:
            if move != BEGIN:
                self._deal.vote(move)
        one_step = len(self.moves) == len(before) + 1  # a learner's, not a button's
        if one_step and len(self.moves) == ROUNDS + 1:
            self._kept = votes.keep(vote[:2] for vote in self._deal.votes())
        self._game = self.source, self.moves
        super().update(change)

    def _put(self, view):
        with self.picture.hold_sync():  # one message: with its pictures the vote opens
            self.picture.value, self.picture.done = view.picture, len(self.moves)
        super()._put(view)
