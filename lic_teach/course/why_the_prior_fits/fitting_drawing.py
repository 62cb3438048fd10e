"""What the explorer draws, as SVG: latents against prior, and how they came there.

bars     the latents of one coefficient (blue) and what the prior expects (grey), at one moment
course   over the training: the width of the latents and of the prior; R as entropy plus KL

Blue is what is in the picture, grey the guess and what it wastes, as in lesson
bits_from_probability.
"""

import numpy as np

from lic_teach.course.why_the_prior_fits.small_codec import NORMAL
from lic_teach.kit.plots import LEARNED, LINE, QUIET, TEXT, svg, text, ticks

WIDTH, HEIGHT = 450, 330
LEFT, RIGHT = 44, 438
TOP, BOTTOM = 58, 286
END = 366  # right end of the course's panels, before the names
UPPER, LOWER = (46, 150), (192, 286)
FLOOR = 1.385  # bits of a 0 under N(0, 1)
LEAST = 1e-3  # what is drawn for a silent channel, in steps


def beside(*drawings):
    """Drawings side by side, below each other where the window is narrow: HTML."""
    look = "display:flex;flex-wrap:wrap;gap:8px 24px"
    return f'<div style="{look}">{"".join(f"<div>{d}</div>" for d in drawings)}</div>'


def both(result, mass):
    """The two drawings as one SVG."""
    right = f'<svg x="{WIDTH + 16}" width="{WIDTH}" height="{HEIGHT}">{course(result)}</svg>'
    return svg(2 * WIDTH + 16, HEIGHT, "Latents and prior", bars(result, mass) + right)


def _scale(low, high, start, end):
    """A function from values low..high to places start..end."""
    return lambda value: start + (end - start) * (np.asarray(value) - low) / (high - low)


def _heading(words):
    return text(1, 15, words, anchor="start", weight=600)


def _rows(y, marks, right, left=LEFT):
    return "".join(
        f'<path d="M{left} {y(t):.1f}H{right}" stroke="{LINE}" stroke-width=".5"/>'
        + text(left - 6, y(t) + 4, f"{t:g}", anchor="end")
        for t in marks
    )


# --- latents and prior at one moment -------------------------------------------------------


def bars(result, mass):
    """fitting.Result -> SVG. The axes are those of the last moment, so that a scrub can be seen."""
    now, reach = result.moment - 1, _reach(result)
    values = np.arange(-reach, reach + 1)
    share = np.array([np.mean(result.k == v) for v in values])
    x = _scale(-reach - 0.5, reach + 0.5, LEFT, RIGHT)
    top = _top(result, values, mass)
    y = _scale(0, top, BOTTOM, TOP)
    R, H = result.R[now], result.H[now]
    title = f"Step {result.step}: {R:.2f} bits = {H:.2f} entropy + {R - H:.2f} KL"
    body = (
        _heading(title)
        + text(1, TOP - 22, "share of latents, probability", anchor="start")
        + _rows(y, ticks(0, top)[ticks(0, top) <= top], RIGHT)
        + _mass(x, y, values, np.minimum(mass(result, values), top))
        + _latents(x, y, values, np.minimum(share, top))
        + _numbers(x, values)
        + _outside(result.k, reach)
        + _legend()
    )
    return svg(WIDTH, HEIGHT, title, body)


def _reach(result):
    """How far the axis goes: nearly all of the last moment's latents, and the prior."""
    far = np.quantile(np.abs(result.last), 0.995)
    return int(np.clip(max(far, 2.2 * result.sigma[-1]) + 1, 4, 80))


def _top(result, values, mass):
    """Height of the axis: room for the last moment's bars and prior."""
    share = max(np.mean(result.last == v) for v in values)
    last = result._replace(moment=len(result.sigma))
    return min(1.0, 1.35 * max(share, mass(last, values).max()))


def _mass(x, y, values, height):
    """The prior: a grey step for each whole number, with an edge."""
    points = " ".join(
        f"{x(v + side):.1f},{y(h):.1f}"
        for v, h in zip(values, height, strict=True)
        for side in (-0.5, 0.5)
    )
    return (
        f'<polygon points="{LEFT},{BOTTOM} {points} {RIGHT},{BOTTOM}" '
        f'style="fill:{QUIET};fill-opacity:.25"/>'
        f'<polyline points="{points}" fill="none" style="stroke:{TEXT}" stroke-width="1.2"/>'
    )


def _latents(x, y, values, share):
    wide = 0.56 * float(x(1) - x(0))
    return "".join(
        f'<rect x="{x(v) - wide / 2:.1f}" y="{y(p):.1f}" width="{wide:.1f}" '
        f'height="{BOTTOM - y(p):.1f}" style="fill:{LEARNED}"/>'
        for v, p in zip(values, share, strict=True)
        if p
    )


def _numbers(x, values):
    every = next(n for n in (1, 2, 5, 10, 20) if len(values) / n <= 15)
    shown = "".join(
        text(x(v), BOTTOM + 17, f"{v}".replace("-", "−")) for v in values if v % every == 0
    )
    return shown + text((LEFT + RIGHT) / 2, HEIGHT - 8, "latent ŷ, in steps")


def _outside(k, reach):
    """How many latents lie further out, on either side."""
    left, right = np.mean(k < -reach), np.mean(k > reach)
    words = ""
    if left >= 0.005:
        words += text(
            LEFT + 4, TOP + 74, f"◂ {100 * left:.0f} % further out", LEARNED, "start", halo=True
        )
    if right >= 0.005:
        words += text(
            RIGHT - 4, TOP + 74, f"{100 * right:.0f} % further out ▸", LEARNED, "end", halo=True
        )
    return words


def _legend():
    left = RIGHT - 100
    return (
        f'<rect x="{left}" y="{TOP - 3}" width="18" height="11" style="fill:{LEARNED}"/>'
        + text(left + 24, TOP + 7, "latents", anchor="start", halo=True)
        + f'<rect x="{left}" y="{TOP + 16}" width="18" height="11" '
        f'style="fill:{QUIET};fill-opacity:.25;stroke:{TEXT}" stroke-width="1.2"/>'
        + text(left + 24, TOP + 26, "prior, P(ŷ)", anchor="start", halo=True)
    )


# --- the whole training --------------------------------------------------------------------


def course(result):
    """fitting.Result -> SVG: widths above, entropy and KL below, the moment marked."""
    who = "both can" if result.prior.learned else "only the latents can"
    title = f"Who moves at λ = {result.lam:.3g}? Here {who}"
    body = _heading(title) + _widths(result) + _stack(result) + _steps(result)
    return svg(WIDTH, HEIGHT, title, body)


def _place(result):
    """Across: one place for each moment."""
    return _scale(-0.6, len(result.R) - 0.4, LEFT, END)


def _widths(result):
    """Width of the latents and of the prior, logarithmic."""
    x, width = _place(result), np.maximum(result.width, LEAST)
    both = np.log10(np.concatenate((width, result.sigma)))
    low, high = np.floor(both.min()), np.floor(both.max() + 1.01)
    y = _scale(low, high, *UPPER[::-1])
    ends = [y(np.log10(v[-1])) for v in (width, result.sigma)]
    apart = max(15 - abs(ends[0] - ends[1]), 0) / 2 * (1 if ends[0] >= ends[1] else -1)
    drawn = "".join(
        _line([(x(i), y(np.log10(v))) for i, v in enumerate(values)], color, dot)
        + text(END + 6, end + 4, name, color, "start", weight=600, halo=True)
        for values, color, name, end, dot in (
            (result.sigma, TEXT, "prior σ", ends[1] - apart, 0),
            (width, LEARNED, "latents", ends[0] + apart, 2.4),
        )
    )
    now = (
        f'<path d="M{x(result.moment - 1):.1f} {UPPER[0]}V{UPPER[1]}" style="stroke:{QUIET}" '
        'stroke-dasharray="2 3"/>'
    )
    heading = text(1, UPPER[0] - 10, "width (root mean square), steps", anchor="start")
    return heading + _decades(y, low, high) + now + drawn


def _line(places, color, dot):
    """A line through places; dot: radius of a mark at each, or 0."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    line = f'<polyline points="{points}" fill="none" style="stroke:{color}" stroke-width="2"/>'
    return line + "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{dot}" style="fill:{color}"/>'
        for a, b in places
        if dot
    )


def _decades(y, low, high):
    """Lines at the powers of ten; at 2 and 5, too, where there is only one decade."""
    tens = 10.0 ** np.arange(low, high + 1)
    shown = [*tens, *(f * t for t in tens[:-1] for f in (2, 5) if high - low == 1)]
    return "".join(
        f'<path d="M{LEFT} {y(np.log10(t)):.1f}H{END}" stroke="{LINE}" stroke-width=".5"/>'
        + text(LEFT - 6, y(np.log10(t)) + 4, f"{t:g}", anchor="end")
        for t in shown
    )


def _stack(result):
    """R at each moment: entropy, and KL on top; what is too high is cut off, with a notch."""
    x, top = _place(result), float(ticks(0, max(3 * result.R[-1], 1.6))[-1])
    y = _scale(0, top, *LOWER[::-1])
    wide, drawn = 0.8 * float(x(1) - x(0)), ""
    for i, (R, H) in enumerate(zip(result.R, result.H, strict=True)):
        faint = "" if i == result.moment - 1 else ";opacity:.55"
        left, zero, middle, high = x(i) - wide / 2, *(y(min(v, top)) for v in (0, H, R))
        drawn += _bar(left, wide, zero, middle, f"fill:{LEARNED}{faint}")
        drawn += _bar(
            left, wide, middle, high, f"fill:{QUIET};fill-opacity:.45;stroke:{QUIET}{faint}"
        )
        if R > top:
            drawn += f'<path d="M{x(i):.1f} {LOWER[0] - 8}l4 6h-8z" style="fill:{QUIET}"/>'
    heading = text(1, LOWER[0] - 14, "bits of a latent", anchor="start")
    marks = ticks(0, top)[:: 2 if len(ticks(0, top)) > 5 else 1]
    return heading + _rows(y, marks, END) + drawn + _parts(result, y) + _floor(result, y, top)


def _bar(left, wide, low, high, paint):
    return (
        f'<rect x="{left:.1f}" y="{high:.1f}" width="{wide:.1f}" '
        f'height="{max(float(low - high), 0):.1f}" style="{paint}"/>'
    )


def _parts(result, y):
    """The names of the two parts, beside the last bar."""
    H, R = result.H[-1], result.R[-1]
    low, high = y(H / 2) + 4, y((H + R) / 2) + 4
    if low - high < 15:
        low, high = min(low + 8, LOWER[1] + 4), min(low + 8, LOWER[1] + 4) - 15
    return text(END + 6, low, "entropy", LEARNED, "start", weight=600) + text(
        END + 6, high, "KL", QUIET, "start", weight=600
    )


def _floor(result, y, top):
    """What a 0 costs under a prior that does not move."""
    if result.prior != NORMAL or top < FLOOR:
        return ""
    return (
        f'<path d="M{LEFT} {y(FLOOR):.1f}H{END}" style="stroke:{TEXT}" stroke-dasharray="4 3"/>'
        + text(LEFT + 4, y(FLOOR) - 4, "floor, 1.385", anchor="start", halo=True)
    )


def _steps(result):
    x = _place(result)
    moments = result.source.histories[result.name].moments
    marks = "".join(
        text(x(i), LOWER[1] + 16, f"{step}")
        for i, step in enumerate(moments)
        if step in (0, 2, 4, 8, 16, 32, 64, 128, 400)
    )
    return marks + text((LEFT + END) / 2, HEIGHT - 8, "steps of training")
