"""Checks: the DCT matrix, blocks and their coefficients, the KLT of a photograph's blocks."""

import numpy as np
from scipy.fft import dct

from lic_teach import images
from lic_teach.course.dct import puzzle
from lic_teach.jpeg import color, transform
from lic_teach.kit.checks import Wrong, checks, hint, knows


def _waves(n, half=2):
    u, x = np.mgrid[0:n, 0:n]
    return np.cos((2 * x + 1) * u * np.pi / (half * n))


@knows(
    {
        "The waves stand in your columns. Row u is wave u.": (
            lambda n: dct(np.eye(n), axis=0, norm="ortho").T
        ),
        "The right waves, but of what length? Sum the squares of a row: it should be 1.": _waves,
        "Rows 1 to 7 are right. What is the length of row 0?": lambda n: _waves(n) / 2,
        "1/4 is the factor of the formula in two dimensions. C goes over one.": (
            lambda n: _waves(n) / 4
        ),
        "Each row of its own has length 1, not the matrix as a whole.": (
            lambda n: _waves(n) / np.linalg.norm(_waves(n))
        ),
        "Your samples sit at 0, 1, 2, … A sample sits in the middle of its pixel, at x + ½.": (
            lambda n: np.cos(np.outer(np.arange(n), np.arange(n)) * np.pi / n)
        ),
        "Your wave 1 swings twice as fast as it should: half a swing over the row.": (
            lambda n: _waves(n, half=1)
        ),
    }
)
def dct_matrix(answer):
    """answer: a function of n -> (n, n), row u is wave u, orthonormal."""
    matrix = _array(answer(8), (8, 8))
    right = dct(np.eye(8), axis=0, norm="ortho")
    if not np.allclose(matrix, right, atol=1e-6):
        known = hint(dct_matrix, matrix, 8, rtol=1e-5, atol=1e-6)
        raise Wrong(known or _matrix_hint(matrix, right))
    for n in (4, 16):
        other, right = np.asarray(answer(n), float), dct(np.eye(n), axis=0, norm="ortho")
        if other.shape != right.shape or not np.allclose(other, right, atol=1e-6):
            raise Wrong(f"Right for n = 8, wrong for n = {n}: what in your lines knows only 8?")
    return "C Cᵀ = I, and SciPy has the same numbers, for n = 4, 8 and 16."


def _array(found, shape):
    found = np.asarray(found, float)
    if found.shape != shape:
        raise Wrong(f"An array {shape} is asked for, this is {found.shape}.")
    return found


def _matrix_hint(matrix, right):
    if np.allclose(matrix, right, atol=0.01):
        return "Nearly: your numbers have too few digits. Do not round them."
    lengths = np.linalg.norm(matrix, axis=1)
    if not np.allclose(lengths, 1, atol=1e-6):
        u = int(np.abs(lengths - 1).argmax())
        return f"Row {u} has length {lengths[u]:.3f}. For C Cᵀ = I every row has length 1."
    if not np.allclose(matrix @ matrix.T, np.eye(8), atol=1e-6):
        return "Every row has length 1, but two of them are not at right angles. Plot the rows."
    if np.allclose(np.abs(matrix @ right.T).max(1), 1, atol=1e-6):
        return "These are the eight waves. In which order, with which sign? Wave u begins bright."
    return "C Cᵀ = I holds, so it is a rotation, but not into cosines. Plot the rows."


PLACES = {name: puzzle.ORDER.index(name) + 1 for name in puzzle.NAMES}  # the right answer


def _exchanged(*names):
    """PLACES with those of some blocks passed round."""
    return PLACES | {a: PLACES[b] for a, b in zip(names, names[1:] + names[:1], strict=True)}


@knows(
    {
        "B is A in a mirror: the same amounts, other signs. Wave u = 1 begins bright, ends dark.": (
            _exchanged("A", "B")
        ),
        "u counts half swings from left to right. Which blocks change from left to right?": [
            _exchanged("A", "C"),
            _exchanged("A", "B", "C"),
        ],
        "Two of them are right. Does the block that you gave to the other grid change from left to "
        "right, or from top to bottom?": _exchanged("B", "C"),
        "The upper left number is the mean: eight times as far from middle grey. Which block is "
        "neither dark nor bright?": [_exchanged(name, "D") for name in "ABC"],
    },
    otherwise="The upper left number is the mean, its row changes from left to right, its column "
    "from top to bottom.",
)
def match(answer):
    """answer: {"A": number of its grid, ...}."""
    if not isinstance(answer, dict) or set(answer) != set(PLACES):
        raise Wrong("Write a dictionary, as you found it: A, B, C and D each have one number.")
    if any(number not in PLACES.values() for number in answer.values()):
        raise Wrong("A, B, C and D each have one of the grids 1, 2, 3, 4: numbers, without quotes.")
    if len(set(answer.values())) < 4:
        raise Wrong("Two blocks have the same grid.")
    if answer != PLACES:
        raise Wrong(hint(match, answer))
    return "Mirroring turns the sign of every odd u. Rows for columns exchanges u and v."


def _vectors(blocks):
    return np.linalg.eigh(np.cov(blocks.T))[1]


@knows(
    {
        "The eigenvectors stand in your columns. Row k is the k-th direction.": [
            _vectors,
            lambda blocks: _vectors(blocks)[:, ::-1],
        ],
        "Your [::-1] turned each eigenvector upside down: they are the columns that eigh gives. "
        "Make rows of them before you change their order.": lambda blocks: _vectors(blocks)[::-1],
        "Your [:, ::-1] turned each direction round, not their order.": (
            lambda blocks: _vectors(blocks).T[:, ::-1]
        ),
        "That is the DCT. It never saw the blocks.": lambda blocks: transform.BASIS,
        "That is the covariance. Its eigenvectors are what is asked for.": [
            lambda blocks: np.cov(blocks.T),
            lambda blocks: np.cov(blocks.T, bias=True),
        ],
    }
)
def klt(answer):
    """answer: a function of blocks, float (N, 64), 0..255 -> (64, 64), rows by falling variance."""
    blocks = _blocks("chelsea")
    matrix = answer(blocks.copy())
    if isinstance(matrix, tuple):
        raise Wrong("One matrix is asked for. Which of the things that you return is it?")
    matrix = _array(matrix, (64, 64))
    covariance = np.cov(blocks.T)
    variance = np.diag(matrix @ covariance @ matrix.T)
    sorted_ = (np.diff(variance) <= 1e-6 * variance.max()).all()
    if not (sorted_ and _diagonal(matrix, covariance)):
        raise Wrong(hint(klt, matrix, blocks, atol=1e-6) or _klt_hint(matrix, blocks, covariance))
    if not np.allclose(matrix @ matrix.T, np.eye(64), atol=1e-6):
        raise Wrong("The directions are right, but they are not all of length 1.")
    ours, theirs = _gain(variance), _gain((blocks @ transform.BASIS.T).var(0))
    return (
        f"64 numbers a block, no two of them correlated. Coding gain on this photograph: "
        f"your KLT {ours:.2f} dB, the DCT {theirs:.2f} dB."
    )


def _blocks(name):
    luma = color.luma(images.sample(name)).astype(float)
    rows, columns = (side // 8 * 8 for side in luma.shape)  # whole blocks only, as in the lesson
    return transform.to_blocks(luma[:rows, :columns]).reshape(-1, 64)


def _diagonal(matrix, covariance):
    """Whether the coefficients of matrix are uncorrelated, and none of its rows is empty."""
    after = matrix @ covariance @ matrix.T
    off = after - np.diag(np.diag(after))
    return np.linalg.norm(matrix, axis=1).min() > 1e-6 and abs(off).max() < 1e-6 * after.max()


def _klt_hint(matrix, blocks, covariance):
    if _diagonal(matrix, covariance):
        first, *_, last = np.diag(matrix @ covariance @ matrix.T)
        order = "The smallest variance comes first" if first < last else "Not sorted"
        return f"{order}. Row 0 is the direction in which the blocks vary most."
    if _diagonal(matrix.T, covariance):
        return "The eigenvectors stand in your columns. Row k is the k-th direction."
    second_moment = blocks.T @ blocks / len(blocks)
    if _diagonal(matrix, second_moment) or _diagonal(matrix.T, second_moment):
        return "Subtract the mean block first: a covariance is about the mean."
    return "Your coefficients are still correlated. Is it the covariance of the 64 samples?"


def _gain(variance):
    """Coding gain in dB: arithmetic over geometric mean of the variances."""
    return 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))


check = checks(dct_matrix, match, klt)
