"""Where a training stands, in a file: interrupted, the same command goes on from it.

    model, optimizer, step --keep--> OUT.checkpoint.safetensors --restore--> step

JPEG needs no such file: its tables are learned in minutes. For train.py.
"""

import os
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.optim import Optimizer

from lic_teach.learned.model import Model


def keep(model: Model, optimizer: Optimizer, step: int, path: str | Path) -> None:
    """Write weights, Adam's averages and the step, so that training can go on from here."""
    state = {f"model.{k}": v.contiguous() for k, v in model.state_dict().items()}
    for i, average in optimizer.state_dict()["state"].items():
        state |= {f"adam.{i}.{k}": v.contiguous() for k, v in average.items()}
    save_file(state | {"step": torch.tensor(step)}, f"{path}.tmp")
    os.replace(f"{path}.tmp", path)


def restore(model: Model, optimizer: Optimizer, path: str | Path) -> int:
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
