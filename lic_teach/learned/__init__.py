"""The learned codec. Start reading at codec.py.

For files: transform, quantize, entropy, exact, prior, hyperprior, model, container, rate, refine.
For training: batches, train, checkpoint, calibrate, command. To look at: live, record, anatomy.
"""

from .codec import (
    analyse,
    decode,
    decode_latents,
    encode,
    encode_and_reconstruct,
    encode_latents,
    model_of,
    reconstruct,
)
from .container import LicError
from .model import load, shipped
from .rate import bit_map, estimate

__all__ = [
    "LicError",
    "analyse",
    "bit_map",
    "decode",
    "decode_latents",
    "encode",
    "encode_and_reconstruct",
    "encode_latents",
    "estimate",
    "load",
    "model_of",
    "reconstruct",
    "shipped",
]
