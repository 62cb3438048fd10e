"""The arithmetic coder of T.81: the standard's own test, and Pillow (libjpeg-turbo), which reads
such files."""

import io
import itertools

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFile
from skimage import data as photographs

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import (
    adaptive,
    apart,
    arithmetic,
    codec,
    container,
    decisions,
    frame,
    optimize,
    segments,
)
from lic_teach.jpeg import wagers as wager

PHOTO = photographs.astronaut()[100:220, 150:321]
SUBSAMPLING = "4:4:4", "4:2:2", "4:2:0"
LAMS = 3e-3, 1e-2, 3e-2, 9e-2


def by_pillow(data):
    return np.array(Image.open(io.BytesIO(data)))


def put(data, name, new):
    """New bytes before a segment."""
    place = next(s.offset for s in container.parse(data) if s.name == name)
    return data[:place] + new + data[place:]


# ---- the coder --------------------------------------------------------------------------

# T.81 K.4.1: 256 decisions of one state, and the bytes that they become.
DECISIONS = "00020051000000C00352872AAAAAAAAA82C02000FCD79EF674EAABF7697EE74C"
CODED = "655B5144F7969D517855BFFF00FC5184C7CEF93900287D46708ECBC0F6"


def code(stream, count=1):
    registers, states = arithmetic.encoder(), np.zeros(count, np.uint8)
    out = np.empty(4 * len(stream) + 8, np.uint8)
    n = arithmetic.encode(stream, states, registers, out)
    return arithmetic.trimmed(out[:n].tobytes() + arithmetic.finish(registers))


def decoded(data, which, count=1):
    clean = np.frombuffer(data.replace(b"\xff\0", b"\xff"), np.uint8)
    registers, states = arithmetic.decoder(clean, 0, len(clean)), np.zeros(count, np.uint8)
    return [arithmetic.decode(clean, states, registers, s) for s in which]


def test_the_standards_own_example():
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(DECISIONS), np.uint8)).astype(np.uint16)
    assert code(bits).hex().upper() == CODED
    assert decoded(bytes.fromhex(CODED), [0] * 256) == bits.tolist()


@settings(max_examples=60)
@given(arrays(np.uint16, st.integers(0, 3000), elements=st.integers(0, 41)), st.integers(1, 9))
def test_every_decision_comes_back(stream, skew):
    """20 states; some answers made rare, so that carries and stacked FF bytes occur."""
    stream = np.where(np.arange(len(stream)) % skew, stream & ~np.uint16(1), stream)
    data = code(stream, 21)
    assert b"\xff" not in data.replace(b"\xff\0", b"") and not data.replace(
        b"\xff\0", b""
    ).endswith(b"\0")
    assert decoded(data, (stream >> 1).tolist(), 21) == (stream & 1).tolist()


@pytest.mark.parametrize("p", [0.5, 0.2, 0.05, 0.01, 0.001])
def test_a_state_learns_how_a_decision_comes_out(p):
    """The bits of 200,000 decisions are within 6 % of their entropy."""
    stream = (np.random.default_rng(0).random(200_000) < p).astype(np.uint16)
    entropy = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    assert 8 * len(code(stream)) / len(stream) == pytest.approx(entropy, rel=0.06)


def test_where_a_call_ends_the_next_goes_on():
    """The registers carry all that is not yet sure, also across many calls."""
    rng = np.random.default_rng(1)
    stream = rng.integers(0, 64, 5000).astype(np.uint16) & ~(rng.random(5000) < 0.9).astype(
        np.uint16
    )
    registers, states, parts = arithmetic.encoder(), np.zeros(32, np.uint8), []
    for piece in np.array_split(stream, 700):
        out = np.empty(4 * len(piece) + 2 * int(registers[arithmetic.ST]) + 8, np.uint8)
        parts.append(out[: arithmetic.encode(piece, states, registers, out)].tobytes())
    parts.append(arithmetic.finish(registers))
    assert arithmetic.trimmed(b"".join(parts)) == code(stream, 32)


# ---- files ------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [0, 3])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [*SUBSAMPLING, "grey"])
@pytest.mark.parametrize("quality", [5, 50, 95, 100])
def test_our_files_are_the_same_picture_everywhere(quality, subsampling, progressive, interval):
    image = PHOTO[..., 1] if subsampling == "grey" else PHOTO
    options = dict(progressive=progressive, restart_interval=interval)
    options |= {} if subsampling == "grey" else dict(subsampling=subsampling)
    plain = jpeg.encode(image, quality, **options)
    data = jpeg.encode(image, quality, arithmetic=True, **options)
    np.testing.assert_array_equal(by_pillow(data), by_pillow(plain))
    np.testing.assert_array_equal(codec.unpack(data)[0], codec.unpack(plain)[0])
    names = [s.name for s in container.parse(data)]
    assert ("SOF10" if progressive else "SOF9") in names and "DHT" not in names


def test_pillow_reads_a_large_file_where_it_may_have_it_in_one_piece(monkeypatch):
    """It hands files to libjpeg in pieces of 64 KiB, and arithmetic decoding cannot wait there."""
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)
    plain, data = (jpeg.encode(noise, 90, arithmetic=a) for a in (False, True))
    assert len(data) > ImageFile.MAXBLOCK
    with pytest.raises(OSError, match="broken data stream"):
        by_pillow(data)
    monkeypatch.setattr(ImageFile, "MAXBLOCK", len(data))
    np.testing.assert_array_equal(by_pillow(data), by_pillow(plain))
    np.testing.assert_array_equal(codec.unpack(data)[0], codec.unpack(plain)[0])


@pytest.mark.parametrize("progressive", [False, True])
def test_files_get_smaller(progressive):
    for name in images.SAMPLES:
        for quality in (25, 75, 90):
            sizes = [
                len(
                    jpeg.encode(images.sample(name), quality, progressive=progressive, arithmetic=a)
                )
                for a in (False, True)
            ]
            assert sizes[1] < 0.97 * sizes[0]


# ---- for a lambda -----------------------------------------------------------------------


@pytest.mark.parametrize("lam", [0.002, 0.02])
def test_with_a_lambda_the_loss_is_smaller_than_that_of_recoded_huffman_files(lam):
    image = images.sample("astronaut")[:256, :256]
    plain, data = (jpeg.encode(image, lam=lam, arithmetic=a) for a in (False, True))
    assert np.abs(jpeg.decode(data).astype(int) - by_pillow(data)).max() <= 4
    blocks, shape, tables = codec.unpack(plain)
    recoded = codec.pack(blocks, shape._replace(arithmetic=True), tables)

    def loss(file):
        return metrics.bpp(file, image) + lam * metrics.mse(image, jpeg.decode(file))

    assert loss(data) < 0.995 * loss(recoded) < 0.98 * loss(plain)


@pytest.mark.parametrize("eye", [False, True])
def test_a_dearer_error_makes_a_larger_and_better_file(eye):
    files = [jpeg.encode(PHOTO, lam=lam, arithmetic=True, eye=eye) for lam in LAMS]
    assert (np.diff([len(data) for data in files]) > 0).all()
    assert (np.diff([metrics.mse(PHOTO, jpeg.decode(data)) for data in files]) < 0).all()
    for data in files:
        blocks, shape, tables = codec.unpack(data)
        plain = codec.pack(blocks, shape._replace(arithmetic=False), tables)
        np.testing.assert_array_equal(by_pillow(data), by_pillow(plain))


def test_costs_that_move_are_worth_more_than_costs_that_stand(monkeypatch):
    """By the real bytes of the files, on average over the sample photographs."""

    def standing(targets, steps, weights, first, last, usual, recent, bits, blocks):
        for target, block in zip(targets, blocks, strict=True):
            know = usual.copy(), recent.copy(), bits.copy()
            moving(target[None], steps, weights, first, last, *know, block[None])

    def loss(image):
        blocks, shape, tables = optimize.choose(image, 1e-2, "4:2:0", passes=1, arithmetic=True)
        data = apart.write_apart(blocks, shape, tables)
        return metrics.bpp(data, image) + 1e-2 * metrics.mse(image, jpeg.decode(data))

    photographs = [images.sample(name) for name in images.SAMPLES]
    moved, moving = [loss(image) for image in photographs], wager.choose_ac
    monkeypatch.setattr(wager, "choose_ac", standing)
    assert np.mean(np.divide(moved, [loss(image) for image in photographs])) < 0.999


def value_bits(size, k, bits):
    """Figures F.8, F.9 and Table F.5 once more, plainly: the bits of |v| = size at k."""
    n = (size - 1).bit_length()
    over = [3 * (k - 1) + 2] * 2 + [(189 if k <= 5 else 217) + i for i in range(9)]
    total = sum(bits[2 * s + 1] for s in over[:n]) + bits[2 * over[n]]
    rest = [(size - 1) >> i & 1 for i in range(n - 1)]
    return total + sum(bits[2 * (over[n] + 14) + answer] for answer in rest)


def cost(values, targets, steps, weights, bits, first, last):
    """Bits and weighted errors of one block, decision by decision."""
    end = max([k for k in range(first, last + 1) if values[k]], default=first - 1)
    total, asks = 0.0, True
    for k in range(first, end + 1):
        size, more = abs(int(values[k])), 6 * (k - 1)
        total += bits[more] if asks else 0
        total += bits[more + 3] + 1 + value_bits(size, k, bits) if size else bits[more + 2]
        asks = size > 0
    total += bits[6 * end + 1] if end < last else 0
    error = np.abs(targets) - np.abs(values) * steps
    return total + (weights * error**2)[first : last + 1].sum()


@pytest.mark.parametrize("band", [(1, 5), (3, 8)])
@pytest.mark.parametrize("scale", [12, 60])
def test_the_cheapest_coefficients_are_found(band, scale):
    """Against all combinations of up to three candidates a coefficient, at what the answers cost
    when the block's turn comes."""
    rng, (first, last) = np.random.default_rng(0), band
    blocks = np.rint(rng.laplace(scale=scale / 8, size=(2000, 64))).astype(np.int16)
    know = wager.ac_rates(blocks, first, last)
    steps, weights = np.full(64, 10.0), np.full(64, 0.02)
    for target in rng.laplace(scale=scale, size=(40, 64)).astype(np.float32):
        bits, found = know.bits.copy(), np.zeros((1, 64), np.int16)
        wager.choose_ac(target[None], steps, weights, first, last, *know, found)
        nearest = np.rint(np.abs(target) / 10).astype(int).tolist()
        candidates = [{0, v, *([1 << (v - 1).bit_length() - 1] if v > 1 else [])} for v in nearest]
        best = np.inf
        for values in itertools.product(*candidates[first : last + 1]):
            block = np.zeros(64, int)
            block[first : last + 1] = values
            best = min(best, cost(block, target, steps, weights, bits, first, last))
        mine = cost(found[0], target, steps, weights, bits, first, last)
        assert mine == pytest.approx(best, rel=1e-6)
        assert (np.sign(found) == np.sign(target) * (found != 0)).all()


def test_what_an_answer_costs_follows_the_answers():
    """A running average of each state's answers, by SciPy, beside their share in all blocks."""
    rng = np.random.default_rng(2)
    targets = rng.laplace(scale=20, size=(300, 64)).astype(np.float32)
    know = wager.ac_rates(np.rint(targets / 10).astype(np.int16), 1, 63)
    start, chosen = know.recent.copy(), np.zeros((300, 64), np.int16)
    wager.choose_ac(targets, np.full(64, 10.0), np.full(64, 0.02), 1, 63, *know, chosen)
    stream, order = np.empty(300 * 1472, np.uint16), np.arange(300, dtype=np.int32)[:, None]
    zero = np.zeros(1, np.int64)
    n = decisions.encode(
        chosen, order, zero, zero, zero, adaptive.conditioning({}), (1, 63, 0),
        np.zeros((2, 4), np.int64), stream,
    )  # fmt: skip
    for s in (0, 1, 2, 4, 16, 191):
        answers = (stream[:n] & 1)[stream[:n] >> 1 == 16 * 256 + s]
        a = 1 - 1 / wager.MEMORY
        mean = scipy.signal.lfilter([1 - a], [1, -a], answers, zi=[a * start[s]])[0]
        assert len(answers) > 10 and know.recent[s] == pytest.approx(mean[-1])
        p = wager.USUAL * start[s] + (1 - wager.USUAL) * mean[-1]
        np.testing.assert_allclose(know.bits[2 * s : 2 * s + 2], -np.log2([1 - p, p]))
    np.testing.assert_array_equal(know.usual, start)


def test_what_decisions_cost_is_what_the_file_takes():
    """Within 4 %: the states must learn what ac_rates knows."""
    blocks, shape, tables = codec.unpack(jpeg.encode(images.sample("coffee")[..., 1], 75))
    bits, none = wager.ac_rates(blocks, 1, 63).bits, np.zeros(64)
    reckoned = sum(cost(block, none, none, none, bits, 1, 63) for block in blocks[::7]) * 7
    only = frame.Scan((0,), (0,), (0,), 1, 63)
    assert reckoned == pytest.approx(8 * len(adaptive.encode(blocks, shape, only, 0)), rel=0.04)


# ---- coefficients -----------------------------------------------------------------------

grids = arrays(
    np.int16, (12, 64), elements=st.integers(-1023, 1023), fill=st.just(0)
)  # sparse, as blocks are


@given(grids, st.booleans(), st.integers(0, 5))
def test_arithmetic_coding_loses_nothing(blocks, progressive, interval):
    shape = frame.make_frame(16, 31, 3, "4:2:0")._replace(progressive=progressive)
    tables = codec.standard_tables(50)
    data = codec.pack(blocks, shape._replace(arithmetic=True), tables, interval)
    np.testing.assert_array_equal(codec.unpack(data)[0], blocks)
    plain = codec.pack(blocks, shape._replace(progressive=False), tables)
    np.testing.assert_array_equal(by_pillow(data), by_pillow(plain))


def test_a_coefficient_too_large_for_the_standard_is_refused():
    blocks, shape, tables = codec.unpack(jpeg.encode(PHOTO))
    for kind in (shape, shape._replace(progressive=True)):
        for k in (0, 7):
            broken = blocks.copy()
            broken[3, k] = 1 << 12
            with pytest.raises(ValueError, match="-1023..1023"):
                codec.pack(broken, kind._replace(arithmetic=True), tables)


def test_long_intervals_are_coded_in_pieces():
    """Twice as many blocks as one batch of decisions holds, with the same bytes."""
    image = np.tile(PHOTO, (4, 4, 1))
    before = jpeg.encode(image, 60, arithmetic=True)
    assert len(codec.unpack(before)[0]) * 1472 > 2 * adaptive.BATCH
    np.testing.assert_array_equal(by_pillow(before), by_pillow(jpeg.encode(image, 60)))


@pytest.mark.parametrize("components", [2, 5])
def test_any_number_of_components(components):
    blocks, shape, tables = codec.unpack(jpeg.encode(PHOTO[..., 0], 70))
    parts = tuple(frame.Component(k + 1, 1, 1, 0) for k in range(components))
    many = shape._replace(components=parts, color="unknown", arithmetic=True)
    data = codec.pack(np.tile(blocks, (components, 1)), many, tables)
    want = jpeg.decode(jpeg.encode(PHOTO[..., 0], 70))
    np.testing.assert_array_equal(jpeg.decode(data), np.stack([want] * components, -1))


# ---- conditioning -----------------------------------------------------------------------

WHOLE_DAC = bytes([0x00, 0x31, 0x01, 0x54, 0x10, 1, 0x11, 40])  # L 1, U 3; L 4, U 5; Kx 1, 40


@pytest.mark.parametrize("progressive", [False, True])
def test_conditioning_other_than_the_usual_is_obeyed(progressive, monkeypatch):
    """An encoder that uses other bounds and says so: Pillow reads it, and so do we."""
    given = segments.read_dac(WHOLE_DAC)
    usual = adaptive.conditioning
    with monkeypatch.context() as patch:
        patch.setattr(adaptive, "conditioning", lambda _: usual(given))
        data = jpeg.encode(PHOTO, 80, arithmetic=True, progressive=progressive)
    data = put(data, "SOS", segments.segment(0xCC, WHOLE_DAC))
    whole = jpeg.encode(PHOTO, 80)
    np.testing.assert_array_equal(by_pillow(data), by_pillow(whole))
    np.testing.assert_array_equal(jpeg.decode(data), jpeg.decode(whole))


def test_a_dac_that_makes_no_sense_is_refused_in_words():
    data = jpeg.encode(PHOTO, arithmetic=True)
    for payload, words in (
        (b"\0", "pairs of bytes that are 1 bytes"),
        (b"\x20\5", "conditioning of class 2 and number 0"),
        (b"\x0e\5", "conditioning of class 0 and number 14"),
    ):
        with pytest.raises(jpeg.JpegError, match=words):
            jpeg.decode(put(data, "SOS", segments.segment(0xCC, payload)))


# ---- damage -----------------------------------------------------------------------------


@pytest.mark.parametrize("progressive", [False, True])
def test_restart_markers_stop_damage(progressive):
    data = jpeg.encode(PHOTO, 80, arithmetic=True, progressive=progressive, restart_interval=11)
    markers = [s for s in container.parse(data) if s.name.startswith("RST")]
    lost = data[: markers[2].offset - 20] + bytes(20) + data[markers[2].offset :]
    ours, whole = jpeg.decode(lost, strict=False), jpeg.decode(data)
    assert (ours == whole).all((1, 2)).mean() > 0.7
    gone = data[: markers[2].offset] + data[markers[2].offset + 2 :]
    with pytest.raises(jpeg.JpegError, match="RST3 where RST2 belongs"):
        jpeg.decode(gone)


def cut_short(data):
    """At twelve places in the data of its scans, with EOI, which libjpeg puts behind the end.
    (Pillow has to be given it: else it stops in the middle, and what it has not painted is black.)
    """
    start = next(s for s in container.parse(data) if s.name == "SOS").offset + 20
    places = np.linspace(start, len(data) - 3, 12).astype(int)
    return [data[:place] + b"\xff\xd9" for place in places]


def share_saved(read, data, whole):
    try:
        difference = np.abs(read(data).astype(int) - whole)
    except OSError:  # libjpeg has no patience with some progressive files
        return 0.0
    return (difference.reshape(*whole.shape[:2], -1).max(-1) <= 24).mean()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0", "grey"])
@pytest.mark.filterwarnings("ignore::lic_teach.jpeg.JpegWarning")
def test_of_files_cut_short_as_much_is_saved_as_by_libjpeg(subsampling, progressive):
    """On average: restart intervals that never came are grey here and of some colour there."""
    image, shares = PHOTO[..., 1] if subsampling == "grey" else PHOTO, []
    for quality, interval in itertools.product((60, 90), (0, 1, 4)):
        options = dict(progressive=progressive, restart_interval=interval)
        options |= {} if subsampling == "grey" else dict(subsampling=subsampling)
        data = jpeg.encode(image, quality, arithmetic=True, **options)
        whole = by_pillow(data)
        for cut in cut_short(data):
            ours = share_saved(lambda data: jpeg.decode(data, strict=False), cut, whole)
            shares.append((ours, share_saved(by_pillow, cut, whole)))
    ours, theirs = np.mean(shares, 0)
    assert ours > theirs - 0.02


def test_trace_refuses_in_words():
    with pytest.raises(jpeg.JpegError, match="no bit belongs to one block"):
        jpeg.trace(jpeg.encode(PHOTO, arithmetic=True))


def test_an_all_grey_picture_of_any_size_needs_a_few_bytes():
    """Where every decision comes out as expected the number has nothing but zeros at its end."""
    for size in (64, 512):
        data = jpeg.encode(np.full((size, size), 128, np.uint8), arithmetic=True)
        assert sum(s.length for s in container.parse(data) if s.name == "") < 4
        np.testing.assert_array_equal(jpeg.decode(data), by_pillow(data))


@pytest.mark.parametrize("scans", range(1, 10))
def test_unfinished_arithmetic_files_are_smoothed_like_others(scans):
    plain, data = (jpeg.encode(PHOTO, 70, progressive=True, arithmetic=a) for a in (False, True))
    np.testing.assert_array_equal(jpeg.decode(data, scans=scans), jpeg.decode(plain, scans=scans))
