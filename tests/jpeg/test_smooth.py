"""Unfinished progressive files: what is guessed is what libjpeg guesses (through Pillow)."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFile
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.jpeg import codec, scan, smooth

PHOTO = photographs.astronaut()[100:196, 150:278]
SIZES = [(96, 128), (45, 61), (40, 24), (72, 9), (8, 8), (1, 1), (100, 183)]
EOI = b"\xff\xd9"


def by_pillow(data, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        return np.array(Image.open(io.BytesIO(data)))


def assert_close(ours, theirs, most=2):
    assert ours.shape == theirs.shape
    assert np.mean(np.abs(ours.astype(int) - theirs) <= most) >= 0.995


def ends_of_scans(data):
    """Where the data of each scan end."""
    found = jpeg.container.parse(data)
    is_data = [s.name == "" or s.name.startswith("RST") for s in found]
    return [
        s.offset + s.length
        for s, here, after in zip(found, is_data, [*is_data[1:], False], strict=True)
        if here and not after
    ]


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0", "grey"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_after_each_scan_the_picture_is_libjpegs(size, subsampling, monkeypatch):
    image = np.pad(PHOTO, [(0, 4), (0, 55), (0, 0)], mode="symmetric")[: size[0], : size[1]]
    options = {} if subsampling == "grey" else {"subsampling": subsampling}
    image = image[..., 1] if subsampling == "grey" else image
    for quality, interval in ((30, 0), (90, 3)):
        data = jpeg.encode(image, quality, progressive=True, restart_interval=interval, **options)
        for number, end in enumerate(ends_of_scans(data), 1):
            begun = data[:end] + EOI
            assert_close(jpeg.decode(begun), by_pillow(begun, monkeypatch))
            np.testing.assert_array_equal(jpeg.decode(data, scans=number), jpeg.decode(begun))


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_cut_off_anywhere_the_picture_is_libjpegs(subsampling, monkeypatch):
    data = jpeg.encode(PHOTO, 80, progressive=True, subsampling=subsampling)
    rng, parts = np.random.default_rng(0), jpeg.container.parse(data)
    scans = [s for s in parts if s.name == ""]
    for s in scans[1:]:  # in the middle of the first one not even DC is known everywhere
        cut = s.offset + int(rng.integers(1, s.length))
        with pytest.warns(jpeg.JpegWarning, match="ends at EOI"):
            ours = jpeg.decode(data[:cut] + EOI, strict=False)
        assert_close(ours, by_pillow(data[:cut] + EOI, monkeypatch))


def test_other_programs_scripts_are_smoothed_alike(monkeypatch):
    """Luma first, bits in other steps, chroma without AC: scans as jpegtran may order them."""
    blocks, frame, tables = codec.unpack(jpeg.encode(PHOTO, 70, progressive=True))
    plans = [
        [((0, 1, 2), 0, 0, 0, 2)],
        [((0,), 0, 0, 0, 0), ((1, 2), 0, 0, 0, 3)],
        [((0, 1, 2), 0, 0, 0, 0), ((0,), 1, 2, 0, 0)],
        [((0, 1, 2), 0, 0, 0, 0), ((0,), 1, 9, 0, 3), ((1,), 1, 63, 0, 1)],
        [((0, 1, 2), 0, 0, 0, 0), ((0,), 5, 63, 0, 0), ((2,), 1, 5, 0, 2)],
        [
            ((0, 1, 2), 0, 0, 0, 1),
            ((0,), 1, 63, 0, 2),
            ((0,), 1, 63, 2, 1),
            ((0, 1, 2), 0, 0, 1, 0),
        ],
    ]
    for plan in plans:
        steps = [scan.Scan(m, (0,) * len(m), (0,) * len(m), *band) for m, *band in plan]
        coded = [scan.encode(blocks, frame, s, 0, True) for s in steps]
        data = jpeg.container.write(frame, tables, coded, 0, b"")
        assert_close(jpeg.decode(data), by_pillow(data, monkeypatch))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_without_the_dc_of_a_component_nothing_is_guessed(missing, monkeypatch):
    blocks, frame, tables = codec.unpack(jpeg.encode(PHOTO, 70, progressive=True))
    members = tuple(m for m in range(3) if m != missing)
    only = scan.Scan(members, (0, 0), (0, 0), 0, 0, 0, 0)
    data = jpeg.container.write(frame, tables, [scan.encode(blocks, frame, only, 0, True)], 0, b"")
    assert_close(jpeg.decode(data), by_pillow(data, monkeypatch))
    assert not codec.unpack(data)[0][:, 1:].any()


def test_whole_files_are_not_touched():
    """Nothing is missing, so nothing is guessed: the coefficients that came are painted."""
    for options in ({"progressive": True}, {}, {"lam": 0.01}):
        data = jpeg.encode(PHOTO, **options)
        painted = codec.paint(*codec.unpack(data))
        np.testing.assert_array_equal(jpeg.decode(data), painted)


def test_unpack_gives_what_was_sent_and_decode_guesses():
    data = jpeg.encode(PHOTO, 70, progressive=True)
    blocks, frame, tables = codec.unpack(data, scans=1)
    assert not blocks[:, 1:].any()
    guessed, sent = jpeg.decode(data, scans=1), codec.paint(blocks, frame, tables)
    error = [np.mean((PHOTO.astype(float) - picture) ** 2) for picture in (guessed, sent)]
    assert error[0] < 0.9 * error[1]


def test_every_kernel_keeps_flat_areas_flat():
    for kernels in (smooth.SHARP, smooth.SOFT):
        for k, kernel in kernels.items():
            assert kernel.shape == (5, 5) and kernel.sum() == (256 if k == 0 else 0)
