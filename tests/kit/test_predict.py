"""A guess before the output: nothing of the answer lies open, with a kernel, without, or saved."""

import ast
import json
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from lic_teach import notebooks
from lic_teach.kit.predict import Predict
from lic_teach.site import build as site
from tests.lab import chromium, jupyterlab, open_notebook, run_all, set_theme

# Seven is the answer, "smaller" the other one; neither is in the code in this form.
LESSON = """# %% [markdown]
# # 00 · Guess
# A lesson.

# %%
# NBVAL_CHECK_OUTPUT
import matplotlib.pyplot as plt

from lic_teach.kit.predict import Predict

with Predict("How many are left?", unit="of 64", near=2) as predict:
    left = 3 + 4
    print("left:", left * "|")
    plt.figure(figsize=(1, 1))
    plt.plot([left])
    plt.title("what is left")
    predict.truth = left

# %%
left

# %%
Predict("Is it larger or smaller?", ["larger", "smaller"], ["larger", "smaller"][left > 5])
"""


class Open(HTMLParser):
    """The text that a page shows without a script: all but what <details> folds."""

    def __init__(self, html):
        super().__init__()
        self.inside, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in ("img", "br"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        self.text += data if "details" not in self.inside or "summary" in self.inside else ""


def saved(predict):
    """What a notebook keeps of it: text and HTML."""
    data, _ = predict._repr_mimebundle_()
    return data["text/plain"], data["text/html"]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The tiny lesson, refreshed -> its path."""
    source = tmp_path_factory.mktemp("predict") / "lessons" / "src" / "00_guess.py"
    source.parent.mkdir(parents=True)
    source.write_text(LESSON, encoding="utf-8")
    return notebooks.refresh(source)


# --- truths ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "truth, held, words",
    [
        (np.int64(9), 9, "9 dB"),
        (np.float32(0.5), 0.5, "0.5 dB"),
        (12613.0, 12613.0, "12,613 dB"),
        (-19.73648, -19.73648, "−19.74 dB"),
        (np.array(3), 3, "3 dB"),
    ],
)
def test_a_number_is_kept_whole_and_said_as_people_write_it(truth, held, words):
    predict = Predict("How much?", truth=truth, unit="dB")
    assert (predict.truth, predict.answer) == (held, words) and type(predict.truth) is type(held)


@pytest.mark.parametrize(
    "choices, truth, words",
    [
        (["A", "B"], "C", "the truth is C, the choices are A, B"),
        ((), "many", "without choices the truth is a number, this is 'many'"),
        ((), float("nan"), "this is nan"),
        ((), True, "this is True"),
        (["A", "A"], "A", "two or more different ones"),
        (["A"], "A", "two or more different ones"),
    ],
)
def test_what_nobody_could_guess_is_refused_in_words(choices, truth, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Predict("Which?", choices, truth)


def test_choices_may_be_numbers():
    assert Predict("How large?", [8, 16, 32], np.int64(16)).truth == "16"


def test_a_prediction_without_a_truth_is_refused_when_it_is_shown():
    with pytest.raises(ValueError, match="no truth for the prediction 'How many"):
        with Predict("How many?"):
            pass


# --- the block ---------------------------------------------------------------------------


def test_what_the_block_prints_and_draws_is_inside_and_nowhere_else(capsys):
    plt.close("all")
    before = plt.figure()
    with Predict("<How> many?") as predict:
        print("<seven>")
        plt.figure().add_subplot(title="a & b")
        predict.truth = 7
    assert "seven" not in capsys.readouterr().out
    assert [plt.figure(number) for number in plt.get_fignums()] == [before]
    assert "<pre>&lt;seven&gt;</pre>" in predict.outputs
    assert re.search(
        '<img alt="a &amp; b" src="data:image/png;base64,[^"]{1000,}">', predict.outputs
    )
    plt.close("all")


def test_an_exception_passes_and_what_was_printed_before_it_is_seen(capsys):
    with pytest.raises(ZeroDivisionError):
        with Predict("How many?") as predict:
            print("so far")
            predict.truth = 1 / 0
    assert capsys.readouterr().out == "so far\n"


# --- what is saved -----------------------------------------------------------------------


def test_saved_the_answer_is_folded_and_the_guess_is_not_there(lesson):
    with Predict("How many?", unit="bits") as predict:
        print("eleven")
        predict.truth = 11
    before = saved(predict)
    predict.guess = 13
    assert saved(predict) == before
    text, html = before
    assert text == Open(html).text.split("Guess first")[0] == "Predict: How many?"
    assert "<p><b>11 bits</b></p><div><pre>eleven</pre></div>" in html
    live = json.loads(unescape(re.search('data-predict="(.*?)"', html)[1]))
    assert live["truth"] == 11 and live["near"] == 0 and "guess" not in live


def test_a_refresh_keeps_both_ways_and_nothing_lies_open(lesson):
    before = lesson.read_bytes()
    assert notebooks.refresh(lesson.parent / "src" / "00_guess.py").read_bytes() == before
    _, number, plain, choice = nbformat.reads(before.decode(), as_version=4).cells
    assert plain.outputs[0].data["text/plain"] == "7"  # names of the block live on
    for cell in (number, choice):
        (output,) = cell.outputs
        assert set(output.data) == {"text/plain", "text/html"}
        for text in (output.data["text/plain"], Open(output.data["text/html"]).text):
            assert not re.search(r"7|\|\||small\b|smaller$", text), text


def test_nbval_passes_and_sees_another_truth(lesson, tmp_path):
    notebook = nbformat.read(lesson, as_version=4)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"]
    for truth, verdict in (("7 of 64", "3 passed"), ("8 of 64", "1 failed, 2 passed")):
        html = notebook.cells[1].outputs[0].data["text/html"]
        notebook.cells[1].outputs[0].data["text/html"] = html.replace("7 of 64", truth)
        nbformat.write(notebook, tmp_path / "00_guess.ipynb")
        done = subprocess.run([*command, tmp_path], cwd=tmp_path, capture_output=True, text=True)
        assert verdict in done.stdout, done.stdout


# --- the lessons -------------------------------------------------------------------------


def given_away(cell):
    """What a code cell with a prediction shows beside it: a written truth, another output."""
    found = []
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "truth":
            found += [node.value]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Predict":
            found += node.args[2:3] + [word.value for word in node.keywords if word.arg == "truth"]
    if not found:
        return []
    folded = cell.metadata.get("jupyter", {}).get("source_hidden")
    written = [node.value for node in found if isinstance(node, ast.Constant) and not folded]
    texts = [output.get("data", {}).get("text/plain", "printed") for output in cell.outputs]
    return written + [text for text in texts if not text.startswith("Predict: ")]


@pytest.mark.parametrize(
    "path", sorted(notebooks.LESSONS.glob("*.ipynb")), ids=lambda p: p.stem[:2]
)
def test_no_lesson_gives_an_answer_away(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert cell.cell_type != "code" or given_away(cell) == []


def test_an_answer_given_away_is_found(lesson):
    _, number, _, choice = nbformat.read(lesson, as_version=4).cells
    assert given_away(number) == given_away(choice) == []
    number.source = number.source.replace("truth = left", "truth = 7")
    choice.source = "Predict('Which?', ['a', 'b'], truth='a')"
    assert given_away(number) == [7] and given_away(choice) == ["a"]
    choice.metadata["jupyter"] = {"source_hidden": True}
    choice.outputs += [nbformat.v4.new_output("stream", text="the answer")]
    assert given_away(choice) == ["printed"]


# --- in the browser ----------------------------------------------------------------------


def guess_both(page, shown):
    """Give both guesses with keys alone; `shown` are the page's two predictions."""
    number, choice = shown.first, shown.last
    for each in (number, choice):
        assert not re.search(r"7 of 64|the answer is", each.text_content())
        assert each.locator("img, pre, .lic-pair").count() == 0
    field = number.get_by_label("Your guess")
    field.press("Enter")  # nothing is entered: nothing is shown
    assert number.locator(".lic-pair").count() == 0
    field.press_sequentially("8.5")
    field.press("Enter")
    verdict = number.locator("[aria-live=polite]")
    assert verdict.inner_text() == "You guessed 8.5 of 64, close: the answer is 7 of 64."
    assert number.locator(".lic-pair b").all_inner_texts() == ["8.5 of 64", "7 of 64"]
    assert "left: |||||||" in number.locator("pre").inner_text()
    assert number.get_by_alt_text("what is left").evaluate("image => image.naturalWidth") > 50
    field.press("Tab")
    number.get_by_role("button", name="Guess again").press("Enter")
    assert number.locator(".lic-pair").count() == 0 and field.input_value() == ""
    assert field.evaluate("field => field === document.activeElement")
    field.press_sequentially("40")
    number.get_by_role("button", name="Show the answer").click()
    assert verdict.inner_text().startswith("You guessed 40 of 64, too high: ")

    page.keyboard.press("Tab")
    choice.get_by_role("button", name="larger").press("Space")
    words = choice.locator("[aria-live=polite]").inner_text()
    assert words == "You guessed larger: the answer is smaller."
    assert choice.get_by_role("button", name="larger").get_attribute("aria-pressed") == "true"
    choice.get_by_role("button", name="smaller").press("Enter")  # one guess, not two
    assert choice.locator("[aria-live=polite]").inner_text() == words
    choice.get_by_role("button", name="Guess again").press("Enter")
    choice.get_by_role("button", name="smaller").press("Enter")
    words = choice.locator("[aria-live=polite]").inner_text()
    assert words == "Your guess is right: smaller."


@pytest.mark.browser
def test_in_jupyterlab_the_answer_waits_for_a_guess(lesson):
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        assert page.locator("details").count() == 2  # not yet executed: the saved page
        assert not page.get_by_text("7 of 64").is_visible()
        run_all(page)
        shown = page.locator(".lic-predict:has(form)")
        shown.last.wait_for()
        cells = page.locator(".jp-Cell").count()
        guess_both(page, shown)
        assert page.locator(".jp-Cell").count() == cells  # no key was a shortcut's
        ring = shown.first.get_by_label("Your guess")
        ring.focus()
        assert ring.evaluate("field => getComputedStyle(field).outlineStyle") == "solid"
        for theme in ("Light", "Dark"):
            set_theme(page, f"JupyterLab {theme}")
            shades = "e => ['color', 'backgroundColor'].map(n => getComputedStyle(e)[n])"
            text, back = shown.last.locator("[aria-pressed=true]").evaluate(shades)
            assert contrast(text, back) > 4.5


def contrast(*colours):
    """WCAG 2.1's ratio of two colours as a browser says them."""
    light = []
    for colour in colours:
        rgb = np.array([float(n) for n in re.findall(r"[\d.]+", colour)[:3]]) / 255
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        light.append(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return max(light) / min(light)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1300])
def test_on_a_page_without_a_kernel_it_is_the_same(lesson, tmp_path, monkeypatch, width):
    monkeypatch.setattr(sys.modules["lic_teach.site.build"], "LESSONS", lesson.parent)
    row = "**Part**\n\n- [00 · Guess](00_guess.ipynb): How many?\n"
    (lesson.parent / "README.md").write_text(row, encoding="utf-8")  # the index is made of it
    site(tmp_path / "pages", report=lambda line: None)
    with chromium(width, 844) as page:
        page.goto((tmp_path / "pages" / "00_guess.html").as_uri())
        guess_both(page, page.locator(".lic-predict"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
