"""Checks: an exact decoder, a range coder with three bugs, the bill of a file."""

import bisect
import itertools
import random
from fractions import Fraction

import numpy as np

from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows
from lic_teach.learned import container

# --- 1 -----------------------------------------------------------------------------------

PARTS = {
    "A": (Fraction(0), Fraction(1, 8)),
    "B": (Fraction(1, 8), Fraction(3, 4)),
    "C": (Fraction(7, 8), Fraction(1, 8)),
}
UNEVEN = {
    "X": (Fraction(0), Fraction(1, 2)),
    "Y": (Fraction(1, 2), Fraction(1, 3)),
    "Z": (Fraction(5, 6), Fraction(1, 6)),
}


def written(message, parts):
    """The shortest bits whose number stays in the message's interval, whatever follows."""
    low, width = Fraction(0), Fraction(1)
    for letter in message:
        low, width = low + width * parts[letter][0], width * parts[letter][1]
    bits = 0
    while True:
        number = -(-low * 2**bits // 1)
        if number + 1 <= (low + width) * 2**bits:
            return f"{int(number):0{bits}b}"
        bits += 1


def messages():
    """Some messages with their parts; in the first a number lies exactly on a border."""
    chance = random.Random(17)
    yield "C", PARTS
    yield "YXZY", UNEVEN
    yield "BBBBBBBBC", PARTS
    for length in (5, 40, 200):
        for parts in (PARTS, UNEVEN):
            weights = [float(width) for _, width in parts.values()]
            yield "".join(chance.choices([*parts], weights, k=length)), parts


def _reader(**mistake):
    return lambda *task: _misread(*task, **mistake)


@knows(
    {
        "You went to the start of the letter's part. How wide is it?": _reader(subtract=True),
        "You divided by the width, but the part does not begin at 0.": _reader(divide=True),
        "A number on the border: does it belong to the letter above or below?": (
            _reader(closed=True)
        ),
        "The first bit counts a half, the second a quarter.": _reader(backwards=True),
    }
)
def read_back(answer):
    """answer: a function of bits, parts and a count -> the message, a string."""
    for message, parts in messages():
        bits = written(message, parts)
        found = answer(bits, dict(parts), len(message))
        if not isinstance(found, str):
            found = "".join(found)
        if found != message:
            raise Wrong(_reading_hint(found, message, bits, parts))
    return "Nine messages, the longest of 200 letters, came back from their bits alone."


def _reading_hint(found, message, bits, parts):
    pairs = zip(message, found, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
    says = f"{bits} should be {_cut(message, at)}, you read {_cut(found, at) or 'nothing'}. "
    if not found:
        return says + (
            "Is your number below 1 (n bits: one of 2ⁿ, not of 2ⁿ − 1)? "
            "Does a letter's part go from its start to start + width?"
        )
    if known := hint(read_back, found, bits, parts, len(message)):
        return says + known
    if at > 12:
        return says + "Right at first, then lost: a float has 53 bits, this message more. Use F."
    if len(found) != len(message):
        return says + f"Letters asked for: {len(message)}, yours: {len(found)}."
    if len(message) > 1 and len(set(found)) == 1:
        return says + "Always the same letter: where in its part does the number lie?"
    return says + "In whose part does the number lie, and where in that part, from 0 to 1?"


def _cut(text, at):
    """Some twelve letters of a text, with the one at that place among them."""
    start = max(at - 6, 0) if len(text) > 12 else 0
    return "…" * (start > 0) + text[start : start + 12] + "…" * (len(text) > start + 12)


def _misread(bits, parts, count, **mistake):
    """What a decoder with one known mistake reads, as far as it finds letters."""
    bits = bits[::-1] if "backwards" in mistake else bits
    number = Fraction(int(bits, 2), 2 ** len(bits))
    message = ""
    for _ in range(count):
        found = next((i for i in parts.items() if _holds(i[1], number, "closed" in mistake)), None)
        if found is None:
            return message
        letter, (low, width) = found
        message += letter
        number -= 0 if "divide" in mistake else low
        number /= 1 if "subtract" in mistake else width
    return message


def _holds(part, number, closed):
    low, width = part
    return low < number <= low + width if closed else low <= number < low + width


# --- 2 -----------------------------------------------------------------------------------


def encoded(symbols, counts, order=True, carry=True, end=True):
    """A range coder: symbols 0, 1, ... with their counts -> bytes; False plants a bug."""
    starts = [0, *itertools.accumulate(counts)]
    file, words, low, width = 0, 0, 0, 2**64
    for s in symbols:
        unit = width // starts[-1]
        if not order:
            width = unit * counts[s]
            unit = width // starts[-1]
        low += unit * starts[s]
        width = unit * counts[s] if order else width
        if low >= 2**64:
            low -= 2**64
            file += carry
        if width < 2**32:
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = -(-low // 2**32) if end else low // 2**32
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


def decoded(data, counts, count):
    """The lesson's decoder, which has no bugs: bytes -> list of symbols."""
    starts = [0, *itertools.accumulate(counts)]
    place, at, width = int.from_bytes((data + bytes(8))[:8], "big"), 8, 2**64
    symbols = []
    for _ in range(count):
        unit = width // starts[-1]
        s = min(bisect.bisect(starts, place // unit), len(counts)) - 1
        symbols.append(s)
        place, width = place - unit * starts[s], unit * counts[s]
        if width < 2**32:
            word = (data[at : at + 4] + bytes(4))[:4]
            place, at, width = (place << 32) + int.from_bytes(word, "big"), at + 4, width << 32
    return symbols


COUNTS = [3, 22, 7]
HINTS = {
    "order": (
        "Already a message of one word comes out wrong. When `low` moves up, how wide is the "
        "interval that is being divided: the one before the symbol or the one after it?"
    ),
    "carry": (
        "Short messages come back. A long one goes wrong where `low` ran over 2**64. That 1 "
        "belongs somewhere: what happens when 0.0999 grows by 0.0001?"
    ),
    "end": (
        "A message comes out wrong at its last symbols: is the number of the last word still "
        "inside the interval, or just below it?"
    ),
}


def probes():
    """For each bug a message that shows it, and that the bugs after it leave alone."""
    chance = random.Random(5)
    found = {}
    while len(found) < 3:
        length = chance.choice((2, 12, 200))
        message = chance.choices(range(3), COUNTS, k=length)
        bad = [
            bug
            for bug in HINTS
            if decoded(encoded(message, COUNTS, **{bug: False}), COUNTS, length) != message
        ]
        if bad[:1] == ["order"] and len(bad) == 1 and length < 200:
            found.setdefault("order", message)
        elif bad == ["order", "carry"]:
            found.setdefault("carry", message)
        elif bad == ["order", "end"]:
            found.setdefault("end", message)
    return found


def range_encode(answer):
    """answer: a function of symbols and counts -> bytes that the lesson's decoder reads."""
    found = {}
    for bug, message in probes().items():
        data = answer(list(message), list(COUNTS))
        if not isinstance(data, bytes):
            raise Wrong("Return the bytes of the file.")
        found[bug] = data
    unchanged = dict(order=False, carry=False, end=False)
    if all(found[bug] == encoded(m, COUNTS, **unchanged) for bug, m in probes().items()):
        raise NotDone
    for bug in HINTS:
        message = probes()[bug]
        if decoded(found[bug], COUNTS, len(message)) != message:
            raise Wrong(HINTS[bug])
    return _long_run(answer)


def _long_run(answer):
    chance = random.Random(6)
    for counts in ([1, 2**19, 1], [5, 4, 3, 2, 1], COUNTS):
        message = chance.choices(range(len(counts)), counts, k=5000)
        data = answer(message, counts)
        if decoded(data, counts, len(message)) != message:
            raise Wrong(f"The three are mended, but 5,000 symbols with counts {counts} break.")
        if len(data) > len(encoded(message, counts)) + 4:
            raise Wrong(f"It comes back, but the file has {len(data)} bytes: too many words.")
    return "All three found, and 15,000 symbols came back."


# --- 3 -----------------------------------------------------------------------------------

AROUND = 15 + 4  # bytes of header and checksum


def _lost(size, estimate):
    return 8 * (size - AROUND) - estimate


def _billed(around=8 * AROUND, lost=_lost):
    """An answer to bill, with one of the two in another way."""
    return lambda data, estimate: (around, lost(len(data), estimate))


@knows(
    {
        "That is bytes. The estimate is in bits.": [
            _billed(AROUND),
            _billed(lost=lambda n, e: _lost(n, e) / 8),
        ],
        "That is the header. What stands at the end of the file?": _billed(8 * 15),
        "That is the checksum. What stands before the payload?": _billed(8 * 4),
        "That is the header, in bytes. What else is there, and how many bits?": _billed(15),
        "A file is longer than its estimate: which of the two is subtracted?": (
            _billed(lost=lambda n, e: -_lost(n, e))
        ),
        "Header and checksum are in it. The coder did not write those.": (
            _billed(lost=lambda n, e: 8 * n - e)
        ),
        "Bytes minus bits.": [
            _billed(lost=lambda n, e: n - AROUND - e),
            _billed(lost=lambda n, e: n - e),
        ],
        "The checksum is still in it.": _billed(lost=lambda n, e: 8 * (n - 15) - e),
    }
)
def bill(answer):
    """answer: a function of a file's bytes and its estimate in bits -> two numbers of bits."""
    for words, estimate in ((100, 3170.5), (1728, 55283.2)):
        data = container.write(container.Header(b"cat!", 451, 300, 19021), bytes(4 * words))
        found = answer(data, estimate)
        if np.shape(found) != (2,):
            raise Wrong("Return two numbers: bits around the payload, bits that the coder lost.")
        around, lost = (float(part) for part in found)
        right = _lost(len(data), estimate)
        if around != 8 * AROUND:
            known = hint(bill, (around, right), data, estimate)
            add = f"{around:g} bits around the payload? Add up the table of the file."
            raise Wrong(known or add)
        if not abs(lost - right) <= 0.5:
            known = hint(bill, (8 * AROUND, lost), data, estimate)
            raise Wrong(known or "File = around + estimate + lost, all in bits.")
    return "152 bits around the payload, and the coder may lose a word or two."


check = checks(read_back, range_encode, bill)
