"""The learned codec without its bends: `python -m tools.linear PHOTOS OUT VALID [STEPS]`.

    x --taps--> y --round--> y_hat --taps--> x_hat       the prior, side information and neighbours

Analysis and synthesis stay what they are before training: linear filters, which learn. Everything
else is as in `lic-teach train PHOTOS OUT --prior context --valid VALID`, so that the two differ by
the bends alone. No checkpoint is kept; a quarter of an hour on one core.
"""

import sys

import torch

from lic_teach import images
from lic_teach.learned import checkpoint, command, train
from lic_teach.learned.model import Model

STEPS, SEED = 5000, 11


def linear() -> Model:
    """A model whose blocks add nothing and never will: the last layer of each starts at zero."""
    model = Model("context")
    for part in (model.g_a.blocks, model.g_s.blocks, model.g_s.smooth):
        part.requires_grad_(False)
    return model


if __name__ == "__main__":
    photos, out, valid = sys.argv[1:4]
    steps = int((*sys.argv, STEPS)[4])
    images.try_place(out)  # before the work, not after it
    others = command.to_calibrate_on(valid, first=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    pictures, model = command.gathered(photos, first=True), linear()
    train.begin(model, pictures)
    diary = checkpoint.Diary()
    moves = train.train(model, pictures, steps, seed=SEED, diary=diary)
    command.watch(moves, steps, diary, silent=False)
    about = {"prior": "context", "bends": False, "steps": steps, "seed": SEED}
    paths = out, out.removesuffix(".safetensors") + ".json"
    command.finish(model, paths, about | {"photographs": len(pictures)}, diary, others)
