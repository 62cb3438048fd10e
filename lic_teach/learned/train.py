"""Train a learned codec: one loop, L = R + lam * D.

    lic-teach train PHOTOS OUT.safetensors --prior factorized --steps 20000
    torchrun --nproc-per-node 8 -m lic_teach.cli train ...                      on many devices

PHOTOS is any folder of photographs. Each sample of a batch draws its own lambda, so that one
model serves the whole slider. The rate is that of noisy latents; the decoder sees latents rounded
straight-through, as in files. An interrupted training goes on from OUT.checkpoint.safetensors;
a finished one leaves its log in OUT.json.

Unlike jpeg/optimize.py, which chooses numbers for a fixed machine, this changes the machine.
Lesson learned_codec. Balle et al. 2017, section 3.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from lic_teach.images import write_atomic
from lic_teach.learned import quantize
from lic_teach.learned.batches import BATCH, CROP, draw_batch, draw_lambdas, photographs
from lic_teach.learned.calibrate import calibrate
from lic_teach.learned.checkpoint import keep, restore
from lic_teach.learned.model import Model, read_tensors, save
from lic_teach.learned.prior import Factorized

CLIP = 1.0
FULL_PRECISION = 0.07  # the last part of a long training runs in float32 instead of bfloat16


class Recipe(NamedTuple):
    """What a training run is made of, beside its length. Rates: Adam's, at their height."""

    crop: int = CROP
    batch: int = BATCH
    warm_up: int = 200  # steps
    networks: float = 2e-3
    prior: float = 2e-3  # the prior's networks
    taps: float = 2e-4  # they start as the DCT: near where they end
    tables: float = 6e-3  # steps and priors without a network start far from it
    half: bool = True  # bfloat16 where it will do


LONG = Recipe()  # hours: what is shipped
QUICK = Recipe(crop=64, batch=4, warm_up=50, prior=6e-3, taps=1e-3, half=False)  # a minute


def objective(model: Model, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """L = R + lam * D of each sample: R in bits per pixel, D mean squared error over RGB."""
    x_hat, bits = model(x, lam)
    R = bits / (x.shape[2] * x.shape[3])
    D = ((x_hat - x) ** 2).mean((1, 2, 3))
    return R + lam * D, R, D


def schedule(step: int, steps: int, warm_up: int) -> float:
    """Part of the learning rate at a step: warm-up, then half a cosine down to zero."""
    return min(1.0, (step + 1) / warm_up) * 0.5 * (1 + np.cos(np.pi * step / steps))


def rate_of(name: str, parameter: nn.Parameter, recipe: Recipe) -> float:
    """Learning rate of a parameter. A table is what has one row an octave of lambda."""
    if name.endswith("taps"):
        return recipe.taps
    if parameter.ndim == 2 and len(parameter) == quantize.OCTAVES + 1:
        return recipe.tables
    return recipe.prior if name.startswith("prior") else recipe.networks


def optimizer_of(model: Model, recipe: Recipe) -> torch.optim.Optimizer:
    """Adam, each parameter with the rate of its kind."""
    groups = {}
    for name, parameter in model.named_parameters():
        groups.setdefault(rate_of(name, parameter, recipe), []).append(parameter)
    return torch.optim.Adam([{"params": p, "lr": r, "height": r} for r, p in groups.items()])


@torch.no_grad()
def fit_priors(model: Model, pictures: list[np.ndarray]) -> None:
    """Give a factorized prior the mean and width of untrained latents, one lambda an octave."""
    rng = np.random.default_rng(0)
    for octave in range(quantize.OCTAVES + 1):
        t = torch.full((16,), float(octave))
        y = model.g_a(draw_batch(pictures, rng, 16)) / model.step(t)
        if isinstance(model.prior, Factorized):
            model.prior.fit(y, t)


def begin(model: Model, pictures: list[np.ndarray], start: str | Path | None = None) -> None:
    """Before the first step: what a trained model lends, else a prior that fits the latents.

    start: path of weights. Parts of the same name and shape are taken over; a prior of another
    kind shares some of them or none.
    """
    lent = read_tensors(start) if start else {}
    own = model.state_dict()
    lent = {k: v for k, v in lent.items() if k in own and v.shape == own[k].shape}
    model.load_state_dict(own | lent | {"shift": own["shift"]})
    if len(lent) < len(own):
        fit_priors(model, pictures)


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
    every: int = 500,
) -> Iterator[tuple[int, float, float, float]]:
    """Train in place. Yields (step, L, R, D), averages of a batch, after every step.

    lam: the only lambda to train for, else all of the slider's. checkpoint: path of a safetensors
    file, written every `every` steps and read if it is there.
    """
    model.to(device, memory_format=torch.channels_last).train()
    optimizer, start = optimizer_of(model, recipe), 0
    if checkpoint and os.path.exists(checkpoint):
        start = restore(model, optimizer, checkpoint)
    rank, network = 0, model
    if distributed.is_initialized():  # several processes, each with a batch of its own
        rank, network = distributed.get_rank(), DistributedDataParallel(model)
    for step in range(start, steps):
        rng = np.random.default_rng((seed, step, rank))
        torch.manual_seed(hash((seed, step, rank)))
        x = draw_batch(pictures, rng, recipe.batch, recipe.crop).to(device)
        lams = torch.full((recipe.batch,), lam) if lam else draw_lambdas(rng, recipe.batch)
        lams = lams.to(device)
        half = recipe.half and step < (1 - FULL_PRECISION) * steps
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half):
            L, R, D = objective(network, x, lams)
        # small lambdas have small losses: the weight lets every octave be heard
        (L * (lams / 0.01) ** -0.4).mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for group in optimizer.param_groups:
            group["lr"] = group["height"] * schedule(step, steps, recipe.warm_up)
        optimizer.step()
        optimizer.zero_grad()
        if checkpoint and rank == 0 and (step + 1) % every == 0:
            keep(model, optimizer, step + 1, checkpoint)
        yield step, L.mean().item(), R.mean().item(), D.mean().item()


def run(
    photos: Path,
    out: Path,
    prior: str = "factorized",
    steps: int = 20000,
    start: Path | None = None,
    valid: Path | None = None,
    lam: float | None = None,
    seed: int = 0,
    threads: int = 1,
) -> None:
    """From a folder of photographs to a file of weights, and its log: as `lic-teach train` says."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    device, first = this_process()
    model, pictures = Model(prior), photographs(photos)
    begin(model, pictures, start)
    checkpoint = out.with_suffix(".checkpoint.safetensors")
    began, options = time.time(), {"lam": lam, "seed": seed}
    moves = train(model, pictures, steps, device=device, checkpoint=checkpoint, **options)
    history = watch(moves, steps, silent=not first)
    if not first:
        return
    model = model.cpu()
    if valid:
        calibrate(model, photographs(valid))
    save(model, out)
    log = {"prior": prior, "start": start.name if start else "", "steps": steps}
    log |= options | {"minutes": round((time.time() - began) / 60), "step, L, R, D": history}
    text = json.dumps(log).replace(" [", "\n[") + "\n"
    write_atomic(out.with_suffix(".json"), text.encode())


def this_process() -> tuple[str, bool]:
    """The device to train on, and whether this is the first of the processes that share the work.

    torchrun starts one process a device; without it there is one.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if "RANK" not in os.environ:
        return device, True
    distributed.init_process_group("nccl" if device == "cuda" else "gloo")
    device = f"cuda:{os.environ['LOCAL_RANK']}" if device == "cuda" else device
    return device, distributed.get_rank() == 0


def watch(run: Iterator[tuple[int, float, float, float]], steps: int, silent: bool) -> list[list]:
    """Run a training with a progress bar. Returns [step, L, R, D], means of every 500 steps."""
    history, recent = [], []
    bar = tqdm(total=steps, mininterval=5, disable=silent)
    for step, *values in run:
        bar.update(step + 1 - bar.n)
        recent.append(values)
        if (step + 1) % 500 == 0:
            history.append([step + 1, *np.mean(recent, 0).round(4).tolist()])
            recent.clear()
            bar.set_postfix_str("L {1:.3f} R {2:.3f} D {3:.1f}".format(*history[-1]))
    return history
