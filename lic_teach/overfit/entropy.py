"""Neighbours -> probability -> bits: the context network, the Laplace tables, the range coder.

    canvas, order --walk--> bytes --walk--> canvas            (files: whole numbers only)
    canvas --likelihood--> P --(-log2)--> bits                 (fitting: float32)

A latent's mean and width are guessed from ten neighbours that the decoder has by then, and from
the latent under it in the next coarser level. The network that guesses has about 250 weights and
is fitted to this picture too. Encoder and decoder are one function, walk, in whole numbers: weights
count 1/4096, and the Laplace distribution is a table of e^-x that is made in whole numbers. Unlike
learned/entropy.py, which codes a plane at a time, each latent waits for the one before; unlike
jpeg/huffman.py nothing is a whole number of bits. Lesson one_picture. Martin 1979 (range coder).
"""

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lic_teach.compiled import compiled
from lic_teach.learned.entropy import LowerBound

from .transform import LEVELS, sizes

MARGIN = 2  # empty places around a level: its neighbours outside are 0
NEAR = [(0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0), (-1, -2), (-1, 2), (-2, -1), (-2, 1)]
INPUTS = len(NEAR) + 1
HIDDEN = 16
SHAPES = {  # the weights of the context network, by name
    "look": (HIDDEN, INPUTS),
    "look_bias": (HIDDEN,),
    "guess": (2, HIDDEN),
    "mean": (INPUTS,),
    "width": (LEVELS,),
}
ONE = 4096  # weights are whole multiples of 1/ONE
PER_E, WIDTHS, WIDTH_MIN = 16, 128, 0.0625  # widths b = WIDTH_MIN * e^(i / PER_E)
MOST = 2047  # no latent is larger
FINE = 256  # the table of e^-x has steps of 1/FINE
PER_LEAST = 256 * FINE * 16  # 256 FINE / b of the least width
TOTAL_BITS = 24
SPREAD = (1 << TOTAL_BITS) - 2 * MOST - 1  # what Laplace shares out; each latent has 1 besides


def tables() -> tuple[np.ndarray, np.ndarray]:
    """SPREAD e^(-i/FINE), and 256 FINE / b for each width b. Decimal rounds alike everywhere."""
    falling = [int((Decimal(-i) / FINE).exp() * SPREAD) for i in range(17 * FINE)]
    widths = [Decimal(i) / PER_E for i in range(WIDTHS)]
    return np.array(falling), np.array([int(PER_LEAST * (-w).exp()) for w in widths])


FALLING, PER_WIDTH = tables()


class Canvas(NamedTuple):
    """Where the latents of a picture lie: all levels on one sheet, the coarser under the finest.

    Flat places count along the rows of the sheet. near: how far each of NEAR is from a latent;
    of every place: inside: whether there is a latent; level: which; under: the place of the
    latent under it in the next coarser level, or of an empty one; order: the latents, as coded.
    """

    shape: tuple[int, int]
    places: list[tuple[slice, slice]]  # of each level, the finest first
    near: list[int]
    inside: Tensor  # bool (n,)
    mask: Tensor  # the same as 0 and 1: float32, shape
    level: Tensor  # int64 (n,)
    under: Tensor  # int64 (n,)
    order: np.ndarray  # int64 (latents,), coarse to fine


def canvas(height: int, width: int) -> Canvas:
    """The sheet for a picture of this size. Around every level are MARGIN empty places."""
    row, column, places = MARGIN, MARGIN, []
    shapes = sizes(height, width)
    for k, (h, w) in enumerate(shapes):
        places.append((slice(row, row + h), slice(column, column + w)))
        row, column = (row + h + MARGIN, MARGIN) if k == 0 else (row, column + w + MARGIN)
    shape = row + shapes[1][0] + MARGIN, max(place[1].stop for place in places) + MARGIN
    flat = np.arange(shape[0] * shape[1]).reshape(shape)
    level, under = np.full(shape, -1), np.zeros(shape, int)
    for k, place in enumerate(places):
        level[place] = k
        if k + 1 < LEVELS:
            h, w = shapes[k]
            under[place] = flat[places[k + 1]].repeat(2, 0).repeat(2, 1)[:h, :w]
    order = np.concatenate([flat[place].ravel() for place in reversed(places)])
    near = [dr * shape[1] + dc for dr, dc in NEAR]
    level, under = (torch.from_numpy(a.ravel()) for a in (level, under))
    inside = level >= 0
    mask = inside.reshape(shape).float()
    return Canvas(shape, places, near, inside, mask, level.clamp(0), under, order)


def likelihood(v: Tensor, mean: Tensor, width: Tensor) -> Tensor:
    """The mass of a Laplace distribution on the bin of width 1 around v, at least 2^-TOTAL_BITS.

    Computed on |v - mean|, so that both sides cost the same. Any float tensors that broadcast.

    >>> round(float(likelihood(torch.zeros(1), torch.zeros(1), torch.ones(1))), 5)
    0.39347
    """
    distance = torch.abs(v - mean)
    near, far = torch.exp(-torch.abs(distance - 0.5) / width), torch.exp(-(distance + 0.5) / width)
    mass = torch.where(distance < 0.5, 1 - 0.5 * (near + far), 0.5 * (near - far))
    return mass.clamp(min=2.0**-TOTAL_BITS)


def bits(v: Tensor, where: Canvas, w: dict[str, Tensor]) -> Tensor:
    """What walk will spend on latents v on a canvas, float32 (latents,): estimated.

    All places of the sheet at once: a neighbour is the same sheet, shifted.
    """
    flat = v.reshape(-1)
    first, end = MARGIN * (where.shape[1] + 1), len(flat) - MARGIN * (where.shape[1] + 1)
    near = [flat[first + n : end + n] for n in where.near]
    seen = torch.stack([*near, flat[where.under[first:end]]])  # (INPUTS, n)
    hidden = torch.relu(torch.addmm(w["look_bias"][:, None], w["look"], seen))
    guess = w["guess"] @ hidden
    scale = guess[1] + w["width"][where.level[first:end]]
    scale = LowerBound.apply(scale, 0.0).clamp(max=(WIDTHS - 1) / PER_E)
    width = WIDTH_MIN * torch.exp(scale)
    mass = likelihood(flat[first:end], guess[0] + w["mean"] @ seen, width)
    return -torch.log2(mass[where.inside[first:end]])


# --- in whole numbers ------------------------------------------------------------------------

LOW, RANGE, AT, CODE = range(4)  # the coder's registers
TOP, BYTE = 1 << 48, 1 << 40  # the range is at most TOP; under BYTE a byte is shifted out
AHEAD = 6  # bytes that the decoder holds: those of TOP


@compiled
def below(t, per_width):
    """SPREAD times the mass of a Laplace distribution below t, a distance counted in 1/ONE."""
    x = abs(t) * per_width >> 8
    i, part = x >> 12, x & 4095
    tail = 0
    if i < len(FALLING) - 1:
        tail = FALLING[i] - ((FALLING[i] - FALLING[i + 1]) * part >> 12) >> 1
    return tail if t < 0 else SPREAD - tail


@compiled
def start(v, mean, per_width):
    """Where the latent v begins among 2^TOTAL_BITS, and so where v - 1 ends."""
    return below(v * ONE - ONE // 2 - mean, per_width) + v + MOST


@compiled
def narrow(state, data, first, count, writing):
    """Keep `count` of 2^TOTAL_BITS parts of the range, from `first` on; shift full bytes."""
    part = state[RANGE] >> TOTAL_BITS
    state[LOW] += part * first
    state[RANGE] = part * count
    if writing and state[LOW] >= TOP:  # a carry: into the bytes already written
        state[LOW] -= TOP
        i = state[AT] - 1
        while data[i] == 255:
            data[i] = 0
            i -= 1
        data[i] += 1
    if not writing:
        state[CODE] -= part * first
        state[LOW] = 0
    while state[RANGE] < BYTE:
        state[RANGE] <<= 8
        if writing:
            data[state[AT]] = state[LOW] >> 40
            state[LOW] = (state[LOW] & (BYTE - 1)) << 8
        else:
            state[CODE] = state[CODE] << 8 | (data[state[AT]] if state[AT] < len(data) else 0)
        state[AT] += 1


@compiled
def search(target, mean, per_width):
    """The latent in whose part of the range the target lies: it is mostly near the mean."""
    low = high = min(max((mean + ONE // 2) // ONE, -MOST), MOST)
    reach = 1
    while low > -MOST and start(low, mean, per_width) > target:
        low, reach = max(low - reach, -MOST), 2 * reach
    reach = 1
    while high < MOST and start(high + 1, mean, per_width) <= target:
        high, reach = min(high + reach, MOST), 2 * reach
    while low < high:
        middle = (low + high + 1) >> 1
        if start(middle, mean, per_width) <= target:
            low = middle
        else:
            high = middle - 1
    return low


@compiled
def code(v, mean, per_width, state, data, writing):
    """One latent: written, or, whatever v is, read. Returns it."""
    if not writing:
        target = min(state[CODE] // (state[RANGE] >> TOTAL_BITS), (1 << TOTAL_BITS) - 1)
        v = search(target, mean, per_width)
    first = start(v, mean, per_width) if v > -MOST else 0
    last = start(v + 1, mean, per_width) if v < MOST else 1 << TOTAL_BITS
    narrow(state, data, first, last - first, writing)
    return v


@compiled
def code_all(numbers, per_width, state, data, writing):
    """Whole numbers of one width around 0: written, or read into their array."""
    for n in range(len(numbers)):
        numbers[n] = code(numbers[n], 0, per_width, state, data, writing)


@compiled
def walk(
    sheet, order, under, level, near, look, look_bias, guess, mean, width, state, data, writing
):
    """All latents of a picture, coarse to fine: written from the sheet, or read into it.

    Where the bytes end before the latents, so does the walk: it is no file of this codec.
    sheet: int64 (places,), the canvas, flat; order, under, level, near: see Canvas; weights:
    int64, in 1/ONE; state: int64 (4,); data: uint8.
    """
    seen = np.zeros(len(near) + 1, np.int64)
    for p in order:
        for j in range(len(near)):
            seen[j] = sheet[p + near[j]]
        seen[-1] = sheet[under[p]]
        mu, scale = 0, 0
        for j in range(len(seen)):
            mu += mean[j] * seen[j]
        for h in range(len(look)):
            total = look_bias[h]
            for j in range(len(seen)):
                total += look[h, j] * seen[j]
            if total > 0:
                mu += guess[0, h] * total >> 12
                scale += guess[1, h] * total >> 12
        mu = min(max(mu, -MOST * ONE), MOST * ONE)
        i = min(max((scale + width[level[p]]) * PER_E + ONE // 2 >> 12, 0), WIDTHS - 1)
        sheet[p] = code(sheet[p], mu, PER_WIDTH[i], state, data, writing)
        if not writing and state[AT] > len(data) + AHEAD:
            return


class Coder:
    """The range coder's registers and its bytes: of a new file, or of one that is read."""

    def __init__(self, data: bytes | int):
        """data: the bytes to read, or for how many to write there shall be room."""
        self.writing = isinstance(data, int)
        self.data = (
            np.zeros(data, np.uint8) if self.writing else np.frombuffer(bytearray(data), np.uint8)
        )
        self.state = np.array([0, TOP, 0, 0])
        if not self.writing:
            self.state[CODE] = int.from_bytes(data[:AHEAD].ljust(AHEAD, b"\0"), "big")
            self.state[AT] = AHEAD

    def numbers(self, whole: np.ndarray, width: int) -> None:
        """Write whole numbers, int64 (n,), each at most MOST, or read as many into their place."""
        code_all(whole, PER_WIDTH[width], self.state, self.data, self.writing)

    def latents(self, sheet: np.ndarray, where: Canvas, w: dict[str, np.ndarray]) -> None:
        """Write the latents of a canvas, int64 and flat, or read them into it.

        w: the context network's weights, by name, int64, in 1/ONE.
        """
        weights = [w[name] for name in SHAPES]
        places = where.order, where.under.numpy(), where.level.numpy(), np.array(where.near)
        walk(sheet, *places, *weights, self.state, self.data, self.writing)

    @property
    def at(self) -> int:
        """Bytes written so far; or read, of which the last AHEAD may lie behind the end."""
        return int(self.state[AT])

    def finish(self) -> bytes:
        """The bytes of a new file: as few as name a place in what is left of the range."""
        low, end = int(self.state[LOW]), int(self.state[LOW] + self.state[RANGE])
        for kept in range(AHEAD + 1):  # behind the end of a file the decoder reads zeros
            unit = TOP >> 8 * kept
            place = -(-low // unit) * unit
            if place < end:
                break
        carry, rest = divmod(place, TOP)
        whole = int.from_bytes(self.data[: self.at].tobytes(), "big") + carry
        return whole.to_bytes(self.at, "big") + rest.to_bytes(AHEAD, "big")[:kept]
