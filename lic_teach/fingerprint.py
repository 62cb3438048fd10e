"""What machine code is made from, as one short text: the same for the same code, else another.

    function, types of its arguments --fingerprint--> 32 hexadecimal digits

In it are

    - the bytecode and the constants of the function and of every function that it calls;
    - every global that one of these names, by value;
    - the versions of Python, NumPy and numba, numba's settings, and the processor.

Not in it are comments, and the file and line that a function stands in. compiled.py names the
files of its cache so.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.core.dispatcher import Dispatcher

VERSIONS = (sys.version, np.__version__, numba.__version__, version("llvmlite"))
# Of numba's settings those that change the machine code: NUMBA_BOUNDSCHECK=1 and so on.
SETTINGS = """BOUNDSCHECK OPT LOOP_VECTORIZE SLP_VECTORIZE DISABLE_INTEL_SVML
    DEBUGINFO_DEFAULT EXTEND_VARIABLE_LIFETIMES""".split()
# Of a code object all but its constants (made_from looks into them) and the place it stands in.
CODE = """co_code co_exceptiontable co_names co_varnames co_freevars co_cellvars
    co_argcount co_posonlyargcount co_kwonlyargcount co_flags""".split()
PLAIN = (int, float, complex, str, bytes, slice, type(None), np.number, np.bool_)
PLAIN_TYPES = (types.Number, types.Boolean, types.NoneType, types.Omitted)
TUPLES = (tuple, types.UniTuple, types.Tuple)
KNOWN = ("builtins", "math", "numpy", "numba")  # of one version: a name says what it means


def fingerprint(function: Callable, signature: Any, codegen: Any) -> str:
    """Tell machine code apart: by the function, numba's types of its arguments, its codegen.

    Raises TypeError where the function names something whose meaning is not known here, such as
    an object of a class.
    """
    settings = [str(getattr(numba.config, name, None)) for name in SETTINGS]
    hashed = hashlib.sha256(repr((VERSIONS, settings, codegen.magic_tuple())).encode())
    for part in made_from((signature, function), {}):
        hashed.update(f"\n{part}".encode())
    return hashed.hexdigest()[:32]


def made_from(value: Any, seen: dict) -> Iterator[str]:
    """All that a value, function or type brings into machine code, as text.

    seen: the functions that were met already, with their numbers: functions may call in circles.
    """
    if isinstance(value, Dispatcher):  # what @compiled and @njit make of a function
        yield from made_from(tuple(sorted(value.targetoptions.items())), seen)
        value = value.py_func
    if isinstance(value, PLAIN):
        yield f"{type(value).__name__} {value!r}"
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        yield f"{value.dtype!r} {value.shape} {value.strides} {value.tobytes().hex()}"
    elif isinstance(value, PLAIN_TYPES):
        yield str(value)
    elif isinstance(value, types.Array):
        yield str(value)
        yield from made_from(value.dtype, seen)
    elif isinstance(value, set):
        yield from made_from(tuple(sorted(value)), seen)
    elif isinstance(value, TUPLES):
        yield f"{type(value).__name__} {len(value)} {getattr(value, '_fields', '')}"
        for part in value:
            yield from made_from(part, seen)
    elif isinstance(value, CodeType):
        yield repr([getattr(value, name) for name in CODE])
        yield from made_from(value.co_consts, seen)
    elif is_known(value):
        yield f"{getattr(value, '__module__', '')}.{value.__name__}"
    elif isinstance(value, FunctionType):
        yield from made_from_function(value, seen)
    else:
        raise TypeError(f"what does {value!r} bring into machine code?")


def made_from_function(function: FunctionType, seen: dict) -> Iterator[str]:
    """The same of a Python function, with all that it reaches by name."""
    yield f"{function.__module__}.{function.__qualname__} {seen.get(function, '')}"
    if function not in seen:
        seen[function] = len(seen)
        cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
        named = tuple(reached(function.__globals__, set(names_in(function.__code__))))
        yield from made_from((function.__code__, function.__defaults__, cells, named), seen)


def names_in(code: CodeType) -> Iterator[str]:
    """The names of globals and attributes in a function and in the functions inside it."""
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from names_in(const)


def reached(scope: dict, names: set[str], through: tuple = ()) -> Iterator[tuple[str, Any]]:
    """What is named in a scope, and of modules what is named in them: huffman.LOOKUP_BITS."""
    for name in sorted(names & scope.keys()):
        value = scope[name]
        if not isinstance(value, ModuleType) or is_known(value):
            yield name, value
        elif value not in through:
            inside = {n: getattr(value, n) for n in names if hasattr(value, n)}
            yield from reached(inside, names, (*through, value))


def is_known(value: Any) -> bool:
    """Whether it is what a module of KNOWN calls by its name: numpy.zeros, math, builtins.max."""
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] in KNOWN
    owner, name = getattr(value, "__module__", None), getattr(value, "__name__", "")
    known = str(owner).partition(".")[0] in KNOWN
    return known and getattr(sys.modules.get(owner), name, None) is value
