"""Oracles: scikit-image for PSNR, pytorch-msssim's numbers on Kodak, bjontegaard for BD-rate."""

import io
import json
import math
import os
from pathlib import Path

import bjontegaard
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio

from lic_teach.metrics import bd_rate, bpp, ms_ssim, mse, psnr

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
    assert ms_ssim(x, x_hat) == pytest.approx(np.mean(each), abs=1e-6)
    assert 0.3 < ms_ssim(x, x_hat) < 0.999


def test_ms_ssim_says_why_small_pictures_have_none():
    x = np.zeros((160, 300, 3), np.uint8)
    with pytest.raises(ValueError, match="161 pixels or more, got 300x160"):
        ms_ssim(x, x)


@pytest.mark.parametrize("metric", [mse, psnr, ms_ssim])
def test_shapes_must_agree(metric):
    with pytest.raises(ValueError, match="differ in shape"):
        metric(np.zeros((200, 200, 3), np.uint8), np.zeros((200, 200), np.uint8))


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
