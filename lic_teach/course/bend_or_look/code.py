"""A code for points of the plane: transform, round, code one number after the other.

    x (n, 2) --g_a: turn, bend--> y --round to multiples of a step--> y_hat --g_s--> x_hat

R is in bits per point: -log2 of what the coder expected, mean over the points. It codes each number
by itself, or looks at y1 before it codes y2. D is the mean squared error per point. Two kinds of
points: the banana of Balle et al. 2021 (Nonlinear Transform Coding, section II; here divided by 3),
and the colours of a photograph, (red, blue).
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.optimize import brentq

from lic_teach import images
from lic_teach.metrics import entropy

ANGLE, LENGTH, WIDTH, BEND = 30.0, 1.0, 1 / 6, 0.3  # of the banana
COUNT = 10_000  # points that are measured
PAIR = np.array([1 << 24, 1])  # makes one number of two


def banana(count: int, seed: int = 0) -> np.ndarray:
    """Points of a Gaussian that is bent by a parabola and turned: float (count, 2), mean 0.

    Along the banana the standard deviation is 1, across it 1/6; the bend is 0.3, the turn 30°.
    """
    rng = np.random.default_rng(seed)
    t, n = rng.normal(0, LENGTH, count), rng.normal(0, WIDTH, count)
    return np.stack([t, n + BEND * (t**2 - 1)], axis=1) @ rotation(ANGLE)


def photo_points(image: np.ndarray, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(red, blue) of pixels drawn at random: two times float (count, 2), of different pixels.

    image: uint8 (H, W, 3). The first are for fitting, the second for measuring (a picture with
    fewer pixels gives some twice). A grey level stands for an interval, so each point lies
    somewhere within its own. Both are centred and divided by the standard deviation along the
    longest direction, as found in the first.
    """
    rng = np.random.default_rng(seed)
    pixels = image[..., [0, 2]].reshape(-1, 2)
    drawn = rng.choice(len(pixels), 2 * count, replace=len(pixels) < 2 * count)
    train, test = np.split(pixels[drawn] + rng.uniform(-0.5, 0.5, (2 * count, 2)), 2)
    spread = np.sqrt(np.linalg.eigvalsh(np.cov(train.T))[1])
    return (train - train.mean(0)) / spread, (test - train.mean(0)) / spread


def klt_angle(x: np.ndarray) -> float:
    """The direction of largest variance in degrees, -90..90: lesson dct. x: float (n, 2)."""
    along = np.linalg.eigh(np.cov(x.T))[1][:, 1]
    return float((np.degrees(np.arctan2(along[1], along[0])) + 90) % 180 - 90)


def rotation(degrees: float) -> np.ndarray:
    """(2, 2), orthonormal: the first row points into that direction."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, s], [-s, c]])


def g_a(x: np.ndarray, turn: float, bend: float) -> np.ndarray:
    """Turn, then slide each point by bend * (y1^2 - 1): float (n, 2) -> float (n, 2)."""
    y = x @ rotation(turn).T
    y[:, 1] -= bend * (y[:, 0] ** 2 - 1)
    return y


def g_s(y: np.ndarray, turn: float, bend: float) -> np.ndarray:
    """Undo g_a: float (n, 2) -> float (n, 2)."""
    x = np.array(y, dtype=float)
    x[:, 1] += bend * (x[:, 0] ** 2 - 1)
    return x @ rotation(turn)


def cells_of(y: np.ndarray, step: float) -> np.ndarray:
    """y rounded to multiples of step, as whole numbers of steps: int64, its shape."""
    return np.rint(y / step).astype(np.int64)


def shared_bits(y: np.ndarray, step: float) -> float:
    """What coding the two numbers alone wastes: H(first) + H(second) - H(both), bits a point.

    Shannon's mutual information of the rounded numbers, a little too large where the cells are
    many and the points few.
    """
    q = cells_of(y, step)
    counts = [np.unique(v, return_counts=True)[1] for v in (q[:, 0], q[:, 1], q @ PAIR)]
    first, second, both = (entropy(n) for n in counts)
    return first + second - both


def expected(seen: np.ndarray, look: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """What a coder expects that has counted `seen`, int (n, 2): its table.

    The table takes cells, int (..., 2), and gives their probability. It looks at each number by
    itself, and counts for each number half a point more than was seen, also for the next one
    below and above all. With `look` it has a table of y2 for each y1, which counts one point more
    than was seen there, as y2 comes everywhere.
    """
    first, second = (_alone(seen[:, k]) for k in range(2))
    if not look:
        return lambda q: first(q[..., 0]) * second(q[..., 1])
    column, pair = _count(seen[:, 0]), _count_pairs(seen)

    def joint(q):
        given = (pair(q) + second(q[..., 1])) / (column(q[..., 0]) + 1)
        return first(q[..., 0]) * given

    return joint


def _alone(seen):
    count, cells = _count(seen), np.ptp(seen) + 3
    return lambda k: (count(k) + 0.5) / (len(seen) + cells / 2)


def _count(seen):
    """How often each whole number was seen, as a function."""
    low = seen.min() - 1
    counts = np.pad(np.bincount(seen - low), (0, 1))
    return lambda k: counts.take(k - low, mode="clip")


def _count_pairs(seen):
    """The same of pairs: most of a large plane is empty, so only those that came are kept."""
    values, counts = np.unique(seen @ PAIR, return_counts=True)

    def count(q):
        at = np.searchsorted(values, key := q @ PAIR).clip(max=len(values) - 1)
        return np.where(values[at] == key, counts[at], 0)

    return count


def rate(seen: np.ndarray, y: np.ndarray, step: float, look: bool = False) -> float:
    """Bits per point of y rounded to multiples of step, by a coder that counted other points.

    seen, y: float (n, 2), both after g_a; look: does the coder look at y1 before it codes y2?
    """
    table = expected(cells_of(seen, step), look)
    return float(-np.log2(table(cells_of(y, step))).mean())


def step_for(seen: np.ndarray, y: np.ndarray, bits: float, look: bool = False) -> float:
    """The step at which y takes that many bits per point, as nearly as it goes."""
    low, high = np.log(y.std() * 1e-3 + 1e-9), np.log(np.ptp(y) + 1e-6)

    def too_many(log_step):
        return rate(seen, y, np.exp(log_step), look) - bits

    if too_many(high) >= 0 or too_many(low) <= 0:
        return float(np.exp(high if too_many(high) >= 0 else low))
    return float(np.exp(brentq(too_many, low, high, xtol=1e-4)))


def squared_error(x: np.ndarray, x_hat: np.ndarray) -> float:
    """D: the mean squared distance of a point, (n, 2) both, from what is decoded."""
    return float(((x_hat - x) ** 2).sum(1).mean())


def decibels(x: np.ndarray, D: float) -> float:
    """10 log10 of the variance of the points x over D, both per point; -30..90 dB."""
    variance = float(x.var(0).sum())
    return 10 * np.log10(min(max(variance / max(D, 1e-12), 1e-3), 1e9))


@cache
def coffee() -> tuple[np.ndarray, np.ndarray]:
    """Points to fit, and points to measure on: (red, blue) of the coffee, float (n, 2) each."""
    return photo_points(images.sample("coffee"), COUNT)
