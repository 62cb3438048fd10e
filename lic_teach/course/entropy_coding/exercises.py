"""Checks: extra bits, a run-length coder with three bugs, a block read by hand."""

from lic_teach import images, jpeg
from lic_teach.jpeg import codec, frame
from lic_teach.jpeg.bitstream import extend, extra_bits, size_of
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows
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
HINTS = {
    "difference": "A block with DC 7 after one with DC 5: which of the two is subtracted?",
    "ZRL": "A coefficient after 19 zeros: a run has four bits. What is it when there are more?",
    "end": "A block whose last coefficient, 63, is not zero: is there anything left to end?",
}


def run_length(answer):
    """answer: a function of a block (64 numbers) and the DC before it -> its symbols, a list."""

    def found(block, before):
        return [tuple(s) for s in answer(list(block), before)]

    if all(found(*PROBES[name]) == given for name, given in AS_GIVEN.items()):
        raise NotDone
    wrong = [name for name, case in PROBES.items() if found(*case) != coded(*case)]
    if wrong:
        mended = ("None is mended. ", "One is mended. ", "Two are mended. ")[3 - len(wrong)]
        raise Wrong(mended + HINTS[wrong[0]])
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


check = checks(amplitude, run_length, by_hand)
