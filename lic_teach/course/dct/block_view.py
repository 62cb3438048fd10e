"""One 8x8 block and the 64 coefficients it is made of: a grid whose cells can be dragged.

`value` is what the learner has set by hand, (place, coefficient) pairs; everything else is what
the explorer shows. A cell is chosen with a click or the arrow keys. Dragging it up or down
changes its coefficient; so does the slider under the grid; Delete makes it zero.
"""

from pathlib import Path

import anywidget
import traitlets

from lic_teach.kit.controls import decode_picture, script
from lic_teach.kit.typeset import Piece, Run, below, beside, picture, text

HERE = Path(__file__).parent


class BlockView(anywidget.AnyWidget):
    """Pictures are what encode_picture returns: 8x8 for the block, what is built of it and what is
    taken away, 64x64 for all the tiles.

    names, coefficients and kept describe the 64 places, row after row; limit is the largest
    coefficient that the slider allows, in either direction; hint stands under the grid.
    """

    _esm = script("canvas") + (HERE / "block_view.js").read_text(encoding="utf-8")
    _css = HERE / "block_view.css"
    value = traitlets.Tuple().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    original = traitlets.Bytes().tag(sync=True)
    built = traitlets.Bytes().tag(sync=True)
    taken = traitlets.Bytes().tag(sync=True)
    tiles = traitlets.Bytes().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    coefficients = traitlets.List(traitlets.Float()).tag(sync=True)
    kept = traitlets.List(traitlets.Bool()).tag(sync=True)
    limit = traitlets.Int(1024).tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)

    def typeset(self) -> Piece:
        """The block, built and taken away, and its 64 pieces, where there is no script."""
        named = (self.original, "the block"), (self.built, "built"), (self.taken, "taken away ×5")
        three = [
            below([picture(_enlarged(decode_picture(data), 13)), text([Run(name)], 104)], 2)
            for data, name in named
        ]
        tiles = decode_picture(self.tiles).reshape(8, 8, 8, 8, 3).swapaxes(1, 2)
        rows = [[picture(_enlarged(tile, 5)) for tile in row] for row in tiles]
        grid = below([beside(row, 4) for row in rows], 4)
        return below([beside(three), grid, text([Run(self.hint)], 336)])


def _enlarged(image, times):
    return image.repeat(times, 0).repeat(times, 1)
