"""What the explorer draws, as SVG: latents against prior, and how they came there.

bars     the latents of one coefficient (blue) and what the prior expects (grey), at one moment
course   over the training: the width of the latents and of the prior; R as entropy plus KL

Blue is what is in the picture, grey the guess and what it wastes, as in lesson
bits_from_probability.
"""

import numpy as np

from lic_teach.course.why_the_prior_fits.small_codec import NORMAL
from lic_teach.kit.axes import Axes, legend, names, patch, steps, symbol, within
from lic_teach.kit.plots import LEARNED, QUIET, TEXT, moved, svg, text, ticks, titled

WIDTH, HEIGHT = 450, 330
LATENTS = 44, 58, 438, 286  # left, top, right, bottom
UPPER, LOWER = (44, 46, 366, 150), (44, 192, 366, 286)  # of the course, before the names
FLOOR = 1.385  # bits of a 0 under N(0, 1)
LEAST = 1e-3  # what is drawn for a silent channel, in steps
SHOWN = (0, 2, 4, 8, 16, 32, 64, 128, 400)  # steps of training under the axis


def beside(*drawings):
    """Drawings side by side, below each other where the window is narrow: HTML."""
    look = "display:flex;flex-wrap:wrap;gap:8px 24px"
    return f'<div style="{look}">{"".join(f"<div>{d}</div>" for d in drawings)}</div>'


def both(result, mass):
    """The two drawings as one SVG."""
    right = moved(course(result), x=WIDTH + 16)
    return svg(2 * WIDTH + 16, HEIGHT, "Latents and prior", bars(result, mass) + right)


# --- latents and prior at one moment -------------------------------------------------------


def bars(result, mass):
    """fitting.Result -> SVG. The axes are those of the last moment, so that a scrub can be seen."""
    reach, R, H = _reach(result), *(v[result.moment - 1] for v in (result.R, result.H))
    values = np.arange(-reach, reach + 1)
    share = [np.mean(result.k == v) for v in values]
    top = _top(result, values, mass)
    ax = Axes((-reach - 0.5, reach + 0.5), (0, top), LATENTS)
    x, expected = steps(values, mass(result, values))
    every = next(n for n in (1, 2, 5, 10, 20) if len(values) / n <= 15)
    shade = f"fill:{QUIET};fill-opacity:.25"
    samples = {"latents": patch(f"fill:{LEARNED}"), "prior, P(ŷ)": patch(f"{shade};stroke:{TEXT}")}
    body = (
        ax.grid(
            values[values % every == 0],
            within(0, top),
            "latent ŷ, in steps",
            "share of latents, probability",
        )
        + ax.area(x, 0, expected, shade)
        + ax.line(x, expected, TEXT, 1.2)
        + ax.bars(values, share, 0.56, f"fill:{LEARNED}")
        + _outside(ax, result.k, reach)
        + legend(LATENTS[2] - 108, LATENTS[1] + 3, samples)
    )
    title = f"Step {result.step}: {R:.2f} bits = {H:.2f} entropy + {R - H:.2f} KL"
    return titled(WIDTH, HEIGHT, title, body)


def _reach(result):
    """How far the axis goes: nearly all of the last moment's latents, and the prior."""
    far = np.quantile(np.abs(result.last), 0.995)
    return int(np.clip(max(far, 2.2 * result.sigma[-1]) + 1, 4, 80))


def _top(result, values, mass):
    """Height of the axis: room for the last moment's bars and prior."""
    share = max(np.mean(result.last == v) for v in values)
    last = result._replace(moment=len(result.sigma))
    return min(1.0, 1.35 * max(share, mass(last, values).max()))


def _outside(ax, k, reach):
    """How many latents lie further out, on either side."""
    left, right, drawn, top = np.mean(k < -reach), np.mean(k > reach), "", ax.box[1] + 74
    if left >= 0.005:
        words = f"◂ {100 * left:.0f} % further out"
        drawn += text(ax.box[0] + 4, top, words, LEARNED, "start", halo=True)
    if right >= 0.005:
        words = f"{100 * right:.0f} % further out ▸"
        drawn += text(ax.box[2] - 4, top, words, LEARNED, "end", halo=True)
    return drawn


# --- the whole training --------------------------------------------------------------------


def course(result):
    """fitting.Result -> SVG: widths above, entropy and KL below, the moment marked."""
    who = "both can" if result.prior.learned else "only the latents can"
    title = f"Who moves at λ = {result.lam:.3g}? Here {who}"
    return titled(WIDTH, HEIGHT, title, _widths(result) + _stack(result))


def _widths(result):
    """Width of the latents and of the prior, logarithmic; at the moments, one beside the other."""
    moments, width = np.arange(len(result.R)), np.maximum(result.width, LEAST)
    both = np.log10(np.concatenate((width, result.sigma)))
    low, high = np.floor(both.min()), np.floor(both.max() + 1.01)
    ax = Axes((-0.6, len(moments) - 0.4), (10.0**low, 10.0**high), UPPER, log="y")
    tens = 10.0 ** np.arange(low, high + 1)
    more = [f * tens[0] for f in (2, 5) if high - low == 1]  # where there is only one decade
    ends = (result.sigma[-1], "prior σ", TEXT), (width[-1], "latents", LEARNED)
    return (
        ax.grid((), [*tens, *more], "", "width (root mean square), steps")
        + ax.rule(x=result.moment - 1, color=QUIET)
        + ax.line(moments, result.sigma, TEXT)
        + ax.line(moments, width, LEARNED, dots=2.4)
        + names(UPPER[2] + 6, ((ax.y(end), *name) for end, *name in ends))
    )


def _stack(result):
    """R at each moment: entropy, and KL on top; what is too high is cut off, with a notch."""
    moments, R, H = np.arange(len(result.R)), np.asarray(result.R), np.asarray(result.H)
    top = float(ticks(0, max(3 * R[-1], 1.6))[-1])
    ax, up = Axes((-0.6, len(R) - 0.4), (0, top), LOWER), within(0, top)
    below = zip(moments, result.source.histories[result.name].moments, strict=True)
    drawn = ax.grid(
        {i: step for i, step in below if step in SHOWN},
        up[:: 2 if len(up) > 5 else 1],
        "steps of training",
        "bits of a latent",
    )
    now = moments == result.moment - 1
    for shown, faint in ((~now, ";opacity:.55"), (now, "")):
        x, low, high = moments[shown], H[shown], R[shown]
        drawn += ax.bars(x, low, 0.8, f"fill:{LEARNED}{faint}")
        paint = f"fill:{QUIET};fill-opacity:.45;stroke:{QUIET}{faint}"
        drawn += ax.bars(x, high, 0.8, paint, base=low)
    for i in moments[R > top]:
        drawn += symbol(ax.x(i), LOWER[1] - 5, QUIET, "triangle", 3.5)
    parts = [(H[-1] / 2, "entropy", LEARNED), ((H[-1] + R[-1]) / 2, "KL", QUIET)]
    if result.prior == NORMAL and top > FLOOR:  # what a 0 costs under a prior that does not move
        parts += [(FLOOR, "floor", TEXT)]
        drawn += ax.rule(y=FLOOR, dash="4 3")
    return drawn + names(LOWER[2] + 6, ((ax.y(at), *name) for at, *name in parts), LOWER[3])
