"""Checks: the encoder's gradient is a sum; who hears of nothing; a wrong detach."""

import numpy as np
import torch

from lic_teach import images
from lic_teach.course.gradient_from_the_middle import pulls
from lic_teach.kit.checks import NotDone, Wrong, checks, hint, knows
from lic_teach.learned import entropy, quantize

# --- 1 -----------------------------------------------------------------------------------


def given(n, k, m, seed=0):
    """x (n, k), V (k, m), g_R (n, m), g_D (n, k), lam to try an encoder's gradient on."""
    rng = np.random.default_rng(seed)
    shapes = (n, k), (k, m), (n, m), (n, k)
    return (*(rng.normal(size=shape) for shape in shapes), 0.3)


def by_torch(x, V, g_R, g_D, lam):
    """dL/dW by autograd: R and D are any functions whose gradients are g_R and g_D."""
    W = torch.zeros(V.shape[::-1], dtype=torch.float64, requires_grad=True)
    x, V, g_R, g_D = (torch.tensor(a) for a in (x, V, g_R, g_D))
    y = x @ W.T
    R, D = (y * g_R).sum(), (y @ V.T * g_D).sum()
    return torch.autograd.grad(R + lam * D, W)[0].numpy()


def _back(rule):
    """An answer to encoder_gradient with another gradient of y."""
    return lambda x, V, g_R, g_D, lam: rule(g_R, g_D @ V, lam).T @ x


@knows(
    {
        "That is R's share alone. What comes back from the picture?": _back(lambda r, d, lam: r),
        "That is D's share alone. y goes into the prior, too.": _back(lambda r, d, lam: lam * d),
        "That is D's share alone, without λ, and y goes into the prior, too.": (
            _back(lambda r, d, lam: d)
        ),
        "Both ways are there. How loud is D in L?": _back(lambda r, d, lam: r + d),
        "λ belongs to D only: L = R + λD.": _back(lambda r, d, lam: lam * (r + d)),
        "λ stands at the wrong one of the two.": _back(lambda r, d, lam: lam * r + d),
        "Used twice adds up. Why a minus?": _back(lambda r, d, lam: r - lam * d),
        "It is a sum, not a mean: L is no mean of R and D either.": (
            _back(lambda r, d, lam: (r + lam * d) / 2)
        ),
        "Each row of x adds its share. You took their mean.": (
            _back(lambda r, d, lam: (r + lam * d) / len(r))
        ),
        "Going back, the gradient meets V, not its transpose.": (
            lambda x, V, g_R, g_D, lam: (g_R + lam * g_D @ V.T).T @ x
        ),
        "g_D is the gradient of x̂. What did y go through to become x̂?": (
            lambda x, V, g_R, g_D, lam: (g_R + lam * g_D).T @ x
        ),
        "That is the gradient of y. One step further back lies W.": (
            lambda x, V, g_R, g_D, lam: g_R + lam * g_D @ V
        ),
        "The gradient itself is asked for. The minus comes with the step downhill.": (
            _back(lambda r, d, lam: -(r + lam * d))
        ),
        "* multiplies number by number. @ multiplies matrices.": (
            lambda x, V, g_R, g_D, lam: (g_R + lam * g_D * V).T @ x
        ),
        "It is transposed: row i of W makes latent i.": (
            lambda x, V, g_R, g_D, lam: x.T @ (g_R + lam * g_D @ V)
        ),
    },
    otherwise="First the gradient of y, a sum of two. Then, as in Learning, from y back to W.",
)
def encoder_gradient(answer):
    """answer: a function of x, V, dR/dy, dD/dx_hat, lam -> dL/dW."""
    for shape in ((6, 6, 6), (40, 8, 3), (1, 5, 7)):  # a forgotten transpose fits into a square
        arrays = given(*shape)
        found = np.asarray(answer(*(np.copy(a) for a in arrays[:4]), arrays[4]))
        right = by_torch(*arrays)
        if found.shape != right.shape:
            turned = " Is it transposed?" if found.shape == right.shape[::-1] else ""
            raise Wrong(f"Yours is {found.shape}, W is (m, k) = {right.shape}.{turned}")
        if not np.allclose(found, right):
            square = len(set(shape)) == 1  # some mistakes fit into nothing else
            known = hint(encoder_gradient, found, *arrays, rtol=1e-5) if square else ""
            raise Wrong(known or encoder_gradient.otherwise)
    return "It agrees with autograd for three shapes: one path each, and they add up at y."


# --- 2 -----------------------------------------------------------------------------------

LOSSES = ("R", "λ·D", "R + 0·D")
WORDS = ("none", "zero", "alive")


def who_hears(answer):
    """answer: {"R": {"g_a": "alive", ...}, "λ·D": {...}, "R + 0·D": {...}}."""
    if not isinstance(answer, dict) or set(answer) != set(LOSSES):
        raise Wrong(f"One prediction for each of the losses {', '.join(LOSSES)}.")
    if any(
        not isinstance(parts, dict) or set(parts) != set(pulls.PARTS) for parts in answer.values()
    ):
        raise Wrong(f"For each loss one word for each of the parts {', '.join(pulls.PARTS)}.")
    words = [answer[loss][part] for loss in LOSSES for part in pulls.PARTS]
    if any(word is ... for word in words):
        raise NotDone
    if not all(isinstance(word, str) and word in WORDS for word in words):
        raise Wrong('Each word is one of "none", "zero" and "alive".')
    right = by_autograd()
    for loss in LOSSES:
        for part in pulls.PARTS:
            if answer[loss][part] != right[loss][part]:
                raise Wrong(f"L = {loss}, {part}: {_hears_hint(loss, part, answer[loss][part])}")
    return "All twelve are as autograd finds them. Only one of them is a zero."


def _hears_hint(loss, part, said):
    if loss == "R + 0·D":
        if part == "g_s":
            alive = "0 times anything is 0." if said == "alive" else "D does stand in this formula."
            return f"{alive} There is a way from this L to g_s, and what comes along it?"
        return "As with R alone, but for one part. Which one does only D depend on?"
    if part == "steps":
        return "The latents are divided by the step, and multiplied by it again. Who sees which?"
    if said == "zero":
        return "A zero is an answer that came back along a way. Is there a way, and what kills it?"
    if loss == "R":
        if part == "g_s":
            return "Change g_s as you like: does one bit of the file change?"
        return "Is it on the way from x to the bits?"
    if part == "prior":
        return "The mean enters ŷ, but only inside the detach of straight_through."
    return "Is it on the way from x to x̂? And straight_through lets the gradient pass."


def by_autograd(side=32):
    """The same from the codec before its first step: {loss: {part: word}}."""
    model = pulls.codec(pulls.UNTRAINED)
    x = pulls.to_tensor(images.thread_block().repeat(side // 8, 0).repeat(side // 8, 1))
    R, D = pulls.losses(model, x)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = {}
    for loss, L in zip(LOSSES, (R, pulls.LAM * D, R + 0 * D), strict=True):
        slopes = torch.autograd.grad(L, parameters, retain_graph=True, allow_unused=True)
        found[loss] = {part: _word(part, names, slopes) for part in pulls.PARTS}
    return found


def _word(part, names, slopes):
    pairs = zip(names, slopes, strict=True)
    mine = [g for name, g in pairs if pulls.part_of(name) == part]
    if all(g is None for g in mine):
        return "none"
    return "alive" if any(g is not None and g.any() for g in mine) else "zero"


# --- 3 -----------------------------------------------------------------------------------


def tiny(seed=0):
    """Blocks x (50, 8) and parameters W, V, mean, sigma of a codec of three latents."""
    rng = torch.Generator().manual_seed(seed)
    x, W, V = (torch.randn(shape, generator=rng) * 2 for shape in ((50, 8), (3, 8), (8, 3)))
    return x, W / 4, V / 8, torch.tensor([0.3, -0.2, 0.1]), torch.tensor([1.5, 1.0, 2.0])


def right_loss(x, W, V, mean, sigma, lam, hear_R=True, through=quantize.straight_through):
    """What the mended function should compute, and with the options what broken ones do."""
    y = x @ W.T
    noisy = quantize.add_noise(y if hear_R else y.detach())
    R = entropy.bits(entropy.likelihood(noisy, mean, sigma)).sum(1).mean()
    return R + lam * ((through(y, mean) @ V.T - x) ** 2).mean()


NAMES = ("W", "V", "mean", "sigma")


def slopes(loss, lam=0.5):
    """Value of a loss function on tiny(), and its gradients, None where there are none."""
    x, *leaves = tiny()
    leaves = [leaf.requires_grad_() for leaf in leaves]
    torch.manual_seed(1)
    value = loss(x, *leaves, lam)
    if not isinstance(value, torch.Tensor) or value.ndim:
        raise Wrong("Return L, a tensor of one number.")
    if not value.requires_grad:
        raise Wrong("Nothing is left that could learn: your L hangs on no parameter.")
    return value.item(), torch.autograd.grad(value, leaves, allow_unused=True)


def _all_inside(y, mean):
    return y + torch.round(y - mean) + mean - y


def _mean_outside(y, mean):
    return y + mean + (torch.round(y - mean) - y).detach()


def _all_detached(y, mean):
    return (torch.round(y - mean) + mean).detach()


def _broken(hear_R, through):
    return lambda *given: right_loss(*given, hear_R=hear_R, through=through)


@knows(
    {
        "Neither loss reaches W, and the mean hears of the picture.": _broken(False, _all_inside),
        "Rounding is mended. But W still hears nothing of R.": (
            _broken(False, quantize.straight_through)
        ),
        "D reaches W now. R does not, and the mean hears of D.": _broken(False, _mean_outside),
        "Nothing reaches W at all: neither R nor D.": _broken(False, _all_detached),
        "R reaches W now. D does not: y − y leaves 1 − 1, and round leaves 0.": (
            _broken(True, _all_inside)
        ),
        "W is right. But the mean hears of D: is it inside the detach?": (
            _broken(True, _mean_outside)
        ),
        "R reaches W now. D does not: you detached y with all the rest.": (
            _broken(True, _all_detached)
        ),
    }
)
def mended(answer):
    """answer: a function of x, W, V, mean, sigma, lam -> L, with a way for every gradient."""
    value, found = slopes(answer)
    expected, right = slopes(right_loss)
    if not np.isclose(value, expected, rtol=1e-5):
        raise Wrong(
            f"L itself has changed: {value:.3f} instead of {expected:.3f}. The values were right, "
            "only the ways back were not."
        )
    if not _same(found, right):
        raise Wrong(_mended_hint(found))
    return "Every parameter hears of what it changes, and of nothing else."


def _same(found, right):
    return all(
        (a is None and b is None)
        or (a is not None and b is not None and torch.allclose(a, b, rtol=1e-4, atol=1e-6))
        for a, b in zip(found, right, strict=True)
    )


def _mended_hint(found):
    for words, broken in mended.mistakes:
        if _same(found, slopes(broken)[1]):
            return words
    bad = [
        n
        for n, a, b in zip(NAMES, found, slopes(right_loss)[1], strict=True)
        if not _same([a], [b])
    ]
    return f"The gradient of {', '.join(bad)} is not yet right. Which ways lead to it from L?"


check = checks(encoder_gradient, who_hears, mended)
