"""The checks behind the exercises: one file a room, all on the functions below.

A lesson says `from lic_teach.course.start_here.exercises import check`, the learner fills in a cell
that ends in `check("psnr", my_psnr)`, and reads at once what is right and what is not.

An exercise is a function of the answer, and its name is the exercise's name. It returns a
sentence of praise, or raises Wrong with a hint that fits the mistake it found, and never says
the answer:

    def area(answer):
        found = answer(2, 3)
        if found == 5:
            raise Wrong("5 is 2 + 3: half the way round the rectangle, not what it covers.")
        if found != 6:
            raise Wrong(f"A rectangle of 2 by 3 covers something else than {found}.")
        return "It covers 6."

    check = checks(area)

What is recognised is said once, as a wrong answer beside its hint (`knows`, `hint`), and
tests/test_mistakes.py gives every one of them to its exercise:

    @knows({"5 is 2 + 3: half the way round.": lambda a, b: a + b}, otherwise="Not what it covers.")
    def area(answer):
        found = answer(2, 3)
        if found != 6:
            raise Wrong(hint(area, found, 2, 3))
        return "It covers 6."

Where an answer holds no `...` to be filled in, the exercise raises NotDone itself.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from numbers import Real

import numpy as np

from lic_teach.kit import mine


class Wrong(Exception):
    """The answer is not right; the message is a hint."""


class NotDone(Exception):
    """The answer is still as the lesson left it."""


def checks(*exercises: Callable) -> Callable:
    """Exercise functions -> the lesson's check(name, answer), which prints the verdict.

    A right answer goes into the learner's mine.py.
    """
    by_name = {exercise.__name__: exercise for exercise in exercises}

    def check(name, answer=None):
        """Say how this answer to the exercise of that name does."""
        if name not in by_name:
            raise ValueError(f"no exercise {name!r} in this lesson: {', '.join(by_name)}")
        print(said := verdict(by_name[name], answer))
        if said.startswith("Right. ") and (kept := mine.keep(name, answer)):
            print(kept)

    check.exercises = exercises  # for the tests
    return check


def hint(
    exercise: Callable,
    found: object,
    *case,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    of: Callable = lambda answer: answer,
) -> str:
    """What to say of a wrong answer: the hint of the mistake that gives the same here.

    exercise.mistakes: (hint, wrong answer), the commonest first; a test gives each of them to
    the exercise, and wants its own hint back. exercise.otherwise: of an answer like none of them;
    where that is "", the exercise says it itself: hint(...) or f"...".
    rtol, atol: as coarse as the exercise is with right answers. of: what of both is compared.
    """
    for words, mistake in exercise.mistakes:
        wrong = mistake(*case) if callable(mistake) else mistake
        if _alike(of(found), of(wrong), rtol, atol):
            return words
    return exercise.otherwise


def _alike(found, wrong, rtol, atol):
    if isinstance(wrong, dict | str | bytes):
        return found == wrong
    return np.shape(found) == np.shape(wrong) and np.allclose(found, wrong, rtol, atol)


def one_number(found: object, where: str = "", asked: str = "One number is asked for") -> float:
    """The one number that was asked for, of whatever kind: Python's, NumPy's, a tensor's.

    Wrong, in words that begin with `where`, the case that was tried: several numbers, or what is
    none, as words are ("12" is no number). It may be infinite, or nan.
    """
    if isinstance(found, list | tuple) or np.ndim(found):
        count = len(found) if isinstance(found, list | tuple) else np.size(np.asarray(found))
        raise Wrong(f"{where}{asked}, you return {count:,}.")
    value = getattr(found, "item", lambda: found)()  # of numpy or torch
    if not isinstance(value, Real | Decimal):
        raise Wrong(f"{where}{asked}, yours is of the type {type(found).__name__}.")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def number(found: object, where: str = "") -> float:
    """one_number, and a finite one."""
    value = one_number(found, where, "One finite number is asked for")
    if not math.isfinite(value):
        raise Wrong(f"{where}One finite number is asked for, not {value}.".replace("-", "−"))
    return value


def nearly(found: float, right: float) -> str:
    """What to say of a right number that was rounded, to whole numbers or to digits; else "".

    >>> nearly(0.36, 0.3635), nearly(553, 553.98), nearly(0.37, 0.3635)
    ('Nearly. Leave it unrounded.', 'Nearly. Leave it unrounded.', '')
    """
    ways = [math.floor(right), math.ceil(right), *(round(right, digits) for digits in range(7))]
    near = abs(found - right) < max(0.1 * abs(right), 5e-4)
    same = any(math.isclose(found, way, rel_tol=1e-9, abs_tol=1e-12) for way in ways)
    return "Nearly. Leave it unrounded." if near and same else ""


def knows(mistakes: dict[str, object], otherwise: str = "") -> Callable:
    """Decorator of an exercise: the mistakes that it recognises, {hint: wrong answer}.

    A wrong answer is a function where a function is asked for, and else a value. Several with
    one hint stand in a list.
    """
    pairs = [
        (words, wrong)
        for words, each in mistakes.items()
        for wrong in (each if isinstance(each, list) else [each])
    ]

    def mark(exercise):
        exercise.mistakes, exercise.otherwise = pairs, otherwise
        return exercise

    return mark


def verdict(exercise: Callable, answer: object) -> str:
    """One text: "Right. ...", "Not yet. ..." with a hint, or "Not done yet. ..."."""
    given = [answer]  # all that came from the learner, the newest last
    try:
        return f"Right. {exercise(_attempt(_filled(answer), given))}"
    except NotDone:
        return "Not done yet. Fill in the cell above and run it again."
    except Wrong as hint:
        return f"Not yet. {hint}"
    except Exception as error:  # an answer of a kind that this check does not know
        kind = type(given[-1]).__name__
        return f"Not yet. An answer of the type {kind} does not fit here{_why(error, answer)}."


def _why(error, answer):
    """Of an exception in a check: what helps a learner, from the colon on."""
    if isinstance(error, TypeError) and "not callable" in str(error) and not callable(answer):
        return ": a function is asked for. Write its name alone, without parentheses"
    ours = type(error).__module__.startswith("lic_teach")  # others speak of Python's inside
    return f": {error}".rstrip(".") if ours else ""


def _attempt(answer, given):
    """A learner's function, watched: nothing returned is not done, an exception is a hint."""
    if not callable(answer):
        return answer

    def watched(*arguments):
        try:
            result = answer(*arguments)
        except Exception as error:
            name, kind = getattr(answer, "__name__", "Your function"), type(error).__name__
            raise Wrong(f"{name} stopped with {kind}: {error}") from error
        given.append(result)
        if result is None and _has_lines(answer):
            name = getattr(answer, "__name__", "Your function")
            raise Wrong(f"{name} returns nothing. Is the return missing at its end?")
        return _filled(result)

    return watched


def _has_lines(function):
    """Whether there is more in it than a docstring and comments."""

    def empty():
        """Nothing yet."""

    code = getattr(function, "__code__", empty.__code__).co_code
    return len(code) > len(empty.__code__.co_code)


def _filled(value):
    """The value itself; not done if it is None or ..., or holds one of them."""
    parts = value.values() if isinstance(value, dict) else value
    inside = list(parts) if isinstance(value, dict | list | tuple) else []
    if any(part is None or part is ... for part in [value, *inside]):
        raise NotDone
    return value
