"""What the explorer draws, as SVG: a guess over real latents, and its code length.

    guess    blue bars: how often each whole number occurs; the curve: the prior's density; the
             steps under it: the mass of each bin; below, the bits that each number costs
    cost     code length over sigma; the entropy as the bound; the floor: bits of the likeliest

Blue is what is in the picture. The guess is a thin dark line, its bins shaded grey.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, patch, steps, stroke, symbol, within
from lic_teach.kit.labels import free
from lic_teach.kit.plots import LEARNED, QUIET, TEXT, text, titled

LEFT, RIGHT = 40, 448
UPPER, LOWER = (LEFT, 44, RIGHT, 204), (LEFT, 288, RIGHT, 440)  # the two panels
MOST = 8.0  # bits at the top of the lower one
SIGMAS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40)
FLOORS = (1.2, 5)  # the sigmas beside which the floor can have its name
SHADE = f"fill:{QUIET};fill-opacity:.22"


def plot(result) -> str:
    """code_length.Result -> SVG text."""
    title = f"{result.bits:.2f} bits a latent; the histogram allows {result.entropy:.2f}"
    return titled(460, 482, title, _guess(result) + _cost(result))


# --- above: the guess --------------------------------------------------------------------


def _guess(result):
    values, share = result.values, result.share
    top = min(1.0, 1.45 * share.max())
    ax = Axes((values[0] - 0.5, values[-1] + 0.5), (0, top), UPPER)
    x, mass = steps(values, 2.0**-result.spent)
    return (
        ax.grid((), within(0, top), "", "share of latents, probability")
        + ax.area(x, 0, mass, SHADE)
        + ax.line(x, mass, QUIET, 1)
        + ax.bars(values, share, 0.5, f"fill:{LEARNED}")
        + ax.line(*_density(result), TEXT, 1.5)
        + _costs(ax, values, result.spent)
        + _legend(values, max(share @ values, result.mean))
    )


def _density(result):
    """The prior's density, as x and y."""
    t = np.sort(np.append(result.mean + np.linspace(-4, 4, 41) * result.sigma, result.mean))
    z = np.abs(t - result.mean) / result.sigma
    if result.shape == "Gaussian":
        return t, np.exp(-(z**2) / 2) / (result.sigma * np.sqrt(2 * np.pi))
    return t, np.exp(-np.sqrt(2) * z) / (result.sigma * np.sqrt(2))


def _costs(ax, values, bits):
    """Under the axis whole numbers and what they cost, as many as there is room for."""
    digits = max(len(f"{bits.max():.0f}"), 4)
    room, below = (8 * digits + 5) / (RIGHT - LEFT), UPPER[3]
    every = max(int(np.ceil(len(values) * room)), 1)
    shown = [(k, b) for k, b in zip(values, bits, strict=True) if k % every == 0]
    costs = (text(ax.x(k), below + 34, f"{b:.{int(b < 99.5)}f}", weight=600) for k, b in shown)
    return (
        ax.grid([k for k, _ in shown])
        + "".join(costs)
        + text(1, below + 17, "ŷ", anchor="start")
        + text(1, below + 34, "bits", anchor="start", weight=600)
    )


def _legend(values, heavy):
    """What is blue and what is grey, on the emptier side; heavy: where latents or guess stand."""
    middle = (values[0] + values[-1]) / 2
    left = RIGHT - 100 if heavy <= middle + 0.15 * len(values) else LEFT + 8
    samples = {
        "latents": patch(f"fill:{LEARNED}"),
        "guess, P(ŷ)": patch(f"{SHADE};stroke:{QUIET}"),
        "its density": stroke(TEXT, 1.5),
    }
    return legend(left, UPPER[1] + 4, samples)


# --- below: the cost ---------------------------------------------------------------------


def _cost(result):
    ax = Axes((0.92 * SIGMAS[0], SIGMAS[-1]), (0, MOST), LOWER, log="x")  # room for a mark
    sigmas = np.geomspace(SIGMAS[0], SIGMAS[-1], len(result.curve))
    end, anchor = (SIGMAS[-1], "end") if result.entropy < 3 else (SIGMAS[0], "start")  # it is free
    curve = ax.places(sigmas, np.minimum(result.curve, 2 * MOST))
    y = ax.y(min(result.entropy, MOST))
    rule = [(LEFT, y), (RIGHT, y)]
    now = ax.edge(result.sigma, result.bits)
    floors = [(ax.x(s), ax.y(np.interp(s, sigmas, result.cheapest))) for s in FLOORS]
    below = [(x + 8, y + 12, "start") for x, y in floors]
    quiet = {"fill": QUIET, "anchor": "start", "halo": True}
    bound = {"fill": LEARNED, "anchor": anchor, "weight": 600}
    return (
        ax.grid(SIGMAS, (0, 2, 4, 6, 8), "σ of the guess, steps", "bits per latent")
        + ax.line(sigmas, result.cheapest, QUIET, 1.5, "2 3")
        + ax.rule(y=min(result.entropy, MOST), color=LEARNED, dash="7 4", width=1.5)
        + ax.line(sigmas, result.curve, TEXT)
        + ax.text(end, result.entropy, "entropy", 0, -6, halo=True, **bound)
        + text(*free("floor", below, [rule], [now])[:2], "floor", **quiet)
        + _points(ax, result, [curve, rule])
    )


def _points(ax, result, lines):
    """The guess as a full mark, the best one as a ring; above the top: an arrow with its number."""
    best = result.best.sigma, result.best.bits
    (x, y), now = ax.edge(*best), ax.edge(result.sigma, result.bits)
    around = [(x, y - down, "middle") for down in (12, 20, 28, 36)]
    around += [(x - 10, y - 8, "end"), (x + 10, y + 16, "start"), (x, y + 22, "middle")]
    x, y, anchor = free("best", around, lines, [now])
    drawn = ax.mark(*best, TEXT, "open circle", 5.5)
    drawn += text(x, y, "best", anchor=anchor, halo=True)
    if result.bits <= MOST:
        return drawn + ax.mark(result.sigma, result.bits, TEXT)
    x, top = ax.edge(result.sigma, MOST)
    anchor, right = ("start", 10) if x < (LEFT + RIGHT) / 2 else ("end", -10)
    words = text(x + right, top + 3, f"{result.bits:.1f}", TEXT, anchor, weight=600, halo=True)
    return drawn + symbol(x, top, TEXT, "triangle") + words
