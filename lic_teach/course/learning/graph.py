"""A computation graph, forward and backward: where a gradient comes from, where it dies.

    a, b, weights --forward--> p, q, z, h, x_hat, e, L      one value a step
    dL/dL = 1     --backward--> dL/de, ..., dL/dw           one node a step, times its derivatives

The smallest network that predicts a pixel x from the one to its left, a, and the one above, b.
All three are of the course's block, counted in tens of grey levels. Node h is an activation,
max(0, z), or is swapped for round(z). Beside the gradients stands what nudging each weight gives.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lic_teach.course.learning import graph_drawing
from lic_teach.course.learning.graph_drawing import number
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider, choice
from lic_teach.kit.readout import table

RELU, ROUND = "max(0, z)", "round(z)"
PIXELS = {"a": 2.8, "b": 9.0, "x": 5.8}  # chelsea, row 93, column 193: 28, 90 and 58
WEIGHTS = {"w₁": 0.8, "w₂": 0.2, "v": 1.0}
NUDGE = 1e-4


class Node(NamedTuple):
    """One operation: what it is called, what it works on, its value, its derivative for each."""

    formula: str
    inputs: tuple[str, ...]
    value: Callable
    derivatives: Callable


NODES = {
    "p": Node("w₁ · a", ("w₁", "a"), lambda w, a: w * a, lambda w, a: (a, w)),
    "q": Node("w₂ · b", ("w₂", "b"), lambda w, b: w * b, lambda w, b: (b, w)),
    "z": Node("p + q", ("p", "q"), lambda p, q: p + q, lambda p, q: (1, 1)),
    "h": Node(RELU, ("z",), lambda z: max(0.0, z), lambda z: (int(z > 0),)),
    "x̂": Node("v · h", ("v", "h"), lambda v, h: v * h, lambda v, h: (h, v)),
    "e": Node("x̂ − x", ("x̂", "x"), lambda x_hat, x: x_hat - x, lambda x_hat, x: (1, -1)),
    "L": Node("e²", ("e",), lambda e: e * e, lambda e: (2 * e,)),
}
ROUNDING = Node(ROUND, ("z",), lambda z: float(np.rint(z)), lambda z: (0,))
ORDER = tuple(NODES)
STEPS = 2 * len(ORDER) + 1  # forward, the 1 at L, backward


class Result(NamedTuple):
    nodes: dict[str, Node]
    step: int
    values: dict[str, float]  # of all nodes and leaves
    local: dict[tuple[str, str], float]  # derivative of the first for the second
    gradients: dict[str, float]  # dL/d(name), of all but pixels
    nudged: dict[str, float]  # the weights' gradients from two forward passes each
    sweep: tuple[np.ndarray, np.ndarray]  # w₁ and L


def compute(_, step: int, a: float, w: float, v: float, node: str) -> Result:
    """step: 0..STEPS; a: tens of grey levels; w, v: weights; node: RELU or ROUND -> Result."""
    nodes = NODES | ({"h": ROUNDING} if node == ROUND else {})
    leaves = PIXELS | WEIGHTS | {"a": a, "w₁": w, "v": v}
    values = forward(nodes, leaves)
    local, gradients = backward(nodes, values)
    w_axis = np.linspace(-1, 3, 401)
    losses = np.array([forward(nodes, leaves | {"w₁": w})["L"] for w in w_axis])
    nudged = {name: nudge(nodes, leaves, name) for name in WEIGHTS}
    return Result(nodes, step, values, local, gradients, nudged, (w_axis, losses))


def forward(nodes: dict[str, Node], leaves: dict[str, float]) -> dict[str, float]:
    """{name: value} of the leaves -> the same with the value of every node."""
    values = dict(leaves)
    for name, node in nodes.items():
        values[name] = node.value(*(values[i] for i in node.inputs))
    return values


def backward(nodes: dict[str, Node], values: dict[str, float]) -> tuple[dict, dict[str, float]]:
    """The values of a forward pass -> the derivative on every edge, the gradient at every node.

    Pixels are data: nobody asks for their gradients.
    """
    local, gradients = {}, {"L": 1.0}
    for name, node in reversed(nodes.items()):
        derivatives = node.derivatives(*(values[i] for i in node.inputs))
        for i, derivative in zip(node.inputs, derivatives, strict=True):
            if i not in PIXELS:
                local[name, i] = derivative
                gradients[i] = gradients.get(i, 0.0) + gradients[name] * derivative
    return local, gradients


def nudge(nodes: dict[str, Node], leaves: dict[str, float], name: str) -> float:
    """The slope of L for one leaf, from L a little above and a little below."""
    up, down = (forward(nodes, leaves | {name: leaves[name] + d})["L"] for d in (NUDGE, -NUDGE))
    return (up - down) / (2 * NUDGE)


def told(result: Result):
    """What the steps so far have shown: names that have a value, names that have a gradient."""
    step, count = result.step, len(ORDER)
    valued = set(PIXELS) | set(WEIGHTS) | set(ORDER[:step])
    passed = ORDER[::-1][: max(step - count - 1, 0)]
    graded = {i for name in passed for i in result.nodes[name].inputs if i not in PIXELS}
    return valued, graded | ({"L"} if step > count else set())


def current(result: Result):
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
        f"∂L/∂{i} = ∂L/∂{name} · {number(result.local[name, i])} = {number(result.gradients[i])}"
        for i in node.inputs
        if i not in PIXELS
    )
    return f"Back through {name} = {node.formula}: " + ", ".join(said) + "."


def draw(result: Result) -> View:
    """Result -> View. It has no photograph."""
    name, back = current(result)
    plot = graph_drawing.graph(result, *told(result), name, back)
    return View(b"", _readout(result), summary(result), plot)


def _readout(result):
    _, graded = told(result)
    rows = (
        (name, number(result.values[name]), *_slopes(result, name, name in graded))
        for name in WEIGHTS
    )
    return (
        f"<p><b>{sentence(result)}</b></p>"
        + table(rows, ("", "weight", "gradient, by this graph", "by nudging"))
        + graph_drawing.slice_through(result, "w₁" in graded)
        + f"<p>{verdict(result)}</p>"
    )


def _slopes(result, name, known):
    return number(result.gradients[name]) if known else "…", number(result.nudged[name])


def verdict(result: Result) -> str:
    """What the graph teaches at these values."""
    if result.nodes["h"] is ROUNDING:
        return (
            "round(z) is a staircase, level between its jumps: its derivative is 0. All that lies "
            "before it gets 0. v lies behind it and still learns."
        )
    if result.values["z"] <= 0:
        return "z is not above 0, so max(0, z) is 0 and stays 0: its derivative is 0 here, too."
    return "Each gradient is the one it came from, times the number on the edge between."


def summary(result: Result) -> str:
    """The readout as one plain sentence."""
    slopes = ", ".join(f"{name} {number(result.gradients[name])}" for name in WEIGHTS)
    return (
        f"step {result.step} of {STEPS}, h = {result.nodes['h'].formula}: "
        f"L = {number(result.values['L'])}, gradients of the weights: {slopes}"
    )


class Graph(Explorer, layout="drawing"):
    """Graph(): step through it with the arrow keys."""

    tries = {
        "all the way back": (
            dict(step=STEPS),
            "Which of the three weights has the largest gradient, and why that one?",
            "w₂, because its input b = 9 is the largest: a nudge of w₂ moves the prediction most.",
        ),
        "a negative z": (
            dict(w=-1.0),
            "w₁ is so small that z is negative. What happens to the gradients, and to the loss "
            "curve?",
            "ReLU is level there. All gradients are 0, also that of v, since h = 0. A unit for "
            "which this is so at every pixel is called dead.",
        ),
        "v = 0": (
            dict(v=0.0),
            "Which gradients die now, and which does not?",
            "Those of w₁ and w₂, whose way leads through v. That of v itself does not.",
        ),
        "h rounds": (
            dict(node=ROUND),
            "Which gradients are left? Now pull w₁ slowly, and watch L.",
            "Only that of v. L stays the same while w₁ moves, then jumps.",
        ),
        "h rounds, w₁ = 0.95": (
            dict(node=ROUND, w=0.95),
            "Is there a w₁ at which nudging says something else than 0?",
            "At a jump it would, and the number would be huge. But a jump is a single point, and a "
            "computer hardly ever hits it. Seen from w₁ = 0.8, the jumps are 0.16 to the right and "
            "0.19 to the left.",
        ),
    }

    def __init__(self):
        super().__init__(
            None,
            step=Slider(
                STEPS, 0, STEPS, label="Step", unit=f"of {STEPS}", ends=("forward", "backward")
            ),
            node=choice("h is", [RELU, ROUND]),
            a=Slider(PIXELS["a"], 0.0, 25.5, step=0.1, label="Left pixel a", unit="tens"),
            w=Slider(WEIGHTS["w₁"], -1.0, 3.0, step=0.05, label="Weight w₁"),
            v=Slider(WEIGHTS["v"], -2.0, 2.0, step=0.05, label="Weight v"),
        )
