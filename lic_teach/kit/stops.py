"""Where a control can go from where it stands: the places of a slider, the words of buttons.

    explorer, its last move --ahead--> states that one key or click away come first

The values are exactly those that the browser sends (slider.js), three digits and all.
"""

from collections.abc import Iterator
from itertools import zip_longest
from math import log10

from ipywidgets import Checkbox, Dropdown, ToggleButtons, VBox, Widget
from traitlets import Bunch

from lic_teach.kit.controls import Slider

PER_DECADE = 40  # slider.js: the places of a logarithmic slider
PAGES = 10  # Page Up takes a tenth of a slider
FAR = 40  # of a slider's stops on each side


def place(slider: Slider, value: float) -> float:
    """Where a value stands on the track, in steps of 1/PER_DECADE where it is logarithmic."""
    return round(PER_DECADE * log10(value)) if slider.log else value


def value(slider: Slider, place: float) -> float:
    """The value that slider.js gives a place; the slider's own rounding does the rest.

    >>> value(Slider(1, 0.1, 10, log=True), 13)
    2.11
    """
    if not slider.log:
        return round(place, 9)
    ends = {round(PER_DECADE * log10(end)): end for end in (slider.minimum, slider.maximum)}
    return ends.get(place, float(f"{10 ** (place / PER_DECADE):.3g}"))


def options(control: Widget) -> list:
    """What a row of buttons or a box to tick can say; nothing for other controls."""
    if isinstance(control, ToggleButtons):
        return list(control.options)
    return [False, True] if isinstance(control, Checkbox) else []


def ahead(explorer: VBox, change: Bunch | None = None) -> Iterator[dict]:
    """The states that one control's move leads to: of each control the nearest, then the next.

    change: the last move, as traitlets tells it. Its control comes first, with the same step again.
    """
    moved, old = (change.owner, change.old) if change else (None, None)

    def came_from(control):
        return old if control is moved else None

    moves = {
        control: [{name: v} for v in _near(control, came_from(control))]
        for name, control in explorer.controls.items()
        if _seen(control)
    }
    moves[explorer.picture] = [{"at": at} for at in _beside(explorer, came_from(explorer.picture))]
    moved_first = sorted(moves, key=lambda control: control is not moved)
    for turn in zip_longest(*(moves[control] for control in moved_first)):
        yield from (explorer.state | move for move in turn if move)


def _seen(control):
    return isinstance(control, Widget) and control.layout.display != "none"


def _near(control, old=None):
    """Values of one control without the present one: keys and buttons first, then by distance.

    Of words the one behind the present comes first. old: where a slider's last move came from. Who
    has gone one way goes on: that step again is the first.
    """
    if not isinstance(control, Slider):
        many = isinstance(control, ToggleButtons | Dropdown)
        words = [word for _, word in control._options_full] if many else options(control)
        now = words.index(control.value) if control.value in words else -1
        return words[now + 1 :] + words[: max(now, 0)]
    step = 1 if control.log else control.step
    low, high, now = (place(control, x) for x in (control.minimum, control.maximum, control.value))
    page = max(round((high - low) / PAGES / step), 1) * step
    by_keys = [now + step, now - step, now + page, now - page, low, high]
    further = [now + sign * n * step for n in range(2, FAR + 1) for sign in (1, -1)]
    stops = dict.fromkeys(p for p in by_keys + further if low <= p <= high)
    found = dict.fromkeys(control.held(value(control, p)) for p in stops)
    others = [v for v in found if v != control.value]
    if old is None:
        return others
    onward = min(max(2 * now - place(control, old), low), high)
    return sorted(others, key=lambda v: v != control.held(value(control, onward)))


def _beside(explorer, old=None):
    """The four cells around the chosen one, where a cell can be chosen; old: as in _near."""
    cell = getattr(explorer.picture, "cell", 0)
    if not cell or explorer.image is None:
        return []
    (row, column), sides = explorer.picture.at, explorer.image.shape[:2]
    cells = (row, column + cell), (row + cell, column), (row, column - cell), (row - cell, column)
    onward = old and (2 * row - old[0], 2 * column - old[1])
    inside = [at for at in cells if all(0 <= p < side for p, side in zip(at, sides, strict=True))]
    return sorted(inside, key=lambda at: at != onward)
