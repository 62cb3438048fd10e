"""What the lesson shows: a page of text, and a convolution drawn on real numbers."""

import numpy as np
from PIL import Image, ImageDraw

LINE = "The quick brown fox jumps over the lazy dog, and nobody taught the decoder letters."


def page(lines: int = 24) -> np.ndarray:
    """Black letters on white: uint8 (384, 512, 3)."""
    image = Image.new("RGB", (512, 384), "white")
    pen = ImageDraw.Draw(image)
    for i in range(lines):
        pen.text((20, 10 + 15 * i), LINE, fill="black")
    return np.array(image)


def draw_convolution(axes, inputs: np.ndarray, kernel: np.ndarray, at: tuple[int, int]) -> None:
    """Three matplotlib axes: inputs with a window, the kernel, the outputs; at: of the output."""
    k, (n, m) = kernel.shape[0], inputs.shape
    outputs = np.array(
        [[(inputs[i : i + k, j : j + k] * kernel).sum() for j in range(m - k + 1)]
         for i in range(n - k + 1)]
    )  # fmt: skip
    for ax, values, title in zip(
        axes, (inputs, kernel, outputs), ("samples", "kernel", "output"), strict=True
    ):
        ax.imshow(np.zeros_like(values), cmap="gray_r", vmin=0, vmax=1)
        for (i, j), value in np.ndenumerate(values):
            ax.text(j, i, f"{value:g}".replace("-", "−"), ha="center", va="center", fontsize=9)
        ax.set(title=title, xticks=np.arange(-0.5, values.shape[1]),
               yticks=np.arange(-0.5, values.shape[0]), xticklabels=[], yticklabels=[])  # fmt: skip
        ax.grid(color="silver")
        ax.tick_params(length=0)
    frame = {"fill": False, "edgecolor": "#2563b0", "lw": 3}
    from matplotlib.patches import Rectangle

    axes[0].add_patch(Rectangle((at[1] - 0.5, at[0] - 0.5), k, k, **frame))
    axes[2].add_patch(Rectangle((at[1] - 0.5, at[0] - 0.5), 1, 1, **frame))
