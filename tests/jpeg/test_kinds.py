"""Sound files that few programs write, and headers that few read: against Pillow where it reads
them, else against the same picture written in the usual way."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.jpeg import bitstream, codec, container, frame, huffman, scan, segments, symbols

PHOTO = photographs.astronaut()[100:196, 150:278]
SMALL = PHOTO[:45, :61]
PLAIN = jpeg.encode(SMALL, 90, optimize=False)
PROGRESSIVE = jpeg.encode(SMALL, 85, progressive=True)


def at(data, name, number=0):
    return [s for s in container.parse(data) if s.name == name][number]


def put(data, name, new):
    """New bytes before a segment."""
    place = at(data, name).offset
    return data[:place] + new + data[place:]


def changed(data, name, offset, *values, number=0):
    """Some bytes behind the length of a segment replaced."""
    place = at(data, name, number).offset + 4 + offset
    return data[:place] + bytes(values) + data[place + len(values) :]


def by_pillow(data):
    picture = Image.open(io.BytesIO(data))
    return np.array(picture.convert("RGB") if picture.mode == "CMYK" else picture)


def assert_same_as_pillow(data):
    ours, theirs = jpeg.decode(data), by_pillow(data)
    assert ours.shape == theirs.shape
    assert np.mean(np.abs(ours.astype(int) - theirs) <= 2) >= 0.995


# ---- identifiers ------------------------------------------------------------------------


def with_ids(data, ids):
    """The identifiers of the components changed, in the frame header and in every scan header."""
    for header in [s for s in container.parse(data) if s.name in ("SOF0", "SOF2")]:
        before = data[header.offset + 10 : header.offset + header.length : 3]
        for k, i in enumerate(ids):
            data = changed(data, header.name, 6 + 3 * k, i)
    for number, header in enumerate([s for s in container.parse(data) if s.name == "SOS"]):
        named = data[header.offset + 5 : header.offset + header.length - 3 : 2]
        for k, i in enumerate(named):
            data = changed(data, "SOS", 1 + 2 * k, ids[before.index(i)], number=number)
    return data


@pytest.mark.parametrize("ids", [(1, 1, 1), (1, 2, 2), (0, 0, 0), (7, 7, 1), (82, 82, 66)], ids=str)
def test_components_may_share_an_identifier(ids):
    data = with_ids(PLAIN, ids)
    assert_same_as_pillow(data)
    np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(PLAIN))


def test_inks_may_share_an_identifier():
    """As the CMYK picture of a real PDF does: 1, 2, 3, 1."""
    out = io.BytesIO()
    Image.fromarray(SMALL).convert("CMYK").save(out, "JPEG")
    assert_same_as_pillow(with_ids(out.getvalue(), (1, 2, 3, 1)))


def test_trace_knows_components_that_share_an_identifier():
    assert jpeg.trace(with_ids(PLAIN, (1, 1, 1)), 4) == jpeg.trace(PLAIN, 4)


# ---- how many components ----------------------------------------------------------------


def planes_of(count, progressive=False):
    """A file of `count` components that are parts of a photograph, and the parts as grey files."""
    corners = [(k % 17, k % 3) for k in range(count)]
    grey = [np.ascontiguousarray(PHOTO[3 * k : 3 * k + 45, k : k + 61, c]) for k, c in corners]
    files = [codec.unpack(jpeg.encode(g, 85)) for g in grey]
    parts = tuple(frame.Component(k + 1, 1, 1, 0) for k in range(count))
    shape = frame.Frame(45, 61, parts, "unknown", progressive)
    blocks, tables = np.concatenate([f[0] for f in files]), files[0][2]
    return codec.pack(blocks, shape, tables), [jpeg.decode(jpeg.encode(g, 85)) for g in grey]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("count", [2, 5, 9, 255])
def test_components_without_a_colour_come_as_they_are(count, progressive):
    data, grey = planes_of(count, progressive)
    np.testing.assert_array_equal(jpeg.decode(data), np.stack(grey, -1))
    blocks, shape, tables = codec.unpack(data)
    np.testing.assert_array_equal(jpeg.decode(codec.pack(blocks, shape, tables)), jpeg.decode(data))


def test_a_scan_of_five_components_is_refused():
    data, _ = planes_of(5)
    header = at(data, "SOS")
    five = segments.segment(0xDA, bytes([5, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0, 63, 0]))
    broken = data[: header.offset] + five + data[header.offset + header.length :]
    with pytest.raises(jpeg.JpegError, match="a scan of 5 components; 1 to 4"):
        jpeg.decode(broken)


# ---- heights ----------------------------------------------------------------------------

DNL_96 = b"\xff\xdc\0\4\0\x60"


@pytest.mark.parametrize(
    "options",
    [{}, dict(progressive=True), dict(restart_interval=5), dict(subsampling="4:4:4")],
    ids=str,
)
@pytest.mark.parametrize("height", [0, 90, 97, 200, 3000])
def test_dnl_sets_the_height_and_changes_it(height, options):
    data = jpeg.encode(PHOTO, 85, **options)
    whole = jpeg.decode(data)
    name = "SOF2" if "progressive" in options else "SOF0"
    scans = [s for s in container.parse(data) if s.name == ""]
    headers = [s.offset for s in container.parse(data) if s.name in ("SOS", "DHT", "EOI")]
    first = min(h for h in headers if h > scans[0].offset)
    data = data[:first] + DNL_96 + data[first:]
    data = changed(data, name, 1, height >> 8, height & 255)
    for strict in (True, False):
        np.testing.assert_array_equal(jpeg.decode(data, strict=strict), whole)


@pytest.mark.parametrize("dnl", [b"\xff\xdc\0\4\0\0", b"\xff\xdc\0\3\x60", b"\xff\xdc\0\0"])
def test_a_dnl_that_says_nothing_is_stepped_over(dnl):
    data = jpeg.encode(PHOTO, 85)
    np.testing.assert_array_equal(jpeg.decode(put(data, "EOI", dnl)), jpeg.decode(data))
    assert_same_as_pillow(put(data, "EOI", dnl))


def test_a_height_from_dnl_is_held_against_the_limit():
    data = put(jpeg.encode(PHOTO), "EOI", b"\xff\xdc\0\4\xff\xff")
    with pytest.raises(jpeg.JpegError, match="128 x 65535 pixels, more than the 100000"):
        jpeg.decode(data, max_pixels=100_000)


# ---- what nobody uses -------------------------------------------------------------------


def test_table_selectors_that_a_scan_does_not_use_may_be_anything():
    data = PROGRESSIVE
    for number, header in enumerate([s for s in container.parse(data) if s.name == "SOS"]):
        dc_scan = data[header.offset + header.length - 3] == 0
        for k in range(data[header.offset + 4]):
            old = data[header.offset + 6 + 2 * k]
            data = changed(
                data, "SOS", 2 + 2 * k, old | 15 if dc_scan else old | 0xF0, number=number
            )
    np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(PROGRESSIVE))
    assert_same_as_pillow(data)


def test_table_selectors_that_a_scan_uses_must_be_right():
    for value, words in ((0x50, "table DC 5 is not"), (0x0F, "table AC 15 is not")):
        with pytest.raises(jpeg.JpegError, match=words):
            jpeg.decode(changed(PLAIN, "SOS", 2, value), strict=False)


def test_tables_that_no_scan_uses_may_be_anything():
    overfull = bytes([0x13, 9, *15 * [0], *range(9)])  # nine codes of one bit
    data = put(PLAIN, "SOS", segments.segment(0xC4, overfull))
    np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(PLAIN))
    assert_same_as_pillow(data)
    with pytest.raises(jpeg.JpegError, match="table AC 3 has more codes than their lengths allow"):
        jpeg.decode(changed(data, "SOS", 2, 0x03))


def test_a_component_that_no_scan_names_may_name_any_quantization_table():
    """libjpeg, too, asks for the table only when a scan needs it."""
    luma_only = jpeg.encode(SMALL, 85, progressive=True)
    scans = [s for s in container.parse(luma_only) if s.name == "SOS"]
    stop = scans[2].offset
    data = changed(luma_only[:stop] + b"\xff\xd9", "SOF2", 8 + 6, 9)
    with pytest.raises(jpeg.JpegError, match="quantization table 9 is not defined"):
        jpeg.decode(data)
    grey, _ = planes_of(2)
    one = segments.segment(0xDA, bytes([1, 1, 0, 0, 63, 0]))
    header = at(grey, "SOS")
    data = grey[: header.offset] + one + grey[header.offset + header.length :]
    with pytest.warns(jpeg.JpegWarning):  # what stands there was written for two
        assert jpeg.decode(changed(data, "SOF0", 8 + 3, 77), strict=False).shape == (45, 61, 2)


@pytest.mark.parametrize("payload", [b"\0\x10", b"\0\x10\x10\5", b"", b"\xff\xff\xff"])
def test_conditioning_of_an_arithmetic_coder_means_nothing_in_a_huffman_file(payload):
    for data in (PLAIN, PROGRESSIVE):
        new = put(data, "SOF0" if data is PLAIN else "SOF2", segments.segment(0xCC, payload))
        np.testing.assert_array_equal(jpeg.decode(new), jpeg.decode(data))
    new = put(PLAIN, "SOS", segments.segment(0xCC, payload))
    assert [s.code for s in jpeg.trace(new, 3)] == [s.code for s in jpeg.trace(PLAIN, 3)]


# ---- segments without a length ----------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1])
@pytest.mark.parametrize("marker", [0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE, 0xDC], ids=hex)
def test_a_segment_that_nobody_needs_may_be_too_short_to_be_one(marker, length):
    new = bytes([0xFF, marker, 0, length])
    for place in ("APP0", "DQT", "SOF0", "SOS", "EOI"):
        data = put(PLAIN, place, new)
        np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(PLAIN))
        assert_same_as_pillow(data)
        assert sum(s.length for s in container.parse(data)) == len(data)


@pytest.mark.parametrize("length", [0, 1])
@pytest.mark.parametrize("name", ["DQT", "DHT", "SOF0", "SOS"])
def test_a_segment_that_is_needed_says_what_its_length_must_be(name, length):
    place = at(PLAIN, name).offset
    data = PLAIN[: place + 2] + bytes([0, length]) + PLAIN[place + 4 :]
    with pytest.raises(jpeg.JpegError, match=f"{name} of {length} bytes, but its length takes two"):
        jpeg.decode(data, strict=False)


# ---- Huffman tables that list a symbol twice --------------------------------------------


def symbol_twice(image):
    """A grey file whose every Huffman table lists its most frequent symbol again, 16 bits long."""
    shape, steps = frame.make_frame(*image.shape, 1, "4:4:4"), codec.standard_tables(80)
    only = scan.script(shape)[0]
    stream, extra = scan.symbol_stream(codec.quantized(image, shape, steps), shape, only)
    word, length = np.zeros((2, symbols.ALPHABET), np.int64)
    headers = b""
    for row, seen in enumerate(scan.count(stream)[: symbols.RAW].reshape(8, 256)):
        if seen.any():
            best = huffman.table(huffman.code_lengths(seen))
            bits = best.bits + (np.arange(16) == 15).astype(np.uint8)
            doubled = huffman.Table(bits, np.append(best.values, best.values[0]))
            own = slice(256 * row, 256 * row + 256)
            word[own], length[own] = huffman.codes(doubled)
            headers += segments.dht(row, doubled)
    out = np.empty(20000, np.uint8)
    n = bitstream.pack(stream, extra, word, length, symbols.EXTRA_LENGTHS, out)
    coded = headers + segments.sos(shape, only) + out[:n].tobytes()
    return container.write(shape, steps, [coded], 0, b"")


def test_a_symbol_with_two_codes_is_written_with_the_shorter_and_traced():
    image = np.ascontiguousarray(SMALL[..., 1])
    data, plain = symbol_twice(image), jpeg.encode(image, 80)
    assert abs(len(data) - len(plain)) < 20
    assert_same_as_pillow(data)
    for block in range(48):
        ours = [(s.name, s.run, s.size, s.value) for s in jpeg.trace(data, block)]
        assert ours == [(s.name, s.run, s.size, s.value) for s in jpeg.trace(plain, block)]


def test_a_trace_reads_the_longer_code_of_a_symbol():
    """Both codes of the symbol 0: 0 and 10."""
    table = huffman.Table(np.array([1, 1] + 14 * [0], np.uint8), np.array([0, 0], np.uint8))
    shape = frame.Frame(8, 16, (frame.Component(1, 1, 1, 0),), "gray")
    only = frame.Scan((0,), (0,), (0,))
    headers = segments.dht(0, table) + segments.dht(4, table) + segments.sos(shape, only)
    coded = b"\x2f" + 3 * b"\xff\0"  # 0 0, 10 1111...
    data = container.write(shape, [np.full(64, 9)], [headers + coded], 0, b"")
    assert [s.code for s in jpeg.trace(data, 0)] == ["0", "0"]
    with pytest.raises(jpeg.JpegError, match="no Huffman code"):
        jpeg.trace(data, 1)
    data = data.replace(coded, b"\x27")  # 0 0, 10 0, 111
    assert [s.code for s in jpeg.trace(data, 1)] == ["10", "0"]
    np.testing.assert_array_equal(jpeg.decode(data), by_pillow(data))


# ---- headers of other kinds are told ----------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "precision", "words"),
    [
        (
            0xC1,
            12,
            "extended sequential, 12 bits a sample, 61 x 45 pixels, components 1: 2x2 table 0",
        ),
        (0xC2, 12, "progressive, 12 bits a sample, 61 x 45 pixels"),
        (0xC0, 9, "baseline, 9 bits a sample, 61 x 45 pixels"),
        (0xC3, 16, "lossless, 16 bits a sample, 61 x 45 pixels"),
        (0xC5, 8, "hierarchical (differential sequential), 61 x 45 pixels"),
        (0xCB, 8, "arithmetic coding (lossless), 61 x 45 pixels"),
        (0xDE, 8, "hierarchical, 61 x 45 pixels"),
        (0xF7, 8, "JPEG-LS, 61 x 45 pixels"),
    ],
)
def test_headers_of_kinds_not_read_are_told(marker, precision, words):
    place = at(PLAIN, "SOF0").offset
    data = PLAIN[: place + 1] + bytes([marker]) + PLAIN[place + 2 :]
    data = data[: place + 4] + bytes([precision]) + data[place + 5 :]
    told = next(s for s in container.parse(data) if s.offset == place)
    assert told.meaning.startswith(words) and "damaged" not in told.meaning
    with pytest.raises(jpeg.JpegError):
        jpeg.decode(data)


@pytest.mark.parametrize("count", [2, 5, 255])
def test_headers_of_any_number_of_components_are_told(count):
    data, _ = planes_of(count)
    told = at(data, "SOF0").meaning
    assert (
        told.startswith("baseline, 61 x 45 pixels, components 1: 1x1") and f"{count}: 1x1" in told
    )


def test_headers_with_one_identifier_twice_are_told():
    assert "1: 2x2 table 0, 1: 1x1 table 1" in at(with_ids(PLAIN, (1, 1, 1)), "SOF0").meaning


def test_other_segments_of_other_kinds_are_told():
    data = put(PLAIN, "SOS", segments.segment(0xCC, bytes([0x00, 0x21, 0x13, 5])))
    assert at(data, "DAC").meaning == (
        "DC 0 arithmetic conditioning, L 1, U 2; AC 3 arithmetic conditioning, Kx 5"
    )
    lossless = PLAIN.replace(b"\xff\xc0", b"\xff\xc3")
    assert at(changed(lossless, "SOS", 7, 4, 0), "SOS").meaning.endswith("predictor 4")
    assert at(put(PLAIN, "EOI", b"\xff\x37"), "FF37").meaning.startswith("a reserved code")


def test_a_header_that_no_kind_can_have_is_damaged():
    for data in (
        changed(PLAIN, "SOF0", 7, 0x52),
        changed(PLAIN, "SOF0", 3, 0, 0),
        changed(PLAIN, "SOF0", 5, 2),
    ):
        assert at(data, "SOF0").meaning.startswith("damaged: ")


# ---- limits -----------------------------------------------------------------------------


def empty_file(height, width, components, color):
    shape = frame.Frame(height, width, components, color)
    members = tuple(range(min(len(components), 4)))
    table = huffman.Table(np.array([1] + 15 * [0], np.uint8), np.zeros(1, np.uint8))
    only = frame.Scan(members, (0,) * len(members), (0,) * len(members))
    coded = segments.dht(0, table) + segments.dht(4, table) + segments.sos(shape, only)
    return container.write(shape, [np.full(64, 9)], [coded + bytes(1000)], 0, b"")


def parts(*factors):
    return tuple(frame.Component(i + 1, h, v, 0) for i, (h, v) in enumerate(factors))


@pytest.mark.parametrize(
    ("size", "factors", "color"),
    [
        ((8192, 8192), 4 * [(1, 1)], "cmyk"),
        ((8192, 8192), 4 * [(1, 1)], "ycck"),
        ((8000, 8000), 5 * [(1, 1)], "unknown"),
        ((2000, 2000), [(4, 4)] + 254 * [(1, 1)], "unknown"),  # little stored, much painted
        ((65535, 1), 255 * [(4, 4)], "unknown"),  # little painted, much stored
    ],
    ids=str,
)
def test_samples_are_limited_not_only_pixels(size, factors, color):
    data = empty_file(*size, parts(*factors), color)
    for strict in (True, False):
        with pytest.raises(jpeg.JpegError, match="components, more samples than max_pixels allows"):
            jpeg.decode(data, strict=strict)


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (33, 17)])
def test_a_small_picture_at_its_own_limit_is_read(size):
    for subsampling in ("4:4:4", "4:2:0"):
        data = jpeg.encode(PHOTO[: size[0], : size[1]], subsampling=subsampling)
        shape = jpeg.decode(data).shape
        assert jpeg.decode(data, max_pixels=shape[0] * shape[1]).shape == shape


def test_a_colour_picture_of_the_most_pixels_is_allowed():
    shape = frame.Frame(8191, 8193, parts((1, 1), (1, 1), (1, 1)))
    assert container.checked(shape, codec.MAX_PIXELS) == shape


def test_segments_are_limited():
    many = PLAIN[:2] + 300_000 * b"\xff\xe1\0\2" + PLAIN[2:]
    with pytest.raises(jpeg.JpegError, match="more than 262144 segments"):
        jpeg.decode(many)
    found = container.parse(many)
    assert (
        sum(s.length for s in found) == len(many)
        and found[-1].meaning == "more than 262144 segments"
    )


def test_restart_intervals_are_limited():
    data = empty_file(8192, 8192, parts((1, 1)), "gray")
    data = data[:-2] + (1 << 20) * b"\xff\xd0\xff\xd1" + data[-2:]
    with pytest.raises(jpeg.JpegError, match="too much work"):
        jpeg.decode(data, strict=False)


# ---- words ------------------------------------------------------------------------------

without_tables = PROGRESSIVE
while [s for s in container.parse(without_tables) if s.name == "DHT"]:
    gone = at(without_tables, "DHT")
    without_tables = without_tables[: gone.offset] + without_tables[gone.offset + gone.length :]


@pytest.mark.parametrize(
    ("data", "words", "offset"),
    [
        (b"\xff\xd8\xff\xd9" + PLAIN, "no scan before the end of the image", 2),
        (without_tables, "Huffman table DC 0 is not defined", None),
        (changed(PLAIN, "SOF0", 3, 0, 0), "^at byte 158: a picture of width 0", 158),
        (PLAIN[:2] + b"\xff\xe1\0\x09Exif" + b"\xff\xd9", "APP1 of 9 bytes, but 8 are left", 2),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_message_names_the_true_cause_and_its_place(data, words, offset):
    with pytest.raises(jpeg.JpegError, match=words) as caught:
        jpeg.decode(data)
    assert offset is None or caught.value.offset == offset


def test_a_sequential_file_without_huffman_tables_takes_the_standard_ones():
    data = PLAIN
    while [s for s in container.parse(data) if s.name == "DHT"]:
        gone = at(data, "DHT")
        data = data[: gone.offset] + data[gone.offset + gone.length :]
    np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(PLAIN))


def test_nothing_decoded_is_an_error_not_a_grey_picture():
    data = PLAIN
    while [s for s in container.parse(data) if s.name == "DQT"]:
        gone = at(data, "DQT")
        data = data[: gone.offset] + data[gone.offset + gone.length :]
    with pytest.raises(jpeg.JpegError, match="quantization table 0 is not defined"):
        jpeg.decode(data, strict=False)
    header = at(PLAIN, "SOS")
    with pytest.raises(jpeg.JpegError, match="the data of the scan ends at the end of the file"):
        jpeg.decode(PLAIN[: header.offset + header.length], strict=False)
