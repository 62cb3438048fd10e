"""Symbols of a sequential scan: quantized blocks <-> (run, size) symbols with extra bits.

    blocks int16 (N, 64) --encode--> symbols, extra bits        (then huffman.py, bitstream.py)
    blocks int16 (N, 64) <--decode-- bytes

A DC coefficient is sent as its difference to the one before it; an AC coefficient as one
symbol that tells how many zeros came before it and how many bits it has, followed by those
bits (T.81 F.1.2). Lossless. Coefficients are in zig-zag order all along (transform.py).

In a stream of symbols a number is 256 * table + (run << 4 | size): tables 0..3 are DC, 4..7
are AC. Two kinds need no table: RAW + n are n plain bits, RESTART is an RST marker.
Unlike learned/entropy.py, which asks a model for probabilities. Lesson entropy_coding.
"""

import numpy as np

from lic_teach.compiled import compiled

from .bitstream import extend, extra_bits, next_symbol, peek, size_of, window
from .sparse import ONE, lowest, nonzero

RAW, RESTART, ALPHABET = 2048, 2304, 2305
EOB, ZRL = 0x00, 0xF0  # end of block; sixteen zeros
OK, DATA_ENDED, NO_SUCH_CODE, TOO_MANY, TOO_LARGE = range(5)  # how a scan went


def extra_lengths() -> np.ndarray:
    """How many extra bits follow each symbol of a stream: int64 (ALPHABET,).

    >>> extra_lengths()[[3, 4 * 256 + 0x25, 4 * 256 + ZRL, RAW + 1]].tolist()
    [3, 5, 0, 1]
    """
    run, size = np.divmod(np.arange(256), 16)
    length = np.zeros(ALPHABET, np.int64)
    length[:1024] = np.tile(size, 4)
    length[1024:RAW] = np.tile(np.where((size == 0) & (run < 15), run, size), 4)  # EOBn: n bits
    length[RAW : RAW + 17] = np.arange(17)
    return length


EXTRA_LENGTHS = extra_lengths()


@compiled
def encode(blocks, order, member, dc, ac, symbols, extra):
    """Blocks of one restart interval -> symbols and extra bits; returns how many.

    order: int32 (mcus, b), rows of blocks; member: uint8 (b,), component of the scan;
    dc, ac: int64, table of each member; symbols, extra: uint16, filled here: 5 a block and one
    for each nonzero coefficient are enough. Returns -1 where a coefficient has more bits than
    T.81 allows: 10 for AC, 11 for a difference of DC.
    """
    n = 0
    prediction = np.zeros(4, np.int64)
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            block, m = blocks[order[mcu, b]], member[b]
            difference = block[0] - prediction[m]  # F.1.2.1
            prediction[m] = block[0]
            size = size_of(difference)
            if size > 11:
                return -1
            symbols[n], extra[n] = 256 * dc[m] + size, extra_bits(difference, size)
            n += 1
            # Figures F.2 and F.3: runs of zeros, and the values between them. This is the loop
            # that the time goes into, so it stands here and not in a function of its own.
            table, before = 1024 + 256 * ac[m], 0  # the place of the last coefficient sent
            left = nonzero(block) & ~ONE  # those still to be sent; DC is not among them
            while left:
                k = lowest(left)
                left &= left - ONE
                run, before = k - before - 1, k
                while run > 15:
                    symbols[n], extra[n] = table + ZRL, 0
                    n += 1
                    run -= 16
                value = np.int64(block[k])
                size = size_of(value)
                if size > 10:
                    return -1
                symbols[n], extra[n] = table + (run << 4 | size), extra_bits(value, size)
                n += 1
            if before < 63:
                symbols[n], extra[n] = table + EOB, 0
                n += 1
    return n


@compiled
def count(stream):
    """How often each symbol occurs in a stream, uint16 (n,): int64 (ALPHABET,)."""
    counts = np.zeros(ALPHABET, np.int64)
    for symbol in stream:
        counts[symbol] += 1
    return counts


@compiled
def decode(data, position, end, order, member, dc, ac, short, long, prediction, blocks):
    """Undo encode and bitstream.pack for one restart interval: fill blocks from its bits.

    data: uint8, without stuffing, with SPARE bytes behind; position, end: of the interval, in
    bits; short, long: huffman.lookup of the eight tables, stacked; prediction: int64 (4,), DC
    before, zeros at the beginning; the rest as above. Returns how it went, how many MCUs are whole,
    and the position behind these. After bits that are no code the decoder is often back in step
    some blocks later (only DC stays wrong), so it goes on until the data end.
    """
    status, whole, place = OK, order.shape[0], position
    for mcu in range(order.shape[0]):
        start = position
        for b in range(order.shape[1]):
            block, m = blocks[order[mcu, b]], member[b]
            bits = window(data, position)
            size, length = next_symbol(bits, short[dc[m]], long[dc[m]])
            wrong = OK
            if size < 0 or size > 15:
                wrong, size = NO_SUCH_CODE if size < 0 else TOO_LARGE, 0
            prediction[m] += extend(peek(bits, length, size), size)  # F.2.2.1
            block[0] = prediction[m]
            position += length + size
            table = 4 + ac[m]
            found, position = _decode_ac(data, position, short[table], long[table], block)
            wrong = wrong or found
            if wrong and status == OK:
                status, whole, place = wrong, mcu, start
        if position > end:
            return (DATA_ENDED, mcu, start) if status == OK else (status, whole, place)
    return status, whole, position if status == OK else place


@compiled(inline="always")
def _decode_ac(data, position, short, long, block):
    """Figures F.13 and F.14. Returns how it went and the position.

    Bits that are no code count as 17 bits of EOB; a coefficient behind the last is the last.
    """
    k = 1
    while k < 64:
        bits = window(data, position)
        rs, length = next_symbol(bits, short, long)
        if rs < 0:
            return NO_SUCH_CODE, position + length
        run, size = rs >> 4, rs & 15
        position += length + size
        k += run
        if size:
            block[min(k, 63)] = extend(peek(bits, length, size), size)
            if k > 63:
                return TOO_MANY, position
        elif run < 15:  # EOB
            break
        k += 1
    return OK, position
