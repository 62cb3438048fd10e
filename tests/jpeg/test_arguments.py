"""What encode, decode, trace and parse are given: taken, or refused in words."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from lic_teach import jpeg

PHOTO = photographs.astronaut()[100:140, 150:198]
DATA = jpeg.encode(PHOTO, 75, restart_interval=4)


@pytest.mark.parametrize("kind", [int, np.int64, np.int32, np.uint16, np.uint8, np.array], ids=str)
def test_whole_numbers_of_any_kind_are_taken(kind):
    assert jpeg.encode(PHOTO, kind(75), restart_interval=kind(4)) == DATA
    assert (jpeg.decode(DATA, scans=kind(1), max_pixels=10**6) == jpeg.decode(DATA)).all()
    assert jpeg.trace(DATA, kind(3)) == jpeg.trace(DATA, 3)


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.float16], ids=str)
def test_lambda_of_any_kind_is_taken(kind):
    value = 2.0**-6
    assert jpeg.encode(PHOTO, lam=kind(value), fast=True) == jpeg.encode(
        PHOTO, lam=value, fast=True
    )


WRONG = {
    "quality": [75.0, np.float64(75), 50.5, "75", None, True, [75], 0, 101, 10**30, np.nan, 1 + 0j],
    "restart_interval": [
        1.5,
        np.float32(4),
        "1",
        None,
        True,
        np.bool_(True),
        -1,
        65536,
        [4],
        10**40,
    ],
    "lam": [
        "0.1",
        1 + 0j,
        np.array([0.01]),
        [0.01],
        True,
        0,
        -1.0,
        np.nan,
        np.inf,
        np.complex64(1),
    ],
    "comment": ["text", None, 5, [1, 2], np.array(["a"])],
    "subsampling": [None, 420, ["4:2:0"], ("4:2:0",), "4:1:1", np.array(["4:2:0"])],
    "tables": [5, "ab", (), (np.ones((8, 8), int),), 2 * (np.ones((8, 8)),), (None, None), {}],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n in WRONG for v in WRONG[n]], ids=repr)
def test_a_wrong_argument_of_encode_is_named(name, value):
    says = "quantization table" if name == "tables" else name
    with pytest.raises(ValueError, match=says) as caught:
        jpeg.encode(PHOTO, **{name: value})
    assert type(caught.value) is ValueError and len(str(caught.value)) < 150


@pytest.mark.parametrize("image", [None, "photo.png", 5, [[1]], PHOTO.tolist(), PHOTO[..., None]])
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(ValueError, match="want uint8"):
        jpeg.encode(image)


NO_BYTES = [
    "photo.jpg",
    Path("photo.jpg"),
    5,
    None,
    [255, 216],
    io.BytesIO(DATA),
    np.frombuffer(DATA, np.uint8).astype(int),
    {},
    Image.new("L", (8, 8)),
]


@pytest.mark.parametrize("value", NO_BYTES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("reader", [jpeg.decode, jpeg.trace, jpeg.container.parse])
def test_a_path_where_bytes_belong_is_refused_in_words(reader, value):
    with pytest.raises(ValueError, match="want the bytes of a file") as caught:
        reader(value)
    assert type(value).__name__.lower() in str(caught.value).lower() or repr(value) in str(
        caught.value
    )


@pytest.mark.parametrize(
    "kind",
    [bytes, bytearray, memoryview, lambda d: np.frombuffer(d, np.uint8)],
    ids=["bytes", "bytearray", "memoryview", "array"],
)
def test_bytes_of_any_kind_are_taken(kind):
    np.testing.assert_array_equal(jpeg.decode(kind(DATA)), jpeg.decode(DATA))
    assert jpeg.trace(kind(DATA), 1) == jpeg.trace(DATA, 1)
    assert jpeg.container.parse(kind(DATA)) == jpeg.container.parse(DATA)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("scans", [0, -1, 1.0, "1", True]),
        ("max_pixels", [0, -1, "many", None, np.nan, True, [1]]),
        ("points", ["centre", None, 1, ["laplace"]]),
    ],
)
def test_a_wrong_argument_of_decode_is_named(name, values):
    for value in values:
        with pytest.raises(ValueError, match=f"{name} must be .*, got {re.escape(repr(value))}"):
            jpeg.decode(DATA, **{name: value})


@pytest.mark.parametrize("limit", [10**6, 1e6, np.float64(1e6), np.int64(10**6), np.inf, 10**30])
def test_a_limit_may_be_any_number(limit):
    np.testing.assert_array_equal(jpeg.decode(DATA, max_pixels=limit), jpeg.decode(DATA))


@pytest.mark.parametrize("block", [1.5, "3", None, True])
def test_a_block_is_a_whole_number(block):
    with pytest.raises(ValueError, match="block must be a whole number, got"):
        jpeg.trace(DATA, block)


@pytest.mark.parametrize("side", [65501, 65535])
def test_a_side_that_most_programs_do_not_open_is_warned_of(side):
    for shape in ((side, 8), (8, side, 3)):
        with pytest.warns(jpeg.JpegWarning, match=f"{side}.* pixels: .* no JPEG over 65500"):
            data = jpeg.encode(np.zeros(shape, np.uint8))
        assert jpeg.decode(data).shape == shape
        with pytest.raises(OSError):
            Image.open(io.BytesIO(data)).load()


def test_the_longest_side_that_programs_open_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = jpeg.encode(np.zeros((65500, 8), np.uint8))
        assert np.array(Image.open(io.BytesIO(data))).shape == (65500, 8)
