"""Checks: RGB to YCbCr and back, exact to the standard; 4:2:0 down and up, and its traces.

The oracle for colour is the standard's formula (T.871, clause 7) before it is rounded. Where it
lies exactly between two levels, both count as right. A wrong answer is compared with what known
mistakes give, and the one that explains its wrong values has the hint.
"""

import numpy as np

from lic_teach import images
from lic_teach.course.colour.light import WEIGHTS
from lic_teach.kit.checks import Wrong, checks, hint, knows

Y = np.array([0.299, 0.587, 0.114])
B_MINUS_Y, R_MINUS_Y = np.array([0, 0, 1]) - Y, np.array([1, 0, 0]) - Y
JPEG = np.stack([Y, B_MINUS_Y / 1.772, R_MINUS_Y / 1.402])
TELEVISION = JPEG * np.array([[219], [224], [224]]) / 255
BACK = np.linalg.inv(JPEG)
OFFSET = np.array([0, 128, 128])

CUT = "Everything is up to one level too low: you cut, instead of rounding."
MIDDLE = "Grey must be 128 in Cb and Cr. Where in your formula is that?"
OVERFLOW = "So large a number does not fit into uint8. Change the type first."
BORDER = "Beyond the border stands the border's sample again. Look at your rim."
ORDER = "Red and blue have changed places: the samples of a pixel are R, G, B."
MOVED = "reshape keeps the samples in their order and mixes the planes. Move the axis instead."
TRANSPOSED = "The matrix is transposed: each row makes one of the new values."


def _planes(values):
    """An answer to to_ycbcr that has these values, a function of RGB, rounded and clipped."""
    return lambda rgb: np.moveaxis(_uint8(values(rgb)), -1, 0)


def _differences(y, divisors, types=float):
    """Y and the differences of B and R from it, made by an answer: float (..., 3)."""

    def values(image):
        luma = y(image)
        blue, red = (image[..., c].astype(types) - luma.astype(types) for c in (2, 0))
        return np.stack([luma, blue / divisors[0] + 128, red / divisors[1] + 128], -1)

    return values


def _early(image):
    y = _round(image @ Y)[..., None]
    return np.concatenate([y, (image[..., [2, 0]] - y) / [1.772, 1.402] + 128], -1)


@knows(
    {
        "Pure blue has Cb = 255.5. Rounded, that is no uint8: clip first.": (
            _planes(lambda x: _wrap(x @ JPEG.T + OFFSET))
        ),
        CUT: _planes(lambda x: np.floor(x @ JPEG.T + OFFSET)),
        MIDDLE: _planes(lambda x: x @ JPEG.T),
        "Where is the middle of Cb? Values under 0 wrap in uint8.": (
            _planes(lambda x: _wrap(x @ JPEG.T))
        ),
        "Y needs no 128: black has Y = 0.": _planes(lambda x: x @ JPEG.T + 128),
        MOVED: lambda x: _uint8(x @ JPEG.T + OFFSET).reshape(3, *x.shape[:2]),
        "You round Y before you subtract it. Round last.": _planes(_early),
        "In uint8, 3 - 5 is 254: B is often less than Y. Change the type first.": [
            _planes(_differences(lambda x: _uint8(x @ Y), (1.772, 1.402), np.uint8)),
            _planes(_differences(lambda x: (x @ Y).astype(np.uint8), (1.772, 1.402), np.uint8)),
        ],
        "Undivided, B - Y does not fit into a byte. Where are 1.772 and 1.402?": (
            _planes(_differences(lambda x: x @ Y, (1, 1)))
        ),
        "The middle of Cb and Cr is 128, not 127 or 127.5.": [
            _planes(lambda x: x @ JPEG.T + [0, 127, 127]),
            _planes(lambda x: x @ JPEG.T + [0, 127.5, 127.5]),
        ],
        "That is the mean of R, G and B. Luma gives each of them a weight of its own.": (
            _planes(_differences(lambda x: x.mean(-1), (1.772, 1.402)))
        ),
        "Those are the weights of luminance. Luma has others.": [
            _planes(_differences(lambda x: x @ WEIGHTS, (1.772, 1.402))),
            _planes(_differences(lambda x: x @ WEIGHTS, (1.8556, 1.5748))),
        ],
        "Cb and Cr have changed places.": _planes(lambda x: (x @ JPEG.T + OFFSET)[..., [0, 2, 1]]),
        ORDER: _planes(lambda x: x[..., ::-1] @ JPEG.T + OFFSET),
        TRANSPOSED: _planes(lambda x: x @ JPEG + OFFSET),
        "Those are television's levels, Y from 16 to 235. JPEG's Y goes from 0 to 255.": (
            _planes(lambda x: x @ TELEVISION.T + [16, 128, 128])
        ),
    }
)
def to_ycbcr(answer):
    """answer: a function of uint8 (H, W, 3) -> uint8 (3, H, W)."""
    image = _colours()
    exact = image @ JPEG.T + OFFSET
    found = _array(answer(image.copy()), (3, *image.shape[:2]), "(3, H, W)", np.uint8)
    mistakes = ((words, np.moveaxis(f(image), 0, -1)) for words, f in to_ycbcr.mistakes)
    _judge(np.moveaxis(found, 0, -1), _clip(exact), mistakes, image)
    return f"All {image[..., 0].size:,} colours agree with the standard, pure blue too."


def _pixels(values):
    """An answer to to_rgb that has these values, a function of Y, Cb - 128, Cr - 128."""
    return lambda planes: _uint8(values(np.moveaxis(planes, 0, -1) - OFFSET))


@knows(
    {
        "Values outside 0 to 255 wrap in uint8: clip first.": _pixels(lambda x: _wrap(x @ BACK.T)),
        CUT: _pixels(lambda x: np.floor(x @ BACK.T)),
        MIDDLE: _pixels(lambda x: (x + OFFSET) @ BACK.T),
        "You take 128 away after the matrix, from R, G or B. It belongs to Cb and Cr, before.": [
            _pixels(lambda x: (x + OFFSET) @ BACK.T - OFFSET),
            _pixels(lambda x: (x + OFFSET) @ BACK.T - 128),
        ],
        "Y has no 128 to take away.": _pixels(lambda x: (x - [128, 0, 0]) @ BACK.T),
        MOVED: lambda p: _uint8((p.reshape(*p.shape[1:], 3) - OFFSET) @ BACK.T),
        "3 - 128 is 131 in uint8. Change the type first.": _pixels(lambda x: x % 256 @ BACK.T),
        "Cb and Cr have changed places.": _pixels(lambda x: x[..., [0, 2, 1]] @ BACK.T),
        ORDER: _pixels(lambda x: (x @ BACK.T)[..., ::-1]),
        TRANSPOSED: _pixels(lambda x: x @ BACK),
        "That is the forward matrix. You need its inverse.": _pixels(lambda x: x @ JPEG.T),
        "The transpose undoes a rotation, but this matrix is none.": _pixels(lambda x: x @ JPEG),
    }
)
def to_rgb(answer):
    """answer: a function of uint8 (3, H, W) -> uint8 (H, W, 3)."""
    ycbcr = _colours()
    exact = (ycbcr - OFFSET) @ BACK.T
    planes = np.moveaxis(ycbcr, -1, 0)
    found = _array(answer(planes.copy()), ycbcr.shape, "(H, W, 3)", np.uint8)
    _judge(found, _clip(exact), ((words, f(planes)) for words, f in to_rgb.mistakes), ycbcr)
    beyond = np.mean(np.any((exact < -0.5) | (exact >= 255.5), -1))
    return (
        f"All {ycbcr[..., 0].size:,} triples agree with the standard. {100 * beyond:.0f} % of them "
        "lie outside the cube of RGB: no picture holds them, but a decoder may meet them."
    )


def _mean(p):
    """The mean of the four samples of each cell: float (H/2, W/2)."""
    return p.reshape(len(p) // 2, 2, -1, 2).mean((1, 3))


@knows(
    {
        "You keep one sample of four. It lies half a pixel off the middle.": [
            lambda p: p[::2, ::2],
            lambda p: p[1::2, 1::2],
        ],
        OVERFLOW: lambda p: sum(p[i::2, j::2] for i in (0, 1) for j in (0, 1)) / 4,
        "That is the sum of the four, not their mean.": lambda p: 4 * _mean(p),
        "That is a quarter of the mean: do you divide twice?": lambda p: _mean(p) / 4,
        CUT: lambda p: np.floor(_mean(p)),
        "You cut each quarter to a whole number. Add first, then divide.": (
            lambda p: sum(p[i::2, j::2] // 4 for i in (0, 1) for j in (0, 1))
        ),
        "Those four lie half a picture apart. In reshape, 2 comes after the number of cells.": (
            lambda p: p.reshape(2, len(p) // 2, 2, -1).mean((0, 2))
        ),
        "Only two of the four: the second row is missing.": (
            lambda p: (p[::2, ::2] * 1.0 + p[::2, 1::2]) / 2
        ),
        "Only two of the four: the second column is missing.": (
            lambda p: (p[::2, ::2] * 1.0 + p[1::2, ::2]) / 2
        ),
        "Those four lie in one row. A cell is two rows high.": (
            lambda p: p.reshape(len(p) // 2, -1, 4).mean(-1)
        ),
    }
)
def down(answer):
    """answer: a function of uint8 (H, W), H and W even -> float (H/2, W/2), or rounded."""
    plane = _plane()
    exact = _mean(plane)
    found = _array(answer(plane.copy()), exact.shape, "(H/2, W/2)")
    tolerance = 0.5 if np.array_equal(found, np.round(found)) else 1e-3
    _judge(found, exact, ((words, f(plane)) for words, f in down.mistakes), plane, tolerance)
    return f"Each of the {exact.size:,} samples is the mean of its four."


@knows(
    {
        "That is replication. Between two samples the colour must go over, not jump.": (
            lambda p: p.repeat(2, 0).repeat(2, 1)
        ),
        "The far sample weighs more than the near one.": (
            lambda p: _both(lambda q: doubled(q, 0.25), p)
        ),
        "Each half of a cell leans on the neighbour on its own side.": (
            lambda p: _both(_exchanged, p)
        ),
        "A JPEG sample sits between pixels, not on one: no sample stays as it is.": (
            lambda p: _both(_cosited, p * 1.0)
        ),
        BORDER: lambda p: _both(lambda q: doubled(q, pad="constant"), p),
        BORDER + " It is not the other side's.": (
            lambda p: _both(lambda q: doubled(q, pad="wrap"), p)
        ),
        BORDER + " It is not a mirror on that sample.": (
            lambda p: _both(lambda q: doubled(q, pad="reflect"), p)
        ),
        "Half and half? One of the two is three times as near.": (
            lambda p: _both(lambda q: doubled(q, 0.5), p)
        ),
        "You stretch the samples from corner to corner: theirs are the middles of the cells.": (
            lambda p: _both(_stretched, p * 1.0)
        ),
        "The columns are right, the rows are only repeated.": lambda p: doubled(p).repeat(2, 0),
        "The rows are right, the columns are only repeated.": (
            lambda p: doubled(p.T).repeat(2, 0).T
        ),
        OVERFLOW: lambda p: _both(_doubled_in_uint8, p),
        CUT: lambda p: np.floor(_both(doubled, p)),
    }
)
def up(answer):
    """answer: a function of uint8 (h, w) -> (2h, 2w) by the triangle filter, float or rounded."""
    plane = _plane()
    exact = _both(doubled, plane)
    found = _array(answer(plane.copy()), exact.shape, "(2h, 2w)")
    _judge(found, exact, ((words, f(plane)) for words, f in up.mistakes), plane)
    return f"All {exact.size:,} samples are where the triangle puts them, at the border too."


def doubled(plane, near=0.75, pad="edge"):
    """The triangle filter along the rows: float (h, w) -> float (h, 2 w)."""
    wide = np.pad(plane, ((0, 0), (1, 1)), mode=pad)
    out = np.empty((plane.shape[0], 2 * plane.shape[1]))
    out[:, 0::2] = near * plane + (1 - near) * wide[:, :-2]
    out[:, 1::2] = near * plane + (1 - near) * wide[:, 2:]
    return out


def _both(double, plane):
    """Double along the rows, then along the columns."""
    return double(double(plane).T).T


def _stretched(plane):
    """As scipy.ndimage.zoom does unless told otherwise: first on first, last on last."""
    places = np.linspace(0, plane.shape[1] - 1, 2 * plane.shape[1])
    return np.array([np.interp(places, np.arange(plane.shape[1]), row) for row in plane])


def _exchanged(plane):
    return doubled(plane).reshape(*plane.shape, 2)[..., ::-1].reshape(plane.shape[0], -1)


def _cosited(plane):
    following = np.pad(plane[:, 1:], ((0, 0), (0, 1)), mode="edge")
    return np.stack([plane, (plane + following) / 2], -1).reshape(plane.shape[0], -1)


def _doubled_in_uint8(plane):
    wide = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
    left, right = 3 * plane + wide[:, :-2], 3 * plane + wide[:, 2:]
    return (np.stack([left, right], -1) // 4).reshape(plane.shape[0], -1)


def _steps(p, axis=1, of=np.square):
    """of(neighbour - sample), inside the pairs 0-1, 2-3, ... and across, 1-2, 3-4, ..., means."""
    steps = of(np.diff(p.astype(float), axis=axis)).swapaxes(1, axis)
    return steps[:, 0::2].mean(), steps[:, 1::2].mean()


@knows(
    {
        "In uint8, 3 - 5 is 254. Change the type first.": [
            lambda p: tuple(np.mean((np.diff(p) * 1.0)[:, i::2] ** 2) for i in (0, 1)),
            lambda p: tuple(np.mean(np.diff(p)[:, i::2] ** 2) for i in (0, 1)),
        ],
        "Those pairs stand one above the other. Take neighbours in a row.": (
            lambda p: _steps(p, axis=0)
        ),
        "Inside and across have changed places.": lambda p: _steps(p)[::-1],
        "Up and down cancel in that mean: square the differences.": (
            lambda p: _steps(p, of=lambda d: d)
        ),
        "First the squares, then their mean.": lambda p: np.square(_steps(p, of=lambda d: d)),
        "Those are sums. A mean is asked for.": lambda p: (
            np.array(_steps(p)) * len(p) * (p.shape[1] // 2, (p.shape[1] - 1) // 2)
        ),
        "Those are the means of the sizes. Square them.": lambda p: _steps(p, of=np.abs),
        "No root: the mean of the squares is asked for.": lambda p: np.sqrt(_steps(p)),
        "All neighbours are in both numbers. Column 1 and 2 are no pair.": (
            lambda p: (np.mean(np.diff(p * 1.0) ** 2),) * 2
        ),
        "Those are columns 0, 2, 4, ...: two pixels apart, not neighbours.": (
            lambda p: tuple(np.mean(np.diff(p[:, i::2] * 1.0) ** 2) for i in (0, 1))
        ),
    },
    otherwise="Two numbers: inside the pairs of columns 0-1, 2-3, ..., and across, 1-2, 3-4, ...",
)
def pairs(answer):
    """answer: a function of uint8 (H, W) -> two mean squared differences, inside and across."""
    for width in (60, 59):  # the last column of 59 has no partner
        plane = _plane()[:, :width]
        found = answer(plane.copy())
        if np.shape(found) != (2,):
            raise Wrong(pairs.otherwise)
        if not np.allclose(found, _steps(plane), rtol=1e-3):
            raise Wrong(hint(pairs, found, plane, rtol=1e-3))
    return "Now ask it about the four photographs."


# --- what they share -----------------------------------------------------------------


def _colours():
    """uint8 (52, 2704, 3): every fifth level of R, G and B, the eight corners included."""
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(52, -1, 3)


def _plane():
    """uint8 (100, 60): the blue samples of a part of a photograph, dark and bright."""
    return images.sample("coffee")[100:200, 300:360, 2]


def _round(values):
    return np.floor(values + 0.5)


def _clip(values):
    return np.clip(values, 0, 255)


def _uint8(values):
    return _clip(_round(values)).astype(np.uint8)


def _wrap(values):
    return _round(values) % 256


def _array(found, shape, words, dtype=None):
    found = np.asarray(found)
    if found.shape != shape:
        raise Wrong(f"Your array has the shape {found.shape}; {words} is {shape} here.")
    if dtype and found.dtype != dtype:
        raise Wrong(
            f"Your samples are {found.dtype}; a file holds whole numbers, {dtype.__name__}."
        )
    return found


def _judge(found, exact, mistakes, given, tolerance=0.5):
    """Wrong with a hint unless every value is exact within the tolerance."""
    wrong = ~_near(found, exact, tolerance)
    if not wrong.any():
        return
    for words, values in mistakes:
        concerned = wrong | ~_near(values, exact, tolerance)
        nearer = np.abs(found - values) <= np.abs(found - exact)  # an error, and not just this one
        if np.mean(_near(found, values, 0.99)[concerned]) > 0.99 and nearer[wrong].mean() > 0.5:
            raise Wrong(words)
    row, column = np.argwhere(wrong)[0][:2]
    much = np.abs(found - exact).max()
    if found.ndim == 3 and much < 1.5:
        raise Wrong("Some values are one level off. Have your coefficients all their digits?")
    if found.ndim == 3:
        raise Wrong(f"Try the pixel {given[row, column].tolist()}: {found[row, column].tolist()}?")
    if much < 1 and np.array_equal(found, np.round(found)):
        raise Wrong("Some values are off by less than a level. Round only once, at the end.")
    raise Wrong(
        f"Row {row}, column {column} is off by {abs(found - exact)[row, column]:.2g} levels."
    )


def _near(values, others, tolerance):
    return np.abs(values - others) <= tolerance + 1e-6


check = checks(to_ycbcr, down, up, pairs, to_rgb)
