"""Checks: extra bits, a run-length coder with three bugs, a block read by hand and by program."""

import numpy as np

from lic_teach import images, jpeg
from lic_teach.jpeg import codec, frame, huffman
from lic_teach.jpeg.bitstream import extend, extra_bits, size_of
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows, one_number
from lic_teach.kit.file_block import file_block


def bits_of(value):
    """The extra bits of a number, a string (T.81 F.1.2.1): "" for 0."""
    size = int(size_of(value))
    return format(int(extra_bits(value, size)), f"0{size}b") if size else ""


# --- 1 -----------------------------------------------------------------------------------


def _binary(v):
    return format(v, "b") if v else ""


def _low_bits(v, more=0):
    """The n bits of v that are lowest, and some more, where n is its size."""
    n = int(size_of(v)) + more
    return format(v & (1 << n) - 1, f"0{n}b") if v else ""


@knows(
    {
        "Python's bin puts a sign and 0b in front.": bin,
        "That is |v|: the sign is lost.": lambda v: _binary(abs(v)),
        "That is v + 2ⁿ. One less.": _low_bits,
        "Two's complement with a sign bit: too long.": lambda v: _low_bits(v, 1).lstrip("0"),
        "A minus sign is no bit.": _binary,
        "All n bits are written, the leading zeros too.": lambda v: bits_of(v).lstrip("0"),
    }
)
def amplitude(answer):
    """answer: a function of a whole number -> its extra bits, a string."""
    for value in [5, 1, 12, 0, -5, -1, -12, -8, *range(-1023, 1024)]:
        found = answer(value)
        if found != bits_of(value):
            raise Wrong(f"{value} became {found!r}. {_amplitude_hint(value, found)}")
    return "All numbers from −1023 to 1023."


def _amplitude_hint(value, found):
    if not isinstance(found, str):
        return "Return a string of 0 and 1."
    if value == 0:
        return "0 has no bits at all: the size says everything."
    rule = f"|v| has {int(size_of(value))} bits, and a negative v is written as v + 2ⁿ − 1."
    return hint(amplitude, found, value) or rule


# --- 2 -----------------------------------------------------------------------------------


def probe(**values):
    """A block that is zero but for these: probe(k5=-3) -> a list of 64, zig-zag."""
    block = [0] * 64
    for name, value in values.items():
        block[int(name[1:])] = value
    return block


def coded(block, before):
    """The right answer: [(run, size, extra bits), ...] of one block."""
    difference = block[0] - before
    found, run = [(0, int(size_of(difference)), bits_of(difference))], 0
    last = max((k for k in range(64) if block[k]), default=0)
    for value in block[1 : last + 1]:
        if value == 0:
            run += 1
            continue
        found += [(15, 0, "")] * (run // 16)
        found.append((run % 16, int(size_of(value)), bits_of(value)))
        run = 0
    return found if last == 63 else [*found, (0, 0, "")]


PROBES = {
    "difference": (probe(k0=7, k1=2), 5),
    "ZRL": (probe(k0=5, k20=2), 5),
    "end": (probe(k0=5, k14=3, k28=-1, k42=1, k56=1, k63=1), 5),
}
AS_GIVEN = {  # with all three bugs
    "difference": [(0, 2, "01"), (0, 2, "10"), (0, 0, "")],
    "ZRL": [(0, 0, ""), (19, 2, "10"), (0, 0, "")],
    "end": [*coded(*PROBES["end"]), (0, 0, "")],
}
PLAIN = probe(k0=5, k1=-3, k2=2), 5  # none of the three bugs shows in its AC
HINTS = {
    "difference": "A block with DC 7 after one with DC 5: which of the two is subtracted?",
    "ZRL": "A coefficient after 19 zeros: a run has four bits. What is it when there are more?",
    "end": "A block whose last coefficient, 63, is not zero: is there anything left to end?",
}


def run_length(answer):
    """answer: a function of a block (64 numbers) and the DC before it -> its symbols, a list."""

    def found(block, before):
        symbols = answer(list(block), before)
        if not _triples(symbols := list(symbols) if np.iterable(symbols) else symbols):
            raise Wrong("Return a list of symbols, each (run, size, extra bits).")
        return [tuple(s) for s in symbols]

    if all(found(*PROBES[name]) == given for name, given in AS_GIVEN.items()):
        raise NotDone
    if [(15, 0, ""), (0, 0, "")] == found(*PROBES["ZRL"])[-2:]:
        raise Wrong("You write ZRL where only zeros follow, too. There EOB says it all.")

    def is_wrong(name):
        part = slice(1) if name == "difference" else slice(None)  # that probe is of DC alone
        return found(*PROBES[name])[part] != coded(*PROBES[name])[part]

    wrong = [name for name in PROBES if is_wrong(name)]
    if len(wrong) < 3:
        _nothing_new_is_broken(found(*PLAIN))
    if wrong:
        mended = ("None is mended. ", "One is mended. ", "Two are mended. ")[3 - len(wrong)]
        raise Wrong(mended + HINTS[wrong[0]])
    if found(probe(k0=3), 7)[0] != coded(probe(k0=3), 7)[0]:
        raise Wrong("A block with DC 3 after one with DC 7: which sign has the difference?")
    for zeros in (15, 16, 39):
        block = [5] + zeros * [0] + [2] + (62 - zeros) * [0]
        if found(block, 5) != coded(block, 5):
            raise Wrong(f"A coefficient after {zeros} zeros: how many ZRL, and which run is left?")
    before, blocks = 0, luma_blocks("coffee").tolist()
    for number, block in enumerate(blocks):
        if found(block, before) != coded(block, before):
            raise Wrong(f"The three are mended, but luma block {number} of coffee comes out wrong.")
        before = block[0]
    return f"All three found, and {len(blocks):,} blocks of a photograph agree."


def _triples(symbols):
    """Is it a list of triples, the third of them words?"""
    return isinstance(symbols, list) and all(
        isinstance(s, tuple | list) and len(s) == 3 and isinstance(s[2], str) for s in symbols
    )


def _nothing_new_is_broken(found):
    """Of PLAIN, which the coder as it was given gets right but for its DC."""
    if found[-1:] != [(0, 0, "")]:
        raise Wrong("Now no block has an EOB. Where zeros are left at its end, it must have one.")
    if found[1:] != coded(*PLAIN)[1:]:
        raise Wrong("AC −3 and 2, then zeros, came out right before you began, and do not now.")


def luma_blocks(name):
    """The quantized luma of a photograph at quality 50, row after row: int16 (n, 64)."""
    blocks, layout, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    return frame.split(blocks, layout)[0].reshape(-1, 64)


# --- 3 -----------------------------------------------------------------------------------


HAND = (17, 51)  # block row and column in chelsea


def puzzle():
    """The block to read by hand: its bits, the DC before it, its symbols."""
    symbols = file_block(*HAND)
    dc = symbols[0]
    before = dc.value - int(extend(int(dc.extra, 2), dc.size))
    return "".join(s.code + s.extra for s in symbols), before, symbols


def by_hand(answer):
    """answer: {k: value} of the coefficients that are not zero, k along the zig-zag."""
    _, before, symbols = puzzle()
    right = {s.k: s.value for s in symbols if s.name in ("DC", "AC")}
    if not isinstance(answer, dict):
        raise Wrong("Write a dictionary: position along the zig-zag -> value.")
    if any(isinstance(n, str) for pair in answer.items() for n in pair):
        raise Wrong("Positions and values are numbers: write them without quotation marks.")
    answer = {k: v for k, v in answer.items() if v}
    if answer == right:
        return "So much for the decoder: that is what it does, block by block."
    dc, first = answer.get(0, 0), right[0]
    if dc == first - before:
        raise Wrong("Entry 0 is the difference. The DC of the block before belongs to it.")
    if dc != first:
        raise Wrong(f"DC is not {dc}: read its extra bits again. The first of them is 0.")
    if [abs(v) for v in answer.values()] == [abs(v) for v in right.values()]:
        if list(answer.values()) != list(right.values()):
            raise Wrong("The sizes are right. Extra bits that begin with 0: a negative number.")
        raise Wrong("The values are right, not their places: a run counts the zeros in between.")
    if len(answer) != len(right):
        raise Wrong(f"The file has {len(right)} numbers before EOB, you have {len(answer)}.")
    raise Wrong("DC is right. Read on bit by bit: code word, then as many extra bits as size says.")


# --- 4 -----------------------------------------------------------------------------------


def reader(negative=lambda value, size: value - 2**size + 1, zrl=1, add=True, uncounted=0):
    """A reader of blocks with one mistake or another, or none."""

    def read(bits, dc_words, ac_words, before):
        at, block, k = 0, [0] * 64, 0
        while k < 64:
            words, end = (ac_words if k else dc_words), at + 1
            while bits[at:end] not in words:
                end += 1
            run, size = words[bits[at:end]] if k else (0, words[bits[at:end]])
            at = end + size
            if k and (run, size) == (0, 0):
                break
            k += run
            if size:
                value = int(bits[end:at], 2)
                block[k] = value if bits[end] == "1" else negative(value, size)
            k += 1 if size or not k else zrl
        block[0] += before if add else 0
        return block, at - uncounted

    return read


@knows(
    {
        "A number whose extra bits begin with 0 is negative.": reader(lambda value, size: value),
        "The negative numbers are one too small: v + 2ⁿ − 1 was written.": (
            reader(lambda value, size: value - 2**size)
        ),
        "That is −v: the bits of a negative number are those of v + 2ⁿ − 1.": (
            reader(lambda value, size: -value)
        ),
        "Entry 0 is the difference. The DC of the block before belongs to it.": reader(add=False),
        "ZRL is sixteen zeros: fifteen, and one number of size 0.": reader(zrl=0),
        "The block is right, the number of bits is not: EOB has bits, too.": reader(uncounted=4),
    }
)
def read_block(answer):
    """answer: a function of bits, words of DC and AC, the DC before -> a block, bits read."""
    blocks = [coded_block(*place) for place in ((11, 24), (17, 51))]
    blocks.append(_written(probe(k0=9, k1=-4, k20=3, k60=-1, k63=2), 4))
    blocks.append(_written([3] * 64, 3))
    for bits, dc_words, ac_words, before, block in blocks:
        # EOBs follow: a reader that goes on comes to an end there
        case = bits + 64 * "1010", dc_words, ac_words, before
        found = answer(*case)
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise Wrong("Return two things: the block, a list of 64, and how many bits it took.")
        if np.ndim(found[1]) or isinstance(found[1], str):
            raise Wrong("The block comes first, and then one number: how many bits were read.")
        if np.shape(found[0]) != (64,):
            raise Wrong("The block is a list of 64 numbers, the zeros too.")
        found = np.asarray(found[0]).tolist(), one_number(found[1])
        if found == (block, len(bits)):
            continue
        raise Wrong(hint(read_block, _flat(found), *case, of=_flat) or _where(found, block, bits))
    return "Two blocks of the cat, one with ZRL, and one that is full to the last number."


def _flat(found):
    return found if isinstance(found, list) else [*found[0], found[1]]


def _where(found, block, bits):
    k = next((k for k in range(64) if found[0][k : k + 1] != block[k : k + 1]), None)
    if k is None:
        return f"The numbers are right; they took {len(bits)} bits, not {found[1]:g}."
    return f"The first wrong number is number {k} along the zig-zag."


def coded_block(row, column):
    """A luma block of the cat's file: its bits, code words, the DC before, its numbers."""
    data = jpeg.encode(images.sample("chelsea"), 50)
    blocks, layout, _ = codec.unpack(data)
    block = frame.split(blocks, layout)[0][row, column].tolist()
    dc = file_block(row, column)[0]
    before = block[0] - (int(extend(int(dc.extra, 2), dc.size)) if dc.size else 0)
    return _written(block, before)


def _written(block, before):
    """A block in the words of Annex K (T.81 Tables K.3, K.5)."""
    dc_words, ac_words = (_words(table) for table in (huffman.STANDARD[0], huffman.STANDARD[4]))
    words = [dc_words] + [ac_words] * 64
    bits = "".join(
        words[n][16 * run + size] + extra
        for n, (run, size, extra) in enumerate(coded(block, before))
    )
    ac = {word: divmod(symbol, 16) for symbol, word in ac_words.items()}
    return bits, {word: symbol for symbol, word in dc_words.items()}, ac, before, block


def _words(table):
    word, length = huffman.codes(table)
    return {int(s): format(int(word[s]), f"0{length[s]}b") for s in table.values}


check = checks(amplitude, run_length, by_hand, read_block)
