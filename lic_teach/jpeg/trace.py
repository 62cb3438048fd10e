"""One block under the magnifying glass: its symbols, and where in the file their bits are.

    bytes, number of a block --trace--> [Symbol(bit, code, extra, ...), ...]

The blocks before it are stepped over by symbols.decode; the block itself is read here once
more, bit by bit (bits.py), slowly and as T.81 F.2.2 says it. Lessons 05 and 06.
"""

from typing import NamedTuple

import numpy as np

from ..bits import BitReader
from . import container, scan, symbols
from .codec import MAX_PIXELS
from .container import CodedScan
from .errors import JpegError
from .frame import count_blocks, scan_order
from .huffman import Table, codes


class Symbol(NamedTuple):
    """A code word and the extra bits behind it.

    bit: where it begins, counted in bits from the first of the file; code, extra: strings of 0
    and 1; name: "DC", "AC", "ZRL" or "EOB"; run, size: what the code word says; k: the
    coefficient, zig-zag, or the first of the zeros that ZRL and EOB stand for; value: of the
    coefficient (of DC: the sum, not the difference).
    """

    bit: int
    code: str
    extra: str
    name: str
    run: int
    size: int
    k: int
    value: int


def trace(data: bytes, block: int = 0) -> list[Symbol]:
    """The symbols of a block of a sequential file, by its number in the order of the file.

    Raises JpegError where the file cannot be read up to there, or is progressive (its blocks
    are scattered over many scans), and IndexError where it has fewer blocks.
    """
    for coded in container.read(bytes(data), MAX_PIXELS):
        if coded.frame.progressive:
            raise JpegError("a progressive file has no block in one piece", coded.offset)
        order, member = scan_order(coded.frame, coded.scan.members)
        if block < order.size:
            return _trace(coded, order, member, block)
        block -= order.size
    raise IndexError(f"the file ends {block + 1} blocks before that one")


def _trace(coded: CodedScan, order: np.ndarray, member: np.ndarray, block: int) -> list[Symbol]:
    mcu, place = divmod(block, order.shape[1])
    step = coded.interval or len(order)
    pieces, _ = scan.intervals(coded.payload, -(-len(order) // step))
    start, stop = next(p[1:] for p in pieces if p[0] == mcu // step)
    before = order[mcu // step * step : mcu]
    blocks = np.zeros((count_blocks(coded.frame), 64), np.int16)
    dc, ac = np.array(coded.scan.dc), np.array(coded.scan.ac)
    lists = scan.decoding_lists(coded)
    status, _, bit = symbols.decode(
        coded.payload.data, 8 * start, 8 * stop, before, member, dc, ac, *lists, blocks
    )
    if status != symbols.OK:
        raise JpegError(scan.REASONS[status], coded.payload.offset(bit // 8))
    predictions = [0] * len(dc)
    for m, number in zip(member, before[-1] if len(before) else [], strict=False):
        predictions[m] = int(blocks[number, 0])  # of the last MCU: its last block counts
    reader = BitReader(coded.payload.data[:stop].tobytes(), bit)
    for m in member[: place + 1]:
        found = _block(reader, coded.tables[dc[m]], coded.tables[4 + ac[m]], predictions[m])
        predictions[m] = found[0].value
    at = [s.bit for s in found]
    in_file = [8 * coded.payload.offset(b // 8) + b % 8 for b in at]
    return [s._replace(bit=b) for s, b in zip(found, in_file, strict=True)]


def _block(reader: BitReader, dc: Table, ac: Table, prediction: int) -> list[Symbol]:
    bit = reader.position
    size, code = _code_word(reader, _by_code(dc))
    value, extra = _value(reader, size)
    found = [Symbol(bit, code, extra, "DC", 0, size, 0, prediction + value)]
    k, by_code = 1, _by_code(ac)
    while k < 64:
        bit = reader.position
        rs, code = _code_word(reader, by_code)
        run, size = divmod(rs, 16)
        value, extra = _value(reader, size)
        name = "AC" if size else "ZRL" if run == 15 else "EOB"
        at = k + run if size else k
        found.append(Symbol(bit, code, extra, name, run, size, at, value))
        k = 64 if name == "EOB" else k + run + 1
    return found


def _by_code(t: Table) -> dict[str, int]:
    """Code word, as a string of 0 and 1 -> symbol."""
    word, length = codes(t)
    return {format(word[s], f"0{length[s]}b"): int(s) for s in t.values}


def _code_word(reader: BitReader, by_code: dict[str, int]) -> tuple[int, str]:
    """Figure F.16: one bit more until it is a code word."""
    code = ""
    while code not in by_code:
        if len(code) == 16:
            raise JpegError(scan.REASONS[symbols.NO_SUCH_CODE])
        code += str(_read(reader, 1))
    return by_code[code], code


def _value(reader: BitReader, size: int) -> tuple[int, str]:
    """The extra bits of a coefficient: as a number (Figure F.12), and as they stand."""
    if size == 0:
        return 0, ""
    bits = _read(reader, size)
    value = bits if bits >> (size - 1) else bits - (1 << size) + 1
    return value, format(bits, f"0{size}b")


def _read(reader: BitReader, length: int) -> int:
    try:
        return reader.read(length)
    except EOFError:
        raise JpegError(scan.REASONS[symbols.DATA_ENDED]) from None
