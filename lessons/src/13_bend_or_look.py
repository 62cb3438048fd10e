# %% [markdown]
# # 13 · Bend or look
#
# **Bend the transform, or let the coder look?**
#
# Take every pixel of the coffee cup as a point: how red, how blue. Here are some of the points, and three codes for them. Each cuts the
# plane into cells and takes 4 bits a point. A cell is darker where the code expects points, that is, where points are cheap.

# %% jupyter={"source_hidden": true}
from collections import Counter

import constriction
import matplotlib.pyplot as plt
import numpy as np
import torch

from lic_teach import images
from lic_teach.course.bend_or_look import (
    cells,
    cells_drawing,
    code,  # what this lesson builds, in the package
    ecvq,
)
from lic_teach.kit.predict import Predict

torch.set_num_threads(1)
ORANGE, BLUE = "#d9730d", "#2563b0"
photo = images.sample("coffee")
source = cells.prepare(photo)


def show_cells(ax, result, title, near=None):
    """The cells in the plane of x, darker where the code expects more points.

    near: None, or a frame that is smaller, and g_a.
    """
    frame = result.cloud.frame if near is None else near[0]
    plane = result.moved.plane if near is None else cells_drawing.plane_of(near[1], frame)
    (cx, cy), half = frame
    step, color = result.point.step, cells_drawing.ORANGE if result.linear else cells_drawing.BLUE
    seen = code.cells_of(result.moved.seen, step)
    picture = cells_drawing.shade(plane, step, seen, result.moved.look, color)
    window = (cx - half, cx + half, cy - half, cy + half)
    ax.imshow(picture, extent=window, interpolation="nearest")
    ax.plot(*result.cloud.x[:500].T, ".", color="#222", markersize=1.5)
    ax.set(xlim=window[:2], ylim=window[2:], xticks=(), yticks=())
    ax.set(xlabel=result.cloud.axes[0], ylabel=result.cloud.axes[1], title=title)


figure, axes = plt.subplots(1, 4, figsize=(11, 3), width_ratios=(1.3, 1, 1, 1))
axes[0].imshow(photo[::2, ::2], interpolation="nearest")
axes[0].set(xticks=(), yticks=(), title="every pixel is a point")
for ax, (name, turn, bend, coder) in zip(
    axes[1:],
    (
        ("turned", source.photo.turn, 0.0, cells.ALONE),
        ("turned, the coder looks", source.photo.turn, 0.0, cells.LOOK),
        ("turned and bent", 38, 0.25, cells.ALONE),
    ),
    strict=True,
):
    show_cells(ax, cells.compute(source, cells.PHOTO, turn, bend, 4.0, coder), name)
figure.tight_layout()

# %% [markdown]
# The first code is JPEG's way: turn the axes so that they fit ([lesson 03](03_dct.ipynb)), then round ([lesson 04](04_quantization.ipynb)). It looks at each axis by
# itself, so it also expects points in corners where none ever come. There are two ways out. The second code turns alike, but its coder
# looks at the first number before it codes the second; each point then takes fewer bits, and 4 bits buy smaller cells. The third has the simple coder, but its axes are bent: a
# **non-linear transform**. Which way is better?
#
# **After this lesson** you can
# - say what is left when all correlation is gone, and measure it in bits;
# - write a transform that is not linear, with its inverse;
# - compare two codes so that the comparison is fair;
# - say when to bend the transform, and when to let the coder look.
#
# You need lessons [01](01_redundancy.ipynb) (entropy), [03](03_dct.ipynb) (the KLT), [04](04_quantization.ipynb) (rounding) and [12](12_autoencoder.ipynb): $x$ becomes the latents $y = g_a(x)$, these are rounded to
# $\hat y$, and the decoder makes $\hat x = g_s(\hat y)$. (The lecture that this course follows writes $z$ for our $y$.) About 30 minutes.

# %% [markdown]
# ## A banana
#
# Photographs are messy. So first a source where all is known, the banana of Ballé et al. (2021). Take a long, thin
# Gaussian cloud, $t$ along and $n$ across. Bend it by a parabola, $t^2 - 1$. (The mean of $t^2$ is 1, so the −1 keeps the
# mean at 0.) Turn it by 30°.


# %%
def my_banana(count, seed):
    """Points, float (count, 2)."""
    rng = np.random.default_rng(seed)
    t = rng.normal(0, 1, count)
    n = rng.normal(0, 1 / 6, count)
    bent = np.stack([t, n + 0.3 * (t**2 - 1)], axis=1)
    c, s = np.cos(np.radians(30)), np.sin(np.radians(30))
    return bent @ np.array([[c, s], [-s, c]])


train, test = my_banana(50_000, 1), my_banana(50_000, 2)
np.testing.assert_allclose(train, code.banana(50_000, 1))

# %% [markdown]
# Two sets: whatever is *chosen* from points is chosen from the first, and whatever is *measured* is measured on the
# second. First the KLT, the rotation that packs most variance into the first number and leaves no correlation.

# %%
angle = code.klt_angle(train)
y = test @ code.rotation(angle).T
print(f"the KLT turns by {angle:.0f} degrees")
print(f"correlation of x1, x2: {np.corrcoef(test.T)[0, 1]:z.1f}")
print(f"correlation of y1, y2: {np.corrcoef(y.T)[0, 1]:z.1f}")

# %% jupyter={"source_hidden": true}
choices = ["nothing", "that y2 is probably low", "that y2 is probably high"]
with Predict("What do you know of y2, if you hear that y1 is beyond 1.5?", choices) as predict:
    for low, high in ((-2.5, -1.5), (-0.5, 0.5), (1.5, 2.5)):
        band = y[(low < y[:, 0]) & (y[:, 0] < high), 1]
        print(f"where y1 is between {low} and {high}, y2 is {band.mean():+.1f} on average")
    predict.truth = choices[0 if abs(band.mean()) < 0.1 else 1 + (band.mean() > 0)]

# %% [markdown]
# **Uncorrelated is not independent.** Correlation sees straight lines only, and this is a bend. A rotation cannot take it away.
#
# What does it cost? A coder that takes the numbers one by one pays $H(y_1) + H(y_2)$, the two
# entropies of the rounded numbers. A coder for pairs would pay only $H(y_1, y_2)$, the entropy of the pair. The
# difference is called **mutual information**: bits that the two share, and that are paid twice.
#
# ### ✎ 1 · `shared_bits`
#
# Write it. (`np.unique(..., return_counts=True)` counts. Two numbers become one by
# `1000 * first + second`, if the second stays below 500 or so.)

# %%
from lic_teach.course.bend_or_look.exercises import check


def shared_bits(first, second):
    """first, second: whole numbers (n,), from -400 to 400. Return the bits per point that they share."""
    # your lines here


check("shared_bits", shared_bits)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def shared_bits(first, second):
#     def entropy(q):
#         counts = np.unique(q, return_counts=True)[1]
#         p = counts / counts.sum()
#         return -np.sum(p * np.log2(p))
#
#     return entropy(first) + entropy(second) - entropy(1000 * first + second)
# ```
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
# The package's takes y and a rounding step Δ, and rounds itself.
for step in (0.2, 0.4, 0.8):
    print(f"Δ = {step}: the KLT's two numbers share {code.shared_bits(y, step):.1f} bits a point")

# %% [markdown]
# With fine steps one bit of every point is wasted. With coarse ones it is less: rounding destroys what two numbers share, too.

# %% [markdown]
# ## Bend it back
#
# We know how the banana was bent. So turn it, and then slide each point down by as much as it was pushed up:
#
# $$g_a:\quad y_1 = u, \qquad y_2 = v - b\,(u^2 - 1) \qquad\qquad (u, v) = \text{the turned point}$$
#
# $b$ is how strong the bend is. $u^2$ makes this transform **non-linear**: twice the point is not twice the latents. The way
# back is as short: $v = y_2 + b\,(y_1^2 - 1)$, and then turn back.


# %%
# NBVAL_CHECK_OUTPUT
def g_a(x, turn=30, bend=0.3):
    y = x @ code.rotation(turn).T
    y[:, 1] -= bend * (y[:, 0] ** 2 - 1)
    return y


def g_s(y, turn=30, bend=0.3):
    x = y.copy()
    x[:, 1] += bend * (x[:, 0] ** 2 - 1)
    return x @ code.rotation(turn)


np.testing.assert_allclose(g_s(g_a(test)), test, atol=1e-12)
np.testing.assert_allclose(g_a(test), code.g_a(test, 30, 0.3))
print(f"after bending they share {code.shared_bits(g_a(test), 0.2):.1f} bits a point")

# %% [markdown]
# ## A fair comparison
#
# A smaller step always leaves less error. So a fair comparison has **equal rate**: for each transform
# choose the step at which it takes, say, 4 bits a point, and only then compare errors.
#
# $R$ are the bits of a point, $D$ is its mean squared error. We
# give $D$ in decibels below the variance, 10 log₁₀(variance / $D$): more is better, and 3 dB more is half the error. A coder expects each number as often
# as it came among the first points, and pays $-\log_2$ of that.


# %%
def table(seen):
    """Whole numbers (n,) -> a function: the probability that a coder gives to each."""
    count, cells = Counter(seen.tolist()), np.ptp(seen) + 3
    return lambda k: (count[k] + 0.5) / (len(seen) + cells / 2)  # half a point more than seen


def one_by_one(seen, new):
    """Bits per point of the cells new, int (n, 2), with tables that counted seen."""
    p1, p2 = table(seen[:, 0]), table(seen[:, 1])
    return np.mean([-np.log2(p1(a)) - np.log2(p2(b)) for a, b in new.tolist()])


seen, new = (np.rint(g_a(x)[:5000] / 0.5).astype(int) for x in (train, test))
np.testing.assert_allclose(
    one_by_one(seen, new), code.rate(g_a(train)[:5000], g_a(test)[:5000], 0.5)
)

# %% [markdown]
# The package finds the step for a rate, `code.step_for`. The rest is short.


# %%
def decibels(bits, g_a, g_s, look=False):
    """The dB that a code reaches with so many bits a point; look: explained below."""
    seen, y = g_a(train), g_a(test)
    step = code.step_for(seen, y, bits, look)
    return code.decibels(test, code.squared_error(test, g_s(np.rint(y / step) * step)))


def klt(x):
    return g_a(x, angle, 0)


def klt_back(y):
    return g_s(y, angle, 0)


with Predict("At 4 bits, how many dB do the bent cells win?", unit="dB", near=0.7) as predict:
    print("bits a point   KLT    bent   gain")
    for bits in (3, 4, 5, 6):
        straight, bent = decibels(bits, klt, klt_back), decibels(bits, g_a, g_s)
        print(f"{bits:7} {straight:10.1f} {bent:7.1f} {bent - straight:+6.1f} dB")
        if bits == 4:
            predict.truth = round(bent - straight, 1)

# %% [markdown]
# The first claim of learned compression holds here: **a non-linear transform can be better than a linear one.** To be as good, with this coder, the KLT would need about one bit
# more for every point.
#
# But the KLT may have lost through its coder.

# %% [markdown]
# ## Let the coder look
#
# When $y_2$ is coded, the decoder has $y_1$ already. So give $y_2$ not one table, but a table for each value of $y_1$. Where $y_1$ is
# large, that table expects large numbers. The transform stays linear, and so do its cells.


# %%
def looking(seen, new):
    """As one_by_one, but y2 is coded with a table of its own for each y1."""
    p1, p2 = table(seen[:, 0]), table(seen[:, 1])
    column, pair = Counter(seen[:, 0].tolist()), Counter(map(tuple, seen.tolist()))

    def given(b, a):  # as often as b came beside a; one point more: as it comes everywhere
        return (pair[a, b] + p2(b)) / (column[a] + 1)

    return np.mean([-np.log2(p1(a)) - np.log2(given(b, a)) for a, b in new.tolist()])


few = klt(train)[:5000], klt(test)[:5000]
mine = looking(*(np.rint(v / 0.5).astype(int) for v in few))
np.testing.assert_allclose(mine, code.rate(*few, 0.5, look=True))

# %%
rates = (2, 3, 4, 5, 6)
names = "KLT, one by one", "KLT, y2 given y1", "bent, one by one"
pairs = ((klt, klt_back, False), (klt, klt_back, True), (g_a, g_s, False))
choices = ["bent at all rates", "looking at all", "bent at low ones, looking at high ones"]
choices += ["looking at low ones, bent at high ones"]
with Predict("Bent, or KLT with a coder that looks: who is ahead where?", choices) as predict:
    found = np.array([[decibels(bits, *pair) for bits in rates] for pair in pairs])
    print(f"{'bits a point':18}" + "".join(f"{bits:7}" for bits in rates))
    for name, row in zip(names, found, strict=True):
        print(f"{name:18}" + "".join(f"{dB:7.1f}" for dB in row))
    ahead = (found[2] > found[1]).tolist()
    predict.truth = choices[
        {(True, True): 0, (False, False): 1, (True, False): 2}.get((ahead[0], ahead[-1]), 3)
    ]

# %% [markdown]
# **At coarse steps the bend wins, at fine steps the coder that looks.** They cross a little above 4 bits a point.
#
# Two doubts are settled in the depth. Real files are as long as is counted here. And at 3 and at 5 bits no other rotation changes who wins; at 4 the best one draws level.

# %% [markdown]
# ## Turn, bend, look
#
# On the left the plane of $x$, on the right that of $y$ with the two histograms. What rounding does is always the same: squares of side Δ *in y*. What they look like in $x$ is up to the
# transform. *Rate* sets the bits a point; Δ follows. *Coder* is the coder of both, the KLT and these cells.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bend_or_look.cells import Cells

explorer = Cells()
explorer

# %% [markdown]
# ## How good can it be?
#
# Both ways cut the plane by a grid. What if the cells may have any shape? Start with a few hundred centres. Send each point to the
# cell with the least $L = R + \lambda D$, move each centre to the mean of its points, set its bits to $-\log_2$ of its share, and repeat. That is
# **entropy-constrained vector quantization**, ECVQ (`ecvq.py`). It finds good codes, not quite the best, and it is our reference.

# %% jupyter={"source_hidden": true}
books = [ecvq.fit(train[:20_000], lam) for lam in (6, 12, 25, 38, 50, 100, 200)]
measured = [ecvq.measure(book, test) for book in books]
best = np.interp(rates, [R for R, _ in measured], [code.decibels(test, D) for _, D in measured])
middle = cells_drawing.Frame((0.4, 0.15), 1.6)  # of the cloud; enlarged, so that cells can be seen


def show_codebook(ax, book, title):
    """The cells of ECVQ in the plane of x, darker where they are cheap."""
    (cx, cy), half = middle
    window = (cx - half, cx + half, cy - half, cy + half)
    at = np.linspace(-half, half, 400)
    place = np.stack(np.meshgrid(cx + at, cy - at), -1).reshape(-1, 2)
    number = ecvq.nearest(book, place).reshape(400, 400)
    edges = (number != np.roll(number, 1, 0)) | (number != np.roll(number, 1, 1))
    edges[0] = edges[:, 0] = False
    grey = 255 - 110 * (2.0 ** -(book.bits - book.bits.min())[number]) ** 0.4
    shown = np.where(edges, 90, grey)
    ax.imshow(shown, cmap="gray", vmin=0, vmax=255, extent=window, interpolation="nearest")
    ax.plot(*test[:500].T, ".", color="#222", markersize=1.5)
    ax.set(xlim=window[:2], ylim=window[2:], xticks=(), yticks=(), xlabel="x₁", ylabel="x₂")
    ax.set_title(title, fontsize=10)


figure, (left, *others) = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=(1.5, 1, 1))
left.axhline(0, color="gray", lw=1.5)
left.annotate("ECVQ", (2, 0.12), color="dimgray")
for row, name, color, style, at in zip(
    found,
    names,
    (ORANGE, ORANGE, BLUE),
    ("--", "-", "-"),
    ((3.9, -5.2), (3.35, -3.5), (2.6, -0.95)),
    strict=True,
):
    left.plot(rates, row - best, style, color=color, lw=2)
    left.annotate(name, at, color=color)
left.set(xlabel="R, bits a point", ylabel="dB against ECVQ", xticks=rates, ylim=(-5.6, 0.7))
left.set_title("Bent loses least at coarse steps, looking at fine ones", fontsize=10)
for ax, i in zip(others, (1, 5), strict=True):
    show_codebook(ax, books[i], f"ECVQ, {measured[i][0]:.1f} bits a point")
figure.tight_layout()

# %% [markdown]
# With few bits its cells stand in one row along the banana, like the bent ones. With many they are small, about as long as wide; then squares are nearly as good.
# (Why not take ECVQ, then? It needs a list of cells. With 4 bits a point that is a few dozen; for a block of 64 pixels at half a bit each it would
# be $2^{32}$. A transform needs no list.)

# %% [markdown]
# ## Why they cross
#
# **Fine steps.** A coder that looks gets back *all* shared bits, and it keeps square cells. The bend gets the same bits, but a square that slides becomes a
# slanted, long cell; a point in it may lie far from its middle. For this bend that costs 0.7 dB.
#
# **Coarse steps.** Now the two rounded numbers share little, so there is little to look for. And the KLT's cells are wider than the banana is thick: the middle of
# a cell, where $\hat x$ is put, may lie beside the points. Bent cells follow them. Is that so? Give each code the best decoder there is: a table with the *mean* of
# the points in each cell, its **centroid**, found from the first points.


# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
def with_centroids(bits, forward, back, look=False):
    """dB if the decoder is a table: for each cell the mean of the first points that fall in it."""
    step = code.step_for(forward(train), forward(test), bits, look)
    known, new = (code.cells_of(forward(x), step) @ [1000, 1] for x in (train, test))
    found, place = np.unique(known, return_inverse=True)
    sums = [np.bincount(place, weights=train[:, k]) for k in range(2)]
    means = np.array(sums).T / np.bincount(place)[:, None]
    at = np.searchsorted(found, new).clip(max=len(found) - 1)
    x_hat = back(np.rint(forward(test) / step) * step)  # where no first point fell
    x_hat[found[at] == new] = means[at[found[at] == new]]
    return code.decibels(test, code.squared_error(test, x_hat))


print("bits a point   decoder       KLT, y2 given y1   bent")
for bits in (3, 5):
    for words, measure in (("g_s", decibels), ("centroids", with_centroids)):
        look, bent = measure(bits, klt, klt_back, True), measure(bits, g_a, g_s)
        print(f"{bits:7}        {words:12} {look:13.1f} {bent:12.1f}")

# %% [markdown]
# At 3 bits nearly all of the bend's lead was its *decoder's*: with the table the KLT is almost level. But such a decoder is no longer linear. So each of the two
# ways lacked what the other has. For this banana:
#
# - At fine steps **the coder must look**. Then even the KLT is hardly needed: at 5 bits all rotations are within 0.2 dB.
# - At coarse steps **the decoder must bend**.
#
# Photographs are coded with coarse steps: a bit a pixel or less. And a table of centroids for 64 numbers cannot be stored, nor can a table of $y_{64}$ given all before it. So a
# learned codec puts networks in the place of both. Its transforms $g_a$ and $g_s$ bend ([lesson 17](17_learned_codec.ipynb)), and
# its coder looks at what it has coded ([lesson 14](14_bits_from_probability.ipynb), [lesson 16](16_tell_the_decoder_where.ipynb)).
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: real files, and other rotations (about 3 minutes)
#
# So far bits were counted as $-\log_2 p$. A *range coder* really spends them ([lesson 20](20_bitstream.ipynb) builds one). All three codes write the second points into
# a file, which is decoded again. Who looks writes all $y_1$ first, then $y_2$ with the tables of their $y_1$.


# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
def model(p):
    return constriction.stream.model.Categorical(p / p.sum(), perfect=False)


def file_of(forward, look, step):
    """A real file of the second points -> bits per point; it is decoded, too."""
    seen, new = (code.cells_of(forward(x), step) for x in (train, test))
    low = np.minimum(seen.min(0), new.min(0))
    size = np.maximum(seen.max(0), new.max(0)) - low + 1
    seen, new = seen - low, new - low
    grid = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), -1)
    p = code.expected(seen, look)(grid)
    groups = [np.flatnonzero(new[:, 0] == k) for k in range(size[0])]
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(new[:, 0].astype(np.int32), model(p.sum(1)))
    for k, group in enumerate(groups):
        coder.encode(new[group, 1].astype(np.int32), model(p[k]))
    words = coder.get_compressed()
    decoder = constriction.stream.queue.RangeDecoder(words)
    first = decoder.decode(model(p.sum(1)), len(new))
    np.testing.assert_array_equal(first, new[:, 0])
    for k in range(size[0]):
        group = np.flatnonzero(first == k)
        np.testing.assert_array_equal(decoder.decode(model(p[k]), len(group)), new[group, 1])
    return 32 * len(words) / len(new)


for name, (forward, _, look) in zip(names, pairs, strict=True):
    step = code.step_for(forward(train), forward(test), 4, look)
    print(f"{name:17} estimate 4.00, file {file_of(forward, look, step):.2f} bits a point")

# %% [markdown]
# And is the KLT the best rotation for such a code? For a Gaussian source it is. A banana is none, so try 18 rotations, ten degrees apart.


# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
def best_rotation(bits, look):
    """The most dB of 18 rotations, on fewer points."""
    few, found = (train[:20_000], test[:20_000]), []
    for turn in range(-90, 90, 10):
        seen, y = (code.g_a(x, turn, 0) for x in few)
        step = code.step_for(seen, y, bits, look)
        found.append(code.decibels(few[1], code.squared_error(y, np.rint(y / step) * step)))
    return max(found)


print("bits a point   best rotation: one by one   y2 given y1   bent")
for bits in (3, 4, 5):
    alone, look = best_rotation(bits, False), best_rotation(bits, True)
    print(f"{bits:7} {alone:30.1f} {look:14.1f} {decibels(bits, g_a, g_s):8.1f}")

# %% [markdown]
# At 4 bits the luckiest of them, with a coder that looks, draws level with the bend. At 3 and at 5 the verdict stays.

# %% [markdown]
# ## Depth: let it be found (about 17 minutes)
#
# Nobody tells a learned codec about a parabola. Here $g_a$ and $g_s$ are small networks ([lesson 10](10_backpropagation.ipynb)): two numbers in, two layers of 32, two numbers
# out. They begin with random parameters. Adam makes $L = R + \lambda D$ small, step by step ([lesson 09](09_learning.ipynb)), on batches of 1,000 points. (λ is 50 here: these points have the
# size 1, not 255.)
#
# Two things come in later lessons. Rounding has no useful gradient, so noise stands for it: half a step to either side, all alike ([lesson 15](15_noise_for_rounding.ipynb)). And the bits of the
# noisy $y$ are −log₂ of the probability of a Gaussian within half a step of it, whose width is a parameter, too ([lesson 14](14_bits_from_probability.ipynb)). Δ is 1; the network can make
# $y$ as large as it likes.


# %%
def network():
    """A transform of points: (n, 2) -> (n, 2)."""
    return torch.nn.Sequential(
        torch.nn.Linear(2, 32),
        torch.nn.Softplus(),
        torch.nn.Linear(32, 32),
        torch.nn.Softplus(),
        torch.nn.Linear(32, 2),
    )


def learn(points, lam=50, steps=1500, seed=0):
    """Two networks, g_a and g_s, that make R + lam * D small on these points."""
    torch.manual_seed(seed)
    analysis, synthesis = network(), network()
    log_width = torch.full((2,), np.log(8.0), requires_grad=True)
    parameters = [*analysis.parameters(), *synthesis.parameters(), log_width]
    optimizer = torch.optim.Adam(parameters, lr=5e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    points = torch.tensor(points, dtype=torch.float32)
    for _ in range(steps):
        x = points[torch.randint(len(points), (1000,))]
        y = 8 * analysis(x)  # 8: so that at first there are a few whole numbers
        y = y + torch.rand_like(y) - 0.5  # noise instead of rounding
        below = torch.special.ndtr  # the share of a Gaussian that lies below
        width = log_width.exp()
        P = below((y + 0.5) / width) - below((y - 0.5) / width)
        R = -torch.log2(P + 1e-9).sum(1).mean()  # bits per point
        D = ((synthesis(y / 8) - x) ** 2).sum(1).mean()  # squared error per point
        L = R + lam * D
        optimizer.zero_grad()
        L.backward()
        optimizer.step()
        slower.step()
    return as_function(lambda x: 8 * analysis(x)), as_function(lambda y: synthesis(y / 8))


def as_function(f):
    """A function of torch's numbers -> one of NumPy's, without gradients."""

    def g(points):
        with torch.no_grad():
            return f(torch.tensor(points, dtype=torch.float32)).numpy().astype(float)

    return g


learned = learn(train)

# %% [markdown]
# The bend was made from the banana's own formula. The network was told nothing.

# %%
choices = ["worse", "equal, within 0.3 dB", "better"]
with Predict(
    "At 4 bits a point, one by one: the learned code against the bend?", choices
) as predict:
    straight, bent, ours = (decibels(4, *pair) for pair in ((klt, klt_back), (g_a, g_s), learned))
    print(f"bent against the KLT:    {bent - straight:+.0f} dB")
    print(f"learned against the KLT: {ours - straight:+.0f} dB")
    predict.truth = choices[1 + (ours > bent + 0.3) - (ours < bent - 0.3)]
    cloud = source.banana
    results = [
        ("KLT", cells.compute(source, cells.BANANA, cloud.turn, 0.0, 4.0)),
        ("bent", cells.compute(source, cells.BANANA, 30, 0.3, 4.0)),
        (
            "learned",
            cells.compute(source, cells.BANANA, 0, 0, 4.0, cells="learned", transform=learned),
        ),
    ]
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.5))
    for ax, (name, result), forward in zip(axes, results, (klt, g_a, learned[0]), strict=True):
        show_cells(ax, result, name, (middle, forward))
    figure.tight_layout()

# %% [markdown]
# It found the bend by itself, and another decibel. Where is that from? Its cells are wider across the banana than along it. And
# its $g_s$ is free: it need not undo $g_a$, but may put $\hat x$ at the centroid. Give the formula both: multiply $y_2$ by 0.6
# before rounding, which makes cells wider there, and then the table.

# %%
# NBVAL_CHECK_OUTPUT
wider = np.array([1, 0.6])


def wide(x):
    return g_a(x) * wider


def wide_back(y):
    return g_s(y / wider)


for name, dB in (
    ("bent", decibels(4, g_a, g_s)),
    ("bent, wider cells", decibels(4, wide, wide_back)),
    ("bent, centroids", with_centroids(4, g_a, g_s)),
    ("bent, both", with_centroids(4, wide, wide_back)),
):
    print(f"{name:18} {dB:.1f} dB")
ours, table_too = decibels(4, *learned), with_centroids(4, *learned)
assert bent + 0.7 < ours < best[2] and table_too - ours < 0.2

# %% [markdown]
# The two are nearly the whole decibel. The learned $g_s$ itself gains next to nothing by a table: it already puts $\hat x$ near the centroids. And it
# needs no table.
#
# Here are the learned cells in the explorer (*Turn* and *Bend* belong to the other choice of *Cells*). They were trained at one λ, for 4 to 5 bits.

# %%
learned_cells = Cells(transform=learned, name="learned")
learned_cells

# %%
choices = ["better", "about equal", "worse"]
with Predict("At 8 bits, one by one: the learned cells against the KLT?", choices) as predict:
    straight, bent, ours = (decibels(8, *pair) for pair in ((klt, klt_back), (g_a, g_s), learned))
    print(f"at 8 bits a point: KLT {straight:.0f} dB, bent {bent:.0f} dB, learned {ours:.0f} dB")
    predict.truth = choices[1 + (ours < straight - 0.5) - (ours > straight + 0.5)]

# %% [markdown]
# At 4 bits nothing had asked for small errors. **What is
# learned at one λ is good near that λ**; [lesson 17](17_learned_codec.ipynb) comes back to it.

# %% [markdown]
# ## Depth: what bending does to bits, and to errors (about 11 minutes)
#
# Two things change, and both can be computed, for fine steps and a transform that can be undone.
#
# **Bits.** A transform may stretch the plane here and squeeze it there. How much an *area* grows is the determinant of
# its matrix of slopes, $J = \partial y / \partial x$, the *Jacobian*. Then the entropy of the points changes by
#
# $$h(y) = h(x) + \mathrm{E}\,\log_2 |\det J|$$
#
# where $h$ is the number of bits at step 1, counted for fine steps (it is called *differential entropy*), and E is the mean
# over all points. Where areas double, there are twice as many cells to tell apart: one bit more. But sliding keeps areas, and so does turning:
#
# $$J = \begin{pmatrix} 1 & 0 \\ -2bu & 1 \end{pmatrix}, \qquad \det J = 1$$
#
# So no bits are lost or won by the cells themselves. All that is won is what the two numbers no longer share.
#
# **Errors.** Areas stay, but lengths do not: look at the ends of the banana in the explorer.
#
# ### ✎ 2 · `growth`
#
# With a pencil. Rounding adds an error $(e_1, e_2)$ to $y$. Both are small, have the mean 0, the same mean square, and nothing to do with each
# other or with $u$. What error does $g_s$ make of it, and how large is the mean square of that one's length, divided by the mean of $e_1^2 + e_2^2$? (The
# mean of $u^2$ is 1. Turning changes no length.)


# %%
def growth(b):
    """Return D of x divided by D of y."""
    # your line here


check("growth", growth)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def growth(b):
#     return 1 + 2 * b**2
# ```
#
# $v = y_2 + b(y_1^2 - 1)$ changes by $e_2 + 2bu\,e_1$, and $u$ by $e_1$. The squares are, on average, $e^2 + 4b^2 e^2$ and $e^2$, together
# $(2 + 4b^2)\,e^2$. Before it was $2e^2$.
#
# </details>

# %% [markdown]
# Put both together. $I$ bits a point more make $2^I$ times as many cells, so each has $2^{-I}$ times the area. $D$ shrinks as the area does: that is
# $3.01\,I$ decibels. The error grows by your factor. Is the sum what we measured?

# %%
# NBVAL_CHECK_OUTPUT
shared = code.shared_bits(my_banana(200_000, 2) @ code.rotation(angle).T, 0.1)
won, lost = 10 * np.log10(2**shared), 10 * np.log10(1 + 2 * 0.3**2)
print(f"{shared:.1f} bits not wasted: {won:+.1f} dB; longer cells: {-lost:+.1f} dB")
for name, look, expected in (("one by one", False, won - lost), ("y2 given y1", True, -lost)):
    gain = decibels(7, g_a, g_s) - decibels(7, klt, klt_back, look)
    print(f"bent against the KLT, {name:11}: expected {expected:+.1f} dB, at 7 bits {gain:+.1f}")

# %% [markdown]
# So it is a trade: independence is bought with longer cells. At $b = 1$, a stronger bend, the price alone
# is 4.8 dB. A coder that looks does not pay it.
#
# Is there a limit? Shannon gave one (Cover and Thomas, chapter 10). For our banana no code of any kind passes
#
# $$R \ge h(x) - \log_2 (\pi e\, D) = \log_2 \frac{2 \sigma_t \sigma_n}{D}$$
#
# bits per point, with $e = 2.718\ldots$, $\sigma_t = 1$ and $\sigma_n = \tfrac16$. (The bend does not matter, since areas stay.) It is the dotted line in the explorer. At fine
# steps one more thing keeps us from it: a square is not the best shape. A round cell has points less far from its middle; but circles do not fill the plane. In very many
# dimensions cells can be as good as round, and then a square (a cube) is $10\log_{10}(\pi e / 6) = 1.53$ dB worse.

# %%
# NBVAL_CHECK_OUTPUT
limit = 10 * np.log10(np.var(test, axis=0).sum() / (2 / 6 * 2.0**-7))
cube = 10 * np.log10(np.pi * np.e / 6)
for name, pair, expected in (
    ("KLT, y2 given y1", (klt, klt_back, True), cube),
    ("bent, one by one", (g_a, g_s, False), cube + lost),
):
    gap = limit - decibels(7, *pair)
    print(f"{name}, 7 bits: {gap:.1f} dB below the limit, expected {expected:.1f}")
# mean squared error of a cell of area 1 (Gersho and Gray)
hexagon, square = 5 / (18 * np.sqrt(3)), 1 / 6
print(f"hexagons instead of squares would win {10 * np.log10(square / hexagon):.2f} dB")

# %% [markdown]
# (At 7 bits Δ is still nearly as long as the banana is thick. With finer steps the formulas hold better.) So the finer the steps, the closer the KLT with a coder that looks comes to the best that cells in the plane can do, up to
# a fifth of a decibel. More is to be had only in more dimensions.

# %% [markdown]
# ## Depth: and in photographs? (about 12 minutes)
#
# First the colours of the coffee cup, from the picture at the top. The same table as above:

# %%
# NBVAL_CHECK_OUTPUT
fitted, measured_on = code.coffee()
straight = code.klt_angle(fitted)
print(f"{'bits a point':18}" + "".join(f"{bits:7}" for bits in rates))
for name, turn, bend, look in (
    (names[0], straight, 0, False),
    (names[1], straight, 0, True),
    (names[2], 38, 0.25, False),
    ("bent, y2 given y1", 38, 0.25, True),
):
    seen, y = code.g_a(fitted, turn, bend), code.g_a(measured_on, turn, bend)
    steps = [code.step_for(seen, y, bits, look) for bits in rates]
    back = [code.g_s(np.rint(y / step) * step, turn, bend) for step in steps]
    found_dB = [code.decibels(measured_on, code.squared_error(measured_on, b)) for b in back]
    print(f"{name:18}" + "".join(f"{dB:7.1f}" for dB in found_dB))

# %% [markdown]
# Here they cross below 4 bits: a parabola fits these colours only roughly, so much is left to look at. Doing both is never far behind the better one.
#
# And the 64 numbers of a block? After the DCT they are nearly uncorrelated. Take two waves of the first row, $u = 1$ and
# $u = 3$. Since there are few blocks, chance alone looks like sharing, so shuffle one of the two and subtract what is left.

# %%
from lic_teach.jpeg import color, transform

rng = np.random.default_rng(0)
with Predict("Bits that the two waves share, in the cat?", unit="bits", near=0.1) as predict:
    print("          correlation   shared bits")
    for name in images.SAMPLES:
        luma = color.luma(images.pad_to_multiple(images.sample(name), 8))
        waves = transform.forward(luma.astype(np.float32)).reshape(-1, 64)
        waves = waves[:, transform.NATURAL[[1, 3]]].astype(float)  # u = 1 and u = 3
        mixed = np.stack([waves[:, 0], rng.permutation(waves[:, 1])], axis=1)
        share = code.shared_bits(waves, 32) - code.shared_bits(mixed, 32)
        print(f"{name:10} {np.corrcoef(waves.T)[0, 1]:z10.1f} {share:12.1f}")
        if name == "chelsea":
            predict.truth = round(share, 1)

# %% [markdown]
# Hardly any correlation, and yet they share bits: where one wave is strong, the other one tends to be strong as well, be it up or down.
# An edge does not come alone. No rotation of the pair takes that away, nor does a parabola. A coder can look at *how large* the first number is; [lesson 16](16_tell_the_decoder_where.ipynb) does it for whole
# blocks, and saves a fifth. What the bends of a real codec bring on real patches is measured in [lesson 17](17_learned_codec.ipynb).
#
# ### ✎ 3 · Beat the KLT
#
# Back to the coffee cup. `points` are (red, blue) of some of its pixels, centred, and divided by their standard deviation along the longest
# axis. Write a $g_a$ and a $g_s$ that win at least 1.5 dB against the KLT at 4 bits a point, both coded one by one. The check measures on other pixels.
# Find the numbers in the explorer, or let them be found.

# %%
points, _ = code.coffee()  # float (10000, 2)


def my_g_a(x):
    """x: float (n, 2). Return y: float (n, 2)."""
    # your lines here


def my_g_s(y):
    """y: float (n, 2). Return x_hat: float (n, 2)."""
    # your lines here


check("beat", (my_g_a, my_g_s))

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_g_a(x):
#     y = x @ code.rotation(38).T
#     y[:, 1] -= 0.25 * (y[:, 0] ** 2 - 1)
#     return y
#
#
# def my_g_s(y):
#     x = y.copy()
#     x[:, 1] += 0.25 * (x[:, 0] ** 2 - 1)
#     return x @ code.rotation(38)
# ```
#
# That is 3.5 dB. Or in one line, and better still:
#
# ```
# my_g_a, my_g_s = learn(points)
# ```
#
# To look at yours: `Cells(transform=(my_g_a, my_g_s), points="red and blue of a photograph")`.
#
# </details>

# %% [markdown]
# ## What you learnt
#
# - The KLT leaves no correlation. But uncorrelated is not independent: the banana's two numbers still share about
#   a bit, and a coder that takes them one by one pays it twice.
# - A non-linear $g_a$ can take that away. So can a coder that looks at $y_1$ before it codes $y_2$.
# - Fine steps: the coder gets all shared bits back and keeps square cells; it wins. Coarse steps: little is shared, and the decoder must bend; the bend wins.
# - Compare at equal rate, with the same care for both sides, on points that chose nothing. ECVQ says how far both are from the best cells.
# - A small network finds the bend by itself, from $L = R + \lambda D$ alone, and a decoder better than the inverse. It is good near the λ that it learned at.
#
# A coder is its table of probabilities. What does a wrong one cost? [Lesson 14](14_bits_from_probability.ipynb).
#
# ## Further reading
#
# - J. Ballé, P. A. Chou, D. Minnen, S. Singh, N. Johnston, E. Agustsson, S. J. Hwang, G. Toderici, "Nonlinear transform coding",
#   *IEEE Journal of Selected Topics in Signal Processing* 15(2), 339–353, 2021,
#   [arXiv:2007.03034](https://arxiv.org/abs/2007.03034). The banana (three times larger), its cells, and ECVQ's beside them.
# - P. A. Chou, T. Lookabaugh, R. M. Gray, "Entropy-constrained vector quantization", *IEEE Transactions on Acoustics, Speech, and Signal Processing* 37(1), 31–42, 1989.
# - V. K. Goyal, "Theoretical foundations of transform coding", *IEEE Signal Processing Magazine* 18(5), 9–21, 2001. What the linear
#   theory says, and what it assumes.
# - T. Linder, R. Zamir, K. Zeger, "High-resolution source coding for non-difference distortion measures: multidimensional companding",
#   *IEEE Transactions on Information Theory* 45(2), 548–561, 1999. What bending can do at fine steps: the best
#   would stretch all directions alike, which hardly any bend of a plane does.
# - O. Schwartz, E. P. Simoncelli, "Natural signal statistics and sensory gain control", *Nature Neuroscience* 4(8), 819–825, 2001. What
#   uncorrelated filters of photographs and sounds still share.
# - A. Gersho, R. M. Gray, *Vector Quantization and Signal Compression*, Kluwer, 1992.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Chapters 2 (mutual information), 8
#   (differential entropy) and 10 (rate–distortion).
