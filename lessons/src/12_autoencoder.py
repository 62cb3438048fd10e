# %% [markdown]
# # 12 · The autoencoder
#
# **What survives a bottleneck?**
#
# A machine takes a photograph apart, patch by patch: 64 pixels become 64 numbers, the most telling ones first. Another machine makes
# pixels of the numbers again. In between one can save in two ways. Keep only the first **8 numbers** of each patch, in fine steps of 16. Or keep
# **all 64**, in coarse steps of 53.
#
# Both files are written by JPEG's entropy coder, and they are equally large: 11.8 and 11.7 kB.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from lic_teach import images, metrics
from lic_teach.course.autoencoder import autoencoders, bottleneck, edge, exercises, overlapping
from lic_teach.jpeg.color import luma
from lic_teach.kit.predict import Predict
from lic_teach.metrics import entropy

torch.set_num_threads(1)
cup = luma(images.sample("coffee"))  # uint8 (400, 600)


def crops(*shown):
    """Titles and pictures, a piece of each side by side."""
    figure, axes = plt.subplots(1, len(shown), figsize=(9, 3.4))
    for ax, (title, picture) in zip(axes, shown, strict=True):
        ax.imshow(picture[20:190, 300:470], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.tight_layout()


choices = ["8 fine numbers", "64 coarse numbers", "they differ by less than 0.5 dB"]
with Predict("Which file holds the better picture?", choices) as predict:
    source = bottleneck.prepare(images.sample("coffee"))
    few, many = (bottleneck.compute(source, "linear", k, s) for k, s in ((8, 16), (64, 53)))
    crops(
        ("original", cup),
        (f"8 numbers, step 16: {few.size:,} bytes", few.picture),
        (f"64 numbers, step 53: {many.size:,} bytes", many.picture),
    )
    print(f" 8 numbers, step 16: {few.size:,} bytes, {few.psnr:.1f} dB")
    print(f"64 numbers, step 53: {many.size:,} bytes, {many.psnr:.1f} dB")
    close = abs(many.psnr - few.psnr) < 0.5
    predict.truth = choices[2 if close else int(many.psnr > few.psnr)]

# %% [markdown]
# So the size of the middle of a machine and the size of the file are two things. Many who begin with neural networks take one for
# the other.
#
# **After this lesson** you can
# - train a linear autoencoder, and show that it finds what [lesson 03](03_dct.ipynb) computed, the KLT;
# - say when a bend can do more with one number than a matrix with four, and how little of that photographs give;
# - share a file out between the number of latents and their step;
# - say what overlapping windows win, with numbers.
#
# You need lessons [03](03_dct.ipynb) (the KLT), [04](04_quantization.ipynb) (steps), [05](05_entropy_coding.ipynb) (JPEG's entropy coder),
# [09](09_learning.ipynb) and [10](10_backpropagation.ipynb) (Adam, ReLU). About 30 minutes.

# %% [markdown]
# ## The autoencoder and its bottleneck
#
# An **autoencoder** is two functions, one after the other, that are asked for one thing: return the input. No labels are needed, the
# input is its own answer. Hence *auto*.
#
# $$x \;\longrightarrow\; y = g_a(x) \;\longrightarrow\; \hat x = g_s(y)$$
#
# With 64 numbers in the middle that is no task. With $k < 64$ there is a **bottleneck**, and the machine must find out what
# matters.
#
# ### The names
#
# $x$ is the picture, or a patch of it. $g_a$ is the encoder, or **analysis transform**; $g_s$ is the decoder, or **synthesis transform**.
# The numbers in the middle, $y$, are the **latents**. A hat is for what has been rounded, and for all that comes of it: $\hat y$ is what the file
# holds, and a codec's $\hat x$ is $g_s(\hat y)$. These are the names of the literature, and from here on the course's. (The lecture that the course follows writes $z$ for the latents. Papers
# keep $z$ for something else: [lesson 16](16_tell_the_decoder_where.ipynb).)
#
# You know such a machine: the DCT. Its $g_a$ and $g_s$ are fixed. Here they are learned. In the lecture that is the step from JPEG to a learned codec:
# *replace the DCT and its inverse by an autoencoder*.
#
# ## Two bottlenecks
#
# *Latents* makes the middle narrow, *Step* makes its numbers coarse. Every file is written and measured. Left of the border is the
# original, right of it what the file gives back.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.autoencoder.bottleneck import Bottleneck

Bottleneck()

# %% [markdown]
# ## The linear one
#
# Take the plainest functions: both are matrices. $W$ makes $k$ numbers of 64, $V$ makes 64 of $k$. The mean patch is subtracted first. Both begin as
# random numbers, and Adam ([lesson 09](09_learning.ipynb)) brings the mean of $(\hat x - x)^2$ down. The patches are from three photographs; the cup stays unseen, to
# the end of the lesson.


# %%
def train(machine, x, steps, rate=0.02):
    """Adam on the squared error of x, float32 (n, 64); the rate falls to 0 (cosine)."""
    x = torch.from_numpy(x) / 64  # numbers around 1 are easier to step on
    adam = torch.optim.Adam(machine.parameters(), lr=rate)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        loss = ((machine(x) - x) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        slower.step()
    return machine


torch.manual_seed(0)
some = autoencoders.seen()[::8] - autoencoders.seen()[::8].mean(0)  # (1323, 64)
linear = nn.Sequential(nn.Linear(64, 6, bias=False), nn.Linear(6, 64, bias=False))
W, V = (layer.weight.detach().numpy() for layer in train(linear, some, 1000))

# %% [markdown]
# Where does it end? No six directions hold more of the variance than the first six eigenvectors of the covariance: the KLT of [lesson 03](03_dct.ipynb). In
# statistics it is called **PCA**, principal component analysis. So PCA's error is a bound. Gradient descent knows nothing of eigenvectors.

# %%
with Predict("By how much is its error above PCA's?", unit="%", near=4) as predict:
    variances, vectors = np.linalg.eigh(np.cov(some.T.astype(float)))
    E = vectors[:, ::-1][:, :6]  # the six largest
    mine, bound = (np.mean((some @ P - some) ** 2) for P in (W.T @ V.T, E @ E.T))
    print(f"mean squared error: trained {mine:.1f}, PCA {bound:.1f}")
    predict.truth = round(100 * (mine / bound - 1))

# %% [markdown]
# Has it also found the same *space*? All that the decoder can draw are mixtures of the six columns of $V$ (plus the mean). PCA's mixtures are
# those of its six vectors. Two lines compare the two: the matrices that project onto each space.

# %%
space = V @ np.linalg.pinv(V)
apart = np.linalg.norm(space - E @ E.T)
print(
    f"PCA and trained: {apart:.1f}; two unrelated spaces of six dimensions: about {np.sqrt(12):.1f}"
)
assert apart < 0.6

# %% [markdown]
# Nearly the same; it is still on its way. The sentence that textbooks have is true: **a linear autoencoder with squared error learns the subspace of
# PCA**. Baldi and Hornik showed in 1989 that there is no other valley to be caught in.
#
# ## The axes are free
#
# The same space, but not the same axes. Take any $k \times k$ matrix $M$ that has an inverse:
#
# $$\hat x = V W x = (V M^{-1})(M W)\, x$$
#
# Other latents, the same picture. The loss looks at $\hat x$ only, and cannot tell them apart.
#
# But a file holds latents. Turn the six axes of PCA by a random rotation: space and error stay. Then round all latents to steps of
# 16, and count the entropy of each one's histogram ([lesson 01](01_redundancy.ipynb)).

# %%
# NBVAL_CHECK_OUTPUT
with Predict("Same error. How many more bits?", unit="%", near=8) as predict:
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    bits = []
    for axes in (E, E @ turn):
        q = np.rint(some @ axes / 16)
        bits.append(sum(entropy(np.unique(latent, return_counts=True)[1]) for latent in q.T))
    print(f"bits a patch: PCA's axes {bits[0]:.0f}, turned {bits[1]:.0f}")
    predict.truth = round(100 * (bits[1] / bits[0] - 1))

# %% [markdown]
# PCA's own axes are the good ones: along them the latents are uncorrelated, so that as far as straight lines go none repeats what
# another has said. A loss that is only about the error gives *any* axes. If latents shall be cheap, the **bits must be in the loss**.
#
# ## An edge that slides
#
# A matrix can only mix fixed pictures. Now take a patch with one edge, and let it slide from left to right. One thing changes. So the patches
# lie on a line in their 64 dimensions; but the line is not straight. The left drawing below shows it in the plane of its two largest PCA axes.
#
# Train a machine that may bend: matrix, ReLU, matrix, on both sides of **one** latent. (Two hundred positions to learn from; those that are measured
# lie between them.)

# %%
x = edge.edges(np.linspace(0, 8, 200))
mean = x.mean(0)
torch.manual_seed(0)
bent = nn.Sequential(
    *(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)),  # g_a
    *(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 64)),  # g_s
)
bent = train(bent, x - mean, 1000, rate=0.01)

# %% jupyter={"source_hidden": true}
between = np.linspace(0, 8, 200)[:-1] + 0.02
test = edge.edges(between) - mean
directions = np.linalg.svd(x - mean, full_matrices=False)[2]
drawn = {
    k: test @ directions[:k].T @ directions[:k] for k in (1, 2, 4)
}  # the best linear ones, by PCA
with torch.no_grad():
    drawn["bent"] = 64 * bent(torch.from_numpy(test) / 64).numpy()
errors = {name: np.mean((result - test) ** 2) for name, result in drawn.items()}

figure, axes = plt.subplot_mosaic(
    [
        ["curve", "a0", "b0", "c0", "d0"],
        ["curve", "a1", "b1", "c1", "d1"],
        ["curve", "a2", "b2", "c2", "d2"],
    ],
    figsize=(9, 3.9),
    width_ratios=(3.6, 1, 1, 1, 1),
)
ax = axes["curve"]
for result, look, label in (
    (test, dict(color="0.6", lw=6), "the edge, at 0 ... 8"),
    (drawn[1], dict(color="#d95f02", lw=2, ls="--"), "linear, one latent"),
    (drawn["bent"], dict(color="#2563b0", lw=2), "bent, one latent"),
):
    ax.plot(*(result @ directions[:2].T).T, label=label, **look)
places = [np.abs(between - at).argmin() for at in (1.5, 4.5, 6.5)]
for i in places:
    ax.plot(*(test[i] @ directions[:2].T), "o", color="black", ms=5)
    side = dict(xytext=(-9, 0), ha="right") if between[i] < 4 else dict(xytext=(9, 0))
    place = test[i] @ directions[:2].T
    ax.annotate(f"{between[i]:.1f}", place, va="center", textcoords="offset points", **side)
ax.set(xlabel="first PCA axis, grey levels", ylabel="second PCA axis")
ax.set_title("One thing changes: a curve, not a line", fontsize=10)
ax.legend(fontsize=8, loc="upper center")
columns = (
    ("a", test, "edge"),
    ("b", drawn[1], "linear 1"),
    ("c", drawn[4], "linear 4"),
    ("d", drawn["bent"], "bent 1"),
)
for letter, result, title in columns:
    for row, i in enumerate(places):
        small = axes[f"{letter}{row}"]
        small.imshow((result[i] + mean).reshape(8, 8), cmap="gray", vmin=0, vmax=255)
        small.set(xticks=[], yticks=[], title=title if row == 0 else "")
        if letter == "a":
            small.set_ylabel(f"at {between[i]:.1f}", fontsize=9)
figure.tight_layout()

# %% jupyter={"source_hidden": true}
print("mean squared error:", {name: f"{error:.0f}" for name, error in errors.items()})
assert errors["bent"] < 5 < errors[4] / 50

# %% [markdown]
# One latent that may bend says where the edge is. Four straight ones do not: they blur it. This is what people mean by "natural images lie on a manifold".
#
# Do photographs? The package has such machines for 2, 4, 8 and 16 latents, PCA plus a bend, trained on the three photographs:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
flat = autoencoders.to_patches(cup).reshape(-1, 64)
print("the cup, never seen    linear      bent   (nothing is rounded)")
for k in autoencoders.SIZES:
    straight = autoencoders.psnr(autoencoders.linear(k), flat)
    curved = autoencoders.psnr(autoencoders.nonlinear(k), flat)
    print(f"{k:2} latents          {straight:8.1f} dB {curved:6.1f} dB")

# %% [markdown]
# Half a decibel. A patch of a photograph is seldom one clean edge, and three photographs are few. With the bits counted it is less still: the button *8 latents, non-linear* above. [Lesson 13](13_bend_or_look.ipynb) asks
# when a bend pays.
#
# ## A small latent is not a small file
#
# Here is an autoencoder with one latent that needs no training and makes no error.


# %%
# NBVAL_CHECK_OUTPUT
def g_a(patch):
    return int.from_bytes(patch.astype(np.uint8).tobytes())  # one number


def g_s(number):
    return np.frombuffer(number.to_bytes(64), np.uint8)


for patch in flat:
    np.testing.assert_array_equal(g_s(g_a(patch)), patch)
print("one latent:", str(g_a(flat[0]))[:24], "...", len(str(g_a(flat[0]))), "digits")

# %% [markdown]
# Sixty-four times fewer numbers, and not one bit is saved: the number is the patch, written in one line. "64 numbers into 8" says nothing about a
# file until somebody says how many bits each number has, and before numbers are rounded they have no number of bits at all.
#
# ### ✎ 1 · `choose`
#
# So choose both. `files` holds 65 measured files of the cup: for each $(k, \text{step})$ its bytes and its PSNR. Which has the best picture in at most
# 12,000 bytes? Write it for any budget.

# %%
from lic_teach.course.autoencoder.exercises import check

files = exercises.measured()
print("k = 32, step 40: {:,} bytes, {:.1f} dB".format(*files[32, 40]))


def choose(files, budget):
    """files: {(k, step): (bytes, dB)}. Return (k, step) of the best picture within budget."""
    # your lines here


check("choose", choose)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def choose(files, budget):
#     fitting = {key: dB for key, (size, dB) in files.items() if size <= budget}
#     return max(fitting, key=fitting.get)
# ```
#
# </details>

# %% [markdown]
# ## Replace the DCT
#
# The best for each number of latents, in at most 12,000 bytes:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
for k in (4, 8, 16, 32, 64):
    own = {key: file for key, file in files.items() if key[0] == k}
    _, step = exercises.best(own, 12_000)
    size, dB = own[k, step]
    print(f"{k:2} latents, step {step:2}: {size:6,} bytes, {dB:.1f} dB")

# %% [markdown]
# All 64. The bottleneck of a codec is not its narrow middle, it is the **rounding**. A weak latent is rounded to 0 nearly always and costs nearly nothing, because
# the entropy coder has a short word for what is frequent. (At very small files leaving some out saves a little more: second depth.)
#
# These files are JPEGs in which another transform stands where the DCT was: 64 latents, PCA of three other photographs. What did the replacement earn? One photograph at a time is
# left out of the learning, and measured: bits at equal PSNR (BD-rate, [lesson 07](07_rate_distortion.ipynb)), same step for all numbers, same coder, real files.

# %% jupyter={"source_hidden": true}
with Predict(
    "PCA in place of the DCT: how many more or fewer bits, on average?", unit="%", near=5
) as predict:
    planes = {name: luma(images.sample(name)) for name in images.SAMPLES}
    dct = {name: overlapping.curve(overlapping.isolated(), plane) for name, plane in planes.items()}
    rates = {}
    for name, plane in planes.items():
        others = tuple(other for other in planes if other != name)
        learned = overlapping.curve(overlapping.isolated_pca(others), plane)
        rates[name] = metrics.bd_rate(dct[name], learned)
    print({name: f"{rate:+.0f} %" for name, rate in rates.items()})
    predict.truth = round(np.mean(list(rates.values())))

# %% [markdown]
# **More**, on every one. Only a part of it is that the photographs are strangers to the PCA: even a picture's *own* PCA needs from 1 % less to 13 % more. Nor is it
# JPEG's coder: entropies, each latent by itself, say the same. PCA sees nothing but variances and correlations. Uncorrelated is not
# yet cheap. Is there anything to learn, then?
#
# ## Isolated, or overlapping?
#
# All machines so far cut the picture first. No patch sees its neighbour. At coarse steps that gives the squares of [lesson 04](04_quantization.ipynb).
#
# So let each latent look at 16 × 16 pixels, in windows that overlap by half. There are still 64 latents for 64 pixels. The smallest such change: before the
# picture is cut, mix the eight pixels around each border, four on either side. The decoder undoes it at the end. In between
# stands the DCT, as ever. Mix and DCT together are *one matrix*, and in it **16 numbers are learned** (of the mirror pairs at a border the sums stay, and the four differences go through a matrix of 4 × 4): those that make the latents of the three other photographs cheapest. (It is called a *lapped transform*.)

# %%
learned_from = ("astronaut", "chelsea", "rocket")
isolated, overlap = overlapping.isolated(), overlapping.overlapping(learned_from)
print("what eight pixels around a border become, the third:", overlap.mix[2].round(2))

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(2, 6, figsize=(9, 3.3))
for row, machine, title in ((0, isolated, "isolated: 8 × 8"), (1, overlap, "overlapping: 16 × 16")):
    for k in range(6):
        axes[row, k].imshow(
            overlapping.draws(machine, k)[3:-3, 3:-3], "gray", vmin=-0.25, vmax=0.25
        )
        axes[row, k].axis("off")
    axes[row, 0].set_title(title, fontsize=10, loc="left")
figure.suptitle("What the first six latents draw: those of the second row fade out", fontsize=10)
figure.tight_layout(h_pad=2)

# %%
with Predict("Bits of the overlapping one against the DCT, the cup?", unit="%", near=4) as predict:
    gains = {}
    for name, plane in planes.items():
        others = tuple(other for other in planes if other != name)
        mixed = overlapping.curve(overlapping.overlapping(others), plane)
        gains[name] = metrics.bd_rate(dct[name], mixed)
    predict.truth = round(gains["coffee"])

# %% jupyter={"source_hidden": true}
pair = [overlapping.within(machine, cup, 6000) for machine in (isolated, overlap)]
titles = (
    f"{name}: {len(data):,} bytes"
    for name, (data, _) in zip(("isolated", "overlapping"), pair, strict=True)
)
crops(("original", cup), *zip(titles, (picture for _, picture in pair), strict=True))

# %% jupyter={"source_hidden": true}
print("BD-rate against the DCT:", {name: f"{gain:+.0f} %" for name, gain in gains.items()})


def jumps(picture):
    """Mean difference of neighbours across the borders of patches, over that elsewhere."""
    step = np.abs(np.diff(picture.astype(float), axis=1)).mean(0)
    across = np.arange(len(step)) % 8 == 7
    return step[across].mean() / step[~across].mean()


for name, picture in (("original", cup), ("isolated", pair[0][1]), ("overlapping", pair[1][1])):
    print(f"{name:12} jump at a border, over elsewhere: {jumps(picture):.2f}")

# %% [markdown]
# A tenth to a fifth fewer bits on three photographs, from 16 learned numbers, and hardly a square is left. The rocket is the exception, for it was a JPEG
# before ([lesson 04](04_quantization.ipynb)), cut along these very borders: moved by 4 pixels, it saves 2 percent as well. (41 photographs that had no part in any choice save 14 percent on average, each of them 4 to 30.) At a border 1.1 is not 1: a little of the squares is still there.
#
# Sharing one small matrix over all places, and letting neighbours overlap, is what a **convolution** does ([lesson 11](11_only_the_decoder.ipynb)). The learned codec of [lesson 17](17_learned_codec.ipynb)
# has windows that overlap, too.
#
# So what survives a bottleneck? Not what the middle has room for, but what its rounded numbers say. And many coarse ones say more than a few fine ones.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: what does one latent draw? (about 10 minutes)
#
# Take a patch, change one of its eight latents and leave the other seven: a **latent traversal**. *Move by* counts in standard deviations σ of that
# latent. The photograph shows it in every patch, the strips for the patch that you click.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.autoencoder.traversal import Traversal

Traversal()

# %% [markdown]
# In the linear machine a latent adds the same picture everywhere. In the bent one it depends on the other seven.
#
# ## Depth: how many bits for which latent? (about 20 minutes)
#
# Give each latent bits of its own, and let a budget be shared. On the three photographs the first latent has a standard
# deviation of 450 grey levels, the tenth of 20, the last of 2.5. Who needs how many?
#
# A bit more halves the step, so it leaves a quarter of the error ([lesson 04](04_quantization.ipynb)). A latent with standard deviation $\sigma$
# and $b$ bits has an error of about $c\,\sigma^2\,4^{-b}$, with the same $c$ for all if their histograms have the same shape. (That is for many bits; below one bit it is
# only a guide. With $c = 1$ it is Shannon's bound for Gaussians.) No latent gets less than 0 bits.
#
# ### ✎ 2 · `split`
#
# Share a budget of bits among the latents so that $\sum_i \sigma_i^2\, 4^{-b_i}$ is smallest, with $b_i \ge 0$ and
# $\sum_i b_i$ equal to the budget. Fractions of a bit are allowed.
#
# A hint: move a small piece of a bit from one latent to another. If that never helps, what must be equal for all
# latents that got any? It gives $b_i = \log_2 \sigma_i - \text{a constant}$. Latents for which that is negative get nothing, and the constant
# must then be found again.


# %%
def split(sigma, budget):
    """sigma: float (64,), standard deviations, largest first. Return bits, float (64,), each >= 0."""
    # your lines here


check("split", split)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def split(sigma, budget):
#     for used in range(len(sigma), 0, -1):  # the first `used` latents get bits
#         log = np.log2(sigma[:used])
#         bits = log - log.mean() + budget / used
#         if bits.min() >= 0:
#             return np.pad(bits, (0, len(sigma) - used))
# ```
#
# The error is balanced when $\sigma_i^2\,4^{-b_i}$ is the same for all that got bits: then a piece of a bit saves as much
# in one as it costs in another.
#
# </details>

# %% jupyter={"source_hidden": true}
sigma = exercises.spreads()
left = sigma**2 * 4.0 ** -exercises.shared(sigma, 64.0)
figure, ax = plt.subplots(figsize=(7, 3.2))
ax.bar(range(1, 65), sigma**2, color="0.8", label="variance of a latent")
ax.bar(range(1, 65), left, color="#2563b0", label="what is left as error")
ax.axhline(left.max(), color="#2563b0", ls="--", lw=1)
ax.set(yscale="log", ylim=(1, 1e6), xlabel="latent", ylabel="grey levels squared")
ax.set_title("64 bits for a patch: what lies above the water gets bits", fontsize=10)
ax.legend(fontsize=8)
figure.tight_layout()

# %% [markdown]
# Information theory calls it **reverse water-filling** ([lesson 07](07_rate_distortion.ipynb)): one level of water; latents whose variance lies below it are not sent, of the others as much error is left
# as the water is deep.
#
# Now $\sigma_i 2^{-b_i}$ is, up to a factor, the *step* of latent $i$. So the best split is **the same step for every latent**. (PCA's axes have length 1, so
# an error costs the same in each.) The strong ones get more bits by themselves. That is why one step was enough for this lesson.
#
# Is the wide middle best for other photographs, and other sizes of file? Take each of the four, with the PCA of the other three. For a λ
# let every number of latents choose its own best step, and compare $L = R + \lambda D$ ([lesson 07](07_rate_distortion.ipynb)). The
# table says how much *more* 8 latents cost than 64, and in the last line what the best other $k$ ever saves.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
lams = np.array([0.001, 0.01, 0.1])  # small files, middling ones, good pictures
saved = 0
print("L of 8 latents against 64    λ = 0.001    0.01     0.1")
for name, plane in planes.items():
    machine = overlapping.isolated_pca(tuple(other for other in planes if other != name))
    latents = overlapping.encode(machine, plane)
    best = {}
    for k in (4, 8, 16, 32, 64):
        costs = []
        for step in (8, 16, 32, 64, 128):
            data, y_hat = autoencoders.pack(latents[..., :k], step, plane.shape)
            whole = np.pad(y_hat, ((0, 0), (0, 0), (0, 64 - k)))
            picture = overlapping.decode(machine, whole, plane.shape)
            costs.append(metrics.bpp(data, plane) + lams * metrics.mse(plane, picture))
        best[k] = np.min(costs, axis=0)
    more = 100 * (best[8] / best[64] - 1)
    saved = max(saved, 100 * max((1 - cost / best[64]).max() for cost in best.values()))
    print(f"{name:28} {more[0]:+z7.0f} % {more[1]:+z7.0f} % {more[2]:+z6.0f} %")
print(f"the most that fewer than 64 ever save: {saved:.0f} %")

# %% [markdown]
# The better the picture shall be, the more the bottleneck costs. Only where files are very small can a narrower one save, a few percent: there nearly all weak
# latents are 0 anyway, and leaving them out saves their last bits.
#
# ## What you learnt
#
# - An autoencoder is an encoder, a few latents and a decoder, trained to return its own input.
# - A linear one finds the subspace of PCA, the KLT of [lesson 03](03_dct.ipynb). The axes inside are free, because the error does not see them. The bits do.
# - A bent one follows what is curved: one latent draws a sliding edge that four straight ones blur. On a photograph that it had not seen, half a decibel.
# - $k$ latents are no number of bits. Bits begin with rounding. For the same file, many coarse numbers are better than few fine ones.
# - In place of the DCT, the PCA of three other photographs needs *more* bits. Windows that overlap need fewer.
#
# So a codec does not need a narrow middle. It needs the bits in its loss: $L = R + \lambda D$, with
# $R$ the bits of the rounded latents. Two things
# are missing for that. $R$ must be something that has a gradient: bits from a probability ([lesson 14](14_bits_from_probability.ipynb)). And rounding must let the
# gradient through ([lesson 15](15_noise_for_rounding.ipynb)). [Lesson 17](17_learned_codec.ipynb) puts them together.
#
# ## Further reading
#
# - P. Baldi, K. Hornik, "Neural networks and principal component analysis: learning from examples without local minima", *Neural
#   Networks* 2(1), 53–58, 1989.
# - H. S. Malvar, D. H. Staelin, "The LOT: transform coding without blocking effects", *IEEE Transactions on Acoustics, Speech, and Signal Processing* 37(4),
#   553–559, 1989. Overlapping windows.
# - T. D. Tran, J. Liang, C. Tu, "Lapped transform via time-domain pre- and post-filtering", *IEEE Transactions on Signal Processing* 51(6), 1557–1571, 2003. The mix
#   before the DCT, as here.
# - G. E. Hinton, R. R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", *Science* 313, 504–507, 2006. Deep
#   autoencoders against PCA.
# - V. K. Goyal, "Theoretical foundations of transform coding", *IEEE Signal Processing Magazine* 18(5), 9–21, 2001. How bits are
#   shared among coefficients.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006, chapter 10. Reverse water-filling.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *ICLR*, 2017. An autoencoder with
#   the bits in its loss.
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *ICLR*, 2017. The same year; [lesson 17](17_learned_codec.ipynb) builds on it.
