"""Checks: where R and D balance, second thoughts, bits saved at equal PSNR, another prior."""

import numpy as np
from scipy import optimize

from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows, nearly, number
from lic_teach.kit.plots import minus

# --- 1 -----------------------------------------------------------------------------------


def cost(w, s, lam):
    """R + lam D where all is smooth: w, width of the latents in steps; s, of the coefficient."""
    return np.log2(2 * np.pi) / 2 + w**2 / (2 * np.log(2)) + lam * (s / w) ** 2 / 12


def by_search(s, lam):
    """The w of least cost, by SciPy."""
    found = optimize.minimize_scalar(
        lambda log_w: cost(np.exp(log_w), s, lam), bounds=(-12, 12), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return float(np.exp(found.x))


@knows(
    {
        "That is w². Take the square root once more.": lambda s, lam: by_search(s, lam) ** 2,
        "That is w⁴.": lambda s, lam: by_search(s, lam) ** 4,
        "** 1 / 4 takes the first power and divides it by 4: ** (1 / 4) is the root.": (
            lambda s, lam: by_search(s, lam) ** 4 / 4
        ),
        "Where has the ln 2 gone?": lambda s, lam: by_search(s, lam) / np.log(2) ** 0.25,
        "ln 2 stands in the denominator of R: look again.": (
            lambda s, lam: by_search(s, lam) / np.log(2) ** 0.5
        ),
        "A factor of 2: what is the derivative of w²?": lambda s, lam: by_search(s, 2 * lam),
        "A factor of 2: what is the derivative of w⁻²?": lambda s, lam: by_search(s, lam / 2),
        "Where has λ gone?": lambda s, lam: by_search(s, 1.0),
        "s stands squared in D.": lambda s, lam: by_search(s**0.5, lam),
        "The derivative of w⁻² is −2w⁻³, and that of w² is 2w: together that makes w⁴, not w³.": (
            lambda s, lam: by_search(s, lam) ** (4 / 3)
        ),
        "That is the step, s / w.": lambda s, lam: s / by_search(s, lam),
        "That is where the prior fits. Is it where L is least?": lambda s, lam: 1.0,
    }
)
def balance(answer):
    """answer: a function of s, lam -> the width of the latents at which R + lam D is least."""
    for s, lam in ((100.0, 0.01), (30.0, 0.01), (100.0, 0.16), (5.0, 1e-4)):
        found, right = number(answer(s, lam), f"s = {s:g}, λ = {lam:g}: "), by_search(s, lam)
        if not np.isclose(found, right, rtol=1e-3):
            known = hint(balance, found, s, lam, rtol=1e-3) or nearly(found, right)
            raise Wrong(known or _more(found, right, s, lam))
    return "A search finds the same. Sixteen times the λ: latents twice as wide, no more."


def _more(found, right, s, lam):
    where = f"s = {s:g}, λ = {lam:g}: "
    if found <= 0:
        return f"{where}a width is above 0, yours is {minus(f'{found:.4g}')}."
    if abs(found / right - 1) < 0.05:
        return f"{where}nearly. Do not search: set the derivative by w to 0."
    mine, lower = cost(found, s, lam), cost(right, s, lam)
    return (
        f"{where}at your w, R + λD is {mine:.4g}; it can be {lower:.4g}. "
        "Set the derivative by w to 0."
    )


# --- 2 -----------------------------------------------------------------------------------

BITS = {0: 0.5, 1: 3.0, 2: 5.0, 3: 7.0, 4: 8.0}
PRICES = (3.0, 0.1, 0.9, 8.0, 40.0)  # bits for a squared error of one step
LATENTS = (0.55, -0.6, 0.9, 0.95, 1.45, -2.52, 2.42, 0.2, 9.3)
NUMBERS = range(-9, 10)


def spent(n):
    """Bits of a whole number: many where it is large."""
    return BITS[min(abs(n), 4)]


def chosen(y, bits, price, among=NUMBERS, power=2):
    """The whole number of the smallest L; of equal ones the nearest."""
    nearest = sorted(among, key=lambda n: abs(y - n))
    return min(nearest, key=lambda n: bits(n) + price * abs(y - n) ** power)


@knows(
    {
        "That is always the nearest. What would another one cost?": (
            lambda y, bits, price: round(y)
        ),
        "Those are the two nearest. From further away, too, a latent may go to 0.": (
            lambda y, bits, price: chosen(y, bits, price, (int(np.floor(y)), int(np.floor(y)) + 1))
        ),
        "0 or the nearest: and what lies between them?": (
            lambda y, bits, price: chosen(y, bits, price, (0, round(y)))
        ),
        "The error is (y − n)²: far away it counts more than its distance.": (
            lambda y, bits, price: chosen(y, bits, price, power=1)
        ),
        "More bits should make a number worse, not better.": (
            lambda y, bits, price: chosen(y, lambda n: -bits(n), price)
        ),
        "The price is for the error; bits are counted as they are.": (
            lambda y, bits, price: chosen(y, lambda n: price * bits(n), 1)
        ),
        "Your choice does not depend on the price.": lambda y, bits, price: chosen(y, bits, 1.0),
        "y may be negative, and so may n.": (
            lambda y, bits, price: chosen(y, bits, price, range(10))
        ),
        "That is its place among the 19 numbers. Which number stands there?": (
            lambda y, bits, price: 9 + chosen(y, bits, price)
        ),
        "That is always the one of fewest bits. What does its error cost?": (
            lambda y, bits, price: 0
        ),
    }
)
def second_thought(answer):
    """answer: a function of y, bits and a price -> whole number."""
    for price in PRICES:
        for y in LATENTS:
            found = answer(y, spent, price)
            if isinstance(found, float) and np.isclose(found, _smallest(y, price)):
                raise Wrong("That is the smallest L. Which whole number has it?")
            if isinstance(found, bool) or not isinstance(found, int | np.integer):
                raise Wrong(f"Return an int: {found!r} is none. int(...) makes one.")
            if found != chosen(y, spent, price):
                raise Wrong(_thought_hint(answer, found, y, price))
    return "Nine latents at five prices, each with the smallest L there is."


def _smallest(y, price):
    return min(spent(n) + price * (y - n) ** 2 for n in NUMBERS)


def _thought_hint(answer, found, y, price):
    says = f"y = {y}, price {price:g}: you chose {found}. "
    for words, mistake in second_thought.mistakes:
        tasks = ((v, spent, p) for v in LATENTS for p in PRICES)
        if all(answer(*task) == mistake(*task) for task in tasks):
            return says + words
    L = {n: spent(n) + price * (y - n) ** 2 for n in (found, chosen(y, spent, price))}
    mine, best = L.values()
    return says + f"Its L is {mine:.2f}, and there is one with {best:.2f}."


# --- 3 -----------------------------------------------------------------------------------

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
        "So many percent are left. How many are saved?": lambda c, p: 100 - saved(c, p),
        "np.interp(place, x, y): the place is a PSNR, so x are the curve's PSNRs.": (
            lambda c, p: 100 * (1 - p[0] / np.interp(p[1], *np.transpose(c)))
        ),
        "A percentage of what? The curve's bits are the 100 %.": (
            lambda c, p: 100 * (_rate(c, p[1]) / p[0] - 1)
        ),
        "Nearly. Between two points a curve is nearer to straight in the *logarithm* of bits.": (
            lambda c, p: 100 * (1 - p[0] / np.interp(p[1], *np.transpose(c)[::-1]))
        ),
        "Those are bits per pixel. How many percent of the curve's?": [
            lambda c, p: _rate(c, p[1]) - p[0],
            lambda c, p: np.interp(p[1], *np.transpose(c)[::-1]) - p[0],
        ],
        "Logarithms serve to interpolate. Back with exp, before you compare.": [
            lambda c, p: 100 * (1 - np.log(p[0]) / np.log(_rate(c, p[1]))),
            lambda c, p: 100 * (1 - p[0] / np.log(_rate(c, p[1]))),
        ],
        "That is a difference of logarithms. Which part of the curve's bits is saved?": [
            lambda c, p: 100 * np.log(_rate(c, p[1]) / p[0]),
            lambda c, p: 100 * np.log(np.interp(p[1], *np.transpose(c)[::-1]) / p[0]),
        ],
        "Those are decibels at equal bits. Asked are bits at equal decibels.": [
            _decibels,
            lambda c, p: -_decibels(c, p),
        ],
        "You compare with a file of another PSNR. What would the curve need at *this* PSNR?": (
            _nearest
        ),
    }
)
def bits_saved(answer):
    """answer: a function of a curve and a point -> percent of bits saved at the point's PSNR."""
    for curve, point in CURVES:
        found, right = number(answer(list(curve), tuple(point))), saved(curve, point)
        if not abs(found - right) <= 0.05:
            known = hint(bits_saved, found, curve, point, rtol=1e-3) or nearly(found, right)
            raise Wrong(known or "Which rate has the curve at the point's PSNR? That is the 100 %.")
    return "At equal PSNR, with rates interpolated as logarithms: what BD-rate averages."


# --- 4 -----------------------------------------------------------------------------------

WORDS = {"silent": ("less", "more"), "PSNR": ("lower", "higher"), "DC": ("wider", "narrower")}


SWAPPED = {
    "N(0, 3²)": {"width": 3**0.5, "silent": "more", "PSNR": "higher"},
    "Laplace": {"DC": "wider", "silent": "less"},
}


def _but(prior, part, said):
    """The right answer with one part changed."""
    return SWAPPED | {prior: SWAPPED[prior] | {part: said}}


@knows(
    {
        "The spring is 9 times as weak, but D's pull fades as the latents grow.": (
            _but("N(0, 3²)", "width", 3)
        ),
        "Does a wide prior pull as hard at a latent of 2 as a narrow one?": (
            _but("N(0, 3²)", "width", 1)
        ),
        "What does a 0 cost? Think of the mass of the middle bin: it spreads itself.": (
            _but("N(0, 3²)", "silent", "less")
        ),
        "What does a 0 cost? Think of the mass of the middle bin: a Laplace density has a peak.": (
            _but("Laplace", "silent", "more")
        ),
        "Wider latents, same coefficients: are the steps finer or coarser?": (
            _but("N(0, 3²)", "PSNR", "lower")
        ),
        "Far out a Gaussian's price grows like y², Laplace's like |y|. DC is far out.": (
            _but("Laplace", "DC", "narrower")
        ),
    },
    otherwise="1, 3 ** 0.5 or 3? In R put w²/σ² for w², and look for the minimum again.",
)
def swap(answer):
    """answer: what N(0, 3²) and Laplace do, compared with N(0, 1), at the same λ."""
    same = isinstance(answer, dict) and answer.keys() == SWAPPED.keys()
    same = same and all(isinstance(part, dict) for part in answer.values())
    if not same or any(set(answer[p]) != set(SWAPPED[p]) for p in SWAPPED):
        raise Wrong("Five answers are asked for: keep the names as they are.")
    if any(v is ... for part in answer.values() for v in part.values()):
        raise NotDone
    for prior, parts in SWAPPED.items():
        for part, value in parts.items():
            mine = answer[prior][part]
            if part in WORDS and mine not in WORDS[part]:
                raise Wrong(f"{prior}, {part}: write {' or '.join(WORDS[part])}, not {mine!r}.")
            if part == "width" and not _is_number(mine):
                raise Wrong(f"{prior}, width: write a number, not {mine!r}.")
            if not (np.isclose(mine, value, 0.01) if part == "width" else mine == value):
                raise Wrong(f"{prior}, {part}: {hint(swap, _but(prior, part, mine))}")
    return "Now train both, and see."


def _is_number(value):
    return isinstance(value, int | float | np.number)


check = checks(balance, second_thought, bits_saved, swap)
