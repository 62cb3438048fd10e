"""The course's own codecs as a study sees them, and the parts of the JPEG optimizer alone.

    image, lambda --encode--> bytes --decode--> image

What tables, trellis and targets are worth can only be said of each one alone: jpeg_tables rounds
with learned tables, jpeg_trellis chooses coefficients for the standard's tables. Lesson
jpeg_by_lambda.
"""

import hashlib
import importlib.metadata
from functools import cache, partial
from pathlib import Path

import numpy as np

from lic_teach import jpeg
from lic_teach.jpeg import codec, lossy, optimize
from lic_teach.jpeg.frame import Frame, count_blocks, make_frame, split
from lic_teach.jpeg.targets import error_weights
from lic_teach.metrics import bpp, mse
from lic_teach.paths import DATA, version
from lic_teach.study.codecs import Codec

LAMS = (5e-4, 1e-3, 2e-3, 3e-3, 5e-3, 8e-3, 1.25e-2, 2e-2, 3.2e-2, 5e-2, 7e-2, 1e-1)
FEW_LAMS = (2.5e-3, 5e-3, 1e-2, 2e-2, 4e-2)  # 29 to 36 dB on Kodak, for a slow encoder
QUALITIES = range(10, 96, 5)
LARGER = 1.3  # the best step of real files over that of the rule, which is for fine steps


def jpeg_encode(
    image: np.ndarray, lam: float, fast: bool = False, arithmetic: bool = False
) -> bytes:
    """Everything chosen for lambda."""
    return jpeg.encode(image, lam=lam, fast=fast, arithmetic=arithmetic)


def rule(lam: float) -> float:
    """The step at which h - log2(step) + lam * step**2 / 12 is smallest: the best where steps are
    fine."""
    return float(np.sqrt(6 / (lam * np.log(2))))


def flat_steps(lam: float, frame: Frame) -> list[np.ndarray]:
    """One step for luma, one for chroma: int (64,) twice.

    By the rule, LARGER. An error of a chroma sample does more to R, G and B than one of luma, so
    its lambda is larger by that.
    """
    luma, chroma, _ = (weights[0] for weights in error_weights(frame))
    sizes = (LARGER * rule(lam), LARGER * rule(lam * chroma / luma))
    return [np.full(64, np.clip(np.rint(size), 1, 255), int) for size in sizes]


def jpeg_flat(image: np.ndarray, lam: float) -> bytes:
    """Two flat steps alone: 4:2:0, means of chroma, rounding, one scan."""
    frame = make_frame(*image.shape[:2], 3, "4:2:0")
    tables = flat_steps(lam, frame)
    return codec.pack(codec.quantized(image, frame, tables), frame, tables)


def jpeg_tables(image: np.ndarray, lam: float) -> bytes:
    """Learned tables alone: 4:2:0, means of chroma, rounding, one scan."""
    frame = make_frame(*image.shape[:2], 3, "4:2:0")
    tables = optimize.learned_tables(lam)
    return codec.pack(codec.quantized(image, frame, tables), frame, tables)


def jpeg_trellis(image: np.ndarray, lam: float) -> bytes:
    """The trellis alone: the standard's tables at the quality with the smallest L, 4:2:0, means
    of chroma, one scan."""
    frame = make_frame(*image.shape[:2], 3, "4:2:0")
    targets = lossy.analyse(image, frame)
    weights = [lam / 3 * w for w in error_weights(frame)]
    best, smallest = b"", np.inf
    for quality in QUALITIES:
        tables = codec.standard_tables(quality)
        blocks = np.zeros((count_blocks(frame), 64), np.int16)
        grids = split(blocks, frame)
        for part, table in ((slice(0, 1), tables[0]), (slice(1, 3), tables[1])):
            steps = table.astype(float)
            optimize.settle(
                targets[part], grids[part], frame, steps, weights[part], optimize.WHOLE, False
            )
        data = codec.pack(blocks, frame, tables)
        loss = bpp(data, image) + lam * mse(image, codec.paint(blocks, frame, tables))
        if loss < smallest:
            best, smallest = data, loss
    return best


@cache
def _model(weights: Path):
    from lic_teach import learned  # torch: only for those who measure it

    return learned.load(weights.stem)


def learned_encode(image: np.ndarray, lam: float, weights: Path, refine: int = 0) -> bytes:
    """The learned codec with one file of weights; refine: steps of the encoder's own search."""
    from lic_teach import learned

    return learned.encode(image, _model(weights), lam, refine)


def learned_decode(data: bytes, weights: Path) -> np.ndarray:
    """Undo learned_encode."""
    from lic_teach import learned

    return learned.decode(data, _model(weights))


def versions(*packages: str, weights: Path | None = None) -> dict[str, str]:
    """Versions of this package and of those whose arithmetic a result depends on."""
    found = {"lic-teach": version()} | {name: importlib.metadata.version(name) for name in packages}
    if weights is not None:
        found["weights"] = "sha256 " + hashlib.sha256(weights.read_bytes()).hexdigest()[:16]
    return found


def _jpeg(encode, protocol: str) -> Codec:
    protocol = f"lic_teach JPEG, {protocol}; lambda in bpp per unit of MSE"
    return Codec(encode, jpeg.decode, LAMS, protocol, partial(versions, "numpy"))


def _learned(weights: Path, refine: int = 0) -> Codec:
    protocol = f"lic_teach learned codec, weights {weights.stem}; lambda in bpp per unit of MSE"
    return Codec(
        partial(learned_encode, weights=weights, refine=refine),
        partial(learned_decode, weights=weights),
        FEW_LAMS if refine else LAMS,
        protocol + (f"; latents refined in {refine} steps" if refine else ""),
        partial(versions, "torch", "constriction", weights=weights),
    )


WEIGHTS = DATA / "weights"
CODECS = {
    "jpeg_lam": _jpeg(jpeg_encode, "everything chosen for lambda"),
    "jpeg_lam_fast": _jpeg(partial(jpeg_encode, fast=True), "everything chosen for lambda, fast"),
    "jpeg_lam_arithmetic": _jpeg(
        partial(jpeg_encode, arithmetic=True), "everything chosen for lambda, arithmetic coder"
    ),
    "jpeg_flat": _jpeg(jpeg_flat, "two flat steps alone, 4:2:0"),
    "jpeg_tables": _jpeg(jpeg_tables, "learned tables alone, 4:2:0"),
    "jpeg_trellis": _jpeg(jpeg_trellis, "trellis alone, standard tables, 4:2:0"),
    "learned_hours_refined": _learned(WEIGHTS / "hours.safetensors", refine=20),
} | {f"learned_{path.stem}": _learned(path) for path in sorted(WEIGHTS.glob("*.safetensors"))}
