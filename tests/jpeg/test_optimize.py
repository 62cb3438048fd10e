"""Oracles: brute force for the trellis, least squares and SciPy for targets and rates, Pillow
for the files, finite differences for the gradient."""

import io
import itertools
import json
import os

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lic_teach import images, jpeg
from lic_teach.jpeg import codec, color, learn, optimize, scan, targets, transform, trellis
from lic_teach.jpeg.frame import Scan, make_frame, split
from lic_teach.metrics import bd_rate, bpp, mse, psnr
from lic_teach.paths import DATA

torch.set_num_threads(1)
PHOTO = images.sample("coffee")[100:292, 200:456]
LAMS = [2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2, 6.4e-2]


# ---- the trellis ------------------------------------------------------------------------


def some_rates(seed):
    """Any positive lengths will do: the trellis is optimal for whatever it is told."""
    rng = np.random.default_rng(seed)
    return rng.uniform(1, 16, 256) + np.arange(256) % 16, *rng.uniform(0.5, 6, 2)


def bits_of_block(values, ac, end, empty):
    """T.81 F.1.2.2 written down once more, plainly: the bits of 63 AC values."""
    nonzero = [k for k in range(63) if values[k]]
    if not nonzero:
        return empty
    bits, before = 0.0, -1
    for k in nonzero:
        run = k - before - 1
        bits += (run // 16) * ac[0xF0] + ac[16 * (run % 16) + int(abs(values[k])).bit_length()]
        before = k
    return bits + (end if nonzero[-1] < 62 else 0)


@given(st.integers(0, 10**6), st.sampled_from([(3, 5, 9, 30, 55), (62, 63, 1), (20, 40, 63, 21)]))
@settings(max_examples=40, deadline=None)
def test_no_choice_of_coefficients_is_cheaper(seed, positions):
    rng = np.random.default_rng(seed)
    ac, end, empty = some_rates(seed)
    steps, weights = rng.uniform(5, 40, 64), rng.uniform(1e-4, 5e-2, 64)
    target = rng.uniform(-0.49, 0.49, 64) * steps  # rounds to zero, but for the positions
    target[list(positions)] = rng.uniform(-3.49, 3.49, len(positions)) * steps[list(positions)]

    def cost(values):
        error = target[1:] - values * steps[1:]
        return bits_of_block(values, ac, end, empty) + (weights[1:] * error**2).sum()

    block = np.zeros((1, 64), np.int16)
    trellis.choose_ac(target.astype(np.float32)[None], steps, weights, 1, 63, ac, end, empty, block)
    nearest = np.rint(target / steps).astype(int)
    best = np.inf
    for some in itertools.product(*(range(abs(nearest[k]) + 1) for k in positions)):
        values = np.zeros(64)
        values[list(positions)] = np.sign(nearest[list(positions)]) * np.array(some)
        best = min(best, cost(values[1:]))
    assert cost(block[0, 1:]) == pytest.approx(best, rel=1e-5)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_no_path_of_dc_values_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    dc = rng.uniform(1, 9, 16) + np.arange(16)
    wanted = rng.uniform(-60, 60, (5, 64)).astype(np.float32)
    step, weight = 11.0, rng.uniform(1e-3, 1e-1)

    def cost(values):
        sizes = [abs(int(d)).bit_length() for d in np.diff(values, prepend=0)]
        return dc[sizes].sum() + weight * ((wanted[:, 0] - step * np.array(values)) ** 2).sum()

    blocks = np.zeros((5, 64), np.int16)
    trellis.choose_dc(wanted, step, weight, dc, blocks)
    nearest = np.rint(wanted[:, 0] / step).astype(int)
    paths = itertools.product(*(range(n - 1, n + 2) for n in nearest))
    assert cost(blocks[:, 0]) == pytest.approx(min(cost(p) for p in paths), rel=1e-5)


def test_without_a_price_on_bits_the_trellis_rounds():
    rng = np.random.default_rng(3)
    wanted = rng.normal(0, 40, (50, 64)).astype(np.float32)
    steps = rng.uniform(5, 20, 64)
    blocks = np.zeros((50, 64), np.int16)
    trellis.choose_ac(wanted, steps, np.full(64, 1e9), 1, 63, *some_rates(0), blocks)
    trellis.choose_dc(wanted, steps[0], 1e9, np.ones(16), blocks)
    np.testing.assert_array_equal(blocks, np.rint(wanted / steps))


@pytest.mark.parametrize("band", [(1, 63), (1, 2), (3, 63)])
def test_rates_are_the_bits_of_the_scan(band):
    """Against scan.encode, which writes the symbols: the same bits, to the byte that is filled."""
    frame = make_frame(*PHOTO.shape[:2], 3, "4:4:4")._replace(progressive=True)
    blocks = codec.quantized(PHOTO, frame, codec.standard_tables(60))
    luma = np.ascontiguousarray(split(blocks, frame)[0]).reshape(-1, 64)
    here = Scan((0,), (0,), (0,), *band)
    stream, extra = scan.symbol_stream(blocks, frame, here)
    counts, ended = trellis.count_ac(luma, *band)
    np.testing.assert_array_equal(counts, scan.count(stream)[1024:1280])
    assert ended == np.count_nonzero(luma[:, band[1]] == 0)
    rates = trellis.ac_rates(luma, *band)
    runs = [n << 4 for n in range(15)]
    bits = np.delete(counts, runs) @ np.delete(rates.symbol, runs)
    opened = counts[runs].sum()
    bits += opened * rates.end + (ended - opened) * rates.empty
    data = scan.encode(blocks, frame, here, 0, True)
    payload = data[data.index(b"\xff\xda") + 10 :].replace(b"\xff\x00", b"\xff")
    assert 0 <= 8 * len(payload) - bits < 8


def test_dc_rates_are_the_bits_of_the_scan():
    frame = make_frame(*PHOTO.shape[:2], 3, "4:2:0")._replace(progressive=True)
    blocks = codec.quantized(PHOTO, frame, codec.standard_tables(60))
    luma = np.ascontiguousarray(split(blocks, frame)[0]).reshape(-1, 64)
    sizes = [int(abs(d)).bit_length() for d in np.diff(luma[:, 0].astype(int), prepend=0)]
    data = scan.encode(blocks, frame, Scan((0,), (0,), (0,), 0, 0), 0, True)
    payload = data[data.index(b"\xff\xda") + 10 :].replace(b"\xff\x00", b"\xff")
    assert 0 <= 8 * len(payload) - trellis.dc_rates(luma)[sizes].sum() < 8


# ---- targets and weights ----------------------------------------------------------------


def upsampling_matrix(n):
    """color.upsample along one axis, without its rounding: (2n, n)."""
    u = np.zeros((2 * n, n))
    for i in range(n):
        u[2 * i, i] += 0.75
        u[2 * i, max(i - 1, 0)] += 0.25
        u[2 * i + 1, i] += 0.75
        u[2 * i + 1, min(i + 1, n - 1)] += 0.25
    return u


def test_the_matrix_of_these_tests_is_the_decoders_upsampling():
    plane = np.random.default_rng(0).integers(0, 256, (9, 7)).astype(np.uint8)
    linear = upsampling_matrix(9) @ plane @ upsampling_matrix(7).T
    assert np.abs(color.upsample(plane, 2, 2) - linear).max() < 1


@pytest.mark.parametrize(("v", "h"), [(1, 1), (1, 2), (2, 2)])
def test_best_chroma_is_least_squares(v, h):
    plane = np.random.default_rng(1).uniform(110, 150, (24, 32)).astype(np.float32)
    up = upsampling_matrix(24 // v) if v == 2 else np.eye(24)
    across = upsampling_matrix(32 // h) if h == 2 else np.eye(32)
    expected = np.linalg.pinv(up) @ plane @ np.linalg.pinv(across).T
    np.testing.assert_allclose(targets.best_chroma(plane, v, h), expected, atol=2e-3)


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
def test_weights_are_what_errors_do_to_rgb(subsampling):
    """A unit error in one coefficient, through upsampling and colour, luma repairing it."""
    frame = make_frame(64, 64, 3, subsampling)
    v, h = frame.v_max, frame.h_max
    weights = targets.error_weights(frame)
    for c, k in itertools.product((1, 2), (0, 1, 2, 17, 63)):
        plane = np.zeros((64 // v, 64 // h))
        plane[8:16, 8:16] = transform.BASIS[k].reshape(8, 8)
        up = upsampling_matrix(64 // v) if v == 2 else np.eye(64)
        across = upsampling_matrix(64 // h) if h == 2 else np.eye(64)
        rgb = (up @ plane @ across.T)[..., None] * color.YCBCR_TO_RGB[:, c]
        repaired = rgb - rgb.mean(-1, keepdims=True)  # the best grey on top
        assert weights[c][k] == pytest.approx((repaired**2).sum(), rel=1e-4)
    grey = transform.BASIS[5].reshape(8, 8)[..., None] * color.YCBCR_TO_RGB[:, 0]
    assert weights[0][5] == pytest.approx((grey**2).sum(), rel=1e-5)


def test_best_luma_leaves_nothing_to_do_for_luma():
    rng = np.random.default_rng(2)
    image = rng.integers(100, 156, (8, 8, 3), dtype=np.uint8)
    cb, cr = rng.integers(100, 156, (2, 8, 8), dtype=np.uint8)
    luma = targets.best_luma(image, cb, cr)
    planes = np.stack([luma, cb.astype(float) - 128, cr.astype(float) - 128], -1)
    left = image - planes @ color.YCBCR_TO_RGB.T
    np.testing.assert_allclose(left.mean(-1), 0, atol=1e-3)
    assert targets.best_luma(image * 0 + 255, cb * 0, cr * 0).max() == 255  # as in the decoder


def test_best_colour_is_least_squares():
    rng = np.random.default_rng(8)
    image = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
    y = rng.integers(0, 256, (5, 6), dtype=np.uint8)
    left = (image - y[..., None].astype(float)).reshape(-1, 3).T
    expected = np.linalg.lstsq(color.YCBCR_TO_RGB[:, 1:], left, rcond=None)[0].reshape(2, 5, 6)
    np.testing.assert_allclose(targets.best_colour(image, y), expected + 128, atol=1e-3)


def test_centroids_are_least_squares_steps():
    rng = np.random.default_rng(4)
    wanted = rng.normal(0, 60, (400, 64)).astype(np.float32)
    chosen = np.rint(wanted / 25).astype(np.int16)
    chosen[:, 40] = 0
    steps = optimize.centroids([wanted], [chosen], [np.ones(64)], np.full(64, 25.0))
    for k in (0, 7, 63):
        slope = np.linalg.lstsq(chosen[:, [k]].astype(float), wanted[:, k], rcond=None)[0][0]
        assert steps[k] == np.rint(slope)
    assert steps[40] == 25


# ---- learned tables ---------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.05, 0.7, 2.0, 6.0])
def test_laplace_bits_are_the_entropy_of_a_rounded_laplace_variable(ratio):
    edges = (np.arange(-400, 401) - 0.5) * ratio
    p = np.diff(scipy.stats.laplace.cdf(edges))
    expected = -(p[p > 0] * np.log2(p[p > 0])).sum()
    assert learn.laplace_bits(torch.tensor(ratio)).item() == pytest.approx(expected, abs=1e-3)


def test_the_gradient_of_the_loss_by_hand():
    """dD/dq = 2 w (q k - t) k where |k| <= 1, 2 w q u**2 beyond; dR/dq from finite differences."""
    rng = np.random.default_rng(5)
    batch = torch.from_numpy(rng.laplace(0, 12, (500, 64)).astype(np.float32))
    log_steps = torch.full((64,), np.log(15.0), requires_grad=True)
    weights, scale = torch.full((64,), 3e-3), torch.full((learn.CLASSES, 64), 12.0)
    learn.loss(log_steps, batch, weights, scale, torch.Generator().manual_seed(6)).backward()
    u = torch.rand(batch.shape, generator=torch.Generator().manual_seed(6)).numpy() - 0.5
    t, q = batch.numpy().astype(float), 15.0
    k = np.rint(t / q)
    slope = 2 * 3e-3 * np.where(abs(k) <= 1, (q * k - t) * k, q * u**2).mean(0) * q
    r = [
        learn.laplace_bits(torch.tensor(x / 12, dtype=torch.float64)) for x in (q - 1e-3, q + 1e-3)
    ]
    slope += (r[1] - r[0]).item() / 2e-3 * q
    np.testing.assert_allclose(log_steps.grad.numpy(), slope, rtol=2e-3, atol=1e-4)


def file_with(tables, subsampling="4:2:0"):
    frame = make_frame(*PHOTO.shape[:2], 3, subsampling)
    return codec.pack(codec.quantized(PHOTO, frame, tables), frame, tables)


def curve(files):
    return [(bpp(d, PHOTO), psnr(PHOTO, jpeg.decode(d))) for d in files]


@pytest.fixture(scope="module")
def anchor():
    points = []
    for quality in (20, 35, 50, 65, 80, 90, 95):
        file = io.BytesIO()
        Image.fromarray(PHOTO).save(
            file, "JPEG", quality=quality, subsampling="4:2:0", optimize=True
        )
        points += curve([file.getvalue()])
    return points


def test_the_stored_tables_can_be_made_again(tmp_path, monkeypatch):
    """What data/README.md names writes what learned_tables reads, and says from which pictures."""
    asked = []

    def tables_of(images, lam, subsampling):
        asked.append((len(images), lam, subsampling))
        return [np.full(64, round(1 / lam)), np.full(64, 7)]

    monkeypatch.setattr(learn, "learn_tables", tables_of)
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "a.png")
    learn.make_data([tmp_path / "a.png"], tmp_path / "made.json")
    made = json.loads((tmp_path / "made.json").read_text())
    shipped = json.loads((DATA / "jpeg_tables.json").read_text())
    assert made.keys() == shipped.keys() and made["lams"] == shipped["lams"]
    assert made["pictures"] == ["a.png"]
    assert asked == [(1, lam, s) for s in ("4:2:0", "4:4:4") for lam in learn.LAMS]
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)  # in the middle of writing
    whole = (tmp_path / "made.json").read_bytes()
    with pytest.raises(ZeroDivisionError):
        learn.make_data([tmp_path / "a.png"], tmp_path / "made.json")
    assert (tmp_path / "made.json").read_bytes() == whole and len(os.listdir(tmp_path)) == 2
    for subsampling in ("4:2:0", "4:4:4"):
        assert np.shape(made[subsampling]["luma"]) == np.shape(shipped[subsampling]["luma"])
        assert made[subsampling]["luma"][0] == [2000] * 64
        assert made[subsampling]["chroma"][-1] == [7] * 64


def test_tables_learned_for_one_picture_beat_the_standards(anchor):
    learned = [learn.learn_tables([PHOTO], lam, steps=60) for lam in LAMS[:5]]
    assert bd_rate(anchor, curve(map(file_with, learned))) < -10


def test_stored_tables_beat_the_standards(anchor):
    stored = [optimize.learned_tables(lam) for lam in LAMS]
    assert bd_rate(anchor, curve(map(file_with, stored))) < -10


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:4:4"])
def test_tables_are_interpolated_over_lambda(subsampling):
    stored = optimize._stored()
    for i, lam in enumerate(stored["lams"]):
        luma, chroma = optimize.learned_tables(lam, subsampling)
        assert luma.tolist() == stored[subsampling]["luma"][i]
        assert chroma.tolist() == stored[subsampling]["chroma"][i]
    coarse, middle, fine = (optimize.learned_tables(x, subsampling)[0] for x in (5e-3, 7e-3, 1e-2))
    assert (fine <= middle).all() and (middle <= coarse).all() and (fine < coarse).all()
    for lam in (1e-9, 1e9):
        for t in optimize.learned_tables(lam, subsampling):
            assert t.shape == (64,) and 1 <= t.min() and t.max() <= 255


# ---- whole files ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thorough():
    return [jpeg.encode(PHOTO, lam=lam) for lam in LAMS]


def test_much_smaller_than_the_anchor_at_equal_quality(anchor, thorough):
    fast = [jpeg.encode(PHOTO, lam=lam, fast=True) for lam in LAMS]
    assert bd_rate(anchor, curve(thorough)) < -25
    assert bd_rate(anchor, curve(fast)) < -24


def test_the_slope_of_the_curve_is_minus_lambda(thorough):
    rate = np.array([bpp(d, PHOTO) for d in thorough])
    distortion = np.array([mse(PHOTO, jpeg.decode(d)) for d in thorough])
    slope = -np.diff(rate) / np.diff(distortion)
    between = np.sqrt(np.multiply(LAMS[1:], LAMS[:-1]))
    np.testing.assert_allclose(slope, between, rtol=0.25)


def test_no_quality_has_a_smaller_loss():
    for lam in (3e-3, 3e-2):

        def loss(data, lam=lam):
            return bpp(data, PHOTO) + lam * mse(PHOTO, jpeg.decode(data))

        plain = [
            jpeg.encode(PHOTO, quality, subsampling=s)
            for quality in range(5, 100, 10)
            for s in ("4:2:0", "4:4:4")
        ]
        best = loss(jpeg.encode(PHOTO, lam=lam))
        assert best < loss(jpeg.encode(PHOTO, lam=lam, fast=True)) * 1.001
        assert best < 0.93 * min(map(loss, plain))


def test_pillow_sees_the_same_picture(thorough):
    for data in thorough:
        with Image.open(io.BytesIO(data)) as picture:
            theirs = np.asarray(picture)
        ours = jpeg.decode(data)
        assert np.abs(theirs.astype(int) - ours).max() <= 4
        assert psnr(PHOTO, theirs) == pytest.approx(psnr(PHOTO, ours), abs=0.01)


def test_subsampling_follows_lambda_and_the_picture():
    """Red and green stripes of one pixel turn into mud at 4:2:0."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, 0::2, 0] = stripes[:, 1::2, 1] = 200
    for fast in (False, True):
        _, frame, _ = codec.unpack(jpeg.encode(stripes, lam=5e-2, fast=fast))
        assert (frame.v_max, frame.h_max) == (1, 1)
        _, frame, _ = codec.unpack(jpeg.encode(PHOTO, lam=2e-3, fast=fast))
        assert (frame.v_max, frame.h_max) == (2, 2)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 3]),
    st.sampled_from([1e-6, 5e-4, 1e-2, 1e-1, 50.0]),
    st.booleans(),
    st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_any_size_any_lambda(height, width, channels, lam, fast, seed):
    rng = np.random.default_rng(seed)
    shape = (height, width, 3)[: 2 + (channels == 3)]
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    image = image if seed else image // 255 * 255  # black and white: the largest coefficients
    data = jpeg.encode(image, lam=lam, fast=fast)
    with Image.open(io.BytesIO(data)) as picture:
        assert np.asarray(picture).shape == shape
    assert jpeg.decode(data).shape == shape
    if lam == 50:
        assert mse(image, jpeg.decode(jpeg.encode(image, lam=50.0))) < 30


def test_the_largest_differences_stay_within_the_standard():
    """Black and white blocks at a step of 1: differences of DC near 2047, T.81's largest."""
    image = np.kron(np.indices((4, 6)).sum(0) % 2, np.ones((8, 8))).astype(np.uint8) * 255
    red = np.stack([image, image // 255, 255 - image], -1)
    for picture in (image, red, np.stack([image] * 3, -1)):
        for fast in (False, True):
            decoded = jpeg.decode(jpeg.encode(picture, lam=1e6, fast=fast))
            assert np.abs(decoded.astype(int) - picture).max() <= 3


@pytest.mark.parametrize("lam", [0, -1e-2, np.inf, np.nan])
def test_lambda_must_be_a_positive_number(lam):
    with pytest.raises(ValueError, match="positive"):
        jpeg.encode(PHOTO, lam=lam)
