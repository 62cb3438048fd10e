"""What the explorer draws as SVG: a block along the zig-zag, and its bits so far."""

from lic_teach.jpeg import transform
from lic_teach.kit import plots
from lic_teach.kit.plots import QUIET, TEXT, minus, text

WIDTH, CELL, TOP = 460, 29, 28
CHIPS_TOP = TOP + 8 * CELL + 34  # where the bits begin
CHIP, BIT, GAP = 42, 7.2, 5  # height of a symbol's chip, width of a bit, space between chips


def plot(values, symbols, step: int) -> str:
    """values: int (64,), zig-zag; symbols: the block's; step: how many are written -> SVG."""
    bits = sum(len(s.code) + len(s.extra) for s in symbols[:step])
    title = f"{step} of {len(symbols)} symbols, {bits} bits"
    chips, height = _chips(symbols, step)
    body = (
        _grid(values, symbols, step)
        + _panel(symbols[step - 1], step)
        + text(1, CHIPS_TOP - 9, "The bits in the file", QUIET, "start")
        + chips
    )
    return plots.titled(WIDTH, height, title, body)


def covered(symbol):
    """The coefficients that a symbol tells, zig-zag: a slice."""
    if symbol.name == "EOB":
        return slice(symbol.k, 64)
    if symbol.name == "ZRL":
        return slice(symbol.k, symbol.k + 16)
    return slice(symbol.k - symbol.run, symbol.k + 1)


def name_of(symbol) -> str:
    """What it is called here: DC size 4, (2, 1), ZRL, EOB."""
    if symbol.name == "DC":
        return f"DC size {symbol.size}"
    return f"({symbol.run}, {symbol.size})" if symbol.name == "AC" else symbol.name


def _place(k):
    """Left and top of coefficient k in the grid."""
    v, u = divmod(int(transform.ZIGZAG[k]), 8)
    return 1 + u * CELL, TOP + v * CELL


def _grid(values, symbols, step):
    """The block: what is written is orange, what the newest symbol tells has a strong border."""
    now = covered(symbols[step - 1])
    line = " ".join(f"{x + CELL / 2:g},{y + CELL / 2:g}" for x, y in map(_place, range(64)))
    path = f'<polyline points="{line}" fill="none" style="stroke:{QUIET}" stroke-opacity=".35"/>'
    cells = "".join(_cell(k, int(values[k]), k < now.stop) for k in range(64))
    border = "".join(_border(k) for k in range(64)[now])
    return cells + path + border + "".join(_value(k, int(values[k]), now.stop) for k in range(64))


def _cell(k, value, told):
    x, y = _place(k)
    opacity = (0.45 if value else 0.16) if told else 0
    return (
        f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" stroke="{plots.LINE}" '
        f'style="fill:{plots.JPEG};fill-opacity:{opacity}"/>'
    )


def _border(k):
    x, y = _place(k)
    size = CELL - 3
    return (
        f'<rect x="{x + 1.5}" y="{y + 1.5}" width="{size}" height="{size}" fill="none" '
        f'stroke-width="2.5" style="stroke:{plots.JPEG}"/>'
    )


def _value(k, value, stop):
    x, y = _place(k)
    ink = TEXT if value or k < stop else QUIET
    size = 12 if len(str(value)) < 4 else 10
    weight = 600 if value else 400
    return text(x + CELL / 2, y + CELL / 2 + 4.5, minus(value), ink, size=size, weight=weight)


def _panel(symbol, step):
    """The newest symbol in large letters: its name, its code word, its extra bits."""
    left = 8 * CELL + 22
    what = {"EOB": "all that is left is 0", "ZRL": "sixteen zeros"}.get(symbol.name)
    if symbol.name == "AC":
        zeros = ("no zero", "one zero")[symbol.run] if symbol.run < 2 else f"{symbol.run} zeros"
        what = f"{zeros}, then {minus(symbol.value)}"
    what = what or f"DC is {minus(symbol.value)}, as a difference"
    parts = [(symbol.code, "code word", plots.JPEG)]
    parts += [(symbol.extra, "extra bits", TEXT)] if symbol.extra else []
    drawn, y = "", TOP + 112
    for bits, caption, ink in parts:
        drawn += text(left, y, bits, ink, "start", 20, 600, mono=True)
        drawn += text(left, y + 18, f"{caption}: {len(bits)}", QUIET, "start")
        y += 56
    return (
        text(left, TOP + 14, f"Symbol {step}", QUIET, "start")
        + text(left, TOP + 46, name_of(symbol), TEXT, "start", 26, 600)
        + text(left, TOP + 70, what, TEXT, "start", 13)
        + drawn
    )


def _chips(symbols, step):
    """The first `step` symbols as chips in rows; there is room for all -> SVG, height of all."""
    x, y, drawn = 1.0, CHIPS_TOP, ""
    for i, symbol in enumerate(symbols):
        label = name_of(symbol)
        bits = len(symbol.code) + len(symbol.extra)
        width = max(bits * BIT, 6.5 * len(label)) + 10
        if x + width > WIDTH - 2:  # the border stands 1 to the right
            x, y = 1.0, y + CHIP + GAP
        drawn += _chip(x, y, width, symbol, i == step - 1) if i < step else ""
        x += width + GAP
    return drawn, y + CHIP + 4


def _chip(x, y, width, symbol, newest):
    weight = 2.5 if newest else 1
    extra = f'<tspan style="fill:{TEXT}">{symbol.extra}</tspan>' if symbol.extra else ""
    code = f'<tspan style="fill:{plots.JPEG}" font-weight="600">{symbol.code}</tspan>'
    return (
        f'<rect x="{x + 1:.1f}" y="{y}" width="{width:.1f}" height="{CHIP - 2}" rx="4" '
        f'fill="none" stroke-width="{weight}" '
        f'style="stroke:{plots.JPEG if newest else plots.LINE}"/>'
        + text(x + 6, y + 15, name_of(symbol), QUIET, "start", 11)
        + text(x + 6, y + 33, code + extra, TEXT, "start", 12, mono=True)
    )
