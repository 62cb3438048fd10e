"""What the explorer draws: where latents changed, the point leaving its curve, L.

changes   the picture in pale grey, and blue where latents are rounded the other way
plot      upper: bits per pixel across, dB up, close to the point; lower: L after every step

Upper: the dashed line joins all (R, PSNR) with the L of the start, and the curve of g_a's latents
all but touches it. What thinking gains is how far the point gets above it.
"""

import numpy as np

from lic_teach.kit.plots import LEARNED, LINE, QUIET, TEXT, svg, text, ticks

WIDTH, HEIGHT = 440, 470
LEFT, RIGHT = 46, 424
UPPER, LOWER = (48, 262), (346, 430)  # top and bottom of the axes
BLUE = np.array([37, 99, 176.0])
ROOM = 3.2  # width of the upper axes, in gains of L


def changes(image: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """image: uint8 (H, W, 3); changed: int (h, w), a number for 8x8 pixels -> uint8 (H, W, 3)."""
    height, width = image.shape[:2]
    pale = 90 + 165 / 255 * (image @ np.array([0.299, 0.587, 0.114]))[..., None]
    share = np.where(changed, np.clip(0.2 + 0.12 * changed, 0, 0.95), 0.0)
    share = share.repeat(8, 0).repeat(8, 1)[:height, :width, None]
    return np.rint((1 - share) * pale + share * BLUE).astype(np.uint8)


def plot(result) -> str:
    """thinking.Result -> SVG, WIDTH x HEIGHT."""
    steps, lam = result.thought.steps, result.lam
    costs = [step.coded.cost(lam) for step in steps]
    saved = 1 - costs[result.at] / costs[0]
    title = f"Step {result.at}: L is {100 * saved:.1f} % lower"
    body = (
        text(1, 15, title, anchor="start", weight=600)
        + _upper(result, costs)
        + text(1, LOWER[0] - 26, "L = R + λD after every step", anchor="start", weight=600)
        + _lower(costs, result.at)
    )
    return svg(WIDTH, HEIGHT, title, body)


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
    x, y = _scale(across, (LEFT, RIGHT)), _scale(up, UPPER[::-1])
    bpp = np.linspace(*across, 40)
    curve = [(x(c.bpp), y(c.psnr)) for c in result.thought.curve]
    coded = [step.coded for step in result.thought.steps]
    path = [(x(c.bpp), y(min(c.psnr, up[1]))) for c in coded]
    line = zip(x(bpp), y(equal(bpp, costs, result.lam)), strict=True)
    now = path[result.at]
    return (
        _axes(x, y, across, up, UPPER, "bits per pixel, whole file")
        + text(1, UPPER[0] - 12, "PSNR (RGB), dB", anchor="start")
        + _clip(
            _line(line, QUIET, 1, "4 4")
            + _line(curve, LEARNED, 2)
            + _line(path[: result.at + 1], TEXT, 1.5)
            + "".join(_dot(*place, 2.5, TEXT) for place in path[: result.at + 1])
            + _mark(*now)
        )
        + text(RIGHT - 4, UPPER[1] - 10, "— as g_a finds them", LEARNED, "end", halo=True)
        + text(RIGHT - 4, UPPER[1] - 26, "- - the L of step 0", QUIET, "end", halo=True)
    )


def _lower(costs, at):
    found = ticks(min(costs), max(costs))
    up = found[0], found[-1]
    steps = len(costs) - 1
    x, y = _scale((0, steps), (LEFT, RIGHT)), _scale(up, LOWER[::-1])
    places = [(x(i), y(L)) for i, L in enumerate(costs)]
    return (
        _axes(x, y, (0, steps), up, LOWER, "steps of thinking")
        + _line(places, LINE, 1.5)
        + _line(places[: at + 1], LEARNED, 2)
        + "".join(_dot(*place, 2.5, LEARNED) for place in places[: at + 1])
        + _mark(*places[at])
    )


def _scale(values, places):
    (low, high), (start, end) = values, places
    return lambda value: start + (end - start) * (value - low) / (high - low)


def _axes(x, y, across, up, rows, name):
    bottom = rows[1]
    inside = [[t for t in ticks(*ends) if ends[0] <= t <= ends[1]] for ends in (across, up)]
    lines = "".join(
        f'<path d="M{LEFT} {y(t):.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in inside[1]
    )
    marks = "".join(
        f'<path d="M{x(t):.1f} {bottom}v4" stroke="{LINE}"/>' + text(x(t), bottom + 17, f"{t:g}")
        for t in inside[0]
    )
    edge = f'<path d="M{LEFT} {bottom}H{RIGHT}" stroke="{LINE}"/>'
    return lines + marks + edge + text((LEFT + RIGHT) / 2, bottom + 34, name)


def _clip(body):
    """What is drawn inside the upper axes, and nothing of it outside."""
    width, height = RIGHT - LEFT, UPPER[1] - UPPER[0]
    return (
        f'<svg x="{LEFT}" y="{UPPER[0]}" width="{width}" height="{height}" '
        f'viewBox="{LEFT} {UPPER[0]} {width} {height}">{body}</svg>'
    )


def _line(places, color, width, dash=""):
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    return (
        f'<polyline points="{points}" fill="none" stroke-width="{width}" '
        f'stroke-dasharray="{dash}" style="stroke:{color}"/>'
    )


def _dot(x, y, r, color):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" style="fill:{color}"/>'


def _mark(x, y):
    """Where the file stands now."""
    return (
        f'<rect x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11" '
        f'style="fill:{LEARNED}" stroke="#fff" stroke-width="2"/>'
    )
