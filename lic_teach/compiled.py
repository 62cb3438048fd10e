"""`@compiled`: numba's `@njit`, with a cache on disk that is never out of date.

    function, types of its arguments --fingerprint--> name of a file --load--> machine code

To compile all of JPEG takes a minute, so the machine code is kept. numba's own cache
(`njit(cache=True)`) looks at nothing but the file that a function stands in: whoever changes a
constant or a function in another file goes on with the old code. Here a kept file is named by
all that its machine code was made from (fingerprint.py). So a change, in a file or in a running
notebook, leads to another name, and what it does not reach is not compiled again.

A kept file is a help, never a condition: a damaged one is as good as none, and where no folder
can be written every process compiles for itself.
"""

import hashlib
import itertools
import os
import pickle
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import numba
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps

from .fingerprint import fingerprint

KEPT = 400  # files in a folder; those that were not used for longest go first

# numba numbers what it compiles from 1 in every process, and a number is part of a symbol's name.
# A notebook that loads one version of a function, then by reload() the other, would have two
# symbols of one name, and calls go to the first. So every process begins somewhere else.
FunctionIdentity._unique_ids = itertools.count(secrets.randbits(62))


def compiled(function: Callable | None = None, **options: Any) -> Callable:
    """Compile a function with numba when it is first called, or take its machine code from a file.

    options: those of njit, as in @compiled(fastmath={"contract"}). NUMBA_CACHE_DIR says where the
    files are; NUMBA_DISABLE_JIT=1 leaves the function in Python.
    """
    if function is None:
        return partial(compiled, **options)
    dispatcher = numba.njit(function, **options)
    if isinstance(dispatcher, Dispatcher):
        dispatcher._cache = Cache(dispatcher)  # where njit(cache=True) puts numba's own
    return dispatcher


class Cache(NullCache):
    """What numba asks for machine code before it compiles. NullCache: all its methods, empty."""

    def __init__(self, function: Callable):
        self.function = function

    def load_overload(self, signature: Any, target: Any) -> CompileResult | None:
        """The machine code for these types of arguments; None, and numba compiles."""
        with suppress(Exception):  # whatever is wrong with a file, compiling helps
            target.refresh()  # as numba's caches do: what machine code may call
            name = file_name(self.function, signature, target.codegen())
            return CompileResult._rebuild(target, *pickle.loads(read(self.function, name)))

    def save_overload(self, signature: Any, result: CompileResult) -> None:
        """Keep machine code, where there is a place for it."""
        with suppress(Exception):  # the function is compiled and works, kept or not
            if not result.library.has_dynamic_globals:  # it holds pointers into this process
                name = file_name(self.function, signature, result.codegen)
                write(self.function, name, dumps(result._reduce()))


def file_name(function: Callable, signature: Any, codegen: Any) -> str:
    """Module and function, to be read, then what tells it from all others."""
    module = function.__module__.rpartition(".")[2]
    return f"{module}.{function.__name__}-{fingerprint(function, signature, codegen)}.nbc"


def folders(function: Callable) -> Iterator[Path]:
    """Where to look for a function's machine code, and to keep it in the first that takes it.

    NUMBA_CACHE_DIR alone where it is set; else beside Python's .pyc, else the user's cache.
    """
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR, "lic_teach")
        return
    source = function.__code__.co_filename
    if os.path.isfile(source):  # not so in a notebook or a zip file
        yield Path(cache_from_source(source)).parent
    place = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    place = os.path.expanduser(place or "~/.cache")
    if os.path.isabs(place):  # "~" stays where nobody's home is known
        yield Path(place, "lic_teach")


def read(function: Callable, name: str) -> bytes:
    """The content of a kept file. Raises FileNotFoundError where no folder has it unharmed."""
    for folder in folders(function):
        with suppress(OSError):
            data = (folder / name).read_bytes()
            if data[:32] == digest(name, data[32:]):
                with suppress(OSError):
                    os.utime(folder / name)  # used just now
                return data[32:]
    raise FileNotFoundError(name)


def write(function: Callable, name: str, content: bytes) -> None:
    """Keep a file in the first folder that takes it; take the oldest away where there are many."""
    from .images import write_atomic  # imported late: only who compiles needs it

    for folder in folders(function):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(folder / name, digest(name, content) + content)
            with suppress(OSError):  # another process may do the same
                kept = sorted(folder.glob("*.nb[ci]"), key=os.path.getmtime, reverse=True)
                for old in kept[KEPT:]:
                    old.unlink()
            return


def digest(name: str, content: bytes) -> bytes:
    """What stands before the content of a kept file: SHA-256, 32 bytes."""
    return hashlib.sha256(name.encode() + content).digest()
