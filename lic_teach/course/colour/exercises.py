"""Checks: RGB to YCbCr and back, exact to the standard; 4:2:0 down and up.

The oracle for colour is the standard's formula (T.871, clause 7) before it is rounded. Where it
lies exactly between two levels, both count as right. A wrong answer is compared with what known
mistakes give, and the one that explains its wrong values has the hint.
"""

import numpy as np

from lic_teach import images
from lic_teach.kit.checks import Wrong, checks

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
TRANSPOSED = "The matrix is transposed: each row makes one of the new values."


def to_ycbcr(answer):
    """answer: a function of uint8 (H, W, 3) -> uint8 (3, H, W)."""
    image = _colours()
    exact = image @ JPEG.T + OFFSET
    found = _array(answer(image.copy()), (3, *image.shape[:2]), "(3, H, W)", np.uint8)
    early = _round(exact[..., :1])
    mistakes = {
        "Pure blue has Cb = 255.5. Rounded, that is no uint8: clip first.": _wrap(_round(exact)),
        CUT: _clip(np.floor(exact)),
        MIDDLE: _clip(_round(exact - OFFSET)),
        "Where is the middle of Cb? Values under 0 wrap in uint8.": _wrap(_round(exact - OFFSET)),
        "Y needs no 128: black has Y = 0.": _clip(_round(exact + [128, 0, 0])),
        "You round Y before you subtract it. Round last.": _clip(
            _round(np.concatenate([early, (image[..., [2, 0]] - early) / [1.772, 1.402] + 128], -1))
        ),
        "Cb and Cr have changed places.": _clip(_round(exact[..., [0, 2, 1]])),
        ORDER: _clip(_round(image[..., ::-1] @ JPEG.T + OFFSET)),
        TRANSPOSED: _clip(_round(image @ JPEG + OFFSET)),
        "Those are television's levels, Y from 16 to 235. JPEG's Y goes from 0 to 255.": _round(
            image @ TELEVISION.T + [16, 128, 128]
        ),
    }
    _judge(np.moveaxis(found, 0, -1), _clip(exact), mistakes, image)
    return f"All {image[..., 0].size:,} colours agree with the standard, pure blue too."


def to_rgb(answer):
    """answer: a function of uint8 (3, H, W) -> uint8 (H, W, 3)."""
    ycbcr = _colours()
    centred = ycbcr - OFFSET
    exact = centred @ BACK.T
    found = _array(answer(np.moveaxis(ycbcr, -1, 0).copy()), ycbcr.shape, "(H, W, 3)", np.uint8)
    small = ycbcr - OFFSET.astype(np.uint8)
    mistakes = {
        "Values outside 0 to 255 wrap in uint8: clip first.": _wrap(_round(exact)),
        CUT: _clip(np.floor(exact)),
        MIDDLE: _clip(_round(ycbcr @ BACK.T)),
        "3 - 128 is 131 in uint8. Change the type first.": _clip(_round(small @ BACK.T)),
        "Cb and Cr have changed places.": _clip(_round(centred[..., [0, 2, 1]] @ BACK.T)),
        ORDER: _clip(_round(exact[..., ::-1])),
        TRANSPOSED: _clip(_round(centred @ BACK)),
        "That is the forward matrix. You need its inverse.": _clip(_round(centred @ JPEG.T)),
        "The transpose undoes a rotation, but this matrix is none.": _clip(_round(centred @ JPEG)),
    }
    _judge(found, _clip(exact), mistakes, ycbcr)
    beyond = np.mean(np.any((exact < -0.5) | (exact >= 255.5), -1))
    return (
        f"All {ycbcr[..., 0].size:,} triples agree with the standard. {100 * beyond:.0f} % of them "
        "lie outside the cube of RGB: no picture holds them, but a decoder may meet them."
    )


def down(answer):
    """answer: a function of uint8 (H, W), H and W even -> float (H/2, W/2), or rounded."""
    plane = _plane()
    height, width = plane.shape[0] // 2, plane.shape[1] // 2
    p = plane.astype(float)
    exact = p.reshape(height, 2, width, 2).mean((1, 3))
    found = _array(answer(plane.copy()), exact.shape, "(H/2, W/2)")
    mistakes = {
        "You keep one sample of four. It lies half a pixel off the middle.": p[::2, ::2],
        OVERFLOW: sum(plane[i::2, j::2] for i in (0, 1) for j in (0, 1)) / 4,
        "That is the sum of the four, not their mean.": 4 * exact,
        "That is a quarter of the mean: do you divide twice?": exact / 4,
        CUT: np.floor(exact),
        "Only two of the four: the second row is missing.": (p[::2, ::2] + p[::2, 1::2]) / 2,
        "Only two of the four: the second column is missing.": (p[::2, ::2] + p[1::2, ::2]) / 2,
        "Those four lie in one row. A cell is two rows high.": p.reshape(height, width, 4).mean(-1),
    }
    whole = np.array_equal(found, np.round(found))
    _judge(found, exact, mistakes, plane, 0.5 if whole else 1e-3)
    return f"Each of the {exact.size:,} samples is the mean of its four."


def up(answer):
    """answer: a function of uint8 (h, w) -> (2h, 2w) by the triangle filter, float or rounded."""
    plane = _plane()
    p = plane.astype(float)
    exact = _both(doubled, p)
    found = _array(answer(plane.copy()), exact.shape, "(2h, 2w)")
    mistakes = {
        "That is replication. Between two samples the colour must go over, not jump.": _both(
            lambda q: q.repeat(2, 1), p
        ),
        "The far sample weighs more than the near one.": _both(lambda q: doubled(q, 0.25), p),
        "Each half of a cell leans on the neighbour on its own side.": _both(_exchanged, p),
        "A JPEG sample sits between pixels, not on one: no sample stays as it is.": _both(
            _cosited, p
        ),
        BORDER: _both(lambda q: doubled(q, pad="constant"), p),
        BORDER + " It is not the other side's.": _both(lambda q: doubled(q, pad="wrap"), p),
        "The columns are right, the rows are only repeated.": doubled(p).repeat(2, 0),
        "The rows are right, the columns are only repeated.": doubled(p.T).repeat(2, 0).T,
        OVERFLOW: _both(_doubled_in_uint8, plane),
        CUT: np.floor(exact),
    }
    _judge(found, exact, mistakes, plane)
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


def _exchanged(plane):
    return doubled(plane).reshape(*plane.shape, 2)[..., ::-1].reshape(plane.shape[0], -1)


def _cosited(plane):
    following = np.pad(plane[:, 1:], ((0, 0), (0, 1)), mode="edge")
    return np.stack([plane, (plane + following) / 2], -1).reshape(plane.shape[0], -1)


def _doubled_in_uint8(plane):
    wide = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
    left, right = 3 * plane + wide[:, :-2], 3 * plane + wide[:, 2:]
    return (np.stack([left, right], -1) // 4).reshape(plane.shape[0], -1)


# --- what the four share -----------------------------------------------------------------


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


def _wrap(values):
    return values % 256


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
    for hint, values in mistakes.items():
        concerned = wrong | ~_near(values, exact, tolerance)
        if np.mean(_near(found, values, 0.99)[concerned]) > 0.99:
            raise Wrong(hint)
    row, column = np.argwhere(wrong)[0][:2]
    much = np.abs(found - exact).max()
    if found.ndim == 3 and much < 1.5:
        raise Wrong("Some values are one level off. Have your coefficients all their digits?")
    if found.ndim == 3:
        raise Wrong(f"Try the pixel {given[row, column].tolist()}: {found[row, column].tolist()}?")
    if much <= 1:
        raise Wrong("Some values are off by less than a level. Round only once, at the end.")
    raise Wrong(
        f"Row {row}, column {column} is off by {abs(found - exact)[row, column]:.1f} levels."
    )


def _near(values, others, tolerance):
    return np.abs(values - others) <= tolerance + 1e-6


check = checks(to_ycbcr, to_rgb, down, up)
