"""Classes of blocks, told or guessed: how many are worth their bits?

    photograph --prepare--> for 1 to 16 classes, told and guessed, what the photograph costs
    count, knows --compute--> class of each block, bits of coefficients and of side information

The sample that is shown is never among the photographs that a model is fitted on. The arithmetic
is adapting.py's.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.course.tell_the_decoder_where import adapting, classes_drawing
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, encode_picture
from lic_teach.kit.readout import table

TOLD, GUESSED = "is told", "guesses"
LOOKS = {TOLD: adapting.told, GUESSED: adapting.guessed}
MOST = 16  # classes


class Ways(NamedTuple):
    """One way to know the class, for 1..MOST classes."""

    number: list[np.ndarray]  # int (n, m): the class of each block
    coefficients: np.ndarray  # float (MOST,): bits per pixel
    side: np.ndarray  # float (MOST,): bits per pixel of side information, 0 where it is guessed


class Source(NamedTuple):
    photograph: bytes  # encoded
    shape: tuple[int, int]  # of the photograph
    ways: dict[str, Ways]


class Result(NamedTuple):
    source: Source
    count: int
    knows: str  # TOLD or GUESSED: whose classes are shown

    def bpp(self, knows: str) -> tuple[float, float]:
        """Coefficients and side information of one way, bits per pixel."""
        way = self.source.ways[knows]
        return float(way.coefficients[self.count - 1]), float(way.side[self.count - 1])


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    k, seen = adapting.coefficients(image), adapting.others(image)
    ways = {name: _way(k, seen, name) for name in LOOKS}
    return Source(encode_picture(image), image.shape[:2], ways)


def _way(k, seen, name):
    look, found = LOOKS[name], []
    busy = look(k)
    for count in range(1, MOST + 1):
        model = adapting.fitted(seen, count, look)
        number = adapting.classes(busy, model)
        bits, side = adapting.spent(k, number, model)
        found.append((number, bits.sum() / k.size, side.sum() / k.size * (name == TOLD)))
    number, bits, side = zip(*found, strict=True)
    return Ways(list(number), np.array(bits), np.array(side))


def compute(source: Source, count: int, knows: str) -> Result:
    """count: classes, 1..MOST; knows: TOLD or GUESSED -> Result."""
    return Result(source, count, knows)


def class_map(result: Result) -> np.ndarray:
    """The class of every block, from white, the quietest, to black, in the photograph's size."""
    number = result.source.ways[result.knows].number[result.count - 1]
    return plots.heat_map(number / max(result.count - 1, 1), *result.source.shape)


def draw(result: Result) -> View:
    """Result -> View."""
    pair = result.source.photograph, encode_picture(class_map(result))
    readout = _table(result) + f"<p>{words(result)}</p>"
    return View(pair, readout, summary(result), classes_drawing.plot(result))


def _table(result):
    one = result.source.ways[TOLD].coefficients[0]
    rows = [
        (f"decoder {knows}", f"{bits:.3f}", f"{side:.3f}", f"{bits + side:.3f}",
         f"{100 * ((bits + side) / one - 1):+.0f} %")
        for knows in LOOKS
        for bits, side in [result.bpp(knows)]
    ]  # fmt: skip
    heads = ("bits per pixel", "coefficients", "side information", "both", "against one class")
    return table(rows, heads)


def words(result: Result) -> str:
    """What the side information is of the file, and what the next classes would bring."""
    if result.count == 1:
        return "One class for all blocks: there is nothing to tell, and nothing to guess."
    bits, side = result.bpp(TOLD)
    way = result.source.ways[TOLD]
    fewest = int((way.coefficients + way.side).argmin()) + 1
    return (
        f"Told, the classes are <b>{100 * side / (bits + side):.0f} %</b> of the file. "
        f"{fewest} told classes give the smallest file."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    (bits, side), (alone, _) = result.bpp(TOLD), result.bpp(GUESSED)
    classes = "1 class" if result.count == 1 else f"{result.count} classes"
    return (
        f"{classes}, told: {bits:.3f} bits per pixel and {side:.3f} of side information, "
        f"{bits + side:.3f}; guessed: {alone:.3f}; the map shows what the decoder "
        f"{'is told' if result.knows == TOLD else 'guesses'}"
    )


class Classes(Explorer, layout="under"):
    """Classes(), Classes("coffee", count=4): classes of blocks, told or guessed."""

    tries = {
        "2 classes": (
            dict(image="chelsea", count=2),
            "Two told classes of the cat: do they pay?",
            "No. The two are: nothing happens, or something. That is 0.014 bits per pixel, and the "
            "coefficients get more expensive, too: something in other photographs is no fur.",
        ),
        "16 classes": (
            dict(image="chelsea", count=16),
            "Coefficients always get cheaper with more told classes, nearly. Why not take 16?",
            "From 8 to 16 the side information grows by 0.012 bits per pixel, the coefficients "
            "fall by 0.001. The number of classes has an optimum.",
        ),
        "the cat, guessed": (
            dict(image="chelsea", knows=GUESSED),
            "Where does the guess differ from what is told? Change between the two.",
            "It comes late at every edge: the guess looks to the left and up. And it is smoother. "
            "But it costs nothing.",
        ),
        "the astronaut": (
            dict(image="astronaut"),
            "Telling or guessing: who wins here?",
            "Telling, by 4 %. With the cat guessing wins by 7 %: in fur the blocks before say much "
            "of the next, at the edges of her suit they do not.",
        ),
        "the rocket": (
            dict(image="rocket"),
            "What share of the file is side information?",
            "Eleven percent, and the file is 30 % smaller for it: night sky and scaffolding want "
            "very different widths.",
        ),
    }  # fmt: skip

    def __init__(self, image="chelsea", count=8, knows=TOLD):
        super().__init__(
            image,
            picture=Wipe(names=("photograph", "classes")),
            count=Slider(count, 1, MOST, label="Classes", ends=("one", "sixteen")),
            knows=choice("The decoder", list(LOOKS), knows),
        )
