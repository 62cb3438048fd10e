"""Checks: slopes on other axes, one budget for three pictures, BD-rate."""

from functools import cache

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
from lic_teach.kit.checks import Wrong, checks
from lic_teach.paths import DATA
from lic_teach.study import table

# --- 1 -----------------------------------------------------------------------------------

LAM, D = 0.01, 67


def slopes(answer):
    """answer: {"dD/dR": number, "dPSNR/dR": number} along the line of one L, at LAM and D."""
    names = {"dD/dR", "dPSNR/dR"}
    if not isinstance(answer, dict) or not names <= set(answer) or _words(answer):
        raise Wrong('Give two numbers, with the names "dD/dR" and "dPSNR/dR".')
    turned, decibels = answer["dD/dR"], answer["dPSNR/dR"]
    if not np.isclose(turned, -1 / LAM, rtol=0.01):
        raise Wrong(f"dD/dR is not {turned:g}. {_turned_hint(turned)}")
    if not np.isclose(decibels, 10 / (np.log(10) * LAM * D), rtol=0.01):
        raise Wrong(f"dD/dR is right; dPSNR/dR is not {decibels:g}. {_decibels_hint(decibels)}")
    return "At this point a tenth of a bit per pixel takes off 10 units of MSE, or adds 0.65 dB."


def _words(answer):
    return any(isinstance(value, str) for value in answer.values())


def _turned_hint(found):
    known = (
        (1 / LAM, "More bits, less error: which way does the line go?"),
        (-LAM, "That is dR/dD. What becomes of a slope where the two axes change places?"),
        (LAM, "That has neither the sign nor the size: D is the height now, R the width."),
    )
    return _first(known, found, "Solve L = R + λD for D.")


def _decibels_hint(found):
    right = 10 / (np.log(10) * LAM * D)
    known = (
        (-right, "The size is right. Do more bits make the PSNR smaller?"),
        (10 / (LAM * D), "log₁₀ is the natural logarithm divided by ln 10."),
        (1 / (np.log(10) * LAM * D), "A decibel is a tenth: where did the factor 10 go?"),
        (10 * LAM / (np.log(10) * D), "You multiplied by dR/dD. The chain rule needs dD/dR."),
        (10 / (np.log(10) * D), "That is dPSNR/dD. By what is it multiplied to become one over R?"),
    )
    known += tuple((-value, f"{hint} And the sign.") for value, hint in known[1:])
    return _first(known, found, "The chain rule: dPSNR/dR = dPSNR/dD · dD/dR.")


def _first(known, found, otherwise):
    return next((h for value, h in known if np.isclose(found, value, rtol=0.01)), otherwise)


# --- 2 -----------------------------------------------------------------------------------


def share(answer):
    """answer: a function of points, {name: files}, and a budget in bits -> {name: quality}."""
    points = {name: files(name) for name in PICTURES}
    for size in (20_000, 60_000):
        _judge(points, 8 * size, answer({n: list(f) for n, f in points.items()}, 8 * size))
    return "20,000 bytes or 60,000: no more than allowed, and no more error than one λ leaves."


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
        raise Wrong(f"{words}. {_share_hint(points, budget, choice, bits, best_bits)}")


def _share_hint(points, budget, choice, bits, best_bits):
    if choice == equal_quality(points, budget):
        return "One quality for all. Ask what one more bit buys in each of the pictures."
    if choice == equal_bpp(points, budget):
        return "Equal bits per pixel. The cat needs fewer of them than the astronaut."
    if bits < 0.95 * best_bits:
        return "Much of it is not spent: a larger λ takes more."
    return "As many bits could leave less error: is the price the same for all three?"


# --- 3 -----------------------------------------------------------------------------------


@cache
def kodak(name):
    """The mean curve of one codec over the 24 Kodak pictures: [(bpp, PSNR), ...]."""
    return table.psnr_curve(table.read(DATA / "rd" / f"kodak_{name}.json"))


def bd_rate(answer):
    """answer: a function of two curves, lists of (bpp, PSNR) -> percent."""
    for first, second in (("jpeg", "webp"), ("jpeg", "avif"), ("avif", "jpeg444")):
        anchor, points = kodak(first), kodak(second)
        found, right = answer(list(anchor), list(points)), metrics.bd_rate(anchor, points)
        if np.ndim(found) > 0:
            raise Wrong("One number is asked for: the mean over all PSNRs that both curves have.")
        if not abs(found - right) < 0.1:
            raise Wrong(f"{second} against {first}: {found:.2f}. {_bd_hint(found, anchor, points)}")
    saved = -metrics.bd_rate(kodak("jpeg"), kodak("avif"))
    return f"AVIF needs {saved:.1f} % fewer bits than JPEG, over all PSNRs that both reach."


def _bd_hint(found, anchor, points):
    if not np.isfinite(found):
        return "Outside the overlap one of the curves is not known: Akima gives nan there."
    curves = [np.array(sorted(curve, key=lambda p: p[1])).T for curve in (anchor, points)]
    low = max(quality[0] for _, quality in curves)
    high = min(quality[-1] for _, quality in curves)
    grid = np.linspace(low, high, 2000)
    known = [
        *_other_rates(curves, grid),
        (_percent(_log_rates(curves, grid)[::-1]), "Which is the anchor? Its bits are the 100 %."),
        (_psnr_gap(curves), "That is a difference in dB at equal bits, the BD-PSNR."),
    ]
    right = _percent(_log_rates(curves, grid))
    gap = np.log(1 + right / 100)
    wide = right * (high - low), 100 * (np.exp(gap * (high - low)) - 1)
    known += [
        (right / 100, "The percent are missing."),
        (right + 100, "That is how many of the anchor's bits it needs. How many more or fewer?"),
        *((value, "The integral is not yet a mean: how wide is the overlap?") for value in wide),
    ]
    near = [hint for value, hint in known if abs(found - value) < 0.05 + 1e-3 * abs(value)]
    return near[0] if near else "Log rate over PSNR, the mean difference, and back to percent."


def _log_rates(curves, grid):
    return [Akima1DInterpolator(quality, np.log(rate))(grid) for rate, quality in curves]


def _percent(logs):
    return 100 * (np.exp(np.mean(logs[1] - logs[0])) - 1)


def _other_rates(curves, grid):
    """Mistakes with the rates, and what to say of them."""
    logs = _log_rates(curves, grid)
    lines = [np.interp(grid, quality, np.log(rate)) for rate, quality in curves]
    a, b = np.exp(logs)
    gap = np.mean(logs[1] - logs[0])
    return [
        (_percent(lines), "Nearly. These are straight lines between the points; use Akima's."),
        (100 * np.mean(b / a - 1), "You took the mean of the percents. Of the logs, please."),
        (100 * (b.mean() / a.mean() - 1), "Mean rates are divided: the large files decide alone."),
        (100 * (10**gap - 1), "Natural logarithms go back by exp, those of base 10 by 10 **."),
        (100 * (np.exp(gap / np.log(10)) - 1), "Logarithms of base 10 go back by 10 **, not exp."),
        (100 * (np.exp(gap / np.log(2)) - 1), "Logarithms of base 2 go back by 2 **, not exp."),
        (100 * gap, "That is the mean of the logarithms, in percent. Go back from the log first."),
    ]


def _psnr_gap(curves):
    low = max(np.log(rate[0]) for rate, _ in curves)
    high = min(np.log(rate[-1]) for rate, _ in curves)
    grid = np.linspace(low, high, 2000)
    anchor, points = (np.interp(grid, np.log(rate), quality) for rate, quality in curves)
    return np.mean(points - anchor)


check = checks(slopes, share, bd_rate)
