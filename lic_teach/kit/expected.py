"""What the learned codec expects of each latent: mean and width, and what is left to be told.

    photograph --> y_hat, mean, sigma (128, h, w)      at one lambda, in steps

The same walk that writes a file (learned/hyperprior.py), only that the visitor looks. Balle et
al. 2018, figure 2. Lessons tell_the_decoder_where and what_is_a_good_picture.
"""

from typing import NamedTuple

import numpy as np
import torch

from lic_teach import learned
from lic_teach.kit.measured import model
from lic_teach.learned.entropy import PER_E, SIGMA_MIN
from lic_teach.learned.hyperprior import checkerboard
from lic_teach.learned.quantize import to_code, to_symbols


class Expected(NamedTuple):
    """All float32 (128, h, w), in quantization steps."""

    y_hat: np.ndarray
    mean: np.ndarray
    sigma: np.ndarray

    @property
    def left(self) -> np.ndarray:
        """(y_hat - mean) / sigma: what nobody could foresee, each in its own width."""
        return (self.y_hat - self.mean) / self.sigma


@torch.inference_mode()
def expected(image: np.ndarray, lam: float = 0.01) -> Expected:
    """uint8 (H, W, 3) -> what the shipped codec, with side information and context, expects."""
    y = learned.analyse(image, model())
    visits = []

    def look(values, mean, numbers, _):
        visits.append((mean[0], SIGMA_MIN * torch.exp(numbers[0].float() / PER_E)))
        return to_symbols(values, mean, numbers) + mean

    y_hat = model().walk(look, y, y.shape, to_code(lam))
    white = checkerboard(torch.from_numpy(y)[None])[0, 0].bool().numpy()
    mean, sigma = np.empty_like(y), np.empty_like(y)
    for (m, s), field in zip(visits[-2:], (white, ~white), strict=True):  # after z
        mean[:, field], sigma[:, field] = m.numpy(), s.numpy()
    return Expected(np.asarray(y_hat), mean, sigma)
