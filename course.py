"""Set the course up and open it. Needs Python 3.11 to 3.14, nothing else.

python3 course.py                 open JupyterLab on lesson 00; the first time, install first
python3 course.py --no-browser    print the address and open nothing
python3 course.py --port 9000     start looking for a free port at 9000
python3 course.py test            run every check; what follows goes to pytest (test -k dct)

Everything that is installed goes into the folder .venv beside this file. Delete that folder
to start afresh. JupyterLab runs with a configuration of its own: yours has no say, but for theme,
shortcuts and other settings of its look.
"""

import sys

if not (3, 11) <= sys.version_info < (3, 15):  # as in pyproject.toml
    sys.exit(
        f"The course needs Python 3.11 to 3.14; this is {sys.version.split()[0]} at "
        f"{sys.executable}.\nGet one of these from python.org, or go the conda way: README.md."
    )

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "course-stamp.txt"
PYTORCH_CPU = "https://download.pytorch.org/whl/cpu"
LOG = VENV / "jupyterlab.log"
FIRST_LESSON = min(path.name for path in (ROOT / "lessons").glob("*.ipynb"))
JUPYTERLAB = """
import sys
from jupyter_core import paths
paths.SYSTEM_CONFIG_PATH.clear()  # the configuration of the whole machine
from jupyterlab.labapp import main
sys.exit(main())
"""


# --- the environment ---------------------------------------------------------------------


def ensure_environment():
    """Make .venv hold what pyproject.toml and constraints.txt ask for; quick if it does."""
    stamp = wanted_stamp()
    found = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    sound = usable(PYTHON)
    if sound and found == stamp:
        return
    moved = found.splitlines()[:1] not in ([], [str(ROOT)])  # its scripts hold the old path
    print("Setting the course up in .venv: once, a few minutes.", flush=True)
    STAMP.unlink(missing_ok=True)
    if moved or not sound:
        make_venv()
    install()
    quieten_jupyterlab()
    STAMP.write_text(stamp, encoding="utf-8")


def wanted_stamp():
    """One line for the place, one for the contents of the two files that say what to install."""
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    contents = b"\0".join(file.read_bytes() for file in files)
    return f"{ROOT}\n{hashlib.sha256(contents).hexdigest()}\n"


def usable(python):
    """Whether this interpreter starts (not once its base is removed), is new enough, has pip.

    An environment whose making was interrupted has none, or a part of one without its metadata.
    """
    code = "import sys; from importlib.metadata import version; version('pip'); "
    code += "sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv():
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV])
    if made.returncode:
        sys.exit(
            "Python could not make the folder .venv (its words are above). On Debian and Ubuntu\n"
            "the package python3-venv is missing: sudo apt install python3-venv"
        )


def install():
    """With uv where it is installed (much faster), else, or where that fails, with pip."""
    everything = ["--constraint", "constraints.txt", "--editable", ".[test,site,train]"]
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--torch-backend", "cpu"]
        if step("all packages, with uv", [*command, *everything]):
            return
        print("uv could not: pip tries.", flush=True)
    # Bytecode is made when a module is first imported: compiling all of it takes a minute.
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    if sys.platform == "linux":
        install_torch_for_linux(pip)
    if not step("all other packages", [*pip, *everything]):
        sys.exit(
            f"Installing failed; pip's words are above. It needs a network, and packages made for "
            f"Python {sys.version.split()[0]} on this kind of computer: README.md says where they "
            f"are, and has the conda way."
        )


def install_torch_for_linux(pip):
    """PyPI's PyTorch for Linux brings gigabytes of CUDA libraries: take the CPU build.

    Its own index has it, and so may an index or folder that pip is configured with. Where
    neither does, the next step takes PyPI's, which works as well and is only larger.
    """
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    torch = re.search(r"^torch==\S+", pins, re.MULTILINE)[0]
    source = ["--extra-index-url", PYTORCH_CPU, "--retries", "1", "--timeout", "20"]
    if not step("PyTorch, the CPU build", [*pip, "--no-deps", *source, f"{torch}+cpu"]):
        print("No CPU build to be had: PyPI's instead, some gigabytes.", flush=True)


def step(title, command):
    """Run one installer, say how long it took; whether it succeeded."""
    print(f"  {title} ...", flush=True)
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT).returncode == 0
    print(
        f"  {title}: {'done' if done else 'failed'}, {time.monotonic() - start:.0f} s", flush=True
    )
    return done


def quieten_jupyterlab():
    """No question about news, no look for updates, in this environment's JupyterLab only."""
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    }
    (settings / "overrides.json").write_text(json.dumps(quiet, indent=2), encoding="utf-8")


def find_this_folder():
    """Let the environment's Python start and find this folder, whatever letters its name has.

    Before 3.13 it reads the .pth file with the name in the encoding of the locale. With LC_ALL=C it
    does not even start, since that takes no ö; on Windows it looks for another name.
    """
    if os.environ.get("LC_ALL") in ("C", "POSIX"):  # without it Python itself turns C into UTF-8
        del os.environ["LC_ALL"]
    places = [str(ROOT), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, places))


# --- the lessons -------------------------------------------------------------------------


def open_lessons(port, browser):
    """Start JupyterLab on the first lesson and stay until it stops: exit status or message."""
    port = free_port(port)
    token = secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that `finally` stops the server
    server = start_jupyterlab(port, token)
    try:
        if not answers(address, token, server):
            return f"JupyterLab did not start. {LOG} ends with:\n{LOG.read_text()[-2000:]}"
        page = f"{address}/lab/workspaces/lic-teach/tree/lessons/{FIRST_LESSON}?token={token}"
        print(f"\nThe course is open at\n\n    {page}\n\nStop it with Ctrl-C.", flush=True)
        if browser:
            webbrowser.open(page)
        return server.wait()
    except KeyboardInterrupt:
        print("\nThe course is closed.")
        return 0
    finally:
        server.terminate()
        server.wait()


def start_jupyterlab(port, token):
    options = {"ip": "127.0.0.1", "port": port, "port_retries": 0, "root_dir": ROOT}
    command = [PYTHON, "-c", JUPYTERLAB, "--no-browser", "-y"]
    command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    environment = environment_of_jupyterlab(token)
    with open(LOG, "wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def environment_of_jupyterlab(token):
    """The user's, without their configuration of Jupyter but for theme, shortcuts and the like.

    A base_url, a password or a certificate of theirs would keep the lessons from being found, and
    the kernel is this environment's, whatever kernels they have elsewhere.
    """
    own = VENV / "jupyter"
    config = os.environ.get("JUPYTER_CONFIG_DIR") or os.path.expanduser("~/.jupyter")
    looks = os.environ.get("JUPYTERLAB_SETTINGS_DIR") or os.path.join(config, "lab/user-settings")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_")) or name == "JUPYTER_ALLOW_INSECURE_WRITES"
    }
    return kept | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTERLAB_SETTINGS_DIR": os.path.abspath(looks),
    }


def answers(address, token, server, patience=180):
    """Wait until the server answers; False if it ends first, refuses, or takes three minutes."""
    request = urllib.request.Request(
        f"{address}/api/status", headers={"Authorization": f"token {token}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is this machine
    deadline = time.monotonic() + patience
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(request, timeout=5):
                return True
        except urllib.error.HTTPError:
            return False
        except OSError:
            time.sleep(0.2)
    return False


def free_port(first):
    """The first port from `first` on that nobody listens on."""
    for port in range(first, first + 100):
        with socket.socket() as candidate, contextlib.suppress(OSError, OverflowError):
            candidate.bind(("127.0.0.1", port))
            return port
    sys.exit(f"All ports from {first} to {first + 99} are in use: choose another with --port.")


# --- the checks --------------------------------------------------------------------------


def run_checks(pytest_arguments):
    """Run every check, also after one fails; exit status 0 if all pass, else 1.

    The lessons run beside the rest, and what they print is shown in the end. The tests run in two
    processes, a file in one of them: those of a browser mostly wait for it.
    """
    nbval = ["--nbval-lax", "--nbval-current-env", "--nbval-sanitize-with", "tests/nbval.cfg"]
    nbval += ["-p", "tests.kernels"]
    checks = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "tests": ["pytest", "--numprocesses", "2", "--dist", "loadfile", *pytest_arguments],
    }
    lessons = ["pytest", *nbval, "lessons"]
    # One thread: on a busy machine two that wait for each other are many times slower.
    environment = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", **os.environ}
    environment["LIC_TEACH_MINE"] = "0"  # no answers are kept
    start = time.monotonic()
    failed = []

    def run(command, **options):
        return subprocess.run([PYTHON, "-m", *command], cwd=ROOT, env=environment, **options)

    with concurrent.futures.ThreadPoolExecutor() as another:
        quietly = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        beside = another.submit(run, lessons, **quietly)
        for name, command in checks.items():
            print(f"\n=== {name}: {' '.join(command)}", flush=True)
            if run(command).returncode:
                failed.append(name)
        print(f"\n=== lessons: {' '.join(lessons)}", flush=True)
        sys.stdout.buffer.write(beside.result().stdout)
        if beside.result().returncode:
            failed.append("lessons")
    verdict = f"FAILED: {', '.join(failed)}" if failed else "All checks passed"
    what = f"{', '.join(checks)}, lessons; {version_of(PYTHON)}, {time.monotonic() - start:.0f} s"
    print(f"\n{verdict} ({what}).", flush=True)
    return 1 if failed else 0


def version_of(python):
    """Such as "Python 3.13.1". Only this one ran: .github/workflows has the oldest and newest."""
    return subprocess.check_output([python, "--version"], text=True).strip()


def main():
    if not os.access(ROOT, os.W_OK):
        return f"{ROOT} cannot be written to: copy it to a folder of yours."
    find_this_folder()
    if sys.argv[1:2] == ["test"]:
        ensure_environment()
        return run_checks(sys.argv[2:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=int, default=8888, help="first port to try (8888)")
    options = parser.parse_args()
    ensure_environment()
    return open_lessons(options.port, not options.no_browser)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. The same command starts again.")
