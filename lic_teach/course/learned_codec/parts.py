"""Which part of an own codec earns the bits: trainings with one part frozen, recorded.

    tools/record.py --frozen_parts.json--> load: {what was frozen: Run}

All runs are equally long, from the same start, with the same pieces of photographs; one each. On
the cat the file is real. On other photographs the rate is the estimate, which real files exceed by
less than a percent.
"""

import json
from functools import cache
from typing import NamedTuple

import numpy as np

from lic_teach import metrics
from lic_teach.course.learned_codec.anchors import saved_bits
from lic_teach.paths import DATA

FILE = DATA / "frozen_parts.json"


class Run(NamedTuple):
    """Where one training ended."""

    bpp: float  # of the cat's file
    psnr: float
    L: float
    jpeg: np.ndarray  # float (n,): bytes against libjpeg's at equal PSNR, below 0 where fewer
    lam: np.ndarray  # against JPEG by lambda; nan where that has no such PSNR


def stands(image: np.ndarray, data: bytes, x_hat: np.ndarray) -> list[float]:
    """A file and what it decodes to -> rate in bits per pixel, PSNR, MSE."""
    return [metrics.bpp(data, image), metrics.psnr(image, x_hat), metrics.mse(image, x_hat)]


def against(curves: list, image: np.ndarray, bits: float, x_hat: np.ndarray) -> list[float | None]:
    """The rate over those of the curves at equal PSNR, less 1; None outside of a curve."""
    bpp, psnr = bits / (image.shape[0] * image.shape[1]), metrics.psnr(image, x_hat)
    saved = [saved_bits(curve, bpp, psnr) for curve in curves]
    return [None if share is None else -share for share in saved]


@cache
def load() -> dict[str, Run]:
    """The recorded runs, by what was frozen. The photographs: the cat is the first."""
    stored = json.loads(FILE.read_text())
    runs = {}
    for frozen, run in stored["runs"].items():
        bpp, psnr, mse = run["cat"]
        jpeg, lam = np.array(run["photographs"], float).T
        runs[frozen] = Run(bpp, psnr, bpp + stored["lam"] * mse, jpeg, lam)
    return runs


def mean(ratios: np.ndarray) -> float:
    """Geometric mean of ratios less 1, over the photographs for which there is one, less 1."""
    return float(np.expm1(np.nanmean(np.log1p(ratios))))
