"""What an explorer shows, in every state that a page without a kernel can offer.

    explorer --live--> the controls that stay, each with its values
    explorer --widgets--> its widgets, and a tree of boxes around them
             --record--> Recording: the values of their traits at every combination

One slider stays (lambda or quality where there is one, else MAIN's or the first), at up to
MAX_STEPS places that the live slider has too, and the buttons as long as the states are few and
their pictures small. Nothing else is known here of any one explorer: it is moved, and what its
widgets then hold is written down.
"""

from itertools import product
from math import log10, prod
from typing import NamedTuple

import anywidget
from ipywidgets import HTML, Box, Button, Checkbox, ToggleButtons, VBox, Widget

from lic_teach.explorers.base import Explorer
from lic_teach.explorers.controls import (
    LamSlider,
    Picture,
    QualitySlider,
    Readout,
    Slider,
    Wipe,
    decode_picture,
)
from lic_teach.explorers.showdown import Points
from lic_teach.explorers.tangent import Pullable

MAX_STEPS = 24  # of the slider: ten a decade for lambda, every fifth quality
MAX_STATES = 80  # of the slider and the buttons together
MAX_PIXELS = 14e6  # in all states of lambda or quality together, about 6 MB
MAX_PIXELS_ELSEWHERE = 9.5e6
PER_DECADE = 40  # slider.js: the places of a logarithmic slider
NICE = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100)
# The slider to keep where the first one is not what the lesson is about.
MAIN = {"Cells": "bend", "Chroma": "chroma", "CodeLength": "sigma", "Traversal": "shift"}
# The widgets that site.js can put on a page, by the name of their script.
KINDS = {
    Slider: "slider",
    Picture: "picture",
    Wipe: "wipe",
    Readout: "readout",
    Pullable: "tangent",
    Points: "showdown",
    ToggleButtons: "choice",
    Checkbox: "checkbox",
    HTML: "html",
    Button: "reset",
}
PLAIN = {
    "choice": ("description", "value"),
    "checkbox": ("description", "value"),
    "html": ("value",),
    "reset": ("description",),
}


class Control(NamedTuple):
    """One control that moves on the page."""

    name: str  # of the explorer's attribute
    widget: Widget
    values: list  # in the order of its places
    step: float = 0  # of a slider, in its own units (of 1/40 decade where it is logarithmic)


class Recording(NamedTuple):
    """An explorer on a page. Widgets go by their place in `widgets`."""

    tree: str  # HTML: boxes, and <div data-widget="0"> for every widget
    widgets: list[Widget]
    controls: list[Control]
    start: list[dict]  # traits of every widget at first
    states: list[list[dict]]  # traits of every widget, one list a combination of `controls`
    missing: list[str]  # the names of what only a kernel can move


def record(explorer: Explorer) -> Recording | None:
    """Move the explorer through all states; None where it has no slider, or foreign widgets."""
    controls = live(explorer)
    if not controls or not all(type_of(widget) for widget in scripted(explorer)):
        return None
    found = [widget for widget in leaves(explorer) if shown(explorer, widget, controls)]
    combinations = list(product(*(control.values for control in controls)))
    first = {control.name: getattr(explorer, control.name) for control in controls}
    start = [traits(widget) for widget in found]
    states = []
    for values in combinations:
        explorer.set(**dict(zip(first, values, strict=True)))
        states.append([traits(widget) for widget in found])
    explorer.set(**first)
    return Recording(
        tree(explorer, found), found, controls, start, states, missing(explorer, found)
    )


# --- what moves --------------------------------------------------------------------------


def live(explorer: Explorer) -> list[Control]:
    """The main slider, then the buttons as long as the states do not become too many."""
    sliders = {n: c for n, c in explorer.controls.items() if isinstance(c, Slider)}
    names = [n for n, c in sliders.items() if isinstance(c, LamSlider | QualitySlider)]
    names = names or [n for n in sliders if n == MAIN.get(type(explorer).__name__)] or list(sliders)
    if not names:
        return []
    controls = [places(names[0], sliders[names[0]])]
    of_the_course = isinstance(sliders[names[0]], LamSlider | QualitySlider)
    most_pixels = MAX_PIXELS if of_the_course else MAX_PIXELS_ELSEWHERE
    most = min(MAX_STATES, most_pixels / max(pixels(explorer), 1))
    for name, control in explorer.controls.items():
        options = options_of(control)
        if options and len(options) * prod(len(c.values) for c in controls) <= most:
            controls.append(Control(name, control, options))
    return controls


def pixels(explorer: Explorer) -> int:
    """Of its picture, or of both."""
    shown = explorer.picture.value
    pictures = shown if isinstance(shown, tuple) else (shown,)
    return sum(decode_picture(data)[..., 0].size for data in pictures if data)


def options_of(control: Widget) -> list:
    if isinstance(control, ToggleButtons):
        return list(control.options)
    return [False, True] if isinstance(control, Checkbox) else []


def places(name: str, slider: Slider) -> Control:
    """At most MAX_STEPS values of a slider, the one where it stands among them.

    A logarithmic slider's places are those of slider.js, three digits and all.
    """
    step = 1 if slider.log else slider.step
    low, high, now = (place(slider, x) for x in (slider.minimum, slider.maximum, slider.value))
    below, above = (int(length / step + 1e-9) for length in (now - low, high - now))
    strides = [n for n in NICE if (below + above) // n < MAX_STEPS]
    to_both_ends = [n for n in strides if n <= 2 * strides[0] and below % n == above % n == 0]
    stride = (to_both_ends or strides)[0]
    steps = range(-(below // stride) * stride, above + 1, stride)
    return Control(name, slider, [value(slider, now + i * step) for i in steps], stride * step)


def place(slider: Slider, value: float) -> float:
    return round(PER_DECADE * log10(value)) if slider.log else value


def value(slider: Slider, place: float) -> float:
    """The value that slider.js gives a place; the slider's own rounding does the rest."""
    if not slider.log:
        return round(place, 9)
    ends = {round(PER_DECADE * log10(end)): end for end in (slider.minimum, slider.maximum)}
    return ends.get(place, float(f"{10 ** (place / PER_DECADE):.3g}"))


# --- what is shown -----------------------------------------------------------------------


def leaves(widget: Widget):
    """All widgets that are no boxes, in their order on the screen."""
    if isinstance(widget, Box):
        for child in widget.children:
            yield from leaves(child)
    else:
        yield widget


def scripted(explorer: Explorer) -> list[Widget]:
    """Those that are drawn by a script of the course."""
    return [widget for widget in leaves(explorer) if isinstance(widget, anywidget.AnyWidget)]


def type_of(widget: Widget) -> str:
    """The name of its script in KINDS; "" where it has none."""
    return next((kind for parent, kind in KINDS.items() if isinstance(widget, parent)), "")


def shown(explorer, widget, controls):
    """A control is shown where it moves, everything else where there is a script for it."""
    if widget in explorer.controls.values():
        return widget in [control.widget for control in controls]
    return bool(type_of(widget)) and (widget is explorer._reset or type_of(widget) != "reset")


def missing(explorer, found):
    """The labels of the controls that are not shown, and what a learner's own picture needs."""
    left = [c for c in explorer.controls.values() if c not in found]
    words = [c.label if isinstance(c, Slider) else c.description for c in left]
    words += ["a click into the picture"] if getattr(explorer.picture, "cell", 0) else []
    return words + (["other pictures and your own"] if explorer.image is not None else [])


def traits(widget: Widget) -> dict:
    """What its script reads: all that a widget shares with the browser, or the few of PLAIN."""
    kind = type_of(widget)
    common = anywidget.AnyWidget.class_traits(sync=True)
    names = PLAIN.get(kind) or [name for name in widget.traits(sync=True) if name not in common]
    found = {name: getattr(widget, name) for name in names if not name.startswith("_")}
    return found | ({"options": list(widget.options)} if kind == "choice" else {})


def tree(widget: Widget, found: list[Widget]) -> str:
    """The boxes as HTML, with the classes and the layout that ipywidgets would give them."""
    classes = " ".join(widget._dom_classes)
    if widget in found:
        return f'<div class="{classes}" data-widget="{found.index(widget)}"></div>'
    inside = "".join(tree(child, found) for child in getattr(widget, "children", ()))
    if not inside:
        return ""
    kind = "widget-box widget-vbox" if isinstance(widget, VBox) else "widget-box"
    return f'<div class="{kind} {classes}" style="{style(widget)}">{inside}</div>'


def style(widget: Widget) -> str:
    layout = widget.layout
    set_to = {name: getattr(layout, name) for name in layout.traits(sync=True) if name[0] != "_"}
    return ";".join(f"{n.replace('_', '-')}:{v}" for n, v in set_to.items() if v is not None)
