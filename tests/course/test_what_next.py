"""What next: its codec of guesses, the hints of its exercise, what the prose says."""

import io
import json
from decimal import Decimal

import constriction
import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats

from lic_teach import metrics
from lic_teach.course.what_next import exercises, guessing
from lic_teach.kit import checks
from lic_teach.paths import DATA
from lic_teach.study import table
from tests.lessons import todays_codecs


@pytest.fixture(scope="module")
def network():
    """As in the lesson: three photographs, and not the cat."""
    torch.set_num_threads(1)
    return guessing.fit(("astronaut", "coffee", "rocket"))


# --- the codec of guesses ----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 3), (3, 40), (33, 17)])
def test_every_picture_comes_back_exactly_whatever_its_shape(network, shape):
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    words = guessing.write(picture, network)
    np.testing.assert_array_equal(guessing.read(words, shape, network), picture)


@todays_codecs
def test_the_file_of_the_cat_is_as_long_as_its_estimate_and_shorter_than_webps(network):
    cat, webp = guessing.grey("chelsea"), io.BytesIO()
    words = guessing.write(cat, network)
    np.testing.assert_array_equal(guessing.read(words, cat.shape, network), cat)
    with torch.no_grad():
        estimate = guessing.bits(network, *guessing.everywhere(cat)).sum() / 8
    assert words.nbytes == pytest.approx(float(estimate), rel=1e-3)
    Image.fromarray(cat).save(webp, "WEBP", lossless=True, quality=100, method=6)
    saved = len(webp.getvalue()) - words.nbytes
    numbers = sum(p.numel() for p in network.parameters())
    assert numbers == 5122 and 0.02 * words.nbytes < saved < 2 * numbers / 4  # "we lose, too"


def test_it_is_surer_where_it_is_right(network):
    near, pixels = guessing.everywhere(guessing.grey("chelsea"))
    with torch.no_grad():
        mean, width = guessing.guess(network, near)
    assert stats.spearmanr(width, torch.abs(pixels - mean)).statistic > 0.4


def test_no_pixel_is_guessed_from_itself_or_from_what_comes_later():
    """In the order of the rounds; change one pixel, and look whose neighbours change."""
    picture = np.zeros((7, 11), np.uint8)
    before, _ = guessing.everywhere(picture)
    picture[3, 5] = 200
    changed = (guessing.everywhere(picture)[0] != before).any(1).reshape(7, 11).numpy()
    rows, columns = np.nonzero(changed)
    assert len(rows) == len(guessing.NEAR) and np.all(columns + 3 * rows > 5 + 3 * 3)


def test_every_pixel_is_visited_once(network):
    seen = np.zeros((6, 8), int)

    def visit(rows, columns, mean, width):
        np.add.at(seen, (rows, columns), 1)
        return np.zeros(len(rows))

    guessing.walk(visit, seen.shape, network)
    assert np.all(seen == 1)


def test_the_bits_are_those_of_a_laplace_density_between_two_halves(network):
    """Against SciPy's distribution function, for pixels near the mean and far from it."""
    near = torch.randint(0, 256, (200, 12)).float()
    pixels = torch.randint(0, 256, (200,)).float()
    with torch.no_grad():
        mean, width = (part.double().numpy() for part in guessing.guess(network, near))
        mean[:100] = pixels[:100].numpy() + np.linspace(-2, 2, 100)
        bits = bits_of(mean, width, pixels)
    laplace = stats.laplace(mean, width)
    p = laplace.cdf(pixels.numpy() + 0.5) - laplace.cdf(pixels.numpy() - 0.5)
    np.testing.assert_allclose(bits[p > 1e-6], -np.log2(p[p > 1e-6]), rtol=1e-3, atol=1e-3)


def bits_of(mean, width, pixels):
    """guessing.bits for a network that says this mean and width everywhere."""
    away = torch.from_numpy(np.stack([mean / 8, np.log(width) - 1], 1)).float()
    near = torch.zeros(len(mean), len(guessing.NEAR))
    return guessing.bits(lambda _: away, near, pixels).double().numpy()


def test_coins_decode_to_a_picture_and_the_true_half_of_a_file_to_its_half(network):
    cat = guessing.grey("chelsea")[:60, :80]
    words, rng = guessing.write(cat, network), np.random.default_rng(0)
    coins = rng.integers(0, 2**32, 3 * len(words), np.uint32)
    both = np.concatenate([coins, words[len(words) // 2 :]])
    half = guessing.read(both, cat.shape, network)
    same = (half == cat).mean()
    assert 0.4 < same < 0.7 and np.array_equal(half[:10, :40], cat[:10, :40])
    coder = constriction.stream.stack.AnsCoder(words)  # the words are what constriction reads
    first = coder.decode(guessing.GREY_LEVELS, *first_guess(network))
    assert first == cat[0, 0]


def first_guess(network):
    """Mean and width of the first pixel: all its neighbours lie outside."""
    with torch.no_grad():
        near = torch.full((1, len(guessing.NEAR)), float(guessing.OUTSIDE))
        return (part.double().numpy() for part in guessing.guess(network, near))


# --- the exercise ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda a, b: b - a, "points"),
        (lambda a, b: a + b, "how many does each of the two take?"),
        (lambda a, b: "-5 %", "One finite number"),
        (lambda a, b: (a, b), "One finite number"),
        (lambda a, b: 100 * (b - a) / 100, "points"),
        (lambda a, b: -5.36, "how many does each"),
        (lambda a, b: round(exercises.truth(a, b)), "unrounded"),
        (lambda a, b: a, "For a = −16 and b = −20.5 you have −16 %"),
    ],
)
def test_hints_for_wrong_answers(answer, hint):
    verdict = checks.verdict(exercises.between, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict


def test_rounding_to_a_hundredth_is_right():
    for form in (np.array, torch.tensor, np.float32, Decimal):
        right = checks.verdict(exercises.between, lambda a, b, f=form: f(exercises.truth(a, b)))
        assert right.startswith("Right. ")
    right = checks.verdict(exercises.between, lambda a, b: round(exercises.truth(a, b), 2))
    assert right.startswith("Right. ")


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def published():
    text = (DATA / "rd/published_kodak.json").read_text(encoding="utf-8")
    return {c["codec"]: table.psnr_curve(c) for c in json.loads(text)["curves"]}


def test_the_field_flattens(published):
    """A quarter, a tenth, a tenth, a twentieth; every curve spans the whole window."""
    keys = (
        "compressai/paper-bmshj2018-hyperprior",
        "compressai/compressai-cheng2020-anchor_mse_cuda",
        "compressai/paper-elic2022_mse",
        "mlic/mlicplusplus",
        "hpcm/large",
    )
    curves = [published[key] for key in keys]
    for curve in curves:
        psnr = [p for _, p in curve]
        assert min(psnr) < table.WINDOW[0] and max(psnr) > table.WINDOW[1]
    gains = [metrics.bd_rate(*pair, table.WINDOW) for pair in zip(curves, curves[1:], strict=False)]
    assert gains == [pytest.approx(g, abs=1.5) for g in (-25, -10, -10, -5)]
    assert gains == sorted(gains)


def test_bd_rates_against_one_anchor_divide(published):
    vtm, a, b = (published[k] for k in ("compressai/vtm", "mlic/mlicplusplus", "hpcm/large"))
    over = [metrics.bd_rate(vtm, curve, table.WINDOW) for curve in (a, b)]
    direct = metrics.bd_rate(a, b, table.WINDOW)
    assert exercises.truth(*over) == pytest.approx(direct, abs=0.1)
    assert exercises.truth(-13.39, -19.19) < direct - 1  # two versions of VTM: not the same


def test_ours_stands_between_half_and_the_best(published):
    jpeg = table.psnr_curve(table.read(DATA / "rd/kodak_jpeg.json"))
    ours = table.psnr_curve(table.read(DATA / "rd/kodak_learned_hours.json"))
    assert -60 < metrics.bd_rate(jpeg, ours, table.WINDOW) < -42  # "about half"
    assert metrics.bd_rate(jpeg, published["mlic/mlicplusplus"], table.WINDOW) < -66.7
    assert metrics.bd_rate(ours, published["mlic/mlicplusplus"], table.WINDOW) < -33.3  # "a third"
    for key in ("coolchic/v5.0", "c3/C3", "lottery/5100"):  # "about VVC's bits"
        assert abs(metrics.bd_rate(published["compressai/vtm"], published[key], table.WINDOW)) < 7
