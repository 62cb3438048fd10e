"""Smooth: what an unfinished progressive file has not said yet, guessed from the blocks around.

    blocks, what is known --fill--> blocks with the ten slowest coefficients filled in

After its first scan a progressive file has only DC: a picture of flat squares. But the DC of 25
blocks tells roughly how the picture goes on inside the middle one. T.81 K.8 guesses five AC
coefficients from 3 x 3 blocks; this is libjpeg-turbo's version for 5 x 5 (jdcoefct.c, since 2.1),
so that unfinished files look as they do in other programs. The learned codec's files end whole or
not at all. Lesson a_real_jpeg.
"""

from typing import NamedTuple

import numpy as np

from .frame import Frame, Scan, plane_size, split

# What a DC of each block around adds to a coefficient, in 1/256 of its own unit. Rows and columns
# as they lie in the picture; the coefficients in zig-zag order. AC_k from DC, where AC is known...
EDGE = np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [-7, 50, 0, -50, 7], [0] * 5, [0] * 5])
CURVE = np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [-1, 13, -24, 13, -1], [0] * 5, [0] * 5])
SADDLE = np.array(
    [[0, -1, 0, 1, 0], [-1, 10, 0, -10, 1], [0] * 5, [1, -10, 0, 10, -1], [0, 1, 0, -1, 0]]
)
SHARP = {1: EDGE, 2: EDGE.T, 3: CURVE.T, 4: SADDLE, 5: CURVE}

# ... and where nothing but DC is known: softer, four coefficients more, and DC itself (0).
MEAN = np.array(
    [
        [-2, -6, -8, -6, -2],
        [-6, 6, 42, 6, -6],
        [-8, 42, 152, 42, -8],
        [-6, 6, 42, 6, -6],
        [-2, -6, -8, -6, -2],
    ]
)
SLOPE = np.array(
    [
        [-1, -1, 0, 1, 1],
        [-3, 13, 0, -13, 3],
        [-3, 38, 0, -38, 3],
        [-3, 13, 0, -13, 3],
        [-1, -1, 0, 1, 1],
    ]
)
BEND = np.array([[0] * 5, [0, 2, -5, 2, 0], [1, 7, -14, 7, 1], [0, 2, -5, 2, 0], [0] * 5])
TWIST = np.array([[-1, 0, 0, 0, 1], [0, 9, 0, -9, 0], [0] * 5, [0, -9, 0, 9, 0], [1, 0, 0, 0, -1]])
THIRD = np.array([[0] * 5, [0, 1, 0, -1, 0], [0, 2, 0, -2, 0], [0, 1, 0, -1, 0], [0] * 5])
MIXED = np.array([[0] * 5, [0, 1, -3, 1, 0], [0] * 5, [0, -1, 3, -1, 0], [0] * 5])
SOFT = {0: MEAN, 1: SLOPE, 2: SLOPE.T, 3: BEND.T, 4: TWIST, 5: BEND}
SOFT |= {6: THIRD, 7: MIXED, 8: MIXED.T, 9: THIRD.T}


class Known(NamedTuple):
    """How far a progressive file has come: int (components, 64) twice.

    missing: the bits of a coefficient that are still to come, or -1 where none has come; before:
    the same before the last scan of the component; rows: of MCUs that the last scan reached.
    """

    missing: np.ndarray
    before: np.ndarray
    rows: int


def nothing(frame: Frame) -> Known:
    """Before the first scan."""
    unknown = np.full((len(frame.components), 64), -1)
    return Known(unknown, unknown, 0)


def heard(known: Known, frame: Frame, scan: Scan, mcus: int) -> Known:
    """After one scan more, of which `mcus` MCUs have come."""
    missing, before, members = known.missing.copy(), known.before.copy(), list(scan.members)
    if known.rows and (known.before == -1).all():
        before[:] = 0  # libjpeg's way: below a second scan cut short the others are not smoothed
    before[members] = missing[members]
    missing[members, scan.first : scan.last + 1] = scan.low
    columns = frame.mcus[1]
    if len(members) == 1:  # rows of blocks, of which an MCU row of the frame has c.v
        c = frame.components[members[0]]
        columns = -(-plane_size(frame, c)[1] // 8) * c.v
    return Known(missing, before, mcus // columns + 1)


def fill(blocks: np.ndarray, frame: Frame, tables: list[np.ndarray], known: Known) -> None:
    """Guess the coefficients that are zero and not known for sure, in place.

    blocks: int16 (N, 64), of a progressive file. Nothing happens where no component lacks
    anything, or where one of them lacks DC.
    """
    if (known.missing[:, 0] < 0).any() or not known.missing[:, 1:10].any():
        return
    for m, (c, grid) in enumerate(zip(frame.components, split(blocks, frame), strict=True)):
        rows, columns = (-(-n // 8) for n in plane_size(frame, c))
        near = _neighbours(grid[:, :columns, 0], rows, (frame.mcus[0] - 1) * c.v)
        reached = min(known.rows * c.v, rows)
        for part, missing in (
            (slice(reached), known.missing[m]),
            (slice(reached, rows), known.before[m]),
        ):
            _fill(grid[part, :columns], near[part], tables[c.table], missing)


def _neighbours(dc: np.ndarray, rows: int, inner: int) -> np.ndarray:
    """DC of two blocks on each side, the border repeated: int64 (rows, 5, columns + 4).

    Like libjpeg, the rows above the last row of MCUs see what pads that one to a whole MCU.
    """
    last = np.where(np.arange(rows) < inner, len(dc), rows) - 1
    near = np.clip(np.arange(rows)[:, None] + np.arange(-2, 3), 0, last[:, None])
    return np.pad(dc[near].astype(np.int64), [(0, 0), (0, 0), (2, 2)], mode="edge")


def _fill(grid: np.ndarray, near: np.ndarray, steps: np.ndarray, missing: np.ndarray) -> None:
    columns = grid.shape[1]
    kernels = SOFT if (missing[1:10] == -1).all() else SHARP
    steps = steps.astype(np.int64)
    for k, kernel in kernels.items():
        if missing[k] == 0 and k > 0:
            continue
        total = sum(
            kernel[i, j] * near[:, i, j : j + columns] for i, j in np.argwhere(kernel).tolist()
        )
        size = (steps[0] * np.abs(total) + 128 * steps[k]) // (256 * steps[k])
        if missing[k] > 0 and k > 0:  # larger, and a bit of it would have come already
            size = np.minimum(size, (1 << missing[k]) - 1)
        guess = np.sign(total) * size
        grid[..., k] = guess if k == 0 else np.where(grid[..., k] == 0, guess, grid[..., k])
