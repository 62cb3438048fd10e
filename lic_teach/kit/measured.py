"""A file of a picture, measured, and the codecs that figures of several rooms show.

image, setting --by_jpeg, by_lam, libjpeg, by_learned--> Coded: the file, R, D, what it decodes to
a curve of Coded, lambda or bits --quality_for_lam, quality_for_bpp--> where to stand on it
"""

import ctypes
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator

from lic_teach import jpeg, learned, metrics
from lic_teach.learned.model import DEFAULT
from lic_teach.study import codecs

LAMS = np.geomspace(5e-4, 1e-1, 9)
MIN_MSE = 0.01  # what stands for no error at all where its logarithm is taken
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h


class Coded(NamedTuple):
    """One file of a picture, measured. setting: the quality, or lambda."""

    setting: float
    data: bytes | None  # the file
    bpp: float
    mse: float
    psnr: float  # dB, of RGB
    x_hat: np.ndarray | None  # uint8 (H, W, 3)
    codec: str = ""  # where a figure shows several

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    def cost(self, lam: float) -> float:
        """L = R + lam * D, in bits per pixel."""
        return self.bpp + lam * self.mse

    def without_pictures(self) -> "Coded":
        """Only what a curve needs: it is kept for every picture that a learner opens."""
        return self._replace(data=None, x_hat=None)


def measured(image: np.ndarray, setting: float, data: bytes, x_hat: np.ndarray) -> Coded:
    """A file and what it decodes to -> Coded."""
    mse, psnr = metrics.mse(image, x_hat), metrics.psnr(image, x_hat)
    return Coded(setting, data, metrics.bpp(data, image), mse, psnr, x_hat)


# --- the codecs --------------------------------------------------------------------------


@cache
def model(name: str = DEFAULT) -> torch.nn.Module:
    """A learned codec that comes with the course, loaded once for all figures.

    One thread: two are slower beside a busy browser.
    """
    torch.set_num_threads(1)
    keep_memory()
    return learned.load(name)


def keep_memory() -> None:
    """Let the C library keep what is freed: a slider step needs the same memory as the one before.

    Otherwise it gives some back to the system each time, and a tenth of a step is spent on
    getting it again. glibc only; other libraries do as they like.
    """
    try:
        c_library = ctypes.CDLL(None)
        c_library.mallopt(M_MMAP_THRESHOLD, 1 << 25)
        c_library.mallopt(M_TRIM_THRESHOLD, 1 << 29)
    except (AttributeError, OSError, TypeError):
        pass


def by_jpeg(image: np.ndarray, quality: int, **options) -> Coded:
    """Write and read one file of our JPEG -> Coded. options: of jpeg.encode."""
    data = jpeg.encode(image, quality, **options)
    return measured(image, quality, data, jpeg.decode(data))


def libjpeg(image: np.ndarray, quality: int) -> Coded:
    """libjpeg's file of a quality, 4:2:0 with Huffman tables of its own -> Coded."""
    anchor = codecs.CODECS["jpeg"]
    data = anchor.encode(image, quality)
    return measured(image, quality, data, anchor.decode(data))


def by_lam(image: np.ndarray, lam: float) -> Coded:
    """One .jpg by our JPEG, tables and coefficients chosen for R + lam * D -> Coded."""
    data = jpeg.encode(image, lam=lam)
    return measured(image, lam, data, jpeg.decode(data))


def by_learned(image: np.ndarray, latents: np.ndarray, lam: float) -> Coded:
    """Write one learned file, and what it decodes to -> Coded."""
    data, x_hat = learned.encode_and_reconstruct(latents, image.shape[:2], model(), lam)
    return measured(image, lam, data, x_hat)


# --- where to stand ----------------------------------------------------------------------


def quality_for_lam(curve: list[Coded], lam: float) -> int:
    """The quality with the smallest R + lam * D: there the curve's slope dR/dD is -lam."""
    qualities, bpp, mse = _at_every_quality(curve)
    return int(qualities[np.argmin(bpp + lam * mse)])


def quality_for_bpp(curve: list[Coded], target: float) -> int:
    """The quality whose file has the number of bits per pixel nearest to target."""
    qualities, bpp, _ = _at_every_quality(curve)
    return int(qualities[np.argmin(np.abs(np.log(bpp / target)))])


def _at_every_quality(curve):
    """Bits per pixel and MSE between the measured qualities: smooth in the logarithm."""
    known = [coded.setting for coded in curve]
    every = np.arange(known[0], known[-1] + 1)
    bpp, mse = np.log([(coded.bpp, max(coded.mse, MIN_MSE)) for coded in curve]).T
    return every, *(np.exp(PchipInterpolator(known, log)(every)) for log in (bpp, mse))
