"""Break the decoder: it computes the widths almost as the encoder did.

    q --encode(widths)--> words --decode(widths a little off)--> q, then other numbers

The latents are real ones, rounded. Their prior is a toy: each is Gaussian around 0, and its width
comes from the three latents above it, which the decoder has by then. The encoder computes it on
one machine, the decoder on another, whose last digits differ. Three ways to get a probability:

    FLOAT   width -> erf -> probability, on both sides            (constriction's own Gaussian)
    TABLES  width -> number of the nearest stored table           (learned.entropy)
    WHOLE   width in whole numbers -> number of the stored table  (as learned.exact does)
"""

import math
from typing import NamedTuple

import constriction
import numpy as np
import torch

from lic_teach import learned, metrics
from lic_teach.images import centre_crop
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, encode_picture
from lic_teach.kit.measured import model
from lic_teach.kit.plots import minus
from lic_teach.kit.readout import figures, table
from lic_teach.learned import codec, entropy, quantize

FLOAT, TABLES, WHOLE = "float, erf", "float, tables", "whole numbers, tables"
LAM, SIDE = 1e-2, 256  # pixels a side
ONE = 1024  # widths are whole multiples of 1/ONE
LEAST = 150  # the least width, of these
BORDER = 100  # larger latents above count as this
BOUND = 1 << 12  # no latent is larger
GAUSSIAN = constriction.stream.model.QuantizedGaussian(-BOUND, BOUND)


class Source(NamedTuple):
    image: np.ndarray  # uint8 (H, W, 3)
    model: torch.nn.Module
    active: np.ndarray  # bool (128,): channels that are not zero everywhere
    q: np.ndarray  # int (h, w, C): the latents of these, in the order of the file
    own: np.ndarray  # int (C,): what each channel adds to its widths
    luck: np.ndarray  # float (h, w, C), -1..1: how each width is rounded on the other machine
    words: dict  # of the file, for each way
    right: np.ndarray  # uint8 (H, W, 3), the picture of these latents
    shown: bytes  # the same, as encode_picture makes it


class Wrong(NamedTuple):
    """The first latent that came out wrong."""

    row: int
    column: int
    wrote: int
    read: int


class Result(NamedTuple):
    source: Source
    ways: str
    error: float
    picture: np.ndarray  # uint8 (H, W, 3)
    wrong: np.ndarray  # (h, w): share of the numbers at each place that are wrong, 0..1
    first: Wrong | None
    stops: list[int]  # rows in which the range coder met bits that fit no number
    tipped: int  # tables that were chosen otherwise, before anything was wrong


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    shipped = model()
    image = centre_crop(image, min(SIDE, *image.shape[:2]))
    step = shipped.step(shipped.position(quantize.to_code(LAM)).float())[0].numpy()
    q = np.rint(learned.analyse(image, shipped) / step).astype(int).clip(-BOUND, BOUND)
    active = np.abs(q).any((1, 2))
    q = np.ascontiguousarray(q[active].transpose(1, 2, 0))
    own = np.maximum(np.rint(0.6 * ONE * np.abs(q).mean((0, 1))).astype(int), LEAST)
    luck = np.random.default_rng(5).uniform(-1, 1, q.shape)
    source = Source(image, shipped, active, q, own, luck, {}, image, b"")
    right = paint(source, q)
    source = source._replace(right=right, shown=encode_picture(right))
    return source._replace(words={way: encode(source, way) for way in (FLOAT, TABLES, WHOLE)})


def widths(own: np.ndarray, above: np.ndarray) -> np.ndarray:
    """The rule of the toy prior, in whole numbers: above, int (w, C) -> int (w, C), in 1/ONE.

    A quarter of the latent above, half of it and a quarter come from its left, itself, its right.
    """
    size = np.minimum(np.abs(above), BORDER)
    size = np.concatenate((size[:1], size, size[-1:]))
    return own + ONE // 8 * (size[:-2] + 2 * size[1:-1] + size[2:])


def stored_numbers() -> np.ndarray:
    """Table number of every width in 1/ONE: what a codec would keep with its weights."""
    return number_of(np.arange(1, ONE * BORDER + 1) / ONE)


def number_of(width: np.ndarray) -> np.ndarray:
    """Widths -> number of the nearest table, uint8, as in learned.entropy."""
    scale = np.clip(np.log(width / entropy.SIGMA_MIN), 0, entropy.SCALE_MAX)
    return np.floor(scale * entropy.PER_E + 0.5).astype(np.uint8)


STORED = stored_numbers()


def expect(way: str, whole: np.ndarray, off: float | np.ndarray) -> np.ndarray:
    """Whole widths -> what the range coder is told; off: relative error of a width, (w, C)."""
    if way == WHOLE:  # nothing here to be off
        return STORED[np.minimum(whole, len(STORED)) - 1].ravel()
    width = whole / ONE * (1 + off)
    return width.ravel() if way == FLOAT else number_of(width).ravel()


def encode(source: Source, way: str) -> np.ndarray:
    """The latents, row after row -> 32-bit words."""
    coder, tables = constriction.stream.queue.RangeEncoder(), source.model.exact().tables
    above = np.zeros_like(source.q[0])
    for line in source.q:
        told = expect(way, widths(source.own, above), 0)
        if way == FLOAT:
            coder.encode(line.ravel().astype(np.int32), GAUSSIAN, np.zeros(line.size), told)
        else:
            entropy.encode(coder, line.ravel(), told, tables)
        above = line
    return coder.get_compressed()


def decode(source: Source, way: str, error: float):
    """What encode wrote, on a machine whose widths are off by up to `error`, relative.

    Returns latents int (h, w, C); the rows in which the coder met bits that no encoder writes:
    those stay 0, and it goes on about where the next row begins; and how many tables were chosen
    otherwise while all was still right.
    """
    words, tables = source.words[way], source.model.exact().tables
    coder = constriction.stream.queue.RangeDecoder(words)
    found, stops, tipped, right = np.zeros_like(source.q), [], 0, True
    above = found[0]
    for row, luck in enumerate(source.luck):
        whole = widths(source.own, above)
        told = expect(way, whole, error * luck)
        if way == TABLES and right:
            tipped += int((told != expect(WHOLE, whole, 0)).sum())
        try:
            found[row] = _read(coder, way, told, tables).reshape(above.shape)
        except AssertionError:  # constriction's word for such bits
            stops.append(row)
            rest = words[len(words) * (row + 1) // len(found) :]
            coder = constriction.stream.queue.RangeDecoder(rest)
        above = found[row]
        right = right and np.array_equal(above, source.q[row])
    return found, stops, tipped


def _read(coder, way, told, tables):
    if way == FLOAT:
        return coder.decode(GAUSSIAN, np.zeros(told.size), told)
    return entropy.decode(coder, told, tables)


def paint(source: Source, q: np.ndarray) -> np.ndarray:
    """Latents int (h, w, C) -> picture uint8 (H, W, 3)."""
    y_hat = np.zeros((len(source.active), *q.shape[:2]), np.float32)
    y_hat[source.active] = q.transpose(2, 0, 1)
    return codec.paint(y_hat, source.image.shape[:2], source.model, quantize.to_code(LAM))


def compute(source: Source, ways: str, error: float) -> Result:
    """Decode on the other machine -> Result."""
    found, stops, tipped = decode(source, ways, error)
    wrong, first = (found != source.q).mean(2), _first(source.q, found)
    picture = source.right if first is None else paint(source, found)
    return Result(source, ways, error, picture, wrong, first, stops, tipped)


def _first(q, found):
    if np.array_equal(q, found):
        return None
    row, column, channel = (int(i) for i in np.argwhere(q != found)[0])
    place = row, column, channel
    return Wrong(row, column, int(q[place]), int(found[place]))


def draw(result: Result) -> View:
    """Result -> View."""
    maps = figures([("latents that are wrong", _map(result.wrong))], 192)
    readout = f"<p>{words(result)}</p>" + _table(result) + maps
    return View((result.source.shown, encode_picture(result.picture)), readout, summary(result))


def _map(wrong):
    """White where all is right, dark where many of a place's numbers are wrong: uint8 (h, w)."""
    return np.where(wrong > 0, 150 - 150 * np.minimum(3 * wrong, 1), 245).astype(np.uint8)


def words(result: Result) -> str:
    """What happened, and why."""
    if result.first is None:
        if result.ways == WHOLE:
            return (
                "<b>All right.</b> The widths are whole numbers, computed without rounding: "
                "there is no last digit that could differ."
            )
        why = {FLOAT: "No probability", TABLES: "No table number"}[result.ways]
        return f"<b>All right, this time.</b> {why} came out otherwise that would have mattered."
    first = result.first
    said = f"The first wrong number is in row {first.row} of {len(result.wrong)}"
    said += f": {first.read} instead of {first.wrote}. Nothing after it can be trusted."
    if result.stops:
        said += f" In row {result.stops[0]} the range coder meets bits that fit no number at all."
    return minus(f"<b>Broken.</b> {said}")


def _table(result):
    size = result.source.image.shape[:2]
    data = 4 * len(result.source.words[result.ways])
    shown = metrics.psnr(result.source.image, result.picture)
    rows = [
        ("the file, bits per pixel", f"{8 * data / math.prod(size):.3f}"),
        ("PSNR of what was decoded, dB", f"{shown:.1f}"),
        ("places with a wrong number", f"{100 * np.mean(result.wrong > 0):.0f} %"),
    ]
    if result.ways != FLOAT:
        rows.append(("tables chosen otherwise until then", result.tipped))
    return table(rows)


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    first = result.first
    end = "every latent is right"
    if first is not None:
        end = f"wrong from row {first.row}, column {first.column} of the latents"
    return f"{result.ways}, widths off by up to {result.error:.3g}: {end}"


class BreakDecoder(Explorer):
    """BreakDecoder(), BreakDecoder("coffee"): how much may two machines differ?"""

    tries = {
        "an error of 1e-7": (
            dict(image="chelsea", error=1e-7),
            "That is the last digit of float32. Then look for the largest error that does no harm.",
            "It breaks within the first rows. Only errors a hundred to ten thousand times "
            "smaller do no harm, which differs from picture to picture: it depends on how near a "
            "count lies to the border at which it tips. A smaller error only strikes later.",
        ),
        "float, but tables": (
            dict(image="chelsea", error=1e-7, ways=TABLES),
            "The same error. How much better is it? Is it safe?",
            "Far better, but not safe. Widths are rounded to the nearest of 64 tables, so a small "
            "error mostly vanishes. But one width out of many lies close to the border between two "
            "tables. At some error it tips over, and then everything after it is lost.",
        ),
        "whole numbers": (
            dict(image="chelsea", error=1e-2, ways=WHOLE),
            "Which error breaks it now?",
            "None. Nothing is rounded when the widths are computed, so there is no digit in which "
            "two machines could differ.",
        ),
    }

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(names=("encoder", "decoder")),
            error=Slider(
                3.16e-10, 1e-13, 1e-2, log=True, label="Widths differ by up to", unit="(relative)"
            ),
            ways=choice("P from", [FLOAT, TABLES, WHOLE]),
        )
        self.picture.position = 0.35
