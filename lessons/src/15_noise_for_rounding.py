# %% [markdown]
# # 15 · Noise for rounding
#
# **How do you train through a staircase?**
#
# A file holds whole numbers, so the encoder's latents $y$ must be rounded to $\hat y$. Training asks every number of the
# codec: *if you grew a little, would the loss go up or down?* Rounding has no answer. Most small changes of $y$ change
# nothing; a few change everything.
#
# Below is what one latent costs in bits while $y$ goes from −3 to 3. ([Lesson 14](14_bits_from_probability.ipynb) in one sentence: the *prior*, here N(0, 1), gives
# each whole number the mass over its bin, $P(\hat y)$, and a good coder spends $-\log_2 P(\hat y)$ bits on it.)

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import integrate, stats
from scipy.special import ndtr  # Φ, the distribution function of N(0, 1)

from lic_teach import images, learned, metrics
from lic_teach.learned import codec, entropy, quantize

torch.set_num_threads(1)
BLUE, VIOLET = "#2563b0", "#a653c9"  # in the file, in training


def density(t, sigma):
    """The mass of a bin, for any t: Φ(t + ½) − Φ(t − ½). Why it is a density comes below."""
    distance = -np.abs(t)
    return ndtr((distance + 0.5) / sigma) - ndtr((distance - 0.5) / sigma)


rng = np.random.default_rng(0)
y = np.linspace(-3, 3, 1201)
noise = rng.uniform(-0.5, 0.5, (400, 1))

figure, ax = plt.subplots(figsize=(7, 3.8))
one = y + rng.uniform(-0.5, 0.5, y.size)
ax.plot(y, -np.log2(density(one, 1)), ".", color=VIOLET, ms=2.5, alpha=0.4)
ax.plot(y, -np.log2(density(np.rint(y), 1)), color=BLUE, lw=2)
ax.plot(y, -np.log2(density(y + noise, 1)).mean(0), color=VIOLET, lw=2, ls="--")
ax.annotate("rounded: stairs", (0, 8.6), color=BLUE, ha="center")
ax.annotate("y + noise: dots", (0, 7.7), color=VIOLET, ha="center")
ax.annotate("and their mean: dashes", (0, 6.8), color=VIOLET, ha="center")
ax.set(xlabel="y, in quantization steps", ylabel="bits", ylim=(0.8, 10))
ax.set_title("Bits of one latent: stairs, and the smooth curve that noise makes of them")
figure.tight_layout()

# %% [markdown]
# The stairs are flat wherever you stand. Now do not round, but add a random number between −½ and ½. Each draw lands elsewhere
# (dots), but their mean is a smooth curve, and that has a slope everywhere. It runs close to the stairs. How close, and where not?
#
# **After this lesson** you can
# - show why the density of $y$ plus noise is, at whole numbers, exactly the $P(\hat y)$ of [lesson 14](14_bits_from_probability.ipynb);
# - say at which widths σ noise and rounding agree, and what the difference is where they do not;
# - write straight-through rounding in one line of PyTorch, and say what is wrong with its gradient;
# - explain why the bits of a training must never be shown as the bits of a file.
#
# You need lessons [04](04_quantization.ipynb) (quantization), [08](08_jpeg_by_lambda.ipynb) (noise for an error), [09](09_learning.ipynb) (gradients) and [14](14_bits_from_probability.ipynb) (bits from probability). About 30 minutes.
#
# All numbers here are counted in **quantization steps**: a latent is first divided by its step, so that to quantize is to
# round to a whole number.

# %% [markdown]
# ## What `round` does to a gradient
#
# [Lesson 10](10_backpropagation.ipynb) found it: before a `round` all slopes are 0. Here it is once more, with three latents that should become 1, 2 and −1.

# %%
# NBVAL_CHECK_OUTPUT
wanted = torch.tensor([1.0, 2.0, -1.0])
for name, quantizer in (("as they are", lambda y: y), ("rounded", torch.round)):
    latents = torch.tensor([0.3, 2.6, -0.8], requires_grad=True)
    loss = ((quantizer(latents) - wanted) ** 2).sum()
    loss.backward()
    print(f"{name:12} loss {loss.item():.2f}, slopes {latents.grad.numpy().round(2) + 0.0}")

# %% [markdown]
# With `round` the loss is still there, and all slopes are zero. Whatever stands before the rounding, which is the whole encoder,
# would never learn anything.
#
# [Lesson 08](08_jpeg_by_lambda.ipynb) met this wall, and let noise stand for the rounding *error*. Here we go one step further: noise is added to the
# latent itself, and the noisy latent goes on to the loss.
#
# $$\tilde y = y + u \qquad\qquad u \text{ anywhere in } -\tfrac12 \dots \tfrac12 \text{, all values alike}$$
#
# ($\tilde y$ is read "y tilde". $u$ is drawn anew each time.) Its slope is 1: if $y$ grows a little, so does $\tilde y$.

# %% [markdown]
# ## Where does a noisy latent lie?
#
# Take many latents with a width of σ = 0.6. Round them and count, then add noise and count. **Predict:** how high does the
# noisy heap stand over 0, compared with the bar of the rounded ones?

# %%
sigma = 0.6
y = rng.normal(0, sigma, 200_000)
tilde = y + rng.uniform(-0.5, 0.5, y.size)
whole, t = np.arange(-3, 4), np.linspace(-3, 3, 601)

figure, ax = plt.subplots(figsize=(7, 3.6))
ax.bar(whole, [(np.rint(y) == k).mean() for k in whole], width=0.96, color=BLUE, alpha=0.4)
ax.hist(tilde, np.arange(-3, 3.01, 0.1), density=True, histtype="step", color=VIOLET, lw=1.5)
ax.plot(t, stats.norm(0, sigma).pdf(t), color="gray", lw=1)
ax.annotate("y", (0.28, 0.62), color="gray")
ax.annotate("share of ŷ", (-1.45, 0.22), color=BLUE, ha="right")
ax.annotate("density of y + u", (0.72, 0.37), color=VIOLET)
ax.set(xlabel="latent, in steps", ylabel="share, density per step")
ax.set_title("The noisy latents meet every bar in its middle")
figure.tight_layout()

# %% [markdown]
# They meet at 0, and at 1, and at 2. That is no accident. Suppose that $\tilde y$ came out as $t$. Then $y$ cannot have been further than
# half a step away: it lay in a window from $t - \tfrac12$ to $t + \tfrac12$.
#
# ### ✎ 1 · `noisy_density`
#
# So how dense are the noisy latents at $t$? Answer for *any* latent: you get its distribution function, `cdf(x)`, which says how
# much of $y$ lies below $x$.

# %%
from lic_teach.course.noise_for_rounding.exercises import check


def noisy_density(t, cdf):
    """The density of y + u at t."""
    # your line here


check("noisy_density", noisy_density)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def noisy_density(t, cdf):
#     return cdf(t + 0.5) - cdf(t - 0.5)
# ```
#
# The density of a sum is the convolution of the two densities (that is: add up all ways to get $t$), and $u$ has density 1 between
# −½ and ½:
#
# $$p_{\tilde y}(t) = \int p_y(v)\, p_u(t - v)\, dv = \int_{t-1/2}^{t+1/2} p_y(v)\, dv$$
#
# </details>

# %% [markdown]
# For a Gaussian that is $\Phi\!\left(\frac{t + 1/2}{\sigma}\right) - \Phi\!\left(\frac{t - 1/2}{\sigma}\right)$. And this is
# [lesson 14](14_bits_from_probability.ipynb)'s $P(\hat y)$, only that $t$ need not be whole. **One formula does both:** in training it is the *density* of
# $\tilde y$, in the file the *probability* of $\hat y$.
#
# Check it three ways: against the integral, against the counts, and against the package.

# %%
latent = stats.norm(0, sigma)
integral = [integrate.quad(lambda u, t=t: latent.pdf(t - u), -0.5, 0.5)[0] for t in (0, 0.7, 2.2)]
np.testing.assert_allclose(density(np.array([0, 0.7, 2.2]), sigma), integral, rtol=1e-7)

counts, edges = np.histogram(tilde, np.arange(-3, 3.01, 0.1), density=True)
middles = (edges[:-1] + edges[1:]) / 2
np.testing.assert_allclose(counts, density(middles, sigma), atol=0.02)

package = entropy.likelihood(torch.tensor(t), torch.tensor(0.0), torch.tensor(sigma))
np.testing.assert_allclose(density(t, sigma), package, rtol=1e-5, atol=1e-7)

# %% [markdown]
# ## Two rates
#
# What the file needs is the *entropy* of the rounded latents, a sum. What training sees is the mean of
# $-\log_2 p(\tilde y)$, an integral. It is called the *differential entropy* of $\tilde y$.
#
# $$H(\hat y) = -\sum_k P(k) \log_2 P(k) \qquad\qquad h(\tilde y) = -\int p(t) \log_2 p(t)\, dt$$
#
# (A differential entropy is in general no number of bits; for a high, narrow density it is even negative. Not here: the density of
# $\tilde y$ is a probability, so it never exceeds 1.)
#
# The conditions, so that we know what we compare: $y$ is Gaussian, its mean is 0, and the prior is right. It knows σ, so no bit is
# lost to a wrong guess. Nothing is drawn by lot; sum and integral are computed.
#
# **Predict:** at which of these widths do the two agree? What does a latent with σ = 0.1 cost in the file?


# %%
# NBVAL_CHECK_OUTPUT
def H(sigma, mean=0.0):
    """Bits of the rounded latent."""
    p = density(np.arange(-40, 41) - mean, sigma)
    return -np.sum(p * np.log2(np.maximum(p, 1e-300)))


def h(sigma):
    """Mean of −log2 of the noisy latent's density: twice one side, cut where it begins to fall."""

    def information(t):
        p = max(density(t, sigma), 1e-300)
        return -p * np.log2(p)

    cuts = (0, max(0.5 - 8 * sigma, 0), 0.5, 0.5 + 9 * sigma)
    return 2 * sum(integrate.quad(information, *ends)[0] for ends in itertools.pairwise(cuts))


print("    σ   rounded, H    noise, h")
for sigma in (2, 1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05):
    print(f"{sigma:5} {H(sigma):9.3f} {h(sigma):13.3f}")
assert abs(h(1) - H(1)) < 1e-8

# %% [markdown]
# At σ = 1 both are 2.105 bits, equal to a hundred-millionth of a bit. From σ = 0.5 upwards they differ by 0.013 at
# most. That is why it works at all.
#
# At σ = 0.1 the file needs **0.00 bits**: the next stair, at 0.5, is five widths away, and $\hat y$ is practically always 0. Training
# sees **0.26 bits**. At σ = 0.2 it sees 0.52, and 0.11 are true.
#
# Why? The noisy latent is nearly even between −½ and ½, only its edges are soft. An even one would cost $-\log_2 1 = 0$. The soft
# edges are as wide as σ, and cost about 2.6 σ bits.
#
# Had we drawn latents at random instead of integrating, we might have read 2.103 bits for one and 2.104 for the other at σ = 1.
# Would that be a difference?

# %%
# NBVAL_CHECK_OUTPUT
lot = np.random.default_rng(1)
print("100,000 latents, σ = 1:  rounded   noise")
for _ in range(5):
    y = lot.normal(size=100_000)
    by_rounding = -np.log2(density(np.rint(y), 1)).mean()
    by_noise = -np.log2(density(y + lot.uniform(-0.5, 0.5, y.size), 1)).mean()
    print(f"{by_rounding:32.3f} {by_noise:7.3f}")

# %% [markdown]
# No. A hundred thousand draws are good to about ± 0.003. What they cannot tell apart, sum and integral can: 2.1048 both.

# %% [markdown]
# ## Two errors
#
# And the loss of quality? The noise has the mean square $\int_{-1/2}^{1/2} u^2 du = \tfrac1{12}$, whatever σ is. [Lesson 04](04_quantization.ipynb) found that
# $\tfrac1{12}$ for rounding, too, and where it fails. **Predict** the rounding error at σ = 0.1.


# %%
# NBVAL_CHECK_OUTPUT
def rounding_error(sigma):
    """Mean of (y − ŷ)²: bin after bin."""
    p = stats.norm(0, sigma).pdf
    bins = range(-20, 21)
    return sum(
        integrate.quad(lambda y, k=k: (y - k) ** 2 * p(y), k - 0.5, k + 0.5)[0] for k in bins
    )


print("    σ   rounding     noise        σ²")
for sigma in (2, 1, 0.5, 0.3, 0.2, 0.1):
    print(f"{sigma:5} {rounding_error(sigma):9.4f} {1 / 12:10.4f} {sigma**2:10.4f}")

# %% [markdown]
# For wide latents both have 1/12 = 0.0833. A narrow one becomes 0, and its error is what it was: σ². A zero cannot lose more than
# was there. The noise loses 1/12 even then, eight times too much at σ = 0.1.
#
# So for a narrow latent training believes that it costs bits *and* makes a noise, where in the file it costs nothing and is quiet.
#
# ## Move the width
#
# Bars and full lines are the file, dashes are the noise. One drawing shows the latent, the other both rates and both errors over σ,
# with marks where you are. The shaded band is for the slider *Mean*: between which values rounding lies if the latents do not lie
# around a whole number.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.noise_for_rounding.rounding import Rounding

explorer = Rounding()
explorer

# %% [markdown]
# ## What noise is exactly
#
# So the noise is too high for some means and too low for others. **Predict:** and on average over all means?

# %%
# NBVAL_CHECK_OUTPUT
means = (np.arange(1000) + 0.5) / 1000 - 0.5
print("    σ   H, mean 0   H, mean ½   average over all means   noise, h")
for sigma in (0.05, 0.1, 0.2, 0.5, 1):
    average = np.mean([H(sigma, mean) for mean in means])
    np.testing.assert_allclose(average, h(sigma), atol=1e-5)
    print(f"{sigma:5} {H(sigma):11.3f} {H(sigma, 0.5):11.3f} {average:16.3f} {h(sigma):18.3f}")

# %% [markdown]
# Exactly the noise. And that is what it is: **noise is rounding with the stairs at a random place.** To move the stairs by $v$ is to
# round $y - v$ and then to add $v$ again:
#
# $$\hat y = \mathrm{round}(y - v) + v$$
#
# If $v$ is drawn evenly from −½ … ½, the error $\hat y - y$ is even in −½ … ½ too, *whatever $y$ is*.
#
# Could a real file do that? Yes, if both sides know $v$, say from the same random generator. This is called *dithered* or
# *universal quantization* (Ziv 1985). The bits, for a coder that knows $v$, are then exactly $h(\tilde y)$ (Zamir and Feder 1992), and training and file agree
# (Agustsson and Theis 2020). **Build it:**
#
# ### ✎ 2 · `dithered`

# %%
from lic_teach.course.noise_for_rounding.exercises import check


def dithered(y, v):
    """y: latents, float (n,); v: the shared dither, float (n,). Return k and y_hat.

    k: whole numbers, what the file holds. y_hat: what the decoder makes of k and v.
    """
    # your lines here


check("dithered", dithered)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def dithered(y, v):
#     k = np.rint(y - v)
#     return k, k + v
# ```
#
# </details>

# %% [markdown]
# Then why does hardly any codec do it? Because its file really costs what training said: 0.52 bits at σ = 0.2, where plain
# rounding around a whole number costs 0.11. The mismatch is in our favour, as long as the mean of a latent lies in the middle of
# a bin. Our codec sees to that: it subtracts the mean that the prior expects, rounds, and adds it again. So the prior must know the
# mean well.

# %% [markdown]
# ## Straight through
#
# The other stand-in is bolder. Forwards, round. Backwards, pretend that nothing was rounded, and let the gradient go
# *straight through* (Bengio, Léonard, Courville 2013, after Hinton).
#
# ### ✎ 3 · `straight_through`
#
# One line of PyTorch. You need `.detach()`: `a.detach()` has the value of `a`, but backwards it counts as a constant, with
# slope 0.

# %%
from lic_teach.course.noise_for_rounding.exercises import check


def straight_through(y):
    """y: a tensor. Return it rounded; the gradient should pass as if it were not."""
    # your line here


check("straight_through", straight_through)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def straight_through(y):
#     return y + (torch.round(y) - y).detach()
# ```
#
# Forwards $y + \hat y - y = \hat y$. Backwards only the first $y$ is seen, with slope 1.
#
# </details>

# %% [markdown]
# Is that the slope of the loss? It cannot be: the true slope is 0. It is the slope of *another* loss, and it is taken at
# $\hat y$ instead of $y$. Watch what that does. One latent, the loss $(\hat y - 0.3)^2$, gradient descent from 1.2 (each step goes
# against the slope, times a learning rate of 0.02). The best whole number is 0. **Predict:** where does $y$ settle?


# %%
def descend(kind, steps=1500):
    """All y on the way."""
    rng, y, way = np.random.default_rng(1), 1.2, []
    for _ in range(steps):
        seen = np.rint(y) if kind == "straight through" else y + rng.uniform(-0.5, 0.5)
        y -= 0.02 * 2 * (seen - 0.3)
        way.append(y)
    return np.array(way)


figure, ax = plt.subplots(figsize=(7, 3.4))
ways = {kind: descend(kind) for kind in ("straight through", "noise")}
for (kind, way), color in zip(ways.items(), (BLUE, VIOLET), strict=True):
    ax.plot(way[:300], color=color, lw=1.2)
    ax.annotate(kind, (302, way[300]), color=color, va="center")
ax.plot((0, 300), (0.5, 0.5), color="gray", lw=0.8, ls=":")
ax.annotate("the stair, at ½", (150, 0.56), color="gray", ha="center")
ax.set(xlabel="step of the descent", ylabel="y", ylim=(0, 1.25), xlim=(-5, 375))
ax.set_title("Straight-through hunts around the stair; noise settles near 0.3")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for kind, way in ways.items():
    ends = np.rint(way[-1000:])
    print(f"{kind:17} rounds to 1 in {np.mean(ends == 1):4.0%} of the last 1000 steps,", end=" ")
    print(f"loss {np.mean((ends - 0.3) ** 2):.2f}")

# %% [markdown]
# Straight-through hunts around the stair. Below it the slope is $2(0 - 0.3)$, so up; above it $2(1 - 0.3)$, so down. It spends 30 % of
# its time above: then the *mean* of $\hat y$ is 0.3, and that is all its slope can ask for. The loss is more than twice what it could be. Noise
# feels the smooth curve, settles near 0.3, and 0.3 rounds to 0.
#
# ## Three slopes of the rate
#
# Now the rate. Let $y = \sigma z$, with $z$ from N(0, 1), and ask how the bits change with σ, with the prior as it is. How well
# do the two stand-ins know the true slope of $H$? (In our function `H` the prior moves along with σ. That changes no slope: a prior
# that fits is at its lowest point, so moving it a little changes nothing.) **Predict** what straight-through says at σ = 0.1.

# %%
# NBVAL_CHECK_OUTPUT
n = 1_000_001
z = torch.tensor(stats.norm.ppf((np.arange(n) + 0.5) / n))  # every quantile once
u = torch.tensor((np.arange(n) * 0.6180339887) % 1 - 0.5)  # even, in a mixed order


def slope(quantizer, sigma):
    """How the mean of the bits changes with the width of y, by torch."""
    width = torch.tensor(sigma, requires_grad=True, dtype=torch.float64)
    bits = entropy.bits(entropy.likelihood(quantizer(width * z), 0.0, sigma))
    return torch.autograd.grad(bits.mean(), width)[0].item()


print("    σ    true    noise    straight through")
for sigma in (0.1, 0.2, 0.4, 0.7, 1.0):
    true = (H(1.001 * sigma) - H(0.999 * sigma)) / (0.002 * sigma)
    by_noise = slope(lambda y: y + u, sigma)
    through = slope(lambda y: y + (torch.round(y) - y).detach(), sigma)
    print(f"{sigma:5} {true:7.1f} {by_noise:8.1f} {through + 0.0:13.1f}")

# %% [markdown]
# From σ = 0.7 upwards all three agree. Below, both stand-ins are *biased*: even averaged over all draws they are not the true slope.
# But they fail in opposite ways:
#
# - **Straight-through is nearly silent.** A narrow latent is rounded to 0, and there the density has its flat top: slope 0. What
#   is in the bin of 0 never hears of the rate.
# - **Noise is never silent.** It goes on asking narrow latents to become narrower, even if they cost nothing any more.
#
# For the rate, noise is the better teacher. For the decoder it is different: it should learn from what it will get. With noise it would
# get narrow latents that still say a little about the picture, and learn to read them. In a file they are 0 and say nothing.

# %% [markdown]
# ## What our codec does
#
# So it does both (as Minnen and Singh did, 2020): **noise for the rate, straight-through for the decoder.** In the package they are two lines in
# `learned/quantize.py`. The only difference from yours is the mean, which goes to the middle of a bin:

# %%
y = torch.randn(1000, generator=torch.Generator().manual_seed(0)) * 3
torch.manual_seed(1)
mine = y + torch.rand(1000) - 0.5
torch.manual_seed(1)
np.testing.assert_allclose(mine, quantize.add_noise(y))

mine = torch.round(y - 0.4) + 0.4
np.testing.assert_allclose(mine, quantize.straight_through(y, 0.4), atol=1e-6)

# %% [markdown]
# Now a photograph, and the codec that comes with the course. Its rate three times: as training sees it, with noise; as estimated
# from rounded latents; and the file. **Predict:** most latents of a photograph are narrow. How far off is training's number?

# %%
photo = images.sample("chelsea")
size, pixels = photo.shape[:2], photo.shape[0] * photo.shape[1]
model = learned.load()
y = learned.analyse(photo, model)


def in_steps(lam):
    """One codec serves every λ: place says where its tables know λ. And y in steps."""
    place = model.position(quantize.to_code(lam)).float()
    return place, torch.from_numpy(y)[None] / model.step(place)


def training_bits(lam):
    """R as the training loop has it: the bits of noisy latents."""
    torch.manual_seed(0)
    place, steps = in_steps(lam)
    with torch.no_grad():
        return model.prior(steps, place)[0].item()


lams = (1e-3, 1e-2, 5e-2)
print("bits per pixel      training, noise    estimate, rounded    file")
for lam in lams:
    rates = training_bits(lam), learned.estimate(y, model, lam)
    file = metrics.bpp(learned.encode_latents(y, size, model, lam), photo)
    print(f"λ = {lam:5} {rates[0] / pixels:20.2f} {rates[1] / pixels:20.2f} {file:12.2f}")

# %% [markdown]
# The estimate is the file's. Training's number is something else: about twice the file's at λ = 0.01, and several times at the smallest
# λ. The difference is nearly the same in each row. Where does it come from?
#
# The prior has a smallest width, σ = 0.11. A latent that is never anything but 0 still pays, because noise carries it onto the soft
# edges of that density:

# %%
# NBVAL_CHECK_OUTPUT
silent = integrate.quad(lambda t: -np.log2(density(t, entropy.SIGMA_MIN)), -0.5, 0.5)[0]
print(f"a silent latent pays {silent:.2f} bits for its noise, and in the file nothing")
print(
    f"{y.shape[0]} latents for 8 × 8 pixels: {silent * y.shape[0] / 64:.2f} bits per pixel, if all are silent"
)

# %% [markdown]
# That is most of it. So: **never plot training's bits per pixel as the file's.** Training may use them: what counts downhill is the
# slope, and most of the difference is a constant. Not all of it: for narrow latents the slopes differ, too, and so a model that was
# trained with noise stands at a slightly different λ than it was asked for. The package measures that and puts it right
# (`calibrate`). From here on, a rate that has neither "training" nor "estimate" beside it is that of a file.
#
# Look at our block of the cat (block row 11, column 24). It has one latent in each of the channels:

# %%
spent = learned.bit_map(y, model, 0.01)[0][:, 11, 24]  # of the file, at λ = 0.01
print(f"{spent.sum():.0f} bits in the file, for {spent.size} latents")
print(f"{np.sum(spent < 0.01)} of them cost less than a hundredth of a bit each")
print(f"noise would charge at least {silent * np.sum(spent < 0.01):.0f} bits for those")

# %% [markdown]
# And the decoder? It learned from rounded latents. **Predict:** what happens to the picture if it gets the noisy ones? For wide
# latents the error is the same, 1/12.


# %%
def from_noise(lam):
    """What the decoder makes of noisy latents: uint8 (H, W, 3)."""
    torch.manual_seed(0)
    noisy = quantize.add_noise(in_steps(lam)[1])[0].numpy()
    return codec.paint(noisy, size, model, quantize.to_code(lam))


def from_file(lam):
    """What it makes of rounded ones."""
    return learned.reconstruct(y, size, model, lam)


for lam in lams:
    rounded, noisy = (metrics.psnr(photo, x_hat(lam)) for x_hat in (from_file, from_noise))
    print(
        f"λ = {lam:5}: PSNR {rounded:.1f} dB from rounded latents, {noisy:.1f} dB from noisy ones"
    )

figure, axes = plt.subplots(1, 2, figsize=(8, 3.7))
for ax, x_hat, title in zip(axes, (from_file, from_noise), ("rounded", "noisy"), strict=True):
    ax.imshow(x_hat(0.01)[50:170, 130:280], interpolation="nearest")
    ax.set_title(f"from {title} latents, λ = 0.01", fontsize=10)
    ax.axis("off")
figure.suptitle("The decoder learned from rounded latents; noisy ones it never saw")
figure.tight_layout()

# %% [markdown]
# Several decibels worse, and more at small λ: every silent latent now makes a noise of 1/12. (This decoder was trained on rounded
# latents. One that is trained on noise learns to shut such latents out, but a file gives it rounded ones, which it never saw.)

# %% [markdown]
# ## What you learnt
#
# - `round` has the slope 0. Two things stand in for it: noise, and straight-through rounding.
# - The density of $y + u$ is the mass of $y$ in a window one step wide. At whole numbers that is $P(\hat y)$, so one formula gives
#   training its rate and the file its bits.
# - Noise and rounding agree for σ above half a step: 2.105 bits both at σ = 1, an error of 1/12 both. For narrow latents noise says
#   too much: 0.26 bits against 0.00 at σ = 0.1, and 1/12 against σ². (Gaussian, mean on a whole number, the prior right.)
# - Noise is rounding with the stairs at a random place. With a shared dither a file can do exactly that, but it costs more.
# - Straight-through gives the decoder what it will get; its slopes are biased and can hunt around a stair. Our codec takes noise
#   for R and straight-through for D.
# - Bits per pixel of a training are not those of a file.
#
# Now all pieces are there: transform, rounding, prior, and a loss with slopes. [Lesson 17](17_learned_codec.ipynb) puts them together.
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *ICLR*, 2017. Noise for rounding, and its
#   density; with noise, L is the loss of a variational autoencoder. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704)
# - Y. Bengio, N. Léonard, A. Courville, "Estimating or propagating gradients through stochastic neurons for conditional
#   computation", 2013. Straight-through. [arXiv:1308.3432](https://arxiv.org/abs/1308.3432)
# - J. Ziv, "On universal quantization", *IEEE Transactions on Information Theory* 31(3), 344–347, 1985.
# - R. Zamir, M. Feder, "On universal quantization by randomized uniform/lattice quantizers", *IEEE Transactions on Information
#   Theory* 38(2), 428–436, 1992. Its rate is that of the noisy channel.
# - E. Agustsson, L. Theis, "Universally quantized neural compression", *NeurIPS*, 2020. Dither in a learned
#   codec; and *soft rounding*, one more stand-in. [arXiv:2006.09952](https://arxiv.org/abs/2006.09952)
# - D. Minnen, S. Singh, "Channel-wise autoregressive entropy models for learned image compression", *IEEE ICIP*, 2020. Noise for
#   the rate, rounding for the decoder. [arXiv:2007.08739](https://arxiv.org/abs/2007.08739)
# - A. B. Sripad, D. L. Snyder, "A necessary and sufficient condition for quantization errors to be uniform and white", *IEEE
#   Transactions on Acoustics, Speech, and Signal Processing* 25(5), 442–448, 1977. When the error of rounding is exactly 1/12.
