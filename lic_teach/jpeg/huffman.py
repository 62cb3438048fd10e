"""Huffman: symbols <-> bits, with tables made from the counts of this very picture.

    counts (256,) --code_lengths--> lengths (256,) --table--> Table --codes--> code words
    symbols, extra bits --pack--> bytes --next_symbol, receive--> symbols, extra bits

A table travels as T.81 B.2.4.2 writes it: how many codes of each length 1..16, and the
symbols from the shortest code to the longest. The codes themselves follow from that (Annex C).
Unlike learned/entropy.py: a whole number of bits a symbol, and the statistics travel in the
file instead of in a model. Lesson 05.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

LOOKUP_BITS = 9  # codes up to this length are decoded by one look at a list


class Table(NamedTuple):
    """bits: uint8 (16,), how many codes of length 1..16; values: uint8 (n,), their symbols."""

    bits: np.ndarray
    values: np.ndarray


def code_lengths(counts: np.ndarray) -> np.ndarray:
    """Best code lengths for symbols seen counts[s] times: int (256,) -> int (256,), 0..16.

    Huffman's tree, then no code over 16 bits and none of ones only (T.81 K.2). Symbol 256,
    the rarest of all, keeps the all-ones code for itself and is taken out in the end.

    >>> code_lengths(np.array([8, 4, 2, 1] + 252 * [0]))[:4].tolist()
    [1, 2, 3, 4]
    """
    heap = [(int(counts[s]), -s, (s,)) for s in np.flatnonzero(counts)] + [(1, -256, (256,))]
    heapq.heapify(heap)
    lengths = np.zeros(257, int)
    while len(heap) > 1:  # Figure K.1: join the two rarest, all below them get one bit more
        count_1, name_1, leaves_1 = heapq.heappop(heap)
        count_2, name_2, leaves_2 = heapq.heappop(heap)
        leaves = leaves_1 + leaves_2
        lengths[list(leaves)] += 1
        heapq.heappush(heap, (count_1 + count_2, max(name_1, name_2), leaves))
    bits = _limit_to_16(np.bincount(lengths, minlength=258))
    # Figure K.4: hand the lengths out again, the shortest to the symbol that had the shortest.
    used = np.flatnonzero(lengths[:256])
    by_length = used[np.argsort(lengths[used], kind="stable")]
    result = np.zeros(256, int)
    result[by_length] = np.repeat(np.arange(17), bits[:17])
    return result


def _limit_to_16(bits: np.ndarray) -> np.ndarray:
    """Figure K.3: bits[n] codes of length n -> none longer than 16, the all-ones code gone."""
    bits = bits.copy()
    bits[0] = 0
    for i in range(len(bits) - 1, 16, -1):
        while bits[i] > 0:  # two of the longest: one moves up, the other takes the place of
            j = i - 2  # a shorter code together with the symbol that had it
            while bits[j] == 0:
                j -= 1
            bits[i] -= 2
            bits[i - 1] += 1
            bits[j + 1] += 2
            bits[j] -= 1
    longest = np.flatnonzero(bits[:17])[-1]
    bits[longest] -= 1  # symbol 256
    return bits


def table(lengths: np.ndarray) -> Table:
    """Code lengths (256,) -> the table that a DHT segment carries (Figure K.4)."""
    used = np.flatnonzero(lengths)
    values = used[np.argsort(lengths[used], kind="stable")]
    bits = np.bincount(lengths[used], minlength=17)[1:]
    return Table(bits.astype(np.uint8), values.astype(np.uint8))


def codes(t: Table) -> tuple[np.ndarray, np.ndarray]:
    """Table -> code word and length of each symbol: int32 (256,), int32 (256,); length 0: none.

    Figures C.1 to C.3: count up, and append a zero wherever the length grows.
    """
    code, length = np.zeros(256, np.int32), np.zeros(256, np.int32)
    sizes = np.repeat(np.arange(1, 17), t.bits)
    word = 0
    for k, (symbol, size) in enumerate(zip(t.values, sizes, strict=True)):
        code[symbol], length[symbol] = word, size
        following = sizes[k + 1] if k + 1 < len(sizes) else size
        word = (word + 1) << (following - size)
    return code, length


@njit(cache=True)
def pack(symbols, extra, code, length, extra_length, out):
    """Write each symbol's code word and its extra bits; return the number of bytes.

    symbols, extra: uint16 (n,); code, length, extra_length: int32, indexed by symbol; out: uint8,
    long enough. A symbol with length -1 is a restart marker, whose low byte is `extra`.
    A byte FF is followed by a stuffed 00 (F.1.2.3).
    """
    n = 0
    buffer, filled = 0, 0  # the lowest `filled` bits of buffer are not yet written
    for i in range(symbols.size):
        s = symbols[i]
        if length[s] < 0:
            n = _flush(buffer, filled, out, n)
            out[n], out[n + 1] = 0xFF, extra[i]
            n += 2
            buffer, filled = 0, 0
            continue
        buffer = (buffer << length[s]) | code[s]
        buffer = (buffer << extra_length[s]) | extra[i]
        filled += length[s] + extra_length[s]
        while filled >= 8:
            filled -= 8
            byte = (buffer >> filled) & 0xFF
            out[n] = byte
            n += 1
            if byte == 0xFF:
                out[n] = 0
                n += 1
        buffer &= 0xFF
    return _flush(buffer, filled, out, n)


@njit(cache=True)
def _flush(buffer, filled, out, n):
    """Fill the last byte with ones and write it."""
    if filled > 0:
        byte = ((buffer << (8 - filled)) | (0xFF >> filled)) & 0xFF
        out[n] = byte
        n += 1
        if byte == 0xFF:
            out[n] = 0
            n += 1
    return n


def decoding_tables(tables: list[Table | None]) -> tuple[np.ndarray, np.ndarray]:
    """What next_symbol needs, one row a table: lookup int32 (T, 512), slow int32 (T, 4, 256).

    lookup: by the next 9 bits, length << 8 | symbol, or 0 for longer codes.
    slow: MAXCODE, MINCODE, VALPTR by length (F.2.2.3, Figure F.15), and HUFFVAL.
    """
    lookup = np.zeros((len(tables), 1 << LOOKUP_BITS), np.int32)
    slow = np.zeros((len(tables), 4, 256), np.int32)
    slow[:, 0] = -1
    for row, t in enumerate(tables):
        if t is None:
            continue
        slow[row, 3, : len(t.values)] = t.values
        word = k = 0
        for size in range(1, 17):
            n = int(t.bits[size - 1])
            if n:
                slow[row, :3, size] = word + n - 1, word, k
            if n and size <= LOOKUP_BITS:
                span = 1 << (LOOKUP_BITS - size)
                entries = size << 8 | t.values[k : k + n].astype(np.int32)
                lookup[row, word * span : (word + n) * span] = np.repeat(entries, span)
            word, k = (word + n) << 1, k + n
    return lookup, slow


@njit(cache=True)
def next_symbol(buffer, filled, lookup, slow):
    """Read a code word: at least 16 bits are in the buffer. Returns symbol, its length.

    Figure F.16, DECODE, after a look at the list. Symbol -1: no such code.
    """
    entry = lookup[(buffer >> (filled - LOOKUP_BITS)) & ((1 << LOOKUP_BITS) - 1)]
    if entry:
        return entry & 0xFF, entry >> 8
    for size in range(LOOKUP_BITS + 1, 17):
        word = (buffer >> (filled - size)) & ((1 << size) - 1)
        if word <= slow[0, size]:
            return slow[3, (slow[2, size] + word - slow[1, size]) & 0xFF], size
    return -1, 0


@njit(cache=True)
def refill(data, position, end, buffer, filled):
    """Top the buffer up to at least 48 bits; behind `end` come zeros. Returns the three."""
    while filled < 48:
        byte = 0
        if position < end:
            byte = np.int64(data[position])
        buffer = (buffer << 8) | byte
        position += 1
        filled += 8
    return position, buffer, filled


@njit(cache=True)
def extend(value, size):
    """Figure F.12: the `size` extra bits of a coefficient -> its signed value."""
    if size > 0 and value < 1 << (size - 1):
        return value - (1 << size) + 1
    return value
