"""What the explorer draws: where latents changed, the point leaving its curve, L.

changes   the picture in pale grey, and blue where latents are rounded the other way
plot      upper: bits per pixel across, dB up, close to the point; lower: L after every step

Upper: the dashed line joins all (R, PSNR) with the L of the start, and the curve of g_a's latents
all but touches it. What thinking gains is how far the point gets above it.
"""

import numpy as np

from lic_teach.kit.axes import Axes, legend, stroke, within
from lic_teach.kit.plots import BLUE, LEARNED, LINE, QUIET, TEXT, heading, ticks, titled

LEFT, RIGHT = 46, 424
UPPER, LOWER = (48, 262), (346, 430)  # top and bottom of the axes
ROOM = 3.2  # width of the upper axes, in gains of L


def changes(image: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """image: uint8 (H, W, 3); changed: int (h, w), a number for 8x8 pixels -> uint8 (H, W, 3)."""
    height, width = image.shape[:2]
    pale = 90 + 165 / 255 * (image @ np.array([0.299, 0.587, 0.114]))[..., None]
    share = np.where(changed, np.clip(0.2 + 0.12 * changed, 0, 0.95), 0.0)
    share = share.repeat(8, 0).repeat(8, 1)[:height, :width, None]
    return np.rint((1 - share) * pale + share * np.array(BLUE)).astype(np.uint8)


def plot(result) -> str:
    """thinking.Result -> SVG, 440 x 470."""
    costs = [step.coded.cost(result.lam) for step in result.thought.steps]
    saved = 1 - costs[result.at] / costs[0]
    below = heading("L = R + λD after every step", LOWER[0] - 26)
    body = _upper(result, costs) + below + _lower(costs, result.at)
    return titled(440, 470, f"Step {result.at}: L is {100 * saved:.1f} % lower", body)


def limits(result, costs: list[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of the upper axes: (low, high) of bits per pixel and of dB, near the points of the steps."""
    first = result.thought.steps[0].coded
    width = max(ROOM * (costs[0] - min(costs)), 0.04 * first.bpp)
    slope = 10 / (np.log(10) * max(result.lam * first.mse, 1e-3))  # dB per bpp, where L is equal
    psnr = first.psnr if np.isfinite(first.psnr) else 100.0
    return (
        (first.bpp - 0.6 * width, first.bpp + 0.4 * width),
        (psnr - 0.4 * width * slope, psnr + 0.6 * width * slope),
    )


def equal(bpp: np.ndarray, costs: list[float], lam: float) -> np.ndarray:
    """PSNR at which bpp has the L of the start: where the dashed line runs."""
    return 10 * np.log10(255**2 / np.maximum((costs[0] - bpp) / lam, 1e-6))


def _upper(result, costs):
    across, up = limits(result, costs)
    ax = Axes(across, up, (LEFT, UPPER[0], RIGHT, UPPER[1]))
    bpp = np.linspace(*across, 40)
    curve = [(c.bpp, c.psnr) for c in result.thought.curve]
    coded = [step.coded for step in result.thought.steps[: result.at + 1]]
    path = [(c.bpp, min(c.psnr, up[1])) for c in coded]
    samples = {"the L of step 0": stroke(QUIET, 1, "4 4"), "as g_a finds them": stroke(LEARNED)}
    return (
        ax.grid(within(*across), within(*up), "bits per pixel, whole file", "PSNR (RGB), dB")
        + ax.line(bpp, equal(bpp, costs, result.lam), QUIET, 1, "4 4")
        + ax.line(*np.transpose(curve), LEARNED)
        + ax.line(*np.transpose(path), TEXT, 1.5, dots=2.5)
        + ax.mark(*path[-1], LEARNED, "square", 5.5)
        + legend(RIGHT - 140, UPPER[1] - 30, samples)
    )


def _lower(costs, at):
    up, steps = ticks(min(costs), max(costs)), np.arange(len(costs))
    ax = Axes((0, steps[-1]), (up[0], up[-1]), (LEFT, LOWER[0], RIGHT, LOWER[1]))
    return (
        ax.grid(within(0, steps[-1]), within(up[0], up[-1]), "steps of thinking")
        + ax.line(steps, costs, LINE, 1.5)
        + ax.line(steps[: at + 1], costs[: at + 1], LEARNED, dots=2.5)
        + ax.mark(at, costs[at], LEARNED, "square", 5.5)
    )
