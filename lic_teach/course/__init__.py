"""The rooms of the lessons, one each, named by the subject as the notebook is.

In each stand the same things: exercises.py, the checks of the lesson's exercises; its interactive
figures, a file for each, under the name of its class (colour/chroma.py holds Chroma), with what
it draws in a file *_drawing.py beside it; and what the lesson builds, under its own name. The
opening of a room's __init__.py says what is what. A room imports from kit and from below, never
from another room.
"""

import importlib
import pkgutil


def classes() -> list[type]:
    """All explorers of the course, in the order of their names; imports every module here."""
    from lic_teach.kit.base import Explorer

    names = [module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.")]
    modules = {name: importlib.import_module(name) for name in names}
    # traitlets makes a further subclass where an instance gets a trait: that one is no module's
    found = [
        kind
        for kind in Explorer.__subclasses__()
        if getattr(modules.get(kind.__module__), kind.__name__, None) is kind
    ]
    return sorted(found, key=lambda kind: kind.__name__)
