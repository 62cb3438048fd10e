"""`python -m tools.bench.explorers`: every explorer is in it. No figure of time is asserted.

This test has two explorers of its own: one works up to eight, one not at all.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from lic_teach import contents
from lic_teach.course.backpropagation.graph import Graph
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, choice, encode_picture
from tests import lab
from tools.bench import explorers as bench
from tools.bench import screen

SOURCES = sorted(Path(__file__).parents[3].glob("lessons/src/*.py"))


class Small(Explorer):
    """Shows the whole photograph; one of its controls goes too far."""

    def compute(self, image, n, look):
        if n > 8:
            raise ValueError("more than eight")
        return n, image

    def draw(self, result):
        return View(encode_picture(result[1]), "<p>read</p>", "summary")

    def __init__(self, image="rocket", most=10):
        number = Slider(1, 1, most, label="Number")
        super().__init__(image, n=number, look=choice("Look", ["near", "far"]))


class Broken(Explorer):
    """Cannot be made."""

    def __init__(self):
        raise ValueError("no weights here")


def check_times(times):
    assert times and np.isfinite(times).all() and min(times) > 0


def test_the_explorers_are_those_of_the_lessons():
    found = bench.chosen([])
    texts = {source.stem[:2]: source.read_text(encoding="utf-8") for source in SOURCES}
    assert all(f"{kind.__name__}(" in texts[bench.lesson(kind)] for kind in found)
    assert len(found) > 20 and {Small, Broken}.isdisjoint(found)
    lessons = [bench.lesson(kind) for kind in found]
    assert lessons == sorted(lessons)
    assert set(texts) - set(lessons) == {contents.notebook("what_next").stem[:2]}  # it has none


@pytest.mark.weekly
def test_a_table_of_every_explorer(monkeypatch, capsys):
    """All controls of all explorers, one press each, in the kernel."""
    monkeypatch.setattr(lab, "no_browser", lambda: "not in this test")
    bench.run([], json=True, presses=1)
    out = capsys.readouterr()
    rows = json.loads(out.out)
    assert {row["explorer"] for row in rows} == {kind.__name__ for kind in bench.chosen([])}
    for row in rows:
        assert row["problem"] == "" and row["screen"] is None, row
        assert 0 < row["kernel"]["median_ms"] < np.inf and row["kernel"]["presses"] == 1, row
    pictures = {row["picture"] for row in rows if row["explorer"] == "Duel"}
    assert pictures == {"451 x 300", "512 x 512"}
    assert "Not measured on the screen: not in this test" in out.err


def test_what_does_not_work_is_named_in_words():
    rows = bench.measure_in_kernel([Small, Broken], presses=20)
    assert [(row.control, row.picture) for row in rows] == [
        ("Number", "640 x 427"),
        ("Look", "640 x 427"),
        ("Number", "512 x 512"),
        ("Look", "512 x 512"),
        ("", ""),
    ]
    assert [row.problem for row in rows] == [
        "more than eight",
        "",
        "more than eight",
        "",
        "no weights here",
    ]
    check_times(rows[1].kernel)
    assert len(rows[1].kernel) == 20 and rows[0].kernel == []
    text = bench.report([row._replace(lesson="42") for row in rows])
    assert "42 Broken" in text and "did not work: no weights here" in text


def test_a_press_that_changes_nothing_does_not_count():
    explorer = Graph()
    move = bench.moves(explorer)[0]
    assert len(bench.in_kernel(explorer, move._replace(values=[3]), 4)) == 0
    check_times(bench.in_kernel(explorer, move._replace(values=[3, 4]), 4))


def test_a_slider_goes_from_end_to_end_and_back_without_standing_still():
    for slider in (Slider(1, 1, 4), Slider(0.5, 0, 1, step=0.01), Slider(1, 0.1, 10, log=True)):
        values = []
        for value in bench.moves_of_slider(slider):
            slider.value = value
            values.append(slider.value)
        assert (min(values), max(values)) == (slider.minimum, slider.maximum) and len(values) > 3
        assert all(a != b for a, b in zip(values, [*values[1:], values[0]], strict=True))


def test_without_a_screen_the_kernel_is_measured_all_the_same(monkeypatch):
    def fail(rows, presses, rest):
        raise RuntimeError("JupyterLab did not start")

    monkeypatch.setattr(lab, "no_browser", lambda: "")
    monkeypatch.setattr(screen, "measure", fail)
    rows, why = bench.measure([Graph], 3)
    assert why == "JupyterLab did not start" and len(rows) == 5
    check_times(rows[0].kernel)


@pytest.mark.browser
def test_every_kind_of_control_is_pressed_on_the_screen_too(monkeypatch):
    monkeypatch.setattr(bench, "shows_whole", lambda explorer: False)  # each on its own picture
    names = ["DctBuilder", "ByteMicroscope", "Lag"]
    rows, why = bench.measure(bench.chosen(names), 2)
    assert why == "" and {row.kind for row in rows} == set(screen.PRESSES)
    for row in rows:
        assert row.problem == "" and row.kernel and row.screen, row
        check_times(row.kernel)
        check_times(row.screen)


def test_words_of_the_command():
    with pytest.raises(SystemExit) as stopped:
        bench.main(["Dual"])
    assert "no explorer 'Dual': there are Arrows, " in str(stopped.value)
