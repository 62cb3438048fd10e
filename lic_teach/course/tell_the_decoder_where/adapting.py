"""Blocks in classes, from quiet to busy, and a width for each coefficient of each class.

    photograph --coefficients--> k (n, m, 64) --busyness--> (n, m) ------classes--> told
                                              --around--> (n, m) --------classes--> guessed
    other photographs --fit--> Model: edges of the classes, widths, how often each class comes

All coefficients are whole numbers under a Laplace prior of mean 0. Unlike learned/hyperprior.py
there is one number a block to be known, not one a latent, and nothing is trained: what a class is
and how wide it is are counted. Lesson tell_the_decoder_where.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from lic_teach import images
from lic_teach.jpeg import color, transform
from lic_teach.kit.priors import LAPLACE, information

STEP = 40.0  # of every coefficient, in grey levels
REACH = 80  # a larger coefficient counts as this one when widths are fitted
VALUES = np.arange(-REACH, REACH + 1)
MOST = 24  # bits: a range coder of 24 bits leaves no number less than 2**-24
SIGMAS = np.geomspace(0.11, 40, 100)  # widths to choose from


class Model(NamedTuple):
    """What both sides know before the picture comes, from other pictures: K classes."""

    edges: np.ndarray  # float (K - 1,): the busyness at which the next class begins
    sigma: np.ndarray  # float (K, 64): the width of each coefficient in each class
    share: np.ndarray  # float (K,): how often each class comes


def coefficients(image: np.ndarray, step: float = STEP) -> np.ndarray:
    """uint8 (H, W, 3) -> luma's DCT in steps, rounded, int (n, m, 64), zig-zag, DC as it comes.

    The first of each 64, DC, is the difference to the block before: `differences`.
    """
    luma = color.unrounded_ycbcr(images.pad_to_multiple(image, 8))[0]
    return differences(np.rint(transform.forward(luma) / step).astype(int))


def differences(k: np.ndarray) -> np.ndarray:
    """DC less that of the block to the left, or above in the first column. int (n, m, 64)."""
    out = k.copy()
    out[:, 1:, 0] -= k[:, :-1, 0]
    out[1:, 0, 0] -= k[:-1, 0, 0]
    return out


def sums(k: np.ndarray) -> np.ndarray:
    """Undo differences."""
    out = k.copy()
    out[:, 0, 0] = np.cumsum(out[:, 0, 0])
    out[..., 0] = np.cumsum(out[..., 0], axis=1)
    return out


def busyness(k: np.ndarray) -> np.ndarray:
    """How much happens in a block: the sum of log(1 + |k|) over its AC. (..., 64) -> (...)."""
    return np.log1p(np.abs(k[..., 1:])).sum(-1)


def around(busy: np.ndarray) -> np.ndarray:
    """The mean busyness of the blocks to the left and above, (n, m); at the rim of the one there.

    Nothing is known of the first block: 0.
    """
    left, above = np.zeros_like(busy), np.zeros_like(busy)
    left[:, 1:], above[1:] = busy[:, :-1], busy[:-1]
    above[0], left[:, 0] = left[0], above[:, 0]
    return (left + above) / 2


def told(k: np.ndarray) -> np.ndarray:
    """What the class is read from if the encoder tells it: the block itself. (n, m)."""
    return busyness(k)


def guessed(k: np.ndarray) -> np.ndarray:
    """What the class is read from if the decoder guesses it: blocks decoded before. (n, m)."""
    return around(busyness(k))


def classes(busy: np.ndarray, model: Model) -> np.ndarray:
    """Busyness, any shape -> class 0..K-1, the quietest first."""
    return np.searchsorted(model.edges, busy)


def fit(
    pictures: Sequence[np.ndarray], count: int, look: Callable = told, shape: str = LAPLACE
) -> Model:
    """Coefficients of some pictures -> Model of `count` classes.

    The first is of blocks in which nothing happens, busyness 0: there are many. The others are
    about equally full. look: told or guessed.
    """
    busy = np.concatenate([look(k).ravel() for k in pictures])
    parts = np.arange(count - 1) / max(count - 1, 1)
    edges = np.quantile(busy[busy > 0], parts) * (parts > 0)  # the first one: 0
    number = np.searchsorted(edges, busy)
    # A histogram for each class and coefficient, then the width of fewest bits for each.
    rows = np.concatenate([k.reshape(-1, 64) for k in pictures]).clip(-REACH, REACH) + REACH
    place = (number[:, None] * 64 + np.arange(64)) * len(VALUES) + rows
    counts = np.bincount(place.ravel(), minlength=count * 64 * len(VALUES))
    best = (counts.reshape(-1, len(VALUES)) @ _costs(shape)).argmin(1)
    seen = np.bincount(number, minlength=count) + 1  # so that no class is impossible
    return Model(edges, SIGMAS[best].reshape(count, 64), seen / seen.sum())


@cache
def _costs(shape):
    """Bits of each of VALUES under each of SIGMAS."""
    return information(VALUES[:, None], 0, SIGMAS, shape)


def spent(
    k: np.ndarray, number: np.ndarray, model: Model, shape: str = LAPLACE
) -> tuple[np.ndarray, np.ndarray]:
    """Bits of each block's coefficients, and of its class if it is told: float (n, m) twice.

    k: (n, m, 64); number: its classes, (n, m).
    """
    bits = np.minimum(information(k, 0, model.sigma[number], shape), MOST)
    return bits.sum(-1), -np.log2(model.share[number])


@cache
def of_sample(name: str) -> np.ndarray:
    """coefficients of a sample photograph. Do not change them."""
    return coefficients(images.sample(name))


def others(image: np.ndarray | None = None) -> tuple[str, ...]:
    """The names of the sample photographs that are not this one."""
    known = image is not None
    return tuple(n for n in images.SAMPLES if not (known and _same(images.sample(n), image)))


def _same(one, other):
    return one.shape == other.shape and np.array_equal(one, other)


@cache
def fitted(names: tuple[str, ...], count: int, look: Callable) -> Model:
    """fit on sample photographs by name; remembered."""
    return fit([of_sample(name) for name in names], count, look)
