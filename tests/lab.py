"""A JupyterLab of one's own, and a browser on it: for the tests, and for tools.

    with jupyterlab([lesson]) as address, chromium(1300, 900) as page:
        open_notebook(page, address, lesson.name)
        run_all(page)
        slider = page.get_by_role("slider", name="λ")

It works on copies in a temporary folder, with settings, kernels' state and workspaces of its
own, so that neither the learner's JupyterLab nor the committed lessons change. Starting a server
and importing torch cost more than most tests do, so one server lives as long as the process, and
its kernels are forked (forked.py) from a process that has imported it.
"""

import ast
import atexit
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import nbformat

from lic_teach import paths
from lic_teach.site import pages
from tests import forked

if TYPE_CHECKING:  # optional: only browsers need it
    from playwright.sync_api import Page

EXTENSION = Path(__file__).parents[1] / "lic_teach" / "labextension"
TOKEN = "lesson"
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}
QUIET = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


class Server(NamedTuple):
    port: int
    folder: Path

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={TOKEN}"


@contextmanager
def jupyterlab(notebooks: Iterable[Path], **environment: str) -> Iterator[Callable[[str], str]]:
    """Serve copies of the notebooks; yields a function from a file's name to its address.

    The folder of the copies, settings and kernels are new each time; the server is one for as long
    as this process lives. Who asks for variables in the environment gets a server of their own.
    """
    with _server(environment) if environment else nullcontext(_shared()) as server:
        _forget(server)
        with TemporaryDirectory(dir=server.folder / "work", ignore_cleanup_errors=True) as copies:
            for notebook in notebooks:
                shutil.copy(notebook, copies)
            place = f"lab/tree/{Path(copies).name}"
            try:
                yield lambda name: server.address(f"{place}/{name}") + "&reset"
            finally:
                _end_kernels(server, Path(copies).name)


@cache
def _shared():
    life = ExitStack()
    atexit.register(life.close)
    return life.enter_context(_server({}))


@contextmanager
def _server(environment):
    with TemporaryDirectory(ignore_cleanup_errors=True) as name, ExitStack() as processes:
        folder, port = Path(name), _free_port()
        (folder / "work").mkdir()
        environment = {**paths.environment(), **_own_folders(folder), **environment}
        with open(folder / "log", "w") as log:
            _logs.append(folder / "log")
            processes.callback(_logs.remove, folder / "log")
            if sys.platform == "linux":
                kernels = _start_forking(folder, env=environment, stdout=log, stderr=log)
                processes.enter_context(_running(kernels))
            command = [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--expose-app-in-browser",
            ]
            command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
            command += ["--allow-root", "--ServerApp.port_retries=0"]
            lab = subprocess.Popen(
                command, cwd=folder / "work", env=environment, stdout=log, stderr=log
            )
            processes.enter_context(_running(lab))
        server = Server(port, folder)
        _wait(lab, server.address("api/status"), folder)
        yield server


@contextmanager
def _running(process):
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(200)
        except subprocess.TimeoutExpired:  # on a machine that does much else
            process.kill()
            process.wait()


def _own_folders(folder):
    """Variables that keep the learner's own Jupyter out."""
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(folder / name) for name in names}
    own |= {f"JUPYTERLAB_{n}": str(folder / n) for n in ("SETTINGS_DIR", "WORKSPACES_DIR")}
    # The extension of this very tree, before the one that may be installed.
    shutil.copytree(EXTENSION, folder / "share" / "labextensions" / "lic-teach")
    return own | {"JUPYTER_PATH": str(folder / "share"), "IPYTHONDIR": str(folder / "ipython")}


def _start_forking(folder, **options):
    """A process that forks kernels (forked.py), and the kernelspec by which JupyterLab asks it."""
    kernel, address = folder / "share" / "kernels" / "python3", folder / "kernels"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(forked.specification(str(address))))
    command = [sys.executable, "-P", forked.__file__, "serve", address]
    process = subprocess.Popen(command, **options)
    for _ in range(5 * 300):
        if address.exists() or process.poll() is not None:
            break
        time.sleep(0.2)
    return process


def _forget(server):
    """What an earlier use has left: settings such as the theme, layouts of the page."""
    for name in ("SETTINGS_DIR", "WORKSPACES_DIR"):
        shutil.rmtree(server.folder / name, ignore_errors=True)
    news = "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news = server.folder / "SETTINGS_DIR" / news
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps(NO_NEWS))


def _end_kernels(server, folder):
    with urllib.request.urlopen(server.address("api/sessions"), timeout=60) as answer:
        sessions = json.load(answer)
    for session in sessions:
        if not session["path"].startswith(folder):
            continue
        one = server.address(f"api/sessions/{session['id']}")
        urllib.request.urlopen(urllib.request.Request(one, method="DELETE"), timeout=60).close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server, address, folder, seconds=300):
    for _ in range(seconds * 5):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{Path(folder, 'log').read_text()[-3000:]}")


def system_browser() -> str | None:
    """Path of the Chromium that is installed, or None."""
    return shutil.which("chromium") or shutil.which("google-chrome")


@cache
def no_browser() -> str:
    """Why no page can be opened here, in words, and what would help; "" where one can."""
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return "playwright is missing: pip install playwright"
    if system_browser():
        return ""
    with sync_playwright() as playwright:
        if Path(playwright.chromium.executable_path).exists():
            return ""
    return "there is no Chromium: install it, or run `playwright install chromium`"


@contextmanager
def chromium(width: int = 1300, height: int = 900) -> Iterator["Page"]:
    """A page of a headless Chromium: the system's where there is one, else playwright's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser(), args=QUIET.split())
        page = browser.new_page(viewport={"width": width, "height": height})
        said = _said[page] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(f"{line.type}: {line.text}"))
        page.set_default_timeout(600_000)  # for what hangs: no test is timed
        try:
            yield page
        except BaseException:
            print(told())
            raise
        finally:
            del _said[page]
            browser.close()


_said: dict["Page", list[str]] = {}  # by each page that is open: the lines of its console
_logs: list[Path] = []  # of each JupyterLab that runs


def told() -> str:
    """For a red test: what each open page shows, the last words of its console and JupyterLab's.

    "" where no page is open.
    """
    from playwright.sync_api import Error

    words = []
    for page, said in _said.items():
        try:
            shown = page.locator("body").inner_text(timeout=5000)
        except Error as error:  # a page that hangs
            shown = str(error)
        words += ["the page said:", *said[-40:], "and showed:", shown]
    for log in _logs if words else ():
        words += ["JupyterLab said:", log.read_text()[-3000:]]
    return "\n".join(words)


def open_notebook(page: "Page", address: Callable[[str], str], name: str) -> None:
    """Open a notebook and wait until its kernel is ready."""
    page.goto(address(name))
    page.wait_for_function("window.jupyterapp !== undefined")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )


def run_all(page: "Page") -> None:
    """Run every cell and wait for the last; RuntimeError with the words of what went wrong."""
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    errors = page.locator('[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedError')
    if errors.count():
        raise RuntimeError("\n".join(errors.all_inner_texts()))


SUMS = """canvases => canvases.map(canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    const samples = context.getImageData(0, 0, copy.width, copy.height).data;
    return samples.reduce((sum, sample) => (sum * 31 + sample) % 1000003, 7);
})"""


def pictures(canvases):
    """What an explorer's canvases show, as the browser decoded it: a checksum each."""
    canvases.first.wait_for()
    return canvases.evaluate_all(SUMS)


def new_pictures(canvases, before):
    """Wait until all of them show others than before; what they then show."""
    differ = f"([all, old]) => ({SUMS})(all).every((sum, i) => sum !== old[i])"
    canvases.page.wait_for_function(differ, arg=[canvases.element_handles(), before])
    return pictures(canvases)


def without(lesson, folder, *words):
    """A copy of a lesson without the code cells that hold any of these words -> its path."""
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type != "code" or not any(word in cell.source for word in words)
    ]
    nbformat.write(notebook, folder / lesson.name)
    return folder / lesson.name


def figures(lesson, folder):
    """A copy whose only code cells are those that show an explorer, and those whose names they
    use: quickly run. The rest of a lesson runs where its outputs are checked."""
    notebook = nbformat.read(lesson, as_version=4)
    kept, wanted = [], set()
    for cell in reversed(notebook.cells):
        if cell.cell_type == "code":
            named, used = _names(cell.source)
            shows = any(pages.is_explorer(output) for output in cell.outputs)
            if not shows and not named & wanted:
                continue
            wanted = (wanted | used) - named
        kept.append(cell)
    notebook.cells = kept[::-1]
    nbformat.write(notebook, folder / lesson.name)
    return folder / lesson.name


def _names(source):
    """Those that a cell gives a meaning to, and those that it finds."""
    named, used = set(), set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                named.add(name)
            case ast.alias():
                named.add((node.asname or node.name).split(".")[0])
    return named, used


def set_theme(page, name):
    """ "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate(
        f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})"
    )
    page.wait_for_timeout(1500)
