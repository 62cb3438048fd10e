"""The latents of a real .lic file as a list of symbols, each with its table, and back.

    y --symbols--> symbols, tables --range_coder.encode, payload--> the file's own bytes
                 ask (range_coder.decoder) --latents--> y_hat

The walk is the package's (learned/codec.py): z, then the white fields, then the black ones, in each
of them table after table. Only the range coder is another one. A table of 2**20 counts becomes one
of 24 binary digits, as constriction makes it: one count for each symbol, the others in proportion.
With these the bytes are the same as those that the package writes.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate

import numpy as np
import torch

from lic_teach.course.bitstream.range_coder import Table
from lic_teach.learned import entropy, quantize
from lic_teach.learned.model import Model
from lic_teach.learned.quantize import SYMBOL_MAX, to_symbols

FINE = 1 << 24  # the total of each table, as in constriction
EVEN = FINE // (2 * SYMBOL_MAX + 1)  # what each number gets that follows an escape
ESCAPED = [EVEN * s for s in range(2 * SYMBOL_MAX + 1)] + [FINE]


def table(stored: entropy.Table) -> list[int]:
    """The counts of a stored table -> where the parts begin, of 2**24."""
    starts = [0, *accumulate(stored.counts.astype(int).tolist())]
    free = FINE - len(stored.counts)
    return [start * free // entropy.TOTAL + s for s, start in enumerate(starts[:-1])] + [FINE]


def _groups(numbers: np.ndarray, made: list[list[int]]) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers of tables (n,) -> each that is written, and where it is used. 0 is not written."""
    return ((k, where) for k in range(1, len(made)) if len(where := np.flatnonzero(numbers == k)))


@torch.inference_mode()
def symbols(y: np.ndarray, model: Model, lam: float) -> tuple[list[int], list[Table]]:
    """Latents, as learned.analyse gives them -> what is written, and with which table each."""
    made, written, tables = [table(stored) for stored in model.exact().tables], [], []

    def visit(values, mean, numbers, stored):
        found = to_symbols(values, mean, numbers)
        for k, where in _groups(numbers.numpy().ravel(), made):
            group, reach = found.numpy().ravel()[where].astype(int), stored[k].reach
            outside = np.abs(group) > reach
            written.extend(np.where(outside, 2 * reach + 1, group + reach).tolist())
            tables.extend([made[k]] * len(group))
            written.extend((group[outside] + SYMBOL_MAX).tolist())
            tables.extend([ESCAPED] * int(outside.sum()))
        return found + mean

    model.walk(visit, y, y.shape, quantize.to_code(lam))
    return written, tables


@torch.inference_mode()
def latents(
    ask: Callable[[Table], int], shape: tuple[int, int, int], model: Model, lam: float
) -> np.ndarray:
    """Undo symbols: a decoder that is asked -> latents in steps, float32, of the shape of y."""
    made = [table(stored) for stored in model.exact().tables]

    def visit(_, mean, numbers, stored):
        found = np.zeros(mean.numel(), np.float32)
        for k, where in _groups(numbers.numpy().ravel(), made):
            reach = stored[k].reach
            group = np.array([ask(made[k]) - reach for _ in where])
            for i in np.flatnonzero(group > reach):
                group[i] = ask(ESCAPED) - SYMBOL_MAX
            found[where] = group
        return torch.from_numpy(found).reshape(mean.shape) + mean

    return model.walk(visit, None, shape, quantize.to_code(lam))


def payload(data: bytes) -> bytes:
    """Words with the high byte first <-> words with the low byte first, as a .lic file has them."""
    return np.frombuffer(data, ">u4").astype("<u4").tobytes()
