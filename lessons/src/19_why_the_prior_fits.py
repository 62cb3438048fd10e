# %% [markdown]
# # 19 · Why the prior fits
#
# **Who told the latents to be Gaussian?**
#
# Before the decoder reads a latent, it expects something: a *prior* $q$, for example the Gaussian N(0, 1). That decides what each latent costs ([lesson 14](14_bits_from_probability.ipynb)). But latents are what an encoder makes of a photograph, and nobody has asked the photograph to be Gaussian.
#
# Here is the smallest codec that has a prior at all: JPEG's DCT of the luma, and for each of the 64 coefficients a step by which it is divided before rounding. It was trained twice: with the prior N(0, 1) for every latent, and with a prior whose widths σ are learned, too.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import stats

from lic_teach import images, learned, metrics
from lic_teach.course.why_the_prior_fits import bending, small_codec
from lic_teach.course.why_the_prior_fits.small_codec import Prior
from lic_teach.kit import priors
from lic_teach.kit.predict import Predict
from lic_teach.learned import codec, entropy, quantize, rate

torch.set_num_threads(1)
BLUE = "#2563b0"  # what is in the picture, and in the file

cat = images.sample("chelsea")  # the training does not see it
histories = {  # two trainings, some seconds each
    "fixed N(0, 1)": small_codec.train(Prior()),
    "learned σ": small_codec.train(Prior(learned=True)),
}
middle = images.centre_crop(cat, 256)
c = small_codec.coefficients(middle).reshape(-1, 64)  # DCT, float32 (blocks, 64), zig-zag


def latents(name, lam=0.01, moment=-1):
    """The cat's whole numbers ŷ (64, blocks), steps (64,), widths of the prior (64,)."""
    step, sigma = small_codec.at(histories[name], lam)
    return np.rint(c / step[moment]).T, step[moment], sigma[moment]


figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharey=True)
n = np.arange(-8, 9)
for ax, (name, moment, title) in zip(
    axes,
    (
        ("fixed N(0, 1)", 0, "before: neither fits the other"),
        ("fixed N(0, 1)", -1, "fixed prior: the latents came"),
        ("learned σ", -1, "learned prior: it came, too"),
    ),
    strict=True,
):
    k, _, sigma = latents(name, moment=moment)
    ax.bar(n, [(k[2] == v).mean() for v in n], 0.55, color=BLUE)
    ax.stairs(2.0 ** -priors.information(n, 0, sigma[2]), np.arange(-8.5, 9), color="black")
    ax.set(title=title, xlabel="ŷ, in steps")
axes[0].annotate("latents", (2.6, 0.08), color=BLUE)
axes[0].annotate("prior", (1.7, 0.27))
axes[0].set_ylabel("share, probability")
figure.suptitle("One coefficient of the cat: two ways to the same end")
figure.tight_layout()

# %% [markdown]
# In the middle the black stairs stand where they stood, and the blue bars have come under them. On the right the stairs have become wider, to meet the bars. (Wider than the cat's: σ was learned from other photographs.) Nobody said "be Gaussian". There was only one instruction: *make $R + \lambda D$ small.*
#
# **After this lesson** you can
# - say who moves when a prior and its latents come together, and why;
# - say in a formula how far the fit goes, and what no such fit shows;
# - give an encoder second thoughts about one picture, while the decoder stays as it is.
#
# You need lessons [14](14_bits_from_probability.ipynb) (entropy, KL) and [15](15_noise_for_rounding.ipynb) (noise, straight-through). About 30 minutes.

# %% [markdown]
# ## Two ways to make one number smaller
#
# Let $p$ be how often each whole number really occurs. The bits of a latent are on average
#
# $$R = \sum_k p_k\,(-\log_2 q_k) = \underbrace{H(p)}_{\text{entropy}} + \underbrace{\mathrm{KL}(p\,\|\,q)}_{\text{what the misfit wastes}}$$
#
# So whoever wants a small $R$ wants a small misfit. But *who* can do something about it?
#
# | | changes $H(p)$? | changes KL? |
# |---|---|---|
# | encoder, steps: they make $p$ | yes | yes |
# | prior: it is $q$ | no | yes |
# | decoder | no | no |
#
# A learned prior has only one way to earn: move $q$ to $p$. If the prior is fixed, only the encoder is left, and it moves $p$ to $q$. Here are both parts, for the coefficient in the picture (number 3 in zig-zag order).


# %%
def split(k, sigma):
    """Whole numbers (n,) under N(0, sigma²) -> R and H, in bits per latent."""
    values, counts = np.unique(k, return_counts=True)
    p = counts / k.size
    return p @ priors.information(values, 0, sigma), -(p @ np.log2(p))  # information: -log2 q


# %% jupyter={"source_hidden": true}
with Predict(
    "Before training, what share of its bits does the misfit waste?", unit="%", near=10
) as predict:
    print("bits per latent                R   =   H  +  KL")
    for name in histories:
        for moment, when in ((0, "before"), (-1, "trained")):
            k, _, sigma = latents(name, moment=moment)
            R, H = split(k[2], sigma[2])
            np.testing.assert_allclose((R, H), np.array(small_codec.split(k, sigma))[:, 2])
            print(f"{name:15} {when:10} {R:8.2f} {H:7.2f} {R - H:6.2f}")
    R, H = split(latents("learned σ", moment=0)[0][2], 1.0)
    predict.truth = round(100 * (R - H) / R)

# %% [markdown]
# After training little of the misfit is left, with either prior. And $H$ has fallen, too: the encoder has not only made the latents *fit*, it has made them *smaller*.
#
# ## What this sum does not see
#
# Every latent was looked at alone. Take all latents of the cat, this time from the course's real codecs, and shuffle them: each keeps its value and its channel, and gets another place. Write a file.

# %% jupyter={"source_hidden": true}
choices = ["clearly smaller", "equally long", "clearly larger"]
with Predict("One Gaussian for each channel. The shuffled cat's file is …", choices) as predict:
    files = {}
    for name in ("factorized", "context"):  # the second one's prior looks at neighbours
        model, rng = learned.load(name), np.random.default_rng(16)
        y = learned.analyse(cat, model)
        mixed = np.stack([rng.permutation(part.ravel()).reshape(part.shape) for part in y])
        files[name] = [
            learned.encode_latents(each, cat.shape[:2], model, 0.01) for each in (y, mixed)
        ]
    for name, (one, other) in files.items():
        print(f"{name:11} {len(one):7,} bytes, shuffled {len(other):7,}")
    ratio = len(files["factorized"][1]) / len(files["factorized"][0])
    assert abs(ratio - 1) < 0.01 and len(files["context"][1]) > 1.2 * len(files["context"][0])
    predict.truth = choices[int(np.digitize(ratio, [0.95, 1.05]))]
    figure, axes = plt.subplots(1, 2, figsize=(6.6, 2.4))
    for ax, data, title in zip(axes, files["factorized"], ("the cat", "shuffled"), strict=True):
        ax.imshow(learned.decode(data, learned.load("factorized")))
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.tight_layout()

# %% [markdown]
# A prior that multiplies one probability for each latent, $P(\hat y) = \prod_i P(\hat y_i)$, is called *factorized*. It sees how often each value occurs in a channel, and nothing of where. So "the prior fits" is said of histograms, and no more. (The other prior looks at neighbours, as in [lesson 16](16_tell_the_decoder_where.ipynb). It notices.)
#
# ## The training, whole
#
# These lines are all of the small codec's training. Read them with one question: where does it say that latents should be Gaussian?

# %%
seen = [small_codec.coefficients(images.sample(name)) for name in small_codec.SEEN]
seen = torch.from_numpy(np.concatenate([part.reshape(-1, 64) for part in seen]))


def train(learned_prior, lam=0.01):
    torch.manual_seed(0)
    log_step = torch.full((64,), np.log(16.0), dtype=torch.float32, requires_grad=True)
    log_sigma = torch.zeros(64, requires_grad=learned_prior)  # σ = 1
    moving = [log_step, log_sigma] if learned_prior else [log_step]
    optimizer = torch.optim.Adam(moving, 0.12, betas=(0.9, 0.95))
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 400)
    for _ in range(400):
        batch = seen[torch.randint(len(seen), (96,))]  # 96 blocks
        step, sigma = log_step.exp(), log_sigma.exp()
        y = batch / step
        R = small_codec.bits(quantize.add_noise(y), sigma).mean()  # -log2 of N(0, σ²)'s mass
        D = (step * quantize.straight_through(y, 0.0) - batch).square().mean()
        optimizer.zero_grad()
        (R + lam * D).backward()
        optimizer.step()
        slower.step()
    return log_step.exp().detach().numpy()


# %% jupyter={"source_hidden": true}
for name, history in histories.items():
    mine, packages = train(history.prior.learned), latents(name)[1]
    print(f"{name}: steps {mine[:4].round()} …, the package's {packages[:4].round()} …")
    np.testing.assert_allclose(mine, packages, rtol=0.2)  # other noise, other batches

# %% [markdown]
# Only in $R$, as a price. ($D$ is that of rounded latents. Straight-through serves the encoder: without it the steps would hear nothing of what rounding does.)
#
# ## What R alone wants
#
# Three channels, under the fixed prior N(0, 1): **silent** is always 0; **fitting** is drawn from N(0, 1) itself, then rounded, and no fit is better; **wide** is drawn from N(0, 2²).

# %% jupyter={"source_hidden": true}
with Predict("Which of the three has the smallest R?", ["silent", "fitting", "wide"]) as predict:
    quantiles, price = (np.arange(200_000) + 0.5) / 200_000, {}
    print("bits per latent     R   =   H   +   KL")
    for name, width in {"silent": 1e-9, "fitting": 1, "wide": 2}.items():
        R, H = split(np.rint(stats.norm.ppf(quantiles, 0, width)), 1.0)
        price[name] = R
        print(f"{name:15} {R:7.3f} {H:z7.3f} {R - H:z7.3f}")
    predict.truth = min(price, key=price.get)

# %% [markdown]
# Silence costs 1.385 bits, all of it misfit. The perfect fit costs 2.105. **A fixed prior does not pull the latents to its shape. It pulls them to its peak.**
#
# A latent $y$ costs about $\frac{y^2}{2 \ln 2}$ and a constant, like a spring: the further out it lies, the harder it is pulled back. What keeps it from falling to 0? $D$ does. It has never heard of Gaussians; it wants fine steps, and fine steps make wide latents. **$R$ pulls the latents to 0, $D$ pulls them outwards. They stop where both pull equally hard.** If they look like N(0, 1) there, that is a by-product.
#
# Watch it happen. On the left latents and prior at one moment of the training, on the right all of it. Go through the moments with the arrow keys; then press *learned σ*, and go through them again.

# %%
from lic_teach.course.why_the_prior_fits.fitting import Fitting

explorer = Fitting(histories)
explorer

# %% [markdown]
# ## Where they stop
#
# Let $s$ be the width (root mean square) of a coefficient in grey levels, and $w$ that of its latents in steps. The step is $s/w$, and where rounding is fine its squared error is $(s/w)^2 / 12$ ([lesson 04](04_quantization.ipynb)). So for this one coefficient
#
# $$R + \lambda D \;\approx\; \text{const} + \frac{w^2}{2 \ln 2} + \lambda\,\frac{s^2}{12\, w^2}$$
#
# ### ✎ 1 · `balance`
#
# At which $w$ is the sum least? And guess first: if $\lambda$ becomes sixteen times as large, how much wider do the latents get?

# %%
from lic_teach.course.why_the_prior_fits.exercises import check


def balance(s, lam):
    """The width of the latents, in steps, at which R + lam * D is least under N(0, 1)."""
    # your line here


check("balance", balance)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def balance(s, lam):
#     return (lam * s**2 * np.log(2) / 6) ** 0.25
# ```
#
# The slope in $w$ is $\frac{w}{\ln 2} - \lambda \frac{s^2}{6 w^3}$. It is 0 at $w^4 = \lambda s^2 \ln 2 / 6$. Sixteen times the λ gives twice the width.
#
# </details>

# %% [markdown]
# Under the fixed prior $w$ grows like $\sqrt s$. And under a learned one? If σ follows $w$, a latent costs $\log_2 w$ and a constant. The least of $\log_2 w + \lambda \frac{s^2}{12 w^2}$ is at $w = s\,\sqrt{\lambda \ln 2 / 6}$. There the step $s/w$ is the same for *all* coefficients, and so is the error that it leaves, $\frac{1}{2 \lambda \ln 2}$.
#
# What did the training do, that knows none of this? Lines are the formulas, marks the training.

# %% jupyter={"source_hidden": true}
lam = 0.1
s = np.sqrt(np.mean(seen.numpy() ** 2, 0))
look = {"fixed N(0, 1)": ("o", "black", 4), "learned σ": ("s", "gray", 4)}
width, error = {}, {}
for name in histories:
    step = latents(name, lam)[1]
    width[name] = s / step
    error[name] = np.mean((np.rint(seen.numpy() / step) * step - seen.numpy()) ** 2, 0)

figure, axes = plt.subplots(1, 2, figsize=(11, 4))
line = np.array([s.min(), s.max()])
axes[0].loglog(line, (lam * line**2 * np.log(2) / 6) ** 0.25, color="black", lw=1)
axes[0].loglog(line, line * (lam * np.log(2) / 6) ** 0.5, color="gray", lw=1, ls="--")
axes[0].axhline(1, color="black", lw=0.8, ls=":")
axes[0].annotate("• fixed prior:\nthe square root of s", (110, 1.35))
axes[0].annotate("□ learned prior: s itself", (60, 12), color="dimgray", ha="right")
axes[0].annotate("where N(0, 1) would fit", (s.max(), 0.7), ha="right")
axes[1].axhline(1 / (2 * lam * np.log(2)), color="gray", lw=1, ls="--")
axes[1].annotate("1 / (2 λ ln 2)", (s.max(), 8.5), color="dimgray", ha="right")
for name, (mark, color, size) in look.items():
    fill = color if mark == "o" else "none"
    axes[0].loglog(s, width[name], mark, color=color, ms=size, mfc=fill)
    axes[1].loglog(s, error[name], mark, color=color, ms=size, mfc=fill)
axes[0].set_yticks((0.5, 1, 2, 5, 10, 20, 50), ("0.5", "1", "2", "5", "10", "20", "50"))
axes[1].set_yticks((2, 5, 10, 20, 50, 100, 200, 400), map(str, (2, 5, 10, 20, 50, 100, 200, 400)))
for ax, label in zip(axes, ("width of its latents w, steps", "its squared error"), strict=True):
    ax.set_xticks((5, 10, 20, 50, 100, 200, 500), map(str, (5, 10, 20, 50, 100, 200, 500)))
    ax.minorticks_off()
    ax.set(xlabel="width of the coefficient s, grey levels", ylabel=label)
axes[0].set_title("A fixed prior takes the square root")
axes[1].set_title("Only the learned one finds the water level")
figure.tight_layout()

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
for name, w in width.items():
    slope = np.polyfit(np.log(s[w > 1]), np.log(w[w > 1]), 1)[0]
    print(f"{name:14} where w > 1: slope about {slope:.1f}")

# %% [markdown]
# (Below $w = 1$ rounding is coarse, and the formulas do not hold.) If two coefficients differ in width by 100, their latents under a fixed prior still differ by about 10. Only those fit whose balance happens to lie at $w = 1$. **The fit is encouraged, not guaranteed.**
#
# The equal error of the learned prior is the water level of **reverse water-filling** ([lesson 07](07_rate_distortion.ipynb)): all that rises above it keeps the same error, and λ sets the level. The fixed prior spoils it: wide coefficients get coarse steps, only because of what is expected.
#
# ## Second thoughts
#
# Training moves steps and networks, for all photographs at once. For *one* photograph there are better latents than those which $g_a$ finds in its one pass, as JPEG's trellis found better coefficients ([lesson 08](08_jpeg_by_lambda.ipynb)). The same two pulls can move them one by one. The decoder need not know.
#
# The plainest way: take a latent of the real codec that lies nearly half-way between two whole numbers, round it the *other* way, measure $L = R + \lambda D$, and keep it if $L$ fell. Here with 64 × 64 pixels of the cat.

# %% jupyter={"source_hidden": true}
model, lam = learned.load(), 0.01
piece = np.ascontiguousarray(cat[64:128, 160:224])
code, y = quantize.to_code(lam), learned.analyse(piece, model)
step = model.step(model.position(code).float())[0].numpy()  # (128, 1, 1): of each channel


def L(y_now):
    """R + λD of the piece, in bits per pixel. The bits are counted, no file is written."""
    y_hat, bits, side = rate.count(y_now, model, code, first=y)
    x_hat = codec.paint(y_hat, piece.shape[:2], model, code)
    return (bits.sum() + side) / piece[..., 0].size + lam * metrics.mse(piece, x_hat)


y_hat, bits, _ = rate.count(y, model, code)
away = y / step - y_hat  # from its whole number: -1/2 to 1/2
nearest = np.argsort(np.where(bits > 0, -np.abs(away), 0), axis=None)[:100]
half_way = list(zip(*np.unravel_index(nearest, y.shape), strict=True))  # channel, row, column
towards = np.sign(away) * step  # added to a latent: now the other number is nearest

# %%
with Predict(
    "The 100 that lie nearest to half-way: how many are better the other way?",
    unit="of 100",
    near=10,
) as predict:
    best, now, kept, inwards = y, L(y), 0, 0
    for place in half_way:
        trial = best.copy()
        trial[place] += towards[place]
        if (found := L(trial)) < now:
            inwards += abs(trial[place]) < abs(best[place])
            best, now, kept = trial, found, kept + 1
    print(f"{kept} kept, {inwards} of them nearer to 0; L {now / L(y) - 1:+.1%}")
    assert 0 < inwards < kept < 100
    predict.truth = kept

# %% [markdown]
# Some go towards 0: there $R$ won. The others go outwards: there $D$ did. Which ones pay, nobody can say for certain beforehand. $g_s$ is bent, and a latent that changes makes its neighbours cost more bits or fewer.
#
# So the package tries and measures, too (`learned/refine.py`), in many places at once. It orders the trials by *hope*, the change of $L$ that slopes and bits predict. Below, the blue line is what all λ nearby can reach with $g_a$'s latents; the dashed line joins all points of equal $L$.

# %%
from lic_teach.course.why_the_prior_fits.thinking import Thinking

explorer = Thinking()
explorer

# %%
steps = explorer.result.thought.steps  # at first the cat's, at λ = 0.01
before, after = steps[0].coded, steps[-1].coded
np.testing.assert_array_equal(learned.decode(after.data, model), after.x_hat)  # same decoder
assert after.size < before.size and after.psnr > before.psnr
print(f"{after.size / before.size - 1:+.1%} bytes, {after.psnr - before.psnr:+.2f} dB")

# %% [markdown]
# Fewer bytes *and* a better picture, and nothing has changed but the encoder: this is the scoreboard's row *encoder that thinks*. Ten steps cost it about a hundred passes, and the decoder nothing. A picture that is coded once and looked at a million times is worth it.
#
# So who told the latents to be Gaussian? Nobody. $R$ pulls them to the prior's peak, and $D$ pulls them apart. In training, encoder and prior follow until these two balance; with second thoughts, each single latent does.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: what a second thought is worth (about 15 minutes)
#
# ### ✎ 2 · `second_thought`
#
# One latent alone, and a decoder that is linear and orthonormal ([lesson 03](03_dct.ipynb)), so that its error can be computed without a picture. `y` is
# the latent in steps, `bits(n)` the price of the whole number `n`, `price` what a squared error of one step costs, in bits. Choose the whole number
# from −9 to 9 with the smallest $L$: its bits, and its squared error at that price.

# %%
from lic_teach.course.why_the_prior_fits.exercises import check


def second_thought(y, bits, price):
    """Return an int."""
    # your lines here


check("second_thought", second_thought)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def second_thought(y, bits, price):
#     return min(range(-9, 10), key=lambda n: bits(n) + price * (y - n) ** 2)
# ```
#
# With 0 at half a bit, 1 at three bits and a price of 3, a latent of 0.9 becomes 0. It is much nearer to 1. But 1 costs 2.5 bits more, and
# saves 0.8 squared steps, worth 2.4.
#
# Between its two *nearest* numbers it does not matter whether the error is squared: their distances add up to 1, so the squares differ by as much as the distances do. It matters further away.
#
# </details>
#
# ### ✎ 3 · `bits_saved`
#
# The file shrank by some percent. But its picture got better, too. What did thinking save **at equal PSNR**? `curve` is the blue line as
# (bpp, PSNR) pairs, rising; `point` the refined file's. How many bits would the line need for the point's PSNR, and how many percent fewer
# does the point have? (Rates as logarithms, as in BD-rate.)

# %%
from lic_teach.course.why_the_prior_fits.exercises import check


def bits_saved(curve, point):
    """Return percent, positive if the point needs fewer bits."""
    # your lines here


check("bits_saved", bits_saved)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def bits_saved(curve, point):
#     bpp, psnr = np.transpose(curve)
#     there = np.exp(np.interp(point[1], psnr, np.log(bpp)))
#     return 100 * (1 - point[0] / there)
# ```
#
# </details>

# %% jupyter={"source_hidden": true}
thought, price = explorer.result.thought, explorer.result.lam  # at first the cat's, at 0.01
R, psnr = zip(*[(point.bpp, point.psnr) for point in thought.curve], strict=True)
before, after = thought.steps[0].coded, thought.steps[-1].coded
there = np.exp(np.interp(after.psnr, psnr, np.log(R)))
print(f"at equal λ:    {1 - after.bpp / before.bpp:.1%} fewer bits, ", end="")
print(f"L {1 - after.cost(price) / before.cost(price):.1%} smaller")
print(f"at equal PSNR: {1 - after.bpp / there:.1%} fewer bits")

# %% [markdown]
# At equal PSNR all of the gain is counted in bits. That is more than the share by which $L$ fell, because a large part of $L$ is $\lambda D$.
#
# Why no gradient descent, as in training? One untuned trial of *stochastic Gumbel annealing*
# (Yang, Bamler, Mandt 2020), 400 steps, brought about half of what trying brings in ten; more may do better. A latent moves by a whole number or not at all; the slope
# at one end says little about the other.
#
# Your own picture: the button under the figure, or `explorer.load("photo.jpg")`. The middle 256 × 256 pixels are taken. `learned.encode(picture, model, 0.01, refine=10)` thinks about a whole one.

# %% [markdown]
# ## Depth: a perfect fit, and no picture (about 5 minutes)
#
# λ is what keeps $D$ in the game. Let it go to 0. (The small codec has one latent per pixel: bits per latent are bits per pixel.)

# %%
choices = ["fixed N(0, 1)", "learned σ", "both", "neither"]
with Predict("λ goes to 0. Under which prior does the fit become perfect?", choices) as predict:
    print("the cat, bits per pixel    R   =   H   +  KL      PSNR of luma")
    misfit = {}
    for name in histories:
        for lam in (0.1, 0.01, 1e-3, 1e-5, 1e-7):
            k, step, _ = latents(name, lam)
            R, H = (part.mean() for part in small_codec.split(k, latents(name, lam)[2]))
            psnr = 10 * np.log10(255**2 / np.mean((k.T * step - c) ** 2))
            print(f"{name:14} λ = {lam:<6g} {R:7.2f} {H:7.2f} {R - H:6.2f} {psnr:9.0f} dB")
        misfit[name] = R - H
    perfect = [name for name, KL in misfit.items() if KL < 0.05]
    predict.truth = {0: "neither", 1: (perfect or [""])[0], 2: "both"}[len(perfect)]

# %% [markdown]
# Both $R$ sink to the least that they can be: the floor of 1.385 bits under N(0, 1), and nothing at all where σ may follow. Under the fixed prior KL *rises* in the end: everything is 0, and the prior still spreads itself. Under the learned one all latents are 0, the prior expects 0, nothing could fit better, and there is no picture. **A good fit is no sign of a good codec.** It is worth only what $D$ makes of it.
#
# <details><summary>For those who know the variational autoencoder (VAE)</summary>
#
# This training *is* a VAE (Kingma and Welling 2014). The noise of width 1 is its posterior $q(\tilde y \mid x)$, a uniform one whose density is 1; so its term $\mathrm{KL}(q(\tilde y \mid x)\,\|\,p)$ is our $R$, the cross-entropy with a prior that is widened by the same noise. $\lambda D$ is $-\log_2$ of a Gaussian around $\hat x$, up to a constant, and the variance of that Gaussian is $1/(2 \lambda \ln 2)$: the water level. (But for one thing: our $D$ takes rounded latents.) The fixed N(0, 1) is the usual choice there, and a learned prior is a later improvement.
#
# *Posterior collapse* is the last line of each half of the table: the latents no longer say anything about the picture. A VAE's encoder may choose the width of its noise, so it can become N(0, 1) exactly and pay nothing. Ours may not: its noise is as wide as a step, and under N(0, 1) it pays the floor.
#
# </details>

# %% [markdown]
# ## Depth: another prior, and a bend (about 15 minutes)
#
# If the prior pulls, another one should pull in another way. Two of them, both fixed:
#
# - **N(0, 3²)**: three times as wide as N(0, 1).
# - **Laplace**, with the standard deviation 1: higher in the middle, with longer tails ([lesson 14](14_bits_from_probability.ipynb)).
#
# ### ✎ 4 · `swap`
#
# Predict, compared with N(0, 1) at the same λ:
#
# - N(0, 3²): how many times as wide will the latents be, where the formula for fine steps holds: 1, `3 ** 0.5` or 3? Will a silent latent cost `"less"` or `"more"`? Will the PSNR be `"lower"` or `"higher"`?
# - Laplace: will the latents of coefficient 1 (DC), the widest, be `"wider"` or `"narrower"`? Will a silent latent cost `"less"` or `"more"`?

# %%
from lic_teach.course.why_the_prior_fits.exercises import check

prediction = {
    "N(0, 3²)": {"width": ..., "silent": ..., "PSNR": ...},
    "Laplace": {"DC": ..., "silent": ...},
}

check("swap", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {
#     "N(0, 3²)": {"width": 3**0.5, "silent": "more", "PSNR": "higher"},
#     "Laplace": {"DC": "wider", "silent": "less"},
# }
# ```
#
# Under N(0, σ²) the spring is $\frac{w^2}{2 \sigma^2 \ln 2}$, and the balance lies at $w^4 = \lambda s^2 \sigma^2 \ln 2 / 6$: σ three times as large gives $\sqrt 3$ times the width. The prior asks for three times, and gets 1.7.
#
# Laplace's price grows like $|y|$: a spring whose force does not grow. Far out it pulls less than the Gaussian's.
#
# </details>

# %%
with Predict(
    "Which of the four has the smallest L?",
    ["fixed N(0, 1)", "learned σ", "fixed N(0, 3²)", "fixed Laplace"],
) as predict:
    histories["fixed N(0, 3²)"] = small_codec.train(Prior(sigma=3.0))
    histories["fixed Laplace"] = small_codec.train(Prior(priors.LAPLACE))
    print("λ = 0.01         width of DC   a silent latent   R, bpp   PSNR        L")
    cost = {}
    for name, history in histories.items():
        k, step, sigma = latents(name)
        R = small_codec.split(k, sigma, history.prior.shape)[0].mean()
        D = np.mean((k.T * step - c) ** 2)
        silent = priors.information(0, 0, sigma[63], history.prior.shape)
        cost[name] = R + 0.01 * D
        print(
            f"{name:16} {s[0] / step[0]:9.1f} {silent:14.2f} bits {R:9.2f}"
            f" {10 * np.log10(255**2 / D):6.0f} dB {cost[name]:7.2f}"
        )
    predict.truth = min(cost, key=cost.get)

# %% [markdown]
# The prior makes the codec. With N(0, 3²) the same λ gives a better picture and a far larger file. Laplace is a better guess than N(0, 1) for coefficients of photographs, in the middle and in the tails. And one learned number for each coefficient beats them all. (To scrub through all four, write `Fitting(histories)` into a new cell.)
#
# Scaling is all that this encoder can do. A network could *bend* the latents, until each channel is a Gaussian. Would it?
#
# Try it with the best bend that one coefficient can have: the one which sends each of its quantiles to that of N(0, 1). Its fit is perfect. A part of the way leads there, from 0 (straight) to 1. At each part the width, σ and the decoder are the best possible ones.

# %%
choices = ["0, straight", "between", "1, the perfect fit"]
with Predict("For three coefficients of the cat: where is L least?", choices) as predict:
    parts, lam = np.linspace(0, 1, 9), 0.03
    found = {n: [bending.least(c[:, n - 1], part, lam) for part in parts] for n in (3, 5, 9)}
    figure, ax = plt.subplots(figsize=(6.5, 3.4))
    for (number, spent), mark in zip(found.items(), "os^", strict=True):
        ax.plot(parts, [each.L - spent[0].L for each in spent], mark + "-", color=BLUE, ms=4)
        ax.annotate(f"coefficient {number}", (1.025, spent[-1].L - spent[0].L), va="center")
        print(f"coefficient {number}: KL {', '.join(f'{e.R - e.H:.2f}' for e in spent[::4])}")
    ax.axhline(0, color="black", lw=0.8)
    ax.set(
        xlim=(-0.03, 1.3),
        xlabel="how far bent towards a perfect fit",
        ylabel="L against straight, bits",
    )
    ax.set_title("A little of a bend pays, a perfect fit does not")
    figure.tight_layout()
    at = {parts[np.argmin([each.L for each in spent])] for spent in found.values()}
    predict.truth = choices[0 if at == {0} else 2 if at == {1} else 1]

# %% [markdown]
# The misfit falls to nothing, as it was made to. But a bend stretches the middle and squeezes the tails: there a step of the latent is many grey levels, and $D$ pays. Some of the way is worth it here. All of it costs more than not to bend at all. (On two other photographs, at two other λ, all of it loses for coefficient 3, too; half of the way wins in two of these four cases.) So one may expect that a network's latents come nearer to the prior than ours can, and then stop, for the same reason.

# %% [markdown]
# ## Depth: and a real encoder? (about 5 minutes)
#
# Networks of hundreds of thousands of numbers, 5,000 steps of training: two codecs of the course. `fixed` expects N(0, 1) of every latent, `factorized` has a mean and a width for each channel. Both began as JPEG's DCT. (They have 128 latents for 64 pixels: two per pixel. Everything is per pixel from here on.)


# %% jupyter={"source_hidden": true}
def shipped(name, photo, lam=0.01):
    """Distances of the latents from the prior's mean, in steps (128, n), and σ (128,)."""
    model = learned.load(name)
    y = torch.from_numpy(learned.analyse(photo, model))
    with torch.no_grad():
        place = model.position(quantize.to_code(lam)).float()
        mean, scale = model.prior.expect(place)
        distance = (y / model.step(place) - mean)[0].numpy().reshape(128, -1)
    return distance, entropy.sigma_of(scale).numpy().ravel()


# %%
with Predict("How many times as large is the fixed prior's file?", unit="times", near=1) as predict:
    sizes = {}
    print("the cat, bits per pixel   H     KL      file    PSNR")
    for name in ("fixed", "factorized"):
        distance, sigma = shipped(name, cat)
        R, H = (part.sum() / 64 for part in small_codec.split(np.rint(distance), sigma))
        data = learned.encode(cat, learned.load(name), 0.01)
        sizes[name] = metrics.bpp(data, cat)
        psnr = metrics.psnr(cat, learned.decode(data, learned.load(name)))
        widest = np.sort(np.sqrt(np.mean(distance**2, 1)))[:-4:-1].round(1)
        print(f"{name:20} {H:7.2f} {R - H:6.2f} {sizes[name]:9.2f} {psnr:7.0f} dB")
        print(f"{'':20} widest channels, in steps: {widest}")
    predict.truth = round(sizes["fixed"] / sizes["factorized"], 1)

# %% [markdown]
# About the same quality, and a file several times as large: under N(0, 1) even a silent latent costs 1.385 bits, and two per pixel make a floor of 2.77. (The file is larger than $H$ + KL: it also holds the rim that fills the picture up to whole blocks, and the width nearest to 1 in its tables is 1.04.) Where the prior is fixed, the widest channels have been drawn in. Where it is learned, they were left in peace.
#
# Yet KL is not 0 under the learned prior, either. In each of the 128 channels of four photographs:

# %% jupyter={"source_hidden": true}
print("bits per pixel    R    =   H    +  KL")
for name in images.SAMPLES:
    distance, sigma = shipped("factorized", images.sample(name))
    R, H = small_codec.split(np.rint(distance), sigma)
    assert np.min(R - H) > 0
    print(f"{name:12} {R.sum() / 64:9.2f} {H.sum() / 64:8.2f} {np.sum(R - H) / 64:7.2f}")

# %% [markdown]
# There are two reasons, and more training would mend neither.
#
# - **One prior for all pictures.** σ fits the photographs of the training on the whole. This one has other widths.
# - **One Gaussian.** In one channel lie busy places and quiet ones together. Many zeros and some large numbers are no Gaussian of any width, and to bend them into one does not pay.
#
# Side information and context go against both ([lesson 16](16_tell_the_decoder_where.ipynb)).

# %% [markdown]
# ## The scoreboard
#
# Twenty steps for each of the 24 Kodak photographs, in real files: the last row. The decoder is the same as in the row above it.

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing

Drawing(board("why_the_prior_fits"))

# %% [markdown]
# ## What you learnt
#
# - Nobody tells the latents to be Gaussian. $R = H(p) + \mathrm{KL}(p \,\|\, q)$: a misfit costs bits, and whoever can make it smaller is moved to do so. A fixed prior moves the encoder. A learned prior comes towards it.
# - A fixed prior pulls the latents to its peak, not to its shape. The pull of $D$ holds against it. Where they balance, the width goes like $\sqrt{s}$: encouraged, not guaranteed. A learned prior leaves the same error everywhere: the water level.
# - A factorized prior does not notice if the latents are shuffled.
# - For one picture an encoder can move single latents: fewer bits and less error, for the same decoder.
# - Without $D$ the fit can be perfect, and there is no picture. Bent all the way, a perfect fit cost more than a straight misfit, wherever we tried.
#
# Nearly all that was said of bits here was $-\log_2 P$. Can a file really be that short, and can every decoder read it? [Lesson 20](20_bitstream.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations*, 2017. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). A factorized prior whose shape is learned, too.
# - D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", *International Conference on Learning Representations*, 2014. [arXiv:1312.6114](https://arxiv.org/abs/1312.6114). The variational autoencoder: its loss has the same two terms, with the fixed prior N(0, 1).
# - J. Campos, S. Meierhans, A. Djelouah, C. Schroers, "Content adaptive optimization for neural image compression", *CVPR Workshops*, 2019. [arXiv:1906.01223](https://arxiv.org/abs/1906.01223). Second thoughts, by gradients.
# - Y. Yang, R. Bamler, S. Mandt, "Improving inference for neural image compression", *NeurIPS*, 2020. [arXiv:2006.04240](https://arxiv.org/abs/2006.04240). The gap between $g_a$ and the best latents, and how to close it.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Section 5.4 on the cost of a wrong code, section 10.3 on how bits are shared among Gaussians of different widths.
# - Stanford EE274, *Data Compression: Theory and Applications*, 2023, lecture 16 on learned image compression. The question of this lesson is from its end. [stanforddatacompressionclass.github.io](https://stanforddatacompressionclass.github.io/notes/)
