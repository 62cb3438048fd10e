"""What the explorer draws as SVG: the graph, and a slice through its loss.

Forward is downwards, backward is upwards: what lies upstream of a node lies above it.
"""

import numpy as np

from lic_teach.kit import plots
from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LINE, PAPER, QUIET, RESIDUAL, TEXT, minus, text

BOX_WIDTH, WIDE, BOX_HEIGHT = 114, 190, 56
PLACES = {  # the middle of each box
    "a₁": (62, 54), "w": (220, 54), "a₂": (378, 54),
    "z₁": (62, 144), "z₂": (378, 144),
    "h₁": (62, 234), "v": (220, 234), "h₂": (378, 234),
    "x̂₁": (62, 324), "x̂₂": (378, 324),
    "L₁": (62, 414), "L₂": (378, 414),
    "L": (220, 496),
}  # fmt: skip
LEAVES = {
    "a₁": "a₁, left of pixel 1", "a₂": "a₂, left of pixel 2",
    "w": "weight w, used twice", "v": "weight v, used twice",
}  # fmt: skip
SHARED = "w", "v"


def graph(result, valued, arrived, now: str | None, back: bool) -> str:
    """Result -> SVG. valued: names that show a value; arrived: as in graph.py; now: the step's."""
    title = title_of(result, arrived, back)
    edges = "".join(
        _edge(result, name, i, arrived, back and name == now)
        for name, node in result.nodes.items()
        for i in node.inputs
        if i in PLACES
    )
    boxes = "".join(_box(result, name, valued, arrived, name == now) for name in PLACES)
    return plots.titled(440, 530, title, edges + boxes)


def title_of(result, arrived, back: bool) -> str:
    """What is to be seen."""
    if not back:
        return "Forward: values go down to the loss"
    if "z₁" in arrived and not any(result.local[f"h{i}", f"z{i}"] for i in "₁₂"):
        return "Nothing above h gets a gradient: times 0"
    return "Backward: gradients go up; where they meet, they add up"


def total(parts: list[float | None] | None) -> str:
    """A gradient as it adds up from its parts; None is a part that is still on its way.

    >>> total([-0.7, 0.3]), total([None, 0.3]), total([2.0]), total(None)
    ('−0.7 + 0.3 = −0.4', '… + 0.3', '2', '…')
    """
    if parts is None:
        return "…"
    words = [number(parts[0]) if parts[0] is not None else "…"]
    for part in parts[1:]:
        sign = "−" if part is not None and number(part).startswith("−") else "+"
        words += [sign, "…" if part is None else number(part).removeprefix("−")]
    if len(parts) > 1 and None not in parts:
        words += ["=", number(sum(parts))]
    return " ".join(words)


def number(value: float) -> str:
    """Two decimals at most, none from 100 on, and a true minus sign.

    >>> number(-3.518), number(4.0), number(-0.001), number(1234.5)
    ('−3.52', '4', '0', '1,234')
    """
    words = f"{value:,.0f}" if abs(value) >= 100 else f"{value:z.2f}".rstrip("0").rstrip(".")
    return minus(words)


def _edge(result, name, i, arrived, newest):
    """A line from input i to node `name`; once the gradient has come up it, its derivative."""
    (x0, y0), (x1, y1) = _ends(i, name)
    known = (name, i) in result.local and _passed(result, name, i, arrived)
    dead = known and result.parts[i][name] == 0
    look = f"stroke:{RESIDUAL if known else LINE};stroke-width:{3 if newest and known else 1.6}"
    dash = ' stroke-dasharray="3 4"' if dead else ""
    tip = _arrow(x1, y1, x0, y0, RESIDUAL) if known else _arrow(x0, y0, x1, y1, LINE)
    label = ""
    if known:
        label = _beside((x0, y0), (x1, y1), f"× {number(result.local[name, i])}")
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" style="{look}"{dash}/>' + tip + label


def _passed(result, name, i, arrived):
    """Has the part that comes from node `name` arrived at its input i?"""
    users = [user for user in result.nodes if user in result.parts[i]]
    return i in arrived and arrived[i][users.index(name)] is not None


def _beside(start, end, words):
    """Words next to the middle of a line, clear of it."""
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if y0 == y1:
        return text(x, y - 7, words, RESIDUAL, "middle", 12, 700, halo=True)
    down = 4 if abs(x1 - x0) < abs(y1 - y0) else 11 if x0 > x1 else -5
    return text(x + 8, y + down, words, RESIDUAL, "start", 12, 700, halo=True)


def _width(name):
    return WIDE if name in SHARED else BOX_WIDTH


def _ends(upper, lower):
    """Where the line between two boxes leaves the one below and meets the other above.

    Beside a shared weight lines leave at its corners, so that none crosses another.
    """
    (x0, y0), (x1, y1) = PLACES[upper], PLACES[lower]
    aside = np.sign(x1 - x0) * (_width(upper) / 2 - 20) if upper in SHARED else 0
    across = np.clip(x0 - x1, -40, 40)
    return (x0 + aside, y0 + BOX_HEIGHT / 2), (x1 + across, y1 - BOX_HEIGHT / 2)


def _arrow(x0, y0, x1, y1, color):
    """A small head at the second end."""
    along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
    across = np.array([-along[1], along[0]])
    tip = np.array([x1, y1])
    left, right = tip - 8 * along + 4 * across, tip - 8 * along - 4 * across
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (tip, left, right))
    return f'<polygon points="{points}" style="fill:{color}"/>'


def _box(result, name, valued, arrived, now):
    """Name or formula, value, gradient."""
    (x, y), wide, slope = PLACES[name], _width(name), ""
    head = LEAVES.get(name) or f"{name} = {result.nodes[name].formula}"
    for pixel in "x₁", "x₂":
        head = head.replace(f"− {pixel}", f"− {number(result.values[pixel])}")
    kind = f"fill:{RESIDUAL};fill-opacity:.12" if name in arrived else "fill:none"
    frame = f"stroke:{TEXT};stroke-width:2.2" if now else f"stroke:{LINE};stroke-width:1"
    rx = 4 if name in LEAVES else 14
    box = f'x="{x - wide / 2}" y="{y - BOX_HEIGHT / 2}" width="{wide}" '
    box += f'height="{BOX_HEIGHT}" rx="{rx}"'
    value = number(result.values[name]) if name in valued else "?"
    if name in arrived:
        words = f"∂L/∂{name} = {total(arrived[name])}"
        slope = text(x, y + 22, words, RESIDUAL, size=11 if len(words) < 28 else 10, weight=700)
    return (
        f'<rect {box} style="fill:{PAPER}"/><rect {box} style="{kind};{frame}"/>'
        + text(x, y - 13, head, QUIET, size=11)
        + text(x, y + 5, value, TEXT, size=15, weight=600)
        + slope
    )


def slice_through(result, known: bool) -> str:
    """L over w, all else as it is; the tangent where the gradient is known -> HTML."""
    w, losses = result.sweep
    here, loss, slope = result.values["w"], result.values["L"], result.gradients["w"]
    highest = min(max(losses.max(), 1e-9), 4 * max(loss, 0.5))
    ax = Axes((w[0], w[-1]), (0, highest), (34, 30, 300, 130))
    title = f"L over w: slope {number(slope)}" if known else "L over w"
    body = ax.grid(range(-1, 3), (), "weight w") + ax.line(w, losses, QUIET, 1.6)
    if known:
        half = 0.8 / np.hypot(1, slope * (w[-1] - w[0]) / highest)  # as long on the screen
        away = np.array([-half, half])
        body += ax.line(here + away, loss + slope * away, RESIDUAL, 3)
    body += ax.mark(here, loss, RESIDUAL, r=5)
    return f'<div class="lic-plot">{plots.titled(310, 170, title, body)}</div>'
