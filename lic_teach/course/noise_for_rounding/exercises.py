"""Checks: the density of a noisy latent, shared dither, straight-through rounding."""

import numpy as np
import torch
from scipy import integrate, stats

from lic_teach.kit.checks import Wrong, checks, hint, knows
from lic_teach.kit.plots import minus

# --- 1 -----------------------------------------------------------------------------------

LATENTS = {
    "a Gaussian": stats.norm(0.3, 0.7),
    "a Laplace latent": stats.laplace(-0.2, 0.4),
    "a lopsided one": stats.expon(-0.6, 0.8),
}
PLACES = (-1.3, -0.4, 0.0, 0.25, 0.9, 1.7)


def _window(low, high, height=1):
    """What lies in a window about t, as an answer to noisy_density."""
    return lambda t, cdf: height * (cdf(t + high) - cdf(t + low))


@knows(
    {
        "A density is never negative: which end is subtracted?": _window(0.5, -0.5),
        "Your window begins at t. From where can noise have moved y to t?": _window(0, 1),
        "Your window ends at t. From where can noise have moved y to t?": _window(-1, 0),
        "Your window is two steps wide. How far does the noise reach?": _window(-1, 1),
        "Half of it: how high is the density of u?": _window(-0.5, 0.5, 1 / 2),
        "Your window is half a step wide. How far does the noise reach?": _window(-0.25, 0.25),
        "That is the density of y, before noise.": _window(-1e-5, 1e-5, 1 / 2e-5),
        "So much lies below t + ½. All of it could become t?": lambda t, cdf: cdf(t + 0.5),
        "That is for N(0, 1). Use the cdf given.": (
            lambda t, cdf: _window(-0.5, 0.5)(t, stats.norm.cdf)
        ),
        "That is how much lies below t, not how dense it is at t.": lambda t, cdf: cdf(t),
        "That is P(ŷ): y + u need not be whole.": (
            lambda t, cdf: _window(-0.5, 0.5)(np.rint(t), cdf)
        ),
    },
    otherwise="y + u = t: which y are possible? The cdf tells how much of y lies there.",
)
def noisy_density(answer):
    """answer: a function of t and a cdf -> the density of y + u at t, u uniform in -1/2..1/2."""
    for name, latent in LATENTS.items():
        for t in PLACES:
            found, right = float(answer(t, latent.cdf)), _convolved(latent, t)
            if not np.isclose(found, right, atol=1e-5):
                where = f"{name[0].upper()}{name[1:]}, t = {t:g}: you say {found:.4g}. "
                raise Wrong(where + hint(noisy_density, found, t, latent.cdf, rtol=1e-3))
    return "It agrees with the convolution integral for three latents, one of them lopsided."


def _convolved(latent, t):
    """The density of a sum: the densities of y and u, convolved, by quadrature."""
    bend = [t - latent.support()[0]] if np.isfinite(latent.support()[0]) else [t - latent.median()]
    bend = [u for u in bend if -0.5 < u < 0.5]
    return integrate.quad(lambda u: latent.pdf(t - u), -0.5, 0.5, points=bend or None)[0]


# --- 2 -----------------------------------------------------------------------------------


def dithered(answer):
    """answer: a function of y and v, float (n,) -> whole numbers k, decoded y_hat."""
    rng = np.random.default_rng(13)
    y, v = rng.normal(0.2, 3.0, 5000), rng.uniform(-0.5, 0.5, 5000)
    found = answer(y.copy(), v.copy())
    if not isinstance(found, tuple | list) or len(found) != 2:
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
    if np.abs(error).max() > 0.5 + 1e-9:
        return (
            f"An error of {np.abs(error).max():.2f}: half a step is the most. Mind the two signs."
        )
    return ""


# --- 3 -----------------------------------------------------------------------------------


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
    if not torch.equal(y.detach(), before):
        raise Wrong("You changed y itself. Make a new tensor.")
    if not torch.allclose(found.detach(), before.round(), atol=1e-5):
        raise Wrong(hint(straight_through, found.detach(), before, rtol=1e-5))
    if not found.requires_grad:
        raise Wrong("Forwards it is right. Backwards it is cut off from y: it has no gradient.")
    (slope,) = torch.autograd.grad(found.sum(), y)
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


check = checks(noisy_density, dithered, straight_through)
