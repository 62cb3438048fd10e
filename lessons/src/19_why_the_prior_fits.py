# %% [markdown]
# # 19 · Why the prior fits
#
# **Who told the latents to be Gaussian?**
#
# Before the decoder reads a latent, it expects something: a *prior* $q$, for example the Gaussian N(0, 1). What it expects decides what each latent costs ([lesson 14](14_bits_from_probability.ipynb)). But latents are what an
# encoder makes of a photograph. Nobody has asked the photograph to be Gaussian. The lecture that this course follows ends with the question: what makes the code follow the assumed distribution?
#
# Take the smallest codec that has a prior at all. Its transform is JPEG's DCT. Each of the 64 coefficients is divided by a step of its own and rounded; that is all its encoder can do. The steps are learned, by gradient
# descent on $L = R + \lambda D$. It is trained twice: once with the prior N(0, 1) for every latent, once with a prior whose widths σ are learned, too. Both begin with a step of 16 everywhere, and σ = 1. (As in [lesson 17](17_learned_codec.ipynb) the steps and widths are tables over λ. The picture shows λ = 0.01.)

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import stats

from lic_teach import images, learned, metrics
from lic_teach.course.why_the_prior_fits import small_codec
from lic_teach.course.why_the_prior_fits.small_codec import Prior
from lic_teach.kit import priors
from lic_teach.learned import entropy, live, quantize, record

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
# In the middle the black stairs stand where they stood, and the blue bars have come under them. On the right the stairs have become wider, to meet the bars. (They are wider than the cat's, because σ was learned from other photographs.) Nobody said "be Gaussian" in either case. There is only one instruction: *make $R + \lambda D$ small.*
#
# **After this lesson** you can
# - say who moves when a prior and its latents come together, and why;
# - say why the fit is encouraged, but promised by nothing, and how far it goes, in a formula;
# - predict what another prior does to the latents, before you train;
# - name two things that no fit of this kind shows: a picture that is gone, and latents that depend on each other.
#
# You need lessons [14](14_bits_from_probability.ipynb) (entropy, KL), [15](15_noise_for_rounding.ipynb) (noise) and [18](18_gradient_from_the_middle.ipynb) (who hears of R). About 30 minutes.

# %% [markdown]
# ## Two ways to make one number smaller
#
# Let $p$ be how often each whole number really occurs, and $q$ what the prior expects. [Lesson 14](14_bits_from_probability.ipynb) showed what the bits of a latent are on average:
#
# $$R = \sum_k p_k\,(-\log_2 q_k) = \underbrace{H(p)}_{\text{entropy}} + \underbrace{\mathrm{KL}(p\,\|\,q)}_{\text{what the misfit wastes}}$$
#
# So whoever wants a small $R$ wants a small misfit, without knowing that word. But *who* can do something about it?
#
# | | changes $H(p)$? | changes KL? |
# |---|---|---|
# | encoder, steps: they make $p$ | yes | yes |
# | prior: it is $q$ | no | yes |
# | decoder | no | no |
#
# A learned prior has only one way to earn: to move $q$ to $p$. If the prior is fixed, its row is gone, and only the encoder is left. Then it moves $p$ to $q$.
#
# Compute the two parts by hand, for the coefficient in the picture (number 3 in zig-zag order, counted from 1). **Predict:** before training, which of the two is larger?


# %%
def split(k, sigma):
    """Whole numbers (n,) under N(0, sigma²) -> R and H, in bits a latent."""
    values, counts = np.unique(k, return_counts=True)
    p = counts / k.size
    q = stats.norm.cdf(values + 0.5, 0, sigma) - stats.norm.cdf(values - 0.5, 0, sigma)
    return -np.sum(p * np.log2(q)), -np.sum(p * np.log2(p))


print("coefficient 3 of the cat       R   =   H  +  KL")
for name in histories:
    for moment, when in ((0, "before"), (-1, "trained")):
        k, _, sigma = latents(name, moment=moment)
        package = small_codec.split(k, sigma)  # all 64 at once
        if when == "trained":
            np.testing.assert_allclose(split(k[2], sigma[2]), np.array(package)[:, 2], rtol=1e-6)
        R, H = (part[2] for part in package)
        print(f"{name:15} {when:10} {R:8.1f} {H:7.1f} {R - H:6.1f}")

# %% [markdown]
# Before, most of what is paid is misfit. After, little of it is left, with either prior. (By hand only the trained ones are checked: before, some latents lie so far out that $q$ underflows. [Lesson 14](14_bits_from_probability.ipynb), "In the tails".)
#
# For this one coefficient the learned prior pays *more*. It lets the step be finer, so the error is smaller. Over all coefficients it pays far less. Here are the 64 latents of our block (block row 11, column 24 of the whole cat):

# %%
block = small_codec.coefficients(images.thread_block())[0, 0]  # float32 (64,)
for name in histories:
    step, sigma = small_codec.at(histories[name], 0.01)
    bits = priors.information(np.rint(block / step), 0, sigma).sum(1)
    print(f"{name:15} our block: {bits[0]:.0f} bits before, {bits[-1]:.0f} trained")

# %% [markdown]
# Note that $H$ has fallen, too. The encoder has not only made the latents *fit*. It has made them *smaller*. To see that these are two different wishes, ask what $R$ would do if it were alone.

# %% [markdown]
# ## What R alone wants
#
# The prior is N(0, 1), fixed. Three channels of latents:
#
# - **silent**: always 0;
# - **fitting**: drawn from N(0, 1) itself, then rounded. A better fit is not possible;
# - **wide**: drawn from N(0, 2²), then rounded.
#
# ### ✎ 1 · `least`
#
# Which of the three has the least entropy, which the least KL, which the least $R$?

# %%
from lic_teach.course.why_the_prior_fits.exercises import check

prediction = {"H": ..., "KL": ..., "R": ...}  # "silent", "fitting" or "wide"

check("least", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"H": "silent", "KL": "fitting", "R": "silent"}
# ```
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.why_the_prior_fits import exercises

print("under N(0, 1)      H       KL        R")
for name, (H, KL, R) in exercises.measured().items():
    print(f"{name:12} {H:8.3f} {abs(KL):8.3f} {R:8.3f}")

# %% [markdown]
# The perfect fit costs 2.105 bits. Silence costs 1.385, though all of it is misfit. **A fixed prior does not pull the latents to its shape. It pulls them to its peak.**
#
# How hard? The price of a latent $y$ under N(0, 1) is about $\frac{y^2}{2 \ln 2}$ and a constant. Think of a spring: its energy grows with the square of the distance, its force with the distance. The force is the slope of the price, $y / \ln 2$: the further out $y$ lies, the harder it is pulled back. If nothing pulled the other way, all latents would end at 0.
#
# Can that be seen in the trained codec? For coefficient 3 the fit became better. **Predict:** in how many of the 64 coefficients?

# %%
print("training made smaller        R       KL    of 64 coefficients;  KL, mean of all")
for name in histories:
    began, ended = (
        np.array(small_codec.split(k, sigma))
        for k, _, sigma in (latents(name, moment=moment) for moment in (0, -1))
    )
    KL = [R - H for R, H in (began, ended)]
    fell, (before, after) = np.sum(KL[1] < KL[0]), np.mean(KL, 1)
    print(f"{name:20} {np.sum(ended[0] < began[0]):9} {fell:8} {before:30.2f} -> {after:.2f}")
    assert (fell < 32) == (name == "fixed N(0, 1)") and after < before

# %% [markdown]
# Under the fixed prior $R$ fell nearly everywhere, as it should, but the fit became *worse* in most coefficients. The few in which it became better are the widest ones. They lay so far out that coming in to the peak was coming nearer to the shape, too, and since they had cost the most, the mean of all KL fell as well. A learned prior is different: it has nothing to gain but the fit.
#
# What keeps the latents of the fixed prior from falling to 0 altogether? It is $D$. It has never heard of Gaussians; it wants fine steps, and fine steps make wide latents. **$R$ pulls the latents to 0. $D$ pulls them outwards. They stop where both pull equally hard.** If they look like N(0, 1) there, that is a by-product.

# %% [markdown]
# ## Where they stop
#
# Let $s$ be the width (root mean square) of a coefficient in grey levels, and $w$ that of its latents in steps. The step is $s/w$, and where rounding is fine its squared error is $(s/w)^2 / 12$ ([lesson 04](04_quantization.ipynb)). So for this one coefficient
#
# $$R + \lambda D \;\approx\; \text{const} + \frac{w^2}{2 \ln 2} + \lambda\,\frac{s^2}{12\, w^2}$$
#
# (For an orthonormal transform the error of a coefficient is that of the pixels. $R$ and $D$ of all 64, each divided by 64, are bits per pixel and MSE of luma.)
#
# **Predict**, before you compute: $\lambda$ becomes sixteen times as large. How much wider do the latents get?
#
# ### ✎ 2 · `balance`
#
# At which $w$ is the sum least?

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
# $w$ grows like $\sqrt{s}$. And a learned prior? If σ follows $w$, a latent costs $\log_2 w$ and a constant ([lesson 14](14_bits_from_probability.ipynb)). The least of $\log_2 w + \lambda \frac{s^2}{12 w^2}$ is at $w = s\,\sqrt{\lambda \ln 2 / 6}$: there $w$ grows like $s$ itself, so the step $s/w$ is the same for *all* coefficients. And the fixed prior's $w$ is the square root of that.
#
# These are formulas for fine steps. What did the training do, that knows none of them? **Predict** the two slopes in the plot below. Both axes are logarithmic.

# %%
lam = 0.1
seen = [small_codec.coefficients(images.sample(name)) for name in small_codec.SEEN]
s = np.sqrt(np.mean(np.concatenate([part.reshape(-1, 64) for part in seen]) ** 2, 0))
width = {name: s / latents(name, lam)[1] for name in histories}  # of what was trained on

figure, ax = plt.subplots(figsize=(7, 4))
line = np.array([s.min(), s.max()])
ax.loglog(line, (lam * line**2 * np.log(2) / 6) ** 0.25, color="black", lw=1)
ax.loglog(line, line * (lam * np.log(2) / 6) ** 0.5, color="gray", lw=1, ls="--")
ax.plot(s, width["fixed N(0, 1)"], "o", color="black", ms=4)
ax.plot(s, width["learned σ"], "s", color="gray", ms=4, mfc="none")
ax.axhline(1, color="black", lw=0.8, ls=":")
ax.annotate("• fixed prior: the square root of s", (75, 1.75), color="black")
ax.annotate("□ learned prior: s itself", (60, 12), color="dimgray", ha="right")
ax.annotate("where N(0, 1) would fit", (s.max(), 0.78), ha="right")
ax.set_xticks((5, 10, 20, 50, 100, 200, 500), ("5", "10", "20", "50", "100", "200", "500"))
ax.set_yticks((0.5, 1, 2, 5, 10, 20, 50), ("0.5", "1", "2", "5", "10", "20", "50"))
ax.minorticks_off()
ax.set(xlabel="width of the coefficient s, grey levels", ylabel="width of its latents w, steps")
ax.set_title("A fixed prior takes the square root; it does not make all widths 1")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for name, w in width.items():
    fine = w > 1
    slope = np.polyfit(np.log(s[fine]), np.log(w[fine]), 1)[0]
    print(f"{name:15} where w > 1: slope about {slope:.1f}")

# %% [markdown]
# The lines are the formulas, the points the training. (Below $w = 1$ rounding is coarse, and the formulas do not hold.)
#
# So that is how far "encouraged" goes. If two coefficients differ in width by 100, their latents under a fixed prior still differ by about 10. Only those coefficients fit whose balance happens to lie at $w = 1$, and which these are depends on λ. **Encouraged, not guaranteed.**
#
# And it has a price. The learned prior leaves nearly the same step to all coefficients, which is best where an error costs the same in each of them. The fixed one makes the steps of wide coefficients coarse and those of narrow ones fine, only because of what is expected.

# %% [markdown]
# ## Watch it happen
#
# On the left the latents and the prior, at one moment of the training. On the right the whole training: who has moved, and what $R$ is made of. The picture is the cat's luma, from the latents of that moment.
#
# Go through the moments with the arrow keys. Then press *learned σ*, and go through them again.

# %%
from lic_teach.course.why_the_prior_fits.fitting import Fitting

explorer = Fitting(histories)
explorer

# %% [markdown]
# ## A perfect fit, and no picture
#
# λ is what keeps $D$ in the game. **Predict:** if λ goes to 0, where does $R$ go, under the fixed prior and under the learned one? And KL?

# %%
print("the cat, bits per pixel    R   =   H   +  KL      PSNR of luma")
for name in histories:
    for lam in (0.1, 0.01, 1e-3, 1e-5, 1e-7):
        k, step, sigma = latents(name, lam)
        R, H = (part.mean() for part in small_codec.split(k, sigma))
        D = np.mean((k.T * step - c) ** 2)
        psnr = 10 * np.log10(255**2 / D)
        print(f"{name:14} λ = {lam:<6g} {R:7.2f} {H:7.2f} {R - H:6.2f} {psnr:9.0f} dB")

# %% [markdown]
# Both $R$ sink to the least that they can be: the floor of 1.385 bits for each pixel under N(0, 1) (this codec has one latent a pixel), and nothing at all where σ may follow.
#
# Now read the KL column. Under the fixed prior KL *rises* from line to line: in the end everything is 0, and the prior still spreads itself. Under the learned one KL goes to 0. The latents are all 0, the prior expects 0, nothing could fit better, and there is no picture. **A good fit is no sign of a good codec.** It is worth only what $D$ makes of it.
#
# (The slider and the last lines of the table go far below the λ of any use. 1e-7 stands for "almost 0".)

# %% [markdown]
# ## Swap the prior
#
# If the prior pulls, another prior should pull in another way. Two of them, both fixed:
#
# - **N(0, 3²)**: three times as wide as N(0, 1).
# - **Laplace**, with the standard deviation 1: higher in the middle, with longer tails ([lesson 14](14_bits_from_probability.ipynb)).
#
# ### ✎ 3 · `swap`
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
histories["fixed N(0, 3²)"] = small_codec.train(Prior(sigma=3.0))
histories["fixed Laplace"] = small_codec.train(Prior(priors.LAPLACE))

lam = 0.01
print("λ = 0.01         width of DC   a silent latent   R, bpp   PSNR        L")
for name, history in histories.items():
    k, step, sigma = latents(name, lam)
    R = small_codec.split(k, sigma, history.prior.shape)[0].mean()
    D = np.mean((k.T * step - c) ** 2)
    silent = priors.information(0, 0, sigma[63], history.prior.shape)
    print(
        f"{name:16} {s[0] / step[0]:9.1f} {silent:14.2f} bits {R:9.2f}"
        f" {10 * np.log10(255**2 / D):6.0f} dB {R + lam * D:7.2f}"
    )

ratio = (latents("fixed N(0, 1)")[1] / latents("fixed N(0, 3²)")[1])[:10].mean()
print(f"N(0, 3²): the first ten coefficients are {ratio:.2f} times as wide, √3 is {3**0.5:.2f}")
assert abs(ratio / 3**0.5 - 1) < 0.1

# %% [markdown]
# The prior makes the codec. With N(0, 3²) the same λ gives a better picture and a far larger file: a rate of nearly 3 bits a pixel that no λ of use could lower. Laplace is a better guess than N(0, 1) for coefficients of photographs, in the middle and in the tails. And one learned number for each coefficient beats them all; look at $L$.
#
# To scrub through all four, write `Fitting(histories)` into a new cell.

# %% [markdown]
# ## And a real encoder?
#
# An encoder that can only scale is easy to see through. That of [lesson 17](17_learned_codec.ipynb) is a network of nearly half a million numbers. It could bend the latents into any shape. Does it?
#
# Train it twice, live, 300 steps each, from JPEG's DCT: with N(0, 1) for all latents, and with a mean and a width for each channel. The rate is that of real files. **Predict:** by how much do the two files differ, for the same λ and about the same PSNR?


# %%
def on_the_cat(model, lam=0.01):
    """Latents of a codec with one Gaussian a channel: width (128,), σ (128,), R and H (128,)."""
    with torch.no_grad():
        place = quantize.position(torch.tensor([lam]))
        y = learned.analyse(cat, model) / model.step(place)[0].numpy()
        mean, scale = (part[0].numpy() for part in model.prior.expect(place))
    sigma = entropy.sigma_of(torch.from_numpy(scale)).numpy().ravel()
    k = np.rint(y - mean).reshape(128, -1)
    return np.sqrt((y**2).mean((1, 2))), sigma, *small_codec.split(k, sigma)


photos, trained, first = record.photographs(), {}, {}
for kind, words in (("fixed", "fixed N(0, 1)"), ("factorized", "learned μ, σ")):
    for progress in live.train_live(photos, 0.01, 300, prior=kind):
        if progress.step == 0:  # one step done: nearly nothing has moved yet
            first[words] = on_the_cat(progress.model)
    trained[words] = on_the_cat(progress.model), live.point(progress.model, cat, 0.01)

print("bits per pixel        H     KL      file    PSNR")
for words, ((_, _, R, H), (bpp, psnr)) in trained.items():
    R0, H0 = (part.sum() / 64 for part in first[words][2:])
    print(f"{words:14} begin {H0:5.2f} {R0 - H0:6.2f}")
    print(f"{'':14} end   {H.sum() / 64:5.2f} {(R - H).sum() / 64:6.2f} {bpp:8.2f} {psnr:6.0f} dB")

# %%
widest = np.argsort(-first["fixed N(0, 1)"][0])[:5]
print("the five widest channels, in steps")
print("at the beginning       ", first["fixed N(0, 1)"][0][widest].round(1))
for words, ((width, sigma, _, _), _) in trained.items():
    print(f"{words:14} latents ", width[widest].round(1))
    print(f"{'':14} prior σ ", sigma[widest].round(1))

before = first["fixed N(0, 1)"][0][widest]
fixed_width, learned_width = (trained[words][0][0][widest] for words in trained)
assert np.all(fixed_width < 0.85 * before)
assert np.all(np.abs(learned_width / before - 1) < 0.4)
assert trained["fixed N(0, 1)"][1][0] > 3 * trained["learned μ, σ"][1][0]

# %% [markdown]
# The same picture quality, and a file several times as large. (The learned prior had a start: `begin` gives it mean and width of the first latents, before the first step. So there is little left for it to do. With 128 latents for 64 pixels the floor of N(0, 1) is 2.77 bits per pixel.)
#
# Where the prior is fixed, the network has drawn its widest channels in, by a third or more, and after 300 steps it was far from done. Where the prior is learned, they have stayed about as wide as they were. Nothing made them leave. (σ is larger than the cat's width: it is learned from all photographs of the training.)

# %% [markdown]
# ## After a longer training
#
# Is KL gone after thousands of steps instead of 300? The course ships such codecs. `factorized` has one Gaussian for each channel and each λ. `fixed` has N(0, 1) for all. Both began with the networks of the course's best codec, which had trained for hours, and were trained on for 8,000 steps with their own prior.
#
# First `factorized`: [lesson 14](14_bits_from_probability.ipynb)'s identity on real latents with their own prior, in each of 128 channels of four photographs. **Predict:** is the KL of any channel 0?


# %%
def shipped(name, photo, lam=0.01):
    """Distances of the latents from the prior's mean, in steps (128, n), and σ (128,)."""
    codec = learned.load(name)
    y = torch.from_numpy(learned.analyse(photo, codec))
    with torch.no_grad():
        place = codec.position(quantize.to_code(lam)).float()
        mean, scale = codec.prior.expect(place)
        distance = (y / codec.step(place) - mean)[0].numpy().reshape(128, -1)
    return distance, entropy.sigma_of(scale).numpy().ravel()


print("bits per pixel    R    =   H    +  KL")
for name in images.SAMPLES:
    distance, sigma = shipped("factorized", images.sample(name))
    k = np.rint(distance)
    R, H = small_codec.split(k, sigma)
    KL = []
    for channel, width in zip(k, sigma, strict=True):
        values, p = priors.histogram(channel)
        values, p = values[p > 0], p[p > 0]
        KL.append(p @ (np.log2(p) + priors.information(values, 0, width)))
    np.testing.assert_allclose(R, H + KL, atol=1e-9)
    assert np.min(KL) > 0
    print(f"{name:12} {R.sum() / 64:9.2f} {H.sum() / 64:8.2f} {np.sum(KL) / 64:7.2f}")

# %% [markdown]
# No. A good part of $R$ is misfit still, about a quarter or more. There are two reasons, and more steps would mend neither:
#
# - **One prior for all pictures.** σ fits the photographs of the training on the whole. This one has other widths.
# - **One Gaussian.** In one channel lie busy places and quiet ones together. Many zeros and some large numbers are no Gaussian of any width. The encoder could bend them into one, but $D$ would pay for it.
#
# Better priors go against both ([lesson 24](24_what_next.ipynb)): side information that tells the widths for *this* picture, and *this* place.
#
# Then `fixed`, and a last test of the formula. By the formula the widths under a fixed prior are the square roots of those under a learned one, for the same λ. It was made for coefficients that can only be scaled. Here are the six widest channels of two deep networks, over all four photographs. **Predict:** does it hold?

# %%
widths = {}
for kind in ("factorized", "fixed"):
    every = [shipped(kind, images.sample(name))[0] for name in images.SAMPLES]
    widths[kind] = np.sqrt(np.mean(np.concatenate(every, 1) ** 2, 1))
six = np.argsort(-widths["factorized"])[:6]
print("learned prior, w   ", widths["factorized"][six].round(1))
print("its square root    ", np.sqrt(widths["factorized"][six]).round(1))
print("fixed prior, w     ", widths["fixed"][six].round(1))
assert np.all(abs(np.log(widths["fixed"] / np.sqrt(widths["factorized"]))[six]) < 0.35)

for kind in ("factorized", "fixed"):
    codec = learned.load(kind)
    data = learned.encode(cat, codec, 0.01)
    R, D = metrics.bpp(data, cat), metrics.psnr(cat, learned.decode(data, codec))
    print(f"the cat by `{kind}`: {R:.1f} bits per pixel, {D:.0f} dB")

# %% [markdown]
# For the two widest it does, within a quarter. (The other four say little: near 1 a number and its square root are nearly the same.) Two channels are no law, but they went where the balance of two pulls would put them.
#
# (At larger λ it does not hold for these two. In the package's training no probability is below $2^{-24}$, and beyond, the slope fades ([lesson 14](14_bits_from_probability.ipynb)): latents that lie further out than some five widths feel no pull at all.)

# %% [markdown]
# ## What such a prior cannot see
#
# One more thing is not even in KL. Every latent was looked at alone. Here is a test. Take all latents of the cat, and shuffle them: in each channel every latent keeps its value, and gets another place. Write a file of them, a real one.
#
# **Predict:** how large is the file of the shuffled cat, with the prior that has one Gaussian for each channel? And with the best codec of the course, whose prior looks at neighbours?

# %%
rng = np.random.default_rng(16)
size, shown = cat.shape[:2], {}
print("bytes          the cat   shuffled")
for name in ("factorized", "context"):
    codec = learned.load(name)
    y = learned.analyse(cat, codec)
    shuffled = np.stack([rng.permutation(channel.ravel()).reshape(y.shape[1:]) for channel in y])
    files = [learned.encode_latents(latent, size, codec, 0.01) for latent in (y, shuffled)]
    shown[name] = [learned.decode(data, codec) for data in files]
    print(f"{name:12} {len(files[0]):9,} {len(files[1]):10,}")
    if name == "factorized":
        assert abs(len(files[0]) - len(files[1])) <= 8
    else:
        assert len(files[1]) > 1.5 * len(files[0])

figure, axes = plt.subplots(1, 2, figsize=(9, 3.3))
for ax, picture, title in zip(axes, shown["factorized"], ("the cat", "shuffled"), strict=True):
    ax.imshow(picture)
    ax.set_title(title)
    ax.axis("off")
figure.suptitle("One Gaussian for each channel: to this prior the two are equally likely", y=1.02)
figure.tight_layout()

# %% [markdown]
# The two files are equally long. A prior that multiplies one probability for each latent, $P(\hat y) = \prod_i P(\hat y_i)$, is called *factorized*. It sees how often each value occurs in a channel, and nothing of where. All that is cat in the picture on the left is invisible to it. In a perfect fit of this kind, each latent follows its Gaussian, and all together they may follow anything.
#
# The file of the best codec becomes about twice as large. It is now larger than that of the simple prior. Looking at neighbours no longer helps, and wrong guesses cost extra. What it had saved there is the redundancy that the transform left between latents. [Lesson 24](24_what_next.ipynb) goes after it.

# %% [markdown]
# ## What you learnt
#
# - Nobody tells the latents to be Gaussian. $R = H(p) + \mathrm{KL}(p \,\|\, q)$: a misfit costs bits, and whoever can make it smaller is moved to do so. A fixed prior moves the encoder. A learned prior comes towards it.
# - A fixed prior pulls the latents to its peak, not to its shape. The pull of $D$ holds against it. Where they balance, the width goes like $\sqrt{s}$: encouraged, not guaranteed.
# - If λ goes to 0, the latents collapse. Under N(0, 1) $R$ stops at 1.385 bits a latent, all of it KL; under a learned prior both go to 0: a perfect fit, and no picture.
# - With N(0, 1) a real codec takes several times the bits of one with learned widths, at the same quality. So learn them.
# - After thousands of steps KL is still not 0. And a factorized prior does not notice if the latents are shuffled.
#
# Nearly all that was said of bits here was $-\log_2 P$. Can a file really be that short, and can every decoder read it? [Lesson 20](20_bitstream.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations*, 2017. [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). A factorized prior whose shape is learned, too.
# - D. P. Kingma, M. Welling, "Auto-encoding variational Bayes", *International Conference on Learning Representations*, 2014. [arXiv:1312.6114](https://arxiv.org/abs/1312.6114). The variational autoencoder: its loss has the same two terms, with the fixed prior N(0, 1).
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *International Conference on Learning Representations*, 2018. [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). What a factorized prior does not see, and what can be done about it.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006. Section 5.4 on the cost of a wrong code, section 10.3 on how bits are shared among Gaussians of different widths.
# - Stanford EE274, *Data Compression: Theory and Applications*, 2023, lecture 16 on learned image compression. The question of this lesson is from its end. [stanforddatacompressionclass.github.io](https://stanforddatacompressionclass.github.io/notes/)
