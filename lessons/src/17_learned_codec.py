# %% [markdown]
# # 17 · The learned codec
#
# **Can a network beat JPEG?**
#
# In [lesson 06](06_a_real_jpeg.ipynb) you joined your pieces to a JPEG encoder. Now you join a learned codec, train it here, and take your own photograph through it. Below is
# such a training, recorded. The cat is a photograph that it did not see.

# %% jupyter={"source_hidden": true}
import math
import os

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lic_teach import images, learned, metrics
from lic_teach.course.learned_codec import anchors, machines, own_codec, parts, pieces
from lic_teach.kit import mine
from lic_teach.kit.measured import by_learned
from lic_teach.kit.predict import Predict
from lic_teach.kit.stills import Drawing
from lic_teach.learned import anatomy, record
from lic_teach.learned.batches import draw_batch
from lic_teach.learned.model import Model

torch.set_num_threads(1)
ORANGE, BLUE = "#d9730d", "#2563b0"  # JPEG, what is learned

cat = images.sample("chelsea")
jpeg_curve, lam_curve = anchors.jpeg_points(cat), anchors.lam_points(cat)


def curves(ax, xlim=(0.25, 1.0), ylim=(31, 35.5)):
    """Both JPEGs on the cat."""
    ax.plot(*zip(*jpeg_curve, strict=True), color=ORANGE, lw=2)
    ax.plot(*zip(*lam_curve, strict=True), color=ORANGE, lw=2, ls="--")
    ax.annotate("JPEG", (0.88, 33.9), color=ORANGE)
    ax.annotate("JPEG by λ", (0.59, 34.7), color=ORANGE, ha="right")
    ax.set(xlim=xlim, ylim=ylim, xlabel="bits per pixel, whole file", ylabel="PSNR (RGB), dB")


path = record.load()["dct"].points
figure, ax = plt.subplots(figsize=(7, 3.8))
curves(ax)
ax.plot(*path.T, color=BLUE, lw=1, ls="--", marker="s", ms=4)
ax.plot(*path[-1], "s", color=BLUE, ms=10, mec="white")
ax.annotate("step 1", path[0], (0, -14), textcoords="offset points", color=BLUE)
ax.annotate("step 2,000", path[-1], (-6, 8), textcoords="offset points", color=BLUE, ha="right")
ax.set_title("A minute of learning: from JPEG's curve across JPEG by λ")
figure.tight_layout()

# %% [markdown]
# It begins on the right, as JPEG. Then it crosses two curves. *JPEG* is what most programs write: libjpeg, 4:2:0, with Huffman tables of its own. *JPEG by λ* is the best .jpg
# of this course ([lesson 08](08_jpeg_by_lambda.ipynb)), and the rival that counts.
#
# **After this lesson** you have a learned codec of your own, and can
# - draw the machine, box by box, beside JPEG's;
# - write its transform, its prior and its loss in some fifty lines of PyTorch, and train them;
# - say which of its parts earn the bits, and which do not.
#
# About 40 minutes, one or two of them for training.
#
# > **What you need from the lessons before.** A number costs $-\log_2 P$ bits, and $P$ is the area of a prior over its bin
# > ([14](14_bits_from_probability.ipynb)). Rounding has no slope: in training, noise stands for it where bits are counted, and *straight-through* lets the
# > slope of $D$ pass to the encoder ([15](15_noise_for_rounding.ipynb)). A decoder that looks left and above knows how wide the next numbers will be
# > ([16](16_tell_the_decoder_where.ipynb)). Adam goes downhill on $L = R + \lambda D$ ([09](09_learning.ipynb)).

# %% [markdown]
# ## The same machine

# %% jupyter={"source_hidden": true}
Drawing(machines.machines())

# %% [markdown]
# $x$ is the picture, $y = g_a(x)$ are the latents, $\hat y$ is what the file tells, $\hat x = g_s(\hat y)$ is what comes out. $g_a$ is the **analysis transform**, $g_s$ the **synthesis transform**.
#
# - A **filter** is a weighted sum of 16 × 16 pixels, in three colours. The same filter is put on the picture every 8 pixels: a *convolution* with a stride of 8. There are 128 filters, so
#   there are 128 **channels** of latents. (JPEG has 192 numbers there, with 4:2:0 it has 96. Yours leaves out the finest half of the colour.)
# - A **bend** is a small network that *adds* something to the latents. It sees a place and its eight neighbours, in all channels. With it, a latent depends on
#   32 × 32 pixels: its **receptive field**.
# - The **prior** expects each number with a mean and a width of its own. It sees the places to the left, above, and above to both sides, all 128 channels.

# %% [markdown]
# ## Fifty lines
#
# What is in your `mine.py` is yours, what is missing there is the package's:

# %%
from lic_teach.course.learned_codec.pieces import block, filters

best_sigma = mine.get("best_sigma", pieces.best_sigma)
straight_through = mine.get("straight_through", pieces.straight_through)
laplace_bits = mine.get("laplace_bits", pieces.laplace_bits)

# %% [markdown]
# `filters()` are JPEG's colour matrix and DCT, as filters of 16 × 16 pixels with a rim of zeros. `block()` is a bend: convolutions of 1 × 1, 3 × 3 and 1 × 1, with an activation between
# them, and all weights of the last one 0. So at first it adds nothing. `laplace_bits(y, mean, b)` is $-\log_2 P$ of the Laplace prior, $b = \sigma / \sqrt 2$.


# %%
class Codec(nn.Module):
    def __init__(self):
        super().__init__()
        self.analysis, self.synthesis = map(nn.Parameter, filters())  # (128, 3, 16, 16) each
        self.bend, self.unbend = block(), block()
        self.log_step = nn.Parameter(torch.full((128, 1, 1), math.log(51)))
        self.copy = nn.Parameter(torch.zeros(4, 128, 1, 1))  # how much of each neighbour
        self.copy.data[0, [0, 64, 96]] = 1.0  # of the left one, for DC of luma, Cb, Cr: all
        self.log_b = nn.Parameter(torch.zeros(128, 1, 1))  # a width for each channel
        self.look = nn.Sequential(nn.Conv2d(4 * 128, 32, 1), nn.ReLU(), nn.Conv2d(32, 128, 1))
        nn.init.zeros_(self.look[-1].weight)
        nn.init.zeros_(self.look[-1].bias)

    def g_a(self, x):  # pixels -> latents, in steps
        x = F.pad(x - 128, (4, 4, 4, 4), mode="replicate")
        y = F.conv2d(x, self.analysis, stride=8) / self.log_step.exp()
        return y + self.bend(y)

    def g_s(self, y_hat):  # and back
        y = (y_hat + self.unbend(y_hat)) * self.log_step.exp()
        y = F.pad(y, (1, 1, 1, 1), mode="replicate")
        return F.conv_transpose2d(y, self.synthesis, stride=8, padding=12) + 128

    def guess(self, y_hat):  # the prior of each latent: mean and width
        near = neighbours(y_hat)
        mean = (self.copy * torch.stack(near, 1)).sum(1)
        sizes = torch.log1p(torch.cat(near, 1).abs())
        return mean, (self.log_b + self.look(sizes)).exp().clamp(0.05, 60)


def neighbours(y_hat):  # left, above, above left, above right; 0 past the edge
    p = F.pad(y_hat, (1, 1, 1, 0))
    return p[:, :, 1:, :-2], p[:, :, :-1, 1:-1], p[:, :, :-1, :-2], p[:, :, :-1, 2:]


# %% [markdown]
# Read it once more with JPEG in mind. The filters are JPEG's, and add no bend. All steps are equal, 51: the 29.4 of [lesson 08](08_jpeg_by_lambda.ipynb) for λ = 0.01, times √3, since $D$ is a mean over three samples for each pixel. The mean of DC is the DC to the left:
# that is JPEG's DC difference. All other means are 0, and the look at the neighbours adds nothing yet. Last, each channel gets the width of your `best_sigma`, on the photographs of the training.
#
# Those are three: astronaut, coffee and rocket, each shown twice more with two of its colours swapped, for they hold hardly any blue. Nobody has seen the cat.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
torch.manual_seed(0)
photos = record.photographs()
codec = Codec()
own_codec.begin(codec, photos, best_sigma)

package = own_codec.Codec()  # the package's: the same names, the same numbers
package.load_state_dict(codec.state_dict())
x = torch.from_numpy(cat[64:128, 160:224].copy()).permute(2, 0, 1)[None].float()
with torch.no_grad():
    y = codec.g_a(x)
    np.testing.assert_allclose(y, package.g_a(x))
    np.testing.assert_allclose(codec.g_s(y.round()), package.g_s(y.round()))
    np.testing.assert_allclose(codec.guess(y.round())[1], package.guess(y.round())[1])
for name in ("filters", "bends", "steps", "prior"):
    part = {"filters": "analysis synthesis", "bends": "bend unbend", "steps": "log_step"}
    kinds = part.get(name, "copy log_b look").split()
    count = sum(p.numel() for n, p in codec.named_parameters() if n.split(".")[0] in kinds)
    print(f"{name:8}{count:9,} numbers")

# %% [markdown]
# Is it JPEG? It writes the cat, untrained, and beside it stands the file of libjpeg with as many bytes.

# %%
question = "Its file against libjpeg's at the same PSNR: how many percent larger?"
with Predict(question, unit="%", near=10) as predict:
    data, x_hat = own_codec.code(codec, cat)
    start = metrics.bpp(data, cat), metrics.psnr(cat, x_hat)
    predict.truth = round(-100 * anchors.saved_bits(jpeg_curve, *start))
    rival, _ = anchors.at_bytes(cat, len(data))
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2))
    for ax, picture, name in ((axes[0], rival.x_hat, "JPEG"), (axes[1], x_hat, "yours, untrained")):
        ax.imshow(picture[70:150, 130:230], interpolation="nearest")
        ax.set_title(f"{name}: {metrics.psnr(cat, picture):.1f} dB", fontsize=11)
        ax.axis("off")
    figure.tight_layout()

# %% [markdown]
# The same squares, the same rings. It is JPEG, with one step for all and a weaker coder: these very numbers, written as a .jpg with Huffman tables of its own, take 10 percent fewer bytes. Such tables are made for each picture, and one short word says that the rest of a block is 0. Your prior has one width for each channel, everywhere.
#
# ## Join it
#
# ### ✎ 1 · `objective`
#
# First the loss, for a batch ([lesson 09](09_learning.ipynb)): one L, R and D for each piece.

# %%
from lic_teach.course.learned_codec.exercises import check


def objective(x, x_hat, bits, lam):
    """x, x_hat: float (N, 3, H, W), 0..255; bits: (N,). Return L, R, D, each (N,)."""
    # your lines here


check("objective", objective)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def objective(x, x_hat, bits, lam):
#     R = bits / (x.shape[2] * x.shape[3])
#     D = ((x - x_hat) ** 2).mean((1, 2, 3))
#     return R + lam * D, R, D
# ```
#
# $R$ is per *pixel*, $D$ is the mean over *samples*, three for each pixel.
#
# </details>

# %% [markdown]
# ### ✎ 2 · `join`
#
# Then the whole machine, as it is in training. You have `codec.g_a`, `codec.g_s` and `codec.guess`, `straight_through` and `laplace_bits`. Three latents go three ways: what the decoder
# gets, what the prior may look at, and what is paid for, with noise. Which is which?


# %%
def join(codec, x):
    """x: float (N, 3, H, W). Return x_hat, and the bits of each piece, (N,)."""
    # your lines here


check("join", join)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def join(codec, x):
#     y = codec.g_a(x)
#     y_hat = straight_through(y)  # what the decoder gets
#     mean, b = codec.guess(y_hat)  # the prior looks at what the decoder has
#     noisy = y + torch.rand_like(y) - 0.5  # what is paid for
#     bits = laplace_bits(noisy, mean, b).sum((1, 2, 3))
#     return codec.g_s(y_hat), bits
# ```
#
# The decoder would learn from plain rounded numbers, too. It is the *encoder* that needs the straight-through: without it, $D$ would have no slope for $g_a$.
#
# </details>

# %% [markdown]
# ## Train it
#
# 2,000 times: draw four pieces of 64 × 64 pixels, compute $L$, let Adam move all numbers a little. The learning rates rise at first and fall to 0 in the end; the filters have a smaller one, because they start near where they
# end. It takes about a minute on a quiet core.

# %%
join = mine.get("join", own_codec.join)
objective = mine.get("objective", pieces.objective)
adam, schedule = own_codec.optimizer_of(codec, steps=2000)
rng, lam = np.random.default_rng(0), 0.01
torch.manual_seed(0)

for step in range(2000):
    x = draw_batch(photos, rng, 4, 64)  # mirrored and turned at random
    x_hat, bits = join(codec, x)
    L, R, D = objective(x, x_hat, bits, lam)
    L.mean().backward()
    nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
    adam.step()
    adam.zero_grad()
    schedule.step()
    if step % 400 == 0:
        print(f"step {step:5,}: L = {L.mean():.2f}, R = {R.mean():.2f}, D = {D.mean():.0f}")

# %% [markdown]
# These are losses of single batches, with noise: they jump about, and their R is larger than a file's ([lesson 15](15_noise_for_rounding.ipynb)).
#
# ## A file
#
# Now to a file. Four bytes say height and width. Then come the latents, place after place, each with the mean and the width that your prior guesses from the places before, through a
# range coder. The decoder takes the same walk ([lesson 16](16_tell_the_decoder_where.ipynb)). It has the file and the 325,024 numbers of your codec, which do **not** travel: both sides agreed on them beforehand,
# as JPEG's on the DCT. (Your widths are computed in floating point, so the file is sure to decode only on the machine that wrote it; [lesson 20](20_bitstream.ipynb) mends that for the shipped codec.)

# %%
data = own_codec.encode(codec, cat)
back = own_codec.decode(codec, data)
yours = metrics.bpp(data, cat), metrics.psnr(cat, back)
bits, x_hat = own_codec.estimate(codec, cat)  # the sum of -log2 P, and g_s of the latents
np.testing.assert_array_equal(back, x_hat)  # every pixel
print(f"{len(data):,} bytes, estimated {bits / 8:,.0f}: {data[:12].hex(' ')} ...")
assert anchors.saved_bits(jpeg_curve, *yours) > 0.2

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.1))
rivals = anchors.at_bytes(cat, len(data))
shown = [(rivals[0].x_hat, "JPEG"), (rivals[1].x_hat, "JPEG by λ"), (back, "yours")]
for ax, (picture, name) in zip(axes, shown, strict=True):
    ax.imshow(picture[70:150, 130:230], interpolation="nearest")
    ax.set_title(f"{name}: {metrics.psnr(cat, picture):.1f} dB", fontsize=11)
    ax.axis("off")
figure.suptitle(f"The same {len(data):,} bytes, three ways")
figure.tight_layout()

# %% [markdown]
# Look at the rim of the eye and at the fur beside it. JPEG has squares and rings. In yours the filters overlap, and what overlaps leaves no squares.
#
# **Your own photograph:** write its name in the place of the one that comes with matplotlib, `images.load("my_photo.jpg")`. A photograph that was a .jpg before is halved, so that its old squares are gone.

# %%
photo = images.load(os.path.join(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg"))

photo = images.centre_crop(photo, 1024)
half = photo[: len(photo) // 2 * 2, : photo.shape[1] // 2 * 2].reshape(
    len(photo) // 2, 2, photo.shape[1] // 2, 2, 3
)
photo = half.mean((1, 3)).round().astype(np.uint8)
data = own_codec.encode(codec, photo)
back = own_codec.decode(codec, data)
here = metrics.bpp(data, photo), metrics.psnr(photo, back)
print(f"{len(data):,} bytes, {here[1]:.1f} dB")
for name, points in zip(anchors.NAMES, (anchors.jpeg_points, anchors.lam_points), strict=True):
    saved = anchors.saved_bits(points(photo), *here)
    words = f"{saved:.0%} saved" if saved is not None else "has no file of this quality here"
    print(f"against {name} at equal PSNR: {words}")

# %% [markdown]
# ## Is that luck?
#
# The course trained the same codec, and tried it on 14 photographs of a collection that nobody here had chosen from (every third of CID22's validation set). All files are real.

# %%
# NBVAL_CHECK_OUTPUT
question = "On how many of the 14 is its file smaller than that of JPEG by λ, at equal PSNR?"
with Predict(question, unit="of 14", near=1) as predict:
    for name, percent in parts.against().items():
        low, high = np.nanmin(percent), np.nanmax(percent)
        print(f"against {name:9} {parts.mean(percent):+.0f} %, from {low:+.0f} to {high:+.0f}")
    predict.truth = int((percent < 0).sum())

# %% [markdown]
# So in a minute, with three photographs, it beats JPEG clearly on each of them. JPEG by λ it beats on most, by about a tenth. One cannot say more than that: one training, one λ, and PSNR as the judge.
#
# ## Which part earns the bits?
#
# Everything learned at once. So what was it? Freeze one part, train all others just as long, and see what is lost. The course has done it, once for each part. A part that is frozen stays as it is in the untrained codec: as in JPEG, but for the prior, which is weaker than JPEG's coder.
#
# All runs were trained for one λ. So they are judged by what they were trained for: $L = R + \lambda D$, with the λ of the training, photograph by photograph. Begin with what gives *neural* networks their name, the bends.

# %%
# NBVAL_CHECK_OUTPUT
question = "With both bends frozen, how much larger is L? (The mean of the 14.)"
with Predict(question, unit="%", near=1) as predict:
    percent = parts.larger("the bends")
    print(f"{parts.mean(percent):+.1f} %, from {percent.min():+.1f} to {percent.max():+.1f}")
    predict.truth = round(parts.mean(percent))

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
frozen = [name for name in own_codec.FROZEN if name != "nothing"]
larger = {name: parts.larger(name) for name in (*frozen, parts.AGAIN, parts.BY_LAM)}
means = {name: parts.mean(percent) for name, percent in larger.items()}
with Predict("Which one, frozen, costs the most on the 14 photographs?", frozen) as predict:
    figure, ax = plt.subplots(figsize=(8, 3.8))
    rows = sorted(means, key=means.get)
    for row, name in enumerate(rows):
        color = ORANGE if name == parts.BY_LAM else BLUE
        ax.barh(row, means[name], color=color, alpha=0.35)
        ax.plot(larger[name], [row] * 14, "|", color=color, ms=9)
    words = [f"{'frozen: ' * (name in frozen)}{name}  {means[name]:+.1f} %" for name in rows]
    ax.set_yticks(range(len(rows)), words)
    ax.invert_yaxis()
    ax.axvline(0, color="#333", lw=1)
    ax.set(xlabel="% larger than with nothing frozen: the mean, and all 14")
    ax.set_title("One part frozen, the rest learns: L at λ = 0.01")
    figure.tight_layout()
    predict.truth = max(frozen, key=means.get)

# %% [markdown]
# Read it from below. (With nothing frozen about 60 % of $L$ are $R$. So at equal $D$ one percent of $L$ would be 1.6 percent of the bytes.)
#
# - **The look at the neighbours** is on average worth more than all else together. It changes no pixel: it is the prior that knows *where* ([lesson 16](16_tell_the_decoder_where.ipynb)). But it depends on the photograph: on five of the 14, and on the cat, filters and bends are worth more. (And some of it only makes up for JPEG's better coder.)
# - **The filters** come next: from isolated 8 × 8 to overlapping 16 × 16 ([lesson 12](12_autoencoder.ipynb)). If only the decoder's half may learn, more than half of that is left.
# - **The steps** are worth 4 %: at first all are equal.
# - **The bends** earn nothing in this minute. A straight machine does as well. The banana of [lesson 13](13_bend_or_look.ipynb) was made bent; whatever is bent in photographs, a minute of training did not find it.
#
# In orange, JPEG by λ at the same λ. Without the look, or without filters and bends, yours falls behind it on each of the 14.
#
# A part that is frozen is helped by the others, so the losses do not add up. Once the filters are frozen, the bends *do* earn something: 8 % are lost with them, 12.5 % without. And it is one training each. With nothing frozen, but other random numbers, $L$ ends half a percent away, on single photographs two. Smaller differences are noise.

# %% jupyter={"source_hidden": true}
theirs = [by_learned(cat, learned.analyse(cat, learned.load()), x) for x in (0.004, 0.01, 0.02)]
figure, ax = plt.subplots(figsize=(7, 4.2))
curves(ax, ylim=(30.5, 35.5), xlim=(0.1, 1.0))
ax.plot([c.bpp for c in theirs], [c.psnr for c in theirs], color=BLUE, lw=2)
ax.annotate("trained for hours", (theirs[1].bpp, theirs[1].psnr), (-8, 6), textcoords="offset points", color=BLUE, ha="right")  # fmt: skip  # noqa: E501
ends = {name: run.on_the_cat() for name, run in parts.load().items()}
for words, place, there in (
    ("yours, untrained", start, (0.77, 32.85)),
    ("yours", yours, (0.4, 33.5)),
    ("no look at the neighbours", ends["the look at the neighbours"], (0.6, 31.3)),
    ("JPEG's transform", ends["filters and bends"], (0.66, 32.1)),
):
    ax.plot(*place, "s", color=BLUE)
    leader = {"arrowstyle": "-", "color": BLUE, "lw": 0.7}
    ax.annotate(words, place, there, color=BLUE, arrowprops=leader)
ax.set_title("The cat, and all that is to be beaten")
figure.tight_layout()

# %% [markdown]
# The codec that comes with the course stands further to the left. It is the same machine, with more bends, with side information besides the neighbours, and trained for hours on 207 pictures instead of a
# minute on three. What the hours alone are worth nobody has measured here.
#
# ## The λ slider
#
# The shipped codec serves every λ; yours was trained for one. To the left of the white line stand, as you choose, the bits (dark places cost more), the original, or JPEG's file of
# the same size. Below the numbers are the six channels that cost most: what one latent of it *draws*, and all its latents in this file. A channel is *silent* if all its latents
# together cost less than one bit.

# %%
from lic_teach.course.learned_codec.codec_view import CodecView

view = CodecView()
view

# %% [markdown]
# Your own picture: the button, or `view.load("photo.jpg")`. The middle 256 × 256 pixels are shown.
#
# So: can a network beat JPEG? Yes, clearly, if JPEG is what most programs write. The best .jpg is harder to beat, and in this minute it took a prior that looks around, not a transform that bends.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: scrub through the training (about 10 minutes)
#
# The recorded training, moment by moment; and a second one that begins with **random filters**. The picture is the cat's eye. Violet is what the training sees: batches with noise. The blue squares are files of the cat.

# %%
question = "After 2,000 steps from random filters: how many dB below the one that began as JPEG?"
with Predict(question, unit="dB", near=1) as predict:
    both = {start: history.points[-1] for start, history in record.load().items()}
    for name, (bpp, psnr) in both.items():
        print(f"{name:7} {bpp:.2f} bits per pixel, {psnr:.1f} dB")
    predict.truth = round(float(both["dct"][1] - both["random"][1]), 1)

# %%
from lic_teach.course.learned_codec.training import Training

Training()

# %% [markdown]
# A start from what is known is worth a lot of training. It is no law that one has to: with many photographs and days of training, codecs that begin at random become as good.
#
# ## Depth: another λ (about 10 minutes)
#
# λ was 0.01. Now train twice more, for λ = 0.002 and λ = 0.03, only 300 steps each.
#
# ### ✎ 3 · Predict, then train
#
# Which of the two λ will have the larger R (of the cat's file), the larger PSNR, the larger quantization steps, the larger L at the end? Write 0.002
# or 0.03.

# %%
from lic_teach.course.learned_codec.exercises import check

prediction = {"R": ..., "PSNR": ..., "steps": ..., "L": ...}

check("two_lambdas", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"R": 0.03, "PSNR": 0.03, "steps": 0.002, "L": 0.03}
# ```
#
# Where errors are expensive, the codec spends bits to avoid them: finer steps, a larger file, a better picture. And $L$ is larger, because
# the same errors cost more. Two codecs may be compared by $L$ only at one and the same λ.
#
# </details>

# %%
with Predict("Are the steps of 0.002 larger than those of 0.03?", ["no", "yes"]) as predict:
    trained = {}
    for lam in (0.002, 0.03):
        *_, last = own_codec.train(photos, 300, lam=lam)
        data, x_hat = own_codec.code(last.model, cat)
        R, psnr = metrics.bpp(data, cat), metrics.psnr(cat, x_hat)
        step = last.model.log_step.exp().median().item()
        trained[lam] = R, psnr, step, R + lam * metrics.mse(cat, x_hat)
        print(f"λ = {lam}: {R:.1f} bpp, {psnr:.0f} dB, a step of about {step:.0f}")
    low, high = trained[0.002], trained[0.03]
    assert high[0] > low[0] and high[1] > low[1] and high[3] > low[3]
    predict.truth = "yes" if low[2] > high[2] else "no"

# %% [markdown]
# It was one training for one point: a slider would need a codec for each of its positions. In the training of the shipped codec every piece had another λ, its steps
# and widths are tables over λ, and between two rows it interpolates.

# %% [markdown]
# ## Depth: what each channel draws (about 12 minutes)
#
# Take the shipped codec, set one latent to 1 and all others to 0, and look at what the last layer of $g_s$ paints: a picture of 16 × 16 pixels. In JPEG it would be a
# cosine wave in one block of 8 × 8. (The number over a tile is the channel's: 0 to 63 began as luma, 64 to 95 as Cb, 96 to 127 as Cr.)
#
# Training may change all 256 pixels of it. Are they still waves then? Do they end at the block's border?

# %% jupyter={"source_hidden": true}
model = learned.load()
y = learned.analyse(cat, model)
paints = anatomy.pictures_of_channels(model)  # float (128, 16, 16, 3)
costs = anatomy.bits_by_channel(y, model, lam=0.01)  # channel and bits, the most expensive first
before = anatomy.pictures_of_channels(Model("factorized"))

question = "How much of what channel 0 draws, in energy, lies outside its block of 8 × 8?"
with Predict(question, unit="%", near=3) as predict:
    figure, axes = plt.subplots(4, 12, figsize=(9, 3.6))
    for ax, (source, channel) in zip(
        axes.ravel(),
        [(s, int(c)) for i in (0, 12) for s in (before, paints) for c in costs[i : i + 12, 0]],
        strict=True,
    ):
        ax.imshow(
            0.5 + 0.5 * source[channel] / np.abs(source[channel]).max(), interpolation="nearest"
        )
        ax.set_title(str(channel), fontsize=7, pad=2)
        ax.axis("off")
    for row, name in enumerate(("DCT", "trained") * 2):
        axes[row, 0].text(-4, 8, name, rotation=90, va="center", ha="center", fontsize=8)
    figure.suptitle("The 24 most expensive channels, before and after")
    figure.tight_layout()
    energy = (paints[0] ** 2).sum(2)
    predict.truth = round(100 * (1 - float(energy[4:12, 4:12].sum() / energy.sum())))

# %% [markdown]
# Still waves. But the coarse ones, on which the border of a block would be seen most, fade out softly into the neighbouring blocks. Little energy does it. The fine ones have hardly changed.
# (What a latent really changes in the picture also goes through the bends. This is the straight part.)
#
# ### ✎ 4 · `grey_share`
#
# JPEG separates luma and colour. Did training keep that? For each channel compute how much of its picture is grey: replace R, G, B of
# each pixel by their mean, and take the *energy* (the sum of all squares) of that picture, divided by the energy of the original one.

# %%
from lic_teach.course.learned_codec.exercises import check


def grey_share(pictures):
    """pictures: float (n, 16, 16, 3). Return (n,): 1 where a picture is grey, 0 where it has no grey."""
    # your lines here


check("grey_share", grey_share)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def grey_share(pictures):
#     grey = pictures.mean(3)
#     return 3 * (grey**2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))
# ```
#
# The 3 is there because the grey value stands in R, in G and in B.
#
# </details>

# %%
for name, pictures in (("JPEG's start", before), ("trained", paints)):
    share = 3 * (pictures.mean(3) ** 2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))
    print(f"{name:13} {np.sum(share > 0.95):3} channels of 128 are grey to 95 % or more")
    for channel, component in ((64, "Cb"), (96, "Cr")):
        colour = pictures[channel].sum((0, 1))
        print(f"  {component}'s first paints RGB", (colour / np.linalg.norm(colour)).round(2) + 0.0)

# %% [markdown]
# Luma and colour stay apart. But the colours themselves have turned: from JPEG's two axes, which television chose, to two others. The best straight ones for such photographs, the axes of
# their KLT ([lesson 02](02_colour.ipynb)), are not JPEG's either.
#
# ## The scoreboard
#
# The same machine in the size that ships, on the 24 Kodak photographs. First without bends: filters and the whole prior learn, 5,000 steps from JPEG's DCT. Then with bends, trained just as long: given a quarter of an hour instead of a minute, they earn something. The third codec had hours (and an older recipe).

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board

Drawing(board("learned_codec"))

# %% [markdown]
# ## What you learnt
#
# - A learned codec is JPEG's machine, with every number open to training: $g_a$, steps, prior, $g_s$, and one sum $L = R + \lambda D$. Yours has some fifty lines, and writes real files.
# - In training noise is paid for, whole numbers are shown, and the prior sees what the decoder has.
# - In a minute, from JPEG's own DCT and three photographs, it beats JPEG on every photograph tried, and JPEG by λ on most.
# - Parts are frozen one at a time, and judged by what was trained for: $L$ at one λ, on each photograph. The look at the neighbours earned by far the most on average, then overlapping filters. Bends earned nothing in a minute; in the larger codec, given a quarter of an hour, five points.
# - A codec is to be measured against the best .jpg, on photographs that nobody trained on, and with the spread.
#
# One thing is strange. The rate is computed in the middle of the machine, from the latents. How can a loss that sits *there* train the layers
# before it, and what does the decoder hear of it? [Lesson 18](18_gradient_from_the_middle.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations
#   (ICLR)*, 2017,
#   [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). The loss, the noise, the whole machine.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *ICLR*, 2017,
#   [arXiv:1703.00395](https://arxiv.org/abs/1703.00395). The same idea at the same conference, with straight-through rounding.
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*, 2018,
#   [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). The side information of the shipped codec's prior.
# - D. Minnen, J. Ballé, G. Toderici, "Joint autoregressive and hierarchical priors for learned image compression", *NeurIPS*, 2018,
#   [arXiv:1809.02736](https://arxiv.org/abs/1809.02736). A prior that looks at the places decoded before, as yours does, and side information besides.
# - Y. Yang, S. Mandt, "Computationally-efficient neural image compression with shallow decoders", *International Conference on Computer Vision
#   (ICCV)*,
#   2023, [arXiv:2304.06244](https://arxiv.org/abs/2304.06244). A shallow, even straight synthesis as in JPEG, with a
#   strong encoder: below 50,000 operations a pixel.
# - D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", *ICLR*, 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980).
# - Z. Cui, J. Wang, S. Gao, T. Guo, Y. Feng, B. Bai, "Asymmetric gained deep image compression with continuous rate adaptation", *Conference on
#   Computer
#   Vision and Pattern Recognition (CVPR)*, 2021. One network for every λ.
