"""Let the encoder think: gradient descent on the latents of one picture.

    y = g_a(x) --many small steps down L = R + lam * D--> a better y for the same decoder

g_a was trained for all pictures; this one deserves its own optimum. The decoder does not change
and does not know. Its twin is the trellis of JPEG (jpeg/trellis.py): there, too, the encoder looks
for better numbers to put into a format that stays as it is. Lesson 19.
Rounding is replaced by a coin that falls nearer and nearer to the nearest whole number
(stochastic Gumbel annealing): Yang, Bamler and Mandt 2020, section 3.2.
"""

import math

import numpy as np
import torch
from tqdm import trange

from lic_teach.images import pad_to_multiple
from lic_teach.learned import quantize
from lic_teach.learned.codec import BLOCK, analyse

HEIGHT = 1e-2  # of Adam's learning rate, in quantization steps
HOT, COLD = 0.5, 0.015  # temperatures of the coin at the start and at the end


def refine(
    image: np.ndarray, model: torch.nn.Module, lam: float, steps: int = 150, progress: bool = False
) -> np.ndarray:
    """Latents of a picture, improved by `steps` steps of descent on L.

    image: uint8 (H, W, 3); lam: bpp per unit of squared error. Returns float32 (128, h, w) for
    codec.encode_latents, like analyse. Takes about three times an encode and a decode each step.
    """
    x = torch.from_numpy(pad_to_multiple(image, BLOCK).copy()).permute(2, 0, 1)[None].float()
    t = model.position(quantize.to_code(lam)).float()
    step = model.step(t)
    start = torch.from_numpy(analyse(image, model))[None] / step
    y = start.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([y], HEIGHT)
    with torch.random.fork_rng(), torch.enable_grad():
        torch.manual_seed(0)
        for i in trange(steps, desc="refining", disable=not progress):
            temperature = min(HOT, HOT * math.exp(math.log(COLD / HOT) * (1.25 * i / steps - 0.25)))
            optimizer.param_groups[0]["lr"] = HEIGHT * min(1, 2 * (1 - i / steps))
            loss_of(model, x, y, t, step, lam, temperature).backward()
            optimizer.step()
            optimizer.zero_grad()
    return (y.detach() * step)[0].numpy()


def loss_of(model, x, y, t, step, lam, temperature):
    """L of latents y (1, 128, h, w) in steps, rounded softly. A scalar, times 1000."""

    def coin(values, mean):
        y_hat = quantize.soft_round(values, mean, temperature)
        return y_hat, y_hat

    bits, y_hat = model.prior(y, t, coin)
    D = ((model.g_s(y_hat, step) - x) ** 2).mean()
    return 1000 * (bits.sum() / (x.shape[2] * x.shape[3]) + lam * D)
