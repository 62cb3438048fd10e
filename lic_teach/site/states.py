"""Which states of an explorer a page without a kernel can offer: one slider, and some buttons.

    explorer --live--> the controls that stay, each with its values

One slider stays (lambda or quality where there is one, else MAIN's or the first), at up to
MAX_STEPS places that the live slider has too, or FEW_STEPS where pictures are large, and the
buttons as long as the states are few and their pictures small.
"""

from math import prod
from typing import NamedTuple

from ipywidgets import Widget

from lic_teach.kit.base import Explorer
from lic_teach.kit.controls import LamSlider, QualitySlider, Slider, decode_picture
from lic_teach.kit.stops import options, place, value

MAX_STEPS = 24  # of the slider: ten a decade for lambda, every fifth quality
FEW_STEPS = 12  # where so many would hold more than MAX_PIXELS
MAX_STATES = 80  # of the slider and the buttons together
MAX_PIXELS = 5e6  # in all states together, about 2.5 MB
NICE = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100)
# The slider to keep where the first one is not what the lesson is about.
MAIN = {"Cells": "bend", "Chroma": "chroma", "CodeLength": "sigma", "Traversal": "shift"}
BUTTON = {"Showdown": "codec"}  # and the button that stays, whatever it costs


class Control(NamedTuple):
    """One control that moves on the page."""

    name: str  # of the explorer's attribute
    widget: Widget
    values: list  # in the order of its places
    step: float = 0  # of a slider, in its own units (of 1/40 decade where it is logarithmic)


def live(explorer: Explorer) -> list[Control]:
    """The main slider, then the buttons as long as the states do not become too many."""
    sliders = {n: c for n, c in explorer.controls.items() if isinstance(c, Slider)}
    names = [n for n, c in sliders.items() if isinstance(c, LamSlider | QualitySlider)]
    names = names or [n for n in sliders if n == MAIN.get(type(explorer).__name__)] or list(sliders)
    if not names:
        return []
    shown = max(pixels(explorer), 1)
    most = min(MAX_STATES, MAX_PIXELS / shown)
    steps = MAX_STEPS if MAX_STEPS * shown <= MAX_PIXELS else FEW_STEPS
    controls = [places(names[0], sliders[names[0]], steps)]
    for name, control in explorer.controls.items():
        words = options(control)
        few = len(words or ()) * prod(len(c.values) for c in controls) <= most
        if words and (few or name == BUTTON.get(type(explorer).__name__)):
            controls.append(Control(name, control, words))
    return controls


def pixels(explorer: Explorer) -> int:
    """Of its picture, or of both."""
    shown = explorer.picture.value
    pictures = shown if isinstance(shown, tuple) else (shown,)
    return sum(decode_picture(data)[..., 0].size for data in pictures if data)


def places(name: str, slider: Slider, steps: int = MAX_STEPS) -> Control:
    """At most so many values of a slider, the one where it stands among them.

    A logarithmic slider's places are those of slider.js, three digits and all.
    """
    step = 1 if slider.log else slider.step
    low, high, now = (place(slider, x) for x in (slider.minimum, slider.maximum, slider.value))
    below, above = (int(length / step + 1e-9) for length in (now - low, high - now))
    strides = [n for n in NICE if (below + above) // n < steps]
    to_both_ends = [n for n in strides if n <= 2 * strides[0] and below % n == above % n == 0]
    stride = (to_both_ends or strides)[0]
    chosen = range(-(below // stride) * stride, above + 1, stride)
    return Control(name, slider, [value(slider, now + i * step) for i in chosen], stride * step)
