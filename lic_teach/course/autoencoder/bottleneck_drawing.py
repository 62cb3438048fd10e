"""PSNR over bits per pixel for a few latent sizes, as SVG: the plot of bottleneck.py.

Each curve is one latent size, its points are steps. A curve with few latents goes flat: more
bits for the same few numbers buy nothing. The mark is the file that is shown, a circle for the
linear autoencoder and a square for the other one.
"""

from lic_teach.kit import plots
from lic_teach.kit.plots import LEARNED, LINE, ORIGINAL, text

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 34, 384, 48, 256
FLAT = {4: "2 3", 8: "6 3", 16: "10 3 2 3", 64: ""}  # how the line is dashed
RATE = 2.0  # bits per pixel at the right edge
TITLE = "Few latents go flat: finer steps buy nothing"


def plot(result) -> str:
    """Result of bottleneck.compute -> SVG text."""
    curves = result.source.curves
    points = [p for curve in curves.values() for _, p in curve] + [result.psnr]
    finite = [p for p in points if p < 99]
    ticks = plots.ticks(min(finite, default=0), max(finite, default=50))

    def x(bpp):
        return LEFT + (RIGHT - LEFT) * min(bpp, RATE) / RATE

    def y(psnr):
        share = (min(psnr, ticks[-1]) - ticks[0]) / (ticks[-1] - ticks[0])
        return BOTTOM - (BOTTOM - TOP) * share

    body = (
        text(1, 15, TITLE, anchor="start", weight=600)
        + text(1, TOP - 13, "PSNR (Y), dB", anchor="start")
        + text((LEFT + RIGHT) / 2, HEIGHT - 8, "bits per pixel, whole file")
        + "".join(_across(y(t), t) for t in ticks)
        + "".join(text(x(t / 2), BOTTOM + 17, f"{t / 2:g}") for t in range(5))
        + "".join(_curve(k, curve, x, y) for k, curve in curves.items())
        + _mark(result, x(result.bpp), y(result.psnr))
    )
    return plots.svg(WIDTH, HEIGHT, f"{TITLE}: PSNR over bits per pixel", body)


def _across(height, tick):
    line = f'<path d="M{LEFT} {height:.1f}H{RIGHT}" stroke="{LINE}" stroke-width=".5"/>'
    return line + text(LEFT - 6, height + 4, f"{tick:g}", anchor="end")


def _curve(k, curve, x, y):
    places = [(x(bpp), y(psnr)) for bpp, psnr in curve]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    across, down = places[0]  # the finest step: the right end
    ink = LEARNED if k == 64 else ORIGINAL
    name = "all 64" if k == 64 else f"{k} latents" if k == 4 else k
    return (
        f'<polyline points="{line}" fill="none" style="stroke:{ink}" stroke-width="2" '
        f'stroke-dasharray="{FLAT[k]}"/>'
        + text(across + 7, down + 4, name, anchor="start", weight=600, halo=True)
    )


def _mark(result, x, y):
    paint = f'style="fill:{LEARNED}" stroke="#fff" stroke-width="2"'
    if result.machine == "linear":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7.5" {paint}/>'
    return f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" {paint}/>'
