"""Every exercise of every lesson: its solution passes, unfilled it waits, mistakes get a hint.

The solutions are read out of the lessons' text, where they fold open under the exercise: the
code cell that ends in check("name", answer), and the fenced code of the next cell.
"""

import ast
import importlib
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import jupytext
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lic_teach import jpeg
from lic_teach.kit import checks

SOURCES = sorted(Path(__file__).parents[2].glob("lessons/src/*.py"))


class Exercise(NamedTuple):
    lesson: str  # the name of its source
    name: str
    answer: str  # the expression that is checked
    cell: str  # as the learner finds it
    solution: str
    imports: str  # of all the lesson's cells up to here, and their functions

    def judged(self, code):
        """The verdict on the answer that this code defines."""
        namespace = {}
        exec(self.imports, namespace)
        exec(code, namespace)
        module = importlib.import_module(f"lic_teach.course.{self.lesson[3:]}.exercises")
        return checks.verdict(getattr(module, self.name), eval(self.answer, namespace))


def exercises_of(source):
    """All exercises of one lesson's source."""
    cells = jupytext.read(source, fmt="py:percent").cells
    imports, waiting = "", []
    for cell in cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            imports += "".join(ast.unparse(n) + "\n" for n in tree.body if is_import(n))
            waiting += [
                (ast.literal_eval(call.args[0]), ast.unparse(call.args[1]), without_checks(tree))
                for call in ast.walk(tree)
                if is_check(call)
            ]
        elif waiting and "<details>" in cell.source:
            solution = "\n".join(re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL))
            for name, answer, code in waiting:
                yield Exercise(source.stem, name, answer, code, solution, imports)
            waiting = []
    assert not waiting, f"{source.name}: no solution under {[name for name, *_ in waiting]}"


def is_import(node):
    """Imports, functions, and pieces of the learner's own: what solutions build on."""
    own = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    own = own and ast.unparse(node.value.func) == "mine.get"
    return own or isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)


def is_check(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check"


def without_checks(tree):
    kept = [n for n in tree.body if not (isinstance(n, ast.Expr) and is_check(n.value))]
    return "\n".join(ast.unparse(node) for node in kept)


ALL = [pytest.param(e, id=f"{e.lesson[:2]}-{e.name}") for s in SOURCES for e in exercises_of(s)]


@pytest.mark.parametrize("exercise", ALL)
def test_the_solution_under_the_exercise_is_right(exercise):
    verdict = exercise.judged(exercise.solution)
    assert verdict.startswith("Right. "), verdict


@pytest.mark.parametrize("exercise", ALL)
def test_an_unfilled_exercise_is_not_done_yet(exercise):
    assert exercise.judged(exercise.cell).startswith("Not done yet.")


def test_every_lesson_has_exercises():
    assert SOURCES
    assert {e.values[0].lesson for e in ALL} == {source.stem for source in SOURCES}


# --- the base ----------------------------------------------------------------------------


def double(answer):
    if answer(2) != 4:
        raise checks.Wrong("Two of them, not one more.")
    return "Doubled."


@pytest.mark.parametrize(
    "answer, verdict",
    [
        (None, "Not done yet."),
        (..., "Not done yet."),
        (lambda x: None, "Not done yet."),
        (lambda x: ..., "Not done yet."),
        (lambda x: [..., 1], "Not done yet."),
        (lambda x: 2 * x, "Right. Doubled."),
        (lambda x: 2 + x - 1, "Not yet. Two of them, not one more."),
        (lambda x: x / 0, "Not yet. <lambda> stopped with ZeroDivisionError"),
        (4, "Not yet. An answer of the type int does not fit here"),
    ],
)
def test_verdict(answer, verdict):
    assert checks.verdict(double, answer).startswith(verdict)


def prints_instead(x):
    """Twice x."""
    print(2 * x)


def still_empty(x):
    """Twice x."""
    # your lines here


def test_a_forgotten_return_is_told_from_a_cell_that_is_not_done(capsys):
    said = checks.verdict(double, prints_instead)
    assert said == "Not yet. prints_instead returns nothing. Is the return missing at its end?"
    assert checks.verdict(double, still_empty).startswith("Not done yet.")


@pytest.mark.parametrize(
    "found, value",
    [
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.array(2), 2.0),
        (torch.tensor(1.5, requires_grad=True), 1.5),
        (Fraction(1, 4), 0.25),
        (Decimal("0.25"), 0.25),
    ],
)
def test_number_takes_all_kinds_of_one(found, value):
    assert checks.number(found) == value


@pytest.mark.parametrize(
    "found, words",
    [
        ("1.5", "yours is of the type str"),
        ({}, "yours is of the type dict"),
        ([1.5], "you return 1"),
        ([[1], [2, 3]], "you return 2"),
        (1 + 2j, "yours is of the type complex"),
        (np.ones(600), "you return 600"),
        (torch.ones(2, 3), "you return 6"),
        (np.array(["a", None], object), "you return 2"),
        (np.float64("nan"), "not nan"),
        (-np.inf, "not −inf"),
        (10**400, "not inf"),
    ],
)
def test_number_says_what_else_it_got(found, words):
    with pytest.raises(checks.Wrong) as said:
        checks.number(found, "λ = 1: ")
    assert str(said.value).startswith("λ = 1: One finite number is asked for")
    assert str(said.value).rstrip(".").endswith(words)


@given(st.floats(-1e4, 1e4).filter(lambda x: abs(x) > 0.1), st.integers(0, 6))
def test_nearly_knows_what_was_rounded_and_nothing_else(right, digits):
    rounded = round(right, digits)
    near = abs(rounded - right) < 0.09 * abs(right)
    assert not near or checks.nearly(rounded, right)
    assert not checks.nearly(1.2 * right, right)


def is_two(answer):
    if np.subtract(answer(1), 1.0) != 1:
        raise checks.Wrong("Not 2.")
    return "2."


@pytest.mark.parametrize(
    "answer, verdict",
    [
        (4, "int does not fit here: a function is asked for. Write its name alone, without"),
        ("area", "str does not fit here: a function is asked for"),
        (lambda x: "2", "An answer of the type str does not fit here."),
        (lambda x: int("two"), "stopped with ValueError: invalid literal"),
    ],
)
def test_an_answer_of_a_wrong_kind_is_told_in_words(answer, verdict):
    said = checks.verdict(is_two, answer)
    assert verdict in said and "ufunc" not in said and "callable" not in said, said


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: {"two": 2},
        lambda x: (n for n in [2]),
        lambda x: [[1], [2, 3]],
        lambda x: "two",
    ],
)
def test_what_a_check_stumbles_over_inside_is_not_said(wrong):
    def exercise(answer):
        return f"{float(np.asarray(answer(1)) - 1.0):.1f}."

    kind = type(wrong(1)).__name__
    assert (
        checks.verdict(exercise, wrong)
        == f"Not yet. An answer of the type {kind} does not fit here."
    )


def test_what_the_package_says_of_a_file_is_said():
    def exercise(answer):
        return str(jpeg.decode(answer()))

    said = checks.verdict(exercise, lambda: b"no file")
    assert "at byte 0: a JPEG begins with FF D8" in said


@pytest.mark.parametrize(
    "found", [2, 2.0, True, np.float32(2), np.int64(2), np.array(2), torch.tensor(2.0), Fraction(2)]
)
def test_one_number_may_be_of_many_types(found):
    assert checks.one_number(found) in (2, 1) and type(checks.one_number(found)) is float


@pytest.mark.parametrize(
    "found, words",
    [
        ("2", "yours is of the type str"),
        (2j, "yours is of the type complex"),
        ({}, "yours is of the type dict"),
        ([2], "you return 1."),
        ((2, 3), "you return 2."),
        ([[1], [2, 3]], "you return 2."),
        (np.zeros((30, 40)), "you return 1,200."),
        (torch.zeros(3), "you return 3."),
        (len, "yours is of the type builtin"),
    ],
)
def test_one_number_is_told_from_all_else(found, words):
    with pytest.raises(checks.Wrong, match=words):
        checks.one_number(found)


def test_check_prints_the_verdict_and_knows_its_exercises(capsys):
    check = checks.checks(double)
    assert check("double", lambda x: 2 * x) is None
    assert capsys.readouterr().out == "Right. Doubled.\n"
    with pytest.raises(ValueError, match="no exercise 'treble' in this lesson: double"):
        check("treble", None)
