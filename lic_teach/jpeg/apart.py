"""Apart: a file for a lambda, in the scans for which its coefficients were chosen.

    blocks, frame, tables --write_progressive--> a .jpg with a Huffman table for each scan
                          --write_apart--------> one for the arithmetic coder

lossless.pack sends what libjpeg would: one scan for all, or ten from coarse to fine. But a table of
its own for each component and each band of frequencies is what the trellis reckons with. Unlike
learned/container.py, where one coder takes all latents in one go. Lesson jpeg_by_lambda.
"""

import numpy as np

from . import container, scan
from .frame import Frame, Scan

Bands = tuple[tuple[int, int], ...]  # AC coefficients of luma, scan by scan, first and last
WHOLE: Bands = ((1, 63),)


def write_progressive(
    blocks: np.ndarray, frame: Frame, tables: list[np.ndarray], bands: Bands = WHOLE
) -> bytes:
    """Like lossless.pack, in the scans for which the trellis reckons its bits.

    DC of luma, DC of chroma, then the AC bands: every scan has a Huffman table of its own, and a
    run of empty blocks is one symbol.
    """
    frame = frame._replace(progressive=True)
    plan = [((0,), (0, 0)), ((1, 2), (0, 0)), *(((0,), band) for band in bands)]
    plan += [((c,), band) for c in (1, 2) for band in WHOLE]
    scans = []
    for members, band in plan:
        if members[-1] < len(frame.components):
            table = (0,) * len(members)
            scans.append(scan.encode(blocks, frame, Scan(members, table, table, *band), 0, True))
    return container.write(frame, tables, scans, 0, b"")


def write_apart(blocks: np.ndarray, frame: Frame, tables: list[np.ndarray]) -> bytes:
    """Like lossless.pack with a scan for each component: row by row, without the padding.

    The arithmetic coder knows better what is likely, and needs no tables for its scans.
    """
    alone = [Scan((c,), (0,), (0,)) for c in range(len(frame.components))]
    scans = [scan.encode(blocks, frame, s, 0, True) for s in alone]
    return container.write(frame, tables, scans, 0, b"")
