"""A guess against real latents: one channel under a Gaussian or a Laplace prior.

    photograph --prepare--> whole numbers k of 64 channels, the widest channel first
    channel, mean, sigma --compute--> bits of each number, code length, its curve over sigma

The code length is the entropy of the channel's histogram plus the Kullback-Leibler divergence,
always: that entropy is the bound. The arithmetic is in priors.py.
"""

from typing import NamedTuple

import numpy as np

from lic_teach.course.bits_from_probability import code_length_drawing, linear
from lic_teach.kit import plots
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, encode_picture
from lic_teach.kit.priors import (
    GAUSSIAN,
    LAPLACE,
    SIGMA_MAX,
    SIGMA_MIN,
    Best,
    fit,
    histogram,
    information,
    written,
)
from lic_teach.kit.readout import table
from lic_teach.metrics import entropy

SIGMAS = np.geomspace(SIGMA_MIN, SIGMA_MAX, 64)
FEWEST = 7  # bins that are drawn at least
DEAREST = 8  # bits of a latent that is drawn darkest


class Source(NamedTuple):
    """A photograph, its channels from the widest to the narrowest, and what was found so far."""

    photograph: bytes  # encoded
    shape: tuple[int, int]  # of the photograph
    k: np.ndarray  # float (64, h, w), whole numbers
    best: dict  # (channel, shape of the prior) -> Best


class Result(NamedTuple):
    source: Source
    channel: int  # 1: the widest
    shape: str
    mean: float
    sigma: float
    values: np.ndarray  # (n,): whole numbers from below the least to above the greatest
    share: np.ndarray  # (n,): of the latents that have it
    spent: np.ndarray  # (n,): bits that it costs under the guess
    bits: float  # code length a latent
    entropy: float  # of the histogram: the bound
    written: float  # bits a latent that a range coder takes
    curve: np.ndarray  # code length at SIGMAS, with this mean
    cheapest: np.ndarray  # bits of the likeliest number at SIGMAS, with this mean
    best: Best


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    y = linear.latents(image)
    order = np.argsort(-y.std((1, 2)), kind="stable")
    return Source(encode_picture(image), image.shape[:2], np.rint(y[order]), {})


def compute(source: Source, channel: int, shape: str, mean: float, sigma: float) -> Result:
    """channel: 1..64, the widest first; shape: GAUSSIAN or LAPLACE; in steps -> Result."""
    k = source.k[channel - 1]
    values, share = _wide(*histogram(k))
    if (channel, shape) not in source.best:
        source.best[channel, shape] = fit(values, share, shape)
    spent = information(values, mean, sigma, shape)
    return Result(
        source,
        channel,
        shape,
        mean,
        sigma,
        values,
        share,
        spent,
        float(share @ spent),
        entropy(share),
        written(k, mean, sigma, shape),
        information(values[:, None], mean, SIGMAS, shape).T @ share,
        information(np.rint(mean), mean, SIGMAS, shape),
        source.best[channel, shape],
    )


def _wide(values, share):
    """At least FEWEST whole numbers, so that a narrow channel looks narrow."""
    more = max(FEWEST - len(values), 0)
    before, after = more // 2, more - more // 2
    values = np.arange(values[0] - before, values[-1] + after + 1)
    return values, np.pad(share, (before, after))


def cost_map(result: Result) -> np.ndarray:
    """Bits of every latent of the channel as grey to blue, in the photograph's size: uint8."""
    k = result.source.k[result.channel - 1].astype(int)
    spent = np.clip(result.spent[k - result.values[0]] / DEAREST, 0, 1)
    return plots.heat_map(spent, *result.source.shape)


def draw(result: Result) -> View:
    """Result -> View."""
    pair = result.source.photograph, encode_picture(cost_map(result))
    readout = _table(result) + f"<p>{words(result)}</p>"
    return View(pair, readout, summary(result), code_length_drawing.plot(result))


def _table(result):
    best, gap = result.best, result.bits - result.entropy
    where = plots.minus(f"μ {best.mean:z.2f}, σ {best.sigma:.2f}")
    rows = (
        ("this guess", f"{result.bits:.3f}"),
        ("entropy: the bound for one guess", f"{result.entropy:.3f}"),
        ("what the guess wastes, KL", f"{max(gap, 0):.3f}"),
        (f"best {result.shape}: {where}", f"{best.bits:.3f}"),
        ("range coder, at most 24 bits a number", f"{result.written:.3f}"),
    )
    return table(rows, ("", "bits per latent"))


def words(result: Result) -> str:
    """Who pays, and for what."""
    middle = int(np.rint(result.mean))
    least = float(information(middle, result.mean, result.sigma, result.shape))
    dearest = int(np.argmax(result.share * result.spent))
    name = plots.minus(result.values[dearest])
    part = result.share[dearest] * result.spent[dearest] / max(result.bits, 1e-12)
    return (
        f"No number costs less than <b>{least:.3f} bits</b>. Most is spent on ŷ = {name}: "
        f"{100 * result.share[dearest]:.1f} % of the latents, {100 * part:.0f} % of the bits."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"channel {result.channel}, {result.shape}, mean {result.mean:z.1f}, sigma "
        f"{result.sigma:.3g} steps: {result.bits:.2f} bits per latent, entropy {result.entropy:.2f}"
    )


class CodeLength(Explorer, layout="under"):
    """CodeLength(), CodeLength("coffee", channel=1): a guess against real latents."""

    tries = {
        "σ = 1.58": (
            dict(image="chelsea", sigma=1.585),
            "The lowest point of the curve, nearly. How far above the entropy are you, and what "
            "is the rest?",
            "More than a third of a bit. The bars are higher in the middle than any Gaussian that "
            "also reaches the outer ones. <i>Laplace</i> comes much closer.",
        ),
        "channel 64, σ = 1": (
            dict(image="chelsea", channel=64),
            "What does the guess waste? Now move σ down. Where is it too far?",
            "More than 1.2 bits, nearly the whole floor. Its entropy is a small part of a bit. "
            "Left of the best σ the few latents that are not 0 become so expensive that the sum "
            "rises again.",
        ),
        "channel 1, σ = 1": (
            dict(image="chelsea", channel=1),
            "Brightness. Which of the two would you move first, σ or μ?",
            "It costs 283 bits a latent. Move σ first: a wide guess forgives a wrong mean, a "
            "narrow one does not.",
        ),
        "σ = 0.79": (
            dict(image="chelsea", sigma=0.794),
            "Half the best σ. Which is worse: this one, or one twice as large as the best?",
            "This one, in a channel that is not silent. On the left the curve rises like 1/σ², "
            "on the right only like log₂ σ: one bit for each doubling.",
        ),
    }

    def __init__(self, image="chelsea", channel=4, shape=GAUSSIAN):
        super().__init__(
            image,
            picture=Wipe(names=("photograph", "bits of each latent")),
            channel=Slider(
                channel, 1, 64, label="Channel", unit="of 64", ends=("widest", "narrowest")
            ),
            shape=choice("Prior", [GAUSSIAN, LAPLACE], shape),
            sigma=Slider(
                1.0,
                SIGMA_MIN,
                SIGMA_MAX,
                log=True,
                label="σ",
                unit="steps",
                ends=("sure", "careful"),
            ),
            mean=Slider(0.0, -20, 20, step=0.1, label="μ", unit="steps", ends=("−20", "20")),
        )
