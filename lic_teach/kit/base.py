"""The base of every interactive figure: controls -> compute -> draw -> picture and readout.

    image --prepare--> source         once a picture: all that the controls do not change
    source + controls --compute--> result          on every move, numpy in, numpy out
    result --draw--> View(picture, readout, summary, plot)        bytes and text

An explorer is those three plain functions (tested alone) and a shell of a few lines:

    def compute(image, bits):
        shift = 8 - bits
        return bits, (image >> shift) << shift

    def draw(result):
        bits, image = result
        summary = f"{bits} bits a sample"
        return View(encode_picture(image), f"<p>{summary}</p>", summary)

    class Posterize(Explorer):
        def __init__(self, image="astronaut"):
            super().__init__(image, bits=Slider(3, 1, 8, label="Kept", unit="bits"))

prepare, compute and draw are those of the module where the class has none of its own. How the
parts stand is named: class Posterize(Explorer, layout="under"), see _body. Where there is no kernel
all of it stands in one picture (stills.py).

The names of the controls are the parameters of compute, and attributes: `ex = Posterize()`,
`ex.bits = 2`, `ex.readout.value`, `ex.result`. Any widget with a `value` is a control. The
learner picks a sample photograph, uploads a file, or calls ex.load("photo.jpg"). Reset takes
every control back to where it began. Two pictures to compare: pass picture=Wipe(...) and draw
a pair. A picture to click: picture=Picture(cell=8), and `at` joins the controls of compute,
always the corner of a cell of the photograph that is shown, also when that changes.
A figure without a photograph: image=None, and prepare makes the source from nothing.

The words of a lesson that set the figure are buttons under it:

        tries = {"2 bits": (dict(bits=2), "Where are steps?", "In the sky: four levels are left.")}

the words, the state they set, a question, and what there is to see, which stays folded; question
and answer are HTML. What the state does not name stands as it did at first; only the picture
stays, unless the state says image="coffee". ex.press("2 bits") presses one.

Only the newest value waits: while the kernel is busy with one value of a slider, ipywidgets
in the browser holds back the next ones and sends the last of them (WidgetModel's throttle).
So compute needs no queue, no thread, no timer. Messages of two controls can reach the kernel in
two threads (JupyterLab's subshells), and a cell runs in a third: the moves wait for each other.
While the figure stands still, what comes next is computed (prefetch.py): sliders, buttons and cells
may move nothing but what compute gets. `result` is computed when it is asked for.
"""

import base64
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import traitlets
from ipywidgets import HTML, Box, Button, DOMWidget, Dropdown, FileUpload, Layout, VBox, Widget
from PIL import Image

from lic_teach import images
from lic_teach.kit import prefetch
from lic_teach.kit.controls import Picture, Readout, Tries
from lic_teach.kit.pictures import Known, free_name, given, read
from lic_teach.kit.stills import still

# A learner's larger picture is scaled down to this many, the pixels of the largest sample,
MAX_PIXELS = 427 * 640
MAX_SIDE = 16383  # and to sides that WebP allows.


class View(NamedTuple):
    """What draw returns: encoded picture (a pair for a Wipe), HTML, one sentence, SVG.

    more: for further widgets, whatever the explorer's own _put gives them. names: of a Wipe's two
    pictures, where a control changes what they are.
    """

    picture: bytes | tuple[bytes, bytes]
    readout: str
    summary: str
    plot: str = ""
    more: object = ""
    names: tuple[str, str] | None = None


class Explorer(VBox):
    """A figure with controls. Its module has compute and draw, and prepare where it pays."""

    _layout = "beside"
    tries: dict[str, tuple[dict, str, str]] = {}  # words: (state, question, what there is to see)

    def __init_subclass__(cls, layout: str = "", **kwargs):
        """layout: as in _body."""
        super().__init_subclass__(**kwargs)
        cls._layout = layout or cls._layout
        for name in ("prepare", "compute", "draw"):
            function = getattr(sys.modules[cls.__module__], name, None)
            own = getattr(cls, name, None) is not getattr(Explorer, name, None)
            if function and not own:  # neither of the class nor of the one that it is made from
                setattr(cls, name, staticmethod(function))

    @staticmethod
    def prepare(image: np.ndarray):
        """uint8 (H, W, 3) -> what compute gets as its first argument. Runs once a picture."""
        return image

    def __init__(self, image="astronaut", picture=None, plot=None, tries=None, **controls):
        """image: what `load` takes, or None; picture: a Picture or Wipe; plot: a widget whose
        value is SVG; tries: where this one has others than its class; controls by name."""
        self.picture = picture or Picture()
        self.readout = Readout()
        self.plot = (plot or HTML()).add_class("lic-plot")
        self.controls = controls
        self._first = self.state
        self._known = {}  # name in the chooser -> Known
        self._held = False
        self._loop = None  # the event loop of the kernel, from when this is displayed
        self._one_at_a_time = threading.RLock()  # JupyterLab's messages come in several threads
        self._chooser = Dropdown(
            options=images.SAMPLES,
            description="Picture",
            layout=Layout(width="auto", max_width="300px"),
        )
        self._upload = FileUpload(
            accept="image/*", description="Your own picture", layout=Layout(width="auto")
        )
        self._reset = Button(
            description="Reset",
            tooltip="All controls as they were at first",
            layout=Layout(width="auto"),
        )
        self.tries = self.tries if tries is None else tries
        self._tries = Tries(self.tries)
        super().__init__(self._arrange(image is not None))
        self.add_class("lic-explorer")
        self._connect()
        self.load(image)

    def _arrange(self, chooser):
        """The controls, the body, the pictures to choose from; what the body holds stands there."""
        body = self._body()
        tools = [self._chooser, self._upload, self._reset] if chooser else []
        placed = {*leaves(*body), *tools}
        top = [c for c in (*self.controls.values(), self._reset) if c not in placed]
        rows = row(*(c for c in top if isinstance(c, DOMWidget))), *body, row(*tools)
        tries = [self._tries] if self.tries else []
        return [part for part in rows if getattr(part, "children", True)] + tries

    def _body(self) -> list[DOMWidget]:
        """How picture, numbers and drawing stand: what `layout` names."""
        match self._layout:
            case "beside":  # the drawing and the numbers beside the picture
                return [row(self.picture, side(self.plot, self.readout))]
            case "under":  # the numbers under the picture, the drawing beside both
                return [row(column(self.picture, self.readout), self.plot)]
            case "drawing first":  # the picture and its numbers under the drawing
                return [self.plot, row(self.picture, self.readout)]
            case "drawing":  # and the numbers beside it: no picture
                return [row(side(self.plot, self.readout))]
        raise ValueError(f"no layout {self._layout!r}")

    def _connect(self):
        """Make each control a trait of the explorer, both ways, and every move an update."""
        for name, control in self.controls.items():
            if hasattr(self, name):
                raise ValueError(f"a control cannot be called {name!r}: every explorer has that")
            self.add_traits(**{name: traitlets.Any(control.value)})
            self.observe(lambda change, to=control: setattr(to, "value", change.new), name)
            control.observe(lambda change, to=name: setattr(self, to, change.new), "value")
            control.observe(self._moved, "value")
        if isinstance(self.picture, Picture):
            self.picture.observe(self._moved, "at")
        self._chooser.observe(self._chosen, "value")
        self._upload.observe(lambda change: change.new and self._open_upload(), "value")
        self._reset.on_click(lambda _: self.set(**self._first))
        self._tries.observe(self._pressed, "pressed")

    @property
    def state(self) -> dict:
        """What compute gets beside the source: the values of the controls, by name."""
        values = {name: control.value for name, control in self.controls.items()}
        return values | ({"at": self.picture.at} if getattr(self.picture, "cell", 0) else {})

    def set(self, image=None, **values) -> None:
        """Move several controls with one update: ex.set(quality=30, at=(88, 192)).

        image: what `load` takes, to show another picture with the same update.
        """
        with self._one_at_a_time:
            with self._errors_in_words():
                shown = None if image is None else self._take(image)
            with self._hold():
                for name, value in values.items():
                    if name in self.controls:
                        self.controls[name].value = value
                    else:
                        self.picture.set_trait(name, value)
            self.update() if shown is None else self._display(shown)

    def press(self, words: str) -> None:
        """Set the figure as the button with these words does. KeyError where there is none."""
        self.set(**self._first | self.tries[words][0])

    def load(self, picture: str | Path | BinaryIO | np.ndarray) -> None:
        """Show a sample by its name, a file by its path, or an array uint8 (H, W, 3).

        A file is read again whenever it is given. Another picture under a name that is taken
        stands in the chooser as "name (2)"; the samples keep theirs.
        """
        with self._one_at_a_time:
            with self._errors_in_words():
                name = self._take(picture)
            self._display(name)

    def _take(self, picture):
        """Read a picture and keep it -> its name in the chooser."""
        asked = given(picture)
        name = free_name(asked, self._known)
        if name not in self._known or asked.content is None:
            image, note = read(asked.file)
            image = None if image is None else fit(image)
            twins = [k for k in self._known.values() if k.content and k.content == asked.content]
            source = twins[0].source if twins else self.prepare(image)
            self._known[name] = Known(asked.content, image, source, note)
        return name

    def _display(self, name):
        """The picture of this name in the chooser, one of the samples or known."""
        _, self.image, self.source, self._note = self._known[name]
        self._shown = name
        if self.image is not None:
            with self._hold():
                self._chooser.options = tuple(dict.fromkeys([*images.SAMPLES, *self._known]))
                self._chooser.value = name
        self.update()

    def _chosen(self, change):
        with self._one_at_a_time:
            if not self._held:
                if change.new in self._known:
                    self._display(change.new)
                else:
                    self.load(change.new)  # a sample

    def _pressed(self, change):
        """A button among the tries: it can be pressed again at once."""
        if change.new:
            try:
                self.press(change.new)
            finally:
                self._tries.pressed = ""

    def _moved(self, change):
        with self._one_at_a_time:
            self.update(change)

    def _open_upload(self):
        upload = self._upload.value[0]
        file = BytesIO(upload["content"])
        file.name = upload["name"]
        self._upload.value = ()
        self.load(file)

    def update(self, change=None) -> None:
        """Compute and draw for the controls as they stand. Runs by itself on every move.

        change: the move, as traitlets tells it, where it is one control's.
        """
        if self._held:
            return
        self._keep_inside()
        with self._errors_in_words():
            state, self._result = self.state, None
            view = prefetch.kept(self, state)
            if view is None:
                self._result = self.compute(self.source, **state)
                view = self.draw(self._result)
            self._put(view)
        prefetch.after(self, change)

    def _put(self, view):
        """A view into the widgets."""
        with self.picture.hold_sync():
            self.picture.alt = view.summary
            if view.names:
                self.picture.names = view.names
            self.picture.value = view.picture
        self._say(view.readout + self._note, view.summary)
        self.plot.value = view.plot

    @property
    def result(self):
        """What compute returns for the state that is shown."""
        if self._result is None:
            self._result = self.compute(self.source, **self.state)
        return self._result

    def _keep_inside(self):
        """Make `at` the corner of a cell that lies in the photograph, the nearest one."""
        cell = getattr(self.picture, "cell", 0)
        if cell and self.image is not None:
            places = zip(self.picture.at, self.image.shape, strict=False)
            with self._hold():
                self.picture.at = [min(max(p, 0), side - 1) // cell * cell for p, side in places]

    def _say(self, readout, summary):
        with self.readout.hold_sync():
            self.readout.summary = summary
            self.readout.value = readout

    @contextmanager
    def _errors_in_words(self):
        """Whatever goes wrong is said in the readout, and raised again."""
        try:
            yield
        except Exception as error:
            words = str(error) or type(error).__name__
            self._say(f'<p class="lic-error"><b>That did not work.</b> {escape(words)}</p>', words)
            raise

    @contextmanager
    def _hold(self):
        """No updates inside, nor before the outermost ends."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def _repr_mimebundle_(self, **kwargs):
        """Beside the live view: a still picture and a sentence, for a page without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        self._loop = prefetch.loop()
        prefetch.after(self)
        bundle["text/plain"] = f"{type(self).__name__}: {self.readout.summary}"
        return bundle | {"image/png": base64.b64encode(still(self.children)).decode()}


def fit(image: np.ndarray) -> np.ndarray:
    """Scale a large picture down to MAX_PIXELS and MAX_SIDE; a smaller one stays as it is."""
    height, width = image.shape[:2]
    scale = min((MAX_PIXELS / (height * width)) ** 0.5, MAX_SIDE / max(height, width))
    if scale >= 1:
        return image
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def row(*children) -> Box:
    """Widgets side by side, and below each other where the window is narrow."""
    return Box(children, layout=Layout(flex_flow="row wrap", align_items="flex-start"))


def side(*children) -> Box:
    """A row that takes what room there is beside something else."""
    return row(*children).add_class("lic-side")


def column(*children) -> VBox:
    """Widgets below each other, never wider than the figure."""
    return VBox(children, layout=Layout(max_width="100%"))


def leaves(*widgets: Widget) -> Iterator[Widget]:
    """All widgets in these that are no boxes, in their order on the screen."""
    for widget in widgets:
        if isinstance(widget, Box):
            yield from leaves(*widget.children)
        else:
            yield widget
