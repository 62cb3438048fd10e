"""Oracles: brute force over coefficients with weights of their own for each block, Parseval for the
weighted error, MS-SSIM for what is seen, Pillow for the files."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lic_teach import images, jpeg
from lic_teach.jpeg import codec, eye, optimize, quantize, transform, trellis, wagers
from lic_teach.jpeg.frame import make_frame, plane_size, split
from lic_teach.metrics import bd_rate, bpp, ms_ssim, mse, psnr

PHOTO = images.sample("astronaut")[:200, 150:350]
LAMS = (2e-3, 5e-3, 1.2e-2, 2.8e-2)


@pytest.fixture
def blind(monkeypatch):
    """An eye to which all errors are alike."""
    monkeypatch.setattr(eye, "SHAPE", 0.0)
    monkeypatch.setattr(eye, "PLACE", 0.0)
    monkeypatch.setattr(optimize, "FINER", 1.0)


# ---- weights for each block in the trellis ----------------------------------------------


@pytest.mark.parametrize("coder", ["huffman", "arithmetic"])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_blocks_with_weights_of_their_own_are_chosen_as_if_alone(coder, seed):
    """One weight for all blocks is tested against brute force in test_optimize, test_arithmetic.

    Those for the arithmetic coder one after the other: what an answer costs moves with each.
    """
    rng = np.random.default_rng(seed)
    targets = rng.laplace(scale=15, size=(6, 64)).astype(np.float32)
    steps, weights = rng.uniform(8, 14, 64), rng.uniform(1e-3, 5e-2, (6, 64)).astype(np.float32)
    seen = np.rint(rng.laplace(scale=1.5, size=(500, 64))).astype(np.int16)
    way = trellis if coder == "huffman" else wagers
    rates, found = way.ac_rates(seen, 1, 63), np.zeros((6, 64), np.int16)
    way.choose_ac(targets, steps, weights, 1, 63, *rates, found)
    rates = way.ac_rates(seen, 1, 63)
    for target, weight, block in zip(targets, weights, found, strict=True):
        alone = np.zeros((1, 64), np.int16)
        way.choose_ac(target[None], steps, weight.astype(float), 1, 63, *rates, alone)
        np.testing.assert_array_equal(block, alone[0])


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_no_path_of_dc_values_is_cheaper_where_blocks_weigh_differently(seed):
    rng = np.random.default_rng(seed)
    dc = rng.uniform(1, 9, 16) + np.arange(16)
    wanted = rng.uniform(-60, 60, (5, 64)).astype(np.float32)
    step, weights = 11.0, rng.uniform(1e-4, 1e-1, 5)

    def cost(values):
        sizes = [abs(int(d)).bit_length() for d in np.diff(values, prepend=0)]
        return dc[sizes].sum() + (weights * (wanted[:, 0] - step * np.array(values)) ** 2).sum()

    blocks = np.zeros((5, 64), np.int16)
    trellis.choose_dc(wanted, step, weights, dc, blocks)
    nearest = np.rint(wanted[:, 0] / step).astype(int)
    paths = itertools.product(*(range(n - 1, n + 2) for n in nearest))
    assert cost(blocks[:, 0]) == pytest.approx(min(cost(p) for p in paths), rel=1e-5)


def test_centroids_are_weighted_least_squares():
    rng = np.random.default_rng(1)
    wanted = rng.normal(0, 60, (300, 64)).astype(np.float32)
    chosen = np.rint(wanted / 25).astype(np.int16)
    weights = rng.uniform(0.01, 5, (300, 64))
    steps = optimize.centroids([wanted], [chosen], [weights], np.full(64, 25.0))
    for k in (0, 9, 63):
        root = np.sqrt(weights[:, k])
        slope = np.linalg.lstsq((root * chosen[:, k])[:, None], root * wanted[:, k], rcond=None)
        assert steps[k] == np.rint(slope[0][0])


# ---- what an error counts ---------------------------------------------------------------


@pytest.mark.parametrize("shape", [(40, 56, 3), (41, 51, 3), (7, 3), (24, 25)])
def test_without_weights_it_is_the_mse(blind, shape):
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    assert eye.squared_error(a, b) == pytest.approx(mse(a, b), rel=1e-4)


@pytest.mark.parametrize("k", [0, 1, 4, 40])
def test_the_trellis_and_the_picture_agree_on_what_an_error_counts(k):
    """A unit error of one luma coefficient of one block, in R, G and B of the picture."""
    frame = make_frame(*PHOTO.shape[:2], 3, "4:2:0")
    weights = eye.weights(PHOTO, frame)[0]
    decoded = PHOTO.astype(np.float32)
    decoded[48:56, 16:24] += transform.BASIS[k].reshape(8, 8, 1)
    block = 48 // 8 * 25 + 16 // 8
    expected = 3 * weights[block, k] / PHOTO.size
    assert eye.squared_error(PHOTO, decoded) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("size", [(1, 1), (33, 17), (64, 48)])
def test_there_is_a_weight_for_every_coefficient(subsampling, size):
    frame = make_frame(*size, 3, subsampling)
    picture = np.resize(PHOTO, (*size, 3))
    for c, weights in zip(frame.components, eye.weights(picture, frame), strict=True):
        rows, columns = (-(-n // 8) for n in plane_size(frame, c))
        assert weights.shape == (rows * columns, 64) and (weights > 0).all()
        assert np.isfinite(weights).all()


def test_fast_waves_count_less_and_chroma_of_half_size_has_slower_ones():
    full, half = make_frame(64, 64, 3, "4:4:4"), make_frame(64, 64, 3, "4:2:0")
    luma = eye.frequencies(full, full.components[0])
    table = quantize.LUMINANCE.ravel()[transform.ZIGZAG]
    np.testing.assert_allclose(luma, (16 / table) ** (2 * eye.SHAPE), rtol=1e-5)
    chroma = eye.frequencies(half, half.components[1])
    natural = transform.NATURAL.reshape(8, 8)
    np.testing.assert_allclose(chroma[natural][::2, ::2], luma[natural][:4, :4], rtol=1e-5)


def test_a_busy_place_counts_less_and_so_gets_more_of_the_errors():
    rng = np.random.default_rng(3)
    ramp = np.tile(np.linspace(90, 160, 128), (128, 1))
    picture = ramp + np.repeat([[0.0, 30.0]], 64, 1) * rng.normal(size=(128, 128))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    calm = eye.calmness(picture)
    assert calm[:, :7].min() > 2 and calm[:, 9:].max() < 1
    shares = []
    for seen in (False, True):
        error = (picture - jpeg.decode(jpeg.encode(picture, lam=5e-3, eye=seen)).astype(float)) ** 2
        shares.append(error[:, :56].mean() / error[:, 72:].mean())
    assert shares[1] < 0.8 * shares[0]


# ---- whole files ------------------------------------------------------------------------


def curve(files, quality):
    return [(bpp(d, PHOTO), quality(PHOTO, jpeg.decode(d))) for d in files]


def seen_quality(x, x_hat):
    return -10 * np.log10(1 - ms_ssim(x, x_hat))


@pytest.fixture(scope="module")
def for_eyes():
    return [jpeg.encode(PHOTO, lam=lam, eye=True) for lam in LAMS]


def test_at_equal_ms_ssim_files_are_smaller_and_at_equal_psnr_no_larger_than_libjpegs(for_eyes):
    plain = [jpeg.encode(PHOTO, lam=lam) for lam in LAMS]
    assert bd_rate(curve(plain, seen_quality), curve(for_eyes, seen_quality)) < -8
    libjpeg = []
    for quality in (15, 25, 40, 55, 70, 80, 90):
        file = io.BytesIO()
        Image.fromarray(PHOTO).save(
            file, "JPEG", quality=quality, subsampling="4:2:0", optimize=True
        )
        libjpeg.append(file.getvalue())
    assert bd_rate(curve(libjpeg, seen_quality), curve(for_eyes, seen_quality)) < -12
    assert bd_rate(curve(libjpeg, psnr), curve(for_eyes, psnr), (29.5, 32.5)) < 0


def test_the_slope_holds_in_weighted_squared_error(for_eyes):
    rate = np.array([bpp(d, PHOTO) for d in for_eyes])
    seen = np.array([eye.squared_error(PHOTO, jpeg.decode(d)) for d in for_eyes])
    slope = -np.diff(rate) / np.diff(seen)
    between = np.sqrt(np.multiply(LAMS[1:], LAMS[:-1]))
    np.testing.assert_allclose(slope, between, rtol=0.25)


@pytest.mark.parametrize("options", [{}, {"fast": True}, {"arithmetic": True}])
def test_pillow_sees_the_same_picture(options):
    data = jpeg.encode(PHOTO, lam=1e-2, eye=True, **options)
    with Image.open(io.BytesIO(data)) as picture:
        theirs = np.asarray(picture)
    assert np.abs(theirs.astype(int) - jpeg.decode(data)).max() <= 4


def test_an_eye_to_which_all_errors_are_alike_gives_the_same_loss(blind):
    """Not the same bytes: the weights are float32 there."""
    for lam in (4e-3, 4e-2):
        plain, seen = (jpeg.encode(PHOTO, lam=lam, eye=e) for e in (False, True))
        assert optimize.loss(seen, PHOTO, lam) == pytest.approx(
            optimize.loss(plain, PHOTO, lam), rel=1e-3
        )


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.booleans())
@settings(max_examples=20, deadline=None)
def test_any_size(height, width, channels, fast):
    image = np.resize(PHOTO, (height, width, 3))[:, :, :channels].squeeze(
        -1 if channels == 1 else ()
    )
    data = jpeg.encode(image, lam=1e-2, eye=True, fast=fast)
    with Image.open(io.BytesIO(data)) as picture:
        assert np.asarray(picture).shape == image.shape
    blocks, frame, _ = codec.unpack(data)
    assert split(blocks, frame) and jpeg.decode(data).shape == image.shape


def test_the_eye_asks_for_a_lambda():
    with pytest.raises(ValueError, match="asks for a lam"):
        jpeg.encode(PHOTO, eye=True)
