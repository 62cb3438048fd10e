# %% [markdown]
# # 17 · The learned codec
#
# **Can a network beat JPEG?**
#
# All pieces are on the table: a transform that may bend ([13](13_bend_or_look.ipynb), [12](12_autoencoder.ipynb)), gradients ([09](09_learning.ipynb), [10](10_backpropagation.ipynb)), bits from probability ([14](14_bits_from_probability.ipynb)), noise for rounding ([15](15_noise_for_rounding.ipynb)).
# Here they become one machine. It begins as JPEG's own DCT, looks at photographs for a minute, and all its numbers move downhill on
# one sum, $L = R + \lambda D$.
#
# This is what happened in such a minute, recorded. The photograph is the cat. The machine never saw it in training.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import SVG, display

from lic_teach import images, learned
from lic_teach.course.learned_codec import training, training_drawing
from lic_teach.jpeg import color, transform
from lic_teach.learned import anatomy, live, quantize, record
from lic_teach.learned.model import Model
from lic_teach.learned.train import begin
from lic_teach.learned.train import objective as package_objective

torch.set_num_threads(1)
ORANGE, BLUE = "#d9730d", "#2563b0"  # JPEG, the learned codec

cat = images.sample("chelsea")
jpeg_curve = training.jpeg_points(cat)  # libjpeg: (bits per pixel, PSNR) at many qualities
recorded = record.load()["dct"]

figure, ax = plt.subplots(figsize=(7, 4.2))
ax.plot(*zip(*jpeg_curve, strict=True), color=ORANGE, lw=2)
ax.plot(*recorded.points.T, color=BLUE, lw=1, ls="--", marker="s", ms=4)
ax.plot(*recorded.points[-1], "s", color=BLUE, ms=10, mec="white")  # the end
ax.annotate("JPEG, quality 1 to 95", (0.15, 24.5), color=ORANGE)
for moment, words, place in (
    (0, "step 1: grey", (-4, -15)),
    (3, "step 40", (8, -3)),
    (-1, "step 1,800", (-76, 6)),
):
    ax.annotate(words, recorded.points[moment], place, textcoords="offset points", color=BLUE)
ax.set(xscale="log", xlim=(0.05, 5), ylim=(12, 40))
ax.set_xticks((0.1, 0.2, 0.5, 1, 2, 5), ("0.1", "0.2", "0.5", "1", "2", "5"))
ax.set(xlabel="bits per pixel, whole file", ylabel="PSNR (RGB), dB")
ax.set_title("A minute of learning, across JPEG's curve")
figure.tight_layout()

# %% [markdown]
# It starts at the bottom, with a grey picture. Some forty steps later the cat is there, for far too many bits. Then the file shrinks, and at
# the end the point stands above JPEG's curve: the same quality for clearly fewer bits. You will run this training yourself.
#
# **After this lesson** you can
# - write down the whole of a learned codec, and its loss, in a dozen lines of PyTorch;
# - train one, and read the curves of R, D and L while it learns;
# - say what λ changes in a training, and what each channel of the trained codec draws;
# - name the three things that a plot of a training must not be taken for.
#
# You need lessons [08](08_jpeg_by_lambda.ipynb) to [15](15_noise_for_rounding.ipynb). About 35 minutes, two of them for training.

# %% [markdown]
# ## The same machine
#
# JPEG is three things in a row ([lesson 05](05_entropy_coding.ipynb)): linear transforms, quantization, and lossless coding. So is the learned codec. Only, its transform may
# bend, and all its numbers come from training.
#
# | stage | JPEG | here | its numbers come from |
# |---|---|---|---|
# | transform | colour matrix, DCT of 8 × 8 pixels | $y = g_a(x)$: 16 × 16 pixels, then small networks | training |
# | quantize | divide by a table, round | divide by a step per channel, round: $\hat y$ | training |
# | entropy code | run lengths, Huffman tables | a *prior* $P(\hat y)$, range coder ([20](20_bitstream.ipynb)) | training |
# | inverse | multiply, IDCT | $\hat x = g_s(\hat y)$ | training |
#
# $x$ is the picture, $y$ the latents, $\hat y$ what the file tells, $\hat x$ what comes out. A **channel** is one of the 128 kinds of latents; there
# is one latent of each kind for every 8 × 8 pixels. (JPEG in 4:4:4 has 192 coefficients there; $g_a$ leaves out the finest half of the
# colour.)
#
# $g_a$ has two kinds of parts. The first is linear: each latent is a weighted sum of 16 × 16 pixels, and the weights are called
# **taps**. After it come small bent networks, the **blocks**; each of them *adds* something to the latents. $g_s$ is the same the
# other way round, and at its end one small network more, the **filter**, adds something to the picture.
#
# How many parameters is that ([lesson 09](09_learning.ipynb))? The work is counted in *multiply-accumulates*: one product, added to a sum.

# %%
model = learned.load()  # the codec that comes with the course: trained for hours, not for a minute
for part, count in anatomy.parameters(model).items():
    name = "steps" if part == "log_step" else part
    print(f"{name:9}{count:10,} parameters")
for direction, work in anatomy.kmac_per_pixel(model).items():
    print(f"{direction} a pixel: about {1000 * round(work):,} multiply-accumulates")

# %% [markdown]
# JPEG brings 128 numbers with each file, its quantization tables (and its code words). Its DCT, as two matrix products, takes 16
# multiply-accumulates a sample: 24 a pixel in 4:2:0. The learned codec has about a million numbers, once, outside all files; a decoder
# needs a little less than half of them. And it does 250 to 400 times the work. That is the price, and [lesson 22](22_showdown.ipynb) comes back to it.
#
# ## It begins as JPEG
#
# A network usually begins with random numbers. Ours begins with knowledge: its 16 × 16 taps are JPEG's colour transform
# and DCT in the middle, with a rim of zeros. The small networks begin by adding zero. So before the first step, $g_a$ *is* JPEG's transform.
#
# Take our block of the cat: block row 11, column 24. JPEG's 64 luma coefficients are computed in the cell, and the untrained network's beside
# them. **Predict:** how large is the difference?

# %%
untrained = Model("factorized")
y = learned.analyse(cat, untrained)  # float32 (128, 38, 57)

luma = color.unrounded_ycbcr(images.thread_block())[0] - 128.0
C = transform.dct_matrix()
by_frequency = np.argsort(np.add.outer(range(8), range(8)).ravel(), kind="stable")  # coarse first
coefficients = (C @ luma @ C.T).ravel()[by_frequency]

# g_a counts in units in which every channel paints a picture of norm 1: luma is painted on R, G and B
np.testing.assert_allclose(np.sqrt(3) * coefficients, y[:64, 11, 24], atol=0.01)
print("JPEG's first:      ", (np.sqrt(3) * coefficients[:5]).round(1) + 0.0)
print("the network's first:", y[:5, 11, 24].round(1) + 0.0)

# %% [markdown]
# ## One pass through the machine, by hand
#
# Now the whole of it, on one piece of the cat of 64 × 64 pixels. For the prior take the plainest that can learn: in each channel a Gaussian with a
# mean $\mu$ and a width $\sigma$ of its own ([lesson 14](14_bits_from_probability.ipynb)). In the package it is called *factorized*. Rounding is replaced as in [lesson 15](15_noise_for_rounding.ipynb):
# noise for the rate, straight-through for the decoder.
#
# Our codec serves every λ: its steps and widths are tables over λ, and `place` is where 0.01 lies in them.

# %%
torch.manual_seed(0)
begin(untrained, [cat])  # gives the Gaussians the mean and width of what they will see
piece = cat[64:128, 160:224].transpose(2, 0, 1)[None]
x = torch.from_numpy(piece.copy()).float()  # (1, 3, 64, 64), 0..255
lam = torch.tensor([0.01])

# what belongs to this λ: a step for each channel, a mean and a width
place = quantize.position(lam)
step = untrained.step(place)  # (1, 128, 1, 1)
mu, scale = untrained.prior.expect(place)
sigma = 0.11 * torch.exp(scale)  # the prior learns log(σ / 0.11)

torch.manual_seed(1)
y = untrained.g_a(x) / step  # analysis, in quantization steps
noisy = y + torch.rand(y.shape) - 0.5  # noise, for the rate
gauss = torch.distributions.Normal(mu.double(), sigma.double())
P = gauss.cdf(noisy + 0.5) - gauss.cdf(noisy - 0.5)  # the mass of a bin
bits = -torch.log2(P.clamp(2**-24)).sum()

rounded = mu + torch.round(y - mu)
y_hat = y + (rounded - y).detach()  # straight through, for the decoder
x_hat = untrained.g_s(y_hat, step)  # synthesis

R = bits / (64 * 64)  # bits per pixel
D = ((x - x_hat) ** 2).mean()  # mean squared error
L = R + lam * D

torch.manual_seed(1)  # the same noise again, for the package
theirs = package_objective(untrained, x, lam)
for mine, package in zip((L, R, D), theirs, strict=True):
    np.testing.assert_allclose(mine.item(), package.item(), rtol=1e-3)
print(f"R = {R.item():.1f}, D = {D.item():.0f}, L = {L.item():.1f}")

# %% [markdown]
# $L$ is one number, and every part of the machine has a share in it. Ask for the slopes:

# %%
L.backward()
for name, parameter in (
    ("g_a, its taps", untrained.g_a.taps),
    ("the steps", untrained.log_step),
    ("the prior's widths", untrained.prior.scale),
    ("g_s, its taps", untrained.g_s.taps),
):
    assert parameter.grad.abs().sum() > 0
    print(f"{name:19} {parameter.numel():6,} slopes, not all zero")

# %% [markdown]
# No stage is left out. JPEG's makers chose transform, table and code one after the other. Here a change of the
# transform is judged by what it does to the bits, and a change of the prior by what it costs.
#
# ### ✎ 1 · `objective`
#
# Write the loss for a batch ([lesson 09](09_learning.ipynb)): one L, R and D for each piece.

# %%
from lic_teach.course.learned_codec.exercises import check


def objective(x, x_hat, bits, lam):
    """x, x_hat: float (N, 3, H, W), 0..255; bits: (N,). Return L, R, D, each (N,)."""
    # your lines here


check("objective", objective)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def objective(x, x_hat, bits, lam):
#     R = bits / (x.shape[2] * x.shape[3])
#     D = ((x - x_hat) ** 2).mean((1, 2, 3))
#     return R + lam * D, R, D
# ```
#
# $R$ is per *pixel*, $D$ is the mean over *samples*, three for each pixel.
#
# </details>

# %% [markdown]
# ## Train it
#
# A training is this, 1,800 times:
#
# 1. draw four pieces of 64 × 64 pixels from the photographs, mirrored and turned at random;
# 2. compute $L$, as above;
# 3. compute its gradient, and move every parameter a little downhill, by Adam ([lesson 09](09_learning.ipynb)).
#
# There are three photographs: astronaut, coffee and rocket. Each is shown twice more with two of its colours swapped; we come back to why. The cat is
# left out, so that it can judge.
#
# The prior is that of the shipped codec. It does not have one width for a whole channel: a small network first writes *side information* into the
# file, a coarse sketch of how busy each place is, and the widths follow from it ([lesson 24](24_what_next.ipynb)). Its numbers begin at random.
#
# **Predict** before you run it:
#
# - The first file is nearly all grey. Why might that be, if $g_a$ and $g_s$ are JPEG's from the start?
# - What comes first, a better picture or a smaller file?
# - Where will the point of the cat end, seen from JPEG's curve?
#
# The cell takes about a minute on a quiet core. While it runs, the plot below it moves.

# %%
photos = record.photographs()  # the three, and the three with their colours swapped
last = live.STEPS

screen = display(SVG(training_drawing.waiting(jpeg_curve)), display_id=True)
for history in record.follow(live.train_live(photos, lam=0.01), cat, lam=0.01):
    screen.update(SVG(training_drawing.live(history, jpeg_curve, last)))

# %%
R, psnr = map(float, history.points[-1])
saved = training.saved_bits(jpeg_curve, R, psnr)
print(f"the cat, unseen: about {psnr:.0f} dB for {R:.1f} bits per pixel")
print(f"that beats JPEG by more than 15 %: {saved > 0.15}")
assert saved > 0.15 and history.losses[-1, 0] < 0.6 * history.losses[0, 0]

# %% [markdown]
# ## Three things that this plot is not
#
# - **The violet R is not a file.** It is the rate of noisy latents, on pieces of the training photographs. [Lesson 15](15_noise_for_rounding.ipynb) showed why it is larger. The
#   blue squares in the same panel are the cat's real files.
# - **The grey start is no failure of the transform.** The prior is new, and takes nearly every latent for a 0 that need not be written. The file then
#   holds hardly anything but side information, and $g_s$ paints grey. The violet curves do not show that: in training no latent is left out. Their $D$ even
#   rises at first, because bits are dear at the start, and the training gives up some quality. Meanwhile the cat gets better: as soon as the
#   prior has learned the widths, its latents are in the file.
# - **One run is one run.** Another seed (`seed=1`) draws other pieces and ends elsewhere. And one picture is one picture. On 35 photographs of
#   another collection, which played no part in choosing this recipe, the same training took 22 % fewer bits than JPEG for the same PSNR: 42 %
#   fewer at best, 15 % *more* at worst.
#
# **Why the swapped colours?** The three photographs hold hardly any blue. Trained on them as they are, the codec was worse than JPEG on a
# blue car below a blue sky, by more than a quarter, and over the 35 photographs it gained nothing at all: it had learned what is in three
# pictures. The codec that comes with the course learned from 207, for hours.
#
# <details><summary>How this was measured</summary>
#
# One seed. JPEG is libjpeg through Pillow, 4:2:0, with Huffman tables of its own; the means are geometric. The photographs are 41 of the
# validation set of CID22. Six of them showed what was wrong with blue, and the swap was chosen on those; the 35 are the rest. Without the
# swap the networks were slightly narrower.
#
# </details>

# %% [markdown]
# ## Scrub through it
#
# The same training, recorded, moment by moment; and a second one that begins with **random numbers** where the first has the DCT. Its course is drawn
# in grey beside the first. The picture is the cat's eye.
#
# **Predict:** how far behind does the random start end? Does it find something like the DCT by itself?

# %%
from lic_teach.course.learned_codec.training import Training

Training()

# %% [markdown]
# ## Another λ
#
# λ was 0.01. Now train twice more, for λ = 0.002 and λ = 0.03, only 300 steps each.
#
# ### ✎ 2 · Predict, then train
#
# Which of the two λ will have the larger R (of the cat's file), the larger PSNR, the larger quantization steps, the larger L at the end? Write 0.002
# or 0.03.

# %%
from lic_teach.course.learned_codec.exercises import check

prediction = {"R": ..., "PSNR": ..., "steps": ..., "L": ...}

check("two_lambdas", prediction)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# prediction = {"R": 0.03, "PSNR": 0.03, "steps": 0.002, "L": 0.03}
# ```
#
# Where errors are dear, the codec spends bits to avoid them: finer steps, a larger file, a better picture. And $L$ is larger, because
# the same errors cost more. Two codecs may be compared by $L$ only at one and the same λ.
#
# </details>

# %%
trained = {}
for lam in (0.002, 0.03):
    *_, progress = live.train_live(photos, lam, steps=300)
    R, psnr = live.point(progress.model, cat, lam)
    typical = progress.model.step(quantize.position(torch.tensor([lam]))).median().item()
    trained[lam] = R, psnr, typical, progress.L
    print(f"λ = {lam}: {R:.1f} bpp, {psnr:.0f} dB, a step of about {typical:.0f}")
low, high = trained[0.002], trained[0.03]
assert high[0] > low[0] and high[1] > low[1] and low[2] > high[2] and high[3] > low[3]
assert training.saved_bits(jpeg_curve, *low[:2]) < 0.05

# %%
figure, ax = plt.subplots(figsize=(7, 3.6))
ax.plot(*zip(*jpeg_curve, strict=True), color=ORANGE, lw=2)
ax.annotate("JPEG", (1.36, 37.2), color=ORANGE)
for lam, (R, psnr) in [(k, v[:2]) for k, v in trained.items()] + [(0.01, history.points[-1])]:
    ax.plot(R, psnr, "s", color=BLUE)
    words = f"λ = {lam}, {last:,} steps" if lam == 0.01 else f"λ = {lam}, 300 steps"
    above = training.saved_bits(jpeg_curve, R, psnr) > 0  # JPEG's curve
    place, side = ((-6, 8), "right") if above else ((8, -12), "left")
    ax.annotate(words, (R, psnr), place, textcoords="offset points", color=BLUE, ha=side)
ax.set(xlim=(0, 1.5), ylim=(24, 40), xlabel="bits per pixel, whole file", ylabel="PSNR (RGB), dB")
ax.set_title("Three trainings, three points of a curve")
figure.tight_layout()

# %% [markdown]
# The left one, after 300 steps, is not yet better than JPEG. And it was one training for one point: a slider would need a network for each
# of its positions. In the training of the shipped codec every piece had another λ, and between two rows of its tables it interpolates. That is
# why [lesson 00](00_start_here.ipynb) could have a slider.

# %% [markdown]
# ## The λ slider
#
# Here is the shipped codec, open. To the left of the white line stand, as you choose, the bits (dark places cost more, as in [lesson 14](14_bits_from_probability.ipynb)), the original, or
# JPEG's file of the same size. Below the numbers are the six channels that cost most: what one latent of it *draws*, and all its latents in
# this file, one pixel each. A channel is *silent* if all its latents together cost less than one bit.

# %%
from lic_teach.course.learned_codec.codec_view import CodecView

view = CodecView()
view

# %% [markdown]
# Take your own picture: the button, or `view.load("photo.jpg")` in a cell. The middle 256 × 256 pixels are shown.
# (The chequered pattern of the bits is what [lesson 24](24_what_next.ipynb) explains.)

# %% [markdown]
# ## What each channel draws
#
# Set one latent to 1 and all others to 0, and look at what the last layer of $g_s$ paints: a picture of 16 × 16 pixels. In JPEG it would be a
# cosine wave in one block of 8 × 8. (The number over a tile is the channel's: 0 to 63 began as luma, 64 to 95 as Cb, 96 to 127 as Cr.)
#
# **Predict:** after training, are they still waves? Do they end at the block's border?

# %%
y = learned.analyse(cat, model)
paints = anatomy.pictures_of_channels(model)  # float (128, 16, 16, 3)
costs = anatomy.bits_by_channel(y, model, lam=0.01)  # channel and bits, the dearest first
before = anatomy.pictures_of_channels(Model("factorized"))

figure, axes = plt.subplots(4, 12, figsize=(9, 3.6))
for ax, (source, channel) in zip(
    axes.ravel(),
    [(s, int(c)) for i in (0, 12) for s in (before, paints) for c in costs[i : i + 12, 0]],
    strict=True,
):
    ax.imshow(0.5 + 0.5 * source[channel] / np.abs(source[channel]).max(), interpolation="nearest")
    ax.set_title(str(channel), fontsize=7, pad=2)
    ax.axis("off")
for row, name in enumerate(("DCT", "trained") * 2):
    axes[row, 0].text(-4, 8, name, rotation=90, va="center", ha="center", fontsize=8)
figure.suptitle("The 24 dearest channels: coarse waves have grown over the border of their block")
figure.tight_layout()

# %% [markdown]
# Still waves. But the coarse ones, on which the border of a block would be seen most, fade out softly into the neighbouring blocks: what overlaps
# leaves no squares. The fine ones have hardly changed.
# (What a latent really changes in the picture also goes through the blocks and the filter, which bend it. This is the linear part.)
#
# ### ✎ 3 · `grey_share`
#
# JPEG separates luma and colour. Did training keep that? For each channel compute how much of its picture is grey: replace R, G, B of
# each pixel by their mean, and take the *energy* (the sum of all squares) of that picture, divided by the energy of the original one.

# %%
from lic_teach.course.learned_codec.exercises import check


def grey_share(pictures):
    """pictures: float (n, 16, 16, 3). Return (n,): 1 where a picture is grey, 0 where it has no grey."""
    # your lines here


check("grey_share", grey_share)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def grey_share(pictures):
#     grey = pictures.mean(3)
#     return 3 * (grey**2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))
# ```
#
# The 3 is there because the grey value stands in R, in G and in B.
#
# </details>

# %%
for name, pictures in (("JPEG's start", before), ("trained", paints)):
    share = 3 * (pictures.mean(3) ** 2).sum((1, 2)) / (pictures**2).sum((1, 2, 3))
    print(f"{name:13} {np.sum(share > 0.95):3} channels of 128 are grey to 95 % or more")

spent = costs[:, 1]
luma_bits = spent[costs[:, 0] < 64].sum() / spent.sum()
print(f"the 64 that began as luma take about {10 * round(10 * luma_bits)} % of the cat's bits")

# %% [markdown]
# The machine began with luma and colour apart, and training kept them apart. (The taps take small steps. A random start would be the harder
# test.)
#
# ## What you learnt
#
# - A learned codec is JPEG's machine, with every number open to training: $g_a$, steps, prior, $g_s$, and one sum $L = R + \lambda D$.
# - In a minute, from JPEG's own DCT and three photographs, it came to 22 % fewer bits than JPEG on 35 photographs that it did not see. From
#   random numbers, in the same minute, it does not pass JPEG.
# - λ decides what is learned: fine steps and many bits, or coarse and few. $L$ compares codecs at one λ only.
# - Training's rate is not the file's. One picture and one seed are one picture and one seed.
# - A codec learns what is in its photographs, and no more.
#
# One thing is strange. The rate is computed in the middle of the machine, from the latents. How can a loss that sits *there* train the layers
# before it, and what does the decoder hear of it? [Lesson 18](18_gradient_from_the_middle.ipynb).
#
# ## Further reading
#
# - J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", *International Conference on Learning Representations
#   (ICLR)*, 2017,
#   [arXiv:1611.01704](https://arxiv.org/abs/1611.01704). The loss, the noise, the whole machine.
# - L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive autoencoders", *ICLR*, 2017,
#   [arXiv:1703.00395](https://arxiv.org/abs/1703.00395). The same idea at the same conference, with straight-through rounding.
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*, 2018,
#   [arXiv:1802.01436](https://arxiv.org/abs/1802.01436). The side information of our prior.
# - D. Minnen, J. Ballé, G. Toderici, "Joint autoregressive and hierarchical priors for learned image compression", *NeurIPS*, 2018,
#   [arXiv:1809.02736](https://arxiv.org/abs/1809.02736). Its mean.
# - D. He, Y. Zheng, B. Sun, Y. Wang, H. Qin, "Checkerboard context model for efficient learned image compression", *CVPR*, 2021, 14771–14780,
#   [arXiv:2103.15306](https://arxiv.org/abs/2103.15306). Its chessboard.
# - Y. Yang, S. Mandt, "Computationally-efficient neural image compression with shallow decoders", *International Conference on Computer Vision
#   (ICCV)*,
#   2023, [arXiv:2304.06244](https://arxiv.org/abs/2304.06244). A shallow, even linear synthesis as in JPEG, with a
#   strong encoder: below 50,000 operations a pixel.
# - D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", *ICLR*, 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980).
# - Z. Cui, J. Wang, S. Gao, T. Guo, Y. Feng, B. Bai, "Asymmetric gained deep image compression with continuous rate adaptation", *Conference on
#   Computer
#   Vision and Pattern Recognition (CVPR)*, 2021. One network for every λ.
