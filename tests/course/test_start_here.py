"""Start here: the duel, the hints of its exercises."""

import io
import xml.etree.ElementTree as ET
from itertools import permutations

import numpy as np
import pytest
from PIL import Image

from lic_teach import images, jpeg, learned, metrics
from lic_teach.course.start_here import duel, exercises
from lic_teach.kit import checks
from lic_teach.kit.measured import Coded, by_jpeg, quality_for_bpp, quality_for_lam


def opened(data):
    """Encoded bytes -> uint8 (H, W, 3)."""
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


# --- the duel ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return duel.prepare(images.sample("astronaut")[64:160, 160:288].copy())


@pytest.mark.parametrize("match", [duel.EQUAL_LAM, duel.EQUAL_BITS])
def test_duel_measures_real_files(source, match):
    result = duel.compute(source, 0.01, match)
    image, model = source.image, learned.load()
    ours = jpeg.encode(image, result.jpeg.setting)
    theirs = learned.encode(image, model, 0.01)
    for coded, data, x_hat in (
        (result.jpeg, ours, jpeg.decode(ours)),
        (result.learned, theirs, learned.decode(theirs, model)),
    ):
        np.testing.assert_array_equal(coded.x_hat, x_hat)
        assert coded.data == data and coded.bpp == 8 * len(data) / (96 * 128)
        assert coded.mse == metrics.mse(image, x_hat) and coded.psnr == metrics.psnr(image, x_hat)


def every_jpeg(image):
    for quality in range(1, 96):
        data = jpeg.encode(image, quality)
        yield metrics.bpp(data, image), metrics.mse(image, jpeg.decode(data))


@pytest.mark.parametrize("name", images.SAMPLES)
def test_duel_finds_jpegs_smallest_cost(name):
    image = images.sample(name)[:160, :240]
    curve = [by_jpeg(image, quality) for quality in duel.QUALITIES]
    points = np.array(list(every_jpeg(image)))
    for lam in (1e-3, 1e-2, 5e-2):
        found = by_jpeg(image, quality_for_lam(curve, lam))
        assert found.bpp + lam * found.mse <= 1.01 * np.min(points @ [1, lam])


@pytest.mark.parametrize("target", [0.7, 1.5, 2.5])
def test_duel_finds_jpegs_nearest_size(source, target):
    nearest = np.min([abs(bpp - target) for bpp, _ in every_jpeg(source.image)])
    found = by_jpeg(source.image, quality_for_bpp(source.jpeg, target))
    assert abs(found.bpp - target) <= nearest + 0.02 * target


def test_duel_larger_lam_buys_quality_with_bits(source):
    points = [duel.compute(source, lam, duel.EQUAL_LAM) for lam in (1e-3, 1e-2, 1e-1)]
    for codec in ("jpeg", "learned"):
        bpp = [getattr(point, codec).bpp for point in points]
        psnr = [getattr(point, codec).psnr for point in points]
        assert bpp == sorted(bpp) and psnr == sorted(psnr)


def coded(bpp, mse, setting=50):
    return Coded(setting, bytes(1000), bpp, mse, 10 * np.log10(255**2 / mse), None)


EXACT = coded(1, 1)._replace(mse=0.0, psnr=np.inf)


@pytest.mark.parametrize(
    "match, ours, theirs, words",
    [
        (duel.EQUAL_LAM, coded(1, 100), coded(1, 50), "25 % lower than JPEG's"),
        (duel.EQUAL_LAM, coded(1, 50), coded(1.75, 50), "50 % higher than JPEG's"),
        (duel.EQUAL_BITS, coded(1, 100), coded(1, 50), "3.01 dB above JPEG's"),
        (duel.EQUAL_BITS, coded(1, 50), coded(1, 100), "3.01 dB below JPEG's"),
        (duel.EQUAL_BITS, EXACT, coded(1, 100), "JPEG makes no error"),
        (duel.EQUAL_BITS, coded(1, 50), coded(0.2, 100), "No JPEG file of this picture comes near"),
    ],
)
def test_duel_verdict(match, ours, theirs, words):
    assert words in duel.verdict(duel.Result(None, 0.01, match, ours, theirs))


def test_duel_draw(source):
    view = duel.draw(duel.compute(source, 0.01, duel.EQUAL_LAM))
    result = duel.compute(source, 0.01, duel.EQUAL_LAM)
    assert view.picture[0] == result.jpeg.data  # the browser decodes the file itself
    assert np.abs(opened(view.picture[0]).astype(int) - result.jpeg.x_hat).max() <= 4
    np.testing.assert_array_equal(opened(view.picture[1]), result.learned.x_hat)
    assert f"<td>{result.jpeg.psnr:.2f}</td>" in view.readout and "L = R + λD" in view.readout
    ET.fromstring(view.plot)


def test_duel_shell(source):
    ex = duel.Duel(source.image)
    before, pair = ex.readout.summary, ex.picture.value
    ex.lam = 0.05
    assert ex.readout.summary != before and ex.picture.value != pair
    assert ex.readout.summary.startswith("lambda 0.05, JPEG quality")
    assert ex.result.learned.setting == 0.05
    ex.match = duel.EQUAL_BITS
    assert "With as many bits" in ex.readout.value or "No JPEG file" in ex.readout.value
    assert ex._repr_mimebundle_()["text/plain"].startswith("Duel: lambda 0.05, JPEG quality")
    ex._reset.click()
    assert ex.readout.summary == before and ex.picture.value == pair


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 24, 3)])
def test_duel_takes_flat_and_tiny_pictures(shape):
    ex = duel.Duel(np.full(shape, 255, np.uint8))
    ex.match = duel.EQUAL_BITS
    assert "That did not work" not in ex.readout.value and "nan" not in ex.readout.value
    ET.fromstring(ex.plot.value)
    assert "nan" not in ex.plot.value and "inf" not in ex.plot.value


# --- what the lesson says ----------------------------------------------------------------


def test_a_jpeg_by_lambda_of_that_size_is_more_than_a_decibel_better_and_the_network_still_ahead():
    image, model = images.sample("chelsea"), learned.load()
    plain, chosen = jpeg.encode(image, 11), jpeg.encode(image, lam=0.0039)
    network = learned.encode(image, model, lam=0.0065)
    assert len(chosen) < len(plain) and abs(len(network) / len(plain) - 1) < 0.01
    decoded = jpeg.decode(plain), jpeg.decode(chosen), learned.decode(network, model)
    first, by_lambda, by_network = (metrics.psnr(image, x_hat) for x_hat in decoded)
    assert first + 1 < by_lambda < by_network


# --- the exercises -----------------------------------------------------------------------


def test_psnr_hints_never_say_the_answer():
    x = images.sample("chelsea")
    x_hat = np.clip(x + np.random.default_rng(0).integers(-30, 31, x.shape), 0, 255)
    right = metrics.psnr(x, x_hat.astype(np.uint8))
    assert f"{right:.1f}" not in checks.verdict(exercises.psnr, lambda x, y: 17.0)


def in_type(kind, x, y):
    """PSNR with errors and their squares in this type."""
    with np.errstate(invalid="ignore"):
        return 10 * np.log10(255**2 / np.mean((x.astype(kind) - y.astype(kind)) ** 2))


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float32, float])
def test_psnr_in_every_type_that_holds_the_squares_is_right(kind):
    verdict = checks.verdict(exercises.psnr, lambda x, y: in_type(kind, x, y))
    assert verdict.startswith("Right. "), verdict


@pytest.mark.parametrize("axes", list(permutations(range(3))))
def test_psnr_in_float32_is_right_in_whatever_order_it_is_added(axes):
    """Processors differ in it: the last digit of a float32, 2e-6 dB, is theirs."""

    def psnr(x, y):
        squares = (x.astype(np.float32) - y) ** 2
        for _ in range(3):
            squares = squares.mean(0)
        return 10 * np.log10(np.float32(255**2) / squares)

    verdict = checks.verdict(
        exercises.psnr, lambda x, y: psnr(x.transpose(axes), y.transpose(axes))
    )
    assert verdict.startswith("Right. "), verdict


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (exercises.psnr, lambda x, y: (x.astype(float) - y) ** 2, "One number is asked for"),
        (exercises.psnr, lambda x, y: 17.0, "does not fit"),
        (exercises.psnr, lambda x, y: in_type(np.int16, x, y), "Does your type hold that?"),
        (exercises.psnr, lambda x, y: str(metrics.psnr(x, y)), "of the type str"),
        (exercises.direction, {"R": "up", "D": "down", "PSNR": "rises"}, "two words"),
        (exercises.direction, {"R": "up", "D": "down", "PSNR": "down"}, "cannot move together"),
        (exercises.direction, {"R": "up", "D": "up", "PSNR": "down"}, "No codec would choose"),
        (exercises.direction, {"R": "down", "D": "up", "PSNR": "down"}, "whose price rises"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict
