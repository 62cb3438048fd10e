"""Checks: an exact decoder, a range coder with three bugs, the bill of a file."""

import random
from fractions import Fraction
from functools import cache

import numpy as np

from lic_teach.course.bitstream.range_coder import decoder
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows, number
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
        "You find no more letters. Is `return` inside the loop? Or do you divide by the width, "
        "though the part does not begin at 0?": _reader(divide=True),
        "A number on the border: does it belong to the letter above or below?": (
            _reader(closed=True)
        ),
        "The first bit counts a half, the second a quarter.": _reader(backwards=True),
        "All letters are there, the last one first: write each behind the others.": (
            lambda *task: _misread(*task)[::-1]
        ),
    }
)
def read_back(answer):
    """answer: a function of bits, parts and a count -> the message, a string."""
    for message, parts in messages():
        bits = written(message, parts)
        found = answer(bits, dict(parts), len(message))
        if isinstance(found, list | tuple) and all(isinstance(part, str) for part in found):
            found = "".join(found)
        if not isinstance(found, str):
            kind = type(found).__name__
            raise Wrong(f"Return the message, a string; yours is of the type {kind}.")
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
            "Does a letter's part go from its start, which belongs to it, to start + width?"
        )
    if known := hint(read_back, found, bits, parts, len(message)):
        return says + known
    if at > 12:
        return says + "Right at first, then lost: a float has 53 bits, this message more. Use F."
    if len(found) > len(message):
        return says + (
            f"Letters asked for: {len(message)}, yours: {len(found)}. Once a letter is found, its "
            "turn is over."
        )
    if len(found) < len(message):
        return says + "Then you find no more: where in the last letter's part does the number lie?"
    if len(message) > 1 and len(set(found)) == 1:
        return says + "Always the same letter: where in its part does the number lie?"
    value = f"As a number {bits} is {int(bits, 2)}/{2 ** len(bits)}. " if len(bits) < 9 else ""
    return says + value + "In whose part does it lie, and where in that part, from 0 to 1?"


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

HINTS = {  # of the bugs, by their names
    "end": (
        "A message comes out wrong at its last symbols: is the number of the last word still "
        "inside the interval, or just below it?"
    ),
    "one table": "Each symbol has a table of its own. Which one do you take for the second?",
    "order": (
        "Already a message of one word comes out wrong. When `low` moves up, how wide is the "
        "interval that is being divided: the one before the symbol or the one after it?"
    ),
    "twice": "The 1 has gone to the file, and `low` still has it: it will go there once more.",
    "carry": (
        "Short messages come back. A long one goes wrong where `low` ran over 2**64. That 1 "
        "belongs somewhere: what happens when 0.0999 grows by 0.0001?"
    ),
    "multiply": (
        "You multiply before you divide. That would do if both sides did it. The decoder divides "
        "first: `unit = width // table[-1]`. Both must drop the same remainder."
    ),
    "start": "The decoder begins with a width of 2**64 − 1.",
}
LESSONS = "order", "carry", "end"  # bugs in the lesson's cell
AND = {  # what a learner may have left beside a bug
    "multiply": [(), ("carry",), ("end",), ("carry", "end")],
    "order": [(), ("carry",), ("end",)],
    "carry": [(), ("end",)],
    "twice": [(), ("end",)],
}


def encoded(symbols, tables, *bugs):
    """range_coder.encode with some of these bugs."""
    file, words, low, width = 0, 0, 0, 2**64 - ("start" not in bugs)
    for s, table in zip(symbols, tables, strict=True):
        table = tables[0] if "one table" in bugs else table
        share = _multiplied if "multiply" in bugs else _divided
        count, before = table[s + 1] - table[s], width
        width = share(before, count, table[-1])
        low += share(width if "order" in bugs else before, table[s], table[-1])
        if low >= 2**64:
            file += "carry" not in bugs
            low -= 0 if "twice" in bugs else 2**64
        if width < 2**32:
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = low // 2**32 if "end" in bugs else -(-low // 2**32)
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


def _divided(width, part, total):
    return width // total * part


def _multiplied(width, part, total):
    return width * part // total


def decoded(data, tables):
    """The lesson's decoder, asked for each symbol -> list of symbols."""
    ask = decoder(data)
    return [ask(table) for table in tables]


@cache
def cases():
    """Messages, their tables, how many symbols are looked at: in each shows one bug.

    The last word's bug shows at the last symbols. They are looked at in one message alone, so
    that whoever has that bug and another one is told of the other one.
    """
    chance, found = random.Random(5), []
    kinds = [0, 3, 25, 32], [0, 30, 31, 37], range(4)
    for bug in ("order", "carry", "end", "multiply", "one table", "twice", "start"):
        length = 12 if bug in ("order", "end") else 200
        wrong = False
        while not wrong:
            tables = chance.choices(kinds, k=length) if bug == "one table" else kinds[:1] * length
            message = chance.choices(range(3), (3, 22, 7), k=length)
            looked = length if bug == "end" else length - 8
            wrong = _differ(encoded(message, tables, bug), message, tables, looked)
            wrong &= bug == "end" or not _differ(
                encoded(message, tables, "end"), message, tables, looked
            )
        found.append((message, tables, looked))
    return found


def _differ(data, message, tables, looked):
    return decoded(data, tables)[:looked] != message[:looked]


def _bugged(*bugs):
    return lambda symbols, tables: encoded(symbols, tables, *bugs)


@knows({HINTS[bug]: [_bugged(bug, *more) for more in AND.get(bug, [()])] for bug in HINTS})
def range_coder(answer):
    """answer: a function of symbols and tables -> bytes that the lesson's decoder reads."""
    found = [answer(list(message), list(tables)) for message, tables, _ in cases()]
    if not all(isinstance(data, bytes) for data in found):
        raise Wrong("Return the bytes of the file.")
    if found == [encoded(m, t, *LESSONS) for m, t, _ in cases()]:
        raise NotDone
    for (message, tables, looked), data in zip(cases(), found, strict=True):
        if _differ(data, message, tables, looked):
            known = hint(range_coder, data, message, tables)
            count = f"{len(message)} symbols"
            raise Wrong(known or f"{count} do not come back. Follow the trace, line by line.")
    return _long_run(answer)


def _long_run(answer):
    chance = random.Random(6)
    kinds = [0, 1, 2**19 + 1, 2**19 + 2], [0, 5, 9, 12, 14, 15], range(201)
    tables = chance.choices(kinds, k=5000)
    message = [chance.choices(range(len(t) - 1), np.diff(t))[0] for t in tables]
    data = answer(list(message), list(tables))
    if decoded(data, tables) != message:
        raise Wrong("Short messages come back, but 5,000 symbols with three kinds of tables break.")
    if len(data) > len(encoded(message, tables)) + 4:
        raise Wrong(f"It comes back, but the file has {len(data)} bytes: too many words.")
    return "All three found, and 5,000 symbols came back, each with a table of its own."


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
        "First the bits around, then those that the coder lost: yours stand the other way round.": (
            lambda data, estimate: (_lost(len(data), estimate), 8 * AROUND)
        ),
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
        around, lost = (number(part) for part in found)
        right = _lost(len(data), estimate)
        if around != 8 * AROUND:
            known = hint(bill, (around, lost), data, estimate)
            known = known or hint(bill, (around, right), data, estimate)
            add = f"{around:g} bits around the payload? Add up the table of the file."
            raise Wrong(known or add)
        if not abs(lost - right) <= 0.5:
            known = hint(bill, (8 * AROUND, lost), data, estimate)
            raise Wrong(known or "File = around + estimate + lost, all in bits.")
    return "152 bits around the payload, and the coder may lose a word or two."


check = checks(read_back, range_coder, bill)
