"""The encoder's search for better latents: against real files, and against trying everything."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lic_teach import images, learned, metrics
from lic_teach.learned import refine

torch.set_num_threads(1)
LAM = 0.01
SHIPPED = learned.shipped()


@pytest.fixture(scope="module")
def model():
    return learned.load()


@pytest.fixture(scope="module")
def cat():
    return images.sample("chelsea")[60:188, 100:292].copy()  # 128 x 192


def test_files_of_refined_latents_have_a_lower_objective(model, cat):
    """L from files alone: their length, and the error of what they decode to."""

    def objective(data):
        return metrics.bpp(data, cat) + LAM * metrics.mse(cat, learned.decode(data, model))

    plain, thought = (learned.encode(cat, model, LAM, refine=n) for n in (0, 10))
    assert objective(thought) < 0.98 * objective(plain)


def test_the_search_says_what_files_will_be(model, cat):
    y = learned.analyse(cat, model)
    steps = list(refine.search(cat, y, model, LAM, 4))
    losses = [L for _, L in steps]
    assert len(steps) == 5 and steps[0][0] is y
    assert all(b <= a for a, b in zip(losses, losses[1:], strict=False)) and losses[-1] < losses[0]
    for latents, L in steps[::4]:
        data, x_hat = learned.encode_and_reconstruct(latents, cat.shape[:2], model, LAM, first=y)
        np.testing.assert_array_equal(learned.decode(data, model), x_hat)
        # 19 bytes of header and checksum, up to two words of the range coder, rounding to greys
        header = 8 * 32 / (128 * 192)
        assert -0.001 < metrics.bpp(data, cat) + LAM * metrics.mse(cat, x_hat) - L < header + 0.01


@pytest.mark.parametrize("name", SHIPPED)
def test_every_prior_can_be_refined(name, cat):
    model = learned.load(name)
    y = learned.analyse(cat, model)
    (_, before), (_, after) = refine.search(cat, y, model, LAM, 1)
    assert after < before
    learned.decode(learned.encode(cat, model, LAM, refine=1), model)


def test_measured_change_is_that_of_the_whole_picture(model, cat):
    """One change: L summed over all places moves as R and D computed from scratch move."""
    y = learned.analyse(cat, model)
    step = model.step(model.position(learned.quantize.to_code(LAM)).float())
    task = refine.Task(refine.by_place(cat), y, model, LAM, step)
    before, change, hope = refine.look(task, y)
    c, r, q = np.unravel_index(hope.argmin(), hope.shape)
    changed = y.copy()
    changed[c, r, q] += change[c, r, q]
    difference = refine.measure(task, changed).sum() - before.sum()

    def by_hand(latents):
        y_hat, bits, side = learned.rate.count(latents, model, learned.quantize.to_code(LAM), y)
        with torch.inference_mode():
            x_hat = model.g_s(torch.from_numpy(y_hat)[None], step)[0].permute(1, 2, 0).numpy()
        return bits.sum() + LAM * ((x_hat - cat) ** 2).sum() / 3

    assert difference == pytest.approx(by_hand(changed) - by_hand(y), abs=0.05)


def test_slopes_are_those_of_the_error(model, cat):
    y = learned.analyse(cat, model)
    step = model.step(model.position(learned.quantize.to_code(LAM)).float())
    task = refine.Task(refine.by_place(cat), y, model, LAM, step)
    y_hat = y / step[0].numpy()
    _, slope = refine.errors(task, y_hat, slopes=True)
    for place in ((0, 3, 5), (2, 8, 20), (64, 15, 23)):
        low, high = (y_hat.copy() for _ in range(2))
        low[place] -= 0.05
        high[place] += 0.05
        found = (refine.errors(task, high)[0] - refine.errors(task, low)[0]).sum(dtype=float) / 0.1
        assert slope[place] == pytest.approx(found, rel=0.05, abs=1)


@settings(max_examples=8)
@given(arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(3))))
def test_any_small_picture(image):
    model = learned.load("factorized")
    y = learned.analyse(image, model)
    (_, before), *_, (latents, after) = refine.search(image, y, model, 0.05, 2)
    assert after <= before and latents.shape == y.shape
    data = learned.encode(image, model, 0.05, refine=2)
    assert learned.decode(data, model).shape == image.shape


def test_tiles_share_nothing_and_their_middles_hold_one_choice_each():
    rng = np.random.default_rng(1)
    tile, middle = refine.tiles((13, 22), rng)
    assert tile.shape == middle.shape == (13, 22)
    assert np.bincount(tile.ravel()).max() <= refine.TILE**2
    hope = np.where(middle, rng.normal(size=(5, 13, 22)), np.inf)
    channel, row, column = refine.choose(hope, tile)
    assert len(np.unique(tile[row, column])) == len(row) == len(np.unique(tile[middle]))
    for c, r, q in zip(channel, row, column, strict=True):
        assert hope[c, r, q] == hope[:, tile == tile[r, q]].min()
