"""Damage inside the data of a scan: as much of the picture is saved as by libjpeg (through Pillow).

Saved is a pixel within 24 grey levels, in R, G and B, of what the whole file gives.
"""

import io
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile
from skimage import data as photographs

from lic_teach import jpeg

PHOTO = photographs.astronaut()[56:256, 156:356]


def by_pillow(data):
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def pillow_file(**options):
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "JPEG", **options)
    return out.getvalue()


FILES = {
    "restart every 4 MCUs": pillow_file(quality=90, restart_marker_blocks=4),
    "restart every row": pillow_file(quality=75, restart_marker_rows=1, subsampling=0),
    "plain": pillow_file(quality=90),
}
WHOLE = {name: by_pillow(data) for name, data in FILES.items()}


def scan_of(data):
    """Where the entropy-coded bytes begin and end."""
    header = next(s for s in jpeg.container.parse(data) if s.name == "SOS")
    return header.offset + header.length, len(data) - 2


def overwritten(data, rng, size):
    start, stop = scan_of(data)
    place = int(rng.integers(start, stop - size))
    return data[:place] + rng.bytes(size) + data[place + size :]


def stray(data, rng, code):
    start, stop = scan_of(data)
    place = int(rng.integers(start, stop - 2))
    return data[:place] + bytes([0xFF, code]) + data[place + 2 :]


def spoilt(data, rng, _):
    """Single bytes here and there."""
    start, stop = scan_of(data)
    data = bytearray(data)
    for place in rng.integers(start, stop, 10):
        data[place] = rng.integers(256)
    return bytes(data)


def lost(data, rng, size):
    start, stop = scan_of(data)
    place = int(rng.integers(start, stop - size))
    return data[:place] + data[place + size :]


def added(data, rng, size):
    start, stop = scan_of(data)
    place = int(rng.integers(start, stop))
    return data[:place] + rng.bytes(size) + data[place:]


def erased(data, rng, byte):
    """A sector of zeros or ones, as a memory card leaves it."""
    start, stop = scan_of(data)
    place = int(rng.integers(start, stop - 512))
    return data[:place] + 512 * bytes([byte]) + data[place + 512 :]


DAMAGE = {
    "16 bytes overwritten": (overwritten, 16),
    "128 bytes overwritten": (overwritten, 128),
    "512 bytes overwritten": (overwritten, 512),
    "a reserved code": (stray, 0x37),
    "TEM": (stray, 0x01),
    "a restart marker": (stray, 0xD5),
    "APP5": (stray, 0xE5),
    "single bytes": (spoilt, None),
    "bytes lost": (lost, 40),
    "bytes added": (added, 40),
    "a sector of zeros": (erased, 0),
    "a sector of ones": (erased, 255),
}


def share_saved(picture, whole):
    return (np.abs(picture.astype(int) - whole).max(-1) <= 24).mean()


def saved(data, whole, monkeypatch):
    """The share of the picture that this codec saves, and that libjpeg saves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jpeg.JpegWarning)
        ours = jpeg.decode(data, strict=False)
    with monkeypatch.context() as patch:
        patch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        return share_saved(ours, whole), share_saved(by_pillow(data), whole)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_as_much_is_saved_as_by_libjpeg(name, damage, monkeypatch):
    rng, (way, value) = np.random.default_rng(0), DAMAGE[damage]
    broken = [way(FILES[name], rng, value) for _ in range(12)]
    shares = np.array([saved(data, WHOLE[name], monkeypatch) for data in broken])
    assert (shares[:, 0] >= shares[:, 1] - 0.02).all()
    assert shares[:, 0].mean() >= shares[:, 1].mean() - 0.001


@pytest.mark.parametrize("code", [0x01, 0x02, 0x37, 0x4F, 0xBF])
@pytest.mark.parametrize("times", [1, 2, 40])
def test_a_reserved_code_costs_one_restart_interval(code, times):
    """Whatever stands behind it up to the next restart marker: more such codes, too."""
    data = FILES["restart every row"]
    marker = next(s for s in jpeg.container.parse(data) if s.name == "RST3")
    at = marker.offset - 200
    broken = data[:at] + times * bytes([0xFF, code]) + data[at + 2 * times :]
    with pytest.raises(
        jpeg.JpegError, match=f"FF {code:02X} inside the data of the scan"
    ) as caught:
        jpeg.decode(broken)
    assert caught.value.offset == at
    with pytest.warns(jpeg.JpegWarning, match=f"FF {code:02X} inside"):
        ours = jpeg.decode(broken, strict=False)
    wrong = np.flatnonzero((ours != jpeg.decode(data)).any((1, 2)))
    assert 24 <= wrong.min() and wrong.max() < 32  # rows of the fourth interval


@pytest.mark.parametrize("code", [0xC0, 0xC4, 0xC9, 0xCC, 0xD8, 0xD9, 0xDA, 0xE1, 0xF7, 0xFE])
def test_a_stray_marker_costs_one_restart_interval_too(code):
    """Nothing stands behind it that could be its segment, and restart markers follow."""
    data = FILES["restart every row"]
    marker = next(s for s in jpeg.container.parse(data) if s.name == "RST3")
    at = marker.offset - 200
    broken = data[:at] + bytes([0xFF, code]) + data[at + 2 :]
    with pytest.raises(jpeg.JpegError, match=f"FF {code:02X} inside the data of the scan"):
        jpeg.decode(broken)
    with pytest.warns(jpeg.JpegWarning, match=f"FF {code:02X} inside"):
        ours = jpeg.decode(broken, strict=False)
    wrong = np.flatnonzero((ours != jpeg.decode(data)).any((1, 2)))
    assert 24 <= wrong.min() and wrong.max() < 32


def test_markers_that_end_a_scan_early_are_believed():
    """Half of the restart intervals, then what may follow a scan: the rest stays grey."""
    data = FILES["restart every row"]
    half = data[: next(s.offset for s in jpeg.container.parse(data) if s.name == "RST4")]
    tail = data[: next(s.offset for s in jpeg.container.parse(data) if s.name == "SOF0")][2:]
    for after in (b"\xff\xd9", b"\xff\xfe\0\5abc\xff\xd9", b"\xff\xd9" + FILES["plain"], tail):
        with pytest.warns(jpeg.JpegWarning, match="intervals, then"):
            ours = jpeg.decode(half + after, strict=False)
        assert (ours[40:] == 128).all() and (ours[:40] == jpeg.decode(data)[:40]).all()


def test_a_scan_damaged_from_its_first_byte_on_is_still_a_picture():
    """Not a whole MCU came, and libjpeg, too, gives what there is."""
    data = FILES["restart every row"]
    start, _ = scan_of(data)
    broken = data[: start + 2] + b"\xff\xc6" + data[start + 4 :]
    with pytest.warns(jpeg.JpegWarning):
        assert jpeg.decode(broken, strict=False).shape == PHOTO.shape


@pytest.mark.parametrize(
    "order", ["all zero", "reversed", "one swapped", "one doubled", "two lost"]
)
def test_restart_markers_out_of_order_are_taken_as_libjpeg_takes_them(order, monkeypatch):
    data = bytearray(FILES["restart every 4 MCUs"])
    markers = [s for s in jpeg.container.parse(bytes(data)) if s.name.startswith("RST")]
    for n, s in enumerate(markers):
        if order == "all zero":
            data[s.offset + 1] = 0xD0
        elif order == "reversed":
            data[s.offset + 1] = 0xD7 - n % 8
        elif order == "one swapped" and n in (9, 10):
            data[s.offset + 1] = 0xD0 + (9 + 10 - n) % 8
    if order == "one doubled":
        data = data[: markers[9].offset] + data[markers[8].offset :]
    if order == "two lost":
        data = data[: markers[9].offset] + data[markers[11].offset :]
    ours, theirs = saved(bytes(data), WHOLE["restart every 4 MCUs"], monkeypatch)
    assert ours >= theirs - 0.001


def test_a_code_of_no_length_behind_the_last_block_hurts_nobody():
    """Damage between the data and EOI: everything was read by then."""
    for data in FILES.values():
        for junk in (b"\xff\x37", b"\xff\x01\x02\x03", b"\xff\xff", b"\x12\x34\xff\xbf"):
            picture = jpeg.decode(data[:-2] + junk + data[-2:])
            np.testing.assert_array_equal(picture, jpeg.decode(data))


def test_a_file_that_ends_in_ff_ends_before_it():
    """The first of FF FF D9 is a fill byte, no data (T.81 B.1.1.2)."""
    data = FILES["plain"]
    start, stop = scan_of(data)
    at = next(i for i in range(start + 1000, stop) if data[i : i + 2] == b"\xff\0")
    for tail in (b"\xff\xd9", b""):
        with pytest.raises(jpeg.JpegError, match="the data of the scan ends at") as caught:
            jpeg.decode(data[: at + 1] + tail)
        assert caught.value.offset == at


def test_progressive_files_lose_no_more_than_in_libjpeg(monkeypatch):
    """Where libjpeg gives up altogether, the coarse picture is still there."""
    rng, gained = np.random.default_rng(1), []
    for options in ({}, {"restart_marker_blocks": 8}):
        data = pillow_file(quality=90, progressive=True, **options)
        whole = by_pillow(data)
        for way, value in DAMAGE.values():
            shares = [saved(way(data, rng, value), whole, monkeypatch) for _ in range(3)]
            gained.append(np.mean(shares, 0))
    ours, theirs = np.array(gained).T
    assert ours.mean() > theirs.mean() + 0.05
