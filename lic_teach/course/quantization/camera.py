"""A .jpg laid out as a camera's: two pictures in one file, and whose they are."""

import io
import struct

from PIL import Image

from lic_teach import images


def camera_file(quality: int = 88, maker: str = "a camera") -> bytes:
    """A .jpg laid out as cameras do it, made with Pillow: bytes. Its Exif segment has a thumbnail.

    Exif (JEITA CP-3451, 4.7.1) wants its segment, APP1, right behind SOI: JFIF's goes. The
    thumbnail is a whole JPEG file of its own inside the file, with coarser tables. (Exif's second
    directory, IFD1, tells where: JPEGInterchangeFormat.)
    """
    picture = Image.fromarray(images.sample("coffee"))
    options = {"subsampling": "4:2:0", "optimize": True}
    small, whole = io.BytesIO(), io.BytesIO()
    picture.resize((96, 64)).save(small, "JPEG", quality=30, **options)
    picture.save(whole, "JPEG", quality=quality, exif=_exif(maker, _no_jfif(small)), **options)
    return _no_jfif(whole)


def _no_jfif(file):
    """The bytes of Pillow's file without its first segment, APP0 of JFIF."""
    data = file.getvalue()
    end = 4 + int.from_bytes(data[4:6], "big")  # SOI, the marker, and its length
    return data[:2] + data[end:]


def _exif(maker, thumbnail):
    """Exif with two directories: the maker's name, and where the thumbnail lies."""
    text = maker.encode("ascii") + b"\0"
    second = 26 + len(text) + len(text) % 2
    data = second + 30
    first = struct.pack("<HHHIII", 1, 0x010F, 2, len(text), 26, second)
    tags = struct.pack("<HHHII", 2, 0x0201, 4, 1, data) + struct.pack(
        "<HHIII", 0x0202, 4, 1, len(thumbnail), 0
    )
    head = b"II*\0" + struct.pack("<I", 8) + first + text
    return b"Exif\0\0" + head.ljust(second, b"\0") + tags + thumbnail
