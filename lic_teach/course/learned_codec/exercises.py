"""Checks: the loss, the codec joined, what lambda changes in a training, what channels draw."""

from functools import cache

import numpy as np
import torch

from lic_teach import images
from lic_teach.course.learned_codec import own_codec, pieces
from lic_teach.kit.checks import Wrong, checks, hint, knows
from lic_teach.learned.transform import from_taps, jpeg_basis, to_taps

# --- 1 -----------------------------------------------------------------------------------


def _objective(x, x_hat, bits, lam):
    error = (x.double().numpy() - x_hat.double().numpy()) ** 2
    R, D = bits.double().numpy() / (16 * 24), error.mean((1, 2, 3))
    return R + lam * D, R, D


def _but(part, change):
    """The right answer with another L, R or D."""

    def wrong(x, x_hat, bits, lam):
        found = list(_objective(x, x_hat, bits, lam))
        found["LRD".index(part)] = change(*found[1:], lam, x - x_hat)
        return found

    return wrong


def _times(part, factor):
    return _but(part, lambda R, D, lam, e: factor * (R if part == "R" else D))


@knows(
    {
        "R counts samples: a pixel has three of them, and is one pixel.": _times("R", 1 / 3),
        "R is still in bits. How many pixels has a piece?": _times("R", 16 * 24),
        "x.numel() counts the samples of all pieces. R is bits per pixel of one.": (
            _times("R", 1 / 12)
        ),
        "x is (N, 3, H, W): height and width are the last two.": _times("R", 8),
        "R is shared out among the batch: each piece has bits of its own.": _times("R", 1 / 4),
        "D is three times too large: the mean is over all samples, not pixels.": _times("D", 3),
        "D is a sum: the mean was asked for.": _times("D", 3 * 16 * 24),
        "D is the mean squared error, without the root.": _but("D", lambda R, D, lam, e: D**0.5),
        "Square the errors, then take the mean.": (
            _but("D", lambda R, D, lam, e: e.abs().mean((1, 2, 3)).numpy())
        ),
        "The order is L, R, D.": [
            lambda *given: np.roll(_objective(*given), -1, 0).tolist(),
            lambda *given: [_objective(*given)[i] for i in (0, 2, 1)],
        ],
        "D belongs on the scale 0..255.": _times("D", 1 / 255**2),
        "λ is the price of an error. It stands at the wrong one of the two.": (
            _but("L", lambda R, D, lam, e: D + lam * R)
        ),
        "Where is λ?": _but("L", lambda R, D, lam, e: R + D),
        "An error is a cost: it is added.": _but("L", lambda R, D, lam, e: R - lam * D),
    }
)
def objective(answer):
    """answer: a function of x, x_hat (N, 3, H, W), bits (N,), lambda -> L, R, D, each (N,)."""
    generator = torch.Generator().manual_seed(14)
    x = 255 * torch.rand((4, 3, 16, 24), generator=generator)
    x_hat = x + 9 * torch.randn(x.shape, generator=generator)
    bits = torch.tensor([200.0, 350.0, 96.0, 811.0])
    for lam in (0.01, 0.05):
        found = answer(x.clone(), x_hat.clone(), bits.clone(), lam)
        if not isinstance(found, tuple | list) or len(found) != 3:
            raise Wrong("Return three: L, R and D.")
        found = [torch.as_tensor(part).double().squeeze().numpy() for part in found]
        right = _objective(x, x_hat, bits, lam)
        for i in (1, 2, 0):  # L last: it is wrong wherever R or D is
            if found[i].shape != right[i].shape or not np.allclose(found[i], right[i], rtol=1e-4):
                raise Wrong(_objective_hint(i, found, x, x_hat, bits, lam))
    return "L, R and D of four pieces at two λ, as NumPy computes them."


def _objective_hint(i, found, *given):
    """Of the first wrong part alone, unless all three are known."""
    for part, words in zip((*found[1:], found[0]), "RDL", strict=True):
        if part.shape != (4,):
            return f"{words} has the shape {part.shape}: one number for each of the 4 pieces."
    one = list(_objective(*given))
    one[i] = found[i]
    known = (hint(objective, each, *given, rtol=1e-4) for each in (one, found))
    asked = ("L: R + λD.", "R: bits / pixels.", "D: the mean of (x − x̂)².")[i]
    unknown = f"{'LRD'[i]} is not what was asked for. {asked}"
    return next(filter(None, known), unknown)


# --- 2 -----------------------------------------------------------------------------------


class _Watched(own_codec.Codec):
    """A codec all of whose parts do something, which remembers what its prior looked at."""

    def guess(self, y_hat):
        self.seen = y_hat
        return super().guess(y_hat)


@cache
def _codec():
    torch.manual_seed(17)
    codec = _Watched()
    for name, parameter in codec.named_parameters():
        if name.split(".")[0] in ("bend", "unbend", "look", "log_b", "copy"):
            parameter.data += 0.05 * torch.randn(parameter.shape)
    return codec


def _joined(
    bits_of="noisy",
    shown="rounded",
    known="rounded",
    noise=lambda y: torch.rand_like(y) - 0.5,
    sum_of=None,
):
    """join, with another of its latents in a place, or another noise."""

    def answer(codec, x):
        torch.manual_seed(3)  # as the check does
        y = codec.g_a(x)
        latents = {"plain": y, "rounded": pieces.straight_through(y)}
        latents["noisy"] = y + noise(y)
        latents["both"] = latents["rounded"] + latents["noisy"] - y
        bits = pieces.laplace_bits(latents[bits_of], *codec.guess(latents[known]))
        return codec.g_s(latents[shown]), bits.sum((1, 2, 3)) if sum_of is None else sum_of(bits)

    return answer


@knows(
    {
        "The bits are those of rounded latents. Their slope is 0 nearly everywhere: what stands "
        "for rounding in the rate?": _joined("rounded"),
        "The bits are those of y itself, which is in no file. What stands for rounding in the "
        "rate?": _joined("plain"),
        "Noise stands in the place of rounding. You add it to what is rounded already.": (
            _joined("both")
        ),
        "Your noise lies between 0 and 1. Rounding errs to both sides.": (
            _joined(noise=torch.rand_like)
        ),
        "Your noise is twice as wide as a rounding error.": _joined(
            noise=lambda y: 2 * torch.rand_like(y) - 1
        ),
        "Your noise is a Gaussian's. A rounding error has hard limits, and is equally likely "
        "everywhere between them.": [
            _joined(noise=torch.randn_like),
            _joined(noise=lambda y: torch.randn_like(y) / 2),
        ],
        "The decoder gets y as it is. What is in the file?": _joined(shown="plain"),
        "The decoder gets noisy latents. In the file are whole numbers.": _joined(shown="noisy"),
        "All three ways are noisy, as in Ballé et al. 2017. Here two of them take the whole "
        "numbers of the file: which?": _joined(shown="noisy", known="noisy"),
        "One sum over the whole batch: the bits of each piece are asked for.": [
            _joined(sum_of=lambda bits: bits.sum()),
            _joined(sum_of=lambda bits: bits.sum().expand(2)),
        ],
        "Those are the bits of each latent: add them up, for each piece.": [
            _joined(sum_of=lambda bits: bits),
            _joined(sum_of=lambda bits: bits.sum(1)),
        ],
        "Those are means. Bits add up: over channels and places.": (
            _joined(sum_of=lambda bits: bits.mean((1, 2, 3)))
        ),
        "Bits per pixel already? objective divides.": (
            _joined(sum_of=lambda bits: bits.sum((1, 2, 3)) / 64**2)
        ),
        "The order is x̂, bits.": lambda codec, x: _joined()(codec, x)[::-1],
    },
    otherwise="What does the decoder get, what does the prior see, and what is paid for?",
)
def join(answer):
    """answer: a function of a codec and x (N, 3, H, W) -> x_hat, bits (N,)."""
    codec, cat = _codec(), torch.from_numpy(_piece())
    codec.seen = None
    torch.manual_seed(3)
    found = answer(codec, cat.clone())
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Wrong("Return two: x̂ and the bits.")
    if not all(isinstance(part, torch.Tensor) for part in found):
        raise Wrong("x̂ and bits are tensors, with their gradients.")
    seen, right = codec.seen, _joined()(codec, cat)
    known = hint(join, found, codec, cat, rtol=1e-5, atol=1e-2, of=_flat)
    if seen is None:
        raise Wrong("codec.guess was not asked: where do mean and width come from?")
    fits = [
        p.shape == r.shape and torch.allclose(p, r, rtol=0.02, atol=0.05)
        for p, r in zip(found, right, strict=True)
    ]  # noqa: E501
    if known != join.otherwise or not all(fits):
        raise Wrong(known)
    if not torch.allclose(seen, seen.round(), atol=1e-3):
        raise Wrong("The prior looked at latents that the decoder has not. What has it?")
    _slopes(codec, *found)
    return "Noise pays, whole numbers are shown, and both have slopes for the encoder."


@cache
def _piece():
    return (
        np.stack([images.sample("coffee")[r : r + 64, 200:264] for r in (100, 200)])
        .transpose(0, 3, 1, 2)
        .astype(np.float32)
    )


def _flat(found):
    """x_hat and bits as one row; of anything else a row that fits none."""
    return torch.cat([part.detach().reshape(-1) for part in found]).numpy()


def _slopes(codec, x_hat, bits):
    """The encoder must hear of both."""
    for part, words in (
        (x_hat, "D has no slope for the encoder: who takes the gradient through the rounding?"),
        (bits, "R has no slope for the encoder: noise is added to y, and y must stay in it."),
    ):
        slope = None
        if part.requires_grad:
            (slope,) = torch.autograd.grad(
                part.square().sum(), codec.analysis, retain_graph=True, allow_unused=True
            )
        if slope is None or not slope.any():
            raise Wrong(f"Forwards it is right. {words}")


# --- 3 -----------------------------------------------------------------------------------

LOW, HIGH = 0.002, 0.03


PREDICTED = {"R": HIGH, "PSNR": HIGH, "steps": LOW, "L": HIGH}


@knows(
    {
        "λ is the price of an error. If errors are expensive, are bits saved or spent?": (
            PREDICTED | {"R": LOW}
        ),
        "If errors are expensive, does the codec make more of them?": PREDICTED | {"PSNR": LOW},
        "A large step saves bits and makes errors. Which of the two wants that?": (
            PREDICTED | {"steps": HIGH}
        ),
        "Each unit of error costs fifteen times as much. Can the sum become smaller?": (
            PREDICTED | {"L": LOW}
        ),
    }
)
def two_lambdas(answer):
    """answer: which of the two lambdas has the larger R, PSNR, steps, L: a dict."""
    if not isinstance(answer, dict) or answer.keys() != PREDICTED.keys():
        raise Wrong(f"Four answers are asked for: {', '.join(PREDICTED)}.")
    for name, right in PREDICTED.items():
        if answer[name] not in (LOW, HIGH):
            raise Wrong(f"{name}: write {LOW} or {HIGH}, not {answer[name]!r}.")
        if answer[name] != right:
            raise Wrong(f"{name}: {hint(two_lambdas, PREDICTED | {name: answer[name]})}")
    return (
        "Now train both and see. (A smaller L at another λ is no better codec: the prices differ.)"
    )


# --- 4 -----------------------------------------------------------------------------------


def _grey(pictures):
    """The projection of every pixel on (1, 1, 1) / sqrt(3)."""
    along = pictures @ np.full(3, 3**-0.5)
    return (along**2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))


def _energy(pictures):
    return (pictures**2).sum((1, 2, 3))


def _mean(pictures):
    """The energy of the plain means, each counted once."""
    return (pictures.mean(3) ** 2).sum((1, 2))


@knows(
    {
        "A grey pixel has its value three times, in R, G and B. You counted it once.": (
            lambda p: _mean(p) / _energy(p)
        ),
        "That is the share that is colour.": lambda p: 1 - _grey(p),
        "That is a share of lengths. Energy is the sum of squares.": lambda p: np.sqrt(_grey(p)),
        "That is an energy. Divide by the energy of the whole picture.": _mean,
        "That is an energy. Divide by that of the whole picture.": lambda p: 3 * _mean(p),
        "Square first, then add up over the pixels.": (
            lambda p: 3 * p.mean(3).sum((1, 2)) ** 2 / _energy(p)
        ),
        "1 for every picture: are both sums of squares?": lambda p: np.ones(len(p)),
        "A share of the whole lies between 0 and 1.": lambda p: 100 * _grey(p),
        "That is luma, in which green weighs most. The plain mean of R, G and B is asked for.": (
            lambda p: 3 * ((p @ [0.299, 0.587, 0.114]) ** 2).sum((1, 2)) / _energy(p)
        ),
        "Divide each by its own energy, not by that of all pictures.": (
            lambda p: 3 * _mean(p) / _energy(p).sum()
        ),
    },
    otherwise="Replace R, G, B of each pixel by their mean. How much energy (sum of squares) is "
    "left?",
)
def grey_share(answer):
    """answer: a function of pictures (n, 16, 16, 3) -> (n,): share of the energy that is grey."""
    rng = np.random.default_rng(14)
    jpegs = from_taps(to_taps(jpeg_basis()[1])).permute(0, 2, 3, 1).numpy()
    for pictures in (rng.normal(size=(5, 16, 16, 3)), jpegs.astype(float)):
        found = np.asarray(answer(pictures.copy()), float)
        if found.shape != (len(pictures),):
            raise Wrong(f"One number for each picture: ({len(pictures)},), not {found.shape}.")
        if not np.allclose(found, _grey(pictures), atol=1e-4):
            raise Wrong(hint(grey_share, found, pictures, rtol=1e-4))
    return "JPEG's own 128: 64 are grey to 100 %, the 64 of colour to 21 % (Cb) and 6 % (Cr)."


check = checks(objective, join, two_lambdas, grey_share)
