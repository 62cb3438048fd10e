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

image = images.sample("chelsea")
model = learned.load()

by_network = learned.encode(image, model, lam=0.0065)
qualities = range(1, 96)  # JPEG's dial; we take the setting whose file comes nearest in size
by_jpeg = min(
    (jpeg.encode(image, quality) for quality in qualities),
    key=lambda data: abs(len(data) - len(by_network)),
)

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
# looking at two hundred pictures.
#
# Look at the edge of the eye, at the fur, at the flat parts. Make a guess before you go on:
# **which of them is JPEG's, A or B?** What tells you?

# %%
print("JPEG made", "AB"[first], "and the network made", "BA"[first])
print(f"JPEG {len(by_jpeg):,} bytes, network {len(by_network):,} bytes")

# %%
figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.9))
titles = ("JPEG: squares", "original", "network: blur")
for ax, picture, title in zip(axes, (pictures[0], image, pictures[1]), titles, strict=True):
    ax.imshow(picture[70:198, 120:248], interpolation="nearest")
    ax.set_title(title)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# JPEG cuts the picture into squares of 8 × 8 pixels and treats each one alone. Where bits are
# scarce, you see the squares. The network looks across their borders and leaves blur instead.
#
# Both have thrown almost everything away. You still see a cat. Why that works, what exactly is
# thrown away, and how a machine can *learn* what to throw away, is what this course is about.
#
# **After this lesson** you can
# - say what a pixel is and what *bits per pixel*, MSE and PSNR measure, and compute them;
# - read a rate–distortion plot;
# - say what λ does in L = R + λD, and which way it moves a codec.
#
# You need Python, NumPy arrays, and about 25 minutes.

# %% [markdown]
# ## Does everything work here?
#
# The next cell writes and reads one small file with each codec. If it prints two lines, all is
# well. Should no slider appear further down, run the cell above it again, and then reload the page.
# When you open a lesson again on another day, its figures are still pictures: *Run All Cells*, in
# the menu *Run*, makes them move again.

# %%
corner = image[:96, :96]
for name, back in (
    ("JPEG", jpeg.decode(jpeg.encode(corner, 90))),
    ("network", learned.decode(learned.encode(corner, model, lam=0.1), model)),
):
    assert back.shape == corner.shape and metrics.psnr(corner, back) > 25, f"{name} is broken"
    print(f"{name}: a file was written and read back")

# %% [markdown]
# ## What is a pixel?
#
# Go closer, until the picture falls into squares.

# %%
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
# A pixel is three numbers: how much red, green and blue light, each from 0 to 255. Each of the three
# is called a *sample*. In Python a picture is an array of the shape (rows, columns, 3) and
# the type `uint8`: whole numbers of 8 bits, 0 to 255.
#
# So a pixel takes 3 × 8 = 24 bits before anybody compresses anything. How many does it take in
# the two files above? Guess, then run.

# %% [markdown]
# ## R: bits per pixel
#
# The **rate** R is the size of the whole file, header and all, in bits, divided by the number of pixels.

# %%
height, width = image.shape[:2]
print(f"raw      {8 * image.size / (height * width):6.2f} bits per pixel")
for name, data in (("JPEG", by_jpeg), ("network", by_network)):
    my_bpp = 8 * len(data) / (height * width)
    np.testing.assert_allclose(my_bpp, metrics.bpp(data, image))
    print(f"{name:8} {my_bpp:6.2f} bits per pixel, one bit in {24 / my_bpp:.0f} is left")

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

# %%
x_hat = pictures[0]  # what JPEG's file decodes to

total = 0
for a, b in zip(image.ravel().tolist(), x_hat.ravel().tolist(), strict=True):
    total += (a - b) ** 2
my_mse = total / image.size

np.testing.assert_allclose(my_mse, metrics.mse(image, x_hat))
print(f"MSE {my_mse:.1f}: a sample is wrong by about {my_mse**0.5:.0f} of 255 levels")

# %% [markdown]
# Small errors are good, so people turn the scale round and make it logarithmic, and large is good.
# That is the *peak signal-to-noise ratio*, in decibels (dB):
#
# $$\mathrm{PSNR} = 10 \log_{10} \frac{255^2}{\mathrm{MSE}}$$
#
# The peak, 255, is the largest value that a sample can have.

# %%
my_psnr = 10 * np.log10(255**2 / my_mse)
np.testing.assert_allclose(my_psnr, metrics.psnr(image, x_hat))
print(f"JPEG    {my_psnr:.2f} dB")
print(f"network {metrics.psnr(image, pictures[1]):.2f} dB")

# %% [markdown]
# To get a feeling for decibels: how wrong is a typical sample at each of these?

# %%
# NBVAL_CHECK_OUTPUT
for db in (25, 30, 35, 40):
    print(f"{db} dB: wrong by about {255 / 10 ** (db / 20):4.1f} levels")

# %% [markdown]
# Every 6 dB halve the typical error. The duel below shows you what that looks like on your screen. PSNR is
# not what the eye sees, though. It knows nothing of squares and blur, and two pictures with the same PSNR
# can look quite different.

# %% [markdown]
# ### ✎ 1 · `psnr`
#
# Write the function, for two arrays of `uint8`, without a loop. One trap lies in wait. `uint8` knows
# no negative numbers and nothing above 255:

# %%
# NBVAL_CHECK_OUTPUT
print(np.array([3], np.uint8) - np.array([5], np.uint8))

# %%
from lic_teach.course.start_here.exercises import check


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
# ## One number for two wishes
#
# Fewer bits, more error: you cannot have both small. A codec offers many points, from tiny and ugly
# to large and perfect. Which do you want? Say what an error is worth to you, and add the two up:
#
# $$L = R + \lambda D$$
#
# - $R$ in bits per pixel, $D$ the MSE;
# - $\lambda$ (*lambda*) the price of an error: so many bits per pixel for one unit of MSE.
#
# The best point is the one with the smallest $L$. Every codec in this course, by hand or learned,
# can be driven by this one line.

# %% [markdown]
# ### ✎ 2 · Which way?
#
# Predict before you move any slider. Let λ become larger. The codec again picks the point with the
# smallest L. Where do R, D and the PSNR go? Write `"up"` or `"down"` for each.

# %%
prediction = {"R": ..., "D": ..., "PSNR": ...}

check("direction", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"R": "up", "D": "down", "PSNR": "up"}
# ```
#
# A larger λ makes errors dear and bits cheap beside them, so the codec spends bits to
# be rid of errors. **A larger λ buys quality with bits.**
#
# </details>

# %% [markdown]
# ## The duel
#
# One slider drives both codecs. JPEG's picture is on the left of the white line, the network's on the
# right: drag the line, and enlarge with the button in the corner. The *rate–distortion plot* shows what
# each codec can reach on this picture: R to the right, and upwards not D but the PSNR. The large marks
# show where they stand now. All numbers are measured on real files, and on the left your browser opens
# the `.jpg` itself.

# %%
from lic_teach.course.start_here.duel import Duel

duel = Duel()
duel

# %% [markdown]
# Press one of the buttons under the figure, or pull λ yourself. At which λ do you stop seeing a difference to the
# original, and is there a picture on which JPEG wins? Try a drawing, or a screenshot full of text: the upload button,
# or `duel.load("my_photo.jpg")` in a cell.

# %% [markdown]
# ## How does JPEG obey λ?
#
# JPEG has no λ. It has a dial from 1 to 100, called *quality*. But nothing keeps us from writing
# a file at each quality, computing L for all of them, and taking the smallest. What do you
# expect: does a larger λ pick a higher or a lower quality?

# %%
astronaut = images.sample("astronaut")
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
# That is what the duel does, only with fewer files, and it fills in the rest by interpolation. Does it find
# the same? The quality may differ by a few steps, since L is flat around its smallest value. L itself
# should not.

# %%
twin = Duel("astronaut")  # a second one, not shown: yours above stays where you left it
for lam in (0.002, 0.01, 0.05):
    twin.lam = lam
    ours = twin.result.jpeg
    best = min(R + lam * D for R, D in points.values())
    np.testing.assert_allclose(ours.bpp + lam * ours.mse, best, rtol=0.01)

# %% [markdown]
# One picture makes it plain. Draw R against D. All points with one and the same L lie on a straight line
# of slope −λ, and it meets the R axis at L. Slide that line down until it leaves the curve: where it
# touches last, L is smallest.

# %%
R, D = np.array(list(points.values())).T
lam = 0.01
best = np.argmin(R + lam * D)

figure, ax = plt.subplots(figsize=(6.5, 4))
ax.plot(D, R, "o-", color="#d9730d", markersize=4)
line = np.array([0, 200])
for L in (R[best] + lam * D[best], R[best] + lam * D[best] + 0.5):
    ax.plot(line, L - lam * line, color="gray", lw=1)
    ax.annotate(f"L = {L:.2f}", ((L - 0.1) / lam, 0.1), (9, 0), textcoords="offset points")
ax.plot(D[best], R[best], "o", color="#d9730d", markersize=11, mec="black")
ax.set(xlim=(0, 200), ylim=(0, 2.5), xlabel="D, mean squared error", ylabel="R, bits per pixel")
ax.set_title("λ = 0.01: the lowest line that still touches JPEG's curve")
figure.tight_layout()

# %% [markdown]
# A larger λ makes the line steeper, and it touches further to the left: less error, more bits. You
# predicted that.
#
# The learned codec needs no search. λ was part of what it was trained for, and it is one of its inputs.
# How that is done is the second half of this course.
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
#   logarithmic scale turned round, and 6 dB halve the typical error.
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
