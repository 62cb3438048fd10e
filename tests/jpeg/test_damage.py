"""Damaged and hostile files: a JpegError with the place and the reason, or what can be saved."""

import json
import os
import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.paths import LESSONS

PHOTO = photographs.astronaut()[100:196, 150:278]
PLAIN = jpeg.encode(PHOTO)
KINDS = {
    "plain": PLAIN,
    "progressive": jpeg.encode(PHOTO, progressive=True),
    "restart": jpeg.encode(PHOTO, restart_interval=8),
}


def segment(data, name):
    """Where the first segment of that name stands."""
    return next(s for s in jpeg.container.parse(data) if s.name == name)


def without(data, name):
    """A segment taken out."""
    at = segment(data, name)
    return data[: at.offset] + data[at.offset + at.length :]


def changed(data, name, offset, *values):
    """Some bytes behind the length of a segment replaced."""
    at = segment(data, name).offset + 4 + offset
    return data[:at] + bytes(values) + data[at + len(values) :]


@pytest.mark.parametrize("kind", KINDS)
def test_every_truncation(kind):
    data = KINDS[kind]
    for length in range(0, len(data), 7):
        with pytest.raises(jpeg.JpegError, match="at byte"):
            jpeg.decode(data[:length])
        if length > len(data) // 3:
            with pytest.warns(jpeg.JpegWarning):
                assert jpeg.decode(data[:length], strict=False).shape == PHOTO.shape


def test_half_a_file_gives_the_upper_rows():
    whole = jpeg.decode(PLAIN)
    with pytest.warns(jpeg.JpegWarning, match="in MCU"):
        half = jpeg.decode(PLAIN[: len(PLAIN) * 6 // 10], strict=False)
    np.testing.assert_array_equal(half[:32], whole[:32])
    assert (half[-8:] == 128).all()


def test_a_lost_restart_marker_costs_one_row():
    data = KINDS["restart"]
    marker = segment(data, "RST2")
    lost = data[: marker.offset] + data[marker.offset + 2 :]
    with pytest.raises(jpeg.JpegError, match="RST3 where RST2"):
        jpeg.decode(lost)
    with pytest.warns(jpeg.JpegWarning):
        saved, whole = jpeg.decode(lost, strict=False), jpeg.decode(data)
    same = (saved == whole).all((1, 2))
    assert same[:47].all() and same[65:].all() and not same[50:62].any()


def test_a_repeated_restart_interval_is_skipped():
    data = KINDS["restart"]
    first, second = segment(data, "RST1"), segment(data, "RST2")
    again = data[: second.offset] + data[first.offset : second.offset] + data[second.offset :]
    with pytest.raises(jpeg.JpegError, match="RST1 where RST2"):
        jpeg.decode(again)
    with pytest.warns(jpeg.JpegWarning):
        saved = jpeg.decode(again, strict=False)
    assert (saved == jpeg.decode(data)).all((1, 2)).mean() > 0.6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "at byte 0: a JPEG begins with FF D8, this with nothing"),
        (b"\x89PNG\r\n\x1a\n", "at byte 0: a JPEG begins with FF D8, this with 89 50"),
        (b"\xff\xd8\xff\xd9", "no scan"),
        (PLAIN[:-2], "ends without an EOI"),
        (changed(PLAIN, "SOF0", 1, 0, 0), "a height of 0, and no DNL"),
        (changed(PLAIN, "SOF0", 3, 0, 0), "width 0"),
        (changed(PLAIN, "SOF0", 0, 12), "samples of 12 bits"),
        (changed(PLAIN, "SOF0", 5, 2), "a frame header of 15 bytes"),
        (changed(PLAIN, "SOF0", 7, 0x52), "sampling 5 x 2"),
        (changed(PLAIN, "SOF0", 8, 3), "quantization table 3 is not defined"),
        (changed(PLAIN, "SOF0", 9, 1), r"component 2; the frame has \[1, 1, 3\]"),
        (changed(PLAIN, "SOF0", 1, 255, 255, 255, 255), "65535 x 65535 pixels, more than"),
        (changed(PLAIN, "DQT", 0, 0x05), "quantization table 5"),
        (changed(PLAIN, "DHT", 0, 0x33), "class 3"),
        (changed(PLAIN, "DHT", 1, 9), "more codes than their lengths allow|codes in"),
        (changed(PLAIN, "SOS", 1, 77), "component 77"),
        (changed(PLAIN, "SOS", 2, 0x22), "Huffman table DC 2 is not defined"),
        (changed(KINDS["progressive"], "SOS", 7, 0, 5), "progressive scan of coefficients 0..5"),
        (PLAIN[:2] + PLAIN, "a second SOI"),
        (without(PLAIN, "SOF0"), "a scan before any frame header"),
        (changed(PLAIN, "SOS", 0, 2), "a scan header of 10 bytes"),
        (changed(PLAIN, "SOS", 3, 1), r"names the components \[1, 1, 3\]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said(data, words):
    with pytest.raises(jpeg.JpegError, match=words) as caught:
        jpeg.decode(data)
    assert isinstance(caught.value.offset, int)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        (0xC3, "lossless"),
        (0xC5, "hierarchical"),
        (0xCB, "arithmetic coding .lossless"),
        (0xCD, "arithmetic coding .hierarchical"),
        (0xF7, "JPEG-LS"),
    ],
)
def test_kinds_not_read_are_refused_by_name(marker, words):
    at = segment(PLAIN, "SOF0").offset
    data = PLAIN[: at + 1] + bytes([marker]) + PLAIN[at + 2 :]
    for strict in (True, False):
        with pytest.raises(jpeg.JpegError, match=words) as caught:
            jpeg.decode(data, strict=strict)
        assert caught.value.offset == at


def test_bytes_that_do_not_belong_are_stepped_over():
    at = segment(PLAIN, "DHT").offset
    image = jpeg.decode(PLAIN)
    for junk in (b"junk \xff\x00 junk", b"\xff\xff\xff", jpeg.segments.segment(0xE7, b"Exif?")):
        np.testing.assert_array_equal(jpeg.decode(PLAIN[:at] + junk + PLAIN[at:]), image)
    np.testing.assert_array_equal(jpeg.decode(PLAIN + b"\xff\xd8 and more"), image)


def test_a_huge_size_costs_nothing_before_it_is_refused():
    data = changed(PLAIN, "SOF0", 1, 255, 255, 255, 255)
    tracemalloc.start()
    with pytest.raises(jpeg.JpegError, match="max_pixels"):
        jpeg.decode(data, strict=False)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    with pytest.raises(jpeg.JpegError, match="96 pixels, more than the 100"):
        jpeg.decode(PLAIN, max_pixels=100)


def test_scans_without_end_are_refused():
    """A few kilobytes that ask for the same pass over a large picture again and again."""
    large = jpeg.encode(np.zeros((4096, 4096), np.uint8), progressive=True)
    scan, end = [s for s in jpeg.container.parse(large) if s.name == "SOS"][1], len(large) - 2
    body = next(s for s in jpeg.container.parse(large) if s.offset == scan.offset + scan.length)
    again = large[scan.offset : body.offset + body.length]
    with pytest.raises(jpeg.JpegError, match="too much work"):
        jpeg.decode(large[:end] + 400 * again + large[end:])
    small = jpeg.encode(np.zeros((8, 8), np.uint8), progressive=True)
    scan = [s for s in jpeg.container.parse(small) if s.name == "SOS"][1]
    again = small[scan.offset : scan.offset + scan.length] + b"\x7f"
    with pytest.raises(jpeg.JpegError, match="scan 1001"):
        jpeg.decode(small[:-2] + 2000 * again + small[-2:])


@pytest.mark.weekly
def test_damaged_files_by_the_hundred():
    """tools/fuzz_jpeg.py with every array access checked; JPEG_FUZZ=20000 is the long run."""
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1"}
    command = [sys.executable, "-m", "tools.fuzz_jpeg", os.environ.get("JPEG_FUZZ", "300")]
    done = subprocess.run(
        command, cwd=LESSONS.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["megabytes_peak"] - result["megabytes_before"] < 1024
    assert {"strict read", "strict refused", "lenient read"} <= set(result["outcomes"])


@pytest.mark.parametrize("kind", ["plain", "restart"])
def test_one_block_of_a_damaged_file_is_traced_or_its_damage_is_found(kind):
    data = KINDS[kind]
    scan = segment(data, "SOS")
    first = scan.offset + scan.length  # of the entropy-coded bytes
    half = data[: (first + len(data)) // 2] + b"\xff\xd9"
    assert jpeg.trace(half) == jpeg.trace(data)
    with pytest.raises(jpeg.JpegError) as caught:
        jpeg.trace(half, 287)  # the last of 16 x 12 + 2 * 8 * 6 blocks
    assert first < caught.value.offset <= len(half)
    ones = data[:first] + 3 * b"\xff\x00" + data[first + 6 :]
    for block in (0, 10):
        with pytest.raises(jpeg.JpegError, match="no Huffman code") as caught:
            jpeg.trace(ones, block)
        assert caught.value.offset == pytest.approx(first, abs=4)


def test_messages_are_for_people():
    with pytest.raises(jpeg.JpegError) as caught:
        jpeg.decode(PLAIN[: len(PLAIN) // 2])
    assert re.fullmatch(r"at byte \d+: [a-z].*, in MCU \d+ of 48", str(caught.value))
