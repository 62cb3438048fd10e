"""Axes: values -> places in a drawing; grid, lines, marks and bars of one panel, as SVG.

    ax = Axes(x=(0, 2), y=(20, 40), box=(40, 48, 368, 256))
    ax.grid(...) + ax.line(...) + ax.mark(...)  -->  SVG text

All is given in values. Lines, their dots, areas and bars are cut off at the box; a mark or words
of their own stand at its edge instead. Colours say who is drawn: plots.py.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lic_teach.kit.plots import LINE, PAPER, TEXT, minus, text, ticks

Values = Sequence[float] | np.ndarray
Marks = Iterable[float] | Mapping[float, object]  # values, or values and what is written there
PATHS = {"triangle": "M0 -1.2L1.1 .8H-1.1Z", "diamond": "M0 -1.3L1.1 0L0 1.3L-1.1 0Z"}
FAR = 1e6  # pixels: where what is infinite goes


class Axes:
    """One panel of a drawing, linear or logarithmic."""

    def __init__(self, x: tuple, y: tuple, box: tuple, log: str = "", size: int = 12):
        """x, y: values at left and right, below and above; box: left, top, right, bottom, pixels.

        log: "x" or "y" where that one is logarithmic; size: of the letters.
        """
        self.box, self.size = box, size
        self.x = _scale(*x, box[0], box[2], log == "x")
        self.y = _scale(*y, box[3], box[1], log == "y")

    def grid(self, across: Marks = (), up: Marks = (), below: str = "", above: str = "") -> str:
        """Lines at `up`, marks at `across` under a base line, and the names of both axes."""
        left, top, right, bottom = self.box
        columns = [(self.x(value), words) for value, words in _written(across)]
        rows = [(self.y(value), words) for value, words in _written(up)]
        lines = "".join(f"M{left} {y:.1f}H{right}" for y, _ in rows)
        base = "".join(f"M{x:.1f} {bottom}v4" for x, _ in columns)
        base += f"M{left} {bottom}H{right}" if base else ""
        words = [(left - 6, y + 4, name, "end") for y, name in rows]
        words += [(x, bottom + 5 + self.size, name, "middle") for x, name in columns]
        words += [
            ((left + right) / 2, bottom + 10 + 2 * self.size, below, "middle"),
            (1, top - 12, above, "start"),
        ]
        return (
            f'<path d="{lines}" stroke="{LINE}" stroke-width=".5"/>'
            f'<path d="{base}" stroke="{LINE}"/>'
            + "".join(text(x, y, w, anchor=a, size=self.size) for x, y, w, a in words if w != "")
        )

    def line(
        self, x: Values, y: Values, color: str, width=2.0, dash="", dots=0.0, shape="circle"
    ) -> str:
        """Through the points (x, y); dots: the radius of a mark at each, 0 for none."""
        drawn = (
            f'<polyline points="{self._points(x, y)}" fill="none" stroke-width="{width:g}" '
            f'stroke-dasharray="{dash}" style="stroke:{color}"/>'
        )
        drawn += self.dots(x, y, color, shape, dots) if dots else ""
        return self.inside(drawn, max(width / 2, dots))

    def dots(self, x: Values, y: Values, color: str, shape="circle", r=2.5) -> str:
        """A small mark at each point, wherever it lies."""
        return "".join(symbol(*place, color, shape, r) for place in self._places(x, y))

    def mark(self, x: float, y: float, color: str, shape="circle", r=6.5, data="") -> str:
        """A large mark with a white ring; data: as of symbol."""
        return symbol(*self.edge(x, y), color, shape, r, ring=True, data=data)

    def area(self, x: Values, low: Values | float, high: Values, paint: str) -> str:
        """All between two curves; paint: its style."""
        low = np.broadcast_to(low, len(x))
        points = f"{self._points(x, high)} {self._points(x[::-1], low[::-1])}"
        return self.inside(f'<polygon points="{points}" style="{paint}"/>')

    def bars(self, x: Values, y: Values, width: float, paint: str, base: Values | float = 0) -> str:
        """From `base` up to y at each x, `width` of x wide; paint: their style."""
        wide = width * float(self.x(1) - self.x(0))
        low, high = (np.clip(self.y(v), self.box[1], self.box[3]) for v in (base, y))
        edges = np.broadcast_arrays(self.x(x) - wide / 2, high, low - high)
        return "".join(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{height:.1f}" '
            f'style="{paint}"/>'
            for left, top, height in zip(*(e.tolist() for e in edges), strict=True)
            if height > 0
        )

    def rule(self, x=None, y=None, color=TEXT, dash="2 3", width=1.0) -> str:
        """A line from below to above at x, or from left to right at y."""
        left, top, right, bottom = self.box
        d = f"M{left} {self.y(y):.1f}H{right}" if x is None else f"M{self.x(x):.1f} {top}V{bottom}"
        look = f'stroke-width="{width:g}" stroke-dasharray="{dash}" style="stroke:{color}"'
        return f'<path d="{d}" {look}/>'

    def text(self, x: float, y: float, words: object, right=0.0, down=0.0, *look, **more):
        """Words `right` and `down` of a point, in pixels; look, more: as of plots.text."""
        left, top = self.edge(x, y)
        return text(left + right, top + down, words, *look, **more)

    def edge(self, x: float, y: float) -> tuple[float, float]:
        """The place of a point, in pixels; of one outside of the box, the nearest on its edge."""
        left, top, right, bottom = self.box
        return min(max(self.x(x), left), right), min(max(self.y(y), top), bottom)

    def inside(self, body: str, room: float = 0) -> str:
        """What lies more than `room` pixels outside of the box is cut off."""
        left, top, right, bottom = self.box
        x, y, width, height = (
            left - room,
            top - room,
            right - left + 2 * room,
            bottom - top + 2 * room,
        )
        return (
            f'<svg x="{x}" y="{y}" width="{width}" height="{height}" '
            f'viewBox="{x} {y} {width} {height}">{body}</svg>'
        )

    def _places(self, x, y):
        places = np.broadcast_arrays(*(np.clip(p, -FAR, FAR) for p in (self.x(x), self.y(y))))
        return list(zip(*(p.tolist() for p in places), strict=True))

    def _points(self, x, y):
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in self._places(x, y))


def _scale(low, high, start, end, log):
    """A function from values low..high to places start..end."""
    if log:
        place = _scale(np.log(low), np.log(high), start, end, False)
        return lambda value: place(np.log(np.maximum(value, 1e-300)))
    slope = (end - start) / ((high - low) or 1)
    return lambda value: start + slope * (np.asarray(value, float) - low)


def _written(marks):
    """Pairs of a value and what is written there."""
    if isinstance(marks, Mapping):
        return marks.items()
    return ((value, minus(f"{value:,g}")) for value in marks)


def symbol(x: float, y: float, color: str, shape="circle", r=6.5, ring=False, data="") -> str:
    """A mark at a place in pixels.

    shape: "circle", "square", "triangle", "diamond", or with a hole "open circle", ...; data: more
    attributes.
    """
    form = shape.removeprefix("open ")
    paint = f"fill:{color}" + (";stroke:#fff;stroke-width:2" if ring else "")
    if form != shape:
        paint = f"fill:{PAPER};stroke:{color};stroke-width:{0.4 * r:.2g}"
    look = f'style="{paint}"{data}'
    if form == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" {look}/>'
    if form == "square":
        side = f'width="{2 * r:g}" height="{2 * r:g}"'
        return f'<rect x="{x - r:.1f}" y="{y - r:.1f}" {side} {look}/>'
    move = f"translate({x:.1f} {y:.1f}) scale({r:g})"
    return f'<path d="{PATHS[form]}" transform="{move}" vector-effect="non-scaling-stroke" {look}/>'


def within(low: float, high: float) -> list[float]:
    """Round numbers from low to high."""
    return [t for t in ticks(low, high) if low <= t <= high]


def steps(x: Values, y: Values, width: float = 1) -> tuple[np.ndarray, np.ndarray]:
    """Stairs through (x, y), each `width` wide: their points, as x and y."""
    return (np.asarray(x)[:, None] + [-width / 2, width / 2]).ravel(), np.repeat(y, 2)


def apart(heights: Values, room: float = 15, lowest: float = FAR) -> np.ndarray:
    """Heights of labels, in pixels and from above, moved until neighbours have `room`."""
    places = np.sort(np.asarray(heights, float))
    for _ in range(200):  # neighbours push each other away
        push = np.maximum(room - np.diff(places), 0) / 2
        if push.max(initial=0) < 0.1:
            break
        places[:-1] -= push
        places[1:] += push
    return np.minimum(places, places - places[-1] + lowest)


def names(x: float, ends: Iterable[tuple[float, str, str]], lowest: float = FAR) -> str:
    """Names at the ends of lines, none over another; ends: height in pixels, name, colour."""
    ends = sorted(ends)
    heights = apart([y for y, *_ in ends], lowest=lowest)
    return "".join(
        text(x, y + 4, name, color, "start", weight=600, halo=True)
        for (_, name, color), y in zip(ends, heights, strict=True)
    )


def stroke(color: str, width=2.0, dash="", shape="") -> str:
    """A sample of a line for a legend, with or without a mark."""
    look = f'stroke-width="{width:g}" stroke-dasharray="{dash}" style="stroke:{color}"'
    return f'<path d="M0 0h26" {look}/>' + (symbol(13, 0, color, shape, 4) if shape else "")


def patch(paint: str) -> str:
    """A sample of an area for a legend."""
    return f'<rect y="-6" width="26" height="12" style="{paint}"/>'


def legend(x: float, y: float, samples: Mapping[str, str], step: float = 18, **look) -> str:
    """Names under each other, each behind its sample; x, y: where the first begins, in pixels."""
    return "".join(
        f'<g transform="translate({x} {y + step * i})">{sample}'
        f"{text(33, 4, name, anchor='start', halo=True, **look)}</g>"
        for i, (name, sample) in enumerate(samples.items())
    )
