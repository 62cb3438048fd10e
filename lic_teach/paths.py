"""Where the course's own data and lessons lie.

The data is beside the package in a checkout and inside it in a wheel. Lessons are in a checkout
alone: elsewhere there is no such folder.
"""

from pathlib import Path

_INSIDE = Path(__file__).parent / "data"
DATA = _INSIDE if _INSIDE.is_dir() else Path(__file__).parents[1] / "data"
LESSONS = Path(__file__).parents[1] / "lessons"
