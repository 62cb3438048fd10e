"""The set-up: course.py, and the three files that say what to install."""

import ast
import importlib
import importlib.metadata
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def requirements(lines):
    """Canonical name -> specifier, with conda's name for torch undone."""
    parsed = [Requirement(line) for line in lines]
    names = {"pytorch-cpu": "torch"}
    return {
        names.get(name, name): requirement.specifier
        for requirement in parsed
        for name in [canonicalize_name(requirement.name)]
    }


@pytest.fixture(scope="module")
def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return requirements(project["dependencies"] + sum((extras[n] for n in extras), []))


@pytest.fixture(scope="module")
def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return requirements(line for line in lines if line and not line.startswith("#"))


@pytest.fixture
def course(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("course")


# --- the three files ---------------------------------------------------------------------


def test_environment_yml_asks_for_what_pyproject_asks_for(declared):
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    from_pypi = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert "-e ." in from_pypi
    found = requirements(
        [entry for entry in listed if isinstance(entry, str) and not entry.startswith("python=")]
        + [entry for entry in from_pypi if entry != "-e ."]
    )
    found.pop("pip")
    assert found == declared


def test_environment_yml_names_one_python_that_binder_understands_and_the_checks_run_on():
    """Else repo2docker takes its own: CondaBuildPack.python_version, this regular expression."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    named = [re.match(r"python\s*=+\s*([\d\.]*)", each) for each in listed if isinstance(each, str)]
    (version,) = [match[1] for match in named if match]
    assert re.fullmatch(r"3\.\d+", version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert version in SpecifierSet(project["requires-python"])
    checks = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["tests"]
    assert version in [each["python"] for each in checks["strategy"]["matrix"]["include"]]


def test_the_public_checks_run_the_oldest_python_with_the_lowest_versions_and_the_newest():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    inside = [f"3.{n}" for n in range(100) if f"3.{n}" in SpecifierSet(project["requires-python"])]
    pythons = [each["python"] for each in jobs["tests"]["strategy"]["matrix"]["include"]]
    assert {inside[0], inside[-1]} <= set(pythons) <= set(inside)
    steps = jobs["lowest"]["steps"]
    assert [s["with"]["python-version"] for s in steps if "with" in s] == [inside[0]]
    words = " ".join(step.get("run", "") for step in steps).split()
    assert "lowest-direct" in words and "constraints.txt" not in words
    assert words[-3:] == ["python", "-m", "pytest"]


def test_constraints_pin_every_dependency_inside_its_range(declared, pinned):
    assert declared.keys() <= pinned.keys()
    for name, exact in pinned.items():
        version = re.fullmatch(r"==([^+]+)", str(exact))
        assert version, f"{name}{exact} must be one version without a local tag"
        assert name not in declared or version[1] in declared[name], f"{name} {version[1]}"


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


EXTRAS = {  # folder: what may be imported there besides the dependencies of all
    "tools": ["test"],  # a browser, where there is one
    "lic_teach/site": ["site"],
    "lic_teach/learned": ["train"],
    "tests": ["test", "site", "train"],
}


def test_whatever_is_imported_is_declared_where_it_is_needed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    providers = importlib.metadata.packages_distributions()
    folders = ("lic_teach/**/*.py", "tests/**/*.py", "lessons/src/*.py", "tools/**/*.py")
    files = [path for folder in folders for path in ROOT.glob(folder)]
    assert len(files) > 5
    ours = {"lic_teach", "course", "tests", "tools"}
    for path in files:
        extras = next((EXTRAS[name] for name in EXTRAS if f"{name}/" in path.as_posix()), [])
        lines = sum((project["optional-dependencies"][name] for name in extras), [])
        declared = requirements(project["dependencies"] + lines).keys()
        for module in set(imported_modules(path)) - sys.stdlib_module_names - ours:
            found = {canonicalize_name(name) for name in providers.get(module, [])}
            assert found & declared, f"{path.relative_to(ROOT)} imports {module}"


# --- what is written for the reader -----------------------------------------------------


def test_the_readme_links_the_lessons_that_exist_and_every_link_leads_somewhere():
    texts = {name: (ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")}
    prose = re.sub(r"`[^`]*`", "", "\n\n".join(texts.values()))  # an example of a link is none
    links = re.findall(r"\]\(([^)#]+)\)", prose)
    assert all(link.startswith("https://") or (ROOT / link).exists() for link in links), links
    lessons = [path.stem for path in sorted(ROOT.glob("lessons/*.ipynb"))]
    rows = re.findall(r"^\| (\d\d) \| .*\(lessons/(\w+)\.ipynb\)", texts["README.md"], re.MULTILINE)
    assert rows == [(lesson[:2], lesson) for lesson in lessons]


def test_the_map_of_the_house_names_only_what_is_there():
    text = (ROOT / "README.md").read_text()
    house = text[text.index("## The house") : text.index("## Units")]
    files = {path.name for path in [*ROOT.glob("*.py"), *ROOT.glob("lic_teach/**/*.py")]}
    assert len(re.findall(r"\w+\.py", house)) > 15
    assert set(re.findall(r"\w+\.py", house)) <= files
    folders = re.findall(r"^ *(\w+)/ ", house, re.MULTILINE)
    assert {"jpeg", "kit", "course", "data", "src"} <= set(folders)
    roots = (ROOT, ROOT / "lic_teach", ROOT / "lessons")
    assert all(any((root / name).is_dir() for root in roots) for name in folders)


def test_the_python_of_the_readme_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(code, {})
    lines = capsys.readouterr().out.splitlines()
    assert all(re.fullmatch(r"[01]\.\d{3} bpp, [34]\d\.\d\d dB", line) for line in lines)
    assert len(lines) == 2


def test_data_readme_names_every_file():
    text = (ROOT / "data" / "README.md").read_text()
    patterns = re.findall(r"^\| (\S+\.\S+) \|", text, re.MULTILINE)
    files = [path for path in ROOT.glob("data/**/*.*") if path.suffix not in (".partial", "")]
    shipped = {path.name for path in files} - {"README.md"}
    named = {each: {name for name in shipped if fnmatch(name, each)} for each in patterns}
    assert shipped and shipped == set().union(*named.values())
    assert all(named.values()), "a row for a file that is not there"


# --- course.py ---------------------------------------------------------------------------


def test_course_py_needs_the_standard_library_only():
    assert set(imported_modules(ROOT / "course.py")) <= sys.stdlib_module_names


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0)])
def test_a_python_too_old_or_too_new_is_refused_in_words(version):
    code = f"import sys, runpy; sys.version_info = {version}; runpy.run_path('course.py')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs Python 3.11 to 3.14" in done.stderr and "Traceback" not in done.stderr
    assert "You need Python 3.11 to 3.14" in (ROOT / "README.md").read_text()


@pytest.fixture
def steps(course, monkeypatch, tmp_path):
    """What ensure_environment does, written down instead of done, for a course in tmp_path."""
    (tmp_path / ".venv").mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(course, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(course, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(course, "usable", Path.exists)
    done = []
    monkeypatch.setattr(course, "make_venv", lambda: done.append("venv"))
    monkeypatch.setattr(course, "install", lambda: done.append("install"))
    return done


def test_a_second_start_installs_nothing_and_a_changed_constraint_does(course, steps, tmp_path):
    course.ensure_environment()
    assert steps == ["install"]
    course.ensure_environment()
    assert steps == ["install"]
    (tmp_path / "constraints.txt").write_text("torch==9.9.9\n")
    course.ensure_environment()
    assert steps == ["install", "install"]


def test_a_moved_folder_and_a_lost_python_get_a_new_environment(course, steps, monkeypatch):
    course.ensure_environment()
    course.STAMP.write_text("/elsewhere\n" + course.wanted_stamp().split("\n", 1)[1])
    course.ensure_environment()
    assert steps == ["install", "venv", "install"]
    monkeypatch.setattr(course, "PYTHON", Path("no-such-python"))
    course.ensure_environment()
    assert steps[3:] == ["venv", "install"]


def test_an_interrupted_installation_is_taken_up_again(course, steps, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(course, "install", interrupt)
        course.ensure_environment()
    course.ensure_environment()
    assert steps == ["install"]


def test_an_environment_without_pip_or_of_an_old_python_is_not_usable(course, tmp_path):
    """What an interruption of its making leaves, and what another program may have made."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (python,) = [*venv.glob("bin/python"), *venv.glob("Scripts/python.exe")]
    (packages,) = venv.rglob("site-packages")
    assert not course.usable(python)
    pip = packages / "pip-25.0.dist-info"
    pip.mkdir()
    (pip / "METADATA").write_text("Metadata-Version: 2.1\nName: pip\nVersion: 25.0\n")
    assert course.usable(python)
    (packages / "old.pth").write_text("import sys; sys.version_info = (3, 10)")
    assert not course.usable(python)
    assert not course.usable(tmp_path / "no-such-python")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_the_folder_is_found_whatever_letters_its_name_has(course, monkeypatch, tmp_path, locale):
    """Its .pth file is UTF-8: Python before 3.13 reads it as the locale says."""
    root, venv = tmp_path / "Bild Köln", tmp_path / "venv"
    root.mkdir()
    (root / "of_the_course.py").touch()
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", venv])
    python = venv / course.PYTHON.relative_to(course.VENV)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = subprocess.check_output([python, "-c", code], text=True).strip()
    Path(place, "_course.pth").write_text(f"{root}\n", encoding="utf-8")
    monkeypatch.setattr(course, "ROOT", root)
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    course.find_this_folder()
    assert os.environ["PYTHONPATH"] == f"{root}{os.pathsep}{tmp_path}"
    for options in ([], ["-E"]):  # with PYTHONPATH, and by the .pth file alone
        subprocess.check_call([python, *options, "-c", "import of_the_course"], cwd=tmp_path)


def test_a_folder_that_cannot_be_written_to_is_said_in_words(course, monkeypatch):
    monkeypatch.setattr(course.os, "access", lambda *_: False)
    assert "cannot be written to" in course.main()


@pytest.mark.parametrize(
    "system, uv, failing, expected",
    [
        ("linux", None, (), ["PyTorch, the CPU build", "all other packages"]),
        ("linux", None, ("PyTorch",), ["PyTorch, the CPU build", "all other packages"]),
        ("darwin", None, (), ["all other packages"]),
        ("win32", None, (), ["all other packages"]),
        ("linux", "uv", (), ["all packages, with uv"]),
        ("darwin", "uv", ("all packages",), ["all packages, with uv", "all other packages"]),
    ],
)
def test_how_it_installs(course, monkeypatch, system, uv, failing, expected):
    commands = {}

    def step(title, command):
        commands[title] = [str(word) for word in command]
        return not title.startswith(tuple(failing))

    monkeypatch.setattr(course.sys, "platform", system)
    monkeypatch.setattr(course.shutil, "which", lambda _: uv)
    monkeypatch.setattr(course, "step", step)
    course.install()
    assert list(commands) == expected
    assert all("constraints.txt" in words for title, words in commands.items() if "all" in title)
    torch = commands.get("PyTorch, the CPU build", [])
    assert not torch or re.fullmatch(r"torch==[\d.]+\+cpu", torch[-1])


def test_a_failed_installation_says_so(course, monkeypatch):
    monkeypatch.setattr(course, "step", lambda *_: False)
    with pytest.raises(SystemExit, match="Installing failed"):
        course.install()


def test_a_busy_port_is_passed_over(course):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert taken < course.free_port(taken) < taken + 100
    with pytest.raises(SystemExit, match="choose another with --port"):
        course.free_port(70000)


@pytest.mark.parametrize("failing", [None, "tests", "lessons"])
def test_every_check_runs_and_one_failure_fails_all(course, monkeypatch, capsys, failing):
    ran = []

    def run(command, **_):
        name = "lessons" if "--nbval-lax" in command else "tests" if "pytest" in command else "ruff"
        ran.append((name, command))
        return subprocess.CompletedProcess(command, int(name == failing), f"{name} ran\n".encode())

    monkeypatch.setattr(course.subprocess, "run", run)
    monkeypatch.setattr(course, "version_of", lambda python: f"Python of {python}")
    assert course.run_checks(["-k", "dct"]) == (1 if failing else 0)
    commands = dict(ran)
    assert sorted(name for name, _ in ran) == ["lessons", "ruff", "ruff", "tests"]
    assert commands["tests"][-2:] == ["-k", "dct"]
    said = capsys.readouterr().out
    assert said.index("=== lessons") < said.index("lessons ran")
    last = said.splitlines()[-1]
    assert last.startswith(f"FAILED: {failing}" if failing else "All checks passed")
    assert f"Python of {course.PYTHON}" in last


def test_the_version_of_a_python_is_its_own_word(course):
    assert course.version_of(sys.executable) == f"Python {sys.version.split()[0]}"


def status(address):
    """The HTTP status of an address on this machine; None where nobody answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@contextmanager
def opened(tmp_path, **environment):
    """The course's JupyterLab in another environment: where it says it is, and its token."""
    with socket.socket() as nobody:  # not 8888: another JupyterLab may take it as this one ends
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    code = f"""if True:
        import course, pathlib, sys
        course.PYTHON = pathlib.Path(sys.executable)
        course.VENV = pathlib.Path({str(tmp_path / "venv")!r})
        course.LOG = pathlib.Path({str(tmp_path / "log")!r})
        sys.exit(course.open_lessons({port}, browser=False))"""
    start = {"cwd": ROOT, "env": {**os.environ, **environment}, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **start, text=True) as process:
        try:
            page = next((line.strip() for line in process.stdout if "http://" in line), "")
            first = min(path.name for path in ROOT.glob("lessons/*.ipynb"))
            printed = re.fullmatch(rf"(http://[^/]+)/lab/\S*/{first}\?token=(\w+)", page)
            assert printed, f"no address of a lesson: {page}"
            yield printed.groups()
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0


def test_it_opens_jupyterlab_at_the_address_it_prints_and_closes_it(tmp_path):
    with opened(tmp_path) as (base, token):
        assert status(f"{base}/api/status?token={token}") == 200
        assert status(f"{base}/api/status") == 403
    assert status(f"{base}/api/status?token={token}") is None


@pytest.mark.parametrize("name", ["JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR"])
def test_a_relative_place_of_the_users_settings_is_where_the_user_is(
    course, name, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)  # JupyterLab starts in the course's folder
    monkeypatch.delenv("JUPYTERLAB_SETTINGS_DIR", raising=False)
    monkeypatch.setenv(name, "mine")
    settings = course.environment_of_jupyterlab("token")["JUPYTERLAB_SETTINGS_DIR"]
    inside = "lab/user-settings" if name == "JUPYTER_CONFIG_DIR" else ""
    assert Path(settings) == tmp_path / "mine" / inside


THEIRS = """
c.ServerApp.base_url = "/me/"
c.ServerApp.token = c.IdentityProvider.token = "theirs"
c.ServerApp.certfile = c.ServerApp.keyfile = "their.pem"
c.PasswordIdentityProvider.hashed_password = "sha1:1:2"
c.ServerApp.allow_unauthenticated_access = True
c.LabApp.default_url = "/elsewhere"
c.LabServerApp.user_settings_dir = "elsewhere"
"""


@pytest.mark.parametrize("place", ["home", "environment", "path", "machine"])
def test_a_configuration_of_jupyter_that_is_not_the_courses_has_no_say(tmp_path, place):
    theirs = tmp_path / ".jupyter"
    (theirs / "jupyter_server_config.d").mkdir(parents=True)
    for name in ("jupyter_config.py", "jupyter_server_config.py", "jupyter_lab_config.py"):
        (theirs / name).write_text(THEIRS)
    extensions = theirs / "jupyter_server_config.d" / "theirs.json"
    extensions.write_text('{"ServerApp": {"jpserver_extensions": {"jupyterlab": false}}}')
    looks = theirs / "lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    looks.parent.mkdir(parents=True)
    looks.write_text('{"theme": "JupyterLab Dark"}')
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").write_text(
        f"from jupyter_core import paths; paths.SYSTEM_CONFIG_PATH[:] = [{str(theirs)!r}]"
    )
    environment = {
        "home": {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)},
        "environment": {
            "JUPYTER_CONFIG_DIR": str(theirs),
            "JUPYTER_PREFER_ENV_PATH": "0",
            "JUPYTER_TOKEN": "theirs",
            "JUPYTER_GATEWAY_URL": "http://127.0.0.1:9",
            "JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS": "1",
        },
        "path": {"JUPYTER_CONFIG_PATH": str(theirs), "JUPYTER_PATH": str(theirs)},
        "machine": {"PYTHONPATH": str(tmp_path / "python")},
    }[place]
    with opened(tmp_path, **environment) as (base, token):
        assert status(f"{base}/api/status?token={token}") == 200
        assert status(f"{base}/api/status?token=theirs") == 403
        assert status(f"{base}/lab?token={token}") == 200
        assert status(f"{base}/api/kernelspecs/python3?token={token}") == 200
        theme = f"{base}/lab/api/settings/@jupyterlab/apputils-extension:themes?token={token}"
        with urllib.request.urlopen(theme, timeout=30) as answer:
            chosen = "JupyterLab Dark" in json.load(answer)["raw"]
        assert chosen == (place in ("home", "environment"))  # what does no harm is kept
