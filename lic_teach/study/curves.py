"""Measure a codec over a folder of pictures: the points of its rate-distortion curve.

    pictures x settings --measure, in parallel--> rows --summarise--> points --write--> a .json

A row is one file: encoded, decoded, measured. A point is the mean over the pictures at one
setting, of bpp, of PSNR in dB and of MS-SSIM each, as the literature averages them. Rows are
kept on disk as they come, so an interrupted study goes on where it stopped. Lessons
rate_distortion, showdown.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

from lic_teach.images import load, write_atomic
from lic_teach.metrics import bpp, ms_ssim, psnr
from lic_teach.paths import DATA
from lic_teach.study.codecs import Codec, Decode, Encode

KODAK_SHA256 = DATA / "rd" / "kodak_sha256.txt"
METRICS = ("bpp", "psnr", "ms_ssim")


def measure(path: Path, setting: float, encode: Encode, decode: Decode) -> dict:
    """One picture, one setting, one real file: its row.

    Returns image (file name), setting, bpp, psnr [dB, 8-bit RGB] and ms_ssim; None for the
    PSNR of a lossless file and the MS-SSIM of a picture too small for it. Rounded here: what is
    written is what is compared.
    """
    x = load(path)
    data = encode(x, setting)
    x_hat = decode(data)
    quality = psnr(x, x_hat)
    return {
        "image": Path(path).name,
        "setting": setting,
        "bpp": round(bpp(data, x), 5),
        "psnr": round(quality, 4) if quality < math.inf else None,
        "ms_ssim": round(ms_ssim(x, x_hat), 5) if min(x.shape[:2]) >= 161 else None,
    }


def rate_distortion(
    paths: Sequence[Path],
    encode: Encode,
    decode: Decode,
    settings: Sequence[float],
    n_jobs: int = 1,
    partial: Path | None = None,
) -> list[dict]:
    """Measure any codec: rows of `measure`, pictures x settings, in that order.

    n_jobs: processes (-1: one a core). They are joblib's, so a Dask or Ray cluster takes over
    inside `with joblib.parallel_config(backend="dask"):`, and this function does not change.
    partial: a file that collects the rows; those that it holds already are not measured again.
    """
    names = [Path(p).name for p in paths]
    if len(set(names)) < len(names):
        raise ValueError("two pictures have the same file name")
    rows = _read_partial(partial)
    todo = [(p, s) for p in paths for s in settings if (Path(p).name, s) not in rows]
    work = (joblib.delayed(measure)(p, s, encode, decode) for p, s in todo)
    results = joblib.Parallel(n_jobs, return_as="generator_unordered")(work)
    for row in tqdm(results, total=len(todo), unit="file", disable=None):
        rows[row["image"], row["setting"]] = row
        if partial is not None:
            with open(partial, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    return [rows[name, s] for name in names for s in settings]


def _read_partial(partial: Path | None) -> dict:
    """Rows that an interrupted study left, by (image, setting).

    A line cut short is dropped, and the whole one that was then appended to it.
    """
    rows = {}
    if partial is not None and Path(partial).exists():
        for line in Path(partial).read_text(encoding="utf-8").splitlines(keepends=True):
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(line)
                rows[row["image"], row["setting"]] = row
    return rows


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Rows -> points: for each setting the means over the pictures and the pictures' values.

    Returns dicts with setting, bpp, psnr, ms_ssim and per_image, a dict of lists in the order
    of the pictures. A mean with a missing value in it is None.
    """
    points = []
    for setting in dict.fromkeys(row["setting"] for row in rows):
        mine = [row for row in rows if row["setting"] == setting]
        values = {m: [row[m] for row in mine] for m in METRICS}
        means = {m: None if None in v else round(float(np.mean(v)), 5) for m, v in values.items()}
        points.append({"setting": setting, **means, "per_image": values})
    return points


def study(name: str, codec: Codec, paths: Sequence[Path], out: Path, n_jobs: int = 1) -> Path:
    """Measure `codec` over `paths`, write <out>/<dataset>_<name>.json, return where it lies.

    The file holds all that one needs to repeat it. An unfinished study leaves a .partial file
    beside it, which the next call with the same pictures, protocol and versions takes up.
    """
    dataset = dataset_name(paths)
    head = {
        "codec": name,
        "dataset": dataset,
        "protocol": codec.protocol,
        "metrics": "means over the pictures; PSNR of 8-bit RGB in dB, MS-SSIM of RGB",
        "command": f"lic-teach rd --images {dataset} --codecs {name}",
        "versions": codec.versions(),
        "images": [Path(p).name for p in paths],
    }
    key = hashlib.sha256(json.dumps([head, _digests(paths)]).encode()).hexdigest()[:12]
    out.mkdir(parents=True, exist_ok=True)
    target, partial = out / f"{dataset}_{name}.json", out / f"{dataset}_{name}.{key}.partial"
    rows = rate_distortion(paths, codec.encode, codec.decode, codec.settings, n_jobs, partial)
    write_atomic(target, _to_json(head, summarise(rows)))
    partial.unlink(missing_ok=True)
    return target


def _to_json(head: dict, points: Sequence[dict]) -> bytes:
    """One line a point: a file that one can read, and whose changes one can see."""
    lines = ",\n  ".join(json.dumps(point) for point in points)
    opening = json.dumps(head, indent=1).removesuffix("\n}")
    return f'{opening},\n "points": [\n  {lines}\n ]\n}}\n'.encode()


def _digests(paths: Sequence[Path]) -> list[str]:
    return [hashlib.sha256(Path(p).read_bytes()).hexdigest() for p in paths]


def dataset_name(paths: Sequence[Path]) -> str:
    """`kodak` if these are the 24 originals, by their SHA-256; else the name of the folder.

    A folder that calls itself kodak and holds something else is `kodak-altered`.
    """
    listed = [line for line in KODAK_SHA256.read_text().splitlines() if not line.startswith("#")]
    originals = sorted(line.split()[0] for line in listed)
    if len(paths) == len(originals) and sorted(_digests(paths)) == originals:
        return "kodak"
    name = Path(paths[0]).resolve().parent.name
    return "kodak-altered" if name == "kodak" else name
