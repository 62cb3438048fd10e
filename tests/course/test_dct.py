"""The DCT: its explorer alone, in the shell and in a browser; wrong answers; facts."""

import base64
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dct, dctn, idctn
from scipy.linalg import hadamard, svd, toeplitz
from scipy.optimize import brentq
from scipy.stats import laplace

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.dct import dct_builder as view
from lic_teach.course.dct import exercises, puzzle, rivals
from lic_teach.course.dct.bases import DCT, KLT, PIXELS, compute, klt, prepare
from lic_teach.jpeg import color, transform
from lic_teach.kit import checks
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

LESSON = contents.notebook("dct")
THREAD = (88, 192)  # images.thread_block


@pytest.fixture(scope="module")
def source():
    return prepare(images.sample("chelsea"))


def opened(data):
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))[..., 0]


# --- compute -----------------------------------------------------------------------------


def test_the_dct_of_the_thread_block_is_scipys_and_the_codecs(source):
    result = compute(source, DCT, 64, (), THREAD)
    block = images.sample("chelsea")[88:96, 192:200] @ [0.299, 0.587, 0.114]
    expected = dctn(np.rint(block) - 128, norm="ortho")
    np.testing.assert_allclose(result.coefficients.reshape(8, 8), expected, atol=1e-3)
    np.testing.assert_array_equal(result.picture, source.luma)
    written = jpeg.codec.unpack(jpeg.encode(images.sample("chelsea"), 100))  # every step is 1
    zigzagged = jpeg.frame.split(written[0], written[1])[0][11, 24]
    assert np.abs(zigzagged[transform.NATURAL] - expected.ravel()).max() < 0.51


@pytest.mark.parametrize("basis", [DCT, KLT, PIXELS])
def test_every_basis_is_orthonormal_and_gives_every_sample_back(source, basis):
    rows = source.bases[basis].rows.astype(float)
    np.testing.assert_allclose(rows @ rows.T, np.eye(64), atol=1e-5)
    np.testing.assert_array_equal(compute(source, basis, 64, (), THREAD).picture, source.luma)


@pytest.mark.parametrize("basis", [DCT, KLT, PIXELS])
@pytest.mark.parametrize("keep", [0, 1, 10, 32])
def test_the_psnr_from_energies_is_that_of_the_picture(source, basis, keep):
    whole = prepare(images.sample("chelsea")[:296, :448])  # whole blocks: nothing is cropped
    picture = compute(whole, basis, keep, (), THREAD).picture
    measured = metrics.psnr(whole.luma, picture)  # of whole numbers, clipped
    assert whole.bases[basis].psnr[keep] == pytest.approx(measured, abs=0.05)


def test_klt_is_the_principal_components(source):
    samples = source.blocks.reshape(-1, 64).astype(float)
    _, scale, theirs = svd(samples - samples.mean(0), full_matrices=False)
    ours = klt(source.blocks)
    variance = ((samples - samples.mean(0)) @ ours.T).var(0)
    np.testing.assert_allclose(variance, scale**2 / len(samples), rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(ours * theirs, 1)), 1, atol=1e-3)


@pytest.mark.parametrize("name", images.SAMPLES)
def test_no_basis_keeps_more_than_the_klt(name):
    bases = prepare(images.sample(name)).bases
    for other in (DCT, PIXELS):
        assert (bases[KLT].psnr[:64] >= bases[other].psnr[:64] - 1e-4).all()
    assert (bases[DCT].psnr[1:60] > bases[PIXELS].psnr[1:60] + 5).all()


@pytest.mark.parametrize("place", [0, 1, 27, 63])
def test_an_edit_changes_one_block_by_its_wave(source, place):
    before = compute(source, DCT, 64, (), THREAD)
    amount = float(before.coefficients[place]) + 80
    after = compute(source, DCT, 64, ((place, amount),), THREAD)
    coefficients = before.coefficients.astype(float)
    coefficients[place] = amount
    expected = idctn(coefficients.reshape(8, 8), norm="ortho") + 128
    np.testing.assert_array_equal(after.block, np.clip(np.rint(expected), 0, 255))
    changed = np.argwhere(after.picture != before.picture)
    assert changed.min(0).tolist() >= [88, 192] and changed.max(0).tolist() <= [95, 199]
    if place in (1, 27):  # these two do not reach 0 or 255: what the lesson lets one try
        assert view.block_error(after) == pytest.approx(10, abs=0.2)


def test_an_edit_counts_although_its_coefficient_is_not_kept(source):
    result = compute(source, DCT, 0, ((0, 400.0),), THREAD)
    assert result.kept.sum() == 1 and result.block.mean() > 170
    assert (compute(source, DCT, 0, (), THREAD).picture == 128).all()  # as in JPEG: middle grey


@pytest.mark.parametrize("keep", [0, 8, 64])
def test_what_is_built_and_what_was_taken_away_add_up(source, keep):
    result = compute(source, DCT, keep, (), THREAD, taken=True)
    shown = view.photograph(result).astype(float)
    inside = (shown > 0) & (shown < 255)  # the rest is clipped
    total = result.picture + (shown - 128) / view.CONTRAST
    assert np.abs(total - source.luma)[inside].max() < 1e-9 and inside.mean() > 0.3
    built = compute(source, DCT, keep, (), THREAD)
    np.testing.assert_array_equal(view.photograph(built), built.picture)


def test_the_waves_of_the_grid_are_scipys_whatever_the_block(source):
    shown = view.tiles(compute(source, DCT, 0, (), THREAD, waves=True))
    tiles = transform.to_blocks(shown).reshape(64, 8, 8).astype(float) - 128
    for place in (0, 1, 8, 27, 63):
        alone = np.zeros(64)
        alone[place] = 1
        wave = idctn(alone.reshape(8, 8), norm="ortho")
        np.testing.assert_allclose(tiles[place], 127 * wave / np.abs(wave).max(), atol=0.51)


# --- draw --------------------------------------------------------------------------------


def test_draw(source):
    result = compute(source, DCT, 8, ((9, 0.0),), THREAD)
    drawn = view.draw(result)
    np.testing.assert_array_equal(opened(drawn.picture), result.picture)
    psnr = {name: source.bases[name].psnr[8] for name in (DCT, KLT, PIXELS)}
    for value in psnr.values():
        assert f">{value:.2f}</" in drawn.readout
    assert f"DCT, 8 of 64 kept: picture {psnr[DCT]:.2f} dB (Y)" in drawn.summary
    assert "built from 8 coefficients, 1 of them set by hand" in drawn.readout
    only = view.draw(compute(source, DCT, 0, ((9, 50.0),), THREAD)).readout
    assert "built from 1 coefficient, 1 of them set by hand" in only
    svg = ET.fromstring(drawn.plot)
    assert {t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")} >= {
        "DCT",
        "KLT",
        "pixels",
    }
    assert "exact" in view.draw(compute(source, KLT, 64, (), THREAD)).summary


def test_tiles_add_up_to_the_block(source):
    flat = np.abs(source.bases[DCT].coefficients).max(-1)
    at = tuple(8 * n for n in np.unravel_index(flat.argmin(), flat.shape))
    result = compute(source, DCT, 64, (), at)
    tiles = transform.to_blocks(view.tiles(result)).reshape(64, 64).astype(float)
    assert 0 < tiles.min() and tiles.max() < 255  # none is clipped in this block
    total = (tiles - 128).sum(0) / view.CONTRAST + 128
    assert np.abs(total - result.block.ravel()).max() <= 64 * 0.5 / view.CONTRAST


def test_draw_block_and_names(source):
    shown = view.draw_block(compute(source, DCT, 3, (), THREAD))
    assert shown["names"][8] == "v 1, u 0" and shown["coefficients"][8] == 189.0
    assert [n for n, kept in enumerate(shown["kept"]) if kept] == [0, 1, 8]
    np.testing.assert_array_equal(opened(shown["original"]), source.luma[88:96, 192:200])
    np.testing.assert_array_equal(
        opened(shown["taken"]),
        np.clip(128 + 5.0 * opened(shown["original"]) - 5.0 * opened(shown["built"]), 0, 255),
    )
    assert view.name_of(PIXELS, 10, None) == "pixel 1, 2"
    names = view.draw_block(compute(source, KLT, 3, (), THREAD))["names"]
    assert names[0] == "eigenvector 0" and len(set(names)) == 64


# --- the shell ---------------------------------------------------------------------------


def test_shell():
    ex = view.DctBuilder()
    grid, before, photo = ex.controls["edits"], ex.readout.summary, ex.picture.value
    ex.keep = 20
    assert ex.readout.summary != before and ex.picture.value != photo and sum(grid.kept) == 20
    built = grid.built
    grid.value = [[9, 300]]  # as the browser sends it
    assert grid.built != built and grid.coefficients[9] == 300 and "set by hand" in ex.readout.value
    tiles, photo = grid.tiles, ex.picture.value
    ex.waves = True
    assert grid.tiles != tiles and "added up" in grid.hint and ex.picture.value == photo
    ex.taken = True
    assert ex.picture.value != photo and "taken away" in ex.readout.summary
    ex.basis = KLT
    assert ex.edits == () and grid.limit == 1024 and "set by hand" not in ex.readout.value
    ex.edits = ((0, 0.0),)
    ex.picture.at = (0, 16)
    assert ex.edits == () and "row 0, column 16" in ex.readout.summary
    ex.edits = ((0, 0.0),)
    ex._reset.click()
    assert ex.edits == () and ex.keep == 8 and ex.basis == DCT and not (ex.waves or ex.taken)


def test_shell_keeps_the_choice_inside_another_picture():
    ex = view.DctBuilder()
    ex.load(images.sample("coffee")[:50, :70])
    assert ex.picture.at == (48, 64)
    assert "row 48, column 64" in ex.readout.summary
    still = opened(base64.b64decode(ex._repr_mimebundle_()["image/png"]))
    assert still.shape[1] > 70


@pytest.mark.parametrize(
    "image", [np.zeros((1, 1, 3), np.uint8), np.full((40, 24, 3), 255, np.uint8)]
)
@pytest.mark.parametrize("basis", [DCT, KLT, PIXELS])
def test_flat_and_tiny_pictures(image, basis):
    ex = view.DctBuilder(image, at=(0, 0), basis=basis)
    for keep in (0, 1, 64):
        ex.keep = keep
        whole = keep == 64 or keep == 1 and basis != PIXELS  # one wave is a flat picture
        if keep == 0 or whole:
            expected = image[..., 0] if whole else np.full(image.shape[:2], 128)
            np.testing.assert_array_equal(opened(ex.picture.value), expected)
        ET.fromstring(ex.plot.value)
        assert "nan" not in ex.plot.value + ex.readout.value


# --- in a browser ------------------------------------------------------------------------


@pytest.mark.browser
def test_lesson_03_keys_mouse_and_drag_move_block_picture_and_readout(tmp_path):
    with jupyterlab([figures(LESSON, tmp_path)]) as address, chromium() as page:
        open_notebook(page, address, LESSON.name)
        run_all(page)
        figure = page.locator(".lic-explorer").first
        said = figure.locator(".lic-readout p").first
        figure.locator(".lic-grid button").nth(63).wait_for()

        keep = figure.get_by_role("slider", name="Keep")
        photo = figure.locator(".lic-stage canvas")
        before = pictures(photo)
        keep.press("ArrowRight")
        figure.get_by_text("built from 9 coefficients").wait_for()
        new_pictures(photo, before)

        photograph = pictures(photo)
        figure.get_by_label("Show what was taken away").check()
        new_pictures(photo, photograph)
        figure.get_by_label("Show the waves").check()
        figure.get_by_text("The 64 pictures that are added up").wait_for()
        figure.get_by_label("Show the waves").press("Space")
        figure.get_by_text("in 5 times the contrast").wait_for()

        cell = figure.get_by_role("button", name="v 1, u 1: 101, kept")
        cell.scroll_into_view_if_needed()
        box = cell.bounding_box()
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + 10, box["y"] - 20, steps=5)  # 30 pixels of 4 each
        page.mouse.up()
        figure.get_by_role("button", name="v 1, u 1: 221, set by hand").wait_for()
        figure.get_by_text("1 of them set by hand").wait_for()

        figure.get_by_role("slider", name="Coefficient of v 1, u 1").press("ArrowRight")
        figure.get_by_role("button", name="v 1, u 1: 222, set by hand").wait_for()
        page.keyboard.press("Escape")
        figure.get_by_role("button", name="v 1, u 1: 222").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Delete")
        figure.get_by_role("button", name="v 1, u 0: 0, set by hand").wait_for()
        figure.get_by_role("button", name="put back").click()
        figure.get_by_role("button", name="v 1, u 0: 189, kept").wait_for()

        # the lesson has this figure twice: each label names its own slider
        page.locator(".lic-block input").nth(1).wait_for(state="attached")
        assert page.locator(".lic-block input").evaluate_all(
            "all => all.every(input => input.parentElement.contains(input.labels[0]))"
        )

        figure.locator(".lic-stage").click(position={"x": 100, "y": 100})
        figure.get_by_text("The block at row 96, column 96").wait_for()
        assert "by hand" not in said.inner_text()
        figure.get_by_role("button", name="pixels").first.click()  # the second is a thing to try
        figure.get_by_role("button", name="pixel 0, 0:").wait_for()


# --- rivals ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 4, 8, 16])
def test_fourier_in_real_numbers_has_numpys_energies(n):
    rows, signal = rivals.fourier(n), np.random.default_rng(n).normal(size=n)
    np.testing.assert_allclose(rows @ rows.T, np.eye(n), atol=1e-12)
    theirs = np.abs(np.fft.rfft(signal, norm="ortho")) ** 2
    theirs[1 : (n + 1) // 2] *= 2  # and the same again at minus the frequency
    ours = (rows @ signal) ** 2
    swings = (np.arange(n) + 1) // 2
    np.testing.assert_allclose(np.bincount(swings, ours), theirs, atol=1e-12)


def test_laplace_bits_are_those_of_scipys_laplace():
    random = np.random.default_rng(0)
    learn, pay = random.laplace([3, -40], [5, 60], (2, 500, 2))
    q = 16 * np.rint(pay / 16)
    law = laplace(learn.mean(0), np.abs(learn - learn.mean(0)).mean(0))
    p = law.cdf(q + 8) - law.cdf(q - 8)
    expected = -np.log2(p).mean()
    assert rivals.laplace_bits(learn, pay, 16) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("mse", [0.5, 10, 100])
def test_the_step_makes_the_error_that_was_asked_for(mse):
    coefficients = np.random.default_rng(0).normal(0, [5, 30, 200], (4000, 3))
    step = rivals.step_for(mse, coefficients)
    error = np.mean((coefficients - step * np.rint(coefficients / step)) ** 2)
    assert error == pytest.approx(mse, rel=0.02)


def test_fine_steps_cost_what_theory_says():
    """A Laplace code for Laplace numbers: differential entropy log2(2 e b), minus log2 step."""
    numbers = np.random.default_rng(0).laplace(0, 50, (40_000, 1))
    expected = np.log2(2 * np.e * 50 / np.sqrt(12 * 0.3))
    assert rivals.bits_at(0.3, numbers) == pytest.approx(expected, abs=0.02)


def test_no_block_of_the_rivals_lies_on_the_grid_of_an_earlier_jpeg():
    plane = np.arange(37 * 50).reshape(37, 50)
    blocks = rivals.cut(plane, 8)
    assert blocks.shape == (4 * 5, 64)
    np.testing.assert_array_equal(blocks[6].reshape(8, 8) + 128, plane[12:20, 12:20])


# --- the puzzle --------------------------------------------------------------------------


def test_each_grid_of_the_puzzle_is_scipys_dct_of_its_block():
    for name, number in exercises.PLACES.items():
        expected = dctn(puzzle.blocks()[name], norm="ortho")
        np.testing.assert_allclose(puzzle.grids()[number], expected, atol=1e-9)
    assert checks.verdict(exercises.match, dict(exercises.PLACES)).startswith("Right. ")


def test_the_puzzle_is_open_and_all_its_wrong_answers_get_a_hint():
    from itertools import permutations

    unfilled = dict.fromkeys("ABCD", ...)
    assert checks.verdict(exercises.match, unfilled).startswith("Not done yet.")
    for order in permutations((1, 2, 3, 4)):
        answer = dict(zip("ABCD", order, strict=True))
        assert (answer == exercises.PLACES) == checks.verdict(exercises.match, answer).startswith(
            "Right. "
        )


# --- wrong answers -----------------------------------------------------------------------


def cosines(n, shift=1):
    u, x = np.mgrid[0:n, 0:n]
    return np.cos((2 * x + shift) * u * np.pi / (2 * n))


def unit(matrix):
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def eigenvectors(matrix):
    return np.linalg.eigh(matrix)[1]


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (exercises.match, {"A": 1, "B": 1, "C": 2, "D": 4}, "the same grid"),
        (exercises.match, {"A": 1, "B": 2, "C": 3}, "each have one"),
        (exercises.match, [2, 3, 1, 4], "Write a dictionary"),
        (exercises.match, {"A": "2", "B": "3", "C": "1", "D": "4"}, "without quotes"),
        (exercises.match, {"A": [2], "B": 3, "C": 1, "D": 4}, "without quotes"),
        (exercises.match, {"A": 4, "B": 1, "C": 3, "D": 2}, "its row changes"),
        (exercises.dct_matrix, lambda n: unit(cosines(n)).round(4), "too few digits"),
        (exercises.dct_matrix, lambda n: unit(cosines(n)) * 3, "has length 3.000"),
        (exercises.dct_matrix, lambda n: unit(cosines(n, shift=0)), "not at right angles"),
        (exercises.dct_matrix, np.eye, "not into cosines"),
        (exercises.dct_matrix, lambda n: unit(cosines(n))[::-1], "In which order"),
        (exercises.dct_matrix, lambda n: -unit(cosines(n)), "with which sign"),
        (exercises.dct_matrix, lambda n: dct(np.eye(8), axis=0, norm="ortho"), "knows only 8"),
        (exercises.dct_matrix, lambda n: unit(cosines(n))[0], "An array (8, 8) is asked for"),
        (exercises.klt, lambda b: eigenvectors(np.cov(b.T)), "stand in your columns"),
        (exercises.klt, lambda b: eigenvectors(np.cov(b.T))[:, ::-1], "stand in your columns"),
        (exercises.klt, lambda b: eigenvectors(np.cov(b.T)).T, "The smallest variance comes first"),
        (
            exercises.klt,
            lambda b: np.roll(eigenvectors(np.cov(b.T)).T[::-1], 1, 0),
            "smallest variance",
        ),
        (exercises.klt, lambda b: eigenvectors(b.T @ b / len(b)).T[::-1], "Subtract the mean"),
        (exercises.klt, lambda b: 2 * eigenvectors(np.cov(b.T)).T[::-1], "not all of length 1"),
        (exercises.klt, lambda b: np.cov(b.T), "That is the covariance"),
        (exercises.klt, lambda b: transform.BASIS, "never saw the blocks"),
        (
            exercises.klt,
            lambda b: np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))[0],
            "correlated",
        ),
        (exercises.klt, lambda b: np.zeros((64, 64)), "correlated"),
        (exercises.klt, lambda b: np.linalg.eigh(np.cov(b.T)), "One matrix is asked for"),
        (exercises.klt, lambda b: np.cov(b)[:3, :3], "An array (64, 64) is asked for"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_klt_by_singular_values_is_right_too():
    verdict = checks.verdict(
        exercises.klt, lambda b: np.linalg.svd(b - b.mean(0), full_matrices=False)[2]
    )
    assert verdict.startswith("Right. ") and "13.69 dB, the DCT 13.36 dB" in verdict


# --- facts of the lesson -----------------------------------------------------------------


def gain(covariance, rows):
    variance = np.diag(rows @ covariance @ rows.T)
    return 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))


def test_the_gains_of_the_markov_model_are_the_published_ones():
    """8.8462 dB for the KLT (Jayant and Noll: (1 - rho**2)**(-7/8)), 8.8259 dB for the DCT-II."""
    covariance = toeplitz(0.95 ** np.arange(8))
    rows = eigenvectors(covariance).T
    assert gain(covariance, rows) == pytest.approx(-8.75 * np.log10(1 - 0.95**2), abs=1e-9)
    assert gain(covariance, transform.dct_matrix()) == pytest.approx(8.8259, abs=5e-5)
    for n, theirs in ((16, 9.46), (32, 9.77)):  # what more samples in a row would gain
        covariance = toeplitz(0.95 ** np.arange(n))
        assert gain(covariance, dct(np.eye(n), axis=0, norm="ortho")) == pytest.approx(
            theirs, abs=0.005
        )


def test_five_waves_leave_nine_grey_levels(source):
    first = transform.forward(source.luma[88:96, 192:200].astype(np.float32))[0, 0]
    first[5:] = 0
    error = first @ transform.BASIS + 128 - source.luma[88:96, 192:200].ravel()
    assert np.sqrt(np.mean(error**2)) == pytest.approx(9, abs=0.5)


def test_the_learned_codec_starts_from_these_filters():
    from lic_teach.learned.transform import jpeg_basis

    luma = jpeg_basis()[0][:64].reshape(64, 3, 64).sum(1)  # on grey pixels
    alike = np.abs(unit(luma) @ transform.BASIS.T)
    np.testing.assert_allclose(np.sort(alike.max(1)), 1, atol=1e-5)


def whole_blocks(name):
    luma = color.luma(images.sample(name)).astype(float)
    return luma[: luma.shape[0] // 8 * 8, : luma.shape[1] // 8 * 8]


def entropy(whole_numbers):
    p = np.unique(whole_numbers, return_counts=True)[1] / np.size(whole_numbers)
    return -np.sum(p * np.log2(p))


@pytest.mark.parametrize(
    "name, pixels, differences, waves, errors",
    [
        ("astronaut", 3.85, 1.54, 1.09, (18.6, 9.0)),
        ("coffee", 3.74, 1.61, 1.31, (21.7, 11.6)),
        ("chelsea", 3.03, 1.36, 0.97, (21.3, 10.0)),
        ("rocket", 2.71, 1.10, 0.81, (22.0, 4.3)),
    ],
)
def test_with_one_step_the_dct_takes_a_third_of_the_bits(name, pixels, differences, waves, errors):
    plane = whole_blocks(name) - 128
    q = np.rint(plane / 16)
    assert entropy(q) == pytest.approx(pixels, abs=0.006)
    assert entropy(np.diff(q, axis=1, prepend=0)) == pytest.approx(differences, abs=0.006)
    places = transform.to_blocks(q).reshape(-1, 64).T
    assert np.mean([entropy(place) for place in places]) > entropy(q) - 0.02  # no histogram's gain
    coefficients = dctn(transform.to_blocks(plane).reshape(-1, 8, 8), axes=(1, 2), norm="ortho")
    q_waves = np.rint(coefficients / 16)
    each = [entropy(wave) for wave in q_waves.reshape(-1, 64).T]
    assert np.mean(each) == pytest.approx(waves, abs=0.006)
    assert np.mean(each) < entropy(q_waves) < entropy(np.diff(q))
    found = np.mean((plane - 16 * q) ** 2), np.mean((coefficients - 16 * q_waves) ** 2)
    np.testing.assert_allclose(found, errors, atol=0.06)


def step_at_error(values, mse):
    """The step that makes this mean squared error, by a solver that is not the package's."""
    return brentq(lambda s: np.mean((values - s * np.rint(values / s)) ** 2) - mse, 4, 100)


@pytest.mark.parametrize("name", images.SAMPLES)
def test_at_equal_error_the_dct_needs_fewer_bits_than_med_leaves(name):
    plane = whole_blocks(name) - 128
    blocks = plane.reshape(plane.shape[0] // 8, 8, -1, 8).swapaxes(1, 2)
    coefficients = dctn(blocks, axes=(2, 3), norm="ortho").reshape(-1, 64)
    steps = [step_at_error(values, 10) for values in (plane, coefficients)]
    q, q_waves = np.rint(plane / steps[0]), np.rint(coefficients / steps[1])
    a, b, c = q[1:, :-1], q[:-1, 1:], q[:-1, :-1]
    after_med = entropy(q[1:, 1:] - np.sort([a, b, a + b - c], axis=0)[1])
    each = np.mean([entropy(wave) for wave in q_waves.T])
    assert 0.15 < each / entropy(q) < 0.35 and each < 0.75 * after_med
    assert entropy(q_waves) < 0.85 * after_med  # with one histogram for all, too
    if name == "chelsea":  # the steps and the bits that the lesson prints
        np.testing.assert_allclose(steps, [11, 16], atol=0.05)
        np.testing.assert_allclose([entropy(q), after_med, each], [3.55, 1.51, 0.97], atol=0.01)


def cost(name, rows, mse=10):
    n = len(rows)
    blocks = rivals.cut(color.luma(images.sample(name)), n).reshape(-1, n, n)
    return rivals.bits_at(mse, (rows @ blocks @ rows.T).reshape(-1, n * n))


@pytest.mark.parametrize("name", images.SAMPLES)
def test_the_cosine_is_the_cheapest_of_eight_by_eight(name):
    cheapest = cost(name, rivals.cosines(8))
    for rows in (rivals.fourier(8), hadamard(8) / np.sqrt(8), rivals.turned(8)):
        assert cheapest < 0.93 * cost(name, rows)


def test_sixteen_is_the_cheapest_side_and_eight_close_behind():
    side = {
        n: np.mean([cost(name, rivals.cosines(n)) for name in images.SAMPLES])
        for n in (2, 4, 8, 16, 32)
    }
    assert min(side, key=side.get) == 16 and side[4] > 1.15 * side[8]
    assert side[8] / side[16] == pytest.approx(1.02, abs=0.006)
    assert side[32] / side[8] == pytest.approx(1.06, abs=0.006)


def test_at_a_coarse_error_larger_blocks_are_ahead_on_each_photograph():
    side = {
        n: np.array([cost(name, rivals.cosines(n), 40) for name in images.SAMPLES])
        for n in (8, 16, 32)
    }
    assert (side[16] < 0.92 * side[8]).all() and (side[32] < 0.97 * side[8]).all()
    ahead = [1 - side[n].mean() / side[8].mean() for n in (16, 32)]
    np.testing.assert_allclose(ahead, 0.1, atol=0.025)  # "by a tenth"


def test_in_the_model_large_blocks_gain_nearly_two_decibels():
    gains = []
    for n in (8, 32):
        covariance = toeplitz(0.95 ** np.arange(n))
        gains.append(gain(covariance, dct(np.eye(n), axis=0, norm="ortho")))
    assert 2 * (gains[1] - gains[0]) == pytest.approx(1.9, abs=0.05)  # down and across


@pytest.mark.parametrize("name", images.SAMPLES)
def test_coding_gain_promises_what_large_blocks_do_not_keep(name):
    found = {}
    for n in (8, 32):
        rows = rivals.cosines(n)
        blocks = rivals.cut(color.luma(images.sample(name)), n)
        found[n] = gain(np.cov(blocks.T), np.kron(rows, rows))
    assert 0.5 < found[32] - found[8] < 1.25
    assert cost(name, rivals.cosines(32)) > 0.99 * cost(name, rivals.cosines(8))


def test_of_five_numbers_the_cosines_leave_less_than_fouriers(source):
    row = source.luma[93, 192:200] - 128.0
    for rows, off in ((rivals.cosines(8), 1.5), (rivals.fourier(8), 13.1)):
        five = (rows @ row)[:5] @ rows[:5]
        assert np.sqrt(np.mean((five - row) ** 2)) == pytest.approx(off, abs=0.05)


def test_learned_and_tested_on_other_halves_the_klt_loses_three_of_four():
    ahead = {}
    for name in images.SAMPLES:
        blocks = transform.to_blocks(whole_blocks(name)).reshape(-1, 64)
        found = []
        for seed in range(5):
            lot = np.random.default_rng(seed).permutation(len(blocks))
            learn, test = np.cov(blocks[lot[::2]].T), np.cov(blocks[lot[1::2]].T)
            theirs = gain(test, transform.BASIS.astype(float))
            found.append(gain(test, eigenvectors(learn).T) - theirs)
        ahead[name] = np.mean(found)
        whole = np.cov(blocks.T)
        assert gain(whole, eigenvectors(whole).T) > gain(whole, transform.BASIS) + 0.25
    assert [name for name in ahead if ahead[name] > 0] == ["coffee"]
    assert max(ahead[name] for name in ahead if name != "coffee") < -0.1
