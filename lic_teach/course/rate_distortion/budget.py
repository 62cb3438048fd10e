"""One budget for three pictures: three ways to share it out.

points: {name: [(setting, bits, error), ...]}, budget in bits --equal_*--> {name: setting}

Two photographs that were never a JPEG before, and a page of coloured text.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lic_teach import images, jpeg, metrics

Setting = int | tuple[str, int]  # a quality, or the chroma and the quality
Points = dict[str, list[tuple[Setting, int, float]]]
PICTURES = ("astronaut", "coffee", "page")
INKS = ("black", "black", "#c00000", "#0040c0")  # of a sentence each
WORDS = "A codec is a curve. Two curves may cross, and then only a price decides. "


@cache
def picture(name: str) -> np.ndarray:
    """A sample photograph, or the page of text: uint8 (H, W, 3)."""
    return page() if name == "page" else images.sample(name)


def page() -> np.ndarray:
    """Coloured text on white, in Pillow's own bitmap letters: uint8 (384, 512, 3)."""
    sheet = Image.new("RGB", (512, 384), "white")
    pen, font, (x, y) = ImageDraw.Draw(sheet), ImageFont.load_default_imagefont(), (12, 12)
    for ink in INKS * 30:
        for word in WORDS.split():
            width = pen.textlength(word + " ", font=font)
            if x + width > 500:
                x, y = 12, y + 30
            if y > 360:
                return np.array(sheet)
            pen.text((x, y), word, ink, font)
            x += width
    return np.array(sheet)


@cache
def files(name: str, chroma: str = "4:2:0") -> list[tuple[int, int, float]]:
    """A picture's JPEG files: [(quality, bits, error), ...], error = MSE times pixels."""
    image, found = picture(name), []
    for quality in range(1, 101):
        data = jpeg.encode(image, quality, subsampling=chroma)
        error = metrics.mse(image, jpeg.decode(data)) * pixels(name)
        found.append((quality, 8 * len(data), error))
    return found


def with_chroma(name: str) -> list[tuple[tuple[str, int], int, float]]:
    """Its files of either chroma: [((chroma, quality), bits, error), ...]."""
    return [
        ((chroma, quality), bits, error)
        for chroma in ("4:2:0", "4:4:4")
        for quality, bits, error in files(name, chroma)
    ]


@cache
def pixels(name: str) -> int:
    """How many a picture has."""
    height, width, _ = picture(name).shape
    return height * width


def totals(points: Points, choice: dict[str, Setting]) -> tuple[int, float]:
    """Bits and error of all pictures at the chosen settings."""
    chosen = [next(f for f in points[name] if f[0] == choice[name]) for name in points]
    return sum(bits for _, bits, _ in chosen), sum(error for *_, error in chosen)


def equal_quality(points: Points, budget: int) -> dict[str, int]:
    """The highest quality at which all pictures together stay within budget."""
    every = [dict.fromkeys(points, f[0]) for f in next(iter(points.values()))]
    return max(
        (c for c in every if totals(points, c)[0] <= budget), key=lambda c: totals(points, c)[0]
    )


def equal_bpp(points: Points, budget: int) -> dict[str, int]:
    """Each picture gets bits in proportion to its pixels."""
    share = budget / sum(map(pixels, points))
    return {
        n: max((f for f in points[n] if f[1] <= share * pixels(n)), key=lambda f: f[1])[0]
        for n in points
    }


def equal_lam(points: Points, budget: int) -> dict[str, Setting]:
    """What the largest lam whose choices stay within budget chooses."""
    low, high, best = 1e-7, 10.0, None
    for _ in range(60):
        lam = (low * high) ** 0.5
        choice = {n: min(f, key=lambda f: f[1] + lam * f[2])[0] for n, f in points.items()}
        if totals(points, choice)[0] <= budget:
            low, best = lam, choice
        else:
            high = lam
    return best


def psnr_of(points: Points, choice: dict[str, Setting]) -> float:
    """The PSNR of all pixels of all pictures together, dB."""
    return 10 * np.log10(255**2 * sum(map(pixels, points)) / totals(points, choice)[1])


def one_quality_psnr(points: Points, bits: float) -> float:
    """The PSNR that one quality for all pictures has at exactly so many bits, dB.

    points: files of qualities. Between two qualities, on a straight line: a rule that may end
    anywhere below its budget would lose by bytes that it did not spend.
    """
    every = [dict.fromkeys(points, file[0]) for file in next(iter(points.values()))]
    sizes = [totals(points, choice)[0] for choice in every]
    return float(np.interp(bits, sizes, [psnr_of(points, choice) for choice in every]))
