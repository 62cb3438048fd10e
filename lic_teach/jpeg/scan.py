"""One scan: coefficients <-> its entropy-coded bytes, with the tables and the header before them.

    blocks (N, 64) --encode--> DHT, SOS, bytes          blocks (N, 64) <--decode-- CodedScan

The entropy stage put together: symbols.py or progressive.py for each restart interval, tables
from the counts (huffman.py), bits (bitstream.py). Unlike learned/entropy.py, which needs no
tables in the file. Lessons entropy_coding and a_real_jpeg.
"""

import numpy as np

from . import adaptive, bitstream, huffman, progressive, symbols
from . import markers as mk
from . import segments as seg
from .container import CodedScan
from .errors import JpegError
from .frame import Frame, Scan, scan_order
from .restarts import intervals

# The scans of a progressive file in libjpeg's order (jpeg_simple_progression in jcparam.c): which
# components, first and last coefficient, bits missing before and after.
PROGRESSION = [
    ("all", 0, 0, 0, 1),
    ("luma", 1, 5, 0, 2),
    ("others", 1, 63, 0, 1),
    ("luma", 6, 63, 0, 2),
    ("luma", 1, 63, 2, 1),
    ("all", 0, 0, 1, 0),
    ("others", 1, 63, 1, 0),
    ("luma", 1, 63, 1, 0),
]
SEQUENCE = [("all", 0, 63, 0, 0)]
REASONS = {
    symbols.DATA_ENDED: "the data of the scan ends",
    symbols.NO_SUCH_CODE: "bits that are no Huffman code",
    symbols.TOO_MANY: "a coefficient behind the last one of its block",
    symbols.TOO_LARGE: "a symbol that does not belong in this scan",
}


def script(frame: Frame) -> list[Scan]:
    """The scans that the encoder writes; luma uses Huffman tables 0, chroma tables 1."""
    parts = range(len(frame.components))
    groups = {
        "all": [tuple(parts[m : m + 4]) for m in parts[::4]],  # a scan has four at most
        "luma": [(0,)],
        "others": [(m,) for m in (2, 1, *parts[3:]) if m in parts],
    }
    scans = []
    for name, *band in PROGRESSION if frame.progressive else SEQUENCE:
        for members in groups[name]:
            tables = tuple(min(m, 1) for m in members)
            scans.append(Scan(members, tables, tables, *band))
    return scans


def encode(blocks: np.ndarray, frame: Frame, scan: Scan, interval: int, optimize: bool) -> bytes:
    """DHT, SOS and bytes of a scan: symbols first, tables made from their counts, then the bits.

    interval: MCUs between restart markers, 0 for none; optimize=False takes the standard tables
    (T.81 Tables K.3 to K.6). An arithmetic frame needs none, so there is no DHT (adaptive.py).
    ValueError where a coefficient is larger than T.81 allows.
    """
    if frame.arithmetic:
        return seg.sos(frame, scan) + adaptive.encode(blocks, frame, scan, interval)
    stream, extra = symbol_stream(blocks, frame, scan, interval)
    counts = count(stream)
    tables = {}
    seen = counts[: symbols.RAW].reshape(8, 256)
    for row in np.flatnonzero(seen.any(axis=1)).tolist():
        best = huffman.table(huffman.code_lengths(seen[row])) if optimize else None
        tables[row] = best or huffman.STANDARD[row]
    word, length = np.zeros((2, symbols.ALPHABET), np.int64)
    for row, t in tables.items():
        span = slice(256 * row, 256 * row + 256)
        word[span], length[span] = huffman.codes(t)
    bits = int(counts @ (length + symbols.EXTRA_LENGTHS))
    out = np.empty(bits // 4 + 4 * counts[symbols.RESTART] + 16, np.uint8)  # if all were stuffed
    length[symbols.RESTART] = -1
    n = bitstream.pack(stream, extra, word, length, symbols.EXTRA_LENGTHS, out)
    headers = [seg.dht(row, t) for row, t in tables.items()]
    return b"".join([*headers, seg.sos(frame, scan), memoryview(out[:n])])


def symbol_stream(
    blocks: np.ndarray, frame: Frame, scan: Scan, interval: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Blocks -> symbols and extra bits of a scan: uint16 (n,) twice; symbols.py numbers them."""
    order, member = scan_order(frame, scan.members)
    step = interval or len(order)
    room = np.count_nonzero(blocks) + 5 * order.size + len(order) // step
    stream, extra = np.empty(room, np.uint16), np.empty(room, np.uint16)
    n = 0
    for number, first in enumerate(range(0, len(order), step)):
        if number:
            stream[n], extra[n] = symbols.RESTART, mk.RST0 + (number - 1) % 8
            n += 1
        mcus = order[first : first + step]
        written = _encode_interval(blocks, frame, scan, mcus, member, stream[n:], extra[n:])
        if written < 0:
            raise ValueError("coefficients must be -1023..1023, differences of DC -2047..2047")
        n += written
    return stream[:n], extra[:n]


def _encode_interval(blocks, frame, scan, order, member, stream, extra) -> int:
    dc, ac = np.array(scan.dc), np.array(scan.ac)
    table, band = 1024 + 256 * scan.ac[0], (scan.first, scan.last, scan.low)
    if not frame.progressive:
        return symbols.encode(blocks, order, member, dc, ac, stream, extra)
    if scan.first == 0 and scan.high == 0:
        return progressive.dc_first(blocks, order, member, dc, scan.low, stream, extra)
    if scan.first == 0:
        return progressive.dc_refine(blocks, order, scan.low, stream, extra)
    if scan.high == 0:
        return progressive.ac_first(blocks, order, table, *band, stream, extra)
    return progressive.ac_refine(blocks, order, table, *band, stream, extra)


def count(stream: np.ndarray) -> np.ndarray:
    """How often each symbol occurs in a stream: int64 (ALPHABET,)."""
    return symbols.count(stream)


def symbol_counts(blocks: np.ndarray, frame: Frame) -> np.ndarray:
    """How often each symbol occurs in the file: int64 (8, 256), DC tables 0..3, AC tables 4..7."""
    total = sum(count(symbol_stream(blocks, frame, scan)[0]) for scan in script(frame))
    return total[: symbols.RAW].reshape(8, 256)


def decode(coded: CodedScan, blocks: np.ndarray, strict: bool) -> tuple[JpegError | None, int]:
    """Undo encode: fill the blocks of a scan.

    Returns the first thing that went wrong, if any, and how many MCUs there were data for. strict
    raises it, unless it is in the last MCU, where no other can suffer from it. Otherwise decoding
    goes on as far as it makes sense, and at the next restart marker.
    """
    order, member = scan_order(coded.frame, coded.scan.members)
    step = coded.interval or len(order)
    pieces, problem = intervals(coded.payload, -(-len(order) // step))
    if problem and strict:
        raise problem
    lookups, reached = None if coded.frame.arithmetic else decoding_lists(coded), 0
    for number, piece in pieces:
        mcus, (start, stop) = order[number * step : (number + 1) * step], coded.payload.span(piece)
        bits = coded.payload.data, 8 * start, 8 * stop
        status, done, bit = _decode_mcus(coded, bits, mcus, member, lookups, blocks)
        if status == symbols.DATA_ENDED and piece < len(coded.payload.ends) - 1:
            _decode_cut_off(coded, bit, stop, mcus, done, member, lookups, blocks)
        reached = number * step + (done if status == symbols.DATA_ENDED else len(mcus))
        if status != symbols.OK and problem is None:
            mcu = number * step + done
            problem = _problem(coded, piece, status, bit, f"in MCU {mcu} of {len(order)}")
            if strict and mcu < len(order) - 1:
                raise problem
    return problem, reached


def _decode_cut_off(coded, bit, stop, order, mcu, member, lookups, blocks) -> None:
    """Decode the MCU in which the data of an interval end once more, without those of the next.

    Zeros stand behind the end instead, as in libjpeg: what there is of the MCU is often right. (Of
    what a progressive file sends after DC, half an MCU is worth little.)
    """
    scan = coded.scan
    if scan.first > 0 or scan.high > 0:
        return
    prediction = np.zeros(4, np.int64)
    if mcu:
        prediction[member] = blocks[order[mcu - 1], 0] >> scan.low  # the last of each counts
    blocks[order[mcu]] = 0
    room = np.zeros(256 * member.size, np.uint8)
    alone = np.append(coded.payload.data[bit // 8 : stop], room)
    bits = alone, bit % 8, 8 * (stop - bit // 8)
    _decode_mcus(coded, bits, order[mcu : mcu + 1], member, lookups, blocks, prediction)


def _problem(coded: CodedScan, piece: int, status: int, bit: int, where: str) -> JpegError:
    """What went wrong at a bit of a piece, and why."""
    payload, stop = coded.payload, coded.payload.span(piece)[1]
    ended, (stray, code) = status == symbols.DATA_ENDED, payload.strays[piece].tolist()
    if ended and code > 0:
        return JpegError(f"FF {code:02X} inside the data of the scan, {where}", stray)
    reason = REASONS[status]
    if ended and piece == len(payload.ends) - 1:
        reason += f" at {payload.after}"
    place = payload.offset(stop - 1) + 1 if ended else payload.offset(min(bit // 8, stop))
    return JpegError(f"{reason}, {where}", place)


def decoding_lists(coded: CodedScan) -> tuple[np.ndarray, np.ndarray]:
    """huffman.lookup of its tables, by row: uint16 (8, 512) and int32 (8, 4, 256)."""
    short = np.zeros((8, 1 << huffman.LOOKUP_BITS), np.uint16)
    long = np.zeros((8, 4, 256), np.int32)
    for row in needed_tables(coded):
        short[row], long[row] = huffman.lookup(coded.tables[row])
    return short, long


def needed_tables(coded: CodedScan) -> set[int]:
    """Rows of the Huffman tables that a scan uses: 0..3 DC, 4..7 AC.

    The header names a table of each kind for each component, also where the scan has no use for
    it. JpegError where one that it uses is not defined, or makes no sense.
    """
    scan = coded.scan
    dc = set(scan.dc) if scan.first == 0 and scan.high == 0 else set()
    ac = set(scan.ac) if scan.last > 0 else set()
    for kind, number in [*(("DC", n) for n in dc), *(("AC", n) for n in ac)]:
        row = number + 4 * (kind == "AC")
        if number > 3 or row not in coded.tables:
            raise JpegError(f"Huffman table {kind} {number} is not defined", coded.offset)
        if huffman.overfull(coded.tables[row]):
            words = f"Huffman table {kind} {number} has more codes than their lengths allow"
            raise JpegError(words, coded.offset)
    return dc | {4 + n for n in ac}


def _decode_mcus(
    coded, bits, order, member, lookups, blocks, prediction=None
) -> tuple[int, int, int]:
    """Fill the MCUs of `order` from bits: data, position, end.

    Returns how it went, how many of them are whole, and the position behind these.
    """
    scan, dc, ac = coded.scan, np.array(coded.scan.dc), np.array(coded.scan.ac)
    prediction = np.zeros(4, np.int64) if prediction is None else prediction
    band = 4 + scan.ac[0], scan.first, scan.last, scan.low
    if coded.frame.arithmetic:
        return adaptive.decode_interval(*bits, scan, order, member, coded.conditioning, blocks)
    if not coded.frame.progressive:
        return symbols.decode(*bits, order, member, dc, ac, *lookups, prediction, blocks)
    if scan.first == 0 and scan.high == 0:
        tables = dc, scan.low, *lookups
        return progressive.read_dc_first(*bits, order, member, *tables, prediction, blocks)
    if scan.first == 0:
        return progressive.read_dc_refine(*bits, order, scan.low, blocks)
    if scan.high == 0:
        return progressive.read_ac_first(*bits, order, *band, *lookups, blocks)
    return progressive.read_ac_refine(*bits, order, *band, *lookups, blocks)
