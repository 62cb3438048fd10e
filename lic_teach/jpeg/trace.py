"""One block under the magnifying glass: its symbols, and where in the file their bits are.

    bytes, number of a block --trace--> [Symbol(bit, code, extra, ...), ...]

The blocks before it are stepped over by symbols.decode; the block itself is read here once
more, bit by bit (bits.py), slowly and as T.81 F.2.2 says it. Its twin is
learned/anatomy.py, where a latent has bits but none of its own. Lessons entropy_coding and
a_real_jpeg.
"""

from typing import NamedTuple

import numpy as np

from ..bits import BitReader
from . import container, scan, symbols
from .arguments import file_bytes, whole_number
from .container import CodedScan
from .errors import JpegError
from .frame import count_blocks, scan_order
from .huffman import Table, code_words
from .lossless import MAX_PIXELS
from .restarts import intervals


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
    are scattered over many scans), IndexError where it has no such block, and ValueError where an
    argument is of a wrong kind.
    """
    left = block = whole_number("block", block)
    for coded in container.read(file_bytes(data), MAX_PIXELS):
        if coded.frame.progressive:
            raise JpegError("a progressive file has no block in one piece", coded.offset)
        if coded.frame.arithmetic:
            raise JpegError("in an arithmetic-coded file no bit belongs to one block", coded.offset)
        order, member = scan_order(coded.frame, coded.scan.members)
        if 0 <= left < order.size:
            mcu, place = divmod(left, len(member))
            reader, predictions = _seek(coded, order, member, mcu)
            return _read_mcu(coded, member[: place + 1], reader, predictions)
        left -= order.size
    raise IndexError(f"no block {block}: the file has {block - left}")


def _seek(
    coded: CodedScan, order: np.ndarray, member: np.ndarray, mcu: int
) -> tuple[BitReader, dict[int, int]]:
    """A reader that stands at the first bit of an MCU, and the DC prediction of each component."""
    step = coded.interval or len(order)
    pieces, problem = intervals(coded.payload, -(-len(order) // step))
    found = [piece for number, piece in pieces if number == mcu // step]
    if not found:
        raise problem
    start, stop = coded.payload.span(found[0])
    before = order[mcu // step * step : mcu]
    blocks = np.zeros((count_blocks(coded.frame), 64), np.int16)
    tables = np.array(coded.scan.dc), np.array(coded.scan.ac), *scan.decoding_lists(coded)
    bits, prediction = (coded.payload.data, 8 * start, 8 * stop), np.zeros(4, np.int64)
    status, _, position = symbols.decode(*bits, before, member, *tables, prediction, blocks)
    if status != symbols.OK:
        raise JpegError(scan.REASONS[status], coded.payload.offset(position // 8))
    predictions = dict(enumerate(prediction.tolist()))
    return BitReader(coded.payload.data[:stop].tobytes(), position), predictions


def _read_mcu(
    coded: CodedScan, members: np.ndarray, reader: BitReader, predictions: dict[int, int]
) -> list[Symbol]:
    """Blocks of the given components, one after the other: the symbols of the last one."""
    try:
        for m in members.tolist():
            tables = coded.tables[coded.scan.dc[m]], coded.tables[4 + coded.scan.ac[m]]
            found = _block(reader, *tables, predictions.get(m, 0))
            predictions[m] = found[0].value
    except (EOFError, JpegError) as error:
        ended = isinstance(error, EOFError)
        at = coded.payload.offset(reader.position // 8)
        raise JpegError(scan.REASONS[symbols.DATA_ENDED] if ended else str(error), at) from None
    places = [8 * coded.payload.offset(s.bit // 8) + s.bit % 8 for s in found]
    return [s._replace(bit=at) for s, at in zip(found, places, strict=True)]


def _block(reader: BitReader, dc: Table, ac: Table, prediction: int) -> list[Symbol]:
    """Figures F.12 and F.13."""
    bit = reader.position
    size, code = _code_word(reader, dc)
    value, extra = _value(reader, size)
    found = [Symbol(bit, code, extra, "DC", 0, size, 0, prediction + value)]
    k = 1
    while k < 64:
        bit = reader.position
        rs, code = _code_word(reader, ac)
        run, size = divmod(rs, 16)
        value, extra = _value(reader, size)
        name = "AC" if size else "ZRL" if run == 15 else "EOB"
        found.append(Symbol(bit, code, extra, name, run, size, k + run if size else k, value))
        k = 64 if name == "EOB" else k + run + 1
    return found


def _code_word(reader: BitReader, t: Table) -> tuple[int, str]:
    """Figure F.16: one bit more until it is a code word."""
    word, length = code_words(t)
    value = size = 0
    while size < 16:
        value, size = value << 1 | reader.read(1), size + 1
        match = np.flatnonzero((length == size) & (word == value))
        if len(match):
            return int(t.values[match[0]]), format(value, f"0{size}b")
    raise JpegError(scan.REASONS[symbols.NO_SUCH_CODE])


def _value(reader: BitReader, size: int) -> tuple[int, str]:
    """The extra bits of a coefficient: as a number (Figure F.12), and as they stand."""
    if size == 0:
        return 0, ""
    bits = reader.read(size)
    value = bits if bits >> (size - 1) else bits - (1 << size) + 1
    return value, format(bits, f"0{size}b")
