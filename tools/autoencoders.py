"""Train the autoencoders of 8 x 8 patches, all sizes: `python -m tools.autoencoders`, a minute."""

import torch
from safetensors.torch import save_file

from lic_teach import images
from lic_teach.course.autoencoder.autoencoders import (
    SIZES,
    WEIGHTS,
    linear,
    many,
    psnr,
    seen,
    to_patches,
    train,
)
from lic_teach.jpeg import color

if __name__ == "__main__":
    torch.set_num_threads(1)
    weights, patches = {}, many()
    unseen = to_patches(color.luma(images.sample("coffee"))).reshape(-1, 64)
    for size in SIZES:
        trained = train(size, patches, steps=6000)
        figures = [psnr(model, p) for p in (seen(), unseen) for model in (linear(size), trained)]
        print(size, "seen: PCA {:.2f}, trained {:.2f}; coffee: {:.2f}, {:.2f}".format(*figures))
        weights |= {f"{size}.{n}": w.half().contiguous() for n, w in trained.state_dict().items()}
    save_file(weights, WEIGHTS, {"made by": "python -m tools.autoencoders"})
