# %% [markdown]
# # 14 · Bits from probability
#
# **What does a guess cost?**
#
# Take the cat apart as in [lesson 12](12_autoencoder.ipynb): 64 latents for each patch of 8 × 8 pixels, divided by a step and rounded to
# whole numbers, ŷ. Before a decoder reads the first of them, it makes a guess: how often will each number come? It
# cannot look. The guess decides how many bits the numbers take.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import integrate, stats
from scipy.special import ndtr  # Φ: the area under N(0, 1) to the left of a place

from lic_teach import images, learned, metrics
from lic_teach.course.bits_from_probability import linear
from lic_teach.kit import mine, priors
from lic_teach.kit.predict import Predict
from lic_teach.learned import entropy as package

torch.set_num_threads(1)
BLUE = "#2563b0"  # what is in the picture, and in the file

# %%
klt = mine.get("klt", linear.klt)  # yours, if it is in mine.py
x = {name: linear.patches(images.sample(name)) for name in images.SAMPLES}  # (h, w, 64), luma
seen = np.concatenate([x[name].reshape(-1, 64) for name in linear.SEEN])  # all but the cat
mean, rows = seen.mean(0), klt(seen)  # a linear autoencoder
step = 16  # grey levels
y_hat = {name: np.rint(np.moveaxis((x[name] - mean) @ rows.T / step, -1, 0)) for name in x}
cat = y_hat["chelsea"]  # (64, 38, 57): 64 channels, one number of each for every patch

# %% [markdown]
# The autoencoder has learned from three other photographs. It has not seen the cat. All numbers of one latent, over the whole picture, are a **channel**.
# Here is the fourth, and three guesses.

# %% jupyter={"source_hidden": true}
k = np.arange(-8, 9)
figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), width_ratios=(1.5, 1, 1, 1))
axes[0].imshow(cat[3], cmap="gray", vmin=-5, vmax=5, interpolation="nearest")
axes[0].set_title("channel 4 of the cat, ŷ", fontsize=11)
axes[0].axis("off")
for ax, (name, sigma) in zip(
    axes[1:], (("sure of 0", 0.4), ("about right", 1.6), ("anything", 6.0)), strict=True
):
    spent = priors.information(cat[3], 0, sigma).mean()
    ax.bar(k, [(cat[3] == n).mean() for n in k], 0.5, color=BLUE)
    ax.stairs(2 ** -priors.information(k, 0, sigma), np.arange(-8.5, 9), color="black")
    ax.set(ylim=(0, 0.85), title=f"{name}: {spent:.1f} bits", xlabel="ŷ")
axes[1].annotate("latents", (2.2, 0.34), color=BLUE)
axes[1].annotate("guess", (1.3, 0.66))
axes[1].set_ylabel("share, probability")
figure.tight_layout()

# %% [markdown]
# Too sure is expensive, too careful is expensive. The guess that lies close to the numbers is cheap.
#
# **After this lesson** you can
# - say what any guess costs in bits, and how much of that is the guess's fault;
# - turn a density into the probability of a whole number;
# - find the width that takes the fewest bits;
# - let decoded neighbours choose the width, and say what the entropy of a histogram is a bound for.
#
# You need lessons [01](01_redundancy.ipynb) (entropy) and [12](12_autoencoder.ipynb) (latents), and about 30 minutes. The depth also needs [lesson 09](09_learning.ipynb) (gradients).

# %% [markdown]
# ## The price of a wrong guess
#
# Four letters come with the probabilities 1/2, 1/4, 1/8, 1/8. Good code words for them have 1, 2, 3, 3 bits, that
# is $-\log_2 p$ ([lesson 01](01_redundancy.ipynb)). Draw each letter as a bar: as *wide* as it is frequent, as *high* as its word is long. The area
# is what is paid, in bits a letter.


# %% jupyter={"source_hidden": true}
def draw_areas(ax, p, q, title):
    """Bars of width p and height -log2 q; where the heights -log2 p are others, they are dashed."""
    left = np.cumsum(p) - p
    for start, share, guess, letter in zip(left, p, q, "ABCD", strict=True):
        height, least = -np.log2(guess), -np.log2(share)
        ax.bar(start, min(height, least), share, align="edge", color=BLUE, ec="white")
        ax.bar(
            start,
            abs(height - least),
            share,
            min(height, least),
            align="edge",
            color="#d9730d" if height > least else "white",
            hatch="" if height > least else "///",
            ec="white" if height > least else BLUE,
        )
        ax.hlines(least, start, start + share, color="black", ls="--", lw=1.2)
        ax.annotate(letter, (start + share / 2, -0.32), ha="center", annotation_clip=False)
    ax.set(xlim=(0, 1), ylim=(0, 3.4), xticks=(), yticks=(0, 1, 2, 3), title=title)
    ax.set_ylabel("bits of its word")
    ax.set_xlabel("as wide as it is frequent", labelpad=20)


p = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
figure, ax = plt.subplots(figsize=(4.2, 3))
draw_areas(ax, p, p, f"The area: {-p @ np.log2(p):.2f} bits a letter, the entropy")
figure.tight_layout()

# %% [markdown]
# Now the same letters, but words made for *another* message, in which D is the frequent one. The probabilities that a code was made for are the
# **guess** $q$. It spends $-\log_2 q$ bits on a letter, whatever the letter's own $p$ is.

# %%
p = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])  # how often A, B, C, D come
q = np.array([1 / 8, 1 / 8, 1 / 4, 1 / 2])  # the guess
words = {"A": "111", "B": "110", "C": "10", "D": "0"}  # a code for the guess

with Predict("How many bits a letter now?", unit="bits", near=0.15) as predict:
    message = "AABACADB" * 100
    predict.truth = len("".join(words[letter] for letter in message)) / len(message)
    figure, ax = plt.subplots(figsize=(4.2, 3))
    draw_areas(ax, p, q, f"The area: {-p @ np.log2(q):.3f} bits a letter")
    figure.tight_layout()
    print("orange: paid too much; hatched: saved; dashed: the words of the first code")

# %% [markdown]
# The whole area is the **cross-entropy** of $p$ and $q$. It is the entropy and something on top:
#
# $$\underbrace{-\sum_i p_i \log_2 q_i}_{\text{cross-entropy}} \;=\; \underbrace{-\sum_i p_i \log_2 p_i}_{\text{entropy } H}
# \;+\; \underbrace{\sum_i p_i \log_2 \frac{p_i}{q_i}}_{\text{KL}(p\,\|\,q)}$$
#
# KL is the *Kullback–Leibler divergence*: orange minus hatched, what the wrong guess wastes. It is never
# negative, and 0 only if $q = p$. So **the best guess is the truth, and the entropy is the bound.**
#
# The order matters. First stands what really comes, $p$, then the guess. A guess that calls something impossible which then comes wastes
# infinitely much. The other way round, $\text{KL}(q\,\|\,p)$, is another number.
#
# <details><summary>Why it is never negative</summary>
#
# The curve of $\ln t$ lies below its tangent at 1: $\ln t \le t - 1$. Put $t = q_i / p_i$. Then
# $-\sum p_i \ln \frac{p_i}{q_i} = \sum p_i \ln \frac{q_i}{p_i} \le \sum p_i \left(\frac{q_i}{p_i} - 1\right) = \sum q_i - \sum p_i \le 0$.
#
# </details>

# %% [markdown]
# ## A density made discrete
#
# A table with a probability for each number is a good guess, but a clumsy one. And it says nothing about what lies *between* two
# whole numbers, so it has no slope that could tell a latent which way bits fall. We want a smooth guess of one or two numbers: a
# Gaussian with a **mean** μ and a width **σ**, its standard deviation. A guess like this, made before the picture is seen, is called a **prior** or *entropy model*.
#
# But a Gaussian is a **density**, and a density is no probability. At σ = 0.1 its peak is 4. And any one real number
# has the probability 0, which would cost $-\log_2 0 = \infty$ bits.
#
# Rounding rescues it. The file does not hold $y$, it holds $\hat y$. That is 1 whenever $y$ lies between ½ and 1½. So the
# probability of $\hat y$ is the area under the density over its **bin**, one step wide:
#
# $$P(\hat y) = \Phi\!\left(\frac{\hat y + \frac12 - \mu}{\sigma}\right) - \Phi\!\left(\frac{\hat y - \frac12 - \mu}{\sigma}\right)$$
#
# $\Phi(x)$ is the area left of $x$ under N(0, 1), the Gaussian with μ = 0 and σ = 1: its distribution function, or CDF. It is the
# lecture's $P(\hat z) = \mathrm{CDF}(\hat z + \tfrac12) - \mathrm{CDF}(\hat z - \tfrac12)$; our $\hat y$ is its $\hat z$.

# %% jupyter={"source_hidden": true}
t = np.linspace(-3.5, 3.5, 701)
figure, ax = plt.subplots(figsize=(7, 3))
for n in range(-3, 4):
    inside = np.abs(t - n) <= 0.501
    ax.fill_between(t[inside], stats.norm.pdf(t[inside]), color=BLUE, alpha=0.25 + 0.3 * (n % 2))
    area = ndtr(n + 0.5) - ndtr(n - 0.5)
    ax.annotate(f"{area:.3f}", (1.08 * n, min(0.42, stats.norm.pdf(n) + 0.06)), ha="center")
ax.plot(t, stats.norm.pdf(t), color="black", lw=1.2)
ax.set(xlabel="y, in steps", ylabel="density of N(0, 1)", ylim=(0, 0.48), xticks=range(-3, 4))
ax.set(xlim=(-3.8, 3.8))
ax.set_title("The area over a bin is the probability of its whole number")
figure.tight_layout()


# %%
def mass(k, mean, sigma):
    """Probability of the whole number k: the area of N(mean, sigma²) over its bin."""
    return ndtr((k + 0.5 - mean) / sigma) - ndtr((k - 0.5 - mean) / sigma)


area, _ = integrate.quad(stats.norm(0.3, 0.4).pdf, 0.5, 1.5)  # of the density itself
np.testing.assert_allclose(mass(1, 0.3, 0.4), area)

# %% [markdown]
# ## The floor
#
# The lecture's prior is N(0, 1), the same for each latent.

# %%
with Predict("What does a latent cost that is always 0?", unit="bits", near=0.15) as predict:
    least = -np.log2(mass(0, 0, 1))
    print(f"64 of them for 64 pixels: {64 * least / 64:.3f} bits per pixel, for an empty picture")
    predict.truth = round(least, 3)

# %% [markdown]
# Its entropy is 0, so that is all KL. Look at the picture: the peak of the density is
# 0.399, so no bin of width 1 can hold more, and the largest holds 0.383. Who is never sure pays every time.
#
# And a latent that is wide pays for each surprise. Most of our channels are narrower than 1, a few much
# wider. Below are the latents as bars, the guess in grey and its density as a line; under the numbers stands what they cost. Then
# the code length over σ: the dot is your guess, the ring the best one. Channels are sorted, the widest first. The right half of the photograph shows
# where the bits go: dark is expensive. (`priors.information` is the formula, by logarithms: exact in the tails.)

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bits_from_probability.code_length import CodeLength

explorer = CodeLength()
explorer

# %% [markdown]
# ## Learn σ
#
# If the numbers are known, which σ takes the fewest bits? The bits of a channel are $\sum -\log_2 P(\hat y)$, that is, $-\log_2$ of the *product* of all $P$. Statistics calls this
# product the **likelihood**: how probable the numbers are under the guess. So **fewest bits is maximum likelihood**, and whoever fits a model to data by it builds a compressor.
#
# For a wide channel that σ is nearly the standard deviation of the numbers. For a narrow one?

# %%
narrow = np.zeros(1000)
narrow[:5], narrow[5:10] = 1, -1  # 99 zeros in 100

question = "Is the σ of fewest bits larger or smaller than their standard deviation?"
with Predict(question, ["larger", "equal", "smaller"]) as predict:
    for name, sigma in (("deviation", narrow.std()), ("best", linear.best_sigma(narrow))):
        bits = priors.information(narrow, 0, sigma).mean()
        print(f"{name:10} σ = {sigma:.2f}: {bits:.3f} bits a number")
    predict.truth = "larger" if sigma > narrow.std() * 1.02 else "smaller"

# %% [markdown]
# The standard deviation of the *rounded* numbers is too sure of 0, and pays for each 1. The best σ is the width of
# a Gaussian that, rounded, has as many 1s.
#
# ### ✎ 1 · `best_sigma`
#
# Find it for any channel, with μ = 0. `priors.information(k, 0, sigma)` gives the bits of each number, `priors.histogram(k)` the different numbers and the
# share of each. Do not go below σ = 0.11, the narrowest that our codec has.

# %%
from lic_teach.course.bits_from_probability.exercises import check


def best_sigma(k):
    """k: whole numbers, float (n,). Return the sigma with the fewest bits, mean 0."""
    # your lines here


check("best_sigma", best_sigma)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def best_sigma(k):
#     values, share = priors.histogram(k)  # each whole number, and how often it comes
#     sigmas = np.geomspace(0.11, 50, 400)
#     spent = share @ priors.information(values[:, None], 0, sigmas)
#     return sigmas[spent.argmin()]
# ```
#
# </details>

# %% [markdown]
# Now each channel gets its own σ: 64 numbers instead of one.

# %%
# NBVAL_CHECK_OUTPUT
best_sigma = mine.get("best_sigma", linear.best_sigma)
each = np.array([best_sigma(channel.ravel()) for channel in cat])


def bpp(sigma):
    """Bits per pixel of the cat; sigma: of each latent, as an array that broadcasts to cat."""
    return priors.information(cat, 0, sigma).sum() / cat.size


entropy = np.mean([metrics.entropy(np.unique(c, return_counts=True)[1]) for c in cat])
print(f"N(0, 1) for all           {bpp(1):.2f} bits per pixel")
print(f"one σ a channel           {bpp(each[:, None, None]):.2f}")
print(f"entropy of its histogram  {entropy:.2f}")

# %% [markdown]
# The floor is gone: a channel that is nearly always 0 now has a narrow prior and costs next to nothing. What is left above the entropy is that the channels are not Gaussian.
#
# (The first line is no verdict on N(0, 1): nobody told these latents about it. A codec that is *trained* with it makes its latents smaller, until
# they fit: [lesson 19](19_why_the_prior_fits.ipynb).)
#
# A codec does not try all σ, it goes downhill ([lesson 09](09_learning.ipynb)): $-\log_2 P$ has a slope for every μ and σ. That is what the formula was for.

# %% [markdown]
# ## σ by the neighbours
#
# The entropy is the bound. Can *Gaussians* get below it, with widths that they did not even learn from the cat?
#
# In the first picture the eyes and the forehead are busy, the right is quiet. A decoder reads patch after patch, row by row. It
# already has the patch to the left and the three above. If those are busy, the next one probably is. So let them
# choose σ: eight classes, from quiet to busy, and in each class 64 widths. All are learned from the *other* three photographs, so nothing has
# to be sent.


# %%
def busy(k):
    """Whole numbers (64, h, w) -> how busy the decoded neighbours of each patch are, (h, w)."""
    p = np.pad(np.abs(k[1:]).sum(0), ((1, 0), (1, 1)))  # without the first: it is brightness
    return p[1:, :-2] + p[:-1, 1:-1] + (p[:-1, :-2] + p[:-1, 2:]) / 2  # left, above, corners


around = {name: busy(k) for name, k in y_hat.items()}
limits = np.quantile(np.hstack([around[n].ravel() for n in linear.SEEN]), np.arange(1, 8) / 8)
kind = {name: np.searchsorted(limits, around[name]) for name in around}  # 0..7 for each patch
pooled = [np.hstack([y_hat[n][:, kind[n] == c] for n in linear.SEEN]) for c in range(8)]
widths = np.array([[best_sigma(channel) for channel in k] for k in pooled])  # (8, 64)

# %%
choices = ["above the entropy", "below the entropy"]
with Predict("Where does the cat end, with σ by its neighbours?", choices) as predict:
    by_place = np.moveaxis(widths[kind["chelsea"]], -1, 0)  # σ of each latent
    print(f"entropy of each channel's histogram  {entropy:.3f} bits per pixel")
    print(f"Gaussians, σ by the neighbours       {bpp(by_place):.3f}")
    predict.truth = choices[int(bpp(by_place) < entropy)]

# %% [markdown]
# Is that a contradiction? No. The entropy of a histogram is the bound for *one guess at all places*. A histogram counts how often each number comes, and has forgotten where. Here the guess
# is another one at each place, and the decoder can follow, because it looks only at what it has. The bound that holds now is the *conditional* entropy, of a latent whose neighbours are known.
#
# The test: give the cat's patches other places, by lot. Every histogram stays, and so does its entropy. Only the neighbours are now strangers.

# %%
with Predict("And with the patches shuffled?", choices) as predict:
    lot = np.random.default_rng(14).permutation(38 * 57)
    shuffled = cat.reshape(64, -1)[:, lot].reshape(cat.shape)
    sigma = np.moveaxis(widths[np.searchsorted(limits, busy(shuffled))], -1, 0)
    strangers = priors.information(shuffled, 0, sigma).sum() / cat.size
    print(f"entropy {entropy:.3f}, σ by strangers {strangers:.3f} bits per pixel")
    predict.truth = choices[int(strangers < entropy)]

# %% [markdown]
# So it is the places. They also tell why a channel is not Gaussian: mix narrow Gaussians from quiet places and wide ones from busy places, and the heap is
# peaked, with long tails.

# %% [markdown]
# ## What does a prior believe in?
#
# A prior is a belief about pictures. See it: draw all latents by lot, as the prior expects them, and decode.

# %%
of_others = np.array([best_sigma(np.hstack(c)) for c in zip(*pooled, strict=True)])
sigmas = {"N(0, 1)": 1, "one σ a channel": of_others[:, None, None], "σ by neighbours": by_place}
rng = np.random.default_rng(14)
drawn = {name: np.rint(rng.normal(0, s, cat.shape)) for name, s in sigmas.items()}


# %% jupyter={"source_hidden": true}
def decoded(k):
    """Whole numbers (64, h, w) -> grey levels: the autoencoder's way back."""
    patches = np.moveaxis(k, 0, -1) * step @ rows + mean
    return patches.reshape(*k.shape[1:], 8, 8).swapaxes(1, 2).reshape(8 * k.shape[1], -1)


figure, axes = plt.subplots(2, 4, figsize=(9, 3.7))
for column, (name, k) in zip(axes.T, (drawn | {"the cat itself": cat}).items(), strict=True):
    column[0].set_title(name, fontsize=11)
    even = np.where(np.arange(64)[:, None, None] > 0, k, 0)  # the first latent is brightness
    for ax, shown in zip(column, (k, even), strict=True):
        ax.imshow(decoded(shown), cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=(), yticks=())
axes[0, 0].set_ylabel("all latents")
axes[1, 0].set_ylabel("without brightness")
figure.tight_layout()

# %% [markdown]
# The first prior believes in grey mist. The second has the right strength of each latent, but the same everywhere, and neighbours that are
# strangers. The third, with the cat's own neighbours, expects much where much comes. None has
# heard of an edge that goes on, or of a cat. What a prior does *not* know is paid in bits.
#
# <details><summary>And with its own samples as neighbours?</summary>
#
# Then it becomes busier from row to row, until nearly every patch is in the busiest class. It has learned that busy stays busy, and that is
# enough to save bits beside a real picture. To *make* a picture it is not enough.
#
# </details>

# %% [markdown]
# ## The R of L = R + λD
#
# In [lesson 05](05_entropy_coding.ipynb) one had to write a file to know its bits. Now
#
# $$R = \frac{1}{\text{pixels}} \sum -\log_2 P(\hat y)$$
#
# is a formula. The file is as long as it says, to within a few bytes ([lesson 20](20_bitstream.ipynb)), and the formula has a slope, for the prior and for the latents: make $\hat y$ more likely, and the file
# shrinks. With [lesson 07](07_rate_distortion.ipynb)'s $D$ that is a loss for the whole codec, $L = R + \lambda D$, if only the rounding in between had a
# slope too. That is [lesson 15](15_noise_for_rounding.ipynb). And when latents and prior both learn, who moves? [Lesson 19](19_why_the_prior_fits.ipynb).
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: into the file, and out again (about 8 minutes)
#
# Are these bits real? A *range coder* ([lesson 20](20_bitstream.ipynb)) really spends $-\log_2 P$ on each number. Encode the cat, patch by
# patch, each with the σ that its neighbours choose.

# %%
import constriction

prior = constriction.stream.model.QuantizedGaussian(-2047, 2047)  # P as above
encoder = constriction.stream.queue.RangeEncoder()
for i, j in np.ndindex(cat.shape[1:]):
    sigma = widths[kind["chelsea"][i, j]]
    encoder.encode(cat[:, i, j].astype(np.int32), prior, np.zeros(64), sigma)
file = encoder.get_compressed()  # 32-bit words
print(f"estimated {bpp(by_place):.3f} bits per pixel, written {32 * len(file) / cat.size:.3f}")

# %% [markdown]
# The decoder knows `widths` and `limits`, from the other photographs. Of the cat it has nothing but the file.

# %%
# NBVAL_CHECK_OUTPUT
decoder = constriction.stream.queue.RangeDecoder(file)
found = np.zeros(cat.shape)
for i, j in np.ndindex(cat.shape[1:]):
    rows_above = found[:, max(i - 1, 0) : i + 1]  # all that busy looks at
    c = np.searchsorted(limits, busy(rows_above)[-1, j])
    found[:, i, j] = decoder.decode(prior, np.zeros(64), widths[c])
print("every latent is back:", np.array_equal(found, cat))

# %% [markdown]
# (What lies in `found` behind the patch is still 0. `busy` does not look there. If it did, the decoder would go astray at the first patch.)

# %% [markdown]
# ## Depth: by gradient descent (about 10 minutes)
#
# A codec learns its prior downhill, as everything else in it ([lesson 09](09_learning.ipynb)). The mean of $-\log_2 P$ is the loss.
# We learn a μ and a σ for each channel at once, for the cat. We step on the logarithm of σ, so that σ stays positive.


# %%
values = np.arange(-128, 129)


def count(latents):
    """Whole numbers (c, h, w) -> how often each of `values` comes in each channel, int (c, 257)."""
    return np.stack([np.bincount(c.ravel().astype(int) + 128, minlength=257) for c in latents])


def learn(counts, steps=300):
    """Counts (c, 257) -> means and sigmas (c,), and the bits per pixel at each step."""
    share = torch.from_numpy(counts / counts.sum(1, keepdims=True))
    k = torch.from_numpy(values.astype(float))
    mean = torch.zeros(len(counts), 1, dtype=torch.float64, requires_grad=True)
    log_sigma = torch.full_like(mean, np.log(8.0), requires_grad=True)
    optimizer = torch.optim.Adam([mean, log_sigma], lr=0.1)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rates = []
    for _ in range(steps):
        sigma = package.LowerBound.apply(log_sigma.exp(), package.SIGMA_MIN)  # at least 0.11
        P = package.likelihood(k, mean, sigma)  # the formula, on tensors
        loss = (share * package.bits(P)).sum() / 64  # a channel has one latent for 64 pixels
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
        rates.append(loss.item())
    return mean.detach().numpy()[:, 0], sigma.detach().numpy()[:, 0], rates


means, sigmas, rates = learn(count(cat))

# %% jupyter={"source_hidden": true}
figure, ax = plt.subplots(figsize=(7, 3.4))
ax.semilogy(rates, color=BLUE, lw=2)
for height, name, up in (
    (bpp(1), "N(0, 1)", 1.04),
    (least, "its floor", 1.04),
    (entropy, "entropy", 0.86),
):
    ax.axhline(height, color="gray", ls="--", lw=1)
    ax.annotate(name, (299, height * up), color="dimgray", ha="right")
ax.set_ylim(0.7, 8)
ax.set(xlabel="step", ylabel="bits per pixel", yticks=(1, 2, 4), yticklabels=(1, 2, 4))
ax.minorticks_off()
ax.set_title("Learned widths go through the floor")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
exact = priors.information(cat, means[:, None, None], sigmas[:, None, None])
print(
    f"by descent {exact.sum() / cat.size:.2f} bits per pixel, by trying {bpp(each[:, None, None]):.2f}"
)

# %% [markdown]
# The two agree. (`LowerBound` keeps σ at 0.11 or above, but lets the slope through where it leads back up.)

# %% [markdown]
# ## Depth: floors (about 15 minutes)
#
# ### ✎ 2 · `floor`
#
# With N(0, 1) no number costs less than 1.385 bits. What is the least for another prior? Mind that the mean need not be a whole number.

# %%
from lic_teach.course.bits_from_probability.exercises import check


def floor(mean, sigma):
    """The fewest bits that any whole number can cost under N(mean, sigma²)."""
    # your lines here


check("floor", floor)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def floor(mean, sigma):
#     k = np.rint(mean)  # the likeliest whole number
#     return -np.log2(ndtr((k + 0.5 - mean) / sigma) - ndtr((k - 0.5 - mean) / sigma))
# ```
#
# With the mean on a whole number it goes to 0 as σ does. With the mean on the edge between two, it cannot get below 1 bit: that is a
# coin.
#
# </details>

# %% [markdown]
# ### In the tails
#
# Why did `learn` begin with σ = 8, and with 64-bit floats? Networks compute in `float32`, where a number has
# 24 binary digits. Take $\Phi(6.5) - \Phi(5.5)$.


# %%
def phi(x):
    """Φ in float32. torch.special.ndtr, (1 + erf) / 2, would lose the left tail, too."""
    return torch.erfc(-x / 2**0.5) / 2


with Predict("N(0, 1) in float32: what does ŷ = 6 cost?", ["6 bits", "27 bits", "∞"]) as predict:
    sigma = torch.tensor(1.0, requires_grad=True)
    bits = -torch.log2(phi(6.5 / sigma) - phi(5.5 / sigma))
    bits.backward()
    print(f"{bits:.1f} bits, the slope for σ is {sigma.grad:.0f}")
    predict.truth = "∞" if torch.isinf(bits) else f"{bits:.0f} bits"

# %% [markdown]
# Both values of Φ are 1 there, to 24 digits. Their difference is 0, its logarithm infinite, and the
# slope is not a number: one such latent is enough to turn the parameters of a network into *nan*.
#
# <details><summary>Can one compute in the other tail?</summary>
#
# By symmetry one may, on $-|\hat y - \mu|$. There Φ is small, and small floats are as precise as large
# ones. That carries to $\hat y = 13$. Then $P$ falls below the smallest ordinary `float32`, about $10^{-38}$, and it ends in the same way. Only
# logarithms of Φ go on for ever (`scipy.special.log_ndtr`); `priors.information` uses those.
#
# </details>
#
# So a codec needs a floor of another kind, under the *probability*. In our package:
#
# - **In training** no $P$ is below $2^{-24}$. No latent costs more than 24 bits. Beyond, the slope fades and then is 0: a latent that lies too far out
#   pulls at nothing any more. That is why one begins wide.
# - **In the file** a table of whole numbers holds the probabilities, out to 5σ and two more. Farther out lies an **escape**: a symbol that says "not in the table", and then the number in
#   plain bits, as the extra bits of JPEG ([lesson 05](05_entropy_coding.ipynb)).

# %%
# NBVAL_CHECK_OUTPUT
sigma = torch.tensor(1.0, requires_grad=True)
bits = package.bits(package.likelihood(torch.tensor(20.0), torch.tensor(0.0), sigma))
bits.backward()
print(f"20 under N(0, 1): exact       {priors.information(20, 0, 1):.0f} bits")
print(f"                  in training {bits.item():.0f}, slope for σ {sigma.grad.item() + 0.0:.0f}")
tables = package.read_tables(package.make_tables())
nearest = package.table_number(torch.tensor(np.log(1 / package.SIGMA_MIN))).item()
spent = package.information(np.array([20]), np.array([nearest], np.uint8), tables)[0]
print(f"                  in the file {spent:.0f}, an escape")

# %% [markdown]
# ## Depth: Laplace, and the shipped codec (about 15 minutes)
#
# The bars are higher in the middle and longer at the ends than one Gaussian. A density of that shape is Laplace's:
#
# $$p(y) = \frac{1}{2b}\, e^{-|y - \mu| / b}, \qquad \sigma = b \sqrt 2$$
#
# ### ✎ 3 · `laplace`
#
# Write the probability of a whole number under this prior. First find its distribution function: the area left of $t$, on each side of μ.

# %%
from lic_teach.course.bits_from_probability.exercises import check


def laplace(k, mean, sigma):
    """Probability of the whole number k under a Laplace prior with standard deviation sigma."""
    # your lines here


check("laplace", laplace)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def laplace(k, mean, sigma):
#     b = sigma / np.sqrt(2)
#
#     def cdf(t):
#         tail = np.exp(-abs(t - mean) / b) / 2
#         return tail if t < mean else 1 - tail
#
#     return cdf(k + 0.5) - cdf(k - 0.5)
# ```
#
# </details>

# %% [markdown]
# Now take the latents of the codec that comes with the course ([lesson 17](17_learned_codec.ipynb)), at λ = 0.01: 128 channels, from luma and colour. Fit both shapes to every channel of the four photographs.

# %%
shapes = [priors.GAUSSIAN, priors.LAPLACE]
with Predict("Which of the two fits more channels better?", shapes) as predict:
    print("bits per pixel   Gaussian   Laplace   entropy     file")
    wins = np.zeros(2, int)
    for name in images.SAMPLES:
        photo, fits = images.sample(name), np.zeros((128, 2))
        latents = np.rint(priors.in_steps(photo))
        for c in range(128):
            n, share = priors.histogram(latents[c])
            if n.size > 3:  # else it is always 0, and costs nothing with either
                fits[c] = [priors.fit(n, share, shape).bits for shape in shapes]
        H = sum(metrics.entropy(c) for c in count(latents)) / 64
        file = metrics.bpp(learned.encode(photo, priors.model(), priors.LAM), photo)
        gaussian, laplace_bits = fits.sum(0) / 64
        print(f"{name:13} {gaussian:10.2f} {laplace_bits:9.2f} {H:9.2f} {file:8.2f}")
        better = fits[:, 0] - fits[:, 1]  # bits a latent that Laplace saves
        wins += np.sum(better < -0.001), np.sum(better > 0.001)
    print(f"the Gaussian is the better one in {wins[0]} channels, Laplace in {wins[1]}")
    predict.truth = shapes[wins.argmax()]

# %% [markdown]
# Laplace comes closer to the entropy. But the *files* are smaller than the entropy, and the codec's priors are Gaussians. You know why: it has
# another μ and σ at each place. It reads them from a little *side
# information* in the file and from neighbours ([lesson 17](17_learned_codec.ipynb)). A Gaussian whose width is known at each place beats a Laplace that is the same everywhere.
# (Nor are its $\hat y$ quite these: it rounds around its guess, and where it is almost sure it takes the guess itself.)

# %% [markdown]
# ## What you learnt
#
# - A guess $q$ costs $-\log_2 q$ bits. On average that is the entropy plus KL; KL is what a wrong guess wastes.
# - A density becomes a probability by its area over the bin: $P(\hat y) = \Phi(\hat y + \tfrac12) - \Phi(\hat y - \tfrac12)$, and with μ and σ alike.
# - With a fixed N(0, 1) no latent costs less than 1.385 bits. A learned σ takes the floor away. Fewest bits is maximum likelihood.
# - The entropy of a histogram is the bound for one guess at all places. σ by the neighbours goes below it, and the decoder can follow.
# - Samples of a prior, decoded, show what it believes in. What it does not know is paid in bits.
#
# ## Further reading
#
# - C. E. Shannon, "A mathematical theory of communication", *Bell System Technical Journal* 27, 379–423 and 623–656, 1948. Section 6: entropy.
# - S. Kullback, R. A. Leibler, "On information and sufficiency", *The Annals of Mathematical Statistics* 22(1), 79–86, 1951.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Theorem 5.4.3: the wrong code costs KL.
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*,
#   2018: a Gaussian for each latent, with its own σ; its model of one latent is our formula with μ = 0. Its appendix has a density of free form
#   for the side information, learned by gradients. [arXiv:1802.01436](https://arxiv.org/abs/1802.01436)
# - R. C. Reininger, J. D. Gibson, "Distributions of the two-dimensional DCT coefficients for images", *IEEE Transactions on
#   Communications* 31(6), 835–839, 1983. JPEG's coefficients are Laplace, too.
# - E. Y. Lam, J. W. Goodman, "A mathematical analysis of the DCT coefficient distributions for images", *IEEE Transactions on Image
#   Processing* 9(10), 1661–1666, 2000. Why: Gaussians of many widths in one heap.
# - C. Olah, ["Visual information theory"](https://colah.github.io/posts/2015-09-Visual-Information/), 2015: entropy, cross-entropy and KL as areas.
