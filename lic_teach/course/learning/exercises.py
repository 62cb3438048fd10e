"""Checks: the gradient of two parameters, the edge of divergence."""

import numpy as np

from lic_teach.course.learning.descent import pairs
from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number

# --- 1 -----------------------------------------------------------------------------------


def _slopes(error=lambda a, x, w, c: w * a + c - x, two=2.0, dw=lambda e, a: e * a, dc=lambda e: e):
    """The gradient, with one thing done in another way."""

    def answer(a, x, w, c):
        e = error(a, x, w, c)
        return two * np.mean(dw(e, a)), two * np.mean(dc(e))

    return answer


@knows(
    {
        "That is dL/dc, dL/dw: the weight comes first.": lambda *given: _slopes()(*given)[::-1],
        "The sign is wrong: where the prediction is too bright, a larger c makes things worse.": (
            _slopes(two=-2.0)
        ),
        "Everything is half of what it should be: the derivative of a square?": _slopes(two=1.0),
        "dL/dw is right. c is added, not multiplied by a: what is its derivative?": (
            lambda *given: 2 * (_slopes()(*given)[0],)
        ),
        "dL/dw is right. The derivative of c for c is 1: nothing multiplies the error.": [
            lambda a, x, w, c: (_slopes()(a, x, w, c)[0], c * _slopes()(a, x, w, c)[1]),
            lambda *given: (_slopes()(*given)[0], 0.0),
        ],
        "dL/dw is right. The derivative of a square has a 2 for c, too.": (
            lambda *given: (_slopes()(*given)[0], _slopes(two=1.0)(*given)[1])
        ),
        "The derivative of a square is 2 times the error, not the square itself.": [
            _slopes(dw=lambda e, a: e**2 * a, dc=lambda e: e**2),
            _slopes(two=1.0, dw=lambda e, a: e**2 * a, dc=lambda e: e**2),
        ],
        "Where is the error? Its square has the derivative 2 times the error.": (
            lambda a, x, w, c: (2 * np.mean(a), 2.0)
        ),
        "One error for both: the prediction is w · a + c, less x.": (
            lambda a, x, w, c: (2 * np.mean((w * a - x) * a), 2 * np.mean(c - x))
        ),
        "dL/dc is right. The derivative of w · a for w is a: a multiplies each error.": (
            _slopes(dw=lambda e, a: e)
        ),
        "dL/dc is right. For w the derivative of w · a is a, not w.": (
            lambda a, x, w, c: (2 * w * np.mean(w * a + c - x), 2 * np.mean(w * a + c - x))
        ),
        "dL/dc is right. Multiply by a at each pixel, then take the mean: not the other way.": (
            lambda a, x, w, c: (
                2 * np.mean(w * a + c - x) * np.mean(a),
                2 * np.mean(w * a + c - x),
            )
        ),
        "The prediction is w · a + c: is c in your error?": (
            _slopes(error=lambda a, x, w, c: w * a - x)
        ),
        "L is a mean over the pixels, not a sum.": (
            lambda a, *given: tuple(len(a) * v for v in _slopes()(a, *given))
        ),
    },
    otherwise="Each is a mean of 2 times the error, times what the parameter multiplies.",
)
def gradient(answer):
    """answer: a function of a, x, w, c -> dL/dw, dL/dc of L = mean((w a + c - x)²)."""
    inputs, x = pairs(("chelsea",))
    a = inputs[:, 0]
    for w, c in ((0.3, 0.4), (1.2, -0.1)):
        found = answer(a.copy(), x.copy(), w, c)
        if not _two(found):
            raise Wrong(f"Two numbers are asked for, dL/dw and dL/dc; {_shape(found)}.")
        if not np.allclose(found, _slopes()(a, x, w, c)):
            raise Wrong(hint(gradient, found, a, x, w, c))
    w, c = _walk(answer, a, x)
    error = 64 * np.sqrt(np.mean((w * a + c - x) ** 2))
    return (
        f"300 steps with it, from 0 and 0, lead to w = {w:.2f} and c = {c:.2f}: the cat's pixels "
        f"are off by {error:.1f} grey levels, as with NumPy's polyfit."
    )


def _two(found):
    """Is it two numbers?"""
    return np.iterable(found) and [np.asarray(part).size for part in found] == [1, 1]


def _shape(found):
    """What was returned instead, in words."""
    if not np.iterable(found) or len(found) != 2:
        return f"you return {np.asarray(found).size:,}"
    first, second = (np.asarray(part).size for part in found)
    return f"you return {first:,} and {second:,}: where is the mean?"


def _walk(slopes, a, x, rate=0.5, steps=300):
    """Gradient descent from 0, 0."""
    w = np.zeros(2)
    for _ in range(steps):
        w = w - rate * np.array(slopes(a, x, *w))
    return w


# --- 2 -----------------------------------------------------------------------------------


def inputs_of(kind):
    """Inputs to try an edge on: float (n, k)."""
    rng = np.random.default_rng(3)
    if kind == "one weight":
        return rng.normal(size=(50, 1)) * 3
    if kind == "three weights":
        return rng.normal(size=(80, 3)) @ np.array([[2, 1, 0], [0, 1, 1], [0, 0, 0.2]])
    return pairs(("chelsea",))[0][::67]  # few enough even for A Aᵀ, which is right too


def largest(inputs):
    """The largest eigenvalue of the mean of inputs times inputs; half the largest curvature."""
    return np.linalg.eigvalsh(inputs.T @ inputs / len(inputs))[-1]


def _by_eigenvalues(rule):
    """An answer made of n and the eigenvalues of AᵀA / n, rising."""
    return lambda A: rule(len(A), np.linalg.eigvalsh(A.T @ A / len(A)))


def _of_cov(A, **more):
    """2 / curvature, with np.cov in the place of the mean of squares."""
    return 1 / np.linalg.eigvalsh(np.atleast_2d(np.cov(A.T, **more)))[-1]


@knows(
    {
        "np.cov takes the mean away first. The curvature counts from 0: AᵀA / n.": [
            _of_cov,
            lambda A: _of_cov(A, bias=True),
        ],
        "np.cov takes the mean away first, and a square brings a 2.": [
            lambda A: 2 * _of_cov(A),
            lambda A: 2 * _of_cov(A, bias=True),
        ],
        "It is 1 / curvature: one step lands at the bottom. How far may it overshoot?": (
            _by_eigenvalues(lambda n, e: 0.5 / e[-1])
        ),
        "The derivative of a square brings a 2: the curvature is twice as large.": (
            _by_eigenvalues(lambda n, e: 2 / e[-1])
        ),
        "That is the curvature itself. A steeper bowl needs a smaller step.": (
            _by_eigenvalues(lambda n, e: 2 * e[-1])
        ),
        "The loss is a mean: divide the sum by the number of pixels.": (
            _by_eigenvalues(lambda n, e: 1 / (n * e[-1]))
        ),
        "A square brings a 2, and the loss is a mean, not a sum.": (
            _by_eigenvalues(lambda n, e: 2 / (n * e[-1]))
        ),
        "Safe, but not the edge: the curvatures do not add up, one is the largest.": (
            _by_eigenvalues(lambda n, e: 1 / e.sum())
        ),
        "That is for the flattest direction. Which one runs away first?": (
            _by_eigenvalues(lambda n, e: 1 / e[0])
        ),
        "Singular values are to be squared, and divided by n.": (
            _by_eigenvalues(lambda n, e: 1 / np.sqrt(n * e[-1]))
        ),
        "That is for the mean curvature. Which direction runs away first?": (
            _by_eigenvalues(lambda n, e: 1 / e.mean())
        ),
    },
    otherwise="H = 2 AᵀA / n has the curvatures as eigenvalues: np.linalg.eigvalsh.",
)
def edge(answer):
    """answer: a function of inputs, float (n, k) -> the largest learning rate, a number."""
    for kind in ("three weights", "one weight", "the cat"):
        inputs = inputs_of(kind)
        found = one_number(answer(inputs.copy()))
        if not np.isclose(found, 1 / largest(inputs), rtol=1e-6):
            where = f"{kind.capitalize()}: {found:.4g} is not the edge. "
            raise Wrong(where + hint(edge, found, inputs))
    below, above = (_left_after(inputs, part / largest(inputs)) for part in (0.99, 1.01))
    return (
        f"On the cat, 500 steps at 99 % of it leave {below:.0e} of the distance across the valley; "
        f"at 101 % it has grown {above:,.0f} times."
    )


def _left_after(inputs, rate, steps=500):
    """By how much descent changes the distance along the steepest direction, by doing it."""
    M = inputs.T @ inputs / len(inputs)
    w = start = np.linalg.eigh(M)[1][:, -1]
    for _ in range(steps):
        w = w - rate * 2 * M @ w
    return float(np.linalg.norm(w) / np.linalg.norm(start))


check = checks(gradient, edge)
