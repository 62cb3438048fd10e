"""Symbols of a progressive scan: some coefficients, or one more bit of each (T.81 Annex G).

                      first scan of a band          one bit more
    DC                dc_first  / read_dc_first     dc_refine / read_dc_refine
    AC, one component ac_first  / read_ac_first     ac_refine / read_ac_refine

The picture is sent several times over: coarse first, then finer. `low` says how many bits of
each coefficient are still missing after the scan. A run of blocks without anything to send is
one symbol, EOBn. The streams are those of symbols.py, and so are the arguments.
The learned codec sends everything once. Lesson a_real_jpeg.
"""

import numpy as np

from lic_teach.compiled import compiled

from .bitstream import extend, extra_bits, next_symbol, peek, size_of, window
from .sparse import ONE, below, large, lowest, nonzero
from .symbols import DATA_ENDED, NO_SUCH_CODE, OK, RAW, TOO_LARGE, TOO_MANY, ZRL

LONGEST_RUN = 0x7FFF  # of blocks in one EOBn (Table G.1)


@compiled
def dc_first(blocks, order, member, dc, low, symbols, extra):
    """DC differences of the values shifted down by `low` (G.1.2.1)."""
    n = 0
    prediction = np.zeros(4, np.int64)
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            value, m = np.int64(blocks[order[mcu, b], 0]) >> low, member[b]
            size = size_of(value - prediction[m])
            if size + low > 11:
                return -1
            symbols[n] = 256 * dc[m] + size
            extra[n] = extra_bits(value - prediction[m], size)
            prediction[m] = value
            n += 1
    return n


@compiled
def read_dc_first(data, position, end, order, member, dc, low, short, long, prediction, blocks):
    """Undo dc_first. Takes and returns what symbols.decode does, and goes on like it."""
    status, whole, place = OK, order.shape[0], position
    for mcu in range(order.shape[0]):
        start = position
        for b in range(order.shape[1]):
            m, bits = member[b], window(data, position)
            size, length = next_symbol(bits, short[dc[m]], long[dc[m]])
            if size < 0 or size > 15:
                if status == OK:
                    status, whole, place = NO_SUCH_CODE if size < 0 else TOO_LARGE, mcu, start
                size = 0
            prediction[m] += extend(peek(bits, length, size), size)
            blocks[order[mcu, b], 0] = prediction[m] << low
            position += length + size
        if position > end:
            return (DATA_ENDED, mcu, start) if status == OK else (status, whole, place)
    return status, whole, position if status == OK else place


@compiled
def dc_refine(blocks, order, low, symbols, extra):
    """One more bit of each DC coefficient, as it is."""
    n = 0
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            symbols[n], extra[n] = RAW + 1, (blocks[order[mcu, b], 0] >> low) & 1
            n += 1
    return n


@compiled
def read_dc_refine(data, position, end, order, low, blocks):
    """Undo dc_refine."""
    for mcu in range(order.shape[0]):
        for b in range(order.shape[1]):
            if position >= end:
                return DATA_ENDED, mcu, position
            blocks[order[mcu, b], 0] |= peek(window(data, position), 0, 1) << low
            position += 1
    return OK, order.shape[0], position


@compiled
def ac_first(blocks, order, table, first, last, low, symbols, extra):
    """Figure G.3: like a sequential block, but empty block ends are counted into runs."""
    n = blocks_ended = 0
    band = below(last + 1) & ~below(first)
    for i in range(order.shape[0]):
        block, before = blocks[order[i, 0]], first - 1  # the place of the last coefficient sent
        left = large(block, 1 << low) & band  # those that have a bit to be sent now
        while left:
            k = lowest(left)
            left &= left - ONE
            run, before = k - before - 1, k
            n, blocks_ended = _end_of_blocks(blocks_ended, table, symbols, extra, n)
            while run > 15:  # Figure G.5
                symbols[n], extra[n] = table + ZRL, 0
                n += 1
                run -= 16
            value = np.int64(abs(block[k])) >> low  # towards zero (A.4)
            size = size_of(value)  # Figure G.6
            if size + low > 10:
                return -1
            value = value if block[k] > 0 else -value
            symbols[n], extra[n] = table + (run << 4 | size), extra_bits(value, size)
            n += 1
        if before < last:
            blocks_ended += 1
        if blocks_ended == LONGEST_RUN:
            n, blocks_ended = _end_of_blocks(blocks_ended, table, symbols, extra, n)
    return _end_of_blocks(blocks_ended, table, symbols, extra, n)[0]


@compiled
def _end_of_blocks(count, table, symbols, extra, n):
    """Figure G.4: EOBn, n = floor(log2 count), and n extra bits. Returns n and a count of 0."""
    if count:
        size = size_of(count) - 1
        symbols[n], extra[n] = table + (size << 4), count - (1 << size)
        n += 1
    return n, 0


@compiled
def read_ac_first(data, position, end, order, table, first, last, low, short, long, blocks):
    """Undo ac_first. Returns how it went, how many blocks are whole, and the position.

    Damage ends it: without the rest of these coefficients the picture is coarser there, and with
    wrong ones it is wrong.
    """
    blocks_ended = 0
    for i in range(order.shape[0]):
        if blocks_ended:
            blocks_ended -= 1
            continue
        block, k = blocks[order[i, 0]], first
        while k <= last:
            bits = window(data, position)
            rs, length = next_symbol(bits, short[table], long[table])
            if rs < 0:
                return NO_SUCH_CODE, i, position
            run, size = rs >> 4, rs & 15
            if size == 0 and run < 15:  # EOBn: this block and 2^n - 1 + extra others
                blocks_ended = (1 << run) - 1 + peek(bits, length, run)
                position += length + run
                break
            position += length + size
            k += run
            if size:
                block[min(k, 63)] = extend(peek(bits, length, size), size) << low
                if k > last:
                    return TOO_MANY, i, position
            k += 1
        if position > end:
            return DATA_ENDED, i, position
    return OK, order.shape[0], position


@compiled
def ac_refine(blocks, order, table, first, last, low, symbols, extra):
    """Figure G.7: coefficients that become +-1 now, and a correction bit for each older one.

    Correction bits stand behind the symbol whose run they lie in. So the place of a symbol
    (`slot`) is kept free until its run is known.
    """
    n = slot = blocks_ended = 0
    band = below(last + 1) & ~below(first)
    for i in range(order.shape[0]):
        block = blocks[order[i, 0]]
        left = large(block, 1 << low) & band  # all that have something to say
        new = left & ~large(block, 2 << low)  # those that become +-1
        end = first - 1  # the last of these
        if new:  # so the block has symbols of its own, and the run of ended ones is over
            _end_of_blocks(blocks_ended, table, symbols, extra, slot)
            blocks_ended = 0
            n, end = _refine(block, table, end, left, new, low, symbols, extra, n)
            left &= ~below(end + 1)
        if end < last:  # what remains has older ones alone: it is one more ended block
            if blocks_ended == 0:
                slot = n
                n += 1
            n = _corrections(block, left, low, symbols, extra, n)
            blocks_ended += 1
            if blocks_ended == LONGEST_RUN:
                _end_of_blocks(blocks_ended, table, symbols, extra, slot)
                blocks_ended = 0
    _end_of_blocks(blocks_ended, table, symbols, extra, slot)
    return n


@compiled
def _refine(block, table, before, left, new, low, symbols, extra, n):
    """The coefficients of `left` up to the last of `new`. Returns n, and the place of that one.

    before: the place before the band. A run counts zeros alone, not the older ones between them.
    """
    run, slot = 0, n
    n += 1
    while new:
        k = lowest(left)
        left &= left - ONE
        run, before = run + k - before - 1, k
        while run > 15:
            symbols[slot], extra[slot] = table + ZRL, 0
            run, slot = run - 16, n
            n += 1
        if new & ONE << np.uint64(k):
            new &= new - ONE
            symbols[slot], extra[slot] = table + (run << 4 | 1), block[k] > 0
            run, slot = 0, n
            n += new != 0
        else:
            n = _corrections(block, ONE << np.uint64(k), low, symbols, extra, n)
    return n, before


@compiled
def _corrections(block, places, low, symbols, extra, n):
    """The next bit of each coefficient of `places`."""
    while places:
        k = lowest(places)
        places &= places - ONE
        symbols[n], extra[n] = RAW + 1, abs(block[k]) >> low & 1
        n += 1
    return n


@compiled
def read_ac_refine(data, position, end, order, table, first, last, low, short, long, blocks):
    """Undo ac_refine."""
    blocks_ended = 0
    band = below(last + 1) & ~below(first)
    for i in range(order.shape[0]):
        block, k = blocks[order[i, 0]], first
        older = nonzero(block) & band  # each of them gets a bit, in its turn
        zeros = band & ~older  # those that may become +-1
        while k <= last and blocks_ended == 0:
            bits = window(data, position)
            rs, length = next_symbol(bits, short[table], long[table])
            run, size = rs >> 4, rs & 15
            if rs < 0 or size > 1:
                return NO_SUCH_CODE if rs < 0 else TOO_LARGE, i, position
            if size == 0 and run < 15:
                blocks_ended = (1 << run) + peek(bits, length, run)
                position += length + run
                break
            for _ in range(run):
                zeros &= zeros - ONE
            k = lowest(zeros) if zeros else last + 1  # the zero behind the run
            zeros &= zeros - ONE
            # The bits of the older ones on the way there come behind the symbol.
            passed = older & below(k)
            older &= ~passed
            position = _correct(data, position + length + size, block, passed, low)
            if size:
                block[min(k, 63)] = (2 * peek(bits, length, size) - 1) << low
                if k > last:
                    return TOO_MANY, i, position
            k += 1
        if blocks_ended:
            position = _correct(data, position, block, older, low)
            blocks_ended -= 1
        if position > end:
            return DATA_ENDED, i, position
    return OK, order.shape[0], position


@compiled
def _correct(data, position, block, places, low):
    """Read the next bit of each coefficient of `places`. Returns the position behind them."""
    while places:
        k = lowest(places)
        places &= places - ONE
        if peek(window(data, position), 0, 1) and abs(block[k]) >> low & 1 == 0:
            block[k] += (1 << low) if block[k] > 0 else -(1 << low)
        position += 1
    return position
