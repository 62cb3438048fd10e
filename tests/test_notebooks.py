"""From source to executed notebook, on a tiny lesson; and the state of the real lessons."""

import json
import re
import subprocess
import sys

import nbformat
import pytest
from typer.testing import CliRunner

import lic_teach
from lic_teach import notebooks, paths

LESSON = """# %% [markdown]
# # A tiny lesson
# with $\\lambda$

# %%
import sys
import uuid

print("one", flush=True)
print("noise", file=sys.stderr, flush=True)
print("two", flush=True)

# %% tags=["solution"]
class Explorer:
    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"model_id": uuid.uuid4().hex, "version_major": 2, "version_minor": 0}
        widget = "application/vnd.jupyter.widget-view+json"
        return {"image/png": "iVBORw0KGgo=", "text/plain": "a picture", widget: view}

Explorer()

# %%
import ipywidgets

ipywidgets.IntSlider()

# %%
# NBVAL_CHECK_OUTPUT
Explorer()
"""


@pytest.fixture
def lesson(tmp_path):
    """A function that writes a source in tmp_path/lessons/src and returns its path."""
    folder = tmp_path / "lessons" / "src"
    folder.mkdir(parents=True)

    def write(text, name="00_tiny"):
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_refresh_keeps_the_lesson_and_drops_the_rest(lesson, capsys):
    source = lesson(LESSON)
    path = notebooks.refresh(source)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown"] + 4 * ["code"]
    markdown, streams, explorer, slider, checked = notebook.cells
    assert markdown.source == "# A tiny lesson\nwith $\\lambda$"
    assert [(output.name, output.text) for output in streams.outputs] == [("stdout", "one\ntwo\n")]
    assert explorer.metadata == {"tags": ["solution"]}
    picture = {"image/png": "iVBORw0KGgo=", "text/plain": "a picture"}
    assert [output.data for output in explorer.outputs] == [picture]
    assert slider.outputs == []
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4]
    assert "widgets" not in notebook.metadata
    assert "execution" not in checked.metadata
    assert "noise" in capsys.readouterr().err
    assert notebooks.check(path.parent) == []


def test_two_refreshes_are_byte_identical_and_nbval_accepts_the_result(lesson):
    path = notebooks.refresh(lesson(LESSON))
    first = path.read_bytes()
    assert notebooks.refresh(path.parent / "src" / "00_tiny.py").read_bytes() == first
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", str(path)]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_nbval_sees_a_changed_summary(lesson):
    path = notebooks.refresh(lesson(LESSON))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs[0].data["text/plain"] = "another picture"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", str(path)]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    assert done.returncode == 1 and "1 failed, 3 passed" in done.stdout


def test_cells_with_the_same_text_have_different_fixed_ids(lesson):
    text = "# %%\nx = 1\n\n# %%\nx = 1\n\n# %%\nx = 1\n"
    ids = [cell.id for cell in notebooks.read_source(lesson(text)).cells]
    assert len(set(ids)) == 3
    assert ids == [cell.id for cell in notebooks.read_source(lesson(text)).cells]


@pytest.mark.parametrize(
    "code, words",
    [
        ("1 / 0", "ZeroDivisionError"),
        ("object()", "cell 0 prints an object's address"),
        ("import sys; print(sys.prefix)", "cell 0 prints a path of this machine"),
        ("print('x' * 1_000_000)", "the limit is 1,000,000"),
    ],
)
def test_a_lesson_that_others_could_not_read_is_refused(lesson, code, words):
    source = lesson(f"# %%\n{code}\n")
    with pytest.raises(ValueError, match=words):
        notebooks.refresh(source)
    assert not notebooks.notebook_of(source).exists()


def test_check_finds_what_is_out_of_step(lesson):
    source = lesson("# %%\nprint(1)\n\n# %%\nprint(2)\n")
    folder = source.parents[1]
    assert notebooks.check(folder) == ["00_tiny: never refreshed"]
    path = notebooks.refresh(source)
    good = path.read_text()

    source.write_text("# %%\nprint(1)\n\n# %%\nprint(3)\n")
    assert notebooks.check(folder) == [
        "00_tiny: the notebook's cells are not the source's: refresh it"
    ]
    source.write_text("# %%\nprint(1)\n\n# %%\nprint(2)\n")

    saved = json.loads(good)
    saved["cells"][1]["execution_count"] = None
    path.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n")
    assert notebooks.check(folder) == ["00_tiny: cell 1 was never executed"]

    saved = json.loads(good)
    saved["metadata"]["widgets"] = {}
    path.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n")
    assert "saved by hand" in notebooks.check(folder)[0]

    path.write_text(good)
    assert notebooks.check(folder) == []
    source.unlink()
    assert notebooks.check(folder) == ["00_tiny.ipynb: no source src/00_tiny.py"]


def test_the_lessons_are_executed_and_agree_with_their_sources():
    assert notebooks.LESSONS.is_dir()
    assert notebooks.check() == []


def test_a_copy_that_nobody_has_trusted_yet_shows_every_drawing():
    """JupyterLab leaves out SVG, and cleans HTML of it, until a cell was run or all are trusted."""
    safe = {"image/png", "image/jpeg", "text/html"}
    for path in sorted(notebooks.LESSONS.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                words = data.get("text/plain", "")
                assert safe & data.keys() or not words.startswith("<"), (path.name, words)
                assert "<svg" not in data.get("text/html", ""), (path.name, words)


def test_the_commands_refresh_one_lesson_and_say_what_is_wrong(lesson, monkeypatch):
    path = lesson("print(1)")
    monkeypatch.setattr(notebooks, "LESSONS", path.parents[1])
    run = CliRunner().invoke
    done = run(notebooks.app, ["refresh", path.stem[:2]])
    assert done.exit_code == 0 and f"{path.stem}.ipynb" in done.stdout
    done = run(notebooks.app, ["refresh", "99"])
    assert done.exit_code == 2 and "no lesson 99: there are 00 to 00" in done.stderr
    path.write_text("# %%\n1 / 0\n")
    done = run(notebooks.app, ["refresh"])
    assert done.exit_code == 1 and "ZeroDivisionError" in str(done.exception) + done.stderr


@pytest.mark.parametrize(
    "numbers, expected",
    [
        ([], ["01_a", "10_b", "11_c"]),
        (["1"], ["01_a"]),
        (["11", "01", "1"], ["01_a", "11_c"]),
        (["10_"], ["10_b"]),
    ],
)
def test_a_lesson_is_named_by_its_number_with_or_without_the_nought(tmp_path, numbers, expected):
    for name in ("01_a", "10_b", "11_c", "Untitled", "2 my notes"):
        (tmp_path / f"{name}.ipynb").touch()
    assert [path.stem for path in paths.lessons(tmp_path, numbers)] == expected


@pytest.mark.parametrize("number", ["2", "0", "99", "-1", "x", "Untitled", "1_a", ""])
def test_a_lesson_that_is_not_there_is_said_with_those_that_are(tmp_path, number):
    for name in ("01_a", "11_c", "Untitled"):
        (tmp_path / f"{name}.ipynb").touch()
    with pytest.raises(ValueError, match=f"^no lesson {number}: there are 01 to 11$"):
        paths.lessons(tmp_path, ["1", number])
    with pytest.raises(ValueError, match="in the repository, not in the installed package"):
        paths.lessons(tmp_path / "elsewhere", [number])


def test_the_index_names_headings_that_exist():
    index = (notebooks.LESSONS / "README.md").read_text(encoding="utf-8")
    places = re.findall(r"^\|[^|]*\| \[\d\d\]\((\w+)\.ipynb\) \| (.+) \|$", index, re.M)
    assert len(places) > 30
    for name, heading in places:
        source = (notebooks.LESSONS / f"src/{name}.py").read_text(encoding="utf-8")
        assert re.search(rf"^# #+ {re.escape(heading)}$", source, re.M), (name, heading)


def test_a_refresh_runs_the_package_that_refreshes(lesson, tmp_path, monkeypatch):
    """Also in a checkout that is not installed, where another one is: here a false one."""
    other = tmp_path / "installed" / "lic_teach"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(other.parent))
    here = f"assert lic_teach.__path__ == {lic_teach.__path__!r}"
    notebooks.refresh(lesson(f"# %%\nimport lic_teach\n\n{here}\n"))
