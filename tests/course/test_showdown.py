"""The showdown: its explorer, the hints of its exercises, what its prose says."""

import io
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from lic_teach import contents, images, jpeg, learned, metrics
from lic_teach.course.showdown import exercises, files, showdown
from lic_teach.course.showdown.showdown import MS_SSIM, ORIGINAL, PSNR, Showdown
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from lic_teach.learned import anatomy, container
from lic_teach.paths import DATA
from lic_teach.site.record import record
from lic_teach.study import codecs, own, table
from tests import lessons
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all
from tools import scoreboard
from tools.bench import times

LESSON = contents.notebook("showdown")
RD = DATA / "rd"
WINDOW = (29.5, 36.0)

# --- the explorer ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return files.prepare(images.sample("chelsea"))


@pytest.fixture(scope="module")
def explorer():
    return Showdown("chelsea")


def test_the_files_decode_elsewhere_to_what_is_shown(source):
    piece = images.sample("chelsea")[22:278, 33:417]
    np.testing.assert_array_equal(decode_picture(source.original), piece)
    assert set(source.curves) == set(files.present())
    for name, curve in source.curves.items():
        assert [file.n for file in curve] == [1, 2, 3, 4, 5]
        for file in curve:
            x_hat = decode_picture(file.picture)
            assert file.bpp == 8 * len(file.data) / (256 * 384)
            assert file.psnr == pytest.approx(peak_signal_noise_ratio(piece, x_hat))
            if "learned" in name:
                theirs = learned.decode(file.data, learned.model_of(file.data))
            else:
                theirs = np.array(Image.open(io.BytesIO(file.data)).convert("RGB"))
            assert np.abs(theirs.astype(int) - x_hat).max() <= (5 if "JPEG" in name else 0), name
        for a, b in zip(curve, curve[1:], strict=False):
            assert a.bpp < b.bpp and a.psnr < b.psnr and a.ms_ssim < b.ms_ssim, name


def test_the_jpeg_of_its_size_is_the_nearest_of_all(source):
    piece = files.middle(images.sample("chelsea"))
    sizes = [len(jpeg.encode(piece, quality)) for quality in range(1, 101)]
    for wanted in (1500, 4395, 20_000, 10**6):
        found = len(source.jpeg_of(wanted).data)
        assert abs(found - wanted) == min(abs(size - wanted) for size in sizes)


@pytest.mark.parametrize("metric", [PSNR, MS_SSIM])
@pytest.mark.parametrize("beside", [ORIGINAL, showdown.JPEG])
def test_every_point_has_its_view(source, metric, beside):
    for codec, curve in source.curves.items():
        for n in (1, 3, 5):
            result = showdown.compute(source, n, codec, metric, beside)
            view = showdown.draw(result)
            assert result.chosen is curve[n - 1]
            left, right = view.picture
            assert right == curve[n - 1].picture
            assert (left == source.original) == (beside == ORIGINAL)
            assert f"{len(result.chosen.data):,}" in view.readout
            points = [p for p in ET.fromstring(view.plot).iter() if p.get("data-codec")]
            assert len(points) == 5 * len(source.curves)
            assert {(p.get("data-codec"), p.get("data-n")) for p in points} == {
                (str(i), str(n)) for i in range(len(source.curves)) for n in range(1, 6)
            }


def test_the_sentence_reads_jpegs_curve_across(source):
    words = showdown.words(showdown.compute(source, 3, "learned", PSNR, ORIGINAL))
    rate, percent = re.search(r"about ([\d.]+) bits.* (\d+) % fewer", words).groups()
    file = source.curves["learned"][2]
    piece = files.middle(images.sample("chelsea"))
    fine = [jpeg.encode(piece, quality) for quality in range(1, 100, 2)]
    no_worse = [d for d in fine if metrics.psnr(piece, jpeg.decode(d)) >= file.psnr]
    assert float(rate) == pytest.approx(metrics.bpp(min(no_worse, key=len), piece), rel=0.12)
    assert int(percent) == pytest.approx(100 * (1 - file.bpp / float(rate)), abs=1)


def test_a_point_can_be_picked_again_and_controls_follow(explorer):
    explorer.set(codec="learned", n=3, metric=PSNR, beside=ORIGINAL)
    first = explorer.plot.value
    explorer.plot.picked = (0, 5)
    assert (explorer.codec, explorer.n) == ("JPEG", 5)
    assert explorer.result.chosen.setting == 90 and "JPEG, quality 90" in explorer.readout.summary
    assert explorer.picture.names[1].startswith("JPEG, ")
    explorer.codec = "learned"
    explorer.n = 3
    assert explorer.plot.picked == (explorer.names.index("learned"), 3)
    assert explorer.plot.value == first
    explorer.plot.picked = (0, 5)  # the same as before
    assert explorer.codec == "JPEG"
    explorer.plot.picked = (99, 1)  # none such
    assert explorer.codec == "JPEG"


def test_metric_and_neighbour_switch(explorer):
    explorer.set(codec="learned", n=2, metric=PSNR, beside=ORIGINAL)
    assert "PSNR (RGB), dB" in explorer.plot.value
    explorer.metric = MS_SSIM
    assert "1 − MS-SSIM" in explorer.plot.value
    explorer.beside = showdown.JPEG
    assert explorer.picture.names[0].startswith("JPEG, ") and "beside it JPEG" in (
        explorer.readout.summary
    )


def test_small_pictures(explorer):
    explorer.set(metric=MS_SSIM)
    rng = np.random.default_rng(0)
    explorer.load(rng.integers(0, 256, (90, 131, 3), np.uint8))
    assert "needs 161 pixels a side" in explorer.readout.value
    assert "PSNR (RGB), dB" in explorer.plot.value
    assert not re.search(r"\b(nan|inf)\b", explorer.plot.value)
    explorer.load(np.full((200, 200, 3), 77, np.uint8))  # every codec is exact, or nearly
    assert not re.search(r"\b(nan|inf)\b", explorer.plot.value)
    with pytest.raises(ValueError, match="64 or more"):
        explorer.load(np.zeros((63, 300, 3), np.uint8))
    assert "That did not work" in explorer.readout.value
    explorer.load("chelsea")


def test_still(explorer):
    explorer.set(codec="learned", n=3, metric=PSNR, beside=ORIGINAL)
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Showdown: learned, λ = 0.01: 0.3")
    assert set(bundle) >= {"image/png"}


def test_the_site_can_show_it_without_a_kernel(explorer):
    """site.js takes `picked` as the places of the first two controls: the point, the codec."""
    explorer.set(codec="learned", n=3, metric=PSNR, beside=ORIGINAL)
    found = record(explorer)
    assert [control.name for control in found.controls][:2] == ["n", "codec"]
    assert found.controls[0].values == [1, 2, 3, 4, 5]
    assert found.controls[1].values == explorer.names and explorer.plot in found.widgets


# --- what the lesson says ----------------------------------------------------------------


@pytest.fixture(scope="module")
def studies():
    return {p.stem.removeprefix("kodak_"): table.read(p) for p in RD.glob("kodak_*.json")}


@pytest.fixture(scope="module")
def rows(studies):
    return {
        anchor: {r["codec"]: r for r in table.bd_table(list(studies.values()), studies[anchor])}
        for anchor in ("jpeg", "jpeg_lam")
    }


def test_what_is_said_of_the_table(rows):
    ours = [rows[anchor]["learned_context"]["psnr"] for anchor in ("jpeg", "jpeg_lam")]
    assert -52 < ours[0] < -44 and -30 < ours[1] < -20  # "about half", "about a quarter"
    by_psnr = {name: row["psnr"] for name, row in rows["jpeg"].items()}
    assert by_psnr["avif444"] - 5 < by_psnr["learned_context"] < by_psnr["avif"] + 5
    ladder = [by_psnr[f"learned_{p}"] for p in ("fixed", "factorized", "mixture", "hyper")]
    assert sorted([*ladder, ours[0]], reverse=True) == [*ladder, ours[0]]
    assert rows["jpeg_lam"]["learned_factorized"]["psnr"] > 0 > ours[1]
    given_back = {name: row["ms_ssim"] - row["psnr"] for name, row in rows["jpeg"].items()}
    tuned = ("jpeg2000", "jpeg_lam", "learned_context")
    assert given_back["avif"] < 5 < min(given_back[name] for name in tuned)
    assert rows["jpeg"]["learned_context"]["ms_ssim"] > rows["jpeg"]["avif"]["ms_ssim"] + 5
    assert given_back["jpeg2000"] > given_back["jpeg_lam"]
    assert -10 < rows["jpeg"]["jpeg_lam"]["ms_ssim"] < 0


def test_what_is_said_of_the_published(studies):
    found = json.loads((RD / "published_kodak.json").read_text())["curves"]
    curve = {entry["codec"]: table.psnr_curve(entry) for entry in found}
    ours = table.psnr_curve(studies["learned_context"])

    def rate(name):
        return metrics.bd_rate(ours, curve[name], WINDOW)

    assert -8 < rate("compressai/paper-bmshj2018-hyperprior") < -2
    assert -45 < rate("mlic/mlicplusplus") < -38 and -34 < rate("compressai/vtm") < -27
    jpegs = table.psnr_curve(studies["jpeg"])
    both = [metrics.bd_rate(jpegs, curve[name], WINDOW) for name in ("coolchic/v3.4",)]
    both += [metrics.bd_rate(jpegs, curve["compressai/vtm"], WINDOW)]
    assert abs(both[0] - both[1]) < 2  # "about as small as VVC's"
    av1 = metrics.bd_rate(jpegs, curve["compressai/av1"], WINDOW)
    assert metrics.bd_rate(jpegs, table.psnr_curve(studies["avif"]), WINDOW) - av1 > 10


def test_quoted_costs_belong_to_quoted_curves():
    cost = json.loads((RD / "published_cost.json").read_text())["entries"]
    curves = json.loads((RD / "published_kodak.json").read_text())["curves"]
    assert {entry["codec"] for entry in cost} <= {curve["codec"] for curve in curves}
    for entry in cost:
        assert entry["decode"] > 100 and re.search(r"@[0-9a-f]{12}:", entry["source"])


def test_times_are_of_every_study_and_settings_near_33_db():
    found = json.loads((RD / "times.json").read_text())["ratios"]
    for name, row in found.items():
        assert row["setting"] == times.setting_near(name)
        assert row["encode"] > 0.5 and row["decode"] > 0.5
    assert found["jpeg"]["encode"] == pytest.approx(1, abs=0.2)
    for name in ("avif", "jpeg_lam"):
        assert found[name]["encode"] > 50 and found[name]["decode"] < 8


def test_ratios_run():
    row = times.ratios("webp", rounds=1)
    assert row["encode"] > 1 and row["decode"] > 0.5


@pytest.mark.parametrize("name", ["factorized", "context"])
def test_a_decoder_runs_without_what_only_the_encoder_needs(name):
    model = learned.load(name)
    data = learned.encode(images.sample("coffee")[:64, :96], model, 0.01)
    x_hat = learned.decode(data, model)
    needed = 0
    for part, weights in model.named_parameters():
        if part.startswith(("g_a.", "prior.analysis.")):
            weights.data.fill_(float("nan"))
        else:
            needed += weights.numel()
    header, payload = container.read(data)  # as this other model, for it is another, calls it
    data = container.write(header._replace(model=model.exact().name), payload)
    np.testing.assert_array_equal(learned.decode(data, model), x_hat)
    assert anatomy.decoder_parameters(model) == needed


def test_work_of_the_decoder():
    assert anatomy.kmac_per_pixel(learned.load())["decode"] / 0.024 == pytest.approx(250, rel=0.05)


@pytest.mark.parametrize("name", images.SAMPLES)
def test_the_learned_codec_wins_on_every_sample_photograph(name):
    photo = images.sample(name)[:320, :320]
    size, psnr = files.learned_file(photo)
    assert min(s for s, quality in files.jpeg_files(photo) if quality >= psnr) > 1.5 * size


def printed():
    """All that the lesson's cells print."""
    return lessons.printed("showdown")


def _dithered():
    """As the lesson makes it."""
    piece = images.sample("chelsea")[22:278, 33:417]
    levels = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]
    dots = piece.mean(2) > 16 * np.tile(levels, (64, 96)) + 8
    return np.repeat(255 * dots[..., None], 3, 2).astype(np.uint8)


def test_what_is_said_of_the_dithered_cat():
    image = _dithered()
    grey = np.broadcast_to(image.mean((0, 1)).round().astype(np.uint8), image.shape)
    assert 5.5 < metrics.psnr(image, grey) < 6.5


def test_what_the_gallery_prints():
    text = printed()
    smallest = dict(re.findall(r"^(.{28})(learned|JPEG|PNG)$", text, re.M))
    assert {name.strip(): who for name, who in smallest.items()} == {
        "the cat": "learned",
        "a blue negative cat": "learned",
        "a page": "PNG",
        "a drawing": "PNG",
        "the cat's blocks, shuffled": "JPEG",
        "the cat, dithered": "PNG",
        "noise": "learned",
    }
    assert re.search(r"a drawing +29,\d+ +none ", text), "thin coloured lines are not for 4:2:0"
    assert re.search(r"the cat, dithered +100,\d+ .* 8 dB +46 dB", text), "JPEG is at ease"
    assert re.search(r"the cat, dithered +100 kB +8 dB +240 kB +3 dB", text), "the limit helps"


# --- the exercises -----------------------------------------------------------------------

RNG = np.random.default_rng(0)


def squares():
    cells = 255 * np.random.default_rng(0).integers(0, 2, (32, 48))
    return np.repeat(cells.repeat(8, 0).repeat(8, 1)[..., None], 3, 2).astype(np.uint8)


def test_jpeg_wins_where_a_plain_file_by_pillow_does():
    assert checks.verdict(exercises.jpeg_wins, squares).startswith("Right. ")
    image, file = squares(), io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=75, subsampling="4:2:0", optimize=True)
    size, psnr = files.learned_file(image)
    assert len(file.getvalue()) < size
    assert metrics.psnr(image, np.array(Image.open(file))) > psnr


def bits(decoder, pixels, ours, theirs):
    return 8 * decoder / (pixels * (ours - theirs))


def test_break_even_by_counting():
    for decoder, pixels, ours, theirs in exercises.CASES:
        n = exercises.pays_after(decoder, pixels, ours, theirs)
        total = [8 * decoder + k * pixels * theirs - k * pixels * ours for k in (n - 1, n)]
        assert total[0] > 1e-6 and total[1] <= 1e-6
    assert checks.verdict(exercises.break_even, exercises.pays_after).startswith("Right. ")


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("jpeg_wins", lambda: images.sample("chelsea"), "A photograph is what"),
        ("jpeg_wins", lambda: images.sample("coffee")[:256, :256], "A photograph is what"),
        ("jpeg_wins", lambda: np.full((200, 200, 3), 9, np.uint8), "One colour all over"),
        ("jpeg_wins", lambda: squares().astype(float), "of uint8"),
        ("jpeg_wins", lambda: squares()[..., 0], "three samples a pixel"),
        ("jpeg_wins", lambda: squares()[:64], "128 to 512 a side"),
        ("jpeg_wins", lambda: squares().tolist(), "an array of numpy"),
        ("jpeg_wins", lambda: 1 / 0, "stopped with ZeroDivisionError"),
        (
            "jpeg_wins",
            lambda: np.roll(squares(), 4, (0, 1))[:, :, [0, 0, 0]] // 32 + 100,
            "JPEG needs",
        ),
        ("break_even", lambda *case: int(bits(*case)), "Half a picture"),
        ("break_even", bits, "Half a picture"),
        ("break_even", lambda *case: exercises.pays_after(*case) + 17, "Bits of the decoder"),
        ("break_even", lambda *case: [1, 2], "One number"),
        ("flaws", exercises.FLAWS | {1: "pictures"}, "Claim 1: not 'pictures'. Window, anchor"),
        ("flaws", exercises.FLAWS | {2: "nothing"}, "Read its decibels"),
        ("flaws", exercises.FLAWS | {3: "window"}, "Fewer bits than whose"),
        ("flaws", exercises.FLAWS | {4: "anchor"}, "of one kind"),
        ("flaws", exercises.FLAWS | {5: "nothing"}, "who chose them"),
        ("flaws", exercises.FLAWS | {6: "nothing"}, "What does this one divide by"),
        ("flaws", exercises.FLAWS | {6: "bits"}, "write one of window"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_flaws_right_and_half():
    assert checks.verdict(exercises.flaws, dict(exercises.FLAWS)).startswith("Right. ")
    assert checks.verdict(exercises.flaws, {1: "nothing"}).startswith("Not yet. Give one word")
    half = exercises.FLAWS | {3: ...}
    assert checks.verdict(exercises.flaws, half).startswith("Not done yet")


def test_the_claims_are_true(studies):
    """Each number again, from the files, without the exercise's own functions."""
    numbers = [int(re.search(r"(\d+) %", claim)[1]) for claim in exercises.claims()]

    def rate(name, window=WINDOW, anchor="jpeg", divide=1):
        a, b = (table.psnr_curve(studies[each]) for each in (anchor, name))
        return -metrics.bd_rate(a, [(r / divide, q) for r, q in b], window)

    expected = rate("avif"), rate("jpeg2000", (27, 29)), rate("webp", anchor="learned_fixed")
    for found, right in zip(numbers, expected, strict=False):
        assert found == round(right)
    assert numbers[5] == round(rate("jpeg_progressive", divide=3))
    assert min(q for _, q in table.psnr_curve(studies["jpeg2000"])) < 27
    assert numbers[4] > rate("jpeg_lam") + 3


def test_curves_that_the_lesson_names_span_the_window(studies):
    for name, study in studies.items():
        psnr = [quality for _, quality in table.psnr_curve(study)]
        assert min(psnr) <= WINDOW[0] and max(psnr) >= WINDOW[1], name
    assert set(own.CODECS) | set(codecs.CODECS) | set(scoreboard.CODECS) == set(studies)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_a_click_and_keys_choose_a_point():
    with jupyterlab([LESSON]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        plot = page.get_by_role("application").first
        plot.wait_for()
        plot.scroll_into_view_if_needed()
        assert plot.get_attribute("aria-label").startswith("learned: 0.36 bits per pixel")
        picture = page.locator(".lic-wipe canvas").last
        before = pictures(picture)
        page.locator('[data-codec="0"][data-n="1"]').first.click(force=True)
        page.get_by_text("JPEG: 0.14 bits per pixel").first.wait_for()
        new_pictures(picture, before)
        plot.press("ArrowRight")
        page.get_by_text("JPEG: 0.34 bits per pixel").first.wait_for()
        plot.press("ArrowDown")
        page.get_by_text("JPEG by λ: 0.24 bits per pixel").first.wait_for()
        plot.press("ArrowUp")
        plot.press("ArrowUp")  # there is none above
        slider = page.get_by_role("slider", name="Point", exact=True)
        slider.press("End")
        page.get_by_text("JPEG: 2.21 bits per pixel").first.wait_for()
        page.get_by_role("button", name="MS-SSIM", exact=True).first.click()
        page.get_by_text("−10 log₁₀(1 − MS-SSIM)").first.wait_for()
        page.get_by_role("button", name="a JPEG of its size", exact=True).click()
        page.get_by_text("◂ JPEG, ").first.wait_for()
        assert "MS-SSIM" in page.locator(".lic-readout").first.inner_text()
