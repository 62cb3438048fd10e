"""Analysis g_a: pixels -> latents, and synthesis g_s: latents -> pixels.

    image (3, H, W) --g_a--> y (128, H/8, W/8) --g_s--> image (3, H, W)

    x -- 16x16 taps every 8 pixels -- + block -- + block --> y
    y_hat -- + block -- + block -- + block -- 16x16 taps -- + filter at half size --> x_hat

Unlike jpeg/transform.py this looks at 16x16 pixels, not 8x8, and it bends: small residual
networks correct what the linear map leaves. Both maps *start* as JPEG's own colour transform
and DCT (the outer taps zero, the networks zero), so training starts where JPEG stands.
Lesson learned_codec. Balle et al. 2017; the shallow JPEG-like synthesis: Yang and Mandt 2023.
"""

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from scipy.fft import dct
from torch import Tensor, nn

LUMA, CHROMA = 64, 32  # channels: 64 for Y, 32 each for Cb and Cr
CHANNELS = LUMA + 2 * CHROMA
CORRECTION = 6.0  # see Analysis
MARGIN = 8  # latent rows; see in_strips
STRIP = 1 << 15  # latent places
RGB_TO_YCBCR = np.array(
    [
        [0.299, 0.587, 0.114],
        [-0.168735892, -0.331264108, 0.5],
        [0.5, -0.418687589, -0.081312411],
    ]
)


def jpeg_basis() -> tuple[np.ndarray, np.ndarray]:
    """JPEG's colour transform and DCT as one matrix, and its inverse.

    Returns forward, backward: float64 (128, 192). Row k of `forward` holds the weights of latent
    k on the 3*8*8 samples of a block (colour, row, column); row k of `backward` is the picture
    that latent k paints. Rows are scaled so that a painted picture has norm 1: a step of the
    same size then costs the same squared error in every channel. Chroma keeps its 32 lowest
    frequencies in order of row + column (all 64 would be: 192 of 192).
    """
    C = dct(np.eye(8), axis=0, norm="ortho")
    waves = np.einsum("ui,vj->uvij", C, C).reshape(64, 64)
    order = np.argsort([u + v for u in range(8) for v in range(8)], kind="stable")
    forward, backward = [], []
    paint = np.linalg.inv(RGB_TO_YCBCR)
    for component, count in enumerate((LUMA, CHROMA, CHROMA)):
        norm = np.linalg.norm(paint[:, component])
        for k in order[:count]:
            forward.append(norm * np.outer(RGB_TO_YCBCR[component], waves[k]).ravel())
            backward.append(np.outer(paint[:, component], waves[k]).ravel() / norm)
    return np.array(forward), np.array(backward)


def to_taps(rows: np.ndarray) -> Tensor:
    """Rows on 8x8 blocks -> 16x16 taps with a rim of zeros, as the weights of a 2x2 convolution.

    rows: (128, 192). Returns float32 (128, 192, 2, 2). The 16x16 window is cut into four 8x8
    quarters, so that a 16x16 convolution of stride 8 becomes a 2x2 convolution over
    `pixel_unshuffle(image, 8)`: the same numbers, and a fast matrix product.
    """
    taps = np.zeros((len(rows), 3, 16, 16))
    taps[:, :, 4:12, 4:12] = rows.reshape(-1, 3, 8, 8)
    quarters = taps.reshape(-1, 3, 2, 8, 2, 8).transpose(0, 1, 3, 5, 2, 4)
    return torch.tensor(quarters.reshape(-1, 192, 2, 2), dtype=torch.float32)


def from_taps(weight: Tensor) -> Tensor:
    """Undo to_taps without cropping: (128, 192, 2, 2) -> the 16x16 pictures (128, 3, 16, 16)."""
    quarters = weight.reshape(-1, 3, 8, 8, 2, 2).permute(0, 1, 4, 2, 5, 3)
    return quarters.reshape(-1, 3, 16, 16)


class Residual(nn.Module):
    """y + a small network of y, which is zero before training. Shapes (N, channels, H, W).

    What the network adds stays within +-limit times scale.
    """

    def __init__(
        self,
        channels: int,
        width: int,
        kernel: int = 1,
        scale: float = 1.0,
        limit: float = math.inf,
    ):
        super().__init__()
        self.scale = scale  # brings the network's input near 1
        self.limit = limit
        pad = kernel // 2
        self.reduce = nn.Conv2d(channels, width, kernel, padding=pad)
        self.mix = nn.Conv2d(width, width, 3, padding=1) if kernel == 1 else nn.Identity()
        self.expand = nn.Conv2d(width, channels, kernel, padding=pad)
        nn.init.zeros_(self.expand.weight)
        nn.init.zeros_(self.expand.bias)

    def forward(self, y: Tensor) -> Tensor:
        h = F.gelu(self.reduce(y / self.scale))
        if not isinstance(self.mix, nn.Identity):
            h = F.gelu(self.mix(h))
        return y + self.scale * self.expand(h).to(y.dtype).clamp(-self.limit, self.limit)


class Analysis(nn.Module):
    """g_a. x: float (N, 3, H, W), 0..255, H and W multiples of 8 -> y: (N, 128, H/8, W/8).

    On what no photograph holds (dithering, noise, lines of one pixel) each block would correct
    more than the one before: lesson showdown's dithered cat came back at 3 dB. Within CORRECTION it
    is 8 dB, and on the 41 validation photographs L changes by at most 0.01 %.
    """

    def __init__(self, width: int = 104):
        super().__init__()
        self.taps = nn.Parameter(to_taps(jpeg_basis()[0]))
        blocks = (Residual(CHANNELS, width, scale=32.0, limit=CORRECTION) for _ in range(3))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x - 128.0, (4, 4, 4, 4), mode="replicate")
        with torch.autocast(x.device.type, enabled=False):
            y = F.conv2d(F.pixel_unshuffle(x.float(), 8), self.taps)
        return self.blocks(y)


class Synthesis(nn.Module):
    """g_s. y_hat: float (N, 128, h, w) in steps, step: (N, 128, 1, 1) -> x_hat: (N, 3, 8h, 8w).

    The blocks work on latents counted in quantization steps, where a latent of 0 is uncertain by
    half a step whatever the step is; then each latent is multiplied by its step and painted.
    Not clamped to 0..255: clamp only when measuring or writing.
    """

    def __init__(self, width: int = 64):
        super().__init__()
        self.blocks = nn.Sequential(*(Residual(CHANNELS, width, scale=2.0) for _ in range(3)))
        self.taps = nn.Parameter(to_taps(jpeg_basis()[1]))
        self.smooth = Residual(12, 16, kernel=3, scale=64.0)

    def forward(self, y_hat: Tensor, step: Tensor) -> Tensor:
        y = F.pad(self.blocks(y_hat) * step, (1, 1, 1, 1), mode="replicate")
        with torch.autocast(y.device.type, enabled=False):
            weight = self.taps.permute(1, 0, 2, 3).flip(2, 3)
            x = F.pixel_shuffle(F.conv2d(y.float(), weight), 8)[:, :, 4:-4, 4:-4]
        half = F.pixel_unshuffle(x, 2)
        return F.pixel_shuffle(self.smooth(half), 2) + 128.0


def in_strips(network: Callable[[Tensor], Tensor], x: Tensor, unit: int) -> Tensor:
    """network(x), computed in overlapping strips of rows so that a large picture fits in memory.

    x: (N, C, H, W), H a multiple of unit, the rows that make one latent row. The strips overlap by
    MARGIN latent rows, more than a latent can see, so the cuts leave no trace.
    """
    rows = max(4 * MARGIN, STRIP * unit // x.shape[3]) * unit
    if x.shape[2] <= rows + 2 * MARGIN * unit:
        return network(x)
    parts = []
    for top in range(0, x.shape[2], rows):
        first, last = max(top - MARGIN * unit, 0), min(top + rows + MARGIN * unit, x.shape[2])
        part = network(x[:, :, first:last])
        grow = part.shape[2] / (last - first)  # rows of output for a row of input
        start = round((top - first) * grow)
        parts.append(part[:, :, start : start + round(min(rows, x.shape[2] - top) * grow)].clone())
    return torch.cat(parts, 2)
