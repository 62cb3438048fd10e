"""Record the fits of lesson one_picture: `python -m tools.one_picture [OUT]`.

    a sample photograph's middle --1,000 steps--> files, the cat's of each moment --> OUT

About a minute for each on a quiet core, and some seconds to take the time of the learned codec.
OUT is data/one_picture.safetensors where it is not named.
"""

import sys
import time
from pathlib import Path

import torch

from lic_teach import images, learned, metrics, overfit
from lic_teach.course.one_picture import fit
from lic_teach.kit.measured import model
from lic_teach.learned.refine import search
from lic_teach.overfit import codec


def timed(run) -> float:
    """Processor time of a call."""
    start = time.process_time()
    run()
    return time.process_time() - start


def times(piece) -> dict[str, float]:
    """Seconds of one pass of the learned codec, of a refining step, of a step of a fit."""
    y = learned.analyse(piece, model())
    refine = timed(lambda: list(search(piece, y, model(), fit.LAM, 10)))
    follow = timed(lambda: list(codec.follow(piece, fit.LAM, 50)))
    encode = timed(lambda: learned.encode(piece, model(), fit.LAM))
    return {"pass": encode, "refining step": refine / 10, "fit's step": follow / 50}


def main(out: Path = fit.FILE) -> None:
    """Fit, print where each file stands, save."""
    images.try_place(out)  # before the work, not after it
    torch.set_num_threads(1)
    fits = {}
    for name in images.SAMPLES:
        piece = fit.piece(images.sample(name))
        files = fit.fit(piece).files
        fits[name] = files if name == fit.PHOTO else {max(files): files[max(files)]}
        for step, data in fits[name].items():
            psnr = metrics.psnr(piece, overfit.decode(data))
            print(f"{name} {step:5} {len(data):6,} bytes {psnr:.2f} dB", flush=True)
    fit.save(fits, times(fit.piece(images.sample(fit.PHOTO))), out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
