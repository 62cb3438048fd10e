"""Two bottlenecks: how many numbers a patch, and how coarse they are.

    luma --patches--> x --autoencoder--> k latents --round to steps--> a file --> x_hat

The file is real: JPEG with an autoencoder in place of the DCT (autoencoder.py). The linear one
has any k; the other one was trained for four sizes, and the nearest is taken. None of
them has seen the coffee cup. Its twin for one latent at a time is traversal.py.
"""

from typing import NamedTuple

import numpy as np
import torch

from lic_teach import metrics
from lic_teach.course.autoencoder import bottleneck_drawing
from lic_teach.course.autoencoder.autoencoders import (
    SIZES,
    linear,
    nonlinear,
    pack,
    to_patches,
    to_plane,
)
from lic_teach.jpeg import color
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, Wipe, choice, encode_picture
from lic_teach.kit.readout import table

LINEAR, NONLINEAR = "linear", "non-linear"
KEPT = (4, 8, 16, 64)  # latents of the curves in the plot
STEPS = (8, 12, 18, 27, 40, 64, 96)  # their points


class Source(NamedTuple):
    """A picture with all that the controls do not change."""

    plane: np.ndarray  # uint8 (H, W), luma
    original: bytes  # the same encoded
    latents: dict[str | int, np.ndarray]  # float32 (n, m, k): LINEAR with 64, and each of SIZES
    curves: dict[int, list[tuple[float, float]]]  # of the linear one: bpp and PSNR at STEPS


class Result(NamedTuple):
    source: Source
    machine: str
    k: int  # latents a patch, of the machine shown
    step: int
    picture: np.ndarray  # uint8 (H, W)
    size: int  # bytes of the file
    bpp: float
    mse: float
    psnr: float


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    torch.set_num_threads(1)
    plane = color.luma(image)
    x = torch.from_numpy(to_patches(plane))
    latents = {LINEAR: linear().encode(x).numpy()}
    latents |= {k: nonlinear(k).encode(x).numpy() for k in SIZES}
    source = Source(plane, encode_picture(plane), latents, {})
    for k in KEPT:
        results = (compute(source, LINEAR, k, step) for step in STEPS)
        source.curves[k] = [(result.bpp, result.psnr) for result in results]
    return source


def compute(source: Source, machine: str, k: int, step: int) -> Result:
    """machine: LINEAR or NONLINEAR; k: latents, 1..64; step: grey levels -> Result."""
    if machine == NONLINEAR:
        k = min(SIZES, key=lambda size: abs(np.log(size / k)))
    y = source.latents[LINEAR][..., :k] if machine == LINEAR else source.latents[k]
    data, y_hat = pack(y, step, source.plane.shape)
    if machine == LINEAR:
        y_hat = np.pad(y_hat, ((0, 0), (0, 0), (0, 64 - k)))
    model = linear() if machine == LINEAR else nonlinear(k)
    picture = to_plane(model.decode(torch.from_numpy(y_hat)).numpy(), source.plane.shape)
    return Result(
        source,
        machine,
        k,
        step,
        picture,
        len(data),
        metrics.bpp(data, source.plane),
        metrics.mse(source.plane, picture),
        metrics.psnr(source.plane, picture),
    )


def draw(result: Result) -> View:
    """Result -> View."""
    return View(
        (result.source.original, encode_picture(result.picture)),
        _table(result) + f"<p>{words(result)}</p>",
        summary(result),
        bottleneck_drawing.plot(result),
    )


def _table(result):
    rows = (
        ("latents of a patch", f"{result.k} of 64"),
        ("file, bytes", f"{result.size:,}"),
        ("R, bits per pixel", f"{result.bpp:.3f}"),
        ("bits for one latent, on average", f"{64 * result.bpp / result.k:.2f}"),
        ("D, MSE", f"{result.mse:.1f}"),
        ("PSNR (Y), dB", f"{result.psnr:.2f}"),
    )
    return table(rows)


def words(result: Result) -> str:
    """What stands in the way of a better picture."""
    if result.machine == NONLINEAR:
        sizes = ", ".join(map(str, SIZES[:-1]))
        return f"The non-linear one was trained for {sizes} and {SIZES[-1]} latents, not for bits."
    y, mean = result.source.latents[LINEAR], result.source.plane.size
    lost = np.sum(y[..., result.k :].astype(float) ** 2) / mean
    share = min(lost / max(result.mse, 1e-9), 1)
    return f"{100 * share:.0f} % of the error are the latents left out, the rest is rounding."


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"{result.machine}, {result.k} of 64 latents, step {result.step}: {result.size:,} bytes, "
        f"{result.bpp:.2f} bits per pixel, {result.psnr:.1f} dB (Y)"
    ).replace("inf", "∞")


class Bottleneck(Explorer):
    """Bottleneck(), Bottleneck("chelsea", k=64): fewer latents, or coarser ones?"""

    tries = {
        "4 latents": (
            dict(image="coffee", k=4),
            "Pull <i>Latents</i> from 64 to 1, slowly, and watch the wood. Where does it stop "
            "being wood? Where does the cup stop being a cup?",
            "At 8 latents the fine grain is gone, at 4 the wood is a smear. The cup is a cup to "
            "the end, with 1 latent as a mosaic.",
        ),
        "8 latents, step 8": (
            dict(image="coffee", k=8, step=8),
            "The step is half as large as at first. What became of the file, what of the PSNR?",
            "The file grew by a third, and the PSNR by less than 0.1 dB: at step 16 already, 98 % "
            "of the error are the latents left out.",
        ),
        "64 latents, step 53": (
            dict(image="coffee", k=64, step=53),
            "All latents, but coarse: no more bytes than 8 latents take at step 16. Which picture "
            "is better?",
            "This one: fewer bytes, and 2.7 dB better.",
        ),
        "8 latents, non-linear": (
            dict(image="coffee", machine=NONLINEAR, k=8),
            "How far does bending take you towards the curve of all 64?",
            "Half a decibel up, for 9 % more bytes: bits were not in its loss. To the curve of all "
            "64 that is less than a quarter of the way.",
        ),
    }

    def __init__(self, image="coffee", machine=LINEAR, k=8, step=16):
        super().__init__(
            image,
            picture=Wipe(names=("original", "through the bottleneck")),
            machine=choice("Autoencoder", [LINEAR, NONLINEAR], machine),
            k=Slider(k, 1, 64, label="Latents", unit="of 64", ends=("one", "all")),
            step=Slider(step, 8, 96, label="Step", unit="grey levels", ends=("fine", "coarse")),
        )
