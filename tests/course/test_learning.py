"""Learning: its two explorers, the hints of its exercises, what its prose says."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lic_teach import contents, images
from lic_teach.course.learning import descent, exercises, graph
from lic_teach.course.learning.graph import RELU, ROUND, STEPS
from lic_teach.kit import checks
from lic_teach.kit.predictors import med
from lic_teach.metrics import entropy
from tests import lessons
from tests.lab import chromium, jupyterlab, open_notebook, run_all

torch.set_num_threads(1)

# --- the graph ---------------------------------------------------------------------------


def computed(step=STEPS, a=2.8, w=0.8, v=1.0, node=RELU):
    return graph.compute(None, step, a, w, v, node)


def by_torch(a, w, v, node):
    """The loss and the gradients of w1, w2, v and of every node, by autograd."""
    leaves = {"w₁": w, "w₂": graph.WEIGHTS["w₂"], "v": v}
    t = {n: torch.tensor(x, dtype=torch.float64, requires_grad=True) for n, x in leaves.items()}
    t["p"], t["q"] = t["w₁"] * a, t["w₂"] * graph.PIXELS["b"]
    t["z"] = t["p"] + t["q"]
    t["h"] = torch.relu(t["z"]) if node == RELU else torch.round(t["z"])
    t["x̂"] = t["v"] * t["h"]
    t["e"] = t["x̂"] - graph.PIXELS["x"]
    t["L"] = t["e"] ** 2
    for tensor in t.values():
        tensor.retain_grad()
    t["L"].backward()
    return {n: x.item() for n, x in t.items()}, {n: x.grad.item() for n, x in t.items()}


@given(st.floats(0, 25.5), st.floats(-1, 3), st.floats(-2, 2), st.sampled_from([RELU, ROUND]))
@settings(max_examples=60, deadline=None)
def test_values_and_gradients_are_autograds(a, w, v, node):
    result = computed(a=a, w=w, v=v, node=node)
    values, gradients = by_torch(a, w, v, node)
    assert {n: result.values[n] for n in values} == pytest.approx(values)
    assert result.gradients == pytest.approx(gradients)
    assert set(result.gradients) == set(gradients)  # pixels have none


@pytest.mark.parametrize("w", [-0.9, 0.3, 0.8, 2.1])
@pytest.mark.parametrize("node", [RELU, ROUND])
def test_nudging_agrees_away_from_kinks_and_jumps(w, node):
    result = computed(w=w, node=node)
    for name, slope in result.nudged.items():
        assert slope == pytest.approx(result.gradients[name], abs=1e-6)


def test_rounding_kills_what_lies_before_it_and_nothing_else():
    result = computed(node=ROUND)
    dead = {name for name, g in result.gradients.items() if g == 0}
    assert dead == {"z", "p", "q", "w₁", "w₂"}
    assert not any(g == 0 for g in computed().gradients.values())


def test_a_step_at_a_time():
    shown = [graph.told(computed(step)) for step in range(STEPS + 1)]
    assert shown[0] == ({"a", "b", "x", "w₁", "w₂", "v"}, set())
    for (values, slopes), (more, steeper) in zip(shown, shown[1:], strict=False):
        assert values <= more and slopes <= steeper
        assert len(more - values) + len(steeper - slopes) in (1, 2)  # v and h come together
    assert shown[7][0] == set(computed().values) and not shown[7][1]
    assert shown[8][1] == {"L"} and shown[STEPS][1] == set(computed().gradients)


def words(svg):
    return ["".join(t.itertext()) for t in ET.fromstring(svg).iter() if t.tag.endswith("text")]


@pytest.mark.parametrize("node", [RELU, ROUND])
@pytest.mark.parametrize("step", range(STEPS + 1))
def test_the_drawing_shows_what_the_step_has_told(step, node):
    result = computed(step, node=node)
    view = graph.draw(result)
    found = words(view.plot)
    values, slopes = graph.told(result)
    assert sum(word.startswith("∂L/∂") for word in found) == len(slopes)
    assert found.count("?") == len(result.values) - len(values)
    edges = [pair for pair in result.local if set(pair) <= slopes]
    assert sum(word.startswith("× ") for word in found) == len(edges)
    for name in slopes:
        assert f"∂L/∂{name} = {graph.number(result.gradients[name])}" in found
    ET.fromstring(f"<div>{view.readout}</div>")
    assert "nan" not in view.plot + view.readout


def test_the_sentence_of_a_step_multiplies_right():
    """Both factors and the product that it says, up to their rounding."""
    for step in range(9, STEPS + 1):
        said = graph.sentence(computed(step)).replace("−", "-")
        for name, i, factor, product in re.findall(
            r"∂L/∂(\S+) = ∂L/∂(\S+) · (\S+) = ([-\d.]+\d)", said
        ):
            before = computed().gradients[i]
            assert float(factor) * before == pytest.approx(float(product), abs=0.05), (name, said)


def test_the_tangent_touches_the_curve():
    for w in (-0.6, 0.3, 0.8, 2.4):
        result = computed(w=w)
        axis, losses = result.sweep
        assert np.interp(w, axis, losses) == pytest.approx(result.values["L"], abs=0.02)
        d = 1e-3
        slope = (computed(w=w + d).values["L"] - computed(w=w - d).values["L"]) / (2 * d)
        assert slope == pytest.approx(result.gradients["w₁"], abs=1e-6)


def test_graph_shell():
    ex = graph.Graph()
    first, plot = ex.readout.summary, ex.plot.value
    assert first.startswith(f"step {STEPS} of {STEPS}, h = max(0, z): L = 3.1")
    ex.node = ROUND
    assert ex.readout.summary.endswith("w₁ 0, w₂ 0, v −14.4") and ex.plot.value != plot
    assert "Nothing above h gets a gradient" in ex.plot.value
    ex.step = 3
    assert "z = p + q = 4.04" in ex.readout.value
    ex._reset.click()
    assert ex.readout.summary == first and ex.plot.value == plot
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"Graph: {first}" and bundle["image/png"]
    ET.fromstring(ex.plot.value)


@pytest.mark.parametrize("a", [0.0, 25.5])
@pytest.mark.parametrize("w", [-1.0, 3.0])
@pytest.mark.parametrize("v", [-2.0, 0.0, 2.0])
def test_the_ends_of_all_sliders(a, w, v):
    for node in (RELU, ROUND):
        view = graph.draw(computed(a=a, w=w, v=v, node=node))
        assert "nan" not in view.plot + view.readout and "inf" not in view.plot + view.readout


def test_its_three_pixels_are_our_blocks():
    green = images.sample("chelsea")[..., 1]
    assert [green[93, 192], green[92, 193], green[93, 193]] == [28, 90, 58]
    assert [10 * graph.PIXELS[name] for name in "abx"] == pytest.approx([28, 90, 58])


def test_what_there_is_to_see_in_the_graph():
    slopes = computed().gradients
    assert max(("w₁", "w₂", "v"), key=lambda n: abs(slopes[n])) == "w₂"
    dead = computed(w=-1.0)
    assert dead.values["z"] < 0 and all(dead.gradients[n] == 0 for n in ("w₁", "w₂", "v"))
    level = computed(v=0.0)
    assert level.gradients["w₁"] == level.gradients["w₂"] == 0 != level.gradients["v"]
    z = computed().values["z"]
    assert (4.5 - z) / 2.8 == pytest.approx(0.164, abs=1e-3)  # to the next jump, in w₁
    assert (z - 3.5) / 2.8 == pytest.approx(0.193, abs=1e-3)


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


def test_the_path_is_torchs_sgd(bowl):
    w = torch.tensor(descent.START, dtype=torch.float64, requires_grad=True)
    M, r = torch.tensor(bowl.M), torch.tensor(bowl.r)
    optimizer = torch.optim.SGD([w], lr=0.2)
    for _ in range(15):
        optimizer.zero_grad()
        (w @ M @ w - 2 * r @ w).backward()
        optimizer.step()
    np.testing.assert_allclose(descent.path(bowl, 0.2, 15)[-1], w.detach().numpy())


def test_two_divided_by_the_curvature_is_the_edge(bowl):
    edge = descent.edge(bowl)
    assert edge == pytest.approx(0.361, abs=5e-4)

    def left(rate):
        """The distance after 4000 steps."""
        return np.linalg.norm(descent.path(bowl, rate, 4000)[-1] - bowl.best)

    assert left(0.999 * edge) < 0.02 and left(1.001 * edge) > 100


def test_descent_draws_and_says():
    ex = descent.Descent()
    first = ex.readout.summary
    assert first.startswith("learning rate 0.335, 30 steps: weights 0.13 and 0.86")
    assert "it overshoots" in ex.plot.value and "0.361" in ex.readout.value
    for rate, title in ((0.01, "Too small"), (0.355, "it overshoots"), (0.376, "Beyond the edge")):
        ex.set(rate=rate, steps=200)
        assert title in ex.plot.value and "nan" not in ex.plot.value
        ET.fromstring(ex.plot.value)
    assert "−1.081" in ex.readout.value
    ex.rate = 1.0
    assert "far away" in ex.readout.summary and "inf" not in ex.plot.value
    ex.steps = 0
    assert "weights −0.60" in ex.readout.summary.replace("-", "−")
    ex._reset.click()
    assert ex.readout.summary == first
    ET.fromstring(ex.plot.value)


def test_the_rings_lie_at_their_levels(bowl):
    from lic_teach.course.learning import descent_drawing

    for level, ring in zip(descent_drawing.LEVELS, descent_drawing.rings(bowl), strict=True):
        np.testing.assert_allclose(bowl.loss(ring) - bowl.loss(bowl.best), level)


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


# --- the exercises -----------------------------------------------------------------------

edge, backward, alive = exercises.check.exercises


def test_the_edge_that_the_check_knows_is_where_descent_turns():
    for kind in ("one weight", "three weights", "the cat"):
        inputs = exercises.inputs_of(kind)
        rate = 1 / exercises.largest(inputs)
        assert exercises._left_after(inputs, 0.99 * rate) < 1e-3
        assert exercises._left_after(inputs, 1.01 * rate) > 1e3
    said = checks.verdict(edge, lambda A: 2 / np.linalg.eigvalsh(2 * A.T @ A / len(A))[-1])
    assert said.startswith("Right. ")


def test_a_transposed_gradient_of_another_shape():
    x, W, V = exercises.codec(40, 8, 3)
    right = exercises.by_torch(x, W, V)
    with pytest.raises(checks.Wrong, match="Is it transposed?"):
        exercises._judge([right[0].T, right[1]], right, (x, W, V))


RIGHT = {"W": "zero", "b": "zero", "V": "alive", "c": "alive", "s": "alive"}


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (edge, lambda A: 2 / np.linalg.eigvalsh(2 * A.T @ A / len(A)), "you return 3"),
        (edge, lambda A: 17.0, "has the curvatures as eigenvalues"),
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


# --- what the prose says -----------------------------------------------------------------


@pytest.fixture(scope="module")
def printed():
    """All that the lesson's cells print."""
    return lessons.printed("learning")


def numbers(printed, title):
    """The three rows below a head of the table: float (3, 5), the last column the mean."""
    block = printed[printed.index(title) :].splitlines()[1:4]
    return np.array([[float(v) for v in line.split()[-5:]] for line in block])


def test_bent_beats_straight_and_what_the_loss_did_not_ask_for(printed):
    errors, bits, exact = (
        numbers(printed, t) for t in ("squared error   ", "bits a pixel ", "exact, %")
    )
    assert (errors[2] < errors[1]).all() and (errors[2] < errors[0]).all()
    assert 0.5 < errors[2, 4] / errors[1, 4] < 0.62  # "little more than half"
    assert 0.04 < 1 - bits[2, 4] / bits[:2, 4].min() < 0.06  # "about five percent"
    assert bits[0, 3] < bits[2, 3] and exact[0, 3] > exact[2, 3]  # MED on the rocket


FRESH = Path(__file__).parents[3] / "shared/images/valid"


@pytest.mark.skipif(not FRESH.exists(), reason="the 41 photographs do not come with the course")
def test_on_photographs_that_had_no_part_in_any_choice():
    """The table of the 41: who wins in squared error does not win in bits."""
    lesson = lesson_functions()
    n, x, _ = lesson["examples"](*descent.PHOTOGRAPHS)
    network = lesson["learn"](torch.tensor(n).float(), torch.tensor(x).float())
    line = np.linalg.lstsq(n, x, rcond=None)[0]
    lesson["images"] = SimpleNamespace(sample=images.load)
    found = []
    for path in sorted(FRESH.glob("*.webp")):
        n, x, mean = lesson["examples"](path)
        with torch.no_grad():
            bent = network(torch.tensor(n).float()).numpy()
        rivals = lesson["med_of"](n), n @ line, bent
        found.append(
            [(lesson["mse"](r, x), lesson["bits_and_exact"](r, x, mean)[0]) for r in rivals]
        )
    errors, bits = np.array(found).transpose(2, 1, 0)
    assert errors[:2].mean(1) == pytest.approx([105.6, 110.4], abs=0.06)
    assert bits[:2].mean(1) == pytest.approx([3.80, 4.01], abs=0.006)
    assert 0.64 < errors[2].mean() / errors[1].mean() < 0.74
    assert (errors[2] < errors[1]).sum() >= 36 and (bits[0] < bits[2]).sum() > 20
    assert bits[0].mean() < bits[2].mean() < bits[1].mean()


def lesson_functions():
    """What the cells of the lesson define that make examples and learn from them."""
    cells = lessons.code("learning")
    space = {"np": np, "torch": torch, "images": images, "med": med, "entropy": entropy}
    for cell in cells:
        if cell.cell_type == "code" and re.search(r"^def (examples|learn)\(", cell.source, re.M):
            exec(cell.source.split("\n\n\nn, x, _")[0], space)
    return space


def test_our_block_fares_well(printed):
    left, med, network = (
        int(re.search(rf"{name} +(\d+) grey levels for 64", printed)[1])
        for name in ("left pixel", "MED", "network")
    )
    assert network < 0.6 * min(left, med)


def test_the_gradient_of_round_is_nothing_and_a_wide_nudge_sees_the_slope(printed):
    smooth, nudged = (
        float(re.search(rf"{name}(-?\d+)", printed)[1])
        for name in ("without round  dL/dw = ", r"nudged by 0.01: ")
    )
    assert "with round     dL/dw = 0\n" in printed
    assert nudged == pytest.approx(smooth, rel=0.02)


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_steps_and_the_rounding_switch_by_keys():
    lesson = contents.notebook("learning")
    with jupyterlab([lesson]) as address, chromium(1300, 1000) as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        rate = page.get_by_role("slider", name="Learning rate")
        rate.wait_for()
        page.get_by_text("Across the valley it overshoots").first.wait_for()
        rate.press("End")
        page.get_by_text("Beyond the edge").first.wait_for()

        step = page.get_by_role("slider", name="Step", exact=True)
        step.press("Home")
        page.get_by_text("Go forward, one node a step").first.wait_for()
        step.press("ArrowRight")
        page.get_by_text("p = w₁ · a = 2.24").first.wait_for()
        step.press("End")
        page.get_by_text("∂L/∂w₁ = −9.86").first.wait_for()
        page.get_by_role("button", name="round(z)").click()
        page.get_by_text("Nothing above h gets a gradient").first.wait_for()
        page.get_by_text("∂L/∂v = −14.4").first.wait_for()
        weight = page.get_by_role("slider", name="Weight w₁")
        for _ in range(4):  # 0.8 to 1: beyond the jump
            weight.press("ArrowRight")
        page.get_by_text("∂L/∂v = −8").first.wait_for()
