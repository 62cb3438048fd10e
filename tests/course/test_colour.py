"""Colour: its explorer, the hints of its exercises, what its prose claims, and the browser."""

import base64
import io
import json
import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.colour import chroma, exercises
from lic_teach.jpeg import color
from lic_teach.kit.checks import verdict
from lic_teach.paths import DATA
from tests import lessons
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all

LESSON = contents.notebook("colour")
PROSE = lessons.prose("colour")


# --- the explorer ------------------------------------------------------------------------


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
    np.testing.assert_array_equal(opened(view.picture[1]), result.coded.x_hat)
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
        (exercises.up, lambda p: p, "(2h, 2w)"),
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
    ],
)
def test_up_by_scipy_with_other_sites_or_cut(at, change, hint):
    assert hint in verdict(exercises.up, lambda p: change(zoomed(p, at)))


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
    saved, lost, gained, luma_kept = [], [], [], []
    for name in images.SAMPLES:
        image = images.sample(name)
        full, half = (jpeg.encode(image, 75, subsampling=s) for s in ("4:4:4", "4:2:0"))
        saved.append(100 * (1 - len(half) / len(full)))
        lost.append(metrics.psnr(image, jpeg.decode(full)) - metrics.psnr(image, jpeg.decode(half)))
        y = color.luma(image)
        ys = [metrics.psnr(y, color.luma(jpeg.decode(d))) for d in (full, half)]
        luma_kept.append(ys[0] - ys[1])
        for plane in color.rgb_to_ycbcr(images.pad_to_multiple(image, 2))[1:]:
            stored = np.rint(color.downsample(plane, 2, 2)).astype(np.uint8)
            by_mean = metrics.psnr(plane, stored.repeat(2, 0).repeat(2, 1))
            by_line = metrics.psnr(plane, color.upsample(stored, 2, 2))
            gained.append((by_line - by_mean, name))
    assert f"{min(saved):.0f} to {max(saved):.0f} percent" in PROSE
    assert f"PSNR (RGB) falls by {min(lost):.1f} to {max(lost):.1f} dB" in PROSE
    assert max(luma_kept) < 0.05
    won = [gain for gain, name in gained if name != "rocket"]
    assert f"the triangle wins, by {min(won):.1f} to {max(won):.1f} dB" in PROSE
    assert all(gain < 0 for gain, name in gained if name == "rocket")


def test_kodak_savings_that_the_summary_quotes():
    full, half = (
        {p["setting"]: p["bpp"] for p in json.loads((DATA / "rd" / name).read_text())["points"]}
        for name in ("kodak_jpeg444.json", "kodak_jpeg.json")
    )
    saved = [100 * (1 - half[q] / full[q]) for q in full if 10 <= q <= 90]
    assert f"{min(saved):.0f} to {max(saved):.0f} percent" in PROSE


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_sliders_move_picture_and_readout():
    with jupyterlab([LESSON]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        slider = page.get_by_role("slider", name="Blur of chroma", exact=True)
        slider.wait_for()
        blurred = page.locator(".lic-wipe canvas").last
        first = pictures(blurred)
        shown = """[...document.querySelectorAll(".lic-readout img")].map(i => i.src)
            .concat(document.querySelector(".lic-readout table").textContent)"""
        differs = f"([old, parts]) => parts.every(i => ({shown})[i] !== old[i])"
        y, cb, cr, table = range(4)
        before = page.evaluate(shown)
        slider.focus()
        slider.press("PageUp")
        page.wait_for_function(differs, arg=[before, [cb, cr, table]])
        second = new_pictures(blurred, first)
        after = page.evaluate(shown)
        assert slider.get_attribute("aria-valuetext") == "Blur of chroma 5.5 px"
        assert after[y] == before[y]
        luma = page.get_by_role("slider", name="Blur of luma", exact=True)
        luma.press("End")
        page.wait_for_function(differs, arg=[after, [y, table]])
        new_pictures(blurred, second)
        assert luma.get_attribute("aria-valuetext") == "Blur of luma 16 px"
        page.get_by_role("button", name="Reset").click()
        page.wait_for_function(f"old => ({shown})[3] === old", arg=before[table])
