"""Sparse: of the 64 coefficients of a block most are zero. How to step over these at once.

    block int16 or float32 (64,) --nonzero, large--> one number of 64 bits --lowest--> a place

A one stands for each coefficient that is not zero. So a loop over the ones, from the lowest up,
visits these alone, in zig-zag order:

    left = nonzero(block)
    while left:
        k = lowest(left)
        left &= left - ONE      (takes the lowest one away)

The learned codec knows no zeros: its prior makes likely latents cheap, whatever they are.
Lesson entropy_coding.
"""

import numpy as np

from lic_teach.compiled import compiled

ONE = np.uint64(1)


@compiled
def nonzero(block):
    """Where a block (64,) is not zero: uint64, bit k for coefficient k."""
    bits = np.uint64(0)
    for k in range(64):
        bits |= np.uint64(block[k] != 0) << np.uint64(k)
    return bits


@compiled
def large(block, least):
    """Where |coefficient| >= least: uint64, as nonzero."""
    bits = np.uint64(0)
    for k in range(64):
        bits |= np.uint64((block[k] >= least) | (block[k] <= -least)) << np.uint64(k)
    return bits


@compiled
def below(k):
    """Ones for the coefficients before k, 1..64."""
    return (np.uint64(2) << np.uint64(k - 1)) - ONE  # 1 << 64 is no number of 64 bits


@compiled
def lowest(bits):
    """The place of the lowest one in `bits`: uint64, not 0 -> 0..63.

    Below it are as many zeros; they become ones here and are counted. The processor has an
    instruction for all of that, and LLVM sees that it is meant.
    """
    place = 0
    below = ~bits & (bits - ONE)
    while below:
        below &= below - ONE
        place += 1
    return place
