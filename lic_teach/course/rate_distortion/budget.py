"""One budget for three pictures: three ways to share it out.

points: {name: [(quality, bits, error), ...]}, budget in bits --equal_*--> {name: quality}
"""

from functools import cache

import numpy as np

from lic_teach import images, jpeg, metrics

Points = dict[str, list[tuple[int, int, float]]]
PICTURES = ("astronaut", "chelsea", "rocket")


@cache
def files(name: str) -> list[tuple[int, int, float]]:
    """A sample's JPEG files: [(quality, bits, error), ...], error = MSE times pixels."""
    image, found = images.sample(name), []
    for quality in range(1, 101):
        data = jpeg.encode(image, quality)
        error = metrics.mse(image, jpeg.decode(data)) * pixels(name)
        found.append((quality, 8 * len(data), error))
    return found


@cache
def pixels(name: str) -> int:
    """How many a sample photograph has."""
    height, width, _ = images.sample(name).shape
    return height * width


def totals(points: Points, choice: dict[str, int]) -> tuple[int, float]:
    """Bits and error of all pictures at the chosen qualities."""
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


def equal_lam(points: Points, budget: int) -> dict[str, int]:
    """The largest lam whose choices stay within budget."""
    low, high, best = 1e-7, 10.0, None
    for _ in range(60):
        lam = (low * high) ** 0.5
        choice = {n: min(f, key=lambda f: f[1] + lam * f[2])[0] for n, f in points.items()}
        if totals(points, choice)[0] <= budget:
            low, best = lam, choice
        else:
            high = lam
    return best


def psnr_of(points: Points, choice: dict[str, int]) -> float:
    """The PSNR of all pixels of all pictures together, dB."""
    return 10 * np.log10(255**2 * sum(map(pixels, points)) / totals(points, choice)[1])
