"""Checks: a picture on which JPEG wins, when a decoder pays, six claims to doubt."""

import math
from functools import cache

import numpy as np

from lic_teach import images, metrics
from lic_teach.course.showdown.files import jpeg_files, learned_file
from lic_teach.kit.checks import Wrong, checks, knows
from lic_teach.paths import DATA
from lic_teach.study import table

# --- 1 -----------------------------------------------------------------------------------

SIDES = 128, 512


def jpeg_wins(answer):
    """answer: a function of nothing -> uint8 (H, W, 3), sides of 128 to 512 pixels."""
    image = answer()
    _picture(image)
    size, psnr = learned_file(image)
    no_worse = [size for size, quality in jpeg_files(image) if quality >= psnr]
    jpegs = min(no_worse, default=math.inf)
    words = f"The learned file has {size:,} bytes and {psnr:.1f} dB"
    if jpegs == math.inf:
        raise Wrong(
            f"{words}, and no JPEG file in 4:2:0 reaches that. Does your picture need what 4:2:0 "
            "throws away?"
        )
    words += f"; JPEG needs {jpegs:,} bytes for as much"
    if jpegs > 0.9 * size:
        raise Wrong(f"{words}. {_wins_hint(image, jpegs / size)}")
    return f"{words}: {100 * (1 - jpegs / size):.0f} % fewer."


def _picture(image):
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise Wrong("Return an array of numpy, of uint8: .astype(np.uint8) makes one.")
    if image.ndim != 3 or image.shape[2] != 3:
        raise Wrong(f"The shape is (H, W, 3), three samples a pixel; yours is {image.shape}.")
    if not all(SIDES[0] <= side <= SIDES[1] for side in image.shape[:2]):
        raise Wrong(
            f"{image.shape[1]} x {image.shape[0]} pixels: {SIDES[0]} to {SIDES[1]} a side, so that "
            "headers do not decide."
        )


def _wins_hint(image, ratio):
    if np.ptp(image.reshape(-1, 3), axis=0).max() == 0:
        return "One colour all over: nothing is to be coded, and JPEG's tables alone decide."
    if any(_same(image, images.sample(name)) for name in images.SAMPLES):
        return "A photograph is what the learned codec was made for. What has it never seen?"
    if ratio < 1.05:
        return "Nearly even. JPEG should take a tenth fewer."
    return "Which pictures have almost nothing but zeros in every block of 8 x 8 after the DCT?"


def _same(image, photo):
    """Whether one is a piece of the other, or nearly: their rows agree in their colours."""
    colours = set(map(bytes, photo.reshape(-1, 3)[::7]))
    mine = image.reshape(-1, 3)[::101]
    return np.mean([bytes(pixel) in colours for pixel in mine]) > 0.5 and np.ptp(image) > 100


# --- 2 -----------------------------------------------------------------------------------

CASES = (  # bytes of the decoder, pixels, bpp of JPEG, bpp of the learned file
    (2_000_000, 512 * 768, 1.0, 0.5),
    (2_000_000, 512 * 768, 0.6, 0.45),
    (300_000_000, 12_000_000, 0.9, 0.3),
    (1000, 16_000, 1.0, 0.5),  # exactly one picture, in floating point, too
)


def _after(saved):
    """An answer to break_even: the decoder's bits over what a picture saves."""
    return lambda d, n, a, b: math.ceil(8 * d / saved(n, a, b))


pays_after = _after(lambda n, a, b: n * (a - b))


@knows(
    {
        "The decoder is in bytes, the rates are in bits.": (
            _after(lambda n, a, b: 8 * n * (a - b))
        ),
        "8 bits are one byte: you divided where you should multiply.": (
            _after(lambda n, a, b: 64 * n * (a - b))
        ),
        "Who saves? JPEG's rate is the larger one.": _after(lambda n, a, b: n * (b - a)),
        "That pays for JPEG's bits, not for what is saved of them.": _after(lambda n, a, b: n * a),
        "That counts learned bits, not what they save.": _after(lambda n, a, b: n * b),
        "A bit per pixel is not one per sample.": [
            _after(lambda n, a, b: n / 3 * (a - b)),
            _after(lambda n, a, b: n * 3 * (a - b)),
        ],
        "Bits per pixel: how many pixels has a picture?": _after(lambda n, a, b: a - b),
    }
)
def break_even(answer):
    """answer: a function of a CASE's four numbers -> how many pictures."""
    for case in CASES:
        found, right = answer(*case), pays_after(*case)
        if np.ndim(found) or not isinstance(found, int | float | np.number):
            raise Wrong("One number is asked for.")
        if found != right:
            shown = f"({case[0]:,} bytes, {case[1]:,} pixels, {case[2]}, {case[3]})"
            raise Wrong(f"{shown}: {found:,.6g}. {_even_hint(float(found), case)}")
    return f"{CASES[0][0] / 1e6:g} MB are earned after {pays_after(*CASES[0])} small photographs."


def _even_hint(found, case):
    decoder, pixels, ours, theirs = case
    exact = 8 * decoder / (pixels * (ours - theirs))
    for words, mistake in break_even.mistakes:
        wrong = mistake(*case)  # rounded up, which the answer need not be
        if wrong != pays_after(*case) and -1 <= found - wrong <= 0:
            return words
    if abs(found - exact) <= 1:
        return "Nearly. Half a picture cannot be sent: from which whole number on does it pay?"
    return "Bits of the decoder, over the bits that one picture saves."


# --- 3 -----------------------------------------------------------------------------------

WINDOW = (29.5, 36.0)
FLAWS = {
    1: "nothing",
    2: "window",
    3: "anchor",
    4: "metric",
    5: "pictures",
    6: "rate",
}
KINDS = ("window", "anchor", "metric", "pictures", "rate", "nothing")
WHY = {
    1: "Window, anchor, metric, pictures and whole files: all is said, and none of it is odd.",
    2: "Read its decibels. What does a photograph look like there?",
    3: "Fewer bits than whose?",
    4: "Two numbers are set side by side. Are they of one kind?",
    5: "Whose pictures are they, and who chose them?",
    6: "All others count bits for a pixel. What does this one divide by?",
}


@cache
def kodak(name):
    """The study of one codec on Kodak."""
    return table.read(DATA / "rd" / f"kodak_{name}.json")


def bd(name, window=WINDOW, anchor="jpeg"):
    """BD-rate of one study against another, in percent, by PSNR."""
    curves = (table.psnr_curve(kodak(each)) for each in (anchor, name))
    return metrics.bd_rate(*curves, window)


def by_picture(name):
    """BD-rate of every picture alone, within WINDOW."""
    return [metrics.bd_rate(_one("jpeg", i), _one(name, i), WINDOW) for i in range(24)]


def _one(name, i):
    values = [point["per_image"] for point in kodak(name)["points"]]
    return [(value["bpp"][i], value["psnr"][i]) for value in values]


def claims():
    """Six sentences: every number in them is true."""
    curve = table.psnr_curve(kodak("jpeg_progressive"))
    sample = metrics.bd_rate(
        table.psnr_curve(kodak("jpeg")), [(rate / 3, psnr) for rate, psnr in curve], WINDOW
    )
    similar = table.bd_table([kodak("avif444")], kodak("jpeg"), WINDOW)[0]["ms_ssim"]
    usual = "PSNR of RGB, 29.5 to 36 dB, whole files"
    kodak24, pillow = "24 Kodak pictures", "Pillow's JPEG, 4:2:0, optimized"
    return (
        f"AVIF needs {-bd('avif'):.0f} % fewer bits than JPEG. "
        f"({kodak24}; anchor {pillow}; {usual}, bits per pixel.)",
        f"JPEG 2000 needs {-bd('jpeg2000', (27, 29)):.0f} % fewer bits than JPEG. "
        f"({kodak24}; anchor {pillow}; PSNR of RGB, 27 to 29 dB, whole files, bits per pixel.)",
        f"WebP needs {-bd('webp', anchor='learned_fixed'):.0f} % fewer bits. "
        f"({kodak24}; anchor our codec with a fixed prior; {usual}, bits per pixel.)",
        f"AVIF 4:4:4 now saves as much as the learned codec: {-similar:.0f} % and "
        f"{-bd('learned_context'):.0f} %. ({kodak24}; anchor {pillow}; MS-SSIM and PSNR of RGB, "
        "the anchor's files of 29.5 to 36 dB, whole files, bits per pixel.)",
        f"JPEG by λ needs {-np.mean(sorted(by_picture('jpeg_lam'))[:6]):.0f} % fewer bits. "
        f"(6 Kodak pictures; anchor {pillow}; {usual}, bits per pixel.)",
        f"Progressive JPEG needs {-sample:.0f} % fewer bits. "
        f"({kodak24}; anchor {pillow}; {usual}, bits per sample.)",
    )


def flaws(answer):
    """answer: {1: kind, ... 6: kind}, each of KINDS."""
    if not isinstance(answer, dict) or set(answer) != set(FLAWS):
        raise Wrong("Give one word for each of the claims 1 to 6.")
    for number, kind in answer.items():
        if kind not in KINDS:
            raise Wrong(f"Claim {number}: write one of {', '.join(KINDS)}.")
    for number, right in FLAWS.items():
        if answer[number] != right:
            raise Wrong(f"Claim {number}: not {answer[number]!r}. {WHY[number]}")
    return "Every number was true, and five of the six sentences were not to be believed."


check = checks(jpeg_wins, break_even, flaws)
