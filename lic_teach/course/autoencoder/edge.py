"""A patch in which one thing changes: where its edge is. In 64 dimensions that is a curve.

    position --edges--> patches (n, 64)

Linear and bent autoencoders are trained on these in the lesson. Lesson autoencoder.
"""

import numpy as np

BRIGHT, DARK = 230.0, 30.0


def edges(at: np.ndarray) -> np.ndarray:
    """Patches 8x8, dark to the left of column `at`, bright to the right: float32 (n, 64).

    at: float (n,), 0 (all bright) .. 8 (all dark). The pixel that the edge crosses is a mixture.
    """
    dark = np.clip(np.asarray(at, float)[:, None] - np.arange(8), 0, 1)
    row = BRIGHT - (BRIGHT - DARK) * dark
    return np.repeat(row[:, None], 8, axis=1).reshape(-1, 64).astype(np.float32)
