"""Train the network that repairs .jpg files: `python -m tools.repair PHOTOS [PHOTOS ...]`.

Writes data/only_the_decoder.safetensors after about half an hour on one core, and between times.
PHOTOS are folders of photographs. A pool of files is kept, of random qualities and every fifth by
JPEG for a lambda; every few steps a new file takes an old one's place. What is written is the mean
of the last weights, in half precision.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from lic_teach import images, jpeg
from lic_teach.course.only_the_decoder import repair, training

POOL, RENEW = 600, 8  # pairs; steps from one new pair to the next
BY_LAMBDA = 0.2  # part of the files
KEEP = 0.995  # of the mean of weights, a step


def new_pair(paths: list, rng: np.random.Generator) -> training.Pair:
    """A photograph, sometimes at half its size, and a file of it."""
    x = images.load(paths[rng.integers(len(paths))])
    if rng.random() < 0.3:
        x = training.smaller(x, 0.5)
    if rng.random() < BY_LAMBDA:
        data = jpeg.encode(x, lam=4e-4 * 2 ** rng.uniform(0, 8), fast=True)
    else:
        data = training.jpg(x, int(rng.integers(8, 96)))
    return training.Pair(x, *repair.painted(data))


class Muon(torch.optim.Optimizer):
    """Momentum whose step has all directions equally long (K. Jordan and others, 2024).

    For the kernels of convolutions, each as a matrix (outputs, inputs * 9).
    """

    def __init__(self, parameters, rate: float):
        super().__init__(parameters, {"lr": rate})

    @torch.no_grad()
    def step(self):
        """Like Adam's in size: 0.2 times the root of the longer side."""
        for group in self.param_groups:
            for p in group["params"]:
                memory = self.state[p].setdefault("memory", torch.zeros_like(p))
                memory.lerp_(p.grad, 0.05)
                u = orthogonal(p.grad.lerp(memory, 0.95).flatten(1))
                p.sub_(u.view(p.shape), alpha=group["lr"] * 0.2 * max(u.shape) ** 0.5)


def orthogonal(u: torch.Tensor) -> torch.Tensor:
    """The nearest matrix whose singular values are about 1, by five steps of Newton and Schulz."""
    u = u / (u.norm() + 1e-7)
    for _ in range(5):
        square = u @ u.T
        u = 3.4445 * u + (2.0315 * square @ square - 4.7750 * square) @ u
    return u


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="+")
    parser.add_argument("--out", default=str(repair.FILE))
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--start", help="go on from these weights")
    parser.add_argument("--pool", type=int, default=POOL)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    paths = [p for folder in given.photos for p in images.members(Path(folder))]
    pool = [new_pair(paths, rng) for _ in range(given.pool)]
    net = repair.Repair().to(memory_format=torch.channels_last)
    if given.start:
        net.load_state_dict({name: w.float() for name, w in load_file(given.start).items()})
    mean = copy.deepcopy(net)
    kernels = [p for p in net.parameters() if p.ndim == 4]
    others = [p for p in net.parameters() if p.ndim != 4]
    optimizers = Muon(kernels, given.rate), torch.optim.Adam(others, given.rate)
    begun, losses = time.process_time(), []
    for step in range(given.steps):
        found = training.loss(net, *training.batch(pool, rng))
        net.zero_grad()
        found.backward()
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = training.rate_at(step, given.steps, given.rate)
            optimizer.step()
        losses.append(found.item())
        for kept, now in zip(mean.parameters(), net.parameters(), strict=True):
            kept.data.lerp_(now.data, 1 - min(KEEP, step / (step + 10)))
        if step % RENEW == 0:
            pool[rng.integers(len(pool))] = new_pair(paths, rng)
        if (step + 1) % 500 == 0:
            seconds = time.process_time() - begun
            print(f"{step + 1}: loss {np.mean(losses[-500:]):.4f}, {seconds:.0f} s", flush=True)
            write(mean, given.out, step + 1)


def write(net: repair.Repair, path: str, steps: int) -> None:
    """The weights in half precision, and how they came to be."""
    weights = {name: w.detach().half().contiguous() for name, w in net.state_dict().items()}
    save_file(weights, path, {"made by": f"python -m tools.repair, {steps} steps"})


if __name__ == "__main__":
    main()
