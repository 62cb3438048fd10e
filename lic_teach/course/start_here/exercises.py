"""Checks: psnr, and which way lambda moves the point."""

import numpy as np

from lic_teach import images, learned, metrics
from lic_teach.kit.checks import Wrong, checks


def psnr(answer):
    """answer: a function of x and x_hat, uint8 (H, W, 3) both -> PSNR in dB."""
    x = images.sample("chelsea")
    noise = np.random.default_rng(0).integers(-30, 31, x.shape)
    x_hat = np.clip(x + noise, 0, 255).astype(np.uint8)
    found, mse, right = answer(x, x_hat), metrics.mse(x, x_hat), metrics.psnr(x, x_hat)
    if np.ndim(found) > 0:
        raise Wrong(f"One number is asked for; yours are an array of shape {np.shape(found)}.")
    if not np.isclose(found, right, rtol=0, atol=1e-6):
        raise Wrong(_psnr_hint(found, x, x_hat, mse, right))
    return f"It gives {found:.2f} dB on a photograph with noise of up to 30 levels."


def _psnr_hint(found, x, x_hat, mse, right):
    absolute = np.mean(np.abs(x.astype(float) - x_hat))
    wrapped = 10 * np.log10(255**2 / np.mean((x - x_hat).astype(float) ** 2))
    squares = 10 * np.log10(255**2 / np.mean((x - x_hat) ** 2))
    known = (
        (wrapped, "3 - 5 is 254 in uint8. What must happen before you subtract?"),
        (squares, "Differences and squares of uint8 wrap around at 256. Change the type first."),
        (-right, "Your PSNR falls as the picture gets better: what is divided by what?"),
        (mse, "That is the MSE. It is one step away from the PSNR."),
        (right / 10, "A decibel is a tenth of a bel: what is missing in front of the logarithm?"),
        (10 * np.log(255**2 / mse), "Which logarithm? Decibels are counted in powers of ten."),
        (10 * np.log10(255 / mse), "The peak is squared too: MSE is in squared grey levels."),
        (
            10 * np.log10(int(x.max()) ** 2 / mse),
            "The peak is what a sample can be at most, in any picture.",
        ),
        (10 * np.log10(1 / mse), "The peak is missing: how large can a sample be?"),
        (20 * np.log10(255**2 / mse), "Twice too much: 20 goes with a root, and MSE is a square."),
        (right / 2, "Half of it: 10 goes with squares, and the peak over the root is none."),
        (10 * np.log10(256**2 / mse), "How many levels there are is not the largest of them."),
        (10 * np.log10(255**2 / absolute), "You average the sizes of errors. Square them first."),
        (right - 10 * np.log10(3), "You divide by the pixels. Each of them has three samples."),
        (right - 10 * np.log10(x.size), "You add up the squared errors. MSE is their mean."),
        (round(right, 2), "That is rounded. Return the number with all its digits."),
    )
    for value, hint in known:
        if np.isclose(found, value, rtol=1e-4):
            return hint
    return f"{found:.2f} dB does not fit noise of up to 30 levels. Is your MSE {mse:.1f}?"


def direction(answer):
    """answer: {"R": "up" or "down", "D": ..., "PSNR": ...} for a larger lambda."""
    names = ("R", "D", "PSNR")
    if not isinstance(answer, dict) or any(answer.get(n) not in ("up", "down") for n in names):
        raise Wrong('Give each of R, D and PSNR one of the two words "up" and "down".')
    up = {name: answer[name] == "up" for name in names}
    if up["D"] == up["PSNR"]:
        raise Wrong("D and PSNR cannot move together: PSNR = 10 log10(255² / D).")
    if up["R"] == up["D"]:
        raise Wrong("More bits and more error at once? No codec would choose that point.")
    if not up["R"]:
        raise Wrong("In L = R + λD, whose price rises with λ: that of a bit, or that of an error?")
    low, high = (_measure(lam) for lam in (0.01, 0.02))
    return (
        f"From λ = 0.01 to 0.02 the learned codec's file of the coffee cup goes from "
        f"{low[0]:.2f} to {high[0]:.2f} bits per pixel and its MSE from {low[1]:.0f} to "
        f"{high[1]:.0f}: the point climbs the curve, to the right and up."
    )


def _measure(lam):
    image, model = images.sample("coffee"), learned.load()
    data = learned.encode(image, model, lam)
    return metrics.bpp(data, image), metrics.mse(image, learned.decode(data, model))


check = checks(psnr, direction)
