"""From a control to the new picture, for every explorer.

    python -m tools.bench.explorers [--json] [--rest SECONDS] [NAME ...]

NAME: such as Duel; all without one.

    class --cell--> a notebook's cell --in_kernel--> Rows: a control, and the time of each press
                                      --screen.measure--> the same, on the screen

In the kernel: from a control's new value until picture, plot and readout hold what belongs to
it; compute and draw, without messages. On the screen: from the key or the click until all is
painted. A slider goes through its whole range and back, ten steps each way; buttons and menus go
round. Measured on the picture that the explorer opens with, and, where it shows that whole, on
one of 512 x 512 too. A press that changes nothing does not count.
Left out: what the plots of lessons rate_distortion and showdown do by hand, which their sliders do
too, bits turned round by hand in lesson a_real_jpeg, and controls that are hidden at first.
"""

import argparse
import json as to_json
import re
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from ipywidgets import Checkbox, Dropdown, ToggleButtons, Widget
from tqdm import tqdm

from lic_teach import contents, course
from lic_teach.course.a_real_jpeg.byte_view import ByteView
from lic_teach.course.dct.block_view import BlockView
from lic_teach.course.what_is_a_good_picture.blind_test import BEGIN, TwoPictures
from lic_teach.kit.base import Explorer
from lic_teach.kit.controls import Picture, Slider, decode_picture
from tests import lab
from tools.bench import screen

STEPS = 10  # of a slider, from end to end
LARGE = "astronaut"  # the sample photograph of 512 x 512
HISTORIES = """from lic_teach.course.why_the_prior_fits.small_codec import Prior, train

histories = {"fixed N(0, 1)": train(Prior()), "learned σ": train(Prior(learned=True))}
"""
NEEDED = {"Fitting": (HISTORIES, ["histories"])}  # what a class is made from, if not from nothing


class Row(NamedTuple):
    """One control of one explorer; times in milliseconds, of each press that changed anything."""

    explorer: str
    lesson: str
    picture: str  # the photograph's size; "" where the explorer has none
    cell: str
    kind: str  # a key of screen.PRESSES; "" for a game, or where the explorer could not be made
    control: str
    kernel: list[float]
    screen: list[float] = []
    problem: str = ""  # what went wrong, in words


def run(names: list[str], json: bool = False, rest: float = 0, presses: int = 20) -> None:
    """Measure and print all explorers, or those named. ValueError for a name that is none."""
    rows, why = measure(chosen(names), presses, rest)
    print(to_json.dumps([as_dict(row) for row in rows], indent=2) if json else report(rows))
    if why:
        print(f"Not measured on the screen: {why}", file=sys.stderr)


def chosen(names: list[str]) -> list[type]:
    """Classes by their names, in the order of the lessons; all where there is no name."""
    kinds = {kind.__name__: kind for kind in course.classes()}
    for name in names:
        if name not in kinds:
            raise ValueError(f"no explorer {name!r}: there are {', '.join(kinds)}")
    return sorted([kinds[name] for name in names or kinds], key=lambda kind: lesson(kind))


def lesson(kind: type) -> str:
    """The number of the lesson in whose room an explorer stands; "" for any other."""
    room = re.match(r"lic_teach\.course\.(\w+)", kind.__module__)
    return contents.notebook(room[1]).name[:2] if room else ""


def measure(kinds: list[type], presses: int, rest: float = 0) -> tuple[list[Row], str]:
    """The rows of these classes; and why the screen is not in them, in words, if it is not."""
    rows, why = measure_in_kernel(kinds, presses), lab.no_browser()
    if not why:
        try:
            return screen.measure(rows, presses, rest), ""
        except Exception as error:  # whatever it is, the kernel's times are kept
            why = in_words(error)
    return rows, why


def measure_in_kernel(kinds: list[type], presses: int) -> list[Row]:
    """The rows of these classes, without the screen."""
    bar = tqdm(kinds, desc="in the kernel", disable=None)
    return [row for kind in bar for row in kernel_rows(kind, presses)]


# --- in the kernel -----------------------------------------------------------------------


def cell(kind: type, image: str | None = None) -> str:
    """What a learner would write to get this explorer."""
    before, arguments = NEEDED.get(kind.__name__, ("", []))
    arguments = ", ".join(arguments + ([f'image="{image}"'] if image else []))
    imported = f"from {kind.__module__} import {kind.__name__}\n"
    return f"{imported}{before}\nexplorer = {kind.__name__}({arguments})\nexplorer"


def kernel_rows(kind: type, presses: int) -> Iterator[Row]:
    """All controls of one class, on its own picture and perhaps on LARGE."""
    explorer = yield from _rows(kind, cell(kind), presses)
    if explorer is not None and shows_whole(explorer) and explorer.image.shape[:2] != (512, 512):
        yield from _rows(kind, cell(kind, LARGE), presses)


def _rows(kind, code, presses):
    """Yields the rows of one cell; returns its explorer, or None where it raised."""
    about = kind.__name__, lesson(kind)
    made = {}
    try:
        exec(code, made)
        explorer = made["explorer"]
    except Exception as error:
        yield Row(*about, "", code, "", "", [], problem=in_words(error))
        return None
    image = explorer.image
    size = "" if image is None else f"{image.shape[1]} x {image.shape[0]}"
    first = explorer.state
    for move in moves(explorer):
        try:
            explorer.set(**first)
            times, problem = in_kernel(explorer, move, presses), ""
        except Exception as error:
            times, problem = [], in_words(error)
        yield Row(*about, size, code, move.kind, move.label, times, problem=problem)
    return explorer


def in_words(error: Exception) -> str:
    """What an error says, or its kind where it says nothing."""
    return str(error).strip() or type(error).__name__


def in_kernel(explorer: Explorer, move: "Move", presses: int) -> list[float]:
    """Milliseconds of each press; the first value is only where they start from."""
    times = []
    for press in range(presses + 1):
        before = explorer.result
        start = time.perf_counter()
        setattr(move.widget, move.trait, move.values[press % len(move.values)])
        taken = time.perf_counter() - start
        if press and explorer.result is not before:
            times.append(1000 * taken)
    return times


def shows_whole(explorer: Explorer) -> bool:
    """Whether its picture is as large as the photograph."""
    shown = explorer.picture.value
    shown = shown[0] if isinstance(shown, tuple) else shown
    if explorer.image is None or not shown:
        return False
    return decode_picture(shown).shape == explorer.image.shape


class Move(NamedTuple):
    """One control, and the values it goes through, again and again."""

    kind: str  # a key of screen.PRESSES; "" for what is measured in the kernel alone
    label: str
    widget: Widget
    trait: str
    values: list


def moves(explorer: Explorer) -> list[Move]:
    """All controls that can be seen, and the picture where it can be clicked."""
    found = [_move(control) for control in explorer.controls.values() if visible(control)]
    picture = explorer.picture
    if isinstance(picture, Picture) and picture.cell:
        row, column = picture.at
        places = [(row, column + picture.cell * i) for i in there_and_back(8)]
        found.append(Move("picture", "a place in the picture", picture, "at", places))
    if isinstance(picture, TwoPictures):
        rounds = [(BEGIN, *["left"] * n) for n in range(picture.rounds + 1)]
        found.append(Move("", "a round", picture, "moves", rounds))
    return [move for move in found if move]


def visible(control: object) -> bool:
    """Whether this is a widget that is shown."""
    return isinstance(control, Widget) and control.layout.display != "none"


def _move(control):
    if isinstance(control, Slider):
        return Move("slider", control.label, control, "value", moves_of_slider(control))
    if isinstance(control, ToggleButtons | Dropdown):
        kind = "choice" if isinstance(control, ToggleButtons) else "menu"
        options = [value for _, value in control._options_full]
        return Move(kind, control.description, control, "value", options)
    if isinstance(control, Checkbox):
        return Move("checkbox", control.description, control, "value", [False, True])
    if isinstance(control, BlockView):
        values = [((0, 100.0 * i),) for i in there_and_back(STEPS)]
        return Move("block", "Coefficient", control, "value", values)
    if isinstance(control, ByteView):
        values = [control.value + 160 * i for i in there_and_back(8)]
        return Move("bytes", "Byte", control, "value", values)
    return None


def moves_of_slider(slider: Slider) -> list[float]:
    """From its lower end to the upper one and back, in STEPS steps or as many as it has."""
    space = np.geomspace if slider.log else np.linspace
    steps = STEPS if slider.log else (slider.maximum - slider.minimum) / slider.step
    steps = min(STEPS, round(steps))
    places = space(slider.minimum, slider.maximum, steps + 1).tolist()
    return [places[i] for i in there_and_back(steps)]


def there_and_back(steps: int) -> list[int]:
    """0, 1, ... steps, ... 1."""
    return [*range(steps), *range(steps, 0, -1)]


# --- the table ---------------------------------------------------------------------------


def summary(times: list[float]) -> dict[str, float] | None:
    """Median and 90th percentile in milliseconds, and how many presses; None without a press."""
    if not times:
        return None
    median, slow = np.percentile(times, [50, 90]).tolist()
    return {"median_ms": round(median, 1), "p90_ms": round(slow, 1), "presses": len(times)}


def as_dict(row: Row) -> dict:
    """A row for JSON."""
    kept = {name: getattr(row, name) for name in ("explorer", "lesson", "picture", "control")}
    times = {name: summary(getattr(row, name)) for name in ("kernel", "screen")}
    return kept | times | {"problem": row.problem}


def report(rows: list[Row]) -> str:
    """The rows as text."""
    lines = ["Milliseconds from a press to the new picture: median (90th percentile), presses", ""]
    lines += [f"{'lesson, explorer':20} {'picture':10} {'control':24}{'kernel':>18}{'screen':>18}"]
    for row in rows:
        columns = "".join(f"{_time(times):>18}" for times in (row.kernel, row.screen))
        name = f"{row.lesson} {row.explorer}"
        lines.append(f"{name:20} {row.picture:10} {row.control:24}{columns}")
        if row.problem:
            lines.append(f"   did not work: {row.problem}")
    return "\n".join(lines)


def _time(times):
    found = summary(times)
    if not found:
        return "-"
    return f"{found['median_ms']:.0f} ({found['p90_ms']:.0f}) {found['presses']:3}"


def main(words: list[str] | None = None) -> None:
    """The command above; a name that is none ends it with the names that there are."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.explorers")
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as Duel; all without")
    parser.add_argument("--json", action="store_true", help="instead of a table")
    parser.add_argument("--rest", type=float, default=0, help="seconds before every press")
    options = parser.parse_args(words)
    try:
        run(options.names, options.json, options.rest)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
