"""The scoreboard: how many bytes each changed part saves at equal PSNR, as bars left of zero.

    rows = [Row("two flat steps", -14.1, (-18.4, -9.9), "jpeg_by_lambda"), ...]
    rows --scoreboard--> SVG text

    subject of a lesson --board--> the same of the course's own rows, up to this lesson's or all

JPEG as most programs write it is the zero at the right. A bar is that of the mean curves; the thin
line on it goes from the picture that saves most to the one that saves least. The course's rows are
measured by tools/scoreboard.py.
"""

import json
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from lic_teach.kit.axes import Axes, within
from lic_teach.kit.plots import JPEG, QUIET, TEXT, minus, text, titled
from lic_teach.paths import DATA

FILE = DATA / "scoreboard.json"
BARS, WORDS, LETTER = 390, 250, 6.3  # widths: of the bars, of the words at least, of a letter
ROW, TOP, BOTTOM = 28, 34, 46


class Row(NamedTuple):
    """One changed part."""

    words: str
    percent: float  # of bytes at equal PSNR, below 0 where they are saved
    spread: tuple[float, float] | None = None  # of the single pictures: lowest, highest
    subject: str = ""  # of the lesson that earned it
    color: str = JPEG


def board(subject: str = "") -> str:
    """The course's scoreboard as it stands at the end of a lesson that earned a row: SVG text.

    Without a subject all of it.
    """
    found = json.loads(FILE.read_text(encoding="utf-8"))
    rows = [Row(**row) for row in found["rows"]]  # in the order of the lessons
    last = max((i for i, row in enumerate(rows) if subject in (row.subject, "")), default=None)
    if last is None:
        raise ValueError(f"{subject!r} has earned no row of the scoreboard")
    rows = [row._replace(subject=row.subject.replace("_", " ")) for row in rows[: last + 1]]
    low, high = found["window"]
    title = f"What each part saves: {found['pictures']}, {low:g} to {high:g} dB"
    return scoreboard(rows, title, "JPEG as most programs write it")


def scoreboard(rows: Sequence[Row], title: str, anchor: str = "") -> str:
    """Rows, in their order from above -> SVG text. anchor: what the zero is, in words."""
    height = TOP + ROW * len(rows) + BOTTOM
    values = [v for row in rows for v in (row.percent, *(row.spread or ()))]
    low, high = min(-10.0, *values), max(0.0, *values)
    room = 0.18 * (high - low)  # for the number left of the longest bar
    longest = max((len(row.words + row.subject) + 3 for row in rows), default=0)
    words = max(WORDS, LETTER * longest)
    width = round(words + BARS)
    box = words, TOP, width - 14, height - BOTTOM
    ax = Axes((low - room, high), (len(rows), 0), box)
    ticks = {t: minus(f"{t:+g} %" if t else "0") for t in within(low, high)}
    body = ax.grid(ticks, (), "bytes at equal PSNR" + f", against {anchor}" * bool(anchor))
    body += ax.rule(x=0, color=TEXT, dash="")
    for i, row in enumerate(rows):
        body += _bar(ax, row, i + 0.5)
    return titled(width, height, title, body, label(rows, title))


def _bar(ax, row, middle):
    """One row: its words, its bar, its spread, its number."""
    y = ax.y(middle)
    left, right = sorted((ax.x(row.percent), ax.x(0)))
    ends = [ax.x(v) for v in row.spread or (row.percent, row.percent)]
    lesson = f' <tspan style="fill:{QUIET}">({row.subject})</tspan>' if row.subject else ""
    number = minus(f"{row.percent:+.0f} %")
    return (
        text(1, y + 4, escape(row.words) + lesson, anchor="start")
        + f'<rect x="{left:.1f}" y="{y - 8:.1f}" width="{right - left:.1f}" height="16" '
        f'style="fill:{row.color};fill-opacity:.75"/>'
        + f'<path d="M{ends[0]:.1f} {y:.1f}H{ends[1]:.1f}" stroke-width="1.5" '
        f'style="stroke:{TEXT}"/>'
        + text(min(left, *ends) - 6, y + 4, number, anchor="end", weight=600)
    )


def label(rows: Sequence[Row], title: str) -> str:
    """The drawing as one sentence."""
    parts = "; ".join(f"{row.words} {minus(f'{row.percent:+.1f}')} percent" for row in rows)
    return f"{title}: {parts}"
