"""Where the course's own data and lessons lie.

The data is beside the package in a checkout and inside it in a wheel. Lessons are in a checkout
alone: elsewhere there is no such folder. A checkout may be used without being installed.
"""

import importlib.metadata
import os
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_INSIDE = Path(__file__).parent / "data"
DATA = _INSIDE if _INSIDE.is_dir() else Path(__file__).parents[1] / "data"
LESSONS = Path(__file__).parents[1] / "lessons"
PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version() -> str:
    """Of this package: a checkout says it itself, installed or not; else what was installed."""
    with suppress(OSError, ValueError, KeyError):
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
        if project["name"] == "lic-teach":  # some packages put theirs beside an installed one
            return project["version"]
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("lic-teach")
    return "unknown"


def environment() -> dict[str, str]:
    """The variables for a Python or a kernel that this process starts: it imports this very
    package, also from a checkout that is not installed, where perhaps another one is."""
    places = str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}


def lessons(folder: Path, numbers: Iterable[str] = (), suffix: str = ".ipynb") -> list[Path]:
    """The lessons' files in a folder, in their order: all of them, or those that are named.

    numbers: the number, as 4 or 04, or the subject, as "quantization".
    Other files beside the lessons, such as a learner's own notebooks, are left out. Raises
    ValueError where there are no lessons, and for a number that no lesson has.
    """
    found = sorted(folder.glob(f"[0-9][0-9]_*{suffix}"))
    if not found:
        raise ValueError(
            f"no lessons in {folder}: they are in the repository, not in the installed package"
        )
    chosen = set()
    for number in numbers:
        start = f"{int(number):02}_" if number.isdecimal() else number
        named = {p for p in found if p.stem[3:] == number or start and p.name.startswith(start)}
        if not named:
            there = f"{found[0].name[:2]} to {found[-1].name[:2]}"
            raise ValueError(f"no lesson {number}: there are {there}")
        chosen |= named
    return sorted(chosen) or found
