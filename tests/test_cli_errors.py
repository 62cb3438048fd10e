"""What the commands do when something goes wrong that is nobody's typing mistake."""

import errno
import os
import pickle
import runpy
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lic_teach import files, images
from lic_teach.cli import app

ROOT = Path(__file__).parents[1]
PHOTO = images.centre_crop(images.sample("chelsea"), 96)
TORCH = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 115200000 bytes. Error code 12 (Cannot allocate memory)\n"
)
UNFORESEEN = [
    (MemoryError(), "too little memory"),
    (RuntimeError(TORCH), "too little memory"),
    (RuntimeError("cannot cache function\n'pack'"), "RuntimeError ("),
    (EOFError("Ran out of input"), "EOFError ("),  # Typer would take it for Ctrl-D
    (pickle.UnpicklingError("pickle data was truncated"), "UnpicklingError ("),
    (RecursionError("maximum recursion depth exceeded"), "RecursionError ("),
    (struct.error("unpack requires a buffer of 4 bytes"), "error ("),
    (KeyError("scan"), "KeyError ("),
    (ZeroDivisionError(), "ZeroDivisionError ("),
    (OSError("encoder error -2"), "encoder error -2"),
    (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
]
each_error = pytest.mark.parametrize(
    "error, words", UNFORESEEN, ids=lambda value: type(value).__name__
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder: album/ with a.png, b.png, c.png; coded/ with a.jpg, b.jpg, c.jpg."""
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        Path("album").mkdir(exist_ok=True)
        Path("coded").mkdir(exist_ok=True)
        images.save(f"album/{name}.png", PHOTO)
        Image.fromarray(PHOTO).save(f"coded/{name}.jpg")
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def fails_at(number, error, result):
    """A function that raises at its call of this number, counted from 1."""
    calls = []

    def function(*_):
        calls.append(1)
        if len(calls) == number:
            raise type(error)(*error.args)  # a new one: they take notes
        return result

    return function


# --- one file of many --------------------------------------------------------------------


@each_error
def test_whatever_one_file_does_the_folder_is_done_to_its_end(folder, monkeypatch, error, words):
    encode = fails_at(2, error, (b"data", PHOTO))
    monkeypatch.setattr(files, "encoder", lambda *_: encode)
    done = run("compress", "album", "out")
    assert done.exit_code == 1 and sorted(os.listdir("out")) == ["a.lic", "c.lic"]
    first, last = done.stderr.splitlines()
    assert first.startswith(f"lic-teach: album{os.sep}b.png: {words}")
    assert last == "lic-teach: 1 of 3 files failed, the others are done"


@each_error
def test_decompress_and_info_go_on_as_well(folder, monkeypatch, error, words):
    monkeypatch.setattr(files, "decode", fails_at(1, error, PHOTO))
    monkeypatch.setattr(files, "describe", fails_at(3, error, ["a line"]))
    done = run("decompress", "coded", "out")
    assert done.exit_code == 1 and sorted(os.listdir("out")) == ["b.png", "c.png"]
    assert done.stderr.startswith(f"lic-teach: coded{os.sep}a.jpg: {words}")
    done = run("info", "coded")
    assert done.exit_code == 1 and done.stdout.count("a line") == 2
    assert done.stderr.startswith(f"lic-teach: coded{os.sep}c.jpg: {words}")
    assert "1 of 3 files are not whole" in done.stderr


@each_error
def test_of_a_single_file_it_is_one_sentence(folder, monkeypatch, error, words):
    from lic_teach.report import page

    def write(*_):
        raise type(error)(*error.args)

    monkeypatch.setattr(page, "write", write)
    monkeypatch.setattr(files, "decode", write)
    for command in (["compare", "album/a.png"], ["decompress", "coded/a.jpg", "a.png"]):
        done = run(*command)
        (line,) = done.stderr.splitlines()
        assert done.exit_code == 1 and line.startswith(f"lic-teach: {command[1]}: {words}")
    assert sorted(os.listdir()) == ["album", "coded"]


def test_a_mistake_of_ours_can_be_found_by_its_sentence(folder, monkeypatch):
    def decode(data, lenient):
        return [][0]

    line = decode.__code__.co_firstlineno + 1
    monkeypatch.setattr(files, "decode", decode)
    done = run("decompress", "coded/a.jpg", "a.png")
    place = f"({Path(__file__).name}, line {line})"
    assert done.stderr == f"lic-teach: coded/a.jpg: IndexError {place}: list index out of range\n"


def test_a_small_file_takes_little_memory_to_read(folder, monkeypatch):
    """After one picture that was too large for the machine, a small one must have a chance."""
    asked = []

    class File:
        name = "a.png"

        def read(self, size):
            asked.append(size)
            return b"" if len(asked) > 1 else b"x"

    assert images.read(File()) == b"x" and max(asked) <= 1 << 20


# --- what is left out --------------------------------------------------------------------


def test_files_that_are_not_read_are_named(folder):
    for name in ("IMG_1.HEIC", "raw.dng", "drawing.psd", "noname", "notes.txt", ".hidden"):
        Path("album", name).write_bytes(b"x")
    Path("album/sub.heic").mkdir()
    done = run("compress", "album", "out", "--to", "jpg")
    assert done.exit_code == 0 and sorted(os.listdir("out")) == ["a.jpg", "b.jpg", "c.jpg"]
    assert done.stderr == (
        "lic-teach: 4 files left out: IMG_1.HEIC, drawing.psd, noname and 1 more "
        "(not read here: .dng, .heic, .psd and 1 more)\n"
    )
    Path("out/page.pdf").write_bytes(b"x")
    done = run("info", "out")
    assert done.exit_code == 0
    assert done.stderr == "lic-teach: 1 file left out: page.pdf (not read here: .pdf)\n"
    Path("out/page.pdf").rename("out/icon.png")
    assert (
        "1 file left out: icon.png (not read here: .png)" in run("decompress", "out", "back").stderr
    )


def test_rd_and_train_name_them_too(folder):
    Path("album/IMG_2.heif").write_bytes(b"x")
    done = run("rd", "--images", "album", "--codecs", "jpeg")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == (
        "lic-teach: 1 file left out: IMG_2.heif (not read here: .heif)"
    )
    done = run("train", "album", "w.safetensors", "--steps", 1)
    assert "1 file left out: IMG_2.heif" in done.stderr


def test_other_names_of_the_same_formats_are_taken(folder):
    os.rename("coded/a.jpg", "coded/a.JFIF")
    os.rename("coded/b.jpg", "coded/b.jpe")
    Image.fromarray(PHOTO[:, :, 0]).save("coded/d.pgm")
    Image.fromarray(PHOTO).save("coded/e.j2k", "JPEG2000")
    assert run("compress", "coded", "out", "--to", "jpg").stderr == ""
    assert sorted(os.listdir("out")) == [f"{name}.jpg" for name in "abcde"]
    done = run("decompress", "coded", "back")
    assert sorted(os.listdir("back")) == ["a.png", "b.png", "c.png"]
    assert "2 files left out: d.pgm, e.j2k" in done.stderr


# --- where nothing can be written --------------------------------------------------------


@pytest.fixture
def read_only(monkeypatch):
    """A disk that takes nothing, and that says so about a name that no user knows."""

    def refuse(*_, **options):
        raise OSError(errno.EROFS, "Read-only file system", os.path.join(options["dir"], ".x.tmp"))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)


@pytest.mark.parametrize(
    "words, out",
    [
        ("compare album/a.png --out page.html", "page.html"),
        ("compress album/a.png a.lic", "a.lic"),
        ("decompress coded/a.jpg a.png", "a.png"),
        ("rd --images album --codecs jpeg", "rd"),
        ("rd --images album --codecs jpeg --out deep/er/rd", "deep/er/rd"),
        ("train album w.safetensors", "w.safetensors"),
    ],
)
def test_a_place_that_cannot_be_written_is_found_before_the_work(
    folder, read_only, monkeypatch, words, out
):
    def never(*_):
        raise AssertionError("the work has begun")

    monkeypatch.setattr(images, "load", never)
    monkeypatch.setattr(files, "decode", never)
    done = run(*words.split())
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].endswith(f"{out}: Read-only file system")
    assert ".tmp" not in done.stderr and sorted(os.listdir()) == ["album", "coded"]


def test_a_recorded_training_tries_its_place_first(folder, read_only, monkeypatch):
    from lic_teach.learned import record

    monkeypatch.setattr(sys, "argv", ["record", "history.safetensors"])
    monkeypatch.setattr(record, "photographs", lambda: pytest.fail("the work has begun"))
    with pytest.raises(OSError, match="Read-only file system: 'history.safetensors'"):
        runpy.run_module("tools.record", run_name="__main__")


def test_out_that_is_a_file_is_no_folder_for_studies(folder):
    done = run("rd", "--images", "album", "--out", "album/a.png")
    assert done.stderr == "lic-teach: album/a.png is no folder\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["compress album out --to jpg", "compress album/a.png a.jpg"])
def test_a_full_stdout_is_not_a_failure_of_the_files(folder, words):
    command = [sys.executable, "-m", "lic_teach.cli", *words.split()]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=env())
    assert done.returncode == 1
    assert done.stderr == "lic-teach: standard output: No space left on device\n"
    assert Path("out/c.jpg" if "out" in words else "a.jpg").exists()


# --- from a clone that is not installed --------------------------------------------------


def env(**more):
    """With this clone alone on the path."""
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | more


def test_the_version_is_known_without_an_installation(folder):
    """Metadata of the package is taken away; the page of compare and studies still say it."""
    code = """if True:
        import importlib.metadata as metadata
        known = metadata.version
        def version(name):
            if name == "lic-teach":
                raise metadata.PackageNotFoundError(name)
            return known(name)
        metadata.version = version
        import runpy
        runpy.run_module("lic_teach.cli", run_name="__main__", alter_sys=True)"""
    words = "rd --images album --codecs jpeg_tables".split()
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=env()
    )
    assert done.returncode == 0, done.stderr
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f'"lic-teach": "{version}"' in Path("rd/album_jpeg_tables.json").read_text()


def test_a_stray_pyproject_is_not_taken_for_ours(tmp_path, monkeypatch):
    import importlib.metadata

    from lic_teach import paths

    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "9.9"\n')
    monkeypatch.setattr(paths, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"{name} 1.2.3")
    assert paths.version() == "lic-teach 1.2.3"


FAKE = """
import os, pathlib, signal, sys, time
import lic_teach
said = []
signal.signal(signal.SIGINT, lambda *_: said.append("interrupted"))
pathlib.Path(os.environ["SAY"]).write_text(lic_teach.__file__)
while not said:
    time.sleep(0.01)
pathlib.Path(os.environ["SAY"]).write_text("closed in order")
sys.exit(7)
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing on Windows")
def test_ctrl_c_is_left_to_jupyterlab_which_finds_the_package(folder):
    """A stand-in for JupyterLab, which takes its time when it is interrupted."""
    (folder / "fake" / "jupyterlab").mkdir(parents=True)
    (folder / "fake" / "jupyterlab" / "__init__.py").touch()
    (folder / "fake" / "jupyterlab" / "__main__.py").write_text(FAKE)
    said = folder / "said"
    path = os.pathsep.join((str(ROOT), str(folder / "fake")))
    lab = subprocess.Popen(
        [sys.executable, "-m", "lic_teach.cli", "lab"],
        env=env(PYTHONPATH=path, SAY=str(said)),
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (said.exists() and said.read_text()):
        assert lab.poll() is None, lab.stderr.read()
        time.sleep(0.05)
    assert said.read_text() == str(ROOT / "lic_teach" / "__init__.py")
    os.killpg(lab.pid, signal.SIGINT)
    assert lab.wait(120) == 7 and said.read_text() == "closed in order"


def test_the_codecs_refuse_in_words_what_is_no_picture_and_no_quality(folder):
    """The library itself: no picture at all, a list, a quality between two."""
    from lic_teach import jpeg, learned

    model = learned.load()
    for nothing in (PHOTO[:0], PHOTO[:, :0], [], [[1, 2]], PHOTO.tolist()):
        with pytest.raises(ValueError, match=r"image must be .*uint8 \(H, W, 3\)"):
            learned.encode(nothing, model, 0.01)
    for quality in (50.5, 75.0, 0, 101, float("nan"), "75", None):
        with pytest.raises(ValueError, match="quality must be a whole number in 1..100"):
            jpeg.encode(PHOTO, quality)
    assert jpeg.encode(PHOTO, np.int64(75)) == jpeg.encode(PHOTO, 75)
    for lam in (None, 0.01):
        with pytest.raises(ValueError, match="1..65535|uint8"):
            jpeg.encode(PHOTO[:0], lam=lam)
