"""A lossless codec that is nothing but a guess: no transform, no quantization.

    twelve neighbours --network--> mean and width of the next pixel     (guess)
    pixels --walk, guess--> P --ANS coder--> words --walk, guess--> the same pixels

Pixels are coded in rounds: in round t are those of column t - 3 row, because all their neighbours
are in earlier rounds. Encoder and decoder take the same walk and ask the network about the same
pixels together, so that both get the same floating-point numbers; on another machine they may
differ (learned/exact.py is the remedy). The network is not in the file. The last pixel is
written first and the last word is read first: ANS is a stack. Any words at all
decode to some picture.
Deletang et al. 2024; the coder is constriction's (Bamler 2022).
"""

from collections.abc import Callable

import constriction
import numpy as np
import torch
from torch import Tensor, nn

from lic_teach import images

# Of each neighbour: rows down and columns right. The first two are left and above.
NEAR = [(0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0)]
NEAR += [(-1, -2), (-1, 2), (-2, -1), (-2, 1), (-2, -2), (-2, 2)]
TOP, SIDE, OUTSIDE = 2, 2, 128  # rows above and columns beside the picture, and their grey level
GREY_LEVELS = constriction.stream.model.QuantizedLaplace(0, 255)  # takes means and widths
HIDDEN, BATCH, RATE = 64, 1024, 1e-2


def grey(name: str) -> np.ndarray:
    """The green channel of a sample photograph, uint8 (H, W), as in lesson redundancy."""
    return np.ascontiguousarray(images.sample(name)[..., 1])


def canvas(shape: tuple[int, int]) -> np.ndarray:
    """An empty picture with its margins, float32 (TOP + H, SIDE + W + SIDE)."""
    return np.full((TOP + shape[0], SIDE + shape[1] + SIDE), OUTSIDE, np.float32)


def neighbours(sheet: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> Tensor:
    """The twelve neighbours of n places of the picture: float32 (n, 12), NEAR's order."""
    down, right = np.array(NEAR).T
    return torch.from_numpy(sheet[TOP + rows[:, None] + down, SIDE + columns[:, None] + right])


def guess(network: nn.Module, near: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and width b of the Laplace density of each pixel, in grey levels: float (n,) twice.

    The network sees by how much each neighbour differs from the mean of left and above, small
    differences in full and large ones damped.
    """
    base = near[:, :2].mean(1)
    away, log_width = network(torch.asinh((near - base[:, None]) / 4) / 2).T
    return base + 8 * away, torch.exp(log_width + 1).clamp(0.05, 200)


def bits(network: nn.Module, near: Tensor, pixels: Tensor) -> Tensor:
    """-log2 P of each pixel: P is what Laplace has between pixel - 1/2 and pixel + 1/2."""
    mean, width = guess(network, near)
    off = torch.abs(pixels - mean)
    beside = torch.exp(-(off - 0.5).clamp_min(0) / width) * -torch.expm1(-1 / width) / 2
    under = 1 - torch.exp(-0.5 / width) * torch.cosh(off.clamp_max(0.5) / width)
    return -torch.log2(torch.where(off > 0.5, beside, under).clamp_min(1e-9))


def fit(names: tuple[str, ...], steps: int = 1500, seed: int = 0) -> nn.Module:
    """A network of 5,122 numbers, trained on sample photographs for the fewest bits."""
    pairs = [everywhere(grey(name)) for name in names]
    near, pixels = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    torch.manual_seed(seed)
    inner = nn.Linear(len(NEAR), HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()
    network = nn.Sequential(*inner, nn.Linear(HIDDEN, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps)
        batch = torch.randint(len(pixels), (BATCH,))
        loss = bits(network, near[batch], pixels[batch]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network


def everywhere(picture: np.ndarray) -> tuple[Tensor, Tensor]:
    """Of all pixels of a picture (H, W): neighbours (H W, 12) and values (H W,), float32."""
    sheet = canvas(picture.shape)
    sheet[TOP:, SIDE:-SIDE] = picture
    rows, columns = (places.ravel() for places in np.indices(picture.shape))
    return neighbours(sheet, rows, columns), torch.from_numpy(picture.ravel().astype(np.float32))


def walk(visit: Callable, shape: tuple[int, int], network: nn.Module) -> np.ndarray:
    """Round by round: guess, and let visit(rows, columns, mean, width) give the pixels.

    Returns what it gave, uint8 (H, W).
    """
    sheet, (height, width) = canvas(shape), shape
    for time in range(width + 3 * (height - 1)):
        rows = np.arange(max(0, -(-(time - width + 1) // 3)), min(height - 1, time // 3) + 1)
        columns = time - 3 * rows
        with torch.no_grad():
            found = guess(network, neighbours(sheet, rows, columns))
        mean, b = (part.double().numpy() for part in found)
        sheet[TOP + rows, SIDE + columns] = visit(rows, columns, mean, b)
    return sheet[TOP:, SIDE:-SIDE].astype(np.uint8)


def write(picture: np.ndarray, network: nn.Module) -> np.ndarray:
    """uint8 (H, W) -> the words of the file, uint32. What is read first stands at the end."""
    rounds = []

    def remember(rows, columns, mean, width):
        rounds.append((picture[rows, columns].astype(np.int32), mean, width))
        return picture[rows, columns]

    walk(remember, picture.shape, network)
    file = constriction.stream.stack.AnsCoder()
    for pixels, mean, width in reversed(rounds):
        file.encode_reverse(pixels, GREY_LEVELS, mean, width)
    return file.get_compressed()


def read(words: np.ndarray, shape: tuple[int, int], network: nn.Module) -> np.ndarray:
    """Undo write: the words, height and width, the same network -> uint8 (H, W)."""
    file = constriction.stream.stack.AnsCoder(words)
    return walk(
        lambda rows, columns, mean, width: file.decode(GREY_LEVELS, mean, width), shape, network
    )
