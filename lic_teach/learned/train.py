"""Train a learned codec: one loop, L = R + lam * D.

    lic-teach train PHOTOS OUT.safetensors --prior factorized --steps 20000
    torchrun --nproc-per-node 8 -m lic_teach.cli train ...                      on many devices

PHOTOS is any folder of photographs (command.py reads this line). Each sample of a batch draws its
own lambda, so that one model serves the whole slider. The rate is that of noisy latents; the
decoder sees rounded ones, as in files, and its error's slope goes straight through to the encoder.

Unlike jpeg/optimize.py, which chooses numbers for a fixed machine, this changes the machine.
Lesson learned_codec. Balle et al. 2017, section 3.
"""

import math
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from pytorch_msssim import ms_ssim
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from .. import half
from . import quantize
from .batches import BATCH, CROP, draw_batch, draw_lambdas
from .checkpoint import Diary, facts, keep, restore
from .model import Model, check_numbers, read_tensors
from .prior import Factorized, Fixed

CLIP = 1.0
UNLIKE = 1400.0  # brings 1 - MS-SSIM to the size of a squared error
FULL_PRECISION = 0.07  # the last part of a long training runs in float32 instead of bfloat16
EVERY = 500  # steps from checkpoint to checkpoint, and of a row of the log


class Recipe(NamedTuple):
    """What a training run is made of, beside its length. Rates: Adam's, at their height."""

    crop: int = CROP
    batch: int = BATCH
    warm_up: int = 200  # steps
    networks: float = 2e-3
    prior: float = 2e-3  # the prior's networks
    taps: float = 2e-4  # they start as the DCT: near where they end
    tables: float = 6e-3  # steps and priors without a network start far from it
    half: bool = True  # bfloat16 where it will do, and is faster (half.py)
    soap: float = 0.0  # SOAP's rate for the networks' kernels; 0: Adam takes them too
    steady: float = 0.0  # part of the steps before the rates fall
    distortion: str = "mse"  # or "ms-ssim"


LONG = Recipe(soap=6e-3, steady=0.5)  # a quarter of an hour and more: what is shipped
EYE = LONG._replace(crop=192, batch=4, soap=2e-3, distortion="ms-ssim")  # from trained weights
QUICK = Recipe(crop=64, batch=4, warm_up=50, prior=6e-3, taps=1e-3, half=False)  # a minute


def objective(
    model: Model, x: Tensor, lam: Tensor, distortion: str = "mse"
) -> tuple[Tensor, Tensor, Tensor]:
    """L = R + lam * D of each sample: R in bits per pixel, D mean squared error over RGB.

    With the distortion "ms-ssim" D is UNLIKE * (1 - MS-SSIM); pieces have sides of 161 or more.
    """
    x_hat, bits = model(x, lam)
    R = bits / (x.shape[2] * x.shape[3])
    if distortion == "mse":
        D = ((x_hat - x) ** 2).mean((1, 2, 3))
    else:
        with torch.autocast(x.device.type, enabled=False):  # its variances are small differences
            D = UNLIKE * (1 - ms_ssim(x_hat.float(), x, data_range=255, size_average=False))
    return R + lam * D, R, D


def schedule(step: int, steps: int, recipe: Recipe) -> float:
    """Part of the learning rate at a step: warm-up, steady, then half a cosine down to zero."""
    fallen = max(0.0, (step - recipe.steady * steps) / (steps - recipe.steady * steps))
    return min(1.0, (step + 1) / recipe.warm_up) * 0.5 * (1 + math.cos(math.pi * fallen))


def rate_of(name: str, parameter: nn.Parameter, recipe: Recipe) -> float:
    """Adam's rate for a parameter. A table is what has one row an octave of lambda."""
    if name.endswith("taps"):
        return recipe.taps
    if parameter.ndim == 2 and len(parameter) == quantize.OCTAVES + 1:
        return recipe.tables
    return recipe.prior if name.startswith("prior") else recipe.networks


def optimizers_of(model: Model, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Adam, each parameter with the rate of its kind; SOAP for kernels where the recipe asks.

    Adam scales each weight's slope on its own. SOAP (Vyas et al. 2024) first turns a kernel's
    slopes so that they hardly depend on one another.
    ValueError where SOAP is asked for and pytorch_optimizer is not installed.
    """
    groups, kernels = {}, []
    for name, parameter in model.named_parameters():
        if recipe.soap and parameter.ndim == 4 and not name.endswith("taps"):
            kernels.append(parameter)
        else:
            groups.setdefault(rate_of(name, parameter, recipe), []).append(parameter)
    adam = torch.optim.Adam([{"params": p, "lr": r, "height": r} for r, p in groups.items()])
    if not kernels:
        return [adam]
    try:
        from pytorch_optimizer import SOAP
    except ImportError as error:
        words = "long trainings use its SOAP: pip install 'pytorch-optimizer>=4,<5'"
        raise ValueError(f"pytorch_optimizer is not installed; {words}") from error
    group = {"params": kernels, "lr": recipe.soap, "height": recipe.soap}
    return [adam, SOAP([group], betas=(0.95, 0.95), weight_decay=0.0)]


@torch.no_grad()
def fit_priors(model: Model, pictures: list[np.ndarray]) -> None:
    """Give a factorized prior the mean and width of untrained latents, one lambda an octave."""
    if not isinstance(model.prior, Factorized):
        return
    rng = np.random.default_rng(0)
    for octave in range(quantize.OCTAVES + 1):
        t = torch.full((16,), float(octave))
        model.prior.fit(model.g_a(draw_batch(pictures, rng, 16)) / model.step(t), t)


def begin(model: Model, pictures: list[np.ndarray], start: str | Path | None = None) -> str:
    """Before the first step: what a trained model lends, else a prior that fits the latents.

    start: path of weights. Parts of the same name and shape are taken over; a prior of another
    kind shares some of them or none. Returns in words what was taken over. Raises ValueError where
    no trained number fits, and where one is infinite or no number.
    """
    lent = read_tensors(start) if start else {}
    own = model.state_dict()
    lent = {k: v for k, v in lent.items() if k in own and v.shape == own[k].shape}
    names = [name for name, _ in model.named_parameters()]
    if start and not lent.keys() & names:
        raise ValueError(f"{start}: nothing in it fits a model with the prior {model.kind!r}")
    check_numbers(lent, start or "")
    model.load_state_dict(own | lent | {"shift": own["shift"]})
    if len(lent) < len(own):
        fit_priors(model, pictures)
    return share(lent, names) if start else ""


def share(lent: Collection[str], names: list[str]) -> str:
    """How many of a model's parameters, by name, are among those lent: "g_a 19 of 19, ..."."""
    parts = [name.partition(".")[0] for name in names]
    taken = [name.partition(".")[0] for name in names if name in lent]
    return ", ".join(f"{p} {taken.count(p)} of {parts.count(p)}" for p in dict.fromkeys(parts))


def train(
    model: Model,
    pictures: list[np.ndarray],
    steps: int,
    recipe: Recipe = LONG,
    *,
    lam: float | None = None,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: str | Path | None = None,
    every: int = EVERY,
    diary: Diary | None = None,
) -> Iterator[tuple[int, float, float, float]]:
    """Train in place. Yields (step, L, R, D), averages of a batch, after every step.

    lam: the only lambda to train for, else all of the slider's. checkpoint: path of a safetensors
    file, written every `every` steps and after the last, and read if it is there; ValueError if it
    is of another training. diary: says what this one is of, and is written as it goes.
    """
    model.to(device, memory_format=torch.channels_last).train()
    thaw(model)
    optimizers, start = optimizers_of(model, recipe), 0
    if diary is None:
        options = {"steps": steps, "seed": seed, "lam": lam}
        diary = Diary(facts(model, pictures, recipe, **options) if checkpoint else {})
    if checkpoint and os.path.exists(checkpoint):
        start = restore(model, optimizers, checkpoint, diary)
    before = time.monotonic() - diary.seconds
    rank, network = 0, model
    if distributed.is_initialized():  # several processes, each with a batch of its own
        rank, network = distributed.get_rank(), DistributedDataParallel(model)
    for step in range(start, steps):
        rng = np.random.default_rng((seed, step, rank))
        torch.manual_seed(hash((seed, step, rank)))
        x = draw_batch(pictures, rng, recipe.batch, recipe.crop).to(device)
        lams = draw_lambdas(rng, recipe.batch) if lam is None else torch.full((recipe.batch,), lam)
        lams = lams.to(device)
        with half.autocast(device, recipe.half and step < (1 - FULL_PRECISION) * steps):
            L, R, D = objective(network, x, lams, recipe.distortion)
        # L grows about as lambda ** 0.45: the weight lets every octave be heard
        (L * (lams / 0.01) ** -0.45).mean().backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["height"] * schedule(step, steps, recipe)
            if norm.isfinite():  # MS-SSIM has no slope where two pieces have nothing in common
                optimizer.step()
            optimizer.zero_grad()
        diary.losses.append((L.mean().item(), R.mean().item(), D.mean().item()))
        diary.seconds = time.monotonic() - before
        if not np.isfinite(diary.losses[-1]).all():
            raise ValueError(f"the training went astray: step {step + 1} has no finite loss")
        if checkpoint and rank == 0 and ((step + 1) % every == 0 or step + 1 == steps):
            keep(model, optimizers, step + 1, checkpoint, diary)
        yield step, *diary.losses[-1]


def thaw(model: Model) -> None:
    """A model that was made ready for files, all of it frozen, can be trained again."""
    if not any(parameter.requires_grad for parameter in model.parameters()):
        model.requires_grad_(True)
        if isinstance(model.prior, Fixed):
            model.prior.requires_grad_(False)
