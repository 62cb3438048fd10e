"""Huffman tables: which symbol gets how many bits, made from the counts of this very picture.

    counts (256,) --code_lengths--> lengths (256,) --table--> Table --codes--> code words
                                                                    --lookup--> decoding lists

A table travels as T.81 B.2.4.2 writes it: how many codes of each length 1..16, and the symbols
from the shortest code to the longest. The code words follow from that (Annex C). What writes
and reads the words is bitstream.py. Unlike learned/entropy.py: a whole number of bits for each
symbol, and the statistics travel in the file instead of in a model. Lesson entropy_coding.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

LOOKUP_BITS = 9  # codes up to this length are decoded by one look at a list
SHARES = 1 << np.arange(15, -1, -1)  # of all 16-bit words, those that begin with a code of length n


class Table(NamedTuple):
    """bits: uint8 (16,), how many codes of length 1..16; values: uint8 (n,), their symbols."""

    bits: np.ndarray
    values: np.ndarray


def code_lengths(counts: np.ndarray) -> np.ndarray:
    """Best code lengths for symbols seen counts[s] times: int (256,) -> int (256,), 0..16.

    Huffman's tree, then no code over 16 bits and none of ones only (T.81 K.2). Symbol 256,
    the rarest of all, takes the all-ones code and is struck out in the end.

    >>> code_lengths(np.array([8, 4, 2, 1] + 252 * [0]))[:4].tolist()
    [1, 2, 3, 4]
    """
    weights = np.ones(257, np.int64)
    weights[:256] = counts
    return _code_lengths(weights, weights.argsort(kind="stable"))


@compiled
def _code_lengths(counts, rarest_first):
    """Figures K.1 to K.4 in turn. counts: with that of symbol 256."""
    rarest_first = rarest_first[257 - np.count_nonzero(counts) :]
    depth, bits = np.zeros(257, np.int64), np.zeros(258, np.int64)
    depth[rarest_first] = _depths(counts[rarest_first])
    for s in rarest_first:
        bits[depth[s]] += 1
    deepest = depth.max()
    _limit_to_16(bits)
    # Figure K.4: deal the lengths out again, the shortest to the symbol that had the shortest.
    lengths, length = np.zeros(256, np.int64), 1
    for had in range(1, deepest + 1):
        for s in range(256):
            if depth[s] == had:
                while bits[length] == 0 and length < 16:
                    length += 1
                bits[length] -= 1
                lengths[s] = length
    return lengths


@compiled
def _depths(weights):
    """Figure K.1: join the two rarest, again and again. How deep does each end up in the tree?

    weights: int64 (n,), ascending. No search is needed for the rarest: it is the first leaf left,
    or else the first joined node left, for these come into being in ascending order, too.
    """
    leaves = weights.size
    total, parent = np.zeros((2, 2 * leaves - 1), np.int64)
    total[:leaves] = weights
    leaf, joined = 0, leaves  # the first of each that has no parent
    for node in range(leaves, 2 * leaves - 1):
        for _ in range(2):
            if joined == node or (leaf < leaves and total[leaf] <= total[joined]):
                rarest = leaf
                leaf += 1
            else:
                rarest = joined
                joined += 1
            parent[rarest] = node
            total[node] += total[rarest]
    depth = np.zeros(2 * leaves - 1, np.int64)
    for node in range(2 * leaves - 3, -1, -1):  # from the root down: one bit more a level
        depth[node] = depth[parent[node]] + 1
    return depth[:leaves]


@compiled
def _limit_to_16(bits):
    """Figure K.3: bits[n] codes of length n -> none longer than 16, the all-ones code gone."""
    bits[0] = 0
    for i in range(bits.size - 1, 16, -1):
        while bits[i] > 0:  # of the two longest, one moves up a level; the other and a
            j = i - 2  # shorter code from level j become a pair on level j + 1
            while bits[j] == 0:
                j -= 1
            bits[i] -= 2
            bits[i - 1] += 1
            bits[j + 1] += 2
            bits[j] -= 1
    longest = 16
    while bits[longest] == 0:
        longest -= 1
    bits[longest] -= 1  # symbol 256
    return bits


def table(lengths: np.ndarray) -> Table:
    """Code lengths (256,) -> the table that a DHT segment carries (Figure K.4)."""
    bits, values = np.zeros(16, np.uint8), np.empty(256, np.uint8)
    return Table(bits, values[: _table(lengths, bits, values)])


@compiled
def _table(lengths, bits, values):
    n = 0
    for size in range(1, 17):
        for s in range(256):
            if lengths[s] == size:
                values[n] = s
                bits[size - 1] += 1
                n += 1
    return n


def codes(t: Table) -> tuple[np.ndarray, np.ndarray]:
    """Table -> code word and length of each symbol: int64 (256,) twice; length 0: not in use.

    >>> word, length = codes(table(np.array([1, 2, 3] + 253 * [0])))
    >>> [format(int(word[s]), f"0{length[s]}b") for s in range(3)]
    ['0', '10', '110']
    """
    word, length = np.zeros((2, 256), np.int64)
    words, sizes = code_words(t)
    backwards = t.values[::-1]  # of a symbol that a damaged table lists twice the shorter one stays
    word[backwards], length[backwards] = words[::-1], sizes[::-1]
    return word, length


def code_words(t: Table) -> tuple[np.ndarray, np.ndarray]:
    """Table -> code word and length of each entry of t.values: int64 (n,) twice.

    Figures C.1 to C.3: count up, and append a zero wherever the length grows.
    """
    words, sizes = np.empty((2, int(t.bits.sum())), np.int64)
    _code_words(t.bits, words, sizes)
    return words, sizes


@compiled
def _code_words(bits, words, sizes):
    code = k = 0
    for size in range(1, 17):
        for _ in range(bits[size - 1]):
            words[k], sizes[k] = code, size
            code += 1
            k += 1
        code <<= 1


def overfull(t: Table) -> bool:
    """Whether a table has more codes than their lengths allow (Kraft's inequality)."""
    return int(t.bits @ SHARES) > 1 << 16


def lookup(t: Table) -> tuple[np.ndarray, np.ndarray]:
    """Undo codes: what the decoder needs, uint16 (512,) and int32 (4, 256).

    The first by the next 9 bits: length << 8 | symbol, or 0 where the code is longer. The
    second for the longer ones: MAXCODE, MINCODE and VALPTR by length, and HUFFVAL (F.15).
    """
    short, long = np.zeros(1 << LOOKUP_BITS, np.uint16), np.zeros((4, 256), np.int32)
    long[0] = -1
    _lookup(t.bits, t.values, short, long)
    return short, long


@compiled
def _lookup(bits, values, short, long):
    code = k = filled = 0
    for size in range(1, 17):
        count = np.int64(bits[size - 1])
        if count:
            long[0, size], long[1, size], long[2, size] = code + count - 1, code, k
        for value in values[k : k + count]:
            long[3, k] = value
            if size <= LOOKUP_BITS:  # all entries that begin with this code
                more = filled + (1 << (LOOKUP_BITS - size))
                short[filled:more] = size << 8 | value
                filled = more
            k += 1
        code = (code + count) << 1


def _standard(bits: list[int], values: str) -> Table:
    padded = bits + (16 - len(bits)) * [0]
    return Table(np.array(padded, np.uint8), np.frombuffer(bytes.fromhex(values), np.uint8))


# T.81 Tables K.3 to K.6, typical for photographs: DC and AC of luminance, of chrominance.
DC_LUMINANCE = _standard([0, 1, 5, 1, 1, 1, 1, 1, 1], "000102030405060708090a0b")
DC_CHROMINANCE = _standard([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1], "000102030405060708090a0b")
AC_LUMINANCE = _standard(
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f0"
    "2433627282090a161718191a25262728292a3435363738393a43444546474849"
    "4a535455565758595a636465666768696a737475767778797a83848586878889"
    "8a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5"
    "c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8"
    "f9fa",
)
AC_CHROMINANCE = _standard(
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
    "000102031104052131061241510761711322328108144291a1b1c109233352f0"
    "156272d10a162434e125f11718191a262728292a35363738393a434445464748"
    "494a535455565758595a636465666768696a737475767778797a828384858687"
    "88898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
    "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8"
    "f9fa",
)
STANDARD = {0: DC_LUMINANCE, 1: DC_CHROMINANCE, 4: AC_LUMINANCE, 5: AC_CHROMINANCE}
