"""The package's pieces, each as its exercise asks for it: what an own encoder takes where mine.py
has none.

    image --to_ycbcr, down, dct_matrix, quantize--> numbers --run_length, amplitude--> symbols
    symbols, table --my_file, dqt--> bytes

Lesson a_real_jpeg joins them.
"""

import numpy as np

from lic_teach.jpeg import color, frame, scan, segments, transform
from lic_teach.jpeg import quantize as stage


def to_ycbcr(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) RGB -> uint8 (3, H, W): Y, Cb, Cr. Lesson colour."""
    return color.rgb_to_ycbcr(image)


def down(plane: np.ndarray) -> np.ndarray:
    """uint8 (H, W), H and W even -> float (H/2, W/2), the mean of each cell. Lesson colour."""
    return color.downsample(np.ascontiguousarray(plane), 2, 2)


def dct_matrix(n: int) -> np.ndarray:
    """Float (n, n): row u is wave u, of length 1. Lesson dct."""
    u, x = np.mgrid[:n, :n]
    waves = np.cos((2 * x + 1) * u * np.pi / (2 * n))
    return waves / np.linalg.norm(waves, axis=1, keepdims=True)


def quantize(coefficients: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Float (..., 64), int (64,) -> whole numbers (..., 64). Lesson quantization."""
    return stage.quantize(coefficients, steps)


def amplitude(value: int) -> str:
    """The extra bits of a number, a string (T.81 F.1.2.1.1). Lesson entropy_coding."""
    size = abs(value).bit_length()
    return format(value if value > 0 else value + 2**size - 1, f"0{size}b") if size else ""


def run_length(block: list[int], before: int) -> list[tuple[int, int, str]]:
    """64 numbers, zig-zag, and the DC before -> [(run, size, extra bits), ...]."""
    difference = block[0] - before
    out, run = [(0, abs(difference).bit_length(), amplitude(difference))], 0
    for value in block[1:]:
        if value == 0:
            run += 1
            continue
        out += [(15, 0, "")] * (run // 16)  # ZRL
        out.append((run % 16, abs(value).bit_length(), amplitude(value)))
        run = 0
    return out + [(0, 0, "")] * (run > 0)  # EOB


def dqt(number: int, table: np.ndarray) -> bytes:
    """A quantization table, int (8, 8), as a segment. Lesson a_real_jpeg."""
    return segments.dqt(number, table.ravel()[transform.ZIGZAG])


def tables(quality: int) -> list[np.ndarray]:
    """The standard's steps for a quality 1..100: int (8, 8) of luma and of chroma."""
    return [stage.scale(table, quality) for table in (stage.LUMINANCE, stage.CHROMINANCE)]


def headers(image: np.ndarray) -> tuple[bytes, bytes]:
    """The segments SOF0 and SOS of a colour picture, uint8 (H, W, 3), chroma halved."""
    layout = frame.make_frame(*image.shape, "4:2:0")
    return segments.sof(layout, False), segments.sos(layout, scan.script(layout)[0])


def my_file(parts: dict[str, bytes], bits: str) -> bytes:
    """The segments DQT, SOF0, DHT, SOS and the bits of the scan -> a file."""
    bits += "1" * (-len(bits) % 8)
    coded = int(bits or "0", 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    head = b"".join(parts[name] for name in ("DQT", "SOF0", "DHT", "SOS"))
    return b"\xff\xd8" + head + coded + b"\xff\xd9"
