"""The plane of one picture: error to the right, distance of texture upwards; a dot a decoder."""

from lic_teach.kit.axes import Axes
from lic_teach.kit.labels import frame, free
from lic_teach.kit.plots import LEARNED, QUIET, text, ticks, titled

WIDTH, HEIGHT = 440, 300
BOX = 40, 48, 424, 256


def plane(drawn: list, now) -> str:
    """Decoders of one file, the usual one first, and the one that is shown -> SVG text."""
    usual = drawn[0]
    across = ticks(0, 2.1 * usual.mse)
    up = ticks(0, max(d.distance for d in drawn))
    ax = Axes((0, max(across[-1], max(d.mse for d in drawn))), (0, up[-1]), BOX)
    body = ax.grid(across, up, "D, MSE", "distance of detail, in decades")
    body += ax.rule(x=2 * usual.mse, color=QUIET, dash="5 4")
    mse, distance = zip(*((d.mse, d.distance) for d in drawn), strict=True)
    body += ax.line(mse, distance, LEARNED, 2, "", 3)
    body += ax.mark(now.mse, now.distance, LEARNED, "square")
    body += _words(ax, (mse, distance), usual, now)
    title = f"One file, {len(drawn)} decoders: less error, or more texture"
    return titled(WIDTH, HEIGHT, title, body)


def _words(ax, curve, usual, now):
    """What stands at the rule, at the usual decoder and at the one that is shown."""
    twice, (x, y), (u, v) = ax.x(2 * usual.mse), *(ax.edge(d.mse, d.distance) for d in (usual, now))
    lines = [ax.places(*curve), [(twice, BOX[1]), (twice, BOX[3])]]
    said = f"{now.psnr:.1f} dB, {100 * now.share:.0f} % of the detail" if now is not usual else ""
    beside = [(x - 8, y + 4, "end"), (x + 12, y + 4, "start")]
    around = [(u, v + 24, "middle"), (u, v - 14, "middle"), (twice - 6, v + 24, "end")]
    around += [(u + 14, v + 4, "start"), (u + 14, v + 20, "start"), (u - 14, v + 4, "end")]
    corners = [(twice - 5, BOX[1] + 12, "end"), (twice - 5, BOX[3] - 8, "end")]
    drawn = ""
    for words, places, look in (
        ("as usual", beside, {}),
        (said, around, {"weight": 600}),
        ("twice the error", corners, {"fill": QUIET}),
    ):
        place = free(words, places, lines, [(u, v)])
        lines.append(frame(words, place))
        drawn += text(*place[:2], words, anchor=place[2], halo=True, **look) if words else ""
    return drawn
