"""The minutes of a lesson's core, on a notebook that can be counted by hand."""

import nbformat
import pytest
from nbformat import v4

from lic_teach import contents
from tools import minutes

MOST = {"start_here": 25, "only_the_decoder": 40, "learned_codec": 40}  # minutes; 30 elsewhere


def picture(words):
    return v4.new_output("display_data", {"image/png": "", "text/plain": words})


def notebook(end=minutes.END):
    folded = {"jupyter": {"source_hidden": True}}
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("word " * 299 + "[last](dct.html) $$x + y + z$$"),
            v4.new_code_cell("plot = 1\n" * 100, metadata=folded, outputs=[picture("<Figure>")]),
            v4.new_code_cell("# what it is\na = 1\n\nb = 2", outputs=[picture("Duel: 29 dB")]),
            v4.new_code_cell('check("dct", mine)', outputs=[picture("A drawing: its words")]),
            v4.new_markdown_cell(
                f"<details><summary>no</summary>{'word ' * 999}</details> **{end}** more"
            ),
            v4.new_code_cell("depth = 1\n" * 50, outputs=[picture("<Figure>")]),
        ]
    )


def test_the_core_is_counted_by_the_rule_of_the_course_up_to_its_end():
    core = minutes.core(notebook())
    assert core == (300, 3, 1, 1, 2, True)
    assert core.minutes == pytest.approx(300 / 150 + 3 / 10 + 6 + 5 + 2 * 0.5)


def test_a_lesson_without_an_end_is_all_core():
    core = minutes.core(notebook("Go on."))
    assert core == (303, 53, 1, 1, 3, False)


@pytest.mark.parametrize("subject", [lesson.subject for lesson in contents.lessons()])
def test_a_core_that_ends_keeps_its_minutes(subject):
    core = minutes.core(nbformat.read(contents.notebook(subject), as_version=4))
    if core.ended:  # the lessons that have no core yet are read whole
        assert core.minutes <= MOST.get(subject, 30) + 0.5, core
