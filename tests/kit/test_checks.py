"""Every exercise of every lesson: its solution passes, unfilled it waits, mistakes get a hint.

The solutions are read out of the lessons' text, where they fold open under the exercise: the
code cell that ends in check("name", answer), and the fenced code of the next cell.
"""

import ast
import importlib
import re
from pathlib import Path
from typing import NamedTuple

import jupytext
import numpy as np
import pytest

from lic_teach import images, metrics
from lic_teach.course.start_here import exercises
from lic_teach.kit import checks

SOURCES = sorted(Path(__file__).parents[2].glob("lessons/src/*.py"))


class Exercise(NamedTuple):
    lesson: str  # "00_start_here"
    name: str
    answer: str  # the expression that is checked
    cell: str  # as the learner finds it
    solution: str
    imports: str  # of all the lesson's cells up to here

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
    return isinstance(node, ast.Import | ast.ImportFrom)


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


def test_check_prints_the_verdict_and_knows_its_exercises(capsys):
    check = checks.checks(double)
    assert check("double", lambda x: 2 * x) is None
    assert capsys.readouterr().out == "Right. Doubled.\n"
    with pytest.raises(ValueError, match="no exercise 'treble' in this lesson: double"):
        check("treble", None)


# --- wrong answers, lesson by lesson -----------------------------------------------------


def squared(x, x_hat):
    return np.mean((x.astype(float) - x_hat) ** 2)


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda x, y: 10 * np.log10(255**2 / np.mean((x - y).astype(float) ** 2)), "254 in uint8"),
        (lambda x, y: 10 * np.log10(255**2 / np.mean((x - y) ** 2)), "wrap around"),
        (lambda x, y: 10 * np.log10(squared(x, y) / 255**2), "falls as the picture gets better"),
        (squared, "That is the MSE"),
        (lambda x, y: np.log10(255**2 / squared(x, y)), "tenth of a bel"),
        (lambda x, y: 10 * np.log(255**2 / squared(x, y)), "Which logarithm"),
        (lambda x, y: 10 * np.log10(255 / squared(x, y)), "squared too"),
        (lambda x, y: 10 * np.log10(float(x.max()) ** 2 / squared(x, y)), "in any picture"),
        (lambda x, y: 10 * np.log10(1 / squared(x, y)), "peak is missing"),
        (lambda x, y: 20 * np.log10(255**2 / squared(x, y)), "Twice too much"),
        (lambda x, y: 10 * np.log10(255 / squared(x, y) ** 0.5), "Half of it"),
        (lambda x, y: 10 * np.log10(256**2 / squared(x, y)), "not the largest of them"),
        (lambda x, y: 10 * np.log10(255**2 / abs(x.astype(float) - y).mean()), "Square them first"),
        (lambda x, y: 10 * np.log10(255**2 / squared(x, y) / 3), "three samples"),
        (lambda x, y: 10 * np.log10(255**2 / squared(x, y) / x.size), "MSE is their mean"),
        (lambda x, y: round(metrics.psnr(x, y), 2), "That is rounded"),
        (lambda x, y: (x.astype(float) - y) ** 2, "One number is asked for"),
        (lambda x, y: 17.0, "does not fit"),
    ],
)
def test_00_psnr_hints(answer, hint):
    verdict = checks.verdict(exercises.psnr, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict


def test_00_psnr_hints_never_say_the_answer():
    x = images.sample("chelsea")
    x_hat = np.clip(x + np.random.default_rng(0).integers(-30, 31, x.shape), 0, 255)
    right = metrics.psnr(x, x_hat.astype(np.uint8))
    assert f"{right:.1f}" not in checks.verdict(exercises.psnr, lambda x, y: 17.0)


@pytest.mark.parametrize(
    "r, d, psnr, hint",
    [
        ("up", "down", "rises", "two words"),
        ("up", "down", "down", "cannot move together"),
        ("up", "up", "down", "No codec would choose"),
        ("down", "up", "down", "whose price rises"),
    ],
)
def test_00_direction_hints(r, d, psnr, hint):
    verdict = checks.verdict(exercises.direction, {"R": r, "D": d, "PSNR": psnr})
    assert verdict.startswith("Not yet. ") and hint in verdict
