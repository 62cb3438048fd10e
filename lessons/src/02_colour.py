# %% [markdown]
# # 02 · Colour
#
# **Does the eye need all three channels?**
#
# Here is one photograph three times. In the second copy the *colour* was blurred, in the third one
# the *brightness*. Both were blurred by the same amount: 4 pixels.

# %%
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import color


def show(pictures, titles, title=None, width=4.5, **options):
    """Pictures side by side; width of all together in inches."""
    height, across = pictures[0].shape[:2]
    size = width, width / len(pictures) * height / across + (0.8 if title else 0.4)
    figure, axes = plt.subplots(1, len(pictures), figsize=size, layout="constrained", squeeze=False)
    for ax, picture, name in zip(axes[0], pictures, titles, strict=True):
        ax.imshow(picture, **options)
        ax.set_title(name, fontsize=10)
        ax.axis("off")
    figure.suptitle(title)


def blur(plane, sigma):
    """Gaussian blur of one plane; sigma, its standard deviation, in pixels."""
    return np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(sigma)))


coffee = images.sample("coffee")
Y, Cb, Cr = color.rgb_to_ycbcr(coffee)  # brightness, and two planes of colour: more below
colour_blurred = color.ycbcr_to_rgb([Y, blur(Cb, 4), blur(Cr, 4)])
brightness_blurred = color.ycbcr_to_rgb([blur(Y, 4), Cb, Cr])

part = np.s_[160:340, 260:440]  # rows, columns
show(
    [coffee[part], colour_blurred[part], brightness_blurred[part]],
    ["original", "colour blurred, 4 pixels", "brightness blurred, 4 pixels"],
    "The eye takes its sharpness from brightness and lets colour run",
    width=6.5,
)

# %% [markdown]
# In the second copy you have to search for the damage: look at the reflections in the spoon. In the third,
# nobody has to search.
#
# JPEG lives on that. Before it does anything else, it separates brightness from colour, and then
# it keeps only a quarter of the colour. This lesson builds both steps and measures them.
#
# **After this lesson** you can
# - turn RGB into YCbCr and back, exactly as the standard says;
# - say what 4:4:4, 4:2:2 and 4:2:0 mean, and where the samples lie;
# - make a plane of colour smaller and larger again without shifting it;
# - say what that costs and saves, in dB and in bits, and where it can be seen.
#
# You need lessons [00](00_start_here.ipynb) and [01](01_redundancy.ipynb). About 30 minutes.

# %% [markdown]
# ## Three pictures that are almost one
#
# A pixel is three samples, red, green and blue (R, G and B). So a photograph is three grey pictures.

# %%
show(
    [coffee[part][..., i] for i in range(3)],
    ["red", "green", "blue"],
    cmap="gray",
    vmin=0,
    vmax=255,
)

# %% [markdown]
# How alike are they? Guess the correlation between two of them: 0 is nothing in common, 1 is the same
# up to contrast.

# %%
# NBVAL_CHECK_OUTPUT
print("correlation     R, G    G, B    R, B")
for name in images.SAMPLES:
    c = np.corrcoef(images.sample(name).reshape(-1, 3).T)
    print(f"{name:10} {c[0, 1]:9.2f} {c[1, 2]:7.2f} {c[0, 2]:7.2f}")

# %% [markdown]
# From 0.50 to 0.96. In [lesson 01](01_redundancy.ipynb) a pixel told you much about its neighbour; here one channel
# tells you much about the others. Where light falls, all three go up. So say *once* how bright
# a pixel is, and then only how its colour departs from grey.

# %% [markdown]
# ## How bright is a colour?
#
# Full red, full green, full blue, each at 255. Which looks brightest, which darkest? Guess
# before you run the cell.
#
# Television had to put that into numbers, so that black-and-white sets could show colour programmes. The
# answer is in every JPEG file. *Luma*, written $Y$, is
#
# $$Y = 0.299\,R + 0.587\,G + 0.114\,B$$

# %%
# NBVAL_CHECK_OUTPUT
corners = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
for name, (r, g, b) in corners.items():
    print(f"{name:5}  Y = {0.299 * r + 0.587 * g + 0.114 * b:5.1f}")

# %%
colours = np.array(list(corners.values())[:3], np.uint8)[None]  # a picture of 1 x 3 pixels
greys = color.rgb_to_ycbcr(colours)[0][..., None].repeat(3, axis=-1)
title = "three colours, and under each its Y"
show([np.concatenate([colours, greys])], [title], width=3.5, interpolation="nearest")

# %% [markdown]
# Green gives more than half of the brightness, blue hardly any. The three weights add up to 1, so a
# grey pixel with R = G = B = 90 has Y = 90.
#
# <details><summary>Luma or brightness?</summary>
#
# Strictly, neither. The samples of a picture file are not proportional to light: they are bent by
# a curve (*gamma*), roughly a square root, so that 256 levels suffice for the eye. $Y$ is a weighted sum of
# these bent values. Engineers call it *luma* and keep *luminance* for the weighted sum of light itself. This
# course says luma where it is exact, and brightness where you may think of what you see.
#
# </details>

# %% [markdown]
# ## Two differences
#
# What is left to say? How much bluer and how much redder than its brightness the pixel is:
#
# $$C_b = \frac{B - Y}{1.772} \qquad C_r = \frac{R - Y}{1.402}$$
#
# $C_b$ and $C_r$ (in the text Cb and Cr) are called *chroma*. For grey both are 0. Green needs no third difference: from
# $Y$, $B$ and $R$ it follows.
#
# Where do the two divisors come from? $B - Y$ is largest for pure blue: 255 · (1 − 0.114). Divided by
# 2 · (1 − 0.114) = 1.772 that is 127.5. So chroma always fits into −127.5 to 127.5, as
# wide as a sample of 8 bits. The same with 2 · (1 − 0.299) = 1.402 for red.
#
# Take one pixel, the upper left one of a block of 8 × 8 pixels on the rim of the cat's
# eye. **This block goes with you through all lessons on JPEG.**

# %%
# NBVAL_CHECK_OUTPUT
block = images.thread_block()  # rows 88 to 95, columns 192 to 199 of "chelsea"
r, g, b = (int(sample) for sample in block[0, 0])
y = 0.299 * r + 0.587 * g + 0.114 * b
cb, cr = (b - y) / 1.772, (r - y) / 1.402
print(f"R, G, B = {r}, {g}, {b}   ->   Y = {y:.2f}, Cb = {cb:.2f}, Cr = {cr:.2f}")

# %% [markdown]
# A light brown: of middle brightness, less blue than grey (Cb < 0), redder than grey (Cr > 0).
#
# Each of the three is a weighted sum of R, G and B. So the whole step is one 3 × 3 matrix.

# %%
# NBVAL_CHECK_OUTPUT
luma = np.array([0.299, 0.587, 0.114])
red, blue = np.array([1, 0, 0]), np.array([0, 0, 1])
M = np.stack([luma, (blue - luma) / 1.772, (red - luma) / 1.402])

np.testing.assert_allclose(M @ [r, g, b], [y, cb, cr])
np.testing.assert_allclose(M, color.RGB_TO_YCBCR, atol=1e-8)
print(M.round(4))
print(np.linalg.inv(M).round(4) + 0.0)  # + 0.0 makes 0 of -0

# %% [markdown]
# The first matrix is what you find printed in the JFIF standard, the file format around JPEG. The second,
# its inverse, goes back: R = Y + 1.402 Cr, and B = Y + 1.772 Cb. Nothing is lost yet: a matrix with an inverse
# only looks at the same three numbers from another side.
#
# A file, though, holds whole numbers from 0 to 255. So three small things remain: **add 128** to Cb and
# Cr, so that grey is in the middle; **round** to the nearest level; **clip** to 0…255. The package does it all:

# %%
# NBVAL_CHECK_OUTPUT
for name in images.SAMPLES:
    image = images.sample(name)
    mine = image @ M.T + [0, 128, 128]  # (H, W, 3), not yet rounded
    planes = color.rgb_to_ycbcr(image)  # (3, H, W), uint8
    np.testing.assert_allclose(np.moveaxis(planes, 0, -1), mine, rtol=0, atol=0.5001)
    rgb, ycc = image.reshape(-1, 3).std(axis=0), planes.reshape(3, -1).std(axis=1)
    print(f"{name:10} spread of R, G, B {rgb.round()}   of Y, Cb, Cr {ycc.round()}")

# %%
grey = np.full_like(Y, 128)
show(
    [
        p[part]
        for p in (
            color.ycbcr_to_rgb([Y, grey, grey]),
            color.ycbcr_to_rgb([grey, Cb, grey]),
            color.ycbcr_to_rgb([grey, grey, Cr]),
        )
    ],
    ["Y alone", "Cb alone, Y = 128", "Cr alone, Y = 128"],
    "Y holds the picture, Cb and Cr are washes of colour",
)

# %% [markdown]
# The spread (the standard deviation, in levels) says the same in numbers. R, G and B vary about equally much.
# After the matrix most of the variation is in Y, and little is left for Cb and Cr: a few levels around 128. What
# varies little costs few bits.
#
# Here is the luma of the block. [Lesson 03](03_dct.ipynb) takes it up from here.

# %%
# NBVAL_CHECK_OUTPUT
block_y, block_cb, block_cr = color.rgb_to_ycbcr(block)
print(block_y)

# %% [markdown]
# ### ✎ 1 · `to_ycbcr`
#
# Now exactly as the standard has it (ITU-T T.871, which made JFIF official):
#
# $$\mathrm{sample} = \min(\max(0, \mathrm{Round}(x)), 255)$$
#
# where $x$ is the weighted sum, with 128 added for Cb and Cr, and Round goes to the nearest whole number: $\lfloor x + 0.5 \rfloor$ does
# that, where $\lfloor\ \rfloor$ rounds down. (Where $x$ lies in the middle of two, the check takes both.) It tries
# 140,608 colours, all over the cube of RGB. One trap lies in a corner: what is the Cb of pure blue?

# %%
from lic_teach.course.colour.exercises import check


def to_ycbcr(image):
    """uint8 (H, W, 3) RGB -> uint8 (3, H, W): Y, Cb, Cr."""
    # your lines here


check("to_ycbcr", to_ycbcr)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def to_ycbcr(image):
#     exact = image @ color.RGB_TO_YCBCR.T + [0, 128, 128]
#     samples = np.clip(np.floor(exact + 0.5), 0, 255).astype(np.uint8)
#     return np.moveaxis(samples, -1, 0)
# ```
#
# Pure blue has Cb = 127.5 + 128 = 255.5. Rounded, that is 256, and `uint8` would make 0 of it: the bluest
# blue would turn yellow. So clip *before* you change the type.
#
# </details>

# %% [markdown]
# ### ✎ 2 · `to_rgb`
#
# And back, with the inverse matrix. Take the 128 away first. Your function must stand any three bytes, since a decoder
# cannot choose what is in the file.


# %%
def to_rgb(planes):
    """uint8 (3, H, W): Y, Cb, Cr -> uint8 (H, W, 3) RGB."""
    # your lines here


check("to_rgb", to_rgb)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def to_rgb(planes):
#     centred = np.moveaxis(planes, 0, -1) - np.array([0, 128, 128])
#     exact = centred @ color.YCBCR_TO_RGB.T
#     return np.clip(np.floor(exact + 0.5), 0, 255).astype(np.uint8)
# ```
#
# `np.array([0, 128, 128])` holds 64-bit integers, so nothing wraps round below 0.
#
# </details>

# %% [markdown]
# ## What does rounding cost?
#
# There are 256³ = 16.8 million colours. Send each of them to YCbCr and back, rounded to whole numbers both times.
# Guess: what share returns as it left? And by how much is the worst one off?

# %%
# NBVAL_CHECK_OUTPUT
g, b = np.indices((256, 256), np.uint8)
unharmed, worst, squares, used = 0, 0, 0, np.zeros(256**3, bool)
for r in range(256):
    image = np.stack([np.full_like(g, r), g, b], axis=-1)
    planes = color.rgb_to_ycbcr(image)
    error = color.ycbcr_to_rgb(planes).astype(int) - image
    unharmed += np.sum(~error.any(axis=-1))
    worst = max(worst, np.abs(error).max())
    squares += np.sum(error**2)
    used[planes[0].astype(int) << 16 | planes[1].astype(int) << 8 | planes[2]] = True

print(f"{unharmed / 256**3:.1%} of all colours return unharmed, none is off by more than {worst}")
print(f"PSNR (RGB) {10 * np.log10(255**2 / (squares / (3 * 256**3))):.1f} dB")
print(f"triples (Y, Cb, Cr) in use: {used.mean():.1%} of 16.8 million")

# %% [markdown]
# Three colours in four are changed, but never by more than one level. 53 dB is far above what anybody can see.
# So JPEG is not lossless even where it loses nothing else.
#
# The last line says why. The cube of RGB becomes a slanted box inside the cube of YCbCr and fills only a quarter of it. So,
# on average, four colours must share one triple. The other three quarters of the triples belong to no colour, such
# as Y = 0 with Cr = 255: black, and as red as can be.

# %% [markdown]
# ## ▶ How far can colour run?
#
# Two sliders: one blurs Y, the other Cb and Cr. What is left is written to a JPEG file, at quality 90 and with all colour
# samples, and read again. Left of the white line is the original, right of it what came out of the file: drag the
# line. The three small pictures are the planes that went into the file. They show the slider at work, even where
# the photograph does not. In the plot each curve is one slider pulled alone, from sharp (upper right) to 16 pixels; the
# large dot is where you stand.

# %%
from lic_teach.course.colour.chroma import Chroma

explorer = Chroma()
explorer

# %% [markdown]
# Before you press one of the buttons under the figure, find your own limit. Chroma to 0, then slowly up, your eyes on
# the picture. Stop where you are sure to see a difference, and note the number. Then the same with luma. How many
# times smaller is that number?
#
# Is there a picture on which 2 pixels of chroma are too many? One of yours (the upload button)?

# %% [markdown]
# ## What would PSNR say?
#
# You have judged by eye. Now let PSNR (RGB) judge the two copies from the beginning of the lesson. And then ask it: by how
# little must *luma* be blurred to be as bad as 4 pixels of blur in chroma?

# %%
# NBVAL_CHECK_OUTPUT
print(f"colour blurred by 4 pixels:     {metrics.psnr(coffee, colour_blurred):.1f} dB")
print(f"brightness blurred by 4 pixels: {metrics.psnr(coffee, brightness_blurred):.1f} dB")

sigmas = [s / 20 for s in range(6, 30)]  # 0.3 to 1.45 pixels
for name in images.SAMPLES:
    image = images.sample(name)
    y, cb, cr = color.rgb_to_ycbcr(image)
    goal = metrics.psnr(image, color.ycbcr_to_rgb([y, blur(cb, 4), blur(cr, 4)]))
    found = [metrics.psnr(image, color.ycbcr_to_rgb([blur(y, s), cb, cr])) for s in sigmas]
    nearest = np.argmin(np.abs(np.array(found) - goal))
    print(f"{name:10} chroma 4 pixels = luma {sigmas[nearest]:.2f} pixels")

# %% [markdown]
# PSNR agrees that brightness comes first: 4 pixels of chroma are worth 0.55 to 0.95 pixels of luma. Is that your
# ratio, too? PSNR (RGB) asks only how large the errors in red, green and blue are, not whether an eye can find them. So
# in this lesson two numbers stand side by side: PSNR (RGB), and PSNR (Y), which looks at luma alone.
#
# And what does an eye resolve? Stripes are counted in cycles (pairs of stripes) per degree of the field
# of view. Normal sight (20/20) tells strokes of a sixtieth of a degree apart: 30 cycles per degree, in brightness. Mullen
# (1985) took stripes that differ in colour only. They melt together at 11 or 12. What is that in pixels?

# %%
# NBVAL_CHECK_OUTPUT
for place, pixels_per_inch, distance in (
    ("desk, 96 dpi at 50 cm", 96, 50),
    ("phone, 460 dpi at 30 cm", 460, 30),
):
    degree = distance * np.tan(np.radians(1)) / 2.54 * pixels_per_inch  # in pixels
    print(
        f"{place:24} a degree is {degree:3.0f} pixels; colour melts at {degree / 12:.1f} pixels a cycle"
    )

# %% [markdown]
# The finest stripes that samples can carry are 2 pixels a cycle; with every second sample only, 4. On a phone, even 4 are
# finer than any eye for colour. At a desk, stripes of 3 pixels a cycle could just be seen, if they were of the strongest
# colours and alike in brightness. Photographs hardly have such stripes. Remember them, though, for the end
# of this lesson.

# %% [markdown]
# ## Throw colour samples away
#
# *Subsampling* keeps fewer samples of Cb and Cr than of Y. Its names count samples in a field of 4 × 2 pixels: the first
# number is the width, 4 samples of Y in each row; the second says how many of Cb (and of Cr) the upper row has; the third, how
# many new ones the lower row adds.
#
# Where do they lie? JFIF puts each in the **middle of the pixels for which it stands**:

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 2.6), layout="constrained")
for ax, name, v, h in zip(axes, ("4:4:4", "4:2:2", "4:2:0"), (1, 1, 2), (1, 2, 2), strict=True):
    rows, columns = np.mgrid[0:4, 0:8]
    ax.plot(columns.ravel(), rows.ravel(), "o", color="gray", markersize=5)
    rows, columns = np.mgrid[0:4:v, 0:8:h] + np.array([(v - 1) / 2, (h - 1) / 2])[:, None, None]
    ax.plot(columns.ravel(), rows.ravel(), "x", color="#d9730d", markersize=9, mew=2)
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 4, 2, fill=False, lw=1))
    ax.set(xlim=(-0.7, 7.7), ylim=(3.7, -0.7), aspect="equal", xticks=range(8), yticks=range(4))
    ax.set_title(f"{name}: {1 + 2 / (v * h):g} samples a pixel", fontsize=10)
figure.suptitle("Dots: a sample of Y. Crosses: one of Cb and one of Cr. Axes in pixels")
plt.show()

# %% [markdown]
# In JFIF's words: the first sample has the offset $N_Y / N_C / 2 - 0.5$ from the first sample of Y, where $N_Y$ and
# $N_C$ are the numbers of samples in a row. Half as many: 0.5. That place is called *siting*. Other standards site
# differently (most video puts chroma on the left one of two pixels), and whoever mixes them up
# shifts all colour by half a pixel.
#
# ### Down: the mean
#
# A sample in the middle of four pixels takes the mean of the four. Naively:

# %%
small = np.zeros((Cb.shape[0] // 2, Cb.shape[1] // 2))
for i in range(small.shape[0]):
    for j in range(small.shape[1]):
        small[i, j] = Cb[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean()

np.testing.assert_allclose(small, color.downsample(Cb, 2, 2))

# %% [markdown]
# The block keeps its 64 samples of Y and has 16 of Cb and 16 of Cr now, 96 instead of 192:

# %%
# NBVAL_CHECK_OUTPUT
print(color.downsample(block_cb, 2, 2))
print(color.downsample(block_cr, 2, 2))

# %% [markdown]
# A block of JPEG is always 8 × 8 samples. So four blocks of Y, a square of 16 × 16 pixels, share one block of Cb and one of
# Cr. Ours (block row 11, block column 24) gives the lower left quarter of chroma block (5, 12). This group of
# six blocks is called an MCU; [lesson 05](05_entropy_coding.ipynb) meets it again.
#
# ### Up: a triangle
#
# The decoder has to give every pixel a colour again. The simplest way repeats each sample four times: *replication*. The
# better way is to go from one sample to the next in a straight line. Look at one row: samples at 0.5, 2.5, 4.5, …,
# pixels at 0, 1, 2, 3, … Pixel 1 is half a pixel from the sample at 0.5 and one and a half from that at 2.5. What
# weights must the two have?

# %%
# NBVAL_CHECK_OUTPUT
sites = np.array([0.5, 2.5, 4.5, 6.5])
samples = np.array([100, 180, 120, 120])
print("replication", samples.repeat(2))
print("triangle   ", np.interp(np.arange(8), sites, samples))

# %% [markdown]
# Three quarters of the near one, one quarter of the far one: 0.75 · 100 + 0.25 · 180 = 120. Beyond the last sample nothing
# changes any more. In two directions the weights multiply: 9/16, 3/16, 3/16, 1/16. Drawn over the samples they
# form a tent, so this is called the *triangle filter*. libjpeg, the free library inside very many programs that open JPEG
# files, does it under the name "fancy upsampling".


# %%
def by_lines(plane, offset=0.5):
    """Twice the width by straight lines between samples at offset, offset + 2, ..."""
    width = plane.shape[1]
    sites = np.arange(width) * 2 + offset
    return np.array([np.interp(np.arange(2 * width), sites, row) for row in plane])


stored = np.rint(small).astype(np.uint8)  # what the decoder gets
mine = by_lines(by_lines(stored).T).T
np.testing.assert_allclose(mine, color.upsample(stored, 2, 2), rtol=0, atol=0.5)

# %%
cut = np.s_[184:216, 300:332]  # a part of the rim of the cup
cb_s, cr_s = (np.rint(color.downsample(p, 2, 2)).astype(np.uint8) for p in (Cb, Cr))
ways = {
    "original": (Cb, Cr),
    "replication": [p.repeat(2, axis=0).repeat(2, axis=1) for p in (cb_s, cr_s)],
    "triangle": [color.upsample(p, 2, 2) for p in (cb_s, cr_s)],
}
show(
    [color.ycbcr_to_rgb([grey, *planes])[cut] for planes in ways.values()],
    list(ways),
    "Colour alone (Y = 128), 32 × 32 pixels of the cup's rim",
    width=7.5,
    interpolation="nearest",
)

# %% [markdown]
# How much closer does the triangle come? And what does the wrong siting cost? Guess first: which of the three columns is worst?

# %%
# NBVAL_CHECK_OUTPUT
print("PSNR of Cb and Cr, dB     replication   triangle   triangle, wrong sites")
for name in images.SAMPLES:
    image = images.pad_to_multiple(images.sample(name), 2)  # an odd width: repeat the last column
    for plane, which in zip(color.rgb_to_ycbcr(image)[1:], ("Cb", "Cr"), strict=True):
        stored = np.rint(color.downsample(plane, 2, 2)).astype(np.uint8)
        shifted = by_lines(by_lines(stored, 0).T, 0).T  # as if samples sat on pixels 0, 2, 4, ...
        ways = stored.repeat(2, 0).repeat(2, 1), color.upsample(stored, 2, 2), np.rint(shifted)
        one, two, three = (metrics.psnr(plane, way) for way in ways)
        print(f"{name:10} {which} {one:23.1f} {two:10.1f} {three:16.1f}")

# %% [markdown]
# Half a pixel of shift costs more than the triangle gains, on every photograph. Siting is worth the trouble.
#
# On three photographs the triangle wins, by 0.4 to 1.1 dB. On the rocket it loses a little. Its launch tower is made of bars
# one pixel wide, orange against blue. Where colour jumps from pixel to pixel, a straight line is no better
# guess than the mean itself.

# %% [markdown]
# ### ✎ 3 · `down`
#
# Without a loop. The trap is [lesson 00](00_start_here.ipynb)'s: four samples add up to more than a `uint8` can hold.


# %%
def down(plane):
    """uint8 (H, W), H and W even -> float (H/2, W/2), the mean of each 2 x 2 cell."""
    # your lines here


check("down", down)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def down(plane):
#     height, width = plane.shape
#     return plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
# ```
#
# Axis 1 runs through the two rows of a cell, axis 3 through its two columns. `mean` adds in floating point.
#
# </details>

# %% [markdown]
# ### ✎ 4 · `up`
#
# The triangle filter, without `np.interp`. Hint: write it for one direction, with `np.pad(..., mode="edge")` for the border, then
# use it twice.


# %%
def up(plane):
    """uint8 (h, w) -> (2h, 2w) by the triangle filter; float, or rounded."""
    # your lines here


check("up", up)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def wider(plane):
#     padded = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
#     out = np.empty((plane.shape[0], 2 * plane.shape[1]))
#     out[:, 0::2] = 0.75 * plane + 0.25 * padded[:, :-2]  # leans on its left neighbour
#     out[:, 1::2] = 0.75 * plane + 0.25 * padded[:, 2:]  # leans on its right one
#     return out
#
#
# def up(plane):
#     return wider(wider(plane).T).T
# ```
#
# </details>

# %% [markdown]
# ## What does it save?
#
# 4:2:0 throws half of all samples away: 1.5 a pixel are left of 3. Does the file become half as large? Guess, then look at
# real files, all at quality 75. The column *Y alone* is the file of the grey picture.

# %%
# NBVAL_CHECK_OUTPUT
print("              size of 4:4:4 = 100       PSNR (RGB), dB      PSNR (Y), dB")
print("            Y alone  4:2:2  4:2:0   4:4:4  4:2:2  4:2:0   4:4:4  4:2:0")
for name in images.SAMPLES:
    image = images.sample(name)
    y = color.luma(image)
    files = [jpeg.encode(image, 75, subsampling=s) for s in ("4:4:4", "4:2:2", "4:2:0")]
    decoded = [jpeg.decode(data) for data in files]
    sizes = [100 * len(data) / len(files[0]) for data in (jpeg.encode(y, 75), *files[1:])]
    rgb = [metrics.psnr(image, x_hat) for x_hat in decoded]
    ys = [metrics.psnr(y, color.luma(x_hat)) for x_hat in decoded[::2]]
    row = [f"{v:7.0f}" for v in sizes] + [" "] + [f"{v:7.1f}" for v in rgb + ys]
    print(f"{name:10}", *row, sep="")

# %% [markdown]
# Not half: 15 to 27 percent. Most of the bits were luma's all along, since chroma is smooth and costs little
# to begin with. PSNR (Y) stays where it was, to 0.05 dB. PSNR (RGB) falls by 0.6 to 1.7 dB.
#
# Is that a good bargain? It depends on what colour is worth to you. With 0.6 dB less, the 4:4:4 file could have been made smaller
# too, at a lower quality. So compare in two ways, on the 24 photographs of the Kodak set (Pillow's JPEG,
# measured for this course, in `data/rd/`):
#
# - at the **same quality setting**: Y is equal, only colour got worse. Right if you do not look at colour.
# - at the **same PSNR (RGB)**: right if an error in colour is as bad as one in brightness.

# %%
import json

from scipy.interpolate import PchipInterpolator

from lic_teach.paths import DATA

full, half = (
    np.array([(p["setting"], p["bpp"], p["psnr"]) for p in json.loads(text)["points"]]).T
    for text in (
        (DATA / "rd" / f"{name}.json").read_text() for name in ("kodak_jpeg444", "kodak_jpeg")
    )
)
quality, bpp, psnr = full[:, :-1]  # without 95: no 4:2:0 file here reaches its PSNR
same_setting = 100 * (1 - half[1, :-1] / bpp)
same_psnr = 100 * (1 - np.exp(PchipInterpolator(half[2], np.log(half[1]))(psnr)) / bpp)

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(quality, same_setting, "o-", color="#d9730d")
ax.plot(quality, same_psnr, "s--", color="#d9730d")
ax.annotate("at the same setting", (50, same_setting[6]), (0, 8), textcoords="offset points")
ax.annotate("at the same PSNR (RGB)", (50, same_psnr[6]), (0, -16), textcoords="offset points")
ax.axhline(0, color="gray", lw=1)
ax.set(xlabel="quality setting of the 4:4:4 file", ylabel="bits saved by 4:2:0, %", ylim=(-2, 30))
ax.set_title("What 4:2:0 saves depends on what colour is worth to you")
plt.show()

# %%
# NBVAL_CHECK_OUTPUT
for q in (10, 50, 75, 90):
    i = list(quality).index(q)
    print(
        f"quality {q}: {same_setting[i]:4.1f}% at the same setting, {same_psnr[i]:4.1f}% at the same PSNR (RGB)"
    )

# %% [markdown]
# Small files gain in both ways. With large files the second gain shrinks to almost nothing. There is even a ceiling: take
# nothing away but chroma samples, and write no JPEG at all. How good is the picture still?

# %%
# NBVAL_CHECK_OUTPUT
print("PSNR (RGB), dB   4:2:0 without JPEG   4:4:4 with JPEG, quality 95")
for name in images.SAMPLES:
    image = images.pad_to_multiple(images.sample(name), 2)
    y, *chroma = color.rgb_to_ycbcr(image)
    stored = [np.rint(color.downsample(plane, 2, 2)).astype(np.uint8) for plane in chroma]
    ceiling = color.ycbcr_to_rgb([y, *(color.upsample(plane, 2, 2) for plane in stored)])
    full = jpeg.decode(jpeg.encode(image, 95, subsampling="4:4:4"))
    print(f"{name:10} {metrics.psnr(image, ceiling):18.1f} {metrics.psnr(image, full):22.1f}")

# %% [markdown]
# On three of the four, 4:2:0 stays below what a 4:4:4 file reaches at quality 95, however many bits it spends. A picture that
# must be as good as perfect is written as 4:4:4.
#
# The truth lies between the two lines. The eye does look at colour, only less closely than at brightness; how much less, no
# PSNR can tell. That takes people in front of a screen.

# %% [markdown]
# ## Where you see it
#
# Colour that runs is hidden as long as an edge in Y stands at the same place. So ask the other way round: which
# edges are *only* in colour? Red letters on blue are not far from it: Y is 76 and 29. The same text in black on
# white has all of its edge in Y. Both are written at quality 95, in which photographs look perfect.


# %%
# NBVAL_CHECK_OUTPUT
def page(ink, paper):
    """A small picture with three lines of text: uint8 (48, 96, 3)."""
    picture = Image.new("RGB", (96, 48), paper)
    for i, line in enumerate(("Colour runs,", "letters stay:", "do they?")):
        ImageDraw.Draw(picture).text((6, 4 + 14 * i), line, ink, ImageFont.load_default_imagefont())
    return np.array(picture)


pictures, titles = [], []
for words, ink, paper in (("black on white", "black", "white"), ("red on blue", "red", "blue")):
    text = page(ink, paper)
    for subsampling in ("4:4:4", "4:2:0"):
        x_hat = jpeg.decode(jpeg.encode(text, 95, subsampling=subsampling))
        pictures.append(x_hat)
        titles.append(f"{words}, {subsampling}")
        print(f"{titles[-1]:22} PSNR (RGB) {metrics.psnr(text, x_hat):.0f} dB")

# %%
show(pictures[:2], titles[:2], width=8, interpolation="nearest")
show(
    pictures[2:],
    titles[2:],
    "Edges in Y survive 4:2:0, edges in colour do not",
    width=8,
    interpolation="nearest",
)

# %% [markdown]
# Black on white has no chroma, and loses nothing. Red on blue falls from 39 to 15 dB at the
# same setting; what you can still read is the little that Y has of it. Screenshots, maps,
# diagrams and comics are full of such edges: save them as PNG, or at least as 4:4:4.
#
# Can it be worse? Take a green that is exactly as bright as red, and stripes one pixel wide. What will 4:2:0
# make of them?

# %%
# NBVAL_CHECK_OUTPUT
stripes = np.zeros((32, 32, 3), np.uint8)
stripes[:, 0::2], stripes[:, 1::2] = (255, 0, 0), (0, 130, 0)
planes = color.rgb_to_ycbcr(stripes)
print("two neighbours, Y Cb Cr:", planes[:, 0, 0], planes[:, 0, 1])
for subsampling in ("4:4:4", "4:2:0"):
    x_hat = jpeg.decode(jpeg.encode(stripes, 95, subsampling=subsampling))
    colours = len(np.unique(x_hat.reshape(-1, 3), axis=0))
    one = "one colour" if colours == 1 else "more than one colour"
    print(f"{subsampling}: {one}, PSNR (RGB) {metrics.psnr(stripes, x_hat):.0f} dB")

# %% [markdown]
# The stripes are *gone*: one flat brown, 10 dB. Y is 76 everywhere and has nothing to tell, and the means of the chroma
# are all the same. This is the worst case of 4:2:0. You have to build it on purpose; photographs do not.
#
# A learned codec meets the same question. The one of this course starts its training with 64 numbers a block for Y, and with 32
# each for Cb and Cr: the half with the slow waves, which [lesson 03](03_dct.ipynb) explains. Then training moves all of them, and nobody has to decide by hand
# what colour is worth. λ does.

# %% [markdown]
# ## What you learnt
#
# - R, G and B say almost the same thing three times. A 3 × 3 matrix turns them into luma Y, which holds the
#   picture, and chroma Cb and Cr, which vary little.
# - Rounded to whole numbers the way there and back costs at most one level, and comes to 53 dB.
# - The eye resolves colour less finely than brightness. 4:2:0 keeps one chroma sample for four pixels, in their
#   middle: the mean on the way down, 3/4 and 1/4 on the way up.
# - On the Kodak photographs that saves 12 to 17 percent of the bits, from quality 10 to 90, if only the setting counts, and less if
#   PSNR (RGB) does. On edges in colour alone it fails.
# - PSNR of RGB and PSNR of Y can tell two stories about one file. Name the one you mean.
#
# The block has three planes now, and its 64 samples of Y are still raw: neighbours repeat each other. [Lesson 03](03_dct.ipynb)
# takes them apart into waves.
#
# ## Further reading
#
# - E. Hamilton, *JPEG File Interchange Format, version 1.02*, C-Cube Microsystems, 1992. Nine pages; colour is on page 3, siting on
#   page 4. Since 2011 also Recommendation ITU-T T.871.
# - Recommendation ITU-R BT.601, *Studio encoding parameters of digital television for standard 4:3 and wide-screen 16:9 aspect ratios*.
#   Where 0.299, 0.587 and 0.114 come from.
# - K. T. Mullen, "The contrast sensitivity of human colour vision to red-green and blue-yellow chromatic gratings", *The Journal of
#   Physiology* 359, 381–400, 1985. How fine stripes may be before their colours melt.
# - C. Poynton, *Digital Video and HD: Algorithms and Interfaces*, 2nd edition, Morgan Kaufmann, 2012. Luma, gamma and
#   subsampling, with all the pitfalls.
# - `jdsample.c` in [libjpeg-turbo](https://github.com/libjpeg-turbo/libjpeg-turbo): the triangle filter in C, with comments.
