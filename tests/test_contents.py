"""Lists of lessons are made from their folder: add one, or move one, and the house is whole."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from lic_teach import contents, notebooks
from lic_teach.contents import Lesson

ROOT = contents.LESSONS.parent
KNOWN = [
    Lesson("00_one", "One", "Is it?"),
    Lesson("01_two", "The two", "Are they?"),
    Lesson("02_three", "Three", "Really?"),
]


# --- texts -------------------------------------------------------------------------------


def test_every_mention_of_a_lesson_is_a_link_that_leads_there():
    names = {lesson.name for lesson in contents.lessons()}
    pages = [ROOT / name for name in (*contents.ROWS, *contents.OTHERS)]
    texts = {path.name: path.read_text(encoding="utf-8") for path in pages}
    for path in contents.LESSONS.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts[path.name] = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    linked = 0
    for name, text in texts.items():
        assert contents.unlinked(text) == [] and contents.dead(text, names) == [], name
        for words, _, number, _ in contents.LINK.findall(text):
            assert re.findall(r"\d\d", words) in ([number], []), f"{name}: {words}"
            linked += 1
    assert linked > 300


def test_no_code_cell_names_a_lesson_by_its_number():
    for path in contents.LESSONS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert cell.cell_type == "markdown" or not contents.MENTION.search(cell.source), path


@pytest.mark.parametrize(
    "text, found",
    [
        ("as in lesson 03, and Lesson 04", ["lesson 03", "Lesson 04"]),
        ("[lesson 03](03_dct.ipynb), [lessons 03](03_dct.ipynb) and [04](04_x.ipynb)", []),
        ("`lesson 03` and\n```\nlesson 04\n```\n", []),
        ("lessons [00](00_one.ipynb)\nand lesson\n01", ["lesson\n01"]),
    ],
)
def test_a_mention_without_a_link_is_found(text, found):
    assert contents.unlinked(text) == found


def test_links_get_the_numbers_of_today():
    text = "[lesson 07](07_two.ipynb) or [05 · Three](lessons/05_three.ipynb#a), [4](04_four.ipynb)"
    assert contents.renumbered(text, KNOWN) == (
        "[lesson 01](01_two.ipynb) or [02 · Three](lessons/02_three.ipynb#a), [4](04_four.ipynb)"
    )
    assert contents.dead(text, ["07_two"]) == ["04_four", "05_three"]
    assert contents.without_dead(text, ["07_two"]) == "[lesson 07](07_two.ipynb) or 05 · Three, 4"


def test_a_lesson_ends_with_links_to_its_neighbours():
    known = contents.lessons()
    for before, lesson, after in zip(known, known[1:], known[2:], strict=False):
        last = nbformat.read(contents.LESSONS / f"{lesson.name}.ipynb", as_version=4).cells[-1]
        assert re.findall(r"\((\w+)\.ipynb\)", last.source) == [before.name, after.name]
    assert contents.neighbours("00_one", KNOWN) == "Next: [01 · The two](01_two.ipynb)"
    assert contents.neighbours("02_three", KNOWN) == "Before: [01 · The two](01_two.ipynb)"


# --- lists -------------------------------------------------------------------------------


def test_a_list_keeps_its_headings_and_has_a_row_for_each_lesson():
    start, row = contents.ROWS["lessons/README.md"]
    old = [f"- [0{n} · Old]({name}.ipynb): ?" for n, name in enumerate(("00_one", "01_three"))]
    text = "\n".join(
        [
            "# All",
            "",
            old[0],
            "",
            "**Part**",
            "",
            old[1],
            "- [02 · Gone](02_gone.ipynb): ?",
            "",
            "End",
        ]
    )
    assert contents.listed(text, KNOWN, start, row).split("\n") == [
        "# All",
        "",
        "- [00 · One](00_one.ipynb): Is it?",
        "- [01 · The two](01_two.ipynb): Are they?",
        "",
        "**Part**",
        "",
        "- [02 · Three](02_three.ipynb): Really?",
        "",
        "End",
    ]


def test_the_parts_of_the_course_hold_all_lessons():
    found = contents.parts((contents.LESSONS / "README.md").read_text(encoding="utf-8"))
    assert [name for _, names in found for name in names] == [o.name for o in contents.lessons()]
    assert [title.split(":")[0] for title, _ in found] == ["Start", "Part I", "Part II", "Part III"]


# --- a lesson is added, and one is moved -------------------------------------------------

LESSON = """# %% [markdown]
# # {number} · Zebra
#
# **How many stripes has it?**
#
# The next cell knows.

# %%
from lic_teach.course.zebra.stripes import Stripes

Stripes()

# %%
from lic_teach.course.zebra.exercises import check

my_stripes = ...
check("stripes", my_stripes)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# my_stripes = 40
# ```
#
# </details>
"""
ROOM = {
    "__init__.py": '"""How many stripes it has.\n\nstripes.py: as many as you like\n'
    'exercises.py: the checks of its exercises\n"""\n',
    "stripes.py": '''"""Stripes, as many as the slider says."""

from lic_teach.kit.base import Explorer, View
from lic_teach.kit.controls import Slider


class Stripes(Explorer):
    """Stripes()."""

    def compute(self, source, number):
        return number

    def draw(self, number):
        return View(b"", f"<p>{number} stripes</p>", f"{number} stripes")

    def __init__(self):
        super().__init__(None, number=Slider(40, 0, 80, label="Stripes"))
''',
    "exercises.py": '''"""Checks: a number."""

from lic_teach.kit.checks import Wrong, checks


def stripes(answer):
    """answer: a number."""
    if answer != 40:
        raise Wrong("Count again.")
    return "Forty."


check = checks(stripes)
''',
}
TESTS = '''"""Zebra: the hints of its exercises."""

from lic_teach.course.zebra import exercises
from lic_teach.kit import checks


def test_a_wrong_number_is_counted_again():
    assert "Count again" in checks.verdict(exercises.stripes, 41)
'''
WHOLE = (  # what must still hold: the tests that look at all lessons
    "tests/test_house.py",
    "tests/test_contents.py",
    "tests/test_teaching.py",
    "tests/test_setup.py::test_the_readme_links_the_lessons_that_exist_and_every_link_leads_somewhere",
    "tests/test_setup.py::test_whatever_is_imported_is_declared_where_it_is_needed",
    "tests/test_notebooks.py::test_the_lessons_are_executed_and_agree_with_their_sources",
    "tests/test_notebooks.py::test_the_index_names_headings_that_exist",
    "tests/test_students.py",
    "tests/kit/test_checks.py",
    "tests/tools/bench/test_explorers.py::test_the_explorers_are_those_of_the_lessons",
    "tests/course/test_zebra.py",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Where lessons are added."""
    return copied(tmp_path_factory.mktemp("copy"))


def copied(folder):
    """The repository without its data, which is linked -> its path."""
    root = folder / "course"
    hidden = shutil.ignore_patterns(".*", "data", "__pycache__", "*.egg-info", "runs")
    shutil.copytree(ROOT, root, ignore=hidden)
    shutil.copytree(ROOT / ".github", root / ".github")
    (root / "data").symlink_to(ROOT / "data")
    return root


def run(copy, *words):
    """A command of Python in the copy -> what it printed."""
    import os

    environment = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def added(copy):
    """The copy with one lesson more -> what refreshing it says."""
    number = f"{int(contents.lessons()[-1].number) + 1:02}"
    (copy / f"lessons/src/{number}_zebra.py").write_text(LESSON.format(number=number), "utf-8")
    (copy / "lic_teach/course/zebra").mkdir()
    for name, text in ROOM.items():
        (copy / "lic_teach/course/zebra" / name).write_text(text, "utf-8")
    (copy / "tests/course/test_zebra.py").write_text(TESTS, "utf-8")
    return run(copy, "lic_teach.notebooks", "refresh", number)


def test_a_lesson_is_added_with_its_text_its_room_and_its_tests(copy, added):
    """As CONTRIBUTING.md says: nothing else is edited."""
    changed = set(re.findall(r"^(\S+): its text is new", added, re.M))
    assert changed == {"README.md", "TEACHING.md", f"{contents.lessons()[-1].name}.ipynb"}
    run(copy, "pytest", "-q", "-p", "no:cacheprovider", WHOLE[0], WHOLE[-1])


@pytest.mark.weekly  # of these tests, that of the house has run above
def test_with_a_lesson_added_every_test_of_all_lessons_passes(copy, added):
    tests = [test for test in WHOLE if (copy / test.split("::")[0]).exists()]
    assert len(tests) == len(WHOLE)
    skip = "not added and not moved and not run_from_top and not runs_from"
    run(copy, "pytest", "-q", "-p", "no:cacheprovider", "-m", "not browser", "-k", skip, *tests)


def test_a_lesson_is_moved_by_its_name_alone(tmp_path):
    """The second lesson becomes the last: numbers, links, lists and neighbours follow."""
    copy = copied(tmp_path)
    lessons = copy / "lessons"
    second = contents.lessons(lessons)[1]
    for path in (lessons / f"src/{second.name}.py", lessons / f"{second.name}.ipynb"):
        path.rename(path.with_name(f"98_{second.subject}{path.suffix}"))
    run(copy, "lic_teach.notebooks", "texts")
    assert notebooks.check(lessons) == []
    text = (lessons / "README.md").read_text("utf-8")
    assert contents.parts(text)[-1][1][-1] == f"98_{second.subject}"
    source = next(lessons.glob(f"src/*_{contents.lessons()[2].subject}.py")).read_text("utf-8")
    assert f"(98_{second.subject}.ipynb)" in source and f"{second.name}" not in source
