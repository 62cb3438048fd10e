# %% [markdown]
# # 24 · What next
#
# **What do the best codecs do that ours does not?**
#
# The codec of this course fits into an afternoon of reading. Where does it stand? Each bar says how many bits a codec needs for the PSNR of
# JPEG, over the 24 photographs of the Kodak set (BD-rate, [lesson 07](07_rate_distortion.ipynb)). Blue is this course's codec, orange is JPEG. They were
# measured here, and so were JPEG 2000 and AVIF. The other bars are other people's figures, quoted.

# %%
import json

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.fft import dctn, idctn

from lic_teach import images, learned, metrics
from lic_teach.learned import anatomy, quantize, rate
from lic_teach.paths import DATA
from lic_teach.study import table

torch.set_num_threads(1)
ORANGE, BLUE, GREY = "#d9730d", "#2563b0", "#757575"  # JPEG, the learned codec, others

jpeg = table.read(DATA / "rd/kodak_jpeg.json")  # Pillow's, 4:2:0, optimize=True: the anchor
published = {
    c["codec"]: c for c in json.loads((DATA / "rd/published_kodak.json").read_text())["curves"]
}


def bits_over_jpeg(study):
    """BD-rate against JPEG in percent, negative: fewer bits; from 29.5 to 36 dB, or over the part
    of that which both curves span."""
    curves = table.psnr_curve(jpeg), table.psnr_curve(study)
    return metrics.bd_rate(*curves, metrics.overlap(*curves, table.WINDOW))


bars = [("JPEG, tables and coefficients by λ (08)", "jpeg_lam", ORANGE)]
bars += [("JPEG 2000", "jpeg2000", GREY), ("AVIF", "avif", GREY)]
bars += [("this course's codec", "learned_context", BLUE)]
bars += [("the same, and its encoder thinks", "learned_context_refined", BLUE)]
bars = [(name, bits_over_jpeg(table.read(DATA / f"rd/kodak_{f}.json")), c) for name, f, c in bars]
others = {
    "a hyperprior (2018)": "compressai/paper-bmshj2018-hyperprior",
    "VVC, by its test model VTM": "compressai/vtm",
    "Cool-chic 5.0": "coolchic/v5.0",
    "ELIC (2022)": "compressai/paper-elic2022_mse",
    "MLIC++ (2023)": "mlic/mlicplusplus",
}
bars += [(name, bits_over_jpeg(published[key]), GREY) for name, key in others.items()]
names, percent, colors = zip(*sorted(bars, key=lambda bar: -bar[1]), strict=True)

figure, ax = plt.subplots(figsize=(8, 3.6))
ax.barh(names, [100 + p for p in percent], color=colors)
ax.axvline(100, color=ORANGE, lw=2)
ax.annotate("JPEG", (98.5, len(bars) - 0.8), color=ORANGE, ha="right")
for place, p in enumerate(percent):
    ax.annotate(f"{100 + p:.0f}", (100 + p + 1, place), va="center")
ax.invert_yaxis()
ax.set(xlim=(0, 105), xlabel="bits for JPEG's PSNR, in percent of JPEG's bits")
ax.set_title("Half of JPEG's bits is not the end")
figure.tight_layout()

# %% [markdown]
# Ours takes about half of JPEG's bits. The best takes less than a third. What is between them is not one secret but a handful of ideas.
# Each of them has a section here, and an experiment that runs in seconds. Some of them our codec has already.
#
# **After this lesson** you can
# - say what side information, context and refinement are each worth, from measured curves;
# - show in a few lines why a blurred picture wins on PSNR, and what a perceptual codec gives up instead;
# - say what an overfitted codec puts into its file;
# - plan an experiment in compression whose result others can believe.
#
# You need lessons [07](07_rate_distortion.ipynb), [14](14_bits_from_probability.ipynb), [17](17_learned_codec.ipynb) and [20](20_bitstream.ipynb). About 35 minutes.

# %% [markdown]
# ## The ladder
#
# The course comes with five trainings of the same machine. $g_a$ and $g_s$ are built alike and the loss is the same; only the prior
# $P(\hat y)$ grows. Each rung adds one idea:
#
# | rung | what the decoder expects of a latent |
# |---|---|
# | fixed | $\mathcal N(0, 1)$, whatever the channel ([14](14_bits_from_probability.ipynb), [19](19_why_the_prior_fits.ipynb)) |
# | factorized | a mean and a width of its own for each channel |
# | mixture | three Gaussians for each channel: a narrow peak and heavy tails |
# | hyper | a mean and a width for **each latent**, from side information in the file |
# | context | and, for every second latent, from its decoded neighbours |
# | refined | the same as *context*; but the encoder thinks about the picture ([19](19_why_the_prior_fits.ipynb)) |
#
# (*context* trained for hours. The other four began with its $g_a$ and $g_s$, and then all parts trained on with the new prior, ten minutes
# each. So small differences say little, large ones a lot.)
#
# **Predict:** which step is the largest? Which prior is so bad that JPEG wins?

# %%
rungs = ("fixed", "factorized", "mixture", "hyper", "context", "context_refined")
ladder = {rung: table.read(DATA / f"rd/kodak_learned_{rung}.json") for rung in rungs}

figure, ax = plt.subplots(figsize=(8, 4.6))
ax.semilogx(*zip(*table.psnr_curve(jpeg), strict=True), color=ORANGE, lw=2)
ax.annotate("JPEG", (2.0, 36.4), color=ORANGE)
dashes = dict(zip(rungs, (":", "--", "-.", (0, (6, 2)), "-", "-"), strict=True))
for rung, study in ladder.items():
    line = np.array(sorted(table.psnr_curve(study))).T
    marker = "o" if rung == "context_refined" else None
    name = rung.removeprefix("context_")
    ax.semilogx(*line, color=BLUE, ls=dashes[rung], marker=marker, ms=4, lw=1.6, label=name)
ax.legend(title="prior", loc="upper left", labelcolor=BLUE)
ax.set(xlim=(0.1, 5), ylim=(26, 39), xlabel="bits per pixel, whole file (Kodak, mean)")
ax.set_xticks((0.1, 0.2, 0.5, 1, 2, 5), ("0.1", "0.2", "0.5", "1", "2", "5"))
ax.minorticks_off()
ax.set(ylabel="PSNR (RGB), dB, mean", title="The same machine, ever better guesses")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print("prior              over JPEG    over the rung before")
before = None
for rung, study in ladder.items():
    over_jpeg = f"{bits_over_jpeg(study):+9.1f} %"
    gain = ""
    if before:
        curves = table.psnr_curve(before), table.psnr_curve(study)
        gain = f"{metrics.bd_rate(*curves, table.WINDOW):+13.1f} %"
    print(f"{rung.removeprefix('context_'):17}{over_jpeg}{gain}")
    before = study
assert table.psnr_curve(ladder["fixed"])[0][0] > 128 * 1.385 / 64  # the wall

# %% [markdown]
# *fixed* loses to JPEG, and by far. The reason is the floor of [lesson 14](14_bits_from_probability.ipynb): under $\mathcal N(0, 1)$ no latent costs less than 1.385 bits, and
# there are 128 of them for 64 pixels. That makes 2.77 bits per pixel for a picture of nothing. The dotted line stands on this wall. With
# widths of their own the silent channels cost nothing, and that is the largest step. The next largest is side information. The last two are of
# about one size: what the decoder learns from its neighbours, and what the encoder finds by thinking. (But *context* has trained far
# longer than *hyper*, so its step is not all context's.)
#
# ## Side information
#
# A channel has no one width. In the sky its latents are nearly all 0, in the fur they are large. Someone must tell the decoder which is
# where. So the encoder first writes a coarse sketch, $z$, one place for 32 × 32 pixels, and a small network turns it into a mean and a
# width for each latent. The sketch is called **side information**, its network a **hyperprior** (Ballé et al. 2018). It costs bits itself.
#
# It must be worth them. The test: give the decoder the sketch of a **wrong place**. Everything else stays the same, so the file still
# decodes to the same picture (nearly: where nothing is expected, nothing is written). **Predict:** how much larger is the file?

# %%
model, lam = learned.load(), 0.01
code = quantize.to_code(lam)
step = model.step(model.position(code).float())[0].numpy()  # (128, 1, 1): of each channel
latents = {name: learned.analyse(images.sample(name), model) for name in images.SAMPLES}
print("side information, share of the bits; with the sketch of another place")
for name, y in latents.items():
    height, width = y.shape[1:]
    _, bits, side = rate.count(y, model, code)
    total = bits.sum() + side
    elsewhere = np.roll(y, (height // 2, width // 2), (1, 2))  # half a picture away
    # first: the latents from which the sketch is made
    _, bits, wrong_side = rate.count(y, model, code, first=elsewhere)
    wrong = bits.sum() + wrong_side
    assert side < 0.2 * total and wrong > 1.3 * total
    print(f"{name:10} {side / total:5.0%}                           {wrong / total - 1:+5.0%}")

# %% [markdown]
# A tenth of the file is the sketch, and a false one makes the file three quarters larger, or worse. It is cross-entropy once more ([lesson 14](14_bits_from_probability.ipynb)):
# who guesses with the wrong distribution pays for it.
#
# ## Context
#
# What the decoder has decoded already it can use without paying for it. That is called **context**. Ours is the simplest: the places are
# coloured like a chessboard. The white latents come first. Then each black one has four neighbours that are known, and its mean and width
# are guessed from the sketch *and* from them (He et al. 2021).
#
# **Predict:** two models, one with context and one without. How many bits has a black place, if a white one has 100?

# %%
print("bits of black places for 100 of white ones:   hyper   context")
without = learned.load("hyper")
for name in images.SAMPLES:
    shares = []
    for prior in (without, model):
        y = learned.analyse(images.sample(name), prior)
        spent = learned.bit_map(y, prior, lam)[0].sum(0)
        white = np.add.outer(np.arange(y.shape[1]), np.arange(y.shape[2])) % 2 == 0
        shares.append(spent[~white].mean() / spent[white].mean())
    assert shares[1] < 0.9 < shares[0] < 1.1
    print(f"{name:45} {100 * shares[0]:6.0f} {100 * shares[1]:9.0f}")

# %% [markdown]
# Black is a quarter cheaper, or nearly. And white must do without. The best codecs look further: at the channels before
# (Minnen and Singh 2020, ten groups), or at channels and neighbours together (ELIC, MLIC++). One latent after the other (Minnen et al.
# 2018) uses all neighbours that are known, and is slow.
#
# ## Let the encoder think
#
# $g_a$ must serve all photographs of the world, in one pass. For *this* one there are better latents, and the decoder does not need to know: the second thoughts of [lesson 19](19_why_the_prior_fits.ipynb). (The ladder's *refined* took twenty steps of them.)
#
# ## A codec for one picture
#
# The encoder may go further, and think about the *decoder*. **Overfitted** codecs train a tiny network on one picture alone, and the file
# holds its parameters. In an early one, COIN (2021), a network gets the coordinates of a pixel and answers with its colour. That is
# all. Here is one for 64 × 64 pixels. It has 371 parameters, of 16 bits.
#
# **Predict:** our codec spends about 0.4 bits per pixel on this piece. This network gets 1.4. Which one is better?


# %%
class Sine(torch.nn.Module):
    def forward(self, x):
        return torch.sin(x)


torch.manual_seed(0)
layers = torch.nn.Linear(2, 16), torch.nn.Linear(16, 16), torch.nn.Linear(16, 3)
with torch.no_grad():
    layers[0].weight.uniform_(-8, 8)  # fast and slow waves to begin with
    layers[1].weight.uniform_(-0.6, 0.6)
network = torch.nn.Sequential(layers[0], Sine(), layers[1], Sine(), layers[2])
corner = slice(96, 160), slice(160, 224)
piece = images.sample("chelsea")[corner]
axis = torch.linspace(-1, 1, 64)
places = torch.cartesian_prod(axis, axis)
colours = torch.from_numpy(piece.reshape(-1, 3).copy()).float() / 127.5 - 1
optimizer = torch.optim.Adam(network.parameters(), lr=2e-2)
for i in range(1000):
    for group in optimizer.param_groups:
        group["lr"] = 2e-2 * (1 - i / 1000)
    loss = ((network(places) - colours) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

network = network.half().float()  # what a file of 16-bit numbers holds
with torch.no_grad():
    samples = 127.5 * (network(places).reshape(64, 64, 3) + 1)
by_coin = samples.clamp(0, 255).round().byte().numpy()
count = sum(p.numel() for p in network.parameters())

# the same piece from our codec's file of the whole cat
cat, y = images.sample("chelsea"), latents["chelsea"]
by_ours = learned.reconstruct(y, cat.shape[:2], model, lam)[corner]
bits, side = learned.bit_map(y, model, lam)
ours = (bits[:, 12:20, 20:28].sum() + side * 64 / bits[0].size) / 64**2

# and the largest coefficients of its DCT, at as many bits as COIN: 12 for a value, 14 for its place
coefficients = dctn(piece - 128.0, axes=(0, 1), norm="ortho")
weakest = np.sort(np.abs(coefficients), axis=None)[-(16 * count // 26)]
largest = np.where(np.abs(coefficients) >= weakest, np.rint(coefficients), 0)
by_dct = np.clip(np.rint(idctn(largest, axes=(0, 1), norm="ortho") + 128), 0, 255).astype(np.uint8)

figure, axes = plt.subplots(1, 4, figsize=(9, 2.7))
shown = (
    ("original", piece, None),
    ("COIN", by_coin, 16 * count / 64**2),
    ("largest DCT", by_dct, 16 * count / 64**2),
    ("ours", by_ours, ours),
)
for ax, (name, picture, bpp) in zip(axes, shown, strict=True):
    ax.imshow(picture, interpolation="nearest")
    words = f"{bpp:.1f} bpp, {metrics.psnr(piece, picture):.0f} dB" if bpp else ""
    ax.set(xticks=[], yticks=[], title=f"{name}\n{words}")
figure.suptitle("A network alone is a poor file", y=1.04)
figure.tight_layout()
assert metrics.psnr(piece, by_ours) > metrics.psnr(piece, by_coin) + 2 and ours < 0.6

# %% [markdown]
# Ours is much better with less than a third of the bits. The network beats bare cosines, but not a codec. Its parameters have no prior and
# no λ, and each one concerns all pixels at once.
#
# **Cool-chic** (2023) gave the network what it lacked: latents on grids of several sizes, a tiny context model for them, and training on
# $R + \lambda D$. All three belong to the machine of this course. Only, $g_s$ and the prior are trained for one picture, and are in its file.
# Because they need not know all photographs, they are small. Does it work?

# %%
# NBVAL_CHECK_OUTPUT
for name, key in {
    "COIN (2021)": "c3/COIN",  # its curve ends at 30.6 dB
    "Cool-chic 1.0 (2023)": "coolchic/v1.0",
    "C3 (2024)": "c3/C3",
    "Cool-chic 5.0": "coolchic/v5.0",
}.items():
    print(f"{name:22} {bits_over_jpeg(published[key]):+6.1f} % bits over JPEG")

# %% [markdown]
# The first Cool-chic decodes with 680 multiplications a pixel (800 with the upsampling, as [lesson 22](22_showdown.ipynb) counts) and C3 with fewer than
# 3,000, as their papers say. Ours takes about twice as
# many as C3. The price is paid by the encoder: minutes and more for a picture.
#
# ## What PSNR does not see
#
# Look at what our codec makes of the cat's fur at a small λ. Nothing there is wrong; it is only blurred. Why does a network that could
# paint hairs paint none?
#
# Because hairs in the wrong place are worse than no hairs. The decoder knows *that* there is fur. It does not know where each hair lies. If
# it must minimise the squared error, the best guess is the **mean** of all possible furs. A mean of many hairs is a smooth brown.
#
# Here is the experiment. Take the error $x - \hat x$ in luma, block by block, in the DCT. Give each coefficient a random sign. This is
# texture of just the right strength and direction, with the hairs in other places. Add it. (We cheat: only the encoder knows the error. A
# generative decoder has learned what is usually missing.)
#
# **Predict:** does the PSNR rise or fall? And what if you average 16 such pictures?
#
# (Each drawn texture adds an error $E$ to the error $D$ of $\hat x$. In a mean of $n$ these partly cancel: $E/n$ is left.)


# %%
def to_blocks(a):
    return a.reshape(a.shape[0] // 8, 8, -1, 8).transpose(0, 2, 1, 3)


def from_blocks(blocks):
    return blocks.transpose(0, 2, 1, 3).reshape(8 * blocks.shape[0], -1)


x = images.sample("chelsea")[:296, :448].astype(float)
small = learned.analyse(images.sample("chelsea"), model)
x_hat = learned.reconstruct(small, (300, 451), model, 1e-3)[:296, :448].astype(float)
missing = dctn(to_blocks((x - x_hat) @ [0.299, 0.587, 0.114]), axes=(2, 3), norm="ortho")
missing[..., 0, 0] = 0  # the blocks' means stay as they are

rng = np.random.default_rng(0)
drawn = []
for _ in range(16):
    texture = missing * rng.choice([-1, 1], missing.shape)
    drawn.append(x_hat + from_blocks(idctn(texture, axes=(2, 3), norm="ortho"))[..., None])

D, E = np.mean((x - x_hat) ** 2), np.sum(missing**2) / x[..., 0].size  # E: what each one adds
print(" pictures averaged   D, measured    D + E/n, expected")
for n in (1, 4, 16):
    measured = np.mean((x - np.mean(drawn[:n], axis=0)) ** 2)
    np.testing.assert_allclose(measured, D + E / n, rtol=0.03)
    print(f"{n:10} {measured:18.1f} {D + E / n:17.1f}")
print(f"{'x_hat':>10} {D:18.1f}")

# %%
figure, axes = plt.subplots(1, 4, figsize=(9.6, 3.1))
shown = (
    ("original", x),
    (r"$\hat x$, for PSNR", x_hat),
    ("texture drawn", drawn[0]),
    ("mean of 16", np.mean(drawn, axis=0)),
)
for ax, (name, picture) in zip(axes, shown, strict=True):
    picture = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    words = f"{metrics.psnr(x.astype(np.uint8), picture):.1f} dB" if name != "original" else ""
    ax.imshow(picture[40:200, 90:250], interpolation="nearest")
    ax.set(xticks=[], yticks=[], title=f"{name}\n{words}")
figure.suptitle("The better PSNR is not the better fur", y=1.02)
figure.tight_layout()

# %% [markdown]
# The third looks more like fur than the second, and its PSNR is lower by more than 2 dB. The mean of many is the blurred one again. So PSNR
# does not only fail to reward texture. It *punishes* it.
#
# Blau and Michaeli (2019) made a law of this. To rate and distortion they add a third axis, *perception*: how well can anybody tell the
# decoded pictures from real ones? At a given rate, nobody can have the best of the other two at once. But for the squared error the price
# is limited: a decoder whose pictures look perfectly real needs at most **twice** the least error of that rate:
# 3 dB. Our texture costs 2.4 dB, but it is not perfectly real.
#
# **Generative codecs** learn to draw. HiFiC (2020) adds a *discriminator* to the loss, a second network that tries to tell decoded from
# real. In their study people preferred its pictures to those of earlier codecs with more than twice the bits. Today diffusion models do the
# drawing, networks that make a picture out of noise step by step. What they draw is made up. For a holiday picture that is fine. For an
# X-ray, or a number plate, it is not.

# %% [markdown]
# ## JPEG AI
#
# In 2025 the JPEG committee published its first learned standard, JPEG AI (ISO/IEC 6048-1:2025, also ITU-T T.840.1). It is a relative of
# our codec: $g_a$, a hyperprior, context, $g_s$. Only what the decoder does is fixed, as in JPEG's case: encoders may think as long as they
# like. And the standard wants more from the latents than pictures: machines should work on them *without* $g_s$.
#
# Can one do without $g_s$? Here is a picture from our file with nothing but a colour for each latent: the mean colour of what it paints.
# That is 6 multiplications a pixel. **Predict:** what will you see?

# %%
figure, axes = plt.subplots(1, 4, figsize=(9.6, 2.3))
mean_colours = anatomy.pictures_of_channels(model).sum((1, 2)) / 64  # (128, 3), of 8 x 8 pixels
for ax, name in zip(axes, images.SAMPLES, strict=True):
    data = learned.encode(images.sample(name), model, lam)
    y_hat, header = learned.decode_latents(data, model)
    tiny = 128 + np.einsum("chw,ck->hwk", step * y_hat, mean_colours)
    tiny = np.clip(np.rint(tiny), 0, 255).astype(np.uint8)
    rows, columns = header.height // 8, header.width // 8
    full = learned.decode(data, model)[: 8 * rows, : 8 * columns]
    means = np.rint(full.reshape(rows, 8, columns, 8, 3).mean((1, 3))).astype(np.uint8)
    agree = metrics.psnr(means, tiny[:rows, :columns])
    assert agree > 33
    ax.imshow(tiny, interpolation="nearest")
    ax.set(xticks=[], yticks=[], title=f"{name}: {agree:.0f} dB")
figure.suptitle("Latents alone, against the decoded picture made eight times smaller")
figure.tight_layout()

# %% [markdown]
# The whole picture, eight times smaller. That is often enough to find out what is in it. (JPEG can do that, too, with its DC coefficients. A
# latent of a deeper network is less of a picture, and more of what a network wants that is to say what is in it.)

# %% [markdown]
# ## A map
#
# | idea | papers | here |
# |---|---|---|
# | learn the transform, noise for rounding | Ballé et al. 2017; Theis et al. 2017 | 13, 14 |
# | side information | Ballé et al. 2018 | *hyper* |
# | context | Minnen et al. 2018; He et al. 2021 | *context* |
# | larger networks, attention, more context | Cheng et al. 2020; ELIC, He et al. 2022; MLIC++, Jiang et al. 2023 | no |
# | one network for every λ | Cui et al. 2021 | 14 |
# | shallow decoders | Yang and Mandt 2023 | ours is of this kind |
# | encoders that think | Campos et al. 2019; Yang, Bamler, Mandt 2020 | *refined*, [19](19_why_the_prior_fits.ipynb) |
# | one codec for one picture | COIN, Dupont et al. 2021; Cool-chic, Ladune et al. 2023; C3, Kim et al. 2024 | a toy |
# | pictures that look real | Blau and Michaeli 2019; HiFiC, Mentzer et al. 2020 | a toy |
# | the same latents everywhere | Ballé, Johnston, Minnen 2019 | 17 |
# | a standard | JPEG AI, 2025 | no |
#
# What have the best that ours lacks? Above all larger networks, and more context. From the hyperprior of 2018 to MLIC++ the bits fell by nearly two fifths again,
# at the same PSNR, and the decoder's work grew:

# %%
# NBVAL_CHECK_OUTPUT
hyperprior = published["compressai/paper-bmshj2018-hyperprior"]
for name, key in {
    "its mean, too (2018)": "compressai/paper-mbt2018-mean",
    "one latent after the other (2018)": "compressai/paper-mbt2018",
    "Cheng et al. (2020)": "compressai/compressai-cheng2020-anchor_mse_cuda",
    "ELIC (2022)": "compressai/paper-elic2022_mse",
    "MLIC++ (2023)": "mlic/mlicplusplus",
}.items():
    curves = table.psnr_curve(hyperprior), table.psnr_curve(published[key])
    print(f"{name:35} {metrics.bd_rate(*curves, table.WINDOW):+6.1f} % over the hyperprior of 2018")

# %% [markdown]
# ### ✎ 1 · `plan`
#
# You have an idea, and want to show that it saves bits. Choose how. One letter for each line:
#
# | | a | b | c |
# |---|---|---|---|
# | pictures | the cat | three that show the effect well | a set that others use, all of it |
# | chosen on | settings chosen on the test pictures | on other pictures, looked at the test pictures once | on the training pictures |
# | rate | the training's R | the estimate, −log₂ P | real files, header included |
# | quality | PSNR | PSNR and a second measure, both always | as it looks to me |
# | anchor | "JPEG" | a number from another paper | a codec run on the same pictures, its settings stated |
# | noise | one training | some seeds, mean and spread | the best of ten |

# %%
from lic_teach.course.what_next.exercises import check

my_plan = {
    "pictures": ...,
    "chosen on": ...,
    "rate": ...,
    "quality": ...,
    "anchor": ...,
    "noise": ...,
}

check("plan", my_plan)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# my_plan = {
#     "pictures": "c",
#     "chosen on": "b",
#     "rate": "c",
#     "quality": "b",
#     "anchor": "c",
#     "noise": "b",
# }
# ```
#
# The estimate is within a hundred bits of the file ([20](20_bitstream.ipynb)). But whoever reads your paper can only measure files.
#
# </details>

# %% [markdown]
# ### Projects for a term paper
#
# Each of them begins with files of this package, and ends with a curve. `lic-teach rd` measures any codec over a folder of pictures.
#
# 1. **Text.** On a page of letters the learned codec loses to PNG ([22](22_showdown.ipynb)). Train one on screenshots. How many does it need, and what do
#    photographs pay? (`learned/train.py`)
# 2. **Four groups instead of two.** Split the chessboard again. What do the third and fourth quarter gain, and what does the decoder's time
#    do? (`learned/hyperprior.py`)
# 3. **Context across channels.** Chroma after luma: guess the latents of Cb and Cr from those of Y.
# 4. **Think about z, too.** The search leaves the side information alone. How much is in it? (`learned/refine.py`)
# 5. **A cleverer search.** The hope that orders the trials ([lesson 19](19_why_the_prior_fits.ipynb)) is right every third time. Do better in the same time.
# 6. **A region of interest.** A larger λ for faces, with the same decoder: put a weight on $D$ in the search. What does the file pay?
# 7. **Another D.** Train on $1 - \text{MS-SSIM}$. Draw both curves in both measures.
# 8. **Draw the fur.** Let the decoder add texture by the widths that it knows anyway. Ask ten people, blindly, which picture is nearer to
#    the original.
# 9. **Overfit the decoder a little.** Send 100 changed parameters of $g_s$ with each picture. Which 100? When does it pay?
# 10. **JPEG's trellis for everyone.** Take the λ of [lesson 08](08_jpeg_by_lambda.ipynb) to progressive files, or to another metric.
#
# ## What you learnt
#
# - A better prior is a smaller file: from N(0, 1) to context, with the same transform, that is the ladder.
# - Side information costs a tenth of the file and pays for itself several times over. Context is free of bits, and costs the decoder's time.
# - $g_a$'s latents are good for all pictures, and best for none. An encoder that thinks wins several percent, and the decoder does
#   not notice.
# - An overfitted codec sends a small decoder with each picture. It needs the whole machine: latents, prior, λ.
# - The best PSNR is a mean, and means are blurred. Pictures that look real need cost no more than 3 dB.
# - What is left to do is yours.
#
# ## Further reading
#
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*, 2018,
#   [arXiv:1802.01436](https://arxiv.org/abs/1802.01436).
# - D. Minnen, J. Ballé, G. Toderici, "Joint autoregressive and hierarchical priors for learned image compression", *NeurIPS*, 2018,
#   [arXiv:1809.02736](https://arxiv.org/abs/1809.02736).
# - D. Minnen, S. Singh, "Channel-wise autoregressive entropy models for learned image compression", *ICIP*, 2020,
#   [arXiv:2007.08739](https://arxiv.org/abs/2007.08739).
# - Z. Cheng, H. Sun, M. Takeuchi, J. Katto, "Learned image compression with discretized Gaussian mixture likelihoods and attention
#   modules", *CVPR*, 2020,
#   [arXiv:2001.01568](https://arxiv.org/abs/2001.01568).
# - D. He, Y. Zheng, B. Sun, Y. Wang, H. Qin, "Checkerboard context model for efficient learned image compression", *CVPR*, 2021,
#   [arXiv:2103.15306](https://arxiv.org/abs/2103.15306).
# - D. He, Z. Yang, W. Peng, R. Ma, H. Qin, Y. Wang, "ELIC: efficient learned image compression with unevenly grouped space-channel
#   contextual adaptive coding", *CVPR*, 2022,
#   [arXiv:2203.10886](https://arxiv.org/abs/2203.10886).
# - W. Jiang et al., "MLIC++: linear complexity multi-reference entropy modeling for learned image compression", 2023,
#   [arXiv:2307.15421](https://arxiv.org/abs/2307.15421).
# - Y. Yang, S. Mandt, "Computationally-efficient neural image compression with shallow decoders", *ICCV*, 2023,
#   [arXiv:2304.06244](https://arxiv.org/abs/2304.06244).
# - J. Campos, S. Meierhans, A. Djelouah, C. Schroers, "Content adaptive optimization for neural image compression", *CVPR Workshops*, 2019,
#   [arXiv:1906.01223](https://arxiv.org/abs/1906.01223).
# - Y. Yang, R. Bamler, S. Mandt, "Improving inference for neural image compression", *NeurIPS*, 2020,
#   [arXiv:2006.04240](https://arxiv.org/abs/2006.04240).
# - E. Dupont, A. Goliński, M. Alizadeh, Y. W. Teh, A. Doucet, "COIN: compression with implicit neural representations", 2021,
#   [arXiv:2103.03123](https://arxiv.org/abs/2103.03123).
# - T. Ladune, P. Philippe, F. Henry, G. Clare, T. Leguay, "COOL-CHIC: coordinate-based low complexity hierarchical image codec", *ICCV*,
#   2023,
#   [arXiv:2212.05458](https://arxiv.org/abs/2212.05458).
# - H. Kim, M. Bauer, L. Theis, J. R. Schwarz, E. Dupont, "C3: high-performance and low-complexity neural compression from a single image or
#   video", *CVPR*, 2024,
#   [arXiv:2312.02753](https://arxiv.org/abs/2312.02753).
# - Y. Blau, T. Michaeli, "Rethinking lossy compression: the rate-distortion-perception tradeoff", *ICML*, PMLR 97, 675–685, 2019,
#   [arXiv:1901.07821](https://arxiv.org/abs/1901.07821).
#   That perfect perception costs just a doubling of the MSE: Z. Yan, F. Wen, R. Ying, C. Ma, P. Liu, "On perceptual lossy compression",
#   *ICML*, 2021, [arXiv:2106.02782](https://arxiv.org/abs/2106.02782).
# - F. Mentzer, G. Toderici, M. Tschannen, E. Agustsson, "High-fidelity generative image compression", *NeurIPS*, 2020,
#   [arXiv:2006.09965](https://arxiv.org/abs/2006.09965).
# - ISO/IEC 6048-1:2025, *JPEG AI learning-based image coding system — Part 1: Core coding system*; overview: S. Esenlik et al., "An
#   overview of the JPEG AI learning-based image coding standard",
#   2025, [arXiv:2510.13867](https://arxiv.org/abs/2510.13867).
# - Where each quoted curve comes from stands beside it in `data/rd/published_kodak.json`.
