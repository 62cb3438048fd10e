"""What a decoder multiplies, for each pixel: counted on the code that runs.

    size --decoder--> {part: multiply-accumulates a pixel}      of the overfitted codec
    size --search_step--> how many of them a step of its fit takes, forwards and backwards

The learned codec's are counted in learned/anatomy.py, by the same counter.
"""

from collections.abc import Callable
from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from lic_teach.kit.measured import model
from lic_teach.learned import anatomy, refine
from lic_teach.overfit import entropy, quantize, transform
from lic_teach.overfit.fit import pyramid

BACKWARDS = 2  # times the work forwards: once for what went in, once for the weights


def decoder(height: int, width: int) -> dict[str, float]:
    """Multiply-accumulates a pixel: what the neighbours say, blowing up, mixing.

    Of the context network they are those of its weights, which each latent needs once.
    """
    where = entropy.canvas(height, width)
    w = quantize.named(torch.from_numpy(quantize.start()).float())
    v, pixels = torch.zeros(where.shape), height * width
    levels = pyramid(v, where)
    up = _counted(lambda: transform.planes(levels, lambda x: x)) / pixels
    synthesis = _counted(lambda: transform.synthesize(levels, w, 1.0)) / pixels
    each = sum(w[name].numel() for name in ("look", "guess", "mean"))
    return {
        "context": each * len(where.order) / pixels,
        "blowing up": up,
        "mixing": synthesis - up,
    }


def search_step(height: int, width: int) -> float:
    """Multiply-accumulates a pixel of one step of a fit, forwards and backwards."""
    return (1 + BACKWARDS) * sum(decoder(height, width).values())


def refining_step() -> float:
    """About how many a pixel of one step of second thoughts: a walk and a painting for each trial,
    and two walks and a painting, forwards and backwards, to choose the trials."""
    return (refine.TRIES + 2 + BACKWARDS) * 1000 * learned()["decode"]


@cache
def learned() -> dict[str, float]:
    """Of the course's learned codec, in thousands: to encode and to decode."""
    return anatomy.kmac_per_pixel(model())


def _counted(run: Callable) -> float:
    """Multiply-accumulates of the matrix products and convolutions in a call."""
    with FlopCounterMode(display=False) as flops, torch.inference_mode():
        run()
    return flops.get_total_flops() / 2
