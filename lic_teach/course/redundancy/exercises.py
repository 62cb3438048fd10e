"""Checks: what shuffling does, undoing a prediction, and a predictor of one's own.

Predictors see the four neighbours of kit/predictors.py.
"""

import numpy as np

from lic_teach import images
from lic_teach.course.redundancy import lag
from lic_teach.kit.checks import Wrong, checks, hint, knows
from lic_teach.kit.predictors import bits_after, med
from lic_teach.metrics import entropy


def greens():
    """The green channels of the four photographs: uint8 (H, W) each."""
    return [images.sample(name)[..., 1] for name in images.SAMPLES]


def shuffle(answer):
    """answer: {"pixels": "lower", "same" or "higher", "residuals": ..., "prediction": ...}."""
    names, words = ("pixels", "residuals", "prediction"), ("lower", "same", "higher")
    if not isinstance(answer, dict) or any(answer.get(name) not in words for name in names):
        raise Wrong('Give each of the three one of the words "lower", "same" and "higher".')
    if answer["pixels"] != "same":
        raise Wrong("pixels: how often does grey level 100 occur before shuffling, and after?")
    if answer["residuals"] != "higher":
        raise Wrong("residuals: whom does a pixel have for a neighbour now? Are differences small?")
    if answer["prediction"] == "lower":
        raise Wrong("prediction: what does a neighbour drawn by lot know about this pixel?")
    if answer["prediction"] == "same":
        raise Wrong("prediction: throw two dice. One has 6 results; how many has their difference?")
    x = images.sample("chelsea")[..., 1]
    mixed = lag.shuffled(x)
    before, after = (_histogram_bits(lag.residuals(each)) for each in (x, mixed))
    return (
        f"The pixels of the cat have {_histogram_bits(x):.2f} bits, in any order. Their residuals "
        f"have {before:.2f}; shuffled, {after:.2f}: more than the pixels."
    )


def _histogram_bits(x):
    return entropy(np.bincount(x.ravel()))


@knows(
    {
        "You return the residuals. What has to be added to a difference?": lambda r: r,
        "You add downwards. On which side of a pixel was its prediction?": (
            lambda r: np.cumsum(r, 0, np.uint8)
        ),
        "The rows run into each other: each begins anew at 0.": (
            lambda r: np.cumsum(r, dtype=np.uint8).reshape(r.shape)
        ),
        "You add the neighbour's residual. The decoder has more: its pixel.": (
            lambda r: r + np.pad(r, ((0, 0), (1, 0)))[:, :-1]
        ),
        "You predict once more. What undoes a subtraction?": lag.residuals,
        "Begin at the left: the decoder goes that way too.": (
            lambda r: np.cumsum(r[:, ::-1], 1, np.uint8)[:, ::-1]
        ),
    }
)
def undo(answer):
    """answer: a function of residuals uint8 (H, W) -> the pixels, uint8 (H, W)."""
    for name, x in zip(images.SAMPLES, greens(), strict=True):
        r = lag.residuals(x)
        found = np.asarray(answer(r.copy()))
        if found.shape != x.shape:
            raise Wrong(f"Your picture is {found.shape}, the residuals are {x.shape}.")
        modulo = found.astype(float) % 256
        if not np.array_equal(modulo, x):
            row, column = np.argwhere(found != x)[0]
            first = f"{name}: the first wrong pixel is in row {row}, column {column}."
            raise Wrong(hint(undo, modulo, r) or first)
        if not np.array_equal(found, x):
            raise Wrong(
                f"You have values from {found.min()} to {found.max()}: where did modulo 256 go?"
            )
        if found.dtype != np.uint8:
            raise Wrong(f"Every value is right, but pixels are uint8 and yours are {found.dtype}.")
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
    if abs(value - 60) > 1:
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
        return f"The left neighbour alone has {left:.3f}: on which side of the pixel do you look?"
    return f"The plain mean of a and b has {mean:.3f}. Which of the two is right at an edge?"


def _left(a, b, c, d):
    return a


def _mean(a, b, c, d):
    return (a + b) / 2


def _bits(predict):
    """Bits after this predictor, for each of the four photographs: float (4,)."""
    return np.array([bits_after(predict, x) for x in greens()])


check = checks(shuffle, undo, predictor)
