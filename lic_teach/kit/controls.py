"""The widgets that ipywidgets lacks: each a few traits here and one small .js file beside.

    Slider    a labelled <input type=range>, linear or logarithmic, that says value and unit
    LamSlider, QualitySlider   the Sliders of the course: lambda, 5e-4 to 1e-1, and JPEG's 1 to 100
    Picture   one lossless picture with an alternative text; with `cell` it can be clicked
    Wipe      two pictures of one size with a movable border between them
    Readout   HTML for the eye and one sentence for a screen reader
    Tries     words that set the figure, as buttons, each with what there is to see, folded

Why not the stock ones: their slider handle has no accessible name and no focus ring and says
the exponent of a log slider, and their Image has no alternative text. Everything else
(Dropdown, Checkbox, Button, the ToggleButtons of `choice`) is ipywidgets' own.
"""

import base64
import io
import re
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from ipywidgets import Layout, ToggleButtons
from PIL import Image

HERE = Path(__file__).parent
PAIR = ThreadPoolExecutor(2)  # encodes both pictures of a wipe at once
STYLE = HERE / "style.css"  # of all of them


def script(*names: str) -> str:
    """The .js files of these names, one after the other."""
    return "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)


def encode_picture(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W) -> lossless WebP bytes, the fastest setting.

    512 x 512 take 10 ms, less than PNG at level 1, and a third fewer bytes.
    """
    return _pillow_bytes(Image.fromarray(image), "WEBP", lossless=True, method=0, quality=0)


def encode_png(image: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W) -> PNG bytes, small rather than fast: for a still picture."""
    return _pillow_bytes(Image.fromarray(image), "PNG", optimize=True)


def side_by_side(left: np.ndarray, right: np.ndarray) -> tuple[bytes, bytes]:
    """Two pictures, uint8 (H, W, 3), as a Wipe takes them."""
    return tuple(PAIR.map(encode_picture, (left, right)))


def picture_url(image: np.ndarray) -> str:
    """uint8 (H, W, 3) or (H, W) -> what an <img> or <image> takes as its address."""
    return f"data:image/webp;base64,{base64.b64encode(encode_picture(image)).decode()}"


def decode_picture(data: bytes) -> np.ndarray:
    """What encode_picture made -> uint8 (H, W, 3)."""
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def _pillow_bytes(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


class Slider(anywidget.AnyWidget):
    """A slider: Slider(75, 1, 100, label="Quality"), Slider(1, 0.1, 10, log=True, unit="px").

    value stays within minimum..maximum; it is an int where minimum and step are ints and the
    slider is linear. step: of the value, in 1/40 decade where log. ends: two words under the
    ends of the track. spoken: what a screen reader says, with {} for the value; by default
    label, value and unit.
    """

    _esm = HERE / "slider.js"
    _css = STYLE
    value = traitlets.Union([traitlets.Int(), traitlets.Float()]).tag(sync=True)
    minimum = traitlets.Union([traitlets.Int(), traitlets.Float()]).tag(sync=True)
    maximum = traitlets.Union([traitlets.Int(), traitlets.Float()]).tag(sync=True)
    step = traitlets.Union([traitlets.Int(), traitlets.Float()], default_value=1).tag(sync=True)
    log = traitlets.Bool().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    ends = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode(), default_value=("", ""))
    ends.tag(sync=True)
    spoken = traitlets.Unicode().tag(sync=True)

    def __init__(self, value, minimum, maximum, **traits):
        # limits first: the value is checked against them
        super().__init__(minimum=minimum, maximum=maximum, **traits)
        self.value = value

    @traitlets.validate("value")
    def _held(self, proposal):
        return self.held(proposal.value)

    def held(self, value: float) -> float:
        """What becomes of a value that is asked for: inside the limits, whole where it must be."""
        value = min(max(value, self.minimum), self.maximum)
        whole = not self.log and isinstance(self.minimum, int) and isinstance(self.step, int)
        return round(value) if whole else float(value)


class LamSlider(Slider):
    """The slider of L = R + lambda * D: bits per pixel for one unit of squared error."""

    def __init__(self, value=1e-2, minimum=5e-4, maximum=1e-1, **traits):
        look = {
            "label": "λ",
            "unit": "bpp per unit of MSE",
            "ends": ("smaller file", "better picture"),
            "spoken": "lambda {} bits per pixel per unit of squared error",
        }
        super().__init__(value, minimum, maximum, log=True, **(look | traits))


class QualitySlider(Slider):
    """The slider of JPEG's quality, 1 to 100, as libjpeg scales the tables of T.81 Annex K."""

    def __init__(self, value=50, **traits):
        look = {"label": "Quality", "ends": ("smaller file", "better picture")}
        super().__init__(value, 1, 100, **(look | traits))


def choice(label: str, options: list[str], value: str | None = None) -> ToggleButtons:
    """Some words in a row, one of them chosen: at first `value`, or else the first."""
    return ToggleButtons(
        options=options,
        value=value or options[0],
        description=label,
        style={"button_width": "auto", "description_width": "auto"},
        layout=Layout(width="auto"),
    )


class Picture(anywidget.AnyWidget):
    """One picture: value is what encode_picture returns, alt says what is to be seen.

    cell > 0 makes it clickable: `at` is the (row, column) of the upper left pixel of the
    chosen cell of cell x cell pixels; a click or the arrow keys choose. The last cell of a row
    or column is cut by the picture's border where its side is no multiple of `cell`.
    """

    _esm = script("canvas", "picture")
    _css = STYLE
    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    cell = traitlets.Int(0).tag(sync=True)
    at = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0)).tag(sync=True)

    def still(self) -> bytes:
        """The picture as PNG bytes."""
        return encode_png(decode_picture(self.value))


class Wipe(anywidget.AnyWidget):
    """Two pictures of one size: value is two results of encode_picture, or JPEG files.

    left, right: the same, each alone, so that only the one that changed is sent to the browser.
    names: what they are. position (0..1): the share of the width, from the left, that shows
    the first picture. A button on the picture enlarges both, 2 and 4 times; that concerns the
    browser alone.
    """

    _esm = script("canvas", "wipe")
    _css = STYLE
    value = traitlets.Tuple()
    left = traitlets.Bytes().tag(sync=True)
    right = traitlets.Bytes().tag(sync=True)
    names = traitlets.Tuple(default_value=("before", "after")).tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    position = traitlets.Float(0.5).tag(sync=True)

    @traitlets.observe("value")
    def _share(self, change):
        with self.hold_sync():  # where both changed, one message brings both
            self.left, self.right = change.new

    def still(self) -> bytes:
        """What is to be seen at `position`, with the border, as PNG bytes."""
        image, right = (decode_picture(data) for data in self.value)
        border = round(self.position * image.shape[1])
        image[:, border:] = right[:, border:]
        image[:, max(border - 1, 0) : border + 1] = 255
        return encode_png(image)


class Readout(anywidget.AnyWidget):
    """value: HTML to read. summary: the same in one plain sentence, spoken by screen readers."""

    _esm = HERE / "readout.js"
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    summary = traitlets.Unicode().tag(sync=True)


class Tries(anywidget.AnyWidget):
    """Buttons with words on them. value: HTML that says it all without a script, too.

    tries: as Explorer.tries. pressed: the words of the button that was pressed, until the figure
    is set; else "".
    """

    _esm = HERE / "tries.js"
    _css = STYLE
    value = traitlets.Unicode().tag(sync=True)
    pressed = traitlets.Unicode().tag(sync=True)

    def __init__(self, tries):
        items = "".join(
            f'<li><b data-try="{escape(words)}">{escape(words)}</b> <span>{question}</span>'
            f"<details><summary>What there is to see</summary>{see}</details></li>"
            for words, (_, question, see) in tries.items()
        )
        super().__init__(value=f'<div class="lic-tries"><p>Things to try</p><ul>{items}</ul></div>')

    def folded(self) -> str:
        """As HTML: words and questions. What there is to see stays folded."""
        return re.sub("<details>.*?</details>", "", self.value, flags=re.S)
