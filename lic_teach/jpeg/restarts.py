"""Restart intervals: which bytes of a scan belong to which MCUs, also where some are damaged.

    file --entropy_coded--> Payload: clean bytes, cut at the restart markers
    Payload --intervals--> [(number of an interval, number of a piece), ...]

Inside a scan FF 00 is a byte FF, FF D0 .. FF D7 are restart markers, numbered over and over, and
any other marker ends the scan (T.81 B.1.1.5). The codes FF 01 .. FF BF stand in no sound file, and
a marker with nothing sensible behind it in none before the last restart: where damage has made
one, the bytes behind it are given up, but only up to the next restart marker (as libjpeg does for
the former: jpeg_resync_to_restart in jdmarker.c). A damaged .lic file is refused as a whole
(learned/container.py). Lesson a_real_jpeg.
"""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from lic_teach.compiled import compiled

from . import markers as mk
from .bitstream import SPARE
from .errors import JpegError

MOST_STRAYS = 1000  # markers in the data of one scan that are looked at


class Payload(NamedTuple):
    """The entropy-coded bytes of a scan, cleaned.

    start: where in the file they begin; data: uint8, without stuffing, fill bytes and restart
    markers, and with SPARE zeros behind; dropped: int64, which bytes from start on are left
    out; ends: int64, where in data each piece ends; restarts: uint8, the numbers 0..7 of the
    markers between the pieces; strays: int64 (pieces, 2), where in the file a reserved code cuts
    a piece short, and that code, or -1; after: what follows the scan, in words.
    """

    start: int
    data: np.ndarray
    dropped: np.ndarray
    ends: np.ndarray
    restarts: np.ndarray
    strays: np.ndarray
    after: str

    def span(self, piece: int) -> tuple[int, int]:
        """Where in data a piece begins and ends."""
        return int(self.ends[piece - 1]) if piece else 0, int(self.ends[piece])

    def offset(self, position: int) -> int:
        """Where in the file data[position] stands."""
        kept_before = self.dropped - np.arange(len(self.dropped))
        return self.start + position + int(np.searchsorted(kept_before, position, "right"))


def entropy_coded(data: bytes, marks: mk.Markers, start: int, need: int = 1) -> tuple[Payload, int]:
    """The bytes of a scan, from start up to the next marker that is not RST; and where that is.

    need: how many restart intervals the scan should have.
    """
    i = _end_of_scan(data, marks, start, need)
    stop = int(marks.segments[i]) if i < len(marks.segments) else len(data)
    raw = np.frombuffer(data, np.uint8)[start:stop]
    at = _between(marks.restarts, start, stop) - start
    ends = np.append(at, len(raw))
    stray, interval = _first_strays(marks, start, stop, at)
    ff = _between(marks.spare, start, stop) - start
    dropped = ff + (raw[np.minimum(ff + 1, len(raw) - 1)] == 0)  # behind FF 00 the 00, of FF FF one
    if len(at):
        dropped = np.sort(np.concatenate([dropped, at, at + 1]))
    if len(stray):
        dropped = np.union1d(dropped, _inside(stray, ends[interval], len(raw)))
    ends -= np.searchsorted(dropped, ends)
    cleaned = np.zeros(len(raw) - len(dropped) + SPARE, np.uint8)
    _copy_without(dropped, raw, cleaned)
    strays = np.full((len(ends), 2), -1)
    if len(stray):
        strays[interval] = np.stack([start + stray, raw[stray + 1]], -1)
    after = mk.name(data[stop + 1]) if i < len(marks.segments) else "the end of the file"
    return Payload(start, cleaned, dropped, ends, raw[at + 1] - mk.RST0, strays, after), stop


@compiled
def _copy_without(dropped, raw, cleaned):
    """All bytes of raw but those at the places `dropped`, which ascend."""
    start = 0
    for k in range(dropped.size + 1):
        stop = dropped[k] if k < dropped.size else raw.size
        for i in range(np.uint64(start), np.uint64(stop)):
            cleaned[i - np.uint64(k)] = raw[i]
        start = stop + 1


def _end_of_scan(data: bytes, marks: mk.Markers, start: int, need: int) -> int:
    """Which of marks.segments ends the scan: where intervals are missing, the first believable one.

    libjpeg believes all of them, and loses the rest of the picture to a stray one.
    """
    first, restarts = bisect_left(marks.segments, start), bisect_left(marks.restarts, start)
    for i in range(first, min(first + MOST_STRAYS, len(marks.segments))):
        at = int(marks.segments[i])
        pieces = bisect_left(marks.restarts, at) - restarts + 1
        if pieces >= need or _believable(data, marks, i):
            return i
    return min(first + MOST_STRAYS, len(marks.segments))


def _believable(data: bytes, marks: mk.Markers, i: int) -> bool:
    """Whether a segment ends where another marker begins, and no restart comes next behind EOI."""
    at = int(marks.segments[i])
    if data[at + 1] == mk.EOI:
        following = marks.restarts[np.searchsorted(marks.restarts, at) :][:1]
        return not len(following) or bool((marks.segments[i + 1 : i + 2] < following).any())
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    found = np.searchsorted(marks.segments, end)
    return found > i and found < len(marks.segments) and marks.segments[found] == end


def _between(places: np.ndarray, start: int, stop: int) -> np.ndarray:
    return places[bisect_left(places, start) : bisect_left(places, stop)]


def _first_strays(
    marks: mk.Markers, start: int, stop: int, restarts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first marker that does not belong there in each piece that has one, and its piece."""
    inside = [_between(places, start, stop) for places in (marks.reserved, marks.segments)]
    if not any(map(len, inside)):
        return inside
    stray = np.sort(np.concatenate(inside)) - start
    interval, first = np.unique(np.searchsorted(restarts, stray), return_index=True)
    return stray[first], interval


def _inside(starts: np.ndarray, stops: np.ndarray, size: int) -> np.ndarray:
    """The places of `size` that lie in start .. stop of a pair. The pairs do not overlap."""
    step = np.zeros(size + 1, np.int8)
    step[starts] += 1
    step[stops] -= 1
    return np.flatnonzero(np.cumsum(step[:-1], dtype=np.int8))


def intervals(payload: Payload, need: int) -> tuple[list[tuple[int, int]], JpegError | None]:
    """Which piece of the data is which restart interval: [(interval, piece), ...].

    need: how many intervals the scan should have. RST markers are numbered 0..7 over and over.
    Where they do not count up, one or two are taken as lost (their intervals stay empty) or as
    repeated (the pieces behind them are skipped), as libjpeg does.
    """
    pieces = len(payload.ends)
    wrong = np.flatnonzero(payload.restarts != np.arange(pieces - 1) % 8)
    if need <= pieces and (not len(wrong) or wrong[0] >= need - 1):
        return [(number, number) for number in range(need)], None
    if len(wrong):
        k = int(wrong[0])
        at = payload.offset(payload.span(k)[1]) - 2
        problem = JpegError(f"restart marker RST{payload.restarts[k]} where RST{k % 8} belongs", at)
    else:
        at = payload.offset(payload.span(pieces - 1)[1])
        problem = JpegError(f"{pieces} of {need} restart intervals, then {payload.after}", at)
    return _resynchronized(payload.restarts.tolist(), need), problem


def _resynchronized(restarts: list[int], need: int) -> list[tuple[int, int]]:
    """jpeg_resync_to_restart: what does the marker behind each interval say?"""
    found, number, piece = [], 0, 0
    while number < need:
        found.append((number, piece))
        while piece < len(restarts) and (restarts[piece] - number) % 8 >= 6:
            piece += 1  # one or two behind: an earlier marker again, with what follows it
        if piece == len(restarts):
            break
        ahead = (restarts[piece] - number) % 8
        number += 1 + (ahead if ahead <= 2 else 0)  # one or two ahead: so many were lost
        piece += 1
    return found
