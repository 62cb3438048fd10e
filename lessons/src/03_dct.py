# %% [markdown]
# # 03 · The DCT
#
# **What is a block made of?**
#
# Below on the left are 64 pixels: the rim of the cat's eye that we follow through all lessons. To its
# right the same block is built up, from more and more waves. No pixel is copied.

# %%
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images
from lic_teach.jpeg import color, transform


def luma_of(name):
    """The luma plane Y of a sample photograph, whole numbers, sides filled up to multiples of 8."""
    image = images.pad_to_multiple(images.sample(name), 8)
    return color.luma(image).astype(np.float32)


plane = luma_of("chelsea")
block = plane[88:96, 192:200]

coefficients = transform.forward(plane)[11, 24]  # what this lesson explains
pictures, titles = [block], ["the block"]
for count in (1, 2, 3, 5, 10, 64):
    kept = np.where(np.arange(64) < count, coefficients, 0)
    pictures.append((kept @ transform.BASIS).reshape(8, 8) + 128)
    titles.append(f"{count} wave" + "s" * (count > 1))

figure, axes = plt.subplots(1, 7, figsize=(9, 1.7))
for ax, picture, title in zip(axes, pictures, titles, strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
    ax.set_title(title, fontsize=10)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# One wave gives a grey square. With three the dark corner is in its place. With five a typical sample is off by 9 grey levels of
# 255 (the root of the mean square). The other 59 waves are corrections.
#
# That is what JPEG stores of a picture: not pixels, but **how much of each wave**.
#
# **After this lesson** you can
# - write the discrete cosine transform (DCT) as a sum, as $CXC^\mathsf{T}$, and as one layer of a neural
#   network, and show that the three agree;
# - say what *orthonormal* buys, and what *energy compaction* means;
# - let a photograph find its own best waves (the KLT), and measure in dB how far the DCT is from them.
#
# You need [lesson 02](02_colour.ipynb) (what luma is) and matrix products. About 30 minutes.

# %% [markdown]
# ## Begin with one row
#
# Here is our block in numbers: its luma, as [lesson 02](02_colour.ipynb) computed it from the colours, rounded to whole levels.

# %%
# NBVAL_CHECK_OUTPUT
print(block.astype(int))

# %% [markdown]
# Take the last row but two: 34 66 100 103 102 120 135 139. It climbs from dark to light. JPEG first
# subtracts 128, so that 0 is middle grey and samples run from −128 to 127.
#
# Then it asks: how much of each of these eight waves is in the row?

# %%
x = np.arange(8)
smooth = np.linspace(-0.5, 7.5, 200)  # a pixel is an interval; its middle is a whole number

figure, axes = plt.subplots(2, 4, figsize=(9, 2.8), sharex=True, sharey=True)
for u, ax in enumerate(axes.flat):
    ax.plot(smooth, np.cos((2 * smooth + 1) * u * np.pi / 16), color="0.75", lw=1)
    ax.plot(x, np.cos((2 * x + 1) * u * np.pi / 16), "o", color="#d9730d", markersize=5)
    ax.set(title=f"u = {u}", yticks=(-1, 0, 1), xticks=x, ylim=(-1.3, 1.3))
    ax.title.set_fontsize(10)
figure.suptitle("Wave u makes u half swings over the eight pixels", fontsize=11)
figure.tight_layout()

# %% [markdown]
# Wave $u$ has the value $\cos\frac{(2x+1)u\pi}{16}$ at pixel $x$. Both count from 0 to 7. The $2x+1$ is there
# because a sample stands for the middle of its pixel, half a pixel to the right of its edge.
#
# How much of a wave is in the row? Multiply the two, sample by sample, and add up. Where they rise
# and fall together, the sum is large:
#
# $$S_u = \frac{C_u}{2} \sum_{x=0}^{7} s_x \cos\frac{(2x+1)u\pi}{16}, \qquad
# C_u = \begin{cases} 1/\sqrt 2 & u = 0 \\ 1 & u > 0 \end{cases}$$
#
# $s_x$ are the samples minus 128, and $S_u$ is called a **coefficient**. The factors in front make all waves
# equally long, as vectors; why that matters comes soon. **Predict:** the row climbs. Which coefficient
# will be the largest, and will it be positive?

# %%
# NBVAL_CHECK_OUTPUT
row = block[5] - 128

S = np.zeros(8)
for u in range(8):
    for x in range(8):
        S[u] += row[x] * np.cos((2 * x + 1) * u * np.pi / 16)
    S[u] /= 2 if u else 2 * np.sqrt(2)

print(S.round(1))

# %% [markdown]
# Wave 1, and negative: wave 1 runs *down* from +1 to −1 and the row runs up. Eight samples have become
# eight coefficients, and the last three are close to 0.
#
# The way back is the same sum over the waves: each wave, as much of it as there is, added up.

# %%
back = np.zeros(8)
for u in range(8):
    for x in range(8):
        wave = np.cos((2 * x + 1) * u * np.pi / 16) / (2 if u else 2 * np.sqrt(2))
        back[x] += S[u] * wave

np.testing.assert_allclose(back, row, atol=1e-9)
print("the row is back")

# %% [markdown]
# ## Now the block
#
# A block has two directions, so its waves have two numbers: $v$ half swings down and $u$ across. The wave is
# the product of the two. This is the formula of JPEG's standard (ITU-T T.81, A.3.3):
#
# $$S_{vu} = \frac{C_v C_u}{4} \sum_{x=0}^{7} \sum_{y=0}^{7} s_{yx}
# \cos\frac{(2x+1)u\pi}{16} \cos\frac{(2y+1)v\pi}{16}$$
#
# $s_{yx}$ is the sample in row $y$, column $x$, minus 128. Four loops do it.

# %%
# NBVAL_CHECK_OUTPUT
s = block.astype(float) - 128
mine = np.zeros((8, 8))
for v in range(8):
    for u in range(8):
        for y in range(8):
            for x in range(8):
                across = np.cos((2 * x + 1) * u * np.pi / 16)
                down = np.cos((2 * y + 1) * v * np.pi / 16)
                mine[v, u] += s[y, x] * across * down
        mine[v, u] *= 0.25 * (1 if v else np.sqrt(0.5)) * (1 if u else np.sqrt(0.5))

print(mine.round(0).astype(int))

# %% [markdown]
# The number in the upper left corner, −121, belongs to the flat wave $u = v = 0$. It is eight times the mean of
# the block (minus 128) and is called the **DC** coefficient. The other 63 are the **AC** coefficients. The names
# come from electricity: direct and alternating current.
#
# Look where the large ones are. Then compare with the package. It writes the 64 as one line, in *zig-zag*
# order: along the diagonals from the upper left corner, slow waves before fast ones. `transform.ZIGZAG` lists the places of
# the square in this order; `transform.NATURAL` leads back.

# %%
np.testing.assert_allclose(mine.ravel()[transform.ZIGZAG], coefficients, atol=1e-3)
print("zig-zag:", coefficients[:10].round(0).astype(int), "...")

# %% [markdown]
# These 64 numbers are the block's next form on its way to the file. [Lesson 04](04_quantization.ipynb) goes on with them.

# %% [markdown]
# ## Take it apart yourself
#
# On the right is the grid of the 64 coefficients, $v$ down and $u$ across. Behind each number you see what this
# wave adds to the block. **Drag a cell up or down**, or choose it and move the slider below it, and watch
# the block. Click anywhere in the photograph for another block.

# %%
from lic_teach.course.dct.dct_builder import KLT, WITH_THE_KLT, DctBuilder

builder = DctBuilder()
builder

# %% [markdown]
# The buttons under the figure set it. Then choose blocks of your own, and drag the cells; or take a photograph of
# your own.
#
# Between *DCT* and *pixels* stands *KLT of this picture*, another set of 64 waves. We come to it.

# %% [markdown]
# ## Sums as a matrix
#
# Four loops are slow to run and slow to read. Write the eight waves under each other, each with its factor: an
# 8 × 8 matrix $C$, where row $u$ is wave $u$. Then the coefficients of a row of samples are a product, $S = C s$.

# %% [markdown]
# ### ✎ 1 · Build C
#
# Write `dct_matrix(n)` for waves of $n$ samples. For $n = 8$ it is the matrix above: row $u$ holds wave $u$ of the
# formula in one dimension, with its factor. For other $n$, 16 becomes $2n$, and the factor must again make
# every row a vector of length 1. The check compares with SciPy.

# %%
from lic_teach.course.dct.exercises import check


def dct_matrix(n):
    """Return a float array (n, n): row u is wave u, of length 1."""
    # your lines here


check("dct_matrix", dct_matrix)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def dct_matrix(n):
#     u, x = np.mgrid[0:n, 0:n]
#     C = np.cos((2 * x + 1) * u * np.pi / (2 * n))
#     return C / np.linalg.norm(C, axis=1, keepdims=True)
# ```
#
# Dividing each row by its own length saves you from remembering the factors: $\sqrt{1/n}$ for row 0,
# $\sqrt{2/n}$ for the others.
#
# </details>

# %% [markdown]
# Multiplying by $C$ from the left transforms every *column* of the block, by $C^\mathsf{T}$ from the
# right every *row*. Both together are the four loops:
#
# $$S = C X C^\mathsf{T}$$
#
# with $X$ the block minus 128.

# %%
C = transform.dct_matrix()
np.testing.assert_allclose(C @ s @ C.T, mine, atol=1e-9)
print("multiplications by a wave, four loops:", 64 * 64)
print("the same with C X Cᵀ:                ", 2 * 8 * 64)

# %% [markdown]
# Two thin matrices do the work of a large one, because each wave is a product of one across and one
# down. Real encoders go further: Arai, Agui and Nakajima (1988) need 5 multiplications for eight samples, and leave
# the scaling to the next stage.

# %% [markdown]
# ## One layer of a neural network
#
# Go the other way for a moment, from thin to large. Write the block as one column of 64 numbers. Each coefficient
# is a weighted sum of the 64 samples, so all of them are *one* matrix of 64 × 64, and row $k$ of it, folded back
# to 8 × 8, is the picture of wave $k$. Here they are, all 64.

# %%
big = np.kron(C, C)  # every product of a wave down and a wave across: row 8 v + u
big = big[transform.ZIGZAG]  # in zig-zag order
np.testing.assert_allclose(big, transform.BASIS, atol=1e-6)


def show_basis(ax, rows, title, lines="#d9730d"):
    """64 rows of 64 numbers as 8 x 8 small pictures; row k where zig-zag puts it."""
    tiles = rows[transform.NATURAL].reshape(8, 8, 8, 8)
    tiles = tiles / np.abs(tiles).max((2, 3), keepdims=True)  # each in its own full contrast
    tiles = np.kron(tiles, np.ones((1, 1, 4, 4)))  # larger, so that the lines between are thin
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    grey = plt.get_cmap("gray").with_extremes(bad=lines)
    ax.imshow(tiles.transpose(0, 2, 1, 3).reshape(272, 272), cmap=grey, interpolation="nearest")
    ax.set_title(title, fontsize=11)
    ax.axis("off")


figure, ax = plt.subplots(figsize=(4.4, 4.6))
show_basis(ax, big, "The 64 waves: v half swings down, u across")
figure.tight_layout()

# %% [markdown]
# A weighted sum of 8 × 8 pixels, at every eighth pixel, with 64 sets of weights: a deep-learning library has a name
# for that. It is a *convolution* with stride 8. Put the waves in as its weights, and PyTorch computes JPEG's
# transform of a whole photograph:

# %%
import torch

layer = torch.nn.Conv2d(1, 64, kernel_size=8, stride=8, bias=False)
with torch.no_grad():
    layer.weight[:, 0] = torch.from_numpy(big).reshape(64, 8, 8)
    y = layer(torch.from_numpy(plane - 128)[None, None])[0]  # (64, rows of blocks, columns)

np.testing.assert_allclose(y.permute(1, 2, 0), transform.forward(plane), atol=2e-3)
print(f"{plane.size:,} samples -> {tuple(y.shape)} coefficients, {y.numel():,} numbers")

# %% [markdown]
# So JPEG's transform *is* the first layer of a network, one whose 4,096 weights nobody trained: they were known
# since 1974. The learned codec of this course ([lesson 14](14_learned_codec.ipynb)) begins its training with these filters, and more for the colours, and then
# asks whether there are better ones.

# %% [markdown]
# ## What orthonormal buys
#
# Multiply $C$ by its own transpose:

# %%
# NBVAL_CHECK_OUTPUT
print((C @ C.T).round(6) + 0.0)

# %% [markdown]
# The identity, and so is $C^\mathsf{T} C$. Row $u$ times itself is 1: every wave has length 1. Row $u$ times another row is 0: the waves stand at
# right angles. A matrix with $C C^\mathsf{T} = I$ is called **orthonormal**, and it is a rotation (perhaps
# with a mirror) of the space in which a block is a point with 64 coordinates.
#
# The first gift: the inverse is the transpose. $S = CXC^\mathsf{T}$ gives $X = C^\mathsf{T} S C$, and no
# equation has to be solved.
#
# The second: a rotation keeps lengths. The sum of squares, which engineers call **energy**, is the same before and
# after. Not only for our block. Here it is for every block of four photographs.

# %%
planes = {name: luma_of(name) for name in images.SAMPLES}
blocks = {name: transform.to_blocks(p).reshape(-1, 64) - 128 for name, p in planes.items()}

for name in images.SAMPLES:
    coefs = transform.forward(planes[name])
    np.testing.assert_array_equal(transform.inverse(coefs), planes[name])
    samples, coefs = blocks[name], coefs.reshape(-1, 64)
    np.testing.assert_allclose((coefs**2).sum(1), (samples**2).sum(1), rtol=1e-4, atol=0.01)
    print(f"{name:10} {len(samples):,} blocks: every sample back, the same energy in every block")

# %% [markdown]
# It follows that an *error* is as large after the transform as before. Change one coefficient by 10, and the squared
# error of the block is 100, whichever of the 64 it was. From here on we may measure distortion where it is
# made, among the coefficients, without going back to pixels.
#
# Try it in the explorer: *Keep* at 64, then drag any one cell 80 away from where it belongs. An error of 80² = 6,400 over 64
# samples is 100 for each, and the root of 100 is 10. The readout says 10 grey levels or very nearly (pixels are rounded and end at 0 and 255), whichever
# wave you took.

# %% [markdown]
# ## What did we win, then?
#
# 64 numbers in, 64 numbers out, nothing lost, the same energy. By itself a rotation compresses nothing.
#
# But look at *where* the energy is. **Predict:** over all blocks of the four photographs, what share of the
# variance is in the first coefficient of 64? In the first ten? For pixels the answers are 1/64 = 1.6 % and 16 %, since
# no place in a block is special.

# %%
# NBVAL_CHECK_OUTPUT
everything = np.concatenate(list(blocks.values()))
variance = (everything @ transform.BASIS.T).var(0)
share = variance.cumsum() / variance.sum()
for count in (1, 3, 6, 10, 21):
    print(f"first {count:2} in zig-zag order: {100 * share[count - 1]:.1f} % of the variance")

# %%
deviation = np.sqrt(variance)[transform.NATURAL].reshape(8, 8)

figure, ax = plt.subplots(figsize=(5.2, 4.6))
ax.imshow(np.log(deviation), cmap="Oranges", aspect="auto")
for v in range(8):
    for u in range(8):
        dark = deviation[v, u] > 60
        ax.text(
            u, v, f"{deviation[v, u]:.0f}", ha="center", va="center", color="w" if dark else "k"
        )
ax.set(xticks=range(8), yticks=range(8), xlabel="u, half swings across", ylabel="v, down")
ax.set_title(
    f"Slow waves are strong, fast ones weak\n(standard deviation, {len(everything):,} blocks)"
)
figure.tight_layout()

# %% [markdown]
# Every pixel varies by about 59 levels. The coefficients range from 451 down to 4. That is **energy compaction**: a few
# coefficients carry nearly all of it. The reason is [lesson 01](01_redundancy.ipynb)'s: neighbours are alike, so most blocks are nearly
# flat, and nearly flat means slow.
#
# Along a diagonal the numbers are much alike. That also says why zig-zag is the order that it is: it goes roughly from strong to weak.
#
# What does a photograph look like if each block keeps only its first few?

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach import metrics

coefs = transform.forward(plane)
truncated = {}
for count in (1, 3, 10, 21):
    first = np.where(np.arange(64) < count, coefs, 0).astype(np.float32)
    truncated[count] = transform.inverse(first)
    print(f"{count:2} of 64: {metrics.psnr(plane.astype(np.uint8), truncated[count]):.2f} dB (Y)")

# %%
figure, axes = plt.subplots(1, 4, figsize=(9.4, 2.9))
for ax, (count, picture) in zip(axes, truncated.items(), strict=True):
    ax.imshow(picture[60:180, 110:230], cmap="gray", vmin=0, vmax=255)
    ax.set_title(f"{count} of 64", fontsize=11)
    ax.axis("off")
figure.suptitle("One number in six, and the cat is there", fontsize=11)
figure.tight_layout()

# %% [markdown]
# ## Is the cosine the best?
#
# Somebody chose cosines. Nothing above says that no other rotation does better. Let us ask the photographs themselves,
# first with the smallest block there is: two pixels side by side.
#
# Each pair is a point in the plane. Which rotation puts as much as possible into one number?

# %%
# NBVAL_CHECK_OUTPUT
pairs = plane.reshape(-1, 2)
eigenvalues, directions = np.linalg.eigh(np.cov(pairs.T))
angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1])) % 180
print(f"the direction of largest variance lies at {angle:.0f}°")
print(f"variance along it {eigenvalues[1]:.0f}, across it {eigenvalues[0]:.0f}")

# %%
some = pairs[np.random.default_rng(3).choice(len(pairs), 2500, replace=False)]
middle = pairs.mean(0)

figure, ax = plt.subplots(figsize=(4.6, 4.4))
ax.plot(*some.T, ".", color="0.6", markersize=2)
for value, direction in zip(eigenvalues, directions.T, strict=True):
    tip = middle + 2 * np.sqrt(value) * direction * np.sign(direction[1])
    ax.annotate("", tip, middle, arrowprops={"arrowstyle": "->", "color": "#2563b0", "lw": 2.5})
ax.set(
    xlim=(0, 200), ylim=(0, 200), xlabel="left pixel, grey level", ylabel="right pixel, grey level"
)
ax.set_aspect("equal")
ax.set_title("Two neighbours: the data's own axes lie at 45°", fontsize=11)
figure.tight_layout()

# %% [markdown]
# The cloud lies along the diagonal, because neighbours are alike. Its long axis is the direction (1, 1)/√2, the *sum* of the
# two; the short one is their *difference*. And what is the DCT of two samples? (The function `dct` is SciPy's.)

# %%
# NBVAL_CHECK_OUTPUT
from scipy.fft import dct

print(dct(np.eye(2), axis=0, norm="ortho").round(3))

# %% [markdown]
# Sum and difference, each times $1/\sqrt 2 = 0.707$. For two pixels the data choose the DCT.
#
# The recipe works for any number of dimensions. Compute the **covariance** of the 64 samples of a block: the 64 × 64
# matrix $\Sigma$ that says which samples vary together. Its eigenvectors are the axes of the cloud. They stand at right
# angles. Along the first the blocks vary most, along the second most of what is left, and so on. As a transform
# they are called the **Karhunen–Loève transform** (KLT); statisticians say principal components.
#
# The coefficients of the KLT are uncorrelated, and no other rotation packs more variance into the first $k$
# numbers, for any $k$. It is the best there is, for the data that it was computed from.

# %% [markdown]
# ### ✎ 2 · A photograph's own transform
#
# Write `klt(blocks)`. Row $k$ of what it returns is the direction of the $k$-th largest variance. `np.cov` and
# `np.linalg.eigh` do the heavy work. Look up what comes out of `eigh` in which order, and whether the
# vectors stand in rows or in columns. The sign of each row is yours to choose.


# %%
def klt(blocks):
    """blocks: float (N, 64). Return (64, 64): orthonormal rows, the largest variance first."""
    # your lines here


check("klt", klt)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def klt(blocks):
#     variances, vectors = np.linalg.eigh(np.cov(blocks.T))
#     return vectors.T[::-1]
# ```
#
# `eigh` returns eigenvectors in columns, and the smallest eigenvalue first. `np.cov` wants the samples in rows, hence
# the transpose, and it subtracts the mean itself.
#
# </details>

# %% [markdown]
# From here on we use the one that the explorer uses; it also chooses the signs. Compute the cat's KLT and put it
# beside the cosines. Nobody told it about waves. **Predict:** how many of its 64 pictures will you recognise?

# %%
from lic_teach.course.dct.bases import klt as learn_klt

learned = learn_klt(blocks["chelsea"])

figure, axes = plt.subplots(1, 2, figsize=(9, 4.7))
show_basis(axes[0], transform.BASIS, "DCT: chosen in 1974")
show_basis(axes[1], learned, "KLT: found in one photograph of a cat", lines="#2563b0")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
alike = np.abs(learned @ transform.BASIS.T)  # 1: the same picture, 0: at right angles
for k in range(10):
    print(
        f"eigenvector {k} is most like wave {alike[k].argmax()} in zig-zag order: {alike[k].max():.1f}"
    )

# %% [markdown]
# The first ten eigenvectors are the first ten waves, in nearly the same order, each with a little of the others mixed in.
# 2,166 blocks of fur found cosines.
#
# Further on they mix more. Waves of one diagonal have nearly equal variance, and where variances are equal, any mixture
# is as good as any other.

# %% [markdown]
# ## How close? The coding gain
#
# We need one number. Let $\sigma_k^2$ be the variance of coefficient $k$ over all blocks. The **coding gain** of a transform is
# the mean of the variances over their *geometric* mean:
#
# $$G = \frac{\frac{1}{64}\sum_k \sigma_k^2}{\left(\prod_k \sigma_k^2\right)^{1/64}}$$
#
# A rotation cannot change the upper line. The lower one becomes small when the variances are unequal. What it
# means: round the coefficients finely ([lesson 04](04_quantization.ipynb)) and share out the bits in the best way. Then the MSE is smaller
# by this factor than for pixels rounded one by one, with as many bits (Jayant and Noll 1984). In decibels that is $10\log_{10} G$, and every
# 6.02 dB are one bit saved for every pixel.
#
# **Predict**, in dB, for each photograph: what is the gain of the DCT? How much more has the photograph's own KLT? And a
# KLT that was learned from the *other three* photographs?


# %%
# NBVAL_CHECK_OUTPUT
def gain(samples, rows):
    """Coding gain in dB of an orthonormal transform on these blocks."""
    variance = (samples @ rows.T).var(0, dtype=float)
    return 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))


print("coding gain, dB   pixels     DCT    KLT: own   KLT: of the other three")
for name in images.SAMPLES:
    others = np.concatenate([blocks[other] for other in images.SAMPLES if other != name])
    transforms = np.eye(64), transform.BASIS, learn_klt(blocks[name]), learn_klt(others)
    pixels, cosine, own, borrowed = (gain(blocks[name], rows) for rows in transforms)
    print(f"{name:15} {pixels:8.1f} {cosine:7.1f} {own:11.1f} {borrowed:11.1f}")
    assert own > cosine > borrowed
    np.testing.assert_allclose(own - cosine, 0.5, atol=0.25)

# %% [markdown]
# Three things are in this table.
#
# - The DCT gains 11 to 17 dB over pixels: two to three bits for every pixel. That is the reason for all of this.
# - The best transform that exists for a photograph is only 0.3 to 0.7 dB better than the DCT, which has never seen it.
# - A KLT that learned from three other photographs is *worse* than the DCT on every one of the four. What it learned
#   there does not fit here. Three photographs are too few to learn from, and the same trap waits for every learned codec.
#
# And the own KLT has a price: the decoder needs it too. 64 × 64 numbers in the file, say of 8 bits each:

# %%
# NBVAL_CHECK_OUTPUT
cost = 64 * 64 * 8 / (300 * 451)  # chelsea's pixels
own_gain = gain(blocks["chelsea"], learn_klt(blocks["chelsea"])) - gain(blocks["chelsea"], big)
print(f"to send the KLT: {cost:.2f} bits per pixel; to win {own_gain / 6.02:.2f} bits per pixel")

# %% [markdown]
# ### Why the cosine?
#
# Is it luck? Take the simplest model of a row of pixels: a *Markov* model, where neighbours have the correlation $\rho$,
# pixels two apart $\rho^2$, three apart $\rho^3$. Then $\Sigma_{ij} = \rho^{|i-j|}$, and both gains can be computed
# without any photograph. First: what is ρ in ours?

# %%
# NBVAL_CHECK_OUTPUT
for name, p in planes.items():
    print(f"{name:10} ρ = {np.corrcoef(p[:, :-1].ravel(), p[:, 1:].ravel())[0, 1]:.2f}")

# %%
# NBVAL_CHECK_OUTPUT
from scipy.linalg import toeplitz


def model_gains(rho):
    """Coding gains in dB of the KLT and the DCT for eight samples in a row."""
    covariance = toeplitz(rho ** np.arange(8))
    _, vectors = np.linalg.eigh(covariance)
    variances = (np.diag(rows @ covariance @ rows.T) for rows in (vectors.T, C))
    return [10 * np.log10(v.mean() / np.exp(np.log(v).mean())) for v in variances]


best, cosine = model_gains(0.95)
print(f"ρ = 0.95: KLT {best:.2f} dB, DCT {cosine:.2f} dB")

# %%
rhos = np.linspace(0, 0.999, 300)
gap = [np.subtract(*model_gains(rho)) for rho in rhos]

figure, ax = plt.subplots(figsize=(6.5, 3.2))
ax.plot(rhos, gap, color="#d9730d", lw=2)
ax.axvspan(0.92, 0.98, color="0.85")
ax.text(0.91, 0.003, "our photographs", ha="right", fontsize=9, color="0.25")
ax.set(
    xlim=(0, 1), ylim=(0, 0.06), xlabel="ρ, correlation of neighbours", ylabel="dB lost by the DCT"
)
ax.set_title("In the Markov model the DCT loses at most 0.06 dB, and nothing as ρ → 1")
figure.tight_layout()

assert max(gap) < 0.06 and gap[-1] < 0.001

# %% [markdown]
# It is not luck. As ρ goes to 1, the eigenvectors of this model become the waves of the DCT (Clarke 1981). That is how Ahmed,
# Natarajan and Rao presented it in 1974: a fixed transform, quick to compute, that nobody has to send, and almost
# the best for signals whose neighbours are alike.
#
# A model is a model, though. A block uses the transform twice, down and across, so at ρ = 0.95 the model promises
# 2 · 8.83 = 17.7 dB. Our four photographs gain less. Grain and sharp edges are not in the model.
#
# Here is the explorer once more, with *KLT of this picture* switched on. Click on wood, on the rim, on the spoon.

# %%
DctBuilder("coffee", at=(256, 360), basis=KLT, keep=6, tries=WITH_THE_KLT)

# %% [markdown]
# Load a drawing or a screenshot of text. Does the KLT gain more there?

# %% [markdown]
# ## What you learnt
#
# - A block is a sum of 64 waves; the DCT says how much of each. As a formula, as $CXC^\mathsf{T}$ or as one convolution of a
#   neural network it is the same linear map.
# - It is orthonormal: the inverse is the transpose, and energy and errors are as large after it as before.
# - It loses nothing and by itself saves nothing. It *sorts*: ten of 64 coefficients hold 98 % of the variance.
# - The KLT is the best rotation for given data. On photographs the DCT comes within 0.3 to 0.7 dB of it and need not be sent.
#
# So among linear transforms there is little left to win. Whoever wants more must give up one of two words: *linear*
# ([lesson 09](09_beyond_linear.ipynb)) or *one for all blocks*.
#
# But first: all 64 coefficients are still here, as long decimal fractions. To save bits, something must be thrown away.
# [Lesson 04](04_quantization.ipynb) throws.
#
# ## Further reading
#
# - N. Ahmed, T. Natarajan, K. R. Rao, "Discrete cosine transform", *IEEE Transactions on Computers* C-23(1), 90–93, 1974.
#   Four pages; the comparison with the KLT is in them.
# - ITU-T Recommendation T.81 | ISO/IEC 10918-1, 1992, A.3.3. The formula that you programmed.
# - G. Strang, "The discrete cosine transform", *SIAM Review* 41(1), 135–147, 1999. Why cosines: they are the eigenvectors of
#   second differences, with the boundary half a pixel outside.
# - R. J. Clarke, "Relation between the Karhunen–Loève and cosine transforms", *IEE Proceedings F* 128(6), 359–360, 1981.
# - N. S. Jayant, P. Noll, *Digital Coding of Waveforms*, Prentice-Hall, 1984, chapter 12. Coding gain, with proofs.
# - V. K. Goyal, "Theoretical foundations of transform coding", *IEEE Signal Processing Magazine* 18(5), 9–21, 2001. The same in
#   13 pages, and what stops being true at low rates.
# - Y. Arai, T. Agui, M. Nakajima, "A fast DCT-SQ scheme for images", *Transactions of the IEICE* E71(11), 1095–1097, 1988.
