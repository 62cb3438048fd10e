"""What the explorer draws as SVG: the graph, and a slice through its loss.

Forward is downwards, backward is upwards: what lies upstream of a node lies above it.
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LINE, PAPER, QUIET, RESIDUAL, TEXT, minus, text

BOX_WIDTH, BOX_HEIGHT = 106, 56
PLACES = {  # the middle of each box
    "a": (54, 58), "w₁": (165, 58), "w₂": (276, 58), "b": (386, 58),
    "p": (109, 148), "q": (331, 148),
    "z": (220, 238),
    "h": (220, 328), "v": (386, 328),
    "x̂": (220, 418), "x": (386, 418),
    "e": (220, 508), "L": (386, 508),
}  # fmt: skip
LEAVES = {
    "a": "a, left pixel", "b": "b, pixel above", "x": "x, the pixel",
    "w₁": "weight w₁", "w₂": "weight w₂", "v": "weight v",
}  # fmt: skip


def graph(result, valued, graded, now: str | None, back: bool) -> str:
    """Result -> SVG. valued, graded: names that show a value, a gradient; now: the step's node."""
    title = title_of(result, graded, back)
    edges = "".join(
        _edge(result, name, i, graded, back and name == now)
        for name, node in result.nodes.items()
        for i in node.inputs
    )
    boxes = "".join(_box(result, name, valued, graded, name == now) for name in PLACES)
    return plots.titled(440, 540, title, edges + boxes)


def title_of(result, graded, back: bool) -> str:
    """What is to be seen."""
    if not back:
        return "Forward: values go down to the loss"
    if "z" in graded and result.local["h", "z"] == 0:
        return "Nothing above h gets a gradient: times 0"
    return "Backward: gradients go up, times the edges"


def number(value: float) -> str:
    """Two decimals at most, none from 100 on, and a true minus sign.

    >>> number(-3.518), number(4.0), number(-0.001), number(1234.5)
    ('−3.52', '4', '0', '1,234')
    """
    words = f"{value:,.0f}" if abs(value) >= 100 else f"{value:z.2f}".rstrip("0").rstrip(".")
    return minus(words)


def _edge(result, name, i, graded, newest):
    """A line from input i to node `name`; once the gradient has come up it, its derivative."""
    (x0, y0), (x1, y1) = _ends(PLACES[i], PLACES[name])
    known = (name, i) in result.local and name in graded and i in graded
    dead = known and result.gradients[i] == 0
    look = f"stroke:{RESIDUAL if known else LINE};stroke-width:{3 if newest and known else 1.6}"
    dash = ' stroke-dasharray="3 4"' if dead else ""
    tip = _arrow(x1, y1, x0, y0, RESIDUAL) if known else _arrow(x0, y0, x1, y1, LINE)
    label = ""
    if known:
        label = _beside((x0, y0), (x1, y1), f"× {number(result.local[name, i])}")
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" style="{look}"{dash}/>' + tip + label


def _beside(start, end, words):
    """Words next to the middle of a line, clear of it."""
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if y0 == y1:
        return text(x, y - 7, words, RESIDUAL, "middle", 12, 700, halo=True)
    down = 4 if abs(x1 - x0) < abs(y1 - y0) else 11 if x0 > x1 else -5
    return text(x + 8, y + down, words, RESIDUAL, "start", 12, 700, halo=True)


def _ends(start, end):
    """Where the line between the middles of two boxes leaves the one and meets the other."""
    (x0, y0), (x1, y1) = start, end
    if abs(y1 - y0) < 5:
        side = np.sign(x1 - x0) * BOX_WIDTH / 2
        return (x0 + side, y0), (x1 - side, y1)
    return (x0, y0 + BOX_HEIGHT / 2), (x1 + np.clip(x0 - x1, -40, 40), y1 - BOX_HEIGHT / 2)


def _arrow(x0, y0, x1, y1, color):
    """A small head at the second end."""
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    across = np.array([-along[1], along[0]])
    tip = np.array([x1, y1])
    left, right = tip - 8 * along + 4 * across, tip - 8 * along - 4 * across
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, left, right))
    return f'<polygon points="{points}" style="fill:{color}"/>'


def _box(result, name, valued, graded, now):
    """Name or formula, value, gradient."""
    x, y = PLACES[name]
    head = LEAVES.get(name) or f"{name} = {result.nodes[name].formula}"
    kind = f"fill:{RESIDUAL};fill-opacity:.12" if name in graded else "fill:none"
    frame = f"stroke:{TEXT};stroke-width:2.2" if now else f"stroke:{LINE};stroke-width:1"
    rx = 4 if name in LEAVES else 14
    box = f'x="{x - BOX_WIDTH / 2}" y="{y - BOX_HEIGHT / 2}" width="{BOX_WIDTH}" '
    box += f'height="{BOX_HEIGHT}" rx="{rx}"'
    value = number(result.values[name]) if name in valued else "?"
    slope = ""
    if name in graded:
        words = f"∂L/∂{name} = {number(result.gradients[name])}"
        slope = text(x, y + 22, words, RESIDUAL, size=11, weight=700)
    return (
        f'<rect {box} style="fill:{PAPER}"/><rect {box} style="{kind};{frame}"/>'
        + text(x, y - 13, head, QUIET, size=11)
        + text(x, y + 5, value, TEXT, size=15, weight=600)
        + slope
    )


def slice_through(result, known: bool) -> str:
    """L over w₁, all else as it is; the tangent where the gradient is known -> HTML."""
    w, losses = result.sweep
    here, loss, slope = result.values["w₁"], result.values["L"], result.gradients["w₁"]
    highest = min(max(losses.max(), 1e-9), 4 * max(loss, 4.0))
    ax = Axes((w[0], w[-1]), (0, highest), (34, 30, 300, 130))
    title = f"L over w₁: slope {number(slope)}" if known else "L over w₁"
    body = ax.grid(range(-1, 4), (), "weight w₁") + ax.line(w, losses, QUIET, 1.6)
    if known:
        half = 0.8 / np.hypot(1, slope * (w[-1] - w[0]) / highest)  # as long on the screen
        away = np.array([-half, half])
        body += ax.line(here + away, loss + slope * away, RESIDUAL, 3)
    body += ax.mark(here, loss, RESIDUAL, r=5)
    return f'<div class="lic-plot">{plots.titled(310, 170, title, body)}</div>'
