"""The commands as a user types them; Pillow reads what they write."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lic_teach import images, jpeg
from lic_teach.cli import app

PHOTO = images.centre_crop(images.sample("chelsea"), 96)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with photo.png in it."""
    monkeypatch.chdir(tmp_path)
    images.save("photo.png", PHOTO)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def succeed(*words):
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return done.stdout


def fail(*words):
    """The one line on stderr of a command that must refuse, and must write nothing."""
    before = sorted(os.listdir())
    done = run(*words)
    assert done.exit_code == 1
    assert sorted(os.listdir()) == before
    (line,) = done.stderr.splitlines()
    assert line.startswith("lic-teach: ") and "Errno" not in line
    return line


def psnr(image):
    return 10 * np.log10(255**2 / np.mean((image.astype(float) - PHOTO) ** 2))


def test_a_jpg_is_what_pillow_opens_and_the_printed_numbers_are_the_files(folder):
    said = succeed("compress", "photo.png", "photo.jpg", "--quality", 90)
    with Image.open("photo.jpg") as picture:
        assert picture.format == "JPEG" and picture.size == (96, 96)
    size = os.path.getsize("photo.jpg")
    succeed("decompress", "photo.jpg", "back.png")
    back = np.asarray(Image.open("back.png"))
    rate = 8 * size / 96**2
    assert said == f"photo.jpg: {size:,} bytes, {rate:.3f} bpp, {psnr(back):.2f} dB (RGB)\n"


def test_a_lic_file_comes_back_and_a_larger_lambda_is_better_and_bigger(folder):
    results = []
    for lam in ("0.002", "0.05"):
        succeed("compress", "photo.png", f"{lam}.lic", "--lam", lam)
        succeed("decompress", f"{lam}.lic", f"{lam}.png")
        image = np.asarray(Image.open(f"{lam}.png"))
        results.append((os.path.getsize(f"{lam}.lic"), psnr(image)))
    (small, worse), (big, better) = results
    assert small < big and 25 < worse < better


def test_quality_defaults_to_75(folder):
    succeed("compress", "photo.png", "default.jpg")
    succeed("compress", "photo.png", "75.jpg", "--quality", 75)
    with open("default.jpg", "rb") as default, open("75.jpg", "rb") as explicit:
        assert default.read() == explicit.read()


def test_nothing_is_overwritten_unless_forced(folder):
    (folder / "photo.jpg").write_text("precious")
    assert "photo.jpg exists" in fail("compress", "photo.png", "photo.jpg")
    assert (folder / "photo.jpg").read_text() == "precious"
    succeed("compress", "photo.png", "photo.jpg", "--force")
    assert "photo.png exists" in fail("decompress", "photo.jpg", "photo.png")
    succeed("decompress", "photo.jpg", "photo.png", "--force")
    assert psnr(np.asarray(Image.open("photo.png"))) > 25


@pytest.mark.parametrize(
    "words, expected",
    [
        ("compress absent.png a.jpg", "absent.png: No such file"),
        ("compress photo.png no/folder/a.jpg", "No such file"),
        ("compress photo.png a.gif", "must end in .jpg or .lic"),
        ("compress notes.txt a.jpg", "no picture"),
        ("compress photo.png a.jpg --quality 101", "1..100"),
        ("compress photo.png a.jpg --quality 50 --lam 0.01", "exclude each other"),
        ("compress photo.png a.lic --quality 50", "takes --lam"),
        ("compress photo.png a.lic --lam 7", "lambda must lie in"),
        ("decompress photo.png a.png", "neither a JPEG nor a .lic file"),
        ("decompress absent.lic a.png", "absent.lic: No such file"),
        ("info notes.txt", "neither a JPEG nor a .lic file"),
        ("info empty.lic", "empty"),
    ],
)
def test_mistakes_are_answered_in_one_line_and_leave_nothing_behind(folder, words, expected):
    (folder / "notes.txt").write_text("Dear diary")
    (folder / "empty.lic").write_bytes(b"")
    assert expected in fail(*words.split())


def test_lambda_for_a_jpg_reaches_the_encoder(folder, monkeypatch):
    asked, file = [], jpeg.encode(PHOTO)

    def encode(image, quality=75, *, lam=None):
        asked.append(lam)
        return file

    monkeypatch.setattr(jpeg, "encode", encode)
    succeed("compress", "photo.png", "a.jpg", "--lam", "0.01")
    assert asked == [0.01]


def test_a_decoded_picture_is_not_saved_with_loss(folder):
    succeed("compress", "photo.png", "photo.lic")
    assert ".jpg" in fail("decompress", "photo.lic", "again.jpg")


@pytest.mark.parametrize("suffix", ["jpg", "lic"])
def test_a_file_cut_short_is_refused(folder, suffix):
    succeed("compress", "photo.png", f"photo.{suffix}")
    whole = (folder / f"photo.{suffix}").read_bytes()
    (folder / f"cut.{suffix}").write_bytes(whole[: len(whole) // 2])
    done = run("info", f"cut.{suffix}")
    assert done.exit_code == 1 and done.stderr.startswith("lic-teach: ")


def test_what_is_lost_on_loading_is_said(folder):
    Image.fromarray(PHOTO).convert("RGBA").rotate(45).save("turned.png")
    done = run("compress", "turned.png", "turned.jpg")
    assert done.exit_code == 0
    assert done.stderr == "lic-teach: warning: turned.png: transparent pixels, put on white\n"


def test_info_accounts_for_every_byte_of_a_jpg(folder):
    Image.fromarray(PHOTO).save("photo.jpg", quality=50, comment=b"hello", restart_marker_rows=1)
    with open("photo.jpg", "ab") as file:
        file.write(b"tail")
    first, *rows = succeed("info", "photo.jpg").splitlines()
    size = os.path.getsize("photo.jpg")
    assert first == f"photo.jpg: {size:,} bytes"
    position = 0
    for row in rows:
        offset, length = (int(word.replace(",", "")) for word in row.split()[:2])
        assert offset == position
        position += length
    assert position == size
    text = "\n".join(rows)
    for word in ("SOI", "JFIF", "DQT", "SOF0", "DHT", "DRI", "COM", "SOS", "EOI", "96 x 96"):
        assert word in text
    assert "after the end" in rows[-1]


def test_info_reads_the_header_of_a_lic_file(folder):
    succeed("compress", "photo.png", "photo.lic", "--lam", "0.02")
    said = succeed("info", "photo.lic")
    size = os.path.getsize("photo.lic")
    assert f"photo.lic: {size:,} bytes" in said
    assert "96 x 96 pixels" in said and f"{8 * size / 96**2:.3f} bpp" in said
    assert "0.02" in said.split("lambda")[1].split("model")[0]


def test_help_names_every_command_without_importing_the_codecs():
    code = """if True:
        import sys
        from typer.testing import CliRunner
        from lic_teach.cli import app
        print(CliRunner().invoke(app, ["--help"]).stdout)
        sys.exit(bool({"torch", "numba", "skimage"} & set(sys.modules)))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("compress", "decompress", "info", "lab", "rd"))


def test_bench_prints_ratios(monkeypatch):
    from lic_teach import bench

    monkeypatch.setattr(bench, "measure", lambda rounds: {"ratio_to_pillow": {}, "growth": []})
    result = CliRunner().invoke(app, ["bench", "--json"])
    assert result.exit_code == 0 and json.loads(result.output)["growth"] == []
