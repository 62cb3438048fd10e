"""Four blocks, and their four grids of coefficients in another order: which belong together?

Three of the blocks are one and the same: as it is, mirrored, and with rows and columns exchanged.
Only the meaning of u, of v and of the sign tells their grids apart. The fourth is fur.
"""

import numpy as np

from lic_teach import images
from lic_teach.course.dct.rivals import cosines
from lic_teach.jpeg import color

NAMES = "ABCD"
ORDER = "CABD"  # grid 1 is block C's, grid 2 block A's ...
EDGE, FUR = (104, 128), (256, 136)  # of the cat: upper left pixels


def blocks() -> dict[str, np.ndarray]:
    """Name -> samples minus 128, float (8, 8)."""
    luma = color.luma(images.sample("chelsea")).astype(float) - 128
    edge, fur = (luma[r : r + 8, c : c + 8] for r, c in (EDGE, FUR))
    return dict(zip(NAMES, (edge, edge[:, ::-1], edge.T, fur), strict=True))


def grids() -> dict[int, np.ndarray]:
    """Number -> coefficients, float (8, 8): v down, u across."""
    C, of = cosines(8), blocks()
    return {number: C @ of[name] @ C.T for number, name in enumerate(ORDER, 1)}
