"""Tell the decoder where: both ways by hand, the recoder, sigma of the real codec, explorer."""

import xml.etree.ElementTree as ET

import constriction
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats

from lic_teach import contents, images, jpeg
from lic_teach.course.tell_the_decoder_where import adapting, classes, exercises, recoding
from lic_teach.course.tell_the_decoder_where.classes import GUESSED, TOLD, Classes
from lic_teach.jpeg import codec, frame
from lic_teach.kit import checks
from lic_teach.kit.expected import expected
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

LESSON = contents.notebook("tell_the_decoder_where")
LAPLACE = constriction.stream.model.QuantizedLaplace(-4095, 4095)
SVG = "{http://www.w3.org/2000/svg}"


def model_of(name, count, look):
    return adapting.fitted(adapting.others(images.sample(name)), count, look)


def bpp(name, count, look):
    """Coefficients and, for told classes, side information, in bits per pixel."""
    k, model = adapting.of_sample(name), model_of(name, count, look)
    bits, side = adapting.spent(k, adapting.classes(look(k), model), model)
    return bits.sum() / k.size, side.sum() / k.size * (look is adapting.told)


# --- by hand -----------------------------------------------------------------------------


def test_what_is_spent_is_scipys_laplace_mass_on_each_number():
    k, model = adapting.of_sample("chelsea")[:3, :4], model_of("chelsea", 8, adapting.told)
    number = adapting.classes(adapting.told(k), model)
    law = stats.laplace(0, model.sigma[number] / 2**0.5)
    mass = law.cdf(0.5 - np.abs(k)) - law.cdf(-0.5 - np.abs(k))
    expected_bits = np.minimum(-np.log2(np.maximum(mass, 1e-300)), 24).sum(-1)
    bits, side = adapting.spent(k, number, model)
    np.testing.assert_allclose(bits, expected_bits, rtol=1e-5)
    np.testing.assert_allclose(2.0**-side, model.share[number])


def test_a_width_is_the_one_of_fewest_bits_among_all_that_can_be_chosen():
    pictures = [adapting.of_sample("coffee")]
    model = adapting.fit(pictures, 3)
    number = adapting.classes(adapting.told(pictures[0]), model)
    for q, j in ((0, 1), (2, 0), (2, 20)):
        values = pictures[0][number == q, j][:, None].clip(-adapting.REACH, adapting.REACH)
        law = stats.laplace(0, adapting.SIGMAS / 2**0.5)
        mass = law.cdf(0.5 - np.abs(values)) - law.cdf(-0.5 - np.abs(values))
        cost = -np.log2(np.maximum(mass, 1e-300)).sum(0)
        chosen = np.flatnonzero(model.sigma[q, j] == adapting.SIGMAS)[0]
        assert cost[chosen] <= cost.min() * (1 + 1e-6)


def test_the_first_class_is_of_silent_blocks_and_the_others_are_about_equally_full():
    pictures = [adapting.of_sample(n) for n in ("astronaut", "coffee")]
    model = adapting.fit(pictures, 8)
    silent = np.mean(np.concatenate([(k[..., 1:] == 0).all(-1).ravel() for k in pictures]))
    assert model.share[0] == pytest.approx(silent, abs=1e-3)
    assert model.share[1:].max() < 2 * model.share[1:].min()
    assert np.all(np.diff(model.sigma[:, 1]) > 0)  # a busier class is wider


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_sums_undo_differences_and_differences_are_those_of_neighbours(n, m, seed):
    k = np.random.default_rng(seed).integers(-90, 90, (n, m, 64))
    d = adapting.differences(k)
    np.testing.assert_array_equal(adapting.sums(d), k)
    np.testing.assert_array_equal(d[..., 1:], k[..., 1:])
    np.testing.assert_array_equal(d[:, 1:, 0], np.diff(k[..., 0], axis=1))


@given(st.integers(0, 3), st.integers(0, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_guess_does_not_change_with_what_is_decoded_later(row, column, seed):
    """The first row and the first column, too: no block is its own neighbour."""
    rng = np.random.default_rng(seed)
    busy = rng.gamma(2, 3, (4, 5))
    later = busy.copy()
    later[row, column:], later[row + 1 :] = rng.gamma(2, 9, 5 - column), 99
    before, after = adapting.around(busy)[row, column], adapting.around(later)[row, column]
    assert before == after


def test_telling_and_guessing_gain_the_same_over_four_unseen_photographs():
    one, told, guessed = (
        sum(sum(bpp(name, count, look)) for name in images.SAMPLES)
        for count, look in ((1, adapting.told), (8, adapting.told), (8, adapting.guessed))
    )
    assert told / one - 1 == pytest.approx(-0.20, abs=0.01)
    assert guessed / told == pytest.approx(1, abs=0.01)


def test_the_cat_in_eight_told_classes_has_a_seventh_of_side_information():
    bits, side = bpp("chelsea", 8, adapting.told)
    assert side / (bits + side) == pytest.approx(0.137, abs=0.001)
    assert sum(bpp("chelsea", 1, adapting.told)) == pytest.approx(0.394, abs=0.001)
    assert bpp("chelsea", 8, adapting.guessed)[0] == pytest.approx(0.346, abs=0.001)


def classes_by_context(name):
    """Bits per pixel of eight told classes, each coded with a table for the two around it."""
    seen, k = [adapting.of_sample(n) for n in images.SAMPLES if n != name], adapting.of_sample(name)
    model = adapting.fit(seen, 8, adapting.told)
    table = np.full((15, 8), 0.5)
    for other in seen:
        number = adapting.classes(adapting.told(other), model)
        np.add.at(table, (causal(number), number), 1)
    table /= table.sum(1, keepdims=True)
    number = adapting.classes(adapting.told(k), model)
    bits, _ = adapting.spent(k, number, model)
    return (bits.sum() - np.log2(table[causal(number), number]).sum()) / k.size


def causal(number):
    """The sum of the classes to the left and above, at the rim twice the one that is there."""
    left, above = np.zeros_like(number), np.zeros_like(number)
    left[:, 1:], above[1:] = number[:, :-1], number[:-1]
    above[0], left[:, 0] = left[0], above[:, 0]
    return left + above


def test_a_sketch_with_context_takes_less_and_then_telling_leads_on_three_of_four():
    plain = {name: sum(bpp(name, 8, adapting.told)) for name in images.SAMPLES}
    found = {name: classes_by_context(name) for name in images.SAMPLES}
    assert all(0.94 < found[name] / plain[name] < 0.985 for name in found)
    leads = [found[name] < sum(bpp(name, 8, adapting.guessed)) for name in found]
    assert sum(leads) == 3


def test_a_class_of_the_cat_costs_more_than_a_plain_number_of_three_bits():
    assert 64 * bpp("chelsea", 8, adapting.told)[1] == pytest.approx(3.25, abs=0.02)


def test_constriction_writes_what_the_estimate_says():
    k, model = adapting.of_sample("rocket"), model_of("rocket", 8, adapting.told)
    number = adapting.classes(adapting.told(k), model)
    coder = constriction.stream.queue.RangeEncoder()
    b = model.sigma[number].ravel() / 2**0.5
    coder.encode(k.ravel().astype(np.int32), LAPLACE, np.zeros(k.size), b)
    bits = adapting.spent(k, number, model)[0].sum()
    assert 32 * len(coder.get_compressed()) == pytest.approx(bits, rel=0.01)


def test_the_photograph_that_is_shown_is_not_among_those_that_a_model_saw():
    for name in images.SAMPLES:
        assert set(adapting.others(images.sample(name))) == set(images.SAMPLES) - {name}
    assert adapting.others(np.zeros((8, 8, 3), np.uint8)) == images.SAMPLES


# --- recoding ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights():
    return recoding.for_photo("chelsea", 50)


def test_bits_are_scipys_laplace_mass():
    k, b = np.arange(-9, 10), np.array([[0.05], [0.4], [3.0], [60.0]])
    law = stats.laplace(0, b)
    mass = law.cdf(0.5 - np.abs(k)) - law.cdf(-0.5 - np.abs(k))
    found = recoding.bits(torch.from_numpy(k), torch.from_numpy(b)).numpy()
    seen = mass > 1e-12
    np.testing.assert_allclose(found[seen], -np.log2(mass[seen]), rtol=1e-4)


def test_the_same_jpg_comes_back_and_is_smaller_than_by_the_standards_arithmetic_coder(weights):
    data = jpeg.encode(images.sample("chelsea"), 50)
    parts = recoding.planes(data)
    payload = recoding.encode(parts, weights)
    back = recoding.decode(payload, [p.shape[:2] for p in parts], weights)
    for p, again in zip(parts, back, strict=True):
        np.testing.assert_array_equal(p, again)
    assert recoding.restored(data, back) == data
    assert 8 * len(payload) == pytest.approx(recoding.estimate(parts, weights), rel=0.01)
    size = len(payload) + recoding.header_bytes(data)
    assert size / len(data) - 1 == pytest.approx(-0.16, abs=0.01)
    assert size < len(jpeg.encode(images.sample("chelsea"), 50, arithmetic=True))


def test_pillows_jpg_keeps_every_coefficient(tmp_path, weights):
    """A file of another program, of another picture, with other tables."""
    path = tmp_path / "a.jpg"
    Image.fromarray(images.sample("coffee")[:100, :123]).save(path, quality=80, subsampling=0)
    parts = recoding.planes(path.read_bytes())
    back = recoding.decode(recoding.encode(parts, weights), [p.shape[:2] for p in parts], weights)
    blocks, layout, _ = codec.unpack(path.read_bytes())
    for k, again in zip(frame.split(blocks, layout), back, strict=True):
        np.testing.assert_array_equal(adapting.sums(again), k)


def test_no_width_depends_on_a_block_that_comes_later():
    """A decoder has zeros there: other numbers later, the same neighbours now."""
    k = np.random.default_rng(0).integers(-9, 9, (5, 6, 64))
    for row, column in np.ndindex(5, 6):
        known = np.zeros_like(k)
        known[:row], known[row, :column] = k[:row], k[row, :column]
        whole, part = (recoding.neighbours(recoding.sizes(x), row, column) for x in (k, known))
        np.testing.assert_array_equal(whole, part)
    everywhere = recoding.neighbours(recoding.sizes(k), slice(0, 5), slice(0, 6))
    np.testing.assert_array_equal(everywhere[3, 2], recoding.neighbours(recoding.sizes(k), 3, 2))


def test_the_networks_have_as_many_numbers_as_is_said(weights):
    for w in weights:
        assert sum(part.size for part in w[1:]) == 8288
    assert "a network of 8,288 numbers" in lessons.prose("tell_the_decoder_where")


@pytest.mark.parametrize("quality", [10, 95])
def test_header_bytes_are_all_but_the_scan_and_its_tables(quality):
    data = jpeg.encode(images.sample("chelsea"), quality)
    tables = sum(int.from_bytes(data[i + 2 : i + 4], "big") + 2 for i in starts(data, 0xC4))
    scan = starts(data, 0xDA)[0]
    scan += int.from_bytes(data[scan + 2 : scan + 4], "big") + 2
    assert recoding.header_bytes(data) == scan - tables + 2


def starts(data, marker):
    """Where segments of this marker begin: no other FF stands in the header of our files."""
    head = data[: data.index(b"\xff\xda") + 2]
    return [i for i in range(len(head) - 1) if head[i] == 0xFF and head[i + 1] == marker]


# --- sigma of the learned codec ----------------------------------------------------------


@pytest.fixture(scope="module")
def latents():
    return expected(images.sample("chelsea"))


def test_distances_from_the_mean_are_whole_and_their_widths_those_of_the_tables(latents):
    distance = latents.y_hat - latents.mean
    np.testing.assert_allclose(distance, np.rint(distance), atol=1e-3)
    number = 8 * np.log(latents.sigma / 0.11)
    np.testing.assert_allclose(number, np.rint(number), atol=1e-3)


def test_divided_by_sigma_the_busy_places_are_no_wider_than_the_quiet_ones(latents):
    sigma, left = latents.sigma[2], latents.left[2]
    quiet, busy = sigma <= np.quantile(sigma, 0.1), sigma >= np.quantile(sigma, 0.9)
    spread = [np.sqrt(np.mean(left[where] ** 2)) for where in (quiet, busy)]
    assert spread[1] / spread[0] == pytest.approx(1, abs=0.1)
    far = [np.sqrt(np.mean((left * sigma)[where] ** 2)) for where in (quiet, busy)]
    assert far[1] / far[0] == pytest.approx(10, abs=1)


# --- exercises ---------------------------------------------------------------------------


def test_a_guess_of_the_wrong_shape_is_said_so():
    assert "(5, 7)" in checks.verdict(exercises.around, lambda busy: busy.mean())


def at_the_rim(first=0.0, left=1.0):
    """The right guess, but for the first block, or for a factor in the first column."""

    def answer(busy):
        found = adapting.around(busy)
        found[1:, 0] *= left
        found[0, 0] = first
        return found

    return answer


@pytest.mark.parametrize(
    "answer, hint",
    [
        (at_the_rim(first=3.0), "All is right but the first block"),
        (at_the_rim(first=np.nan), "All is right but the first block"),
        (at_the_rim(left=0.5), "Inside it is right. In the first row"),
        (lambda busy: busy + 1, "Left is busy"),
    ],
)
def test_where_a_guess_is_wrong_is_said(answer, hint):
    assert hint in checks.verdict(exercises.around, answer)


def test_who_changes_what_it_is_given_spoils_nothing():
    def spoiled(k, number, model):
        for part in (k, number, *model):
            part[...] = 1
        return 0.0

    assert checks.verdict(exercises.price, spoiled).startswith("Not yet. ")
    right = checks.verdict(
        exercises.price,
        lambda *case: sum(bits.sum() for bits in adapting.spent(*case)) / case[0].size,
    )
    assert right.startswith("Right. ")
    rounded = checks.verdict(
        exercises.price,
        lambda *case: round(sum(bits.sum() for bits in adapting.spent(*case)) / case[0].size, 2),
    )
    assert rounded.endswith("Leave it unrounded.")


# --- the explorer ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ex():
    return Classes()


def test_the_map_has_as_many_classes_as_the_slider_at_most(ex):
    for count in (1, 2, 8, 16):
        result = classes.compute(ex.source, count, TOLD)
        assert len(np.unique(classes.class_map(result)[::8, ::8].reshape(-1, 3), axis=0)) <= count


def test_what_the_explorer_says_are_the_bits_by_hand(ex):
    result = classes.compute(ex.source, 8, TOLD)
    np.testing.assert_allclose(result.bpp(TOLD), bpp("chelsea", 8, adapting.told))
    np.testing.assert_allclose(result.bpp(GUESSED), bpp("chelsea", 8, adapting.guessed))


def test_the_drawing_has_two_bars_a_number_of_classes(ex):
    drawing = ET.fromstring(ex.plot.value)
    bars = [r for r in drawing.iter(f"{SVG}rect") if "fill-opacity" in r.get("style", "")]
    assert len(bars) == 2 * 15 - 1  # the chosen one in full colour; one class has no side


def test_the_readout_follows_the_controls(ex):
    ex.count, ex.knows = 4, GUESSED
    assert ex.readout.summary.startswith("4 classes, told: 0.328 ")
    assert ex.readout.summary.endswith("guesses")
    ex.count, ex.knows = 8, TOLD


def test_what_the_tries_say_is_so(ex):
    told = ex.source.ways[TOLD]
    assert told.coefficients[1] > told.coefficients[0]  # 2 classes: no cheaper
    assert told.side[15] - told.side[7] == pytest.approx(0.012, abs=0.0005)
    assert told.coefficients[7] - told.coefficients[15] == pytest.approx(0.001, abs=0.0005)
    ratio = {n: bpp(n, 8, adapting.guessed)[0] / sum(bpp(n, 8, adapting.told)) for n in
             ("astronaut", "chelsea")}  # fmt: skip
    assert ratio["astronaut"] - 1 == pytest.approx(0.04, abs=0.005)
    assert ratio["chelsea"] - 1 == pytest.approx(-0.07, abs=0.005)
    bits, side = bpp("rocket", 8, adapting.told)
    assert side / (bits + side) == pytest.approx(0.11, abs=0.005)
    assert (bits + side) / sum(bpp("rocket", 1, adapting.told)) == pytest.approx(0.70, abs=0.005)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_slider_moves_the_bars_and_the_button_the_map(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        explorer = page.locator(".lic-explorer")
        slider = explorer.get_by_role("slider", name="Classes", exact=True)
        slider.wait_for()
        drawing = explorer.locator(".lic-plot svg[role=img]")
        drawing.get_by_text("Told 0.371, guessed 0.346").wait_for()
        slider.press("Home")
        drawing.get_by_text("Told 0.394, guessed 0.394").wait_for()
        slider.press("End")
        drawing.get_by_text("Told 0.381, guessed 0.345").wait_for()
        box = drawing.bounding_box()
        assert box["y"] + box["height"] - slider.bounding_box()["y"] < 600
        explorer.get_by_role("button", name="the cat, guessed", exact=True).click()
        drawing.get_by_text("Told 0.371, guessed 0.346").wait_for()
