"""Turn and bend the cells of a quantizer: a linear transform against one that is not.

The cells are what rounding y = g_a(x) looks like in the plane of x (code.py). At every
setting the step is the one that gives the rate of the slider, for the KLT and for these cells
alike, so what is left to compare is the error. Both are measured on points that were not used to
choose the KLT or to train a transform.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from ipywidgets import HTML

from lic_teach.course.bend_or_look import cells_drawing, code, curves_drawing
from lic_teach.kit.base import Explorer, View, row, side
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.readout import table

BANANA, PHOTO = "banana", "red and blue of a photograph"
TURN = "turn and bend"
TRIES_OF_OTHERS = {  # for cells that somebody brings
    "8 bits a point": (
        dict(rate=8.0),
        "Predict first: how much better than the KLT are these cells at a high rate?",
        "What the sentence under the table says. Cells that were learned for a few bits a point "
        "have never been asked for small errors.",
    ),
}
STEPS = np.geomspace(0.06, 3, 18)  # where the curves are measured, in standard deviations


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points to be coded, and what is known of them."""

    x: np.ndarray  # float (COUNT, 2), centred, a standard deviation of 1 along
    turn: float  # the KLT's angle, degrees, found on other points
    bound: float | None  # sigma along times sigma across, where the source is known
    axes: tuple[str, str]
    frame: cells_drawing.Frame


class Source(NamedTuple):
    banana: Cloud
    photo: Cloud


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    known = _cloud(
        code.banana(code.COUNT, 1),
        code.banana(code.COUNT, 2),
        code.LENGTH * code.WIDTH,
        ("x₁", "x₂"),
    )
    return Source(known, _cloud(*code.photo_points(image, code.COUNT), None, ("red", "blue")))


def _cloud(train, test, bound, axes):
    return Cloud(test, code.klt_angle(train), bound, axes, cells_drawing.frame_of(test))


class Point(NamedTuple):
    """One quantizer, measured."""

    step: float
    rate: float  # bits per point
    mse: float  # per number
    snr: float  # dB


class Moved(NamedTuple):
    """A cloud and its plane after a transform, and what the transform can do."""

    y: np.ndarray  # of the points
    plane: cells_drawing.Plane
    back: Callable  # g_s
    curve: list[Point]  # at STEPS


def measure(cloud: Cloud, y: np.ndarray, back: Callable, step: float) -> Point:
    """The cloud's points as y, float (n, 2), rounded; back is g_s."""
    mse = float(np.mean((back(np.rint(y / step) * step) - cloud.x) ** 2))
    return Point(step, code.rate(y, step), mse, code.decibels(cloud.x, mse))


@lru_cache(8)
def turned(cloud: Cloud, turn: float, bend: float) -> Moved:
    """The cloud turned and bent."""
    return _moved(
        cloud, lambda x: code.g_a(x, turn, bend), lambda y: code.g_s(y, turn, bend), bend == 0
    )


@lru_cache(4)
def own(cloud: Cloud, transform) -> Moved:
    """The cloud through somebody's (g_a, g_s)."""
    return _moved(cloud, *transform)


def _moved(cloud, forward, back, straight=False):
    y = np.asarray(forward(cloud.x), dtype=float)
    plane = cells_drawing.plane_of(forward, cloud.frame, straight)
    return Moved(y, plane, back, [measure(cloud, y, back, y.std() * step) for step in STEPS])


class Result(NamedTuple):
    cloud: Cloud
    name: str  # of the transform
    linear: bool
    klt: Moved
    moved: Moved
    klt_point: Point
    point: Point


def compute(
    source: Source,
    points: str,
    turn: int,
    bend: float,
    rate: float,
    cells: str = TURN,
    transform=None,
) -> Result:
    """Both transforms at the step that gives this rate, in bits per point -> Result."""
    cloud = source.banana if points == BANANA else source.photo
    is_own = cells != TURN
    moved = own(cloud, transform) if is_own else turned(cloud, turn, bend)
    klt = turned(cloud, cloud.turn, 0.0)
    found = (measure(cloud, m.y, m.back, code.step_for(m.y, rate)) for m in (klt, moved))
    return Result(cloud, cells, not is_own and bend == 0, klt, moved, *found)


def gains(result: Result) -> tuple[float, float]:
    """dB better than the KLT at this rate, and bits a point that the KLT needs more."""
    rates, snr = np.array(sorted((p.rate, p.snr) for p in result.klt.curve)).T
    needed = np.interp(result.point.snr, np.maximum.accumulate(snr), rates)
    return result.point.snr - result.klt_point.snr, float(needed - result.point.rate)


def draw(result: Result) -> View:
    """Result -> View. The drawing is its picture."""
    drawing = cells_drawing.planes(result)
    return View(b"", _table(result) + f"<p>{words(result)}</p>", summary(result), drawing)


def _table(result):
    pairs = ((result.klt_point, result.klt), (result.point, result.moved))
    found, shared = [p for p, _ in pairs], [code.shared_bits(m.y, p.step) for p, m in pairs]
    rows = (
        ("R, bits per point", *(f"{p.rate:.2f}" for p in found)),
        ("step Δ", *(f"{p.step:.3f}" for p in found)),
        ("D, MSE per number", *(f"{p.mse:.4f}" for p in found)),
        ("variance / D, dB", *(f"{p.snr:.1f}" for p in found)),
        ("bits that y₁ and y₂ share", *(f"{max(bits, 0):.1f}" for bits in shared)),
    )
    return table(rows, ("at equal rate", "KLT", "these cells"))


def words(result: Result) -> str:
    """Who is ahead, in a sentence."""
    dB, bits = gains(result)
    if abs(dB) < 0.05:
        return "As good as the KLT, at this rate."
    if dB < 0:
        return f"<b>{-dB:.1f} dB worse</b> than the KLT at the same rate."
    return (
        f"<b>{dB:.1f} dB better</b> than the KLT at the same rate. "
        f"The KLT needs {bits:.1f} bits a point more to be as good."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"{result.point.rate:.1f} bits per point: these cells {result.point.snr:.1f} dB, "
        f"KLT {result.klt_point.snr:.1f} dB, difference {gains(result)[0]:+z.1f} dB"
    )


class Cells(Explorer):
    """Cells(): turn and bend. Cells(transform=(g_a, g_s), name="mine"): look at others, too.

    g_a, g_s: functions of float arrays (n, 2), points as code.banana or photo_points
    gives them. points: BANANA or PHOTO, at first.
    """

    tries = {
        "turned, not bent": (
            dict(turn=30, bend=0.0),
            "The KLT is found. What do y₁ and y₂ still share?",
            "0.6 bits at 4 bits a point; more at higher rates.",
        ),
        "bent by 0.3": (
            dict(turn=30, bend=0.3),
            "Where around here is most gained? What do the histograms look like?",
            "Near 0.3. Both are bell-shaped, and the shaded cells follow the points.",
        ),
        "bent the wrong way": (
            dict(turn=30, bend=-0.3),
            "And the other way?",
            "It is much worse than no bend at all.",
        ),
        "2 bits a point": (
            dict(turn=30, bend=0.3, rate=2.0),
            "What has become of the cells across the banana?",
            "There is only one: y₂ is hardly coded any more, and nearly all bits go along the "
            "banana.",
        ),
        "the coffee cup": (
            dict(image="coffee", points=PHOTO, turn=38, bend=0.25),
            "Red and blue of a photograph. How much does bending gain?",
            "3.5 dB, the most of our four photographs.",
        ),
        "the astronaut": (
            dict(image="astronaut", points=PHOTO, turn=26, bend=0.2),
            "And here?",
            "Nearly as much, but only close to 26° and 0.2. On the cat and the rocket about one "
            "decibel.",
        ),
    }

    def __init__(self, image="coffee", transform=None, name="yours", points=BANANA):
        self.transform = transform
        self.curves = HTML().add_class("lic-plot")
        more = {} if transform is None else {"cells": choice("Cells", [name, TURN])}
        super().__init__(
            image,
            tries=None if transform is None else TRIES_OF_OTHERS,
            points=choice("Points", [BANANA, PHOTO], points),
            **more,
            turn=Slider(30, -90, 90, label="Turn", unit="°"),
            bend=Slider(0.3, -0.6, 0.6, step=0.01, label="Bend"),
            rate=Slider(4.0, 1.0, 8.0, step=0.1, label="Rate", unit="bits per point"),
        )
        self._chooser.observe(self._show_photo, "value")

    def compute(self, source, **state):
        """The learner's functions join the controls."""
        return compute(source, transform=self.transform, **state)

    def update(self, _change=None):
        """The curves have a drawing of their own."""
        super().update()
        if not self._held:
            self.curves.value = curves_drawing.curves(self.result)

    def _show_photo(self, _change):
        """Who chooses a photograph wants to see its points."""
        self.points = PHOTO

    def _body(self):
        return [row(self.plot, side(self.curves, self.readout))]
