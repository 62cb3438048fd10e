# %% [markdown]
# # 24 · What next
#
# **What do the best codecs do that ours does not?**
#
# Where does the codec of this course stand? Pillow's JPEG takes 100 bits for a picture. Each bar says how many another codec takes to be just as good, by PSNR: the mean over the 24
# photographs of the Kodak set, from 29.5 to 36 dB (the BD-rate of [lesson 07](07_rate_distortion.ipynb)). Blue is this course's codec, orange is JPEG.

# %% jupyter={"source_hidden": true}
import io
import json

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image

from lic_teach import images, metrics
from lic_teach.kit.predict import Predict
from lic_teach.paths import DATA
from lic_teach.study import table

torch.set_num_threads(1)
ORANGE, BLUE, GREY = "#d9730d", "#2563b0", "#757575"  # JPEG, the learned codec, others

jpeg = table.psnr_curve(table.read(DATA / "rd/kodak_jpeg.json"))  # Pillow's, 4:2:0, optimize
published = {
    c["codec"]: table.psnr_curve(c)
    for c in json.loads((DATA / "rd/published_kodak.json").read_text())["curves"]
}


def measured(name):
    """The curve of a codec that was measured here."""
    return table.psnr_curve(table.read(DATA / f"rd/kodak_{name}.json"))


def needs(curve, anchor=None):
    """Bits for 100 of the anchor's, or JPEG's, at equal PSNR from 29.5 to 36 dB."""
    return 100 + metrics.bd_rate(anchor or jpeg, curve, table.WINDOW)


bars = [
    ("JPEG by λ", measured("jpeg_lam"), ORANGE),
    ("JPEG 2000", measured("jpeg2000"), GREY),
    ("AVIF", measured("avif"), GREY),
    ("this course's codec", measured("learned_hours"), BLUE),
    ("this course's, with second thoughts", measured("learned_hours_refined"), BLUE),
    ("* a hyperprior (2018)", published["compressai/paper-bmshj2018-hyperprior"], GREY),
    ("* VVC, by its test model VTM (2020)", published["compressai/vtm"], GREY),
    ("* Cool-chic 5.0: a network a picture", published["coolchic/v5.0"], GREY),
    ("* ELIC (2022)", published["compressai/paper-elic2022_mse"], GREY),
    ("* MLIC++ (2023)", published["mlic/mlicplusplus"], GREY),
]
bars = sorted(((name, needs(curve), paint) for name, curve, paint in bars), key=lambda b: -b[1])
names, share, paints = zip(*bars, strict=True)
figure, ax = plt.subplots(figsize=(8, 3.6))
ax.barh(names, share, color=paints)
ax.axvline(100, color=ORANGE, lw=2)
ax.annotate("JPEG, Pillow", (98.5, len(bars) - 0.8), color=ORANGE, ha="right")
for place, s in enumerate(share):
    ax.annotate(f"{s:.0f}", (s + 1, place), va="center")
ax.invert_yaxis()
ax.set(xlim=(0, 105), xlabel="bits for JPEG's PSNR, in percent of JPEG's bits")
ax.set_title("Half of JPEG's bits is not the end")
figure.tight_layout()

# %% [markdown]
# A star marks other people's figures: quoted, each with its source in `data/rd/published_kodak.json`. The others were measured here.
#
# Ours takes about half of JPEG's bits, the best of 2023 less than a third. They are built like ours: $g_a$, rounding, a prior from side information and
# context ([lesson 16](16_tell_the_decoder_where.ipynb)), $g_s$. Their networks are larger and their contexts look further. And since then?
#
# **After this lesson** you can
# - say what research of 2024 to 2026 is about, and why no longer PSNR alone;
# - compare two codecs of two papers, and say when that is not allowed;
# - make a codec out of nothing but a guess, and a drawing out of the codec;
# - plan an experiment in compression that others can believe.
#
# You need lessons [07](07_rate_distortion.ipynb), [16](16_tell_the_decoder_where.ipynb) and [20](20_bitstream.ipynb). About 20 minutes.

# %% [markdown]
# ## By PSNR: little
#
# HPCM, of 2025, puts still more into the context: it decodes the latents from coarse to fine, in many steps, and each step sees all those before. Its authors
# have published the points of their curve, so that it can be measured against MLIC++ like any other.

# %%
with Predict(
    "MLIC++ (2023) needs 30 bits for JPEG's 100. How many does HPCM (2025)?", near=1
) as predict:
    print("for JPEG's 100 bits, and for those of the one before")
    before = None
    for year, key in {
        2018: "compressai/paper-bmshj2018-hyperprior",
        2020: "compressai/compressai-cheng2020-anchor_mse_cuda",
        2022: "compressai/paper-elic2022_mse",
        2023: "mlic/mlicplusplus",
        2025: "hpcm/large",
    }.items():
        over_jpeg, over_before = needs(published[key]), needs(published[key], before)
        print(f"{year} {over_jpeg:6.0f}" + (f"{over_before:6.0f}" if before else ""))
        before = published[key]
    predict.truth = round(needs(published["hpcm/large"]))

# %% [markdown]
# From 2018 to 2020 a quarter of the bits went, then a tenth, another tenth, a twentieth. **The curve flattens.** That does not mean that the end is near: by an estimate of 2022 the best codecs of its time could still win a decibel and more (Yang and Mandt). (The five are our choice, and the years between them are not
# equal.) At equal PSNR a better network brings less and less. One can still pay more: the same authors have made their network
# fifteen times as large, a billion numbers, and gain again, along a law of diminishing returns.
#
# ### ✎ 1 · `between`
#
# Most papers publish no curve, only a figure, such as "16 % fewer bits than VTM". You read two: codec $a$ has a BD-rate of −16 % against
# VTM, codec $b$ one of −20.5 %. How many percent more or fewer bits than $a$ does $b$ need? (Take the same percentage at every quality.)


# %%
from lic_teach.course.what_next.exercises import check


def between(a, b):
    """a, b: BD-rates against one anchor, in percent. Return that of b against a, in percent."""
    # your lines here


check("between", between)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def between(a, b):
#     return 100 * ((100 + b) / (100 + a) - 1)
# ```
#
# Where the anchor takes 100 bits, $a$ takes $100 + a$ and $b$ takes $100 + b$.
#
# </details>
#
# Does it hold for real curves? Here a is MLIC++ and b is HPCM. And then the same with the figures that the two papers state themselves:

# %%
# NBVAL_CHECK_OUTPUT
a, b, vtm = published["mlic/mlicplusplus"], published["hpcm/large"], published["compressai/vtm"]
for way, ratio in {
    "curve against curve": needs(b, a) / 100,
    "both curves against one VTM": needs(b, vtm) / needs(a, vtm),
    "the papers: -13.39 % and -19.19 %": (100 - 19.19) / (100 - 13.39),
}.items():
    print(f"{way:35} {100 * (ratio - 1):+.1f} %")
print(f"MLIC++ against the VTM of our data: {needs(a, vtm) - 100:+.1f} %")

# %% [markdown]
# The first two lines agree. Over one anchor *and one window* the way round works: a BD-rate is the mean of a logarithm of bits, means can be subtracted, and to subtract logarithms is to divide bits, as you did.
#
# The third line, from the papers' own figures, promises more. Neither paper lies: one took VTM 17.0, the other VTM 22.0. In our data
# stands a third VTM, and over our window MLIC++ has not −13.4 % against it but −16. A paper of March 2026, HiDE, states
# −18.5 % against VTM 12.1. Better than HPCM? **With another anchor, nobody can say.**
#
# ## A codec is a guesser
#
# What did the bits buy, all these years? Better guesses. How far does one come with a guess *alone*? Throw everything else away: no transform, no
# quantization, nothing is lost. For each pixel a network sees twelve neighbours that are decoded already, and says a mean and
# a width. Laplace makes of them a probability for each of the 256 grey levels ([lesson 14](14_bits_from_probability.ipynb)), and an arithmetic coder turns the probabilities into a file
# ([lesson 20](20_bitstream.ipynb)).
#
# The network has 5,122 numbers. It is trained for $-\log_2 P$, a few seconds, on three photographs, and has never seen the cat. (Grey is here the green channel, as
# in [lesson 01](01_redundancy.ipynb).)

# %%
from lic_teach.course.what_next import guessing


def file_size(picture, *kind, **options):
    """Bytes of a lossless file that Pillow writes."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, *kind, **options)
    return len(file.getvalue())


cat = guessing.grey("chelsea")
PLACES = "larger than PNG's", "between PNG's and WebP's", "smaller than WebP's"
with Predict("Lossless: how large is the network's file of the cat?", PLACES) as predict:
    network = guessing.fit(("astronaut", "coffee", "rocket"))
    words = guessing.write(cat, network)
    png = file_size(cat, "PNG", optimize=True)
    webp = file_size(cat, "WEBP", lossless=True, quality=100, method=6)
    for name, size in {"PNG": png, "WebP, lossless": webp, "a guess": words.nbytes}.items():
        print(f"{name:15} {8 * size / cat.size:5.1f} bits per pixel")
    predict.truth = PLACES[(words.nbytes < png) + (words.nbytes < webp)]

# %% [markdown]
# WebP chooses for each small square among many hand-made predictions, and it has a memory. Five thousand numbers and seconds of training
# do better: on each of the four sample photographs, when it has learned from the other three (below). Here is what it says before it sees a pixel:

# %%
near, pixels = guessing.everywhere(cat)
with torch.no_grad():
    mean, width = guessing.guess(network, near)
    cost = guessing.bits(network, near, pixels)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
figure, axes = plt.subplots(1, 2, figsize=(7, 2.6))
for ax, values, (colours, low, high), title in (
    (axes[0], mean, ("gray", 0, 255), "the guess: its mean"),
    (axes[1], torch.log(width), ("Blues", None, None), "how unsure: its width"),
):
    ax.imshow(values.reshape(cat.shape), cmap=colours, vmin=low, vmax=high)
    ax.set(title=title, xticks=[], yticks=[])
figure.tight_layout()
order = torch.argsort(width)
surest, least = order[: len(order) // 4], order[-len(order) // 4 :]
print("bits per pixel where it is surest, a quarter of the pixels:  ", f"{cost[surest].mean():.0f}")
print("bits per pixel where it is least sure, another quarter:      ", f"{cost[least].mean():.0f}")

# %% [markdown]
# (The mean looks like the cat, since each guess is made from true neighbours.) Nobody told the network where the cat is busy. It looks at the differences among its twelve neighbours, and finds the fur: the classes of [lesson 16](16_tell_the_decoder_where.ipynb),
# learned.
#
# **Whoever predicts can compress.** Delétang and others (2024) took Chinchilla, a language model made for text: it codes small grey patches of photographs to 43.4 %
# of their size, PNG to 58.5 %. It has 70 billion numbers, which nobody sends. Count the network, and we lose, too:

# %%
# NBVAL_CHECK_OUTPUT
numbers = sum(p.numel() for p in network.parameters())
saved = webp - words.nbytes
print(f"{numbers:,} numbers of two bytes are {2 * numbers / 1000:.0f} kB")
print(f"one cat saves {saved / 1000:.0f} kB against WebP")

# %% [markdown]
# ## A guesser can draw
#
# A file is a string of bits. What a good codec writes looks like coin tosses: had the bits a pattern, there would be something left to save.
# So what happens the other way round, when the decoder gets **real coin tosses**? It must decode them to something.
#
# Here is the whole decoder. `walk` goes through the picture in waves, as in [lesson 16](16_tell_the_decoder_where.ipynb): a wave is all pixels whose twelve
# neighbours are decoded already. For each wave it calls `visit` with the network's guesses, a mean and a width for each pixel. `visit` asks the file which grey levels they are.
# (The coder is ANS, a relative of the arithmetic coder: as short, and read from the end.)

# %%
import constriction

LAPLACE = constriction.stream.model.QuantizedLaplace(0, 255)


def decode(words, shape):
    """The words of a file, height and width -> uint8 (H, W)."""
    file = constriction.stream.stack.AnsCoder(words)

    def visit(rows, columns, mean, width):
        return file.decode(LAPLACE, mean, width)

    return guessing.walk(visit, shape, network)


assert np.array_equal(decode(words, cat.shape), cat)  # every pixel, exactly

# %% [markdown]
# Take the half of the cat's file that is read first, and toss coins for the rest. What will the decoder paint below?

# %%
rng = np.random.default_rng(1)
coins = rng.integers(0, 2**32, 3 * len(words), np.uint32)
# the end is read first: so the words at the beginning are replaced
half = decode(np.concatenate([coins, words[len(words) // 2 :]]), cat.shape)
only = decode(coins, cat.shape)

# %% jupyter={"source_hidden": true}
figure, axes = plt.subplots(1, 3, figsize=(11, 2.8))
for ax, picture, title in zip(
    axes,
    (cat, half, only),
    ("the whole file", "half of it, then coins", "coins from the beginning"),
    strict=True,
):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
    ax.set(title=title, xticks=[], yticks=[])
figure.suptitle("What the network takes for a photograph", y=1.04)
figure.tight_layout()
assert np.array_equal(half[:100, :100], cat[:100, :100])

# %% [markdown]
# (The border is aslant, as the waves are.) The decoder has no idea that the file is false. It
# paints what it *expects*: patches, soft shadows, edges. No eye and no whisker, since a network that sees twelve neighbours knows nothing of cats.
#
# A better guesser would go on with a cat. For the true cat it would need fewer bits, and for the same reason. **Compressing, predicting and drawing are one
# skill.** That is why the methods that draw pictures now come into compression:
#
# - **A picture generator is a codec.** DiffC (2025) takes Stable Diffusion as it is, without any training, and tells it by bits which picture to draw.
# - **One step instead of many.** Diffusion used to make a picture out of noise in many steps. StableCodec (2025) takes one, and goes down
#   to 0.005 bits per pixel, a fiftieth of what a poor JPEG has. CoD-Lite (2026) decodes 42 pictures of 1920 × 1080 a second.
# - **No generator at all.** Ballé and others (2025) fit a small network to each picture ([lesson 23](23_one_picture.ipynb)), but for another $D$: *Wasserstein distortion* compares
#   not pixels but the statistics of texture. People put its pictures beside those of HiFiC, a generative codec of 2020, at less than a hundredth of the decoder's
#   multiplications.
#
# PSNR is not what they are made for: it punishes a hair in the wrong place more than no hair at all ([lesson 21](21_what_is_a_good_picture.ipynb)). What they draw is made up. For a holiday picture that
# is fine. For an X-ray or a number plate it is not.
#
# ## Fast, and alike everywhere
#
# DCVC-RT (2025) codes video: 125 pictures of 1920 × 1080 a second, and decodes 113, on one graphics card of a data centre (A100), in 21 % fewer bits than VTM. What held its predecessors back were
# not the multiplications, its authors found, but **memory and calls**: how often numbers are fetched and put back, and how many small operations are started one by one.
# So from its first layer on it works at an eighth of width and height, as our $g_a$ does, and in whole numbers, so that every
# machine decodes alike ([lesson 20](20_bitstream.ipynb)).
#
# ## Into the world
#
# **JPEG AI** (ISO/IEC 6048-1:2025) is the first learned standard: $g_a$, hyperprior, context, $g_s$. Its developers report 13 % fewer bits than VVC for the main profile
# and 19 % for the high one, which does more work. That is the mean of seven metrics, PSNR not among them, so it has no bar above. **JPEG XL** is not learned; it takes old .jpg files along without loss.
# Chrome, which had thrown it out in 2022, shows it again since October 2026.
#
# ## So what do they do that ours does not?
#
# | they | for example | what it buys |
# |---|---|---|
# | look further before they guess | MLIC++, HPCM, HiDE | a third fewer bits than ours, and more; by now little a year |
# | fit the codec to one picture | Cool-chic, C3, LotteryCodec ([lesson 23](23_one_picture.ipynb)) | about VVC's bits, with 1,000 to 5,000 multiplications a pixel; minutes to encode |
# | draw what they were not told | HiFiC, DiffC, StableCodec, CoD-Lite | a plausible picture, not the true one, down to 0.005 bits per pixel |
# | ask for another $D$ | Wasserstein distortion | texture, without a generator |
# | count memory, not multiplications | DCVC-RT | real time |
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: was it the cat's luck? (about 5 minutes)
#
# Let each photograph in turn be the one that nobody has seen. Three more networks are trained; that takes some twenty seconds.

# %%
# NBVAL_CHECK_OUTPUT
print("bytes over those of lossless WebP")
for name in images.SAMPLES:
    others = tuple(other for other in images.SAMPLES if other != name)
    picture = guessing.grey(name)
    model = network if name == "chelsea" else guessing.fit(others)
    with torch.no_grad():
        estimate = guessing.bits(model, *guessing.everywhere(picture)).sum() / 8
    webp = file_size(picture, "WEBP", lossless=True, quality=100, method=6)
    assert estimate < 0.99 * webp
    print(f"{name:10} {'a tenth' if estimate < 0.93 * webp else 'a few percent'} fewer")

# %% [markdown]
# It is no luck. But WebP is not the strongest rival: JPEG XL has a lossless mode, too, with a prior that its encoder grows for each picture, and we have not measured it. And three photographs are no training set, and one grey channel is no colour picture. The networks of research look at whole pictures, take mixtures
# of densities instead of one Laplace, and code colours with a look at each other.
#
# Our decoder computes means and widths in floating point. On another machine one of them may be rounded otherwise, and the rest of the file is lost.
#
# ## Depth: multiplications are not time (about 5 minutes)
#
# Two stacks of six convolutions of 3 × 3 ([lesson 11](11_only_the_decoder.ipynb)). One has 4 channels on 512 × 512 places, the other 32 channels on 64 × 64. An output takes 9 multiplications
# for each channel that comes in, so both need $6 \cdot 9 \cdot 4 \cdot 4 \cdot 512^2 = 6 \cdot 9 \cdot 32 \cdot 32 \cdot 64^2$: equally many.

# %%
import time


def seconds(channels, side):
    """Processor time of six convolutions with ReLU, the best of five."""
    layers = [torch.nn.Conv2d(channels, channels, 3, padding=1) for _ in range(6)]
    stack = torch.nn.Sequential(*(part for layer in layers for part in (layer, torch.nn.ReLU())))
    x, spent = torch.randn(1, channels, side, side), []
    with torch.no_grad():
        for _ in range(5):
            start = time.process_time()
            stack(x)
            spent.append(time.process_time() - start)
    return min(spent)


with Predict(
    "As many multiplications. How many times as long does the large, thin one take?",
    unit="times",
    near=3,
) as predict:
    predict.truth = round(seconds(4, 512) / seconds(32, 64), 1)

# %% [markdown]
# (Your machine's figure; on the one where this was written it was between 4 and 10.) The thin stack has to fetch and put back eight times as many numbers for the same work, and a processor
# multiplies fastest when it has many channels side by side. That is why DCVC-RT, and our codec, go down to an eighth of the size in the *first* layer. Count multiplications to
# compare ideas. To compare speed, measure time, and say on what.
#
# ## Depth: five projects (about 10 minutes)
#
# Each is a term's work for one or two people, begins with files of this package, and ends in a curve or a table. For all of them: a set of pictures that others use, all of it; settings
# chosen on *other* pictures; real files with their headers; PSNR and a second measure, both always; JPEG by λ as one anchor, with its settings; both
# sides trained equally long, with three seeds, so that you know how large chance is. Write down **before** the first run what result would prove you wrong.
#
# **1 · Text.** *How many screenshots must a codec see until it can read?* On a page of letters ours loses to PNG ([lesson 22](22_showdown.ipynb)). Start: `lic-teach train` with
# `--start data/weights/hours.safetensors`, and 0, 10, 50, 200 screenshots among the photographs. Measure: `lic-teach rd` on held-out screenshots and on Kodak; PNG and lossless WebP beside it. You know it when the
# gain on screens is larger than the spread of three seeds, and you can say what photographs paid.
#
# **2 · Four rounds instead of two.** *What is a third and fourth look worth?* Start: the chessboard in `learned/hyperprior.py`; divide each colour once more. Measure: bits of each quarter, BD-rate, time of the decoder. The
# anchor is the two-round codec, trained for as many steps *more* as yours. You know it when you can say what a percent costs in milliseconds.
#
# **3 · A better guess.** *How far below WebP can ten thousand numbers go?* Start: `course/what_next/guessing.py`. Three colours; a mixture instead of one Laplace; whole numbers, so that it decodes everywhere. Measure: bits per pixel of Kodak,
# lossless, against PNG, WebP and, if you install it, JPEG XL. The network's bytes count once, for all 24 pictures together. Change one thing at a time: which one earned it?
#
# **4 · A hundred numbers of your own.** *When does it pay to change the decoder for one picture?* Between a codec for all and a network for each ([lesson 23](23_one_picture.ipynb)) lies this: send the 100 parameters of $g_s$ that
# help this picture most, with the picture. Start: `learned/refine.py` for the search, `learned/container.py` for the place in the file. Measure: L with these bytes *in*, over λ, on photographs and on drawings. The anchor is the refined encoder with
# the old decoder, given the same time. You know it when you can foretell, from the picture alone, whether it pays.
#
# **5 · Draw the fur.** *Do people prefer texture that is made up?* Start: the decoder of [lesson 21](21_what_is_a_good_picture.ipynb) that draws each latent inside its bin; the file stays as it is. Measure: PSNR, MS-SSIM, and the votes of ten people who do not know which is which,
# at three λ, with an interval; the lesson has the test for it. You know it when the interval leaves one half on one side. (Twenty votes of one person are not those of twenty people: count one share for each person, and take the interval over people.) Ask them *two* questions, which is nicer and which is nearer to the original, and see whether the answers agree.
#
# ## What you learnt
#
# - By PSNR the field flattens: from 2023 to 2025 a twentieth of the bits.
# - BD-rates against one anchor can be divided. Against two versions of it they cannot be compared.
# - Predicting, compressing and drawing are one skill. A guess and an arithmetic coder are a codec; coins and a decoder are a drawing.
# - What has moved since is something else than PSNR: what a picture should look like, how fast it is there, and what the decoder has to carry.
# - The next figure is yours.
#
# ## Further reading
#
# Of those with † only the abstract, or the authors' page, was checked for what is said here.
#
# - G. Delétang et al., "Language modeling is compression", *ICLR*, 2024. [arXiv:2309.10668](https://arxiv.org/abs/2309.10668) †
# - W. Jiang et al., "MLIC++: linear complexity multi-reference entropy modeling for learned image compression", 2023.
#   [arXiv:2307.15421](https://arxiv.org/abs/2307.15421) † (the curve is in our data)
# - Y. Li, H. Zhang, L. Li, D. Liu, "Learned image compression with hierarchical progressive context modeling", *ICCV*, 2025: HPCM.
#   [arXiv:2507.19125](https://arxiv.org/abs/2507.19125) † (the curve is in our data). Scaled to a billion numbers: [arXiv:2508.09075](https://arxiv.org/abs/2508.09075) †
# - H. Xiong, Y. Xu, K. Zhu, Y. Wang, B. Ye, "HiDE: hierarchical dictionary-based entropy modeling for learned image compression", 2026.
#   [arXiv:2603.06766](https://arxiv.org/abs/2603.06766) †
# - D. He, Z. Yang, W. Peng, R. Ma, H. Qin, Y. Wang, "ELIC: efficient learned image compression with unevenly grouped space-channel
#   contextual adaptive coding", *CVPR*, 2022. [arXiv:2203.10886](https://arxiv.org/abs/2203.10886)
# - Z. Cheng, H. Sun, M. Takeuchi, J. Katto, "Learned image compression with discretized Gaussian mixture likelihoods and attention modules",
#   *CVPR*, 2020. [arXiv:2001.01568](https://arxiv.org/abs/2001.01568)
# - Z. Jia, B. Li, J. Li, W. Xie, L. Qi, H. Li, Y. Lu, "Towards practical real-time neural video compression", *CVPR*, 2025: DCVC-RT.
#   [arXiv:2502.20762](https://arxiv.org/abs/2502.20762) †
# - J. Vonderfecht, F. Liu, "Lossy compression with pretrained diffusion models", *ICLR*, 2025: DiffC.
#   [arXiv:2501.09815](https://arxiv.org/abs/2501.09815) † The method: L. Theis, T. Salimans, M. D. Hoffman, F. Mentzer, "Lossy compression with Gaussian
#   diffusion", 2022. [arXiv:2206.08889](https://arxiv.org/abs/2206.08889)
# - T. Zhang, X. Luo, L. Li, D. Liu, "StableCodec: taming one-step diffusion for extreme image compression", *ICCV*, 2025.
#   [arXiv:2506.21977](https://arxiv.org/abs/2506.21977) †
# - Z. Jia et al., "CoD-Lite: real-time diffusion-based generative image compression", 2026. [arXiv:2604.12525](https://arxiv.org/abs/2604.12525) †
# - J. Ballé, L. Versari, E. Dupont, H. Kim, M. Bauer, "Good, cheap, and fast: overfitted image compression with Wasserstein distortion", *CVPR*, 2025.
#   [arXiv:2412.00505](https://arxiv.org/abs/2412.00505) †
# - F. Mentzer, G. Toderici, M. Tschannen, E. Agustsson, "High-fidelity generative image compression", *NeurIPS*, 2020: HiFiC.
#   [arXiv:2006.09965](https://arxiv.org/abs/2006.09965)
# - H. Kim, M. Bauer, L. Theis, J. R. Schwarz, E. Dupont, "C3: high-performance and low-complexity neural compression from a single image or
#   video", *CVPR*, 2024. [arXiv:2312.02753](https://arxiv.org/abs/2312.02753)
# - H. Wu, G. Chen, P. L. Dragotti, D. Gündüz, "LotteryCodec: searching the implicit representation in a random network for low-complexity image
#   compression", *ICML*, PMLR 267, 2025. [arXiv:2507.01204](https://arxiv.org/abs/2507.01204) †
# - P. Jia et al., "Overview of variable rate coding in JPEG AI", *IEEE Transactions on Circuits and Systems for Video Technology*, 2025: its 13.1 and 19.2 %.
#   [arXiv:2503.16288](https://arxiv.org/abs/2503.16288) † The standard: S. Esenlik et al., "An overview of the JPEG AI learning-based image coding standard", 2025,
#   [arXiv:2510.13867](https://arxiv.org/abs/2510.13867), and <https://jpeg.org/jpegai/>.
# - JPEG XL in browsers: <https://caniuse.com/jpegxl>. Chrome 155 and Firefox 158 are said there and in
#   [the discussion of it](https://github.com/Fyrd/caniuse/pull/7565).
# - Y. Yang, S. Mandt, "Towards empirical sandwich bounds on the rate-distortion function", *ICLR*, 2022. [arXiv:2111.12166](https://arxiv.org/abs/2111.12166) †
# - T. van Rozendaal, I. A. M. Huijben, T. S. Cohen, "Overfitting for fun and profit: instance-adaptive data compression", *ICLR*, 2021: project 4 for a whole network and a video.
#   <https://openreview.net/forum?id=oFp8Mx_V5FL> †
# - Y. Yang, S. Mandt, L. Theis, "An introduction to neural data compression", *Foundations and Trends in Computer Graphics and Vision* 15(2), 113–200, 2023: the
#   book behind all of this. [arXiv:2202.06533](https://arxiv.org/abs/2202.06533)
