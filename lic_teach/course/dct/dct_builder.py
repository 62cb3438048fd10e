"""What a block is made of: 64 coefficients to drag, the block built from them.

Click a block of the photograph. Its 64 coefficients stand in a grid, each on the picture that
it adds to the block, or on the wave itself; drag a cell up or down, or choose it and move the
slider, and the block and the photograph follow. Beside what is built stands what was taken away.
The same in three bases: the DCT's waves, the KLT that is learned from this very photograph, and
plain pixels, which is no transform at all.

bases.py computes; here it is drawn; block_view.py is the grid.
"""

import base64

import numpy as np
from ipywidgets import Checkbox, Layout, VBox

from lic_teach.course.dct import bases
from lic_teach.course.dct.bases import CONTRAST, DCT, KLT, PIXELS
from lic_teach.course.dct.block_view import BlockView
from lic_teach.jpeg import transform
from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.base import Explorer, View, row
from lic_teach.kit.controls import Picture, Slider, choice, encode_picture, encode_png
from lic_teach.kit.readout import table

LIMIT = {DCT: 1024, KLT: 1024, PIXELS: 128}  # no coefficient of a block of 8-bit samples is larger
ADDS = f"What each coefficient adds, in {CONTRAST} times the contrast. Drag a cell up or down."
WAVES = "The 64 pictures that are added up, each in full contrast. Drag a cell up or down."

# short name, name, colour, dashes, and whether the name stands above the curve
STYLES = (
    ("DCT", DCT, plots.JPEG, "", False),
    ("KLT", KLT, plots.LEARNED, "6 3", True),
    ("pixels", PIXELS, plots.ORIGINAL, "2 3", True),
)


def draw(result) -> View:
    """Result -> View of the photograph."""
    readout = _table(result) + _words(result)
    return View(encode_picture(photograph(result)), readout, summary(result), _plot(result))


def photograph(result) -> np.ndarray:
    """As it is built, or what was taken away: uint8 (H, W)."""
    if result.taken:
        return bases.difference(result.source.luma, result.picture)
    return result.picture


def draw_block(result) -> dict:
    """Result -> what BlockView shows, by the names of its traits."""
    basis = result.source.bases[result.basis]
    original = result.source.blocks[result.cell].reshape(8, 8) + 128
    return {
        "original": encode_picture(original.astype(np.uint8)),
        "built": encode_picture(result.block),
        "taken": encode_picture(bases.difference(original, result.block)),
        "tiles": encode_picture(tiles(result)),
        "names": [name_of(result.basis, place, basis.order) for place in range(64)],
        "coefficients": [round(float(coefficient), 1) for coefficient in result.coefficients],
        "kept": result.kept.tolist(),
        "limit": LIMIT[result.basis],
        "hint": WAVES if result.waves else ADDS,
    }


def tiles(result) -> np.ndarray:
    """The 64 pictures that add up to the block, in more contrast, or the waves: uint8 (64, 64)."""
    rows = result.source.bases[result.basis].rows
    if result.waves:
        parts = 127 * rows / np.abs(rows).max(1, keepdims=True)
    else:
        parts = CONTRAST * rows * np.where(result.kept, result.coefficients, 0)[:, None]
    samples = np.clip(np.rint(128 + parts), 0, 255).astype(np.uint8)
    return transform.from_blocks(samples.reshape(8, 8, 64))


def name_of(basis: str, place: int, order: np.ndarray) -> str:
    """What coefficient number `place` is called."""
    row, column = divmod(place, 8)
    if basis == KLT:
        return f"eigenvector {int(np.flatnonzero(order == place)[0])}"
    return f"v {row}, u {column}" if basis == DCT else f"pixel {row}, {column}"


def _table(result):
    heads, cells = [f"{result.keep} of 64 kept"], ["PSNR (Y), dB"]
    for word, name, ink, *_ in STYLES:
        tag = 'b aria-current="true"' if name == result.basis else "span"
        end = tag.split()[0]
        dot = f'<span style="color:{ink}" aria-hidden="true">●</span>'
        psnr = decibels(result.source.bases[name].psnr[result.keep])
        heads.append(f"{dot} <{tag}>{word}</{end}>")
        cells.append(f"<{tag}>{psnr}</{end}>")
    return table([cells], heads)


def decibels(psnr: float) -> str:
    """PSNR in words; it is infinite where the block is exact."""
    return "exact" if np.isinf(psnr) else f"{psnr:.2f}"


def block_error(result) -> float:
    """Root mean square error of the one block, in grey levels."""
    original = result.source.blocks[result.cell].reshape(8, 8) + 128
    return float(np.sqrt(np.mean((original - result.block) ** 2)))


def _words(result):
    row, column = (8 * n for n in result.cell)
    changed = f", {len(result.edits)} of them set by hand" if result.edits else ""
    return (
        f"<p>The block at row {row}, column {column}: built from {result.kept.sum()} coefficients"
        f"{changed}, a sample is off by {block_error(result):.1f} grey levels.</p>"
    )


def summary(result) -> str:
    """The readout as one plain sentence: for a screen reader, and where there is no kernel."""
    row, column = (8 * n for n in result.cell)
    psnr = decibels(result.source.bases[result.basis].psnr[result.keep])
    unit = "" if psnr == "exact" else " dB"
    shown = "; shown is what was taken away" if result.taken else ""
    return (
        f"{result.basis}, {result.keep} of 64 kept: picture {psnr}{unit} (Y); "
        f"block at row {row}, column {column} off by {block_error(result):.1f} levels{shown}"
    )


def still(result):
    """The photograph, the block before and after, and its 64 pieces, side by side: PNG bytes."""
    shown = photograph(result)
    photo = shown.copy()
    row, column = (8 * n for n in result.cell)
    framed = photo[max(row - 3, 0) : row + 11, max(column - 3, 0) : column + 11]
    framed[:] = 255
    inside = np.s_[row : row + 8, column : column + 8]
    photo[inside] = shown[inside]
    original = (result.source.blocks[result.cell] + 128).astype(np.uint8).reshape(1, 8, 8)
    pair = _mosaic(np.concatenate([original, result.block[None]]), 2, 17)
    parts = _mosaic(transform.to_blocks(tiles(result)).reshape(64, 8, 8), 8, 4)
    height, width = photo.shape
    sheet = np.full((max(height, len(pair) + len(parts)), width + parts.shape[1]), 255, np.uint8)
    sheet[:height, :width] = photo
    sheet[: len(pair), width : width + pair.shape[1]] = pair
    sheet[len(pair) :][: len(parts), width:] = parts
    return encode_png(sheet)


def _mosaic(blocks, columns, scale):
    """uint8 (N, 8, 8) -> one picture of them, enlarged, with white margins."""
    large = np.kron(blocks, np.ones((1, scale, scale), np.uint8))
    large = np.pad(large, ((0, 0), (4, 0), (4, 0)), constant_values=255)
    return np.vstack([np.hstack(row) for row in large.reshape(-1, columns, *large.shape[1:])])


def _plot(result):
    """PSNR over the number of kept coefficients, for the three bases, as SVG."""
    ax = Axes((0, 64), (LOWEST, BEST), (34, 46, 384, 200))
    decibels = range(LOWEST, BEST + 1, 10)
    body = ax.grid(range(0, 65, 8), decibels, "kept of 64, in every block", "PSNR (Y), dB")
    for word, name, ink, dash, above in STYLES:
        psnr = result.source.bases[name].psnr
        shown = np.flatnonzero(np.asarray(psnr) <= BEST)
        body += ax.line(shown, np.maximum(psnr, LOWEST)[shown], ink, 2, dash)
        body += ax.text(30, psnr[30], word, 0, -10 if above else 18, weight=600, halo=True)
        if name == result.basis:
            body += ax.mark(result.keep, psnr[result.keep], ink)
    return plots.titled(440, 240, TITLE, body, f"{TITLE}: PSNR over the number kept")


TITLE = "A few waves carry the picture, a few pixels do not"
LOWEST, BEST = 10, 60  # dB: beyond 60 nobody sees an error


class DctBuilder(Explorer):
    """DctBuilder(), DctBuilder("coffee", keep=0), DctBuilder("my_photo.jpg", basis=KLT)."""

    prepare = staticmethod(bases.prepare)
    compute = staticmethod(bases.compute)
    _here = (None,)  # picture, block and basis that the edits belong to

    def __init__(self, image="chelsea", at=(88, 192), basis=DCT, keep=8):
        """at: a pixel (row, column) of the block; keep: how many of its 64 coefficients, 0..64."""
        super().__init__(
            image,
            picture=Picture(cell=8, at=at),
            basis=choice("Take it apart into", [DCT, KLT, PIXELS], basis),
            keep=Slider(keep, 0, 64, label="Keep", unit="of 64", ends=("nothing", "everything")),
            edits=BlockView(),
            waves=_checkbox("Show the waves"),
            taken=_checkbox("Show what was taken away"),
        )

    def _body(self):
        left = VBox([self.picture, self.readout, self.plot])
        left.layout = Layout(flex="1 1 340px", max_width="max-content")
        right = VBox([self.controls["edits"], self.controls["waves"]])
        return [row(left, right)]

    def update(self, change=None):
        """As every explorer; another block, basis or picture also drops what was set by hand."""
        if self._held:
            return
        self._keep_inside()
        place = self.picture.at, self.basis
        if self.source is not self._here[0] or place != self._here[1:]:
            with self._hold():
                self.edits = ()
        self._here = self.source, *place
        super().update(change)
        with self.controls["edits"].hold_sync():
            for name, value in draw_block(self.result).items():
                setattr(self.controls["edits"], name, value)

    def _still(self):
        """The photograph, the block before and after, and its 64 pieces."""
        return {"image/png": base64.b64encode(still(self.result)).decode()}


def _checkbox(words):
    return Checkbox(False, description=words, indent=False, layout=Layout(width="auto"))
