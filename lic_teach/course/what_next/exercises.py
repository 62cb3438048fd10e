"""Checks: a latent's second thought, bits saved at equal quality, a plan."""

import numpy as np

from lic_teach.kit.checks import NotDone, Wrong, checks

# --- 1 -----------------------------------------------------------------------------------

BITS = {0: 0.5, 1: 3.0, 2: 5.0, 3: 7.0, 4: 8.0}
PRICES = (3.0, 0.1, 0.5, 8.0, 40.0)  # bits for a squared error of one step
LATENTS = (0.55, -0.6, 0.9, 0.95, 1.45, -2.52, 2.4, 0.2)


def spent(n):
    """Bits of a whole number: dear where it is large."""
    return BITS[min(abs(n), 4)]


def chosen(y, bits, price, sign=1, second=True, swapped=False, below=np.floor):
    """The better of the two nearest whole numbers; the switches plant mistakes."""
    pair = sorted((int(below(y)), int(below(y)) + 1), key=lambda n: abs(y - n))
    rate, error = (price, 1) if swapped else (1, price)
    return min(
        pair[: 2 if second else 1], key=lambda n: sign * rate * bits(n) + error * (y - n) ** 2
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
    tasks = [(v, p) for v in LATENTS for p in PRICES]
    known = (
        (dict(second=False), "That is always the nearest. What would the other one cost?"),
        (dict(sign=-1), "More bits should make a number worse, not better."),
        (dict(swapped=True), "The price is for the error; bits are counted as they are."),
        (dict(below=int), "int(y) goes towards 0: −0.6 lies between −1 and 0."),
    )
    for mistake, hint in known:
        if all(answer(v, spent, p) == chosen(v, spent, p, **mistake) for v, p in tasks):
            return says + hint
    if all(answer(v, spent, p) == chosen(v, spent, 0.0) for v, p in tasks):
        return says + "That is always the cheaper one. What does its error cost?"
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


def bits_saved(answer):
    """answer: a function of a curve and a point -> percent of bits saved at the point's PSNR."""
    for curve, point in CURVES:
        found = float(answer(list(curve), tuple(point)))
        if not abs(found - saved(curve, point)) <= 0.05:
            raise Wrong(_saved_hint(found, curve, point))
    return "At equal PSNR, with rates interpolated as logarithms: what BD-rate averages."


def saved(curve, point):
    """Percent fewer bits than the curve at the point's PSNR: positive where bits are saved."""
    bpp, psnr = np.transpose(curve)
    return 100 * (1 - point[0] / np.exp(np.interp(point[1], psnr, np.log(bpp))))


def _saved_hint(found, curve, point):
    bpp, psnr = np.transpose(curve)
    there = np.exp(np.interp(point[1], psnr, np.log(bpp)))
    right = saved(curve, point)
    nearest = bpp[np.argmin(np.abs(bpp - point[0]))]
    known = (
        (-right, "The sign: the point needs fewer bits, so what it saves is positive."),
        (right / 100, "A share. How many percent?"),
        (100 * (there / point[0] - 1), "A percentage of what? The curve's bits are the 100 %."),
        (
            100 * (1 - point[0] / np.interp(point[1], psnr, bpp)),
            "Nearly. Between two points a curve is nearer to straight in the *logarithm* of bits.",
        ),
        (
            np.interp(point[0], bpp, psnr) - point[1],
            "Those are decibels at equal bits. Asked are bits at equal decibels.",
        ),
        (
            point[1] - np.interp(point[0], bpp, psnr),
            "Those are decibels at equal bits. Asked are bits at equal decibels.",
        ),
        (
            100 * (1 - point[0] / nearest),
            "You compare with a file of another PSNR. What would the curve need at *this* PSNR?",
        ),
    )
    for value, hint in known:
        if abs(found - value) < 0.02:
            return hint
    return "Which rate has the curve at the point's PSNR? How many percent less is the point's?"


# --- 3 -----------------------------------------------------------------------------------

RIGHT = {
    "pictures": "c",
    "chosen on": "b",
    "rate": "c",
    "quality": "b",
    "anchor": "c",
    "noise": "b",
}
PLAN_HINTS = {
    ("pictures", "a"): "The cat is one picture. What would another one say?",
    ("pictures", "b"): "Who chose the three? Nobody else can repeat that.",
    ("chosen on", "a"): "What you tuned on the test pictures is fitted to them.",
    ("chosen on", "c"): "Pictures that the network learned by heart flatter it.",
    ("rate", "a"): "That is the rate of noisy latents. Nobody can store it (Noise for rounding).",
    ("rate", "b"): "Nearly right, and easy to get wrong. What can a sceptic measure?",
    ("quality", "a"): "One measure can be bought at the expense of another (The showdown).",
    ("quality", "c"): "Your eye knows what it wants to see. What can a reader compute again?",
    ("anchor", "a"): "The same JPEG needs fewer bits with better settings. Which ones did you use?",
    ("anchor", "b"): "Another paper has other pictures, another colour space, another window.",
    ("noise", "a"): "How do you know that it was not the seed?",
    ("noise", "c"): "The best of ten is a figure about luck.",
}


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
        raise Wrong(f"{wrong[0]}: {PLAN_HINTS[wrong[0], letters[wrong[0]]]}{rest}")
    return "Such a figure can be believed, and repeated."


check = checks(second_thought, bits_saved, plan)
