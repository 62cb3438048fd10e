"""Cells of any shape: entropy-constrained vector quantization of points of the plane.

    points --fit--> Codebook(centres, bits) --nearest--> the cell of least L = R + lam * D

No transform and no grid: a list of centres, and what the name of each costs. Both are found in
turn, as Lloyd does: each point takes the cell that is best for L; then each centre goes to the mean
of its points, and its price becomes -log2 of its share. L never grows. Centres that nobody takes
are dropped. Chou, Lookabaugh and Gray 1989. The end depends on the start: a good code, the best one
only nearly. Unlike code.py's cells these need a list, which grows with 2 to the power of the bits.
"""

from typing import NamedTuple

import numpy as np


class Codebook(NamedTuple):
    """Where the cells' points are decoded, and what it costs to name each cell."""

    centres: np.ndarray  # float (m, 2)
    bits: np.ndarray  # float (m,)
    lam: float


def fit(points: np.ndarray, lam: float, count: int = 300, turns: int = 60) -> Codebook:
    """points: float (n, 2), n >= count; lam: bits per unit of squared error -> Codebook.

    The first `count` points are the centres at first, all at the same price.
    """
    book = Codebook(points[:count].copy(), np.full(count, np.log2(count)), lam)
    for _ in range(turns):
        cell = nearest(book, points)
        used, cell, size = np.unique(cell, return_inverse=True, return_counts=True)
        sums = [np.bincount(cell, weights=points[:, k]) for k in range(2)]
        book = Codebook(np.stack(sums, 1) / size[:, None], -np.log2(size / len(points)), lam)
    return book


def nearest(book: Codebook, x: np.ndarray) -> np.ndarray:
    """The cell of least bits + lam * squared distance for each point: int (n,)."""
    # |x - c|^2 = |x|^2 - 2 x.c + |c|^2, and the first is the same for all cells
    price = book.bits + book.lam * (book.centres**2).sum(1)
    return (price - 2 * book.lam * (x @ book.centres.T)).argmin(1)


def measure(book: Codebook, x: np.ndarray) -> tuple[float, float]:
    """Points that did not make the codebook -> bits per point, and D per point."""
    cell = nearest(book, x)
    return float(book.bits[cell].mean()), float(((book.centres[cell] - x) ** 2).sum(1).mean())
