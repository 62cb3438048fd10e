"""Damaged JPEG files, one after the other, through everything that reads JPEG.

    NUMBA_BOUNDSCHECK=1 python -m tools.fuzz_jpeg COUNT [FIRST]

Prints one line of JSON: how many files became pictures, the slowest case, the memory. Anything
but a picture or an error in words ends the run with the case's number and a traceback (fuzz.py).
"""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data as photographs

from lic_teach import files as content
from lic_teach import images, jpeg
from lic_teach.course.a_real_jpeg import files
from lic_teach.jpeg import describe
from tools import fuzz

FRAMES = "SOF0", "SOF1", "SOF2", "SOF9", "SOF10"
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
    files += [
        jpeg.encode(photo, 60, arithmetic=True, progressive=p, restart_interval=r)
        for p in (False, True)
        for r in (0, 7)
    ]
    files += [by_pillow(rgb.convert("CMYK"), progressive=p) for p in (False, True)]
    files += [by_pillow(rgb, quality=60, subsampling=2), by_pillow(grey, restart_marker_blocks=2)]
    files += [by_pillow(rgb, keep_rgb=True), by_pillow(rgb, progressive=True, subsampling=0)]
    files += [p.read_bytes() for p in sorted(SHARED.rglob("*.jpg")) if p.stat().st_size < 100_000]
    return [data for data in files if data[:2] == b"\xff\xd8"]


def pieces(data):
    return [bytes(data[s.offset : s.offset + s.length]) for s in describe.parse(bytes(data))]


def segments_swapped(data, rng, files):
    parts = pieces(data)
    i, j = rng.integers(0, len(parts), 2)
    parts[i], parts[j] = parts[j], parts[i]
    return bytearray(b"".join(parts))


def segments_repeated(data, rng, files):
    parts = pieces(data)
    first, times = int(rng.integers(len(parts))), int(rng.choice([1, 2, 5, 50, 500]))
    last = min(first + int(rng.integers(1, 4)), len(parts))
    return bytearray(b"".join(parts[:last] + parts[first:last] * times + parts[last:]))


def segments_dropped(data, rng, files):
    parts = pieces(data)
    first = int(rng.integers(len(parts)))
    return bytearray(b"".join(parts[:first] + parts[first + int(rng.integers(1, 3)) :]))


def hostile_length(data, rng, files):
    """The length, or any other byte near the head, of some segment."""
    parts = [s for s in describe.parse(bytes(data)) if s.length > 4]
    if not parts:
        return data
    s = parts[rng.integers(len(parts))]
    data[s.offset + 2 : s.offset + 4] = int(rng.choice([0, 1, 2, 3, s.length, 65535])).to_bytes(
        2, "big"
    )
    return data


def hostile_header(data, rng, files):
    """Size, sampling, tables of the frame; band, bits, tables of a scan; counts of a table."""
    names = (*FRAMES, "SOS", "DHT", "DQT", "DRI")
    parts = [s for s in describe.parse(bytes(data)) if s.name in names and s.length > 4]
    if not parts:
        return data
    s = parts[rng.integers(len(parts))]
    for _ in range(rng.integers(1, 4)):
        data[s.offset + 4 + rng.integers(s.length - 4)] = rng.integers(256)
    return data


def hostile_size(data, rng, files):
    """Another height and width, up to the largest that a frame header can name."""
    for s in describe.parse(bytes(data)):
        if s.name in FRAMES and s.length > 9:
            sizes = rng.choice([0, 1, 7, 64, 300, 1000, 5000, 9000, 65535], 2)
            data[s.offset + 5 : s.offset + 9] = b"".join(int(n).to_bytes(2, "big") for n in sizes)
    return data


def other_process(data, rng, files):
    """The frame says that it is lossless, arithmetic or differential, or of 12 or 16 bits."""
    for s in describe.parse(bytes(data)):
        if s.name in FRAMES and s.length > 9:
            data[s.offset + 1] = rng.choice([0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xCF])
            data[s.offset + 4] = rng.choice([8, 8, 8, 12, 16])
    return data


def other_sampling(data, rng, files):
    """Factors of a component that are allowed: 4:2:2, 4:4:0, 4:1:1 and stranger ones."""
    for s in describe.parse(bytes(data)):
        if s.name in FRAMES and s.length > 12:
            place = rng.integers((s.length - 10) // 3)
            data[s.offset + 11 + 3 * place] = rng.choice([0x11, 0x12, 0x21, 0x22, 0x14, 0x41, 0x13])
    return data


def restarts(data, rng, files):
    """Restart markers where none belong, one after the other or not; with DRI or without."""
    for place in sorted(rng.integers(2, len(data) + 1, rng.integers(1, 9)), reverse=True):
        data[place:place] = bytes([0xFF, 0xD0 + rng.integers(8)])
    if rng.integers(2):
        data[2:2] = b"\xff\xdd\0\4\0" + bytes([rng.choice([0, 1, 2, 5, 255])])
    return data


MUTATIONS = fuzz.ANYWHERE + [
    segments_swapped,
    segments_repeated,
    segments_dropped,
    hostile_length,
    hostile_header,
    hostile_header,
    hostile_size,
    other_process,
    other_sampling,
    restarts,
]


def case(number: int, files: list[bytes]) -> bytes:
    rng = np.random.default_rng(number)
    data = bytearray(files[rng.integers(len(files))])
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if len(data) < 4 or data[:2] != b"\xff\xd8":
            break
        data = bytearray(MUTATIONS[rng.integers(len(MUTATIONS))](data, rng, files))
    return bytes(data)


def readers(number: int, data: bytes) -> dict:
    """Everything that reads a JPEG; Pillow behind images.load; for some, the microscope."""
    found = {
        "strict": lambda: jpeg.decode(data),
        "lenient": lambda: jpeg.decode(data, strict=False),
        "parse": lambda: parse(data),
        "trace": lambda: trace(data, number % 50),
        "by content": lambda: content.decode(data),
        "describe": lambda: list(content.describe(data)),
        "load": lambda: images.load(io.BytesIO(data)),
    }
    return found | ({"microscope": lambda: microscope(number, data)} if number % 10 == 0 else {})


def outcome(read) -> str:
    """A picture, or an error in words: of the decoder a JpegError."""
    try:
        result = read()
    except ValueError as error:
        assert str(error)
        assert type(error) in (jpeg.JpegError, ValueError), error
        return "refused"
    if isinstance(result, np.ndarray):
        assert result.dtype == np.uint8 and result.ndim in (2, 3) and result.size
    return "read"


def parse(data):
    assert sum(s.length for s in jpeg.container.parse(data)) == len(data)


def trace(data, block):
    try:
        return jpeg.trace(data, block)
    except IndexError:  # fewer blocks
        return None


def microscope(number, data):
    """A learner's own file in lesson a_real_jpeg, then two bits of it flipped."""
    own = files.own_file(io.BytesIO(data))
    if not own:
        raise ValueError("not shown as it is")
    source = files.prepare(np.zeros((8, 8, 3), np.uint8), own)
    whole = source.file(files.STRANGER)
    flips = tuple(np.random.default_rng(number).integers(0, 8 * len(data), 2).tolist())
    ways = list(files.SABOTAGE)
    way = ways[number // 10 % len(ways)]
    return source.broken(files.STRANGER, way, flips, whole.scans).picture


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    whole = real_files()
    for data in whole:
        outcome(lambda data=data: jpeg.decode(data))
    fuzz.run(case, whole, readers, outcome, *fuzz.count_and_first())
