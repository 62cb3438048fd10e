"""Where the course's own data and lessons lie.

The data is beside the package in a checkout and inside it in a wheel. Lessons are in a checkout
alone: elsewhere there is no such folder. A checkout may be used without being installed.
"""

import importlib.metadata
import tomllib
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
