"""Checks: the loss, what lambda changes in a training, what the channels draw."""

import numpy as np
import torch

from lic_teach.kit.checks import Wrong, checks
from lic_teach.learned.transform import from_taps, jpeg_basis, to_taps

# --- 1 -----------------------------------------------------------------------------------


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
                raise Wrong(_objective_hint("LRD"[i], found, x, x_hat, bits, lam))
    return "L, R and D of four pieces at two λ, as NumPy computes them."


def _objective(x, x_hat, bits, lam):
    error = (x.double().numpy() - x_hat.double().numpy()) ** 2
    R, D = bits.double().numpy() / (16 * 24), error.mean((1, 2, 3))
    return R + lam * D, R, D


def _objective_hint(name, found, x, x_hat, bits, lam):
    _, R, D = _objective(x, x_hat, bits, lam)
    L, my_R, my_D = found
    for part, words in ((my_R, "R"), (my_D, "D"), (L, "L")):
        if part.shape != (4,):
            return f"{words} has the shape {part.shape}: one number for each of the 4 pieces."
    known = (
        (my_R, R / 3, "R counts samples: a pixel has three of them, and is one pixel."),
        (my_R, R * 16 * 24, "R is still in bits. How many pixels has a piece?"),
        (my_R, R / 12, "x.numel() counts the samples of all pieces. R is bits per pixel of one."),
        (my_R, R / 4, "R is shared out among the batch: each piece has bits of its own."),
        (my_D, D * 3, "D is three times too large: the mean is over all samples, not pixels."),
        (my_D, D * 3 * 16 * 24, "D is a sum: the mean was asked for."),
        (my_D, np.sqrt(D), "D is the mean squared error, without the root."),
        (my_D, (x - x_hat).abs().mean((1, 2, 3)).numpy(), "Square the errors, then take the mean."),
        (found, [R, D, R + lam * D], "The order is L, R, D."),
        (my_D, D / 255**2, "D belongs on the scale 0..255."),
        (L, D + lam * R, "λ is the price of an error. It stands at the wrong one of the two."),
        (L, R + D, "Where is λ?"),
        (L, R - lam * D, "An error is a cost: it is added."),
    )
    for part, wrong, hint in known:
        if np.allclose(part, wrong, rtol=1e-4):
            return hint
    return f"{name} is not what was asked for. R: bits / pixels. D: the mean of (x − x̂)²."


# --- 2 -----------------------------------------------------------------------------------

LOW, HIGH = 0.002, 0.03


def two_lambdas(answer):
    """answer: which of the two lambdas has the larger R, PSNR, steps, L: a dict."""
    right = {"R": HIGH, "PSNR": HIGH, "steps": LOW, "L": HIGH}
    if not isinstance(answer, dict) or answer.keys() != right.keys():
        raise Wrong(f"Four answers are asked for: {', '.join(right)}.")
    for name, hint in (
        ("R", "λ is the price of an error. If errors are dear, are bits saved or spent?"),
        ("PSNR", "If errors are dear, does the codec make more of them?"),
        ("steps", "A large step saves bits and makes errors. Which of the two wants that?"),
        ("L", "Each unit of error costs fifteen times as much. Can the sum become smaller?"),
    ):
        if answer[name] not in (LOW, HIGH):
            raise Wrong(f"{name}: write {LOW} or {HIGH}, not {answer[name]!r}.")
        if answer[name] != right[name]:
            raise Wrong(f"{name}: {hint}")
    return (
        "Now train both and see. (A smaller L at another λ is no better codec: the prices differ.)"
    )


# --- 3 -----------------------------------------------------------------------------------


def grey_share(answer):
    """answer: a function of pictures (n, 16, 16, 3) -> (n,): share of the energy that is grey."""
    rng = np.random.default_rng(14)
    jpegs = from_taps(to_taps(jpeg_basis()[1])).permute(0, 2, 3, 1).numpy()
    for pictures in (rng.normal(size=(5, 16, 16, 3)), jpegs.astype(float)):
        found = np.asarray(answer(pictures.copy()), float)
        if found.shape != (len(pictures),):
            raise Wrong(f"One number for each picture: ({len(pictures)},), not {found.shape}.")
        if not np.allclose(found, _grey(pictures), atol=1e-4):
            raise Wrong(_grey_hint(found, pictures))
    return "JPEG's own 128: 64 are grey to 100 %, the 64 of colour to 21 % (Cb) and 6 % (Cr)."


def _grey(pictures):
    """The projection of every pixel on (1, 1, 1) / sqrt(3)."""
    along = pictures @ np.full(3, 3**-0.5)
    return (along**2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))


def _grey_hint(found, pictures):
    right, mean = _grey(pictures), pictures.mean(3)
    energy = (pictures**2).sum((1, 2, 3))
    known = (
        (
            right / 3,
            "A grey pixel has its value three times, in R, G and B. You counted it once.",
        ),
        (1 - right, "That is the share that is colour."),
        (np.sqrt(right), "That is a share of lengths. Energy is the sum of squares."),
        ((mean**2).sum((1, 2)), "That is an energy. Divide by the energy of the whole picture."),
        (3 * (mean**2).sum((1, 2)), "That is an energy. Divide by that of the whole picture."),
        (3 * mean.sum((1, 2)) ** 2 / energy, "Square first, then add up over the pixels."),
        (np.ones(len(right)), "1 for every picture: are both sums of squares?"),
        (100 * right, "A share of the whole lies between 0 and 1."),
        (
            3 * ((pictures @ [0.299, 0.587, 0.114]) ** 2).sum((1, 2)) / energy,
            "That is luma, in which green weighs most. The plain mean of R, G and B is asked for.",
        ),
        (
            3 * (mean**2).sum((1, 2)) / energy.sum(),
            "Divide each by its own energy, not by that of all pictures.",
        ),
    )
    for wrong, hint in known:
        if np.allclose(found, wrong, atol=1e-4):
            return hint
    return "Replace R, G, B of each pixel by their mean. How much energy (sum of squares) is left?"


check = checks(objective, two_lambdas, grey_share)
