"""One bit more of each coefficient, as decisions for the arithmetic coder (T.81 G.1.3.3).

    blocks int16 (N, 64) --encode--> decisions          blocks int16 (N, 64) <--decode-- bytes

The second kind of scan of a progressive file; decisions.py has the first. A coefficient that is
known not to be zero gives its next bit, any other says whether it becomes +-1 now. Nobody asks for
the end of the block before the last one that is known. Their twins in progressive.py read likewise.
The learned codec sends everything once. Lesson a_real_jpeg.
"""

from lic_teach.compiled import compiled

from . import arithmetic
from .decisions import EVEN
from .symbols import OK, TOO_MANY


@compiled
def encode(blocks, order, ac, band, stream):
    """MCUs -> decisions; returns how many. Arguments as those of decisions.encode."""
    first, last, low = band
    n = 0
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            block = blocks[order[mcu, b]]
            if last == 0:
                stream[n] = 2 * EVEN + ((block[0] >> low) & 1)
                n += 1
            else:
                n = _encode_ac(stream, n, 256 * (16 + ac[0]), block, first, last, low)
    return n


@compiled
def _encode_ac(stream, n, area, block, first, last, low):
    """Figure G.10."""
    end = last  # of the block now, and of what was known of it before
    while end >= first and abs(block[end]) >> low == 0:
        end -= 1
    known = end
    while known >= first and abs(block[known]) >> (low + 1) == 0:
        known -= 1
    for k in range(first, end + 1):
        s = area + 3 * (k - 1)
        if k > known and (k == first or abs(block[k - 1]) >> low):
            stream[n] = 2 * s  # not yet the end
            n += 1
        value = abs(block[k]) >> low
        if value > 1:
            stream[n] = 2 * (s + 2) + (value & 1)
        else:
            stream[n] = 2 * (s + 1) + (value == 1)
        n += 1
        if value == 1:
            stream[n] = 2 * EVEN + (block[k] < 0)
            n += 1
    if end < last:
        stream[n] = 2 * (area + 3 * (max(end + 1, first) - 1)) + 1
        n += 1
    return n


@compiled
def decode(data, start, end, order, ac, band, states, blocks):
    """Undo encode for one restart interval; returns what decisions.decode does."""
    first, last, low = band
    coder = arithmetic.decoder(data, start, end)
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            block, status = blocks[order[mcu, b]], OK
            if last == 0:
                block[0] |= arithmetic.decode(data, states, coder, EVEN) << low
            else:
                area = 256 * (16 + ac[0])
                status = _decode_ac(data, states, coder, area, block, first, last, low)
            if status != OK:
                return status, mcu, coder[arithmetic.BP]
    return OK, order.shape[0], coder[arithmetic.BP]


@compiled
def _decode_ac(data, states, coder, area, block, first, last, low):
    """Figure G.11 (Decode_AC_coefficients_SA)."""
    known = last
    while known >= first and block[known] == 0:
        known -= 1
    k = first
    while k <= last:
        if k > known and arithmetic.decode(data, states, coder, area + 3 * (k - 1)):
            return OK
        while True:
            s = area + 3 * (k - 1)
            sign = 1 if block[k] > 0 else -1
            if block[k]:
                block[k] += sign * (arithmetic.decode(data, states, coder, s + 2) << low)
                break
            if arithmetic.decode(data, states, coder, s + 1):
                negative = arithmetic.decode(data, states, coder, EVEN)
                block[k] = -(1 << low) if negative else 1 << low
                break
            k += 1
            if k > last:
                return TOO_MANY
        k += 1
    return OK
