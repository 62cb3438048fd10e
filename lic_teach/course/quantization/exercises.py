"""Checks: rounding, the error of a step, the points of a decoder, the table inside a file."""

import io
import struct
from operator import itemgetter

import numpy as np
from PIL import Image

from lic_teach import images
from lic_teach.course.quantization.camera import camera_file
from lic_teach.jpeg import codec, color, transform
from lic_teach.jpeg import quantize as package
from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number


def luma_coefficients(name):
    """The DCT coefficients of a sample photograph's luma: float32 (n, m, 64), zig-zag."""
    luma = color.luma(images.sample(name))
    return transform.forward(images.pad_to_multiple(luma, 8).astype(np.float32))


# --- 1 -----------------------------------------------------------------------------------


@knows(
    {
        "Cutting off the decimals rounds towards zero: 1.9 became 1.": (
            lambda c, steps: np.trunc(c / steps)
        ),
        "You always round down: 1.9 became 1 and −1.1 became −2.": (
            lambda c, steps: np.floor(c / steps)
        ),
        "Negative numbers are lost in that type.": (
            lambda c, steps: np.floor(c / steps + 0.5).astype(np.uint8)
        ),
        "Numbers beyond −128 and 127 are lost in that type.": (
            lambda c, steps: np.rint(c / steps).astype(np.int8)
        ),
        "You always round up: 1.1 became 2.": lambda c, steps: np.ceil(c / steps),
        "You divide, but nothing is rounded: there is no loss, and no whole number.": (
            lambda c, steps: c / steps
        ),
        "A large step should make small numbers. Yours makes large ones.": (
            lambda c, steps: np.rint(c * steps)
        ),
        "Round last: what has been rounded and is then divided is no whole number.": (
            lambda c, steps: np.rint(c) / steps
        ),
        "The steps are not used.": lambda c, steps: np.rint(c),
        "That is the decoder's side already. The file holds c̃/Δ.": (
            lambda c, steps: np.rint(c / steps) * steps
        ),
        "You use one step for all. Each frequency has its own.": (
            lambda c, steps: np.rint(c / steps[0])
        ),
    }
)
def quantize(answer):
    """answer: a function of c, float (..., 64), and steps, int (64,) -> whole numbers (..., 64)."""
    c = luma_coefficients("coffee")
    for quality in (50, 10, 95):
        steps = codec.standard_tables(quality)[0]
        found = np.asarray(answer(c.copy(), steps))
        if found.shape != c.shape:
            raise Wrong(f"One number for each coefficient: {c.shape}, not {found.shape}.")
        right = np.abs(found - c / steps) < 0.5 + 1e-4  # between two, either will do
        right &= found == np.rint(found)
        if not np.all(right):
            known = hint(quantize, found, c, steps, rtol=1e-5, atol=1e-5)
            raise Wrong(known or _nearest_hint(found, c / steps, right))
    return f"All {c.size:,} coefficients of a photograph, at three qualities."


def _nearest_hint(found, ratio, right):
    at = tuple(np.argwhere(~right)[0])
    return f"c/Δ = {ratio[at]:.2f} became {found[at]}: which whole number is nearest?"


# --- 2 -----------------------------------------------------------------------------------


@knows(
    {
        "That is the mean of the error. Positive and negative ones cancel: square them first.": (
            lambda step: 0
        ),
        "(Δ/2)² is the largest squared error, not the mean one.": lambda step: step**2 / 4,
        "Δ/4 is the mean size of the error. Square it before you take the mean.": (
            lambda step: step / 4
        ),
        "The mean of a square is more than the square of the mean.": lambda step: step**2 / 16,
        "Half of it. Does your integral go over both sides of 0?": lambda step: step**2 / 24,
        "Twice too much. Over all errors, does your density add up to 1?": (
            lambda step: step**2 / 6
        ),
        "You let the error reach Δ on both sides. How far is the nearest multiple?": (
            lambda step: step**2 / 3
        ),
        "That is the root of it. The mean squared error is asked for.": lambda step: step / 12**0.5,
        "That is the integral. A density of 1/Δ belongs under it.": lambda step: step**3 / 12,
        "Twice the step must give four times the error: it is a square.": lambda step: step / 12,
    }
)
def fine_step(answer):
    """answer: a function of the step -> mean squared error, the error uniform in ±step/2."""
    step = 12.0
    found = one_number(answer(step))
    right = np.mean(np.linspace(-step / 2, step / 2, 10**6) ** 2)
    if not np.isclose(found, right, rtol=0.02):  # a simulation is as good as its many errors
        nearly = np.isclose(found, right, rtol=0.1)
        more = "Nearly. Take more errors." if nearly else "Try it: np.mean of many squared errors."
        known = hint(fine_step, found, step, rtol=1e-5, atol=1e-8)
        raise Wrong(known or f"Δ = {step:g} gives {found:.4g}. {more}")
    if not np.isclose(one_number(answer(1.0)), right / step**2, rtol=0.02):
        raise Wrong("It holds for one step and not for another.")
    return "And it needs no picture: only the step."


# --- 3 -----------------------------------------------------------------------------------


def _mean_of(small, else_, is_small=lambda c, steps: np.abs(c) < steps / 2):
    """An estimate: the mean of one function of c and steps where c is small, of another else."""
    return lambda c, s: np.mean(np.where(is_small(c, s), small(c, s), else_(c, s)))


def _square(c, steps):
    return c**2


def _twelfth(c, steps):
    return steps**2 / 12


def _measured(c, steps):
    return np.mean((np.rint(c / steps) * steps - c) ** 2)


_estimate = _mean_of(_square, _twelfth)


@knows(
    {
        "Now predict it: an estimate should not round anything.": _measured,
        "What is the error of a coefficient that becomes zero?": lambda c, s: np.mean(s**2 / 12),
        "That is right for those that become zero. What of the others?": lambda c, s: np.mean(c**2),
        "Decide for each coefficient, not by the mean.": (
            lambda c, s: np.mean(np.minimum(s**2 / 12, np.mean(c.reshape(-1, 64) ** 2, 0)))
        ),
        "Which |c| become zero? Not only those under Δ/√12.": (
            lambda c, s: np.mean(np.minimum(s**2 / 12, c**2))
        ),
        "Up to which |c| is zero the nearest?": _mean_of(
            _square, _twelfth, lambda c, s: np.abs(c) < s
        ),
        "A struck-out coefficient is an error too.": _mean_of(lambda c, s: 0, _twelfth),
        "The survivors are rounded, too.": _mean_of(_square, lambda c, s: 0),
        "A coefficient can be negative.": _mean_of(_square, _twelfth, lambda c, s: c < s / 2),
        "The square of an error is asked for.": _mean_of(lambda c, s: np.abs(c), _twelfth),
        "Δ/12 is no square of a step.": _mean_of(_square, lambda c, s: s / 12),
        "That is the sum over all coefficients. The mean is asked for.": (
            lambda c, s: c.size * _estimate(c, s)
        ),
    },
    otherwise="Treat those that become zero and those that survive apart.",
)
def any_step(answer):
    """answer: a function of c, float (..., 64), and steps, int (64,) -> MSE, without rounding c."""
    worst = 0
    for name in ("astronaut", "coffee", "chelsea"):
        c = luma_coefficients(name).astype(float)
        for quality in (10, 50, 90):
            steps = codec.standard_tables(quality)[0]
            found = answer(c.copy(), steps)
            if np.ndim(found):
                raise Wrong(f"One number is asked for, the mean over all, not {np.shape(found)}.")
            found, measured = one_number(found), _measured(c, steps)
            if not np.isclose(found, _estimate(c, steps), rtol=1e-3):
                where = f"{name}, quality {quality}: you say {found:.1f}, measured {measured:.1f}. "
                raise Wrong(where + hint(any_step, found, c, steps, rtol=1e-4))
            worst = max(worst, abs(found / measured - 1))
    off = f"{100 * worst:.0f} %"
    return f"Over three photographs and three qualities it is never off by more than {off}."


# --- 4 -----------------------------------------------------------------------------------


def _on_stair(number, rule=np.rint):
    """An answer: some number of the coefficients of one stair."""
    return lambda c, step, q: number(c[rule(c / step) == q])


@knows(
    {
        "That is the middle of the stair, which other decoders take.": lambda c, step, q: q * step,
        "The median makes the mean of |e| smallest. Here the squares count.": _on_stair(np.median),
        "That is the mean of all coefficients. Which of them are on the stair?": (
            lambda c, step, q: np.mean(c)
        ),
        "That is in steps. Which number does the decoder give back?": (
            lambda c, step, q: _on_stair(np.mean)(c, step, q) / step
        ),
        "A negative stair has a negative point.": (
            lambda c, step, q: np.mean(np.abs(c[np.rint(np.abs(c) / step) == abs(q)]))
        ),
        "Stair q goes from half a step below q Δ to half a step above. Yours begins at q Δ.": (
            _on_stair(np.mean, np.floor)
        ),
        "You cut the decimals off: your stair ends at (q + 1) Δ.": _on_stair(np.mean, np.trunc),
        "That is half-way between the smallest and the largest. How many are where?": (
            _on_stair(lambda c: (c.min() + c.max()) / 2)
        ),
    }
)
def best_point(answer):
    """answer: a function of c, float (n,), a step and q -> the best number for those on stair q."""
    c = luma_coefficients("coffee")[..., 4].ravel().astype(float)
    step = 14
    for q in (-1, 2, 0, 1):
        on = c[np.rint(c / step) == q]
        found = one_number(answer(c.copy(), step, q))
        best, yours = np.mean((on - on.mean()) ** 2), np.mean((on - found) ** 2)
        if not yours <= best * (1 + 1e-6):  # nan is none
            known = hint(best_point, found, c, step, q, rtol=1e-6)
            there = f"On stair {q} your {found:.2f} leaves a mean squared error of {yours:.2f}, "
            if abs(found - on.mean()) <= 0.05:  # to one digit, or more
                known = known or "Nearly. Return the number with all its digits."
            raise Wrong(known or there + f"and {best:.2f} can be had.")
    nearer = 1 - np.mean(c[np.rint(c / step) == 1]) / step
    return (
        f"The mean. On stair 1 it lies {100 * nearer:.0f} % of a step nearer to 0 than the middle."
    )


# --- 5 -----------------------------------------------------------------------------------


def _tables_by_pillow(data):
    tables = Image.open(io.BytesIO(data)).quantization
    return {number: np.array(table).reshape(8, 8) for number, table in tables.items()}


def _each(change):
    """A reader that is right but for this change of each table."""
    return lambda data: {n: change(table) for n, table in _tables_by_pillow(data).items()}


def _in_zigzag(table):
    return table.ravel()[transform.ZIGZAG].reshape(8, 8)


def _thumbnails():
    tables = (package.LUMINANCE, package.CHROMINANCE)
    return {n: package.scale(table, 30) for n, table in enumerate(tables)}


@knows(
    {
        "the right numbers in the order of the file. It is the zig-zag.": _each(_in_zigzag),
        "you went along the zig-zag the wrong way.": _each(lambda t: _in_zigzag(_in_zigzag(t))),
        "rows and columns are exchanged: the zig-zag's first step is to the right.": (
            _each(np.transpose)
        ),
        "those are the thumbnail's tables, inside the Exif segment. Do not search.": (
            lambda data: _thumbnails()
        ),
        "that is the thumbnail's table.": (
            lambda data: {n: _in_zigzag(table) for n, table in _thumbnails().items()}
        ),
    }
)
def read_tables(answer):
    """answer: a function of a file's bytes -> {number: int (8, 8) in natural order}."""
    for name, data in (("the camera's file", camera_file()), ("a second file", _one_segment())):
        found, right = answer(data), _tables_by_pillow(data)
        _compare_tables(name, found, right, data)
    return "Two files of two kinds, and Pillow reads the same tables out of them."


def _one_segment():
    """Both tables in one DQT segment, the second one first: allowed, and not Pillow's way."""
    tables = codec.standard_tables(70)
    both = b"".join(bytes([i]) + tables[i].astype(np.uint8).tobytes() for i in (1, 0))
    data = io.BytesIO()
    Image.fromarray(images.thread_block()).save(data, "JPEG", quality=70)
    data = data.getvalue()
    first, last = data.find(b"\xff\xdb"), data.rfind(b"\xff\xdb")
    segment = b"\xff\xdb" + struct.pack(">H", 2 + len(both)) + both
    return data[:first] + segment + data[last + 69 :]


def _compare_tables(name, found, right, data):
    if not isinstance(found, dict):
        raise Wrong("Return a dictionary: the table's number -> its 64 steps as an (8, 8) array.")
    if sorted(found) != sorted(right):
        raise Wrong(
            f"In {name} you find the tables {sorted(found)}, it has {sorted(right)}. "
            "A segment may hold several tables, each with a number of its own in front."
        )
    for number, table in right.items():
        mine = np.asarray(found[number])
        if mine.shape != (8, 8):
            raise Wrong(f"Table {number} should be (8, 8), yours is {mine.shape}.")
        if np.any(mine != table):
            known = hint(read_tables, found, data, of=itemgetter(number))
            raise Wrong(f"In {name}: " + (known or _order_hint(mine, number, table)))


def _order_hint(mine, number, table):
    if np.array_equal(np.sort(mine.ravel()), np.sort(table.ravel())):
        return "the right numbers, in another order than rows and columns."
    return f"table {number} begins with {mine.ravel()[:3].tolist()}. Does each start a byte late?"


check = checks(quantize, fine_step, any_step, best_point, read_tables)
