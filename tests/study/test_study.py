"""Oracles: Pillow called plainly, numbers measured elsewhere on Kodak, JSON itself."""

import io
import json
import os
from pathlib import Path

import joblib
import numpy as np
import pytest
import typer
from PIL import Image, ImageFile
from typer.testing import CliRunner

from lic_teach import cli, images
from lic_teach.metrics import bd_rate, bpp, psnr
from lic_teach.paths import DATA
from lic_teach.study import codecs, curves, own, table
from lic_teach.study.codecs import Codec, pillow_decode
from lic_teach.study.command import rd
from tools import scoreboard

SHARED = Path(os.environ.get("LIC_TEACH_SHARED", Path(__file__).parents[3] / "shared"))
KODAK = SHARED / "images" / "kodak"
needs_kodak = pytest.mark.skipif(not KODAK.is_dir(), reason="no Kodak pictures here")
CODECS = codecs.CODECS | own.CODECS
STUDIES = sorted(p for p in (DATA / "rd").glob("kodak_*.json"))
ELSEWHERE = {
    "jpeg": "jpeg420_opt",
    "jpeg444": "jpeg444_opt",
    "jpeg_progressive": "jpeg420_prog",
    "webp": "webp",
    "jpeg2000": "jpeg2000",
    "avif": "avif420_s6",
    "avif444": "avif444_s4",
}


def keep_bits(image, setting):
    """A codec of the test's own: PNG of the upper `setting` bits."""
    file = io.BytesIO()
    Image.fromarray(image >> (8 - setting) << (8 - setting)).save(file, "PNG")
    return file.getvalue()


def never(image, setting):
    raise AssertionError("measured again")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(1)
    for name, shape in [("b.png", (170, 180, 3)), ("a.png", (40, 30, 3))]:
        ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1]))[..., None] % 256
        noisy = np.clip(ramp + rng.normal(0, 8, shape), 0, 255).astype(np.uint8)
        (tmp_path / "few").mkdir(exist_ok=True)
        Image.fromarray(noisy).save(tmp_path / "few" / name)
    return tmp_path / "few"


def test_a_row_is_the_file_that_pillow_makes(folder):
    codec = CODECS["jpeg"]
    row = curves.measure(folder / "b.png", 60, codec.encode, codec.decode)
    with Image.open(folder / "b.png") as picture:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=60, subsampling=2, optimize=True)
        x = np.asarray(picture)
    assert row["bpp"] == pytest.approx(bpp(file.getvalue(), x), abs=1e-5)
    assert row["psnr"] == pytest.approx(psnr(x, np.asarray(Image.open(file))), abs=1e-4)
    assert 0.5 < row["ms_ssim"] < 1


@pytest.mark.parametrize("name", CODECS)
def test_every_codec_trades_bits_for_quality(name, folder):
    codec = CODECS[name]
    ends = sorted(codec.settings)[:: len(codec.settings) - 1]
    points = [curves.measure(folder / "b.png", s, codec.encode, codec.decode) for s in ends]
    low, high = sorted(points, key=lambda row: row["bpp"])
    assert low["bpp"] < high["bpp"] and low["psnr"] < high["psnr"]
    assert all(codec.versions().values()) and codec.protocol


@pytest.mark.parametrize("name", ["jpeg", "jpeg444", "jpeg_progressive"])
def test_noise_is_not_too_large_for_pillow(name):
    """A file of more bytes than Pillow expects; its setting is as before afterwards."""
    usual, noise = ImageFile.MAXBLOCK, np.random.default_rng(0).integers(0, 2, (320, 400, 3))
    noise = np.uint8(255 * noise)
    sizes = [len(CODECS[name].encode(noise, quality)) for quality in (75, 95, 100)]
    assert noise.size / 6 < sizes[0] < sizes[1] < sizes[2] and ImageFile.MAXBLOCK == usual


def test_any_pair_of_functions_in_any_backend(folder):
    paths = sorted(folder.iterdir())
    rows = curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4, 8])
    assert [(r["image"], r["setting"]) for r in rows] == [
        (name, s) for name in ("a.png", "b.png") for s in (2, 4, 8)
    ]
    assert rows[2]["psnr"] is None and rows[2]["ms_ssim"] is None  # lossless; a small picture
    assert rows[5]["ms_ssim"] == 1
    for backend in ("loky", "threading"):  # a Dask or Ray cluster enters by the same line
        with joblib.parallel_config(backend=backend):
            again = curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4, 8], n_jobs=2)
        assert again == rows


def test_a_dask_cluster_takes_over(folder):
    distributed = pytest.importorskip("distributed")
    paths = sorted(folder.iterdir())
    with distributed.Client(n_workers=1, threads_per_worker=1, dashboard_address=None):
        with joblib.parallel_config(backend="dask"):
            rows = curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4])
    assert rows == curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4])


def test_an_interrupted_study_goes_on(folder, tmp_path):
    paths, partial = sorted(folder.iterdir()), tmp_path / "rows"
    rows = curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4], partial=partial)
    lines = partial.read_text().splitlines(keepends=True)
    assert [json.loads(line) for line in lines] == rows
    again = curves.rate_distortion(paths, never, pillow_decode, [2, 4], partial=partial)
    assert again == rows
    partial.write_text("".join(lines)[:-9])  # killed while it wrote the last line
    with pytest.raises(AssertionError, match="measured again"):
        curves.rate_distortion(paths, never, pillow_decode, [2, 4], partial=partial)
    for _ in range(2):  # the second time that line has another one behind it
        again = curves.rate_distortion(paths, keep_bits, pillow_decode, [2, 4], partial=partial)
        assert again == rows


def test_points_are_means_over_the_pictures(folder):
    rows = curves.rate_distortion(sorted(folder.iterdir()), keep_bits, pillow_decode, [2, 4])
    points = curves.summarise(rows)
    assert [p["setting"] for p in points] == [2, 4]
    assert points[0]["bpp"] == pytest.approx((rows[0]["bpp"] + rows[2]["bpp"]) / 2, abs=1e-5)
    assert points[1]["per_image"]["psnr"] == [rows[1]["psnr"], rows[3]["psnr"]]
    assert points[0]["ms_ssim"] is None


def test_a_study_says_how_to_repeat_it(folder, tmp_path):
    codec = Codec(keep_bits, pillow_decode, (2, 4, 6, 7), "upper bits", lambda: {"zlib": "1"})
    path = curves.study("bits", codec, sorted(folder.iterdir()), tmp_path / "out")
    found = table.read(path)
    assert path.name == "few_bits.json" and list(path.parent.iterdir()) == [path]
    assert found["command"] == "lic-teach rd --images few --codecs bits"
    assert found["versions"] == {"zlib": "1"} and found["images"] == ["a.png", "b.png"]
    assert len(found["points"]) == 4


def test_two_pictures_of_one_name_are_refused(folder):
    with pytest.raises(ValueError, match="same file name"):
        curves.rate_distortion([folder / "a.png"] * 2, keep_bits, pillow_decode, [2])


def test_the_table_and_its_refusals():
    anchor = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)]

    def as_study(name, points, similarity=()):
        similar = list(similarity) or [None] * len(points)
        triples = zip(points, similar, strict=True)
        points = [{"bpp": r, "psnr": q, "ms_ssim": s} for (r, q), s in triples]
        return {"codec": name, "points": points}

    similarity = [0.9, 0.95, 0.98, 0.99]
    half = as_study("half", [(r / 2, q) for r, q in anchor], similarity)
    far = as_study("far", [(r, q + 30) for r, q in anchor])
    rows = table.bd_table([half, far], as_study("jpeg", anchor, similarity))
    assert rows[0]["psnr"] == pytest.approx(-50) and rows[0]["ms_ssim"] == pytest.approx(-50)
    assert "do not overlap" in rows[1]["psnr"] and "four points" in rows[1]["ms_ssim"]
    text = table.format_table(rows).splitlines()
    assert text[2].split() == ["half", "-50.0", "%", "-50.0", "%"]
    assert text[3].split() == ["far", "--", "--"] and "do not overlap" in text[4]


def test_a_lossless_curve_has_no_bd_rate_and_stops_nothing():
    points = [{"bpp": r, "psnr": None, "ms_ssim": 1.0} for r in (1, 2, 3, 4)]
    black = {"codec": "jpeg", "points": points}
    (row,) = table.bd_table([black], black)
    assert "four points" in row["psnr"] and "four points" in row["ms_ssim"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "[" * 100_000, '{"points": []}', '{"codec": "x", "points": 5}']
    + ['{"codec": "x", "points": [{"bpp": 1}]}', '{"codec": "x", "points": [5]}', "\udcff"],
)
def test_a_damaged_study_is_named(tmp_path, text):
    path = tmp_path / "pics_jpeg.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ValueError, match="pics_jpeg.json holds no rate-distortion study"):
        table.read(path)


def test_a_folder_may_hold_studies_of_folders_with_similar_names(folder, tmp_path):
    app, few = typer.Typer(), folder.rename(tmp_path / "few[1]")
    app.command()(rd)
    more = tmp_path / "few[1]_more"
    more.mkdir()
    images.save(more / "black.png", np.zeros((16, 16, 3), np.uint8))
    (more / "folder.png").mkdir()
    for source in (few, more):
        words = ["--images", str(source), "--out", str(tmp_path / "out"), "--codecs", "jpeg"]
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        assert result.output.count("\njpeg  ") == 1  # one row


def test_the_command(folder, tmp_path):
    app = typer.Typer()
    app.command()(rd)
    arguments = ["--images", str(folder), "--out", str(tmp_path / "out"), "--codecs"]
    result = CliRunner().invoke(app, [*arguments, "jpeg,webp"])
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"few_jpeg.json", "few_webp.json"}
    assert "BD-rate, PSNR window 29.5..36.0 dB" in result.output
    result = CliRunner().invoke(cli.app, ["rd", *arguments, "gif"])
    assert result.exit_code == 1 and "no codec 'gif': choose from jpeg" in result.stderr


def test_the_sha256_list_holds_24_originals():
    lines = [x for x in curves.KODAK_SHA256.read_text().splitlines() if not x.startswith("#")]
    assert [x.split()[1] for x in lines] == [f"kodim{i:02}.png" for i in range(1, 25)]
    assert len({x.split()[0] for x in lines}) == 24


@needs_kodak
def test_kodak_is_known_by_its_content(tmp_path):
    paths = sorted(KODAK.glob("*.png"))
    assert curves.dataset_name(paths) == "kodak"
    (tmp_path / "kodim01.png").write_bytes(paths[0].read_bytes() + b"\0")
    assert curves.dataset_name([tmp_path / "kodim01.png", *paths[1:]]) == tmp_path.name
    assert curves.dataset_name(paths[::-1]) == "kodak"
    assert curves.dataset_name(paths[:23]) != "kodak"


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_what_data_holds_is_whole(path):
    study = table.read(path)
    assert len(study["images"]) == 24 and study["dataset"] == "kodak"
    codec = (CODECS | scoreboard.CODECS)[study["codec"]]
    repeats = "lic-teach rd --images kodak --codecs {name}"
    repeats = repeats if study["codec"] in CODECS else "python -m tools.scoreboard kodak"
    assert study["command"] == repeats.format(name=study["codec"])
    assert codec.protocol == study["protocol"]
    assert tuple(p["setting"] for p in study["points"]) == codec.settings
    for point in study["points"]:
        for metric, values in point["per_image"].items():
            assert len(values) == 24
            assert np.mean(values) == pytest.approx(point[metric], abs=1e-5)


@needs_kodak
@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=pytest.mark.weekly) if "refined" in p.stem else p for p in STUDIES],
    ids=lambda p: p.stem,
)
def test_what_data_holds_comes_out_again(path):
    """One picture at one setting of each study; `lic-teach rd` repeats them all."""
    study = table.read(path)
    codec = (CODECS | scoreboard.CODECS)[study["codec"]]
    if codec.versions() != study["versions"]:
        pytest.skip(f"measured with {study['versions']}, here is {codec.versions()}")
    image, point = 22, study["points"][len(study["points"]) // 2]
    row = curves.measure(
        KODAK / study["images"][image], point["setting"], codec.encode, codec.decode
    )
    for metric, values in point["per_image"].items():
        assert row[metric] == pytest.approx(values[image], abs=2e-5)


@pytest.mark.skipif(not (SHARED / "rd").is_dir(), reason="no numbers to compare with here")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_kodak_numbers_measured_elsewhere(name):
    measured = json.loads((SHARED / "rd/measured_kodak.json").read_text())["codecs"]
    theirs = {p["q"]: p for p in measured[ELSEWHERE[name]]["points"]}
    for point in table.read(DATA / "rd" / f"kodak_{name}.json")["points"]:
        other = theirs[point["setting"]]
        assert point["per_image"]["bpp"] == other["per_image_bpp"]
        assert point["per_image"]["psnr"] == other["per_image_psnr"]
        assert point["ms_ssim"] == pytest.approx(other["msssim"], abs=2e-4)


def test_published_curves_have_a_source_each():
    published = json.loads((DATA / "rd/published_kodak.json").read_text(encoding="utf-8"))
    assert len({c["codec"] for c in published["curves"]}) == len(published["curves"]) > 20
    for curve in published["curves"]:
        assert len(curve["source"]) > 20 and len(curve["points"]) >= 4
        assert all(p["bpp"] > 0 and 20 < p["psnr"] < 60 for p in curve["points"])


def test_published_vtm_is_where_the_literature_has_it():
    """VTM saves 60 to 75 percent against 4:2:0 JPEG, and BPG less than VTM."""
    published = json.loads((DATA / "rd/published_kodak.json").read_text(encoding="utf-8"))
    anchor = table.psnr_curve(table.read(DATA / "rd/kodak_jpeg.json"))
    by_name = {c["codec"]: table.psnr_curve(c) for c in published["curves"]}
    vtm = bd_rate(anchor, by_name["compressai/vtm"], table.WINDOW)
    assert -75 < vtm < -60 and vtm < bd_rate(anchor, by_name["tfc/bpg444"], table.WINDOW)


def test_the_saving_of_each_picture_alone():
    """Twice the bits at every quality in one picture, half in the other; a third shares no dB."""

    def of(bpp, psnr):
        return {"bpp": 1.0, "psnr": 30.0, "per_image": {"bpp": bpp, "psnr": psnr}}

    points = [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)]
    same = {"codec": "a", "dataset": "d", "images": ["x", "y", "z"]}
    anchor = same | {"points": [of([r] * 3, [q] * 3) for r, q in points]}
    other = same | {"points": [of([2 * r, r / 2, r], [q, q, q - 20]) for r, q in points]}
    found = table.per_picture(other, anchor)
    assert list(found) == ["x", "y"]
    assert found["x"] == pytest.approx(100, abs=1e-3)
    assert found["y"] == pytest.approx(-50, abs=1e-3)
    with pytest.raises(ValueError, match="other pictures"):
        table.per_picture(other | {"images": ["x", "y", "w"]}, anchor)
