"""A guess before the output shows; then guess and truth side by side.

    with Predict("How many of the 64 will not become zero?", unit="of 64", near=2) as predict:
        q = np.rint(block / steps).astype(int)
        print(q)
        predict.truth = np.count_nonzero(q)

All that the block prints, displays and draws waits for the guess: first what it prints, then the
rest. Its names live on as in any `with`. Where nothing but the truth is to be shown, it is one
expression, the last of its cell:

    Predict("Is the file larger, or smaller?", ["larger", "smaller"], truth=found)

The block is executed in any case, so Run All and nbval wait for nobody. Its code is in sight: the
truth is computed there, not written, and what follows in the lesson does not say it either.

    question, truth, outputs --predict.js--> a guess, then all of it      where a script runs
                             --_folded--> HTML, the answer in <details>   in the saved notebook

The guess stays in the browser and in `predict.guess`: what is saved is made without it. Pages of
the site have no kernel; there the same script runs on the saved HTML, which carries all it needs.
"""

import base64
import io
import json
import math
import sys
from html import escape
from numbers import Real
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display
from IPython.utils.capture import capture_output

from lic_teach.kit.controls import HERE as LOOK  # the folder of style.css
from lic_teach.kit.plots import minus

HERE = Path(__file__).parent
LIVE = ("question", "choices", "unit", "near", "truth", "answer")


class Predict(anywidget.AnyWidget):
    """A question with some `choices`, or, without them, one that a number answers.

    choices: words, or what str() makes words. unit: behind the number. near: how far from the
    truth a guess may lie and still be called close. truth: one of the choices, or a number; given
    here, or set inside the block.

    Texts are plain, not HTML. ValueError in words where the truth is missing, none of the choices
    or no finite number. An exception in the block passes, and what was shown before it is shown.
    """

    _esm = HERE / "predict.js"
    _css = LOOK / "style.css"
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    near = traitlets.Float(0).tag(sync=True)
    truth = traitlets.Any(None, allow_none=True).tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)  # the truth in words
    outputs = traitlets.Unicode().tag(sync=True)  # what the block showed, as HTML
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)

    def __init__(self, question, choices=(), truth=None, *, unit="", near=0):
        words = [str(choice) for choice in choices]
        if len(set(words)) != len(words) or len(words) == 1:
            raise ValueError(f"choices are two or more different ones, these are {words}")
        super().__init__(question=question, choices=words, unit=unit, near=near)
        if truth is not None:
            self.truth = truth

    @traitlets.validate("truth")
    def _fits(self, proposal):
        if self.choices:
            if (truth := str(proposal.value)) in self.choices:
                return truth
            raise ValueError(f"the truth is {truth}, the choices are {', '.join(self.choices)}")
        truth = getattr(proposal.value, "item", lambda: proposal.value)()  # of numpy or torch
        if isinstance(truth, bool) or not isinstance(truth, Real) or not math.isfinite(truth):
            raise ValueError(f"without choices the truth is a number, this is {truth!r}")
        return truth

    @traitlets.observe("truth")
    def _in_words(self, change):
        self.answer = change.new if self.choices else in_words(change.new, self.unit)

    # --- the block -----------------------------------------------------------------------

    def __enter__(self):
        self._before = figure_numbers()
        self._capture = capture_output(stderr=False)
        self._captured = self._capture.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self._capture.__exit__(kind, error, trace)
        if kind is not None:
            self._captured.show()
            return
        shown = [text_html(self._captured.stdout)]
        shown += [output_html(output.data) for output in self._captured.outputs]
        shown += [figure_html(number) for number in figure_numbers() if number not in self._before]
        self.outputs = "".join(shown)
        self._need_truth()
        display(self)

    def _need_truth(self):
        if self.truth is None:
            raise ValueError(f"no truth for the prediction {self.question!r}: set predict.truth")

    # --- without a script ----------------------------------------------------------------

    def _repr_mimebundle_(self, **kwargs):
        """Beside the live view: the question, and the answer folded. The guess is not in it."""
        self._need_truth()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/plain": repr(self), "text/html": self._folded()}, metadata

    def __repr__(self):
        words = f" ({' / '.join(self.choices)})" if self.choices else ""
        return f"Predict: {self.question}{words}"

    def _folded(self):
        live = json.dumps({name: getattr(self, name) for name in LIVE}, ensure_ascii=False)
        return (
            f'<div class="lic-predict" data-predict="{escape(live)}">'
            f"<p>{escape(repr(self))}</p>"
            "<details><summary>Guess first, then open the answer</summary>"
            f"<p><b>{escape(self.answer)}</b></p><div>{self.outputs}</div></details></div>"
        )


def in_words(number: float, unit: str = "") -> str:
    """A number as people write it: whole ones in full, others to four digits.

    >>> in_words(12613, "bytes"), in_words(-19.73648), in_words(375.04, "%")
    ('12,613 bytes', '−19.74', '375 %')
    """
    number = int(number) if number == int(number) else float(f"{number:.4g}")
    text = minus(f"{number:,}".removesuffix(".0"))
    return f"{text} {unit}".strip()


# --- what a block showed, as HTML --------------------------------------------------------


def figure_numbers() -> list[int]:
    """Of matplotlib's open figures, the oldest first; none where matplotlib is not in use."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot.get_fignums() if pyplot else []


def figure_html(number: int) -> str:
    """An open figure as its cell would have shown it; it is closed."""
    pyplot = sys.modules["matplotlib.pyplot"]
    buffer, figure = io.BytesIO(), pyplot.figure(number)
    figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    pyplot.close(figure)
    titles = filter(None, (axes.get_title() for axes in figure.axes))
    return picture_html(buffer.getvalue(), "png", "; ".join(titles) or "figure")


def output_html(data: dict) -> str:
    """A display's data by its type: of an explorer its still picture."""
    words = data.get("text/plain", "")
    for kind in ("png", "jpeg"):
        if picture := data.get(f"image/{kind}"):
            return picture_html(picture, kind, "figure" if words.startswith("<") else words)
    for kind in ("image/svg+xml", "text/html"):
        if kind in data:
            return f"<div>{data[kind]}</div>"
    return text_html(words)


def picture_html(picture: bytes | str, kind: str, words: str) -> str:
    """Bytes of a PNG or JPEG file, or the base64 of them, as an <img>."""
    text = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
    return f'<img alt="{escape(words)}" src="data:image/{kind};base64,{"".join(text.split())}">'


def text_html(text: str) -> str:
    """What was printed; nothing where nothing was."""
    return f"<pre>{escape(text.rstrip())}</pre>" if text.strip() else ""
