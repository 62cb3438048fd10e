"""Bits from probability: explorer, hints of the exercises, what the prose says."""

import re
import xml.etree.ElementTree as ET

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, optimize, stats

from lic_teach import contents, images, metrics
from lic_teach.course.bits_from_probability import code_length, exercises, linear
from lic_teach.course.bits_from_probability.code_length import CodeLength
from lic_teach.jpeg.color import luma
from lic_teach.kit import checks, priors
from lic_teach.kit.controls import decode_picture
from lic_teach.kit.priors import GAUSSIAN, LAPLACE
from lic_teach.learned import entropy
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

SVG = "{http://www.w3.org/2000/svg}"
LESSON = contents.notebook("bits_from_probability")
SCIPY = {GAUSSIAN: stats.norm, LAPLACE: lambda mean, s: stats.laplace(mean, s / 2**0.5)}
SHAPES = st.sampled_from([GAUSSIAN, LAPLACE])
SIGMAS = st.floats(0.1, 20)
MEANS = st.floats(-12, 12)


@pytest.fixture(scope="module")
def source():
    return code_length.prepare(images.sample("chelsea"))


# --- the priors --------------------------------------------------------------------------


@given(st.integers(-40, 40), MEANS, SIGMAS, SHAPES)
def test_information_is_scipys_area_on_the_bin(k, mean, sigma, shape):
    prior = SCIPY[shape](mean, sigma)
    area = max(prior.cdf(k + 0.5) - prior.cdf(k - 0.5), prior.sf(k - 0.5) - prior.sf(k + 0.5))
    if area > 1e-9:
        found = priors.information(k, mean, sigma, shape)
        assert 2.0**-found == pytest.approx(area, rel=1e-6)


@pytest.mark.parametrize("k, mean, sigma", [(20, 0, 1), (-300, 2.5, 1), (60, -12, 0.1), (7, 0, 9)])
def test_information_in_the_tails_is_exact(k, mean, sigma):
    """SciPy's area is 0 out there; a thousand digits are not."""
    mpmath.mp.dps = 1000
    d, root, b = abs(mpmath.mpf(k) - mean), mpmath.sqrt(2), mpmath.mpf(sigma) / mpmath.sqrt(2)
    if d <= 130:  # mpmath's erfc needs d^2 / sigma^2 digits
        ends = [mpmath.erfc((d + side) / sigma / root) / 2 for side in (-0.5, 0.5)]
        expected = -mpmath.log(ends[0] - ends[1], 2)
        assert priors.information(k, mean, sigma) == pytest.approx(float(expected), rel=1e-9)
    expected = -mpmath.log((mpmath.exp((0.5 - d) / b) - mpmath.exp((-0.5 - d) / b)) / 2, 2)
    found = priors.information(k, mean, sigma, LAPLACE)
    assert found == pytest.approx(float(expected), rel=1e-9)


@given(MEANS, st.floats(0.2, 8), SHAPES)
def test_all_numbers_together_are_certain(mean, sigma, shape):
    k = np.arange(-300, 301)
    assert np.sum(2.0 ** -priors.information(k, mean, sigma, shape)) == pytest.approx(1)


def test_the_packages_likelihood_is_the_same_above_its_floor():
    k = np.arange(-5, 6)
    for mean, sigma in ((0, 1), (0.4, 0.3), (-2, 4.0)):
        package = entropy.likelihood(
            torch.tensor(k).double(), torch.tensor(mean), torch.tensor(sigma)
        )
        expected = np.maximum(2.0 ** -priors.information(k, mean, sigma), entropy.FLOOR)
        np.testing.assert_allclose(package, expected, rtol=1e-6)


@pytest.mark.parametrize("shape, mean, sigma", [(GAUSSIAN, 1.3, 2.5), (LAPLACE, -3.2, 4.0)])
def test_fit_finds_the_prior_that_made_the_numbers(shape, mean, sigma):
    y = SCIPY[shape](mean, sigma).ppf((np.arange(200_000) + 0.5) / 200_000)
    values, share = priors.histogram(np.rint(y))
    best = priors.fit(values, share, shape)
    assert best.mean == pytest.approx(mean, abs=0.02)
    assert best.sigma == pytest.approx(sigma, rel=0.01)
    assert best.bits == pytest.approx(metrics.entropy(share), abs=2e-3)


@pytest.mark.parametrize("shape", [GAUSSIAN, LAPLACE])
def test_no_other_guess_is_better_than_fit(source, shape):
    for channel in (0, 3, 10, 40):
        values, share = priors.histogram(source.k[channel])
        best = priors.fit(values, share, shape)
        for mean in best.mean + np.array([-0.2, 0, 0.2]):
            for sigma in np.clip(best.sigma * np.array([0.8, 1, 1.25]), 0.1, 20):
                cost = share @ priors.information(values, mean, sigma, shape)
                assert cost > best.bits - 1e-4


def test_a_range_coder_takes_what_is_estimated(source):
    for shape in (GAUSSIAN, LAPLACE):
        k = source.k[3]
        best = priors.fit(*priors.histogram(k), shape)
        estimate = priors.information(k, best.mean, best.sigma, shape)
        found = priors.written(k, best.mean, best.sigma, shape)
        assert found == pytest.approx(np.minimum(estimate, 24).mean(), abs=0.03)


# --- the explorer ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [GAUSSIAN, LAPLACE])
@pytest.mark.parametrize("channel, mean, sigma", [(1, -2, 6), (4, 0, 1), (40, 0.1, 0.2)])
def test_code_length_is_entropy_and_kl(source, shape, channel, mean, sigma):
    result = code_length.compute(source, channel, shape, mean, sigma)
    k = source.k[channel - 1].ravel()
    spent = sum(float(priors.information(n, mean, sigma, shape)) for n in k) / k.size
    assert result.bits == pytest.approx(spent, rel=1e-9)
    counts = np.unique(k, return_counts=True)[1]
    assert result.entropy == pytest.approx(stats.entropy(counts, base=2))
    guess = SCIPY[shape](mean, sigma)
    p = result.share[result.share > 0]
    low, high = (result.values[result.share > 0] + side for side in (-0.5, 0.5))
    left, right = guess.cdf(high) - guess.cdf(low), guess.sf(low) - guess.sf(high)
    q = np.where(low + high < 2 * mean, left, right)  # each exact in its own tail
    kl = np.sum(p * np.log2(p / q))
    assert result.bits == pytest.approx(result.entropy + kl, abs=1e-6)
    near = np.interp(np.log(sigma), np.log(code_length.SIGMAS), result.curve)
    assert near == pytest.approx(result.bits, rel=0.02)
    assert result.best.bits <= result.curve.min() + 1e-4
    assert np.all(result.curve >= result.cheapest - 1e-9)


def test_channels_go_from_the_widest_to_the_narrowest(source):
    y = linear.latents(images.sample("chelsea"))
    assert source.k.shape == y.shape == (64, 38, 57)
    order = np.argsort(-y.std((1, 2)), kind="stable")
    np.testing.assert_array_equal(source.k, np.rint(y[order]))


def test_the_map_is_darker_where_a_latent_costs_more(source):
    result = code_length.compute(source, 4, GAUSSIAN, 0.0, 1.0)
    shown = code_length.cost_map(result)
    assert shown.shape == images.sample("chelsea").shape and shown.dtype == np.uint8
    cells = shown[4::8, 4::8].astype(int).sum(2)
    spent = priors.information(source.k[3], 0, 1)[: cells.shape[0], : cells.shape[1]]
    cheap, dear = cells[spent < 2], cells[spent > 4]
    assert cheap.min() > dear.max()


def test_draw_marks_the_guess_on_its_curve(source):
    result = code_length.compute(source, 4, GAUSSIAN, 0.0, 1.0)
    view = code_length.draw(result)
    plot = ET.fromstring(view.plot)
    full = [c for c in plot.iter(SVG + "circle") if c.get("r") == "6.5"]
    curve = [p for p in plot.iter(SVG + "polyline") if p.get("stroke-width") == "2"][-1]
    points = np.array([p.split(",") for p in curve.get("points").split()], float)
    down = np.interp(float(full[0].get("cx")), points[:, 0], points[:, 1])
    assert down == pytest.approx(float(full[0].get("cy")), abs=0.6)
    # 152 pixels for 8 bits, 440 is 0
    assert float(full[0].get("cy")) == pytest.approx(440 - 19 * result.bits, abs=0.1)
    bars = [r for r in plot.iter(SVG + "rect") if LEARNED_BAR.search(r.get("style", ""))][:-1]
    heights = np.array([float(bar.get("height")) for bar in bars])
    share = result.share[result.share > 0]
    np.testing.assert_allclose(heights / heights.max(), share / share.max(), atol=2e-3)
    words = " ".join(ET.fromstring(f"<div>{view.readout}</div>").itertext())
    assert f"{result.bits:.3f}" in words and f"{result.entropy:.3f}" in words


LEARNED_BAR = re.compile("lic-learned")


def test_off_the_top_an_arrow_with_its_number(source):
    view = code_length.draw(code_length.compute(source, 1, GAUSSIAN, 0.0, 1.0))
    plot = ET.fromstring(view.plot)
    assert not [c for c in plot.iter(SVG + "circle") if c.get("r") == "6.5"]
    bits = code_length.compute(source, 1, GAUSSIAN, 0.0, 1.0).bits
    assert bits > 8 and f"{bits:.1f}" in [t.text for t in plot.iter(SVG + "text")]


def test_what_the_lesson_says_is_to_be_seen(source):
    """The fourth channel lies around 0 and is wider than a bin; the last pays the floor."""
    first = code_length.compute(source, CodeLength().channel, GAUSSIAN, 0.0, 1.0)
    assert abs(first.best.mean) < 0.3 and 1 < first.best.sigma < 2
    assert 0.33 < first.best.bits - first.entropy < 0.4
    laplace = code_length.compute(source, first.channel, LAPLACE, 0.0, 1.0)
    assert laplace.best.bits < first.best.bits
    k, best = source.k[first.channel - 1], first.best
    half, twice = (priors.information(k, best.mean, s * best.sigma).mean() for s in (0.5, 2))
    assert half > twice + 0.3 > best.bits + 0.6
    narrow = code_length.compute(source, 64, GAUSSIAN, 0.0, 1.0)
    assert narrow.bits - narrow.entropy > 1.2 and narrow.best.sigma > 0.11
    assert round(code_length.compute(source, 1, GAUSSIAN, 0.0, 1.0).bits) == 283


def test_words_name_the_floor(source):
    result = code_length.compute(source, 60, GAUSSIAN, 0.0, 1.0)
    assert "No number costs less than <b>1.385 bits</b>" in code_length.words(result)
    edge = code_length.compute(source, 60, GAUSSIAN, 0.5, 0.1)
    assert "less than <b>1.000 bits</b>" in code_length.words(edge)


def test_shell_moves_resets_and_takes_pictures():
    ex = CodeLength()
    first = ex.readout.summary
    assert first.startswith("channel 4, Gaussian, mean 0.0, sigma 1 steps: ")
    before = ex.result.bits
    ex.sigma = ex.result.best.sigma
    ex.mean = ex.result.best.mean
    assert ex.result.bits < before and ex.result.bits == pytest.approx(
        ex.result.best.bits, abs=1e-3
    )
    ex.shape = LAPLACE
    assert "Laplace" in ex.readout.summary
    ex.set(channel=64, sigma=0.1, mean=-12, shape=GAUSSIAN)
    assert "nan" not in ex.plot.value and "inf" not in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first
    ex.load(np.full((9, 13, 3), 128, np.uint8))
    assert decode_picture(ex.picture.value[1]).shape == (9, 13, 3)
    ex.load(np.zeros((1, 1, 3), np.uint8))
    assert "nan" not in ex.plot.value
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"].startswith("CodeLength: channel 4") and bundle["image/png"]


# --- the exercises -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("floor", lambda m, s: -np.log2(np.diff(stats.norm(m, s).cdf([-0.5, 0.5]))[0]), "Is 0 the"),
        ("floor", lambda m, s: np.zeros(3), "One finite number"),
        ("floor", lambda m, s: 0.77, "likeliest"),
        ("floor", lambda m, s: round(priors.information(np.rint(m), m, s).item(), 3), "unrounded"),
        ("floor", lambda m, s: np.inf if m < -3 else floor_of(m, s), "Mean −7.3, σ = 0.4: One"),
        ("best_sigma", lambda k: int(100 * k.std()), "return the σ there"),
        ("best_sigma", lambda k: k.std() + 0.11, "Near, but another σ"),
        ("best_sigma", lambda k: max(np.std(k), 0.11), "not the σ of fewest bits"),
        ("best_sigma", lambda k: 1.0, "count the bits of each"),
        ("best_sigma", lambda k: 5.0, "Try many σ"),
        ("best_sigma", lambda k: lesson12_best(k) if k.any() else 0.0, "is no width"),
        ("best_sigma", lambda k: -1.0, "a positive number of steps, not −1"),
        ("laplace", lambda k, m, s: 0.3, "F has one formula on each side of the mean."),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def floor_of(mean, sigma):
    return priors.information(np.rint(mean), mean, sigma).item()


def lesson12_best(k):
    values, share = priors.histogram(k)
    return priors.fit(values, share).sigma


def test_best_sigma_by_gradient_descent_is_right_too():
    def answer(k):
        log_sigma = torch.zeros((), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([log_sigma], lr=0.05)
        values, share = (torch.from_numpy(part).double() for part in priors.histogram(k))
        for _ in range(200):
            sigma = entropy.LowerBound.apply(log_sigma.exp(), 0.11)
            mass = entropy.likelihood(values, torch.tensor(0.0), sigma)
            loss = (share * entropy.bits(mass)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return sigma.item()

    assert checks.verdict(exercises.best_sigma, answer).startswith("Right. ")


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    """The imports and functions of the lesson's cells, by name."""
    return lessons.definitions("bits_from_probability", values=np.arange(-128, 129))


def test_the_floor_of_1_385_bits(lesson):
    """Issue 7's figure, from SciPy's distribution alone, and from the lesson's function."""
    floor = -np.log2(stats.norm.cdf(0.5) - stats.norm.cdf(-0.5))
    assert round(floor, 3) == 1.385 and f"{128 * floor / 64:.2f}" == "2.77"
    assert -np.log2(lesson["mass"](0, 0, 1)) == pytest.approx(floor)
    k = np.arange(-30, 31)
    assert priors.information(k, 0, 1).min() == pytest.approx(floor)
    assert 2**-floor < stats.norm.pdf(0)  # no bin holds more than the peak of the density


@pytest.mark.parametrize("name", images.SAMPLES)
def test_wrong_guess_costs_entropy_plus_kl_on_real_latents(lesson, name):
    """E[-log2 q] = H + KL, in every channel, for N(0, 1) and for a guess from the others."""
    y_hat = np.rint(priors.in_steps(images.sample(name)))
    counts = lesson["count"](y_hat)
    assert counts.sum() == y_hat.size
    p = counts / counts.sum(1, keepdims=True)
    entropies = stats.entropy(counts, base=2, axis=1)
    floor = priors.information(0, 0, 1)
    for q in (2.0 ** -priors.information(np.arange(-128, 129), 0, 6.0), np.full(257, 1 / 257)):
        spent = -np.log2(q)[y_hat.astype(int) + 128].mean((1, 2))
        kl = stats.entropy(p, np.broadcast_to(q, p.shape), base=2, axis=1)
        np.testing.assert_allclose(spent, entropies + kl, atol=1e-9)
        assert kl.min() >= 0
    spent = priors.information(y_hat, 0, 1).mean((1, 2))
    assert np.all(spent >= floor - 1e-9) and spent.sum() / 64 > 2.77


def test_learning_reaches_the_best_gaussian(lesson):
    k = np.rint(priors.in_steps(images.sample("chelsea")))
    means, sigmas, rates = lesson["learn"](lesson["count"](k))
    assert rates[0] > 5 and rates[-1] < 0.25 * 2 * 1.385
    exact = priors.information(k, means[:, None, None], sigmas[:, None, None]).mean((1, 2))
    best = np.array([priors.fit(*priors.histogram(channel)).bits for channel in k])
    assert exact.sum() < 1.02 * best.sum()
    silent = ~k.any((1, 2))
    assert silent.sum() > 20 and exact[silent].max() < 1e-3  # the floor is gone


def test_where_float32_ends(lesson):
    def spent(place):
        place, sigma = torch.tensor(float(place)), torch.tensor(1.0)
        P = lesson["phi"]((place + 0.5) / sigma) - lesson["phi"]((place - 0.5) / sigma)
        return -torch.log2(P).item()

    for n in (2, 4, 6, 9, 12, 13):
        assert spent(-n) == pytest.approx(float(priors.information(n, 0, 1)), abs=0.01)
    assert torch.special.ndtr(torch.tensor(-6.5)) == 0  # why the lesson takes erfc
    assert spent(5) < 20 and spent(6) == spent(15) == spent(-15) == np.inf


def test_narrow_channels_need_more_than_their_standard_deviation():
    for sigma, waste in ((4, 0.001), (1, 0.01), (0.2, 0.1)):
        y = stats.norm(0, sigma).ppf((np.arange(100_000) + 0.5) / 100_000)
        values, share = priors.histogram(np.rint(y))
        naive = share @ priors.information(values, 0, np.rint(y).std())
        best = share @ priors.information(values, 0, sigma)
        assert (naive - best > waste) == (sigma == 0.2)
        assert best == pytest.approx(metrics.entropy(share), abs=1e-3)


# --- the learner's 64 latents, and their neighbours ---------------------------------------


def test_the_latents_are_those_of_a_pca_of_the_other_three():
    """Against SciPy's singular vectors, up to a sign; and the way back is exact."""
    blocks = np.concatenate([linear.patches(images.sample(n)).reshape(-1, 64) for n in linear.SEEN])
    mean, rows = linear.machine()
    assert "chelsea" not in linear.SEEN
    singular = linalg.svd(blocks - blocks.mean(0), full_matrices=False)[2]
    np.testing.assert_allclose(np.abs(np.sum(rows * singular, 1)), 1, atol=1e-6)
    cat = images.sample("chelsea")
    back = np.moveaxis(linear.latents(cat), 0, -1) * 16 @ rows + mean
    np.testing.assert_allclose(back, linear.patches(cat), atol=1e-8)
    np.testing.assert_array_equal(
        linear.patches(cat)[11, 24].reshape(8, 8)[0, 0], luma(cat)[88, 192]
    )


@pytest.mark.parametrize("sigma", [0.2, 0.5, 1.7, 14])
def test_best_sigma_is_where_scipys_likelihood_is_largest(sigma):
    k = np.rint(np.random.default_rng(5).normal(0, sigma, 3000))

    def bits(s):
        prior = stats.norm(0, s)
        return -np.log2(np.maximum(prior.cdf(k + 0.5) - prior.cdf(k - 0.5), 1e-300)).mean()

    found = optimize.minimize_scalar(bits, bounds=(0.11, 50), method="bounded").x
    assert linear.best_sigma(k) == pytest.approx(found, rel=0.02)


def test_a_wrong_guess_costs_0_875_bits_a_letter():
    p, q = [1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 8, 1 / 8, 1 / 4, 1 / 2]
    assert stats.entropy(p, base=2) == 1.75
    assert stats.entropy(p, base=2) + stats.entropy(p, q, base=2) == pytest.approx(2.625)


@given(st.integers(0, 4), st.integers(0, 5), st.integers(0, 2**32 - 1))
def test_what_is_not_decoded_yet_does_not_say_how_busy_it_is(lesson, i, j, seed):
    """The decoder can follow: whatever comes at (i, j) and after it, its class is the same."""
    rng = np.random.default_rng(seed)
    k, other = rng.integers(-9, 10, (2, 64, 5, 6))
    later = np.arange(30).reshape(5, 6) >= 6 * i + j
    changed = np.where(later, other, k)
    assert lesson["busy"](k)[i, j] == lesson["busy"](changed)[i, j]


def test_busy_is_the_sum_around_with_half_of_the_corners(lesson):
    k = np.zeros((64, 3, 3))
    k[0], k[5, 0], k[7, 1, 0] = 50, (-2, 3, 4), -10  # the first latent does not count
    assert lesson["busy"](k)[1, 1] == 10 + 3 + (2 + 4) / 2


@pytest.fixture(scope="module")
def neighbours(lesson):
    """Whole numbers of the cat, limits of the classes, and their widths: from the other three."""
    k = {name: np.rint(linear.latents(images.sample(name))) for name in images.SAMPLES}
    around = {name: lesson["busy"](k[name]) for name in k}
    every = np.concatenate([around[name].ravel() for name in linear.SEEN])
    limits = np.quantile(every, np.arange(1, 8) / 8)
    widths = np.empty((8, 64))
    for c, channel in np.ndindex(8, 64):
        same = [k[n][channel][np.searchsorted(limits, around[n]) == c] for n in linear.SEEN]
        widths[c, channel] = linear.best_sigma(np.concatenate(same))
    return k["chelsea"], limits, widths


def _by_neighbours(lesson, k, limits, widths):
    """Bits per pixel by SciPy's areas."""
    sigma = np.moveaxis(widths[np.searchsorted(limits, lesson["busy"](k))], -1, 0)
    near, far = (np.abs(k) + side for side in (-0.5, 0.5))
    mass = stats.norm.sf(near, scale=sigma) - stats.norm.sf(far, scale=sigma)
    return -np.log2(np.maximum(mass, 2.0**-1000)).mean()


def test_sigma_by_neighbours_goes_below_the_entropy_and_not_when_shuffled(lesson, neighbours):
    cat, limits, widths = neighbours
    bound = np.mean([stats.entropy(np.unique(c, return_counts=True)[1], base=2) for c in cat])
    own = [linear.best_sigma(channel.ravel()) for channel in cat]
    one = np.mean([priors.information(c, 0, s).mean() for c, s in zip(cat, own, strict=True)])
    assert f"{bound:.3f} {one:.2f}" == "0.987 1.10"
    assert f"{_by_neighbours(lesson, cat, limits, widths):.3f}" == "0.948"
    for seed in range(3):
        lot = np.random.default_rng(seed).permutation(38 * 57)
        shuffled = cat.reshape(64, -1)[:, lot].reshape(cat.shape)
        assert 1.15 < _by_neighbours(lesson, shuffled, limits, widths) < 1.3


def test_with_its_own_samples_as_neighbours_all_becomes_busy(lesson, neighbours):
    _, limits, widths = neighbours
    rng, dream = np.random.default_rng(14), np.zeros((64, 24, 24))
    kind = np.zeros((24, 24), int)
    for i, j in np.ndindex(24, 24):
        kind[i, j] = np.searchsorted(limits, lesson["busy"](dream[:, : i + 1])[i, j])
        dream[:, i, j] = np.rint(rng.normal(0, widths[kind[i, j]]))
    assert kind[:2].mean() < 3 and np.mean(kind[12:] == 7) > 0.9


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_sliders_move_the_guess_and_its_cost(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        channel = page.get_by_role("slider", name="Channel", exact=True)
        channel.wait_for()
        plot, readout = page.locator(".lic-plot"), page.locator(".lic-readout")
        channel.press("End")
        plot.get_by_text("1.40 bits a latent; the histogram allows 0.14").wait_for()
        readout.get_by_text("1.385 bits", exact=True).wait_for()
        sigma = page.get_by_role("slider", name="σ", exact=True)
        sigma.press("Home")
        plot.get_by_text("0.35 bits a latent; the histogram allows 0.14").wait_for()
        mean = page.get_by_role("slider", name="μ", exact=True)
        for _ in range(5):
            mean.press("ArrowRight")
        plot.get_by_text("1.56 bits a latent; the histogram allows 0.14").wait_for()
        mean.press("Home")
        page.get_by_text("−20 steps", exact=True).wait_for()  # as in the still, with a minus
        page.get_by_role("button", name="Laplace").first.click()  # then a guess
        readout.get_by_text("best Laplace").wait_for()
        page.get_by_role("button", name="Reset").click()
        readout.get_by_text("best Gaussian").wait_for()
        assert sigma.get_attribute("aria-valuetext") == "σ 1 steps"
