"""The two figures of the README: `python -m tools.figures`. The duel needs Chromium.

docs/duel.png   the duel of lesson start_here, photographed in JupyterLab
docs/rd.png     all codecs on Kodak, from the curves in data/rd
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt

from lic_teach import contents
from lic_teach.paths import DATA
from lic_teach.study import table

HERE = Path(__file__).parent
ORANGE, BLUE, GRAY = "#d9730d", "#2563b0", "#767676"
CURVES = {  # of data/rd, from right to left: name, colour, line
    "jpeg": ("JPEG by Pillow, 4:2:0", ORANGE, "-"),
    "jpeg_lam": ("JPEG, ours for a λ", ORANGE, "--"),
    "webp": ("WebP", GRAY, ":"),
    "jpeg2000": ("JPEG 2000", GRAY, "--"),
    "avif": ("AVIF", GRAY, "-"),
    "learned_hours": ("learned, ours", BLUE, "-"),
    "learned_hours_refined": ("learned, refined", BLUE, "--"),
}


def curves(path):
    """Rate and PSNR of every codec, averaged over the 24 pictures of Kodak; BD-rates."""
    studies = {codec: table.read(DATA / "rd" / f"kodak_{codec}.json") for codec in CURVES}
    rows = table.bd_table(list(studies.values()), studies["jpeg"])
    figure, ax = plt.subplots(figsize=(8, 5.2))
    for (codec, study), row in zip(studies.items(), rows, strict=True):
        name, colour, line = CURVES[codec]
        label = f"{name}: {row['psnr']:+.0f} %" if codec != "jpeg" else name
        ax.semilogx(
            *zip(*sorted(table.psnr_curve(study)), strict=True),
            line,
            color=colour,
            lw=2.2 if colour == BLUE else 1.5,
            label=label.replace("-", "−"),
        )
    ticks = (0.2, 0.3, 0.5, 0.7, 1, 1.5)
    ax.set_xticks(ticks, ticks)
    ax.set_xticks([], minor=True)
    ax.set(xlim=(0.16, 1.8), ylim=(28, 38), xlabel="bits per pixel", ylabel="PSNR (RGB), dB")
    ax.set_title(
        "Kodak: bits for the same PSNR, against Pillow's JPEG (29.5 to 36 dB)", fontsize=11
    )
    ax.legend(loc="lower right", frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="#eeeeee")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def duel(path):
    """Lesson start_here in JupyterLab: λ = 0.002, the border at 42 %, zoomed to the cat's eye."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from tests.lab import chromium, jupyterlab, open_notebook, run_all

    notebook = contents.notebook("start_here")
    with jupyterlab([notebook]) as address, chromium(1250, 1000) as page:
        open_notebook(page, address, notebook.name)
        run_all(page)
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        explorer = page.locator(".lic-explorer").first
        explorer.scroll_into_view_if_needed()
        page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
            .requestExecute({code: "duel.lam = 0.002; duel.picture.position = 0.42"}).done
            .then(() => 1)"""
        )
        page.wait_for_timeout(1500)
        explorer.locator(".lic-zoom").click()
        for _ in range(6):
            explorer.locator(".lic-stage input[type=range]").press("ArrowUp")
        page.wait_for_timeout(800)
        explorer.screenshot(path=path)


if __name__ == "__main__":
    curves(HERE / "rd.png")
    duel(HERE / "duel.png")
