"""Trellis: the coefficients with the smallest bits + weight * error**2, by dynamic programming.

    targets float32 (N, 64) --choose_ac, choose_dc, with the code lengths--> blocks int16 (N, 64)
    blocks --count_ac--> counts --code_lengths--> ac_rates, dc_rates, for the next round

Rounding takes the nearest multiple of the step. Here a coefficient may also fall to a smaller
one, or to zero, where the bits this saves are worth more than the error it adds.

Why this needs more than one comparison a coefficient: the bits of a coefficient depend on the
run of zeros before it, so on the choices before it. But on nothing else of them. So the
cheapest way to code a block up to a nonzero value v of coefficient k is the cheapest way to
code it up to the nonzero coefficient j before it, then zeros, then v:

    cost[k] = min over v and j < k of
              cost[j] + errors(zeros at j+1 .. k-1) + bits(run k-j-1, size of v) + error(v at k)

and the block ends after the k with the smallest cost[k] + errors(zeros behind k) + bits(EOB).
At most 63 * 64 / 2 comparisons instead of 2**63 combinations (Viterbi 1967; for JPEG:
Crouse and Ramchandran 1997). DC values hang on the block before: the same along the blocks.
Its twin is learned/refine.py, where a change is felt all around and the best choice is searched
for, step by step. Lesson jpeg_by_lambda.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

from .bitstream import size_of
from .huffman import code_lengths
from .progressive import LONGEST_RUN
from .symbols import EOB, ZRL

FAR = 1e30
LARGEST = 1023  # of an AC coefficient (T.81 Table F.2)
REACH = 1  # DC candidates on each side of the nearest


class Rates(NamedTuple):
    """Bits of a scan of AC coefficients, extra bits included: symbol float (256,) of each
    (run << 4 | size); end of an EOB after a nonzero coefficient; empty of a block without one."""

    symbol: np.ndarray
    end: float
    empty: float


@compiled
def choose_ac(targets, steps, weights, first, last, symbol, end, empty, blocks):
    """Choose coefficients first..last of every block, in place: the recurrence above.

    targets: float32 (N, 64); steps: float64 (64,); weights: in bits per squared error, (64,), or
    (N, 64) where blocks differ (eye.py); symbol, end, empty: of Rates; blocks: int16 (N, 64),
    filled here from first to last.
    Costs are kept relative to an all-zero block, whose errors then cost nothing: the errors of
    zeros leave the recurrence. Candidates for v: the nearest, and the largest with a bit less.
    """
    weights = np.broadcast_to(weights, targets.shape)
    cost, place = np.empty(65), np.empty(65, np.int64)  # node 0 stands before `first`
    value, origin = np.empty(65, np.int64), np.empty(65, np.int64)
    for b in range(targets.shape[0]):
        target, block = targets[b], blocks[b]
        nodes = 1
        cost[0], place[0] = 0.0, first - 1
        best, n = empty, 0
        for k in range(first, last + 1):
            block[k] = 0
            t = abs(target[k])
            v = min(np.int64(t / steps[k] + 0.5), LARGEST)
            if v == 0:
                continue
            size = size_of(v)
            cost[nodes], place[nodes] = FAR, k
            for s in range(size, max(size - 2, 0), -1):
                candidate = v if s == size else (1 << s) - 1
                error = t - candidate * steps[k]
                gained = weights[b, k] * (error * error - t * t)
                for j in range(nodes):
                    run = k - place[j] - 1
                    total = cost[j] + gained + symbol[(run & 15) << 4 | s]
                    total += (run >> 4) * symbol[ZRL]
                    if total < cost[nodes]:
                        cost[nodes], value[nodes], origin[nodes] = total, candidate, j
            total = cost[nodes] + (end if k < last else 0.0)
            if total < best:
                best, n = total, nodes
            nodes += 1
        while n > 0:  # back along the cheapest path
            k = place[n]
            block[k] = value[n] if target[k] > 0 else -value[n]
            n = origin[n]


@compiled
def choose_dc(targets, step, weight, dc, blocks):
    """Choose coefficient 0 of every block, in place, where each is sent as a difference.

    targets, blocks: as above, in the order of the scan; step, weight: of coefficient 0,
    the weight a number or (N,); dc: float (16,), bits of each size of difference. For every
    candidate c of a block
    cost[c] = error(c) + min over the candidates p of the block before of cost[p] + bits(c - p).
    """
    weights = np.broadcast_to(weight, targets.shape[:1])
    width = 2 * REACH + 1
    origin = np.zeros((targets.shape[0], width), np.int64)
    cost, new = np.zeros(width), np.empty(width)
    before = 0
    for i in range(targets.shape[0]):
        nearest = np.int64(np.rint(targets[i, 0] / step))
        for c in range(width):
            new[c] = FAR
            for p in range(width):
                difference = nearest + c - (before + p if i else REACH)
                total = cost[p] + dc[size_of(difference)]
                if total < new[c]:
                    new[c], origin[i, c] = total, p
            error = targets[i, 0] - (nearest + c - REACH) * step
            new[c] += weights[i] * error * error
        cost[:] = new
        before = nearest
    c = np.argmin(cost)
    for i in range(targets.shape[0] - 1, -1, -1):
        blocks[i, 0] = np.int64(np.rint(targets[i, 0] / step)) + c - REACH
        c = origin[i, c]


@compiled
def count_ac(blocks, first, last):
    """Count the symbols of a progressive scan that sends coefficients first..last whole.

    blocks: int16 (N, 64), in raster order. Returns int64 (256,), with EOBn at n << 4 (T.81
    G.1.2.2), and how many blocks end with zeros.
    """
    counts = np.zeros(256, np.int64)
    ended = waiting = 0
    for i in range(blocks.shape[0]):
        run = 0
        for k in range(first, last + 1):
            v = blocks[i, k]
            if v == 0:
                run += 1
                continue
            if waiting:
                counts[(size_of(waiting) - 1) << 4] += 1
                waiting = 0
            counts[ZRL] += run >> 4
            counts[(run & 15) << 4 | size_of(v)] += 1
            run = 0
        if run:
            ended += 1
            waiting += 1
        if waiting == LONGEST_RUN:
            counts[14 << 4] += 1
            waiting = 0
    if waiting:
        counts[(size_of(waiting) - 1) << 4] += 1
    return counts, ended


def ac_rates(blocks: np.ndarray, first: int, last: int) -> Rates:
    """The bits of every symbol of a scan, if its table is made for these blocks: int16 (N, 64).

    An EOB after a nonzero coefficient opens a run, EOB0; what the longer runs cost beyond that
    is shared among the empty blocks that they cover.
    """
    counts, ended = count_ac(blocks, first, last)
    length = _lengths(counts)
    runs = slice(0, 15 << 4, 16)  # EOB0 .. EOB14, with 0 .. 14 extra bits
    total = counts[runs] @ (length[runs] + np.arange(15))
    opened = counts[runs].sum()
    shared = max(total - length[EOB] * opened, 0) / max(ended - opened, 1)
    empty = shared if ended > opened else length[EOB]
    return Rates(length + np.arange(256) % 16, length[EOB], empty)


def dc_rates(blocks: np.ndarray) -> np.ndarray:
    """The bits of every size of DC difference, as ac_rates: float (16,)."""
    differences = np.abs(np.diff(blocks[:, 0].astype(int), prepend=0))
    counts = np.bincount(np.frexp(differences)[1], minlength=256)  # the exponent is the size
    return (_lengths(counts) + np.arange(256))[:16]


def _lengths(counts: np.ndarray) -> np.ndarray:
    """Of a table made for the counts. A symbol never seen would make it longer: two bits more."""
    length = code_lengths(counts).astype(float)
    return np.where(length > 0, length, length.max() + 2)
