"""Six of Kodak's photographs, overfitted: what a mean over them is, and what was measured."""

import warnings

import bjontegaard
import numpy as np
import pytest

from lic_teach.paths import DATA
from lic_teach.study import table
from tests.lessons import prose
from tools import overfit_kodak


def kodak(name):
    return table.read(DATA / "rd" / f"kodak_{name}.json")


def of_six(study, settings=slice(None)):
    """The part of a Kodak study that is of every fourth picture."""
    points = [
        {metric: float(np.mean(point["per_image"][metric][::4])) for metric in ("psnr", "bpp")}
        for point in study["points"][settings]
    ]
    return {"images": study["images"][::4], "points": points}


def test_a_saving_is_the_bd_rate_of_the_mean_curves_by_pchip():
    anchor = kodak("jpeg")
    inside = [
        i for i, p in enumerate(of_six(kodak("learned_hours"))["points"]) if 29.5 < p["psnr"] < 36
    ]
    study = of_six(kodak("learned_hours"), slice(inside[0], inside[-1] + 1))
    percent, (low, high) = overfit_kodak.saving(study, anchor)
    mine, theirs = (
        np.array(sorted((p["psnr"], p["bpp"]) for p in s["points"])).T
        for s in (study, of_six(anchor))
    )
    assert (low, high) == (mine[0, 0], mine[0, -1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a small overlap
        wanted = bjontegaard.bd_rate(
            *(theirs[1], theirs[0], mine[1], mine[0]), "pchip", False, min_overlap=0
        )
    assert percent == pytest.approx(wanted, abs=1e-6)


def test_a_study_of_all_has_the_saving_of_the_table():
    study, anchor = kodak("learned_hours"), kodak("jpeg")
    percent, window = overfit_kodak.saving(study, anchor)
    assert window == table.WINDOW
    assert percent == pytest.approx(table.bd_table([study], anchor)[0]["psnr"], abs=0.1)


def test_lesson_one_picture_quotes_the_study_of_six():
    study = table.read(overfit_kodak.FILE)
    assert study["images"] == kodak("jpeg")["images"][::4]
    assert study["options"]["steps"] == overfit_kodak.STEPS
    assert [point["setting"] for point in study["points"]] == list(overfit_kodak.LAMS)
    found = {
        n: overfit_kodak.saving(study, kodak(n)) for n in ("jpeg", "jpeg_lam", "learned_hours")
    }
    fewer = [round(-percent) for percent, _ in found.values()]
    low, high = found["jpeg"][1]
    text = prose("one_picture")
    assert f"From {low:g} to {high:.1f} dB it takes {fewer[0]} % fewer bits than JPEG," in text
    assert f"{fewer[1]} % fewer than JPEG by λ, and {fewer[2]} % fewer than this course" in text
