"""What a file says of its colours and its frames.

Oracles: published matrices (Lindbloom's, adapted to D50; CSS Color 4) with the curves by hand,
Pillow's ImageCms for profiles made of tables. No profile here is made by the package.
"""

import io
import struct
import warnings

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from lic_teach import images

# RGB to XYZ under D50, http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html
MATRIX = {
    "sRGB": [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ],
    "Adobe": [
        [0.6097559, 0.2052401, 0.1492240],
        [0.3111242, 0.6256560, 0.0632197],
        [0.0194811, 0.0608902, 0.7448387],
    ],
    "ProPhoto": [
        [0.7976749, 0.1351917, 0.0313534],
        [0.2880402, 0.7118741, 0.0000857],
        [0.0000000, 0.0000000, 0.8252100],
    ],
}
GAMMA = {"Adobe": 563 / 256, "ProPhoto": 1.8}
P3_TO_SRGB = [  # linear; CSS Color 4, section 18
    [1.2249401762805598, -0.2249401762805597, 0],
    [-0.0420569547096881, 1.0420569547096881, 0],
    [-0.0196375545903344, -0.0786360455506319, 1.0982736001409663],
]


def srgb_linear(x):
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def srgb_encoded(x):
    x = np.clip(x, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def by_hand(numbers, space):
    """uint8 (H, W, 3) in a space -> sRGB, float 0..255."""
    x = numbers / 255
    if space == "P3":
        return 255 * srgb_encoded(srgb_linear(x) @ np.transpose(P3_TO_SRGB))
    to_srgb = np.linalg.solve(MATRIX["sRGB"], MATRIX[space])
    return 255 * srgb_encoded(x ** GAMMA[space] @ to_srgb.T)


# --- profiles made by hand ---------------------------------------------------------------


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(65536 * v) for v in values))


def profile(tags, space=b"RGB ", pcs=b"XYZ ", kind=b"mntr"):
    """An ICC profile, version 2.4, of tags by name."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(tag))
        body += tag + b"\0" * (-len(tag) % 4)
    size, version = 128 + len(table + body), 0x2400000
    head = struct.pack(">I4xI4s4s4s12x4s28x", size, version, kind, space, pcs, b"acsp")
    head += fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + body


def curve(values):
    """An exponent, or the entries of a table, 0..1."""
    if np.ndim(values) == 0:
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * values))
    entries = np.rint(65535 * np.asarray(values)).astype(">u2").tobytes()
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + entries


def text(words):
    return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words.encode() + bytes(79)


def matrix_profile(matrix, tone, name="", **more):
    tags = {b"desc": text(name)}
    for letter, column in zip(b"rgb", np.transpose(matrix), strict=True):
        tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*column)
        tags[bytes([letter]) + b"TRC"] = curve(tone)
    return profile(tags, **more)


def grey_profile(tone):
    return profile(
        {
            b"desc": text("grey"),
            b"kTRC": curve(tone),
            b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249),
        },
        b"GRAY",
    )


def table_profile(nodes, channels, **kind):
    """Two points a channel, Lab at each, in 0..255 (mft1: ICC.1, 10.11)."""
    ramp = np.arange(256, dtype=np.uint8).tobytes()
    table = np.clip(np.rint(nodes), 0, 255).astype(np.uint8).tobytes()
    head = b"mft1\0\0\0\0" + bytes([channels, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return profile({b"A2B0": head + channels * ramp + table + 3 * ramp}, pcs=b"Lab ", **kind)


def scanner_profile():
    """Grey as in Lab, and little colour: there is no way back from it."""
    nodes = [
        (85 * (r + g + b), 128 + 20 * (r - g), 128 + 20 * (g - b))
        for r, g, b in np.ndindex(2, 2, 2)
    ]
    return table_profile(nodes, 3, kind=b"scnr")


def ink_profile():
    """Inks that darken."""
    nodes = []
    for c, m, y, k in np.ndindex(2, 2, 2, 2):
        light = 100 * (1 - k) * (1 - 0.3 * c) * (1 - 0.4 * m) * (1 - 0.1 * y)
        nodes += [255 * light / 100, 128 + 60 * (m - c) * (1 - k), 128 + 60 * (y - c) * (1 - k)]
    return table_profile(nodes, 4, space=b"CMYK", kind=b"prtr")


SRGB_TABLE = srgb_linear(np.linspace(0, 1, 1024))
P3_D50 = [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
PROFILES = {
    "Adobe": matrix_profile(MATRIX["Adobe"], GAMMA["Adobe"]),
    "ProPhoto": matrix_profile(MATRIX["ProPhoto"], GAMMA["ProPhoto"]),
    "P3": matrix_profile(P3_D50, SRGB_TABLE, "sRGB"),  # its name does not count
}
RNG = np.random.default_rng(0)
NUMBERS = RNG.integers(0, 256, (24, 40, 3), dtype=np.uint8)


def written(picture, kind, **options):
    """A picture, or an array, as an open file."""
    file = io.BytesIO()
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.save(file, kind, **options)
    file.name, _ = f"photo.{kind.lower()}", file.seek(0)
    return file


def read(file):
    """What images.load returns, and what it says."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        image = images.load(file)
    return image, [str(note.message) for note in said]


# --- profiles ----------------------------------------------------------------------------


@pytest.mark.parametrize("space", PROFILES)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_a_profile_becomes_srgb_as_its_matrix_and_curve_say(space, kind, options):
    image, said = read(written(NUMBERS, kind, icc_profile=PROFILES[space], **options))
    assert np.abs(image - by_hand(NUMBERS, space)).max() < 1.5
    assert len(said) == 1 and "outside sRGB" in said[0]  # random numbers are


def test_a_jpeg_of_a_camera_in_adobe_rgb_is_converted_after_its_own_losses():
    file = written(NUMBERS // 4 + 96, "JPEG", quality=90, icc_profile=PROFILES["Adobe"])
    with Image.open(file) as picture:
        expected = by_hand(np.asarray(picture), "Adobe")
    file.seek(0)
    image, said = read(file)
    assert np.abs(image - expected).max() < 1.5 and not said


def test_colours_inside_srgb_come_back_without_a_word():
    photo = images.sample("coffee")[100:200, 100:250]
    linear = srgb_linear(photo / 255) @ np.linalg.solve(MATRIX["Adobe"], MATRIX["sRGB"]).T
    numbers = np.rint(255 * np.clip(linear, 0, 1) ** (256 / 563)).astype(np.uint8)
    image, said = read(written(numbers, "PNG", icc_profile=PROFILES["Adobe"]))
    assert np.abs(image.astype(int) - photo).max() <= 2 and not said
    assert np.abs(numbers.astype(int) - photo).max() > 10


def test_the_warning_counts_the_pixels_outside_srgb():
    numbers = np.full((10, 10, 3), 128, np.uint8)
    numbers[:3, :4] = 0, 255, 0  # Adobe's green
    _, said = read(written(numbers, "PNG", icc_profile=PROFILES["Adobe"]))
    assert said == ["photo.png: 12 of its pixels have colours outside sRGB, which were clipped"]


@pytest.mark.parametrize(
    "icc",
    [
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        matrix_profile(MATRIX["sRGB"], SRGB_TABLE, "Nobody's RGB"),
        matrix_profile(MATRIX["sRGB"], SRGB_TABLE[::33], "a small one", kind=b"scnr"),
    ],
)
@pytest.mark.parametrize("grey", [False, True])
def test_what_does_as_srgb_does_keeps_every_number(icc, grey):
    numbers = NUMBERS[..., 0] if grey else NUMBERS
    image, said = read(written(numbers, "PNG", icc_profile=icc))
    np.testing.assert_array_equal(image, numbers if not grey else numbers[..., None].repeat(3, 2))
    assert not said


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_has_its_own_curve(kind, mode):
    grey = Image.fromarray(NUMBERS[..., 0]).convert(mode)
    image, said = read(written(grey, kind, icc_profile=grey_profile(1.0)))
    expected = 255 * srgb_encoded(NUMBERS[..., :1] / 255)
    assert np.abs(image - expected).max() < 2 and not said
    assert np.ptp(image, axis=2).max() == 0


def test_a_grey_picture_can_come_as_rgb_and_a_grey_one_with_a_profile_for_rgb():
    grey = NUMBERS[..., :1].repeat(3, 2)
    image, said = read(written(grey, "WEBP", lossless=True, icc_profile=grey_profile(1.0)))
    assert np.abs(image - 255 * srgb_encoded(grey / 255)).max() < 2 and not said
    image, said = read(written(NUMBERS[..., 0], "PNG", icc_profile=PROFILES["Adobe"]))
    assert np.abs(image - by_hand(grey, "Adobe")).max() < 1.5 and not said


def test_a_palette_has_its_colours_in_the_profile():
    picture = Image.fromarray(NUMBERS).quantize(32)
    image, _ = read(written(picture, "PNG", icc_profile=PROFILES["ProPhoto"]))
    expected = by_hand(np.asarray(picture.convert("RGB")), "ProPhoto")
    assert np.abs(image - expected).max() < 1.5


def test_colours_are_converted_before_they_are_put_on_white():
    alpha = RNG.integers(0, 256, (24, 40, 1), dtype=np.uint8)
    file = written(np.dstack([NUMBERS, alpha]), "PNG", icc_profile=PROFILES["P3"])
    image, said = read(file)
    expected = by_hand(NUMBERS, "P3") * (alpha / 255) + 255 - alpha
    assert np.abs(image - expected).max() < 2.5
    assert any("transparent" in note for note in said)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_become_what_their_profile_says(kind):
    inks = Image.fromarray(RNG.integers(0, 256, (8, 8, 4), dtype=np.uint8), "CMYK")
    inks = inks.resize((32, 32), Image.Resampling.NEAREST)
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    file = written(inks, kind, icc_profile=ink_profile(), **options)
    with Image.open(file) as picture:
        assert picture.mode == "CMYK"
        theirs = ImageCms.profileToProfile(
            picture, io.BytesIO(ink_profile()), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        plain = np.asarray(picture.convert("RGB")).astype(int)
    file.seek(0)
    image, said = read(file)
    np.testing.assert_array_equal(image, np.asarray(theirs))
    assert np.abs(image - plain).mean() > 20 and not said


def test_a_scanners_table_is_used_though_it_has_no_way_back():
    image, said = read(written(NUMBERS, "TIFF", icc_profile=scanner_profile()))
    theirs = ImageCms.profileToProfile(
        Image.fromarray(NUMBERS), io.BytesIO(scanner_profile()), ImageCms.createProfile("sRGB")
    )
    np.testing.assert_array_equal(image, np.asarray(theirs))
    assert np.abs(image.astype(int) - NUMBERS).mean() > 10 and not said


def test_lab_with_its_profile_is_lab():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    photo = Image.fromarray(images.sample("astronaut")[:64, :64])
    image, said = read(written(photo.convert("LAB"), "TIFF", icc_profile=lab))
    assert np.abs(image.astype(int) - np.asarray(photo)).max() <= 6 and not said


BLACK = matrix_profile(np.zeros((3, 3)), 2.2)
BROKEN = {
    "no profile": b"junk",
    "cut short": PROFILES["Adobe"][:200],
    "bytes lost": PROFILES["P3"][:128] + b"\xff" * 400,
    "for inks": ink_profile(),
    "for grey": grey_profile(2.2),
    "all black": BLACK,
}


@pytest.mark.parametrize("icc", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_numbers_stay_where_the_profile_cannot_be_used_and_that_is_said(icc, kind):
    image, said = read(written(NUMBERS, kind, icc_profile=icc))
    np.testing.assert_array_equal(image, NUMBERS)
    words = "its colour profile cannot be used, its numbers are read as sRGB"
    assert said == [f"photo.{kind.lower()}: {words}"]


def test_a_jpeg_that_lost_a_part_of_its_profile_is_read_with_a_warning():
    grey = np.full((16, 16, 3), 90, np.uint8)
    data = written(grey, "JPEG", icc_profile=PROFILES["Adobe"]).getvalue()
    at = data.index(b"ICC_PROFILE\0") + 12
    image, said = read(io.BytesIO(data[:at] + b"\1\2" + data[at + 2 :]))  # part 1 of 2
    assert image[0, 0].tolist() == [90, 90, 90] and "cannot be used" in said[0]


# --- colours that are said in other ways -------------------------------------------------


def png_with(*chunks):
    """A PNG of NUMBERS with more chunks before its pixels."""
    more = PngImagePlugin.PngInfo()
    for name, body in chunks:
        more.add(name, body)
    return written(NUMBERS, "PNG", pnginfo=more)


def primaries(*values):
    return b"cHRM", struct.pack(">8I", *(round(100_000 * v) for v in values))


def gamma(value):
    return b"gAMA", struct.pack(">I", round(100_000 * value))


ADOBE_XY = 0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06
SRGB_XY = 0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06


def test_png_says_primaries_and_an_exponent():
    image, _ = read(png_with(gamma(256 / 563), primaries(*ADOBE_XY)))
    # An exponent of 1 / 2.199 is taken for sRGB's curve, as libpng does.
    to_srgb = np.linalg.solve(MATRIX["sRGB"], MATRIX["Adobe"])
    expected = 255 * srgb_encoded(srgb_linear(NUMBERS / 255) @ to_srgb.T)
    assert np.abs(image - expected).max() < 1.5
    image, said = read(png_with(gamma(1 / 1.8)))
    assert np.abs(image - 255 * srgb_encoded((NUMBERS / 255) ** 1.8)).max() < 1.5 and not said
    image, said = read(png_with(gamma(1.0), primaries(*SRGB_XY)))
    assert np.abs(image - 255 * srgb_encoded(NUMBERS / 255)).max() < 1.5 and not said


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma(0.45455), primaries(*SRGB_XY)],
        [(b"sRGB", b"\0"), gamma(1.0), primaries(*ADOBE_XY)],  # sRGB is believed first
        [(b"cICP", bytes([1, 13, 0, 1])), gamma(1.0)],
        [(b"cICP", bytes([2, 2, 0, 1]))],
        [primaries(*SRGB_XY)],
    ],
)
def test_png_says_srgb_in_many_ways(chunks):
    image, said = read(png_with(*chunks))
    np.testing.assert_array_equal(image, NUMBERS)
    assert not said


def test_png_says_display_p3_by_its_code_which_counts_before_a_profile():
    options = {"icc_profile": PROFILES["ProPhoto"]}
    more = PngImagePlugin.PngInfo()
    more.add(b"cICP", bytes([12, 13, 0, 1]))
    for file in (
        png_with((b"cICP", bytes([12, 13, 0, 1]))),
        written(NUMBERS, "PNG", pnginfo=more, **options),
    ):
        image, _ = read(file)
        assert np.abs(image - by_hand(NUMBERS, "P3")).max() < 1.5


@pytest.mark.parametrize(("code", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_read_as_it_is_with_a_warning(code, name):
    image, said = read(png_with((b"cICP", bytes([9, code, 0, 1]))))
    np.testing.assert_array_equal(image, NUMBERS)
    assert len(said) == 1 and name in said[0]


def test_primaries_that_are_no_colours_are_a_broken_profile():
    image, said = read(png_with(primaries(*[0] * 8)))
    np.testing.assert_array_equal(image, NUMBERS)
    assert "cannot be used" in said[0]


def with_exif(space, interoperability=None):
    exif, said = Image.Exif(), {int(ExifTags.Base.ColorSpace): space}
    if interoperability:
        said[int(ExifTags.IFD.Interop)] = {1: interoperability}
    exif[ExifTags.Base.Make], exif[ExifTags.IFD.Exif] = "a camera", said
    return exif.tobytes()


@pytest.mark.parametrize(
    ("kind", "says"),
    [  # Pillow writes no interoperability into a TIFF
        ("PNG", (0xFFFF, "R03")),
        ("PNG", (2,)),
        ("WEBP", (0xFFFF, "R03")),
        ("TIFF", (2,)),
    ],
)
def test_a_camera_says_adobe_rgb_without_a_profile(kind, says):
    options = {"lossless": True} if kind == "WEBP" else {}
    image, _ = read(written(NUMBERS, kind, exif=with_exif(*says), **options))
    assert np.abs(image - by_hand(NUMBERS, "Adobe")).max() < 1.5


def test_a_camera_says_srgb_or_nothing_that_helps():
    for exif, words in ((with_exif(1, "R98"), []), (with_exif(0xFFFF), ["does not name"])):
        image, said = read(written(NUMBERS, "PNG", exif=exif))
        np.testing.assert_array_equal(image, NUMBERS)
        assert len(said) == len(words) and all(w in s for w, s in zip(words, said, strict=True))


def test_jpeg_2000_bmp_and_avif_keep_their_colours_where_pillow_does_not_look():
    expected, green = by_hand(NUMBERS, "Adobe"), np.full((16, 16, 3), (60, 180, 90), np.uint8)
    data = written(NUMBERS, "JPEG2000", irreversible=False).getvalue()
    at = data.index(b"colr") - 4
    box = b"colr\2\0\0" + PROFILES["Adobe"]
    box = struct.pack(">I", len(box) + 4) + box
    header = data.index(b"jp2h") - 4
    size = struct.unpack_from(">I", data, header)[0] + len(box) - 15
    data = data[:header] + struct.pack(">I", size) + data[header + 4 : at] + box + data[at + 15 :]
    assert np.abs(read(io.BytesIO(data))[0] - expected).max() < 1.5

    plain = written(NUMBERS, "BMP").getvalue()
    head = bytearray(plain[14:54] + bytes(84))
    head[0:4], head[56:60] = struct.pack("<I", 124), b"DEBM"  # a header of version 5, MBED
    head[112:120] = struct.pack("<II", 124 + len(plain) - 54, len(PROFILES["Adobe"]))
    data = plain[:10] + struct.pack("<I", 138) + head + plain[54:] + PROFILES["Adobe"]
    assert np.abs(read(io.BytesIO(data))[0] - expected).max() < 1.5

    data = bytearray(written(green, "AVIF", quality=100, subsampling="4:4:4").getvalue())
    at = data.index(b"colrnclx") + 8
    assert struct.unpack_from(">HH", data, at) == (1, 13) and not read(io.BytesIO(data))[1]
    struct.pack_into(">H", data, at, 12)
    assert np.abs(read(io.BytesIO(data))[0] - by_hand(green, "P3")).max() < 3


# --- frames ------------------------------------------------------------------------------


def frames(count, size=(40, 24)):
    return [
        Image.fromarray(RNG.integers(0, 256, (*size[::-1], 3), dtype=np.uint8))
        for _ in range(count)
    ]


@pytest.mark.parametrize(("kind", "count"), [("WEBP", 3), ("PNG", 4), ("AVIF", 2), ("GIF", 5)])
def test_of_an_animation_the_first_frame_is_taken_with_a_warning(kind, count):
    first, *more = frames(count)
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "AVIF" else {}
    image, said = read(written(first, kind, save_all=True, append_images=more, **options))
    assert image.shape == (24, 40, 3)
    assert said == [f"photo.{kind.lower()}: the first of {count} frames is taken"]
    if kind in ("WEBP", "PNG"):
        np.testing.assert_array_equal(image, np.asarray(first))


def tiff(pages, subfile=0):
    """A TIFF of several pages, the later ones of some NewSubfileType."""
    for page in pages[1:]:
        page.encoderinfo = {"tiffinfo": {254: subfile}}
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return io.BytesIO(file.getvalue())


def test_pages_are_frames_and_previews_and_masks_are_not():
    pages = [*frames(1), *frames(2, (10, 10))]
    image, said = read(tiff(pages))
    np.testing.assert_array_equal(image, np.asarray(pages[0]))
    assert said == ["the file: the first of 3 frames is taken"]
    for subfile in (1, 4):
        image, said = read(tiff(pages, subfile))
        np.testing.assert_array_equal(image, np.asarray(pages[0]))
        assert not said


def mpo(first, second, kind=None):
    """Two pictures as a camera writes them; kind: what the second one is (CIPA DC-007)."""
    data = bytearray(written(first, "MPO", save_all=True, append_images=[second]).getvalue())
    if kind is not None:
        entry = data.index(struct.pack("<L", 0x030000), data.index(b"\x02\xb0"))
        data[entry + 16 : entry + 20] = struct.pack("<L", kind)
    return data


def test_a_second_view_is_another_picture_and_what_telephones_add_is_not():
    first, other = frames(2, (48, 32))
    small, grey = frames(1, (24, 16))[0], other.convert("L")
    for data in (mpo(first, other), mpo(first, small, 0x020002)):  # a pair; disparity
        assert read(io.BytesIO(data))[1] == ["the file: the first of 2 frames is taken"]
    silent = mpo(first, small), mpo(first, other, 0x010002), mpo(first, grey)
    for data in silent:  # a gain map, a large thumbnail, a map of depth
        assert not read(io.BytesIO(data))[1]
    cut = mpo(first, other)
    cut = cut[: cut.index(b"\xff\xd9") + 2]  # as a messenger sends it: only the index is left
    image, said = read(io.BytesIO(cut))
    assert image.shape == (32, 48, 3) and not said
