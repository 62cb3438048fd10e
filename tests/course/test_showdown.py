"""The showdown: its explorer, the hints of its exercises, what its prose says."""

import io
import json
import math
import re
import xml.etree.ElementTree as ET
from html import unescape

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
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all
from tools import claims as claims_tool
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


# --- heads -------------------------------------------------------------------------------


def test_jpegs_head_ends_with_the_header_of_its_first_scan(source):
    """T.81 B.2.3: FF DA, length 12, three components; at the end Ss = 0, Se = 63, Ah = Al = 0."""
    for file in source.curves["JPEG"]:
        head = file.data[: files.head(file.data)]
        assert head[-14:-9] == b"\xff\xda\x00\x0c\x03" and head[-3:] == b"\x00\x3f\x00"


def test_jpeg_2000s_head_ends_with_the_tiles_first_byte(source):
    """T.800 A.4.2: SOT says how long its tile is, headers in; SOD ends them."""
    for file in source.curves["JPEG 2000"]:
        head, at = files.head(file.data), file.data.index(b"\xff\x90\x00\x0a")
        assert file.data[head - 2 : head] == b"\xff\x93" and at < head
        tile = int.from_bytes(file.data[at + 6 : at + 10], "big")
        assert at + tile == len(file.data) - 2 and file.data[-2:] == b"\xff\xd9"


def test_the_learned_files_head_is_all_but_the_range_coders_words(source):
    for name in ("learned", "learned, factorized"):
        for file in source.curves[name]:
            assert files.head(file.data) == len(file.data) - len(container.read(file.data)[1])


def test_avifs_head_is_all_but_its_mdat(source):
    """ISO 14496-12: the box's own length, four bytes before its name."""
    for file in source.curves["AVIF"]:
        at = file.data.index(b"mdat")
        length = int.from_bytes(file.data[at - 4 : at], "big")
        assert files.head(file.data) == len(file.data) - (length - 8) == 275


def test_webps_head_by_the_chunk_that_holds_the_picture(source):
    for file in source.curves["WebP"]:
        length = int.from_bytes(file.data[16:20], "little")
        assert 20 + length + length % 2 == len(file.data)
        assert file.data[23:26] == b"\x9d\x01\x2a"  # RFC 6386, 9.1: the start code of a key frame
        sides = [int.from_bytes(file.data[i : i + 2], "little") & 0x3FFF for i in (26, 28)]
        assert sides == [384, 256] and files.head(file.data) == 30


def test_a_file_of_another_kind_has_no_head():
    with pytest.raises(ValueError, match="no file of a codec of this figure: it begins with 89 50"):
        files.head(b"\x89PNG\r\n\x1a\n")


def test_without_their_heads_files_cost_less_and_pictures_stay(source):
    whole = showdown.compute(source, 1, "AVIF", PSNR, showdown.JPEG)
    bare = showdown.compute(source, 1, "AVIF", PSNR, showdown.JPEG, showdown.CODED)
    assert bare.chosen.bpp == pytest.approx(whole.chosen.bpp - 8 * 275 / (256 * 384))
    assert bare.beside.bpp < whole.beside.bpp
    assert bare.chosen.picture == whole.chosen.picture and bare.chosen.psnr == whole.chosen.psnr
    assert "without the head" in showdown.summary(bare)
    assert "without their heads" in showdown.draw(bare).plot


def against_avif(source, bare):
    """BD-rate of the learned files of the figure, by hand."""
    cut = {"AVIF": 275, "learned": 19} if bare else {"AVIF": 0, "learned": 0}
    a, b = (
        [(8 * (len(f.data) - cut[name]) / (256 * 384), f.psnr) for f in source.curves[name]]
        for name in ("AVIF", "learned")
    )
    return metrics.bd_rate(a, b)


@lessons.todays_codecs
def test_what_is_said_of_heads(source):
    assert against_avif(source, False) == pytest.approx(-16, abs=0.6)
    assert against_avif(source, True) == pytest.approx(-11, abs=0.6)
    rocket = files.prepare(images.sample("rocket"))
    assert against_avif(rocket, False) == pytest.approx(-13, abs=0.6)
    assert abs(against_avif(rocket, True)) < 2


@lessons.todays_codecs
def test_what_is_said_of_the_other_judge_on_the_piece(source):
    """AVIF comes nearer to the learned curve; JPEG by λ and JPEG 2000 lose a part of their lead."""

    def change(anchor, name, metric):
        a, b = ([(f.bpp, f.quality(metric)) for f in source.curves[n]] for n in (anchor, name))
        return metrics.bd_rate(a, b)

    behind = [100 / (100 + change("AVIF", "learned", metric)) - 1 for metric in (PSNR, MS_SSIM)]
    assert behind == pytest.approx([1 / 5.2, 1 / 12.4], rel=0.06)
    for name, lost in (("JPEG by λ", 1 / 2), ("JPEG 2000", 1 / 3)):
        left = change("JPEG", name, MS_SSIM) / change("JPEG", name, PSNR)
        assert 1 - left == pytest.approx(lost, abs=0.05)


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


def test_a_file_beyond_jpegs_five_says_on_which_side(source):
    best, least = source.curves["JPEG 2000"][-1], source.curves["JPEG"][0]
    assert best.psnr > source.curves["JPEG"][-1].psnr
    result = showdown.compute(source, best.n, "JPEG 2000", PSNR, ORIGINAL)
    assert showdown.words(result) == "All of JPEG's five files have a lower PSNR."
    result = result._replace(chosen=best._replace(psnr=least.psnr - 1))
    assert showdown.words(result) == "All of JPEG's five files have a higher PSNR."


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
    quoted = json.loads((RD / "published_kodak.json").read_text())["curves"]
    known = [*studies.values(), *quoted]
    return {
        anchor: {r["codec"]: r for r in table.bd_table(known, studies[anchor])}
        for anchor in ("jpeg", "jpeg_lam")
    }


def test_what_is_said_of_the_table(rows):
    by_psnr = {name: row["psnr"] for name, row in rows["jpeg"].items()}
    ours, avif = by_psnr["learned_hours"], by_psnr["avif"]
    assert -55 < ours < -45  # "about half"
    assert by_psnr["jpeg_lam"] == pytest.approx(-30, abs=0.5)
    assert by_psnr["jpeg_lam"] / ours == pytest.approx(3 / 5, abs=0.05)
    assert ours < avif < ours + 5  # "close, and ours is a little ahead"
    assert by_psnr["measured/mozjpeg420_psnr"] == pytest.approx(-24, abs=0.5)
    assert by_psnr["jpeg_lam"] < by_psnr["measured/jxl_e7"]  # "no better than a good .jpg"
    assert avif - by_psnr["compressai/av1"] > 10
    assert by_psnr["compressai/vtm"] < ours


def test_what_is_said_of_the_other_judge(rows):
    both = {name: (row["psnr"], row["ms_ssim"]) for name, row in rows["jpeg"].items()}
    above = {
        name: similar - psnr for name, (psnr, similar) in both.items() if type(similar) is float
    }
    furthest = ("jpeg2000", "measured/mozjpeg420_psnr", "jpeg_lam")
    shown = "avif avif444 webp jpeg2000 jpeg_lam learned_hours learned_hours_refined".split()
    shown += [name for name in above if name.startswith(("measured/", "compressai/vtm"))]
    assert {*sorted(shown, key=above.get)[-3:]} == {*furthest}
    assert both["measured/mozjpeg420_psnr"][1] > 0
    for name in ("avif", "avif444", "measured/jxl_e7"):
        assert 0 < above[name] < 7
    for name in ("measured/mozjpeg420", "measured/jpegli420"):
        assert above[name] < 0
    assert both["learned_hours"][1] > both["avif"][1] + 8
    assert both["jpeg_lam"][1] == pytest.approx(-6, abs=0.5)
    assert both["measured/jxl_e7"][1] < 3 * both["jpeg_lam"][1]


def test_what_is_said_of_the_24(studies):
    """Each picture's BD-rate by the bjontegaard package itself."""
    from bjontegaard import bd_rate

    def single(name, i):
        values = [point["per_image"] for point in studies[name]["points"]]
        points = [(v["bpp"][i], v["psnr"][i]) for v in values]
        return list(zip(*sorted(points), strict=True))

    def change(anchor, i):
        one, other = single(anchor, i), single("learned_hours", i)
        return bd_rate(*one, *other, "akima", False, min_overlap=0)

    avif = table.per_picture(studies["learned_hours"], studies["avif"])
    lam = table.per_picture(studies["learned_hours"], studies["jpeg_lam"])
    assert sum(v < 0 for v in avif.values()) == 15 and max(lam.values()) < 0
    assert min(avif.values()) == pytest.approx(-12.6, abs=0.1)
    assert max(avif.values()) == pytest.approx(12.4, abs=0.1)
    signs = [np.sign(change("avif", i)) == np.sign(v) for i, v in enumerate(avif.values())]
    assert sum(signs) >= 20  # over the whole overlap, not the window: nearly the same
    assert re.search(r"wins: 4 of the 12 .*, 11 of the other 12", shown_in_predictions())


def test_what_is_said_of_the_ladder(studies, rows):
    by_psnr = {name: row["psnr"] for name, row in rows["jpeg"].items()}
    rungs = [by_psnr[f"learned_{p}"] for p in ("fixed", "factorized", "mixture", "hyper")]
    assert sorted(rungs, reverse=True) == rungs and rungs[0] > 0
    assert by_psnr["learned_hyper"] < by_psnr["jpeg_lam"]
    theirs = by_psnr["compressai/paper-bmshj2018-factorized"]
    assert theirs == pytest.approx(-39, abs=0.5)
    claims = json.loads((RD / "claims.json").read_text())
    entropies = claims["learned_factorized, entropies"]
    free = metrics.bd_rate(table.psnr_curve(studies["jpeg"]), entropies, WINDOW)
    assert theirs < free < by_psnr["learned_mixture"] < by_psnr["learned_factorized"]


def test_the_claims_file_is_of_the_weights_of_today(studies):
    """`python -m tools.claims` runs again where the factorized weights change."""
    claims = json.loads((RD / "claims.json").read_text())
    study = studies["learned_factorized"]
    found = [psnr for _, psnr in claims["learned_factorized, entropies"]]
    assert found == [psnr for _, psnr in table.psnr_curve(study)]
    real = table.psnr_curve(study)
    for (less, _), (bpp, _) in zip(claims["learned_factorized, entropies"], real, strict=True):
        assert 0.6 * bpp < less < bpp


def test_what_is_said_of_others_work(studies):
    found = json.loads((RD / "published_kodak.json").read_text())["curves"]
    curve = {entry["codec"]: table.psnr_curve(entry) for entry in found}
    jpegs = table.psnr_curve(studies["jpeg"])
    names = "coolchic/v3.4", "compressai/vtm"
    both = [metrics.bd_rate(jpegs, curve[name], WINDOW) for name in names]
    assert abs(both[0] - both[1]) < 2  # "files of VVC's size"
    cost = {
        e["codec"]: e["decode"]
        for e in json.loads((RD / "published_cost.json").read_text())["entries"]
    }
    ours = 1000 * anatomy.kmac_per_pixel(learned.load())["decode"]
    assert cost["coolchic/v3.4"] < ours and 180 < cost["mlic/mlicplusplus"] / ours < 230


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


@pytest.mark.parametrize("name", ["factorized", "hours"])
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


def shown_in_predictions():
    """All that waits behind the lesson's predictions."""
    outputs = [output for cell in lessons.code("showdown") for output in cell.outputs]
    pages = [output.get("data", {}).get("text/html", "") for output in outputs]
    return "\n".join(unescape(re.sub(r"<img[^>]*>", "", page)) for page in pages)


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
    text, behind = printed(), shown_in_predictions()
    sizes = re.findall(r"^(.{27}) +([\d,]+) +([\d,]+|none) +([\d,]+) ", behind, re.M)
    smallest = {}
    for name, *each in sizes:
        whole = [float(size.replace(",", "").replace("none", "inf")) for size in each]
        smallest[name.strip()] = ("learned", "JPEG", "PNG")[np.argmin(whole)]
    assert smallest == {
        "the cat": "learned",
        "a blue negative cat": "learned",
        "a page": "PNG",
        "a drawing": "PNG",
        "the cat's blocks, shuffled": "JPEG",
        "the cat, dithered": "PNG",
        "noise": "learned",
    }
    assert re.search(r"a drawing +29,\d+ +none ", behind), "thin coloured lines are not for 4:2:0"
    assert re.search(r"the cat, dithered +100,\d+ .* 8 dB +46 dB", behind), "JPEG is at ease"
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


def page():
    """Black letters on white, as the lesson makes them."""
    known = lessons.definitions("showdown", HEIGHT=256, WIDTH=384)
    return known["page"]()


def ramp():
    """A smooth grey ramp: 256 colours, and no edge."""
    return np.tile(np.arange(256, dtype=np.uint8)[:, None], (256, 1, 3))


def disc():
    """A white disc on black."""
    y, x = np.mgrid[-128:128, -128:128]
    return np.repeat(255 * (x**2 + y**2 < 6400)[..., None], 3, 2).astype(np.uint8)


def grey_noise():
    """Each pixel a grey of its own."""
    grey = np.random.default_rng(1).integers(0, 256, (256, 256, 1))
    return np.repeat(grey, 3, 2).astype(np.uint8)


def shuffled():
    """The cat's blocks in random order."""
    piece = np.ascontiguousarray(images.sample("chelsea")[22:278, 33:417])
    rng = np.random.default_rng(0)
    return lessons.definitions("showdown", HEIGHT=256, WIDTH=384, piece=piece, rng=rng)[
        "shuffled"
    ]()


def flawed(changed):
    """The right answer to the claims, some of them changed."""
    return {n: sorted(words) for n, words in exercises.FLAWS.items()} | changed


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
        ("jpeg_wins", lambda: images.sample("chelsea"), "It is soft, as a photograph is"),
        ("jpeg_wins", lambda: images.sample("coffee")[:256, :256], "It is soft, as a photograph"),
        (
            "jpeg_wins",
            lambda: 255 - images.sample("rocket")[:256, 511::-1],
            "It is soft, as a photo",
        ),
        ("jpeg_wins", lambda: ramp(), "It is soft, as a photograph is"),
        ("jpeg_wins", lambda: disc(), "Few colours and hard edges"),
        ("jpeg_wins", lambda: grey_noise(), "From pixel to pixel nearly everything changes"),
        ("jpeg_wins", lambda: ramp() // 128 * 255, "All edges lie between JPEG's blocks"),
        ("jpeg_wins", lambda: page(), "Few colours and hard edges"),
        ("jpeg_wins", lambda: shuffled(), "Nearly even"),
        ("jpeg_wins", lambda: np.full((200, 200, 3), 9, np.uint8), "One colour all over"),
        ("jpeg_wins", lambda: squares() // 255, "Samples of 0 to 1 look all alike"),
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
        ("break_even", lambda *case: exercises.pays_after(*case) + 1, "one picture fewer"),
        ("break_even", lambda *case: int(bits(*case)) + 1, "one picture fewer"),
        ("break_even", lambda *case: 1 / bits(*case), "Upside down"),
        ("break_even", lambda *case: math.ceil(1 / bits(*case)), "Upside down"),
        ("break_even", lambda *case: math.ceil(bits(*case) / 8), "The decoder is in bytes"),
        ("break_even", lambda d, n, a, b: math.ceil(bits(d, n, a, -b)), "the difference of"),
        ("break_even", lambda d, n, a, b: math.ceil(bits(d, n, a / b, 1)), "A quotient"),
        ("break_even", lambda d, n, a, b: math.ceil(bits(d, n, 1, 0)), "Where are the two rates"),
        ("break_even", lambda *case: "82", "One finite number"),
        ("break_even", bits, "Half a picture"),
        ("break_even", lambda *case: exercises.pays_after(*case) + 17, "Bits of the decoder"),
        ("break_even", lambda *case: [1, 2], "One finite number"),
        ("flaws", flawed({1: "pictures"}), "Claim 1: not 'pictures'. Who, whose bits"),
        ("flaws", flawed({2: "nothing"}), "Claim 2: not 'nothing'. Could you write this file"),
        ("flaws", flawed({2: "settings"}), "But could one write this file"),
        ("flaws", flawed({3: "window"}), "Claim 3: not 'window'. Fewer than whose"),
        ("flaws", flawed({4: ["anchor"]}), "do both have files there"),
        ("flaws", flawed({5: "anchor"}), "The anchor is that of claim 1"),
        ("flaws", flawed({5: "nothing"}), "What exactly was measured in decibels"),
        ("flaws", flawed({6: "pictures"}), "All 24 are there. But what was done with them"),
        ("flaws", flawed({7: "pictures"}), "how large is it"),
        ("flaws", flawed({8: "pictures"}), "Claim 8: there is one more flaw. From where to where"),
        ("flaws", flawed({8: "window"}), "Claim 8: there is one more flaw. Which of the 24"),
        ("flaws", flawed({8: ["pictures", "window", "rate"]}), "Claim 8: not 'rate'"),
        ("flaws", flawed({6: "bits"}), "write one or more of anchor"),
        ("flaws", flawed({6: [["rate"]]}), "write one or more of anchor"),
        ("flaws", flawed({6: {}}), "write one or more of anchor"),
        ("flaws", flawed({6: []}), "write one or more of anchor"),
        ("flaws", flawed({6: 3}), "write one or more of anchor"),
        ("flaws", flawed({8: ["nothing", "window"]}), "nothing, and something"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_flaws_right_and_half():
    assert checks.verdict(exercises.flaws, flawed({})).startswith("Right. ")
    assert checks.verdict(exercises.flaws, flawed({5: "metric"})).startswith("Right. ")
    assert checks.verdict(exercises.flaws, {1: "nothing"}).startswith("Not yet. Give the words")
    assert checks.verdict(exercises.flaws, flawed({3: ...})).startswith("Not done yet")
    flaws = [word for words in exercises.FLAWS.values() for word in words]
    assert {*flaws} == {*exercises.KINDS} and len(flaws) == 9  # one twice, one claim has two


@pytest.fixture(scope="module")
def claimed():
    """The eight numbers."""
    return [int(re.search(r"(\d+) %", claim)[1]) for claim in exercises.claims()]


def test_the_claims_are_true(studies, claimed):
    """Each number again, from the files, without the exercise's own functions."""
    claims = json.loads((RD / "claims.json").read_text())
    quoted = json.loads((RD / "published_kodak.json").read_text())["curves"]
    quoted = {entry["codec"]: entry["points"] for entry in quoted}
    jpeg, avif, webp = (table.psnr_curve(studies[name]) for name in ("jpeg", "avif", "webp"))

    def rate(anchor, points):
        return round(-metrics.bd_rate(anchor, points, WINDOW))

    assert claimed[0] == rate(jpeg, avif)
    assert claimed[1] == rate(jpeg, claims["learned_factorized, entropies"])
    assert claimed[2] == rate(claims["jpeg, tables of Annex K"], webp)
    luma = [(point["bpp"], point["psnr_y"]) for point in quoted["measured/heic444"]]
    assert claimed[4] == rate(claims["jpeg, PSNR of luma"], luma)
    assert claimed[5] == rate(jpeg, claims["jpeg, best of 20 shapes"]["curve"])
    assert claimed[6] == rate(claims["avif, pieces"], claims["learned_hours, pieces"])
    single = table.per_picture(studies["jpeg_lam"], studies["jpeg"], (27, 29.5))
    best = sorted(single, key=single.get)[:6]
    assert {name[:-4] for name in best} == {*exercises.CHOSEN}
    assert claimed[7] == round(-np.mean([single[name] for name in best]))


def test_the_extrapolated_claim_by_the_bjontegaard_packages_cubic(studies, claimed):
    coin = np.array([(1.209, 30.644), (0.6109, 28.408), (0.3074, 26.41212)])  # of the quoted
    quoted = json.loads((RD / "published_kodak.json").read_text())["curves"]
    curve = np.array(table.psnr_curve(next(e for e in quoted if e["codec"] == "c3/COIN")))
    assert {tuple(p) for p in coin} <= {tuple(p) for p in curve}
    areas = []
    for points in (np.array(table.psnr_curve(studies["jpeg"])), curve):
        dense = np.linspace(29.5, 36, 20_001)
        areas.append(np.polyval(np.polyfit(points[:, 1], np.log(points[:, 0]), 3), dense).mean())
    assert claimed[3] == round(100 * (np.exp(areas[1] - areas[0]) - 1))
    assert curve[:, 1].max() < 31 < WINDOW[1]


def test_what_the_solution_says_of_the_flaws(studies):
    """The fair numbers beside the claims."""
    claims = json.loads((RD / "claims.json").read_text())
    quoted = json.loads((RD / "published_kodak.json").read_text())["curves"]
    curve = {entry["codec"]: table.psnr_curve(entry) for entry in quoted}
    jpeg = table.psnr_curve(studies["jpeg"])

    def rate(points, window=WINDOW):
        return metrics.bd_rate(jpeg, points, window)

    assert round(rate(table.psnr_curve(studies["learned_factorized"]))) == -1
    assert round(rate(table.psnr_curve(studies["webp"]))) == -34
    with pytest.warns(UserWarning, match="29.50..30.64 alone"):
        assert round(rate(curve["c3/COIN"])) == 84
    assert round(rate(curve["c3/COIN"], (24, 27))) == 10
    assert round(rate(curve["measured/heic444"])) == -47
    bare = [
        [(bpp - 8 * head / 128**2, psnr) for bpp, psnr in claims[name]]
        for name, head in (("avif, pieces", 275), ("learned_hours, pieces", 19))
    ]
    assert round(metrics.bd_rate(*bare, WINDOW)) == -3
    sizes = [bpp * 128**2 / 8 for bpp, psnr in claims["avif, pieces"] if 29.5 < psnr < 36]
    assert 1000 < min(sizes) and max(sizes) < 3300


def test_small_measurements_of_the_claims_again(studies):
    """tools/claims.py on three pictures, against Pillow alone."""
    photos = [images.sample(name)[:128, :160] for name in images.SAMPLES[:3]]
    shaped = claims_tool.shaped(0.5, 2.0, 30)
    assert np.mean(shaped[0]) == pytest.approx(30, abs=0.5)
    assert np.mean(shaped[1]) == pytest.approx(60, abs=0.5)
    file = io.BytesIO()
    Image.fromarray(photos[0]).save(file, "JPEG", qtables=shaped, subsampling="4:2:0")
    assert Image.open(file).quantization == {0: shaped[0], 1: shaped[1]}
    grey = np.repeat(photos[0][..., :1], 3, 2)
    assert claims_tool.psnr_of_luma(grey, grey // 2 * 2) == pytest.approx(
        metrics.psnr(grey, grey // 2 * 2)
    )
    codec = codecs.CODECS["jpeg"]._replace(settings=(30, 60))
    found = claims_tool.coded(codec, photos)
    by_hand = []
    for photo in photos:
        file = io.BytesIO()
        Image.fromarray(photo).save(file, "JPEG", quality=60, subsampling="4:2:0", optimize=True)
        psnr = peak_signal_noise_ratio(photo, np.array(Image.open(file)))
        by_hand.append((8 * len(file.getvalue()) / (128 * 160), psnr))
    assert found[1] == pytest.approx(np.mean(by_hand, 0), abs=1e-5) and found[0][0] < found[1][0]


def test_curves_that_the_lesson_names_span_the_window(studies):
    for name, study in studies.items():
        psnr = [quality for _, quality in table.psnr_curve(study)]
        short = name in ("learned_fixed", "learned_factorized", "learned_ms_ssim")
        assert min(psnr) <= WINDOW[0] and (max(psnr) >= WINDOW[1]) != short, name
        assert max(psnr) > 35.2
    assert set(own.CODECS) | set(codecs.CODECS) | set(scoreboard.CODECS) == set(studies)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_a_click_and_keys_choose_a_point(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium() as page:
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
        page.locator('[role=application][aria-label^="JPEG: 0.34"]').first.wait_for()
        slider = page.get_by_role("slider", name="Point", exact=True)
        slider.press("End")
        page.get_by_text("JPEG: 2.21 bits per pixel").first.wait_for()
        page.wait_for_function(
            """() => {
                const seen = (part) => document.querySelector(`.lic-wipe .lic-${part}`);
                const [name] = seen("right").textContent.split(" ▸");
                return name.startsWith("JPEG, ") && seen("over").ariaLabel.endsWith(`: ${name}`);
            }"""
        )
        page.get_by_role("button", name="MS-SSIM", exact=True).first.click()
        page.get_by_text("−10 log₁₀(1 − MS-SSIM)").first.wait_for()
        page.get_by_role("button", name="a JPEG of its size", exact=True).click()
        page.get_by_text("◂ JPEG, ").first.wait_for()
        assert "MS-SSIM" in page.locator(".lic-readout").first.inner_text()
        page.get_by_role("button", name="without their heads", exact=True).click()
        page.get_by_text("bits per pixel, without their heads").first.wait_for()
        assert "before the first coded byte" in page.locator(".lic-readout").first.inner_text()
