"""Redundancy: its explorer, the hints of its exercises, what its prose says."""

import ast
import base64
import io
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from scipy import stats

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.redundancy import (
    exercises,
    guessing,
    lag,
    lag_drawing,
    next_pixel,
    next_pixel_drawing,
    prediction,
)
from lic_teach.course.redundancy.lag import Lag
from lic_teach.course.redundancy.next_pixel import NextPixel
from lic_teach.kit import checks, predictors
from lic_teach.kit.controls import decode_picture
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

SVG = "{http://www.w3.org/2000/svg}"
PLANES = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=12))


@pytest.fixture(scope="module")
def source():
    return lag.prepare(images.sample("coffee")[100:197, 200:329])  # 97 x 129


# --- the explorer, its arithmetic --------------------------------------------------------


@given(arrays(np.int64, st.integers(1, 300), elements=st.integers(0, 10**6)))
def test_entropy_is_scipys(counts):
    if counts.sum():
        assert metrics.entropy(counts) == pytest.approx(stats.entropy(counts, base=2), abs=1e-9)


def test_entropy_of_one_symbol_and_of_256():
    assert f"{metrics.entropy(np.array([0, 7, 0]))}" == "0.0"  # no -0.0
    assert metrics.entropy(np.ones((16, 16))) == 8


@given(PLANES, st.integers(1, 11))
def test_residuals_are_differences_modulo_256_and_come_back(x, distance):
    distance = min(distance, x.shape[1] - 1)
    r = prediction.residuals(x, distance)
    differences = x[:, distance:].astype(int) - x[:, :-distance]
    np.testing.assert_array_equal(r[:, distance:], differences % 256)
    np.testing.assert_array_equal(r[:, :distance], x[:, :distance])
    np.testing.assert_array_equal(prediction.undo(r, distance), x)


@pytest.mark.parametrize("distance", [0, -1, 4])
def test_a_lag_outside_the_picture_is_refused(distance):
    with pytest.raises(ValueError, match=rf"lag must be in 1\.\.3, got {distance}"):
        prediction.residuals(np.zeros((2, 4), np.uint8), distance)


def test_shuffling_keeps_every_pixel():
    image = images.sample("chelsea")
    mixed = prediction.shuffled(image)
    assert mixed.shape == image.shape and np.mean(mixed == image) < 0.1
    colours = [np.unique(v.reshape(-1, 3), axis=0, return_counts=True) for v in (image, mixed)]
    np.testing.assert_array_equal(colours[0][0], colours[1][0])
    np.testing.assert_array_equal(colours[0][1], colours[1][1])


@pytest.mark.parametrize("distance", [1, 7, 64])
def test_pairs_and_correlation_are_numpys(distance):
    x = images.sample("rocket")[..., 1]
    neighbour, pixel = x[:, :-distance].ravel(), x[:, distance:].ravel()
    pairs = lag.count_pairs(x, distance)
    levels = np.arange(257)
    np.testing.assert_array_equal(pairs, np.histogram2d(neighbour, pixel, (levels, levels))[0])
    assert lag.correlation(pairs) == pytest.approx(np.corrcoef(neighbour, pixel)[0, 1])


@pytest.mark.parametrize("distance, shuffle", [(1, False), (9, False), (9, True), (64, True)])
def test_compute_measures_both_sides(source, distance, shuffle):
    result = lag.compute(source, distance, shuffle)
    x = source.photograph.x
    assert np.array_equal(result.plane.x, x) is not shuffle
    before, after = lag.bits(result)
    differences = result.plane.x[:, distance:].astype(int) - result.plane.x[:, :-distance]
    expected = stats.entropy(np.unique(differences % 256, return_counts=True)[1], base=2)
    assert before == pytest.approx(stats.entropy(np.unique(x, return_counts=True)[1], base=2))
    assert after == pytest.approx(expected)
    file = zlib.compress((differences % 256).astype(np.uint8).tobytes())
    assert result.coded == 8 * len(file) / differences.size


def test_a_lag_wider_than_the_picture_is_the_widest_that_fits():
    source = lag.prepare(np.arange(24, dtype=np.uint8).reshape(2, 4, 3))
    assert lag.compute(source, 64, False).lag == 3
    with pytest.raises(ValueError, match="one pixel wide"):
        lag.prepare(np.zeros((5, 1, 3), np.uint8))


# --- the explorer, what it draws ---------------------------------------------------------


def test_draw_shows_pixels_and_residuals(source):
    result = lag.compute(source, 5, False)
    view = lag.draw(result)
    left, right = (decode_picture(data)[..., 0].astype(int) for data in view.picture)
    x = source.photograph.x.astype(int)
    np.testing.assert_array_equal(left, x)
    np.testing.assert_array_equal(right[:, :5], x[:, :5])
    np.testing.assert_array_equal(right[:, 5:] - 128, (x[:, 5:] - x[:, :-5]).clip(-128, 127))
    texts = " ".join(ET.fromstring(f"<div>{view.readout}</div>").itertext())
    for value in (*lag.bits(result), result.plane.coded, result.coded):
        assert f"{value:.2f}" in texts
    assert "Prediction saves" in texts


def test_the_cloud_lies_where_the_pairs_are():
    pairs = np.zeros((256, 256), int)
    pairs[10, 200] = 5  # neighbour 10, pixel 200: left, and up
    svg = lag_drawing.lag_plot(pairs, 2 * [("name", np.ones(256), 8, (0, 255), "red")], 1, "title")
    data = ET.fromstring(svg).find(SVG + "image").get("href").split("base64,")[1]
    dots = np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))
    row, column = np.unravel_index(dots.argmax(), dots.shape)
    assert (row, column) == (127 - 100, 5)


def test_the_histograms_have_one_scale(source):
    plot = ET.fromstring(lag.draw(lag.compute(source, 1, False)).plot)
    areas = []
    for polygon in plot.iter(SVG + "polygon"):
        x, y = np.array([p.split(",") for p in polygon.get("points").split()], float).T
        areas.append(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)
    assert areas[0] == pytest.approx(areas[1], rel=0.05)  # both hold 100 % of the pixels


@pytest.mark.parametrize(
    "picture", [np.zeros((1, 2, 3), np.uint8), np.full((3, 5, 3), 255, np.uint8)]
)
def test_a_flat_picture_has_no_bits_and_no_error(picture):
    summary = lag.draw(lag.compute(lag.prepare(picture), 3, True)).summary
    assert "all equal: entropy 0.00 bits per sample before prediction, 0.00 after" in summary


def test_shell_lag_shuffle_and_reset():
    ex = Lag()
    first, pair = ex.readout.summary, ex.picture.value
    assert first.startswith("photograph, lag 1, correlation 0.96: entropy 7.02 bits")
    ex.lag = 20
    assert ex.picture.value[0] == pair[0] and ex.picture.value[1] != pair[1]
    assert "So far away" in ex.readout.value
    ex.shuffle = True
    assert ex.readout.summary.startswith("shuffled pixels, lag 20, correlation 0.00: entropy 7.02")
    assert "Shuffled, a neighbour says nothing" in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.picture.value == pair
    assert ex._repr_mimebundle_()["text/plain"] == f"Lag: {first}"
    ex.lag = 64
    ex.load(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    assert ex.result.lag == 29 and ", lag 29, " in ex.readout.summary


# --- guess the next pixel ----------------------------------------------------------------


@pytest.fixture(scope="module")
def cat_game():
    return guessing.prepare(images.sample("chelsea"))


def test_the_price_is_that_of_a_table_that_sums_to_one():
    """So a decoder can have it. A hit is 3.53 bits, each 4 levels one bit more."""
    misses = np.arange(-2000, 2001)
    assert np.sum(2.0 ** -guessing.price(misses)) == pytest.approx(1)
    assert guessing.price(0) == pytest.approx(3.53, abs=0.005)
    np.testing.assert_allclose(guessing.price(misses + 4)[2000:] - guessing.price(misses)[2000:], 1)
    laplace = stats.dlaplace(np.log(2) / 4)
    np.testing.assert_allclose(guessing.price(misses), -laplace.logpmf(misses) / np.log(2))


def test_the_machines_predict_each_pixel_from_what_is_known(cat_game):
    game = guessing.compute(cat_game, 1, (0,) * guessing.COUNT)
    row, column = game.first
    for k in range(guessing.COUNT):
        a, b, c = (int(game.x[row - i, column + k - j]) for i, j in ((0, 1), (1, 0), (1, 1)))
        assert game.said["left"][k] == a
        assert game.said["MED"][k] == sorted((a, b, a + b - c))[1]
        assert game.truth[k] == game.x[row, column + k]


@pytest.mark.parametrize("n", [0, 1, 11, 23])
def test_nothing_of_a_covered_pixel_is_shown(n):
    """Two photographs that differ in all covered pixels, and only there, look the same."""
    image = images.sample("coffee")[:60, :90]
    source = guessing.prepare(image)
    row, column = source.places[0]
    other = image.copy().reshape(-1, 3)
    other[row * image.shape[1] + column + n :] += 77
    twin = guessing.prepare(other.reshape(image.shape))._replace(places=source.places)
    guesses = tuple(range(100, 100 + n))
    here, there = (guessing.compute(each, 1, guesses) for each in (source, twin))
    assert not np.array_equal(here.x, there.x)
    assert next_pixel.draw(here) == next_pixel.draw(there)


def test_the_known_part_of_the_photograph_is_the_photograph(cat_game):
    game = guessing.compute(cat_game, 3, (1, 2, 3))
    row, column = game.first
    end = row * game.x.shape[1] + column + 3
    known = guessing.so_far(game).ravel()
    np.testing.assert_array_equal(known[:end], game.x.ravel()[:end])
    assert set(known[end:].tolist()) == {196, 226}


@pytest.mark.parametrize("name", images.SAMPLES)
def test_the_places_are_lively_and_have_neighbours(name):
    source = guessing.prepare(images.sample(name))
    assert len(set(source.places)) == guessing.PLACES
    for row, column in source.places:
        pixels = source.x[row, column : column + guessing.COUNT]
        assert row and column and len(pixels) == guessing.COUNT and np.ptp(pixels) >= guessing.SPAN


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 1), (2, 24), (3, 25), (40, 40)])
def test_every_picture_has_its_games(shape):
    source = guessing.prepare(np.full((*shape, 3), 60, np.uint8))
    for place in (1, guessing.PLACES):
        game = guessing.compute(source, place, (60,) * guessing.COUNT)
        assert 1 <= len(game.truth) == game.count <= guessing.COUNT
        view = next_pixel.draw(game)
        assert ET.fromstring(view.plot).tag == SVG + "svg" and "you need 3.53 bits" in view.summary


def test_bars_are_as_high_as_what_was_paid(cat_game):
    game = guessing.compute(cat_game, 1, (0, 255, 40))
    drawing = ET.fromstring(next_pixel.draw(game).plot)
    bars = [r for r in drawing.iter(SVG + "rect") if r.get("width") == "7"]
    heights = [float(r.get("height")) * 16 / next_pixel_drawing.TALL for r in bars]
    cost = guessing.bits(game)
    paid = np.stack([cost["you"], cost["MED"]], 1).ravel()
    np.testing.assert_allclose(heights, paid.clip(0, 16), atol=0.02)
    texts = [t.text for t in drawing.iter(SVG + "text")]
    assert f"{cost['you'][1]:.0f}" in texts  # cut, and the number written


def test_shell_guesses_places_and_reset():
    ex = NextPixel()
    assert ex.readout.summary == "0 of 24 pixels are guessed"
    truth = ex.source.x[ex.result.first][()]
    ex.plot.guesses = (int(truth),)  # as the browser does
    assert ex.readout.summary.startswith(
        f"pixel 1 of 24: you said {truth}, it is {truth}, 3.5 bits"
    )
    assert ex.guesses == (truth,) and "23 pixels are left" in ex.readout.value
    ex.place = 2
    assert ex.guesses == ex.plot.guesses == () and ex.result.first == ex.source.places[1]
    ex.plot.rows += 1  # the button of a row that is done
    assert ex.place == 3
    ex.place = 12
    ex.plot.rows += 1
    assert ex.place == 1
    ex.place, ex.guesses = 2, (1, 2, 3)
    ex.load("rocket")
    assert ex.guesses == () and ex.result.first == ex.source.places[1]
    ex.set(place=3, guesses=(9, 9))
    assert ex.guesses == (9, 9) and ex.result.first == ex.source.places[2]
    ex._reset.click()
    assert ex.guesses == () and ex.place == 1


def test_the_tries_say_what_the_game_says(cat_game):
    assert next_pixel.ONLY_ENTER == tuple(guessing.compute(cat_game, 1, (0,) * 24).said["left"])
    costs = [guessing.bits(guessing.compute(cat_game, 1 + i, (0,) * 24)) for i in range(12)]
    assert max(range(12), key=lambda i: costs[i]["MED"].mean()) == 4 - 1
    told = " ".join(seen for _, *both in NextPixel.tries.values() for seen in both)
    for number in (
        f"more than {costs[0]['MED'].max():.1f} bits",
        f"{costs[0]['left'].mean():.2f} bits a pixel, MED {costs[0]['MED'].mean():.2f}",
        f"worst, {costs[3]['MED'].mean():.2f} bits",
    ):
        assert number in told


def test_the_verdict_says_who_was_ahead(cat_game):
    game = guessing.compute(cat_game, 1, (0,) * 24)
    for said, words in (
        (game.truth, "fewer than MED needs"),
        (game.said["MED"], "exactly as many as MED needs"),
        (255 - game.truth, "more than MED needs"),
    ):
        end = guessing.compute(cat_game, 1, tuple(said.tolist()))
        assert words in next_pixel.verdict(end)
        assert "lic-next" not in next_pixel.draw(end).plot


# --- the exercises -----------------------------------------------------------------------

undo, predictor = exercises.check.exercises


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (undo, lambda r: np.cumsum(r), "Your picture is"),
        (undo, lambda r: np.cumsum(r, 1) + 1, "row 0, column 0. It is 147, yours is 148."),
        (undo, lambda r: np.cumsum(r, 1).clip(0, 200), "wrong pixel is in row"),
        (predictor, lambda a, b, c, d: a + b, "you predict 120"),
        (predictor, lambda a, b, c, d: (a + b + c) / 4, "you predict 45"),
        (predictor, lambda a, b, c, d: 128, "you return ()"),
        (predictor, lambda a, b, c, d: a * 0 + 128, "what do your weights add up to"),
        (predictor, lambda a, b, c, d: max(a, b), "stopped with ValueError"),
        (predictor, lambda a, b, c, d: c, "on which side of the pixel"),
        (
            predictor,
            lambda a, b, c, d: np.median([a, b, c], 0),
            "which of them does your rule take",
        ),
        (predictor, lambda a, b, c, d: a * np.nan, "you predict nan"),
        (predictor, lambda a, b, c, d: a, "of the two is right at an edge"),
        (predictor, lambda a, b, c, d: (a + b) / 2, "of the two is right at an edge"),
        (predictor, lambda a, b, c, d: (a + b) // 2, "of the two is right at an edge"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


@pytest.mark.parametrize(
    "answer, words",
    [
        (lambda a, b, c, d: np.median([a, b, a + b - c], 0), "exactly MED's"),
        (lambda a, b, c, d: (3 * a + 3 * b - 2 * c) / 4, "can you get below 4.229"),
        (lambda a, b, c, d: np.median([a, b, a + b - c, a + d - b, d], 0), "1.3 % below MED"),
    ],
)
def test_predictor_scores_against_med(answer, words):
    verdict = checks.verdict(predictor, answer)
    assert verdict.startswith("Right. ") and words in verdict


def test_neighbours_at_the_borders_are_those_of_jpeg_ls():
    a, b, c, d = predictors.neighbours(np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], np.uint8))
    assert b.tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert a.tolist() == [[0, 1, 2], [1, 4, 5], [4, 7, 8]]  # a row begins with b
    assert c.tolist() == [[0, 0, 0], [0, 1, 2], [1, 4, 5]]  # and with the a of the row above
    assert d.tolist() == [[0, 0, 0], [2, 3, 3], [5, 6, 6]]  # it ends with b


@given(*(st.integers(0, 255) for _ in range(3)))
def test_med_is_the_rule_of_jpeg_ls(a, b, c):
    rule = min(a, b) if c >= max(a, b) else max(a, b) if c <= min(a, b) else a + b - c
    assert predictors.med(a, b, c, 0) == rule


@pytest.mark.parametrize("predict", [predictors.med, lambda a, b, c, d: (a + d) / 2])
def test_bits_after_counts_what_a_decoder_can_undo(predict):
    x = images.sample("astronaut")[:40, :50, 1]
    padded, residuals = np.zeros((41, 52)), np.zeros_like(x)
    for i, j in np.ndindex(x.shape):
        if j == 0:
            padded[i + 1, 0], padded[i, -1] = padded[i, 1], padded[i, -2]
        a, b, c, d = padded[i + 1, j], *padded[i, [j + 1, j, j + 2]]
        guess = round(min(max(float(predict(a, b, c, d)), 0), 255))
        residuals[i, j] = (int(x[i, j]) - guess) % 256
        padded[i + 1, j + 1] = (guess + int(residuals[i, j])) % 256
    np.testing.assert_array_equal(padded[1:, 1:-1], x)
    counts = np.unique(residuals, return_counts=True)[1]
    assert predictors.bits_after(predict, x) == pytest.approx(stats.entropy(counts, base=2))


# --- what the prose says -----------------------------------------------------------------


def is_table(node):
    """Whether this is `predictors = {...}` or `coders = {...}`."""
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
        "predictors",
        "coders",
    )


@pytest.fixture(scope="module")
def lesson():
    """The imports, functions and tables of functions in the lesson's cells, by name."""
    return lessons.definitions("redundancy", also=is_table)


def bits(lesson, coder, picture):
    return 8 * lesson["coders"][coder](picture) / picture.size


def test_a_photograph_is_half_in_png_and_its_shuffled_pixels_are_not(lesson):
    cat = images.sample("chelsea")
    assert lesson["png_size"](cat) / cat.nbytes == pytest.approx(0.54, abs=0.015)
    assert lesson["png_size"](prediction.shuffled(cat)) / cat.nbytes == pytest.approx(
        0.93, abs=0.015
    )


def test_our_file_is_near_the_estimate_on_each_photograph(lesson):
    for x in exercises.greens():
        file = bits(lesson, "our codec: MED, Huffman", x)
        assert file == pytest.approx(predictors.bits_after(predictors.med, x), rel=0.01)


def test_webp_needs_half_a_bit_less_than_the_estimate(lesson):
    for x in exercises.greens():
        assert (
            0.4 < predictors.bits_after(predictors.med, x) - bits(lesson, "WebP, lossless", x) < 0.8
        )


def test_zlib_on_pixels_loses_to_one_subtraction(lesson):
    for x in exercises.greens():
        pixels, left = (bits(lesson, f"zlib, {name}", x) for name in ("pixels", "left residuals"))
        assert left < pixels - 0.4


def test_no_coder_beats_the_histogram_of_shuffled_pixels(lesson):
    for x in exercises.greens():
        shuffled = prediction.shuffled(x)
        limit = metrics.entropy(np.bincount(x.ravel()))
        for coder in lesson["coders"]:
            assert bits(lesson, coder, shuffled) > limit


def test_the_mean_is_the_best_of_the_four_and_med_beats_them_on_every_photograph(lesson):
    found = {
        n: [predictors.bits_after(p, x) for x in exercises.greens()]
        for n, p in lesson["predictors"].items()
    }
    assert len(found) == 4
    assert min(found, key=lambda name: np.mean(found[name])) == "mean of a and b"
    theirs = [predictors.bits_after(predictors.med, x) for x in exercises.greens()]
    assert all(np.less(theirs, each).all() for each in found.values())


def test_groups_of_tosses_come_down_to_the_entropy_and_never_below(lesson):
    """The bounds are Shannon's, the numbers for one, two and three tosses counted by hand."""
    entropy = stats.entropy([0.9, 0.1], base=2)
    for n in range(1, 10):
        assert entropy <= lesson["bits_a_toss"](n) < entropy + 1 / n
    by_hand = {1: 1, 2: 1.29 / 2, 3: 1.598 / 3}  # Cover and Thomas, 5.4
    assert {n: lesson["bits_a_toss"](n) for n in by_hand} == pytest.approx(by_hand)


def test_a_machine_plays_the_twelve_rows_of_the_cat_as_the_lesson_says():
    source = guessing.prepare(images.sample("chelsea"))
    games = [guessing.compute(source, 1 + i, (0,) * 24) for i in range(guessing.PLACES)]
    for who, words in (("MED", "it needs {} bits a pixel"), ("left", "the left neighbour {}")):
        cost = np.mean([guessing.bits(game)[who] for game in games])
        assert words.format(f"{cost:.1f}") in lessons.prose("redundancy")


def test_the_cat_has_a_lossless_file_of_less_than_eight_bits_a_pixel(lesson):
    """Somebody saved it as a JPEG of quality 98 before: that file, and what it lacks."""
    cat = images.sample("chelsea")
    before = jpeg.encode(cat, 98, subsampling="4:2:2")
    rest = ((cat.astype(int) - jpeg.decode(before)) % 256).astype(np.uint8)
    size = len(before) + lesson["webp_size"](rest)
    assert 24 * size / cat.nbytes == pytest.approx(7.4, abs=0.1)


def test_webps_file_of_the_whole_cat_has_nine_bits_a_pixel(lesson):
    cat = images.sample("chelsea")
    assert 24 * lesson["webp_size"](cat) / cat.nbytes == pytest.approx(9.1, abs=0.15)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_lag_and_shuffle_change_pictures_plot_and_readout(tmp_path):
    lesson = figures(contents.notebook("redundancy"), tmp_path)
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="Lag", exact=True)
        slider.wait_for()
        page.get_by_text("A pixel and the one 1 px to its left: correlation 0.96").wait_for()
        residuals = page.locator(".lic-wipe canvas").last
        first = pictures(residuals)

        slider.focus()
        slider.press("ArrowRight")
        page.get_by_text("A pixel and the one 2 px to its left").wait_for()
        assert slider.get_attribute("aria-valuetext") == "Lag 2 px"
        new_pictures(residuals, first)
        slider.press("End")
        page.get_by_text("So far away a neighbour says too little").wait_for()

        page.get_by_label("Shuffle the pixels").check()
        page.get_by_text("Shuffled, a neighbour says nothing").wait_for()
        page.get_by_role("button", name="Reset").last.click()
        page.get_by_text("A pixel and the one 1 px to its left: correlation 0.96").wait_for()
        assert not page.get_by_label("Shuffle the pixels").is_checked()

        slider.click()  # in the middle of the track
        page.wait_for_function(
            "() => ![...document.querySelectorAll('.lic-plot text')]"
            ".some(words => words.textContent.includes('one 1 px'))"
        )


@pytest.mark.browser
def test_a_row_is_guessed_with_keys_and_with_the_pointer(tmp_path):
    lesson = figures(contents.notebook("redundancy"), tmp_path)
    with jupyterlab([lesson]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="Your guess")
        slider.wait_for()
        board, field = page.locator(".lic-next-pixel"), page.get_by_label("Your guess, grey level")
        start = int(slider.input_value())
        assert f"left {start}" in slider.get_attribute("aria-description")
        assert board.locator("rect").first.get_attribute("data-level")
        slider.focus()
        slider.press("ArrowRight")
        assert field.input_value() == str(start + 1)
        more = "n => document.querySelectorAll('.lic-next-pixel [data-level]').length > n"
        levels = board.locator("[data-level]")
        before = levels.count()
        slider.press("Enter")
        page.locator(".lic-readout", has_text="23 pixels are left").wait_for()
        page.wait_for_function(more, arg=before)

        before = levels.count()
        field.fill("200")
        field.press("Enter")
        page.locator(".lic-readout", has_text="22 pixels are left").wait_for()
        page.wait_for_function(more, arg=before)
        assert page.locator(".lic-readout tbody td").first.text_content() == "200"

        known = levels.first
        known.click(position={"x": 3, "y": 3})
        assert field.input_value() == known.get_attribute("data-level")
        before = levels.count()
        board.get_by_role("button", name="Uncover").click()
        page.locator(".lic-readout", has_text="21 pixels are left").wait_for()
        page.wait_for_function(more, arg=before)
        tops = [part.bounding_box() for part in (board, slider)]
        assert tops[1]["y"] + tops[1]["height"] - tops[0]["y"] < 400  # together on one screen
        for _ in range(21):
            before = levels.count()
            slider.press("Enter")
            page.wait_for_function(more, arg=before)
        page.locator(".lic-readout", has_text="Without a prediction it is 8").wait_for()
        assert slider.evaluate("slider => slider === document.activeElement")
        slider.press("Enter")
        page.locator(".lic-readout", has_text="24 pixels of this row are covered").wait_for()
        assert page.get_by_role("slider", name="Place").input_value() == "2"
