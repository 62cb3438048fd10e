"""What a .jpg knows for certain: between which bounds each of its coefficients was.

    repaired picture --into_bins--> the nearest picture, in luma, of which this very .jpg can be

An encoder that rounds to the nearest number leaves a coefficient within half a step of it: that
stretch is the bin. A decoder that paints something outside contradicts its own file. Unlike the
learned codec's decoder, whose latents say nothing exact of pixels. Lesson only_the_decoder.
"""

import numpy as np

from lic_teach.jpeg import codec, color, frame, transform


def bins(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """A .jpg -> lower and upper bounds of luma's coefficients, float32 (n, m, 64), zig-zag."""
    blocks, layout, tables = codec.unpack(data)
    k, c = frame.split(blocks, layout)[0], layout.components[0]
    steps = tables[c.table].astype(np.float32)
    return (k - np.float32(0.5)) * steps, (k + np.float32(0.5)) * steps


def coefficients(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Of luma, not rounded, of uint8 (H, W, 3) padded to shape blocks: float32 (n, m, 64)."""
    rows, columns = (8 * n for n in shape)
    padding = (0, rows - picture.shape[0]), (0, columns - picture.shape[1]), (0, 0)
    whole = np.pad(picture, padding, mode="edge")
    return transform.forward(color.unrounded_ycbcr(whole)[0])


def outside(picture: np.ndarray, data: bytes) -> float:
    """The part of luma's coefficients that lies outside its bin, by more than two grey levels."""
    low, high = bins(data)
    c = coefficients(picture, low.shape[:2])
    return float(np.mean((c < low - 2) | (c > high + 2)))


def into_bins(picture: np.ndarray, data: bytes) -> np.ndarray:
    """uint8 (H, W, 3), its luma moved until each coefficient is in its bin; colours stay."""
    low, high = bins(data)
    c = coefficients(picture, low.shape[:2])
    change = (np.clip(c, low, high) - c).reshape(-1, 64) @ transform.BASIS
    n, m = low.shape[:2]
    plane = change.reshape(n, m, 8, 8).swapaxes(1, 2).reshape(8 * n, 8 * m)
    moved = picture + plane[: picture.shape[0], : picture.shape[1], None]
    return np.clip(np.rint(moved), 0, 255).astype(np.uint8)
