"""Quantization: its explorer, the hints of its exercises, what its prose says."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import ExifTags, Image

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.quantization import camera, exercises, quantization, quantization_drawing
from lic_teach.course.quantization.quantization import DECODED, ERROR, ORIGINAL, Quantization
from lic_teach.jpeg import codec, transform
from lic_teach.jpeg import quantize as package
from lic_teach.jpeg.frame import make_frame, split
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all

SVG = "{http://www.w3.org/2000/svg}"


# --- the explorer, compute and draw ------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return quantization.prepare(images.sample("chelsea")[64:163, 160:289])  # 99 x 129: odd sides


@pytest.mark.parametrize("quality", [1, 50, 100])
def test_compute_measures_a_real_file(source, quality):
    result = quantization.compute(source, quality, DECODED, (0, 0))
    data = jpeg.encode(source.image, quality)
    x_hat = np.array(Image.open(io.BytesIO(data)))  # libjpeg's decoder, not ours
    assert result.size == len(data) and result.bpp == 8 * len(data) / (99 * 129)
    assert np.abs(result.x_hat.astype(int) - x_hat).max() <= 4
    assert result.mse == metrics.mse(source.image, result.x_hat)
    assert result.psnr == metrics.psnr(source.image, result.x_hat)


@pytest.mark.parametrize("at", [(0, 0), (24, 32), (31, 39), (96, 128)])
def test_the_block_shown_is_the_one_in_the_file(source, at):
    block = quantization.compute(source, 40, DECODED, at).block
    row, column = block.at
    assert block.at == (at[0] // 8 * 8, at[1] // 8 * 8)
    if at[0] < 90:  # no padding
        y = Image.fromarray(source.image).convert("YCbCr").getchannel(0)  # libjpeg's arithmetic
        before = np.array(y)[row : row + 8, column : column + 8].astype(int)
        assert np.abs(before - block.samples).max() <= 1
    np.testing.assert_array_equal(block.steps, package.scale(package.LUMINANCE, 40))
    half = block.steps / 2 + 1e-3
    assert np.all(np.abs(block.quantized * block.steps - block.coefficients) <= half)
    back = transform.dct_matrix().T @ (block.quantized * block.steps) @ transform.dct_matrix() + 128
    np.testing.assert_allclose(block.decoded, back.clip(0, 255), atol=0.51)


def test_a_higher_quality_strikes_out_less_and_costs_more(source):
    results = [quantization.compute(source, q, DECODED, (24, 32)) for q in (1, 10, 30, 60, 90, 100)]
    for values in (
        [np.count_nonzero(r.block.quantized) for r in results],
        [r.kept for r in results],
        [r.size for r in results],
        [r.psnr for r in results],
    ):
        assert values == sorted(values) and values[0] < values[-1]


def test_what_there_is_to_see():
    """The answers folded under the explorer."""
    image = images.sample("chelsea")
    luma = quantization.prepare(image).luma
    cat = quantization.Source(image, luma, [])
    lowest = quantization.compute(cat, 1, DECODED, (88, 192)).block
    assert np.count_nonzero(lowest.quantized) == 2 and lowest.quantized[0, 0] == 0
    assert round(float(lowest.coefficients[0, 0])) == -121 and lowest.steps[0, 0] == 255
    best = quantization.compute(cat, 100, DECODED, (88, 192))
    assert 0.5 < np.mean(best.x_hat == image) < 0.65
    blocks, layout, _ = codec.unpack(jpeg.encode(image, 30))
    left = np.count_nonzero(split(blocks, layout)[0], axis=-1)
    assert 1 <= left[:9, 51:56].min() and left[:9, 51:56].max() <= 3
    assert 9.5 < left[1:6, 20:33].mean() < 12


def test_draw_shows_what_is_asked_for(source):
    for show in (DECODED, ORIGINAL, ERROR):
        result = quantization.compute(source, 20, show, (0, 0))
        picture = decode_picture(quantization.draw(result).picture)
        error = result.x_hat.astype(int) - source.image
        wanted = {
            DECODED: result.x_hat,
            ORIGINAL: source.image,
            ERROR: np.clip(128 + 8 * error, 0, 255),
        }
        np.testing.assert_array_equal(picture, wanted[show])


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")


def svg_elements(svg, name):
    """The SVG is inline in HTML, where it needs no namespace; rd_plot states one all the same."""
    return [e for e in svg.iter() if e.tag in (name, SVG + name)]


def test_the_grid_strikes_out_exactly_the_zeros(source):
    block = quantization.compute(source, 50, DECODED, (24, 32)).block
    svg = parsed(quantization_drawing.grid(block))
    zeros = np.count_nonzero(block.quantized == 0)
    assert len(svg_elements(svg, "path")) == zeros
    assert len(svg_elements(svg, "rect")) == 64
    texts = [t.text for t in svg_elements(svg, "text")]
    assert texts[0] == f"{64 - zeros} of 64 coefficients are left"
    values, steps = texts[1:-1:2], texts[2:-1:2]
    for text, value in zip(values, block.coefficients.ravel(), strict=True):
        assert int(text.replace("−", "-")) == round(float(value))
    for text, step, q in zip(steps, block.steps.ravel(), block.quantized.ravel(), strict=True):
        assert text.replace("−", "-") == (f"÷{step}→{q}" if q else f"÷{step}")


def test_the_histogram_counts_every_error():
    x = np.full((10, 10, 3), 100, np.uint8)
    x_hat = x.copy()
    x_hat[:5] += 3
    x_hat[9] -= 90  # outside the histogram, but counted
    svg = parsed(quantization_drawing.histogram(x, x_hat))
    assert "40 % of all samples are exactly right" in [t.text for t in svg_elements(svg, "text")]
    bars = svg_elements(svg, "rect")  # 8 pixels a grey level, 0 at 206
    middles = [float(bar.get("x")) + float(bar.get("width")) / 2 for bar in bars]
    assert middles == pytest.approx([206, 206 + 3 * 8], abs=0.1)  # to the right of 0: +3
    assert [float(bar.get("height")) for bar in bars] == [56, 70]  # the highest


def test_draw_is_well_formed_and_holds_the_numbers(source):
    result = quantization.compute(source, 50, DECODED, (24, 32))
    view = quantization.draw(result)
    texts = " ".join(parsed(view.readout).itertext())
    assert f"{result.size:,}" in texts and f"{result.psnr:.2f}" in texts
    assert f"{100 * result.kept:.1f} %" in texts
    assert len(svg_elements(parsed(view.plot), "circle")) == len(quantization.QUALITIES) + 1
    tiles = re.findall(r"base64,([^\"]+)", view.readout)
    shown = [np.array(Image.open(io.BytesIO(base64.b64decode(t))).convert("L")) for t in tiles]
    np.testing.assert_array_equal(shown[0], result.block.samples)
    np.testing.assert_array_equal(shown[1], result.block.decoded)


# --- the explorer, its shell -------------------------------------------------------------


def test_shell_slider_click_and_another_picture():
    ex = Quantization()
    first, picture = ex.readout.summary, ex.picture.value
    assert "9 of 64 coefficients left in the block at row 88, column 192" in first
    ex.quality = 10
    assert ex.readout.summary.startswith("quality 10: ") and ex.picture.value != picture
    ex.picture.at = (200, 40)
    assert "row 200, column 40" in ex.readout.summary
    ex.show = ERROR
    ex._reset.click()
    assert ex.quality == 50 and ex.show == DECODED and ex.readout.summary == first
    ex.picture.at = (288, 440)
    ex.load(np.zeros((5, 21, 3), np.uint8))  # smaller than a block, and than `at`
    assert ex.result.block.at == (0, 16) and "0 dB" not in ex.readout.summary
    assert ex._repr_mimebundle_()["text/plain"] == f"Quantization: {ex.readout.summary}"


# --- the exercises -----------------------------------------------------------------------

quantize, fine_step, any_step, read_tables = exercises.check.exercises


@pytest.mark.parametrize(
    "answer",
    [
        lambda c, s: np.floor(c / s + 0.5).astype(int),
        lambda c, s: (np.sign(c) * np.floor(np.abs(c) / s + 0.5)).astype(np.int16),
    ],
)
def test_quantize_takes_either_neighbour_of_a_tie(answer):
    assert checks.verdict(quantize, answer).startswith("Right. ")


def test_fine_step_may_be_simulated():
    def simulated(step):
        return np.mean(np.random.default_rng(0).uniform(-step / 2, step / 2, 10**5) ** 2)

    assert checks.verdict(fine_step, simulated).startswith("Right. ")


def right_tables(data):
    return exercises._tables_by_pillow(data)


def first_found(data, undo=transform.NATURAL):
    """The naive search: whatever follows the first two FF DB."""
    found = [m.start() for m in re.finditer(b"\xff\xdb", data)]
    tables = [np.frombuffer(data[p + 5 : p + 69], np.uint8)[undo].reshape(8, 8) for p in found]
    return dict(enumerate(tables[:2]))


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (quantize, lambda c, s: (c / s).astype(int), "rounds towards zero"),
        (quantize, lambda c, s: np.rint(c / s)[0], "One number for each"),
        (quantize, lambda c, s: np.abs(np.rint(c / s)), "which whole number is nearest"),
        (fine_step, lambda step: step**2 / 5, "Try it"),
        (fine_step, lambda step: step**2 / 12.5, "Take more errors"),
        (fine_step, lambda step: step, "holds for one step"),  # 12 = 144 / 12
        (
            any_step,
            lambda c, s: np.where(abs(c) < s / 2, c**2, s**2 / 12),
            "One number is asked for",
        ),
        (any_step, lambda c, s: 1.0, "apart"),
        (read_tables, first_found, "thumbnail"),
        (read_tables, lambda d: first_found(d, np.arange(64)), "thumbnail"),
        (read_tables, lambda d: {0: right_tables(d)[0]}, "may hold several tables"),
        (
            read_tables,
            lambda d: {n: t.ravel() for n, t in right_tables(d).items()},
            "should be (8, 8)",
        ),
        (read_tables, lambda d: right_tables(d)[0], "Return a dictionary"),
        (
            read_tables,
            lambda d: {n: t[::-1] for n, t in right_tables(d).items()},
            "in another order",
        ),
        (read_tables, lambda d: {n: t + 1 for n, t in right_tables(d).items()}, "a byte late"),
        (read_tables, lambda d: d[10**9], "stopped with IndexError"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_one_table_a_segment_is_not_enough():
    def one_each(data):
        if data != camera.camera_file():
            return {1: right_tables(data)[1]}
        return right_tables(data)

    assert "may hold several" in checks.verdict(read_tables, one_each)


def test_the_camera_file_is_a_jpeg_with_a_thumbnail():
    data = camera.camera_file(80, "Maker")
    picture = Image.open(io.BytesIO(data))
    picture.load()
    exif = picture.getexif()
    assert picture.size == (600, 400) and exif[ExifTags.Base.Make] == "Maker"
    directory = exif.get_ifd(ExifTags.IFD.IFD1)
    start = data.index(b"Exif\0\0") + 6 + directory[ExifTags.Base.JpegIFOffset]
    thumbnail = data[start : start + directory[ExifTags.Base.JpegIFByteCount]]
    assert thumbnail[-2:] == b"\xff\xd9"
    assert Image.open(io.BytesIO(thumbnail)).size == (96, 64)


# --- what the prose says -----------------------------------------------------------------


def luma_coefficients(name):
    return exercises.luma_coefficients(name).astype(float)


def test_four_fifths_of_the_loss_is_struck_out():
    steps = codec.standard_tables(50)[0]
    for name in images.SAMPLES:
        c = luma_coefficients(name)
        q = np.rint(c / steps)
        squared = (q * steps - c) ** 2
        assert 0.75 < squared[q == 0].sum() / squared.sum() < 0.83


def rate_and_psnr(c, q, steps):
    layout = make_frame(8 * c.shape[0], 8 * c.shape[1], 1, "4:4:4")
    data = codec.pack(q.astype(np.int16).reshape(-1, 64), layout, [steps])
    x = np.rint(transform.from_blocks(c @ transform.BASIS) + 128).clip(0, 255).astype(np.uint8)
    return metrics.bpp(data, x), metrics.psnr(x, np.array(Image.open(io.BytesIO(data))))


def test_one_step_beats_64_from_half_a_bit_on():
    c = luma_coefficients("chelsea")
    tables = [codec.standard_tables(q)[0] for q in (30, 40, 50, 65, 80)]
    flat = [np.full(64, step) for step in range(10, 32, 3)]
    standard, one = (
        np.array([rate_and_psnr(c, np.rint(c / t), t) for t in ts]).T for ts in (tables, flat[::-1])
    )
    for bpp, gain in ((0.55, 0.1), (1.0, 1.0)):
        assert np.interp(bpp, *one) > np.interp(bpp, *standard) + gain


def test_a_dead_zone_saves_bits_and_truncation_wastes_them():
    for name in ("chelsea", "coffee"):
        c = luma_coefficients(name)
        tables = [codec.standard_tables(quality)[0] for quality in range(20, 91, 10)]

        def points(f, c=c, tables=tables):
            return [rate_and_psnr(c, np.sign(c) * np.floor(abs(c) / s + f), s) for s in tables]

        plain = points(0.5)
        assert -5 < metrics.bd_rate(plain, points(0.4)) < -2.5
        assert metrics.bd_rate(plain, points(0)) > 8


def test_the_cat_was_a_jpeg_of_quality_98_and_coffee_was_not():
    def ratio(c, quality):
        s = codec.standard_tables(quality)[0]
        expected = np.mean(np.where(abs(c) < s / 2, c**2, s**2 / 12))
        return np.mean((np.rint(c / s) * s - c) ** 2) / expected

    cat, coffee = (luma_coefficients(name)[:-1, :-1] for name in ("chelsea", "coffee"))
    ratios = [ratio(cat, quality) for quality in range(85, 101)]
    assert np.argmin(ratios) == 98 - 85 and ratios[98 - 85] < 0.4
    assert sorted(ratios)[1] > 0.85
    assert all(ratio(coffee, quality) > 1 for quality in range(85, 101))


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_slider_and_click_change_picture_and_readout():
    lesson = contents.notebook("quantization")
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="Quality")
        slider.wait_for()
        title = page.locator(".lic-plot").get_by_text("of 64 coefficients are left")
        picture = page.locator(".lic-picture canvas")
        assert title.text_content().startswith("9 of 64")
        source = pictures(picture)

        slider.focus()
        slider.press("ArrowLeft")
        page.get_by_text("Quality 49: one point").wait_for()
        new_pictures(picture, source)
        slider.press("Home")
        page.get_by_text("Quality 1: one point").wait_for()
        page.get_by_role("button", name="Reset").click()
        page.get_by_text("9 of 64 coefficients are left").wait_for()

        stage = page.locator(".lic-picture .lic-stage")
        stage.focus()
        stage.press("ArrowRight")
        page.wait_for_function(
            "old => !document.querySelector('.lic-plot text').textContent.startsWith(old)",
            arg="9 of 64",
        )
        assert "row 88, column 200" in stage.get_attribute("aria-label")
        box = picture.bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.9)
        page.wait_for_function(
            "() => /row 264, column 40/.test("
            "document.querySelector('.lic-picture .lic-stage').ariaLabel)"
        )
