# %% [markdown]
# # 04 · Quantization
#
# **Where does the loss happen?**
#
# The picture that comes out of a JPEG file is not the one that went in. [Lesson 03](03_dct.ipynb) took a picture
# apart into waves. Was it there? Below, the luma of the cat goes through the DCT and straight back; then once more,
# with each coefficient rounded before it goes back.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image as Show

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, color, frame, quantize, transform
from lic_teach.kit.controls import encode_png
from lic_teach.kit.predict import Predict


def luma_of(name):
    """Luma of a sample photograph, cut to whole blocks: uint8 (8 n, 8 m)."""
    y = color.luma(images.sample(name))
    return y[: len(y) // 8 * 8, : len(y[0]) // 8 * 8]


def square(row):
    """64 numbers in zig-zag order -> (8, 8)."""
    return row[transform.NATURAL].reshape(8, 8)


def show(pictures, titles, width):
    """Grey pictures side by side."""
    figure, axes = plt.subplots(1, len(pictures), figsize=(width, width / len(pictures) + 0.4))
    for ax, picture, title in zip(axes, pictures, titles, strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ax.set_title(title, fontsize=11)
        ax.axis("off")
    figure.tight_layout()


luma = luma_of("chelsea")
coefficients = transform.forward(luma.astype(np.float32))  # (block rows, block columns, 64)

coarse = codec.standard_tables(10)[0]  # 64 steps; where they come from is further down
rounded = np.rint(coefficients / coarse) * coarse
there, back = transform.inverse(coefficients), transform.inverse(rounded.astype(np.float32))
titles = "original", "DCT and back", "DCT, round, and back"
show([p[60:220, 110:270] for p in (luma, there, back)], titles, 9)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
for picture, title in zip((there, back), titles[1:], strict=True):
    print(f"{title:20}  {np.count_nonzero(picture != luma):7,} of {luma.size:,} samples are wrong")

# %% [markdown]
# The DCT loses nothing. The rounding does, and it has a name: **quantization**. But for chroma's smaller planes
# ([lesson 02](02_colour.ipynb)) it is the only stage of JPEG that loses more than the rounding of pixels, and it does so on
# purpose.
#
# **After this lesson** you can
# - quantize a block as JPEG does, and say which coefficients will be struck out;
# - predict the error of a step, and say where the prediction fails;
# - name what you see when JPEG has lost too much, and say where it comes from.
#
# You need [lesson 03](03_dct.ipynb), and about 30 minutes.

# %% [markdown]
# ## One number, one step
#
# A coefficient $c$ is a real number. Choose a **step** $\Delta$, and write down only how many steps there are to the
# nearest multiple of it:
#
# $$q = \operatorname{round}\!\left(\frac{c}{\Delta}\right) \qquad\qquad \hat c = q\,\Delta \qquad\qquad e = \hat c - c$$
#
# Only the whole number $q$, the *quantized coefficient*, goes into the file. The decoder multiplies and gets
# $\hat c$. What lies between the two is the *quantization error* $e$.

# %% jupyter={"source_hidden": true}
c = np.linspace(-35, 35, 2001)
step = 10
c_hat = np.rint(c / step) * step

figure, axes = plt.subplots(1, 2, figsize=(9, 3.3))
axes[0].plot(c, c, color="gray", lw=1)
axes[0].plot(c, c_hat, color="#d9730d", lw=2)
axes[0].set(title="Quantization is a staircase", xlabel="coefficient c", ylabel="decoded ĉ")
axes[1].plot(c, c_hat - c, color="#d9730d", lw=2)
axes[1].set(title="The error never exceeds half a step", xlabel="coefficient c", ylabel="error e")
for ax in axes:
    ax.axvspan(-step / 2, step / 2, color="gray", alpha=0.2, lw=0)
axes[0].text(0, 22, "all in\nthe band\nbecomes 0", ha="center", fontsize=9)
figure.tight_layout()

# %% [markdown]
# Here Δ is 10. All numbers on one stair (a **quantization bin**) become one number, and nobody can say
# afterwards which it was. The grey one is as wide as the others, but most coefficients of a photograph lie there.
#
# ### ✎ 1 · `quantize`
#
# Write it for any number of blocks at once. Each of the 64 waves has a step of its own. Lose as little as you can:
# which whole number is nearest to −1.7?

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
# ## One block
#
# Our block at the rim of the cat's eye, and the 64 steps of a common JPEG file. As in [lesson 03](03_dct.ipynb), row
# $v$ has $v$ half swings down, column $u$ has $u$ across.

# %%
# NBVAL_CHECK_OUTPUT
np.set_printoptions(precision=1, suppress=True, linewidth=100)
block, steps = coefficients[11, 24], codec.standard_tables(50)[0]
print(square(block))
print(square(steps))

# %% [markdown]
# Look at two of them. −166.5 in the first row has a step of 11. 27.7 in the fifth row has a step of 56, and is less than
# half of it: it becomes 0.

# %%
with Predict("How many of the 64 do not become zero?", unit="of 64", near=2) as predict:
    q = quantize.quantize(block, steps)
    print(square(q))
    predict.truth = np.count_nonzero(q)

# %% [markdown]
# Nine: that is all that the file will hold of this block, and [lesson 05](05_entropy_coding.ipynb) turns it into bits.
# Zeros are cheap there. The decoder multiplies by the steps and goes back through the DCT:

# %% jupyter={"source_hidden": true}
before = luma[88:96, 192:200]
after = transform.inverse(quantize.dequantize(q, steps)[None, None])  # one row of one block
error = 128 + (after.astype(float) - before) * 5
show([before, after, error], ["64 coefficients", "9 whole numbers", "error × 5"], 7.5)

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
# The result, $\Delta^2/12$, is one of the most used formulas of signal processing. Is it true of the cat? At quality 50
# it promises, averaged over the 64 steps, a mean squared error of 375.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("And what is it really?", near=10) as predict:
    print("quality   mean of Δ²/12   measured")
    for quality in (10, 50, 75, 90, 95, 100):
        s = codec.standard_tables(quality)[0].astype(float)
        mse = np.mean((np.rint(coefficients / s) * s - coefficients) ** 2)
        print(f"{quality:7} {np.mean(s**2 / 12):15.2f} {mse:10.2f}")
        if quality == 50:
            predict.truth = round(float(mse), 1)

# %% [markdown]
# Nineteen times smaller. The rule is not wrong; it is used where it does not hold. Where does it? Four of the cat's
# coefficients, while the step grows:

# %% jupyter={"source_hidden": true}
sweep = np.geomspace(1, 255, 40)
figure, ax = plt.subplots(figsize=(7, 4))
ax.plot(sweep, sweep**2 / 12, color="gray", lw=1, ls="--", zorder=5)
ax.annotate("Δ²/12", (7.4, 9), color="gray", ha="right")
shades = {(0, 0): "black", (0, 1): "#8a3f00", (2, 2): "#d9730d", (5, 5): "#f2b27a"}
for (v, u), shade in shades.items():
    c = coefficients[..., transform.NATURAL.reshape(8, 8)[v, u]].astype(float)
    mse = [np.mean((np.rint(c / s) * s - c) ** 2) for s in sweep]
    ax.plot(sweep, mse, color=shade, lw=2)
    words = f"v = {v}, u = {u}: σ = {c.std():.0f}"
    ax.annotate(words, (275, mse[-1]), va="center", annotation_clip=False)
ax.set(xscale="log", yscale="log", xlim=(1, 255), ylim=(0.05, 8000))
ax.set(xlabel="step Δ", ylabel="mean squared error")
ax.set_title("The cat: fine steps cost Δ²/12; coarse steps cost what was there")
figure.tight_layout()

# %% [markdown]
# $\sigma$ is the standard deviation of the coefficient over all blocks. As long as the step is small against it,
# the error is Δ²/12, whatever the picture shows. When the step is large, all become zero. Then the error
# is the coefficient itself, its mean square is about the variance $\sigma^2$, and a still larger step does no more harm:
# nothing can lose more than was there. (The lowest curve has strange dips. They are no mistake; the last
# depth section tells what they give away.)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
question = "Which share of the cat's loss at quality 50 is in coefficients that became zero?"
with Predict(question, unit="%", near=5) as predict:
    for name in images.SAMPLES:
        c = transform.forward(luma_of(name).astype(np.float32))
        zero = quantize.quantize(c, steps) == 0
        squared = (quantize.dequantize(quantize.quantize(c, steps), steps) - c).astype(float) ** 2
        share = squared[zero].sum() / squared.sum()
        print(f"{name:10} {np.mean(zero):4.0%} are zero, and have {share:.0%} of the loss")
        if name == "chelsea":
            predict.truth = round(100 * share)

# %% [markdown]
# So that is where the loss happens: not in the numbers that are rounded a little, but in the waves that are struck out.
#
# ## What does it look like?
#
# Take a block with an upright edge, bright to dark, and strike out its fastest wave across, $u = 7$.

# %% jupyter={"source_hidden": true}
from lic_teach.course.quantization import artefacts

top, left = artefacts.EDGE
edge = luma_of("astronaut")[top : top + 8, left : left + 8].astype(float)
choices = ["the two columns at the edge", "the columns far from it", "all eight columns"]
with Predict("Which pixels become wrong?", choices) as predict:
    counts = (0, 1, 2, 3, 4, 5, 6)
    figure, axes = plt.subplots(2, len(counts), figsize=(9.4, 2.9))
    for count, (picture, curve) in zip(counts, axes.T, strict=True):
        found = artefacts.struck_out(edge, count)
        picture.imshow(found, cmap="gray", vmin=0, vmax=255)
        picture.set_title(f"without {count}" if count else "the block", fontsize=10)
        curve.plot(edge.mean(0), color="0.6", lw=1)
        curve.plot(found.mean(0), "o-", color="#d9730d", markersize=3, lw=1)
        curve.set(ylim=(-10, 275), xticks=(), yticks=(0, 255) if count == 0 else ())
        picture.axis("off")
    axes[1, 0].set_ylabel("grey level")
    figure.suptitle("The fastest waves across, struck out one by one; below, its mean row")
    figure.tight_layout()
    wrong = np.abs(artefacts.struck_out(edge, 1) - edge).mean(0)
    print("mean error of the columns without u = 7:", wrong.round(1))
    predict.truth = choices[2] if wrong.min() > 0.5 else choices[0]

# %% [markdown]
# All of them. A wave runs through the whole block, and where it is missing, its ripples stay: the error *is* the wave. On flat
# ground beside an edge one sees it, and calls it **ringing**. (It is Gibbs' phenomenon, cut off at the block's border.) Two other
# **artefacts** have the same cause: each block is quantized alone.

# %% jupyter={"source_hidden": true}
spots = {  # photograph, row, column, side, luma alone
    "ringing: ripples beside an edge": ("astronaut", 376, 264, 24, True),
    "blocking: squares of 8 × 8": ("coffee", 4, 262, 48, True),
    "colour in squares of 16 × 16": ("astronaut", 0, 440, 48, False),
}
figure, axes = plt.subplots(2, 3, figsize=(7.5, 5.3))
for (title, (name, r, k, side, grey)), column in zip(spots.items(), axes.T, strict=True):
    image = images.sample(name)
    for ax, shown in zip(column, (image, jpeg.decode(jpeg.encode(image, 10))), strict=True):
        shown = color.luma(shown) if grey else shown
        ax.imshow(shown[r : r + side, k : k + side], cmap="gray", vmin=0, vmax=255)
        ax.axis("off")
    column[0].set_title(title, fontsize=9.5)
figure.suptitle("Original, and below at quality 10", fontsize=11)
figure.tight_layout()
figure.subplots_adjust(hspace=0.05)

# %% [markdown]
# **Blocking:** on a smooth slope two neighbours round to different multiples, and at their border stands a cliff. **Squares of colour**
# are twice as wide: chroma's planes were halved before they were cut into 8 × 8. Measured in the coffee at quality 10, as the mean
# jump from one column to the next:

# %%
# NBVAL_CHECK_OUTPUT
coffee = images.sample("coffee")
planes = color.rgb_to_ycbcr(jpeg.decode(jpeg.encode(coffee, 10)))
for name, plane in zip(("Y", "Cb", "Cr"), planes, strict=True):
    print(f"{name:2}", {where: round(j, 1) for where, j in artefacts.jumps(plane).items()})

# %% [markdown]
# ## What does the eye say?
#
# In each block of the astronaut, three coefficients are made wrong by 32. In one picture they are slow waves, in one waves of middling
# width, in one fast ones. The squared error is the same in all three: the DCT keeps sums of squares.

# %% jupyter={"source_hidden": true}
astronaut = luma_of("astronaut")
kinds = {"middle": artefacts.MIDDLE, "fast": artefacts.FAST, "slow": artefacts.SLOW}
wrong = [artefacts.with_error(astronaut, waves, 32) for waves in kinds.values()]
gap = np.full((200, 12), 255, np.uint8)
crops = [part for w in wrong for part in (w[20:220, 120:320], gap)]
Show(encode_png(np.hstack(crops[:-1])))  # as it is, a pixel for a pixel: no axes, no scaling

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
places = "left", "in the middle", "right"
with Predict("Which has the error in its fastest waves?", places) as predict:
    for kind, w in zip(kinds, wrong, strict=True):
        print(f"{kind:7} waves: {metrics.psnr(astronaut, w):.1f} dB")
    predict.truth = places[list(kinds).index("fast")]

# %% [markdown]
# One error, three pictures: fast waves hide it, slow ones show every block. So an encoder for eyes takes small steps for slow waves and
# large ones for fast. The JPEG standard prints such tables (ITU-T T.81, Annex K.1). They rest on "psychovisual thresholding", it says:
# from which size on do people *see* a wave?

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 2, figsize=(8, 3.9))
tables = {"luma": quantize.LUMINANCE, "chroma": quantize.CHROMINANCE}
for ax, (name, table) in zip(axes, tables.items(), strict=True):
    ax.imshow(table, cmap="Oranges", vmin=0, vmax=160)
    for (row, column), value in np.ndenumerate(table):
        ax.text(column, row, value, ha="center", va="center", fontsize=9)
    ax.set(title=f"steps for {name}", xlabel="u, half swings across", ylabel="v, down")
figure.tight_layout()

# %% [markdown]
# They are only examples there, but most programs took them. Chroma's steps are larger nearly everywhere: [lesson 02](02_colour.ipynb) said why.
#
# ## Move the quality
#
# A program's *quality* scales all 64 steps. This scale is not the standard's but that of *libjpeg*, a free library which
# many others copied. Quality 50 is the printed table, 25 doubles the steps, 75 halves them. Of 75 the standard itself has a word: with
# values divided by 2, it says, the picture is "usually nearly indistinguishable from the source image". At 100 every step is 1. Quality is
# not a percentage of anything.
#
# Click a block, move the slider. The picture and all numbers come from a real file, written and read again at every move.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.quantization.quantization import Quantization

explorer = Quantization()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: the error, closer (about 15 minutes)
#
# When does Δ²/12 hold? When the errors lie evenly between −Δ/2 and Δ/2. Take the DC coefficient and a faster wave, in all blocks of
# the four photographs, and look at their errors at quality 50, each in units of its own step.

# %% jupyter={"source_hidden": true}
everything = np.concatenate(
    [transform.forward(luma_of(n).astype(np.float32)).reshape(-1, 64) for n in images.SAMPLES]
)
errors = quantize.dequantize(quantize.quantize(everything, steps), steps) - everything

figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
panels = {"DC: all errors alike": (0, 0), "v = 3, u = 3: not": (3, 3)}
for ax, (title, (v, u)) in zip(axes, panels.items(), strict=True):
    k = transform.NATURAL.reshape(8, 8)[v, u]
    ax.hist(errors[:, k] / steps[k], bins=np.linspace(-0.5, 0.5, 26), density=True, color="#d9730d")
    ax.axhline(1, color="black", lw=1, ls="--")
    ax.set(title=title, xlabel="error / step")
axes[0].set_ylabel("density")
figure.tight_layout()

# %% [markdown]
# DC fills its stairs evenly. (The small peak at 0 are the astronaut's 302 black blocks, whose DC is −1024, exactly 64 steps.) Most of
# the others are small against their step; they become zero, and the error is the whole coefficient.
#
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
# ### The coding gain, in three lines
#
# [Lesson 03](03_dct.ipynb) measured a transform by its *coding gain*, the mean of the 64 variances over their geometric mean. Here is why. Round
# all 64 with one and the same fine step Δ.
#
# 1. The error is $\Delta^2/12$ for every coefficient, and for every pixel too, whatever the transform.
# 2. Halve the step, and there are twice as many stairs: one more bit. So coefficient $k$ takes $b_k = \log_2(\sigma_k/\Delta) + h$ bits,
#    where $h$ depends on the shape of its histogram alone.
# 3. The mean over all $k$ is
#    $\;\bar b = \tfrac12 \cdot \tfrac{1}{64}\sum_k \log_2 \sigma_k^2 - \log_2 \Delta + h
#    = \tfrac12 \log_2 \big(\prod_k \sigma_k^2\big)^{1/64} - \log_2 \Delta + h$: it is the *geometric* mean that is paid.
#
# Pixels rounded one by one all have the same variance, and a rotation keeps the sum: it is the *arithmetic* mean of the $\sigma_k^2$. Subtract
# the two bills. At the same error the transform saves, for every pixel,
#
# $$\tfrac12 \log_2 \frac{\text{arithmetic mean of the } \sigma_k^2}{\text{geometric mean of the } \sigma_k^2} \text{ bits,}
# \qquad \text{which is the gain in dB, over } 20 \log_{10} 2 = 6.02.$$
#
# Try it. The astronaut's gain is 17.3 dB: 2.9 bits. Round pixels and coefficients with a step of 8, and take the entropy of each place of the
# block by its own histogram.


# %%
# NBVAL_CHECK_OUTPUT
def bits(q):
    """Whole numbers (n, 64) -> the mean of the 64 entropies, in bits."""
    return np.mean([metrics.entropy(np.unique(c, return_counts=True)[1]) for c in q.T])


with Predict("How many bits a pixel does the DCT really save?", unit="bits", near=0.3) as predict:
    print("           gain, dB   in bits   saved at step 8   at step 32")
    for name in images.SAMPLES:
        pixels = transform.to_blocks(luma_of(name)).reshape(-1, 64).astype(float)
        waves = pixels @ transform.BASIS.T
        variance = waves.var(0)
        gain = 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))
        saved = [bits(np.rint(pixels / s)) - bits(np.rint(waves / s)) for s in (8, 32)]
        print(f"{name:10} {gain:8.1f} {gain / 6.02:9.2f} {saved[0]:17.2f} {saved[1]:12.2f}")
        if name == "astronaut":
            predict.truth = round(saved[0], 2)

# %% [markdown]
# The formula is right to a few tenths, but for the rocket. It took $h$ to be the same for all. The histograms of waves are more peaked than those
# of pixels, and peaks are cheaper; most of all in the rocket, where most is sky. With coarse steps the saving shrinks: a wave whose
# $\sigma$ is below Δ cannot cost less than 0 bits.

# %% [markdown]
# ### From coefficients to pixels
#
# All errors so far were errors of *coefficients*. What we see are pixels. Let $e$ be the 64 errors of a block's coefficients, and $B$ the 64 × 64
# matrix whose rows are the waves. The errors of its pixels are $B^\mathsf{T} e$. The DCT is orthonormal, $B B^\mathsf{T} = I$. Therefore
#
# $$\lVert B^\mathsf{T} e \rVert^2 = e^\mathsf{T} B B^\mathsf{T} e = \lVert e \rVert^2$$
#
# The squared error is the same on both sides: *Parseval's theorem*. Check it on every block of every photograph, at three qualities:

# %%
B = transform.BASIS.astype(float)
for name in images.SAMPLES:
    blocks = transform.to_blocks(luma_of(name)).astype(float)
    c = (blocks - 128) @ B.T
    for quality in (5, 50, 95):
        s = codec.standard_tables(quality)[0]
        c_hat = np.rint(c / s) * s
        pixels = c_hat @ B + 128  # neither rounded nor clipped
        both = [np.sum(error**2, axis=-1) for error in (pixels - blocks, c_hat - c)]
        np.testing.assert_allclose(*both, rtol=1e-4)

# %% [markdown]
# One small thing is left. The decoder rounds each pixel to a whole number and clips it to 0..255.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
choices = ["larger by about 1/12", "as large as before", "smaller"]
question = "Pixels rounded to whole numbers: what becomes of the cat's error at quality 50?"
with Predict(question, choices) as predict:
    for name in ("chelsea", "astronaut"):
        blocks = transform.to_blocks(luma_of(name)).astype(float)
        c = (blocks - 128) @ B.T
        for quality in (50, 75, 90, 100):
            s = codec.standard_tables(quality)[0]
            pixels = np.rint(c / s) * s @ B + 128
            kinds = pixels, np.rint(pixels), np.rint(pixels).clip(0, 255)
            mse = [np.mean((kind - blocks) ** 2) for kind in kinds]
            words = f"{mse[0]:6.3f}, rounded {mse[1]:6.3f}, clipped {mse[2]:6.3f}"
            print(f"{name:9} quality {quality:3}: {words}")
            if (name, quality) == ("chelsea", 50):
                more = mse[1] - mse[0]
                predict.truth = choices[0 if more > 0.05 else 1 if more > -0.02 else 2]

# %% [markdown]
# Rounding to whole numbers is to quantize with a step of 1, and Δ²/12 says 0.083. At quality 100 it adds nothing, and even takes
# away some of the cat's error: the original pixels *are* whole numbers, and an error under ½ is rounded
# off. Clipping always helps, since the original lies inside 0..255: the astronaut has much black and white, the cat has next to none.

# %% [markdown]
# ## Depth: other steps, other roundings (about 15 minutes)
#
# Look at the printed luma table again. It is not symmetric: 61 ends the first row, 72 the first column. Nor does it lean to one side: of 28 pairs
# $(v, u)$ and $(u, v)$, 13 have the larger step where the wave is faster across, 14 where it is faster down. "Derived empirically", with chroma of
# half the columns, is all that the standard says of it. And the smallest step, 10, is not DC's: the eye is not keenest for what hardly changes.
#
# libjpeg turns the quality $Q$ into a percentage $s$ and takes $s$ percent of each printed step $\Delta$. The
# brackets $\lfloor\;\rfloor$ mean: round down.
#
# $$s = \begin{cases} \lfloor 5000 / Q \rfloor & Q < 50 \\ 200 - 2Q & Q \ge 50 \end{cases}
# \qquad\qquad
# \Delta' = \min\!\left(255, \max\!\left(1, \left\lfloor \frac{s\,\Delta + 50}{100} \right\rfloor\right)\right)$$
#
# The +50 rounds to the nearest whole number. A step is at most 255 because the file gives it one byte. Build it, and ask Pillow, which writes
# its files with libjpeg, which tables a file of each quality holds:

# %%
import io

from PIL import Image


def scale(table, quality):
    """The rule, for one table: int (8, 8)."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((percent * table + 50) // 100, 1, 255)


for quality in range(1, 101):
    buffer = io.BytesIO()
    Image.fromarray(luma[:8, :8]).convert("RGB").save(buffer, "JPEG", quality=quality)
    in_file = Image.open(buffer).quantization
    for number, table in enumerate((quantize.LUMINANCE, quantize.CHROMINANCE)):
        mine = scale(table, quality)
        np.testing.assert_array_equal(in_file[number], mine.ravel())
        np.testing.assert_array_equal(quantize.scale(table, quality), mine)
print("All hundred agree.")

# %% [markdown]
# Even quality 100 is not lossless: all steps are 1, but coefficients are still rounded to whole numbers.
#
# ### Are 64 steps better than one?
#
# The tables were made for the eye. The PSNR has none. One step for all 64 coefficients, or the standard's 64, at the same number of bits:


# %% jupyter={"source_hidden": true}
def code(q, steps, y):
    """Quantized luma, zig-zag (n, m, 64) -> bpp of a real grayscale file, PSNR of what it decodes to."""
    layout = frame.make_frame(8 * q.shape[0], 8 * q.shape[1], 1, "4:4:4")
    data = codec.pack(q.reshape(-1, 64), layout, [steps])
    return metrics.bpp(data, y), metrics.psnr(y, jpeg.decode(data))


standard = [codec.standard_tables(quality)[0] for quality in (8, 12, 20, 30, 40, 50, 65, 80)]
one_step = [np.full(64, step) for step in (80, 60, 45, 35, 28, 22, 17, 12)]
choices = ["the 64", "the one", "equal, to 0.2 dB"]
with Predict("Coffee, 0.8 bits a pixel: which has the higher PSNR?", choices) as predict:
    figure, axes = plt.subplots(1, 4, figsize=(9.6, 3), sharey=True)
    print("PSNR of one step, above that of the 64, in dB:")
    for ax, name in zip(axes, images.SAMPLES, strict=True):
        y = luma_of(name)
        c, ahead = transform.forward(y.astype(np.float32)), []
        for tables, color_of in ((standard, "#d9730d"), (one_step, "black")):
            bpp, psnr = zip(*(code(quantize.quantize(c, t), t, y) for t in tables), strict=True)
            ax.plot(bpp, psnr, "o-", markersize=3, color=color_of)
            ahead.append(np.interp((0.4, 0.8), bpp, psnr))
        low, high = ahead[1] - ahead[0]
        print(f"{name:10} {low:+5.1f} at 0.4 bits a pixel, {high:+5.1f} at 0.8")
        ax.set(title=name, xlabel="R, bits a pixel", xlim=(0.1, 1.3), ylim=(26, 42))
        if name == "coffee":
            predict.truth = choices[2 if abs(high) < 0.2 else 1 if high > 0 else 0]
    axes[0].set_ylabel("PSNR of luma, dB")
    figure.suptitle("One step for all (black), and the standard's 64 (orange)", fontsize=11)
    figure.tight_layout()

# %% [markdown]
# For the PSNR one step is as good as 64, or better, on all four. The standard's tables give that away for what you saw above and
# PSNR does not: where an error is harder to see. [Lesson 08](08_jpeg_by_lambda.ipynb) lets a machine choose the 64 numbers, and asks again.
#
# ### A wider zero
#
# The decoder multiplies. It does not care how the encoder chose $q$. So the encoder is free to
# round in another way. Add a number $f$ before the decimals are cut off:
#
# $$q = \operatorname{sign}(c) \left\lfloor \frac{|c|}{\Delta} + f \right\rfloor$$
#
# With $f = \tfrac12$ it is plain rounding. A smaller $f$ sends more numbers to zero: all those with
# $|c| < (1 - f)\,\Delta$. A zero stair that is wider than the others is called a **dead zone**.
# With $f = 0$ it is twice as wide, and the decimals are cut off.
#
# More zeros cost fewer bits and make larger errors. Which counts for more? For each $f$, write files of many qualities, draw the curve of PSNR over bits,
# and read off how many bits 36 dB take.


# %%
# NBVAL_CHECK_OUTPUT
def bits_at(db, f):
    """The cat's bits a pixel at a PSNR, rounded with f: between the two nearest files."""
    points = []
    for s in (codec.standard_tables(quality)[0] for quality in range(20, 91, 10)):
        q = np.sign(coefficients) * np.floor(np.abs(coefficients) / s + f)
        points.append(code(q.astype(np.int16), s, luma))
    bpp, psnr = zip(*points, strict=True)
    return np.interp(db, psnr, bpp)


zones = (0.5, 0.4, 0.33, 0.25, 0)
with Predict("Which f takes the fewest bits?", zones) as predict:
    found = {f: bits_at(36, f) for f in zones}
    for f, bpp in found.items():
        more = f"{100 * (bpp / found[0.5] - 1):+3.0f} % bits"
        print(f"f = {f:4}: zero is {2 * (1 - f):.2f} steps wide, {more} at 36 dB")
    predict.truth = min(found, key=found.get)

# %% [markdown]
# A slightly wider zero saves four percent of the cat's bits, by nothing but another way to round. Cutting off costs nine. So
# the best rounding is not always to the nearest number: it weighs bits
# against error. That is L = R + λD again, and [lesson 08](08_jpeg_by_lambda.ipynb) does it coefficient by coefficient.
#
# ### ✎ 4 · `best_point`
#
# The decoder is free, too. It must give *one* number back for all coefficients of a stair. Other decoders take the middle, $q\,\Delta$. You
# know all coefficients $c$ of one wave. Which number makes the mean squared error of those on stair $q$ the smallest?


# %%
def best_point(c, step, q):
    """c: float (n,), one wave in all blocks; q: a stair that holds some of them. Return its best ĉ."""
    # your lines here


check("best_point", best_point)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def best_point(c, step, q):
#     return c[np.rint(c / step) == q].mean()
# ```
#
# The mean of some numbers is the number from which their mean squared distance is smallest. Small coefficients are more frequent than
# large ones, within a stair too, so it lies nearer to 0 than the middle. Encoder and decoder that do both, by turns, are *Lloyd's* algorithm.
#
# </details>

# %% [markdown]
# A decoder does not see the $c$. But it sees how often 1, 2, 3 … occur, and from that it can guess how steeply the histogram falls
# inside a stair. If it falls like $e^{-m|c|}$ (Laplace), each number is $e^{m \Delta}$ times as frequent as the next.
# `quantize.laplace_pull` computes from this how far to go towards zero. The file does not change by one bit:

# %%
# NBVAL_CHECK_OUTPUT
with Predict("By how many dB is the cat better at quality 50?", unit="dB", near=0.15) as predict:
    print("PSNR, dB    middle of the stair   pulled towards 0   best point of every stair")
    for name in images.SAMPLES:
        c = transform.forward(luma_of(name).astype(np.float32)).reshape(-1, 64)
        q = quantize.quantize(c, steps)
        middle = quantize.dequantize(q, steps)
        pulled = quantize.dequantize(q, steps, quantize.laplace_pull(q))
        best = middle.copy()
        for k in range(64):
            for value in np.unique(q[:, k]):
                best[q[:, k] == value, k] = c[q[:, k] == value, k].mean()
        dB = [10 * np.log10(255**2 / np.mean((d - c) ** 2)) for d in (middle, pulled, best)]
        print(f"{name:10} {dB[0]:20.2f} {dB[1]:18.2f} {dB[2]:27.2f}")
        if name == "chelsea":
            predict.truth = round(float(dB[1] - dB[0]), 2)

# %% [markdown]
# A third of a decibel for nothing, from one guess about a histogram, and nearly all that there is to win. Keep that in mind when a learned
# decoder claims a gain.

# %% [markdown]
# ## Depth: the picture remembers (about 15 minutes)
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
# Here is a file laid out as cameras do it. Before the tables of the picture lies a segment with
# the camera's name (`FF E1`, Exif), and a thumbnail that is a whole small JPEG itself.

# %%
from lic_teach.course.quantization.camera import camera_file

data = camera_file()
print(f"{len(data):,} bytes, beginning with {data[:12].hex(' ')}")

# %% [markdown]
# ### ✎ 5 · `read_tables`
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
# The package reads them, too. With which quality were they written? Try all hundred, on the file above and on another: one of
# our photographs, the rocket, came to scikit-image as a .jpg, and that file is on your disk.

# %%
# NBVAL_CHECK_OUTPUT
from importlib.resources import files

rocket_file = (files("skimage.data") / "rocket.jpg").read_bytes()
for name, file in (("the file above", data), ("the rocket's", rocket_file)):
    found = square(codec.unpack(file)[2][0])
    fits = [Q for Q in range(1, 101) if np.array_equal(scale(quantize.LUMINANCE, Q), found)]
    print(f"{name}: quality", fits or "none of libjpeg's")
print(found)

# %% [markdown]
# No quality of libjpeg's gives the second table: it is somebody's own, as those of many cameras are. Look at the step of the wave v = 4, u = 3,
# in the fifth row and the fourth column: 9.
#
# Now forget the file and keep only the pixels, as `images.sample` gives them.

# %% jupyter={"source_hidden": true}
choices = ["a smooth hill", "flat", "a comb"]
with Predict("What does the histogram of that coefficient look like?", choices) as predict:
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    k = transform.NATURAL.reshape(8, 8)[4, 3]
    titles = "coffee: a smooth hill", "rocket: a comb, every 9"
    for ax, name, title in zip(axes, ("coffee", "rocket"), titles, strict=True):
        c = transform.forward(luma_of(name).astype(np.float32))[..., k].ravel()
        ax.hist(c, bins=np.arange(-45.25, 45.5, 0.5), color="gray")
        ax.set(title=title, xlabel="coefficient v = 4, u = 3", yscale="log")
        ax.set_xticks(range(-45, 46, 9))
    axes[0].set_ylabel("number of blocks")
    figure.tight_layout()
    near = np.mean(np.abs(c - 9 * np.rint(c / 9)) < 2)  # of evenly spread ones it is 4 of 9
    print(f"{near:.0%} of the rocket's are within 2 of a multiple of 9")
    predict.truth = choices[2 if near > 0.8 else 0]

# %% [markdown]
# The teeth stand at the multiples of 9. These pixels were quantized once, and the DCT brings the steps to
# light again.
#
# And the dips in the plot of the cat? The cat comes to us as a PNG, which loses nothing. But it
# must have been a JPEG before. Of which quality? Quantize the pixels once more at each quality, and
# compare the error with the one that ✎ 3 expects. Where the steps are those of the first time, nearly
# all coefficients lie on their stairs already, and the error drops.

# %%
# NBVAL_CHECK_OUTPUT
qualities = np.arange(85, 101)
ratios = {}
for name in ("coffee", "chelsea"):
    c = transform.forward(luma_of(name).astype(np.float32)).astype(float)
    for s in (codec.standard_tables(quality)[0] for quality in qualities):
        expected = np.mean(np.where(np.abs(c) < s / 2, c**2, s**2 / 12))
        measured = np.mean((np.rint(c / s) * s - c) ** 2)
        ratios.setdefault(name, []).append(measured / expected)
    least = np.argmin(ratios[name])
    found = f"quality {qualities[least]}, {ratios[name][least]:.2f} of what is expected"
    print(f"{name}: smallest at {found}")

# %% jupyter={"source_hidden": true}
figure, ax = plt.subplots(figsize=(7, 3.4))
for (name, ratio), paint, up in zip(
    ratios.items(), ("gray", "#d9730d"), (0.08, -0.14), strict=True
):
    ax.plot(qualities, ratio, "o-", color=paint, markersize=4)
    ax.annotate(name, (85.2, ratio[0] + up), color=paint)
ax.set(ylim=(0, 1.4), xlabel="quality of the second quantization")
ax.set_ylabel("error, measured / expected")
ax.set_title("The cat was a JPEG of quality 98")
figure.tight_layout()

# %% [markdown]
# [Lesson 02](02_colour.ipynb) found that its chroma had been halved. Write the cat as a JPEG of quality 98 again, in three ways, and see which
# file loses the least:

# %%
# NBVAL_CHECK_OUTPUT
cat = images.sample("chelsea")
kinds = "4:4:4", "4:2:2", "4:2:0"
with Predict("Which kind of chroma had the cat's first file?", kinds) as predict:
    again = {kind: jpeg.encode(cat, 98, subsampling=kind) for kind in kinds}
    dB = {kind: metrics.psnr(cat, jpeg.decode(file)) for kind, file in again.items()}
    print(", ".join(f"{kind}: {value:.1f} dB" for kind, value in dB.items()))
    predict.truth = max(dB, key=dB.get)

# %% [markdown]
# The file with half of the chroma is *nearer* to the original than the one with all of it: it is nearly the file that the cat once was. That
# pays. [Lesson 01](01_redundancy.ipynb) left the best lossless file of the cat, a WebP, at 9.1 bits a pixel. Store the first JPEG once more, and
# in a lossless WebP what it lacks (modulo 256):

# %%
# NBVAL_CHECK_OUTPUT
first = again["4:2:2"]
rest, buffer = cat - jpeg.decode(first), io.BytesIO()  # uint8: modulo 256
Image.fromarray(rest).save(buffer, "WEBP", lossless=True, method=6)

with Predict("How many bits a pixel do both take together?", unit="bits", near=0.5) as predict:
    sizes = [metrics.bpp(file, cat) for file in (first, buffer.getvalue())]
    print(f"JPEG {sizes[0]:.2f} + the rest {sizes[1]:.2f} = {sum(sizes):.2f} bits a pixel")
    np.testing.assert_array_equal(jpeg.decode(first) + np.array(Image.open(buffer)), cat)
    print("undone, bit for bit")
    predict.truth = round(sum(sizes), 2)

# %% [markdown]
# Real bytes, nothing lost, and 1.7 bits a pixel less than the best lossless codec at hand. WebP took for noise what was the trace of a quantizer. *The
# entropy belongs to the model, not to the picture*, said [lesson 01](01_redundancy.ipynb): here is a model that knows the picture's past.
#
# So whoever tests a codec asks first what the test pictures have been through. And people ask: does a JPEG become worse each time it is saved? Save the
# coffee twenty times at quality 75; then again, but with the blocks one pixel further down and right at each saving.


# %%
# NBVAL_CHECK_OUTPUT
def saved(y, times, shift):
    """Save and open `times` times; before each the blocks move by `shift` pixels, down and right."""
    z = y
    for time in range(times):
        away = time * shift % 8
        z = np.roll(z, (away, away), axis=(0, 1))
        z = np.roll(jpeg.decode(jpeg.encode(z, 75)), (-away, -away), axis=(0, 1))
    return metrics.psnr(y[16:-16, 16:-16], z[16:-16, 16:-16])  # at the rim np.roll makes edges


y = luma_of("coffee")
question = "How many dB do the 19 further savings cost, the blocks in place?"
with Predict(question, unit="dB", near=0.2) as predict:
    once, again, moved = (saved(y, *how) for how in ((1, 0), (20, 0), (20, 1)))
    print(
        f"saved once {once:.1f} dB, twenty times {again:.1f} dB, with moving blocks {moved:.1f} dB"
    )
    predict.truth = round(once - again, 2)

# %% [markdown]
# What lies on its stairs stays there: saved again with the same steps and blocks, a JPEG loses next to nothing. But cut one pixel off its
# rim, and every saving is a first one.

# %% [markdown]
# ## What you learnt
#
# - The loss of JPEG is in one line: `np.rint(c / steps)`. Only whole numbers go into the file, and the
#   decoder multiplies.
# - A fine step costs Δ²/12. A coarse one costs the coefficient itself, no more than its variance, and four fifths
#   of the loss at quality 50 is there, in what was struck out.
# - Ringing is a missing wave. Blocking is that every block is rounded alone. Squares of colour are twice as wide, because chroma is halved.
# - A table holds 64 steps, made for the eye, which forgives fast errors. Quality scales them: 50 leaves them as they are, 100 makes
#   them all 1 and is still not lossless.
# - From Δ²/12 follows the coding gain: a transform saves half the logarithm of arithmetic over geometric mean.
# - Encoder and decoder are both free: a dead zone saves bits, a point nearer to zero saves error, and the file format knows nothing of either.
# - A quantized picture remembers its steps.
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
# - S. P. Lloyd, "Least squares quantization in PCM", *IEEE Transactions on Information Theory* 28(2), 129–137, 1982, written in 1957. Points
#   and borders of stairs, by turns.
# - J. R. Price, M. Rabbani, "Biased reconstruction for JPEG decoding", *IEEE Signal Processing Letters* 6(12), 297–299, 1999. The
#   decoder's points inside the stair.
# - G. J. Sullivan, "Efficient scalar quantization of exponential and Laplacian random variables", *IEEE
#   Transactions on Information Theory* 42(5), 1365–1374, 1996. How wide the dead zone should be.
# - H. A. Peterson, A. J. Ahumada, A. B. Watson, "An improved detection model for DCT coefficient quantization", *Proceedings of the
#   SPIE* 1913, 191–201, 1993. Steps from measured eyes, for any screen and distance.
# - Z. Fan, R. L. de Queiroz, "Identification of bitmap compression history: JPEG detection and quantizer
#   estimation", *IEEE Transactions on Image Processing* 12(2), 230–235, 2003. The comb, used.
