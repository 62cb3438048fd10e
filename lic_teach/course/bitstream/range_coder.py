"""A range coder in whole numbers: low, width and a carry; the table may change at every symbol.

    symbols, tables --encode--> bytes          bytes --decoder--> ask;  ask(table) -> symbol
    symbols, tables --trace--> the same in decimal, step by step

A table is where each symbol's part begins, and where the last one ends: whole numbers that rise
from 0, table[s + 1] - table[s] is the count of symbol s, table[-1] the total (at most 2**32). One
list may stand for many symbols; range(n + 1) is the table of n symbols that are all alike.

The window of 64 bits, the words of 32 and the last word are those of constriction's RangeEncoder
(Bamler 2022): with its tables the bytes are the same. Martin 1979.
"""

import bisect
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Table = Sequence[int]


def encode(symbols: Iterable[int], tables: Iterable[Table]) -> bytes:
    """Symbols 0, 1, ... and for each its table -> words of four bytes, the high byte first."""
    file, words, low, width = 0, 0, 0, 2**64 - 1
    for s, table in zip(symbols, tables, strict=True):
        unit = width // table[-1]  # what remains is lost
        low, width = low + unit * table[s], unit * (table[s + 1] - table[s])
        if low >= 2**64:  # carry: Python's long number passes it on by itself
            file, low = file + 1, low - 2**64
        if width < 2**32:  # renormalize
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = -(-low // 2**32)  # rounded up: a number that ends in 32 zeros, and still inside
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


def decoder(data: bytes) -> Callable[[Table], int]:
    """Bytes of encode -> ask: it takes the next symbol's table and returns the symbol.

    It keeps how far the file's number lies above low, so it needs no low and no carry. Behind the
    end come zeros. Bytes that no encoder has written give some symbols of the tables, or others.
    """
    data += bytes(8)
    place, at, width = int.from_bytes(data[:8], "big"), 8, 2**64 - 1

    def ask(table: Table) -> int:
        nonlocal place, at, width
        unit = width // table[-1]
        s = min(bisect.bisect(table, place // unit), len(table) - 1) - 1
        place, width = place - unit * table[s], unit * (table[s + 1] - table[s])
        if width < 2**32:
            place, width = (place << 32) + int.from_bytes(data[at : at + 4], "big"), width << 32
            at += 4
        return s

    return ask


class Step(NamedTuple):
    """One line of a trace: the window, and the digits that have left it."""

    what: str
    low: int
    width: int
    file: str


def trace(message: str, parts: dict[str, tuple[int, int]]) -> list[Step]:
    """encode with a window of four decimal digits and words of two.

    parts: {letter: (start, count)}, in order.

    >>> trace("A", {"A": (0, 1), "B": (1, 1)})[-2:]
    [Step(what='A', low=0, width=4999, file=''), Step(what='end', low=0, width=4999, file='00')]
    """
    total = sum(count for _, count in parts.values())
    file, low, width = "", 0, 9999
    steps = [Step("start", low, width, file)]
    for letter in message:
        start, count = parts[letter]
        unit = width // total
        low, width = low + unit * start, unit * count
        steps.append(Step(letter, low, width, file))
        if low > 9999:
            file, low = f"{int(file) + 1:0{len(file)}}", low - 10_000
            steps.append(Step("carry", low, width, file))
        if width < 100:
            file, low, width = f"{file}{low // 100:02}", low % 100 * 100, width * 100
            steps.append(Step("out", low, width, file))
    last = -(-low // 100)
    number = int(file or "0") * 100 + last
    return [*steps, Step("end", low, width, f"{number:0{len(file) + 2}}")]
