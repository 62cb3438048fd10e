# %% [markdown]
# # 07 · Rate and distortion
#
# **Which of two codecs is better?**
#
# Ann and Ben test two codecs on the same photograph, the astronaut. One is JPEG with chroma of half the
# size, 4:2:0. The other is JPEG with chroma left whole, 4:4:4 ([lesson 02](02_colour.ipynb)). Everything else is equal.
#
# Ann likes small files. She measures at 0.3 bits per pixel. Ben has room, and measures at 2. Here is
# what they find.

# %% jupyter={"source_hidden": true}
import json

import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg, metrics
from lic_teach.kit.predict import Predict

astronaut = images.sample("astronaut")
codecs = {"4:2:0": [], "4:4:4": []}  # of each file: R, D
for chroma, found in codecs.items():
    for quality in range(5, 96, 5):
        data = jpeg.encode(astronaut, quality, subsampling=chroma)
        found.append((metrics.bpp(data, astronaut), metrics.mse(astronaut, jpeg.decode(data))))
codecs = {chroma: np.array(found).T for chroma, found in codecs.items()}


def decibels(mse):
    return 10 * np.log10(255**2 / np.asarray(mse))


looks = {"4:2:0": "o-", "4:4:4": "s--"}
figure, ax = plt.subplots(figsize=(7.5, 4.2))
for chroma, (R, D) in codecs.items():
    ax.plot(R, decibels(D), looks[chroma], color="#d9730d", mfc="white", markersize=5)
ax.annotate("4:4:4", (1.5, 36.4), color="#d9730d", weight="bold")
ax.annotate("4:2:0", (1.6, 34.6), color="#d9730d", weight="bold")
for who, bpp in (("Ann", 0.3), ("Ben", 2.0)):
    ax.axvline(bpp, color="gray", lw=1)
    ax.annotate(who, (bpp, 24), (4, 0), textcoords="offset points", color="gray")
ax.set(xlim=(0, 2.7), ylim=(23.5, 39), xlabel="R, bits per pixel", ylabel="PSNR of RGB, dB")
ax.set_title("The curves cross: each codec is better somewhere")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for who, bpp in (("Ann", 0.3), ("Ben", 2.0)):
    halved, whole = (np.interp(bpp, R, decibels(D)) for R, D in codecs.values())
    print(f"{who}, {bpp} bpp: 4:2:0 {halved:.1f} dB, 4:4:4 {whole:.1f} dB, {whole - halved:+.1f}")

# %% [markdown]
# Ann says 4:2:0 is better. Ben says 4:4:4. Both measured well. A codec is not a point but a **curve**,
# and two curves need not agree on who is ahead.
#
# So the question lacks something: better *for whom*? How many bits is less error worth to them? Once
# that is said, there is an answer, and it is a straight line.
#
# (The astronaut was never a JPEG before, as far as its pixels tell. The cat and the rocket were, and a picture with a
# JPEG past flatters the codec that it came from.)
#
# **After this lesson** you can
# - find the file that a λ asks for;
# - share a budget of bits between pictures so that no other way leaves less error;
# - say how few bits a Gaussian number needs, and which of many get none;
# - read a BD-rate, and name five ways in which it lies.
#
# You need lessons [00](00_start_here.ipynb), [02](02_colour.ipynb) and [04](04_quantization.ipynb), and about 30 minutes for the core.

# %% [markdown]
# ## A price decides
#
# Take one file of each codec. If one were smaller *and* had less error, there would be nothing to ask.
# But B has less error for more bits. It is a purchase, and it has a price:

# %%
# NBVAL_CHECK_OUTPUT
A, B = codecs["4:2:0"][:, 6], codecs["4:4:4"][:, 6]  # both of quality 35
print(f"B takes {B[0] - A[0]:.3f} bpp more and has {A[1] - B[1]:.2f} less error")
print(f"a unit of error costs {(B[0] - A[0]) / (A[1] - B[1]):.4f} bpp here")

# %% [markdown]
# That price is λ. [Lesson 00](00_start_here.ipynb) put it into one line, the **cost** of a file:
#
# $$L = R + \lambda D$$
#
# $R$ is the rate in bits per pixel, $D$ the mean squared error, $\lambda$ the price of one unit of
# error in bits per pixel. The best file has the smallest $L$. B is the better one for everybody
# whose λ is above the printed price.
#
# Draw $R$ upwards and $D$ to the right. Which points have the same $L$? Solve for $R$:
#
# $$R = L - \lambda D \qquad\qquad \frac{dR}{dD} = -\lambda$$
#
# A straight line of slope −λ, which meets the R axis at $L$. The smallest $L$ is the lowest such
# line that still meets a file. It touches the curve there and does not cross it: it is a **tangent**.

# %%
question = "λ grows. What does the line become, and where does it touch?"
turns = [
    "steeper, further left", "steeper, further right",
    "flatter, further left", "flatter, further right",
]  # fmt: skip
with Predict(question, turns) as predict:
    R, D = codecs["4:2:0"]
    touched = [D[np.argmin(R + lam * D)] for lam in (0.01, 0.02)]
    print(f"λ 0.01 touches at D = {touched[0]:.0f}, λ 0.02 at D = {touched[1]:.0f}")
    predict.truth = turns[0] if touched[1] < touched[0] else turns[1]

# %% [markdown]
# ## Three pictures, one budget
#
# Now three pictures must share 80,000 bytes: two photographs and a page of coloured text. How many bytes does
# each get? Ask for the price. If a bit spent on the page takes off more error than a bit spent on the coffee, move
# it to the page. Go on until the prices are equal. Then all three stand at **one λ**: their tangents are
# parallel.
#
# Move λ, or pull one of the lines. Find the λ that fits the budget.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.rate_distortion.tangent import Tangent

explorer = Tangent()
explorer

# %% [markdown]
# Your own picture takes the first place: the upload button, or `explorer.load("my_photo.jpg")`.
#
# That one λ cannot be beaten takes three lines. Let λ choose for each picture $i$ its smallest $R_i^* +
# \lambda D_i^*$, where $R_i$ are now all bits of a picture and $D_i$ is its MSE times its pixels. (Both
# are multiplied by the number of pixels, so λ keeps its meaning.) Then for any other choice
#
# $$\sum_i R_i^* + \lambda \sum_i D_i^* \;\le\; \sum_i R_i + \lambda \sum_i D_i$$
#
# because each term is the smallest of its picture. If the other choice takes no more bits, $\sum R_i
# \le \sum R_i^*$, what is left is $\sum D_i^* \le \sum D_i$. No other choice with as few bits has less
# error (Everett, 1963). And nobody ever looks at combinations: each picture is asked alone.

# %% [markdown]
# ### ✎ 1 · `share`
#
# Write it. For a λ, each picture chooses alone; look for the λ whose choices just fit. Mind which way
# the total goes as λ grows.

# %%
from lic_teach.course.rate_distortion.exercises import check


def share(points, budget):
    """points: {name: [(quality, bits, error), ...]}; budget: bits. Return {name: quality}."""
    # your lines here


check("share", share)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def share(points, budget):
#     low, high = 1e-6, 1.0  # low fits, high does not
#     for _ in range(50):
#         lam = (low * high) ** 0.5
#         choice = {
#             name: min(found, key=lambda file: file[1] + lam * file[2])
#             for name, found in points.items()
#         }
#         if sum(file[1] for file in choice.values()) <= budget:
#             low, best = lam, choice
#         else:
#             high = lam
#     return {name: file[0] for name, file in best.items()}
# ```
#
# A larger λ takes more bits, so halve the range of λ again and again. Or begin with the smallest files and always buy
# where a unit of error is cheapest, until the budget is spent: that passes, too, and it is how rate control is built.
#
# </details>

# %% [markdown]
# ## What does it bring, at equal bytes?
#
# The rule that everybody knows is *one quality for all*. It is compared at exactly the bytes that λ spends:
# unspent bytes would look like a worse rule.

# %% jupyter={"source_hidden": true}
from lic_teach.course.rate_distortion.budget import (
    PICTURES,
    equal_bpp,
    equal_lam,
    files,
    one_quality_psnr,
    psnr_of,
    totals,
    with_chroma,
)

budget = 8 * 80_000
points = {name: files(name) for name in PICTURES}
photographs = {name: points[name] for name in ("astronaut", "coffee")}
whole = {name: files(name, "4:4:4") for name in PICTURES}
either = {name: with_chroma(name) for name in PICTURES}

# %%
with Predict("How much better is λ on the two photographs alone?", unit="dB", near=0.1) as predict:
    choice = equal_lam(photographs, budget)
    bits, _ = totals(photographs, choice)
    lam_psnr, one_psnr = psnr_of(photographs, choice), one_quality_psnr(photographs, bits)
    print(f"{choice}, {bits / 8:,.0f} bytes")
    print(f"one quality {one_psnr:.2f} dB, one λ {lam_psnr:.2f} dB")
    predict.truth = round(lam_psnr - one_psnr, 2)

# %% [markdown]
# Next to nothing. That is no accident: of *like* pictures one quality is nearly one λ already, and the section
# after this one says why. λ wins where pictures are unlike, and where there is something to choose that a quality cannot:

# %%
# NBVAL_CHECK_OUTPUT
for words, offered in (("with the page", points), ("and 4:2:0 or 4:4:4 for each", either)):
    choice = equal_lam(offered, budget)
    bits, _ = totals(offered, choice)
    one = max(one_quality_psnr(rule, bits) for rule in (points, whole))
    print(f"{words}: one quality {one:.1f} dB, one λ {psnr_of(offered, choice):.1f} dB {choice}")
starved = equal_bpp(points, budget)
print(f"equal bits per pixel: {psnr_of(points, starved):.1f} dB {starved}")

# %% [markdown]
# With text beside photographs λ brings half a decibel, and with the chroma free for each picture 0.8. ("One quality" was allowed the better chroma for all, too.) Equal bits per pixel, the fairest rule by
# its sound, starves the page.

# %% [markdown]
# ## How few bits can it be?
#
# Claude Shannon answered that before there was any codec. A Gaussian number of variance $\sigma^2$, told with a
# mean squared error $D$, takes on average at least
#
# $$R(D) = \tfrac12 \log_2 \frac{\sigma^2}{D} \text{ bits,} \qquad \text{and none if } D \ge \sigma^2$$
#
# Each further bit divides the error by four, that is 6 dB. This is the **rate–distortion function**. Its slope is
# the price:
#
# $$\frac{dR}{dD} = -\frac{1}{2 \ln 2 \cdot D} = -\lambda$$
#
# There is no $\sigma$ in it. So if many numbers share a budget, as the 64 coefficients of a block do, one price for all
# means *one error for all*: one level $\theta$. Only a number that varies by less than that, $\sigma^2 < \theta$, is not
# worth a bit and keeps its error of $\sigma^2$. It is called **reverse water-filling**: the water drowns the
# small ones, and only what stands out of it costs bits.

# %%
from scipy.optimize import brentq

from lic_teach.course.rate_distortion import water

variances = water.luma_variances(images.sample("coffee"))  # of the 64 coefficients
with Predict("A mean error of 60 is allowed. How many of 64 get bits?", near=6) as predict:
    level = brentq(lambda level: np.minimum(level, variances).mean() - 60, 1, variances.max())
    np.testing.assert_allclose(level, water.fill(variances, 60))
    needed = water.bits(variances, level)
    print(f"water level {level:.1f}, {needed.mean():.2f} bits a coefficient")
    predict.truth = np.count_nonzero(needed)

    figure, ax = plt.subplots(figsize=(8, 3.4))
    order = np.argsort(-variances)
    ax.bar(range(64), variances[order], color=np.where(needed[order] > 0, "#d9730d", "lightgray"))
    ax.axhspan(1, level, color="tab:blue", alpha=0.25)
    ax.annotate(
        f"error of each: {level:.0f}, or all of its variance",
        (25, level),
        (28, 2000),
        arrowprops={"arrowstyle": "->"},
    )
    ax.set(yscale="log", ylim=(10, 4e5), xlabel="coefficients of the coffee, the largest first")
    ax.set(ylabel="variance")
    ax.set_title("Reverse water-filling: above the water, half log₂ of the height in bits")
    figure.tight_layout()

# %% [markdown]
# One error for all is one *step* for all: Δ²/12 ([lesson 04](04_quantization.ipynb)). For the MSE the best table is flat, and one quality
# for several photographs is nearly one λ. [Lesson 08](08_jpeg_by_lambda.ipynb) builds on it.
#
# (Real coefficients are not Gaussian; they need fewer bits than such numbers of the same variance. And a real coder that rounds
# one number at a time takes up to a quarter of a bit more than its own $R(D)$.)

# %% [markdown]
# ## One number for two curves
#
# λ answers for one buyer. A paper wants to say in *one number* how much better a codec is, for
# everybody. That is the **BD-rate**, after Gisle Bjøntegaard (2001). Read two curves not upwards but across: at one
# and the same PSNR, how many bits more or fewer? Here are JPEG and WebP, means over the 24 Kodak photographs.

# %% jupyter={"source_hidden": true}
from lic_teach.paths import DATA
from lic_teach.study import table

later = "learned", "flat", "fast", "arithmetic", "recoded", "repaired"  # of lessons to come
studies = {
    path.stem.removeprefix("kodak_"): table.read(path)
    for path in sorted((DATA / "rd").glob("kodak_*.json"))
    if not any(word in path.stem for word in later)
}
curves = {name: table.psnr_curve(study) for name, study in studies.items()}
window = (29.5, 36)  # dB: from visibly damaged to nearly perfect


def log_rate(curve, psnr):
    """Logarithm of the bits per pixel at which a curve reaches these PSNRs."""
    rate, quality = np.array(curve).T
    return np.interp(psnr, quality, np.log(rate))


psnr = np.linspace(max(curves[n][0][1] for n in ("jpeg", "webp")), 40, 500)
percent = 100 * (np.exp(log_rate(curves["webp"], psnr) - log_rate(curves["jpeg"], psnr)) - 1)
figure, axes = plt.subplots(1, 2, figsize=(9.5, 4))
for name, look, place in (("jpeg", "o-", (1.75, 35)), ("webp", "^:", (0.52, 37.5))):
    paint = "#d9730d" if name == "jpeg" else "black"
    axes[0].plot(*np.array(curves[name]).T, look, color=paint, markersize=4)
    axes[0].annotate(name, place, color=paint, weight="bold")
ends = [np.exp(log_rate(curves[name], 33)) for name in ("jpeg", "webp")]
axes[0].annotate("", (ends[1], 33), (ends[0], 33), arrowprops={"arrowstyle": "->", "lw": 2})
axes[0].annotate("at 33 dB", (1.12, 32.1))
axes[0].set(xlim=(0, 2.5), xlabel="R, bits per pixel", ylabel="PSNR of RGB, dB")
axes[0].set_title("Read it across")
axes[1].plot(psnr, percent, color="black")
axes[1].axhline(0, color="#d9730d")
axes[1].annotate("jpeg", (psnr[0], 1), color="#d9730d", weight="bold")
axes[1].set(ylim=(-50, 10), xlabel="PSNR of RGB, dB", ylabel="bits of WebP against JPEG, %")
axes[1].set_title("About a third fewer bits, at every quality")
figure.tight_layout()

# %% [markdown]
# The BD-rate is the mean of the right-hand curve, taken in logarithms, so that twice the bits and half the bits
# cancel. JPEG is the **anchor** A, $R_A(q)$ are its bits at $q$ dB, and $R_B(q)$ those of the codec B:
#
# $$\text{BD-rate} = 100\,\% \cdot \left( \exp\!\left( \frac{1}{q_1 - q_0} \int_{q_0}^{q_1}
# \ln \frac{R_B(q)}{R_A(q)} \, dq \right) - 1 \right)$$
#
# Negative is good: B needs fewer bits. From $q_0$ to $q_1$ is the **window**. The same can be done with *MS-SSIM*
# in place of the PSNR (Wang, Simoncelli and Bovik, 2003): it compares structure instead of samples, at five sizes.

# %%
with Predict(
    "By PSNR, JPEG 2000 is ahead of WebP. And by MS-SSIM?", ["JPEG 2000", "WebP"]
) as predict:
    rows = table.bd_table(list(studies.values()), studies["jpeg"], window)
    print("                     PSNR    MS-SSIM")
    for row in rows:
        print(f"{row['codec']:17} {row['psnr']:+6.1f} %  {row['ms_ssim']:+6.1f} %")
    by = {row["codec"]: row["ms_ssim"] for row in rows}
    predict.truth = "WebP" if by["webp"] < by["jpeg2000"] else "JPEG 2000"

# %% [markdown]
# (`jpeg_tables`, `jpeg_trellis` and `jpeg_lam` are JPEG files whose tables, coefficients, or both were chosen for a
# λ, in [lesson 08](08_jpeg_by_lambda.ipynb). `444` stands for whole chroma.)
#
# ## Five ways to lie with it

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
published = {
    entry["codec"]: [(point["bpp"], point["psnr"]) for point in entry["points"]]
    for entry in json.loads((DATA / "rd" / "published_kodak.json").read_text())["curves"]
}
theis = published["tfc/theis-2017-iclr"]


def picture_by_picture(anchor, name):
    """BD-rates of the 24 pictures."""

    def curve(study, i):
        values = [point["per_image"] for point in study["points"]]
        return [(value["bpp"][i], value["psnr"][i]) for value in values]

    return np.array([
        metrics.bd_rate(curve(studies[anchor], i), curve(studies[name], i), window)
        for i in range(24)
    ])  # fmt: skip


print("1 range: progressive JPEG against JPEG")
for part in ((24, 28), (28, 32), (32, 36), (36, 40)):
    rate = metrics.bd_rate(curves["jpeg"], curves["jpeg_progressive"], part)
    print(f"    {part[0]} to {part[1]} dB {rate:+.1f} %")
print("2 anchor: Theis et al., 2017")
for anchor, words in (("jpeg", "JPEG"), ("jpeg_lam", "JPEG by λ")):
    print(f"    against {words} {metrics.bd_rate(curves[anchor], theis, window):+.1f} %")
print("3 metric: JPEG, trellis")
trellis = next(row for row in rows if row["codec"] == "jpeg_trellis")
print(f"    PSNR {trellis['psnr']:+.1f} %, MS-SSIM {trellis['ms_ssim']:+.1f} %")
print("4 mean: JPEG 2000 against WebP")
rates = picture_by_picture("webp", "jpeg2000")
mean_curve = metrics.bd_rate(curves["webp"], curves["jpeg2000"], window)
print(f"    of the mean curves {mean_curve:+.1f} %, mean of 24 BD-rates {rates.mean():+.1f} %")
print(f"    picture by picture {rates.min():+.1f} to {rates.max():+.1f} %")
print("5 part: whose MS-SSIM ends before the window does, at 36 dB")
for path in sorted((DATA / "rd").glob("kodak_*.json")):
    (row,) = table.bd_table([table.read(path)], studies["jpeg"], window)
    if row["parts"]["ms_ssim"][1] < window[1] - 0.01:
        print(f"    {path.stem.removeprefix('kodak_'):24} at {row['parts']['ms_ssim'][1]:.1f} dB")

# %% [markdown]
# 1. **The range.** *Progressive* JPEG sends the same coefficients in another order: the pictures are the same, bit for
#    bit. It costs bits in small files and saves them in large ones. Over all it is "no difference".
# 2. **The anchor.** Weak anchors make everybody look strong. An early learned codec saves a quarter of JPEG's
#    bits. Beside a JPEG file that somebody took trouble with it needs more. The codec did not change.
# 3. **The metric.** A codec is best at what it was tuned to. The trellis was tuned to the MSE.
# 4. **The mean.** Each picture has its own BD-rate, and theirs is another mean than that of the mean curves. Here it
#    is less than half. (JPEG 2000 was driven at equal bits for all pictures, WebP at equal quality.) And a mean says nothing about *your*
#    pictures.
# 5. **A part of the window.** Where a curve ends early, the mean is over what there is. Its neighbour in the table
#    may be a mean over more. Of all that ships with this course, the MS-SSIM numbers of the codecs listed here
#    rest on a part; `row["parts"]` says which. The PSNR of `learned_factorized`, `learned_fixed` and
#    `learned_ms_ssim` ends before 36 dB, too; every other PSNR number rests on the whole window.
#
# So ask of every BD-rate: **over which range, against what, in which metric, on which pictures, and is the range whole?**
# And are the bits those of real files?
#
# Which of two codecs is better, then? At your λ, the one whose tangent lies lower; for everybody, a BD-rate with its five answers.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: λ has three slopes (about 10 minutes)
#
# "Touched, not crossed" can be checked file by file, without a curve. From the chosen file, a unit less
# of error costs *more* than λ, whichever file to the left you go to. A unit more saves *less* than λ,
# whichever to the right. Here for 4:2:0:

# %%
# NBVAL_CHECK_OUTPUT
R, D = codecs["4:2:0"]
for lam in (0.002, 0.01, 0.04):
    best = np.argmin(R + lam * D)
    left, right = D < D[best], D > D[best]
    others = np.arange(len(R)) != best
    slope = np.full(len(R), np.nan)
    slope[others] = (R[others] - R[best]) / (D[others] - D[best])
    assert np.all(slope[left] <= -lam) and np.all(slope[right] >= -lam)
    steep, flat = slope[left].max(), slope[right].min()
    print(
        f"slope {-lam:.3f}: to the left {steep:.4f} or steeper, to the right {flat:.4f} or flatter"
    )

# %% [markdown]
# ### ✎ 2 · `slopes`
#
# Others draw other axes. On some photograph, the line of λ = 0.01 touches at D = 67. Which slope does the curve have there
# - if R goes to the right and D upwards, `dD/dR`, in units of MSE per bit per pixel;
# - if R goes to the right and the PSNR upwards, `dPSNR/dR`, in dB per bit per pixel?
#
# Mind the signs. With a pencil: PSNR = 10 log₁₀(255² / D).

# %%
my_slopes = {"dD/dR": ..., "dPSNR/dR": ...}

check("slopes", my_slopes)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# my_slopes = {"dD/dR": -1 / 0.01, "dPSNR/dR": 10 / (np.log(10) * 0.01 * 67)}
# ```
#
# | axes | slope | at λ = 0.01, D = 67 |
# |---|---|---|
# | D to the right, R up | dR/dD = −λ | −0.01 bpp per unit of MSE |
# | R to the right, D up | dD/dR = −1/λ | −100 units of MSE per bpp |
# | R to the right, PSNR up | dPSNR/dR = 10 / (ln 10 · λ · D) | +6.5 dB per bpp |
#
# The second comes from D = (L − R)/λ. The third is the chain rule: PSNR = 10 log₁₀ 255² − 10 ln D / ln
# 10, so dPSNR/dD = −10 / (ln 10 · D), times dD/dR = −1/λ. Minus times minus: on the usual axes the line
# rises.
#
# </details>

# %% [markdown]
# Do the files agree? Take the two files of the astronaut beside the chosen one, and divide differences:

# %%
# NBVAL_CHECK_OUTPUT
lam = 0.01
best = np.argmin(R + lam * D)
print(f"chosen: R {R[best]:.3f} bpp, D {D[best]:.1f}")
run = R[best + 1] - R[best - 1]
print(f"dD/dR    {(D[best + 1] - D[best - 1]) / run:.0f} units of MSE per bpp")
print(f"dPSNR/dR {(decibels(D[best + 1]) - decibels(D[best - 1])) / run:+.1f} dB per bpp")
print(f"by the formula {-1 / lam:.0f} and {10 / (np.log(10) * lam * D[best]):+.1f}")

# %% [markdown]
# The signs are right, and the sizes near: the two files are ten qualities apart, and between them the curve
# bends.

# %% [markdown]
# ## Depth: more than half of all qualities are never the best (about 10 minutes)
#
# Write the astronaut as JPEG at each quality from 1 to 100. For how many of them is there a λ that
# chooses them?
#
# Instead of trying all λ, think as a buyer. Begin with the smallest file. To which file do you go next?
# To the one where a unit of error is cheapest. From there, again the cheapest. And so on, up the curve.


# %%
def corners(R, D):
    """The files that some λ chooses, from the smallest on: a list of indices."""
    chosen = [np.lexsort((D, R))[0]]  # the smallest file; of equal ones, the better
    while np.any(D < D[chosen[-1]]):
        now = chosen[-1]
        better = np.flatnonzero(D < D[now])
        price = (R[better] - R[now]) / (D[now] - D[better])
        chosen.append(better[np.argmin(price)])
    return chosen


# %%
with Predict("How many of the 100 are chosen by some λ?", unit="of 100", near=8) as predict:
    quality, R, D = np.array(files("astronaut")).T
    found = corners(R, D)
    line = np.interp(-D, -D[found], R[found])  # the bits on the line of corners, at the same error
    figure, ax = plt.subplots(figsize=(8, 3.2))
    ax.bar(quality, 100 * (R / line - 1), color="#d9730d")
    ax.set(xlabel="quality: those without a bar are chosen", ylabel="bits above the line, %")
    ax.set_title("No bar: some λ chooses it")
    figure.tight_layout()
    predict.truth = len(found)

# %% [markdown]
# The line through the corners is the lower left part of the *convex hull*, which is what a rubber band
# around all points would be. SciPy finds the hull in another way. Is it the same?

# %%
# NBVAL_CHECK_OUTPUT
from scipy.spatial import ConvexHull

for name in PICTURES[:2]:
    quality, bits, error = np.array(files(name)).T
    mine = corners(bits, error)
    hull = ConvexHull(np.stack([error / error.max(), bits / bits.max()], axis=1))
    lower_left = np.all(hull.equations[:, :2] < 0, axis=1)  # edges that face down and left
    assert set(hull.simplices[lower_left].ravel()) == set(mine)
    print(f"{name:10} {len(mine)} of {len(quality)} qualities are chosen by some λ")

# %% [markdown]
# Fewer than half. Nobody loses much by the others: they lie close above the line. One reason for them
# is libjpeg's rule, which rounds 64 steps to whole numbers ([lesson 04](04_quantization.ipynb)), so that some qualities are
# luckier than their neighbours. A λ finds the lucky ones by itself.
#
# And how near does λ come to the best of all 1,000,000 combinations of three qualities?

# %%
# NBVAL_CHECK_OUTPUT
choice = equal_lam(points, budget)
print(
    f"equal λ   {choice}: {totals(points, choice)[0] / 8000:.1f} kB, {psnr_of(points, choice):.2f} dB"
)

_, b, e = np.array(list(points.values())).transpose(2, 0, 1)
bits = b[0][:, None, None] + b[1][:, None] + b[2]
error = e[0][:, None, None] + e[1][:, None] + e[2]
best = np.unravel_index(np.argmin(np.where(bits <= budget, error, np.inf)), bits.shape)
choice = {name: int(i) + 1 for name, i in zip(PICTURES, best, strict=True)}
print(f"all tried {choice}: {bits[best] / 8000:.1f} kB, {psnr_of(points, choice):.2f} dB")

# %% [markdown]
# It misses them by what a few unspent bytes are worth: too few for the next file on the hull, and trying everything
# finds a use for them.

# %% [markdown]
# ## Depth: the price of one coefficient (about 5 minutes)
#
# Nothing in those three lines speaks of pictures. They hold for blocks, for coefficients, for frames of
# a film. Take our block of the cat (row 11, column 24, quality 50; lessons [04](04_quantization.ipynb) and [05](05_entropy_coding.ipynb)). Its last number
# is a −1 after 14 zeros. What if the encoder simply wrote a zero there? Bits are saved, and error is
# added: a price.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.jpeg import codec, color, transform
from lic_teach.kit.file_block import file_block

last = file_block(11, 24)[-2]  # the last symbol is EOB
saved = len(last.code) + len(last.extra)

luma = color.luma(images.sample("chelsea")).astype(np.float32)
c = transform.forward(luma[88:96, 192:200])[0, 0, last.k]
step = codec.standard_tables(50)[0][last.k]
added = c**2 - (c - last.value * step) ** 2
print(f"coefficient {c:.1f}, step {step}, written as {last.value}: ({last.run}, {last.size})")
print(f"{saved} bits saved, {added:.0f} squared error added: {saved / added:.3f} bits a unit")

# %% [markdown]
# (The squared error of a coefficient is that of the pixels, because the DCT is orthonormal. An error of
# luma is the same error in red, green and blue, so it is their mean, too.)
#
# Below λ = 0.020 the zero is the better choice, above it the −1. Which λ belongs to this file? Quality
# 50 is no corner of the cat's hull. The nearest corners are 47 and 51, and the line through them says:

# %%
# NBVAL_CHECK_OUTPUT
at = {quality: (bits, error) for quality, bits, error in files("chelsea")}
price = (at[51][0] - at[47][0]) / (at[47][1] - at[51][1])
print(f"from quality 47 to 51 a unit of error costs {price:.3f} bits")

# %% [markdown]
# 0.027 is more than 0.020, so the −1 is worth its 13 bits here, though not by much. With these steps,
# but at λ = 0.01, it should be dropped. Plain rounding never asks. [Lesson 08](08_jpeg_by_lambda.ipynb) asks it of every coefficient.

# %% [markdown]
# ## Depth: compute it yourself (about 15 minutes)
#
# Why logarithms? A codec takes twice the bits at one half of the qualities and half the bits at the other half. What should
# its mean be?

# %%
# NBVAL_CHECK_OUTPUT
ratios = np.array([2, 1 / 2])
print(f"mean of the percents: {np.mean(100 * (ratios - 1)):+.0f} %, from either side")
print(f"mean of the logs:     {100 * (np.exp(np.mean(np.log(ratios))) - 1):+.0f} %")

# %% [markdown]
# In percent, each of the two is 25 % worse than the other. In logarithms they are equal, as they should be.

# %% [markdown]
# ### ✎ 3 · `bd_rate`
#
# Write it. Between the points, draw the logarithm of the rate as a smooth curve over the PSNR:
# `Akima1DInterpolator(quality, log_rate)` of SciPy gives a function that you can call, and that has an
# `integrate(low, high)`.

# %%
from scipy.interpolate import Akima1DInterpolator  # noqa: F401 - for you


def bd_rate(anchor, points):
    """anchor, points: lists of (bpp, PSNR), PSNR rising. Return the BD-rate in percent."""
    # your lines here


check("bd_rate", bd_rate)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def bd_rate(anchor, points):
#     (rate_a, psnr_a), (rate_b, psnr_b) = np.array(anchor).T, np.array(points).T
#     low, high = max(psnr_a[0], psnr_b[0]), min(psnr_a[-1], psnr_b[-1])
#     a = Akima1DInterpolator(psnr_a, np.log(rate_a)).integrate(low, high)
#     b = Akima1DInterpolator(psnr_b, np.log(rate_b)).integrate(low, high)
#     return 100 * (np.exp((b - a) / (high - low)) - 1)
# ```
#
# </details>

# %% [markdown]
# From here on it is `metrics.bd_rate`. It does the same, and takes a *window* of PSNR where one wants
# to speak of a part of the curves.
#
# The weak anchor, in full. The first two rows are other people's numbers: early learned codecs of Theis et al. and of
# Ballé et al. VTM is the reference program of VVC, a standard of 2020. The three are quoted from the results
# that two open libraries collect, TensorFlow Compression and CompressAI; `published_kodak.json` names
# the files.

# %%
# NBVAL_CHECK_OUTPUT
anchors = {
    "JPEG": curves["jpeg"],
    "our JPEG by λ": curves["jpeg_lam"],
    "VTM": published["compressai/vtm"],
}
tested = {
    "Theis 2017": published["tfc/theis-2017-iclr"],
    "Ballé 2018": published["compressai/paper-bmshj2018-hyperprior"],
    "AVIF": curves["avif"],
}
print(" " * 10, *(f"{name:>19}" for name in anchors))
for name, curve in tested.items():
    rates = [metrics.bd_rate(anchor, curve, window) for anchor in anchors.values()]
    print(f"{name:10}", *(f"{rate:+17.1f} %" for rate in rates))

# %% [markdown]
# Ballé 2018 saves half or costs a third more, as you like. Turning anchor and codec round does not just turn the sign:

# %%
# NBVAL_CHECK_OUTPUT
print(f"AVIF against JPEG: {metrics.bd_rate(curves['jpeg'], curves['avif'], window):+.1f} %")
print(f"JPEG against AVIF: {metrics.bd_rate(curves['avif'], curves['jpeg'], window):+.1f} %")

# %% [markdown]
# ## What you learnt
#
# - A codec is a curve. Two curves may cross, and then only a price decides.
# - With D to the right and R up, files of one cost L = R + λD lie on a line of slope −λ, and the best file is where
#   the lowest such line touches.
# - Several pictures under one budget: the same λ for all. No other choice with as few bits has less error. At equal bytes
#   that brings next to nothing among like photographs, and much where pictures are unlike.
# - A Gaussian number needs ½ log₂ σ²/D bits. One λ for many of them is one error for all that get bits.
# - BD-rate is the mean difference of log bits at equal quality. It depends on range, anchor, metric, mean and pictures.
# - λ chooses only corners of the convex hull.
#
# λ has chosen among files that were there. Next it makes them: the 64 steps of the table and every
# coefficient are chosen so that L gets smaller. [Lesson 08](08_jpeg_by_lambda.ipynb).
#
# ## Further reading
#
# - C. E. Shannon, "Coding theorems for a discrete source with a fidelity criterion", *IRE National Convention
#   Record* 7(4), 142–163, 1959. $R(D)$, the curve that no codec can beat.
# - H. Everett III, "Generalized Lagrange multiplier method for solving problems of optimum allocation of
#   resources", *Operations Research* 11(3), 399–417, 1963. The three lines.
# - Y. Shoham, A. Gersho, "Efficient bit allocation for an arbitrary set of quantizers", *IEEE Transactions on
#   Acoustics, Speech, and Signal Processing* 36(9), 1445–1453, 1988. The same with bits.
# - A. Ortega, K. Ramchandran, "Rate-distortion methods for image and video compression", *IEEE Signal
#   Processing Magazine* 15(6), 23–50, 1998.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *ICLR*,
#   2017, [arXiv:1703.00395](https://arxiv.org/abs/1703.00395), and J. Ballé, D. Minnen, S. Singh, S. J. Hwang,
#   N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*, 2018,
#   [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). The two learned codecs of the table.
# - T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley, 2006, sections 10.3.2 and 10.3.3: $R(D)$ of a Gaussian number, and
#   reverse water-filling.
# - Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality assessment",
#   *Asilomar Conference on Signals, Systems and Computers*, 1398–1402, 2003. MS-SSIM.
# - G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T SG16 Q.6, document
#   VCEG-M33, 2001. A cubic through four points; Akima's curve came later.
# - C. Herglotz et al., "The Bjøntegaard bible: why your way of comparing video codecs may be wrong", *IEEE
#   Transactions on Image Processing* 33, 987–1001, 2024, [arXiv:2304.12852](https://arxiv.org/abs/2304.12852).
