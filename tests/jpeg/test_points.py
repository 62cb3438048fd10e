"""decode(points="laplace"): where coefficients are painted, against SciPy's distribution."""

import numpy as np
import pytest
from scipy import integrate, stats

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, color, lossy, quantize
from lic_teach.jpeg.frame import split


def mean_of_a_step(scale, k):
    """The mean of a Laplacian between k - 1/2 and k + 1/2, by numerical integration."""
    density = stats.laplace(scale=scale).pdf
    mass, _ = integrate.quad(density, k - 0.5, k + 0.5)
    moment, _ = integrate.quad(lambda x: x * density(x), k - 0.5, k + 0.5)
    return moment / mass


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 3.0, 20.0])
def test_rounded_laplacians_are_painted_at_their_means(scale):
    """From a million rounded numbers the pull is found again, for small and large numbers."""
    rng = np.random.default_rng(0)
    blocks = np.rint(stats.laplace(scale=scale).rvs((1 << 14, 64), random_state=rng)).astype(
        np.int16
    )
    pull = quantize.laplace_pull(blocks)
    assert pull[0] == 0  # DC
    for k in (1, 2):
        assert k - pull[1:].mean() == pytest.approx(mean_of_a_step(scale, k), abs=0.01)
    assert (pull >= 0).all() and (pull < 0.5).all()


@pytest.mark.parametrize("value", [0, 1, -1, 5])
def test_strange_statistics_give_sensible_points(value):
    pull = quantize.laplace_pull(np.full((10, 64), value, np.int16))
    assert np.isfinite(pull).all() and (pull >= 0).all() and (pull < 0.5).all()
    steps = np.full(64, 8)
    painted = quantize.dequantize(np.full((1, 64), value, np.int16), steps, pull)
    assert (np.abs(painted) <= 8 * abs(value)).all() and (np.sign(painted) == np.sign(value)).all()


def psnr_of_luma(x, x_hat):
    y, y_hat = (color.unrounded_ycbcr(picture)[0] for picture in (x, x_hat))
    return 10 * np.log10(255**2 / np.mean((y - y_hat) ** 2))


@pytest.mark.parametrize("quality", [25, 50, 75])
def test_plain_files_gain_luma_for_nothing(quality):
    """0.2 to 0.4 dB, the mean of the sample photographs, and none gains little."""
    gains = []
    for name in images.SAMPLES:
        image = images.sample(name)
        data = jpeg.encode(image, quality)
        middle, mean = jpeg.decode(data), jpeg.decode(data, points="laplace")
        gains.append(psnr_of_luma(image, mean) - psnr_of_luma(image, middle))
    assert np.mean(gains) > 0.22 and min(gains) > 0.18


def test_pillows_files_gain_too_and_chroma_where_it_is_whole():
    image = images.sample("astronaut")
    data = jpeg.encode(image, 75, subsampling="4:4:4", progressive=True)
    middle, mean = jpeg.decode(data), jpeg.decode(data, points="laplace")
    assert metrics.psnr(image, mean) > metrics.psnr(image, middle) + 0.2


def test_padding_says_nothing_about_the_picture():
    """17 x 33 pixels at 4:2:0 are padded to 4 x 6 blocks of luma; 3 x 5 are of the picture."""
    blocks, frame, _ = codec.unpack(jpeg.encode(images.sample("coffee")[:17, :33], 60))
    luma, chroma, _ = split(blocks, frame)
    inside = quantize.laplace_pull(np.ascontiguousarray(luma[:3, :5]))
    np.testing.assert_array_equal(lossy.laplace_pull(luma, frame, frame.components[0]), inside)
    assert lossy.laplace_pull(chroma, frame, frame.components[1]) is None


def test_the_middle_is_what_all_decoders_paint():
    data = jpeg.encode(images.sample("rocket")[:64, :80], 50)
    np.testing.assert_array_equal(jpeg.decode(data, points="middle"), jpeg.decode(data))
