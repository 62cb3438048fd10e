"""A .jpg made smaller, and back to the same bytes: its own coefficients under a trained prior.

    .jpg --unpack--> k --encode--> payload bytes --decode--> k --pack--> the same .jpg
                             widths of a block's 64 coefficients, from four blocks decoded before

A network of 8,288 numbers looks at the sizes of the coefficients to the left, above, and above
to both sides, and says how wide each of the 64 will be. It begins as one width a coefficient and
trains on other photographs, some seconds. Luma has one, both chromas share one. Unlike
jpeg/scan.py no table is in the file. Encoder and decoder compute the same in the same order, so
they agree on one machine; a format would have to say it in whole numbers (learned/exact.py).
Lesson tell_the_decoder_where.
"""

from collections.abc import Callable
from typing import NamedTuple

import constriction
import numpy as np
import torch

from lic_teach import images, jpeg
from lic_teach.course.tell_the_decoder_where.adapting import MOST, differences, sums
from lic_teach.jpeg import codec, frame

FAMILY = constriction.stream.model.QuantizedLaplace(-4095, 4095)
NARROW, WIDE = 0.05, 60.0  # limits of b, the Laplace prior's width
HIDDEN, STEPS, BATCH, RATE = 32, 300, 256, 1e-2
Visit = Callable[[int, int, np.ndarray], np.ndarray]  # row, column, widths -> coefficients


class Weights(NamedTuple):
    """Two layers: 192 sizes of neighbours -> 32 -> logarithms of 64 widths. float64."""

    middle: np.ndarray  # (192,): mean sizes, taken off
    first: np.ndarray  # (32, 192)
    bias: np.ndarray  # (32,)
    last: np.ndarray  # (64, 32)
    start: np.ndarray  # (64,): logarithms of the widths that hold everywhere


def planes(data: bytes) -> list[np.ndarray]:
    """A .jpg -> coefficients of each component, DC as a difference, int (n, m, 64), zig-zag."""
    blocks, layout, _ = codec.unpack(data)
    return [differences(k.astype(int)) for k in frame.split(blocks, layout)]


def sizes(k: np.ndarray) -> np.ndarray:
    """k (n, m, 64) -> log(1 + |k|) in a rim of zeros, (n + 1, m + 2, 64)."""
    return np.pad(np.log1p(np.abs(k)), ((1, 0), (1, 1), (0, 0)))


def neighbours(size: np.ndarray, row: int | slice, column: int | slice) -> np.ndarray:
    """Of a place, or of all: sizes to the left, above, and of the mean of both corners, (..., 192).

    All are decoded before, row after row. row, column: of the block, not of the rim; or
    slices of all of them.
    """

    def at(down, right):
        return size[_moved(row, 1 + down), _moved(column, 1 + right)]

    corners = (at(-1, -1) + at(-1, 1)) / 2
    return np.concatenate((at(0, -1), at(-1, 0), corners), -1)


def _moved(place, by):
    return slice(place.start + by, place.stop + by) if isinstance(place, slice) else place + by


# --- training ----------------------------------------------------------------------------


def train(pictures: list[np.ndarray], steps: int = STEPS) -> Weights:
    """Coefficients of other pictures, each (n, m, 64) -> Weights. A second or two."""
    torch.manual_seed(0)
    parts = [neighbours(sizes(k), slice(0, k.shape[0]), slice(0, k.shape[1])) for k in pictures]
    near = torch.from_numpy(np.concatenate([p.reshape(-1, 192) for p in parts])).float()
    k = torch.from_numpy(np.concatenate([k.reshape(-1, 64) for k in pictures])).float()
    net = torch.nn.Sequential(
        torch.nn.Linear(192, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 64)
    )
    middle = near.mean(0)
    with torch.no_grad():  # at first: one width a coefficient, wherever it stands
        net[2].weight.zero_()
        net[2].bias.copy_(torch.log(k.abs().mean(0) + 0.1))
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        some = torch.randint(len(k), (BATCH,))
        loss = bits(k[some], net(near[some] - middle).exp().clamp(NARROW, WIDE)).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
    found = [p.detach().double().numpy() for p in net.parameters()]
    return Weights(middle.double().numpy(), *found)


def bits(k: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """-log2 of the Laplace prior's mass on k - 1/2..k + 1/2, mean 0, width b > 0; k whole."""
    outside = (0.5 - k.abs()) / b + torch.log(-torch.expm1(-1 / b) / 2)
    inside = torch.log(-torch.expm1(-0.5 / b))
    return torch.where(k == 0, inside, outside) / -np.log(2)


def for_photo(name: str, quality: int) -> list[Weights]:
    """Weights for luma and for chroma, from the other sample photographs at this quality."""
    seen = [planes(jpeg.encode(images.sample(n), quality)) for n in images.SAMPLES if n != name]
    return [train([p[0] for p in seen]), train([c for p in seen for c in p[1:]])]


# --- the file ----------------------------------------------------------------------------


def widths(near: np.ndarray, w: Weights) -> np.ndarray:
    """Sizes of the neighbours (192,) -> the width of each of the 64 coefficients."""
    hidden = np.maximum(w.first @ (near - w.middle) + w.bias, 0)
    return np.clip(np.exp(w.last @ hidden + w.start), NARROW, WIDE)


def walk(visit: Visit, shape: tuple[int, int], weights: Weights) -> np.ndarray:
    """Blocks of one component, row after row: encoder, decoder and estimate all go this way.

    visit gets row, column and widths, and returns the 64 numbers, which it knows or has read.
    """
    size, k = np.zeros((shape[0] + 1, shape[1] + 2, 64)), np.zeros((*shape, 64), int)
    for row, column in np.ndindex(*shape):
        k[row, column] = visit(row, column, widths(neighbours(size, row, column), weights))
        size[row + 1, column + 1] = np.log1p(np.abs(k[row, column]))
    return k


def encode(parts: list[np.ndarray], weights: list[Weights]) -> bytes:
    """Coefficients of each component -> bytes."""
    coder = constriction.stream.queue.RangeEncoder()
    for m, k in enumerate(parts):

        def write(row, column, b, k=k):
            coder.encode(k[row, column].astype(np.int32), FAMILY, np.zeros(64), b)
            return k[row, column]

        walk(write, k.shape[:2], weights[min(m, 1)])
    return coder.get_compressed().astype("<u4").tobytes()


def decode(data: bytes, shapes: list[tuple[int, int]], weights: list[Weights]) -> list[np.ndarray]:
    """Undo encode. shapes: rows and columns of blocks of each component."""
    coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))

    def read(row, column, b):
        return coder.decode(FAMILY, np.zeros(64), b)

    return [walk(read, shape, weights[min(m, 1)]) for m, shape in enumerate(shapes)]


def estimate(parts: list[np.ndarray], weights: list[Weights]) -> float:
    """Bits that encode should take: -log2 P of every coefficient."""
    total = 0.0
    for m, k in enumerate(parts):
        near = neighbours(sizes(k), slice(0, k.shape[0]), slice(0, k.shape[1]))
        w = weights[min(m, 1)]
        hidden = np.maximum((near - w.middle) @ w.first.T + w.bias, 0)
        b = np.clip(np.exp(hidden @ w.last.T + w.start), NARROW, WIDE)
        total += float(bits(torch.from_numpy(k), torch.from_numpy(b)).clamp(max=MOST).sum())
    return total


def restored(data: bytes, parts: list[np.ndarray]) -> bytes:
    """The .jpg again, from its header and the coefficients that were read: its coder is ours."""
    blocks, layout, tables = codec.unpack(data)
    again = np.concatenate([sums(k).reshape(-1, 64) for k in parts]).astype(np.int16)
    assert again.shape == blocks.shape
    return codec.pack(again, layout, tables)


def header_bytes(data: bytes) -> int:
    """Bytes of a .jpg that are neither Huffman tables nor the scan: any recoder must keep them."""
    at, kept = 2, 4  # SOI, and EOI at the end
    while True:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big") + 2
        kept += 0 if marker == 0xC4 else length
        at += length
        if marker == 0xDA:
            return kept
