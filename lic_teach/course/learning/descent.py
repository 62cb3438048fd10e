"""Gradient descent on a real loss of two weights: how large may a step be?

    photographs --prepare--> L(w) = w' M w - 2 r' w + c --path--> w after 0, 1, 2, ... steps

A pixel is predicted as w_a * a + w_b * b from the one to its left and the one above, all counted
from mid grey in units of 64 grey levels. The loss, the mean squared error over three photographs,
is a bowl in w_a and w_b, and M, r and c are all of the photographs that it needs.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images
from lic_teach.course.learning import descent_drawing
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider
from lic_teach.kit.readout import table

PHOTOGRAPHS = ("astronaut", "coffee", "rocket")
UNIT = 64.0  # grey levels
START = (-0.6, 0.9)
MAX_STEPS = 200


class Bowl(NamedTuple):
    """L(w) = w' M w - 2 r' w + c."""

    M: np.ndarray  # float (2, 2), mean of inputs times inputs
    r: np.ndarray  # float (2,), mean of inputs times pixel
    c: float  # mean of pixel squared

    def loss(self, w):
        """w: float (..., 2) -> float (...)."""
        return np.einsum("...i,ij,...j", w, self.M, w) - 2 * w @ self.r + self.c

    def gradient(self, w):
        """w: float (2,) -> float (2,)."""
        return 2 * (self.M @ w - self.r)

    @property
    def best(self):
        """Where the gradient is 0: float (2,)."""
        return np.linalg.solve(self.M, self.r)

    @property
    def curvatures(self):
        """Of the bowl along its two axes, the flat one first, and the axes as columns."""
        return np.linalg.eigh(2 * self.M)


class Result(NamedTuple):
    bowl: Bowl
    rate: float
    path: np.ndarray  # float (steps + 1, 2)
    losses: np.ndarray  # float (steps + 1,)


def pairs(names: tuple[str, str, str] = PHOTOGRAPHS) -> tuple[np.ndarray, np.ndarray]:
    """Inputs float (n, 2) and pixels float (n,) of the green channels, in units from mid grey.

    Inputs are the left and the upper neighbour; the border, with only one, is left out.
    """
    inputs, pixels = [], []
    for name in names:
        x = images.sample(name)[..., 1]
        a, b = x[1:, :-1], x[:-1, 1:]
        inputs.append(np.stack([a, b], axis=-1).reshape(-1, 2))
        pixels.append(x[1:, 1:].ravel())
    return (np.concatenate(inputs) - 128.0) / UNIT, (np.concatenate(pixels) - 128.0) / UNIT


def prepare(_=None) -> Bowl:
    """The three photographs -> Bowl."""
    inputs, pixels = pairs()
    n = len(pixels)
    return Bowl(inputs.T @ inputs / n, inputs.T @ pixels / n, float(pixels @ pixels / n))


def path(bowl: Bowl, rate: float, steps: int, start: tuple[float, float] = START) -> np.ndarray:
    """Gradient descent: w after 0..steps steps, float (steps + 1, 2)."""
    places = [np.array(start)]
    for _ in range(steps):
        places.append(places[-1] - rate * bowl.gradient(places[-1]))
    return np.array(places)


def compute(bowl: Bowl, rate: float, steps: int) -> Result:
    """rate: the learning rate -> Result."""
    places = path(bowl, rate, steps)
    return Result(bowl, rate, places, bowl.loss(places))


def edge(bowl: Bowl) -> float:
    """The largest learning rate at which no direction grows: 2 / largest curvature."""
    return 2 / bowl.curvatures[0][-1]


def factors(result: Result) -> tuple[float, float]:
    """By what each step multiplies the distance to the bottom: along the valley, and across."""
    along, across = 1 - result.rate * result.bowl.curvatures[0]
    return float(along), float(across)


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    title = verdict(result)
    return View(b"", _readout(result), summary(result), descent_drawing.plot(result, title))


def verdict(result: Result) -> str:
    """One line on what this learning rate does."""
    _, across = factors(result)
    if across < -1:
        return "Beyond the edge: across the valley each step ends farther away"
    if across < 0:
        return "Across the valley it overshoots; along it, it creeps"
    return "Too small to overshoot; along the valley it creeps"


def _readout(result):
    along, across = factors(result)
    flat, steep = result.bowl.curvatures[0]
    rows = (
        ("across the valley", f"{steep:.3f}", f"{across:.3f}"),
        ("along the valley", f"{flat:.3f}", f"{along:.3f}"),
    )
    mse = UNIT**2 * np.array([result.losses[-1], result.bowl.loss(result.bowl.best)])
    return (
        table(rows, ("", "curvature", "distance, times a step"))
        + f"<p>Mean squared error after {len(result.path) - 1} steps: <b>{_short(mse[0])}</b> "
        f"grey levels². At the bottom: <b>{mse[1]:.0f}</b>.</p>"
        + f"<p>The edge is 2 / {steep:.3f} = <b>{edge(result.bowl):.3f}</b>.</p>"
    )


def _short(value):
    return f"{value:,.0f}" if value < 1e7 else f"{value:.0e}"


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    a, b = result.path[-1]
    where = f"weights {a:z.2f} and {b:z.2f}" if np.abs(result.path[-1]).max() < 1e3 else "far away"
    return (
        f"learning rate {result.rate:g}, {len(result.path) - 1} steps: {where}, mean squared error "
        f"{_short(UNIT**2 * result.losses[-1])} grey levels squared"
    )


class Descent(Explorer, layout="drawing"):
    """Descent(): two sliders, learning rate and number of steps."""

    tries = {
        "rate 0.01, 200 steps": (
            dict(rate=0.01, steps=200),
            "Where does the walk go first, and where does it get stuck?",
            "Straight down into the valley, then almost nowhere: along the valley each step takes "
            "off less than a thousandth of the distance.",
        ),
        "rate 0.355, 200 steps": (
            dict(rate=0.355, steps=200),
            "Which rate brings the loss down fastest in 200 steps? How far from the edge is it?",
            "This one, the last before the edge. Along the valley only the rate counts, and the "
            "overshooting across dies out in the meantime.",
        ),
        "rate 0.376": (
            dict(rate=0.376),
            "One press of the arrow key further. What do the numbers in the table say?",
            "The factor across is −1.081. It does not matter how well things go along the valley.",
        ),
        "rate 0.178": (
            dict(rate=0.178),
            "The factor across is nearly 0. Why is the bottom still far away after 30 steps?",
            "One step ends the walk across. The walk along takes 1.3 percent of what is left, each "
            "time.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            rate=Slider(0.335, 0.01, 1.0, log=True, label="Learning rate"),
            steps=Slider(30, 0, MAX_STEPS, label="Steps"),
        )
