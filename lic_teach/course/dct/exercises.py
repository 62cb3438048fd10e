"""Checks: the DCT matrix, and the KLT of a photograph's blocks."""

import numpy as np
from scipy.fft import dct

from lic_teach import images
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
    return "C Cᵀ = I holds, so it is a rotation, but not into cosines. Plot the rows."


def klt(answer):
    """answer: a function of blocks, float (N, 64), 0..255 -> (64, 64), rows by falling variance."""
    blocks = _blocks("chelsea")
    matrix = answer(blocks.copy())
    if isinstance(matrix, tuple):
        raise Wrong("One matrix is asked for. Which of the things that you return is it?")
    matrix = _array(matrix, (64, 64))
    covariance = np.cov(blocks.T)
    if not _diagonal(matrix, covariance):
        raise Wrong(_klt_hint(matrix, blocks, covariance))
    variance = np.diag(matrix @ covariance @ matrix.T)
    if not np.allclose(matrix @ matrix.T, np.eye(64), atol=1e-6):
        raise Wrong("The directions are right, but they are not all of length 1.")
    if (np.diff(variance) > 1e-6 * variance.max()).any():
        last = "The smallest variance comes first" if variance[0] < variance[-1] else "Not sorted"
        raise Wrong(f"{last}. Row 0 is the direction in which the blocks vary most.")
    ours, theirs = _gain(variance), _gain((blocks @ transform.BASIS.T).var(0))
    return (
        f"64 numbers a block, no two of them correlated. Coding gain on this photograph: "
        f"your KLT {ours:.2f} dB, the DCT {theirs:.2f} dB."
    )


def _blocks(name):
    luma = color.luma(images.pad_to_multiple(images.sample(name), 8))
    return transform.to_blocks(np.rint(luma).astype(float)).reshape(-1, 64)


def _diagonal(matrix, covariance):
    """Whether the coefficients of matrix are uncorrelated, and none of its rows is empty."""
    after = matrix @ covariance @ matrix.T
    off = after - np.diag(np.diag(after))
    return np.linalg.norm(matrix, axis=1).min() > 1e-6 and abs(off).max() < 1e-6 * after.max()


def _klt_hint(matrix, blocks, covariance):
    if _diagonal(matrix.T, covariance):
        return "The eigenvectors stand in your columns. Row k is the k-th direction."
    if np.allclose(matrix, covariance) or np.allclose(matrix, covariance * (1 - 1 / len(blocks))):
        return "That is the covariance. Its eigenvectors are what is asked for."
    second_moment = blocks.T @ blocks / len(blocks)
    if _diagonal(matrix, second_moment) or _diagonal(matrix.T, second_moment):
        return "Subtract the mean block first: a covariance is about the mean."
    if np.allclose(np.abs(matrix), np.abs(transform.BASIS), atol=1e-4):
        return "That is the DCT. It never saw the blocks."
    return "Your coefficients are still correlated. Is it the covariance of the 64 samples?"


def _gain(variance):
    """Coding gain in dB: arithmetic over geometric mean of the variances."""
    return 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))


check = checks(dct_matrix, klt)
