"""Checks: undoing a prediction, and a predictor of one's own.

Predictors see the four neighbours of kit/predictors.py.
"""

import numpy as np

from lic_teach import images
from lic_teach.kit.checks import Wrong, checks, hint, knows
from lic_teach.kit.predictors import bits_after, med


def greens():
    """The green channels of the four photographs: uint8 (H, W) each."""
    return [images.sample(name)[..., 1] for name in images.SAMPLES]


def _one_column_less(r):
    return r[:, :1] + np.cumsum(r[:, 1:], 1)


@knows(
    {
        "You return the residuals. What has to be added to a difference?": lambda r: r,
        "You add downwards. On which side of a pixel was its prediction?": (
            lambda r: np.cumsum(r, 0)
        ),
        "The rows run into each other: each begins anew.": (
            lambda r: np.cumsum(r).reshape(r.shape)
        ),
        "You add the neighbour's residual. The decoder has more: its pixel.": (
            lambda r: r + np.pad(r, ((0, 0), (1, 0)))[:, :-1]
        ),
        "You predict once more. What undoes a subtraction?": lambda r: np.diff(r, 1, 1, 0),
        "Begin at the left: the decoder goes that way too.": (
            lambda r: np.cumsum(r[:, ::-1], 1)[:, ::-1]
        ),
        "Your rows begin at 0. Where does the decoder find the first pixel of a row?": (
            lambda r: np.cumsum(r, 1) - r[:, :1]
        ),
        "The first column is missing: it was stored as it is, so it is there already.": [
            _one_column_less,
            lambda r: np.cumsum(r[:, 1:], 1),
        ],
        "A difference can be negative, and uint8 has no -3: it makes 253 of it.": (
            lambda r: np.cumsum(r.astype(np.uint8), 1)
        ),
        "You add the first pixel of the row each time. To which pixel is a difference?": (
            lambda r: np.hstack([r[:, :1], r[:, 1:] + r[:, :1]])
        ),
        "A negative difference has lost its sign: where it becomes darker, you become brighter.": (
            lambda r: np.cumsum(np.abs(r), 1)
        ),
        "Along the rows is enough: no prediction came from above.": (
            lambda r: np.cumsum(np.cumsum(r, 0), 1)
        ),
        "You have cut off the negative differences: where it becomes darker, you stay bright.": (
            lambda r: np.cumsum(r.clip(0, 255), 1)
        ),
    }
)
def undo(answer):
    """answer: a function of residuals, int (H, W), first column as it is -> the pixels (H, W)."""
    for name, x in zip(images.SAMPLES, greens(), strict=True):
        r = np.diff(x.astype(int), axis=1, prepend=0)
        found = np.asarray(answer(r.copy()))
        if np.array_equal(found, x):
            continue
        if known := hint(undo, found, r):
            raise Wrong(known)
        if found.shape != x.shape:
            raise Wrong(f"Your picture is {found.shape}, the residuals are {x.shape}.")
        row, column = np.argwhere(found != x)[0]
        raise Wrong(
            f"{name}: the first wrong pixel is in row {row}, column {column}. It is "
            f"{x[row, column]}, yours is {found[row, column]:g}."
        )
    return "Every pixel of the four photographs is back. The prediction has lost nothing."


def _swapped(a, b, c, d):
    high, low = np.maximum(a, b), np.minimum(a, b)
    return np.where(c >= high, high, np.where(c <= low, low, a + b - c))


@knows(
    {
        "That is MED with min and max exchanged: at an edge it bets on the wrong side.": _swapped,
        "a + b - c is good on slopes, but look what it does at an edge: a = b = 10, c = 200.": (
            lambda a, b, c, d: a + b - c
        ),
    }
)
def predictor(answer):
    """answer: a function of a, b, c, d, int (H, W) each -> predictions (H, W)."""
    _try_on_a_flat_area(answer)
    found = _bits(answer)
    mean, theirs = _bits(_mean).mean(), _bits(med).mean()
    score = f"{found.mean():.3f} bits a sample, the mean over four photographs"
    if found.mean() > 0.99 * mean:  # (a + b) // 2 has 0.3% less than (a + b) / 2, by luck
        raise Wrong(f"{score}. {_predictor_hint(found, mean)}")
    if np.isclose(found.mean(), theirs):
        return f"{score}: exactly MED's. Now use d as well, and beat it."
    change = 100 * (found.mean() / theirs - 1)
    if change > 0:
        return f"{score}. MED needs {change:.1f} % less than you: can you get below {theirs:.3f}?"
    return f"{score}: {-change:.1f} % below MED ({theirs:.3f}). You beat JPEG-LS's predictor."


def _try_on_a_flat_area(answer):
    flat = np.full((4, 4), 60)
    predicted = np.asarray(answer(flat, flat, flat, flat))
    if predicted.shape != flat.shape:
        raise Wrong(f"For neighbours of shape (4, 4) you return {predicted.shape}: one each.")
    value = float(predicted.mean())
    if not abs(value - 60) <= 1:  # nan, too
        raise Wrong(
            f"Where all four neighbours are 60 you predict {value:.0f}. "
            "A flat area should be the easiest: what do your weights add up to?"
        )


def _predictor_hint(found, mean):
    for words, mistake in predictor.mistakes:
        if np.allclose(found, _bits(mistake)):
            return words
    left = _bits(_left).mean()
    if found.mean() > left:
        return (
            f"The left neighbour alone has {left:.3f}. Draw an edge through a, b, c, d: on which "
            "side of the pixel does it run, and which of them does your rule take?"
        )
    return f"The plain mean of a and b has {mean:.3f}. Which of the two is right at an edge?"


def _left(a, b, c, d):
    return a


def _mean(a, b, c, d):
    return (a + b) / 2


def _bits(predict):
    """Bits after this predictor, for each of the four photographs: float (4,)."""
    return np.array([bits_after(predict, x) for x in greens()])


check = checks(undo, predictor)
