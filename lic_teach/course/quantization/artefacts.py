"""What lost waves look like: ripples, squares, and errors in waves of one kind.

block --struck_out--> the same without some of its waves
plane --jumps--> how much neighbouring columns differ, at the borders of blocks and inside
plane --with_error--> the same, with an error in a few waves of every block
"""

import numpy as np

from lic_teach.jpeg import transform

EDGE = 384, 272  # of the astronaut: the block of an upright edge, its upper left pixel
SLOW = (0, 1), (1, 0), (1, 1)  # waves (v, u) for with_error
MIDDLE = (4, 4), (3, 5), (5, 3)
FAST = (6, 7), (7, 6), (7, 7)


def struck_out(block: np.ndarray, columns: int) -> np.ndarray:
    """A block whose `columns` fastest waves across are 0: (8, 8) -> float (8, 8), not rounded.

    All waves with u >= 8 - columns go, whatever their v.

    >>> struck_out(np.eye(8), 8).any()
    np.False_
    """
    C = transform.dct_matrix()
    S = C @ block @ C.T
    S[:, 8 - columns :] = 0
    return C.T @ S @ C


def jumps(plane: np.ndarray) -> dict[str, float]:
    """The mean difference of neighbouring columns, in grey levels: plane (H, W), W > 16.

    Between column 15 and 16 is a jump of "every 16", between 7 and 8 one of "every 8, between".

    >>> jumps(np.arange(34)[None] // 16)
    {'inside': 0.0, 'every 8, between': 0.0, 'every 16': 1.0}
    """
    size = np.abs(np.diff(plane.astype(float), axis=1)).mean(0)
    right = np.arange(1, len(size) + 1)  # the column to the right of each difference
    places = {
        "inside": right % 8 != 0,
        "every 8, between": right % 16 == 8,
        "every 16": right % 16 == 0,
    }
    return {name: float(size[at].mean()) for name, at in places.items()}


def with_error(
    plane: np.ndarray, waves: tuple[tuple[int, int], ...], size: float, seed: int = 0
) -> np.ndarray:
    """In every block `size` more or less of each of these waves, by lot.

    plane: uint8 (8 n, 8 m); waves: pairs (v, u). Returns uint8, of the same shape. The mean squared
    error is len(waves) * size**2 / 64, whichever waves they are, but for clipping at 0 and 255.
    """
    c = transform.forward(plane.astype(np.float32))
    places = [transform.NATURAL.reshape(8, 8)[wave] for wave in waves]
    signs = np.random.default_rng(seed).choice([-1, 1], size=(*c.shape[:2], len(places)))
    c[..., places] += (size * signs).astype(np.float32)
    return transform.inverse(c)
