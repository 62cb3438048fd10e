"""Checks: a latent's second thought, bits saved at equal quality, a plan."""

import numpy as np

from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows

# --- 1 -----------------------------------------------------------------------------------

BITS = {0: 0.5, 1: 3.0, 2: 5.0, 3: 7.0, 4: 8.0}
PRICES = (3.0, 0.1, 0.5, 8.0, 40.0)  # bits for a squared error of one step
LATENTS = (0.55, -0.6, 0.9, 0.95, 1.45, -2.52, 2.4, 0.2)


def spent(n):
    """Bits of a whole number: dear where it is large."""
    return BITS[min(abs(n), 4)]


def chosen(y, bits, price, below=np.floor):
    """The better of the two nearest whole numbers."""
    pair = sorted((int(below(y)), int(below(y)) + 1), key=lambda n: abs(y - n))
    return min(pair, key=lambda n: bits(n) + price * (y - n) ** 2)


@knows(
    {
        "That is always the nearest. What would the other one cost?": (
            lambda y, bits, price: round(y)
        ),
        "More bits should make a number worse, not better.": (
            lambda y, bits, price: chosen(y, lambda n: -bits(n), price)
        ),
        "The price is for the error; bits are counted as they are.": (
            lambda y, bits, price: chosen(y, lambda n: price * bits(n), 1)
        ),
        "int(y) goes towards 0: −0.6 lies between −1 and 0.": (
            lambda y, bits, price: chosen(y, bits, price, below=int)
        ),
        "That is always the cheaper one. What does its error cost?": (
            lambda y, bits, price: chosen(y, bits, 0.0)
        ),
    }
)
def second_thought(answer):
    """answer: a function of y, bits and a price -> whole number."""
    for price in PRICES:
        for y in LATENTS:
            found = answer(y, spent, price)
            if isinstance(found, bool) or not isinstance(found, int | np.integer):
                raise Wrong(f"Return an int: {found!r} is none. int(...) makes one.")
            if found != chosen(y, spent, price):
                raise Wrong(_thought_hint(answer, found, y, price))
    return "Eight latents at five prices, each with the smaller L of its two."


def _thought_hint(answer, found, y, price):
    says = f"y = {y}, price {price:g}: you chose {found}. "
    for words, mistake in second_thought.mistakes:
        tasks = ((v, spent, p) for v in LATENTS for p in PRICES)
        if all(answer(*task) == mistake(*task) for task in tasks):
            return says + words
    if abs(found - y) >= 1:
        return says + "That is neither of the two nearest whole numbers."
    L = {n: spent(n) + price * (y - n) ** 2 for n in (int(np.floor(y)), int(np.floor(y)) + 1)}
    lines = ", ".join(f"{n} has L = {value:.2f}" for n, value in L.items())
    return says + f"{lines}: which is smaller?"


# --- 2 -----------------------------------------------------------------------------------

CURVES = (
    ([(0.30, 30.0), (0.42, 31.2), (0.60, 32.5), (0.85, 33.9)], (0.47, 32.0)),
    ([(0.11, 26.0), (0.20, 28.1), (0.37, 30.4), (0.71, 33.0)], (0.26, 29.5)),
)


def _rate(curve, psnr):
    """The curve's rate at that PSNR, straight in its logarithm."""
    bpp, qualities = np.transpose(curve)
    return np.exp(np.interp(psnr, qualities, np.log(bpp)))


def saved(curve, point):
    """Percent fewer bits than the curve at the point's PSNR: positive where bits are saved."""
    return 100 * (1 - point[0] / _rate(curve, point[1]))


def _decibels(curve, point):
    """What the point gains at equal bits."""
    return point[1] - np.interp(point[0], *np.transpose(curve))


def _nearest(curve, point):
    bpp = np.transpose(curve)[0]
    return 100 * (1 - point[0] / bpp[np.argmin(np.abs(bpp - point[0]))])


@knows(
    {
        "The sign: the point needs fewer bits, so what it saves is positive.": (
            lambda c, p: -saved(c, p)
        ),
        "A share. How many percent?": lambda c, p: saved(c, p) / 100,
        "A percentage of what? The curve's bits are the 100 %.": (
            lambda c, p: 100 * (_rate(c, p[1]) / p[0] - 1)
        ),
        "Nearly. Between two points a curve is nearer to straight in the *logarithm* of bits.": (
            lambda c, p: 100 * (1 - p[0] / np.interp(p[1], *np.transpose(c)[::-1]))
        ),
        "Those are decibels at equal bits. Asked are bits at equal decibels.": [
            _decibels,
            lambda c, p: -_decibels(c, p),
        ],
        "You compare with a file of another PSNR. What would the curve need at *this* PSNR?": (
            _nearest
        ),
    },
    otherwise="Which rate has the curve at the point's PSNR? How many percent less is the point's?",
)
def bits_saved(answer):
    """answer: a function of a curve and a point -> percent of bits saved at the point's PSNR."""
    for curve, point in CURVES:
        found = float(answer(list(curve), tuple(point)))
        if not abs(found - saved(curve, point)) <= 0.05:
            raise Wrong(hint(bits_saved, found, curve, point, rtol=1e-3))
    return "At equal PSNR, with rates interpolated as logarithms: what BD-rate averages."


# --- 3 -----------------------------------------------------------------------------------

RIGHT = {
    "pictures": "c",
    "chosen on": "b",
    "rate": "c",
    "quality": "b",
    "anchor": "c",
    "noise": "b",
}


@knows(
    {
        "The cat is one picture. What would another one say?": RIGHT | {"pictures": "a"},
        "Who chose the three? Nobody else can repeat that.": RIGHT | {"pictures": "b"},
        "What you tuned on the test pictures is fitted to them.": RIGHT | {"chosen on": "a"},
        "Pictures that the network learned by heart flatter it.": RIGHT | {"chosen on": "c"},
        "That is the rate of noisy latents. Nobody can store it (Noise for rounding).": RIGHT
        | {"rate": "a"},
        "Nearly right, and easy to get wrong. What can a sceptic measure?": RIGHT | {"rate": "b"},
        "One measure can be bought at the expense of another (The showdown).": RIGHT
        | {"quality": "a"},
        "Your eye knows what it wants to see. What can a reader compute again?": RIGHT
        | {"quality": "c"},
        "The same JPEG needs fewer bits with better settings. Which ones did you use?": RIGHT
        | {"anchor": "a"},
        "Another paper has other pictures, another colour space, another window.": RIGHT
        | {"anchor": "b"},
        "How do you know that it was not the seed?": RIGHT | {"noise": "a"},
        "The best of ten is a figure about luck.": RIGHT | {"noise": "c"},
    }
)
def plan(answer):
    """answer: a dict of letters."""
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong("A dict with the keys " + ", ".join(RIGHT) + ".")
    letters = {key: str(value).strip().lower() for key, value in answer.items()}
    if not any(letters.values()):
        raise NotDone
    for key, letter in letters.items():
        if letter not in ("a", "b", "c"):
            raise Wrong(f"{key}: a, b or c, not {answer[key]!r}.")
    wrong = [key for key in RIGHT if letters[key] != RIGHT[key]]
    if wrong:
        rest = f" ({len(wrong)} of 6 need another thought.)" if len(wrong) > 1 else ""
        raise Wrong(f"{wrong[0]}: {hint(plan, RIGHT | {wrong[0]: letters[wrong[0]]})}{rest}")
    return "Such a figure can be believed, and repeated."


check = checks(second_thought, bits_saved, plan)
