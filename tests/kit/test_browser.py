"""Lessons in a real JupyterLab: what a learner does with mouse and keys, and what then shows."""

import base64
import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from lic_teach import contents, images, jpeg, learned
from lic_teach.kit.controls import encode_picture, encode_png, script
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all

pytestmark = pytest.mark.browser

LESSON = contents.notebook("start_here")

# An explorer that takes its time, so that a drag is much faster than it.
SLOW = """
import time
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider

class Slow(Explorer):
    moves = []

    def compute(self, _, n):
        time.sleep(0.2)
        self.moves.append(n)
        return n

    def draw(self, n):
        return View(b"", f"<p>{n} after {len(self.moves)}</p>", f"{n}")

Slow(image=None, n=Slider(0, 0, 200, label="Number"))
"""

# The samples of a picture by canvas.js, and by an <img>; what becomes of none.
TWICE = """async ([script, base64]) => {
    const decode = new Function(`${script}; return decode`)();
    const text = atob(base64);
    const bytes = new DataView(Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
    const img = new Image();
    img.src = URL.createObjectURL(new Blob([bytes]));
    await img.decode();
    const samples = (picture) => {
        const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
        const context = canvas.getContext("2d");
        context.drawImage(picture, 0, 0);
        return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
    };
    return [samples(await decode(bytes)), samples(img)];
}"""
REFUSED = """async (script) => {
    const decode = new Function(`${script}; return decode`)();
    const refused = [new DataView(new ArrayBuffer(9)), "no-such-picture.webp"].map((picture) =>
        decode(picture).then(() => false, () => true));
    return Promise.all(refused);
}"""

# A hundred values within a second or two, as a fast drag sends them.
DRAG = """async (input) => {
    for (let value = 1; value <= 100; value++) {
        input.value = value;
        input.dispatchEvent(new Event("input"));
        await new Promise((done) => setTimeout(done, 10));
    }
}"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    path = tmp_path_factory.mktemp("slow") / "slow.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def address(slow):
    with jupyterlab([LESSON, slow]) as address:
        yield address


@pytest.fixture
def page():
    with chromium() as page:
        yield page


def shown(page):
    """What the learner sees of the duel: its two pictures and the text of its readout."""
    text = page.locator(".lic-readout table").inner_text()
    return pictures(page.locator(".lic-wipe canvas")), text


def changed(page, before):
    """Wait until both pictures and the readout are others than before."""
    different = "old => document.querySelector('.lic-readout table').innerText !== old"
    page.wait_for_function(different, arg=before[1])
    new_pictures(page.locator(".lic-wipe canvas"), before[0])
    return shown(page)


@pytest.mark.parametrize("lacks", ["", "window.ImageDecoder", "Uint8Array.prototype.toBase64"])
def test_a_picture_is_the_same_in_every_browser(tmp_path, page, lacks):
    cat = images.sample("chelsea")[:99, :101]
    blank = tmp_path / "blank.html"
    blank.write_text("<!doctype html>", encoding="utf-8")
    page.goto(blank.as_uri())
    if lacks:
        assert page.evaluate(f"typeof {lacks} === 'function' && delete {lacks}")
    for data in (encode_picture(cat), encode_png(cat), jpeg.encode(cat, 50, subsampling="4:2:0")):
        ours, usual = page.evaluate(TWICE, [script("canvas"), base64.b64encode(data).decode()])
        assert ours == usual and len(ours) == 4 * cat.size // 3
    assert page.evaluate(REFUSED, script("canvas")) == [True, True]


PNG = """async canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    copy.getContext("2d").drawImage(canvas, 0, 0);
    const file = await copy.convertToBlob();
    return [...new Uint8Array(await file.arrayBuffer())];
}"""


def seen(canvas):
    """The samples that a canvas shows."""
    data = bytes(canvas.evaluate(PNG))
    return np.array(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_lesson_00_shows_what_the_files_decode_to(address, page):
    open_notebook(page, address, LESSON.name)
    run_all(page)
    page.get_by_role("cell", name="quality 23").wait_for()
    canvases, cat = page.locator(".lic-wipe canvas"), images.sample("chelsea")
    canvases.last.wait_for()
    model = learned.load()
    by_network = learned.decode(learned.encode(cat, model, 0.01), model)
    np.testing.assert_array_equal(seen(canvases.last), by_network)
    by_jpeg = jpeg.encode(cat, 23)  # here the browser decodes the file, not we
    assert np.abs(seen(canvases.first) - np.array(Image.open(io.BytesIO(by_jpeg)))).max() <= 1
    assert np.abs(seen(canvases.first) - jpeg.decode(by_jpeg)).max() <= 4


def test_lesson_00_the_slider_moves_picture_and_readout(address, page):
    open_notebook(page, address, LESSON.name)
    run_all(page)
    slider = page.get_by_role("slider", name="λ", exact=True)
    slider.wait_for()
    first = shown(page)
    value = slider.get_attribute("aria-valuetext")
    assert value.startswith("lambda ") and value.endswith(
        "bits per pixel per unit of squared error"
    )

    slider.focus()
    slider.press("PageUp")
    by_key = changed(page, first)
    assert slider.get_attribute("aria-valuetext") != value

    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    by_press = changed(page, by_key)
    page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=6)
    page.mouse.up()
    changed(page, by_press)

    slider.press("Home")
    at = page.locator(".lic-readout").get_by_role("cell")  # the same words stand on a button
    at.get_by_text("λ = 0.0005", exact=True).wait_for()
    page.get_by_role("button", name="Reset").click()
    at.get_by_text("λ = 0.01", exact=True).wait_for()


def test_lesson_00_wipe_enlarge_and_upload(address, page, tmp_path):
    open_notebook(page, address, LESSON.name)
    run_all(page)
    wipe = page.get_by_role("slider", name="Wipe from JPEG to learned")
    wipe.wait_for()
    at = "stage => stage.style.getPropertyValue('--at')"
    stage = page.locator(".lic-wipe .lic-stage")
    wipe.focus()
    wipe.press("ArrowRight")
    assert stage.evaluate(at) == "51%"
    box = wipe.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2)
    assert stage.evaluate(at) == "20%"
    enlarged = "stage => new DOMMatrix(getComputedStyle(stage.querySelector('canvas')).transform).a"
    for times in (2, 4, 1):
        page.get_by_role("button", name="Enlarged").click()
        assert stage.evaluate(enlarged) == times

    images.save(tmp_path / "mine.png", images.sample("coffee")[100:180, 200:320])
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your own picture").click()
    chooser.value.set_files(tmp_path / "mine.png")
    page.wait_for_function("document.querySelector('.lic-wipe canvas').width === 120")
    assert page.get_by_label("Picture", exact=True).input_value() == "mine.png"

    images.save(tmp_path / "few.png", images.sample("coffee")[100:107, 200:213])
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Your own picture").click()
    chooser.value.set_files(tmp_path / "few.png")
    page.wait_for_function("document.querySelector('.lic-wipe canvas').width === 13")
    assert [wipe.bounding_box()[side] for side in ("width", "height")] == [12 * 13, 12 * 7]


def test_while_one_update_computes_only_the_newest_value_waits(address, page):
    open_notebook(page, address, "slow.ipynb")
    run_all(page)
    slider = page.get_by_role("slider", name="Number")
    slider.wait_for()
    slider.evaluate(DRAG)
    page.get_by_text("100 after").wait_for()
    last, updates = page.locator(".lic-readout p").first.inner_text().split(" after ")
    assert last == "100" and int(updates) < 50
