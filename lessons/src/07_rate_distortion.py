# %% [markdown]
# # 07 · Rate and distortion
#
# **Which of two codecs is better?**
#
# Ann and Ben test two codecs on the same photograph, a rocket. One is JPEG with chroma of half the
# size, 4:2:0. The other is JPEG with chroma left whole, 4:4:4 ([lesson 02](02_colour.ipynb)). Everything else is equal.
#
# Ann likes small files. She measures at 0.2 bits per pixel. Ben has room, and measures at 1.5. Here is
# what they find.

# %%
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg, metrics

rocket = images.sample("rocket")
codecs = {"4:2:0": [], "4:4:4": []}  # of each file: R, D
for chroma, found in codecs.items():
    for quality in range(5, 96, 5):
        data = jpeg.encode(rocket, quality, subsampling=chroma)
        found.append((metrics.bpp(data, rocket), metrics.mse(rocket, jpeg.decode(data))))
codecs = {chroma: np.array(found).T for chroma, found in codecs.items()}


def decibels(mse):
    return 10 * np.log10(255**2 / np.asarray(mse))


looks = {"4:2:0": "o-", "4:4:4": "s--"}
figure, ax = plt.subplots(figsize=(7.5, 4.2))
for chroma, (R, D) in codecs.items():
    ax.plot(R, decibels(D), looks[chroma], color="#d9730d", mfc="white", markersize=5)
ax.annotate("4:4:4", (2.18, 37.4), color="#d9730d", weight="bold")
ax.annotate("4:2:0", (2.05, 33.6), color="#d9730d", weight="bold")
for who, bpp in (("Ann", 0.2), ("Ben", 1.5)):
    ax.axvline(bpp, color="gray", lw=1)
    ax.annotate(who, (bpp, 39.3), (4, 0), textcoords="offset points", color="gray")
ax.set(xlim=(0, 2.4), ylim=(24, 40), xlabel="R, bits per pixel", ylabel="PSNR of RGB, dB")
ax.set_title("The curves cross: each codec is better somewhere")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
for who, bpp in (("Ann", 0.2), ("Ben", 1.5)):
    halved, whole = (np.interp(bpp, R, decibels(D)) for R, D in codecs.values())
    print(f"{who}, {bpp} bpp: 4:2:0 {halved:.1f} dB, 4:4:4 {whole:.1f} dB, {whole - halved:+.1f}")

# %% [markdown]
# Ann says 4:2:0 is better. Ben says 4:4:4. Both measured well. A codec is not a point but a **curve**,
# and two curves need not agree on who is ahead.
#
# So the question lacks something: better *for whom*? How many bits is less error worth to them? Once
# that is said, there is an answer, and it is a straight line.
#
# **After this lesson** you can
# - find the file that a λ asks for, on the axes of this course and on the usual ones, with the right sign;
# - share a budget of bits between pictures so that no other way leaves less error;
# - compute a BD-rate, and say what it hides.
#
# You need lessons [00](00_start_here.ipynb), [02](02_colour.ipynb) and [04](04_quantization.ipynb), and about 30 minutes.

# %% [markdown]
# ## A price decides
#
# Take two of the files. Which one is better?

# %%
# NBVAL_CHECK_OUTPUT
A, B = codecs["4:2:0"][:, 6], codecs["4:4:4"][:, 6]  # both of quality 35
print(f"A: R {A[0]:.3f} bpp, D {A[1]:.2f}")
print(f"B: R {B[0]:.3f} bpp, D {B[1]:.2f}")
print(f"B takes {B[0] - A[0]:.3f} bpp more and has {A[1] - B[1]:.2f} less error")
print(f"a unit of error costs {(B[0] - A[0]) / (A[1] - B[1]):.4f} bpp here")

# %% [markdown]
# If B were smaller *and* had less error, there would be nothing to ask. It has less error for more
# bits. So it is a purchase: B is the better file for everybody to whom a unit of error is worth more
# than 0.011 bits per pixel.
#
# That price is λ. [Lesson 00](00_start_here.ipynb) put it into one line:
#
# $$L = R + \lambda D$$
#
# $R$ is the rate in bits per pixel, $D$ the mean squared error, $\lambda$ the price of one unit of
# error in bits per pixel. The best file is the one with the smallest cost $L$. For A and B that
# says the same: $L_B < L_A$ if $\lambda (D_A - D_B) > R_B - R_A$.

# %% [markdown]
# ## The line, and its sign
#
# Draw $R$ upwards and $D$ to the right. Which points have the same $L$? Solve for $R$:
#
# $$R = L - \lambda D \qquad\qquad \frac{dR}{dD} = -\lambda$$
#
# A straight line. Its slope is −λ, and it meets the R axis at $L$. The smallest $L$ is the lowest such
# line that still meets a file. A curve is touched there, not crossed, so the curve's slope at that file
# is −λ, too. **Predict:** λ grows. Does the line become steeper or flatter, and where does it touch?

# %%
R, D = np.hstack(list(codecs.values()))  # all files of both codecs
figure, ax = plt.subplots(figsize=(7.5, 4.4))
for chroma, (r, d) in codecs.items():
    ax.plot(d, r, looks[chroma], color="#d9730d", mfc="white", markersize=5)
line = np.array([0, 250])
for lam in (0.002, 0.01, 0.04):
    best = np.argmin(R + lam * D)
    L = R[best] + lam * D[best]
    ax.plot(line, L - lam * line, color="black", lw=1)
    ax.plot(D[best], R[best], "o", color="black", markersize=8)
    end = (L / lam, 0) if lam > 0.005 else (0, L)  # where there is room for its name
    ax.annotate(f"λ = {lam}", end, (4, 4), textcoords="offset points", fontsize=9)
ax.set(xlim=(0, 250), ylim=(0, 2.5), xlabel="D, mean squared error", ylabel="R, bits per pixel")
ax.set_title("A larger λ is a steeper line, and touches further left")
figure.tight_layout()

# %% [markdown]
# "Touched, not crossed" can be checked file by file, without a curve. From the chosen file, a unit less
# of error costs *more* than λ, whichever file to the left you go to. A unit more saves *less* than λ,
# whichever to the right. So the slopes to the other files lie on both sides of −λ. Here for 4:2:0 alone:

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
# ### ✎ 1 · `slopes`
#
# Others draw other axes. At λ = 0.01 the line touches the rocket's 4:2:0 curve at D = 67. Which slope
# does it have there
# - if R goes to the right and D upwards, `dD/dR`, in units of MSE per bit per pixel;
# - if R goes to the right and the PSNR upwards, `dPSNR/dR`, in dB per bit per pixel?
#
# Mind the signs. With a pencil: PSNR = 10 log₁₀(255² / D).

# %%
from lic_teach.course.rate_distortion.exercises import check

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
# Do the files agree? Take the two files beside the chosen one, and divide differences:

# %%
# NBVAL_CHECK_OUTPUT
lam = 0.01
best = np.argmin(R + lam * D)
print(f"chosen: R {R[best]:.3f} bpp, D {D[best]:.1f}")
run = R[best + 1] - R[best - 1]
print(f"dD/dR    {(D[best + 1] - D[best - 1]) / run:.0f} units of MSE per bpp")
print(f"dPSNR/dR {(decibels(D[best + 1]) - decibels(D[best - 1])) / run:+.1f} dB per bpp")

# %% [markdown]
# The signs are right, and the sizes near −100 and +6.5: these two files are ten qualities apart, and
# between them the curve bends.

# %% [markdown]
# ## Pull the line
#
# Grab the black line anywhere and pull it, or move λ. Where it touches is the file to choose; the
# picture shows it beside the original. The dotted line has the same slope and touches the other codec:
# the lower of the two belongs to the better one, *at this λ*. (At first they nearly coincide.) Below,
# the same in decibels.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.rate_distortion.tangent import Tangent

explorer = Tangent()
explorer

# %% [markdown]
# Where does 4:4:4 win on *your* picture? The upload button, or `explorer.load("my_photo.jpg")`.

# %% [markdown]
# The explorer chooses as we did. It must find the same smallest L among its own files, whatever
# picture you have left in it:

# %%
from lic_teach.course.rate_distortion import tangent

height, width, _ = explorer.image.shape
for lam in np.geomspace(5e-4, 1e-1, 50):
    smallest = min(
        8 * len(file.data) / (height * width) + lam * file.mse
        for curve in explorer.source.curves
        for file in curve
    )
    chosen = tangent.compute(explorer.source, lam).chosen
    np.testing.assert_allclose(smallest, chosen.bpp + lam * chosen.mse)

# %% [markdown]
# ## More than half of all qualities are never the best
#
# Write the astronaut as JPEG at each quality from 1 to 100. **Predict:** for how many of them is there a λ that
# chooses them?
#
# Instead of trying all λ, think as a buyer. Begin with the smallest file. To which file do you go next?
# To the one where a unit of error is cheapest. From there, again the cheapest. And so on, up the curve.

# %%
from lic_teach.course.rate_distortion.budget import files  # [(quality, bits, error), ...]


def corners(R, D):
    """The files that some λ chooses, from the smallest on: a list of indices."""
    chosen = [np.lexsort((D, R))[0]]  # the smallest file; of equal ones, the better
    while np.any(D < D[chosen[-1]]):
        now = chosen[-1]
        better = np.flatnonzero(D < D[now])
        price = (R[better] - R[now]) / (D[now] - D[better])
        chosen.append(better[np.argmin(price)])
    return chosen


figure, ax = plt.subplots(figsize=(7, 4))
quality, bits, error = np.array(files("astronaut")).T
R, D = bits / 512**2, error / 512**2
found = corners(R, D)
ax.plot(D, R, "o", color="#d9730d", mfc="white", markersize=5)
ax.plot(D[found], R[found], "o-", color="#d9730d", markersize=5, lw=1)
ax.set(xlim=(25, 60), ylim=(0.55, 1.2), xlabel="D, mean squared error", ylabel="R, bits per pixel")
ax.set_title("Full: some λ chooses it. Empty: none does")
figure.tight_layout()

# %% [markdown]
# The line with its corners is the lower left part of the *convex hull*, which is what a rubber band
# around all points would be. SciPy finds the hull in another way. Is it the same, on all four
# photographs?

# %%
# NBVAL_CHECK_OUTPUT
from scipy.spatial import ConvexHull

for name in images.SAMPLES:
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

# %% [markdown]
# ## One price for many pictures
#
# Three photographs must go into 20,000 bytes. Which quality does each get? Fair would be one quality
# for all, or the same number of bits per pixel for all. Both can be tried:

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.rate_distortion.budget import (
    PICTURES,
    equal_bpp,
    equal_quality,
    psnr_of,
    totals,
)

points = {name: files(name) for name in PICTURES}
budget = 8 * 20_000
for rule in (equal_quality, equal_bpp):
    choice = rule(points, budget)
    size = totals(points, choice)[0] / 8
    print(f"{rule.__name__:13} {choice}: {size:,.0f} bytes, {psnr_of(points, choice):.2f} dB")

# %% [markdown]
# The decibels are of all pixels of the three together. Is there a better way? Ask for the price. If a
# bit spent on the cat takes off more error than a bit spent on the rocket, move it to the cat. Go on
# until the prices are equal. Then all three stand at **one λ**.
#
# That it cannot be beaten takes three lines. Let λ choose for each picture $i$ its smallest $R_i^* +
# \lambda D_i^*$, where $R_i$ are now all bits of a picture and $D_i$ is its MSE times its pixels. (Both
# are multiplied by the number of pixels, so λ keeps its meaning.) Then for any other choice
#
# $$\sum_i R_i^* + \lambda \sum_i D_i^* \;\le\; \sum_i R_i + \lambda \sum_i D_i$$
#
# because each term is the smallest of its picture. If the other choice takes no more bits, $\sum R_i
# \le \sum R_i^*$, what is left is $\sum D_i^* \le \sum D_i$. No other choice with as few bits has less
# error (Everett, 1963).

# %% [markdown]
# ### ✎ 2 · `share`
#
# Write it. For a λ, each picture chooses alone; look for the λ whose choices just fit. Mind which way
# the total goes as λ grows.


# %%
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
# A larger λ takes more bits, so halve the range of λ again and again.
#
# </details>

# %% [markdown]
# What does it bring? And how near does it come to the best of all 1,000,000 combinations?

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.rate_distortion.budget import equal_lam

choice = equal_lam(points, budget)
size = totals(points, choice)[0] / 8
print(f"equal λ  {choice}: {size:,.0f} bytes, {psnr_of(points, choice):.2f} dB")

_, b, e = np.array(list(points.values())).transpose(2, 0, 1)
bits = b[0][:, None, None] + b[1][:, None] + b[2]
error = e[0][:, None, None] + e[1][:, None] + e[2]
best = np.unravel_index(np.argmin(np.where(bits <= budget, error, np.inf)), bits.shape)
choice = {name: int(i) + 1 for name, i in zip(PICTURES, best, strict=True)}
print(f"all tried {choice}: {bits[best] / 8:,.0f} bytes, {psnr_of(points, choice):.2f} dB")

# %% [markdown]
# Nothing is left to gain: of a million combinations λ found the best, and it never looked at a
# combination. Each picture was asked alone. (At other budgets a few bytes may be left over, too few for
# the next file on the hull, and trying everything finds a use for them.)
#
# Look at the qualities, too. Equal bits per pixel starves the astronaut and feeds the rocket, which is
# mostly sky. One quality for all comes nearer, and that is no accident. Equal steps make nearly equal
# prices: with a fine step Δ the error is Δ²/12 in every picture ([lesson 04](04_quantization.ipynb)), and one more bit for each
# coefficient divides it by four in every picture. At such small files the steps are not fine, and the
# rule is only nearly right.

# %% [markdown]
# ## And for many blocks
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
# ## One number for two curves
#
# λ answers for one buyer. A paper wants to say in *one number* how much better a codec is, and for
# everybody. That number is the **BD-rate**, after Gisle Bjøntegaard (2001).
#
# Read two curves not upwards but across: at one and the same PSNR, how many bits more or fewer? Here
# are JPEG and WebP, as a mean over the 24 Kodak photographs, measured with the same program.
# (`protocol` in each study says with which settings.)

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.paths import DATA
from lic_teach.study import table

studies = {
    path.stem.removeprefix("kodak_"): table.read(path)
    for path in sorted((DATA / "rd").glob("kodak_*.json"))
    if "learned" not in path.stem  # the learned codecs come in Part II
}
curves = {name: table.psnr_curve(study) for name, study in studies.items()}
for name in ("jpeg", "webp"):
    print(f"{name}: {len(curves[name])} points; {studies[name]['protocol']}")


# %%
def log_rate(curve, psnr):
    """Logarithm of the bits per pixel at which a curve reaches these PSNRs."""
    rate, quality = np.array(curve).T
    return np.interp(psnr, quality, np.log(rate))


low = max(curves["jpeg"][0][1], curves["webp"][0][1])
high = min(curves["jpeg"][-1][1], curves["webp"][-1][1])
psnr = np.linspace(low, high, 500)
percent = 100 * (np.exp(log_rate(curves["webp"], psnr) - log_rate(curves["jpeg"], psnr)) - 1)

figure, axes = plt.subplots(1, 2, figsize=(9.5, 4))
for name, look, place in (("jpeg", "o-", (1.75, 35)), ("webp", "^:", (0.52, 37.5))):
    paint = "#d9730d" if name == "jpeg" else "black"
    axes[0].plot(*np.array(curves[name]).T, look, color=paint, markersize=4)
    axes[0].annotate(name, place, color=paint, weight="bold")
ends = [np.exp(log_rate(curves[name], 33)) for name in ("jpeg", "webp")]
axes[0].annotate("", (ends[1], 33), (ends[0], 33), arrowprops={"arrowstyle": "->", "lw": 2})
axes[0].annotate("at 33 dB", (1.05, 32.6))
axes[0].set(xlim=(0, 2.5), xlabel="R, bits per pixel", ylabel="PSNR of RGB, dB")
axes[0].set_title("Read it across")
axes[1].plot(psnr, percent, color="black")
axes[1].axhline(0, color="#d9730d")
axes[1].annotate("jpeg", (low, 1), color="#d9730d", weight="bold")
axes[1].set(ylim=(-50, 10), xlabel="PSNR of RGB, dB", ylabel="bits of WebP against JPEG, %")
axes[1].set_title("About a third fewer bits, at every quality")
figure.tight_layout()

# %% [markdown]
# The BD-rate is the mean of the right-hand curve over all PSNRs that both codecs reach. With one
# subtlety: the mean is taken of the *logarithms* of the bits. **Predict** why: a codec takes twice the
# bits at one half of the qualities and half the bits at the other half. What should its mean be?

# %%
# NBVAL_CHECK_OUTPUT
ratios = np.array([2, 1 / 2])
print(f"mean of the percents: {np.mean(100 * (ratios - 1)):+.0f} %, from either side")
print(f"mean of the logs:     {100 * (np.exp(np.mean(np.log(ratios))) - 1):+.0f} %")

# %% [markdown]
# In percent, each of the two is 25 % worse than the other. In logarithms they are equal, as they should be.
#
# So let the **anchor** A be the codec that one compares with, and $R_A(q)$ the bits that it needs for a
# PSNR of $q$ dB. $R_B(q)$ are those of the codec B, and both are known from $q_0$ to $q_1$:
#
# $$\text{BD-rate} = 100\,\% \cdot \left( \exp\!\left( \frac{1}{q_1 - q_0} \int_{q_0}^{q_1}
# \ln \frac{R_B(q)}{R_A(q)} \, dq \right) - 1 \right)$$
#
# Negative is good: B needs fewer bits.

# %% [markdown]
# ### ✎ 3 · `bd_rate`
#
# Write it. Between the points, draw the logarithm of the rate as a smooth curve over the PSNR:
# `Akima1DInterpolator(quality, log_rate)` of SciPy gives a function that you can call, and that has an
# `integrate(low, high)`.

# %%
from scipy.interpolate import Akima1DInterpolator


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
# to speak of a part of the curves. On all codecs that were measured:

# %%
# NBVAL_CHECK_OUTPUT
window = (29.5, 36)


def integral(curve):
    """The integral of the logarithm of the rate over the window."""
    rate, quality = np.array(curve).T
    return Akima1DInterpolator(quality, np.log(rate)).integrate(*window)


for name, curve in curves.items():
    gap = (integral(curve) - integral(curves["jpeg"])) / (window[1] - window[0])
    theirs = metrics.bd_rate(curves["jpeg"], curve, window)
    np.testing.assert_allclose(100 * (np.exp(gap) - 1), theirs, atol=1e-6)
    print(f"{name:17} {theirs:+6.1f} %")

# %% [markdown]
# The anchor is Pillow's JPEG, 4:2:0. `jpeg444` and `jpeg_progressive` are Pillow's, too. `jpeg_tables`,
# `jpeg_trellis` and `jpeg_lam` are JPEG files whose tables, coefficients, or both were chosen for a λ
# ([lesson 08](08_jpeg_by_lambda.ipynb); `fast` searches less): any browser opens them. `webp`, `jpeg2000` and `avif` are younger
# formats, and `444` stands for whole chroma. The window, 29.5 to 36 dB, goes from visibly damaged to
# nearly perfect.

# %% [markdown]
# ## How it lies
#
# **1. The range.** *Progressive* JPEG sends the same coefficients in another order. Its pictures are
# the same, bit for bit; only the number of bytes differs. Over all qualities, its BD-rate is this:

# %%
# NBVAL_CHECK_OUTPUT
anchor, progressive = curves["jpeg"], curves["jpeg_progressive"]
np.testing.assert_array_equal([p for _, p in anchor], [p for _, p in progressive])
print(f"all:       {metrics.bd_rate(anchor, progressive):+.1f} %")
for window in ((24, 28), (28, 32), (32, 36), (36, 40)):
    print(f"{window[0]}-{window[1]} dB: {metrics.bd_rate(anchor, progressive, window):+.1f} %")

# %% [markdown]
# "No difference" on the whole, and every part says something else.

# %%
change = [100 * (b / a - 1) for (a, _), (b, _) in zip(anchor, progressive, strict=True)]
figure, ax = plt.subplots(figsize=(7, 3.6))
ax.axhline(0, color="gray", lw=1)
ax.plot([quality for _, quality in anchor], change, "o-", color="#d9730d")
ax.set(xlabel="PSNR of RGB, dB", ylabel="bits of progressive, %")
ax.set_title("Progressive costs bits in small files and saves them in large ones")
figure.tight_layout()

# %% [markdown]
# **2. The anchor.** A weak anchor makes everybody look strong.

# %%
# NBVAL_CHECK_OUTPUT
import json

window = (29.5, 36)
published = {
    entry["codec"]: [(point["bpp"], point["psnr"]) for point in entry["points"]]
    for entry in json.loads((DATA / "rd" / "published_kodak.json").read_text())["curves"]
}
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
# The first two rows are other people's numbers: early learned codecs of Theis et al. and of Ballé et
# al. VTM is the reference program of VVC, a standard of 2020. The three are quoted from the results
# that two open libraries collect, TensorFlow Compression and CompressAI; `published_kodak.json` names
# the files. All are means over Kodak, PSNR of RGB, window 29.5 to 36 dB.
#
# Take the row of Theis 2017. A quarter fewer bits than JPEG: true. Five percent *more* than a JPEG file
# that somebody took trouble with: also true. And Ballé 2018 saves half or costs a third more, as you
# like. Neither codec changed.
#
# Turning anchor and codec round does not just turn the sign:

# %%
# NBVAL_CHECK_OUTPUT
print(f"AVIF against JPEG: {metrics.bd_rate(curves['jpeg'], curves['avif'], window):+.1f} %")
print(f"JPEG against AVIF: {metrics.bd_rate(curves['avif'], curves['jpeg'], window):+.1f} %")

# %% [markdown]
# **3. The metric.** PSNR is one way to measure, *MS-SSIM* is another (Wang, Simoncelli and Bovik,
# 2003): it compares structure instead of samples, at five sizes. Rank these four by each:

# %%
# NBVAL_CHECK_OUTPUT
names = ("jpeg2000", "webp", "jpeg_tables", "jpeg_trellis")
print("                PSNR   MS-SSIM")
for row in table.bd_table([studies[name] for name in names], studies["jpeg"], window):
    print(f"{row['codec']:12} {row['psnr']:+6.1f} % {row['ms_ssim']:+7.1f} %")

# %% [markdown]
# By PSNR, JPEG 2000 is ahead of WebP; by MS-SSIM, WebP. And the two last rows save bits by one measure
# and waste them by the other. They were chosen for the MSE, and got what they were chosen for. A codec is
# best at what it was tuned to; ask which metric the authors tuned to, and which they report.
#
# (MS-SSIM is at most 1. For the BD-rate it is turned into decibels, −10 log₁₀(1 − MS-SSIM). Its column
# takes the same part of the anchor's curve: the files of 29.5 to 36 dB.)

# %% [markdown]
# **4. The mean.** All of these are means over 24 photographs. What does progressive do picture by
# picture?


# %%
# NBVAL_CHECK_OUTPUT
def picture_curve(study, i):
    """The curve of picture i alone."""
    values = [point["per_image"] for point in study["points"]]
    return [(value["bpp"][i], value["psnr"][i]) for value in values]


for name in ("jpeg_progressive", "jpeg444", "avif"):
    rates = np.array([
        metrics.bd_rate(picture_curve(studies["jpeg"], i), picture_curve(studies[name], i), window)
        for i in range(24)
    ])  # fmt: skip
    print(
        f"{name:16} {metrics.bd_rate(curves['jpeg'], curves[name], window):+6.1f} % on the mean curve; "
        f"picture by picture {rates.min():+.1f} to {rates.max():+.1f} %, "
        f"fewer bits on {np.sum(rates < 0)} of 24"
    )

# %% [markdown]
# Progressive "saves 0.9 percent": it saves on 13 pictures and costs bits on 11. AVIF saves on all of
# them, on one a third and on another three fifths. A mean says nothing about *your* pictures.
#
# So ask of every BD-rate: **over which range, against what, in which metric, on which pictures**, and
# whether the bits are those of real files.

# %% [markdown]
# ## What you learnt
#
# - A codec is a curve. Two curves may cross, and then only a price decides.
# - With D to the right and R up, files of one cost L = R + λD lie on a line of slope −λ, and the best file is where
#   the lowest such line touches. With R to the right the slope is −1/λ for D, and 10 / (ln 10 · λ · D), rising, for
#   the PSNR.
# - λ chooses only corners of the convex hull.
# - Several pictures under one budget: the same λ for all. No other choice with as few bits has less error.
# - BD-rate is the mean difference of log bits at equal quality. It depends on range, anchor, metric and pictures.
#
# λ has chosen among files that were there. Next it makes them: the 64 steps of the table and every
# coefficient are chosen so that L gets smaller. [Lesson 08](08_jpeg_by_lambda.ipynb).
#
# ## Further reading
#
# - C. E. Shannon, "Coding theorems for a discrete source with a fidelity criterion", *IRE National Convention
#   Record* 7(4), 142–163, 1959. The curve that no codec can beat.
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
# - Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality assessment",
#   *Asilomar Conference on Signals, Systems and Computers*, 1398–1402, 2003. MS-SSIM.
# - G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T SG16 Q.6, document
#   VCEG-M33, 2001. A cubic through four points; Akima's curve came later.
# - C. Herglotz et al., "The Bjøntegaard bible: why your way of comparing video codecs may be wrong", *IEEE
#   Transactions on Image Processing* 33, 987–1001, 2024, [arXiv:2304.12852](https://arxiv.org/abs/2304.12852).
