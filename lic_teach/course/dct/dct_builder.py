"""What a block is made of: 64 coefficients to drag, the block built from them.

Click a block of the photograph. Its 64 coefficients stand in a grid, each on the picture that
it adds to the block, or on the wave itself; drag a cell up or down, or choose it and move the
slider, and the block and the photograph follow. Beside what is built stands what was taken away.
The same in three bases: the DCT's waves, the KLT that is learned from this very photograph, and
plain pixels, which is no transform at all.

bases.py computes; here it is drawn; block_view.py is the grid.
"""

import numpy as np
from ipywidgets import Checkbox, Layout, VBox

from lic_teach.course.dct import bases
from lic_teach.course.dct.bases import CONTRAST, DCT, KLT, PIXELS
from lic_teach.course.dct.block_view import BlockView
from lic_teach.jpeg import transform
from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.base import Explorer, View, row
from lic_teach.kit.controls import Picture, Slider, choice, encode_picture
from lic_teach.kit.readout import table

LIMIT = {DCT: 1024, KLT: 1024, PIXELS: 128}  # no coefficient of a block of 8-bit samples is larger
ADDS = f"What each coefficient adds, in {CONTRAST} times the contrast. Drag a cell up or down."
WAVES = "The 64 pictures that are added up, each in full contrast. Drag a cell up or down."

# for an explorer that stands at the KLT
WITH_THE_KLT = {
    "6 waves of the DCT": (
        dict(basis=DCT, keep=6),
        "Can you see a difference in the photograph, from one basis to the other?",
        "Hardly. The plot says how much it is.",
    ),
    "6 waves of the KLT": (
        dict(basis=KLT, keep=6),
        "Look at its waves: drag some of them up. Where do they differ from those of the DCT?",
        "The slow ones hardly do. The finer they are, the more of the DCT's waves are mixed in "
        "each.",
    ),
    "1 wave": (
        dict(basis=KLT, keep=1),
        "And at 1 of 64, in both? At 20?",
        "One wave is the mean of a block, in both: the photograph is a mosaic.",
    ),
}

# short name, name, colour, dashes, and whether the name stands above the curve
STYLES = (
    ("DCT", DCT, plots.JPEG, "", False),
    ("KLT", KLT, plots.LEARNED, "6 3", True),
    ("pixels", PIXELS, plots.ORIGINAL, "2 3", True),
)


def draw(result) -> View:
    """Result -> View of the photograph; with it what the block shows."""
    readout, block = _table(result) + _words(result), draw_block(result)
    return View(encode_picture(photograph(result)), readout, summary(result), _plot(result), block)


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
    kept = int(result.kept.sum())
    waves = f"{kept} coefficient{'s' * (kept != 1)}"
    return (
        f"<p>The block at row {row}, column {column}: built from {waves}{changed}, "
        f"a sample is off by {block_error(result):.1f} grey levels.</p>"
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

    tries = {
        "nothing kept, one wave across": (
            dict(keep=0, edits=((1, 300.0),), waves=True),
            "A wave of your own. Drag other cells of the first row, then of the first column, then "
            "one in the middle.",
            "Cells further right swing faster across, cells further down faster downwards, those "
            "in the middle both: a chequered pattern. What is not kept is 0, as in JPEG: grey.",
        ),
        "20 of 64": (
            dict(image="chelsea", keep=20),
            "Pull <i>Keep</i> from here to the left and to the right. Where do you stop seeing the "
            "difference in the photograph?",
            "Near here, for most people: the curve under the numbers says how much each further "
            "wave adds.",
        ),
        "what was taken away": (
            dict(image="chelsea", keep=10, taken=True),
            "Where is it, and where is nothing?",
            "On whiskers, on the rims of the eyes, in the fur. Smooth parts lose next to nothing.",
        ),
        "a block with little in it": (
            dict(image="chelsea", at=(32, 352), keep=64),
            "One coefficient is large beside the flat one. Where are such blocks?",
            "In the blurred background: hardly anything changes there within 8 pixels.",
        ),
        "a block with much in it": (
            dict(image="chelsea", at=(24, 208), keep=64),
            "And where are those with many large ones?",
            "In the fur between the ears, at the eye, wherever edges go through. Here ten are "
            "large.",
        ),
        "pixels": (
            dict(image="chelsea", basis=PIXELS, keep=20),
            "A coefficient is one pixel now. How many do you need?",
            "Nearly all. No pixel says anything about another; each one that is left out is a hole "
            "of middle grey.",
        ),
    }

    prepare = staticmethod(bases.prepare)
    compute = staticmethod(bases.compute)
    _here, _edits = (None,), ()  # picture, block and basis, and what was set by hand there

    def __init__(self, image="chelsea", at=(88, 192), basis=DCT, keep=8, tries=None):
        """at: a pixel (row, column) of the block; keep: how many of its 64 coefficients, 0..64;
        tries: others than above."""
        super().__init__(
            image,
            tries=tries,
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
        here, edits = (self.source, self.picture.at, self.basis), self.edits
        moved = here[0] is not self._here[0] or here[1:] != self._here[1:]
        if moved and edits == self._edits:  # else they were set together with the place
            with self._hold():
                self.edits = ()
        self._here, self._edits = here, self.edits
        super().update(change)

    def _put(self, view):
        super()._put(view)
        with self.controls["edits"].hold_sync():
            for name, value in view.more.items():
                setattr(self.controls["edits"], name, value)


def _checkbox(words):
    return Checkbox(False, description=words, indent=False, layout=Layout(width="auto"))
