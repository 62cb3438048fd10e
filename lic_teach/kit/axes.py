"""Axes: values -> places in a drawing; grid, lines, marks and bars of one panel, as SVG.

    Axes(x=(0, 2), y=(20, 40), box=(40, 48, 368, 256)) --grid, line, mark, ...--> SVG text

Everything is given in values; a logarithmic axis is asked for by name. What lies outside the box
is cut off, but for marks. Colours and dashes say who is drawn: plots.py.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from lic_teach.kit.plots import LINE, TEXT, text, ticks

SHAPES = {  # unit paths around 0
    "circle": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "square": "M-.9 -.9H.9V.9H-.9Z",
    "triangle": "M0 -1.2L1.1 .8H-1.1Z",
    "diamond": "M0 -1.3L1.1 0L0 1.3L-1.1 0Z",
    "ring": "M-.9 -.9H.9V.9H-.9ZM-.45 -.45V.45H.45V-.45Z",
}


class Axes:
    """x, y: lowest and highest value; box: left, top, right, bottom; log: "", "x", "y" or "xy"."""

    def __init__(self, x, y, box, log=""):
        self.x_ends, self.y_ends, self.box, self.log = x, y, box, log

    def x(self, value):
        """Where a value, or an array of them, stands across."""
        return _place(value, self.x_ends, self.box[0], self.box[2], "x" in self.log)

    def y(self, value):
        """Where it stands up."""
        return _place(value, self.y_ends, self.box[3], self.box[1], "y" in self.log)

    def grid(
        self, across: Iterable = (), up: Iterable = (), below="", above="", label="{:g}".format
    ):
        """Lines at `up`, marks at `across`, their numbers, and the names of the two axes."""
        left, top, right, bottom = self.box
        rows = "".join(
            f'<path d="M{left} {self.y(t):.1f}H{right}" stroke="{LINE}" stroke-width=".5"/>'
            + text(left - 6, self.y(t) + 4, minus(f"{t:g}"), anchor="end")
            for t in up
        )
        columns = "".join(
            f'<path d="M{self.x(t):.1f} {bottom}v4" stroke="{LINE}"/>'
            + text(self.x(t), bottom + 17, minus(label(t)))
            for t in across
        )
        return (
            rows
            + columns
            + text((left + right) / 2, bottom + 34, below)
            + text(1, top - 12, above, anchor="start")
        )

    def line(self, x: Sequence, y: Sequence, color: str, width: float = 2, dash: str = "") -> str:
        """Through the points (x, y)."""
        look = (
            f'fill="none" stroke-width="{width}" stroke-dasharray="{dash}" style="stroke:{color}"'
        )
        return self.inside(f'<polyline points="{self._points(x, y)}" {look}/>')

    def area(self, x: Sequence, low: Sequence, high: Sequence, paint: str) -> str:
        """All that lies between two curves."""
        points = f"{self._points(x, high)} {self._points(x[::-1], low[::-1])}"
        return self.inside(f'<polygon points="{points}" style="{paint}"/>')

    def bars(self, x: Sequence, y: Sequence, width: float, paint: str, base: float = 0) -> str:
        """A bar from `base` to y at each x; width: in pixels."""
        low, highest = self.y(base), self.y_ends[1]
        return "".join(
            f'<rect x="{self.x(a) - width / 2:.1f}" y="{self.y(min(b, highest)):.1f}" '
            f'width="{width:.1f}" height="{low - self.y(min(b, highest)):.1f}" style="{paint}"/>'
            for a, b in zip(x, y, strict=True)
        )

    def mark(
        self, x: float, y: float, color: str, shape="circle", r=6.5, ring=True, data=""
    ) -> str:
        """A mark at one point; data: further attributes."""
        edge = f' stroke="#fff" stroke-width="{2 / r:.2g}"' if ring else ""
        return (
            f'<path d="{SHAPES[shape]}" transform="translate({self.x(x):.1f} {self.y(y):.1f}) '
            f'scale({r})" style="fill:{color}"{edge}{data}/>'
        )

    def marks(self, x: Sequence, y: Sequence, color: str, shape="circle", r=2.5) -> str:
        """Small ones, at each point."""
        return "".join(self.mark(*p, color, shape, r, False) for p in zip(x, y, strict=True))

    def rule(self, x=None, y=None, color=TEXT, dash="2 3") -> str:
        """A thin line up at x, or across at y."""
        left, top, right, bottom = self.box
        path = (
            f"M{left} {self.y(y):.1f}H{right}" if x is None else f"M{self.x(x):.1f} {top}V{bottom}"
        )
        return f'<path d="{path}" style="stroke:{color}" stroke-dasharray="{dash}"/>'

    def text(self, x: float, y: float, words: str, right=0, down=0, **look) -> str:
        """Words near a point."""
        return text(self.x(x) + right, self.y(y) + down, words, **look)

    def inside(self, body: str) -> str:
        """What lies outside of the box is cut off."""
        left, top, right, bottom = self.box
        box = f"{left} {top} {right - left} {bottom - top}"
        x, y, width, height = box.split()
        return (
            f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}">{body}</svg>'
        )

    def _points(self, x, y):
        places = zip(np.broadcast_to(self.x(x), len(x)), self.y(y), strict=True)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in places)


def _place(value, ends, start, stop, log):
    value, (low, high) = (np.log(v) if log else np.asarray(v, float) for v in (value, ends))
    return start + (stop - start) * (value - low) / (high - low)


def inside_ticks(low: float, high: float) -> list[float]:
    """Round numbers within low..high."""
    return [t for t in ticks(low, high) if low <= t <= high]


def minus(words: str) -> str:
    """A true minus sign."""
    return words.replace("-", "−")


def heading(words: str) -> str:
    """The title of a drawing, upper left."""
    return text(1, 15, words, anchor="start", weight=600)
