"""What is a good picture: files of one size, the sealed game, its page, the drawing decoder."""

import io
import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import pytest
from PIL import Image, features
from scipy import fft, stats

from lic_teach import contents, images, jpeg, learned, metrics
from lic_teach.course.what_is_a_good_picture import (
    blind_test,
    exercises,
    inside,
    pairs,
    sealed,
    texture,
)
from lic_teach.course.what_is_a_good_picture.blind_test import BEGIN, BlindTest
from lic_teach.course.what_is_a_good_picture.pairs import KINDS, SIDE, Coded, Kind
from lic_teach.course.what_is_a_good_picture.sealed import ROUNDS, SIDES
from lic_teach.course.what_is_a_good_picture.texture import MIDDLE, ORIGINAL, Texture
from lic_teach.kit import checks, mine, votes
from lic_teach.kit.expected import expected
from lic_teach.kit.measured import model
from lic_teach.learned import quantize
from lic_teach.learned.quantize import LAM_MAX, LAM_MIN
from tests import lessons
from tests.lab import chromium, jupyterlab, open_notebook, without

LESSON = contents.notebook("what_is_a_good_picture")
SVG = "{http://www.w3.org/2000/svg}"
has_avif = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")


@pytest.fixture(scope="module")
def cat():
    return images.sample("chelsea")


@pytest.fixture(scope="module")
def files(cat):
    return pairs.coded(cat, pairs.target(cat))


# --- files of one size -------------------------------------------------------------------


@has_avif
def test_six_codecs_have_files_of_one_size_within_one_percent(files):
    assert list(files) == list(KINDS) and len(files) == 6
    sizes = [file.size for file in files.values()]
    assert max(sizes) <= (1 + pairs.NEAR) * min(sizes)


def test_sizes_and_scores_are_those_of_the_files(cat, files):
    size = files["JPEG by λ, eye"].size
    data, picture = pairs.to_size(pairs.by_eye(cat), size, 1e-4, 0.1)
    assert abs(len(data) / size - 1) <= pairs.NEAR
    np.testing.assert_array_equal(picture, jpeg.decode(data))
    for file in files.values():
        assert file.psnr == metrics.psnr(cat, file.picture)
        assert file.ms_ssim == metrics.ms_ssim(cat, file.picture)


def test_each_writer_gives_a_file_and_what_its_decoder_makes_of_it(cat):
    piece = cat[:200, :200]
    data, picture = pairs.by_learned(piece)(0.002)
    np.testing.assert_array_equal(picture, learned.decode(data, model()))
    data, picture = pairs.by_lambda(piece)(0.003)
    assert data == jpeg.encode(piece, lam=0.003, fast=True)
    np.testing.assert_array_equal(picture, jpeg.decode(data))
    assert pairs.by_eye(piece)(0.003)[0] == jpeg.encode(piece, lam=0.003, fast=True, eye=True)


def test_jpegs_knob_goes_through_the_standards_tables(cat):
    assert pairs.by_tables(cat)(1.0)[0] == jpeg.encode(cat, 50)
    sizes = [len(pairs.by_tables(cat)(knob)[0]) for knob in (0.1, 0.11, 0.5, 3)]
    assert sizes == sorted(sizes) and len(set(sizes)) == 4


def test_without_avif_the_others_meet_at_a_size_all_the_same(cat, monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: False)
    piece = cat[:200, :256]
    found = pairs.coded(piece, pairs.target(piece))
    assert list(found) == ["JPEG", "JPEG by λ", "JPEG by λ, eye", "learned", "learned, MS-SSIM"]
    assert metrics.bpp(bytes(pairs.target(piece)), piece) == pytest.approx(pairs.BPP, rel=0.01)
    assert sealed.deal(piece, found).rounds == ROUNDS


def test_a_codec_more_is_one_line(cat, monkeypatch):
    kind = Kind(partial(pairs.by_learned, weights="hyper"), LAM_MIN, LAM_MAX)
    monkeypatch.setitem(KINDS, "one more", kind)
    piece = cat[:200, :256]
    found = pairs.coded(piece, 1600)
    assert list(found)[-1] == "one more"
    assert pairs.questions(list(found))[-1] == ("one more", list(found)[0])


def test_every_codec_is_asked_about_equally_often():
    assert pairs.questions(list("abc")) == [("a", "b"), ("b", "c"), ("c", "a")]
    assert pairs.questions(["a", "b"]) == [("a", "b")]
    assert pairs.questions(["a"]) == pairs.questions([]) == []


def test_a_small_picture_is_refused_in_words():
    with pytest.raises(ValueError, match=f"300 x 191 pixels: every side needs {SIDE} or more"):
        BlindTest(np.zeros((191, 300, 3), np.uint8))


def test_where_no_two_codecs_meet_it_is_said_in_words():
    with pytest.raises(ValueError, match="try another one"):
        sealed.deal(noisy(), plain("a"))


def test_a_picture_without_anything_in_it_can_be_played_or_is_refused_in_words():
    flat = np.full((200, 200, 3), 128, np.uint8)
    found = pairs.coded(flat, pairs.target(flat))
    sizes = [file.size for file in found.values()]
    assert len(found) < 5 and max(sizes, default=0) <= (1 + pairs.NEAR) * min(sizes, default=0)


def test_a_codec_that_never_reaches_the_size_is_left_out():
    def write(knob):
        return bytes(100 if knob < 1 else 200), None

    assert pairs.to_size(write, 150, 0.1, 10) is None
    assert pairs.to_size(write, 200, 0.1, 10)[0] == bytes(200)


def test_the_first_place_is_the_busiest_and_all_lie_in_the_picture():
    image = np.full((400, 420, 3), 128, np.uint8)
    image[200:392, 100:292:2] = 0
    corners = pairs.places(image, 4)
    assert np.abs(np.subtract(corners[0], (200, 100))).max() <= 8
    for corner in corners:
        assert pairs.square(image, corner).shape == (SIDE, SIDE, 3)
    assert len(set(corners)) == 4
    assert pairs.places(image[:SIDE, :SIDE], 1) == [(0, 0)]


# --- the sealed game ---------------------------------------------------------------------


def plain(names="abcdef"):
    """Files whose pictures say who they are: each of one grey level."""
    pictures = {n: np.full((400, 500, 3), 10 * i, np.uint8) for i, n in enumerate(names)}
    return {n: Coded(1, x, float(i), -float(i)) for i, (n, x) in enumerate(pictures.items())}


def noisy():
    return np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)


def played(files, side=lambda n: "left"):
    """A whole game -> (who stood left, who stood right) of each round, and its votes."""
    deal, stood = sealed.deal(noisy(), files), []
    names = list(files)
    for n in range(ROUNDS):
        stood.append(tuple(names[shown[0, 0, 0] // 10] for shown in deal.seen()))
        deal.vote(side(n))
    return stood, deal.votes()


def test_a_vote_names_who_stood_there():
    stood, cast = played(plain(), lambda n: SIDES[n % 2])
    for n, ((left, right), vote) in enumerate(zip(stood, cast, strict=True)):
        assert (vote.taken, vote.other) == ((left, right), (right, left))[n % 2]
        assert vote.side == SIDES[n % 2]
        assert vote.psnr == (vote.taken > vote.other) and vote.ms_ssim != vote.psnr


@pytest.mark.parametrize("names", ["ab", "abc", "abcd", "abcde", "abcdef"])
def test_each_pair_comes_equally_often_and_each_side_in_half_of_the_rounds(names):
    for _ in range(20):
        stood, _ = played(plain(names))
        wanted = pairs.questions(list(names))
        asked = [pair if pair in wanted else pair[::-1] for pair in stood]
        assert set(asked) == set(wanted) and len(stood) == ROUNDS
        often = [asked.count(pair) for pair in wanted]
        assert max(often) - min(often) <= 1
        first_left = [sum(p == pair for p in stood) for pair in wanted]
        assert sum(first_left) == ROUNDS / 2
        assert all(abs(2 * n - m) <= 1 for n, m in zip(first_left, often, strict=True))


def test_nobody_can_foresee_who_stands_left():
    """The first of a pair's two in the first round: as often left as a fair coin falls."""
    left = 0
    for _ in range(400):
        deal = sealed.deal(noisy(), plain("abcdef"))
        one, other = (shown[0, 0, 0] for shown in deal.seen())
        left += one < other
    assert 140 < left < 260  # six widths: once in a billion runs outside
    games = {tuple(played(plain())[0]) for _ in range(20)}
    assert len(games) == 20


def test_a_pairs_rounds_are_in_different_places(cat, files):
    cards = sealed.shuffled(pairs.questions(list(files)), pairs.places(cat, 2))
    assert len({(pair, corner) for pair, corner, _ in cards}) == ROUNDS


def test_the_names_come_after_the_last_vote_and_then_no_vote_counts():
    deal = sealed.deal(noisy(), plain())
    for n in range(ROUNDS):
        with pytest.raises(ValueError, match=f"after 12 votes; {n} are cast"):
            deal.votes()
        deal.vote("right")
    assert len(deal.votes()) == ROUNDS
    with pytest.raises(ValueError, match="12 times"):
        deal.vote("right")


def test_a_vote_for_neither_side_is_refused():
    with pytest.raises(ValueError, match="a vote is left or right"):
        sealed.deal(noisy(), plain()).vote("AVIF")


# --- nothing tells who is who --------------------------------------------------------------


@pytest.fixture(scope="module")
def ex():
    return BlindTest()


def press(ex, *sides):
    for side in sides:
        ex.picture.moves = (*ex.picture.moves, side)


def strings(value, seen):
    """All text in a value's attributes and containers, as a curious learner's dir() finds it."""
    if id(value) in seen or callable(value) or isinstance(value, np.ndarray | bytes):
        return
    seen[id(value)] = value
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in ("_css", "_esm"):  # the same files for all
                yield from strings(key, seen)
                yield from strings(part, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from strings(part, seen)
    elif hasattr(value, "__dict__"):
        yield from strings(vars(value), seen)


def test_no_attribute_of_the_explorer_holds_a_name_while_a_game_is_on(ex):
    ex.set(**ex._first)
    found = {id(ex.tries): ex.tries}  # words of the lesson: no name of this round
    press(ex, BEGIN, "left", "right")
    texts = list(strings(ex, dict(found)))
    assert "begin" in texts and len(texts) > 100
    names = {name for name in KINDS if name != "learned"}
    assert not [text for text in texts if text in KINDS or any(n in text for n in names)]


def test_the_page_is_the_same_whoever_stands_left(ex):
    """The same pair in both orders: all but the pixels is equal, to the byte."""
    one, other = (np.full((SIDE, SIDE, 3), level, np.uint8) for level in (3, 200))
    views = []
    for shown in ((one, other), (other, one)):
        deal = sealed.Deal(ROUNDS, lambda shown=shown: shown, None, None)
        views.append(blind_test.draw(blind_test.look(ex.source, deal, (BEGIN, "left"))))
    assert [view[1:] for view in views] == [views[0][1:]] * 2
    assert views[0].picture == views[1].picture[::-1]
    assert {(len(data), data[:54]) for view in views for data in view.picture} == {
        (len(views[0].picture[0]), views[0].picture[0][:54])
    }


def test_in_every_round_of_every_codec_the_page_gets_the_same_number_of_bytes(ex):
    ex.set(**ex._first)
    press(ex, BEGIN)
    seen = set()
    for _ in range(ROUNDS):
        state = ex.picture.get_state()
        left, right = state.pop("value")
        seen |= {(len(left), left[:54]), (len(right), right[:54])}
        words = f"{state} {ex.readout.value} {ex.readout.summary} {ex.plot.value}"
        assert not any(name in words for name in KINDS)
        press(ex, "left")
    assert len(seen) == 1
    assert "JPEG by λ" in ex.readout.value  # only now


def test_the_bytes_are_the_pixels_of_the_two_files(cat, files):
    deal = sealed.deal(cat, files)
    for shown in deal.seen():
        data = blind_test.uncompressed(shown)
        np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(data))), shown)
        assert len(data) == 54 + SIDE * SIDE * 3


def test_the_number_of_bytes_that_is_said_is_one_for_all(ex):
    ex.set(**ex._first)
    press(ex, BEGIN)
    said = set()
    for _ in range(ROUNDS):
        said |= set(re.findall(r"[\d,]+ bytes", ex.readout.value))
        press(ex, "right")
    assert said == {f"{ex.source.size:,} bytes"}


# --- the game as a learner plays it ----------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LIC_TEACH_MINE", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(ex):
    """The reveal's lines, by their first words."""
    table = ET.fromstring(f"<div>{ex.readout.value}</div>").find("table/tbody")
    cells = [["".join(cell.itertext()) for cell in row] for row in table]
    return {first: rest for first, *rest in cells}


def test_a_game_is_kept_and_the_next_one_is_counted_with_it(ex, folder):
    for game in (1, 2):
        ex.set(**ex._first)
        press(ex, BEGIN, *["left", "right"] * 6)
        assert len(votes.read(folder)) == 12 * game
        assert "Kept in mine.py." in ex.readout.value
        found = rows(ex)
        assert found.pop("the left one")[0] == "6 of 12"
        for judge, field in (("PSNR", "psnr"), ("MS-SSIM", "ms_ssim")):
            k = sum(getattr(vote, field) for vote in ex.result.votes)
            cells = [f"{k} of 12", "·", *votes.judged(k, 12)]
            assert found.pop(f"the one of higher {judge}") == cells
        counts = votes.counts(votes.read(folder))
        wanted = {f"{a} before {b}": (k, n) for (a, b), (k, n) in counts.items()}
        assert found.keys() == wanted.keys()
        for pair, (k, n) in wanted.items():
            assert n == 2 * game
            assert found[pair][1:] == [f"{k} of {n}", *votes.judged(k, n)]


def test_another_explorer_another_day_goes_on_counting(ex, folder):
    votes.keep([("learned", "JPEG by λ, eye")] * 12)
    ex.set(**ex._first)
    press(ex, BEGIN, *["left"] * 12)
    assert rows(ex)["learned before JPEG by λ, eye"][1] == "13 of 14"
    assert "Decided: <b>learned</b> before JPEG by λ, eye." in ex.readout.value


def test_half_a_game_and_a_button_among_the_tries_keep_nothing(ex, folder):
    ex.set(**ex._first)
    press(ex, BEGIN, *["left"] * 11)
    ex.press("a learner who does not look")
    assert ex.result.number == ROUNDS + 1 and not (folder / mine.FILE).exists()


def test_where_nothing_is_kept_the_reveal_has_this_game_alone(ex):
    ex.set(**ex._first)
    press(ex, BEGIN, *["right"] * 12)
    for _, every, *_ in (cells for name, cells in rows(ex).items() if "before" in name):
        assert every.endswith(" of 2")


def test_play_again_and_another_picture_begin_a_new_game(ex):
    ex.set(**ex._first)
    press(ex, BEGIN, *["left"] * 12)
    ex.picture.moves = (BEGIN,)
    assert ex.readout.summary == "round 1 of 12: A or B?"
    press(ex, "left")
    ex.load("coffee")
    assert ex.moves == ex.picture.moves == () and ex.picture.done == 0
    assert ex.readout.summary == "0 of 12 rounds are played"
    press(ex, BEGIN)
    assert ex.picture.done == 1
    ex.load("chelsea")


def test_before_and_after_the_original_stands_on_both_sides(ex):
    ex.set(**ex._first)
    assert ex.picture.value[0] == ex.picture.value[1] == blind_test.uncompressed(ex.source.start)
    text = ex._repr_mimebundle_()["text/plain"]
    assert text == "BlindTest: 0 of 12 rounds are played"


def test_a_decided_pair_is_said_and_an_undecided_one_is_not():
    cast = [("a", "b")] * 9 + [("c", "d")] * 3
    assert blind_test.verdict(cast).startswith("Decided: <b>a</b> before b. It takes 2.5 % or less")
    assert blind_test.verdict(cast[9:]).startswith("No pair is decided. It takes 5 % or less in")


def test_a_coin_that_plays_six_pairs_decides_one_in_at_most_5_of_100_tests():
    for each in (2, 4, 8, 15, 40):
        pairs = [(f"{i}", "other") for i in range(6)]

        def decided(k, each=each, pairs=pairs):
            """Whether k of each for the first pair, and a draw in the others, decides it."""
            first = [pairs[0]] * k + [pairs[0][::-1]] * (each - k)
            others = [v for p in pairs[1:] for v in [p] * (each // 2) + [p[::-1]] * (each // 2)]
            return blind_test.verdict(first + others).startswith("Decided: ")

        won = sum(stats.binom.pmf(k, each, 0.5) for k in range(each + 1) if decided(k))
        assert 1 - (1 - won) ** 6 <= 0.05
        assert decided(each) == (each >= 8)


# --- two judges ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", images.SAMPLES)
def test_for_the_eye_psnr_falls_and_ms_ssim_rises_at_equal_bytes(name):
    photo = images.sample(name)
    data, plain_ = pairs.by_lambda(photo)(0.003)
    other, seen = pairs.to_size(pairs.by_eye(photo), len(data), 1e-4, 0.1)
    assert abs(len(other) / len(data) - 1) <= pairs.NEAR
    assert metrics.psnr(photo, seen) < metrics.psnr(photo, plain_) - 0.1
    assert metrics.ms_ssim(photo, seen) > metrics.ms_ssim(photo, plain_) + 0.002


def test_one_of_six_pairs_is_clean_in_98_of_100_games():
    assert 100 * (1 - (1 - 2 / 4) ** 6) == pytest.approx(98, abs=0.5)
    prose = lessons.prose("what_is_a_good_picture")
    assert votes.judged(9, 12)[0] == "47 to 91 %" and "from 47 to 91 %" in prose
    assert votes.judged(9, 12)[1] == votes.judged(3, 12)[1] == "15 %" and "has 15 %" in prose
    assert votes.by_chance(2, 2) == 0.25 and "So does a coin, every fourth time" in prose


# --- the decoder that draws ------------------------------------------------------------------


@pytest.fixture(scope="module")
def latents(cat):
    return expected(cat, inside.LAM)


def test_points_are_those_of_scipys_truncated_normal():
    rng = np.random.default_rng(1)
    sigma, u = rng.uniform(0.2, 4, 1000), rng.uniform(0.01, 0.99, 1000)
    k = np.rint(rng.normal(0, sigma))
    theirs = sigma * stats.truncnorm.ppf(u, (k - 0.5) / sigma, (k + 0.5) / sigma) - k
    np.testing.assert_allclose(inside.points(k, sigma, u), theirs, atol=1e-7)


def test_far_out_in_a_tail_a_point_still_lies_in_its_bin():
    k, sigma, u = np.meshgrid([-40.0, -9, -3, 3, 9, 40], [0.11, 0.5, 2], [0, 0.3, 1])
    found = inside.points(k, sigma, u)
    assert np.isfinite(found).all() and np.abs(found).max() <= 0.5 + 1e-9
    np.testing.assert_allclose(found, -inside.points(-k, sigma, 1 - u), atol=1e-12)


def test_strength_nought_is_what_the_file_decodes_to(cat, latents):
    data = learned.encode(cat, model(), inside.LAM)
    still = inside.painted(inside.drawn(latents, 0.0), cat.shape[:2])
    np.testing.assert_array_equal(still, learned.decode(data, model()))


def test_a_drawn_latent_stays_in_its_bin_and_chroma_and_means_stay_where_they_are(latents):
    moved = inside.drawn(latents)
    np.testing.assert_array_equal(moved, inside.drawn(latents))  # the same every time
    off = moved - latents.y_hat
    assert np.abs(off).max() <= 0.5 + 1e-6 and np.abs(off[1:64]).mean() > 0.05
    assert not off[0].any() and not off[64:].any()


def test_a_learners_points_that_lose_themselves_far_out_paint_a_picture(cat, latents):
    def naive(k, sigma, u):
        low, high = stats.norm.cdf((k - 0.5) / sigma), stats.norm.cdf((k + 0.5) / sigma)
        return sigma * stats.norm.ppf(low + u * (high - low)) - k

    theirs = inside.painted(inside.drawn(latents, 1.0, naive), cat.shape[:2])
    ours = inside.painted(inside.drawn(latents), cat.shape[:2])
    assert metrics.psnr(cat, theirs) == pytest.approx(metrics.psnr(cat, ours), abs=0.05)


def test_what_the_lesson_says_of_the_drawn_cat(cat, latents):
    usual = inside.painted(latents.y_hat, cat.shape[:2])
    drawn = inside.painted(inside.drawn(latents), cat.shape[:2])
    assert metrics.psnr(cat, usual) - metrics.psnr(cat, drawn) == pytest.approx(2, abs=0.1)
    assert metrics.ms_ssim(cat, drawn) < metrics.ms_ssim(cat, usual) - 0.03
    assert inside.share(cat, usual) == pytest.approx(0.08, abs=0.005)
    assert inside.share(cat, drawn) == pytest.approx(0.88, abs=0.03)
    assert metrics.mse(cat, drawn) / metrics.mse(cat, usual) == pytest.approx(1.6, abs=0.05)
    prose = lessons.prose("what_is_a_good_picture")
    assert "8 % of the original's" in prose and "a factor of 1.6" in prose


def test_the_picture_at_the_top_is_nearer_to_the_original_on_the_left(cat, latents):
    a, b = (inside.painted(inside.drawn(latents, s), cat.shape[:2]) for s in (0, 0.6))
    assert metrics.psnr(cat, a) > metrics.psnr(cat, b)
    assert metrics.ms_ssim(cat, a) > metrics.ms_ssim(cat, b)


def test_with_chroma_drawn_the_cat_falls_to_25_dB(cat, latents):
    u = np.random.default_rng(inside.SEED).random(latents.y_hat.shape)
    k = np.rint(latents.y_hat - latents.mean).astype(float)
    off = inside.points(k, latents.sigma.astype(float), u)
    off[0] = 0
    every = inside.painted(latents.y_hat + off.astype(np.float32), cat.shape[:2])
    assert metrics.psnr(cat, every) == pytest.approx(25.0, abs=0.1)
    usual = inside.painted(latents.y_hat, cat.shape[:2])
    assert metrics.mse(cat, every) > 2 * metrics.mse(cat, usual)


def test_of_the_cats_error_of_91_the_drawn_bins_cost_44_and_then_96(cat, latents):
    code = quantize.to_code(inside.LAM)
    step = model().step(model().position(code).float())[0].numpy()
    given = latents.y_hat.copy()
    given[1:64] = (learned.analyse(cat, model()) / step)[1:64]
    pictures = (inside.painted(z, cat.shape[:2]) for z in (given, latents.y_hat))
    left, usual = (metrics.mse(cat, picture) for picture in pictures)
    drawn = metrics.mse(cat, inside.painted(inside.drawn(latents), cat.shape[:2]))
    found = usual, left, usual - left, drawn - left
    np.testing.assert_allclose(found, (91, 47, 44, 96), atol=0.7)


@pytest.mark.parametrize("sigma", [0.3, 1.0])
def test_where_the_belief_is_true_a_draw_has_twice_the_least_error(sigma):
    rng = np.random.default_rng(3)
    y = rng.normal(0, sigma, 400_000)
    k = np.rint(y)
    drawn = inside.points(k, np.full(y.size, sigma), rng.random(y.size))
    law = {b: stats.truncnorm((b - 0.5) / sigma, (b + 0.5) / sigma, 0, sigma) for b in np.unique(k)}
    least = sum(law[b].var() * np.mean(k == b) for b in law)
    assert np.mean((y - k - drawn) ** 2) / least == pytest.approx(2, abs=0.02)


# --- texture ---------------------------------------------------------------------------------


def test_detail_is_the_energy_of_fast_waves_by_scipys_dct(cat):
    luma = cat[:32, :48] @ np.array([0.299, 0.587, 0.114])
    blocks = luma.reshape(4, 8, 6, 8).swapaxes(1, 2).reshape(-1, 8, 8)
    waves = fft.dctn(blocks, axes=(1, 2), norm="ortho")
    fast = np.add.outer(range(8), range(8)) >= 4
    wanted = (waves[:, fast] ** 2).sum(1) / 64
    np.testing.assert_allclose(inside.detail(cat[:32, :48]), wanted, rtol=1e-3, atol=1e-3)


def test_the_distance_is_scipys_wasserstein_and_does_not_ask_where(cat):
    other = images.sample("coffee")[:296, :448]
    cat = cat[:296, :448]
    logs = [np.log10(1 + inside.detail(x)) for x in (cat, other)]
    found = inside.distance(cat, other)
    assert found == pytest.approx(stats.wasserstein_distance(*logs), rel=1e-6)
    moved = np.roll(cat, 64, axis=1)
    # the same blocks elsewhere: float32 sums differ in their last bits, by processor and by place
    assert inside.distance(cat, moved) == pytest.approx(0, abs=1e-6)
    assert metrics.psnr(cat, moved) < 20


@pytest.fixture(scope="module")
def tex():
    return Texture()


def test_one_file_and_eleven_decoders_of_falling_psnr_and_rising_detail(tex, cat):
    drawn = tex.source.drawn
    assert tex.source.size == len(learned.encode(cat, model(), inside.LAM))
    assert len(drawn) == 11
    assert np.all(np.diff([d.psnr for d in drawn]) < 0)
    assert np.all(np.diff([d.share for d in drawn]) > 0)
    assert min(d.distance for d in drawn) < 0.7 * drawn[0].distance


def test_the_readout_and_the_drawing_follow_the_slider(tex):
    tex.strength, tex.beside = 1.0, ORIGINAL
    now = tex.source.drawn[10]
    assert f"{now.psnr:.2f}" in tex.readout.value
    assert tex.picture.names == (ORIGINAL, "drawn, 1.0")
    drawing = ET.fromstring(tex.plot.value)
    words = ["".join(t.itertext()) for t in drawing.iter(f"{SVG}text")]
    assert f"{now.psnr:.1f} dB, {100 * now.share:.0f} % of the detail" in words
    assert {"as usual", "twice the error", "D, MSE"} <= set(words)
    tex.strength, tex.beside = 0.0, MIDDLE
    assert texture.summary(tex.result).startswith("drawn with strength 0.0: 28.6 dB, 8 %")


# --- exercises -------------------------------------------------------------------------------


def test_the_packages_functions_are_right_answers():
    assert checks.verdict(exercises.by_chance, votes.by_chance).startswith("Right. ")
    assert checks.verdict(exercises.points, inside.points).startswith("Right. ")


def test_who_throws_coins_is_told_to_count():
    rng = np.random.default_rng(0)

    def thrown(k, n):
        return np.mean(rng.integers(0, 2, (20_000, n)).sum(1) >= k)

    assert "as thrown coins" in checks.verdict(exercises.by_chance, thrown)


def test_who_rounds_is_told_not_to():
    for digits in (2, 3, 5):
        said = checks.verdict(exercises.by_chance, lambda k, n, d=digits: round(comb(k, n), d))
        assert said.endswith("Leave it unrounded.")


def comb(k, n):
    return float(stats.binom.sf(k - 1, n, 0.5))


def test_a_share_below_the_bin_and_of_all_up_to_its_end_is_no_share():
    def answer(k, sigma, u):
        low, high = stats.norm.cdf((k - 0.5) / sigma), stats.norm.cdf((k + 0.5) / sigma)
        return sigma * stats.norm.ppf(low + u * high) - k

    assert "takes shares, from 0 to 1" in checks.verdict(exercises.points, answer)


def test_points_found_in_place_are_right():
    def answer(k, sigma, u):
        k -= 0.5
        low, high = stats.norm.cdf(k / sigma), stats.norm.cdf((k + 1) / sigma)
        u *= high - low
        return sigma * stats.norm.ppf(low + u) - k - 0.5

    assert checks.verdict(exercises.points, answer).startswith("Right. ")


def test_one_point_for_all_is_not_a_point_each():
    assert "(100,)" in checks.verdict(exercises.points, lambda k, sigma, u: 0.1)


# --- in the browser --------------------------------------------------------------------------


@pytest.mark.browser
def test_twelve_rounds_by_keys_and_no_name_on_the_page_before_the_end(tmp_path):
    words = ("Predict(", "Texture(", "rng.normal", "votes.interval")
    lesson = without(LESSON, tmp_path, *words)
    with (
        jupyterlab([lesson], LIC_TEACH_MINE="1") as address,
        chromium(1440, 800) as page,
    ):
        open_notebook(page, address, lesson.name)
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        explorer = page.locator(".lic-explorer")
        readout = explorer.locator(".lic-readout")
        for game in (1, 2):
            begin = "Begin 12 rounds" if game == 1 else "Play again"
            explorer.get_by_role("button", name=begin, exact=True).click()
            for n in range(1, 13):
                readout.get_by_text(f"Round {n} of 12.").wait_for()
                page.wait_for_function(
                    "n => document.querySelector('.lic-blind figure button').textContent"
                    " === 'A looks better'",
                    arg=n,
                )
                if n == 1:  # what is spoken comes later: until then it is the last game's end
                    spoken = readout.get_by_text("round 1 of 12: A or B?")
                    spoken.wait_for(state="attached")
                html = explorer.locator(".lic-blind").evaluate("e => e.outerHTML")
                html += readout.evaluate("e => e.outerHTML")
                assert not any(name in html for name in KINDS) and "src=" not in html
                if n == 1:
                    box = explorer.bounding_box()
                    stage = explorer.locator(".lic-blind").bounding_box()
                    assert stage["height"] + 60 < 640 and stage["width"] <= box["width"]
                if n % 3:
                    page.keyboard.press(("ArrowLeft", "ArrowRight")[n % 2])
                else:
                    explorer.get_by_role("button", name="B looks better").click()
            readout.get_by_text("Kept in mine.py.").wait_for()
            table = readout.locator("table").inner_text()
            assert table.count(f"of {2 * game}\t") >= 6 and "before" in table
