"""Pictures in and out, with Pillow as the oracle."""

import importlib.metadata
import io
import os
import socket
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from lic_teach import images, jpeg


@pytest.fixture
def photo():
    return images.centre_crop(images.sample("chelsea"), 64)


def load_silently(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return images.load(path)


@pytest.mark.parametrize("name", images.SAMPLES)
def test_samples_are_the_files_inside_the_wheel_and_need_no_network(name, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a sample photograph opened a network connection")

    monkeypatch.setattr(socket, "socket", refuse)
    shipped = [
        file
        for file in importlib.metadata.files("scikit-image")
        if file.parts[:2] == ("skimage", "data") and file.stem == name
    ]
    assert len(shipped) == 1 and shipped[0].hash is not None
    with Image.open(shipped[0].locate()) as picture:
        expected = np.asarray(picture.convert("RGB"))
    image = images.sample(name)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, expected)


def test_sample_refuses_other_names():
    with pytest.raises(ValueError, match="'lena'.*astronaut"):
        images.sample("lena")


@pytest.mark.parametrize("suffix", images.LOSSLESS)
def test_save_is_lossless_and_pillow_reads_it(tmp_path, photo, suffix):
    path = tmp_path / f"photo{suffix}"
    images.save(path, photo)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(np.asarray(picture), photo)
    np.testing.assert_array_equal(load_silently(path), photo)


def test_save_refuses_lossy_names_and_other_arrays(tmp_path, photo):
    with pytest.raises(ValueError, match="'.jpg'"):
        images.save(tmp_path / "photo.jpg", photo)
    with pytest.raises(ValueError, match="no extension"):
        images.save(tmp_path / "photo", photo)
    for wrong in (photo / 255, photo[..., :2], photo[0, 0]):
        with pytest.raises(ValueError, match="expected uint8"):
            images.save(tmp_path / "photo.png", wrong)
    assert list(tmp_path.iterdir()) == []


def test_load_takes_an_open_file_as_an_upload_gives_it(photo):
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "PNG")
    np.testing.assert_array_equal(images.load(io.BytesIO(buffer.getvalue())), photo)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    """Orientation moves row 0, column 0 of the file to a known corner (EXIF 2.3, 4.6.4 A)."""
    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.T,
        6: stored.T[:, ::-1],
        7: stored.T[::-1, ::-1],
        8: stored.T[::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    Image.fromarray(stored).save(path, exif=exif)
    np.testing.assert_array_equal(load_silently(path)[..., 0], upright)


def test_grayscale_and_black_and_white_become_three_equal_channels(tmp_path, photo):
    gray = photo[..., 0]
    for name, picture in {
        "gray.png": Image.fromarray(gray),
        "bilevel.png": Image.fromarray(gray > 128),
    }.items():
        picture.save(tmp_path / name)
        image = load_silently(tmp_path / name)
        expected = np.asarray(picture.convert("L"))
        np.testing.assert_array_equal(image, np.stack([expected] * 3, axis=-1))


def test_palette_without_transparency(tmp_path, photo):
    picture = Image.fromarray(photo).quantize(16)
    picture.save(tmp_path / "palette.png")
    expected = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(load_silently(tmp_path / "palette.png"), expected)


def test_cmyk_becomes_rgb(tmp_path, photo):
    picture = Image.fromarray(photo).convert("CMYK")
    picture.save(tmp_path / "inks.tif")
    image = load_silently(tmp_path / "inks.tif")
    np.testing.assert_array_equal(image, np.asarray(picture.convert("RGB")))
    np.testing.assert_array_equal(image, photo)  # no black ink: the round trip is exact


def test_alpha_is_put_on_white_with_a_warning(tmp_path):
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[..., 0] = 200  # red: opaque, half, and fully transparent
    rgba[0, :, 3] = 255, 128, 0
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    with pytest.warns(UserWarning, match="transparent"):
        image = images.load(tmp_path / "alpha.png")
    alpha = rgba[..., 3:] / 255
    expected = rgba[..., :3] * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(image, expected, atol=1)


def test_an_opaque_alpha_channel_loses_nothing_and_does_not_warn(tmp_path, photo):
    Image.fromarray(photo).convert("RGBA").save(tmp_path / "opaque.png")
    np.testing.assert_array_equal(load_silently(tmp_path / "opaque.png"), photo)


def test_palette_with_transparency_warns(tmp_path):
    picture = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.save(tmp_path / "gif.gif", transparency=1)
    with pytest.warns(UserWarning, match="transparent"):
        image = images.load(tmp_path / "gif.gif")
    assert image.tolist() == [[[10, 20, 30], [255, 255, 255]]]


def test_16_bit_gray_keeps_the_upper_8_bits_with_a_warning(tmp_path):
    deep = np.array([[0, 255, 256, 65535]], np.uint16)
    for name in ("deep.png", "deep.tif"):
        Image.fromarray(deep).save(tmp_path / name)
        with pytest.warns(UserWarning, match="16 bits"):
            image = images.load(tmp_path / name)
        assert image[0, :, 0].tolist() == [0, 0, 1, 255]


def test_16_bit_colour_warns_too(tmp_path):
    """A 16-bit RGB PNG by hand, since Pillow cannot write one: signature and three chunks."""
    import struct

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixel = struct.pack(">BHHH", 0, 0x1234, 0xABCD, 0xFF00)
    path = tmp_path / "deep.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixel))
        + chunk(b"IEND", b"")
    )
    with pytest.warns(UserWarning, match="16 bits"):
        image = images.load(path)
    assert image.tolist() == [[[0x12, 0xAB, 0xFF]]]


def test_float_samples_are_refused_in_words(tmp_path):
    Image.fromarray(np.zeros((2, 2), np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(ValueError, match="32-bit floats"):
        images.load(tmp_path / "float.tif")


def test_non_pictures_are_refused_with_what_was_found(tmp_path):
    path = tmp_path / "notes.png"
    path.write_bytes(b"Dear diary, today")
    with pytest.raises(ValueError, match=r"notes.png.*17 bytes.*Dear diary"):
        images.load(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="empty file"):
        images.load(path)
    with pytest.raises(FileNotFoundError):
        images.load(tmp_path / "absent.png")


def test_a_file_cut_short_is_refused_in_words(tmp_path, photo):
    images.save(tmp_path / "whole.png", photo)
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="damaged or cut short"):
        images.load(tmp_path / "half.png")


def test_pixels_that_do_not_decode_are_refused_though_their_checksum_is_right(photo):
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    at = data.index(b"IDAT") + 4
    end = at + int.from_bytes(data[at - 8 : at - 4], "big")
    data[at + 1000 : at + 1020] = bytes(20)
    data[end : end + 4] = zlib.crc32(data[at - 4 : end]).to_bytes(4, "big")
    with pytest.raises(ValueError, match="damaged or cut short"):
        images.load(io.BytesIO(data))


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_any_byte_may_be_wrong(position, value):
    """A damaged PNG loads or is refused with a ValueError: nothing else comes out."""
    buffer = io.BytesIO()
    Image.fromarray(images.centre_crop(images.sample("coffee"), 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[position % len(data)] = value
    try:
        image = images.load(io.BytesIO(data))
    except ValueError as error:
        assert str(error)
    else:
        assert image.dtype == np.uint8 and image.shape[2] == 3


def test_huge_pictures_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    Image.new("1", (8000, 8000)).save(tmp_path / "huge.png")
    monkeypatch.setattr(Image.Image, "load", lambda *args: pytest.fail("pixels were decoded"))
    with pytest.raises(ValueError, match="64,000,000 pixels, the limit is 50,000,000"):
        images.load(tmp_path / "huge.png")


def test_a_decompression_bomb_is_refused_in_words(tmp_path, photo):
    images.save(tmp_path / "bomb.bmp", photo)
    data = bytearray((tmp_path / "bomb.bmp").read_bytes())
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    (tmp_path / "bomb.bmp").write_bytes(data)
    with pytest.raises(ValueError, match="too large"):
        images.load(tmp_path / "bomb.bmp")


def test_write_atomic_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "file.bin"
    images.write_atomic(path, b"old")
    images.write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_write_atomic_keeps_permissions_and_takes_the_longest_names(tmp_path):
    path = tmp_path / ("x" * 251 + ".png")
    images.write_atomic(path, b"old")
    path.chmod(0o600)
    images.write_atomic(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600


def test_only_picture_formats_are_opened(tmp_path):
    """Pillow would hand PostScript to another program."""
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(ValueError, match=r"a.png: no picture \(PNG, JPEG"):
        images.load(tmp_path / "a.png")


def test_errors_of_pillow_name_the_file(tmp_path, photo):
    """200 MB of text in a PNG of 200 kB."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("title", "a" * 200_000_000, zip=True)
    Image.fromarray(photo[:8, :8]).save(tmp_path / "a.png", pnginfo=texts)
    with pytest.raises(ValueError, match="a.png: .* too large"):
        images.load(tmp_path / "a.png")


def test_a_file_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 1000)
    (tmp_path / "a.png").write_bytes(bytes(1001))
    for source in (tmp_path / "a.png", io.BytesIO(bytes(1001))):
        with pytest.raises(ValueError, match="more than 1,000 bytes"):
            images.load(source)


def test_write_atomic_keeps_the_old_file_when_the_disk_fails(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    images.write_atomic(path, b"old")

    def full(_):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left on device: .*file.bin"):
        images.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_write_atomic_names_its_target_though_the_disk_lets_nothing_be_cleared_up(
    tmp_path, monkeypatch
):
    """As on a disk that has become read-only: the second error must not hide the first."""
    monkeypatch.setattr(os, "fsync", lambda _: os.close(-1))  # "Bad file descriptor"

    def refuse(path, **_):
        raise PermissionError(1, "Operation not permitted", os.fspath(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError) as caught:
        images.write_atomic(tmp_path / "file.bin", b"new")
    assert caught.value.filename == str(tmp_path / "file.bin")
    assert caught.value.strerror == "Bad file descriptor"


def test_trying_a_place_says_what_writing_would_and_leaves_nothing(tmp_path):
    images.try_place(tmp_path / "file.bin")
    images.try_place(tmp_path / "not" / "yet" / "there")
    (tmp_path / "old.bin").write_bytes(b"old")
    images.try_place(tmp_path / "old.bin")
    assert os.listdir(tmp_path) == ["old.bin"]
    for name in ("x" * 300, "old.bin/file"):
        with pytest.raises(OSError) as caught:
            images.try_place(tmp_path / name)
        assert caught.value.filename == str(tmp_path / name)


def test_every_extension_that_pillow_gives_these_formats_is_read():
    """Pillow's own list is the oracle; .pfm has samples of 32 bits, which are refused."""
    known = {e for e, f in Image.registered_extensions().items() if f in images.FORMATS} - {".pfm"}
    assert {images.kind(f"A{extension.upper()}") for extension in known} <= images.PICTURES
    assert images.PICTURES <= known and set(images.OTHER_NAMES) <= known
    formats = Image.registered_extensions()
    for other, usual in images.OTHER_NAMES.items():
        assert formats[other] == formats[usual]


@pytest.mark.parametrize("shape", [(1, 1), (7, 9, 3), (8, 16, 3), (17, 1)])
def test_pad_to_multiple_repeats_the_edge_and_keeps_the_picture(shape):
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    padded = images.pad_to_multiple(image, 8)
    height, width = shape[:2]
    assert padded.shape[0] % 8 == padded.shape[1] % 8 == 0
    assert padded.shape[0] - height < 8 and padded.shape[1] - width < 8
    np.testing.assert_array_equal(padded[:height, :width], image)
    rows = np.minimum(np.arange(padded.shape[0]), height - 1)
    columns = np.minimum(np.arange(padded.shape[1]), width - 1)
    np.testing.assert_array_equal(padded, image[np.ix_(rows, columns)])


def test_centre_crop_takes_the_middle_and_keeps_short_sides():
    image = np.arange(5 * 8).reshape(5, 8)
    np.testing.assert_array_equal(images.centre_crop(image, 3), image[1:4, 2:5])
    np.testing.assert_array_equal(images.centre_crop(image, 6), image[:, 1:7])
    np.testing.assert_array_equal(images.centre_crop(image, 99), image)


def test_the_thread_block_is_a_whole_block_of_the_picture():
    block = images.thread_block()
    assert block.shape == (8, 8, 3) and block.dtype == np.uint8
    np.testing.assert_array_equal(block, images.sample("chelsea")[8 * 11 : 8 * 12, 8 * 24 : 8 * 25])


def test_an_arithmetic_file_of_more_than_a_block_is_read(tmp_path):
    """Pillow hands 64 KiB at a time to libjpeg, which has to have all of an arithmetic scan."""
    image = np.random.default_rng(0).integers(0, 256, (256, 384, 3), dtype=np.uint8)
    paths = [tmp_path / "arithmetic.jpg", tmp_path / "huffman.jpg"]
    for path, arithmetic in zip(paths, (True, False), strict=True):
        path.write_bytes(jpeg.encode(image, 95, arithmetic=arithmetic))
    assert paths[0].stat().st_size > 1 << 16
    np.testing.assert_array_equal(*map(images.load, paths))
