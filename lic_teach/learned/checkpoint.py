"""Where a training stands, and what it is a training of: interrupted, the same command goes on.

    model, optimizer, step, diary --keep--> OUT.checkpoint.safetensors --restore--> step

The file is known by what is in it. What would make another training of it, other photographs or
options or code, is refused in words; what changes nothing but the last digits (threads, device)
is not in it. JPEG needs no such file: its tables are learned in minutes. For train.py.
"""

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import distributed
from torch.optim import Optimizer

from lic_teach.images import write_atomic

from .batches import digest
from .container import identity
from .model import Model

Facts = dict[str, str | int | float | bool | None]
CODE = "batches entropy exact hyperprior model prior quantize train transform"  # of every step
ANEW = "take it away to begin anew"


@dataclass
class Diary:
    """What a training is of, and what has been so far: for the checkpoint, and then for its log."""

    facts: Facts = field(default_factory=dict)
    losses: list[tuple[float, float, float]] = field(default_factory=list)  # L, R, D of each step
    seconds: float = 0.0

    def rows(self, every: int = 500) -> list[list[float]]:
        """[step, L, R, D], means of every so many steps, the last one of what is left."""
        found = []
        for first in range(0, len(self.losses), every):
            part = self.losses[first : first + every]
            found.append([first + len(part), *np.mean(part, 0).round(4).tolist()])
        return found


def facts(model: Model, pictures: list[np.ndarray], recipe: NamedTuple, **options) -> Facts:
    """What a training is a training of: whatever its weights depend on, by content.

    options: by the names they have on the command line.
    """
    photographs = hashlib.sha256("".join(map(digest, pictures)).encode()).hexdigest()
    here = Path(__file__).parent
    code = b"".join((here / f"{name}.py").read_bytes() for name in CODE.split())
    found = {"--prior": model.kind} | {f"--{name}": value for name, value in options.items()}
    found["photographs"] = f"{len(pictures)} of digest {photographs[:12]}"
    found["processes"] = distributed.get_world_size() if distributed.is_initialized() else 1
    found["code of lic_teach/learned"] = f"of digest {hashlib.sha256(code).hexdigest()[:12]}"
    return found | recipe._asdict()


def keep(
    model: Model,
    optimizers: list[Optimizer],
    step: int,
    path: str | Path,
    diary: Diary | None = None,
) -> None:
    """Write weights, what the optimizers remember, the step and the diary: training can go on."""
    diary = Diary() if diary is None else diary
    state = {f"model.{k}": v.contiguous() for k, v in model.state_dict().items()}
    memory = io.BytesIO()
    torch.save([optimizer.state_dict() for optimizer in optimizers], memory)
    state["optimizers"] = torch.frombuffer(memory.getbuffer(), dtype=torch.uint8)
    state["losses"] = torch.tensor(diary.losses, dtype=torch.float64).reshape(-1, 3)
    state["seconds"] = torch.tensor(diary.seconds, dtype=torch.float64)
    state["step"] = torch.tensor(step)
    words = {"facts": json.dumps(diary.facts), "digest": identity(state).hex()}
    write_atomic(path, save(state, words))


def check(path: str | Path, facts: Facts) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint of the training of these facts.

    Raises ValueError, which says what differs, for one of another training, or a damaged one.
    """
    try:
        with safe_open(path, "pt") as file:
            words = file.metadata() or {}
            kept = json.loads(words.get("facts", "null"))
            state = {key: file.get_tensor(key) for key in file.keys()}
    except (SafetensorError, ValueError) as error:
        raise ValueError(
            f"{path}: no safetensors file, or a damaged one ({error}): {ANEW}"
        ) from error
    if not isinstance(kept, dict):
        raise ValueError(f"{path} does not say what it is a training of: {ANEW}")
    if words.get("digest") != identity(state).hex():
        raise ValueError(f"{path} is damaged: {ANEW}")
    names = [name for name in {**kept, **facts} if kept.get(name) != facts.get(name)]
    if names:
        was, now = (
            ", ".join(f"{n} {told(found.get(n))}" for n in names) for found in (kept, facts)
        )
        words = f"with {was}, and this one has {now}"
        raise ValueError(f"{path} is of another training: {words}: {ANEW}, or give what it had")
    return state


def told(value: str | int | float | bool | None) -> str:
    """A fact's value in words: "none" of what was not given, or was not known."""
    return "none" if value is None else str(value)


def restore(
    model: Model, optimizers: list[Optimizer], path: str | Path, diary: Diary | None = None
) -> int:
    """Undo keep, into model, optimizers and diary. Returns the step to go on with.

    Raises ValueError for a checkpoint of another training than diary.facts say, or a damaged one.
    """
    diary = Diary() if diary is None else diary
    state = check(path, diary.facts)
    try:
        model.load_state_dict({k[6:]: v for k, v in state.items() if k.startswith("model.")})
    except RuntimeError as error:
        raise ValueError(
            f"{path} is of another training: its weights do not fit: {ANEW}"
        ) from error
    memory = io.BytesIO(state["optimizers"].numpy().tobytes())
    for optimizer, own in zip(optimizers, torch.load(memory, weights_only=True), strict=True):
        optimizer.load_state_dict(own)
    diary.losses[:] = map(tuple, state["losses"].tolist())
    diary.seconds = state["seconds"].item()
    return int(state["step"])
