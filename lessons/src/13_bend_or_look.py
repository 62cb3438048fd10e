# %% [markdown]
# # 13 · Beyond linear
#
# **Why should a transform be linear?**
#
# Take every pixel of the coffee cup as a point: how red, how blue. On the left is the photograph. In
# the middle are some of these points, cut into cells as JPEG would do it: turn the axes so that they
# fit ([lesson 03](03_dct.ipynb)), then round ([lesson 04](04_quantization.ipynb)). On the right the cells are bent. Both codes take 4 bits for
# a point.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from lic_teach import images
from lic_teach.course.bend_or_look import (
    cells,
    cells_drawing,
    code,  # what this lesson builds, in the package
)

torch.set_num_threads(1)
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
    found = (np.rint(v / step).astype(int) for v in result.moved.y.T)
    expected = [(q.min(), np.bincount(q - q.min()) / q.size) for q in found]
    picture = cells_drawing.shade(plane, step, expected, color)
    window = (cx - half, cx + half, cy - half, cy + half)
    ax.imshow(picture, extent=window, interpolation="nearest")
    ax.plot(*result.cloud.x[:500].T, ".", color="#222", markersize=1.5)
    ax.set(xlim=window[:2], ylim=window[2:], xticks=(), yticks=())
    ax.set(xlabel=result.cloud.axes[0], ylabel=result.cloud.axes[1], title=title)


figure, axes = plt.subplots(1, 3, figsize=(9, 3.1), width_ratios=(1.3, 1, 1))
axes[0].imshow(photo[::2, ::2], interpolation="nearest")
axes[0].set(xticks=(), yticks=(), title="every pixel is a point")
for ax, name, turn, bend in (
    (axes[1], "turned", source.photo.turn, 0.0),
    (axes[2], "turned and bent", 38, 0.2),
):
    result = cells.compute(source, cells.PHOTO, turn, bend, 4.0)
    show_cells(ax, result, f"{name}: {result.point.snr:.1f} dB")
figure.tight_layout()

# %% [markdown]
# The decibels say how far the squared error lies below the variance of the points: 3 dB more is half the error. So the bent
# cells leave about half, with the same number of bits. Look at the shading. It is darker where
# the code expects points, that is, where points are cheap. The code of the middle picture also expects
# points in corners where none ever come: it looks at each axis by itself.
#
# Every *transform* in JPEG is linear: the colour matrix, the DCT. The first claim of learned compression is that
# **a non-linear transform can be better than a linear one**. Here it is tested where one can see everything: in two dimensions.
#
# **After this lesson** you can
# - say what is left when all correlation is gone, and measure it in bits;
# - write a transform that is not linear, with its inverse, and say what it does to cells, bits and errors;
# - compare two transforms so that the comparison is fair;
# - let a network find the cells by itself.
#
# You need lessons [01](01_redundancy.ipynb) (entropy), [03](03_dct.ipynb) (the KLT), [04](04_quantization.ipynb) (rounding), [07](07_rate_distortion.ipynb) (λ) and [08](08_jpeg_by_lambda.ipynb) (bits at a fine step). About 40 minutes.

# %% [markdown]
# ## The names
#
# A point, a block, a whole picture: what is to be coded is $x$. From here on the course uses the words of learned
# compression:
#
# $$x \;\xrightarrow{\;g_a\;}\; y \;\xrightarrow{\text{round}}\; \hat y \;\xrightarrow{\;g_s\;}\; \hat x$$
#
# $g_a$ is the **analysis** transform, and what it makes of $x$ are the **latents** $y$. They are rounded to
# $\hat y$, and $\hat y$ goes into the file. The decoder's $g_s$, the **synthesis** transform, makes $\hat x$ of it, which
# is near $x$. In JPEG $g_a$ is the DCT and $g_s$ the inverse DCT.
#
# (The lecture that this course follows, number 16 of [Stanford's EE274](https://stanforddatacompressionclass.github.io/notes/), *Data
# Compression*, 2023, writes $z$ for our $y$. You need not have seen it.)

# %% [markdown]
# ## A banana
#
# Photographs are messy. So first a source where all is known: the banana of Ballé et al. (2021). Take a long, thin
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


train, test = my_banana(200_000, 1), my_banana(200_000, 2)
np.testing.assert_allclose(train, code.banana(200_000, 1))

# %% [markdown]
# Two sets: whatever is *chosen* from points, is chosen from the first, and whatever is *measured*, is measured on the
# second. [Lesson 03](03_dct.ipynb) showed why: a transform may fit the points that it was made from and no others.
#
# First the KLT: the rotation that packs most variance into the first number.
# **Predict:** what is the correlation of the two numbers afterwards? And does the first then still tell anything about
# the second?

# %%
# NBVAL_CHECK_OUTPUT
eigenvalues, vectors = np.linalg.eigh(np.cov(train.T))
along = vectors[:, 1] * np.sign(vectors[0, 1])  # the larger eigenvalue comes last
K = np.array([along, (-along[1], along[0])])  # the second row: a quarter turn further
angle = code.klt_angle(train)
np.testing.assert_allclose(K, code.rotation(angle), atol=1e-9)

y = test @ K.T
print(f"the KLT turns by {angle:.0f} degrees")
print(f"correlation of x1, x2: {np.corrcoef(test.T)[0, 1]:.1f}")
print(f"correlation of y1, y2: {abs(np.corrcoef(y.T)[0, 1]):.1f}")
for low, high in ((-2.5, -1.5), (-0.5, 0.5), (1.5, 2.5)):
    band = y[(low < y[:, 0]) & (y[:, 0] < high), 1]
    print(f"where y1 is between {low} and {high}, y2 is {band.mean():+.1f} on average")

# %% [markdown]
# No correlation is left. But whoever knows $y_1$ knows much about $y_2$: at both ends it is high, in the middle low. That
# is the bend, and a rotation cannot take it away. **Uncorrelated is not independent.** Correlation sees straight
# lines only.
#
# What does it cost? The simplest coder takes the numbers one by one, and JPEG's nearly does. Such a coder pays $H(y_1) + H(y_2)$, the two
# entropies of [lesson 01](01_redundancy.ipynb), each for the rounded numbers. A coder for pairs would pay only $H(y_1, y_2)$, the entropy of the pair. The
# difference is called **mutual information**: bits that the two share, and that are paid twice.

# %% [markdown]
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
# The package's takes y and a step, and rounds itself.
for step in (0.4, 0.2):
    print(f"step {step}: the KLT's two numbers share {code.shared_bits(y, step):.1f} bits a point")

# %% [markdown]
# About one bit of every point is wasted. How to get it back? One way: a coder that looks at $y_1$ before it codes
# $y_2$. The best codecs do that too ([lesson 24](24_what_next.ipynb)). The other way: a transform after which nothing is shared.

# %% [markdown]
# ## Bend it back
#
# We know how the banana was bent. So turn it, and then slide each point down by as much as it was pushed up:
#
# $$g_a:\quad y_1 = u, \qquad y_2 = v - b\,(u^2 - 1) \qquad\qquad (u, v) = \text{the turned point}$$
#
# $b$ is how strong the bend is. $u^2$ makes this transform **non-linear**: twice the point is not twice the latents. The way
# back is as short, $v = y_2 + b\,(y_1^2 - 1)$, and then turn back. Nothing is lost yet.


# %%
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
np.testing.assert_allclose(g_s(test), code.g_s(test, 30, 0.3))
print(f"after bending they share {code.shared_bits(g_a(test), 0.2):.1f} bits a point")

# %% [markdown]
# ## A fair comparison
#
# Which is better? A smaller step always leaves less error. So a fair comparison has **equal rate**: for each transform
# choose the step at which it takes, say, 4 bits a point, and only then compare errors.
#
# $R$ is the sum of the entropies of the two rounded numbers, in bits per point. $D$ is the mean squared error per number. We
# give it in decibels below the variance, 10 log₁₀(variance / $D$): more is better. **Predict:** how many decibels do the bent cells win at 4 bits?


# %%
def rate(y, step):
    """Bits per point, each of the two numbers coded alone."""
    bits = 0
    for numbers in np.rint(y / step).T:
        counts = np.unique(numbers, return_counts=True)[1]
        p = counts / counts.sum()
        bits -= np.sum(p * np.log2(p))
    return bits


def at_rate(bits, x, g_a, g_s):
    """The dB that a transform reaches with so many bits a point."""
    y = g_a(x)
    small, large = 0.001, 10.0
    for _ in range(30):  # halve the interval in which the step must lie
        step = np.sqrt(small * large)
        small, large = (step, large) if rate(y, step) > bits else (small, step)
    D = np.mean((g_s(np.rint(y / step) * step) - x) ** 2)
    return 10 * np.log10(np.var(x, axis=0).mean() / D)


for step in (0.1, 0.5):
    np.testing.assert_allclose(rate(y, step), code.rate(y, step))
np.testing.assert_allclose(code.rate(y, code.step_for(y, 4)), 4, atol=1e-3)


# %%
# NBVAL_CHECK_OUTPUT
def decibels(bits, x, g_a, g_s):
    """The same with the package's functions, which are quicker."""
    y = g_a(x)
    step = code.step_for(y, bits)
    return code.decibels(x, np.mean((g_s(np.rint(y / step) * step) - x) ** 2))


def klt(x):
    return g_a(x, angle, 0)


def klt_back(y):
    return g_s(y, angle, 0)


some = test[:10_000]
np.testing.assert_allclose(
    at_rate(4, some, klt, klt_back), decibels(4, some, klt, klt_back), atol=0.02
)
print("bits a point   KLT    bent   gain")
for bits in (3, 4, 5, 6, 7):
    straight, bent = decibels(bits, test, klt, klt_back), decibels(bits, test, g_a, g_s)
    print(f"{bits:7} {straight:10.1f} {bent:7.1f} {bent - straight:+6.1f} dB")

# %% [markdown]
# The bent cells win at every rate, by about two and a half decibels or more. To be as good, the KLT would need about one bit
# more for every point.
#
# But is the KLT the best rotation? It is for a Gaussian. A banana is none, so try them all.

# %%
# NBVAL_CHECK_OUTPUT
print("bits a point   best of 36 rotations against the KLT")
for bits in (3, 4, 5, 6, 7):
    tried = [
        decibels(bits, some, lambda x, t=t: g_a(x, t, 0), lambda y, t=t: g_s(y, t, 0))
        for t in range(-90, 90, 5)
    ]
    print(f"{bits:7} {max(tried) - decibels(bits, some, klt, klt_back):+15.1f} dB")

# %% [markdown]
# At 4 bits another rotation happens to lie better on the points, by less than a decibel. None comes near the bent cells.
#
# These are entropies. Does a real coder give so few bits? Take a *range coder* ([lesson 20](20_bitstream.ipynb) builds one), tell it how often each number
# occurs among the first points, and let it write the second points into a file.

# %%
# NBVAL_CHECK_OUTPUT
import constriction


def file_bits(forward, step):
    """Bits per point of a real file: counts of the first points, the second points coded."""
    coder = constriction.stream.queue.RangeEncoder()
    for known, new in zip(forward(train).T, forward(test).T, strict=True):
        known, new = np.rint(known / step).astype(int), np.rint(new / step).astype(int)
        low = min(known.min(), new.min())
        counts = 1 + np.bincount(known - low, minlength=max(known.max(), new.max()) - low + 1)
        model = constriction.stream.model.Categorical(counts / counts.sum(), perfect=False)
        coder.encode((new - low).astype(np.int32), model)
    return 32 * len(coder.get_compressed()) / len(test)


for name, forward in (("KLT", klt), ("bent", g_a)):
    print(
        f"{name:5} in a file: {file_bits(forward, code.step_for(forward(test), 4)):.2f} bits a point"
    )

# %% [markdown]
# ## Turn and bend
#
# Now with your own hands. On the left the plane of $x$, on the right that of $y$ with the two histograms that the coder
# knows. What rounding does is always the same: squares of side Δ *in y*. What they look like in $x$ is up to the
# transform. *Rate* sets the bits a point, for these cells and the KLT's; Δ follows.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bend_or_look.cells import Cells

explorer = Cells()
explorer

# %% [markdown]
# Can you turn and bend better than the buttons do? Choose the points of a photograph, and another photograph, or one
# of your own.

# %% [markdown]
# ## What bending does to bits, and to errors
#
# Two things change, and both can be computed. Take fine steps, and a transform that can be undone.
#
# **Bits.** A transform may stretch the plane here and squeeze it there. How much an *area* grows is the determinant of
# its matrix of slopes, $J = \partial y / \partial x$, the *Jacobian*. Then the entropy of the points changes by
#
# $$h(y) = h(x) + \mathrm{E}\,\log_2 |\det J|$$
#
# where $h$ is the number of bits at step 1, counted for fine steps as in [lesson 08](08_jpeg_by_lambda.ipynb) (it is called *differential entropy*), and E is the mean
# over all points. Where areas double, there are twice as many cells to tell apart: one bit more. But sliding keeps areas, and so does turning:
#
# $$J = \begin{pmatrix} 1 & 0 \\ -2bu & 1 \end{pmatrix}, \qquad \det J = 1$$
#
# So no bits are lost or won by the cells themselves. All that is won is what the two numbers no longer share.
#
# **Errors.** Areas stay, but lengths do not. A square that slides becomes a slanted, long parallelogram: look at the ends of the
# banana in the explorer. A point in a long cell may lie far from its middle.

# %% [markdown]
# ### ✎ 2 · `growth`
#
# With a pencil. Rounding adds an error $(e_1, e_2)$ to $y$. Both are small, have the mean 0, the same mean square, and nothing to do with each
# other or with $u$. What error does $g_s$ make of it, and how large is its mean square *per number*, compared with that of $e_1$? (The
# mean of $u^2$ is 1. Turning changes no length.)


# %%
def growth(b):
    """Return D divided by the mean square of e1."""
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
# $v = y_2 + b(y_1^2 - 1)$ changes by $e_2 + 2bu\,e_1$, and $u$ by $e_1$. The squares are, on average, $e^2 + 4b^2 e^2$ and $e^2$. Their
# mean is $(1 + 2b^2)\,e^2$.
#
# </details>

# %% [markdown]
# Put both together. $I$ bits a point are $I/2$ for each number. Half a step costs one bit, so $I/2$ bits make each step $2^{I/2}$ times
# smaller, and the squared error $2^I$ times: that is $3.01\,I$ decibels. The error grows by $1 + 2b^2$. Is the sum what we measured?

# %%
# NBVAL_CHECK_OUTPUT
shared = code.shared_bits(y, 0.1)
won, lost = 10 * np.log10(2**shared), 10 * np.log10(1 + 2 * 0.3**2)
measured = decibels(7, test, g_a, g_s) - decibels(7, test, klt, klt_back)
print(f"{shared:.1f} bits not wasted: {won:+.1f} dB; longer cells: {-lost:+.1f} dB")
print(f"together {won - lost:+.1f} dB, measured at 7 bits {measured:+.1f} dB")

# %% [markdown]
# So it is not "bent is better". It is a trade: independence is bought with longer cells. At $b = 1$, a stronger bend, the price alone
# is 4.8 dB. And all this is true for fine steps. What is best at 4 bits? We can let it be found.

# %% [markdown]
# ## Let it be found
#
# [Lesson 08](08_jpeg_by_lambda.ipynb) found a step by gradient descent. The same can find a transform. Some words are needed first.
#
# - A **layer** is a matrix and a vector: $Wx + c$. That is linear (plus a shift), like the KLT.
# - An **activation** is a fixed bent curve that is applied to every number. Between two layers it makes the whole non-linear. Ours is called
#   softplus, $\ln(1 + e^x)$: flat on the left, straight on the right, and a smooth bend between.
# - Layer, activation, layer, activation, layer is a small **network**. The numbers in its layers are its **parameters**.
# - The **loss** is the one number that is to become small. Ours is, as ever, $L = R + \lambda D$. (λ is 100 here: these points have the
#   size 1, not 255.)
#
# $g_a$ is such a network, with two numbers in, two times 32 inside, and two out; and $g_s$ is another. They are told nothing of parabolas,
# nor that one should undo the other. They begin with random parameters.
#
# Again and again a **batch** of 1,000 points is drawn. The **gradient** says for each parameter how $L$ changes with it, and every parameter is
# moved a little against its gradient; how far is the **learning rate**. That is one **step** of training. ([Lesson 10](10_backpropagation.ipynb) computes gradients
# by hand.)
#
# Rounding has no useful gradient, so noise stands for it: half a step to either side, all alike ([lesson 15](15_noise_for_rounding.ipynb) says why). And the bits of the noisy $y$ are −log₂ of a probability: that
# of a Gaussian within half a step of $y$ on either side, whose width is a parameter, too ([lesson 14](14_bits_from_probability.ipynb)). The step of the rounding is 1; the network can make $y$
# as large as it likes.


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


def learn(points, lam=100, turns=1500, seed=0):
    """Two networks, g_a and g_s, that make R + lam * D small on these points."""
    torch.manual_seed(seed)
    analysis, synthesis = network(), network()
    log_width = torch.full((2,), np.log(8.0), requires_grad=True)
    parameters = [*analysis.parameters(), *synthesis.parameters(), log_width]
    optimizer = torch.optim.Adam(parameters, lr=5e-3)  # takes the steps; lr: learning rate
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, turns)  # smaller and smaller
    points = torch.tensor(points, dtype=torch.float32)
    for _ in range(turns):
        x = points[torch.randint(len(points), (1000,))]
        y = 8 * analysis(x)  # 8: so that at first there are a few whole numbers
        y = y + torch.rand_like(y) - 0.5  # noise instead of rounding
        below = torch.special.ndtr  # the share of a Gaussian that lies below
        width = log_width.exp()
        P = below((y + 0.5) / width) - below((y - 0.5) / width)
        R = -torch.log2(P + 1e-9).sum(1).mean()  # bits per point
        D = ((synthesis(y / 8) - x) ** 2).mean()  # squared error per number
        L = R + lam * D
        optimizer.zero_grad()
        L.backward()  # all gradients
        optimizer.step()  # one step
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
# **Predict:** will it be worse than our bend, which was made from the banana's own formula, or better?

# %%
# NBVAL_CHECK_OUTPUT
straight = decibels(4, test, klt, klt_back)
bent = decibels(4, test, g_a, g_s)
found = decibels(4, test, *learned)
assert found > bent + 0.5 > straight + 3
print("at 4 bits a point")
print(f"bent against the KLT:    {bent - straight:+.0f} dB")
print(f"learned against the KLT: {found - straight:+.0f} dB")

# %%
cloud = source.banana
results = [
    ("KLT", cells.compute(source, cells.BANANA, cloud.turn, 0.0, 4.0)),
    ("bent", cells.compute(source, cells.BANANA, 30, 0.3, 4.0)),
    ("learned", cells.compute(source, cells.BANANA, 0, 0, 4.0, "learned", learned)),
]
middle = cells_drawing.Frame((0.4, 0.15), 1.6)  # of the cloud; enlarged, so that cells can be seen
figure, axes = plt.subplots(1, 3, figsize=(9, 3.5))
for ax, (name, result), forward in zip(axes, results, (klt, g_a, learned[0]), strict=True):
    show_cells(ax, result, name, (middle, forward))
figure.suptitle("The network was not told about a bend: it found one")
figure.tight_layout()

# %% [markdown]
# It found the bend by itself, with nearly the cells of the formula. And it is better by another decibel. Why? Two things can be
# seen. Its cells are wider across the banana than along it, so it spends fewer bits there. And its $g_s$ is free: it need not undo $g_a$. It
# may put $\hat x$ where the points of a cell are on average, their *centroid*, rather than in the middle.
#
# So was our comparison unfair to the KLT, whose decoder can do nothing but turn back? Give every transform the best decoder there is: a table with
# the centroid of each cell, found from the first points. **Predict:** who gains most?


# %%
# NBVAL_CHECK_OUTPUT
def with_centroids(bits, forward):
    """dB if the decoder is a table: for each cell the mean of the first points that fall in it."""
    step = code.step_for(forward(test), bits)
    known, new = (np.rint(forward(x) / step).astype(int) @ [1000, 1] for x in (train, test))
    found, place = np.unique(known, return_inverse=True)
    sums = [np.bincount(place, weights=train[:, k]) for k in range(2)]
    table = np.array(sums).T / np.bincount(place)[:, None]
    nearest = np.clip(
        np.searchsorted(found, new), 0, len(found) - 1
    )  # cells without points are rare
    return code.decibels(test, np.mean((table[nearest] - test) ** 2))


print("at 4 bits a point     own g_s   table")
for name, forward, back in (("KLT", klt, klt_back), ("bent", g_a, g_s)):
    own, best = decibels(4, test, forward, back), with_centroids(4, forward)
    print(f"{name:20} {own:6.1f} dB {best:6.1f} dB")
own, best = decibels(4, test, *learned), with_centroids(4, learned[0])
print(f"{'learned':20} {own:4.0f} dB {best:6.0f} dB")  # whole ones: training differs by machine

# %% [markdown]
# The KLT gains most: with large cells that lie badly, it matters where in the cell one guesses. At this rate about half of what it lacks against the learned
# one was its decoder's fault. But a table of points is no linear transform any more, so the claim stands: somewhere on the way, *something* has
# to bend. The learned $g_s$ gains next to nothing by the table: it already puts $\hat x$ near the centroids. And it needs no table, which would be far too
# large in 64 dimensions.
#
# Here are the learned cells in the explorer (*Turn* and *Bend* belong to the other choice of *Cells*). They were trained at one λ, for 4 to 5 bits.
# **Pull *Rate* to 8, and predict first:** how much better than the KLT are they there?

# %%
learned_cells = Cells(transform=learned, name="learned")
learned_cells

# %%
# NBVAL_CHECK_OUTPUT
straight, bent = decibels(8, test, klt, klt_back), decibels(8, test, g_a, g_s)
print(f"at 8 bits a point: KLT {straight:.1f} dB, bent {bent:.1f} dB")
print("learned is worse than the KLT:", decibels(8, test, *learned) < straight - 1)

# %% [markdown]
# About 2 dB *worse* than the KLT, and more than 4 dB worse than our bend. At 4 bits nothing had asked for small errors. **What is
# learned at one λ is good near that λ**; [lesson 17](17_learned_codec.ipynb) comes back to it.

# %% [markdown]
# ## How far can one go?
#
# Is there a limit? Shannon gave one (Cover and Thomas, chapter 10). For our banana no code of any kind passes
#
# $$R \ge h(x) - \log_2 (2 \pi e\, D) = \log_2 \frac{\sigma_t \sigma_n}{D}$$
#
# bits per point, with $e = 2.718\ldots$, $\sigma_t = 1$ and $\sigma_n = \tfrac16$. (The bend does not matter, since areas stay.) It is the dotted line in the explorer. At fine
# steps, two things keep us from it. We know the first: 0.7 dB for slanted cells. The second is the shape even of the best cell that
# rounding can make, a square. A round cell has points less far from its middle; but circles do not fill the plane. In very many dimensions cells can be as
# good as round, and then a square (a cube) is $10\log_{10}(\pi e / 6) = 1.53$ dB worse.

# %%
# NBVAL_CHECK_OUTPUT
limit = 10 * np.log10(np.var(test, axis=0).mean() / (1 / 6 * 2.0**-8))
gap = limit - decibels(8, test, g_a, g_s)
expected = 10 * np.log10(np.pi * np.e / 6) + lost
print(f"bent, at 8 bits: {gap:.1f} dB below the limit, expected {expected:.1f}")
# mean squared error per number, cells of area 1 (Gersho and Gray)
hexagon, square = 5 / (36 * np.sqrt(3)), 1 / 12
print(f"hexagons instead of squares would win {10 * np.log10(square / hexagon):.2f} dB")

# %% [markdown]
# To code several numbers at once, with cells of any shape, is called **vector quantization**. It can do all this without a transform: put the cells where the points are. But it needs a
# list of cells. With 4 bits a point that is a few dozen; for a block of 64 pixels at only half a bit each it would be $2^{32}$. A transform
# needs no list. Rounding is as quick in 64 dimensions as in two, and a learned transform makes cells that rounding alone could not.

# %% [markdown]
# ## And in photographs?
#
# That was two numbers. What of the 64 of a block? After the DCT they are nearly uncorrelated. Take two waves of the first row, $u = 1$ and
# $u = 3$. What do they share? **Predict:** is it as much as the banana's bit? Since there are few blocks, chance alone looks like sharing, so
# shuffle one of the two and subtract what is left.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.jpeg import color, transform

rng = np.random.default_rng(0)
print("          correlation   shared bits")
for name in images.SAMPLES:
    luma = color.luma(images.pad_to_multiple(images.sample(name), 8))
    pairs = transform.forward(luma.astype(np.float32)).reshape(-1, 64)
    pairs = pairs[:, transform.NATURAL[[1, 3]]].astype(float)  # u = 1 and u = 3 of the first row
    mixed = np.stack([pairs[:, 0], rng.permutation(pairs[:, 1])], axis=1)
    share = code.shared_bits(pairs, 32) - code.shared_bits(mixed, 32)
    print(f"{name:10} {np.corrcoef(pairs.T)[0, 1]:z10.1f} {share:12.1f}")

# %% [markdown]
# Hardly any correlation, and yet they share bits: where one wave is strong, the other one tends to be strong as well, be it up or down.
# An edge does not come alone. These are one to three tenths of a bit, for one pair out of 64 numbers. No rotation of the pair takes it away. A learned codec can go for
# it in both ways: with a $g_a$ that is not linear, and with a coder that guesses how strong the next number will be.

# %% [markdown]
# ### ✎ 3 · Beat the KLT
#
# Back to the coffee cup. `points` are (red, blue) of some of its pixels, centred, and divided by their standard deviation along the longest
# axis. Write a $g_a$ and a $g_s$ that leave at least 1.5 dB less error than the KLT at 4 bits a point. The check measures on other pixels.
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
# - A non-linear $g_a$ can take that away. In $y$ the cells are always squares; in $x$ they are what $g_s$ makes of them.
# - It is a trade. Bits: what is shared, and areas (the determinant). Errors: lengths. Compare at equal rate, on points that were not fitted.
# - A small network found the bend by itself, from $L = R + \lambda D$ alone, and a decoder better than the inverse. It is good near the λ that it learned at.
#
# Its rate was a mean of $-\log_2 P$, and P a guess. What does a guess cost? [Lesson 14](14_bits_from_probability.ipynb).
#
# ## Further reading
#
# - J. Ballé, P. A. Chou, D. Minnen, S. Singh, N. Johnston, E. Agustsson, S. J. Hwang, G. Toderici, "Nonlinear transform coding",
#   *IEEE Journal of Selected Topics in Signal Processing* 15(2), 339–353, 2021,
#   [arXiv:2007.03034](https://arxiv.org/abs/2007.03034). The banana (three times larger), and its cells.
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
