"""The scoreboard: bars left of zero, with their numbers."""

import xml.etree.ElementTree as ET

import pytest

from lic_teach.kit.scoreboard import Row, scoreboard

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    Row("two flat steps", -14.0, (-18.0, -9.0), "jpeg_by_lambda"),
    Row("a < b", -28.0),
    Row("worse", 7.0, (3.0, 12.0)),
]


def parts(rows):
    drawing = ET.fromstring(scoreboard(rows, "Who saves what", "libjpeg"))
    bars = [(float(r.get("x")), float(r.get("width"))) for r in drawing.iter(SVG + "rect")]
    return drawing, bars


def test_bars_are_as_long_as_their_numbers_and_end_at_zero():
    _, bars = parts(ROWS)
    (x, width), (_, twice), (zero, other) = bars
    assert twice == pytest.approx(2 * width, abs=0.2) and other == pytest.approx(width / 2, abs=0.2)
    assert x + width == pytest.approx(zero, abs=0.2)


def test_every_row_has_its_words_and_number():
    drawing, _ = parts(ROWS)
    texts = ["".join(t.itertext()) for t in drawing.iter(SVG + "text")]
    for words in ("two flat steps (jpeg_by_lambda)", "a < b", "−14 %", "−28 %", "+7 %"):
        assert words in texts
    assert "bytes at equal PSNR, against libjpeg" in texts
    assert "two flat steps −14.0 percent" in drawing.get("aria-label")


def test_nothing_lies_outside_the_drawing_and_no_number_on_words():
    for rows in (ROWS, [Row("one", -90.0, (-99.0, -10.0))], [Row("nothing", 0.0)]):
        drawing, bars = parts(rows)
        width = float(drawing.get("width"))
        assert all(250 <= x and x + w <= width for x, w in bars)
        numbers = [t for t in drawing.iter(SVG + "text") if t.get("text-anchor") == "end"]
        assert len(numbers) == len(rows) and all(float(t.get("x")) > 280 for t in numbers)
