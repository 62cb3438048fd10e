"""Two processes for one large picture, which end when the work is given up.

    {name: (function, arguments)} --run--> {name: result}

For compare.py; the studies of whole folders leave this to joblib (curves.py).
"""

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import resource_tracker

from tqdm import tqdm

from lic_teach.files import about

WORTH_A_PROCESS = 500_000  # pixels


@contextmanager
def workers(pixels: int) -> Iterator[ProcessPoolExecutor | None]:
    """Two processes for a picture of so many pixels, or none where they are not worth it.

    Where the work is left by an error or by Ctrl-C, they are ended in the midst of theirs.
    """
    if pixels <= WORTH_A_PROCESS:
        yield None
        return
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        resource_tracker.ensure_running()  # it takes the semaphores away if this process cannot
    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            pool.shutdown(cancel_futures=True)
            raise


def run(pool: ProcessPoolExecutor | None, bar: tqdm, work: dict[str, tuple]) -> dict:
    """{name: (function, *arguments)} -> {name: result}, in the pool or, without one, here.

    An error names whose work it was.
    """
    results = {}
    if pool is None:
        for name, (function, *arguments) in work.items():
            with about(name):
                results[name] = function(*arguments)
            bar.update()
        return results
    with deaf():
        futures = {pool.submit(*call): name for name, call in work.items()}
    for future in as_completed(futures):
        with about(futures[future]):
            results[futures[future]] = future.result()
        bar.update()
    return results


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that start meanwhile never hear Ctrl-C, which goes to all of a terminal.

    Each would answer with a traceback; the first one ends the others (workers).
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
