"""The commands as a user types them; Pillow reads what they write."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import typer
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


def test_an_overfitted_file_comes_back_without_any_model(folder):
    said = succeed("compress", "photo.png", "fit.lic", "--overfit", "--steps", 100)
    succeed("decompress", "fit.lic", "fit.png")
    assert f"{psnr(np.asarray(Image.open('fit.png'))):.2f} dB" in said
    assert "overfitted to this picture" in succeed("info", "fit.lic")


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
        ("compress photo.png no/folder/a.jpg", "no/folder is no folder"),
        ("compress photo.png a.gif", "must end in .jpg or .lic"),
        ("compress notes.txt a.jpg", "no picture"),
        ("compress photo.png a.jpg --quality 101", "1..100"),
        ("compress photo.png a.jpg --quality 50 --lam 0.01", "exclude each other"),
        ("compress photo.png a.lic --quality 50", "takes --lam"),
        ("compress photo.png a.lic --lam 7", "lambda must lie in"),
        ("compress photo.png a.lic --eye", "--eye is JPEG's"),
        ("compress photo.png a.lic --arithmetic", "--arithmetic is JPEG's"),
        ("compress photo.png a.jpg --overfit", "--overfit is for a .lic file"),
        ("compress photo.png a.lic --overfit --lam 7", "lambda must lie in"),
        ("compress photo.png a.jpg --eye", "--eye asks for --lam"),
        ("compress photo.png a.jpg --quality 50 --eye", "--eye asks for --lam"),
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


@pytest.mark.parametrize(
    "words, options",
    [
        ("--lam 0.01 --eye", {"lam": 0.01, "eye": True}),
        ("--lam 0.01 --eye --arithmetic", {"lam": 0.01, "eye": True, "arithmetic": True}),
        ("--quality 60 --arithmetic", {"quality": 60, "arithmetic": True}),
    ],
)
def test_what_is_asked_of_a_jpg_is_in_the_file(folder, words, options):
    succeed("compress", "photo.png", "a.jpg", *words.split())
    assert (folder / "a.jpg").read_bytes() == jpeg.encode(PHOTO, **options)
    succeed("decompress", "a.jpg", "a.png")
    said = succeed("info", "a.jpg")
    assert ("arithmetic" in said) == ("arithmetic" in options)


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


def test_an_option_of_lab_may_name_a_file_where_the_command_is_given(folder, monkeypatch):
    """JupyterLab shows its configuration and ends; in it is what the file says."""
    (folder / "mine.py").write_text("c.ServerApp.port = 12345")
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(folder / name))
    command = [sys.executable, "-c", "from lic_teach.cli import app; app()", "lab"]
    command += ["--config=mine.py", "--show-config"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "port = 12345" in done.stdout, done.stderr


# --- folders -----------------------------------------------------------------------------


@pytest.fixture
def album(folder):
    """A folder of three pictures, one file that is damaged, and one that is no picture."""
    (folder / "my album").mkdir()
    for name in ("a b.png", "çedilla.png", "z.png"):
        images.save(folder / "my album" / name, PHOTO)
    (folder / "my album" / "damaged.png").write_bytes(b"\x89PNG and nothing else")
    (folder / "my album" / "notes.txt").write_text("Dear diary")
    return folder / "my album"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("to", ["jpg", "lic"])
def test_a_folder_is_done_to_its_end_though_one_file_fails(album, folder, to):
    done = run("compress", album, "small", "--to", to)
    assert done.exit_code == 1
    assert names(folder / "small") == [f"{name}.{to}" for name in ("a b", "z", "çedilla")]
    first, last = done.stderr.splitlines()
    assert "damaged.png: no picture" in first
    assert last == "lic-teach: 1 of 4 files failed, the others are done"
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        os.path.join("small", f"{name}.{to}") for name in ("a b", "z", "çedilla")
    ]
    succeed("decompress", "small", "back")
    assert names(folder / "back") == ["a b.png", "z.png", "çedilla.png"]
    assert psnr(np.asarray(Image.open(folder / "back" / "z.png"))) > 25


def test_a_folder_is_not_overwritten_file_by_file(album, folder):
    (album / "damaged.png").unlink()
    (folder / "small").mkdir()
    (folder / "small" / "z.jpg").write_text("precious")
    done = run("compress", album, "small", "--to", "jpg")
    assert done.exit_code == 1 and "z.jpg exists" in done.stderr
    assert (folder / "small" / "z.jpg").read_text() == "precious"
    assert names(folder / "small") == ["a b.jpg", "z.jpg", "çedilla.jpg"]
    succeed("compress", album, "small", "--to", "jpg", "--force")
    assert Image.open(folder / "small" / "z.jpg").format == "JPEG"


def test_two_pictures_of_one_name_do_not_become_one_file(folder):
    (folder / "two").mkdir()
    images.save("two/a.png", PHOTO)
    images.save("two/a.bmp", 255 - PHOTO)
    done = run("compress", "two", "out", "--to", "jpg", "--force")
    assert done.exit_code == 1 and "was just written from another file" in done.stderr
    assert np.abs(np.asarray(Image.open("out/a.jpg")).astype(int) - (255 - PHOTO)).mean() < 10


@pytest.mark.parametrize(
    "words, expected",
    [
        ("compress album a.lic", "OUT must be one: a.lic names a file"),
        ("compress album photo.png", "OUT must be one, and photo.png is a file"),
        ("compress photo.png album", "album is a folder"),
        ("compress empty out", "empty holds none of .avif"),
        ("compress album out --to gif", "--to is lic or jpg"),
        ("compress album out --to jpg --quality 101", "1..100"),
        ("decompress empty out", "empty holds none of .jpeg, .jpg, .lic"),
        ("info empty", "empty holds none"),
        ("compare absent.png", "absent.png: No such file"),
        ("compare notes.txt", "no picture"),
        ("compare photo.png --out photo.png --force", "written over itself"),
        ("compare photo.png --lam 7", "lambda must lie in"),
        ("train absent out.safetensors", "absent is no folder"),
        ("train album out.bin", "must end in .safetensors"),
        ("train album out.safetensors --prior magic", "no prior 'magic': choose from context"),
        ("train album no/folder/out.safetensors", "is no folder"),
        ("train tiny out.safetensors", "no photograph of at least 128x128 pixels"),
    ],
)
def test_more_mistakes_are_answered_in_one_line(folder, words, expected):
    (folder / "album").mkdir()
    images.save("album/a.png", PHOTO)
    (folder / "tiny").mkdir()
    images.save("tiny/a.png", PHOTO)
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("Dear diary")
    assert expected in fail(*words.split()), words


def test_a_file_is_never_written_over_itself_not_even_by_force(folder):
    succeed("compress", "photo.png", "photo.jpg")
    before = (folder / "photo.jpg").read_bytes()
    (folder / "link.jpg").symlink_to("photo.jpg")
    for name in ("photo.jpg", "link.jpg"):
        assert "written over itself" in fail("compress", "photo.jpg", name, "--force")
    assert (folder / "photo.jpg").read_bytes() == before


def test_a_link_is_followed_both_ways(folder):
    (folder / "elsewhere").mkdir()
    (folder / "in.png").symlink_to("photo.png")
    (folder / "out.jpg").symlink_to(os.path.join("elsewhere", "real.jpg"))
    succeed("compress", "in.png", "out.jpg")
    assert (folder / "out.jpg").is_symlink()
    assert Image.open("elsewhere/real.jpg").format == "JPEG"


def test_a_folder_that_cannot_be_written_is_said_in_words(folder, monkeypatch):
    def refuse(file):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", refuse)
    assert fail("compress", "photo.png", "a.jpg") == "lic-teach: a.jpg: Permission denied"
    assert fail("decompress", succeed_without_writing(folder), "a.png") == (
        "lic-teach: a.png: Permission denied"
    )


def test_only_files_are_written_over(folder):
    os.mkfifo("pipe.html")
    (folder / "page.html").mkdir()
    for name in ("pipe.html", "page.html", os.devnull):
        assert "no file that can be written" in fail(
            "compare", "photo.png", "--out", name, "--force"
        )
    assert not os.path.isfile(os.devnull)


def test_names_that_no_terminal_can_show(folder, monkeypatch):
    from lic_teach.report import page

    names = os.fsdecode(b"photo\xff.png"), os.fsdecode(b"small\xff.jpg")
    os.rename("photo.png", names[0])
    assert succeed("compress", *names).startswith("small\\udcff.jpg: ")
    assert "small\\udcff.jpg" in succeed("info", names[1])
    monkeypatch.setattr(page, "write", lambda image, name, lam: name)
    succeed("compare", names[0], "--out", "page.html")
    assert (folder / "page.html").read_text() == "photo\\udcff.png"


def test_nothing_is_said_where_nobody_reads_on(folder, monkeypatch):
    succeed("compress", "photo.png", "a.jpg")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", "from lic_teach.cli import app; app()", "info", "a.jpg"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.returncode == 1 and done.stderr == ""


def test_terminated_it_leaves_no_temporary_file(folder):
    slow = "from lic_teach import cli; import os, signal; "
    slow += "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGTERM); cli.app()"
    command = [sys.executable, "-c", slow, "compress", "photo.png", "a.jpg"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (128 + 15, "") and os.listdir() == ["photo.png"]


def test_errors_of_a_folder_name_the_file(folder):
    (folder / "small").mkdir()
    for name in ("a.jpg", "b.lic"):
        (folder / "small" / name).write_text("damaged")
    for command in (["info", "small"], ["decompress", "small", "back"]):
        lines = run(*command).stderr.splitlines()
        assert lines[0].startswith(f"lic-teach: small{os.sep}a.jpg: neither a JPEG nor")
        assert lines[1].startswith(f"lic-teach: small{os.sep}b.lic: neither a JPEG nor")


def succeed_without_writing(folder):
    """A .jpg in the folder, made by Pillow."""
    Image.fromarray(PHOTO).save(folder / "made.jpg")
    return "made.jpg"


def test_info_of_a_folder_reads_every_file_and_names_the_broken(folder):
    (folder / "mixed").mkdir()
    succeed("compress", "photo.png", "mixed/a.jpg")
    succeed("compress", "photo.png", "mixed/b.lic")
    whole = (folder / "mixed" / "b.lic").read_bytes()
    (folder / "mixed" / "c.lic").write_bytes(whole[:-1])
    done = run("info", "mixed")
    assert done.exit_code == 1 and "1 of 3 files are not whole" in done.stderr
    assert "SOI" in done.stdout and done.stdout.count("checksum  right") == 1


# --- words -------------------------------------------------------------------------------


COMMANDS = ("compress", "decompress", "info", "compare", "rd", "train", "students")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_in_the_help_are_commands_that_are_understood(command):
    """Every line of the help that begins with lic-teach parses; nothing of it is run."""
    group = typer.main.get_command(app)
    text = succeed(command, "--help")
    lines = [line.split("  ")[0] for line in map(str.strip, text.splitlines())]
    examples = [line.split(" > ")[0].split() for line in lines if line.startswith("lic-teach ")]
    assert examples and all(words[1] == command for words in examples)
    for _, name, *words in examples:
        group.commands[name].make_context(name, list(words))  # raises where it is not understood
    assert run(command, "--no-such-option").exit_code == 2


def test_what_is_not_understood_has_status_2_and_no_traceback(folder):
    for words in (("compress", "photo.png"), ("compress", "a", "b", "--wrong"), ("shrink",)):
        done = run(*words)
        assert done.exit_code == 2 and "Usage: " in done.stderr and "Traceback" not in done.stderr
    assert run("compress", "photo.png", "a.jpg", "--quality", "high").exit_code == 2


# --- compare and train -------------------------------------------------------------------


def test_compare_writes_a_page_beside_the_user(folder, monkeypatch):
    from lic_teach.report import page

    asked = []

    def write(image, name, lam):
        asked.append((image.shape, name, lam))
        return f"<!doctype html>{name}"

    monkeypatch.setattr(page, "write", write)
    (folder / "sub").mkdir()
    (folder / "sub" / "my photo.png").symlink_to(folder / "photo.png")
    succeed("compare", "sub/my photo.png", "--lam", "0.02")
    assert asked == [((96, 96, 3), "my photo.png", 0.02)]
    assert (folder / "my photo.html").read_text() == "<!doctype html>my photo.png"
    assert "exists" in fail("compare", "sub/my photo.png")
    succeed("compare", "photo.png", "--out", "sub/else.html")
    assert (folder / "sub" / "else.html").exists()


def test_train_writes_weights_that_compress(folder):
    from lic_teach import learned

    (folder / "photos").mkdir()
    images.save("photos/cat.png", images.sample("chelsea"))
    done = run("train", "photos", "my.safetensors", "--steps", 1)
    assert done.exit_code == 0, done.output
    model = learned.load("my.safetensors")
    image = learned.decode(learned.encode(PHOTO, model, 0.01), model)
    assert image.shape == PHOTO.shape
    assert json.loads((folder / "my.json").read_text())["steps"] == 1
    assert "my.safetensors exists" in fail("train", "photos", "my.safetensors", "--steps", 1)
    os.remove("my.safetensors")
    assert "my.json exists" in fail("train", "photos", "my.safetensors", "--steps", 1)
    assert "lambda must lie in" in fail("train", "photos", "new.safetensors", "--lam", -1)
    start = fail("train", "photos", "new.safetensors", "--start", "photo.png")
    assert start.startswith("lic-teach: photo.png: no safetensors file")
    done = run("train", "--steps", 1, "--", "photos", "-new.safetensors")
    assert done.exit_code == 0, done.output


def test_train_says_what_is_wrong_with_its_photographs(folder):
    (folder / "photos").mkdir()
    (folder / "photos" / "text.png").write_text("Dear diary")
    assert "text.png: no picture" in fail("train", "photos", "my.safetensors", "--steps", 1)


def test_a_study_that_is_whole_is_kept(folder):
    (folder / "few").mkdir()
    images.save("few/a.png", PHOTO)
    words = ("rd", "--images", "few", "--codecs", "jpeg", "--out", "rd")
    assert "few_jpeg.json" in succeed(*words)
    (study,) = (folder / "rd").iterdir()
    study.write_text(study.read_text().replace('"psnr"', '"psnr" '))
    before = study.read_text()
    assert "exists and is kept" in succeed(*words)
    assert study.read_text() == before
    run(*words, "--force")
    assert study.read_text() != before
