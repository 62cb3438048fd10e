"""A comparison as one HTML page: wipe, crops, tables, plot, and how all of it was measured.

    picture --pictures.crops--> boxes --compare, pictures.show--> Comparison --page--> HTML

One string in the end: style, script and all pictures are inside it.
"""

import base64
import json
import math
from functools import partial
from html import escape
from pathlib import Path

import numpy as np

from lic_teach.paths import version
from lic_teach.report import plot
from lic_teach.report.pictures import CROPS, WHOLE, Box, crops, show
from lic_teach.study import compare
from lic_teach.study.compare import LEARNED, Comparison, File

HERE = Path(__file__).parent
NAMES = {
    "jpeg": "JPEG (Pillow)",
    "jpeg_lam": "JPEG for λ (ours)",
    LEARNED: "learned (ours)",
    "webp": "WebP",
    "jpeg2000": "JPEG 2000",
    "avif": "AVIF",
}
SPOKEN = {
    "jpeg": "Pillow’s JPEG",
    "jpeg_lam": "our JPEG",
    LEARNED: "the learned codec",
}  # in a sentence
HEADS = (
    ("codec", "codec"),
    ("set to", "the setting that was found"),
    ("bytes", "size of the file"),
    ("bpp", "bits per pixel of the whole file"),
    ("PSNR, dB", "of RGB"),
    ("MS-SSIM", "of RGB; 1 is equal"),
    ("L = R + λD", "in bits per pixel"),
    ("encode", "processor time over that of Pillow's JPEG"),
    ("decode", "processor time over that of Pillow's JPEG"),
)


def write(image: np.ndarray, name: str, lam: float) -> str:
    """Compare all codecs on a picture and write the page: uint8 (H, W, 3), its name -> HTML.

    Raises ValueError as compare.compare does.
    """
    boxes = crops(image)
    result = compare.compare(image, lam, partial(show, boxes=boxes))
    return page(image, name, result, boxes)


def page(image: np.ndarray, name: str, result: Comparison, boxes: list[Box]) -> str:
    """All of it in one string: style, script and pictures are inside."""
    height, width = image.shape[:2]
    fill = {
        "title": escape(f"{name} by {len(result.curves)} codecs"),
        "style": (HERE / "report.css").read_text(encoding="utf-8"),
        "script": (HERE / "report.js").read_text(encoding="utf-8"),
        "name": escape(name),
        "facts": f"{width:,} × {height:,} pixels, {width * height / 1e6:.2f} megapixels",
        "verdict": escape(verdict(result)),
        "bits": f"{result.equal_lam[LEARNED].bpp:.3f}",
        "lam": f"{result.lam:g}",
        "bits_table": table(result.equal_bits, result.lam),
        "lam_table": table(result.equal_lam, result.lam),
        "off": escape(off(result.equal_bits)),
        "plot": plot.draw(result, NAMES),
        "plot_note": plot.note(result),
        "method": method(result, max(width, height) > WHOLE),
        "data": data(image, result, boxes),
    }
    text = (HERE / "report.html").read_text(encoding="utf-8")
    for key, value in fill.items():
        text = text.replace(f"[[{key}]]", value)
    return text


def verdict(result: Comparison) -> str:
    """Who is nearest to the original with as many bits, in two sentences."""
    files = result.equal_bits
    best = max(files.values(), key=lambda file: file.psnr)
    first = f"In {files[LEARNED].bpp:.3f} bits per pixel, {_spoken(best.codec)} comes nearest to "
    first += f"the original: {_db(best.psnr)} dB."
    rest = [name for name in ("jpeg", LEARNED) if name != best.codec]
    said = " and ".join(f"{_spoken(n)} reaches {_db(files[n].psnr)} dB" for n in rest)
    return f"{first} {said[0].upper()}{said[1:]}."


def off(files: dict[str, File]) -> str:
    """Whose file is not as large as the learned codec's, by more than 5 percent, in a sentence."""
    change = {n: round(100 * (f.bpp / files[LEARNED].bpp - 1)) for n, f in files.items()}
    far = [
        f"{_spoken(n)} takes {abs(percent)} % {'more' if percent > 0 else 'less'}"
        for n, percent in change.items()
        if abs(percent) > 5
    ]
    return f"Not quite as many bits: at its nearest setting {', '.join(far)}." if far else ""


def _spoken(name: str) -> str:
    return SPOKEN.get(name, NAMES[name])


def _db(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "∞"


def table(files: dict[str, File], lam: float) -> str:
    """One row a file, HTML. The best of a column is bold."""
    rows = {name: _values(file, lam, files[compare.ANCHOR]) for name, file in files.items()}
    best = {
        "psnr": max(files.values(), key=lambda f: f.psnr).codec,
        "ms_ssim": max(files.values(), key=lambda f: f.ms_ssim or 0).codec,
        "loss": min(files.values(), key=lambda f: f.bpp + lam * f.mse).codec,
    }
    marked = {3: best["psnr"], 4: best["ms_ssim"], 5: best["loss"]}
    body = ""
    for name, values in rows.items():
        cells = [
            f"<td>{f'<b>{v}</b>' if marked.get(i) == name else v}</td>"
            for i, v in enumerate(values)
        ]
        body += f'<tr><th scope="row" class="{name}">{NAMES[name]}</th>{"".join(cells)}</tr>'
    heads = "".join(f'<th scope="col" title="{title}">{head}</th>' for head, title in HEADS)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _values(file: File, lam: float, anchor: File) -> list[str]:
    return [
        setting(file),
        f"{file.size:,}",
        f"{file.bpp:.3f}",
        _db(file.psnr),
        "–" if file.ms_ssim is None else f"{file.ms_ssim:.4f}",
        f"{file.bpp + lam * file.mse:.3f}",
        ratio(file.encode / anchor.encode),
        ratio(file.decode / anchor.decode),
    ]


def setting(file: File) -> str:
    """What the codec's knob stands at, in words."""
    if file.codec in compare.QUALITY:
        return f"quality {file.setting:g}"
    return f"{'ratio' if file.codec == 'jpeg2000' else 'λ ='} {file.setting:.3g}"


def ratio(value: float) -> str:
    """Two digits: 0.87 ×, 3.2 ×, 120 ×."""
    digits = max(0, 1 - math.floor(math.log10(value)))
    return f"{round(value, 1 - math.floor(math.log10(value))):,.{digits}f} ×"


def method(result: Comparison, scaled: bool) -> str:
    """How it was measured, as items of a list."""
    codecs = compare.known(result.large)
    items = [f"<b>{NAMES[name]}</b>: {escape(codec.protocol)}." for name, codec in codecs.items()]
    items += [
        "Equal bits: the setting whose file comes nearest in size to that of the learned codec. "
        "Equal λ: the setting with the smallest L = R + λD of that codec, R in bits per pixel, "
        "D the mean squared error over RGB from 0 to 255.",
        "Every file is of the whole picture, written and read again. PSNR is over all of it.",
        "Times are of the processor, one run of each, over those of Pillow's JPEG in the same "
        "table.",
        "The crops were chosen before any codec ran, by their detail: squares of which 15, 50 "
        "and 95 percent of all squares have less.",
    ]
    if result.large:
        size = f"{compare.ACROSS * compare.DOWN} tiles of {compare.TILE} × {compare.TILE} pixels"
        items.append(
            f"The picture is large: MS-SSIM is the mean over {size} spread over it, and settings "
            "were found on these."
        )
    if scaled:
        items.append("The whole picture is shown smaller than it is, the crops pixel for pixel.")
    versions = {k: v for codec in codecs.values() for k, v in codec.versions().items()}
    versions["lic-teach"] = version()
    items.append("Versions: " + escape(", ".join(f"{k} {v}" for k, v in versions.items())) + ".")
    return "".join(f"<li>{item}</li>" for item in items)


def data(image: np.ndarray, result: Comparison, boxes: list[Box]) -> str:
    """What the script works with, as JSON: names, captions, and all pictures as data URIs."""
    modes = {"bits": result.equal_bits, "lam": result.equal_lam}
    shown = {"original": show(image, boxes)}
    captions = {}
    for mode, files in modes.items():
        for name, file in files.items():
            key = name if name == LEARNED else f"{name} {mode}"
            shown[key] = file.shown
            captions[key] = f"{file.bpp:.3f} bpp, {_db(file.psnr)} dB"
    found = {
        "names": {"original": "original"} | {name: NAMES[name] for name in result.curves},
        "shared": ["original", LEARNED],
        "captions": captions,
        "side": boxes[0][0].stop - boxes[0][0].start,
        "shrunk": max(image.shape[:2]) > WHOLE,
        "views": ["whole picture", *(f"{word} crop" for word, _ in CROPS)],
        "pictures": {key: [_uri(part) for part in parts] for key, parts in shown.items()},
    }
    return json.dumps(found).replace("<", "\\u003c")


def _uri(webp: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(webp).decode()
