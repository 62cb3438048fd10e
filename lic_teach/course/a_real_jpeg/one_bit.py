"""One wrong bit of a file, told by what it was part of.

    file --bit_kinds--> the kind of every bit of the scan, and where it stands in the file
    file, bit --flip--> Damage: pixels wrong, blocks wrong, back in step, noticed

A bit is part of a code word, or one of the extra bits behind it, of a DC difference or of an AC
number. What it does when it is wrong is four different things. Lesson a_real_jpeg.
"""

import warnings
from typing import NamedTuple

import numpy as np

from lic_teach import jpeg
from lic_teach.jpeg import codec, container, huffman, scan, symbols
from lic_teach.jpeg.frame import scan_order

KINDS = ("DC code word", "DC extra bit", "AC code word", "AC extra bit")


class Damage(NamedTuple):
    """What one wrong bit did."""

    pixels: float  # share of the pixels that are not as they were
    blocks: int  # how many blocks have a wrong AC number
    in_step: bool  # the last block's AC numbers are right again, and nothing was noticed
    noticed: bool  # the decoder complained


def bit_kinds(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """A file of one sequential scan without restart markers -> kinds and places of its bits.

    kinds: int (n,), indices of KINDS; places: int (n,), 8 * byte + bit in the file, bit 0 the
    highest. The bits that fill the last byte are left out.
    """
    coded = next(container.read(data, codec.MAX_PIXELS))
    blocks, *_ = codec.unpack(data)
    stream, _ = scan.symbol_stream(blocks, coded.frame, coded.scan)
    words = np.zeros(len(symbols.EXTRA_LENGTHS), int)
    for row, table in coded.tables.items():
        words[256 * row : 256 * row + 256] = huffman.codes(table)[1]
    lengths = np.stack([words[stream], symbols.EXTRA_LENGTHS[stream]], 1)
    kind = np.where(stream[:, None] < 1024, (0, 1), (2, 3))
    kinds = np.repeat(kind.ravel(), lengths.ravel())
    return kinds, _places(data)[: len(kinds)]


def _places(data):
    """Where the bits of the scan stand in the file; those of stuffed zeros are none."""
    part = next(s for s in container.parse(data) if s.name == "")
    coded = np.frombuffer(data, np.uint8)[part.offset : part.offset + part.length]
    stuffed = np.r_[False, coded[:-1] == 0xFF] & (coded == 0)
    return (8 * (part.offset + np.flatnonzero(~stuffed))[:, None] + np.arange(8)).ravel()


def flip(data: bytes, place: int) -> Damage:
    """Turn one bit of a file round, decode what is left of it, and compare."""
    broken = bytearray(data)
    broken[place // 8] ^= 128 >> place % 8
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        picture = jpeg.decode(bytes(broken), strict=False)
        numbers, *_ = codec.unpack(bytes(broken), strict=False)
    right, layout, _ = codec.unpack(data)
    order = scan_order(layout, scan.script(layout)[0].members)[0].ravel()  # of the file
    wrong = (numbers[order, 1:] != right[order, 1:]).any(1)
    pixels = (picture != jpeg.decode(data)).any(-1).mean()
    return Damage(float(pixels), int(wrong.sum()), not (said or wrong[-1]), bool(said))
