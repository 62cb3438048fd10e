"""Arithmetic that gives the same numbers on every machine: fixed point, kept in float64.

    weights --exact--> multiples of 2^-12        activations --FixedConv--> multiples of 2^-10

The decoder must find bit for bit the widths that the encoder had, or it reads garbage. So when
files are coded, the networks of a prior compute in fixed point: weights are multiples of 2^-12
below 2^4, activations multiples of 2^-10 below 2^10, and a sum of a few thousand products stays
below 2^53 units of 2^-22. float64 holds every such sum exactly, in any order, on any machine that
sums products (the codec decodes on the CPU, where nothing is transformed first, as an FFT or
Winograd's convolution would). JPEG needs no such file: its decoder computes no probability.
Lesson bitstream. Balle et al. 2019 (integer networks).
"""

import copy

import torch
from torch import Tensor, nn

WEIGHT_GRID, WEIGHT_MAX = 2**12, 2**4
ACTIVATION_GRID, ACTIVATION_MAX = 2**10, 2**10


def snap(x: Tensor, grid: int, limit: int) -> Tensor:
    """Nearest multiple of 1/grid within -limit..limit. x: float64, changed in place.

    Beside a number as large as `shelf` float64 has no digits finer than 1/grid: they are rounded.
    """
    shelf = 1.5 * 2.0**52 / grid
    return x.add_(shelf).sub_(shelf).clamp_(-limit, limit)


def on_grid(x: Tensor) -> Tensor:
    """Round float64 x to the grid of activations, in place -> float32, which holds it exactly."""
    return snap(x, ACTIVATION_GRID, ACTIVATION_MAX).float()


class FixedConv(nn.Conv2d):
    """A convolution that, in float64, rounds its output to the grid (see the top of this file)."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        if self.weight.dtype != torch.float64:
            return super().forward(x)
        return on_grid(super().forward(x.double()))


def exact(prior: nn.Module) -> nn.Module:
    """A float64 copy of a trained prior with its weights on the grid: what codes files.

    Plain convolutions become float32: they make the side information, and no decoder runs them.
    """
    prior = copy.deepcopy(prior).double().eval().requires_grad_(False)
    for module in prior.modules():
        if isinstance(module, FixedConv):
            module.weight.copy_(snap(module.weight, WEIGHT_GRID, WEIGHT_MAX))
            module.bias.copy_(snap(module.bias, ACTIVATION_GRID, ACTIVATION_MAX))
        elif isinstance(module, nn.Conv2d):
            module.float()
        else:
            for table in module.parameters(recurse=False):  # one row an octave of lambda
                table.copy_(snap(table, ACTIVATION_GRID, ACTIVATION_MAX))
    return prior
