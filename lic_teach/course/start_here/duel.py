"""The duel: JPEG against the learned codec, on one picture and at one lambda. Lesson 00.

Equal lambda: each codec stands where its own L = R + lam * D is smallest, JPEG at the quality
found so, the learned codec at lam. Equal bits: JPEG at the quality whose file comes nearest
to the learned file in size. Sizes are those of real files, headers included.

The curves, and the learned codec's analysis of the picture, are computed once a picture.
A move of the slider then costs one JPEG file written and read, one learned file written, and
one synthesis: `reconstruct` gives what the file decodes to without the range decoder.
"""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator

from lic_teach import jpeg, learned, metrics
from lic_teach.kit import plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Wipe, choice, encode_picture

# Every one where the tables are coarse and sizes jump, then every fifth.
QUALITIES = (*range(1, 20), *range(20, 96, 5))
LAMS = np.geomspace(5e-4, 1e-1, 9)
MIN_MSE = 0.01  # what stands for no error at all where its logarithm is taken
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
PAIR = ThreadPoolExecutor(2)  # encodes both pictures at once
EQUAL_LAM, EQUAL_BITS = "equal λ", "equal bits"
HEADS = (
    "",
    f'<span style="color:{plots.JPEG}" aria-hidden="true">●</span> JPEG',
    f'<span style="color:{plots.LEARNED}" aria-hidden="true">■</span> learned',
)


class Coded(NamedTuple):
    """One file of a picture, measured. setting: the quality, or lambda."""

    setting: float
    data: bytes | None  # the file
    bpp: float
    mse: float
    psnr: float
    x_hat: np.ndarray | None  # uint8 (H, W, 3)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)


class Source(NamedTuple):
    """A picture with all that lambda does not change."""

    image: np.ndarray  # uint8 (H, W, 3)
    latents: np.ndarray  # float32 (C, H/8, W/8)
    jpeg: list[Coded]  # at QUALITIES
    learned: list[Coded]  # at LAMS
    last: dict[float, Coded]  # the learned file that was shown last, by lambda


class Result(NamedTuple):
    source: Source
    lam: float
    match: str
    jpeg: Coded
    learned: Coded


@cache
def model() -> torch.nn.Module:
    """The learned codec, loaded once. One thread: two are slower beside a busy browser."""
    torch.set_num_threads(1)
    keep_memory()
    return learned.load()


def keep_memory() -> None:
    """Let the C library keep what is freed: a slider step needs the same memory as the one before.

    Otherwise it gives some back to the system each time, and a tenth of a step is spent on
    getting it again. glibc only; other libraries do as they like.
    """
    try:
        c_library = ctypes.CDLL(None)
        c_library.mallopt(M_MMAP_THRESHOLD, 1 << 25)
        c_library.mallopt(M_TRIM_THRESHOLD, 1 << 29)
    except (AttributeError, OSError, TypeError):
        pass


def prepare(image: np.ndarray) -> Source:
    """A picture uint8 (H, W, 3): both whole curves, from real files, without their pictures."""
    latents = learned.analyse(image, model())
    return Source(
        image,
        latents,
        [without_pictures(by_jpeg(image, quality)) for quality in QUALITIES],
        [without_pictures(by_learned(image, latents, lam)) for lam in LAMS],
        {},
    )


def by_jpeg(image: np.ndarray, quality: int) -> Coded:
    """Write and read one JPEG file -> Coded."""
    data = jpeg.encode(image, quality)
    return measured(image, quality, data, jpeg.decode(data))


def by_learned(image: np.ndarray, latents: np.ndarray, lam: float) -> Coded:
    """Write one learned file, and what it decodes to -> Coded."""
    data, x_hat = learned.encode_and_reconstruct(latents, image.shape[:2], model(), lam)
    return measured(image, lam, data, x_hat)


def measured(image: np.ndarray, setting: float, data: bytes, x_hat: np.ndarray) -> Coded:
    """A file and what it decodes to -> Coded."""
    mse, psnr = metrics.mse(image, x_hat), metrics.psnr(image, x_hat)
    return Coded(setting, data, metrics.bpp(data, image), mse, psnr, x_hat)


def without_pictures(coded: Coded) -> Coded:
    """Only what a curve needs: it is kept for every picture that a learner opens."""
    return coded._replace(data=None, x_hat=None)


def compute(source: Source, lam: float, match: str) -> Result:
    """Both codecs at lam; match is EQUAL_LAM or EQUAL_BITS -> Result."""
    if lam not in source.last:  # a press of the button beside the slider leaves it as it is
        source.last.clear()
        source.last[lam] = by_learned(source.image, source.latents, lam)
    theirs = source.last[lam]
    if match == EQUAL_LAM:
        quality = quality_for_lam(source.jpeg, lam)
    else:
        quality = quality_for_bpp(source.jpeg, theirs.bpp)
    return Result(source, lam, match, by_jpeg(source.image, quality), theirs)


def quality_for_lam(curve: list[Coded], lam: float) -> int:
    """The quality with the smallest R + lam * D: there the curve's slope dR/dD is -lam."""
    qualities, bpp, mse = _at_every_quality(curve)
    return int(qualities[np.argmin(bpp + lam * mse)])


def quality_for_bpp(curve: list[Coded], target: float) -> int:
    """The quality whose file has the number of bits per pixel nearest to target."""
    qualities, bpp, _ = _at_every_quality(curve)
    return int(qualities[np.argmin(np.abs(np.log(bpp / target)))])


def _at_every_quality(curve):
    """Bits per pixel and MSE between the measured qualities: smooth in the logarithm."""
    known = [coded.setting for coded in curve]
    every = np.arange(known[0], known[-1] + 1)
    bpp, mse = np.log([(coded.bpp, max(coded.mse, MIN_MSE)) for coded in curve]).T
    return every, *(np.exp(PchipInterpolator(known, log)(every)) for log in (bpp, mse))


def draw(result: Result) -> View:
    """The two pictures, the table, the sentence and the plot.

    The browser decodes the JPEG file itself: some of its samples are a few grey levels away from
    those of our decoder, which the table measures (T.81 leaves the rounding open).
    """
    return View(
        (result.jpeg.data, encode_picture(result.learned.x_hat)),
        _table(result) + f"<p>{verdict(result)}</p>",
        summary(result),
        plots.rd_plot(_curves(result), "Higher is better, further left is smaller"),
    )


def side_by_side(left: np.ndarray, right: np.ndarray) -> tuple[bytes, bytes]:
    """Two pictures, uint8 (H, W, 3), as a Wipe takes them."""
    return tuple(PAIR.map(encode_picture, (left, right)))


def _curves(result):
    """The two whole curves, with the points where the codecs stand now."""
    source = result.source
    return [
        _curve("JPEG", source.jpeg, result.jpeg, plots.JPEG, "circle", ""),
        _curve("learned", source.learned, result.learned, plots.LEARNED, "square", "6 3"),
    ]


def _curve(name, curve, now, *look):
    points = [(coded.bpp, coded.psnr) for coded in (*curve, now)]
    bpp, psnr = zip(*points[:-1], strict=True)
    return plots.Curve(name, bpp, psnr, *look, points[-1])


def _table(result):
    ours, theirs = result.jpeg, result.learned
    rows = (
        ("set to", f"quality {ours.setting}", f"λ = {result.lam:.3g}"),
        ("file, bytes", f"{ours.size:,}", f"{theirs.size:,}"),
        ("R, bits per pixel", f"{ours.bpp:.3f}", f"{theirs.bpp:.3f}"),
        ("D, MSE", f"{ours.mse:.1f}", f"{theirs.mse:.1f}"),
        ("PSNR (RGB), dB", f"{ours.psnr:.2f}", f"{theirs.psnr:.2f}"),
        ("L = R + λD", f"{cost(ours, result.lam):.3f}", f"{cost(theirs, result.lam):.3f}"),
    )
    return readout.table(rows, HEADS)


def cost(coded: Coded, lam: float) -> float:
    """L = R + lam * D, in bits per pixel."""
    return coded.bpp + lam * coded.mse


def verdict(result: Result) -> str:
    """Who is ahead, in one sentence."""
    ours, theirs = result.jpeg, result.learned
    if result.match == EQUAL_LAM:
        change = 100 * (cost(theirs, result.lam) / cost(ours, result.lam) - 1)
        word = "lower" if change < 0 else "higher"
        return f"At this λ the learned codec's L is {abs(change):.0f} % {word} than JPEG's."
    if abs(ours.bpp / theirs.bpp - 1) > 0.1:
        return (
            f"No JPEG file of this picture comes near {theirs.bpp:.3f} bits per pixel: "
            f"quality {ours.setting} takes {ours.bpp:.3f}."
        )
    if ours.mse == theirs.mse:
        return "With as many bits, the two pictures are equally far from the original."
    if 0 in (ours.mse, theirs.mse):
        return f"With as many bits, {'JPEG' if ours.mse == 0 else 'the network'} makes no error."
    gain = theirs.psnr - ours.psnr
    word = "above" if gain > 0 else "below"
    return f"With as many bits, the learned picture is {abs(gain):.2f} dB {word} JPEG's."


def summary(result: Result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    return "; ".join(
        f"{name} {coded.bpp:.2f} bits per pixel, {coded.psnr:.1f} dB"
        for name, coded in (
            (f"lambda {result.lam:.3g}, JPEG quality {result.jpeg.setting}", result.jpeg),
            ("learned", result.learned),
        )
    )


class Duel(Explorer):
    """Duel(), Duel("coffee"), Duel("my photo.jpg"): one slider for both codecs."""

    prepare = staticmethod(prepare)
    compute = staticmethod(compute)
    draw = staticmethod(draw)

    def __init__(self, image="chelsea"):
        super().__init__(
            image,
            picture=Wipe(names=("JPEG", "learned")),
            lam=LamSlider(),
            match=choice("Compare at", [EQUAL_LAM, EQUAL_BITS]),
        )
