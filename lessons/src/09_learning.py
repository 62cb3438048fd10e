# %% [markdown]
# # 09 · Learning
#
# **How does a machine find its numbers?**
#
# [Lesson 01](01_redundancy.ipynb) predicted a pixel from the one to its left and the one above. It took half of each, because half and half
# sounds fair. Here a machine looks for the two numbers. It begins with bad ones, and walks downhill.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np

from lic_teach.course.learning import descent
from lic_teach.kit.predict import Predict

inputs, x = descent.pairs()  # (n, 2): left and upper neighbour; (n,): the pixel
bowl = descent.prepare()
way = descent.path(bowl, rate=0.335, steps=200)

across, up = np.meshgrid(np.linspace(-1, 2, 200), np.linspace(-0.7, 1.7, 160))
height = 64**2 * bowl.loss(np.stack([across, up], axis=-1))  # in grey levels²

figure, ax = plt.subplots(figsize=(6.2, 5.0))
levels = (200, 500, 1500, 4000, 12000, 25000)
lines = ax.contour(across, up, height, levels=levels, colors="silver", linewidths=1)
ax.clabel(lines, fmt="{:,.0f}".format, fontsize=8, colors="dimgray")
ax.plot(*way.T, "o-", color="#12857a", lw=1, markersize=3)
ax.plot(*bowl.best, "+", color="black", markersize=11, markeredgewidth=1.8)
ax.annotate("start", way[0], (-8, 8), textcoords="offset points", ha="right")
halo = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"}
ax.annotate("bottom", bowl.best, (-10, -14), "data", "offset points", ha="right", bbox=halo)
ax.set(xlabel="weight of the left pixel", ylabel="weight of the pixel above", aspect="equal")
ax.set_title("Each step goes where the error falls most steeply")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for steps in (0, 20, 200):
    w = way[steps]
    print(f"{steps:3} steps: weights {w.round(2)}, squared error {64**2 * bowl.loss(w):.0f}")

# %% [markdown]
# The lines join weights that do equally well, as on a hiking map; their numbers are the mean squared error in grey levels². 0.47 and 0.52: half and half was a
# good guess. But the machine was not told. The walk jumps from side to side first, then it creeps. This lesson says why, and what helps.
# Such a walk finds two numbers, or 64 ([lesson 08](08_jpeg_by_lambda.ipynb)), or the nearly one million of the course's learned codec.
#
# **After this lesson** you can
# - write gradient descent, and say how large a step may be before it runs away;
# - say what momentum and Adam add to it, and write both;
# - say why a few hundred pixels are enough for a step, and what they cost.
#
# You need [lesson 01](01_redundancy.ipynb) (prediction), derivatives, and about 30 minutes.

# %% [markdown]
# ## A linear map, a loss, and gradient descent
#
# Six words, which every paper on learning uses:
#
# | word | here |
# |---|---|
# | **model** | what computes: $\hat x = w_a a + w_b b$, from the left pixel $a$ and the upper pixel $b$; a sum of inputs times weights is a **linear map** |
# | **parameters** | the numbers that may change: the weights $w_a$, $w_b$ |
# | **loss** $L$ | one number that says how bad they are: the mean of $(\hat x - x)^2$ over the pixels $x$ of three photographs |
# | **gradient** $\nabla L$ | the slopes of $L$, one for each parameter |
# | **step** | one change of all parameters, against the gradient |
# | **learning rate** $\eta$ | how far: step = $-\eta\,\nabla L$ |
#
# In this lesson a pixel is counted from mid grey in units of 64 grey levels, $(\text{pixel} - 128)/64$. So the numbers are neither
# huge nor tiny.
#
# Take one weight first, $\hat x = w a$. $L(w)$ is a mean of squares of something linear, so over $w$ it is a parabola.
# The derivative of a square $e^2$ is $2e$, times the derivative of $e$:
#
# $$\frac{dL}{dw} = \operatorname{mean}\bigl(2\,(wa - x)\,a\bigr)$$
#
# Where it is positive, a larger $w$ makes things worse: go left. Where it is negative, go right. **Gradient descent** does that, in proportion:
# $w \leftarrow w - \eta\,\frac{dL}{dw}$. With two weights each has its own slope and takes its own step. That is the walk of the picture, and here it is from the pixels themselves:


# %%
def my_descent(rate, steps, w=descent.START):
    w = np.array(w)
    for _ in range(steps):
        error = inputs @ w - x  # of all pixels
        w = w - rate * np.mean(2 * error[:, None] * inputs, axis=0)
    return w


np.testing.assert_allclose(my_descent(0.335, 20), way[20])

# %% [markdown]
# ### ✎ 1 · `gradient`
#
# Another model, with an **offset**: $\hat x = w a + c$. The loss is the mean squared error. What are its two slopes?

# %%
from lic_teach.course.learning.exercises import check


def gradient(a, x, w, c):
    """a, x: float (n,), left pixels and pixels. Return dL/dw and dL/dc, two numbers."""
    # your lines here


check("gradient", gradient)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def gradient(a, x, w, c):
#     error = w * a + c - x
#     return np.mean(2 * error * a), np.mean(2 * error)
# ```
#
# $c$ is multiplied by 1, where $w$ is multiplied by $a$. In a network such an offset is called a **bias**.
#
# </details>

# %% [markdown]
# ## How large a step?
#
# On a parabola everything can be said exactly. Its slope grows in proportion to the distance from the bottom $w^*$. The factor is
# the **curvature** $c$ (not the offset of ✎ 1), the second derivative: $dL/dw = c\,(w - w^*)$. Put it into the step:
#
# $$w - w^* \;\leftarrow\; (1 - \eta c)\,(w - w^*)$$
#
# Every step multiplies the distance by $1 - \eta c$. At $\eta = 1/c$ one step lands at the bottom. Beyond it the step overshoots, and at
# $2/c$ it ends as far away on the other side. **That is the edge: two divided by the curvature.** Is it a sharp one? Try 1.02 times the edge.

# %%
a = inputs[:, 0]
c = np.mean(2 * a**2)  # the second derivative of L
best = np.mean(a * x) / np.mean(a**2)

choices = ["nearer", "about as far", "about three times as far", "about seven times as far"]
with Predict(
    "1.02 times the edge, 50 steps: how far from the bottom, and the start?", choices
) as predict:
    for part in (0.02, 0.5, 0.98, 1.02):
        w = 0.0
        for _ in range(50):
            w -= part * (2 / c) * np.mean(2 * (w * a - x) * a)
        left = (w - best) / (0 - best)
        print(
            f"{part:4} of the edge: {left:z5.2f} of the distance, {(1 - 2 * part) ** 50:.2f} promised"
        )
    predict.truth = choices[int(np.digitize(left, [0.9, 1.1, 5]))]

# %% [markdown]
# Sharp: $1.04^{50}$ is 7.1. Each step is only a little worse than the one before, and the harm multiplies.
#
# **Two weights** have a bowl instead of a parabola, and a bowl has two curvatures: here across the valley and along it. (They are the eigenvalues of
# $H = \operatorname{mean}(2\,\mathbf a\,\mathbf a^\top)$, where $\mathbf a$ are the two inputs of a pixel. $H$ is called the **Hessian**.) One rate has to do for both.

# %%
# NBVAL_CHECK_OUTPUT
flat, steep = np.linalg.eigvalsh(2 * inputs.T @ inputs / len(inputs))
print(f"across the valley {steep:.3f}, along it {flat:.3f}, ratio {steep / flat:.0f}")
print(f"edge 2 / {steep:.3f} = {2 / steep:.3f}")
print(f"left at the edge of the distance along the valley, each step: {1 - 2 / steep * flat:.3f}")

# %% [markdown]
# The steep one sets the edge. The flat one decides how long it takes: even at the edge a step takes only 2.6 percent off the
# distance along the valley.
#
# Pull the learning rate up to the edge, and over it. The dots are the weights after each step. (*Walk* and *Memory* belong to the next section.)

# %%
# NBVAL_CHECK_OUTPUT
explorer = descent.Descent()
explorer

# %% [markdown]
# ## Momentum, and Adam
#
# The zigzag wastes most of the way. Two gradients in a row point to *opposite* sides of the valley, but both a little *along* it.
# So add them up: what swings cancels, what leads on grows. **Momentum** gives the walk a velocity $v$, which remembers a part $\beta$ of itself:
#
# $$v \leftarrow \beta v + \nabla L \qquad\qquad w \leftarrow w - \eta\,v$$
#
# **Adam** keeps two means of the last gradients: their mean $v$, which is momentum again, and the mean $s$ of their *squares*.
# The step is $\eta$ times $v$ divided by $\sqrt s$, for each parameter by itself. So how steep it is does not count, only whether the slopes agree: if they do, the step is about $\eta$ long.


# %%
def momentum(gradient, rate, beta, steps):
    w, v = np.array(descent.START), 0
    for _ in range(steps):
        v = beta * v + gradient(w)
        w = w - rate * v
    return w


def adam(gradient, rate, beta, steps):
    w, v, s = np.array(descent.START), 0, 0
    for t in range(1, steps + 1):
        v = beta * v + (1 - beta) * gradient(w)
        s = 0.999 * s + 0.001 * gradient(w) ** 2
        mean = v / (1 - beta**t)  # v began with 0: too small at first
        square = s / (1 - 0.999**t)  # and so did s
        w = w - rate * mean / np.sqrt(square)
    return w


np.testing.assert_allclose(
    momentum(bowl.gradient, 0.4, 0.7, 30), descent.path(bowl, 0.4, 30, "momentum", 0.7)[-1]
)
np.testing.assert_allclose(
    adam(bowl.gradient, 0.5, 0.9, 30), descent.path(bowl, 0.5, 30, "Adam", 0.9)[-1], 1e-6
)

# %% [markdown]
# (Libraries add a tiny number to $\sqrt s$, so that nothing is divided by 0.) Choose *momentum* and *Adam* in the figure above; two of its buttons set both. Then count: how many steps does each need until a thousandth of the distance is
# left? It depends on the rate, so try them all.

# %% jupyter={"source_hidden": true}
rates = np.array([float(f"{10 ** (k / 40):.3g}") for k in range(-60, 41)])
far = np.linalg.norm(np.array(descent.START) - bowl.best)


def needed(rate, walk, beta):
    """Steps until a thousandth of the distance is left, and it stays so; NaN if not in 1,000."""
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.linalg.norm(descent.path(bowl, rate, 1000, walk, beta) - bowl.best, axis=1)
        late = np.flatnonzero(~(away < far / 1000))
    return late[-1] + 1 if late[-1] < 1000 else np.nan


walks = {
    "plain": ("plain", 0),
    "momentum, β = 0.7": ("momentum", 0.7),
    "Adam, β = 0.9": ("Adam", 0.9),
}
steps_of = {name: np.array([needed(r, *walk) for r in rates]) for name, walk in walks.items()}

figure, ax = plt.subplots(figsize=(6.5, 3.2))
for (name, steps), look in zip(steps_of.items(), ("s-", "o-", "^-"), strict=True):
    color = {"s-": "gray", "o-": "#12857a", "^-": "#2563b0"}[look]
    ax.plot(rates, steps, look, color=color, markersize=3.5, label=name)
ax.set(
    xscale="log", yscale="log", xlabel="learning rate", ylabel="steps", yticks=(30, 100, 300, 1000)
)
ax.set(
    yticklabels=("30", "100", "300", "1,000"), xticks=(0.1, 1, 10), xticklabels=("0.1", "1", "10")
)
ax.minorticks_off()
ax.legend(frameon=False)
ax.set_title("Momentum is fastest; Adam forgives the rate")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for name, steps in steps_of.items():
    good = rates[steps <= 300]
    k = np.nanargmin(steps)
    print(f"{name:18} {steps[k]:3.0f} steps at {rates[k]}; at most 300 at {good[0]} to {good[-1]}")

# %% [markdown]
# With its best rate momentum needs a seventh of the steps. Adam does not shine by speed here: it has a size for each *weight*, and this valley lies aslant, between the
# two. What it is loved for is on the right of the figure. It arrives at nearly any rate. The reason shows if you change the units: count in grey levels, and the loss and all its slopes
# become 4,096 times as large.

# %%
choices = ["plain", "momentum", "Adam", "all three", "none"]
with Predict(
    "Same rate, all slopes times 4,096: which walk ends where it did?", choices
) as predict:

    def steeper(w):
        return 64**2 * bowl.gradient(w)

    ends = {
        "plain": [momentum(g, 0.335, 0, 40) for g in (bowl.gradient, steeper)],
        "momentum": [momentum(g, 0.422, 0.7, 40) for g in (bowl.gradient, steeper)],
        "Adam": [adam(g, 0.501, 0.9, 40) for g in (bowl.gradient, steeper)],
    }
    for name, (one, other) in ends.items():
        print(
            f"{name:9} {one.round(2)} became",
            other.round(2) if np.abs(other).max() < 9 else "very far away",
        )
    (predict.truth,) = [name for name, (one, other) in ends.items() if np.allclose(one, other)]

# %% [markdown]
# A network has parameters of very different slopes, and nobody knows its curvatures; they even change on the way. A walk that does not ask for them saves a
# search for each. So from here on the course trains with Adam.
#
# ## A batch points downhill only on average
#
# Every step above looked at all 772,336 pixels. A **batch** is a few hundred, drawn at random for each step. (When as many
# have been drawn as there are, one **epoch** is over; descent with batches is called *stochastic*.) Is that enough to know the way?
#
# Compare directions: the cosine between a batch's gradient and the one of all pixels is 1 if they agree, and below 0 if the batch points *uphill*.


# %% jupyter={"source_hidden": true}
def fans(clouds):
    """Directions of batches, those of all pixels upwards; clouds: title -> (batches, gradient)."""
    figure, axes = plt.subplots(1, len(clouds), figsize=(9, 2.6))
    for ax, (title, (batches, g)) in zip(axes, clouds.items(), strict=True):
        along = np.array([g, [-g[1], g[0]]]) / np.linalg.norm(g)  # rows: along, and across
        down, aside = along @ batches[:60].T / np.linalg.norm(batches[:60], axis=1)
        for d, s in zip(down, aside, strict=True):
            ax.plot((0, s), (0, d), color="#12857a" if d > 0 else "#a653c9", lw=0.9)
        ax.annotate("", (0, 1.25), (0, 0), arrowprops={"arrowstyle": "->", "lw": 2})
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.1, 1.35), aspect="equal")
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.suptitle(
        "60 batches of 256; the arrow: all pixels. Near the bottom they disagree", fontsize=11
    )
    figure.tight_layout()


# %%
rng = np.random.default_rng(7)


def batch_gradient(w, size=256):
    chosen = rng.integers(len(x), size=size)
    error = inputs[chosen] @ w - x[chosen]
    return 2 * error @ inputs[chosen] / size


question = "After 100 steps of the first picture: how many of 100 batches point uphill?"
with Predict(question, unit="of 100", near=8) as predict:
    clouds = {}
    for step in (0, 20, 50, 100):
        w = way[step]
        g, batches = bowl.gradient(w), np.array([batch_gradient(w) for _ in range(2000)])
        cosines = batches @ g / np.linalg.norm(batches, axis=1) / np.linalg.norm(g)
        uphill, mean = np.mean(cosines < 0), batches.mean(axis=0) @ g / (g @ g)
        print(f"step {step:3}: {uphill:4.0%} uphill; their mean is {mean:.2f} of the true gradient")
        clouds[f"step {step}: {uphill:.0%} uphill"] = batches, g
    fans(clouds)
    predict.truth = round(100 * uphill)

# %% [markdown]
# On a steep slope every pixel says the same. Near the bottom their wishes nearly cancel, and what is left of 256 of them is mostly chance. So a single batch is a bad guide
# there. But its *mean* is right (0.96 instead of 1 is chance, too): each pixel is drawn as often as any other. Many short steps, each a little wrong, go down.

# %%
# NBVAL_CHECK_OUTPUT
rng = np.random.default_rng(0)
for rate_at in (lambda t: 0.3, lambda t: 0.3 * (1 - t / 1000)):
    w, late = np.array(descent.START), []
    for t in range(1000):
        w = w - rate_at(t) * batch_gradient(w)
        late.append(64**2 * (bowl.loss(w) - bowl.loss(bowl.best)))
    print(f"rate {rate_at(0)} to {rate_at(999):.1f}: {np.mean(late[-100:]):.2f} above the bottom")

# %% [markdown]
# A thousand steps looked at a quarter million pixels, a third of one single step with all of them. Each batch kicks the weights a little, so at a constant rate
# they never come to rest. If the rate falls to 0, they do. You will meet that falling rate in every training of this course.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: any number of inputs, and a valley that is none (about 15 minutes)
#
# Why is the valley narrow? Because the neighbours are alike ([lesson 01](01_redundancy.ipynb)). If $a$ and $b$ are nearly equal, only the *sum* of the weights matters
# much; their difference hardly changes the prediction. So redundancy is a nuisance for learning, too.
#
# ### ✎ 2 · `edge`
#
# First the edge, for any number of inputs. $A$ has one row for each pixel and one column for each input. Return the edge of the (plain) learning rate. The loss is
# the mean squared error.


# %%
def edge(A):
    """A: float (n, k). Return the learning rate beyond which descent runs away."""
    # your lines here


check("edge", edge)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def edge(A):
#     H = 2 * A.T @ A / len(A)
#     return 2 / np.linalg.eigvalsh(H)[-1]
# ```
#
# eigvalsh returns the eigenvalues in rising order. The largest curvature sets the edge. If the edge is passed by one
# percent only, that direction grows by the factor 1.02 with every step, and 500 steps make it 20,000 times larger.
#
# </details>

# %% [markdown]
# The remedy is the one that you know from
# [lesson 03](03_dct.ipynb): take mean and difference instead, which are hardly correlated. Then give both the same size.

# %%
# NBVAL_CHECK_OUTPUT
mixed = np.stack([inputs.mean(1), inputs[:, 0] - inputs[:, 1]], axis=1)
scaled = mixed / np.sqrt(np.mean(mixed**2, axis=0))
for name, columns in (("left, above", inputs), ("mean, difference", mixed), ("and scaled", scaled)):
    c = np.linalg.eigvalsh(2 * columns.T @ columns / len(x))
    rate = 2 / (c[0] + c[-1])  # the best: both distances shrink by the same factor
    steps = np.log(1e-3) / np.log(max(1 - rate * c[0], 1e-9))
    print(f"{name:17} curvatures {c.round(2)}: a thousandth after {np.ceil(steps):.0f} steps")

# %% [markdown]
# 262 steps against 2, each at its best learning rate. That is why the inputs of a network are scaled, and why inputs that hardly repeat each other are
# easier to learn from. In the middle row the valley lies along one of the weights, and there Adam's sizes do what the scaling does.

# %% [markdown]
# ## Depth: why is momentum so much faster? (about 5 minutes)
#
# In a direction of curvature $c$ two steps of momentum hang together as $d_{t+1} = (1 + \beta - \eta c)\,d_t - \beta\,d_{t-1}$, where $d$ is the distance. Try
# $d_t = z^t$: it fits if $z^2 - (1 + \beta - \eta c)\,z + \beta = 0$. While the two roots are complex, the distance swings, and both have
# the size $\sqrt\beta$, *whatever the curvature*. That is the whole gain: steep and flat directions come in equally fast.
# It holds as long as $(1 - \sqrt\beta)^2 \le \eta c \le (1 + \sqrt\beta)^2$. With a valley of ratio $\kappa$ the smallest $\beta$ for which one $\eta$ does for both gives the factor
# $\sqrt\beta = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$. Plain descent at its best has $(\kappa - 1)/(\kappa + 1)$.

# %%
# NBVAL_CHECK_OUTPUT
kappa = steep / flat
for name, ratio in (("plain", kappa), ("momentum", np.sqrt(kappa))):
    factor = (ratio - 1) / (ratio + 1)
    print(f"{name:9} {factor:.3f} a step, a thousandth after {np.log(1e-3) / np.log(factor):.0f}")

# %% [markdown]
# 30 steps would do, if they began at full speed. And a ratio of a million would cost a few thousand steps instead of a few million.

# %% [markdown]
# ## What you learnt
#
# - To learn is to walk downhill on a loss: parameter minus learning rate times gradient. On a bowl the edge is 2 divided by the largest curvature, and the smallest one says how long it takes.
#   (A network's curvatures change on the way, so there one tries.)
# - Momentum adds up the last gradients: what swings cancels. Adam does that too, and divides by how large they were: it does not ask for the units of the loss, and on this bowl hardly for the right rate.
# - A batch points downhill only on average. That is enough, if the rate falls in the end.
#
# All this needs the gradient. With two weights it is one line; with a million, who is to blame for an error? [Lesson 10](10_backpropagation.ipynb).
#
# ## Further reading
#
# - A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", *Comptes Rendus* 25, 536–538, 1847. Gradient descent, on three pages.
# - H. Robbins, S. Monro, "A stochastic approximation method", *Annals of Mathematical Statistics* 22(3), 400–407, 1951. Steps that are right on average, and a rate that falls.
# - B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", *USSR Computational Mathematics and Mathematical Physics* 4(5), 1–17, 1964. Momentum, the heavy ball.
# - G. Goh, "Why momentum really works", *Distill*, 2017. The same bowl, taken apart with sliders. [distill.pub/2017/momentum](https://distill.pub/2017/momentum)
# - D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", *International Conference on Learning Representations*, 2015. [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - L. Bottou, F. E. Curtis, J. Nocedal, "Optimization methods for large-scale machine learning", *SIAM Review* 60(2), 223–311, 2018. What batches cost and what they save.
