"""Transform: a plane of samples <-> 8x8 blocks <-> 64 DCT coefficients each.

    plane (8 n, 8 m) --forward--> coefficients (n, m, 64) --inverse--> plane (8 n, 8 m)

The two-dimensional DCT of T.81 A.3.3 is one linear map: the 64 samples of a block are a
vector, the map is the orthonormal 64x64 matrix BASIS, and its inverse is its transpose. Row k
of BASIS is the picture of coefficient k; the rows stand in zig-zag order (T.81 Figure 5), so
that everywhere in this codec coefficient k and table entry k mean the k-th in zig-zag order.
Unlike learned/transform.py: fixed, linear, and no block sees its neighbour. Lesson dct.
"""

import numpy as np

from lic_teach.compiled import compiled

from .sparse import ONE, lowest, nonzero


def dct_matrix() -> np.ndarray:
    """The orthonormal DCT-II of eight samples: float64 (8, 8), row u is frequency u (A.3.3)."""
    u, x = np.mgrid[0:8, 0:8]
    matrix = np.cos((2 * x + 1) * u * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return matrix


def zigzag_order() -> np.ndarray:
    """Row-major positions in the order of T.81 Figure 5: int (64,).

    >>> zigzag_order()[:10].tolist()
    [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]
    """

    def along_diagonals(position: int) -> tuple[int, int]:
        row, column = divmod(position, 8)
        diagonal = row + column
        return diagonal, row if diagonal % 2 else column  # odd ones run down, even ones up

    return np.array(sorted(range(64), key=along_diagonals))


ZIGZAG = zigzag_order()  # natural[ZIGZAG] is in zig-zag order
NATURAL = np.argsort(ZIGZAG)  # zigzagged[NATURAL] is row after row again
BASIS = np.kron(dct_matrix(), dct_matrix())[ZIGZAG].astype(np.float32)


def forward(plane: np.ndarray) -> np.ndarray:
    """Samples 0..255, (8 n, 8 m) -> float32 (n, m, 64), zig-zag; DC in -1024..1016.

    The level shift (T.81 A.3.1) takes 128 from every sample, so 8 * 128 from DC and nothing
    from the rest.
    """
    blocks = to_blocks(plane).astype(np.float32, copy=False)
    shape = n, m, _ = blocks.shape
    if m >= 32:  # one product is faster than n; BLAS adds up narrow ones in another order
        blocks = blocks.reshape(1, n * m, 64)
    coefficients = (blocks @ BASIS.T).reshape(shape)
    coefficients[..., 0] -= 1024
    return coefficients


def inverse(coefficients: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Undo forward: float32 (n, m, 64) -> uint8 (8 n, 8 m), rounded and clipped.

    out: where the result goes, if there is a place for it; without gaps.
    """
    n, m, _ = coefficients.shape
    out = np.empty((8 * n, 8 * m), np.uint8) if out is None else out
    add_up(coefficients, out.view(np.uint64))
    return out


@compiled(fastmath={"contract"})  # a * b + c is rounded once, as in a matrix product of BLAS
def add_up(coefficients, eights):
    """Coefficients @ BASIS: each block is a sum of basis pictures, of which most are absent.

    coefficients: float32 (n, m, 64); eights: uint64 (8 n, m), the plane, eight samples of a row in
    one number.
    """
    total, samples = np.empty(64, np.float32), np.empty(64, np.uint8)
    rows = samples.view(np.uint64)
    for i in range(coefficients.shape[0]):
        for j in range(coefficients.shape[1]):
            block = coefficients[i, j]
            total[:] = 0
            left = nonzero(block)
            while left:
                k = lowest(left)
                left &= left - ONE
                value = block[k]
                for x in range(64):
                    total[x] += value * BASIS[k, x]
            for x in range(64):  # the level shift back, and a half: the rest behind the point goes
                value = min(max(total[x] + np.float32(128.5), np.float32(0)), np.float32(255))
                samples[x] = np.int32(value)
            for y in range(8):
                eights[8 * i + y, j] = rows[y]


def to_blocks(plane: np.ndarray) -> np.ndarray:
    """Cut (8 n, 8 m) into blocks: (n, m, 64), each block row after row.

    Eight samples of a row stay together on the way, so they are moved as one item.
    """
    n, m = plane.shape[0] // 8, plane.shape[1] // 8
    eights = np.ascontiguousarray(plane).view(f"V{8 * plane.itemsize}").reshape(n, 8, m)
    return eights.transpose(0, 2, 1).copy().view(plane.dtype).reshape(n, m, 64)


def from_blocks(blocks: np.ndarray) -> np.ndarray:
    """Undo to_blocks: (n, m, 64) -> (8 n, 8 m)."""
    n, m, _ = blocks.shape
    eights = np.ascontiguousarray(blocks).view(f"V{8 * blocks.itemsize}")
    return eights.transpose(0, 2, 1).copy().view(blocks.dtype).reshape(8 * n, 8 * m)
