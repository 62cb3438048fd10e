# %% [markdown]
# # 01 · Redundancy
#
# **Why can a picture be compressed at all?**
#
# Here are two pictures made of the same pixels. On the right they stand in random order; let us call that
# picture the snow.

# %%
import io
import zlib

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from lic_teach import images, metrics
from lic_teach.course.redundancy import lag

cat = images.sample("chelsea")
snow = lag.shuffled(cat)

figure, axes = plt.subplots(1, 2, figsize=(5.6, 2.15))
for ax, picture, title in zip(
    axes, (cat, snow), ("a photograph", "its pixels, shuffled"), strict=True
):
    ax.imshow(picture, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# No pixel was added, none was changed. Uncompressed, both take the same room: 300 × 451 pixels of
# 3 bytes, 405,900 bytes.
#
# PNG is a file format that loses nothing: what you get back is equal to the last bit. **Guess, before you run
# the cell: how large are the two PNG files, in percent of the raw bytes?**


# %%
def png_size(picture):
    """Bytes of a PNG file of the picture."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return len(file.getvalue())


for name, picture in (("photograph", cat), ("shuffled", snow)):
    print(f"{name:10} {100 * png_size(picture) / picture.nbytes:.0f}% of the raw bytes")

# %% [markdown]
# The photograph shrinks to a little more than half. The snow hardly shrinks at all, and it has the very same pixels.
# So what PNG lives on is not in the pixels. It is in their *order*. What can be foreseen is called **redundancy**. Compression removes it.
#
# **After this lesson** you can
# - say what a symbol costs in bits, and compute the entropy of a histogram;
# - predict pixels from their neighbours without losing one, and see what that saves;
# - tell an estimate in bits from the size of a file, and name the reasons why they differ.
#
# About 30 minutes. You need NumPy arrays and logarithms.

# %% [markdown]
# ## What does a symbol cost?
#
# Suppose a message consists of the letters A, B, C, D, and A comes up half of the time:

# %%
# NBVAL_CHECK_OUTPUT
p = {"A": 1 / 2, "B": 1 / 4, "C": 1 / 8, "D": 1 / 8}
code = {"A": "0", "B": "10", "C": "110", "D": "111"}

for letter in p:
    print(
        f"{letter}: p = {p[letter]:<5}  -log2 p = {-np.log2(p[letter]):.0f} bits   code {code[letter]}"
    )
print("mean:", sum(p[letter] * len(code[letter]) for letter in p), "bits a letter, instead of 2")

# %% [markdown]
# Frequent letters get short codes, rare ones long codes. No code word is the beginning of another,
# so that the bits of a message can be read without gaps between the letters.
#
# A symbol of probability $p$ deserves $-\log_2 p$ bits. That is its *information*: what you expect anyway is
# cheap, a surprise is dear. The mean over all symbols is the **entropy**
#
# $$H = -\sum_i p_i \log_2 p_i$$
#
# where $i$ runs over the symbols and $p_i$ is the probability of symbol $i$. Shannon proved in 1948: if each symbol is
# drawn independently with these probabilities, no code can do with fewer than $H$ bits a symbol on average, and for long
# messages some code comes as close to $H$ as you like.
#
# Build it in the plainest way, and compare with SciPy's and with the package's.

# %%
from scipy.stats import entropy as scipy_entropy


def my_entropy(counts):
    """counts: how often each symbol occurs. Bits per symbol."""
    bits = 0.0
    for count in counts:
        if count > 0:  # what never occurs costs nothing
            p = count / sum(counts)
            bits += p * -np.log2(p)
    return bits


counts = [4, 2, 1, 1]  # the letters in a message of eight
np.testing.assert_allclose(my_entropy(counts), scipy_entropy(counts, base=2))
np.testing.assert_allclose(my_entropy(counts), metrics.entropy(np.array(counts)))
print(my_entropy(counts), "bits a letter")

# %% [markdown]
# ## The histogram of a photograph
#
# Of the three channels we take one, green, so that a pixel is one number from 0 to 255. [Lesson 02](02_colour.ipynb) is about all
# three together.
#
# A byte has 8 bits. Some grey levels occur more often than others. What do you expect: how many of the 8 bits does
# that save?

# %%
x = cat[..., 1]
counts = np.bincount(x.ravel(), minlength=256)

figure, ax = plt.subplots(figsize=(7, 2.6))
ax.bar(np.arange(256), 100 * counts / x.size, width=1, color="gray")
ax.axhline(100 / 256, color="black", lw=1)
ax.annotate(
    "all equal: 8 bits",
    (253, 100 / 256),
    (0, 4),
    ha="right",
    textcoords="offset points",
)
ax.set(xlabel="grey level of a pixel (green channel)", ylabel="how often, %", xlim=(0, 255))
ax.set_title("The cat: some grey levels are more frequent than others")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
shuffled = lag.shuffled(x)
print(f"photograph {metrics.entropy(np.bincount(x.ravel())):.2f} bits a pixel")
print(f"shuffled   {metrics.entropy(np.bincount(shuffled.ravel())):.2f} bits a pixel")

# %% [markdown]
# One bit of eight, and the two numbers are equal. They must be: the histogram counts values and does not look where
# they stand. It cannot tell the cat from the snow.
#
# So far, that is what the snow can offer. What more has the cat?

# %% [markdown]
# ## One block to follow
#
# Go close. This is a block of 8 × 8 pixels at the rim of the cat's eye: rows 88 to 95, columns 192 to 199. The course will
# follow this block from here to its bits in the file and back: its colours in [lesson 02](02_colour.ipynb), its frequencies
# in 03, its coefficients in 04, its symbols in 05, its bytes in 06.

# %%
block = images.thread_block()[..., 1].astype(int)
left_of_it = x[88:96, 191:199].astype(int)  # the same block, one column to the left
difference = block - left_of_it

figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
axes[0].imshow(cat[60:124, 160:224], interpolation="nearest")
axes[0].add_patch(plt.Rectangle((192 - 160.5, 88 - 60.5), 8, 8, fill=False, color="white", lw=2))
axes[0].set_title("the block in its place")
axes[1].imshow(block, cmap="gray", vmin=0, vmax=255)
axes[1].set_title("its pixels (green)")
axes[2].imshow(difference, cmap="gray", vmin=-128, vmax=127)
axes[2].set_title("minus the pixel to the left")
for ax, numbers in zip(axes[1:], (block, difference), strict=True):
    for (row, column), value in np.ndenumerate(numbers):
        light = ax.images[0].norm(value) > 0.45
        ax.text(
            column,
            row,
            value,
            ha="center",
            va="center",
            size=8,
            color="black" if light else "white",
        )
for ax in axes:
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print("row 0, pixels:     ", block[0])
print("row 0, differences:", difference[0])
print("pixels from", block.min(), "to", block.max())
print(
    "differences from", difference.min(), "to", difference.max(), "- half of them within ±", end=""
)
print(int(np.median(abs(difference))))

# %% [markdown]
# Most differences are small, although an edge runs through the block. A pixel is a good guess at its
# neighbour. Is that so everywhere?
#
# Take every pixel of the picture and draw it as a point: across the value of its left neighbour, upwards its own.
# **Before you run the cell: where will the points of the photograph lie? Where those of the snow?**

# %%
figure, axes = plt.subplots(1, 2, figsize=(6.8, 3.6))
for ax, picture, name in zip(axes, (x, shuffled), ("photograph", "shuffled"), strict=True):
    pairs = lag.count_pairs(picture, 1)
    ax.imshow(np.log2(1 + pairs).T.round(), origin="lower", cmap="gray", interpolation="nearest")
    ax.plot([0, 255], [0, 255], "--", color="#12857a", lw=1)
    ax.set(xlabel="left neighbour", ylabel="pixel", xticks=(0, 128, 255), yticks=(0, 128, 255))
    ax.set_title(f"{name}: correlation {lag.correlation(pairs):z.2f}")
figure.suptitle("In a photograph, neighbours are alike")
figure.tight_layout()

# %% [markdown]
# Bright is where many pairs lie. The photograph's cloud hugs the diagonal, where a pixel equals its neighbour. The snow's
# fills the square: there a neighbour says nothing.
#
# The correlation is 1 where all points lie on one rising line, and 0 where no line helps to guess.

# %% [markdown]
# ## Prediction
#
# Now use it. The *encoder* is the program that writes the file, the *decoder* the one that reads it. The decoder
# goes through each row from left to right, so when it comes to a pixel it knows the one to the left. Let that be the
# *prediction*, and store only the error, the **residual**:
#
# $$r_{i,j} = (x_{i,j} - x_{i,j-1}) \bmod 256$$
#
# where $i$ is the row and $j$ the column. The first pixel of a row has no left neighbour and is stored as it is.
#
# Why modulo 256? Differences go from −255 to 255 and would need a ninth bit. But the decoder knows the neighbour, and of
# two differences that are 256 apart only one leads to a number from 0 to 255. So −3 may be written as 253: nothing is
# lost, and a residual fits into a byte.

# %%
height, width = x.shape
my_residuals = np.zeros_like(x)
for i in range(height):
    my_residuals[i, 0] = x[i, 0]
    for j in range(1, width):
        my_residuals[i, j] = (int(x[i, j]) - int(x[i, j - 1])) % 256

np.testing.assert_array_equal(my_residuals, lag.residuals(x))
print("row 88, columns 192 to 199:", my_residuals[88, 192:200])

# %% [markdown]
# The same eight numbers as above, with 256 added to the negative ones.
#
# The residuals are a picture, too. Grey is zero: the prediction was right. What do you expect to see?

# %%
r = lag.residuals(x)
signed = r[:, 1:].astype(np.int8)  # 253 is -3 again; larger differences than ±127 are rare
before = metrics.entropy(np.bincount(x.ravel()))
after = metrics.entropy(np.bincount(r[:, 1:].ravel()))

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

# %%
# NBVAL_CHECK_OUTPUT
print(
    f"pixels {before:.2f} bits, residuals {after:.2f} bits: {before - after:.2f} bits saved a pixel"
)

# %% [markdown]
# 7.02 bits have become 4.80, by one subtraction. (The first column, which has no prediction, is not counted here.)
#
# Is it really lossless? Not a question of belief. Go back, on every channel of every photograph that the course has:

# %%
for name in images.SAMPLES:
    for channel in range(3):
        picture = images.sample(name)[..., channel]
        np.testing.assert_array_equal(lag.undo(lag.residuals(picture)), picture)
print("all pixels of", ", ".join(images.SAMPLES), "are back")

# %% [markdown]
# ### ✎ 1 · Undo it yourself
#
# Write the decoder: `undo(r)` gets the residuals and returns the pixels. With a loop, or in one line.

# %%
from lic_teach.course.redundancy.exercises import check


def undo(r):
    """r: uint8 (H, W). Return the pixels, uint8 (H, W)."""
    # your lines here


check("undo", undo)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def undo(r):
#     return np.cumsum(r, axis=1, dtype=np.uint8)
# ```
#
# A pixel is the sum of all residuals of its row so far. As `uint8` the sum wraps around at 256, which is the
# modulo that we need.
#
# </details>

# %% [markdown]
# ### ✎ 2 · What does shuffling do?
#
# Shuffle the pixels first, then predict each from its left neighbour. Three questions. Answer each with
# `"lower"`, `"same"` or `"higher"`:
#
# - `"pixels"`: the entropy of the shuffled pixels, compared with that of the photograph's pixels;
# - `"residuals"`: the entropy of the shuffled picture's residuals, compared with that of the photograph's residuals;
# - `"prediction"`: in the shuffled picture, the entropy of the residuals compared with that of its own pixels.

# %%
prediction = {"pixels": ..., "residuals": ..., "prediction": ...}

check("shuffle", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"pixels": "same", "residuals": "higher", "prediction": "higher"}
# ```
#
# The last one surprises most people. To predict badly is worse than not to predict: the residual now carries the
# randomness of two pixels, its own and its neighbour's. One die has 6 results, the difference of two dice
# has 11.
#
# </details>

# %% [markdown]
# ## See it move
#
# On the left of the white line you see the pixels, on the right the residuals: drag the line. *Lag* says how far to the
# left the neighbour stands that serves as prediction. The cloud is the one you have just seen; the two histograms
# have the same scale, and the one below is drawn around zero.

# %%
from lic_teach.course.redundancy.lag import Lag

explorer = Lag()
explorer

# %% [markdown]
# The buttons under the figure set it; what there is to see folds open beneath each. A picture of your own: the upload
# button, or `explorer.load("my_photo.jpg")` in a cell.

# %% [markdown]
# How far does the likeness reach? Here are all four photographs at once: how many bits the prediction
# saves at each lag.

# %%
figure, ax = plt.subplots(figsize=(7, 3.4))
lags = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
for name, style, shift in zip(
    images.SAMPLES, ("-", "--", "-.", ":"), (-1, 3, -10, -3), strict=True
):
    picture = images.sample(name)[..., 1]
    first = metrics.entropy(np.bincount(picture.ravel()))
    saved = [
        first - metrics.entropy(np.bincount(lag.residuals(picture, n)[:, n:].ravel())) for n in lags
    ]
    ax.plot(lags, saved, style, color="#12857a")
    ax.annotate(name, (lags[-1], saved[-1]), (5, shift), textcoords="offset points")
ax.axhline(0, color="black", lw=1)
ax.set(
    xscale="log", xlabel="lag, pixels", ylabel="bits saved a pixel", xlim=(1, 130), ylim=(-0.9, 3.2)
)
ax.set_xticks([1, 2, 4, 8, 16, 32, 64], ["1", "2", "4", "8", "16", "32", "64"])
ax.minorticks_off()
ax.set_title("The nearest neighbour knows most; a far one can cost bits")
figure.tight_layout()

# %% [markdown]
# ## A better guess
#
# The left neighbour is not the only pixel that the decoder knows. It has the whole row above. The four nearest
# have names since the standard JPEG-LS:
#
# ```
#     c  b  d        x is the pixel to predict
#     a  x           a left, b above, c above left, d above right
# ```
#
# Where there is an edge, the best neighbour is the one on the same side of it. On a slope, where the light grows
# evenly, none of them is right, but $a + b - c$ is: it continues the plane through a, b and c. A predictor that chooses
# between the two is the *median edge detector*, MED, of LOCO-I, the algorithm that became JPEG-LS:
#
# $$\hat x = \begin{cases} \min(a, b) & \text{if } c \ge \max(a, b) \\ \max(a, b) & \text{if } c \le \min(a, b) \\ a + b - c & \text{otherwise} \end{cases}$$
#
# Here $\hat x$ is the prediction. Check the first line: let c and a be bright and b dark. Between c and b runs a vertical
# edge, and x is likely to be on the dark side, below b. The smaller of the two is b.
#
# Its name comes from a shorter way to say the same: $\hat x$ is the middle one of $a$, $b$ and $a + b - c$.

# %%
from lic_teach.kit.predictors import bits_after, med, neighbours


def my_med(a, b, c):
    if c >= max(a, b):
        return min(a, b)
    if c <= min(a, b):
        return max(a, b)
    return a + b - c


a, b, c, d = neighbours(x)
mine = [my_med(*three) for three in zip(a.ravel(), b.ravel(), c.ravel(), strict=True)]
np.testing.assert_array_equal(np.reshape(mine, x.shape), med(a, b, c, d))

# %% [markdown]
# Outside the picture there are no neighbours, so JPEG-LS has rules for its borders, and `neighbours` follows them: zeros above the
# first row; at the end of a row d takes b; at its beginning a takes b, and c takes what a was one row above. From here on
# all pixels are counted, those at the borders too.
#
# `bits_after(predict, picture)` predicts every pixel, rounds the prediction to a grey level from 0 to 255, and returns the entropy
# of the residuals.
#
# **Which of these five do you expect to win, and does the same one win on every photograph?**

# %%
# NBVAL_CHECK_OUTPUT
predictors = {
    "left, a": lambda a, b, c, d: a,
    "above, b": lambda a, b, c, d: b,
    "mean of a and b": lambda a, b, c, d: (a + b) / 2,
    "plane, a + b - c": lambda a, b, c, d: a + b - c,
    "MED": med,
}
greens = [images.sample(name)[..., 1] for name in images.SAMPLES]

print(
    f"{'bits per sample':18}" + "".join(f"{name:>11}" for name in images.SAMPLES) + f"{'mean':>8}"
)
for name, predict in predictors.items():
    bits = [bits_after(predict, picture) for picture in greens]
    print(f"{name:18}" + "".join(f"{value:11.2f}" for value in bits) + f"{np.mean(bits):8.2f}")

# %% [markdown]
# MED wins on all four. Left and above win on two photographs each: a photograph with many vertical edges is better predicted from above.
# The plane is worse than MED wherever there are edges, because there it overshoots.

# %% [markdown]
# ## Which is the entropy of the picture?
#
# For the cat we now have 7.02 bits, 4.80 bits and 4.32 bits. Which of them is *the* entropy of this picture?
#
# None. Each is the price under a **model**. "Pixels are drawn independently from this histogram" costs 7.02. "What MED leaves is
# drawn independently from that histogram" costs 4.32. A better model costs less. The entropy of a histogram is called
# *zero-order* entropy, because it takes note of no pixel before this one. It does not belong to the picture; it belongs to the model.
#
# Two pictures make that plain. One is a ramp from black to white. The other is noise. What is the entropy of
# their histograms?

# %%
# NBVAL_CHECK_OUTPUT
ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
noise = np.random.default_rng(1).integers(0, 256, (256, 256), dtype=np.uint8)
for name, picture in (("ramp", ramp), ("noise", noise)):
    pixels, left = (np.bincount(v.ravel()) for v in (picture, lag.residuals(picture)[:, 1:]))
    print(
        f"{name:5}  pixels {metrics.entropy(pixels):.2f} bits, residuals {metrics.entropy(left):.2f} bits"
    )

# %%
for name, picture in (("ramp", ramp), ("noise", noise)):
    print(
        f"{name:5}  raw {picture.size:,} bytes, zlib {len(zlib.compress(picture.tobytes(), 9)):,} bytes"
    )

# %% [markdown]
# Both have 8.00 bits by their histogram: every level is equally frequent. For the ramp that is nonsense, since each row is the
# same and each pixel is one more than the last.
#
# And the noise? zlib, too, needs its 8 bits for every byte. But look at the cell above: one line of Python makes that noise, pixel
# for pixel, from the seed 1. Whoever has that line can send the picture in 80 letters. No histogram will ever
# find that out.

# %% [markdown]
# ### Too good to be true
#
# If one neighbour helps, why not let the probability of a pixel depend on both, $a$ and $b$, and count how often each triple
# occurs? That is the *conditional entropy* $H(x \mid a, b)$: the cost of x for one who knows a and b. By the chain rule it is
# $H(a, b, x) - H(a, b)$, the bits for all three less the bits for the two.
#
# Try it on the snow as well. **There the neighbours say nothing: what must come out?**


# %%
# NBVAL_CHECK_OUTPUT
def entropy_of(*arrays):
    """Entropy of the tuples that stand at the same place of these arrays."""
    table, counts = np.unique(np.stack([v.ravel() for v in arrays]), axis=1, return_counts=True)
    return metrics.entropy(counts), len(counts)


for name, picture in (("photograph", x), ("snow", shuffled)):
    here, a, b = picture[1:, 1:], picture[1:, :-1], picture[:-1, 1:]
    (three, _), (two, boxes) = entropy_of(a, b, here), entropy_of(a, b)
    print(
        f"{name:10}  H(x | a, b) = {three - two:.2f} bits, from {here.size / boxes:.0f} pixels a histogram"
    )

# %% [markdown]
# The snow should need its 7.02 bits, whoever its neighbours are. The table says 3.08, less than for the photograph.
#
# The mistake is in the counting. There is one histogram for each pair (a, b), and it has to be made from a handful of
# pixels. Six pixels show six values at most, and two pixels cannot show more than two: such a histogram has learnt its few
# pixels by heart, and what is learnt by heart looks cheap. The decoder does not have these tables. To send them
# costs at least what they seem to save; for the snow, Shannon's theorem leaves no other way.
#
# A measured entropy can be trusted only where there are far more samples than boxes. Our histograms of 256 boxes and 135,300
# pixels are safe. Whoever wants to use more neighbours must *share* what they learn between similar ones: predictors do that,
# and neural networks do it best. That is why this course, which begins with averages of
# neighbours, ends with networks.

# %% [markdown]
# ## The estimate and the file
#
# So much for estimates. Now a file. MED's residuals go through zlib. Normally it looks for repeated
# strings of bytes, but residuals hardly ever repeat; so tell it to do without and only
# give frequent bytes short codes. Those are Huffman codes, the subject of [lesson 05](05_entropy_coding.ipynb).


# %%
def huffman(residuals):
    """Bytes of a zlib file that uses Huffman codes only."""
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_HUFFMAN_ONLY)
    return coder.compress(residuals.tobytes()) + coder.flush()


def med_residuals(picture):
    """What MED leaves of a picture: uint8 (H, W)."""
    return ((picture - med(*neighbours(picture)).astype(int)) % 256).astype(np.uint8)


data = huffman(med_residuals(x))
print(f"file {8 * len(data) / x.size:.2f} bits a pixel, estimate {bits_after(med, x):.2f}")

# %% [markdown]
# It is a file, so it must come back. The decoder goes pixel by pixel, since every prediction needs pixels that were decoded
# just before.


# %%
def decode(data, height, width):
    """What huffman(med_residuals(picture)) was made from."""
    residuals = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width)
    padded = np.zeros((height + 1, width + 2), int)  # one row above, one column on each side
    for i in range(height):
        padded[i + 1, 0] = padded[i, 1]  # at the border: a is b
        for j in range(width):
            a, b, c = padded[i + 1, j], padded[i, j + 1], padded[i, j]
            padded[i + 1, j + 1] = (my_med(a, b, c) + residuals[i, j]) % 256
    return padded[1:, 1:-1].astype(np.uint8)


np.testing.assert_array_equal(decode(data, *x.shape), x)
print("every pixel is back: this is a lossless codec")

# %% [markdown]
# Twenty lines, and it beats raw bytes by far. How does it do beside the real ones? PNG chooses one of five filters for each row
# (left, above, their mean, a cousin of MED by Paeth, or none) and hands the residuals to zlib. WebP in its lossless mode chooses one of 14 for each small square and
# keeps several Huffman tables for different parts of the picture.
#
# **Place your bets: above or below our estimate of 4.32 bits?**


# %%
def webp_size(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=6)
    return len(file.getvalue())


coders = {
    "raw bytes": lambda picture: picture.size,
    "zlib, pixels": lambda picture: len(zlib.compress(picture.tobytes(), 9)),
    "zlib, left residuals": lambda picture: len(zlib.compress(lag.residuals(picture).tobytes(), 9)),
    "zlib, MED residuals": lambda picture: len(zlib.compress(med_residuals(picture).tobytes(), 9)),
    "PNG": png_size,
    "our codec: MED, Huffman": lambda picture: len(huffman(med_residuals(picture))),
    "WebP, lossless": webp_size,
}
files = {name: [8 * size(v) / v.size for v in greens] for name, size in coders.items()}
estimate = [bits_after(med, v) for v in greens]

figure, ax = plt.subplots(figsize=(8, 3.4))
here = [files[name][images.SAMPLES.index("chelsea")] for name in coders]
colors = ["#12857a" if name.startswith("our") else "gray" for name in coders]
bars = ax.barh(list(coders), here, color=colors)
ax.bar_label(bars, fmt="%.2f", label_type="center", color="white")
ax.axvline(bits_after(med, x), color="black", lw=1, ls="--")
ax.annotate(
    "entropy after MED", (bits_after(med, x), 6.6), (4, 0), textcoords="offset points", va="center"
)
ax.invert_yaxis()
ax.set(xlabel="bits per pixel of the cat's green channel", xlim=(0, 8.8), ylim=(6.9, -0.6))
ax.set_title("A file may be larger than the estimate, and smaller")
figure.tight_layout()

# %%
print(f"{'bits per pixel':25}" + "".join(f"{name:>11}" for name in images.SAMPLES))
print(f"{'entropy after MED':25}" + "".join(f"{value:11.2f}" for value in estimate))
for name, bits in files.items():
    print(f"{name:25}" + "".join(f"{value:11.2f}" for value in bits))

# %% [markdown]
# Read it slowly; it holds three lessons.
#
# - **The estimate can be reached.** Our file is within one percent of it on each of the four photographs. What it lacks: Huffman codes
#   have a whole number of bits, and the tables must be sent. What it gains: zlib makes new tables as it goes along.
# - **The estimate is no lower limit.** WebP needs about half a bit less. It has a better model: it looks where in the picture it is,
#   and at what kind of pixels are around.
# - **A coder can miss it.** zlib on the plain pixels finds little to repeat, and loses to one subtraction.
#
# Whatever a model promises, what counts is the file. In this course every estimate stands beside a file's size.

# %% [markdown]
# And the snow? Put it through all of them.

# %%
for name, size in coders.items():
    print(f"{name:25}{8 * size(shuffled) / shuffled.size:6.2f} bits")

# %% [markdown]
# Nobody comes below 7.02, the entropy of the histogram. For pixels in random order the model "independent draws from this
# histogram" is the truth, and there Shannon's theorem holds. **Shuffled pixels cannot be compressed** beyond what their
# histogram gives away. What makes photographs compressible is the order.

# %% [markdown]
# ### ✎ 3 · Your own predictor
#
# Lower the entropy. Write `predict(a, b, c, d)`. Each of the four is an array of integers, one number for each pixel, so use
# `np.where`, `np.median`, `np.minimum` and their like instead of `if`. `check` measures the entropy of your residuals,
# the mean over the four photographs. The plain mean of a and b has 4.39 bits; MED has 4.23.
#
# To match MED is good. To beat it, use d.


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
#     return np.median([a, b, a + b - c, a + d - b, d], axis=0)
# ```
#
# MED would be `np.median([a, b, a + b - c], axis=0)`. The fourth candidate is a second plane, through a, b and d; the fifth, d itself,
# keeps the number of candidates odd. Five votes are harder to mislead than three: about 1.3 % fewer bits. There is no
# end to this: JPEG-LS corrects MED by what it learns from errors in like surroundings, and others train a network to predict.
#
# </details>

# %% [markdown]
# ## Where this leads
#
# The three channels, coded one by one, are still strangers to each other. Are they alike as well?

# %%
# NBVAL_CHECK_OUTPUT
red, green, blue = (cat[..., channel] for channel in range(3))
alone = [bits_after(med, v) for v in (red, green, blue)]
minus_green = [bits_after(med, v) for v in (red - green, green, blue - green)]  # uint8: modulo 256
print(
    "R, G, B:         ", " + ".join(f"{v:.2f}" for v in alone), f"= {sum(alone):.1f} bits a pixel"
)
print(
    "R - G, G, B - G: ",
    " + ".join(f"{v:.2f}" for v in minus_green),
    f"= {sum(minus_green):.1f} bits a pixel",
)

# %% [markdown]
# They are: more than three bits a pixel for two subtractions. That is the way into [lesson 02](02_colour.ipynb).
#
# And yet, nine bits a pixel is about where lossless coding ends for this picture: WebP's file of it has 9.1. In [lesson 00](00_start_here.ipynb) you saw the same cat in a fraction of
# one bit. What is left after prediction is mostly noise, and noise has no neighbours. To go on, something must be
# thrown away, and the art is to throw away what nobody sees. JPEG does that with a transform in the place of the prediction, from
# [lesson 03](03_dct.ipynb) on. You will meet the residuals again: JPEG stores the mean of each block as its difference to
# the block before.

# %% [markdown]
# ## What you learnt
#
# - A symbol of probability p costs −log₂ p bits; the entropy is the mean cost, for independent draws.
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
# - M. J. Weinberger, G. Seroussi, G. Sapiro, "The LOCO-I lossless image compression algorithm: principles and standardization into
#   JPEG-LS", *IEEE Transactions on Image Processing* 9(8), 1309–1324, 2000. MED, and what it takes to code its residuals well.
# - ITU-T Recommendation T.87 | ISO/IEC 14495-1, *Lossless and near-lossless compression of continuous-tone still images: Baseline*, 1998. JPEG-LS
#   itself: the four neighbours and their borders are in Annex A.
# - W3C, *Portable Network Graphics (PNG) Specification*, chapter on filtering. The five predictors of PNG.
# - X. Wu, N. Memon, "Context-based, adaptive, lossless image coding", *IEEE Transactions on Communications* 45(4), 437–444, 1997. A predictor
#   and a model that beat MED.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Chapters 2 and 5: entropy, the chain rule, codes.
