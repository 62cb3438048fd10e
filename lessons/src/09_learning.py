# %% [markdown]
# # 09 · Learning
#
# **How does a machine find its numbers?**
#
# [Lesson 01](01_redundancy.ipynb) predicted a pixel from the one to its left and the one above. It took half of each, because half and half
# sounds fair. Here a machine looks for the two numbers. It begins with bad ones, and walks downhill.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from lic_teach import images
from lic_teach.course.learning import descent
from lic_teach.kit.predictors import med
from lic_teach.metrics import entropy

torch.set_num_threads(1)

inputs, x = descent.pairs()  # (n, 2): left and upper neighbour; (n,): the pixel
bowl = descent.prepare()
way = descent.path(bowl, rate=0.335, steps=200)

across, up = np.meshgrid(np.linspace(-1, 2, 200), np.linspace(-0.7, 1.7, 160))
height = bowl.loss(np.stack([across, up], axis=-1)) - bowl.loss(bowl.best)

figure, ax = plt.subplots(figsize=(6.2, 5.0))
ax.contour(across, up, height, levels=(0.02, 0.1, 0.3, 1, 3, 6), colors="silver", linewidths=1)
ax.plot(*way.T, "o-", color="#12857a", lw=1, markersize=3)
ax.annotate("start", way[0], (-8, 8), textcoords="offset points", ha="right")
ax.annotate("after 200 steps", way[-1], (10, 4), textcoords="offset points")
ax.set(xlabel="weight of the left pixel", ylabel="weight of the pixel above", aspect="equal")
ax.set_title("Each step goes where the error falls most steeply")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
# 64² makes grey levels of the units that the next section tells
print("start: ", way[0], f"mean squared error {64**2 * bowl.loss(way[0]):.0f} grey levels²")
print("end:   ", way[-1].round(2), f"mean squared error {64**2 * bowl.loss(way[-1]):.0f}")

# %% [markdown]
# The lines join weights that do equally well, like the lines of a hiking map. 0.47 and 0.52: half and half was a good guess. But
# the machine was not told. The walk jumps from side to side first, then it creeps. This lesson says why. Such a walk finds two
# numbers, or 64 ([lesson 08](08_jpeg_by_lambda.ipynb)), or the nearly one million of the course's learned codec.
#
# **After this lesson** you can
# - write gradient descent, and say how large a step may be before it runs away;
# - send a gradient backwards through a network by hand, and check it in two ways;
# - say what *differentiable* buys, and what one `round` destroys.
#
# You need [lesson 01](01_redundancy.ipynb) (prediction), derivatives, and matrix products. About 45 minutes.

# %% [markdown]
# ## A linear map, a loss, and gradient descent
#
# You met most of these words in [lesson 13](13_beyond_linear.ipynb). Here each gets its meaning in numbers.
#
# - The **model** computes $\hat x = w_a a + w_b b$ from the left pixel $a$ and the upper pixel
#   $b$. A sum of inputs times weights is called a **linear map**.
# - Its **parameters** are the numbers that may be changed: the **weights** $w_a$ and $w_b$.
# - The **loss** $L$ says in one number how badly it does: here the mean squared error over all pixels $x$ of three photographs.
# - To **learn** is to change the parameters so that the loss falls.
#
# Pixels are counted from mid grey in units of 64 grey levels here, $(\text{pixel} - 128)/64$. The numbers are then neither
# huge nor tiny, which keeps the steps handy.
#
# Now take one weight only, $\hat x = w a$. **Predict:** which curve is $L$ over $w$?

# %%
a = inputs[:, 0]
weights = np.linspace(-1, 3, 81)
losses = [np.mean((w * a - x) ** 2) for w in weights]

figure, ax = plt.subplots(figsize=(5.6, 3))
ax.plot(weights, losses, color="gray", lw=2)
ax.set(xlabel="weight w", ylabel="loss L", title="A square of something linear: a parabola")
figure.tight_layout()

# %% [markdown]
# $L(w)$ is a mean of squares $(wa - x)^2$. The derivative of a square $e^2$ is $2e$, times the derivative of $e$. So
#
# $$\frac{dL}{dw} = \operatorname{mean}\bigl(2\,(wa - x)\,a\bigr)$$
#
# Where it is positive, a larger $w$ makes things worse: go left. Where it is negative, go right. **Gradient descent** does that, by
# a step in proportion:
#
# $$w \leftarrow w - \eta\,\frac{dL}{dw}$$
#
# $\eta$ is the **learning rate**. With several parameters, the list of all derivatives is the **gradient**, $\nabla L$, and every parameter
# takes its own step. That is the walk of the first picture. Do it again from the pixels themselves, and compare.


# %%
def my_descent(rate, steps, w=descent.START):
    """The weights after `steps` steps, each from the pixels themselves."""
    w = np.array(w)
    for _ in range(steps):
        error = inputs @ w - x  # of all pixels
        gradient = np.array([np.mean(2 * error * inputs[:, 0]), np.mean(2 * error * inputs[:, 1])])
        w = w - rate * gradient
    return w


np.testing.assert_allclose(my_descent(0.335, 20), way[20])
print("20 steps:", my_descent(0.335, 20).round(3))

# %% [markdown]
# The package is faster. It multiplies out the square once, and keeps a few means of the photographs instead of 772,336 pixels.

# %% [markdown]
# ## How large a step?
#
# On a parabola everything can be said exactly. Its slope grows in proportion to the distance from the bottom $w^*$, and the factor is
# the **curvature** $c$, the second derivative: $dL/dw = c\,(w - w^*)$. Put it into the step:
#
# $$w - w^* \;\leftarrow\; (1 - \eta c)\,(w - w^*)$$
#
# Every step multiplies the distance by $1 - \eta c$. It shrinks as long as that lies between −1 and 1, so
#
# $$0 < \eta < \frac{2}{c}$$
#
# At $\eta = 1/c$ one step lands at the bottom. Beyond it the step overshoots, and at $2/c$ it ends as far away on the
# other side. **That is the edge: two divided by the curvature.** Here $c = \operatorname{mean}(2a^2)$. **Predict** what 1.02 times the
# edge does in 50 steps.

# %%
# NBVAL_CHECK_OUTPUT
c = np.mean(2 * a**2)
best = np.mean(a * x) / np.mean(a**2)
print(f"curvature {c:.2f}, edge {2 / c:.3f}")
for part in (0.02, 0.5, 0.98, 1.02):
    w = 0.0
    for _ in range(50):
        w -= part * (2 / c) * np.mean(2 * (w * a - x) * a)
    says = f"(1 - ηc)^50 = {(1 - 2 * part) ** 50:.2f}"
    print(f"{part:4} of the edge: distance times {(w - best) / (0 - best):z6.2f}   {says}")

# %% [markdown]
# Two weights have a bowl instead of a parabola, and a bowl has two curvatures: across the valley and along it. They are the
# eigenvalues of the **Hessian**, the matrix of second derivatives $H = \operatorname{mean}(2\,\mathbf a\,\mathbf a^\top)$, where $\mathbf a$ stands for
# the inputs of one pixel. One learning rate has to do for both. **Predict:** which of the two sets the edge, and which decides how long
# it takes?

# %%
# NBVAL_CHECK_OUTPUT
H = 2 * inputs.T @ inputs / len(inputs)
flat, steep = np.linalg.eigvalsh(H)
np.testing.assert_allclose([flat, steep], bowl.curvatures[0])
print(f"curvatures: along the valley {flat:.3f}, across it {steep:.3f}, ratio {steep / flat:.0f}")
print(f"edge 2 / {steep:.3f} = {2 / steep:.3f}")

# %% [markdown]
# The steep one sets the edge: 2 / 5.535. The flat one decides how long it takes: even at the edge one step takes only
# $0.361 \cdot 0.073 = 2.6$ percent off the distance along the valley.
#
# Pull the learning rate up to the edge, and over it. The dots are the weights after each step.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.learning.descent import Descent

explorer = Descent()
explorer

# %% [markdown]
# The valley is narrow because the neighbours are alike ([lesson 01](01_redundancy.ipynb)). If $a$ and $b$ are nearly equal, only the *sum* of the weights matters
# much; their difference hardly changes the prediction. So redundancy is a nuisance for learning, too. The remedy is the one you know from
# [lesson 03](03_dct.ipynb): take mean and difference instead, which are hardly correlated, and give both the same size.

# %%
# NBVAL_CHECK_OUTPUT
mixed = np.stack([inputs.mean(1), inputs[:, 0] - inputs[:, 1]], axis=1)
mixed /= np.sqrt(np.mean(mixed**2, axis=0))
for name, columns in (("left and above", inputs), ("mean and difference", mixed)):
    c = np.linalg.eigvalsh(2 * columns.T @ columns / len(x))
    rate = 2 / (c[0] + c[-1])  # the best: both distances shrink by the same factor
    steps = np.log(1e-3) / np.log(max(1 - rate * c[0], 1e-9))
    print(
        f"{name:20} curvatures {c.round(2)}, a thousandth is left after {np.ceil(steps):.0f} steps"
    )

# %% [markdown]
# 262 steps against 2, each at its best learning rate. That is why the inputs of a network are scaled, and why inputs that hardly repeat each other are
# easier to learn from.
#
# ### ✎ 1 · `edge`
#
# Write it for any number of inputs. $A$ has one row for each pixel and one column for each input. Return the edge of the learning rate. The loss is
# the mean squared error.

# %%
from lic_teach.course.learning.exercises import check


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
# ## Bends: activations
#
# A linear map of a linear map is a linear map: $W_2 (W_1 a) = (W_2 W_1)\,a$. Ten in a row can do no more than one. So something must bend
# between them: an **activation**, applied to each number by itself ([lesson 13](13_beyond_linear.ipynb)).
#
# Two are common. ReLU is $\max(0, z)$. The hyperbolic tangent, tanh, is a smooth step from −1 to 1. The third here is rounding. Look at the
# dashed lines, the derivatives. (At exactly 0 ReLU has a corner and no slope. PyTorch takes 0 there; it is one point among all numbers.)

# %%
z = np.linspace(-3, 3, 1201)
three = (
    ("ReLU", np.maximum(z, 0), z > 0),
    ("tanh", np.tanh(z), 1 - np.tanh(z) ** 2),
    ("round", np.where(np.abs(z % 1 - 0.5) < 0.004, np.nan, np.rint(z)), 0 * z),
)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True)
for ax, (name, value, slope) in zip(axes, three, strict=True):
    ax.plot(z, value, color="gray", lw=2.5)
    ax.plot(z, slope, "--", color="#12857a", lw=1.5)
    ax.set(title=name, xlabel="z", xticks=(-2, 0, 2))
axes[0].annotate("value", (0.6, 2.0), color="dimgray")
axes[0].annotate("derivative", (-2.9, 0.25), color="#12857a")
figure.suptitle("ReLU and tanh bend and have a slope; round is stairs, and its slope is 0")
figure.tight_layout()

# %% [markdown]
# Linear layers with activations between them are a **network** ([lesson 13](13_beyond_linear.ipynb)). The numbers between two layers are called *hidden*. The network of this lesson has one
# list of them:
#
# $$h = \tanh(W_1 n + b_1) \qquad\qquad \hat x = W_2\,h + b_2$$
#
# where $n$ is the list of a pixel's neighbours, $h$ a list of hidden numbers, and $b_1$, $b_2$ (the **biases**) are numbers to be added. All of $W_1$, $b_1$, $W_2$,
# $b_2$ are parameters. How do they get their derivatives?

# %% [markdown]
# ## Backwards: the chain rule
#
# All it needs is the **chain rule**. If $L$ depends on $h$ only by way of $\hat x$, then
#
# $$\frac{\partial L}{\partial h} = \frac{\partial L}{\partial \hat x} \cdot \frac{\partial \hat x}{\partial h}$$
#
# The first factor is what has already been found further back. The second concerns one small operation only, and each small operation knows its own derivative. So: compute
# forward and keep the values; then go back from the loss and multiply. This is **backpropagation**.
#
# Here is the smallest network that predicts a pixel from two neighbours, with ReLU. The pixel is one of our block's (row 93, column 193), and its numbers
# are tens of grey levels. Pull *Step* to the left end and go with the arrow key: values come down, gradients go up. **Before you pass
# the middle, guess** $\partial L / \partial v$.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.learning.graph import Graph

explorer = Graph()
explorer

# %% [markdown]
# On each edge stands the local derivative. Some of them are values from the way forward: on the edge from $w_1$ stands $a$. That is why the values are kept.
# The last column of the table beside the graph checks it all: nudge the weight a little up and down, and see what $L$ does.
#
# The guess: $\partial L / \partial v = -14.22$. That is −3.52, what comes back to $\hat x$, times $h$ = 4.04.

# %% [markdown]
# ## Thirty lines
#
# A real network works on arrays. Nothing new is needed: each operation gets a partner that goes backward. It is given $g$, the gradient of $L$ for its *output*, and returns the gradient for its *inputs*. The
# product of $g$ with all local derivatives is called a *vector–Jacobian product*; the big matrix of derivatives is never written down.
#
# **Linear map.** $\hat x_{ij} = \sum_k n_{ik} W_{jk} + b_j$, for pixel $i$; $k$ counts the inputs, $j$ the outputs. The weight $W_{jk}$ is used once for every pixel, and what is used several times **adds up** its
# gradients:
#
# $$\frac{\partial L}{\partial W_{jk}} = \sum_i g_{ij}\,n_{ik} \qquad\qquad \frac{\partial L}{\partial n_{ik}} = \sum_j g_{ij} W_{jk} \qquad\qquad \frac{\partial L}{\partial b_j} = \sum_i g_{ij}$$
#
# In matrices: $g^\top n$, $\;g\,W$, and the column sums of $g$. If you forget where the transpose belongs, ask the shapes: a gradient is as large as what it
# belongs to.
#
# **tanh.** Its derivative is $1 - \tanh^2$, number by number. **Mean squared error**: $2(\hat x - x)$, divided by how many numbers there are.


# %%
def linear(n, W, b):
    """n (pixels, k), W (m, k), b (m,) -> (pixels, m)."""
    return n @ W.T + b


def linear_back(g, n, W):
    """g (pixels, m): gradient of the output -> those of n, W and b."""
    return g @ W, g.T @ n, g.sum(axis=0)


def tanh_back(g, h):
    """h: the values that tanh returned."""
    return g * (1 - h**2)


def squared_error(x_hat, x):
    return np.mean((x_hat - x) ** 2)


def squared_error_back(x_hat, x):
    return 2 * (x_hat - x) / x.size


def forward(p, n):
    """Parameters and neighbours -> hidden numbers and predictions."""
    h = np.tanh(linear(n, p["W1"], p["b1"]))
    return h, linear(h, p["W2"], p["b2"])


def gradients(p, n, x):
    """The gradient of the loss for every parameter, by name."""
    h, x_hat = forward(p, n)
    g = squared_error_back(x_hat, x)
    g, g_W2, g_b2 = linear_back(g, h, p["W2"])
    g = tanh_back(g, h)
    _, g_W1, g_b1 = linear_back(g, n, p["W1"])
    return {"W1": g_W1, "b1": g_b1, "W2": g_W2, "b2": g_b2}


# %% [markdown]
# Read `gradients` from the bottom up, and you have `forward`.
#
# ## Two oracles
#
# A backward pass with a wrong sign looks just like a right one. So check it, twice. First **by nudging**: move one parameter by $\pm\epsilon$ and run forward both times. It is slow, but
# it cannot be wrong in the same way.


# %%
def start(k, m, seed=0):
    """Random parameters: with all of them 0, all hidden numbers would stay alike for ever."""
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(size=(m, k)) / np.sqrt(k),
        "b1": np.zeros(m),
        "W2": rng.normal(size=(1, m)) / np.sqrt(m),
        "b2": np.zeros(1),
    }


def by_nudging(p, n, x, name, index, epsilon=1e-5):
    """dL/dp[name][index], from two forward passes."""
    found = []
    for step in (epsilon, -epsilon):
        moved = {key: value.copy() for key, value in p.items()}
        moved[name][index] += step
        found.append(squared_error(forward(moved, n)[1], x))
    return (found[0] - found[1]) / (2 * epsilon)


p = start(k=2, m=5)
some, target = inputs[:100], x[:100, None]
mine = gradients(p, some, target)
for name, values in p.items():
    nudged = [by_nudging(p, some, target, name, i) for i in np.ndindex(values.shape)]
    np.testing.assert_allclose(mine[name], np.reshape(nudged, values.shape), rtol=1e-5, atol=1e-8)
print("all", sum(v.size for v in p.values()), "gradients agree with nudging")

# %% [markdown]
# Second, **by PyTorch**. Its *autograd* does what you have just done: every operation on a tensor with `requires_grad` notes down its partner for the way back, and
# `loss.backward()` walks through the notes from the end. The result lies in `.grad`.


# %%
def by_torch(p, n, x):
    """The same gradients by autograd."""
    t = {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}
    h = torch.tanh(torch.tensor(n) @ t["W1"].T + t["b1"])
    x_hat = h @ t["W2"].T + t["b2"]
    loss = torch.mean((x_hat - torch.tensor(x)) ** 2)
    loss.backward()
    return {name: tensor.grad.numpy() for name, tensor in t.items()}


theirs = by_torch(p, some, target)
for name in p:
    np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-10, atol=1e-14)
print("all gradients agree with autograd")

# %% [markdown]
# From here on autograd does it, in this lesson and in all that follow.
#
# ### ✎ 2 · `backward`
#
# First once more by hand, for another machine: the smallest learned codec. It turns blocks $x$ of $k$ samples into $m$ numbers $y$, and back.
#
# $$y = \max(0,\, x W^\top) \qquad \hat x = y V^\top \qquad L = \operatorname{mean}\bigl((\hat x - x)^2\bigr)$$
#
# $x$ is $(N, k)$, one row for each of $N$ blocks. $W$ is $(m, k)$, $V$ is $(k, m)$. Finish the backward pass.


# %%
def there(x, W, V):
    """Forward: blocks -> y (N, m) and x_hat (N, k)."""
    y = np.maximum(0, x @ W.T)
    return y, y @ V.T


def backward(x, W, V):
    """Return dL/dW (m, k) and dL/dV (k, m)."""
    y, x_hat = there(x, W, V)
    # your lines here: the gradient of x_hat first, then back to V, to y, to W
    g_W, g_V = ..., ...
    return g_W, g_V


check("backward", backward)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def backward(x, W, V):
#     y = np.maximum(0, x @ W.T)
#     x_hat = y @ V.T
#     g_x_hat = 2 * (x_hat - x) / x.size
#     g_V = g_x_hat.T @ y
#     g_y = g_x_hat @ V
#     g_W = (g_y * (y > 0)).T @ x
#     return g_W, g_V
# ```
#
# $x$ is used twice, as input and as target. Its gradient is not needed: the picture is not a parameter.
#
# </details>

# %% [markdown]
# ## Does it learn?
#
# Now let it predict, and fairly. The network sees **twelve** neighbours, all of which the decoder has already: two rows above, two pixels to the left. It learns from three
# photographs, and is measured on the fourth, the cat (`chelsea`), which it has never seen. Such a picture is called **held out**. Without it one would measure what was learnt by heart ([lesson 01](01_redundancy.ipynb), *Too good to be true*), which is called *overfitting*.
#
# All numbers are samples of green. The inputs are well scaled: the mean of the twelve is taken away, since brightness as such says nothing about the pattern, and 16 grey levels are the unit.

# %%
AROUND = [(down, right) for down in (-2, -1) for right in range(-2, 3)] + [(0, -2), (0, -1)]


def examples(*names):
    """Twelve neighbours (n, 12) and the pixel (n, 1), less their mean and in units of 16; the mean (n, 1)."""
    parts = []
    for name in names:
        picture = images.sample(name)[..., 1].astype(float)
        height, width = picture.shape
        parts.append(
            np.stack(
                [
                    picture[2 + v : height + v, 2 + u : width - 2 + u].ravel()
                    for v, u in [*AROUND, (0, 0)]
                ],
                axis=1,
            )
        )
    values = np.concatenate(parts)
    mean = values[:, :-1].mean(axis=1, keepdims=True)
    scaled = (values - mean) / 16
    return scaled[:, :-1], scaled[:, -1:], mean


def mse(x_hat, x):
    """In grey levels squared."""
    return 16**2 * np.mean((x_hat - x) ** 2)


n, x, _ = examples("astronaut", "coffee", "rocket")
n_cat, x_cat, mean_cat = examples("chelsea")
print(f"{len(x):,} pixels to learn from, {len(x_cat):,} held out")

# %% [markdown]
# To look at all pixels for every step would be a waste. A **batch** of a few hundred, drawn at random, points in nearly the same direction. Gradient descent
# with batches is called *stochastic*. When as many pixels have been drawn as there are, one **epoch** is over.
#
# Three thousand steps with batches of 256: one epoch. The rival is the best *linear* map of the same twelve neighbours, which `lstsq` finds exactly. **Predict** who wins
# on the cat: the network after a second of learning, or the best linear map?


# %%
def train(p, n, x, rate, steps, batch=256, seed=0):
    """Gradient descent by hand; returns the held-out error every 100 steps."""
    rng, found = np.random.default_rng(seed), []
    for step in range(steps + 1):
        if step % 100 == 0:
            found.append(mse(forward(p, n_cat)[1], x_cat))
        chosen = rng.integers(len(x), size=batch)
        for name, g in gradients(p, n[chosen], x[chosen]).items():
            p[name] -= rate * g
    return found


line, *_ = np.linalg.lstsq(n, x, rcond=None)
p = start(k=12, m=32)
held_out = train(p, n, x, rate=0.05, steps=3000)

figure, ax = plt.subplots(figsize=(6.5, 3.4))
ax.plot(range(0, 3001, 100), held_out, color="#12857a", lw=2)
ax.axhline(mse(n_cat @ line, x_cat), color="gray", ls="--")
ax.annotate("best linear map", (1200, mse(n_cat @ line, x_cat) + 0.8), color="dimgray")
ax.annotate("network", (1200, 30.5), color="#12857a")
ax.set(xlabel="steps", ylabel="squared error, grey levels²", ylim=(25, 70))
ax.set_title("On a cat it has never seen, the network passes the best line")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print("parameters:", sum(v.size for v in p.values()))
print(f"best linear map, on the cat: {mse(n_cat @ line, x_cat):.1f} grey levels²")
print("network below it:", np.median(held_out[-5:]) < mse(n_cat @ line, x_cat))

# %% [markdown]
# The network wins. The curve jitters, because each batch is another handful and the learning rate stays as large as it was.
#
# With PyTorch the same takes fewer lines of our own. `torch.nn.Linear` holds $W$ and $b$ and draws random values for them. `Adam` is a gradient descent in which each parameter has a step of its own, made from the
# recent size of its gradients (Kingma and Ba, 2015). And the learning rate now falls to 0, which ends the jitter.


# %%
def learn(n, x, steps=2000, batch=256, seed=0):
    """A trained network from tensors n (pixels, 12), x (pixels, 1)."""
    torch.manual_seed(seed)
    layers = torch.nn.Linear(12, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)
    network = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / steps)
        chosen = torch.randint(len(x), (batch,))
        loss = torch.mean((network(n[chosen]) - x[chosen]) ** 2)
        optimizer.zero_grad()  # or the gradients of all steps would add up
        loss.backward()
        optimizer.step()
    return network


def bits_and_exact(x_hat, x, mean):
    """Of what is left after the prediction, rounded: entropy in bits per pixel, percent of zeros."""
    predicted = np.clip(np.rint(16 * x_hat + mean), 0, 255)
    left = np.rint(16 * x + mean) - predicted
    return entropy(np.bincount((left.astype(int) % 256).ravel())), 100 * np.mean(left == 0)


def med_of(n):
    """MED from the same twelve: c b d above, a to the left."""
    c, b, d, a = (n[:, AROUND.index(place)] for place in ((-1, -1), (-1, 0), (-1, 1), (0, -1)))
    return med(a, b, c, d)[:, None]


# %% [markdown]
# One cat proves nothing. So each of the four photographs is held out once, and the other three teach. **Predict:** the network minimises the squared error; will it also need the fewest
# *bits*, on all four?

# %%
table = {}
networks = {}
for held in images.SAMPLES:
    n, x, _ = examples(*(name for name in images.SAMPLES if name != held))
    n_held, x_held, mean = examples(held)
    networks[held] = learn(torch.tensor(n).float(), torch.tensor(x).float())
    with torch.no_grad():  # no notes for a way back
        network = networks[held](torch.tensor(n_held).float()).numpy()
    line, *_ = np.linalg.lstsq(n, x, rcond=None)
    rivals = {"MED": med_of(n_held), "best linear": n_held @ line, "network": network}
    table[held] = {
        name: (mse(x_hat, x_held), *bits_and_exact(x_hat, x_held, mean))
        for name, x_hat in rivals.items()
    }

for which, title, digits in ((0, "squared error", 1), (1, "bits a pixel", 2), (2, "exact, %", 0)):
    print(f"{title:14}" + "".join(f"{name:>11}" for name in images.SAMPLES) + "       mean")
    for name in rivals:
        row = [table[held][name][which] for held in images.SAMPLES]
        print(f"{name:14}" + "".join(f"{v:11.{digits}f}" for v in [*row, np.mean(row)]))

# %%
# NBVAL_CHECK_OUTPUT
for which, title in ((0, "smallest squared error:"), (1, "fewest bits:")):
    winners = [min(table[h], key=lambda name: table[h][name][which]) for h in images.SAMPLES]
    print(f"{title:24}" + ", ".join(winners))

# %% [markdown]
# On each of the four the network leaves a smaller squared error than the best line of the same twelve neighbours; on average little more than half. In bits the gain is
# about five percent. And on the rocket the hand-made MED still needs fewer bits. Large parts of that picture are smooth sky, where MED is *exactly* right more often.
#
# **Is that fair?** Not quite. The network never saw the held-out picture, but its author did. Why tanh, why twelve neighbours, why this learning rate? Some fifteen settings were tried, and the one that did best in *this table* was
# kept. Choosing is learning, too. So the network that learned from the three photographs other than the cat was measured once more, on 41 photographs that had no part in any choice for this network. (They
# are from the validation set of CID22, a public collection of pictures for testing codecs, and do not come with the course.)
#
# | 41 photographs | squared error | bits a pixel |
# |---|---|---|
# | MED | 105.6 | 3.80 |
# | best linear | 110.4 | 4.01 |
# | network | 76.3 | 3.84 |
#
# Against the line the gain is real: a third less squared error, and less on 38 of the 41. The five percent fewer bits than MED are gone: MED needs fewer on 26 of them. A choice made on four pictures had flattered the network.

# %% [markdown]
# So bent beats straight. Whether learned beats hand-made depends on whether the loss says what you want, and here it did not: it asked for small squares, not for few bits. A loss that counts bits is the subject of [lesson 14](14_bits_from_probability.ipynb).
# And a final table needs pictures on which nothing was chosen; the course keeps Kodak's for that ([lesson 22](22_showdown.ipynb)).
#
# How does our block at the rim of the cat's eye fare? The sum of what is left, without its signs. (The network is the one that never saw the cat.)

# %%
block = images.sample("chelsea")[..., 1][88:96, 192:200].astype(int)
n_cat, x_cat, mean = examples("chelsea")
width = images.sample("chelsea").shape[1] - 4
with torch.no_grad():
    network = networks["chelsea"](torch.tensor(n_cat).float()).numpy()
for name, x_hat in (
    ("left pixel", n_cat[:, [AROUND.index((0, -1))]]),
    ("MED", med_of(n_cat)),
    ("network", network),
):
    predicted = np.rint(16 * x_hat + mean).reshape(-1, width)[86:94, 190:198]  # without the border
    print(f"{name:11} {np.abs(block - predicted).sum():4.0f} grey levels for 64 pixels")

# %% [markdown]
# ## What *differentiable* buys
#
# A function is **differentiable** where it has a slope: seen from close enough, it is a straight line. What does that buy? Count the work for one gradient.
#
# Nudging needs two forward passes *for each parameter*. Going backward needs one pass for *all*: for each product of the way forward it does two, one for the gradient of the weight and one for that of the input. So the way back
# costs about as much as two forward passes, whether there are two parameters or a million.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach import learned

counts = {
    "this lesson's network": sum(values.size for values in p.values()),
    "the course's codec": sum(weight.numel() for weight in learned.load().parameters()),
}
for name, count in counts.items():
    print(f"{name:22} {count:9,} parameters: {2 * count:9,} forward passes to nudge them all")

# %% [markdown]
# This is why networks of millions of parameters can be trained at all. And it is why every part of a learned codec has to have a slope: the
# transform, the entropy model, the loss. One part has no useful slope.

# %% [markdown]
# ## What `round` destroys
#
# Take the one-weight predictor again, $\hat x = w a$, and round its prediction to a whole grey level. On the left is the loss of a single pixel over $w$. On the right that of two thousand pixels, and a small
# piece of it enlarged. **Predict:** with so many pixels, is the curve smooth?

# %%
rng = np.random.default_rng(0)
picture = images.sample("chelsea")[..., 1].astype(float)
pixels, lefts = picture[:, 1:].ravel(), picture[:, :-1].ravel()
few = rng.choice(len(pixels), 2000, replace=False)


def rounded_loss(w, chosen):
    """Mean squared error in grey levels² of rounded predictions, at each w of an array."""
    a, x = lefts[chosen], pixels[chosen]
    return np.array([np.mean((np.rint(v * a) - x) ** 2) for v in w])


figure, axes = plt.subplots(1, 3, figsize=(9.5, 3))
shown = (
    (few[:1], (0.9, 1.1), "one pixel"),
    (few, (0.9, 1.1), "2,000 pixels"),
    (few, (0.98, 0.9804), "2,000 pixels, close up"),
)
for ax, (chosen, (low, high), title) in zip(axes, shown, strict=True):
    w = np.linspace(low, high, 800)
    ax.plot(w, rounded_loss(w, chosen), color="#12857a", lw=1.5)
    ax.set(title=title, xlabel="weight w", xticks=(low, high))
    ax.ticklabel_format(useOffset=False)
axes[0].set_ylabel("squared error, grey levels²")
figure.suptitle("Many stairs look like a slope, and are still stairs")
figure.tight_layout()

# %% [markdown]
# From afar there is a slope, and anyone can see which way is down. But a derivative looks from infinitely near, and there it is level. What does autograd say?

# %%
# NBVAL_CHECK_OUTPUT
w = torch.tensor(0.9173, dtype=torch.float64, requires_grad=True)
a, x = torch.tensor(lefts[few]), torch.tensor(pixels[few])
for name, x_hat in (("without round", w * a), ("with round", torch.round(w * a))):
    w.grad = None
    torch.mean((x_hat - x) ** 2).backward()
    print(f"{name:14} dL/dw = {w.grad.item():.0f}")

for epsilon in (1e-9, 1e-2):
    up, down = rounded_loss([0.9173 + epsilon, 0.9173 - epsilon], few)
    print(f"with round, nudged by {epsilon:g}: {(up - down) / (2 * epsilon):.0f}")

# %% [markdown]
# Exactly 0, for every pixel. Not small: zero. A nudge of 10⁻⁹ says 0 as well; one of a hundredth crosses many stairs, and finds nearly the slope of the loss without `round`. So the information is there, *on the
# whole*. It is not in the derivative.
#
# For our predictor this was no harm. It learned without rounding, and its predictions were rounded afterwards. A codec cannot put it off like that. Its rounding stands in the *middle*: without it the numbers in between have no finite number of bits.
# And a decoder that learned from unrounded numbers would get rounded ones.
#
# What dies then? A tiny codec with a round in the middle, by autograd:

# %%
# NBVAL_CHECK_OUTPUT
torch.manual_seed(0)
blocks = torch.tensor(inputs[: 4 * 500].reshape(500, 8)).float() * 4  # any eight numbers will do
encoder, decoder = torch.nn.Linear(8, 3), torch.nn.Linear(3, 8)
for name, middle in (("y as it is", lambda y: y), ("y rounded", torch.round)):
    encoder.zero_grad(), decoder.zero_grad()
    loss = torch.mean((decoder(middle(encoder(blocks))) - blocks) ** 2)
    loss.backward()
    found = (bool(part.weight.grad.any()) for part in (encoder, decoder))
    print(f"{name:11} gradient reaches encoder, decoder:", *("yes" if f else "no" for f in found))

# %% [markdown]
# The decoder still learns. The encoder, which stands before the rounding, gets nothing, and would stay as random as it began. [Lesson 08](08_jpeg_by_lambda.ipynb) met this wall and went round it with noise. [Lesson 15](15_noise_for_rounding.ipynb) does it
# for a network.
#
# ### ✎ 3 · `alive`
#
# A codec whose step is a parameter too. $W$, $b$ make the latents, $s$ is the step, $V$, $c$ make the samples:
#
# $$y = W x + b \qquad \hat y = s \cdot \operatorname{round}(y / s) \qquad \hat x = V \hat y + c \qquad L = \operatorname{mean}\bigl((\hat x - x)^2\bigr)$$
#
# Whose gradient is `"zero"`, whose is `"alive"`?

# %%
prediction = {"W": ..., "b": ..., "V": ..., "c": ..., "s": ...}

check("alive", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"W": "zero", "b": "zero", "V": "alive", "c": "alive", "s": "alive"}
# ```
#
# $s$ is used twice. The way through the rounding brings 0, the way around it brings $\operatorname{round}(y/s)$, and what is used twice adds up. [Lesson 08](08_jpeg_by_lambda.ipynb) learned its tables
# by just this slope.
#
# </details>

# %% [markdown]
# ## What you learnt
#
# - To learn is to walk downhill on a loss: parameter minus learning rate times gradient. On a bowl the edge is 2 divided by the largest curvature, and the smallest one says how long it takes. (A network's
#   curvatures change on the way, so there one tries.) Inputs that are alike make the valley narrow.
# - Layers are linear maps, bent by activations. Without the bend, many are worth no more than one.
# - Backpropagation is the chain rule from the loss backwards: each operation turns the gradient of its output into those of its inputs. What is used often adds up. Thirty lines, and autograd agrees.
# - Held out, a small bent network beats the best line in squared error, which its loss asked for. In bits it does not beat MED. Pictures on which you choose settings are no longer held out.
# - The way back costs about two forward passes, however many parameters there are. The price: every part must have a slope.
# - `round` has the slope 0, except at its jumps, where it has none. All that lies before it gets exactly 0; what lies behind it still learns.
#
# Next: what happens if a network has to send a picture through few numbers? [Lesson 12](12_autoencoder.ipynb).
#
# ## Further reading
#
# - A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", *Comptes Rendus* 25, 536–538, 1847. Gradient descent, on three pages.
# - S. Linnainmaa, "Taylor expansion of the accumulated rounding error", *BIT* 16, 146–160, 1976. Going backward through a computation, for any program.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", *Nature* 323, 533–536, 1986. Four pages that made it
#   known.
# - W. Baur, V. Strassen, "The complexity of partial derivatives", *Theoretical Computer Science* 22, 317–330, 1983. All derivatives of a function at a small multiple of the cost of the function.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, "Automatic differentiation in machine learning: a survey", *Journal of Machine Learning Research* 18(153), 1–43,
#   2018.
# - D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", *International Conference on Learning Representations*, 2015. [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press, 2016. Chapter 4.3 on curvature and step size, 6.5 on backpropagation. [deeplearningbook.org](https://www.deeplearningbook.org)
# - A. Karpathy, *micrograd*. A graph like the one above that grows by itself, in a hundred lines. [github.com/karpathy/micrograd](https://github.com/karpathy/micrograd)
