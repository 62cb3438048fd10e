# %% [markdown]
# # 10 · Backpropagation
#
# **Who is to blame for an error?**
#
# A small network guesses a pixel from twelve that came before it, and guesses wrong. Every line below is one of its weights. Which of
# them should change, and how much? The width of a line is the answer for one pixel on the left, and for another on the right.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch

from lic_teach import images
from lic_teach.course.backpropagation import neighbours
from lic_teach.kit.predict import Predict

torch.set_num_threads(1)

a, x, _ = neighbours.examples(
    "astronaut", "coffee", "rocket"
)  # (n, 12): neighbours; (n, 1): the pixel


def blame(one, seed=1, hidden=8):
    """Of a network with random weights: |dL/dW| of both layers for one pixel, by autograd."""
    torch.manual_seed(seed)
    layers = torch.nn.Linear(12, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, 1)
    network = torch.nn.Sequential(*layers)
    x_hat = network(torch.tensor(a[[one]]).float())
    torch.mean((x_hat - torch.tensor(x[[one]]).float()) ** 2).backward()
    return [layers[k].weight.grad.abs().numpy() for k in (0, 2)]


figure, axes = plt.subplots(1, 2, figsize=(7.6, 2.8))
places = np.linspace(0, 1, 12), np.linspace(0.08, 0.92, 8), np.array([0.5])
for ax, one in zip(axes, (205_800, 350_437), strict=True):
    for k, part in enumerate(blame(one)):
        for (j, i), g in np.ndenumerate(part / part.max()):
            ends = (places[k][i], places[k + 1][j])
            if g > 0.04:  # thinner ones are not to be seen
                ax.plot((k, k + 1), ends, color="#12857a", lw=3.5 * g)
    for k, heights in enumerate(places):
        ax.plot([k] * len(heights), heights, "o", color="0.35", markersize=5)
    ax.set_xticks((0, 1, 2), ("neighbours", "hidden", "prediction"))
    ax.set(yticks=(), frame_on=False)
figure.suptitle("The same weights, two pixels: another pixel blames others", fontsize=11)
figure.tight_layout()

# %% [markdown]
# One pass through the network, backwards, finds all these numbers at once. It is called **backpropagation**, and without it there would be no
# large networks. This lesson does it by hand, and shows the one thing in a codec that it cannot pass.
#
# **After this lesson** you can
# - send a gradient backwards through a network by hand, and check it in two ways;
# - say what *differentiable* buys;
# - say what one `round` destroys, and what survives.
#
# You need [lesson 09](09_learning.ipynb) (loss, gradient, step), matrix products, and about 30 minutes.

# %% [markdown]
# ## Bends: activations
#
# A linear map of a linear map is a linear map: $W_2 (W_1 a) = (W_2 W_1)\,a$. Ten in a row can do no more than one. So something must bend
# between them. An **activation** is a function of one number $z$, used on each number by itself. Two are common. **ReLU** is $\max(0, z)$; **tanh** is a
# smooth step from −1 to 1. (You will meet others. Most are smooth ReLUs, and which one it is seldom matters much. ReLU has a corner at 0, and no
# slope; PyTorch takes 0 there.)

# %% jupyter={"source_hidden": true}
z = np.linspace(-3, 3, 1201)
two = (("ReLU", np.maximum(z, 0), z > 0), ("tanh", np.tanh(z), 1 - np.tanh(z) ** 2))
figure, axes = plt.subplots(1, 2, figsize=(7, 2.3), sharey=True)
for ax, (name, value, slope) in zip(axes, two, strict=True):
    ax.plot(z, value, color="gray", lw=2.5)
    ax.plot(z, slope, "--", color="#12857a", lw=1.5)
    ax.set(title=name, xlabel="z", xticks=(-2, 0, 2))
axes[0].annotate("value", (0.6, 2.0), color="dimgray")
axes[0].annotate("derivative", (-2.9, 0.4), color="#12857a")
figure.suptitle("Both bend, and both have a slope nearly everywhere")
figure.tight_layout()

# %% [markdown]
# Linear maps (**layers**) with activations between them are a **network**. Ours has one layer of *hidden* numbers $h$:
#
# $$h = \tanh(W_1 a + b_1) \qquad\qquad \hat x = W_2\,h + b_2$$
#
# $b_1$, $b_2$ are offsets, called **biases**. All of $W_1$, $b_1$, $W_2$, $b_2$ are parameters. $a$ are a pixel's twelve neighbours, less their mean:
# brightness as such says nothing about the pattern. What is left is small, so the network counts in 16 grey levels.

# %% [markdown]
# ## Backwards: the chain rule
#
# Begin smaller: one neighbour $a$, two weights: $z = w a$, then $h = \max(0, z)$, then $\hat x = v h$. If $L$ depends on $h$ only by way of $\hat x$, the **chain rule** says
#
# $$\frac{\partial L}{\partial h} = \frac{\partial L}{\partial \hat x} \cdot \frac{\partial \hat x}{\partial h}$$
#
# The first factor is known already, if we come from the loss. The second concerns one small operation, and each small operation knows its own derivative. So:
# compute forward and keep the values; then go back from the loss and multiply. That is the **backward pass**.
#
# And if a number is used *twice*? Take two pixels. Both use the same $w$. Nudge it by a tiny $\delta$: that moves $z_1$, and it moves $z_2$, and $L$ feels both. Small
# changes add up, so **what is used several times adds up what comes back**:
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial z_1} \frac{\partial z_1}{\partial w} + \frac{\partial L}{\partial z_2} \frac{\partial z_2}{\partial w}$$
#
# Here are three pixels in a row: 192, 224, 192, or 1, 1.5, 1 in the units of [lesson 09](09_learning.ipynb). The first predicts the second,
# and the second the third. Compute $\partial L/\partial w$ with a pencil, for $w = 0.8$, $v = 1$, and $L$ the mean of both squared errors.


# %%
def loss(w, v=1.0):
    return np.mean([(v * max(0, w * 1.0) - 1.5) ** 2, (v * max(0, w * 1.5) - 1.0) ** 2])


with Predict("∂L/∂w, at w = 0.8?", near=0.05) as predict:
    predict.truth = round((loss(0.8 + 1e-6) - loss(0.8 - 1e-6)) / 2e-6, 4)  # nudge it, and look

# %% [markdown]
# Now see it come. Pull *Step* to the left end and go with the arrow key: values come down, gradients go up. On each edge stands the local derivative.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.backpropagation.graph import Graph

explorer = Graph()
explorer

# %% [markdown]
# Some numbers on the edges are values of the forward pass: on the edge from $w$ to $z_1$ stands $a_1$. That is why values are kept.
# And each node waits until everything that used it has sent its part. Going from the last operation to the first sees to that: it is a *topological order*, and a library keeps the list.

# %% [markdown]
# ## Thirty lines
#
# A real network works on arrays, one row for each pixel. Nothing new is needed: each operation gets a partner that goes backward. It is given $g$, the gradient for its *output*, and returns those for its *inputs*.
# (In papers it is called a *vector–Jacobian product*.)
#
# **Linear map.** $\hat x_{ij} = \sum_k a_{ik} W_{jk} + b_j$, for pixel $i$. The weight $W_{jk}$ is used once for every pixel, as $w$ was for two:
#
# $$\frac{\partial L}{\partial W_{jk}} = \sum_i g_{ij}\,a_{ik} \qquad\qquad \frac{\partial L}{\partial a_{ik}} = \sum_j g_{ij} W_{jk} \qquad\qquad \frac{\partial L}{\partial b_j} = \sum_i g_{ij}$$
#
# In matrices: $g^\top a$, $\;g\,W$, and the column sums of $g$. If you forget where the transpose belongs, ask the shapes: a gradient is as large as what it
# belongs to.
#
# **tanh** has the derivative $1 - \tanh^2$, number by number. **Mean squared error**: $2(\hat x - x)$, divided by how many numbers there are.


# %%
def linear(a, W, b):
    return a @ W.T + b


def linear_back(g, a, W):
    return g @ W, g.T @ a, g.sum(axis=0)


def tanh_back(g, h):  # h: what tanh returned
    return g * (1 - h**2)


def squared_error_back(x_hat, x):
    return 2 * (x_hat - x) / x.size


def forward(p, a):
    h = np.tanh(linear(a, p["W1"], p["b1"]))
    return h, linear(h, p["W2"], p["b2"])


def gradients(p, a, x):
    h, x_hat = forward(p, a)
    g = squared_error_back(x_hat, x)
    g, g_W2, g_b2 = linear_back(g, h, p["W2"])
    g = tanh_back(g, h)
    _, g_W1, g_b1 = linear_back(g, a, p["W1"])
    return {"W1": g_W1, "b1": g_b1, "W2": g_W2, "b2": g_b2}


# %% [markdown]
# Read `gradients` from the bottom up, and you have `forward`.
#
# A backward pass with a wrong sign looks just like a right one, so check it twice. First **by nudging** each parameter up and down. It is slow, but it cannot
# be wrong in the same way. Second **by PyTorch**. Its *autograd* does what you have just done: each operation on a tensor with `requires_grad` notes its partner, and
# `loss.backward()` walks through the notes from the end. The result lies in `.grad`.


# %% jupyter={"source_hidden": true}
def start(k, m, seed=0):
    """Random parameters: with all of them 0, all hidden numbers would stay alike for ever."""
    rng = np.random.default_rng(seed)
    W1, W2 = rng.normal(size=(m, k)) / np.sqrt(k), rng.normal(size=(1, m)) / np.sqrt(m)
    return {"W1": W1, "b1": np.zeros(m), "W2": W2, "b2": np.zeros(1)}


def by_nudging(p, a, x, name, index, epsilon=1e-5):
    """dL/dp[name][index], from two forward passes."""
    found = []
    for step in (epsilon, -epsilon):
        moved = {key: value.copy() for key, value in p.items()}
        moved[name][index] += step
        found.append(np.mean((forward(moved, a)[1] - x) ** 2))
    return (found[0] - found[1]) / (2 * epsilon)


# %%
p, some, target = start(k=12, m=5), a[:100], x[:100]
mine = gradients(p, some, target)

t = {name: torch.tensor(value, requires_grad=True) for name, value in p.items()}
h = torch.tanh(torch.tensor(some) @ t["W1"].T + t["b1"])
torch.mean((h @ t["W2"].T + t["b2"] - torch.tensor(target)) ** 2).backward()

for name, values in p.items():
    nudged = [by_nudging(p, some, target, name, i) for i in np.ndindex(values.shape)]
    np.testing.assert_allclose(mine[name], np.reshape(nudged, values.shape), rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(mine[name], t[name].grad.numpy(), rtol=1e-10, atol=1e-14)
print("all", sum(v.size for v in p.values()), "gradients agree with nudging and with autograd")

# %% [markdown]
# ### ✎ 1 · `backward`
#
# Once more by hand, for another machine: the smallest learned codec. It turns blocks $x$ of $k$ samples into $m$ numbers $y$, and back.
#
# $$y = \max(0,\, x W^\top) \qquad \hat x = y V^\top \qquad L = \operatorname{mean}\bigl((\hat x - x)^2\bigr)$$
#
# $x$ is $(N, k)$, one row for each of $N$ blocks. $W$ is $(m, k)$, $V$ is $(k, m)$.

# %%
from lic_teach.course.backpropagation.exercises import check


def there(x, W, V):
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
# ## Let it learn
#
# From here on autograd finds the gradients, and Adam walks ([lesson 09](09_learning.ipynb)). All trainings of this course have this loop.


# %%
def learn(a, x, steps=2000, batch=256, seed=0, watch=()):
    """A trained network from tensors a (n, 12), x (n, 1); its errors on `watch` every 50 steps."""
    torch.manual_seed(seed)
    layers = torch.nn.Linear(12, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)
    network, seen = torch.nn.Sequential(*layers), []
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for step in range(steps):
        if step % 50 == 0:
            with torch.no_grad():  # no notes for a backward pass
                seen.append([neighbours.squared_error(network(b), t) for b, t in watch])
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / steps)
        chosen = torch.randint(len(x), (batch,))
        loss = torch.mean((network(a[chosen]) - x[chosen]) ** 2)
        optimizer.zero_grad()  # or the gradients of all steps would add up
        loss.backward()
        optimizer.step()
    return network, np.array(seen)


# %% [markdown]
# It has 32 hidden numbers, so 449 parameters, and learns from three photographs, in two thirds of an epoch. Then it is measured on
# a fourth, the cat, which it has never seen: such a picture is called **held out**. The rival is the best *linear* map of the same twelve neighbours, the one
# at which the gradient is 0; `lstsq` finds it by solving linear equations.


# %%
def tensors(*arrays):
    return [torch.tensor(array).float() for array in arrays]


a_cat, x_cat, _ = neighbours.examples("chelsea")
network, _ = learn(*tensors(a, x))
with torch.no_grad():
    x_hat = network(*tensors(a_cat)).numpy()
line, *_ = np.linalg.lstsq(a, x, rcond=None)

with Predict(
    "Whose squared error is smaller on the cat?", ["the line's", "the network's"]
) as predict:
    errors = [neighbours.squared_error(guess, x_cat) for guess in (a_cat @ line, x_hat)]
    print(f"best linear map {errors[0]:.1f} grey levels², network {errors[1]:.1f}")
    predict.truth = predict.choices[int(np.argmin(errors))]

# %% [markdown]
# Two thousand steps, and a quarter less. What the 449 numbers look at, and how such a network goes wrong, is in the depth.
#
# ## What *differentiable* buys
#
# A function is **differentiable** where it has a slope: seen from close enough, it is a straight line. What does that buy? Nudging needs two forward passes *for each parameter*. The backward pass
# finds *all*: for each product of the forward pass it does two, one for the gradient of the weight and one for that of the input. So it costs
# about as much as two forward passes, whether there are two parameters or a million, as in the course's codec.
#
# So each part of a learned codec must send back a **usable estimate of its slope**. One part makes trouble.
#
# ## What `round` destroys
#
# Take a predictor with one weight, $\hat x = w a$, in grey levels now, and round its prediction to whole ones.

# %% jupyter={"source_hidden": true}
rng = np.random.default_rng(0)
picture = images.sample("chelsea")[..., 1].astype(float)
pixels, lefts = picture[:, 1:].ravel(), picture[:, :-1].ravel()
few = rng.choice(len(pixels), 2000, replace=False)


def rounded_loss(w, chosen):
    """Mean squared error in grey levels² of rounded predictions, at each w of an array."""
    return np.array([np.mean((np.rint(v * lefts[chosen]) - pixels[chosen]) ** 2) for v in w])


figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.6))
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
axes[0].set_ylabel("error, grey levels²")
figure.suptitle("The loss with round: many stairs look like a slope")
figure.tight_layout()

# %% [markdown]
# From afar there is a slope, and anyone can see which way is down. What does autograd say?

# %%
choices = ["nearly as without round", "about half of it", "exactly 0"]
with Predict(
    "The slope at w = 0.9173, of 2,000 pixels with round, by autograd?", choices
) as predict:
    w = torch.tensor(0.9173, dtype=torch.float64, requires_grad=True)
    left, pixel = torch.tensor(lefts[few]), torch.tensor(pixels[few])
    slopes = []
    for guess in (w * left, torch.round(w * left)):
        slopes += torch.autograd.grad(torch.mean((guess - pixel) ** 2), w)
    print(f"without round {slopes[0]:.0f}, with round {slopes[1]:.0f}")
    for epsilon in (1e-9, 1e-2):
        up, down = rounded_loss([0.9173 + epsilon, 0.9173 - epsilon], few)
        print(f"with round, nudged by {epsilon:g}: {(up - down) / (2 * epsilon):.0f}")
    predict.truth = choices[int(np.digitize(1 - slopes[1] / slopes[0], [0.2, 0.99]))]

# %% [markdown]
# Not small: zero, for every pixel. A derivative looks from infinitely near, and there it is level. A nudge of a hundredth crosses many stairs, and finds nearly the slope of
# the loss without `round`. So the information is there, *on the whole*. It is not in the derivative.
#
# This predictor may learn without rounding and round afterwards. A codec cannot put it off: its rounding stands in the *middle*, and
# without it there is no finite number of bits. What dies then? Set *h is* to `round(z)` in the graph above: all that lies *before* the rounding gets 0, the encoder; what lies behind
# it still learns, the decoder. [Lesson 08](08_jpeg_by_lambda.ipynb) went round this wall with noise, and [lesson 15](15_noise_for_rounding.ipynb) makes of it the estimate that a network needs.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: who lives in a codec? (about 5 minutes)
#
# ### ✎ 2 · `alive`
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
# by this slope where a number is small, and with noise elsewhere.
#
# </details>

# %% [markdown]
# ## Depth: what 449 numbers look at (about 10 minutes)
#
# Where on the cat does the network win? The **spread** is the standard deviation of a pixel's twelve neighbours: small where the picture is flat.

# %%
# NBVAL_CHECK_OUTPUT
print(sum(part.numel() for part in network.parameters()), "parameters")
print(
    f"the line, on the cat: {errors[0]:.1f}; network below four fifths:",
    errors[1] < 0.8 * errors[0],
)

# %%
by_line, by_network = (neighbours.UNIT**2 * (guess - x_cat) ** 2 for guess in (a_cat @ line, x_hat))
spread = neighbours.UNIT * a_cat.std(axis=1, keepdims=True)  # of the twelve, in grey levels
ends = (0, 2, 4, 8, 16, 256)

choices = ["everywhere", "where it is flat", "at edges and hairs"]
with Predict("Where does the network beat the best line?", choices) as predict:
    print("spread of the twelve   share   line   network")
    gains = []
    for low, high in zip(ends, ends[1:], strict=False):
        here = (low <= spread) & (spread < high)
        both = by_line[here].mean(), by_network[here].mean()
        print(f"{low:10} to {high:3} {here.mean():11.0%} {both[0]:6.1f} {both[1]:9.1f}")
        gains.append(both[0] - both[1])
    gain = neighbours.as_picture(by_line - by_network, "chelsea")
    part = np.s_[60:280, 20:300]  # an eye, and whiskers
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.9))
    axes[0].imshow(images.sample("chelsea")[2:, 2:-2, 1][part], cmap="gray")
    axes[1].imshow(gain[part].clip(-150, 150).round(-1), cmap="PuOr_r")
    axes[1].set_title("orange: the network is nearer; violet: the line", fontsize=10)
    for ax in axes:
        ax.axis("off")
    figure.tight_layout()
    better = np.array(gains) > 0
    predict.truth = choices[0 if better.all() else 1 if better[0] else 2]

# %% [markdown]
# A line takes the same weights everywhere. In flat places there is nothing to bend for, and the network is even a little worse. Along the
# rim of an eye or a whisker it first sees *which way* the edge runs, and then weighs. What does it look at? Here are the sixteen hidden numbers that matter most, each as the twelve weights of its neighbours.

# %% jupyter={"source_hidden": true}
W1, W2 = (network[k].weight.detach().numpy() for k in (0, 2))
most = np.argsort(-np.abs(W2[0]) * np.linalg.norm(W1, axis=1))[:16]
figure, axes = plt.subplots(2, 8, figsize=(9, 2.1))
for ax, k in zip(axes.flat, most, strict=True):
    weights = neighbours.stencil(W1[k] * np.sign(W2[0, k]))
    largest = np.nanmax(np.abs(weights))
    ax.imshow(weights, cmap="PuOr_r", vmin=-largest, vmax=largest)
    ax.plot(2, 2, "x", color="black", markersize=5)
    ax.axis("off")
figure.suptitle(
    "What sixteen hidden numbers look at: bars, rims and corners; × is the pixel", fontsize=11
)
figure.tight_layout()

# %% [markdown]
# Most subtract neighbours from neighbours, in some direction. Nobody told them.
#
# And the batches of [lesson 09](09_learning.ipynb)? Compare their directions with that of a quarter of all pixels, as the network learns from the same start:

# %%
p, every = start(k=12, m=32), slice(None, None, 4)
rng, look = np.random.default_rng(0), np.random.default_rng(7)


def flat(found):
    return np.concatenate([g.ravel() for g in found.values()])


for step in range(1001):
    if step in (0, 100, 500, 1000):
        whole, cosines = flat(gradients(p, a[every], x[every])), []
        for _ in range(40):
            chosen = look.integers(len(x), size=256)
            g = flat(gradients(p, a[chosen], x[chosen]))
            cosines.append(g @ whole / np.linalg.norm(g) / np.linalg.norm(whole))
        low, middle, high = np.quantile(cosines, (0.1, 0.5, 0.9))
        print(f"step {step:3}: cosine {middle:.2f}, eight batches in ten {low:.2f} to {high:.2f}")
    chosen = rng.integers(len(x), size=256)
    for name, g in gradients(p, a[chosen], x[chosen]).items():
        p[name] -= 0.05 * g

# %% [markdown]
# Soon a batch hardly knows the way, and more than one in ten points uphill. The network learns nevertheless.
#
# <details><summary>Is that fair? (four photographs, then 41)</summary>
#
# Not quite. The network never saw the cat, but its author did. Why tanh, why twelve neighbours, why this learning rate? Some fifteen settings were tried on the four sample photographs. Choosing is
# learning, too. So the same network was measured once more on 41 photographs that had no part in any choice (from the validation set of CID22, a public collection of
# pictures for testing codecs, which does not come with the course).
#
# | 41 photographs | squared error | bits a pixel |
# |---|---|---|
# | MED ([lesson 01](01_redundancy.ipynb)) | 105.6 | 3.80 |
# | best linear | 110.4 | 4.01 |
# | network | 76.3 | 3.84 |
#
# Against the line the gain is real: a third less squared error, and less on 38 of the 41. But the loss asked for small squares, not for few bits, and in bits the hand-made MED is ahead. A loss that
# counts bits is the subject of [lesson 14](14_bits_from_probability.ipynb).
#
# </details>

# %% [markdown]
# ## Depth: overfitting, seen (about 5 minutes)
#
# The same network, but only 1,000 pixels to learn from. Two numbers for each parameter: is that enough?

# %%
rng = np.random.default_rng(0)
thousand = rng.choice(len(x), 1000, replace=False)
here, cat = tensors(a[thousand], x[thousand]), tensors(a_cat[::7], x_cat[::7])

choices = ["falls as well", "falls, and stays low", "falls, then rises above the line's"]
with Predict("The error on the 1,000 falls and falls. The one on the cat?", choices) as predict:
    _, seen = learn(*here, steps=4000, watch=(here, cat))
    figure, ax = plt.subplots(figsize=(6.5, 3.2))
    for curve, name, color in zip(
        seen.T, ("the 1,000 pixels", "the cat"), ("gray", "#12857a"), strict=True
    ):
        ax.plot(50 * np.arange(len(curve)), curve, color=color, lw=2)
        ax.annotate(
            name, (4000, curve[-1]), (0, 8), "data", "offset points", color=color, ha="right"
        )
    ax.axhline(by_line.mean(), color="gray", ls="--", lw=1)
    ax.annotate("best line, on the cat", (1500, by_line.mean() * 0.7), color="dimgray")
    ax.set(
        yscale="log",
        xlabel="steps",
        ylabel="squared error",
        yticks=(10, 30, 100),
        yticklabels=("10", "30", "100"),
    )
    ax.minorticks_off()
    ax.set_title("Learnt by heart: better on what it saw, worse on what it did not")
    figure.tight_layout()
    best, last = seen[:, 1].min(), seen[-1, 1]
    predict.truth = choices[2] if last > max(by_line.mean(), 1.2 * best) else choices[1]

# %% [markdown]
# It learns the 1,000 by heart, grain and all. That is called **overfitting**. With three photographs there are 1,700 pixels for each parameter, and there is nothing to be seen of it. The remedies: more data, fewer parameters, or to stop when a held-out
# picture says so. And a picture on which you choose when to stop, or which setting is best, is no longer held out.

# %% [markdown]
# ## What you learnt
#
# - Layers are linear maps, bent by activations. Without the bend, many are worth no more than one.
# - Backpropagation is the chain rule from the loss backwards: each operation turns the gradient of its output into those of its inputs. What is used several times adds up what comes back. Thirty lines, and autograd agrees.
# - The backward pass costs about two forward passes, however many parameters there are. The price: every part must send back a usable estimate of its slope.
# - `round` has the slope 0, except at its jumps, where it has none. All that lies before it gets exactly 0; what lies behind it still learns.
#
# Next: a first real part that learns, the decoder of a .jpg. [Lesson 11](11_only_the_decoder.ipynb).
#
# ## Further reading
#
# - S. Linnainmaa, "Taylor expansion of the accumulated rounding error", *BIT* 16, 146–160, 1976. Going backward through a computation, for any program.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", *Nature* 323, 533–536, 1986. Four pages that made it
#   known.
# - W. Baur, V. Strassen, "The complexity of partial derivatives", *Theoretical Computer Science* 22, 317–330, 1983. All derivatives of a function at a small multiple of the cost of the function.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, "Automatic differentiation in machine learning: a survey", *Journal of Machine Learning Research* 18(153), 1–43,
#   2018.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press, 2016. Chapter 6.5 on backpropagation. [deeplearningbook.org](https://www.deeplearningbook.org)
# - A. Karpathy, *micrograd*. A graph like the one above that grows by itself, in a hundred lines. [github.com/karpathy/micrograd](https://github.com/karpathy/micrograd)
