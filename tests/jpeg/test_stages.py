"""The stages of the JPEG codec, each against something that is not ours."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy.fft import dctn, idctn
from skimage import data as photographs

from lic_teach import jpeg
from lic_teach.bits import BitReader, BitWriter
from lic_teach.jpeg import (
    bitstream,
    codec,
    color,
    frame,
    huffman,
    quantize,
    scan,
    sparse,
    symbols,
    transform,
)

PHOTO = photographs.astronaut()[100:164, 150:230]

# The worked example of Wikipedia's article "JPEG": samples, and coefficients for quality 50.
BLOCK = """
    52 55 61 66 70 61 64 73   63 59 55 90 109 85 69 72   62 59 68 113 144 104 66 73
    63 58 71 122 154 106 70 69   67 61 68 104 126 88 68 70   79 65 60 70 77 68 58 75
    85 71 64 59 55 61 65 83   87 79 69 68 65 76 78 94
"""
QUANTIZED = "-26 -3 0 -3 -2 -6 2 -4 1 -3 1 1 5 1 2 -1 1 -1 2 0 0 0 0 0 -1 -1"


def numbers(text):
    return np.array(text.split(), int)


# ---- transform, quantize ----------------------------------------------------------------


@given(arrays(np.uint8, (16, 24)))
def test_the_matrix_is_scipys_dct(plane):
    blocks = transform.forward(plane.astype(np.float32))
    for y, x in np.ndindex(2, 3):
        block = plane[8 * y : 8 * y + 8, 8 * x : 8 * x + 8]
        want = dctn(block - 128.0, norm="ortho").ravel()[transform.ZIGZAG]
        np.testing.assert_allclose(blocks[y, x], want, atol=1e-3)
    np.testing.assert_array_equal(transform.inverse(blocks), plane)


def test_the_basis_is_one_that_the_stage_can_undo():
    """The inverse is the transpose, and the level shift is DC's alone."""
    basis = transform.BASIS.astype(float)
    np.testing.assert_allclose(basis @ basis.T, np.eye(64), atol=1e-6)
    np.testing.assert_allclose(basis[0], 1 / 8, atol=1e-7)


def places(bits):
    """The ones of a number, from the lowest up."""
    found = []
    while bits:
        found.append(sparse.lowest(np.uint64(bits)))
        bits &= ~(1 << found[-1])
    return found


@given(arrays(np.int16, 64, elements=st.integers(-9, 9), fill=st.just(0)), st.integers(1, 9))
def test_the_ones_of_a_block_are_where_numpy_finds_them(block, least):
    for values in (block, block.astype(np.float32)):
        assert places(sparse.nonzero(values)) == np.flatnonzero(block).tolist()
    assert places(sparse.large(block, least)) == np.flatnonzero(np.abs(block) >= least).tolist()
    assert (
        places(sparse.nonzero(block) & sparse.below(least))
        == np.flatnonzero(block[:least]).tolist()
    )
    assert places(sparse.below(64)) == list(range(64))


@given(arrays(np.int16, (2, 3, 64), elements=st.integers(-99, 99), fill=st.just(0)))
def test_what_is_painted_is_scipys_inverse(coefficients):
    plane = transform.inverse(coefficients.astype(np.float32))
    for y, x in np.ndindex(2, 3):
        natural = coefficients[y, x][transform.NATURAL].reshape(8, 8).astype(float)
        want = np.clip(idctn(natural, norm="ortho") + 128, 0, 255)
        assert np.abs(plane[8 * y : 8 * y + 8, 8 * x : 8 * x + 8] - want).max() <= 0.5 + 1e-3


def test_a_published_block():
    plane = numbers(BLOCK).reshape(8, 8).astype(np.float32)
    steps = quantize.LUMINANCE.ravel()[transform.ZIGZAG]
    found = quantize.quantize(transform.forward(plane)[0, 0], steps)
    want = np.zeros(64, int)
    want[:26] = numbers(QUANTIZED)
    np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("quality", range(1, 101))
def test_tables_are_libjpegs(quality):
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "JPEG", quality=quality)
    for number, table in enumerate((quantize.LUMINANCE, quantize.CHROMINANCE)):
        want = Image.open(out).quantization[number]
        assert quantize.scale(table, quality).ravel().tolist() == want


def test_zigzag_is_its_own_undoing():
    assert sorted(transform.ZIGZAG) == list(range(64))
    np.testing.assert_array_equal(transform.ZIGZAG[transform.NATURAL], np.arange(64))
    rows, columns = np.divmod(transform.ZIGZAG, 8)
    assert np.abs(np.diff(rows)).max() == np.abs(np.diff(columns)).max() == 1  # no jumps
    assert (np.diff(rows + columns) >= 0).all()


# ---- colour -----------------------------------------------------------------------------


@given(arrays(np.uint8, (5, 7, 3)))
def test_colours_are_pillows(image):
    theirs = np.array(Image.fromarray(image).convert("YCbCr"))
    ours = color.rgb_to_ycbcr(image)
    assert np.abs(ours.transpose(1, 2, 0).astype(int) - theirs).max() <= 1
    assert np.abs(color.unrounded_ycbcr(image) - ours).max() <= 0.5 + 1e-4
    back = np.array(Image.fromarray(theirs, "YCbCr").convert("RGB"))
    again = color.ycbcr_to_rgb(np.ascontiguousarray(theirs.transpose(2, 0, 1)))
    assert np.abs(again.astype(int) - back).max() <= 1


@given(arrays(np.uint8, (6, 8)), st.sampled_from([1, 2]), st.sampled_from([1, 2]))
def test_downsampling_is_the_mean(plane, v, h):
    want = plane.reshape(6 // v, v, 8 // h, h).mean((1, 3))
    np.testing.assert_allclose(color.downsample(plane, v, h), want, rtol=1e-6)


@given(arrays(np.uint8, (6, 8)), st.sampled_from([(1, 2), (2, 1), (2, 2)]))
def test_upsampling_is_pillows_triangle(plane, ratio):
    """Pillow's BILINEAR resize by two is the same filter, rounded another way."""
    v, h = ratio
    picture = Image.fromarray(plane).resize((8 * h, 6 * v), Image.Resampling.BILINEAR)
    assert np.abs(color.upsample(plane, v, h).astype(int) - np.array(picture)).max() <= 1


# ---- entropy coding ---------------------------------------------------------------------

counts = arrays(np.int64, 256, elements=st.integers(0, 1 << 30)).filter(lambda c: c.any())


@given(counts)
def test_code_lengths_make_a_prefix_code_of_at_most_16_bits(count):
    lengths = huffman.code_lengths(count)
    assert ((lengths > 0) == (count > 0)).all() and lengths.max() <= 16
    assert (2.0 ** -lengths[lengths > 0]).sum() < 1  # the all-ones code is free
    p = count[count > 0] / count.sum()
    assert p @ lengths[count > 0] >= -(p * np.log2(p)).sum() - 1e-9


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=40))
def test_code_lengths_are_optimal(some):
    """Against the sum of all joins of Huffman's algorithm, with one symbol more of count 1."""
    count = np.zeros(256, int)
    count[: len(some)] = some
    lengths = huffman.code_lengths(count)
    heap, best = sorted([*some, 1]), 0
    while len(heap) > 1:
        joined = heap[0] + heap[1]
        best, heap = best + joined, sorted([*heap[2:], joined])
    assert count @ lengths <= best  # the extra symbol's own bits are for nothing


def test_code_lengths_where_sixteen_bits_are_too_few():
    fibonacci = np.zeros(256, int)
    fibonacci[:40] = [round(1.618034**n / 5**0.5) or 1 for n in range(1, 41)]
    lengths = huffman.code_lengths(fibonacci)
    assert lengths.max() == 16 and (2.0 ** -lengths[lengths > 0]).sum() < 1


def test_standard_tables_are_those_that_libjpeg_writes():
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "JPEG", optimize=False)
    theirs = [s for s in jpeg.container.parse(out.getvalue()) if s.name == "DHT"]
    ours = [s for s in jpeg.container.parse(jpeg.encode(PHOTO, optimize=False)) if s.name == "DHT"]
    data, own = out.getvalue(), jpeg.encode(PHOTO, optimize=False)
    assert {data[s.offset : s.offset + s.length] for s in theirs} == {
        own[s.offset : s.offset + s.length] for s in ours
    }


def test_codes_of_the_standard_as_it_prints_them():
    """A few rows of T.81 Tables K.3 and K.5."""
    word, length = huffman.codes(huffman.DC_LUMINANCE)
    assert [format(word[s], f"0{length[s]}b") for s in (0, 5, 11)] == ["00", "110", "111111110"]
    word, length = huffman.codes(huffman.AC_LUMINANCE)
    printed = {
        0x00: "1010",
        0x01: "00",
        0x11: "1100",
        0xF0: "11111111001",
        0xFA: "1111111111111110",
    }
    assert {s: format(word[s], f"0{length[s]}b") for s in printed} == printed


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2047)), max_size=200))
def test_packed_bits_are_those_of_the_slow_writer(pairs):
    """DC symbols of the standard table, with stuffing undone."""
    word, length = huffman.codes(huffman.DC_LUMINANCE)
    writer = BitWriter()
    for size, value in pairs:
        writer.write(int(word[size]), int(length[size]))
        writer.write(value & ((1 << size) - 1), size)
    codes = np.zeros((2, symbols.ALPHABET), np.int64)
    codes[0, :256], codes[1, :256] = word, length
    stream = np.array([p[0] for p in pairs], np.uint16)
    extra = np.array([p[1] & ((1 << p[0]) - 1) for p in pairs], np.uint16)
    out = np.empty(16 * len(pairs) + 4, np.uint8)
    n = bitstream.pack(stream, extra, *codes, symbols.EXTRA_LENGTHS, out)
    assert out[:n].tobytes().replace(b"\xff\x00", b"\xff") == writer.getvalue()


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(1, 70)), max_size=30))
def test_bits_come_back(pairs):
    writer = BitWriter()
    for value, length in pairs:
        writer.write(value % (1 << length), length)
    reader = BitReader(writer.getvalue())
    assert [reader.read(n) for _, n in pairs] == [v % (1 << n) for v, n in pairs]
    assert reader.position == sum(n for _, n in pairs)
    with pytest.raises(EOFError):
        reader.read(8)


def test_a_number_too_large_for_its_bits_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        BitWriter().write(4, 2)


grids = arrays(
    np.int16, (12, 64), elements=st.integers(-1023, 1023), fill=st.just(0)
)  # sparse, as blocks are


@given(grids, st.booleans(), st.integers(0, 5))
def test_entropy_coding_loses_nothing(blocks, progressive, interval):
    shape = frame.make_frame(16, 31, 3, "4:2:0")._replace(progressive=progressive)
    tables = codec.standard_tables(50)
    data = codec.pack(blocks, shape, tables, interval)
    again, _, _ = codec.unpack(data)
    np.testing.assert_array_equal(again, blocks)
    plain = Image.open(io.BytesIO(codec.pack(blocks, shape._replace(progressive=False), tables)))
    theirs = np.array(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(theirs, np.array(plain))


def test_real_counts_stay_close_to_the_entropy():
    """Huffman codes cost at most a few hundredths of a bit more than the entropy here."""
    blocks, shape, _ = codec.unpack(jpeg.encode(photographs.astronaut(), 50))
    for count in scan.symbol_counts(blocks, shape):
        if count.any():
            p = count[count > 0] / count.sum()
            cost = p @ huffman.code_lengths(count)[count > 0]
            assert 0 <= cost + (p * np.log2(p)).sum() < 0.1


FACTORS = [(h, v) for h in (1, 2, 3, 4) for v in (1, 2, 3, 4)]
MIXES = [
    (y, cb, cr)
    for y in FACTORS
    for cb in [(1, 1), (1, 2), (2, 1), (2, 2)]
    for cr in [(1, 1), (2, 1)]
    if sum(h * v for h, v in (y, cb, cr)) <= 10  # B.2.3
]


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_any_mix_of_sampling_factors(mix):
    """Smooth random pictures, sampled in every way, against Pillow where libjpeg reads them."""
    parts = tuple(frame.Component(i + 1, h, v, 0) for i, (h, v) in enumerate(mix))
    rng = np.random.default_rng(0)
    for height, width in ((40, 61), (9, 3)):
        shape = frame.Frame(height, width, parts)
        blocks = np.zeros((frame.count_blocks(shape), 64), np.int16)
        blocks[:, 0] = rng.integers(-30, 30, len(blocks))
        blocks[:, 1:6] = rng.integers(-4, 5, (len(blocks), 5))
        data = codec.pack(blocks, shape, [np.full(64, 12)])
        ours = jpeg.decode(data)
        assert ours.shape == (height, width, 3)
        again = codec.pack(blocks, shape._replace(progressive=True), [np.full(64, 12)], 4)
        np.testing.assert_array_equal(jpeg.decode(again), ours)
        try:
            theirs = np.array(Image.open(io.BytesIO(data)))
        except OSError:  # libjpeg asks for whole ratios
            ratios = [(shape.h_max % c.h, shape.v_max % c.v) for c in parts]
            assert any(any(r) for r in ratios)
            continue
        assert np.mean(np.abs(ours.astype(int) - theirs) <= 2) >= 0.995
