"""The scoreboard: bars left of zero, with their numbers."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from scipy.interpolate import Akima1DInterpolator

from lic_teach import contents, images
from lic_teach.kit.scoreboard import FILE as scoreboard_file
from lic_teach.kit.scoreboard import Row, board, scoreboard
from lic_teach.study import table
from lic_teach.study.codecs import CODECS, pillow_decode
from lic_teach.study.own import WEIGHTS
from tests.lessons import prose
from tools import scoreboard as tools_board

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


# --- the course's own board --------------------------------------------------------------


def test_the_board_grows_from_lesson_to_lesson_and_ends_with_the_lessons_own_row():
    found = json.loads(scoreboard_file.read_text(encoding="utf-8"))["rows"]
    subjects = list(dict.fromkeys(row["subject"] for row in found))
    order = [lesson.subject for lesson in contents.lessons()]
    assert subjects == [s for s in order if s in subjects], "rows stand in the lessons' order"
    for subject in subjects:
        drawing = ET.fromstring(board(subject))
        bars = list(drawing.iter(SVG + "rect"))
        assert len(bars) == max(i for i, row in enumerate(found) if row["subject"] == subject) + 1
    assert board() == board(subjects[-1])  # all of it
    with pytest.raises(ValueError, match="'colour' has earned no row"):
        board("colour")


@pytest.mark.parametrize("row", tools_board.rows(), ids=lambda row: row.words)
def test_a_row_of_the_board_is_that_of_its_study(row):
    """By the BD-rate of SciPy's Akima curves, integrated in fine steps."""
    assert (
        row._asdict()
        in json.loads(
            scoreboard_file.read_text(encoding="utf-8"),
            object_hook=lambda d: d | {"spread": tuple(d["spread"])} if "spread" in d else d,
        )["rows"]
    )
    name = next(name for words, name, _ in tools_board.ROWS if words == row.words)
    curves = [
        table.psnr_curve(table.read(tools_board.RD / f"kodak_{n}.json")) for n in ("jpeg", name)
    ]
    theirs, ours = ([np.array(c) for c in zip(*sorted(points), strict=True)] for points in curves)
    low = max(table.WINDOW[0], theirs[1][0], ours[1][0])
    high = min(table.WINDOW[1], theirs[1][-1], ours[1][-1])
    at = np.linspace(low, high, 4001)
    logs = [Akima1DInterpolator(q, np.log(r))(at) for r, q in (theirs, ours)]
    expected = 100 * (np.exp(np.mean(logs[1] - logs[0])) - 1)
    assert row.percent == pytest.approx(expected, abs=0.1)
    assert row.spread[0] < row.percent < row.spread[1]


def test_a_recoded_file_gives_the_same_coefficients_and_is_smaller():
    for quality, size in ((75, (93, 61)), (30, (64, 80))):
        jpg = CODECS["jpeg"].encode(images.sample("rocket")[: size[0], : size[1]], quality)
        data = tools_board.recode(jpg)
        back = tools_board.restore(data)
        assert len(data) < len(jpg)
        np.testing.assert_array_equal(pillow_decode(back), pillow_decode(jpg))


def test_lesson_learned_codec_says_what_the_bends_earn_at_equal_training():
    """Both trainings took as many steps, from one seed, on as many pictures."""
    rows = {row.words: row.percent for row in tools_board.rows()}
    earned = rows["filters and prior learned"] - rows["and bends between them"]
    assert round(earned) == 5 and "a quarter of an hour, five points." in prose("learned_codec")
    logs = [json.loads((WEIGHTS / f"{n}.json").read_text()) for n in ("linear", "context")]
    alike = [[log[k] for k in ("steps", "seed", "photographs", "calibrated on")] for log in logs]
    assert alike[0] == alike[1] and alike[0][0] == 5000
