"""Which part of an own codec earns the bits: trainings with one part frozen, recorded.

    tools/record.py --frozen_parts.json--> load: {what was frozen: Run}
                                           larger: L against L with nothing frozen
                                           against: bytes against both JPEGs', nothing frozen

All runs are equally long, for one lambda, from the same start, with the same pieces of
photographs. So they are compared by L = R + lam * D, photograph for photograph. Every file is real.
Two more stand beside them: AGAIN, nothing frozen and another SEED, which says what such a
comparison can tell apart at all; and BY_LAM, JPEG by lambda at the same lambda.
"""

import json
import math
from functools import cache
from typing import NamedTuple

import numpy as np

from lic_teach.course.learned_codec.anchors import NAMES
from lic_teach.paths import DATA

FILE = DATA / "frozen_parts.json"
AGAIN, SEED = "nothing, other random numbers", 1
BY_LAM = NAMES[1]


class Run(NamedTuple):
    """Where one training ended on n photographs, the cat first."""

    bpp: np.ndarray  # float (n,): of the files
    mse: np.ndarray
    L: np.ndarray  # bpp + lam * mse

    def on_the_cat(self) -> tuple[float, float]:
        """Rate and PSNR."""
        return self.bpp[0], 10 * math.log10(255**2 / self.mse[0])


@cache
def _stored():
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def load() -> dict[str, Run]:
    """The recorded runs, by what was frozen; AGAIN; and BY_LAM."""
    runs = {}
    for name, files in _stored()["bpp, mse"].items():
        bpp, mse = np.array(files).T
        runs[name] = Run(bpp, mse, bpp + _stored()["lam"] * mse)
    return runs


def larger(name: str) -> np.ndarray:
    """By how many percent a run's L is larger than with nothing frozen, without the cat."""
    runs = load()
    return 100 * (runs[name].L / runs["nothing"].L - 1)[1:]


def against() -> dict[str, np.ndarray]:
    """With nothing frozen: bytes against each JPEG at equal PSNR, in percent, without the cat.

    Below 0 where it has fewer; nan where a JPEG has no such PSNR.
    """
    whole = _stored()["saved at equal PSNR"].items()
    return {name: -100 * np.array(saved[1:], float) for name, saved in whole}


def mean(percents: np.ndarray) -> float:
    """Geometric mean of ratios, in percent above 1, over those that there are."""
    return 100 * float(np.expm1(np.nanmean(np.log1p(percents / 100))))
