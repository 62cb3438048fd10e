"""Checks: psnr, and which way lambda moves the point."""

import numpy as np

from lic_teach import images, learned, metrics
from lic_teach.kit.checks import Wrong, checks, hint, knows, one_number


def _decibels(error, peak=255):
    return 10 * np.log10(peak**2 / error)


@knows(
    {
        "3 - 5 is 254 in uint8. What must happen before you subtract?": (
            lambda x, y: _decibels(np.mean((x - y).astype(float) ** 2))
        ),
        "Differences and squares of uint8 wrap around at 256. Change the type first.": (
            lambda x, y: _decibels(np.mean((x - y) ** 2))
        ),
        "Your PSNR falls as the picture gets better: what is divided by what?": (
            lambda x, y: -metrics.psnr(x, y)
        ),
        "That is the MSE. It is one step away from the PSNR.": metrics.mse,
        "A decibel is a tenth of a bel: what is missing in front of the logarithm?": (
            lambda x, y: metrics.psnr(x, y) / 10
        ),
        "Which logarithm? Decibels are counted in powers of ten.": [
            lambda x, y: 10 * np.log(255**2 / metrics.mse(x, y)),
            lambda x, y: 10 * np.log2(255**2 / metrics.mse(x, y)),
        ],
        "The peak is squared too: MSE is in squared grey levels.": (
            lambda x, y: _decibels(metrics.mse(x, y), 255**0.5)
        ),
        "The peak is what a sample can be at most, in any picture.": (
            lambda x, y: _decibels(metrics.mse(x, y), int(x.max()))
        ),
        "The peak is missing: how large can a sample be?": (
            lambda x, y: _decibels(metrics.mse(x, y), 1)
        ),
        "Twice too much: 20 goes with a root, and MSE is a square.": (
            lambda x, y: 2 * metrics.psnr(x, y)
        ),
        "Half of it: 10 goes with squares, and the peak over the root is none.": (
            lambda x, y: metrics.psnr(x, y) / 2
        ),
        "How many levels there are is not the largest of them.": (
            lambda x, y: _decibels(metrics.mse(x, y), 256)
        ),
        "Divide by the MSE itself. Its root is in grey levels, and the peak is squared.": (
            lambda x, y: _decibels(metrics.mse(x, y) ** 0.5)
        ),
        "You average the sizes of errors. Square them first.": (
            lambda x, y: _decibels(np.mean(np.abs(x.astype(float) - y)))
        ),
        "You divide by the pixels. Each of them has three samples.": (
            lambda x, y: _decibels(3 * metrics.mse(x, y))
        ),
        "You add up the squared errors. MSE is their mean.": (
            lambda x, y: _decibels(x.size * metrics.mse(x, y))
        ),
        "Average the squared errors of all samples, not the decibels of the three channels.": (
            lambda x, y: np.mean([metrics.psnr(x[..., c], y[..., c]) for c in range(3)])
        ),
        "That is rounded. Return the number with all its digits.": [
            lambda x, y: round(metrics.psnr(x, y), 2),
            lambda x, y: round(metrics.psnr(x, y), 1),
            lambda x, y: round(metrics.psnr(x, y)),
            lambda x, y: int(metrics.psnr(x, y)),
        ],
    },
)
def psnr(answer):
    """answer: a function of x and x_hat, uint8 (H, W, 3) both -> PSNR in dB."""
    x = images.sample("chelsea")
    noise = np.random.default_rng(0).integers(-30, 31, x.shape) // (1, 2, 3)  # red has most
    x_hat = np.clip(x + noise, 0, 255).astype(np.uint8)
    found, mse, right = one_number(answer(x, x_hat)), metrics.mse(x, x_hat), metrics.psnr(x, x_hat)
    if not np.isclose(found, right, rtol=0, atol=2e-5):  # float32 will do: steps of 2e-6
        unknown = f"{found:.2f} dB does not fit noise of up to 30 levels. Is your MSE {mse:.1f}?"
        raise Wrong(hint(psnr, found, x, x_hat, rtol=1e-4) or unknown)
    white, black = (np.full((4, 4, 3), level, np.uint8) for level in (255, 0))
    if not abs(one_number(answer(white, black))) < 1e-6:  # nan, too: int16 ends at 32,767
        raise Wrong(
            "Right for small errors. White instead of black should have 0 dB: 255² is 65,025. "
            "Does your type hold that?"
        )
    return f"It gives {found:.2f} dB on a photograph with noise of up to 30 levels."


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
