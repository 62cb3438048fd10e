"""The still picture of an explorer: all of it in one PNG. (Those of the course: test_tries.py.)"""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from ipywidgets import HTML, Box, Checkbox, VBox
from PIL import Image

from lic_teach.course.rate_distortion.tangent import Tangent
from lic_teach.kit import plots, readout, stills, typeset
from lic_teach.kit.controls import Picture, Readout, Slider, Tries, Wipe, choice, encode_picture


def opened(data):
    """PNG bytes -> uint8 (H, W, 3)."""
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "PNG"
    return np.array(picture.convert("RGB"))


def flat(level, height=40, width=200):
    return np.full((height, width, 3), level, np.uint8)


def colours(image):
    return {tuple(c) for c in image.reshape(-1, 3).tolist()}


def test_every_part_of_an_explorer_is_in_it():
    parts = {
        "picture": Picture(value=encode_picture(flat((10, 90, 200)))),
        "drawing": HTML(plots.svg(30, 30, "", '<rect width="30" height="30" fill="#c01080"/>')),
        "words": Readout(value='<p><span style="color:#00a040">■■■</span></p>'),
    }
    inks = {"picture": (10, 90, 200), "drawing": (192, 16, 128), "words": (0, 160, 64)}
    whole = colours(opened(stills.still(list(parts.values()))))
    for name, ink in inks.items():
        assert ink in whole
        others = [part for other, part in parts.items() if other != name]
        assert ink not in colours(opened(stills.still(others)))


def test_boxes_lie_in_it_as_on_the_screen():
    red, blue = (Picture(value=encode_picture(flat(c))) for c in ((200, 0, 0), (0, 0, 200)))
    for box, axis in ((Box, 1), (VBox, 0)):
        image = opened(stills.still([box([red, blue])]))
        places = [np.argwhere((image == c).all(-1)) for c in ((200, 0, 0), (0, 0, 200))]
        assert places[0][:, axis].max() < places[1][:, axis].min()
        assert len(places[0]) == len(places[1]) == 40 * 200  # a pixel a pixel


@pytest.mark.parametrize("size", [(1, 1), (16383, 1), (1, 3000), (2000, 300)])
def test_a_picture_of_any_shape_has_a_place(size):
    image = opened(stills.still([Picture(value=encode_picture(flat((10, 90, 200), *size)))]))
    found = np.argwhere((image == (10, 90, 200)).all(-1))
    tall, wide = np.ptp(found, axis=0) + 1
    assert 1 <= tall <= 640 and 1 <= wide <= 451
    assert tall == pytest.approx(min(size[0] / size[1] * wide, 640), abs=1.5)


def test_a_drawing_of_many_colours_and_noise_still_make_a_picture():
    rects = "".join(f'<rect width="9" height="{n}" fill="#{n:06x}"/>' for n in range(300, 1, -1))
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    parts = [Picture(value=encode_picture(noise)), HTML(plots.svg(9, 300, "", rects))]
    assert len(data := stills.still(parts)) < 200_000
    assert opened(data).shape[1] == 943


def test_a_row_that_is_too_wide_goes_on_below():
    wide = [Picture(value=encode_picture(flat(level, 20, 450))) for level in (50, 100, 150)]
    image = opened(stills.still([Box(wide)]))
    rows = [np.flatnonzero((image == level).all(-1).any(1))[0] for level in (50, 100, 150)]
    assert rows[0] == rows[1] < rows[2]


def test_both_sides_of_a_wipe_and_their_names():
    wipe = Wipe(value=tuple(encode_picture(flat(level)) for level in (60, 220)), names=("a", "b"))
    image = opened(stills.still([wipe]))
    top = np.flatnonzero((image == 60).all(-1).any(1))[0]
    line = image[top + 38]
    assert (line[8:100] == 60).all() and (line[115:208] == 220).all()
    unnamed = opened(stills.still([Wipe(value=wipe.value, names=("", ""))]))
    assert (image != unnamed).any()


@pytest.mark.parametrize(
    "one, other",
    [
        (Slider(3, 0, 9, label="x"), Slider(7, 0, 9, label="x")),
        (Slider(3, 0, 9, label="x"), Slider(3, 0, 9, label="y")),
        (choice("Show", ["a", "b"]), choice("Show", ["a", "b"], "b")),
        (Checkbox(value=False, description="c"), Checkbox(value=True, description="c")),
        (Tries({"a": ({}, "why?", "!")}), Tries({"a": ({}, "how?", "!")})),
    ],
)
def test_a_control_shows_where_it_stands(one, other):
    pictures = [opened(stills.still([VBox([each])])) for each in (one, other)]
    assert pictures[0].shape != pictures[1].shape or (pictures[0] != pictures[1]).any()


def test_what_there_is_to_see_stays_folded():
    pictures = [stills.still([Tries({"a": ({}, "why?", see)})]) for see in ("no", "yes, indeed")]
    assert pictures[0] == pictures[1]


def test_a_drawing_shows_itself_where_no_svg_may_be_shown():
    box = '<rect width="50" height="40" style="fill:var(--lic-jpeg, #d9730d)"/>'
    bundle = stills.Drawing(plots.svg(90, 40, 'a > "b" & c', box))._repr_mimebundle_()
    assert bundle["text/plain"] == 'a > "b" & c'
    image = opened(base64.b64decode(bundle["image/png"]))
    assert image.shape == (40, 90, 3)
    assert (image[:, :49] == (217, 115, 13)).all() and (image[:, 51:] == 255).all()
    paper, drawn = ElementTree.fromstring(bundle["image/svg+xml"])  # white, under all else
    assert paper.get("fill") == "#fff" and drawn.get("height") == "40"


# --- words, tables and drawings ----------------------------------------------------------


def words_of(piece):
    return re.findall(r">([^<]+)</text>", piece.svg)


def test_a_table_stands_in_columns():
    piece = typeset.html(readout.table([("R", 1), ("a longer name", 12345)], ("", "bits")), 400)
    assert words_of(piece) == ["bits", "R", "1", "a", "longer", "name", "12345"]
    assert piece.width == pytest.approx(
        typeset.length("a longer name") + typeset.length("12345") + 14, abs=1
    )


def test_words_are_broken_where_the_room_ends_and_keep_their_spaces():
    piece = typeset.html("<p>one <b>two</b> three</p>", 1000)
    whole = sum(typeset.length(w) for w in ("one ", " three")) + typeset.length("two", True)
    assert piece.height == typeset.LINE and piece.width == pytest.approx(whole, abs=1)
    assert typeset.html("<p>one <b>two</b> three</p>", 50).height == 2 * typeset.LINE
    assert words_of(typeset.html("<p>a &lt; b &amp; c</p>", 400)) == [
        "a",
        "&lt;",
        "b",
        "&amp;",
        "c",
    ]


def test_a_drawing_inside_a_drawing_is_one_piece_and_takes_the_colours_of_a_white_page():
    inner = plots.svg(10, 10, "", f'<rect width="10" height="10" style="fill:{plots.JPEG}"/>')
    piece = typeset.html(f"<p>before</p>{plots.svg(60, 30, '', inner)}<p>after</p>", 400)
    assert words_of(piece) == ["before", "after"] and piece.height == 2 * 16 + 30 + 2 * typeset.GAP
    assert "var(" not in piece.svg and piece.svg.count("<svg") == piece.svg.count("</svg>") == 2
    assert "#d9730d" in piece.svg


def test_small_pictures_stand_over_their_names():
    pieces = readout.figures([("left", flat(9, 8, 8)), ("right", flat(99, 8, 8))], 80)
    piece = typeset.html(pieces, 400)
    assert words_of(piece) == ["left", "right"] and piece.svg.count("<image") == 2
    assert piece.width == 80 + 12 + 80 and piece.height == 80 + 2 + typeset.LINE


def every(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def test_a_drawing_that_can_be_taken_hold_of_is_drawn():
    explorer = Tangent(np.zeros((32, 32, 3), np.uint8))
    drawings = [w for w in every(explorer) if str(getattr(w, "value", "")).startswith("<svg")]
    assert explorer.plot in drawings
    assert all(stills.piece(drawing, 440).height > 100 for drawing in drawings)
