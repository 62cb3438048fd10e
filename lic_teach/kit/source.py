"""The source of functions written in a notebook, as plain Python that runs without it.

    functions --standalone--> imports, values, helpers, the functions themselves, as text

What a function uses of its notebook comes along: modules and what was imported, other functions
and classes of the notebook, small values (a step, a table of 8 x 8). What cannot be written down
(a photograph, a trained network) is a NoSource, which says what it was.
"""

import ast
import builtins
import inspect
import linecache
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import NamedTuple

import numpy as np

NOTEBOOK = "__main__"  # the module of all that was defined in a notebook
MAX_VALUE = 4000  # characters that a value may take


class NoSource(Exception):
    """There is no such text; the message says why."""


class Parts(NamedTuple):
    """What a text is put together from; each dict in an order in which it can be executed."""

    imports: dict[str, None]  # lines
    values: dict[str, str]  # name -> name = value
    definitions: dict[str, str]  # name -> its text


def standalone(functions: tuple[Callable, ...]) -> tuple[tuple[str, ...], str]:
    """The functions' names, and Python that defines them. NoSource where that cannot be had.

    The text was executed once, away from the notebook: it defines what it should.
    """
    parts = Parts({}, {}, {})
    names = tuple(_define(None, function, parts) for function in functions)
    head = "".join([*sorted(parts.imports), *parts.values.values()])
    source = "\n\n".join(filter(None, [head, *parts.definitions.values()]))
    namespace = {"__name__": "mine"}
    try:
        exec(compile(source, "mine.py", "exec"), namespace)
    except Exception as error:
        raise NoSource(f"alone it stops with {type(error).__name__}: {error}") from error
    if not all(callable(namespace.get(name)) for name in names):
        raise NoSource("alone it defines something else")
    return names, source


def _define(name, value, parts):
    """Put what defines `value` into parts, and first what that needs; the name it then has."""
    if name in parts.values or name in parts.definitions:
        return name
    if line := _import(name, value):
        parts.imports[line] = None
        return name or value.__name__
    plain = inspect.unwrap(value) if callable(value) else value  # @njit and its like
    if not isinstance(plain, FunctionType | type):
        parts.values[name] = _literal(name, value, parts)
        return name
    found, text = _definition(plain)
    name, known = name or found, _globals(plain)
    if known.get(found, value) is not value:
        raise NoSource(f"{found} is something else by now")
    text += f"\n\n{name} = {found}\n" if name != found else ""
    parts.definitions[name] = ""  # so that a function that calls itself comes to an end
    for needed in sorted(set(_needs(symtable.symtable(text, "mine.py", "exec")))):
        if needed in known and needed not in (name, found):
            _define(needed, known[needed], parts)
            parts.imports.update(_submodules(needed, known[needed], text))
    del parts.definitions[name]
    parts.definitions[name] = text  # behind what it needs
    return name


def _needs(table) -> Iterator[str]:
    """Names that a text takes from around it, in all of its functions."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _needs(inner)


def _globals(plain):
    """The names around a function or a class."""
    return getattr(plain, "__globals__", None) or _method(plain).__globals__


def _method(kind):
    """A function that was defined in a class; NoSource where there is none."""
    for member in vars(kind).values():
        if isinstance(member, FunctionType) and member.__module__ == NOTEBOOK:
            return member
    raise NoSource(f"the text of {kind.__name__} is not to be had")


# --- what was imported -------------------------------------------------------------------


def _import(name, value):
    """The line that imports it under this name; "" where it was not imported."""
    if isinstance(value, ModuleType):
        place, _, own = value.__name__.rpartition(".")
        return f"from {place} import {own}" + _alias(name, own) if place else _plain(name, own)
    own, module = getattr(value, "__name__", ""), getattr(value, "__module__", None) or ""
    parts = module.split(".") if module not in (NOTEBOOK, builtins.__name__) else []
    places = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]  # scipy.fft, not _basic
    if own and not module:  # a compiled function that does not know: where a library shows it
        places = sorted(filter(_public, sys.modules), key=lambda place: (place.count("."), place))
    for place in places:
        shown = getattr(sys.modules.get(place), "__dict__", {})
        # scipy.stats.norm is an object without a name: its place is that of its class
        for known in (own,) if own else (name, *shown):
            if shown.get(known) is value:
                return f"from {place} import {known}" + _alias(name, known)
    return ""


def _public(module):
    return not re.search(r"(^|\.)_|^lic_teach\b", module)


def _plain(name, module):
    return f"import {module}" + _alias(name, module)


def _alias(name, own):
    return "\n" if name in (None, own) else f" as {name}\n"


def _submodules(name, value, text):
    """Of `import xml.etree`, which binds `xml` alone: a line for each module used as xml.…"""
    used = re.findall(rf"\b{name}(?:\.\w+)+", text) if isinstance(value, ModuleType) else []
    prefixes = (".".join(u.split(".")[:n]) for u in used for n in range(2, u.count(".") + 2))
    return {f"import {p}\n": None for p in prefixes if p in sys.modules and name == value.__name__}


# --- what was written in the notebook ----------------------------------------------------


def _definition(plain):
    """The name of a function or class in its own text, and that text."""
    if getattr(plain, "__closure__", None):
        raise NoSource(f"{plain.__name__} was made inside another function")
    try:
        text = _class_source(plain) if isinstance(plain, type) else inspect.getsource(plain)
        text = textwrap.dedent(text).rstrip() + "\n"
        (node,) = ast.parse(text).body
    except (OSError, TypeError, ValueError, SyntaxError) as error:
        raise NoSource(f"the text of {plain.__name__} is not to be had") from error
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == plain.__name__:
        return node.name, text
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        return ast.unparse(node.targets[-1]), text  # square = lambda x: x * x
    raise NoSource("it has no name of its own")


def _class_source(kind):
    """Of a class, which inspect does not find in a notebook: from the cell of a method."""
    lines = linecache.getlines(_method(kind).__code__.co_filename)
    for node in ast.walk(ast.parse("".join(lines))):
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            first = min(part.lineno for part in (node, *node.decorator_list))
            return "".join(lines[first - 1 : node.end_lineno])
    raise OSError(f"no class {kind.__name__}")


def _literal(name, value, parts):
    """name = value, for what Python can read back from text: numbers, words, small arrays."""
    kind, text = type(value).__name__, repr(value)
    is_numpy = isinstance(value, np.ndarray | np.generic) and value.size <= MAX_VALUE
    if is_numpy:
        text = repr(value.tolist())
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise NoSource(f"it uses {name}, of type {kind}" if name else f"it is a {kind}") from None
    if len(text) > MAX_VALUE or not name:
        raise NoSource(f"it uses {name}, a long {kind}" if name else f"it is a {kind}")
    if is_numpy:
        parts.imports["import numpy\n"] = None
        scalar = "[()]" if isinstance(value, np.generic) else ""
        text = f"numpy.array({text}, {value.dtype.str!r}){scalar}"
    return f"{name} = {text}\n"
