# %% [markdown]
# # 22 · The showdown
#
# **So who wins, and what did it cost?**
#
# Twenty-four photographs that none of our codecs has learned from, in real files: by what this course has built, and by what others have.

# %% jupyter={"source_hidden": true}
import json
import math
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from lic_teach import images, learned, metrics
from lic_teach.course.showdown import files
from lic_teach.kit.predict import Predict
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing
from lic_teach.learned import anatomy
from lic_teach.paths import DATA
from lic_teach.study import curves, own, table

torch.set_num_threads(1)
ORANGE, BLUE = "#d9730d", "#2563b0"  # JPEG, learned
WINDOW = (29.5, 36)  # dB

RD = DATA / "rd"
studies = {
    path.stem.removeprefix("kodak_"): table.read(path) for path in sorted(RD.glob("kodak_*.json"))
}
published = json.loads((RD / "published_kodak.json").read_text(encoding="utf-8"))["curves"]
published = {entry["codec"]: entry for entry in published}
known = studies | published

NAMES = {  # measured here; ¹ measured once; ² quoted
    "jpeg": "JPEG, Pillow",
    "measured/jpegli420": "jpegli¹",
    "measured/mozjpeg420": "mozjpeg¹",
    "measured/mozjpeg420_psnr": "mozjpeg, tuned for PSNR¹",
    "measured/jxl_e7": "JPEG XL, effort 7¹",
    "jpeg_lam": "JPEG by λ",
    "webp": "WebP",
    "jpeg2000": "JPEG 2000",
    "avif": "AVIF, 4:2:0, speed 6",
    "measured/heic444": "HEIC, 4:4:4¹",
    "learned_hours": "learned, this course",
    "avif444": "AVIF, 4:4:4, speed 4",
    "learned_hours_refined": "learned, refined",
    "compressai/av1": "AV1, 4:4:4, slowest²",
    "compressai/vtm": "VVC, 4:4:4²",
    "mlic/mlicplusplus": "MLIC++, 2023²",
}


RATED = NAMES.keys() - {"mlic/mlicplusplus"}  # quoted without MS-SSIM


def paint(name):
    """Orange for JPEG's own files, blue for ours, else black."""
    jpegs = ("jpeg", "jpeg_lam", "measured/jpegli420", "measured/mozjpeg420")
    if name.startswith("learned"):
        return BLUE
    return ORANGE if name.startswith(jpegs) and name != "jpeg2000" else "black"


figure, ax = plt.subplots(figsize=(8.5, 5.2))
for name, look in {
    "mlic/mlicplusplus": "--",
    "compressai/vtm": "-",
    "learned_hours": "s-",
    "avif": "o--",
    "jpeg2000": "D:",
    "webp": "^-",
    "jpeg_lam": "s--",
    "measured/jxl_e7": "v:",
    "jpeg": "o-",
}.items():
    color = "gray" if "²" in NAMES[name] else paint(name)
    points = np.array(table.psnr_curve(known[name])).T
    width = 2 if color in (ORANGE, BLUE) else 1
    ax.plot(*points, look, color=color, ms=3.5, lw=width, label=NAMES[name])
ax.set(xlim=(0, 1.6), ylim=(26, 39.5), xlabel="bits per pixel, whole file")
ax.set(ylabel="PSNR of RGB, dB", title="24 photographs, nine codecs: JPEG is the lowest curve")
ax.legend(loc="lower right", frameon=False)
figure.tight_layout()

# %% [markdown]
# JPEG is last. The learned codec of this course lies beside AVIF. Far above them stand MLIC++, a learned codec a hundred times as large, and VVC, a standard for video that people made by hand. But this is one judge, means over pictures, and no costs.
#
# **After this lesson** you can
# - say of a codec how many bits it saves, against whom, by which judge, and on how many of the pictures;
# - say what the bits cost in work, and who pays;
# - read a table of such numbers and find what is wrong with it.
#
# About 30 minutes.
#
# > **What you need from the lessons before.** $R$ is bits per pixel of the whole file, $D$ the mean squared error, PSNR the same error in decibels: more is better
# > ([00](00_start_here.ipynb)). *4:2:0* keeps a quarter of the colour samples, *4:4:4* all ([02](02_colour.ipynb)). Every codec has a knob, a quality or λ, the price of error in $L = R + \lambda D$. Turn it, and you get a curve. The **BD-rate** makes one
# > number of two curves: how many percent more or fewer bits one needs than the other, the **anchor**, at equal PSNR, on average over a **window** of decibels
# > ([07](07_rate_distortion.ipynb)). *JPEG by λ* is an ordinary .jpg. Its encoder chose every table and every coefficient for a small $L$ ([08](08_jpeg_by_lambda.ipynb)). The *learned codec* has JPEG's machine,
# > transform, rounding, coder, with all numbers found by training, and a **prior** that says which numbers are likely and so need few bits ([17](17_learned_codec.ipynb)). *Refined* is the same
# > decoder with an encoder that searches ([19](19_why_the_prior_fits.ipynb)).

# %% [markdown]
# ## The rules
#
# The pictures are the 24 of the Kodak suite. $R$ is the size of the **real file**, header and all. $D$ is measured on what the file decodes to, as PSNR of 8-bit RGB,
# picture by picture; then the mean. By hand, one file of one picture:

# %%
cat = images.sample("chelsea")
codec = own.CODECS["learned_hours"]
data = codec.encode(cat, 0.01)
x_hat = codec.decode(data)
R = 8 * len(data) / (cat.shape[0] * cat.shape[1])
psnr = 10 * np.log10(255**2 / np.mean((cat.astype(float) - x_hat) ** 2))

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
from pathlib import Path
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:  # what `lic-teach rd` does with thousands of them
    picture = Path(folder) / "cat.png"
    images.save(picture, cat)
    row = curves.measure(picture, 0.01, codec.encode, codec.decode)
np.testing.assert_allclose((R, psnr), (row["bpp"], row["psnr"]), atol=1e-4)
for study in studies.values():  # and every point is a mean over what its study keeps
    for point in study["points"]:
        np.testing.assert_allclose(np.mean(point["per_image"]["psnr"]), point["psnr"], atol=1e-4)
print(f"the cat: {row['bpp']:.2f} bits per pixel, {row['psnr']:.0f} dB")

# %% [markdown]
# What others made has a number behind its name. ¹ was measured once on the same 24 originals, with encoders that the course does not install. ² is quoted; `data/rd/published_kodak.json` says from where.
# Not the same hands, so mind them. mozjpeg and jpegli write ordinary .jpg files. WebP, HEIC and AVIF are single pictures in the formats of video (VP8, HEVC, AV1).
#
# ## The table
#
# The window is 29.5 to 36 dB, from visibly damaged to nearly perfect. There are two anchors. *JPEG as Pillow writes it* is 4:2:0 with Huffman tables of its own (`optimize=True`; without
# it the files are larger, by 2 % at 34 dB and 13 % at 29). *JPEG by λ* is the honest opponent: whoever may change the *decoder* could first have changed the *encoder*.
#
# The learned codec needs about half of the bits of Pillow's JPEG. How much of that is left against JPEG by λ?

# %%
saved = {
    anchor: {
        row["codec"]: row["psnr"]
        for row in table.bd_table([known[name] for name in NAMES], studies[anchor], WINDOW)
    }
    for anchor in ("jpeg", "jpeg_lam")
}
with Predict("How many percent fewer bits than JPEG by λ?", unit="%", near=5) as predict:
    print("BD-rate by PSNR against      Pillow's JPEG   JPEG by λ")
    for name in sorted(NAMES, key=saved["jpeg"].get, reverse=True):
        both = saved["jpeg"][name], saved["jpeg_lam"][name]
        print(f"{NAMES[name]:29}{both[0]:+12.0f} %{both[1]:+10.0f} %")
    predict.truth = round(-saved["jpeg_lam"]["learned_hours"])

# %% [markdown]
# - **The anchor matters.** Of 100 bits of Pillow's JPEG, JPEG by λ needs 70. Three fifths of what the learned codec seemed to save were lying in JPEG's encoder, for thirty years.
# - **JPEG by λ is no trick of ours.** mozjpeg, by other people and for everybody, takes off 24 when it is tuned for PSNR.
# - **JPEG XL**, of 2022, was made to follow JPEG, and is no better here than a good .jpg. Wait for the other judge.
# - **The hands matter.** AVIF and AV1 are the same format. Slow, with all chroma and tuned for PSNR, it saves eleven points more than as Pillow writes it.
# - ***Hand-made* and *learned* does not say who wins.** VVC is hand-made.
#
# ## Twenty-four pictures, or one number?
#
# By this table our codec and AVIF (4:2:0, speed 6) are close, and ours is a little ahead. **Predict**, picture by picture:


# %% jupyter={"source_hidden": true}
def spread(by_avif, by_lam):
    """The 24 pictures, as they stand against AVIF and against JPEG by λ."""
    figure, ax = plt.subplots(figsize=(8.5, 3.8))
    order = sorted(by_avif, key=by_avif.get)
    ax.bar(range(24), [by_avif[name] for name in order], color=BLUE, alpha=0.75)
    ax.plot(range(24), [by_lam[name] for name in order], "s", color=ORANGE, ms=5)
    ax.axhline(0, color="black", lw=0.8)
    ax.annotate("against AVIF", (16, -6), color=BLUE)
    ax.annotate("against JPEG by λ", (17, -41), color=ORANGE)
    ax.set_xticks(range(24), [name[5:7] for name in order], fontsize=8)
    ax.set(
        xlabel="picture of the Kodak suite", ylabel="bits of the learned codec, %", ylim=(-45, 16)
    )
    ax.set_title("One number hides 24: bits at equal PSNR, picture by picture")
    figure.tight_layout()


def halves(by_avif):
    """Wins among the 12 pictures that cost AVIF least at 33 dB, and among the other 12."""
    rate = {}
    for i, name in enumerate(studies["avif"]["images"]):
        one = [point["per_image"] for point in studies["avif"]["points"]]
        rate[name] = np.interp(33, [p["psnr"][i] for p in one], [p["bpp"][i] for p in one])
    order = sorted(rate, key=rate.get)
    return [sum(by_avif[name] < 0 for name in half) for half in (order[:12], order[12:])]


# %%
question = "On how many of the 24 does the learned codec need fewer bits than AVIF?"
with Predict(question, unit="of 24", near=2) as predict:
    by_avif = table.per_picture(studies["learned_hours"], studies["avif"], WINDOW)
    by_lam = table.per_picture(studies["learned_hours"], studies["jpeg_lam"], WINDOW)
    spread(by_avif, by_lam)
    changes = np.array(list(by_avif.values()))
    wins, (quiet, busy) = int((changes < 0).sum()), halves(by_avif)
    mean = table.bd_table([studies["learned_hours"]], studies["avif"], WINDOW)[0]["psnr"]
    print(f"mean curves {mean:+.1f} %, pictures {changes.min():+.1f} to {changes.max():+.1f} %")
    print(f"wins: {quiet} of the 12 pictures that cost AVIF least, {busy} of the other 12")
    luck = sum(math.comb(24, k) for k in range(wins, 25)) / 2**24
    print(f"a coin that is thrown 24 times wins {wins} times or more in {luck:.0%} of all cases")
    predict.truth = wins

# %% [markdown]
# So a few percent on the mean are an eighth fewer on one picture and an eighth more on another. The last line says how often a thrown coin would do as well. But the spread looks like no accident (wins dealt at random fall so unevenly on two halves once in a hundred times; whoever tries many ways to halve finds one, [lesson 21](21_what_is_a_good_picture.ipynb)): where AVIF needs few bits, because much is smooth, it mostly wins, and where much is busy, the learned
# codec. (Our guess at the reason: AVIF's blocks may grow to 128 × 128 pixels.) Other photographs could turn the order. Against JPEG by λ there is no doubt: fewer bits on every one of the 24.
#
# ## Another judge
#
# The same files once more, and another question: MS-SSIM compares structure at five sizes ([lesson 07](07_rate_distortion.ipynb)). By PSNR JPEG by λ saved 30 % of Pillow's bits.


# %% jupyter={"source_hidden": true}
def judges(found):
    """The saving by MS-SSIM over the saving by PSNR, of all that have both."""
    shifts = {
        "jpeg": (7, -4), "learned_hours": (-6, 8, "right"), "avif": (16, -12),
        "avif444": (12, -12), "measured/heic444": (8, 2), "compressai/av1": (-8, -3, "right"),
        "learned_hours_refined": (-8, -4, "right"), "jpeg_lam": (-8, 4, "right"),
        "measured/mozjpeg420": (6, -12), "jpeg2000": (-8, 4, "right"),
        "measured/jxl_e7": (-8, -6, "right"),
    }  # fmt: skip
    figure, ax = plt.subplots(figsize=(8.5, 5.6))
    ax.plot([-70, 0], [-70, 0], color="gray", lw=0.8, ls=":")
    ax.text(-18.5, -22.5, "as much by both", color="gray", fontsize=9, rotation=45,
            rotation_mode="anchor", transform_rotates_text=True)  # fmt: skip
    for name, (psnr, similar) in found.items():
        hollow = "none" if NAMES[name][-1] in "¹²" else paint(name)
        ax.plot(psnr, similar, "o", color=paint(name), mfc=hollow, ms=7)
        dx, dy, *side = shifts.get(name, (7, -4))
        ax.annotate(NAMES[name], (psnr, similar), (dx, dy), textcoords="offset points",
                    ha=side[0] if side else "left", color=paint(name), fontsize=9)  # fmt: skip
    ax.set(xlim=(-78, 12), ylim=(-58, 14))
    ax.set(xlabel="bits against Pillow's JPEG by PSNR, %", ylabel="by MS-SSIM, %")
    ax.set_title("Above the line: better by PSNR than by MS-SSIM")
    figure.tight_layout()


# %%
with Predict("How many percent does it save by MS-SSIM?", unit="%", near=4) as predict:
    rows = table.bd_table([known[name] for name in NAMES], studies["jpeg"], WINDOW)
    both = {r["codec"]: (r["psnr"], r["ms_ssim"]) for r in rows if r["codec"] in RATED}
    judges(both)
    predict.truth = round(-both["jpeg_lam"][1])

# %% [markdown]
# On the dotted line a codec saves as much by both. Most lie above it, and furthest whatever was tuned for PSNR: JPEG 2000, JPEG by λ, mozjpeg when it is told so, which even *loses*. Our codec is clearly behind AVIF now. (*Refined* is judged from 29.5 to 34.5 dB here: its points end there, by MS-SSIM.) AVIF and JPEG XL are near the line, mozjpeg and
# jpegli as they come below it: their makers had the eye in mind. By this judge JPEG XL saves more than three times what JPEG by λ does.
#
# **A codec is best at what it was asked for.** Ours was asked for the MSE alone. Both judges belong in a table, and neither is the eye. [Lesson 21](21_what_is_a_good_picture.ipynb) asks yours: a blind test, two pictures of equal bytes and no names.
#
# ## Every codec on one plot
#
# One picture by every codec: the middle of the cat, 384 × 256 pixels, five files each. **Click a point**, and see what it looks like. Or give the plot the focus and use the arrow keys: left and right along a curve, up and down to the next codec.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.showdown.showdown import Showdown

explorer = Showdown()
explorer

# %% [markdown]
# This figure flatters somebody. A file is not only coded picture: before it stand names, sizes, tables, its **container**. Most codecs take as many bytes for that on a small picture as on a large one, and this one is a quarter of Kodak's.
# The button *without their heads* leaves out whatever comes before the first coded byte. **Predict:**


# %% jupyter={"source_hidden": true}
def five(name, bare):
    """The curve of the figure's five files."""
    found = explorer.source.curves[name]
    return [(f.bpp, f.psnr) for f in ((f.coded_alone() if bare else f) for f in found)]


def on_the_piece(bare):
    """Bits of the learned codec against AVIF's, where both have files, in percent."""
    return metrics.bd_rate(five("AVIF", bare), five("learned", bare))


# %%
question = (
    f"On this piece the learned codec needs {-on_the_piece(False):.0f} % fewer bits than AVIF. "
    "And without their heads?"
)
with Predict(question, unit="%", near=2) as predict:
    for name, found in explorer.source.curves.items():
        data = found[0].data
        print(f"{name:20} smallest file {len(data):5,} bytes, of them {files.head(data):3} head")
    predict.truth = round(-on_the_piece(True))

# %% [markdown]
# AVIF's head is 275 bytes, a sixth of its smallest file; ours is 19. JPEG's is longer still, but most of it are tables that its decoder needs. On a whole Kodak picture, some 30,000 bytes at 33 dB, AVIF's is one percent. On icons it decides everything. Always ask how large the files were.
#
# Bring a picture of your own: a screenshot, a drawing, a scan. The order will not stay. (Why, is the first part of the depth.)
#
# ## What it cost
#
# Fewer bits are bought with numbers that the decoder must have, with work, and with time. Below is the work of a decoder, in multiplications (with their additions: MAC) for each pixel. JPEG's DCT takes 24. Grey are counts of others, quoted in `data/rd/published_cost.json`.

# %% jupyter={"source_hidden": true}
cost = json.loads((RD / "published_cost.json").read_text(encoding="utf-8"))["entries"]
LABELS = {
    "jpeg": ("JPEG", (9, -3)),
    "jpeg_lam": ("JPEG by λ", (9, -3)),
    "learned_factorized": ("ours, factorized", (9, -3)),
    "learned_hours": ("ours", (-30, -4)),
    "learned_hours_refined": ("ours, refined", (-74, -4)),
    "coolchic/v1.0": ("Cool-chic 1", (-70, -3)),
    "coolchic/v3.4": ("Cool-chic 3.4", (-82, -3)),
    "compressai/paper-bmshj2018-factorized": ("Ballé, factorized", (9, -3)),
    "compressai/paper-bmshj2018-hyperprior": ("Ballé, hyperprior", (9, -3)),
    "compressai/paper-mbt2018": ("Minnen", (9, -3)),
    "compressai/compressai-cheng2020-anchor_mse_cuda": ("Cheng", (9, -3)),
    "compressai/paper-elic2022_mse": ("ELIC", (-32, -8)),
    "mlic/mlicplusplus": ("MLIC++", (9, -3)),
    "shallow-ntc/JPEG-like_syn": ("Shallow, one layer", (9, 0)),
    "shallow-ntc/2-layer_syn+SGA": ("Shallow, two layers, search", (-120, -15)),
}
work = {
    name: anatomy.kmac_per_pixel(learned.load(name))["decode"] for name in ("factorized", "hours")
}
work = {"jpeg": 24, "jpeg_lam": 24} | {f"learned_{n}": 1000 * kmac for n, kmac in work.items()}
work["learned_hours_refined"] = work["learned_hours"]  # the same decoder
own_work = set(work)
work |= {entry["codec"]: entry["decode"] for entry in cost}
rate = table.bd_table([known[name] for name in LABELS], studies["jpeg"], WINDOW)
rate = {row["codec"]: row["psnr"] for row in rate}
figure, ax = plt.subplots(figsize=(8.5, 4.8))
for name, (words, place) in LABELS.items():
    color = paint(name) if name in own_work else "gray"
    ax.plot(work[name], rate[name], "s" if name in own_work else "o", color=color, ms=7)
    ax.annotate(words, (work[name], rate[name]), place, textcoords="offset points", color=color, fontsize=9)  # fmt: skip  # noqa: E501
ax.set(xscale="log", xlim=(10, 1e7), ylim=(-77, 8))
ax.set(xlabel="multiplications a pixel, to decode", ylabel="BD-rate against Pillow's JPEG, %")
ax.set_title("More work in the decoder buys bits, and it is not the only way")
figure.tight_layout()

# %% [markdown]
# To the right the decoder works harder, downwards files get smaller. Minnen, Cheng, ELIC and MLIC++, learned codecs of 2018 to 2023, buy bits with work in the decoder, up to some 200 times that of ours. There is another way, from JPEG to *JPEG by λ* and from *ours* to *refined*: straight down. The decoder stays as
# it is, and the encoder works, once. *Shallow* codecs keep a large encoder and a small decoder. **Cool-chic** trains a tiny decoder for each single picture and sends it along: files of VVC's size, and a lighter decoder than ours.
#
# Time is another matter: 250 times JPEG's multiplications are some 40 times its time here (the last part of the depth). What waits for memory, or runs one call after the other, counts for more than multiplications; in 2025 DCVC-RT, a codec for video in real time, was built on that insight.
#
# ## Reading a table
#
# ### ✎ 1 · `flaws`
#
# Eight claims. **Every number is true**, most of them computed from the studies above. Only one sentence may be believed as it stands. Which of the others do not belong into one table with the first, and why? (COIN is a network fitted to one picture; [lesson 23](23_one_picture.ipynb).)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
from lic_teach.course.showdown.exercises import check, claims

for number, claim in enumerate(claims(), 1):
    print(fill(f"{number}  {claim}", 100, subsequent_indent="   "))

# %% [markdown]
# Write one word for each claim: `"anchor"`, `"head"` (the container decides), `"metric"`, `"pictures"`, `"rate"` (are these the bits of a file?), `"settings"` (who chose them, and by what?), `"window"`, or `"nothing"`. One claim has two flaws: a list of two words. One flaw comes twice.

# %%
my_flaws = {1: "nothing", 2: ..., 3: ..., 4: ..., 5: ..., 6: ..., 7: ..., 8: ...}

check("flaws", my_flaws)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# my_flaws = {
#     1: "nothing",
#     2: "rate",
#     3: "anchor",
#     4: "window",
#     5: "metric",
#     6: "settings",
#     7: "head",
#     8: ["pictures", "window"],
# }
# ```
#
# 2: no such file can be written: each picture has 128 histograms of its own, and they are not in it. The real files need 1 % fewer, not 22. 3: no `optimize`, so the anchor has Huffman tables that were not made for it. With its own it is 34 %.
# 4: one curve ends at 30.6 dB. Beyond, the cubic goes on alone. Where both have files, from 29.5 to 30.6 dB, it is +84 %, and from 24 to 27 dB, where COIN is at home, +10 %.
# 5: of Y alone. By RGB HEIC has 47 %. 6: chosen on the pictures on which it is then judged. What that is worth, only other pictures can tell.
# 7: files of one to three thousand bytes, 275 of them AVIF's head; without both heads it is 3 %. 8: six pictures of 24, those on which it does best, and 27 to 29.5 dB, where nobody would keep a photograph and JPEG is at its worst.
#
# </details>
#
# ## The scoreboard
#
# What each changed part of JPEG has earned in this course: the same 24 pictures, the same window, the same anchor. A thin line goes from the best picture to the worst.

# %% jupyter={"source_hidden": true}
Drawing(board("bitstream"))

# %% [markdown]
# ## So who wins?
#
# It depends on what you pay with.
#
# - **Bits of photographs alone:** the large learned codecs; beside them VVC, and codecs with a small decoder that train for every picture.
# - **Bits, with a light decoder that is already everywhere:** AVIF. Its makers had the eye in mind, too.
# - **No new decoder at all:** JPEG, with an encoder that is asked to think. Three tenths of the bits by PSNR, six percent by MS-SSIM, for nothing but the sender's time.
# - **Pages and drawings:** not this learned codec, but PNG (the depth tries some).
# - **Something that one person can read, train and understand:** you have its source.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: where it fails (about 15 minutes)
#
# The learned codec learned from photographs, and a few charts and posters. What has it never seen?
#
# ### ✎ 2 · `jpeg_wins`
#
# **Find a picture on which JPEG wins.** Write a function that makes one: uint8, shape (H, W, 3), sides of 128 to 512 pixels. The check codes it with the learned codec
# at λ = 0.01, and looks for the smallest JPEG file (4:2:0, all qualities) that is no worse in PSNR. It must be a tenth smaller. Try before you
# read on: the next cells give some away.


# %%
def my_picture():
    """Return uint8 (H, W, 3)."""
    # your lines here


check("jpeg_wins", my_picture)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_picture():
#     cells = 255 * np.random.default_rng(0).integers(0, 2, (32, 48))
#     return np.repeat(cells.repeat(8, 0).repeat(8, 1)[..., None], 3, 2).astype(np.uint8)
# ```
#
# Black and white squares of 8 × 8 pixels, which lie exactly on JPEG's blocks. Every block has one number, its DC. The learned codec's transform looks over the
# edges of the blocks, since on photographs that pays, and here every edge is a surprise.
#
# There are many others: single-pixel patterns, dithered pictures, noise of black and white.
#
# </details>

# %% [markdown]
# The cat, and six pictures that are no photographs as they came from the camera:

# %% jupyter={"source_hidden": true}
HEIGHT, WIDTH = 256, 384
rng = np.random.default_rng(0)
piece = cat[22 : 22 + HEIGHT, 33 : 33 + WIDTH]


def page():
    """Black letters on white."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    words = "A page of letters has two colours, hard edges, and nothing else. ".split()
    for line in range(15):
        draw.text((8, 6 + 16 * line), " ".join(np.roll(words, 3 * line)[:9]), "black", font)
    return np.array(sheet)


def drawing():
    """Thin coloured lines and circles."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(sheet)
    for i in range(12):
        draw.line((0, 20 * i, WIDTH, HEIGHT - 15 * i), ("red", "blue", "green", "black")[i % 4])
        corner = 20 + 12 * i, 20 + 6 * i, 360 - 12 * i, 240 - 6 * i
        draw.ellipse(corner, outline=("black", "purple", "red")[i % 3])
    return np.array(sheet)


def dithered():
    """The cat as a newspaper prints it: every pixel black or white."""
    levels = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]
    dots = piece.mean(2) > 16 * np.tile(levels, (HEIGHT // 4, WIDTH // 4)) + 8
    return np.repeat(255 * dots[..., None], 3, 2).astype(np.uint8)


def shuffled():
    """The cat's blocks of 8 x 8 pixels in random order."""
    blocks = piece.reshape(HEIGHT // 8, 8, WIDTH // 8, 8, 3).swapaxes(1, 2).reshape(-1, 8, 8, 3)
    blocks = rng.permutation(blocks).reshape(HEIGHT // 8, WIDTH // 8, 8, 8, 3)
    return np.ascontiguousarray(blocks.swapaxes(1, 2).reshape(HEIGHT, WIDTH, 3))


gallery = {
    "the cat": np.ascontiguousarray(piece),
    "a blue negative cat": np.ascontiguousarray(255 - piece[..., ::-1]),
    "a page": page(),
    "a drawing": drawing(),
    "the cat's blocks, shuffled": shuffled(),
    "the cat, dithered": dithered(),
    "noise": rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8),
}
figure, axes = plt.subplots(1, 7, figsize=(11, 2))
for ax, (name, image) in zip(axes, gallery.items(), strict=True):
    ax.imshow(image[64:144, 96:176], interpolation="nearest")
    ax.set_title(name.replace(", ", ",\n").replace("negative ", "negative\n"), fontsize=9)
    ax.axis("off")
figure.suptitle("80 × 80 pixels of each", fontsize=10)
figure.tight_layout()

# %% [markdown]
# For each: the learned file at λ = 0.01 and its PSNR; the smallest JPEG file that is no worse; the PSNR of the best JPEG file that is no larger; and the PNG file, which is perfect.

# %% jupyter={"source_hidden": true}
from io import BytesIO


def png(image):
    """Bytes of the PNG file."""
    file = BytesIO()
    Image.fromarray(image).save(file, "PNG", optimize=True)
    return len(file.getvalue())


def row_of(image):
    """Bytes of the learned file, of JPEG's and of PNG's; PSNR of the first; of JPEG at its bytes."""
    (size, psnr), jpegs = files.learned_file(image), files.jpeg_files(image)
    no_worse = min((each for each, quality in jpegs if quality >= psnr), default=np.inf)
    no_larger = max(quality for each, quality in jpegs if each <= size)
    return size, no_worse, png(image), psnr, no_larger


# %%
with Predict("Of how many of the seven is PNG the smallest file?", unit="of 7", near=1) as predict:
    found = {name: row_of(image) for name, image in gallery.items()}
    print(f"{'':27}{'bytes at equal PSNR':^29}{'PSNR at equal bytes':^20}")
    print(f"{'':27}{'learned':>9}{'JPEG':>9}{'PNG':>9}{'learned':>11}{'JPEG':>9}")
    for name, (size, jpegs, whole, psnr, best) in found.items():
        jpegs = f"{jpegs:9,}" if jpegs < np.inf else f"{'none':>9}"
        print(f"{name:27}{size:9,}{jpegs}{whole:9,}{psnr:8.0f} dB{best:6.0f} dB")
    print("none: no JPEG file in 4:2:0 is that good")
    smallest = {name: ("learned", "JPEG", "PNG")[np.argmin(row[:3])] for name, row in found.items()}
    predict.truth = sum(winner == "PNG" for winner in smallest.values())

# %% jupyter={"source_hidden": true}
winners = "learned", "learned", "PNG", "PNG", "JPEG", "PNG", "learned"  # the text below says why
assert tuple(smallest.values()) == winners

# %% [markdown]
# - **Odd colours** do no harm. The negative cat is still made of edges, hair and soft shadows.
# - **The page** is where both codecs are out of place. The learned file is smaller than JPEG's, but PNG is smaller than both, and has every letter
#   right. Two colours and a few shapes, again and again: that is prediction and repetition, and no transform is needed.
# - **The drawing:** PNG again. JPEG in 4:2:0 never gets as far as the learned codec: thin coloured lines need the chroma that it throws away.
# - **Shuffled blocks** keep what JPEG looks at, since its blocks know nothing of each other but the DC. What the learned codec knows beyond 8 × 8 pixels
#   is wrong here, and its lead is gone.
# - **Dithered:** here it breaks. A plain grey sheet would have 6 dB. The learned file has 8, and is as large as a JPEG file of 46 dB.
# - **Noise** nobody can compress without loss: PNG needs a little more than the raw pixels. A plain grey sheet would have 11 dB, and the learned codec
#   pays five bits a pixel for two more. It is smallest here only because JPEG has thrown three quarters of the chroma away, and cannot get that far.
#
# What happens to the dithered cat? The bends of $g_a$ ([lesson 17](17_learned_codec.ipynb); here there are three) have met nothing like it. Each corrects
# what the one before has made, and each correction is larger than the last. So the package holds them within a limit that photographs hardly ever
# reach. What does it do? Here is the codec with that limit, and without:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
model, unlimited = learned.load(), learned.load()
for block in unlimited.g_a.blocks:
    block.limit = np.inf
print(f"{'':20}{'with the limit':>18}{'without':>18}")
for name in ("the cat", "a drawing", "the cat, dithered"):
    cells = []
    for each in (model, unlimited):
        data = learned.encode(gallery[name], each, 0.01)
        psnr = metrics.psnr(gallery[name], learned.decode(data, model))
        cells.append(f"{len(data) / 1000:6.0f} kB {psnr:3.0f} dB")
    print(f"{name:20}{cells[0]:>18}{cells[1]:>18}")

# %% [markdown]
# The cat does not notice. The other two lose decibels and gain bytes. The limit keeps the damage small. It does not heal: 8 dB is hardly a cat.
#
# JPEG's DCT is a rotation and can carry *every* picture, only more or less cheaply: what it is given comes back with an error that the steps bound.
# (In 4:2:0 three quarters of the chroma samples are gone before.) The learned
# one promises nothing where it has not been. That is the price of having learned: a prior gives short codes to what it expects and takes them from
# all else ([lesson 14](14_bits_from_probability.ipynb)), and a network is tested only where it was trained. The remedies are known, too: other pictures in the training, and an encoder
# that decodes what it wrote and takes another codec where that is better.

# %% [markdown]
# ## Depth: which part of ours earned it? (about 10 minutes)
#
# The course has trained its codec with five priors over the same transform. `fixed` expects N(0, 1) of every latent, `factorized` one Gaussian for each channel, `mixture` three. `hyper` tells the decoder in side information how wide each latent is, `context` also looks at the neighbours
# ([lesson 16](16_tell_the_decoder_where.ipynb)). What each rung adds to the one before:

# %%
# NBVAL_CHECK_OUTPUT
rungs = "fixed", "factorized", "mixture", "hyper", "context", "hours"
ladder = [studies[f"learned_{rung}"] for rung in rungs]
logs = [json.loads((DATA / "weights" / f"{rung}.json").read_text()) for rung in rungs]

last = ladder[0]
print("bits against      JPEG   the rung before   steps of training")
for rung, study, log in zip(rungs, ladder, logs, strict=True):
    change = [table.bd_table([study], anchor)[0]["psnr"] for anchor in (studies["jpeg"], last)]
    before = "" if study is last else f"{change[1]:+.0f} %"
    print(
        f"{rung:12}{change[0]:+8.0f} %{before:>16}{log['steps']:16,} from {log['start'] or 'the DCT'}"
    )
    last = study
unequal = [rung for rung, log in zip(rungs, logs, strict=True) if log["steps"] != logs[0]["steps"]]
print("trained for another time than the others:", ", ".join(unequal) or "none")

# %% [markdown]
# `hours` is no rung but the codec of all lessons: `context`, trained thirty times as long in three runs (the table has the steps of the last), with an older optimizer and fewer pictures. What that adds is not the prior's. The five rungs began alike, with JPEG's DCT, and were trained for as many steps on the same pictures. (The curves of `fixed` and `factorized` end at 35.9 dB, and their rows with them.) From the first of them to the last the
# prior makes the difference between a codec that loses against Pillow's JPEG and one that wins against JPEG by λ. **Among our codecs the prior decides.**
#
# Is that a law? The next table has a counter-example:

# %%
# NBVAL_CHECK_OUTPUT
OTHERS = {
    "tfc/theis-2017-iclr": "Theis et al. 2017",
    "compressai/paper-bmshj2018-factorized": "Ballé et al. 2018, factorized",
    "compressai/paper-bmshj2018-hyperprior": "Ballé et al. 2018, hyperprior",
    "compressai/hm": "HM: HEVC, 2013",
    "compressai/paper-mbt2018": "Minnen et al. 2018",
    "compressai/compressai-cheng2020-anchor_mse_cuda": "Cheng et al. 2020",
    "coolchic/v5.0": "Cool-chic 5.0",
    "compressai/paper-elic2022_mse": "ELIC, 2022",
}
anchors = studies["jpeg"], studies["jpeg_lam"], studies["learned_hours"]
quoted = [published[name] for name in OTHERS]
columns = [[row["psnr"] for row in table.bd_table(quoted, anchor)] for anchor in anchors]
print(f"{'PSNR, 29.5 to 36 dB; quoted':31} Pillow's JPEG  JPEG by λ  ours")
for name, (first, second, third) in zip(OTHERS.values(), zip(*columns, strict=True), strict=True):
    print(f"{name:31}{first:+11.0f} %{second:+9.0f} %{third:+6.0f} %")

# %% [markdown]
# Ballé's factorized codec of 2018 has a prior of the same kind as ours: one density for each channel, no side information, no context. It saves 39 % of Pillow's bits. Why is ours so far behind? What can be measured:


# %%
# NBVAL_CHECK_OUTPUT
def step(one, other):
    """From one curve to another, in percent of bits."""
    return metrics.bd_rate(table.psnr_curve(known[one]), table.psnr_curve(known[other]), WINDOW)


ours, theirs = "learned_{}", "compressai/paper-bmshj2018-{}"
single = table.per_picture(studies["learned_mixture"], studies["learned_factorized"], WINDOW)
free = json.loads((RD / "claims.json").read_text(encoding="utf-8"))["learned_factorized, entropies"]
free = metrics.bd_rate(table.psnr_curve(studies["jpeg"]), free, WINDOW)
both = [
    step(name.format("factorized"), name.format("hyper" + more))
    for name, more in ((theirs, "prior"), (ours, ""))
]
macs = [work[theirs.format("factorized")], work[ours.format("factorized")]]

print(
    f"shape: one Gaussian -> three {step(ours.format('factorized'), ours.format('mixture')):+.0f} %, "
    f"fewer bits on {sum(v < 0 for v in single.values())} of 24 pictures"
)
print(f"shape: our latents, each channel with a free histogram, against JPEG {free:+.0f} %")
print(f"work: multiplications a pixel, theirs {macs[0]:,}, ours {macs[1]:,.0f}")
print(f"factorized -> hyperprior: theirs {both[0]:+.0f} %, ours {both[1]:+.0f} %")

# %% [markdown]
# **What is known.** *The shape* of the density is a part of it: theirs is free, ours a Gaussian. Three Gaussians, trained as long, need fewer bits. But it is not all of it. Let each channel of each picture have its own histogram, free of charge, so that no shape could be
# better for these latents (claim 2 of ✎ 1): that is still not where theirs is. Their decoder does more *work*. Theirs was trained for one λ at a time, ours once for all. And a hyperprior adds less to theirs than to ours.
#
# **What is a guess.** Their transform, larger, more bent and trained for longer, leaves less for a prior to find. So their prior has less to do, and a better one earns less. To know, one would train theirs small, and ours as large and as long. Nobody here has.
#
# So the bold sentence is about *our* codecs: where the transform is light, the prior decides. Among everybody's it is also work, in the decoder or in the encoder.

# %% [markdown]
# ## Depth: time, and the decoder's own size (about 10 minutes)
#
# Seconds belong to a machine, ratios less so. `data/rd/times.json` holds one measurement: processor time over that of Pillow's JPEG, all
# near 33 dB, one thread, on the sample photographs cut to Kodak's size. `python -m tools.bench.times` repeats it on yours. Here it is to one digit. (*Fast* is JPEG by λ that makes one file and tries no other; [lesson 08](08_jpeg_by_lambda.ipynb).)

# %%
# NBVAL_CHECK_OUTPUT
times = json.loads((RD / "times.json").read_text())
print(times["what"])
print(f"{'':27}{'encode':>9}{'decode':>9}")
TIMED = NAMES | {
    "jpeg_lam_fast": "JPEG by λ, fast",
    "learned_hyper": "learned, hyperprior",
}
timed = [(name, times["ratios"][name]) for name in TIMED if name in times["ratios"]]
for name, ratios in sorted(timed, key=lambda pair: pair[1]["decode"]):
    cells = (f"{float(f'{ratios[way]:.1g}'):g} ×" for way in ("encode", "decode"))
    print(f"{TIMED[name]:27}" + "".join(f"{cell:>9}" for cell in cells))

# %% [markdown]
# What AVIF and JPEG by λ save costs a hundred times JPEG's time and more in the encoder, and little in the decoder. The learned codec pays about the same on
# both sides. A picture on a web page is decoded a million times: there it is the decoder's cost that counts. *Refined* spends thousands of times JPEG's time in the encoder, and nothing more in the decoder.
# (The two AVIF differ in speed, so the gap between them is not chroma's alone. Pillow's codecs are C and assembler. JPEG by λ is numba, the learned codec Python on top of torch; and it needs 250 times the arithmetic of a DCT.)

# %% [markdown]
# **The decoder itself.** Everybody has a JPEG decoder. A learned one must first be sent, once. When has it earned its own size?
#
# ### ✎ 3 · `break_even`
#
# A decoder has so many bytes. A picture has so many pixels, and at equal quality JPEG needs `bpp_jpeg` bits per pixel and the learned codec
# `bpp_learned`. From how many pictures on are decoder and learned files together no larger than the JPEG files?

# %%
from lic_teach.course.showdown.exercises import check


def break_even(decoder, pixels, bpp_jpeg, bpp_learned):
    """Bytes, pixels, bits per pixel twice -> a whole number of pictures."""
    # your lines here


check("break_even", break_even)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def break_even(decoder, pixels, bpp_jpeg, bpp_learned):
#     saved = pixels * (bpp_jpeg - bpp_learned)  # bits a picture
#     return math.ceil(8 * decoder / saved)
# ```
#
# </details>
#
# And for the real codecs? At 33 dB, read from the curves, with four bytes for each parameter of the decoder:


# %%
# NBVAL_CHECK_OUTPUT
def rate_at(study, psnr):
    """Bits per pixel at which a curve reaches a PSNR."""
    rate, quality = np.array(table.psnr_curve(study)).T
    return np.exp(np.interp(psnr, quality, np.log(rate)))


decoder = 4 * anatomy.decoder_parameters(learned.load())
theirs = rate_at(studies["learned_hours"], 33)
for anchor in ("jpeg", "jpeg_lam"):
    saved = 512 * 768 * (rate_at(studies[anchor], 33) - theirs)
    pictures = math.ceil(8 * decoder / saved)
    print(
        f"against {NAMES[anchor]:13} {saved / 8:6,.0f} bytes a picture; after {pictures} pictures"
    )
print(f"a decoder of {decoder:,} bytes")

# %% [markdown]
# A holiday's photographs. A codec of a hundred million parameters would need two hundred holidays; but photographs of 12 megapixels are thirty times
# as large as Kodak's, and save thirty times as much at the same bits per pixel. The size of the decoder is no great obstacle. Its work is.

# %% [markdown]
# ## What you learnt
#
# - A claim needs its anchor, window, judge, pictures, and the bits of real files of a real size. Without one of them it says nothing.
# - A better JPEG encoder takes back three fifths of what the learned codec seemed to gain.
# - One number hides the pictures: AVIF where much is smooth, the learned codec where much is busy.
# - PSNR and MS-SSIM rank the same files differently. A codec is best at what it was asked for.
# - Bits are bought with work, in the decoder or in the encoder. Among our codecs, whose transform is light, the prior decides.
# - A learned codec knows what it was trained on. On pictures unlike that JPEG or PNG wins, sometimes by far.
#
# The best codecs of the table do a few things that ours does not. [Lesson 24](24_what_next.ipynb).
#
# ## Further reading
#
# - The Kodak Lossless True Color Image Suite, <https://r0k.us/graphics/kodak/>. The 24 pictures.
# - J. Bégaint, F. Racapé, S. Feltman, A. Pushparaja, "CompressAI: a PyTorch library and evaluation platform for end-to-end compression research", 2020,
#   [arXiv:2011.03029](https://arxiv.org/abs/2011.03029). Most of the quoted curves.
# - Y. Yang, S. Mandt, "Computationally-efficient neural image compression with shallow decoders", *ICCV*, 2023,
#   [arXiv:2304.06244](https://arxiv.org/abs/2304.06244).
# - T. Ladune, P. Philippe, F. Henry, G. Clare, T. Leguay, "COOL-CHIC: Coordinate-based low complexity hierarchical image codec", *ICCV*, 2023,
#   [arXiv:2212.05458](https://arxiv.org/abs/2212.05458). A decoder for each picture.
# - D. He, Z. Yang, W. Peng, R. Ma, H. Qin, Y. Wang, "ELIC: Efficient learned image compression with unevenly grouped space-channel contextual adaptive
#   coding", *CVPR*, 2022, [arXiv:2203.10886](https://arxiv.org/abs/2203.10886).
# - W. Jiang, R. Wang, "MLIC++: Linear complexity multi-reference entropy modeling for learned image compression", *ICML Workshop on Neural Compression*, 2023,
#   [arXiv:2307.15421](https://arxiv.org/abs/2307.15421).
# - Y. Li, H. Zhang, L. Li, D. Liu, "Learned image compression with hierarchical progressive context modeling", *ICCV*, 2025,
#   [arXiv:2507.19125](https://arxiv.org/abs/2507.19125). MLIC++'s multiplications are counted in its table 1.
# - Z. Jia, B. Li, J. Li, W. Xie, L. Qi, H. Li, Y. Lu, "Towards practical real-time neural video compression", *CVPR*, 2025,
#   [arXiv:2502.20762](https://arxiv.org/abs/2502.20762). DCVC-RT: what a decoder waits for.
# - J. Alakuijala et al., "JPEG XL next-generation image compression architecture and coding tools", *Applications of Digital Image Processing XLII*, SPIE, 2019.
# - B. Bross et al., "Overview of the versatile video coding (VVC) standard and its applications", *IEEE Transactions on Circuits and Systems for Video
#   Technology* 31(10), 3736–3764, 2021.
# - The Bjøntegaard bible, by C. Herglotz et al. ([lesson 07](07_rate_distortion.ipynb)), on how such tables go wrong.
