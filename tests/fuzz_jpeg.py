"""Damaged JPEG files, one after the other, through everything that reads JPEG.

    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=... python tests/fuzz_jpeg.py COUNT [FIRST]

Case n is the same on every machine. Prints one line of JSON: how many files became pictures, the
slowest case, the memory. Anything but a picture or a JpegError ends the run with the case's
number and a traceback. NUMBA_CACHE_DIR keeps the checked machine code apart from the usual.
"""

import io
import json
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.jpeg import describe

try:
    import resource
except ImportError:  # Windows
    resource = None

SHARED = Path(__file__).parents[2] / "shared" / "jpeg"


def by_pillow(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def real_files() -> list[bytes]:
    """What is mutated: every kind that the codec reads, and the shared files if there are any."""
    photo = photographs.astronaut()[100:160, 150:231]
    rgb, grey = Image.fromarray(photo), Image.fromarray(photo[..., 1])
    files = [
        jpeg.encode(
            photo, q, subsampling=s, progressive=p, restart_interval=r, optimize=p or q < 90
        )
        for q, s in ((20, "4:2:0"), (75, "4:2:2"), (95, "4:4:4"))
        for p in (False, True)
        for r in (0, 3)
    ]
    files += [jpeg.encode(photo[..., 0], 60, progressive=p, comment=b"grey") for p in (False, True)]
    files += [by_pillow(rgb.convert("CMYK"), progressive=p) for p in (False, True)]
    files += [by_pillow(rgb, quality=60, subsampling=2), by_pillow(grey, restart_marker_blocks=2)]
    files += [by_pillow(rgb, keep_rgb=True), by_pillow(rgb, progressive=True, subsampling=0)]
    files += [p.read_bytes() for p in sorted(SHARED.rglob("*.jpg")) if p.stat().st_size < 100_000]
    return [data for data in files if data[:2] == b"\xff\xd8"]


def bit_flips(data, rng):
    for place in rng.integers(0, len(data), rng.integers(1, 20)):
        data[place] ^= 1 << rng.integers(8)
    return data


def bytes_set(data, rng):
    """A few bytes in one place take values that mean something somewhere."""
    values = [
        0x00,
        0x01,
        0x0F,
        0x10,
        0x11,
        0x22,
        0x44,
        0x7F,
        0x80,
        0xC0,
        0xC2,
        0xC4,
        0xD0,
        0xD9,
        0xFF,
    ]
    place = int(rng.integers(0, len(data)))
    data[place : place + rng.integers(1, 5)] = bytes(
        rng.choice(values, rng.integers(1, 5)).tolist()
    )
    return data


def truncated(data, rng):
    return data[: rng.integers(0, len(data))]


def pieces(data):
    return [bytes(data[s.offset : s.offset + s.length]) for s in describe.parse(bytes(data))]


def segments_swapped(data, rng):
    parts = pieces(data)
    i, j = rng.integers(0, len(parts), 2)
    parts[i], parts[j] = parts[j], parts[i]
    return bytearray(b"".join(parts))


def segments_repeated(data, rng):
    parts = pieces(data)
    first, times = int(rng.integers(len(parts))), int(rng.choice([1, 2, 5, 50, 500]))
    last = min(first + int(rng.integers(1, 4)), len(parts))
    return bytearray(b"".join(parts[:last] + parts[first:last] * times + parts[last:]))


def segments_dropped(data, rng):
    parts = pieces(data)
    first = int(rng.integers(len(parts)))
    return bytearray(b"".join(parts[:first] + parts[first + int(rng.integers(1, 3)) :]))


def hostile_length(data, rng):
    """The length, or any other byte near the head, of some segment."""
    parts = [s for s in describe.parse(bytes(data)) if s.length > 4]
    if not parts:
        return data
    s = parts[rng.integers(len(parts))]
    data[s.offset + 2 : s.offset + 4] = int(rng.choice([0, 1, 2, 3, s.length, 65535])).to_bytes(
        2, "big"
    )
    return data


def hostile_header(data, rng):
    """Size, sampling, tables of the frame; band, bits, tables of a scan; counts of a table."""
    names = ("SOF0", "SOF1", "SOF2", "SOS", "DHT", "DQT", "DRI")
    parts = [s for s in describe.parse(bytes(data)) if s.name in names and s.length > 4]
    if not parts:
        return data
    s = parts[rng.integers(len(parts))]
    for _ in range(rng.integers(1, 4)):
        data[s.offset + 4 + rng.integers(s.length - 4)] = rng.integers(256)
    return data


def hostile_size(data, rng):
    """Another height and width, up to the largest that a frame header can name."""
    for s in describe.parse(bytes(data)):
        if s.name in ("SOF0", "SOF1", "SOF2") and s.length > 9:
            sizes = rng.choice([0, 1, 7, 64, 300, 1000, 5000, 9000, 65535], 2)
            data[s.offset + 5 : s.offset + 9] = b"".join(int(n).to_bytes(2, "big") for n in sizes)
    return data


def spliced(data, rng, others):
    """The head of one file and the tail of another."""
    other = others[rng.integers(len(others))]
    return data[: rng.integers(2, len(data))] + other[rng.integers(2, len(other)) :]


MUTATIONS = [
    bit_flips,
    bit_flips,
    bytes_set,
    truncated,
    segments_swapped,
    segments_repeated,
    segments_dropped,
    hostile_length,
    hostile_header,
    hostile_header,
    hostile_size,
]


def case(number: int, files: list[bytes]) -> bytes:
    rng = np.random.default_rng(number)
    data = bytearray(files[rng.integers(len(files))])
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if len(data) < 4 or data[:2] != b"\xff\xd8":
            break
        choice = rng.integers(len(MUTATIONS) + 1)
        data = (
            spliced(data, rng, files) if choice == len(MUTATIONS) else MUTATIONS[choice](data, rng)
        )
    return bytes(data)


def peak_megabytes() -> float:
    """The most memory that this process has had so far."""
    if resource is None:
        return 0.0
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def outcome(read) -> str:
    try:
        result = read()
    except jpeg.JpegError as error:
        assert str(error)
        return "refused"
    if isinstance(result, np.ndarray):
        assert result.dtype == np.uint8 and result.ndim in (2, 3) and result.size
    return "read"


def main(count: int, first: int) -> dict:
    files, seen, slowest = real_files(), Counter(), (0.0, 0)
    warnings.simplefilter("ignore", jpeg.JpegWarning)
    for data in files:
        outcome(lambda data=data: jpeg.decode(data))
    before = peak_megabytes()
    for number in range(first, first + count):
        data = case(number, files)
        readers = {
            "strict": lambda data=data: jpeg.decode(data),
            "lenient": lambda data=data: jpeg.decode(data, strict=False),
            "parse": lambda data=data: parse(data),
            "trace": lambda data=data, number=number: trace(data, number % 50),
        }
        for name, read in readers.items():
            start = time.process_time()
            try:
                seen[name, outcome(read)] += 1
            except Exception:
                print(f"case {number}, {name}, {len(data)} bytes", file=sys.stderr)
                traceback.print_exc()
                sys.exit(1)
            slowest = max(slowest, (time.process_time() - start, number))
    return {
        "cases": count,
        "outcomes": {" ".join(k): n for k, n in sorted(seen.items())},
        "slowest_processor_seconds": round(slowest[0], 3),
        "slowest_case": slowest[1],
        "megabytes_before": round(before),
        "megabytes_peak": round(peak_megabytes()),
    }


def parse(data):
    assert sum(s.length for s in jpeg.container.parse(data)) == len(data)


def trace(data, block):
    try:
        return jpeg.trace(data, block)
    except IndexError:  # fewer blocks
        return None


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]] + [300, 0][len(sys.argv) - 1 :]
    print(json.dumps(main(*arguments)))
