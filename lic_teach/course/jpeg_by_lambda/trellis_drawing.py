"""What the explorer of the trellis draws as SVG: hops above the coefficients, numbers below.

A column is a coefficient that does not round to zero, in zig-zag order. Grey arcs are the cheapest
way to each column, orange ones the cheapest way through the block, with what each costs in bits.
Under them the coefficient in steps, what rounding makes of it, and what is chosen.
"""

from lic_teach.kit import plots
from lic_teach.kit.plots import JPEG, QUIET, TEXT, minus, text

WIDTH, LEFT, RIGHT = 660, 74, 36
BASE, HEIGHT = 148, 262
TALL = 92  # pixels, of the longest arc
ROWS = {"place": 24, "c / Δ": 44, "rounded": 64, "chosen": 86}


def plot(result) -> str:
    """A trellis_path.Result -> SVG text."""
    columns = len(result.places) + 2
    pitch = (WIDTH - LEFT - RIGHT) / max(columns - 1, 1)
    x = [LEFT + pitch * i for i in range(columns)]
    body = "".join(_arc(x, hop, QUIET, 0.7) for hop in result.hops)
    body += "".join(_arc(x, hop, JPEG, 3) + _price(x, hop) for hop in result.ways)
    body += _nodes(x, result) + _numbers(x, result, min(12, 0.45 * pitch))
    bottom = (
        "orange: the cheapest way, and the bits of each hop; grey: the cheapest way to each column"
    )
    body += text(1, HEIGHT - 6, bottom, QUIET, anchor="start", size=11)
    kept = len(result.ways) - 1
    title = (
        f"{len(result.places)} coefficients, {kept} are worth their bits at λ = {result.lam:.3g}"
    )
    return plots.titled(WIDTH, HEIGHT, title, body, label(result))


def label(result) -> str:
    """What a screen reader says of the drawing: the hops of the cheapest way."""
    hops = [
        f"{minus(result.chosen[result.places[hop.end - 1]])} at {result.places[hop.end - 1]}, "
        f"{hop.bits:.0f} bits"
        for hop in result.ways[:-1]
    ]
    return "; ".join(["The cheapest way: DC", *hops, f"EOB, {result.ways[-1].bits:.0f} bits"])


def _top(x, hop):
    """How high an arc rises: with its length, so that none hides another."""
    share = (x[hop.end] - x[hop.start]) / (x[-1] - x[0])
    return TALL * share**0.5


def _arc(x, hop, color, width):
    start, end = x[hop.start], x[hop.end]
    up = 4 / 3 * _top(x, hop)  # of the control points, for an arc that rises by _top
    bend = f"{start:.1f} {BASE - up:.1f} {end:.1f} {BASE - up:.1f}"
    d = f"M{start:.1f} {BASE}C{bend} {end:.1f} {BASE}"
    return f'<path d="{d}" fill="none" stroke-width="{width}" style="stroke:{color}"/>'


def _price(x, hop):
    """The bits of a hop, over its arc."""
    middle, up = (x[hop.start] + x[hop.end]) / 2, _top(x, hop)
    return text(middle, BASE - up - 5, f"{hop.bits:.0f}", JPEG, size=11, weight=600, halo=True)


def _nodes(x, result):
    """A dot a column: full where it is kept, with a hole where it falls."""
    stops = {0, len(x) - 1, *(hop.end for hop in result.ways)}
    looks = [(JPEG, JPEG) if i in stops else (plots.PAPER, QUIET) for i in range(len(x))]
    return "".join(
        f'<circle cx="{place:.1f}" cy="{BASE}" r="5" stroke-width="2" '
        f'style="fill:{fill};stroke:{edge}"/>'
        for place, (fill, edge) in zip(x, looks, strict=True)
    )


def _numbers(x, result, size):
    """Four rows of numbers under the columns."""
    body = "".join(
        text(1, BASE + down, name, anchor="start", size=12) for name, down in ROWS.items()
    )
    for place, name in ((x[0], "DC"), (x[-1], "EOB")):
        body += text(place, BASE + ROWS["place"], name, size=11)
    for place, k in zip(x[1:-1], result.places, strict=True):
        was, now = int(result.rounded[k]), int(result.chosen[k])
        fell = dict(fill=QUIET) if now == was else dict(fill=JPEG, weight=700)
        rows = (
            (k, dict(fill=QUIET)),
            (f"{result.sizes[k]:.1f}", {}),
            (was, {}),
            (now, fell if now != was else dict(fill=TEXT)),
        )
        for (number, look), down in zip(rows, ROWS.values(), strict=True):
            body += text(place, BASE + down, minus(number), size=round(size, 1), **look)
    return body
