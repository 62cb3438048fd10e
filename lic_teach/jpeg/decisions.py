"""Coefficients <-> yes-no decisions, for the arithmetic coder (T.81 F.1.4, F.2.4, G.1.3).

    blocks int16 (N, 64) --encode, ..--> decisions --arithmetic.encode--> bytes
    blocks int16 (N, 64) <--decode, ..------------- arithmetic.decode <-- bytes

The twin of symbols.py and progressive.py, which make (run, size) symbols for Huffman codes. Here a
coefficient answers questions: is the block at its end? Is this one zero? Negative? Over 1? Over 2?
Over 4? And then, bit by bit, where in that class. Each question has a state in arithmetic.py, which
learns how it is answered: every k its own, and DC five sets of them, by the difference before.
A restart marker makes them forget all. The learned codec asks how likely each number is, and its
network knows (learned/prior.py). Lesson a_real_jpeg.

Area t has 256 states: t = 0..15 for the DC tables that a scan header may name, 16..31 for the AC
tables. In an area (Tables F.4, F.5) the states are
    DC   context + 0: nonzero? + 1: negative? + 2, + 3: over 1 (positive, negative)?
         20 ..: over 2, over 4, ...? 14 further: the bits
    AC   3 (k - 1) + 0: is k behind the last? + 1: nonzero? + 2: over 1, over 2?
         189 ..: over 4, over 8, ...? (217 .. where k > Kx.) 14 further: the bits
"""

import numpy as np

from lic_teach.compiled import compiled

from . import arithmetic
from .bitstream import size_of
from .symbols import OK, TOO_MANY

AREAS = 32
EVEN = 256 * AREAS  # the state that never learns, for the signs of AC and refined bits of DC
X1, X2_LOW, X2_HIGH, M = 20, 189, 217, 14
MOST = 64 * 23  # decisions of a block


# ---- one number -------------------------------------------------------------------------


@compiled
def magnitude(stream, n, one, two, four, value):
    """Figures F.8, F.9: |value| >= 1 -> is it over 1, over 2, over 4, ...? Then the other bits.

    one, two, four: the states of the first two questions, and of the next ones.
    """
    size = size_of(value - 1)
    s = one
    for i in range(size):
        stream[n] = 2 * s + 1
        n += 1
        s = two if i == 0 else four + i - 1
    stream[n] = 2 * s
    n += 1
    for i in range(size - 2, -1, -1):
        stream[n] = 2 * (s + M) + (((value - 1) >> i) & 1)
        n += 1
    return n


@compiled
def _read_magnitude(data, states, coder, one, two, four):
    """Undo magnitude (Figures F.23, F.24). Returns 0 for what no coefficient can be."""
    size, s = 0, one
    while arithmetic.decode(data, states, coder, s):
        s = two if size == 0 else four + size - 1
        size += 1
        if size > 15:
            return 0
    value = min(size, 1)
    for _ in range(size - 1):
        value = value << 1 | arithmetic.decode(data, states, coder, s + M)
    return value + 1


@compiled
def _context(difference, bounds):
    """F.1.4.4.1.2: what the next DC difference is to expect: zero, small or large, which sign.

    bounds: U << 4 | L, as DAC has them. Up to 2**(L - 1) counts as zero, up to 2**U as small.
    """
    size = size_of(abs(difference) - 1) if difference else 0
    if difference == 0 or size < bounds & 15:
        return 0
    return (12 if size > bounds >> 4 else 4) + 4 * (difference < 0)


@compiled
def _dc(stream, n, area, context, difference):
    """Figures F.4, F.6, F.7."""
    s = area + context
    stream[n] = 2 * s + (difference != 0)
    if difference == 0:
        return n + 1
    negative = difference < 0
    stream[n + 1] = 2 * (s + 1) + negative
    four = area + X1 + 1
    return magnitude(stream, n + 2, s + 2 + negative, area + X1, four, abs(difference))


@compiled
def _read_dc(data, states, coder, area, context):
    """Undo _dc (Figures F.19, F.21, F.22)."""
    s = area + context
    if not arithmetic.decode(data, states, coder, s):
        return OK, 0
    negative = arithmetic.decode(data, states, coder, s + 1)
    size = _read_magnitude(data, states, coder, s + 2 + negative, area + X1, area + X1 + 1)
    return OK if size else TOO_MANY, -size if negative else size


@compiled
def block_ac(stream, n, area, kx, block, first, last, low):
    """Figure F.5, with the values shifted down by `low` (G.1.3.2); -1 where one is too large."""
    end = last
    while end >= first and abs(block[end]) >> low == 0:
        end -= 1
    k = first
    while k <= end:
        stream[n] = 2 * (area + 3 * (k - 1))  # not yet the end
        n += 1
        while abs(block[k]) >> low == 0:
            stream[n] = 2 * (area + 3 * (k - 1) + 1)
            n, k = n + 1, k + 1
        value = np.int64(abs(block[k])) >> low
        if value << low > 1023:
            return -1
        s = area + 3 * (k - 1) + 1
        stream[n], stream[n + 1] = 2 * s + 1, 2 * EVEN + (block[k] < 0)
        four = area + (X2_LOW if k <= kx else X2_HIGH)
        n = magnitude(stream, n + 2, s + 1, s + 1, four, value)
        k += 1
    if k <= last:
        stream[n] = 2 * (area + 3 * (k - 1)) + 1
        n += 1
    return n


@compiled
def _read_ac(data, states, coder, area, kx, block, first, last, low):
    """Undo block_ac (Figure F.20). Returns how it went."""
    k = first
    while k <= last:
        if arithmetic.decode(data, states, coder, area + 3 * (k - 1)):
            return OK
        while not arithmetic.decode(data, states, coder, area + 3 * (k - 1) + 1):
            k += 1
            if k > last:
                return TOO_MANY
        negative = arithmetic.decode(data, states, coder, EVEN)
        one = area + 3 * (k - 1) + 2
        four = area + (X2_LOW if k <= kx else X2_HIGH)
        size = _read_magnitude(data, states, coder, one, one, four)
        if size == 0:
            return TOO_MANY
        block[k] = (-size if negative else size) << low
        k += 1
    return OK


# ---- some coefficients of a scan --------------------------------------------------------


@compiled
def encode(blocks, order, member, dc, ac, bounds, band, memory, stream):
    """MCUs -> decisions: of a sequential scan, or of the first scan of a band; returns how many.

    order, member, dc, ac: as symbols.encode takes them; bounds: of conditioning; band: first, last
    coefficient and the bits left out; memory: int64 (2, 4), of each component the DC before and
    its context, changed; stream: uint16, MOST a block are enough. -1 where a coefficient is too
    large for T.81.
    """
    first, last, low = band
    n = 0
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            block, m = blocks[order[mcu, b]], member[b]
            if first == 0:
                difference = (np.int64(block[0]) >> low) - memory[0, m]
                if abs(difference) << low > 2047:
                    return -1
                n = _dc(stream, n, 256 * dc[m], memory[1, m], difference)
                memory[0, m] += difference
                memory[1, m] = _context(difference, bounds[dc[m]])
            if last > 0:
                t = 16 + ac[m]
                n = block_ac(stream, n, 256 * t, bounds[t], block, max(first, 1), last, low)
                if n < 0:
                    return -1
    return n


@compiled
def decode(data, start, end, order, member, dc, ac, bounds, band, states, blocks):
    """Undo encode for one restart interval, from bytes start .. end of data.

    Returns how it went, how many MCUs are whole, and the byte where the decoder was.
    """
    first, last, low = band
    coder = arithmetic.decoder(data, start, end)
    memory = np.zeros((2, 4), np.int64)
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            block, m = blocks[order[mcu, b]], member[b]
            status = OK
            if first == 0:
                status, difference = _read_dc(data, states, coder, 256 * dc[m], memory[1, m])
                memory[0, m] += difference
                memory[1, m] = _context(difference, bounds[dc[m]])
                block[0] = memory[0, m] << low
            if last > 0 and status == OK:
                t = 16 + ac[m]
                status = _read_ac(
                    data, states, coder, 256 * t, bounds[t], block, max(first, 1), last, low
                )
            if status != OK:
                return status, mcu, coder[arithmetic.BP]
    return OK, order.shape[0], coder[arithmetic.BP]
