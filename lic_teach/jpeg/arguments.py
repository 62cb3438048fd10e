"""Arguments: what encode and decode accept, and a ValueError in words for all the rest.

    np.int64(75) --whole_number--> 75        "photo.jpg" --file_bytes--> ValueError

Whatever a learner may hand over is looked at here, before anything is compared with it or written
into a file. The learned codec takes fewer arguments and asks for them in learned/codec.py.
Lesson a_real_jpeg.
"""

import operator

import numpy as np

LARGEST = np.finfo(float).max


def whole_number(name: str, value: int, low: int | None = None, high: int | None = None) -> int:
    """Python's or NumPy's whole number low..high as an int; ValueError for all else, also bool.

    >>> whole_number("quality", np.uint8(75), 1, 100)
    75
    """
    try:
        number = operator.index(value)
        fits = (low is None or low <= number) and (high is None or number <= high)
    except TypeError:
        fits = False
    if fits and not isinstance(value, bool | np.bool_):
        return number
    bounds = "" if low is None else f", {low} or more" if high is None else f" in {low}..{high}"
    raise ValueError(f"{name} must be a whole number{bounds}, got {shown(value)}")


def positive_number(name: str, value: float) -> float:
    """A number over 0 as a float; ValueError for all else, also bool, text and arrays."""
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if real and 0 < value and (value <= LARGEST or value == np.inf):
        return float(value)
    raise ValueError(f"{name} must be a positive number, got {shown(value)}")


def file_bytes(data: bytes) -> bytes:
    """The bytes of a file, from anything that holds bytes; ValueError for a path and all else."""
    if isinstance(data, bytes):
        return data
    try:
        view = memoryview(data)
    except TypeError:
        view = None
    if view is None or view.format not in ("B", "b", "c"):
        raise ValueError(f"want the bytes of a file (Path.read_bytes), got {shown(data)}")
    return view.tobytes()


def shown(value: object) -> str:
    """A value for a message: short, and with its type where that is not plain.

    >>> shown("75"), shown(75.0)
    ("'75'", '75.0')
    """
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:36]} ... ({type(value).__name__})"
