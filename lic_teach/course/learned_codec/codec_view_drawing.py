"""What the codec view draws beside its picture: bits by place, latents by channel.

bit_picture   bits of each 8 x 8 pixels as a colour, as large as the picture
channels      for the channels with the most bits: what one latent draws, all that is in the file
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.controls import picture_url

SHOWN = 6
MOST = 4.0  # bits per pixel at the dark end of the scale
GREYS = 3.0  # standard deviations from mid-grey to white


def bit_picture(result) -> np.ndarray:
    """Bits per pixel of every place, 0..MOST from white by blue to black: uint8 (H, W, 3)."""
    share = np.sqrt(np.clip(result.bits.sum(0) / 64 / MOST, 0, 1))
    return plots.heat_map(share, *result.source.image.shape[:2])


def channels(result) -> str:
    """HTML: the channels with the most bits, what each draws and what of it is in this file."""
    spent = result.bits.sum((1, 2))
    order = np.argsort(-spent, kind="stable")[:SHOWN]
    total = max(spent.sum(), 1e-9)
    return (
        '<div class="lic-figures" style="flex-wrap:wrap">'
        + "".join(
            _channel(c, result.source.paints[c], result.y_hat[c], spent[c] / total) for c in order
        )
        + "</div>"
    )


def _channel(number, paint, latents, share):
    return (
        f'<figure style="width:124px"><span style="display:flex;gap:4px;align-items:flex-start">'
        f"{_image(painted(paint), 30, f'what channel {number} draws')}"
        f"{_image(grey(latents), 90, f'latents of channel {number}')}</span>"
        f"<figcaption>{number}: {100 * share:.0f} %</figcaption></figure>"
    )


def painted(paint: np.ndarray) -> np.ndarray:
    """What a channel draws, float (16, 16, 3), around mid-grey in full contrast: uint8."""
    return np.rint(127.5 + 127.5 * paint / np.abs(paint).max()).astype(np.uint8)


def grey(latents: np.ndarray) -> np.ndarray:
    """Latents, float (h, w) -> uint8 (h, w): their mean is mid-grey, GREYS spreads more white."""
    away = latents - latents.mean()
    spread = max(float(np.sqrt(np.mean(away**2))), 1e-6)
    return np.clip(np.rint(127.5 + 127.5 * away / (GREYS * spread)), 0, 255).astype(np.uint8)


def _image(image, width, alt):
    return f'<img alt="{alt}" width="{width}" class="lic-pixels" src="{picture_url(image)}"/>'
