"""Curves side by side: who needs how many bits fewer than the anchor.

    rd/*.json --read--> studies --bd_table--> one row a codec --format_table--> text

PSNR and MS-SSIM stand beside each other, because they disagree. A row says where it rests on less
than it seems: on a part of the window, or on fewer points, for want of a picture's value. Lessons
rate_distortion and showdown.
"""

import json
import math
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from lic_teach.files import some
from lic_teach.metrics import bd_rate, overlap
from lic_teach.study.identity import other_pictures

WINDOW = (29.5, 36.0)  # dB of PSNR: from visibly damaged to nearly transparent
LABELS = {"psnr": "PSNR", "ms_ssim": "MS-SSIM"}
REASONS = {"psnr": "coded without loss", "ms_ssim": "smaller than 161 pixels"}  # of a missing value
Curve = list[tuple[float, float]]  # (bpp, quality in dB)


def read(path: Path) -> dict:
    """A study as curves.study wrote it; ValueError if the file is something else."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        _ = str(found["codec"]), psnr_curve(found), ms_ssim_curve(found)
        _ = other_pictures(found, found), [gap(found, metric) for metric in LABELS]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} holds no rate-distortion study ({error!r})") from error
    return found


def psnr_curve(study: dict) -> Curve:
    """The (bpp, PSNR in dB) points of a study, without lossless ones."""
    return [(p["bpp"], p["psnr"]) for p in study["points"] if p["psnr"] is not None]


def ms_ssim_curve(study: dict) -> Curve:
    """The (bpp, MS-SSIM in dB) points: -10 log10(1 - MS-SSIM), so that 0.99 is 20 dB."""
    points = [p for p in study["points"] if p.get("ms_ssim") is not None and p["ms_ssim"] < 1]
    return [(p["bpp"], -10 * math.log10(1 - p["ms_ssim"])) for p in points]


def gap(study: dict, metric: str) -> str:
    """At which settings a study has no mean of a metric, and which pictures are the reason."""
    missing = [point for point in study["points"] if point.get(metric) is None]
    names = {}  # a dict keeps their order
    for point in missing:
        values = point.get("per_image", {}).get(metric, [])
        pairs = zip(study.get("images", []), values, strict=False)
        names |= {name: None for name, value in pairs if value is None}
    if not names:
        return ""
    settings = [str(point.get("setting")) for point in missing]
    where = "any setting" if len(missing) == len(study["points"]) else some(settings)
    verb = "is" if len(names) == 1 else "are"
    return f"no mean at {where}, since {some(list(names))} {verb} {REASONS[metric]}"


def bd_table(
    studies: Sequence[dict], anchor: dict, window: tuple[float, float] = WINDOW
) -> list[dict]:
    """BD-rates against `anchor`, in percent, negative where bits are saved.

    window: in dB of PSNR. The MS-SSIM column takes the part of the anchor's curve that lies
    in it, so that both columns speak of the same files of the anchor.
    Returns dicts with codec, psnr, ms_ssim; a string in place of a number says why there is
    none (other pictures than the anchor's, no overlap, too few points). `parts` has for each of
    the two the (low, high) in dB of the anchor's PSNR that the number rests on, `gaps` what a
    study lacks, in words.
    """
    quality = {"psnr": psnr_curve(anchor), "ms_ssim": ms_ssim_curve(anchor)}
    limits = {"psnr": window, "ms_ssim": _through(quality["psnr"], quality["ms_ssim"], window)}
    return [_row(study, anchor, quality, limits) for study in studies]


def _row(study, anchor, quality, limits):
    row, parts = {"codec": study["codec"]}, {}
    other = other_pictures(study, anchor)
    for metric, curve in {"psnr": psnr_curve(study), "ms_ssim": ms_ssim_curve(study)}.items():
        try:
            if other:
                raise ValueError(f"of other pictures than {anchor['codec']} ({other})")
            if quality[metric] and not quality["psnr"]:
                raise ValueError(f"{anchor['codec']} has no PSNR, so there is no window")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of a small part: the row says it
                row[metric] = bd_rate(quality[metric], curve, limits[metric])
            part = overlap(quality[metric], curve, limits[metric])
            same = metric == "psnr"
            parts[metric] = part if same else _through(quality[metric], quality["psnr"], part)
        except ValueError as error:
            row[metric] = str(error)
    gaps = {metric: words for metric in LABELS if (words := gap(study, metric))}
    return row | {"parts": parts, "gaps": gaps}


def per_picture(
    study: dict, anchor: dict, window: tuple[float, float] = WINDOW
) -> dict[str, float]:
    """The BD-rate of PSNR of each picture alone, in percent, by the picture's name.

    The mean over pictures of these is another number than that of the mean curves. Without those
    whose two curves share no dB of the window; ValueError if the studies are of other pictures.
    """
    if other := other_pictures(study, anchor):
        raise ValueError(f"{study['codec']} is of other pictures than {anchor['codec']} ({other})")

    def curve(study, i):
        values = (point["per_image"] for point in study["points"])
        return [(v["bpp"][i], v["psnr"][i]) for v in values if v["psnr"][i] is not None]

    found = {}
    for i, name in enumerate(anchor["images"]):
        with warnings.catch_warnings(), suppress(ValueError):
            warnings.simplefilter("ignore", UserWarning)  # of a small part
            found[name] = bd_rate(curve(anchor, i), curve(study, i), window)
    return found


def _through(source, target, part):
    """Two qualities of one metric -> those of the other, of the anchor's files of the same rate."""
    if not (source and target):
        return None
    rates = np.interp(part, *zip(*[(q, r) for r, q in sorted(source)], strict=True))
    return tuple(np.interp(rates, *zip(*sorted(target), strict=True)).tolist())


def format_table(rows: Sequence[dict], window: tuple[float, float] = WINDOW) -> str:
    """The rows as text, best PSNR first; behind a row the part of the window that it rests on,
    where that is smaller, and under the rows why a number is missing."""

    def cell(value):
        return f"{value:+8.1f} %" if isinstance(value, float) else "       --"

    order = sorted(rows, key=lambda r: r["psnr"] if isinstance(r["psnr"], float) else math.inf)
    width = max([20, *(len(row["codec"]) for row in rows)])
    lines = [
        f"BD-rate, PSNR window {window[0]}..{window[1]} dB",
        f"{'codec':<{width}} PSNR-RGB    MS-SSIM",
    ]
    lines += [
        f"{r['codec']:<{width}}{cell(r['psnr'])}{cell(r['ms_ssim'])}{_smaller(r, window)}"
        for r in order
    ]
    why = {}  # sentence -> codecs
    for row in rows:
        for words in _missing(row):
            why.setdefault(words, []).append(row["codec"])
    return "\n".join(lines + [f"{', '.join(codecs)}: {words}" for words, codecs in why.items()])


def _smaller(row, window):
    """The parts of the window, where they are smaller: one sentence behind the numbers."""
    found = {}
    for metric, (low, high) in row.get("parts", {}).items():
        if low > window[0] + 0.05 or high < window[1] - 0.05:
            found.setdefault(f"{low:.2f}..{high:.2f} dB only", []).append(LABELS[metric])
    words = "; ".join(f"{' and '.join(labels)} on {part}" for part, labels in found.items())
    return words and f"   {words}"


def _missing(row):
    """Why there is no number, and what a curve lacks; once, where it is the same for both."""
    found = []
    for metric in LABELS:
        why = row[metric] if isinstance(row[metric], str) else ""
        found.append("; ".join(filter(None, (why, row.get("gaps", {}).get(metric, "")))))
    if found[0] == found[1]:
        return found[:1] if found[0] else []
    return [
        f"{label}: {words}" for label, words in zip(LABELS.values(), found, strict=True) if words
    ]
