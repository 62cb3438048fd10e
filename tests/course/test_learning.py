"""Learning: its explorer, the hints of its exercises, what its prose says."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch

from lic_teach import contents, images
from lic_teach.course.learning import descent, descent_drawing, exercises
from lic_teach.course.learning.descent import ADAM, MOMENTUM, PLAIN
from lic_teach.kit import checks
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

torch.set_num_threads(1)

# --- the bowl ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bowl():
    return descent.prepare()


def test_the_bowl_is_the_mean_squared_error_and_autograd_knows_its_slope(bowl):
    inputs, x = descent.pairs()
    assert len(x) == sum(
        (h - 1) * (w - 1) for h, w, _ in (images.sample(n).shape for n in descent.PHOTOGRAPHS)
    )
    assert len(x) == 772_336
    for start in ((-0.6, 0.9), (0.5, 0.5), (2.0, -1.0)):
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        loss = torch.mean((torch.tensor(inputs) @ w - torch.tensor(x)) ** 2)
        loss.backward()
        assert bowl.loss(np.array(start)) == pytest.approx(loss.item())
        np.testing.assert_allclose(bowl.gradient(np.array(start)), w.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(bowl.best, np.linalg.lstsq(inputs, x, rcond=None)[0])


@pytest.mark.parametrize(
    "walk, memory, optimizer",
    [
        (PLAIN, 0.9, lambda w: torch.optim.SGD([w], lr=0.2)),
        (MOMENTUM, 0.7, lambda w: torch.optim.SGD([w], lr=0.2, momentum=0.7)),
        (MOMENTUM, 0.0, lambda w: torch.optim.SGD([w], lr=0.2)),
        (ADAM, 0.9, lambda w: torch.optim.Adam([w], lr=0.2)),
        (ADAM, 0.5, lambda w: torch.optim.Adam([w], lr=0.2, betas=(0.5, 0.999))),
    ],
)
def test_the_three_walks_are_torchs(bowl, walk, memory, optimizer):
    w = torch.tensor(descent.START, dtype=torch.float64, requires_grad=True)
    M, r = torch.tensor(bowl.M), torch.tensor(bowl.r)
    optimizer = optimizer(w)
    for place in descent.path(bowl, 0.2, 15, walk, memory):
        np.testing.assert_allclose(place, w.detach().numpy())
        optimizer.zero_grad()
        (w @ M @ w - 2 * r @ w).backward()
        optimizer.step()


def test_two_divided_by_the_curvature_is_the_edge(bowl):
    edge = descent.edge(bowl)
    assert edge == pytest.approx(0.361, abs=5e-4)

    def left(rate):
        """The distance after 4000 steps."""
        return np.linalg.norm(descent.path(bowl, rate, 4000)[-1] - bowl.best)

    assert left(0.999 * edge) < 0.02 and left(1.001 * edge) > 100


@pytest.mark.parametrize("memory", [0.3, 0.7, 0.95])
def test_with_a_memory_the_edge_lies_farther_out(bowl, memory):
    edge = descent.edge(bowl, memory)
    assert edge == pytest.approx((1 + memory) * descent.edge(bowl))
    for part, arrives in ((0.99, True), (1.01, False)):
        result = descent.compute(bowl, part * edge, 4000, MOMENTUM, memory)
        assert (result.losses[-1] < result.losses[0]) == arrives
        assert (max(descent.factors(result)) < 1) == arrives


def test_the_factor_of_momentum_is_what_the_walk_does(bowl):
    """Over a hundred steps, along the valley, where one real root is the larger."""
    result = descent.compute(bowl, 0.1, 400, MOMENTUM, 0.3)
    along = (result.path - bowl.best) @ bowl.curvatures[1][:, 0]
    assert (along[-1] / along[-101]) ** 0.01 == pytest.approx(descent.factors(result)[0])


def test_descent_draws_and_says():
    ex = descent.Descent()
    first = ex.readout.summary
    assert first.startswith("plain, learning rate 0.335, 30 steps: weights 0.13 and 0.86")
    assert "it overshoots" in ex.plot.value and "0.361" in ex.readout.value
    for rate, title in ((0.01, "Too small"), (0.355, "it overshoots"), (0.376, "Beyond the edge")):
        ex.set(rate=rate, steps=200)
        assert title in ex.plot.value and "nan" not in ex.plot.value
        ET.fromstring(ex.plot.value)
    assert "−1.081" in ex.readout.value
    ex.rate = 1.0
    assert "far away" in ex.readout.summary and "inf" not in ex.plot.value
    for walk in (descent.PLAIN, descent.MOMENTUM):  # nobody is told of inf, nor of nan
        ex.set(rate=1.0, steps=300, walk=walk, memory=0.95)
        said = ex.readout.value + ex.readout.summary + ex.plot.value
        assert said.count("more than 1e+99") == 2 and not re.search(r"\b(inf|nan)\b", said)
    ex.set(rate=1.0, steps=0, walk=descent.PLAIN)
    assert "weights −0.60" in ex.readout.summary.replace("-", "−")
    ex.press("momentum, 40 steps")
    assert "what swings cancels" in ex.plot.value and "0.614" in ex.readout.value
    ex.memory = 0.0
    assert "2 / 5.535" in ex.readout.value and "Beyond the edge" in ex.plot.value
    ex.press("Adam, 120 steps")
    assert "there is no edge" in ex.readout.value and "weights 0.47 and 0.52" in ex.readout.summary
    ex.set(rate=1.0, memory=0.0, steps=300)
    assert "nan" not in ex.plot.value + ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first
    ET.fromstring(ex.plot.value)


def test_the_rings_lie_at_the_squared_errors_written_on_them(bowl):
    for level, ring in zip(descent_drawing.LEVELS, descent_drawing.rings(bowl), strict=True):
        np.testing.assert_allclose(descent.UNIT**2 * bowl.loss(ring), level)
    drawn = descent_drawing.plot(descent.compute(bowl, 0.1, 3), "")
    words = {"".join(t.itertext()) for t in ET.fromstring(drawn).iter() if t.tag.endswith("text")}
    assert {"200", "500", "25,000"} <= words


def test_what_there_is_to_see_in_the_bowl(bowl):
    def rates(rate):
        return descent.factors(descent.compute(bowl, rate, 1))

    assert 1 - rates(0.01)[0] < 1e-3
    assert rates(0.376)[1] == pytest.approx(-1.081, abs=5e-4)
    assert abs(rates(0.178)[1]) < 0.02 and 1 - rates(0.178)[0] == pytest.approx(0.013, abs=5e-4)
    slider = [round(float(f"{10 ** (k / 40):.3g}"), 6) for k in range(-80, 1)]
    assert 0.355 in slider and 0.376 in slider and 0.178 in slider
    after = {rate: descent.compute(bowl, rate, 200).losses[-1] for rate in slider}
    assert min(after, key=after.get) == 0.355


def steps_needed(bowl, rate, walk, memory):
    """Until a thousandth of the distance is left, and from then on."""
    away = np.linalg.norm(descent.path(bowl, rate, 400, walk, memory) - bowl.best, axis=1)
    return int(np.flatnonzero(away > away[0] / 1000)[-1]) + 1


def test_what_there_is_to_see_of_momentum_and_adam(bowl):
    assert steps_needed(bowl, 0.355, PLAIN, 0) == 260
    needed = {m: steps_needed(bowl, 0.422, MOMENTUM, m) for m in (0.5, 0.7, 0.95)}
    assert needed[0.7] == 37 < needed[0.5] and needed[0.7] < needed[0.95]
    assert descent.edge(bowl) < 0.422 and steps_needed(bowl, 0.501, ADAM, 0.9) == 122
    first = np.abs(np.diff(descent.path(bowl, 0.501, 1, ADAM, 0.9), axis=0)[0])
    np.testing.assert_allclose(first, 0.501, rtol=1e-6)


# --- the exercises -----------------------------------------------------------------------

gradient, edge = exercises.check.exercises


def test_the_gradient_that_the_check_knows_is_autograds():
    inputs, x = descent.pairs(("chelsea",))
    w, c = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.3, 0.5))
    torch.mean((w * torch.tensor(inputs[:, 0]) + c - torch.tensor(x)) ** 2).backward()
    found = exercises._slopes()(inputs[:, 0], x, 0.3, 0.5)
    np.testing.assert_allclose(found, [w.grad.item(), c.grad.item()])
    assert exercises._walk(exercises._slopes(), inputs[:, 0], x) == pytest.approx(
        np.polyfit(inputs[:, 0], x, 1), abs=1e-6
    )
    assert checks.verdict(gradient, exercises._slopes()).startswith("Right. ")


def test_the_edge_that_the_check_knows_is_where_descent_turns():
    for kind in ("one weight", "three weights", "the cat"):
        inputs = exercises.inputs_of(kind)
        rate = 1 / exercises.largest(inputs)
        assert exercises._left_after(inputs, 0.99 * rate) < 1e-3
        assert exercises._left_after(inputs, 1.01 * rate) > 1e3


@pytest.mark.parametrize("product", [lambda A: A.T @ A, lambda A: A @ A.T])
def test_both_products_have_the_largest_curvature(product):
    said = checks.verdict(edge, lambda A: 2 / np.linalg.eigvalsh(2 * product(A) / len(A))[-1])
    assert said.startswith("Right. ")


def right_edge(inputs):
    return 2 / np.linalg.eigvalsh(2 * inputs.T @ inputs / len(inputs))[-1]


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (gradient, lambda a, x, w, c: np.mean(2 * (w * a + c - x)), "you return 1"),
        (gradient, lambda a, x, w, c: (2 * (w * a + c - x) * a, 0.0), "where is the mean?"),
        (gradient, lambda a, x, w, c: (3.0, 4.0), "Each is a mean of 2 times the error"),
        (edge, lambda A: 2 / np.linalg.eigvalsh(2 * A.T @ A / len(A)), "you return 3"),
        (gradient, lambda a, x, w, c: torch.zeros(3), "you return 3."),
        (edge, lambda A: [right_edge(A)], "One number is asked for"),
        (edge, lambda A: str(right_edge(A)), "One number is asked for"),
        (edge, lambda A: 17.0, "has the curvatures as eigenvalues"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def printed():
    """All that the lesson's cells print."""
    return lessons.printed("learning")


def test_momentum_is_fastest_and_adam_forgives_the_rate(printed):
    found = re.findall(r"(\d+) steps at ([\d.]+); at most 300 at ([\d.]+) to ([\d.]+)", printed)
    plain, momentum, adam = (tuple(map(float, row)) for row in found)
    assert plain[0] / momentum[0] == pytest.approx(7, abs=0.1)  # "a seventh of the steps"
    assert momentum[0] < adam[0] < plain[0]
    assert adam[3] / adam[2] > 100 and momentum[3] / momentum[2] < 10 and plain[3] / plain[2] < 1.2


def test_in_other_units_only_adam_ends_where_it_did(bowl):
    grey = descent.Bowl(*(64**2 * part for part in bowl))
    for walk, rate, memory in ((PLAIN, 0.335, 0), (MOMENTUM, 0.422, 0.7), (ADAM, 0.501, 0.9)):
        one, other = (descent.path(b, rate, 40, walk, memory)[-1] for b in (bowl, grey))
        assert np.allclose(one, other, rtol=1e-6) == (walk == ADAM)


def test_a_batch_points_downhill_only_on_average(bowl):
    """At step 100 about a third of the batches do not; their mean is the gradient of all."""
    inputs, x = descent.pairs()
    way, rng = descent.path(bowl, 0.335, 100), np.random.default_rng(1)
    uphill = {}
    for step in (0, 20, 50, 100):
        chosen = rng.integers(len(x), size=(4000, 256))
        errors = inputs[chosen] @ way[step] - x[chosen]
        batches = 2 * np.einsum("nb,nbi->ni", errors, inputs[chosen]) / 256
        g = bowl.gradient(way[step])
        uphill[step] = np.mean(batches @ g < 0)
        spread = batches.std(axis=0) / np.sqrt(len(batches))
        assert (np.abs(batches.mean(axis=0) - g) < 4 * spread).all()
    assert uphill[0] == 0 and uphill[20] < 0.01
    assert uphill[50] == pytest.approx(0.07, abs=0.03)
    assert uphill[100] == pytest.approx(0.35, abs=0.04)


def test_a_rate_that_falls_ends_the_jitter(printed):
    constant, falling = map(float, re.findall(r"rate 0.3 to .*: ([\d.]+) above", printed))
    assert falling < 0.05 < 1 < constant


def test_momentums_factor_of_the_depth(printed, bowl):
    said = re.search(r"momentum +([\d.]+) a step, a thousandth after (\d+)", printed)
    flat, steep = bowl.curvatures[0]
    beta = float(said[1]) ** 2
    rate = (1 + np.sqrt(beta)) ** 2 / steep  # where both roots of the steep direction meet
    assert rate * flat == pytest.approx((1 - np.sqrt(beta)) ** 2, rel=0.02)  # and of the flat one
    assert float(said[1]) ** int(said[2]) == pytest.approx(1e-3, rel=0.15)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_rate_by_keys_and_the_walk_by_its_button(tmp_path):
    lesson = figures(contents.notebook("learning"), tmp_path)
    with jupyterlab([lesson]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        rate = page.get_by_role("slider", name="Learning rate")
        rate.wait_for()
        page.get_by_text("Across the valley it overshoots").first.wait_for()
        rate.press("End")
        page.get_by_text("Beyond the edge").first.wait_for()
        page.get_by_role("button", name="Adam", exact=True).first.click()
        page.get_by_text("the gradient's size does not count").first.wait_for()
        page.get_by_role("button", name="momentum, 40 steps").click()
        page.get_by_text("what swings cancels").first.wait_for()
