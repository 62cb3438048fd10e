"""A computation graph, forward and backward: where gradients come from, meet, and die.

    a₁, a₂, w, v --forward--> z₁, z₂, h₁, ..., L         one value a step
    dL/dL = 1    --backward--> dL/dL₂, ..., dL/dw        one node a step, times its derivatives

The smallest network that predicts a pixel from the one to its left, at two pixels of one
photograph. Both use the weights w and v, so two gradients meet at each, and add up. Pixels are
counted from mid grey in units of 64 grey levels. Node h is an activation, max(0, z), or is swapped
for round(z). Beside the gradients stands what nudging each weight gives.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lic_teach.course.backpropagation import graph_drawing
from lic_teach.course.backpropagation.graph_drawing import number, total
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.readout import table

RELU, ROUND = "max(0, z)", "round(z)"
PIXELS = {"a₁": 1.0, "a₂": 1.5, "x₁": 1.5, "x₂": 1.0}  # astronaut, row 402, from column 143
WEIGHTS = {"w": 0.8, "v": 1.0}
NUDGE = 1e-4


class Node(NamedTuple):
    """One operation: what it is called, what it works on, its value, its derivative for each."""

    formula: str
    inputs: tuple[str, ...]
    value: Callable
    derivatives: Callable


def _times(weight, other):
    """The node weight · other."""
    return Node(f"{weight} · {other}", (weight, other), lambda w, a: w * a, lambda w, a: (a, w))


def _bend(i):
    return Node(f"max(0, z{i})", (f"z{i}",), lambda z: max(0.0, z), lambda z: (int(z > 0),))


def _round(i):
    return Node(f"round(z{i})", (f"z{i}",), lambda z: float(np.rint(z)), lambda z: (0,))


def _square(i):
    return Node(
        f"(x̂{i} − x{i})²",
        (f"x̂{i}", f"x{i}"),
        lambda x_hat, x: (x_hat - x) ** 2,
        lambda x_hat, x: (2 * (x_hat - x), 2 * (x - x_hat)),
    )


MEAN = Node("½ (L₁ + L₂)", ("L₁", "L₂"), lambda one, two: (one + two) / 2, lambda *_: (0.5, 0.5))
BOTH = "₁₂"
NODES = {f"z{i}": _times("w", f"a{i}") for i in BOTH}
NODES |= {f"h{i}": _bend(i) for i in BOTH} | {f"x̂{i}": _times("v", f"h{i}") for i in BOTH}
NODES |= {f"L{i}": _square(i) for i in BOTH} | {"L": MEAN}
ROUNDING = {f"h{i}": _round(i) for i in BOTH}
ORDER = tuple(NODES)
STEPS = 2 * len(ORDER) + 1  # forward, the 1 at L, backward


class Result(NamedTuple):
    nodes: dict[str, Node]
    step: int
    values: dict[str, float]  # of all nodes and leaves
    local: dict[tuple[str, str], float]  # derivative of the first for the second
    parts: dict[str, dict[str, float]]  # of dL/d(name): what comes back from each node it is in
    gradients: dict[str, float]  # dL/d(name), of all but pixels: the sum of its parts
    nudged: dict[str, float]  # the weights' gradients from two forward passes each
    sweep: tuple[np.ndarray, np.ndarray]  # w and L


def compute(_, step: int, node: str, a: float, w: float, v: float) -> Result:
    """step: 0..STEPS; node: RELU or ROUND; a: the left pixel a₁; w, v: weights -> Result."""
    nodes = NODES | (ROUNDING if node == ROUND else {})
    leaves = PIXELS | {"a₁": a, "w": w, "v": v}
    values = forward(nodes, leaves)
    local, parts = backward(nodes, values)
    w_axis = np.linspace(-1, 2, 401)
    losses = np.array([forward(nodes, leaves | {"w": w})["L"] for w in w_axis])
    nudged = {name: nudge(nodes, leaves, name) for name in WEIGHTS}
    gradients = {name: sum(found.values()) for name, found in parts.items()}
    return Result(nodes, step, values, local, parts, gradients, nudged, (w_axis, losses))


def forward(nodes: dict[str, Node], leaves: dict[str, float]) -> dict[str, float]:
    """{name: value} of the leaves -> the same with the value of every node."""
    values = dict(leaves)
    for name, node in nodes.items():
        values[name] = node.value(*(values[i] for i in node.inputs))
    return values


def backward(nodes: dict[str, Node], values: dict[str, float]) -> tuple[dict, dict]:
    """The values of a forward pass -> the derivative on every edge, the parts of every gradient.

    A node's turn comes when all that it is used in have had theirs: from the last to the first.
    Pixels are data: nobody asks for their gradients.
    """
    local, parts = {}, {"L": {"": 1.0}}
    for name, node in reversed(nodes.items()):
        arrived = sum(parts[name].values())
        derivatives = node.derivatives(*(values[i] for i in node.inputs))
        for i, derivative in zip(node.inputs, derivatives, strict=True):
            if i not in PIXELS:
                local[name, i] = derivative
                parts.setdefault(i, {})[name] = arrived * derivative
    return local, parts


def nudge(nodes: dict[str, Node], leaves: dict[str, float], name: str) -> float:
    """The slope of L for one leaf, from L a little above and a little below."""
    up, down = (forward(nodes, leaves | {name: leaves[name] + d})["L"] for d in (NUDGE, -NUDGE))
    return (up - down) / (2 * NUDGE)


# --- what the steps so far have shown ----------------------------------------------------


def valued(result: Result) -> set[str]:
    """The names that have a value."""
    return set(PIXELS) | set(WEIGHTS) | set(ORDER[: result.step])


def arrived(result: Result) -> dict[str, list[float | None]]:
    """The names that have a gradient, with its parts in their order; None: still on its way."""
    step, count = result.step, len(ORDER)
    if step <= count:
        return {}
    passed = {"", *ORDER[::-1][: step - count - 1]}
    found = {
        name: [parts[user] if user in passed else None for user in ("", *ORDER) if user in parts]
        for name, parts in result.parts.items()
    }
    return {name: parts for name, parts in found.items() if any(p is not None for p in parts)}


def current(result: Result) -> tuple[str | None, bool]:
    """The node of this step, and whether the step goes backward; None before the first."""
    step, count = result.step, len(ORDER)
    if step <= count:
        return (ORDER[step - 1] if step else None), False
    return (ORDER[::-1][step - count - 2] if step > count + 1 else "L"), True


def sentence(result: Result) -> str:
    """What this step does, in numbers."""
    name, back = current(result)
    if name is None:
        return "Pixels and weights are given. Go forward, one node a step."
    if result.step == len(ORDER) + 1:
        return "L changes as L does: ∂L/∂L = 1. From here the gradients go back."
    node = result.nodes[name]
    if not back:
        given = ", ".join(f"{i} = {number(result.values[i])}" for i in node.inputs)
        return f"{name} = {node.formula} = {number(result.values[name])}, from {given}."
    said = (
        f"to {i} go {number(result.gradients[name])} · {number(result.local[name, i])} = "
        f"{number(result.parts[i][name])}"
        for i in node.inputs
        if i not in PIXELS
    )
    return f"Back through {name} = {node.formula}: " + ", ".join(said) + "."


# --- draw --------------------------------------------------------------------------------


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    name, back = current(result)
    plot = graph_drawing.graph(result, valued(result), arrived(result), name, back)
    return View(b"", _readout(result), summary(result), plot)


def _readout(result):
    found = arrived(result)
    rows = (
        (name, number(result.values[name]), total(found.get(name)), number(result.nudged[name]))
        for name in WEIGHTS
    )
    known = None not in found.get("w", [None])
    return (
        f"<p><b>{sentence(result)}</b></p>"
        + table(rows, ("", "weight", "gradient, by this graph", "by nudging"))
        + graph_drawing.slice_through(result, known)
        + f"<p>{verdict(result)}</p>"
    )


def verdict(result: Result) -> str:
    """What the graph teaches at these values."""
    if "round" in result.nodes["h₁"].formula:
        return (
            "round(z) is a staircase, level between its jumps: its derivative is 0. All that lies "
            "before it gets 0. v lies behind it and still learns."
        )
    dead = [i for i in BOTH if result.values[f"z{i}"] <= 0]
    if dead:
        where = " and ".join(f"z{i}" for i in dead)
        return f"{where} not above 0: max(0, z) is level there, and sends 0 back."
    return "What comes back is the gradient of a node, times the number on the edge. Parts add up."


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    slopes = ", ".join(f"{name} {number(result.gradients[name])}" for name in WEIGHTS)
    kind = ROUND if "round" in result.nodes["h₁"].formula else RELU
    return (
        f"step {result.step} of {STEPS}, h = {kind}: "
        f"L = {number(result.values['L'])}, gradients of the weights: {slopes}"
    )


class Graph(Explorer, layout="drawing"):
    """Graph(): step through it with the arrow keys."""

    tries = {
        "all the way back": (
            dict(step=STEPS),
            "Two parts arrive at w, of opposite sign. What does each pixel want of w?",
            "Pixel 1 is predicted too dark, and wants a larger w; pixel 2 too bright, and wants a "
            "smaller one. The sum says who wins: w should grow.",
        ),
        "a₁ dark": (
            dict(a=-1.0),
            "z₁ is negative now. Which parts become 0, and do w and v still learn?",
            "Both parts of pixel 1, for max(0, z) is level there. Pixel 2 alone decides.",
        ),
        "w below 0": (
            dict(w=-0.5),
            "Now both z are negative. What is left? What does the loss curve say?",
            "Nothing. The curve is level there: no step leads out. Such a unit is called dead.",
        ),
        "v = 0": (
            dict(v=0.0),
            "Which gradient dies now, and which does not?",
            "That of w, whose way leads through v. That of v itself does not.",
        ),
        "h rounds": (
            dict(node=ROUND),
            "Which gradients are left? Now pull w slowly, and watch L.",
            "Only that of v. L stays the same while w moves, then jumps.",
        ),
        "h rounds, w = 0.95": (
            dict(node=ROUND, w=0.95),
            "Is there a w at which nudging says something else than 0?",
            "At a jump it would, and the number would be huge. But a jump is a single point, and a "
            "computer hardly ever hits it. The next one is at w = 1: there w · 1.5 passes 1.5.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            step=Slider(
                STEPS, 0, STEPS, label="Step", unit=f"of {STEPS}", ends=("forward", "backward")
            ),
            node=choice("h is", [RELU, ROUND]),
            a=Slider(PIXELS["a₁"], -2.0, 2.0, step=0.1, label="Left pixel a₁"),
            w=Slider(WEIGHTS["w"], -1.0, 2.0, step=0.05, label="Weight w"),
            v=Slider(WEIGHTS["v"], -2.0, 2.0, step=0.05, label="Weight v"),
        )
