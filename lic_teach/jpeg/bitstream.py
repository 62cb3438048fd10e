"""Bits of a scan: symbols with their extra bits <-> bytes. One loop writes, three small ones read.

    symbols, extra bits --pack--> bytes          bytes --next_symbol, extend--> symbols, values

The writer keeps bits in a buffer until they fill a byte; the reader looks at 64 bits from any
position on, counted in bits (bits.py does both in slow motion). Unlike learned/entropy.py's
range coder, every symbol begins at a bit of its own. Lesson entropy_coding.
"""

import numpy as np

from lic_teach.compiled import compiled

from .huffman import LOOKUP_BITS

SIZES = np.array([n.bit_length() for n in range(256)])  # how many bits a byte has
SPARE = 1 << 14  # zeros behind the data of a scan: more than an MCU of 64 blocks can read there


@compiled
def pack(symbols, extra, word, length, extra_length, out):
    """Write each symbol's code word and its extra bits into out; return how many bytes.

    symbols, extra: uint16 (n,); word, length, extra_length: int64, indexed by symbol; out: uint8,
    long enough. Length -1: a restart marker, whose second byte is `extra`. A byte FF of the
    data is followed by a stuffed 00 (F.1.2.3).
    """
    n = buffer = filled = 0  # of 64 bits in the buffer less than 32 are filled with bits to write
    for i in range(symbols.size):
        s = symbols[i]
        if length[s] < 0:
            n = _finish(buffer, filled, out, n)
            out[n], out[n + 1] = 0xFF, extra[i]
            n += 2
            buffer = filled = 0
            continue
        buffer = (buffer << length[s] | word[s]) << extra_length[s] | extra[i]
        filled += length[s] + extra_length[s]
        if filled >= 32:  # a code word and its extra bits are 32 at most
            filled -= 32
            for shift in (24, 16, 8, 0):
                n = _put((buffer >> (filled + shift)) & 0xFF, out, n)
    return _finish(buffer, filled, out, n)


@compiled
def _put(byte, out, n):
    out[n] = byte
    if byte != 0xFF:
        return n + 1
    out[n + 1] = 0
    return n + 2


@compiled
def _finish(buffer, filled, out, n):
    """Write the bits that are left, and fill the last byte with ones (F.1.2.3)."""
    while filled >= 8:
        filled -= 8
        n = _put((buffer >> filled) & 0xFF, out, n)
    if filled == 0:
        return n
    return _put((buffer << (8 - filled) | 0xFF >> filled) & 0xFF, out, n)


@compiled
def window(data, position):
    """The next 64 bits of data (uint8), the last few of them zero: at least 57 are good."""
    first = np.uint64(position >> 3)
    bits = np.uint64(0)
    for i in range(8):
        bits = bits << np.uint64(8) | data[first + np.uint64(i)]
    return bits << np.uint64(position & 7)


@compiled
def peek(bits, skip, n):
    """n bits of a window as a number, behind the first `skip`; skip + n <= 57."""
    return np.int64(bits << np.uint64(skip) >> np.uint64(1) >> np.uint64(63 - n))  # n may be 0


@compiled
def next_symbol(bits, short, long):
    """Figure F.16, DECODE, after a look at the list of short codes (huffman.lookup).

    bits: a window. Returns the symbol and the length of its code, or -1, 0 where no code begins
    like this.
    """
    entry = np.int64(short[bits >> np.uint64(64 - LOOKUP_BITS)])
    if entry:
        return entry & 0xFF, entry >> 8
    for size in range(LOOKUP_BITS + 1, 17):
        word = peek(bits, 0, size)
        if word <= long[0, size]:
            return np.int64(long[3, (long[2, size] + word - long[1, size]) & 0xFF]), size
    return -1, 0


@compiled
def extend(value, size):
    """Figure F.12: the `size` extra bits of a coefficient -> its value, e.g. 00 -> -3, 11 -> 3.

    The lower half of the numbers are the negative values. No `if`: nobody can foretell a sign.
    """
    return value - (value < 1 << size >> 1) * ((1 << size) - 1)


@compiled
def size_of(value):
    """How many bits |value| has (Tables F.1, F.2): 0 -> 0, 1 -> 1, -3 -> 2, 1023 -> 10."""
    value = abs(value)
    size = 0
    while value > 255:
        value >>= 8
        size += 8
    return size + SIZES[value & 255]


@compiled
def extra_bits(value, size):
    """Undo extend: the value, or value - 1 for a negative one, cut to `size` bits (F.1.2.1)."""
    return (value - (value < 0)) & ((1 << size) - 1)
