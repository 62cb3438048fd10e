"""Files that this version and all later ones decode: tests/golden, each with what it holds.

    python -m tools.golden

Beside every file lie a picture (.png), as it was decoded when the file was made, and in sums.json
the SHA-256 of the whole numbers that every machine decodes from it. What is missing is written:
one .jpg of each kind, one overfitted .lic, and one .lic of each shipped model. A file that is there
stays: it stands for those that people have.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lic_teach import files, images, jpeg, learned, overfit
from lic_teach.jpeg import codec as jpeg_codec

FOLDER = Path(__file__).parents[1] / "tests" / "golden"
SUMS = "sums.json"
LAM = 1e-2
JPEG = {  # name -> options of jpeg.encode
    "baseline-420": {},
    "baseline-422": {"subsampling": "4:2:2"},
    "baseline-444": {"subsampling": "4:4:4"},
    "baseline-restarts": {"restart_interval": 2, "optimize": False},
    "progressive": {"progressive": True},
    "arithmetic": {"arithmetic": True},
    "arithmetic-progressive": {"arithmetic": True, "progressive": True},
    "by-lambda": {"lam": LAM},
    "by-lambda-arithmetic": {"lam": LAM, "arithmetic": True},
    "by-lambda-eye": {"lam": LAM, "eye": True},
}


def picture() -> np.ndarray:
    """A part of the cat, uint8 (33, 41, 3): of no whole number of blocks."""
    return images.sample("chelsea")[118:151, 150:191]


def kinds() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name of each file that there must be, and how it is made."""
    photo = picture()
    for name, options in JPEG.items():
        yield f"{name}.jpg", lambda options=options: jpeg.encode(photo, **options)
    yield "grey.jpg", lambda: jpeg.encode(photo[..., 1])
    yield "overfitted.lic", lambda: overfit.encode(photo, LAM, 40)
    for name in learned.shipped():
        model = learned.load(name)
        file = f"learned-{name}-{model.exact().name.hex()}.lic"
        yield file, lambda model=model: learned.encode(photo, model, LAM)


def whole_numbers(data: bytes) -> str:
    """SHA-256 of what is decoded before anything is rounded: JPEG's coefficients, a learned file's
    latents. Of an overfitted file, whose decoder is exact throughout, of the pixels."""
    if files.codec_of(data) != "learned":
        numbers = jpeg_codec.unpack(data)[0].astype("<i2")
    elif overfit.is_overfitted(data):
        numbers = overfit.decode(data)
    else:
        numbers = learned.decode_latents(data, learned.model_of(data))[0].astype("<f4")
    return hashlib.sha256(str(numbers.shape).encode() + numbers.tobytes()).hexdigest()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / SUMS
    sums = json.loads(path.read_text()) if path.exists() else {}
    for name, make in kinds():
        if (FOLDER / name).exists():
            continue
        data = make()
        images.save(FOLDER / f"{name}.png", files.decode(data))
        (FOLDER / name).write_bytes(data)
        sums[name] = whole_numbers(data)
        print(f"{name}: {len(data):,} bytes")
    path.write_text(json.dumps(sums, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
