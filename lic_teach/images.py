"""Pictures in and out: the one place where files become arrays.

    file --load--> uint8 (H, W, 3) --save--> file

Both codecs take and return what `load` returns: sRGB, 8 bits a sample, rows first. Whatever
a camera or a drawing program put into the file beyond that (orientation, transparency,
16 bits, inks, other colours, further frames) is turned into it here, once, with a warning
where something is lost. What the numbers of a file mean is profiles.py's.
Lesson start_here opens its pictures with this file.
"""

import io
import os
import secrets
import shutil
import tempfile
import warnings
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lic_teach import profiles

# Colour photographs that ship inside the scikit-image wheel: nothing is downloaded.
SAMPLES = ("astronaut", "coffee", "chelsea", "rocket")

# Checked before any pixel is decoded: 50 million are 150 MB as uint8, 600 MB as float32.
MAX_PIXELS = 50_000_000

MAX_BYTES = 500_000_000  # of a file: as many pixels of 16 bits and transparency have 400 MB

# What Pillow may take a file for. It knows more formats: one of them starts another program.
FORMATS = "PNG", "JPEG", "WEBP", "AVIF", "GIF", "JPEG2000", "TIFF", "PPM", "BMP"

NEW_SUBFILE_TYPE, REDUCED, MASK = 254, 1, 4  # TIFF 6.0, section 8
MP_ENTRIES = 0xB002  # CIPA DC-007: the pictures of an MPO, which is what most telephones write

LOSSLESS = {".png": "PNG", ".ppm": "PPM", ".bmp": "BMP", ".tif": "TIFF", ".tiff": "TIFF"}
PICTURES = {*LOSSLESS, ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".jp2"}  # what `load` reads
OTHER_NAMES = {  # of the same formats
    **dict.fromkeys((".jfif", ".jpe"), ".jpg"),
    **dict.fromkeys((".pgm", ".pbm", ".pnm"), ".ppm"),
    **dict.fromkeys((".j2k", ".j2c", ".jpc", ".jpf", ".jpx"), ".jp2"),
    ".apng": ".png",
    ".avifs": ".avif",
}


def sample(name: str) -> np.ndarray:
    """A sample photograph by name: uint8 (H, W, 3).

    astronaut is 512 x 512, coffee 400 x 600, chelsea 300 x 451, rocket 427 x 640 (rows x
    columns). Raises ValueError for a name that is not in SAMPLES.
    """
    from skimage import data  # here, because it is slow to import and few callers need it

    if name not in SAMPLES:
        raise ValueError(f"no sample photograph {name!r}: choose one of {', '.join(SAMPLES)}")
    return getattr(data, name)()


def load(path: str | Path | BinaryIO) -> np.ndarray:
    """Read a picture: uint8 (H, W, 3), upright as its EXIF orientation says, in sRGB.

    path: a path, or a binary file open for reading. Grayscale becomes three equal channels,
    CMYK and other colours become sRGB. Warns where something is lost: transparency is put on
    white, 16 bits lose their lower 8, colours outside sRGB are clipped, colours that a file does
    not explain are taken for sRGB, and of several frames, pages or views there is the first.
    Raises OSError where the file cannot be read, ValueError where it holds no picture, a
    damaged one, one of more than MAX_PIXELS, or samples that are neither 8 nor 16 bits.
    """
    data = read(path)
    name = getattr(path, "name", "the file") if hasattr(path, "read") else os.fspath(path)
    opened = _open(data, name)
    # libjpeg cannot stop in the middle of arithmetic-coded data: give it all of the file at once
    opened.decodermaxblock = max(getattr(opened, "decodermaxblock", 0), len(data))
    deep = _is_16_bit(opened)  # the file's own depth, which Pillow forgets once it decodes
    try:
        picture = ImageOps.exif_transpose(opened)
        picture.load()
    except Exception as error:  # decoders raise OSError, ValueError, SyntaxError, struct.error, ...
        raise ValueError(f"{name}: the picture is damaged or cut short ({error})") from error
    icc, note = profiles.stated(opened, data)
    colours, alpha = _split(picture, name)
    rgb, lost = profiles.to_srgb(colours, icc)
    rgb, seen_through = (rgb, "") if alpha is None else _on_white(rgb, alpha)
    cut = "16 bits a sample, the upper 8 are kept" if deep else ""
    for words in filter(None, (_frames(data, name), note, lost, seen_through, cut)):
        warnings.warn(f"{name}: {words}", stacklevel=2)
    return np.array(rgb)


def upright(image: np.ndarray, exif: bytes, xmp: bytes) -> np.ndarray:
    """Turn a picture as its camera says: uint8 (H, W, 3) or (H, W), what `load` does by itself.

    exif, xmp: what the file says, or nothing. Where that makes no sense, the picture stays.
    """
    if not exif and not xmp:
        return image
    picture = Image.fromarray(image)
    picture.info |= {"exif": exif} if exif else {}
    picture.info |= {"xmp": xmp} if xmp else {}
    try:
        with warnings.catch_warnings(action="ignore"):
            return np.asarray(ImageOps.exif_transpose(picture))
    except Exception:  # as below, for every way in which a camera's list can be broken
        return image


def read(path: str | Path | BinaryIO) -> bytes:
    """All of a file, or of one open for reading; ValueError where it is larger than MAX_BYTES."""
    with nullcontext(path) if hasattr(path, "read") else open(path, "rb") as file:
        data = bytearray()  # by and by: read(MAX_BYTES) asks for so much memory, however small
        while len(data) <= MAX_BYTES and (part := file.read(1 << 20)):
            data += part
    if len(data) > MAX_BYTES:
        raise ValueError(f"{path}: too large: more than {MAX_BYTES:,} bytes")
    return bytes(data)


def _open(data, name):
    """Find the format and size, decode nothing yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name}: too large: {error}") from error
    except UnidentifiedImageError as error:
        if data[:2] == b"\xff\xd8":
            words = "no picture that Pillow can read, but it begins as a JPEG does"
            raise ValueError(f"{name}: {words}; `lic-teach decompress` may read it") from error
        found = f"{len(data):,} bytes that begin with {data[:12]!r}" if data else "an empty file"
        raise ValueError(f"{name}: no picture ({', '.join(FORMATS)}), found {found}") from error
    except Exception as error:  # as above
        raise ValueError(f"{name}: no picture that Pillow can read ({error})") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"{name}: {width:,} x {height:,} are {width * height:,} pixels, "
            f"the limit is {MAX_PIXELS:,}: scale it down or crop it first"
        )
    return picture


def _is_16_bit(picture):
    """Whether the file stores 16 bits a sample (Pillow decodes 16-bit colour to 8 unasked)."""
    raw_modes = str([tile[3] for tile in getattr(picture, "tile", [])])
    return picture.mode.startswith("I;16") or ";16" in raw_modes


def _split(picture, name):
    """A decoded picture -> its colours, mode L, RGB, CMYK or LAB, and alpha, mode L, or None."""
    if picture.mode.startswith("I;16"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        kind = "32-bit integers" if picture.mode == "I" else "32-bit floats"
        raise ValueError(f"{name}: samples are {kind}, expected 8 or 16 bits: convert it first")
    grey = picture.mode in ("1", "L", "LA")
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        return rgba.getchannel("R") if grey else rgba.convert("RGB"), rgba.getchannel("A")
    kept = picture.mode if picture.mode in ("CMYK", "LAB") else "RGB"
    return picture.convert("L" if grey else kept), None


def _on_white(rgb, alpha):
    """The picture without its transparency, and a note where there was some."""
    rgb.putalpha(alpha)
    flat = Image.alpha_composite(Image.new("RGBA", rgb.size, "white"), rgb).convert("RGB")
    return flat, "transparent pixels, put on white" if alpha.getextrema()[0] < 255 else ""


def _frames(data, name):
    """Says that there is more in a file than its first picture. Previews are nothing more."""
    try:
        with warnings.catch_warnings(action="ignore"):  # heard when it was opened the first time
            picture = _open(data, name)
            count = getattr(picture, "n_frames", 1)
            others = sum(_is_another(picture, n) for n in range(1, count))
    except Exception:  # an index of what was cut off: programs that send a photograph do that
        return ""
    return f"the first of {others + 1} frames is taken" if others else ""


def _is_another(picture, n):
    """Whether frame n is a picture of its own: no thumbnail, mask or map of the first."""
    if picture.format not in ("MPO", "TIFF"):
        return True
    size = picture.size
    picture.seek(n)
    if picture.format == "TIFF":
        return not picture.tag_v2.get(NEW_SUBFILE_TYPE, 0) & (REDUCED | MASK)
    kind = picture.mpinfo[MP_ENTRIES][n]["Attribute"]["MPType"]
    alike = kind == "Undefined" and picture.mode == "RGB" and picture.size == size
    return "Multi-Frame" in kind or alike


def members(folder: Path, suffixes: set[str] = PICTURES) -> list[Path]:
    """The files of a folder with one of these suffixes, by name; ValueError if there is none."""
    found = sorted(p for p in folder.iterdir() if kind(p) in suffixes and p.is_file())
    if not found:
        raise ValueError(f"{folder} holds none of {', '.join(sorted(suffixes))}")
    return found


def kind(path: str | Path) -> str:
    """The extension of a name in small letters, the usual one of its format.

    >>> kind("IMG_1.JFIF"), kind("photo.png")
    ('.jpg', '.png')
    """
    suffix = Path(path).suffix.lower()
    return OTHER_NAMES.get(suffix, suffix)


def save(path: str | Path, image: np.ndarray) -> None:
    """Write a picture without loss; the extension picks the format: .png, .ppm, .bmp, .tif.

    image: uint8 (H, W, 3), or (H, W) for grayscale. Lossy formats are the codecs' work
    (jpeg.encode, learned.encode), so .jpg is refused with a ValueError, as are other arrays.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or (image.ndim != 2 and image.shape[2:] != (3,)):
        raise ValueError(f"expected uint8 (H, W, 3) or (H, W), got {image.dtype} {image.shape}")
    suffix = Path(path).suffix.lower()
    if suffix not in LOSSLESS:
        raise ValueError(f"cannot save as {suffix or 'no extension'!r}: use {', '.join(LOSSLESS)}")
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, LOSSLESS[suffix])
    write_atomic(path, buffer.getvalue())


def write_atomic(path: str | Path, data: bytes) -> None:
    """Write bytes so that a reader finds the old file or the whole new one, never a part.

    A temporary file in the same folder is written, synced to the disk, then renamed; it has the
    old file's permissions. Raises OSError, which names `path`.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.is_file():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):  # of a disk that takes nothing: the first error is the one to tell
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error
        raise


def try_place(path: str | Path) -> None:
    """Raise the OSError that writing a file or folder `path` would raise: before the work.

    It names `path`. Nothing is left behind; folders that are still to be made may be missing.
    """
    target = Path(os.path.realpath(path))
    try:
        with suppress(FileNotFoundError):
            os.stat(target)  # a name that is too long
        folder = next(folder for folder in (target, *target.parents) if folder.is_dir())
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def pad_to_multiple(image: np.ndarray, n: int) -> np.ndarray:
    """Repeat the last row and column until both sides divide by n: (H, W[, C]) any dtype.

    >>> pad_to_multiple(np.array([[1, 2, 3]]), 2).tolist()
    [[1, 2, 3, 3], [1, 2, 3, 3]]
    """
    height, width = image.shape[:2]
    padding = [(0, -height % n), (0, -width % n)] + [(0, 0)] * (image.ndim - 2)
    return np.pad(image, padding, mode="edge")


def centre_crop(image: np.ndarray, size: int) -> np.ndarray:
    """The middle size x size pixels of (H, W[, C]); a side shorter than size stays whole.

    >>> centre_crop(np.array([[1, 2, 3, 4]]), 2).tolist()
    [[2, 3]]
    """
    height, width = image.shape[:2]
    top, left = max(height - size, 0) // 2, max(width - size, 0) // 2
    return image[top : top + size, left : left + size]


def thread_block() -> np.ndarray:
    """The block that the lessons follow from pixels to bits: uint8 (8, 8, 3) RGB.

    Rows 88..95, columns 192..199 of "chelsea": the rim of the cat's eye. It is block row 11,
    block column 24 of the luma plane.
    """
    return sample("chelsea")[88:96, 192:200]
