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


def u8(values):
    """Rounded and changed to uint8 as NumPy does it: what does not fit wraps round."""
    return np.floor(values + 0.5).astype(np.int64).astype(np.uint8)


def clipped(values):
    return u8(np.clip(values, 0, 255))


def planes(values):
    return np.moveaxis(values, -1, 0)


def y_rounded_first(x):
    y, r, b = np.floor(x @ M[0] + 0.5), x[..., 0], x[..., 2]
    return clipped(np.stack([y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128]))


THREE_DIGITS = M.round(3)
LIMITED = M * np.array([[219], [224], [224]]) / 255


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda x: planes(u8(x @ M.T + OFFSET)), "Pure blue has Cb = 255.5"),
        (lambda x: planes(np.clip(x @ M.T + OFFSET, 0, 255).astype(np.uint8)), "you cut"),
        (lambda x: planes(clipped(x @ M.T)), "Grey must be 128"),
        (lambda x: planes(u8(x @ M.T)), "Where is the middle of Cb"),
        (lambda x: planes(clipped(x @ M.T + 128)), "black has Y = 0"),
        (lambda x: planes(clipped(x @ M.T + OFFSET))[[0, 2, 1]], "changed places"),
        (lambda x: planes(clipped(x[..., ::-1] @ M.T + OFFSET)), "Red and blue"),
        (lambda x: planes(clipped(x @ M + OFFSET)), "transposed"),
        (lambda x: planes(clipped(x @ LIMITED.T + [16, 128, 128])), "television"),
        (lambda x: planes(clipped(x @ THREE_DIGITS.T + OFFSET)), "all their digits"),
        (y_rounded_first, "Round last"),
        (lambda x: clipped(x @ M.T + OFFSET), "(3, H, W)"),
        (lambda x: planes(x @ M.T + OFFSET), "float64"),
        (lambda x: np.zeros((3, *x.shape[:2]), np.uint8), "Try the pixel"),
    ],
)
def test_to_ycbcr_hints(answer, hint):
    said = verdict(exercises.to_ycbcr, answer)
    assert said.startswith("Not yet. ") and hint in said, said


def centred(p):
    return np.moveaxis(p, 0, -1) - OFFSET


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda p: u8(centred(p) @ BACK.T), "wrap in uint8: clip first"),
        (lambda p: np.clip(centred(p) @ BACK.T, 0, 255).astype(np.uint8), "you cut"),
        (lambda p: clipped(np.moveaxis(p, 0, -1) @ BACK.T), "Grey must be 128"),
        (
            lambda p: clipped((np.moveaxis(p, 0, -1) - np.array([0, 128, 128], np.uint8)) @ BACK.T),
            "3 - 128 is 131",
        ),
        (lambda p: clipped(centred(p[[0, 2, 1]]) @ BACK.T), "Cb and Cr have changed places"),
        (lambda p: clipped(centred(p) @ BACK.T)[..., ::-1], "Red and blue"),
        (lambda p: clipped(centred(p) @ BACK), "transposed"),
        (lambda p: clipped(centred(p) @ M.T), "forward matrix"),
        (lambda p: clipped(centred(p) @ M), "rotation"),
        (lambda p: planes(clipped(centred(p) @ BACK.T)), "(H, W, 3)"),
        (lambda p: centred(p) @ BACK.T, "float64"),
    ],
)
def test_to_rgb_hints(answer, hint):
    said = verdict(exercises.to_rgb, answer)
    assert said.startswith("Not yet. ") and hint in said, said


def cells(plane):
    return [plane[i::2, j::2] for i in (0, 1) for j in (0, 1)]


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda p: p[::2, ::2], "one sample of four"),
        (lambda p: sum(cells(p)) / 4, "does not fit into uint8"),
        (lambda p: sum(cells(p)) // 4, "does not fit into uint8"),
        (lambda p: sum(c.astype(int) for c in cells(p)), "sum of the four"),
        (lambda p: sum(c.astype(int) for c in cells(p)) // 4, "you cut"),
        (lambda p: sum(c.astype(int) for c in cells(p)) / 16, "divide twice"),
        (lambda p: p.reshape(p.shape[0], -1, 2).mean(-1)[::2], "second row is missing"),
        (lambda p: p.T.reshape(p.shape[1], -1, 2).mean(-1)[::2].T, "second column is missing"),
        (lambda p: p.reshape(p.shape[0] // 2, p.shape[1] // 2, 4).mean(-1), "lie in one row"),
        (lambda p: p.reshape(-1, 4).mean(-1), "(H/2, W/2)"),
        (lambda p: np.maximum.reduce(cells(p)), "Row 0"),
    ],
)
def test_down_hints(answer, hint):
    said = verdict(exercises.down, answer)
    assert said.startswith("Not yet. ") and hint in said, said


def zoomed(plane, at):
    """By SciPy's hand: values of the plane at these fractional rows and columns, linear between."""
    rows, columns = at(plane.shape[0]), at(plane.shape[1])
    where = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(plane.astype(float), where, order=1, mode="nearest")


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda p: p.repeat(2, 0).repeat(2, 1), "replication"),
        (lambda p: zoomed(p, lambda n: np.arange(2 * n) / 2), "sits between pixels"),
        (
            lambda p: np.floor(zoomed(p, lambda n: (np.arange(2 * n) - 0.5) / 2)),
            "you cut",
        ),
        (lambda p: exercises._both(lambda q: exercises.doubled(q, 0.25), p * 1.0), "far sample"),
        (
            lambda p: exercises._both(lambda q: exercises.doubled(q, pad="constant"), p * 1.0),
            "Beyond the border",
        ),
        (
            lambda p: exercises._both(lambda q: exercises.doubled(q, pad="wrap"), p * 1.0),
            "not the other side's",
        ),
        (lambda p: exercises._both(exercises._exchanged, p * 1.0), "on its own side"),
        (lambda p: exercises.doubled(p * 1.0).repeat(2, 0), "rows are only repeated"),
        (lambda p: exercises.doubled(p.T * 1.0).repeat(2, 0).T, "columns are only repeated"),
        (lambda p: exercises._both(exercises._doubled_in_uint8, p), "does not fit into uint8"),
        (lambda p: p, "(2h, 2w)"),
    ],
)
def test_up_hints(answer, hint):
    said = verdict(exercises.up, answer)
    assert said.startswith("Not yet. ") and hint in said, said


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
