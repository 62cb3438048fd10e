"""Steps for luma alone: the slope of the rule for one step (study/own.py), and real files.

    step --slope--> how L = h - log2(step) + lambda * step**2 / 12 changes with it
    luma, steps --coded--> R, D and picture of a real grayscale file

Luma alone is a grayscale picture: one table, and no colour to think of.
"""

import numpy as np

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, color, transform
from lic_teach.jpeg.frame import make_frame
from lic_teach.jpeg.quantize import quantize

STANDARD = codec.standard_tables(50)[0].astype(float)  # luma, zig-zag


def luma_of(name: str) -> np.ndarray:
    """Luma of a sample photograph, cut to whole blocks: uint8 (8 n, 8 m)."""
    luma = color.luma(images.sample(name))
    return luma[: len(luma) // 8 * 8, : len(luma[0]) // 8 * 8]


def waves(luma: np.ndarray) -> np.ndarray:
    """The coefficients of all blocks: float64 (n * m, 64), zig-zag."""
    return transform.forward(luma.astype(np.float32)).reshape(-1, 64).astype(float)


def slope(step: float, lam: float) -> float:
    """How L = h - log2(step) + lam * step**2 / 12 changes with the step."""
    return -1 / (step * np.log(2)) + lam * step / 6


def coded(luma: np.ndarray, steps: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Luma and 64 steps, int, zig-zag -> bits per pixel and MSE of a real file, and its picture."""
    q = quantize(transform.forward(luma.astype(np.float32)), steps)
    frame = make_frame(*luma.shape, 1, "4:4:4")
    data = codec.pack(q.reshape(-1, 64), frame, [steps])
    picture = jpeg.decode(data)
    return metrics.bpp(data, luma), metrics.mse(luma, picture), picture


def loss(luma: np.ndarray, steps: np.ndarray | int, lam: float) -> float:
    """R + lam * D of the file with these 64 steps, or with one for all."""
    rate, error, _ = coded(luma, np.broadcast_to(steps, 64))
    return rate + lam * error


def shaped(power: float, size: float) -> np.ndarray:
    """The standard's table to a power: int (64,), zig-zag, 1..255.

    power: 0 makes it flat, 1 leaves it as it is, 2 makes it twice as steep; the geometric mean
    stays. size: what all of it is multiplied with.
    """
    logs = np.log(STANDARD)
    table = size * np.exp(logs.mean() + power * (logs - logs.mean()))
    return np.clip(np.rint(table), 1, 255).astype(int)


def curves(luma: np.ndarray, tables: list[np.ndarray]) -> tuple[list, list]:
    """The files of luma with these tables: points (bpp, PSNR) and (bpp, MS-SSIM in dB)."""
    files = [coded(luma, table) for table in tables]
    by_psnr = [(rate, metrics.psnr(luma, picture)) for rate, _, picture in files]
    alike = [1 - metrics.ms_ssim(luma, picture) for _, _, picture in files]
    by_ms_ssim = [(f[0], -10 * np.log10(a)) for f, a in zip(files, alike, strict=True)]
    return by_psnr, by_ms_ssim


def bits_by_shape(luma: np.ndarray, powers, sizes=(0.2, 0.35, 0.6, 1, 1.6, 2.6)) -> np.ndarray:
    """BD-rates of `shaped` tables against the standard's: percent, (2, len(powers)).

    Row 0 at equal PSNR, row 1 at equal MS-SSIM, for all powers over one window: what all span.
    """
    one, *found = (curves(luma, [shaped(p, size) for size in sizes]) for p in (1, *powers))
    rates = []
    for anchor, *ways in zip(one, *found, strict=True):
        heights = [[quality for _, quality in curve] for curve in (anchor, *ways)]
        window = max(map(min, heights)), min(map(max, heights))
        rates.append([metrics.bd_rate(anchor, way, window) for way in ways])
    return np.array(rates)
