# %% [markdown]
# # 15 · Noise for rounding
#
# **How do you train through a staircase?**
#
# A file holds whole numbers, so the encoder's latents $y$ must be rounded to $\hat y$. Training asks every number of the
# codec: *if you grew a little, would the loss go up or down?* Rounding has no answer ([lesson 10](10_backpropagation.ipynb)). Most small changes of $y$ change
# nothing; a few change everything.
#
# Below is what one latent costs in bits while $y$ goes from −3 to 3. The prior is N(0, 1), and $\hat y$ costs $-\log_2 P(\hat y)$
# ([lesson 14](14_bits_from_probability.ipynb)).

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import stats

from lic_teach import images, learned, metrics
from lic_teach.course.noise_for_rounding import rounding, toy
from lic_teach.course.noise_for_rounding.rounding import density
from lic_teach.kit import mine
from lic_teach.kit.predict import Predict
from lic_teach.learned import codec, entropy, quantize

torch.set_num_threads(1)
BLUE, VIOLET, GREEN = "#2563b0", "#a653c9", "#12857a"  # the file, training, both

rng = np.random.default_rng(0)
y = np.linspace(-3, 3, 1201)
noise = rng.uniform(-0.5, 0.5, (400, 1))

figure, ax = plt.subplots(figsize=(7, 3.6))
one = y + rng.uniform(-0.5, 0.5, y.size)
ax.plot(y, -np.log2(density(one, 0, 1)), ".", color=VIOLET, ms=2.5, alpha=0.4)
ax.plot(y, -np.log2(density(np.rint(y), 0, 1)), color=BLUE, lw=2)
ax.plot(y, -np.log2(density(y + noise, 0, 1)).mean(0), color=VIOLET, lw=2, ls="--")
ax.annotate("rounded: stairs", (0, 8.6), color=BLUE, ha="center")
ax.annotate("y + noise: dots", (0, 7.7), color=VIOLET, ha="center")
ax.annotate("and their mean: dashes", (0, 6.8), color=VIOLET, ha="center")
ax.set(xlabel="y, in quantization steps", ylabel="bits", ylim=(0.8, 10))
ax.set_title("Bits of one latent: stairs, and the smooth curve that noise makes of them")
figure.tight_layout()

# %% [markdown]
# The stairs are flat wherever you stand. Now do not round, but add a random number between −½ and ½. Each draw lands elsewhere
# (dots), but their mean is a smooth curve, and that has a slope everywhere. It runs close to the stairs. How close is close enough?
# In the end small codecs are trained, and tell.
#
# **After this lesson** you can
# - say at which widths noise and rounding agree, and what happens where they do not;
# - write straight-through rounding, and say which part of a codec needs it;
# - train a codec with either, and judge it by what its file would be;
# - say why the bits of a training must never be shown as the bits of a file.
#
# You need lessons [10](10_backpropagation.ipynb) (gradients) and [14](14_bits_from_probability.ipynb) (bits from probability), and about 30 minutes.
# Latents are counted in **quantization steps**, so that to quantize is to round to a whole number.

# %% [markdown]
# ## Where does a noisy latent lie?
#
# $$\tilde y = y + u \qquad\qquad u \text{ anywhere in } -\tfrac12 \dots \tfrac12 \text{, all values alike}$$
#
# ($\tilde y$ is read "y tilde"; $u$ is drawn anew each time.) If $y$ grows a little, so does $\tilde y$: its slope is 1. Take many latents of width σ = 0.6.
# Round them and count, then add noise and count.

# %% jupyter={"source_hidden": true}
sigma = 0.6
y = rng.normal(0, sigma, 200_000)
tilde = y + rng.uniform(-0.5, 0.5, y.size)
whole, t = np.arange(-3, 4), np.linspace(-3, 3, 601)

figure, ax = plt.subplots(figsize=(7, 3.2))
ax.bar(whole, [(np.rint(y) == k).mean() for k in whole], width=0.96, color=BLUE, alpha=0.4)
ax.hist(tilde, np.arange(-3, 3.01, 0.1), density=True, histtype="step", color=VIOLET, lw=1.5)
ax.plot(t, stats.norm(0, sigma).pdf(t), color="gray", lw=1)
ax.annotate("y", (0.34, 0.63), color="gray")
ax.annotate("share of ŷ", (-1.3, 0.23), color=BLUE, ha="right")
ax.annotate("density of y + u", (0.85, 0.37), color=VIOLET)
ax.set(xlabel="latent, in steps", ylabel="share, density per step")
ax.set_title("The noisy latents meet every bar in its middle")
figure.tight_layout()

# %% [markdown]
# They meet at 0, and at 1, and at 2. That is no accident. Suppose that $\tilde y$ came out as $t$. Then $y$ lay no further than
# half a step away, in a window from $t - \tfrac12$ to $t + \tfrac12$. So the density of $\tilde y$ at $t$ is the mass of $y$ in that window:
#
# $$p(t) = \Phi\!\left(\frac{t + \frac12}{\sigma}\right) - \Phi\!\left(\frac{t - \frac12}{\sigma}\right)$$
#
# This is [lesson 14](14_bits_from_probability.ipynb)'s $P(\hat y)$, only that $t$ need not be whole. **One formula does both:** in training it is the
# *density* of $\tilde y$, in the file the *probability* of $\hat y$.

# %% [markdown]
# ## How far can noise be trusted?
#
# A file pays the *entropy* of $\hat y$. Training pays the mean of $-\log_2 p(\tilde y)$, which is called the *differential entropy* of $\tilde y$.
# Training's squared error is the mean of $u^2$, $\tfrac1{12}$. All is computed, nothing drawn by lot. $y$ is Gaussian with mean 0, and the prior knows its σ.

# %%
with Predict("σ = 0.1: the file needs 0.00 bits. And training?", unit="bits", near=0.1) as predict:
    print("          bits            squared error")
    print("    σ   file  training    file  training")
    for sigma in (2, 1, 0.5, 0.3, 0.2, 0.1):
        file, training = rounding.rounded(0, sigma), rounding.noisy(sigma)
        print(f"{sigma:5} {file.bits:6.3f} {training.bits:8.3f}", end=" ")
        print(f"{file.error:8.3f} {training.error:8.3f}")
    predict.truth = round(float(training.bits), 2)

# %% [markdown]
# At σ = 1 both rates are 2.105 bits, and both errors 1/12. From σ = 0.5 upwards the rates differ by 0.013 bits at most. That is why it works
# at all.
#
# A narrow latent, σ = 0.1, is practically always rounded to 0. In the file it costs nothing, and it is quiet: its error is what it was, σ². Training
# believes that it costs bits *and* makes a noise. So **never show training's bits as the bits of a file.** What training needs is the slope.
#
# ## Move the width
#
# Bars and full lines are the file, dashes are the noise. One drawing shows the latent, the other both rates and both errors over σ,
# with marks where you are. *Mean* moves the latent off the whole number; the shaded band is what rounding does at other means.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.noise_for_rounding.rounding import Rounding

explorer = Rounding()
explorer

# %% [markdown]
# ## Straight through
#
# The other stand-in is bolder. Forwards, round. Backwards, pretend that nothing was rounded, and let the gradient go
# *straight through* (Bengio, Léonard, Courville 2013, after Hinton).
#
# ### ✎ 1 · `straight_through`
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
# Rate and error are now the file's. The slope is taken at $\hat y$ and handed to $y$. What does a narrow
# latent hear of it? Let $y = \sigma z$, with $z$ from N(0, 1), and ask how the bits change if σ grows.


# %% jupyter={"source_hidden": true}
def through(y):
    """The package's; 0: the mean of the prior."""
    return quantize.straight_through(y, 0.0)


def slope_of_bits(seen, sigma):
    """By torch, over all quantiles of z; the prior has the width sigma and keeps it."""
    z = torch.tensor(stats.norm.ppf((np.arange(300_001) + 0.5) / 300_001))
    width = torch.tensor(sigma, requires_grad=True, dtype=torch.float64)
    bits = entropy.bits(entropy.likelihood(seen(width * z), 0.0, sigma)).mean()
    return torch.autograd.grad(bits, width)[0].item()


def slope_in_the_file(sigma):
    """By a small step. That the prior moves along changes no slope: one that fits is at its best."""
    more, less = (rounding.rounded(0, part * sigma).bits for part in (1.001, 0.999))
    return (more - less) / (0.002 * sigma)


# %%
question = "σ = 0.2: the slope of the file's bits over σ is 3.2. What does straight-through say?"
with Predict(question, unit="bits a step", near=0.5) as predict:
    torch.manual_seed(0)
    print("    σ   file   noise  straight-through")
    for sigma in (1.0, 0.5, 0.35, 0.1, 0.2):
        noisy, straight = (slope_of_bits(f, sigma) for f in (quantize.add_noise, through))
        print(f"{sigma:5} {slope_in_the_file(sigma):6.1f} {noisy:7.1f} {straight + 0.0:9.1f}")
    predict.truth = round(straight, 1)

# %% [markdown]
# A narrow latent is mostly rounded to 0, and there the density has its flat top. So straight-through falls silent while there are still bits to save. Noise asks for less all the way down, even where nothing is left.
#
# | | rate and error that training sees | slope of R |
# |---|---|---|
# | noise | above the file's for narrow latents | the smooth curve's: never silent |
# | straight-through | the file's | nearly silent for narrow latents |

# %% [markdown]
# ## Who needs a stand-in?
#
# Take a whole codec: two small networks, an encoder $g_a$ and a decoder $g_s$, for points of the plane. Let it round, *plainly*, and go backwards from D.

# %%
points, test = toy.points(200_000, seed=1), toy.points(200_000, seed=2)
torch.manual_seed(0)
g_a, g_s = toy.network(), toy.network()


def gradients(seen):
    """How large are the gradients of D, in the encoder and in the decoder?"""
    D = torch.mean((toy.decode(g_s, seen(toy.latents(g_a, points[:1000]))) - points[:1000]) ** 2)
    parameters = [*g_a.parameters(), *g_s.parameters()]
    slopes = [g.norm() for g in torch.autograd.grad(D, parameters)]
    return [torch.stack(part).norm().item() for part in (slopes[:6], slopes[6:])]


choices = ["nobody's", "the decoder's", "the encoder's", "both"]
with Predict("Plain rounding: whose gradients are 0?", choices) as predict:
    for name, seen in (("straight-through", through), ("round", torch.round)):
        encoder, decoder = gradients(seen)
        print(f"{name:17} encoder {encoder:.4f}, decoder {decoder:.4f}")
    predict.truth = choices[2 * (encoder == 0) + (decoder == 0)]

# %% [markdown]
# To the decoder $\hat y$ is just an input. Its gradient is whole, and the same to the last digit with either. **Straight-through serves the encoder**, and nobody else.
# It is a way to tell the encoder something about D while the decoder sees what it will get.
#
# ## Three trainings
#
# So there are three ways to train. R and D may both look at noisy latents; or both at straight-through ones; or, *mixed*, R at noisy and D at
# straight-through ones. The points are the banana of [lesson 13](13_bend_or_look.ipynb). Here is the loop, for all three:


# %%
def learn(R_sees, D_sees, lam, steps=1500, seed=0):
    """Train two networks, and a width for each latent, on R + lam * D."""
    torch.manual_seed(seed)
    g_a, g_s = toy.network(), toy.network()
    log_width = torch.full((2,), np.log(8.0), requires_grad=True)
    parameters = [*g_a.parameters(), *g_s.parameters(), log_width]
    optimizer = torch.optim.Adam(parameters, lr=5e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        x = points[torch.randint(len(points), (1000,))]
        y = toy.latents(g_a, x)
        P = entropy.likelihood(R_sees(y), 0.0, log_width.exp())
        R = entropy.bits(P).sum(1).mean()
        D = torch.mean((toy.decode(g_s, D_sees(y)) - x) ** 2)
        optimizer.zero_grad()
        (R + lam * D).backward()
        optimizer.step()
        slower.step()
    return g_a, g_s


# %% [markdown]
# All are judged alike: on other points, rounded, by the entropies and errors that a file would have. λ = 3 makes narrow latents. The nine trainings take a minute or less.

# %%
noise, through = quantize.add_noise, mine.get("straight_through", through)
ways = {"noise": (noise, noise), "straight": (through, through), "mixed": (noise, through)}
trained = {(lam, way): learn(*ways[way], lam) for lam in (3, 30, 100) for way in ways}


# %% jupyter={"source_hidden": true}
def L(lam, way):
    """Rounded, on other points."""
    R, D = toy.measure(*trained[lam, way], test)
    return R + lam * D


def draw_cells(ax, g_a, g_s, name):
    """Points that become the same whole numbers have one colour; black is what is decoded."""
    x = test[:20_000]
    with torch.no_grad():
        y = toy.latents(g_a, test)
        y_hat = torch.round(y[:20_000]).numpy()
        cells, number, size = np.unique(y_hat, axis=0, return_inverse=True, return_counts=True)
        middles = toy.decode(g_s, torch.tensor(cells[size > 20])).numpy()
    ax.scatter(*x.T, c=plt.cm.tab20(number.ravel() * 7 % 20), s=0.5)
    ax.plot(*middles.T, "o", color="black", ms=5, mec="white")
    R, D = toy.measure(g_a, g_s, test)
    low, high = sorted(y.std(0).tolist())
    ax.set_title(f"{name}: {R:.2f} bits, error {D:.2f}\nσ of the latents {low:.2f} and {high:.2f}")
    ax.set(xlim=(-3.2, 3), ylim=(-2.4, 3.8), xticks=(), yticks=(), aspect="equal")


# %%
question = "λ = 3: which way ends with the smallest L, rounded?"
with Predict(question, list(ways)) as predict:
    print("   λ", *(f"{way:>9}" for way in ways))
    for lam in (100, 30, 3):
        losses = [L(lam, way) for way in ways]
        print(f"{lam:4}", *(f"{loss:9.2f}" for loss in losses))
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.9))
    for ax, way in zip(axes, ways, strict=True):
        draw_cells(ax, *trained[3, way], way)
    figure.tight_layout()
    predict.truth = list(ways)[np.argmin(losses)]

# %% [markdown]
# At λ = 100 it hardly matters. One latent is wide there, and for wide latents all stand-ins agree: that is what the first table said. At λ = 3 both are narrow.
# The pictures show its cells: points of one colour become the same whole numbers. Straight-through keeps both: it cuts thin slices that tell next to nothing, and pays nearly
# three quarters more bits than noise for much the same error. Noise goes on asking for less, until one latent is practically always 0, and free.
#
# *Mixed* lies between. Some of its larger L is only that it stands elsewhere: it buys a smaller error with more bits. Not all of it: with three
# seeds at λ = 3 and 30 it needs 4 to 8 percent more bits than noise *at the same error* in five pairs out of six (and once 3 percent fewer).
#
# ## Whose fault is it?
#
# *Mixed* has noise's R, and its decoder learned from rounded latents, as in a file. Noise's decoder never saw one. Give it some: keep the encoder, so that the bits
# stay as they are, and train the decoder alone for 500 more steps on *plainly* rounded latents. Do the same for mixed, to be fair.


# %%
def finish(g_a, g_s, steps=500):
    """Train the decoder alone on what it will get."""
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(g_s.parameters(), lr=2e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        x = points[torch.randint(len(points), (1000,))]
        y_hat = torch.round(toy.latents(g_a, x)).detach()  # no stand-in
        optimizer.zero_grad()
        torch.mean((toy.decode(g_s, y_hat) - x) ** 2).backward()
        optimizer.step()
        slower.step()


with Predict("λ = 3: whose error falls more?", ["noise", "mixed", "about the same"]) as predict:
    gains = {}
    for way in ("noise", "mixed"):
        before = toy.measure(*trained[3, way], test)[1]
        finish(*trained[3, way])
        gains[way] = 1 - toy.measure(*trained[3, way], test)[1] / before
        print(f"{way:6} error {-gains[way]:.0%}, L is now {L(3, way):.2f}")
    lead = gains["noise"] - gains["mixed"]
    predict.truth = "about the same" if abs(lead) < 0.01 else max(gains, key=gains.get)

# %% [markdown]
# Noise's decoder gains 7 to 9 percent, mixed's 2 or 3. So it is true that **a decoder should learn from what it will get**. But for that it needs rounding, no stand-in.
# Now both decoders know rounded latents, R was noise's in both, and noise is ahead by more than before. What is left is the *encoder's* slope of D: in mixed it went straight through.
#
# Our own codec is trained the mixed way, as that of Minnen and Singh (2020): in `learned/quantize.py` are its `add_noise` and `straight_through`. Are we wrong?
# Two latents are no law. Guo and others (2021) found the same on pictures: straight-through hurts, and noise first, rounding afterwards, is better. Zhang, Li and Liu (2023) find a trade-off between a wrong
# slope and a wrong input that *differs from network to network*. So one has to try.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: what noise is exactly (about 15 minutes)
#
# In the figure above the noise is too high for some means and too low for others.

# %%
choices = ["too high", "exact", "too low"]
with Predict("And on average over all means?", choices) as predict:
    means = (np.arange(1000) + 0.5) / 1000 - 0.5
    print("    σ   mean 0   mean ½   average   noise")
    for sigma in (0.05, 0.1, 0.2, 0.5, 1):
        middle, edge = rounding.rounded(0, sigma).bits, rounding.rounded(0.5, sigma).bits
        average = np.mean([rounding.rounded(mean, sigma).bits for mean in means])
        noisy = float(rounding.noisy(sigma).bits)
        print(f"{sigma:5} {middle:8.3f} {edge:8.3f} {average:9.3f} {noisy:7.3f}")
    predict.truth = choices[int(np.digitize(average - noisy, [-1e-5, 1e-5]))]

# %% [markdown]
# That is what it is: **noise is rounding with the stairs at a random place.** Move the stairs by $v$, drawn evenly from −½ … ½, and round. The
# error is then even in −½ … ½ too, *whatever $y$ is*.
#
# Could a real file do that? Yes, if both sides know $v$, say from the same random generator. This is called *dithered* or
# *universal quantization* (Ziv 1985). The bits, for a coder that knows $v$, are those of the noise (Zamir and Feder 1992), and training and file agree
# (Agustsson and Theis 2020).
#
# ### ✎ 2 · `dithered`
#
# Only whole numbers can be in the file. The decoder has them, and $v$.

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
# a bin. Our codec sees to that: it subtracts the mean that the prior expects, rounds, and adds it again.
#
# **And what is L?** Call $q(\tilde y \mid x)$ the density of a noisy latent when the picture $x$ is known: 1 in a box around $y = g_a(x)$, and 0 outside. A training
# with noise draws from it. The same boxes with the same $L$ stand in another subject: a *variational autoencoder* makes
# $\mathbb{E}_q\!\left[-\log_2 p(x \mid \tilde y)\right] + \mathrm{KL}\!\left(q(\tilde y \mid x) \,\|\, p(\tilde y)\right)$ small, which is never below $-\log_2 p(x)$ on average (with its
# sign turned it is the ELBO, the *evidence lower bound*). Let $p(x \mid \tilde y)$ be a Gaussian around $g_s(\tilde y)$: its $-\log_2$ is a constant and the squared error times a factor, λD. And
# since $\log_2 q = 0$ inside the box, the KL is the mean of $-\log_2 p(\tilde y)$: R (Ballé, Laparra, Simoncelli 2017). So our codec *is* a VAE, whose noise has a fixed width, one step. It has to: only noise of that width has
# rounding to replace it.
#
# ### ✎ 3 · `trust`
#
# From which width on may training's rate be believed? `rounding.rounded(0, sigma).bits` is the file's rate, `rounding.noisy(sigma).bits` training's; sigma may be an array.
# The widths from 0.03 to 2 are enough.


# %%
def trust(part):
    """part: say 0.01. Return the smallest sigma from which on training's bits differ by no more
    than that part of the file's bits."""
    # your lines here


check("trust", trust)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def trust(part):
#     sigmas = np.geomspace(0.03, 2, 2000)
#     file, training = rounding.rounded(0, sigmas).bits, rounding.noisy(sigmas).bits
#     return sigmas[np.abs(training - file) > part * file].max()
# ```
#
# </details>

# %% [markdown]
# ## Depth: where straight-through goes wrong, and where noise does (about 5 minutes)
#
# One latent, and gradient descent with a small learning rate. The loss is a bowl, $(\hat y - 0.3)^2$: the best whole number is 0. Then another bowl, around 2, with a wall
# between 1 and 2, which no whole number touches.


# %%
def bowl(t):
    return (t - 0.3) ** 2


def wall(t):
    return (t - 2) ** 2 + 4 * np.exp(-(((t - 1.5) / 0.15) ** 2))


def descend(loss, way, y, steps=5000):
    """All y on the way."""
    rng, path = np.random.default_rng(1), []
    for _ in range(steps):
        seen = np.rint(y) if way == "straight" else y + rng.uniform(-0.5, 0.5)
        y -= 0.002 * (loss(seen + 1e-4) - loss(seen - 1e-4)) / 2e-4
        path.append(y)
    return np.array(path)


with Predict("The wall: which way ends at 2?", ["straight", "noise", "both", "none"]) as predict:
    ends = {}
    for name, loss, start in (("bowl", bowl, 1.2), ("wall", wall, 0.6)):
        for way in ("straight", "noise"):
            last = np.rint(descend(loss, way, start)[-1000:])
            ends[name, way] = loss(last).mean()
            print(
                f"{name}, {way:8}: {np.mean(last == 0):4.0%} at 0, {np.mean(last == 1):4.0%}",
                end="",
            )
            print(f" at 1, {np.mean(last == 2):4.0%} at 2, mean loss {ends[name, way]:.2f}")
    there = [way for way in ("straight", "noise") if ends["wall", way] < 0.01]
    predict.truth = {0: "none", 1: "".join(there), 2: "both"}[len(there)]

# %% [markdown]
# In the bowl straight-through hunts around the stair at ½: below it the slope is $2(0 - 0.3)$, so up, above it $2(1 - 0.3)$, so down. It spends 30 % of its time at 1, for then the *mean* of
# $\hat y$ is 0.3, and that is all that its slope can ask for. Noise settles near 0.3, and 0.3 rounds to 0.
#
# At the wall it is the other way round. Noise feels everything within half a step, and the wall keeps it away from 2. (With a larger learning rate its kicks would throw it over.) Straight-through only knows whole numbers, as a file does, and steps over the wall. Each is right where
# the other one is wrong. Decoders are smooth, more bowls than walls; but nobody proves that.

# %% [markdown]
# ## Depth: soft rounding (about 5 minutes)
#
# There is something between $y$ and its stairs: a bent curve with the slope everywhere, which an α makes steeper (Agustsson and Theis 2020):
#
# $$s_\alpha(y) = \lfloor y \rfloor + \tfrac12 + \frac{\tanh(\alpha r)}{2 \tanh(\alpha / 2)}, \qquad r = y - \lfloor y \rfloor - \tfrac12$$
#
# Take it *before* the noise, $s_\alpha(y) + u$. A narrow latent is then drawn to 0 before it is shaken. Its bits, with a prior that fits, are still an integral:


# %%
def soft(y, alpha):
    r = y - np.floor(y) - 0.5
    return np.floor(y) + 0.5 + np.tanh(alpha * r) / (2 * np.tanh(alpha / 2))


def soft_bits(sigma, alpha):
    """Bits of soft(y) + u, and the mean of the slope of soft squared: how rough gradients are."""
    y = sigma * stats.norm.ppf((np.arange(20_001) + 0.5) / 20_001)
    t = np.linspace(-8, 8, 16_001)
    below = np.searchsorted(soft(y, alpha), [t - 0.5, t + 0.5]) / y.size  # distribution function
    p = below[1] - below[0]
    slope = alpha * (1 - np.tanh(alpha * (y - np.floor(y) - 0.5)) ** 2) / (2 * np.tanh(alpha / 2))
    return -np.sum(p * np.log2(np.maximum(p, 1e-300))) * (t[1] - t[0]), np.mean(slope**2)


with Predict("α = 7, σ = 0.2: bits (noise alone 0.52)?", unit="bits", near=0.08) as predict:
    print("          σ = 0.2     σ = 1")
    print("          bits      bits   slope²")
    for alpha in (0.1, 3, 7, 20):
        narrow, wide = soft_bits(0.2, alpha), soft_bits(1.0, alpha)
        print(f"α = {alpha:4}  {narrow[0]:5.2f} {wide[0]:9.2f} {wide[1]:7.1f}")
    print(f"rounded   {rounding.rounded(0, 0.2).bits:5.2f} {rounding.rounded(0, 1).bits:9.2f}")
    predict.truth = round(soft_bits(0.2, 7)[0], 2)

# %% [markdown]
# The larger α, the closer to the file. It is paid with the slopes: they become rare and large (their mean is 1 as ever, the mean of their squares grows), so gradients get rough. One begins
# with a small α and raises it. Guo and others change once: first noise, then hard rounding, as we did with `finish`. They call it *soft then hard*.

# %% [markdown]
# ## Depth: in the shipped codec (about 8 minutes)
#
# Now a photograph, and the codec that comes with the course. Its rate three times: as training sees it, with noise; as estimated
# from rounded latents; and the file.

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


lams = (5e-2, 1e-2, 1e-3)
question = "λ = 0.001: how many times the file's bits does training see?"
with Predict(question, unit="times", near=1) as predict:
    print("bits per pixel      training, noise    estimate, rounded    file")
    for lam in lams:
        rates = training_bits(lam), learned.estimate(y, model, lam)
        file = metrics.bpp(learned.encode_latents(y, size, model, lam), photo)
        print(f"λ = {lam:5} {rates[0] / pixels:20.2f} {rates[1] / pixels:20.2f} {file:12.2f}")
    predict.truth = round(rates[0] / pixels / file, 1)

# %% [markdown]
# The estimate is the file's. Training's number is something else, and the difference is nearly the same in each row. Where does it come from?
#
# The prior has a smallest width, σ = 0.11. A latent that is never anything but 0 still pays, because noise carries it onto the soft
# edges of that density:

# %%
# NBVAL_CHECK_OUTPUT
u = (np.arange(100_000) + 0.5) / 100_000 - 0.5
silent = -np.log2(density(u, 0, entropy.SIGMA_MIN)).mean()
print(f"a silent latent pays {silent:.2f} bits for its noise, and in the file nothing")
share = silent * y.shape[0] / 64
print(f"{y.shape[0]} latents for 8 × 8 pixels: {share:.2f} bits per pixel, if all are silent")

# %% [markdown]
# That is most of it. Training may use such a number: what counts downhill is the slope, and most of the difference is a constant. Not all of it: for narrow latents the slopes differ, too, and so a model that was
# trained with noise stands at a slightly different λ than it was asked for. The package measures that and puts it right
# (`calibrate`). From here on, a rate that has neither "training" nor "estimate" beside it is that of a file.
#
# And its decoder, which learned from rounded latents: what if it gets the noisy ones? For wide latents the error is the same, 1/12.


# %%
def from_noise(lam):
    """What the decoder makes of noisy latents: uint8 (H, W, 3)."""
    torch.manual_seed(0)
    noisy = quantize.add_noise(in_steps(lam)[1])[0].numpy()
    return codec.paint(noisy, size, model, quantize.to_code(lam))


def from_file(lam):
    """What it makes of rounded ones."""
    return learned.reconstruct(y, size, model, lam)


choices = ["less than 1 dB", "1 to 3 dB", "more than 3 dB"]
with Predict("How much worse is the picture at λ = 0.01?", choices) as predict:
    lost = {}
    for lam in lams:
        rounded, noisy = (metrics.psnr(photo, x_hat(lam)) for x_hat in (from_file, from_noise))
        lost[lam] = rounded - noisy
        print(f"λ = {lam:5}: PSNR {rounded:.1f} dB from rounded, {noisy:.1f} dB from noisy latents")
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.7))
    for ax, x_hat, name in zip(axes, (from_file, from_noise), ("rounded", "noisy"), strict=True):
        ax.imshow(x_hat(0.01)[50:170, 130:280], interpolation="nearest")
        ax.set_title(f"from {name} latents, λ = 0.01", fontsize=10)
        ax.axis("off")
    figure.suptitle("The decoder learned from rounded latents; noisy ones it never saw")
    figure.tight_layout()
    predict.truth = choices[int(np.digitize(lost[0.01], [1, 3]))]

# %% [markdown]
# Every silent latent now makes a noise of 1/12. (This decoder was trained on rounded
# latents. One that is trained on noise learns to shut such latents out.)

# %% [markdown]
# ## What you learnt
#
# - `round` has the slope 0. Two things stand in for it: noise, and straight-through rounding.
# - The density of $y + u$ is the mass of $y$ in a window one step wide. At whole numbers that is $P(\hat y)$, so one formula gives
#   training its rate and the file its bits.
# - Noise and rounding agree for σ above half a step. For narrow latents noise says
#   too much: 0.26 bits against 0.00 at σ = 0.1, and an error of 1/12 against σ². (Gaussian, mean on a whole number, the prior right.) Straight-through tells them next to nothing about R.
# - Only the encoder needs a stand-in. The decoder stands behind the rounding, and should learn from what it will get.
# - In the toy, noise for both was best at small λ, finished by a decoder trained on rounded latents; at large λ all agreed. Our codec is trained *mixed*. Which is best differs from network to network.
# - Bits per pixel of a training are not those of a file.
#
# Rounding is where the decoder loses something. What could it still be told? [Lesson 16](16_tell_the_decoder_where.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *ICLR*, 2017. Noise for rounding, its
#   density, and the VAE. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704)
# - Y. Bengio, N. Léonard, A. Courville, "Estimating or propagating gradients through stochastic neurons for conditional
#   computation", 2013. Straight-through. [arXiv:1308.3432](https://arxiv.org/abs/1308.3432)
# - D. Minnen, S. Singh, "Channel-wise autoregressive entropy models for learned image compression", *IEEE ICIP*, 2020. Noise for
#   the rate, rounding for the error. [arXiv:2007.08739](https://arxiv.org/abs/2007.08739)
# - Z. Guo, Z. Zhang, R. Feng, Z. Chen, "Soft then hard: rethinking the quantization in neural image compression", *ICML*, 2021. What straight-through
#   costs, and noise first. [arXiv:2104.05168](https://arxiv.org/abs/2104.05168)
# - H. Zhang, L. Li, D. Liu, "On uniform scalar quantization for learned image compression", 2023. Wrong inputs against wrong slopes, and that the balance
#   depends on the network. [arXiv:2309.17051](https://arxiv.org/abs/2309.17051)
# - E. Agustsson, L. Theis, "Universally quantized neural compression", *NeurIPS*, 2020. Dither in a learned
#   codec; section 4.1: soft rounding. [arXiv:2006.09952](https://arxiv.org/abs/2006.09952)
# - J. Ziv, "On universal quantization", *IEEE Transactions on Information Theory* 31(3), 344–347, 1985.
# - R. Zamir, M. Feder, "On universal quantization by randomized uniform/lattice quantizers", *IEEE Transactions on Information
#   Theory* 38(2), 428–436, 1992. Its rate is that of the noisy channel.
# - A. B. Sripad, D. L. Snyder, "A necessary and sufficient condition for quantization errors to be uniform and white", *IEEE
#   Transactions on Acoustics, Speech, and Signal Processing* 25(5), 442–448, 1977. When the error of rounding is exactly 1/12.
