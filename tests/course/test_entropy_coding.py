"""Entropy coding: its two explorers, the hints of its exercises, what its prose says."""

import functools
import heapq
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from scipy.stats import entropy

from lic_teach import contents, images, jpeg
from lic_teach.course.entropy_coding import block_bits, block_bits_drawing, exercises, huffman_tree
from lic_teach.jpeg import codec, huffman, scan
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

# --- one block, step by step -------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return block_bits.prepare(images.sample("chelsea"))


def test_the_thread_block(source):
    result = block_bits.compute(source, 50, 64, (88, 192))
    assert np.count_nonzero(result.values) == 9 and result.step == 10
    assert result.values[:10].tolist() == [-8, -15, 16, -3, 8, -4, 0, 0, -1, 1]
    names = [(s.name, s.run, s.size) for s in result.symbols]
    assert names[0] == ("DC", 0, 4) and names[-2:] == [("AC", 14, 1), ("EOB", 0, 0)]
    assert sum(len(s.code + s.extra) for s in result.symbols) == 73


@pytest.mark.parametrize("quality", [5, 50, 95])
@pytest.mark.parametrize("at", [(0, 0), (88, 200), (96, 192), (299, 450)])
def test_the_symbols_tell_the_block_and_stand_in_the_file(source, quality, at):
    result = block_bits.compute(source, quality, 64, at)
    values = np.zeros(64, int)
    for s in result.symbols:
        if s.name in ("DC", "AC"):
            values[s.k] = s.value
    np.testing.assert_array_equal(values, result.values)
    assert [k for s in result.symbols for k in range(64)[block_bits_drawing.covered(s)]] == list(
        range(64)
    )
    row, column = result.at
    assert row == at[0] // 8 * 8 and column == at[1] // 8 * 8
    libjpeg = np.array(Image.open(io.BytesIO(result.coded.data)))  # the file is a real one
    shown = decode_picture(result.coded.picture)
    assert np.abs(libjpeg.astype(int) - shown).max() <= 4


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")


@pytest.mark.parametrize("step", [1, 5, 9, 10])
def test_the_bits_grow_with_the_steps(source, step):
    result = block_bits.compute(source, 50, step, (88, 192))
    view = block_bits.draw(result)
    svg = ET.fromstring(view.plot)
    texts = ["".join(t.itertext()) for t in svg.iter() if t.tag.endswith("text")]
    bits = "".join(s.code + s.extra for s in result.symbols[:step])
    chips = texts[-2 * step + 1 :: 2]
    assert "".join(chips) == bits
    assert texts[0] == f"{step} of 10 symbols, {len(bits)} bits"
    assert str(len(bits)) in " ".join(parsed(view.readout).itertext())


def test_what_there_is_to_see_in_a_block(source):
    """The answers folded under the first explorer."""

    def bits(at, quality=50):
        symbols = block_bits.compute(source, quality, 64, at).symbols
        return sum(len(s.code) for s in symbols), sum(len(s.extra) for s in symbols)

    blurred = [sum(bits((8 * r, 8 * c))) for r in range(9) for c in range(51, 56)]
    assert (min(blurred), max(blurred)) == (11, 16)
    assert bits((88, 192)) == (48, 25) and bits((88, 192), 95) == (147, 103)
    longest = max(block_bits.compute(source, 50, 64, (88, 192)).symbols, key=lambda s: len(s.code))
    assert block_bits_drawing.name_of(longest) == "(14, 1)" and len(longest.code) == 12


def test_words():
    source = block_bits.prepare(images.sample("chelsea"))
    said = [block_bits.words(block_bits.compute(source, 50, n, (88, 192))) for n in range(1, 11)]
    assert "before has DC 4, this one −8: the difference is −12" in said[0]
    assert said[6].startswith("2 zeros, then −1.") and "(−1 + 1 = 0)" in said[6]
    assert said[9].startswith("EOB")


def test_blockbits_shell():
    ex = block_bits.BlockBits()
    assert ex.readout.summary.endswith("73 bits so far") and ex.step == 10
    ex.step = 1
    assert "symbol 1 of 10 is DC size 4" in ex.readout.summary
    ex.step = 10
    ex.quality = 95  # at the right end it stays at the whole block
    assert ex.step == len(ex.result.symbols) > 10
    picture = ex.picture.value
    ex.quality = 5
    assert ex.picture.value != picture and ex.step == len(ex.result.symbols)
    ex._reset.click()
    assert ex.quality == 50 and ex.step == 10
    ex.picture.at = (288, 440)
    ex.load(np.zeros((5, 21, 3), np.uint8))  # smaller than a block, and than `at`
    assert ex.result.at == (0, 16) and "That did not work" not in ex.readout.value
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"BlockBits: {ex.readout.summary}"
    assert bundle["image/png"]


# --- the tree ----------------------------------------------------------------------------


def cost(counts):
    """Bits of the best prefix code, the textbook's sum over the joins: not ours."""
    heap, total = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        total += both
        heapq.heappush(heap, both)
    return total


def tree(counts, joins=huffman_tree.JOINS, show=huffman_tree.GROWING):
    return huffman_tree.compute(None, *counts, joins, show)


@pytest.mark.parametrize("counts", [*huffman_tree.PRESETS.values(), (1, 1, 2, 3, 5, 8)])
def test_the_tree_is_the_best_and_its_words_can_be_told_apart(counts):
    result = tree(counts)
    assert np.dot(counts, result.lengths) == cost(counts)
    assert sum(0.5**length for length in result.lengths) == 1
    words = sorted(result.codes)
    assert not any(b.startswith(a) for a, b in zip(words, words[1:], strict=False))
    ideal, mean = huffman_tree.bits_per_symbol(result)
    assert ideal == pytest.approx(entropy(counts, base=2)) and ideal <= mean + 1e-9 < ideal + 1


def test_canonical_words_are_the_packages():
    lengths = tree(huffman_tree.PRESETS["the cat"]).lengths
    word, length = huffman.codes(huffman.table(np.array([*lengths, *[0] * 250])))
    wanted = [format(int(word[s]), f"0{length[s]}b") for s in range(6)]
    assert list(huffman_tree.canonical(lengths)) == wanted


def test_the_sliders_begin_with_the_cats_counts():
    blocks, layout, _ = codec.unpack(jpeg.encode(images.sample("chelsea"), 50))
    counts = scan.symbol_counts(blocks, layout)[4]
    assert huffman_tree.PRESETS["the cat"] == tuple(counts[[0, 1, 2, 3, 0x11, 0x21]])
    assert set(np.argsort(-counts)[:6]) == {0, 1, 2, 3, 0x11, 0x21}


@pytest.mark.parametrize("show", [huffman_tree.GROWING, huffman_tree.CANONICAL])
@pytest.mark.parametrize("joins", range(6))
def test_tree_is_drawn_whole(show, joins):
    result = tree((1600, 800, 400, 200, 100, 100), joins, show)
    svg = ET.fromstring(huffman_tree.draw(result).plot)
    texts = ["".join(t.itertext()) for t in svg.iter() if t.tag.endswith("text")]
    assert set(huffman_tree.NAMES) <= set(texts)
    done = huffman_tree.JOINS if show == huffman_tree.CANONICAL else joins
    assert texts.count("0") == texts.count("1") == done
    assert len(result.forest) == 6 - done


def test_what_there_is_to_see():
    ideal, mean = huffman_tree.bits_per_symbol(
        tree(huffman_tree.PRESETS["each half of the one before"])
    )
    assert mean == pytest.approx(ideal)
    ideal, mean = huffman_tree.bits_per_symbol(tree(huffman_tree.PRESETS["one takes nearly all"]))
    assert mean > 3 * ideal


def test_tree_shell():
    ex = huffman_tree.HuffmanTree()
    first, plot = ex.readout.summary, ex.plot.value
    ex.a = 10000
    assert ex.readout.summary != first and ex.plot.value != plot
    ex.preset.value = huffman_tree.PRESETS["all equal"]
    assert ex.result.counts == (100,) * 6
    ex.joins = 2
    assert "2 of 5 joins: 4 trees are left" in ex.plot.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.plot.value == plot
    assert ex._repr_mimebundle_()["text/plain"] == f"HuffmanTree: {first}"


# --- the exercises -----------------------------------------------------------------------


def with_bugs(*bugs):
    """A coder that has these bugs and no other."""

    def coder(block, before):
        if "difference" in bugs:
            sent = before - block[0]
        else:
            sent = block[0] - before
        symbols = exercises.coded([sent, *block[1:]], 0)
        if "ZRL" in bugs:
            runs = "".join("1" if v else "0" for v in block[1:]).rstrip("0").split("1")[:-1]
            values = [s for s in symbols[1:] if s[1]]
            tail = symbols[-1:] if symbols[-1][1] == 0 and len(symbols) > 1 else []
            ac = [(len(run), *s[1:]) for run, s in zip(runs, values, strict=True)]
            symbols = [symbols[0], *ac, *tail]
        return symbols + [(0, 0, "")] * ("end" in bugs and block[63] != 0)

    return coder


@pytest.mark.parametrize(
    "bugs, hint",
    [
        (["difference"], "Two are mended. A block with DC 7 after one with DC 5"),
        (["ZRL"], "Two are mended. A coefficient after 19 zeros"),
        (["end"], "Two are mended. A block whose last coefficient"),
        (["difference", "end"], "One is mended. A block with DC 7"),
        (["ZRL", "end"], "One is mended. A coefficient after 19 zeros"),
    ],
)
def test_run_length_hints(bugs, hint):
    verdict = checks.verdict(exercises.run_length, with_bugs(*bugs))
    assert verdict.startswith("Not yet. ") and hint in verdict
    assert checks.verdict(exercises.run_length, with_bugs()).startswith("Right. ")


@pytest.mark.parametrize("limit, zeros", [(14, 15), (16, 16)])
def test_run_length_names_the_run_at_which_zrl_comes_too_early_or_too_late(limit, zeros):
    def coder(block, before):
        out, run = exercises.coded([block[0], *63 * [0]], before)[:1], 0
        for value in block[1:]:
            if value == 0:
                run += 1
                continue
            while run > limit:
                out.append((15, 0, ""))
                run -= 16
            out.append((run, abs(value).bit_length(), exercises.bits_of(value)))
            run = 0
        return out + [(0, 0, "")] * (run > 0)

    verdict = checks.verdict(exercises.run_length, coder)
    assert verdict.startswith(f"Not yet. A coefficient after {zeros} zeros")


@pytest.mark.parametrize(
    "change, hint",
    [
        (lambda s: [t for t in s if t != (0, 0, "")], "no block has an EOB"),
        (lambda s: [(run, size, extra[::-1]) for run, size, extra in s], "came out right before"),
    ],
)
def test_run_length_says_what_was_broken_on_the_way(change, hint):
    def coder(block, before):
        dc, *ac = exercises.coded(block, before)
        return [dc, *change(ac)]

    assert hint in checks.verdict(exercises.run_length, coder)


def test_run_length_says_that_a_difference_may_be_negative():
    def coder(block, before):
        return exercises.coded([abs(block[0] - before), *block[1:]], 0)

    assert "which sign has the difference" in checks.verdict(exercises.run_length, coder)


def test_run_length_with_all_bugs_is_waiting_but_a_new_mistake_is_not():
    judge = functools.partial(checks.verdict, exercises.run_length)
    assert judge(with_bugs("difference", "ZRL", "end")).startswith("Not done yet.")
    assert judge(lambda block, before: [(0, 0, "")]).startswith("Not yet. None is mended. ")


def test_run_length_tells_zrl_before_eob_from_the_sign_of_dc():
    def counting(block, before):
        found, run = [exercises.coded(block, before)[0]], 0
        for value in block[1:]:
            run += value == 0
            if run == 16:
                found, run = [*found, (15, 0, "")], 0
            if value:
                size = abs(value).bit_length()
                found, run = [*found, (run, size, exercises.bits_of(value))], 0
        return [*found, (0, 0, "")] if run else found

    verdict = checks.verdict(exercises.run_length, counting)
    assert "where only zeros follow" in verdict and "DC" not in verdict


def test_read_block_reads_what_run_length_wrote():
    read = exercises.reader()
    assert checks.verdict(exercises.read_block, read).startswith("Right. ")
    for place in ((0, 0), (11, 24), (30, 50)):
        bits, dc_words, ac_words, before, block = exercises.coded_block(*place)
        assert read(bits, dc_words, ac_words, before) == (block, len(bits))


def test_run_length_knows_the_package():
    """The check's own coder against the package's, on a whole photograph."""
    gray = np.array(Image.fromarray(images.sample("coffee")).convert("L"))
    blocks, layout, _ = codec.unpack(jpeg.encode(gray, 50))
    stream, extra = scan.symbol_stream(blocks, layout, scan.script(layout)[0])
    before, found = 0, []
    for block in blocks.tolist():
        found += exercises.coded(block, before)
        before = block[0]
    assert [16 * run + size for run, size, _ in found] == (stream % 256).tolist()
    assert [int(bits or "0", 2) for *_, bits in found] == extra.tolist()


RIGHT = {0: 21, 1: 2, 2: -6, 3: -1, 9: -1}


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (exercises.amplitude, lambda v: format(v, "b"), "0 has no bits"),
        (exercises.amplitude, lambda v: v, "Return a string"),
        (exercises.by_hand, RIGHT | {0: -3}, "Entry 0 is the difference"),
        (exercises.by_hand, RIGHT | {0: 27}, "read its extra bits again"),
        (exercises.by_hand, {0: 21, 1: 2, 2: 6, 3: 1, 9: 1}, "a negative number"),
        (exercises.by_hand, {0: 21, 1: 2, 2: -6, 3: -1, 8: -1}, "not their places"),
        (exercises.by_hand, {0: 21, 1: 2, 2: -6, 3: -1}, "numbers before EOB"),
        (exercises.by_hand, {0: 21, 1: 2, 2: -1, 3: -1, 9: -1}, "Read on bit by bit"),
        (exercises.by_hand, [21, 2, -6], "Write a dictionary"),
        (exercises.by_hand, {"0": 21, "1": 2}, "without quotation marks"),
        (exercises.run_length, lambda block, before: "0.5", "Return a list of symbols"),
        (exercises.run_length, lambda block, before: block, "Return a list of symbols"),
        (exercises.run_length, lambda block, before: 7, "Return a list of symbols"),
        (
            exercises.run_length,
            lambda *a: [(*symbol, 0) for symbol in exercises.coded(*a)],
            "Return a list of symbols",
        ),
        (
            exercises.read_block,
            lambda *a: ([n + 0.5 for n in exercises.reader()(*a)[0]], exercises.reader()(*a)[1]),
            "number 0 along",
        ),
        (
            exercises.read_block,
            lambda *a: (exercises.reader()(*a)[0], exercises.reader()(*a)[1] + 0.5),
            "bits, not",
        ),
        (exercises.read_block, lambda *a: exercises.reader()(*a)[0], "Return two things"),
        (exercises.read_block, lambda *a: exercises.reader()(*a)[::-1], "The block comes first"),
        (exercises.read_block, lambda bits, *a: ([0] * 64, bits), "then one number"),
        (exercises.read_block, lambda *a: (exercises.reader()(*a)[0][:9], 1), "the zeros too"),
        (exercises.read_block, lambda *a: ({0: 1}, 1), "the zeros too"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_a_block_and_its_bits_may_stand_in_a_list():
    answer = checks.verdict(exercises.read_block, lambda *a: list(exercises.reader()(*a)))
    assert answer.startswith("Right. ")


def test_the_block_to_read_by_hand():
    bits, before, found = exercises.puzzle()
    assert before == 24 and {s.k: s.value for s in found if s.name != "EOB"} == RIGHT
    assert bits == "101000110110000100011110100100"


# --- what the prose says -----------------------------------------------------------------


def test_at_quality_5_one_symbol_fills_three_quarters_of_chroma_and_about_half_of_luma():
    shares = []
    for name in images.SAMPLES:
        blocks, layout, _ = codec.unpack(jpeg.encode(images.sample(name), 5))
        counts = scan.symbol_counts(blocks, layout)[[0, 4, 1, 5]]  # luma's two, then chroma's
        shares.append(np.round(100 * counts.max(1) / counts.sum(1)))
    luma, chroma = np.split(np.array(shares), 2, axis=1)
    assert (luma.min(), luma.max()) == (45, 76)
    assert (chroma.min(), chroma.max()) == (75, 100)


def test_within_two_percent_at_usual_qualities_and_far_off_at_the_lowest():
    over = {5: [], 50: [], 95: []}
    for name in images.SAMPLES:
        for quality, found in over.items():
            blocks, layout, _ = codec.unpack(jpeg.encode(images.sample(name), quality))
            counts = [c for c in scan.symbol_counts(blocks, layout) if c.any()]
            ideal = sum(c.sum() * entropy(c, base=2) for c in counts)
            found.append(sum(c @ huffman.code_lengths(c) for c in counts) / ideal - 1)
    assert max(over[50] + over[95]) < 0.02
    assert 0.08 < min(over[5]) < 0.10 and 0.37 < max(over[5]) < 0.39


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_step_click_and_counts_change_what_is_shown(tmp_path):
    lesson = figures(contents.notebook("entropy_coding"), tmp_path)
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        step = page.get_by_role("slider", name="Symbol")
        step.wait_for()
        page.get_by_text("10 of 10 symbols, 73 bits").first.wait_for()
        step.focus()
        step.press("Home")
        page.get_by_text("1 of 10 symbols, 6 bits").first.wait_for()
        page.get_by_text("the difference is −12").first.wait_for()
        step.press("ArrowRight")
        page.get_by_text("2 of 10 symbols, 15 bits").first.wait_for()
        page.get_by_role("img", name="symbol 2 of 10").wait_for()  # of a picture that stays
        picture = page.locator(".lic-picture canvas").first
        source = pictures(picture)
        page.get_by_role("slider", name="Quality").press("Home")
        new_pictures(picture, source)
        stage = page.locator(".lic-picture .lic-stage").first
        stage.focus()
        stage.press("ArrowRight")
        page.wait_for_function(
            "() => /row 88, column 200/.test("
            "document.querySelector('.lic-picture .lic-stage').ariaLabel)"
        )

        count = page.get_by_role("slider", name="EOB")
        count.focus()
        count.press("End")
        page.get_by_text("10,000", exact=True).first.wait_for()
        joins = page.get_by_role("slider", name="Joins")
        joins.focus()
        joins.press("Home")
        page.get_by_text("0 of 5 joins: 6 trees are left").first.wait_for()
        assert re.search(r"\d\.\d{3}", page.locator(".lic-readout").last.inner_text())
