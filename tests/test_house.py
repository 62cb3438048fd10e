"""The package as a house: every room has its place, and imports run one way."""

import ast
import re
from pathlib import Path

import pytest

import lic_teach
from lic_teach import course

PACKAGE = Path(lic_teach.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = Path(__file__).parent
# "Lessons colour and dct", wherever the line breaks
TAUGHT = re.compile(r"\bLessons?\s+(\w+(?:(?:,| and)\s+\w+)*)")
SOURCES = sorted(PACKAGE.parent.glob("lessons/src/*.py"))
# From the ground up. A file imports from its own room and from floors below, nothing else: so
# jpeg and learned know nothing of each other, and no codec knows a figure, a test or a command.
FLOORS = (
    ("paths", "bits", "profiles", "metrics", "fingerprint", "half"),
    ("images",),
    ("compiled",),
    ("jpeg", "learned"),
    ("overfit",),
    ("files", "contents"),
    ("notebooks", "students"),
    ("study",),
    ("kit",),
    ("course",),
    ("report", "site"),
    ("cli",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def name_of(path):
    """lic_teach/jpeg/color.py -> "jpeg.color"; a folder's __init__.py -> the folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES if name_of(path)}


def room_of(module):
    """The most particular room of FLOORS that a module stands in."""
    parts = module.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next(prefix for prefix in prefixes if prefix in FLOOR)


def imports(module):
    """The modules of the package that a module imports, at its top or inside a function."""
    path = MODULES[module]
    folder = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            start = [*(["lic_teach", *base] if node.level else []), *(node.module or "").split(".")]
            start = ".".join(filter(None, start))
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {target(n.removeprefix("lic_teach.")) for n in names if n.startswith("lic_teach.")}
    return found - {module, ""}


def target(name):
    """The longest part of a dotted name that is a module of the package."""
    parts = name.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((prefix for prefix in prefixes if prefix in MODULES), "")


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module):
    room = room_of(module)
    for other in imports(module):
        below = FLOOR[room_of(other)] < FLOOR[room]
        assert below or room_of(other) == room, f"{module} imports {other}"


def rooms():
    """The lessons' rooms: the folders under course/."""
    return sorted(
        path.name for path in (PACKAGE / "course").iterdir() if (path / "exercises.py").exists()
    )


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("course.")])
def test_a_room_imports_no_other_room(module):
    """What two of them need moves down, into kit or below."""
    room = module.split(".")[1]
    for other in imports(module):
        assert not other.startswith("course.") or other.split(".")[1] == room, other


def test_every_lesson_has_its_room_and_its_tests_under_its_name():
    subjects = sorted(path.stem[3:] for path in SOURCES)
    assert rooms() == subjects and len(subjects) > 10
    assert {path.stem for path in (TESTS / "course").glob("test_*.py")} == {
        f"test_{subject}" for subject in subjects
    }
    paths = (path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("course/**/*"))
    assert not [path for path in paths if re.search(r"\d", path) and "__pycache__" not in path]


@pytest.mark.parametrize(
    "path", [*SOURCES, *sorted(TESTS.glob("course/test_*.py"))], ids=lambda p: p.stem
)
def test_a_lesson_and_its_tests_import_from_their_own_room(path):
    own = path.stem.removeprefix("test_") if TESTS in path.parents else path.stem[3:]
    found = re.findall(r"lic_teach\.course(?:\.(\w+))?", path.read_text(encoding="utf-8"))
    assert found and set(found) == {own}


def test_an_explorer_stands_in_the_file_of_its_name():
    for kind in course.classes():
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        assert kind.__module__.endswith(f".{words}"), kind


def test_no_code_knows_the_number_of_a_lesson():
    """It stands in the notebook's name alone: lessons are added and change places."""
    numbers = "|".join(path.stem[:2] for path in SOURCES)
    number = re.compile(rf"(?<!--)\b[Ll]essons?\s+({numbers})\b|\b\d\d_({'|'.join(rooms())})\b")
    others = [*TESTS.rglob("*.py"), *PACKAGE.parent.glob("tools/**/*.py")]
    for path in {*FILES, *others} - {PACKAGE / "contents.py", TESTS / "test_contents.py"}:
        text = path.read_text(encoding="utf-8")
        assert not number.search(text), path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.List | ast.Tuple | ast.Set) and len(node.elts) > 2:
                values = [getattr(each, "value", "") for each in node.elts]
                listed = all(isinstance(v, str) and re.fullmatch(r"\d\d", v) for v in values)
                assert not listed, f"{path}: a list of lessons? {values}"


def test_no_file_needs_itself():
    needs = {module: imports(module) for module in MODULES}
    needed = set().union(*needs.values())
    while ends := {
        module for module, others in needs.items() if not others or module not in needed
    }:
        needs = {m: others - ends for m, others in needs.items() if m not in ends}
        needed = set().union(*needs.values())
    assert not needs, "a circle of imports"


def test_the_imports_are_found():
    """The two tests above would pass if nothing were."""
    assert {"jpeg.color", "jpeg.frame"} <= imports("jpeg.optimize")  # from . import, from .x import
    assert "learned.entropy" in imports("learned.prior")  # from lic_teach.x import
    assert "study.own" in imports("study.command")  # inside a function


def test_the_reading_order_names_every_file():
    text = lic_teach.__doc__
    named = set(re.findall(r"[\w/]+\.py", text)) | set(
        re.findall(r"^ +(\w+/) ", text, re.MULTILINE)
    )
    rooms = {
        "jpeg",
        "learned",
        "overfit",
    }  # of these every file is named; of other folders the folder
    expected = {p.relative_to(PACKAGE).as_posix() for p in FILES if p.parent.name in rooms}
    expected |= {path.name for path in FILES if path.parent == PACKAGE}
    folders = {f"{p.parent.name}/" for p in PACKAGE.glob("*/__init__.py")}
    expected |= folders - {f"{room}/" for room in rooms}
    assert named == {path for path in expected if not path.endswith("__init__.py")}


@pytest.mark.parametrize(
    "folder", ["kit", "site", "study", *(f"course/{room}" for room in rooms())]
)
def test_a_folder_says_what_its_files_are(folder):
    """Every file, but a figure's drawing: course/__init__.py says how that is called."""
    text = (PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")
    for path in PACKAGE.glob(f"{folder}/*.py"):
        drawing = path.name.endswith("_drawing.py") and folder.startswith("course/")
        assert path.name in text or drawing or path.name == "__init__.py", path.name


@pytest.mark.parametrize("folder", ["jpeg", "learned", "overfit"])
def test_a_stage_says_what_its_twin_does_and_which_lesson_teaches_it(folder):
    other = {"jpeg": r"learned|\.lic", "learned": "jpeg|JPEG", "overfit": "learned"}[folder]
    for path in PACKAGE.glob(f"{folder}/*.py"):
        opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if path.stem not in ("__init__", "errors", "checkpoint"):
            (names,) = TAUGHT.findall(opening)
            assert set(re.findall(r"\w+", names)) <= {*rooms(), "and"}, path
        assert path.stem == "__init__" or re.search(other, opening), path


def test_every_file_that_a_module_names_is_there():
    for path in FILES:
        opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for name in re.findall(
            r"\b((?:jpeg|learned|overfit|kit|course|study|report|site)/\w+\.py)", opening
        ):
            assert (PACKAGE / name).exists(), f"{path.name} names {name}"


@pytest.mark.parametrize("module", [m for m in MODULES if not m.endswith(".exercises")])
def test_public_functions_say_what_they_do_and_with_what(module):
    """Of an exercise the lesson asks the question. Compiled functions say their types in words. An
    explorer's drawing takes its result, whose type it cannot import."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for node in (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"):
        assert ast.get_docstring(node), f"{module}.{node.name}"
        if module.startswith(("course.", "kit.")) or "compiled" in map(called, node.decorator_list):
            continue
        assert node.returns, f"{module}.{node.name}"
        arguments = (*node.args.args, *node.args.kwonlyargs)
        assert all(a.annotation for a in arguments), f"{module}.{node.name}"


def called(decorator):
    """@compiled -> "compiled"; @njit(cache=True) -> "njit"."""
    return getattr(getattr(decorator, "func", decorator), "id", "")
