# %% [markdown]
# # 11 · Only the decoder
#
# **What if only the decoder learns?**
#
# The file stays as it is, byte for byte. No encoder has to change, and every .jpg that was ever written is good enough. Only the program that paints it has seen photographs before.
# Left and middle: the same 3,900 bytes, painted by two decoders. Neither of them has seen this cat.

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
import numpy as np
import torch

from lic_teach import images, jpeg, metrics
from lic_teach.course.only_the_decoder import bins, page, repair, training
from lic_teach.kit.predict import Predict

torch.set_num_threads(1)
cat = images.sample("chelsea")
coarse_file = training.jpg(cat, 10)
figure, axes = plt.subplots(1, 3, figsize=(11, 3.4))
shown = (
    (jpeg.decode(coarse_file), "an ordinary decoder"),
    (repair.decode(coarse_file), "a decoder that learned"),
    (cat, "the original"),
)
for ax, (picture, title) in zip(axes, shown, strict=True):
    ax.imshow(picture[40:200, 120:340])
    dB = metrics.psnr(cat, picture)
    ax.set_title(title + f", {dB:.1f} dB" * (dB < 99), fontsize=10)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# **After this lesson** you can
# - write a convolution, and count the numbers and the reach of a network made of them;
# - train such a network on photographs of your own, and test it on others;
# - say what a decoder alone can win, and where it does harm.
#
# You need [lesson 04](04_quantization.ipynb) (steps and stairs) and [lesson 10](10_backpropagation.ipynb) (a network and its training). About 31 minutes.

# %% [markdown]
# ## What costs nothing
#
# The file says which stair a coefficient is on. An ordinary decoder paints the middle of the stair. [Lesson 04](04_quantization.ipynb) found something better without any learning: small coefficients
# are more frequent than large ones, so the mean lies nearer to zero. How much nearer is guessed from the file's own histogram (Laplace). Any rival has to beat that first.

# %%
# NBVAL_CHECK_OUTPUT
files = {name: training.jpg(images.sample(name), 30) for name in images.SAMPLES}
print("quality 30, PSNR of RGB    middle    Laplace")
for name, data in files.items():
    x = images.sample(name)
    dB = [metrics.psnr(x, jpeg.decode(data, points=p)) for p in ("middle", "laplace")]
    print(f"{name:24}{dB[0]:9.2f}{dB[1]:11.2f}")

# %% [markdown]
# One or two tenths of a decibel. (In luma alone it is a little more; halved chroma is left as it is.)
#
# But Laplace knows one coefficient at a time. Whoever looks at the picture sees more: a sharp jump at the border of a block is hardly ever there in the world, ripples beside an edge neither. A network is to
# learn that, and it should do the same *everywhere*: fur is fur, at the left and at the right.
#
# ## The same weights everywhere: convolution
#
# The predictor of [lesson 01](01_redundancy.ipynb) did so already: the same few weights, moved over the picture. Such a small table of weights is called a **kernel**. Lay it on the samples, multiply, add up, write down one number; move on by
# one sample. That is a **convolution**.

# %% jupyter={"source_hidden": true}
y = jpeg.decode(training.jpg(cat, 10))[88:94, 196:204].mean(2).round()
edge = np.array([[-1, 0, 1]] * 3)
figure, axes = plt.subplots(1, 3, figsize=(10, 2.9), width_ratios=(8, 3.6, 6))
page.draw_convolution(axes, y, edge, (1, 2))
figure.suptitle("Nine products, added up, are one number of the output", fontsize=11)
figure.tight_layout()

# %% [markdown]
# This kernel takes the right from the left: its output is large where there is an upright edge, be it of an eye or of a block.
#
# ### ✎ 1 · `convolve`

# %%
from lic_teach.course.only_the_decoder.exercises import check


def convolve(x, w):
    """x: float (H, W); w: kernel, (k, k). Return (H - k + 1, W - k + 1): the kernel as it is, wherever it lies wholly on x."""
    # your lines here


check("convolve", convolve)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def convolve(x, w):
#     k = len(w)
#     out = np.zeros((x.shape[0] - k + 1, x.shape[1] - k + 1))
#     for i in range(k):
#         for j in range(k):
#             out += w[i, j] * x[i : i + out.shape[0], j : j + out.shape[1]]
#     return out
# ```
#
# In mathematics a convolution turns the kernel round first; networks do not, and keep the name.
#
# </details>

# %% [markdown]
# **Channels.** A colour picture is three planes. A layer has many planes inside, say 32, and calls them channels. Each output channel has a kernel for *each* input channel; their results are added up, and a bias. At the rim
# zeros are put around (**padding**), so that the size stays.
#
# ### ✎ 2 · `numbers`
#
# How many numbers can such a layer learn?


# %%
def numbers(inputs, outputs, k):
    """Channels in, channels out, kernels k x k. Return how many weights and biases there are."""
    # your lines here


check("numbers", numbers)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def numbers(inputs, outputs, k):
#     return outputs * (inputs * k * k + 1)
# ```
#
# </details>

# %% [markdown]
# ## The network
#
# ```
# what Laplace's decoder paints ── minus the mean of 9 × 9 around ── 2 × 2 pixels of 3 colours = 12 channels, half the size
#   12 → 32   + two numbers: how coarse the steps are;  + the place in the block of 8 × 8
#   32 → 32 → 32   what comes out is added to what went in
#   32 → 32 → 32   once more
#   32 → 12   = 2 × 2 pixels of 3 colours: added to the picture
# ```
#
# All kernels are 3 × 3, with a ReLU, $\max(0, x)$, between them. Four choices are worth a word:
# - It learns only **what to add** (a **residual**). At first its last layer is zero, so it starts as Laplace's decoder.
# - Taking the mean around away hides how bright or red a place is. Three photographs are soon learned by heart, and what cannot be seen cannot be learned by heart.
# - Taking pixels two by two makes four times as few places: four times as fast.
# - It is told the steps. So one network serves all qualities.
#
# **Predict:** six convolutions of 3 × 3, one after the other, at half the size; before it the mean of 9 × 9. How far does a pixel look? That is the **receptive field**. (At half the size each convolution reaches one place further to each side.)

# %%
with Predict(
    "How many pixels wide is the receptive field, about?", unit="pixels", near=5
) as predict:
    net = repair.shipped()  # as it comes with the course
    x = torch.tensor(cat[80:176, 160:256]).permute(2, 0, 1)[None].float().requires_grad_()
    net(x, torch.zeros(1, 2))[0, :, 48, 48].sum().backward()  # who has a say in this pixel?
    touched = np.flatnonzero(x.grad[0].abs().sum((0, 1)).numpy())
    print("columns", touched[0], "to", touched[-1], "have a say in column 48")
    predict.truth = touched[-1] - touched[0] + 1

# %%
# NBVAL_CHECK_OUTPUT
print(sum(p.numel() for p in repair.Repair().parameters()), "numbers")

# %% [markdown]
# Your `numbers` gives 43,948 for the six layers; the other 608 tell it the steps and the place. The field is about two blocks to each side. A network that learns from the DCT of single blocks would never see a border.
#
# ## A minute of training
#
# Nobody has to label anything. A photograph is the right answer; write a .jpg of it, and you have the question. Here are three photographs, each also at three quarters and at half its size with its colours exchanged, at eight
# qualities. Then the loop of [lesson 10](10_backpropagation.ipynb), with Adam: 1,000 steps with 16 pieces of 64 × 64.

# %%
known = training.pairs([images.sample(name) for name in ("astronaut", "coffee", "rocket")])
minute = training.train(known, steps=1000)

# %% [markdown]
# **Predict:** Laplace brought the cat 0.2 dB at quality 30. And the network, on top of it? The cat is held out.

# %%
question = "How many dB does a minute's network bring, beyond Laplace?"
with Predict(question, unit="dB", near=0.15) as predict:
    print("the cat, PSNR   middle   Laplace   a minute")
    for quality in (10, 30, 50, 75, 90):
        data = training.jpg(cat, quality)
        shown = jpeg.decode(data), repair.painted(data)[0], repair.decode(data, minute)
        dB = [metrics.psnr(cat, picture) for picture in shown]
        print(f"quality {quality:2}    {dB[0]:9.2f}{dB[1] - dB[0]:+10.2f}{dB[2] - dB[0]:+11.2f}")
        if quality == 30:
            predict.truth = round(dB[2] - dB[1], 2)

# %%
# NBVAL_CHECK_OUTPUT
data = training.jpg(cat, 30)
gain = metrics.psnr(cat, repair.decode(data, minute)) - metrics.psnr(cat, jpeg.decode(data))
print(
    "a minute's network at quality 30, more than 0.45 dB above the ordinary decoder:", gain > 0.45
)

# %% [markdown]
# At coarse steps it wins several times what Laplace did. At quality 90 there is little left to repair, and a minute is not enough to do it well.
#
# ## More photographs, more minutes
#
# The same network, the same numbers, but 310 pictures instead of three, and 7,000 steps: eight minutes of one processor core. These weights come with the course. All four sample photographs are held out now.

# %%
# NBVAL_CHECK_OUTPUT
gains = {}
for name, data in files.items():
    x, plain = images.sample(name), jpeg.decode(files[name])
    gains[name] = metrics.psnr(x, repair.decode(data)) - metrics.psnr(x, plain)
print("quality 30, above the ordinary decoder, dB:", {n: round(g, 1) for n, g in gains.items()})

# %% [markdown]
# One decibel on average, six times what Laplace wins. Move the quality, and change the *file*: `by λ` is the file of [lesson 08](08_jpeg_by_lambda.ipynb), whose encoder has chosen its numbers for this very picture.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.only_the_decoder.before_after import BeforeAfter

explorer = BeforeAfter()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.
#
# Does the gain add to that of a better encoder? Less than half of it: at 0.53 bits a pixel 0.4 dB instead of 0.9. Files for a λ leave less to repair. Their encoder takes the next smaller number where that saves enough bits. So what is on a stair lies about in its middle there (measured: off by less than 0.04 of a step, against 0.15 at quality 30), and Laplace goes too far.
#
# ## Where it fails
#
# The network has seen photographs. **Predict:** a page of text, black on white.

# %%
letters = page.page()
choices = ["repaired", "hardly changed", "made worse"]
with Predict("The page at quality 75, by the minute's network?", choices) as predict:
    print("the page, PSNR   middle   a minute   the long training")
    for quality in (10, 30, 75, 90):
        data = training.jpg(letters, quality)
        plain = metrics.psnr(letters, jpeg.decode(data))
        more = [metrics.psnr(letters, repair.decode(data, n)) - plain for n in (minute, None)]
        print(f"quality {quality:2}     {plain:9.2f}{more[0]:+11.2f}{more[1]:+20.2f}")
        if quality == 75:
            predict.truth = choices[0 if more[0] > 0.1 else 1 if more[0] > -0.1 else 2]

# %% [markdown]
# A minute with three photographs makes letters worse at every quality, and most where there was least to repair. Among the 310 pictures there are some charts and posters, and that was enough: the long training repairs letters, too, nearly everywhere. A learned part is made for what it has learned from, and nothing warns you where that ends.
#
# ## How much is that?
#
# In decibels it is hard to say. In bytes: by how many percent may a file be smaller, and still have the same PSNR after the repair (BD-rate, [lesson 07](07_rate_distortion.ipynb))? Beside it what the encoder of [lesson 08](08_jpeg_by_lambda.ipynb) wins, with the
# ordinary decoder, and both together.

# %%
# NBVAL_CHECK_OUTPUT
curves = {}
for kind, points in explorer.source.curves.items():
    for who in ("plain", "network"):
        curves[kind, who] = [(bpp, psnr[who]) for bpp, psnr in points]
for what in (("by quality", "network"), ("by λ", "plain"), ("by λ", "network")):
    percent = metrics.bd_rate(curves["by quality", "plain"], curves[what], (29.5, 36))
    print(f"the cat, file {what[0]:10}, decoder {what[1]:7}: {percent:+.0f} % of the bytes")

# %% [markdown]
# Nearly a fifth of the cat's bytes, from files that exist already. But the better encoder alone wins more, and of its own files the learned decoder saves only another twelfth.
#
# Published networks of this kind have from 0.1 million numbers (AR-CNN, 2015) to 72 million (FBCNN, 2021), and report one to two decibels, on other pictures, at lower qualities, and mostly in luma. So it does not grow
# without end with the size of the network: what the encoder has thrown away can be guessed only so far. The next lessons let the other parts learn, too: the transform, the prior, the encoder.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: does it keep to the file? (about 10 minutes)
#
# The file says for certain in which **bin**, half a step to each side, each coefficient was. A decoder that paints something outside contradicts it. Is it worth while to push it back?
#
# ### ✎ 3 · `into_bin`


# %%
def into_bin(c, k, step):
    """c: coefficients of a repaired picture; k: the file's numbers. Return the nearest that fit k."""
    # your lines here


check("into_bin", into_bin)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def into_bin(c, k, step):
#     return np.clip(c, (k - 0.5) * step, (k + 0.5) * step)
# ```
#
# Who has a convex set that holds the truth, and moves to its nearest point, comes nearer to the truth or stays. That is *projection onto a convex set*.
#
# </details>

# %%
print("quality   outside, of luma   what pushing back wins")
for quality in (10, 30, 75):
    data = training.jpg(cat, quality)
    picture = repair.decode(data)
    better = metrics.psnr(cat, bins.into_bins(picture, data)) - metrics.psnr(cat, picture)
    print(f"{quality:7} {bins.outside(picture, data):15.2%} {better:+20.3f} dB")
data = jpeg.encode(cat, lam=0.01)
print(f"by λ: of the original's own coefficients {bins.outside(cat, data):.1%} lie outside")

# %% [markdown]
# Next to nothing: nobody told the network of bins, and it keeps to them by itself. And for files by λ the bins are not even true: their encoder moves a number to a cheaper one on purpose, and it does not tell.
#
# ## Depth: where does the gain sit? (about 5 minutes)
#
# At the borders of blocks, where everybody sees them? Split the cat by the place in the block, and by how busy the original is there.

# %%
data = training.jpg(cat, 30)
before, after = (
    (picture - cat.astype(float)) ** 2 for picture in (jpeg.decode(data), repair.decode(data))
)
rows, columns = np.indices(cat.shape[:2]) % 8
rim = np.isin(rows, (0, 7)) | np.isin(columns, (0, 7))
busy = np.abs(np.diff(cat.astype(float).mean(2), axis=1, append=0)) > 8
for words, here in (("rim of a block", rim), ("inside", ~rim), ("busy", busy), ("calm", ~busy)):
    share = (before - after)[here].sum() / (before - after).sum()
    print(f"{words:15} {here.mean():4.0%} of the pixels, error {before[here].mean():5.1f} -> "
          f"{after[here].mean():5.1f}, {share:.0%} of the gain")  # fmt: skip

# %% [markdown]
# Rims are under half of the pixels, and have nearly two thirds of the gain; calm places have three quarters of it. So it is the steps between blocks and the ripples in flat places that are mended. In fur the truth was struck out, and stays lost.
#
# ## The scoreboard
#
# The cat is one picture. Here are the 24 Kodak photographs: the .jpg of most programs, painted by this network.

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing

Drawing(board("only_the_decoder"))

# %% [markdown]
# ## What you learnt
#
# - A convolution lays one small kernel on every place: few numbers, and the same rule everywhere. Channels, padding, receptive field.
# - A residual network adds to what is there; when it knows nothing, it changes nothing.
# - Held out is more than another picture of the same kind: text is another world.
# - A decoder alone wins real bytes from files that exist already. What was never sent it can only guess.
#
# Next: let the transform learn. [Lesson 12](12_autoencoder.ipynb).
#
# ## Further reading
#
# - J. R. Price, M. Rabbani, "Biased reconstruction for JPEG decoding", *IEEE Signal Processing Letters* 6(12), 297–299, 1999. The points that cost nothing.
# - C. Dong, Y. Deng, C. C. Loy, X. Tang, "Compression artifacts reduction by a deep convolutional network", *ICCV* 2015. AR-CNN, the first of its kind.
# - K. Zhang, W. Zuo, Y. Chen, D. Meng, L. Zhang, "Beyond a Gaussian denoiser: residual learning of deep CNN for image denoising", *IEEE Transactions on Image Processing* 26(7), 3142–3155, 2017. Learn what to add.
# - J. Jiang, K. Zhang, R. Timofte, "Towards flexible blind JPEG artifacts removal", *ICCV* 2021. FBCNN: one network, any quality.
# - Y. LeCun and others, "Backpropagation applied to handwritten zip code recognition", *Neural Computation* 1(4), 541–551, 1989. Kernels that are learned.
