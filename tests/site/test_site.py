"""The site: what its pages show is what the explorers compute, and nothing leaves its folder."""

import base64
import gzip
import importlib
import io
import json
import os
import re
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lic_teach import contents
from lic_teach.cli import app
from lic_teach.course.dct.dct_builder import DctBuilder
from lic_teach.course.entropy_coding.block_bits import BlockBits
from lic_teach.course.rate_distortion.tangent import Tangent
from lic_teach.kit import stills
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import (
    LamSlider,
    QualitySlider,
    Slider,
    choice,
    encode_picture,
)
from lic_teach.site import build as site
from lic_teach.site import pages
from lic_teach.site.record import record
from lic_teach.site.states import live, places
from lic_teach.site.store import Values, content
from tests.lab import chromium

LIVE = {
    "entropy_coding-blockbits": (BlockBits, "quality", 20),
    "rate_distortion-tangent": (Tangent, "lam", 12),
}
SUBJECTS = [name.split("-")[0] for name in LIVE]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Two lessons as pages, and what the command said."""
    out, said = tmp_path_factory.mktemp("site") / "pages", []
    site(out, [contents.notebook(subject).stem for subject in SUBJECTS], report=said.append)
    return out, said


def recording(out, name):
    """What recordings/NAME.js hands to site.js."""
    text = (out / "_static" / "recordings" / f"{name}.js").read_text(encoding="utf-8")
    head, _, body = text.partition(" = ")
    assert head == f'lic.recordings["{name}"]'
    return json.loads(gzip.decompress(base64.b64decode(body.rstrip(";\n").strip('"'))))


def shown(content, state):
    """kind -> traits, as site.js has them in a state."""
    values = content["values"]
    traits = [{name: values[n] for name, n in each.items()} for each in content["start"]]
    for (widget, name), n in zip(content["varying"], content["states"][state], strict=True):
        traits[widget][name] = values[n]
    return dict(zip(content["kinds"], traits, strict=True))


def pixels(source):
    return np.array(Image.open(source).convert("RGB"))


# --- every state is the live explorer's --------------------------------------------------


@pytest.mark.parametrize("name", LIVE)
def test_every_state_is_what_the_live_explorer_shows(built, name):
    kind, control, count = LIVE[name]
    content, explorer = recording(built[0], name), kind()
    (slider,) = content["controls"]
    assert len(content["states"]) == len(slider["values"]) == count
    for state, value in enumerate(slider["values"]):
        setattr(explorer, control, value)
        assert getattr(explorer, control) == value  # a place of the live slider too
        page = shown(content, state)
        assert page["readout"]["value"] == explorer.readout.value
        assert page["readout"]["summary"] == explorer.readout.summary
        plot = page["tangent" if "tangent" in page else "html"]
        assert plot["value"] == explorer.plot.value != ""
        assert page["wipe" if "wipe" in page else "picture"]["alt"] == explorer.picture.alt
        live = explorer.picture.value
        live = live if isinstance(live, tuple) else [live]
        for file, data in zip(files(page), live, strict=True):
            np.testing.assert_array_equal(pixels(built[0] / file), pixels(io.BytesIO(data)))


def test_the_first_state_is_the_default(built):
    for name, (kind, control, _) in LIVE.items():
        content, explorer = recording(built[0], name), kind()
        (slider,) = content["controls"]
        start = content["values"][content["start"][slider["widget"]]["value"]]
        assert start == getattr(explorer, control) and start in slider["values"]


class Flat(Explorer):
    """A grey square: lambda and two rows of buttons."""

    def compute(self, _, lam, show, more):
        return lam, show, more

    def draw(self, result):
        return View(encode_picture(np.zeros((8, 8, 3), np.uint8)), f"<p>{result}</p>", f"{result}")

    def __init__(self, more="xy"):
        controls = {"show": choice("Show", ["a", "b"]), "more": choice("More", list(more))}
        super().__init__("coffee", lam=LamSlider(), **controls)


def test_buttons_come_along_while_the_states_are_few():
    kept = record(Flat("x"))
    assert [control.name for control in kept.controls] == ["lam", "show", "more"]
    assert len(kept.states) == 24 * 2
    assert kept.missing == ["other pictures and your own"]
    fewer = record(Flat("xyz"))
    assert len(fewer.states) == 24 * 2 and fewer.missing[0] == "More"
    say = [next(each["summary"] for each in s if "summary" in each) for s in kept.states[:3]]
    assert say == ["(0.0005, 'a', 'x')", "(0.0005, 'b', 'x')", "(0.000631, 'a', 'x')"]


class Tried(Flat):
    tries = {
        "between": (dict(lam=0.0123, show="b"), "?", "!"),
        "the rocket": (dict(image="rocket"), "?", "!"),
    }


def test_a_try_is_recorded_also_where_it_stands_between_the_places(tmp_path):
    explorer = Tried("x")
    explorer.set(lam=0.05, show="b")
    kept = record(explorer)
    say = {
        words: next(each["summary"] for each in state if "summary" in each)
        for words, state in kept.tries.items()
    }
    assert say == {"between": "(0.0123, 'b', 'x')", "the rocket": "(0.01, 'a', 'x')"}
    assert (explorer.lam, explorer.show, explorer._chooser.value) == (0.05, "b", "coffee")
    written = content(kept, Values(tmp_path))
    assert written["tries"]["between"]["controls"] == [0.0123, "b", "x"]
    assert len(written["tries"]["between"]["state"]) == len(written["varying"])


@pytest.mark.parametrize(
    "slider, count, first, last",
    [
        (LamSlider(), 24, 5e-4, 1e-1),
        (QualitySlider(), 20, 5, 100),
        (Slider(3, 1, 8), 8, 1, 8),
        (Slider(0.0, -0.5, 0.5, step=0.05), 21, -0.5, 0.5),
        (Slider(4.0, 1.0, 8.0, step=0.1), 15, 1.0, 8.0),
    ],
)
def test_places_of_a_slider(slider, count, first, last):
    control = places("x", slider)
    assert (len(control.values), control.values[0], control.values[-1]) == (count, first, last)
    assert slider.value in control.values
    for value in control.values:
        slider.value = value
        assert slider.value == value


def test_without_a_slider_or_with_a_stranger_inside_the_picture_stays_still():
    assert record(DctBuilder()) is None

    class Still(Flat):
        def __init__(self):
            Explorer.__init__(self, "coffee", lam=choice("λ", ["1"]), show=choice("S", ["a"]))

        def compute(self, _, lam, show):
            return lam, show

    assert live(Still()) == [] and record(Still()) is None


def test_an_explorer_that_stands_still_has_a_picture_for_every_try(tmp_path):
    explorer = Tried("x")
    html = pages.standing(explorer, tmp_path)
    places = json.loads(re.search('data-stills="([^"]+)"', html)[1].replace("&quot;", '"'))
    assert list(places) == list(Tried.tries)
    (first,) = re.findall('<img [^>]*src="([^"]+)"', html)
    for words, address in {"": first, **places}.items():
        explorer = Tried("x")
        if words:
            explorer.press(words)
        data = stills.still(explorer.children[:-1])  # the buttons stand below the picture
        file = tmp_path / address.removeprefix("_static/")
        np.testing.assert_array_equal(pixels(file), pixels(io.BytesIO(data)))
    assert explorer._tries.value in html


def test_an_explorer_is_made_from_its_cell_or_from_all_before_it():
    sources = ("from lic_teach.site import record", "print(x := 3)\ndisplay(x)", "x + 1", "5")
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    assert [pages.explorer_of(code, number) for number in (2, 3)] == [4, 5]


# --- the folder --------------------------------------------------------------------------


def site_module():
    return importlib.import_module("lic_teach.site.build")


class Resources(HTMLParser):
    """Addresses that a browser loads by itself."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        names = ("src", "srcset", "poster", "data") if tag != "link" else ("href",)
        self.found += [attributes[name] for name in names if attributes.get(name)]

    @classmethod
    def of(cls, page):
        resources = cls()
        resources.feed(page)
        return resources.found


def test_pages_load_only_files_of_the_folder(built):
    out, said = built
    assert not [line for line in said if line.startswith("warning")]
    lessons = {f"{contents.notebook(subject).stem}.html" for subject in SUBJECTS}
    assert {path.name for path in out.glob("[0-9]*.html")} == lessons
    for page in out.glob("*.html"):
        found = Resources.of(page.read_text(encoding="utf-8"))
        assert len(found) > 5
        for address in found:
            local = out / re.split("[?#]", address)[0]
            assert address.startswith("data:image/") or local.exists(), f"{page.name}: {address}"
    for sheet in out.rglob("*.css"):
        loads = r"(?:url\([\"']?|@import [\"'])([^\"')]+)"
        for address in re.findall(loads, sheet.read_text(encoding="utf-8")):
            local = sheet.parent / re.split("[?#]", address)[0]
            assert address.startswith("data:") or local.exists(), f"{sheet.name}: {address}"


def test_a_link_to_a_lesson_leads_to_its_page_or_is_no_link(built):
    first, second = (contents.notebook(subject).stem for subject in SUBJECTS)
    for name in (first, second, "index"):
        text = (built[0] / f"{name}.html").read_text(encoding="utf-8")
        assert not re.search(r'href="[^"]*\.ipynb', text), name
        linked = set(re.findall(r'href="(\d\d_\w+)\.html', text))
        assert linked <= {first, second} and linked - {name}, name


def test_size(built):
    """Two lessons alone; the theme and MathJax are there once."""
    sizes = {path: path.stat().st_size for path in built[0].rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 18e6
    assert not [path for path in sizes if path.suffix in (".map", ".ipynb", ".pickle")]


def test_solutions_and_formulas_are_there(built):
    page = (built[0] / f"{contents.notebook('rate_distortion').stem}.html").read_text(
        encoding="utf-8"
    )
    assert "NBVAL" not in page and "<summary>Solution</summary>" in page
    assert 'class="math' in page and "tex-svg.js" in page


def test_nothing_but_an_own_site_is_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    for options in ([], ["--force"]):
        result = CliRunner().invoke(app, ["site", str(tmp_path), *options])
        assert result.exit_code == 1 and "not a site" in result.stderr
    (tmp_path / "lic-teach-site.txt").write_text("")
    result = CliRunner().invoke(app, ["site", str(tmp_path)])
    assert result.exit_code == 1 and "--force" in result.stderr
    result = CliRunner().invoke(app, ["site", str(tmp_path / "new"), "--lesson", "77"])
    assert result.exit_code == 1 and "no lesson 77: there are 00 to " in result.stderr
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_relative_name_is_of_the_folder_where_the_command_is_given(tmp_path, monkeypatch):
    """The lessons are executed in a folder of their own (Python 3.11's tempfile: relative too)."""
    monkeypatch.chdir(tmp_path)
    before = sorted(os.listdir(site_module().LESSONS))
    (tmp_path / "some" / "pages").mkdir(parents=True)
    (tmp_path / "some" / "pages" / site_module().MARK).write_text("old")
    result = CliRunner().invoke(app, ["site", "some/pages", "--lesson", "dct", "--force"])
    assert result.exit_code == 0 and "warning" not in result.stdout, result.output
    name = f"{contents.notebook('dct').stem}.html"
    page = (tmp_path / "some" / "pages" / name).read_text(encoding="utf-8")
    pictures = [address for address in Resources.of(page) if address.startswith("_static/pic")]
    assert pictures and all((tmp_path / "some/pages" / each).exists() for each in pictures)
    assert os.listdir(tmp_path) == ["some"] and os.listdir(tmp_path / "some") == ["pages"]
    assert sorted(os.listdir(site_module().LESSONS)) == before


@pytest.mark.parametrize("what", ["page", "picture", "all pages"])
def test_a_site_that_lost_something_is_an_error_and_the_old_one_stays(tmp_path, monkeypatch, what):
    module, out = site_module(), tmp_path / "pages"
    out.mkdir()
    (out / module.MARK).write_text("old")

    def write_sources(notebooks, folder, report):
        (folder / "_static").mkdir(parents=True)
        text = module.index([path.stem for path in notebooks], duel=False)
        text += "![](lost.png)" if what == "picture" else ""
        (folder / "index.md").write_text("# Lessons" if what == "all pages" else text)
        for path in notebooks[: {"page": 1, "picture": 2, "all pages": 0}[what]]:
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# One")])
            nbformat.write(notebook, folder / path.name)

    monkeypatch.setattr(module, "write_sources", write_sources)
    with pytest.raises(ValueError, match="no page of|could not write"):
        module.build(out, ["4", "05"], force=True, report=lambda line: None)
    assert os.listdir(out) == [module.MARK] and os.listdir(tmp_path) == ["pages"]


def test_a_link_to_a_site_is_replaced_and_the_old_site_stays_until_the_end(tmp_path, monkeypatch):
    module = site_module()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / module.MARK).write_text("old")
    (tmp_path / "out").symlink_to("old")

    def sphinx(source, pages, *_):
        pages.mkdir()
        (pages / "index.html").write_text("new")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_sources", lambda *_: None)
    monkeypatch.setattr(module, "run_sphinx", interrupted)
    with pytest.raises(KeyboardInterrupt):
        module.build(tmp_path / "out", force=True)
    assert sorted(os.listdir(tmp_path)) == ["old", "out"] and (tmp_path / "out").is_symlink()
    monkeypatch.setattr(module, "run_sphinx", sphinx)
    module.build(tmp_path / "out", force=True)
    assert (tmp_path / "out" / "index.html").read_text() == "new"
    assert sorted(os.listdir(tmp_path)) == ["old", "out"]
    assert (tmp_path / "old" / module.MARK).read_text() == "old"


# --- in the browser ----------------------------------------------------------------------


@pytest.fixture
def page(built):
    """A page that fails the test for any request outside the folder, and any error."""
    with chromium() as page:
        asked, wrong = [], []
        page.add_init_script(PAINTED)
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: line.type == "error" and wrong.append(line.text))
        yield page
        own = (built[0].as_uri(), "data:", "blob:")
        assert not wrong and asked and all(address.startswith(own) for address in asked)


# From a disk no script may read a canvas: note which file each was painted with.
PAINTED = """
    const [make, files] = [window.createImageBitmap, new WeakMap()];
    window.createImageBitmap = async (source) => {
        const bitmap = await make(source);
        files.set(bitmap, source.src);
        return bitmap;
    };
    const kind = CanvasRenderingContext2D.prototype;
    const paint = kind.drawImage;
    kind.drawImage = function (bitmap, ...where) {
        paint.call(this, bitmap, ...where);
        this.canvas.painted = files.get(bitmap);
    };
"""


def state(page, content, wanted):
    """Wait for a state; what the page then shows of it."""
    page.wait_for_function(f"document.querySelector('[data-recording]').dataset.state == {wanted}")
    traits = shown(content, wanted)
    page.wait_for_function(
        "files => [...document.querySelectorAll('[data-recording] .lic-stage canvas')]"
        ".every((canvas, i) => canvas.painted?.endsWith(files[i]))",
        arg=files(traits),
    )
    table = page.locator("[data-recording] .lic-readout table").inner_text()
    assert re.findall(r"[\d.,]+", table) == re.findall(
        r"[\d.,]+", re.sub("<[^>]+>", " ", re.search("<table.*?</table>", words(traits))[0])
    )


def words(traits):
    return traits["readout"]["value"]


def files(traits):
    if "wipe" in traits:
        return [traits["wipe"]["left"], traits["wipe"]["right"]]
    return [traits["picture"]["value"]]


@pytest.mark.browser
@pytest.mark.parametrize(
    "name, label", [("rate_distortion-tangent", "λ"), ("entropy_coding-blockbits", "Quality")]
)
def test_from_a_disk_the_slider_moves_the_picture(built, page, name, label):
    content = recording(built[0], name)
    (control,) = content["controls"]
    last = len(control["values"]) - 1
    first = content["values"][content["start"][control["widget"]]["value"]]
    middle = control["values"].index(first)
    page.goto((built[0] / f"{contents.notebook(name.split('-')[0]).stem}.html").as_uri())
    explorer = page.locator(f"[data-recording='{name}']")
    page.locator(f"[data-recording]:not([data-recording='{name}'])").evaluate_all(
        "others => others.forEach(other => other.remove())"
    )
    slider = explorer.get_by_role("slider", name=label, exact=True)
    state(page, content, middle)
    for key, wanted in (("ArrowRight", middle + 1), ("End", last), ("Home", 0), ("ArrowUp", 1)):
        slider.press(key)
        state(page, content, wanted)
        assert str(control["values"][wanted]) in slider.get_attribute("aria-valuetext")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert 1 < int(explorer.get_attribute("data-state")) < last
    explorer.get_by_role("button", name="Reset").click()
    state(page, content, middle)


@pytest.mark.browser
@pytest.mark.parametrize("name", LIVE)
def test_from_a_disk_a_button_among_the_tries_sets_the_figure(built, page, name):
    kind, control, _ = LIVE[name]
    explorer, recorded = kind(), recording(built[0], name)
    page.goto((built[0] / f"{contents.notebook(name.split('-')[0]).stem}.html").as_uri())
    place = page.locator(f"[data-recording='{name}']")
    for words in kind.tries:
        button = place.get_by_role("button", name=words, exact=True)
        button.focus()
        page.keyboard.press("Enter")
        explorer.press(words)
        page.wait_for_function(
            "([place, words]) => place.dataset.state === words", arg=[place.element_handle(), words]
        )
        spoken = "([place, words]) => place.querySelector('.lic-spoken').textContent === words"
        page.wait_for_function(spoken, arg=[place.element_handle(), explorer.readout.summary])
        (slider,) = recorded["controls"]
        shown = place.get_by_role("slider").first.get_attribute("aria-valuetext")
        assert f"{getattr(explorer, control):.3g}" in shown
        details = place.locator("li").filter(has=page.get_by_role("button", name=words, exact=True))
        details = details.locator("details")
        assert details.get_attribute("open") is None
        details.locator("summary").click()
        assert details.get_attribute("open") is not None
    place.get_by_role("slider").first.press("ArrowLeft")
    page.wait_for_function(
        "place => /^\\d+$/.test(place.dataset.state)", arg=place.element_handle()
    )


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1300])
def test_a_page_is_never_wider_than_the_screen(built, width):
    with chromium(width, 844) as page:
        for file in built[0].glob("[0-9]*.html"):
            page.goto(file.as_uri())
            page.locator("mjx-container").first.wait_for(state="attached")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            too_wide = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
            assert page.locator("[data-recording]").evaluate_all(too_wide) == 0
