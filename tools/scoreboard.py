"""The scoreboard: what each changed part saves, measured: `python -m tools.scoreboard [KODAK]`.

    KODAK, codecs of the rows --measured--> data/rd/kodak_*.json --rows--> data/scoreboard.json

Every row on the same 24 pictures, in real files, against JPEG as most programs write it. KODAK is
the folder of the originals (data/README.md); a study that data/rd holds already is not measured
again. Without KODAK the table is made from data/rd alone.
"""

import json
import sys
import warnings
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

from lic_teach import images, jpeg
from lic_teach.course.only_the_decoder import repair
from lic_teach.course.tell_the_decoder_where import recoding
from lic_teach.jpeg import codec, frame
from lic_teach.kit.plots import JPEG, LEARNED
from lic_teach.kit.scoreboard import FILE, Row
from lic_teach.paths import DATA
from lic_teach.study import codecs, curves, own, table

RD = DATA / "rd"
COMMAND = "python -m tools.scoreboard {dataset}"
QUALITIES = (10, 20, 30, 45, 60, 75, 85, 92)  # they span the window on each picture's own curve
DHT, SOS = 0xC4, 0xDA

ROWS = (  # words, study, subject of the lesson that earns it; from JPEG to the whole machine
    ("JPEG as most programs write it", "jpeg", "start_here"),
    ("two flat steps", "jpeg_flat", "jpeg_by_lambda"),
    ("128 steps by λ", "jpeg_tables", "jpeg_by_lambda"),
    ("all by λ, trellis too", "jpeg_lam", "jpeg_by_lambda"),
    ("its own file, decoder learned", "jpeg_repaired", "only_the_decoder"),
    ("its coefficients, prior learned", "jpeg_recoded", "tell_the_decoder_where"),
    ("filters and prior learned", "learned_linear", "learned_codec"),
    ("and bends between them", "learned_context", "learned_codec"),
    ("and trained for hours", "learned_hours", "learned_codec"),
    ("and an encoder that thinks", "learned_hours_refined", "why_the_prior_fits"),
    ("JPEG by λ, arithmetic coder", "jpeg_lam_arithmetic", "bitstream"),
)


# --- JPEG's own coefficients, the prior learned ------------------------------------------


def recode(jpg: bytes) -> bytes:
    """A .jpg of one scan -> its segments without the Huffman tables, then the payload."""
    kept = b"".join(part for marker, part in segments(jpg) if marker != DHT)
    return jpg[:2] + kept + recoding.encode(recoding.planes(jpg), weights_for(jpg))


def restore(data: bytes) -> bytes:
    """Undo recode: a .jpg with the same coefficients. Its Huffman tables are made again."""
    parts = [part for _, part in segments(data)]
    tables = b"".join(part for marker, part in segments(_any_jpg()) if marker == DHT)
    short = data[:2] + b"".join(parts[:-1]) + tables + parts[-1] + bytes(8) + b"\xff\xd9"
    with warnings.catch_warnings(action="ignore"):  # of its scan nothing is used
        blocks, layout, steps = codec.unpack(short, strict=False)
    shapes = [plane.shape[:2] for plane in frame.split(blocks, layout)]
    payload = data[2 + sum(map(len, parts)) :]
    back = recoding.decode(payload, shapes, weights_for(data))
    return recoding.restored(codec.pack(blocks, layout, steps), back)


def segments(jpg: bytes) -> list[tuple[int, bytes]]:
    """Marker and bytes of each segment from behind SOI to SOS."""
    at, found = 2, []
    while not found or found[-1][0] != SOS:
        length = int.from_bytes(jpg[at + 2 : at + 4], "big") + 2
        found.append((jpg[at + 1], jpg[at : at + length]))
        at += length
    return found


@cache
def _any_jpg():
    return jpeg.encode(np.zeros((16, 16, 3), np.uint8), 50)


def weights_for(jpg: bytes) -> list[recoding.Weights]:
    """Trained on the sample photographs at the quality that has this file's first table."""
    first = next(part for marker, part in segments(jpg) if marker == 0xDB)
    return _weights(min(QUALITIES, key=lambda quality: _unlike(quality, first)))


def _unlike(quality, segment):
    table = codec.standard_tables(quality)[0]
    return np.abs(np.frombuffer(segment[5:69], np.uint8).astype(int) - table).sum()


@cache
def _weights(quality):
    return recoding.for_photo("", quality)  # "": none is left out


def recoded_encode(image: np.ndarray, quality: float) -> bytes:
    """JPEG as most programs write it, recoded."""
    return recode(codecs.CODECS["jpeg"].encode(image, quality))


def recoded_decode(data: bytes) -> np.ndarray:
    """The picture of the .jpg that the file stands for."""
    return codecs.pillow_decode(restore(data))


CODECS = {
    "jpeg_repaired": codecs.Codec(
        codecs.CODECS["jpeg"].encode, repair.decode, QUALITIES,
        "Pillow JPEG, 4:2:0, optimize=True, quality; decoded by the network of only_the_decoder",
        partial(own.versions, "torch", "pillow", weights=repair.FILE), COMMAND,
    ),
    "jpeg_recoded": codecs.Codec(
        recoded_encode, recoded_decode, QUALITIES,
        "Pillow JPEG, 4:2:0, quality; its coefficients under the prior of tell_the_decoder_where, "
        "trained on the sample photographs",
        partial(own.versions, "torch", "constriction", "pillow"), COMMAND,
    ),
}  # fmt: skip


# --- the table ---------------------------------------------------------------------------


def measure(folder: Path) -> None:
    """Make the studies of the rows that data/rd does not hold."""
    paths = images.members(folder)
    known = codecs.CODECS | own.CODECS | CODECS
    for _, name, _ in ROWS:
        if not (RD / f"kodak_{name}.json").exists():
            print(name, flush=True)
            curves.study(name, known[name], paths, RD)


def learned(name: str) -> bool:
    """Does a study's codec have a part that was learned by a network?"""
    return name in CODECS or name.startswith("learned")


def rows() -> list[Row]:
    """ROWS with their numbers, from data/rd."""
    studies = [table.read(RD / f"kodak_{name}.json") for _, name, _ in ROWS]
    anchor, found = studies[0], []
    for (words, _, subject), study in zip(ROWS[1:], studies[1:], strict=True):
        mean = table.bd_table([study], anchor)[0]["psnr"]
        single = table.per_picture(study, anchor).values()
        spread = (round(min(single), 1), round(max(single), 1))
        color = LEARNED if learned(study["codec"]) else JPEG
        found.append(Row(words, round(mean, 1), spread, subject, color))
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:]:
        measure(Path(sys.argv[1]))
    lines = ",\n  ".join(json.dumps(row._asdict(), ensure_ascii=False) for row in rows())
    low, high = table.WINDOW
    head = f'"pictures": "the 24 of Kodak", "window": [{low}, {high}]'
    FILE.write_text(f'{{{head}, "rows": [\n  {lines}\n]}}\n', encoding="utf-8")
