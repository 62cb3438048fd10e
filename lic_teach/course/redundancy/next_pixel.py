"""Guess the next pixel: the learner predicts a row of a photograph, beside MED.

The learner sees what a decoder has, all pixels before this one: nothing of the others is in the
drawing, nor in the picture. Shannon, "Prediction and entropy of printed English", 1951, has people
guess letters. guessing.py is the game, next_pixel_drawing.py its board.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lic_teach.course.redundancy import guessing, next_pixel_drawing
from lic_teach.course.redundancy.guessing import PLACES, Result, bits, so_far
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, encode_picture
from lic_teach.kit.readout import table
from lic_teach.kit.typeset import Piece, drawing

HERE = Path(__file__).parent
# The left neighbours of the cat's first row: what is said where only Enter is pressed.
ONLY_ENTER = (34, 40, 43, 40, 37, 27, 21, 47, 88, 110, 118, 119)
ONLY_ENTER += (123, 128, 129, 130, 132, 136, 136, 140, 138, 133, 130, 132)


def draw(result: Result) -> View:
    """Result -> View."""
    board = next_pixel_drawing.board(result, bits(result))
    readout = _table(result) + f"<p>{verdict(result)}</p>"
    return View(encode_picture(framed(result)), readout, summary(result), board)


def framed(result: Result) -> np.ndarray:
    """so_far, with a black and white frame around what the board shows: uint8 (H, W)."""
    rows, columns = next_pixel_drawing.window(result)
    padded = np.pad(so_far(result), 2)
    box = padded[rows.start : rows.stop + 4, columns.start : columns.stop + 4]
    inside = box[2:-2, 2:-2].copy()
    box[:], box[1:-1, 1:-1] = 0, 255
    box[2:-2, 2:-2] = inside
    return padded[2:-2, 2:-2]


def _table(result):
    if not result.truth.size:
        return ""
    rows = (
        (
            name,
            result.said[who][-1],
            abs(result.truth[-1] - result.said[who][-1]),
            f"{cost[-1]:.1f}",
            f"{cost.mean():.2f}",
        )
        for name, who, cost in _players(result)
    )
    return table(rows, ("", "said", "missed by", "bits", "bits a pixel so far"))


def _players(result):
    cost = bits(result)
    names = {"you": "<b>you</b>", "MED": "MED", "left": "left neighbour"}
    return [(name, who, cost[who]) for who, name in names.items()]


def verdict(result: Result) -> str:
    """What there is to do, or who won."""
    n = len(result.truth)
    if not n:
        return (
            f"{result.count} pixels of this row are covered. Choose a grey level for the one that "
            "is marked, and uncover it."
        )
    if n < result.count:
        return f"It is {result.truth[-1]}. {result.count - n} pixels are left."
    you, theirs = (bits(result)[who].mean() for who in ("you", "MED"))
    if abs(you - theirs) < 0.005:
        ahead = "exactly as many as MED needs"
    else:
        ahead = f"{abs(you - theirs):.2f} {'fewer' if you < theirs else 'more'} than MED needs"
    return (
        f"You need <b>{you:.2f} bits</b> a pixel, {ahead}. Without a prediction it is 8. "
        f"{n} pixels are few, and luck counts: play another row."
    )


def summary(result: Result) -> str:
    """The state of the game as one plain sentence."""
    n = len(result.truth)
    if not n:
        return f"0 of {result.count} pixels are guessed"
    cost = bits(result)
    return (
        f"pixel {n} of {result.count}: you said {result.said['you'][-1]}, it is "
        f"{result.truth[-1]}, {cost['you'][-1]:.1f} bits; so far you need {cost['you'].mean():.2f} "
        f"bits a pixel, MED {cost['MED'].mean():.2f}, the left neighbour {cost['left'].mean():.2f}"
    )


class Board(anywidget.AnyWidget):
    """The row as SVG, and under it a slider, a field and a button.

    guesses: those so far; rows: how often the learner has asked for the next row.
    """

    _esm = HERE / "next_pixel.js"
    _css = HERE / "next_pixel.css"
    value = traitlets.Unicode().tag(sync=True)
    guesses = traitlets.Tuple().tag(sync=True)
    rows = traitlets.Int().tag(sync=True)

    def typeset(self) -> Piece:
        """The row without the form, where there is no script."""
        return drawing(self.value)


class Guesses(traitlets.HasTraits):
    """The control behind the board."""

    value = traitlets.Tuple()


class NextPixel(Explorer, layout="drawing first"):
    """NextPixel(), NextPixel("coffee"), NextPixel("my photo.jpg"): can you foresee a pixel?"""

    prepare = staticmethod(guessing.prepare)
    compute = staticmethod(guessing.compute)
    tries = {
        "beside the nose": (
            dict(image="chelsea", place=1),
            "From the dark nose to bright fur. Where do you lose most? Did the row above warn you?",
            "At the edge. The row above shows about where it comes; MED looks there, and "
            "no pixel of this row costs it more than 7.3 bits.",
        ),
        "only Enter": (
            dict(image="chelsea", place=1, guesses=ONLY_ENTER),
            "The same row, without moving the slider. Whom has this learner played?",
            "The left neighbour: the slider begins where it stands. 5.22 bits a pixel, MED 4.64. "
            "What is lost is lost at the edge.",
        ),
        "in the fur": (
            dict(image="chelsea", place=4),
            "The row in which MED does worst, 6.02 bits a pixel. Can you do better?",
            "Hairs are as thin as a pixel, and no neighbour knows the next one. What cannot be "
            "foreseen costs bits, whoever guesses.",
        ),
    }
    _here = None, 0, ()  # the picture and the place that the guesses belong to

    def __init__(self, image="chelsea"):
        place = Slider(1, 1, PLACES, label="Place", unit=f"of {PLACES}")
        super().__init__(image, plot=Board(), place=place, guesses=Guesses())
        traitlets.link((self.plot, "guesses"), (self, "guesses"))
        self.plot.observe(self._next_row, "rows")

    def _next_row(self, _):
        self.place = self.place % PLACES + 1

    def update(self, change=None):
        """As every explorer; another place or picture begins a new game."""
        if self._held:
            return
        source, place, guesses = self._here
        if (self.source is not source or self.place != place) and self.guesses == guesses:
            with self._hold():
                self.guesses = ()
        self._here = self.source, self.place, self.guesses
        super().update(change)
