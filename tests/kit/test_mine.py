"""The learner's own work: what is kept, what is never touched, and what is read of it."""

import csv
import io
import linecache
import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import nbformat
import pytest
from typer.testing import CliRunner

from lic_teach import notebooks
from lic_teach.cli import app
from lic_teach.kit import checks, mine, progress
from lic_teach.kit.source import NoSource, standalone
from tests.kit import test_checks
from tests.lab import chromium, jupyterlab, open_notebook, run_all

SQUARE = "def square(x):\n    return x * x\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working directory in which answers are kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIC_TEACH_MINE", "1")
    return tmp_path


def cells(*sources):
    """What these cells of a notebook define, with their source to be had, as IPython does it."""
    names = {"__name__": "__main__"}
    for source in sources:
        file = f"<cell {hash((source, id(names)))}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        exec(compile(source, file, "exec"), names)
    return names


def alone(source):
    """Python, executed where nothing else is defined."""
    names = {}
    exec(source, names)
    return names


# --- the source of an answer -------------------------------------------------------------


IMPORTS = """
import xml.etree.ElementTree
from lic_teach.metrics import mse as error
from numba import njit
import numpy as np
import scipy.fft
from scipy.special import ndtr as phi
from scipy.stats import laplace as other, norm
from numpy import s_
"""
AROUND = """
STEP, NAMES, x = 16, {"a": [1, 2]}, 100
table, half = np.arange(4, dtype=np.int16), np.float32(0.5)

def by(n):
    return lambda g: lambda x: n * g(x)

def up(x):
    return down(x) + 1

def down(x):
    return x if x > 9 else up(2 * x)

class Bits:
    def __init__(self, n):
        self.n = n

    def doubled(self):
        return STEP // 8 * self.n
"""


@pytest.mark.parametrize(
    "definition, argument, value",
    [
        ("def f(x):\n    return 2 * x", 3, 6),
        ("f = lambda x: STEP * x", 3, 48),
        ("def f(x):\n    return np.sqrt(x)", 9, 3),
        ("def f(x):\n    return phi(x) + scipy.fft.dct([1.0, 1.0])[1]", 0, 0.5),
        ("def f(x):\n    return norm.cdf(x)", 0, 0.5),
        ("def f(x):\n    return other.cdf(x)", 0, 0.5),
        ("def f(x):\n    return s_[x:]", 2, slice(2, None)),
        ("def f(x):\n    return xml.etree.ElementTree.XML(x).tag", "<a/>", "a"),
        ("def f(x):\n    return error(np.array(x), np.array(x) + 2)", [[0.0]], 4),
        ("def f(x):\n    return x // STEP + len(NAMES['a'])", 33, 4),
        ("def f(x):\n    return (table + x).dtype.name", 1, "int16"),
        ("def f(x):\n    return type(half).__name__", 1, "float32"),
        ("def f(x):\n    return up(x)", 5, 12),
        ("def f(x):\n    return by(3)(abs)(x)", -2, 6),
        ("@njit\ndef f(y):\n    x = y + 1\n    return x", 1, 2),
        ("def f(x: np.ndarray = half, k=STEP) -> list:\n    return [i * k for i in x]", [2], [32]),
        ("def f(x):\n    return Bits(x).doubled()", 4, 8),
        ("def f(n):\n    return 1 if n < 2 else n * f(n - 1)", 5, 120),
    ],
)
def test_a_function_comes_with_all_that_it_needs(definition, argument, value):
    names, source = standalone((cells(IMPORTS, AROUND, definition)["f"],))
    assert names == ("f",) and alone(source)["f"](argument) == value


def test_of_a_function_that_was_written_twice_the_newest_comes():
    names = cells(
        "def f(x):\n    return g(x)", "def g(x):\n    return 1", "def g(x):\n    return 2"
    )
    assert alone(standalone((names["f"],))[1])["f"](0) == 2


def test_two_functions_come_in_the_order_of_the_answer():
    names = cells("def g(x):\n    return x - 1\ndef f(x):\n    return x + 1")
    assert standalone((names["f"], names["g"]))[0] == ("f", "g")


@pytest.mark.parametrize(
    "source, words",
    [
        ("[answer] = [lambda x: x]", "no name of its own"),
        ("def make(n):\n    return lambda x: n\nanswer = make(1)", "made inside another function"),
        ("def by(g):\n    return lambda: g()\n@by\ndef answer():\n    pass", "made inside another"),
        ("photo = np.zeros((99, 99))\ndef answer():\n    return photo", "it uses photo, of type"),
        ("long = np.zeros(4000)\ndef answer():\n    return long", "it uses long, a long ndarray"),
        ("def g():\n    pass\nanswer = g\ndef g():\n    return 1", "g is something else by now"),
        ("net = object()\ndef answer():\n    return net", "it uses net, of type object"),
        ("import functools\nanswer = functools.partial(print)", "it is a partial"),
        ("exec('def answer(): pass')", "the text of answer is not to be had"),
        ("def answer(x=[].append(1)):\n    pass\nanswer.__name__ = 'x y'", "no name of its own"),
        ("def answer(x=1 / STEP):\n    pass\nSTEP = 0", "alone it stops with ZeroDivisionError"),
    ],
)
def test_what_has_no_source_says_why(source, words):
    with pytest.raises(NoSource, match=words):
        standalone((cells("import numpy as np\nSTEP = 1", source)["answer"],))


@pytest.mark.parametrize("exercise", test_checks.ALL)
def test_every_solution_of_the_course_would_be_kept_with_its_source(exercise):
    names = cells(exercise.imports, exercise.solution)
    answer = eval(exercise.answer, names)
    several = answer if isinstance(answer, tuple) else (answer,)
    if all(map(callable, several)):
        assert alone(standalone(several)[1])


# --- mine.py -----------------------------------------------------------------------------


def test_a_right_answer_is_kept_and_a_later_one_replaces_it(folder):
    first = cells("import math\n", "def area(r):\n    return math.pi * r**2")["area"]
    assert mine.keep("circle", first) == "Kept in mine.py."
    mine.keep("square", cells(SQUARE)["square"])
    mine.keep("circle", cells("def disc(r):\n    return 3 * r * r")["disc"])
    text = (folder / "mine.py").read_text()
    found = alone(text)
    assert found["disc"](2) == 12 and found["square"](3) == 9 and "area" not in found
    assert text.startswith(mine.HEADER) and text.count("\n# >>> ") == 2
    assert text.index("circle") < text.index("square")
    assert sorted(os.listdir(folder)) == [".mine.py.lock", "mine.py"]


def test_the_same_answer_again_writes_nothing(folder):
    square = cells(SQUARE)["square"]
    mine.keep("square", square)
    os.utime("mine.py", (0, 0))
    mine.keep("square", square)
    assert (folder / "mine.py").stat().st_mtime == 0


def test_all_that_is_the_learners_stays_to_the_byte(folder):
    mine.keep("square", cells(SQUARE)["square"])
    mine.keep("cube", cells("def cube(x):\n    return x**3")["cube"])
    head, tail = b"# mine \xc3\xa9\r\nimport this is no Python(\r\n", b"\r\n\r\nwhile"
    own = head + (folder / "mine.py").read_bytes() + tail
    (folder / "mine.py").write_bytes(own)
    mine.keep("square", cells("def square(x):\n    return x**2")["square"])
    assert (folder / "mine.py").read_bytes() == own.replace(b"x * x", b"x**2")
    mine.keep("new", cells(SQUARE)["square"])
    assert (folder / "mine.py").read_bytes().startswith(own.replace(b"x * x", b"x**2"))
    assert set(mine.blocks(mine.read(folder))) == {"square", "cube", "new"}


def test_a_block_without_its_end_takes_no_other_block_with_it(folder):
    for name in "abc":
        mine.keep(name, cells(SQUARE)["square"])
    text = (folder / "mine.py").read_text().replace("# <<< a\n", "")
    (folder / "mine.py").write_text(text)
    assert set(mine.blocks(text)) == {"b", "c"}
    mine.keep("a", cells("def other(x):\n    return x")["other"])
    after = (folder / "mine.py").read_text()
    assert after.startswith(text) and set(mine.blocks(after)) == {"a", "b", "c"}


def test_an_answer_without_a_source_counts_and_takes_the_place_of_an_older_one(folder):
    mine.keep("which", cells(SQUARE)["square"])
    assert mine.keep("which", {"R": "up"}) == "Noted in mine.py."
    said = mine.keep("hidden", cells("answer = [lambda x: x][0]")["answer"])
    assert said == "Noted in mine.py, without its source: it has no name of its own."
    assert "square" not in (folder / "mine.py").read_text()
    assert progress.right(folder) == {"which", "hidden"}


def test_a_source_that_looks_like_the_end_of_a_block_is_not_kept(folder):
    tricky = cells('def f():\n    return """\n# <<< tricky\n"""')["f"]
    assert "looks like" in mine.keep("tricky", tricky)
    assert mine.blocks(mine.read(folder))["tricky"].functions == ()


@pytest.mark.parametrize(
    "names",
    [
        {"LIC_TEACH_MINE": "0"},
        {"CI": "true", "PYTEST_VERSION": None},
        {"PYTEST_VERSION": "8.3"},
        {"LIC_TEACH_MINE": "0", "CI": None, "PYTEST_VERSION": None},
    ],
)
def test_nothing_is_kept_in_ci_in_tests_or_when_turned_off(folder, monkeypatch, names):
    mine.keep("square", cells(SQUARE)["square"])
    monkeypatch.delenv("LIC_TEACH_MINE")
    for name, value in names.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(
            name, value
        )
    before = (folder / "mine.py").read_bytes()
    assert mine.keep("other", cells(SQUARE)["square"]) == ""
    assert mine.get("square", len) is len
    assert (folder / "mine.py").read_bytes() == before


def test_outside_of_all_these_it_is_kept(folder, monkeypatch):
    for name in ("LIC_TEACH_MINE", "CI", "PYTEST_VERSION"):
        monkeypatch.delenv(name, raising=False)
    assert mine.keep("square", cells(SQUARE)["square"]) == "Kept in mine.py."


def test_a_file_that_is_no_text_is_not_touched(folder):
    (folder / "mine.py").write_bytes(b"caf\xe9 = 1\n")
    assert "no text in UTF-8" in mine.keep("square", cells(SQUARE)["square"])
    assert (folder / "mine.py").read_bytes() == b"caf\xe9 = 1\n"


def test_a_folder_that_cannot_be_written_is_said_and_the_answer_stays_right(folder, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied", "mine.py")

    monkeypatch.setattr(mine, "write_atomic", refused)
    assert mine.keep("square", cells(SQUARE)["square"]) == "Not kept in mine.py: Permission denied."
    assert not (folder / "mine.py").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_folder_stays_empty(folder):
    folder.chmod(0o500)
    assert mine.keep("square", cells(SQUARE)["square"]).startswith("Not kept in mine.py: ")
    folder.chmod(0o700)
    assert os.listdir(folder) == []


def test_of_many_who_write_at_once_none_is_lost(folder):
    square, names = cells(SQUARE)["square"], [f"n{i}" for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        said = set(pool.map(lambda name: mine.keep(name, square), names))
    assert said == {"Kept in mine.py."} and set(mine.blocks(mine.read(folder))) == set(names)


# --- building with it --------------------------------------------------------------------


def test_get_gives_the_learners_function_and_says_so(folder, capsys):
    mine.keep("square", cells("k = 2", "def mine_(x):\n    return x**k")["mine_"])
    mine.keep("other", cells("k = 3", "def cube(x):\n    return x**k")["cube"])
    assert mine.get("square", len)(5) == 25  # its own k, not the later block's
    both = cells("def f(x):\n    return x\ndef g(x):\n    return -x")
    mine.keep("both", (both["f"], both["g"]))
    assert [f(1) for f in mine.get("both", (len, len))] == [1, -1]
    assert capsys.readouterr().out == (
        "square: yours, mine_ in mine.py\nboth: yours, f and g in mine.py\n"
    )


def test_get_gives_the_packages_where_there_is_none_or_none_that_loads(folder, capsys):
    assert mine.get("square", len) is len
    mine.keep("square", cells(SQUARE)["square"])
    mine.keep("noted", 5)
    assert mine.get("noted", len) is len
    for wrong in ("1 / 0", "def square(x:", "import no_such_module", "raise SystemExit(3)"):
        text = (folder / "mine.py").read_text()
        (folder / "mine.py").write_text(text.replace(SQUARE.rstrip(), wrong))
        assert mine.get("square", len) is len
        (folder / "mine.py").write_text(text)
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["square: the package's len", "noted: the package's len"]
    assert said[2].endswith("yours in mine.py stops with ZeroDivisionError: division by zero")


def test_an_error_in_the_learners_function_names_the_line_of_the_file(folder):
    mine.keep("half", cells("def half(x):\n    return x / 0")["half"])
    with pytest.raises(ZeroDivisionError) as caught:
        mine.get("half", len)(1)
    line = caught.traceback[-1].lineno
    assert (folder / "mine.py").read_text().splitlines()[line] == "    return x / 0"


# --- checks keep, a refresh does not -----------------------------------------------------


def double(answer):
    if answer(2) != 4:
        raise checks.Wrong("No.")
    return "Doubled."


def test_a_check_keeps_what_is_right_and_nothing_else(folder, capsys):
    check = checks.checks(double)
    check("double", cells("def f(x):\n    return 3 * x")["f"])
    check("double", None)
    assert not (folder / "mine.py").exists()
    check("double", cells("def f(x):\n    return 2 * x")["f"])
    assert capsys.readouterr().out.endswith("Right. Doubled.\nKept in mine.py.\n")
    assert mine.get("double", len)(8) == 16


def test_a_refresh_keeps_nothing_and_reads_nothing(tmp_path, monkeypatch):
    for name in ("CI", "PYTEST_VERSION"):
        monkeypatch.delenv(name, raising=False)
    source = tmp_path / "src" / "00_tiny.py"
    source.parent.mkdir()
    code = (
        "from lic_teach.kit import mine\n\nprint(repr(mine.keep('a', len)))\nmine.get('a', len);\n"
    )
    source.write_text(f"# %%\n{code}")
    (tmp_path / "mine.py").write_text("# >>> a: b\nb = min\n# <<< a\n")
    before = sorted(os.listdir(tmp_path))
    (cell,) = nbformat.read(notebooks.refresh(source), as_version=4).cells
    assert cell.outputs[0].text == "''\na: the package's len\n"
    assert sorted(os.listdir(tmp_path)) == sorted([*before, "00_tiny.ipynb"])


def test_no_two_exercises_of_the_course_have_one_name():
    course = progress.lessons(notebooks.LESSONS)
    for lesson in course:
        (path,) = notebooks.LESSONS.glob(f"{lesson.number}_*.ipynb")
        assert progress._title_and_exercises(path) == (
            lesson.title,
            dict.fromkeys(lesson.exercises),
        )
    assert len(course) == len(list(notebooks.LESSONS.glob("*.ipynb")))


# --- progress, and a class ---------------------------------------------------------------


def lesson(path, title, *names):
    """A notebook with these exercises."""
    cells = [nbformat.v4.new_markdown_cell(f"# {title}\n\nText.")]
    cells += [nbformat.v4.new_code_cell(f"def f():\n    ...\n\n\ncheck('{n}', f)") for n in names]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.fixture
def course(folder):
    """Two small lessons in the working directory; one exercise is right."""
    lesson(folder / "00_start.ipynb", "00 · Start & go", "square", "cube")
    lesson(folder / "01_more.ipynb", "01 · More", "third")
    mine.keep("square", cells(SQUARE)["square"])
    return folder


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_progress_says_what_is_right_and_what_is_open(course):
    table = "00 · Start & go    1 of 2   open: cube\n01 · More          0 of 1   open: third\n"
    table += "All lessons        1 of 3\n"
    assert run("progress") == run("progress", course) == (0, table, "")
    (course / "00_start-Copy1.ipynb").write_bytes((course / "00_start.ipynb").read_bytes())
    assert run("progress")[1] == table
    (course / "broken.ipynb").write_text("{")
    code, said, warned = run("progress")
    assert (code, said) == (0, table) and "broken.ipynb is no notebook" in warned


def test_of_the_whole_course_everything_is_open_at_first(folder):
    code, said, warned = run("progress", folder)
    every = sum(len(lesson.exercises) for lesson in progress.lessons(notebooks.LESSONS))
    assert code == 0 and f"0 of {every}" in said.splitlines()[-1] and not warned


def test_the_panel_is_a_table_with_a_line_for_every_lesson(course, monkeypatch):
    shown = []
    monkeypatch.setattr(progress, "display", lambda data, raw: shown.append(data))
    progress.panel()
    assert shown[0]["text/plain"] == "Right answers: 1 of 3"
    cells = re.sub("<[^>]+>", "|", shown[0]["text/html"])
    assert re.search(r"\|Start &amp; go\|+1 of 2\|+cube\|", cells.replace("00 · ", ""))
    monkeypatch.setenv("LIC_TEACH_MINE", "0")
    progress.panel()
    assert shown[1] == {"text/plain": "Run this cell: a table of what is right, and what is open"}


@pytest.fixture
def returned(course, monkeypatch):
    """A class: its folder, with hostile, broken and empty folders in it."""
    monkeypatch.setattr(progress, "LESSONS", course)
    homes = {
        name: course / "class" / name / "lessons" for name in ("ada", "bob", "=1+1", "eve", "zoe")
    }
    for home in homes.values():
        home.mkdir(parents=True)
    (course / "class" / ".hidden").mkdir()
    (course / "class" / "list.txt").write_text("ada, bob")
    block = "# >>> {0}: {0}\ndef {0}(x):\n    return 1\n# <<< {0}\n"
    bomb = f"open({str(course / 'executed')!r}, 'w')\nimport os; os._exit(3)\n"
    (homes["ada"] / "mine.py").write_text(bomb + block.format("square") + block.format("third"))
    (homes["ada"] / "deeper").mkdir()
    (homes["ada"] / "deeper" / "mine.py").write_text(block.format("cube"))
    (homes["bob"] / "mine.py").write_text(
        block.format("square").replace("def", "deaf") + "(" * 5000
    )
    (homes["=1+1"] / "mine.py").write_text(block.format("old") + "# >>> third:\n# <<< third\n")
    (homes["eve"] / "mine.py").write_bytes(b"\xff\xfe\x00")
    return course / "class"


def test_a_class_is_counted_and_nothing_of_it_is_executed(returned, course):
    code, said, warned = run("class", returned)
    assert (code, said.splitlines()) == (
        0,
        [
            "learner  00 01 other  all",
            "=1+1      ·  1     1    2",
            "ada       2  1     ·    3",
            "bob       ·  ·     ·    0",
            "eve       ·  ·     ·    0",
            "zoe       ·  ·     ·    0",
            "of        2  1     1    4",
        ],
    )
    assert "eve" in warned and "UTF-8" in warned
    assert "in no learner's folder, not counted: list.txt\n" in warned
    assert "no mine.py: zoe\n" in warned
    assert not (course / "executed").exists()


def test_as_csv_it_has_a_column_for_every_exercise(returned):
    code, said, _ = run("class", returned, "--csv")
    rows = list(csv.reader(io.StringIO(said)))
    assert code == 0 and rows[0] == ["learner", "square", "cube", "third", "old", "right"]
    assert rows[1] == ["'=1+1", "0", "0", "1", "1", "2"]  # no formula for a spreadsheet
    assert rows[2] == ["ada", "1", "1", "1", "0", "3"]


DEEP = "+".join(["1"] * 900)


@pytest.mark.parametrize(
    "source",
    [f"x[{DEEP}] = 3", f"x = {DEEP}", "x" + ".y" * 2500 + " = 3", f"[{'-' * 5000}1][0] = x = 1"],
)
def test_a_text_that_is_too_deep_spoils_nobody_elses_line(returned, source):
    text = f"# >>> square: square\n{source}\n\n\ndef square(x): pass\n# <<< square\n"
    (returned / "eve" / "lessons" / "mine.py").write_text(text)
    code, said, _ = run("class", returned)
    assert code == 0 and re.search(r"^ada .* 3$", said, re.MULTILINE)


def test_a_link_to_anothers_file_is_not_counted(returned):
    with suppress(OSError):  # Windows lets few make links
        (returned / "zoe" / "lessons" / "mine.py").symlink_to(returned / "ada/lessons/mine.py")
    code, said, _ = run("class", returned)
    assert code == 0 and re.search(r"^zoe .* 0$", said, re.MULTILINE)


def test_notebooks_that_cannot_be_read_are_passed_over(course):
    (course / "00_folder.ipynb").mkdir()
    (course / "00_deep.ipynb").write_text("[" * 100_000)
    with pytest.warns(UserWarning, match="is no notebook that can be read") as noted:
        assert [lesson.number for lesson in progress.lessons(course)] == ["00", "01"]
    assert len(noted) == 2


def test_a_class_without_learners_is_refused_in_words(folder):
    code, said, warned = run("class", folder)
    assert (code, said) == (1, "") and "one for each learner is expected" in warned
    code, said, warned = run("class", folder / "nowhere")
    assert code == 1 and warned.startswith("lic-teach: ") and "Errno" not in warned


# --- in the browser ----------------------------------------------------------------------

CELLS = (
    "from lic_teach.kit import checks, mine, progress\n\n\n"
    "def double(answer):\n    return 'Doubled.' if answer(2) == 4 else 1 / 0\n\n\n"
    "check = checks.checks(double)",
    "import numpy as np\n\n\ndef helper(x):\n    return np.add(x, x)",
    "def twice(x):\n    return int(helper(x))\n\n\ncheck('double', twice)",
    "print(mine.get('double', len)(21))\nprogress.panel()",
)


@pytest.mark.browser
def test_in_jupyterlab_a_right_answer_is_kept_used_and_counted(tmp_path):
    code = [nbformat.v4.new_code_cell(source) for source in CELLS]
    title = nbformat.v4.new_markdown_cell("# 00 · Twice")
    notebook = nbformat.v4.new_notebook(cells=[title, *code])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "00_twice.ipynb")
    path = tmp_path / "00_twice.ipynb"
    with jupyterlab([path], LIC_TEACH_MINE="1") as address, chromium() as page:
        open_notebook(page, address, path.name)
        run_all(page)
        page.get_by_text("Kept in mine.py.").wait_for()
        page.get_by_text("double: yours, twice in mine.py\n42").wait_for()
        row = page.get_by_role("row", name="00 · Twice")
        assert row.get_by_role("cell").first.inner_text() == "1 of 1"
