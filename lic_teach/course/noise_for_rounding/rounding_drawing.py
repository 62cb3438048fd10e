"""What the explorer draws, as SVG: a latent over its bins, and two curves over sigma.

    latent   its density, thin; the probability of each whole number as a bar; the density of
             the noisy latent, which meets every bar in its middle
    curves   bits, and squared error, of both over sigma; the shade is what rounding does at
             other means; the marks are where the sliders stand

Rounding is blue, full, with a circle; noise is violet, dashed, with a square.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, patch, stroke
from lic_teach.kit.plots import LEARNED, NOISE, QUIET, moved, svg, titled

WIDTH, LATENT, CURVES = 460, 230, 402  # of both drawings, and their heights
LEFT, RIGHT = 40, 448
SIGMAS = (0.03, 0.1, 0.2, 0.5, 1, 2)
PANELS = (  # what, top and bottom, height of the axis and its marks, as in rounding.Cost
    ("bits per latent", (48, 178), 3.2, (0, 1, 2, 3)),
    ("squared error, steps²", (260, 356), 0.26, (0, 0.1, 0.2)),
)
DASH, SHADE = "6 4", f"fill:{LEARNED};fill-opacity:.35"


def latent(result) -> str:
    """rounding.Result -> SVG, WIDTH x LATENT."""
    ax = Axes((-3.5, 3.5), (0, 1.05), (LEFT, 50, RIGHT, 190))
    whole, mine = np.arange(-3, 4), result.latent
    samples = {
        "rounded": patch(SHADE),
        "with noise": stroke(NOISE, dash=DASH),
        "y itself": stroke(QUIET, 1),
    }
    body = (
        ax.grid(whole, (0, 0.5, 1), "latent, steps", "probability, density")
        + ax.bars(whole, mine.mass, 0.96, SHADE)
        + ax.line(mine.t, mine.plain, QUIET, 1)
        + ax.line(mine.t, mine.noisy, NOISE, dash=DASH)
        + ax.dots(whole, mine.mass, LEARNED)
        + legend(RIGHT - 96, 56, samples)
    )
    return titled(WIDTH, LATENT, _title(result), body)


def curves(result) -> str:
    """rounding.Result -> SVG, WIDTH x CURVES."""
    title = "Below half a step noise and rounding part"
    return titled(WIDTH, CURVES, title, _panel(result, 0) + _panel(result, 1))


def both(result):
    """One over the other, for a page without a kernel."""
    below = moved(curves(result), y=LATENT + 20)
    return svg(WIDTH, LATENT + 20 + CURVES, _title(result), latent(result) + below)


def _title(result):
    file, noise = result.rounded.bits, result.noisy.bits
    return f"σ = {result.sigma:.3g}: {file:.2f} bits in the file, {noise:.2f} with noise"


def _panel(result, which):
    """Both over sigma. which: 0 for bits, 1 for the error."""
    name, (top, bottom), highest, up = PANELS[which]
    ax = Axes((SIGMAS[0], SIGMAS[-1]), (0, highest), (LEFT, top, RIGHT, bottom), log="x")
    sigmas, source = result.source.sigmas, result.source
    low, high = source.low[which], source.high[which]
    middle = sigmas[0], (low[0] + 2 * high[0]) / 3
    words = "rounded, other means"
    return (
        ax.grid(SIGMAS, up, "σ, steps", name)
        + ax.area(sigmas, low, high, f"fill:{LEARNED};fill-opacity:.13")
        + ax.line(sigmas, result.curve[which], LEARNED)
        + ax.line(sigmas, source.noisy[which], NOISE, dash=DASH)
        + ax.text(*middle, words, 8, fill=QUIET, anchor="start", size=11)
        + ax.rule(x=result.sigma, color=QUIET)
        + ax.mark(result.sigma, result.rounded[which], LEARNED)
        + ax.mark(result.sigma, result.noisy[which], NOISE, "square", 5)
    )
