"""Let the encoder think: the latents of one picture, refined step by step.

    picture --analyse--> y                                        once a picture
    y, lambda --search--> latents after every step --files--> Step, Step, ...    once a lambda
    steps --> one of them, beside the first

The middle 256 x 256 pixels of a picture are taken. The search takes about 0.3 s of a quiet core a
step; after it a move of the slider only picks what is there. The curve that the point leaves is
that of the same decoder with latents as g_a finds them, at lambdas nearby.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images, learned
from lic_teach.course.why_the_prior_fits import thinking_drawing
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.kit.measured import Coded, by_learned, measured, model
from lic_teach.learned.refine import search

STEPS = 10
LAMS = {"0.002": 0.002, "0.01": 0.01, "0.05": 0.05}  # words on the buttons, bpp per unit of MSE
AROUND = 2.0 ** np.linspace(-0.5, 0.5, 5)  # times lambda: where the curve is measured
CHANGES, BEFORE, ORIGINAL = "changes", "before", "original"  # what stands left of the line


class Step(NamedTuple):
    """A picture's file after some steps of the search."""

    coded: Coded
    changed: np.ndarray  # int (h, w): latents of each place that are rounded the other way
    smaller: int  # of them in all, those that moved towards 0


class Thought(NamedTuple):
    """All that the slider can show of one picture at one lambda."""

    steps: list[Step]  # STEPS + 1 of them, from g_a's latents on
    curve: list[Coded]  # g_a's latents at lambdas nearby, without pictures


class Source(NamedTuple):
    """A picture with all that the controls do not change."""

    image: np.ndarray  # uint8 (H, W, 3), at most 256 x 256
    y: np.ndarray  # float32 (128, H/8, W/8), latents before quantization
    known: dict[str, Thought]  # by lambda, as far as they were asked for


class Result(NamedTuple):
    source: Source
    lam: float
    at: int  # steps done
    beside: str
    thought: Thought


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    image = np.ascontiguousarray(images.centre_crop(image, 256))
    return Source(image, learned.analyse(image, model()), {})


def think(source: Source, lam: float) -> Thought:
    """Search, and write a file after every step -> Thought. The slow part, a few seconds."""
    found = search(source.image, source.y, model(), lam, STEPS)
    steps = [write(source, latents, lam) for latents, _ in found]
    curve = [by_learned(source.image, source.y, lam * f).without_pictures() for f in AROUND]
    return Thought(steps, curve)


def write(source: Source, latents: np.ndarray, lam: float) -> Step:
    """One file of refined latents -> Step."""
    size = source.image.shape[:2]
    data, x_hat = learned.encode_and_reconstruct(latents, size, model(), lam, first=source.y)
    moved = latents != source.y
    smaller = np.abs(latents[moved]) < np.abs(source.y[moved])
    return Step(measured(source.image, lam, data, x_hat), moved.sum(0), int(smaller.sum()))


def compute(source: Source, steps: int, lam: str, beside: str) -> Result:
    """The file after so many steps at lam, one of LAMS' words -> Result."""
    if lam not in source.known:
        source.known[lam] = think(source, LAMS[lam])
    return Result(source, LAMS[lam], steps, beside, source.known[lam])


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View."""
    first, now = result.thought.steps[0], result.thought.steps[result.at]
    left = {
        CHANGES: lambda: thinking_drawing.changes(result.source.image, now.changed),
        BEFORE: lambda: first.coded.x_hat,
        ORIGINAL: lambda: result.source.image,
    }[result.beside]()
    return View(
        side_by_side(left, now.coded.x_hat),
        _table(first.coded, now.coded, result) + f"<p>{words(now)}</p>",
        summary(result),
        thinking_drawing.plot(result),
        names=(result.beside, "after thinking"),
    )


def _table(first, now, result):
    rows = (
        ("file, bytes", *_change(first.size, now.size, "{:,}")),
        ("R, bits per pixel", *_change(first.bpp, now.bpp, "{:.3f}")),
        ("D, MSE", *_change(first.mse, now.mse, "{:.1f}")),
        ("PSNR (RGB), dB", f"{first.psnr:.2f}", f"{now.psnr:.2f}", f"{_gain(first, now):+.2f}"),
        ("L = R + λD", *_change(first.cost(result.lam), now.cost(result.lam), "{:.4f}")),
    )
    return readout.table(rows, ("", "before", f"step {result.at}", "change"))


def _gain(first, now):
    """Decibels gained; none where both pictures came back exactly."""
    return 0.0 if first.psnr == now.psnr else now.psnr - first.psnr


def _change(before, after, form):
    share = f"{100 * (after / before - 1):+.1f} %" if before else ""
    return form.format(before), form.format(after), share


def words(now: Step) -> str:
    """What was changed, in a sentence or two."""
    count, places = int(now.changed.sum()), np.count_nonzero(now.changed)
    if not count:
        return "Every latent is rounded to its nearest whole number, as g_a and rounding have it."
    return (
        f"{count:,} latents are rounded the other way, at {places:,} of {now.changed.size:,} "
        f"places; {100 * now.smaller / count:.0f} % of them moved towards 0. "
        "The decoder is the same."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    first, now = (result.thought.steps[i].coded for i in (0, result.at))
    saved = 1 - now.cost(result.lam) / first.cost(result.lam)
    steps = f"{result.at} step{'' if result.at == 1 else 's'} of thinking"
    return (
        f"lambda {result.lam:g}, {steps}: {now.size:,} bytes instead of {first.size:,}, "
        f"{now.psnr:.2f} dB instead of {first.psnr:.2f}, L {100 * saved:.1f} % lower"
    )


class Thinking(Explorer):
    """Thinking(), Thinking("coffee"), Thinking("my photo.jpg"): how far does thinking carry?"""

    tries = {
        "no thinking": (
            dict(image="chelsea", steps=0),
            "Go from 0 to 10 with the arrow keys. Which step brings most? When does it end?",
            "The first. After five steps most is done.",
        ),
        "the map": (
            dict(image="chelsea"),
            "Where does the encoder change its mind, where never?",
            "Where the bits are. In smooth parts nearly all latents are so surely 0 that another "
            "number would be far too expensive.",
        ),
        "before and after": (
            dict(image="chelsea", beside=BEFORE),
            "Wipe. Do you see what was changed?",
            "Hardly. The picture is a little better and the file smaller, and that is all. It "
            "moved to the left <i>and</i> upwards, across the dashed line.",
        ),
        "λ = 0.05": (
            dict(image="chelsea", lam="0.05"),
            "(It needs some seconds of thought when it is asked for the first time.) Does it help "
            "here, too? And at 0.002?",
            "It helps everywhere.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(),
            steps=Slider(STEPS, 0, STEPS, label="Steps of thinking", ends=("none", "ten")),
            lam=choice("λ", list(LAMS), "0.01"),
            beside=choice("Left of the line", [CHANGES, BEFORE, ORIGINAL]),
        )

    def update(self, _change=None):
        """Say so before the encoder thinks: it is the one move that takes seconds."""
        if not self._held and self.lam not in self.source.known:
            self._say("<p>The encoder is thinking. A few seconds …</p>", "thinking")
        super().update()
