"""Checks: rounding, the error of a step, and the table inside a file."""

import io
import struct

import numpy as np
from PIL import Image

from lic_teach import images
from lic_teach.course.quantization.camera import camera_file
from lic_teach.jpeg import codec, color, transform
from lic_teach.jpeg import quantize as package
from lic_teach.kit.checks import Wrong, checks


def luma_coefficients(name):
    """The DCT coefficients of a sample photograph's luma: float32 (n, m, 64), zig-zag."""
    luma = color.luma(images.sample(name))
    return transform.forward(images.pad_to_multiple(luma, 8).astype(np.float32))


# --- 1 -----------------------------------------------------------------------------------


def quantize(answer):
    """answer: a function of c, float (..., 64), and steps, int (64,) -> whole numbers (..., 64)."""
    c = luma_coefficients("coffee")
    for quality in (50, 10, 95):
        steps = codec.standard_tables(quality)[0]
        found = np.asarray(answer(c.copy(), steps))
        if found.shape != c.shape:
            raise Wrong(f"One number for each coefficient: {c.shape}, not {found.shape}.")
        near = np.abs(found - c / steps) < 0.5 + 1e-4  # between two, either will do
        if not np.all(near & (found == np.rint(found))):
            raise Wrong(_quantize_hint(found, c, steps, near))
    return f"All {c.size:,} coefficients of a photograph, at three qualities."


def _quantize_hint(found, c, steps, near):
    known = (
        (np.trunc(c / steps), "Cutting off the decimals rounds towards zero: 1.9 became 1."),
        (np.floor(c / steps), "You always round down: 1.9 became 1 and −1.1 became −2."),
        (np.floor(c / steps + 0.5).astype(np.uint8), "Negative numbers are lost in that type."),
        (np.rint(c / steps).astype(np.int8), "Numbers beyond −128 and 127 are lost in that type."),
        (np.ceil(c / steps), "You always round up: 1.1 became 2."),
        (c / steps, "You divide, but nothing is rounded: there is no loss, and no whole number."),
        (np.rint(c * steps), "A large step should make small numbers. Yours makes large ones."),
        (np.rint(c), "The steps are not used."),
        (np.rint(c / steps) * steps, "That is the decoder's side already. The file holds c̃/Δ."),
        (np.rint(c / steps[0]), "You use one step for all. Each frequency has its own."),
    )
    for value, hint in known:
        if np.allclose(found, value, rtol=1e-5, atol=1e-5):
            return hint
    position = tuple(np.argwhere(~near)[0])
    ratio = float(c[position] / steps[position[-1]])
    return f"c/Δ = {ratio:.2f} became {found[position]}: which whole number is nearest?"


# --- 2 -----------------------------------------------------------------------------------


def fine_step(answer):
    """answer: a function of the step -> mean squared error, the error uniform in ±step/2."""
    step = 12.0
    found = float(answer(step))
    known = (
        (0, "That is the mean of the error. Positive and negative ones cancel: square them first."),
        (step**2 / 4, "(Δ/2)² is the largest squared error, not the mean one."),
        (step / 4, "Δ/4 is the mean size of the error. Square it before you take the mean."),
        (step**2 / 16, "The mean of a square is more than the square of the mean."),
        (step**2 / 3, "You let the error reach Δ on both sides. How far is the nearest multiple?"),
        (step / 12**0.5, "That is the root of it. The mean squared error is asked for."),
        (step**3 / 12, "That is the integral. A density of 1/Δ belongs under it."),
        (step / 12, "Twice the step must give four times the error: it is a square."),
    )
    for value, hint in known:
        if np.isclose(found, value):
            raise Wrong(hint)
    right = np.mean(np.linspace(-step / 2, step / 2, 10**6) ** 2)
    if not np.isclose(found, right, rtol=0.02):  # a simulation is as good as its many errors
        nearly = np.isclose(found, right, rtol=0.1)
        hint = "Nearly. Take more errors." if nearly else "Try it: np.mean of many squared errors."
        raise Wrong(f"Δ = {step:g} gives {found:.4g}. {hint}")
    if not np.isclose(answer(1.0), right / step**2, rtol=0.02):
        raise Wrong("It holds for one step and not for another.")
    return "And it needs no picture: only the step."


# --- 3 -----------------------------------------------------------------------------------


def any_step(answer):
    """answer: a function of c, float (..., 64), and steps, int (64,) -> MSE, without rounding c."""
    worst = 0
    for name in ("astronaut", "coffee", "chelsea"):
        c = luma_coefficients(name).astype(float)
        for quality in (10, 50, 90):
            steps = codec.standard_tables(quality)[0]
            found = np.asarray(answer(c.copy(), steps))
            if found.shape:
                raise Wrong(f"One number is asked for, the mean over all, not {found.shape}.")
            found, measured = float(found), np.mean((np.rint(c / steps) * steps - c) ** 2)
            right = np.mean(np.where(np.abs(c) < steps / 2, c**2, steps**2 / 12))
            if not np.isclose(found, right, rtol=1e-3):
                where = f"{name}, quality {quality}: you say {found:.1f}, measured {measured:.1f}. "
                raise Wrong(where + _any_step_hint(found, c, steps, measured))
            worst = max(worst, abs(found / measured - 1))
    off = f"{100 * worst:.0f} %"
    return f"Over three photographs and three qualities it is never off by more than {off}."


def _any_step_hint(found, c, steps, measured):
    fine, square, size = steps**2 / 12, c**2, np.abs(c)
    by_position = square.reshape(-1, 64).mean(0)
    right = np.where(size < steps / 2, square, fine)
    known = (
        (measured, "Now predict it: an estimate should not round anything."),
        (np.mean(fine), "What is the error of a coefficient that becomes zero?"),
        (np.mean(square), "That is right for those that become zero. What of the others?"),
        (np.mean(np.minimum(fine, by_position)), "Decide for each coefficient, not by the mean."),
        (np.mean(np.minimum(fine, square)), "Which |c| become zero? Not only those under Δ/√12."),
        (np.mean(np.where(size < steps, square, fine)), "Up to which |c| is zero the nearest?"),
        (np.mean(np.where(size < steps / 2, 0, fine)), "A struck-out coefficient is an error too."),
        (np.mean(np.where(size < steps / 2, square, 0)), "The survivors are rounded, too."),
        (np.mean(np.where(c < steps / 2, square, fine)), "A coefficient can be negative."),
        (np.mean(np.where(size < steps / 2, size, fine)), "The square of an error is asked for."),
        (np.mean(np.where(size < steps / 2, square, steps / 12)), "Δ/12 is no square of a step."),
        (np.sum(right), "That is the sum over all coefficients. The mean is asked for."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-4):
            return hint
    return "Treat those that become zero and those that survive apart."


# --- 4 -----------------------------------------------------------------------------------


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


def _tables_by_pillow(data):
    tables = Image.open(io.BytesIO(data)).quantization
    return {number: np.array(table).reshape(8, 8) for number, table in tables.items()}


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
            raise Wrong(f"In {name}: " + _table_hint(mine, number, table, data))


def _table_hint(mine, number, table, data):
    in_file = table.ravel()[transform.ZIGZAG]
    thumbnail = package.scale((package.LUMINANCE, package.CHROMINANCE)[number], 30)
    known = (
        (in_file.reshape(8, 8), "the right numbers in the order of the file. It is the zig-zag."),
        (in_file[transform.ZIGZAG].reshape(8, 8), "you went along the zig-zag the wrong way."),
        (table.T, "rows and columns are exchanged: the zig-zag's first step is to the right."),
        (thumbnail, "those are the thumbnail's tables, inside the Exif segment. Do not search."),
        (thumbnail.ravel()[transform.ZIGZAG].reshape(8, 8), "that is the thumbnail's table."),
    )
    for value, hint in known:
        if np.array_equal(mine, value):
            return hint
    if np.array_equal(np.sort(mine.ravel()), np.sort(table.ravel())):
        return "the right numbers, in another order than rows and columns."
    return f"table {number} begins with {mine.ravel()[:3].tolist()}. Does each start a byte late?"


check = checks(quantize, fine_step, any_step, read_tables)
