"""Train a learned codec: one loop, L = R + lam * D.

    python -m lic_teach.learned.train PHOTOS OUT.safetensors --prior factorized --steps 20000

PHOTOS is any folder of photographs. Each sample of a batch draws its own lambda, so that one
model serves the whole slider. The rate is that of noisy latents; the decoder sees latents rounded
straight-through, as in files. An interrupted training goes on from OUT.checkpoint.safetensors.

Unlike jpeg/optimize.py, which chooses numbers for a fixed machine, this changes the machine.
Lesson 14. Balle et al. 2017, eq. 10.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from lic_teach.learned import quantize
from lic_teach.learned.codec import analyse, estimate, reconstruct
from lic_teach.learned.model import PRIORS, Model, prepare, save
from lic_teach.learned.prior import Factorized
from lic_teach.metrics import mse

CROP, BATCH = 128, 8
RATE = 2e-3  # Adam's learning rate for networks, at its height
RATE_TAPS = 2e-4  # for the taps, which start as the DCT: near where they end
RATE_TABLES = 6e-3  # for steps and priors without a network, which start far from it
CLIP = 1.0
FULL_PRECISION = 0.07  # the last part of training runs in float32 instead of bfloat16


def photographs(folder, crop=CROP):
    """All pictures of a folder at least `crop` wide and high: list of uint8 (H, W, 3)."""
    pictures = []
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"):
            picture = np.asarray(Image.open(path).convert("RGB"))
            if min(picture.shape[:2]) >= crop:
                pictures.append(picture)
    if not pictures:
        raise ValueError(f"no photograph of at least {crop}x{crop} pixels in {folder}")
    return pictures


def draw_batch(pictures, rng, count=BATCH, crop=CROP):
    """Random pieces, mirrored and turned: float32 (count, 3, crop, crop), 0..255."""
    pieces = []
    for picture in (pictures[i] for i in rng.integers(len(pictures), size=count)):
        row = rng.integers(picture.shape[0] - crop + 1)
        column = rng.integers(picture.shape[1] - crop + 1)
        piece = picture[row : row + crop, column : column + crop]
        pieces.append(np.rot90(piece, rng.integers(4))[:: rng.choice((1, -1))])
    return torch.from_numpy(np.stack(pieces)).permute(0, 3, 1, 2).float()


def draw_lambdas(rng, count=BATCH):
    """Lambdas spread evenly over the octaves of the slider: float32 (count,)."""
    octaves = rng.uniform(0, quantize.OCTAVES, count)
    return torch.tensor(quantize.LAM_MIN * 2.0**octaves, dtype=torch.float32)


def objective(model, x, lam):
    """L = R + lam * D of each sample: R in bits per pixel, D mean squared error over RGB."""
    x_hat, bits = model(x, lam)
    R = bits / (x.shape[2] * x.shape[3])
    D = ((x_hat - x) ** 2).mean((1, 2, 3))
    return R + lam * D, R, D


def schedule(step, steps):
    """Part of the learning rate at a step: warm-up, then half a cosine down to zero."""
    return min(1.0, (step + 1) / 200) * 0.5 * (1 + np.cos(np.pi * step / steps))


def optimizer_of(model):
    """Adam with three learning rates. A table is what has one row an octave of lambda."""
    groups = {RATE: [], RATE_TAPS: [], RATE_TABLES: []}
    for name, parameter in model.named_parameters():
        is_table = parameter.ndim == 2 and len(parameter) == quantize.OCTAVES + 1
        rate = RATE_TAPS if name.endswith("taps") else RATE_TABLES if is_table else RATE
        groups[rate].append(parameter)
    return torch.optim.Adam([{"params": p, "lr": r, "height": r} for r, p in groups.items()])


@torch.no_grad()
def fit_priors(model, pictures):
    """Give a factorized prior the mean and width of untrained latents, one lambda an octave."""
    rng = np.random.default_rng(0)
    for octave in range(quantize.OCTAVES + 1):
        t = torch.full((16,), float(octave))
        y = model.g_a(draw_batch(pictures, rng, 16)) / model.step(t)
        if isinstance(model.prior, Factorized):
            model.prior.fit(y, t)


def begin(model, pictures, start=None):
    """Before the first step: what a trained model lends, else a prior that fits the latents.

    start: path of weights. Parts of the same name and shape are taken over; a prior of another
    kind shares some of them or none.
    """
    lent = load_file(start) if start else {}
    own = model.state_dict()
    lent = {k: v for k, v in lent.items() if k in own and v.shape == own[k].shape}
    model.load_state_dict(own | lent | {"shift": own["shift"]})
    if len(lent) < len(own):
        fit_priors(model, pictures)


def train(
    model,
    pictures,
    steps,
    seed=0,
    device="cpu",
    checkpoint=None,
    every=500,
    crop=CROP,
    batch=BATCH,
    rate=1.0,
):
    """Train in place. Yields (step, L, R, D), averages of a batch, after every step.

    checkpoint: path of a safetensors file, written every `every` steps and read if it is there.
    rate: part of the learning rates above, for a model that is trained already.
    """
    model.to(device, memory_format=torch.channels_last).train()
    optimizer, start = optimizer_of(model), 0
    if checkpoint and os.path.exists(checkpoint):
        start = restore(model, optimizer, checkpoint)
    rank, network = 0, model
    if distributed.is_initialized():  # several processes, each with a batch of its own
        rank, network = distributed.get_rank(), DistributedDataParallel(model)
    for step in range(start, steps):
        rng = np.random.default_rng((seed, step, rank))
        torch.manual_seed(hash((seed, step, rank)))
        x = draw_batch(pictures, rng, batch, crop).to(device)
        lam = draw_lambdas(rng, batch).to(device)
        half = step < (1 - FULL_PRECISION) * steps
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half):
            L, R, D = objective(network, x, lam)
        # small lambdas have small losses: the weight lets every octave be heard
        (L * (lam / 0.01) ** -0.4).mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["height"] * schedule(step, steps)
        optimizer.step()
        optimizer.zero_grad()
        if checkpoint and rank == 0 and (step + 1) % every == 0:
            keep(model, optimizer, step + 1, checkpoint)
        yield step, L.mean().item(), R.mean().item(), D.mean().item()


def keep(model, optimizer, step, path):
    """Write weights, Adam's averages and the step, so that training can go on from here."""
    state = {f"model.{k}": v.contiguous() for k, v in model.state_dict().items()}
    for i, average in optimizer.state_dict()["state"].items():
        state |= {f"adam.{i}.{k}": v.contiguous() for k, v in average.items()}
    save_file(state | {"step": torch.tensor(step)}, f"{path}.tmp")
    os.replace(f"{path}.tmp", path)


def restore(model, optimizer, path):
    """Undo keep. Returns the step to go on with."""
    state = load_file(path)
    model.load_state_dict({k[6:]: v for k, v in state.items() if k.startswith("model.")})
    averages = {}
    for key, value in state.items():
        if key.startswith("adam."):
            _, i, name = key.split(".")
            averages.setdefault(int(i), {})[name] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": averages})
    return int(state["step"])


def calibrate(model, pictures):
    """Measure which lambda each place of the trained tables stands for, and set model.shift.

    Files at neighbouring places, a quarter of an octave apart, averaged over the pictures: their
    slope -dR/dD is the lambda at which the place between them is the best choice. The shift is
    the straight line through what was found, on a grid on which sums are exact.
    """
    model = prepare(model)
    model.shift.zero_()
    places, points = np.arange(0, quantize.OCTAVES + 0.1, 0.5), []
    for place in places:
        lam, rates, errors = quantize.LAM_MIN * 2.0**place, [], []
        for picture in pictures:
            y = analyse(picture, model)
            size = picture.shape[:2]
            rates.append(estimate(y, model, lam) / (size[0] * size[1]))
            errors.append(mse(picture, reconstruct(y, size, model, lam)))
        points.append((np.mean(rates), np.mean(errors)))
        print(f"lambda {lam:.5f}: {points[-1][0]:.4f} bpp, MSE {points[-1][1]:.2f}")
    slopes = -np.diff([R for R, _ in points]) / np.diff([D for _, D in points])
    found = np.log2(slopes / quantize.LAM_MIN)  # the place's true lambda, in octaves
    line = np.polyfit(found, (places[:-1] + places[1:]) / 2 - found, 1)
    shift = np.polyval(line, np.arange(quantize.OCTAVES + 1))
    model.shift.copy_(torch.from_numpy(np.round(shift * 1024) / 1024))


def arguments():
    parser = argparse.ArgumentParser(description="Train a learned codec on a folder of photographs")
    parser.add_argument("photos")
    parser.add_argument("out")
    parser.add_argument("--prior", default="factorized", choices=sorted(PRIORS))
    parser.add_argument("--start", help="weights to start from, of this or another prior")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--crop", type=int, default=CROP, help="pixels of a sample, a side")
    parser.add_argument("--batch", type=int, default=BATCH, help="samples for a step")
    parser.add_argument("--rate", type=float, default=1.0, help="factor of all learning rates")
    parser.add_argument("--valid", help="folder of photographs on which lambda is calibrated")
    parser.add_argument("--threads", type=int, default=1, help="more are slower on busy machines")
    return parser.parse_args()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if "RANK" in os.environ:  # started by torchrun
        distributed.init_process_group("nccl" if device == "cuda" else "gloo")
        device = f"cuda:{os.environ['LOCAL_RANK']}" if device == "cuda" else device
    first = not distributed.is_initialized() or distributed.get_rank() == 0
    model, pictures = Model(args.prior), photographs(args.photos, args.crop)
    begin(model, pictures, args.start)
    checkpoint = args.out.removesuffix(".safetensors") + ".checkpoint.safetensors"
    began, history, recent = time.time(), [], []
    bar = tqdm(total=args.steps, mininterval=5, disable=not first)
    options = {"crop": args.crop, "batch": args.batch, "rate": args.rate}
    run = train(model, pictures, args.steps, args.seed, device, checkpoint, **options)
    for step, *values in run:
        bar.update(step + 1 - bar.n)
        recent.append(values)
        if (step + 1) % 500 == 0:
            history.append([step + 1, *np.mean(recent, 0).round(4).tolist()])
            recent.clear()
            bar.set_postfix_str("L {1:.3f} R {2:.3f} D {3:.1f}".format(*history[-1]))
    if not first:
        return
    model = model.cpu()
    log = {"steps": args.steps, "seed": args.seed, "start": Path(args.start or "").name} | options
    log["minutes"] = round((time.time() - began) / 60)
    if args.valid:
        calibrate(model, photographs(args.valid))
    save(model, args.out, log | {"step, L, R, D": history})


if __name__ == "__main__":
    main()
