"""What next: the encoder that thinks, the exercises' hints, what the prose says."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from lic_teach import contents, images, learned, metrics
from lic_teach.course.what_next import exercises, thinking, thinking_drawing
from lic_teach.course.what_next.thinking import BEFORE, CHANGES, ORIGINAL, STEPS, Thinking
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from lic_teach.learned import rate, refine
from lic_teach.learned.quantize import to_code
from lic_teach.paths import DATA
from lic_teach.study import table
from tests.lab import chromium, jupyterlab, open_notebook, run_all

SVG = "{http://www.w3.org/2000/svg}"
LESSON = contents.notebook("what_next")


@pytest.fixture(scope="module")
def cat():
    """A small piece of the cat, so that thinking is quick."""
    return thinking.prepare(np.ascontiguousarray(images.sample("chelsea")[90:186, 150:262]))


# --- compute and draw --------------------------------------------------------------------


@pytest.mark.parametrize("lam", thinking.LAMS)
def test_every_step_is_a_file_that_decodes_to_what_is_shown(cat, lam):
    for steps in (0, 1, STEPS):
        result = thinking.compute(cat, steps, lam, CHANGES)
        coded = result.thought.steps[steps].coded
        assert result.lam == float(lam) and len(result.thought.steps) == STEPS + 1
        np.testing.assert_array_equal(coded.x_hat, learned.decode(coded.data, learned.load()))
        assert coded.bpp == 8 * len(coded.data) / (96 * 112)
        assert coded.data == learned.encode(cat.image, learned.load(), float(lam), refine=steps)


@pytest.mark.parametrize("lam", thinking.LAMS)
def test_thinking_lowers_L_and_leaves_the_curve(cat, lam):
    thought = thinking.compute(cat, 0, lam, CHANGES).thought
    costs = [step.coded.cost(float(lam)) for step in thought.steps]
    assert costs[-1] < 0.98 * costs[0]
    word = 8 * 4 / (96 * 112)  # a file grows by words of four bytes
    assert all(after < before + word for before, after in pairwise(costs))
    after = thought.steps[-1].coded
    assert all(c.cost(float(lam)) > costs[-1] for c in thought.curve)
    assert exercises.saved([(c.bpp, c.psnr) for c in thought.curve], (after.bpp, after.psnr)) > 2


def test_changes_are_counted_where_they_are(cat):
    result = thinking.compute(cat, 3, "0.01", CHANGES)
    *_, (latents, _) = refine.search(cat.image, cat.y, learned.load(), 0.01, 3)
    moved = latents != cat.y
    now = result.thought.steps[3]
    np.testing.assert_array_equal(now.changed, moved.sum(0))
    step = learned.load().step(learned.load().position(to_code(0.01)).float())[0].numpy()
    np.testing.assert_allclose(np.abs((latents - cat.y) / step)[moved], 1, rtol=1e-3)
    assert 0 < now.smaller < now.changed.sum()
    assert result.thought.steps[0].changed.sum() == 0
    assert f"{now.changed.sum():,} latents are rounded the other way" in thinking.words(now)


def test_the_map_is_blue_where_latents_changed_and_grey_elsewhere():
    image = np.full((20, 24, 3), (200, 100, 50), np.uint8)
    changed = np.zeros((3, 3), int)
    changed[1, 2], changed[2, 0] = 1, 9
    drawn = thinking_drawing.changes(image, changed).astype(int)
    assert drawn.shape == image.shape
    grey = np.ptp(drawn, axis=2) == 0
    np.testing.assert_array_equal(grey[::8, ::8], changed == 0)
    assert drawn[16, 0, 0] < drawn[8, 16, 0] < drawn[0, 0, 0]  # more changes, darker


@pytest.mark.parametrize("at", [0, 4, STEPS])
def test_the_plot_shows_the_steps_so_far_to_scale(cat, at):
    result = thinking.compute(cat, at, "0.01", CHANGES)
    plot = ET.fromstring(thinking_drawing.plot(result))
    assert len(list(plot.iter(SVG + "circle"))) == 2 * (at + 1)
    costs = [step.coded.cost(0.01) for step in result.thought.steps]
    assert f"Step {at}: L is {100 * (1 - costs[at] / costs[0]):.1f} % lower" in "".join(
        plot.itertext()
    )
    marks = [float(mark.get("y")) for mark in plot.iter(SVG + "rect")]
    assert len(marks) == 2
    (low, high), coded = thinking_drawing.limits(result, costs)[1], result.thought.steps[at].coded
    top, bottom = thinking_drawing.UPPER
    expected = bottom - (bottom - top) * (coded.psnr - low) / (high - low)
    assert marks[0] + 5.5 == pytest.approx(expected, abs=0.06)


def test_the_dashed_line_has_the_L_of_the_start(cat):
    thought = thinking.compute(cat, 0, "0.01", CHANGES).thought
    first = thought.steps[0].coded
    costs = [first.cost(0.01)]
    for bpp in (0.8 * first.bpp, first.bpp):
        mse = 255**2 / 10 ** (thinking_drawing.equal(bpp, costs, 0.01) / 10)
        assert bpp + 0.01 * mse == pytest.approx(costs[0])
    assert thinking_drawing.equal(first.bpp, costs, 0.01) == pytest.approx(first.psnr)


def test_left_of_the_line(cat):
    for beside, expected in (
        (BEFORE, lambda r: r.thought.steps[0].coded.x_hat),
        (ORIGINAL, lambda r: r.source.image),
    ):
        result = thinking.compute(cat, 5, "0.01", beside)
        view = thinking.draw(result)
        np.testing.assert_array_equal(decode_picture(view.picture[0]), expected(result))
        now = result.thought.steps[5].coded
        np.testing.assert_array_equal(decode_picture(view.picture[1]), now.x_hat)
        ET.fromstring(f"<div>{view.readout}</div>")
        assert f"<td>{now.size:,}</td>" in view.readout


@pytest.mark.parametrize("shape", [(1, 1, 3), (13, 50, 3)])
@pytest.mark.parametrize("grey", [0, 200])
def test_small_and_flat_pictures(shape, grey):
    explorer = Thinking(np.full(shape, grey, np.uint8))
    explorer.set(steps=3, lam="0.05", beside=BEFORE)
    assert "3 steps of thinking" in explorer.readout.summary
    ET.fromstring(explorer.plot.value)


def test_shell_says_that_it_thinks_once_a_lambda(cat, monkeypatch):
    explorer = Thinking(cat.image)
    first, said = explorer.readout.summary, []
    explorer.readout.observe(lambda change: said.append(change.new), "summary")
    monkeypatch.setattr(thinking, "think", counted := Counted(thinking.think))
    explorer.lam = "0.05"
    assert said[0] == "thinking" and said[-1].startswith("lambda 0.05, 10 steps of thinking:")
    explorer.steps = 1
    assert said[-1].startswith("lambda 0.05, 1 step of thinking:") and counted.calls == 1
    explorer._reset.click()
    assert explorer.readout.summary == first and counted.calls == 1
    assert said.count("thinking") == 1
    explorer.beside = ORIGINAL
    assert explorer.picture.names == (ORIGINAL, "after thinking")
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == f"Thinking: {explorer.readout.summary}" and "image/png" in bundle


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.function(*arguments)


# --- the exercises -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("second_thought", lambda y, bits, price: 5, "neither of the two"),
        ("second_thought", lambda y, bits, price: float(round(y)), "an int"),
        (
            "second_thought",
            lambda y, bits, price: exercises.chosen(y, bits, 2 * price),
            "which is smaller?",
        ),
        ("bits_saved", lambda curve, point: 50.0, "Which rate has the curve"),
        ("bits_saved", lambda curve, point: np.nan, "Which rate has the curve"),
        ("plan", dict.fromkeys(exercises.RIGHT, "A"), "pictures"),
        ("plan", dict.fromkeys(exercises.RIGHT, "A"), "6 of 6 need another thought"),
        ("plan", exercises.RIGHT | {"rate": "d"}, "a, b or c"),
        ("plan", {"rate": "c"}, "with the keys"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict


def test_second_thought_agrees_with_a_search_over_all_numbers():
    """Where the price is high, the best of all whole numbers is one of the two nearest."""
    for y in exercises.LATENTS:
        best = min(range(-5, 6), key=lambda n: exercises.spent(n) + 40 * (y - n) ** 2)
        assert exercises.chosen(y, exercises.spent, 40.0) == best


def test_what_the_solution_says_of_0_9():
    L = {n: exercises.spent(n) + 3 * (0.9 - n) ** 2 for n in (0, 1)}
    assert L[0] < L[1] and exercises.chosen(0.9, exercises.spent, 3.0) == 0
    assert exercises.spent(1) - exercises.spent(0) == 2.5
    assert 0.9**2 - 0.1**2 == pytest.approx(0.8) and 3 * 0.8 == pytest.approx(2.4)


def test_bits_saved_is_what_bd_rate_averages():
    """A curve with a fifth fewer bits everywhere: both must say 20 percent."""
    curve, _ = exercises.CURVES[0]
    shifted = [(0.8 * bpp, psnr) for bpp, psnr in curve]
    assert metrics.bd_rate(curve, shifted) == pytest.approx(-20)
    for point in shifted:
        assert exercises.saved(curve, point) == pytest.approx(20)


def test_plan_has_a_hint_for_every_wrong_letter():
    wrong = [{k: w} for k, right in exercises.RIGHT.items() for w in "abc" if w != right]
    known = [answer for _, answer in exercises.plan.mistakes]
    assert len(known) == len(wrong) and all(exercises.RIGHT | each in known for each in wrong)
    assert "Not done yet" in checks.verdict(exercises.plan, exercises.RIGHT | {"rate": ...})


# --- what the prose says -----------------------------------------------------------------


def test_each_rung_is_better_than_the_one_before():
    rungs = ("fixed", "factorized", "mixture", "hyper", "context", "context_refined")
    studies = [table.read(DATA / f"rd/kodak_learned_{rung}.json") for rung in rungs]
    curves = [table.psnr_curve(study) for study in studies]
    jpeg = table.psnr_curve(table.read(DATA / "rd/kodak_jpeg.json"))
    gains = [metrics.bd_rate(*pair, table.WINDOW) for pair in pairwise(curves)]
    over_jpeg = [metrics.bd_rate(jpeg, curve, table.WINDOW) for curve in curves]
    assert max(gains) < -3 and all(-10 < gain < -5 for gain in gains[3:])  # the last two alike
    assert over_jpeg[0] > 100 and max(over_jpeg[1:]) < 0  # JPEG wins against N(0, 1) alone
    assert gains[2] == min(gains[1:])  # after the widths, side information is the largest step
    assert over_jpeg[4] == pytest.approx(-48, abs=3)  # about half of JPEG's bits


@pytest.mark.parametrize("name", images.SAMPLES)
@pytest.mark.parametrize("lam", [0.003, 0.01, 0.03])
def test_side_information_and_context_at_other_lambdas(name, lam):
    model = learned.load()
    y = learned.analyse(images.sample(name), model)
    _, bits, side = rate.count(y, model, to_code(lam))
    total = bits.sum() + side
    assert 0.04 < side / total < 0.2
    elsewhere = np.roll(y, (y.shape[1] // 2, y.shape[2] // 2), (1, 2))
    _, wrong, wrong_side = rate.count(y, model, to_code(lam), first=elsewhere)
    assert wrong.sum() + wrong_side > 1.3 * total
    white = np.add.outer(np.arange(y.shape[1]), np.arange(y.shape[2])) % 2 == 0
    spent = bits.sum(0)
    assert 0.6 < spent[~white].mean() / spent[white].mean() < 0.9


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_encoder_thinks():
    with jupyterlab([LESSON]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        explorer = page.locator(".lic-explorer")
        steps = explorer.get_by_role("slider", name="Steps of thinking", exact=True)
        steps.scroll_into_view_if_needed()
        steps.focus()
        steps.press("Home")
        explorer.get_by_text("Step 0: L is 0.0 % lower").wait_for()
        steps.press("ArrowRight")
        explorer.get_by_text("Step 1: L is").wait_for()
        explorer.get_by_text("latents are rounded the other way").wait_for()
        assert steps.get_attribute("aria-valuetext").startswith("Steps of thinking 1")
        explorer.get_by_role("button", name=ORIGINAL, exact=True).click()
        explorer.get_by_text("after thinking").first.wait_for()
        explorer.get_by_role("button", name="Reset").click()
        explorer.get_by_text(f"Step {STEPS}: L is").wait_for()
