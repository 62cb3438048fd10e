"""The overfitted codec: encode(image, lam, steps) -> bytes; decode(data) -> image.

    encode (down)                                    decode (up)

    image  uint8 (H, W, 3)                           image  uint8 (H, W, 3)
      |                                                ^  clip, round
      v                                                |
    [ search              fit.py       ]             [ synthesis           transform.py ]
      |  latents and weights, nearly whole             ^  whole latents and weights
      v                                                |
    [ round, minus start  quantize.py  ]             [ plus start          quantize.py  ]
      |  whole numbers                                 ^  whole numbers
      v                                                |
    [ context, coder      entropy.py   ]             [ context, coder      entropy.py   ]
      |  bytes                                         ^  bytes
      v                                                |
    [ header, checksum    container.py ]  -- bytes ->[ header, checksum    container.py ]

The encoder trains a decoder for this one picture and sends it along: it takes a minute where its
elder twins take a blink, and decoding is the smallest of the three. What is exact: everything.
Both networks run in whole numbers or in sums that float64 holds exactly, so every machine decodes
the same pixels. Lesson one_picture. Its twins are jpeg/codec.py and learned/codec.py.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from lic_teach.learned.codec import check_image
from lic_teach.learned.exact import snap
from lic_teach.learned.quantize import to_code

from . import container, entropy, quantize
from .container import Header, LicError
from .fit import Found, best_steps, pyramid, rounded, search
from .quantize import named
from .transform import GRID, synthesize

Progress = Callable[[int, float, float], None]  # step, R, D
STEPS = 1000
UNIT = 256  # a file stores the step in 1/UNIT


def encode(
    image: np.ndarray, lam: float, steps: int = STEPS, progress: Progress | None = None
) -> bytes:
    """Compress a picture: search latents and weights for it, write them.

    image: uint8 (H, W, 3), at most 4096 pixels a side and 4 million together; lam: bpp per unit
    of squared error, 0.0004..0.1; steps: how long to search, the longer the smaller, some 50 ms
    each for 256 x 256 pixels; progress: told after each step its number, R without the networks,
    and D.
    Returns the bytes of a .lic file. Raises ValueError, LicError.
    """
    check(image, lam, steps)
    for i, found in enumerate(follow(image, lam, steps)):
        if progress:
            progress(i, found.rate, found.distortion)
    return write(image, found, lam)


def follow(image: np.ndarray, lam: float, steps: int) -> Iterator[Found]:
    """What encode finds after each step; write makes a file of any of them."""
    first = torch.from_numpy(quantize.start()).float() / GRID
    return search([image], lam, step_of(lam) / UNIT, first, steps)


def check(image: np.ndarray, lam: float, steps: int) -> None:
    """ValueError, in words, for what encode does not take."""
    check_image(image)
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    container.check_size(image.shape[1], image.shape[0])
    to_code(lam)


def step_of(lam: float) -> int:
    """What a latent of 1 shall paint, in 1/UNIT: theory's step, which falls as 1 / sqrt(lam)."""
    return round(UNIT * (0.01 / lam) ** 0.5)


def lam_of(step: int) -> float:
    """Undo step_of, nearly."""
    return 0.01 * (UNIT / max(step, 1)) ** 2


def write(image: np.ndarray, found: Found, lam: float) -> bytes:
    """The picture as the search has it at a moment -> bytes of a file."""
    where, step = entropy.canvas(*image.shape[:2]), step_of(lam)
    v = rounded(found.vs[0], where)
    whole, coding = best_steps(image, v, found.theta, where, lam, step / UNIT)
    coder = entropy.Coder(8 * len(where.order) + 4 * len(whole))  # no number takes 4 bytes
    weights = quantize.code_weights(coder, coding, whole)
    coder.latents(v.numpy().astype(np.int64).ravel(), where, named(weights))
    header = Header(image.shape[1], image.shape[0], step, coding)
    return container.write(header, coder.finish())


class Parts(NamedTuple):
    """What a file holds."""

    where: entropy.Canvas
    v: np.ndarray  # int64, whole latents on the canvas
    weights: np.ndarray  # int64 (n,), in 1/GRID
    step: int  # what a latent of 1 paints, in 1/UNIT
    networks: int  # bytes that the weights take


def decode(data: bytes) -> np.ndarray:
    """Undo encode: bytes -> uint8 (H, W, 3). Raises LicError for what encode did not make."""
    parts = unpack(data)
    return paint(parts.v, parts.where, parts.weights, parts.step)


def unpack(data: bytes) -> Parts:
    """The latents and weights of a file. Raises LicError."""
    header, payload = container.read(data)
    where = entropy.canvas(header.height, header.width)
    coder = entropy.Coder(payload)
    weights = quantize.code_weights(coder, header.coding)
    networks = coder.at - entropy.AHEAD
    sheet = np.zeros(where.shape[0] * where.shape[1], np.int64)
    coder.latents(sheet, where, named(weights))
    beyond = coder.at - len(payload)  # what the decoder reads behind the end was never written
    if not 0 <= beyond <= entropy.AHEAD:
        raise LicError(
            f"offset {container.HEADER.size}: the payload of {len(payload)} bytes is no picture of "
            f"{header.width}x{header.height} pixels: its latents end at byte "
            f"{coder.at - entropy.AHEAD}{' or later' if beyond > 0 else ''}"
        )
    return Parts(where, sheet.reshape(where.shape), weights, header.step, networks)


@torch.inference_mode()
def paint(v: np.ndarray, where: entropy.Canvas, weights: np.ndarray, step: int) -> np.ndarray:
    """Whole latents on a canvas and whole weights -> picture uint8 (H, W, 3), exactly."""
    w = named(torch.from_numpy(weights).double() / GRID)
    levels = pyramid(torch.from_numpy(v).double(), where)
    x = synthesize(levels, w, step / UNIT, lambda x: snap(x, GRID, 2**12))
    return x.clamp(0, 255).round().byte()[0].permute(1, 2, 0).contiguous().numpy()
