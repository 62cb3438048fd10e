# %% [markdown]
# # 02 · Colour
#
# **Does the eye need all three channels?**
#
# Ask your own eye, before any photograph. Below are stripes: fine on the left, broad on the right, faint at the top,
# strong at the bottom. In the first strip only brightness changes, in the other two only colour. All three are equally
# strong: in each row their numbers swing by the same amount.
#
# Look along the lowest row of each strip. Put its mark where you lose the stripes. If you lose none, move back
# from the screen.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lic_teach import images, jpeg, metrics
from lic_teach.course.colour.eye_chart import EyeChart
from lic_teach.jpeg import color
from lic_teach.kit.predict import Predict


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


EyeChart()

# %% [markdown]
# Most eyes lose blue first, then red, and brightness last. So the eye needs all three channels, but not equally finely.
# A *cycle* is one light and one dark stripe, and needs a sample for each. So the dashed line, at 4 pixels a cycle, marks
# the finest stripes that every second sample can carry. Are your marks for colour to the right of it? Then you would miss nothing if every second sample of colour were thrown away.
#
# JPEG usually does that. This lesson builds the step, and then asks a photograph.
#
# <details><summary>In degrees, as eye doctors count</summary>
#
# Whoever moves back sees less, so the eye's own unit is cycles per *degree* of the field of view. A degree is about 33
# pixels on a usual screen (96 dpi) half a metre away: 4 pixels a cycle are 8 cycles per degree. Mullen (1985) found
# that the strongest stripes of colour melt at 11 or 12 cycles per degree; normal sight holds stripes of brightness to
# 30 or more. So near a coarse screen the strongest colours can be seen beyond the dashed line. On a phone (460 dpi at
# 30 cm) a degree is 95 pixels, and they melt at 8.
#
# The chart goes back to Campbell and Robson (1968). If you see colours differently from most people, your marks are as
# right as anybody's: they are what *your* eye needs.
#
# </details>
#
# **After this lesson** you can
# - turn RGB into YCbCr exactly as the standard says;
# - say what 4:4:4, 4:2:2 and 4:2:0 mean, and make a plane of colour smaller;
# - say when that is a good bargain.
#
# You need lessons [00](00_start_here.ipynb) and [01](01_redundancy.ipynb), and about 30 minutes to the line that ends
# the core. Three sections of depth follow, with minutes of their own.

# %% [markdown]
# ## Three pictures that are almost one
#
# A pixel is three samples, red, green and blue (R, G, B). Where light falls, all three go up. So say *once* how
# bright a pixel is, and then only how its colour departs from grey: **luma** Y, and two planes of **chroma**,
# Cb and Cr.

# %%
coffee = images.sample("coffee")
with Predict(
    "Of the variance of Y, Cb and Cr in a cup of coffee, which share is Y's?", unit="%", near=6
) as predict:
    variances = color.rgb_to_ycbcr(coffee).reshape(3, -1).var(axis=1)
    print("spread of R, G, B  ", coffee.reshape(-1, 3).std(axis=0).round())
    print("spread of Y, Cb, Cr", np.sqrt(variances).round())
    predict.truth = round(100 * variances[0] / variances.sum())

# %% [markdown]
# (The spread is the standard deviation, in levels; its square is the variance.) R, G and B vary about equally much. Chroma does not vary much, in
# our other photographs too, and what varies little costs few bits.
#
# So there are two reasons to be careless with chroma, and they are not the same. One is the eye's: it
# resolves colour badly, as your chart says. The other is the photograph's: there is little to lose.

# %% [markdown]
# ## How bright is a colour?
#
# Luma is a weighted sum. It was made for television, so that black-and-white sets could show colour programmes:
#
# $$Y = 0.299\,R + 0.587\,G + 0.114\,B$$
#
# The weights add up to 1: grey with R = G = B = 90 has Y = 90. Full red, (255, 0, 0), has Y = 76. Here it is between
# two greys. Half close your eyes: which edge nearly melts, the left or the right one?

# %% jupyter={"source_hidden": true}
from lic_teach.course.colour import light

red = np.array([[255, 0, 0]], np.uint8)
same_luma = color.luma(red[None])[0]
same_light = np.rint(light.grey_of(light.luminance(red))).astype(np.uint8)
three = np.stack([same_luma.repeat(3), red[0], same_light.repeat(3)])[None]  # 1 x 3 pixels
show([three], ["grey, red, grey"], width=3.5, interpolation="nearest")

# %% jupyter={"source_hidden": true}
with Predict(
    "Which grey sends as much light to the eye as the red?", ["the left one", "the right one"]
) as predict:
    print("         Y  grey that sends as much light")
    for name, colour in (("red", [255, 0, 0]), ("green", [0, 255, 0]), ("blue", [0, 0, 255])):
        rgb = np.array([[colour]], np.uint8)
        grey = light.grey_of(light.luminance(rgb[0, 0]))
        print(f"{name:6} {color.luma(rgb)[0, 0]:4} {grey:9.0f}")
    predict.truth = "the right one" if same_light > same_luma else "the left one"

# %% [markdown]
# One grey has red's luma, the other its *luminance*: the light, as the eye weighs it. **Luma is not luminance**, for
# two reasons. The samples of a file are bent by a curve (*gamma*), roughly a square root of the light. And the weights
# are those of the television tubes of 1953; the light of today's screens (sRGB) has 0.2126, 0.7152 and 0.0722. So
# colours of equal Y are not equally bright. Your chart showed it: stripes of Cr have the same Y, yet their light swings
# a quarter as much as that of Y's stripes. Choose *luminance* there, and colour alone is left.

# %% [markdown]
# ## Two differences
#
# How much bluer, and how much redder than its luma is the pixel?
#
# $$C_b = \frac{B - Y}{1.772} \qquad C_r = \frac{R - Y}{1.402}$$
#
# For grey both are 0. The divisors make them fit into −127.5 to 127.5. Green needs no third difference: it
# follows from Y, B and R. All three are weighted sums, so the step is one 3 × 3 matrix.
#
# In a file, samples are whole numbers from 0 to 255. So **add 128** to Cb and Cr, **round**, and **clip**. We try the
# matrix on a pixel of the cat's eye. Its block of 8 × 8 pixels goes with you through all lessons on JPEG.

# %%
# NBVAL_CHECK_OUTPUT
block = images.thread_block()  # it runs through the course like a thread
luma = np.array([0.299, 0.587, 0.114])
red, blue = np.array([1, 0, 0]), np.array([0, 0, 1])
M = np.stack([luma, (blue - luma) / 1.772, (red - luma) / 1.402])

np.testing.assert_allclose(M, color.RGB_TO_YCBCR, atol=1e-8)
print(M.round(6))
print("R, G, B", block[0, 0], "  Y, Cb, Cr", (M @ block[0, 0]).round(2))

# %% [markdown]
# A light brown: less blue than grey, and redder. Now backwards:

# %%
colours = ["black", "red", "green", "blue"]
with Predict(
    "All samples of a file are 0: Y = Cb = Cr = 0. Which colour is it?", colours
) as predict:
    rgb = color.ycbcr_to_rgb(np.zeros((3, 1, 1), np.uint8))[0, 0]
    print("R, G, B", rgb, "  A chroma of -128: as little blue and red as can be.")
    predict.truth = colours[1 + rgb.argmax()] if rgb.any() else "black"

# %% [markdown]
# ### ✎ 1 · `to_ycbcr`
#
# Now exactly as the standard has it (ITU-T T.871):
#
# $$\mathrm{sample} = \min(\max(0, \lfloor x + 0.5 \rfloor), 255)$$
#
# where $x$ is the weighted sum, with 128 added for Cb and Cr, and $\lfloor\ \rfloor$ rounds down. A
# trap lies in a corner: what is the Cb of pure blue?

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
#
# Here is the luma of the block. [Lesson 03](03_dct.ipynb) takes it up from here.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
block_y, block_cb, block_cr = color.rgb_to_ycbcr(block)
print(block_y)

# %% [markdown]
# ## ▶ How far can colour run?
#
# One slider blurs Y, the other Cb and Cr. (Pixels are the standard deviation of a Gaussian.) The buttons set a whole
# plane to 128. The rest becomes a JPEG file of quality 90, with all colour samples. Wipe: on the left the original, on
# the right what came out of the file.

# %% jupyter={"source_hidden": true}
from lic_teach.course.colour.chroma import Chroma

Chroma()

# %% [markdown]
# Find your own limit first: chroma from 0 slowly up, until you are sure to see a difference. Then luma. How many times
# smaller is that number? Then press the buttons under the figure.
#
# *Chroma 8* and *luma 0.75* take as many bytes, to one percent, and have the same PSNR (RGB), to 0.01 dB. PSNR asks how
# large the errors in red, green and blue are, not whether an eye finds them.

# %% [markdown]
# ## Throw colour samples away
#
# **Subsampling** keeps fewer samples of Cb and Cr than of Y. Its names count samples in a field of 4 × 2 pixels: 4 of Y
# in a row, then how many of Cb (and of Cr) the upper row has, then how many the lower row adds. The standard prescribes
# none of them; most programs write 4:2:0.

# %% jupyter={"source_hidden": true}
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
# JPEG puts each sample of 4:2:0 in the **middle of its four pixels**. So it takes their mean. Our block keeps its 64
# samples of Y and has 16 of Cb and 16 of Cr now, 96 instead of 192:

# %%
# NBVAL_CHECK_OUTPUT
small = np.zeros((4, 4))
for i in range(4):
    for j in range(4):
        small[i, j] = block_cb[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean()

np.testing.assert_allclose(small, color.downsample(block_cb, 2, 2))
print(small)

# %% [markdown]
# A block of JPEG is always 8 × 8 samples. So four blocks of Y, 16 × 16 pixels, share one block of Cb and one of
# Cr. The decoder goes from sample to sample in straight lines, so that every pixel has a colour again.

# %% [markdown]
# ## Is it a good bargain?
#
# Half of all samples are gone: 1.5 a pixel are left of 3. And the file, at quality 75?

# %%
with Predict("4:2:0 makes the coffee's file smaller by", unit="%", near=4) as predict:
    for name in images.SAMPLES:
        image = images.sample(name)
        full, half = (len(jpeg.encode(image, 75, subsampling=s)) for s in ("4:4:4", "4:2:0"))
        saved = round(100 * (1 - half / full))
        print(f"{name:10} {full:,} bytes in 4:4:4, {half:,} in 4:2:0: {saved} % saved")
        if name == "coffee":
            predict.truth = saved
    print("Half of the samples, but the cheap half: chroma is smooth.")

# %% [markdown]
# And where colour is *not* smooth, and luma has no edge to hide behind? Red letters on blue, at quality 95, in
# which photographs look perfect:


# %% jupyter={"source_hidden": true}
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

show(
    pictures[2:],
    titles[2:],
    "Edges in colour alone do not survive 4:2:0",
    width=8,
    interpolation="nearest",
)

# %% [markdown]
# So the verdict on 4:2:0 is: **cheap for small files, useless for large ones, deadly for text.** On the 24 Kodak
# photographs, on which most codecs are tested, it saves at equal PSNR (RGB) 12 percent of the bits at quality 10, 3 to 4 from 30 to 85, and 1 at 90.
# (At equal quality, so if nobody looks at colour, 12 to 17.) Screenshots, maps and comics belong into a PNG, or at
# least into 4:4:4.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: where the samples lie (about 17 minutes)
#
# The way down first. Your encoder of [lesson 06](06_a_real_jpeg.ipynb) can use it.
#
# ### ✎ 2 · `down`
#
# Without a loop, for a plane of any size. The trap is [lesson 00](00_start_here.ipynb)'s: four samples add up to more
# than a `uint8` can hold.


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
# ### The rule
#
# JFIF, the file format around JPEG, has the rule: the first sample of chroma lies $N_Y / N_C / 2 - 0.5$ pixels from the
# first sample of Y, where $N_Y$ and $N_C$ are the numbers of samples in a row. Half as many: 0.5, the middle of a pair.
# That place is called *siting*. Most video puts chroma on the left one of two pixels:

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 2, figsize=(6.5, 2.2), layout="constrained")
for ax, name, shift in zip(
    axes, ("JPEG: in the middle", "video: on the left"), (0.5, 0), strict=True
):
    rows, columns = np.mgrid[0:4, 0:8]
    ax.plot(columns.ravel(), rows.ravel(), "o", color="gray", markersize=5)
    rows, columns = np.mgrid[0:4:2, 0:8:2] + np.array([0.5, shift])[:, None, None]
    ax.plot(columns.ravel(), rows.ravel(), "x", color="#d9730d", markersize=9, mew=2)
    ax.set(xlim=(-0.7, 7.7), ylim=(3.7, -0.7), aspect="equal", xticks=range(8), yticks=range(4))
    ax.set_title(name, fontsize=10)
figure.suptitle("4:2:0 twice: whoever mixes them up shifts all colour by half a pixel")
plt.show()

# %% [markdown]
# ### Up: a triangle
#
# The decoder has to give every pixel a colour again. The simplest way repeats each sample four times: *replication*.
# The better way is to go from one sample to the next in a straight line. Look at one row: samples at 0.5, 2.5, 4.5, …,
# pixels at 0, 1, 2, 3, … Pixel 1 is half a pixel from the sample at 0.5 and one and a half from that at 2.5. What
# weights must the two have?

# %%
sites = np.array([0.5, 2.5, 4.5, 6.5])
samples = np.array([100, 180, 120, 120])
with Predict("Samples 100 and 180 at 0.5 and 2.5. What is pixel 1?", near=1) as predict:
    row = np.interp(np.arange(8), sites, samples)
    print("replication", samples.repeat(2))
    print("triangle   ", row)
    predict.truth = row[1]

# %% [markdown]
# <details><summary>Why this number</summary>
#
# Three quarters of the near one, one quarter of the far one: 0.75 · 100 + 0.25 · 180 = 120. Beyond the last sample
# nothing changes any more. In two directions the weights multiply: 9/16, 3/16, 3/16, 1/16. Drawn over the samples they
# form a tent, so this is called the *triangle filter*. libjpeg, the free library inside very many programs that open
# JPEG files, does it under the name "fancy upsampling".
#
# </details>
#
# Written as lines between samples, and compared with the package:


# %%
def by_lines(plane, offset=0.5):
    """Twice the width by straight lines between samples at offset, offset + 2, ..."""
    width = plane.shape[1]
    sites = np.arange(width) * 2 + offset
    return np.array([np.interp(np.arange(2 * width), sites, row) for row in plane])


Y, Cb, Cr = color.rgb_to_ycbcr(coffee)
stored = np.rint(color.downsample(Cb, 2, 2)).astype(np.uint8)  # what the decoder gets
mine = by_lines(by_lines(stored).T).T
np.testing.assert_allclose(mine, color.upsample(stored, 2, 2), rtol=0, atol=0.5)

# %% jupyter={"source_hidden": true}
cut = np.s_[184:216, 300:332]  # a part of the rim of the cup
cb_s, cr_s = (np.rint(color.downsample(p, 2, 2)).astype(np.uint8) for p in (Cb, Cr))
ways = {
    "original": (Cb, Cr),
    "replication": [p.repeat(2, axis=0).repeat(2, axis=1) for p in (cb_s, cr_s)],
    "triangle": [color.upsample(p, 2, 2) for p in (cb_s, cr_s)],
}
grey = np.full_like(Y, 128)
show(
    [color.ycbcr_to_rgb([grey, *planes])[cut] for planes in ways.values()],
    list(ways),
    "Colour alone (Y = 128), 32 × 32 pixels of the cup's rim",
    width=7.5,
    interpolation="nearest",
)

# %% [markdown]
# How much closer does the triangle come? And what does the wrong siting cost?

# %%
choices = ["replication", "triangle", "triangle, wrong sites"]
with Predict("Which of the three ways up is the worst?", choices) as predict:
    print("PSNR of Cb and Cr, dB     replication   triangle   triangle, wrong sites")
    last = []
    for name in images.SAMPLES:
        image = images.pad_to_multiple(images.sample(name), 2)  # odd width: the last column again
        for plane, which in zip(color.rgb_to_ycbcr(image)[1:], ("Cb", "Cr"), strict=True):
            stored = np.rint(color.downsample(plane, 2, 2)).astype(np.uint8)
            shifted = by_lines(by_lines(stored, 0).T, 0).T  # as if samples sat on pixels 0, 2, ...
            ways = stored.repeat(2, 0).repeat(2, 1), color.upsample(stored, 2, 2), np.rint(shifted)
            psnr = [metrics.psnr(plane, way) for way in ways]
            print(f"{name:10} {which} {psnr[0]:23.1f} {psnr[1]:10.1f} {psnr[2]:16.1f}")
            last.append(np.argmin(psnr))
    predict.truth = choices[np.bincount(last).argmax()]

# %% [markdown]
# <details><summary>What the table says</summary>
#
# Half a pixel of shift costs more than the triangle gains, on every photograph. Siting is worth the trouble.
#
# On three photographs the triangle wins, by 0.4 to 1.1 dB. On the rocket it loses a little. Its launch tower is made of
# bars one pixel wide, orange against blue. Where colour jumps from pixel to pixel, a straight line is no better guess
# than the mean itself.
#
# </details>
#
# ### ✎ 3 · `up`
#
# The triangle filter, without `np.interp`. Hint: write it for one direction, with `np.pad(..., mode="edge")` for the
# border, then use it twice.


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
# ## Depth: what it saves, and from whom it had been taken before (about 13 minutes)
#
# First a control. Nobody needs YCbCr to throw samples away: halve red and blue, and keep green whole. That is
# the same number of samples.


# %%
def halved(plane):
    """To half the size and back, as 4:2:0 does: uint8 (H, W) -> uint8 (H, W), both even."""
    return color.upsample(np.rint(color.downsample(plane, 2, 2)).astype(np.uint8), 2, 2)


choices = ["worse by 10 dB", "worse by 1 dB", "equal", "better by 1 dB"]
with Predict(
    "Of the coffee, is halved R and B better or worse than halved Cb and Cr?", choices
) as predict:
    print("PSNR (RGB), dB   Cb, Cr halved   R, B halved")
    for name in images.SAMPLES:
        image = images.pad_to_multiple(images.sample(name), 2)
        y, cb, cr = color.rgb_to_ycbcr(image)
        r, g, b = np.moveaxis(image, -1, 0)
        chroma = metrics.psnr(image, color.ycbcr_to_rgb([y, halved(cb), halved(cr)]))
        channels = metrics.psnr(image, np.stack([halved(r), g, halved(b)], axis=-1))
        print(f"{name:10} {chroma:19.1f} {channels:13.1f}")
        if name == "coffee":
            gains = [-10, -1, 0, 1]
            predict.truth = choices[np.argmin([abs(channels - chroma - g) for g in gains])]

# %% [markdown]
# <details><summary>Why</summary>
#
# R and B hold the picture's edges, each of them; Cb and Cr do not, the matrix took them out. That is
# why it comes first. (PSNR has no eye: these 4 to 12 dB are all the photograph's.)
#
# </details>
#
# Now real files, at quality 75. In luma, 4:2:0 loses next to nothing; in RGB it does:

# %%
# NBVAL_CHECK_OUTPUT
print("PSNR, dB     RGB, 4:4:4   4:2:0    Y, 4:4:4   4:2:0")
for name in images.SAMPLES:
    image = images.sample(name)
    row = [jpeg.decode(jpeg.encode(image, 75, subsampling=s)) for s in ("4:4:4", "4:2:0")]
    rgb = [metrics.psnr(image, x_hat) for x_hat in row]
    ys = [metrics.psnr(color.luma(image), color.luma(x_hat)) for x_hat in row]
    print(f"{name:10} {rgb[0]:12.2f} {rgb[1]:7.2f} {ys[0]:11.2f} {ys[1]:7.2f}")

# %% [markdown]
# ### Two ways to compare
#
# With the PSNR (RGB) that 4:2:0 loses, the 4:4:4 file could have been made smaller, too, at a lower quality. So there
# are two questions. Here on the 24 photographs of the Kodak set (Pillow's JPEG, measured for this course, in
# `data/rd/`):
#
# - at the **same quality setting**: Y is equal, only colour got worse. Right if you do not look at colour.
# - at the **same PSNR (RGB)**: right if an error in colour is as bad as one in brightness.

# %% jupyter={"source_hidden": true}
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

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
ax.plot(bpp, same_setting, "o-", color="#d9730d")
ax.plot(bpp, same_psnr, "s--", color="#d9730d")
ax.annotate(
    "if nobody looks at colour", (bpp[6], same_setting[6]), (0, -18), textcoords="offset points"
)
ax.annotate(
    "if an error in colour is as bad as in brightness",
    (bpp[4], same_psnr[4]),
    (0, 8),
    textcoords="offset points",
)
ax.axhline(0, color="gray", lw=1)
ax.set(xlabel="bits per pixel of the 4:4:4 file", ylabel="bits saved by 4:2:0, %", ylim=(-2, 30))
ax.set_title("Small files gain in any case, large ones only if nobody looks")
plt.show()

# %%
# NBVAL_CHECK_OUTPUT
print("quality   same setting   same PSNR (RGB)")
for q in (10, 50, 75, 90):
    i = list(quality).index(q)
    print(f"{q:7} {same_setting[i]:13.1f}% {same_psnr[i]:16.1f}%")

# %% [markdown]
# The truth lies between the two lines. The eye does look at colour, only less closely; how much less, no
# PSNR can tell. Your chart could.
#
# For large files there is even a ceiling. Take nothing away but chroma samples, and write no JPEG at all. How good is
# the picture still?

# %%
# NBVAL_CHECK_OUTPUT
print("PSNR (RGB), dB   4:2:0 without JPEG   4:4:4 with JPEG, quality 95")
for name in images.SAMPLES:
    image = images.pad_to_multiple(images.sample(name), 2)
    y, *chroma = color.rgb_to_ycbcr(image)
    ceiling = color.ycbcr_to_rgb([y, *map(halved, chroma)])
    full = jpeg.decode(jpeg.encode(image, 95, subsampling="4:4:4"))
    print(f"{name:10} {metrics.psnr(image, ceiling):18.1f} {metrics.psnr(image, full):22.1f}")

# %% [markdown]
# On three of the four, 4:2:0 stays below what a 4:4:4 file reaches at quality 95, however many bits it spends. A
# picture that must be as good as perfect is written as 4:4:4.
#
# One of our four photographs had been a JPEG in 4:2:2 before it came to us: its chroma was halved from left to right,
# and enlarged again by the triangle filter. That leaves a trace. Two neighbours inside a pair of columns
# (0 and 1, 2 and 3, …) lie between the same samples, and neighbours across two pairs (1 and 2, 3 and 4, …) do not: they
# should differ more.
#
# ### ✎ 4 · `pairs`
#
# A detective's tool. It returns the mean squared difference of neighbours in a row twice: inside the pairs, and across
# them. Where W is odd, the last column has no partner, and counts only across.


# %%
def pairs(plane):
    """uint8 (H, W) -> mean squared difference inside pairs of columns, and across them."""
    # your lines here


check("pairs", pairs)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def pairs(plane):
#     squares = np.diff(plane.astype(float), axis=1) ** 2
#     return squares[:, 0::2].mean(), squares[:, 1::2].mean()
# ```
#
# </details>

# %% jupyter={"source_hidden": true}
with Predict("Which photograph's chroma had been halved before?", images.SAMPLES) as predict:
    print("difference across pairs / inside pairs   along rows   along columns")
    found = {}
    for name in images.SAMPLES:
        for plane, which in zip(
            color.rgb_to_ycbcr(images.sample(name))[1:], ("Cb", "Cr"), strict=True
        ):
            ratios = []
            for turned in (plane, plane.T):
                squares = np.diff(turned.astype(float), axis=1) ** 2
                ratios.append(squares[:, 1::2].mean() / squares[:, 0::2].mean())
            print(f"{name:10} {which} {ratios[0]:37.2f} {ratios[1]:15.2f}")
            found[name] = ratios[0]
    predict.truth = max(found, key=found.get)

# %% [markdown]
# <details><summary>What that means</summary>
#
# The cat. Across its pairs the differences are more than twice those inside, along rows only: it once was a JPEG in
# 4:2:2, and what you see today is what that file left. So do not judge chroma on the cat: half of it had gone before
# you took half away. Whoever tests a codec has to ask where the test pictures come from.
# [Lesson 04](04_quantization.ipynb) finds more of that file.
#
# </details>

# %% [markdown]
# ## Depth: back to RGB (about 10 minutes)
#
# The inverse matrix goes back. A matrix with an inverse loses nothing; it only looks at the same three numbers from
# another side.

# %%
# NBVAL_CHECK_OUTPUT
print(np.linalg.inv(M).round(6) + 0.0)  # + 0.0 makes 0 of -0
print("lengths of the columns", np.linalg.norm(np.linalg.inv(M), axis=0).round(2))

variances, axes = np.linalg.eigh(np.cov(coffee.reshape(-1, 3).T))  # in rising order
print(f"coffee's main axis {abs(axes[:, -1]).round(2)}: {variances[-1] / variances.sum():.0%}")

# %% [markdown]
# An error of 1 in Y, Cb or Cr makes errors of 1.73, 1.81 or 1.57 in RGB, nearly the same: 1 : 1.04 : 0.91. But not
# quite, and the columns are not at right angles: this matrix is no rotation. The best rotation for the coffee (its KLT,
# which [lesson 03](03_dct.ipynb) explains) has as its main axis nearly the plain mean of R, G and B, and 89 % of the
# variance on it. A matrix for every picture of the world comes near that.
#
# ### ✎ 5 · `to_rgb`
#
# Take the 128 away first, and use all digits: a matrix of four digits is one level off at times. Your function must
# stand any three bytes, since a decoder cannot choose what is in the file.


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
#
# ### What does rounding cost?
#
# There are 256³ = 16.8 million colours. Send each of them to YCbCr and back, rounded to whole numbers both times.

# %%
with Predict("What share of all colours returns as it left?", unit="%", near=10) as predict:
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
    print(
        f"{unharmed / 256**3:.1%} of all colours return unharmed, none is off by more than {worst}"
    )
    print(f"PSNR (RGB) {10 * np.log10(255**2 / (squares / (3 * 256**3))):.1f} dB")
    print(f"triples (Y, Cb, Cr) in use: {used.mean():.1%} of 16.8 million")
    print("So JPEG is not lossless even where it loses nothing else.")
    predict.truth = round(100 * unharmed / 256**3)

# %% [markdown]
# Nobody can see such an error, but why is it there? Here is the cube of all colours, and where the matrix puts it:

# %% jupyter={"source_hidden": true}
corners = np.array(list(np.ndindex(2, 2, 2)))  # of the cube, R, G, B
ends = [(i, j) for i in range(8) for j in range(i) if np.sum(corners[i] != corners[j]) == 1]
y, cb, cr = M @ (255 * corners.T)
figure, ax = plt.subplots(figsize=(4.6, 4.2), subplot_kw={"projection": "3d"})
for i, j in ends:
    ax.plot(cb[[i, j]], cr[[i, j]], y[[i, j]], color="gray", lw=1)
ax.scatter(cb, cr, y, c=corners.astype(float), s=70, edgecolors="black", depthshade=False)
ax.set(xlabel="Cb", ylabel="Cr", zlabel="Y", xlim=(-128, 128), ylim=(-128, 128), zlim=(0, 255))
ax.set_title(
    "The cube of RGB stands on its black corner,\na slanted box in that of YCbCr", fontsize=10
)
ax.view_init(18, -60)
plt.show()

# %% [markdown]
# The box fills a small part of the cube around it. So, on average, several colours must share one triple. The other
# triples belong to no colour, such as Y = 0 with Cr = 255: black, and as red as can be.
#
# A learned codec meets colour, too. The one of this course starts its training with 64 numbers a block for Y, and with
# 32 each for Cb and Cr. Then training moves all of them, and nobody has to decide by hand what colour is worth. λ does.

# %% [markdown]
# ## What you learnt
#
# - The eye resolves colour less finely than brightness, and in a photograph there is little of it to resolve: two reasons
#   to be careless with it.
# - A 3 × 3 matrix turns R, G and B into luma Y, which holds the picture, and chroma Cb and Cr, which vary little. Luma is
#   not luminance, and colours of equal Y are not equally bright.
# - 4:2:0 keeps one chroma sample for four pixels, in their middle. At quality 75 that saves 15 to 27 percent of our four
#   files. Cheap for small files, useless for large ones, deadly for text.
# - PSNR of RGB and PSNR of Y can tell two stories about one file. Name the one you mean.
#
# The block has three planes now, and its 64 samples of Y are still raw: neighbours repeat each other. [Lesson
# 03](03_dct.ipynb) takes them apart into waves.
#
# ## Further reading
#
# - F. W. Campbell, J. G. Robson, "Application of Fourier analysis to the visibility of gratings", *The Journal of Physiology* 197,
#   551–566, 1968. The eye as a bank of filters; the chart is named after its authors.
# - K. T. Mullen, "The contrast sensitivity of human colour vision to red-green and blue-yellow chromatic gratings", *The Journal of
#   Physiology* 359, 381–400, 1985. How fine stripes may be before their colours melt.
# - E. Hamilton, *JPEG File Interchange Format, version 1.02*, C-Cube Microsystems, 1992. Nine pages; colour is on page 3, siting on
#   page 4. Since 2011 also Recommendation ITU-T T.871.
# - Recommendation ITU-R BT.601, *Studio encoding parameters of digital television for standard 4:3 and wide-screen 16:9 aspect ratios*.
#   Where 0.299, 0.587 and 0.114 come from.
# - C. Poynton, *Digital Video and HD: Algorithms and Interfaces*, 2nd edition, Morgan Kaufmann, 2012. Luma, gamma and
#   subsampling, with all the pitfalls.
# - `jdsample.c` in [libjpeg-turbo](https://github.com/libjpeg-turbo/libjpeg-turbo): the triangle filter in C, with comments.
