"""Quantization: its explorer, the hints of its exercises, what its prose says."""

import base64
import io
import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import numpy as np
import pytest
from PIL import ExifTags, Image
from scipy.fft import dct, dctn
from scipy.optimize import minimize_scalar

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.quantization import (
    artefacts,
    camera,
    exercises,
    quantization,
    quantization_drawing,
)
from lic_teach.course.quantization.quantization import DECODED, ERROR, ORIGINAL, Quantization
from lic_teach.jpeg import codec, transform
from lic_teach.jpeg import quantize as package
from lic_teach.jpeg.frame import make_frame, split
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

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

quantize, fine_step, any_step, best_point, read_tables = exercises.check.exercises


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


def test_best_point_may_be_searched_for():
    def searched(c, step, q):
        on = c[np.abs(c - q * step) <= step / 2]
        return minimize_scalar(lambda point: np.mean((on - point) ** 2)).x

    assert checks.verdict(best_point, searched).startswith("Right. ")


def right_tables(data):
    return exercises._tables_by_pillow(data)


def first_found(data, undo=transform.NATURAL):
    """The naive search: whatever follows the first two FF DB."""
    found = [m.start() for m in re.finditer(b"\xff\xdb", data)]
    tables = [np.frombuffer(data[p + 5 : p + 69], np.uint8)[undo].reshape(8, 8) for p in found]
    return dict(enumerate(tables[:2]))


def estimate(c, steps):
    """What any_step asks for."""
    return np.mean(np.where(np.abs(c) < steps / 2, c**2, steps**2 / 12))


def on_stair(c, step, q):
    """What best_point asks for."""
    return c[np.rint(c / step) == q].mean()


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (quantize, lambda c, s: (c / s).astype(int), "rounds towards zero"),
        (quantize, lambda c, s: np.rint(c / s)[0], "One number for each"),
        (quantize, lambda c, s: (2 * c / s).round() / 2, "which whole number is nearest"),
        (quantize, lambda c, s: (c / s).round(1), "which whole number is nearest"),
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
        (best_point, lambda c, step, q: c[np.rint(c / step) == q], "One number is asked for"),
        (best_point, lambda c, step, q: 0.9 * q * step, "can be had"),
        (best_point, lambda c, step, q: on_stair(c, step, q).round(1), "all its digits"),
        (best_point, lambda c, step, q: str(on_stair(c, step, q)), "of the type str"),
        (
            any_step,
            lambda c, s: str(np.mean(np.where(np.abs(c) < s / 2, c**2, s**2 / 12))),
            "of the type str",
        ),
        (fine_step, lambda step: str(step**2 / 12), "of the type str"),
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


def markers(data):
    """The markers before the picture data, walked as T.81 B.1.1.4 says."""
    found, position = [], 2
    while data[position + 1] != 0xDA:
        assert data[position] == 0xFF
        found.append(data[position + 1])
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return found


def test_the_camera_file_begins_with_exif_and_has_no_jfif():
    """Exif 2.3, 4.5.4 and 4.5.5: APP1 right behind SOI; no APP segment in the thumbnail."""
    data = camera.camera_file()
    assert data[:4] == b"\xff\xd8\xff\xe1" and data[6:12] == b"Exif\0\0"
    assert 0xE0 not in markers(data)
    assert all(marker < 0xE0 for marker in markers(data[data.index(b"\xff\xd8", 2) :]))


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


@pytest.mark.parametrize("name", images.SAMPLES)
def test_for_the_psnr_one_step_is_as_good_as_64_or_better(name):
    c = luma_coefficients(name)
    tables = [codec.standard_tables(q)[0] for q in (8, 12, 20, 30, 40, 50, 65, 80)]
    flat = [np.full(64, step) for step in (80, 60, 45, 35, 28, 22, 17, 12)]
    standard, one = (
        np.array([rate_and_psnr(c, np.rint(c / t), t) for t in ts]).T for ts in (tables, flat)
    )
    for bpp, gain in ((0.4, -0.1), (0.8, 0.9)):
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


@pytest.mark.parametrize("name", images.SAMPLES)
def test_the_best_points_lie_nearer_to_zero_and_the_file_alone_finds_them(name):
    steps = codec.standard_tables(50)[0]
    c = luma_coefficients(name).reshape(-1, 64)
    q = np.rint(c / steps)
    pulled = package.dequantize(q, steps, package.laplace_pull(q.astype(np.int16)))
    db = [-10 * np.log10(np.mean((d - c) ** 2)) for d in (q * steps, pulled)]
    assert 0.25 < db[1] - db[0] < 0.4
    ones = np.abs(q[:, 1:]) == 1
    assert 0.83 < np.mean((np.abs(c) / steps)[:, 1:][ones]) < 0.9


def entropies(numbers):
    """The mean entropy of the columns of whole numbers (n, m), in bits, without metrics."""
    found = []
    for column in numbers.T:
        p = np.unique(column, return_counts=True)[1] / len(column)
        found.append(-np.sum(p * np.log2(p)))
    return np.mean(found)


def test_at_fine_steps_a_gaussian_source_saves_the_coding_gain_in_bits():
    """The formula of the lesson on a source that fits it: neighbours of correlation 0.95."""
    rho = 0.95 ** np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    pixels = np.random.default_rng(0).multivariate_normal(np.zeros(8), 40**2 * rho, 200_000)
    waves = dct(pixels, norm="ortho")
    gain_db = 8.83  # Jayant and Noll 1984, chapter 12: the DCT of 8 at 0.95
    saved = entropies(np.rint(pixels / 4)) - entropies(np.rint(waves / 4))
    assert saved == pytest.approx(gain_db / 6.02, abs=0.02)


@pytest.mark.parametrize(
    "name, gain, saved",
    [
        ("astronaut", 17.3, 3.05),
        ("coffee", 13.9, 2.67),
        ("chelsea", 13.4, 2.37),
        ("rocket", 11.0, 2.61),
    ],
)
def test_the_coding_gain_tells_the_bits_that_a_photograph_saves(name, gain, saved):
    waves = luma_blocks(name)
    pixels = transform.inverse(waves.astype(np.float32)).astype(float)
    pixels = pixels.reshape(len(waves), 8, -1, 8).swapaxes(1, 2).reshape(-1, 64)
    waves = dctn(pixels.reshape(-1, 8, 8), axes=(1, 2), norm="ortho").reshape(-1, 64)
    variance = waves.var(0)
    measured = 10 * np.log10(variance.mean()) - 10 * np.log10(variance).mean()
    assert measured == pytest.approx(gain, abs=0.05)
    found = entropies(np.rint(pixels / 8)) - entropies(np.rint(waves / 8))
    assert found == pytest.approx(saved, abs=0.01) and found > gain / 6.02


def luma_blocks(name):
    """As luma_coefficients, of whole blocks only."""
    height, width = images.sample(name).shape[:2]
    return luma_coefficients(name)[: height // 8, : width // 8]


def test_rounding_pixels_adds_a_twelfth_but_not_to_what_was_whole():
    c = luma_blocks("chelsea").reshape(-1, 64)
    bounds = {50: (0.07, 0.1), 75: (0.07, 0.1), 90: (0.07, 0.1), 100: (-0.1, -0.01)}
    for quality, (low, high) in bounds.items():
        steps = codec.standard_tables(quality)[0]
        x, x_hat = c @ transform.BASIS, np.rint(c / steps) * steps @ transform.BASIS
        more = np.mean((np.rint(x_hat) - x) ** 2) - np.mean((x_hat - x) ** 2)
        assert low < more < high


def test_the_rocket_is_a_comb_of_9_and_coffee_is_not():
    """Its own file says 9; and Pillow, not ours, reads it."""
    with Image.open(files("skimage.data") / "rocket.jpg") as picture:
        assert np.array(picture.quantization[0]).reshape(8, 8)[4, 3] == 9
    near = {}
    for name in ("rocket", "coffee"):
        c = luma_coefficients(name)[..., transform.NATURAL[4 * 8 + 3]]
        c = c[np.abs(c) > 4.5]  # what became 0 lies at a tooth anyway
        near[name] = np.mean(np.abs(c - 9 * np.rint(c / 9)) < 2)
    assert near["rocket"] > 0.95 and near["coffee"] < 0.55


def test_the_printed_luma_table_is_not_symmetric_and_leans_to_no_side():
    table = package.LUMINANCE
    across, down = table[np.triu_indices(8, 1)], table.T[np.triu_indices(8, 1)]
    assert (np.sum(across > down), np.sum(across < down)) == (13, 14)
    assert table.min() == table[0, 2] < table[0, 0]


def test_half_the_printed_steps_are_quality_75_and_an_eighth_of_the_lossless_file():
    for table in (package.LUMINANCE, package.CHROMINANCE):
        np.testing.assert_array_equal(package.scale(table, 75), np.floor(table / 2 + 0.5))
    cat = Image.fromarray(images.sample("chelsea"))
    sizes = [size_of(cat, "JPEG", quality=75), size_of(cat, "WEBP", lossless=True, method=6)]
    assert 7 < sizes[1] / sizes[0] < 9


def size_of(picture, kind, **how):
    return len(written(picture, kind, **how).getvalue())


def written(picture, kind, **how):
    """A file of a PIL image, by Pillow, open for reading."""
    file = io.BytesIO()
    picture.save(file, kind, **how)
    file.seek(0)
    return file


def test_the_lossless_file_through_the_first_jpeg():
    """Ours as the lesson has it; libjpeg's encoder and decoder find nearly as much of the past."""
    cat = images.sample("chelsea")
    picture = Image.fromarray(cat)
    again = {
        kind: written(picture, "JPEG", quality=98, subsampling=kind, optimize=True).getvalue()
        for kind in ("4:4:4", "4:2:2", "4:2:0")
    }
    decoded = {kind: np.array(Image.open(io.BytesIO(file))) for kind, file in again.items()}
    db = {kind: metrics.psnr(cat, x_hat) for kind, x_hat in decoded.items()}
    assert db["4:2:2"] > db["4:4:4"] + 1 > db["4:2:0"] + 5

    ours = jpeg.encode(cat, 98, subsampling="4:2:2")
    assert lossless(cat, ours, jpeg.decode(ours)) == pytest.approx(7.38, abs=0.01)
    assert lossless(cat, again["4:2:2"], decoded["4:2:2"]) < 7.8
    assert 8 * size_of(picture, "WEBP", lossless=True, method=6) / cat[..., 0].size > 9


def lossless(image, first, x_hat):
    """Bits per pixel of a JPEG file and of what it lacks; the image is there again, bit for bit."""
    rest = written(Image.fromarray(image - x_hat), "WEBP", lossless=True, method=6)
    np.testing.assert_array_equal(x_hat + np.array(Image.open(rest)), image)
    return 8 * (len(first) + len(rest.getvalue())) / image[..., 0].size


def test_saved_again_in_place_loses_nothing_and_moved_blocks_lose_much():
    """With libjpeg, not with ours."""
    y = np.array(Image.fromarray(images.sample("coffee")).convert("L"))

    def saved(times, shift):
        z = y
        for time in range(times):
            away = time * shift % 8
            moved = Image.fromarray(np.roll(z, (away, away), (0, 1)))
            z = np.roll(
                np.array(Image.open(written(moved, "JPEG", quality=75))), (-away, -away), (0, 1)
            )
        return metrics.psnr(y[16:-16, 16:-16], z[16:-16, 16:-16])

    once = saved(1, 0)
    assert once - 0.05 < saved(20, 0) <= once and saved(20, 1) < once - 8


# --- what lost waves look like -----------------------------------------------------------


def edge_block():
    row, column = artefacts.EDGE
    y = np.array(Image.fromarray(images.sample("astronaut")).convert("L"))
    return y[row : row + 8, column : column + 8].astype(float)


@pytest.mark.parametrize("columns", range(9))
def test_the_waves_struck_out_are_the_fastest_across(columns):
    block = edge_block()
    found = artefacts.struck_out(block, columns)
    left, gone = (dctn(part, norm="ortho") for part in (found, block - found))
    assert np.abs(left[:, 8 - columns :]).max(initial=0) < 1e-9
    assert np.abs(gone[:, : 8 - columns]).max(initial=0) < 1e-9
    assert np.sum(found**2) + np.sum((block - found) ** 2) == pytest.approx(np.sum(block**2))


def test_one_missing_wave_makes_every_column_wrong():
    wrong = np.abs(artefacts.struck_out(edge_block(), 1) - edge_block()).mean(0)
    assert wrong.min() > 1
    np.testing.assert_allclose(wrong, wrong[::-1], rtol=1e-9)  # a wave is as strong far as near


def test_at_the_edge_five_numbers_are_left_and_ripples():
    image = images.sample("astronaut")
    source = quantization.Source(image, quantization.prepare(image).luma, [])
    block = quantization.compute(source, 10, DECODED, artefacts.EDGE).block
    assert np.count_nonzero(block.quantized) == 5
    assert block.samples[4, 3:].tolist() == [46, 45, 41, 37, 39]
    assert block.decoded[4, 3:].tolist() == [31, 67, 44, 6, 60]


@pytest.mark.parametrize("name", images.SAMPLES)
def test_luma_jumps_every_8_columns_and_chroma_every_16(name):
    picture = Image.fromarray(images.sample(name))
    file = written(picture, "JPEG", quality=10, subsampling="4:2:0")  # libjpeg, both ways
    planes = np.array(Image.open(file).convert("YCbCr")).transpose(2, 0, 1)
    y, cb, cr = (artefacts.jumps(plane) for plane in planes)
    for where in ("every 8, between", "every 16"):
        assert y[where] > 1.8 * y["inside"]
    for chroma in (cb, cr):
        assert chroma["every 16"] > 3 * max(chroma["inside"], chroma["every 8, between"])
    before = artefacts.jumps(np.array(picture.convert("L")))
    assert before["every 16"] == pytest.approx(before["inside"], rel=0.1)


@pytest.mark.parametrize("waves", [artefacts.SLOW, artefacts.MIDDLE, artefacts.FAST])
def test_with_error_changes_these_waves_and_no_others(waves):
    plane = np.full((64, 80), 120, np.uint8)  # nothing is clipped
    found = artefacts.with_error(plane, waves, 32)
    blocks = (found.astype(float) - plane).reshape(8, 8, 10, 8).swapaxes(1, 2)
    c = dctn(blocks, axes=(2, 3), norm="ortho")
    for wave in waves:
        # 64 pixels, each rounded by at most ½: at most 4 along a direction of length 1
        assert np.abs(np.abs(c[:, :, *wave]) - 32).max() <= 4
        c[:, :, *wave] = 0
    assert np.abs(c).max() <= 4
    assert metrics.mse(plane, found) == pytest.approx(3 * 32**2 / 64, rel=0.02)


def test_three_pictures_of_one_psnr():
    y = np.array(Image.fromarray(images.sample("astronaut")).convert("L"))
    kinds = (artefacts.SLOW, artefacts.MIDDLE, artefacts.FAST)
    db = [metrics.psnr(y, artefacts.with_error(y, waves, 32)) for waves in kinds]
    assert max(db) - min(db) < 0.2 and 31.4 < min(db)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_slider_and_click_change_picture_and_readout(tmp_path):
    lesson = figures(contents.notebook("quantization"), tmp_path)
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
