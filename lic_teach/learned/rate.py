"""Where the bits of a picture go, without writing a file: -log2 P of every latent.

    y --prior--> table of each latent --counts--> -log2 P

The same walk and the same whole-number tables as codec.py's, so the sum is what the range coder
should need. Unlike jpeg, where a file must be written to know how long it is.
Lessons noise_for_rounding, learned_codec, why_the_prior_fits and bitstream.
"""

import numpy as np
import torch

from . import entropy, quantize
from .hyperprior import checkerboard
from .model import Exact, Model
from .quantize import to_symbols


@torch.inference_mode()
def count(
    y: np.ndarray,
    model: Model,
    code: int,
    first: np.ndarray | None = None,
    second: bool = False,
    exact: Exact | None = None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Bits of every latent of a file; or with every latent's second nearest symbol instead.

    y, first: as in codec.encode_latents; code: of lambda; exact: model.exact(), where the caller
    has it. Returns y_hat in steps, float32 (128, h, w), always of the nearest; bits, float64
    (128, h, w), with `second` infinite where no symbol is written; bits of the side information.
    """
    pieces = []

    def visit(values, mean, numbers, tables):
        nearest = symbols = to_symbols(values, mean, numbers)
        if second:
            symbols = nearest + torch.where(values - mean < nearest, -1, 1)
        spent = entropy.information(symbols.numpy().ravel(), numbers.numpy().ravel(), tables)
        spent[numbers.numpy().ravel() == 0] = np.inf if second else 0.0
        pieces.append(spent.reshape(mean.shape))
        return nearest + mean

    y_hat = model.walk(visit, y, y.shape, code, first, exact)
    if pieces[-1].size == y.size:
        return y_hat, pieces[-1].reshape(y.shape), sum(piece.sum() for piece in pieces[:-1])
    white = checkerboard(torch.from_numpy(y)[None])[0, 0].bool().numpy()
    bits = np.empty(y.shape)
    bits[:, white], bits[:, ~white] = pieces[-2][0], pieces[-1][0]
    return y_hat, bits, sum(piece.sum() for piece in pieces[:-2])


def bit_map(y: np.ndarray, model: Model, lam: float) -> tuple[np.ndarray, float]:
    """Where the bits of a picture go: -log2 P of every latent, and of the side information.

    y: from analyse. Returns float64 (128, h, w) and one number, in bits.
    """
    _, bits, side = count(y, model, quantize.to_code(lam))
    return bits, side


def estimate(y: np.ndarray, model: Model, lam: float) -> float:
    """Estimated rate in bits: -log2 P of a picture's latents, summed. Header not counted."""
    spent, side = bit_map(y, model, lam)
    return float(spent.sum() + side)
