"""Is every state on a built site what the live explorer shows? Reported, not a test: a minute.

    lic-teach site pages && python -m tools.site_states pages

Makes each explorer anew from its lesson's cell, moves it through the states of its recording in
random order, and compares what its widgets then hold: pictures by their pixels, all else as it is.
"""

import contextlib
import io
import random
import sys
from itertools import product
from pathlib import Path

import nbformat

from lic_teach.paths import LESSONS
from lic_teach.site import pages
from lic_teach.site.record import leaves as widgets
from lic_teach.site.record import shown
from lic_teach.site.states import live
from tests.site.test_site import pixels, recording


def explorers(lesson):
    """Every explorer that a notebook shows, made anew."""
    code = [c for c in nbformat.read(lesson, as_version=4).cells if c.cell_type == "code"]
    for number, cell in enumerate(code):
        if any(pages.is_explorer(output) for output in cell.outputs):
            yield pages.explorer_of(code, number)


def same(out, page, now):
    """A trait on the page, against the live one: pictures are names of files there."""
    if isinstance(now, bytes):
        return bool(page) == bool(now) and (
            not now or (pixels(out / page) == pixels(io.BytesIO(now))).all()
        )
    if isinstance(now, tuple | list):
        return all(same(out, a, b) for a, b in zip(page, now, strict=True))
    return page == now


def different(out, explorer, content):
    """How many states of a recording are not the live explorer's, and how many there are."""
    controls, values, wrong = live(explorer), content["values"], 0
    moved = [control.widget for control in controls]
    found = [w for w in widgets(explorer) if shown(explorer, w, controls)]
    states = list(enumerate(product(*(control.values for control in controls))))
    assert len(states) == len(content["states"])
    for state, chosen in random.sample(states, len(states)):
        explorer.set(**{c.name: value for c, value in zip(controls, chosen, strict=True)})
        page = [{name: values[n] for name, n in each.items()} for each in content["start"]]
        for (widget, name), n in zip(content["varying"], content["states"][state], strict=True):
            page[widget][name] = values[n]
        wrong += not all(
            same(out, traits[name], getattr(widget, name))
            for widget, traits in zip(found, page, strict=True)
            for name in {"value", "summary", "alt"} & set(traits)
            if widget not in moved
        )
    return wrong, len(states)


if __name__ == "__main__":
    out, total, seen = Path(sys.argv[1]).resolve(), 0, set()
    with contextlib.chdir(LESSONS):
        for lesson in sorted(Path().glob("*.ipynb")):
            for explorer in explorers(lesson):
                key = f"{lesson.stem[3:]}-{type(explorer).__name__.lower()}"
                key += "-more" * (key in seen)  # the second of its kind, as in site/store.py
                seen.add(key)
                if (out / "_static" / "recordings" / f"{key}.js").exists():
                    wrong, count = different(out, explorer, recording(out, key))
                    total += count
                    print(f"{key}: {wrong} of {count} states differ", flush=True)
    print(f"{total} states compared")
