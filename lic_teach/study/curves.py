"""Measure a codec over a folder of pictures: the points of its rate-distortion curve.

    pictures x settings --measure, in parallel--> rows --summarise--> points --write--> a .json

A row is one file: encoded, decoded, measured. A point is the mean over the pictures at one
setting, of bpp, of PSNR in dB and of MS-SSIM each, as the literature averages them. Rows are
kept on disk as they come, by the content of their picture, so that a study goes on where it
stopped, also after a picture was added or taken away. Lessons rate_distortion, showdown.
"""

import hashlib
import json
import math
import warnings
from collections.abc import Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path

import joblib
import numpy as np
from tqdm import tqdm

from lic_teach.images import load, write_atomic
from lic_teach.metrics import bpp, ms_ssim, psnr
from lic_teach.paths import DATA
from lic_teach.study.codecs import Codec, Decode, Encode
from lic_teach.study.identity import SAMPLES, describe
from lic_teach.study.pictures import SMALLEST, digest, look

KODAK_SHA256 = DATA / "rd" / "kodak_sha256.txt"
METRICS = ("bpp", "psnr", "ms_ssim")


def measure(path: Path, setting: float, encode: Encode, decode: Decode) -> dict:
    """One picture, one setting, one real file: its row.

    Returns image (file name), the digest of its samples, setting, bpp, psnr [dB, 8-bit RGB] and
    ms_ssim; None for the PSNR of a lossless file and the MS-SSIM of a picture too small for it.
    Rounded here: what is written is what is compared. An error names the picture and the setting.
    """
    x = load(path)
    try:
        data = encode(x, setting)
        x_hat = decode(data)
        quality = psnr(x, x_hat)
        similarity = ms_ssim(x, x_hat) if min(x.shape[:2]) >= SMALLEST else None
    except Exception as error:
        error.add_note(f"{Path(path).name} at setting {setting:g}")
        raise
    return {
        "image": Path(path).name,
        SAMPLES: digest(x),
        "setting": setting,
        "bpp": round(bpp(data, x), 5),
        "psnr": round(quality, 4) if quality < math.inf else None,
        "ms_ssim": None if similarity is None else round(similarity, 5),
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
    All pictures are read before the first is coded: ValueError names those that cannot be. Where
    a codec fails, everything else is measured and kept before its error is raised.
    """
    pictures, known = look(paths), _read_partial(partial)
    rows = {
        (picture.name, s): known[picture.digest, s] | {"image": picture.name}
        for picture in pictures
        for s in settings
        if (picture.digest, s) in known
    }
    todo = [(p, s) for p in paths for s in settings if (Path(p).name, s) not in rows]
    work = (joblib.delayed(_attempt)(p, s, encode, decode) for p, s in todo)
    results = joblib.Parallel(n_jobs, return_as="generator_unordered")(work)
    failure = None
    for row in tqdm(results, total=len(todo), unit="file", disable=None):
        if isinstance(row, Exception):
            failure = failure or row
            continue
        rows[row["image"], row["setting"]] = row
        if partial is not None:
            Path(partial).parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    if failure:
        raise failure
    for picture in pictures:
        if any(rows[picture.name, s][SAMPLES] != picture.digest for s in settings):
            raise ValueError(f"{picture.name} was changed while it was measured")
    return [rows[picture.name, s] for picture in pictures for s in settings]


def _attempt(*arguments):
    """measure, or the error that it raised: one file must not stop the others.

    What a picture is warned of, `look` has said, once.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return measure(*arguments)
    except Exception as error:
        return error


def _read_partial(partial: Path | None) -> dict:
    """Rows that an interrupted study left, by (digest of the picture, setting).

    A line cut short is dropped, and the whole one that was then appended to it.
    """
    rows = {}
    if partial is not None and Path(partial).exists():
        for line in Path(partial).read_text(encoding="utf-8").splitlines(keepends=True):
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(line)
                if set(METRICS) <= set(row):
                    rows[row[SAMPLES], row["setting"]] = row
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
    beside it, which the next call with the same protocol, options and versions takes up for the
    pictures that it holds. A finished one takes all of its .partial files away.
    """
    dataset = dataset_name(paths)
    head = describe(name, codec, dataset, {})
    key = hashlib.sha256(json.dumps(head).encode()).hexdigest()[:12]
    target, partial = out / f"{dataset}_{name}.json", out / f"{dataset}_{name}.{key}.partial"
    rows = rate_distortion(paths, codec.encode, codec.decode, codec.settings, n_jobs, partial)
    head = describe(name, codec, dataset, {row["image"]: row[SAMPLES] for row in rows})
    write_atomic(target, to_json(head, summarise(rows)))
    for left in out.glob(f"{escape(f'{dataset}_{name}')}.*.partial"):
        left.unlink()
    return target


def to_json(head: dict, points: Sequence[dict]) -> bytes:
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
    name = Path(paths[0]).parent.resolve().name
    return "kodak-altered" if name == "kodak" else name
