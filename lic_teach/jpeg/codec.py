"""The whole machine: an image goes down on the left and comes up again on the right.

    encode (down)                                      decode (up)

    image  uint8 (H, W, 3)                             image  uint8 (H, W, 3)
      |                                                  ^
      v                                                  |
    [ YCbCr, less chroma    color.py     ]             [ full chroma, RGB      color.py     ]
      |  planes uint8                                    ^  planes uint8
      v                                                  |
    [ DCT of 8x8 blocks     transform.py ]             [ inverse DCT           transform.py ]
      |  float32 (N, 64)                                 ^  float32 (N, 64)
      v                                                  |
    [ / table, round        quantize.py  ]             [ * table               quantize.py  ]
      |  whole numbers, int16 (N, 64)                    ^  whole numbers
      v                                                  |
    [ symbols, Huffman      scan.py      ]             [ Huffman, symbols      scan.py      ]
      |  bytes of each scan                              ^  bytes of each scan
      v                                                  |
    [ markers, tables       container.py ] -- bytes -> [ markers, tables       container.py ]

With `lam` the way down is another, through the first three boxes; the last two stay:

    image  uint8 (H, W, 3)
      |
      v
    [ samples to aim at     targets.py   ] <---- chroma first; then luma, which makes up for what
      |  float32 (n, m, 64), by transform.py     chroma lost; then both again
      v
    [ tables to begin with  optimize.py  ]       learned on photographs (learn.py)
      |
      v                                  <---+   twice: what a symbol costs depends on all choices,
    [ the cheapest numbers  trellis.py   ]   |   and the choices on what it costs
      |  int16 (N, 64)      or wagers.py     |
      v                                      |
    [ steps that fit them   optimize.py  ] --+
      |
      v  for 4:2:0 and 4:4:4, and for several ways to cut the scans: the smallest R + lam * D,
    bytes     with D the MSE of the decoded file, or what eye.py makes of it

The first three boxes together are `quantized`, upwards `paint` (lossy.py); the last two are
`pack`, upwards `unpack` (lossless.py). Under scan.py stand symbols.py, progressive.py, huffman.py
and bitstream.py; or, for the other coder of the standard, adaptive.py, decisions.py, corrections.py
and arithmetic.py. What is exact: everything below the rounding. Its twin is learned/codec.py, drawn
the same way. Lessons start_here and a_real_jpeg.
"""

import warnings
from collections.abc import Sequence

import numpy as np

from . import quantize, smooth, transform
from .arguments import positive_number, shown
from .errors import JpegWarning
from .frame import make_frame
from .lossless import MAX_PIXELS, pack, receive, unpack
from .lossy import paint, quantized
from .optimize import encode as encode_for

__all__ = ["MAX_PIXELS", "decode", "encode", "pack", "paint", "quantized", "unpack"]

READERS_LIMIT = 65500  # pixels a side: libjpeg opens no more, T.81 allows 65535


def encode(
    image: np.ndarray,
    quality: int = 75,
    *,
    subsampling: str = "4:2:0",
    tables: tuple[np.ndarray, np.ndarray] | None = None,
    progressive: bool = False,
    restart_interval: int = 0,
    optimize: bool = True,
    comment: bytes = b"",
    arithmetic: bool = False,
    lam: float | None = None,
    fast: bool = False,
    eye: bool = False,
) -> bytes:
    """Compress an image into a JFIF file.

    image: uint8 (H, W, 3) RGB or (H, W) grayscale; quality: 1..100 by libjpeg's rule;
    subsampling: "4:4:4", "4:2:2" or "4:2:0"; tables: own quantization tables for luma and chroma,
    int (8, 8) row after row, instead of a quality; progressive: coarse to fine in ten scans;
    restart_interval: MCUs between restart markers, 0 for none; optimize: Huffman tables made for
    this picture, or else the standard ones; comment: put into a COM segment; arithmetic: the
    standard's other coder, with files 3 to 15 % smaller, which libjpeg opens, Pillow up to 64 KiB
    (arithmetic.py), and browsers do not.
    lam: instead of all but `arithmetic`, choose everything for the smallest L = R + lam * D, with D
    the MSE of RGB on 0..255 (optimize.py); fast: as a slider needs it, a little less well.
    eye: D is for what is seen: the mean of weighted squared errors of RGB, on 0..255 like the MSE,
    less for fast waves and busy places, more for calm ones (eye.squared_error). One bit a pixel
    more then makes that D smaller by 1 / lam, not the MSE. On Kodak such files are a fifth smaller
    than without it at equal MS-SSIM, and a quarter larger at equal PSNR.
    Raises ValueError for anything else. Warns of a side over 65,500 pixels, which the standard
    allows and libjpeg, so nearly every program, does not open.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"want uint8 (H, W) or (H, W, 3), got {image.dtype} {image.shape}")
    if READERS_LIMIT < max(image.shape[:2]) <= 65535:
        words = f"{image.shape[1]} x {image.shape[0]} pixels: most programs open no JPEG over 65500"
        warnings.warn(words, JpegWarning, stacklevel=2)
    if lam is not None:
        return encode_for(image, positive_number("lam", lam), fast, arithmetic, eye)
    if eye:
        raise ValueError("eye=True asks for a lam: it says which errors lam counts")
    frame = make_frame(*image.shape[:2], 1 if image.ndim == 2 else 3, subsampling)
    frame = frame._replace(progressive=progressive, arithmetic=arithmetic)
    steps = standard_tables(quality) if tables is None else own_tables(tables)
    blocks = quantized(image, frame, steps)
    return pack(blocks, frame, steps, restart_interval, optimize, comment)


def decode(
    data: bytes,
    *,
    strict: bool = True,
    fancy: bool = True,
    scans: int | None = None,
    max_pixels: float = MAX_PIXELS,
    points: str = "middle",
) -> np.ndarray:
    """Undo encode: a JPEG file -> uint8 (H, W, 3), or (H, W) for one component.

    Reads every DCT file of 8 bits, Huffman-coded or arithmetic. Where 2, or 5 and more, components
    have no colour, they come as they are: (H, W, n). strict=False gives what can be decoded of a
    damaged file, the rest grey, with a JpegWarning. fancy=False repeats chroma samples instead of
    interpolating them. scans: stop after so many (the coarse picture of a progressive file).
    What a progressive file has not said is guessed from the blocks around, as in libjpeg.
    points: "middle" paints a coefficient in the middle of its step, as other decoders do, and
    "laplace" where its mean is likely to be (quantize.laplace_pull). For files whose coefficients
    were rounded this gains 0.2 to 0.4 dB of luma. Files for a lambda lose 0.1: their encoder
    rounds towards zero, and has moved the steps to the means already.
    Raises JpegError for anything that is not such a file, or larger than max_pixels, and
    ValueError for an argument of a wrong kind.
    """
    if points not in ("middle", "laplace"):
        raise ValueError(f'points must be "middle" or "laplace", got {shown(points)}')
    blocks, frame, tables, known = receive(data, strict, scans, max_pixels)
    if frame.progressive:
        smooth.fill(blocks, frame, tables, known)
    return paint(blocks, frame, tables, fancy, points == "laplace")


def standard_tables(quality: int) -> list[np.ndarray]:
    """The tables of T.81 Annex K for a quality, as the file holds them: int (64,), zig-zag."""
    pair = quantize.LUMINANCE, quantize.CHROMINANCE
    return [quantize.scale(t, quality).ravel()[transform.ZIGZAG] for t in pair]


def own_tables(tables: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Two (8, 8) tables, row after row -> (64,) in zig-zag order. Steps are 1..65535."""
    tables = [np.asarray(t) for t in tables] if isinstance(tables, Sequence | np.ndarray) else []
    if len(tables) != 2:
        raise ValueError(f"want two quantization tables, luma and chroma, got {len(tables)}")
    for t in tables:
        if t.shape != (8, 8) or t.dtype.kind not in "iu" or t.min() < 1 or t.max() > 65535:
            raise ValueError("a quantization table is (8, 8) whole numbers from 1 to 65535")
    return [t.ravel()[transform.ZIGZAG] for t in tables]
