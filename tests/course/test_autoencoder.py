"""The autoencoder: its two explorers, hints of its exercises, what its prose says."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.fft import dctn
from scipy.linalg import subspace_angles, svd
from scipy.optimize import minimize

from lic_teach import contents, images, metrics
from lic_teach.course.autoencoder import (
    autoencoders,
    bottleneck,
    edge,
    exercises,
    overlapping,
    traversal,
)
from lic_teach.course.autoencoder.bottleneck import LINEAR, NONLINEAR
from lic_teach.jpeg import codec, color
from lic_teach.jpeg.transform import ZIGZAG
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

VALID = Path(__file__).parents[3] / "shared/images/valid"

CUP = images.sample("coffee")
CHECKERBOARD = np.kron(np.indices((32, 32)).sum(0) % 2 * 255, np.ones((2, 2)))[..., None]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def source():
    return bottleneck.prepare(CUP)


# --- the autoencoders --------------------------------------------------------------------


def test_the_linear_one_is_pca_by_singular_values():
    seen = autoencoders.seen()
    centred = seen.astype(float) - seen.mean(0, dtype=float)
    theirs = svd(centred, full_matrices=False)[2]
    x = torch.from_numpy(seen)
    for k in (1, 6, 20):
        model = autoencoders.linear(k)
        angle = np.degrees(subspace_angles(model.up.numpy().T.astype(float), theirs[:k].T))
        assert angle.max() < 0.1
        expected = centred @ theirs[:k].T @ theirs[:k] + seen.mean(0, dtype=float)
        np.testing.assert_allclose(model.decode(model.encode(x)), expected, atol=0.02)


def test_all_64_latents_lose_nothing(source):
    latents = torch.from_numpy(source.latents[LINEAR])
    back = autoencoders.to_plane(autoencoders.linear().decode(latents).numpy(), source.plane.shape)
    np.testing.assert_array_equal(back, source.plane)


@pytest.mark.parametrize("k", autoencoders.SIZES)
def test_bending_wins_on_a_photograph_that_was_not_learned_from(k):
    assert "coffee" not in autoencoders.SEEN
    x = autoencoders.to_patches(color.luma(CUP)).reshape(-1, 64)
    straight, curved = (
        autoencoders.psnr(m(k), x) for m in (autoencoders.linear, autoencoders.nonlinear)
    )
    assert straight + 0.4 < curved < straight + 0.8


def test_a_size_that_was_not_trained():
    with pytest.raises(ValueError, match="not for 5"):
        autoencoders.nonlinear(5)


def test_training_begins_at_pca_and_goes_down():
    x = autoencoders.many(("chelsea",), stride=16)
    start, after = (autoencoders.train(4, x, steps) for steps in (1, 300))
    begun = autoencoders.psnr(autoencoders.linear(4), x)
    assert autoencoders.psnr(start, x) == pytest.approx(begun, abs=0.05)
    assert autoencoders.psnr(after, x) > begun + 0.05


def test_many_are_patches_mirrored_and_turned():
    x = autoencoders.many(("chelsea",), stride=64).reshape(8, -1, 8, 8)
    plane = color.luma(images.sample("chelsea"))
    np.testing.assert_array_equal(x[0, 1], plane[:8, 64:72])
    np.testing.assert_array_equal(x[1, 1], plane[:8, 64:72].T)
    kinds = {each[1].tobytes() for each in x}
    assert kinds == {np.rot90(m, t).tobytes() for m in (x[0, 1], x[0, 1].T) for t in range(4)}


@pytest.mark.parametrize("shape", [(400, 600), (17, 9), (1, 1)])
def test_the_file_holds_the_latents(shape):
    plane = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    y = autoencoders.linear().encode(torch.from_numpy(autoencoders.to_patches(plane))).numpy()
    data, y_hat = autoencoders.pack(y, 2, shape)
    assert np.abs(y_hat - y).max() <= 1.001
    blocks, layout, steps = codec.unpack(data)
    np.testing.assert_array_equal(blocks.reshape(y.shape) * 2, y_hat)
    assert (layout.height, layout.width) == shape and set(steps[0]) == {2}
    assert Image.open(io.BytesIO(data)).size == shape[::-1]


# --- a sliding edge ----------------------------------------------------------------------


def test_an_edge_is_the_mean_of_a_finer_one():
    """Each pixel against 1,000 samples of a sharp edge inside it."""
    fine = (np.arange(8000) + 0.5) / 1000
    for at in (0, 0.25, 3.5, 7.9, 8):
        sharp = np.where(fine < at, edge.DARK, edge.BRIGHT).reshape(8, 1000).mean(1)
        patch = edge.edges(np.array([at])).reshape(8, 8)
        np.testing.assert_allclose(patch, np.tile(sharp, (8, 1)), atol=0.2)


def test_a_sliding_edge_is_no_line_in_the_plane_of_two_pca_axes():
    x = edge.edges(np.linspace(0, 8, 200)).astype(float)
    x -= x.mean(0)
    values = svd(x, compute_uv=False) ** 2
    shares = np.cumsum(values) / values.sum()
    assert shares[0] < 0.83 and shares[3] < 0.98  # four straight latents leave some of it
    assert values[8:].sum() < 1e-9 * values.sum()  # eight columns: never more than eight
    first, second = (x @ svd(x, full_matrices=False)[2][:2].T).T
    line = np.polynomial.Polynomial.fit(first, second, 1)(first)
    parabola = np.polynomial.Polynomial.fit(first, second, 2)(first)
    assert np.var(second - parabola) < 0.1 * np.var(second - line)


# --- isolated and overlapping ------------------------------------------------------------

THREE = autoencoders.SEEN


@pytest.mark.parametrize("shape", [(400, 600), (17, 9), (1, 1)])
@pytest.mark.parametrize("overlap", [False, True])
def test_without_rounding_nothing_is_lost(shape, overlap):
    plane = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    machine = overlapping.overlapping(THREE) if overlap else overlapping.isolated()
    back = overlapping.decode(machine, overlapping.encode(machine, plane), shape)
    np.testing.assert_array_equal(back, plane)


def test_without_a_mix_it_is_scipys_dct():
    plane = color.luma(CUP)
    theirs = dctn(plane[8:16, 16:24].astype(float) - 128, norm="ortho").ravel()
    mine = overlapping.encode(overlapping.isolated(), plane)[1, 2]
    np.testing.assert_allclose(mine, theirs[ZIGZAG], atol=1e-3)


def test_a_window_is_sixteen_wide_and_lies_on_its_neighbours():
    alone, wide = (
        overlapping.draws(m, 0) for m in (overlapping.isolated(), overlapping.overlapping(THREE))
    )
    assert np.argwhere(alone).min() == 8 and np.argwhere(alone).max() == 15
    seen = np.argwhere(np.abs(wide) > 1e-4)
    assert seen.min() == 4 and seen.max() == 19  # four pixels further on each side
    assert np.abs(wide[12, 4]) < 0.2 * wide[12, 12]  # and it fades out


def test_the_mix_changes_the_differences_of_mirror_pairs_alone():
    mix = overlapping.learned_mix(THREE)
    mirrored = np.arange(8) ** 2.0 + np.arange(8)[::-1] ** 2.0
    np.testing.assert_allclose(mix @ mirrored, mirrored, atol=1e-12)
    assert np.abs(mix @ np.arange(8.0) - np.arange(8)).max() > 0.3
    assert np.linalg.matrix_rank(mix) == 8


def test_the_learned_mix_is_a_valley():
    """No small change of its 16 numbers makes the latents of fresh windows cheaper."""
    planes = overlapping._planes(THREE)
    view = np.lib.stride_tricks.sliding_window_view
    x = np.concatenate([view(p, (16, 16))[4::8, 4::8].reshape(-1, 256) for p in planes])
    covariance = torch.from_numpy(np.cov(x.T))
    pairs, mix = overlapping.PAIRS, overlapping.learned_mix(THREE)
    inner = torch.from_numpy((pairs @ mix @ pairs.T)[4:, 4:])
    best = overlapping.cost(overlapping.mixing(inner), covariance)
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = inner + 0.02 * torch.from_numpy(rng.normal(size=(4, 4)))
        assert overlapping.cost(overlapping.mixing(other), covariance) > best - 1e-7
    assert best < overlapping.cost(torch.eye(8, dtype=torch.float64), covariance) - 0.1


def rates(machine):
    """BD-rate against the DCT for each photograph, the machine made from the three others."""
    found = {}
    for name in images.SAMPLES:
        plane = color.luma(images.sample(name))
        others = tuple(other for other in images.SAMPLES if other != name)
        anchor = overlapping.curve(overlapping.isolated(), plane)
        found[name] = metrics.bd_rate(anchor, overlapping.curve(machine(others, name), plane))
    return [found[name] for name in ("astronaut", "coffee", "chelsea", "rocket")]


def test_the_pca_of_others_needs_more_bits_than_the_dct():
    found = rates(lambda others, name: overlapping.isolated_pca(others))
    assert found == pytest.approx([19, 8, 7, 29], abs=1)
    own = rates(lambda others, name: overlapping.isolated_pca((name,)))
    assert own == pytest.approx([10, -1, 3, 13], abs=1)


def test_the_rocket_moved_by_four_pixels_saves_too():
    plane = color.luma(images.sample("rocket"))[4:, 4:]
    plane = plane[: len(plane) // 8 * 8, : plane.shape[1] // 8 * 8]
    mixed = overlapping.overlapping(("astronaut", "coffee", "chelsea"))
    anchor = overlapping.curve(overlapping.isolated(), plane)
    assert metrics.bd_rate(anchor, overlapping.curve(mixed, plane)) == pytest.approx(-2.5, abs=1)


@pytest.mark.skipif(not VALID.is_dir(), reason="needs ../shared/images/valid")
def test_overlap_saves_on_photographs_that_chose_nothing():
    """Eight of the 41; all: -13.9 on average, -30 to -4."""
    isolated, mixed, found = overlapping.isolated(), overlapping.overlapping(images.SAMPLES), []
    for path in sorted(VALID.iterdir())[::5][:8]:
        plane = color.luma(images.load(path))
        plane = plane[: len(plane) // 8 * 8, : plane.shape[1] // 8 * 8]
        curves = [overlapping.curve(machine, plane) for machine in (isolated, mixed)]
        found.append(metrics.bd_rate(*curves, (28, 38)))
    assert max(found) < 0 and np.mean(found) == pytest.approx(-14, abs=4)


def test_the_coder_of_jpeg_is_not_to_blame():
    """The same, where each latent is paid by the entropy of its own histogram."""

    def curve(machine, plane):
        y, points = overlapping.encode(machine, plane), []
        for step in overlapping.STEPS:
            q = np.rint(y / step)
            counts = [np.unique(latent, return_counts=True)[1] for latent in q.reshape(-1, 64).T]
            picture = overlapping.decode(machine, q * step, plane.shape)
            rate = sum(metrics.entropy(count) for count in counts) / 64
            points.append((rate, metrics.psnr(plane, picture)))
        return points

    for name, more in (("astronaut", 20), ("coffee", 11), ("chelsea", 8), ("rocket", 33)):
        plane = color.luma(images.sample(name))
        others = tuple(other for other in images.SAMPLES if other != name)
        anchor = curve(overlapping.isolated(), plane)
        found = metrics.bd_rate(anchor, curve(overlapping.isolated_pca(others), plane))
        assert found == pytest.approx(more, abs=1), name


def test_windows_that_overlap_need_fewer_bits_but_for_the_rocket():
    found = rates(lambda others, name: overlapping.overlapping(others))
    assert found == pytest.approx([-12, -11, -19, 4], abs=1)


def test_the_file_within_a_budget_is_the_finest():
    plane = color.luma(CUP)
    data, picture = overlapping.within(overlapping.isolated(), plane, 6000)
    y = overlapping.encode(overlapping.isolated(), plane)
    sizes = [len(autoencoders.pack(y, step, plane.shape)[0]) for step in range(8, 150)]
    assert len(data) == max(size for size in sizes if size <= 6000)
    with pytest.raises(ValueError, match="of 10 bytes or less"):
        overlapping.within(overlapping.isolated(), plane, 10)


# --- explorer: the bottleneck ------------------------------------------------------------


def test_fewer_latents_more_error_and_the_error_is_what_was_left_out(source):
    y = source.latents[LINEAR].astype(float)
    fine = [bottleneck.compute(source, LINEAR, k, 8) for k in (1, 2, 5, 8, 16, 40)]
    for result in fine:
        left_out = np.sum(y[..., result.k :] ** 2) / source.plane.size
        rounding = result.k / 64 * 8**2 / 12
        assert left_out * 0.97 < result.mse < (left_out + rounding) * 1.02
        assert result.psnr == pytest.approx(metrics.psnr(source.plane, result.picture))
    assert all(a.mse > b.mse and a.size < b.size for a, b in zip(fine, fine[1:], strict=False))


@pytest.mark.parametrize(
    "k, taken", [(1, 2), (2, 2), (3, 4), (5, 4), (6, 8), (8, 8), (13, 16), (64, 16)]
)
def test_the_nonlinear_one_takes_the_nearest_size(source, k, taken):
    assert bottleneck.compute(source, NONLINEAR, k, 16).k == taken


def test_draw(source):
    result = bottleneck.compute(source, LINEAR, 8, 16)
    view = bottleneck.draw(result)
    shown = [decode_picture(data)[..., 0] for data in view.picture]
    np.testing.assert_array_equal(shown, [source.plane, result.picture])
    for words in ("8 of 64", f"{result.size:,}", f"{result.psnr:.2f}", "98 % of the error"):
        assert words in view.readout
    svg = ET.fromstring(view.plot)
    texts = {t.text for t in svg.iter() if t.tag.endswith("text")}
    assert {"4 latents", "8", "16", "all 64"} <= texts
    circle = next(e for e in svg.iter() if e.tag.endswith("circle"))
    x = bottleneck.bottleneck_drawing.LEFT + 350 * result.bpp / 2
    assert float(circle.get("cx")) == pytest.approx(x, abs=0.1)
    curved = bottleneck.draw(bottleneck.compute(source, NONLINEAR, 8, 16))
    assert "<circle" not in curved.plot and "trained for 2, 4, 8 and 16" in curved.readout


def test_shell():
    ex = bottleneck.Bottleneck()
    first, picture = ex.readout.summary, ex.picture.value
    assert first.startswith("linear, 8 of 64 latents, step 16: 11,7")
    ex.k = 64
    assert "64 of 64" in ex.readout.summary and ex.picture.value != picture
    ex.machine = NONLINEAR
    assert "non-linear, 16 of 64" in ex.readout.summary
    ex._reset.click()
    assert ex.readout.summary == first and ex.picture.value == picture
    assert ex._repr_mimebundle_()["text/plain"] == f"Bottleneck: {first}"


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((40, 24, 3), 255, np.uint8),
        np.broadcast_to(CHECKERBOARD, (64, 64, 3)).astype(np.uint8),
        np.random.default_rng(0).integers(0, 256, (33, 65, 3)).astype(np.uint8),
    ],
)
def test_flat_tiny_and_wild_pictures(image):
    ex = bottleneck.Bottleneck(image)
    for machine, k, step in ((LINEAR, 1, 96), (LINEAR, 64, 8), (NONLINEAR, 16, 8)):
        ex.set(machine=machine, k=k, step=step)
        assert decode_picture(ex.picture.value[1]).shape == image.shape
        ET.fromstring(ex.plot.value)
        assert "nan" not in ex.plot.value + ex.readout.value
    moved = traversal.Traversal(image)
    moved.set(machine=NONLINEAR, shift=3.0, latent=8)
    assert decode_picture(moved.picture.value).shape == image.shape
    assert "nan" not in moved.readout.value


# --- explorer: the traversal -------------------------------------------------------------


@pytest.fixture(scope="module")
def machines():
    return traversal.prepare(CUP)


@pytest.mark.parametrize("latent", [1, 3, 8])
def test_a_latent_of_the_linear_one_adds_its_row(machines, latent):
    at = 152, 176
    result = traversal.compute(machines, LINEAR, traversal.ONE, latent, 0.5, at)
    plain = traversal.compute(machines, LINEAR, traversal.ONE, latent, 0.0, at)
    model, latents, spread = machines.machines[LINEAR]
    x = machines.plane[152:160, 176:184].ravel() - model.mean.numpy()
    rows = model.down.numpy()
    y = rows @ x
    y[latent - 1] += 0.5 * spread[latent - 1].item()
    expected = np.clip(np.rint(rows.T @ y + model.mean.numpy()), 0, 255).reshape(8, 8)
    assert np.abs(result.picture[152:160, 176:184] - expected).max() <= 1
    changed = np.argwhere(result.picture != plain.picture)
    assert changed.min(0).tolist() >= [152, 176] and changed.max(0).tolist() <= [159, 183]
    np.testing.assert_array_equal(result.strips[LINEAR][3], plain.picture[152:160, 176:184])


def test_linear_is_the_same_everywhere_and_the_last_latents_of_the_other_are_not(machines):
    same = [
        traversal.compute(machines, LINEAR, traversal.ALL, latent, 0.0, (0, 0)).same
        for latent in range(1, 9)
    ]
    assert all(each[LINEAR] > 0.9999 for each in same)
    curved = [each[NONLINEAR] for each in same]
    assert min(curved[:3]) > 0.95 and max(curved[6:]) < 0.9


def test_the_traversal_in_the_shell():
    ex = traversal.Traversal()
    opening = ex.picture.value
    assert "moved by +2.0 standard deviations in every patch" in ex.readout.summary
    everywhere = decode_picture(opening)
    ex.shift = 0.0
    before = ex.picture.value
    ex.shift = 2.0
    ex.where = traversal.ONE
    one = decode_picture(ex.picture.value)
    plain = decode_picture(before)
    assert 0 < np.count_nonzero((one != plain).any(-1)) <= 64
    assert np.count_nonzero((everywhere != plain).any(-1)) > plain[..., 0].size / 2
    strips = ex.readout.value
    ex.picture.at = (0, 8)
    assert ex.readout.value != strips and "row 0, column 8" in ex.readout.value
    assert strips.count("<img") == 14
    ex._reset.click()
    assert ex.picture.value == opening


# --- wrong answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        ("choose", lambda files, n: 64, "A pair is asked for, k and step. This is 64"),
        ("choose", lambda files, n: files, "This is of the type dict."),
        ("choose", lambda files, n: (64, 53), "30,000 bytes: 64 and 53. "),
        ("choose", lambda files, n: (16, 96), "which has the most dB?"),
        ("choose", lambda files, n: (64, exercises.best(files, n)[1]), "Made up"),
        ("choose", lambda files, n: files[8], "stopped with KeyError"),
        ("split", exercises._cut, "those cut off owed some"),
        ("split", exercises._ideal, "Nobody can owe bits"),
        ("split", lambda s, n: np.full(64, 1.5), "You spend 96.00"),
        ("split", lambda s, n: np.append(n, np.zeros(63)), "times the best"),
        ("split", lambda s, n: n, "An array (64,) is asked for"),
    ],
)
def test_hints_for_other_wrong_answers(exercise, answer, hint):
    verdict = checks.verdict(getattr(exercises, exercise), answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_shared_is_the_best_that_an_optimizer_finds():
    """SLSQP on eight of the spreads, budget 6 bits, from an equal split."""
    sigma = exercises.spreads()[:64:8]
    found = minimize(
        lambda bits: exercises.error(sigma, bits) / np.sum(sigma**2),
        np.full(8, 0.75),
        jac=lambda bits: -np.log(4) * sigma**2 * 4.0**-bits / np.sum(sigma**2),
        bounds=[(0, None)] * 8,
        constraints={"type": "eq", "fun": lambda bits: bits.sum() - 6, "jac": lambda _: np.ones(8)},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(exercises.shared(sigma, 6.0), found.x, atol=0.01)


# --- what the prose says -----------------------------------------------------------------


def test_gradient_descent_finds_the_subspace_and_not_the_axes():
    """Plain full steps on the loss of the lesson, on twelve numbers: SciPy's angles."""
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(size=(500, 12)) * np.geomspace(2, 0.2, 12))
    x = x @ torch.from_numpy(np.linalg.qr(rng.normal(size=(12, 12)))[0])
    x = x - x.mean(0)
    W = torch.from_numpy(rng.normal(size=(3, 12)) / 5).requires_grad_()
    V = torch.from_numpy(rng.normal(size=(12, 3)) / 5).requires_grad_()
    for _ in range(4000):
        loss = ((x @ W.T @ V.T - x) ** 2).sum(1).mean()
        grads = torch.autograd.grad(loss, (W, V))
        with torch.no_grad():
            for parameter, grad in zip((W, V), grads, strict=True):
                parameter -= 0.03 * grad
    pca = svd(x.numpy(), full_matrices=False)[2][:3].T
    assert np.degrees(subspace_angles(V.detach().numpy(), pca)).max() < 0.5
    columns = V.detach().numpy() / np.linalg.norm(V.detach().numpy(), axis=0)
    assert np.abs(columns.T @ pca).max(1).min() < 0.95


def test_how_wide_the_first_the_tenth_and_the_last_latent_are():
    sigma = exercises.spreads()[[0, 9, 63]]
    assert sigma == pytest.approx([453, 19.6, 2.5], rel=0.01)


def test_what_there_is_to_see(source):
    at_8, finer = (bottleneck.compute(source, LINEAR, 8, step) for step in (16, 8))
    assert 1.3 < finer.size / at_8.size < 1.4 and finer.psnr - at_8.psnr < 0.1
    everything = bottleneck.compute(source, LINEAR, 64, 53)
    assert everything.size < at_8.size and everything.psnr - at_8.psnr == pytest.approx(
        2.7, abs=0.1
    )
    curved = bottleneck.compute(source, NONLINEAR, 8, 16)
    assert curved.size / at_8.size == pytest.approx(1.09, abs=0.02)
    as_large = bottleneck.compute(source, LINEAR, 64, 49)
    assert as_large.size == pytest.approx(curved.size, rel=0.01)
    assert curved.psnr - at_8.psnr == pytest.approx(0.5, abs=0.1)
    assert (curved.psnr - at_8.psnr) / (as_large.psnr - at_8.psnr) < 0.25


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_keys_and_clicks_move_both_explorers(tmp_path):
    lesson = figures(contents.notebook("autoencoder"), tmp_path)
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        moved = page.locator(".lic-explorer").nth(1)
        shift = moved.get_by_role("slider", name="Move by")
        photo = moved.locator(".lic-stage canvas")
        before = pictures(photo)
        shift.press("PageUp")
        moved.get_by_text("σ in every patch").wait_for()
        new_pictures(photo, before)
        moved.get_by_role("button", name="non-linear", exact=True).click()
        moved.get_by_text("latent 2 of the non-linear one").wait_for()
        moved.locator(".lic-stage").click(position={"x": 20, "y": 20})
        moved.get_by_text("the patch at row 16, column 16").wait_for()
        moved.get_by_role("slider", name="Latent").press("End")
        moved.get_by_text("latent 8 of the non-linear one").wait_for()

        narrow = page.locator(".lic-explorer").first
        narrow.get_by_role("slider", name="Latents").press("End")
        narrow.get_by_text("64 of 64", exact=True).first.wait_for()
        narrow.get_by_role("slider", name="Step").press("End")
        narrow.get_by_text("linear, 64 of 64 latents, step 96").wait_for(state="attached")
        narrow.get_by_role("button", name="Reset").click()
        narrow.get_by_text("11,764").wait_for()
