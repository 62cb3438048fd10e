# %% [markdown]
# # 08 · JPEG by λ
#
# **Who chose those 64 numbers?**
#
# People did, for eyes and screens of the 1980s, and JPEG files carry them to this day. But the standard does
# not ask for them. Every file brings its own table, and the encoder may write into it what it likes. So
# what would a machine write that knows nothing but $L = R + \lambda D$?
#
# Here are two files of one picture, with the same PSNR. Both are ordinary `.jpg` files; a browser opens them. The first is
# libjpeg's, with the numbers of the standard. In the second everything was chosen by $\lambda$.

# %% jupyter={"source_hidden": true}
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from lic_teach import images, jpeg, metrics
from lic_teach.course.jpeg_by_lambda import parts, steps, trellis_path
from lic_teach.course.jpeg_by_lambda.exercises import check
from lic_teach.jpeg import codec
from lic_teach.kit import mine
from lic_teach.kit.measured import libjpeg
from lic_teach.kit.predict import Predict
from lic_teach.kit.scoreboard import Row, scoreboard
from lic_teach.kit.stills import Drawing

ORANGE = "#d9730d"


def crops(pictures, part, width=8, height=3):
    """The same part of some pictures, side by side: {title: picture}."""
    figure, axes = plt.subplots(1, len(pictures), figsize=(width, height))
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture[part], interpolation="nearest")
        ax.set_title(title)
        ax.axis("off")
    figure.tight_layout()


photo = images.sample("coffee")
wood = slice(20, 190), slice(300, 470)
ours = jpeg.encode(photo, lam=0.01)
decoded = jpeg.decode(ours)
wanted = metrics.psnr(photo, decoded)
theirs = min((libjpeg(photo, q) for q in range(1, 100)), key=lambda c: abs(c.psnr - wanted))

# %% jupyter={"source_hidden": true}
with Predict("How many percent fewer bytes has the second file?", unit="%", near=5) as predict:
    first, second = f"libjpeg: {theirs.size:,} bytes", f"by λ: {len(ours):,} bytes"
    crops({"original": photo, first: theirs.x_hat, second: decoded}, wood)
    print(f"PSNR {theirs.psnr:.1f} dB and {wanted:.1f} dB")
    predict.truth = round(100 * (1 - len(ours) / theirs.size))

# %% [markdown]
# Where does that come from? And is it the same *picture*? Look at the wood before you go on. This lesson has an
# answer to both.
#
# **After this lesson** you can
# - find the best step for a λ by walking downhill, and say why one step serves all 64 waves;
# - say when a coefficient is worth its bits, and why a whole block must be chosen at once;
# - say for which $D$ the standard's numbers are the right ones.
#
# You need lessons [04](04_quantization.ipynb) (steps), [05](05_entropy_coding.ipynb) (symbols) and [07](07_rate_distortion.ipynb) ($L = R + \lambda D$), and about 30 minutes.

# %% [markdown]
# ## One step, one λ
#
# Begin with one coefficient and a fine step $\Delta$. Its error is $D = \Delta^2/12$ ([lesson 04](04_quantization.ipynb)). And its bits?
# Halve the step, and there are twice as many whole numbers to tell apart: one bit more. So, with $h$ for the bits at $\Delta = 1$,
#
# $$R = h - \log_2 \Delta \qquad\qquad L(\Delta) = h - \log_2 \Delta + \lambda\,\frac{\Delta^2}{12}$$
#
# λ is the same as for the whole picture: a block has 64 coefficients for its 64 pixels, and the DCT keeps squared errors.
#
# ### ✎ 1 · `slope`
#
# With a pencil: how does $L$ change with $\Delta$? ($\log_2 x = \ln x / \ln 2$.)


# %%
def slope(step, lam):
    """Return dL/dΔ, a number."""
    # your line here


check("slope", slope)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def slope(step, lam):
#     return -1 / (step * np.log(2)) + lam * step / 6
# ```
#
# $-\log_2 \Delta = -\ln \Delta / \ln 2$ has the derivative $-1/(\Delta \ln 2)$, and $\lambda\Delta^2/12$ has $\lambda\Delta/6$.
#
# </details>

# %% [markdown]
# ## Walk downhill
#
# Where the slope is negative, a larger step is better; where it is positive, a smaller one. So go *against* the slope, a little further where
# it is steep, and again. That is **gradient descent**. From a step of 8, at λ = 0.01, with your slope:


# %%
def walk(slope, rate, step=8.0, turns=20):
    """All steps on the way downhill."""
    way = [step]
    for _ in range(turns):
        way.append(way[-1] - rate * slope(way[-1], lam))
    return way


lam = 0.01
by_rule = walk(mine.get("slope", steps.slope), rate=100)
print(", ".join(f"{step:.1f}" for step in by_rule[:8]), "...", f"{by_rule[-1]:.1f}")

# %% [markdown]
# It stops where the slope is 0, at $\Delta = \sqrt{6 / (\lambda \ln 2)} = 29.4$. Look at what is *not* in there: the coefficient. All
# waves get the same step.
#
# Is that true of real files? Take the luma of the coffee cup, quantize all 64 waves with one step, write a file, and measure its
# $L$. The slope is the difference between two files. Walk again.


# %% jupyter={"source_hidden": true}
def hill(ways):
    """L of the cup's files over one step for all, and where the walks went."""
    best = min(steps.loss(cup, t, lam) for t in map(standard, range(15, 50)))
    tried = np.arange(8, 81)
    figure, ax = plt.subplots(figsize=(7, 3.6))
    ax.plot(tried, [steps.loss(cup, step, lam) for step in tried], color=ORANGE, lw=2)
    for way, look in zip(ways, ("s", "o"), strict=True):
        heights = [steps.loss(cup, round(step), lam) for step in way]
        ax.plot(way, heights, look, color="black", mfc="white", markersize=5)
    ax.axhline(best, color="gray", lw=1, ls="--")
    ax.annotate("the standard's 64 steps, best quality", (27, best + 0.01), color="gray")
    ax.set(ylim=(0.94, 1.5), xlabel="one step for all, Δ", ylabel="L of the file, bits per pixel")
    ax.set_title("Squares: down the rule's slope. Circles: down the files' own")
    figure.tight_layout()


def standard(quality):
    """The standard's luma table at a quality."""
    return codec.standard_tables(quality)[0]


cup = steps.luma_of("coffee")


# %%
def file_slope(step, lam):
    """The slope between two real files."""
    step = round(step)
    return (steps.loss(cup, step + 4, lam) - steps.loss(cup, step - 4, lam)) / 8


question = "The rule says 29.4. Where does the walk on real files end?"
with Predict(question, ["below 27", "from 27 to 32", "above 32"]) as predict:
    by_files = walk(file_slope, rate=300)
    print(f"after 20 turns: {by_files[-1]:.0f}")
    hill([by_rule, by_files])
    end = by_files[-1]
    predict.truth = "below 27" if end < 27 else "above 32" if end > 32 else "from 27 to 32"

# %% [markdown]
# The rule was made for fine steps. But most coefficients are small against 29, and cost next to nothing already; a larger step saves more
# than the rule knows. The best is about 1.3 times the rule's, on all four photographs.
#
# And look at the dashed line. **One well chosen number beats the standard's 64**, by a tenth of $L$. So it is on three of the
# four photographs; on the cat the 64 are a hundredth ahead.

# %% [markdown]
# ## Why one step is enough
#
# Spend the next bit where it takes away most error. A bit more divides the error of a wave by four, so it takes most from the one whose error is the
# largest. That one falls below the next, which is served then, and so on. In the end all that got bits have the *same* error: a **water
# level**. And the same error is the same step.
#
# What was weaker than the level from the start lies under water: it gets no bits, and its error is all that it was. This is **reverse
# water-filling**. Here it is in the cup's file. A point is one wave in blocks of one kind, from calm to busy:

# %% jupyter={"source_hidden": true}
c = steps.waves(cup)
quality = min(range(15, 50), key=lambda q: steps.loss(cup, standard(q), lam))
kinds = np.array_split(np.argsort(np.sum(c[:, 1:] ** 2, 1)), 16)  # from calm blocks to busy ones
there = np.ravel([np.mean(c[kind, 1:] ** 2, 0) for kind in kinds])
order = np.argsort(-there)


def left(table):
    """The squared error of each wave in each kind of blocks."""
    error = (c - table * np.rint(c / table)) ** 2
    return np.ravel([error[kind, 1:].mean(0) for kind in kinds])[order]


figure, ax = plt.subplots(figsize=(8.5, 3.4))
x = np.arange(order.size)
ax.fill_between(x, there[order], 1e-3, color="lightgray", label="what is there")
ax.plot(x, left(standard(quality)), ".", color="gray", ms=4, label="error left by the standard")
ax.plot(x, left(np.full(64, 38)), ".", color=ORANGE, ms=4, label="error left by one step, 38")
ax.axhline(38**2 / 12, color=ORANGE, lw=1)
ax.annotate("38² / 12", (755, 140), color=ORANGE, ha="right")
ax.set(yscale="log", xlim=(0, 760), ylim=(3, 2e4), ylabel="squared error")
ax.set(xlabel="waves in blocks of one kind, the strongest first")
ax.set_title("One step is one water level")
ax.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# The standard's steps leave less error than the level in slow waves, and more in fast ones. Those bits would have taken away more elsewhere.

# %% [markdown]
# ## Is it worth its bits?
#
# The table is one choice. The coefficients are another: the decoder multiplies $q$ by Δ and does not ask where $q$ came from. Plain
# rounding takes the nearest. But a number that is a little better and costs many bits may be a bad purchase.
#
# ### ✎ 2 · `zero_is_cheaper`
#
# A coefficient $c$ lies between 0 and Δ. It may become 0, which costs no bits. Or it becomes Δ (that is, $q = 1$), which costs
# $b$ bits. $L$ counts the bits, and λ times the squared error. Up to which $|c|$ is 0 cheaper?


# %%
def zero_is_cheaper(step, lam, bits):
    """Return the |c| at which both cost the same."""
    # your line here


check("zero_is_cheaper", zero_is_cheaper)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def zero_is_cheaper(step, lam, bits):
#     return step / 2 + bits / (2 * lam * step)
# ```
#
# $\lambda c^2 = \lambda (c - \Delta)^2 + b$ gives $2 c \Delta = \Delta^2 + b/\lambda$. The first half is rounding, the second
# is what the bits add. With the rule's step it is $|c|/\Delta = 0.5 + 0.06\,b$, whatever λ.
#
# </details>

# %% [markdown]
# And what is $b$? A symbol is (run, size), and the run counts the zeros *before* it ([lesson 05](05_entropy_coding.ipynb)). If I drop a
# coefficient, the run of the next one grows, and its word changes. So every choice depends on the one before. One comparison each is not enough: a
# **block is chosen as a whole**.

# %% [markdown]
# ## The trellis
#
# Below is our block of the cat, with one step of 24. A column is a coefficient that rounding would keep. An orange hop leads from one kept coefficient to the
# next, over all that is dropped; the number is what it costs in bits. **Drag λ to the left**, and watch the hops grow longer. A click chooses
# another block.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.jpeg_by_lambda.trellis_path import TrellisPath

explorer = TrellisPath()
explorer

# %% [markdown]
# The diagram of all hops is called a **trellis**. To find the cheapest way, one could try all combinations:

# %%
# NBVAL_CHECK_OUTPUT
cat = trellis_path.prepare(images.sample("chelsea"))
block = trellis_path.compute(cat, lam, at=(88, 192))
options = [[*trellis_path.candidates(abs(block.target[k])), 0] for k in block.places]


def cost(sizes):
    """Bits + λ · squared error of the block, if its AC coefficients have these sizes."""
    values = np.zeros(64, int)
    values[block.places] = sizes * np.sign(block.rounded[block.places])
    bits, error = trellis_path.costs(block, values)
    return bits + lam * error


cheapest = min(product(*options), key=cost)
np.testing.assert_array_equal(cheapest, abs(block.chosen[block.places]))
print(
    f"{np.prod([len(o) for o in options]):,} combinations, the cheapest costs {cost(cheapest):.1f}"
)

# %% [markdown]
# The explorer finds the same without trying them. If a coefficient is kept, all that counts of what came before is *which kept one was the
# last*. So it stores one number a column, the cheapest way to get there (a grey hop shows its end), and needs fewer than 200 comparisons. This is
# the *Viterbi algorithm* (1967).

# %% [markdown]
# ## What is each part worth?
#
# Now in colour, in real files of the four photographs: two flat steps, one for luma and one for chroma, by the rule × 1.3; the 128 steps that the package
# learned from other photographs; each with and without the trellis (with it, steps a fifth finer); and everything that λ can choose. All against libjpeg's files of equal PSNR, from 28 to 34 dB (a
# BD-rate, [lesson 07](07_rate_distortion.ipynb)).

# %%
with Predict("Which saves more?", [parts.TABLES, parts.FLAT_CHOSEN]) as predict:
    found = parts.measured()
    rows = [Row(way, np.mean(rates), (min(rates), max(rates))) for way, rates in found.items()]
    display(Drawing(scoreboard(rows, "Two numbers and a trellis", "libjpeg 4:2:0")))
    predict.truth = min(predict.choices, key=lambda way: np.mean(found[way]))

# %% [markdown]
# A bar is the mean of four photographs, the line on it goes from the best to the worst. (Two of them were a JPEG before: the cat, and the
# rocket, whose chroma is worth leaving whole. On the 24 Kodak photographs, which were not, *all* saves 30 percent.)
#
# 126 more numbers bring a percent or two, and beside a trellis nothing. What counts is that the steps fit λ, and that each coefficient is worth its bits.

# %% [markdown]
# ## The best PSNR is not the best picture
#
# So were the people of the 1980s wrong? Bend their table: raise its shape to a power $p$. $p = 1$ is the standard's, $p = 0$ is flat, $p = 2$ is twice as steep.
# Measure the cup's files by PSNR, for which all errors are alike, and by MS-SSIM, which compares local contrast and structure, nearer to what people see.


# %% jupyter={"source_hidden": true}
def two_measures(powers, at_psnr, at_ms_ssim):
    """Percent of bits over the power of the standard's shape."""
    figure, ax = plt.subplots(figsize=(7, 3.4))
    ax.plot(powers, at_psnr, "o-", color=ORANGE)
    ax.plot(powers, at_ms_ssim, "s--", color="black")
    ax.annotate("at equal PSNR", (1.42, 30), color=ORANGE, ha="right")
    ax.annotate("at equal MS-SSIM", (0.1, 30))
    ax.set(xlabel="power p of the standard's shape", ylabel="% of bits, against p = 1")
    ax.set_title("Flat is best for PSNR, the standard's shape for MS-SSIM")
    figure.tight_layout()


# %%
powers = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]
with Predict("With which power does MS-SSIM need the fewest bits?", powers) as predict:
    bits = steps.bits_by_shape(cup, powers)
    two_measures(powers, *bits)
    predict.truth = powers[np.argmin(bits[1])]

# %% [markdown]
# There they stood: at the best place for a measure that nobody had then. (On the other photographs it lies between ¾ and 1¼.) The machine's
# flat table saves nearly a quarter of the bits for one $D$ and wastes more than a quarter for the other. That is the wood: its grain is
# made of slow, weak waves.
#
# So **who chose those 64 numbers? People, for the eye's $D$.** "By λ" does not mean "better". It means: best for the $D$ that you wrote down.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: 64 steps instead of one (about 15 minutes)
#
# ### Two walls
#
# The package's 128 steps were found by walking downhill, too, all of them at once. For that the slope of $L$ must be known for each step, and a
# real file refuses it twice: its coefficients are rounded, and its bits are whole. So one walks on an estimate: for $R$ the entropy of a curve that has the
# shape of the coefficients (the *Laplace distribution*), for $D$ what follows.
#
# Take a single coefficient $c$ and write its true error as a function of the step, on the left. On the right is the mean
# over all blocks, for a weak wave.

# %% jupyter={"source_hidden": true}
from lic_teach.jpeg import transform

SQUARE = transform.NATURAL.reshape(8, 8)  # [v, u] -> place along the zig-zag
sweep = np.linspace(10, 60, 1001)


def true_error(c, step):
    """The mean squared error of some coefficients."""
    return np.mean((step * np.rint(c / step) - c) ** 2)


figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
for ax, values, title in (
    (axes[0], np.array([400.0]), "c = 400: teeth"),
    (axes[1], c[:, SQUARE[5, 5]], "v = 5, u = 5: less than the noise"),
):
    ax.plot(sweep, [true_error(values, s) for s in sweep], color=ORANGE, lw=1.5)
    ax.plot(sweep, sweep**2 / 12, color="gray", lw=1.5, ls="--")
    ax.set(title=title, xlabel="step Δ", ylabel="squared error")
axes[1].annotate("Δ²/12", (40, 160), color="gray", ha="right")
figure.tight_layout()

# %% [markdown]
# The orange curves have no jumps. Where a coefficient changes from one multiple to the next, both are half a step away. And
# between the jumps of the whole number $k$ the slope of the error $(k\Delta - c)^2$ is $2k(k\Delta - c)$. So there *is* a
# slope, and it is exact. But on the left it points up, then down, on each tooth, and never says that on the whole the error grows.
#
# On the whole the error of a strong coefficient lies evenly between $-\Delta/2$ and $\Delta/2$. So one may **replace the rounding error by noise**: $e =
# \Delta u$, with $u$ drawn evenly from $-\tfrac12 \dots \tfrac12$. Its square is smooth in $\Delta$, and its slope is $2 \Delta u^2$, on average
# $\Delta/6$. On the right the noise is wrong: most of these coefficients become zero, and a zero cannot lose more than was there.
#
# Which slope is the better guide, if one looks at 256 blocks at a time?

# %%
waves = {"DC": (0, 0), "v = 0, u = 1": (0, 1), "v = 5, u = 5": (5, 5)}
with Predict("For which wave is noise the better guide?", list(waves)) as predict:
    rng, step, off = np.random.default_rng(0), 29.4, {}
    for name, (v, u) in waves.items():
        t = c[:, SQUARE[v, u]]
        whole = (true_error(t, 1.1 * step) - true_error(t, step / 1.1)) / (1.1 * step - step / 1.1)
        some = rng.choice(t, (400, 256))
        k = np.rint(some / step)
        exact = np.mean(2 * k * (k * step - some), 1)
        noise = np.mean(2 * step * rng.uniform(-0.5, 0.5, some.shape) ** 2, 1)
        print(
            f"{name:12} the slope is {whole:.1f}; exact {exact.mean():4.1f} ± {exact.std():4.1f}",
            end="",
        )
        print(f", noise {noise.mean():.1f} ± {noise.std():.1f}")
        off[name] = np.mean((exact - whole) ** 2) / np.mean((noise - whole) ** 2)
    predict.truth = max(off, key=off.get)

# %% [markdown]
# For DC the exact slope swings by more than three times what it should be. For the weakest wave noise says 5 where 1 is true. So the package
# takes the exact error where $k$ is 0 or ±1, and noise for all others (`learn.py`).
#
# To be honest: the exact slope alone does nearly as well here, for thousands of blocks are many. And noise alone ends *worse* than where it began, because it makes the
# steps of all weak waves too small. Rounding stands in nobody's way while only the step moves. It will, when the numbers before the
# rounding are learned as well: then noise is what is left ([lesson 15](15_noise_for_rounding.ipynb)).
#
# A table may be learned on the very picture it is for: it travels in the file. The package's were learned on 35 other photographs, at eight values of
# λ; `optimize.learned_tables(lam)` interpolates between them. What do 64 steps gain over one, for luma alone?

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.jpeg import optimize

print("L at λ = 0.01   standard's best   one step of 38   64 learned steps")
for name in images.SAMPLES:
    luma = steps.luma_of(name)
    best = min(steps.loss(luma, standard(q), lam) for q in range(10, 60))
    one, many = (steps.loss(luma, s, lam) for s in (38, optimize.learned_tables(lam)[0]))
    print(f"{name:13} {best:17.2f} {one:16.2f} {many:18.2f}")

# %% [markdown]
# ### Let the tables move
#
# In colour, with a table for luma and one for chroma. Filled squares are the steps of this file, outlines the standard's at
# the quality with the smallest $L$. On the plot the circle is libjpeg at that quality, and the square is this file. **Pull
# *Table* to 0 %**: square and circle are one. Then **push it slowly back to 100 %** and watch the square leave the curve.
# *Coefficients* adds the trellis.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.jpeg_by_lambda.tables import Tables

tables = Tables()
tables

# %% [markdown]
# A picture of your own: the upload button, or `tables.load("my_photo.jpg")`.

# %% [markdown]
# ## Depth: write down the eye's D (about 10 minutes)
#
# Let an error of wave $k$ weigh $w_k$ bits: λD becomes $\sum_k w_k e_k^2$. The rule for a fine step is then
#
# $$\Delta_k = \sqrt{\frac{6}{w_k \ln 2}}$$
#
# ### ✎ 3 · `weights_for`
#
# Turn it round. For which weights does the rule give these steps?


# %%
def weights_for(steps):
    """steps: float (64,). Return the weights, float (64,)."""
    # your line here


check("weights_for", weights_for)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def weights_for(steps):
#     return 6 / (np.log(2) * steps**2)
# ```
#
# So the standard's table says: an error of the fastest wave weighs (16/99)² = 1/38 of one of DC.
#
# </details>

# %% [markdown]
# Now everything of this lesson can be done for the eye: weigh the errors, and let λ choose. The package does it with `jpeg.encode(image, lam=lam,
# eye=True)`. Its weights (`jpeg/eye.py`) count an error by two things:
#
# - its **frequency**: the weights above, but only their root. That is the shape to the power ½, which gives away little of either measure;
# - its **place**: an error in a calm block counts more than one in a busy block, where it is *masked* by what is there anyway.
#
# The second is possible only coefficient by coefficient, for a file has one table for all its blocks. The trellis does it.
#
# Two files of the cup, of the same size:


# %% jupyter={"source_hidden": true}
def of_size(image, size):
    """The file by λ for the MSE whose size is nearest."""
    low, high = 1e-4, 1.0
    for _ in range(12):
        lam = np.sqrt(low * high)
        data = jpeg.encode(image, lam=lam, fast=True)
        low, high = (lam, high) if len(data) < size else (low, lam)
    return data


# %%
# NBVAL_CHECK_OUTPUT
for_eye = jpeg.encode(photo, lam=0.005, fast=True, eye=True)
files = {"for PSNR": of_size(photo, len(for_eye)), "for the eye": for_eye}
for name, data in files.items():
    x_hat = jpeg.decode(data)
    psnr, alike = metrics.psnr(photo, x_hat), metrics.ms_ssim(photo, x_hat)
    print(f"{name:12} {len(data) / 1000:.1f} kB   PSNR {psnr:.1f} dB   MS-SSIM {alike:.3f}")

# %% jupyter={"source_hidden": true}
crops({"original": photo} | {name: jpeg.decode(data) for name, data in files.items()}, wood)

# %% [markdown]
# Fewer decibels, a smoother cup, and some grain in the wood. Which of the two you prefer is not for PSNR to say.

# %% [markdown]
# ## Depth: what else λ chooses (about 8 minutes)
#
# ### Aim at what the decoder will do
#
# The encoder of [lesson 02](02_colour.ipynb) makes small chroma planes of means, each of 2 × 2 pixels. But the decoder
# does not repeat these means; it puts smooth slopes between them. `targets.best_chroma` solves for the small plane whose *upsampling* comes nearest: a
# least-squares problem, with the decoder's filter as its matrix. And once chroma is decoded, the encoder knows what it got wrong in each pixel.
# `targets.best_luma` makes up for what can be made up for: a change of $Y$ moves R, G and B alike, so the best $Y$ is the mean of what is missing.

# %%
from lic_teach.jpeg import color, targets

question = "Nothing quantized, only 4:2:0: what do better aims bring for the coffee?"
with Predict(question, unit="dB", near=0.4) as predict:
    gains = {}
    for name in images.SAMPLES:
        x = images.sample(name)
        x = x[: len(x) // 2 * 2, : len(x[0]) // 2 * 2]
        y, *chroma = color.unrounded_ycbcr(x)
        psnr = []
        for small in (color.downsample, targets.best_chroma):
            planes = [np.rint(small(plane, 2, 2)).astype(np.uint8) for plane in chroma]
            full = [color.upsample(plane, 2, 2) for plane in planes]
            luma = y if small is color.downsample else targets.best_luma(x, *full)
            whole = [np.rint(luma).astype(np.uint8), *full]
            psnr.append(metrics.psnr(x, color.ycbcr_to_rgb(whole)))
        gains[name] = psnr[1] - psnr[0]
        print(f"{name:10} {psnr[0]:.1f} dB by means, {psnr[1]:.1f} dB by better aims")
    predict.truth = round(gains["coffee"], 1)

# %% [markdown]
# No decoder has to change for it. A learned codec needs no such thinking: its training looks at what the decoder makes of everything, and finds all this by itself.
#
# ### Who else does this?
#
# Others have done it, and their encoders are in daily use. On the 24 Kodak photographs, in percent of libjpeg's bits at equal quality, from 29.5 to 36 dB:

# %%
# NBVAL_CHECK_OUTPUT
import json

from lic_teach.paths import DATA
from lic_teach.study import table as study

anchor = study.read(DATA / "rd" / "kodak_jpeg.json")
ours = ("jpeg_tables", "jpeg_trellis", "jpeg_lam_fast", "jpeg_lam")
curves = [study.read(DATA / "rd" / f"kodak_{name}.json") for name in ours]
quoted = json.loads((DATA / "rd" / "published_kodak.json").read_text(encoding="utf-8"))["curves"]
curves += [curve for curve in quoted if "mozjpeg" in curve["codec"] or "jpegli" in curve["codec"]]
print("                              PSNR     MS-SSIM")
for row in study.bd_table(curves, anchor):
    print(f"{row['codec']:26} {row['psnr']:+6.1f} % {row['ms_ssim']:+8.1f} %")

# %% [markdown]
# - `jpeg_tables` are the learned tables alone, `jpeg_trellis` is the trellis alone, on the standard's tables. By MS-SSIM each of them *loses*: both take away what is small
#   and weak. `jpeg_lam` is everything: the aims, 4:2:0 or 4:4:4, progressive scans where they pay; `fast` makes one file and tries no others.
# - **mozjpeg** has a trellis, too. As it comes (4:2:0, progressive, tuned for a PSNR with weights for the eye) it looks to the eye; with `-tune-psnr` it
#   needs eight percent more bits than `jpeg_lam` at equal PSNR, and by MS-SSIM it loses as our trellis alone does.
# - **jpegli** (4:2:0, baseline) is made for eyes at high quality, above this window. Its dead zone changes from block to block.
#
# The others' files were measured once, while the course was made, by the same rule; `lic-teach rd` does not repeat them.
#
# ### Our block, for the last time
#
# We have followed it from pixels to bits. Here is its last form: the coefficients that λ chooses, beside those of
# quality 50, in two files of the whole cat with the same PSNR.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.jpeg import frame

x = images.sample("chelsea")
blocks, layout, tables_chosen = optimize.choose(x, 0.0182)
versions = {
    "quality 50": jpeg.encode(x, 50),
    "by λ": codec.pack(blocks, layout, tables_chosen),  # in one scan, as the other
}
part = slice(88, 96), slice(192, 200)
for name, data in versions.items():
    blocks, layout, _ = codec.unpack(data)
    values = frame.split(blocks, layout)[0][11, 24]
    x_hat = jpeg.decode(data)
    print(f"{name}: {len(data):,} bytes, {metrics.psnr(x, x_hat):.1f} dB", end="; the block: ")
    print(f"MSE {metrics.mse(x[part], x_hat[part]):.0f}")
    print("  " + ", ".join(f"{values[k]} at {k}" for k in np.flatnonzero(values)))

# %% [markdown]
# Nine numbers again, but not the same nine. −1 and 1 at places 8 and 9 are gone: λ found them not worth their bits. Two others came, at
# 23 and 32. The one at 32 you know: it is the 27.7 of [lesson 04](04_quantization.ipynb), struck out there by a step of 56. At a step of 21 it is worth
# its bits. A smaller error, and the file of the whole picture is a quarter smaller.

# %% [markdown]
# ## The scoreboard
#
# One table goes through the course from here on: what does each part earn, if it alone is changed? The 24 Kodak photographs, which nothing here was chosen on, in real files.
# A bar is the saving at equal PSNR; the line on it goes from the picture that gains most to the one that gains least. More rows come with the lessons that earn them.

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board

Drawing(board("jpeg_by_lambda"))

# %% [markdown]
# ## What you learnt
#
# - $L = R + \lambda D$ gives the step: $\sqrt{6/(\lambda \ln 2)}$ where it is fine, a third more in real files. For the squared error one step for all waves is
#   nearly the best: the water level.
# - A slope is followed downhill, whether it comes from a formula or from two files.
# - Zero is wider than a step, by what the bits are worth. Since bits depend on the run, a block is chosen as a whole: by a trellis.
# - The decoder fixes nothing but itself. Tables, coefficients, samples and scans are the encoder's choice, and choosing them by λ saves 30
#   percent by PSNR.
# - Best for one $D$ is not best for another. The standard's table is best where the eye's $D$ is.
#
# One part of JPEG has not moved at all: the cosines. They were computed, not learned, and they are linear. Must they be? Part
# II begins with how a machine finds its numbers. [Lesson 09](09_learning.ipynb).
#
# ## Further reading
#
# - ITU-T Recommendation T.81 (1992) | ISO/IEC 10918-1, Annex K.1: the tables, "based on psychovisual thresholding".
#   [w3.org/Graphics/JPEG/itu-t81.pdf](https://www.w3.org/Graphics/JPEG/itu-t81.pdf)
# - H. Lohscheller, "A subjectively adapted image communication system", *IEEE Transactions on Communications* 32(12),
#   1316–1322, 1984. How steps were measured with eyes.
# - A. B. Watson, "DCT quantization matrices visually optimized for individual images", *Proc. SPIE* 1913, 202–216, 1993. Tables for one
#   picture and the eye's $D$.
# - M. Crouse, K. Ramchandran, "Joint thresholding and quantizer selection for transform image coding: entropy-constrained analysis
#   and applications to baseline JPEG", *IEEE Transactions on Image Processing* 6(2), 285–297, 1997. Tables and coefficients
#   by L, together.
# - A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm", *IEEE
#   Transactions on Information Theory* 13(2), 260–269, 1967.
# - G. J. Sullivan, T. Wiegand, "Rate-distortion optimization for video compression", *IEEE Signal Processing Magazine*
#   15(6), 74–90, 1998. The same λ in every video encoder.
# - mozjpeg and jpegli are encoders in daily use that choose tables and coefficients for JPEG's old decoders.
#   [github.com/mozilla/mozjpeg](https://github.com/mozilla/mozjpeg), [github.com/google/jpegli](https://github.com/google/jpegli)
