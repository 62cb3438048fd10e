"""What the byte microscope shows: the file as a picture, what the chosen byte says."""

from html import escape

import numpy as np

from lic_teach import metrics
from lic_teach.course.a_real_jpeg import words
from lic_teach.course.a_real_jpeg.byte_view import COLORS, KINDS, kind_of
from lic_teach.kit.base import View
from lic_teach.kit.readout import table


def map_columns(n: int) -> int:
    """Bytes in a row of the map of n bytes."""
    return max(-(-int((1.25 * n) ** 0.5) // 16), 1) * 16


def draw_map(broken) -> np.ndarray:
    """The file as a picture, a pixel a byte: the colour its segment, the lightness its value.

    What is not decoded is grey, what is changed red. Returns uint8 (rows, map_columns, 3).
    """
    data, parts, read, changed = broken.data, broken.segments, broken.read, broken.changed
    columns = map_columns(len(data))
    kinds = list(KINDS)
    colors = np.array([list(bytes.fromhex(c)) for c in COLORS.split()], float)
    which = np.repeat([kinds.index(kind_of(s.name)) for s in parts], [s.length for s in parts])
    depth = 0.35 + 0.65 * np.frombuffer(data, np.uint8)[:, None] / 255
    cells = np.full((-(-len(data) // columns) * columns, 3), 226.0)
    cells[: len(data)] = 255 - depth * (255 - colors[which])
    cells[read : len(data)] = 160 + cells[read : len(data)].mean(1, keepdims=True) / 4
    cells[changed] = 200, 0, 0
    return cells.astype(np.uint8).reshape(-1, columns, 3)


def draw(result) -> View:
    """Result -> View of the decoded picture."""
    readout = _byte_words(result) + _symbols(result) + _table(result)
    return View(result.broken.encoded, readout, summary(result))


def says(result) -> tuple[str, str]:
    """What the chosen byte says: its segment, and its words."""
    data, byte = result.broken.data, result.byte
    part = next(s for s in result.broken.segments if s.offset <= byte < s.offset + s.length)
    if part.name == "":
        return KINDS["data"], _data_words(result, part)
    left = byte - part.offset
    for field in words.fields(part.name, data[part.offset : part.offset + part.length]):
        if left < field.length:
            return f"{part.name} ({KINDS[kind_of(part.name)]})", field.words
        left -= field.length
    return part.name, part.meaning


def _data_words(result, part):
    byte = int(result.broken.origin[result.byte])
    if part.meaning != "entropy-coded bytes":
        return part.meaning
    blocks = result.file.blocks
    if blocks is None:
        before = [s for s in result.broken.segments if s.name == "SOS" and s.offset < part.offset]
        return f"of scan {len(before)}: {before[-1].meaning}"
    if result.block < 0:
        stuffed = byte > 0 and result.file.data[byte - 1 : byte + 1] == b"\xff\0"
        return "a stuffed 00: the FF before it is data, no marker" if stuffed else "no block's"
    name = ("luma", "Cb", "Cr", "black")[blocks.component[result.block]]
    place = f"row {blocks.row[result.block]}, column {blocks.column[result.block]}"
    first, last = words.span(blocks, result.block)
    bits = sum(len(s.code) + len(s.extra) for s in result.symbols)
    return (
        f"{name} of the block at {place}, "
        f"{bits} bits in {last - first + 1} byte{'s' * (last > first)}"
    )


def _byte_words(result):
    value = result.broken.data[result.byte]
    where, what = says(result)
    return (
        f"<p><b>Byte {result.byte:,}</b> is {value:02X}, in decimal {value}. "
        f"<b>{escape(where)}</b>: {escape(what)}.</p>"
    )


def roles(result) -> str:
    """What the chosen byte's bits are in the whole file: 8 letters, c code, e extra, n neither."""
    blocks = result.file.blocks
    place = -1 if result.block < 0 else words.cleaned(blocks.payload, _stood(result))
    if place < 0:
        return "n" * 8
    of_block = "".join("c" * len(s.code) + "e" * len(s.extra) for s in result.symbols)
    first = 8 * place - int(blocks.starts[result.block])
    return "".join(of_block[i] if 0 <= i < len(of_block) else "n" for i in range(first, first + 8))


def _stood(result):
    """Where the chosen byte stood in the whole file."""
    return int(result.broken.origin[result.byte])


def _symbols(result):
    """The symbols of the block as chips, those with a bit in the chosen byte framed."""
    if not result.symbols:
        return ""
    blocks, byte = result.file.blocks, _stood(result)
    first = 8 * words.cleaned(blocks.payload, byte) - int(blocks.starts[result.block])
    chips, bit = "", 0
    for s in result.symbols:
        end = bit + len(s.code) + len(s.extra)
        here = ' class="lic-here"' if bit < first + 8 and end > first else ""
        name = f"DC size {s.size}" if s.name == "DC" else words.symbol_name(16 * s.run + s.size, 1)
        chips += f"<span{here}><small>{name}</small><code><b>{s.code}</b>{s.extra}</code></span>"
        bit = end
    return f'<div class="lic-symbols">{chips}</div>'


def _table(result):
    file, broken, image = result.file, result.broken, result.source.image
    rows = [("file, bytes", f"{len(broken.data):,}")]
    if file.scans > 1:
        rows.append((f"up to scan {result.scans} of {file.scans}", f"{broken.read:,}"))
    rows.append(("R, bits per pixel", f"{8 * broken.read / file.picture[..., 0].size:.3f}"))
    rows.append(("PSNR (RGB) against the photograph, dB", _psnr(image, broken.picture)))
    if broken.edit or broken.changed:
        rows.append(("pixels other than in the whole file", _differ(file.picture, broken.picture)))
    return table(rows)


def _psnr(x, x_hat):
    same = x_hat is not None and x.shape == x_hat.shape
    return f"{metrics.psnr(x, x_hat):.2f}" if same else "–"


def _differ(x, x_hat):
    same = x_hat is not None and x.shape == x_hat.shape
    return f"{100 * np.mean((x != x_hat).any(-1)):.1f} %" if same else "–"


def verdict(result) -> str:
    """What was broken, and what the decoder says to that."""
    broken = result.broken
    if not (broken.edit or broken.changed):
        lacks = "<p>This file has nothing of that kind to break. Choose another <i>File</i>.</p>"
        return lacks if result.sabotage != "none" else ""
    what = escape(broken.edit.words) if broken.edit else "Bits are turned round by hand."
    said = f"Our decoder: {escape(broken.said)}." if broken.said else "The decoder notices nothing."
    if broken.picture is None:
        said += " It gives up: no picture."
    return f"<p>{what} <b>{said}</b></p>"


def summary(result) -> str:
    """The readout as one plain sentence."""
    where, what = says(result)
    broken = result.broken
    damage = f"; {broken.edit.words}" if broken.edit else ""
    said = f" The decoder says: {broken.said}" if broken.said else ""
    read = f", read up to scan {result.scans}" if result.scans < result.file.scans else ""
    return (
        f"{result.kind}, {len(broken.data):,} bytes{read}; byte {result.byte:,} is "
        f"{broken.data[result.byte]:02X}: {where}, {what}{damage}{said}"
    )


def captions(result) -> tuple[str, str]:
    """What stands over the two pictures."""
    broken = result.broken
    left = "what the decoder makes of it"
    if result.scans < result.file.scans:
        left = f"after {result.scans} of {result.file.scans} scans"
    elif not (broken.edit or broken.changed):
        left = "the file, decoded: click a block"
    return f"<b>{left}</b>", "<b>the whole file, unbroken</b>"


def draw_bytes(result) -> dict:
    """Result -> what ByteView shows, by the names of its traits."""
    broken, block = result.broken, (-1, -1)
    if result.block >= 0:
        first, last = words.span(result.file.blocks, result.block)
        block = tuple(np.searchsorted(broken.origin, (first, last)).tolist())
    return {
        "data": broken.data,
        "segments": [[s.offset, s.length, kind_of(s.name)] for s in broken.segments],
        "block": block,
        "changed": broken.changed,
        "roles": roles(result),
    }
