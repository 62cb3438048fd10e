"""What is each part of JPEG by lambda worth? Real files of the samples, part by part.

    photograph, lambda, way --file--> a .jpg; over many lambda --> points (bpp, PSNR)
    ways --measured--> percent of bytes at equal PSNR, of each photograph against libjpeg

The anchor is libjpeg through Pillow, 4:2:0 with Huffman tables of its own. The BD-rate goes from
28 to 34 dB, which every curve here spans.
"""

from collections.abc import Iterable

import numpy as np

from lic_teach import images, jpeg, metrics
from lic_teach.course.jpeg_by_lambda.tables import quantized
from lic_teach.jpeg import codec, optimize
from lic_teach.jpeg.frame import make_frame
from lic_teach.kit.measured import libjpeg
from lic_teach.study.own import flat_steps

LAMS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
QUALITIES = (5, 10, 16, 26, 42, 60, 76, 88, 95)
WINDOW = (28, 34)  # dB
FLAT, TABLES = "two flat steps", "128 steps by λ"
FLAT_CHOSEN, CHOSEN, ALL = f"{FLAT}, trellis", f"{TABLES}, trellis", "all that λ can choose"
WAYS = (FLAT, TABLES, FLAT_CHOSEN, CHOSEN, ALL)


def file(image: np.ndarray, lam: float, way: str) -> bytes:
    """The .jpg of a photograph, uint8 (H, W, 3), in one of WAYS."""
    if way == ALL:
        return jpeg.encode(image, lam=lam, fast=True)
    frame = make_frame(*image.shape[:2], 3, "4:2:0")
    flat, chosen = way in (FLAT, FLAT_CHOSEN), way in (FLAT_CHOSEN, CHOSEN)
    steps = flat_steps(lam, frame) if flat else optimize.learned_tables(lam)
    if chosen:  # what is dropped one by one need not be dropped by large steps
        steps = [np.maximum(np.rint(optimize.TRELLIS_STEPS * s), 1).astype(int) for s in steps]
    return codec.pack(quantized(image, frame, lam, steps, chosen), frame, steps)


def curve(image: np.ndarray, way: str) -> list[tuple[float, float]]:
    """(bpp, PSNR) over LAMS."""
    files = (file(image, lam, way) for lam in LAMS)
    return [(metrics.bpp(data, image), metrics.psnr(image, jpeg.decode(data))) for data in files]


def measured(
    ways: Iterable[str] = WAYS, names: Iterable[str] = images.SAMPLES
) -> dict[str, list[float]]:
    """Percent of bytes at equal PSNR, below 0 where they are saved: way -> one a photograph."""
    found = {way: [] for way in ways}
    for name in names:
        image = images.sample(name)
        theirs = [libjpeg(image, quality) for quality in QUALITIES]
        anchor = [(coded.bpp, coded.psnr) for coded in theirs]
        for way, rates in found.items():
            rates.append(metrics.bd_rate(anchor, curve(image, way), WINDOW))
    return found
