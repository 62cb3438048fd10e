"""Checks: what two numbers share, what bending does to an error, beating the KLT."""

from functools import cache

import numpy as np

from lic_teach.course.bend_or_look import code
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows
from lic_teach.metrics import entropy

BITS = 4.0  # a point, at which codes are compared
ENOUGH = 1.5  # dB over the KLT

# --- 1 -----------------------------------------------------------------------------------


def _entropies(first, second):
    """Of the first, the second, and the pair, in bits."""
    one, two = (np.unique(q, return_inverse=True)[1] for q in (first, second))
    both = one * (two.max() + 1) + two
    return [entropy(np.bincount(q)) for q in (one, two, both)]


def _from_entropies(rule):
    return lambda first, second: rule(*_entropies(first, second))


def _from_numbers(number):
    """An answer that takes this number of the two for the pair."""

    def answer(first, second):
        one, two, _ = _entropies(first, second)
        both, *_ = _entropies(number(first, second), second)
        return one + two - both

    return answer


def _in_one_heap(first, second):
    """The pair's entropy taken of all numbers, first and second alike."""
    one, two, _ = _entropies(first, second)
    heap = np.unique(np.concatenate([first, second]), return_counts=True)[1]
    return one + two - entropy(heap)


@knows(
    {
        "That is the entropy of the pair alone. What do the two cost one by one?": (
            _from_entropies(lambda one, two, both: both)
        ),
        "That is what the two cost one by one. What would the pair cost?": (
            _from_entropies(lambda one, two, both: one + two)
        ),
        "The sign: one by one costs more than as a pair, so the difference is positive.": (
            _from_entropies(lambda one, two, both: both - one - two)
        ),
        "Natural logarithms give nats: use log2.": (
            _from_entropies(lambda one, two, both: (one + two - both) * np.log(2))
        ),
        "That is what the second still costs once the first is known.": (
            _from_entropies(lambda one, two, both: both - one)
        ),
        "3 + 5 and 4 + 4: two pairs, one sum.": _from_numbers(lambda a, b: a + b),
        "That counts single numbers. For the pair count pairs: two that came together.": (
            _in_one_heap
        ),
        "Two pairs became one number: times what must the first be taken?": [
            _from_numbers(lambda a, b: 10 * a + b),
            _from_numbers(lambda a, b: 100 * a + b),
        ],
        "That is the correlation: it sees straight lines only.": (
            lambda first, second: np.corrcoef(first, second)[0, 1]
        ),
    }
)
def shared_bits(answer):
    """answer: a function of two int arrays (n,) -> bits that coding them alone wastes."""
    rng = np.random.default_rng(9)
    copy, noise = rng.integers(0, 8, (2, 50_000))
    # the KLT's first: their three entropies differ, so that wrong answers do not look alike
    pairs = tuple(_klt_numbers().T), (copy, 50 * noise - 200), (copy, copy), (-copy, copy + 1)
    for first, second in pairs:
        found = answer(first.copy(), second.copy())
        if np.ndim(found) > 0:
            raise Wrong("One number is asked for: bits per point.")
        if np.isnan(found):
            raise Wrong("nan: a count of 0 has no logarithm. Leave such counts out.")
        one, two, both = _entropies(first, second)
        if not abs(found - (one + two - both)) < 0.005:
            known = hint(shared_bits, found, first, second, rtol=0, atol=0.005)
            parts = "H(first) + H(second) − H(pair), each −Σ p log2 p."
            raise Wrong(known or f"{found:.3f} does not fit. {parts}")
    return "The KLT of the banana has no correlation left, and these bits it still pays twice."


@cache
def _klt_numbers():
    x = code.banana(50_000, 5)
    return np.rint(code.g_a(x, code.klt_angle(x), 0) / 0.25).astype(int)


# --- 2 -----------------------------------------------------------------------------------


@knows(
    {
        "Areas stay what they are, but lengths do not: how long is (e₁, e₂ + 2 b u e₁)?": (
            lambda b: 1
        ),
        "That is how the second number's error grows. D is of both numbers together.": lambda b: (
            1 + 4 * b**2
        ),
        "That is D of x, if e₁ and e₂ have mean square 1. How large is D of y then?": lambda b: (
            2 + 4 * b**2
        ),
        "The error is squared, and so is what multiplies it.": lambda b: 1 + 2 * b,
        "Differentiate b (u² − 1): there is a 2.": [lambda b: 1 + b**2, lambda b: 1 + b**2 / 2],
        "The errors e₁ and e₂ themselves are still there.": [
            lambda b: 4 * b**2,
            lambda b: 2 * b**2,
        ],
        "That is a length. The mean square has no root.": lambda b: np.sqrt(1 + 2 * b**2),
        "Those are decibels. The factor itself is asked for.": (
            lambda b: 10 * np.log10(1 + 2 * b**2)
        ),
        "Can a squared error become smaller here? Look at the sign.": lambda b: 1 - 2 * b**2,
        "That is D of y over D of x: the other way round.": lambda b: 1 / (1 + 2 * b**2),
    }
)
def growth(answer):
    """answer: a function of the bend b -> D of x over that of y."""
    for b in (0.3, 0.5, 1.0):
        found, right = answer(b), 1 + 2 * b**2
        if np.ndim(found) > 0:
            raise Wrong("One number is asked for: a factor.")
        if not abs(found - right) < 1e-6 * right:
            parts = "Mean of e₁² + (e₂ + 2bue₁)² over that of e₁² + e₂²."
            unknown = f"At b = {b} {found:.3f} does not fit. {parts}"
            raise Wrong(hint(growth, found, b, rtol=0, atol=1e-6) or unknown)
    return "At b = 0.3 the error grows by 0.7 dB: the price of a bend that straightens all."


# --- 3 -----------------------------------------------------------------------------------


@cache
def klt_decibels():
    """The KLT on the coffee's held-out points at BITS."""
    train, test = code.coffee()
    angle = code.klt_angle(train)
    return _decibels(test, code.g_a(test, angle, 0), lambda y: code.g_s(y, angle, 0))


def _decibels(x, y, back):
    step = code.step_for(y, y, BITS)  # a table of the points themselves: the same for all
    if abs(code.rate(y, y, step) - BITS) > 0.05:
        raise Wrong("No step gives 4 bits a point. Leave the rounding to the check.")
    return code.decibels(x, code.squared_error(x, back(np.rint(y / step) * step)))


def _run(name, function, points):
    """A learner's function of float (n, 2), with hints for what is not such a function."""
    try:
        found = function(points.copy())
    except Exception as error:
        raise Wrong(f"{name} stopped with {type(error).__name__}: {error}") from error
    if found is None or found is ...:
        raise NotDone
    found = np.asarray(found, dtype=float)
    if found.shape != points.shape:
        raise Wrong(f"{name} takes {points.shape} and returns {found.shape}: two numbers a point.")
    if not np.isfinite(found).all():
        raise Wrong(f"{name} returns numbers that are not finite.")
    return found


def beat(answer):
    """answer: (g_a, g_s), functions of float (n, 2)."""
    forward, back = answer
    _, x = code.coffee()
    y = _run("g_a", forward, x)
    returned = _run("g_s", back, y)
    off = float(np.sqrt(np.mean((returned - x) ** 2)))
    if off > 0.15:
        raise Wrong(_inverse_hint(forward, back, x, off))
    found = _decibels(x, y, lambda y_hat: _run("g_s", back, y_hat)) - klt_decibels()
    if found < ENOUGH:
        raise Wrong(_beat_hint(forward, x, y, found))
    return f"{found:.1f} dB better than the KLT at 4 bits a point, on points that it never saw."


_ROUNDED = "This g_a gives few different numbers. Leave the rounding to the check."


def _few(y):
    return max(np.unique(numbers.round(6)).size for numbers in y.T) < 100


def _inverse_hint(forward, back, x, off):
    words = f"g_s(g_a(x)) is off by {off:.2f}. "
    if _few(_run("g_a", forward, x)):
        return words + _ROUNDED
    again = _run("g_s", back, _run("g_a", forward, np.zeros((1, 2))))
    if np.abs(again).max() < 0.15:
        return words + "Undo the steps in reverse order, the last one first, with opposite signs."
    undone = "Does g_s undo every step, the constant too, with the opposite sign?"
    return f"{words}Not even the origin comes back. {undone}"


def _beat_hint(forward, x, y, found):
    words = f"{found:+.1f} dB against the KLT at 4 bits a point. "
    if _few(y):
        return words + _ROUNDED
    parts = [
        _run("g_a", forward, p) for p in (x[:100], x[100:200], x[:100] + x[100:200], 0 * x[:100])
    ]
    if np.abs(parts[0] + parts[1] - parts[2] - parts[3]).max() < 1e-6:
        return words + "This g_a is linear: it turns the bend, it cannot straighten it."
    train, _ = code.coffee()
    shared = code.shared_bits(y, code.step_for(y, y, BITS))
    klt = code.g_a(x, code.klt_angle(train), 0)
    left = f"y₁ and y₂ share {shared:.1f} bits"
    if abs(np.corrcoef(y.T)[0, 1]) > 0.3:
        return words + f"{left}, and they are correlated: turn first, then bend."
    if shared > code.shared_bits(klt, code.step_for(klt, klt, BITS)) + 0.02:
        return words + f"{left}, more than the KLT's: does it bend the right way, not too far?"
    return words + f"{left}. More is to be had: try other amounts, and watch the cells."


check = checks(shared_bits, growth, beat)
