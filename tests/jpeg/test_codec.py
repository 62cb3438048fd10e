"""The JPEG codec as a whole, against Pillow (libjpeg-turbo)."""

import io
import itertools
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.jpeg import codec, scan
from lic_teach.jpeg.frame import split

SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
PHOTO = photographs.astronaut()[100:220, 150:321]
IMAGES = {"colour": PHOTO, "grey": PHOTO[..., 1], "odd size": PHOTO[:9, :33]}
KINDS = {
    "progressive": dict(progressive=True),
    "restart": dict(restart_interval=3),
    "progressive, restart": dict(progressive=True, restart_interval=1),
    "standard tables": dict(optimize=False),
    "comment": dict(comment=b"hello"),
}


def by_pillow(data):
    return np.array(Image.open(io.BytesIO(data)))


def pillow_file(image, **options):
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", **options)
    return out.getvalue()


def psnr(x, x_hat):
    return 10 * np.log10(255**2 / np.mean((x.astype(float) - x_hat) ** 2))


def difference(x, y):
    return np.abs(x.astype(int) - y)


# ---- what the encoder writes ------------------------------------------------------------


@pytest.mark.parametrize("subsampling", SUBSAMPLING)
@pytest.mark.parametrize("quality", [5, 50, 75, 95])
def test_files_are_as_good_and_as_small_as_pillows(quality, subsampling):
    data = jpeg.encode(PHOTO, quality, subsampling=subsampling)
    ours, theirs = jpeg.decode(data), by_pillow(data)
    assert np.mean(difference(ours, theirs) <= 2) >= 0.999
    options = dict(quality=quality, subsampling=SUBSAMPLING[subsampling], optimize=True)
    reference = pillow_file(PHOTO, **options)
    assert abs(psnr(PHOTO, theirs) - psnr(PHOTO, by_pillow(reference))) < 0.1
    assert len(data) < 1.01 * len(reference)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", IMAGES)
def test_every_kind_of_file_holds_the_same_picture(name, kind):
    image = IMAGES[name]
    for quality, subsampling in itertools.product((10, 90, 100), SUBSAMPLING):
        plain = jpeg.encode(image, quality, subsampling=subsampling)
        other = jpeg.encode(image, quality, subsampling=subsampling, **KINDS[kind])
        np.testing.assert_array_equal(by_pillow(other), by_pillow(plain))
        np.testing.assert_array_equal(jpeg.decode(other), jpeg.decode(plain))


def test_pillow_sees_the_options():
    picture = Image.open(io.BytesIO(jpeg.encode(PHOTO, progressive=True, comment=b"hello")))
    assert picture.info["progressive"] and picture.info["comment"] == b"hello"
    assert picture.info["jfif_version"] == (1, 1)


def test_own_tables_arrive_in_the_right_places():
    luma = np.arange(1, 65).reshape(8, 8)
    for chroma in (luma[::-1], luma + 250):  # 8 and 16 bits a step
        data = jpeg.encode(PHOTO, tables=(luma, chroma))
        found = Image.open(io.BytesIO(data)).quantization
        assert found == {0: luma.ravel().tolist(), 1: chroma.ravel().tolist()}
        assert np.mean(difference(jpeg.decode(data), by_pillow(data)) <= 2) >= 0.995


@settings(max_examples=60, deadline=None)
@given(
    image=st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([(), (3,)])).flatmap(
        lambda s: arrays(np.uint8, (s[0], s[1], *s[2]))
    ),
    quality=st.integers(1, 100),
    subsampling=st.sampled_from(sorted(SUBSAMPLING)),
    kind=st.sampled_from(list(KINDS.values())),
)
def test_every_picture_survives(image, quality, subsampling, kind):
    data = jpeg.encode(image, quality, subsampling=subsampling, **kind)
    ours, theirs = jpeg.decode(data), by_pillow(data)
    assert ours.shape == theirs.shape == image.shape
    assert difference(ours, theirs).max() <= 4


def test_coefficients_can_be_changed_between_the_two_halves():
    blocks, frame, tables = codec.unpack(jpeg.encode(PHOTO, 80))
    split(blocks, frame)[0][..., 20:] = 0
    data = codec.pack(blocks, frame, tables)
    np.testing.assert_array_equal(codec.unpack(data)[0], blocks)
    np.testing.assert_array_equal(codec.paint(blocks, frame, tables), jpeg.decode(data))


def test_a_coefficient_too_large_for_the_standard_is_refused():
    blocks, frame, tables = codec.unpack(jpeg.encode(PHOTO))
    for kind in (frame, frame._replace(progressive=True)):
        broken = blocks.copy()
        broken[3, 7] = 1 << 11
        with pytest.raises(ValueError, match="-1023..1023"):
            codec.pack(broken, kind, tables)


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (PHOTO.astype(float), {}, "uint8"),
        (PHOTO[..., :2], {}, "uint8"),
        (np.zeros((0, 4), np.uint8), {}, "0 x 4"),
        (np.zeros((1, 65536), np.uint8), {}, "65536"),
        (PHOTO, dict(quality=0), "1..100"),
        (PHOTO, dict(quality=75.0), "whole number in 1..100, got 75.0"),
        (PHOTO, dict(quality="75"), "whole number in 1..100, got '75'"),
        (PHOTO, dict(quality=True), "whole number in 1..100, got True"),
        (PHOTO, dict(quality=None), "whole number in 1..100, got None"),
        (PHOTO, dict(subsampling="4:1:1"), "4:2:0"),
        (PHOTO, dict(progressive=True, optimize=False), "standard"),
        (PHOTO, dict(restart_interval=70000), "65535"),
        (PHOTO, dict(tables=(np.zeros((8, 8), int),) * 2), "from 1"),
        (PHOTO, dict(comment=bytes(70000)), "65533"),
    ],
)
def test_what_cannot_be_encoded_is_said(image, options, words):
    with pytest.raises(ValueError, match=words):
        jpeg.encode(image, **options)


# ---- what the decoder reads -------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        dict(subsampling=0),
        dict(subsampling=1, progressive=True),
        dict(subsampling=2, restart_marker_rows=1),
        dict(subsampling=2, optimize=True, progressive=True, restart_marker_blocks=5),
        dict(keep_rgb=True),
        dict(qtables=[list(range(300, 364))] * 2),
    ],
    ids=lambda options: " ".join(options),
)
def test_pillows_files(options):
    for image in (PHOTO, PHOTO[..., 0], PHOTO[:37, :2]):
        data = pillow_file(image, quality=60, **options)
        assert np.mean(difference(jpeg.decode(data), by_pillow(data)) <= 2) >= 0.995


@pytest.mark.parametrize("progressive", [False, True])
def test_cmyk(progressive):
    out = io.BytesIO()
    Image.fromarray(PHOTO).convert("CMYK").save(out, "JPEG", progressive=progressive)
    theirs = np.array(Image.open(out).convert("RGB"))
    assert difference(jpeg.decode(out.getvalue()), theirs).max() <= 2


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_file_read_and_written_again_is_the_same_picture(mode, progressive):
    out = io.BytesIO()
    Image.fromarray(PHOTO).convert(mode).save(out, "JPEG", keep_rgb=True)
    blocks, frame, tables = codec.unpack(out.getvalue())
    again = codec.pack(blocks, frame._replace(progressive=progressive), tables)
    np.testing.assert_array_equal(jpeg.decode(again), jpeg.decode(out.getvalue()))
    np.testing.assert_array_equal(by_pillow(again), by_pillow(out.getvalue()))


def test_plain_upsampling_repeats_samples():
    blue_edge = np.zeros((16, 32, 3), np.uint8)
    blue_edge[:, 16:, 2] = 255
    data = jpeg.encode(blue_edge, 100)
    assert len(np.unique(jpeg.decode(data, fancy=False)[0], axis=0)) == 2
    assert len(np.unique(jpeg.decode(data)[0], axis=0)) > 2


def test_scans_come_one_by_one():
    data = jpeg.encode(PHOTO, progressive=True)
    whole = jpeg.decode(data)
    errors = [psnr(jpeg.decode(data, scans=n), PHOTO) for n in range(1, 11)]
    assert all(a <= b + 0.3 for a, b in itertools.pairwise(errors)) and errors[-1] > errors[0] + 8
    np.testing.assert_array_equal(jpeg.decode(data, scans=99), whole)


def extra_bytes(work, output):
    """Peak memory of a call beyond what it returns."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - output


@pytest.mark.parametrize("kind", [{}, dict(progressive=True), dict(subsampling="4:4:4")], ids=str)
def test_memory_stays_under_16_bytes_a_pixel(kind):
    jpeg.decode(jpeg.encode(PHOTO, **kind))  # compiled
    size = 2448
    missing = (0, size - PHOTO.shape[0]), (0, size - PHOTO.shape[1]), (0, 0)
    image = np.pad(PHOTO, missing, mode="reflect")
    data = jpeg.encode(image, **kind)
    assert extra_bytes(lambda: jpeg.encode(image, **kind), len(data)) < 16 * size**2
    assert extra_bytes(lambda: jpeg.decode(data), image.nbytes) < 16 * size**2


# ---- a view of the file -----------------------------------------------------------------


def test_every_byte_belongs_to_one_segment():
    for kind in KINDS.values():
        data = jpeg.encode(PHOTO, **kind) + b"tail"
        found = jpeg.container.parse(data)
        assert found[0].offset == 0 and found[-1].meaning == "bytes after the end of the image"
        for a, b in itertools.pairwise(found):
            assert a.offset + a.length == b.offset
        for s in found:
            assert (s.name == "") == (data[s.offset] != 0xFF or not s.name)
        assert found[-1].offset + found[-1].length == len(data)
    names = [s.name for s in jpeg.container.parse(jpeg.encode(PHOTO, restart_interval=70))]
    words = "SOI APP0 DQT DQT SOF0 DRI DHT DHT DHT DHT SOS".split()
    assert names == [*words, "", "RST0", "", "EOI"]


def test_trace_tells_the_symbols_and_their_bits():
    data = jpeg.encode(PHOTO[:48, :64], 60, restart_interval=2)
    blocks, frame, _ = codec.unpack(data)
    (only,) = scan.script(frame)
    stream, _ = scan.symbol_stream(blocks, frame, only)  # without restarts: DC differs, AC not
    rows = iter(np.split(stream, np.flatnonzero(stream < 1024))[1:])
    order = scan.scan_order(frame, only.members)[0].ravel()
    text = "".join(format(byte, "08b") for byte in data)
    for number, block in enumerate(order):
        symbols = jpeg.trace(data, number)
        assert [s.run << 4 | s.size for s in symbols[1:]] == (next(rows)[1:] & 255).tolist()
        values = np.zeros(64, int)
        for s in symbols:
            values[s.k] = s.value if s.name in ("DC", "AC") else 0
            assert text[s.bit :].startswith(s.code[:1])
        np.testing.assert_array_equal(values, blocks[block])


def test_trace_refuses_in_words():
    with pytest.raises(jpeg.JpegError, match="progressive"):
        jpeg.trace(jpeg.encode(PHOTO, progressive=True))
    with pytest.raises(IndexError, match="no block 9999"):
        jpeg.trace(jpeg.encode(PHOTO), 9999)


def test_warnings_are_not_raised_for_good_files():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jpeg.decode(jpeg.encode(PHOTO, progressive=True, restart_interval=2), strict=False)
