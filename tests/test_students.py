"""The students' copy: no solution in it, everything else as it was, every check at work."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from typer.testing import CliRunner

from lic_teach import students
from lic_teach.cli import app
from lic_teach.paths import environment

LESSONS = sorted(Path(__file__).parents[1].glob("lessons/*.ipynb"))
FOLDED = re.compile(r"<details><summary>Solution</summary>(.*?)</details>", re.DOTALL)


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class") / "hand out"
    done = CliRunner().invoke(app, ["students", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"{len(LESSONS)} lessons" in done.stdout
    return folder


def cells(path, kind):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def solutions(path):
    return [found for c in cells(path, "markdown") for found in FOLDED.findall(c.source)]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem[:2])
def test_no_solution_is_left_and_nothing_else_is_gone(lesson, handout):
    copy = handout / lesson.name
    nbformat.validate(nbformat.read(copy, as_version=4))
    text = "\n".join(c.source for c in nbformat.read(copy, as_version=4).cells)
    taken = solutions(lesson)
    assert taken and "<summary>Solution" not in text
    for solution in taken:
        for code in re.findall(r"```python\n(.*?)```", solution, re.DOTALL):
            assert code not in text
        for paragraph in re.split(r"\n\n+", re.sub(r"```.*?```", "", solution, flags=re.DOTALL)):
            assert len(paragraph.strip()) < 20 or paragraph.strip() not in text
    # Every code cell, its output and its number are the lesson's: what runs there runs here.
    assert cells(copy, "code") == cells(lesson, "code")
    whole = [FOLDED.sub("", c.source).strip() for c in cells(lesson, "markdown")]
    assert [c.source for c in cells(copy, "markdown")] == [s for s in whole if s]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem[:2])
def test_every_exercise_is_there_with_its_check_and_waits(lesson, handout):
    code = cells(handout / lesson.name, "code")
    checked = [c for c in code if re.search(r"^check\(", c.source, re.MULTILINE)]
    assert sum(len(re.findall(r"^check\(", c.source, re.MULTILINE)) for c in checked) == len(
        [s for s in solutions(lesson) if "```python" in s]
    )
    for cell in checked:
        said = "".join(output.get("text", "") for output in cell.outputs)
        assert said.strip().endswith("Not done yet. Fill in the cell above and run it again.")


def test_a_copy_runs_from_top_to_bottom_where_it_lies(handout):
    """A folder outside the repository, as students have it."""
    notebook = nbformat.read(handout / LESSONS[0].name, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    resources = {"metadata": {"path": str(handout)}}
    client = NotebookClient(notebook, kernel_name="python3", resources=resources)
    client.execute(env=environment())
    said = [o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])]
    assert sum("Not done yet." in text for text in said) == 2


def test_a_copy_with_answers_in_it_is_not_overwritten(handout):
    mine = handout / LESSONS[0].name
    before = mine.read_bytes()
    done = CliRunner().invoke(app, ["students", str(handout)])
    assert done.exit_code == 1 and "--force" in done.stderr
    assert mine.read_bytes() == before
    assert CliRunner().invoke(app, ["students", str(handout), "--force"]).exit_code == 0


def test_the_lessons_themselves_are_never_written_over():
    before = [path.stat().st_mtime_ns for path in LESSONS]
    done = CliRunner().invoke(app, ["students", str(students.LESSONS), "--force"])
    assert done.exit_code == 1 and "choose another folder" in done.stderr
    assert [path.stat().st_mtime_ns for path in LESSONS] == before


def test_a_solution_that_does_not_end_is_refused():
    cell = nbformat.v4.new_markdown_cell("<details><summary>Solution</summary>\n42")
    with pytest.raises(ValueError, match="does not end"):
        students.without_solutions(nbformat.v4.new_notebook(cells=[cell]))


def test_text_around_a_solution_stays():
    cell = nbformat.v4.new_markdown_cell(
        "before\n\n<details><summary>Solution</summary>\n42\n</details>\n\n"
        "<details><summary>What there is to see</summary>\n43\n</details>"
    )
    (kept,) = students.without_solutions(nbformat.v4.new_notebook(cells=[cell])).cells
    assert kept.source == (
        "before\n\n<details><summary>What there is to see</summary>\n43\n</details>"
    )
