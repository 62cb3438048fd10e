"""Trellis: the coefficients with the smallest bits + weight * error**2, by dynamic programming.

    targets float32 (N, 64) --choose_ac, choose_dc, with the code lengths--> blocks int16 (N, 64)
    blocks --count_symbols--> counts --code_lengths--> rates, for the next round

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
Unlike learned/train.py, which moves the transform so that plain rounding does well. Lesson 08.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .bitstream import size_of
from .huffman import code_lengths
from .symbols import EOB, ZRL

FAR = 1e30
LARGEST = 1023  # of an AC coefficient (T.81 Table F.2)
REACH = 1  # DC candidates on each side of the nearest


class Rates(NamedTuple):
    """Bits, extra bits included: ac float (256,) of each (run << 4 | size); end of an EOB after
    a nonzero coefficient; empty of a block without one; dc float (16,) of each size."""

    ac: np.ndarray
    end: float
    empty: float
    dc: np.ndarray


@njit(cache=True)
def choose_ac(targets, steps, weights, ac, end, empty, blocks):
    """Choose coefficients 1..63 of every block, in place: the recurrence above.

    targets: float32 (N, 64); steps, weights: float64 (64,), weights in bits per squared error;
    ac, end, empty: of Rates; blocks: int16 (N, 64), filled here but for coefficient 0.
    Costs are kept relative to an all-zero block, whose errors then cost nothing: the errors of
    zeros leave the recurrence. Candidates for v: the nearest, and the largest with a bit less.
    """
    cost, place = np.empty(64), np.empty(64, np.int64)  # node 0 stands before k = 1
    value, origin = np.empty(64, np.int64), np.empty(64, np.int64)
    for b in range(targets.shape[0]):
        target, block = targets[b], blocks[b]
        nodes = 1
        cost[0], place[0] = 0.0, 0
        best, n = empty, 0
        for k in range(1, 64):
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
                gained = weights[k] * (error * error - t * t)
                for j in range(nodes):
                    run = k - place[j] - 1
                    total = cost[j] + gained + ac[(run & 15) << 4 | s] + (run >> 4) * ac[ZRL]
                    if total < cost[nodes]:
                        cost[nodes], value[nodes], origin[nodes] = total, candidate, j
            total = cost[nodes] + (end if k < 63 else 0.0)
            if total < best:
                best, n = total, nodes
            nodes += 1
        while n > 0:  # back along the cheapest path
            k = place[n]
            block[k] = value[n] if target[k] > 0 else -value[n]
            n = origin[n]


@njit(cache=True)
def choose_dc(targets, step, weight, dc, blocks):
    """Choose coefficient 0 of every block, in place, where each is sent as a difference.

    targets, blocks: as above, in the order of the scan; step, weight: of coefficient 0;
    dc: of Rates. cost[c] = min over p of cost of candidate p before + bits(difference) + error.
    """
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
            new[c] += weight * error * error
        cost[:] = new
        before = nearest
    c = np.argmin(cost)
    for i in range(targets.shape[0] - 1, -1, -1):
        blocks[i, 0] = np.int64(np.rint(targets[i, 0] / step)) + c - REACH
        c = origin[i, c]


@njit(cache=True)
def count_symbols(blocks):
    """Count what a progressive file sends of one component, each coefficient at once.

    blocks: int16 (N, 64), in raster order. Returns ac: int64 (256,), with EOBn at n << 4
    (T.81 G.1.2.2); dc: int64 (256,), sizes of the differences; ended: blocks with zeros last.
    """
    ac, dc = np.zeros(256, np.int64), np.zeros(256, np.int64)
    ended = waiting = before = 0
    for i in range(blocks.shape[0]):
        dc[size_of(blocks[i, 0] - before)] += 1
        before = np.int64(blocks[i, 0])
        run = 0
        for k in range(1, 64):
            v = blocks[i, k]
            if v == 0:
                run += 1
                continue
            if waiting:
                ac[(size_of(waiting) - 1) << 4] += 1
                waiting = 0
            ac[ZRL] += run >> 4
            ac[(run & 15) << 4 | size_of(v)] += 1
            run = 0
        if run:
            ended += 1
            waiting += 1
        if waiting == 0x7FFF:
            ac[14 << 4] += 1
            waiting = 0
    if waiting:
        ac[(size_of(waiting) - 1) << 4] += 1
    return ac, dc, ended


def rates(blocks: np.ndarray) -> Rates:
    """The bits of every symbol, if the tables are made for these blocks: int16 (N, 64).

    A symbol that they never use would make the table longer: two bits over the longest code.
    An EOB after a nonzero coefficient opens a run, EOB0; what the longer runs cost beyond that
    is shared among the empty blocks that they cover.
    """
    ac_counts, dc_counts, ended = count_symbols(blocks)
    ac, dc = (_lengths(counts) for counts in (ac_counts, dc_counts))
    runs = ac_counts[0 : 15 << 4 : 16]
    opening = ac[EOB]
    total = runs @ (ac[0 : 15 << 4 : 16] + np.arange(15))
    covered = ended - runs.sum()
    empty = max(total - opening * runs.sum(), 0) / covered if covered else opening
    return Rates(ac + np.arange(256) % 16, opening, empty, (dc + np.arange(256))[:16])


def _lengths(counts: np.ndarray) -> np.ndarray:
    length = code_lengths(counts).astype(float)
    return np.where(length > 0, length, length.max() + 2)
