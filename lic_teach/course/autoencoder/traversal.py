"""What one latent draws: take it and move it, in one patch or in all.

    x --encode--> y --y_j + shift of its spread--> --decode--> x_hat

Two autoencoders with eight latents, the linear and the non-linear one, both from autoencoder.py.
Moved by the same amount, a latent of the linear one adds the same picture to every patch. What
it adds in the other one hangs on the other seven.
"""

from typing import NamedTuple

import numpy as np
import torch

from lic_teach.course.autoencoder.autoencoders import (
    linear,
    nonlinear,
    seen,
    to_patches,
    to_plane,
)
from lic_teach.jpeg import color
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Picture, Slider, choice, encode_picture
from lic_teach.kit.plots import minus
from lic_teach.kit.readout import figures

LINEAR, NONLINEAR = "linear", "non-linear"
ONE, ALL = "this patch", "every patch"
K = 8
SPAN = (-3, -2, -1, 0, 1, 2, 3)  # of the strips, in standard deviations


class Machine(NamedTuple):
    """One autoencoder and what it makes of one picture."""

    model: torch.nn.Module
    latents: torch.Tensor  # (n, m, 8)
    spread: torch.Tensor  # (8,): standard deviation of each latent over the patches learned from


class Source(NamedTuple):
    plane: np.ndarray  # uint8 (H, W), luma
    machines: dict[str, Machine]


class Result(NamedTuple):
    source: Source
    machine: str
    where: str
    latent: int  # 1..8
    shift: float  # in standard deviations
    at: tuple[int, int]  # the patch: row and column of its upper left pixel
    picture: np.ndarray  # uint8 (H, W)
    strips: dict[str, np.ndarray]  # uint8 (7, 8, 8): the patch at each shift of SPAN
    same: dict[str, float]  # 0..1: share of the change that is the same in every patch


def prepare(image: np.ndarray) -> Source:
    """uint8 (H, W, 3) -> Source."""
    torch.set_num_threads(1)
    plane = color.luma(image)
    models = {LINEAR: linear(K), NONLINEAR: nonlinear(K)}
    return Source(plane, {name: _machine(model, plane) for name, model in models.items()})


def _machine(model, plane):
    spread = model.encode(torch.from_numpy(seen())).std(0)
    return Machine(model, model.encode(torch.from_numpy(to_patches(plane))), spread)


def compute(
    source: Source, machine: str, where: str, latent: int, shift: float, at: tuple[int, int]
) -> Result:
    """Move latent number `latent` by `shift` of its standard deviations -> Result."""
    cell = at[0] // 8, at[1] // 8
    chosen = source.machines[machine]
    moved = _move(chosen, chosen.latents, latent, shift)
    if where == ONE:
        there = moved[cell].clone()
        moved = chosen.latents.clone()
        moved[cell] = there
    picture = to_plane(chosen.model.decode(moved).numpy(), source.plane.shape)
    strips = {name: _strip(m, cell, latent) for name, m in source.machines.items()}
    same = {name: sameness(m, latent) for name, m in source.machines.items()}
    place = 8 * cell[0], 8 * cell[1]
    return Result(source, machine, where, latent, shift, place, picture, strips, same)


def _move(machine, latents, latent, shift):
    moved = latents.clone()
    moved[..., latent - 1] += shift * machine.spread[latent - 1]
    return moved


def _strip(machine, cell, latent):
    shifts = [_move(machine, machine.latents[cell], latent, shift) for shift in SPAN]
    patches = machine.model.decode(torch.stack(shifts)).numpy()
    return np.clip(np.rint(patches), 0, 255).astype(np.uint8).reshape(-1, 8, 8)


def sameness(machine: Machine, latent: int) -> float:
    """How much of what this latent adds is the same in every patch: 0..1.

    It is moved up by one standard deviation; the change is a picture for each patch. The energy of
    the mean picture over the mean energy.
    """
    moved = _move(machine, machine.latents, latent, 1)
    change = machine.model.decode(moved) - machine.model.decode(machine.latents)
    change = change.reshape(-1, 64)
    return float(change.mean(0).square().sum() / change.square().sum(1).mean())


def draw(result: Result) -> View:
    """Result -> View."""
    return View(encode_picture(result.picture), _readout(result), summary(result))


def _readout(result):
    return f"<p>{words(result)}</p>" + "".join(
        f"<p><b>{name}</b>: the same in every patch to {100 * result.same[name]:.0f} %</p>"
        + figures(zip(map(_sigma, SPAN), strip, strict=True), 48)
        for name, strip in result.strips.items()
    )


def _sigma(shift):
    return minus(f"{shift:+g} σ") if shift else "as it is"


def words(result: Result) -> str:
    """What the photograph and what the strips show."""
    v, u = result.at
    shift = minus(f"{result.shift:+.1f}")
    return (
        f"The photograph: latent {result.latent} of the {result.machine} one, moved by {shift} σ "
        f"in {result.where}. The strips: the patch at row {v}, column {u}, this latent moved "
        f"from −3 to +3 standard deviations σ."
    )


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    return (
        f"{result.machine}, latent {result.latent} of {K} moved by {result.shift:+.1f} standard "
        f"deviations in {result.where}; what it adds is the same everywhere to "
        f"{100 * result.same[result.machine]:.0f} %"
    )


class Traversal(Explorer):
    """Traversal(), Traversal("chelsea"): click a patch, choose one of its latents, move it."""

    tries = {
        "latent 1": (
            dict(image="coffee", latent=1, shift=3.0),
            "All the way. Which coefficient of the DCT is it?",
            "DC: it makes the patch lighter or darker.",
        ),
        "latent 2": (
            dict(image="coffee", latent=2, shift=3.0),
            "Which way does it tilt a patch?",
            "From left to right or from top to bottom; latent 3 does the other. They are the two "
            "slowest waves of the DCT, found again.",
        ),
        "latent 3": (
            dict(image="coffee", latent=3, shift=3.0),
            "And this one?",
            "The other way than latent 2.",
        ),
        "latent 8, linear": (
            dict(image="coffee", latent=8),
            "Click on the rim of the cup, on wood, on the white china. Does the strip depend on "
            "the patch?",
            "No: in the linear machine one latent adds the same picture everywhere, to 100 %.",
        ),
        "latent 8, non-linear": (
            dict(image="coffee", machine=NONLINEAR, latent=8),
            "And in this machine?",
            "The first latents do nearly that, too. Of what the last two add, only about 80 % (of "
            "the energy) is the same in every patch. The rest is fitted to what the other seven "
            "say.",
        ),
    }

    def __init__(self, image="coffee", at=(152, 176)):
        super().__init__(
            image,
            picture=Picture(cell=8, at=at),
            machine=choice("Autoencoder", [LINEAR, NONLINEAR]),
            where=choice("Move it in", [ALL, ONE]),
            latent=Slider(2, 1, K, label="Latent", unit=f"of {K}"),
            shift=Slider(2.0, -3.0, 3.0, step=0.1, label="Move by", unit="σ"),
        )
