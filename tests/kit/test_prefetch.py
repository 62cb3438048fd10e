"""What is computed ahead: the right states, shown as if computed now, and given up at a move."""

import asyncio
import tracemalloc

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown

from lic_teach import images
from lic_teach.course.dct.dct_builder import DctBuilder
from lic_teach.course.entropy_coding.block_bits import BlockBits
from lic_teach.course.jpeg_by_lambda.trellis_path import TrellisPath
from lic_teach.course.quantization.quantization import Quantization
from lic_teach.course.showdown.showdown import JPEG, Showdown
from lic_teach.course.start_here.duel import Duel
from lic_teach.kit import prefetch, stops
from lic_teach.kit.base import Explorer, View, leaves
from lic_teach.kit.controls import LamSlider, Picture, QualitySlider, Slider, choice, encode_picture
from lic_teach.site.record import traits

GREY = np.full((48, 64, 3), 90, np.uint8)
PIECE = images.sample("coffee")[100:196, 200:328]


@pytest.fixture(autouse=True)
def on(monkeypatch):
    """Prefetch as in a notebook, without a wait, and nothing kept at first."""
    monkeypatch.setenv("LIC_TEACH_PREFETCH", "1")
    monkeypatch.setattr(prefetch, "REST", 0)
    monkeypatch.setattr(prefetch, "PAUSE", 0)
    monkeypatch.setattr(prefetch, "REPOSE", 0)
    monkeypatch.setattr(prefetch, "LONG", float("inf"))
    monkeypatch.setattr(prefetch, "_kept", type(prefetch._kept)())
    monkeypatch.setattr(prefetch, "_sizes", {})


class Counted(Explorer):
    """It notes what it computes."""

    def __init__(self, **controls):
        self.computed = []
        super().__init__(GREY, picture=Picture(cell=16), **controls)

    def compute(self, image, **state):
        self.computed.append(state)
        return state

    def draw(self, result):
        return View(encode_picture(GREY), str(result), str(result))


def counted(**more):
    words = choice("Show", ["a", "b", "c"])
    return Counted(level=Slider(5, 0, 100), show=words, box=Checkbox(False), **more)


async def rest():
    """Until nothing is to be computed any more: ten turns of the loop have brought nothing."""
    before = -1
    while before != len(prefetch._kept):
        before = len(prefetch._kept)
        for _ in range(10):
            await asyncio.sleep(0)


def displayed(explorer):
    """As a cell shows it; the picture of a page without a kernel is not made."""
    explorer._loop = prefetch.loop()
    prefetch.after(explorer)
    return explorer


# --- which states come next --------------------------------------------------------------


def test_the_nearest_state_of_each_control_comes_first():
    found = list(stops.ahead(counted()))
    first = dict(level=5, show="a", box=False, at=(0, 0))
    assert found[:4] == [
        first | move for move in (dict(level=6), dict(show="b"), dict(box=True), dict(at=(0, 16)))
    ]
    levels = [state["level"] for state in found if state["level"] != 5]
    assert levels[:6] == [6, 4, 15, 0, 100, 7]
    assert len(levels) == len(set(levels)) and set(range(46)) - {5} <= set(levels)


@pytest.mark.parametrize(
    "name, moves, onward",
    [
        ("level", [5, 8], 11),
        ("level", [60, 40], 20),
        ("level", [80, 95], 100),  # a key stops at the end, too
        ("lam", [0.01, 0.02], 0.0398),  # 12 places up twice: 10 ** (-56 / 40)
        ("show", ["b"], "c"),
        ("show", ["c"], "a"),
        ("box", [True], False),
        ("at", [(0, 16)], (0, 32)),
        ("at", [(32, 16), (16, 16)], (0, 16)),
    ],
)
def test_the_last_move_once_more_comes_before_all(name, moves, onward):
    async def lesson():
        explorer = displayed(counted(lam=LamSlider(0.01)))
        for place in moves:
            (explorer.picture if name == "at" else explorer).set_trait(name, place)
        moved = len(explorer.computed)
        await rest()
        return explorer.computed[moved - 1 : moved + 1]

    last, ahead = asyncio.run(lesson())
    assert last[name] == moves[-1] and ahead == last | {name: onward}


@pytest.mark.parametrize(
    "slider", [LamSlider(), QualitySlider(), Slider(0.3, -0.6, 0.6, step=0.01)]
)
def test_stops_of_a_slider_are_values_that_it_holds_as_they_are(slider):
    for state in stops.ahead(Counted(x=slider)):
        held = slider.held(state["x"])
        assert held == state["x"] and type(held) is type(state["x"])


def test_a_control_that_is_hidden_does_not_count():
    hidden = Slider(1, 0, 9)
    hidden.layout.display = "none"
    explorer = Counted(hidden=hidden, menu=Dropdown(options=[("one", 1), ("two", 2)]))
    assert {state["hidden"] for state in stops.ahead(explorer)} == {1}
    assert {state["menu"] for state in stops.ahead(explorer)} == {1, 2}


# --- what is shown -----------------------------------------------------------------------


def test_what_was_computed_ahead_is_not_computed_again():
    async def lesson():
        explorer = displayed(counted())
        await rest()
        explorer.computed.clear()
        explorer.level = 6
        explorer.show = "b"  # both moved: that was not next, it is computed now
        return list(explorer.computed), explorer.readout.summary

    computed, words = asyncio.run(lesson())
    both = dict(level=6, show="b", box=False, at=(0, 0))
    assert computed == [both] and words == str(both)


def test_the_result_is_computed_when_it_is_asked_for():
    async def lesson():
        explorer = displayed(counted())
        await rest()
        explorer.computed.clear()
        explorer.level = 6
        none = list(explorer.computed)
        return none, explorer.result, explorer.result is explorer.result, list(explorer.computed)

    none, result, same, computed = asyncio.run(lesson())
    assert none == [] and result["level"] == 6 and same and computed == [result]


@pytest.mark.parametrize(
    "make, moves",
    [
        (lambda: Quantization(PIECE), [dict(quality=51), dict(at=(88, 112)), dict(quality=1)]),
        (lambda: Duel(PIECE), [dict(lam=0.0106), dict(match="equal bits")]),
        (lambda: TrellisPath(PIECE), [dict(lam=0.0106), dict(lam=0.1)]),
        (lambda: BlockBits(PIECE), [dict(quality=51), dict(at=(88, 112)), dict(step=1)]),
        (lambda: DctBuilder(PIECE), [dict(keep=9), dict(at=(88, 112)), dict(waves=True)]),
        (lambda: Showdown(PIECE), [dict(n=4), dict(beside=JPEG), dict(codec="JPEG by λ")]),
    ],
)
def test_an_explorer_shows_what_it_shows_without_prefetch(make, moves):
    """Every widget of it; and nothing is computed, not even afterwards."""

    def shown(explorer):
        return [
            {
                name: value
                for name, value in traits(widget).items()
                if name not in ("position", "style")
            }
            for widget in leaves(*explorer.children)
        ]

    async def lesson():
        explorer = displayed(make())
        seen = []
        for move in moves:
            await rest()
            explorer.set(**move)
            seen.append(shown(explorer))
            assert explorer._result is None
        return seen

    alone = make()
    for seen, move in zip(asyncio.run(lesson()), moves, strict=True):
        alone.set(**move)
        assert seen == shown(alone)


def test_another_picture_has_views_of_its_own():
    async def lesson():
        explorer = displayed(Quantization("coffee"))
        await rest()
        explorer.load("rocket")
        explorer.quality = 51
        return explorer.picture.value

    alone = Quantization("rocket")
    alone.quality = 51
    assert asyncio.run(lesson()) == alone.picture.value


# --- when it works, and when not ---------------------------------------------------------


def test_a_move_gives_up_what_was_begun():
    async def lesson():
        explorer = displayed(counted())
        while len(explorer.computed) < 3:
            await asyncio.sleep(0)
        explorer.level = 50
        moved = len(explorer.computed)
        await rest()
        return list(explorer.computed[moved:])

    after = asyncio.run(lesson())
    assert after[0]["level"] == 51 and {state["show"] for state in after} == {"a", "b", "c"}
    assert all(state["level"] == 50 or state["show"] == "a" for state in after)


def test_only_the_explorer_that_was_moved_last_works_ahead():
    async def lesson():
        one, other = displayed(counted()), displayed(counted())
        await rest()
        return len(one.computed), len(other.computed)

    one, other = asyncio.run(lesson())
    assert one == 1 and other > 50


@pytest.mark.parametrize("setting", ["0", ""])
def test_it_is_off_where_it_shall_be(setting, monkeypatch):
    monkeypatch.setenv("LIC_TEACH_PREFETCH", setting)  # "": as if it were not set, in a test

    async def lesson():
        explorer = displayed(counted())
        await rest()
        return list(explorer.computed)

    assert len(asyncio.run(lesson())) == 1 and not prefetch._kept


def test_nothing_works_ahead_without_an_event_loop():
    explorer = displayed(counted())
    explorer.level = 6
    assert explorer._loop is None and len(explorer.computed) == 2 and not prefetch._kept


def test_the_oldest_views_go_where_there_are_too_many_bytes(monkeypatch):
    view = View(b"p" * 1000, "", "")
    monkeypatch.setattr(prefetch, "MOST", 3.5 * prefetch.size(view))
    explorer = counted()
    explorer._loop = object()
    for level in range(5):
        prefetch.keep(explorer, {"level": level}, view)
        assert prefetch.kept(explorer, {"level": 0}), "just asked for, so not the oldest"
    kept = [level for level in range(5) if prefetch.kept(explorer, {"level": level})]
    assert kept == [0, 3, 4] and sum(prefetch._sizes.values()) <= prefetch.MOST


@pytest.mark.parametrize("letter", ["x", "λ", "𝝀"])
def test_what_a_view_takes_is_counted_as_the_interpreter_counts_it(letter):
    def held():
        more = {"block": b"b" * 50_000, "names": [letter * 50_000]}
        return View(b"p" * 100_000, letter * 100_000, letter, letter * 100_000, more)

    tracemalloc.start()
    view = held()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert prefetch.size(view) == pytest.approx(taken, rel=0.01)


def test_a_state_that_takes_long_is_the_last(monkeypatch):
    monkeypatch.setattr(prefetch, "LONG", 0)

    async def lesson():
        explorer = displayed(counted())
        await rest()
        explorer.level = 50  # computed now, and nothing after it
        await rest()
        return list(explorer.computed)

    assert len(asyncio.run(lesson())) == 3  # the one that is shown, one more, and the move


def test_states_further_away_leave_the_kernel_free_most_of_the_time(monkeypatch):
    monkeypatch.setattr(prefetch, "REPOSE", 4)
    clock, pauses, waiting = [0.0], [], []
    monkeypatch.setattr(prefetch.time, "perf_counter", lambda: clock[0])

    class Slow(Counted):
        def draw(self, result):
            clock[0] += 0.04
            return super().draw(result)

    class Loop:
        def call_soon_threadsafe(self, call, *arguments):
            call(*arguments)

        def call_later(self, pause, call, *arguments):
            pauses.append(pause)
            waiting.append((call, arguments))

    explorer = Slow(level=Slider(5, 0, 100))
    explorer._loop = Loop()
    prefetch.after(explorer)
    while waiting:
        call, arguments = waiting.pop()
        call(*arguments)
    first, near, far = pauses[0], pauses[1 : prefetch.NEAR + 1], pauses[prefetch.NEAR + 1 :]
    assert first == prefetch.REST and set(near) == {prefetch.PAUSE} and len(far) > 20
    assert far == pytest.approx([0.16] * len(far))


def test_an_error_ahead_is_not_shown():
    class Breaks(Counted):
        def compute(self, image, level, at):
            if level == 6:
                raise ValueError("six")
            return super().compute(image, level=level, at=at)

    async def lesson():
        explorer = displayed(Breaks(level=Slider(5, 0, 10)))
        await rest()
        quiet = explorer.readout.summary
        with pytest.raises(ValueError, match="six"):
            explorer.level = 6
        return quiet, explorer.readout.summary, explorer.computed

    quiet, loud, computed = asyncio.run(lesson())
    assert "'level': 5" in quiet and loud == "six" and {s["level"] for s in computed} >= {4, 7}
