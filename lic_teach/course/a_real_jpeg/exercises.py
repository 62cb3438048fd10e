"""Checks: a segment and a file written by hand, an own encoder, a progressive file cut short."""

import io

import numpy as np
from PIL import Image

from lic_teach import images, jpeg
from lic_teach.jpeg import (
    codec,
    container,
    frame,
    huffman,
    quantize,
    scan,
    segments,
    transform,
)
from lic_teach.kit.checks import Wrong, checks, hint, knows

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def _bytes(found):
    if not isinstance(found, bytes | bytearray):
        raise Wrong(f"Return bytes; yours is a {type(found).__name__}.")
    return bytes(found)


# --- 1 -----------------------------------------------------------------------------------


def segment(order=transform.ZIGZAG, length=67, turn=False):
    """A writer of DQT segments with one mistake or another, or none."""

    def write(number, table):
        steps = (table.T if turn else table).ravel()[order]
        return b"\xff\xdb" + length.to_bytes(2, "big") + bytes([number, *steps.tolist()])

    return write


@knows(
    {
        "It also counts the table's number and itself.": segment(length=64),
        "It counts itself, too: two bytes more.": segment(length=65),
        "The byte with the table's number is missing in it.": segment(length=66),
        "It does not count the marker.": segment(length=69),
        "The high byte comes first.": segment(length=0x4300),
        "The 64 steps stand row by row. The file wants the order of the zig-zag.": segment(
            slice(None)
        ),
        "You went along the zig-zag the wrong way: use ZIGZAG.": segment(transform.NATURAL),
        "Rows and columns are exchanged.": segment(turn=True),
    }
)
def dqt(answer):
    """answer: a function of a number 0..3 and a table, int (8, 8) -> the bytes of a DQT segment."""
    for number, table in ((0, quantize.LUMINANCE), (1, quantize.CHROMINANCE), (3, _odd_table())):
        found = _bytes(answer(number, table.copy()))
        right = segments.dqt(number, table.ravel()[transform.ZIGZAG])
        if found != right:
            raise Wrong(_dqt_hint(found, right, number, table))
    _try_in_pillow(answer)
    return "Three tables, and Pillow reads them out of a file with your segments."


def _odd_table():
    """Steps that are all different: any other order shows."""
    return np.arange(1, 65).reshape(8, 8)


def _dqt_hint(found, right, number, table):
    if found[:2] != right[:2]:
        return f"A segment begins with its marker, FF DB. Yours begins with {found[:2].hex(' ')}."
    if found[2:4] != right[2:4]:
        known = hint(dqt, found, number, table, of=lambda segment: segment[2:4])
        length = int.from_bytes(found[2:4], "big")
        return f"The length says {length}. {known or 'What belongs to it, what does not?'}"
    if len(found) != len(right):
        return f"The segment has 69 bytes with its marker, yours {len(found)}."
    if found[4] != number:
        return f"Behind the length stands the number of the table, {number}, not {found[4]}."
    first = f"The steps begin with {list(found[5:9])}. Which are the first four of the zig-zag?"
    return hint(dqt, found, number, table) or first


def _try_in_pillow(answer):
    data = jpeg.encode(images.thread_block(), 50)
    parts = [s for s in container.parse(data) if s.name == "DQT"]
    first, last = parts[0].offset, parts[-1].offset + parts[-1].length
    mine = b"".join(bytes(answer(number, _odd_table() + number)) for number in (0, 1))
    found = Image.open(io.BytesIO(data[:first] + mine + data[last:])).quantization
    if any(list(found[n]) != (_odd_table() + n).ravel().tolist() for n in (0, 1)):
        raise Wrong("Pillow reads other tables out of a file with your segments.")


# --- 2 -----------------------------------------------------------------------------------


def pieces(image, quality=50):
    """What an encoder has in hand before it writes the file.

    image: uint8 (H, W, 3). Returns parts: {"DHT", "DQT", "SOF0", "SOS": bytes of these segments},
    and bits: all code words and extra bits of the scan, a string of 0 and 1.
    """
    data = jpeg.encode(image, quality)
    parts = {}
    for s in container.parse(data):
        if s.name in ("DQT", "SOF0", "DHT", "SOS"):
            parts[s.name] = parts.get(s.name, b"") + data[s.offset : s.offset + s.length]
    return dict(sorted(parts.items())), _bits(data)


def _bits(data):
    coded = next(container.read(data, codec.MAX_PIXELS))
    blocks, *_ = codec.unpack(data)
    words = {}
    for row, table in coded.tables.items():
        word, length = huffman.codes(table)
        for s in table.values.tolist():
            words[256 * row + s] = format(int(word[s]), f"0{length[s]}b")
    stream, extra = scan.symbol_stream(blocks, coded.frame, coded.scan)
    sizes = scan.symbols.EXTRA_LENGTHS[stream].tolist()
    return "".join(
        words[s] + (format(e, f"0{n}b") if n else "")
        for s, e, n in zip(stream.tolist(), extra.tolist(), sizes, strict=True)
    )


def file_with(scan):
    """A writer of files, from parts and bits, whose entropy-coded bytes are scan(bits)."""
    return lambda parts, bits: (
        SOI + b"".join(parts[n] for n in ("DQT", "SOF0", "DHT", "SOS")) + scan(bits) + EOI
    )


def _whole_bytes(bits):
    return int(bits or "0", 2).to_bytes(len(bits) // 8, "big")


def _stuffed(data):
    return data.replace(b"\xff", b"\xff\0")


def _filled(bits, digit="1"):
    return _whole_bytes(bits + digit * (-len(bits) % 8))


def _always_filled(bits):
    return _filled(bits + "1" * (8 - len(bits) % 8))


def _eight_ones(bits):
    return _filled(bits.replace("1" * 8, "1" * 8 + "0" * 8))


def _cut(bits):
    return _whole_bytes(bits[: len(bits) // 8 * 8])


def _filled_in_front(bits):
    return _whole_bytes("0" * (-len(bits) % 8) + bits)


@knows(
    {
        "A byte FF of the picture looks like a marker. What stands behind it to tell?": (
            file_with(_filled)
        ),
        "The last byte is filled up with zeros. The standard wants ones.": file_with(
            lambda bits: _stuffed(_filled(bits, "0"))
        ),
        "Neither is FF told from a marker, nor is the last byte filled up with ones.": file_with(
            lambda bits: _filled(bits, "0")
        ),
        "The last bits are missing: they do not fill a byte by themselves.": file_with(
            lambda bits: _stuffed(_cut(bits))
        ),
        "The last bits are missing, and FF is not told from a marker.": file_with(_cut),
        "Fill up at the end, not in front: every bit has moved.": [
            file_with(lambda bits: _stuffed(_filled_in_front(bits))),
            file_with(_filled_in_front),
        ],
        "The 00 stands behind the FF, not before it.": file_with(
            lambda bits: _filled(bits).replace(b"\xff", b"\0\xff")
        ),
        "These are letters 0 and 1. Eight of them make one byte.": file_with(str.encode),
        "Each bit has become a byte of its own. Eight of them make one byte.": file_with(
            lambda bits: bytes(map(int, bits))
        ),
        "Eight ones in a row may lie in two bytes. Make bytes first, then look for FF.": file_with(
            _eight_ones
        ),
        "These bits fill their last byte already. Nothing is to be filled up then.": file_with(
            lambda bits: _stuffed(_always_filled(bits))
        ),
    }
)
def my_file(answer):
    """answer: a function of parts and bits (see pieces) -> the bytes of a .jpg."""
    for name, size in (("chelsea", 128), ("coffee", 101), ("astronaut", 16)):
        image = images.centre_crop(images.sample(name), size)
        parts, bits = pieces(image)
        found = _bytes(answer(dict(parts), bits))
        hint = _file_hint(found, parts, bits)
        if hint:
            raise Wrong(hint)
        theirs = _by_pillow(found)
        if not np.array_equal(theirs, _by_pillow(jpeg.encode(image, 50))):
            raise Wrong(f"Pillow opens your file of {name}, but it is another picture.")
    return "Pillow opens three of your files, and they are the right pictures."


def _by_pillow(data):
    try:
        return np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    except Exception as error:
        raise Wrong(f"Pillow does not open your file. {_our_words(data)}") from error


def _our_words(data):
    """What our decoder says of a broken file; "" where it has no complaint."""
    try:
        jpeg.decode(data)
    except jpeg.JpegError as error:
        return f"Our decoder says: {error}."
    return ""


def _file_hint(found, parts, bits):
    if found[:2] != SOI:
        return f"A JPEG begins with FF D8, yours with {found[:2].hex(' ').upper() or 'nothing'}."
    if found[-2:] != EOI:
        return f"A JPEG ends with FF D9, yours with {found[-2:].hex(' ').upper()}."
    for name, part in parts.items():
        if part not in found:
            changed = part.replace(b"\xff", b"\xff\0") in found
            why = "its FFs are markers: stuff the scan alone" if changed else "it is missing"
            return f"The {name} part is not in your file as it was given: {why}."
    if any(found.index(part) > found.index(parts["SOS"]) for part in parts.values()):
        return "Behind SOS stand the bits of the picture, at once: the other parts come before it."

    def scan_of(file):
        return file[file.index(parts["SOS"]) + len(parts["SOS"]) : -2]

    if scan_of(found) == _stuffed(_filled(bits)):
        return None
    size = len(scan_of(found))
    unknown = f"The scan has {size:,} bytes, and they are not those of the bits."
    return hint(my_file, found, parts, bits, of=scan_of) or unknown


# --- 3 -----------------------------------------------------------------------------------


def _with_tables(image, luma, chroma):
    return jpeg.encode(image, tables=(luma, chroma))


def _divided_by(used, says):
    """An encoder of the tables used for luma and chroma, whose file says others; 1: chroma's."""

    def encode(image, quality):
        both = [quantize.scale(t, quality) for t in (quantize.LUMINANCE, quantize.CHROMINANCE)]
        files = [_with_tables(image, *(both[n] for n in tables)) for tables in (used, says)]
        (blocks, _, _), (_, layout, tables) = map(codec.unpack, files)
        return codec.pack(blocks, layout, tables)

    return encode


def _exchanged(image, quality):
    """Cb and Cr of the file exchanged."""
    blocks, layout, tables = codec.unpack(jpeg.encode(image, quality))
    grids = frame.split(blocks, layout)
    grids[1][:], grids[2][:] = grids[2].copy(), grids[1].copy()
    return codec.pack(blocks, layout, tables)


@knows(
    {
        "SOF0 says how large the picture is, not how large its whole MCUs are.": (
            lambda image, quality: jpeg.encode(images.pad_to_multiple(image, 16), quality)
        ),
        "Luma was divided by the steps of chroma, or says so: which table belongs to which?": (
            lambda image, quality: _with_tables(
                image,
                quantize.scale(quantize.CHROMINANCE, quality),
                quantize.scale(quantize.LUMINANCE, quality),
            )
        ),
        "Luma or chroma is divided by other steps than your file says. Which of the two tables is "
        "whose, where you divide and where you write?": [
            _divided_by((0, 0), says=(0, 1)),
            _divided_by((1, 1), says=(0, 1)),
            _divided_by((1, 0), says=(0, 1)),
            _divided_by((0, 1), says=(1, 0)),
        ],
        "Chroma has a table of its own, CHROMINANCE.": lambda image, quality: _with_tables(
            image, *2 * [quantize.scale(quantize.LUMINANCE, quality)]
        ),
        "The quality has no say in it: scale the tables.": lambda image, quality: _with_tables(
            image, quantize.LUMINANCE, quantize.CHROMINANCE
        ),
        "Cb and Cr are exchanged.": _exchanged,
    }
)
def encoder(answer):
    """answer: a function of a picture uint8 (H, W, 3) and a quality -> the bytes of a .jpg."""
    sizes = []
    for name, height, width, quality in (("chelsea", 48, 64, 80), ("coffee", 37, 50, 30)):
        image = images.sample(name)[100 : 100 + height, 150 : 150 + width].copy()
        found, right = _bytes(answer(image.copy(), quality)), jpeg.encode(image, quality)
        _has_its_parts(found)
        theirs, ours = (_by_pillow(data).astype(int) for data in (found, right))
        if theirs.shape != ours.shape or np.abs(theirs - ours).mean() > 0.5:
            unknown = (
                f"Pillow opens it, {theirs.shape[1]} x {theirs.shape[0]} pixels, but of {name} at "
                f"quality {quality} it shows another picture than the package's file."
            )
            raise Wrong(hint(encoder, found, image, quality, of=_contents, atol=1) or unknown)
        if len(found) > 1.1 * len(right):
            raise Wrong(f"It has {len(found):,} bytes, the package's {len(right):,}: too many.")
        sizes.append(len(found))
    return f"Pillow opens two of your files, of {sizes[0]:,} and {sizes[1]:,} bytes."


def _has_its_parts(data):
    try:
        names = [s.name for s in container.parse(data)]
    except jpeg.JpegError as error:
        raise Wrong(f"From marker to marker, your file breaks off: {error}.") from error
    for name in ("DQT", "SOF0", "DHT", "SOS"):
        if name not in names:
            raise Wrong(f"Your file has no {name}.")


def _contents(data):
    """What a file says: size, steps, and the first coefficients of all its blocks."""
    blocks, layout, tables = codec.unpack(data)
    return np.concatenate([[layout.height, layout.width], *tables, blocks[:, :6].ravel()])


# --- 4 -----------------------------------------------------------------------------------


def first_scans(answer):
    """answer: a function of a progressive file and k -> a whole file of its first k scans."""
    for name, k in (("chelsea", 1), ("coffee", 6), ("chelsea", 3), ("rocket", 10)):
        data = jpeg.encode(images.centre_crop(images.sample(name), 120), 60, progressive=True)
        found = _bytes(answer(data, k))
        if hint := _scans_hint(found, data, k):
            raise Wrong(f"{name}, {k} scan{'s' * (k > 1)}: {hint}")
    return "Four files, cut after 1 to 10 scans, and each of them is whole."


def _scans_hint(found, data, k):
    if found[:2] != SOI:
        return "it does not even begin like a JPEG."
    if found == data and k < 10:
        return "that is the whole file."
    if found[-2:] != EOI:
        return "it is cut, but a file ends with FF D9."
    scans = sum(s.name == "SOS" for s in container.parse(found))
    if scans != k:
        return f"there are {scans} scan headers in it."
    try:
        picture = jpeg.decode(found)
    except jpeg.JpegError as error:
        return f"our decoder says: {error}."
    if not np.array_equal(picture, jpeg.decode(data, scans=k)):
        return "the last scan is not in it as a whole. Where do its bytes end?"
    return None


check = checks(dqt, my_file, encoder, first_scans)
