"""Pieces of the readout, as HTML: a table of numbers, a row of small pictures.

    rows of cells --table--> <table>          pictures with their names --figures--> <figure>s

Cells and names are HTML: escape what a learner has named.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from lic_teach.kit.controls import picture_url


def table(rows: Iterable[Sequence], heads: Sequence[str] = ()) -> str:
    """rows: (name, cell, cell, ...), any number of cells; heads: the words above the columns.

    A cell is set as `number` writes it; a name stays as it is.

    >>> table([("R, bits per pixel", 0.451)])
    '<table><tbody><tr><th scope="row">R, bits per pixel</th><td>0.451</td></tr></tbody></table>'
    """
    head = "".join(f'<th scope="col">{word}</th>' if word else "<td></td>" for word in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f"<td>{number(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f"<table>{head}<tbody>{body}</tbody></table>"


def number(cell: object) -> str:
    """A cell as people write it, not as Python prints it; other words stay as they are.

    >>> number("-4.2 %"), number("inf"), number("-inf"), number("learned")
    ('−4.2 %', '∞', '−∞', 'learned')
    """
    return re.sub(r"^([+−]?)inf$", r"\1∞", re.sub(r"^-", "−", str(cell)))


def figures(named: Iterable[tuple[str, np.ndarray]], width: int = 0) -> str:
    """(name, uint8 (H, W) or (H, W, 3)) pairs, side by side, each over its name.

    width: of each on the screen, its pixels as squares; 0 for one pixel a pixel.
    """
    size = f' width="{width}" class="lic-pixels"' if width else ""
    return (
        '<div class="lic-figures">'
        + "".join(
            f'<figure><img alt="{name}"{size} src="{picture_url(image)}"/>'
            f"<figcaption>{name}</figcaption></figure>"
            for name, image in named
        )
        + "</div>"
    )
