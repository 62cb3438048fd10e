"""Files of both codecs, by name and by content: what the commands compress, decode, describe.

    picture --encoder(name)--> bytes of a .jpg or .lic --decode--> picture
                                                       --describe--> lines of text

The name of a file picks the codec when it is written, its first bytes when it is read. A folder
is a list of such files. What the commands say of files and of errors is here too. The command
line stands on this; lessons call the codecs themselves.
"""

import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from mimetypes import MimeTypes
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lic_teach import images
from lic_teach.images import PICTURES, kind, members, try_place

DEFAULT_LAM, DEFAULT_QUALITY = 1e-2, 75
JPEG_SUFFIXES = ".jpg", ".jpeg"
CODED = {*JPEG_SUFFIXES, ".lic"}
STDOUT = "standard output"
TYPES = MimeTypes()  # by extension, as Python alone knows them
EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"  # how these APP1 segments begin

Encoder = Callable[[np.ndarray], tuple[bytes, np.ndarray]]


def jobs(source: Path, target: Path, suffixes: set[str], suffix: str) -> list[tuple[Path, Path]]:
    """What to read and what to write: one pair for a file, one for each file of a folder.

    Of a folder all files with one of `suffixes` are taken, sorted by name, without subfolders;
    each keeps its name and gets `suffix`. Makes nothing. ValueError in words.
    """
    if not source.is_dir():
        if target.is_dir():
            raise ValueError(f"{target} is a folder: say what the file in it shall be called")
        return [(source, target)]
    if target.exists() and not target.is_dir():
        raise ValueError(f"{source} is a folder, so OUT must be one, and {target} is a file")
    if not target.exists() and kind(target) in PICTURES | CODED:
        raise ValueError(f"{source} is a folder, so OUT must be one: {target} names a file")
    found = members(source, suffixes)
    return [(path, target / f"{path.stem}{suffix}") for path in found]


def left_out(folder: Path, suffixes: set[str]) -> str:
    """Which files of a folder `members` does not take, in words; the empty string for none.

    Text and hidden files are not named: nobody expects them to be taken.
    """
    found = [p for p in sorted(folder.iterdir()) if p.is_file() and kind(p) not in suffixes]
    names = [p.name for p in found if p.name[0] != "." and not _is_text(p)]
    if not names:
        return ""
    kinds = sorted({Path(name).suffix.lower() or "names without an extension" for name in names})
    count = f"{len(names)} file{'s' if len(names) > 1 else ''} left out"
    return f"{count}: {some(names)} (not read here: {some(kinds)})"


def _is_text(path):
    return (TYPES.guess_type(path.name)[0] or "").startswith("text/")


def make_folder(source: Path, target: Path) -> None:
    """Where IN is a folder, OUT becomes one; a file goes into a folder that is there."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)


def refuse_to_overwrite(target: Path, force: bool) -> None:
    """ValueError where there is such a file, without --force, or where there can be none.

    OSError where the place cannot be written: before the work, not after it.
    """
    if target.exists() and not target.is_file():
        raise ValueError(f"{target} is no file that can be written: choose another name")
    if not target.parent.is_dir():
        raise ValueError(f"{target.parent} is no folder")
    if target.exists() and not force:
        raise ValueError(f"{target} exists: --force overwrites it")
    try_place(target)


def refuse_to_lose(source: Path, target: Path, force: bool) -> None:
    """refuse_to_overwrite, and never write a file over the one that it is made from."""
    if target.exists() and source.exists() and os.path.samefile(source, target):
        raise ValueError(f"{target} would be written over itself: choose another name")
    refuse_to_overwrite(target, force)


# --- pictures <-> files ------------------------------------------------------------------


def encoder(
    target: Path,
    quality: int | None,
    lam: float | None,
    eye: bool = False,
    arithmetic: bool = False,
    steps: int | None = None,
) -> Encoder:
    """The function image -> (bytes, decoded image) that OUT's name and the options ask for."""
    suffix = kind(target)
    if suffix in JPEG_SUFFIXES:
        if steps is not None:
            raise ValueError("--overfit is for a .lic file: a JPEG's decoder is fixed")
        return jpeg_encoder(quality, lam, eye, arithmetic)
    if suffix != ".lic":
        raise ValueError(f"{target}: the name must end in .jpg or .lic, to pick the codec")
    if quality is not None:
        raise ValueError("--quality is JPEG's: a .lic file takes --lam")
    for option, asked in (("--eye", eye), ("--arithmetic", arithmetic)):
        if asked:
            raise ValueError(f"{option} is JPEG's: a .lic file takes --lam")
    lam = DEFAULT_LAM if lam is None else lam
    return learned_encoder(lam) if steps is None else overfit_encoder(lam, steps)


def jpeg_encoder(
    quality: int | None, lam: float | None, eye: bool = False, arithmetic: bool = False
) -> Encoder:
    """Of .jpg files, at a quality or for a lambda; ValueError for both, for a wrong quality, and
    for the eye without a lambda."""
    from lic_teach import jpeg

    if quality is not None and lam is not None:
        raise ValueError("--quality and --lam exclude each other")
    if eye and lam is None:
        raise ValueError("--eye asks for --lam: it says which errors lambda counts")
    quality = DEFAULT_QUALITY if quality is None else quality
    jpeg.quantize.scale(jpeg.quantize.LUMINANCE, quality)  # before any picture: is it in 1..100?
    options = {"quality": quality} if lam is None else {"lam": lam}
    options |= {"eye": True} if eye else {}
    options |= {"arithmetic": True} if arithmetic else {}

    def encode(image):
        data = jpeg.encode(image, **options)
        return data, jpeg.decode(data)

    return encode


def learned_encoder(lam: float) -> Encoder:
    """Of .lic files, by the best model that is shipped; ValueError for a lambda out of range."""
    from lic_teach import learned
    from lic_teach.learned import quantize

    quantize.to_code(lam)  # before any picture is read: is it in the range?
    model = learned.load()

    def encode(image):
        data = learned.encode(image, model, lam)
        return data, learned.decode(data, model)

    return encode


def overfit_encoder(lam: float, steps: int) -> Encoder:
    """Of .lic files with their own networks, with a bar; ValueError for a lambda out of range."""
    from lic_teach import overfit
    from lic_teach.learned import quantize

    quantize.to_code(lam)  # before any picture is read: is it in the range?

    def encode(image):
        with tqdm(total=steps, unit="step", disable=None) as bar:

            def show(_, rate, distortion):
                bar.set_postfix_str(f"{rate:.3f} bpp, D {distortion:.1f}", refresh=False)
                bar.update()

            data = overfit.encode(image, lam, steps, show)
        return data, overfit.decode(data)

    return encode


def load(path: Path, lenient: bool = False) -> np.ndarray:
    """images.load; lenient: of a damaged JPEG what can be decoded, with a warning."""
    if not lenient or (data := images.read(path))[:2] != b"\xff\xd8":
        return images.load(path)
    with about(path):
        image = decode(data, lenient)
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, 2)


def decode(data: bytes, lenient: bool = False) -> np.ndarray:
    """A file of either codec -> picture, uint8 (H, W, 3) or (H, W), upright as images.load has it.

    lenient: of a damaged JPEG what can be decoded, the rest grey, with a warning.
    """
    if codec_of(data) == "learned":
        from lic_teach import learned, overfit

        if overfit.is_overfitted(data):
            return overfit.decode(data)
        return learned.decode(data, learned.model_of(data))
    from lic_teach import jpeg

    image = jpeg.decode(data, strict=not lenient)
    if image.ndim == 3 and image.shape[2] != 3:
        raise ValueError(f"{image.shape[2]} components, and nothing says which colours they are")
    return images.upright(image, *_camera_notes(data))


def _camera_notes(data: bytes) -> tuple[bytes, bytes]:
    """The Exif and the XMP block of a JPEG, or nothing: Exif may take several segments."""
    from lic_teach.jpeg import container

    exif = xmp = b""
    for segment in container.parse(data):
        payload = data[segment.offset + 4 : segment.offset + segment.length]
        if segment.name == "SOS":
            break
        if segment.name == "APP1" and payload.startswith(EXIF):
            exif += payload if not exif else payload[len(EXIF) :]
        if segment.name == "APP1" and payload.startswith(XMP):
            xmp = payload[len(XMP) :]
    return exif, xmp


def codec_of(data: bytes) -> str:
    """ "jpeg" or "learned", by the first bytes; ValueError for other files."""
    if data[:2] == b"\xff\xd8":
        return "jpeg"
    if data[:4] == b"\x89LIC":
        return "learned"
    found = f"begins with {data[:8]!r}" if data else "is empty"
    raise ValueError(f"neither a JPEG nor a .lic file: it {found}")


# --- what is said ------------------------------------------------------------------------


@contextmanager
def about(source: Path | str) -> Iterator[None]:
    """An error says which file it is about, or what else was at work: it takes a note of it."""
    try:
        yield
    except Exception as error:
        if not getattr(error, "filename", None):  # an OSError mostly has one
            error.add_note(str(source))
        raise


def tell(line: str) -> None:
    """A line on stdout, above any bar. Where it cannot go, the OSError is about STDOUT."""
    try:
        tqdm.write(line, file=sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, STDOUT) from error


def sentence(error: Exception) -> str:
    """One line about an error: which file, what is wrong.

    ValueError and OSError are what users meet, and are made to be read. Any other says its type
    and the line of code that it comes from, so that a mistake of ours can be found.
    """
    words = getattr(error, "strerror", None) or str(error)
    if getattr(error, "filename", None):
        words = f"{error.filename}: {words}"
    if not isinstance(error, (ValueError, OSError)):
        words = _unforeseen(error)
    for note in getattr(error, "__notes__", []):
        words = words if words.startswith(note) else f"{note}: {words}"
    return words


def _unforeseen(error):
    words = " ".join(str(error).split())
    short = re.search("(allocate|not enough|out of) memory", words, re.IGNORECASE)  # torch's words
    if short or isinstance(error, MemoryError):
        return "too little memory"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{place}: {words[:300] or 'no more is known'}"


def some(words: Sequence[str], comma: str = ", ", most: int = 3) -> str:
    """The first few of many, and how many more there are.

    >>> some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return comma.join(words[:most]) + more


# --- what a file says of itself ----------------------------------------------------------


def describe(data: bytes) -> Iterator[str]:
    """What a JPEG or .lic file consists of, line by line. ValueError where it is not whole."""
    if codec_of(data) == "jpeg":
        return describe_jpeg(data)
    from lic_teach import overfit

    return describe_overfitted(data) if overfit.is_overfitted(data) else describe_learned(data)


def describe_jpeg(data: bytes) -> Iterator[str]:
    """One line a segment: offset, length, name, meaning. A file cut short says so at its end."""
    from lic_teach.jpeg import container

    segments = container.parse(data)
    for offset, length, name, meaning in segments:
        yield f"{offset:>10,} {length:>10,}  {name:<5} {meaning}"
    if "EOI" not in [segment.name for segment in segments]:
        raise ValueError("the file ends before its EOI marker: it is cut short")


def describe_learned(data: bytes) -> Iterator[str]:
    """The header's fields."""
    from lic_teach.learned import container, quantize

    header, payload = container.read(data)
    yield f"  picture   {header.width} x {header.height} pixels"
    yield f"  rate      {8 * len(data) / (header.width * header.height):.3f} bpp"
    yield f"  lambda    {quantize.from_code(header.lam_code):.4g}"
    yield f"  model     {header.model.hex()}"
    yield f"  payload   {len(payload):,} bytes at offset {container.HEADER.size}"
    yield "  checksum  right"


def describe_overfitted(data: bytes) -> Iterator[str]:
    """The header's fields of a file whose networks are in it."""
    from lic_teach.overfit import codec, container

    header, payload = container.read(data)
    yield f"  picture   {header.width} x {header.height} pixels"
    yield f"  rate      {8 * len(data) / (header.width * header.height):.3f} bpp"
    yield f"  lambda    about {codec.lam_of(header.step):.2g}"
    yield "  model     in the file: overfitted to this picture"
    yield f"  payload   {len(payload):,} bytes at offset {container.HEADER.size}"
    yield "  checksum  right"
