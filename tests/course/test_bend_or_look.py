"""Bend or look: its codes, its explorer, the hints of its exercises, what its prose says."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lic_teach import contents, images
from lic_teach.course.bend_or_look import (
    cells,
    cells_drawing,
    code,
    curves_drawing,
    ecvq,
    exercises,
)
from lic_teach.kit import checks
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all, without

LESSON = contents.notebook("bend_or_look")


@pytest.fixture(scope="module")
def source():
    return cells.prepare(images.sample("coffee"))


# --- the code ----------------------------------------------------------------------------


def test_the_banana_is_that_of_balle_divided_by_three():
    """t ~ N(0, 3), n ~ N(0, 0.5), the second moved by 0.1 t²: Ballé et al. 2021, and turned."""
    rng = np.random.default_rng(4)
    t, n = rng.normal(0, 3, 500), rng.normal(0, 0.5, 500)
    theirs = np.stack([t, n + 0.1 * (t**2 - 9)], axis=1) / 3
    a = np.radians(30)
    turned = theirs @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]).T
    np.testing.assert_allclose(code.banana(500, 4), turned, atol=1e-12)


@given(st.floats(-90, 90), st.floats(-0.6, 0.6), st.integers(0, 99))
def test_g_s_undoes_g_a_and_areas_stay(turn, bend, seed):
    x = np.random.default_rng(seed).normal(0, 2, (20, 2))
    np.testing.assert_allclose(code.g_s(code.g_a(x, turn, bend), turn, bend), x, atol=1e-10)
    h = 1e-5
    right, up = (
        (code.g_a(x + d, turn, bend) - code.g_a(x - d, turn, bend)) / (2 * h)
        for d in ([h, 0], [0, h])
    )
    np.testing.assert_allclose(right[:, 0] * up[:, 1] - right[:, 1] * up[:, 0], 1, atol=1e-5)


def test_shared_bits_are_scipys(source):
    y = code.g_a(source.banana.x, 10, 0.1)
    for step in (0.1, 0.5, 2.0):
        q = np.rint(y / step).astype(int)
        counts = [np.unique(v, return_counts=True, axis=0)[1] for v in (q[:, 0], q[:, 1], q)]
        first, second, both = (scipy.stats.entropy(c, base=2) for c in counts)
        assert code.shared_bits(y, step) == pytest.approx(first + second - both)


@pytest.mark.parametrize("look", [False, True])
def test_a_coder_pays_about_the_entropy_of_what_it_knows(look):
    """Cross-entropy of other points: above SciPy's entropy of many, by no more than tables cost."""
    seen, y = code.banana(50_000, 1), code.banana(200_000, 2)
    q = np.rint(y / 0.5).astype(int)
    counts = [np.unique(v, return_counts=True, axis=0)[1] for v in (q[:, 0], q[:, 1], q)]
    first, second, both = (scipy.stats.entropy(c, base=2) for c in counts)
    found = code.rate(seen, y, 0.5, look)
    assert 0 < found - (both if look else first + second) < 0.01


@pytest.mark.parametrize("look", [False, True])
def test_what_a_coder_expects_are_probabilities(look):
    """They sum to 1, with the places next to all that was seen."""
    seen = np.random.default_rng(2).integers(-3, 5, (40, 2))
    low, high = seen.min(0) - 1, seen.max(0) + 2
    grid = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), axis=-1)
    p = code.expected(seen, look)(grid)
    assert p.min() > 0 and p.sum() == pytest.approx(1)


def test_a_coder_that_looks_knows_what_follows_from_the_first():
    """y2 = -y1: one by one they cost twice the entropy, together once and little more."""
    rng = np.random.default_rng(3)
    seen, y = (np.stack([n, -n], 1).astype(float) for n in rng.integers(0, 8, (2, 20_000)))
    assert code.rate(seen, y, 1.0) == pytest.approx(6, abs=0.01)
    assert code.rate(seen, y, 1.0, look=True) == pytest.approx(3, abs=0.02)


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("bits", [1.5, 4.0, 8.0])
def test_the_step_is_found_where_the_rate_is_asked_for(bits, look):
    seen, y = code.banana(10_000, 1), code.banana(10_000, 2)
    assert code.rate(seen, y, code.step_for(seen, y, bits, look), look) == pytest.approx(
        bits, abs=0.01
    )


def test_points_that_are_all_alike_have_a_step_too():
    y = np.zeros((10, 2))
    assert np.isfinite(code.step_for(y, y, 4.0))


def test_klt_angle_is_the_direction_of_the_singular_vector(source):
    for x in (code.banana(5000, 3), source.photo.x):
        along = np.linalg.svd(x - x.mean(0))[2][0]
        angle = np.degrees(np.arctan2(along[1], along[0]))
        assert (code.klt_angle(x) - angle + 90) % 180 == pytest.approx(90, abs=1e-6)


def test_fitting_and_measuring_see_different_pixels():
    values = 10 * np.random.default_rng(0).permutation(30_000)  # all different
    train, test = code.photo_points(values[:, None].repeat(3, 1).reshape(200, 150, 3), 10_000)
    between = np.sort(np.concatenate([train[:, 0], test[:, 0]]))
    assert np.diff(between).min() * values.std() * np.sqrt(2) > 8  # not 0 to 1


# --- the explorer ------------------------------------------------------------------------


@pytest.mark.parametrize("points", [cells.BANANA, cells.PHOTO])
@pytest.mark.parametrize("turn, bend", [(0, 0.0), (30, 0.3), (-70, -0.6)])
@pytest.mark.parametrize("rate", [3.0, 5.0, 8.0])
@pytest.mark.parametrize("coder", [cells.ALONE, cells.LOOK])
def test_both_are_measured_at_equal_rate(source, points, turn, bend, rate, coder):
    result = cells.compute(source, points, turn, bend, rate, coder)
    for point, moved in ((result.klt_point, result.klt), (result.point, result.moved)):
        assert point.rate == pytest.approx(rate, abs=0.02)
        x_hat = moved.back(np.rint(moved.y / point.step) * point.step)
        assert point.D == pytest.approx(2 * np.mean((x_hat - result.cloud.x) ** 2))
    bound = dict(curves_drawing.bound(source.banana))
    if points == cells.BANANA and rate in bound:
        assert result.point.snr < bound[rate]


def test_an_orthonormal_transform_keeps_the_error_of_y(source):
    result = cells.compute(source, cells.BANANA, 17, 0.0, 4.0)
    y, step = result.moved.y, result.point.step
    assert result.point.D == pytest.approx(2 * np.mean((np.rint(y / step) * step - y) ** 2))


def test_bending_wins_and_the_wrong_way_loses(source):
    klt = source.banana.turn
    for rate in (3.0, 4.0, 5.0, 6.0, 7.0):
        gain = [
            cells.gains(cells.compute(source, cells.BANANA, klt, bend, rate))[0]
            for bend in (-0.3, 0, 0.3)
        ]
        assert gain[0] < gain[1] == pytest.approx(0, abs=1e-6) and gain[2] > 2.3


@pytest.mark.parametrize("coder", [cells.ALONE, cells.LOOK])
def test_the_shading_is_what_the_coder_expects(source, coder):
    """Pixel by pixel: which cell, how often its two numbers occur, each or together."""
    result = cells.compute(source, cells.BANANA, 30, 0.1, 4.0, coder)
    step, look = result.point.step, coder == cells.LOOK
    q = np.rint(result.moved.seen / step).astype(int)
    picture = cells_drawing.shade(result.moved.plane, step, q, look, cells_drawing.BLUE)
    occupied = np.unique(q, axis=0)
    share = [np.mean([(q[:, k] == c[k]) for k in range(2)], axis=1) for c in occupied]
    peak = max(
        np.mean((q == c).all(1)) if look else s.prod() for c, s in zip(occupied, share, strict=True)
    )
    (cx, cy), half = result.cloud.frame
    rng, size = np.random.default_rng(0), cells_drawing.PIXELS
    checked = 0
    for row, column in rng.integers(0, size, (900, 2)):
        x = cx - half + (column + 0.5) * 2 * half / size, cy + half - (row + 0.5) * 2 * half / size
        u = code.g_a(np.array([x]), 30, 0.1)[0] / step
        cell = np.rint(u)
        together = np.mean((q == cell).all(1))
        if np.abs(u - cell).max() < 0.3 and together > 0.002:  # off the lines, where points come
            p = together if look else np.prod(np.mean(q == cell, axis=0))
            blue = 255 - 0.78 * (p / peak) ** 0.4 * (255 - np.array(cells_drawing.BLUE))
            np.testing.assert_allclose(picture[row, column], blue, atol=2.5)
            checked += 1
    assert checked > 20


def without_pictures(drawing):
    """The attributes of all marks, but not the letters of an encoded picture."""
    marks = ET.fromstring(drawing).iter()
    return " ".join(v for mark in marks for k, v in mark.attrib.items() if k != "href")


@pytest.mark.parametrize("rate", [1.0, 4.0, 8.0])
def test_draw(source, rate):
    result = cells.compute(source, cells.PHOTO, 38, 0.2, rate)
    view = cells.draw(result)
    for drawing in (view.plot, view.more):
        assert "nan" not in without_pictures(drawing)
    assert f"<td>{result.point.snr:.1f}</td>" in view.readout
    gain = result.point.snr - result.klt_point.snr
    assert view.summary.endswith(f"difference {gain:+z.1f} dB")
    verdict = f"{abs(gain):.1f} dB {'better' if gain > 0 else 'worse'}"
    assert (verdict if abs(gain) >= 0.05 else "As good as the KLT") in view.readout


def test_shell():
    ex = cells.Cells()
    first, planes, curves = ex.readout.summary, ex.plot.value, ex.curves.value
    assert first.startswith("4.0 bits per point, one by one")
    assert "dB better" in ex.readout.value
    ex.set(turn=0, bend=0)
    assert ex.plot.value != planes and ex.curves.value != curves
    assert "dB worse" in ex.readout.value
    ex.set(coder=cells.LOOK)
    assert "KLT, looks" in ex.curves.value and "y₂ given y₁" in ex.readout.summary
    ex.load("chelsea")
    assert ex.points == cells.PHOTO and "↑ blue" in ex.plot.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.plot.value == planes
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"Cells: {first}"
    assert bundle["image/png"]


def test_somebodys_own_transform():
    """The same functions give the same figures as the controls do."""

    def forward(x):
        return code.g_a(x, 30, 0.3)

    def back(y):
        return code.g_s(y, 30, 0.3)

    ex = cells.Cells(transform=(forward, back), name="mine")
    mine = ex.readout.summary
    ex.set(cells=cells.TURN, turn=30, bend=0.3)
    assert ex.readout.summary == mine


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 24, 3)])
def test_flat_and_tiny_pictures(shape):
    ex = cells.Cells(np.full(shape, 128, np.uint8), points=cells.PHOTO)
    for rate, bend in ((1.0, -0.6), (8.0, 0.6)):
        ex.set(rate=rate, bend=bend)
    assert "That did not work" not in ex.readout.value
    assert "nan" not in without_pictures(ex.plot.value) + ex.curves.value + ex.readout.value


# --- the exercises -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (exercises.shared_bits, lambda a, b: np.nan, "a count of 0"),
        (exercises.shared_bits, lambda a, b: [1, 2], "One number"),
        (exercises.shared_bits, lambda a, b: 17.0, "17.000 does not fit"),
        (exercises.growth, lambda b: [1, 2], "One number"),
        (exercises.growth, lambda b: 7.5, "does not fit"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def bent(turn, bend, back_bend=None):
    other = bend if back_bend is None else back_bend
    return lambda x: code.g_a(x, turn, bend), lambda y: code.g_s(y, turn, other)


@pytest.mark.parametrize(
    "answer, hint",
    [
        (bent(38, 0), "This g_a is linear"),
        (bent(0, 0), "This g_a is linear"),
        (bent(38, -0.2), "does it bend the right way"),
        (bent(0, 0.05), "turn first"),
        (bent(38, 0.25, -0.25), "is off by"),
        ((bent(38, 0.25)[0], lambda y: code.g_s(y, 38, 0.25) + 1), "Not even the origin"),
        (bent(38, 0.03), "More is to be had"),
        ((lambda x: np.rint(x / 0.2) * 0.2, lambda y: y), "Leave the rounding to the check"),
        ((lambda x: np.rint(x), lambda y: y), "off by"),
        ((lambda x: x[:, 0], lambda y: y), "two numbers a point"),
        ((lambda x: x / 0, lambda y: y), "not finite"),
        ((lambda x: x @ np.eye(3), lambda y: y), "g_a stopped with ValueError"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_beat_hints(answer, hint):
    verdict = checks.verdict(exercises.beat, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_no_rotation_is_enough_to_beat_the_klt():
    """The threshold of the exercise lies above every linear turn."""
    _, x = code.coffee()
    found = [exercises._decibels(x, *pair(x, turn)) for turn in range(-90, 90, 5)]
    assert max(found) - exercises.klt_decibels() < exercises.ENOUGH - 0.2


def pair(x, turn):
    return code.g_a(x, turn, 0), lambda y: code.g_s(y, turn, 0)


# --- what the prose says -----------------------------------------------------------------


@pytest.mark.parametrize("degrees", [20, pytest.param(4, marks=pytest.mark.weekly)])
@pytest.mark.parametrize(
    "name, turn, bend, gain",
    [("coffee", 38, 0.25, 3.5), ("astronaut", 26, 0.2, 3.2), ("chelsea", 53, 0.1, 1.1)]
    + [("rocket", 47, -0.2, 1.0)],
)
def test_what_a_bend_gains_on_photographs(name, turn, bend, gain, degrees):
    """And nothing else gains more: all bends, at turns of so many degrees."""
    source = cells.prepare(images.sample(name))

    def gains(turn, bend):
        return cells.gains(cells.compute(source, cells.PHOTO, turn, bend, 4.0))[0]

    assert round(gains(turn, bend), 1) == gain
    others = [
        gains(t, b) for t in range(-90, 90, degrees) for b in (-0.3, -0.2, -0.1, 0.1, 0.2, 0.3)
    ]
    assert max(others) < gain + 0.05
    if name == "astronaut":  # only close to there
        assert max(gains(turn - 8, bend), gains(turn + 4, bend)) < 1.2


@pytest.mark.parametrize("bend, gain", [(0.2, 2.8), (0.25, 3.5)])
def test_the_first_picture_and_the_solution(source, bend, gain):
    found = cells.gains(cells.compute(source, cells.PHOTO, 38, bend, 4.0))[0]
    assert round(found, 1) == gain


@pytest.fixture(scope="module")
def banana():
    return code.banana(50_000, 1), code.banana(50_000, 2)


def decibels(points, bits, turn, bend, look=False):
    train, test = points
    seen, y = code.g_a(train, turn, bend), code.g_a(test, turn, bend)
    step = code.step_for(seen, y, bits, look)
    x_hat = code.g_s(np.rint(y / step) * step, turn, bend)
    return code.decibels(test, code.squared_error(test, x_hat))


def lead(points, bits, turn, bend):
    """dB of the bend, one by one, over the KLT whose coder looks."""
    return decibels(points, bits, turn, bend) - decibels(
        points, bits, code.klt_angle(points[0]), 0, look=True
    )


@pytest.mark.parametrize(
    "bits, dB", [(2, 1.5), (3, 1.9), (4, 0.6), (4.25, 0.25), (4.75, -0.35), (5, -0.5), (6, -0.6)]
)
def test_bent_and_looking_cross_a_little_above_four_bits(banana, bits, dB):
    assert lead(banana, bits, 30, 0.3) == pytest.approx(dB, abs=0.12)


def test_on_the_cups_colours_they_cross_below_four_bits():
    points = code.coffee()
    assert lead(points, 3, 38, 0.25) > 1 and lead(points, 4, 38, 0.25) < -0.5


def test_the_bend_wins_against_every_rotation_at_three_bits_and_none_at_five():
    points = code.banana(20_000, 1), code.banana(20_000, 2)
    for bits, wins in ((3, True), (5, False)):
        found = [decibels(points, bits, turn, 0, True) for turn in range(-90, 90, 10)]
        assert (decibels(points, bits, 30, 0.3) > max(found) + 0.3) == wins
    assert max(found) - min(found) < 0.2  # at 5 bits it hardly matters which


def test_bends_share_nothing_so_that_looking_gains_nothing(banana):
    for bits in (3, 5):
        gained = decibels(banana, bits, 30, 0.3, True) - decibels(banana, bits, 30, 0.3)
        assert gained == pytest.approx(0, abs=0.02)


# --- the reference -----------------------------------------------------------------------


def test_no_transform_comes_near_the_best_cells_at_four_bits(banana):
    train, test = banana
    R, D = ecvq.measure(ecvq.fit(train[:20_000], 50), test)
    dB = code.decibels(test, D)
    assert 3.6 < R < 4 and dB > decibels(banana, 4, 30, 0.3) + 0.9
    bound = 10 * np.log10(test.var(0).sum() / (2 / 6 * 2.0**-R))
    assert dB < bound


def test_lloyds_turns_never_make_the_loss_larger():
    x, lam = code.banana(3000, 1), 20
    loss = []
    for turns in (1, 2, 4, 8, 16):
        R, D = ecvq.measure(ecvq.fit(x, lam, 60, turns), x)
        loss.append(R + lam * D)
    assert sorted(loss, reverse=True) == loss and loss[-1] < loss[0] - 0.3


def test_without_a_price_the_nearest_centre_is_scipys():
    x = code.banana(500, 3)
    book = ecvq.Codebook(code.banana(40, 4), np.zeros(40), 1.0)
    expected = scipy.spatial.cKDTree(book.centres).query(x)[1]
    np.testing.assert_array_equal(ecvq.nearest(book, x), expected)


def test_two_heaps_get_two_cells_at_the_price_of_a_coin():
    x = np.repeat([[0.0, 0.0], [4.0, 0.0]], 200, axis=0) + np.random.default_rng(0).normal(
        0, 0.01, (400, 2)
    )
    book = ecvq.fit(np.random.default_rng(1).permutation(x), 1.0, 20)
    assert len(book.bits) == 2 and book.bits == pytest.approx([1, 1])
    assert sorted(book.centres[:, 0]) == pytest.approx([0, 4], abs=0.01)


def test_the_price_of_longer_cells():
    """The growth of the error for small errors, by differences: 1 + 2 b²."""
    y = code.g_a(code.banana(200_000, 7), 30, 0.3)
    e = np.random.default_rng(0).uniform(-1, 1, y.shape) * 1e-3
    moved = code.g_s(y + e, 30, 0.3) - code.g_s(y, 30, 0.3)
    assert np.mean((moved**2).sum(1)) / np.mean((e**2).sum(1)) == pytest.approx(
        1 + 2 * 0.3**2, rel=0.02
    )
    assert 10 * np.log10(1 + 2 * 1.0**2) == pytest.approx(4.8, abs=0.05)


def test_the_limit_is_that_of_a_gaussian_before_it_is_bent():
    """R(D) of two Gaussians with equal distortion: sum of ½ log2(variance / D), as D is small."""
    cloud = cells.prepare(images.sample("coffee")).banana
    for rate, snr in curves_drawing.bound(cloud)[4:]:
        D = cloud.x.var(0).mean() / 10 ** (snr / 10)  # per number
        assert D < 1 / 36
        assert 0.5 * np.log2(1 / D) + 0.5 * np.log2(1 / 36 / D) == pytest.approx(rate)


@pytest.mark.browser
def test_the_slider_in_a_browser(tmp_path):
    lesson = without(figures(LESSON, tmp_path), tmp_path, "learn")  # what is trained, and needs it
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        explorer = page.locator(".lic-explorer").first
        slider = explorer.get_by_role("slider", name="Bend", exact=True)
        slider.wait_for()
        drawings = explorer.locator(".lic-plot svg[role=img]")
        before = drawings.evaluate_all("all => all.map(e => e.outerHTML)")
        text = explorer.locator(".lic-readout table").inner_text()
        slider.focus()
        slider.press("PageUp")
        page.wait_for_function(
            """([first, second, text]) => {
                const here = document.querySelector(".lic-explorer");
                const drawings = [...here.querySelectorAll(".lic-plot svg[role=img]")];
                const now = drawings.map(e => e.outerHTML);
                return now.length === 2 && now[0] !== first && now[1] !== second
                    && here.querySelector(".lic-readout table").innerText !== text;
            }""",
            arg=[*before, text],
        )
        assert slider.get_attribute("aria-valuetext").startswith("Bend ")
