"""What the explorer of lesson 10 draws as SVG: the graph, and a slice through its loss.

Forward is downwards, backward is upwards: what lies upstream of a node lies above it.
"""

import numpy as np

from lic_teach.explorers import plots
from lic_teach.explorers.plots import LINE, QUIET, TEXT, text

GRADIENT = "var(--lic-residual, #12857a)"
WIDTH, HEIGHT = 440, 540
BOX_WIDTH, BOX_HEIGHT = 98, 56
PLACES = {  # the middle of each box
    "a": (50, 58), "w₁": (160, 58), "w₂": (280, 58), "b": (390, 58),
    "p": (105, 148), "q": (335, 148),
    "z": (220, 238),
    "h": (220, 328), "v": (390, 328),
    "x̂": (220, 418), "x": (390, 418),
    "e": (220, 508), "L": (390, 508),
}  # fmt: skip
LEAVES = {
    "a": "a, left pixel", "b": "b, pixel above", "x": "x, the pixel",
    "w₁": "weight w₁", "w₂": "weight w₂", "v": "weight v",
}  # fmt: skip


def graph(result, valued, graded, now, back):
    """Result -> SVG. valued, graded: names that show a value, a gradient; now: the step's node."""
    title = title_of(result, back)
    edges = "".join(
        _edge(result, name, i, graded, back and name == now)
        for name, node in result.nodes.items()
        for i in node.inputs
    )
    boxes = "".join(_box(result, name, valued, graded, name == now) for name in PLACES)
    return plots.svg(
        WIDTH, HEIGHT, title, text(1, 15, title, anchor="start", weight=600) + edges + boxes
    )


def title_of(result, back):
    """What is to be seen."""
    if not back:
        return "Forward: values go down to the loss"
    dead = result.local["h", "z"] == 0
    if dead and "z" in _passed(result):
        return "Nothing above h gets a gradient: times 0"
    return "Backward: gradients go up, times the edges"


def _passed(result):
    """The names whose gradients the steps have reached."""
    order = [*result.nodes][::-1]
    passed = order[: max(result.step - len(order) - 1, 0)]
    return {i for name in passed for i in result.nodes[name].inputs}


def _number(value):
    return f"{value:z.2f}".rstrip("0").rstrip(".").replace("-", "−")


def _edge(result, name, i, graded, newest):
    """A line from input i to node `name`; once the gradient has come up it, its derivative."""
    (x0, y0), (x1, y1) = _ends(PLACES[i], PLACES[name])
    known = (name, i) in result.local and name in graded and i in graded
    dead = known and result.gradients[i] == 0
    look = f"stroke:{GRADIENT if known else LINE};stroke-width:{3 if newest and known else 1.6}"
    dash = ' stroke-dasharray="3 4"' if dead else ""
    tip = _arrow(x1, y1, x0, y0, GRADIENT) if known else _arrow(x0, y0, x1, y1, LINE)
    label = ""
    if known:
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        words = f"× {_number(result.local[name, i])}"
        flat = abs(y1 - y0) < 5
        place = (mx, my - 7, "middle") if flat else (mx + 8, my + 4, "start")
        label = text(*place[:2], words, GRADIENT, place[2], 12, 700, halo=True)
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" style="{look}"{dash}/>' + tip + label


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
    kind = f"fill:{GRADIENT};fill-opacity:.12" if name in graded else "fill:none"
    frame = f"stroke:{TEXT};stroke-width:2.2" if now else f"stroke:{LINE};stroke-width:1"
    rx = 4 if name in LEAVES else 14
    paper = "fill:var(--jp-layout-color0, #fff)"
    box = f'x="{x - BOX_WIDTH / 2}" y="{y - BOX_HEIGHT / 2}" width="{BOX_WIDTH}" '
    box += f'height="{BOX_HEIGHT}" rx="{rx}"'
    value = _number(result.values[name]) if name in valued else "?"
    slope = ""
    if name in graded:
        words = f"∂L/∂{name} = {_number(result.gradients[name])}"
        slope = text(x, y + 22, words, GRADIENT, size=12, weight=700)
    return (
        f'<rect {box} style="{paper}"/><rect {box} style="{kind};{frame}"/>'
        + text(x, y - 13, head, QUIET, size=11)
        + text(x, y + 5, value, TEXT, size=15, weight=600)
        + slope
    )


def slice_through(result, known):
    """L over w₁, all else as it is; the tangent where the gradient is known -> HTML."""
    left, right, top, base = 34, 300, 30, 130
    w, losses = result.sweep
    here, loss, slope = result.values["w₁"], result.values["L"], result.gradients["w₁"]
    highest = min(max(losses.max(), 1e-9), 4 * max(loss, 4.0))

    def at(w_value, height):
        share = (w_value - w[0]) / (w[-1] - w[0])
        return left + (right - left) * share, base - (base - top) * height / highest

    line = " ".join("{:.1f},{:.1f}".format(*at(*pair)) for pair in zip(w, losses, strict=True))
    span = 0.5 / np.hypot(1, slope * (w[-1] - w[0]) / highest)  # as long on the screen, whatever
    ends = [at(here + d, loss + slope * d) for d in (-span * 1.6, span * 1.6)]
    tangent = "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*ends[0], *ends[1])
    ticks = "".join(text(at(t, 0)[0], base + 16, _number(t), QUIET) for t in (-1, 0, 1, 2, 3))
    x, y = at(here, loss)
    title = f"L over w₁: slope {_number(slope)}" if known else "L over w₁"
    body = (
        text(1, 15, title, anchor="start", weight=600)
        + f'<svg x="{left}" y="{top}" width="{right - left}" height="{base - top + 3}" '
        f'viewBox="{left} {top} {right - left} {base - top + 3}">'
        f'<polyline points="{line}" fill="none" style="stroke:{QUIET};stroke-width:1.6"/></svg>'
        + f'<path d="M{left} {base}H{right}" style="stroke:{LINE}"/>'
        + (f'<path d="{tangent}" style="stroke:{GRADIENT};stroke-width:3"/>' if known else "")
        + f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:{GRADIENT}" stroke="#fff"/>'
        + ticks
        + text((left + right) / 2, base + 33, "weight w₁", QUIET)
    )
    drawing = plots.svg(310, 170, title, body)
    return f'<div class="lic-plot">{drawing}</div>'
