"""What next: the hints of its exercise, what the prose says."""

from itertools import pairwise

import numpy as np
import pytest

from lic_teach import images, learned, metrics
from lic_teach.course.what_next import exercises
from lic_teach.kit import checks
from lic_teach.learned import rate
from lic_teach.learned.quantize import to_code
from lic_teach.paths import DATA
from lic_teach.study import table

# --- the exercise ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("plan", dict.fromkeys(exercises.RIGHT, "A"), "pictures"),
        ("plan", dict.fromkeys(exercises.RIGHT, "A"), "6 of 6 need another thought"),
        ("plan", exercises.RIGHT | {"rate": "d"}, "a, b or c"),
        ("plan", {"rate": "c"}, "with the keys"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict


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
