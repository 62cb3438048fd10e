"""Which lambda does a trained table really stand for? Measured on files, and put right.

Trained with noise, a model spends a little more or less than the slope -lam asks for. JPEG needs
nothing of the kind: its quality number promises no slope. Lessons noise_for_rounding and
gradient_from_the_middle.
"""

import numpy as np
import torch

from lic_teach.learned import quantize
from lic_teach.learned.codec import analyse, reconstruct
from lic_teach.learned.model import Model, prepare
from lic_teach.learned.rate import estimate
from lic_teach.metrics import mse


def calibrate(model: Model, pictures: list[np.ndarray]) -> None:
    """Measure which lambda each place of the trained tables stands for, and set model.shift.

    Files at neighbouring places, a quarter of an octave apart, averaged over the pictures: their
    slope -dR/dD is the lambda at which the place between them is the best choice. The shift is
    the straight line through what was found, on a grid on which sums are exact.
    """
    model = prepare(model)
    model.shift.zero_()
    places, points = np.arange(0, quantize.OCTAVES + 0.1, 0.5), []
    for place in places:
        lam, rates, errors = quantize.LAM_MIN * 2.0**place, [], []
        for picture in pictures:
            y = analyse(picture, model)
            size = picture.shape[:2]
            rates.append(estimate(y, model, lam) / (size[0] * size[1]))
            errors.append(mse(picture, reconstruct(y, size, model, lam)))
        points.append((np.mean(rates), np.mean(errors)))
        print(f"lambda {lam:.5f}: {points[-1][0]:.4f} bpp, MSE {points[-1][1]:.2f}")
    slopes = -np.diff([R for R, _ in points]) / np.diff([D for _, D in points])
    found = np.log2(slopes / quantize.LAM_MIN)  # the place's true lambda, in octaves
    line = np.polyfit(found, (places[:-1] + places[1:]) / 2 - found, 1)
    shift = np.polyval(line, np.arange(quantize.OCTAVES + 1))
    model.shift.copy_(torch.from_numpy(np.round(shift * 1024) / 1024))
