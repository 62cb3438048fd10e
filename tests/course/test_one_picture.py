"""One picture: the recorded fits, the work counted, the rivals, both explorers, the prose."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image

from lic_teach import contents, images, learned, metrics, overfit
from lic_teach.course.one_picture import effort, exercises, fit, overfitting, rivals, work
from lic_teach.course.one_picture.effort import FITTED, ONE_PASS, REFINED, Effort
from lic_teach.course.one_picture.overfitting import JPEG, Overfitting
from lic_teach.kit import checks
from lic_teach.kit.measured import Coded, by_lam, libjpeg, model
from lic_teach.learned import anatomy, refine
from lic_teach.overfit import container, transform
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all, without

LESSON = contents.notebook("one_picture")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def cat():
    return fit.load()


@pytest.fixture(scope="module")
def scrubber():
    return Overfitting()


@pytest.fixture(scope="module")
def stations():
    return Effort()


# --- the fits that come with the course --------------------------------------------------


def test_the_recorded_files_are_of_the_sample_photographs_and_good():
    for name in images.SAMPLES:
        one = fit.load(name)
        assert np.array_equal(one.image, images.centre_crop(images.sample(name), 256))
        assert metrics.psnr(one.image, overfit.decode(one.last)) > 31
        assert len(one.last) < 5200
    assert tuple(fit.load().files) == fit.MOMENTS


def test_from_the_tenth_step_on_every_moment_has_a_smaller_objective_than_the_one_before(cat):
    costs = [
        rivals.overfitted(cat.image, data).cost(fit.LAM)
        for step, data in cat.files.items()
        if step >= 10
    ]
    assert (np.diff(costs) < 0).all()


def test_the_last_file_of_a_fit_is_that_of_the_codec():
    small = images.sample("coffee")[100:133, 200:240]
    found = fit.fit(small, 5)
    assert found.files == {1: found.files[1], 5: overfit.encode(small, fit.LAM, 5)}


def test_what_is_saved_is_loaded(tmp_path, monkeypatch, cat):
    files = {step: cat.files[step] for step in (1000, 20)}
    fit.save({fit.PHOTO: files}, {"pass": 0.5}, tmp_path / "a.safetensors")
    monkeypatch.setattr(fit, "FILE", tmp_path / "a.safetensors")
    assert list(fit.load.__wrapped__().files.items()) == [(20, files[20]), (1000, files[1000])]
    assert fit.seconds.__wrapped__() == {"pass": 0.5}


# --- work ---------------------------------------------------------------------------------


@pytest.mark.parametrize("height, width", [(256, 256), (512, 768), (64, 96)])
def test_the_decoders_work_is_that_of_its_matrices(height, width):
    """By hand: each weight once; each level blown up down its columns, then along its rows."""
    count = work.decoder(height, width)
    assert count["mixing"] == 16 * 7 + 3 * 16 + 3 * 7 + 3 * 3 * 9
    sizes = transform.sizes(height, width)
    latents = sum(h * w for h, w in sizes) / (height * width)
    assert count["context"] == pytest.approx((16 * 11 + 2 * 16 + 11) * latents)
    up = sum(height * h * w + height * w * width for h, w in sizes[1:]) / (height * width)
    assert count["blowing up"] == pytest.approx(up)


@pytest.mark.parametrize("size", [(256, 256), (512, 768), (768, 512)])
def test_a_decoder_takes_at_most_2000_multiplications_a_pixel(size):
    assert sum(work.decoder(*size).values()) <= 2000


def test_a_refining_step_paints_and_walks_about_as_often_as_is_counted(cat):
    """Counted in a search: the paintings of its network, for each step."""
    painted = []
    hook = model().g_s.register_forward_hook(lambda *_: painted.append(1))
    y = learned.analyse(cat.image[:64, :64], model())
    list(refine.search(cat.image[:64, :64], y, model(), fit.LAM, 1))
    hook.remove()
    decoder = 1000 * work.learned()["decode"]
    assert len(painted) <= work.refining_step() / decoder <= len(painted) + 4


# --- rivals -------------------------------------------------------------------------------


def test_bytes_at_a_points_psnr_are_its_own_and_outside_of_the_curve_there_are_none():
    image = np.zeros((10, 80, 3), np.uint8)
    curve = [Coded(0, None, bpp, 1.0, psnr, None) for bpp, psnr in ((0.5, 30), (2.0, 34))]
    assert rivals.bytes_at(curve, 30, image) == pytest.approx(50)
    assert rivals.bytes_at(curve, 32, image) == pytest.approx(100)  # the geometric mean
    with pytest.raises(ValueError, match="from 30.0 to 34.0"):
        rivals.bytes_at(curve, 35, image)


def test_the_head_of_a_jpeg_ends_where_its_scan_begins(cat):
    data = libjpeg(cat.image, 50).data
    scan = data.index(b"\xff\xda")
    assert rivals.head(data) == scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    broken = bytearray(data)
    broken[rivals.head(data)] ^= 0xFF  # the first coded byte: no error of the head
    assert Image.open(io.BytesIO(bytes(broken))).size == (256, 256)


def test_saved_is_against_files_as_good_as_ours(cat):
    """JPEG by lambda as good as ours, found by bisection, has the bytes that its curve says."""
    ours = rivals.overfitted(cat.image, cat.last)
    low, high = 0.005, 0.04
    for _ in range(9):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if by_lam(cat.image, middle).psnr < ours.psnr else (low, middle)
    found = rivals.saved(cat.image, ours, rivals.measure(cat.image))
    assert found["JPEG by λ"] == pytest.approx(
        ours.size / by_lam(cat.image, low).size - 1, abs=0.02
    )
    assert found["JPEG"] < found["JPEG by λ"] < 0


# --- exercises ----------------------------------------------------------------------------


def test_the_right_answers_are_right_and_one_number_is_asked_for():
    right = "def multiplications(a, b):\n    return a * sum(0.25**k for k in range(7)) + b"
    names = {}
    exec(right, names)
    assert checks.verdict(exercises.multiplications, names["multiplications"]).startswith("Right.")
    rough = checks.verdict(exercises.multiplications, lambda a, b: a * 4 / 3 + b)
    assert rough.startswith("Right.")
    forms = [np.array, torch.tensor, np.float32]
    for form in forms:
        right = checks.verdict(exercises.multiplications, lambda a, b, f=form: f(a * 4 / 3 + b))
        assert right.startswith("Right.")
    six = checks.verdict(
        exercises.multiplications, lambda a, b: a * sum(0.25**k for k in range(6)) + b
    )
    assert six.endswith("That counts six levels: range(7) goes from 0 to 6.")
    third = checks.verdict(exercises.multiplications, lambda a, b: (a + b) * 4 / 3)
    assert third.endswith("Both networks once a latent? The synthesis runs once a pixel.")
    for rounded in (lambda a, b: round(a * 4 / 3 + b), lambda a, b: 1.333 * a + b):
        said = checks.verdict(exercises.multiplications, rounded)
        assert said.endswith("Nearly. Leave it unrounded.")
    several = checks.verdict(exercises.pixels_for, lambda n, r, s: [n, r, s])
    assert "One finite number" in several


# --- the scrubber -------------------------------------------------------------------------


def test_levels_and_networks_and_the_rest_are_the_whole_file(scrubber):
    for opened in scrubber.source.opened.values():
        parts = opened.parts.networks + opened.levels.sum() + container.OVERHEAD
        assert parts == pytest.approx(opened.coded.size)


def test_estimated_bits_of_the_latents_are_those_of_the_file(scrubber):
    opened = scrubber.source.opened[1000]
    payload = opened.coded.size - container.OVERHEAD - opened.parts.networks
    assert overfitting.level_bits(opened.parts).sum() / 8 == pytest.approx(payload, rel=0.01)


def test_what_the_scrubber_shows_is_the_file_of_the_moment(scrubber, cat):
    scrubber.moment = 4
    assert np.array_equal(scrubber.result.now.coded.x_hat, overfit.decode(cat.files[20]))
    assert len(scrubber.result.path) == 4
    assert scrubber.readout.summary.startswith("step 20: 7,965 bytes")
    scrubber.moment = len(fit.MOMENTS)


def test_beside_jpeg_stands_a_file_about_as_large(scrubber):
    scrubber.set(beside=JPEG)
    assert scrubber.picture.names == (JPEG, "overfitted")
    scrubber.set(beside="original")


def test_the_drawing_holds_latents_and_all_weights(scrubber):
    drawing = ET.fromstring(scrubber.plot.value)
    pictures = list(drawing.iter(f"{SVG}image"))
    assert len(pictures) == 1 + 8
    cells = [float(p.get("width")) * float(p.get("height")) / 36 for p in pictures[1:]]
    assert sum(cells) == 523 - 16 - 16 - 3  # but for the three biases


def test_at_the_first_step_all_latents_are_0_and_the_picture_is_plain(scrubber):
    first = scrubber.source.at(1)
    assert not first.parts.v.any() and first.coded.x_hat.std((0, 1)).max() < 2


def test_networks_are_named_once_in_the_bar_of_bytes():
    """A quarter of this file is networks: their place in the bar would hold the word, too."""
    rocket = overfitting.prepare(fit.load("rocket"))
    result = overfitting.compute(rocket, 1, overfitting.ORIGINAL)
    words = [each.text for each in ET.fromstring(overfitting.draw(result).plot).iter(f"{SVG}text")]
    assert words.count("networks") == 1


def test_a_picture_that_is_small_and_narrow_can_be_scrubbed():
    small = fit.fit(np.ascontiguousarray(images.sample("rocket")[:40, :24]), 2)
    ex = Overfitting(small)
    assert ex.moment == 2 and "lic-error" not in ex.readout.value


# --- effort -------------------------------------------------------------------------------


def test_stations_are_real_files_and_only_the_overfitted_bring_a_decoder(stations, cat):
    found = stations.source.stations
    assert len(found) == 1 + len(REFINED) + len(FITTED) and found[0].words == ONE_PASS
    for station in found:
        data = station.coded.data
        x_hat = overfit.decode(data) if station.own else learned.decode(data, model())
        assert np.array_equal(x_hat, station.coded.x_hat)
        assert overfit.is_overfitted(data) == station.own
    own = [station.own for station in found]
    assert own == sorted(own)


def test_more_effort_of_one_kind_is_more_work_and_less_of_the_objective(stations):
    for own in (False, True):
        kind = [s for s in stations.source.stations if s.own == own]
        assert (np.diff([s.work for s in kind]) > 0).all()
        assert (np.diff([s.seconds for s in kind]) > 0).all()
        assert (np.diff([s.coded.cost(fit.LAM) for s in kind]) < 0).all()


def test_the_readout_follows_the_slider(stations):
    stations.effort = len(stations.source.stations)
    assert stations.readout.summary.startswith("overfitted, 1,000 steps: 4,276 bytes, 31.0 dB")
    assert "in the file" in stations.readout.value
    stations.effort = 1
    assert "in the file" not in stations.readout.value


def test_the_drawing_marks_the_station(stations):
    title = ET.fromstring(effort.draw(stations.result).plot).find(f"{SVG}text").text
    assert title.startswith("One pass: L = ")


def test_a_station_above_the_drawing_says_its_objective(stations):
    words = []
    for effort_of in (len(REFINED) + 2, len(REFINED) + 3):
        drawing = effort.draw(effort.compute(stations.source, effort_of, "original")).plot
        words.append([each.text for each in ET.fromstring(drawing).iter(f"{SVG}text")])
    assert "1.95 ↑" in words[0] and not any("↑" in each for each in words[1])


# --- what the lesson says -----------------------------------------------------------------


def test_numbers_in_the_prose_are_those_of_the_code(cat):
    prose = lessons.prose("one_picture")
    assert len(cat.last) == 4276 and "4,276 bytes" in prose
    assert round(sum(work.decoder(512, 768).values())) == 1481 and "1,481 in all" in prose
    assert 440_000 < anatomy.decoder_parameters(model()) < 500_000
    assert "nearly half a million numbers" in prose
    heads = [rivals.head(libjpeg(fit.load(name).image, 50).data) for name in images.SAMPLES]
    assert "some 340 bytes" in prose and 330 < np.mean(heads) < 350


def test_sums_of_the_decoder_do_not_depend_on_the_threads(cat):
    first = overfit.decode(cat.last)
    torch.set_num_threads(2)
    try:
        assert np.array_equal(overfit.decode(cat.last), first)
    finally:
        torch.set_num_threads(1)


# --- in the browser -----------------------------------------------------------------------


@pytest.mark.browser
def test_the_slider_goes_back_to_the_first_step_on_one_screen(tmp_path):
    with (
        jupyterlab([without(figures(LESSON, tmp_path), tmp_path, "Effort(")]) as address,
        chromium(1440, 800) as page,
    ):
        open_notebook(page, address, LESSON.name)
        run_all(page)
        explorer = page.locator(".lic-explorer").first
        slider = explorer.get_by_role("slider", name="Moment", exact=True)
        slider.wait_for()
        drawing = explorer.locator(".lic-plot svg[role=img]")
        drawing.get_by_text("Step 1000: 4,276 bytes").wait_for()
        slider.press("Home")
        drawing.get_by_text("Step 1: 515 bytes").wait_for()
        box = drawing.bounding_box()
        assert box["y"] + box["height"] - slider.bounding_box()["y"] < 600
        explorer.get_by_role("button", name="step 20", exact=True).click()
        drawing.get_by_text("Step 20: 7,965 bytes").wait_for()
