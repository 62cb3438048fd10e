"""Damaged .lic files of all shipped models and overfitted ones, through all that reads them.

    python -m tools.fuzz_lic COUNT [FIRST [VERSION]]

VERSION, of the containers that are damaged: 1 (learned) or 2 (overfitted); both without it.

Three of four cases get a valid checksum again, so that what is damaged reaches the range coder.
Prints one line of JSON, as fuzz_jpeg.py does; anything but a picture of the size in the header or
an error in words ends the run with a traceback (fuzz.py).
"""

import struct
import zlib

import numpy as np
import torch
from skimage import data as photographs

from lic_teach import files as content
from lic_teach import learned, overfit
from lic_teach.learned.container import HEADER, read
from lic_teach.overfit import container as overfitted
from tools import fuzz

SIZES = [1, 2, 7, 8, 9, 33, 64, 200, 1000, 65536]  # of a picture, in a header that lies
STEPS = 20  # of a fit: the networks of a file need not be good ones
assert overfitted.HEADER.size == HEADER.size  # what is damaged "in the payload" is so in both


def real_files(models) -> list[bytes]:
    photo = photographs.astronaut()
    corners = [
        photo[100 : 100 + h, 150 : 150 + w] for h, w in ((1, 1), (13, 7), (40, 56), (64, 200))
    ]
    lams = 5e-4, 0.01, 0.1
    files = [learned.encode(each, m, lam) for m in models for each in corners for lam in lams]
    return files + [overfit.encode(each, lam, STEPS) for each in corners for lam in lams]


def noise(data, rng, files):
    """Random bytes for a payload, as many as before or many more."""
    payload = rng.bytes(4 * int(rng.choice([0, 1, len(data) // 4, 5000])))
    return data[: HEADER.size] + payload + b"last"


def in_payload(data, rng, files):
    """Any other damage, behind the header."""
    if len(data) <= HEADER.size:
        return data
    damage = fuzz.ANYWHERE[rng.integers(len(fuzz.ANYWHERE) - 1)]  # not spliced
    return data[: HEADER.size] + damage(data[HEADER.size :], rng, files)


def other_payload(data, rng, files):
    """The header of one file, the payload of another."""
    return data[: HEADER.size] + files[rng.integers(len(files))][HEADER.size :]


def hostile_header(data, rng, files):
    """Another size, lambda or model."""
    if len(data) >= HEADER.size:
        width, height = rng.choice(SIZES, 2)
        code = int(rng.choice([0, 1, 20000, 32768, 32769, 65535]))
        if overfit.is_overfitted(bytes(data)):
            coding = rng.integers(0, (13, 130, 13, 130)).tolist()  # some are not allowed
            width, height = rng.choice([*SIZES, 4096], 2)
            data[5:15] = struct.pack("<HHH4B", width - 1, height - 1, code, *coding)
            return data
        data[9:15] = struct.pack("<HHH", width - 1, height - 1, code)
        if rng.integers(2):
            data[5:9] = files[rng.integers(len(files))][5:9]
    return data


MUTATIONS = fuzz.ANYWHERE + 2 * [noise, in_payload, other_payload, hostile_header]


def case(number: int, files: list[bytes]) -> bytes:
    rng = np.random.default_rng(number)
    data = bytearray(files[rng.integers(len(files))])
    for _ in range(rng.integers(1, 4)):
        if len(data) > 2:
            data = bytearray(MUTATIONS[rng.integers(len(MUTATIONS))](data, rng, files))
    if rng.integers(4):  # whole words and a checksum that holds
        data = data[: max(len(data) - 4, 0)]
        data = data[: len(data) - (len(data) - HEADER.size) % 4]
        data += struct.pack("<I", zlib.crc32(data))
    return bytes(data)


def readers(number: int, data: bytes) -> dict:
    """The decoder with the model that the file names, or any other, or the one in the file; the
    commands' two readers."""
    model = MODELS.get(data[5:9]) or list(MODELS.values())[number % len(MODELS)]
    own = overfit.is_overfitted(data)
    found = {
        "decode": lambda: decode_overfitted(data) if own else decode(data, model),
        "describe": lambda: list(content.describe(data)),
    }
    return found | ({"by content": lambda: content.decode(data)} if number % 20 == 0 else {})


def decode(data, model):
    picture = learned.decode(data, model)
    header, _ = read(data)
    assert picture.shape == (header.height, header.width, 3)
    return picture


def decode_overfitted(data):
    picture = overfit.decode(data)
    header, _ = overfitted.read(data)
    assert picture.shape == (header.height, header.width, 3)
    return picture


def outcome(read) -> str:
    """A picture, or an error in words."""
    try:
        picture = read()
    except ValueError as error:
        assert str(error)
        assert type(error) in (learned.LicError, ValueError), error
        return "refused"
    if isinstance(picture, np.ndarray):
        assert picture.dtype == np.uint8 and picture.shape[2:] == (3,)
    return "read"


if __name__ == "__main__":
    torch.set_num_threads(1)
    models = [learned.load(name) for name in learned.shipped()]
    whole = real_files(models)
    MODELS = {model.exact().name: model for model in models}
    count, first, *version = fuzz.count_and_first()
    whole = [data for data in whole if not version or data[4] in version]
    fuzz.run(case, whole, readers, outcome, count, first)
