"""Bitstream: its two explorers, the hints of its exercises, what its prose says."""

import itertools
import math
import re
import xml.etree.ElementTree as ET
from fractions import Fraction as F
from functools import partial

import constriction
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lic_teach import contents, images, jpeg, learned, metrics
from lic_teach.course.bitstream import break_decoder, exercises, interval_zoom
from lic_teach.course.bitstream.break_decoder import FLOAT, TABLES, WHOLE, BreakDecoder
from lic_teach.course.bitstream.interval_zoom import IntervalZoom
from lic_teach.kit import checks
from lic_teach.learned import container
from tests import lessons
from tests.lab import chromium, jupyterlab, open_notebook, run_all

SVG = "{http://www.w3.org/2000/svg}"
LESSON = contents.notebook("bitstream")


# --- interval zoom -----------------------------------------------------------------------


def narrowed(message, often):
    now = interval_zoom.Interval(F(0), F(1))
    for letter in message:
        now = interval_zoom.narrow(now, interval_zoom.parts(often)[letter])
    return now


@pytest.mark.parametrize("often", [34, 75, 98])
def test_the_messages_of_one_length_fill_0_to_1_in_order(often):
    end = F(0)
    for message in itertools.product("ABC", repeat=4):
        low, width = narrowed(message, often)
        chance = math.prod(interval_zoom.parts(often)[letter].width for letter in message)
        assert low == end and width == chance > 0
        end = low + width
    assert end == 1


@st.composite
def some_interval(draw):
    low, high = sorted(
        draw(st.sets(st.fractions(0, 1, max_denominator=5000), min_size=2, max_size=2))
    )
    return interval_zoom.Interval(low, high - low)


@given(some_interval(), st.floats(0, 1, exclude_max=True))
def test_certain_bits_begin_every_number_of_the_interval_and_no_more_do(found, share):
    bits = interval_zoom.certain(found)

    def begins(number):
        return f"{int(number * 2 ** len(bits)):0{len(bits)}b}" if bits else ""

    assert begins(found.low) == begins(found.low + found.width * F(share)) == bits
    k = len(bits) + 1  # the next bit is not the same: its border lies inside
    border = F(2 * int(bits or "0", 2) + 1, 2**k)
    assert found.low < border < found.low + found.width


@given(some_interval())
def test_the_shortest_name_stays_inside_and_none_is_shorter(found):
    bits = interval_zoom.shortest(found)
    low, k = F(int(bits or "0", 2), 2 ** len(bits)), len(bits)
    assert found.low <= low and low + F(1, 2**k) <= found.low + found.width
    for fewer in range(k):
        first = math.ceil(found.low * 2**fewer)
        assert F(first + 1, 2**fewer) > found.low + found.width
    assert -math.log2(found.width) - 1e-9 <= k <= math.ceil(-math.log2(found.width)) + 1


def test_compute_counts_bits_letter_by_letter():
    message = interval_zoom.MESSAGES["typical"]
    result = interval_zoom.compute(None, message, 75, 24)
    assert message.count("B") == 18 and len(message) == 24
    p = {"A": 0.125, "B": 0.75, "C": 0.125}
    np.testing.assert_allclose(
        result.ideal, np.cumsum([0.0] + [-math.log2(p[letter]) for letter in message])
    )
    assert result.huffman[-1] == 18 + 2 * 6
    for shorter, longer in itertools.pairwise(result.certain):
        assert longer.startswith(shorter)
    assert result.file.startswith(result.certain[-1])
    assert (
        exercises._misread(result.file, {k: tuple(v) for k, v in result.chances.items()}, 24)
        == message
    )


def test_all_b_leaves_every_bit_open_and_one_c_settles_them():
    alone = interval_zoom.compute(None, interval_zoom.MESSAGES["all B"], 75, 24)
    assert alone.certain[-1] == "" and alone.ideal[-1] > 9
    assert "no bit can be told yet" in interval_zoom.words(alone)
    ended = interval_zoom.compute(None, interval_zoom.MESSAGES["all B, and C at the end"], 75, 24)
    assert len(ended.certain[-2]) == 0 and len(ended.certain[-1]) >= 9


def test_what_the_lesson_says_about_95_percent():
    def ideal(often):
        return interval_zoom.compute(None, interval_zoom.MESSAGES["typical"], often, 24)

    assert min(range(34, 99), key=lambda often: ideal(often).ideal[-1]) == 75
    assert ideal(95).huffman == ideal(75).huffman and ideal(95).ideal[-1] > ideal(75).ideal[-1]


@pytest.mark.parametrize("message", interval_zoom.MESSAGES.values())
@pytest.mark.parametrize("step", [0, 1, 13, 24])
def test_the_zoom_is_drawn_to_scale(message, step):
    result = interval_zoom.compute(None, message, 60, step)
    view = interval_zoom.draw(result)
    plot = ET.fromstring(view.plot)
    bars = [float(r.get("width")) for r in plot.iter(SVG + "rect")]
    assert len(bars) == 3 * min(step + 1, 4)
    np.testing.assert_allclose(bars, [88.8, 266.4, 88.8] * (len(bars) // 3), atol=0.06)
    ET.fromstring(f"<div>{view.readout}</div>")
    bits = len(result.certain[-1])
    assert f"{bits} bit{'' if bits == 1 else 's'} certain" in view.plot


def test_interval_shell():
    ex = IntervalZoom()
    first = ex.readout.summary
    assert first.startswith(
        "4 letters, BBCB: 4.25 bits of information, certain bits 1, the file 101111"
    )
    ex.set(step=24, often=98, message=interval_zoom.MESSAGES["all B"])
    assert "0.70 bits of information, certain bits none" in ex.readout.summary
    ex.step = 0
    assert ex.readout.summary.startswith("0 letters, none: 0.00 bits")
    ex._reset.click()
    assert ex.readout.summary == first
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"IntervalZoom: {first}" and bundle["image/png"]


# --- break the decoder -------------------------------------------------------------------


@pytest.fixture(scope="module", params=images.SAMPLES)
def source(request):
    return break_decoder.prepare(images.sample(request.param))


def test_without_error_every_way_gives_the_latents_back(source):
    for way in (FLOAT, TABLES, WHOLE):
        found, stops, tipped = break_decoder.decode(source, way, 0.0)
        np.testing.assert_array_equal(found, source.q)
        assert not stops and not tipped


def test_tables_and_whole_numbers_write_the_same_file(source):
    np.testing.assert_array_equal(source.words[TABLES], source.words[WHOLE])
    assert len(source.words[FLOAT]) == pytest.approx(len(source.words[WHOLE]), rel=0.03)


def test_1e_7_breaks_floats_near_the_top_and_whole_numbers_never(source):
    broken = break_decoder.compute(source, FLOAT, 1e-7)
    assert broken.first is not None and broken.first.row <= 2
    assert np.mean(broken.wrong[broken.first.row + 2 :] > 0) > 0.5
    row, column, wrote, read = broken.first
    assert wrote in source.q[row, column] and wrote != read
    assert not broken.wrong[:row].any() and not broken.wrong[row, :column].any()
    assert metrics.psnr(source.right, broken.picture) < 25
    for error in (1e-7, 1e-2):
        whole = break_decoder.compute(source, WHOLE, error)
        assert whole.first is None and not whole.stops
        np.testing.assert_array_equal(whole.picture, source.right)


def test_a_smaller_error_falls_later_and_tables_bear_far_more(source):
    def row(way, error):
        first = break_decoder.compute(source, way, error).first
        return 99 if first is None else first.row

    assert row(FLOAT, 1e-13) == 99 > row(FLOAT, 1e-7)
    assert row(TABLES, 1e-8) == 99 > row(TABLES, 1e-2)
    tipped = break_decoder.compute(source, TABLES, 1e-2)
    assert tipped.tipped > 0


def test_the_widths_come_from_decoded_latents_only():
    rng = np.random.default_rng(0)
    own, above = rng.integers(200, 900, 5), rng.integers(-4, 5, (7, 5))
    found = break_decoder.widths(own, above)
    assert found.dtype.kind == "i"
    padded = np.abs(np.vstack((above[:1], above, above[-1:])))
    for place in range(7):
        blur = padded[place] / 4 + padded[place + 1] / 2 + padded[place + 2] / 4
        np.testing.assert_allclose(found[place] / 1024, own / 1024 + blur / 2)


def test_draw_says_what_broke():
    source = break_decoder.prepare(images.sample("chelsea"))
    broken = break_decoder.draw(break_decoder.compute(source, FLOAT, 1e-7))
    assert "<b>Broken.</b> The first wrong number is in row" in broken.readout
    ET.fromstring(f"<div>{broken.readout}</div>")
    assert broken.picture[0] != broken.picture[1]
    right = break_decoder.draw(break_decoder.compute(source, WHOLE, 1e-2))
    assert "there is no last digit that could differ" in right.readout
    assert right.picture[0] == right.picture[1]
    bpp = 32 * len(source.words[WHOLE]) / 256**2
    assert f"<td>{bpp:.3f}</td>" in right.readout


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 8, 3), (40, 300, 3)])
def test_small_and_flat_pictures(shape):
    flat = break_decoder.prepare(np.full(shape, 200, np.uint8))
    for way in (FLOAT, TABLES, WHOLE):
        break_decoder.draw(break_decoder.compute(flat, way, 1e-2))


def test_break_shell():
    ex = BreakDecoder()
    first = ex.readout.summary
    ex.error = 1e-7
    assert "wrong from row" in ex.readout.summary
    ex.ways = WHOLE
    assert ex.readout.summary.endswith("every latent is right")
    ex.load("rocket")
    assert ex.readout.summary.endswith("every latent is right")
    ex.load("chelsea")
    ex._reset.click()
    assert ex.readout.summary == first
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"BreakDecoder: {first}" and "image/png" in bundle


# --- the exercises -----------------------------------------------------------------------


read = exercises._reader()  # without a mistake


def test_read_back_in_floats_is_right_at_first_and_then_lost():
    def answer(bits, parts, count):
        number, message = int(bits, 2) / 2 ** len(bits), ""
        for _ in range(count):
            for letter, (start, width) in parts.items():
                if start <= number < start + width:
                    message += letter
                    number = (number - float(start)) / float(width)
                    break
        return message

    verdict = checks.verdict(exercises.read_back, answer)
    assert "a float has 53 bits" in verdict
    expected, found = re.search("should be (.*?), you read (.*?)[.] ", verdict).groups()
    assert expected != found and len(expected) <= 14


def test_bill_may_be_written_with_unpack():
    def answer(data, estimate):
        payload = 8 * len(container.read(data)[1])
        return 8 * len(data) - payload, payload - estimate

    assert checks.verdict(exercises.bill, answer).startswith("Right. ")


def test_read_back_takes_a_list_of_letters():
    verdict = checks.verdict(exercises.read_back, lambda *task: list(read(*task)))
    assert verdict.startswith("Right. ")


@pytest.mark.parametrize(
    "bugs, hint",
    [
        ({"order": False}, "Already a message of one word"),
        ({"carry": False}, "That 1 belongs somewhere"),
        ({"end": False}, "the number of the last word"),
        ({"order": False, "carry": False}, "Already a message of one word"),
        ({"order": False, "end": False}, "Already a message of one word"),
        ({"carry": False, "end": False}, "That 1 belongs somewhere"),
    ],
)
def test_range_encode_names_the_first_bug_that_is_left(bugs, hint):
    verdict = checks.verdict(exercises.range_encode, named(partial(exercises.encoded, **bugs)))
    assert verdict.startswith("Not yet. ") and hint in verdict


def named(function):
    return lambda *task: function(*task)


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("read_back", lambda b, p, n: "", "not of 2ⁿ − 1"),
        ("read_back", lambda b, p, n: read(b, p, n + 1), "Letters asked for: 1"),
        ("read_back", lambda b, p, n: read(b, p, 1) * n, "Always the same letter"),
        ("read_back", lambda b, p, n: read(b, p, n)[::-1], "In whose part"),
        ("range_encode", lambda s, c: [1, 2], "Return the bytes"),
        ("range_encode", lambda s, c: exercises.encoded(s, c) + bytes(8), "too many words"),
        ("bill", lambda data, e: (153, 0), "Add up the table"),
        ("bill", lambda data, e: (152, 0), "File = around + estimate + lost"),
        ("bill", lambda data, e: (152, float("nan")), "File = around + estimate + lost"),
        ("bill", lambda data, e: 152, "Return two numbers"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_bill_takes_an_array_and_whole_bits():
    for kind in (np.array, lambda pair: [round(part) for part in pair]):
        verdict = checks.verdict(
            exercises.bill, lambda data, e, kind=kind: kind((152.0, 8 * len(data) - 152 - e))
        )
        assert verdict.startswith("Right. ")


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    """The imports and functions of the lesson's cells, by name."""
    return lessons.definitions("bitstream")


@given(st.data())
@settings(max_examples=60)
def test_the_lessons_range_coder_returns_every_message_at_its_price(lesson, data):
    counts = data.draw(st.lists(st.integers(1, 2**18), min_size=2, max_size=40))
    message = data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=300))
    file = lesson["range_encode"](message, counts)
    assert lesson["range_decode"](file, counts, len(message)) == message
    assert file == exercises.encoded(message, counts)  # the exercise's
    assert exercises.decoded(file, counts, len(message)) == message
    ideal = -sum(math.log2(counts[s] / sum(counts)) for s in message)
    assert ideal <= 8 * len(file) <= ideal + 64
    share = constriction.stream.model.Categorical(np.array(counts) / sum(counts), perfect=False)
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(np.array(message, np.int32), share)
    assert abs(8 * len(file) - coder.num_bits()) <= 32


def test_a_carry_runs_through_many_words(lesson):
    """All in the middle, then one at the top: 0.0111... becomes 0.1000..."""
    counts = [1, 10, 1]
    message = [1] * 3000 + [2] + [0, 1, 2] * 20
    file = lesson["range_encode"](message, counts)
    assert lesson["range_decode"](file, counts, len(message)) == message


@pytest.mark.parametrize("name", images.SAMPLES)
def test_file_size_against_estimate(name):
    """Issue 7's fact: within 1 % and 64 bytes, at small and large lambda, for each model."""
    photo = images.sample(name)
    for model in map(learned.load, learned.shipped()):
        y = learned.analyse(photo, model)
        for lam in (5e-4, 1e-3, 1e-2, 1e-1):
            bits = 8 * len(learned.encode_latents(y, photo.shape[:2], model, lam))
            estimate = learned.estimate(y, model, lam)
            assert abs(bits - estimate) <= 0.01 * estimate + 8 * 64
            # constriction rounds each probability to 24 bits: a little more, or less. Of 2^24 a
            # symbol with 1 of 2^20 gets 17: under the fixed prior many latents lie so far out.
            if model.kind != "fixed":
                assert abs(bits - 8 * container.OVERHEAD - estimate) < 64 + 3e-4 * estimate


def test_the_lost_carry_hides_from_short_messages():
    def share_broken(length):
        chance, broken = np.random.default_rng(0), 0
        for _ in range(100):
            message = chance.choice(3, length, p=np.array(exercises.COUNTS) / 32).tolist()
            file = exercises.encoded(message, exercises.COUNTS, carry=False)
            broken += exercises.decoded(file, exercises.COUNTS, length) != message
        return broken / 100

    assert share_broken(20) < 0.05 and share_broken(1000) == 1


def test_figures_of_the_prose():
    assert 1 / -math.log2(0.99) == pytest.approx(69, abs=0.1)
    data = jpeg.encode(images.sample("chelsea"), 50)
    assert sum(s.length for s in jpeg.container.parse(data) if s.name) == 339


def test_overhead_is_the_lessons_19_bytes():
    assert container.OVERHEAD == exercises.AROUND == 19 and container.HEADER.size == 15


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_step_and_break():
    with jupyterlab([LESSON]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        zoom, breaker = page.locator(".lic-explorer").nth(0), page.locator(".lic-explorer").nth(1)
        step = zoom.get_by_role("slider", name="Letters coded", exact=True)
        step.wait_for()
        zoom.get_by_text("4 letters, 1 bit certain").wait_for()
        step.focus()
        step.press("End")
        zoom.get_by_text("24 letters, 24 bits certain").wait_for()
        zoom.get_by_role("combobox").first.select_option("all B")
        zoom.get_by_text("24 letters, 0 bits certain").wait_for()
        zoom.get_by_role("button", name="Reset").click()
        zoom.get_by_text("4 letters, 1 bit certain").wait_for()
        error = breaker.get_by_role("slider", name="Widths differ by up to", exact=True)
        error.scroll_into_view_if_needed()
        error.focus()
        error.press("End")
        breaker.get_by_text("Broken.").first.wait_for()
        breaker.get_by_role("button", name=WHOLE, exact=True).click()
        breaker.get_by_text("All right.").first.wait_for()
        error.press("Home")
        assert "1e-13" in error.get_attribute("aria-valuetext")
