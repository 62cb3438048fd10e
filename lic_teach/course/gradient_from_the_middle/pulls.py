"""What R pulls at and what D pulls at: the two gradients of a codec, part by part.

    model, x --losses--> R, D --gradients--> dR, dD of each parameter --grams--> rr, rd, dd
    rr, rd, dd + lambda --pull--> |dR|, lambda |dD|, |dR + lambda dD|, the angle between

Real gradients, by autograd, of the shipped codec or of one before its first step, both set to
LAM. The gradient of L = R + lambda D is linear in lambda: of the two gradients of a part three
scalar products are enough for the length of their sum at any lambda. That lambda is the loss's;
the codec stays where it is.
"""

import math
from functools import cache
from typing import NamedTuple

import torch

from lic_teach import learned
from lic_teach.learned import quantize
from lic_teach.learned.model import Model

LAM = 1e-2  # where the codec works
BOTH, ONLY_R, ONLY_D = "R + λ·D", "R", "λ·D"
TRAINED, UNTRAINED = "trained", "untrained"
NOTHING, TO_PRIOR, TO_DECODER = CUTS = "nothing", "the way to the prior", "the way to g_s"
PARTS = {  # a part's name here -> how the names of its parameters begin
    "g_a": "g_a",
    "steps": "log_step",
    "prior": "prior",
    "g_s": "g_s",
}


class Gram(NamedTuple):
    """Scalar products of a part's two gradients. rr or dd is None where there is no gradient."""

    rr: float | None
    rd: float
    dd: float | None


class Pull(NamedTuple):
    """One part at one lambda: lengths of its gradients, None where there is none."""

    r: float | None
    d: float | None  # of lambda D
    total: float | None
    cosine: float | None  # of the angle between the two
    best: float | None  # the lambda at which their sum is shortest


def part_of(parameter: str) -> str:
    """Name of a parameter of the codec -> the part that it belongs to.

    >>> part_of("prior.z.mean"), part_of("log_step")
    ('prior', 'steps')
    """
    (part,) = (part for part, start in PARTS.items() if parameter.startswith(start))
    return part


def to_tensor(image) -> torch.Tensor:
    """uint8 (H, W, 3) -> float32 (1, 3, H, W), 0..255."""
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()


@cache
def codec(kind: str) -> Model:
    """TRAINED or UNTRAINED -> a Model whose parameters want gradients."""
    if kind == TRAINED:
        return learned.load().requires_grad_(True).train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Model("context").train()


def losses(
    model: Model, x: torch.Tensor, lam: float = LAM, cut: str = NOTHING, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """R in bpp and D of a piece x, float (1, 3, H, W), 0..255: train.objective, cut somewhere.

    TO_PRIOR: the prior gets a copy of the latents that no gradient passes; TO_DECODER: g_s does.
    """
    t = quantize.position(torch.tensor([lam]))
    step = model.step(t)
    y = model.g_a(x) / step
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rate, y_hat = model.prior(y.detach() if cut == TO_PRIOR else y, t)
    if cut == TO_PRIOR:  # the value that straight_through gave, with a way back to y
        y_hat = y + (y_hat - y).detach()
    x_hat = model.g_s(y_hat.detach() if cut == TO_DECODER else y_hat, step)
    return rate.sum() / (x.shape[2] * x.shape[3]), ((x_hat - x) ** 2).mean()


def gradients(
    model: Model, x: torch.Tensor, lam: float = LAM, cut: str = NOTHING, seed: int = 0
) -> dict:
    """Gradients of R and of D by parameter: {name: (tensor or None, tensor or None)}."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = (
        torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        for loss in losses(model, x, lam, cut, seed)
    )
    return dict(zip(names, zip(*found, strict=True), strict=True))


def grams(found: dict) -> dict[str, Gram]:
    """What gradients returned -> {part: Gram}."""
    parts = dict.fromkeys(PARTS, Gram(None, 0.0, None))
    for name, pair in found.items():
        parts[part_of(name)] = join(parts[part_of(name)], gram(*pair))
    return parts


def gram(r: torch.Tensor | None, d: torch.Tensor | None) -> Gram:
    """Gradients of R and of D of one parameter, None where there is none -> Gram."""
    return Gram(*(_dot(a, b) for a, b in ((r, r), (r, d), (d, d))))


def _dot(a, b):
    """None where one of the two is."""
    return None if a is None or b is None else torch.sum(a.double() * b.double()).item()


def join(one: Gram, other: Gram) -> Gram:
    """The Gram of two lists of parameters taken as one."""

    def add(a, b):
        return b if a is None else a if b is None else a + b

    return Gram(*map(add, one, other))._replace(rd=(one.rd or 0.0) + (other.rd or 0.0))


def pull(gram: Gram, lam: float, loss: str = BOTH) -> Pull:
    """Lengths at this lambda of a layer's gradients, of those that the loss has."""
    rr, dd = gram.rr if loss != ONLY_D else None, gram.dd if loss != ONLY_R else None
    r, d = (None if s is None else math.sqrt(s) for s in (rr, dd))
    if r is None or d is None:
        d = None if d is None else lam * d
        return Pull(r, d, d if r is None else r, None, None)
    total = math.sqrt(max(rr + 2 * lam * gram.rd + lam**2 * dd, 0.0))
    if not r * d:
        return Pull(r, lam * d, total, None, None)
    best = -gram.rd / dd
    return Pull(r, lam * d, total, gram.rd / (r * d), best if best > 0 else None)
