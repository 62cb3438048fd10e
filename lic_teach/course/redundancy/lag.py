"""A pixel against its neighbour: what order is worth, in bits.

    x (H, W) --bincount---> histogram of the pixels -> bits before
             --residuals--> r (H, W) --bincount--> histogram of the residuals -> bits after
             --count_pairs--> a table of 256 x 256: the cloud

The residual is a pixel minus its neighbour `lag` columns to the left, modulo 256: what is left
when that neighbour is the prediction. The first `lag` columns have none: they stay as they are
and are not counted.
Shuffling keeps every pixel, so it keeps the first histogram; the second one and the cloud can
tell.

The green channel stands for the picture: whole numbers of one byte, without the arithmetic of
lesson colour. Nothing is lost here, so there is no PSNR; beside each estimate stands the size of
what a real coder, zlib, makes of the same bytes.
"""

import zlib
from typing import NamedTuple

import numpy as np
from ipywidgets import Checkbox, Layout

from lic_teach.course.redundancy import lag_drawing
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, encode_picture
from lic_teach.kit.readout import table
from lic_teach.metrics import entropy

MAX_LAG = 64


class Plane(NamedTuple):
    """One order of the pixels, with all that the lag does not change."""

    x: np.ndarray  # uint8 (H, W)
    counts: np.ndarray  # int (256,): how often each grey level occurs
    picture: bytes  # x encoded
    coded: float  # bits per sample that zlib takes for x


class Source(NamedTuple):
    photograph: Plane
    shuffled: Plane
    peak: float  # the top of both histograms, as a probability


class Result(NamedTuple):
    plane: Plane
    lag: int
    shuffle: bool
    peak: float
    pairs: np.ndarray  # int (256, 256): how often [neighbour, pixel] occurs
    residuals: np.ndarray  # uint8 (H, W - lag), modulo 256
    differences: np.ndarray  # int (256,): how often each residual occurs
    correlation: float  # of neighbour and pixel, nan for a picture of one grey level
    coded: float  # bits per sample that zlib takes for the residuals


def residuals(x: np.ndarray, lag: int = 1) -> np.ndarray:
    """Each pixel minus its neighbour `lag` columns to the left, modulo 256.

    x: uint8 (H, W). Returns uint8 (H, W); outside the picture there are zeros, so the first
    `lag` columns stay as they are. Raises ValueError where lag is not in 1..W - 1.

    >>> residuals(np.array([[100, 103, 101]], np.uint8)).tolist()
    [[100, 3, 254]]
    """
    if not 1 <= lag < x.shape[1]:
        raise ValueError(f"lag must be in 1..{x.shape[1] - 1}, got {lag}")
    found = x.copy()
    found[:, lag:] -= x[:, :-lag]
    return found


def undo(r: np.ndarray, lag: int = 1) -> np.ndarray:
    """What residuals(x, lag) was made of: uint8 (H, W) -> uint8 (H, W), exactly.

    >>> undo(np.array([[100, 3, 254]], np.uint8)).tolist()
    [[100, 103, 101]]
    """
    x = r.copy()
    for column in range(lag, r.shape[1]):
        x[:, column] += x[:, column - lag]
    return x


def shuffled(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """The same pixels in random order: (H, W) or (H, W, 3), any dtype."""
    pixels = x.reshape(-1, *x.shape[2:])
    return np.random.default_rng(seed).permutation(pixels).reshape(x.shape)


def count_pairs(x: np.ndarray, lag: int) -> np.ndarray:
    """How often each pair occurs: uint8 (H, W) -> int (256, 256), [neighbour, pixel]."""
    pairs = x[:, :-lag].astype(np.intp) * 256 + x[:, lag:]
    return np.bincount(pairs.ravel(), minlength=256 * 256).reshape(256, 256)


def correlation(pairs: np.ndarray) -> float:
    """Pearson's, -1..1, of neighbour and pixel: 1 where each is the other's straight line."""
    p, levels = pairs / pairs.sum(), np.arange(256)
    u, v = (levels - p.sum(axis) @ levels for axis in (1, 0))
    variances = (p.sum(1) @ u**2) * (p.sum(0) @ v**2)
    return float(u @ p @ v / np.sqrt(variances)) if variances else float("nan")


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source. Raises ValueError for a picture one pixel wide."""
    x = image[..., 1]
    if x.shape[1] < 2:
        raise ValueError("a picture one pixel wide has no neighbours: take a wider one")
    peak = max(_counts(each).max() / each.size for each in (x, residuals(x)[:, 1:]))
    return Source(_plane(x), _plane(shuffled(x)), peak)


def _plane(x):
    return Plane(x, _counts(x), encode_picture(x), zlib_bits(x))


def _counts(x):
    return np.bincount(x.ravel(), minlength=256)


def zlib_bits(x: np.ndarray) -> float:
    """Bits per sample of a real file: uint8 of any shape through zlib."""
    return 8 * len(zlib.compress(x.tobytes())) / x.size


def compute(source: Source, lag: int, shuffle: bool) -> Result:
    """The pairs at this lag, of the photograph or of its shuffled pixels -> Result."""
    plane = source.shuffled if shuffle else source.photograph
    lag = min(lag, plane.x.shape[1] - 1)
    pairs, r = count_pairs(plane.x, lag), residuals(plane.x, lag)[:, lag:]
    return Result(
        plane, lag, shuffle, source.peak, pairs, r, _counts(r), correlation(pairs), zlib_bits(r)
    )


def bits(result: Result) -> tuple[float, float]:
    """Entropy of the pixels and of the residuals, in bits per sample."""
    return entropy(result.plane.counts), entropy(result.differences)


def draw(result: Result) -> View:
    """Result -> View."""
    return View(
        (result.plane.picture, encode_picture(residual_picture(result))),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        _plot(result),
    )


def likeness(result: Result) -> str:
    """The correlation in words, for a picture of one grey level too."""
    flat = np.isnan(result.correlation)
    return "all equal" if flat else f"correlation {result.correlation:z.2f}"


def _plot(result):
    before, after = bits(result)
    histograms = (
        ("pixels", result.plane.counts, before, (0, 255), plots.ORIGINAL),
        ("residuals", np.roll(result.differences, 128), after, ("−128", 127), plots.RESIDUAL),
    )
    title = f"A pixel and the one {result.lag} px to its left: {likeness(result)}"
    return lag_drawing.lag_plot(result.pairs, histograms, result.peak, title)


def residual_picture(result: Result) -> np.ndarray:
    """uint8 (H, W): mid grey where the prediction was right, brighter where it was too low.

    The first `lag` columns, which have no prediction, show their pixels.
    """
    x, lag = result.plane.x.astype(np.int16), result.lag
    differences = np.clip(128 + x[:, lag:] - x[:, :-lag], 0, 255)
    return np.hstack([x[:, :lag], differences]).astype(np.uint8)


def _table(result):
    before, after = bits(result)
    rows = (
        ("entropy of the histogram", f"{before:.2f}", f"{after:.2f}"),
        ("zlib, a real file", f"{result.plane.coded:.2f}", f"{result.coded:.2f}"),
    )
    return table(rows, ("bits per sample (raw: 8)", "pixels", "residuals"))


def verdict(result: Result) -> str:
    """What the prediction is worth, in one or two sentences."""
    before, after = bits(result)
    if after <= before:
        return f"Prediction saves <b>{before - after:.2f} bits</b> a sample."
    why = (
        "Shuffled, a neighbour says nothing; subtracting it adds its spread."
        if result.shuffle
        else "So far away a neighbour says too little to be subtracted."
    )
    return f"Prediction costs <b>{after - before:.2f} bits</b> a sample. {why}"


def summary(result: Result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    before, after = bits(result)
    order = "shuffled pixels" if result.shuffle else "photograph"
    return (
        f"{order}, lag {result.lag}, {likeness(result)}: entropy "
        f"{before:.2f} bits per sample before prediction, {after:.2f} after"
    )


class Lag(Explorer):
    """Lag(), Lag("coffee"), Lag("my photo.jpg"): how alike are pixels that lie apart?"""

    tries = {
        "lag 8": (
            dict(image="chelsea", lag=8),
            "A pixel against the one 8 to its left. What happens to the cloud, what to the lower "
            "histogram, what to the picture?",
            "The cloud swells, the histogram sinks, and a second cat walks out of the first. Among "
            "the residuals each pixel counts twice: as itself, and negative, as a prediction.",
        ),
        "lag 15": (
            dict(image="chelsea", lag=15),
            "At which lag does prediction begin to cost more than it saves?",
            "Here, on the cat. The sentence under the table tells you.",
        ),
        "shuffled": (
            dict(image="chelsea", shuffle=True),
            "The same pixels, in random order. Which numbers change, and which do not? Does the "
            "lag still matter?",
            "The entropy of the pixels stays: their histogram does not know their order. The cloud "
            "fills, prediction costs half a bit instead of saving two, and it does so at every "
            "lag.",
        ),
        "the rocket": (
            dict(image="rocket"),
            "Why is this photograph so much easier?",
            "Look at its sky: a pixel there is nearly its neighbour. Prediction saves 3 bits a "
            "sample.",
        ),
        "the real file": (
            dict(image="chelsea"),
            "The second row of the table is a real file: what zlib, the library behind .zip and "
            ".png, makes of the same bytes. Is it above or below the estimate?",
            "Both. Of the pixels zlib makes less than their entropy, of the residuals a little "
            "more than theirs. That is the subject of the rest of this lesson.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(names=("pixels", "residuals")),
            lag=Slider(1, 1, MAX_LAG, label="Lag", unit="px", ends=("next pixel", "far away")),
            shuffle=Checkbox(
                value=False,
                description="Shuffle the pixels",
                indent=False,
                layout=Layout(width="auto"),
            ),
        )
