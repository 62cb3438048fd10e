# %% [markdown]
# # 01 · Redundancy
#
# **Why can a picture be compressed at all?**
#
# Here are two pictures made of the same pixels. On the right they stand in random order: the *snow*.

# %% jupyter={"source_hidden": true}
import heapq
import io
import itertools
import math
import zlib

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from lic_teach import images, metrics
from lic_teach.course.redundancy import prediction
from lic_teach.course.redundancy.exercises import check, greens
from lic_teach.course.redundancy.lag import correlation, count_pairs
from lic_teach.course.redundancy.prediction import residuals, shuffled
from lic_teach.kit.predict import Predict
from lic_teach.kit.predictors import bits_after, med, neighbours

cat = images.sample("chelsea")
snow = shuffled(cat)


def png_size(picture):
    """Bytes of a PNG file of the picture."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return len(file.getvalue())


figure, axes = plt.subplots(1, 2, figsize=(4.8, 1.85))
for ax, picture, title in zip(
    axes, (cat, snow), ("a photograph", "its pixels, shuffled"), strict=True
):
    ax.imshow(picture, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# No pixel was added, none was changed: raw, both take 405,900 bytes. PNG is a file format that loses nothing.

# %% jupyter={"source_hidden": true}
with Predict(
    "The PNG file of the snow has 93 % of the raw bytes. And that of the photograph?",
    unit="%",
    near=8,
) as guess:
    percent = 100 * png_size(cat) / cat.nbytes
    print(f"photograph {percent:.0f} %, snow {100 * png_size(snow) / snow.nbytes:.0f} %")
    guess.truth = round(percent)

# %% [markdown]
# So what PNG lives on is not in the pixels. It is in their *order*.
# What can be foreseen is called **redundancy**. Compression removes it.
#
# **After this lesson** you can
# - say what a symbol costs in bits, and compute an entropy;
# - predict pixels from their neighbours, and measure what that saves;
# - say whose the entropy is: the picture's, or a model's.
#
# About 30 minutes, and 35 more for the depth behind them. You need NumPy arrays and logarithms.

# %% [markdown]
# ## Guess the next pixel
#
# A *decoder* is the program that reads a file and rebuilds the picture. Play decoder. The photograph arrives pixel
# by pixel, row after row, each from left to right. You know all pixels above and to the left.
# **What will the next one be?** Choose a grey level: with the slider, as a number, or with a click on a pixel that has it. Enter uncovers.
#
# You pay in bits, by a table that was fixed before anybody played: a hit costs 3.5 bits, and every four levels
# that you miss by cost one bit more. MED, a machine, plays the same pixels by the same table. Without any prediction a pixel costs 8.

# %%
from lic_teach.course.redundancy.next_pixel import NextPixel

game = NextPixel()
game

# %% [markdown]
# The buttons under the figure set it.
#
# <details><summary>What there is to see</summary>
#
# Edges are expensive: of all
# that MED pays beyond 3.5 bits a pixel, the three worst of the 24 pixels make a third. The row above often knows where the edge
# will be, and MED looks there. Over all twelve rows of the cat it needs 4.6 bits a pixel, the left neighbour 5.1. Claude
# Shannon played this game with letters in 1951, to measure how much of English can be foreseen.
#
# </details>

# %% [markdown]
# ## What does a symbol cost?
#
# Why 3.5 bits? I think of one of 8 letters, each as likely as the others. You ask questions, I answer yes or no.
# A good question halves what is left: 8, 4, 2, 1. Three answers, three bits.
#
# A letter of probability 1/2 needs one halving, one of 1/4 two, one of 1/8 three. The number of halvings
# is $-\log_2 p$. So frequent letters get short code words:

# %%
# NBVAL_CHECK_OUTPUT
p = {"A": 1 / 2, "B": 1 / 4, "C": 1 / 8, "D": 1 / 8}
code = {"A": "0", "B": "10", "C": "110", "D": "111"}
for letter, q in p.items():
    print(f"{letter}: p = {q:<5}  -log2 p = {-np.log2(q):.0f}   code {code[letter]}")
print("mean:", sum(p[letter] * len(code[letter]) for letter in p), "bits a letter, instead of 2")

# %% [markdown]
# No word is the beginning of another, so the bits need no gaps: a *prefix code*.
#
# A symbol of probability $p$ deserves $-\log_2 p$ bits, its **information**: what you expect is
# cheap, a surprise is expensive. In the game's table a hit has the probability 0.086, which makes 3.5 bits; every four
# levels the probability halves.
#
# But half a bit? Take a coin that shows heads nine times in ten. Heads deserves $-\log_2 0.9$ = 0.15 bits: no word is that short. So give
# words to *several* tosses together. In pairs HH gets `0`, HT `10`, TH `110`, TT `111`. That makes
# 0.81 · 1 + 0.09 · 2 + 0.09 · 3 + 0.01 · 3 = 1.29 bits for two tosses, 0.645 for one. ([Lesson 05](05_entropy_coding.ipynb) finds the best words.)


# %% jupyter={"source_hidden": true}
def mean_length(p):
    """Bits of the best prefix code for symbols of these probabilities, on average."""
    heap, total = list(p), 0.0
    heapq.heapify(heap)
    while len(heap) > 1:
        pair = heapq.heappop(heap) + heapq.heappop(heap)
        total += pair
        heapq.heappush(heap, pair)
    return total


def bits_a_toss(n, p=0.9):
    """What a toss costs where n tosses together have a code word."""
    groups = [math.prod(group) for group in itertools.product((p, 1 - p), repeat=n)]
    return mean_length(groups) / n


with Predict(
    "One toss at a time costs 1 bit, in pairs 0.645. In groups of eight?",
    unit="bits a toss",
    near=0.05,
) as guess:
    for n in (1, 2, 3, 5, 8):
        print(f"{n} at once: {bits_a_toss(n):.3f} bits a toss")
    guess.truth = round(bits_a_toss(8), 3)

# %% [markdown]
# The groups come down to the mean of $-\log_2 p$, 0.469 bits, and never below. That mean is the **entropy**
#
# $$H = -\sum_i p_i \log_2 p_i$$
#
# where $p_i$ is the probability of symbol $i$. Shannon proved in 1948: for symbols drawn
# independently with these probabilities, no code needs fewer than $H$ bits on average, and some code
# comes as close as you like.


# %%
# NBVAL_CHECK_OUTPUT
def my_entropy(counts):
    """counts: how often each symbol occurs. Bits a symbol."""
    p = counts[counts > 0] / counts.sum()  # what never occurs costs nothing
    return (p * -np.log2(p)).sum()


coin = np.array([9, 1])  # heads and tails
np.testing.assert_allclose(my_entropy(coin), metrics.entropy(coin))
print(f"{my_entropy(coin):.3f} bits a toss")

# %% [markdown]
# ## The histogram does not see the order
#
# Of red, green and blue, the three *channels*, we take green. A **histogram** counts how often each level occurs. Does that save much?

# %% jupyter={"source_hidden": true}
x = cat[..., 1]
counts = np.bincount(x.ravel(), minlength=256)

figure, ax = plt.subplots(figsize=(7, 2.4))
ax.bar(np.arange(256), 100 * counts / x.size, width=1, color="gray")
ax.axhline(100 / 256, color="black", lw=1)
ax.annotate("all equal: 8 bits", (253, 100 / 256), (0, 4), ha="right", textcoords="offset points")
ax.set(xlabel="grey level of a pixel (green channel)", ylabel="how often, %", xlim=(0, 255))
ax.set_title("The cat: some grey levels are more frequent than others")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
x_snow = shuffled(x)
for name, picture in (("photograph", x), ("snow", x_snow)):
    print(f"{name:10} {metrics.entropy(np.bincount(picture.ravel())):.2f} bits a pixel")

# %% [markdown]
# One bit of eight, and the two numbers are equal: a histogram counts values and does not look where
# they stand. What more has the cat?

# %% [markdown]
# ## Neighbours are alike
#
# Take every pixel and draw it as a point: across the value of its left neighbour, upwards its own.

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 2, figsize=(6.8, 3.4))
for ax, picture, name in zip(axes, (x, x_snow), ("photograph", "snow"), strict=True):
    pairs = count_pairs(picture, 1)
    ax.imshow(np.log2(1 + pairs).T.round(), origin="lower", cmap="gray", interpolation="nearest")
    ax.plot([0, 255], [0, 255], "--", color="#12857a", lw=1)
    ax.set(xlabel="left neighbour", ylabel="pixel", xticks=(0, 128, 255), yticks=(0, 128, 255))
    ax.set_title(f"{name}: correlation {correlation(pairs):z.2f}")
figure.suptitle("In a photograph, neighbours are alike")
figure.tight_layout()

# %% [markdown]
# The photograph's cloud hugs the diagonal, where a pixel equals its neighbour. A neighbour in the snow says nothing.
# (*Correlation* is 1 on a rising line, 0 where neither tells of the other.)
#
# Now go close: 8 × 8 pixels at the rim of the cat's eye, and each minus the one to its left.
# **The course follows this block** from here to its bits in a file and back.

# %% jupyter={"source_hidden": true}
block = images.thread_block()[..., 1].astype(int)  # rows 88 to 95, columns 192 to 199
difference = block - x[88:96, 191:199]  # minus the same block, one column to the left

figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
axes[0].imshow(cat[60:124, 160:224], interpolation="nearest")
axes[0].add_patch(plt.Rectangle((192 - 160.5, 88 - 60.5), 8, 8, fill=False, color="white", lw=2))
axes[0].set_title("the block in its place")
axes[1].imshow(block, cmap="gray")
axes[1].set_title(f"its pixels, {block.min()} to {block.max()}")
axes[2].imshow(difference, cmap="gray", vmin=-64, vmax=64)
axes[2].set_title("minus the pixel to the left")
for ax, numbers in zip(axes[1:], (block, difference), strict=True):
    for (row, column), value in np.ndenumerate(numbers):
        light = ax.images[0].norm(value) > 0.45
        ink = "black" if light else "white"
        ax.text(column, row, value, ha="center", va="center", size=8, color=ink)
for ax in axes:
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# Most differences are small, although an edge runs through the block.
#
# ## Prediction
#
# Use it. Let the pixel to the left be the **prediction**, and store only the error, the **residual**:
#
# $$r_{i,j} = x_{i,j} - x_{i,j-1}$$
#
# where $i$ is the row and $j$ the column. The first pixel of a row is stored as it is.

# %%
r = x.astype(int)  # with a sign
r[:, 1:] -= x[:, :-1]

np.testing.assert_array_equal(r % 256, residuals(x))  # the package's are bytes: see the depth
print("row 88, columns 192 to 199:", r[88, 192:200])

# %% [markdown]
# The residuals are a picture, too. Grey is zero: the prediction was right.

# %% jupyter={"source_hidden": true}
signed = r[:, 1:]
before = metrics.entropy(np.bincount(x.ravel()))
after = metrics.entropy(np.unique(signed, return_counts=True)[1])

figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.6), width_ratios=(1.15, 1))
axes[0].imshow(signed, cmap="gray", vmin=-64, vmax=64, interpolation="nearest")
axes[0].set_title("the residuals: fur and edges are left")
axes[0].axis("off")
axes[1].hist(x.ravel(), np.arange(-128, 257), density=True, color="gray")
axes[1].hist(signed.ravel(), np.arange(-128, 257), density=True, histtype="step", color="#12857a")
axes[1].text(130, 0.02, f"pixels: {before:.2f} bits", color="dimgray")
axes[1].text(14, 0.08, f"residuals: {after:.2f} bits", color="#12857a")
axes[1].set(xlabel="value", ylabel="probability", xlim=(-128, 255))
axes[1].set_title("Prediction makes one value frequent: zero")
figure.tight_layout()

# %% [markdown]
# From 7.02 bits to 4.80, by one subtraction. (The first column is not counted.) And the snow?

# %%
with Predict(
    "The snow's pixels cost 7.02 bits. Its residuals?", ["less", "equal", "more"]
) as guess:
    snow_bits = metrics.entropy(np.unique(np.diff(x_snow.astype(int)), return_counts=True)[1])
    print(f"snow: pixels {before:.2f} bits, residuals {snow_bits:.2f}")
    guess.truth = guess.choices[1 + int(np.sign(round(snow_bits - before, 2)))]

# %% [markdown]
# <details><summary>Why?</summary>
#
# A residual of the snow carries the randomness of two pixels, its own and its neighbour's. One die has 6 results, the
# difference of two dice has 11. To predict badly is worse than not to predict.
#
# </details>
#
# ### ✎ 1 · Undo it
#
# Is it lossless? Write the decoder: `undo(r)` gets the residuals and returns the pixels.


# %%
def undo(r):
    """r: int (H, W), the first column as it was. Return the pixels, (H, W)."""
    # your lines here


check("undo", undo)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def undo(r):
#     return np.cumsum(r, axis=1)
# ```
#
# A pixel is the sum of all residuals of its row so far.
#
# </details>

# %% [markdown]
# ## A better guess
#
# In the game you saw the row above, too. The nearest pixels have names since the standard JPEG-LS:
#
# ```
#     c  b  d        x is the pixel to predict
#     a  x           a left, b above, c above left, d above right
# ```
#
# Four simple predictors; the last one continues the plane through a, b and c. `bits_after` gives the entropy of
# their residuals, over all pixels.

# %%
predictors = {
    "left, a": lambda a, b, c, d: a,
    "above, b": lambda a, b, c, d: b,
    "mean of a and b": lambda a, b, c, d: (a + b) / 2,
    "plane, a + b - c": lambda a, b, c, d: a + b - c,
}
with Predict("Which has the fewest bits, over four photographs?", list(predictors)) as guess:
    bits = {name: [bits_after(p, v) for v in greens()] for name, p in predictors.items()}
    for name, each in bits.items():
        print(f"{name:17}", *(f"{b:.2f}" for b in each), f"  mean {np.mean(each):.2f}")
    guess.truth = min(bits, key=lambda name: np.mean(bits[name]))

# %% [markdown]
# ### ✎ 2 · Your own predictor
#
# Beat them all. Each of a, b, c, d is an array, one number for each pixel, so use
# `np.where`, `np.median`, `np.minimum` instead of `if`. At an edge, the best neighbour is the
# one on the same side of it. On a slope none of them is right, but the plane is.


# %%
def predict(a, b, c, d):
    """a, b, c, d: int (H, W). Return the predictions, (H, W)."""
    # your lines here


check("predictor", predict)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def predict(a, b, c, d):
#     return np.median([a, b, a + b - c], axis=0)
# ```
#
# That is MED, the machine of the game. It can be beaten, with d:
#
# ```python
# def predict(a, b, c, d):
#     return np.median([a, b, a + b - c, a + d - b, d], axis=0)
# ```
#
# The fourth candidate is a second plane, through a, b and d; the fifth, d itself,
# keeps the number of candidates odd. Five votes are harder to mislead than three: about 1.3 % fewer bits.
#
# </details>

# %% [markdown]
# MED, your opponent in the game, is the *median edge detector* of JPEG-LS. It takes the middle one of
# $a$, $b$ and $a + b - c$: at an edge that is one of the neighbours, on a slope the plane. It beats the four on every photograph, and brings
# the cat to 4.32 bits.
#
# ## Whose is the entropy?
#
# 7.02, 4.80, 4.32. Which of them is *the* entropy of this picture? None. Each is the price under a **model**: "pixels are drawn
# independently from this histogram", or "what MED leaves is". Such an entropy is called *zero-order*: it takes
# note of no pixel before this one. It belongs to the model, not to the picture, and a better model costs less.
#
# So why can a picture be compressed? Because it can be foreseen. Draw a picture by lot, each pixel from 0 to 255: you get
# snow. Of the $256^{135{,}300}$ grey pictures of this size nearly all look like that. Photographs are a tiny, smooth
# minority. A code gives the short words to them, and all others pay.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## How far does the likeness reach? (about 10 minutes)
#
# On the left of the white line you see the pixels, on the right the residuals: drag the line. *Lag* says how far to the
# left the neighbour stands that serves as prediction. The cloud is the one you have seen; the two histograms
# have the same scale, and the one below is drawn around zero.

# %%
from lic_teach.course.redundancy.lag import Lag

explorer = Lag()
explorer

# %% [markdown]
# The buttons under the figure set it; what there is to see folds open beneath each. The second row of the table is a real
# file: what zlib, the library behind `.zip` and `.png`, makes of the same bytes.
#
# Here are all four photographs at once: how many bits the prediction saves at each lag.

# %% jupyter={"source_hidden": true}
figure, ax = plt.subplots(figsize=(7, 3.4))
lags = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
looks = (("o", -1), ("s", 3), ("^", -10), ("D", -3))
for name, (marker, shift) in zip(images.SAMPLES, looks, strict=True):
    picture = images.sample(name)[..., 1]
    first = metrics.entropy(np.bincount(picture.ravel()))
    saved = [
        first - metrics.entropy(np.bincount(residuals(picture, n)[:, n:].ravel())) for n in lags
    ]
    ax.plot(lags, saved, "-", marker=marker, color="#12857a", ms=5, mfc="white")
    ax.annotate(name, (lags[-1], saved[-1]), (7, shift), textcoords="offset points")
ax.axhline(0, color="black", lw=1)
ax.set(
    xscale="log", xlabel="lag, pixels", ylabel="bits saved a pixel", xlim=(1, 130), ylim=(-0.9, 3.2)
)
ax.set_xticks([1, 2, 4, 8, 16, 32, 64], ["1", "2", "4", "8", "16", "32", "64"])
ax.minorticks_off()
ax.set_title("The nearest neighbour knows most; a far one can cost bits")
figure.tight_layout()

# %% [markdown]
# ## Too good to be true (about 10 minutes)
#
# A histogram can be quite wrong about a picture. Here are two that have 8.00 bits each: every level is equally frequent. One is a ramp from
# black to white, the other is noise.

# %%
# NBVAL_CHECK_OUTPUT
ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
noise = np.random.default_rng(1).integers(0, 256, (256, 256), dtype=np.uint8)
for name, picture in (("ramp", ramp), ("noise", noise)):
    pixels, left = (np.bincount(v.ravel()) for v in (picture, residuals(picture)[:, 1:]))
    print(
        f"{name:5}  pixels {metrics.entropy(pixels):.2f} bits, residuals {metrics.entropy(left):.2f} bits"
    )

# %% [markdown]
# For the ramp, 8 bits are nonsense: each pixel is one more than the last. And the noise? No coder will find anything in it. But look
# at the cell: one line of Python makes that noise, pixel for pixel, from the seed 1. Whoever has the line can send the picture in 80 letters.
#
# So look for better models. If one neighbour helps, why not let the probability of a pixel depend on both, $a$ and $b$, and count how
# often each triple occurs? That is the **conditional entropy** $H(x \mid a, b)$: the cost of x for one who knows a and b. By the chain rule it is
# $H(a, b, x) - H(a, b)$, the bits for all three less the bits for the two.


# %%
def entropy_of(*arrays):
    """Entropy of the tuples that stand at the same place of these arrays; how many differ."""
    counts = np.unique(np.stack([v.ravel() for v in arrays]), axis=1, return_counts=True)[1]
    return metrics.entropy(counts), len(counts)


def conditional(picture):
    """H(x | a, b) in bits, and how many pixels there are for each pair a, b."""
    here, a, b = picture[1:, 1:], picture[1:, :-1], picture[:-1, 1:]
    (three, _), (two, pairs) = entropy_of(a, b, here), entropy_of(a, b)
    return three - two, here.size / pairs


with Predict(
    "In the snow the neighbours say nothing, and its pixels cost 7.02 bits. So what is H(x | a, b)?",
    unit="bits",
    near=0.2,
) as guess:
    for name, picture in (("photograph", x), ("snow", x_snow)):
        cost, share = conditional(picture)
        print(f"{name:10}  H(x | a, b) = {cost:.2f} bits, from {share:.0f} pixels a histogram")
    guess.truth = round(conditional(x_snow)[0], 2)

# %% [markdown]
# <details><summary>What has gone wrong?</summary>
#
# The snow should need its 7.02 bits, whoever its neighbours are, and it gets fewer than the photograph.
#
# The mistake is in the counting. There is one histogram for each pair (a, b), and it is made from a handful of
# pixels. Two pixels cannot show more than two values: such a histogram has learnt its few
# pixels by heart, and what is learnt by heart looks cheap. The decoder does not have these tables. To send them
# costs at least what they seem to save.
#
# </details>
#
# A measured entropy can be trusted only where there are far more samples than boxes. Our histograms of 256 boxes and 135,300
# pixels are safe. The mistake has a name: **overfitting**. Whoever wants to use more neighbours must *share* what they learn between
# similar ones. Predictors do that, and neural networks do it best: this course begins with averages of neighbours and ends with networks.

# %% [markdown]
# ## The estimate and the file (about 15 minutes)
#
# So much for estimates. Now a file, and that needs bytes. A difference goes from −255 to 255: a ninth bit. But the decoder knows the neighbour, and of
# two differences that are 256 apart only one leads to a number from 0 to 255. So −3 may be written as 253, *modulo 256*, and nothing is lost:

# %%
for v in greens():
    np.testing.assert_array_equal(prediction.undo(residuals(v)), v)
print("residuals of row 88, as bytes:", residuals(x)[88, 192:200])

# %% [markdown]
# MED's residuals go through zlib. Normally it looks for repeated
# strings of bytes, but residuals hardly ever repeat; so tell it to do without and only
# give frequent bytes short words. Those are Huffman codes, the subject of [lesson 05](05_entropy_coding.ipynb).


# %%
def huffman(r):
    """Bytes of a zlib file that uses Huffman codes only."""
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    return coder.compress(r.tobytes()) + coder.flush()


def med_residuals(picture):
    """What MED leaves of a picture: uint8 (H, W)."""
    return ((picture - med(*neighbours(picture)).astype(int)) % 256).astype(np.uint8)


data = huffman(med_residuals(x))
print(f"file {8 * len(data) / x.size:.2f} bits a pixel, estimate {bits_after(med, x):.2f}")

# %% [markdown]
# It is a file, so it must come back. The decoder goes pixel by pixel, since every prediction needs pixels that were decoded
# just before. Outside the picture there are no neighbours, so JPEG-LS has rules for its borders: zeros above the
# first row; at the end of a row d takes b; at its beginning a takes b, and c takes what a was one row above.


# %%
def decode(data, height, width):
    """What huffman(med_residuals(picture)) was made from."""
    r = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width)
    padded = np.zeros((height + 1, width + 2), int)  # one row above, one column on each side
    for i in range(height):
        padded[i + 1, 0] = padded[i, 1]  # at the border: a is b
        for j in range(width):
            a, b, c = padded[i + 1, j], padded[i, j + 1], padded[i, j]
            padded[i + 1, j + 1] = (sorted((a, b, a + b - c))[1] + r[i, j]) % 256
    return padded[1:, 1:-1].astype(np.uint8)


np.testing.assert_array_equal(decode(data, *x.shape), x)
print("every pixel is back: this is a lossless codec")

# %% [markdown]
# How does it do beside the real ones? PNG chooses one of five filters for each row
# (left, above, their mean, a cousin of MED by Paeth, or none) and hands the residuals to zlib. WebP in its lossless mode chooses one of 14 for each small square and
# keeps several Huffman tables for different parts of the picture.


# %%
def webp_size(picture):
    """Bytes of a lossless WebP file of the picture."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=6)
    return len(file.getvalue())


coders = {
    "zlib, pixels": lambda picture: len(zlib.compress(picture.tobytes(), 9)),
    "zlib, left residuals": lambda picture: len(zlib.compress(residuals(picture).tobytes(), 9)),
    "zlib, MED residuals": lambda picture: len(zlib.compress(med_residuals(picture).tobytes(), 9)),
    "PNG": png_size,
    "our codec: MED, Huffman": lambda picture: len(huffman(med_residuals(picture))),
    "WebP, lossless": webp_size,
}
with Predict(
    f"The estimate after MED is {bits_after(med, x):.2f} bits. How many of the six files lie below it?",
    unit="of 6",
) as guess:
    print(f"{'bits per pixel':25}" + "".join(f"{name:>11}" for name in images.SAMPLES))
    files = {"entropy after MED": [bits_after(med, v) for v in greens()]}
    files |= {name: [8 * size(v) / v.size for v in greens()] for name, size in coders.items()}
    for name, each in files.items():
        print(f"{name:25}" + "".join(f"{value:11.2f}" for value in each))
    cats = [each[images.SAMPLES.index("chelsea")] for each in files.values()]
    guess.truth = sum(bits < cats[0] for bits in cats)

# %% [markdown]
# The table holds three lessons. (It counts the first column of each picture, too. So "left residuals" and 4.80 bits, from
# further up, are not quite the same thing.)
#
# - **The estimate can be reached.** Our file is within one percent of it on each of the four photographs. What it lacks: Huffman codes
#   have a whole number of bits, and the tables must be sent. What it gains: zlib makes new tables as it goes along.
# - **The estimate is no lower limit.** A file below it has a better model: WebP looks where in the picture it is,
#   and at what kind of pixels are around.
# - **A coder can miss it.** zlib on the plain pixels finds little to repeat, and loses to one subtraction.
#
# Whatever a model promises, what counts is the file. In this course every estimate stands beside a file's size.
#
# And the snow? Put it through all of them.

# %%
for name, size in coders.items():
    print(f"{name:25}{8 * size(x_snow) / x_snow.size:6.2f} bits")

# %% [markdown]
# Nobody comes below 7.02, the entropy of the histogram. For pixels in random order the model "independent draws from this
# histogram" is the truth, and there Shannon's theorem holds. **Shuffled pixels cannot be compressed** beyond what their
# histogram gives away.

# %% [markdown]
# ## Where this leads
#
# The three channels, coded one by one, are still strangers to each other. Are they alike as well?

# %%
# NBVAL_CHECK_OUTPUT
red, green, blue = (cat[..., channel] for channel in range(3))
alone = [bits_after(med, v) for v in (red, green, blue)]
minus_green = [bits_after(med, v) for v in (red - green, green, blue - green)]  # uint8: modulo 256
for name, bits in (("R, G, B", alone), ("R - G, G, B - G", minus_green)):
    print(f"{name:16}", " + ".join(f"{v:.2f}" for v in bits), f"= {sum(bits):.1f} bits a pixel")

# %% [markdown]
# They are: more than three bits a pixel for two subtractions. That is the way into [lesson 02](02_colour.ipynb).
#
# WebP's lossless file of the whole cat has 9.1 bits a pixel. Is that the end? Nobody can say so of a picture: a better model costs less, and one day somebody has it.
# For this cat there is one that needs 7.4, and [lesson 04](04_quantization.ipynb) finds it in its past.
#
# And yet: in [lesson 00](00_start_here.ipynb) you saw the same cat in a fraction of
# one bit. Much of what is left after prediction is noise, and noise cannot be foreseen. To go on, something must be
# thrown away, and the art is to throw away what nobody sees. JPEG does that with a transform in the place of the prediction, from
# [lesson 03](03_dct.ipynb) on. You will meet the residuals again: JPEG stores the mean of each block as its difference to
# the block before.

# %% [markdown]
# ## What you learnt
#
# - Every bit halves what is possible: a symbol of probability p costs −log₂ p bits. The entropy is the mean cost, for independent draws;
#   words for groups of symbols come as near to it as you like.
# - Neighbouring pixels are alike. Predict a pixel from what is already decoded, store the residual: nothing is lost, and the
#   cat's green channel goes from 7.02 bits to 4.32 by MED.
# - Shuffled pixels have the same histogram and no neighbours. They cannot be compressed further, and prediction makes them worse.
# - The entropy of a histogram belongs to a model, not to the picture. Better models cost less; what a table has
#   learnt by heart does not count.
# - An estimate is not a file. Set them side by side.
#
# ## Further reading
#
# - C. E. Shannon, "A mathematical theory of communication", *Bell System Technical Journal* 27, 379–423 and 623–656, 1948. Entropy and
#   the coding theorem; sections 6 and 9 can be read without the rest.
# - C. E. Shannon, "Prediction and entropy of printed English", *Bell System Technical Journal* 30(1), 50–64, 1951. The game with letters.
# - D. J. C. MacKay, *Information Theory, Inference, and Learning Algorithms*, Cambridge University Press, 2003. Chapters 4 to 6: questions,
#   groups of symbols, and the guessing game again.
# - M. J. Weinberger, G. Seroussi, G. Sapiro, "The LOCO-I lossless image compression algorithm: principles and standardization into
#   JPEG-LS", *IEEE Transactions on Image Processing* 9(8), 1309–1324, 2000. MED, and what it takes to code its residuals well.
# - ITU-T Recommendation T.87 | ISO/IEC 14495-1, *Lossless and near-lossless compression of continuous-tone still images: Baseline*, 1998. JPEG-LS
#   itself: the four neighbours and their borders are in Annex A.
# - W3C, *Portable Network Graphics (PNG) Specification*, chapter on filtering. The five predictors of PNG.
# - X. Wu, N. Memon, "Context-based, adaptive, lossless image coding", *IEEE Transactions on Communications* 45(4), 437–444, 1997. A predictor
#   and a model that beat MED.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Chapters 2 and 5: entropy, the chain rule, codes.
