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
    from lic_teach.jpeg import container

    yield row(0, 2, "SOI", "start of image")
    end = 2
    for marker, offset, payload in container.read_segments(data):
        if offset > end:
            yield row(end, offset - end, "", "entropy-coded data")
        end = offset + 2 + (0 if marker in container.STANDALONE else 2 + len(payload))
        yield row(offset, end - offset, *segment_meaning(marker, payload))
        if marker == container.EOI:
            break
    if end < len(data):
        yield row(end, len(data) - end, "", "bytes after the end of the image")


def row(offset: int, length: int, name: str, meaning: str) -> str:
    return f"{offset:>10,} {length:>10,}  {name:<5} {meaning}"


def segment_meaning(marker: int, payload: bytes) -> tuple[str, str]:
    """Name and meaning of a segment in T.81's words (Table B.1)."""
    from lic_teach.jpeg import container

    if marker == container.DQT:
        numbers = ", ".join(map(str, container.read_dqt(payload)))
        return "DQT", f"quantization table {numbers}"
    if marker == container.DHT:
        names = [f"{'AC' if n > 3 else 'DC'} {n % 4}" for n in container.read_dht(payload)]
        return "DHT", f"Huffman table {', '.join(names)}"
    if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
        frame = container.read_sof(payload)
        sampling = ", ".join(f"{c.h}x{c.v}" for c in frame.components)
        size = f"{frame.width} x {frame.height} pixels"
        return f"SOF{marker - 0xC0}", f"{size}, {len(frame.components)} components: {sampling}"
    if 0xE0 <= marker <= 0xEF:
        label = payload[:12].split(b"\0")[0].decode("latin-1")
        label = "".join(c for c in label if c.isprintable())  # no escape codes on the terminal
        return f"APP{marker - 0xE0}", f"application data: {label}"
    plain = {
        0xD9: ("EOI", "end of image"),
        0xDA: ("SOS", f"scan of {payload[0] if payload else 0} components"),
        0xDC: ("DNL", "number of lines"),
        0xDD: ("DRI", f"restart every {int.from_bytes(payload, 'big')} MCUs"),
        0xFE: ("COM", "comment"),
    }
    return plain.get(marker, (f"{marker:02X}", "unknown"))


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
