"""Checks: straight-through rounding, shared dither, how far training's rate may be trusted."""

import numpy as np
import torch

from lic_teach.course.noise_for_rounding import rounding
from lic_teach.kit.checks import Wrong, checks, hint, knows, number
from lic_teach.kit.plots import minus

CUT_OFF = "Forwards it is right. Backwards it is cut off from y: it has no gradient."
FINE = np.geomspace(0.03, 2, 2001)  # widths, a fifth of a percent apart

# --- 1 -----------------------------------------------------------------------------------


@knows(
    {
        "Forwards nothing is rounded: the decoder would get numbers that no file holds.": (
            lambda y: y
        ),
        "−1.7 is nearest to −2, and 0.6 to 1: round to the nearest, not down or up.": [
            lambda y: y.floor(),
            lambda y: y.ceil(),
        ],
        "−1.7 became −1: round to the nearest, not towards zero.": lambda y: y.trunc(),
        "Forwards y is in it once too often: what must be added to y to make it round?": [
            lambda y: 2 * y.round(),
            lambda y: y + y.round(),
        ],
        "That is the rounding error. What is left when y is added to it?": lambda y: y.round() - y,
    },
    otherwise="Forwards it should be torch.round(y), and it is not.",
)
def straight_through(answer):
    """answer: a function of a tensor -> the same, rounded, with the gradient of not rounding."""
    y = torch.tensor([-1.7, -0.2, 0.3, 0.6, 2.49], requires_grad=True)
    before = y.detach().clone()
    found = answer(y)
    if not isinstance(found, torch.Tensor) or found.shape != y.shape:
        raise Wrong(f"Return a tensor of the shape of y, {tuple(y.shape)}.")
    if not found.is_floating_point():
        raise Wrong(f"Whole numbers, but floats: {found.dtype} can have no gradient.")
    if not torch.equal(y.detach(), before):
        raise Wrong("You changed y itself. Make a new tensor.")
    if not torch.allclose(found.detach(), before.round(), atol=1e-5):
        raise Wrong(hint(straight_through, found.detach(), before, rtol=1e-5))
    if not found.requires_grad:
        raise Wrong(CUT_OFF)
    (slope,) = torch.autograd.grad(found.sum(), y, allow_unused=True)
    if slope is None:
        raise Wrong(CUT_OFF)
    if not torch.equal(slope, torch.ones(5)):
        raise Wrong(_backward_hint(slope))
    (slope,) = torch.autograd.grad((answer(y)[2] - 1) ** 2, y)
    return minus(
        f"At y = 0.3 the loss (ŷ − 1)² has the slope 0 if ŷ is rounded, {slope[2].item():.1f} "
        "straight through, and −1.4 with noise, on average."
    )


def _backward_hint(slope):
    if not slope.any():
        return (
            "Forwards it is right. Backwards all gradients are 0: round has none, and y − y has "
            "none. Which part must autograd not see?"
        )
    if torch.equal(slope, -torch.ones(5)):
        return "Forwards it is right. Backwards the sign is turned: you hid the y that should stay."
    return f"Forwards it is right. Backwards each gradient should be 1, not {slope.tolist()}."


# --- 2 -----------------------------------------------------------------------------------


def dithered(answer):
    """answer: a function of y and v, float (n,) -> whole numbers k, decoded y_hat."""
    rng = np.random.default_rng(13)
    y, v = rng.normal(0.2, 3.0, 5000), rng.uniform(-0.5, 0.5, 5000)
    found = answer(y.copy(), v.copy())
    if not isinstance(found, tuple | list | np.ndarray) or len(found) != 2:
        raise Wrong("Return two arrays: k for the file, and the decoded y_hat.")
    k, y_hat = (np.asarray(part, float) for part in found)
    if k.shape != y.shape or y_hat.shape != y.shape:
        raise Wrong(f"One k and one y_hat for each of {len(y)} latents, not {k.shape}.")
    if not np.array_equal(k, np.rint(k)):
        raise Wrong("The file holds whole numbers only: k is not whole.")
    if wrong := _dither_hint(y, v, k, y_hat):
        raise Wrong(wrong)
    errors = [np.asarray(answer(np.full_like(v, at), v)[1]) - at for at in (0.0, 0.3, 7.9)]
    squares = ", ".join(f"{np.mean(np.square(error)):.3f}" for error in errors)
    return f"For y = 0, 0.3 and 7.9 the mean squared error is {squares}. 1/12 is 0.083."


def _dither_hint(y, v, k, y_hat):
    """What is wrong, or "" where nothing is. Adding v first, subtracting it last is right too."""
    error = y_hat - y
    if np.array_equal(y_hat, k):
        if np.array_equal(k, np.rint(y)):
            return "That is plain rounding: for y = 0.3 the error is −0.3 every time. Where is v?"
        return "The stairs were moved, and not moved back: the decoder knows v, too."
    if not np.allclose(np.abs(y_hat - k), np.abs(v)):
        return "The decoder has k and v, and nothing else: from these alone it makes y_hat."
    if np.array_equal(k, np.rint(y)):
        return "The encoder did not use v: the stairs stand where they always stood."
    if any(np.array_equal(k, down(y + s * v)) for down in (np.floor, np.trunc) for s in (-1, 1)):
        return "y moved by v is to be rounded to the nearest whole number, not down or towards 0."
    if np.abs(error).max() > 0.5 + 1e-9:
        return (
            f"An error of {np.abs(error).max():.2f}: half a step is the most. Mind the two signs."
        )
    return ""


# --- 3 -----------------------------------------------------------------------------------

PARTS = 0.01, 0.05, 0.1


def _trust(off=lambda file, training: np.abs(training / file - 1), pick=np.max):
    """The widths at which noise is too far off, and one of them; with something done otherwise."""

    def answer(part):
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = off(rounding.rounded(0.0, FINE).bits, rounding.noisy(FINE).bits)
        return pick(FINE[gap > part])

    return answer


@knows(
    {
        "Divide by the file's bits: training's are what is to be judged.": (
            _trust(lambda file, training: np.abs(file / training - 1))
        ),
        "That is a gap in bits. A part of the file's bits is asked for.": (
            _trust(lambda file, training: np.abs(training - file))
        ),
        "That is for the squared errors. The bits are asked for.": lambda part: FINE[
            np.abs(rounding.noisy(FINE).error / rounding.rounded(0.0, FINE).error - 1) > part
        ].max(),
    }
)
def trust(answer):
    """answer: a function of a part, say 0.01 -> the smallest sigma from which noise is so good."""
    found = [number(answer(part), f"For {part:.0%}: ") for part in PARTS]
    for part, sigma in zip(PARTS, found, strict=True):
        if not np.isclose(sigma, right := _trust()(part), rtol=0.01):
            where = minus(f"For {part:.0%} you say {sigma:.4g}. ")
            raise Wrong(where + (_trust_hint(found) or _side(sigma, right)))
    one, tenth = (_trust()(part) for part in (0.01, 0.1))
    return f"From σ = {one:.2f} on the two rates differ by 1 % at most, from {tenth:.2f} by 10 %."


def _trust_hint(found):
    """Of the answers for all PARTS: one alone may lie near a mistake by chance."""
    for words, mistake in trust.mistakes:
        if np.allclose(found, [mistake(part) for part in PARTS], rtol=0.004):
            return words
    return ""


def _side(found, right):
    """Of an answer that is like no mistake."""
    if not FINE[0] <= found <= FINE[-1]:
        return "That is none of the widths from 0.03 to 2."
    if found < right:
        return "Just above it training is still too far off."
    return "From there on it is good enough, but a narrower latent would be, too."


check = checks(straight_through, dithered, trust)
