"""Oracles: scikit-image for PSNR, pytorch-msssim's numbers on Kodak, bjontegaard for BD-rate."""

import io
import json
import math
import os
import warnings
from pathlib import Path

import bjontegaard
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

from lic_teach.metrics import bd_rate, bpp, ms_ssim, mse, overlap, psnr

SHARED = Path(os.environ.get("LIC_TEACH_SHARED", Path(__file__).parents[2] / "shared"))
RNG = np.random.default_rng(0)
ANCHOR = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0), (4.0, 40.5)]


def noisy(shape, sigma=9.0):
    x = RNG.integers(0, 256, shape, dtype=np.uint8)
    return x, np.clip(np.rint(x + RNG.normal(0, sigma, shape)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(17, 23, 3), (17, 23)])
def test_mse_and_psnr_are_scikit_images(shape):
    x, x_hat = noisy(shape)
    assert mse(x, x_hat) == pytest.approx(mean_squared_error(x, x_hat))
    assert psnr(x, x_hat) == pytest.approx(peak_signal_noise_ratio(x, x_hat))


def test_unsigned_samples_do_not_wrap():
    assert mse(np.uint8([[0]]), np.uint8([[255]])) == 255**2
    assert mse(np.uint8([[255]]), np.uint8([[0]])) == 255**2
    assert psnr(np.uint8([[0]]), np.uint8([[255]])) == 0


def test_equal_pictures():
    x = RNG.integers(0, 256, (170, 180, 3), dtype=np.uint8)
    assert math.isinf(psnr(x, x))
    assert ms_ssim(x, x) == pytest.approx(1)


def test_ms_ssim_is_the_mean_of_the_channels():
    x, x_hat = noisy((176, 164, 3), sigma=40)
    each = [ms_ssim(x[..., c], x_hat[..., c]) for c in range(3)]
    assert ms_ssim(x, x_hat) == pytest.approx(np.mean(each), abs=1e-5)  # float32
    assert 0.3 < ms_ssim(x, x_hat) < 0.999


def test_ms_ssim_says_why_small_pictures_have_none():
    x = np.zeros((160, 300, 3), np.uint8)
    with pytest.raises(ValueError, match="161 pixels or more, got 300x160"):
        ms_ssim(x, x)


@pytest.mark.parametrize("metric", [mse, psnr, ms_ssim])
def test_shapes_must_agree(metric):
    with pytest.raises(ValueError, match="differ in shape"):
        metric(np.zeros((200, 200, 3), np.uint8), np.zeros((200, 200), np.uint8))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, ">f4"])
def test_floats_on_the_scale_of_bytes_are_measured_as_bytes_are(kind):
    x, x_hat = noisy((170, 180, 3))
    for metric in (mse, psnr, ms_ssim):
        assert metric(x.astype(kind), x_hat.astype(kind)) == pytest.approx(metric(x, x_hat))
        assert metric(x, x_hat.astype(kind)) == pytest.approx(metric(x, x_hat))


def test_black_is_black_on_every_scale():
    black, dark = np.zeros((180, 180)), np.full((180, 180), 7.0)
    assert mse(black, dark) == 49 and math.isinf(psnr(black, black.astype(np.uint8)))
    assert mse(black + 1e-6, dark) == pytest.approx(49)  # black, but for a transform's rounding
    ones = np.ones((180, 180), np.uint8)  # bytes cannot be meant as 0..1
    assert mse(ones, 0 * ones) == 1 and ms_ssim(ones, ones) == pytest.approx(1)


PHOTO = RNG.integers(0, 256, (164, 180, 3), dtype=np.uint8)
HALF = np.linspace(0, 1, PHOTO.size, dtype=np.float32).reshape(PHOTO.shape)
NOT_MEASURED = {
    "0..1": (HALF, "largest sample is 1, as in a picture of 0..1"),
    "0..1, dark": (HALF / 8, "largest sample is 0.125"),
    "-1..1": (2 * HALF - 1, "must lie in 0..255, found -1..1"),
    "0..65535": (257.0 * PHOTO, "must lie in 0..255, found 0..6.554e"),
    "not clipped": (PHOTO + 0.5, "must lie in 0..255"),
    "nan": (np.where(HALF > 0.5, np.nan, 9.0), "must lie in 0..255, found nan"),
    "infinite": (np.where(HALF > 0.5, np.inf, 9.0), "must lie in 0..255, found 9..inf"),
    "int8": (PHOTO.astype(np.int8), "got int8"),
    "int64": (PHOTO.astype(int), "expected uint8 samples, or floats in 0..255, got int64"),
    "uint16": (PHOTO.astype(np.uint16) * 257, "got uint16"),
    "bool": (PHOTO > 99, "got bool"),
    "complex": (PHOTO * 1j, "got complex128"),
    "objects": (PHOTO.astype(object), "got object"),
    "channels first": (PHOTO.transpose(2, 0, 1).copy(), r"\(H, W\), got an array \(3, 164, 180\)"),
    "a batch": (PHOTO[None], r"got an array \(1, 164, 180, 3\)"),
    "four channels": (PHOTO[..., [0, 1, 2, 0]], r"got an array \(164, 180, 4\)"),
    "one row of numbers": (PHOTO.ravel(), "got an array"),
    "empty": (PHOTO[:0], r"got an array \(0, 180, 3\)"),
    "a list": (PHOTO[:2, :2].tolist(), "expected a NumPy array .* got list"),
    "masked": (np.ma.masked_less(PHOTO, 9), "got MaskedArray"),
    "a Pillow image": (Image.fromarray(PHOTO).quantize(8), "got Image"),
    "a tensor": (torch.from_numpy(PHOTO), "got Tensor"),
    "nothing": (None, "got NoneType"),
}


@pytest.mark.parametrize("metric", [mse, psnr, ms_ssim])
@pytest.mark.parametrize(("wrong", "words"), NOT_MEASURED.values(), ids=NOT_MEASURED)
def test_what_can_be_read_in_two_ways_is_refused_in_words(metric, wrong, words):
    for pair in ((wrong, wrong), (PHOTO, wrong), (wrong, PHOTO)):
        with pytest.raises(ValueError, match=words):
            metric(*pair)


@pytest.mark.parametrize("data", [b"12345678", bytearray(8), memoryview(bytes(8))])
def test_bpp_takes_the_bytes_of_a_file(data):
    assert bpp(data, np.zeros((4, 4, 3))) == 4
    assert bpp(memoryview(np.zeros(2, np.float32)), np.zeros((4, 4))) == 4  # 8 bytes, not 2


@pytest.mark.parametrize("data", ["photo.lic", Path("photo.lic"), 1000, None, [1, 2], io.BytesIO()])
def test_bpp_refuses_what_is_not_the_bytes_of_a_file(data):
    with pytest.raises(ValueError, match="expected the bytes of a file, got"):
        bpp(data, PHOTO)


@pytest.mark.parametrize(
    "image",
    [PHOTO.transpose(2, 0, 1), PHOTO[None], PHOTO[:, :0], (164, 180), Image.new("L", (9, 9))],
)
def test_bpp_refuses_what_has_no_height_and_width(image):
    with pytest.raises(ValueError, match="expected a"):
        bpp(b"1234", image)


def test_bpp_counts_the_whole_file_and_no_channels():
    assert bpp(bytes(1000), np.zeros((40, 50, 3), np.uint8)) == 4
    assert bpp(bytes(1000), np.zeros((40, 50), np.uint8)) == 4


@pytest.mark.skipif(not (SHARED / "images/kodak").is_dir(), reason="no Kodak pictures here")
@pytest.mark.parametrize("index", [0, 22])
def test_kodak_numbers_measured_elsewhere(index):
    measured = json.loads((SHARED / "rd/measured_kodak.json").read_text())
    point = next(p for p in measured["codecs"]["jpeg420_opt"]["points"] if p["q"] == 75)
    with Image.open(SHARED / f"images/kodak/kodim{index + 1:02}.png") as picture:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=75, subsampling="4:2:0", optimize=True)
        x, x_hat = np.asarray(picture), np.asarray(Image.open(file))
    assert bpp(file.getvalue(), x) == pytest.approx(point["per_image_bpp"][index], abs=1e-5)
    assert psnr(x, x_hat) == pytest.approx(point["per_image_psnr"][index], abs=1e-4)


@given(st.floats(0.1, 10))
def test_bd_rate_of_a_scaled_rate_is_the_scale(factor):
    assert bd_rate(ANCHOR, [(r * factor, q) for r, q in ANCHOR]) == pytest.approx(
        100 * (factor - 1), abs=1e-6
    )


def test_bd_rate_is_the_bjontegaard_packages_in_any_order():
    other = [(0.3, 29.0), (0.7, 33.0), (1.1, 35.5), (2.6, 39.0)]
    ra, qa = zip(*ANCHOR, strict=True)
    r, q = zip(*other, strict=True)
    expected = bjontegaard.bd_rate(ra, qa, r, q, "akima", False, min_overlap=0)
    assert bd_rate(ANCHOR, other) == pytest.approx(expected)
    assert bd_rate(ANCHOR[::-1], other[::-1]) == pytest.approx(expected)


def test_the_window_cuts_the_integral():
    other = [(r * (0.5 if q < 33 else 2), q) for r, q in ANCHOR]
    assert bd_rate(ANCHOR, other, window=(28, 29)) < 0 < bd_rate(ANCHOR, other, window=(38, 40))
    assert bd_rate(ANCHOR, other, window=(0, 99)) == pytest.approx(bd_rate(ANCHOR, other))


@pytest.mark.parametrize(
    ("other", "window", "message"),
    [
        ([(r, q + 20) for r, q in ANCHOR], None, "do not overlap"),
        (ANCHOR, (41, 45), "do not overlap"),
        (ANCHOR[:3], None, "at least four points, got 3"),
        ([*ANCHOR, (5.0, 40.5)], None, "same quality"),
        ([(0.0, 27.0), *ANCHOR], None, "positive"),
    ],
)
def test_bd_rate_refuses_in_words(other, window, message):
    with pytest.raises(ValueError, match=message):
        bd_rate(ANCHOR, other, window)


POINTS = np.array(ANCHOR)
NO_CURVES = {
    "rates, then qualities": (POINTS[:4].T, r"pairs of \(rate, quality\), got an array \(2, 4\)"),
    "two lists": (POINTS.T.tolist(), r"got an array \(2, 5\)"),
    "one list": (POINTS[:4].ravel().tolist(), r"got an array \(8,\)"),
    "three columns": (np.column_stack([POINTS, POINTS[:, 1]]), r"got an array \(5, 3\)"),
    "one axis too many": (POINTS[None], r"got an array \(1, 5, 2\)"),
    "two points": (POINTS[:2], "at least four points, got 2"),
    "none": ([], "at least four points, got 0"),
    "a dict": (dict(ANCHOR), "got dict that is no table of numbers"),
    "a zip": (zip(*POINTS.T, strict=True), "got zip that is no table of numbers"),
    "ragged": ([*ANCHOR, (5.0,)], "got list that is no table of numbers"),
    "words": ([(str(r), str(q)) for r, q in ANCHOR], "no table of numbers"),
    "complex": (POINTS * 1j, "no table of numbers"),
    "missing": ([*ANCHOR, (5.0, None)], "every value finite"),
    "nan": ([*ANCHOR, (5.0, math.nan)], "every value finite"),
    "masked": (np.ma.masked_greater(POINTS, 40), "masked values"),
    "a negative rate": ([(-1.0, 20.0), *ANCHOR], "positive"),
    "more quality for fewer bits": (
        [*ANCHOR, (3.9, 41.0)],
        "40.5 takes a rate of 4 and 41 one of 3.9: drop one",
    ),
    "more quality for no bits": ([*ANCHOR, (4.0, 41.0)], "more quality must cost more bits"),
    "the last point a hair worse": ([*ANCHOR, (4.4, 40.499)], "40.499 takes a rate of 4.4"),
    "the same point twice": ([*ANCHOR, ANCHOR[2]], "same quality"),
}


@pytest.mark.parametrize("function", [bd_rate, overlap])
@pytest.mark.parametrize(("wrong", "words"), NO_CURVES.values(), ids=NO_CURVES)
def test_what_is_no_curve_is_refused_in_words(function, wrong, words):
    with pytest.raises(ValueError, match=words):
        function(ANCHOR, wrong)
    if not isinstance(wrong, zip):
        with pytest.raises(ValueError, match=words):
            function(wrong, ANCHOR)


@pytest.mark.parametrize(
    "window", [(36, 29.5), (30, 30), (math.nan, 36), (30, math.nan), (30,), (28, 30, 32)]
)
def test_a_window_is_low_and_high(window):
    with pytest.raises(ValueError, match="a window is .low, high."):
        bd_rate(ANCHOR, ANCHOR, window)


def test_a_curve_is_what_is_written_as_pairs_of_whatever_numbers():
    kbps = [(500, 28), (900, 31), (1700, 34), (3300, 37)]
    expected = bd_rate(ANCHOR, kbps)
    points = np.array(kbps)
    ways = points, points.astype(np.float32), points.tolist(), tuple(kbps), points[::-1]
    assert [bd_rate(ANCHOR, way) for way in ways] == pytest.approx([expected] * 5)
    assert bd_rate(ANCHOR, np.ma.array(points)) == pytest.approx(expected)
    assert bd_rate(ANCHOR, torch.from_numpy(points)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("other", "window", "used", "whole"),
    [
        (
            [(3.0, 38.0), (4.0, 41.0), (5.0, 44.0), (6.0, 47.0)],
            (30, 45),
            "38.00..40.50",
            "30.00..45.00",
        ),
        (
            [(3.0, 38.0), (4.0, 41.0), (5.0, 44.0), (6.0, 47.0)],
            None,
            "38.00..40.50",
            "28.00..47.00",
        ),
        (
            [(0.1, 20.0), (0.2, 25.0), (0.3, 29.0), (0.4, 30.0)],
            (-99, 36),
            "28.00..30.00",
            "20.00..36.00",
        ),
    ],
)
def test_a_small_overlap_is_said_and_can_be_asked_for(other, window, used, whole):
    with pytest.warns(UserWarning, match=f"speaks of {used} alone: of {whole}"):
        rate = bd_rate(ANCHOR, other, window)
    low, high = overlap(ANCHOR, other, window)
    assert f"{low:.2f}..{high:.2f}" == used
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bd_rate(ANCHOR, other, (low, high)) == rate  # as it is asked for, nothing to say


def test_the_overlap_is_that_of_both_curves_and_the_window():
    other = [(0.3, 29.0), (0.7, 33.0), (1.1, 35.5), (2.6, 39.0)]
    assert overlap(ANCHOR, other) == (29, 39)
    assert overlap(ANCHOR, other[::-1], (29.5, 36)) == (29.5, 36)
    assert overlap(other, ANCHOR, (20, 30)) == (29, 30)
    assert all(type(end) is float for end in overlap(ANCHOR, other))
