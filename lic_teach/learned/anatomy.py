"""A learned codec in a few lines: its size, its work, and where the bits of a picture go.

    anatomy.parameters(model), anatomy.kmac_per_pixel(model), anatomy.bits_by_channel(...)

Unlike JPEG, whose parameters are 128 table entries and whose work is one matrix product a block.
Lessons learned_codec and showdown.
"""

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from .model import Model
from .rate import bit_map
from .transform import CHANNELS, from_taps


def parameters(model: Model) -> dict[str, int]:
    """Number of trained numbers in each part of a model, and in all."""
    count = {
        name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()
    }
    count["log_step"] = model.log_step.numel()
    return count | {"all": sum(count.values())}


def decoder_parameters(model: Model) -> int:
    """Number of trained numbers that a decoder needs: not g_a's, nor those that make z of y."""
    count = parameters(model)
    h_a = getattr(model.prior, "analysis", torch.nn.Identity())
    return count["all"] - count["g_a"] - sum(p.numel() for p in h_a.parameters())


@torch.inference_mode()
def kmac_per_pixel(model: Model) -> dict[str, float]:
    """Thousands of multiply-accumulates for a pixel: to encode and to decode, prior included."""
    size = 256
    with FlopCounterMode(display=False) as analysis:
        y = model.g_a(torch.zeros(1, 3, size, size))
    with FlopCounterMode(display=False) as synthesis:
        model.g_s(y, torch.ones(1, CHANNELS, 1, 1))

    def visit(values, mean, numbers, tables):
        return mean

    t, exact = torch.zeros(1, dtype=torch.float64), model.exact()
    work = []
    for latents in (y, None):
        with FlopCounterMode(display=False) as prior:
            exact.prior.code(visit, latents, y.shape, t, exact.tables)
        work.append(prior.get_total_flops())
    flops = {"encode": analysis.get_total_flops() + work[0]}
    flops["decode"] = synthesis.get_total_flops() + work[1]
    return {name: count / 2 / size**2 / 1000 for name, count in flops.items()}


def bits_by_channel(y: np.ndarray, model: Model, lam: float) -> np.ndarray:
    """Channel and bits of each latent channel of a picture, largest first: float64 (128, 2)."""
    spent = bit_map(y, model, lam)[0].sum((1, 2))
    order = np.argsort(-spent, kind="stable")
    return np.stack((order, spent[order]), 1)


def pictures_of_channels(model: Model, side: str = "synthesis") -> np.ndarray:
    """What each latent channel paints ("synthesis") or looks for ("analysis"): (128, 16, 16, 3)."""
    network = {"synthesis": model.g_s, "analysis": model.g_a}[side]
    return from_taps(network.taps.detach()).permute(0, 2, 3, 1).numpy()
