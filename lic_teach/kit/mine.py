"""The learner's own codec: right answers, kept as source in mine.py beside the notebooks.

    check("dct_matrix", my_dct) --keep--> a block in mine.py --get("dct_matrix", ours)--> my_dct

A block stands between two lines, which name the exercise and its functions:

    # >>> dct_matrix: my_dct
    import numpy as np


    def my_dct():
        ...
    # <<< dct_matrix

It runs alone, whatever other blocks define. A later right answer replaces it; all around it in the
file is the learner's and stays. An answer without a source (a number, a lambda in the call) leaves
a block that holds a comment: it counts as right, and there is nothing to build with.

The file is the one in the kernel's working directory, never another, and nothing is sent anywhere.
With LIC_TEACH_MINE=0, in CI and in tests there is none: nothing is written, and nothing is read.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from lic_teach.images import write_atomic
from lic_teach.kit.source import NoSource, standalone

FILE = "mine.py"
MAX_BYTES = 1_000_000  # nobody writes that much; to parse it takes up to 500 MB
MARK = re.compile(r"^# (>>>|<<<) (\w+)(?:: *([\w, ]*))?[ \t\r]*$\n?", re.MULTILINE)
HEADER = '''"""My own codec: what I wrote in the course, and what passed its checks.

The course writes what stands between two lines `# >>> name` and `# <<< name`; a later right answer
replaces it. Everything else in this file is mine. Each block runs alone.
"""
'''


class Block(NamedTuple):
    """A right answer in a mine.py."""

    functions: tuple[str, ...]  # what the block defines; none where there was no source
    source: str
    line: int  # of the file, the first of the source
    start: int  # of the block with its two lines, in characters
    end: int


def in_use() -> bool:
    """Whether answers are kept: LIC_TEACH_MINE, if set, says so; else not in CI and in tests."""
    if setting := os.environ.get("LIC_TEACH_MINE"):
        return setting != "0"
    return not (os.environ.get("CI") or os.environ.get("PYTEST_VERSION"))


# --- the file ----------------------------------------------------------------------------


def blocks(text: str) -> dict[str, Block]:
    """The text of a mine.py -> its blocks, by exercise; of two with one name the last.

    Nothing is executed. A block whose second line is missing is none.
    """
    found, first = {}, None
    for mark in MARK.finditer(text):
        sign, name, functions = mark.groups()
        if sign == ">>>":
            first = mark
        elif first and first[2] == name:
            functions = tuple(re.findall(r"\w+", first[3] or ""))
            line = text.count("\n", 0, first.end()) + 1
            source = text[first.end() : mark.start()]
            found[name] = Block(functions, source, line, first.start(), mark.end())
            first = None
    return found


def read(folder: Path) -> str:
    """The text of the mine.py in a folder; "" where there is none. ValueError in words."""
    path = folder / FILE
    if not path.is_file():
        return ""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes, more than {MAX_BYTES:,}")
    try:
        return path.read_bytes().decode()  # with the line ends that it has
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error.reason}") from error


def replaced(text: str, name: str, functions: tuple[str, ...], source: str) -> str:
    """The text of a mine.py with this block in the place of the one that it has, or at its end."""
    block = f"# >>> {name}: {', '.join(functions)}".rstrip(" ") + f"\n{source}# <<< {name}\n"
    if old := blocks(text).get(name):
        return text[: old.start] + block + text[old.end :]
    text = text or HEADER
    return text + ("\n" if text.endswith("\n") else "\n\n") + "\n" + block


# --- a right answer goes in, a function comes out -----------------------------------------


def keep(name: str, answer: object) -> str:
    """Put a right answer to the exercise `name` into mine.py -> a sentence on what was done.

    "" where answers are not kept at all. Never raises: the answer is right in any case.
    """
    if not in_use():
        return ""
    functions, source, said = _block(_several(answer))
    return put(name, functions, source) or said


def put(name: str, functions: tuple[str, ...], source: str) -> str:
    """Write a block into mine.py -> "", or a sentence that says why it could not be done."""
    try:
        with FileLock(f".{FILE}.lock", timeout=10):  # another notebook's kernel may be at it too
            before = read(Path())
            after = replaced(before, name, functions, source)
            if after != before:
                write_atomic(FILE, after.encode())
    except (OSError, ValueError) as error:
        return f"Not kept in {FILE}: {getattr(error, 'strerror', None) or error}."
    return ""


def _block(answer):
    """The functions and the source of a block, and a sentence about it."""
    if not all(map(callable, answer)):
        return (), "# right; no function\n", f"Noted in {FILE}."
    try:
        functions, source = standalone(answer)
        if MARK.search(source):
            raise NoSource("a line of it looks like the beginning or the end of a block")
        return functions, source, f"Kept in {FILE}."
    except Exception as why:  # whatever a learner's objects do when they are looked at
        words = " ".join(str(why).split())
        return (), f"# right; {words}\n", f"Noted in {FILE}, without its source: {words}."


def get(name: str, default: Callable) -> Callable:
    """The learner's answer to the exercise `name`, or else `default`; prints which.

    An exercise with several functions gives a tuple of them, and so should default.

    >>> get("dct_matrix", default=len)
    dct_matrix: the package's len
    <built-in function len>
    """
    whose = "the package's " + " and ".join(f.__name__ for f in _several(default))
    block = blocks(read(Path())).get(name) if in_use() else None
    if block and block.functions:
        namespace = {"__name__": "mine"}
        try:  # behind empty lines, so that errors name the file's own
            exec(compile("\n" * (block.line - 1) + block.source, FILE, "exec"), namespace)
            own = tuple(namespace[function] for function in block.functions)
        except (Exception, SystemExit) as error:
            whose += f"; yours in {FILE} stops with {type(error).__name__}: {error}"
        else:
            print(f"{name}: yours, {' and '.join(block.functions)} in {FILE}")
            return own if len(own) > 1 else own[0]
    print(f"{name}: {whose}")
    return default


def _several(functions):
    return functions if isinstance(functions, tuple) else (functions,)
