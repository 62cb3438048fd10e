# %% [markdown]
# # 18 · A gradient from the middle
#
# **How can a loss on an inner layer train anything?**
#
# A network usually has its loss at its end, where the output is compared with what it should be. In a learned codec only
# $D$ stands there. The rate $R$ is computed from the latents, in the *middle*, before the decoder has painted a single pixel. The lecture that this course follows closes
# with two questions. This is the first.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import stats

from lic_teach import images
from lic_teach.course.gradient_from_the_middle import arrows, arrows_drawing, pulls
from lic_teach.kit.predict import Predict
from lic_teach.kit.stills import Drawing
from lic_teach.learned import entropy, quantize, train

torch.set_num_threads(1)
VIOLET, TEAL = "#a653c9", "#12857a"  # R, which is trained with noise, and D

pieces = {  # the middle of each photograph, float (1, 3, 128, 128)
    name: pulls.to_tensor(images.centre_crop(images.sample(name), 128)) for name in images.SAMPLES
}
photo = images.sample("chelsea")
source = arrows.prepare(photo)
now = arrows.compute(source, 0.01, pulls.BOTH, pulls.TRAINED, pulls.NOTHING)
Drawing(arrows_drawing.arrow_map(now))

# %% [markdown]
# Grey is the way forward: picture $x$, encoder $g_a$, latents $y$, quantizer Q, decoder $g_s$, picture. Colours are the ways back, violet for $R$, green for $D$. The violet one begins in the middle
# and needs nothing from the right half.
#
# In each box stand the lengths of its two gradients, for the codec of this course on a piece of the cat. Compare them **within a box only**: another box counts in other units, the encoder in weights, the steps in logarithms of
# a step.
#
# So there are two things to find out. *Where* does a gradient from the middle go, and what does it *do* there?
#
# **After this lesson** you can
# - say which loss each part of a codec hears of, and show it with PyTorch;
# - write the encoder's gradient as a sum of two, by hand;
# - say what a training lacks in which the encoder does not hear of the bits;
# - read from the gradients for which λ a codec was trained.
#
# You need lessons [10](10_backpropagation.ipynb) (backpropagation), [14](14_bits_from_probability.ipynb) (bits), [15](15_noise_for_rounding.ipynb) (noise, straight-through) and [17](17_learned_codec.ipynb) (the codec). About 30 minutes.

# %% [markdown]
# ## The smallest codec with two losses
#
# Two neighbouring pixels become one number, and two pixels again. The pixels are of our block at the rim of the cat's eye: 28 and 58,
# or −10 and −7 if one counts tens of grey levels from mid grey.
#
# $$y = w_1 x_1 + w_2 x_2 \qquad \hat y = \operatorname{round}(y) \qquad \hat x_i = v_i\,\hat y$$
#
# $$D = \tfrac12 \sum_i (\hat x_i - x_i)^2 \qquad R = -\log_2 P(y + u) \qquad L = R + \lambda D$$
#
# $w$ is the encoder, $v$ the decoder. $P$ is the prior's mass on the bin, for a Gaussian around 0 with width σ, and $u$ is the noise that stands for rounding in the rate ([lesson 15](15_noise_for_rounding.ipynb)). σ is the
# prior's only parameter.
#
# Both losses have a gradient for $w$. Do they ask the same of it? `allow_unused=True` lets PyTorch answer `None` where no way leads back to a parameter.

# %%
x = torch.tensor([-10.0, -7.0])
start = [0.3, 0.2], 3.0, [2.2, 2.0]
w, sigma, v = leaves = [torch.tensor(value, requires_grad=True) for value in start]

with Predict("What do R and D ask of w?", ["the same", "the opposite"]) as predict:
    y = w @ x
    R = entropy.bits(entropy.likelihood(y + 0.1, 0.0, sigma))
    D = ((v * quantize.straight_through(y, 0.0) - x) ** 2).sum() / 2
    options = {"retain_graph": True, "allow_unused": True}  # the graph is walked twice
    of_R, of_D = (torch.autograd.grad(loss, leaves, **options) for loss in (R, D))
    for name, *slopes in zip("wσv", of_R, of_D, strict=True):
        print(name, "of R:", slopes[0], "  of D:", slopes[1])
    predict.truth = "the same" if of_R[0] @ of_D[0] > 0 else "the opposite"

# %% [markdown]
# The prior hears only of $R$, the decoder only of $D$, the encoder of both, with opposite signs: $R$ would like $y$ = −4.4 to be
# nearer to 0, where it is cheap. $D$ would like it further away.
#
# $y$ is used *twice*: it goes to the decoder, and it goes to the prior. [Lesson 10](10_backpropagation.ipynb) said what happens then: **what is used twice adds up.**
#
# $$\frac{\partial L}{\partial y} = \frac{\partial R}{\partial y} + \lambda\,\frac{\partial D}{\partial y}$$
#
# So go back twice, by hand. From $D$ by $\hat x$, $v$, and straight through the rounding. From $R$ by the prior: the mass is $P = \Phi(b) - \Phi(a)$, where
# $a$ and $b$ are the ends of the bin, divided by σ. The slope of $\Phi$ is the bell curve, and that of $-\log_2 P$ is $-1/(P \ln 2)$.


# %%
def by_hand(x, w, sigma, v, u):
    """Gradients of R for w and σ, of D for w and v."""
    y = w @ x
    y_hat = np.rint(y)
    # back from D
    g_x_hat = v * y_hat - x  # half a sum of squares
    D_v = g_x_hat * y_hat
    D_w = (g_x_hat @ v) * x  # straight through the rounding, to y and to w
    # back from R
    a, b = (y + u - 0.5) / sigma, (y + u + 0.5) / sigma
    bell, P = stats.norm.pdf, stats.norm.cdf(b) - stats.norm.cdf(a)
    R_sigma = (b * bell(b) - a * bell(a)) / (sigma * P * np.log(2))
    R_w = -(bell(b) - bell(a)) / (sigma * P * np.log(2)) * x  # to y and to w
    return R_w, R_sigma, D_w, D_v


mine = by_hand(*(leaf.detach().double().numpy() for leaf in (x, w, sigma, v)), u=0.1)
for slope, package in zip(mine, (of_R[0], of_R[1], of_D[0], of_D[2]), strict=True):
    np.testing.assert_allclose(slope, package, rtol=1e-4)

# %% [markdown]
# Nothing of the first half occurs in the second but $y$ itself: the gradient of $R$ is complete before anyone has asked what the decoder does. And straight-through stands in one
# line, the encoder's. The decoder's own gradient, `D_v`, is exact without it: the stand-in serves the *encoder*.
#
# That is the *where*. **A loss need not stand at the end. It is a number, and its gradient goes to whatever that number was computed from.** What lies *before* the middle hears of both losses.
#
# ### ✎ 1 · `encoder_gradient`
#
# Now for many blocks and several latents: $y = x W^\top$, $\hat x = y V^\top$ (the rounding is straight through, so leave it out). You are
# given what has come back already, $\partial R/\partial y$ and $\partial D/\partial \hat x$. What is $\partial L/\partial W$?

# %%
from lic_teach.course.gradient_from_the_middle.exercises import check


def encoder_gradient(x, V, g_R, g_D, lam):
    """x (n, k), V (k, m), g_R = dR/dy (n, m), g_D = dD/dx_hat (n, k). Return dL/dW (m, k)."""
    # your lines here


check("encoder_gradient", encoder_gradient)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def encoder_gradient(x, V, g_R, g_D, lam):
#     g_y = g_R + lam * g_D @ V
#     return g_y.T @ x
# ```
#
# The two meet at $y$ and are added there. Further back, in a deep encoder too, it is one gradient: the encoder needs no second backward pass.
#
# </details>

# %% [markdown]
# ## Silence one of them
#
# What does each gradient *do*? Train the small codec four times, on pairs of pixels of three photographs: with $L = R + \lambda D$, with $R$ alone, with $D$ alone, and with both, but with
# `y.detach()` where the prior gets its latents. ([Lesson 15](15_noise_for_rounding.ipynb): that has the value of `y`, but the way back ends there.) In the fourth the bits are counted, and the prior learns from them. Only the encoder does not
# hear of them.

# %% jupyter={"source_hidden": true}
greens = [images.sample(name)[..., 1].ravel() for name in ("astronaut", "coffee", "rocket")]
greens = torch.from_numpy(np.concatenate(greens)).float()
pairs = (greens.reshape(-1, 2) - 128) / 32  # units of 32 grey levels
judges = pairs[::37]  # the same ones every time


def draw_widths(runs):
    """The width of the latents on the way, a line for each training."""
    figure, ax = plt.subplots(figsize=(7, 3.4))
    looks = (("dimgray", "-"), (VIOLET, "--"), (TEAL, "-"), (VIOLET, ":"))
    for (name, (widths, *_)), (color, dash) in zip(runs.items(), looks, strict=True):
        steps = range(0, 20 * len(widths), 20)
        ax.plot(steps, widths, color=color, ls=dash, lw=4 if dash == ":" else 2, label=name)
    ax.legend(frameon=False, ncols=2, fontsize=9, loc="upper left")
    ax.set(xlabel="step of the training", ylabel="width of y, in steps", ylim=(0, 5.6))
    ax.set_title("R shrinks the latents, D widens them; together they hold")
    figure.tight_layout()


# %%
def losses(x, W, V, log_sigma, cut):
    """R in bits per pixel, D in grey levels squared."""
    y = x @ W.T
    noisy = quantize.add_noise(y.detach() if cut else y)
    bits = entropy.bits(entropy.likelihood(noisy, 0.0, torch.exp(log_sigma)))
    x_hat = quantize.straight_through(y, 0.0) @ V.T
    return bits.mean() / 2, 32**2 * ((x_hat - x) ** 2).mean()


def learn(hear_R, hear_D, cut=False, lam=0.01, steps=1200):
    """The latents' width after every 20 steps, and R and D at the end."""
    torch.manual_seed(0)
    leaves = [torch.tensor([[0.5, 0.1]]), torch.tensor([[0.8], [0.8]]), torch.tensor(0.0)]
    leaves = [leaf.requires_grad_() for leaf in leaves]
    optimizer, widths = torch.optim.Adam(leaves, lr=0.01), []
    for step in range(steps + 1):
        if step % 20 == 0:
            widths.append((judges @ leaves[0].T).std().item())
        R, D = losses(pairs[torch.randint(len(pairs), (256,))], *leaves, cut)
        optimizer.zero_grad()
        (hear_R * R + hear_D * lam * D).backward()
        optimizer.step()
    with torch.no_grad():
        return widths, *(loss.item() for loss in losses(judges, *leaves, cut))


# %%
choices = ["as with both", "in between", "as with D alone"]
with Predict("y detached from R: how wide do its latents become?", choices) as predict:
    runs = {
        "R + λD": learn(1, 1),
        "R alone": learn(1, 0),
        "D alone": learn(0, 1),
        "R + λD, y detached from R": learn(1, 1, cut=True),
    }
    print(f"{'':28}width of y    bits per pixel       D  R + λD")
    for name, (widths, R, D) in runs.items():
        print(f"{name:28}{widths[-1]:10.1f} {R:17.1f} {D:7.0f} {R + 0.01 * D:7.1f}")
    draw_widths(runs)
    both, _, alone, cut = (widths[-1] for widths, *_ in runs.values())
    predict.truth = choices[int(np.digitize((cut - both) / (alone - both), [0.1, 0.9]))]

# %% [markdown]
# - **$R$ alone** makes all latents 0. That costs nothing, and the picture is lost.
# - **$D$ alone** makes them wider and wider: wide latents have, in proportion, small rounding errors, and bits are free.
# - **Both** hold each other. The width levels off where one more bit buys just what it costs.
# - **Detached** grows just as with $D$ alone: the lines lie on each other. It has fewer bits, because its prior learns to follow. But nobody asks the encoder for anything cheaper, so it never stops: with five times
#   the steps (`steps=6000`) the width more than doubles, and $L$, which is what is trained, *rises*.
#
# That is what the gradient from the middle does. A prior learns to *describe* the latents without it. To make latents that are *cheap* to describe, the encoder has to hear of the bits.

# %% [markdown]
# ## The course's own codec
#
# Now the real one, with its nearly one million parameters in four parts: the encoder $g_a$, the quantization **steps**, the **prior** and the decoder $g_s$. `train.objective` is the package's loss,
# `pieces` holds the middle 128 × 128 pixels of each photograph.

# %%
codec = pulls.codec("trained")
names, parameters = zip(*codec.named_parameters(), strict=True)


def gradients(piece, lam=0.01, seed=0):
    """Of each parameter the gradients of R and of D: {name: (of R, of D)}."""
    torch.manual_seed(seed)  # the noise
    _, R, D = train.objective(codec, piece, torch.tensor([lam]))
    of_R, of_D = (torch.autograd.grad(loss, parameters, **options) for loss in (R, D))
    return dict(zip(names, zip(of_R, of_D, strict=True), strict=True))


# %%
# NBVAL_CHECK_OUTPUT
found = gradients(pieces["chelsea"])
print("gradient of      R       D")
for part, start in pulls.PARTS.items():  # how the names of its parameters begin
    its = zip(*(pair for name, pair in found.items() if name.startswith(start)), strict=True)
    none = [all(g is None for g in of_one) for of_one in its]
    print(f"{part:12}" + "".join(f"{'None' if n else 'yes':>8}" for n in none))

# %% [markdown]
# Just as in the small one. Change the decoder as you like: not one bit of the file changes. And the prior is asked what the latents *cost*, never what they show. The steps hear of both, as the encoder does.
#
# ## A tug of war
#
# Two gradients of the same parameters are two arrows, and between them is an **angle**: 0° if both losses want the same, 90° if they have nothing to do with each other, 180° if they want opposites.
#
# At the end of a training $\nabla R + \lambda\,\nabla D = 0$ on average, and that can only mean the same length and the opposite direction. Both still pull.
#
# Ask the steps. They are few numbers, and the whole picture pulls at each. And they are a table over λ, whereas one encoder serves all λ.

# %%
r, d = found["log_step"]  # of R and of D, on one piece of the cat
with Predict("The angle between the two, in the trained codec?", unit="°", near=15) as predict:
    cosine = (r * d).sum() / (r.norm() * d.norm())
    predict.truth = round(float(np.degrees(np.arccos(cosine.item()))))

# %% [markdown]
# Nearly opposite. Now turn it round. Take a trained codec whose λ you do not know: for which λ is the sum of its two gradients shortest? The square of its length is
# $|\nabla R|^2 + 2\lambda\,\nabla R \cdot \nabla D + \lambda^2 |\nabla D|^2$, a parabola in λ. Its lowest point is at $-\nabla R \cdot \nabla D \,/\, |\nabla D|^2$.
#
# Two lines, on four photographs, with the codec set to three λ. What is found is divided by what is set. In the last column the four gradients are added up first.


# %%
# NBVAL_CHECK_OUTPUT
def balance(r, d):  # the lambda for which r + lambda * d is shortest
    return -(r * d).sum() / (d * d).sum()


print(f"{'set to':8}" + "".join(f"{name:>11}" for name in (*pieces, "all four")))
for lam in (0.001, 0.01, 0.05):
    both = [gradients(piece, lam)["log_step"] for piece in pieces.values()]
    both += [[sum(of_one) for of_one in zip(*both, strict=True)]]  # all four together
    print(f"{lam:<8}" + "".join(f"{balance(*pair).item() / lam:11.2f}" for pair in both))

# %% [markdown]
# A single piece is right within about a third, the four together within some per cent. The λ of this codec is written in the balance of the two gradients of its steps. That is $L = R + \lambda D$ seen from inside: at the
# bottom, one more bit per pixel and $1/\lambda$ units less of squared error weigh the same.
#
# Pull λ yourself, that of the loss; the codec stays set to 0.01. On the left: two gradients, in the plane in which both lie.

# %%
from lic_teach.course.gradient_from_the_middle.arrows import Arrows

explorer = Arrows()
explorer

# %% [markdown]
# So how can a loss on an inner layer train anything? Its gradient reaches all that it was computed from, and no more. At the latents it meets the other one. The two add up. They pull the steps in nearly opposite directions (the encoder on a single photograph less so: second depth), and
# the training ends where they balance: at the λ that stands in the loss.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: none is not zero (about 12 minutes)
#
# What if λ = 0? Then $L = R + 0 \cdot D$, and the decoder's gradient is 0. Is it None, too?
#
# ### ✎ 2 · `who_hears`
#
# For three losses (two you have seen), and each of the four parts of the course's codec, write `"none"`, `"zero"` or `"alive"`.

# %%
prediction = {
    "R": {"g_a": ..., "steps": ..., "prior": ..., "g_s": ...},
    "λ·D": {"g_a": ..., "steps": ..., "prior": ..., "g_s": ...},
    "R + 0·D": {"g_a": ..., "steps": ..., "prior": ..., "g_s": ...},
}

check("who_hears", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {
#     "R": {"g_a": "alive", "steps": "alive", "prior": "alive", "g_s": "none"},
#     "λ·D": {"g_a": "alive", "steps": "alive", "prior": "none", "g_s": "alive"},
#     "R + 0·D": {"g_a": "alive", "steps": "alive", "prior": "alive", "g_s": "zero"},
# }
# ```
#
# None: no way leads there. Zero: a way leads there, and what came along it was 0.
#
# </details>

# %% [markdown]
# For plain gradient descent the two are the same: nothing moves. Adam steps by an *average* of recent gradients ([lesson 09](09_learning.ipynb)). Two weights have made a first step alike. For the second, one gets None and the other a zero.

# %%
# NBVAL_CHECK_OUTPUT
choices = ["the one with None", "the one with zero", "both", "neither"]
with Predict("Which of the two moves in its second step?", choices) as predict:
    moved = []
    for second in (None, torch.tensor(0.0)):
        w = torch.tensor(1.0, requires_grad=True)
        adam = torch.optim.Adam([w], lr=0.1)
        w.grad = torch.tensor(1.0)
        adam.step()
        first = w.item()
        w.grad = second
        adam.step()
        print(f"second gradient {str(second):12} w: 1.00, {first:.2f}, {w.item():.2f}")
        moved.append(w.item() != first)
    truth = {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}
    predict.truth = choices[truth[tuple(moved)]]

# %% [markdown]
# A zero is averaged in, and the weight *coasts* on. With None it is skipped. Whoever switches a loss off in the middle of a training by setting its weight to 0 should know that.
#
# **A None that is a decision.** Our quantizer is $\hat y = \operatorname{round}(y - \mu) + \mu$, with the mean μ from the prior. Move μ a little, and $\hat y$ moves along. So there *is* a slope, and yet the prior has None of $D$. The reason is one line in
# `learned/quantize.py`: `y + (round(y − μ) + μ − y).detach()` hides μ. Is that honest? See what $\hat y$ does on average over many $y$ around μ, if one of the two is moved by 0.1.


# %%
# NBVAL_CHECK_OUTPUT
def plain(y, mean):
    return torch.round(y - mean) + mean


question = "Latents ten steps wide; the mean moves by 0.1. By how much does ŷ, on average?"
with Predict(question, near=0.01) as predict:
    at, mean = (torch.tensor(value, requires_grad=True) for value in (1.7, 0.3))
    for name, quantizer in (
        ("plain round", plain),
        ("straight-through", quantize.straight_through),
    ):
        slopes = torch.autograd.grad(quantizer(at, mean), (at, mean), allow_unused=True)
        print(f"{name:17} slope for y: {slopes[0]},  for the mean: {slopes[1]}")
    quantiles = torch.tensor(stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000))
    by = {}
    for sigma in (0.1, 10):
        many = 0.3 + sigma * quantiles
        moved = (plain(many + 0.1, 0.3), plain(many, 0.4))
        by[sigma] = [(after - plain(many, 0.3)).mean().item() for after in moved]
        print(f"σ = {sigma:<13} if y moves by 0.1, ŷ moves by {by[sigma][0]:z.3f}; "
              f"if the mean does, {by[sigma][1]:z.3f}")  # fmt: skip
    predict.truth = round(by[10][1], 2) + 0.0

# %% [markdown]
# At a single point plain rounding is right: nothing for $y$, everything for μ. Over wide latents it is the other way round. When μ moves by 0.1, all $\hat y$ move along by 0.1, but one in ten falls into the next bin and jumps back by 1. Together: nothing.
# Straight-through says what is true for *wide* latents, for $y$ and for the mean. Narrow ones are rounded to their mean: there the picture hangs on μ alone. Most channels of a photograph are narrow ([lesson 14](14_bits_from_probability.ipynb)). So the None is a decision. It asks of the mean one
# thing only, to be where the latents are, and $R$ teaches it that.

# %% [markdown]
# ## Depth: why the steps know λ (about 7 minutes)
#
# **They hear of $D$ by two ways.** The latents are divided by their step before they are quantized, and multiplied by it before they are painted. The two nearly cancel: what is left is the rounding error.
# If $\hat y = y/s + e$ with a rounding error $e$, which straight-through takes for a constant, then
#
# $$s\,\hat y = s\,\Bigl(\frac ys + e\Bigr) = y + s\,e \qquad\qquad \frac{\partial (s\,\hat y)}{\partial s} = e$$
#
# A larger step makes larger errors, as in [lesson 08](08_jpeg_by_lambda.ipynb). (Not for a latent that is 0: its error is itself, whatever the step. Straight-through does not know that.) Check it on a codec before its first training step, in which nothing bends yet between $\hat y$ and the multiplication. (The
# package stores $\log s$, so one more factor $s$; and λ lies between two rows of the table, whose gradients add up.)

# %%
fresh = pulls.codec("untrained")
place = quantize.position(torch.tensor([0.01]))
steps = fresh.step(place)
torch.manual_seed(0)
y = fresh.g_a(pieces["chelsea"]) / steps
_, y_hat = fresh.prior(y, place)
D = ((fresh.g_s(y_hat, steps) - pieces["chelsea"]) ** 2).mean()
g_y_hat, g_log_step = torch.autograd.grad(D, (y_hat, fresh.log_step))

by_rounding_error = (g_y_hat * (y_hat - y)).sum((0, 2, 3)).detach()
np.testing.assert_allclose(g_log_step.sum(0), by_rounding_error, rtol=1e-3, atol=1e-4)
print(f"{len(by_rounding_error)} steps: D's gradient is that of the rounding error alone")

# %% [markdown]
# **And chance spares them.** The gradient of a sum is the sum of the gradients, for every λ in the loss. In the computer that holds on one condition: the noise must be the same. With another seed each part's $\nabla R + \lambda\,\nabla D$ is another one. By how much, in per cent of its length?


# %%
def total(found, start, lam):
    """R + lam * D of one part, as one long vector; a None counts as 0."""
    zero = torch.zeros(())
    its = [pair for name, pair in found.items() if name.startswith(start)]
    added = [(zero if r is None else r) + lam * (zero if d is None else d) for r, d in its]
    return torch.cat([one.flatten() for one in added])


with Predict("Which part's gradient does other noise change least?", list(pulls.PARTS)) as predict:
    seeds = [gradients(pieces["chelsea"], seed=seed) for seed in range(5)]
    by = {}
    for part, start in pulls.PARTS.items():
        one, other = (total(found, start, 0.01) for found in seeds[:2])
        by[part] = ((other - one).norm() / one.norm()).item()
        print(f"{part:6} differs by {by[part]:.0%}")
    predict.truth = min(by, key=by.get)

torch.manual_seed(0)  # one backward pass, with the noise of the first seed
_, R, D = train.objective(codec, pieces["chelsea"], torch.tensor([0.01]))
in_one = torch.cat([g.flatten() for g in torch.autograd.grad((R + 0.01 * D).sum(), parameters)])
torch.testing.assert_close(in_one, total(seeds[0], "", 0.01), rtol=1e-3, atol=1e-5)

# %% [markdown]
# The decoder sees latents that are rounded, without noise: its gradient has no chance in it at all. Of the encoder's, a good part is chance. Training lives with it, because chance has no direction: over thousands of steps it cancels.
#
# The steps differ too. But what differs is their *sum*, which is much shorter than either pull; and λ is a ratio of two sums over all steps, in which chance cancels once more:

# %%
for part in ("steps", "g_a"):
    start, read = pulls.PARTS[part], []
    for found in seeds:
        r, d = total(found, start, 0), total(found, start, 1) - total(found, start, 0)
        read.append(balance(r, d).item())
    print(f"{part:6} five seeds, best λ from {min(read):.2g} to {max(read):.2g}")

# %% [markdown]
# So one piece is enough, for the steps. What is left of their error is not noise, but the photograph. Photographs average out: on 40 of them, which the codec was not trained on, the two added gradients of the steps are opposite but for a few degrees, and λ comes out within a few per cent. (They do not come with the course.)
# The encoder's stay far from opposite. It serves all λ at once, and has half a million numbers for which each photograph has wishes of its own.

# %% [markdown]
# ## Depth: a way too many, a way too few (about 8 minutes)
#
# With two losses and a quantizer in one graph, mistakes are easy, and they make no noise: all values are right, and the training runs. Only the ways back are wrong.
#
# ### ✎ 3 · `mended`
#
# A student's codec. $R$ and $D$ are computed as they should be. But however long it is trained, the encoder $W$ stays exactly as it began. Two lines are wrong in their *ways back*. Mend them; the value of $L$ must remain.


# %%
def students(x, W, V, mean, sigma, lam):
    """x (n, k), W (m, k), V (k, m), mean (m,), sigma (m,) -> L."""
    y = x @ W.T
    noisy = quantize.add_noise(y.detach())
    R = entropy.bits(entropy.likelihood(noisy, mean, sigma)).sum(1).mean()
    y_hat = y + torch.round(y - mean) + mean - y
    D = ((y_hat @ V.T - x) ** 2).mean()
    return R + lam * D


def mended(x, W, V, mean, sigma, lam):
    """The same, with every way back as it should be. Copy it here, and change two lines."""


check("mended", mended)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def mended(x, W, V, mean, sigma, lam):
#     y = x @ W.T
#     noisy = quantize.add_noise(y)
#     R = entropy.bits(entropy.likelihood(noisy, mean, sigma)).sum(1).mean()
#     y_hat = y + (torch.round(y - mean) + mean - y).detach()
#     D = ((y_hat @ V.T - x) ** 2).mean()
#     return R + lam * D
# ```
#
# The first `detach` was one too many: the encoder never heard of the bits. The second one was missing: without it $y - y$ leaves $1 - 1 = 0$, so the encoder did not hear of the picture either, and the mean did.
#
# </details>
#
# Who trains with the library CompressAI meets a *third* loss in the middle, `aux_loss`. Only the `quantiles` hear of it, which say where the tables of its entropy bottleneck begin and end; `detach` keeps it from all else, so they have an optimizer of their own, and whoever forgets its step trains a good network with bad tables.

# %% [markdown]
# ## What you learnt
#
# - A loss is a number. Its gradient reaches all that the number was computed from, wherever in the network that lies.
# - $L = R + \lambda D$ has two ways back. They meet at the latents and add up: $\partial L/\partial y = \partial R/\partial y + \lambda\,\partial D/\partial y$. Encoder and steps hear of both, the prior only of $R$, the decoder only of $D$.
# - Without the gradient from the middle a prior still learns to describe the latents, but nobody makes them cheap.
# - In a trained codec the steps are pulled in opposite directions with equal force, and the λ that balances them is the one it was trained for.
# - None means that no way leads there; zero, that a way leads there and brought nothing. Adam knows the difference.
#
# The lecture's other question is left. $R$ pulls the latents towards what the prior finds likely, and the prior follows the latents. What makes the two fit? [Lesson 19](19_why_the_prior_fits.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations*, 2017. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). Rate and distortion as one loss on one graph.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *International Conference on Learning Representations*, 2017. [arXiv:1703.00395](https://arxiv.org/abs/1703.00395). Rounding with the gradient of not rounding.
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *International Conference on Learning Representations*, 2018. [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). The prior with side information; its rate, too, comes back to the encoder.
# - J. Ballé, P. A. Chou, D. Minnen, S. Singh, N. Johnston, E. Agustsson, S. J. Hwang, G. Toderici, "Nonlinear transform coding", *IEEE Journal of Selected Topics in Signal Processing* 15(2), 339–353, 2021. [arXiv:2007.03034](https://arxiv.org/abs/2007.03034). The whole of it: what is trained, through which stand-ins, and how far it is from the best there can be.
# - Stanford EE274, *Data Compression: Theory and Applications*, 2023, lecture 16 on learned image compression. The question of this lesson is from its end. [stanforddatacompressionclass.github.io](https://stanforddatacompressionclass.github.io/notes/)
