"""How long the codecs of a study take, as ratios to Pillow's JPEG on the same pictures.

    python -m tools.bench.times      measures, prints, writes data/rd/times.json

Every codec stands where it reaches NEAR dB on Kodak, and works on the four sample photographs,
one thread, turn by turn with the anchor. Processor time, never the clock's; a ratio is the median
over the turns. Lesson showdown quotes the file to one digit: another processor gives another
second.
"""

import json
from functools import partial

import numpy as np

from lic_teach import images
from lic_teach.images import try_place, write_atomic
from lic_teach.paths import DATA
from lic_teach.study import codecs, own, table
from tools.bench.jpeg import photograph, seconds

NEAR = 33.0  # dB of PSNR
SIZE = 512, 768  # of the pictures, as Kodak's
FILE = DATA / "rd" / "times.json"


def setting_near(name: str, psnr: float = NEAR) -> float:
    """The setting whose mean PSNR on Kodak is nearest."""
    points = table.read(DATA / "rd" / f"kodak_{name}.json")["points"]
    return min(points, key=lambda point: abs(point["psnr"] - psnr))["setting"]


def ratios(name: str, rounds: int = 3) -> dict:
    """Setting, and time to encode and to decode over the anchor's, of one codec by its name."""
    known = codecs.CODECS | own.CODECS
    work = []  # for each picture: our two calls, the anchor's two
    for picture in images.SAMPLES:
        image, calls = photograph(picture, *SIZE), []
        for each in (name, "jpeg"):
            codec, setting = known[each], setting_near(each)
            data = codec.encode(image, setting)
            calls += [partial(codec.encode, image, setting), partial(codec.decode, data)]
        work.append(np.array(seconds(calls, rounds)))
    encode, decode, anchor_encode, anchor_decode = np.median(sum(work), axis=1)
    return {
        "setting": setting_near(name),
        "encode": float(f"{encode / anchor_encode:.2g}"),
        "decode": float(f"{decode / anchor_decode:.2g}"),
    }


def measure() -> dict:
    """All codecs that have a study of Kodak; a refined one, which takes minutes, in one turn."""
    import torch

    torch.set_num_threads(1)
    studies = {path.stem.removeprefix("kodak_") for path in FILE.parent.glob("kodak_*.json")}
    found, names = {}, sorted(studies & (codecs.CODECS | own.CODECS).keys())  # not the scoreboard's
    for name in names:
        found[name] = ratios(name, 1 if name.endswith("refined") else 5)
        print(f"{name:24} encode {found[name]['encode']:7g}  decode {found[name]['decode']:7g}")
    return {
        "what": f"processor time over that of Pillow's JPEG, both at the setting nearest {NEAR:g} "
        f"dB on Kodak; {len(images.SAMPLES)} sample photographs of {SIZE[1]} x {SIZE[0]}",
        "command": "python -m tools.bench.times",
        "machine": "one thread of a shared x86-64 processor with AVX-512, busy with other work",
        "ratios": found,
    }


if __name__ == "__main__":
    try_place(FILE)
    write_atomic(FILE, (json.dumps(measure(), indent=1) + "\n").encode())
