"""What the numbers of a picture file mean: whatever colours they are in, turned into sRGB.

    picture, file --stated--> an ICC profile, or None for sRGB
    picture, profile --to_srgb--> picture in sRGB

A number is a colour only together with primaries, a white and a curve. A file says which in one
of many ways: with an ICC profile, CICP codes, PNG's gAMA and cHRM, EXIF's Adobe RGB. All of them
become a profile here, and LittleCMS (Pillow's ImageCms) converts. The codecs compress numbers and
know nothing of this; a telephone's numbers shown as sRGB would look dull, and they would get the
blame. Sources: ICC.1:2022; ITU-T H.273; PNG, third edition, 4.3; EXIF 2.32.
"""

import io
import struct

import numpy as np
from PIL import ExifTags, Image, ImageChops, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}  # of ICC's colour spaces

BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
D50 = np.array([0.9642, 1, 0.8249])

SAME = 2  # levels: profiles that differ less from sRGB are its spellings
FAR = 5  # levels: what does not come back from sRGB this well was not in it

D65 = 0.3127, 0.3290
ADOBE = 0.64, 0.33, 0.21, 0.71, 0.15, 0.06  # x, y of red, green, blue
SRGB_CURVE, ADOBE_GAMMA = 0.0, 563 / 256

# ITU-T H.273, tables 2 and 3. The curves of television stand for sRGB's, as on every screen.
PRIMARIES = {
    1: (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06),  # BT.709, sRGB
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (*D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (*D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),  # BT.2020
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),  # Display P3
}
CURVES = dict.fromkeys((1, 6, 13, 14, 15), SRGB_CURVE) | {4: 2.2, 5: 2.8, 8: 1.0}
UNSPECIFIED = 2
HDR = {16: "PQ", 18: "HLG"}

UNUSABLE = "its colour profile cannot be used, its numbers are read as sRGB"
UNKNOWN = "its colours are in a space that it does not name, its numbers are read as sRGB"


def stated(picture: Image.Image, data: bytes) -> tuple[bytes | None, str]:
    """What a file says of its colours: an ICC profile, or None for sRGB; a note, or "".

    picture: as Pillow opened it from `data`, and decoded: what is asked for EXIF decodes a PNG,
    and whether that goes well is not asked here. An empty profile is one that cannot be read.
    The order of trust is that of PNG and HEIF.
    """
    info, icc, codes = picture.info, _icc(picture, data), _cicp(picture.format, data)
    if codes and (icc is None or picture.format == "PNG") and UNSPECIFIED not in codes:
        primaries, curve = PRIMARIES.get(codes[0]), CURVES.get(codes[1])
        if primaries and curve is not None:
            return matrix_profile(primaries, curve), ""
        if icc is None:
            name = HDR.get(codes[1], f"code {codes[0]}/{codes[1]}")
            return None, f"its colours are {name}, its numbers are read as sRGB"
    if icc is not None or "srgb" in info:
        return icc, ""
    gamma, primaries = info.get("gamma"), info.get("chromaticity")
    if gamma or primaries:
        # As libpng: no difference under 5 %. 1/2.2 is how older programs write sRGB.
        curve = SRGB_CURVE if not gamma or abs(2.2 * gamma - 1) < 0.05 else 1 / gamma
        return matrix_profile(primaries or PRIMARIES[1], curve), ""
    return _exif(picture)


def _icc(picture, data):
    """The profile in a file, b"" for a damaged one, None for none. Pillow finds most of them."""
    if "icc_profile" in picture.info:
        icc = picture.info["icc_profile"]
        return icc if isinstance(icc, bytes) else b""
    if picture.format == "JPEG2000" and (at := data.find(b"colr\2", 0, 1 << 16)) > 0:
        return data[at + 7 :]  # it begins with its length
    if picture.format == "BMP" and data[70:74] == b"MBED"[::-1]:
        start = 14 + int.from_bytes(data[126:130], "little")
        return data[start:]
    return None


def _cicp(kind, data):
    """The codes of primaries and curve, H.273: of PNG's cICP, of AVIF's colr box; or None."""
    codes, at = b"", 8
    while kind == "PNG" and not codes and data[at + 4 : at + 8] not in (b"", b"IDAT"):
        if data[at + 4 : at + 8] == b"cICP":
            codes = data[at + 8 : at + 10]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    if kind == "AVIF" and (at := data.find(b"colrnclx", 0, 1 << 16)) > 0:
        codes = data[at + 9 : at + 12 : 2]  # the lower bytes of two numbers of 16 bits
    return tuple(codes) if len(codes) == 2 else None


def _exif(picture):
    """What EXIF or a TIFF's own tags say: as `stated`."""
    try:
        exif = picture.getexif()
        more = exif.get_ifd(ExifTags.IFD.Exif)
        space = more.get(ExifTags.Base.ColorSpace)
        rule = exif.get_ifd(ExifTags.IFD.Interop).get(1) if ExifTags.IFD.Interop in more else ""
        white = exif.get(ExifTags.Base.WhitePoint)
        primaries = exif.get(ExifTags.Base.PrimaryChromaticities)
    except Exception:  # EXIF is what cameras make of it, and Pillow raises what it likes
        return None, ""
    if space == 1:
        return None, ""
    if str(rule).startswith("R03") or space == 2:  # DCF's optional space; what some write for it
        return matrix_profile((*D65, *ADOBE), ADOBE_GAMMA), ""
    if white and primaries:
        return matrix_profile((*white, *primaries), SRGB_CURVE), ""
    return None, UNKNOWN if space == 0xFFFF else ""


def matrix_profile(primaries: tuple[float, ...], gamma: float = SRGB_CURVE) -> bytes:
    """An ICC profile of x, y of white, red, green and blue and an exponent, or sRGB's curve.

    b"" where these are no colours. Bradford's matrix takes the white to D50, that of every
    profile (ICC.1:2022, annexes E and F.3).
    """
    try:
        xy = np.array([float(value) for value in primaries]).reshape(4, 2)
        with np.errstate(all="raise"):
            xyz = np.column_stack([xy, 1 - xy.sum(1)]).T / xy[:, 1]  # columns; Y is 1
        white, rgb = xyz[:, 0], xyz[:, 1:]
        rgb = rgb * np.linalg.solve(rgb, white)  # so that they add up to white
        scale = np.diag((BRADFORD @ D50) / (BRADFORD @ white))
        columns = [_fixed(*c) for c in np.linalg.solve(BRADFORD, scale @ BRADFORD @ rgb).T]
        curve = struct.pack(">HH", 0, 0) + _fixed(gamma)
    except (ArithmeticError, ValueError, struct.error, np.linalg.LinAlgError):
        return b""
    if gamma == SRGB_CURVE:
        curve = struct.pack(">HH", 3, 0) + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {f"{c}XYZ": b"XYZ \0\0\0\0" + column for c, column in zip("rgb", columns, strict=True)}
    return _profile(tags | {f"{c}TRC": b"para\0\0\0\0" + curve for c in "rgb"})


def _fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(tags):
    """Tags by name -> an ICC file: 128 bytes of header, a table of the tags, the tags."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name.encode(), 132 + 12 * len(tags) + len(body), len(tag))
        body += tag
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4xI12s12x4s28x", size, 4 << 24, b"mntrRGB XYZ ", b"acsp") + _fixed(*D50)
    return head.ljust(128, b"\0") + table + body


def to_srgb(picture: Image.Image, icc: bytes | None) -> tuple[Image.Image, str]:
    """A picture in the colours of a profile -> one in sRGB, mode RGB, and a note, or "".

    picture: mode L, RGB, CMYK or LAB; icc: from `stated`. The numbers stay as they are where the
    profile cannot be used, and where it is sRGB by another name: that is seen by what it does to
    all kinds of colours. The note says what was lost.
    """
    if icc is None:
        return picture.convert("RGB"), ""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        picture = _in_mode(picture, MODES[profile.profile.xcolor_space])
        exact = ImageCms.Flags.NOOPTIMIZE if picture.mode == "L" else ImageCms.Flags.NONE
        transform = ImageCms.buildTransform(profile, SRGB, picture.mode, "RGB", flags=exact)
        probe = _probe(picture.mode)
        found = np.asarray(ImageCms.applyTransform(probe, transform)).astype(int)
    except (KeyError, OSError, TypeError, ValueError, ImageCms.PyCMSError):
        return picture.convert("RGB"), UNUSABLE
    if found[0, 0].max() > 100 or found[0, -1].min() < 200:  # black is not black, white not white
        return picture.convert("RGB"), UNUSABLE
    if picture.mode in ("L", "RGB") and np.abs(found - probe.convert("RGB")).max() <= SAME:
        return picture.convert("RGB"), ""
    converted = ImageCms.applyTransform(picture, transform)
    return converted, _lost(picture, converted, profile) if picture.mode == "RGB" else ""


def _in_mode(picture, mode):
    """A grey picture may have a profile for colour, and the other way round; ValueError else."""
    fits = picture.mode == mode or (picture.mode, mode) == ("L", "RGB")
    if (picture.mode, mode) == ("RGB", "L"):  # AVIF and WebP know no grey
        fits = not ImageChops.difference(picture.convert("L").convert("RGB"), picture).getbbox()
    if not fits:
        raise ValueError(f"a profile for {mode}, a picture in {picture.mode}")
    return picture.convert(mode)


def _probe(mode):
    """A row of colours from black to white: of grey and RGB all kinds, of inks these two."""
    if mode == "CMYK":
        colours = np.array([[[255] * 4, [0] * 4]], np.uint8)
    elif mode == "LAB":
        colours = np.array([[[0, 0, 0], [255, 0, 0]]], np.uint8)
    else:
        colours = np.arange(256, dtype=np.uint8)[None]
    if mode == "RGB":
        grid = np.stack(np.meshgrid(*[colours[0, ::15]] * 3), -1).reshape(-1, 3)
        colours = np.concatenate([grid, colours.T.repeat(3, 1)])[None]
    return Image.frombytes(mode, colours.shape[1::-1], colours.tobytes())


def _lost(picture, converted, profile):
    """Colours outside sRGB do not come back from it: how many pixels have them."""
    try:
        back = ImageCms.buildTransform(SRGB, profile, "RGB", "RGB")
    except ImageCms.PyCMSError:  # a scanner's: it says where its numbers lead, not the way back
        return ""
    difference = ImageChops.difference(picture, ImageCms.applyTransform(converted, back))
    red, green, blue = difference.split()
    counts = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    far = sum(counts[FAR:])
    return f"{far:,} of its pixels have colours outside sRGB, which were clipped" if far else ""
