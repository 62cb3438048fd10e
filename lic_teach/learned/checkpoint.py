"""Where a training stands, in a file: interrupted, the same command goes on from it.

    model, optimizer, step --keep--> OUT.checkpoint.safetensors --restore--> step

JPEG needs no such file: its tables are learned in minutes. For train.py.
"""

from pathlib import Path

import torch
from safetensors.torch import save
from torch.optim import Optimizer

from lic_teach.images import write_atomic
from lic_teach.learned.model import Model, read_tensors


def keep(model: Model, optimizer: Optimizer, step: int, path: str | Path) -> None:
    """Write weights, Adam's averages and the step, so that training can go on from here."""
    state = {f"model.{k}": v.contiguous() for k, v in model.state_dict().items()}
    for i, average in optimizer.state_dict()["state"].items():
        state |= {f"adam.{i}.{k}": v.contiguous() for k, v in average.items()}
    write_atomic(path, save(state | {"step": torch.tensor(step)}))


def restore(model: Model, optimizer: Optimizer, path: str | Path) -> int:
    """Undo keep. Returns the step to go on with; ValueError if another model was kept."""
    state = read_tensors(path)
    try:
        model.load_state_dict({k[6:]: v for k, v in state.items() if k.startswith("model.")})
    except RuntimeError as error:
        raise ValueError(f"{path} is of another training: take it away to begin anew") from error
    averages = {}
    for key, value in state.items():
        if key.startswith("adam."):
            _, i, name = key.split(".")
            averages.setdefault(int(i), {})[name] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": averages})
    return int(state["step"])
