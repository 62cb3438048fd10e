"""The trellis for the arithmetic coder: coefficients with the smallest bits + weight * error**2.

    targets float32 (N, 64) --choose_ac, with the bits of each decision--> blocks int16 (N, 64)
    blocks --ac_rates--> how often each decision comes out which way: what it costs next time

As trellis.py does it for Huffman codes, which see first; but simpler: a run of zeros is no symbol
but one zero after the other, each with its own cost. What a nonzero value v of coefficient k costs
depends on the one before it only by where the zeros between them begin:

    cost[k] = least + zeros(.. k-1) + nonzero(k) + bits(v) + error(v at k)
    least   = min over nonzero j < k of cost[j] + more(j+1) - zeros(.. j)

and least is carried along: one comparison a coefficient instead of one for each pair. The states
of the coder move while it codes; here they stand where they are on average. Its twin is
learned/refine.py. Lesson jpeg_by_lambda.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

from . import adaptive
from .bitstream import size_of
from .decisions import X2_LOW, M
from .frame import Scan
from .trellis import FAR, LARGEST


class Wagers(NamedTuple):
    """Bits of the decisions about coefficient k: float64 (65,) four times, and (64, 11).

    end, more: the block ends before k, or does not; zero, nonzero: with its sign; size: of a value
    v whose v - 1 has so many bits.
    """

    end: np.ndarray
    more: np.ndarray
    zero: np.ndarray
    nonzero: np.ndarray
    size: np.ndarray


def ac_rates(blocks: np.ndarray, first: int, last: int) -> Wagers:
    """What decisions cost where the states know how often they come out which way in these blocks:
    int16 (N, 64), coded as one component, coefficients first..last."""
    counts = adaptive.answers(blocks, Scan((0,), (0,), (0,), first, last))[256 * 16 :] + 0.5
    total = counts.sum(1, keepdims=True)
    bits = np.log2(total) - np.log2(counts)
    mean = ((counts * bits).sum(1, keepdims=True) / total)[:, 0]  # of a decision, however it comes
    of_k = bits[: 3 * 63].reshape(63, 3, 2)
    by_k = np.zeros((4, 65))
    by_k[:, 1:64] = of_k[:, 0, 1], of_k[:, 0, 0], of_k[:, 1, 0], of_k[:, 1, 1] + 1
    size = np.zeros((64, 11))
    for n in range(11):  # over 1, over 2: a state for each k; over 4, ...: one for all
        size[1:, n] = min(n, 2) * of_k[:, 2, 1] + (of_k[:, 2, 0] if n < 2 else 0)
        if n >= 2:
            last_one = X2_LOW + n - 2
            size[1:, n] += bits[X2_LOW:last_one, 1].sum() + bits[last_one, 0]
            size[1:, n] += (n - 1) * mean[last_one + M]
    return Wagers(*by_k, size)


@compiled
def choose_ac(targets, steps, weights, first, last, end, more, zero, nonzero, size, blocks):
    """Choose coefficients first..last of every block, in place: the recurrence above.

    targets, steps, weights, blocks: as trellis.choose_ac takes them; the others: of Wagers. Costs
    are kept relative to a block whose errors are those of zeros. Candidates for v: the nearest,
    and the largest that asks one question less.
    """
    weights = np.broadcast_to(weights, targets.shape)
    place, value, origin = np.empty((3, 65), np.int64)
    for b in range(targets.shape[0]):
        target, block = targets[b], blocks[b]
        best, n, nodes = end[first], 0, 1
        least, start, zeros = more[first], 0, 0.0
        for k in range(first, last + 1):
            block[k] = 0
            t = abs(target[k])
            v = min(np.int64(t / steps[k] + 0.5), LARGEST)
            if v > 0:
                questions = size_of(v - 1)
                cost = FAR
                for s in range(questions, max(questions - 2, -1), -1):
                    candidate = v if s == questions else 1 << s
                    error = t - candidate * steps[k]
                    bits = size[k, s] + weights[b, k] * (error * error - t * t)
                    if bits < cost:
                        cost, value[nodes] = bits, candidate
                cost += least + zeros + nonzero[k]
                place[nodes], origin[nodes] = k, start
                if cost + (end[k + 1] if k < last else 0.0) < best:
                    best, n = cost + (end[k + 1] if k < last else 0.0), nodes
                if cost + more[k + 1] - zeros - zero[k] < least:
                    least, start = cost + more[k + 1] - zeros - zero[k], nodes
                nodes += 1
            zeros += zero[k]
        while n > 0:  # back along the cheapest path
            k = place[n]
            block[k] = value[n] if target[k] > 0 else -value[n]
            n = origin[n]
