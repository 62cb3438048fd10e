"""Only the decoder: the network, its training, bins, explorer, what the prose says."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file
from scipy.fft import dctn
from scipy.ndimage import uniform_filter

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.only_the_decoder import (
    before_after,
    bins,
    exercises,
    page,
    repair,
    training,
)
from lic_teach.course.only_the_decoder.before_after import BY_LAMBDA, PILLOW, BeforeAfter
from lic_teach.jpeg import codec, color, frame, transform
from lic_teach.kit import checks
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

CAT = images.sample("chelsea")
LESSON = contents.notebook("only_the_decoder")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def saved(image, **options):
    """Pillow's file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", **options)
    return buffer.getvalue()


# --- the network -------------------------------------------------------------------------


def test_it_has_as_many_numbers_as_the_lesson_says_and_fewer_than_fifty_thousand():
    count = sum(p.numel() for p in repair.Repair().parameters())
    assert count == 44_556 == sum(w.size for w in load_file(repair.FILE).values())
    assert repair.FILE.stat().st_size < 250_000


def test_before_it_has_learned_it_changes_nothing():
    picture, coarse = repair.painted(training.jpg(CAT, 30))
    np.testing.assert_array_equal(repair.apply(repair.Repair(), picture, coarse), picture)


def test_the_mean_around_is_scipys_inside_and_of_what_is_there_at_the_rim():
    x = np.random.default_rng(0).uniform(0, 255, (1, 1, 20, 24)).astype(np.float32)
    found = repair.surroundings(torch.from_numpy(x))[0, 0].numpy()
    np.testing.assert_allclose(found[4:-4, 4:-4], uniform_filter(x[0, 0], 9)[4:-4, 4:-4], rtol=1e-4)
    assert found[0, 0] == pytest.approx(x[0, 0, :5, :5].mean(), rel=1e-5)


def test_a_pixel_looks_17_pixels_far_and_no_further():
    x = torch.from_numpy(CAT[80:176, 160:256].copy()).permute(2, 0, 1)[None].float()
    x.requires_grad_()
    repair.shipped()(x, torch.zeros(1, 2))[0, :, 48, 48].sum().backward()
    touched = x.grad[0].abs().sum((0, 1)).nonzero().ravel()
    assert touched.min() == 32 and touched.max() == 65


def test_brighter_everywhere_is_repaired_alike():
    x = torch.from_numpy(CAT[:64, :64].copy()).permute(2, 0, 1)[None].float()
    net, coarse = repair.shipped(), torch.zeros(1, 2)
    with torch.inference_mode():
        np.testing.assert_allclose(net(x + 30, coarse) - 30, net(x, coarse), atol=1e-2)


@pytest.mark.parametrize("options", [
    {"quality": 30, "subsampling": 0}, {"quality": 60, "subsampling": 1},
    {"quality": 20, "progressive": True},
])  # fmt: skip
def test_other_kinds_of_files_are_repaired_too_whatever_their_size(options):
    piece = CAT[:203, :301]
    data = saved(piece, **options)
    picture = repair.decode(data)
    assert picture.shape == piece.shape and picture.dtype == np.uint8
    assert metrics.psnr(piece, picture) > metrics.psnr(piece, jpeg.decode(data)) + 0.3


def test_a_grey_file_and_one_pixel():
    assert repair.decode(saved(CAT[:40, :40, 1], quality=30)).shape == (40, 40, 3)
    assert repair.decode(saved(CAT[:1, :1], quality=30)).shape == (1, 1, 3)


def test_four_components_are_refused_in_words():
    buffer = io.BytesIO()
    Image.fromarray(CAT).convert("CMYK").save(buffer, "JPEG")
    picture = jpeg.decode(buffer.getvalue())
    if picture.shape[2] == 3:  # inks become colours: repaired like others
        assert repair.decode(buffer.getvalue()).shape == picture.shape


# --- what it wins ------------------------------------------------------------------------


def gain(name, quality, net=None):
    """dB over Pillow's own decoder."""
    x = images.sample(name)
    data = training.jpg(x, quality)
    plain = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    return metrics.psnr(x, repair.decode(data, net)) - metrics.psnr(x, plain)


def test_the_long_training_wins_a_decibel_on_photographs_that_it_has_not_seen():
    gains = [gain(name, 30) for name in images.SAMPLES]
    assert np.mean(gains) == pytest.approx(1.0, abs=0.05)
    assert min(gains) > 0.85 and max(gains) == pytest.approx(1.2, abs=0.05)


def test_a_few_steps_win_something_on_the_cat_and_the_same_seed_gives_the_same():
    known = training.pairs([images.sample("coffee")], (10, 30))
    first, again = (training.train(known, steps=40) for _ in range(2))
    for one, two in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    assert gain("chelsea", 10, first) > 0.2


def test_a_piece_of_a_batch_is_where_it_was_and_begins_at_a_block():
    known = training.pairs([CAT], (30,))
    rng = np.random.default_rng(3)
    x, picture, coarse = training.batch(known, rng, 8, 64)
    assert x.shape == picture.shape == (8, 3, 64, 64) and coarse.shape == (8, 2)
    assert float(((x - picture) ** 2).mean()) < 150  # the same place, turned alike


# --- bins --------------------------------------------------------------------------------


def test_bins_hold_scipys_dct_of_the_original():
    data = training.jpg(CAT, 30)
    low, high = bins.bins(data)
    found = bins.coefficients(CAT, low.shape[:2])
    y = CAT @ np.array([0.299, 0.587, 0.114])
    block = dctn(y[8:16, 16:24] - 128, norm="ortho")
    assert found[1, 2, :3] == pytest.approx([block[0, 0], block[0, 1], block[1, 0]], abs=0.05)
    assert bins.outside(CAT, data) < 0.001
    assert bins.outside(255 - CAT, data) > 0.05


def test_into_bins_ends_inside_and_is_never_further_from_the_original():
    data = training.jpg(CAT, 30)
    wrong = np.clip(jpeg.decode(data).astype(int) + 9, 0, 255).astype(np.uint8)
    back = bins.into_bins(wrong, data)
    assert bins.outside(back, data) < bins.outside(wrong, data)
    assert metrics.psnr(CAT, back) > metrics.psnr(CAT, wrong) + 4


def test_what_the_lesson_says_of_bins():
    for quality in (10, 30, 75):
        data = training.jpg(CAT, quality)
        picture = repair.decode(data)
        assert bins.outside(picture, data) < 0.002
        more = metrics.psnr(CAT, bins.into_bins(picture, data)) - metrics.psnr(CAT, picture)
        assert 0 <= more < 0.02
    assert bins.outside(CAT, jpeg.encode(CAT, lam=0.01)) > 0.015


# --- where it fails, and where it wins ---------------------------------------------------


def test_the_gain_sits_at_rims_and_in_calm_places():
    data = training.jpg(CAT, 30)
    before, after = ((p - CAT.astype(float)) ** 2 for p in (jpeg.decode(data), repair.decode(data)))
    rows, columns = np.indices(CAT.shape[:2]) % 8
    rim = np.isin(rows, (0, 7)) | np.isin(columns, (0, 7))
    share = (before - after)[rim].sum() / (before - after).sum()
    assert rim.mean() == pytest.approx(0.44, abs=0.01)
    assert share == pytest.approx(0.63, abs=0.03)


def test_the_page_is_text_and_the_long_training_repairs_it_at_quality_75():
    letters = page.page()
    assert letters.shape == (384, 512, 3)
    data = training.jpg(letters, 75)
    plain, repaired = jpeg.decode(data), repair.decode(data)
    assert metrics.psnr(letters, repaired) > metrics.psnr(letters, plain) + 0.2


# --- the explorer ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ex():
    return BeforeAfter()


def test_all_decoders_read_one_file_and_the_table_says_what_psnr_says(ex):
    result = before_after.compute(ex.source, 30, PILLOW, "network")
    assert result.size == len(training.jpg(CAT, 30))
    for name, picture in result.pictures.items():
        assert result.psnr[name] == pytest.approx(metrics.psnr(CAT, picture))
    assert "32.31" in before_after.draw(result).readout


def test_a_file_by_lambda_is_no_larger_than_twice_and_no_smaller_than_half():
    for quality in (10, 30, 50, 75, 90):
        sizes = [len(before_after.written(CAT, quality, w)) for w in (PILLOW, BY_LAMBDA)]
        assert 0.5 < sizes[1] / sizes[0] < 2


def test_the_readout_follows_the_controls(ex):
    ex.set(quality=30, writer=BY_LAMBDA)
    assert ex.readout.summary.startswith("by λ 30: ")
    psnr = ex.result.psnr
    assert psnr["Laplace"] - psnr["plain"] == pytest.approx(-0.1, abs=0.05)
    assert psnr["network"] - psnr["plain"] == pytest.approx(0.43, abs=0.05)
    ex.set(quality=30, writer=PILLOW)
    assert ex.readout.summary.startswith("by quality 30: 9,1")


def test_the_plot_of_quality_shows_jpeg_by_lambda_too(ex):
    assert "JPEG by λ" in ex.plot.value


def test_bytes_at_equal_psnr_are_those_of_the_prose(ex):
    def curve(kind, who):
        return [(bpp, psnr[who]) for bpp, psnr in ex.source.curves[kind]]

    plain = curve(PILLOW, "plain")
    found = [
        metrics.bd_rate(plain, curve(*what), (29.5, 36))
        for what in ((PILLOW, "network"), (BY_LAMBDA, "plain"), (BY_LAMBDA, "network"))
    ]
    assert found == pytest.approx([-18, -24, -30], abs=1)
    assert "Nearly a fifth of the cat's bytes" in lessons.prose("only_the_decoder")


def test_where_the_truth_lies_on_its_stair():
    """Nearer to zero for files by quality, about in the middle for files by lambda."""
    luma = color.luma(images.sample("chelsea"))[:296, :448].astype(np.float32)
    c = transform.forward(luma).reshape(37, 56, 64)

    def off(data):
        blocks, layout, tables = codec.unpack(data)
        k = frame.split(blocks, layout)[0][:37, :56].astype(int)
        ones = np.abs(k) == 1
        ones[..., 0] = False
        return (np.sign(k) * (c / tables[0] - k))[ones].mean()

    image = images.sample("chelsea")
    assert off(training.jpg(image, 30)) == pytest.approx(-0.15, abs=0.02)
    assert off(jpeg.encode(image, lam=0.0095)) == pytest.approx(0.01, abs=0.03)


# --- the exercises -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("convolve", lambda x, w: 0.0, "Yours has the shape (), (4, 7) is asked for."),
        ("convolve", lambda x, w: np.zeros((2, 2)), "(2, 2), (4, 7) is asked for."),
        ("convolve", lambda x, w: np.zeros((4, 7)), "Not yet. At each place: the samples"),
        ("into_bin", lambda c, k, step: c[:1], "Yours has the shape (1,), (5,) is asked for."),
        ("into_bin", lambda c, k, step: 0 * c + 1, "Not yet. Where c is below"),
        ("numbers", lambda i, o, k: [1], "One number is asked for"),
        ("numbers", lambda i, o, k: str((i * k * k + 1) * o), "of the type str"),
        ("numbers", lambda i, o, k: 12, "numbers(12, 32, 3) = 12?"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_slider_moves_both_decoders_and_all_is_on_one_screen(tmp_path):
    lesson = figures(LESSON, tmp_path)
    with jupyterlab([lesson]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        explorer = page.locator(".lic-explorer")
        slider = explorer.get_by_role("slider", name="Quality", exact=True)
        slider.wait_for()
        explorer.get_by_text("A file of quality 30, 0.541 bits per pixel").wait_for()
        slider.press("Home")
        explorer.get_by_text("A file of quality 1,").wait_for()
        explorer.get_by_role("button", name="quality 10", exact=True).click()
        explorer.get_by_text("A file of quality 10,").wait_for()
        readout = explorer.locator("table").bounding_box()
        assert readout["y"] + readout["height"] - slider.bounding_box()["y"] < 640
