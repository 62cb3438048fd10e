"""What the explorer draws: L over the encoder's work, with both JPEGs as lines.

Blue squares are the learned codec, which has one decoder for all pictures; black circles are the
overfitted one.
"""

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import JPEG, LEARNED, TEXT, ticks, titled

WIDTH, HEIGHT = 560, 300
BOX = 44, 48, 470, 250
LEAST, MOST = 3e3, 2e7  # multiplications a pixel
WORK = {1e4: "10 thousand", 1e5: "100 thousand", 1e6: "1 million", 1e7: "10 million"}
TALL = 2.0  # times the least L is what is shown


def plot(result) -> str:
    """effort.Result -> SVG."""
    stations, lam = result.source.stations, 0.01
    costs = [station.coded.cost(lam) for station in stations]
    others = {"JPEG": result.source.jpeg.cost(lam), "JPEG by λ": result.source.by_lam.cost(lam)}
    lowest = min(*costs, *others.values())
    up = [t for t in ticks(0.95 * lowest, TALL * lowest) if t <= TALL * lowest]
    ax = Axes((LEAST, MOST), (up[0], TALL * lowest), BOX, log="x")
    drawn = ax.grid(WORK, up, "multiplications a pixel, to encode", "L = R + λD")
    for (name, cost), dash in zip(others.items(), ("", "2 4"), strict=True):
        drawn += ax.rule(y=min(cost, TALL * lowest), color=JPEG, dash=dash, width=2)
        drawn += ax.text(MOST, cost, name, 6, 4, JPEG, anchor="start", weight=600)
    looks = (False, "learned", LEARNED, "square"), (True, "overfitted", TEXT, "circle")
    for own, name, color, shape in looks:
        chosen = [(s.work, c) for s, c in zip(stations, costs, strict=True) if s.own == own]
        drawn += ax.line(*zip(*chosen, strict=True), color, 1.5, dots=3, shape=shape)
        place = (*chosen[-1], name, 8, 14) if own else (*chosen[0], name, -4, -12)
        drawn += ax.text(*place, color, anchor="start", weight=600)
    now = result.station
    look = (TEXT, "circle") if now.own else (LEARNED, "square")
    cost = costs[result.at - 1]
    drawn += ax.mark(now.work, min(cost, TALL * lowest), *look)
    if cost > TALL * lowest:
        drawn += ax.text(now.work, TALL * lowest, f"{cost:.2f} ↑", -12, 4, TEXT, anchor="end")
    title = f"{now.words[0].upper()}{now.words[1:]}: L = {cost:.3f}"
    return titled(WIDTH, HEIGHT, title, drawn)
