"""Words touch neither lines nor marks where one of their places is free."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from lic_teach.kit import labels
from lic_teach.kit.labels import box, frame, free
from lic_teach.kit.typeset import FACES, FONTS

UP, DOWN = (50.0, 20.0, "start"), (50.0, 80.0, "start")
places = st.floats(0, 100)


@pytest.mark.parametrize("words", ["entropy", "these cells", "26.0 dB, 64 % of the detail", "best"])
def test_a_box_holds_the_letters(words):
    letters = ImageFont.truetype(FONTS / FACES[True], 120)  # wider than what browsers take
    left, top, right, bottom = letters.getbbox(words, anchor="ls")
    here = box(words, (0, 0, "start"))
    assert 10 * here[2] > 0.88 * right and 10 * here[1] < 0.9 * top and 10 * here[3] > 0.88 * bottom
    assert here[2] < 1.35 * 0.1 * right


def test_the_first_free_place_is_taken_and_where_none_is_the_first():
    assert free("name", [UP, DOWN]) == UP
    assert free("name", [UP, DOWN], [[(0, 18), (200, 18)]]) == DOWN
    assert free("name", [UP, DOWN], marks=[(60, 18)]) == DOWN
    assert free("name", [UP, DOWN], [[(0, y), (200, y)] for y in (18, 78)]) == UP
    assert free("other", [UP, DOWN], [frame("name", UP)]) == DOWN


@given(st.lists(st.tuples(places, places), min_size=2, max_size=5), places)
def test_no_point_of_a_line_lies_in_words_that_stand_free(line, x):
    beside = [(x, y, anchor) for y in (-40.0, 10.0, 50.0) for anchor in labels.SHARE]
    left, top, right, bottom = box("name", free("name", beside, [line]))  # one is far above
    between = np.concatenate([np.linspace(a, b, 200) for a, b in zip(line, line[1:], strict=False)])
    inside = (between > (left, top)) & (between < (right, bottom))
    assert not inside.all(1).any()
