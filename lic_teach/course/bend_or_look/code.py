"""A code for points of the plane: transform, round, code each number alone.

    x (n, 2) --g_a: turn, bend--> y --round to multiples of a step--> y_hat --g_s--> x_hat

R is the sum of the entropies of the two numbers, in bits per point; D is the mean squared error
per number. Two kinds of points: the banana of Balle et al. 2021 (Nonlinear Transform Coding,
section II; here divided by 3), and the colours of a photograph, (red, blue).
"""

from functools import cache

import numpy as np

from lic_teach import images
from lic_teach.metrics import entropy

ANGLE, LENGTH, WIDTH, BEND = 30.0, 1.0, 1 / 6, 0.3  # of the banana
COUNT = 10_000  # points that are measured


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


def rounded(v: np.ndarray, step: float) -> np.ndarray:
    """The nearest multiples of step, counted in steps from the lowest one: int, 0 and more."""
    q = np.rint(v / step).astype(np.intp)
    return q - q.min()


def rate(y: np.ndarray, step: float) -> float:
    """Bits per point of y rounded to multiples of step, each of the two numbers coded alone."""
    return sum(entropy(np.bincount(rounded(v, step))) for v in y.T)


def shared_bits(y: np.ndarray, step: float) -> float:
    """What coding the two numbers alone wastes: H(first) + H(second) - H(both), bits a point.

    Shannon's mutual information of the rounded numbers, a little too large where the cells are
    many and the points few.
    """
    first, second = (rounded(v, step) for v in y.T)
    both = entropy(np.bincount(first * (second.max() + 1) + second))
    return rate(y, step) - both


def step_for(y: np.ndarray, bits: float) -> float:
    """The step at which y takes that many bits per point, as nearly as a bisection comes."""
    low, high = np.log(y.std() * 1e-3 + 1e-9), np.log(np.ptp(y) + 1e-6)
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (middle, high) if rate(y, np.exp(middle)) > bits else (low, middle)
    return float(np.exp(high))


def decibels(x: np.ndarray, mse: float) -> float:
    """10 log10 of the variance of x, per number, over the mean squared error; 0..90 dB."""
    variance = float(x.var(0).mean())
    return 10 * np.log10(min(max(variance / max(mse, 1e-12), 1e-3), 1e9))


@cache
def coffee() -> tuple[np.ndarray, np.ndarray]:
    """Points to fit, and points to measure on: (red, blue) of the coffee, float (n, 2) each."""
    return photo_points(images.sample("coffee"), COUNT)
