"""Curves side by side: who needs how many bits fewer than the anchor.

    rd/*.json --read--> studies --bd_table--> one row a codec

PSNR and MS-SSIM stand beside each other, because they disagree. Lessons rate_distortion and
showdown.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lic_teach.metrics import bd_rate

WINDOW = (29.5, 36.0)  # dB of PSNR: from visibly damaged to nearly transparent


def read(path: Path) -> dict:
    """A study as curves.study wrote it; ValueError if the file is something else."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        _ = str(found["codec"]), psnr_curve(found), ms_ssim_curve(found)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"{path} holds no rate-distortion study ({error!r})") from error
    return found


def psnr_curve(study: dict) -> list[tuple[float, float]]:
    """The (bpp, PSNR in dB) points of a study, without lossless ones."""
    return [(p["bpp"], p["psnr"]) for p in study["points"] if p["psnr"] is not None]


def ms_ssim_curve(study: dict) -> list[tuple[float, float]]:
    """The (bpp, MS-SSIM in dB) points: -10 log10(1 - MS-SSIM), so that 0.99 is 20 dB."""
    points = [p for p in study["points"] if (p.get("ms_ssim") or 1) < 1]
    return [(p["bpp"], -10 * math.log10(1 - p["ms_ssim"])) for p in points]


def bd_table(
    studies: Sequence[dict], anchor: dict, window: tuple[float, float] = WINDOW
) -> list[dict]:
    """BD-rates against `anchor`, in percent, negative where bits are saved.

    window: in dB of PSNR. The MS-SSIM column takes the part of the anchor's curve that lies
    in it, so that both columns speak of the same files of the anchor.
    Returns dicts with codec, psnr, ms_ssim; a string in place of a number says why there is
    none (no overlap, too few points).
    """
    quality, similarity = psnr_curve(anchor), ms_ssim_curve(anchor)
    limits, rows = None, []
    if quality and similarity:
        rates = np.interp(window, *zip(*[(q, r) for r, q in sorted(quality)], strict=True))
        limits = tuple(np.interp(rates, *zip(*sorted(similarity), strict=True)))
    for study in studies:
        row = {"codec": study["codec"], "psnr": _bd(quality, psnr_curve(study), window)}
        rows.append(row | {"ms_ssim": _bd(similarity, ms_ssim_curve(study), limits)})
    return rows


def _bd(anchor, points, window) -> float | str:
    try:
        return bd_rate(anchor, points, window)
    except ValueError as error:
        return str(error)


def format_table(rows: Sequence[dict], window: tuple[float, float] = WINDOW) -> str:
    """The rows as text, best PSNR first."""

    def cell(value):
        return f"{value:+8.1f} %" if isinstance(value, float) else "       --"

    order = sorted(rows, key=lambda r: r["psnr"] if isinstance(r["psnr"], float) else math.inf)
    lines = [
        f"BD-rate, PSNR window {window[0]}..{window[1]} dB",
        f"{'codec':<20} PSNR-RGB    MS-SSIM",
    ]
    lines += [f"{r['codec']:<20}{cell(r['psnr'])}{cell(r['ms_ssim'])}" for r in order]
    why = [f"{r['codec']}: {r['psnr']}" for r in rows if isinstance(r["psnr"], str)]
    return "\n".join(lines + why)
