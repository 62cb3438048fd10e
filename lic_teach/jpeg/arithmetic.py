"""Arithmetic coding: yes-no decisions <-> bytes, without a whole bit for each (T.81 Annex D).

    decisions --encode, finish--> bytes          bytes --decoder, decode--> decisions

All decisions of an interval together are one number: the decisions cut a line again and again, and
the file says a place on what is left of it. A is the length of what is left, C its lower end, both
scaled up so that A stays about 1 (Renorm): what is shifted out of C at the top is the file.

What a decision costs depends on its *state*, one byte. It says which answer is likelier (the MPS,
more probable symbol, 0 or 1) and, by a row of Table D.3, the share Qe of A that the other one
(LPS) gets. A decision that comes out as expected costs a fraction of a bit: log2(A / (A - Qe)).
The state learns: after an LPS it moves to a row with a larger Qe, and past 1/2 the two answers
change places; after an MPS to a smaller one, but only when A has fallen under 0x8000 and is scaled
up anyway. That happens once in about 1 / Qe times: a counter that needs no counting. Rows 0 to 13
learn fast, the others are where a state settles. All begin in row 0, with Qe about 1/2.

Which decisions a coefficient asks for, and with which states, is the work of decisions.py. Unlike
learned/entropy.py: two answers instead of many, no division, and the statistics are learnt on the
way instead of by training. Unlike huffman.py: no table is sent, and a symbol can cost less than a
bit. Patents kept people from it until they expired: libjpeg and what stands on it read such files,
browsers do not. (Pillow hands files to libjpeg in pieces of 64 KiB, and this coder cannot wait for
the next one: for larger files PIL.ImageFile.MAXBLOCK must be raised.) Lesson a_real_jpeg.
"""

import numpy as np

from lic_teach.compiled import compiled

# Table D.3: Qe in units of 1/0x10000 of A = 1, next row after an LPS, after an MPS; a switch of
# the MPS after an LPS where the row is in SWITCH. The last row is never left (F.1.4.4.2: signs).
ROWS = """
5a1d,1,1 2586,14,2 1114,16,3 080b,18,4 03d8,20,5 01da,23,6 00e5,25,7 006f,28,8 0036,30,9
001a,33,10 000d,35,11 0006,9,12 0003,10,13 0001,12,13 5a7f,15,15 3f25,36,16 2cf2,38,17 207c,39,18
17b9,40,19 1182,42,20 0cef,43,21 09a1,45,22 072f,46,23 055c,48,24 0406,49,25 0303,51,26 0240,52,27
01b1,54,28 0144,56,29 00f5,57,30 00b7,59,31 008a,60,32 0068,62,33 004e,63,34 003b,32,35 002c,33,9
5ae1,37,37 484c,64,38 3a0d,65,39 2ef1,67,40 261f,68,41 1f33,69,42 19a8,70,43 1518,72,44 1177,73,45
0e74,74,46 0bfb,75,47 09f8,77,48 0861,78,49 0706,79,50 05cd,48,51 04de,50,52 040f,50,53 0363,51,54
02d4,52,55 025c,53,56 01f8,54,57 01a4,55,58 0160,56,59 0125,57,60 00f6,58,61 00cb,59,62 00ab,61,63
008f,61,32 5b12,65,65 4d04,80,66 412c,81,67 37d8,82,68 2fe8,83,69 293c,84,70 2379,86,71 1edf,87,72
1aa9,87,73 174e,72,74 1424,72,75 119c,74,76 0f6b,74,77 0d51,75,78 0bb6,77,79 0a40,77,48 5832,80,81
4d1c,88,82 438e,89,83 3bdd,90,84 34ee,91,85 2eae,92,86 299a,93,87 2516,86,71 5570,88,89 4ca9,95,90
44d9,96,91 3e22,97,92 3824,99,93 32b4,99,94 2e17,93,86 56a8,95,96 4f46,101,97 47e5,102,98
41cf,103,99 3c3d,104,100 375e,99,93 5231,105,102 4c0f,106,103 4639,107,104 415e,103,99
5627,105,106 50e7,108,107 4b85,109,103 5597,110,109 504f,111,107 5a10,110,111 5522,112,109
59eb,112,111 5a1d,113,113
"""
TABLE = [row.split(",") for row in ROWS.split()]
QE = np.array([int(qe, 16) for qe, _, _ in TABLE])
AFTER_LPS = np.array([int(row) for _, row, _ in TABLE])
AFTER_MPS = np.array([int(row) for _, _, row in TABLE])
SWITCH = np.isin(np.arange(len(QE)), [0, 14, 36, 64, 80, 88, 95, 105, 110, 112])
FIXED = 113  # this row: about 1/2, always
MPS = 0x80  # the bit of a state that says which answer is likelier; the others are its row

A, C, CT, ST, B = range(5)  # registers of the encoder, by the standard's names (D.1.3)
BP, END = 3, 4  # of the decoder, behind A, C and CT: the next byte, and where there is none


@compiled
def _after_mps(state):
    """Figure D.6: a state becomes surer of itself."""
    return state & MPS | AFTER_MPS[state & 0x7F]


@compiled
def _after_lps(state):
    """Figure D.5: a state becomes less sure, and may change its mind."""
    row, mps = state & 0x7F, state & MPS
    return (mps ^ MPS if SWITCH[row] else mps) | AFTER_LPS[row]


# ---- decisions -> bytes -----------------------------------------------------------------


def encoder() -> np.ndarray:
    """The registers before the first decision: int64 (5,) (Figure D.9). B: no byte yet."""
    return np.array([0x10000, 0, 11, 0, -1])


@compiled
def encode(stream, states, registers, out):
    """Code decisions; return how many bytes were written into out.

    stream: uint16 (n,), 2 * s + the answer, s: which of the states; states: uint8, changed here;
    registers: of encoder, changed; out: uint8, 4 bytes a decision and 2 for each that is stacked
    are enough. Where it ends the next call goes on.
    """
    n = 0
    for i in range(stream.size):
        s, answer = stream[i] >> 1, stream[i] & 1
        state = np.int64(states[s])
        qe = QE[state & 0x7F]
        registers[A] -= qe
        if answer == state >> 7:  # Code_MPS, Figure D.4
            if registers[A] >= 0x8000:
                continue
            lower, states[s] = registers[A] < qe, _after_mps(state)
        else:  # Code_LPS, Figure D.3
            lower, states[s] = registers[A] >= qe, _after_lps(state)
        if lower:  # the larger part belongs to the MPS, also where Qe is the larger one
            registers[C] += registers[A]
            registers[A] = qe
        n = _renormalize(registers, out, n)
    return n


@compiled
def _renormalize(registers, out, n):
    """Figure D.7 (Renorm_e)."""
    while registers[A] < 0x8000:
        registers[A] <<= 1
        registers[C] <<= 1
        registers[CT] -= 1
        if registers[CT] == 0:
            n = _byte_out(registers, out, n)
            registers[CT] = 8
    return n


@compiled
def _byte_out(registers, out, n):
    """Figure D.8: a byte is kept in B, and FF behind it in ST, until it is sure that nothing is
    carried into them."""
    t = registers[C] >> 19
    registers[C] &= 0x7FFFF
    if t == 0xFF:
        registers[ST] += 1
        return n
    carry = t > 0xFF
    if registers[B] >= 0:
        n = _put(registers[B] + carry, out, n)
    for _ in range(registers[ST]):
        n = _put(0 if carry else 0xFF, out, n)
    registers[ST], registers[B] = 0, t & 0xFF
    return n


@compiled
def _put(byte, out, n):
    """Stuff_0 (Figure D.11): behind FF comes 00, or it would be a marker."""
    out[n] = byte
    if byte != 0xFF:
        return n + 1
    out[n + 1] = 0
    return n + 2


@compiled
def _flush(registers, out):
    """Figures D.12 to D.14: of all numbers that are left the one with the most zeros at its end."""
    t = (registers[C] + registers[A] - 1) & ~0xFFFF
    registers[C] = (t + 0x8000 if t < registers[C] else t) << registers[CT]
    n = _byte_out(registers, out, 0)
    registers[C] <<= 8
    n = _byte_out(registers, out, n)
    return _put(registers[B], out, n)


def finish(registers: np.ndarray) -> bytes:
    """The last bytes of an interval. Zeros at its end are left out, `trimmed` takes those away."""
    out = np.empty(2 * int(registers[ST]) + 8, np.uint8)
    return out[: _flush(registers, out)].tobytes()


def trimmed(data: bytes) -> bytes:
    """Discard_final_zeros (Figure D.15): the decoder reads zeros behind the end anyway."""
    short = data.rstrip(b"\0")
    return short + b"\0" if short.endswith(b"\xff") else short


# ---- bytes -> decisions -----------------------------------------------------------------


@compiled
def decoder(data, start, end):
    """The registers before the first decision: int64 (5,) (Figure D.22).

    data: uint8, without stuffing; start, end: of the interval, in bytes. Behind it come zeros.
    """
    registers = np.zeros(5, np.int64)
    registers[A], registers[BP], registers[END] = 0x10000, start, end
    for _ in range(2):
        registers[C] = (registers[C] + (_byte_in(data, registers) << 8)) << 8
    return registers


@compiled
def _byte_in(data, registers):
    """Figure D.19."""
    place = registers[BP]
    registers[BP] = place + 1
    return np.int64(data[place]) if place < registers[END] else 0


@compiled
def decode(data, states, registers, s):
    """Undo encode for one decision, of state s (Figures D.16 to D.18). Returns 0 or 1.

    Most decisions come out as expected and leave A large enough. This function does no more than
    these need: so short a one is copied into the loops that call it.
    """
    state = np.int64(states[s])
    registers[A] -= QE[state & 0x7F]
    if registers[A] >= 0x8000 and registers[C] >> 16 < registers[A]:
        return state >> 7
    return _exchange(data, states, registers, s)


@compiled
def _exchange(data, states, registers, s):
    """The other decisions: the state changes, and A is scaled up."""
    state = np.int64(states[s])
    qe, mps = QE[state & 0x7F], state >> 7
    if registers[C] >> 16 < registers[A]:
        likely = registers[A] >= qe  # else the parts have changed places (Cond_MPS_exchange)
    else:
        registers[C] -= registers[A] << 16
        likely = registers[A] < qe  # Cond_LPS_exchange
        registers[A] = qe
    states[s] = _after_mps(state) if likely else _after_lps(state)
    while registers[A] < 0x8000:  # Renorm_d, Figure D.18
        if registers[CT] == 0:
            registers[C] += _byte_in(data, registers) << 8
            registers[CT] = 8
        registers[A] <<= 1
        registers[C] <<= 1
        registers[CT] -= 1
    return mps if likely else 1 - mps
