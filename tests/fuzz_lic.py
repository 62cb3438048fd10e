"""Damaged .lic files, one after the other, through the decoder.

    python tests/fuzz_lic.py COUNT [FIRST]

Case n is the same on every machine. Half of the cases get a valid checksum again, so that what
is damaged reaches the range coder. Prints one line of JSON, as fuzz_jpeg.py does; anything but a
picture of the size in the header or a LicError ends the run with a traceback.
"""

import json
import struct
import sys
import time
import zlib
from collections import Counter

import numpy as np
import torch
from fuzz_jpeg import bit_flips, bytes_set, peak_megabytes, truncated
from skimage import data as photographs

from lic_teach import learned
from lic_teach.learned.container import HEADER, unpack

SIZES = [1, 2, 7, 8, 9, 33, 64, 200, 1000, 65536]  # of a picture, in a header that lies


def real_files(models) -> list[bytes]:
    photo = photographs.astronaut()
    corners = [(1, 1), (13, 7), (40, 56), (64, 200)]
    return [
        learned.encode(photo[100 : 100 + h, 150 : 150 + w], model, lam)
        for model in models
        for h, w in corners
        for lam in (5e-4, 0.01, 0.1)
    ]


def noise(data, rng):
    """Random bytes for a payload, as many as before or many more."""
    payload = rng.bytes(4 * int(rng.choice([0, 1, len(data) // 4, 5000])))
    return data[: HEADER.size] + payload + b"last"


def hostile_header(data, rng):
    """Another size or lambda."""
    if len(data) >= HEADER.size:
        width, height = rng.choice(SIZES, 2)
        code = int(rng.choice([0, 1, 20000, 32768, 32769, 65535]))
        data[9:15] = struct.pack("<HHH", width - 1, height - 1, code)
    return data


MUTATIONS = [bit_flips, bytes_set, truncated, noise, hostile_header]


def case(number: int, files: list[bytes]) -> bytes:
    rng = np.random.default_rng(number)
    data = bytearray(files[rng.integers(len(files))])
    for _ in range(rng.integers(1, 4)):
        if len(data) > 1:
            data = bytearray(MUTATIONS[rng.integers(len(MUTATIONS))](data, rng))
    if rng.integers(2):  # whole words and a checksum that holds
        data = data[: max(len(data) - 4, 0)]
        data = data[: len(data) - (len(data) - HEADER.size) % 4]
        data += struct.pack("<I", zlib.crc32(data))
    return bytes(data)


def outcome(data, models) -> str:
    try:
        model = {m.name: m for m in models}.get(data[5:9], models[0])
        picture = learned.decode(data, model)
    except learned.LicError as error:
        assert str(error)
        return "refused"
    header, _ = unpack(data)
    assert picture.dtype == np.uint8 and picture.shape == (header.height, header.width, 3)
    return "read"


def main(count: int, first: int) -> dict:
    torch.set_num_threads(1)
    models = [learned.load(name) for name in learned.shipped()]
    files, seen, slowest = real_files(models), Counter(), (0.0, 0)
    before = peak_megabytes()
    for number in range(first, first + count):
        data, start = case(number, files), time.process_time()
        try:
            seen[outcome(data, models)] += 1
        except Exception:
            print(f"case {number}, {len(data)} bytes", file=sys.stderr)
            raise
        slowest = max(slowest, (time.process_time() - start, number))
    return {
        "cases": count,
        "outcomes": dict(seen),
        "slowest_processor_seconds": round(slowest[0], 3),
        "slowest_case": slowest[1],
        "megabytes_before": round(before),
        "megabytes_peak": round(peak_megabytes()),
    }


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]] + [300, 0][len(sys.argv) - 1 :]
    print(json.dumps(main(*arguments)))
