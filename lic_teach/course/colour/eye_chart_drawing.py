"""The eye chart as SVG: three strips of pixels, a mark on each, and pixels a cycle below."""

from collections.abc import Sequence

import numpy as np

from lic_teach.kit.plots import LINE, TEXT, svg, text

LEFT, TOP, GAP = 26, 22, 12
NAMES = "Y", "Cb", "Cr"


def drawing(
    strips: Sequence[str],
    size: tuple[int, int],
    marks: Sequence[float],
    ends: tuple[float, float],
    halved: float,
) -> str:
    """strips: addresses of pictures of this size; marks, ends and halved in pixels a cycle."""
    height, width = size
    bottom = TOP + len(strips) * (height + GAP) - GAP

    def x(cycle):
        return LEFT + width * np.log(cycle / ends[0]) / np.log(ends[1] / ends[0])

    body = text(LEFT, 13, "Each slider moves a mark: put it where the stripes melt", anchor="start")
    for i, (name, strip, mark) in enumerate(zip(NAMES, strips, marks, strict=True)):
        top = TOP + i * (height + GAP)
        body += (
            text(LEFT - 5, top + height / 2 + 4, name, anchor="end", weight=600)
            + f'<image x="{LEFT}" y="{top}" width="{width}" height="{height}" '
            f'href="{strip}"/>' + _mark(x(mark), top, height)
        )
    body += (
        f'<path d="M{x(halved):.1f} {TOP}V{bottom + 4}" stroke="#fff" stroke-dasharray="3 4"/>'
        + "".join(_tick(x(t), t, bottom) for t in (4, 8, 16, 32, 64))
        + text(LEFT + width / 2, bottom + 36, "pixels a cycle (one light and one dark stripe)")
    )
    return svg(LEFT + width + 12, bottom + 44, "Stripes of Y, Cb and Cr, finer to the left", body)


def _mark(x, top, height):
    """A pointer at the lower edge of a strip, and a line up from it."""
    foot = top + height
    return (
        f'<path d="M{x:.1f} {top}V{foot}" stroke="#000" stroke-width="3"/>'
        f'<path d="M{x:.1f} {top}V{foot}" stroke="#fff" stroke-width="1.5"/>'
        f'<path d="M{x:.1f} {foot - 6}l6 9h-12z" stroke="#fff" style="fill:{TEXT}"/>'
    )


def _tick(x, words, y):
    return f'<path d="M{x:.1f} {y}v5" stroke="{LINE}"/>' + text(x, y + 19, words)
