"""Optimize: every choice that the standard leaves to the encoder, made by L = R + lambda * D.

    image --targets, tables, trellis, centroids--> blocks, frame, tables --codec.pack--> a .jpg

Four choices, and any viewer opens what comes out:
  - the quantization tables: learned on photographs (learn.py), then moved to the centroids;
  - the coefficients: not the nearest multiples of the steps, but the cheapest (trellis.py);
  - the chroma samples: the ones that look best after the decoder's upsampling;
  - the luma samples: the ones that make up for what chroma has lost.
D is the squared error of RGB, so errors of Y, Cb and Cr are weighed by what they do to RGB.
Its twin is learned/train.py: the same objective, but there the transform learns too. Lesson 08.
"""

import json
from functools import cache

import numpy as np
from scipy.linalg import solveh_banded

from lic_teach.metrics import bpp, mse
from lic_teach.paths import DATA

from . import codec, color, quantize, transform, trellis
from .frame import Frame, count_blocks, make_frame, plane_size, split

TO_RGB = color.YCBCR_TO_RGB  # columns: what one unit of Y, Cb, Cr does to R, G, B
REPAIRED = TO_RGB[:, 1:].mean(0)  # of a unit of Cb, Cr: what a change of Y can make up for


# ---- what an error costs ----------------------------------------------------------------


def error_weights(frame: Frame) -> list[np.ndarray]:
    """Squared error of RGB for a unit error of each coefficient: float (64,) a component.

    Y: 3, once in each of R, G and B. Chroma: the squared length of its column of TO_RGB, less
    what luma, chosen after it, makes up for; times what upsampling does to the basis picture.
    """
    if len(frame.components) == 1:
        return [np.full(64, 3.0)]
    spread = np.ones((8, 8))
    for factor, axis in ((frame.v_max, (8, 1)), (frame.h_max, (1, 8))):
        if factor == 2:
            spread = spread * _upsampled_energy().reshape(axis)
    spread = spread.ravel()[transform.ZIGZAG]
    return [np.full(64, 3.0), *(w * spread for w in chroma_weights())]


def chroma_weights() -> np.ndarray:
    """Squared error of RGB for a unit error of Cb, Cr that luma makes up for: float (2,)."""
    return (TO_RGB[:, 1:] ** 2).sum(0) - 3 * REPAIRED**2


def _upsampled_energy() -> np.ndarray:
    """Energy of each of the eight DCT basis vectors after color.upsample: float (8,), about
    1.9 for the slowest and 0.6 for the fastest: fast chroma is smoothed away anyway."""
    gram = np.diag(np.full(8, 1.25)) + 0.375 * (np.eye(8, k=1) + np.eye(8, k=-1))
    basis = transform.dct_matrix()
    return np.diag(basis @ gram @ basis.T)


# ---- what to aim at ---------------------------------------------------------------------


def best_chroma(plane: np.ndarray, v: int, h: int) -> np.ndarray:
    """The small plane whose upsampling is nearest: float32 (H, W) -> float32 (H/v, W/h).

    Least squares for the triangle filter of color.upsample, where color.downsample takes means.
    """
    if v == 2:
        plane = _halve_rows(plane)
    return _halve_rows(plane.T).T if h == 2 else plane


def _halve_rows(plane: np.ndarray) -> np.ndarray:
    """Solve U'U x = U'plane. U makes rows 2i and 2i+1 of 3/4 of row i, 1/4 of a neighbour."""
    even, odd = plane[0::2], plane[1::2]
    right = 0.75 * (even + odd)
    right[:-1] += 0.25 * even[1:]
    right[1:] += 0.25 * odd[:-1]
    right[0] += 0.25 * even[0]  # beyond the border stands the border's row again
    right[-1] += 0.25 * odd[-1]
    gram = np.full((2, len(right)), 1.25, np.float32)
    gram[1] = 0.375
    gram[0, 0] += 0.375
    gram[0, -1] += 0.375
    return solveh_banded(gram, right, lower=True, overwrite_b=True, check_finite=False)


def decoded_plane(grid: np.ndarray, steps: np.ndarray, frame: Frame, c: int) -> np.ndarray:
    """Component c as the decoder will see it, at full size: uint8 (H, W)."""
    v, h = frame.v_max // frame.components[c].v, frame.h_max // frame.components[c].h
    rows, columns = plane_size(frame, frame.components[c])
    plane = transform.inverse(quantize.dequantize(grid, steps))[:rows, :columns]
    return color.upsample(plane, v, h)[: frame.height, : frame.width]


def best_luma(image: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> np.ndarray:
    """The luma that comes nearest to the image where chroma is given: float32 (H, W).

    Y adds the same to R, G and B, so the best Y is the mean of what chroma leaves to do.
    cb, cr: uint8 (H, W), decoded.
    """
    share = REPAIRED.astype(np.float32)
    done = share[0] * cb.astype(np.float32) + share[1] * cr.astype(np.float32) - 128 * share.sum()
    return image.astype(np.float32) @ np.full(3, 1 / 3, np.float32) - done


def pad(array: np.ndarray, frame: Frame) -> np.ndarray:
    """Repeat the last row and column up to whole MCUs."""
    height, width = (8 * s * n for s, n in zip((frame.v_max, frame.h_max), frame.mcus, strict=True))
    missing = [(0, height - array.shape[0]), (0, width - array.shape[1])]
    return np.pad(array, missing + [(0, 0)] * (array.ndim - 2), mode="edge")


# ---- choosing ---------------------------------------------------------------------------


@cache
def _stored() -> dict:
    return json.loads((DATA / "jpeg_tables.json").read_text(encoding="utf-8"))


def learned_tables(lam: float, subsampling: str = "4:2:0") -> list[np.ndarray]:
    """Tables that learn.py found on photographs, for any lambda: luma, chroma, int (64,), zig-zag.

    Made for coefficients that are rounded. Steps go like 1 / sqrt(lambda) and a little off it:
    the little is interpolated over log lambda, and kept beyond the last lambda stored.
    """
    stored = _stored()
    known = np.log(stored["lams"])
    tables = []
    for kind in ("luma", "chroma"):
        curve = np.log(np.array(stored[subsampling][kind], float)) + known[:, None] / 2
        at = [np.interp(np.log(lam), known, curve[:, k]) for k in range(64)]
        tables.append(np.clip(np.rint(np.exp(at) / np.sqrt(lam)), 1, 255).astype(int))
    return tables


# Rounding can only avoid the bits of small coefficients with larger steps. The trellis drops
# them one by one, and is best with finer steps: the factor is measured on images of `valid`.
TRELLIS_STEPS = 0.8


def choose(
    image: np.ndarray, lam: float, subsampling: str = "4:2:0", rounds: int = 3
) -> tuple[np.ndarray, Frame, list[np.ndarray]]:
    """Coefficients and tables for a lambda: blocks, frame, tables, as codec.pack takes them.

    image: uint8 (H, W, 3) or (H, W); lam: bits per pixel for a unit of MSE. Chroma first, then
    luma, which makes up for what chroma lost. rounds: how often trellis, code lengths and
    tables follow each other.
    """
    frame = make_frame(*image.shape[:2], 1 if image.ndim == 2 else 3, subsampling)
    tables = [np.maximum(np.rint(TRELLIS_STEPS * t), 1) for t in learned_tables(lam, subsampling)]
    weights = [lam / 3 * w for w in error_weights(frame)]
    blocks = np.zeros((count_blocks(frame), 64), np.int16)
    grids = split(blocks, frame)
    luma = image.astype(np.float32)
    if image.ndim == 3:
        planes = color.unrounded_ycbcr(pad(image, frame))[1:]
        small = [best_chroma(p, frame.v_max, frame.h_max) for p in planes]
        targets = [transform.forward(np.ascontiguousarray(p)) for p in small]
        tables[1] = settle(targets, grids[1:], frame, tables[1], weights[1:], rounds)
        luma = best_luma(image, *(decoded_plane(grids[c], tables[1], frame, c) for c in (1, 2)))
    target = transform.forward(pad(luma, frame))
    tables[0] = settle([target], grids[:1], frame, tables[0], weights[:1], rounds)
    return blocks, frame, [t.astype(int) for t in tables]


def settle(targets, grids, frame: Frame, steps, weights, rounds: int) -> np.ndarray:
    """Choose coefficients and one table for planes that share it, by turns; return the table.

    targets: float32 (n, m, 64) a plane; grids: int16 of the same shape, filled here; weights:
    float64 (64,) a plane, bits per squared error. Each turn lowers bits + weight * error**2.
    """
    component = frame.components[0 if len(grids) == 1 else 1]
    rows, columns = (-(-n // 8) for n in plane_size(frame, component))
    flat = [np.ascontiguousarray(t[:rows, :columns]).reshape(-1, 64) for t in targets]
    chosen = [round_towards_zero(t, steps) for t in flat]
    for _ in range(rounds):
        for t, blocks, w in zip(flat, chosen, weights, strict=True):
            r = trellis.rates(blocks)
            trellis.choose_ac(t, steps, w, r.ac, r.end, r.empty, blocks)
            trellis.choose_dc(t, steps[0], w[0], r.dc, blocks)
        steps = centroids(flat, chosen, weights, steps)
    for grid, blocks in zip(grids, chosen, strict=True):
        grid[:rows, :columns] = blocks.reshape(rows, columns, 64)
        codec._empty_padding(grid, plane_size(frame, component))
    return steps


def round_towards_zero(targets: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """A first guess at what the trellis will do: AC rounds up from 0.65, DC from 0.5."""
    size = np.abs(targets) / steps.astype(np.float32) + np.float32(0.35)
    size[:, 0] += np.float32(0.15)
    return np.copysign(np.floor(size), targets).astype(np.int16)


def centroids(targets, chosen, weights, steps: np.ndarray) -> np.ndarray:
    """The steps with the least error for coefficients already chosen: sum(t k) / sum(k k).

    dD/dq = 2 sum w (q k - t) k = 0, solved; whole numbers 1..255, as baseline asks. Frequencies
    without a nonzero coefficient keep their step.
    """
    above, below = np.zeros(64), np.zeros(64)
    for t, k, w in zip(targets, chosen, weights, strict=True):
        above += w * np.einsum("nk,nk->k", t, k, dtype=np.float64)
        below += w * np.einsum("nk,nk->k", k, k, dtype=np.float64)
    best = np.where(below > 0, above / np.maximum(below, 1e-9), steps)
    return np.clip(np.rint(best), 1, 255)


def encode(image: np.ndarray, lam: float, fast: bool = False) -> bytes:
    """A .jpg with the smallest L = R + lam * D that this encoder finds (codec.encode calls it).

    image: uint8 (H, W, 3) or (H, W); lam > 0. The thorough way makes a file with 4:2:0 and one
    with 4:4:4, and measures L of both; the fast way, for sliders, makes one.
    """
    if not 0 < lam < np.inf:
        raise ValueError(f"lam must be a positive number, got {lam}")
    if image.ndim == 2:
        choices = ["4:4:4"]
    elif fast:
        choices = ["4:4:4" if lam * chroma_detail(image) > DETAIL_WORTH else "4:2:0"]
    else:
        choices = ["4:2:0", "4:4:4"]
    rounds = 2 if fast else 3
    files = [codec.pack(*choose(image, lam, s, rounds)) for s in choices]
    if len(files) == 1:
        return files[0]
    return min(files, key=lambda data: bpp(data, image) + lam * mse(image, codec.decode(data)))


# In bits per pixel, measured on images of `valid`: 4:4:4 pays where lam times the squared error
# of RGB that 4:2:0 makes at once is more than what its four times as many blocks cost.
DETAIL_WORTH = 0.33


def chroma_detail(image: np.ndarray) -> float:
    """Mean squared error of RGB when 2x2 cells of chroma are replaced by their means."""
    even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
    if not even.size:
        return 0.0
    planes = color.unrounded_ycbcr(even)[1:] - np.float32(128)
    lost = [np.mean(p * p) - np.mean(color.downsample(p, 2, 2) ** 2) for p in planes]
    return float(chroma_weights() @ lost) / 3
