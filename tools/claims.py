"""What the claims of the showdown need and no study has: `python -m tools.claims KODAK`.

    KODAK, 24 pictures --each measurement--> curves, (bpp, dB) --> data/rd/claims.json

Each is a comparison made wrongly, for learners to find out: a rate that no file has, a metric
of luma alone, pieces on which containers decide, an anchor without its own Huffman tables, tables
that were chosen on the pictures they are tried on.
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch

from lic_teach import images, learned, metrics
from lic_teach.jpeg.quantize import CHROMINANCE, LUMINANCE
from lic_teach.learned import quantize, rate
from lic_teach.paths import DATA
from lic_teach.study import codecs, own, table

RD = DATA / "rd"
LUMA = np.array([0.299, 0.587, 0.114])
PIECE = 128
POWERS, RATIOS = (0.0, 0.25, 0.5, 0.75, 1.0), (1.0, 1.25, 1.5, 2.0)  # the 20 shapes of tables
MEANS = (8, 12, 18, 27, 40, 60, 90)  # of luma's steps
Curve = list[tuple[float, float]]


def curve(settings: Iterable, measure: Callable) -> Curve:
    """measure(setting) -> (bpp, dB) of each picture; means over pictures, rounded."""
    return [tuple(np.mean(measure(s), 0).round(6).tolist()) for s in settings]


def coded(codec: codecs.Codec, pictures: list, psnr=metrics.psnr) -> Curve:
    """A codec at its own settings."""

    def measure(setting):
        for picture in pictures:
            data = codec.encode(picture, setting)
            yield metrics.bpp(data, picture), psnr(picture, codec.decode(data))

    return curve(codec.settings, lambda setting: list(measure(setting)))


def psnr_of_luma(x: np.ndarray, x_hat: np.ndarray) -> float:
    """PSNR of BT.601's Y, not rounded, in dB."""
    return metrics.psnr(x @ LUMA, x_hat @ LUMA)


def middle(picture: np.ndarray) -> np.ndarray:
    """Its middle PIECE x PIECE pixels."""
    top, left = (np.array(picture.shape[:2]) - PIECE) // 2
    return np.ascontiguousarray(picture[top : top + PIECE, left : left + PIECE])


def entropies(pictures: list) -> Curve:
    """The codec "factorized", its rate the entropy of each channel in each picture."""
    study = table.read(RD / "kodak_learned_factorized.json")
    model = learned.load("factorized")
    latents = [learned.analyse(picture, model) for picture in pictures]

    def bpp(y, picture, lam):
        y_hat = rate.count(y, model, quantize.to_code(lam))[0]
        counts = (np.unique(channel, return_counts=True)[1] for channel in y_hat)
        bits = y_hat[0].size * sum(map(metrics.entropy, counts))
        return bits / (picture.shape[0] * picture.shape[1])

    found = []
    for point in study["points"]:  # its pictures are those of the study
        pairs = zip(latents, pictures, strict=True)
        rates = [bpp(y, picture, point["setting"]) for y, picture in pairs]
        found.append((round(float(np.mean(rates)), 6), point["psnr"]))
    return found


def shaped(power: float, ratio: float, mean: float) -> list[list[int]]:
    """The standard's tables to a power, row after row as Pillow wants them: luma's mean as given,
    chroma's larger by a ratio."""
    found, standard = [], (LUMINANCE, CHROMINANCE)
    for steps, size in zip(standard, (mean, mean * ratio), strict=True):
        steps = np.asarray(steps, float).ravel() ** power
        found.append(np.clip(np.rint(steps * size / steps.mean()), 1, 255).astype(int).tolist())
    return found


def best_shape(pictures: list, anchor: Curve) -> dict:
    """Of 20 shapes of JPEG's tables the one that is best on these very pictures."""
    found = {}
    for shape in itertools.product(POWERS, RATIOS):

        def measure(mean, shape=shape):
            for picture in pictures:
                data = codecs.pillow_encode(
                    picture, shaped(*shape, mean), format="JPEG", knob="qtables",
                    subsampling="4:2:0", optimize=True,
                )  # fmt: skip
                yield metrics.bpp(data, picture), metrics.psnr(picture, codecs.pillow_decode(data))

        found[shape] = curve(MEANS, lambda mean, measure=measure: list(measure(mean)))
        print(shape, flush=True)
    best = min(found, key=lambda shape: metrics.bd_rate(anchor, found[shape], table.WINDOW))
    return {"power": best[0], "ratio": best[1], "curve": found[best]}


def main(folder: Path) -> None:
    """Measure all of it, and write it."""
    torch.set_num_threads(1)
    pictures = [images.load(path) for path in images.members(folder)]
    pieces = [middle(picture) for picture in pictures]
    anchor = codecs.CODECS["jpeg"]
    plain = anchor._replace(
        encode=lambda image, quality: codecs.pillow_encode(
            image, quality, format="JPEG", knob="quality", subsampling="4:2:0"
        )
    )
    found = {
        "what": "curves, (bpp, dB), means over the 24 Kodak pictures: how not to measure",
        "command": "python -m tools.claims {dataset}",
        "versions": anchor.versions() | codecs.CODECS["avif"].versions(),
        "jpeg, tables of Annex K": coded(plain, pictures),
        "jpeg, PSNR of luma": coded(anchor, pictures, psnr_of_luma),
        "avif, pieces": coded(codecs.CODECS["avif"], pieces),
        "learned_hours, pieces": coded(own.CODECS["learned_hours"], pieces),
        "learned_factorized, entropies": entropies(pictures),
        "jpeg, best of 20 shapes": best_shape(
            pictures, table.psnr_curve(table.read(RD / "kodak_jpeg.json"))
        ),
    }
    lines = ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    (RD / "claims.json").write_text(f"{{{lines}}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
