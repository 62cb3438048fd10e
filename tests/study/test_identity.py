"""A study is of these pictures, by this codec: what is kept, what is compared, what goes on.

Pillow makes the files; the codec is mostly one of the test's own, which cannot be measured twice
without being noticed.
"""

import io
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lic_teach import images
from lic_teach.cli import app
from lic_teach.paths import DATA
from lic_teach.study import codecs, curves, identity, own, pictures, table
from lic_teach.study.codecs import Codec, pillow_decode
from tools import scoreboard

CODECS = codecs.CODECS | own.CODECS | scoreboard.CODECS

CAT = images.sample("chelsea")
STUDIES = sorted((DATA / "rd").glob("kodak_*.json"))


def keep_bits(image, setting):
    """PNG of the upper `setting` bits."""
    file = io.BytesIO()
    Image.fromarray(image >> (8 - setting) << (8 - setting)).save(file, "PNG")
    return file.getvalue()


def never(image, setting):
    raise AssertionError("measured again")


def bits(encode=keep_bits, version="1", protocol="upper bits", settings=(2, 3, 4, 5)):
    return Codec(encode, pillow_decode, settings, protocol, lambda: {"zlib": version})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with two pictures in few/, and the only codecs `bits` and `jpeg`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few").mkdir()
    images.save("few/a.png", CAT[:170, :180])
    images.save("few/b.png", CAT[100:264, 100:280])
    monkeypatch.setattr(own, "CODECS", {})
    monkeypatch.setattr(codecs, "CODECS", {"bits": bits(), "jpeg": codecs.CODECS["jpeg"]})
    return tmp_path / "few"


def rd(*words):
    return CliRunner().invoke(app, ["rd", *map(str, words)])


def paths(folder):
    return sorted(folder.iterdir())


# --- what is kept ------------------------------------------------------------------------


def change_a_sample(folder):
    image = np.array(Image.open(folder / "b.png"))
    image[5, 7, 1] ^= 1
    images.save(folder / "b.png", image)


def add_one(folder):
    images.save(folder / "c.png", CAT[:165, :165])


def take_one_away(folder):
    (folder / "a.png").unlink()


def swap_for_another(folder):
    images.save(folder / "a.png", images.sample("rocket")[:170, :180])


CHANGES = {
    change_a_sample: "its pictures are others (b.png)",
    add_one: "its pictures are others (c.png)",
    take_one_away: "its pictures are others (a.png)",
    swap_for_another: "its pictures are others (a.png)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_study_of_other_pictures_is_neither_kept_nor_lost(folder, change):
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0
    before = (folder.parent / "rd" / "few_bits.json").read_bytes()
    change(folder)
    done = rd("--images", "few", "--codecs", "bits")
    assert done.exit_code == 1 and CHANGES[change] in done.stderr
    assert "--force" in done.stderr and "--out" in done.stderr
    assert (folder.parent / "rd" / "few_bits.json").read_bytes() == before
    assert rd("--images", "few", "--codecs", "bits", "--force").exit_code == 0
    assert "is kept" in rd("--images", "few", "--codecs", "bits").stdout


def test_a_new_name_and_a_new_file_format_do_not_make_another_picture(folder, monkeypatch):
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0
    Image.open("few/a.png").save("few/z.bmp")
    (folder / "a.png").unlink()
    monkeypatch.setitem(codecs.CODECS, "bits", bits(never))
    assert "few_bits.json exists and is kept" in rd("--images", "few", "--codecs", "bits").stdout


def with_option(image, setting, **options):
    return keep_bits(image, setting)


OTHERS = {
    "versions": (bits(version="2"), "its versions: zlib 1; now: zlib 2"),
    "protocol": (bits(protocol="lower bits"), "its protocol: upper bits; now: lower bits"),
    "settings": (bits(settings=(2, 3, 4)), "its settings: [2, 3, 4, 5]; now: [2, 3, 4]"),
    "options": (
        bits(partial(with_option, effort=6)),
        "its options: none; now: effort 6",
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_codec_of_the_same_name_that_is_another_one_is_refused(folder, monkeypatch, what):
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0
    codec, words = OTHERS[what]
    monkeypatch.setitem(codecs.CODECS, "bits", codec)
    done = rd("--images", "few", "--codecs", "jpeg,bits")
    assert done.exit_code == 1 and words in done.stderr
    assert not (folder.parent / "rd" / "few_jpeg.json").exists()  # refused before any work


def test_options_are_what_the_codec_is_called_with():
    """Whoever turns a knob in codecs.py need not remember to say so."""
    known = codecs.CODECS | own.CODECS
    assert identity.options_of(known["webp"])["method"] == 6
    assert identity.options_of(known["jpeg2000"])["irreversible"] is True
    assert identity.options_of(known["jpeg_lam_fast"]) == {"fast": True}
    found = identity.options_of(known["learned_hours_refined"])
    assert found == {"weights": "hours.safetensors", "refine": 20}
    for codec in known.values():
        options = identity.options_of(codec)
        assert json.loads(json.dumps(options)) == options


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_the_studies_of_kodak_that_come_with_the_course_are_kept(path):
    """Most were written before digests were: the name kodak stands for the 24 originals."""
    study, codec = table.read(path), CODECS[path.stem[6:]]
    known = study.get(identity.SAMPLES, [f"{i:064}" for i in range(len(study["images"]))])
    digests = dict(zip(study["images"], known, strict=True))
    wanted = identity.describe(path.stem[6:], codec, "kodak", digests)
    wanted["versions"] = study["versions"]
    assert identity.another(study, codec, wanted) == ""
    wanted |= {"dataset": "kodak-altered", identity.SAMPLES: [d[::-1] for d in known]}
    assert "its pictures are others" in identity.another(study, codec, wanted)


def test_an_old_study_of_anything_else_is_not_trusted(folder):
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0
    path = folder.parent / "rd" / "few_bits.json"
    study = json.loads(path.read_text())
    del study[identity.SAMPLES], study["options"]
    path.write_text(json.dumps(study))
    done = rd("--images", "few", "--codecs", "bits")
    assert done.exit_code == 1 and "keeps no digests" in done.stderr


# --- what is compared --------------------------------------------------------------------


def test_no_bd_rate_between_different_pictures(folder):
    """Two folders of one name; what lies in the second was never coded by the anchor."""
    assert rd("--images", "few", "--codecs", "jpeg").exit_code == 0
    folder.rename(folder.parent / "first")
    folder.mkdir()
    images.save("few/a.png", images.sample("coffee")[:170, :180])
    done = rd("--images", "few", "--codecs", "bits")
    assert done.exit_code == 0 and "%" not in done.stdout
    assert "the anchor in rd is of other pictures (a.png" in done.stdout
    again = rd("--images", "first", "--codecs", "jpeg", "--out", "rd")
    assert again.exit_code == 0  # another name, another study
    jpeg, other = (table.read(folder.parent / "rd" / f"few_{n}.json") for n in ("jpeg", "bits"))
    rows = {row["codec"]: row for row in table.bd_table([jpeg, other], jpeg)}
    assert rows["jpeg"]["psnr"] == pytest.approx(0)
    assert rows["bits"]["psnr"] == rows["bits"]["ms_ssim"] == "of other pictures than jpeg (a.png)"
    assert "bits: of other pictures than jpeg (a.png)" in table.format_table(rows.values())


def test_a_damaged_study_beside_the_others_does_not_cost_the_table(folder):
    (folder.parent / "rd").mkdir()
    (folder.parent / "rd" / "few_notes.json").write_text("{")
    done = rd("--images", "few", "--codecs", "jpeg")
    assert done.exit_code == 0 and "jpeg                    +0.0 %" in done.stdout
    assert "few_notes.json holds no rate-distortion study" in done.stderr


# --- what is gone on with ----------------------------------------------------------------


def counted(encode, calls):
    def count(image, setting):
        calls.append((image.shape, setting))
        return encode(image, setting)

    return count


def test_a_corrected_folder_goes_on_from_what_is_measured(folder, tmp_path):
    rows_file, calls = tmp_path / "rows", []
    arguments = counted(keep_bits, calls), pillow_decode, [2, 4]
    first = curves.rate_distortion(paths(folder), *arguments, partial=rows_file)
    take_one_away(folder)
    add_one(folder)
    (folder / "b.png").rename(folder / "renamed.png")
    calls.clear()
    rows = curves.rate_distortion(paths(folder), *arguments, partial=rows_file)
    assert calls == [((165, 165, 3), 2), ((165, 165, 3), 4)]
    assert [row["image"] for row in rows] == ["c.png"] * 2 + ["renamed.png"] * 2
    assert [row["bpp"] for row in rows[2:]] == [row["bpp"] for row in first[2:]]


def test_a_picture_of_an_old_name_is_measured_anew(folder, tmp_path):
    rows_file = tmp_path / "rows"
    curves.rate_distortion(paths(folder), keep_bits, pillow_decode, [2], partial=rows_file)
    swap_for_another(folder)
    with pytest.raises(AssertionError, match="measured again"):
        curves.rate_distortion(paths(folder), never, pillow_decode, [2], partial=rows_file)


def test_a_picture_that_changes_under_way_is_noticed(folder):
    def encode(image, setting):
        change_a_sample(folder)
        return keep_bits(image, setting)

    with pytest.raises(ValueError, match="b.png was changed while it was measured"):
        curves.rate_distortion(paths(folder), encode, pillow_decode, [2])


def test_one_picture_that_fails_costs_nothing_else_and_leaves_no_rubbish(folder, monkeypatch):
    """A codec that does not take every picture, as WebP takes none of 16,384 pixels a side."""
    images.save("few/long.png", CAT[:170, :400])

    def picky(image, setting):
        if image.shape[1] > 300:
            raise RuntimeError("too wide\nfor me")
        return keep_bits(image, setting)

    monkeypatch.setitem(codecs.CODECS, "bits", bits(picky))
    done = rd("--images", "few", "--codecs", "bits,jpeg")
    assert done.exit_code == 1
    (line, last) = done.stderr.splitlines()
    assert line.startswith("lic-teach: bits: long.png at setting 2: RuntimeError (")
    assert "too wide for me" in line and "1 of 2 codecs failed" in last
    assert "few_jpeg.json" in done.stdout
    left = [path.name for path in (folder.parent / "rd").glob("*.partial")]
    assert len(left) == 1 and left[0].startswith("few_bits.")
    (folder / "long.png").unlink()
    monkeypatch.setitem(codecs.CODECS, "bits", bits(never))
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0  # nothing is measured again
    names = {path.name for path in (folder.parent / "rd").iterdir()}
    assert names == {"few_bits.json", "few_jpeg.json"}


def test_what_another_version_left_behind_goes_with_the_finished_study(folder, monkeypatch):
    rows = folder.parent / "rd"
    rows.mkdir()
    (rows / "few_bits.0123456789ab.partial").write_text("{}\n")
    (rows / "few_bits_more.0123456789ab.partial").write_text("{}\n")
    assert rd("--images", "few", "--codecs", "bits").exit_code == 0
    names = {path.name for path in rows.iterdir()}
    assert names == {"few_bits.json", "few_bits_more.0123456789ab.partial"}


# --- what is looked at first -------------------------------------------------------------


def test_all_damaged_pictures_are_named_before_the_first_is_coded(folder, monkeypatch):
    whole = (folder / "b.png").read_bytes()
    (folder / "y.png").write_bytes(whole[: len(whole) // 2])
    (folder / "z.webp").write_bytes(b"")
    monkeypatch.setitem(codecs.CODECS, "bits", bits(never))
    done = rd("--images", "few", "--codecs", "bits")
    assert done.exit_code == 1 and "2 of 4 cannot be measured" in done.stderr
    assert "y.png: the picture is damaged" in done.stderr and "z.webp: no picture" in done.stderr
    assert not (folder.parent / "rd").exists()


def test_who_spoils_a_mean_is_named_before_and_after(folder):
    """An icon is too small for MS-SSIM, and a grey card is coded without loss."""
    images.save("few/icon.png", CAT[:64, :160])
    images.save("few/card.png", np.full((170, 170, 3), 128, np.uint8))
    done = rd("--images", "few", "--codecs", "jpeg")
    first, second, *_ = done.stdout.splitlines()
    assert (
        done.stderr == ""
        and "MS-SSIM" in first
        and "icon.png is 160 x 64" in first
        and "161" in first
    )
    assert "PSNR" in second and "card.png has one colour" in second
    words = done.stdout.splitlines()[-2:]
    assert "PSNR: " in words[0] and "since card.png is coded without loss" in words[0]
    assert "since icon.png is smaller than 161 pixels" in done.stdout


def test_a_mean_that_is_missing_at_one_setting_is_said_too(folder):
    """Bars of two even greys: seven bits hold them, fewer do not."""
    bars = np.zeros((170, 170, 3), np.uint8) + 90
    bars[::2] = 130
    images.save("few/bars.png", bars)
    codec = bits(settings=(2, 3, 4, 5, 6, 7))
    study = table.read(curves.study("bits", codec, paths(folder), folder.parent / "out"))
    (row,) = table.bd_table([study], study)
    assert row["psnr"] == pytest.approx(0)
    assert row["gaps"] == {"psnr": "no mean at 7, since bars.png is coded without loss"}
    assert "bits: PSNR: no mean at 7, since bars.png" in table.format_table([row])


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.weekly), 2])
def test_what_is_lost_on_loading_is_said_once_a_picture(folder, jobs):
    clear = np.dstack([CAT[:170, :180], np.full((170, 180), 99, np.uint8)])
    for name in "ab":
        Image.fromarray(clear).save(f"few/{name}.png")
    words = [sys.executable, "-m", "lic_teach.cli", "rd", "--images", "few"]
    words += ["--codecs", "jpeg,webp", "--jobs", str(jobs)]
    root = str(Path(__file__).parents[2])
    env = os.environ | {"PYTHONPATH": root, "PYTHONWARNINGS": "always"}
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    assert done.returncode == 0 and done.stderr.splitlines() == [
        f"lic-teach: warning: few{os.sep}{name}.png: transparent pixels, put on white"
        for name in "ab"
    ]


def test_the_look_sees_what_the_codecs_get(folder):
    found = {p.name: p for p in pictures.look(paths(folder))}
    assert found["a.png"].size == (180, 170) and not found["a.png"].flat
    assert found["a.png"].digest == pictures.digest(np.asarray(Image.open("few/a.png")))
    assert found["a.png"].digest != pictures.digest(CAT[:180, :170])
    turned = np.ascontiguousarray(CAT[:170, :180]).reshape(180, 170, 3)
    assert found["a.png"].digest != pictures.digest(turned)  # the same samples, another shape
    assert list(pictures.doubts(list(found.values()))) == []


# --- the window --------------------------------------------------------------------------


def a_study(name, points, similarity=None):
    similarity = similarity or [None] * len(points)
    triples = zip(points, similarity, strict=True)
    return {"codec": name, "points": [{"bpp": r, "psnr": q, "ms_ssim": s} for (r, q), s in triples]}


JPEG = a_study(
    "jpeg", [(0.25, 28.0), (0.5, 31.0), (1.0, 34.0), (2.0, 37.0)], [0.9, 0.95, 0.98, 0.99]
)


def lines(study, anchor=JPEG):
    rows = table.bd_table([study], anchor)
    return rows[0], table.format_table(rows).splitlines()


def test_a_row_that_rests_on_a_part_of_the_window_says_on_which():
    row, text = lines(a_study("low", [(0.2, 27.0), (0.3, 29.0), (0.4, 30.0), (0.5, 31.5)]))
    assert row["parts"]["psnr"] == (29.5, 31.5)
    assert text[2].startswith("low ") and text[2].endswith("PSNR on 29.50..31.50 dB only")
    row, text = lines(a_study("high", [(1.5, 35.8), (2, 38.0), (3, 40.0), (4, 42.0)]))
    assert text[2].endswith("PSNR on 35.80..36.00 dB only")


def test_a_row_over_the_whole_window_says_nothing():
    _, text = lines(a_study("half", [(p["bpp"] / 2, p["psnr"]) for p in JPEG["points"]]))
    assert text[2].split() == ["half", "-50.0", "%", "--"]


def test_the_ms_ssim_column_says_its_part_in_the_same_unit():
    """Its qualities are those of the anchor at 31 to 34 dB of PSNR."""
    points = [(p["bpp"] / 2, p["psnr"]) for p in JPEG["points"]]
    row, text = lines(a_study("narrow", points, [0.95, 0.96, 0.97, 0.98]))
    assert row["parts"]["ms_ssim"] == pytest.approx((31, 34))
    assert text[2].endswith("MS-SSIM on 31.00..34.00 dB only")


def test_an_anchor_that_is_short_of_the_window_makes_every_row_say_so():
    short = a_study(
        "jpeg", [(r["bpp"], r["psnr"] - 3) for r in JPEG["points"]], [0.9, 0.95, 0.98, 0.99]
    )
    _, text = lines(short, short)
    assert text[2].endswith("PSNR and MS-SSIM on 29.50..34.00 dB only")


def test_no_processes_are_too_few(folder):
    done = rd("--images", "few", "--jobs", 0)
    assert done.exit_code == 1 and done.stderr == (
        "lic-teach: --jobs 0: choose 1 or more processes, or -1 for one a core\n"
    )
