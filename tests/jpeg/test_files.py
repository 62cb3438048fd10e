"""Other people's files: each one that the codec claims to read, against Pillow.

The files lie beside the checkout (shared/jpeg: jpegsuite, image-rs, libjpeg-turbo); without
them these tests are skipped.
"""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lic_teach import jpeg

SHARED = Path(__file__).parents[3] / "shared"
FILES = sorted((SHARED / "jpeg").rglob("*.jpg"))
KODAK = sorted((SHARED / "images" / "kodak").glob("*.png"))
SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}

REFUSED = {  # part of the name, reason
    "x12_": "samples of 12 bits",
    "jpg-size-6x6": "begins with FF D8, this with 89 50 4e 47",  # a PNG under a wrong name
}


def reason_to_refuse(path):
    return next((words for part, words in REFUSED.items() if part in path.name), None)


def pillow(data):
    picture = Image.open(io.BytesIO(data))
    return np.array(picture.convert("RGB") if picture.mode == "CMYK" else picture)


def close(x, y):
    assert x.shape == y.shape
    return np.mean(np.abs(x.astype(int) - y) <= 2)


def decode(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jpeg.JpegWarning)  # image-rs/partial_progressive.jpg
        return jpeg.decode(data)


@pytest.mark.skipif(not FILES, reason="no shared/jpeg beside the checkout")
@pytest.mark.parametrize("path", FILES, ids=["/".join(p.parts[-3:]) for p in FILES])
def test_a_file_of_somebody_else(path):
    data = path.read_bytes()
    if words := reason_to_refuse(path):
        with pytest.raises(jpeg.JpegError, match=words):
            jpeg.decode(data)
    elif "dnl" in path.name:  # libjpeg does not know DNL; the same picture is there without it
        same = path.with_name("32x32x8_grayscale.jpg").read_bytes()
        np.testing.assert_array_equal(decode(data), decode(same))
    else:
        assert close(decode(data), pillow(data)) >= 0.995


@pytest.mark.skipif(not KODAK, reason="no shared/images/kodak beside the checkout")
@pytest.mark.parametrize("path", KODAK[::8], ids=[path.stem for path in KODAK[::8]])
def test_kodak_both_ways(path):
    """Three of the 24 pictures: size, and our decoder on both files."""
    image = np.array(Image.open(path))
    for quality in (5, 25, 50, 75, 95):
        for name, number in SUBSAMPLING.items():
            data = jpeg.encode(image, quality, subsampling=name)
            out = io.BytesIO()
            options = dict(quality=quality, subsampling=number, optimize=True)
            Image.fromarray(image).save(out, "JPEG", **options)
            assert 0.98 < len(data) / len(out.getvalue()) < 1.01
            assert close(jpeg.decode(data), pillow(data)) >= 0.999
            assert close(jpeg.decode(out.getvalue()), pillow(out.getvalue())) >= 0.999
