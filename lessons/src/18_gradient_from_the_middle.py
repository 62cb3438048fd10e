# %% [markdown]
# # 18 · A gradient from the middle
#
# **How can a loss on an inner layer train anything?**
#
# A network usually has its loss at its end: the output is compared with what it should be, and the gradient runs back from there. In a learned codec only
# $D$ stands at the end. The rate $R$ is computed from the latents, in the *middle*, before the decoder has painted a single pixel. The lecture that this course follows closes
# with two questions. This is the first: how can a loss on an intermediate layer give a gradient at all?

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import SVG
from scipy import stats

from lic_teach import images
from lic_teach.course.gradient_from_the_middle import arrows, arrows_drawing, pulls
from lic_teach.kit import plots
from lic_teach.learned import entropy, quantize, train

torch.set_num_threads(1)
VIOLET, TEAL = "#a653c9", "#12857a"  # R, which is trained with noise, and D

photo = images.sample("chelsea")
source = arrows.prepare(photo)
now = arrows.compute(source, 0.01, pulls.BOTH, pulls.TRAINED, pulls.NOTHING)
SVG(plots.still(arrows_drawing.arrow_map(now)))

# %% [markdown]
# Grey is the way forward: picture, encoder $g_a$, latents $y$, quantizer Q, decoder $g_s$, picture. Colours are the ways back, violet for $R$, green for $D$. The violet one begins in the middle,
# and needs nothing from the right half. The numbers are lengths of gradients: how strongly each of the two losses pulls at the codec of this course, on a piece of the cat.
#
# **After this lesson** you can
# - say of every part of a codec which loss it hears of, and show it with PyTorch;
# - write the encoder's gradient as a sum of two, by hand;
# - tell *no gradient* from *a gradient of zero*, and find a `detach` that is missing or too many;
# - read from the gradients for which λ a codec was trained.
#
# You need lessons [10](10_backpropagation.ipynb) (backpropagation), [14](14_bits_from_probability.ipynb) (bits), [15](15_noise_for_rounding.ipynb) (noise, straight-through) and [17](17_learned_codec.ipynb) (the codec). About 30 minutes.

# %% [markdown]
# ## The smallest codec with two losses
#
# Two neighbouring pixels become one number, and two pixels again. The pixels are of our block at the rim of the cat's eye (row 93, columns 192 and 193): 28 and 58,
# or −10 and −7 if one counts tens of grey levels from mid grey.
#
# $$y = w_1 x_1 + w_2 x_2 \qquad \hat y = \operatorname{round}(y) \qquad \hat x_i = v_i\,\hat y$$
#
# $$D = \tfrac12 \sum_i (\hat x_i - x_i)^2 \qquad R = -\log_2 P(y + u) \qquad L = R + \lambda D$$
#
# $w$ is the encoder, $v$ the decoder. $P$ is the prior's mass on the bin, for a Gaussian around 0 with width σ, and $u$ is the noise that stands for rounding in the rate (lessons [14](14_bits_from_probability.ipynb) and [15](15_noise_for_rounding.ipynb)). σ is the
# prior's only parameter.
#
# **Predict**, before you read on: $w$, σ, $v$. Which of them has a gradient of $R$, which of $D$?
#
# Nothing is new but one thing: $y$ is used *twice*. It goes to the decoder, and it goes to the prior. [Lesson 10](10_backpropagation.ipynb) said what happens then: **what is used twice adds up.**
#
# $$\frac{\partial L}{\partial y} = \frac{\partial R}{\partial y} + \lambda\,\frac{\partial D}{\partial y}$$
#
# So go back twice. From $D$ by $\hat x$, $v$, and straight through the rounding; from $R$ by the prior. The mass on a bin is $P = \Phi(b) - \Phi(a)$ with
# $a = (y + u - \frac12)/\sigma$ and $b = (y + u + \frac12)/\sigma$. The slope of $\Phi$ is the bell curve φ, and that of $-\log_2 P$ is $-1/(P \ln 2)$.


# %%
def by_hand(x, w, v, sigma, u):
    """Gradients of R and of D: {parameter: value}. What is not in it has none."""
    y = w @ x
    y_hat = np.rint(y)
    # back from D
    g_x_hat = v * y_hat - x  # half a sum of squares
    D = {"v": g_x_hat * y_hat}
    g_y = g_x_hat @ v  # straight through the rounding
    D["w"] = g_y * x
    # back from R
    a, b = (y + u - 0.5) / sigma, (y + u + 0.5) / sigma
    bell, P = stats.norm.pdf, stats.norm.cdf(b) - stats.norm.cdf(a)
    R = {"σ": (b * bell(b) - a * bell(a)) / (sigma * P * np.log(2))}
    g_y = -(bell(b) - bell(a)) / (sigma * P * np.log(2))
    R["w"] = g_y * x
    return R, D


x = np.array([-10.0, -7.0])
start = {"w": np.array([0.3, 0.2]), "v": np.array([2.2, 2.0]), "σ": np.array(3.0)}
R, D = by_hand(x, start["w"], start["v"], start["σ"], u=0.1)

# %% [markdown]
# Read the two halves once more. Nothing of the first half occurs in the second but $y$ itself. The gradient of $R$ is complete before anyone has asked what the decoder does.
#
# Now the table. λ = 0.5 is in the usual range: here pixels count in tens and bits for the pair, so that in the course's units it is 0.5 / 100 / 2 = 0.0025.

# %%
# NBVAL_CHECK_OUTPUT
lam = 0.5


def show(name, gradient):
    cells = (np.array2string(gradient[k], precision=2) if k in gradient else "none" for k in "wσv")
    print(f"{name:12}" + "".join(f"{cell:>16}" for cell in cells))


def total(R, D, lam):
    """R + lam * D, where a missing gradient counts as 0."""
    return {k: R.get(k, 0) + lam * D.get(k, 0) for k in "wσv"}


print(f"{'':12}" + "".join(f"{k:>16}" for k in ("encoder w", "prior σ", "decoder v")))
show("∂R", R)
show("∂D", D)
show("∂R + λ ∂D", total(R, D, lam))

# %% [markdown]
# The prior hears only of $R$, the decoder only of $D$, the encoder of both. And look at the signs in the first column: the two want the opposite. $R$ would like $y$ = −4.4 to be
# nearer to 0. $D$ would like it further away.
#
# Is it right? Autograd is the judge:

# %%
leaves = {name: torch.tensor(value, requires_grad=True) for name, value in start.items()}
pixels = torch.tensor(x)
y = leaves["w"] @ pixels
R_torch = entropy.bits(entropy.likelihood(y + 0.1, 0.0, leaves["σ"]))
D_torch = ((leaves["v"] * quantize.straight_through(y, 0.0) - pixels) ** 2).sum() / 2
L = R_torch + lam * D_torch
for name, slope in zip(leaves, torch.autograd.grad(L, list(leaves.values())), strict=True):
    np.testing.assert_allclose(slope.numpy(), total(R, D, lam)[name], rtol=1e-6)
print("all five slopes agree")

# %% [markdown]
# So the answer to the lecture's question is short. **A loss need not stand at the end. It is a number, and the gradient goes to whatever that number was computed from.** $L$ is one number made of two, one
# from the middle and one from the end. What lies *before* the middle hears of both.
#
# ### ✎ 1 · `encoder_gradient`
#
# Now for many blocks and several latents. [Lesson 10](10_backpropagation.ipynb)'s exercise, with a second voice: $y = x W^\top$, $\hat x = y V^\top$ (the rounding is straight through, so leave it out). You are
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
# What is each voice good for? Train the small codec four times, on pairs of pixels of three photographs: with $L = R + \lambda D$, with $R$ alone, with $D$ alone, and with both, but with
# `y.detach()` where the prior gets its latents. ([Lesson 15](15_noise_for_rounding.ipynb): `a.detach()` has the value of `a`, but the way back ends there.) In the fourth the bits are counted, and the prior learns from them. Only the encoder does not
# hear of them.
#
# **Predict** for each of the four: will the latents become wider or narrower?

# %%
greens = [images.sample(name)[..., 1].ravel() for name in ("astronaut", "coffee", "rocket")]
greens = torch.from_numpy(np.concatenate(greens)).float()
pairs = (greens.reshape(-1, 2) - 128) / 32  # units of 32 grey levels
judges = pairs[::37]  # the same ones every time


def losses(x, W, V, log_sigma, cut):
    """R in bits per pixel, D in grey levels squared."""
    y = x @ W.T
    noisy = quantize.add_noise(y.detach() if cut else y)
    bits = entropy.bits(entropy.likelihood(noisy, 0.0, torch.exp(log_sigma)))
    x_hat = quantize.straight_through(y, 0.0) @ V.T
    return bits.mean() / 2, 32**2 * ((x_hat - x) ** 2).mean()


def learn(hear_R, hear_D, cut=False, lam=0.01, steps=1200, seed=0):
    """The latents' width after every 20 steps, and R and D at the end."""
    torch.manual_seed(seed)
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


runs = {
    "R + λD": learn(1, 1),
    "R alone": learn(1, 0),
    "D alone": learn(0, 1),
    "R + λD, y detached from R": learn(1, 1, cut=True),
}

figure, ax = plt.subplots(figsize=(7, 3.6))
looks = (("dimgray", "-"), (VIOLET, "--"), (TEAL, "-"), (VIOLET, ":"))
for (widths, *_), (color, dash) in zip(runs.values(), looks, strict=True):
    ax.plot(range(0, 1201, 20), widths, color=color, ls=dash, lw=4 if dash == ":" else 2)
ax.annotate("D alone", (700, 3.75), color=TEAL, ha="right")
ax.annotate("both, y detached from R (dots)", (780, 3.15), color=VIOLET)
ax.annotate("R + λD", (1000, 2.05), color="dimgray")
ax.annotate("R alone", (1000, 0.15), color=VIOLET)
ax.set(xlabel="step of the training", ylabel="width of y, in steps", ylim=(0, None))
ax.set_title("R shrinks the latents, D widens them; together they hold")
figure.tight_layout()

# %%
print(f"{'':28}width of y    bits per pixel       D")
for name, (widths, R, D) in runs.items():
    print(f"{name:28}{widths[-1]:10.1f} {R:17.1f} {D:7.0f}")

# %% [markdown]
# - **$R$ alone** makes all latents 0. That costs nothing, and the picture is lost.
# - **$D$ alone** makes them wider and wider: wide latents have, in proportion, small rounding errors. Bits are free.
# - **Both** hold each other. The width levels off where one more bit buys just what it costs.
# - **Detached** grows just as with $D$ alone: dots and line lie on each other. Its bits are fewer than those of $D$ alone, because the prior learns to follow. But nobody asks the encoder for anything cheaper.
#
# That is what the gradient from the middle does. A prior learns to *describe* the latents without it. To make latents that are *worth* describing, the encoder has to hear of the bits.

# %% [markdown]
# ## The course's own codec
#
# Now the real one, with its nearly one million parameters. They fall into four parts: the encoder $g_a$, the quantization **steps**, one for each latent channel, the **prior**, and the decoder $g_s$. (The taps, blocks and filter that you will meet in the explorer below are those of [lesson 17](17_learned_codec.ipynb).) The loss is the package's,
# `train.objective`. $R$ counts bits per pixel, $D$ is the mean squared error.
#
# `torch.autograd.grad(loss, parameters)` returns the gradient of each. With `allow_unused=True` it returns `None` where no way leads from the loss back to the parameter. **Predict** the eight
# entries: four parts, two losses.

# %%
# NBVAL_CHECK_OUTPUT
codec = pulls.codec("trained")
piece = pulls.to_tensor(images.centre_crop(photo, 128))
names, parameters = zip(*codec.named_parameters(), strict=True)
PARTS = {"g_a": "g_a", "steps": "log_step", "prior": "prior", "g_s": "g_s"}


def my_gradients(lam=0.01, seed=0):
    """Gradients of R and of D, by parameter."""
    torch.manual_seed(seed)  # the noise
    _, R, D = train.objective(codec, piece, torch.tensor([lam]))
    options = {"retain_graph": True, "allow_unused": True}  # the graph is walked twice
    both = (torch.autograd.grad(loss.sum(), parameters, **options) for loss in (R, D))
    return dict(zip(names, zip(*both, strict=True), strict=True))


mine = my_gradients()
print("gradient of      R       D")
for part, begins in PARTS.items():
    found = [both for name, both in mine.items() if name.startswith(begins)]
    words = [
        "None" if all(g is None for g in one) else "mixed" if any(g is None for g in one) else "yes"
        for one in zip(*found, strict=True)
    ]
    print(f"{part:12}" + "".join(f"{word:>8}" for word in words))

# %% [markdown]
# Just as in the small one. The decoder has no gradient of $R$: change it as you like, not one bit of the file changes. The prior has none of $D$: it is asked what the latents *cost*, never what they show.
#
# From here on the package's `pulls.gradients` does the same.

# %%
theirs = pulls.gradients(codec, piece)
for name in names:
    for a, b in zip(mine[name], theirs[name], strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-6)
print(f"{len(names)} arrays of parameters: the same gradients, the same Nones")

# %% [markdown]
# Two of the eight are not obvious.
#
# **The steps hear of both.** The latents are divided by their step before they are quantized, and multiplied by it before they are painted. By the first way both losses come, by the second only $D$. So $D$'s gradient is a sum of two again. They nearly cancel:
# what is left is the rounding error. Here is why. If $\hat y = y/s + e$ with a rounding error $e$, which straight-through takes for a constant, then
#
# $$s\,\hat y = s\,\Bigl(\frac ys + e\Bigr) = y + s\,e \qquad\qquad \frac{\partial (s\,\hat y)}{\partial s} = e$$
#
# A larger step makes larger errors, as in [lesson 08](08_jpeg_by_lambda.ipynb). (Not for a latent that is 0: its error is itself, whatever the step. [Lesson 08](08_jpeg_by_lambda.ipynb) took that into account; straight-through does not.) Check it on a codec before its first training step, in which nothing bends yet between $\hat y$ and the multiplication. (The
# package stores $\log s$, so one more factor $s$; and λ lies between two rows of its table, whose gradients add up.)

# %%
fresh = pulls.codec("untrained")
place = quantize.position(torch.tensor([0.01]))
steps = fresh.step(place)
torch.manual_seed(0)
y = fresh.g_a(piece) / steps
_, y_hat = fresh.prior(y, place)
D = ((fresh.g_s(y_hat, steps) - piece) ** 2).mean()
g_y_hat, g_log_step = torch.autograd.grad(D, (y_hat, fresh.log_step))

by_rounding_error = (g_y_hat * (y_hat - y)).sum((0, 2, 3)).detach()
np.testing.assert_allclose(g_log_step.sum(0), by_rounding_error, rtol=1e-3, atol=1e-4)
print(f"{len(by_rounding_error)} steps: D's gradient is that of the rounding error alone")

# %% [markdown]
# **The prior's mean stands in $\hat y$, and yet hears nothing of $D$.** Our quantizer is $\hat y = \operatorname{round}(y - \mu) + \mu$ with the mean μ from the prior. Move μ a little, and $\hat y$ moves along. So there *is* a slope. Why does autograd say None?
#
# Because `straight_through` hides it: `y + (round(y − μ) + μ − y).detach()`. Is that honest? **Predict** the slopes of $\hat y$ for $y$ and for μ, with and without straight-through. Then look at what $\hat y$ does on average, over many $y$ around μ, if one of the two is
# moved by 0.1.


# %%
# NBVAL_CHECK_OUTPUT
def plain(y, mean):
    return torch.round(y - mean) + mean


for name, quantizer in (("plain round", plain), ("straight-through", quantize.straight_through)):
    at, mean = (torch.tensor(v, requires_grad=True) for v in (1.7, 0.3))
    slopes = torch.autograd.grad(quantizer(at, mean), (at, mean), allow_unused=True)
    print(f"{name:17} slope for y: {slopes[0]},  for the mean: {slopes[1]}")

quantiles = torch.tensor(stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000))
for name, sigma in (("wide, σ = 10", 10), ("narrow, σ = 0.1", 0.1)):
    many = 0.3 + sigma * quantiles
    moved = (plain(many + 0.1, 0.3), plain(many, 0.4))
    by = [(after - plain(many, 0.3)).mean().item() for after in moved]
    print(f"{name:17} if y moves by 0.1, ŷ moves by {by[0]:z.3f}; if the mean does, {by[1]:z.3f}")

# %% [markdown]
# At a single point plain rounding is right: nothing for $y$, everything for μ. Over wide latents it is the other way round. When μ moves by 0.1, all $\hat y$ move along by 0.1, but one in ten falls into the next bin and jumps back by 1. Together: nothing.
# Straight-through says what is true for *wide* latents, for $y$ and for the mean. Narrow latents are rounded to their mean: there $\hat y$ is μ, and the picture hangs on μ alone. Most latents of a photograph are narrow ([lesson 15](15_noise_for_rounding.ipynb)). So the None is a decision, in one line of `learned/quantize.py`. It asks of the mean one thing only, to be where the latents are, and $R$ teaches it that.

# %% [markdown]
# ## None is not zero
#
# What if λ = 0? Then $L = R + 0 \cdot D$, and the decoder's gradient is 0. Is it None, too?
#
# ### ✎ 2 · `who_hears`
#
# For three losses, and each of the four parts, write `"none"`, `"zero"` or `"alive"`.

# %%
from lic_teach.course.gradient_from_the_middle.exercises import check

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
# For plain gradient descent the two are the same: nothing moves. For Adam they are not. Adam steps by an *average* of recent gradients. A zero is averaged in, and the parameter coasts on. With None it is skipped. **Predict** which of
# the two weights moves in its second step.

# %%
# NBVAL_CHECK_OUTPUT
for second in (None, torch.tensor(0.0)):
    w = torch.tensor(1.0, requires_grad=True)
    adam = torch.optim.Adam([w], lr=0.1)
    w.grad = torch.tensor(1.0)
    adam.step()
    first = w.item()
    w.grad = second
    adam.step()
    print(f"second gradient {str(second):12} w: 1.00, {first:.2f}, {w.item():.2f}")

# %% [markdown]
# Whoever switches a loss off in the middle of a training by setting its weight to 0 should know that.

# %% [markdown]
# ## The sum rule, in numbers
#
# The gradient of a sum is the sum of the gradients. So $\nabla L = \nabla R + \lambda\,\nabla D$, for every parameter. As a function of λ it is a straight line: two backward passes tell the gradient for *every* λ in the loss. (The codec itself stays set to λ = 0.01 here: its steps
# and its prior know λ, too.)
#
# Does it hold in the computer? On one condition: the noise must be the same. **Predict** what another seed does.


# %%
def of_the_sum(weight, seed):
    """Gradient of R + weight * D in one pass."""
    torch.manual_seed(seed)
    _, R, D = train.objective(codec, piece, torch.tensor([0.01]))
    return dict(zip(names, torch.autograd.grad((R + weight * D).sum(), parameters), strict=True))


def added(weight):
    """The same from the two gradients that we have."""
    return {
        name: (0 if r is None else r) + weight * (0 if d is None else d)
        for name, (r, d) in mine.items()
    }


def apart(a, b):
    """Length of the difference, in parts of the length."""
    difference = sum(((a[name] - b[name]) ** 2).sum() for name in names)
    return (difference / sum((b[name] ** 2).sum() for name in names)).sqrt().item()


for weight in (0.001, 0.01, 0.1):
    assert apart(added(weight), of_the_sum(weight, seed=0)) < 1e-4
print("R + λD in one pass, or R and D and then the sum: the same, for three λ")
print(f"with other noise they differ by {apart(added(0.01), of_the_sum(0.01, seed=1)):.0%}")

# %% [markdown]
# The same noise: the same gradient, up to the last digits. Other noise: another gradient. On a small piece of a picture a good part of the encoder's gradient is chance. Training lives with it, because chance has no direction: over thousands of steps it cancels, and what both seeds agree in remains.
#
# ## A tug of war
#
# Two gradients of the same parameters are two arrows. They have lengths, and between them an **angle**. 0° means that both losses want the same; 90° that they have nothing to do with each other; 180° that each wants the opposite of the other.
#
# At the end of a training $\nabla L = 0$ on average, and that can only mean $\nabla R = -\lambda\,\nabla D$: the same length, the opposite direction. Both still pull.
#
# Only the steps and the encoder can be in a tug of war. The steps are few numbers, and the whole picture pulls at each. And the steps are a table over λ, with a row for each doubling of λ, whereas one encoder serves all λ. **Predict** the angle between their two gradients, for the trained codec.

# %%
# grams: the products ∂R·∂R, ∂R·∂D and ∂D·∂D of each part; pull: lengths and cosine from them
print("steps:        |∂R|   λ|∂D|    |sum|   angle")
for kind in ("untrained", "trained"):
    pull = pulls.pull(pulls.grams(pulls.gradients(pulls.codec(kind), piece))["steps"], 0.01)
    angle = np.degrees(np.arccos(pull.cosine))
    print(f"{kind:10}{pull.r:8.2f}{pull.d:8.2f}{pull.total:9.2f}{angle:7.0f}°")

# %% [markdown]
# Nearly opposite, and in the trained codec nearly as long as each other. Their sum is much shorter than either. Before the training $R$ pulls by far the harder: a random prior finds every latent expensive.
#
# Now turn it round. Take a trained codec whose λ you do not know. Compute both gradients of its steps, and look for the λ at which their sum is shortest. The square of its length is $|\nabla R|^2 + 2\lambda\,\nabla R \cdot \nabla D + \lambda^2 |\nabla D|^2$, a parabola in λ. Its lowest point is at $-\nabla R \cdot \nabla D \,/\, |\nabla D|^2$.

# %%
lams = (0.001, 0.01, 0.05)
print("shortest sum at λ =" + "".join(f"{f'set to {lam}':>16}" for lam in lams))
for name in images.SAMPLES:
    crop = pulls.to_tensor(images.centre_crop(images.sample(name), 128))
    grams = [pulls.grams(pulls.gradients(codec, crop, lam))["steps"] for lam in lams]
    best = [pulls.pull(gram, lam).best for gram, lam in zip(grams, lams, strict=True)]
    print(f"{name:19}" + "".join(f"{found:16.2g}" for found in best))

# %% [markdown]
# The λ of a codec is written in the balance of its two gradients, and a piece of one photograph is mostly enough to read it to within a quarter. (On 40 photographs of the validation set of CID22, which it was not trained on, the median is 2 percent off 0.01, and nine in ten are off by less than a quarter. Every sixth of them calibrated the codec's λ. They do not come with the course.)
#
# That is $L = R + \lambda D$ seen from inside: at the bottom, one more bit per pixel and $1/\lambda$ units less of squared error weigh the same.
#
# Pull λ yourself. On the left stand the arrows and the lengths, on the right the two gradients in the plane in which both lie: angles and lengths are true.

# %%
from lic_teach.course.gradient_from_the_middle.arrows import Arrows

explorer = Arrows()
explorer

# %% [markdown]
# Your own picture: does it find λ = 0.01, too? (Above the table: *The two balance best at* …) A piece without detail
# has little to say, and may be off. Most photographs come out near.

# %% [markdown]
# ## A way too many, a way too few
#
# With two losses and a quantizer in one graph, mistakes are easy, and they make no noise: all values are right, and the training runs. Only the ways back are wrong.
#
# ### ✎ 3 · `mended`
#
# A student's codec. $R$ and $D$ are computed as they should be. But however long it is trained, the encoder $W$ stays exactly as it began. Two lines are wrong in their *ways back*. Mend them; the value of $L$ must remain.

# %%
from lic_teach.course.gradient_from_the_middle.exercises import check


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

# %% [markdown]
# ## What you learnt
#
# - A loss is a number. Its gradient reaches all that the number was computed from, wherever in the network that lies.
# - $L = R + \lambda D$ has two ways back. They meet at the latents and add up: $\partial L/\partial y = \partial R/\partial y + \lambda\,\partial D/\partial y$. Encoder and steps hear of both, the prior only of $R$, the decoder only of $D$.
# - None means that no way leads there; zero, that a way leads there and brought nothing. Adam knows the difference.
# - The prior's mean is in $\hat y$ and hears nothing of $D$, because straight-through says so. That is true for wide latents, and a decision for narrow ones.
# - With the same noise, $\nabla L = \nabla R + \lambda\,\nabla D$ to the last digits. In a trained codec the steps are pulled in opposite directions with equal force, and the λ that balances them is the one it was trained for.
#
# The lecture's other question is left. $R$ pulls the latents towards what the prior finds likely, and the prior follows the latents. What makes the two fit? [Lesson 19](19_why_the_prior_fits.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations*, 2017. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). Rate and distortion as one loss on one graph.
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *International Conference on Learning Representations*, 2018. [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). The prior with side information; its rate, too, comes back to the encoder.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *International Conference on Learning Representations*, 2017. [arXiv:1703.00395](https://arxiv.org/abs/1703.00395). Rounding with the gradient of not rounding.
# - C.-Y. Lee, S. Xie, P. Gallagher, Z. Zhang, Z. Tu, "Deeply-supervised nets", *International Conference on Artificial Intelligence and Statistics*, 2015. [arXiv:1409.5185](https://arxiv.org/abs/1409.5185). Losses on inner layers for another purpose.
# - C. Szegedy et al., "Going deeper with convolutions", *Conference on Computer Vision and Pattern Recognition*, 2015. [arXiv:1409.4842](https://arxiv.org/abs/1409.4842). Two losses in the middle of a network, thrown away after the training.
# - Stanford EE274, *Data Compression: Theory and Applications*, 2023, lecture 16 on learned image compression. The question of this lesson is from its end. [stanforddatacompressionclass.github.io](https://stanforddatacompressionclass.github.io/notes/)
