"""What fuzz_jpeg.py and fuzz_lic.py share: damage of any bytes, limits, the loop, the report.

Case n comes from the seed n and the whole files that are damaged, whose digest the report gives:
where that is the same, so are the cases. `COUNT FIRST` takes a run up where another one ended.
"""

import faulthandler
import hashlib
import json
import signal
import sys
import time
from collections import Counter

try:
    import resource
except ImportError:  # Windows: no limits, no figure for the memory
    resource = None

SECONDS, GIGABYTES = 60, 3  # processor time of one call, memory of the process
VALUES = "00 01 0F 10 11 22 44 7F 80 C0 C2 C4 D0 D9 FF"  # bytes that mean something somewhere


def bit_flips(data, rng, files):
    for place in rng.integers(0, len(data), rng.integers(1, 20)):
        data[place] ^= 1 << rng.integers(8)
    return data


def bytes_set(data, rng, files):
    """A few bytes in one place."""
    place = int(rng.integers(0, len(data)))
    new = rng.choice(list(bytes.fromhex(VALUES)), rng.integers(1, 5))
    data[place : place + rng.integers(1, 5)] = bytes(new.tolist())
    return data


def truncated(data, rng, files):
    return data[: rng.integers(0, len(data))]


def piece_lost(data, rng, files):
    """Some bytes in the middle are gone, or there twice."""
    first, last = sorted(rng.integers(0, len(data) + 1, 2))
    return data[:first] + data[last:] if rng.integers(2) else data[:last] + data[first:]


def spliced(data, rng, files):
    """The head of one file and the tail of another."""
    other = files[rng.integers(len(files))]
    return data[: rng.integers(2, len(data))] + other[rng.integers(2, len(other)) :]


ANYWHERE = [bit_flips, bit_flips, bytes_set, truncated, piece_lost, spliced]


def out_of_time(*_):
    raise TimeoutError(f"{SECONDS} s of processor time")


def limit():
    """No call takes more than SECONDS, the process no more than GIGABYTES."""
    if resource:
        resource.setrlimit(resource.RLIMIT_DATA, (GIGABYTES << 30, GIGABYTES << 30))
        signal.signal(signal.SIGPROF, out_of_time)


def timed(read):
    """Call read: what it returns, its processor time. Past SECONDS: TimeoutError; where no
    Python runs for ten times as long, the end of the process with a traceback."""
    if resource:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
    faulthandler.dump_traceback_later(10 * SECONDS, exit=True)
    start = time.process_time()
    try:
        return read(), time.process_time() - start
    finally:
        faulthandler.cancel_dump_traceback_later()
        if resource:
            signal.setitimer(signal.ITIMER_PROF, 0)


def peak_megabytes() -> float:
    """The most memory that this process has had so far."""
    if resource is None:
        return 0.0
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def run(case, files, readers, outcome, count: int, first: int) -> None:
    """Print one line of JSON about cases first .. first + count - 1.

    case: number, files -> bytes; readers: number, bytes -> {name: call}; outcome: of a call, what
    it came to. Anything that outcome does not expect ends the run with the number of the case.
    """
    limit()
    before, seen, slowest = peak_megabytes(), Counter(), (0.0, first)
    for number in range(first, first + count):
        data = case(number, files)
        for name, read in readers(number, data).items():
            try:
                found, seconds = timed(lambda read=read: outcome(read))
            except BaseException:
                print(f"case {number}, {name}, {len(data)} bytes", file=sys.stderr)
                raise
            seen[f"{name} {found}"] += 1
            slowest = max(slowest, (seconds, number))
    report = {
        "files": f"{len(files)}, sha256 {hashlib.sha256(b''.join(files)).hexdigest()[:8]}",
        "first": first,
        "cases": count,
        "outcomes": dict(sorted(seen.items())),
        "slowest_processor_seconds": round(slowest[0], 3),
        "slowest_case": slowest[1],
        "megabytes_before": round(before),
        "megabytes_peak": round(peak_megabytes()),
    }
    print(json.dumps(report))


def count_and_first() -> list[int]:
    """The arguments of the program."""
    return [int(a) for a in sys.argv[1:]] + [300, 0][len(sys.argv) - 1 :]
