"""Let the encoder think about one picture: better latents for the same decoder.

    y --walk, g_s--> L of every place <--walk, g_s-- y with one latent changed in every tile
    ^                       |
    +--- the change, in the tiles where L fell

g_a finds the latents of any picture in one pass; the best ones for *this* picture are others. A
latent may be rounded to its second nearest whole number, if R + lam * D falls: that depends on its
neighbours, through g_s and the context. So a change is tried, and measured, in every tile of
TILE x TILE latents at once, the most hopeful one near the tile's middle.

Unlike jpeg/trellis.py, where blocks know nothing of each other and the best choice is found
exactly, this is a search that stops where no single change helps. Lesson why_the_prior_fits. The
idea of latents found for one picture: Campos et al. 2019; Yang, Bamler, Mandt 2020 (by gradients).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from lic_teach.images import pad_to_multiple

from . import quantize
from .model import Exact, Model
from .rate import count
from .transform import in_strips

TILE, MIDDLE = 4, 2  # latents: a tile's side, and that of its middle, where changes are tried
TRIES = 8  # changes tried in every tile in one step
NEARNESS = 12.0  # bits of hope for every unit between a latent and its symbol (at most 1/2)


class Task(NamedTuple):
    """One picture, one lambda."""

    pixels: torch.Tensor  # float (1, 192, h, w): its samples by place, nan outside the picture
    first: np.ndarray  # float32 (128, h, w): its latents from analyse
    model: Model
    lam: float
    step: torch.Tensor  # (1, 128, 1, 1)
    exact: Exact | None = None  # the model's, so that it is not looked for with every change


def refine(image: np.ndarray, y: np.ndarray, model: Model, lam: float, steps: int) -> np.ndarray:
    """Latents with a lower L = R + lam * D, for encode_latents(refined, ..., first=y).

    image: uint8 (H, W, 3); y: from analyse. Returns float32 (128, h, w), as y.
    """
    *_, (better, _) = search(image, y, model, lam, steps)
    return better


def search(
    image: np.ndarray, y: np.ndarray, model: Model, lam: float, steps: int
) -> Iterator[tuple[np.ndarray, float]]:
    """Refine step by step. Yields (latents, L in bits per pixel) before and after every step.

    L counts the error before it is rounded to grey levels, and no header. It never rises.
    """
    step = model.step(model.position(quantize.to_code(lam)).float()).detach()
    task = Task(by_place(image), y, model, lam, step, model.exact())
    rng = np.random.default_rng(0)
    tried = np.zeros(y.shape, bool)
    seen = look(task, y)
    yield y, seen[0].sum() / image[..., 0].size
    for _ in range(steps):
        new = try_changes(task, y, *seen, tried, rng)
        found = look(task, new)
        if found[0].sum() < seen[0].sum():
            y, seen = new, found
        yield y, seen[0].sum() / image[..., 0].size


def try_changes(
    task: Task,
    y: np.ndarray,
    L: np.ndarray,
    change: np.ndarray,
    hope: np.ndarray,
    tried: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Try the most hopeful changes, TRIES in every tile; keep those with which its L falls.

    L, change, hope: from look(task, y). Marks in `tried` what was tried. Returns new latents.
    """
    y = y.copy()
    for _ in range(TRIES):
        # One change a tile, all tiles at once. Changes stay in the middle of their tiles, so that
        # what one does to the pixels and bits around it seldom reaches into the next tile.
        tile, middle = tiles(L.shape, rng)
        where = choose(np.where(tried | ~middle, np.inf, hope), tile)
        trial = y.copy()
        trial[where] += change[where]
        # Measured, not guessed: one walk and one painting tell L of every place.
        L_trial = measure(task, trial)
        falls = np.bincount(tile.ravel(), (L_trial - L).ravel()) < 0  # tile by tile
        kept = tuple(index[falls[tile[where[1:]]]] for index in where)
        y[kept] = trial[kept]
        # Tiles that kept their change stand at the new L, all others at the old one.
        L = np.where(np.isin(tile, tile[kept[1:]]), L_trial, L)
        tried[where] = True
    return y


def measure(task: Task, y: np.ndarray) -> np.ndarray:
    """R + lam * D in bits at every place: float64 (h, w)."""
    y_hat, bits, side = counted(task, y)
    error = errors(task, y_hat)[0]
    return bits.sum(0) + task.lam * error + side / error.size


def counted(
    task: Task, y: np.ndarray, second: bool = False
) -> tuple[np.ndarray, np.ndarray, float]:
    """rate.count of the task's picture with latents y."""
    return count(y, task.model, quantize.to_code(task.lam), task.first, second, task.exact)


def look(task: Task, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What to expect of rounding each latent to its second nearest whole number.

    Returns L at every place (h, w); the change of y that does it, and the hoped-for change of L in
    bits, both (128, h, w): a guess, right about every third time where it is best.
    """
    y_hat, bits, side = counted(task, y)
    second = counted(task, y, second=True)[1]
    error, *slope = errors(task, y_hat, slopes=True)
    step = task.step[0].numpy()
    # The second nearest whole number lies on the side on which the latent itself lies.
    away = y / step - y_hat
    change = np.where(away < 0, -1, 1).astype(np.float32)
    # Three terms: what the slope says of the error, exact for small changes only, and this is a
    # whole step; the bits of the other symbol against this one's; and trust in g_a, whose latents
    # are seldom far wrong: a change of one that lies near its symbol deserves little hope.
    hope = task.lam * slope[0] * change + second - bits - NEARNESS * np.abs(away)
    return bits.sum(0) + task.lam * error + side / error.size, change * step, hope


def errors(task: Task, y_hat: np.ndarray, slopes: bool = False) -> tuple[np.ndarray, ...]:
    """Squared error of the 64 pixels at every place, over three: float32 (h, w).

    With slopes also its derivative with respect to every latent, (128, h, w).
    """

    def network(part):
        y_hat, x = part[:, : -task.pixels.shape[1]], part[:, -task.pixels.shape[1] :]
        with torch.set_grad_enabled(slopes):
            y_hat = y_hat.detach().requires_grad_(slopes)
            x_hat = F.pixel_unshuffle(task.model.g_s(y_hat, task.step), 8)
            error = (x_hat - x).nan_to_num(0).square().sum(1, keepdim=True) / 3
        if not slopes:
            return error
        return torch.cat((error.detach(), torch.autograd.grad(error.sum(), y_hat)[0]), 1)

    both = torch.cat((torch.from_numpy(y_hat)[None], task.pixels), 1)
    found = in_strips(network, both, 1)[0].numpy()
    return (found[0], found[1:]) if slopes else (found[0],)


def by_place(image: np.ndarray) -> torch.Tensor:
    """Picture uint8 (H, W, 3) -> float (1, 192, h, w): samples by place, nan outside it."""
    x = pad_to_multiple(image, 8).astype(np.float32)
    x[image.shape[0] :], x[:, image.shape[1] :] = np.nan, np.nan
    return F.pixel_unshuffle(torch.from_numpy(x).permute(2, 0, 1)[None], 8)


def tiles(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cut (h, w) into tiles, shifted at random: number of each place's tile, and is it inside?"""
    row, column = (
        np.arange(n) + shift for n, shift in zip(shape, rng.integers(0, TILE, 2), strict=True)
    )
    number = row[:, None] // TILE * (column[-1] // TILE + 1) + column // TILE
    row, column = (abs(n % TILE - (TILE - 1) / 2) < MIDDLE / 2 for n in (row, column))
    return number, row[:, None] & column


def choose(hope: np.ndarray, tile: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The most hopeful latent of every tile. hope: (128, h, w), inf where there is none.

    Returns channels, rows, columns.
    """
    order = np.argsort(hope.min(0), axis=None)
    order = order[np.isfinite(hope.min(0).flat[order])]
    _, first = np.unique(tile.flat[order], return_index=True)
    rows, columns = np.unravel_index(order[first], tile.shape)
    return hope[:, rows, columns].argmin(0), rows, columns
