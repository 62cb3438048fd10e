"""A picture by the codecs that are made for all pictures, and by the one that is made for it.

picture --measure--> Rivals: curves of JPEG, JPEG by lambda, the learned codec
curve, PSNR --bytes_at--> how many bytes that codec takes for as good a picture
.jpg --head--> bytes before its first coded one
"""

from typing import NamedTuple

import numpy as np

from lic_teach import learned
from lic_teach.jpeg import container
from lic_teach.kit.measured import Coded, by_lam, by_learned, libjpeg, measured, model
from lic_teach.overfit import codec

QUALITIES = (*range(1, 20, 2), *range(20, 96, 5))
LAMS = 0.01 * 2.0 ** np.arange(-3, 3.1)
JPEG, BY_LAM, LEARNED, OVERFITTED = "JPEG", "JPEG by λ", "learned", "overfitted"


class Rivals(NamedTuple):
    """What needs no fit: curves of Coded, rising, without pictures."""

    jpeg: list[Coded]  # libjpeg's, at QUALITIES
    by_lam: list[Coded]  # at LAMS
    learned: list[Coded]  # at LAMS

    def named(self) -> dict[str, list[Coded]]:
        """By the words of the figures."""
        return dict(zip((JPEG, BY_LAM, LEARNED), self, strict=True))


def measure(image: np.ndarray) -> Rivals:
    """uint8 (H, W, 3) -> Rivals; a second, after the first call."""
    y = learned.analyse(image, model())
    curves = (
        [libjpeg(image, quality) for quality in QUALITIES],
        [by_lam(image, lam) for lam in LAMS],
        [by_learned(image, y, lam) for lam in LAMS],
    )
    return Rivals(*([coded.without_pictures() for coded in curve] for curve in curves))


def overfitted(image: np.ndarray, data: bytes) -> Coded:
    """One overfitted file; its setting is the lambda that it was fitted for, nearly."""
    parts = codec.unpack(data)
    x_hat = codec.paint(parts.v, parts.where, parts.weights, parts.step)
    return measured(image, codec.lam_of(parts.step), data, x_hat)


def bytes_at(curve: list[Coded], psnr: float, image: np.ndarray) -> float:
    """Bytes of a curve at a PSNR, between its points in the logarithm. ValueError outside."""
    quality, bpp = np.array([(coded.psnr, coded.bpp) for coded in curve]).T
    if not quality[0] <= psnr <= quality[-1]:
        raise ValueError(
            f"{psnr:.1f} dB: the curve goes from {quality[0]:.1f} to {quality[-1]:.1f}"
        )
    return float(np.exp(np.interp(psnr, quality, np.log(bpp)))) * image[..., 0].size / 8


def saved(image: np.ndarray, ours: Coded, rivals: Rivals) -> dict[str, float]:
    """Our bytes over each rival's at our PSNR, less 1: below 0 where ours are fewer."""
    curves = rivals.named().items()
    return {name: ours.size / bytes_at(curve, ours.psnr, image) - 1 for name, curve in curves}


def head(data: bytes) -> int:
    """Bytes of a .jpg before its first coded one: what it says of itself, and its tables."""
    scan = next(segment for segment in container.parse(data) if segment.name == "SOS")
    return scan.offset + scan.length
