"""The learned codec: the learner's own, its explorers, its record, the hints, its prose."""

import ast
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from lic_teach import contents, images, learned, metrics
from lic_teach.course.learned_codec import (
    anchors,
    codec_view,
    codec_view_drawing,
    exercises,
    machines,
    own_codec,
    parts,
    pieces,
    training,
)
from lic_teach.course.learned_codec.codec_view import BITS, JPEG, ORIGINAL, CodecView
from lic_teach.course.learned_codec.training import DCT, RANDOM, Training
from lic_teach.jpeg import codec as jpeg_codec
from lic_teach.jpeg import color, frame, transform
from lic_teach.kit import checks, priors
from lic_teach.kit.controls import decode_picture
from lic_teach.kit.measured import by_lam
from lic_teach.learned import live, record
from lic_teach.learned.batches import photographs
from lic_teach.study import codecs
from tests import lessons
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all, without

VALID = Path(__file__).parents[3] / "shared/images/valid"
LESSON = contents.notebook("learned_codec")


@pytest.fixture(scope="module")
def cat():
    return codec_view.prepare(images.sample("chelsea"))


@pytest.fixture(scope="module")
def recorded():
    return training.prepare(None)


# --- the codec view ----------------------------------------------------------------------


@pytest.mark.parametrize("lam", [5e-4, 0.01, 0.1])
def test_what_is_shown_is_what_the_file_decodes_to(cat, lam):
    result = codec_view.compute(cat, lam, BITS)
    data, model = result.coded.data, learned.load()
    np.testing.assert_array_equal(result.coded.x_hat, learned.decode(data, model))
    assert data == learned.encode(cat.image, model, lam)
    assert result.coded.bpp == 8 * len(data) / 256**2
    np.testing.assert_array_equal(result.y_hat, learned.decode_latents(data, model)[0])
    estimate = (result.bits.sum() + result.side) / 8
    assert estimate == pytest.approx(len(data), rel=0.02, abs=64)


def test_jpeg_beside_it_is_pillows_and_has_as_many_bits(cat):
    result = codec_view.compute(cat, 0.01, JPEG)
    anchor = codecs.CODECS["jpeg"]
    assert result.rival.data == anchor.encode(cat.image, result.rival.setting)
    assert result.rival.bpp == pytest.approx(result.coded.bpp, rel=0.05)
    left, right = codec_view.draw(result).picture
    np.testing.assert_array_equal(decode_picture(left), anchor.decode(result.rival.data))
    np.testing.assert_array_equal(decode_picture(right), result.coded.x_hat)


def test_the_map_of_bits_is_dark_where_they_are(cat):
    result = codec_view.compute(cat, 0.01, BITS)
    picture = codec_view_drawing.bit_picture(result).astype(int).sum(2)
    assert picture.shape == (256, 256)
    brightness = picture[::8, ::8].ravel()
    order = np.argsort(result.bits.sum(0).ravel())
    assert (np.diff(brightness[order]) <= 12).all()  # the scale of colours falls, nearly always
    ET.fromstring(codec_view.draw(result).plot)


def test_a_small_picture_stays_whole_and_a_large_one_gives_its_middle():
    rng = np.random.default_rng(0)
    large = rng.integers(0, 256, (300, 500, 3), dtype=np.uint8)
    np.testing.assert_array_equal(codec_view.prepare(large).image, large[22:278, 122:378])
    np.testing.assert_array_equal(codec_view.prepare(large[:7, :9]).image, large[:7, :9])


@pytest.mark.parametrize("size", [(1, 1), (13, 50)])
def test_any_picture_will_do(size):
    explorer = CodecView(np.full((*size, 3), 200, np.uint8))
    for beside in (ORIGINAL, JPEG, BITS):
        explorer.beside = beside
        assert explorer.picture.names == (beside, "learned")
        assert decode_picture(explorer.picture.value[0]).shape == (*size, 3)


def test_a_larger_lambda_wakes_channels_and_costs_bits():
    explorer = CodecView()
    explorer.lam = 5e-4
    low = explorer.result
    explorer.lam = 0.1
    high = explorer.result
    assert codec_view.silent(low) > 100 > 40 > codec_view.silent(high)
    assert high.coded.bpp > 5 * low.coded.bpp and high.coded.psnr > low.coded.psnr + 8
    assert high.coded.psnr > high.rival.psnr + 2
    bundle = explorer._repr_mimebundle_()
    assert "channels silent" in bundle["text/plain"] and bundle["image/png"]


# --- the recorded training ---------------------------------------------------------------


def test_recording_writes_down_what_the_training_did(tmp_path):
    photos, cat = [images.sample("coffee")], images.sample("chelsea")
    steps = list(live.train_live(photos, 0.01, 5, prior="factorized"))
    *_, last = record.follow(
        live.train_live(photos, 0.01, 5, prior="factorized"), cat, 0.01, (1, 5)
    )
    assert last.moments.tolist() == [1, 5]
    expected = np.mean([(p.L, p.R, p.D) for p in steps], 0)
    np.testing.assert_allclose(last.losses, [expected], rtol=1e-5)
    np.testing.assert_allclose(last.points[1], live.point(steps[-1].model, cat, 0.01), rtol=1e-6)
    record.save({"a": last, "b": last}, tmp_path / "x")
    back = record.load(tmp_path / "x")
    assert list(back) == ["a", "b"]
    for mine, theirs in zip(back["b"], last, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_means_are_numpys_and_keep_what_is_left():
    losses = [(i, 2 * i, 3 * i) for i in range(50)]
    means = record.means(losses)
    assert means[:, 0].tolist() == [9.5, 29.5, 44.5] and means.shape == (3, 3)
    assert record.means([]).shape == (0, 3)


def test_learned_from_three_photographs_in_three_colourings_and_not_from_the_cat():
    photos = record.photographs()
    np.testing.assert_array_equal(photos[1], images.sample("coffee"))
    np.testing.assert_array_equal(photos[3], images.sample("astronaut")[..., ::-1])
    assert len(photos) == 9 and record.UNSEEN not in record.SEEN


def test_the_stored_file_is_small_and_of_this_command():
    assert record.FILE.stat().st_size < 150_000 and parts.FILE.stat().st_size < 20_000
    stored = record.load()
    assert list(stored) == list(record.STARTS)
    for history in stored.values():
        assert tuple(history.moments) == record.MOMENTS and len(history.losses) == 100
        assert history.pictures.shape == (len(record.MOMENTS), 48, 48, 3)
        D = history.losses[:, 2]
        np.testing.assert_allclose(history.losses[:, 0], history.losses[:, 1] + 0.01 * D, rtol=1e-3)


def test_stored_pictures_are_jpegs_at_first_and_better_for_fewer_bits_at_last(recorded):
    history = recorded.histories[DCT]
    of_eye = [metrics.psnr(recorded.original, picture) for picture in history.pictures]
    assert of_eye[0] > 30 and of_eye[-1] > of_eye[0] - 0.5
    assert history.points[-1, 0] < 0.6 * history.points[0, 0]
    assert metrics.psnr(recorded.original, recorded.histories[RANDOM].pictures[0]) < 20


def test_the_record_is_of_this_codec_and_this_command():
    """The first steps once more. Another machine's sums differ a little."""
    cat, stored = images.sample(record.UNSEEN), record.load()
    for start in record.STARTS:
        steps = own_codec.train(record.photographs(), start=start)
        first = next(record.follow(steps, cat, own_codec.LAM, (1,), own_codec.code))
        np.testing.assert_allclose(first.points[0], stored[start].points[0], rtol=2e-3)
    about = json.loads(parts.FILE.read_text())
    assert (about["steps"], about["lam"]) == (own_codec.STEPS, own_codec.LAM)
    assert list(about["bpp, mse"]) == [parts.BY_LAM, *own_codec.FROZEN, parts.AGAIN]
    assert about["photographs"][0] == record.UNSEEN and len(about["photographs"]) == 15
    assert record.MOMENTS[-1] == own_codec.STEPS


def test_on_the_cat_the_frozen_parts_begin_from_the_recorded_training_and_from_jpegs_files():
    cat, runs = images.sample(record.UNSEEN), parts.load()
    np.testing.assert_allclose(
        runs["nothing"].on_the_cat(), record.load()["dct"].points[-1], rtol=1e-6
    )
    strong = by_lam(cat, own_codec.LAM)
    np.testing.assert_allclose(runs[parts.BY_LAM].on_the_cat(), (strong.bpp, strong.psnr))
    assert runs[parts.BY_LAM].L[0] == pytest.approx(strong.cost(own_codec.LAM))
    stored = json.loads(parts.FILE.read_text())["saved at equal PSNR"]
    curves = anchors.jpeg_points(cat), anchors.lam_points(cat)
    for name, curve in zip(anchors.NAMES, curves, strict=True):
        found = anchors.saved_bits(curve, *runs["nothing"].on_the_cat())
        # a coefficient halfway between two numbers is rounded by the processor: a byte or two
        assert stored[name][0] == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize("start", [DCT, RANDOM])
def test_scrubber_shows_each_moment(recorded, start):
    history = recorded.histories[start]
    for moment in range(1, len(record.MOMENTS) + 1):
        result = training.compute(recorded, moment, start)
        view = training.draw(result)
        assert (result.bpp, result.psnr) == tuple(map(float, history.points[moment - 1]))
        right = decode_picture(view.picture[1])
        np.testing.assert_array_equal(right[::6, ::6], history.pictures[moment - 1])
        ET.fromstring(view.plot)
        assert f"{result.step} steps" in view.summary


def test_saved_bits_against_a_curve_by_hand():
    jpeg = [(0.5, 30.0), (2.0, 34.0)]  # log2 of the rate rises by half a bit a decibel
    assert anchors.saved_bits(jpeg, 0.5, 32) == pytest.approx(0.5)
    assert anchors.saved_bits(jpeg, 2.0, 32) == pytest.approx(-1)
    assert anchors.saved_bits(jpeg, 0.1, 29.9) is None


def test_the_shell_of_the_scrubber():
    explorer = Training()
    assert "2000 steps" in explorer.readout.summary
    explorer.start = RANDOM
    assert "random numbers, 2000 steps" in explorer.readout.summary
    explorer.moment = 1
    assert "as bad as this" in explorer.readout.value
    assert explorer._repr_mimebundle_()["image/png"]


# --- the learner's own codec -------------------------------------------------------------


@pytest.fixture(scope="module")
def photos():
    return record.photographs()


@pytest.fixture(scope="module")
def brief(photos):
    """Sixty steps: enough to move every part."""
    *_, last = own_codec.train(photos, 60)
    return last.model


def begun(photos):
    torch.manual_seed(0)
    codec = own_codec.Codec()
    own_codec.begin(codec, photos)
    return codec


@pytest.mark.parametrize("height, width", [(1, 1), (8, 8), (37, 50), (64, 72)])
def test_a_file_of_any_size_decodes_to_what_the_encoder_saw(brief, height, width):
    image = images.sample("chelsea")[100 : 100 + height, 150 : 150 + width]
    data, x_hat = own_codec.code(brief, image)
    assert own_codec.encode(brief, image) == data
    back = own_codec.decode(brief, data)
    assert back.dtype == np.uint8 and back.shape == image.shape
    np.testing.assert_array_equal(back, x_hat)
    bits, estimated = own_codec.estimate(brief, image)
    np.testing.assert_array_equal(estimated, back)
    assert 8 * len(data) - bits < 32 + 64 + 0.02 * bits  # the header, a word or two, rounding


def test_noise_can_be_coded_too(brief):
    noise = np.random.default_rng(0).integers(0, 256, (32, 40, 3), dtype=np.uint8)
    data, x_hat = own_codec.code(brief, noise)
    np.testing.assert_array_equal(own_codec.decode(brief, data), x_hat)


def test_untrained_it_is_jpegs_transform(photos):
    """Luma's 64 in steps of 51, each wave on R, G and B; and back, with nothing but colour lost."""
    codec, cat = begun(photos), images.sample("chelsea")
    x = torch.from_numpy(images.pad_to_multiple(cat, 8)).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        y = codec.g_a(x)[0]
        grey = x[:, 1:2].expand(-1, 3, -1, -1)
        np.testing.assert_allclose(codec.g_s(codec.g_a(grey)), grey, atol=0.01)
    luma = color.unrounded_ycbcr(images.pad_to_multiple(cat, 8))[0]
    C = transform.dct_matrix()
    block = C @ (luma[88:96, 192:200] - 128) @ C.T
    by_frequency = np.argsort(np.add.outer(range(8), range(8)).ravel(), kind="stable")
    np.testing.assert_allclose(
        y[:64, 11, 24], np.sqrt(3) * block.ravel()[by_frequency] / 51, atol=1e-3
    )


def test_untrained_its_file_is_about_jpegs(photos):
    cat = images.sample("chelsea")
    data, x_hat = own_codec.code(begun(photos), cat)
    here = metrics.bpp(data, cat), metrics.psnr(cat, x_hat)
    assert -0.2 < anchors.saved_bits(anchors.jpeg_points(cat), *here) < 0.0


def test_untrained_its_coder_is_weaker_than_jpegs_own(photos):
    """The cat's numbers as a .jpg of 4:4:4, headers and all, against the estimate of the prior."""
    cat, codec = images.sample("chelsea"), begun(photos)
    padded = torch.from_numpy(images.pad_to_multiple(cat, 8).copy())
    with torch.no_grad():
        k = codec.g_a(padded.permute(2, 0, 1)[None].float()).round()[0].numpy().astype(np.int16)
    blocks = np.zeros((3, k[0].size, 64), np.int16)
    for plane, its in zip(blocks, (k[:64], k[64:96], k[96:]), strict=True):
        plane[:, : len(its)] = its.reshape(len(its), -1).T
    layout = frame.make_frame(*cat.shape[:2], 3, "4:4:4")
    data = jpeg_codec.pack(blocks.reshape(-1, 64), layout, [np.full(64, 51)] * 2)
    np.testing.assert_array_equal(jpeg_codec.unpack(data)[0], blocks.reshape(-1, 64))
    assert 8 * len(data) / own_codec.estimate(codec, cat)[0] == pytest.approx(0.90, abs=0.01)


def test_the_step_is_that_of_theory():
    assert pytest.approx((18 / (own_codec.LAM * np.log(2))) ** 0.5, rel=1e-3) == own_codec.STEP


def test_the_prior_looks_at_nothing_that_comes_later(brief):
    """Whatever changes at a place or after it, row after row, its guess stays the same."""
    y_hat = torch.randint(-3, 4, (1, 128, 4, 5)).float()
    with torch.no_grad():
        before = brief.guess(y_hat)
        for i, j in np.ndindex(4, 5):
            later = y_hat.clone()
            later[0, :, i, j:] += 5
            later[0, :, i + 1 :] -= 7
            for one, other in zip(before, brief.guess(later), strict=True):
                torch.testing.assert_close(one[..., i, j], other[..., i, j])


def test_the_drawing_says_how_far_the_machine_sees():
    """A latent depends on 32 x 32 pixels, once the bends bend."""
    codec = own_codec.Codec()
    torch.manual_seed(0)
    for parameter in codec.parameters():
        parameter.data += 0.01 * torch.randn(parameter.shape)
    x = torch.zeros(1, 3, 64, 64, requires_grad=True)
    codec.g_a(x)[0, :, 4, 4].square().sum().backward()
    rows = x.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    assert rows[-1] - rows[0] + 1 == 32
    ET.fromstring(machines.machines())
    assert "sees 32 × 32 pixels" in machines.machines() and "sees 8 × 8" in machines.machines()


@pytest.mark.parametrize("frozen", own_codec.FROZEN)
def test_what_is_frozen_stays_and_all_else_moves(photos, frozen):
    before = {name: p.clone() for name, p in begun(photos).named_parameters()}
    *_, last = own_codec.train(photos, 3, frozen=frozen)
    for name, after in last.model.named_parameters():
        kept = name.split(".")[0] in own_codec.FROZEN[frozen]
        moved = not torch.equal(before[name], after)
        assert moved != kept, name


def test_laplace_bits_are_scipys_and_have_slopes_far_out():
    y = torch.linspace(-6, 6, 49, dtype=torch.float64)
    for mean, b in ((0.0, 0.7), (0.4, 0.2), (-1.0, 3.0)):
        mass = stats.laplace(mean, b).cdf(y + 0.5) - stats.laplace(mean, b).cdf(y - 0.5)
        found = pieces.laplace_bits(y, torch.tensor(mean), torch.tensor(b))
        np.testing.assert_allclose(found, np.minimum(-np.log2(mass), 24), rtol=1e-4)
    y = torch.tensor([1e3], requires_grad=True)
    assert pieces.laplace_bits(y, torch.zeros(1), torch.ones(1)).item() == pytest.approx(24)


def lesson_source(subject):
    path = contents.LESSONS / "src" / f"{contents.notebook(subject).stem}.py"
    return path.read_text(encoding="utf-8")


def solution(subject, exercise, **names):
    """The function of the solution that stands under an exercise."""
    text = lesson_source(subject)
    call = re.search(rf'^check\("{exercise}", (\w+)\)', text, re.MULTILINE)
    block = text[call.end() :].split("# ```python\n")[1].split("# ```")[0]
    names |= {"np": np, "torch": torch, "priors": priors, "laplace_bits": pieces.laplace_bits}
    exec("\n".join(line[2:] for line in block.splitlines()), names)
    return names[call[1]]


def lessons_codec(**names):
    """The class of the lesson's cell."""
    tree = ast.parse(lesson_source("learned_codec"))
    kept = [
        node
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        or getattr(node, "name", "") in ("Codec", "neighbours")
    ]
    for name in ("filters", "block", "laplace_bits"):
        names[name] = getattr(pieces, name)
    exec("\n".join(map(ast.unparse, kept)), names)
    return names["Codec"]


PIECES = {
    "best_sigma": "bits_from_probability",
    "straight_through": "noise_for_rounding",
    "objective": "learned_codec",
    "join": "learned_codec",
}


@pytest.mark.parametrize("own", [list(PIECES), list(PIECES)[::2], []], ids=["all", "half", "none"])
def test_the_solutions_of_the_lessons_join_to_a_codec(photos, own):
    chosen = {"join": own_codec.join} | {n: getattr(pieces, n) for n in list(PIECES)[:3]}
    for name in own:
        chosen[name] = solution(PIECES[name], name, straight_through=chosen["straight_through"])
    torch.manual_seed(0)
    codec = lessons_codec()()
    own_codec.begin(codec, photos, chosen["best_sigma"])
    adam, schedule = own_codec.optimizer_of(codec, 60)
    rng, cat = np.random.default_rng(0), images.sample("chelsea")[80:208, 120:280]
    first = own_codec.code(codec, cat)
    for _ in range(60):
        x = own_codec.draw_batch(photos, rng, 4, 64)
        L, _, _ = chosen["objective"](x, *chosen["join"](codec, x), 0.01)
        L.mean().backward()
        adam.step()
        adam.zero_grad()
        schedule.step()
    data, x_hat = own_codec.code(codec, cat)
    np.testing.assert_array_equal(own_codec.decode(codec, data), x_hat)
    now, before = (
        metrics.bpp(file, cat) + own_codec.LAM * metrics.mse(cat, shown)
        for file, shown in ((data, x_hat), first)
    )
    assert now < before


def test_the_lessons_loop_moves_every_part(photos):
    """Three steps of the cell, as it stands there."""
    codec = lessons_codec()()
    own_codec.begin(codec, photos)
    before = {name: p.clone() for name, p in codec.named_parameters()}
    source = lesson_source("learned_codec")
    loop = source[source.index("adam, schedule = ") : source.index("    if step % 400")]
    names = {"codec": codec, "photos": photos, "own_codec": own_codec, "np": np, "torch": torch}
    names |= {"nn": torch.nn, "join": own_codec.join, "objective": pieces.objective}
    exec(loop.replace("range(2000)", "range(3)"), names | {"draw_batch": own_codec.draw_batch})
    for name, after in codec.named_parameters():
        assert not torch.equal(before[name], after), name


def test_equal_bytes_are_the_largest_files_that_fit():
    image = images.sample("coffee")[:96, :128]
    for coded, settings in zip(anchors.at_bytes(image, 1500), (1, None), strict=True):
        assert 1000 < coded.size <= 1500
        if settings:
            assert len(codecs.CODECS["jpeg"].encode(image, coded.setting + 1)) > 1500


def test_mean_of_ratios_is_geometric():
    assert parts.mean(np.array([100.0, -50.0, np.nan])) == pytest.approx(0.0)


# --- the exercises -----------------------------------------------------------------------


@pytest.mark.parametrize("pixels, hint", [(16 * 24 * 3, "one pixel"), (1, "still in bits")])
def test_a_wrong_rate_is_named_where_the_loss_has_it_too(pixels, hint):
    def answer(x, x_hat, bits, lam):
        R, D = bits / pixels, ((x - x_hat) ** 2).mean((1, 2, 3))
        return R + lam * D, R, D

    assert hint in checks.verdict(exercises.objective, answer)


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("objective", exercises._but("R", lambda R, *rest: R.mean()), "one number for each"),
        ("objective", exercises._but("D", lambda R, D, *rest: D + 1), "D is not"),
        ("objective", lambda *given: exercises._objective(*given)[0], "Return three"),
        ("two_lambdas", exercises.PREDICTED | {"L": "high"}, "write 0.002 or 0.03"),
        ("two_lambdas", exercises.PREDICTED | {"D": 0.03}, "Four answers"),
        (
            "grey_share",
            lambda p: 3 * p.mean(3).sum((1, 2)) / p.sum((1, 2, 3)),
            "both sums of squares",
        ),
        ("grey_share", lambda p: p.mean(3), "One number for each"),
        ("grey_share", lambda p: np.full(len(p), 0.5), "How much energy"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


# --- what the prose says -----------------------------------------------------------------


def test_the_praise_knows_how_grey_jpegs_colours_are():
    paints = exercises.from_taps(exercises.to_taps(exercises.jpeg_basis()[1]))
    grey = exercises._grey(paints.permute(0, 2, 3, 1).double().numpy())
    np.testing.assert_allclose(grey[:64], 1, atol=1e-6)
    assert grey[64:96] == pytest.approx(0.21, abs=0.005)
    assert grey[96:] == pytest.approx(0.06, abs=0.005)


def test_recorded_training_passes_both_jpegs_and_the_random_start_none(recorded):
    last = len(record.MOMENTS)
    ours, random = (training.compute(recorded, last, start) for start in (DCT, RANDOM))
    assert ours.saved > 0.3 and ours.by_lam > 0.1 and random.saved < 0
    assert ours.psnr > random.psnr + 2
    first = training.compute(recorded, 1, DCT)
    assert -0.2 < first.saved < 0


def test_what_the_lesson_says_of_luck():
    against = parts.against()
    assert all(len(percent) == 14 for percent in against.values())
    assert (against["JPEG"] < -30).all()  # JPEG it beats on each
    assert 8 <= (against["JPEG by λ"] < 0).sum() < 14  # JPEG by lambda on most
    assert parts.mean(against["JPEG by λ"]) == pytest.approx(-9, abs=1)  # by about a tenth


def test_what_the_lesson_says_of_frozen_parts():
    runs = parts.load()
    larger = {name: parts.larger(name) for name in runs}
    mean = {name: parts.mean(percent) for name, percent in larger.items()}
    look, taps = "the look at the neighbours", "filters and bends"
    assert mean[look] > mean[taps] + mean["the steps"]  # than all else together
    assert (larger[look] < larger[taps]).sum() == 5 and runs[look].L[0] < runs[taps].L[0]
    whole = runs["nothing"]
    assert (whole.bpp / whole.L)[1:].mean() == pytest.approx(0.62, abs=0.01)
    assert mean["the filters"] > 1.5 * mean["the steps"] > 6 * mean[parts.AGAIN]
    assert 0 < mean["the encoder's transform"] < mean["the filters"] / 2  # more than half is left
    assert mean["the steps"] == pytest.approx(4.5, abs=0.1)
    assert abs(larger["the bends"]).max() < 0.5
    assert (mean["the filters"], mean[taps]) == pytest.approx((8.0, 12.5), abs=0.1)
    for name in (look, taps):
        assert (runs[name].L > runs[parts.BY_LAM].L)[1:].all()
    assert mean[parts.AGAIN] == pytest.approx(0.6, abs=0.05)
    assert abs(larger[parts.AGAIN]).max() == pytest.approx(2, abs=0.25)


def test_larger_is_the_loss_at_one_lambda_by_hand():
    stored = json.loads(parts.FILE.read_text())["bpp, mse"]
    (bpp, mse), (other_bpp, other_mse) = stored["nothing"][3], stored["the steps"][3]
    expected = (other_bpp + 0.01 * other_mse) / (bpp + 0.01 * mse) - 1
    assert parts.larger("the steps")[2] == pytest.approx(100 * expected)  # without the cat


def test_the_numbers_of_the_codec_in_the_text_are_its():
    count = sum(p.numel() for p in own_codec.Codec().parameters())
    assert f"the {count:,} numbers of your codec" in lessons.prose("learned_codec")


def test_three_photographs_hold_hardly_any_blue():
    """Share of pixels whose blue is well above red and green."""

    def blue(photo):
        r, g, b = photo.reshape(-1, 3).astype(int).T
        return np.mean(b > np.maximum(r, g) + 40)

    assert max(blue(images.sample(name)) for name in record.SEEN) < 0.06


@pytest.mark.skipif(not VALID.is_dir(), reason="needs ../shared/images/valid")
@pytest.mark.timeout(1800)
@pytest.mark.weekly  # the lesson trains the same codec, and its figures are checked
def test_the_own_codec_beats_jpeg_on_photographs_that_it_did_not_see():
    """Trained as in the lesson, real files. None of these pictures is among the recorded ones."""
    *_, last = own_codec.train(record.photographs())
    ratios = []
    for photo in photographs(VALID)[1::6]:
        data, x_hat = own_codec.code(last.model, photo)
        here = metrics.bpp(data, photo), metrics.psnr(photo, x_hat)
        curves = anchors.jpeg_points(photo), anchors.lam_points(photo)
        ratios.append([1 - anchors.saved_bits(curve, *here) for curve in curves])
    against, strong = np.exp(np.log(ratios).mean(0)) - 1
    print(f"{len(ratios)} photographs: {against:+.1%} against JPEG, {strong:+.1%} by lambda")
    assert np.array(ratios)[:, 0].max() < 0.85 and against < -0.3 and strong < 0.05


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_keys_move_both_explorers(tmp_path):
    """Without what trains, or needs what was trained, and without pictures of the rivals."""
    words = "range(2000)", "(codec, ", "codec = Codec", "on_the_cat", "rivals[0]", "own_codec.train"
    brief = without(LESSON, tmp_path, *words)
    with jupyterlab([brief]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        scrubber = page.locator(".lic-explorer").nth(1)
        moment = scrubber.get_by_role("slider", name="Moment")
        moment.press("Home")
        scrubber.get_by_text("14 % more bits than JPEG takes").first.wait_for()
        moment.press("End")
        scrubber.get_by_text("fewer bits than JPEG").first.wait_for()
        scrubber.get_by_role("button", name="random numbers", exact=True).click()
        scrubber.get_by_text("more bits than JPEG").first.wait_for()

        view = page.locator(".lic-explorer").first
        both = view.locator(".lic-stage canvas")
        before = pictures(both)
        view.get_by_role("slider", name="λ", exact=True).press("Home")
        before = new_pictures(both, before)
        view.get_by_role("button", name="original").click()
        new_pictures(both.first, before)
        view.get_by_text("◂ original").wait_for()
