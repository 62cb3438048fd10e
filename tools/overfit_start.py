"""The networks that overfit.encode starts from, fitted to pieces of many photographs together.

    python -m tools.overfit_start PHOTOS [STEPS] [SIDE]

PHOTOS is the folder of training photographs that data/README.md names. Sixteen of them, evenly
spaced by name, take turns at lambda 0.01, each with latents of its own; their middle SIDE x SIDE
pixels. Writes data/overfit.safetensors: whole numbers, in 1/4096.
"""

import math
import sys
from collections import deque
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch

from lic_teach import images
from lic_teach.overfit import fit, transform
from lic_teach.overfit.entropy import LEVELS
from lic_teach.overfit.quantize import LIMIT, SHAPES
from lic_teach.paths import DATA

PICTURES, LAM = 16, 0.01


def random_start() -> torch.Tensor:
    """Weights of networks that guess a wide Laplace around 0 and paint each level grey: (n,)."""
    torch.manual_seed(1)
    w = {name: 0.1 * torch.randn(shape) for name, shape in SHAPES.items()}
    for name in ("look_bias", "mean", "filter", "mix_bias", "paint_bias"):
        w[name] *= 0
    w["look"] *= 2
    w["guess"] *= 0.3
    w["width"] = torch.full((LEVELS,), 2.8)
    w["mix"] *= 3
    w["paint"] *= 0.5
    w["straight"] = 0.7 + 3 * w["straight"]
    return torch.cat([part.reshape(-1) for part in w.values()])


def main(folder: Path, steps: int = 3200, side: int = 128) -> None:
    torch.set_num_threads(1)
    photos = images.members(folder)
    photos = photos[3 :: len(photos) // PICTURES][:PICTURES]
    pieces = [images.centre_crop(images.load(photo), side) for photo in photos]
    recent = deque(maxlen=PICTURES)
    fit.RATE_W = 1e-2  # from nothing: faster than encode
    search = fit.search(pieces, LAM, 1.0, random_start(), steps)
    for i, found in enumerate(search, 1):
        recent.append((found.rate, found.distortion))
        if i % 200 == 0:
            rate, distortion = np.mean(recent, 0)
            psnr = 10 * math.log10(255**2 / distortion)
            print(f"{i} {rate:.4f} bpp {psnr:.2f} dB", flush=True)
    whole = np.clip(np.round(found.theta.numpy() * transform.GRID), 1 - LIMIT, LIMIT - 1)
    path = DATA / "overfit.safetensors"
    safetensors.numpy.save_file({"start": whole.astype(np.int16)}, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
