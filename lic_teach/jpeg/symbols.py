"""Symbols: quantized blocks <-> (run, size) symbols with extra bits. Lossless.

    blocks int16 (N, 64) --sequential_symbols--> symbols, extra bits
    blocks int16 (N, 64) <--decode_sequential-- bytes

A DC coefficient is sent as the difference to the one before it; an AC coefficient as one
symbol that tells how many zeros came before it and how many bits it has, followed by those
bits (T.81 F.1.2). The stream of symbols comes first, the Huffman tables are made from its
counts, then the bits (huffman.py). Coefficients are in zig-zag order all along (transform.py).

A symbol of the stream is 256 * table + (run << 4 | size): tables 0..3 are DC, 4..7 are AC.
Two more kinds need no table: RAW + n stands for n plain bits, RESTART for an RST marker.
Unlike learned/entropy.py, which asks a model for probabilities. Lesson 05.
"""

import numpy as np
from numba import njit

from .huffman import extend, next_symbol, refill

RAW = 2048
RESTART = 2304
ALPHABET = 2305
EOB, ZRL = 0x00, 0xF0  # end of block; sixteen zeros

OK, NO_SUCH_CODE, DATA_ENDED, TOO_MANY, TOO_LARGE = range(5)


def extra_lengths() -> np.ndarray:
    """How many extra bits follow each symbol: int32 (ALPHABET,)."""
    run, size = np.divmod(np.arange(256), 16)
    length = np.zeros(ALPHABET, np.int32)
    length[: 4 * 256] = np.tile(np.minimum(np.arange(256), 16), 4)
    length[4 * 256 : RAW] = np.tile(np.where((size == 0) & (run < 15), run, size), 4)
    length[RAW : RAW + 17] = np.arange(17)
    return length


EXTRA_LENGTHS = extra_lengths()


@njit(cache=True)
def size_of(value):
    """The number of bits of |value| (Tables F.1 and F.2): 0 -> 0, 1 -> 1, -3 -> 2, 1023 -> 10."""
    value = abs(value)
    size = 0
    while value >> size:
        size += 1
    return size


@njit(cache=True)
def sequential_symbols(blocks, order, member, dc, ac, interval, symbols, extra):
    """Blocks, in the order of a scan -> symbols and extra bits; returns how many.

    order: int32 (n,), rows of blocks; member: uint8 (n,), which component of the scan;
    dc, ac: int32, table of each member; interval: blocks between restarts, 0 for none;
    symbols, extra: uint16, filled here: room for 5 n + nonzero coefficients is enough.
    Returns -1 where a coefficient has more bits than T.81 allows (AC 10, DC difference 11).
    """
    n = 0
    prediction = np.zeros(4, np.int64)
    for i in range(order.size):
        if interval and i and i % interval == 0:  # F.1.1.5.1 and E.1.4
            symbols[n], extra[n] = RESTART, 0xD0 + (i // interval - 1) % 8
            n += 1
            prediction[:] = 0
        block, m = blocks[order[i]], member[i]
        difference = block[0] - prediction[m]  # F.1.2.1
        prediction[m] = block[0]
        size = size_of(difference)
        if size > 11:
            return -1
        symbols[n], extra[n] = 256 * dc[m] + size, _bits_of(difference, size)
        n += 1
        run = 0
        for k in range(1, 64):  # Figure F.2
            value = np.int64(block[k])
            if value == 0:
                run += 1
                continue
            while run > 15:
                symbols[n], extra[n] = 256 * (4 + ac[m]) + ZRL, 0
                n += 1
                run -= 16
            size = size_of(value)  # Figure F.3
            if size > 10:
                return -1
            symbols[n], extra[n] = 256 * (4 + ac[m]) + (run << 4 | size), _bits_of(value, size)
            n += 1
            run = 0
        if run:
            symbols[n], extra[n] = 256 * (4 + ac[m]) + EOB, 0
            n += 1
    return n


@njit(cache=True)
def _bits_of(value, size):
    """The extra bits: the value itself, or value - 1 for a negative one, cut to size bits."""
    return (value - (value < 0)) & ((1 << size) - 1)


@njit(cache=True)
def decode_sequential(data, ends, interval, lookup, slow, blocks, order, member, dc, ac):
    """Undo sequential_symbols and huffman.pack: fill blocks from the bytes of one scan.

    data: uint8, entropy-coded bytes without stuffing; ends: int64, where each restart interval
    ends; the rest as above. Returns a status, the blocks decoded, and the bit position.
    """
    prediction = np.zeros(4, np.int64)
    position = buffer = filled = 0
    end = ends[0]
    for i in range(order.size):
        if interval and i and i % interval == 0:
            if i // interval >= ends.size:
                return DATA_ENDED, i, 8 * end
            prediction[:] = 0
            position, buffer, filled = end, 0, 0
            end = ends[i // interval]
        block, m = blocks[order[i]], member[i]
        position, buffer, filled = refill(data, position, end, buffer, filled)
        size, length = next_symbol(buffer, filled, lookup[dc[m]], slow[dc[m]])
        filled -= length  # Figure F.12, F.2.2.1
        if size < 0:
            return NO_SUCH_CODE, i, 8 * position - filled
        if size > 16:
            return TOO_LARGE, i, 8 * position - filled
        filled -= size
        prediction[m] += extend((buffer >> filled) & ((1 << size) - 1), size)
        block[0] = prediction[m]
        k = 1
        while k < 64:  # Figure F.13
            position, buffer, filled = refill(data, position, end, buffer, filled)
            rs, length = next_symbol(buffer, filled, lookup[4 + ac[m]], slow[4 + ac[m]])
            filled -= length
            if rs < 0:
                return NO_SUCH_CODE, i, 8 * position - filled
            run, size = rs >> 4, rs & 15
            if size == 0:
                if run < 15:  # EOB
                    break
                k += 16  # ZRL
                continue
            k += run
            if k > 63:
                return TOO_MANY, i, 8 * position - filled
            filled -= size
            block[k] = extend((buffer >> filled) & ((1 << size) - 1), size)  # Figure F.14
            k += 1
        if 8 * position - filled > 8 * end:
            return DATA_ENDED, i, 8 * end
    return OK, order.size, 8 * position - filled
