"""Rate and distortion: its explorer, the hints of its exercises, what its prose says."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.rate_distortion import budget, exercises, tangent, tangent_drawing
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from lic_teach.kit.measured import Coded
from lic_teach.paths import DATA
from lic_teach.study import table
from tests.lab import chromium, jupyterlab, new_pictures, open_notebook, pictures, run_all

LAMS = np.geomspace(5e-4, 1e-1, 30)

# --- the tangent -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return tangent.prepare(images.sample("rocket")[150:310, 240:480])


def points(source):
    """D and R of every file."""
    return np.array([(file.mse, file.bpp) for curve in source.curves for file in curve]).T


def test_every_point_is_a_file_that_anybody_can_open(source):
    image = images.sample("rocket")[150:310, 240:480]
    for curve, sampling in zip(source.curves, ("4:2:0", "4:4:4"), strict=True):
        for file in curve[::6]:
            assert file.data == jpeg.encode(image, file.setting, subsampling=sampling)
            assert file.bpp == 8 * len(file.data) / (160 * 240)
            theirs = np.array(Image.open(io.BytesIO(file.data)))
            assert metrics.psnr(image, theirs) == pytest.approx(file.psnr, abs=0.05)


@pytest.mark.parametrize("lam", LAMS)
def test_the_line_has_slope_minus_lam_and_no_file_below_it(source, lam):
    D, R = points(source)
    result = tangent.compute(source, lam)
    (d0, r0), (d1, r1) = tangent_drawing.line(result)
    assert (r1 - r0) / (d1 - d0) == pytest.approx(-lam)  # D to the right, R up
    assert (d1 - d0) / (r1 - r0) == pytest.approx(-1 / lam)  # the other way round
    below = r0 - lam * D - R  # how far each file lies below the line
    assert below.max() == pytest.approx(0, abs=1e-9)
    chosen = result.chosen
    assert r0 - lam * chosen.mse == pytest.approx(chosen.bpp)


def test_a_larger_lam_buys_quality_with_bits(source):
    chosen = [tangent.compute(source, lam).chosen for lam in LAMS]
    assert (np.diff([file.bpp for file in chosen]) >= 0).all()
    assert (np.diff([file.mse for file in chosen]) <= 0).all()
    assert (np.diff([file.psnr for file in chosen]) >= 0).all()


def test_the_curves_own_slopes_lie_around_minus_lam(source):
    for curve in source.curves:
        R, D = np.array([(file.bpp, file.mse) for file in curve]).T
        for lam in LAMS:
            best = np.argmin(R + lam * D)
            for other in np.flatnonzero(D != D[best]):
                slope = (R[other] - R[best]) / (D[other] - D[best])
                assert slope <= -lam + 1e-12 if D[other] < D[best] else slope >= -lam - 1e-12


def test_the_choice_is_that_of_a_linear_program(source):
    """Mixing files in any shares never has a smaller L: the choice lies on the convex hull."""
    D, R = points(source)
    for lam in (1e-3, 1e-2, 1e-1):
        found = linprog(R + lam * D, A_eq=np.ones((1, len(R))), b_eq=[1])
        assert found.fun == pytest.approx(tangent.compute(source, lam).chosen.cost(lam))


@given(st.floats(0, 1), st.floats(0.02, 0.98), st.floats(5e-4, 1e-1), st.booleans())
def test_the_pulled_line_goes_through_the_hand_and_touches(source, across, up, lam, left):
    D, R = points(source)
    touched = tangent.compute(source, lam).chosen
    hand_d = touched.mse * across if left else touched.mse + (D.max() - touched.mse) * across
    hand_r = up * np.interp(hand_d, *_lower_hull(D, R))  # below every file and every mixture
    pulled = tangent.pulled([f for c in source.curves for f in c], (hand_d, hand_r), touched)
    if pulled is not None and pulled > 0:
        assert np.min(R + pulled * D) == pytest.approx(hand_r + pulled * hand_d)


def _lower_hull(D, R):
    """The corners of what no mixture of files gets below, D rising: by SciPy."""
    hull = ConvexHull(np.stack([D, R], axis=1))
    below = hull.simplices[hull.equations[:, 1] < 0]  # edges that face down
    corners = np.unique(below)
    corners = corners[np.argsort(D[corners])]
    return D[corners], R[corners]


def test_pulled_where_no_line_can_be():
    file = Coded(50, b"", 1.0, 10.0, 38.1, None, "4:2:0")
    assert tangent.pulled([file], (10.0, 0.5), file) is None


def circles(view):
    """Of the large marks of the plot: centre and size."""
    svg = ET.fromstring(view.plot)
    found = [e for e in svg.iter() if e.tag.endswith("circle") and float(e.get("r")) > 5]
    return [(float(e.get("cx")), float(e.get("cy")), float(e.get("r"))) for e in found]


@pytest.mark.parametrize("lam", [5e-4, 1e-2, 1e-1])
def test_draw(source, lam):
    result = tangent.compute(source, lam)
    view = tangent.draw(result)
    np.testing.assert_array_equal(
        decode_picture(view.picture[0]), images.sample("rocket")[150:310, 240:480]
    )
    np.testing.assert_array_equal(decode_picture(view.picture[1]), jpeg.decode(result.chosen.data))
    assert f"<td>{result.chosen.psnr:.2f}</td>" in view.readout
    assert f"worth {1 / lam:,.0f} units of MSE" in view.readout
    handles = [(x, y) for x, y, r in circles(view) if r == 6]
    (x0, y0), (x1, y1) = handles
    assert x0 < x1 and y0 < y1  # on the screen the line falls to the right
    svg = ET.fromstring(view.plot)
    for marks in svg.iter():
        assert "nan" not in "".join(marks.attrib.values())


def test_the_bent_line_is_the_straight_one_in_decibels(source):
    """Its slope at the touching point is 10 / (ln 10 * lam * D), rising."""
    lam = 0.01
    chosen = tangent.compute(source, lam).chosen
    cost = chosen.cost(lam)
    before, after = (
        10 * np.log10(255**2 * lam / (cost - r)) for r in chosen.bpp + np.array([-1e-6, 1e-6])
    )
    assert (after - before) / 2e-6 == pytest.approx(10 / (np.log(10) * lam * chosen.mse), rel=1e-4)
    assert (before + after) / 2 == pytest.approx(chosen.psnr, abs=1e-6)


def test_shell():
    ex = tangent.Tangent(images.sample("rocket")[150:310, 240:480])
    first, plot, picture = ex.readout.summary, ex.plot.value, ex.picture.value
    assert first.startswith("lambda 0.01: the line touches")
    ex.lam = 0.05
    assert ex.readout.summary != first and ex.plot.value != plot and ex.picture.value != picture
    before = ex.lam
    ex.plot.hand = (0.0, 0.9 * ex.result.chosen.cost(ex.lam))  # its end on the R axis, downwards
    assert ex.lam < before
    assert ex.result.chosen.cost(ex.lam) == pytest.approx(ex.plot.hand[1], rel=0.01)
    ex._reset.click()
    assert ex.readout.summary == first and ex.plot.value == plot
    bundle = ex._repr_mimebundle_()
    assert bundle["text/plain"] == f"Tangent: {first}" and bundle["image/png"]
    ET.fromstring(ex.plot.value)


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 24, 3)])
def test_flat_and_tiny_pictures(shape):
    ex = tangent.Tangent(np.full(shape, 255, np.uint8))
    for lam in (5e-4, 1e-1):
        ex.lam = lam
        ex.plot.hand = (0.5, 0.5 * lam)
    assert "That did not work" not in ex.readout.value and "nan" not in ex.plot.value


# --- the exercises -----------------------------------------------------------------------

slopes, share, bd_rate = exercises.check.exercises

RIGHT = {"dD/dR": -100, "dPSNR/dR": 6.482}


def one_lam(lam):
    """Everybody chooses at a fixed lam, whatever the budget."""
    return lambda points, _: {
        n: min(f, key=lambda f: f[1] + lam * f[2])[0] for n, f in points.items()
    }


@pytest.mark.parametrize("size", [15_000, 20_000, 40_000, 60_000, 100_000])
def test_no_choice_with_as_few_bits_has_less_error(size):
    """Everett's three lines, against all 1,000,000 combinations."""
    points = {name: budget.files(name) for name in budget.PICTURES}
    spent, left = budget.totals(points, budget.equal_lam(points, 8 * size))
    _, b, e = np.array(list(points.values())).transpose(2, 0, 1)
    bits = b[0][:, None, None] + b[1][:, None] + b[2]
    error = e[0][:, None, None] + e[1][:, None] + e[2]
    assert spent <= 8 * size
    assert error[bits <= spent].min() >= left * (1 - 1e-12)


def over_everything(anchor, points):
    a, b = np.array(anchor).T, np.array(points).T
    q = np.linspace(min(a[1][0], b[1][0]), max(a[1][-1], b[1][-1]), 500)
    logs = [exercises.Akima1DInterpolator(c[1], np.log(c[0]))(q) for c in (a, b)]
    return 100 * (np.exp(np.mean(logs[1] - logs[0])) - 1)


@pytest.mark.parametrize(
    "exercise, answer, hint",
    [
        (slopes, RIGHT | {"dD/dR": 3}, "Solve L = R + λD for D"),
        (slopes, RIGHT | {"dPSNR/dR": 1}, "dPSNR/dD · dD/dR"),
        (slopes, {"dD/dR": -100}, "Give two numbers"),
        (slopes, -100, "Give two numbers"),
        (share, one_lam(1e-3), "Much of it is not spent"),
        (share, one_lam(1e-7), "Much of it is not spent"),
        (share, one_lam(1e-1), "too many"),
        (share, lambda points, _: dict(zip(points, (12, 10, 11), strict=True)), "too many"),
        (
            share,
            lambda points, _: dict(zip(points, (9, 10, 14), strict=True)),
            "is the price the same",
        ),
        (share, lambda points, _: dict.fromkeys(points, 17.5), "whole number"),
        (share, lambda points, _: [11, 9, 12], "a dictionary"),
        (bd_rate, over_everything, "gives nan there"),
        (bd_rate, lambda a, b: metrics.bd_rate(b, a), "Which is the anchor"),
        (bd_rate, lambda a, b: [1.0, 2.0], "One number is asked for"),
        (bd_rate, lambda a, b: 17.0, "Log rate over PSNR"),
    ],
)
def test_hints_of_answers_like_no_known_mistake(exercise, answer, hint):
    verdict = checks.verdict(exercise, answer)
    assert verdict.startswith("Not yet. ") and hint in verdict, verdict


def test_right_answers():
    assert checks.verdict(slopes, RIGHT).startswith("Right. ")


@pytest.mark.parametrize("log, back", [(np.log, np.exp), (np.log10, lambda x: 10**x)])
def test_bd_rate_by_any_logarithm(log, back):
    answer = exercises.over_psnr(
        lambda a, b: 100 * (back(np.mean(log(np.exp(b)) - log(np.exp(a)))) - 1)
    )
    assert checks.verdict(bd_rate, answer).startswith("Right. ")


# --- what the prose says -----------------------------------------------------------------


@pytest.mark.parametrize(
    "name, first", [("rocket", 0.0111), ("astronaut", 0.016), ("coffee", None), ("chelsea", None)]
)
def test_where_the_whole_chroma_overtakes(name, first):
    source = tangent.prepare(images.sample(name))
    lams = np.geomspace(5e-4, 1e-1, 400)
    ahead = [tangent.compute(source, lam).chosen.codec == "4:4:4" for lam in lams]
    if first is None:
        assert not any(ahead)
    else:
        where = lams[np.flatnonzero(ahead)[0]]
        assert where == pytest.approx(first, rel=0.02) and all(ahead[np.flatnonzero(ahead)[0] :])


def test_the_price_of_the_last_coefficient_of_our_block():
    """0.020 bits a unit of error, and 0.027 around quality 50: both neighbours are corners."""
    f = np.array(budget.files("chelsea"))
    D, R = f[:, 2], f[:, 1]
    price = (R[50] - R[46]) / (D[46] - D[50])
    assert price == pytest.approx(0.0267, abs=2e-4)
    cost = R + price * D
    assert cost.min() == pytest.approx(cost[46]) == pytest.approx(cost[50])
    assert 13 / 647 < price


def test_fewer_than_half_of_all_qualities_are_corners_and_the_others_lie_close_by():
    for name in images.SAMPLES:
        quality, R, D = np.array(budget.files(name)).T
        lams = np.geomspace(1e-4, 1, 1500)
        cost = R[:, None] + lams * D[:, None]
        assert len(set(cost.argmin(0))) < 50
        usual = (quality >= 10) & (quality <= 95)
        assert (cost / cost.min(0)).min(1)[usual].max() < 1.03


def studies():
    return {p.stem[6:]: table.read(p) for p in (DATA / "rd").glob("kodak_*.json")}


def test_progressive_changes_the_bytes_and_not_the_picture():
    found = studies()
    values = [
        [p["per_image"]["psnr"] for p in found[n]["points"]] for n in ("jpeg", "jpeg_progressive")
    ]
    assert values[0] == values[1]


def test_who_is_ahead_depends_on_metric_and_anchor():
    found = studies()
    rows = {r["codec"]: r for r in table.bd_table(list(found.values()), found["jpeg"])}
    assert rows["jpeg2000"]["psnr"] < rows["webp"]["psnr"]
    assert rows["jpeg2000"]["ms_ssim"] > rows["webp"]["ms_ssim"]
    for name in ("jpeg_tables", "jpeg_trellis"):
        assert rows[name]["psnr"] < -10 and rows[name]["ms_ssim"] > 5
    jpeg_curve, webp = (table.psnr_curve(found[name]) for name in ("jpeg", "webp"))
    rates = [metrics.bd_rate(jpeg_curve, webp, (low, low + 2)) for low in range(27, 38, 2)]
    assert all(-45 < rate < -30 for rate in rates)  # "about a third fewer bits, at every quality"


# --- in the browser ----------------------------------------------------------------------


@pytest.mark.browser
def test_the_line_can_be_pulled_and_lam_moved_by_keys():
    lesson = contents.notebook("rate_distortion")
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="λ", exact=True)
        slider.wait_for()
        title = page.locator(".lic-plot text").first
        assert title.text_content().startswith(
            "λ = 0.01: the lowest line touches 4:2:0, quality 35"
        )
        picture = page.locator(".lic-wipe canvas").last
        before = pictures(picture)
        slider.press("End")
        page.get_by_text("λ = 0.1: the lowest line touches 4:4:4").first.wait_for()
        new_pictures(picture, before)
        area = page.locator(".lic-grab")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        page.mouse.move(box["x"] + 1, box["y"] + 0.1 * box["height"])  # near its end on the R axis
        page.mouse.down()
        page.mouse.move(box["x"] + 1, box["y"] + 0.8 * box["height"], steps=5)
        page.mouse.up()
        page.get_by_text("the lowest line touches 4:2:0").first.wait_for()
        page.wait_for_function(
            "s => { const v = +s.ariaValueText.split(' ')[1]; return 5e-4 < v && v < 0.01; }",
            arg=slider.element_handle(),
        )
        slider.press("Home")
        page.get_by_text("λ = 0.0005: the lowest line touches 4:2:0").first.wait_for()
        assert "L = R + λD" in page.locator(".lic-readout").first.inner_text()
