# %% [markdown]
# # 08 · JPEG learns
#
# **Who chose those 64 numbers?**
#
# People did, for eyes and screens of the 1980s, and JPEG files carry them to this day. But the standard does
# not ask for them. Every file brings its own table, and the encoder may write into it what it likes. So
# what would a machine write that knows nothing but $L = R + \lambda D$?
#
# Here are two files of the same picture with the same PSNR. Both are ordinary JPEG files. One was written
# with libjpeg's numbers, the other with numbers that were chosen by $\lambda$.

# %%
import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import (
    bitstream,
    codec,
    color,
    frame,
    learn,
    optimize,
    quantize,
    targets,
    transform,
    trellis,
)

torch.set_num_threads(1)


def libjpeg(image, quality):
    """A file by libjpeg, through Pillow: 4:2:0, with Huffman tables of its own."""
    file = io.BytesIO()
    options = {"quality": quality, "subsampling": "4:2:0", "optimize": True}
    Image.fromarray(image).save(file, "JPEG", **options)
    return file.getvalue()


photo = images.sample("coffee")
ours = jpeg.encode(photo, lam=0.01)
wanted = metrics.psnr(photo, jpeg.decode(ours))
others = [libjpeg(photo, quality) for quality in range(1, 100)]
theirs = min(others, key=lambda data: abs(metrics.psnr(photo, jpeg.decode(data)) - wanted))

figure, axes = plt.subplots(1, 3, figsize=(9, 3.4))
shown = (
    ("original", photo),
    (f"libjpeg: {len(theirs):,} bytes", jpeg.decode(theirs)),
    (f"by λ: {len(ours):,} bytes", np.array(Image.open(io.BytesIO(ours)))),  # opened by Pillow
)
for ax, (title, picture) in zip(axes, shown, strict=True):
    ax.imshow(picture[20:190, 300:470], interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for name, data in (("libjpeg", theirs), ("by λ", ours)):
    psnr = metrics.psnr(photo, jpeg.decode(data))
    print(f"{name:8} {len(data):6,} bytes  PSNR {psnr:.1f} dB")
print(f"{1 - len(ours) / len(theirs):.0%} fewer bytes")

# %% [markdown]
# More than a third fewer bytes for the same PSNR. Where does the third come from? And is it the same *picture*? Look at the
# wood before you go on. This lesson has an answer to both.
#
# **After this lesson** you can
# - derive the best step for a coefficient from $\lambda$, and learn all 64 by gradient descent;
# - say why rounding stands in the way of a gradient, and what noise does about it;
# - choose the coefficients themselves by $\lambda$, and say why that needs more than one comparison each;
# - explain why a table with the best PSNR can give the worse picture.
#
# You need [lesson 04](04_quantization.ipynb) (steps), [05](05_entropy_coding.ipynb) (symbols) and [07](07_rate_distortion.ipynb) ($L = R + \lambda D$). About 35 minutes.

# %% [markdown]
# ## One step, one λ
#
# Begin with one coefficient, and with a fine step $\Delta$. [Lesson 04](04_quantization.ipynb) has its error: $D = \Delta^2/12$. And its bits?
# Halve a fine step, and there are twice as many whole numbers to tell apart. That is one more bit. So
#
# $$R = h - \log_2 \Delta \qquad\qquad L(\Delta) = h - \log_2 \Delta + \lambda\,\frac{\Delta^2}{12}$$
#
# where $h$ is the number of bits at $\Delta = 1$, which does not depend on $\Delta$.
#
# $\lambda$ is the same for one coefficient as for the whole picture. A block has 64 coefficients and 64 pixels,
# the DCT keeps squared errors ([lesson 04](04_quantization.ipynb)), and an error of luma falls on R, G and B alike.
#
# ### ✎ 1 · `slope`
#
# Derive by hand how $L$ changes with $\Delta$. ($\log_2 x = \ln x / \ln 2$.)

# %%
from lic_teach.course.jpeg_by_lambda.exercises import check


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
# Where the slope is 0, bits and error balance:
#
# $$\frac{1}{\Delta \ln 2} = \frac{\lambda \Delta}{6} \qquad\Longrightarrow\qquad \Delta = \sqrt{\frac{6}{\lambda \ln 2}}$$
#
# Look at what is *not* in it: the coefficient. The strong and the weak, the slow and the fast wave all get the same step. At
# $\lambda = 0.01$ it is 29.4. This is why one step for all did so well in [lesson 04](04_quantization.ipynb).
#
# Is it true of a real file? Take the luma of the coffee cup, quantize with one step for all, write a file, and
# measure $L$. Luma alone is a grayscale picture, so we see one table only. **Predict:** will the best step
# be 29.4, or smaller, or larger?


# %%
def luma_of(name):
    """Luma of a sample photograph, cut to whole blocks: uint8 (8 n, 8 m)."""
    y = color.luma(images.sample(name))
    return y[: len(y) // 8 * 8, : len(y[0]) // 8 * 8]


def code(luma, q, steps):
    """Quantized luma, zig-zag (n, m, 64) -> R and D of a real grayscale file, and its picture."""
    layout = frame.make_frame(*luma.shape, 1, "4:4:4")
    data = codec.pack(q.reshape(-1, 64), layout, [steps])
    picture = jpeg.decode(data)
    return metrics.bpp(data, luma), metrics.mse(luma, picture), picture


def L(luma, steps, lam):
    """R + λD of the file with these 64 steps, zig-zag."""
    c = transform.forward(luma.astype(np.float32))
    rate, distortion, _ = code(luma, quantize.quantize(c, steps), steps)
    return rate + lam * distortion


cup, lam = luma_of("coffee"), 0.01
flat = {step: L(cup, np.full(64, step), lam) for step in range(16, 81, 2)}
standard = {q: L(cup, codec.standard_tables(q)[0], lam) for q in range(5, 96)}
quality = min(standard, key=standard.get)

figure, ax = plt.subplots(figsize=(6.5, 3.6))
ax.plot(flat.keys(), flat.values(), color="#d9730d", lw=2)
ax.axhline(standard[quality], color="gray", lw=1, ls="--")
ax.annotate("the standard's 64, best quality", (31, standard[quality] + 0.004))
ax.axvline(np.sqrt(6 / (lam * np.log(2))), color="gray", lw=1)
ax.annotate("√(6 / λ ln 2)", (30.2, 1.2))
ax.set(xlabel="one step for all, Δ", ylabel="L of the file, bits per pixel", ylim=(0.94, 1.24))
ax.set_title("One step beats the standard's 64, if it is well chosen")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
best = min(flat, key=flat.get)
print(f"the standard's table, quality {quality}: L = {standard[quality]:.3f}")
print(f"one step for all, Δ = {best}:          L = {flat[best]:.3f}")

# %% [markdown]
# One well chosen number beats 64, by a tenth of $L$. And it is 38, not 29.4. The rule was made for fine steps, but
# most coefficients are small against 29. Those cost next to nothing, and less with a larger step. So the best
# step is larger, and how much larger depends on the wave. Perhaps 64 *different* steps gain more. Who
# finds them? Trying all is out of the question: $255^{64}$ tables.

# %% [markdown]
# ## Two walls
#
# To find the lowest place, follow the slope downhill. That is *gradient descent*, and it needs the slope of $L$
# for each of the 64 steps. A real file refuses it twice: its coefficients are rounded, and its bits are whole. So we need an
# $R$ and a $D$ that are smooth, and near the truth.
#
# **D.** Take a single coefficient $c$ and write its true error as a function of the step, on the left. On the right is the mean
# over all blocks, for a weak wave.

# %%
c = transform.forward(cup.astype(np.float32)).reshape(-1, 64).astype(float)
sweep = np.linspace(10, 60, 1001)


def wave(v, u):
    """All coefficients of one wave; v half swings down, u across."""
    return c[:, transform.NATURAL.reshape(8, 8)[v, u]]


def true_error(c, step):
    return np.mean((step * np.rint(c / step) - c) ** 2)


figure, axes = plt.subplots(1, 2, figsize=(9, 3.5))
for ax, values, title in (
    (axes[0], np.array([400.0]), "c = 400: teeth"),
    (axes[1], wave(5, 5), "v = 5, u = 5: less than the noise"),
):
    ax.plot(sweep, [true_error(values, s) for s in sweep], color="#d9730d", lw=1.5)
    ax.plot(sweep, sweep**2 / 12, color="gray", lw=1.5, ls="--")
    ax.set(title=title, xlabel="step Δ", ylabel="squared error")
axes[1].annotate("Δ²/12", (40, 160), color="gray", ha="right")
figure.tight_layout()

# %% [markdown]
# The orange curves have no jumps. Where a coefficient changes from one multiple to the next, both are half a step away. And
# between the jumps of the whole number $k$ the slope of the error $(k\Delta - c)^2$ is $2k(k\Delta - c)$. So there *is* a
# slope, and it is exact. But on the left it is useless: on each tooth it points up, then down, and never says that on the whole
# the error grows.
#
# [Lesson 04](04_quantization.ipynb) knows what happens on the whole: the error of a strong coefficient lies evenly between $-\Delta/2$ and
# $\Delta/2$. So **replace the rounding error by noise**: $e = \Delta u$, with $u$ drawn evenly from $-\tfrac12 \dots \tfrac12$.
# Its square is smooth in $\Delta$, and its slope is $2 \Delta u^2$, on average $\Delta/6$.
#
# On the right the noise is wrong, and [lesson 04](04_quantization.ipynb) said why: most of these coefficients become zero, and a zero
# cannot lose more than was there. **Predict:** for which of four waves is the exact slope the better guide, if we look
# at 256 blocks at a time?

# %%
# NBVAL_CHECK_OUTPUT
rng, step = np.random.default_rng(0), 29.4
print("slope of D:      on the whole     exact, 256 blocks     noise, 256 blocks")
for v, u in ((0, 0), (0, 1), (2, 2), (5, 5)):
    t = wave(v, u)
    around = step * 1.1, step / 1.1
    whole = (true_error(t, around[0]) - true_error(t, around[1])) / (around[0] - around[1])
    exact, noise = [], []
    for _ in range(400):
        some = rng.choice(t, 256)
        k = np.rint(some / step)
        exact.append(np.mean(2 * k * (k * step - some)))
        noise.append(np.mean(2 * step * rng.uniform(-0.5, 0.5, 256) ** 2))
    print(
        f"v = {v}, u = {u}: {whole:12.0f} {np.mean(exact):16.0f} ± {np.std(exact):4.1f}"
        f" {np.mean(noise):15.0f} ± {np.std(noise):4.1f}"
    )

# %% [markdown]
# For DC the exact slope swings by more than three times what it should be; noise says 5 each time, and is right. For the two
# weaker waves the exact slope is the better guide. For the last, noise says 5 where 1 is true, and would make its step too small.
#
# So the package takes the exact error where $k$ is 0 or ±1, and noise for all others. It is not perfect: when the step
# grows, coefficients cross from one kind to the other, and that is in neither slope. This is the
# first time in this course that noise stands for rounding. The learned codec does it for all its numbers ([lesson 15](15_noise_for_rounding.ipynb)).

# %% [markdown]
# **R.** How many bits will the whole numbers of one wave take? [Lesson 05](05_entropy_coding.ipynb): what counts is how often each occurs. The
# coefficients of a wave lie around zero, many near it and few far away. The *Laplace distribution* has that
# shape, with one number, its scale $s$ (the mean of $|c|$). The probability of $k$ is what lies over its stair, from
# $(k - \tfrac12)\Delta$ to $(k + \tfrac12)\Delta$. The *distribution function* says how much lies below a number, so take its
# difference at the two ends. The bits are the entropy.


# %%
def my_bits(step, s):
    """Entropy in bits of round(c / step), where c is Laplace distributed with scale s."""

    def below(x):  # the distribution function
        return np.where(x < 0, np.exp(-abs(x) / s) / 2, 1 - np.exp(-abs(x) / s) / 2)

    k = np.arange(-2000, 2001)
    p = below((k + 0.5) * step) - below((k - 0.5) * step)
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


steps_tried, scales_tried = (3.0, 10.0, 30.0, 90.0), (2.0, 9.0, 40.0)
mine = [[my_bits(step, s) for s in scales_tried] for step in steps_tried]
package = learn.laplace_bits(torch.tensor(steps_tried)[:, None] / torch.tensor(scales_tried))
np.testing.assert_allclose(mine, package, atol=1e-3)
print(np.round(mine, 2))

# %% [markdown]
# The package has the sum in closed form, so PyTorch can differentiate it. One more thing is needed. A block of
# the white cup is not a block of wood, so one scale for both is wrong. `learn.scales` sorts the blocks into
# eight classes of equal size, from flat to busy, and finds a scale for each class and wave. (DC counts as it is sent, as
# the difference to the block before.)
#
# That is the whole loss. Write it plainly, block by block, and compare:

# %%
blocks = torch.from_numpy(c.astype(np.float32))
scale = learn.scales(blocks)  # (8 classes, 64 waves)
weights = torch.full((64,), lam)  # of a squared error


def my_loss(steps, some, scale, u):
    """R + λD in bits a block: some (n, 64) coefficients, u (n, 64) noise."""
    rate = np.mean([sum(my_bits(steps[k], s[k]) for k in range(64)) for s in scale])
    error = 0.0
    for block, noise in zip(some, u, strict=True):
        for k in range(64):
            nearest = round(block[k] / steps[k])
            if abs(nearest) <= 1:
                error += (steps[k] * nearest - block[k]) ** 2
            else:
                error += (steps[k] * noise[k]) ** 2
    return rate + lam * error / len(some)


steps = codec.standard_tables(quality)[0].astype(float)
u = torch.rand((300, 64), generator=torch.Generator().manual_seed(1)) - 0.5
mine = my_loss(steps, c[:300], scale.numpy(), u.numpy())

log_steps = torch.tensor(steps).float().log()
package = learn.loss(log_steps, blocks[:300], weights, scale, torch.Generator().manual_seed(1))
np.testing.assert_allclose(mine, package, rtol=1e-4)

# %% [markdown]
# An estimate should always stand beside the file. How near are they, for the standard's table at three qualities?

# %%
# NBVAL_CHECK_OUTPUT
print("quality   R estimated   R of the file")
for q in (20, 50, 80):
    steps = codec.standard_tables(q)[0]
    estimate = learn.laplace_bits(torch.from_numpy(steps) / scale).sum(1).mean().item() / 64
    in_file, _, _ = code(cup, quantize.quantize(c.reshape(50, 75, 64), steps), steps)
    print(f"{q:7} {estimate:13.2f} {in_file:15.2f}")

# %% [markdown]
# A sixth too low, each time: the file also has headers, an EOB in nearly every block, whole bits for each symbol ([lesson 05](05_entropy_coding.ipynb)), and
# coefficients that are not quite Laplace. What counts for a descent is that both fall together.

# %% [markdown]
# ## Downhill
#
# Now let all 64 steps move at once. PyTorch computes the slopes ([lesson 10](10_backpropagation.ipynb) shows how), and *Adam*, a kind of gradient
# descent, takes the steps. What moves is $\ln \Delta$, so that a step can double or halve but never become
# negative.
#
# Start once from the standard's table and once from the rule's 29.4 for all. **Predict:** which entries will change most, and will
# both ends be the same?


# %%
def descend(start, weights, turns=100, every=10):
    """64 steps by gradient descent on learn.loss: the tables on the way, int (turns / every + 1, 64)."""
    generator = torch.Generator().manual_seed(0)
    log_steps = torch.tensor(start, dtype=torch.float32).log().requires_grad_()
    optimizer = torch.optim.Adam([log_steps], lr=0.05)
    tables = []
    for turn in range(turns + 1):
        if turn % every == 0:
            table = np.rint(log_steps.detach().exp().numpy())
            tables.append(np.clip(table, 1, 255).astype(int))
        some = blocks[torch.randint(len(blocks), (2048,), generator=generator)]
        loss = learn.loss(log_steps, some, weights, scale, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return np.array(tables)


fine = np.sqrt(6 / (np.log(2) * weights.numpy()))
ways = {
    "from the standard's": descend(codec.standard_tables(quality)[0], weights),
    "from 29.4 for all": descend(fine, weights),
}

figure, ax = plt.subplots(figsize=(6.5, 3.6))
for (name, tables), look, place in zip(
    ways.items(), ("-", "--"), ((3, 1.083), (40, 0.957)), strict=True
):
    measured = [L(cup, table, lam) for table in tables]
    ax.plot(range(0, 101, 10), measured, look, color="#d9730d", lw=2, marker="o", markersize=4)
    ax.annotate(name, place)
ax.set(xlabel="turns of gradient descent", ylabel="L of the file, bits per pixel")
ax.set(title="L of real files falls, though the descent never saw one", ylim=(0.95, 1.12))
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for name, tables in ways.items():
    print(f"{name:20} L = {L(cup, tables[0], lam):.2f} -> {L(cup, tables[-1], lam):.2f}")

# %%
figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.6))
learned = ways["from 29.4 for all"][-1]
for ax, table, title in (
    (axes[0], codec.standard_tables(quality)[0], f"the standard's, quality {quality}"),
    (axes[1], ways["from the standard's"][-1], "learned, from the standard's"),
    (axes[2], learned, "learned, from 29.4 for all"),
):
    square = table[transform.NATURAL].reshape(8, 8)
    ax.imshow(square, cmap="Oranges", vmin=0, vmax=255)
    for (v, u), value in np.ndenumerate(square):
        dark = "white" if value > 180 else "black"
        ax.text(u, v, value, ha="center", va="center", fontsize=7.5, color=dark)
    ax.set(title=title, xticks=(), yticks=())
    ax.title.set_fontsize(10)
figure.tight_layout()

# %% [markdown]
# The machine's table is nearly flat. 31 for DC, where the step is fine against what is there and the rule
# holds; from 35 to about 65 for nearly all others, where it does not. Nothing is left of the large steps at the lower right.
#
# The table that started from the standard's ends with entries of 255 there. With steps this large all
# coefficients of such a wave are zero already. $D$ cannot grow any more, and the $R$ of the model still falls a little, so the slope
# says: larger still. The descent cannot come back. This costs two hundredths of $L$, and it is a rule for all that
# follows: **where you begin decides where you can arrive.** The package begins at the rule's fine steps.
#
# And what have 64 knobs gained over one? Nearly nothing: L is 0.97 for both, the best table and the one step of 38. For the
# squared error it matters that the steps fit $\lambda$, and hardly at all that there are 64 of them.

# %% [markdown]
# ## For any λ, from many photographs
#
# A table may be learned on the very picture it is for: it travels in the file. That is not cheating, as it would be with the
# weights of a learned codec, which do not. But a descent for each picture is slow, so the package keeps tables that were
# learned on 35 other photographs at eight values of λ, for luma and chroma. `optimize.learned_tables(lam)` interpolates between
# them.

# %%
# NBVAL_CHECK_OUTPUT
print("L at λ = 0.01          standard's best   35 other photographs   its own table")
for name in images.SAMPLES:
    luma = luma_of(name)
    blocks = torch.from_numpy(transform.forward(luma.astype(np.float32)).reshape(-1, 64))
    scale = learn.scales(blocks)
    own = descend(fine, weights)[-1]
    best = min(L(luma, codec.standard_tables(q)[0], lam) for q in range(10, 60))
    others = L(luma, optimize.learned_tables(lam)[0], lam)
    print(f"{name:20} {best:14.2f} {others:20.2f} {L(luma, own, lam):18.2f}")

# %% [markdown]
# Its own table is nowhere better than that of 35 strangers, and for the cat and the rocket a little worse. (For the cat's luma
# even the standard's best table is as good.) The descent follows an estimate of $L$: what is won there need not be won in the
# file. *An estimate is not the file* is a sentence that this course will not stop saying.
#
# A word on the pictures. Coffee was never a JPEG, which is why we learned on it. The cat was one of quality 98
# ([lesson 04](04_quantization.ipynb)), with steps of 1 to 5, far below ours. But the rocket's tables have steps up to 17, and at $\lambda = 0.1$ ours
# are about 12: there the two meet. Its wave v = 4, u = 3 was a comb of 9:

# %%
# NBVAL_CHECK_OUTPUT
k = transform.NATURAL.reshape(8, 8)[4, 3]
comb = transform.forward(luma_of("rocket").astype(np.float32))[..., k].astype(float)
for step in (8, 9, 10):
    print(
        f"Δ = {step:2}: squared error {true_error(comb, step):.1f}, expected {step**2 / 12:.1f} at most"
    )

# %% [markdown]
# At 9 next to nothing is lost, because it was lost before. So what the rocket says about large λ says something about
# its first encoder, too.

# %% [markdown]
# ## Let the tables move
#
# Now in colour, with a table for luma and one for chroma. Filled squares are the steps of this file, outlines the standard's at
# the quality with the smallest $L$. On the plot the circle is libjpeg at that quality, and the square is this file. **Pull
# *Table* to 0 %**: square and circle are one. Then **push it slowly back to 100 %** and watch the square leave the curve.
#
# The picture is divided: libjpeg's file of equal PSNR on the left, this file on the right; your browser opens both.
# *Coefficients* and the dashed curve are for later: they are what the rest of this lesson adds.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.jpeg_by_lambda.tables import Tables

explorer = Tables()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.

# %% [markdown]
# ## The best PSNR is not the best picture
#
# What was gained is PSNR. But the standard's table was made for the eye, and the eye sees a slow wave more easily
# than a fast one. Is there a $D$ for which the standard's table would be the *right* answer?
#
# Let an error of wave $k$ weigh $w_k$ bits: $D$ becomes $\sum_k w_k e_k^2$, with λ inside. The rule for a fine step is then
#
# $$\Delta_k = \sqrt{\frac{6}{w_k \ln 2}}$$
#
# ### ✎ 2 · `weights_for`
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
# With these weights, descend again, at five sizes. Then measure all files by PSNR, which counts every wave alike, and by
# MS-SSIM, which compares local contrast and structure, nearer to what people see. Both as BD-rates: more or fewer bits than the
# standard's tables at equal quality ([lesson 07](07_rate_distortion.ipynb)). **Predict** the four signs.

# %%
# NBVAL_CHECK_OUTPUT
blocks = torch.from_numpy(c.astype(np.float32))
scale = learn.scales(blocks)
eye = 6 / (np.log(2) * codec.standard_tables(50)[0].astype(float) ** 2)


def points(tables):
    """(bpp, PSNR) and (bpp, MS-SSIM in dB) of the cup's files with these tables."""
    found = []
    for steps in tables:
        rate, _, picture = code(cup, quantize.quantize(c.reshape(50, 75, 64), steps), steps)
        alike = -10 * np.log10(1 - metrics.ms_ssim(cup, picture))
        found.append((rate, metrics.psnr(cup, picture), alike))
    return [[(f[0], f[i]) for f in found] for i in (1, 2)]


anchor = points([codec.standard_tables(q)[0] for q in (5, 10, 20, 30, 45, 60, 75, 85, 92)])
for_eye = []
for times in (0.3, 0.7, 1.5, 3, 6):
    w = times * eye
    start = np.clip(np.sqrt(6 / (np.log(2) * w)), 1, 255)
    for_eye.append(descend(start, torch.tensor(w).float(), 60)[-1])
for_psnr = [optimize.learned_tables(x)[0] for x in (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2)]
print("bits against the standard's tables   at equal PSNR   at equal MS-SSIM")
for name, tables in (("learned for squared error", for_psnr), ("learned for the weights", for_eye)):
    psnr, similar = (  # each over the part of quality that both curves span
        metrics.bd_rate(a, b, metrics.overlap(a, b))
        for a, b in zip(anchor, points(tables), strict=True)
    )
    print(f"{name:33} {psnr:+15.0f} % {similar:+15.0f} %")

# %% [markdown]
# The tables with the best PSNR need a fifth more bits for the same MS-SSIM. With the weights that loss is gone, and so is the gain:
# learning for the eye's weights ends about where the standard stood. The people of the 1980s chose well, for *their* $D$.
#
# So "learned" does not mean "better". It means: best for the $D$ that you wrote down. Whoever says that a table is better must
# say by which $D$.

# %% [markdown]
# ## The coefficients, too
#
# The decoder multiplies $q$ by Δ and does not ask where $q$ came from. [Lesson 04](04_quantization.ipynb) rounded a little towards zero and saved four
# percent. Which rounding is the best? Again $L$ knows.
#
# ### ✎ 3 · `zero_is_cheaper`
#
# A coefficient $c$ lies between 0 and Δ. It may become 0, which costs no bits. Or it becomes Δ (that is, $q = 1$), which costs
# $b$ bits. $L$ counts the bits and λ times the squared error. Up to which $|c|$ is 0 cheaper?


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
# is what the bits add.
#
# </details>

# %% [markdown]
# Put the rule's step in: $\frac{|c|}{\Delta} = \frac12 + \frac{b \ln 2}{12} \approx 0.5 + 0.06\,b$. λ is gone. A coefficient
# that costs 2 bits must reach 0.62 of its step to be kept, one that costs 5 bits 0.79, and one of 13 bits more than a whole
# step. The dead zone of [lesson 04](04_quantization.ipynb) was a guess with one $b$ for all.
#
# And what does a coefficient cost? [Lesson 05](05_entropy_coding.ipynb): its symbol is (run, size), and the run counts the zeros *before* it. If I drop
# one, the next one's run grows, and its code word changes. So each choice depends on the one before. A block at a time, then: try
# every combination, and keep the cheapest.
#
# Take our block at the rim of the cat's eye. λ = 0.0182 makes the whole picture as good as quality 50 did (it comes back in the
# last section).

# %%
# NBVAL_CHECK_OUTPUT
lam = 0.0182
cat = transform.forward(luma_of("chelsea").astype(np.float32))
block = cat[11, 24]
steps = np.rint(
    optimize.TRELLIS_STEPS * optimize.learned_tables(lam)[0]
)  # a fifth finer: see below
guess = optimize.round_towards_zero(cat.reshape(-1, 64), steps)  # all blocks, for the code lengths
rates = trellis.ac_rates(guess, 1, 63)  # bits of every (run, size), with the extra bits

rounded = np.rint(block / steps).astype(int)
places = [k for k in range(1, 64) if rounded[k]]
options = []
for k in places:
    v = abs(rounded[k])
    smaller = 2 ** (int(v).bit_length() - 1) - 1  # the largest that has a bit less
    options.append(sorted({v, smaller, 0}, reverse=True))
print("places:      ", places)
print("rounded:     ", rounded[places])
print("combinations:", f"{np.prod([len(o) for o in options]):,}")


# %%
def cost(values):
    """Bits + λ · squared error of the block, if its AC coefficients have these sizes."""
    bits, before = 0.0, 0
    error = sum(block[k] ** 2 for k in range(1, 64) if k not in places)
    for k, v in zip(places, values, strict=True):
        error += (abs(block[k]) - v * steps[k]) ** 2
        if v:
            run = k - before - 1
            bits += (run // 16) * rates.symbol[0xF0]  # ZRL
            bits += rates.symbol[16 * (run % 16) + int(v).bit_length()]
            before = k
    end = rates.empty if before == 0 else rates.end if before < 63 else 0  # EOB
    return bits + end + lam * error


cheapest = min(itertools.product(*options), key=cost)

# %% [markdown]
# The package finds the same without trying them. If coefficient $k$ is kept, all that counts of what came before is *which
# kept one was the last*. So for every $k$ it stores one number, the cheapest way to get there, and needs fewer than 200 comparisons
# instead of 62,208. This is the *Viterbi algorithm*, and its diagram of ways is called a **trellis**.

# %%
# NBVAL_CHECK_OUTPUT
found = np.zeros((1, 64), np.int16)
trellis.choose_ac(block[None], steps, np.full(64, lam), 1, 63, *rates, found)
np.testing.assert_array_equal(np.abs(found[0, places]), cheapest)
print("rounded: ", rounded[places])
print("chosen:  ", found[0, places])
print(f"bits + λ · error: {cost(abs(rounded[places])):.1f} -> {cost(cheapest):.1f}")

# %% [markdown]
# Three fell, all of them ±1 and far out. But others that are ±1 and far out stayed. Whether one is worth its bits depends on
# how large it was before rounding, on the zeros before it, and on what its going does to the next.
#
# The choice is made for given code lengths, the lengths are made for given choices, and the steps for both. So the package goes round
# twice: choose, count the symbols again, choose. Then it moves each step to where the coefficients that were kept lie closest to its
# multiples. With $c$ the coefficients and $q$ the chosen numbers,
#
# $$\frac{d}{d\Delta} \sum (q\Delta - c)^2 = 0 \qquad\Longrightarrow\qquad \Delta = \frac{\sum q\,c}{\sum q^2}$$
#
# And since dropping is now done one by one, it need no longer be done by large steps: a fifth finer is
# best, measured on other photographs.
#
# **Go back to the explorer** and switch *Coefficients* to *chosen by λ*. With the standard's table (0 %) the cup's file saves 16 % at
# λ = 0.01, with the learned one 32 %. What happens to the wood?

# %% [markdown]
# ## Aim at what the decoder will do
#
# There is one more choice. The encoder of [lesson 02](02_colour.ipynb) makes small chroma planes of means, each of 2 × 2 pixels. But the decoder
# does not repeat these means; it puts smooth slopes between them. So means are not what comes nearest after the decoder's work.
#
# `targets.best_chroma` solves for the small plane whose *upsampling* comes nearest: a least-squares problem, with the decoder's
# filter as its matrix. And once chroma is decoded, the encoder knows what it got wrong in each pixel. `targets.best_luma`
# makes up for what can be made up for: a change of $Y$ moves R, G and B alike, so the best $Y$ is the mean of
# what is missing in the three.
#
# Without any quantization, how good can a 4:2:0 picture be? **Predict:** what do better aims bring, 0.1 dB, or 1, or 2?

# %%
# NBVAL_CHECK_OUTPUT
print("PSNR of RGB, nothing quantized:   means   best chroma   and best luma")
for name in images.SAMPLES:
    x = images.sample(name)
    x = x[: len(x) // 2 * 2, : len(x[0]) // 2 * 2]
    y, *chroma = color.unrounded_ycbcr(x)
    psnr = []
    for small in (color.downsample, targets.best_chroma):
        decoded = [
            color.upsample(np.rint(small(plane, 2, 2)).astype(np.uint8), 2, 2) for plane in chroma
        ]
        for luma in (y, targets.best_luma(x, *decoded)):
            rounded_luma = np.rint(luma).astype(np.uint8)
            psnr.append(metrics.psnr(x, color.ycbcr_to_rgb([rounded_luma, *decoded])))
    print(f"{name:30} {psnr[0]:10.1f} {psnr[2]:11.1f} {psnr[3]:14.1f}")

# %% [markdown]
# One and a half to two decibels, and no decoder has to change, if it enlarges chroma as libjpeg does ([lesson 02](02_colour.ipynb)). The weights
# of errors are made in the same way, as what an error does to R, G and B in the end: `targets.error_weights`. A learned codec
# needs no such thinking. Its training looks at what the decoder makes of everything, and finds all this by itself.

# %% [markdown]
# ## What is each part worth?
#
# One picture proves nothing. These are the 24 Kodak photographs, measured by the package's study (`lic-teach rd`; the files in
# `data/rd` say how). Bits against libjpeg at equal quality, for PSNR between 29.5 and 36 dB:

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.paths import DATA
from lic_teach.study import table as study

curves = {
    path.stem[6:]: study.read(path) for path in sorted((DATA / "rd").glob("kodak_jpeg*.json"))
}
names = {
    "jpeg_tables": "learned tables alone",
    "jpeg_trellis": "chosen coefficients alone",
    "jpeg_lam_fast": "everything, fast",
    "jpeg_lam": "everything",
}
rows = study.bd_table([curves[name] for name in names], curves["jpeg"])
print("24 Kodak photographs           PSNR     MS-SSIM")
for row in rows:
    print(f"{names[row['codec']]:26} {row['psnr']:+6.1f} % {row['ms_ssim']:+8.1f} %")

# %%
figure, ax = plt.subplots(figsize=(6.5, 4.2))
for name, label, look, place in (
    ("jpeg", "libjpeg", {"color": "#d9730d", "ls": "--"}, (1.66, 35.2)),
    ("jpeg_tables", "tables", {"color": "#d9730d", "ls": ":"}, None),
    ("jpeg_lam", "everything by λ", {"color": "#d9730d"}, (0.42, 35.2)),
):
    bpp, psnr = zip(*study.psnr_curve(curves[name]), strict=True)
    ax.plot(bpp, psnr, lw=2, **look)
    if place:
        ax.annotate(label, place, color=look["color"])
ax.annotate("tables alone", (1.64, 37.2), color="#d9730d")
ax.set(xlim=(0, 2), ylim=(24, 39), xlabel="R, bits per pixel", ylabel="PSNR of RGB, dB")
ax.set_title("Thirty percent fewer bits, and every file is still a JPEG")
figure.tight_layout()

# %% [markdown]
# *Everything* is tables, coefficients and aims, with or without chroma subsampling, and progressive scans where they pay: the
# smallest $L$ of several files. It saves 30 percent. The *fast* way, which makes one file and does not try others, saves nearly
# as much.
#
# Read the second column as well. By MS-SSIM learned tables alone *lose*, and so do chosen coefficients alone: both take away
# what is small and weak. Everything together gains. One reason: they help each other. Where weak coefficients are dropped one
# by one, by what each costs, the steps can stay finer for all others. Still: what is 30 percent by one measure is 6 by another.

# %% [markdown]
# ## Our block, for the last time
#
# We have followed it from pixels to bits. Here is its last form: the coefficients that λ chooses, beside those of
# quality 50, in two files of the whole cat with the same PSNR.

# %%
# NBVAL_CHECK_OUTPUT
x = images.sample("chelsea")
chosen, layout, tables = optimize.choose(x, 0.0182)
versions = {
    "quality 50": jpeg.encode(x, 50),
    "by λ": codec.pack(
        chosen, layout, tables
    ),  # in one scan, so that a block's bits stand together
}
pictures = {}
for name, data in versions.items():
    blocks, layout, tables = codec.unpack(data)
    pictures[name] = jpeg.decode(data)
    block = frame.split(blocks, layout)[0][11, 24]
    order, member = frame.scan_order(layout, (0, 1, 2))
    luma_columns = frame.split(blocks, layout)[0].shape[1]
    number = int(np.flatnonzero(order.ravel() == 11 * luma_columns + 24)[0])
    block_bits = sum(len(s.code + s.extra) for s in jpeg.trace(data, number))
    part = slice(88, 96), slice(192, 200)
    kept = [(k, int(block[k])) for k in np.flatnonzero(block)]
    print(f"{name}: {len(data):,} bytes, {metrics.psnr(x, pictures[name]):.1f} dB")
    dc = jpeg.trace(data, number)[0]
    difference = bitstream.extend(int(dc.extra, 2), dc.size)
    print(
        f"  the block: {len(kept)} numbers, {block_bits} bits, DC difference {difference}", end=", "
    )
    print(f"MSE {metrics.mse(x[part], pictures[name][part]):.0f}")
    print("  " + ", ".join(f"{v}" if k < 10 else f"{v} at {k}" for k, v in kept))

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3))
for ax, (title, picture) in zip(axes, {"original": x, **pictures}.items(), strict=True):
    ax.imshow(picture[80:104, 180:212], interpolation="nearest")
    ax.add_patch(plt.Rectangle((11.5, 7.5), 8, 8, fill=False, ec="white", lw=1.5))
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# Nine numbers again, but not the same nine. −1 and 1 at places 8 and 9 are gone: λ found them not worth their bits. (In the
# section on the coefficients they stayed. Since then the aims, the steps and the code lengths have moved.) Two others came, at
# 23 and 32. The one at 32 you know: it is the 27.7 of [lesson 04](04_quantization.ipynb), struck out there by a step of 56. At a step of 21 it is worth
# its bits. The DC difference was −12 and is −10 now. Fewer bits and a smaller error, and the file of the whole picture is a
# quarter smaller.

# %% [markdown]
# ## What you learnt
#
# - $L = R + \lambda D$ gives the step: $\sqrt{6/(\lambda \ln 2)}$ where it is fine. For the squared error the 64 steps want to
#   be nearly one.
# - A gradient needs a smooth $R$ and $D$: entropy of a model instead of the file's length, noise instead of rounding, where
#   coefficients are strong. The real file must be asked afterwards.
# - Zero is wider than a step, on each side by 0.06 Δ for each bit that it saves. Since bits depend on the run, a block is chosen as a whole.
# - The decoder fixes nothing but itself. Tables, coefficients, samples and scans are the encoder's choice, and choosing them by λ saves 30
#   percent by PSNR.
# - Best for one $D$ is not best for another.
#
# One part of JPEG has not moved at all: the cosines. They were computed, not learned. Part II lets them move, and
# first asks how a machine finds its numbers at all. [Lesson 09](09_learning.ipynb).
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
