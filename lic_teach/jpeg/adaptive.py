"""One scan with arithmetic coding: coefficients <-> its entropy-coded bytes.

    blocks (N, 64) --encode--> bytes          blocks (N, 64) <--decode_interval-- bytes

What scan.py is for Huffman codes, and called by it: decisions.py or corrections.py for each restart
interval, then arithmetic.py. No table goes before it. Its twin is learned/entropy.py, whose
probabilities come from a model. Lesson a_real_jpeg.
"""

import numpy as np

from . import arithmetic, corrections, decisions
from . import markers as mk
from .frame import Frame, Scan, scan_order

BATCH = 1 << 20  # decisions that are held at a time


def fresh_states() -> np.ndarray:
    """Nothing is learnt yet: uint8, as arithmetic.py takes it."""
    states = np.zeros(256 * decisions.AREAS + 1, np.uint8)
    states[decisions.EVEN] = arithmetic.FIXED
    return states


def conditioning(given: dict[int, int]) -> np.ndarray:
    """The values of DAC by area, int64 (32,), given by row 0..3, 4..7 (segments.read_dac).

    Where nothing is said: L = 0, U = 1 for DC, Kx = 5 for AC (F.1.4.4.1.4, F.1.4.4.2.1).
    """
    values = np.repeat([0x10, 5], 16)
    for row, value in given.items():
        values[row if row < 4 else 12 + row] = value
    return values


def encode(blocks: np.ndarray, frame: Frame, scan: Scan, interval: int) -> bytes:
    """The bytes of a scan, with restart markers every `interval` MCUs, or none (0)."""
    order, member = scan_order(frame, scan.members)
    step = interval or len(order)
    parts = []
    for number, first in enumerate(range(0, len(order), step)):
        if number:
            parts.append(bytes([0xFF, mk.RST0 + (number - 1) % 8]))
        parts.append(_encode_interval(blocks, scan, order[first : first + step], member))
    return b"".join(parts)


def _encode_interval(blocks, scan, order, member) -> bytes:
    states, coder, memory = fresh_states(), arithmetic.encoder(), np.zeros((2, 4), np.int64)
    batch = max(BATCH // (decisions.MOST * order.shape[1]), 1)
    stream = np.empty(decisions.MOST * order.shape[1] * min(batch, len(order)), np.uint16)
    parts = []
    for first in range(0, len(order), batch):
        n = _stream(blocks, scan, order[first : first + batch], member, memory, stream)
        if n < 0:
            raise ValueError("coefficients must be -1023..1023, differences of DC -2047..2047")
        out = np.empty(4 * n + 2 * int(coder[arithmetic.ST]) + 8, np.uint8)
        parts.append(out[: arithmetic.encode(stream[:n], states, coder, out)].tobytes())
    return arithmetic.trimmed(b"".join([*parts, arithmetic.finish(coder)]))


def _stream(blocks, scan, order, member, memory, stream) -> int:
    dc, ac, band = np.array(scan.dc), np.array(scan.ac), (scan.first, scan.last, scan.low)
    if scan.high:
        return corrections.encode(blocks, order, ac, band, stream)
    return decisions.encode(blocks, order, member, dc, ac, conditioning({}), band, memory, stream)


def answers(blocks: np.ndarray, scan: Scan) -> np.ndarray:
    """How often each state is asked and answered with 0 and with 1: int64 (states, 2).

    blocks: int16 (N, 64) of one component, in the order of the scan.
    """
    order, member = np.arange(len(blocks), dtype=np.int32)[:, None], np.zeros(1, np.uint8)
    batch, memory = BATCH // decisions.MOST, np.zeros((2, 4), np.int64)
    stream = np.empty(decisions.MOST * min(batch, len(blocks)), np.uint16)
    counts = np.zeros(2 * (decisions.EVEN + 1), np.int64)
    for first in range(0, len(order), batch):
        n = _stream(blocks, scan, order[first : first + batch], member, memory, stream)
        counts += np.bincount(stream[:n], minlength=len(counts))
    return counts.reshape(-1, 2)


def decode_interval(
    data: np.ndarray,
    position: int,
    end: int,
    scan: Scan,
    order: np.ndarray,
    member: np.ndarray,
    given: dict[int, int],
    blocks: np.ndarray,
) -> tuple[int, int, int]:
    """Undo encode for bits position .. end, one restart interval; given: of conditioning.

    Returns how it went, how many MCUs are whole, and where the decoder was. That the data end too
    early cannot be known: zeros at their end are left out, and may be many.
    """
    dc, ac, band = np.array(scan.dc), np.array(scan.ac), (scan.first, scan.last, scan.low)
    states, span = fresh_states(), (position // 8, end // 8)
    if scan.high:
        found = corrections.decode(data, *span, order, ac, band, states, blocks)
    else:
        bounds = conditioning(given)
        found = decisions.decode(data, *span, order, member, dc, ac, bounds, band, states, blocks)
    status, done, place = found
    return status, done, 8 * min(place, span[1])
