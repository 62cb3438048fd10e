"""A chart for the learner's own eye: stripes in Y, in Cb and in Cr, all equally strong.

    plane, what is held --stripes--> uint8 (ROWS, COLUMNS, 3): finer to the left, fainter upwards
    the finest stripes that are seen in each --compute--> how many samples the eye needs of it

Campbell and Robson's chart, turned round so that numbers grow to the right. The amplitude is one
of samples, as a codec counts: SWING levels in the lowest row of each strip. With luma held the
strips of colour are 128 in Y; with luminance held Y is what keeps their light equal.
"""

import base64
from typing import NamedTuple

import numpy as np

from lic_teach.course.colour import eye_chart_drawing, light
from lic_teach.jpeg import color
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, choice, encode_png
from lic_teach.kit.readout import table

ROWS, COLUMNS = 100, 640  # of a strip, in pixels
FINEST, COARSEST = 3.0, 64.0  # pixels a cycle, at the left and the right end
SWING = 60.0  # levels, in the lowest row
FADE = 40  # times fainter in the highest
HALVED = 4.0  # pixels a cycle: what every second sample can carry
NAMES = "Y, brightness", "Cb, blue", "Cr, red"
LUMA, LUMINANCE = "luma", "luminance"


class Result(NamedTuple):
    strips: list[str]  # of Y, Cb and Cr: addresses of PNG pictures
    marks: tuple[float, float, float]  # pixels a cycle, of Y, Cb and Cr


def prepare(_image: None) -> dict[str, list[str]]:
    """The three strips as they are drawn, by what is held constant in those of colour."""
    return {held: [_address(stripes(p, held)) for p in range(3)] for held in (LUMA, LUMINANCE)}


def _address(image):
    """As PNG, because these are drawn once and stored in every state: a third smaller."""
    return f"data:image/png;base64,{base64.b64encode(encode_png(image)).decode()}"


def wave() -> np.ndarray:
    """float (ROWS, COLUMNS), levels around 0: the period grows to the right, by equal factors."""
    period = FINEST * (COARSEST / FINEST) ** ((np.arange(COLUMNS) + 0.5) / COLUMNS)
    swing = SWING * FADE ** -np.linspace(1, 0, ROWS)
    return swing[:, None] * np.sin(2 * np.pi * np.cumsum(1 / period))


def stripes(plane: int, held: str) -> np.ndarray:
    """plane: 0 for Y, 1 for Cb, 2 for Cr -> uint8 (ROWS, COLUMNS, 3)."""
    planes = np.zeros((3, ROWS, COLUMNS))
    planes[plane] = wave()
    if held == LUMINANCE and plane:
        planes[0] = level(plane, planes[plane])
    rgb = 128 + np.moveaxis(planes, 0, -1) @ color.YCBCR_TO_RGB.T
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def level(plane: int, chroma: np.ndarray) -> np.ndarray:
    """The Y - 128 with which this much Cb or Cr sends the light of the grey 128."""
    known = np.linspace(-SWING, SWING, 31)
    candidates = np.linspace(-60, 60, 481)
    ycc = np.zeros((len(known), len(candidates), 3))
    ycc[..., 0], ycc[..., plane] = candidates, known[:, None]
    found = light.luminance(np.clip(128 + ycc @ color.YCBCR_TO_RGB.T, 0, 255))
    goal = light.luminance([128] * 3)
    return np.interp(chroma, known, [np.interp(goal, row, candidates) for row in found])


def compute(source: dict, y: float, cb: float, cr: float, held: str) -> Result:
    """y, cb, cr: the finest stripes that are seen, in pixels a cycle -> Result."""
    return Result(source[held], (y, cb, cr))


def draw(result: Result) -> View:
    """Result -> View."""
    rows = [
        (name, f"{mark:.3g}", f"{mark / 2:.2g}")
        for name, mark in zip(NAMES, result.marks, strict=True)
    ]
    heads = ("", "finest seen, pixels a cycle", "so one sample in")
    drawing = eye_chart_drawing.drawing(
        result.strips, (ROWS, COLUMNS), result.marks, (FINEST, COARSEST), HALVED
    )
    return View(b"", table(rows, heads) + f"<p>{verdict(result)}</p>", summary(result), drawing)


def verdict(result: Result) -> str:
    """What the three marks say of this eye, at this distance."""
    y, *colours = result.marks
    finest = min(colours)
    if max(result.marks) == FINEST:
        return (
            "Pull each mark to where you lose the stripes in the lowest row of its strip. "
            "If you see all of them, move back from the screen."
        )
    if finest <= y:
        return (
            "You see stripes of colour as fine as those of brightness? Move back, and look again."
        )
    times = f"Stripes of brightness may be {finest / y:.1f} times finer before you lose them. "
    if finest < HALVED:
        return times + (
            "Of colour, every second sample is not quite enough for you at this distance: it "
            f"carries stripes from {HALVED:g} pixels a cycle on."
        )
    return times + (
        f"Of colour, every second sample would do: what it cannot carry, finer than {HALVED:g} "
        "pixels a cycle, you do not see at this distance."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    y, cb, cr = result.marks
    return f"finest stripes seen, in pixels a cycle: {y:.3g} of Y, {cb:.3g} of Cb, {cr:.3g} of Cr"


class EyeChart(Explorer, layout="drawing"):
    """EyeChart(): where do you lose the stripes of brightness, and where those of colour?"""

    tries = {
        "every second sample": (
            dict(y=4.0, cb=4.0, cr=4.0),
            "Left of the marks is what every second sample cannot carry. In which strips do you "
            "see stripes there?",
            "In Y's, unless you stand far away; in the others few or none.",
        ),
        "every fourth sample": (
            dict(y=8.0, cb=8.0, cr=8.0),
            "And left of these, what every fourth sample cannot carry?",
            "Y's are plain. Cr's most eyes can still see, Cb's hardly.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            y=_mark("Y"),
            cb=_mark("Cb"),
            cr=_mark("Cr"),
            held=choice("The same all over a strip of colour", [LUMA, LUMINANCE]),
        )


def _mark(name):
    return Slider(FINEST, FINEST, COARSEST, log=True, label=name, unit="pixels a cycle")
