# %% [markdown]
# # 00 · Start here
#
# **Same picture, same number of bits: which codec made which?**
#
# Below is a part of one photograph, a cat's eye, enlarged. Two *codecs* have compressed it. A codec
# is a pair of programs: one writes a picture into a small file, the other reads the file. These two
# files have as good as the same number of bytes. (The code that made them is folded: the
# three dots open it. Run each cell with Shift + Enter, or all of them from the menu *Run*.)

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg, learned, metrics
from lic_teach.kit.predict import Predict

image = images.sample("chelsea")
model = learned.load()

by_network = learned.encode(image, model, lam=0.0065)
files = {quality: jpeg.encode(image, quality) for quality in range(1, 96)}  # JPEG's dial
quality = min(files, key=lambda q: abs(len(files[q]) - len(by_network)))  # nearest in size
by_jpeg = files[quality]

pictures = [jpeg.decode(by_jpeg), learned.decode(by_network, model)]
first = np.random.default_rng(6).integers(2)  # a coin, so that the code does not tell you
A, B = pictures[first], pictures[1 - first]

figure, axes = plt.subplots(1, 2, figsize=(8.4, 4.4))
for ax, picture, name in zip(axes, (A, B), "AB", strict=True):
    ax.imshow(picture[70:198, 120:248], interpolation="nearest")
    ax.set_title(name)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# One of them was made by JPEG, a standard of 1992, written by people, still in most cameras
# and on most web pages. The other was made by a small neural network that found its own numbers by
# looking at photographs. Look at the edge of the eye, at the fur, at the flat parts.

# %% jupyter={"source_hidden": true}
with Predict("Which of the two was made by JPEG?", ["A", "B"]) as predict:
    print(f"JPEG {len(by_jpeg):,} bytes, network {len(by_network):,} bytes")
    figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.9))
    titles = ("JPEG: squares", "original", "network: blur")
    for ax, picture, title in zip(axes, (pictures[0], image, pictures[1]), titles, strict=True):
        ax.imshow(picture[70:198, 120:248], interpolation="nearest")
        ax.set_title(title)
        ax.axis("off")
    figure.tight_layout()
    predict.truth = "AB"[first]

# %% [markdown]
# JPEG cuts the picture into squares and treats each one alone: squares of 8 × 8 pixels, and of
# 16 × 16 for the colour, of which it keeps fewer samples. Where bits are scarce, you see them. The
# network looks across such borders and leaves blur instead.
#
# To be fair: this is JPEG as most programs write it, at quality 11 of 100, and few would go so
# low. The same standard can do better: [lesson 08](08_jpeg_by_lambda.ipynb) makes a `.jpg` of this size that is more than
# 1 dB better than this one, and the network is still ahead. What a dB is, you will know in ten minutes.
#
# Both have thrown almost everything away. You still see a cat. Why that works, what exactly is
# thrown away, and how a machine can *learn* what to throw away, is what this course is about.
#
# **After this lesson** you can
# - say what a pixel is and what *bits per pixel*, MSE and PSNR measure;
# - read a rate–distortion plot;
# - say what λ does in L = R + λD, and which way it moves a codec.
#
# You need Python, NumPy arrays, and about 25 minutes.

# %% [markdown]
# <details><summary>Does everything work here?</summary>
#
# The next cell, folded, writes and reads one small file with each codec. If it prints two lines, all is
# well. Should no slider appear further down, run the cell above it again, and then reload the page.
# When you open a lesson again on another day, its figures are still pictures: *Run All Cells*, in
# the menu *Run*, makes them move again.
#
# </details>

# %% jupyter={"source_hidden": true}
corner = image[:96, :96]
for name, back in (
    ("JPEG", jpeg.decode(jpeg.encode(corner, 90))),
    ("network", learned.decode(learned.encode(corner, model, lam=0.1), model)),
):
    assert back.shape == corner.shape and metrics.psnr(corner, back) > 25, f"{name} is broken"
    print(f"{name}: a file was written and read back")

# %% [markdown]
# ## R: bits per pixel
#
# Go closer, until the picture falls into squares.

# %% jupyter={"source_hidden": true}
row, column = 144, 166
patch = image[row : row + 12, column : column + 12]

figure, axes = plt.subplots(1, 2, figsize=(5.8, 2.4), width_ratios=(1.5, 1))
axes[0].imshow(image)
axes[0].add_patch(plt.Rectangle((column, row), 12, 12, fill=False, color="white", lw=2))
axes[0].set_title(f"{image.shape[0]} rows of {image.shape[1]} pixels")
axes[1].imshow(patch, interpolation="nearest")
axes[1].set_title("12 × 12 of them")
for ax in axes:
    ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print(image.shape, image.dtype)
print("the pixel in row 150, column 170:", image[150, 170].tolist())

# %% [markdown]
# A *pixel* is three numbers: how much red, green and blue light, each from 0 to 255. Each of the three
# is called a *sample* and has the type `uint8`: whole numbers of 8 bits. So a pixel takes
# 3 × 8 = 24 bits before anybody compresses anything.
#
# The **rate** R is the size of the whole file, header and all, in bits, divided by the number of
# pixels. How many bits does a pixel take in the two files above?

# %%
with Predict("Bits per pixel in JPEG's file?", unit="bits", near=0.05) as predict:
    height, width = image.shape[:2]
    for name, data in (("JPEG", by_jpeg), ("network", by_network)):
        my_bpp = 8 * len(data) / (height * width)
        np.testing.assert_allclose(my_bpp, metrics.bpp(data, image))
        print(f"{name:8} {my_bpp:.2f} bits per pixel: one bit in {24 / my_bpp:.0f} is left")
    predict.truth = round(metrics.bpp(by_jpeg, image), 2)

# %% [markdown]
# The line with `assert_allclose` is a habit of this course. First you build a thing in the
# plainest way, then you check that the package gives the same, and from then on you use the package's.

# %% [markdown]
# ## D: how wrong is it?
#
# The **distortion** D says how far the decoded picture $\hat x$ is from the original $x$. Take
# each sample, subtract, square, average. That is the *mean squared error*:
#
# $$D = \mathrm{MSE} = \frac{1}{3HW} \sum_i (x_i - \hat x_i)^2$$
#
# where $H$ and $W$ are the numbers of rows and columns and $i$ runs over all $3HW$ samples.
#
# Small errors are good, so people turn the scale round and make it logarithmic, and large is good.
# That is the *peak signal-to-noise ratio*, in decibels (dB):
#
# $$\mathrm{PSNR} = 10 \log_{10} \frac{255^2}{\mathrm{MSE}}$$
#
# The peak, 255, is the largest value that a sample can have.

# %%
for name, x_hat in zip(("JPEG", "network"), pictures, strict=True):
    my_mse = np.mean((image.astype(float) - x_hat) ** 2)
    my_psnr = 10 * np.log10(255**2 / my_mse)
    np.testing.assert_allclose(my_psnr, metrics.psnr(image, x_hat))
    print(f"{name:8} MSE {my_mse:5.1f}, PSNR {my_psnr:.2f} dB")

# %%
# NBVAL_CHECK_OUTPUT
for db in (25, 30, 35, 40):
    print(f"{db} dB: a sample is wrong by about {255 / 10 ** (db / 20):4.1f} levels")

# %% [markdown]
# Every 6 dB halve the typical error. Is PSNR what the eye sees? To each of these three, noise was
# added: slow waves to the first, waves of middling width to the second, fast ones to the third.

# %% jupyter={"source_hidden": true}
from scipy.ndimage import gaussian_filter

noise = np.random.default_rng(0).normal(size=image.shape[:2])
slow, middle, fast = (
    gaussian_filter(noise, 6),
    gaussian_filter(noise, 1.5) - gaussian_filter(noise, 3),
    noise - gaussian_filter(noise, 1),
)
noisy = []
for waves in (slow, middle, fast):
    strength = np.sqrt(44) / waves.std()
    for _ in range(5):  # clipping at 0 and 255 takes a little away: give it back
        x_hat = np.clip(np.rint(image + strength * waves[..., None]), 0, 255).astype(np.uint8)
        strength *= np.sqrt(44 / metrics.mse(image, x_hat))
    noisy.append(x_hat)

figure, axes = plt.subplots(1, 3, figsize=(8.4, 3))
for ax, x_hat in zip(axes, noisy, strict=True):
    ax.imshow(x_hat[60:200, 110:250], interpolation="nearest")
    ax.axis("off")
figure.tight_layout()

# %% jupyter={"source_hidden": true}
choices = ["the first", "the second", "the third", "all the same"]
with Predict("Which of the three has the lowest PSNR?", choices) as predict:
    values = [f"{metrics.psnr(image, x_hat):.1f}" for x_hat in noisy]
    print("PSNR, dB:", *values)
    lowest = values.index(min(values, key=float))
    predict.truth = choices[3] if len(set(values)) == 1 else choices[lowest]

# %% [markdown]
# PSNR adds up squares and knows no eye. Walk away from your screen: the third becomes the best of
# them. What a good picture is, is a question of its own. Until then D is the MSE: it is simple, and
# everybody reports it.

# %% [markdown]
# ## One number for two wishes
#
# Fewer bits, less error: you cannot have both. A codec offers many points, from tiny and ugly
# to large and perfect. Which do you want? Say what an error is worth to you, and add the two up:
#
# $$L = R + \lambda D$$
#
# Here λ (*lambda*) is the price of an error: so many bits per pixel for one unit of MSE. The best
# point is the one with the smallest $L$. Three JPEG files of another photograph, and two prices:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
astronaut = images.sample("astronaut")
print("quality   R, bpp   D, MSE   L at λ = 0.002   L at λ = 0.05")
for q in (20, 50, 80):
    data = jpeg.encode(astronaut, q)
    R, D = metrics.bpp(data, astronaut), metrics.mse(astronaut, jpeg.decode(data))
    print(f"{q:7} {R:8.2f} {D:8.0f} {R + 0.002 * D:16.2f} {R + 0.05 * D:15.2f}")

# %% [markdown]
# Which file has the lowest bill where errors cost little? Which one where they cost much? Every codec
# in this course, by hand or learned, can be driven by this one line.

# %% [markdown]
# ### ✎ 1 · Which way?
#
# Let λ become larger. The codec again picks the point with the smallest L. Where do R, D and the
# PSNR go? Write `"up"` or `"down"` for each.

# %%
from lic_teach.course.start_here.exercises import check

prediction = {"R": ..., "D": ..., "PSNR": ...}

check("direction", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"R": "up", "D": "down", "PSNR": "up"}
# ```
#
# A larger λ makes errors expensive and bits cheap beside them, so the codec spends bits to
# be rid of errors. **A larger λ buys quality with bits.**
#
# </details>

# %% [markdown]
# JPEG has no λ. It has a dial from 1 to 100, called *quality*. But nothing keeps us from writing
# a file at each quality, computing L for all of them, and taking the smallest.

# %%
points = {}  # quality -> R, D
for quality in range(2, 95, 3):
    data = jpeg.encode(astronaut, quality)
    points[quality] = metrics.bpp(data, astronaut), metrics.mse(astronaut, jpeg.decode(data))

for lam in (0.002, 0.01, 0.05):
    L = {quality: R + lam * D for quality, (R, D) in points.items()}
    best = min(L, key=L.get)
    R, D = points[best]
    print(f"λ = {lam:<5}: quality {best}, R {R:.2f} bpp, D {D:.0f}, L {L[best]:.3f}")

# %% [markdown]
# The learned codec needs no search. λ was part of what it was trained for, and it is one of its
# inputs. So one slider can drive both.

# %% [markdown]
# ## The duel
#
# JPEG's picture is on the left of the white line, the network's on the right: drag the line, and
# enlarge with the button in the corner. The *rate–distortion plot* shows what each codec can reach
# on this picture: R to the right, PSNR upwards, so **up and to the left is better**. The large
# marks show where they stand now. All numbers are measured on real files, and on the left your
# browser opens the `.jpg` itself. L is the whole bill: an L that is 30 % lower pays 30 % less for
# bits and errors together.

# %%
from lic_teach.course.start_here.duel import Duel

duel = Duel()
duel

# %% [markdown]
# Under the figure are things to try. Take a picture of your own, too: the upload button, or `duel.load("my_photo.jpg")` in a cell.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: your first own function (about 10 minutes)
#
# ### ✎ 2 · `psnr`
#
# Write the function, for two arrays of `uint8`, without a loop. One trap lies in wait. `uint8` knows
# no negative numbers and nothing above 255:

# %%
# NBVAL_CHECK_OUTPUT
print(np.array([3], np.uint8) - np.array([5], np.uint8))


# %%
def psnr(x, x_hat):
    """x, x_hat: uint8 (H, W, 3). Return the PSNR in dB."""
    # your lines here


check("psnr", psnr)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def psnr(x, x_hat):
#     error = x.astype(float) - x_hat
#     return 10 * np.log10(255**2 / np.mean(error**2))
# ```
#
# Changing the type of one of the two is enough: a `float` minus a `uint8` is a `float`.
#
# </details>

# %% [markdown]
# An answer that passes its check is kept, as source, in `mine.py` beside the notebooks, and later
# lessons build with it. Come back to the next cell whenever you want to know what is still open.

# %%
from lic_teach.kit import progress

progress.panel()

# %% [markdown]
# ## Depth: the line that touches (about 5 minutes)
#
# Why does the smallest L lie where it lies? One picture makes it plain. Draw R to the right and D
# downwards, so that better is up, as in the duel. All points with one and the same L lie on a
# straight line, and it meets the R axis, where D is 0, at R = L. Slide that line to the left until it leaves
# the curve: where it touches last, L is smallest.

# %% jupyter={"source_hidden": true}
R, D = np.array(list(points.values())).T
lam = 0.01
best = np.argmin(R + lam * D)

figure, ax = plt.subplots(figsize=(6.5, 4))
ax.plot(R, D, "o-", color="#d9730d", markersize=4)
line = np.array([0, 200])
for L in (R[best] + lam * D[best], R[best] + lam * D[best] + 0.5):
    ax.plot(L - lam * line, line, color="gray", lw=1)
    ax.annotate(f"L = {L:.2f}", (L, 0), (4, -12), textcoords="offset points")
ax.plot(R[best], D[best], "o", color="#d9730d", markersize=11, mec="black")
ax.set(ylim=(200, 0), xlim=(0, 2.5), ylabel="D, mean squared error", xlabel="R, bits per pixel")
ax.set_title("λ = 0.01: the last line that still touches JPEG's curve")
figure.tight_layout()

# %% [markdown]
# With a larger λ a step in D costs more R: the line lies flatter, and touches further to the right. More bits, less
# error. You predicted that.
#
# <details><summary>λ in other people's papers</summary>
#
# λ has no agreed meaning. Before you compare, translate:
#
# | where | what is minimised | in this course's λ |
# |---|---|---|
# | this course | R + λ·MSE, MSE on 0..255, R in bits per pixel | λ |
# | Ballé et al. 2017, code `bls2017.py` | the same | λ |
# | CompressAI | R + λ·255²·MSE, MSE on 0..1 | λ, unchanged |
# | Cool-chic | MSE + λ·R, MSE on 0..1 | 1 / (255²·λ) |
# | TensorFlow's tutorial on MNIST digits | R + λ·D, R in bits per *digit*, D a mean *absolute* error | no translation |
#
# In Cool-chic's convention a larger λ makes a *smaller* file. If a curve seems to run backwards, this is why.
#
# </details>

# %% [markdown]
# ## What you learnt
#
# - A pixel is three samples of 8 bits: 24 bits, of which the two files above keep about one in a
#   hundred.
# - R is the size of the whole file in bits per pixel; D is the MSE on 0..255; PSNR is D on a
#   logarithmic scale turned round, and 6 dB halve the typical error. It is not what the eye sees.
# - L = R + λD turns two wishes into one number. A larger λ moves every codec along its
#   curve to more bits and less error.
# - Two codecs are compared on the same picture, with real files, at equal bits or at equal λ.
#
# One thing should trouble you. 24 bits a pixel went in, and far less than one came out. Where did
# the other 23 go? A random picture could not be treated like that. [Lesson 01](01_redundancy.ipynb) shows what is special about
# photographs.
#
# ## Further reading
#
# - G. K. Wallace, "The JPEG still picture compression standard", *Communications of the ACM* 34(4),
#   30–44, 1991. The standard explained by one of its makers.
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International
#   Conference on Learning Representations (ICLR)*, 2017, [arXiv:1611.01704](https://arxiv.org/abs/1611.01704).
#   The learned codec that the second half builds up to.
# - A. Ortega, K. Ramchandran, "Rate-distortion methods for image and video compression", *IEEE Signal
#   Processing Magazine* 15(6), 23–50, 1998. L = R + λD, thoroughly.
# - Z. Wang, A. C. Bovik, "Mean squared error: love it or leave it?", *IEEE Signal Processing Magazine*
#   26(1), 98–117, 2009. Why PSNR is not what you see, and why it is used nevertheless.
# - Y. Yang, S. Mandt, L. Theis, "An introduction to neural data compression", *Foundations and Trends in
#   Computer Graphics and Vision* 15(2), 113–200, 2023, [arXiv:2202.06533](https://arxiv.org/abs/2202.06533).
#   The survey to read after this course.
