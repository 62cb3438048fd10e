"""The learned codec: encode(image, model, lam) -> bytes; decode(data, model) -> image.

    encode (down)                                    decode (up)

    image  uint8 (H, W, 3)                           image  uint8 (H, W, 3)
      |  pad to whole blocks                           ^  crop, clip, round
      v                                                |
    [ analysis   g_a      transform.py ]             [ synthesis  g_s      transform.py ]
      |  y  float (128, H/8, W/8)                      ^  y_hat * step
      v                                                |
    [ / step, round       quantize.py  ]             [ * step              quantize.py  ]
      |  whole numbers                                 ^  whole numbers
      v                                                |
    [ prior, range coder  entropy.py   ]             [ prior, range coder  entropy.py   ]
      |  32-bit words                                  ^  32-bit words
      v                                                |
    [ header, checksum    container.py ]  -- bytes ->[ header, checksum    container.py ]

What is exact: the whole numbers. Every machine decodes the same latents from a file, since
widths and means are computed in fixed point (exact.py). The picture is then painted by g_s in
float32, whose order of summation differs between machines: there a sample may fall on the other
side of a rounding, one grey level away.
Lessons learned_codec and bitstream. Its twin is jpeg/codec.py.
"""

import constriction
import numpy as np
import torch

from lic_teach.images import pad_to_multiple

from . import container, entropy, quantize
from .container import Header, LicError
from .model import Model, check_ready, load, shipped
from .quantize import to_symbols
from .refine import refine as think
from .transform import in_strips

BLOCK = 8  # pixels between latents
Size = tuple[int, int]  # height and width in pixels


def encode(image: np.ndarray, model: Model, lam: float, refine: int = 0) -> bytes:
    """Compress a picture.

    image: uint8 (H, W, 3); model: from learned.load; lam: bpp per unit of squared error,
    model.lam_min..model.lam_max; refine: how many steps the encoder may think about this picture
    (refine.py; 20 bring most of what there is). Returns the bytes of a .lic file.
    Raises ValueError, LicError.
    """
    y = analyse(image, model)
    better = think(image, y, model, lam, refine) if refine else y
    return encode_latents(better, image.shape[:2], model, lam, first=y)


def decode(data: bytes, model: Model) -> np.ndarray:
    """Undo encode: bytes -> uint8 (H, W, 3). Raises LicError for what encode did not make."""
    y_hat, header = decode_latents(data, model)
    return paint(y_hat, (header.height, header.width), model, header.lam_code)


@torch.inference_mode()
def analyse(image: np.ndarray, model: Model) -> np.ndarray:
    """Picture uint8 (H, W, 3) -> latents before quantization, float32 (128, H/8, W/8), rounded up.

    Does not depend on lambda: explorers keep it for a picture.
    """
    check_image(image)
    check_ready(model)
    x = np.ascontiguousarray(pad_to_multiple(image, BLOCK).transpose(2, 0, 1)[None])
    y = in_strips(lambda part: model.g_a(part.float()), torch.from_numpy(x), BLOCK)
    return y[0].numpy()


def check_image(image: np.ndarray) -> None:
    """ValueError, in words, for what is no picture uint8 (H, W, 3)."""
    if not isinstance(image, np.ndarray):
        raise ValueError(f"image must be an array uint8 (H, W, 3), got {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must be uint8 (H, W, 3), got {image.dtype} {image.shape}")


def encode_latents(
    y: np.ndarray, size: Size, model: Model, lam: float, first: np.ndarray | None = None
) -> bytes:
    """Latents of a picture of size (H, W) -> bytes of a .lic file.

    y: from analyse, or refined; then `first` are those from analyse, which refine started from.
    """
    return _write(y, size, model, lam, first)[0]


def encode_and_reconstruct(
    y: np.ndarray, size: Size, model: Model, lam: float, first: np.ndarray | None = None
) -> tuple[bytes, np.ndarray]:
    """encode_latents, and the picture that its file decodes to: bytes, uint8 (H, W, 3).

    For explorers: one walk through the latents instead of two.
    """
    data, y_hat = _write(y, size, model, lam, first)
    return data, paint(y_hat, size, model, quantize.to_code(lam))


@torch.inference_mode()
def _write(y, size, model, lam, first=None):
    """Latents -> bytes of a file, and the quantized latents in it, float32 (128, h, w)."""
    coder = constriction.stream.queue.RangeEncoder()

    def write(values, mean, numbers, tables):
        symbols = to_symbols(values, mean, numbers)
        entropy.encode(coder, symbols.numpy().ravel(), numbers.numpy().ravel(), tables)
        return symbols + mean

    code, exact = quantize.to_code(lam), model.exact()
    y_hat = model.walk(write, y, y.shape, code, first, exact)
    header = Header(exact.name, size[1], size[0], code)
    return container.write(header, coder.get_compressed().astype("<u4").tobytes()), y_hat


@torch.inference_mode()
def decode_latents(data: bytes, model: Model) -> tuple[np.ndarray, Header]:
    """Bytes -> latents in steps, float32 (128, h, w), and the header. Raises LicError."""
    (header, payload), exact = container.read(data), model.exact()
    if header.model != exact.name:
        raise LicError(
            f"offset 5: made with model {header.model.hex()}, but this is model "
            f"{exact.name.hex()}: load the model that wrote the file"
        )
    if header.lam_code > quantize.OCTAVES * quantize.FINE:
        raise LicError(f"offset 13: lambda code {header.lam_code} is past the slider's end")
    coder = constriction.stream.queue.RangeDecoder(np.frombuffer(payload, "<u4").astype(np.uint32))

    def read(_, mean, numbers, tables):
        symbols = entropy.decode(coder, numbers.numpy().ravel(), tables)
        return torch.from_numpy(symbols).reshape(mean.shape) + mean

    shape = len(model.log_step[0]), -(-header.height // BLOCK), -(-header.width // BLOCK)
    try:
        return model.walk(read, None, shape, header.lam_code, exact=exact), header
    except AssertionError as error:
        raise LicError(f"offset 15: the payload fits no picture of this model ({error})") from error


@torch.inference_mode()
def reconstruct(y: np.ndarray, size: Size, model: Model, lam: float) -> np.ndarray:
    """What decode(encode_latents(y, size, model, lam), model) gives, without the range coder."""

    def rounded(values, mean, numbers, _):
        return to_symbols(values, mean, numbers) + mean

    code = quantize.to_code(lam)
    return paint(model.walk(rounded, y, y.shape, code), size, model, code)


@torch.inference_mode()
def paint(y_hat: np.ndarray, size: Size, model: Model, code: int) -> np.ndarray:
    """Quantized latents in steps, float32 (128, h, w) -> picture uint8 of size (H, W, 3)."""
    step = model.step(model.position(code).float())

    def to_samples(part):
        return model.g_s(part, step).clamp(0, 255).round().byte()

    y_hat = torch.from_numpy(y_hat)[None].contiguous(memory_format=torch.channels_last)  # faster
    x_hat = in_strips(to_samples, y_hat, 1)
    return x_hat[0, :, : size[0], : size[1]].permute(1, 2, 0).contiguous().numpy()


def model_of(data: bytes) -> Model:
    """The shipped model that wrote a .lic file. Raises LicError if none of them did."""
    wanted = container.read(data)[0].model
    for model in map(load, shipped()):
        if model.exact().name == wanted:
            return model
    raise LicError(f"offset 5: made with model {wanted.hex()}, which does not come with the course")
