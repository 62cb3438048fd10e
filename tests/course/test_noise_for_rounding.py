"""Noise for rounding: its explorer, the hints of its exercises, what its prose says."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from lic_teach import contents, images, learned, metrics
from lic_teach.course.noise_for_rounding import exercises, rounding, toy
from lic_teach.course.noise_for_rounding.rounding import Rounding
from lic_teach.kit import checks
from lic_teach.learned import codec, entropy, quantize
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

SVG = "{http://www.w3.org/2000/svg}"
LESSON = contents.notebook("noise_for_rounding")
SIGMAS = st.floats(0.03, 2)
MEANS = st.floats(-0.5, 0.5)


@pytest.fixture(scope="module")
def source():
    return rounding.prepare(None)


# --- the explorer, its arithmetic --------------------------------------------------------


def convolved(t, mean, sigma):
    """Density of y + u by quadrature."""
    latent = stats.norm(mean, sigma)
    bend = [t - mean] if abs(t - mean) < 0.5 else None
    return integrate.quad(lambda u: latent.pdf(t - u), -0.5, 0.5, points=bend)[0]


@given(st.floats(-3, 3), MEANS, SIGMAS)
def test_density_is_the_convolution(t, mean, sigma):
    assert rounding.density(t, mean, sigma) == pytest.approx(convolved(t, mean, sigma), abs=1e-7)


@given(MEANS, SIGMAS)
def test_at_whole_numbers_it_is_the_probability_of_the_codecs_prior(mean, sigma):
    k = np.arange(-6, 7)
    package = entropy.likelihood(torch.tensor(k), torch.tensor(mean), torch.tensor(sigma))
    expected = np.maximum(rounding.density(k, mean, sigma), entropy.FLOOR)
    np.testing.assert_allclose(package, expected, rtol=1e-3, atol=1e-6)


@given(MEANS, SIGMAS)
def test_rounded_bits_are_scipys_entropy(mean, sigma):
    edges = stats.norm(mean, sigma).cdf(np.arange(-24.5, 25))
    expected = stats.entropy(np.diff(edges), base=2)
    assert rounding.rounded(mean, sigma).bits == pytest.approx(expected, abs=1e-9)


def error_by_quadrature(mean, sigma):
    latent, total = stats.norm(mean, sigma), 0.0
    for k in range(-20, 21):
        ends = k - 0.5, k + 0.5
        points = [mean] if ends[0] < mean < ends[1] else None
        total += integrate.quad(lambda y, k=k: (y - k) ** 2 * latent.pdf(y), *ends, points=points)[
            0
        ]
    return total


@pytest.mark.parametrize("mean", [0.0, 0.2, -0.45, 0.5])
@pytest.mark.parametrize("sigma", [0.03, 0.1, 0.2, 0.5, 2.0])
def test_rounding_error_is_the_integral(mean, sigma):
    found = rounding.rounded(mean, sigma).error
    assert found == pytest.approx(error_by_quadrature(mean, sigma), abs=1e-7)


@pytest.mark.parametrize("sigma", [0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0])
def test_noisy_bits_are_the_differential_entropy(sigma):
    def information(t):
        p = convolved(t, 0, sigma)
        return -p * np.log2(p) if p > 0 else 0.0

    cuts = sorted({0, max(0.5 - 7 * sigma, 0), 0.5, 0.5 + 8 * sigma})
    expected = sum(
        integrate.quad(information, *ends)[0] for ends in zip(cuts, cuts[1:], strict=False)
    )
    assert rounding.noisy(sigma).bits == pytest.approx(2 * expected, abs=1e-6)
    assert rounding.noisy(sigma).error == 1 / 12


def test_noise_is_rounding_averaged_over_all_means():
    means = (np.arange(2000) + 0.5) / 2000 - 0.5
    for sigma in (0.05, 0.2, 0.7):
        costs = [rounding.rounded(mean, sigma) for mean in means]
        noisy = rounding.noisy(sigma)
        assert np.mean([c.bits for c in costs]) == pytest.approx(noisy.bits, abs=1e-5)
        assert np.mean([c.error for c in costs]) == pytest.approx(1 / 12, abs=1e-5)


def test_the_shade_holds_every_mean(source):
    for mean in np.linspace(-0.5, 0.5, 21):
        for found, low, high in zip(
            rounding.rounded(mean, source.sigmas), source.low, source.high, strict=True
        ):
            assert np.all(found >= low - 1e-9) and np.all(found <= high + 1e-9)


# --- the explorer, what it draws ---------------------------------------------------------


def marks(plot, r, side):
    """The large circles and squares of a plot: their middles, from above."""
    circles = [(c.get("cx"), c.get("cy")) for c in plot.iter(SVG + "circle") if c.get("r") == r]
    squares = [
        (float(s.get("x")) + side / 2, float(s.get("y")) + side / 2)
        for s in plot.iter(SVG + "rect")
        if s.get("width") == f"{side}"
    ]
    return [tuple(map(float, c)) for c in circles], squares


def test_draw_marks_both_on_their_curves(source):
    result = rounding.compute(source, 0.2, 0.1)
    view = rounding.draw(result)
    plot = ET.fromstring(view.plot)
    circles, squares = marks(plot, "6.5", 10)
    assert len(circles) == len(squares) == 2
    assert all(abs(c[0] - s[0]) < 0.2 for c, s in zip(circles, squares, strict=True))
    # bits: 130 pixels for 3.2; error: 96 for 0.26
    for i, scale in enumerate((130 / 3.2, 96 / 0.26)):
        higher = circles[i][1] - squares[i][1]
        assert higher == pytest.approx(scale * (result.noisy[i] - result.rounded[i]), abs=0.3)
    readout = ET.fromstring(f"<div>{view.readout}</div>")
    bars = [rect for rect in readout.iter(SVG + "rect") if rect.get("width") == "56.0"]
    heights = [float(bar.get("height")) for bar in bars]
    expected = 140 / 1.05 * result.latent.mass
    np.testing.assert_allclose(heights, expected[expected >= 0.05], atol=0.06)
    text = " ".join(readout.itertext())
    for value in (*result.rounded, *result.noisy):
        assert f"{value:.3f}" in text


def test_the_bars_and_the_noisy_line_meet(source):
    latent = rounding.compute(source, 0.4, 0.15).latent
    for k, mass in zip(range(-3, 4), latent.mass, strict=True):
        assert np.interp(k, latent.t, latent.noisy) == pytest.approx(mass, abs=2e-3)
    assert np.trapezoid(latent.plain, latent.t) == pytest.approx(1, abs=1e-3)
    assert np.trapezoid(latent.noisy, latent.t) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "sigma, mean, words",
    [
        (0.2, 0.0, "Training pays for <b>0.412 bits</b> that are not in the file"),
        (0.2, 0.5, "The file has <b>0.479 bits</b> that training did not pay for"),
        (1.0, 0.0, "Training and file agree to half a thousandth"),
    ],
)
def test_words(source, sigma, mean, words):
    assert words in rounding.words(rounding.compute(source, sigma, mean))


def test_shell_sigma_mean_and_reset():
    ex = Rounding()
    first = ex.readout.summary
    assert first.startswith("sigma 0.2 steps, mean 0.00: 0.109 bits rounded, 0.521 with noise")
    ex.sigma = 1
    assert "2.105 bits rounded, 2.105 with noise" in ex.readout.summary
    ex.set(sigma=0.03, mean=-0.5)
    assert "1.000 bits rounded, 0.078 with noise" in ex.readout.summary
    assert "nan" not in ex.plot.value and "−0.922" in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"Rounding: {first}" and bundle["image/png"]


# --- the toy, and its trainings ----------------------------------------------------------


def test_points_are_the_banana():
    x = toy.points(100_000, 3).numpy()
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    along, across = x @ [c, s], x @ [-s, c]
    straight = across - 0.3 * (along**2 - 1)
    np.testing.assert_allclose([along.mean(), along.std()], [0, 1], atol=0.01)
    np.testing.assert_allclose([straight.mean(), straight.std()], [0, 1 / 6], atol=0.003)


def test_measure_is_scipys_entropy_and_the_error_of_a_decoder_that_knows_the_inverse():
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(50_000, 2)).astype(np.float32))
    bits, error = toy.measure(torch.nn.Identity(), torch.nn.Identity(), x)
    expected = stats.norm(0, toy.SCALE).cdf(np.arange(-60.5, 61))
    assert bits == pytest.approx(2 * stats.entropy(np.diff(expected), base=2), abs=0.02)
    assert error == pytest.approx(1 / 12 / toy.SCALE**2, rel=0.01)


@pytest.fixture(scope="module")
def trainings(lesson):
    """The lesson's, at lambda = 3 (with fewer steps none is done): way -> g_a, g_s, R, D."""
    test = toy.points(100_000, seed=2)
    lesson |= {"points": toy.points(100_000, seed=1)}
    noise, through = quantize.add_noise, lambda y: quantize.straight_through(y, 0.0)
    ways = {"noise": (noise, noise), "straight": (through, through), "mixed": (noise, through)}
    found = {}
    for way, sees in ways.items():
        g_a, g_s = lesson["learn"](*sees, 3)
        found[way] = g_a, g_s, *toy.measure(g_a, g_s, test)
    return found


def test_at_a_small_lambda_noise_is_best_and_straight_through_worst(trainings):
    L = {way: R + 3 * D for way, (*_, R, D) in trainings.items()}
    assert L["noise"] < L["mixed"] - 0.05 < L["straight"] - 0.3
    _, _, R, D = trainings["straight"]
    assert R > 1.4 * trainings["noise"][2] and D > 0.8 * trainings["noise"][3]


def test_noise_silences_a_latent_that_straight_through_keeps(trainings):
    x = toy.points(100_000, seed=2)
    widths = {way: toy.latents(g[0], x).std(0).min().item() for way, g in trainings.items()}
    assert widths["noise"] < 0.25 < 0.3 < widths["straight"]


def test_only_noises_decoder_gains_much_by_plain_rounding(trainings, lesson):
    x, gains = toy.points(100_000, seed=2), {}
    for way in ("noise", "mixed"):
        g_a, g_s, R, D = trainings[way]
        lesson["finish"](g_a, g_s)
        now = toy.measure(g_a, g_s, x)
        assert now[0] == R  # the encoder has not moved
        gains[way] = 1 - now[1] / D
    assert 0.05 < gains["noise"] < 0.11 and 0.01 < gains["mixed"] < 0.04


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("lam", [30, pytest.param(100, marks=pytest.mark.weekly)])
def test_at_larger_lambdas_noise_still_leads_and_then_all_draw_level(lesson, lam):
    lesson |= {"points": toy.points(200_000, seed=1)}
    noise, through = quantize.add_noise, lambda y: quantize.straight_through(y, 0.0)
    L = {}
    for way, sees in (
        ("noise", (noise, noise)),
        ("straight", (through, through)),
        ("mixed", (noise, through)),
    ):
        R, D = toy.measure(*lesson["learn"](*sees, lam), toy.points(200_000, seed=2))
        L[way] = R + lam * D
    assert L["noise"] == pytest.approx({30: 3.79, 100: 5.65}[lam], rel=0.02)
    if lam == 30:
        assert 1.02 * L["noise"] < L["mixed"] < L["straight"] < 1.15 * L["noise"]
    else:
        assert max(L.values()) < 1.02 * min(L.values())


def test_a_plain_round_leaves_the_decoder_its_gradient_and_the_encoder_none(lesson):
    torch.manual_seed(0)
    g = {"points": toy.points(2000, 1), "g_a": toy.network(), "g_s": toy.network()}
    lesson |= g
    (none, plain), (some, through) = (
        lesson["gradients"](seen) for seen in (torch.round, lesson["through"])
    )
    assert none == 0 < some and plain == pytest.approx(through, rel=1e-6) and plain > 0


def test_soft_rounding_lies_between_noise_and_rounding(lesson):
    y = np.linspace(-2.4, 2.4, 97)
    np.testing.assert_allclose(lesson["soft"](y, 1e-3), y, atol=1e-6)
    off = np.abs(y - np.floor(y) - 0.5) > 0.05
    np.testing.assert_allclose(lesson["soft"](y, 200.0)[off], np.rint(y)[off], atol=1e-6)
    narrow = [lesson["soft_bits"](0.2, alpha)[0] for alpha in (1e-3, 3, 7, 20)]
    assert narrow[0] == pytest.approx(rounding.noisy(0.2).bits, abs=2e-3)
    assert narrow == sorted(narrow, reverse=True)
    assert rounding.rounded(0, 0.2).bits < narrow[-1] < rounding.rounded(0, 0.2).bits + 0.02
    wide, rough = np.array([lesson["soft_bits"](1.0, alpha) for alpha in (1e-3, 3, 7, 20)]).T
    np.testing.assert_allclose(wide, rounding.rounded(0, 1).bits, atol=2e-3)
    assert rough[0] == pytest.approx(1) and rough[-1] > 5 and list(rough) == sorted(rough)


def test_the_kl_of_a_box_is_what_training_pays():
    """KL(q || p) of a box of width 1 is the mean of -log2 p over it, by quadrature."""
    box = stats.uniform(0.3 - 0.5, 1)
    kl = integrate.quad(
        lambda t: box.pdf(t) * np.log2(box.pdf(t) / rounding.density(t, 0, 0.7)), -0.2, 0.8
    )[0]
    u = (np.arange(20_000) + 0.5) / 20_000 - 0.5
    assert kl == pytest.approx(-np.log2(rounding.density(0.3 + u, 0, 0.7)).mean(), abs=1e-6)


# --- the exercises -----------------------------------------------------------------------


def test_dithered_the_other_way_round_is_right_too():
    verdict = checks.verdict(exercises.dithered, lambda y, v: (np.rint(y + v), np.rint(y + v) - v))
    assert verdict.startswith("Right. ") and verdict.count("0.08") == 4


def test_dithered_may_be_written_in_torch():
    def answer(y, v):
        y, v = torch.tensor(y), torch.tensor(v)
        return torch.round(y - v), torch.round(y - v) + v

    assert checks.verdict(exercises.dithered, answer).startswith("Right. ")


def in_place(y):
    y.data.round_()
    return y


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("dithered", lambda y, v: np.rint(y - v), "Return two arrays"),
        ("dithered", lambda y, v: (np.rint(y - v).sum(), y), "One k and one y_hat"),
        ("dithered", lambda y, v: (y - v, y), "k is not whole"),
        ("dithered", lambda y, v: (np.rint(y), np.rint(y)), "That is plain rounding"),
        ("dithered", lambda y, v: (np.rint(y - v), np.rint(y - v)), "not moved back"),
        ("dithered", lambda y, v: (np.rint(y - v), y + v), "from these alone"),
        ("dithered", lambda y, v: (np.rint(y), np.rint(y) + v), "The encoder did not use v"),
        ("dithered", lambda y, v: (np.rint(y - v), np.rint(y - v) - v), "Mind the two signs"),
        ("dithered", lambda y, v: (np.rint(y + v), np.rint(y + v) + v), "Mind the two signs"),
        ("straight_through", torch.round, "all gradients are 0"),
        ("straight_through", lambda y: y + (torch.round(y) - y), "all gradients are 0"),
        ("straight_through", lambda y: torch.round(y).detach(), "cut off from y"),
        ("straight_through", lambda y: y.detach() + (torch.round(y) - y), "the sign is turned"),
        (
            "straight_through",
            lambda y: 3 * y - (3 * y - torch.round(y)).detach(),
            "Backwards each gradient should be 1",
        ),
        ("straight_through", lambda y: y + torch.rand(5) - 0.5, "and it is not"),
        ("straight_through", lambda y: torch.round(y).sum(), "Return a tensor of the shape"),
        ("straight_through", lambda y: np.rint(y.detach().numpy()), "Return a tensor of the shape"),
        ("straight_through", in_place, "You changed y itself"),
        ("trust", lambda part: 0.1, "Just above it"),
        ("dithered", lambda y, v: (np.floor(y - v), np.floor(y - v) + v), "to the nearest whole"),
        ("dithered", lambda y, v: ((y + v).astype(int), (y + v).astype(int) - v), "towards 0"),
        ("straight_through", lambda y: torch.round(y).int(), "but floats"),
        ("trust", lambda part: 1343, "none of the widths"),
        # on a coarse grid it lies, for 1 %, where the gap in bits is 0.01
        ("trust", lambda part: 0.5121 if part == 0.01 else 0.7, "a narrower latent would be, too"),
        ("trust", lambda part: 2.0, "a narrower latent would be, too"),
        ("trust", lambda part: [0.4, 0.5], "One finite number"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_dithered_takes_both_as_one_array():
    verdict = checks.verdict(
        exercises.dithered, lambda y, v: np.stack([np.rint(y - v), np.rint(y - v) + v])
    )
    assert verdict.startswith("Right. ")


def test_straight_through_compares_the_gradients():
    verdict = checks.verdict(exercises.straight_through, lambda y: quantize.straight_through(y, 0))
    assert "slope 0 if ŷ is rounded, −2.0 straight through, and −1.4 with noise" in verdict


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    """The imports and functions of the lesson's cells, by name."""
    return lessons.definitions("noise_for_rounding")


def test_both_rates_at_one_and_at_a_tenth():
    """Issue 7's figures: 2.10 for both at sigma 1, 0.26 against 0.00 at 0.1."""

    def bits(sigma):
        return rounding.noisy(sigma).bits, rounding.rounded(0, sigma).bits

    assert [round(float(b), 3) for b in bits(1)] == [2.105, 2.105]
    assert "{:.2f} {:.2f}".format(*bits(0.1)) == "0.26 0.00"
    assert "{:.2f} {:.2f}".format(*bits(0.2)) == "0.52 0.11"


def test_where_the_gap_is_and_how_it_closes():
    sigmas = np.geomspace(0.03, 2, 3000)
    gap = rounding.noisy(sigmas).bits - rounding.rounded(0.0, sigmas).bits
    assert gap.max() == pytest.approx(0.42, abs=0.005)
    assert sigmas[gap.argmax()] == pytest.approx(0.19, abs=0.005)
    assert gap.min() > -1e-9  # a mean in the middle of a bin: training never pays too little
    assert gap[sigmas >= 0.5].max() < 0.0133
    assert rounding.noisy(0.05).bits / 0.05 == pytest.approx(2.6, abs=0.02)
    low, high = rounding.rounded(0.0, 0.7), rounding.rounded(0.5, 0.7)
    assert abs(low.bits - high.bits) < 5e-4 and abs(low.error - high.error) < 5e-5


@pytest.mark.parametrize(
    "loss, start, way, shares",
    [
        ("bowl", 1.2, "straight", (0.7, 0.3, 0)),
        ("bowl", 1.2, "noise", (1, 0, 0)),
        ("wall", 0.6, "straight", (0, 0, 1)),
        ("wall", 0.6, "noise", (0, 1, 0)),
    ],
)
def test_each_way_is_right_where_the_other_is_wrong(lesson, loss, start, way, shares):
    ends = np.rint(lesson["descend"](lesson[loss], way, start)[-1000:])
    np.testing.assert_allclose([np.mean(ends == k) for k in range(3)], shares, atol=0.02)


def rate_slope(quantizer, sigma, z):
    width = torch.tensor(sigma, dtype=torch.float64, requires_grad=True)
    bits = entropy.bits(entropy.likelihood(quantizer(width * z), 0.0, sigma)).mean()
    return torch.autograd.grad(bits, width)[0].item()


@pytest.mark.parametrize("sigma, agree", [(0.1, False), (0.2, False), (1.0, True)])
def test_slopes_of_the_rate(sigma, agree):
    torch.manual_seed(0)
    z = torch.tensor(stats.norm.ppf((np.arange(300_000) + 0.5) / 300_000))
    true = (rounding.rounded(0, 1.001 * sigma).bits - rounding.rounded(0, 0.999 * sigma).bits) / (
        0.002 * sigma
    )
    noise = rate_slope(quantize.add_noise, sigma, z)
    through = rate_slope(lambda y: quantize.straight_through(y, 0), sigma, z)
    if agree:
        assert noise == pytest.approx(true, abs=0.03) and through == pytest.approx(true, abs=0.01)
    else:
        assert noise > 2.5 and through < 0.8 and abs(noise - true) > 0.5
    expected = rounding.noisy(1.001 * sigma).bits - rounding.noisy(0.999 * sigma).bits
    assert noise == pytest.approx(expected / (0.002 * sigma), abs=0.03)  # unbiased for its own loss


@pytest.mark.parametrize("name", images.SAMPLES)
def test_training_bits_are_not_the_files(name):
    """On every photograph: the estimate is the file's, training's rate is above both."""
    torch.manual_seed(0)
    photo, model = images.sample(name), learned.load()
    y, pixels = learned.analyse(photo, model), photo.shape[0] * photo.shape[1]
    gaps = []
    for lam in (1e-3, 1e-2, 5e-2):
        code = quantize.to_code(lam)
        place = model.position(code).float()
        steps = torch.from_numpy(y)[None] / model.step(place)
        with torch.no_grad():
            training = model.prior(steps, place)[0].item() / pixels
        file = metrics.bpp(learned.encode_latents(y, photo.shape[:2], model, lam), photo)
        assert learned.estimate(y, model, lam) / pixels == pytest.approx(file, abs=0.01)
        gaps.append(training - file)
        noisy = codec.paint(quantize.add_noise(steps)[0].numpy(), photo.shape[:2], model, code)
        as_filed = learned.reconstruct(y, photo.shape[:2], model, lam)
        assert metrics.psnr(photo, noisy) < metrics.psnr(photo, as_filed) - 1
    assert min(gaps) > 0.2 and max(gaps) < 1.3 * min(gaps)


def test_what_a_silent_latent_pays():
    def bits(t):
        return -np.log2(convolved(t, 0, entropy.SIGMA_MIN))

    assert integrate.quad(bits, -0.5, 0.5)[0] == pytest.approx(0.15, abs=0.005)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_sliders_move_marks_and_readout(tmp_path):
    """Without the trainings of a minute, which run when the lessons' cells are checked."""
    with (
        jupyterlab([figures(LESSON, tmp_path)]) as address,
        chromium() as page,
    ):
        open_notebook(page, address, LESSON.name)
        run_all(page)
        sigma = page.get_by_role("slider", name="σ", exact=True)
        sigma.wait_for()
        plot = page.locator(".lic-plot")
        plot.get_by_text("σ = 0.2: 0.11 bits in the file, 0.52 with noise").wait_for()
        sigma.focus()
        sigma.press("End")
        plot.get_by_text("σ = 2: 3.06 bits in the file, 3.06 with noise").wait_for()
        page.get_by_text("Training and file agree").first.wait_for()
        sigma.press("Home")
        mean = page.get_by_role("slider", name="Mean", exact=True)
        mean.focus()
        mean.press("End")
        plot.get_by_text("σ = 0.03: 1.00 bits in the file, 0.08 with noise").wait_for()
        assert mean.get_attribute("aria-valuetext") == "Mean 0.5 steps"
        page.get_by_role("button", name="Reset").click()
        plot.get_by_text("σ = 0.2: 0.11 bits in the file, 0.52 with noise").wait_for()
