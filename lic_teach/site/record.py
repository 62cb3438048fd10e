"""What an explorer shows, in every state that a page without a kernel offers.

    explorer --states.py--> the controls that stay, each with its values
    explorer --widgets--> its widgets, and a tree of boxes around them
             --record--> Recording: the values of their traits at every combination

Nothing is known here of any one explorer: it is moved, and what its widgets then hold is written
down.
"""

from itertools import product
from typing import NamedTuple

import anywidget
from ipywidgets import HTML, Button, Checkbox, ToggleButtons, VBox, Widget

from lic_teach.course.rate_distortion.tangent import Pullable
from lic_teach.course.showdown.showdown import Points
from lic_teach.kit.base import Explorer, leaves
from lic_teach.kit.controls import Picture, Readout, Slider, Tries, Wipe
from lic_teach.kit.predict import Predict
from lic_teach.site.states import Control, live

# The widgets that site.js can put on a page, by the name of their script.
KINDS = {
    Slider: "slider",
    Picture: "picture",
    Wipe: "wipe",
    Readout: "readout",
    Pullable: "tangent",
    Points: "showdown",
    Predict: "predict",
    Tries: "tries",
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


class Recording(NamedTuple):
    """An explorer on a page. Widgets go by their place in `widgets`."""

    tree: str  # HTML: boxes, and <div data-widget="0"> for every widget
    widgets: list[Widget]
    controls: list[Control]
    start: list[dict]  # traits of every widget at first
    states: list[list[dict]]  # traits of every widget, one list a combination of `controls`
    tries: dict[str, list[dict]]  # the same after a button among the tries, by its words
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
    tries = {words: tried(explorer, words, found) for words in explorer.tries}
    more = missing(explorer, found)
    return Recording(tree(explorer, found), found, controls, start, states, tries, more)


def tried(explorer: Explorer, words: str, found: list[Widget]) -> list[dict]:
    """What a button among the tries shows; then everything stands as it did before."""
    picture, before = explorer._chooser.value, explorer.state
    explorer.press(words)
    seen = [traits(widget) for widget in found]
    explorer._chooser.value = picture
    explorer.set(**before)
    return seen


def scripted(explorer: Explorer) -> list[Widget]:
    """Those that are drawn by a script of the course."""
    return [widget for widget in leaves(explorer) if isinstance(widget, anywidget.AnyWidget)]


def type_of(widget: Widget) -> str:
    """The name of its script in KINDS; "" where it has none."""
    return next((kind for parent, kind in KINDS.items() if isinstance(widget, parent)), "")


def shown(explorer: Explorer, widget: Widget, controls: list[Control]) -> bool:
    """A control is shown where it moves, everything else where there is a script for it."""
    if widget in explorer.controls.values():
        return widget in [control.widget for control in controls]
    return bool(type_of(widget)) and (widget is explorer._reset or type_of(widget) != "reset")


def missing(explorer: Explorer, found: list[Widget]) -> list[str]:
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
    """The layout of a box as CSS."""
    layout = widget.layout
    set_to = {name: getattr(layout, name) for name in layout.traits(sync=True) if name[0] != "_"}
    return ";".join(f"{n.replace('_', '-')}:{v}" for n, v in set_to.items() if v is not None)
