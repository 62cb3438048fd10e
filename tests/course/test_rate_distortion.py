"""Rate and distortion: its explorer, the hints of its exercises, what its prose says."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.optimize import brentq, linprog, minimize
from scipy.spatial import ConvexHull

from lic_teach import contents, images, jpeg, metrics
from lic_teach.course.rate_distortion import budget, exercises, tangent, tangent_drawing, water
from lic_teach.kit import checks
from lic_teach.kit.controls import decode_picture
from lic_teach.kit.measured import Coded
from lic_teach.paths import DATA
from lic_teach.study import table
from tests import lessons
from tests.lab import chromium, figures, jupyterlab, new_pictures, open_notebook, pictures, run_all

LAMS = np.geomspace(5e-4, 1e-1, 30)
CELLS = lessons.code("rate_distortion")

# --- the tangent -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def source():
    return tangent.prepare(images.sample("astronaut")[50:210, 120:360])


def points(source, i):
    """D and R of every file of picture i."""
    return np.array([(file.mse, file.bpp) for file in source.curves[i]]).T


def test_every_point_is_a_file_that_anybody_can_open(source):
    image = images.sample("astronaut")[50:210, 120:360]
    for file in source.curves[0][::6]:
        assert file.data == jpeg.encode(image, file.setting, subsampling=file.codec)
        assert file.bpp == 8 * len(file.data) / (160 * 240)
        theirs = np.array(Image.open(io.BytesIO(file.data)))
        assert metrics.psnr(image, theirs) == pytest.approx(file.psnr, abs=0.05)


@pytest.mark.parametrize("lam", LAMS)
def test_three_lines_of_slope_minus_lam_and_no_file_below_them(source, lam):
    result = tangent.compute(source, lam)
    for i in range(3):
        D, R = points(source, i)
        (d0, r0), (d1, r1) = tangent_drawing.line(result, i)
        assert (r1 - r0) / (d1 - d0) == pytest.approx(-lam)  # D to the right, R up
        below = r0 - lam * D - R  # how far each file lies below the line
        assert below.max() == pytest.approx(0, abs=1e-9)
        assert r0 - lam * result.chosen[i].mse == pytest.approx(result.chosen[i].bpp)


def test_a_larger_lam_buys_quality_with_bits(source):
    results = [tangent.compute(source, lam) for lam in LAMS]
    assert (np.diff([result.size for result in results]) >= 0).all()
    assert (np.diff([result.psnr for result in results]) >= 0).all()
    for i in range(3):
        assert (np.diff([result.chosen[i].mse for result in results]) <= 0).all()


def test_the_choice_is_that_of_a_linear_program(source):
    """Three pictures under a budget, any mixture of files allowed: its optimum at the bytes that
    one lam spends is what that lam chooses."""
    sizes, errors, which = [], [], []
    for i, (files, n) in enumerate(zip(source.curves, source.pixels, strict=True)):
        sizes += [file.size for file in files]
        errors += [file.mse * n for file in files]
        which += [i] * len(files)
    each_once = [[float(i == j) for j in which] for i in range(3)]
    for lam in (3e-3, 1e-2, 3e-2):
        result = tangent.compute(source, lam)
        found = linprog(errors, A_ub=[sizes], b_ub=[result.size], A_eq=each_once, b_eq=[1] * 3)
        ours = sum(f.mse * n for f, n in zip(result.chosen, source.pixels, strict=True))
        assert found.fun == pytest.approx(ours, rel=1e-6)


def test_one_lam_beats_one_quality_at_as_many_bytes(source):
    for lam in (3e-3, 1e-2, 3e-2):
        result = tangent.compute(source, lam)
        assert result.psnr > result.alike + 0.2


def test_the_psnr_of_three_is_that_of_one_long_picture(source):
    result = tangent.compute(source, 0.01)
    originals = [images.sample("astronaut")[50:210, 120:360]]
    originals += [budget.picture(name) for name in ("coffee", "page")]
    decoded = [jpeg.decode(file.data) for file in result.chosen]
    flat = [np.concatenate([x.reshape(-1) for x in side]) for side in (originals, decoded)]
    mse = np.mean((flat[0].astype(float) - flat[1]) ** 2)
    assert result.psnr == pytest.approx(10 * np.log10(255**2 / mse))
    assert result.size == sum(len(file.data) for file in result.chosen)


@given(
    st.floats(0, 1), st.floats(0.02, 0.98), st.floats(5e-4, 1e-1), st.booleans(), st.integers(0, 2)
)
def test_the_pulled_line_goes_through_the_hand_and_touches(source, across, up, lam, left, i):
    D, R = points(source, i)
    touched = tangent.compute(source, lam).chosen[i]
    hand_d = touched.mse * across if left else touched.mse + (D.max() - touched.mse) * across
    hand_r = up * np.interp(hand_d, *_lower_hull(D, R))  # below every file and every mixture
    pulled = tangent.pulled(source.curves[i], (hand_d, hand_r), touched)
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


@pytest.mark.parametrize("lam", [5e-4, 1e-2, 1e-1])
def test_draw(source, lam):
    result = tangent.compute(source, lam)
    view = tangent.draw(result)
    np.testing.assert_array_equal(
        decode_picture(view.picture[0]), images.sample("astronaut")[50:210, 120:360]
    )
    decoded = jpeg.decode(result.chosen[0].data)
    np.testing.assert_array_equal(decode_picture(view.picture[1]), decoded)
    for file in result.chosen:
        assert f"<td>{file.psnr:.2f}</td>" in view.readout
    fits = "bytes are left" if result.size <= tangent.BUDGET else "bytes too many"
    assert fits in view.readout
    svg = ET.fromstring(view.plot)
    assert sum(e.get("class") == "lic-grab" for e in svg.iter()) == 3
    for marks in svg.iter():
        assert "nan" not in "".join(marks.attrib.values())


def test_the_bar_is_as_long_as_the_bytes_are_many(source):
    for lam in (5e-3, 5e-2):
        result = tangent.compute(source, lam)
        svg = ET.fromstring(tangent.draw(result).plot)
        top = str(tangent_drawing.BAR[1])
        widths = [float(e.get("width")) for e in svg.iter() if e.get("y") == top]
        sizes = np.array([file.size for file in result.chosen])
        assert np.array(widths) / sum(widths) == pytest.approx(sizes / sizes.sum(), abs=1e-3)


def test_shell():
    ex = tangent.Tangent(images.sample("rocket")[150:310, 240:480])
    first, plot, picture = ex.readout.summary, ex.plot.value, ex.picture.value
    assert first.startswith("lambda 0.01: your picture 4:")
    ex.lam = 0.05
    assert ex.readout.summary != first and ex.plot.value != plot and ex.picture.value != picture
    for which in range(3):
        before = ex.lam
        cost = ex.result.chosen[which].cost(ex.lam)
        ex.plot.hand = (0.0, 0.8 * cost, which)  # its end on the R axis, downwards
        assert ex.lam < before
        assert ex.result.chosen[which].cost(ex.lam) == pytest.approx(ex.plot.hand[1], rel=0.01)
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
        ex.plot.hand = (0.5, 0.5 * lam, 0)
    assert "That did not work" not in ex.readout.value and "nan" not in ex.plot.value


# --- water -------------------------------------------------------------------------------


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=64), st.floats(0.01, 0.99))
def test_the_water_level_is_the_root_that_scipy_finds(variances, share):
    variances = np.array(variances)
    mean_error = share * variances.mean()
    level = water.fill(variances, mean_error)

    def too_much(level):
        return np.minimum(level, variances).mean() - mean_error

    assert level == pytest.approx(brentq(too_much, 0, variances.max(), rtol=1e-12), rel=1e-6)


def test_no_other_share_of_the_error_takes_fewer_bits():
    """Against SciPy's minimizer, which knows nothing of water."""
    variances = np.array([400.0, 90.0, 30.0, 4.0])
    level = water.fill(variances, 12.0)
    ours = water.bits(variances, level).sum()
    found = minimize(
        lambda e: 0.5 * np.log2(variances / e).sum(),
        np.minimum(variances, 12.0) * 0.7,
        bounds=[(1e-3, v) for v in variances],
        constraints={"type": "ineq", "fun": lambda e: 48.0 - e.sum()},
    )
    assert found.fun == pytest.approx(ours, abs=1e-4)
    np.testing.assert_allclose(found.x, np.minimum(level, variances), rtol=0.01)


@pytest.mark.parametrize("mean_error", [0.0, 6.0, float("nan")])
def test_an_error_that_no_level_has_is_refused_in_words(mean_error):
    with pytest.raises(ValueError, match=f"mean error {mean_error}, expected above 0, up to 5.0"):
        water.fill(np.array([1.0, 9.0]), mean_error)


def test_the_coffee_at_a_mean_error_of_60():
    variances = water.luma_variances(images.sample("coffee"))
    level = water.fill(variances, 60)
    assert level == pytest.approx(71.8, abs=0.1)
    assert np.count_nonzero(water.bits(variances, level)) == 36


# --- the exercises -----------------------------------------------------------------------

slopes, share, bd_rate = exercises.check.exercises

RIGHT = {"dD/dR": -100, "dPSNR/dR": 6.482}


def one_lam(lam):
    """Everybody chooses at a fixed lam, whatever the budget."""
    return lambda points, _: {
        n: min(f, key=lambda f: f[1] + lam * f[2])[0] for n, f in points.items()
    }


@pytest.mark.parametrize("size", [20_000, 40_000, 80_000, 120_000])
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
        (share, lambda points, _: dict(zip(points, (16, 16, 25), strict=True)), "too many"),
        (
            share,
            lambda points, _: dict(zip(points, (15, 15, 14), strict=True)),
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


@pytest.mark.parametrize("name, first", [("astronaut", 0.0164), ("coffee", None)])
def test_where_the_whole_chroma_overtakes(name, first):
    files = budget.with_chroma(name)
    n = budget.pixels(name)
    D, R = np.array([(error / n, bits / n) for _, bits, error in files]).T
    lams = np.geomspace(5e-4, 1e-1, 400)
    ahead = [np.argmin(R + lam * D) >= 100 for lam in lams]
    if first is None:
        assert not any(ahead)
    else:
        where = lams[np.flatnonzero(ahead)[0]]
        assert where == pytest.approx(first, rel=0.06)


def test_what_one_lam_brings_at_equal_bytes():
    """Next to nothing on like pictures; much with a page beside them, more with free chroma."""
    points = {name: budget.files(name) for name in budget.PICTURES}
    whole = {name: budget.files(name, "4:4:4") for name in budget.PICTURES}
    either = {name: budget.with_chroma(name) for name in budget.PICTURES}
    two = {name: points[name] for name in ("astronaut", "coffee")}
    cases = (two, (two,), 0.05, 0.02), (points, (points, whole), 0.54, 0.1)
    cases += ((either, (points, whole), 0.79, 0.1),)
    for offered, rules, gain, near in cases:
        choice = budget.equal_lam(offered, 8 * 80_000)
        bits, _ = budget.totals(offered, choice)
        one = max(budget.one_quality_psnr(rule, bits) for rule in rules)
        assert budget.psnr_of(offered, choice) - one == pytest.approx(gain, abs=near)


def test_the_page_was_drawn_the_same_everywhere():
    page = budget.page()
    inks = {tuple(c) for c in np.unique(page.reshape(-1, 3), axis=0)}
    assert inks == {(255, 255, 255), (0, 0, 0), (192, 0, 0), (0, 64, 192)}  # no smoothing


def test_which_shipped_ms_ssim_numbers_rest_on_a_part_of_the_window():
    anchor = table.read(DATA / "rd" / "kodak_jpeg.json")
    rows = {
        path.stem[6:]: table.bd_table([table.read(path)], anchor)[0]["parts"]
        for path in (DATA / "rd").glob("kodak_*.json")
    }
    assert {name for name, row in rows.items() if row["ms_ssim"][1] < 35.99} == {
        "jpeg_flat",
        "jpeg_tables",
        "jpeg_trellis",
        "learned_hours_refined",
        "learned_factorized",
        "learned_fixed",
        "learned_mixture",
    }
    short = {name for name, row in rows.items() if row["psnr"] != (29.5, 36.0)}
    assert short == {"learned_fixed", "learned_factorized", "learned_ms_ssim"}


def test_the_mean_of_24_bd_rates_is_another_than_that_of_the_mean_curves():
    webp, jpeg2000 = (table.read(DATA / "rd" / f"kodak_{n}.json") for n in ("webp", "jpeg2000"))

    def curve(study, i):
        values = [point["per_image"] for point in study["points"]]
        return [(value["bpp"][i], value["psnr"][i]) for value in values]

    rates = [metrics.bd_rate(curve(webp, i), curve(jpeg2000, i), table.WINDOW) for i in range(24)]
    whole = metrics.bd_rate(table.psnr_curve(webp), table.psnr_curve(jpeg2000), table.WINDOW)
    assert whole == pytest.approx(-13.3, abs=0.05) and np.mean(rates) == pytest.approx(
        -5.4, abs=0.05
    )


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
    for name in ("astronaut", "coffee"):
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


def test_the_table_of_bd_rates_is_straight_and_lists_what_the_lesson_speaks_of():
    pages = [o.get("data", {}).get("text/html", "") for c in CELLS for o in c.outputs]
    (page,) = [page for page in pages if "JPEG 2000 is ahead of WebP" in page]
    heads, *rows = re.search("<pre>(.*?)</pre>", page, re.S)[1].splitlines()
    assert {len(row) for row in rows} == {len(heads)}
    names = {row.split()[0] for row in rows}
    words = {name.removeprefix("jpeg_").lower() for name in names} - {"avif444", "jpeg444"}
    prose = lessons.prose("rate_distortion").lower().replace("jpeg 2000", "jpeg2000")
    assert len(names) >= 10 and all(word in prose for word in words), words


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
def test_the_line_can_be_pulled_and_lam_moved_by_keys(tmp_path):
    lesson = figures(contents.notebook("rate_distortion"), tmp_path)
    with jupyterlab([lesson]) as address, chromium() as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="λ", exact=True)
        slider.wait_for()
        title = page.locator(".lic-plot text").first
        assert title.text_content() == "λ = 0.01: three lines of one slope"
        picture = page.locator(".lic-wipe canvas").last
        before = pictures(picture)
        slider.press("End")
        page.get_by_text("λ = 0.1: three lines of one slope").first.wait_for()
        new_pictures(picture, before)
        area = page.locator(".lic-grab").nth(2)  # the page of text
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        page.mouse.move(box["x"] + 1, box["y"] + 0.1 * box["height"])  # near its end on the R axis
        page.mouse.down()
        page.mouse.move(box["x"] + 1, box["y"] + 0.5 * box["height"], steps=5)
        page.mouse.up()
        page.wait_for_function(
            "s => { const v = +s.ariaValueText.split(' ')[1]; return 5e-4 < v && v < 0.03; }",
            arg=slider.element_handle(),
        )
        slider.press("Home")
        page.get_by_text("λ = 0.0005: three lines of one slope").first.wait_for()
        assert "L = R + λD" in page.locator(".lic-readout").first.inner_text()
