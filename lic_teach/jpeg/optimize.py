"""Optimize: every choice that the standard leaves to the encoder, made by L = R + lambda * D.

    image --targets, tables, trellis, centroids--> blocks, frame, tables --lossless.pack--> a .jpg

Four choices, and any viewer opens what comes out:
  - the quantization tables: learned on photographs (learn.py), then moved to the centroids;
  - the coefficients: not the nearest multiples of the steps, but the cheapest (trellis.py, and
    wagers.py for the arithmetic coder);
  - the chroma samples: those that come nearest after the decoder's upsampling (targets.py);
  - the luma samples: those that make up for what chroma has lost (targets.py).
D is the MSE of R, G and B, or the same with weights for what is seen (eye.py).
Its twin is learned/train.py: the same objective, but there the transform learns too. Lesson
jpeg_by_lambda.
"""

import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from lic_teach.metrics import bpp, mse
from lic_teach.paths import DATA

from . import color, eye, lossless, lossy, transform, trellis, wagers
from .apart import WHOLE, Bands, write_apart, write_progressive
from .frame import Frame, count_blocks, make_frame, plane_size, split
from .targets import (
    best_chroma,
    best_colour,
    best_luma,
    chroma_detail,
    decoded_plane,
    error_weights,
    pad,
)


@cache
def _stored() -> dict:
    return json.loads((DATA / "jpeg_tables.json").read_text(encoding="utf-8"))


def learned_tables(lam: float | np.ndarray, subsampling: str = "4:2:0") -> list[np.ndarray]:
    """Tables that learn.py found on photographs, for any lambda: luma, chroma, int (64,), zig-zag.

    lam: one for all frequencies, or float (64,), one for each. Made for coefficients that are
    rounded. Steps go like 1 / sqrt(lambda) and a little off it: the little is interpolated over log
    lambda, and kept beyond the last lambda stored.
    """
    stored = _stored()
    if subsampling not in stored:
        raise ValueError(f"tables are learned for 4:2:0 and 4:4:4, not for {subsampling!r}")
    known, lams = np.log(stored["lams"]), np.broadcast_to(lam, 64)
    tables = []
    for kind in ("luma", "chroma"):
        curve = np.log(np.array(stored[subsampling][kind], float)) + known[:, None] / 2
        at = [np.interp(np.log(lams[k]), known, curve[:, k]) for k in range(64)]
        tables.append(np.clip(np.rint(np.exp(at) / np.sqrt(lams)), 1, 255).astype(int))
    return tables


# Rounding can only avoid the bits of small coefficients with larger steps. The trellis drops
# them one by one, and is best with finer steps: the factor is measured on images of `valid`.
TRELLIS_STEPS = 0.8

# For the eye: the trellis can drop what a busy block does not need, but it cannot make a step finer
# for a calm one. So the tables are those of a larger lambda: measured on images of `valid`.
FINER = 1.62

ROUNDS = 2  # how often trellis, code lengths and steps follow each other; more gains nothing

# Ways to cut the AC coefficients of luma into scans: all at once, or the slow ones apart.
BANDS = (WHOLE, ((1, 2), (3, 63)), ((1, 2), (3, 9), (10, 63)))


def choose(
    image: np.ndarray,
    lam: float,
    subsampling: str = "4:2:0",
    bands: Bands = WHOLE,
    passes: int = 2,
    arithmetic: bool = False,
    for_eye: bool = False,
) -> tuple[np.ndarray, Frame, list[np.ndarray]]:
    """Coefficients and tables for a lambda: blocks, frame, tables, as lossless.pack takes them.

    image: uint8 (H, W, 3) or (H, W); lam: bits per pixel for a unit of MSE. Chroma first, then
    luma, which makes up for what chroma lost; in a second pass chroma knows what luma lost.
    bands: first and last AC coefficient of each scan of luma; arithmetic: of the frame; for_eye:
    errors count as eye.py says.
    """
    frame = make_frame(*image.shape[:2], 1 if image.ndim == 2 else 3, subsampling)
    frame = frame._replace(arithmetic=arithmetic)
    tables = first_tables(lam, frame, subsampling, for_eye)
    weights = [lam / 3 * w for w in error_weights(frame)]
    if for_eye:
        seen = eye.weights(image, frame)
        weights = [np.float32(w) * s for w, s in zip(weights, seen, strict=True)]
    blocks = np.zeros((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    if image.ndim == 2:
        target = transform.forward(pad(image.astype(np.float32), frame))
        tables[0] = settle([target], grids, frame, tables[0], weights, bands)
        return blocks, frame, [t.astype(int) for t in tables]
    for turn in range(passes):
        y = decoded_plane(grids[0], tables[0], frame, 0) if turn else None
        planes = color.unrounded_ycbcr(image)[1:] if y is None else best_colour(image, y)
        small = [best_chroma(pad(p, frame), frame.v_max, frame.h_max) for p in planes]
        targets = [transform.forward(p) for p in small]
        tables[1] = settle(targets, grids[1:], frame, tables[1], weights[1:], WHOLE)
        luma = best_luma(image, *(decoded_plane(grids[c], tables[1], frame, c) for c in (1, 2)))
        target = transform.forward(pad(luma, frame))
        tables[0] = settle([target], grids[:1], frame, tables[0], weights[:1], bands)
    return blocks, frame, [t.astype(int) for t in tables]


def first_tables(lam: float, frame: Frame, subsampling: str, for_eye: bool) -> list[np.ndarray]:
    """The tables that the trellis begins with: luma, chroma, whole numbers, float (64,), zig-zag.

    For the eye, a frequency whose errors count half has the step of half the lambda.
    """
    prices = [lam, lam]
    if for_eye:
        prices = [FINER * lam * eye.frequencies(frame, frame.components[i]) for i in (0, -1)]
    learned = [learned_tables(price, subsampling)[i] for i, price in enumerate(prices)]
    return [np.maximum(np.rint(TRELLIS_STEPS * t), 1) for t in learned]


def settle(
    targets: Sequence[np.ndarray],
    grids: Sequence[np.ndarray],
    frame: Frame,
    steps: np.ndarray,
    weights: Sequence[np.ndarray],
    bands: Bands,
    move_steps: bool = True,
) -> np.ndarray:
    """Choose coefficients and one table for planes that share it, by turns; return the table.

    targets: float32 (n, m, 64) a plane; grids: int16 of the same shape, filled here; weights: a
    plane, bits per squared error, (64,), or (blocks, 64) without the padding (eye.py). Each choice
    is the best for the others as they stand. move_steps=False leaves the table as it is.
    """
    component = frame.components[0 if len(grids) == 1 else 1]
    rows, columns = (-(-n // 8) for n in plane_size(frame, component))
    flat = [np.ascontiguousarray(t[:rows, :columns]).reshape(-1, 64) for t in targets]
    # What a symbol costs is known when all coefficients are chosen, and those are chosen by what
    # the symbols cost. So: a guess, its code lengths, the best coefficients for these; once more.
    chosen = [round_towards_zero(t, steps) for t in flat]
    for _ in range(ROUNDS):
        for t, blocks, w in zip(flat, chosen, weights, strict=True):
            for band in bands:  # each is a scan with a Huffman table of its own
                way = wagers if frame.arithmetic else trellis
                way.choose_ac(t, steps, w, *band, *way.ac_rates(blocks, *band), blocks)
            # w.T[0] is the weight of DC: one number, or one for each block
            trellis.choose_dc(t, steps[0], w.T[0], trellis.dc_rates(blocks), blocks)
        if move_steps:  # last in the round, so that the file's table fits its coefficients
            steps = centroids(flat, chosen, weights, steps)
    for grid, blocks in zip(grids, chosen, strict=True):
        grid[:rows, :columns] = blocks.reshape(rows, columns, 64)
        lossy.empty_padding(grid, plane_size(frame, component))
    return steps


def round_towards_zero(targets: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """A first guess at what the trellis will do: AC rounds up from 0.65, DC from 0.5."""
    size = np.abs(targets) / steps.astype(np.float32) + np.float32(0.35)
    size[:, 0] += np.float32(0.15)
    return np.copysign(np.floor(size), targets).astype(np.int16)


def centroids(
    targets: Sequence[np.ndarray],
    chosen: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    steps: np.ndarray,
) -> np.ndarray:
    """The steps with the least error for coefficients already chosen: sum(t k) / sum(k k).

    dD/dq = 2 sum w (q k - t) k = 0, solved; whole numbers 1..255, as baseline asks. Frequencies
    without a nonzero coefficient keep their step.
    """
    above, below = np.zeros(64), np.zeros(64)
    for t, k, w in zip(targets, chosen, weights, strict=True):
        weighted, w = (k, w) if w.ndim == 1 else (w * k, 1)  # the same for all blocks, or not
        above += w * np.einsum("nk,nk->k", t, weighted, dtype=np.float64)
        below += w * np.einsum("nk,nk->k", k, weighted, dtype=np.float64)
    best = np.where(below > 0, above / np.maximum(below, 1e-9), steps)
    return np.clip(np.rint(best), 1, 255)


# In bits per pixel, measured on images of `valid`: 4:4:4 pays where lam times the squared error
# of RGB that 4:2:0 makes at once is more than what its four times as many blocks cost.
DETAIL_WORTH = 0.33


def encode(
    image: np.ndarray,
    lam: float,
    fast: bool = False,
    arithmetic: bool = False,
    for_eye: bool = False,
) -> bytes:
    """A .jpg with the smallest L = R + lam * D that this encoder finds (codec.encode calls it).

    image: uint8 (H, W, 3) or (H, W); lam > 0. The thorough way makes a file for 4:2:0 and 4:4:4,
    each with luma in one to three scans, and measures L; the fast way, for sliders, makes one.
    arithmetic: for the other coder of the standard, by what its decisions cost (wagers.py).
    for_eye: D is eye.squared_error, and it is that D which falls by 1 / lam for a bit more.
    """
    if not 0 < lam < np.inf:
        raise ValueError(f"lam must be a positive number, got {lam}")
    if image.ndim == 2:
        choices = ["4:4:4"]
    elif fast:
        choices = ["4:4:4" if lam * chroma_detail(image) > DETAIL_WORTH else "4:2:0"]
    else:
        choices = ["4:2:0", "4:4:4"]
    if fast:
        chosen = choose(image, lam, choices[0], WHOLE, 1, arithmetic, for_eye)
        return write_apart(*chosen) if arithmetic else write_progressive(*chosen)
    files = []
    for subsampling in choices:
        for bands in (WHOLE,) if arithmetic else BANDS:
            chosen = choose(image, lam, subsampling, bands, 2, arithmetic, for_eye)
            files.append(write_apart(*chosen) if arithmetic else write_progressive(*chosen, bands))
            files.append(lossless.pack(*chosen))
    return min(files, key=lambda data: loss(data, image, lam, for_eye))


def loss(data: bytes, image: np.ndarray, lam: float, for_eye: bool = False) -> float:
    """L = R + lam * D of a file, as its decoder will see it."""
    error = eye.squared_error if for_eye else mse
    return bpp(data, image) + lam * error(image, lossy.paint(*lossless.unpack(data)))
