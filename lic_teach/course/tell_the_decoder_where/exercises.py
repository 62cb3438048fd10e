"""Checks: the neighbours' guess, the price of telling, in how many rounds a decoder is done."""

import numpy as np

from lic_teach import images
from lic_teach.course.tell_the_decoder_where import adapting
from lic_teach.course.tell_the_decoder_where.adapting import Model
from lic_teach.kit.checks import Wrong, checks, hint, knows, nearly, number
from lic_teach.kit.plots import minus

# --- 1 -----------------------------------------------------------------------------------


def _busy():
    """Busyness of blocks, (5, 7), no two alike."""
    return np.random.default_rng(16).gamma(2.0, 3.0, (5, 7))


def _mixed(*copies):
    """The mean of shifted copies, NaN where there is none: then of those that are there."""
    known = np.isfinite(np.stack(copies))
    total = np.nansum(np.stack(copies), 0)
    return total / np.maximum(known.sum(0), 1)


def _moved(busy, down, right):
    """The value `down` and `right` of each place, NaN outside."""
    wide = np.pad(busy, 1, constant_values=np.nan)
    return wide[1 + down : wide.shape[0] - 1 + down, 1 + right : wide.shape[1] - 1 + right]


def _edge(busy):
    """A rim that repeats the edge: there a block is its own neighbour."""
    wide = np.pad(busy, ((1, 0), (1, 0)), mode="edge")
    return (wide[1:, :-1] + wide[:-1, 1:]) / 2


def _zeros(busy):
    wide = np.pad(busy, ((1, 0), (1, 0)))
    return (wide[1:, :-1] + wide[:-1, 1:]) / 2


def _half_of_one(busy, mean):
    """left + above / 2, from a mean of the two."""
    left = np.nan_to_num(_moved(busy, 0, -1), nan=0.0)
    if mean is adapting.around:
        left[1:, 0] = busy[:-1, 0]
    return mean(busy) + left / 2


def _overwritten(busy):
    busy = busy.copy()
    for here in np.ndindex(*busy.shape):
        busy[here] = adapting.around(busy)[here]
    return busy


@knows(
    {
        "Your guess is the block itself. The decoder does not have it yet.": lambda b: b.copy(),
        "You look to the right and down. Those blocks come later.": (
            lambda b: _mixed(_moved(b, 0, 1), _moved(b, 1, 0))
        ),
        "All four neighbours would be the better guess, but two of them are not decoded yet.": (
            lambda b: np.nanmean(
                np.stack(
                    [_moved(b, 0, -1), _moved(b, -1, 0), _moved(b, 0, 1), _moved(b, 1, 0)]
                ),
                0,
            )
        ),
        "Inside it is right. At the rim np.roll, or an index of −1, brings blocks of the far "
        "side, which come later.": (
            lambda b: (np.roll(b, 1, 1) + np.roll(b, 1, 0)) / 2
        ),
        "Inside it is right. A rim that repeats the edge makes a block its own neighbour.": _edge,
        "Inside it is right. At the rim one neighbour is missing: the mean is then of the other "
        "alone.": _zeros,
        "Inside it is right. Row 0 and column 0 have a guess, too: the one neighbour "
        "that is there.": (
            lambda b: np.pad((b[:-1, 1:] + b[1:, :-1]) / 2, ((1, 0), (1, 0)))
        ),
        "That is the sum of the two. Their mean is asked for.": [
            lambda b: adapting.around(b) * 2,
            lambda b: _zeros(b) * 2,
        ],
        "/ binds closer than +: the sum needs brackets.": [
            lambda b: _half_of_one(b, adapting.around),
            lambda b: _half_of_one(b, _zeros),
        ],
        "That is the mean of three: the block above to the left is not asked for.": (
            lambda b: _mixed(_moved(b, 0, -1), _moved(b, -1, 0), _moved(b, -1, -1))
        ),
        "You write your guesses into busy itself, and the next block takes them for what is there. "
        "Make a new array.": _overwritten,
        "Your guesses are whole numbers: the array that you fill holds ints. Make one of floats.": (
            lambda b: np.trunc(adapting.around(b))
        ),
        "That is the left one alone.": lambda b: np.nan_to_num(_moved(b, 0, -1)),
        "That is the upper one alone.": lambda b: np.nan_to_num(_moved(b, -1, 0)),
        "The block above to the left is neither of the two.": (
            lambda b: np.nan_to_num(_moved(b, -1, -1))
        ),
    },
    otherwise="Left is busy[row, column − 1], above is busy[row − 1, column].",
)  # fmt: skip
def around(answer):
    """answer: a function of busyness (n, m) -> the mean of left and above, (n, m)."""
    busy = _busy()
    found, right = np.asarray(answer(busy.copy()), float), adapting.around(busy)
    if found.shape != right.shape:
        raise Wrong(f"A guess for each block is asked for, {right.shape}; this is {found.shape}.")
    if not np.allclose(found, right):
        known = hint(around, found, busy)
        raise Wrong(_rim_hint(found, right) if known == around.otherwise else known)
    later = busy.copy()
    later[3, 4:], later[4:] = 99, 99
    if not np.allclose(np.asarray(answer(later), float)[:3], right[:3]):
        raise Wrong("A block that is decoded later changes your guess for an earlier one.")
    return "Whatever comes later, the guess stays: a decoder can make it, too."


def _rim_hint(found, right):
    """Where the answer is wrong, if it is like no mistake."""
    same = np.isclose(found, right)
    if same.ravel()[1:].all():
        return "All is right but the first block: nothing is known of it, so its guess is 0."
    if same[1:, 1:].all():
        return (
            "Inside it is right. In the first row only the left block is there, in the first "
            "column only the upper one."
        )
    return around.otherwise


# --- 2 -----------------------------------------------------------------------------------


def _case():
    """The cat in four told classes: coefficients, classes, model."""
    seen = adapting.others(images.sample("chelsea"))
    k, model = adapting.of_sample("chelsea"), adapting.fitted(seen, 4, adapting.told)
    return k, adapting.classes(adapting.told(k), model), model


def _bits(k, number, model):
    return adapting.spent(k, number, model)[0].sum()


def _side(number, model):
    return adapting.spent(np.zeros((*number.shape, 64)), number, model)[1].sum()


def _own(number):
    """Bits of the classes, were their shares those of this picture."""
    counts = np.bincount(number.ravel())
    return -(counts * np.log2(np.maximum(counts, 1) / counts.sum())).sum()


@knows(
    {
        "That is the coefficients alone. The decoder does not know the classes: who tells it?": [
            lambda k, c, m: _bits(k, c, m) / k.size,
            lambda k, c, m: _bits(k, c, m) / c.size,
            lambda k, c, m: _bits(k, c, m),
        ],
        "That is the side information alone.": lambda k, c, m: _side(c, m) / k.size,
        "The classes have as many bits as if the decoder knew how often they come in this very "
        "picture. It has model.share, from others.": (
            lambda k, c, m: (_bits(k, c, m) + _own(c)) / k.size
        ),
        "That is log₂ of the number of classes each. A frequent class costs less: model.share.": (
            lambda k, c, m: (_bits(k, c, m) + c.size * np.log2(len(m.share))) / k.size
        ),
        "3 bits are the word of one of eight classes, all as frequent. Count how many there are, "
        "and how frequent each is: model.share.": (
            lambda k, c, m: (_bits(k, c, m) + 3 * c.size) / k.size
        ),
        "The number of a class is not what it costs: −log₂ of its share is.": (
            lambda k, c, m: (_bits(k, c, m) + c.sum()) / k.size
        ),
        "That adds up one word of each class. Each block has a class: number.": (
            lambda k, c, m: (_bits(k, c, m) - np.log2(m.share).sum()) / k.size
        ),
        "That is what a class costs on average in the other photographs. Which classes has this "
        "picture?": lambda k, c, m: (
            (_bits(k, c, m) - c.size * (m.share * np.log2(m.share)).sum()) / k.size
        ),
        "A share is no number of bits: −log₂ of it is.": (
            lambda k, c, m: (_bits(k, c, m) + m.share[c].sum()) / k.size
        ),
        "The class is told once a block, not once a coefficient.": [
            lambda k, c, m: (_bits(k, c, m) + 64 * _side(c, m)) / k.size,
            lambda k, c, m: _bits(k, c, m) / k.size - (m.share * np.log2(m.share)).sum(),
        ],
        "That is bits of the whole picture. How many pixels has it?": (
            lambda k, c, m: _bits(k, c, m) + _side(c, m)
        ),
        "That is bits a block. A block has 64 pixels.": (
            lambda k, c, m: (_bits(k, c, m) + _side(c, m)) / c.size
        ),
        "Bits are not negative: −log₂ of a share is positive.": [
            lambda k, c, m: (_bits(k, c, m) - _side(c, m)) / k.size,
            lambda k, c, m: -(_bits(k, c, m) + _side(c, m)) / k.size,
        ],
        "Those are bytes. Bits are asked for.": (
            lambda k, c, m: (_bits(k, c, m) + _side(c, m)) / 8 / k.size
        ),
        "Are those nats? Use log₂.": (
            lambda k, c, m: (_bits(k, c, m) + np.log(2) * _side(c, m)) / k.size
        ),
    },
    otherwise="Bits of all coefficients, bits of all classes, over the number of pixels.",
)
def price(answer):
    """answer: a function of k, number, model -> bits per pixel with classes that are told."""
    case = k, classes, model = _case()
    found = number(answer(k.copy(), classes.copy(), Model(*(part.copy() for part in model))))
    right = (_bits(*case) + _side(classes, model)) / k.size
    if not np.isclose(found, right, rtol=1e-6):
        known = hint(price, found, *case)
        known = (nearly(found, right) if known == price.otherwise else "") or known
        raise Wrong(minus(f"{found:.4g}? ") + known)
    return f"The cat in four told classes: {right:.3f} bits per pixel."


# --- 3 -----------------------------------------------------------------------------------


def _grid(h, w):
    return np.mgrid[0:h, 0:w]


@knows(
    {
        "That is one block after the other. Is there none that two others leave free at once?": (
            lambda h, w: np.add(*[g * s for g, s in zip(_grid(h, w), (w, 1), strict=True)])
        ),
        "All in one round: but a block waits for the ones to the left and above.": [
            lambda h, w: np.zeros((h, w), int),
            lambda h, w: np.ones((h, w), int),
        ],
        "So it would be if a block waited for the one above to the right, too.": (
            lambda h, w: np.add(*[g * s for g, s in zip(_grid(h, w), (2, 1), strict=True)])
        ),
        "A block waits for both, the left one and the one above.": [
            lambda h, w: _grid(h, w)[0],
            lambda h, w: _grid(h, w)[1],
        ],
        "Block (1, 1) waits for (0, 1), which waits for (0, 0).": lambda h, w: _grid(h, w).max(0),
        "The first round is round 0.": lambda h, w: _grid(h, w).sum(0) + 1,
        "That is a checkerboard, two rounds: there a white block looks at no neighbour at all.": (
            lambda h, w: _grid(h, w).sum(0) % 2
        ),
    },
    otherwise="One more than the later of the two that it waits for.",
)
def rounds(answer):
    """answer: a function of h, w -> the first round in which each block can be decoded."""
    found, right = np.asarray(answer(4, 6)), _grid(4, 6).sum(0)
    if found.shape != right.shape:
        raise Wrong(f"A round for each block is asked for, {right.shape}; this is {found.shape}.")
    if not np.array_equal(found, right):
        raise Wrong(hint(rounds, found, 4, 6))
    if not np.array_equal(np.asarray(answer(7, 3)), _grid(7, 3).sum(0)):
        raise Wrong("Right for 4 rows of 6, wrong for 7 rows of 3.")
    last = int(np.asarray(answer(38, 57)).max())
    return f"The cat's 2,166 blocks are done in {last + 1} rounds; a checkerboard takes 2."


check = checks(around, price, rounds)
