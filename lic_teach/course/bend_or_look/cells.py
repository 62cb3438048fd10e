"""Turn and bend the cells of a quantizer, or let the coder look: who needs fewer bits?

The cells are what rounding y = g_a(x) looks like in the plane of x (code.py). At every
setting the step is the one that gives the rate of the slider, for the KLT and for these cells
alike and with the same coder, so what is left to compare is the error. Both are measured on points
that neither chose the KLT, nor trained a transform, nor filled the coder's tables.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from ipywidgets import HTML

from lic_teach.course.bend_or_look import cells_drawing, code, curves_drawing
from lic_teach.kit.base import Explorer, View, row, side
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.readout import table

BANANA, PHOTO = "banana", "red and blue of a photograph"
TURN = "turn and bend"
ALONE, LOOK = "one by one", "y₂ given y₁"  # the coders
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

    seen: np.ndarray  # float (COUNT, 2), centred: points for the KLT and the coder's tables
    x: np.ndarray  # float (COUNT, 2): other ones, which are measured
    turn: float  # the KLT's angle, degrees, found on those that were seen
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
    return Cloud(train, test, code.klt_angle(train), bound, axes, cells_drawing.frame_of(test))


class Point(NamedTuple):
    """One quantizer, measured."""

    step: float
    rate: float  # bits per point
    D: float  # mean squared error, per point
    snr: float  # dB


class Moved(NamedTuple):
    """A cloud and its plane after a transform, and what the transform can do with a coder."""

    seen: np.ndarray  # y of the points that were seen
    y: np.ndarray  # of those that are measured
    plane: cells_drawing.Plane
    back: Callable  # g_s
    look: bool  # does the coder look?
    curve: list[Point]  # at STEPS


def measure(cloud: Cloud, moved: Moved, step: float) -> Point:
    """The cloud's points, rounded and coded."""
    D = code.squared_error(cloud.x, moved.back(np.rint(moved.y / step) * step))
    rate = code.rate(moved.seen, moved.y, step, moved.look)
    return Point(step, rate, D, code.decibels(cloud.x, D))


@lru_cache(8)
def turned(cloud: Cloud, turn: float, bend: float, look: bool = False) -> Moved:
    """The cloud turned and bent."""
    forward = partial(code.g_a, turn=turn, bend=bend)
    return _moved(cloud, look, forward, partial(code.g_s, turn=turn, bend=bend), bend == 0)


@lru_cache(4)
def own(cloud: Cloud, transform, look: bool = False) -> Moved:
    """The cloud through somebody's (g_a, g_s)."""
    return _moved(cloud, look, *transform)


def _moved(cloud, look, forward, back, straight=False):
    seen, y = (np.asarray(forward(points), dtype=float) for points in (cloud.seen, cloud.x))
    plane = cells_drawing.plane_of(forward, cloud.frame, straight)
    moved = Moved(seen, y, plane, back, look, [])
    return moved._replace(curve=[measure(cloud, moved, y.std() * step) for step in STEPS])


class Result(NamedTuple):
    cloud: Cloud
    name: str  # of the transform
    linear: bool
    alone: Moved  # the KLT, one by one
    klt: Moved  # the KLT with the same coder as these cells
    moved: Moved
    klt_point: Point
    point: Point


def compute(
    source: Source,
    points: str,
    turn: int,
    bend: float,
    rate: float,
    coder: str = ALONE,
    cells: str = TURN,
    transform=None,
) -> Result:
    """Both transforms at the step that gives this rate, in bits per point -> Result."""
    cloud = source.banana if points == BANANA else source.photo
    is_own, look = cells != TURN, coder == LOOK
    moved = own(cloud, transform, look) if is_own else turned(cloud, turn, bend, look)
    alone, klt = (turned(cloud, cloud.turn, 0.0, looks) for looks in (False, look))
    steps = (code.step_for(m.seen, m.y, rate, look) for m in (klt, moved))
    found = (measure(cloud, m, step) for m, step in zip((klt, moved), steps, strict=True))
    return Result(cloud, cells, not is_own and bend == 0, alone, klt, moved, *found)


def gains(result: Result) -> tuple[float, float]:
    """dB better than the KLT at this rate, and bits a point that the KLT needs more."""
    rates, snr = np.array(sorted((p.rate, p.snr) for p in result.klt.curve)).T
    needed = np.interp(result.point.snr, np.maximum.accumulate(snr), rates)
    return result.point.snr - result.klt_point.snr, float(needed - result.point.rate)


def draw(result: Result) -> View:
    """Result -> View. Two drawings, no picture."""
    readout = _table(result) + f"<p>{words(result)}</p>"
    drawings = cells_drawing.planes(result), curves_drawing.curves(result)
    return View(b"", readout, summary(result), *drawings)


def _table(result):
    pairs = ((result.klt_point, result.klt), (result.point, result.moved))
    found, shared = [p for p, _ in pairs], [code.shared_bits(m.y, p.step) for p, m in pairs]
    rows = (
        ("R, bits per point", *(f"{p.rate:.2f}" for p in found)),
        ("step Δ", *(f"{p.step:.3f}" for p in found)),
        ("D, squared error per point", *(f"{p.D:.4f}" for p in found)),
        ("variance / D, dB", *(f"{p.snr:.1f}" for p in found)),
        ("bits that y₁ and y₂ share", *(f"{max(bits, 0):.1f}" for bits in shared)),
    )
    coder = LOOK if result.moved.look else ALONE
    return table(rows, (f"coder: {coder}", "KLT", "these cells"))


def words(result: Result) -> str:
    """Who is ahead, in a sentence."""
    dB, bits = gains(result)
    if abs(dB) < 0.05:
        return "As good as the KLT, at this rate and with this coder."
    if dB < 0:
        return f"<b>{-dB:.1f} dB worse</b> than the KLT at the same rate, with the same coder."
    return (
        f"<b>{dB:.1f} dB better</b> than the KLT at the same rate, with the same coder. "
        f"The KLT needs {bits:.1f} bits a point more to be as good."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    coder = LOOK if result.moved.look else ALONE
    return (
        f"{result.point.rate:.1f} bits per point, {coder}: these cells {result.point.snr:.1f} dB, "
        f"KLT {result.klt_point.snr:.1f} dB, difference {gains(result)[0]:+z.1f} dB"
    )


class Cells(Explorer):
    """Cells(): turn, bend, look. Cells(transform=(g_a, g_s), name="mine"): look at others, too.

    g_a, g_s: functions of float arrays (n, 2), points as code.banana or photo_points
    gives them. points: BANANA or PHOTO, at first.
    """

    tries = {
        "turned, not bent": (
            dict(turn=30, bend=0.0),
            "The KLT is found. What do y₁ and y₂ still share?",
            "0.6 bits at 4 bits a point; more at higher rates.",
        ),
        "turned, and the coder looks": (
            dict(turn=30, bend=0.0, coder=LOOK),
            "Where does the code expect points now?",
            "Along the banana only. The cells are squares as before, and smaller: 14 dB instead of "
            "12. (It is the KLT, so against the KLT with the same coder nothing is gained.)",
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
        "2 bits, the coder looks": (
            dict(turn=30, bend=0.3, rate=2.0, coder=LOOK),
            "Few bits: who is ahead? What has become of the cells across the banana?",
            "Bent, by 1.5 dB. There is only one cell across: y₂ is hardly coded any more, and "
            "nearly all bits go along the banana.",
        ),
        "6 bits, the coder looks": (
            dict(turn=30, bend=0.3, rate=6.0, coder=LOOK),
            "Many bits: who is ahead?",
            "The KLT, by half a decibel. Bent numbers share nothing, so there is nothing to look "
            "for, and at the ends of the banana the bent cells are long.",
        ),
        "the coffee cup": (
            dict(image="coffee", points=PHOTO, turn=38, bend=0.25),
            "Red and blue of a photograph. How much does bending gain? And if the coder looks?",
            "3.5 dB, the most of our four photographs. With a coder that looks the KLT is ahead.",
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
            coder=choice("Coder", [ALONE, LOOK]),
        )
        self._chooser.observe(self._show_photo, "value")

    def compute(self, source, **state):
        """The learner's functions join the controls."""
        return compute(source, transform=self.transform, **state)

    def _put(self, view):
        super()._put(view)
        self.curves.value = view.more

    def _show_photo(self, _change):
        """Who chooses a photograph wants to see its points."""
        self.points = PHOTO

    def _body(self):
        return [row(self.plot, side(self.curves, self.readout))]
