"""Three ways down a real loss of two weights: plain gradient descent, momentum, Adam.

    photographs --prepare--> L(w) = w' M w - 2 r' w + c --path--> w after 0, 1, 2, ... steps

A pixel is predicted as w_a * a + w_b * b from the one to its left and the one above, all counted
from mid grey in units of 64 grey levels. The loss, the mean squared error over three photographs,
is a bowl in w_a and w_b, and M, r and c are all of the photographs that it needs.
Momentum: Polyak 1964. Adam: Kingma and Ba 2015, algorithm 1.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images
from lic_teach.course.learning import descent_drawing
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.plots import minus
from lic_teach.kit.readout import table

PHOTOGRAPHS = ("astronaut", "coffee", "rocket")
UNIT = 64.0  # grey levels
MOST = 1e99  # what a squared error that runs away is called: more than that
START = (-0.6, 0.9)
MAX_STEPS = 300
PLAIN, MOMENTUM, ADAM = WALKS = "plain", "momentum", "Adam"
MEMORY, SLOW = 0.9, 0.999  # beta, and Adam's second one


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
    walk: str  # one of WALKS
    memory: float  # beta: 0 where the walk is plain
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


def path(
    bowl: Bowl,
    rate: float,
    steps: int,
    walk: str = PLAIN,
    memory: float = MEMORY,
    start: tuple[float, float] = START,
) -> np.ndarray:
    """w after 0..steps steps, float (steps + 1, 2). walk: one of WALKS; memory: beta."""
    w, v, s = np.array(start), np.zeros(2), np.zeros(2)
    places = [w]
    for t in range(1, steps + 1):
        g = bowl.gradient(w)
        if walk == PLAIN:
            w = w - rate * g
        elif walk == MOMENTUM:
            v = memory * v + g
            w = w - rate * v
        else:
            v = memory * v + (1 - memory) * g  # where the last gradients led, on the mean
            s = SLOW * s + (1 - SLOW) * g**2  # how large they were, each weight for itself
            mean, square = v / (1 - memory**t), s / (1 - SLOW**t)  # v and s began with 0
            w = w - rate * mean / (np.sqrt(square) + 1e-8)
        places.append(w)
    return np.array(places)


def compute(bowl: Bowl, rate: float, steps: int, walk: str = PLAIN, memory: float = 0) -> Result:
    """rate: the learning rate; walk: one of WALKS -> Result."""
    places = path(bowl, rate, steps, walk, memory)
    return Result(bowl, rate, walk, 0 if walk == PLAIN else memory, places, bowl.loss(places))


def edge(bowl: Bowl, memory: float = 0) -> float:
    """The largest learning rate at which no direction grows: 2 (1 + beta) / largest curvature."""
    return 2 * (1 + memory) / bowl.curvatures[0][-1]


def factors(result: Result) -> tuple[float, float]:
    """By what each step multiplies the distance to the bottom: along the valley, and across.

    With a memory the distance swings: then it is the mean over many steps, without its sign, the
    larger root of z² - (1 + beta - rate * curvature) z + beta.
    """
    plain = 1 - result.rate * result.bowl.curvatures[0]
    if not result.memory:
        return float(plain[0]), float(plain[1])
    b = result.memory
    along, across = (np.abs(np.roots([1, -(b + p), b])).max() for p in plain)
    return float(along), float(across)


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    title = verdict(result)
    return View(b"", _readout(result), summary(result), descent_drawing.plot(result, title))


def verdict(result: Result) -> str:
    """One line on what this learning rate does."""
    if result.walk == ADAM:
        return "Adam: the gradient's size does not count, only its direction"
    across = factors(result)[1]
    if abs(across) > 1:
        return "Beyond the edge: across the valley each step ends farther away"
    if result.walk == MOMENTUM:
        return "Momentum: what leads on adds up, what swings cancels"
    if across < 0:
        return "Across the valley it overshoots; along it, it creeps"
    return "Too small to overshoot; along the valley it creeps"


def _readout(result):
    flat, steep = result.bowl.curvatures[0]
    mse = UNIT**2 * np.array([result.losses[-1], result.bowl.loss(result.bowl.best)])
    reached = (
        f"<p>Mean squared error after {len(result.path) - 1} steps: <b>{_short(mse[0])}</b> "
        f"grey levels². At the bottom: <b>{mse[1]:.0f}</b>.</p>"
    )
    if result.walk == ADAM:
        w_a, w_b = minus(f"{result.path[-1][0]:.2f}"), minus(f"{result.path[-1][1]:.2f}")
        no_edge = f"A step is never much longer than the rate, {result.rate:g}: there is no edge."
        return reached + f"<p>The weights: {w_a} and {w_b}.</p><p>{no_edge}</p>"
    along, across = factors(result)
    rows = (
        ("across the valley", f"{steep:.3f}", f"{across:.3f}"),
        ("along the valley", f"{flat:.3f}", f"{along:.3f}"),
    )
    top = f"2 · {1 + result.memory:.2f}" if result.memory else "2"
    return (
        table(rows, ("", "curvature", "distance, times a step"))
        + reached
        + f"<p>The edge is {top} / {steep:.3f} = <b>{edge(result.bowl, result.memory):.3f}</b>.</p>"
    )


def _short(value):
    """A squared error; beyond MOST nobody learns from its digits, and soon there are none."""
    if value < 1e7:
        return f"{value:,.0f}"
    return f"{value:.0e}" if value < MOST else f"more than {MOST:.0e}"


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    a, b = result.path[-1]
    where = f"weights {a:z.2f} and {b:z.2f}" if np.abs(result.path[-1]).max() < 1e3 else "far away"
    walk = result.walk + (f" of memory {result.memory:g}" if result.memory else "")
    return (
        f"{walk}, learning rate {result.rate:g}, {len(result.path) - 1} steps: {where}, "
        f"mean squared error {_short(UNIT**2 * result.losses[-1])} grey levels squared"
    )


class Descent(Explorer, layout="drawing"):
    """Descent(): learning rate, number of steps, and the kind of walk."""

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
        "momentum, 40 steps": (
            dict(rate=0.422, steps=40, walk=MOMENTUM, memory=0.7),
            "The rate is beyond the plain edge. Why does it not run away? Now try the memory 0.5, "
            "and 0.95.",
            "Two gradients across point to opposite sides, and nearly cancel in the sum. The edge "
            "is 1.7 times as far out. A shorter memory creeps along; a longer one swings "
            "round the bottom, for it takes long to forget.",
        ),
        "Adam, 120 steps": (
            dict(rate=0.501, steps=120, walk=ADAM),
            "How long is its first step, in each of the two weights? Is it faster than momentum?",
            "As long as the rate, 0.5, in both, whatever the slope. It is no faster here. The "
            "valley lies aslant, and a size for each weight does not straighten it.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            rate=Slider(0.335, 0.01, 1.0, log=True, label="Learning rate"),
            steps=Slider(30, 0, MAX_STEPS, label="Steps"),
            walk=choice("Walk", WALKS),
            memory=Slider(MEMORY, 0.0, 0.95, step=0.05, label="Memory β"),
        )
