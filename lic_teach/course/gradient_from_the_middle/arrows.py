"""Two losses, one codec: which part hears of which, and how loudly.

    picture --prepare--> a piece of it; of every part three scalar products (pulls.py)
    lambda, loss, codec, cut --compute--> lengths and angles of the gradients of R and lambda D

Two backward passes a codec when a picture is loaded, none when a control moves.
"""

import math
from typing import NamedTuple

import torch

from lic_teach import images
from lic_teach.course.gradient_from_the_middle import arrows_drawing, planes_drawing, pulls
from lic_teach.course.gradient_from_the_middle.pulls import (
    BOTH,
    CUTS,
    LAM,
    ONLY_D,
    ONLY_R,
    TO_DECODER,
    TO_PRIOR,
    TRAINED,
    UNTRAINED,
    Pull,
)
from lic_teach.kit.base import Explorer, View, row, side
from lic_teach.kit.controls import LamSlider, choice, encode_picture
from lic_teach.kit.readout import table

SIDE = 128  # of the piece, in pixels
SMALL = 32  # pixels a side: less is too little to measure on


class Source(NamedTuple):
    piece: bytes  # the picture's middle, encoded
    grams: dict  # codec -> cut -> part -> Gram


class Result(NamedTuple):
    source: Source
    lam: float
    loss: str
    codec: str
    cut: str
    parts: dict[str, Pull]


def prepare(image) -> Source:
    """uint8 (H, W, 3) -> Source, from the middle of the picture."""
    torch.set_num_threads(1)
    height, width = image.shape[:2]
    if min(height, width) < SMALL:
        raise ValueError(f"{width} x {height} pixels: every side needs {SMALL} or more")
    side = min(SIDE, min(height, width) // 8 * 8)
    piece = images.centre_crop(image, side)
    x = pulls.to_tensor(piece)
    found = {
        kind: {cut: pulls.grams(pulls.gradients(pulls.codec(kind), x, cut=cut)) for cut in CUTS}
        for kind in (TRAINED, UNTRAINED)
    }
    return Source(encode_picture(piece.repeat(2, 0).repeat(2, 1)), found)


def compute(source: Source, lam: float, loss: str, codec: str, cut: str) -> Result:
    """loss: BOTH, ONLY_R, ONLY_D; codec: TRAINED, UNTRAINED; cut: NOTHING, ... -> Result."""
    grams = source.grams[codec][cut]
    parts = {part: pulls.pull(gram, lam, loss) for part, gram in grams.items()}
    return Result(source, lam, loss, codec, cut, parts)


def draw(result: Result) -> View:
    """Result -> View."""
    planes = f'<div class="lic-plot">{planes_drawing.planes(result)}</div>'
    readout = f"{planes}<p>{words(result)}</p>" + _table(result)
    return View(result.source.piece, readout, summary(result), arrows_drawing.arrow_map(result))


def words(result: Result) -> str:
    """What the steps, which hear of both, say about lambda."""
    if result.loss == ONLY_R:
        return "Nobody speaks for the picture. g_s has no gradient: nothing in R depends on it."
    if result.loss == ONLY_D:
        return "Nobody speaks for the file. The prior has no gradient: all bits are free."
    if result.cut == TO_PRIOR:
        return "The prior goes on learning, but only D moves the encoder: its latents will grow."
    if result.cut == TO_DECODER:
        return "g_s goes on learning, but only R moves the encoder: its latents will shrink."
    best = result.parts["steps"].best
    if best is None:
        return "Both pull the steps the same way."
    return (
        f"The steps are pulled both ways. The two balance best at <b>λ = {best:.2g}</b>; "
        f"the codec is set to λ = {LAM:g}."
    )


def _table(result):
    rows = (
        (part, *map(arrows_drawing.number, (p.r, p.d, p.total)), _angle(p))
        for part, p in result.parts.items()
    )
    return table(rows, ("", "|∂R|", "|λ ∂D|", "|sum|", "angle"))


def _angle(p):
    return "" if p.cosine is None else f"{math.degrees(math.acos(max(-1, min(1, p.cosine)))):.0f}°"


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    said = (
        f"{part} R {arrows_drawing.number(p.r)}, lambda D {arrows_drawing.number(p.d)}"
        for part, p in result.parts.items()
    )
    return (
        f"L = {result.loss}, {result.codec} codec, lambda {result.lam:.3g}, cut: {result.cut}; "
        "length of the gradient, " + "; ".join(said)
    )


class Arrows(Explorer):
    """Arrows(): which gradient reaches which part? On a piece from the middle of a picture."""

    tries = {
        "λ = 0.01": (
            dict(image="chelsea", lam=1e-2),
            "Pull λ from end to end. Where is the <i>sum</i> of the steps shortest? Which numbers "
            "of the table never change?",
            "Close to 0.01, for which the codec is set. |∂R| never changes: λ weighs only D.",
        ),
        "the angles": (
            dict(image="chelsea"),
            "Compare the angle of g_a with that of the steps.",
            "It is much nearer to a right angle. The steps are few, and the whole picture pulls at "
            "each. The encoder has half a million numbers; one piece has wishes of its own for "
            "all of them, and they have to serve every λ, not this one alone.",
        ),
        "R alone": (
            dict(image="chelsea", loss=ONLY_R),
            "Which arrows go out?",
            "All that lies right of Q.",
        ),
        "D alone": (
            dict(image="chelsea", loss=ONLY_D),
            "And now?",
            "All that lies below Q.",
        ),
        "the way to the prior is cut": (
            dict(image="chelsea", cut=TO_PRIOR),
            "Who still hears of R?",
            "Only the prior: it sits on the near side of the cut.",
        ),
        "the way to the decoder is cut": (
            dict(image="chelsea", cut=TO_DECODER),
            "Why do the steps still hear of D?",
            "By the multiplication in front of g_s. That half of the way no longer has its other "
            "half to cancel with.",
        ),
        "an untrained codec": (
            dict(image="chelsea", codec=UNTRAINED),
            "At which λ do its steps balance? Why so far from 0.01?",
            "At a larger λ, where D would be loud enough for the bits that a random prior charges.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            loss=choice("L =", [BOTH, ONLY_R, ONLY_D]),
            lam=LamSlider(ends=("R is louder", "D is louder")),
            codec=choice("Codec", [TRAINED, UNTRAINED]),
            cut=choice("Cut", list(CUTS)),
        )

    def _body(self):
        """The planes, which lambda moves, under the slider; the piece of the picture last."""
        return [row(self.readout, side(self.plot, self.picture))]
