"""Sphinx's settings, and the folder that it writes.

    notebooks --page--> sources in a temporary folder --Sphinx--> pages beside OUT --> OUT

OUT is replaced at the end, when all of it is there.
"""

import contextlib
import io
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from lic_teach import contents
from lic_teach.kit import controls
from lic_teach.paths import LESSONS, lessons
from lic_teach.site.pages import Report, page, place
from lic_teach.site.record import KINDS

HERE = Path(__file__).parent
TITLE = "Two codecs, one machine"
MARK = "lic-teach-site.txt"  # in every folder that this module wrote
DUEL = "start_here-duel"  # the recording on the first page
SETTINGS = {
    "project": TITLE,
    "extensions": ["myst_nb", "sphinx.ext.githubpages"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "html_theme": "sphinx_book_theme",
    "html_title": TITLE,
    "html_static_path": ["_static"],
    "html_css_files": ["widgets.css", "site.css"],
    "html_js_files": [("site.js", {"defer": "defer"}), ("widgets.js", {"defer": "defer"})],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_search_summary": False,  # it would fetch pages, which a disk does not allow
    "html_theme_options": {
        "use_download_button": False,
        "navbar_persistent": [],  # one search field is enough: the sidebar's
        "extra_footer": "Code MIT, text and figures CC BY 4.0.",
    },
    "html_context": {"default_mode": "auto"},
    "mathjax_path": "tex-svg.js",
    "mathjax3_config": {"options": {"enableMenu": False}},
}


def build(
    out: Path, named: list[str] | None = None, force: bool = False, report: Report = print
) -> None:
    """Write the site of all lessons, or of those with these numbers or subjects, to `out`.

    ValueError where `out` is there already (with force a site that stands there is replaced),
    where a lesson is not there, and where one would be lost on the way.
    """
    check_free(out, force)
    notebooks = lessons(LESSONS, named or [])
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.parent.absolute()  # the lessons are executed elsewhere
    with tempfile.TemporaryDirectory(dir=beside, prefix=f".{out.name}-") as folder:
        source, pages = Path(folder, "source"), Path(folder, "pages")
        write_sources(notebooks, source, report)
        names = [path.stem for path in notebooks]
        run_sphinx(source, pages, Path(folder, "doctrees"), names, report)
        tidy(pages)
        if out.exists():
            out.rename(Path(folder, "old"))
        pages.rename(out)
    size = sum(path.stat().st_size for path in out.rglob("*"))
    report(f"{out}: {size / 1e6:.1f} MB; open {out / 'index.html'} in a browser")


def check_free(out: Path, force: bool) -> None:
    """Nothing is deleted but a site of ours, and that only when asked for."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / MARK).exists():
        raise ValueError(
            f"{out} exists and is not a site that lic-teach wrote: choose another name"
        )
    if not force:
        raise ValueError(f"{out} exists: --force replaces it")


def tidy(pages: Path) -> None:
    """Take away what only the theme's makers read, and say whose work is inside."""
    for path in (*pages.rglob("*.map"), pages / ".buildinfo"):
        path.unlink(missing_ok=True)
    for folder in (pages / "_sources", pages / "_static" / "locales"):
        shutil.rmtree(folder, ignore_errors=True)
    (pages / MARK).write_text(
        "Written by lic-teach site, with Sphinx and the Sphinx Book Theme (BSD License), "
        "MathJax (Apache License 2.0) and Font Awesome Free (CC BY 4.0, OFL, MIT).\n"
    )


# --- the sources -------------------------------------------------------------------------


def write_sources(notebooks: list[Path], folder: Path, report: Report) -> None:
    """Pages, recordings, scripts and styles: all that Sphinx reads."""
    static = folder / "_static"
    static.mkdir(parents=True)
    names = [path.stem for path in notebooks]
    with contextlib.chdir(LESSONS):  # where the lessons are executed
        for path in notebooks:
            notebook = nbformat.read(path, as_version=4)
            page(notebook, path.stem, names, folder, report)
            nbformat.write(notebook, folder / path.name)
    text = index(names, (static / f"recordings/{DUEL}.js").exists())
    (folder / "index.md").write_text(text, encoding="utf-8")
    for name in ("site.js", "site.css"):
        shutil.copy(HERE / name, static)
    ours = [script(name, str(kind._esm)) for kind, name in KINDS.items() if hasattr(kind, "_esm")]
    (static / "widgets.js").write_text("".join(ours), encoding="utf-8")
    (static / "widgets.css").write_text(style(), encoding="utf-8")
    with files("sphinx-mathjax-offline").joinpath("static/mathjax/tex-svg.js").open("rb") as file:
        (static / "tex-svg.js").write_bytes(file.read())


def script(name: str, text: str) -> str:
    """A widget's module as a plain script: a page on a disk cannot load modules."""
    body, found, rest = text.partition("export default { render };")
    if not found or rest.strip():
        raise ValueError(f"{name}.js must end with: export default {{ render }};")
    return f"lic.widgets.{name} = (() => {{\n{body}return {{ render }};\n}})();\n\n"


def style() -> str:
    """The explorers' style; the theme has another word for its dark side than JupyterLab."""
    text = controls.STYLE.read_text(encoding="utf-8")
    return text.replace('[data-jp-theme-light="false"]', '[data-theme="dark"]')


def index(names: list[str], duel: bool) -> str:
    """The first page: index.md, the first lesson's duel, and the lessons in their parts."""
    text = contents.without_dead((HERE / "index.md").read_text(encoding="utf-8"), names)
    text += f"\n{place(DUEL)}\n" if duel else ""
    for title, part in contents.parts((LESSONS / "README.md").read_text(encoding="utf-8")):
        if inside := [name for name in part if name in names]:
            text += f'\n```{{toctree}}\n:caption: "{title}"\n:maxdepth: 1\n\n'
            text += "\n".join(inside) + "\n```\n"
    return text


def run_sphinx(source: Path, out: Path, doctrees: Path, names: list[str], report: Report) -> None:
    """Sphinx, quiet but for its warnings; ValueError where something it was given is not there."""
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(source, None, out, doctrees, "html", SETTINGS, status=None, warning=warnings)
        app.build()
    for line in warnings.getvalue().splitlines():
        report(f"warning: {line.replace(f'{source}{os.sep}', '')}")
    if app.statuscode or "not_readable]" in warnings.getvalue():  # of a page or of a picture
        raise ValueError("Sphinx could not write the pages: its words are above")
    lost = [name for name in names if not (out / f"{name}.html").exists()]
    if lost:
        raise ValueError(f"Sphinx wrote no page of {', '.join(lost)}")
