"""Backpropagation: its explorer, the hints of its exercises, what its prose says."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lic_teach import contents, images
from lic_teach.course.backpropagation import exercises, graph, graph_drawing, neighbours
from lic_teach.course.backpropagation.graph import RELU, ROUND, STEPS
from lic_teach.kit import checks
from lic_teach.kit.predictors import med
from lic_teach.metrics import entropy
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, open_notebook, run_all

torch.set_num_threads(1)

# --- the graph ---------------------------------------------------------------------------


def computed(step=STEPS, a=1.0, w=0.8, v=1.0, node=RELU):
    return graph.compute(None, step, node, a, w, v)


def by_torch(a, w, v, node):
    """The loss and the gradients of w, v and of every node, by autograd."""
    t = {
        n: torch.tensor(x, dtype=torch.float64, requires_grad=True) for n, x in (("w", w), ("v", v))
    }
    bend = torch.relu if node == RELU else torch.round
    for i, left, x in (("₁", a, graph.PIXELS["x₁"]), ("₂", graph.PIXELS["a₂"], graph.PIXELS["x₂"])):
        t[f"z{i}"] = t["w"] * left
        t[f"h{i}"] = bend(t[f"z{i}"])
        t[f"x̂{i}"] = t["v"] * t[f"h{i}"]
        t[f"L{i}"] = (t[f"x̂{i}"] - x) ** 2
    t["L"] = (t["L₁"] + t["L₂"]) / 2
    for tensor in t.values():
        tensor.retain_grad()
    t["L"].backward()
    return {n: x.item() for n, x in t.items()}, {n: x.grad.item() for n, x in t.items()}


@given(st.floats(-2, 2), st.floats(-1, 2), st.floats(-2, 2), st.sampled_from([RELU, ROUND]))
@settings(max_examples=60, deadline=None)
def test_values_and_gradients_are_autograds(a, w, v, node):
    result = computed(a=a, w=w, v=v, node=node)
    values, gradients = by_torch(a, w, v, node)
    assert {n: result.values[n] for n in values} == pytest.approx(values)
    assert result.gradients == pytest.approx(gradients)
    assert set(result.gradients) == set(gradients)  # pixels have none


@pytest.mark.parametrize("w", [-0.9, 0.3, 0.8, 1.7])
@pytest.mark.parametrize("node", [RELU, ROUND])
def test_nudging_agrees_away_from_kinks_and_jumps(w, node):
    result = computed(w=w, node=node)
    for name, slope in result.nudged.items():
        assert slope == pytest.approx(result.gradients[name], abs=1e-6)


def test_at_each_weight_two_parts_meet_one_from_each_pixel():
    """As autograd has them when the loss is of one of the pixels alone."""
    result = computed()
    assert {name for name, parts in result.parts.items() if len(parts) > 1} == {"w", "v"}
    for i, left, x in ((1, 1.0, 1.5), (2, 1.5, 1.0)):
        w, v = (torch.tensor(s, dtype=torch.float64, requires_grad=True) for s in (0.8, 1.0))
        ((v * torch.relu(w * left) - x) ** 2 / 2).backward()
        low = "₁₂"[i - 1]
        assert result.parts["w"][f"z{low}"] == pytest.approx(w.grad.item())
        assert result.parts["v"][f"x̂{low}"] == pytest.approx(v.grad.item())
    assert list(result.parts["w"].values()) == pytest.approx([0.3, -0.7])  # pixel 2 comes first


def test_rounding_kills_what_lies_before_it_and_nothing_else():
    result = computed(node=ROUND, w=1.1, a=1.3)
    dead = {name for name, g in result.gradients.items() if g == 0}
    assert dead == {"z₁", "z₂", "w"}
    assert not any(g == 0 for g in computed().gradients.values())


def test_a_step_at_a_time():
    shown = [computed(step) for step in range(STEPS + 1)]
    known = [
        sum(p is not None for parts in graph.arrived(r).values() for p in parts) for r in shown
    ]
    assert graph.valued(shown[0]) == {"a₁", "a₂", "x₁", "x₂", "w", "v"} and known[0] == 0
    for before, after, k, more in zip(shown, shown[1:], known, known[1:], strict=False):
        assert graph.valued(before) <= graph.valued(after) and k <= more
        grown = len(graph.valued(after)) - len(graph.valued(before))
        assert grown + more - k in (1, 2)  # v and h come together
    assert graph.valued(shown[9]) == set(computed().values) and known[9] == 0
    assert list(graph.arrived(shown[10])) == ["L"]
    assert graph.arrived(shown[STEPS - 1])["w"] == [None, pytest.approx(0.3)]  # one is on its way
    assert graph.arrived(shown[STEPS])["w"] == pytest.approx([-0.7, 0.3])


def words(svg):
    return ["".join(t.itertext()) for t in ET.fromstring(svg).iter() if t.tag.endswith("text")]


@pytest.mark.parametrize("node", [RELU, ROUND])
@pytest.mark.parametrize("step", range(STEPS + 1))
def test_the_drawing_shows_what_the_step_has_told(step, node):
    result = computed(step, node=node)
    view = graph.draw(result)
    found, arrived = words(view.plot), graph.arrived(result)
    for name, parts in arrived.items():
        assert f"∂L/∂{name} = {graph_drawing.total(parts)}" in found
    assert sum(word.startswith("∂L/∂") for word in found) == len(arrived)
    assert found.count("?") == len(result.values) - len(graph.valued(result))
    parts = sum(p is not None for name, ps in arrived.items() for p in ps if name != "L")
    assert sum(word.startswith("× ") for word in found) == parts
    ET.fromstring(f"<div>{view.readout}</div>")
    assert "nan" not in view.plot + view.readout


def test_the_sentence_of_a_step_multiplies_right():
    """Both factors and the product that it says, up to their rounding."""
    seen = 0
    for step in range(11, STEPS + 1):
        said = graph.sentence(computed(step)).replace("−", "-")
        for factor, other, product in re.findall(r"go (\S+) · (\S+) = (-?[\d.]*\d)", said):
            assert float(factor) * float(other) == pytest.approx(float(product), abs=0.02), said
            seen += 1
    assert seen == 12


def test_the_tangent_touches_the_curve():
    for w in (-0.6, 0.3, 0.8, 1.7):
        result = computed(w=w)
        axis, losses = result.sweep
        assert np.interp(w, axis, losses) == pytest.approx(result.values["L"], abs=0.001)
        d = 1e-3
        slope = (computed(w=w + d).values["L"] - computed(w=w - d).values["L"]) / (2 * d)
        assert slope == pytest.approx(result.gradients["w"], abs=1e-6)


def test_graph_shell():
    ex = graph.Graph()
    first, plot = ex.readout.summary, ex.plot.value
    assert first.startswith(f"step {STEPS} of {STEPS}, h = max(0, z): L = 0.27")
    assert first.endswith("w −0.4, v −0.32")
    ex.node = ROUND
    assert ex.readout.summary.endswith("w 0, v −0.5") and ex.plot.value != plot
    assert "Nothing above h gets a gradient" in ex.plot.value
    ex.step = 2
    assert "z₂ = w · a₂ = 1.2" in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.plot.value == plot
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"Graph: {first}" and bundle["image/png"]
    ET.fromstring(ex.plot.value)


@pytest.mark.parametrize("a", [-2.0, 2.0])
@pytest.mark.parametrize("w", [-1.0, 2.0])
@pytest.mark.parametrize("v", [-2.0, 0.0, 2.0])
def test_the_ends_of_all_sliders(a, w, v):
    for node in (RELU, ROUND):
        view = graph.draw(computed(a=a, w=w, v=v, node=node))
        assert "nan" not in view.plot + view.readout and "inf" not in view.plot + view.readout


def test_its_pixels_are_three_in_a_row_of_the_astronaut():
    green = images.sample("astronaut")[402, 143:146, 1]
    assert green.tolist() == [192, 224, 192]
    one, two, three = (green - 128.0) / 64
    assert graph.PIXELS == {"a₁": one, "x₁": two, "a₂": two, "x₂": three}


def test_what_there_is_to_see_in_the_graph():
    parts = computed().parts
    assert parts["w"]["z₁"] < 0 < parts["w"]["z₂"] and computed().gradients["w"] < 0
    dark = computed(a=-1.0)
    assert dark.values["z₁"] < 0 and dark.parts["w"]["z₁"] == dark.parts["v"]["x̂₁"] == 0
    assert dark.gradients["w"] == dark.parts["w"]["z₂"] != 0
    dead = computed(w=-0.5)
    assert dead.gradients["w"] == dead.gradients["v"] == 0
    axis, losses = dead.sweep
    assert np.ptp(losses[axis < 0]) == 0
    level = computed(v=0.0)
    assert level.gradients["w"] == 0 != level.gradients["v"]
    rounded = {w: computed(node=ROUND, w=w).values["L"] for w in (0.7, 0.8, 0.95, 0.999, 1.001)}
    assert rounded[0.7] == rounded[0.8] == rounded[0.95] == rounded[0.999] != rounded[1.001]


# --- the exercises -----------------------------------------------------------------------

backward, alive = exercises.check.exercises


def test_a_transposed_gradient_of_another_shape():
    x, W, V = exercises.codec(40, 8, 3)
    right = exercises.by_torch(x, W, V)
    with pytest.raises(checks.Wrong, match="Is it transposed?"):
        exercises._judge([right[0].T, right[1]], right, (x, W, V))


RIGHT = {"W": "zero", "b": "zero", "V": "alive", "c": "alive", "s": "alive"}


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (backward, exercises.codec_back(V=lambda g, y, z: y.T @ y), "what V was multiplied by"),
        (backward, exercises.codec_back(slope=lambda z: 3 * (z > 0)), "Go back by V"),
        (backward, lambda x, W, V: (W.T[:2], V), "g_W is (2, 6), W itself is (6, 6)"),
        (backward, lambda x, W, V: W, "Return two arrays"),
        (alive, RIGHT | {"V": "zero"}, "does the gradient pass the rounding"),
        (alive, RIGHT | {"W": "alive"}, "What stands on it"),
        (alive, RIGHT | {"s": "zero"}, "it is used twice"),
        (alive, RIGHT | {"s": 0}, "one of the words"),
        (alive, ["zero"] * 5, "one of the words"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_right_answers():
    assert checks.verdict(backward, exercises.codec_back()).startswith("Right. ")
    assert exercises.who_is_alive() == RIGHT  # by autograd
    assert checks.verdict(alive, RIGHT).startswith("Right. ")


# --- twelve neighbours -------------------------------------------------------------------


def test_the_twelve_are_those_that_a_decoder_has():
    picture = np.random.default_rng(0).integers(0, 256, (9, 11, 3)).astype(np.uint8)
    n, x, mean = neighbours.examples(picture)
    assert n.shape == (7 * 7, 12) and x.shape == mean.shape == (49, 1)
    green = picture[..., 1].astype(float)
    k = 3 * 7 + 2  # row 5, column 4
    twelve = np.concatenate([green[3, 2:7], green[4, 2:7], green[5, 2:4]])
    np.testing.assert_allclose(16 * n[k] + mean[k], twelve)
    np.testing.assert_allclose(16 * x[k] + mean[k], green[5, 4])
    np.testing.assert_allclose(n.mean(axis=1), 0, atol=1e-12)
    drawn = neighbours.stencil(np.arange(12))
    assert np.isnan(drawn[2, 2:]).all() and drawn[2, :2].tolist() == [10, 11] and drawn[0, 4] == 4


def test_as_a_picture_the_pixels_stand_where_they_were():
    _, x, mean = neighbours.examples("chelsea")
    back = neighbours.as_picture(16 * x + mean, "chelsea")
    np.testing.assert_allclose(back, images.sample("chelsea")[2:, 2:-2, 1])


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def space():
    """The functions of the lesson's cells, by name."""
    return lessons.definitions("backpropagation", images=images)


@pytest.fixture(scope="module")
def trained(space):
    """The network of the lesson, its photographs, and the best line."""
    n, x, _ = neighbours.examples("astronaut", "coffee", "rocket")
    network, _ = space["learn"](*space["tensors"](n, x))
    return network, n, x, np.linalg.lstsq(n, x, rcond=None)[0]


def guesses(network, n):
    with torch.no_grad():
        return network(torch.tensor(n).float()).numpy()


def test_the_thirty_lines_are_autograds_and_nudgings(space):
    rng = np.random.default_rng(5)
    a, x, p = rng.normal(size=(7, 3)), rng.normal(size=(7, 1)), space["start"](3, 4)
    t = {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}
    hidden = torch.tanh(torch.nn.functional.linear(torch.tensor(a), t["W1"], t["b1"]))
    x_hat = torch.nn.functional.linear(hidden, t["W2"], t["b2"])
    torch.nn.functional.mse_loss(x_hat, torch.tensor(x)).backward()
    for name, g in space["gradients"](p, a, x).items():
        np.testing.assert_allclose(g, t[name].grad.numpy())
        index = (0,) * g.ndim
        assert space["by_nudging"](p, a, x, name, index) == pytest.approx(g[index], rel=1e-5)


def test_the_network_is_nearer_at_edges_and_not_where_it_is_flat(trained):
    network, _, _, line = trained
    n, x, _ = neighbours.examples("chelsea")
    bent, straight = (16**2 * (guess - x) ** 2 for guess in (guesses(network, n), n @ line))
    assert straight.mean() == pytest.approx(40.6, abs=0.05)
    assert 0.7 < bent.mean() / straight.mean() < 0.8  # "a quarter less"
    spread = 16 * n.std(axis=1, keepdims=True)
    assert bent[spread < 2].mean() > straight[spread < 2].mean()
    assert bent[spread > 16].mean() < 0.7 * straight[spread > 16].mean()
    assert sum(part.numel() for part in network.parameters()) == 449


def test_a_thousand_pixels_are_learnt_by_heart(space, trained):
    _, n, x, line = trained
    few = np.random.default_rng(0).choice(len(x), 1000, replace=False)
    n_cat, x_cat, _ = neighbours.examples("chelsea")
    watch = [space["tensors"](*pair) for pair in ((n[few], x[few]), (n_cat[::7], x_cat[::7]))]
    _, seen = space["learn"](*watch[0], steps=4000, watch=watch)
    own, cat = seen.T
    assert own[-1] < 6 and cat[-1] > 1.4 * cat.min()
    assert cat[-1] > 1.4 * neighbours.squared_error(n_cat @ line, x_cat)
    assert round(len(x) / 449, -2) == 1700  # "1,700 pixels for each parameter"


def test_batches_of_the_network_hardly_know_the_way():
    printed = lessons.printed("backpropagation")
    pattern = r"step +(\d+): cosine ([-\d.]+), eight batches in ten ([-\d.]+) to"
    found = {int(s): (float(m), float(low)) for s, m, low in re.findall(pattern, printed)}
    assert set(found) == {0, 100, 500, 1000} and found[0][1] > 0.8
    assert all(found[s][1] < 0 for s in (100, 500, 1000))  # more than one in ten points uphill
    assert found[500][0] < 0.5


FRESH = Path(__file__).parents[3] / "shared/images/valid"


def bits_of(x_hat, x, mean):
    """Entropy of what is left after the prediction, rounded, in bits per pixel."""
    left = np.rint(16 * x + mean) - np.clip(np.rint(16 * x_hat + mean), 0, 255)
    return entropy(np.bincount((left.astype(int) % 256).ravel()))


def med_of(n):
    """MED from the same twelve: c b d above, a to the left."""
    places = (-1, -1), (-1, 0), (-1, 1), (0, -1)
    c, b, d, a = (n[:, neighbours.AROUND.index(place)] for place in places)
    return med(a, b, c, d)[:, None]


@pytest.mark.skipif(not FRESH.exists(), reason="the 41 photographs do not come with the course")
def test_on_photographs_that_had_no_part_in_any_choice(trained):
    """The table of the 41: who wins in squared error does not win in bits."""
    network, _, _, line = trained
    found = []
    for path in sorted(FRESH.glob("*.webp")):
        n, x, mean = neighbours.examples(images.load(path))
        rivals = med_of(n), n @ line, guesses(network, n)
        found.append([(neighbours.squared_error(r, x), bits_of(r, x, mean)) for r in rivals])
    errors, bits = np.array(found).transpose(2, 1, 0)
    assert errors[:2].mean(1) == pytest.approx([105.6, 110.4], abs=0.06)
    assert bits[:2].mean(1) == pytest.approx([3.80, 4.01], abs=0.006)
    assert 0.64 < errors[2].mean() / errors[1].mean() < 0.74
    assert (errors[2] < errors[1]).sum() >= 36 and (bits[0] < bits[2]).sum() > 20
    assert bits[0].mean() < bits[2].mean() < bits[1].mean()


def test_the_gradient_of_round_is_nothing_and_a_wide_nudge_sees_the_slope():
    """The lesson's 2,000 pixels of the cat."""
    picture = images.sample("chelsea")[..., 1].astype(float)
    x, a = picture[:, 1:].ravel(), picture[:, :-1].ravel()
    few = np.random.default_rng(0).choice(len(x), 2000, replace=False)
    a, x, w = torch.tensor(a[few]), torch.tensor(x[few]), torch.tensor(0.9173, requires_grad=True)
    smooth, rounded = (
        torch.autograd.grad(torch.mean((kind(w.double() * a) - x) ** 2), w)[0].item()
        for kind in (lambda z: z, torch.round)
    )
    up, down = (torch.mean((torch.round(v * a) - x) ** 2).item() for v in (0.9273, 0.9073))
    assert rounded == 0 and (up - down) / 0.02 == pytest.approx(smooth, rel=0.02)
    assert smooth == pytest.approx(-2111, abs=1)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_steps_and_the_rounding_switch_by_keys(tmp_path):
    lesson = figures(contents.notebook("backpropagation"), tmp_path)
    with jupyterlab([lesson]) as address, chromium(1440, 800) as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        step = page.get_by_role("slider", name="Step", exact=True)
        step.wait_for()
        step.press("Home")
        page.get_by_text("Go forward, one node a step").first.wait_for()
        step.press("ArrowRight")
        page.get_by_text("z₁ = w · a₁ = 0.8").first.wait_for()
        step.press("End")
        page.get_by_text("∂L/∂w = −0.7 + 0.3 = −0.4").first.wait_for()
        page.get_by_role("button", name="round(z)", exact=True).click()
        page.get_by_text("Nothing above h gets a gradient").first.wait_for()
        page.get_by_text("∂L/∂v = −0.5 + 0 = −0.5").first.wait_for()
        weight = page.get_by_role("slider", name="Weight w")
        for _ in range(4):  # 0.8 to 1: beyond the jump
            weight.press("ArrowRight")
        page.get_by_text("∂L/∂v = −0.5 + 2 = 1.5").first.wait_for()
