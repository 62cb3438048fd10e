"""What a report shows of a picture: the whole, and three crops of different detail.

    picture --crops--> boxes        picture, boxes --show--> WebP, lossless

A large picture is shown whole but smaller, and in crops pixel for pixel. The crops are chosen
before any codec runs, by how much detail is in them.
"""

import io

import numpy as np
from PIL import Image

WHOLE, CROP = 768, 320  # pixels a side, at most
CROPS = (("calm", 0.15), ("middling", 0.5), ("busy", 0.95))  # share of squares with less detail

Box = tuple[slice, slice]  # rows, columns


def crops(image: np.ndarray) -> list[Box]:
    """Three squares of the picture, by their detail: calm, middling, busy.

    Detail is the mean absolute difference of neighbouring samples. A picture of 640 pixels or
    less is cut into squares of half its shorter side.
    """
    height, width = image.shape[:2]
    side = min(CROP, min(height, width) // 2)
    rows, columns = height // side, width // side
    top, left = (height - rows * side) // 2, (width - columns * side) // 2
    found = []
    for y in range(top, top + rows * side, side):
        for x in range(left, left + columns * side, side):
            box = slice(y, y + side), slice(x, x + side)
            part = image[box].astype(np.int16)
            found.append(sum(np.abs(np.diff(part, axis=axis)).mean() for axis in (0, 1)))
    order = np.argsort(found)
    chosen = [divmod(int(order[round(q * (len(order) - 1))]), columns) for _, q in CROPS]
    corners = [(top + row * side, left + column * side) for row, column in chosen]
    return [(slice(y, y + side), slice(x, x + side)) for y, x in corners]


def show(image: np.ndarray, boxes: list[Box]) -> list[bytes]:
    """What the page shows of a picture: the whole, at most WHOLE pixels a side, and the crops."""
    whole = Image.fromarray(image)
    if max(whole.size) > WHOLE:
        whole.thumbnail((WHOLE, WHOLE), Image.Resampling.LANCZOS)
    return [lossless(whole), *(lossless(Image.fromarray(image[box])) for box in boxes)]


def lossless(picture: Image.Image) -> bytes:
    """WebP whose pixels are the picture's."""
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True, method=2, quality=50)
    return file.getvalue()
