"""Checks: slopes on other axes, one budget for three pictures, BD-rate."""

from functools import cache
from operator import itemgetter

import numpy as np
from scipy.interpolate import Akima1DInterpolator

from lic_teach import metrics
from lic_teach.course.rate_distortion.budget import (
    PICTURES,
    equal_bpp,
    equal_lam,
    equal_quality,
    files,
    totals,
)
from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number
from lic_teach.paths import DATA
from lic_teach.study import table

# --- 1 -----------------------------------------------------------------------------------

LAM, D = 0.01, 67


SLOPES = {"dD/dR": -1 / LAM, "dPSNR/dR": 10 / (np.log(10) * LAM * D)}
DECIBELS = {
    "log₁₀ is the natural logarithm divided by ln 10.": 10 / (LAM * D),
    "20 log₁₀ is for amplitudes. D is a mean of squares already: 10 log₁₀.": (
        20 / (np.log(10) * LAM * D)
    ),
    "A decibel is a tenth: where did the factor 10 go?": 1 / (np.log(10) * LAM * D),
    "You multiplied by dR/dD. The chain rule needs dD/dR.": 10 * LAM / (np.log(10) * D),
    "That is dPSNR/dD. By what is it multiplied to become one over R?": 10 / (np.log(10) * D),
}


@knows(
    {
        "More bits, less error: which way does the line go?": SLOPES | {"dD/dR": 1 / LAM},
        "That is dR/dD. What becomes of a slope where the two axes change places?": (
            SLOPES | {"dD/dR": -LAM}
        ),
        "That has neither the sign nor the size: D is the height now, R the width.": (
            SLOPES | {"dD/dR": LAM}
        ),
        "The size is right. Do more bits make the PSNR smaller?": (
            SLOPES | {"dPSNR/dR": -SLOPES["dPSNR/dR"]}
        ),
        **{words: SLOPES | {"dPSNR/dR": value} for words, value in DECIBELS.items()},
        **{f"{words} And the sign.": SLOPES | {"dPSNR/dR": -v} for words, v in DECIBELS.items()},
    }
)
def slopes(answer):
    """answer: {"dD/dR": number, "dPSNR/dR": number} along the line of one L, at LAM and D."""
    if not isinstance(answer, dict) or not set(SLOPES) <= set(answer) or _words(answer):
        raise Wrong('Give two numbers, with the names "dD/dR" and "dPSNR/dR".')
    ways = (
        ("dD/dR", "dD/dR is not", "Solve L = R + λD for D."),
        (
            "dPSNR/dR",
            "dD/dR is right; dPSNR/dR is not",
            "The chain rule: dPSNR/dR = dPSNR/dD · dD/dR.",
        ),
    )
    for name, words, way in ways:
        if not np.isclose(answer[name], SLOPES[name], rtol=0.01):
            known = hint(slopes, answer, rtol=0.01, atol=1e-8, of=itemgetter(name))
            raise Wrong(f"{words} {answer[name]:g}. {known or way}")
    return "At this point a tenth of a bit per pixel takes off 10 units of MSE, or adds 0.65 dB."


def _words(answer):
    return any(isinstance(value, str) for value in answer.values())


# --- 2 -----------------------------------------------------------------------------------


@knows(
    {
        "One quality for all. Ask what one more bit buys in each of the pictures.": equal_quality,
        "Equal bits per pixel. The page needs more of them than the coffee.": equal_bpp,
    }
)
def share(answer):
    """answer: a function of points, {name: files}, and a budget in bits -> {name: quality}."""
    points = {name: files(name) for name in PICTURES}
    for size in (40_000, 80_000):
        _judge(points, 8 * size, answer({n: list(f) for n, f in points.items()}, 8 * size))
    return "40,000 bytes or 80,000: no more than allowed, and no more error than one λ leaves."


def _judge(points, budget, choice):
    if not isinstance(choice, dict) or set(choice) != set(points):
        raise Wrong(f"Return a quality for each of {', '.join(points)}: a dictionary.")
    if not all(quality in range(1, 101) for quality in choice.values()):
        raise Wrong("A quality is one of those in the list, a whole number from 1 to 100.")
    bits, error = totals(points, choice)
    best_bits, best = totals(points, equal_lam(points, budget))
    words = f"With a budget of {budget // 8:,} bytes you take {bits / 8:,.0f}"
    if bits > budget:
        raise Wrong(f"{words}: {(bits - budget) / 8:,.0f} too many.")
    if error > best * (1 + 1e-9):
        more = "As many bits could leave less error: is the price the same for all three?"
        if bits < 0.95 * best_bits:
            more = "Much of it is not spent: a larger λ takes more."
        raise Wrong(f"{words}. {hint(share, choice, points, budget) or more}")


# --- 3 -----------------------------------------------------------------------------------


@cache
def kodak(name):
    """The mean curve of one codec over the 24 Kodak pictures: [(bpp, PSNR), ...]."""
    return table.psnr_curve(table.read(DATA / "rd" / f"kodak_{name}.json"))


def _by_psnr(curve):
    rate, quality = np.array(sorted(curve, key=lambda point: point[1])).T
    return quality, np.log(rate)


def _overlap(*lines):
    """2000 places over which two lines, increasing (x, y) each, are both known."""
    return np.linspace(max(x[0] for x, _ in lines), min(x[-1] for x, _ in lines), 2000)


def over_psnr(rule, curve=Akima1DInterpolator):
    """An answer that makes its number of both log rates, where both curves have the PSNR."""

    def answer(anchor, points):
        lines = _by_psnr(anchor), _by_psnr(points)
        return rule(*(curve(*line)(_overlap(*lines)) for line in lines))

    return answer


def _straight(x, y):
    return lambda grid: np.interp(grid, x, y)


def _percent(a, b):
    return 100 * (np.exp(np.mean(b - a)) - 1)


def _psnr_gap(anchor, points):
    lines = [_by_psnr(curve)[::-1] for curve in (anchor, points)]
    a, b = (np.interp(_overlap(*lines), *line) for line in lines)
    return np.mean(b - a)


def _no_mean(power):
    """An integral over the overlap that is not divided by its width."""

    def answer(anchor, points):
        width = np.ptp(_overlap(_by_psnr(anchor), _by_psnr(points)))
        right = over_psnr(_percent)(anchor, points)
        return 100 * ((1 + right / 100) ** width - 1) if power else right * width

    return answer


@knows(
    {
        "Nearly. These are straight lines between the points; use Akima's.": (
            over_psnr(_percent, _straight)
        ),
        "You took the mean of the percents. Of the logs, please.": over_psnr(
            lambda a, b: 100 * np.mean(np.exp(b - a) - 1)
        ),
        "Mean rates are divided: the large files decide alone.": over_psnr(
            lambda a, b: 100 * (np.exp(b).mean() / np.exp(a).mean() - 1)
        ),
        "Natural logarithms go back by exp, those of base 10 by 10 **.": over_psnr(
            lambda a, b: 100 * (10 ** np.mean(b - a) - 1)
        ),
        "Logarithms of base 10 go back by 10 **, not exp.": over_psnr(
            lambda a, b: _percent(a / np.log(10), b / np.log(10))
        ),
        "Logarithms of base 2 go back by 2 **, not exp.": over_psnr(
            lambda a, b: _percent(a / np.log(2), b / np.log(2))
        ),
        "That is the mean of the logarithms, in percent. Go back from the log first.": over_psnr(
            lambda a, b: 100 * np.mean(b - a)
        ),
        "Which is the anchor? Its bits are the 100 %.": over_psnr(lambda a, b: _percent(b, a)),
        "Fewer bits are negative.": over_psnr(lambda a, b: -_percent(a, b)),
        "That is a difference in dB at equal bits, the BD-PSNR.": _psnr_gap,
        "The percent are missing.": over_psnr(lambda a, b: _percent(a, b) / 100),
        "That is how many of the anchor's bits it needs. How many more or fewer?": over_psnr(
            lambda a, b: _percent(a, b) + 100
        ),
        "The integral is not yet a mean: how wide is the overlap?": [
            _no_mean(power=False),
            _no_mean(power=True),
        ],
    },
    otherwise="Log rate over PSNR, the mean difference, and back to percent.",
)
def bd_rate(answer):
    """answer: a function of two curves, lists of (bpp, PSNR) -> percent."""
    for first, second in (("jpeg", "webp"), ("jpeg", "avif"), ("avif", "jpeg444")):
        anchor, points = kodak(first), kodak(second)
        found, right = answer(list(anchor), list(points)), metrics.bd_rate(anchor, points)
        if np.ndim(found) > 0:
            raise Wrong("One number is asked for: the mean over all PSNRs that both curves have.")
        found = one_number(found)
        where = f"{second} against {first}: {found:.2f}. "
        if not np.isfinite(found):
            outside = "Outside the overlap one of the curves is not known: Akima gives nan there."
            raise Wrong(where + outside)
        if not abs(found - right) < 0.1:
            raise Wrong(where + hint(bd_rate, found, anchor, points, rtol=1e-3, atol=0.05))
    saved = -metrics.bd_rate(kodak("jpeg"), kodak("avif"))
    return f"AVIF needs {saved:.1f} % fewer bits than JPEG, over all PSNRs that both reach."


check = checks(slopes, share, bd_rate)
