"""Why the prior fits: its small codec, its explorer, the hints, what the prose says."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lic_teach import contents, images, learned, metrics
from lic_teach.course.why_the_prior_fits import exercises, fitting, fitting_drawing, small_codec
from lic_teach.course.why_the_prior_fits.fitting import Fitting
from lic_teach.course.why_the_prior_fits.small_codec import LAMS, MOMENTS, NORMAL, Prior, at, split
from lic_teach.jpeg import transform
from lic_teach.kit import checks, priors
from lic_teach.kit.controls import decode_picture
from lic_teach.kit.priors import GAUSSIAN, LAPLACE
from lic_teach.learned import entropy
from tests import lessons
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all

LESSON = contents.notebook("why_the_prior_fits")
FIXED, LEARNED = "fixed N(0, 1)", "learned σ"
DENSITIES = {GAUSSIAN: stats.norm, LAPLACE: lambda m, s: stats.laplace(m, s / np.sqrt(2))}


@pytest.fixture(scope="module")
def histories():
    """The two trainings of the lesson."""
    torch.set_num_threads(1)
    return {FIXED: small_codec.train(), LEARNED: small_codec.train(Prior(learned=True))}


@pytest.fixture(scope="module")
def explorer(histories):
    return Fitting(histories)


@pytest.fixture(scope="module")
def cat():
    piece = images.centre_crop(images.sample("chelsea"), 256)
    return small_codec.coefficients(piece).reshape(-1, 64)


# --- the small codec ---------------------------------------------------------------------


@pytest.mark.parametrize("shape", DENSITIES)
@pytest.mark.parametrize("sigma", [0.3, 1.0, 3.0, 20.0])
def test_bits_are_scipys(shape, sigma):
    y = np.linspace(-4 * sigma, 4 * sigma, 101)
    cdf = DENSITIES[shape](0, sigma).cdf
    found = small_codec.bits(torch.tensor(y), torch.tensor(sigma, dtype=torch.float64), shape)
    np.testing.assert_allclose(found, -np.log2(cdf(y + 0.5) - cdf(y - 0.5)), rtol=1e-6)


@pytest.mark.parametrize("shape", DENSITIES)
def test_bits_have_a_slope_far_out_in_float32(shape):
    """There entropy.likelihood is silent; a latent at 60 must still hear that it is dear."""
    y = torch.tensor([60.0, -60.0], requires_grad=True)
    spent = small_codec.bits(y, torch.tensor(1.0), shape)
    np.testing.assert_allclose(spent.detach(), priors.information([60, 60], 0, 1, shape), rtol=1e-4)
    (slope,) = torch.autograd.grad(spent.sum(), y)
    expected = 60 / np.log(2) if shape == GAUSSIAN else np.sqrt(2) / np.log(2)
    np.testing.assert_allclose(slope, [expected, -expected], rtol=0.02)


def test_objective_is_the_packages_where_that_has_digits():
    torch.manual_seed(3)
    c = 30 * torch.randn(50, 64)
    log_step, log_sigma = torch.full((2, 1, 64), 3.0), torch.full((2, 1, 64), 0.5)
    lam = torch.tensor([[0.01], [0.1]])
    torch.manual_seed(7)
    L, R, D = small_codec.objective(c, log_step, log_sigma, lam, NORMAL)
    torch.manual_seed(7)
    step, sigma = np.exp(3.0), torch.tensor(np.exp(0.5), dtype=torch.float32)
    noisy = (c / step).expand(2, 50, 64) + torch.rand(2, 50, 64) - 0.5
    expected = entropy.bits(entropy.likelihood(noisy, 0.0, sigma)).mean(1)
    torch.testing.assert_close(R, expected, rtol=1e-3, atol=1e-3)
    error = ((step * torch.round(c / step) - c) ** 2).mean(0)
    torch.testing.assert_close(D, error.expand(2, 64), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(L, R + lam * D)


@given(
    st.lists(st.lists(st.integers(-40, 40), min_size=5, max_size=5), min_size=1, max_size=6),
    st.floats(0.2, 9),
    st.sampled_from((GAUSSIAN, LAPLACE)),
)
def test_split_is_the_mean_of_the_bits_and_scipys_entropy(rows, sigma, shape):
    k = np.array(rows, float)
    R, H = split(k, np.full(len(k), sigma), shape)
    np.testing.assert_allclose(R, priors.information(k, 0, sigma, shape).mean(1), rtol=1e-9)
    counts = [np.unique(row, return_counts=True)[1] for row in k]
    np.testing.assert_allclose(H, [stats.entropy(n, base=2) for n in counts], atol=1e-9)
    assert np.all(R >= H - 1e-9)  # KL is never negative


def test_coefficients_are_the_jpeg_codecs():
    photo = images.sample("chelsea")[:64, :80]
    c = small_codec.coefficients(photo)
    np.testing.assert_allclose(
        transform.inverse(c).astype(float), small_codec.luma(photo), atol=0.51
    )
    assert small_codec.coefficients(photo[:13, :20]).shape == (2, 3, 64)


def test_training_moves_what_may_move():
    for prior in (NORMAL, Prior(LAPLACE, 2.0), Prior(learned=True)):
        history = small_codec.train(prior, steps=20)
        assert history.moments.tolist() == [m for m in MOMENTS if m <= 20]
        np.testing.assert_allclose(history.step[0], small_codec.STEP, rtol=1e-6)
        np.testing.assert_allclose(history.sigma[0], prior.sigma, rtol=1e-6)
        assert np.abs(history.step[-1] / small_codec.STEP - 1).max() > 0.5
        assert (np.ptp(history.sigma) > 0.1) == prior.learned


def test_the_same_seed_gives_the_same_steps():
    one, same, other = (small_codec.train(steps=8, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(one.step, same.step)
    assert not np.array_equal(one.step, other.step)


def test_tables_are_read_between_their_rows(histories):
    history = histories[LEARNED]
    for i in (0, 5, len(LAMS) - 1):
        for found, table in zip(at(history, LAMS[i]), (history.step, history.sigma), strict=True):
            np.testing.assert_allclose(found, table[:, i])
    between, _ = at(history, np.sqrt(LAMS[7] * LAMS[8]))
    np.testing.assert_allclose(between, np.sqrt(history.step[:, 7] * history.step[:, 8]))


# --- what the lesson says ----------------------------------------------------------------


def measured(history, c, lam):
    """R, H of the 64 coefficients and the squared error, at the last moment."""
    step, sigma = (table[-1] for table in at(history, lam))
    k = np.rint(c / step)
    return (*split(k.T, sigma, history.prior.shape), np.mean((k * step - c) ** 2))


def widths():
    """Root mean square of the coefficients that were trained on."""
    seen = [small_codec.coefficients(images.sample(n)) for n in small_codec.SEEN]
    return np.sqrt(np.mean(np.concatenate([c.reshape(-1, 64) for c in seen]) ** 2, 0))


def test_the_formulas_of_the_balance(histories):
    s, lam = widths(), 0.1
    fixed, free = (s / at(histories[n], lam)[0][-1] for n in (FIXED, LEARNED))
    fine = fixed > 1
    expected = np.array([exercises.by_search(each, lam) for each in s])
    np.testing.assert_allclose(fixed[fine], expected[fine], rtol=0.25)
    assert fixed[0] == pytest.approx(expected[0], rel=0.05)  # DC: the finest rounding
    assert free[0] == pytest.approx(s[0] * np.sqrt(lam * np.log(2) / 6), rel=0.05)
    for w, slope in ((fixed, 0.5), (free, 1.0)):
        assert np.polyfit(np.log(s[w > 1]), np.log(w[w > 1]), 1)[0] == pytest.approx(
            slope, abs=0.15
        )


def test_kl_falls_and_the_fixed_prior_keeps_more(histories, cat):
    for name, history in histories.items():
        step, sigma = (table[[0, -1]] for table in at(history, 0.01))
        before, after = (np.subtract(*split(np.rint(cat / step[i]).T, sigma[i])) for i in (0, 1))
        assert np.all(after[:3] < 0.3 * before[:3]) and after.mean() < 0.3 * before.mean(), name
        risen = np.sum(after > before)
        R = [split(np.rint(cat / step[i]).T, sigma[i])[0] for i in (0, 1)]
        assert np.sum(R[1] < R[0]) > 60
        assert risen > 32 if name == FIXED else risen < 5
    (R, H, D), (R2, H2, D2) = (measured(histories[n], cat, 0.01) for n in (FIXED, LEARNED))
    assert R.mean() > 2 * R2.mean() and (R - H).mean() > 5 * (R2 - H2).mean()
    assert R.mean() + 0.01 * D > 1.5 * (R2.mean() + 0.01 * D2)


def test_without_d_everything_collapses(histories, cat):
    """R to the floor, all of it KL; or to nothing, where the prior follows."""
    R, H, D = measured(histories[FIXED], cat, 1e-7)
    assert R.mean() == pytest.approx(-np.log2(stats.norm.cdf(0.5) - stats.norm.cdf(-0.5)), abs=0.01)
    assert H.mean() < 0.01
    R, H, D2 = measured(histories[LEARNED], cat, 1e-7)
    assert R.mean() < 0.02 and min(D, D2) > 0.9 * np.mean(cat**2)


def test_a_fixed_prior_fits_worse_at_the_end_of_the_collapse(histories, cat):
    KL = [np.mean(np.subtract(*measured(histories[FIXED], cat, lam)[:2])) for lam in (1e-7, 0.01)]
    assert KL[0] > 1.5 * KL[1]


def test_swapped_priors(histories, cat):
    wide, laplace = small_codec.train(Prior(sigma=3.0)), small_codec.train(Prior(LAPLACE))
    steps = {name: at(history, 0.01)[0][-1] for name, history in histories.items()}
    ratio = (steps[FIXED] / at(wide, 0.01)[0][-1])[:10].mean()
    assert ratio == pytest.approx(3**0.5, rel=0.1)
    D = {n: measured(h, cat, 0.01)[2] for n, h in (("wide", wide), (FIXED, histories[FIXED]))}
    assert D["wide"] < 0.6 * D[FIXED]
    assert at(laplace, 0.01)[0][-1, 0] < 0.8 * steps[FIXED][0]  # finer: wider latents
    cost = {
        name: float(np.mean(R)) + 0.01 * float(error)
        for name, (R, _, error) in (
            (n, measured(h, cat, 0.01))
            for n, h in (*histories.items(), ("wide", wide), ("laplace", laplace))
        )
    }
    assert sorted(cost, key=cost.get) == [LEARNED, "laplace", FIXED, "wide"]


@pytest.mark.parametrize("name", images.SAMPLES)
def test_a_factorized_prior_does_not_notice_a_shuffle_and_a_context_does(name):
    photo, rng = images.centre_crop(images.sample(name), 192), np.random.default_rng(0)
    for model, same in ((learned.load("factorized"), True), (learned.load("context"), False)):
        y = learned.analyse(photo, model)
        mixed = np.stack([rng.permutation(channel.ravel()).reshape(y.shape[1:]) for channel in y])
        sizes = [len(learned.encode_latents(v, photo.shape[:2], model, 0.01)) for v in (y, mixed)]
        assert abs(sizes[0] - sizes[1]) <= 8 if same else sizes[1] > 1.2 * sizes[0]


@pytest.fixture(scope="module")
def printed():
    """All that the lesson's cells print."""
    return lessons.printed("why_the_prior_fits")


def test_a_real_codec_with_a_fixed_prior_takes_several_times_the_bits(printed):
    ends = re.findall(r"end +([\d.]+) +([\d.]+) +([\d.]+) +(\d+) dB", printed)
    (_, KL, bpp, psnr), (_, KL2, bpp2, psnr2) = [[float(v) for v in row] for row in ends]
    assert bpp > 3 * bpp2 and KL > 5 * KL2 and abs(psnr - psnr2) <= 1


def test_the_misfit_that_is_left_is_about_a_fifth_or_more(printed):
    rows = re.findall(rf"({'|'.join(images.SAMPLES)}) +([\d.]+) +([\d.]+) +([\d.]+)\n", printed)
    shares = [float(KL) / float(R) for _, R, _, KL in rows]
    assert len(shares) == 4 and 0.18 < min(shares) and max(shares) < 0.5


def test_the_square_root_in_the_shipped_codecs(printed):
    rows = [
        np.array(re.search(rf"{words} +\[([^]]+)\]", printed)[1].split(), float)
        for words in ("learned prior, w", "its square root", "fixed prior, w")
    ]
    np.testing.assert_allclose(rows[1], np.sqrt(rows[0]), atol=0.06)
    assert np.all(abs(np.log(rows[2] / rows[1])) < 0.35) and rows[0][0] > 3 * rows[2][0]
    bpp, psnr, bpp2, psnr2 = (
        float(v)
        for kind in ("factorized", "fixed")
        for v in re.search(rf"`{kind}`: ([\d.]+) bits per pixel, (\d+) dB", printed).groups()
    )
    assert bpp2 > 4 * bpp and abs(psnr - psnr2) <= 1


def test_the_floor_of_128_latents_for_64_pixels():
    assert 2 * fitting_drawing.FLOOR == pytest.approx(2.77, abs=0.005)
    assert priors.information(0, 0, 1) == pytest.approx(fitting_drawing.FLOOR, abs=5e-4)


# --- the explorer ------------------------------------------------------------------------


@pytest.mark.parametrize("name", [FIXED, LEARNED])
@pytest.mark.parametrize("moment, lam", [(1, 0.01), (9, 1e-4), (len(MOMENTS), 0.1)])
def test_what_is_shown_is_what_the_codec_does(explorer, cat, name, moment, lam):
    explorer.set(prior=name, moment=moment, lam=lam, channel=4)
    result, history = explorer.result, explorer.histories[name]
    step, sigma = (table[moment - 1] for table in at(history, lam))
    y = cat / step
    np.testing.assert_array_equal(result.k, np.rint(y[:, 3].astype(np.float32)))
    assert result.width[moment - 1] == pytest.approx(np.sqrt(np.mean(y[:, 3] ** 2)), rel=1e-4)
    spent = priors.information(np.rint(y), 0, sigma).mean(0)
    assert result.R[moment - 1] == pytest.approx(spent[3], rel=1e-4)
    assert result.picture[0] == pytest.approx(spent.mean(), rel=1e-4)
    shown = decode_picture(explorer.picture.value[1])[..., 0]
    original = decode_picture(explorer.picture.value[0])[..., 0]
    expected = transform.inverse((np.rint(y) * step).astype(np.float32).reshape(32, 32, 64))
    assert np.mean(shown != expected) < 0.01
    assert result.mse == pytest.approx(metrics.mse(original, shown))
    pixels = np.mean((np.rint(y) * step - cat) ** 2)  # an orthonormal transform keeps errors
    assert result.mse == pytest.approx(pixels, rel=0.05, abs=0.2)
    assert f"{spent[3]:.2f} bits" in explorer.readout.summary


def test_it_draws_every_state(explorer):
    last = len(MOMENTS)
    for name in (FIXED, LEARNED):
        for moment in (1, 8, last):
            for lam in (1e-7, 1e-3, 0.1):
                for channel in (1, 3, 64):
                    explorer.set(prior=name, moment=moment, lam=lam, channel=channel)
                    assert not re.search(r"\b(nan|inf)\b", explorer.plot.value)
                    for drawing in (
                        fitting_drawing.bars(explorer.result, fitting.mass),
                        fitting_drawing.course(explorer.result),
                    ):
                        ET.fromstring(drawing)
    explorer._reset.click()
    assert explorer.state == {"moment": last, "channel": 3, "lam": 0.01, "prior": FIXED}
    bundle = explorer._repr_mimebundle_()
    assert bundle["image/png"] and bundle["text/plain"].startswith("Fitting: prior fixed")


def test_the_collapse_is_seen(explorer):
    explorer.set(prior=LEARNED, lam=1e-7, moment=len(MOMENTS), channel=3)
    assert explorer.result.R[-1] < 0.01 and np.ptp(explorer.result.x_hat) < 64
    explorer.set(prior=FIXED)
    assert "= 0.00 entropy + 1.38 KL" in explorer.readout.summary and "floor" in explorer.plot.value
    explorer._reset.click()


@pytest.mark.parametrize("size", [(1, 1), (13, 50), (64, 64)])
def test_any_picture_will_do(histories, size):
    explorer = Fitting(histories, np.full((*size, 3), 128, np.uint8))
    explorer.moment = 1
    assert "0 all over the picture" in explorer.readout.value
    assert not re.search(r"\b(nan|inf)\b", explorer.plot.value + explorer.readout.value)
    ET.fromstring(fitting_drawing.both(explorer.result, fitting.mass))


def test_the_learners_own_prior_joins(histories):
    four = histories | {"fixed Laplace": small_codec.train(Prior(LAPLACE), steps=400)}
    explorer = Fitting(four, "coffee")
    explorer.prior = "fixed Laplace"
    assert explorer.result.prior == Prior(LAPLACE) and "floor" not in explorer.plot.value
    assert "prior fixed Laplace" in explorer.readout.summary


# --- the exercises -----------------------------------------------------------------------


LEAST = {"H": "silent", "KL": "fitting", "R": "silent"}


def right(s, lam):
    return (lam * s**2 * np.log(2) / 6) ** 0.25


def swapped(prior="N(0, 3²)", **change):
    return exercises.SWAPPED | {prior: exercises.SWAPPED[prior] | change}


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("least", LEAST | {"R": "fitting"}, "Which number is the cheapest"),
        ("least", LEAST | {"KL": "silent"}, "only there"),
        ("least", LEAST | {"H": "fitting"}, "It knows no prior"),
        ("least", LEAST | {"H": "narrow"}, "write one of"),
        ("least", {"R": "silent"}, "Three answers"),
        ("balance", lambda s, lam: 0.7 * right(s, lam), "derivative by w"),
        ("balance", lambda s, lam: -1.0, "derivative by w"),
        ("balance", lambda s, lam: np.ones(3), "one finite number"),
        ("swap", swapped(width=2), "1, 3 ** 0.5 or 3"),
        ("swap", swapped(width="wider"), "write a number"),
        ("swap", swapped("Laplace", DC="up"), "write wider or narrower"),
        ("swap", {"Laplace": {"DC": "wider"}}, "Five answers"),
        ("swap", {"N(0, 3²)": 3, "Laplace": 1}, "Five answers"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_right_answers_are_right():
    assert checks.verdict(exercises.balance, right).startswith("Right. ")
    assert checks.verdict(exercises.swap, swapped()).startswith("Right. ")
    assert checks.verdict(exercises.swap, swapped(width=1.73)).startswith("Right. ")
    half = swapped("Laplace", DC=...)
    assert checks.verdict(exercises.swap, half).startswith("Not done yet")


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_keys_and_buttons():
    with jupyterlab([LESSON]) as address, chromium(1300, 1000) as page:
        page.set_default_timeout(600_000)
        open_notebook(page, address, LESSON.name)
        run_all(page)
        figure = page.locator(".lic-explorer")
        moment = figure.get_by_role("slider", name="Moment")
        moment.press("Home")
        figure.get_by_text("Step 0:").first.wait_for()
        moment.press("ArrowRight")
        figure.get_by_text("Step 1:").first.wait_for()
        moment.press("End")
        figure.get_by_text("Step 400:").first.wait_for()
        figure.get_by_role("button", name=LEARNED, exact=True).click()
        figure.get_by_text("Here both can").first.wait_for()
        photo = figure.locator(".lic-stage canvas").nth(1)
        before = pictures(photo)
        figure.get_by_role("slider", name="λ", exact=True).press("Home")
        figure.get_by_text("λ = 1e-07").first.wait_for()
        new_pictures(photo, before)
        figure.get_by_role("button", name="Reset").click()
        figure.get_by_text("Here only the latents can").first.wait_for()
        before = figure.locator(".lic-readout table").inner_text()
        figure.get_by_role("combobox").select_option("rocket")
        page.wait_for_function(
            "before => document.querySelector('.lic-readout table').innerText !== before",
            arg=before,
        )
