"""Every mistake that an exercise knows, given to it as an answer, gets its own hint back."""

from importlib import import_module
from pathlib import Path

import pytest

import lic_teach
from lic_teach.course.a_real_jpeg import pieces
from lic_teach.kit import checks

ROOMS = [
    path.parent.name
    for path in sorted(Path(lic_teach.__file__).parent.glob("course/*/exercises.py"))
]
EXERCISES = [
    exercise
    for room in ROOMS
    for exercise in import_module(f"lic_teach.course.{room}.exercises").check.exercises
]
MISTAKES = [
    (exercise, hint, mistake)
    for exercise in EXERCISES
    for hint, mistake in getattr(exercise, "mistakes", ())
]


@pytest.mark.parametrize(
    "exercise, hint, mistake", MISTAKES, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_a_mistake_gets_its_own_hint(exercise, hint, mistake):
    verdict = checks.verdict(exercise, mistake)
    assert verdict.startswith("Not yet. ") and verdict.endswith(hint)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.__name__)
def test_no_number_is_never_the_right_one(exercise):
    for answer in (lambda *given: float("nan"), float("nan")):
        assert not checks.verdict(exercise, answer).startswith("Right. ")


PIECES = "to_ycbcr", "down", "dct_matrix", "quantize", "amplitude", "run_length", "dqt", "my_file"


@pytest.mark.parametrize("name", PIECES)
def test_the_packages_piece_answers_its_exercise(name):
    exercise = next(exercise for exercise in EXERCISES if exercise.__name__ == name)
    assert checks.verdict(exercise, getattr(pieces, name)).startswith("Right. ")
