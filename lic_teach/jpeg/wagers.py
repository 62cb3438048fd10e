"""The trellis for the arithmetic coder: coefficients with the smallest bits + weight * error**2.

    blocks --ac_rates--> what each answer costs, for the next round
    targets float32 (N, 64) --choose_ac, block by block, the costs moving--> blocks int16 (N, 64)

As trellis.py does it for Huffman codes, which see first; but simpler: a run of zeros is no symbol
but one zero after the other, each with its own cost. What a nonzero value v of coefficient k costs
depends on the one before it only by where the zeros between them begin:

    cost[k] = least + zeros(.. k-1) + nonzero(k) + bits(v) + error(v at k)
    least   = min over nonzero j < k of cost[j] + more(j+1) - zeros(.. j)

and least is carried along: one comparison a coefficient instead of one for each pair.

The states of the coder learn while it codes (arithmetic.py), so the costs may not stand still: each
block that is chosen answers its questions, and these answers move what the next block pays. What is
usual here becomes cheap here, however rare it is in the whole picture. Its twin is
learned/refine.py. T.81 Annex D, F.1.4. Lesson jpeg_by_lambda.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

from . import adaptive, decisions
from .bitstream import size_of
from .decisions import MOST, X2_HIGH, X2_LOW
from .frame import Scan
from .trellis import FAR, LARGEST

STATES = 256  # of one AC table: 3 (k - 1), 3 (k - 1) + 1, ... as decisions.py numbers them
KX = 5  # adaptive.conditioning(...) of an AC table where no DAC says otherwise

# Measured on images of `valid`. A state remembers longer, but to choose by it is also to teach it:
# where all blocks have ended early, one that does not would pay for those behind it, too.
MEMORY = 20  # answers that a state remembers here
USUAL = 0.35  # and how far it keeps to what the whole picture says


class Wagers(NamedTuple):
    """What the coder's states are taken to know. choose_ac moves recent and bits.

    usual, recent: how likely the answer 1 is, in all blocks and in the last ones, float64
    (STATES,); bits: what an answer costs, float64 (2 * STATES,), at 2 s + the answer.
    """

    usual: np.ndarray
    recent: np.ndarray
    bits: np.ndarray


def ac_rates(blocks: np.ndarray, first: int, last: int) -> Wagers:
    """What answers cost where the states know how often they come out which way in these blocks:
    int16 (N, 64), coded as one component, coefficients first..last."""
    counts = adaptive.answers(blocks, Scan((0,), (0,), (0,), first, last))
    counts = counts[16 * STATES : 17 * STATES] + 0.5  # of AC table 0; none is impossible
    likely = counts / counts.sum(1, keepdims=True)
    return Wagers(likely[:, 1].copy(), likely[:, 1].copy(), -np.log2(likely).ravel())


@compiled
def choose_ac(targets, steps, weights, first, last, usual, recent, bits, blocks):
    """Choose coefficients first..last of every block, in place, in the order of the scan.

    targets, steps, weights, blocks: as trellis.choose_ac takes them; the others: of Wagers.
    """
    weights = np.broadcast_to(weights, targets.shape)
    path, stream = np.empty((3, 65), np.int64), np.empty(MOST, np.uint16)
    for b in range(targets.shape[0]):
        _cheapest(targets[b], steps, weights[b], first, last, bits, path, stream, blocks[b])
        n = decisions.block_ac(stream, 0, 0, KX, blocks[b], first, last, 0)
        _learn(stream[:n], usual, recent, bits)


@compiled
def _learn(stream, usual, recent, bits):
    """The answers of a block move what its states expect, and so what an answer costs."""
    for i in range(stream.size):
        s, answer = stream[i] >> 1, stream[i] & 1
        if s < STATES:  # not a sign, which costs a bit forever
            recent[s] += (answer - recent[s]) / MEMORY
            likely = USUAL * usual[s] + (1 - USUAL) * recent[s]
            bits[2 * s], bits[2 * s + 1] = -np.log2(1 - likely), -np.log2(likely)


@compiled
def _cheapest(target, steps, weights, first, last, bits, path, stream, block):
    """Fill one block: the recurrence above.

    Costs are kept relative to a block whose errors are those of zeros. path: place, value and the
    node before, of each node; node 0 stands before `first`.
    """
    place, value, origin = path
    best, n, nodes = bits[6 * first - 5], 0, 1  # so far: the block ends at once
    least, start, zeros = bits[6 * first - 6], 0, 0.0
    for k in range(first, last + 1):
        block[k] = 0
        s = 6 * (k - 1)  # from here: more, end, zero, nonzero; of k + 1 six further
        t = abs(target[k])
        if t >= steps[k] / 2:
            cost, value[nodes] = _best_value(t, steps[k], weights[k], k, bits, stream)
            cost += least + zeros + bits[s + 3] + 1  # 1: its sign
            place[nodes], origin[nodes] = k, start
            end = bits[s + 7] if k < last else 0.0
            if cost + end < best:
                best, n = cost + end, nodes
            if k < last and cost + bits[s + 6] - zeros - bits[s + 2] < least:
                least, start = cost + bits[s + 6] - zeros - bits[s + 2], nodes
            nodes += 1
        zeros += bits[s + 2]
    while n > 0:  # back along the cheapest path
        k = place[n]
        block[k] = value[n] if target[k] > 0 else -value[n]
        n = origin[n]


@compiled
def _best_value(t, step, weight, k, bits, stream):
    """The cheapest multiple of a step for t > 0: its cost, but for its sign and that it is not 0;
    and which.

    Candidates: the nearest, and the largest that asks one question less.
    """
    nearest = min(np.int64(t / step + 0.5), LARGEST)
    questions = size_of(nearest - 1)
    best, value = FAR, 1
    for q in range(questions, max(questions - 2, -1), -1):
        candidate = nearest if q == questions else 1 << q
        error = t - candidate * step
        cost = weight * (error * error - t * t)
        one = 3 * (k - 1) + 2
        four = X2_LOW if k <= KX else X2_HIGH
        for i in range(decisions.magnitude(stream, 0, one, one, four, candidate)):
            cost += bits[stream[i]]  # as the coder will ask it
        if cost < best:
            best, value = cost, candidate
    return best, value
