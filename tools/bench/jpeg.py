"""How our JPEG compares to libjpeg in time and memory: `python -m tools.bench.jpeg [--json]`.

Pillow's libjpeg-turbo runs in the same process, on the same pictures, at the same settings
(quality 75, 4:2:0, optimized Huffman tables), turn by turn with ours. Every figure of time is a
ratio of processor times, the median over the turns: seconds say more about the machine, and
what else runs on it, than about the codec.
"""

import argparse
import io
import json as to_json
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from PIL import Image
from tqdm import tqdm

from lic_teach import images, jpeg

SIZE = 512, 768  # of the pictures that are compared
MEGAPIXELS = 0.1, 0.4, 1.6, 6, 24  # of the pictures that show how time and memory grow


def run(json: bool = False, rounds: int = 15) -> None:
    """Measure and print, as a table or as JSON. Takes about half a minute."""
    result = measure(rounds)
    print(to_json.dumps(result, indent=2) if json else report(result))


def measure(rounds: int = 15, megapixels: tuple[float, ...] = MEGAPIXELS) -> dict:
    """Ratios to Pillow on each sample photograph, then growth over the given sizes."""
    with tqdm(total=len(images.SAMPLES) + len(megapixels), disable=None) as bar:
        speed, growths = {}, []
        for name in images.SAMPLES:
            speed[name] = ratios(photograph(name, *SIZE), rounds)
            bar.update()
        for size in megapixels:
            growths.append(growth(size, rounds))
            bar.update()
    return {"ratio_to_pillow": speed, "growth": growths}


def photograph(name: str, height: int, width: int) -> np.ndarray:
    """A sample photograph cut, or mirrored again and again, to a size: uint8 (height, width, 3)."""
    image = images.sample(name)[:height, :width]
    missing = height - image.shape[0], width - image.shape[1]
    return np.pad(image, [(0, n) for n in missing] + [(0, 0)], mode="symmetric")


def pillow_encode(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) -> what Pillow writes at the settings above."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=75, subsampling="4:2:0", optimize=True)
    return out.getvalue()


def pillow_decode(data: bytes) -> np.ndarray:
    """Undo pillow_encode, up to what quantization lost."""
    return np.asarray(Image.open(io.BytesIO(data)))


def ratios(image: np.ndarray, rounds: int) -> dict[str, float]:
    """Our time over Pillow's, encoding and decoding the same bytes."""
    data = jpeg.encode(image)
    ours, theirs = seconds([lambda: jpeg.encode(image), lambda: pillow_encode(image)], rounds)
    encode = np.median(ours / theirs)
    ours, theirs = seconds([lambda: jpeg.decode(data), lambda: pillow_decode(data)], rounds)
    return {"encode": round(float(encode), 2), "decode": round(float(np.median(ours / theirs)), 2)}


def seconds(calls: list[Callable], rounds: int) -> np.ndarray:
    """Processor times of calls, taken turn by turn after a warm-up: float (calls, rounds)."""
    times = np.zeros((len(calls), rounds + 1))
    for turn in range(rounds + 1):
        for row, call in enumerate(calls):
            start = time.process_time()
            call()
            times[row, turn] = time.process_time() - start
    return times[:, 1:]


def growth(megapixels: float, rounds: int) -> dict[str, float]:
    """Time a pixel, over that of SIZE in the same turns, and peak memory, for one size (3 : 2)."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    large, small = (photograph("coffee", *size) for size in ((height, height * 3 // 2), SIZE))
    files = jpeg.encode(large), jpeg.encode(small)
    scale = small.size / large.size
    turns = max(3, int(rounds * min(1, 1.6 / megapixels)))
    encode = seconds([lambda: jpeg.encode(large), lambda: jpeg.encode(small)], turns)
    decode = seconds([lambda: jpeg.decode(files[0]), lambda: jpeg.decode(files[1])], turns)
    pixels = large.size // 3
    return {
        "megapixels": megapixels,
        "encode_time_a_pixel": round(float(np.median(encode[0] / encode[1])) * scale, 2),
        "decode_time_a_pixel": round(float(np.median(decode[0] / decode[1])) * scale, 2),
        "encode_bytes_a_pixel": round(extra_bytes(lambda: jpeg.encode(large)) / pixels, 1),
        "decode_bytes_a_pixel": round(extra_bytes(lambda: jpeg.decode(files[0])) / pixels, 1),
    }


def extra_bytes(call: Callable) -> int:
    """Peak memory of a call, without what it is given and what it returns."""
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return peak - (result.nbytes if isinstance(result, np.ndarray) else len(result))


def report(result: dict) -> str:
    """The measurement as text."""
    lines = [f"Time over Pillow's, {SIZE[1]} x {SIZE[0]}, quality 75, 4:2:0", ""]
    lines += [f"{'':12}{'encode':>8}{'decode':>8}"]
    for name, row in result["ratio_to_pillow"].items():
        lines.append(f"{name:12}{row['encode']:8.2f}{row['decode']:8.2f}")
    lines += [
        "",
        f"Time a pixel, 1 = {SIZE[1]} x {SIZE[0]}; peak memory above input and output",
        "",
    ]
    lines += [f"{'megapixels':12}{'encode':>8}{'decode':>8}{'encode':>12}{'decode':>12}"]
    for row in result["growth"]:
        times = f"{row['encode_time_a_pixel']:8.2f}{row['decode_time_a_pixel']:8.2f}"
        bytes_ = [f"{row[f'{way}_bytes_a_pixel']:.1f} B/px" for way in ("encode", "decode")]
        lines.append(f"{row['megapixels']:<12g}{times}{bytes_[0]:>12}{bytes_[1]:>12}")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.bench.jpeg")
    parser.add_argument("--json", action="store_true", help="instead of a table")
    run(parser.parse_args().json)
