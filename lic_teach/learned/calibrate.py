"""Which lambda does a trained table really stand for? Measured on files, and put right.

Trained with noise, a model spends a little more or less than the slope -lam asks for. JPEG needs
nothing of the kind: its quality number promises no slope. Lessons noise_for_rounding and
gradient_from_the_middle.
"""

import numpy as np
import torch

from lic_teach.metrics import mse

from . import quantize
from .codec import analyse, reconstruct
from .model import Model, check_numbers, prepare
from .rate import estimate

HARD = "the pictures are too plain to calibrate on, or the model is hardly trained"
PLACES = np.arange(0, quantize.OCTAVES + 0.1, 0.5)  # of the tables, where files are made


def calibrate(model: Model, pictures: list[np.ndarray]) -> None:
    """Measure which lambda each place of the trained tables stands for, and set model.shift.

    Files at neighbouring places, half an octave apart, averaged over the pictures: their slope
    -dR/dD is the lambda at which the place between them is the best choice. The shift is the
    straight line through what was found, on a grid on which sums are exact.
    Raises ValueError, and leaves model.shift as it was, where there is no slope.
    """
    check_numbers(model.state_dict(), "the model")
    model = prepare(model)
    before = model.shift.clone()
    model.shift.zero_()
    try:
        line = line_through(*measure(model, pictures))
    finally:
        model.shift.copy_(before)
    shift = np.polyval(line, np.arange(quantize.OCTAVES + 1))
    model.shift.copy_(torch.from_numpy(np.round(shift * 1024) / 1024))


def measure(model: Model, pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rate in bpp and mean squared error at every one of PLACES: float64 (n,) each."""
    points = []
    for lam in quantize.LAM_MIN * 2.0**PLACES:
        rates, errors = [], []
        for picture in pictures:
            y = analyse(picture, model)
            size = picture.shape[:2]
            rates.append(estimate(y, model, lam) / (size[0] * size[1]))
            errors.append(mse(picture, reconstruct(y, size, model, lam)))
        points.append((np.mean(rates), np.mean(errors)))
        print(f"lambda {lam:.5f}: {points[-1][0]:.4f} bpp, MSE {points[-1][1]:.2f}")
    return tuple(np.transpose(points))


def line_through(R: np.ndarray, D: np.ndarray) -> np.ndarray:
    """What measure found -> how far each lambda lies from its place, as a line over octaves.

    Returns slope and offset, float64 (2,). ValueError where bits buy no quality.
    """
    buys = (np.diff(R) > 0) & (np.diff(D) < 0)
    if not buys.all():
        i = int(np.argmin(buys))
        words = f"{R[i]:.4f} to {R[i + 1]:.4f} bpp, MSE {D[i]:.2f} to {D[i + 1]:.2f}"
        lams = "{:.5f} to {:.5f}".format(*quantize.LAM_MIN * 2.0 ** PLACES[i : i + 2])
        raise ValueError(f"no slope from lambda {lams} ({words}): {HARD}")
    found = np.log2(-np.diff(R) / np.diff(D) / quantize.LAM_MIN)  # true lambdas, in octaves
    line = np.polyfit(found, (PLACES[:-1] + PLACES[1:]) / 2 - found, 1)
    if not line[0] > -1:
        raise ValueError(f"the slope does not rise with lambda: {HARD}")
    return line
