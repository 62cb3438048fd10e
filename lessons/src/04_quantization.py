# %% [markdown]
# # 04 · Quantization
#
# **Where does the loss happen?**
#
# The picture that comes out of a JPEG file is not the one that went in. Somewhere on the way
# something is lost. [Lesson 03](03_dct.ipynb) took a picture apart into cosines. Was it there?
#
# Take the luma of the cat, compute the DCT of all blocks, and go straight back. Then do it a second
# time, but round each coefficient before you go back.

# %%
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, color, frame, quantize, transform


def luma_of(name):
    """Luma of a sample photograph, cut to whole blocks: uint8 (8 n, 8 m)."""
    y = color.luma(images.sample(name))
    return y[: len(y) // 8 * 8, : len(y[0]) // 8 * 8]


luma = luma_of("chelsea")
coefficients = transform.forward(luma.astype(np.float32))

coarse = codec.standard_tables(10)[0]  # 64 steps; where they come from is further down
rounded = np.rint(coefficients / coarse) * coarse
pictures = luma, transform.inverse(coefficients), transform.inverse(rounded.astype(np.float32))

figure, axes = plt.subplots(1, 3, figsize=(9, 3.4))
titles = ("original", "DCT and back", "DCT, round, and back")
for ax, picture, title in zip(axes, pictures, titles, strict=True):
    ax.imshow(picture[60:220, 110:270], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for picture, title in zip(pictures[1:], titles[1:], strict=True):
    print(f"{title:20}  {np.count_nonzero(picture != luma):7,} of {luma.size:,} samples are wrong")

# %% [markdown]
# Without the rounding, not one sample is wrong. The DCT loses nothing. The rounding does, and it has
# a name: **quantization**. Apart from chroma's smaller planes ([lesson 02](02_colour.ipynb)) and a little rounding
# of pixels, it is the only stage of JPEG that loses anything, and it does so on purpose.
#
# **After this lesson** you can
# - quantize a block as JPEG does, and say which coefficients will be struck out;
# - compute the 64 steps for any quality, and read them out of any .jpg file;
# - predict the error of a step before you take it, and say where the prediction fails.
#
# You need [lesson 03](03_dct.ipynb), and about 30 minutes.

# %% [markdown]
# ## One number, one step
#
# A coefficient $c$ is a real number. Writing it down exactly would take forever, so we choose a
# **step** $\Delta$ and write down only how many steps there are to the nearest multiple of it:
#
# $$q = \operatorname{round}\!\left(\frac{c}{\Delta}\right) \qquad\qquad \hat c = q\,\Delta \qquad\qquad e = \hat c - c$$
#
# The encoder computes the whole number $q$, the *quantized coefficient*, and only $q$ goes into the
# file. The decoder multiplies and gets $\hat c$, as near to $c$ as a multiple of $\Delta$ can be.
# What lies between the two is the *quantization error* $e$.

# %%
c = np.linspace(-35, 35, 2001)
step = 10
c_hat = np.rint(c / step) * step

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6))
axes[0].plot(c, c, color="gray", lw=1)
axes[0].plot(c, c_hat, color="#d9730d", lw=2)
axes[0].set(title="Quantization is a staircase", xlabel="coefficient c", ylabel="decoded ĉ")
axes[1].plot(c, c_hat - c, color="#d9730d", lw=2)
axes[1].set(title="The error never exceeds half a step", xlabel="coefficient c", ylabel="error e")
for ax in axes:
    ax.axvspan(-step / 2, step / 2, color="gray", alpha=0.2, lw=0)
axes[0].annotate("all this becomes 0", (7, -32))
figure.tight_layout()

# %% [markdown]
# Here Δ is 10. All numbers that fall on one stair become one and the same number, and nobody can say
# afterwards which it was. The grey stair is the important one. It is only as wide as the
# others, but most coefficients of a photograph lie there.

# %% [markdown]
# ## One block
#
# This is the block that you follow through the course, at the rim of the cat's eye: block row 11,
# block column 24. The package keeps its 64 coefficients in one line, in zig-zag order. `square` folds
# them back as in [lesson 03](03_dct.ipynb): *v* half swings down, *u* across, both from 0 to 7.


# %%
# NBVAL_CHECK_OUTPUT
def square(row):
    """64 numbers in zig-zag order -> (8, 8)."""
    return row[transform.NATURAL].reshape(8, 8)


np.set_printoptions(precision=1, suppress=True, linewidth=100)
block = coefficients[11, 24]
print(square(block))

# %% [markdown]
# And these are their steps. Each frequency has one of its own, in a table of 64:

# %%
# NBVAL_CHECK_OUTPUT
steps = codec.standard_tables(50)[0]  # 0: the table for luma; 50: a quality, more below
print(square(steps))

# %% [markdown]
# **Predict:** how many of the 64 coefficients will *not* become zero? Look at two of them. −166.5 in the
# first row has a step of 11. 27.7 in the fifth row has a step of 56, and is less than half of it.

# %%
# NBVAL_CHECK_OUTPUT
mine = np.zeros(64, int)
for k in range(64):
    mine[k] = round(block[k] / steps[k])

np.testing.assert_allclose(mine, quantize.quantize(block, steps))
print(square(mine))
print(np.count_nonzero(mine), "of 64 are left")

# %% [markdown]
# Nine. That is all that the file will hold of this block, and [lesson 05](05_entropy_coding.ipynb) turns it into bits. The decoder
# multiplies by the steps and goes back through the DCT:

# %%
before = luma[88:96, 192:200]
after = transform.inverse(quantize.dequantize(mine, steps)[None, None])  # one row of one block

figure, axes = plt.subplots(1, 3, figsize=(9, 3.3))
axes[0].imshow(before, cmap="gray", vmin=0, vmax=160)
axes[0].set_title("64 coefficients")
axes[1].imshow(after, cmap="gray", vmin=0, vmax=160)
axes[1].set_title("9 whole numbers")
axes[2].imshow(after.astype(float) - before, cmap="gray", vmin=-25, vmax=25)
axes[2].set_title("error, −25 to 25")
for ax in axes:
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print(f"MSE of this block: {metrics.mse(before, after):.1f}")

# %% [markdown]
# ### ✎ 1 · `quantize`
#
# Write it for any number of blocks at once. Lose as little as you can: which whole number is nearest
# to −1.7?

# %%
from lic_teach.course.quantization.exercises import check


def my_quantize(coefficients, steps):
    """coefficients: float (..., 64); steps: int (64,). Return whole numbers, (..., 64)."""
    # your line here


check("quantize", my_quantize)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_quantize(coefficients, steps):
#     return np.rint(coefficients / steps).astype(int)
# ```
#
# `astype(int)` alone cuts the decimals off, which rounds towards zero. Its zero stair is twice as wide,
# and its error reaches a whole step.
#
# </details>

# %% [markdown]
# ## Move the quality
#
# One slider, *quality*, scales all 64 steps. Click a block in the picture (or use the arrow keys). On
# the right are its luma coefficients, each over its step. Those that become zero are struck
# out; the others show their whole number behind the arrow.
#
# The picture, the numbers, the histogram of all errors and the point on the curve come from a real file,
# written and read again at every move.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.quantization.quantization import Quantization

explorer = Quantization()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.

# %% [markdown]
# ## Who chose the 64 steps?
#
# The tables are printed in the JPEG standard (ITU-T T.81, Annex K.1), one for luma, one for chroma. They
# are only examples there, but most programs simply took them. They rest on "psychovisual
# thresholding", says the standard: from which size on do people *see* a wave?

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 4.4))
tables = {"luma": quantize.LUMINANCE, "chroma": quantize.CHROMINANCE}
for ax, (name, table) in zip(axes, tables.items(), strict=True):
    ax.imshow(table, cmap="Oranges", vmin=0, vmax=160)
    for (row, column), value in np.ndenumerate(table):
        ax.text(column, row, value, ha="center", va="center", fontsize=9)
    ax.set(title=f"steps for {name}", xlabel="horizontal frequency", ylabel="vertical frequency")
figure.tight_layout()

# %% [markdown]
# Small steps where the eye is sharp, at the low frequencies of luma. Large ones at the high
# frequencies, and in chroma nearly everywhere.
#
# So the tables were made for the eye. Were they also made for the PSNR? **Predict:** at the same number
# of bits, which gives the higher PSNR, these 64 steps or *one* step for all 64 coefficients?


# %%
def code(q, steps):
    """Quantized luma, zig-zag (n, m, 64) -> bpp of a real grayscale file, PSNR of what it decodes to."""
    layout = frame.make_frame(8 * q.shape[0], 8 * q.shape[1], 1, "4:4:4")
    data = codec.pack(q.reshape(-1, 64), layout, [steps])
    return metrics.bpp(data, luma), metrics.psnr(luma, jpeg.decode(data))


standard = [codec.standard_tables(quality)[0] for quality in (10, 20, 30, 40, 50, 65, 80)]
one_step = [np.full(64, step) for step in (60, 45, 35, 28, 22, 17, 12)]

figure, ax = plt.subplots(figsize=(6.5, 4))
for name, tables, look, place in (
    ("64 steps of the standard", standard, {"color": "#d9730d"}, (0.86, 35.6)),
    ("one step for all", one_step, {"color": "black"}, (0.5, 36.4)),
):
    bpp, psnr = zip(*(code(quantize.quantize(coefficients, t), t) for t in tables), strict=True)
    ax.plot(bpp, psnr, "o-", markersize=4, **look)
    ax.annotate(name, place, color=look["color"])
ax.set(xlabel="R, bits per pixel of luma", ylabel="PSNR of luma, dB")
ax.set_title("For the PSNR, one step is as good as 64, or better")
figure.tight_layout()

# %% [markdown]
# From half a bit per pixel on, one step wins, and at one bit by more than a decibel. The standard's tables
# give that away for something that PSNR does not count: an error of high frequency is harder to see than one of
# low frequency of the same size. [Lesson 08](08_jpeg_by_lambda.ipynb) lets a machine choose the 64 numbers, and asks again.

# %% [markdown]
# ## The quality rule
#
# The standard knows no quality from 1 to 100. That scale is the rule of one program, the free library
# *libjpeg*, which many others copied. It turns the quality $Q$ into a percentage $s$ and takes
# $s$ percent of each printed step $\Delta$. The brackets $\lfloor\;\rfloor$ mean: round down.
#
# $$s = \begin{cases} \lfloor 5000 / Q \rfloor & Q < 50 \\ 200 - 2Q & Q \ge 50 \end{cases}
# \qquad\qquad
# \Delta' = \min\!\left(255, \max\!\left(1, \left\lfloor \frac{s\,\Delta + 50}{100} \right\rfloor\right)\right)$$
#
# The +50 rounds to the nearest whole number. A step is at least 1, and at most 255 because the file
# gives it one byte. Build it, and try all hundred qualities:


# %%
def scale(table, quality):
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    scaled = np.zeros((8, 8), int)
    for row in range(8):
        for column in range(8):
            step = (percent * table[row, column] + 50) // 100
            scaled[row, column] = min(max(step, 1), 255)
    return scaled


for quality in range(1, 101):
    for table in (quantize.LUMINANCE, quantize.CHROMINANCE):
        np.testing.assert_allclose(scale(table, quality), quantize.scale(table, quality))

# %% [markdown]
# Is it libjpeg's, too? Pillow writes its files with libjpeg. Ask a file of each quality which
# tables it holds:

# %%
import io

from PIL import Image

for quality in range(1, 101):
    buffer = io.BytesIO()
    Image.fromarray(luma[:8, :8]).convert("RGB").save(buffer, "JPEG", quality=quality)
    in_file = Image.open(buffer).quantization
    np.testing.assert_array_equal(in_file[0], quantize.scale(quantize.LUMINANCE, quality).ravel())
    np.testing.assert_array_equal(in_file[1], quantize.scale(quantize.CHROMINANCE, quality).ravel())
print("All hundred agree.")

# %%
# NBVAL_CHECK_OUTPUT
print("quality  percent  first step")
for quality in (1, 10, 25, 50, 75, 90, 95, 100):
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    print(f"{quality:7} {percent:7} % {scale(quantize.LUMINANCE, quality)[0, 0]:10}")

# %% [markdown]
# So quality 50 is the printed table itself, 25 doubles the steps, 75 halves them. Quality is not a
# percentage of anything. It says nothing about how good a picture looks, and quality 80 in
# another program may be another table.
#
# And 100? All steps are 1, but the coefficients are still rounded to whole numbers. Quality 100 is not
# lossless.

# %% [markdown]
# ## How large is the error?
#
# A step of 10 makes errors between −5 and 5. If all of them are equally likely, what is the mean
# squared error? The answer needs no picture, only the step.
#
# ### ✎ 2 · `fine_step`
#
# Write the mean of $e^2$, where $e$ is uniform between $-\Delta/2$ and $\Delta/2$. An integral or a
# simulation will tell you.

# %%
from lic_teach.course.quantization.exercises import check


def fine_step(step):
    """Return the mean squared error of a step, a number."""
    # your line here


check("fine_step", fine_step)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def fine_step(step):
#     return step**2 / 12
# ```
#
# $$\mathrm{E}[e^2] = \int_{-\Delta/2}^{\Delta/2} e^2 \, \frac{1}{\Delta} \, de
# = \frac{1}{\Delta} \cdot 2 \cdot \frac{(\Delta/2)^3}{3} = \frac{\Delta^2}{12}$$
#
# $1/\Delta$ is the density of the uniform distribution.
#
# </details>

# %% [markdown]
# The result, $\Delta^2/12$, is one of the most used formulas of signal processing. Is it true of our
# coefficients? Take the DC coefficient and a faster wave, in all blocks of the four photographs, and
# look at their errors, each in units of its own step.

# %%
everything = np.concatenate(
    [transform.forward(luma_of(n).astype(np.float32)).reshape(-1, 64) for n in images.SAMPLES]
)
errors = quantize.dequantize(quantize.quantize(everything, steps), steps) - everything

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for ax, v, u, title in zip(
    axes, (0, 3), (0, 3), ("DC: all errors alike", "v = 3, u = 3: not"), strict=True
):
    k = transform.NATURAL.reshape(8, 8)[v, u]
    ax.hist(errors[:, k] / steps[k], bins=np.linspace(-0.5, 0.5, 26), density=True, color="#d9730d")
    ax.axhline(1, color="black", lw=1, ls="--")
    ax.set(title=title, xlabel="error / step")
axes[0].set_ylabel("density")
figure.tight_layout()

# %% [markdown]
# The DC errors fill the whole stair evenly (the dashed line is the uniform density; the small peak at 0 are
# the astronaut's 302 black blocks, whose DC is −1024, exactly 64 steps). The others do not.
# Most of those coefficients are small against the step. They become zero, and then the error is the whole
# coefficient.
#
# **Predict:** at quality 50 the rule Δ²/12, averaged over the 64 steps, promises the cat a mean squared error
# of 375. Is the real one larger or smaller? By how much?

# %%
# NBVAL_CHECK_OUTPUT
print(f"{'quality':>7} {'mean of Δ²/12':>15} {'measured':>10}")
for quality in (10, 50, 75, 90, 95, 100):
    s = codec.standard_tables(quality)[0].astype(float)
    e = np.rint(coefficients / s) * s - coefficients
    print(f"{quality:7} {np.mean(s**2 / 12):15.2f} {np.mean(e**2):10.2f}")

# %% [markdown]
# Nineteen times smaller. The rule is not wrong; it is used where it does not hold. Where does it? Take four of
# the cat's coefficients, one by one, and let the step grow from 1 to 255.

# %%
sweep = np.geomspace(1, 255, 40)
figure, ax = plt.subplots(figsize=(7, 4.4))
ax.plot(sweep, sweep**2 / 12, color="gray", lw=1, ls="--", zorder=5)
ax.annotate("Δ²/12", (7.4, 9), color="gray", ha="right")
for (v, u), shade in {
    (0, 0): "black",
    (0, 1): "#8a3f00",
    (2, 2): "#d9730d",
    (5, 5): "#f2b27a",
}.items():
    c = coefficients[..., transform.NATURAL.reshape(8, 8)[v, u]].astype(float)
    mse = [np.mean((np.rint(c / s) * s - c) ** 2) for s in sweep]
    ax.plot(sweep, mse, color=shade, lw=2)
    ax.annotate(
        f"v = {v}, u = {u}: σ = {c.std():.0f}",
        (275, mse[-1]),
        va="center",
        annotation_clip=False,
    )
ax.set(
    xscale="log",
    yscale="log",
    xlim=(1, 255),
    ylim=(0.05, 8000),
    xlabel="step Δ",
    ylabel="mean squared error",
)
ax.set_title("Fine steps cost Δ²/12; coarse steps cost what was there")
figure.tight_layout()

# %% [markdown]
# $\sigma$ is the standard deviation of the coefficient over all blocks. As long as the step is small against it,
# the error is Δ²/12 whatever the picture shows. When the step is large, all become zero. Then the error
# is the coefficient itself, its mean square is the variance $\sigma^2$ (the mean of an AC coefficient
# is near 0), and a still larger step does no more harm. Nothing can lose more than was there.
#
# One curve has a strange dip, at a step of 4. It is no mistake. Keep it in mind: the last section tells
# what it gives away.
#
# At quality 50, how much of the loss comes from the coefficients that are struck out?

# %%
# NBVAL_CHECK_OUTPUT
for name in images.SAMPLES:
    c = transform.forward(luma_of(name).astype(np.float32))
    q = quantize.quantize(c, steps)
    squared = (quantize.dequantize(q, steps) - c).astype(float) ** 2
    share = squared[q == 0].sum() / squared.sum()
    print(f"{name:10} {np.mean(q == 0):4.0%} struck out, {share:.0%} of the loss")

# %% [markdown]
# There is the answer to the question of this lesson. At quality 50, about four fifths of what luma loses, it
# loses in the coefficients that are struck out.

# %% [markdown]
# ### ✎ 3 · `any_step`
#
# Predict the error for fine and for coarse steps at once, without rounding a coefficient: which of them
# become zero, and what does each kind cost? (`np.where` chooses between two.)


# %%
def any_step(coefficients, steps):
    """coefficients: float (..., 64); steps: int (64,). Return the expected MSE, one number."""
    # your lines here


check("any_step", any_step)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def any_step(coefficients, steps):
#     becomes_zero = np.abs(coefficients) < steps / 2
#     return np.mean(np.where(becomes_zero, coefficients**2, steps**2 / 12))
# ```
#
# Five percent off at the worst. The rest comes from survivors that do not fill their stair evenly: small
# coefficients are more frequent than large ones.
#
# </details>

# %% [markdown]
# ## From coefficients to pixels
#
# All errors so far were errors of *coefficients*. What we see are pixels. Must we redo it all?
#
# No, and [lesson 03](03_dct.ipynb) has the reason. Let $e$ be the 64 errors of a block's coefficients, and $B$ the 64 × 64
# matrix whose rows are the waves. The errors of its pixels are then $B^\mathsf{T} e$. The DCT is
# orthonormal, $B B^\mathsf{T} = I$, where $I$ is the identity. Therefore
#
# $$\lVert B^\mathsf{T} e \rVert^2 = e^\mathsf{T} B B^\mathsf{T} e = \lVert e \rVert^2$$
#
# The squared error is the same on both sides. This is *Parseval's theorem*. Check it with numbers, on
# every block of every photograph, at three qualities:

# %%
B = transform.BASIS.astype(float)
np.testing.assert_allclose(B @ B.T, np.eye(64), atol=1e-6)

blocks_seen = 0
for name in images.SAMPLES:
    blocks = transform.to_blocks(luma_of(name)).astype(float)
    c = (blocks - 128) @ B.T
    for quality in (5, 50, 95):
        s = codec.standard_tables(quality)[0]
        c_hat = np.rint(c / s) * s
        pixels = c_hat @ B + 128  # neither rounded nor clipped
        np.testing.assert_allclose(
            np.sum((pixels - blocks) ** 2, axis=-1), np.sum((c_hat - c) ** 2, axis=-1), rtol=1e-4
        )
        blocks_seen += c_hat[..., 0].size
print(f"The same on both sides in all {blocks_seen:,} blocks.")

# %% [markdown]
# One small thing is left. The decoder rounds each pixel to a whole number and clips it to 0..255.
# **Predict** what each of the two does to the error. (To round to whole numbers is to quantize with a step of 1.)

# %%
# NBVAL_CHECK_OUTPUT
for name in ("chelsea", "astronaut"):
    blocks = transform.to_blocks(luma_of(name)).astype(float)
    c = (blocks - 128) @ B.T
    for quality in (50, 75, 90, 100):
        s = codec.standard_tables(quality)[0]
        pixels = np.rint(c / s) * s @ B + 128
        errors = [
            np.mean((p - blocks) ** 2)
            for p in (pixels, np.rint(pixels), np.rint(pixels).clip(0, 255))
        ]
        print(
            f"{name:9} quality {quality:3}: {errors[0]:6.3f}, rounded {errors[1]:6.3f}, clipped {errors[2]:6.3f}"
        )

# %% [markdown]
# Rounding adds about 1/12 = 0.083, as Δ²/12 says for Δ = 1. At quality 100 it adds nothing, and even takes
# away some of the cat's error: the original pixels *are* whole numbers, and an error under ½ is rounded
# off. Clipping always helps, since the original lies inside 0..255: the astronaut has much black and white, the cat has next to none.

# %% [markdown]
# ## A wider zero
#
# The decoder multiplies. It does not care how the encoder chose $q$. So the encoder is free to
# round in another way, and every decoder of the world still reads the file. Add a number $f$ before
# the decimals are cut off:
#
# $$q = \operatorname{sign}(c) \left\lfloor \frac{|c|}{\Delta} + f \right\rfloor$$
#
# With $f = \tfrac12$ it is plain rounding. A smaller $f$ sends more numbers to zero: all those with
# $|c| < (1 - f)\,\Delta$. A zero stair that is wider than the others is called a **dead zone**.
# With $f = 0$ it is twice as wide, and we cut the decimals off.
#
# More zeros cost fewer bits and make larger errors. Which counts for more? Compare at equal PSNR:
# `metrics.bd_rate` gives the mean difference in bits, in percent ([lesson 07](07_rate_distortion.ipynb) explains how).
# **Predict:** which $f$ is best?

# %%
# NBVAL_CHECK_OUTPUT
qualities = range(20, 91, 10)


def with_dead_zone(f):
    """(bpp, PSNR) at each quality, rounded with f."""
    points = []
    for s in (codec.standard_tables(quality)[0] for quality in qualities):
        q = np.sign(coefficients) * np.floor(np.abs(coefficients) / s + f)
        points.append(code(q.astype(np.int16), s))
    return points


plain = with_dead_zone(0.5)
for f in (0.5, 0.4, 1 / 3, 0.25, 0):
    zero = 2 * (1 - f)
    change = metrics.bd_rate(plain, with_dead_zone(f))
    print(f"f = {f:.2f}: zero is {zero:.2f} steps wide, {change:+3.0f} % bits at equal PSNR")

# %% [markdown]
# A slightly wider zero saves almost four percent of the cat's bits, by nothing but another way to
# round. Cutting off costs nine percent. So the best rounding is not always to the nearest number: it weighs bits
# against error. That is L = R + λD again, and [lesson 08](08_jpeg_by_lambda.ipynb) does it coefficient by coefficient.

# %% [markdown]
# ## Inside somebody's file
#
# The decoder needs the steps, so they travel in the file. A JPEG file opens with the two bytes
# `FF D8`. Then come *segments*, one after the other:
#
# | bytes | what |
# |---|---|
# | `FF` and one more byte | the *marker*: `DB` means "define quantization tables" (DQT), `DA` means that picture data begin (SOS) |
# | 2 bytes, high byte first | the *length* of the segment, these two bytes included, the marker not |
# | length − 2 bytes | the contents |
#
# The contents of a DQT segment are one or more tables. Each is one byte, whose upper four bits are 0
# for steps of 8 bits and whose lower four are the number of the table, and then 64 steps, **in zig-zag order**.
#
# Here is a file as cameras write it. Before the tables of the picture lies a segment with
# the camera's name, and a thumbnail that is a whole small JPEG itself.

# %%
from lic_teach.course.quantization.camera import camera_file

data = camera_file()
print(f"{len(data):,} bytes, beginning with {data[:12].hex(' ')}")

# %% [markdown]
# ### ✎ 4 · `read_tables`
#
# Read all tables out of the file. Walk from segment to segment until `DA` comes. `transform.NATURAL` is at
# your service.


# %%
def read_tables(data):
    """data: bytes of a .jpg. Return {number: steps}, the steps int (8, 8), as `square` shows them."""
    # your lines here


check("read_tables", read_tables)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def read_tables(data):
#     tables, position = {}, 2
#     while data[position + 1] != 0xDA:
#         marker = data[position + 1]
#         length = int.from_bytes(data[position + 2 : position + 4], "big")
#         contents = data[position + 4 : position + 2 + length]
#         while marker == 0xDB and contents:
#             steps = np.frombuffer(contents[1:65], np.uint8).astype(int)
#             tables[contents[0] & 15] = steps[transform.NATURAL].reshape(8, 8)
#             contents = contents[65:]
#         position += 2 + length
#     return tables
# ```
#
# Searching for `FF DB` instead finds the tables of the thumbnail first.
#
# </details>

# %% [markdown]
# The package reads them like this. With which quality was the file written? Try all hundred:

# %%
# NBVAL_CHECK_OUTPUT
_, _, tables = codec.unpack(data)
found = square(tables[0])
print(found)
print(
    "quality",
    [Q for Q in range(1, 101) if np.array_equal(quantize.scale(quantize.LUMINANCE, Q), found)],
)

# %% [markdown]
# ## The picture remembers
#
# One of the four sample photographs, the rocket, came to scikit-image as a .jpg, and the file is on your
# disk. Which tables did its photographer's program use?

# %%
# NBVAL_CHECK_OUTPUT
from importlib.resources import files

data = (files("skimage.data") / "rocket.jpg").read_bytes()
_, _, tables = codec.unpack(data)
found = square(tables[0])
print(found)
print(
    "quality",
    [Q for Q in range(1, 101) if np.array_equal(quantize.scale(quantize.LUMINANCE, Q), found)],
)

# %% [markdown]
# No quality of libjpeg's gives this table. It is somebody's own. Look at the step of the wave v = 4, u = 3,
# in the fifth row and the fourth column: 9.
#
# Now forget the file and keep only the pixels, as `images.sample` gives them. **Predict** what the
# histogram of that coefficient looks like.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
k = transform.NATURAL.reshape(8, 8)[4, 3]
for ax, name, title in zip(
    axes, ("coffee", "rocket"), ("coffee: a smooth hill", "rocket: a comb, every 9"), strict=True
):
    c = transform.forward(luma_of(name).astype(np.float32))[..., k]
    ax.hist(c.ravel(), bins=np.arange(-45.25, 45.5, 0.5), color="gray")
    ax.set(title=title, xlabel="coefficient v = 4, u = 3", yscale="log", xticks=range(-45, 46, 9))
axes[0].set_ylabel("number of blocks")
figure.tight_layout()

# %% [markdown]
# The teeth stand at the multiples of 9. These pixels were quantized once, and the DCT brings the steps to
# light again.
#
# Remember the dip at a step of 4 in the plot of the cat? The cat comes to us as a PNG, which loses nothing. But it
# must have been a JPEG before. Of which quality? Quantize the pixels once more at each quality, and
# compare the error with the one that exercise 3 expects. Where the steps are those of the first time, nearly
# all coefficients lie on their stairs already, and the error drops.

# %%
# NBVAL_CHECK_OUTPUT
qualities = np.arange(85, 101)
figure, ax = plt.subplots(figsize=(7, 3.8))
for name, paint, look in (("coffee", "gray", "o--"), ("chelsea", "#d9730d", "o-")):
    c = transform.forward(luma_of(name).astype(np.float32)).astype(float)
    ratio = []
    for s in (codec.standard_tables(quality)[0] for quality in qualities):
        expected = np.mean(np.where(np.abs(c) < s / 2, c**2, s**2 / 12))
        ratio.append(np.mean((np.rint(c / s) * s - c) ** 2) / expected)
    ax.plot(qualities, ratio, look, color=paint, markersize=4)
    ax.annotate(name, (85.5, ratio[0] + (0.06 if name == "chelsea" else -0.12)), color=paint)
    print(
        f"{name}: smallest at quality {qualities[np.argmin(ratio)]}, {min(ratio):.2f} of what is expected"
    )
ax.set(
    ylim=(0, 1.4), xlabel="quality of the second quantization", ylabel="error, measured / expected"
)
ax.set_title("The cat was a JPEG of quality 98")
figure.tight_layout()

# %% [markdown]
# This is how one finds out that a picture was a JPEG before, and it is the last place where
# Δ²/12 fails: on a picture that was quantized before, in the same blocks.

# %% [markdown]
# ## What you learnt
#
# - The loss of JPEG is in one line: `np.rint(c / steps)`. Only whole numbers go into the file, and the
#   decoder multiplies.
# - A table holds 64 steps, made for the eye. Quality scales them: 50 leaves them as they are, 100 makes
#   them all 1 and is still not lossless.
# - A fine step costs Δ²/12. A coarse one costs the coefficient itself, no more than its variance, and most
#   of the loss is there.
# - The DCT is orthonormal, so the error of the coefficients is the error of the pixels, but for the rounding and
#   clipping of pixels.
# - Rounding is the encoder's choice. A dead zone saves bits at equal PSNR.
#
# Nine whole numbers and 55 zeros are left of our block. That is still not a single bit. How do
# numbers become bits? [Lesson 05](05_entropy_coding.ipynb).
#
# The same line stands in the learned codec: divide by a step and round. Its steps are learned ([lesson 17](17_learned_codec.ipynb)).
#
# ## Further reading
#
# - ITU-T Recommendation T.81 (1992) | ISO/IEC 10918-1, *Digital compression and coding of continuous-tone
#   still images*: A.3.4 (quantization), B.2.4.1 (DQT), Annex K.1 (the tables).
#   [w3.org/Graphics/JPEG/itu-t81.pdf](https://www.w3.org/Graphics/JPEG/itu-t81.pdf)
# - Independent JPEG Group, libjpeg, file `jcparam.c`: `jpeg_quality_scaling` and `jpeg_add_quant_table` are
#   the quality rule. [github.com/libjpeg-turbo/libjpeg-turbo](https://github.com/libjpeg-turbo/libjpeg-turbo)
# - W. R. Bennett, "Spectra of quantized signals", *Bell System Technical Journal* 27(3), 446–472, 1948. Where
#   Δ²/12 comes from, and when it holds.
# - R. M. Gray, D. L. Neuhoff, "Quantization", *IEEE Transactions on Information Theory* 44(6),
#   2325–2383, 1998. Fifty years of it in sixty pages.
# - G. J. Sullivan, "Efficient scalar quantization of exponential and Laplacian random variables", *IEEE
#   Transactions on Information Theory* 42(5), 1365–1374, 1996. How wide the dead zone should be.
# - Z. Fan, R. L. de Queiroz, "Identification of bitmap compression history: JPEG detection and quantizer
#   estimation", *IEEE Transactions on Image Processing* 12(2), 230–235, 2003. The comb, used.
