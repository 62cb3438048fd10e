"""What the explorer draws, as SVG: three curves, three parallel tangents, one budget.

D across, R up, the same axes in all three panels: the files of one L lie on a straight line of
slope dR/dD = -lambda, and one lambda has one slope everywhere. Under them the bytes of the three
files, one behind the other, and where the budget ends. Each panel carries a rectangle .lic-grab
that tangent.js listens to.
"""

from html import escape

from lic_teach.kit.axes import Axes, legend, stroke, within
from lic_teach.kit.plots import JPEG, PAPER, QUIET, TEXT, text, titled

NAMES = ("your picture", "coffee", "page of text")
BUDGET = 80_000  # bytes
WIDTH, HEIGHT = 440, 480
PANELS = ((34, 78, 158, 340), (174, 78, 298, 340), (314, 78, 438, 340))  # left, top, right, bottom
BAR = (34, 422, 438, 446)
LAM_RANGE = 4e-3, 3e-2  # the axes show every point that such a lambda chooses
STYLES = {"4:2:0": ("circle", ""), "4:4:4": ("open square", "5 3")}


def plot(result) -> str:
    """tangent.Result -> SVG."""
    title = f"λ = {result.lam:.3g}: three lines of one slope"
    body = legend(330, 15, {n: stroke(JPEG, 2, d, m) for n, (m, d) in STYLES.items()})
    for i, name in enumerate(NAMES):
        body += _panel(result, i, escape(name))
    return titled(WIDTH, HEIGHT, title, body + _bar(result))


def limits(source) -> tuple[float, float]:
    """The largest D and R that the panels show."""
    low, high = LAM_RANGE
    coarse = [min(curve, key=lambda file: file.cost(low)).mse for curve in source.curves]
    costs = [min(file.cost(high) for file in curve) for curve in source.curves]
    return max(1.05 * max(coarse), 1.0), 1.05 * max(costs)


def line(result, i: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of the tangent of picture i inside its axes: (D, R) and (D, R)."""
    lam, cost = result.lam, result.chosen[i].cost(result.lam)
    right = min(cost / lam, limits(result.source)[0])
    return (0.0, cost), (right, cost - lam * right)


def _panel(result, i, name):
    """One picture: its curves, the line and the file that it touches."""
    largest, (left, top, right, bottom) = limits(result.source), PANELS[i]
    ax = Axes((0, largest[0]), (0, largest[1]), PANELS[i], size=11)
    up = within(0, largest[1])
    across = within(0, largest[0])
    drawn = ax.grid(across[:: 1 + len(across) // 4], up if i == 0 else dict.fromkeys(up, ""))
    drawn += text(left, top - 10, name, anchor="start", weight=600)
    for codec, (mark, dash) in STYLES.items():
        files = [file for file in result.source.curves[i] if file.codec == codec]
        x, y = ([getattr(file, axis) for file in files] for axis in ("mse", "bpp"))
        drawn += ax.line(x, y, JPEG, 1.5, dash, 2, mark)
    file = result.chosen[i]
    drawn += ax.line(*zip(*line(result, i), strict=True), TEXT)
    drawn += ax.mark(file.mse, file.bpp, JPEG, STYLES[file.codec][0], 7)
    if i == 0:
        drawn += text(1, top - 30, "R, bits per pixel", anchor="start")
    if i == 1:
        drawn += text((left + right) / 2, bottom + 36, "D, mean squared error")
    return drawn + (
        f'<rect class="lic-grab" x="{left}" y="{top}" width="{right - left}" '
        f'height="{bottom - top}" data-across="{largest[0]:.6g}" '
        f'data-up="{largest[1]:.6g}" style="fill:transparent;cursor:grab;touch-action:none"/>'
    )


def _bar(result):
    """The bytes of the three files in a row, and the budget."""
    left, top, right, bottom = BAR
    whole = max(1.25 * BUDGET, 1.02 * result.size)

    def place(size):
        return left + (right - left) * size / whole

    drawn, spent = "", 0
    for file, letter in zip(result.chosen, "123", strict=True):
        x0, x1 = place(spent), place(spent + file.size)
        drawn += (
            f'<rect x="{x0:.1f}" y="{top}" width="{x1 - x0:.1f}" height="{bottom - top}" '
            f'style="fill:{JPEG};stroke:{PAPER}"/>'
        )
        if x1 - x0 > 12:
            drawn += text((x0 + x1) / 2, top + 17, letter, PAPER, weight=600)
        spent += file.size
    end = place(BUDGET)
    fits = "within" if result.size <= BUDGET else "over"
    words = f"{result.size:,} bytes, {fits} the budget of {BUDGET:,}"
    return (
        drawn
        + f'<path d="M{end:.1f} {top - 6}V{bottom + 6}" stroke-width="2" style="stroke:{TEXT}"/>'
        + text(left, top - 10, words, anchor="start", weight=600)
        + text(end, bottom + 18, "budget", QUIET if fits == "within" else TEXT)
    )
