"""A decoder that draws what it does not know: the same file, another point inside each bin.

    file --decode--> whole numbers k, and for each a mean and a width sigma
    k, sigma, u --points--> places inside the bins k - 1/2 .. k + 1/2, relative to k
    latents --drawn--> latents --painted--> picture

A file says in which bin a latent lies, and nothing about where. The decoder expects N(mean, sigma)
of it (kit/expected.py): so inside of the bin it can draw a point from that density, and paint a
picture that is as likely as the one in the middle, and not as smooth. Rate, distortion and
perception: Blau and Michaeli 2019. Only the decoder changes: Yan et al. 2021.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from lic_teach.jpeg import transform
from lic_teach.kit.expected import Expected
from lic_teach.kit.measured import model
from lic_teach.learned import codec, quantize
from lic_teach.learned.transform import LUMA

LAM = 1e-3  # a small file: much is not known
SEED = 0
FAST = 4  # a wave counts as detail where its row and column in the 8x8 table add up to so many
LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114])
SILENT = 1.0  # squared grey levels: blocks with less detail look alike


def points(k: np.ndarray, sigma: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Where a latent of N(0, sigma) lies that was rounded to k: float, relative to k, -1/2..1/2.

    k: whole numbers; sigma > 0; u: 0..1, the share of the bin's mass that lies below the point.
    Uniform u make it a draw from the density inside of the bin. All of one shape.

    >>> points(np.array([0.0, 3.0]), np.array([1.0, 1.0]), np.array([0.5, 0.5])).round(2).tolist()
    [0.0, -0.28]
    """
    mirrored = np.where(k > 0, -1.0, 1.0)  # in the lower tail small differences are exact
    centre, share = -np.abs(k), np.where(k > 0, 1 - u, u)
    low, high = ndtr((centre - 0.5) / sigma), ndtr((centre + 0.5) / sigma)
    inside = sigma * ndtri(low + share * (high - low)) - centre
    known = high > low  # farther out float64 has no mass: there it stays in the middle
    return mirrored * np.where(known, inside, 0.0)


def drawn(latents: Expected, strength: float = 1.0, draw=points) -> np.ndarray:
    """Latents with luma drawn inside its bins: float32 (128, h, w).

    strength: 0 leaves all in the middle, 1 goes to the points that were drawn. Chroma and the mean
    of each block stay: of them an error is seen as a spot. The same u are drawn every time.
    draw: as `points`.
    """
    u = np.random.default_rng(SEED).random(latents.y_hat.shape)
    fast = slice(1, LUMA)  # channel 0 is DC's
    k = np.rint(latents.y_hat - latents.mean)[fast].astype(float)
    moved = latents.y_hat.copy()
    found = draw(k, latents.sigma[fast].astype(float), u[fast])
    # a learner's may lose itself far out in the tails
    moved[fast] += strength * np.clip(np.nan_to_num(found), -0.5, 0.5)
    return moved


def painted(y_hat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Latents at LAM -> picture uint8 of size (H, W), as the learned codec's decoder paints it."""
    return codec.paint(y_hat, size, model(), quantize.to_code(LAM))


# --- how much texture --------------------------------------------------------------------


def detail(image: np.ndarray) -> np.ndarray:
    """Energy of luma's fast waves in each 8x8 block: float (blocks,), grey levels squared."""
    luma = image @ LUMA_WEIGHTS
    height, width = (n // 8 * 8 for n in luma.shape)
    blocks = transform.to_blocks(luma[:height, :width].astype(np.float32)).reshape(-1, 64)
    waves = blocks @ transform.BASIS.T  # zig-zag
    fast = np.add.outer(range(8), range(8)).ravel()[transform.ZIGZAG] >= FAST
    return np.sum(waves[:, fast] ** 2, 1, dtype=float) / 64


def share(image: np.ndarray, image_hat: np.ndarray) -> float:
    """How much of a picture's detail another one has, as energy: 1 is as much."""
    return float(detail(image_hat).sum() / detail(image).sum())


def distance(image: np.ndarray, image_hat: np.ndarray) -> float:
    """How far the two distributions of detail are apart, in decades; 0 for equal ones.

    It does not ask which block is which: the blocks of both are sorted by their detail. This is
    the Wasserstein distance of log10(SILENT + detail).
    """
    one, other = (np.sort(np.log10(SILENT + detail(x))) for x in (image, image_hat))
    return float(np.abs(one - other).mean())
