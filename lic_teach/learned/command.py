"""`lic-teach train`: what stands around a training, so that nobody's hours are lost.

    PHOTOS, VALID --look, refuse--> train --> OUT.safetensors, OUT.json --calibrate--> again

What is needed at the end is looked at before the first step; weights are written before lambda is
calibrated. An interrupted training goes on from OUT.checkpoint.safetensors, which is taken away
when all is written. torchrun starts it as `-m lic_teach.cli train`, one process a device.
JPEG's tables take minutes, and no such care. Lesson learned_codec.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import distributed
from tqdm import tqdm

from lic_teach.images import write_atomic

from . import quantize
from .batches import CROP, digest, look_through
from .calibrate import calibrate
from .checkpoint import Diary, Facts, check, facts
from .model import Model, save
from .train import EVERY, EYE, LONG, begin, train


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
    force: bool = False,
    distortion: str = "mse",
) -> None:
    """From a folder of photographs to a file of weights, and its log: as `lic-teach train` says."""
    if lam is not None:
        quantize.to_code(lam)  # is it in the range?
    if valid and distortion != "mse":
        raise ValueError(
            "lambda is calibrated by squared error: no --valid with another distortion"
        )
    out, log, checkpoint = places(out, force)
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    device, first = this_process()
    recipe = EYE if distortion == "ms-ssim" else LONG
    pictures, others = gathered(photos, first, recipe.crop), to_calibrate_on(valid, first)
    model, options = Model(prior), {"steps": steps, "seed": seed, "lam": lam}
    taken = begin(model, pictures, start)
    if start and first:
        print(f"taken over from {start}: {taken}")
    digest = start and hashlib.sha256(Path(start).read_bytes()).hexdigest()[:12]
    diary = Diary(facts(model, pictures, recipe, **options, start=digest))
    if first:
        make_way(checkpoint, diary.facts, force)
    if distributed.is_initialized():  # nobody reads the checkpoint before
        distributed.all_reduce(torch.zeros(1, device=device))
    kept = {"checkpoint": checkpoint, "every": EVERY, "diary": diary}
    moves = train(model, pictures, recipe=recipe, device=device, **options, **kept)
    watch(moves, steps, diary, silent=not first)
    if first:
        about = {"prior": prior, "start": Path(start or "").name, "taken over": taken}
        about |= {"distortion": distortion} | options | {"photographs": len(pictures)}
        finish(model.cpu(), (out, log), about, diary, others)
        checkpoint.unlink(missing_ok=True)


def places(out: Path, force: bool) -> list[Path]:
    """OUT, its log and its checkpoint. ValueError or OSError for what cannot be written, or may
    not be overwritten."""
    if Path(out).suffix != ".safetensors":
        raise ValueError(f"{out}: the name must end in .safetensors")
    suffixes = ".safetensors", ".json", ".checkpoint.safetensors"
    found = [Path(out).with_suffix(suffix) for suffix in suffixes]
    for path in found:
        folder = Path(os.path.realpath(path)).parent
        if path.exists() and not path.is_file():
            raise ValueError(f"{path} is no file that can be written: choose another name")
        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
        if path.exists() and not force and path != found[2]:
            raise ValueError(f"{path} exists: --force overwrites it")
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
    return found


def gathered(folder: Path, first: bool, crop: int = CROP) -> list[np.ndarray]:
    """The photographs of a folder, in the order of their digests: a training depends on what they
    show, not on their names. The first process says how many there are, and what is left out."""
    side = max(crop, CROP)
    pictures, left = look_through(folder, side)
    if first:
        print(f"{folder}: photographs of at least {side}x{side} pixels: {len(pictures)}")
    if first and left:
        names = ", ".join(left[:20]) + (", ..." if len(left) > 20 else "")
        print(f"{folder}: left out: {len(left)}: {names}")
    return sorted(pictures.values(), key=digest)


def to_calibrate_on(folder: Path | None, first: bool) -> list[np.ndarray]:
    """The photographs of --valid; ValueError where there is nothing to see on any."""
    pictures = gathered(folder, first) if folder else []
    if pictures and not any((picture != picture[0, 0]).any() for picture in pictures):
        raise ValueError(f"{folder}: each picture is of one colour: no lambda shows on them")
    return pictures


def make_way(checkpoint: Path, facts: Facts, force: bool) -> None:
    """See that a checkpoint is of this training; by force put another one aside, and say so."""
    if not checkpoint.exists():
        return
    try:
        check(checkpoint, facts)
        print(f"{checkpoint}: the training goes on from there")
    except ValueError as error:
        if not force:
            raise
        aside = checkpoint.with_suffix(".old")
        checkpoint.replace(aside)
        print(f"{error}. By --force it begins anew, and the checkpoint is now {aside}")


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


def watch(
    run: Iterator[tuple[int, float, float, float]], steps: int, diary: Diary, silent: bool
) -> None:
    """Run a training with a progress bar."""
    with tqdm(total=steps, mininterval=5, disable=silent) as bar:
        for step, *_ in run:
            bar.update(step + 1 - bar.n)
            if (step + 1) % EVERY == 0:
                bar.set_postfix_str("L {1:.3f} R {2:.3f} D {3:.1f}".format(*diary.rows(EVERY)[-1]))
        bar.update(steps - bar.n)  # of a training that was at its end before


def finish(
    model: Model, paths: tuple[Path, Path], about: dict, diary: Diary, valid: list[np.ndarray]
) -> None:
    """Write weights and log: as they are, since calibrating can fail, and calibrated."""
    write(model, paths, about | {"calibrated on": 0}, diary)
    if not valid:
        return
    try:
        calibrate(model, valid)
    except ValueError as error:
        words = "The same command with --force and another --valid takes no step more"
        raise ValueError(
            f"{paths[0]} is written, but lambda is not calibrated: {error}. {words}"
        ) from error
    write(model, paths, about | {"calibrated on": len(valid)}, diary)


def write(model: Model, paths: tuple[Path, Path], about: dict, diary: Diary) -> None:
    """OUT, and its log: what the training was about, then the course of the losses."""
    save(model, paths[0])
    rows = ",\n".join(map(json.dumps, diary.rows(EVERY)))
    text = json.dumps(about | {"minutes": round(diary.seconds / 60)})
    write_atomic(paths[1], f'{text[:-1]}, "step, L, R, D": [\n{rows}]}}\n'.encode())
