"""Eye: what an error is worth where it is seen. Weights for D, by frequency and by place.

    image, frame --weights--> (blocks, 64) a component, for the trellis
    image, decoded --squared_error--> D with the same weights, of a picture as it was decoded

To MSE all errors are alike. People see fewer of the fast changes, and fewer where the picture is
busy anyway: grass hides what a sky shows (masking). So a squared error counts by two factors:
  - of its frequency, (16 / step) ** (2 * SHAPE), with the step of the standard's table for luma,
    which was made by experiments with viewers (T.81 Annex K.1);
  - of its place, ((USUAL + CALM) / (variance + CALM)) ** PLACE, the mean over the block, with the
    variance of luma around each pixel. A block counts by its calm parts: its ringing shows there.
The decoder need not know. The weight is 1 for a slow wave where the variance is USUAL, so D keeps
its unit, a squared error of R, G and B. Unlike targets.py, which knows no viewer; the learned codec
is trained with MSE alone. Lesson jpeg_by_lambda.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from . import quantize, transform
from .frame import Component, Frame, make_frame, plane_size

# Measured on images of `valid` by MS-SSIM, with a look at PSNR: more of each gains little there,
# and PSNR falls fast.
SHAPE = 0.5  # of the standard's table for luma: 0 makes all frequencies alike
PLACE = 0.6  # power of the variance: 0 makes all places alike
USUAL = 400.0  # a variance where a place counts 1, so that files are nearly as large as for MSE
CALM = 15.0  # a variance under which nothing is hidden
AROUND = 3.0  # pixels, of the Gaussian window for the variance


def weights(image: np.ndarray, frame: Frame) -> list[np.ndarray]:
    """How much a squared error of each coefficient counts: float32 (blocks, 64) a component.

    image: uint8 (H, W, 3) or (H, W). Blocks in raster order, without padding; zig-zag.
    """
    calm = calmness(image)
    found = []
    for c in frame.components:
        rows, columns = (-(-n // 8) for n in plane_size(frame, c))
        tall, wide = frame.v_max // c.v, frame.h_max // c.h  # blocks of luma under one of chroma
        missing = rows * tall - calm.shape[0], columns * wide - calm.shape[1]
        whole = np.pad(calm, [(0, n) for n in missing], mode="edge")
        places = whole.reshape(rows, tall, columns, wide).mean((1, 3))
        found.append(places.reshape(-1, 1) * frequencies(frame, c))
    return found


def frequencies(frame: Frame, c: Component) -> np.ndarray:
    """The factor of each frequency, for errors of a component: float32 (64,), zig-zag, 1 for DC.

    Where chroma has half the samples, its waves are twice as long in the picture: they get the
    factor of half the frequency, between two entries of the table.
    """
    ratio = c.v / frame.v_max, c.h / frame.h_max
    places = np.meshgrid(*(np.arange(8) * r for r in ratio), indexing="ij")
    logs = map_coordinates(np.log(quantize.LUMINANCE / 16), places, order=1)
    return np.exp(-2 * SHAPE * logs).ravel()[transform.ZIGZAG].astype(np.float32)


def calmness(image: np.ndarray) -> np.ndarray:
    """The factor of each 8x8 block of a picture: float32 (rows, columns). Over 1: a calm one."""
    y = image.astype(np.float32) if image.ndim == 2 else image.mean(-1, dtype=np.float32)
    y = np.pad(y, [(0, -n % 8) for n in y.shape], mode="edge")
    variance = gaussian_filter(y * y, AROUND) - gaussian_filter(y, AROUND) ** 2
    pixels = ((USUAL + CALM) / (np.maximum(variance, 0) + CALM)) ** PLACE
    return transform.to_blocks(pixels).mean(-1)


def squared_error(image: np.ndarray, decoded: np.ndarray) -> float:
    """metrics.mse with these weights: the mean over all samples, on 0..255.

    image: uint8 (H, W, 3) or (H, W); decoded: of the same shape, uint8 or float. The DCT turns
    nothing but the axes (Parseval), so without weights this would be the MSE.
    """
    frame = make_frame(*image.shape[:2], 1, "4:4:4")
    worth = weights(image, frame)[0]
    error = image.astype(np.float32) - decoded
    missing = [(0, -n % 8) for n in image.shape[:2]]
    total = 0.0
    for plane in np.moveaxis(np.atleast_3d(error), -1, 0):
        blocks = transform.to_blocks(np.pad(plane, missing)).reshape(-1, 64) @ transform.BASIS.T
        total += float(np.sum(worth * blocks**2, dtype=np.float64))
    return total / image.size
