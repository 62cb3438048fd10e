# %% [markdown]
# # 23 · One picture
#
# **What if the codec were made for one picture?**
#
# Every codec so far was made once, for all pictures. Its decoder is known before the first file is sent: JPEG's stands in a standard, the learned one's, nearly half a million numbers, is on every learner's disk. Here is a file that brings its decoder along. It holds seven planes of whole numbers, the *latents*, and 523 weights. Nobody else has these weights. They were found for this cat.

# %% jupyter={"source_hidden": true}
from itertools import islice

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F

from lic_teach import images, metrics, overfit
from lic_teach.course.one_picture import fit, rivals, work
from lic_teach.kit.measured import by_lam, by_learned, libjpeg, model, quality_for_lam
from lic_teach.kit.predict import Predict
from lic_teach.learned import analyse
from lic_teach.overfit import codec, entropy, quantize, transform

torch.set_num_threads(1)
lam = 0.01
cat = fit.load()  # 256 × 256 pixels of it, and the files of a fit
parts, x_hat = codec.unpack(cat.last), overfit.decode(cat.last)
fitting = [by_lam(cat.image, lam * 2 ** (k / 16)) for k in range(-6, 1)]
rival = max((c for c in fitting if c.size <= len(cat.last)), key=lambda c: c.size)
psnr = metrics.psnr(cat.image, x_hat)

figure, axes = plt.subplots(1, 4, figsize=(9, 2.8), width_ratios=(1, 1, 1, 0.75))
grey = np.where(parts.where.mask.numpy() > 0, np.clip(128 + 22 * parts.v, 0, 255), 255)
for ax, shown, title in (
    (axes[0], cat.image, "original"),
    (axes[1], rival.x_hat, f"JPEG by λ\n{rival.size:,} bytes, {rival.psnr:.1f} dB"),
    (axes[2], x_hat, f"a codec of its own\n{len(cat.last):,} bytes, {psnr:.1f} dB"),
    (axes[3], grey, "what is in its file,\nbut for 523 weights"),
):
    ax.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set_title(title, fontsize=10)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# Such codecs are called **overfitted**. A network that knows its training pictures by heart is a failure ([lesson 10](10_backpropagation.ipynb)). Here it is the aim: the only picture that will ever be asked for *is* the training picture.
#
# **After this lesson** you can
# - say what an overfitted codec puts into its file, and what it costs;
# - fit one to your own picture, and place it beside JPEG and the learned codec;
# - say what an encoder gets for its effort: one pass, second thoughts, a decoder of its own.
#
# You need lessons [15](15_noise_for_rounding.ipynb) (noise for rounding), [16](16_tell_the_decoder_where.ipynb) (context) and [17](17_learned_codec.ipynb). About 30 minutes, and one in which the computer works.

# %% [markdown]
# ## A decoder small enough to send
#
# A decoder that travels must be tiny. What is left of the machine?
#
# - **Latents** on seven levels: level 0 has one for each pixel, level 1 one for 2 × 2 pixels, up to level 6, one for 64 × 64. All of them whole numbers.
# - **A context network**, the prior. It looks at ten latents around that are decoded already, and at one of the next coarser level. It answers with the mean and the width of a Laplace density ([lesson 14](14_bits_from_probability.ipynb)).
# - **A synthesis**. Every level is blown up to full size. Then each pixel has seven numbers, and a network makes a colour of them.
#
# There is no analysis. Here are both networks, with the cat's weights. `@` multiplies matrices, and each `…_bias` is added.
#
# - `expect`, the context network: 11 numbers in, 16 in the middle, 2 out. So `look` has 16 × 11 weights and `guess` 2 × 16. `mean` is a short cut past the middle, 11 weights more: 219.
# - `synthesis`: 7 numbers in, 16 in the middle, 3 out. `straight` is its short cut. At the end a filter of 3 × 3 adds to each colour what stands around it: 262 weights.

# %%
w = quantize.named(torch.from_numpy(parts.weights).float() / 4096)  # both networks', by name


def expect(seen):  # (11, n): what is seen around n latents
    hidden = torch.relu(w["look"] @ seen + w["look_bias"][:, None])  # 16 units
    mean, scale = w["guess"] @ hidden
    return mean + w["mean"] @ seen, scale  # how wide: a logarithm, to which each level adds its own


def synthesis(planes):  # (7, n): what the levels say of n pixels
    hidden = torch.relu(w["mix"] @ planes + w["mix_bias"][:, None])  # 16 units
    x = w["paint"] @ hidden + w["paint_bias"][:, None] + w["straight"] @ planes
    x = x.reshape(1, 3, 256, 256)
    x = x + F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), w["filter"])  # 3 × 3
    return 128 + 16 * x


# %% jupyter={"source_hidden": true}
levels = [torch.from_numpy(parts.v[place]).float() for place in parts.where.places]
planes = transform.planes(levels, lambda each: each)  # all at full size
mine = synthesis(planes)[0].permute(1, 2, 0).detach().numpy()
np.testing.assert_allclose(np.clip(mine, 0, 255), x_hat, atol=1)  # the package's, in whole numbers
assert sum(each.numel() for each in w.values()) == 523

figure, axes = plt.subplots(1, 7, figsize=(9, 1.6))
for k, ax in enumerate(axes):
    kept = torch.zeros_like(planes)
    kept[k:] = planes[k:]
    shown = synthesis(kept)[0].permute(1, 2, 0).clamp(0, 255).byte().numpy()
    ax.imshow(shown)
    ax.set_title(f"level {k}…6" if k < 6 else "level 6", fontsize=9)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# From the right: what the decoder paints when it has only the coarse levels.
#
# ### ✎ 1 · `multiplications`
#
# How much work is that for a decoder? Each of the weights just counted multiplies once. The context network's 219 do so once for each **latent**, the synthesis's 262 once for each **pixel**. Seven levels, each half as wide and half as high as the one before.

# %%
from lic_teach.course.one_picture.exercises import check


def multiplications(per_latent, per_pixel):
    """Return how many multiplications a pixel takes."""
    # your line here


check("multiplications", multiplications)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def multiplications(per_latent, per_pixel):
#     latents = sum(0.25**k for k in range(7))  # for a pixel: nearly 4 / 3
#     return per_latent * latents + per_pixel
# ```
#
# </details>
#
# Blowing the levels up takes some more. The whole, counted on the code that runs, beside the learned codec's decoder:

# %%
# NBVAL_CHECK_OUTPUT
with Predict("The learned decoder multiplies how many times as often?", unit="times", near=3) as p:
    ours, theirs = sum(work.decoder(256, 256).values()), 1000 * work.learned()["decode"]
    print(f"overfitted {ours:.0f}, learned {theirs:.0f} multiplications a pixel")
    p.truth = round(theirs / ours, 1)

# %% [markdown]
# (As it is written here, blowing up takes more in a larger picture: 1,481 in all for 768 × 512 pixels.)
#
# And the weights must be *in the file*. They are rounded, too: to multiples of a step, which the encoder chooses so that $R + \lambda D$ is least. Only their distance to a **start** is written: 523 numbers that come with the course, from a fit to sixteen other photographs. That is a *warm start*: what all pictures have in common need not be sent.

# %%
with Predict("The weights take what share of the cat's 4,276 bytes?", unit="%", near=3) as p:
    print(
        f"{parts.networks} of {len(cat.last):,} bytes: {8 * parts.networks / 523:.1f} bits a weight"
    )
    p.truth = round(100 * parts.networks / len(cat.last))

# %% [markdown]
# ## Watch it being made
#
# Below, each moment is a real file that was written on the way. What you see of it comes out of the file: the latents, how far the weights have gone, where the bytes are.

# %%
from lic_teach.course.one_picture.overfitting import Overfitting

explorer = Overfitting()
explorer

# %% [markdown]
# ## Who finds the numbers?
#
# Nobody but the gradient. It goes through synthesis and context back to the latents, and there is nothing behind them: the latents *themselves* are what is trained, and the weights beside them. The loss is the course's own. Rounding has no useful gradient ([lesson 15](15_noise_for_rounding.ipynb)). Here a soft staircase stands for it, with a little noise: 0.35 says how soft its stairs are, 0.22 how large the noise is. These are the first steps of a fit:

# %%
x = torch.from_numpy(cat.image).permute(2, 0, 1)[None].float()
where = entropy.canvas(256, 256)  # where each latent lies, and its neighbours
v = torch.zeros(where.shape, requires_grad=True)  # all latents, at first 0
theta = (torch.from_numpy(quantize.start()).float() / 4096).requires_grad_()  # the warm start
groups = [{"params": [v], "lr": 0.2}, {"params": [theta], "lr": 0.005}]
adam, random = torch.optim.Adam(groups, betas=(0.9, 0.99)), torch.Generator().manual_seed(0)
history = []
for _ in range(20):
    v_hat = quantize.nearly_round(v, 0.35, 0.22, random) * where.mask  # soft stairs, with noise
    now = quantize.named(theta)
    R = entropy.bits(v_hat, where, now).sum() / x[0, 0].numel()
    D = ((transform.synthesize([v_hat[p] for p in where.places], now, 1.0) - x) ** 2).mean()
    adam.zero_grad()
    (R + lam * D).backward()
    adam.step()
    history.append((R + lam * D).item())

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
theirs = [f.rate + lam * f.distortion for f in islice(codec.follow(cat.image, lam, 1000), 20)]
np.testing.assert_allclose(history, theirs, rtol=0.02)  # which lets its steps become smaller
print(f"L after 1 step {history[0]:.0f}, after 20 steps {history[-1]:.0f}")

# %% [markdown]
# Later the stairs grow steep and the noise small. For the last tenth of the steps the latents are rounded, and only the weights go on. The package makes 1,000 steps. That is a number of steps and not a time: on a slow computer the same file takes longer.
#
# ## Your picture
#
# Put a path of your own into the first line. The middle 256 × 256 pixels are fitted; it takes about a minute.

# %%
own = images.sample("coffee")  # or images.load("my photo.jpg")
mine = fit.fit(fit.piece(own))

# %% [markdown]
# Four codecs, one λ. Each writes the file with which it makes $R + 0.01\,D$ least. (The learned one takes the latents as $g_a$ gives them, in one pass.) **Predict**, for your picture:

# %%
names = ["JPEG", "JPEG by λ", "learned", "overfitted"]
with Predict("Which file has the smallest L?", names) as p:
    curves = rivals.measure(mine.image)
    four = [libjpeg(mine.image, quality_for_lam(curves.jpeg, lam)), by_lam(mine.image, lam)]
    four += [by_learned(mine.image, analyse(mine.image, model()), lam)]
    four += [rivals.overfitted(mine.image, mine.last)]
    print("at λ = 0.01      bytes    PSNR      L")
    for name, c in zip(names, four, strict=True):
        print(f"{name:12} {c.size:9,} {c.psnr:7.1f} {c.cost(lam):6.2f}")
    p.truth = min(zip(names, four, strict=True), key=lambda pair: pair[1].cost(lam))[0]

# %% [markdown]
# The learned codec has seen 207 pictures for hours, and its decoder is not in the file. Yet a decoder of 523 weights, found in a minute, can stand beside it.
#
# ## What the effort brings
#
# The learned codec's $g_a$ answers in one pass, for any picture: its search was done once, in training, for all of them. That is **amortized**. With second thoughts ([lesson 19](19_why_the_prior_fits.ipynb)) the encoder moves the latents of one picture, **refined**, and the decoder stays. Overfitted, the decoder moves, too. Go from left to right. (Seconds are those of the computer that recorded the cat's fit.)

# %%
from lic_teach.course.one_picture.effort import Effort

explorer = Effort(mine)
explorer

# %% [markdown]
# Is it so for other pictures? The middles of the four sample photographs, after 1,000 steps each. How many more bytes has our file than each rival's of the same PSNR, or (−) fewer?

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
print("ours against      JPEG  without head   JPEG by λ   learned   networks")
ahead = []
for name in images.SAMPLES:
    one = fit.load(name)
    ours, other = rivals.overfitted(one.image, one.last), rivals.measure(one.image)
    saved = rivals.saved(one.image, ours, other)
    head = rivals.head(libjpeg(one.image, 50).data)
    bare = ours.size / (rivals.bytes_at(other.jpeg, ours.psnr, one.image) - head) - 1
    share = codec.unpack(one.last).networks / ours.size
    changes = saved["JPEG"], bare, saved["JPEG by λ"], saved["learned"]
    cells = (f"{s:+{n}.0%}" for s, n in zip(changes, (9, 14, 12, 10), strict=True))
    print(f"{name:13}" + "".join(cells) + f"{share:11.0%}")
    ahead.append(saved["learned"] < 0)
assert 0 < sum(ahead) < 4

# %% [markdown]
# A JPEG begins with some 340 bytes of tables before its first coded one. In files as small as these that is a lot, so the second column takes them off JPEG, and nothing off ours: the gain is nearly the same.
#
# **On all four one decoder for one picture beats every JPEG,** on three of them by far. Against the learned codec, which answers in one pass here (second thoughts save it another 8 % on the Kodak photographs), four pictures are no study. As far as they go, it wins where a picture is simple in its own way: few colours, smooth things with sharp edges, a pattern that repeats. It loses where the picture is of what all photographs are full of, such as fur. There a decoder that has seen many is worth more than one that has seen the right one.
#
# So: a codec for one picture needs no large network. It decodes with a seventh of the learned codec's work (a quarter for 768 × 512 pixels), and its file is about as large. The price is paid by whoever encodes: a thousand passes, forwards and backwards, for every picture. That is worth it for one that is coded once and looked at a million times.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: exactly the same pixels (about 5 minutes)
#
# The context network computes the table with which the next latent is decoded ([lesson 20](20_bitstream.ipynb)). If encoder and decoder disagree once, all that follows is lost. So this decoder computes in whole numbers only. Ballé, Johnston and Minnen did that to priors (2019), DCVC-RT to a whole codec (2025). Here: weights in 1/4096, tables of $e^{-x}$ made of whole numbers, sums that no order of adding can change. Every computer decodes the same pixels.
#
# What if one weight of the context network were wrong by 1/4096? The latents come level after level, the coarse ones first.

# %%
with Predict("Which share of them is decoded before the first wrong one?", unit="%", near=10) as p:
    header, payload = overfit.container.read(cat.last)
    coder = entropy.Coder(payload)
    weights = quantize.code_weights(coder, header.coding)
    weights[0] += 1
    sheet = np.zeros(parts.v.size, np.int64)
    coder.latents(sheet, parts.where, quantize.named(weights))
    wrong = (sheet != parts.v.ravel())[parts.where.order]
    broken = codec.paint(sheet.reshape(parts.v.shape), parts.where, parts.weights, parts.step)
    figure, ax = plt.subplots(figsize=(2.6, 2.6))
    ax.imshow(broken)
    ax.axis("off")
    print(f"number {wrong.argmax() + 1:,} of {len(wrong):,} is the first wrong one")
    assert wrong.mean() > 0.3
    p.truth = round(100 * wrong.argmax() / len(wrong))

# %% [markdown]
# After it nothing is right but by chance, and the picture is lost from there on. The decoder notices only that the bytes end before the latents do, or after them.
#
# ## Depth: only a network (about 5 minutes)
#
# The first codec of this kind had no latents at all. COIN (2021) is a network that gets the coordinates of a pixel and answers with its colour; the file is its weights. No prior, no λ. Cool-chic (2023) gave it what it lacked: latents on several levels, a context network, a training on $R + \lambda D$. C3 (2024) is a better one of the kind. What this lesson runs is Cool-chic's idea in its smallest form. As their authors measured them on the 24 Kodak photographs, against Pillow's JPEG and against JPEG by λ, in the part of each window that both curves span:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
import json

from lic_teach.paths import DATA
from lic_teach.study import table

stored = json.loads((DATA / "rd/published_kodak.json").read_text())["curves"]
published = {curve["codec"]: table.psnr_curve(curve) for curve in stored}
anchors = {
    name: table.psnr_curve(table.read(DATA / f"rd/kodak_{name}.json"))
    for name in ("jpeg", "jpeg_lam")
}
print("bits at equal PSNR      24 to 26 dB   26 to 28 dB   28 to 30.6 dB   29.5 to 36 dB")
rows = {"COIN (2021)": "c3/COIN", "Cool-chic (2023)": "coolchic/v1.0"}
rows |= {"C3 (2024)": "c3/C3", "Cool-chic 5.0": "coolchic/v5.0"}
for anchor, words in (("jpeg", "JPEG"), ("jpeg_lam", "JPEG by λ")):
    print(f"over {words}:")
    for name, key in rows.items():
        cells = ""
        for low, high, room in ((24, 26, 17), (26, 28, 14), (28, 30.6, 16), (29.5, 36, 16)):
            curve = published[key]
            qualities = [quality for _, quality in curve]
            known = min(qualities) <= low + 0.7 and max(qualities) >= high
            known = known and min(quality for _, quality in anchors[anchor]) <= low + 0.7
            rate = metrics.bd_rate(anchors[anchor], curve, (low, high)) if known else None
            cells += f"{rate:+{room - 2}.0f} %" if known else " " * (room - 1) + "–"
        print(f"  {name:17}{cells}")

# %% [markdown]
# COIN was made for very few bits, and there it is about as good as the plainest JPEG. With every decibel it falls behind: each of its weights concerns all pixels at once, and a fine detail has no place of its own. Its curve ends at 30.6 dB, so in the last column it has no number.
#
# Cool-chic 5.0 and C3 are ahead of every codec that runs in this course. They take many thousand steps and larger networks; ours takes one thousand.
#
# What does patience bring ours? Every fourth of the 24 was fitted whole, with 1,500 steps: six minutes of one core for each file. From 29.5 to 35.5 dB it takes 47 % fewer bits than JPEG, 26 % fewer than JPEG by λ, and 4 % fewer than this course's learned codec, with a quarter of its work in the decoder.
#
# ## Depth: when do the weights no longer count? (about 10 minutes)
#
# The weights take their few hundred bytes whatever the size of the picture.
#
# ### ✎ 2 · `pixels_for`
#
# From how many pixels on is their share of the file at most `share`? `networks` are the weights' bytes, `rate` the bits a pixel of the latents.


# %%
def pixels_for(networks, rate, share):
    """Return the number of pixels."""
    # your line here


check("pixels_for", pixels_for)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def pixels_for(networks, rate, share):
#     latents = networks * (1 - share) / share  # bytes
#     return 8 * latents / rate
# ```
#
# </details>
#
# So in a large picture the networks could be larger, too: there is the same number of weights to pay, and more that they can save. Real overfitted codecs choose their size by the picture, or offer several.
#
# ## The scoreboard
#
# What each part has earned so far:

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing

Drawing(board())

# %% [markdown]
# ## What you learnt
#
# - An **overfitted** codec fits its decoder to one picture and sends it along: latents, and some hundred weights, which are a tenth to a quarter of a small file.
# - There is no analysis: the gradient searches the latents themselves. Loss, prior, noise are those of every learned codec.
# - **Amortized**, **refined**, **overfitted**: the more the encoder thinks about one picture, the less the decoder must know of all.
# - It is far ahead of JPEG, and beside the learned codec, with a seventh to a quarter of its work in the decoder and hundreds of times as much in the encoder.
# - Whole numbers make every decoder agree.
#
# What do the best codecs do that none of ours does? [Lesson 24](24_what_next.ipynb).
#
# ## Further reading
#
# - T. Ladune, P. Philippe, F. Henry, G. Clare, T. Leguay, "COOL-CHIC: coordinate-based low complexity hierarchical image codec", *ICCV*, 2023. [arXiv:2212.05458](https://arxiv.org/abs/2212.05458)
# - T. Leguay, T. Ladune, P. Philippe, G. Clare, F. Henry, O. Déforges, "Low-complexity overfitted neural image codec", *MMSP*, 2023. [arXiv:2307.12706](https://arxiv.org/abs/2307.12706). The residual 3 × 3 filter, and a better context.
# - H. Kim, M. Bauer, L. Theis, J. R. Schwarz, E. Dupont, "C3: high-performance and low-complexity neural compression from a single image or video", *CVPR*, 2024. [arXiv:2312.02753](https://arxiv.org/abs/2312.02753). The soft staircase with noise.
# - E. Dupont, A. Goliński, M. Alizadeh, Y. W. Teh, A. Doucet, "COIN: compression with implicit neural representations", 2021. [arXiv:2103.03123](https://arxiv.org/abs/2103.03123)
# - Y. Yang, R. Bamler, S. Mandt, "Improving inference for neural image compression", *NeurIPS*, 2020. [arXiv:2006.04240](https://arxiv.org/abs/2006.04240). What amortized inference leaves on the table.
