"""Checks: a codec's backward pass, what is alive."""

import numpy as np
import torch

from lic_teach.kit.checks import Wrong, checks, knows

# --- 1 -----------------------------------------------------------------------------------


def codec(count, k, m, seed=0):
    """Blocks x (count, k), weights W (m, k) and V (k, m) to try a backward pass on."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, k)), rng.normal(size=(m, k)), rng.normal(size=(k, m))


def by_torch(x, W, V):
    """dL/dW and dL/dV of L = mean((relu(x Wᵀ) Vᵀ - x)²), by autograd."""
    W, V = (torch.tensor(weights, requires_grad=True) for weights in (W, V))
    x = torch.tensor(x)
    torch.mean((torch.relu(x @ W.T) @ V.T - x) ** 2).backward()
    return W.grad.numpy(), V.grad.numpy()


def codec_back(
    start=lambda e: 2 * e / e.size,
    back=lambda g, V: g @ V,
    slope=lambda z: z > 0,
    through=lambda g, slope: g * slope,
    W=lambda g, x: g.T @ x,
    V=lambda g, y, z: g.T @ y,
    bend=lambda z: np.maximum(0, z),
):
    """A backward pass with one thing done in another way, or with none."""

    def answer(x, weights, decoder):
        z = x @ weights.T
        y = bend(z)
        g = start(y @ decoder.T - x)
        return W(through(back(g, decoder), slope(z)), x), V(g, y, z)

    return answer


NOT_V, NOT_W = "g_V is not right. ", "g_V is right, g_W is not. "
COLLECTS = "A transpose is missing: a weight collects its gradient over all blocks."


@knows(
    {
        "That is g_V, g_W. The gradient of W comes first.": lambda *given: by_torch(*given)[::-1],
        "The size is right, the sign is not: L grows where x_hat lies above x.": (
            codec_back(lambda e: -2 * e / e.size)
        ),
        "Everything is half of what it should be: the derivative of a square?": (
            codec_back(lambda e: e / e.size)
        ),
        "The derivative of a square is twice what stands in it; and the sign is wrong.": (
            codec_back(lambda e: -e / e.size)
        ),
        "Everything is N · k times too large: L is a mean, not a sum.": codec_back(lambda e: 2 * e),
        "L is a mean of squares: where are the 2 and the division by N · k?": codec_back(
            lambda e: e
        ),
        # 6: N and k of the first case
        "Everything is 6 times too large: the mean goes over all N · k samples.": [
            codec_back(lambda e: 2 * e / len(e)),
            codec_back(lambda e: 2 * e / e.shape[1]),
        ],
        "The derivative of a square has a 2, and the mean goes over all N · k samples.": (
            codec_back(lambda e: e / len(e))
        ),
        NOT_V + "It is transposed: row i of V makes sample i of x_hat.": (
            codec_back(V=lambda g, y, z: y.T @ g)
        ),
        NOT_V + "You took what goes into the activation. What does V get to see?": (
            codec_back(V=lambda g, y, z: g.T @ z)
        ),
        NOT_V + "The forward pass has lost its max(0, ·): x_hat is made of y, not of x Wᵀ.": [
            codec_back(bend=lambda z: z),
            codec_back(bend=lambda z: z, slope=np.ones_like),
        ],
        NOT_V + COLLECTS: codec_back(V=lambda g, y, z: g @ y),
        NOT_W + "It is transposed: row i of W makes latent i.": codec_back(W=lambda g, x: x.T @ g),
        NOT_W + "The activation's derivative is missing: where y is 0, nothing passes.": (
            codec_back(slope=np.ones_like)
        ),
        NOT_W + "You multiply by the activation itself, not by its derivative.": (
            codec_back(slope=lambda z: np.maximum(z, 0))
        ),
        NOT_W + "max(0, ·) is for the way forward. Going back it lets through, or stops.": (
            codec_back(through=lambda g, slope: np.maximum(g, 0))
        ),
        NOT_W + "1 − y² belongs to tanh. What is the slope of max(0, z)?": (
            codec_back(slope=lambda z: 1 - np.maximum(z, 0) ** 2)
        ),
        NOT_W + "Going back, the gradient meets V, not its transpose.": (
            codec_back(back=lambda g, V: g @ V.T)
        ),
        NOT_W + "Two transposes are wrong: that of V, and that of the gradient.": (
            codec_back(back=lambda g, V: g @ V.T, W=lambda g, x: g @ x)
        ),
        NOT_W + COLLECTS: codec_back(W=lambda g, x: g @ x),
        NOT_W + "The mask is turned round: the gradient passes where z is positive.": (
            codec_back(slope=lambda z: z <= 0)
        ),
    }
)
def backward(answer):
    """answer: a function of x, W, V -> dL/dW, dL/dV."""
    for shape in ((6, 6, 6), (40, 8, 3), (1, 5, 7)):  # a forgotten transpose fits into a square
        given = codec(*shape)
        found = answer(*(array.copy() for array in given))
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise Wrong("Return two arrays: the gradients of W and of V.")
        _judge([np.asarray(gradient) for gradient in found], by_torch(*given), given)
    return "Both gradients agree with autograd, for three shapes."


def _judge(found, right, given):
    for name, g, r in zip("WV", found, right, strict=True):
        if g.shape != r.shape:
            turned = " Is it transposed?" if g.shape == r.shape[::-1] else ""
            raise Wrong(f"g_{name} is {g.shape}, {name} itself is {r.shape}.{turned}")
    ok = [np.allclose(g, r) for g, r in zip(found, right, strict=True)]
    if all(ok):
        return
    if len({*given[0].shape, *given[1].shape}) == 1:  # else not every mistake has a shape
        for words, mistake in backward.mistakes:
            same = [np.allclose(g, w) for g, w in zip(found, mistake(*given), strict=True)]
            if all(same) or (words.startswith(NOT_V) and same[1]):
                raise Wrong(words)
    if not ok[1]:
        raise Wrong(NOT_V + "It is made of g_x_hat and of what V was multiplied by.")
    raise Wrong(NOT_W + "Go back by V, through the activation, and to what W was given.")


# --- 2 -----------------------------------------------------------------------------------

NAMES = ("W", "b", "V", "c", "s")


def alive(answer):
    """answer: {"W": "zero" or "alive", ...} for y = Wx + b, y_hat = s round(y / s), Vy_hat + c."""
    words = ("zero", "alive")
    if not isinstance(answer, dict) or any(answer.get(name) not in words for name in NAMES):
        raise Wrong(f'Give each of {", ".join(NAMES)} one of the words "zero" and "alive".')
    for name in "Vc":
        if answer[name] != "alive":
            raise Wrong(
                f"{name}: on its way from L to {name}, does the gradient pass the rounding?"
            )
    for name in "Wb":
        if answer[name] != "zero":
            raise Wrong(f"{name}: follow the path from L back to {name}. What stands on it?")
    if answer["s"] != "alive":
        raise Wrong("s: it is used twice. One way goes through the rounding; and the other?")
    return "The decoder learns, and so does the step. The encoder gets nothing, until noise helps."


def who_is_alive():
    """The same by autograd: {"W": "zero", ...}."""
    torch.manual_seed(0)
    x = 4 * torch.randn(20, 6)
    leaves = {"W": torch.randn(3, 6), "b": torch.randn(3), "V": torch.randn(6, 3)}
    leaves |= {"c": torch.randn(6), "s": torch.tensor(1.5)}
    W, b, V, c, s = (leaf.requires_grad_() for leaf in leaves.values())
    y_hat = s * torch.round((x @ W.T + b) / s)
    torch.mean((y_hat @ V.T + c - x) ** 2).backward()
    return {name: "alive" if leaf.grad.any() else "zero" for name, leaf in leaves.items()}


check = checks(backward, alive)
