"""The .lic file of the overfitted codec.

    offset  bytes  what
    0       4      magic: 89 4C 49 43, as of every .lic file
    4       1      version: 2 (version 1 is learned/container.py)
    5       2      width  - 1, little endian, as everything here
    7       2      height - 1
    9       2      step: what a latent of 1 paints, in 1/256
    11      2      context network: step of its weights, a power of two; their Laplace width
    13      2      synthesis: the same
    15      n      payload: the range coder's bytes, first of the weights, then of the latents
    last 4  4      CRC-32 of all bytes before

Unlike jpeg/container.py and learned/container.py the decoder's networks are in the file.
Lesson one_picture.
"""

import struct
from typing import NamedTuple

from lic_teach.learned.container import MAGIC, LicError, check_seal, seal

VERSION = 2
HEADER = struct.Struct("<4sBHHHBBBB")
OVERHEAD = HEADER.size + 4  # bytes around the payload
MAX_SIDE, MAX_PIXELS = 4096, 1 << 22  # of a picture: decoding it takes about 2 GiB
MAX_EXPONENT, MAX_WIDTH = 11, 127


class Header(NamedTuple):
    """What a file says before its payload. coding: (exponent, width) of each network's weights."""

    width: int
    height: int
    step: int
    coding: tuple[tuple[int, int], tuple[int, int]]


def check_size(width: int, height: int) -> None:
    """Refuse a picture that would take too much memory, before anything is allocated."""
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise LicError(
            f"{width}x{height} pixels: the overfitted codec takes 1..{MAX_SIDE} a side, together "
            f"at most {MAX_PIXELS}"
        )


def write(header: Header, payload: bytes) -> bytes:
    """Header and payload -> the bytes of a file. Raises LicError for sizes that do not fit."""
    check_size(header.width, header.height)
    (a, b), (c, d) = header.coding
    fields = header.width - 1, header.height - 1, header.step, a, b, c, d
    return seal(HEADER.pack(MAGIC, VERSION, *fields) + payload)


def is_overfitted(data: bytes) -> bool:
    """Whether a .lic file opens as this codec's do."""
    return data[:5] == MAGIC + bytes([VERSION])


def read(data: bytes) -> tuple[Header, bytes]:
    """Undo write: bytes -> header, payload. Raises LicError."""
    if len(data) < OVERHEAD:
        raise LicError(f"file ends after {len(data)} bytes; header and checksum take {OVERHEAD}")
    if not is_overfitted(data):
        raise LicError(
            f"not an overfitted .lic file: it opens with {data[:5].hex(' ')}, "
            f"not {MAGIC.hex(' ')} {VERSION:02x}"
        )
    check_seal(data)
    _, _, width, height, step, *coding = HEADER.unpack_from(data)
    check_size(width + 1, height + 1)
    for offset, (exponent, spread) in zip((11, 13), (coding[:2], coding[2:]), strict=True):
        if exponent > MAX_EXPONENT or spread > MAX_WIDTH:
            raise LicError(
                f"offset {offset}: weights of step 2^{exponent} and width {spread}; expected at "
                f"most 2^{MAX_EXPONENT} and {MAX_WIDTH}"
            )
    pairs = tuple(coding[:2]), tuple(coding[2:])
    return Header(width + 1, height + 1, step, pairs), data[HEADER.size : -4]
