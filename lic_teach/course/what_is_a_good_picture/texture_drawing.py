"""The plane of one picture: error to the right, distance of texture upwards; a dot a decoder."""

from lic_teach.kit.axes import Axes
from lic_teach.kit.plots import LEARNED, QUIET, ticks, titled

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
    body += ax.text(2 * usual.mse, up[-1], "twice the error", -5, 12, QUIET, "end")
    mse, distance = zip(*((d.mse, d.distance) for d in drawn), strict=True)
    body += ax.line(mse, distance, LEARNED, 2, "", 3)
    body += ax.text(usual.mse, usual.distance, "as usual", -8, 4, anchor="end", halo=True)
    body += ax.mark(now.mse, now.distance, LEARNED, "square")
    if now is not usual:
        words = f"{now.psnr:.1f} dB, {100 * now.share:.0f} % of the detail"
        body += ax.text(now.mse, now.distance, words, 0, 24, halo=True, weight=600)
    title = f"One file, {len(drawn)} decoders: less error, or more texture"
    return titled(WIDTH, HEIGHT, title, body)
