"""A real JPEG: the byte microscope, the hints of its exercises, what its prose says."""

import io
import re
import warnings
import xml.etree.ElementTree as ET

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lic_teach import contents, images, jpeg
from lic_teach.course.a_real_jpeg import (
    byte_microscope,
    byte_microscope_drawing,
    exercises,
    files,
    one_bit,
    pieces,
    sabotage,
    words,
)
from lic_teach.jpeg import color, quantize, transform
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from tests import lessons
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all
from tests.lessons import definitions

HOPPER = f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg"
PHOTO = images.sample("chelsea")


@pytest.fixture(scope="module")
def source():
    return files.prepare(PHOTO)


def state(**changes):
    start = {"kind": files.OURS, "sabotage": "none", "scans": 10, "byte": 0, "flips": ()}
    return start | {"at": (88, 192)} | changes


# --- what the bytes say ------------------------------------------------------------------

FILES = {
    "ours": jpeg.encode(PHOTO[:60, :90], 50),
    "progressive": jpeg.encode(PHOTO[:60, :90], 50, progressive=True, comment=b"hello"),
    "restarts": jpeg.encode(PHOTO[:60, :90], 50, restart_interval=3, subsampling="4:2:2"),
    "grey": jpeg.encode(PHOTO[:60, :90, 1], 20, restart_interval=1),
    "wide tables": jpeg.encode(PHOTO[:9, :9], tables=2 * [np.full((8, 8), 300)]),
    "a stranger's": open(HOPPER, "rb").read(),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_every_byte_of_every_segment_is_said(data):
    for s in jpeg.container.parse(data):
        found = words.fields(s.name, data[s.offset : s.offset + s.length])
        assert sum(f.length for f in found) == s.length
        assert all(f.length > 0 for f in found)
        assert not any("damaged" in f.words for f in found)


def said(data, name):
    s = sabotage.segment(data, name)
    return [f.words for f in words.fields(s.name, data[s.offset : s.offset + s.length])]


def test_fields_say_what_pillow_reads():
    data = FILES["ours"]
    picture = Image.open(io.BytesIO(data))
    assert f"width: {picture.width} pixels a line" in said(data, "SOF0")
    assert f"height: {picture.height} lines" in said(data, "SOF0")
    steps = [int(re.match(r"step (\d+)", w)[1]) for w in said(data, "DQT") if w.startswith("step")]
    assert steps == np.array(picture.quantization[0])[transform.ZIGZAG].tolist()
    assert "JFIF version {}.{:02}".format(*picture.info["jfif_version"]) in said(data, "APP0")


def test_huffman_words_are_those_of_the_trace():
    data = FILES["ours"]
    table = {}
    for s in jpeg.container.parse(data):
        if s.name == "DHT" and data[s.offset + 4] == 0x10:
            for f in words.fields("DHT", data[s.offset : s.offset + s.length]):
                if m := re.match(r"the next word, ([01]+), means (.*)", f.words):
                    table[m[2]] = m[1]
    for s in jpeg.trace(data, 0)[1:]:
        assert table[words.symbol_name(16 * s.run + s.size, 1)] == s.code


@given(st.sampled_from(["DQT", "DHT", "SOF0", "SOS", "APP0", "DRI", "COM"]), st.binary(max_size=90))
def test_hostile_segments_are_said_too(name, payload):
    data = b"\xff\xdb" + (len(payload) + 2).to_bytes(2, "big") + payload
    assert sum(f.length for f in words.fields(name, data)) == len(data)


@pytest.mark.parametrize("name", ["ours", "restarts", "grey", "a stranger's"])
def test_blocks_stand_where_the_trace_finds_them(name):
    data = FILES[name]
    blocks = words.find_blocks(data)
    for number in np.linspace(0, len(blocks.starts) - 1, 9).astype(int):
        found = jpeg.trace(data, int(number))
        bits = sum(len(s.code) + len(s.extra) for s in found)
        assert blocks.stops[number] - blocks.starts[number] == bits
        first, last = words.span(blocks, number)
        assert first == found[0].bit // 8
        assert number in {words.block_of(blocks, b) for b in (first, first + 1, last)} or bits < 9


def test_stuffing_and_markers_belong_to_no_block(source):
    file = source.file(files.RESTARTS)
    for s in file.segments:
        if s.name.startswith("RST"):
            assert [words.block_of(file.blocks, s.offset + i) for i in (0, 1)] == [-1, -1]
    at = file.data.index(b"\xff\0", file.blocks.payload.start) + 1
    result = byte_microscope.compute(source, **state(kind=files.RESTARTS, byte=at))
    assert "a stuffed 00" in byte_microscope_drawing.says(result)[1]


def test_a_progressive_file_has_no_blocks_but_scans(source):
    file = source.file(files.PROGRESSIVE)
    assert file.blocks is None and file.scans == 10
    result = byte_microscope.compute(source, **state(kind=files.PROGRESSIVE, byte=1900))
    assert (
        "of scan 2: scan of components 1: coefficients 1 to 5"
        in byte_microscope_drawing.says(result)[1]
    )


# --- compute and draw --------------------------------------------------------------------


def test_the_thread_block(source):
    result = byte_microscope.compute(source, **state(byte=4403))
    assert len(result.file.data) == 12952 and result.block == 944
    assert sum(len(s.code + s.extra) for s in result.symbols) == 73 and len(result.symbols) == 10
    assert words.span(result.file.blocks, 944) == (4403, 4412)
    assert byte_microscope_drawing.roles(result) == "nncceeee"
    bits = "".join(format(b, "08b") for b in result.file.data[4403:4413])
    assert bits[2:75] == "".join(s.code + s.extra for s in result.symbols)
    assert "73 bits in 10 bytes" in byte_microscope_drawing.says(result)[1]


def test_what_is_shown_is_what_pillow_decodes(source):
    for kind in files.KINDS_OF_FILE:
        file = source.file(kind)
        theirs = np.array(Image.open(io.BytesIO(file.data)))
        assert np.abs(file.picture.astype(int) - theirs).max() <= 4
        np.testing.assert_array_equal(decode_picture(file.encoded), file.picture)


@pytest.mark.parametrize("name", list(sabotage.SABOTAGE)[1:])
@pytest.mark.parametrize("kind", files.KINDS_OF_FILE)
def test_sabotage(source, kind, name):
    result = byte_microscope.compute(source, **state(kind=kind, sabotage=name))
    view, broken = byte_microscope_drawing.draw(result), result.broken
    ET.fromstring(f"<div>{view.readout}{byte_microscope_drawing.verdict(result)}</div>")
    assert len(broken.origin) == len(broken.data)
    if name == "drop a restart marker" and kind != files.RESTARTS:
        assert broken.edit is None and "nothing of that kind" in byte_microscope_drawing.verdict(
            result
        )
        return
    edit = broken.edit
    assert broken.data == result.file.data[: edit.start] + edit.new + result.file.data[edit.stop :]
    assert broken.data != result.file.data
    kept = np.frombuffer(result.file.data, np.uint8)[broken.origin] == list(broken.data)
    assert (~kept).sum() <= len(edit.new)
    same = broken.picture.shape == result.file.picture.shape
    assert not same or (broken.picture != result.file.picture).any()
    if name == "flip one bit":
        assert bin(edit.new[0] ^ result.file.data[edit.start]).count("1") == 1


def test_a_flip_is_one_bit_and_its_own_undoing(source):
    whole = byte_microscope.compute(source, **state())
    once = byte_microscope.compute(source, **state(flips=(8 * 4403 + 4,)))
    assert once.broken.data[4403] == whole.broken.data[4403] ^ 8
    assert once.broken.changed == [4403]
    assert once.broken.said == "" and "notices nothing" in byte_microscope_drawing.verdict(once)


def test_a_decoder_that_gives_up_leaves_grey(source):
    height = 8 * 163  # the high bit of the height: 33,068 lines
    result = byte_microscope.compute(source, **state(flips=(height,)))
    assert result.broken.picture is None and "max_pixels" in result.broken.said
    assert (decode_picture(result.broken.encoded) == 200).all()
    result = byte_microscope.compute(source, **state(flips=(0,)))  # no SOI
    assert "begins with FF D8" in byte_microscope_drawing.verdict(result)
    byte_microscope_drawing.draw(result)


@pytest.mark.parametrize("scans", [1, 4, 10])
def test_scans(source, scans):
    result = byte_microscope.compute(source, **state(kind=files.PROGRESSIVE, scans=scans))
    found = jpeg.decode(result.file.data, scans=scans)
    np.testing.assert_array_equal(result.broken.picture, found)
    cut = result.file.data[: result.broken.read] + b"\xff\xd9" * (scans < 10)
    np.testing.assert_array_equal(jpeg.decode(cut), found)


@pytest.mark.parametrize("n", [1, 300, 12952, 27032, 61306, 131072])
def test_the_map_has_room_and_a_size_for_the_page(n):
    columns = byte_microscope_drawing.map_columns(n)
    assert columns % 16 == 0 and -(-n // columns) <= columns <= 512


def test_the_map_is_the_file(source):
    result = byte_microscope.compute(source, **state(flips=(8 * 4403,)))
    pixels = byte_microscope_drawing.draw_map(result.broken).reshape(-1, 3)
    assert pixels[4403].tolist() == [200, 0, 0]
    assert (pixels[12952:] == 226).all()
    colours = {tuple(p) for p in pixels[337:12950]}
    assert len(colours) > 150  # nearly a lightness for each value
    data = np.frombuffer(result.file.data, np.uint8)
    order = np.argsort(data[5000:6000], kind="stable")
    assert (np.diff(pixels[5000:6000].sum(1)[order].astype(int)) <= 0).all()


# --- the shell ---------------------------------------------------------------------------


def test_shell():
    ex = byte_microscope.ByteMicroscope()
    first = ex.readout.summary
    assert ex.byte == 4403 and "73 bits in 10 bytes" in first
    view = ex.controls["byte"]
    assert view.block == (4403, 4412) and view.roles == "nncceeee"
    ex.picture.at = (96, 200)
    assert ex.result.block != 944 and "row 96, column 200" in ex.readout.summary
    ex.map.at = (1, 40)  # second row of 128 bytes
    assert ex.byte == 168 and "SOF0" in ex.readout.summary
    picture = ex.picture.value
    ex.sabotage = "flip one bit"
    assert ex.picture.value != picture and ex.byte == ex.result.broken.edit.start
    assert "notices nothing" in ex.verdict.value
    view.flipped = (8 * 4403 + 4,)
    assert ex.result.broken.changed == [ex.result.broken.edit.start, 4403]
    ex.sabotage = "none"
    assert ex.flips == () and ex.verdict.value == ""
    ex.kind = files.PROGRESSIVE
    scans = ex.controls["scans"]
    assert scans.maximum == 10 and scans.layout.display == ""
    ex.scans = 2
    assert "read up to scan 2" in ex.readout.summary
    ex._reset.click()
    assert ex.readout.summary == first and scans.layout.display == "none"
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"ByteMicroscope: {first}" and bundle["image/png"]


def test_a_small_jpg_is_shown_as_it_is(tmp_path):
    ex = byte_microscope.ByteMicroscope()
    ex.load(HOPPER)
    assert ex.kind == files.STRANGER and ex.result.broken.data == FILES["a stranger's"]
    upload = io.BytesIO(FILES["progressive"])
    upload.name = "mine.jpg"
    ex.load(upload)
    assert ex.result.broken.data == FILES["progressive"] and ex.result.file.scans == 10
    ex.load(np.zeros((5, 21, 3), np.uint8))
    assert "That did not work" not in ex.readout.value
    images.save(tmp_path / "mine.png", PHOTO)
    assert files.own_file(tmp_path / "mine.png") == b""
    large = tmp_path / "large.jpg"
    large.write_bytes(jpeg.encode(np.tile(PHOTO, (2, 2, 1)), 100))
    assert files.own_file(large) == b"" and large.stat().st_size > files.OWN_BYTES
    with pytest.raises(ValueError, match="no picture"):
        (tmp_path / "no.jpg").write_bytes(b"\xff\xd8 no")
        ex.load(tmp_path / "no.jpg")


# --- one wrong bit -----------------------------------------------------------------------


def test_every_bit_of_the_scan_has_the_kind_that_the_trace_says():
    data = FILES["ours"]
    kinds, places = one_bit.bit_kinds(data)
    kind_of = dict(zip(places.tolist(), kinds.tolist(), strict=True))
    for number in (0, 7, 100):
        for symbol in jpeg.trace(data, number):
            expected = [0 if symbol.name == "DC" else 2] * len(symbol.code)
            expected += [1 if symbol.name == "DC" else 3] * len(symbol.extra)
            at = places.tolist().index(symbol.bit)
            assert kinds[at : at + len(expected)].tolist() == expected
    assert len(kind_of) == len(kinds) and set(kinds) == {0, 1, 2, 3}


def test_an_extra_bit_of_ac_spoils_one_block_and_one_of_dc_no_ac_at_all():
    kinds, places = one_bit.bit_kinds(FILES["ours"])
    rng = np.random.default_rng(1)
    for number, blocks in ((3, 1), (1, 0)):
        for place in rng.choice(places[kinds == number], 5, replace=False):
            damage = one_bit.flip(FILES["ours"], int(place))
            assert damage.blocks == blocks and damage.in_step and not damage.noticed
            assert 0 < damage.pixels < (0.2 if number == 3 else 1)


def test_two_of_three_wrong_code_words_do_no_more_than_a_few_blocks_and_the_rest_is_noticed():
    """Pillow is the judge: the last rows of luma are as they were, but for one shift by DC."""
    data = jpeg.encode(PHOTO, 50)
    good = np.array(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    kinds, places = one_bit.bit_kinds(data)
    found = []
    for place in np.random.default_rng(5).choice(places[kinds == 2], 60, replace=False):
        damage = one_bit.flip(data, int(place))
        broken = bytearray(data)
        broken[place // 8] ^= 128 >> place % 8
        theirs = np.array(Image.open(io.BytesIO(bytes(broken))).convert("L")).astype(int)
        shift = (theirs - good)[-16:, :160]  # at the lower left all is background
        assert damage.in_step == (not damage.noticed)  # of a file in colour
        if damage.in_step and damage.blocks < 100:
            assert np.ptp(np.median(shift, 1)) <= 4
        found.append(damage)
    in_step = [damage.blocks for damage in found if damage.in_step]
    assert 0.6 < len(in_step) / len(found) < 0.8 and np.median(in_step) < 20
    assert np.median([damage.blocks for damage in found if not damage.in_step]) > 300


# --- the learner's own encoder -----------------------------------------------------------

PIECES = {
    "to_ycbcr": "colour",
    "down": "colour",
    "dct_matrix": "dct",
    "quantize": "quantization",
    "run_length": "entropy_coding",
    "dqt": "a_real_jpeg",
    "my_file": "a_real_jpeg",
}
NAMES = {"dqt": "write_dqt", "my_file": "write_file"}  # what the lesson calls them


def solution(subject, exercise):
    """The function of the solution that stands under an exercise."""
    text = source_of(subject)
    call = re.search(rf'^check\("{exercise}", (\w+)\)', text, re.MULTILINE)
    block = text[call.end() :].split("# ```python\n")[1].split("# ```")[0]
    names = {"np": np, "color": color, "transform": transform}
    exec("\n".join(line[2:] for line in block.splitlines()), names)
    return names[call[1]]


def joined(chosen):
    """The lesson's encoder, with these functions in the place of mine.get."""
    chosen = {NAMES.get(name, name): function for name, function in chosen.items()}
    names = definitions("a_real_jpeg", **chosen, pieces=pieces)
    text = re.search(r"# def my_encoder.*?(?=# ```)", source_of("a_real_jpeg"), re.DOTALL)[0]
    exec("\n".join(line[2:] for line in text.splitlines()), names)
    return names["my_encoder"]


def source_of(subject):
    path = contents.LESSONS / "src" / f"{contents.notebook(subject).stem}.py"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("own", [list(PIECES), list(PIECES)[::2], []], ids=["all", "half", "none"])
def test_the_solutions_of_the_lessons_join_to_an_encoder(own):
    chosen = {
        name: solution(subject, name) if name in own else getattr(pieces, name)
        for name, subject in PIECES.items()
    }
    ours = joined(chosen)
    assert checks.verdict(encoder, ours).startswith("Right. ")
    data, theirs = ours(PHOTO, 50), jpeg.encode(PHOTO, 50)
    assert abs(len(data) / len(theirs) - 1) < 0.02
    pictures = [np.array(Image.open(io.BytesIO(file))).astype(int) for file in (data, theirs)]
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.1


# --- the exercises -----------------------------------------------------------------------

dqt, my_file, encoder, first_scans = exercises.check.exercises


right = exercises.segment()


def test_dqt_tables_tell_every_order_apart():
    assert checks.verdict(dqt, right).startswith("Right. ")
    assert not np.array_equal(quantize.LUMINANCE, quantize.LUMINANCE.T)


def whole(parts, bits, start=b"\xff\xd8", end=b"\xff\xd9"):
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return start + b"".join(parts[n] for n in ("DQT", "SOF0", "DHT", "SOS")) + scan + end


def test_my_file_in_any_order_of_the_tables():
    def alphabetical(parts, bits):
        return whole({"DQT": b"", "SOF0": b"", "DHT": b"", "SOS": b"".join(parts.values())}, bits)

    for answer in (whole, alphabetical):
        assert checks.verdict(my_file, answer).startswith("Right. ")


def test_the_pieces_need_stuffing_and_filling():
    for name, size in (("chelsea", 128), ("coffee", 101)):
        parts, bits = exercises.pieces(images.centre_crop(images.sample(name), size))
        assert len(bits) % 8
        filled = bits + "1" * (-len(bits) % 8)
        data = int(filled, 2).to_bytes(len(filled) // 8, "big")
        assert b"\xff" in data and list(parts) == ["DHT", "DQT", "SOF0", "SOS"]


def ends(data):
    return [s.offset + s.length for s in jpeg.container.parse(data) if s.name == ""]


def starts(data):
    return [s.offset for s in jpeg.container.parse(data) if s.name == "SOS"] + [len(data) - 2]


def without(name, data):
    """The file without its segments of this name."""
    parts = [s for s in jpeg.container.parse(data) if s.name != name]
    return b"".join(data[s.offset : s.offset + s.length] for s in parts)


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (dqt, exercises.segment(length=1), "What belongs to it"),
        (
            dqt,
            lambda i, t: right(i, t)[:4] + right(i, t)[5:],
            "has 69 bytes with its marker, yours 68",
        ),
        (dqt, lambda i, t: b"\xff\xc4" + right(i, t)[2:], "begins with its marker"),
        (dqt, lambda i, t: right(0, t), "the number of the table, 1, not 0"),
        (dqt, lambda i, t: right(i, t + 1), "the first four of the zig-zag"),
        (dqt, lambda i, t: "FFDB", "Return bytes; yours is a str"),
        (dqt, lambda i, t: bytes(t), "begins with its marker"),
        (my_file, lambda p, b: whole(p, b, start=b""), "begins with FF D8, yours with FF DB"),
        (my_file, lambda p, b: whole(p, b, end=b""), "ends with FF D9"),
        (my_file, lambda p, b: whole(p | {"DHT": b""}, b), "The DHT part is not in your file"),
        (
            my_file,
            lambda p, b: whole({n: s.replace(b"\xff", b"\xff\0") for n, s in p.items()}, b),
            "its FFs are markers",
        ),
        (
            my_file,
            lambda p, b: whole(p | {"SOS": p["SOS"] + b"\xff\xc8\0\2"}, b),
            "not those of the bits",
        ),
        (
            my_file,
            lambda p, b: whole(p | {"SOF0": b"", "SOS": p["SOS"]}, b, end=p["SOF0"] + b"\xff\xd9"),
            "Behind SOS stand the bits",
        ),
        (my_file, lambda p, b: b, "Return bytes"),
        (encoder, lambda x, q: without("DQT", jpeg.encode(x, q)), "Your file has no DQT"),
        (encoder, lambda x, q: without("DHT", jpeg.encode(x, q)), "Your file has no DHT"),
        (encoder, lambda x, q: b"FFD8", "From marker to marker"),
        (
            encoder,  # table 1 is called 0, too
            lambda x, q: jpeg.encode(x, q).replace(b"\xff\xdb\0\x43\1", b"\xff\xdb\0\x43\0"),
            "quantization table 1 is not defined",
        ),
        (first_scans, lambda d, k: d, "that is the whole file"),
        (first_scans, lambda d, k: d[: ends(d)[k - 1]], "a file ends with FF D9"),
        (
            first_scans,
            lambda d, k: d[: ends(d)[min(k, 9)]] + b"\xff\xd9",
            "there are 2 scan headers",
        ),
        (first_scans, lambda d, k: d[: starts(d)[k - 1]] + b"\xff\xd9", "there are 0 scan headers"),
        (first_scans, lambda d, k: d[: ends(d)[k - 1] - 9] + b"\xff\xd9", "our decoder says"),
        (first_scans, lambda d, k: d[ends(d)[k - 1] :], "begin like a JPEG"),
        (first_scans, lambda d, k: list(d), "Return bytes"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_first_scans_may_keep_the_tables_of_the_next_scan():
    answer = checks.verdict(first_scans, lambda d, k: d[: starts(d)[k]] + b"\xff\xd9")
    assert answer.startswith("Right. ")


def test_a_file_of_the_first_scans_opens_in_pillow():
    data = jpeg.encode(PHOTO, 50, progressive=True)
    picture = Image.open(io.BytesIO(data[: ends(data)[2]] + b"\xff\xd9"))
    picture.load()
    assert picture.size == (451, 300)


# --- what the prose says -----------------------------------------------------------------


def test_one_wrong_bit():
    """A third of the picture without restart markers, a fiftieth with; mostly unnoticed."""
    rng = np.random.default_rng(1)
    mean, noticed = [], []
    for interval in (0, 29):
        data = jpeg.encode(PHOTO, 50, restart_interval=interval)
        good, shares = jpeg.decode(data), []
        scans = [s for s in jpeg.container.parse(data) if s.name == ""]
        places = [p for s in scans for p in range(s.offset, s.offset + s.length)]
        for _ in range(150):
            broken = bytearray(data)
            broken[rng.choice(places)] ^= 1 << rng.integers(8)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                shares.append((jpeg.decode(bytes(broken), strict=False) != good).any(-1).mean())
            noticed.append(bool(caught))
        mean.append(np.mean(shares))
    assert 0.2 < mean[0] < 0.4 and mean[1] < 0.03
    assert 0.1 < np.mean(noticed) < 0.3


def test_what_there_is_to_see(source):
    """The answers folded under the byte_microscope."""
    narrow = byte_microscope.compute(source, **state(flips=(8 * 165 + 7,)))
    assert narrow.broken.picture.shape == (300, 195, 3) and narrow.broken.said == ""

    def wrong(**changes):
        result = byte_microscope.compute(source, **state(**changes))
        return (result.broken.picture != result.file.picture).any(-1).mean()

    bright = byte_microscope.compute(source, **state(flips=(8 * 4403 + 4,)))
    assert wrong(flips=(8 * 4403 + 4,)) == pytest.approx(0.71, abs=0.005)
    later = bright.broken.picture[112:].astype(int) - bright.file.picture[112:]
    assert bright.broken.said == "" and later.mean() > 10
    assert wrong(sabotage="flip one bit") == pytest.approx(2 / 3, abs=0.02)
    assert wrong(sabotage="flip one bit", kind=files.RESTARTS) < 0.04
    lost = byte_microscope.compute(
        source, **state(sabotage="drop a restart marker", kind=files.RESTARTS)
    )
    first = byte_microscope.compute(source, **state(kind=files.PROGRESSIVE, scans=1))
    assert (first.broken.read, len(first.file.data)) == (1773, 13224)
    rows = (lost.broken.picture != lost.file.picture).any((1, 2))
    assert rows.sum() <= 18 and "RST2 where RST1 belongs" in lost.broken.said


def test_strangers_files_and_ours_look_the_same_to_everybody():
    for data in (FILES["a stranger's"], FILES["ours"], FILES["progressive"], FILES["restarts"]):
        theirs = np.array(Image.open(io.BytesIO(data)))
        assert np.abs(jpeg.decode(data).astype(int) - theirs).max() <= 4


def test_the_first_huffman_table_says_the_words_that_the_lesson_counts_up():
    data = jpeg.encode(PHOTO, 50)
    at = data.index(b"\xff\xc4")
    counts, rest = data[at + 5 : at + 21], data[at + 21 :]
    words, code = [], 0
    for length, count in enumerate(counts, 1):  # T.81 Figures C.1 and C.2
        for _ in range(count):
            words.append(format(code, f"0{length}b"))
            code += 1
        code *= 2
    assert ", ".join(words) in lessons.prose("a_real_jpeg")
    assert counts[:6] == bytes([0, 2, 3, 1, 1, 0]) and list(rest[:7]) == [3, 4, 1, 2, 5, 0, 6]
    assert words[list(rest).index(4)] == "01" == jpeg.trace(data, 944)[0].code


def test_fewer_ff_than_chance():
    for name in images.SAMPLES:
        for quality in (10, 50, 75, 90):
            data = jpeg.encode(images.sample(name), quality)
            s = next(s for s in jpeg.container.parse(data) if s.name == "")
            coded = data[s.offset : s.offset + s.length]
            assert coded.count(b"\xff") == coded.count(b"\xff\0") < len(coded) / 256


def test_progressive_costs_and_saves():
    for name in images.SAMPLES:
        sizes = [
            [len(jpeg.encode(images.sample(name), q, progressive=p)) for p in (False, True)]
            for q in (10, 90)
        ]
        (low, coarse), (high, fine) = sizes
        assert 1.05 < coarse / low < 1.12 and 0.95 < fine / high < 0.98


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_bytes_bits_sabotage_and_scans():
    lesson = contents.notebook("a_real_jpeg")
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        ours = page.locator('img[src^="data:image/jpeg"]').first  # the browser decodes our bytes
        size = "async img => (await img.decode(), [img.naturalWidth, img.naturalHeight])"
        assert ours.evaluate(size) == [451, 300]

        explorer = page.locator(".lic-explorer")
        explorer.get_by_text("73 bits in 10 bytes").first.wait_for()
        chosen = explorer.locator('.lic-hex button[aria-pressed="true"]')
        chosen.get_by_text("13", exact=True).wait_for()
        picture = explorer.locator(".lic-picture canvas").first
        source = pictures(picture)

        chosen.press("ArrowRight")
        explorer.get_by_text("Byte 4,404").first.wait_for()
        chosen.get_by_text("D0", exact=True).wait_for()
        explorer.get_by_role("button", name="frame header", exact=True).click()
        explorer.get_by_text("the marker SOF0").first.wait_for()

        explorer.get_by_role("button", name="Reset").click()
        chosen.get_by_text("13", exact=True).wait_for()
        explorer.get_by_role("button", name="bit 5 of 8").click()
        explorer.locator(".lic-readout").get_by_text("The decoder notices nothing").wait_for()
        new_pictures(picture, source)
        explorer.get_by_role("button", name="bit 5 of 8").click()
        explorer.locator(".lic-readout").get_by_text("The decoder notices nothing").wait_for(
            state="detached"
        )

        explorer.get_by_label("Sabotage", exact=True).select_option("cut the file in half")
        explorer.get_by_text("the data of the scan ends").first.wait_for()
        explorer.get_by_label("Sabotage", exact=True).select_option("none")
        explorer.get_by_label("File", exact=True).select_option("ours, progressive")
        scans = explorer.get_by_role("slider", name="Scans")
        scans.wait_for()
        scans.press("Home")
        first = explorer.get_by_text("after 1 of 10 scans")
        first.wait_for()

        explorer.get_by_role("button", name="Reset").click()
        first.wait_for(state="detached")
        stage = explorer.locator(".lic-picture .lic-stage").first
        back = "stage => stage.ariaLabel.endsWith('row 88, column 192')"
        page.wait_for_function(back, arg=stage.element_handle())
        stage.focus()
        stage.press("ArrowRight")
        explorer.get_by_text("the block at row 88, column 200").first.wait_for()
