"""What a study is of: its pictures by their samples, its codec by its choices, and the versions.

    codec, pictures --describe--> a study without its points --another, other_pictures--> words

Two folders may have one name, and so may two versions of a codec. A study is kept, and compared
with others, only where these agree (command.py, table.py). Lesson showdown.
"""

import re
from pathlib import Path

from lic_teach.files import some
from lic_teach.study.codecs import Codec

SAMPLES = "samples_sha256"  # under this key a study has the digests of its pictures
METRICS = "means over the pictures; PSNR of 8-bit RGB in dB, MS-SSIM of RGB"


def describe(name: str, codec: Codec, dataset: str, digests: dict[str, str]) -> dict:
    """All of a study but its points: what one needs to repeat it, and what tells it from others.

    digests: of the pictures' samples, by the file's name.
    """
    return {
        "codec": name,
        "dataset": dataset,
        "protocol": codec.protocol,
        "options": options_of(codec),
        "metrics": METRICS,
        "command": codec.command.format(dataset=dataset, name=name),
        "versions": codec.versions(),
        "images": list(digests),
        SAMPLES: list(digests.values()),
    }


def another(found: dict, codec: Codec, wanted: dict) -> str:
    """Why a study is not the one that `describe` describes, in words; else the empty string."""
    if why := other_pictures(found, wanted):
        return f"its pictures are others ({why})"
    there = found | {"settings": [point.get("setting") for point in found["points"]]}
    here = wanted | {"settings": list(codec.settings)}
    there.setdefault("options", here["options"])  # once they stood in the protocol alone
    for key in ("codec", "protocol", "options", "metrics", "versions", "settings"):
        one, other = there.get(key), here[key]
        if one != other:
            return f"its {key}: {_unlike(one, other)}; now: {_unlike(other, one)}"
    return ""


def _unlike(one, other):
    """Of two dicts what the second does not have; of anything else all of it. In words."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return f"{one}"
    return ", ".join(f"{k} {v}" for k, v in one.items() if other.get(k) != v) or "none"


def options_of(codec: Codec) -> dict[str, str | float | bool | None]:
    """What functools.partial has bound to a codec's functions: its choices, as JSON has them."""
    bound = {}
    for function in (codec.encode, codec.decode):
        bound |= getattr(function, "keywords", {})
    plain = str, int, float, bool, type(None)
    return {k: v if isinstance(v, plain) else _in_words(v) for k, v in bound.items()}


def _in_words(value):
    """The same in every process and every folder: a file's name, or repr without an address."""
    return value.name if isinstance(value, Path) else re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))


def other_pictures(study: dict, anchor: dict) -> str:
    """Where two studies are of different pictures, in what they differ; else the empty string.

    Studies from before digests were kept are compared by names alone; of kodak that is enough,
    since its name is given to the 24 originals only (curves.dataset_name). One that says nothing
    of its pictures is the caller's affair.
    """
    keys = {"dataset", "images", SAMPLES}
    if not (keys & study.keys() and keys & anchor.keys()):
        return ""
    if SAMPLES in study and SAMPLES in anchor:
        return _differences(study, anchor) or _differences(anchor, study)
    if any(study.get(key) != anchor.get(key) for key in ("dataset", "images")):
        return some(study.get("images", [])) or "without names"
    if study.get("dataset") == "kodak" or (SAMPLES in study) == (SAMPLES in anchor):
        return ""
    return "one of the two keeps no digests"


def _differences(one, other):
    """The pictures of one study that the other does not have, by content."""
    left, new = list(other[SAMPLES]), []
    for name, found in zip(one["images"], one[SAMPLES], strict=True):
        if found in left:
            left.remove(found)
        else:
            new.append(name)
    return some(new)
