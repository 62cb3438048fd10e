"""The commands on JPEG files as they come from cameras and from broken disks."""

import io
import struct

import numpy as np
import pytest
from skimage import data as photographs
from typer.testing import CliRunner

from lic_teach import files, images, jpeg
from lic_teach.cli import app
from lic_teach.jpeg.segments import segment

PHOTO = photographs.astronaut()[100:145, 150:211]
PLAIN = jpeg.encode(PHOTO, 90)
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def exif(orientation, order="<"):
    mark = {"<": b"II", ">": b"MM"}[order]
    head = struct.pack(order + "HIH", 42, 8, 1)
    return (
        b"Exif\0\0"
        + mark
        + head
        + struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0)
        + bytes(4)
    )


def with_notes(*payloads):
    return PLAIN[:2] + b"".join(segment(0xE1, p) for p in payloads) + PLAIN[2:]


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def loaded(data):
    return images.load(io.BytesIO(data))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(10))
def test_decompress_turns_a_photograph_as_compress_does(orientation, order, tmp_path):
    data = with_notes(exif(orientation, order))
    (tmp_path / "photo.jpg").write_bytes(data)
    assert run("decompress", tmp_path / "photo.jpg", tmp_path / "photo.png").exit_code == 0
    ours, theirs = images.load(tmp_path / "photo.png"), loaded(data)
    assert ours.shape == theirs.shape == ((61, 45, 3) if 5 <= orientation <= 8 else (45, 61, 3))
    assert np.mean(np.abs(ours.astype(int) - theirs) <= 2) > 0.995
    np.testing.assert_array_equal(
        jpeg.decode(data), jpeg.decode(PLAIN)
    )  # the codec itself does not


@pytest.mark.parametrize(
    "notes",
    [
        [XMP + b'<x tiff:Orientation="6"/>'],
        [XMP + b"<tiff:Orientation>8</tiff:Orientation>"],
        [XMP + b'<x tiff:Orientation="6"/>', exif(3)],
        [exif(6), XMP + b'<x tiff:Orientation="3"/>'],
        [exif(6)[:12], exif(6)[:6] + exif(6)[12:]],  # in two segments
        [b"Exif\0\0"],
        [exif(6)[:-9]],
        [b"Exif\0\0II*\0\xff\xff\0\0"],
        [b"something else"],
        [exif(6), exif(8)],
    ],
    ids=lambda notes: repr(notes)[:40],
)
def test_other_notes_of_a_camera_are_understood_alike(notes):
    data = with_notes(*notes)
    assert files.decode(data).shape == loaded(data).shape


def test_grey_photographs_are_turned_too():
    grey = jpeg.encode(np.ascontiguousarray(PHOTO[..., 1]))
    data = grey[:2] + segment(0xE1, exif(6)) + grey[2:]
    assert files.decode(data).shape == (61, 45)


def test_a_jpeg_that_only_this_codec_reads_is_turned():
    """Pillow does not know DNL."""
    place = next(s.offset for s in jpeg.container.parse(PLAIN) if s.name == "SOF0") + 5
    data = PLAIN[:place] + b"\0\0" + PLAIN[place + 2 : -2] + b"\xff\xdc\0\4\0\x2d\xff\xd9"
    data = data[:2] + segment(0xE1, exif(6)) + data[2:]
    np.testing.assert_array_equal(files.decode(data), np.rot90(jpeg.decode(PLAIN), -1))
    with pytest.raises(
        ValueError, match="no picture that Pillow can read, but it begins as a JPEG"
    ):
        loaded(data)


# ---- damage -----------------------------------------------------------------------------

DAMAGED = {
    "no EOI": PLAIN[:-2],
    "half of it": PLAIN[: len(PLAIN) * 2 // 3],
    "followed by another file": PLAIN[:-2] + b"%PDF-1.4 and more",
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize(("command", "target"), [("decompress", "o.png"), ("compress", "o.jpg")])
def test_lenient_commands_take_what_can_be_decoded(command, target, kind, tmp_path):
    source, out = tmp_path / "photo.jpg", tmp_path / target
    source.write_bytes(DAMAGED[kind])
    strict = run(command, source, out)
    if command == "decompress":
        assert strict.exit_code == 1 and not out.exists()
    lenient = run(command, source, out, "--lenient", "--force")
    assert lenient.exit_code == 0 and "warning: at byte" in lenient.stderr
    assert images.load(out).shape == PHOTO.shape


def test_lenient_is_for_jpeg_alone(tmp_path):
    images.save(tmp_path / "photo.png", PHOTO)
    whole = (tmp_path / "photo.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    assert run("compress", tmp_path / "half.png", tmp_path / "o.jpg", "--lenient").exit_code == 1
    assert run("compress", tmp_path / "photo.png", tmp_path / "o.jpg", "--lenient").exit_code == 0


def test_lenient_does_not_make_a_picture_of_nothing(tmp_path):
    header = next(s for s in jpeg.container.parse(PLAIN) if s.name == "SOS")
    (tmp_path / "photo.jpg").write_bytes(PLAIN[: header.offset + header.length])
    result = run("decompress", tmp_path / "photo.jpg", tmp_path / "o.png", "--lenient")
    assert result.exit_code == 1 and "the data of the scan ends" in result.stderr


def test_info_tells_a_header_that_is_not_read(tmp_path):
    twelve = PLAIN.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c")
    (tmp_path / "photo.jpg").write_bytes(twelve)
    result = run("info", tmp_path / "photo.jpg")
    assert result.exit_code == 0
    assert (
        "extended sequential, 12 bits a sample, 61 x 45 pixels, components 1: 2x2" in result.stdout
    )


def test_components_without_a_colour_are_refused_by_the_commands_in_words(tmp_path):
    blocks, frame, tables = jpeg.codec.unpack(jpeg.encode(PHOTO, subsampling="4:4:4"))
    two = frame._replace(components=frame.components[:2], color="unknown")
    data = jpeg.codec.pack(blocks[: len(blocks) // 3 * 2], two, tables)
    (tmp_path / "photo.jpg").write_bytes(data)
    result = run("decompress", tmp_path / "photo.jpg", tmp_path / "o.png")
    assert result.exit_code == 1 and "2 components, and nothing says which colours" in result.stderr
