"""Overfit six of Kodak's photographs: `python -m tools.overfit_kodak KODAK [STEPS]`.

    every fourth of KODAK x LAMS --overfit--> files --measured--> data/rd/six_overfitted.json

Six minutes of one core for a file of 1,500 steps, two hours for all. What is done is kept in a
.partial file, so that it goes on where it stopped. KODAK: the folder of the originals.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator

from lic_teach import images, overfit
from lic_teach.paths import DATA
from lic_teach.study import curves, own, table
from lic_teach.study.codecs import Codec
from lic_teach.study.identity import SAMPLES, describe

FILE = DATA / "rd" / "six_overfitted.json"
LAMS = (0.004, 0.012, 0.036)
STEPS = 1500


def codec(steps: int) -> Codec:
    """The overfitted codec at LAMS, with so many steps."""
    return Codec(
        partial(overfit.encode, steps=steps),
        overfit.decode,
        LAMS,
        "lic_teach overfitted codec, its networks in the file; lambda in bpp per unit of MSE",
        partial(own.versions, "torch", weights=DATA / "overfit.safetensors"),
        "python -m tools.overfit_kodak KODAK",
    )


def measure(paths: list[Path], steps: int) -> None:
    """Code, decode, measure, and write FILE."""
    how, kept = codec(steps), FILE.with_suffix(f".{steps}.partial")
    rows = curves.rate_distortion(paths, how.encode, how.decode, LAMS, partial=kept)
    digests = {row["image"]: row[SAMPLES] for row in rows}
    study = describe("overfitted", how, "kodak, every fourth", digests)
    images.write_atomic(FILE, curves.to_json(study, curves.summarise(rows)))
    kept.unlink()


def saving(study: dict, anchor: dict) -> tuple[float, tuple[float, float]]:
    """Percent of bits at equal PSNR, below 0 where they are saved, and the dB it is a mean over.

    Mean curves over the study's pictures, which the anchor has among others. Three points are too
    few for metrics.bd_rate: log rates are interpolated by PCHIP.
    """
    places = [anchor["images"].index(name) for name in study["images"]]
    mine = np.array([(p["psnr"], p["bpp"]) for p in study["points"]])
    theirs = np.array([
        [np.mean(np.array(p["per_image"][metric])[places]) for metric in ("psnr", "bpp")]
        for p in anchor["points"]
    ])  # fmt: skip
    mine, theirs = (np.array(sorted(points.tolist())).T for points in (mine, theirs))
    low = max(table.WINDOW[0], mine[0, 0], theirs[0, 0])
    high = min(table.WINDOW[1], mine[0, -1], theirs[0, -1])
    a, b = (PchipInterpolator(q, np.log(rate)).integrate(low, high) for q, rate in (mine, theirs))
    return float(100 * np.expm1((a - b) / (high - low))), (float(low), float(high))


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder, steps = Path(sys.argv[1]), int((*sys.argv, STEPS)[2])
    measure(images.members(folder)[::4], steps)
    study = table.read(FILE)
    for name in ("jpeg", "jpeg_lam", "learned_hours"):
        percent, (low, high) = saving(study, table.read(FILE.parent / f"kodak_{name}.json"))
        print(f"against {name:14} {percent:+.1f} %, {low:.1f} to {high:.1f} dB")
