"""Checks: the decoder's multiplications, the picture in which its networks no longer count."""

import numpy as np

from lic_teach.kit.checks import Wrong, checks, hint, knows, number
from lic_teach.overfit.transform import LEVELS

# --- 1 -----------------------------------------------------------------------------------


ROUGH = 1e-4  # 4 / 3 latents a pixel is near enough; those of six levels are not


def _latents(levels=LEVELS, first=0, shrink=4):
    """Latents a pixel of some levels."""
    return sum(shrink**-k for k in range(first, levels))


MORE = [lambda a, b, n=n: _latents(n) * a + b for n in (8, 9)]


@knows(
    {
        "That counts more levels than there are: seven.": MORE,
        "There is one latent a pixel on the finest level, and there are six more levels.": (
            lambda a, b: a + b
        ),
        "Seven levels, yes, but a coarser one has fewer latents than there are pixels.": [
            lambda a, b: LEVELS * a + b,
            lambda a, b: LEVELS * (a + b),
        ],
        "A level that is half as wide and half as high has a quarter of the latents.": [
            lambda a, b: _latents(shrink=2) * a + b,
            lambda a, b: 2 * a + b,
        ],
        "Each level has a quarter of the latents of the one before, not of the finest.": (
            lambda a, b: (1 + (LEVELS - 1) / 4) * a + b
        ),
        "The coarser level has fewer latents, not more.": [
            lambda a, b: _latents(shrink=1 / 4) * a + b,
            lambda a, b: _latents(shrink=1 / 2) * a + b,
        ],
        "That counts six levels: range(7) goes from 0 to 6.": lambda a, b: _latents(6) * a + b,
        "That counts fewer levels than there are: seven.": [
            lambda a, b, n=n: _latents(n) * a + b for n in (2, 3, 4, 5)
        ],
        "Only the latents stand on seven levels. The synthesis runs once a pixel.": [
            lambda a, b: a + LEVELS * b,
            lambda a, b: _latents() * a + LEVELS * b,
        ],
        "One pixel has three colours, and the synthesis makes all three in one run.": [
            lambda a, b: _latents() * a + 3 * b,
            lambda a, b: 3 * (_latents() * a + b),
        ],
        "That is for a whole picture of 256 x 256. How many of them are one pixel's?": (
            lambda a, b: 256**2 * (_latents() * a + b)
        ),
        "That is twice as many: only multiplications are counted, not their additions.": (
            lambda a, b: 2 * (_latents() * a + b)
        ),
        "The division // throws away what is left over.": (
            lambda a, b: sum(a // 4**k for k in range(LEVELS)) + b
        ),
        "That holds for our two networks alone. Use per_latent and per_pixel.": (
            lambda a, b: _latents() * 219 + 262
        ),
        "Where is the finest level? It has a latent for each pixel.": [
            lambda a, b: a / 3 + b,
            lambda a, b: _latents(first=1) * a + b,
            lambda a, b: _latents(LEVELS + 1, first=1) * a + b,
        ],
        "The context network runs once a latent, the synthesis once a pixel: you have them the "
        "other way round.": lambda a, b: a + _latents() * b,
        "Both networks once a latent? The synthesis runs once a pixel.": (
            lambda a, b: _latents() * (a + b)
        ),
        "That is the context alone. The synthesis runs, too.": lambda a, b: _latents() * a,
        "That is the synthesis alone. The context runs, too.": lambda a, b: b,
        "So many latents has a pixel. What does each of them take?": lambda a, b: _latents(),
        "The work of both networks is added.": [
            lambda a, b: _latents() * a - b,
            lambda a, b: _latents() * a * b,
            lambda a, b: a * b,
        ],
        "How many latents are there for a pixel? More than one.": (
            lambda a, b: a / _latents() + b
        ),
    },
    otherwise="So many for each latent, times latents a pixel, and so many for each pixel.",
)  # fmt: skip
def multiplications(answer):
    """answer: a function of per_latent, per_pixel -> multiplications a pixel."""
    for case in ((219, 262), (100, 0), (3, 70)):
        found, right = number(answer(*case)), _latents() * case[0] + case[1]
        more = any(np.isclose(found, mistake(*case), rtol=1e-7, atol=0) for mistake in MORE)
        if more or not np.isclose(found, right, rtol=ROUGH):
            said = hint(multiplications, found, *case, rtol=1e-6)
            if said == multiplications.otherwise:  # 4 / 3 in it, or rounded
                said = hint(multiplications, found, *case, rtol=ROUGH)
                said = "Nearly. Leave it unrounded." if abs(found - right) <= 1 else said
            raise Wrong(f"{case[0]} for a latent, {case[1]} for a pixel: {said}")
    return f"{_latents() * 219 + 262:.0f} a pixel for our two networks."


# --- 2 -----------------------------------------------------------------------------------


@knows(
    {
        "Bytes on one side, bits on the other: 8 bits are a byte.": [
            lambda n, r, s: n * (1 - s) / (s * r),
            lambda n, r, s: 64 * n * (1 - s) / (s * r),
            lambda n, r, s: n * (1 - s) / (8 * s * r),
            lambda n, r, s: n * (1 - s) / s,
            lambda n, r, s: n / (s * r),
            lambda n, r, s: n / (8 * s * r),
            lambda n, r, s: n / r,
            lambda n, r, s: n * s / ((1 - s) * r),
            lambda n, r, s: (8 * n / s - n) / r,
        ],
        "That is where the networks are this share of the latents. The file holds both.": (
            lambda n, r, s: 8 * n / (s * r)
        ),
        "So many pixels have latents as large as the networks: half of the file. The share is "
        "asked for.": lambda n, r, s: 8 * n / r,
        "Upside down: there the latents are this share of the file.": (
            lambda n, r, s: 8 * n * s / ((1 - s) * r)
        ),
        "The latents of a pixel take `rate` bits. So more rate means fewer pixels, not more.": (
            lambda n, r, s: 8 * n * (1 - s) * r / s
        ),
        "Those are bits, of all latents. How many pixels have as many?": (
            lambda n, r, s: 8 * n * (1 - s) / s
        ),
        "That is the side of a square picture. How many pixels has it?": (
            lambda n, r, s: (8 * n * (1 - s) / (s * r)) ** 0.5
        ),
        "Those are bits, of the whole file. How many of them are the latents', and how many "
        "pixels have as many?": lambda n, r, s: 8 * n / s,
        "The share is the networks', not the latents'.": lambda n, r, s: 8 * n / ((1 - s) * r),
        "The networks are a share of the file, not the file a share of the networks.": [
            lambda n, r, s: 8 * n * s / r,
            lambda n, r, s: 8 * n * (1 - s) / r,
        ],
        "The file is latents and networks. So the latents are what is left without the networks.": (
            lambda n, r, s: 8 * n * (1 + s) / (s * r)
        ),
        "A share of 0.01 is 1 %: it is no number of percent.": [
            lambda n, r, s: 8 * n * (100 - s) / (s * r),
            lambda n, r, s: 8 * n * (1 - s / 100) / (s / 100 * r),
        ],
        "`rate` is bits for a pixel, with its three colours, not for a sample.": [
            lambda n, r, s: 8 * n * (1 - s) / (3 * s * r),
            lambda n, r, s: 3 * 8 * n * (1 - s) / (s * r),
        ],
        "A number of pixels is not negative: the file is larger than its networks.": (
            lambda n, r, s: -8 * n * (1 - s) / (s * r)
        ),
    },
    otherwise="networks / (networks + latents) = share, with the latents of so many pixels.",
)
def pixels_for(answer):
    """answer: a function of networks, rate, share -> pixels."""
    for case in ((500, 0.8, 0.3), (366, 0.5, 0.01), (100, 2.0, 0.5)):
        n, rate, share = case
        found, right = number(answer(*case)), 8 * n * (1 - share) / (share * rate)
        if not np.isclose(found, right, rtol=1e-3):
            near = abs(found - right) <= 1.5
            said = "Nearly: by one pixel." if near else hint(pixels_for, found, *case, rtol=1e-3)
            raise Wrong(f"networks {n} bytes, {rate} bits a pixel, a share of {share}: {said}")
    side = (8 * 366 * 0.99 / (0.01 * 0.5)) ** 0.5
    return f"366 bytes are a hundredth of a file of about {side:.0f} x {side:.0f} pixels."


check = checks(multiplications, pixels_for)
