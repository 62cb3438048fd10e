"""Only the decoder learns: any .jpg -> the picture of a decoder that has seen photographs.

    .jpg --painted--> Laplace's points, and how coarse the steps are --Repair--> what to add

The file stays as it is, byte for byte. A network of 44,556 numbers looks at the painted picture and
adds to each sample what it thinks is missing. It works on pixels taken two by two, so on a
quarter of the places and at a quarter of the price. Unlike learned/transform.py it has no
say in what the numbers in the file are. Lesson only_the_decoder.
"""

from functools import cache

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pixel_shuffle, pixel_unshuffle, relu

from lic_teach.jpeg import codec
from lic_teach.paths import DATA

FILE = DATA / "only_the_decoder.safetensors"
CHANNELS, INNER = 32, 4  # channels; convolutions between the first and the last
UNIT = 16.0  # grey levels that are 1 inside the network
NEAR = 9  # pixels, the side of the square whose mean is taken off


class Repair(nn.Module):
    """Convolutions of 3 x 3, at half the resolution; at first it adds nothing.

    Two numbers about the steps, and the place in the block, are added after the first convolution:
    one network then serves all qualities, and knows where the borders of blocks are.
    """

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(12, CHANNELS, 3, padding=1)  # 2 x 2 pixels of 3 colours
        self.coarse = nn.Linear(2, CHANNELS)
        self.place = nn.Parameter(torch.zeros(CHANNELS, 4, 4))  # where in the block of 8 x 8
        self.inner = nn.ModuleList(
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1) for _ in range(INNER)
        )
        self.last = nn.Conv2d(CHANNELS, 12, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, picture: Tensor, coarse: Tensor) -> Tensor:
        """picture: (n, 3, h, w), 0..255, whole blocks, the upper left one at a corner of a block;
        coarse: (n, 2), of `painted`. Returns the repaired picture, not rounded."""
        # Only what differs from its surroundings: how bright or red a place is teaches nothing.
        detail = picture - surroundings(picture)
        h = self.first(pixel_unshuffle(detail / UNIT, 2)) + self.coarse(coarse)[..., None, None]
        h = h + self.place.to(h.dtype).repeat(1, h.shape[2] // 4, h.shape[3] // 4)
        for one, two in zip(self.inner[::2], self.inner[1::2], strict=True):
            h = h + two(relu(one(relu(h))))
        return picture + UNIT * pixel_shuffle(self.last(relu(h)), 2).float()


def surroundings(picture: Tensor) -> Tensor:
    """The mean of the NEAR x NEAR pixels around each, (n, 3, h, w); at the rim of those there."""
    reach, options = NEAR // 2, {"stride": 1, "count_include_pad": False}
    tall = avg_pool2d(
        picture.contiguous(), (NEAR, 1), padding=(reach, 0), **options
    )  # in two goes: 18 not 81
    return avg_pool2d(tall, (1, NEAR), padding=(0, reach), **options)


def painted(data: bytes, points: str = "laplace") -> tuple[np.ndarray, np.ndarray]:
    """A .jpg -> what the decoder paints, uint8 (H, W, 3), and how coarse luma's and chroma's steps
    are, float32 (2,): the mean of log2 over the 64, less 4. Raises JpegError, and ValueError for
    files that have neither one component nor three."""
    blocks, frame, tables = codec.unpack(data)
    picture = codec.paint(blocks, frame, tables, laplace=points == "laplace")
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, 2)
    if picture.shape[2] != 3:
        raise ValueError(f"a picture of {picture.shape[2]} components has no colours to repair")
    numbers = [frame.components[m].table for m in (0, min(1, len(frame.components) - 1))]
    coarse = [np.log2(np.maximum(tables[n], 1)).mean() - 4 for n in numbers]
    return picture, np.array(coarse, np.float32)


@torch.inference_mode()
def apply(net: Repair, picture: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """What `painted` returns -> the repaired picture, uint8 (H, W, 3).

    In float32: so what is measured comes out again on a processor that adds up in another order.
    """
    height, width = picture.shape[:2]
    whole = np.pad(picture, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="edge")
    x = torch.from_numpy(whole).permute(2, 0, 1)[None].float()
    out = net(x, torch.from_numpy(coarse)[None])[0].permute(1, 2, 0)
    return out[:height, :width].round().clamp(0, 255).to(torch.uint8).numpy()


def decode(data: bytes, net: Repair | None = None) -> np.ndarray:
    """Any .jpg -> uint8 (H, W, 3), repaired. net: if it is not said, `shipped`."""
    return apply(net or shipped(), *painted(data))


@cache
def shipped() -> Repair:
    """The network that comes with the course: 7,000 steps of tools/repair.py."""
    net = Repair()
    net.load_state_dict({name: w.float() for name, w in load_file(FILE).items()})
    return net.eval().to(memory_format=torch.channels_last)
