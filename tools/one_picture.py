"""Record the fit of lesson one_picture: `python -m tools.one_picture [OUT]`.

    the cat's middle 256 x 256 pixels --1,000 steps--> a file at each moment --> OUT

About a minute on a quiet core. OUT is data/one_picture.safetensors where it is not named.
"""

import sys
from pathlib import Path

import torch

from lic_teach import images, metrics, overfit
from lic_teach.course.one_picture import fit


def main(out: Path = fit.FILE) -> None:
    """Fit, print where each moment stands, save."""
    images.try_place(out)  # before the work, not after it
    torch.set_num_threads(1)
    piece = fit.piece(images.sample(fit.PHOTO))

    def tell(step, data):
        psnr = metrics.psnr(piece, overfit.decode(data))
        print(f"{step:5} {len(data):6,} bytes {psnr:.2f} dB", flush=True)

    fit.save(fit.fit(piece, tell=tell).files, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
