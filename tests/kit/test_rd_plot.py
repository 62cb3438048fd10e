"""The rate-distortion plot: points where they belong, names where they can be read."""

import xml.etree.ElementTree as ET

import numpy as np

from lic_teach.kit import plots, rd_plot
from lic_teach.kit.rd_plot import Curve

SVG = "{http://www.w3.org/2000/svg}"


def test_rd_plot_puts_points_where_they_belong():
    curves = [
        Curve("A", [0.5, 1, 2], [30, 33, 36], plots.JPEG, "circle", "", (1, 33)),
        Curve("B & C", [0.5, 1], [31, 34], plots.LEARNED, "square", "6 3", (0.5, 31)),
    ]
    svg = ET.fromstring(rd_plot.rd_plot(curves, "B <is> above A"))
    texts = [text.text for text in svg.iter(SVG + "text")]
    assert {"A", "B & C", "B <is> above A", "bits per pixel, whole file"} <= set(texts)
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(SVG + "circle")]
    curve, point = dots[:3], dots[3]
    assert point == curve[1] and curve == sorted(curve)  # to the right, more bits
    assert [y for _, y in curve] == sorted((y for _, y in curve), reverse=True)  # up, more dB
    large = [rect for rect in svg.iter(SVG + "rect") if float(rect.get("width")) > 10]
    assert (
        float(large[0].get("x")) + float(large[0].get("width")) / 2 == curve[0][0]
    )  # both 0.5 bpp


def heights(svg):
    """The circles of a plot, from the first to the last: how high each stands, in pixels."""
    return [-float(c.get("cy")) for c in ET.fromstring(svg).iter(SVG + "circle")]


def test_rd_plot_of_a_picture_that_comes_back_exactly():
    curve = Curve("A", [1, 2, 3], [30, 40, np.inf], plots.JPEG, point=(3, np.inf))
    svg = rd_plot.rd_plot([curve], "Exact at last")
    low, middle, exact, now = heights(svg)
    assert low < middle < exact == now and "∞" in svg and "nan" not in svg
    only = rd_plot.rd_plot([Curve("A", [1, 2], [np.inf, np.inf], plots.JPEG)], "All exact")
    assert len(set(heights(only))) == 1 and "∞" in only and "nan" not in only


def test_rd_plot_has_room_for_a_point_outside_the_curve():
    curve = Curve("A", [1, 2], [30, 40], plots.JPEG, point=(5, 60))
    circles = list(ET.fromstring(rd_plot.rd_plot([curve], "")).iter(SVG + "circle"))
    assert float(circles[-1].get("cx")) < rd_plot.RIGHT + 1
    assert float(circles[-1].get("cy")) > rd_plot.TOP - 1


def test_rd_plot_writes_a_name_where_its_curve_is_alone():
    curves = [
        Curve("far", [1, 2, 3], [20, 30, 40], plots.JPEG),
        Curve("near", [0.5, 1.5, 2.9], [35, 36, 39.9], plots.LEARNED),
    ]
    svg = ET.fromstring(rd_plot.rd_plot(curves, ""))
    at = {t.text: float(t.get("x")) for t in svg.iter(SVG + "text")}
    dots = [float(c.get("cx")) for c in svg.iter(SVG + "circle")]
    assert at["far"] > dots[2] and at["near"] < dots[3]  # right of the last, left of the first


def test_three_curves_are_named_in_a_corner_that_no_curve_of_rising_psnr_reaches():
    curves = [
        Curve(name, [0.2, 1, 3], [28, 33 + k, 40], plots.JPEG) for k, name in enumerate("ABC")
    ]
    drawing = ET.fromstring(rd_plot.rd_plot(curves, "three"))
    names = {t.text: t for t in drawing.iter(SVG + "text") if t.text in {"A", "B", "C"}}
    assert list(names) == ["A", "B", "C"]
    heights = [float(t.get("y")) for t in names.values()]
    assert sorted(heights) == heights and min(np.diff(heights)) >= 15
    assert all(float(t.get("x")) > rd_plot.RIGHT - 150 for t in names.values())
    assert max(heights) < rd_plot.BOTTOM


def test_a_curve_without_a_name_has_none_in_the_plot():
    point = Curve("", [2.0], [31.0], plots.TEXT, point=(2.0, 31.0))
    for many in (1, 2, 3):
        named = [Curve(f"C{i}", [1, 2], [30 + i, 33 + i], plots.JPEG) for i in range(many)]
        with_it, without = (rd_plot.rd_plot(c, "Title") for c in ([*named, point], named))
        lines = [svg.count('stroke-width="2"') for svg in (with_it, without)]
        assert lines[0] == lines[1] + 1  # its own, and none in a legend
        assert "></text>" not in with_it and all(c.name in with_it for c in named)
