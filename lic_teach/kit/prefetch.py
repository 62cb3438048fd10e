"""What a learner will ask next, computed while the figure stands still.

    a move --after--> REST seconds of quiet --> one state at a time --> views, kept

When a control has come to rest and the kernel's own loop has nothing to do, the states that one
further key or click leads to are computed: first the last move once more, since who goes one way
goes on, then the nearest of each control (stops.py). Between two of them the loop sees to its
messages, and a move ends it. So a move waits for one state at most; most moves for none, since the
states further away come slowly. An explorer with one that takes longer than LONG takes no part any
more. Kept are views: encoded pictures and words, MOST bytes of all explorers together, the oldest
go first.

LIC_TEACH_PREFETCH=0 turns it off. It is off in CI and in tests, too, and wherever no event loop
runs; an explorer takes part from when it is displayed.
"""

import asyncio
import os
import sys
import time
from collections import OrderedDict
from contextlib import suppress

from ipywidgets import VBox
from traitlets import Bunch

from lic_teach.kit.stops import ahead

REST = 0.15  # seconds without a move, before anything begins
PAUSE = 0.01  # between two states, for the messages that have come
NEAR = 20  # states, about as many as a figure has keys and buttons; those after them
REPOSE = 4  # are each followed by a pause of so many times their own duration
LONG = 0.5  # seconds of a state, after which an explorer takes no part any more
MOST = 100e6  # bytes of all views

_kept: OrderedDict[tuple, tuple] = OrderedDict()  # by explorer, picture and state
_sizes: dict[tuple, int] = {}
_moves = 0  # of all explorers


def in_use() -> bool:
    """LIC_TEACH_PREFETCH, if set, says so; else not in CI and in tests."""
    if setting := os.environ.get("LIC_TEACH_PREFETCH"):
        return setting != "0"
    return not (os.environ.get("CI") or os.environ.get("PYTEST_VERSION"))


def loop() -> asyncio.AbstractEventLoop | None:
    """The event loop in which this runs, as a notebook's cell does; None without one."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def kept(explorer: VBox, state: dict) -> tuple | None:
    """The view of a state, where it was kept."""
    with suppress(KeyError, TypeError):  # a state can hold what is no key
        _kept.move_to_end(_key(explorer, state))
        return _kept[_key(explorer, state)]
    return None


def keep(explorer: VBox, state: dict, view: tuple) -> None:
    """Keep a view, and forget the oldest where there are too many bytes."""
    if not (explorer._loop and in_use()):
        return
    with suppress(TypeError):
        key = _key(explorer, state)
        _kept[key], _sizes[key] = view, size(view)
        while sum(_sizes.values()) > MOST:
            del _sizes[_kept.popitem(last=False)[0]]


def _key(explorer, state):
    key = explorer, explorer._shown, tuple(state.items())
    hash(key)
    return key


def size(part: object) -> int:
    """The bytes of a view in memory, its pictures, its texts, and what else it holds.

    A text takes two bytes a character, or four, if one of it is beyond Latin-1: a minus, a lambda.
    """
    held = part.values() if isinstance(part, dict) else part
    within = sum(map(size, held)) if isinstance(part, tuple | list | dict) else 0
    return sys.getsizeof(part) + within


# --- when the explorer stands still --------------------------------------------------------


def after(explorer: VBox, change: Bunch | None = None) -> None:
    """The explorer has moved: what was begun is given up, and something new begins after REST.

    change: which control, as traitlets tells it; None where it was none alone.
    """
    global _moves
    _moves += 1
    if explorer._loop and in_use():
        go_on = _go_on, explorer, ahead(explorer, change), _moves
        explorer._loop.call_soon_threadsafe(explorer._loop.call_later, REST, *go_on)


def _go_on(explorer, states, moves, done=0):
    """One more state, and the next after a pause, if nothing has moved since."""
    with explorer._one_at_a_time:
        if moves != _moves:
            return
        start = time.perf_counter()
        state = next((state for state in states if not kept(explorer, state)), None)
        if state is None:
            return
        with suppress(Exception):  # who moves there sees what is wrong
            keep(explorer, state, explorer.draw(explorer.compute(explorer.source, **state)))
    taken = time.perf_counter() - start
    if taken < LONG:
        pause = PAUSE if done < NEAR else max(PAUSE, REPOSE * taken)
        explorer._loop.call_later(pause, _go_on, explorer, states, moves, done + 1)
    else:
        explorer._loop = None  # it takes no part any more: a kernel must not be deaf for long
