"""Axes: every value in its place, on linear and on logarithmic axes; what is outside, cut off."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from lic_teach.kit import axes, plots
from lic_teach.kit.axes import Axes

BOX = 40, 20, 240, 120


def opened(body):
    return ET.fromstring(f"<svg>{body}</svg>")


def points(mark):
    return np.array([p.split(",") for p in mark.get("points").split()], float)


@pytest.mark.parametrize(
    "x, y, log",
    [
        ((0, 2), (20, 45), ""),
        ((-3.5, 3.5), (0, 1), ""),
        ((0.03, 20), (0, 8), "x"),
        ((-0.6, 17.4), (1e-3, 100), "y"),
        ((2, 0), (1, -1), ""),
    ],
)
def test_values_stand_where_matplotlib_puts_them(x, y, log):
    theirs = Figure(figsize=(2, 1), dpi=100).add_axes((0, 0, 1, 1))
    theirs.set(xscale="log" if log == "x" else "linear", yscale="log" if log == "y" else "linear")
    theirs.set(xlim=x, ylim=y)
    a = np.geomspace(*x, 7) if log == "x" else np.linspace(*x, 7)
    b = np.geomspace(*y, 7) if log == "y" else np.linspace(*y, 7)
    right, up = theirs.transData.transform(np.stack([a, b], 1)).T
    ax = Axes(x, y, BOX, log)
    np.testing.assert_allclose(ax.x(a), 40 + right, atol=1e-6)
    np.testing.assert_allclose(ax.y(b), 120 - up, atol=1e-6)


@given(x=st.floats(-3, 3), start=st.floats(0, 400), end=st.floats(0, 400))
def test_a_scale_meets_both_ends(x, start, end):
    place = Axes((-3, 3), (0, 1), (start, 0, end, 1)).x
    np.testing.assert_allclose([place(-3), place(3)], [start, end], atol=1e-9)
    np.testing.assert_allclose(place(x) - start, (end - start) * (x + 3) / 6, atol=1e-9)


@pytest.mark.parametrize("log", ["", "x"])
def test_axes_of_one_value_alone_have_a_place_for_it(log):
    assert Axes((0.5, 0.5), (1, 1), BOX, log).edge(0.5, 1) == (40, 120)


def test_the_grid_writes_numbers_as_people_do():
    ax = Axes((-2, 2000), (0.25, 0.75), BOX)
    words = [t.text for t in opened(ax.grid((-2, 1000), {0.5: "½"}, "below", "above")).iter("text")]
    assert words == ["½", "−2", "1,000", "below", "above"]


def test_the_grid_has_a_line_for_every_number():
    ax = Axes((0, 2), (0, 10), BOX)
    rows, base = (p.get("d") for p in opened(ax.grid((0, 1, 2), (0, 5, 10))).iter("path"))
    assert re.findall(r"M40 ([\d.]+)H240", rows) == ["120.0", "70.0", "20.0"]
    assert re.findall(r"M([\d.]+) 120v4", base) == ["40.0", "140.0", "240.0"]
    texts = [
        (float(t.get("x")), float(t.get("y"))) for t in opened(ax.grid((1,), (5,))).iter("text")
    ]
    assert texts == [(34, 74), (140, 137)]


@pytest.mark.parametrize("dots, room", [(0, 1), (2.5, 2.5)])
def test_a_line_is_cut_off_at_the_box_but_not_its_own_width(dots, room):
    drawn = opened(Axes((0, 1), (0, 1), BOX).line((0, 5), (1, -3), "red", 2, "6 3", dots))
    window, line = drawn[0], next(drawn.iter("polyline"))
    assert [float(window.get(k)) for k in ("x", "y", "width", "height")] == [
        40 - room,
        20 - room,
        200 + 2 * room,
        100 + 2 * room,
    ]
    assert window.get("viewBox").split() == [window.get(k) for k in ("x", "y", "width", "height")]
    np.testing.assert_allclose(points(line), [(40, 20), (1040, 420)])
    assert line.get("stroke-dasharray") == "6 3" and "red" in line.get("style")
    circles = [(c.get("cx"), c.get("cy"), c.get("r")) for c in drawn.iter("circle")]
    assert circles == [("40.0", "20.0", "2.5"), ("1040.0", "420.0", "2.5")][: 2 * bool(dots)]


def test_an_infinite_value_is_far_away_and_no_number_that_svg_cannot_read():
    ax = Axes((0.1, 10), (0, 1), BOX, log="x")
    drawn = ax.line((0, 1, np.inf), (0, np.inf, -np.inf), "red") + ax.mark(0, np.inf, "red")
    assert not re.search(r"\b(nan|inf)\b", drawn)
    line, mark = next(opened(drawn).iter("polyline")), next(opened(drawn).iter("circle"))
    (x0, _), (x1, y1), (x2, y2) = points(line)
    assert x0 < 40 < x1 < 240 < x2 and y1 < -1e5 and y2 > 1e5
    assert (mark.get("cx"), mark.get("cy")) == ("40.0", "20.0")  # at the corner


def test_a_mark_and_its_words_stay_at_the_edge():
    ax = Axes((0, 1), (0, 1), BOX)
    mark = next(opened(ax.mark(7, -4, "red", "square", 5)).iter("rect"))
    assert (mark.get("x"), mark.get("y"), mark.get("width")) == ("235.0", "115.0", "10")
    words = next(opened(ax.text(7, -4, "here", 3, -2)).iter("text"))
    assert (words.get("x"), words.get("y")) == ("243", "118")


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "diamond"])
def test_every_shape_is_full_or_has_a_hole(shape):
    full, open_ = (axes.symbol(10, 20, "red", s) for s in (shape, f"open {shape}"))
    assert "fill:red" in full and "fill:red" not in open_ and "stroke:red" in open_
    assert opened(full)[0].tag == opened(open_)[0].tag


def test_bars_reach_from_base_to_value_and_no_further_than_the_box():
    ax = Axes((-0.5, 3.5), (0, 10), BOX)
    bars = opened(ax.bars((0, 1, 2, 3), (5, 0, 20, 4), 0.5, "fill:red", (0, 0, 0, 2)))
    found = [[float(bar.get(k)) for k in ("x", "y", "width", "height")] for bar in bars]
    assert found == [[52.5, 70, 25, 50], [152.5, 20, 25, 100], [202.5, 80, 25, 20]]  # 0: no bar


def test_an_area_lies_between_its_curves():
    drawn = opened(Axes((0, 2), (0, 1), BOX).area((0, 1, 2), 0, (1, 0.5, 1), "fill:red"))
    x, y = points(next(drawn.iter("polygon"))).T
    assert abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2 == pytest.approx(0.75 * 200 * 100)


def test_rules_go_from_edge_to_edge():
    ax = Axes((0, 2), (0, 1), BOX)
    assert 'd="M140.0 20V120"' in ax.rule(x=1) and 'd="M40 70.0H240"' in ax.rule(y=0.5)


def test_stairs_hold_every_value_for_a_step():
    x, y = axes.steps([0, 1, 2], [3, 1, 2])
    np.testing.assert_array_equal(x, [-0.5, 0.5, 0.5, 1.5, 1.5, 2.5])
    np.testing.assert_array_equal(y, [3, 3, 1, 1, 2, 2])


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_have_room_and_keep_their_order_and_their_middle(heights):
    places = axes.apart(heights)
    assert (np.diff(places) > 14.5).all()
    assert places.mean() == pytest.approx(np.mean(heights))
    far = np.diff(np.sort(heights))
    if (far >= 15).all():
        np.testing.assert_array_equal(places, np.sort(heights))
    assert axes.apart(heights, lowest=100)[-1] <= 100


def test_names_stand_beside_their_lines_in_their_colours():
    drawn = opened(axes.names(300, [(50, "upper", "red"), (54, "lower", "blue")]))
    upper, lower = drawn.iter("text")
    assert (upper.text, lower.text) == ("upper", "lower") and "red" in upper.get("style")
    assert float(lower.get("y")) - float(upper.get("y")) == pytest.approx(15, abs=0.2)


def test_a_legend_names_its_samples_from_above():
    rows = opened(axes.legend(5, 7, {"a": axes.stroke("red"), "b": axes.patch("fill:blue")}))
    assert [(g.get("transform"), g.find("text").text) for g in rows] == [
        ("translate(5 7)", "a"),
        ("translate(5 25)", "b"),
    ]


@pytest.mark.parametrize(
    "low, high", [(0, 0.03), (21.3, 38), (5, 5), (52.9021, 52.9021), (0, 1000)]
)
def test_ticks_enclose_and_are_few(low, high):
    ticks = plots.ticks(low, high)
    assert ticks[0] <= low and high <= ticks[-1] and 2 <= len(ticks) <= 9
    assert len({f"{t:g}" for t in ticks}) == len(ticks), "labels that look alike"
    np.testing.assert_allclose(np.diff(ticks), ticks[1] - ticks[0])
