"""The .lic file.

    offset  bytes  what
    0       4      magic: 89 4C 49 43 (0x89, then "LIC"; the first byte is no text)
    4       1      version: 1
    5       4      model: the first four bytes of the SHA-256 of its weights
    9       2      width  - 1, little endian, as everything here
    11      2      height - 1
    13      2      lambda: octaves above 4e-4, in 1/4096 (see quantize.py)
    15      4 n    payload: the range coder's 32-bit words
    last 4  4      CRC-32 of all bytes before

Unlike jpeg/container.py there are no tables in the file: both sides have the model.
Lesson bitstream.
"""

import hashlib
import struct
import zlib
from typing import NamedTuple

import torch

MAGIC = b"\x89LIC"
VERSION = 1
HEADER = struct.Struct("<4sB4sHHH")
OVERHEAD = HEADER.size + 4  # bytes around the payload
MAX_PIXELS = 50_000_000  # as in images.py; decoding them takes about 5 GiB


class LicError(ValueError):
    """The bytes are not a .lic file that can be decoded; the message says what is wrong where."""


class Header(NamedTuple):
    """What a .lic file says before its payload. model: 4 bytes; lam_code: see quantize.to_code."""

    model: bytes
    width: int
    height: int
    lam_code: int


def identity(weights: dict[str, torch.Tensor]) -> bytes:
    """Four bytes that name a model: from its named tensors, {name: tensor}, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode() + weights[name].detach().cpu().numpy().tobytes())
    return digest.digest()[:4]


def write(header: Header, payload: bytes) -> bytes:
    """Header and payload -> the bytes of a file. Raises LicError for sizes that do not fit."""
    if not (0 < header.width <= 65536 and 0 < header.height <= 65536):
        raise LicError(f"a .lic file holds 1..65536 pixels a side, got {header[1:3]}")
    check_size(header.width, header.height)
    fields = header.model, header.width - 1, header.height - 1, header.lam_code
    return seal(HEADER.pack(MAGIC, VERSION, *fields) + payload)


def read(data: bytes) -> tuple[Header, bytes]:
    """Undo write: bytes -> header, payload. Raises LicError."""
    if len(data) < OVERHEAD:
        raise LicError(f"file ends after {len(data)} bytes; header and checksum take {OVERHEAD}")
    magic, version, model, width, height, lam_code = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise LicError(f"not a .lic file: it opens with {magic.hex(' ')}, not {MAGIC.hex(' ')}")
    if version != VERSION:
        raise LicError(f"offset 4: version {version}; this decoder knows version {VERSION}")
    check_seal(data)
    payload = data[HEADER.size : -4]
    if len(payload) % 4:
        raise LicError(f"offset {HEADER.size}: payload of {len(payload)} bytes is no whole words")
    check_size(width + 1, height + 1)
    return Header(model, width + 1, height + 1, lam_code), payload


def seal(data: bytes) -> bytes:
    """All of a file but its checksum -> the file."""
    return data + struct.pack("<I", zlib.crc32(data))


def check_seal(data: bytes) -> None:
    """LicError for a file whose checksum is another than its bytes give."""
    (found,), computed = struct.unpack("<I", data[-4:]), zlib.crc32(data[:-4])
    if found != computed:
        raise LicError(
            f"offset {len(data) - 4}: checksum {found:08x}, but the bytes give {computed:08x}: "
            "the file is damaged or cut short"
        )


def check_size(width: int, height: int) -> None:
    """Refuse a picture that would take too much memory, before anything is allocated."""
    if width * height > MAX_PIXELS:
        raise LicError(f"{width}x{height} pixels: more than the limit of {MAX_PIXELS}")
