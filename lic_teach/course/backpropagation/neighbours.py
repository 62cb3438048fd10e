"""A pixel and the twelve around it that a decoder has already: what a small network learns from.

photographs --examples--> n (pixels, 12), x (pixels, 1), their mean (pixels, 1)

. . . . .
. . . . .      the twelve, and the pixel x; two rows above, two pixels to the left
. . x
"""

import numpy as np

from lic_teach import images

AROUND = [(down, right) for down in (-2, -1) for right in range(-2, 3)] + [(0, -2), (0, -1)]
UNIT = 16  # grey levels


def examples(*pictures: str | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples by name, or uint8 (H, W, 3), their green -> n, x, mean: see above, float.

    n and x less the mean of the twelve, in units of UNIT: brightness as such says nothing about
    the pattern. The mean is in grey levels. Pixels at the border are left out.
    """
    parts = []
    for picture in pictures:
        image = images.sample(picture) if isinstance(picture, str) else picture
        green = image[..., 1].astype(float)
        height, width = green.shape
        views = [green[2 + v : height + v, 2 + u : width - 2 + u] for v, u in [*AROUND, (0, 0)]]
        parts.append(np.stack([view.ravel() for view in views], axis=1))
    values = np.concatenate(parts)
    mean = values[:, :-1].mean(axis=1, keepdims=True)
    scaled = (values - mean) / UNIT
    return scaled[:, :-1], scaled[:, -1:], mean


def squared_error(x_hat, x) -> float:
    """Of what examples returned, as arrays or tensors, in grey levels squared."""
    return float(UNIT**2 * ((x_hat - x) ** 2).mean())


def as_picture(values: np.ndarray, name: str) -> np.ndarray:
    """One number a pixel, as examples puts them in a row -> (H - 2, W - 4)."""
    height, width, _ = images.sample(name).shape
    return values.reshape(height - 2, width - 4)


def stencil(weights: np.ndarray) -> np.ndarray:
    """Twelve weights where their pixels lie: float (3, 5), NaN where there is none."""
    found = np.full((3, 5), np.nan)
    for (down, right), weight in zip(AROUND, weights, strict=True):
        found[2 + down, 2 + right] = weight
    return found
