"""The explorers without a browser: compute and draw alone, then the shell with its widgets."""

import base64
import io
import sys
import threading
import types
import xml.etree.ElementTree as ET
from datetime import datetime

import numpy as np
import pytest
import traitlets
from ipywidgets import Checkbox
from PIL import Image

from lic_teach import images
from lic_teach.kit import base, controls, plots, readout
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import LamSlider, Picture, Slider, Wipe, encode_picture

SVG = "{http://www.w3.org/2000/svg}"


def opened(data):
    """Encoded bytes -> format, uint8 (H, W, 3)."""
    picture = Image.open(io.BytesIO(data))
    return picture.format, np.array(picture.convert("RGB"))


def cropped(image):
    """A small picture, so that a test is quick: uint8 (96, 128, 3)."""
    return image[64:160, 160:288].copy()


# --- controls ----------------------------------------------------------------------------


def test_encode_picture_is_lossless():
    image = cropped(images.sample("astronaut"))
    kind, back = opened(encode_picture(image))
    assert kind == "WEBP"
    np.testing.assert_array_equal(back, image)
    np.testing.assert_array_equal(controls.decode_picture(encode_picture(image)), image)


@pytest.mark.parametrize(
    "slider, asked, held",
    [
        (Slider(75, 1, 100), 50, 50),
        (Slider(75, 1, 100), 49.7, 50),
        (Slider(75, 1, 100), 1000, 100),
        (Slider(0.5, 0, 1, step=0.1), 1, 1.0),
        (LamSlider(), 0.02, 0.02),
        (LamSlider(), 1, 0.1),
        (LamSlider(), 0, 5e-4),
    ],
)
def test_slider_holds_its_value_inside_its_limits(slider, asked, held):
    slider.value = asked
    assert slider.value == held and type(slider.value) is type(held)


def test_slider_refuses_what_is_no_number():
    with pytest.raises(traitlets.TraitError):
        LamSlider().value = "much"


def test_wipe_still_shows_both_sides_and_the_border():
    left, right = np.zeros((2, 4, 10, 3), np.uint8)
    left[:], right[:] = 40, 200
    wipe = Wipe(value=(encode_picture(left), encode_picture(right)), position=0.5)
    kind, still = opened(wipe.still())
    assert kind == "PNG"
    assert still[0, :, 0].tolist() == [40] * 4 + [255] * 2 + [200] * 4


def test_of_a_pair_only_what_changed_goes_to_the_browser(monkeypatch):
    sent = []
    monkeypatch.setattr(Wipe, "_send", lambda self, msg, buffers=None: sent.append((msg, buffers)))
    one, two, three = (encode_picture(np.full((4, 6, 3), level, np.uint8)) for level in (1, 2, 3))
    wipe = Wipe(value=(one, two))
    sent.clear()
    for pair, changed in [
        ((one, three), {"right": three}),
        ((two, three), {"left": two}),
        ((one, two), {"left": one, "right": two}),
    ]:
        wipe.value = tuple(map(bytes, map(bytearray, pair)))  # others, of the same bytes
        ((message, buffers),) = sent
        paths = [".".join(path) for path in message["buffer_paths"]]
        assert dict(zip(paths, map(bytes, buffers), strict=True)) == changed
        sent.clear()
    wipe.value = (one, two)
    assert not sent


# --- the base, on the example of its docstring -------------------------------------------


def posterize(image, bits):
    if bits == 7:
        raise ValueError("seven <is> unlucky")
    return bits, (image >> (8 - bits)) << (8 - bits)


def draw(result):
    summary = f"{result[0]} bits a sample"
    return View(encode_picture(result[1]), f"<p>{summary}</p>", summary)


class Posterize(Explorer):
    compute = staticmethod(posterize)
    draw = staticmethod(draw)

    def __init__(self, image="astronaut", **more):
        super().__init__(image, bits=Slider(3, 1, 8, label="Kept", unit="bits"), **more)


@pytest.fixture
def posterized():
    return Posterize(cropped(images.sample("coffee")))


def test_a_control_is_an_attribute_and_a_move_updates(posterized):
    ex, before = posterized, posterized.picture.value
    ex.bits = 2
    assert ex.controls["bits"].value == 2 and ex.state == {"bits": 2}
    assert ex.readout.value == "<p>2 bits a sample</p>" and ex.picture.value != before
    np.testing.assert_array_equal(opened(ex.picture.value)[1], ex.image >> 6 << 6)
    ex.controls["bits"].value = 4
    assert ex.bits == 4 and ex.readout.summary == ex.picture.alt == "4 bits a sample"


def test_a_value_outside_the_limits_is_brought_inside(posterized):
    posterized.bits = 100
    assert posterized.bits == 8 and posterized.result[0] == 8


def test_reset_and_set_update_once(posterized):
    ex, updates = posterized, []
    ex.bits = 6
    ex.readout.observe(updates.append, "value")
    ex._reset.click()
    assert ex.bits == 3 and len(updates) == 1
    ex.set(bits=5)
    assert ex.result[0] == 5 and len(updates) == 2


class Tried(Posterize):
    tries = {
        "2 <bits>": (dict(bits=2), "Where are <b>steps</b>?", "In the sky."),
        "the rocket": (dict(image="rocket"), "And here?", "Everywhere."),
    }


def test_a_press_sets_controls_and_picture_with_one_update():
    ex, updates = Tried("coffee"), []
    ex.readout.observe(updates.append, "value")
    ex.press("2 <bits>")
    assert ex.state == {"bits": 2} and len(updates) == 1 and ex._chooser.value == "coffee"
    ex.picture.observe(updates.append, "value")
    ex._tries.pressed = "the rocket"  # what is not named stands as at first: three bits
    assert ex.state == {"bits": 3} and ex._chooser.value == "rocket" and len(updates) == 3
    np.testing.assert_array_equal(ex.image, images.sample("rocket"))
    ex.bits = 7 - 1
    ex._tries.pressed = "the rocket"
    assert ex.bits == 3
    with pytest.raises(KeyError):
        ex.press("never heard of")


def test_the_tries_stand_under_everything_and_say_all_without_a_script():
    ex = Tried("coffee")
    assert list(base.leaves(ex))[-1] is ex._tries
    html = ET.fromstring(ex._tries.value)
    items = html.findall(".//li")
    assert [item.find("b").get("data-try") for item in items] == list(Tried.tries)
    assert [item.find("b").text for item in items] == list(Tried.tries)
    assert items[0].find("span/b").text == "steps"
    assert [item.find("details").text or item.find("details/summary").tail for item in items] == [
        "In the sky.",
        "Everywhere.",
    ]
    assert not [w for w in base.leaves(Posterize("coffee")) if isinstance(w, controls.Tries)]


def test_a_press_that_fails_is_said_in_words_and_the_button_can_be_pressed_again():
    class Unlucky(Posterize):
        tries = {"7 bits": (dict(bits=7), "?", "!")}

    ex = Unlucky("coffee")
    for _ in range(2):
        with pytest.raises(ValueError, match="unlucky"):
            ex._tries.pressed = "7 bits"
        assert ex._tries.pressed == "" and "lic-error" in ex.readout.value


def test_an_exception_is_said_in_words_and_raised_again(posterized):
    with pytest.raises(ValueError, match="unlucky"):
        posterized.bits = 7
    assert "seven &lt;is&gt; unlucky" in posterized.readout.value
    assert posterized.readout.summary == "seven <is> unlucky"
    posterized.bits = 6
    assert posterized.readout.value == "<p>6 bits a sample</p>"


def test_a_control_must_not_hide_what_every_explorer_has():
    with pytest.raises(ValueError, match="cannot be called 'layout'"):
        Explorer("coffee", layout_=Checkbox(), **{"layout": Checkbox()})


def test_pictures_by_name_path_array_and_chooser(tmp_path):
    ex = Posterize("coffee")
    assert ex._chooser.value == "coffee"
    images.save(tmp_path / "mine.png", cropped(ex.image))
    ex.load(str(tmp_path / "mine.png"))
    np.testing.assert_array_equal(ex.image, cropped(images.sample("coffee")))
    assert ex._chooser.value == str(tmp_path / "mine.png")
    ex._chooser.value = "rocket"
    np.testing.assert_array_equal(ex.image, images.sample("rocket"))
    ex._chooser.value = str(tmp_path / "mine.png")
    assert ex.image.shape == (96, 128, 3)
    for level in (10, 200):  # a second array takes the place of the first
        ex.load(np.full((16, 16, 3), level, np.uint8))
        assert ex.image[0, 0, 0] == level and ex.result[1].shape == (16, 16, 3)


def upload(name, content):
    return {
        "name": name,
        "type": "image/png",
        "size": len(content),
        "content": memoryview(content),
        "last_modified": datetime(2024, 1, 1),
    }


def test_upload(posterized, tmp_path):
    path = tmp_path / "cat.png"
    images.save(path, cropped(images.sample("chelsea")))
    posterized._upload.value = (upload("cat.png", path.read_bytes()),)
    np.testing.assert_array_equal(posterized.image, cropped(images.sample("chelsea")))
    assert posterized._chooser.value == "cat.png"
    with pytest.raises(ValueError, match="no picture"):
        posterized._upload.value = (upload("letter.txt", b"Dear Sir"),)
    assert "letter.txt" in posterized.readout.value
    assert posterized._chooser.value == "cat.png"


def as_png(level, mode="RGB"):
    """A flat picture of 20 x 30 pixels as the bytes of a PNG."""
    file = io.BytesIO()
    Image.new(mode, (30, 20), (level,) * len(mode)).save(file, "PNG")
    return file.getvalue()


def give(ex, name, content):
    ex._upload.value = (upload(name, content),)


def test_a_second_upload_of_the_same_name_is_another_picture(posterized):
    ex, first = posterized, posterized._chooser.options
    for level, name in ((10, "image.png"), (20, "image.png (2)"), (30, "image.png (3)")):
        give(ex, "image.png", as_png(level))
        assert ex.image[0, 0, 0] == level and ex._chooser.value == name
    assert ex._chooser.options == (*first, "image.png", "image.png (2)", "image.png (3)")
    ex._chooser.value = "image.png"
    assert ex.image[0, 0, 0] == 10
    give(ex, "image.png (2)", as_png(40))  # a name that somebody else was given
    assert ex.image[0, 0, 0] == 40 and ex._chooser.value == "image.png (2) (2)"


def test_the_same_upload_twice_is_one_picture(posterized):
    for level in (10, 20, 10, 20, 10):
        give(posterized, "image.png", as_png(level))
        assert posterized.image[0, 0, 0] == level
    found = [name for name in posterized._chooser.options if name.startswith("image.png")]
    assert found == ["image.png", "image.png (2)"]


def test_a_file_written_anew_is_read_anew(posterized, tmp_path):
    path = tmp_path / "mine.png"
    for ask in (str, type(path)):
        for level in (10, 20):
            path.write_bytes(as_png(level))
            posterized.load(ask(path))
            assert posterized.image[0, 0, 0] == level
    with pytest.raises(FileNotFoundError):
        path.unlink()
        posterized.load(path)


@pytest.mark.parametrize("name", [*images.SAMPLES, "your array"])
def test_a_file_called_like_a_sample_is_the_learners(posterized, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(as_png(7))
    file = io.BytesIO(as_png(8))
    file.name = name
    for ask, level in ((tmp_path / name, 7), (file, 8)):
        posterized.load(ask)
        assert posterized.image.shape == (20, 30, 3) and posterized.image[0, 0, 0] == level
        assert posterized._chooser.value not in (*images.SAMPLES, "your array")
    if name in images.SAMPLES:
        posterized.load(name)
        np.testing.assert_array_equal(posterized.image, images.sample(name))
        assert posterized._chooser.value == name


def test_an_open_file_can_be_given_again_and_needs_no_name(posterized, tmp_path):
    path = tmp_path / "mine.png"
    path.write_bytes(as_png(9))
    with open(path, "rb") as file:
        for _ in range(2):
            posterized.load("coffee")
            posterized.load(file)
            assert posterized.image[0, 0, 0] == 9 and posterized._chooser.value == str(path)
    for level, name in ((11, "your file"), (12, "your file (2)")):
        posterized.load(io.BytesIO(as_png(level)))
        assert posterized.image[0, 0, 0] == level and posterized._chooser.value == name


def test_one_picture_under_two_names_is_prepared_once_and_each_name_has_its_note():
    class Counting(Posterize):
        prepared = 0

        def prepare(self, image):
            self.prepared += 1
            return image

    ex = Counting("coffee")
    for name in ("a.png", "b.png"):
        give(ex, name, as_png(100, "RGBA"))
        assert f"{name}: transparent" in ex.readout.value and ex._chooser.value == name
    assert ex.prepared == 2 and {"a.png", "b.png"} <= set(ex._chooser.options)
    ex._chooser.value = "a.png"
    assert "a.png: transparent" in ex.readout.value


@pytest.mark.parametrize("bad", [np.zeros((8, 8, 3)), np.zeros((8, 8), np.uint8)])
def test_an_array_that_is_no_picture_is_refused_in_words(posterized, bad):
    with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\)"):
        posterized.load(bad)
    assert "That did not work" in posterized.readout.value


def test_a_large_picture_is_scaled_down_and_keeps_its_shape():
    large = np.zeros((1200, 2400, 3), np.uint8)
    height, width = base.fit(large).shape[:2]
    assert height * width <= base.MAX_PIXELS * 1.01 and width / height == pytest.approx(2, 0.01)
    for name in images.SAMPLES:
        assert base.fit(images.sample(name)).shape == images.sample(name).shape


def test_no_side_is_longer_than_webp_allows():
    long = np.zeros((60_000, 1, 3), np.uint8)
    assert base.fit(long).shape == (16383, 1, 3)
    opened(encode_picture(base.fit(long)))


def test_how_a_picture_was_read_is_said_beside_it(posterized, tmp_path):
    path = tmp_path / "<logo>.png"
    Image.fromarray(np.full((20, 30, 4), 128, np.uint8)).save(path)
    posterized.load(path)
    assert "&lt;logo&gt;.png: transparent pixels, put on white" in posterized.readout.value
    posterized.bits = 2
    assert "put on white" in posterized.readout.value
    posterized.load("coffee")
    assert "put on white" not in posterized.readout.value


def test_prepare_runs_once_a_picture():
    class Counting(Posterize):
        prepared = []

        def prepare(self, image):
            self.prepared.append(image.shape)
            return image

    ex = Counting("coffee")
    ex.bits = 2
    ex.load("rocket")
    ex.load("coffee")
    assert ex.prepared == [(400, 600, 3), (427, 640, 3)]


class Pick(Explorer):
    def compute(self, image, at):
        return image[at[0], at[1]]

    def draw(self, pixel):
        return View(b"", "", str(pixel.tolist()))


def test_a_click_in_the_picture_reaches_compute():
    ex = Pick("coffee", picture=Picture(cell=8))
    ex.picture.at = (16, 24)
    assert ex.readout.summary == str(images.sample("coffee")[16, 24].tolist())
    ex.set(at=(8, 0))
    assert ex.readout.summary == str(images.sample("coffee")[8, 0].tolist())


@pytest.mark.parametrize(
    "shape, at", [((20, 50, 3), (16, 48)), ((16, 8, 3), (8, 0)), ((1, 1, 3), (0, 0))]
)
def test_the_choice_stays_inside_a_smaller_picture(shape, at):
    ex = Pick("coffee", picture=Picture(cell=8, at=(392, 592)))
    ex.load(np.full(shape, 9, np.uint8))
    assert ex.picture.at == at and ex.readout.summary == "[9, 9, 9]"
    ex.picture.at = (-5, 1000)
    assert ex.picture.at == (0, at[1])


def test_reset_takes_the_choice_back_too():
    ex, updates = Pick("coffee", picture=Picture(cell=8, at=(16, 24))), []
    first = ex.readout.summary
    ex.picture.at = (200, 200)
    assert ex.readout.summary != first
    ex.readout.observe(updates.append, "summary")
    ex._reset.click()
    assert ex.picture.at == (16, 24) and ex.readout.summary == first and len(updates) == 1


def test_a_figure_without_a_photograph():
    class Curve(Explorer):
        def compute(self, _, mu):
            return mu

        def draw(self, mu):
            return View(b"", "", f"mu {mu}", plots.svg(40, 20, "a <b>", plots.text(1, 9, mu)))

    ex = Curve(image=None, mu=Slider(1, 0, 9))
    ex.mu = 4
    bundle = ex._repr_mimebundle_()
    svg = ET.fromstring(ex.plot.value)
    assert [text.text for text in svg.iter(SVG + "text")] == ["4"]
    assert svg.get("aria-label") == "a <b>"
    assert bundle["text/plain"] == "Curve: mu 4" and "image/png" in bundle


def test_a_figure_of_words_alone():
    class Words(Explorer):
        def compute(self, _, n):
            return n

        def draw(self, n):
            return View(b"", f"<p>{n}</p>", f"n is {n}")

    bundle = Words(image=None, n=Slider(1, 0, 9))._repr_mimebundle_()
    assert bundle["text/plain"] == "Words: n is 1"
    assert opened(base64.b64decode(bundle["image/png"]))[1].min() < 50  # words on white


def explorer_with(layout, **more):
    class Numbers(Explorer, layout=layout, **more):
        def compute(self, _, n):
            return n

        def draw(self, n):
            return View(
                b"", f"<p>{n}</p>", f"n is {n}", plots.svg(40, 20, "n", plots.text(1, 9, n))
            )

    return Numbers


@pytest.mark.parametrize(
    "layout, order",
    [
        ("beside", ["picture", "plot", "readout"]),
        ("under", ["picture", "readout", "plot"]),
        ("drawing first", ["plot", "picture", "readout"]),
        ("drawing", ["plot", "readout"]),
    ],
)
def test_how_the_parts_stand_is_named(layout, order):
    kind = explorer_with(layout)
    for image in (None, cropped(images.sample("rocket"))):
        ex = kind(image, n=Slider(1, 0, 9))
        names = {getattr(ex, name): name for name in ("picture", "plot", "readout", "_reset")}
        found = [names.get(widget) for widget in base.leaves(ex)]
        if image is None:  # reset beside the controls: there is no picture to choose
            assert found == [None, "_reset", *order]
        else:
            assert found == [None, *order, None, None, "_reset"]


def test_a_control_that_the_body_places_stands_there_alone():
    class Placed(explorer_with("beside")):
        def _body(self):
            return [base.column(self.plot, self.controls["n"])]

    ex = Placed(None, n=Slider(1, 0, 9))
    assert list(base.leaves(ex)) == [ex._reset, ex.plot, ex.controls["n"]]


def test_an_unknown_layout_is_said_in_words():
    with pytest.raises(ValueError, match="no layout 'above'"):
        explorer_with("above")(None, n=Slider(1, 0, 9))


def test_the_functions_of_a_module_are_its_explorers_and_a_classs_own_come_first():
    module = types.ModuleType("a_figure")
    source = """
from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider

def prepare(image):
    return "prepared"

def compute(source, n):
    return source, n

def draw(result):
    return View(b"", "", "the module's {} {}".format(*result))

class Module(Explorer):
    pass

class Own(Explorer):
    def draw(self, result):
        return View(b"", "", "its own {} {}".format(*result))
"""
    sys.modules["a_figure"] = module
    exec(source, module.__dict__)
    found = [kind(None, n=Slider(1, 0, 9)) for kind in (module.Module, module.Own)]
    assert [ex.readout.summary for ex in found] == ["the module's prepared 1", "its own prepared 1"]
    del sys.modules["a_figure"]


def test_a_page_without_a_kernel_gets_a_picture_and_a_sentence(posterized):
    bundles = [posterized._repr_mimebundle_(), Posterize(posterized.image)._repr_mimebundle_()]
    for bundle in bundles:
        assert bundle["text/plain"] == "Posterize: 3 bits a sample"
        kind, still = opened(base64.b64decode(bundle["image/png"]))
        assert kind == "PNG"
        top, left = 8 + 16 + 12, 8  # under the slider; a small picture three times as large
        photo = still[top : top + 3 * 96 : 3, left : left + 3 * 128 : 3].astype(int)
        assert np.abs(photo - (posterized.image >> 5 << 5)).mean() < 4
        assert "application/vnd.jupyter.widget-view+json" in bundle


def test_two_threads_of_the_kernel_move_one_after_the_other():
    """A move that comes while another one is drawn is not lost: the second waits for the first."""
    drawn, go = threading.Event(), threading.Event()

    class Late(Explorer):
        def compute(self, _, a, b):
            return a, b

        def draw(self, result):
            return View(b"", str(result), str(result))

        def update(self, change=None):
            super().update(change)
            with self._hold():
                if change:
                    drawn.set()
                    assert go.wait(20)

    ex = Late(None, a=Slider(0, 0, 9, label="a"), b=Slider(0, 0, 9, label="b"))
    moves = [threading.Thread(target=setattr, args=(ex, name, 1)) for name in "ab"]
    moves[0].start()
    assert drawn.wait(20)
    moves[1].start()
    moves[1].join(0.5)
    go.set()
    for move in moves:
        move.join(20)
    assert ex.result == (1, 1) and ex.readout.summary == "(1, 1)"


# --- tables and figures of the readout ---------------------------------------------------


def test_readout_table():
    svg = ET.fromstring(readout.table([("a", 1, "<b>2</b>"), ("c", 3, 4)], ("", "x", "y")))
    rows = [["".join(cell.itertext()) for cell in row] for row in svg.iter("tr")]
    assert rows == [["", "x", "y"], ["a", "1", "2"], ["c", "3", "4"]]


def test_readout_table_of_a_picture_that_comes_back_exactly():
    assert "<td>∞</td>" in readout.table([("PSNR, dB", f"{float('inf'):.2f}")])


def test_readout_figures_are_lossless():
    image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    html = ET.fromstring(readout.figures([("block", image), ("again", image)], 96))
    imgs = list(html.iter("img"))
    assert [i.get("alt") for i in imgs] == ["block", "again"] and imgs[0].get("width") == "96"
    data = base64.b64decode(imgs[1].get("src").split(",")[1])
    np.testing.assert_array_equal(opened(data)[1][..., 0], image)
