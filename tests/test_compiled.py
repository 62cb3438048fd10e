"""Kept machine code is never that of another text, and no harm to it is more than a delay."""

import errno
import importlib
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import lic_teach
from lic_teach import compiled as cache
from lic_teach import images, jpeg
from lic_teach.fingerprint import fingerprint

FILES = {
    "limits": """
import numpy as np
LIMIT = 7
OFFSET = 2
TABLE = np.array([3, 1, 4])
""",
    "low": """
from lic_teach.compiled import compiled
from limits import LIMIT
import limits

@compiled
def clip(x, least=1):
    return max(min(x, LIMIT), least)

@compiled
def look(x):
    return limits.TABLE[x % 3] + limits.OFFSET
""",
    "middle": """
from lic_teach.compiled import compiled
from low import clip, look

@compiled
def both(x):
    if x > 8:  # what calls itself stays a function, and is not copied into total
        return both(x - 1) + both(x - 2)
    return clip(x) * 10 + look(x)
""",
    "high": """
from lic_teach.compiled import compiled
from middle import both

@compiled
def total(n):
    shift = lambda i: i + 2
    s = 0
    for i in range(-3, n):
        s += both(shift(i))
    return s

@compiled
def past_the_end(x):
    return x[3]
""",
}


SMALL = """
from lic_teach.compiled import compiled

@compiled
def half(x):
    return x // 2

@compiled
def total(n):
    return half(n) + 1
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder of machine code that these tests share, as processes do."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def package(tmp_path, kept, monkeypatch):
    """A little package of four files, each of which needs the one before it."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(kept))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    forget()


@pytest.fixture
def small(package, tmp_path, monkeypatch):
    """Two functions in one file, and a folder of machine code of their own."""
    (package / "high.py").write_text(SMALL)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return package


def forget():
    for name in FILES:
        sys.modules.pop(name, None)


def load():
    """The package as its files are now. A second loading is harder than a new process: what the
    first one compiled is still there."""
    forget()
    importlib.invalidate_caches()
    return importlib.import_module("high")


def run():
    """Returns the result, and how many functions were compiled for it."""
    result = load().total(10)
    modules = [vars(sys.modules[name]).values() for name in FILES if name in sys.modules]
    functions = {f for values in modules for f in values if isinstance(f, Dispatcher)}
    return result, sum(sum(f.stats.cache_misses.values()) for f in functions)


def run_in_python(monkeypatch):
    """The oracle: the same files without numba."""
    with monkeypatch.context() as patch:
        patch.setattr(numba.config, "DISABLE_JIT", 1)
        return load().total(10)


def edit(path, old, new):
    """Change a file so that only its bytes tell: same size, same time."""
    time = path.stat().st_mtime_ns
    assert path.read_text().count(old) == 1 and len(old) == len(new)
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(time, time))


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("limits", "LIMIT = 7", "LIMIT = 5"),  # from limits import LIMIT
        ("limits", "OFFSET = 2", "OFFSET = 3"),  # limits.OFFSET
        ("limits", "[3, 1, 4]", "[3, 1, 5]"),
        ("low", "least=1", "least=0"),
        ("low", "max(min(x, LIMIT)", "min(max(x, LIMIT)"),  # two imports away
        ("low", "x % 3", "x & 1"),
        ("middle", "* 10", "* 11"),
        ("high", "i + 2", "i + 3"),  # in a function inside the function
    ],
)
def test_a_change_in_any_file_is_seen_at_once_and_so_is_its_undoing(
    package, monkeypatch, name, old, new
):
    before, _ = run()
    assert before == run_in_python(monkeypatch)
    edit(package / f"{name}.py", old, new)
    after, compiled = run()
    assert after == run_in_python(monkeypatch) != before
    assert compiled
    edit(package / f"{name}.py", new, old)
    assert run() == (before, 0)


def test_what_changes_nothing_compiles_nothing(package):
    before, _ = run()
    for path in package.glob("*.py"):
        path.write_text("# lines move down\n\n" + path.read_text() + "\nUNUSED = 1\n")
        os.utime(path, (1, 1))
    assert run() == (before, 0)
    edit(package / "middle.py", "* 10", "* 12")
    assert run()[1] == 2  # both, total; what they call is as it was


def test_a_constant_changed_in_a_running_notebook_is_not_kept_as_the_files(package, monkeypatch):
    high = load()
    sys.modules["limits"].OFFSET = 99
    assert high.total(10) > 99
    assert run()[0] == run_in_python(monkeypatch) < high.total(10)


def test_numbas_settings_are_not_mixed_up(package, monkeypatch):
    three = np.arange(3)
    load().past_the_end(three)  # unchecked, and kept so
    monkeypatch.setattr(numba.config, "BOUNDSCHECK", 1)
    with pytest.raises(IndexError):
        load().past_the_end(three)


def zeros_inside(path):
    """As a power cut leaves a file: of the right length, with blocks never written."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 512] = bytes(512)
    path.write_bytes(data)


def a_folder(path):
    path.unlink()
    path.mkdir()


def another_function(path):
    """A whole and valid file, but of other code."""
    shutil.copy(next(p for p in sorted(path.parent.glob("*.nbc")) if p != path), path)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: os.truncate(path, path.stat().st_size - 1), id="cut"),
        pytest.param(lambda path: path.write_bytes(pickle.dumps("x") * 999), id="another pickle"),
        pytest.param(lambda path: path.write_bytes(os.urandom(5000)), id="noise"),
        pytest.param(lambda path: path.chmod(0), id="locked"),
        zeros_inside,
        another_function,
        a_folder,
    ],
)
def test_a_damaged_file_is_compiled_anew(small, damage):
    assert run() == (6, 2)
    files = sorted((small / "cache").rglob("*.nbc"))
    assert len(files) == 2
    for path in files:
        damage(path)
    assert run()[0] == 6
    if damage is not a_folder:  # of that name nothing can be kept
        assert run() == (6, 0)


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps((1, 2))])
def test_a_whole_file_that_cannot_be_understood_is_compiled_anew(small, content):
    run()
    for path in (small / "cache").rglob("*.nbc"):
        path.write_bytes(cache.digest(path.name, content) + content)
    assert run() == (6, 2)
    assert run() == (6, 0)


@pytest.mark.parametrize("obstacle", ["a file", "a full disk", "a read-only disk"])
def test_without_a_place_for_files_all_works(small, monkeypatch, obstacle):
    if obstacle == "a file":
        (small / "cache").write_bytes(b"")
    else:  # as the system says it; root would get around permissions

        def refuse(path, data):
            raise OSError(errno.ENOSPC if obstacle == "a full disk" else errno.EROFS, "refused")

        monkeypatch.setattr(images, "write_atomic", refuse)
    assert run() == run() == (6, 2)
    assert not list(small.rglob("*.nb*"))


@pytest.fixture
def user(small, monkeypatch):
    """The user's own folder for caches, as no NUMBA_CACHE_DIR is set."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(small / "user"))
    return small / "user"


def test_files_lie_beside_pythons_own_or_else_with_the_user(small, user, monkeypatch):
    beside = small / "__pycache__"
    assert run() == (6, 2)
    assert len(list(beside.glob("*.nbc"))) == 2 and not user.exists()
    shutil.rmtree(beside)
    beside.write_bytes(b"")  # nothing can be written there
    assert run() == (6, 2)
    assert len(list(user.rglob("*.nbc"))) == 2
    assert run() == (6, 0)


def test_nobodys_process_makes_no_folder_of_the_name_tilde(small, user, monkeypatch):
    """HOME unset, and a user whom the system does not know: a container."""
    (small / "__pycache__").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("LOCALAPPDATA", "")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.chdir(small)
    assert run() == (6, 2)
    assert not list(small.rglob("*.nbc"))


def test_a_package_in_a_zip_file_is_kept_too(small, user, tmp_path_factory, monkeypatch):
    packed = shutil.make_archive(str(tmp_path_factory.mktemp("zip") / "packed"), "zip", small)
    (small / "high.py").unlink()
    monkeypatch.syspath_prepend(packed)
    assert run() == (6, 2)
    assert "packed.zip" in sys.modules["high"].__file__
    assert run() == (6, 0)


def test_a_cell_of_a_notebook_is_kept_too(user):
    for compiled in (1, 0):
        cell = {"__name__": "__main__"}
        exec(compile("def answer(x):\n    return 2 * x", "<ipython-input-1>", "exec"), cell)
        function = cache.compiled(cell["answer"])
        assert function(21) == 42 and len(function.stats.cache_misses) == compiled


def test_old_files_make_room_for_new_ones(small, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 4)
    assert run() == (6, 2)
    for number in range(2, 6):
        for path in (small / "cache").rglob("*.nbc"):
            os.utime(path, (number, number))  # it was used long ago
        assert run() == (6, 0)  # and now
        edit(small / "high.py", "+ 1", f"+ {number}")
        assert run() == (5 + number, 1)
        assert len(list((small / "cache").rglob("*.nb*"))) <= 4
        edit(small / "high.py", f"+ {number}", "+ 1")


ENUM = """
class Colour(enum.Enum):
    RED = 1

@compiled
def total(n):
    return n + Colour.RED.value
"""
# an object that says it were numba's own, of the name "red"
CALLBACK = """
@numba.cfunc("int64(int64)")
def red(n):
    return n + 1

@compiled
def total(n):
    return red(n)
"""


@pytest.mark.parametrize("text, old, new", [(ENUM, "= 1", "= 2"), (CALLBACK, "+ 1", "+ 2")])
def test_what_cannot_be_known_is_compiled_and_not_kept(package, text, old, new):
    opening = "import enum\nimport numba\nfrom lic_teach.compiled import compiled\n"
    (package / "high.py").write_text(opening + text)
    assert run() == run() == (11, 1)
    edit(package / "high.py", old, new)
    assert run() == (12, 1)


def test_what_two_processes_kept_at_once_serves_a_third(package, tmp_path, monkeypatch):
    """One has another constant than the other; the third, a notebook, loads the one, the other and
    the one again. Each has functions of the same names, and must not call the other's."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    other = shutil.copytree(package, tmp_path / "other")
    edit(other / "middle.py", "* 10", "* 11")
    processes = []
    for folder in (package, other):
        path = os.pathsep.join([str(folder), str(Path(lic_teach.__file__).parents[1])])
        places = {"PYTHONPATH": path, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        command = [sys.executable, "-c", "import high; print(high.total(10))"]
        processes.append(subprocess.Popen(command, env=os.environ | places, stdout=subprocess.PIPE))
    ours, others = [int(process.communicate()[0]) for process in processes]
    assert ours == run_in_python(monkeypatch) != others
    assert run() == (ours, 0)
    edit(package / "middle.py", "* 10", "* 11")
    assert others == run_in_python(monkeypatch)
    assert run() == (others, 0)
    edit(package / "middle.py", "* 11", "* 10")
    assert run() == (ours, 0)


def test_a_compiled_function_travels_to_a_worker_and_works_without_numba(monkeypatch):
    """joblib's workers get functions as pickles; NUMBA_DISABLE_JIT=1 is for debuggers."""
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(0, 2))"
    sent = pickle.dumps(jpeg.scan.bitstream.extend)
    done = subprocess.run([sys.executable, "-c", program], input=sent, stdout=subprocess.PIPE)
    assert done.stdout == b"-3\n"
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    assert cache.compiled(load) is load


def test_what_numba_is_told_besides_is_part_of_the_name():
    """Contracted, a * b + c is another machine code, and another number."""
    extend = jpeg.scan.bitstream.extend.py_func
    plain, fused = cache.compiled(extend), cache.compiled(fastmath={"contract"})(extend)
    codegen = plain.targetctx.codegen()
    assert cache.file_name(plain, (), codegen) != cache.file_name(fused, (), codegen)


def test_all_of_jpeg_is_kept():
    """Every function, with the types that files of each kind bring."""
    image = np.random.default_rng(1).integers(0, 256, (24, 40, 3), np.uint8)
    for options in ({}, {"progressive": True}, {"lam": 0.01}):
        jpeg.decode(jpeg.encode(image, **options))
    modules = [module for name, module in sys.modules.items() if name.startswith("lic_teach.jpeg.")]
    functions = {f for m in modules for f in vars(m).values() if isinstance(f, Dispatcher)}
    assert len(functions) > 30 and all(isinstance(f._cache, cache.Cache) for f in functions)
    for function in functions:
        for signature in ((), *function.signatures):
            assert fingerprint(function, signature, function.targetctx.codegen())


def test_nothing_in_the_package_is_compiled_in_another_way():
    package = Path(lic_teach.__file__).parent
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        allowed = path.name in ("compiled.py", "fingerprint.py")
        assert allowed or not re.search(r"^\s*(from|import) numba\b", text, re.MULTILINE), path
