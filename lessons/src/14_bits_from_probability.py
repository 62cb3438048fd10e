# %% [markdown]
# # 14 · Bits from probability
#
# **What does a guess cost?**
#
# A codec turned the cat into latents, and rounded them to whole numbers. Before a decoder reads the first of them, it makes a
# guess: how often will each number come? It cannot look. The guess decides how many bits the numbers take.
#
# Here is one channel of those latents (a *channel* is one latent of each patch of 8 × 8 pixels), and three guesses.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import integrate, stats
from scipy.special import ndtr  # the area under a Gaussian to the left of a place

from lic_teach import images, jpeg, learned, metrics
from lic_teach.kit import priors
from lic_teach.learned import entropy

torch.set_num_threads(1)
BLUE = "#2563b0"  # what is in the picture, and in the file

photos = {name: images.sample(name) for name in images.SAMPLES}
y = {name: priors.in_steps(photo) for name, photo in photos.items()}  # float32 (128, h, w)
y_hat = {name: np.rint(latents) for name, latents in y.items()}  # whole numbers
widest = np.argsort(-y["chelsea"].std((1, 2)), kind="stable")  # channels of the cat
one = y_hat["chelsea"][widest[3]]  # the fourth widest, (38, 57)

k = np.arange(-7, 8)
figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), width_ratios=(1.5, 1, 1, 1))
axes[0].imshow(one, cmap="gray", vmin=-4, vmax=4, interpolation="nearest")
axes[0].set_title("one channel of the cat, ŷ", fontsize=11)
axes[0].axis("off")
for ax, (name, sigma) in zip(
    axes[1:], (("sure of 0", 0.4), ("about right", 1.3), ("anything", 5.0)), strict=True
):
    spent = priors.information(one, 0, sigma).mean()
    ax.bar(k, [(one == n).mean() for n in k], 0.5, color=BLUE)
    ax.stairs(2 ** -priors.information(k, 0, sigma), np.arange(-7.5, 8), color="black")
    ax.set(ylim=(0, 0.85), title=f"{name}: {spent:.1f} bits", xlabel="ŷ")
axes[1].annotate("latents", (2.2, 0.30), color=BLUE)
axes[1].annotate("guess", (1.3, 0.66))
axes[1].set_ylabel("share, probability")
figure.tight_layout()

# %% [markdown]
# Too sure is dear, too careful is dear, and the guess that lies close to the numbers is cheap. This lesson says exactly how dear,
# and how a machine finds the cheap guess by itself.
#
# **After this lesson** you can
# - say what any guess costs in bits, and how much of that is the guess's fault;
# - turn a density into the probability of a whole number;
# - explain why with a fixed prior of width 1 even an empty picture costs our codec 2.77 bits per pixel, and mend it;
# - say where the formula underflows, and what codecs do about it.
#
# You need [lesson 01](01_redundancy.ipynb) (entropy), [lesson 09](09_learning.ipynb) (gradients) and [lesson 12](12_autoencoder.ipynb) (latents). About 30 minutes.
#
# The latents are those of the codec that comes with the course, at λ = 0.01. What is inside it is for [lesson 17](17_learned_codec.ipynb). Here it is enough that it
# makes 128 latents of each 8 × 8 pixels, each divided by its channel's quantization step, so that to quantize is to round.

# %% [markdown]
# ## The price of a wrong guess
#
# [Lesson 01](01_redundancy.ipynb) had four letters with the probabilities 1/2, 1/4, 1/8, 1/8. Their code words had 1, 2, 3, 3 bits, that is $-\log_2 p$. On
# average 1.75 bits: the entropy.
#
# Now take the same letters, but code words made for *another* message, in which D is the frequent one. The probabilities that
# a code was made for are the **guess** $q$. It spends $-\log_2 q$ bits on a letter, whatever the letter's real probability $p$ is. **Predict** the average.

# %%
# NBVAL_CHECK_OUTPUT
p = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])  # how often A, B, C, D come
q = np.array([1 / 8, 1 / 8, 1 / 4, 1 / 2])  # the guess
words = ["111", "110", "10", "0"]  # a code for the guess
np.testing.assert_allclose([len(word) for word in words], -np.log2(q))

message = "AABACADB" * 100
p_of = dict(zip("ABCD", p, strict=True))
assert all(message.count(letter) / len(message) == p_of[letter] for letter in "ABCD")
code = dict(zip("ABCD", words, strict=True))
print(f"entropy {-np.sum(p * np.log2(p)):.3f} bits a letter")
print(f"spent   {len(''.join(code[letter] for letter in message)) / len(message):.3f}")

# %% [markdown]
# What is spent on average is called the **cross-entropy** of $p$ and $q$. It is the entropy and something on top:
#
# $$\underbrace{-\sum_i p_i \log_2 q_i}_{\text{cross-entropy}} \;=\; \underbrace{-\sum_i p_i \log_2 p_i}_{\text{entropy } H}
# \;+\; \underbrace{\sum_i p_i \log_2 \frac{p_i}{q_i}}_{\text{KL}}$$
#
# KL is the *Kullback–Leibler divergence*. It is what the wrong guess wastes: 0.875 bits a letter here. It is never
# negative, and 0 only if $q = p$. So **the best guess is the truth, and the entropy is the bound.**
#
# <details><summary>Why it is never negative</summary>
#
# The curve of $\ln t$ lies below its tangent at 1: $\ln t \le t - 1$. Put $t = q_i / p_i$. Then
# $-\sum p_i \ln \frac{p_i}{q_i} = \sum p_i \ln \frac{q_i}{p_i} \le \sum p_i \left(\frac{q_i}{p_i} - 1\right) = \sum q_i - \sum p_i \le 0$.
#
# </details>
#
# Is that so on real latents? JPEG's standard Huffman tables are a guess that was made on *other* pictures. Do the same: guess how often
# each number comes in a channel by counting it in the three other photographs (and once more for each number, so that none
# is impossible). Code every photograph so, channel by channel. **Predict:** how much does a table from other pictures waste?

# %%
values = np.arange(-128, 129)


def count(latents):
    """Whole numbers (128, h, w) -> how often each of `values` comes in each channel, int (128, 257)."""
    return np.stack([np.bincount(c.ravel().astype(int) + 128, minlength=257) for c in latents])


counts = {name: count(latents) for name, latents in y_hat.items()}
print("bits per pixel    spent   = entropy + KL")
for name in photos:
    others = 1 + sum(counts[other] for other in photos if other != name)
    p = counts[name] / counts[name].sum(1, keepdims=True)
    q = others / others.sum(1, keepdims=True)
    channel = np.arange(128)[:, None, None]
    spent = -np.log2(q[channel, y_hat[name].astype(int) + 128]).mean((1, 2))  # latent by latent
    H = np.array([metrics.entropy(c) for c in counts[name]])
    KL = stats.entropy(p, q, base=2, axis=1)  # SciPy's Kullback-Leibler divergence
    np.testing.assert_allclose(spent, H + KL, atol=1e-9)  # in each of the 128 channels
    assert KL.min() > 0
    print(f"{name:13} {spent.sum() / 64:9.3f} {H.sum() / 64:11.3f} {KL.sum() / 64:6.3f}")

# %% [markdown]
# The sum is right in all 512 channels, to a billionth of a bit (the table is rounded). And the guess is good: most of what is spent is the entropy.
#
# (Bits per pixel: a channel has one latent for 64 pixels, so the bits of one latent of each channel, added up, are divided by 64.)
#
# ## A density made discrete
#
# A table is a good guess, but a clumsy one: it has a number for each value, most of them hardly ever seen. And it says nothing about what lies *between* two
# whole numbers, so it has no slope that could tell a latent which way bits fall. We want a smooth guess of a few numbers. The lecture takes the Gaussian, with a **mean** $\mu$ and a width **σ** (its standard
# deviation). A guess like this, made before the picture is seen, is called a **prior** or *entropy model*.
#
# But a Gaussian is a **density**, and a density is not a probability. At σ = 0.1 its peak is 4. And the probability of any one real number is 0,
# which would cost $-\log_2 0 = \infty$ bits.
#
# Rounding rescues it. The file does not hold $y$, it holds $\hat y$. It is 1 whenever $y$ lies between ½ and 1½. So the
# probability of $\hat y$ is the area under the density over its **bin**, one step wide:
#
# $$P(\hat y) = \Phi\!\left(\frac{\hat y + \frac12 - \mu}{\sigma}\right) - \Phi\!\left(\frac{\hat y - \frac12 - \mu}{\sigma}\right)$$
#
# $\Phi(x)$ is the area to the left of $x$ under the Gaussian with μ = 0 and σ = 1, which is written N(0, 1): its distribution function, or CDF. With this
# guess it is the lecture's $P(\hat z) = \mathrm{CDF}(\hat z + \tfrac12) - \mathrm{CDF}(\hat z - \tfrac12)$, whose $\hat z$ is our $\hat y$.

# %%
t = np.linspace(-3.5, 3.5, 701)
figure, ax = plt.subplots(figsize=(7, 3.2))
for n in range(-3, 4):
    inside = np.abs(t - n) <= 0.501
    ax.fill_between(t[inside], stats.norm.pdf(t[inside]), color=BLUE, alpha=0.25 + 0.3 * (n % 2))
    area = ndtr(n + 0.5) - ndtr(n - 0.5)
    ax.annotate(f"{area:.3f}", (1.25 * n, min(0.42, stats.norm.pdf(n) + 0.06)), ha="center")
ax.plot(t, stats.norm.pdf(t), color="black", lw=1.2)
ax.set(xlabel="y, in steps", ylabel="density of N(0, 1)", ylim=(0, 0.48), xticks=range(-3, 4))
ax.set_title("The area over a bin is the probability of its whole number")
figure.tight_layout()


# %% [markdown]
# Build it, and compare with the integral and with the package, which uses the same formula in training.


# %%
def mass(k, mean, sigma):
    """Probability of the whole number k: the area of N(mean, sigma²) over its bin."""
    return ndtr((k + 0.5 - mean) / sigma) - ndtr((k - 0.5 - mean) / sigma)


k = np.arange(-4, 5)
for mean, sigma in ((0, 1), (0.3, 0.4), (-1.2, 2.5)):
    area = [integrate.quad(stats.norm(mean, sigma).pdf, n - 0.5, n + 0.5)[0] for n in k]
    np.testing.assert_allclose(mass(k, mean, sigma), area, atol=1e-12)
    package = entropy.likelihood(torch.tensor(k), torch.tensor(mean), torch.tensor(sigma))
    np.testing.assert_allclose(package, np.maximum(area, entropy.FLOOR), rtol=1e-3, atol=1e-7)

# %%
# NBVAL_CHECK_OUTPUT
print("N(0, 1):  ŷ     P      bits")
for n in range(5):
    print(f"{n:11} {mass(n, 0, 1):9.5f} {-np.log2(mass(n, 0, 1)):6.3f}")
print("all bins together:", mass(np.arange(-40, 41), 0, 1).sum().round(9))

# %% [markdown]
# ## The floor
#
# Look at the first line. With N(0, 1) a zero costs **1.385 bits**, and every other number costs more. **Predict:** what does a latent cost
# that is *always* 0, one that says nothing at all?

# %%
# NBVAL_CHECK_OUTPUT
silent = np.zeros(1000)
floor = -np.log2(mass(silent, 0, 1)).mean()
assert abs(floor - 1.385) < 0.0005
print(f"a latent that is always 0: {floor:.3f} bits, entropy 0")
print(f"128 of them for 64 pixels: {128 * floor / 64:.2f} bits per pixel, for an empty picture")

# %% [markdown]
# Its entropy is 0, so the 1.385 bits are all KL. The reason is in the picture above: the peak of the density is
# $\frac{1}{\sqrt{2\pi}} = 0.399$, so no bin of width 1 can hold more than that. The largest holds 0.383. A prior that spreads itself
# can never be sure, and who is never sure pays every time.
#
# ### ✎ 1 · `floor`
#
# What is the least for another prior? Mind that the mean need not be a whole number.

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
# So what do the photographs cost with the lecture's N(0, 1)? Real latents are not zeros, and the formula has trouble in the tails (there is a
# section on that below). `priors.information` is the same formula, exact everywhere. Check $H$ + KL again on the way.

# %%
fixed = priors.information(values, 0, 1)  # bits of each of `values`, float (257,)
print("bits per pixel    N(0, 1) = entropy + KL     JPEG, quality 95")
for name in photos:
    p = counts[name] / counts[name].sum(1, keepdims=True)
    spent = priors.information(y_hat[name], 0, 1).mean((1, 2))
    H = np.array([metrics.entropy(c) for c in counts[name]])
    KL = np.sum(p * (fixed + np.log2(np.where(p > 0, p, 1))), 1)
    np.testing.assert_allclose(spent, H + KL, rtol=1e-9)
    assert np.all(spent >= fixed.min() - 1e-12)  # the floor: in every channel of every photograph
    file = metrics.bpp(jpeg.encode(photos[name], 95), photos[name])
    print(
        f"{name:13} {spent.sum() / 64:11.3f} {H.sum() / 64:9.3f} {KL.sum() / 64:5.3f} {file:19.2f}"
    )

# %% [markdown]
# More than JPEG takes at quality 95, for latents whose pictures are about as good as JPEG's at qualities between 40 and 80, depending on the picture. Nearly all of it is KL, and there are two reasons: most channels are narrower than 1 and pay the floor, and
# a few are much wider, or lie around another mean, and pay for every surprise.
#
# ## Move the guess
#
# The drawing has the latents as bars, the guess in grey and its density as a line; under the numbers stands what they cost. Below it is the code
# length over σ: the dot is your guess, the ring is the best σ with the best μ. Channels are sorted, the widest first. The right half of the photograph shows where the bits go: what is dark is dear (8 bits and more). Move its border.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bits_from_probability.code_length import CodeLength

explorer = CodeLength()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.

# %% [markdown]
# ## Learn σ
#
# If the numbers that come are known, which σ makes the fewest bits? For wide channels there is a formula. The bin is then so narrow against σ that its mass is
# the density times 1, and the code length is
#
# $$-\log_2 P(\hat y) \approx \log_2\!\left(\sigma \sqrt{2\pi}\right) + \frac{(\hat y - \mu)^2}{2 \sigma^2 \ln 2}$$
#
# Its mean is lowest where μ is the mean of $\hat y$ and σ its standard deviation. For narrow channels the formula is wrong, and one has to look for the
# lowest point. **Predict:** in a channel with 99 zeros in 100, is the standard deviation too small a σ or too large?
#
# ### ✎ 2 · `best_sigma`
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

# %%
# NBVAL_CHECK_OUTPUT
print("  true σ   standard deviation of ŷ    best σ   bits with each    entropy")
for sigma in (4, 1, 0.3, 0.2):
    y_of = stats.norm(0, sigma).ppf((np.arange(100_000) + 0.5) / 100_000)  # every quantile once
    n, share = priors.histogram(np.rint(y_of))
    sigmas = np.geomspace(0.1, 20, 2000)
    spent = share @ priors.information(n[:, None], 0, sigmas)
    deviation = np.rint(y_of).std()
    naive = share @ priors.information(n, 0, deviation)
    print(
        f"{sigma:8} {deviation:17.2f} {sigmas[spent.argmin()]:18.2f}"
        f" {naive:10.2f} {spent.min():7.2f} {metrics.entropy(share):9.2f}"
    )

# %% [markdown]
# From σ = 0.3 on both will do; the best σ is a little smaller, because rounding adds 1/12 to the variance ([lesson 04](04_quantization.ipynb)). Below, the standard deviation of the rounded numbers is too small: nearly all are 0, so it
# believes in nothing else, and pays dearly for each 1. The best σ finds the width that the latents had *before* they were rounded.
#
# ## By gradient descent
#
# A codec learns its prior another way: downhill, as everything else in it ([lesson 09](09_learning.ipynb)). The mean of $-\log_2 P$ is the loss.
# It has a slope for every μ and every σ, because Φ has one. That is what the formula was for.
#
# We learn 128 means and 128 widths at once, for the cat. We step on the logarithm of σ, so that σ stays positive.
# Each step looks at all latents. **Predict** how far down it gets: to the entropy?


# %%
def learn(counts, steps=300):
    """Counts (128, 257) -> means and sigmas (128,), and the bits per pixel at each step."""
    share = torch.from_numpy(counts / counts.sum(1, keepdims=True))
    k = torch.from_numpy(values.astype(float))
    mean = torch.zeros(128, 1, dtype=torch.float64, requires_grad=True)
    log_sigma = torch.full((128, 1), np.log(8.0), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([mean, log_sigma], lr=0.1)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rates = []
    for _ in range(steps):
        sigma = entropy.LowerBound.apply(log_sigma.exp(), entropy.SIGMA_MIN)  # at least 0.11
        loss = (share * entropy.bits(entropy.likelihood(k, mean, sigma))).sum() / 64
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
        rates.append(loss.item())
    return mean.detach().numpy()[:, 0], sigma.detach().numpy()[:, 0], rates


means, sigmas, rates = learn(counts["chelsea"])
H = sum(metrics.entropy(c) for c in counts["chelsea"]) / 64
unit = priors.information(y_hat["chelsea"], 0, 1).mean((1, 2)).sum() / 64

figure, ax = plt.subplots(figsize=(7, 3.4))
ax.semilogy(rates, color=BLUE, lw=2)
for height, name in ((unit, "N(0, 1)"), (128 * 1.385 / 64, "its floor"), (H, "entropy")):
    ax.axhline(height, color="gray", ls="--", lw=1)
    below = height < 1  # above the line is the curve
    ax.annotate(name, (299, height * (0.86 if below else 1.04)), color="dimgray", ha="right")
ax.set_ylim(0.3, 12)
ax.set(xlabel="step", ylabel="bits per pixel", yticks=(0.5, 1, 2, 4), yticklabels=(0.5, 1, 2, 4))
ax.minorticks_off()
ax.set_title("Learned widths go through the floor")
figure.tight_layout()

# %%
learned_bits = priors.information(
    y_hat["chelsea"], means[:, None, None], sigmas[:, None, None]
)  # of each latent
exact = learned_bits.sum() / learned_bits[0].size / 64
print(f"N(0, 1)          {unit:.2f} bits per pixel")
print(f"learned μ and σ  {exact:.2f}")
print(f"entropy          {H:.2f}")
print(f"{np.mean(sigmas < 0.3):.0%} of the channels have σ below 0.3")

# %% [markdown]
# Learned widths took away most of it: the floor is gone, because a channel that is always 0 now has a narrow prior and costs next to nothing. What is
# left above the entropy is that the latents are not Gaussian.
#
# Our block of the cat (block row 11, column 24) has one latent in each of the 128 channels:

# %%
block = y_hat["chelsea"][:, 11, 24]
print(f"{np.sum(block != 0)} of its {block.size} latents are not 0")
print(f"with N(0, 1)        {priors.information(block, 0, 1).sum():.0f} bits")
print(f"with learned μ, σ   {learned_bits[:, 11, 24].sum():.0f} bits")

# %% [markdown]
# Is that an estimate only? A range coder ([lesson 20](20_bitstream.ipynb)) really spends $-\log_2 P$ on each number, without the whole bits of Huffman's code words. Write
# all 128 channels with one:

# %%
import constriction

coder = constriction.stream.queue.RangeEncoder()
prior = constriction.stream.model.QuantizedGaussian(-2047, 2047)
for channel, mean, sigma in zip(y_hat["chelsea"], means, sigmas, strict=True):
    symbols = channel.ravel().astype(np.int32)
    coder.encode(symbols, prior, np.full(symbols.size, mean), np.full(symbols.size, sigma))
written = 32 * len(coder.get_compressed()) / (64 * symbols.size)
print(f"estimated {exact:.2f} bits per pixel, written {written:.2f}")
assert abs(written / exact - 1) < 0.02

# %% [markdown]
# (The decoder needs the 256 numbers μ and σ, too. A codec learns them once, on many pictures, and ships them. Then they fit each picture
# a little less.)

# %% [markdown]
# ## In the tails
#
# Why did `learn` begin with σ = 8, and with 64-bit floats? Try N(0, 1) in `float32`, the numbers that networks compute with. A number has
# 24 binary digits there. **Predict** the bits of $\hat y = 6$, from $\Phi(6.5) - \Phi(5.5)$.

# %%
# NBVAL_CHECK_OUTPUT


def phi(x):
    """Φ in float32. torch.special.ndtr, (1 + erf) / 2, would lose the left tail, too."""
    return torch.erfc(-x / 2**0.5) / 2


print("  ŷ     right tail    left tail    exact     slope for σ, right and left")
for n in (2, 4, 6, 9, 12, 15, 20):
    shown = []
    for side in (1, -1):
        sigma = torch.tensor(1.0, requires_grad=True)
        place = torch.tensor(float(side * n))
        P = phi((place + 0.5) / sigma) - phi((place - 0.5) / sigma)
        bits = -torch.log2(P)
        bits.backward()
        shown.append((bits.item(), sigma.grad.item()))
    (right, slope_right), (left, slope_left) = shown
    exact = priors.information(n, 0, 1)
    print(f"{n:3} {right:12.1f} {left:12.1f} {exact:10.1f} {slope_right:14.0f} {slope_left:10.0f}")

# %% [markdown]
# In the right tail both values of Φ are 1 from $\hat y = 6$ on. Their difference is 0, its logarithm infinite. And the
# slope is not a number: one such latent is enough to turn the parameters of a network into *nan*.
#
# By symmetry one may compute in the left tail, on $-|\hat y - \mu|$. There Φ is small, and small floats are as precise as large
# ones. That carries twice as far. Then $P$ is below the smallest `float32`, and it ends in the same way. Only
# logarithms of Φ go on for ever (`scipy.special.log_ndtr`); `priors.information` uses those.
#
# So a codec needs a floor of another kind, under the *probability*. In our package:
#
# - **In training** no $P$ is below $2^{-24}$. Nothing is infinite, and no latent costs more than 24 bits. Beyond, the slope fades and then is 0: a latent that lies too far out
#   pulls at nothing any more. That is why one begins wide.
# - **In the file** a table of whole numbers holds the probabilities, out to 5σ and two more. Farther out lies an **escape**: a symbol that says "not in the table", and then the number in
#   plain bits, as the extra bits of JPEG ([lesson 05](05_entropy_coding.ipynb)).

# %%
# NBVAL_CHECK_OUTPUT
sigma = torch.tensor(1.0, requires_grad=True)
bits = entropy.bits(entropy.likelihood(torch.tensor(20.0), torch.tensor(0.0), sigma))
bits.backward()
print(f"20 under N(0, 1): exact       {priors.information(20, 0, 1):.0f} bits")
print(f"                  in training {bits.item():.0f}, slope for σ {sigma.grad.item() + 0.0:.0f}")
tables = entropy.read_tables(entropy.make_tables())
nearest = entropy.table_number(torch.tensor(np.log(1 / entropy.SIGMA_MIN))).item()
spent = entropy.information(np.array([20]), np.array([nearest], np.uint8), tables)[0]
print(f"                  in the file {spent:.0f}, an escape")

# %% [markdown]
# ## Laplace instead
#
# The explorer showed bars that are higher in the middle and longer at the ends than a Gaussian. A density of that shape is Laplace's:
#
# $$p(y) = \frac{1}{2b}\, e^{-|y - \mu| / b}, \qquad \sigma = b \sqrt 2$$
#
# Its distribution function is $\tfrac12 e^{(t - \mu)/b}$ left of μ and $1 - \tfrac12 e^{-(t - \mu)/b}$ right of it.
#
# ### ✎ 3 · `laplace`
#
# Write the probability of a whole number under this prior: the area over its bin, as above.

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
# Fit both to every channel of the four photographs. **Predict:** which of the two wins more often?

# %%
print("bits per pixel   Gaussian   Laplace   entropy     file")
wins = np.zeros(2, int)
for name, photo in photos.items():
    fits = np.zeros((128, 2))
    for c in range(128):
        n, share = priors.histogram(y_hat[name][c])
        if n.size > 3:  # else it is always 0, and costs nothing with either
            fits[c] = [priors.fit(n, share, shape).bits for shape in priors.CODERS]
    H = sum(metrics.entropy(c) for c in counts[name]) / 64
    file = metrics.bpp(learned.encode(photo, priors.model(), priors.LAM), photo)
    gaussian, laplace_bits = fits.sum(0) / 64
    print(f"{name:13} {gaussian:10.2f} {laplace_bits:9.2f} {H:9.2f} {file:8.2f}")
    assert file < H < laplace_bits < gaussian
    better = fits[:, 0] - fits[:, 1]  # bits a latent that Laplace saves
    wins += np.sum(better > 0.001), np.sum(better < -0.001)
print(f"Laplace is the better one in {wins[0]} channels, the Gaussian in {wins[1]}")

# %% [markdown]
# Laplace is the better guess, and it is closer to the entropy. (The Gaussian wins in a few wide channels: brightness and colour. In the
# others the two are equal: where hardly anything but −1, 0 and 1 comes, a mean and a width can fit nearly any histogram.)
#
# And now look at the last column. The files of the codec that comes with the course are *smaller than the entropy*, which was the bound. And
# its priors are Gaussians. How can that be? **Think before you read on.**
#
# <details><summary>How</summary>
#
# The entropy of a channel's histogram is the bound for **one guess for the whole channel**. It knows nothing of places ([lesson 01](01_redundancy.ipynb) said: the entropy belongs to
# the model). But latents are small in the sky and large in the fur. The codec has another μ and σ at each place. It reads them from a little *side
# information* in the file, and from the neighbours that are already decoded (lessons [17](17_learned_codec.ipynb) and [24](24_what_next.ipynb)). (Nor are its $\hat y$ quite these: it rounds around its guess,
# and where it is almost sure it takes the guess itself.)
#
# That also tells why the histogram is not Gaussian. Mix narrow Gaussians from the sky and wide ones from the fur, and the heap is peaked, with long
# tails: nearly Laplace. A Gaussian whose width is known at each place beats a Laplace that is the same everywhere.
#
# </details>

# %% [markdown]
# ## The R of L = R + λD
#
# What has become of "bits"? In [lesson 05](05_entropy_coding.ipynb) one had to write the file to know them. Now
#
# $$R = \frac{1}{\text{pixels}} \sum -\log_2 P(\hat y)$$
#
# is a formula. The file is as long as it says, to within a few bytes ([lesson 20](20_bitstream.ipynb)), and the formula has a slope, for the prior and for the latents: make $\hat y$ more likely, and the file
# shrinks. With [lesson 07](07_rate_distortion.ipynb)'s $D$ that is a loss for the whole codec, $L = R + \lambda D$, if only the rounding in between had a
# slope too. That is [lesson 15](15_noise_for_rounding.ipynb).
#
# One question stays open. Here the latents were given, and the prior learned to fit them. In a codec both learn at the same time. Who moves, the prior or the
# latents? [Lesson 19](19_why_the_prior_fits.ipynb).
#
# ## What you learnt
#
# - A guess $q$ costs $-\log_2 q$ bits. On average that is the entropy plus KL; KL is what a wrong guess wastes.
# - A density becomes a probability by its area over the bin: $P(\hat y) = \Phi(\hat y + \tfrac12) - \Phi(\hat y - \tfrac12)$, and with μ and σ alike.
# - With a fixed N(0, 1) no latent costs less than 1.385 bits; with our two latents a pixel an empty picture costs 2.77 bits per pixel. A learned σ takes the floor away.
# - The best σ is nearly the standard deviation for wide channels, and more than that of the rounded numbers for narrow ones.
# - In `float32` the difference of two Φ is 0 in the tails. Codecs put a floor under $P$ in training, and an escape into the file.
# - Laplace fits a channel better than one Gaussian. Gaussians that know the place are better than both.
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
