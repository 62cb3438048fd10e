"""Three bases for the blocks of one photograph: the DCT's waves, its own KLT, plain pixels.

    image --prepare--> Source: the coefficients of all blocks in each basis
    Source + controls --compute--> Result: one block and the photograph, rebuilt

`keep` keeps the k coefficients that are strongest over the photograph, in every block. The others
become 0, as in JPEG. The bases are orthonormal, so the error of the picture is the energy that was
left out, and the whole curve of PSNR over k needs no picture at all.
The pure half of dct_builder.py.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images
from lic_teach.jpeg import color, transform

DCT, KLT, PIXELS = "DCT", "KLT of this picture", "pixels"
CONTRAST = 5  # of what a wave adds and of what is taken away, against the photograph's


class Basis(NamedTuple):
    """One transform of one picture. Place p is row p // 8, column p % 8 of the grid."""

    rows: np.ndarray  # float32 (64, 64), orthonormal: row p is the picture of coefficient p
    coefficients: np.ndarray  # float32 (n, m, 64)
    order: np.ndarray  # int (64,): places, the strongest first
    psnr: np.ndarray  # float (65,): dB of the luma plane with k kept, before rounding


class Source(NamedTuple):
    """A picture with all that the controls do not change."""

    luma: np.ndarray  # uint8 (H, W)
    blocks: np.ndarray  # float32 (n, m, 64), samples - 128
    bases: dict[str, Basis]


class Result(NamedTuple):
    source: Source
    basis: str
    keep: int
    edits: tuple  # (place, coefficient) pairs, made by hand in the one block
    cell: tuple[int, int]  # which block: its row and column among the blocks
    kept: np.ndarray  # bool (64,), in that block
    coefficients: np.ndarray  # float32 (64,), of that block, whether kept or not
    block: np.ndarray  # uint8 (8, 8), built from the kept coefficients
    picture: np.ndarray  # uint8 (H, W), built in the same way
    waves: bool  # show the waves themselves, not what each adds
    taken: bool  # show what was taken away, not what was built


def klt(blocks: np.ndarray) -> np.ndarray:
    """The Karhunen-Loeve transform of these blocks: eigenvectors of their covariance.

    blocks: float (..., 64). Returns float64 (64, 64): row k is the direction of the k-th
    largest variance, orthonormal, its sign such that the DCT's wave most like it counts
    positively. Hotelling 1933; Jayant and Noll 1984, chapter 12.
    """
    samples = blocks.reshape(-1, 64).astype(np.float64)
    return _directions(samples - samples.mean(0))


def _directions(samples):
    """Orthonormal rows, float64 (64, 64): along the first the samples are furthest from 0."""
    _, vectors = np.linalg.eigh(samples.T @ samples / len(samples))
    rows = vectors.T[::-1]  # eigh returns columns, the smallest first
    alike = rows @ transform.BASIS.T
    return rows * np.sign(alike[range(64), np.abs(alike).argmax(1)])[:, None]


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source: the luma plane's blocks in the three bases."""
    luma = color.luma(images.pad_to_multiple(image, 8))
    blocks = transform.to_blocks(luma.astype(np.float32)) - 128
    # What is not kept is 0, middle grey, so that is what the KLT here counts from, not the mean.
    own = _directions(blocks.reshape(-1, 64).astype(np.float64))
    rows = {
        DCT: transform.BASIS[transform.NATURAL],
        KLT: own[transform.NATURAL],  # the k-th stands where the DCT's k-th would
        PIXELS: np.eye(64),
    }
    bases = {name: _analyse(blocks, matrix.astype(np.float32)) for name, matrix in rows.items()}
    return Source(luma[: image.shape[0], : image.shape[1]], blocks, bases)


def _analyse(blocks, rows):
    coefficients = blocks @ rows.T
    energy = np.mean(coefficients.reshape(-1, 64) ** 2, 0, dtype=np.float64)
    order = np.argsort(-energy, kind="stable")
    left_out = np.append(energy[order][::-1].cumsum()[::-1], 0) / 64
    psnr = np.full(65, np.inf)
    psnr[left_out > 1e-6] = 10 * np.log10(255**2 / left_out[left_out > 1e-6])
    return Basis(rows, coefficients, order, psnr)


def compute(
    source: Source,
    basis: str,
    keep: int,
    edits,
    at: tuple[int, int],
    waves: bool = False,
    taken: bool = False,
) -> Result:
    """Keep the `keep` strongest coefficients, and set those of `edits` in the block at `at`.

    basis: DCT, KLT or PIXELS; keep: 0..64; edits: (place, coefficient) pairs; at: a pixel
    (row, column); waves, taken: what is to be shown, see Result.
    """
    chosen = source.bases[basis]
    cell = at[0] // 8, at[1] // 8
    kept = np.zeros(64, bool)
    kept[chosen.order[:keep]] = True
    built = np.where(kept, chosen.coefficients, np.float32(0))
    coefficients = chosen.coefficients[cell].copy()
    for place, coefficient in edits:
        coefficients[place] = built[cell][place] = coefficient
        kept[place] = True
    plane = _to_plane(built @ chosen.rows)
    block = plane[8 * cell[0] :, 8 * cell[1] :][:8, :8]
    rows, columns = source.luma.shape
    picture = plane[:rows, :columns]
    return Result(
        source, basis, keep, edits, cell, kept, coefficients, block, picture, waves, taken
    )


def difference(original: np.ndarray, built: np.ndarray) -> np.ndarray:
    """What was taken away, about middle grey and in CONTRAST: uint8 of the same shape."""
    return _to_samples(CONTRAST * (original.astype(np.float32) - built))


def _to_plane(blocks):
    return transform.from_blocks(_to_samples(blocks))


def _to_samples(about_grey):
    return np.clip(np.rint(about_grey + np.float32(128)), 0, 255).astype(np.uint8)
