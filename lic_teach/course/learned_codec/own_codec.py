"""A learned codec small enough to be written in a lesson: trained for one lambda, with real files.

    x --analysis, bend--> y / step --round--> y_hat --unbend, synthesis--> x_hat
                                      guess: mean and width of each latent from the left one
                                      and three above --> bits, range coder

It begins as JPEG: its colours and DCT, one step for all, DC guessed from the block to the left,
one width a coefficient. Unlike learned/model.py it knows one lambda, has no side information, and
its widths are computed in floating point: files are for the machine that wrote them. `FROZEN` are
its parts, which a training can leave as they are. Lesson learned_codec builds the same in its
cells. Laplace prior and neighbours: lesson tell_the_decoder_where.
"""

import struct
from collections.abc import Callable, Iterator

import constriction
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lic_teach import images
from lic_teach.course.learned_codec import pieces
from lic_teach.learned import live
from lic_teach.learned.batches import draw_batch
from lic_teach.learned.transform import CHANNELS, CHROMA, LUMA

LAM, STEPS = 0.01, 2000
STEP = 51.0  # sqrt(18 / (lam ln 2)): the step of theory for LAM, quantize.high_rate_steps
BATCH, CROP, CLIP = 4, 64, 1.0
FAMILY = constriction.stream.model.QuantizedLaplace(-4095, 4095)
FROZEN = {  # what a run leaves as it is: the beginnings of parameters' names
    "nothing": (),
    "the bends": ("bend", "unbend"),
    "the filters": ("analysis", "synthesis"),
    "filters and bends": ("analysis", "synthesis", "bend", "unbend"),
    "the encoder's transform": ("analysis", "bend"),
    "the steps": ("log_step",),
    "the look at the neighbours": ("look",),
}


class Codec(nn.Module):
    """g_a, g_s, a step and a width for each channel, and a look at the neighbours."""

    def __init__(self):
        super().__init__()
        self.analysis, self.synthesis = map(nn.Parameter, pieces.filters())
        self.bend, self.unbend = pieces.block(), pieces.block()
        self.log_step = nn.Parameter(torch.full((CHANNELS, 1, 1), STEP).log())
        self.copy = nn.Parameter(torch.zeros(4, CHANNELS, 1, 1))
        self.copy.data[0, [0, LUMA, LUMA + CHROMA]] = 1.0  # DC: as much as to the left
        self.log_b = nn.Parameter(torch.zeros(CHANNELS, 1, 1))
        self.look = nn.Sequential(
            nn.Conv2d(4 * CHANNELS, 32, 1), nn.ReLU(), nn.Conv2d(32, CHANNELS, 1)
        )
        nn.init.zeros_(self.look[-1].weight)
        nn.init.zeros_(self.look[-1].bias)

    def g_a(self, x: Tensor) -> Tensor:
        """float (N, 3, H, W), 0..255, multiples of 8 -> latents in steps, (N, 128, H/8, W/8)."""
        x = F.pad(x - 128, (4, 4, 4, 4), mode="replicate")
        y = F.conv2d(x, self.analysis, stride=8) / self.log_step.exp()
        return y + self.bend(y)

    def g_s(self, y_hat: Tensor) -> Tensor:
        """Undo g_a, not clamped."""
        y = (y_hat + self.unbend(y_hat)) * self.log_step.exp()
        y = F.pad(y, (1, 1, 1, 1), mode="replicate")
        return F.conv_transpose2d(y, self.synthesis, stride=8, padding=12) + 128

    def guess(self, y_hat: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and width b of each latent's Laplace prior, from neighbours decoded before."""
        near = neighbours(y_hat)
        mean = (self.copy * torch.stack(near, 1)).sum(1)
        sizes = torch.log1p(torch.cat(near, 1).abs())
        return mean, (self.log_b + self.look(sizes)).exp().clamp(0.05, 60)


def neighbours(y_hat: Tensor) -> tuple[Tensor, ...]:
    """What lies left, above, above left, above right of each place, 0 past the edge."""
    p = F.pad(y_hat, (1, 1, 1, 0))
    return p[:, :, 1:, :-2], p[:, :, :-1, 1:-1], p[:, :, :-1, :-2], p[:, :, :-1, 2:]


def join(codec: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """The whole of it in training: x -> x_hat, and the bits of each piece, (N,)."""
    y = codec.g_a(x)
    y_hat = pieces.straight_through(y)  # what the decoder gets
    mean, b = codec.guess(y_hat)  # from what the decoder has
    noisy = y + torch.rand_like(y) - 0.5  # what is paid for
    bits = pieces.laplace_bits(noisy, mean, b).sum((1, 2, 3))
    return codec.g_s(y_hat), bits


# --- training ----------------------------------------------------------------------------


@torch.no_grad()
def begin(codec: nn.Module, photos: list[np.ndarray], best_sigma: Callable = pieces.best_sigma):
    """Give each channel the width that its untrained latents have in some photographs."""
    y_hat = codec.g_a(draw_batch(photos, np.random.default_rng(0), 16, 128)).round()
    away = (y_hat - codec.guess(y_hat)[0]).round().transpose(0, 1).flatten(1).double().numpy()
    sigma = [best_sigma(channel) for channel in away]
    codec.log_b.copy_(torch.tensor(sigma, dtype=torch.float32).div(2**0.5).log()[:, None, None])


def optimizer_of(codec: nn.Module, steps: int):
    """Adam, and a schedule that warms up and falls to 0. The filters start near where they end."""
    taps = [codec.analysis, codec.synthesis]
    bends = [*codec.bend.parameters(), *codec.unbend.parameters()]
    prior = [codec.log_step, codec.copy, codec.log_b, *codec.look.parameters()]
    adam = torch.optim.Adam([{"params": part} for part in (taps, bends, prior)])
    rates = 1e-3, 2e-3, 6e-3
    return adam, torch.optim.lr_scheduler.OneCycleLR(adam, rates, max(steps, 2), pct_start=0.05)


def train(
    photos: list[np.ndarray],
    steps: int = STEPS,
    *,
    lam: float = LAM,
    frozen: str = "nothing",
    start: str = "dct",
    seed: int = 0,
) -> Iterator[live.Progress]:
    """Train an own codec. Yields after every step; the last one's model is the codec.

    frozen: a key of FROZEN; start: "dct", or "random" for filters of random numbers.
    """
    torch.manual_seed(seed)
    codec = Codec()
    if start == "random":
        for taps in (codec.analysis, codec.synthesis):
            nn.init.normal_(taps, std=taps.std().item())
    begin(codec, photos)
    for name, parameter in codec.named_parameters():
        parameter.requires_grad_(name.partition(".")[0] not in FROZEN[frozen])
    adam, schedule = optimizer_of(codec, steps)
    rng = np.random.default_rng(seed)
    for step in range(steps):
        x = draw_batch(photos, rng, BATCH, CROP)
        x_hat, bits = join(codec, x)
        L, R, D = pieces.objective(x, x_hat, bits, lam)
        L.mean().backward()
        nn.utils.clip_grad_norm_(codec.parameters(), CLIP)
        adam.step()
        adam.zero_grad()
        schedule.step()
        yield live.Progress(step, *(part.mean().item() for part in (L, R, D)), codec)


# --- the file ----------------------------------------------------------------------------


def walk(codec: nn.Module, visit: Callable, shape: tuple[int, int]) -> Tensor:
    """Place after place: guess the latents, let visit write or read them, remember them.

    visit gets the place, means and widths, float64 (128,), and returns 128 whole numbers.
    Encoder and decoder go the same way, so both guess the same. Returns (1, 128, h, w).
    """
    known = torch.zeros(1, CHANNELS, shape[0] + 1, shape[1] + 2)  # with a rim of zeros
    for i, j in np.ndindex(*shape):
        mean, b = (p[0, :, 1, 1] for p in codec.guess(known[:, :, i : i + 2, j : j + 3]))
        found = visit((i, j), mean.double().numpy(), b.double().numpy())
        known[0, :, i + 1, j + 1] = torch.from_numpy(found)
    return known[:, :, 1:, 1:-1]


@torch.no_grad()
def latents(codec: nn.Module, image: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) -> the whole numbers of its file, float32 (1, 128, h, w)."""
    x = torch.from_numpy(images.pad_to_multiple(image, 8).copy()).permute(2, 0, 1)[None].float()
    return codec.g_a(x).round().clamp(-4095, 4095)


@torch.no_grad()
def encode(codec: nn.Module, image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) -> a file: four bytes of height and width, then the range coder's."""
    return pack(codec, latents(codec, image), image.shape[:2])


@torch.no_grad()
def pack(codec: nn.Module, y_hat: Tensor, size: tuple[int, int]) -> bytes:
    """Latents (1, 128, h, w) of a picture of that height and width -> a file."""
    k, coder = y_hat[0].numpy().astype(np.int32), constriction.stream.queue.RangeEncoder()

    def write(place, mean, b):
        numbers = np.ascontiguousarray(k[:, *place])
        coder.encode(numbers, FAMILY, mean, b)
        return numbers

    walk(codec, write, k.shape[1:])
    return struct.pack(">HH", *size) + coder.get_compressed().astype("<u4").tobytes()


@torch.no_grad()
def decode(codec: nn.Module, data: bytes) -> np.ndarray:
    """Undo encode, with the same codec on the same machine: uint8 (H, W, 3)."""
    height, width = struct.unpack(">HH", data[:4])
    coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data[4:], "<u4").astype(np.uint32))

    def read(place, mean, b):
        return coder.decode(FAMILY, mean, b)

    y_hat = walk(codec, read, (-(-height // 8), -(-width // 8)))
    return picture(codec, y_hat, (height, width))


@torch.no_grad()
def picture(codec: nn.Module, y_hat: Tensor, size: tuple[int, int]) -> np.ndarray:
    """Latents (1, 128, h, w) -> uint8 (H, W, 3)."""
    x_hat = codec.g_s(y_hat)[0].permute(1, 2, 0)[: size[0], : size[1]]
    return x_hat.round().clamp(0, 255).byte().numpy()


@torch.no_grad()
def estimate(codec: nn.Module, image: np.ndarray) -> tuple[float, np.ndarray]:
    """All places at once, without a file: its bits as they should be, and the picture."""
    y_hat = latents(codec, image)
    bits = pieces.laplace_bits(y_hat, *codec.guess(y_hat)).sum().item()
    return bits, picture(codec, y_hat, image.shape[:2])


def code(codec: nn.Module, image: np.ndarray, lam: float = LAM) -> tuple[bytes, np.ndarray]:
    """A picture's file, and what it decodes to. lam: the one that the codec is trained for."""
    y_hat, size = latents(codec, image), image.shape[:2]
    return pack(codec, y_hat, size), picture(codec, y_hat, size)
