"""What a compressed file consists of, one line a part: `lic-teach info FILE`.

A JPEG file is a row of segments and carries its own tables. A .lic file is one header, one
payload and a checksum: its tables are the model's, on both sides. Lessons 06 and 17.
"""

from collections.abc import Iterator


def codec_of(data: bytes) -> str:
    """ "jpeg" or "learned", by the first bytes; ValueError for other files."""
    if data[:2] == b"\xff\xd8":
        return "jpeg"
    if data[:4] == b"\x89LIC":
        return "learned"
    found = f"begins with {data[:8]!r}" if data else "is empty"
    raise ValueError(f"neither a JPEG nor a .lic file: it {found}")


def lines(data: bytes) -> Iterator[str]:
    """Describe a file of either codec. Raises JpegError or LicError where it is damaged."""
    return {"jpeg": jpeg_lines, "learned": learned_lines}[codec_of(data)](data)


def jpeg_lines(data: bytes) -> Iterator[str]:
    """One line a segment: offset, length, name, meaning. JpegError where the file breaks off."""
    from lic_teach import jpeg

    segments = jpeg.container.parse(data)
    for segment in segments:
        yield row(*segment)
    if all(segment.name != "EOI" for segment in segments):
        raise jpeg.JpegError("the file ends without an EOI marker", len(data))


def row(offset: int, length: int, name: str, meaning: str) -> str:
    return f"{offset:>10,} {length:>10,}  {name:<5} {meaning}"


def learned_lines(data: bytes) -> Iterator[str]:
    """The header's fields. LicError where the file is not whole."""
    from lic_teach.learned import container, quantize

    header, payload = container.unpack(data)
    yield f"  picture   {header.width} x {header.height} pixels"
    yield f"  rate      {8 * len(data) / (header.width * header.height):.3f} bpp"
    yield f"  lambda    {quantize.from_code(header.lam_code):.4g}"
    yield f"  model     {header.model.hex()}"
    yield f"  payload   {len(payload):,} bytes at offset {container.HEADER.size}"
    yield "  checksum  right"
