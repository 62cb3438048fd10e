"""From one pass of a network to a network of one's own: what does an encoder's effort bring?

    picture --analyse--> one pass --search--> second thoughts      the learned codec
    Fit ------------------------------------> overfitted           a decoder of its own
    each --> bytes, PSNR, L; multiplications and seconds to encode, multiplications to decode

All at one lambda, in real files. Seconds are those of the machine that recorded the cat's fit.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import learned
from lic_teach.course.one_picture import effort_drawing, fit, rivals, work
from lic_teach.course.one_picture.fit import Fit
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, side_by_side
from lic_teach.kit.measured import (
    Coded,
    by_lam,
    by_learned,
    libjpeg,
    measured,
    model,
    quality_for_lam,
)
from lic_teach.learned.refine import search

REFINED = (1, 2, 5, 10)  # steps of second thoughts
FITTED = (20, 50, 100, 200, 500, 1000)  # steps of a fit, where it has them
ORIGINAL, ONE_PASS = "original", "one pass"  # what stands left of the line


class Station(NamedTuple):
    """One encoder."""

    words: str
    coded: Coded
    work: float  # multiplications a pixel, to encode
    seconds: float  # to encode
    decoder: float  # multiplications a pixel, to decode
    own: bool  # is the decoder in the file?


class Source(NamedTuple):
    """A picture by all encoders."""

    image: np.ndarray  # uint8 (H, W, 3)
    stations: list[Station]  # the least effort first
    jpeg: Coded  # libjpeg's with the least L
    by_lam: Coded


class Result(NamedTuple):
    source: Source
    at: int  # station, 1..
    beside: str

    @property
    def station(self) -> Station:
        """The one that is shown."""
        return self.source.stations[self.at - 1]


def prepare(recorded: Fit) -> Source:
    """Fit -> Source. Ten steps of second thoughts are thought here: some seconds."""
    image = recorded.image
    known = rivals.measure(image).jpeg
    stations = by_learned_codec(image) + by_fit(recorded)
    jpeg = libjpeg(image, quality_for_lam(known, fit.LAM))
    return Source(image, stations, jpeg, by_lam(image, fit.LAM))


def by_learned_codec(image: np.ndarray) -> list[Station]:
    """One pass, and second thoughts."""
    count, took, lam = work.learned(), fit.seconds(), fit.LAM
    y, size = learned.analyse(image, model()), image.shape[:2]
    passed, decoder = 1000 * count["encode"], 1000 * count["decode"]
    found = [Station(ONE_PASS, by_learned(image, y, lam), passed, took["pass"], decoder, False)]
    for step, (better, _) in enumerate(search(image, y, model(), lam, max(REFINED))):
        if step in REFINED:
            data, x_hat = learned.encode_and_reconstruct(better, size, model(), lam, first=y)
            words = f"refined, {step} step{'s' if step > 1 else ''}"
            spent = passed + step * work.refining_step()
            seconds = took["pass"] + step * took["refining step"]
            coded = measured(image, lam, data, x_hat)
            found.append(Station(words, coded, spent, seconds, decoder, False))
    return found


def by_fit(recorded: Fit) -> list[Station]:
    """Overfitted, after more and more steps; writing the files is not counted."""
    image = recorded.image
    size = image.shape[:2]
    step_work, decoder = work.search_step(*size), sum(work.decoder(*size).values())
    share = image[..., 0].size / fit.SIDE**2
    return [
        Station(
            f"overfitted, {step:,} steps",
            rivals.overfitted(image, recorded.files[step]),
            step * step_work,
            step * fit.seconds()["fit's step"] * share,
            decoder,
            True,
        )
        for step in sorted({*FITTED, max(recorded.files)} & set(recorded.files))
    ]


def compute(source: Source, effort: int, beside: str) -> Result:
    """effort: 1..number of stations -> Result."""
    return Result(source, effort, beside)


# --- what is shown -----------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View."""
    source = result.source
    left = source.image if result.beside == ORIGINAL else source.stations[0].coded.x_hat
    return View(
        side_by_side(left, result.station.coded.x_hat),
        _table(result) + f"<p>{words(result)}</p>",
        summary(result),
        effort_drawing.plot(result),
        names=(result.beside, "decoded"),
    )


def _table(result):
    pair = result.source.stations[0], result.station
    rows = (
        ("file, bytes", *(f"{s.coded.size:,}" for s in pair)),
        ("PSNR (RGB), dB", *(f"{s.coded.psnr:.2f}" for s in pair)),
        ("L = R + λD", *(f"{s.coded.cost(fit.LAM):.3f}" for s in pair)),
        ("to encode: seconds, about", *(f"{float(f'{s.seconds:.1g}'):g}" for s in pair)),
        ("… multiplications a pixel", *(_round(s.work) for s in pair)),
        ("to decode: multiplications", *(_round(s.decoder) for s in pair)),
        ("the decoder is", *("in the file" if s.own else "known" for s in pair)),
    )
    return readout.table(rows, ("", *(s.words for s in pair)))


def _round(number):
    """Three digits are enough for a count that is made in thousands."""
    return f"{float(f'{number:.3g}'):,.0f}"


def words(result: Result) -> str:
    """L against one pass, and against JPEG by lambda."""
    ours, lam = result.station.coded.cost(fit.LAM), fit.LAM
    others = {
        "one pass": result.source.stations[0].coded.cost(lam),
        "JPEG by λ": result.source.by_lam.cost(lam),
        "JPEG": result.source.jpeg.cost(lam),
    }
    return "L against " + ", ".join(
        f"{name}: {100 * (ours / L - 1):+.1f} %".replace("-", "−") for name, L in others.items()
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    station = result.station
    return (
        f"{station.words}: {station.coded.size:,} bytes, {station.coded.psnr:.1f} dB, L "
        f"{station.coded.cost(fit.LAM):.3f}; {_round(station.work)} multiplications a pixel to "
        f"encode, {_round(station.decoder)} to decode"
    )


class Effort(Explorer):
    """Effort(): the cat. Effort(fit.fit(piece)): a picture of your own."""

    tries = {
        "one pass": (
            dict(effort=1),
            "Go through the stations with the arrow keys. Which step to the right is the best "
            "bargain?",
            "Among the second thoughts the first: it brings a few percent of L for some passes "
            "more, and the decoder stays as it is.",
        ),
        "20 steps": (
            dict(effort=2 + len(REFINED)),
            "A decoder of its own, after twenty steps. Which JPEG is it as good as?",
            "None yet. In twenty steps a decoder is found, and no good file.",
        ),
        "1,000 steps": (
            dict(effort=1 + len(REFINED) + len(FITTED)),
            "It has the most work in the encoder, and the least in the decoder. Is its L the "
            "least, too?",
            "It depends on the picture. On the cat it is not: fur is what the learned codec has "
            "seen much of. On the coffee it is.",
        ),
    }

    def __init__(self, recorded: Fit | None = None):
        self.recorded = recorded or fit.load()
        last = 1 + len(REFINED) + len(by_fit(self.recorded))
        super().__init__(
            None,
            picture=Wipe(position=0.3),
            effort=Slider(
                1, 1, last, label="Effort", unit=f"of {last}", ends=("one pass", "overfitted")
            ),
            beside=choice("Left of the line", [ORIGINAL, ONE_PASS]),
        )

    def prepare(self, _):
        """All encoders on the fit that this explorer was made for."""
        return prepare(self.recorded)
