"""A gradient from the middle: explorer, hints of the exercises, what the prose says."""

import ast
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lic_teach import contents, images
from lic_teach.course.gradient_from_the_middle import (
    arrows,
    arrows_drawing,
    exercises,
    planes_drawing,
    pulls,
)
from lic_teach.course.gradient_from_the_middle.arrows import Arrows
from lic_teach.course.gradient_from_the_middle.pulls import (
    BOTH,
    LAM,
    NOTHING,
    ONLY_D,
    ONLY_R,
    TO_DECODER,
    TO_PRIOR,
    TRAINED,
    UNTRAINED,
    Gram,
)
from lic_teach.kit import checks
from lic_teach.learned import entropy, quantize, train
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

LESSON = contents.notebook("gradient_from_the_middle")
FRESH = Path(__file__).parents[3] / "shared/images/valid"
SIZES = st.floats(-3, 3)


@pytest.fixture(scope="module")
def explorer():
    return Arrows()


@pytest.fixture(scope="module")
def piece():
    return pulls.to_tensor(images.centre_crop(images.sample("chelsea"), 64))


def objective(model, x, lam=LAM, seed=0):
    torch.manual_seed(seed)
    return train.objective(model, x, torch.tensor([lam]))


# --- which gradient reaches which part ---------------------------------------------------


def reached(found):
    """{part: (R reaches all, some or none of its parameters, the same of D)}."""
    words = {}
    for part in pulls.PARTS:
        mine = [g for name, g in found.items() if pulls.part_of(name) == part]
        words[part] = tuple(
            "none" if all(g is None for g in one) else "some" if None in map(_none, one) else "all"
            for one in zip(*mine, strict=True)
        )
    return words


def _none(g):
    return None if g is None else 0


@pytest.mark.parametrize("kind", [TRAINED, UNTRAINED])
@pytest.mark.parametrize(
    "cut, expected",
    [
        (NOTHING, {"g_a": "RD", "steps": "RD", "prior": "R", "g_s": "D"}),
        (TO_PRIOR, {"g_a": "D", "steps": "D", "prior": "R", "g_s": "D"}),
        (TO_DECODER, {"g_a": "R", "steps": "RD", "prior": "R", "g_s": "D"}),
    ],
)
def test_none_where_the_theory_says_so(kind, cut, expected, piece):
    found = reached(pulls.gradients(pulls.codec(kind), piece, cut=cut))
    for part, hears in expected.items():
        assert found[part] == tuple("all" if loss in hears else "none" for loss in "RD"), part


@pytest.mark.parametrize("prior", ["factorized", "mixture", "hyper"])
def test_the_other_priors_hear_nothing_of_d_either(prior, piece):
    torch.manual_seed(0)
    model = pulls.Model(prior)
    _, R, D = objective(model, piece)
    names, parameters = zip(*model.named_parameters(), strict=True)
    for loss, deaf in ((R, "g_s"), (D, "prior")):
        slopes = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        for name, slope in zip(names, slopes, strict=True):
            assert (slope is None) == name.startswith(deaf), name


def test_the_map_draws_an_arrow_just_where_a_gradient_passes(explorer):
    """The wires' kinds against autograd: what reaches the part at a wire's near end."""
    near = {("g_a", "Q"): "g_a", ("g_s", "D"): "g_s", ("prior", "R"): "prior"}
    for cut in (NOTHING, TO_PRIOR, TO_DECODER):
        for loss in (BOTH, ONLY_R, ONLY_D):
            result = arrows.compute(explorer.source, LAM, loss, TRAINED, cut)
            live = arrows_drawing.living(loss, cut)
            for wire, part in near.items():
                pull = result.parts[part]
                assert live[wire] == "R" * (pull.r is not None) + "D" * (pull.d is not None)
            steps = set(live["steps", "Q"]) | set(live["steps", "g_s"])
            pull = result.parts["steps"]
            assert steps == set("R" * (pull.r is not None) + "D" * (pull.d is not None))


def test_the_losses_are_the_trainings(piece):
    model = pulls.codec(TRAINED)
    for cut in (NOTHING, TO_PRIOR, TO_DECODER):
        R, D = pulls.losses(model, piece, cut=cut)
        _, expected_R, expected_D = objective(model, piece)
        assert R.item() == pytest.approx(expected_R.item(), rel=1e-5)
        assert D.item() == pytest.approx(expected_D.item(), rel=1e-5)


def test_losses_leave_the_learners_generator_alone(piece):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    pulls.losses(pulls.codec(UNTRAINED), piece)
    assert torch.equal(torch.rand(3), expected)


def test_every_parameter_has_a_part_and_every_part_parameters():
    names = [name for name, _ in pulls.codec(TRAINED).named_parameters()]
    assert {pulls.part_of(name) for name in names} == set(pulls.PARTS)


# --- the sum -----------------------------------------------------------------------------


@given(st.lists(SIZES, min_size=3, max_size=3), st.lists(SIZES, min_size=3, max_size=3),
       st.floats(5e-4, 0.1))  # fmt: skip
def test_lengths_from_three_products_are_those_of_the_vectors(r, d, lam):
    r, d = np.array(r), np.array(d)
    pull = pulls.pull(Gram(r @ r, r @ d, d @ d), lam)
    assert pull.total == pytest.approx(np.linalg.norm(r + lam * d), abs=1e-6)
    if pull.best:
        around = [np.linalg.norm(r + pull.best * part * d) for part in (0.9, 1, 1.1)]
        assert min(around) == pytest.approx(around[1])


@pytest.mark.parametrize("lam", [5e-4, 1e-2, 1e-1])
def test_the_sum_of_two_backward_passes_is_the_one_of_the_sum(lam, piece):
    model = pulls.codec(TRAINED)
    found = pulls.gradients(model, piece)
    _, R, D = objective(model, piece)
    parts = dict.fromkeys(pulls.PARTS, 0.0)
    parameters = dict(model.named_parameters())
    slopes = torch.autograd.grad(R + lam * D, tuple(parameters.values()))
    for name, slope in zip(parameters, slopes, strict=True):
        one = pulls.pull(pulls.gram(*found[name]), lam).total
        assert one == pytest.approx(slope.double().norm().item(), rel=2e-3, abs=1e-6), name
        parts[pulls.part_of(name)] += (slope.double() ** 2).sum().item()
    for part, gram in pulls.grams(found).items():
        expected = math.sqrt(parts[part])
        assert pulls.pull(gram, lam).total == pytest.approx(expected, rel=1e-3), part


def test_a_loss_left_out_leaves_no_gradient():
    gram = Gram(4.0, -1.0, 9.0)
    assert pulls.pull(gram, 0.1, ONLY_R) == (2.0, None, 2.0, None, None)
    assert pulls.pull(gram, 0.1, ONLY_D)[:2] == (None, pytest.approx(0.3))
    assert pulls.pull(Gram(None, 0.0, None), 0.1).total is None


def test_d_asks_the_steps_for_the_rounding_error_alone(piece):
    """y + s * error: before training nothing bends between the latents and the multiplication."""
    model = pulls.codec(UNTRAINED)
    t = quantize.position(torch.tensor([LAM]))
    step = model.step(t)
    y = model.g_a(piece) / step
    _, y_hat = model.prior(y, t)
    D = ((model.g_s(y_hat, step) - piece) ** 2).mean()
    g, steps = torch.autograd.grad(D, (y_hat, model.log_step))
    error = (g * (y_hat - y)).sum((0, 2, 3))
    np.testing.assert_allclose(steps.sum(0), error.detach(), rtol=1e-3, atol=1e-4)


# --- what the prose says of the trained codec --------------------------------------------


def steps_of(pictures, lam):
    """Gram of the steps for the middle of each picture, and for all of them together."""
    found = [
        pulls.gradients(pulls.codec(TRAINED), pulls.to_tensor(images.centre_crop(p, 128)), lam)
        for p in pictures
    ]
    pairs = [one["log_step"] for one in found]
    together = (sum(of_one) for of_one in zip(*pairs, strict=True))
    return [pulls.gram(*pair) for pair in pairs], pulls.gram(*together)


def best(grams, lam):
    """Where they balance, in parts of the true lambda."""
    return np.array([(pulls.pull(gram, lam).best or 0.0) / lam for gram in grams])


@pytest.mark.parametrize("lam", [1e-3, 1e-2, 5e-2])
def test_the_steps_know_their_lambda(lam):
    """ "Within about a third", "within some per cent": of any well trained codec."""
    each, together = steps_of(map(images.sample, images.SAMPLES), lam)
    assert (abs(best(each, lam) - 1) < 0.45).all()
    assert best([together], lam) == pytest.approx(1, abs=0.12)
    assert pulls.pull(together, lam).cosine < -0.93


@pytest.mark.skipif(not FRESH.exists(), reason="the 40 photographs do not come with the course")
def test_the_steps_know_it_on_photographs_that_they_were_not_trained_on():
    fresh = [p for p in sorted(FRESH.glob("*.webp")) if p.stem != "844297"]  # was among the 207
    each, together = steps_of(map(images.load, fresh), LAM)
    found = best(each, LAM)
    assert len(found) == 40 and np.median(found) == pytest.approx(1, abs=0.1)
    assert np.mean((found > 0.75) & (found < 1.25)) > 0.7
    assert best([together], LAM) == pytest.approx(1, abs=0.06)  # "within a few per cent"
    assert pulls.pull(together, LAM).cosine < -0.99  # "but for a few degrees"


def test_noise_spares_the_decoder_and_hardly_moves_the_lambda_of_the_steps():
    x = pulls.to_tensor(images.centre_crop(images.sample("chelsea"), 128))
    seeds = [pulls.gradients(pulls.codec(TRAINED), x, seed=seed) for seed in range(3)]
    grams = [pulls.grams(found) for found in seeds]
    by_steps = best([g["steps"] for g in grams], LAM)
    by_encoder = best([g["g_a"] for g in grams], LAM)
    assert np.ptp(by_steps) < 0.06 < np.ptp(by_encoder)
    assert (by_encoder < 0.7).all() and abs(by_steps - 1).max() < 0.3
    for name, (_, d) in seeds[0].items():
        if name.startswith("g_s"):
            assert torch.equal(d, seeds[1][name][1]), name


def test_a_tug_of_war_for_the_steps_and_nearly_a_right_angle_for_the_encoder(explorer):
    parts = arrows.compute(explorer.source, LAM, BOTH, TRAINED, NOTHING).parts
    assert parts["steps"].cosine < -0.85 and abs(parts["g_a"].cosine) < 0.6
    assert parts["steps"].total < 0.5 * min(parts["steps"].r, parts["steps"].d)
    fresh = arrows.compute(explorer.source, LAM, BOTH, UNTRAINED, NOTHING).parts
    assert fresh["steps"].cosine < -0.8 and fresh["steps"].r > 2 * fresh["steps"].d
    assert fresh["steps"].best > 0.015


@pytest.fixture(scope="module")
def printed():
    """All that the lesson's cells print."""
    return lessons.printed("gradient_from_the_middle")


@pytest.fixture(scope="module")
def runs():
    """The four trainings of the lesson, and the detached one for twice as long."""
    cells = lessons.definitions("gradient_from_the_middle", also=sets("greens", "pairs", "judges"))
    learn = cells["learn"]
    four = [learn(1, 1), learn(1, 0), learn(0, 1), learn(1, 1, cut=True)]
    return *four, learn(1, 1, cut=True, steps=2400)


def sets(*names):
    return lambda node: isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names


def test_four_trainings(runs):
    (w, r, d), (w_R, r_R, _), (w_D, r_D, d_D), (w_cut, r_cut, d_cut), longer = runs
    assert w_R[-1] < 0.05 and r_R < 0.05 and w_D[-1] > 1.3 * w[-1] and r_D > 3 * r
    assert w_cut[-1] == pytest.approx(w_D[-1], rel=0.02) and d_cut == pytest.approx(d_D, rel=0.02)
    assert r < r_cut < r_D and d_D < d
    assert abs(w[-1] - w[-21]) < 0.25 < w_cut[-1] - w_cut[-21]  # one levels off, one does not
    assert longer[0][-1] > 1.3 * w_cut[-1]
    assert longer[1] + 0.01 * longer[2] > r_cut + 0.01 * d_cut > r + 0.01 * d  # "L rises"


def test_the_two_losses_ask_the_opposite_of_w_in_the_smallest_codec():
    """As the prose says: R wants y = -4.4 nearer to 0, D further away."""
    x, w = torch.tensor([-10.0, -7.0]), torch.tensor([0.3, 0.2], requires_grad=True)
    y = w @ x
    R = entropy.bits(entropy.likelihood(y + 0.1, 0.0, torch.tensor(3.0)))
    v = torch.tensor([2.2, 2.0])
    D = ((v * quantize.straight_through(y, 0.0) - x) ** 2).sum() / 2
    of_R, of_D = (torch.autograd.grad(loss, y, retain_graph=True)[0] for loss in (R, D))
    assert y.item() == pytest.approx(-4.4) and of_R < 0 < of_D


def test_the_table_of_nones(printed):
    table = printed.split("gradient of      R       D\n")[1].splitlines()[:4]
    assert [row.split() for row in table] == [
        ["g_a", "yes", "yes"],
        ["steps", "yes", "yes"],
        ["prior", "yes", "None"],
        ["g_s", "None", "yes"],
    ]


def test_the_two_pixels_are_our_blocks():
    green = images.sample("chelsea")[..., 1]
    assert green[93, 192:194].tolist() == [28, 58]


# --- the explorer ------------------------------------------------------------------------


def test_it_draws_and_says(explorer):
    first = explorer.readout.summary
    assert first.startswith("L = R + λ·D, trained codec, lambda 0.01, cut: nothing")
    assert "prior R" in first and "lambda D none" in first and "g_s R none" in first
    titles = {
        (BOTH, NOTHING): "they meet at Q, and add up",
        (ONLY_R, NOTHING): "no way leads from R back to g_s",
        (ONLY_D, NOTHING): "no way leads from D back to the prior",
        (BOTH, TO_PRIOR): "R no longer reaches the encoder",
        (BOTH, TO_DECODER): "D no longer reaches the encoder",
    }
    for (loss, cut), title in titles.items():
        for lam in (5e-4, 1e-1):
            for codec in (TRAINED, UNTRAINED):
                explorer.set(loss=loss, cut=cut, lam=lam, codec=codec)
                assert title in explorer.plot.value
                drawings = (
                    arrows_drawing.arrow_map(explorer.result),
                    planes_drawing.planes(explorer.result),
                )
                for drawing in drawings:
                    ET.fromstring(drawing)
                    assert not re.search(r"\b(nan|inf)\b", drawing)
    explorer._reset.click()
    assert explorer.readout.summary == first
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == f"Arrows: {first}" and bundle["image/png"]
    ET.fromstring(f"<div>{explorer.plot.value}</div>")


def test_lambda_moves_only_d(explorer):
    explorer.lam = LAM
    low = explorer.result.parts
    explorer.lam = 2 * LAM
    high = explorer.result.parts
    for part in pulls.PARTS:
        assert high[part].r == low[part].r
        if low[part].d is not None:
            assert high[part].d == pytest.approx(2 * low[part].d)
    explorer.lam = LAM


def test_the_planes_angle_is_true():
    pull = pulls.pull(Gram(4.0, -1.0, 1.0), 1.0)
    drawing = planes_drawing._plane("steps", pull, 100.0)
    assert "steps: 120°" in drawing


def test_a_small_picture_and_a_tiny_one():
    image = images.sample("coffee")
    source = arrows.prepare(image[:45, :70])
    assert arrows.compute(source, LAM, BOTH, TRAINED, NOTHING).parts["g_a"].r > 0
    with pytest.raises(ValueError, match="20 x 20 pixels: every side needs 32"):
        arrows.prepare(image[:20, :20])


def test_a_flat_picture_has_numbers_too():
    source = arrows.prepare(np.full((64, 64, 3), 128, np.uint8))
    for codec in (TRAINED, UNTRAINED):
        view = arrows.draw(arrows.compute(source, LAM, BOTH, codec, NOTHING))
        assert "nan" not in view.plot + view.readout


# --- the exercises -----------------------------------------------------------------------


def test_encoder_gradient_right_and_right_in_a_square_only():
    right = exercises._back(lambda r, d, lam: r + lam * d)
    assert checks.verdict(exercises.encoder_gradient, right).startswith("Right. ")

    def turned(*arrays):
        return right(*arrays) if len(arrays[0]) == 6 else right(*arrays).T

    assert "Is it transposed?" in checks.verdict(exercises.encoder_gradient, turned)


HEARS = {
    "R": {"g_a": "alive", "steps": "alive", "prior": "alive", "g_s": "none"},
    "λ·D": {"g_a": "alive", "steps": "alive", "prior": "none", "g_s": "alive"},
    "R + 0·D": {"g_a": "alive", "steps": "alive", "prior": "alive", "g_s": "zero"},
}


def but(loss, part, word):
    return HEARS | {loss: HEARS[loss] | {part: word}}


def test_right_by_autograd_and_half_filled_is_not_done():
    assert exercises.by_autograd() == HEARS
    assert checks.verdict(exercises.who_hears, HEARS).startswith("Right. ")
    assert checks.verdict(exercises.mended, exercises.right_loss).startswith("Right. ")
    half = but("R + 0·D", "g_s", ...)
    assert checks.verdict(exercises.who_hears, half).startswith("Not done yet")


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (
            "encoder_gradient",
            lambda x, V, g_R, g_D, lam: (g_R + lam * g_D @ V) @ x,
            "First the gradient of y",
        ),
        ("encoder_gradient", lambda x, V, g_R, g_D, lam: g_R[:3], "W is (m, k)"),
        ("who_hears", but("R", "g_s", "alive"), "does one bit of the file change"),
        ("who_hears", but("R", "g_s", "zero"), "Is there a way"),
        ("who_hears", but("R", "prior", "none"), "on the way from x to the bits"),
        ("who_hears", but("R", "steps", "none"), "multiplied by it again"),
        ("who_hears", but("λ·D", "prior", "alive"), "inside the detach"),
        ("who_hears", but("λ·D", "g_a", "none"), "lets the gradient pass"),
        ("who_hears", but("R + 0·D", "g_s", "none"), "D does stand in this formula"),
        ("who_hears", but("R + 0·D", "g_s", "alive"), "0 times anything"),
        ("who_hears", but("R + 0·D", "prior", "zero"), "Which one does only D depend on"),
        ("who_hears", but("R", "g_a", "some"), "Each word is one of"),
        ("who_hears", but("R", "g_a", ["alive"]), "Each word is one of"),
        ("who_hears", {"R": HEARS["R"]}, "One prediction for each"),
        ("who_hears", HEARS | {"R": {"g_a": "alive"}}, "For each loss one word"),
        ("mended", lambda x, W, V, mean, sigma, lam: ((x @ W.T @ V.T - x) ** 2).mean(), "L itself"),
        ("mended", lambda *given: exercises.right_loss(*given).detach(), "hangs on no parameter"),
        ("mended", lambda *given: 3.0, "a tensor of one number"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_the_students_codec_leaves_the_encoder_as_it_was():
    """As the prose says: W gets None of R, zero of D; the mean hears of D."""
    _, (W, V, mean, sigma) = exercises.slopes(exercises._broken(False, exercises._all_inside))
    assert W.abs().max() < 1e-5 * V.abs().max() and sigma.any()
    _, (_, _, honest, _) = exercises.slopes(exercises.right_loss)
    assert not torch.allclose(mean, honest)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_slider_and_switches(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        figure = page.locator(".lic-explorer")
        lam = figure.get_by_role("slider", name="λ", exact=True)
        lam.wait_for()
        planes = figure.locator(".lic-readout .lic-plot svg[role=img]")
        arrow_map = figure.locator(".lic-side .lic-plot svg[role=img]")
        arrow_map.get_by_text("they meet at Q, and add up").wait_for()
        figure.evaluate("e => e.scrollIntoView()")
        top = lam.bounding_box()["y"]
        for drawing in (planes, arrow_map):  # with the side bar open, on one screen
            box = drawing.bounding_box()
            assert 0 < box["y"] - top and box["y"] + box["height"] - top < 520
        assert planes.bounding_box()["x"] < arrow_map.bounding_box()["x"] - 300  # side by side
        before = planes.inner_html()
        lam.focus()
        lam.press("End")
        page.wait_for_function(
            "before => document.querySelector('.lic-readout .lic-plot svg').innerHTML !== before",
            arg=before,
        )
        for button, title in (
            ("λ·D", "no way leads from D back to the prior"),
            ("R + λ·D", "they meet at Q, and add up"),
            ("the way to the prior", "R no longer reaches the encoder"),
            ("the way to g_s", "D no longer reaches the encoder"),
        ):
            figure.get_by_role("button", name=button, exact=True).click()
            arrow_map.get_by_text(title).wait_for()
        figure.get_by_role("button", name="Reset").click()
        arrow_map.get_by_text("they meet at Q, and add up").wait_for()
        before = figure.locator(".lic-readout table").inner_text()
        figure.get_by_role("combobox").select_option("rocket")
        page.wait_for_function(
            "before => document.querySelector('.lic-readout table').innerText !== before",
            arg=before,
        )
