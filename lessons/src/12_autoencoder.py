# %% [markdown]
# # 12 · The autoencoder
#
# **What survives a bottleneck?**
#
# Two machines take the same photograph apart, patch by patch, into numbers, and put it together again.
# The first keeps **8 numbers** of each 8 × 8 patch and stores them with 8 bits each. The second keeps all
# **64**. Which of the two makes the smaller file?

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from lic_teach import images, jpeg, metrics
from lic_teach.course.autoencoder import autoencoders
from lic_teach.jpeg.color import luma
from lic_teach.metrics import entropy

torch.set_num_threads(1)

cup = luma(images.sample("coffee"))  # uint8 (400, 600): luma
x = autoencoders.to_patches(cup)  # float32 (50, 75, 64): a patch is 64 numbers
machine = autoencoders.linear()  # this lesson explains what it is
y = machine.encode(torch.from_numpy(x)).numpy()  # 64 numbers for each patch


def decoded(y_hat):
    """Numbers of each patch (50, 75, k) -> the picture, uint8; those that are missing are 0."""
    y_hat = np.pad(y_hat, [(0, 0), (0, 0), (0, 64 - y_hat.shape[2])]).astype(np.float32)
    return autoencoders.to_plane(machine.decode(torch.from_numpy(y_hat)).numpy(), cup.shape)


def stored(y, bits):
    """Each number rounded to one of 2**bits levels between its smallest and its largest value."""
    low, high = y.min((0, 1)), y.max((0, 1))
    step = (high - low) / (2**bits - 1)
    return low + step * np.rint((y - low) / step)


few = decoded(stored(y[..., :8], 8))
data, y_hat = autoencoders.pack(y, 32, cup.shape)  # all 64, in coarse steps, a real file
many = decoded(y_hat)
few_bytes = 50 * 75 * 8 * 8 // 8  # patches, numbers, bits; without the 16 ends of the levels

figure, axes = plt.subplots(1, 3, figsize=(9, 3.4))
shown = (
    ("original", cup),
    (f"8 numbers: {few_bytes:,} bytes", few),
    (f"64 numbers: {len(data):,} bytes", many),
)
for ax, (title, picture) in zip(axes, shown, strict=True):
    ax.imshow(picture[20:190, 300:470], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print(f" 8 numbers a patch: {few_bytes:,} bytes, {metrics.psnr(cup, few):.1f} dB")
print(f"64 numbers a patch: {len(data):,} bytes, {metrics.psnr(cup, many):.1f} dB")

# %% [markdown]
# Eight times as many numbers, a third fewer bytes, and a picture that is more than 5 dB better. So the size of the
# middle of the machine, and the size of the file, are two things. Many who begin with neural networks take
# one for the other.
#
# **After this lesson** you can
# - train a linear autoencoder, and show that it finds what [lesson 03](03_dct.ipynb) computed, the KLT;
# - say what a non-linear one can do more, and how much that is on a picture that it has never seen;
# - compute how many bits a latent code takes, and share them out so that the error is smallest.
#
# You need lessons [03](03_dct.ipynb) (the KLT), [04](04_quantization.ipynb) (steps), [05](05_entropy_coding.ipynb) (JPEG's entropy coder) and [10](10_backpropagation.ipynb) (training, ReLU). About 30 minutes.

# %% [markdown]
# ## The autoencoder and its bottleneck
#
# An **autoencoder** is two functions, one after the other:
#
# $$x \;\longrightarrow\; y = g_a(x) \;\longrightarrow\; \hat x = g_s(y)$$
#
# $x$ is a patch, 64 numbers. The encoder $g_a$ (*a* for analysis) makes $k$ numbers of it, the **latents** $y$. The decoder
# $g_s$ (*s* for synthesis) makes 64 numbers of those. It is asked for one thing: $\hat x$ shall be $x$ again. No labels are needed;
# the input is its own answer. Hence *auto*.
#
# With $k = 64$ that is no task: pass everything on. With $k < 64$ there is a **bottleneck**, and the machine must
# find out what matters.
#
# You know such a machine: the DCT, when it keeps $k$ of its 64 coefficients. There $g_a$ and $g_s$ are fixed. Here
# they are learned. In the lecture that this course follows, that is the step from JPEG to a learned codec: *replace the DCT and its
# inverse by an autoencoder*.

# %% [markdown]
# ## The linear one
#
# Take the plainest functions: both are matrices. $W$ makes $k$ numbers of 64, $V$ makes 64 of $k$. (The mean patch is
# subtracted first and added at the end.)
#
# $$y = W x, \qquad \hat x = V y, \qquad \text{loss} = \text{mean of } (\hat x - x)^2$$
#
# It is trained as in [lesson 10](10_backpropagation.ipynb); the parameters are the numbers in $W$ and $V$.
#
# The patches are those of three photographs: astronaut, cat and rocket. The coffee cup stays unseen, to the end of
# the lesson. Every fourth patch will do here. We ask for six latents: few enough to look at each.


# %%
def train_linear(x, k, seed, steps=2000):
    """Gradient descent from random numbers: W (k, 64) and V (64, k), and the loss at each step."""
    torch.manual_seed(seed)
    x = torch.from_numpy(x) / 64  # numbers around 1 are easier to step on
    W = (torch.randn(k, 64) / 8).requires_grad_()
    V = (torch.randn(64, k) / 8).requires_grad_()
    optimizer = torch.optim.Adam([W, V], lr=0.02)  # gradient descent with a memory
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, steps
    )  # smaller steps at the end
    losses = []
    for _ in range(steps):
        x_hat = x @ W.T @ V.T
        loss = ((x_hat - x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()  # the gradient
        optimizer.step()  # downhill
        slower.step()
        losses.append(64**2 * loss.item())
    return W.detach().numpy(), V.detach().numpy(), losses


seen = autoencoders.seen()  # float32 (10582, 64): the patches of the three
some = seen[::4] - seen[::4].mean(0)
W, V, losses = train_linear(some, 6, seed=0)

# %% [markdown]
# Where does it end? [Lesson 03](03_dct.ipynb) has a bound. No six directions hold more of the variance than the first six
# eigenvectors of the covariance, so what the other 58 hold must be lost. In statistics the same is called **PCA**, principal
# component analysis. **Predict:** how near does gradient descent come, which knows nothing of eigenvectors?

# %%
variances, vectors = np.linalg.eigh(np.cov(some.T.astype(float)))
variances, vectors = variances[::-1], vectors[:, ::-1]  # the largest first
bound = variances[6:].sum() / 64

theirs = autoencoders.pca(some)[1]  # the package's; its rows are the eigenvectors
np.testing.assert_allclose(np.abs(theirs[:6]), np.abs(vectors[:, :6].T), atol=1e-3)

figure, ax = plt.subplots(figsize=(6.5, 3.2))
ax.loglog(np.arange(1, len(losses) + 1), losses, color="#2563b0", lw=2)
ax.axhline(bound, color="gray", ls="--")
ax.annotate("PCA: no six numbers leave less", (1.2, bound * 1.15), color="gray")
ax.set(xlabel="step of gradient descent", ylabel="mean squared error")
ax.set_title("It comes down to what PCA leaves, and stays there")
figure.tight_layout()

# %%
print(f"after training {losses[-1]:.1f}, PCA {bound:.1f}")
assert bound < losses[-1] < 1.02 * bound

# %% [markdown]
# The same error. (Where the curve jumps up, steps were too large for a moment: [lesson 09](09_learning.ipynb).) Has it found the same *space*? All pictures that the decoder can draw are mixtures of the six columns of $V$ (plus
# the mean). That is a plane of six dimensions in a space of 64: a **subspace**. PCA's six eigenvectors span one, too.
#
# How far apart are two subspaces? Take one direction in the first and one in the second, as close together as possible. The angle between them
# is the first **principal angle**. Then do it again, at right angles to the directions already taken, and so on: $k$ angles. If all are 0°, the
# two are the same.
#
# It is easily computed. Let $Q_A$ and $Q_B$ be orthonormal bases of the two. The singular values of
# $Q_A^\mathsf{T} Q_B$ are the cosines of the angles.

# %% [markdown]
# ### ✎ 1 · `largest_angle`
#
# Write it. `np.linalg.qr` makes columns orthonormal, `np.linalg.svd` gives singular values. The check compares with SciPy.

# %%
from lic_teach.course.autoencoder.exercises import check


def largest_angle(A, B):
    """A, B: float (64, k), columns that span a subspace each. Return degrees, one number."""
    # your lines here


check("largest_angle", largest_angle)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def largest_angle(A, B):
#     Q_A, Q_B = np.linalg.qr(A)[0], np.linalg.qr(B)[0]
#     cosines = np.linalg.svd(Q_A.T @ Q_B)[1]
#     return np.degrees(np.arccos(min(cosines.min(), 1)))
# ```
#
# The largest angle has the smallest cosine. Rounding can lift a cosine a hair above 1, where `arccos` gives nan.
#
# </details>

# %% [markdown]
# SciPy's version gives all six. Compare the trained decoder with PCA, and, to know what a large angle is, PCA with six random
# directions. A second training from other random numbers joins in.

# %%
from scipy.linalg import subspace_angles

W2, V2, _ = train_linear(some, 6, seed=1)
random = np.random.default_rng(0).normal(size=(64, 6))
for name, A, B in (
    ("random and PCA", random, vectors[:, :6]),
    ("trained and PCA", V.astype(float), vectors[:, :6]),
    ("trained and trained again", V.astype(float), V2.astype(float)),
):
    print(f"{name:26}", np.degrees(subspace_angles(A, B)).round(1))
assert np.degrees(subspace_angles(V.astype(float), vectors[:, :6])).max() < 2
assert np.degrees(subspace_angles(random, vectors[:, :6])).max() > 60

# %% [markdown]
# So the sentence that textbooks have is true: **a linear autoencoder with squared error learns the subspace of PCA** (Baldi and
# Hornik 1989; they also showed that there is no other valley in which gradient descent could get caught). Random numbers
# and a slope found the KLT.
#
# But look at what the columns of $V$ are. **Predict:** will they look like the eigenvectors?


# %%
def show(ax, columns, title):
    """Columns (64, k) as k small pictures in a row, each in its own full contrast."""
    tiles = (columns / np.abs(columns).max(0)).T.reshape(-1, 8, 8)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (0, 1)), constant_values=np.nan)
    ax.imshow(np.hstack(tiles), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
    for left in range(len(tiles)):  # a frame round each, or a white one could not be seen
        ax.add_patch(plt.Rectangle((9 * left - 0.5, -0.5), 8, 8, fill=False, ec="gray", lw=0.8))
    ax.set_title(title, fontsize=11)
    ax.axis("off")


figure, axes = plt.subplots(3, 1, figsize=(7, 4.6))
show(axes[0], vectors[:, :6], "six eigenvectors (PCA)")
show(axes[1], V, "six columns of the trained decoder")
show(axes[2], V2, "the same, begun with other random numbers")
figure.tight_layout()

# %% [markdown]
# ## The axes are free
#
# They are the same subspace, and not the same axes. Take any $k \times k$ matrix $M$ that has an inverse:
#
# $$\hat x = V W x = (V M^{-1})(M W)\, x$$
#
# $MW$ is another encoder and $VM^{-1}$ another decoder, with other latents. Together they do exactly the same.
# The loss looks at $\hat x$ only, so it cannot tell them apart.

# %%
M = np.random.default_rng(1).normal(size=(6, 6))
np.testing.assert_allclose((V @ np.linalg.inv(M)) @ (M @ W), V @ W, atol=1e-4)
print("other latents, the same picture")

# %% [markdown]
# Does it matter which axes? Not to the loss. But a file holds latents, not pictures. Turn the six axes of PCA by a random rotation: the
# subspace stays, and so does the error. Then round all latents to steps of 16 and count: the **entropy** of each latent's
# histogram is what the best code for it costs, if it is sent by itself ([lesson 01](01_redundancy.ipynb)). **Predict:** same error. Same bits?

# %%
# NBVAL_CHECK_OUTPUT
six = vectors[:, :6]
turn = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]  # a random rotation
print("three photographs, six latents, step 16     PCA's axes   turned")
costs, errors = [], []
for basis in (six, six @ turn):
    q = np.rint(some @ basis / 16)
    costs.append(sum(entropy(np.unique(latent, return_counts=True)[1]) for latent in q.T))
    errors.append(np.mean((16 * q @ basis.T - some) ** 2))
print(f"mean squared error {errors[0]:35.0f} {errors[1]:8.0f}")
print(f"bits a patch       {costs[0]:35.0f} {costs[1]:8.0f}")

# %% [markdown]
# Nearly a third more bits for the same error. PCA's own axes are the good ones, because along them the latents are
# uncorrelated: as far as straight lines go, no latent repeats what another has said ([lesson 13](13_bend_or_look.ipynb)). [Lesson 03](03_dct.ipynb) called that coding gain.
#
# Remember this for later. A loss that is only about the error gives you *any* axes. If you want latents that are cheap, the
# **bits must be in the loss**.

# %% [markdown]
# ## Bend it
#
# Six directions, or eight, is all that a matrix can offer: every patch is a mixture of the same eight pictures. But patches of
# photographs do not fill such a plane. An edge that moves by a pixel does not become "more of the same picture". The patches lie on
# something curved ([lesson 13](13_bend_or_look.ipynb)), and a curved thing can be followed with fewer numbers.
#
# So bend the machine: take a network of matrix, activation, matrix, here with ReLU, $\max(0, \cdot)$. It is added to the matrix that
# we have, on both sides:
#
# $$y = W x + f(x), \qquad \hat x = V y + h(y)$$
#
# $W$ and $V$ begin as PCA. $f$ and $h$ have 64 hidden numbers, and their last matrix begins as zero. So at step 0 this *is*
# the best linear machine. Whatever it gains, it gains by bending.


# %%
def bend(inputs, outputs):
    """Matrix, activation, matrix; the last one is zero at first."""
    layers = nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, outputs))
    nn.init.zeros_(layers[2].weight)
    nn.init.zeros_(layers[2].bias)
    return layers


def train_bent(x, k, steps=1500):
    """x: float32 (N, 64), the mean subtracted. Returns the machine, a function x -> x_hat."""
    torch.manual_seed(0)
    x = torch.from_numpy(x) / 64
    W = torch.from_numpy(autoencoders.pca(x.numpy())[1][:k].copy()).float().requires_grad_()
    V = W.detach().T.clone().requires_grad_()
    f, h = bend(64, k), bend(k, 64)
    optimizer = torch.optim.Adam([W, V, *f.parameters(), *h.parameters()], lr=3e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    # rate: small steps first, then large ones, then small ones again

    def machine(x):
        y = x @ W.T + f(x)
        return y @ V.T + h(y)

    for _ in range(steps):
        batch = x[torch.randint(len(x), (256,))]  # a few at a time, drawn at random
        loss = ((machine(batch) - batch) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    return machine


# %% [markdown]
# Each step looks at a batch of 256 patches, as in [lesson 09](09_learning.ipynb). To have enough of them, we cut the three photographs at every third pixel and take
# each patch in eight ways: mirrored, turned. That makes two hundred thousand. The measure is PSNR of what comes out, with nothing rounded, on the patches of the three photographs and on those of the fourth.
#
# **Predict**, in dB: what does bending win with eight latents, on pictures that the machine learned from, and on one that it has never
# seen? We train twice. The first time the cup is left out, the second time the cat.


# %%
def psnr_of(patches, machine, mean):
    """dB of float patches (N, 64) through a machine that wants the mean subtracted, over 64."""
    centred = torch.from_numpy((patches - mean) / 64)
    with torch.no_grad():
        error = 64 * (machine(centred) - centred)
    return 10 * np.log10(255**2 / (error**2).mean().item())


def patches_of(name):
    return autoencoders.to_patches(luma(images.sample(name))).reshape(-1, 64)


gains = {}
for left_out in ("coffee", "chelsea"):
    learned_from = tuple(name for name in images.SAMPLES if name != left_out)
    patches = autoencoders.many(learned_from)
    mean = patches.mean(0)
    eight = autoencoders.pca(patches - mean)[1][:8]
    linear = nn.Linear(64, 64, bias=False)  # W and V of PCA in one matrix
    linear.weight.data = torch.from_numpy(eight.T @ eight).float()
    bent = train_bent(patches - mean, 8)
    known = np.concatenate([patches_of(name) for name in learned_from])
    for what, p in (("learned from", known), (left_out, patches_of(left_out))):
        straight, curved = (psnr_of(p, m, mean) for m in (linear, bent))
        gains[left_out, what] = curved - straight
        print(f"without {left_out:8} {what:13} linear {straight:.1f} dB, bent {curved:.1f} dB")

assert gains["coffee", "coffee"] > 0.2
assert gains["coffee", "coffee"] > gains["chelsea", "chelsea"] + 0.2

# %% [markdown]
# About half a decibel on the cup, which it had never seen. On the cat, when *it* is the unseen one, there is nothing to win, perhaps because
# there is no fur in the other three. [Lesson 03](03_dct.ipynb) had the same warning with the KLT. Three photographs are few; the codec of [lesson 17](17_learned_codec.ipynb) learned from 207 pictures.
#
# In the package the same machine was trained for longer, for 2, 4, 8 and 16 latents, always without the cup. It is a few lines of
# matrices; here it is by hand, for eight.

# %%
from safetensors.numpy import load_file

# The file holds four machines; the names of this one begin with 8.
w = {n[2:]: v.astype(np.float32) for n, v in load_file(autoencoders.WEIGHTS).items() if n[0] == "8"}


def by_hand(inputs, side):
    """Matrix, max(0, ·), matrix."""
    hidden = inputs @ w[f"bend_{side}.0.weight"].T + w[f"bend_{side}.0.bias"]
    return np.maximum(hidden, 0) @ w[f"bend_{side}.2.weight"].T + w[f"bend_{side}.2.bias"]


centred = (x - w["mean"]) / 64  # the machine counts in units of 64 grey levels
mine = centred @ w["down"].T + by_hand(centred, "down")
x_hat = 64 * (mine @ w["up"] + by_hand(mine, "up")) + w["mean"]

model = autoencoders.nonlinear(8)
np.testing.assert_allclose(64 * mine, model.encode(torch.from_numpy(x)), rtol=1e-3, atol=1e-1)
np.testing.assert_allclose(
    x_hat, model.decode(model.encode(torch.from_numpy(x))), rtol=1e-3, atol=1e-1
)

# %%
# NBVAL_CHECK_OUTPUT
flat = x.reshape(-1, 64)
print("the cup, never seen    linear      bent")
for k in autoencoders.SIZES:
    straight = autoencoders.psnr(autoencoders.linear(k), flat)
    curved = autoencoders.psnr(autoencoders.nonlinear(k), flat)
    print(f"{k:2} latents          {straight:8.1f} dB {curved:6.1f} dB")

# %% [markdown]
# ## What does one latent draw?
#
# Take a patch, change one of its eight latents and leave the other seven: a **latent traversal**. *Move by* counts in standard deviations σ of that
# latent. The photograph shows it in every patch, the strips for the patch that you click.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.autoencoder.traversal import Traversal

traversal = Traversal()
traversal

# %% [markdown]
# ## A small latent is not a small file
#
# So a bottleneck forces a machine to learn what matters. Does it compress?
#
# Here is an autoencoder with **one** latent. It has no parameters and needs no training. **Predict** how good it is.


# %%
# NBVAL_CHECK_OUTPUT
def g_a(patch):
    return int.from_bytes(patch.astype(np.uint8).tobytes())  # one number


def g_s(number):
    return np.frombuffer(number.to_bytes(64), np.uint8)


for patch in flat:
    np.testing.assert_array_equal(g_s(g_a(patch)), patch)
print(len(flat), "patches, one latent each, every pixel exact")
print("the first one:", str(g_a(flat[0]))[:24], "...", len(str(g_a(flat[0]))), "digits")

# %% [markdown]
# Sixty-four times fewer numbers, no error at all, and not one bit is saved: the number has 512 bits, as the patch had. It is the
# patch, written in one line.
#
# A real number is not a unit of information. It has as many digits as one gives it. "64 numbers into 8" says nothing about a file
# as long as nobody says **how many bits each number has**. And before numbers are rounded they have no number of bits at all.

# %% [markdown]
# ### ✎ 2 · `rate`
#
# Now give each latent $b$ bits. How many bits per pixel does a picture take, with $k$ latents for every patch of 8 × 8?
# The picture need not consist of whole patches; at the border a patch is filled up and stored like any other.


# %%
def rate(k, b, height, width):
    """k latents a patch, b bits each, a picture of height × width. Return bits per pixel."""
    # your line here


check("rate", rate)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def rate(k, b, height, width):
#     patches = -(-height // 8) * -(-width // 8)
#     return k * b * patches / (height * width)
# ```
#
# `-(-a // 8)` rounds up. For whole patches it is $kb/64$.
#
# </details>

# %% [markdown]
# One bit per pixel is 64 bits a patch. They can be spent in many ways: 8 latents of 8 bits, 16 of 4, ... **Predict:** which
# is the best for the cup?

# %%
# NBVAL_CHECK_OUTPUT
print("64 bits a patch: latents × bits of each")
for k, b in ((4, 16), (8, 8), (16, 4), (32, 2), (64, 1)):
    print(f"{k:2} × {b:2}: {metrics.psnr(cup, decoded(stored(y[..., :k], b))):4.1f} dB")

# %% [markdown]
# Few and fine is best here. By this table one would choose a narrow bottleneck. But the race was not fair. On the three photographs the first latent has a standard
# deviation of 450 grey levels, the tenth of 20, the last of 2.5, and all got the same bits. Who needs how many?
#
# A bit more halves the step, so it leaves a quarter of the error ([lesson 04](04_quantization.ipynb)). A latent with standard deviation $\sigma$
# and $b$ bits has an error of about $c\,\sigma^2\,4^{-b}$, with the same $c$ for all if their histograms have the same shape. (That is for many bits; below one bit it is
# only a guide. With $c = 1$ it is Shannon's bound for Gaussians.) No latent gets less than 0 bits.
#
# ### ✎ 3 · `split`
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
# in one as it costs in another. Information theory calls it *reverse water-filling*: that common value is the level
# of the water, and latents whose variance lies below it are not sent.
#
# </details>

# %% [markdown]
# Look at what "the same for all" means. $\sigma_i 2^{-b_i}$ is, up to a factor, the *step* of latent $i$. So the best split is: **the
# same step for every latent**. (PCA's axes have length 1, so an error costs the same in each. Other decoders need other steps.) Bits need not be shared out. Round all 64 with one step, as [lesson 04](04_quantization.ipynb) found for
# the DCT, and the strong ones get more bits by themselves; a weak one is 0 nearly always and costs nearly nothing. Under
# one condition: 0, the frequent value, must have a short code word. That is the entropy coder's work ([lesson 05](05_entropy_coding.ipynb)).

# %% [markdown]
# ## Replace the DCT
#
# So put the autoencoder into JPEG. Where the DCT was, stand its 64 latents; everything behind it stays: one step, zig-zag,
# run lengths, Huffman codes, all headers. `autoencoders.pack` writes that file, with JPEG's own entropy coder, and its bytes are what we
# count. (A viewer would open the file, and paint cosines. Ours knows $V$.) First see that the file is honest: the blocks in it are the
# rounded latents.

# %%
# NBVAL_CHECK_OUTPUT
data, y_hat = autoencoders.pack(y, 16, cup.shape)
blocks, layout, steps = jpeg.codec.unpack(data)
np.testing.assert_array_equal(blocks.reshape(50, 75, 64) * 16, y_hat)
q = blocks.reshape(-1, 64)
estimate = sum(entropy(np.unique(latent, return_counts=True)[1]) for latent in q.T) / 64
print(f"entropy of the latents, each by itself: {estimate:.2f} bits per pixel")
print(f"the file:                               {metrics.bpp(data, cup):.2f} bits per pixel")
print(f"share of zeros among the latents: {np.mean(q == 0):.0%}")

# %% [markdown]
# The file is smaller than the estimate, mostly because a run of zeros is *one* symbol: JPEG uses that weak latents are zero together. (And the first latent is sent as
# a difference, as DC is.)
#
# Now the table of above, with one step instead of the same bits. We look for the step at which the file takes 1 bit per pixel.
# **Predict** the best number of latents.

# %%
# NBVAL_CHECK_OUTPUT
print("1 bit per pixel, the same step for each latent:")
at_one = {}
for k in (4, 8, 16, 32, 64):
    files = (autoencoders.pack(y[..., :k], step, cup.shape) for step in range(2, 41))
    fitting = next(f for f in files if metrics.bpp(f[0], cup) <= 1)
    at_one[k] = metrics.psnr(cup, decoded(fitting[1]))
    print(f"{k:2} latents: {metrics.bpp(fitting[0], cup):.2f} bits per pixel, {at_one[k]:.1f} dB")

# %% [markdown]
# All 64. It is not even close, and with fewer than 64 the file could not even *use* its bits: finer steps of the few numbers that
# were left bring nothing.
#
# Both tables spend the same bits. In the first, the best was a narrow bottleneck. In the second, the best is none at all. What
# limits the file is the step.

# %%
figure, ax = plt.subplots(figsize=(7, 4))
for k, look in ((4, ":"), (8, "--"), (16, "-."), (64, "-")):
    points = []
    for step in (3, 4, 6, 8, 12, 18, 27, 40, 64, 96):
        data, y_hat = autoencoders.pack(y[..., :k], step, cup.shape)
        points.append((metrics.bpp(data, cup), metrics.psnr(cup, decoded(y_hat))))
    bpp, psnr = np.array([p for p in points if p[0] < 2]).T
    color = "#2563b0" if k == 64 else "gray"
    ax.plot(bpp, psnr, look, color=color, lw=2)
    beside = k in (4, 64)  # the label; or else above the end of the curve
    at = (bpp[0] + 0.03, psnr[0]) if beside else (bpp[0], psnr[0] + 0.2)
    ax.annotate(f"{k} latents", at, color=color, ha="left" if beside else "right", va="bottom")
one = metrics.psnr(cup, few)
ax.plot(1, one, "o", color="black")
ax.annotate("8 latents of 8 bits", (1.04, one), va="center")
ax.set(
    xlim=(0, 2.4), ylim=(24, 44), xlabel="R, bits per pixel, whole file", ylabel="PSNR of luma, dB"
)
ax.set_title("Few latents go flat: finer steps buy nothing")
figure.tight_layout()

# %% [markdown]
# Is that so on other pictures, and at other sizes of file? Take each of the four photographs, with the PCA of the other three. For a λ
# let every number of latents $k$ choose its own best step, and compare the costs $L = R + \lambda D$ ([lesson 07](07_rate_distortion.ipynb)). The
# table says how much *more* 8 latents cost than 64, and in the last line what the best other $k$ ever saves.

# %%
# NBVAL_CHECK_OUTPUT
lams = np.array([0.001, 0.01, 0.1])  # small files, middling ones, good pictures
saved = 0
print("L of 8 latents against 64    λ = 0.001    0.01     0.1")
for name in images.SAMPLES:
    others = np.concatenate([patches_of(n) for n in images.SAMPLES if n != name])
    mean, rows = autoencoders.pca(others)
    plane = luma(images.sample(name))
    latents = (autoencoders.to_patches(plane) - mean) @ rows.T
    best = {}
    for k in (4, 8, 16, 32, 64):
        costs = []
        for step in (8, 16, 32, 64, 128):
            data, y_hat = autoencoders.pack(latents[..., :k], step, plane.shape)
            picture = autoencoders.to_plane(y_hat @ rows[:k] + mean, plane.shape)
            costs.append(metrics.bpp(data, plane) + lams * metrics.mse(plane, picture))
        best[k] = np.min(costs, axis=0)
    more = 100 * (best[8] / best[64] - 1)
    saved = max(saved, 100 * max((1 - cost / best[64]).max() for cost in best.values()))
    print(f"{name:28} {more[0]:+z7.0f} % {more[1]:+z7.0f} % {more[2]:+z6.0f} %")
print(f"the most that fewer than 64 ever save: {saved:.0f} %")

# %% [markdown]
# The better the picture shall be, the more the bottleneck costs. Only where files are very small can a narrower one save, a few percent: there nearly all weak
# latents are 0 anyway, and leaving them out saves their last bits; [lesson 08](08_jpeg_by_lambda.ipynb) dropped such coefficients one by one.

# %% [markdown]
# ## Two bottlenecks
#
# *Latents* makes the middle narrow, *Step* makes the numbers coarse. Every file is written and measured. In the picture, left of the border is the original,
# right of it what the file gives back. Pull the border.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.autoencoder.bottleneck import Bottleneck

bottleneck = Bottleneck()
bottleneck

# %% [markdown]
# Take a photograph of your own, or a screenshot of text. Text needs many latents: with 8, small letters can hardly be
# read.

# %% [markdown]
# ## What you learnt
#
# - An autoencoder is an encoder, a few latents and a decoder, trained to return its own input.
# - A linear one finds the subspace of PCA, the KLT of [lesson 03](03_dct.ipynb). The axes inside are free, because the error does not see them. The bits do.
# - A non-linear one follows what is curved: half a decibel here, on pictures like those that it has learned from.
# - $k$ latents are no number of bits. Bits begin with rounding, and how many there are is decided by the step and by how well
#   each number can be foreseen.
# - For the same file, many coarse numbers are better than few fine ones.
#
# So a codec does not need a narrow middle. It needs the bits in its loss: not "return $x$ through 8 numbers", but $L = R + \lambda D$, with
# $R$ the bits of the rounded latents. Then the machine itself decides which numbers are worth how much, and which axes. Two things
# are missing for that. $R$ must be something that has a gradient: bits from a probability ([lesson 14](14_bits_from_probability.ipynb)). And rounding must let the
# gradient through ([lesson 15](15_noise_for_rounding.ipynb)). [Lesson 17](17_learned_codec.ipynb) puts them together.
#
# ## Further reading
#
# - P. Baldi, K. Hornik, "Neural networks and principal component analysis: learning from examples without local minima", *Neural
#   Networks* 2(1), 53–58, 1989. The theorem of the first half.
# - H. Bourlard, Y. Kamp, "Auto-association by multilayer perceptrons and singular value decomposition", *Biological Cybernetics* 59,
#   291–294, 1988. The same, from singular values.
# - G. E. Hinton, R. R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", *Science* 313, 504–507, 2006. Deep
#   autoencoders against PCA.
# - V. K. Goyal, "Theoretical foundations of transform coding", *IEEE Signal Processing Magazine* 18(5), 9–21, 2001. How bits are
#   shared among coefficients.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006, chapter 10. Reverse water-filling.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *ICLR*, 2017. An autoencoder with
#   the bits in its loss.
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *ICLR*, 2017. The same year; [lesson 17](17_learned_codec.ipynb) builds on it.
