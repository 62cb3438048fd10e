"""What every byte of a JPEG file says: the words of the byte microscope.

    bytes of a segment --fields--> [Field(length, words), ...], no gaps
    file --find_blocks--> Blocks: which bits draw which block, for files of one sequential scan

The package's jpeg.container.parse says what a whole segment is; here it is taken apart byte by
byte, in the order of T.81 Annex B.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.jpeg import (
    codec,
    container,
    frame,
    huffman,
    markers,
    scan,
    segments,
    symbols,
    transform,
)
from lic_teach.jpeg.container import Payload
from lic_teach.jpeg.describe import meaning
from lic_teach.jpeg.errors import JpegError


class Field(NamedTuple):
    """So many bytes of a segment, and what they say."""

    length: int
    words: str


def fields(name: str, data: bytes) -> list[Field]:
    """One segment, with its marker -> its fields. Entropy-coded bytes (name "") are one field."""
    if name == "":
        return [Field(len(data), "")]
    what = f": {meaning(data[1], b'')}" if len(data) == 2 else ""
    found = [Field(2, f"the marker {name}{what}")]
    if len(data) > 2:
        length = int.from_bytes(data[2:4], "big")
        found.append(Field(2, f"length {length}: these two bytes and {length - 2} more"))
        found += _contents(name, data[4:])
    return found


def _contents(name, payload):
    readers = {"DQT": _dqt, "DHT": _dht, "SOS": _sos, "DRI": _dri, "APP0": _app0}
    if name in map(markers.name, markers.FRAMES):
        readers[name] = _sof
    try:
        found = readers.get(name, _text)(payload)
    except (JpegError, IndexError):
        return [Field(len(payload), "damaged: these bytes make no sense here")]
    return found if sum(f.length for f in found) == len(payload) else _text(payload)


def _text(payload):
    return [Field(1, f"contents, as a letter {chr(b)!r}" if 32 <= b < 127 else "contents")
            for b in payload]  # fmt: skip


def _dri(payload):
    return [Field(2, f"a restart marker every {segments.read_number(payload)} MCUs")]


def _app0(payload):
    if payload[:5] != b"JFIF\0":
        return _text(payload)
    version = f"JFIF version {payload[5]}.{payload[6]:02}"
    unit = {0: "no unit, only the shape of a pixel", 1: "dots an inch", 2: "dots a centimetre"}
    density = [f"{int.from_bytes(payload[i : i + 2], 'big')} {way}" for i, way in
               ((8, "across"), (10, "down"))]  # fmt: skip
    return [
        Field(5, "the letters JFIF and a zero"),
        Field(2, version),
        Field(1, f"unit of the density: {unit.get(payload[7], 'unknown')}"),
        *(Field(2, f"density {words}") for words in density),
        *(Field(1, f"a thumbnail {n} pixels {way}") for n, way in
          zip(payload[12:14], ("wide", "high"), strict=True)),
        *_text(payload[14:]),
    ]  # fmt: skip


def _dqt(payload):
    found = []
    while payload:
        wide, number = divmod(payload[0], 16)
        size = 65 + 64 * wide
        steps = segments.read_dqt(payload[:size])[number]
        found.append(Field(1, f"quantization table {number}, {8 + 8 * wide} bits a step"))
        for k, step in enumerate(steps.tolist()):
            v, u = divmod(int(transform.ZIGZAG[k]), 8)
            found.append(Field(1 + wide, f"step {step}, of coefficient {k} (v = {v}, u = {u})"))
        payload = payload[size:]
    return found


def _sof(payload):
    layout = segments.read_sof(markers.SOF0, payload)
    found = [
        Field(1, f"{payload[0]} bits a sample"),
        Field(2, f"height: {layout.height} lines"),
        Field(2, f"width: {layout.width} pixels a line"),
        Field(1, f"{len(layout.components)} components"),
    ]
    for c in layout.components:
        found += [
            Field(1, f"component number {c.id}"),
            Field(1, f"component {c.id} has {c.h} × {c.v} blocks an MCU (across × down)"),
            Field(1, f"component {c.id} uses quantization table {c.table}"),
        ]
    return found


def _dht(payload):
    found = []
    while payload:
        kind, number = divmod(payload[0], 16)
        row = 4 * kind + number
        table = segments.read_dht(payload[: 17 + sum(payload[1:17])])[row]
        found.append(Field(1, f"Huffman table {number} for {'AC' if kind else 'DC'}"))
        found += [
            Field(1, f"{n} code words of {bits} bit{'s' * (bits > 1)}")
            for bits, n in enumerate(table.bits.tolist(), 1)
        ]
        word, length = huffman.codes(table)
        for s in table.values.tolist():
            code = format(int(word[s]), f"0{length[s]}b")
            found.append(Field(1, f"the next word, {code}, means {symbol_name(s, kind)}"))
        payload = payload[17 + len(table.values) :]
    return found


def symbol_name(symbol: int, ac: int) -> str:
    """A symbol byte as the lessons call it: size 4, (2, 1), ZRL, EOB; EOB of 2ⁿ blocks."""
    run, size = divmod(symbol, 16)
    if not ac:
        return f"a DC difference of size {size}"
    if size:
        return f"({run}, {size})"
    return {0: "EOB", 15: "ZRL"}.get(run, f"EOB of {1 << run} blocks or more")


def _sos(payload):
    first, last, (high, low) = payload[-3], payload[-2], divmod(payload[-1], 16)
    found = [Field(1, f"a scan of {payload[0]} component{'s' * (payload[0] > 1)}")]
    for i in range(1, len(payload) - 3, 2):
        c, (dc, ac) = payload[i], divmod(payload[i + 1], 16)
        found += [
            Field(1, f"component number {c}"),
            Field(1, f"component {c} uses Huffman tables DC {dc} and AC {ac}"),
        ]
    bits = f"bit {low} of them, the bits above are known" if high else f"all bits down to bit {low}"
    return [
        *found,
        Field(1, f"from coefficient {first} on"),
        Field(1, f"up to coefficient {last}"),
        Field(1, bits),
    ]


# --- entropy-coded bytes -----------------------------------------------------------------


class Blocks(NamedTuple):
    """The blocks of a file in their order in it.

    payload: the entropy-coded bytes without stuffing and markers; starts, stops: int64 (N,),
    first bit of each and the one behind its last, counted in payload.data; component: int (N,),
    0 luma, 1 Cb, 2 Cr; row, column: int (N,), upper left pixel of the block in the picture.
    """

    payload: Payload
    starts: np.ndarray
    stops: np.ndarray
    component: np.ndarray
    row: np.ndarray
    column: np.ndarray


def find_blocks(data: bytes) -> Blocks | None:
    """Where each block of a file is; None where it has several scans, or bits of no one block.

    The symbols are made again from the coefficients, and their bits counted.
    """
    coded, *more = container.read(data, codec.MAX_PIXELS)
    if more or coded.frame.progressive or coded.frame.arithmetic:
        return None
    blocks, *_ = codec.unpack(data)
    stream, _ = scan.symbol_stream(blocks, coded.frame, coded.scan, coded.interval)
    first, stops = _bits(coded, stream)
    order, member = frame.scan_order(coded.frame, coded.scan.members)
    component = np.array(coded.scan.members)[np.tile(member, len(order))]
    return Blocks(coded.payload, first, stops, component, *_pixels(coded.frame, order, component))


def _bits(coded, stream):
    """First bit of every block, and the bit behind its last one."""
    length = symbols.EXTRA_LENGTHS.copy()
    for row, table in coded.tables.items():
        length[256 * row : 256 * row + 256] += huffman.codes(table)[1]
    cost = np.where(stream == symbols.RESTART, 0, length[stream])
    total = np.cumsum(cost) - cost
    restarts = np.flatnonzero(stream == symbols.RESTART)
    # each restart interval begins at a whole byte, behind the bits that fill up the one before
    shift = 8 * np.r_[0, coded.payload.ends[: len(restarts)]] - total[np.r_[0, restarts]]
    begin = total + shift[np.cumsum(stream == symbols.RESTART)]
    is_symbol, is_dc = stream != symbols.RESTART, stream < 1024
    last = np.r_[np.flatnonzero(is_dc[is_symbol])[1:], is_symbol.sum()] - 1
    return begin[is_dc], (begin + cost)[is_symbol][last]


def _pixels(layout, order, component):
    """Upper left pixel of every block."""
    row, column = np.empty((2, order.size), int)
    first = 0
    for m, c in enumerate(layout.components):
        grid = frame.grid_size(layout, c)
        here = component == m
        down, across = np.divmod(order.ravel()[here] - first, grid[1])
        row[here] = 8 * down * layout.v_max // c.v
        column[here] = 8 * across * layout.h_max // c.h
        first += grid[0] * grid[1]
    return row, column


def cleaned(payload: Payload, byte: int) -> int:
    """A byte of the file -> its place in payload.data, or -1 for a stuffed 00 or a marker."""
    place = byte - payload.start
    before = int(np.searchsorted(payload.dropped, place))
    dropped = before < len(payload.dropped) and payload.dropped[before] == place
    inside = 0 <= place - before < payload.ends[-1]
    return place - before if inside and not dropped else -1


def block_of(blocks: Blocks, byte: int) -> int:
    """The block that most bits of a byte of the file belong to, or -1."""
    place = cleaned(blocks.payload, byte)
    if place < 0:
        return -1
    low, high = np.searchsorted(blocks.starts, (8 * place, 8 * place + 7), "right") - 1
    numbers = np.arange(max(low, 0), high + 1)
    inside = np.minimum(blocks.stops[numbers], 8 * place + 8)
    inside = inside - np.maximum(blocks.starts[numbers], 8 * place)
    return int(numbers[np.argmax(inside)]) if len(numbers) and inside.max() > 0 else -1


def span(blocks: Blocks, number: int) -> tuple[int, int]:
    """First and last byte of the file with bits of a block."""
    first, last = blocks.starts[number] // 8, (blocks.stops[number] - 1) // 8
    return blocks.payload.offset(int(first)), blocks.payload.offset(int(last))
