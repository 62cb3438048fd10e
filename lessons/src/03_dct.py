# %% [markdown]
# # 03 · The DCT
#
# **What is a block made of?**
#
# Below on the left are 64 pixels: the rim of the cat's eye that we follow through all lessons. To its
# right the same block is built up, from more and more waves.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, metrics
from lic_teach.jpeg import color, transform
from lic_teach.kit.predict import Predict
from lic_teach.kit.predictors import med, neighbours


def luma_of(name):
    """The luma plane Y of a sample photograph, whole numbers, whole blocks of 8 x 8 only."""
    luma = color.luma(images.sample(name)).astype(np.float32)
    return luma[: luma.shape[0] // 8 * 8, : luma.shape[1] // 8 * 8]


planes = {name: luma_of(name) for name in images.SAMPLES}
plane = planes["chelsea"]
block = plane[88:96, 192:200].astype(float)

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
# With three waves the dark corner is in its place; with five a typical sample is off by 9 grey levels of
# 255. That is what JPEG stores: not pixels, but **how much of each wave**.
#
# **After this lesson** you can
# - build a block out of waves, and compute how much of each it takes (the discrete cosine
#   transform, DCT);
# - say what *orthonormal* buys, and what *energy compaction* means;
# - measure in bits what a transform wins, and say why the cosine, and why 8 × 8.
#
# You need lessons [01](01_redundancy.ipynb) (entropy) and [02](02_colour.ipynb) (luma), matrix products, and about 30 minutes. The depth also needs
# covariance and eigenvectors.

# %% [markdown]
# ## One row
#
# Take one row of the block, 34 66 100 103 102 120 135 139, and subtract 128, so that 0 is middle grey. We build it
# from these eight curves, each at eight pixels:

# %% jupyter={"source_hidden": true}
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
# $u$ is the **spatial frequency**, and the waves are the **basis functions**. Wave $u$ has at pixel $x$ the value
#
# $$c_u(x) = \alpha(u) \cos\frac{(2x+1)u\pi}{16}, \qquad \alpha(0) = \sqrt{1/8}, \quad \alpha(u) = 1/2 \text{ else.}$$
#
# ($2x+1$, because a sample sits in the middle of its pixel.) The factor $\alpha(u)$ gives each wave, as a vector of eight
# numbers, the length 1.
#
# Building is easy: take $S_u$ of wave $u$ and add up, $s(x) = \sum_u S_u\, c_u(x)$. Which amounts $S_u$, called
# **coefficients**, give *our* row? Eight pixels, eight unknown amounts: eight equations.

# %%
C = transform.dct_matrix()  # row u is wave u
row = block[5] - 128

choices = ["wave 0, positive", "wave 0, negative", "wave 1, positive", "wave 1, negative"]
with Predict("The row climbs. Which amount is the largest, with which sign?", choices) as predict:
    S = np.linalg.solve(C.T, row)  # so that C.T @ S, the sum of the waves, is the row
    print(S.round(1))
    print("The row is darker than 128 on the mean, and wave 1 runs down where the row climbs.")
    u = np.abs(S).argmax()
    predict.truth = f"wave {u}, {'positive' if S[u] > 0 else 'negative'}"

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 4, figsize=(9, 2.3), sharey=True)
angle = np.outer(np.arange(8), 2 * smooth + 1) * np.pi / 16
curves = np.cos(angle) * np.where(np.arange(8) > 0, 1 / 2, np.sqrt(1 / 8))[:, None]
for count, ax in zip((1, 2, 3, 5), axes, strict=True):
    ax.plot(x, row + 128, "o", color="0.45", markersize=5)
    ax.plot(smooth, S[:count] @ curves[:count] + 128, color="#d9730d", lw=2)
    off = np.sqrt(np.mean((S[:count] @ C[:count] - row) ** 2))
    ax.set_title(f"{count} wave{'s' * (count > 1)}: off by {off:.1f}", fontsize=10)
    ax.set(xticks=x, ylim=(0, 170))
axes[0].set_ylabel("grey level")
figure.suptitle("The row (dots) and the curve that its first waves build", fontsize=11)
figure.tight_layout()

# %% [markdown]
# One wave gives the mean, two a slope. There is a shorter way to the amounts. Multiply the row by a wave, pixel by pixel, and add up:

# %%
np.testing.assert_allclose(C @ row, S)
np.testing.assert_allclose(C @ C.T, np.eye(8), atol=1e-12)

# %% [markdown]
# Why? The second line knows. Each wave times itself is 1, and times any other wave 0: the waves are
# **orthogonal**, at right angles. Multiply a sum of waves by wave $u$, and only $S_u$ is left.
#
# A matrix with $CC^\mathsf{T} = I$ is **orthonormal**: a rotation (perhaps with a mirror). Its inverse is its transpose, so nothing has
# to be solved. And it keeps lengths: the sum of squares, called **energy**, is the same before and after, and so is that of an *error*.
# Change one coefficient by 10, and the squared errors of the pixels add up to 100, whichever it was.

# %% [markdown]
# ### ✎ 1 · Build C
#
# Write `dct_matrix(n)` for waves of $n$ samples. For $n = 8$, row $u$ holds $c_u$. For other $n$, 16 becomes
# $2n$, and again every row has the length 1.

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
# ## Now the block
#
# A block has two directions, so its waves have two numbers: $v$ half swings down and $u$ across. Each of the 64 is
# the product of a wave down and a wave across.


# %% jupyter={"source_hidden": true}
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


figure, ax = plt.subplots(figsize=(4, 4.2))
show_basis(ax, transform.BASIS, "The 64 waves: v half swings down, u across")
figure.tight_layout()

# %% [markdown]
# $C$ from the left transforms every column of the block $X$, $C^\mathsf{T}$ from the right every row: $S = C X C^\mathsf{T}$. Back
# goes $X = C^\mathsf{T} S\, C$.

# %%
# NBVAL_CHECK_OUTPUT
X = block - 128
S = C @ X @ C.T
np.testing.assert_allclose(C.T @ S @ C, X, atol=1e-9)
np.testing.assert_allclose(S.ravel()[transform.ZIGZAG], coefficients, atol=1e-3)
print(S.round().astype(int))

# %% [markdown]
# The upper left number, of the flat wave, is eight times the mean of the block (minus 128). It is called **DC**, the other 63
# are **AC**: direct and alternating current. The package writes the 64 as one line, in **zig-zag** order: along the diagonals,
# slow waves before fast ones (`transform.ZIGZAG`; `transform.NATURAL` leads back).
#
# ## Take it apart yourself
#
# On the right are the 64 coefficients, and behind each number what its wave adds to the block. **Drag a cell up or
# down**, or choose it and move the slider below. Click in the photograph for another block.

# %%
from lic_teach.course.dct.dct_builder import KLT, WITH_THE_KLT, DctBuilder

builder = DctBuilder()
builder

# %% [markdown]
# The buttons under the figure set it. Then choose blocks of your own, or a photograph. (*KLT of this picture* is another set of 64
# waves; the depth comes to it.)

# %% [markdown]
# ### ✎ 2 · Which is whose?
#
# Four blocks of the cat, and the upper left corners of their grids, in another order.

# %% jupyter={"source_hidden": true}
from lic_teach.course.dct import puzzle

figure, axes = plt.subplots(2, 4, figsize=(8.4, 4.6))
for ax, (name, picture) in zip(axes[0], puzzle.blocks().items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=-128, vmax=127)
    ax.set_title(f"block {name}", fontsize=11)
for ax, (number, grid) in zip(axes[1], puzzle.grids().items(), strict=True):
    ax.imshow(np.abs(grid[:4, :4]), cmap="Oranges", vmin=0, vmax=400)
    for v, u in np.ndindex(4, 4):
        words = f"{grid[v, u].round() + 0.0:.0f}".replace("-", "−")
        ax.text(u, v, words, ha="center", va="center", fontsize=10)
    ax.set_title(f"grid {number}", fontsize=11)
for ax in axes.flat:
    ax.set(xticks=(), yticks=())
figure.tight_layout()

# %%
pairs = {"A": ..., "B": ..., "C": ..., "D": ...}  # the numbers of their grids

check("match", pairs)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# pairs = {"A": 2, "B": 3, "C": 1, "D": 4}
# ```
#
# A changes from left to right, bright to dark: its large number is at $u = 1$ and positive, as wave 1 begins bright. B is A in a mirror: the
# odd $u$ turn their signs. C is A with rows and columns exchanged. D is neither, and middle grey on the mean: DC is near 0.
#
# </details>

# %% [markdown]
# ## What did we win, then?
#
# By itself a rotation saves nothing: 64 numbers in, 64 out. But look *where* the energy goes. Of pixels, ten of 64
# hold 16 % of the variance, since no place in a block is special.

# %% jupyter={"source_hidden": true}
blocks = {name: transform.to_blocks(p).reshape(-1, 64) - 128 for name, p in planes.items()}
variance = (np.concatenate(list(blocks.values())) @ transform.BASIS.T).var(0)  # zig-zag order
share = 100 * variance.cumsum() / variance.sum()
deviation = np.sqrt(variance)[transform.NATURAL].reshape(8, 8)

question = "What share of the variance do the first ten coefficients hold, in zig-zag order?"
with Predict(question, unit="%", near=2) as predict:
    for count in (1, 3, 10, 21):
        print(f"first {count:2}: {share[count - 1]:.1f} %")
    figure, ax = plt.subplots(figsize=(4.6, 4.1))
    ax.imshow(np.log(deviation), cmap="Oranges", aspect="auto")
    for v, u in np.ndindex(8, 8):
        ink = "w" if deviation[v, u] > 60 else "k"
        ax.text(u, v, f"{deviation[v, u]:.0f}", ha="center", va="center", color=ink)
    ax.set(xticks=range(8), yticks=range(8), xlabel="u, half swings across", ylabel="v, down")
    ax.set_title(
        "Slow waves are strong, fast ones weak\n(standard deviation, four photographs)", fontsize=11
    )
    figure.tight_layout()
    predict.truth = round(float(share[9]), 1)

# %% [markdown]
# A pixel varies by about 59 levels, DC by 452, the fastest wave by 4. That is **energy compaction**, and the reason is
# [lesson 01](01_redundancy.ipynb)'s: neighbours are alike, so most blocks are nearly flat, and nearly flat means slow.
#
# Does it save *bits*? Divide the pixels by 11, the *step*, and round; who decodes multiplies by 11 again. Then predict each
# rounded pixel by MED, and take entropies as in [lesson 01](01_redundancy.ipynb).


# %%
# NBVAL_CHECK_OUTPUT
def bits(q):
    """Entropy of whole numbers by their own histogram, bits each."""
    return metrics.entropy(np.unique(q, return_counts=True)[1])


q_pixels = np.rint((plane - 128) / 11)
error = np.mean((plane - 128 - 11 * q_pixels) ** 2)
residuals = q_pixels - med(*neighbours(q_pixels))
print(f"pixels: {bits(q_pixels):.2f} bits each, error {error:.0f}; after MED {bits(residuals):.2f}")

# %% [markdown]
# Now the coefficients. Each of the 64 has its own histogram. A step of 16 makes the same error, since most of them
# become 0, and what was small loses little.

# %%
with Predict("Bits a coefficient, on the mean?", unit="bits", near=0.2) as predict:
    waves = transform.forward(plane).reshape(-1, 64)
    q_waves = np.rint(waves / 16)
    error = np.mean((waves - 16 * q_waves) ** 2)
    print(f"error {error:.0f}; with one histogram for all 64: {bits(q_waves):.2f} bits")
    predict.truth = round(np.mean([bits(q) for q in q_waves.T]), 2)

# %% [markdown]
# At the same error (the mean square) a quarter of the pixels' bits, and a third fewer than MED leaves. Zeros are cheap.
# Nor is it the histograms: 64 of them, one for each place, would save the pixels nothing, and the
# DCT wins with one for all, too. So JPEG has a transform where [lesson 01](01_redundancy.ipynb) had a prediction.

# %% [markdown]
# ## Why the cosine?
#
# Fourier's waves are older, and a *Hadamard* transform, of +1 and −1 alone, is quicker. Our row again, from five numbers:

# %% jupyter={"source_hidden": true}
from scipy.linalg import hadamard

from lic_teach.course.dct.rivals import bits_at, cosines, cut, fourier, turned

long = np.arange(-8, 16)
figure, axes = plt.subplots(1, 2, figsize=(9, 2.6), sharey=True)
rings = ("Fourier: the row is a ring, 139 meets 34", "cosine: the row is mirrored, 139 meets 139")
for ax, rows, title in zip(axes, (fourier(8), C), rings, strict=True):
    five = (rows @ row)[:5] @ rows[:5]
    off = np.sqrt(np.mean((five - row) ** 2))
    turn = -1 if rows is C else 1
    for samples, style in ((row, "o"), (five, "-")):
        around = np.concatenate([samples[::turn], samples, samples[::turn]]) + 128
        ink = "0.6" if style == "o" else "#d9730d"
        ax.plot(long, around, style, color=ink, markersize=4, lw=2)
    ax.axvspan(-0.5, 7.5, color="0.93", zorder=0)
    ax.set_title(f"{title}\n5 numbers: off by {off:.1f} grey levels", fontsize=10)
    ax.set_xlabel("pixel; our eight are on grey")
axes[0].set_ylabel("grey level")
figure.tight_layout()

# %% [markdown]
# Fourier's waves come round to where they began, as if the row did, and pay for a cliff that is not
# there. The cosine's mirror has no cliff. Now in bits. Each transform gets the step at which its error is 10. (From half of
# the blocks the code learns how far each coefficient spreads. The bits are those of the other half.)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
rivals = {
    "cosine": C,
    "Fourier": fourier(8),
    "Hadamard": hadamard(8) / np.sqrt(8),
    "random": turned(8),
}
print("bits a pixel ", *(f"{name:>10}" for name in planes))
for name, rows in rivals.items():
    both_ways = np.kron(rows, rows).T  # down and across
    print(f"{name:13}", *(f"{bits_at(10, cut(p, 8) @ both_ways):10.2f}" for p in planes.values()))

# %% [markdown]
# The cosine is the cheapest on all four. Photographs nearly choose it themselves: the rotation that fits given data best is the
# **Karhunen–Loève transform** (KLT; in statistics, principal components), and theirs looks much like the DCT.

# %% [markdown]
# ## Why 8 × 8?
#
# The same measure, for blocks of $n × n$.


# %% jupyter={"source_hidden": true}
def cost(n, error):
    """Bits a pixel at an error with the DCT of n x n, for each of the four photographs."""
    both_ways = np.kron(cosines(n), cosines(n)).T
    return np.array([bits_at(error, cut(p, n) @ both_ways) for p in planes.values()])


sizes = (2, 4, 8, 16, 32)
with Predict("Which n needs the fewest bits, at an error of 10?", sizes) as predict:
    costs = {error: {n: cost(n, error) for n in sizes} for error in (10, 40)}
    print("bits a pixel, mean of four photographs; against 8 x 8, the mean and from .. to")
    for n in sizes:
        line = f"{n:2} x {n:<2}"
        for error, own in costs.items():
            mean, each = own[n].mean(), own[n] / own[8] - 1
            change = f"{mean / own[8].mean() - 1:+4.0%} ({each.min():+.0%} .. {each.max():+.0%})"
            line += f"   at {error}: {mean:.2f} {change if n != 8 else '':20}"
        print(line.rstrip())
    predict.truth = min(sizes, key=lambda n: costs[10][n].mean())

# %% [markdown]
# A small block repeats what its neighbours say. In a large one there is nearly always an edge, and an edge makes *all* waves of its block
# expensive. At an error of 10 (38 dB) 8 × 8 stands within 3 % of the best. At 40 (32 dB) most waves are 0 anyway, and
# larger blocks are ahead by a tenth; but the larger the block, the more arithmetic a pixel. Newer codecs choose
# a size for each region, let blocks overlap, or bend the transform ([lesson 13](13_bend_or_look.ipynb)).
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: four loops, one matrix, one layer of a network (about 5 minutes)
#
# JPEG's standard writes the transform as a sum (ITU-T T.81, A.3.3), with $C_0 = 1/\sqrt 2$ and else $C_u = 1$, numbers that
# have nothing to do with our matrix $C$:
#
# $$S_{vu} = \frac{C_v C_u}{4} \sum_{x=0}^{7} \sum_{y=0}^{7} s_{yx}
# \cos\frac{(2x+1)u\pi}{16} \cos\frac{(2y+1)v\pi}{16}$$
#
# $s_{yx}$ is the sample in row $y$, column $x$, minus 128. Four loops do it.

# %%
mine = np.zeros((8, 8))
for v in range(8):
    for u in range(8):
        for y in range(8):
            for x in range(8):
                across = np.cos((2 * x + 1) * u * np.pi / 16)
                down = np.cos((2 * y + 1) * v * np.pi / 16)
                mine[v, u] += X[y, x] * across * down
        mine[v, u] *= 0.25 * (1 if v else np.sqrt(0.5)) * (1 if u else np.sqrt(0.5))

np.testing.assert_allclose(mine, S, atol=1e-9)
print("multiplications by a wave, four loops:", 64 * 64)
print("the same with C X Cᵀ:                ", 2 * 8 * 64)

# %% [markdown]
# Two thin matrices do the work of a large one, because each wave is a product of one across and one
# down. Real encoders go further: Arai, Agui and Nakajima (1988) need 5 multiplications for eight samples, and leave
# the scaling to the next stage.
#
# Go the other way, from thin to large. Write the block as one column of 64 numbers. Each coefficient
# is a weighted sum of them, so all are *one* matrix of 64 × 64, and row $k$ of it, folded back
# to 8 × 8, is the picture of wave $k$ that you saw above. A weighted sum of 8 × 8 pixels, at every eighth pixel, with
# 64 sets of weights: a deep-learning library has a name for that. It is a *convolution* with stride 8.

# %%
import torch

big = np.kron(C, C)[transform.ZIGZAG]  # every product of a wave down and one across
np.testing.assert_allclose(big, transform.BASIS, atol=1e-6)

layer = torch.nn.Conv2d(1, 64, kernel_size=8, stride=8, bias=False)
with torch.no_grad():
    layer.weight[:, 0] = torch.from_numpy(big).reshape(64, 8, 8)
    y = layer(torch.from_numpy(plane - 128)[None, None])[0]  # (64, rows of blocks, columns)

np.testing.assert_allclose(y.permute(1, 2, 0), transform.forward(plane), atol=2e-3)
print(f"{plane.size:,} samples -> {tuple(y.shape)} coefficients, {y.numel():,} numbers")

# %% [markdown]
# So JPEG's transform *is* the first layer of a network, one whose 4,096 weights nobody trained: they were known
# since 1974. The learned codec of this course ([lesson 17](17_learned_codec.ipynb)) begins its training with these filters, and more for the colours, and then
# asks whether there are better ones.

# %% [markdown]
# ## Depth: a photograph's own transform (about 20 minutes)
#
# Nothing above says that no other rotation does better. Ask the photographs, first with the smallest block: two pixels side by
# side. Each pair is a point.

# %% jupyter={"source_hidden": true}
two = plane.reshape(-1, 2)
eigenvalues, directions = np.linalg.eigh(np.cov(two.T))
some = two[np.random.default_rng(3).choice(len(two), 2500, replace=False)]
middle = two.mean(0)

figure, ax = plt.subplots(figsize=(3.7, 3.6))
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
# Neighbours are alike, so the cloud lies along the diagonal. Its long axis is the *sum* of the two, its short one their
# *difference*, each over √2. That is the DCT of two samples: for two pixels the data choose it.
#
# The recipe works for any number of samples. Compute the **covariance** of the 64 samples of a block: the 64 × 64
# matrix $\Sigma$ that says which samples vary together. Its eigenvectors are the axes of the cloud. They stand at right
# angles. Along the first the blocks vary most, along the second most of what is left, and so on. That is the KLT. Its coefficients are
# uncorrelated, and no other rotation packs more variance into the first $k$ numbers, for any $k$, *for the data that it was computed
# from*.

# %% [markdown]
# ### ✎ 3 · The KLT
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
# From here on we use the package's; it also chooses the signs. Compute the cat's KLT and put it
# beside the cosines. Nobody told it about waves.

# %% jupyter={"source_hidden": true}
from lic_teach.course.dct.bases import klt as learn_klt

learned = learn_klt(blocks["chelsea"])
alike = np.abs(learned @ transform.BASIS.T)  # 1: the same picture, 0: at right angles

question = "Of its first ten pictures, how many are most like one of the DCT's first ten?"
with Predict(question, unit="of 10", near=1) as predict:
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.7))
    show_basis(axes[0], transform.BASIS, "DCT: chosen in 1974")
    show_basis(axes[1], learned, "KLT: found in one photograph of a cat", lines="#2563b0")
    figure.tight_layout()
    print("most like wave:", *alike[:10].argmax(1), "with a little of the others mixed in")
    predict.truth = int(sum(alike[:10].argmax(1) < 10))

# %% [markdown]
# 2,072 blocks of fur found cosines. Further on they mix more. Waves of one diagonal have nearly equal variance, and where variances are equal, any mixture
# is as good as any other.
#
# ### Tested on other blocks
#
# How much better is the own transform? One number says it: the **coding gain**, the mean of the 64 variances over their *geometric*
# mean, in dB. A rotation cannot change the mean; the geometric mean becomes small when the variances are unequal. What it buys, and why
# the geometric mean, follows in [lesson 04](04_quantization.ipynb), where rounding is. For now: 6 dB are one bit for every pixel, at fine steps.
#
# A transform learned from blocks must be tested on *other* blocks. Here one half of a photograph's blocks teaches,
# and the other half is measured, five times by lot.


# %%
def gain(samples, rows):
    """Coding gain in dB of an orthonormal transform on these blocks."""
    variance = (samples @ rows.T).var(0, dtype=float)
    return 10 * np.log10(variance.mean() / np.exp(np.log(variance).mean()))


def ahead(learn, test):
    """By how many dB the KLT of some blocks is ahead of the DCT on others."""
    return gain(test, learn_klt(learn)) - gain(test, transform.BASIS)


def on_other_halves(samples):
    """The same, learned on a half and tested on the other, mean of five lots."""
    lots = [np.random.default_rng(seed).permutation(len(samples)) for seed in range(5)]
    return np.mean([ahead(samples[lot[::2]], samples[lot[1::2]]) for lot in lots])


question = "Tested on other blocks, on how many of the four does the own KLT beat the DCT?"
with Predict(question, unit="of 4") as predict:
    print("dB              DCT   KLT - DCT: same blocks   other half   other three photographs")
    wins = 0
    for name, own in blocks.items():
        others = np.concatenate([blocks[other] for other in blocks if other != name])
        honest = on_other_halves(own)
        wins += honest > 0
        print(
            f"{name:12} {gain(own, transform.BASIS):6.1f} {ahead(own, own):+21.1f}"
            f" {honest:+16.1f} {ahead(others, own):+19.1f}"
        )
    predict.truth = int(wins)

# %% [markdown]
# On its own blocks the KLT is ahead everywhere: it must be. Compare that with the third column. Most of what it was ahead by was
# **overfitting**: 2,080 numbers of a covariance, from a few thousand blocks, partly learned by heart. The same trap waits for
# every learned codec. Nor do three other photographs help: they have other fur.
#
# And the own KLT has a price: the decoder needs it too. 64 × 64 numbers in the file, say of 8 bits each:

# %%
# NBVAL_CHECK_OUTPUT
price = 64 * 64 * 8 / plane.size
best = ahead(blocks["chelsea"], blocks["chelsea"]) / 6.02
print(f"to send the cat's KLT: {price:.2f} bits per pixel; to win, at best: {best:.2f}")

# %% [markdown]
# Here is the explorer once more, with *KLT of this picture* switched on. Click on wood, on the rim, on the spoon. Then load a drawing or a
# screenshot of text: does the KLT gain more there?

# %%
DctBuilder("coffee", at=(256, 360), basis=KLT, keep=6, tries=WITH_THE_KLT)

# %% [markdown]
# ## Depth: is the cosine luck? (about 5 minutes)
#
# Take the simplest model of a row of pixels: a *Markov* model, where neighbours have the correlation $\rho$,
# pixels two apart $\rho^2$, three apart $\rho^3$. Then $\Sigma_{ij} = \rho^{|i-j|}$, and the coding gains of its KLT and of the DCT can be computed
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

# %% jupyter={"source_hidden": true}
rhos = np.linspace(0, 0.999, 300)
gap = [np.subtract(*model_gains(rho)) for rho in rhos]

figure, ax = plt.subplots(figsize=(6.5, 3.2))
ax.plot(rhos, gap, color="#d9730d", lw=2)
ax.axvspan(0.92, 0.98, color="0.85")
ax.text(0.91, 0.003, "our photographs", ha="right", fontsize=9, color="0.25")
ax.set(
    xlim=(0, 1), ylim=(0, 0.06), xlabel="ρ, correlation of neighbours", ylabel="dB lost by the DCT"
)
ax.set_title("Markov model: the DCT loses at most 0.06 dB, nothing as ρ → 1")
figure.tight_layout()

assert max(gap) < 0.06 and gap[-1] < 0.001

# %% [markdown]
# It is not luck. As ρ goes to 1, the eigenvectors of this model become the waves of the DCT (Clarke 1981). That is how Ahmed,
# Natarajan and Rao presented it in 1974: a fixed transform, quick to compute, that nobody has to send, and almost
# the best for signals whose neighbours are alike.
#
# A model is a model, though. A block uses the transform twice, down and across, so at ρ = 0.95 the model promises
# 2 · 8.83 = 17.7 dB. Our four photographs gain less. Grain and sharp edges are not in the model. It promises much of larger blocks,
# too: 32 samples in a row gain 0.9 dB more than 8, so 32 × 32 pixels 1.9 dB.
#
# Photographs keep a quarter to two thirds of that: by the coding gain 32 × 32 is ahead of 8 × 8 on each of ours, by 0.5 to 1.2 dB. And even
# this is not what they pay. In bits, at an error of 10, you saw 32 × 32 fall behind. Coding gain knows variances alone, as if every coefficient were Gaussian. A photograph is flat here
# and has an edge there, and a small block lets the flat places cost next to nothing.

# %% [markdown]
# ## What you learnt
#
# - A block is a sum of 64 waves; the DCT says how much of each: $S = CXC^\mathsf{T}$.
# - It is orthonormal: the inverse is the transpose, and energy and errors are as large after it as before.
# - It loses nothing and by itself saves nothing. It *sorts*: ten of 64 coefficients hold 98 % of the variance. At the
#   same error they take a quarter of the pixels' bits, and a third fewer than MED leaves.
# - The cosine is the cheapest of the fixed rotations that we tried, because it mirrors and does not close to a ring. On blocks that it
#   has not seen even a photograph's own transform is seldom better.
#
# So among rotations of 8 × 8 pixels there is little left to win. Whoever wants more must give up one of these words: *linear*
# ([lesson 13](13_bend_or_look.ipynb)), *one for all blocks*, or *8 × 8 without overlap*.
#
# But first: all 64 coefficients are still here, as long decimal fractions. To save bits, something must be thrown away.
# [Lesson 04](04_quantization.ipynb) throws.
#
# ## Further reading
#
# - N. Ahmed, T. Natarajan, K. R. Rao, "Discrete cosine transform", *IEEE Transactions on Computers* C-23(1), 90–93, 1974.
#   Four pages; the comparison with the KLT is in them.
# - N. Ahmed, "How I came up with the discrete cosine transform", *Digital Signal Processing* 1(1), 4–5, 1991. His proposal was not
#   funded: a reviewer found it too simple.
# - ITU-T Recommendation T.81 | ISO/IEC 10918-1, 1992, A.3.3. The formula with four loops.
# - G. Strang, "The discrete cosine transform", *SIAM Review* 41(1), 135–147, 1999. Why cosines: they are the eigenvectors of
#   second differences, with the boundary half a pixel outside.
# - R. J. Clarke, "Relation between the Karhunen–Loève and cosine transforms", *IEE Proceedings F* 128(6), 359–360, 1981.
# - N. S. Jayant, P. Noll, *Digital Coding of Waveforms*, Prentice-Hall, 1984, chapter 12. Coding gain, with proofs.
# - V. K. Goyal, "Theoretical foundations of transform coding", *IEEE Signal Processing Magazine* 18(5), 9–21, 2001. The same in
#   13 pages, and what stops being true at low rates.
# - Y. Arai, T. Agui, M. Nakajima, "A fast DCT-SQ scheme for images", *Transactions of the IEICE* E71(11), 1095–1097, 1988.
