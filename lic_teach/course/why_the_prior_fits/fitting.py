"""Latents and their prior while both are trained: who comes to whom?

    small_codec.train --> histories        photograph --DCT--> coefficients
    moment, coefficient, prior, lambda --compute--> whole numbers, R = H + KL, picture

The steps and widths come from a training on three photographs; what is shown is measured on the
photograph that is chosen, its middle 256 x 256 pixels, in luma. R is the mean of -log2 P of its
rounded latents: no file is written here.
"""

from typing import NamedTuple

import numpy as np

from lic_teach import images, metrics
from lic_teach.course.why_the_prior_fits import fitting_drawing
from lic_teach.course.why_the_prior_fits.small_codec import (
    LAMS,
    MOMENTS,
    History,
    at,
    coefficients,
    luma,
    split,
)
from lic_teach.jpeg import transform
from lic_teach.kit import readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Slider, Wipe, choice, side_by_side
from lic_teach.kit.priors import information


class Source(NamedTuple):
    """A photograph, and the trainings by what the prior is called."""

    histories: dict[str, History]
    original: np.ndarray  # uint8 (8 n, 8 m), luma
    c: np.ndarray  # float32 (n, m, 64), zig-zag


class Result(NamedTuple):
    source: Source
    name: str  # of the prior
    moment: int  # 1: before the first training step
    channel: int  # 1: DC
    lam: float
    k: np.ndarray  # float32 (n,): the channel's whole numbers at this moment
    last: np.ndarray  # the same at the last moment
    width: np.ndarray  # (m,): root mean square of the channel's latents at each moment, in steps
    sigma: np.ndarray  # (m,): of the prior
    R: np.ndarray  # (m,): bits of a latent of the channel
    H: np.ndarray  # (m,): entropy of its histogram
    picture: tuple[float, float]  # R, H of all coefficients at this moment, bits per pixel
    x_hat: np.ndarray  # uint8, luma
    mse: float

    @property
    def prior(self):
        return self.source.histories[self.name].prior

    @property
    def step(self):
        """Training steps done."""
        return int(self.source.histories[self.name].moments[self.moment - 1])


def prepare(image, histories):
    """uint8 (H, W, 3) and trainings -> Source."""
    image = images.centre_crop(image, 256)
    return Source(histories, np.rint(luma(image)).astype(np.uint8), coefficients(image))


def compute(source, moment, channel, prior, lam):
    """moment: 1..; channel: 1..64; prior: a name; lam: LAMS[0]..LAMS[-1] -> Result."""
    history = source.histories[prior]
    shape = history.prior.shape
    step, sigma = at(history, lam)
    one, now = source.c[..., channel - 1].ravel(), moment - 1
    y = one / step[:, channel - 1 : channel].astype(np.float32)
    every = np.rint(source.c / step[now].astype(np.float32))
    R, H = split(every.reshape(-1, 64).T, sigma[now], shape)
    x_hat = transform.inverse((every * step[now]).astype(np.float32))
    k = np.rint(y)
    return Result(
        source,
        prior,
        moment,
        channel,
        lam,
        k[now],
        k[-1],
        np.sqrt((y**2).mean(1)),
        sigma[:, channel - 1],
        *split(k, sigma[:, channel - 1], shape),
        (float(R.mean()), float(H.mean())),
        x_hat,
        metrics.mse(source.original, x_hat),
    )


def mass(result, values):
    """What the prior of this moment gives whole numbers."""
    return 2.0 ** -information(values, 0, result.sigma[result.moment - 1], result.prior.shape)


def draw(result):
    """Result -> View."""
    return View(
        side_by_side(result.source.original, result.x_hat),
        _table(result) + f"<p>{words(result)}</p>",
        summary(result),
        fitting_drawing.beside(fitting_drawing.bars(result, mass), fitting_drawing.course(result)),
    )


def _table(result):
    R, H = result.R[result.moment - 1], result.H[result.moment - 1]
    all_R, all_H = result.picture
    psnr = 10 * np.log10(255**2 / max(result.mse, 1e-9))
    rows = (
        ("entropy H", f"{H:.3f}", f"{all_H:.3f}"),
        ("KL", f"{R - H:.3f}", f"{all_R - all_H:.3f}"),
        ("R = H + KL (estimate)", f"{R:.3f}", f"{all_R:.3f}"),
        ("D, MSE of luma", "", f"{result.mse:.1f}"),
        ("PSNR of luma, dB", "", f"{psnr:.1f}"),
        ("L = R + λD", "", f"{all_R + result.lam * result.mse:.3f}"),
    )
    heads = "", "coefficient, bits per latent", "picture, bits per pixel"
    return readout.table(rows, heads)


def words(result):
    """Who has moved so far."""
    now = result.moment - 1
    if result.width[0] < 1e-3:
        return "This coefficient is 0 all over the picture."
    latents, prior = (_factor(v[now] / v[0]) for v in (result.width, result.sigma))
    return f"Since the start: the latents are {latents}, the prior is {prior}."


def _factor(ratio):
    same = 0.95 < ratio < 1.05
    return "as wide as before" if same else f"{ratio:.2g} times as wide"


def summary(result):
    """The readout as one plain sentence."""
    now = result.moment - 1
    R, H = result.R[now], result.H[now]
    return (
        f"prior {result.name}, lambda {result.lam:g}, step {result.step}, coefficient "
        f"{result.channel}: latents {result.width[now]:.2f} wide, prior {result.sigma[now]:.2f}, "
        f"{R:.2f} bits = {H:.2f} entropy + {R - H:.2f} KL; picture {result.picture[0]:.2f} bits "
        "per pixel"
    )


def drawings(result):
    """Both of them in one, for a page without a kernel."""
    return fitting_drawing.both(result, mass)


class Fitting(Explorer, layout="drawing first"):
    """Fitting({"fixed N(0, 1)": history, ...}): latents and prior, moment after moment."""

    tries = {
        "before the training": (
            dict(moment=1),
            "From here to the last moment. What falls first, KL or entropy?",
            "KL. At first it is the larger part, and after some ten steps of training the small "
            "one.",
        ),
        "learned σ, before": (
            dict(moment=1, prior="learned σ"),
            "The same with a prior that learns. Does the prior do all of the way?",
            "No. Both set out, the latents inwards and the prior outwards. They run past each "
            "other, turn round, and meet.",
        ),
        "coefficient 1": (
            dict(channel=1),
            "The mean of a block. What is left of KL with the fixed prior, and why can the encoder "
            "not mend it?",
            "It stays too wide for N(0, 1), in spite of the square root.",
        ),
        "coefficient 50": (
            dict(channel=50),
            "And here?",
            "Too narrow: nearly all 0, and pays nearly the whole floor of 1.385 bits. It could fit "
            "if its step were finer. Then H would rise by more than KL falls.",
        ),
        "λ = 0.1": (
            dict(lam=0.1),
            "Do the latents get wider? Does the prior fit better, then? Try coefficients 3 and 50.",
            "Wider, yes: D pulls harder than before. For coefficient 3 the fit gets worse, with "
            "more latents out in the tails; for coefficient 50 it gets better. The fit is not what "
            "is looked for.",
        ),
        "λ = 0.0000001": (
            dict(lam=1e-7),
            "λ is down at its end. Pull it back slowly, with each prior. Look at the picture, and "
            "at KL.",
            "The latents have collapsed to 0. The picture dissolves into blocks, then into grey. "
            "What KL does is a question of the depth.",
        ),
    }

    def __init__(self, histories: dict[str, History], image="chelsea", channel=3, lam=0.01):
        self.histories, last = histories, len(MOMENTS)
        known = None, *histories  # a try can ask for a prior that was not trained here
        self.tries = {w: t for w, t in self.tries.items() if t[0].get("prior") in known}
        super().__init__(
            image,
            picture=Wipe(names=("original", "decoded"), position=0.3),
            moment=Slider(
                last, 1, last, label="Moment", unit=f"of {last}", ends=("before", "trained")
            ),
            channel=Slider(
                channel, 1, 64, label="Coefficient", unit="of 64", ends=("mean (DC)", "finest")
            ),
            lam=LamSlider(lam, float(LAMS[0]), float(LAMS[-1])),
            prior=choice("Prior", list(histories)),
        )

    def prepare(self, image):
        """The photograph beside the trainings."""
        return prepare(image, self.histories)
