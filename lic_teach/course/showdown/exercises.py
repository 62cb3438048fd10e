"""Checks: a picture on which JPEG wins, when a decoder pays, eight claims to doubt."""

import json
import math
from functools import cache

import numpy as np

from lic_teach import metrics
from lic_teach.course.showdown.files import jpeg_files, learned_file
from lic_teach.kit.checks import Wrong, checks, knows, number
from lic_teach.kit.plots import minus
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
    colours = len(np.unique(image.reshape(-1, 3), axis=0))
    if colours == 1:
        return "One colour all over: nothing is to be coded, and JPEG's tables alone decide."
    if np.ptp(image) < 16:  # 0 and 1 for black and white
        return f"Samples of {image.min()} to {image.max()} look all alike: white is 255."
    if ratio < 1.05:
        return "Nearly even. JPEG should take a tenth fewer."
    if colours <= 256 and _hard(image):
        if _on_blocks(image):
            return "All edges lie between JPEG's blocks: good. Let there be more of them."
        return (
            "Few colours and hard edges: that is new to the learned codec, but edges inside a "
            "block cost JPEG, too. Where could they lie instead?"
        )
    if _change(image) < 0.22:  # of the sample photographs 0.07 to 0.16
        return (
            "It is soft, as a photograph is: neighbours are nearly alike. For that the learned "
            "codec was made. What has it never seen?"
        )
    if _change(image) > 0.6:
        return (
            "From pixel to pixel nearly everything changes: so a block has many waves, and they "
            "cost JPEG, too. What is new to the learned codec, and has few of them?"
        )
    return "Which pictures have almost nothing but zeros in every block of 8 x 8 after the DCT?"


def _change(image):
    """How much neighbours differ, of how much all pixels do: 0 is soft, 1 is noise."""
    pixels = image.astype(float)
    return np.mean([np.abs(np.diff(pixels, axis=axis)).mean() for axis in (0, 1)]) / pixels.std()


def _steps(image):
    """From each row to the next, and from each column: the largest change of the three samples."""
    pixels = image.astype(float)
    return np.abs(np.diff(pixels, axis=0)).max(2), np.abs(np.diff(pixels, axis=1)).max(2).T


def _hard(image):
    """Whether most neighbours are equal, and the others far apart."""
    steps = np.concatenate([each.ravel() for each in _steps(image)])
    return np.mean(steps > 0) < 0.5 and steps[steps > 0].mean() > 0.8 * image.std()


def _on_blocks(image):
    """Whether all neighbours that differ lie in two blocks of 8 x 8."""
    return all(not np.delete(s, np.s_[7::8], axis=0).any() for s in _steps(image))


# --- 2 -----------------------------------------------------------------------------------

CASES = (  # bytes of the decoder, pixels, bpp of JPEG, bpp of the learned file
    (2_000_000, 512 * 768, 1.0, 0.5),
    (2_000_000, 512 * 768, 0.6, 0.45),
    (300_000_000, 12_000_000, 0.9, 0.3),
    (1000, 16_000, 1.0, 0.5),  # exactly one picture, in floating point, too
)


def pays_after(decoder, pixels, ours, theirs):
    """The right answer: the decoder's bits over those that a picture saves, rounded up."""
    return math.ceil(8 * decoder / (pixels * (ours - theirs)))


@knows(  # d bytes, n pixels, a and b bits per pixel; nothing is rounded, an answer may be
    {
        "The decoder is in bytes, the rates are in bits.": lambda d, n, a, b: d / (n * (a - b)),
        "8 bits are one byte: you divided where you should multiply.": (
            lambda d, n, a, b: d / 8 / (n * (a - b))
        ),
        "8 bits are one byte, and 8 is in it twice.": lambda d, n, a, b: 64 * d / (n * (a - b)),
        "Upside down: that is how many decoders the bits of one picture pay for.": [
            lambda d, n, a, b: n * (a - b) / (8 * d),
            lambda d, n, a, b: n * (a - b) / d,
            lambda d, n, a, b: n * (a - b) / d * 8,
        ],
        "Who saves? JPEG's rate is the larger one.": [
            lambda d, n, a, b: 8 * d / (n * (b - a)),
            lambda d, n, a, b: d / (n * (b - a)),
        ],
        "That pays for JPEG's bits, not for what is saved of them.": (
            lambda d, n, a, b: 8 * d / (n * a)
        ),
        "That counts learned bits, not what they save.": lambda d, n, a, b: 8 * d / (n * b),
        "What is saved is the difference of the two rates, neither their sum nor their product.": [
            lambda d, n, a, b: 8 * d / (n * (a + b)),
            lambda d, n, a, b: 16 * d / (n * (a + b)),
            lambda d, n, a, b: 8 * d / (n * a * b),
        ],
        "A quotient of rates says how many times, not how many bits are saved.": [
            lambda d, n, a, b: 8 * d / (n * a / b),
            lambda d, n, a, b: 8 * d / (n * b / a),
            lambda d, n, a, b: 8 * d / (n * (1 - b / a)),
            lambda d, n, a, b: 8 * d / (n * (a / b - 1)),
        ],
        "A bit per pixel is not one per sample.": [
            lambda d, n, a, b: 24 * d / (n * (a - b)),
            lambda d, n, a, b: 8 * d / (3 * n * (a - b)),
        ],
        "Bits per pixel: how many pixels has a picture?": [
            lambda d, n, a, b: 8 * d / (a - b),
            lambda d, n, a, b: d / (a - b),
        ],
        "Where are the two rates? Without them nothing is saved.": [
            lambda d, n, a, b: 8 * d / n,
            lambda d, n, a, b: d / n,
        ],
        "That is what one picture saves. How many of them pay for the decoder?": [
            lambda d, n, a, b: n * (a - b),
            lambda d, n, a, b: n * (a - b) / 8,
        ],
    }
)
def break_even(answer):
    """answer: a function of a CASE's four numbers -> how many pictures."""
    found = []
    for case in CASES:
        found.append(number(answer(*case)))
    for one, case in zip(found, CASES, strict=True):
        if one != pays_after(*case):
            shown = f"({case[0]:,} bytes, {case[1]:,} pixels, {case[2]}, {case[3]})"
            raise Wrong(minus(f"{shown}: {one:,.6g}. ") + _even_hint(found))
    return f"{CASES[0][0] / 1e6:g} MB are earned after {pays_after(*CASES[0])} small photographs."


def _even_hint(found):
    """Of the answers to all CASES: one alone, rounded, would look like several mistakes."""
    right = np.array([pays_after(*case) for case in CASES])
    if np.all((found >= right) & (found <= right + 1)):
        return "Nearly. With one picture fewer they are no larger already."
    if np.all(np.abs(found - right) <= 1):
        return "Nearly. Half a picture cannot be sent: from which whole number on does it pay?"
    for words, mistake in break_even.mistakes:
        wrong = np.array([mistake(*case) for case in CASES])  # which the answer may round
        alike = [np.isclose(found, way(wrong)) for way in (np.array, np.floor, np.ceil, np.rint)]
        if np.all(np.any(alike, axis=0)):
            return words
    return "Bits of the decoder, over the bits that one picture saves."


# --- 3 -----------------------------------------------------------------------------------

WINDOW, LOW = (29.5, 36.0), (27.0, 29.5)
CHOSEN = ("kodim02", "kodim03", "kodim10", "kodim12", "kodim16", "kodim20")  # best at LOW
FLAWS = {
    1: {"nothing"},
    2: {"rate"},
    3: {"anchor"},
    4: {"window"},
    5: {"metric"},
    6: {"settings"},
    7: {"head"},
    8: {"pictures", "window"},
}
KINDS = ("anchor", "head", "metric", "pictures", "rate", "settings", "window", "nothing")
WHY = {  # what to look at, where a flaw was not found
    "nothing": "Who, whose bits, which pictures, what judge, from where to where: all is said.",
    "rate": "Could you write this file, and somebody else read it?",
    "anchor": "Fewer than whose? Read how those files were saved, word by word.",
    "window": "From where to where, and do both have files there that anybody would keep?",
    "metric": "What exactly was measured in decibels?",
    "settings": "Who chose, among how many, and by looking at what?",
    "head": "How many bytes has one of these files? What stands in every one, however small?",
    "pictures": "Which of the 24 are they, and why these?",
}
INSTEAD = {  # what is said of a flaw that is not there
    (2, "settings"): "Nothing was tried and chosen here. But could one write this file?",
    (6, "pictures"): "All 24 are there. But what was done with them before they judged?",
    (7, "pictures"): "Nobody chose among the 24: all are there, their middle. But how large is it?",
    (7, "anchor"): "Against AVIF, and it says so. But how large are its files?",
    (5, "anchor"): "The anchor is that of claim 1.",
}


@cache
def kodak(name):
    """The study of one codec on Kodak."""
    return table.read(DATA / "rd" / f"kodak_{name}.json")


@cache
def measured(name):
    """A curve that only these claims need: made by tools/claims.py, or quoted from others."""
    found = json.loads((DATA / "rd" / "claims.json").read_text(encoding="utf-8"))
    quoted = json.loads((DATA / "rd" / "published_kodak.json").read_text(encoding="utf-8"))
    return found.get(name) or next(e for e in quoted["curves"] if e["codec"] == name)


def bd(curve, anchor=None, window=WINDOW):
    """BD-rate of one curve against another, Pillow's JPEG at first, in percent."""
    return metrics.bd_rate(anchor or table.psnr_curve(kodak("jpeg")), curve, window)


def beyond(curve):
    """Bjontegaard's own cubics through all points of two curves, wherever they end."""
    areas = []
    for points in (table.psnr_curve(kodak("jpeg")), curve):
        rate, psnr = np.transpose(points)
        area = np.polynomial.Polynomial.fit(psnr, np.log(rate), 3).integ()
        areas.append(area(WINDOW[1]) - area(WINDOW[0]))
    return 100 * np.expm1((areas[1] - areas[0]) / (WINDOW[1] - WINDOW[0]))


def claims():
    """Eight sentences: every number in them is true."""
    webp, avif = (table.psnr_curve(kodak(name)) for name in ("webp", "avif"))
    coin, heic = measured("c3/COIN"), measured("measured/heic444")
    luma = [(point["bpp"], point["psnr_y"]) for point in heic["points"]]
    entropies = bd(measured("learned_factorized, entropies"))
    pieces = bd(measured("learned_hours, pieces"), measured("avif, pieces"))
    shape, low = measured("jpeg, best of 20 shapes"), table.psnr_curve(coin)
    single = table.per_picture(kodak("jpeg_lam"), kodak("jpeg"), LOW)
    chosen = np.mean([single[f"{name}.png"] for name in CHOSEN])
    jpeg, rest = "Pillow's JPEG (4:2:0, optimize=True)", "24 Kodak pictures, whole files, PSNR of"
    usual = f"{rest} RGB, mean from 29.5 to 36 dB"
    return (
        f"AVIF, 4:2:0 at speed 6, needs {-bd(avif):.0f} % fewer bits than {jpeg}: {usual}.",
        f"The course's codec with the factorized prior needs {-entropies:.0f} % fewer bits than "
        f"{jpeg}: 24 Kodak pictures, the entropy of each channel's rounded latents in each "
        "picture, PSNR of RGB, mean from 29.5 to 36 dB.",
        f"WebP needs {-bd(webp, measured('jpeg, tables of Annex K')):.0f} % fewer bits than "
        f'Pillow\'s JPEG (save(file, "JPEG", quality=q, subsampling="4:2:0")): {usual}.',
        f"COIN needs {beyond(low):.0f} % more bits than {jpeg}: {usual}, cubic polynomials through "
        f"all points, COIN's of {low[0][1]:.1f} to {low[-1][1]:.1f} dB.",
        f"HEIC, 4:4:4, needs {-bd(luma, measured('jpeg, PSNR of luma')):.0f} % fewer bits than "
        f"{jpeg}: {rest} Y, mean from 29.5 to 36 dB.",
        f"JPEG with better tables needs {-bd(shape['curve']):.0f} % fewer bits than {jpeg}: "
        f"{usual}. We tried 20 shapes of tables on them; this is the best.",
        f"The learned codec needs {-pieces:.0f} % fewer bits than AVIF, 4:2:0 at speed 6: the "
        f"middle 128 x 128 pixels of {usual}.",
        f"JPEG by λ needs {-chosen:.0f} % fewer bits than {jpeg}: Kodak pictures "
        f"{', '.join(name.removeprefix('kodim') for name in CHOSEN)}, whole files, PSNR of RGB, "
        f"mean from {LOW[0]:g} to {LOW[1]:g} dB.",
    )


def flaws(answer):
    """answer: {1: words, ... 8: words}: one of KINDS, or a list of them."""
    if not isinstance(answer, dict) or set(answer) != set(FLAWS):
        raise Wrong("Give the words for each of the claims 1 to 8.")
    for claim, right in FLAWS.items():
        given = answer[claim]
        words = list(given) if isinstance(given, list | tuple | set) else [given]
        if not words or not all(isinstance(word, str) and word in KINDS for word in words):
            raise Wrong(f"Claim {claim}: write one or more of {', '.join(KINDS)}.")
        if "nothing" in words and len(set(words)) > 1:
            raise Wrong(f"Claim {claim}: nothing, and something? Decide.")
        _compare(claim, set(words), right)
    return "Every number was true, and seven of the eight sentences were not to be believed."


def _compare(claim, words, right):
    """Wrong, with a hint for the first word too many, else for the first that is missing."""
    for word in sorted(words - right - {"nothing"}):
        why = INSTEAD.get((claim, word)) or WHY[min(right)]
        raise Wrong(f"Claim {claim}: not {word!r}. {why}")
    for word in sorted(right - words):
        more = "there is one more flaw" if words & right else "not 'nothing'"
        raise Wrong(f"Claim {claim}: {more}. {WHY[word]}")


check = checks(jpeg_wins, break_even, flaws)
