"""The eye chart as SVG: three strips of pixels, a mark on each, and pixels a cycle below."""

from collections.abc import Sequence

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import TEXT, svg, text

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
    right, bottom = LEFT + width, TOP + len(strips) * (height + GAP) - GAP
    ax = Axes(x=ends, y=(0, 1), box=(LEFT, TOP, right, bottom), log="x")
    body = text(LEFT, 13, "Each slider moves a mark: put it where the stripes melt", anchor="start")
    for i, (name, strip, mark) in enumerate(zip(NAMES, strips, marks, strict=True)):
        top = TOP + i * (height + GAP)
        body += (
            text(LEFT - 5, top + height / 2 + 4, name, anchor="end", weight=600)
            + f'<image x="{LEFT}" y="{top}" width="{width}" height="{height}" href="{strip}"/>'
            + _mark(ax.x(mark), top, top + height)
        )
    below = "pixels a cycle (one light and one dark stripe)"
    body += ax.rule(x=halved, color="#fff", dash="3 4") + ax.grid((4, 8, 16, 32, 64), below=below)
    return svg(right + 12, bottom + 44, "Stripes of Y, Cb and Cr, finer to the left", body)


def _mark(x, top, foot):
    """A pointer at the lower edge of a strip, and a line up from it."""
    return (
        f'<path d="M{x:.1f} {top}V{foot}" stroke="#000" stroke-width="3"/>'
        f'<path d="M{x:.1f} {top}V{foot}" stroke="#fff" stroke-width="1.5"/>'
        f'<path d="M{x:.1f} {foot - 6}l6 9h-12z" stroke="#fff" style="fill:{TEXT}"/>'
    )
