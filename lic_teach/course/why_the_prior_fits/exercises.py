"""Checks: what R alone wants, where R and D are in balance, another prior."""

import numpy as np
from scipy import optimize, stats

from lic_teach.course.why_the_prior_fits.small_codec import split
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows

# --- 1 -----------------------------------------------------------------------------------

WIDTHS = {"silent": 1e-9, "fitting": 1.0, "wide": 2.0}


def latents():
    """Whole numbers of three channels: always 0, N(0, 1), N(0, 2²), every quantile once."""
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    return {name: np.rint(stats.norm(0, w).ppf(quantiles)) for name, w in WIDTHS.items()}


def measured():
    """{name: (H, KL, R)} of the three under N(0, 1), in bits a latent."""
    channels = latents()
    R, H = split(np.stack(list(channels.values())), np.ones(3))
    return {name: (h, r - h, r) for name, r, h in zip(channels, R, H, strict=True)}


def least(answer):
    """answer: {"H": name, "KL": name, "R": name}: which of three channels has the least."""
    right = {
        part: min(WIDTHS, key=lambda name: measured()[name][i])
        for i, part in enumerate(("H", "KL", "R"))
    }
    if not isinstance(answer, dict) or answer.keys() != right.keys():
        raise Wrong("Three answers are asked for: H, KL, R.")
    hints = {
        "H": "Entropy asks how sure one can be of the next number. It knows no prior.",
        "KL": "KL is 0 where the prior is the truth, and only there.",
        "R": "Which number is the cheapest under N(0, 1)? Which channel sends nothing else?",
    }
    for part, words in hints.items():
        if answer[part] not in WIDTHS:
            raise Wrong(f"{part}: write one of {', '.join(WIDTHS)}, not {answer[part]!r}.")
        if answer[part] != right[part]:
            raise Wrong(f"{part}: {words}")
    return "The best fit is not the cheapest. Now the numbers."


# --- 2 -----------------------------------------------------------------------------------


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
        "Where has the ln 2 gone?": lambda s, lam: by_search(s, lam) / np.log(2) ** 0.25,
        "ln 2 stands in the denominator of R: look again.": (
            lambda s, lam: by_search(s, lam) / np.log(2) ** 0.5
        ),
        "A factor of 2: what is the derivative of w⁻²?": lambda s, lam: by_search(s, 2 * lam),
        "A factor of 2: what is the derivative of w²?": lambda s, lam: by_search(s, lam / 2),
        "That is the step, s / w.": lambda s, lam: s / by_search(s, lam),
        "That is where the prior fits. Is it where L is least?": lambda s, lam: 1.0,
    }
)
def balance(answer):
    """answer: a function of s, lam -> the width of the latents at which R + lam D is least."""
    for s, lam in ((100.0, 0.01), (30.0, 0.01), (100.0, 0.16), (5.0, 1e-4)):
        found, right = answer(s, lam), by_search(s, lam)
        if np.ndim(found) or not np.isfinite(found):
            raise Wrong(f"Return one finite number, not {found!r}.")
        if not np.isclose(found, right, rtol=1e-3):
            raise Wrong(hint(balance, found, s, lam, rtol=1e-3) or _dearer(found, right, s, lam))
    return "A search finds the same. Sixteen times the λ: latents twice as wide, no more."


def _dearer(found, right, s, lam):
    lower = cost(right, s, lam)
    mine = cost(found, s, lam) if found > 0 else np.inf
    return (
        f"s = {s:g}, λ = {lam:g}: at your w, R + λD is {mine:.4g}; it can be {lower:.4g}. "
        "Set the derivative by w to 0."
    )


# --- 3 -----------------------------------------------------------------------------------

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


check = checks(least, balance, swap)
