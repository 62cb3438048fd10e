"""Colour: its explorers, the hints of its exercises, what its prose claims, and the browser."""

import base64
import io
import json
import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import pytest
from PIL import Image
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter, map_coordinates, zoom
from skimage.color import rgb2xyz

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.colour import chroma, exercises, eye_chart, light
from lic_teach.jpeg import color
from lic_teach.kit.checks import verdict
from lic_teach.paths import DATA
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

LESSON = contents.notebook("colour")
PROSE = lessons.prose("colour")


# --- the chart for the eye ---------------------------------------------------------------


@pytest.fixture(scope="module")
def chart():
    return eye_chart.EyeChart()


def pixels_of(address):
    return opened(base64.b64decode(address.removeprefix("data:image/png;base64,")))


@pytest.mark.parametrize("plane", range(3))
def test_a_strip_swings_in_its_own_plane_alone_and_all_three_equally(plane):
    strip = eye_chart.stripes(plane, eye_chart.LUMA)
    planes = color.unrounded_ycbcr(strip) - 128
    wave = eye_chart.wave()
    others = np.delete(planes, plane, axis=0)
    assert np.abs(planes[plane] - wave).max() < 1.5 and np.abs(others).max() < 1.5  # of rounding
    assert 59 < np.abs(wave[-1]).max() <= 60 and 1 < np.abs(wave[0]).max() < 2


def test_stripes_are_as_wide_as_the_axis_says():
    """Counted by their zeros: between 16 and 32 pixels a cycle, and at the ends."""
    row = eye_chart.wave()[-1]
    rising = np.flatnonzero((row[:-1] < 0) & (row[1:] >= 0)) + 1
    where = np.log(np.diff(rising)) / np.log(64 / 3) - np.log(3) / np.log(64 / 3)
    middle = (rising[1:] + rising[:-1]) / 2 / eye_chart.COLUMNS
    broad = np.diff(rising) >= 10  # finer ones are whole pixels too coarsely
    np.testing.assert_allclose(where[broad], middle[broad], atol=0.04)
    assert np.diff(rising)[:20].mean() == pytest.approx(3.3, abs=0.3)


@pytest.mark.parametrize("plane", [1, 2])
def test_stripes_of_one_luminance_are_so_by_another_hand(plane):
    """scikit-image's Y of XYZ; with luma held it swings."""
    swings = {}
    for held in (eye_chart.LUMA, eye_chart.LUMINANCE):
        row = rgb2xyz(eye_chart.stripes(plane, held)[-1])[:, 1]
        swings[held] = (row.max() - row.min()) / (row.max() + row.min())
    assert swings[eye_chart.LUMINANCE] < 0.01 < 0.1 < swings[eye_chart.LUMA]


def test_in_the_chart_cr_swings_a_quarter_of_the_light_of_y():
    rows = [light.luminance(eye_chart.stripes(p, eye_chart.LUMA)[-1]) for p in (0, 2)]
    brightness, red = ((r.max() - r.min()) / (r.max() + r.min()) for r in rows)
    assert 0.2 < red / brightness < 0.3 and "swings a quarter as much" in PROSE


def test_luminance_is_scikit_images():
    rgb = np.random.default_rng(1).integers(0, 256, (50, 3), np.uint8)
    np.testing.assert_allclose(light.luminance(rgb), rgb2xyz(rgb)[:, 1], atol=2e-4)
    greys = np.arange(256)[:, None].repeat(3, axis=1)
    np.testing.assert_allclose(light.grey_of(light.luminance(greys)), np.arange(256), atol=1e-6)


@pytest.mark.parametrize(
    "y, cb, cr, words",
    [
        (3, 3, 3, "Pull each mark"),
        (8, 8, 6, "Move back"),
        (3, 12, 6, "2.0 times finer"),
        (3, 12, 6, "every second sample would do"),
        (3, 12, 3.5, "not quite enough"),
    ],
)
def test_the_chart_says_what_the_marks_mean(chart, y, cb, cr, words):
    assert words in eye_chart.verdict(eye_chart.Result([], (y, cb, cr)))


def test_the_chart_moves_its_marks_and_shows_other_strips(chart):
    first, drawn = chart.readout.summary, chart.plot.value
    ET.fromstring(drawn)
    chart.cb = 12
    assert chart.readout.summary == first.replace("3 of Cb", "12 of Cb") != first
    before, after = (text.split("<path") for text in (drawn, chart.plot.value))
    different = sum(a != b for a, b in zip(before, after, strict=True))
    assert different == 3  # the two lines of one mark, and its foot
    chart.set(cb=3, held=eye_chart.LUMINANCE)
    assert drawn.split("<image")[1] == chart.plot.value.split("<image")[1] != drawn
    np.testing.assert_array_equal(
        pixels_of(chart.result.strips[2]), eye_chart.stripes(2, eye_chart.LUMINANCE)
    )
    chart._reset.click()
    assert chart.plot.value == drawn
    still = chart._repr_mimebundle_()
    assert still["text/plain"] == f"EyeChart: {first}"
    assert any(kind.startswith("image/") for kind in still)


# --- the photograph ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return chroma.prepare(images.sample("astronaut")[64:224, 160:352].copy())


def opened(data):
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("sigma", [1, 4, 8])
def test_the_blur_is_a_gaussian_of_that_many_pixels(sigma):
    """Of SciPy's Gaussians the one with this sigma is nearest."""
    plane = color.luma(images.sample("coffee"))
    blurred = chroma.gaussian(plane, sigma)
    errors = {
        share: np.mean((gaussian_filter(plane * 1.0, share * sigma, mode="nearest") - blurred) ** 2)
        for share in (0.8, 0.9, 1, 1.1, 1.25)
    }
    assert min(errors, key=errors.get) == 1
    np.testing.assert_array_equal(chroma.gaussian(plane, 0), plane)


def test_each_slider_blurs_its_own_planes(source):
    y, cb, cr = source.planes
    luma, chroma_only = chroma.compute(source, 4, 0), chroma.compute(source, 0, 4)
    np.testing.assert_array_equal(luma.planes[1:], [cb, cr])
    np.testing.assert_array_equal(chroma_only.planes[0], y)
    assert np.std(luma.planes[0]) < np.std(y)
    assert all(np.std(b) < np.std(a) for a, b in zip((cb, cr), chroma_only.planes[1:], strict=True))


@pytest.mark.parametrize("gone, left", [("Y", (1, 2)), ("Cb", (0, 2)), ("Cr", (0, 1))])
def test_a_whole_plane_is_made_grey_and_the_other_two_stay(source, gone, left):
    planes = chroma.compute(source, 0, 0, gone).planes
    assert (planes[chroma.PLANES.index(gone)] == 128).all()
    for i in left:
        np.testing.assert_array_equal(planes[i], source.planes[i])
    assert (source.planes[0] != 128).any(), "the source itself was changed"


def test_where_the_curves_cross_bytes_and_psnr_call_it_a_draw():
    """Of the coffee, chroma by 8 pixels against luma by 0.75, as the lesson says."""
    source = chroma.prepare(images.sample("coffee"))
    colour, brightness = chroma.compute(source, 0, 8), chroma.compute(source, 0.75, 0)
    assert abs(colour.coded.size / brightness.coded.size - 1) < 0.011
    assert abs(colour.coded.psnr - brightness.coded.psnr) < 0.015
    assert colour.psnr_y > brightness.psnr_y + 5  # and yet one of them is sharp
    assert "*Chroma 8* and *luma 0.75* take as many bytes, to one percent" in PROSE
    assert "the same PSNR (RGB), to 0.01 dB" in PROSE


def test_what_the_tries_say_of_the_coffee():
    """Chroma alone is a third of the file; no Cb is pink, no Cr is green."""
    source = chroma.prepare(images.sample("coffee"))
    none, no_y, no_cb, no_cr = (chroma.compute(source, 0, 0, g) for g in ("none", "Y", "Cb", "Cr"))
    assert 0.3 < no_y.coded.size / none.coded.size < 0.37
    (r, g, b), (red, green, blue) = (x.coded.x_hat.mean((0, 1)) for x in (no_cb, no_cr))
    assert r > b > g and green > max(red, blue)


def test_the_numbers_are_a_real_files(source):
    """Pillow opens the file and finds the same picture, but for the last digit of its DCT."""
    result = chroma.compute(source, 1, 4)
    data = jpeg.encode(color.ycbcr_to_rgb(result.planes), 90, subsampling="4:4:4")
    theirs = opened(data)
    assert result.coded.size == len(data)
    assert result.coded.bpp == 8 * len(data) / (160 * 192)
    assert np.abs(theirs.astype(int) - result.coded.x_hat).mean() < 0.1
    assert abs(result.coded.psnr - metrics.psnr(source.image, theirs)) < 0.05


@pytest.mark.parametrize("name", images.SAMPLES)
def test_luma_costs_more_and_holds_more(name):
    """Most of the bits are luma's, and PSNR (Y) does not ask about chroma."""
    source = chroma.prepare(images.sample(name))
    sharp = source.sharp
    for luma, only_chroma in zip(source.luma[2:], source.chroma[2:], strict=True):
        assert luma.size < only_chroma.size < sharp.size
        assert luma.psnr < only_chroma.psnr < sharp.psnr
    # a little of Y is lost where blurred colours leave the cube of RGB and are clipped
    one_pixel = source.luma[chroma.BLURS.index(1)]
    psnr_y = partial(chroma.psnr_y, source.planes)
    assert min(map(psnr_y, source.chroma)) > psnr_y(one_pixel) + 5


def test_draw(source):
    result = chroma.compute(source, 0, 2)
    view = chroma.draw(result)
    np.testing.assert_array_equal(opened(view.picture[0]), source.image)
    assert view.picture[1] == result.coded.data  # the file itself: a browser opens it
    np.testing.assert_array_equal(jpeg.decode(view.picture[1]), result.coded.x_hat)
    assert f"<td>{result.psnr_y:.2f}</td>" in view.readout
    ET.fromstring(view.plot)
    small = [opened(base64.b64decode(b)) for b in re.findall(r"base64,([^\"]+)", view.readout)]
    luma, blue, red = small
    assert np.ptp(luma, axis=2).max() == 0 and len(small) == 3
    for picture, plane in ((blue, 1), (red, 2)):  # colours without a picture: Y is 128
        planes = color.rgb_to_ycbcr(picture).astype(int)
        assert abs(planes[0] - 128).max() <= 1
        assert abs(planes[3 - plane] - 128).max() <= 1


def test_shell(source):
    ex = chroma.Chroma(source.image)
    first, pair = ex.readout.summary, ex.picture.value
    assert first.startswith("luma blurred by 0 pixels, chroma by 4: ")
    ex.luma = 3
    assert ex.readout.summary.startswith("luma blurred by 3 pixels, chroma by 4: ")
    assert ex.picture.value[0] == pair[0] and ex.picture.value[1] != pair[1]
    ex.set(luma=0, chroma=0)
    assert "Nothing is blurred" in ex.readout.value and ex.result.coded[:4] == source.sharp[:4]
    ex.gone = "Cb"
    assert ", all Cb set to 128: " in ex.readout.summary and "smaller" in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.picture.value == pair
    assert ex._repr_mimebundle_()["text/plain"] == f"Chroma: {first}"


# --- the exercises -----------------------------------------------------------------------

M, BACK, OFFSET = exercises.JPEG, exercises.BACK, exercises.OFFSET


def test_the_oracle_is_the_standards_formula_in_whole_numbers():
    """T.871, clause 7: Min(Max(0, Round(x)), 255), and nothing here is computed in floats."""
    r, g, b = np.moveaxis(exercises._colours().astype(int), -1, 0)
    standard = np.stack([
        (299 * r + 587 * g + 114 * b + 500) // 1000,
        np.minimum((-299 * r - 587 * g + 886 * b + 886) // 1772 + 128, 255),
        np.minimum((701 * r - 587 * g - 114 * b + 701) // 1402 + 128, 255),
    ])  # fmt: skip
    assert verdict(exercises.to_ycbcr, lambda _: standard.astype(np.uint8)).startswith("Right. ")
    y, cb, cr = r, g - 128, b - 128
    standard = np.stack([
        (1000 * y + 1402 * cr + 500) // 1000,
        (587000 * y - 202008 * cb - 419198 * cr + 293500) // 587000,
        (1000 * y + 1772 * cb + 500) // 1000,
    ], axis=-1)  # fmt: skip
    answer = np.clip(standard, 0, 255).astype(np.uint8)
    assert verdict(exercises.to_rgb, lambda _: answer).startswith("Right. ")


@pytest.mark.parametrize(
    "exercise, answer",
    [
        (exercises.to_ycbcr, color.rgb_to_ycbcr),
        (exercises.to_rgb, color.ycbcr_to_rgb),
        (exercises.down, lambda plane: color.downsample(plane, 2, 2)),
        (exercises.down, lambda plane: np.rint(color.downsample(plane, 2, 2))),
        (exercises.up, lambda plane: color.upsample(plane, 2, 2)),
    ],
)
def test_the_package_passes_its_own_exercises(exercise, answer):
    assert verdict(exercise, answer).startswith("Right. ")


def levels(values):
    """Rounded and clipped to uint8."""
    return np.floor(np.clip(values, 0, 255) + 0.5).astype(np.uint8)


def one_nan(values):
    """The same, but for one that is no number."""
    values = np.array(values, float)
    values[3, 5] = np.nan
    return values


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (
            exercises.to_ycbcr,
            lambda x: np.moveaxis(levels(x @ M.round(3).T + OFFSET), -1, 0),
            "all their digits",
        ),
        (exercises.to_ycbcr, lambda x: levels(x @ M.T + OFFSET), "(3, H, W)"),
        (exercises.to_ycbcr, lambda x: np.moveaxis(x @ M.T + OFFSET, -1, 0), "float64"),
        (exercises.to_ycbcr, lambda x: np.zeros((3, *x.shape[:2]), np.uint8), "Try the pixel"),
        (exercises.to_rgb, lambda p: p, "(H, W, 3)"),
        (exercises.to_rgb, lambda p: np.moveaxis(p, 0, -1) @ BACK.T, "float64"),
        (exercises.down, lambda p: p.reshape(-1, 4).mean(-1), "(H/2, W/2)"),
        (exercises.down, lambda p: p.reshape(50, 2, 30, 2).max((1, 3)), "Row 0"),
        (
            exercises.down,
            lambda p: sum(p[i::2, j::2] for i in (0, 1) for j in (0, 1)) // 4,
            "does not fit into uint8",
        ),
        (exercises.down, lambda p: 1.001 * color.downsample(p, 2, 2), "is off by"),
        (exercises.down, lambda p: 1 + color.downsample(p, 2, 2), "is off by 1 levels"),
        (exercises.down, lambda p: one_nan(color.downsample(p, 2, 2)), "is off by nan levels"),
        (exercises.up, lambda p: 1 + color.upsample(p, 2, 2), "is off by 1 levels"),
        (exercises.up, lambda p: one_nan(color.upsample(p, 2, 2)), "is off by nan levels"),
        (exercises.up, lambda p: p, "(2h, 2w)"),
        (exercises.pairs, lambda p: 2.0, "Two numbers"),
        (exercises.pairs, lambda p: np.diff(p), "Two numbers"),
        (exercises.pairs, lambda p: (1, 2, 3), "Two numbers"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    said = verdict(exercise, answer)
    assert said.startswith("Not yet. ") and hint in said, said


def zoomed(plane, at):
    """By SciPy's hand: values of the plane at these fractional rows and columns, linear between."""
    rows, columns = at(plane.shape[0]), at(plane.shape[1])
    where = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(plane.astype(float), where, order=1, mode="nearest")


@pytest.mark.parametrize(
    "at, change, hint",
    [
        (lambda n: np.arange(2 * n) / 2, np.asarray, "sits between pixels"),
        (lambda n: (np.arange(2 * n) - 0.5) / 2, np.floor, "you cut"),
        (lambda n: np.linspace(0, n - 1, 2 * n), np.asarray, "from corner to corner"),
    ],
)
def test_up_by_scipy_with_other_sites_or_cut(at, change, hint):
    assert hint in verdict(exercises.up, lambda p: change(zoomed(p, at)))


def test_scipys_zoom_stretches_from_corner_to_corner():
    assert "from corner to corner" in verdict(exercises.up, lambda p: zoom(p, 2, order=1))


def test_up_is_scipys_linear_interpolation_between_the_sites():
    """JFIF: the sample of two pixels sits between them, at 0.5, 2.5, ... pixels."""
    at = lambda n: np.clip((np.arange(2 * n) - 0.5) / 2, 0, n - 1)  # noqa: E731
    assert verdict(exercises.up, lambda p: zoomed(p, at)).startswith("Right. ")


# --- what the prose says -----------------------------------------------------------------


def test_a_decoder_that_libjpeg_is_places_chroma_as_the_lesson_says():
    """A file with one bright chroma block, opened by Pillow: the colour ramps by 1/4 and 3/4."""
    picture = np.full((32, 64, 3), 128, np.uint8)
    picture[:, 32:] = 128, 128, 255
    file = io.BytesIO(jpeg.encode(picture, 100, subsampling="4:2:0"))
    opened_by_libjpeg = Image.open(file)
    opened_by_libjpeg.draft("YCbCr", None)
    cb = np.array(opened_by_libjpeg)[16, :, 1].astype(float)
    low, high = cb[0], cb[-1]
    np.testing.assert_allclose((cb[30:34] - low) / (high - low), [0, 0.25, 0.75, 1], atol=0.03)


def test_ranges_that_the_prose_sums_up():
    saved, gained, luma_kept = [], [], []
    for name in images.SAMPLES:
        image = images.sample(name)
        full, half = (jpeg.encode(image, 75, subsampling=s) for s in ("4:4:4", "4:2:0"))
        saved.append(100 * (1 - len(half) / len(full)))
        y = color.luma(image)
        ys = [metrics.psnr(y, color.luma(jpeg.decode(d))) for d in (full, half)]
        luma_kept.append(ys[0] - ys[1])
        for plane in color.rgb_to_ycbcr(images.pad_to_multiple(image, 2))[1:]:
            stored = np.rint(color.downsample(plane, 2, 2)).astype(np.uint8)
            by_mean = metrics.psnr(plane, stored.repeat(2, 0).repeat(2, 1))
            by_line = metrics.psnr(plane, color.upsample(stored, 2, 2))
            gained.append((by_line - by_mean, name))
    assert f"{min(saved):.0f} to {max(saved):.0f} percent" in PROSE
    assert max(luma_kept) < 0.05
    won = [gain for gain, name in gained if name != "rocket"]
    assert f"the triangle wins, by {min(won):.1f} to {max(won):.1f} dB" in PROSE
    assert all(gain < 0 for gain, name in gained if name == "rocket")


def curve(name):
    """setting -> bpp, PSNR (RGB)."""
    points = json.loads((DATA / "rd" / f"{name}.json").read_text())["points"]
    return {p["setting"]: (p["bpp"], p["psnr"]) for p in points}


def test_kodak_savings_that_the_verdict_quotes():
    full, half = curve("kodak_jpeg444"), curve("kodak_jpeg")
    bpp, psnr = np.array(list(half.values())).T
    needed = PchipInterpolator(psnr, np.log(bpp), extrapolate=False)
    saved = {q: 100 * (1 - np.exp(needed(p)) / b) for q, (b, p) in full.items() if q < 95}
    assert round(saved[10]) == 12 and round(saved[90]) == 1
    assert {round(saved[q]) for q in saved if 30 <= q <= 85} == {3, 4}
    same_setting = [100 * (1 - half[q][0] / full[q][0]) for q in saved if q >= 10]
    assert f"{min(same_setting):.0f} to {max(same_setting):.0f}.)" in PROSE
    assert "12 percent of the bits at quality 10, 3 to 4 from 30 to 85, and 1 at 90" in PROSE


def test_y_holds_nearly_everything_of_each_photograph():
    shares = []
    for name in images.SAMPLES:
        variances = color.rgb_to_ycbcr(images.sample(name)).reshape(3, -1).var(axis=1)
        shares.append(variances[0] / variances.sum())
    assert min(shares) > 0.8 and "in our other photographs too" in PROSE


def test_a_green_of_reds_luma_is_not_as_bright_as_red():
    red, green = [255, 0, 0], [0, 130, 0]
    assert color.luma(np.array([[red, green]], np.uint8)).tolist() == [[76, 76]]
    np.testing.assert_allclose(rgb2xyz(np.uint8([red, green]))[:, 1], [0.213, 0.160], atol=5e-4)
    assert "as bright as red" not in PROSE and "are not equally bright" in PROSE


def test_only_the_cats_chroma_came_in_pairs_of_columns():
    """And a JPEG in 4:2:2 by libjpeg leaves the trace that the lesson looks for."""
    for name in images.SAMPLES:
        for plane in color.rgb_to_ycbcr(images.sample(name))[1:]:
            (inside, across), (above, below) = exercises._steps(plane), exercises._steps(plane, 0)
            assert (across / inside > 1.5) == (name == "chelsea")
            assert 0.9 < below / above < 1.1
    file = io.BytesIO()
    Image.fromarray(images.sample("coffee")).save(file, "JPEG", quality=98, subsampling="4:2:2")
    for plane in color.rgb_to_ycbcr(opened(file.getvalue()))[1:]:
        inside, across = exercises._steps(plane)
        assert across / inside > 1.5


def test_halved_red_and_blue_are_worse_than_halved_chroma_by_what_the_lesson_says():
    losses = []
    for name in images.SAMPLES:
        image = images.pad_to_multiple(images.sample(name), 2)
        halved = lambda p: color.upsample(  # noqa: E731
            np.rint(color.downsample(p, 2, 2)).astype(np.uint8), 2, 2
        )
        y, cb, cr = color.rgb_to_ycbcr(image)
        r, g, b = np.moveaxis(image, -1, 0)
        chroma_halved = color.ycbcr_to_rgb([y, halved(cb), halved(cr)])
        channels_halved = np.stack([halved(r), g, halved(b)], axis=-1)
        losses.append(metrics.psnr(image, chroma_halved) - metrics.psnr(image, channels_halved))
    assert f"these {min(losses):.0f} to {max(losses):.0f} dB" in PROSE


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_sliders_move_picture_and_readout(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        the_marks_follow_their_sliders(page.locator(".lic-explorer:has(image)").first)
        the_photograph_follows_its_sliders(page.locator(".lic-explorer:has(.lic-wipe)"))


def the_marks_follow_their_sliders(chart):
    """And all of the chart is on one screen with them, pixel for pixel."""
    slider = chart.get_by_role("slider", name="Cb", exact=True)
    slider.wait_for()
    words = chart.locator(".lic-readout table")
    before = words.inner_text()
    slider.press("End")
    changed = "([table, old]) => table.innerText !== old"
    chart.page.wait_for_function(changed, arg=[words.element_handle(), before])
    assert slider.get_attribute("aria-valuetext") == "Cb 64 pixels a cycle"
    strips = [strip.bounding_box() for strip in chart.locator("image").all()]
    assert [strip["width"] for strip in strips] == [eye_chart.COLUMNS] * 3
    assert strips[-1]["y"] + strips[-1]["height"] - slider.bounding_box()["y"] < 600


def the_photograph_follows_its_sliders(explorer):
    slider = explorer.get_by_role("slider", name="Blur of chroma", exact=True)
    slider.wait_for()
    blurred = explorer.locator(".lic-wipe canvas").last
    first = pictures(blurred)
    shown = """(e => [...e.querySelectorAll(".lic-readout img")].map(i => i.src)
        .concat(e.querySelector(".lic-readout table").textContent))"""
    page, element = explorer.page, explorer.element_handle()
    differs = f"([e, old, parts]) => parts.every(i => {shown}(e)[i] !== old[i])"
    y, cb, cr, table = range(4)
    before = page.evaluate(shown, element)
    slider.focus()
    slider.press("PageUp")
    page.wait_for_function(differs, arg=[element, before, [cb, cr, table]])
    second = new_pictures(blurred, first)
    after = page.evaluate(shown, element)
    assert after[y] == before[y]
    luma = explorer.get_by_role("slider", name="Blur of luma", exact=True)
    luma.press("End")
    page.wait_for_function(differs, arg=[element, after, [y, table]])
    new_pictures(blurred, second)
    assert luma.get_attribute("aria-valuetext") == "Blur of luma 16 px"
    now = page.evaluate(shown, element)
    explorer.get_by_role("button", name="Cr", exact=True).click()
    page.wait_for_function(differs, arg=[element, now, [cr, table]])
    explorer.get_by_role("button", name="Reset").click()
    page.wait_for_function(f"([e, old]) => {shown}(e)[3] === old", arg=[element, before[table]])
