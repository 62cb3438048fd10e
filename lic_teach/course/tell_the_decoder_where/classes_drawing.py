"""What the explorer draws, as SVG: bits per pixel over the number of classes.

    told     bars: coefficients in blue, side information in green on top of them
    guessed  a line with marks: coefficients alone

The number that is chosen has full colour; one class is the dashed line.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, patch, stroke, within
from lic_teach.kit.plots import LEARNED, QUIET, RESIDUAL, TEXT, titled

BOX = (44, 104, 448, 330)


def plot(result) -> str:
    """classes.Result -> SVG text."""
    told, guessed = result.source.ways.values()
    counts, both = np.arange(1, len(told.side) + 1), told.coefficients + told.side
    top = 1.08 * max(both.max(), guessed.coefficients.max())
    ax = Axes((0.3, counts[-1] + 0.7), (0, top), BOX)
    here = counts == result.count
    bars = "".join(
        _bars(ax, counts[some], told.coefficients[some], both[some], faint)
        for some, faint in ((~here, ";fill-opacity:.4"), (here, ""))
    )
    body = (
        ax.grid(counts[::3], within(0, top), "number of classes", "bits per pixel")
        + bars
        + ax.rule(y=told.coefficients[0], color=QUIET, dash="7 4", width=1.5)
        + ax.line(counts, guessed.coefficients, TEXT, 1.5, dots=3)
        + ax.mark(result.count, guessed.coefficients[result.count - 1], TEXT)
        + _legend()
    )
    bits, side = result.bpp("is told")
    title = f"Told {bits + side:.3f}, guessed {result.bpp('guesses')[0]:.3f} bits per pixel"
    return titled(460, 376, title, body)


def _bars(ax, counts, coefficients, both, faint):
    return ax.bars(counts, coefficients, 0.7, f"fill:{LEARNED}{faint}") + ax.bars(
        counts, both, 0.7, f"fill:{RESIDUAL}{faint}", coefficients
    )


def _legend():
    samples = {
        "told: side information": patch(f"fill:{RESIDUAL}"),
        "told: coefficients": patch(f"fill:{LEARNED}"),
    }
    more = {"guessed: coefficients": stroke(TEXT, 1.5, shape="circle")}
    more |= {"one class": stroke(QUIET, 1.5, "7 4")}
    return legend(BOX[0] + 4, 42, samples) + legend(BOX[0] + 220, 42, more)
