# %% [markdown]
# # 16 · Tell the decoder where
#
# **How can a decoder know where the picture is busy?**
#
# A prior with one width a coefficient is a compromise: too wide for a smooth wall, too narrow for fur.
# Here are the cat and the map that a decoder would like to have. Each block of 8 × 8 pixels is in one of eight classes, from quiet
# (white) to busy (dark). For each class there is a width of its own.

# %% jupyter={"source_hidden": true}
import constriction
import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg
from lic_teach.course.tell_the_decoder_where import adapting, recoding
from lic_teach.kit import plots
from lic_teach.kit.expected import expected
from lic_teach.kit.predict import Predict
from lic_teach.kit.priors import GAUSSIAN

cat = images.sample("chelsea")
opening = adapting.fitted(adapting.others(cat), 8, adapting.told)
number = adapting.classes(adapting.told(adapting.of_sample("chelsea")), opening)
figure, axes = plt.subplots(1, 3, figsize=(11, 2.8), width_ratios=(1.5, 1.5, 1))
axes[0].imshow(cat)
axes[1].imshow(plots.heat_map(number / 7, *cat.shape[:2]))
for q, shade in ((1, 0.35), (4, 0.6), (7, 1.0)):
    axes[2].semilogy(opening.sigma[q], color=plt.cm.Blues(shade), label=f"class {q + 1}")
axes[2].set(title="width σ, in steps", xlabel="coefficient, zig-zag")
axes[2].legend(fontsize=8)
for ax in axes[:2]:
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# The decoder has no such map, for it has no picture yet. There are two ways to get one. Both are built here, by hand, on JPEG's
# DCT. Then they meet two real codecs.
#
# **After this lesson** you can
# - say what side information costs, and when it pays;
# - make a decoder guess a width from what it has decoded already, and say what it must not look at;
# - read the picture of σ of a learned codec.
#
# You need [lesson 14](14_bits_from_probability.ipynb): a prior of width σ, and that a number costs $-\log_2 P$ bits. About 30 minutes.

# %% [markdown]
# ## One width for all places
#
# The codec is small: luma, 8 × 8 blocks, their DCT, one step of 40 grey levels, rounded. DC is coded as the difference to the
# block before ([lesson 05](05_entropy_coding.ipynb)). From here on nothing is lost: **all codecs of this lesson write the very same whole numbers.** So
# there is no quality to compare, only bits.
#
# The prior of each number is a Laplace density around 0, the better one for a whole channel in [lesson 14](14_bits_from_probability.ipynb). First with 64
# widths, one for each coefficient. They are fitted to the three *other* photographs: nobody has seen the cat.

# %%
# NBVAL_CHECK_OUTPUT
k = adapting.of_sample("chelsea")  # int (38, 57, 64): rows and columns of blocks, zig-zag
others = [adapting.of_sample(name) for name in adapting.others(cat)]
one = adapting.fit(others, 1)  # one class: 64 widths
blocks, _ = adapting.spent(k, np.zeros((38, 57), int), one)  # bits of each block
single = blocks.sum() / k.size
print(f"one width a coefficient: {single:.3f} bits per pixel")

# %% [markdown]
# ## Tell it
#
# The encoder has the picture. It sums up how busy each block is, $\sum \log(1 + |k|)$ over its AC, and says in which of eight classes that falls.
# The first class is of blocks in which nothing happens; the others share the rest of the other photographs' blocks equally. The decoder reads the class first, and then the 64 numbers with the
# widths of that class.
#
# What is told only to make the rest cheaper is called **side information**. We also call it *the sketch*: it is
# a coarse drawing of where something happens. It is not free. A class costs $-\log_2$ of its share.
#
# **Predict:** eight equally frequent classes would be 3 bits a block of 64 coefficients.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("What share of the new file is the sketch?", unit="%", near=4) as predict:
    eight = adapting.fit(others, 8, adapting.told)
    number = adapting.classes(adapting.told(k), eight)
    bits, side = (b.sum() / k.size for b in adapting.spent(k, number, eight))
    print(f"coefficients {bits:.3f} + side information {side:.3f} = {bits + side:.3f}")
    predict.truth = round(100 * side / (bits + side))

# %% [markdown]
# The sketch pays for itself, with something left over. (3.3 bits a class, not 3: its shares are other photographs'.) Coders that set themselves by what is told in front are **forward
# adaptive**. JPEG does it once for a whole file: its Huffman tables are side information.
#
# Ballé and others brought it into learned codecs in 2018. There the encoder's sketch is an array $z$ of its own, smaller than the latents
# $y$. A network makes it, another one turns it into a σ for each latent, and $z$ needs a prior, too. A prior over what sets
# the prior is a **hyperprior**. In our hand-made one, $z$ is the class, `eight.sigma` is the second network, and `eight.share` is the prior of $z$.
#
# ### ✎ 1 · `price`
#
# What is the whole price? Write it down: bits per pixel of coefficients *and* classes. (Count the classes yourself, from `model.share`.)

# %%
from lic_teach.course.tell_the_decoder_where.exercises import check


def price(k, number, model):
    """k: int (n, m, 64); number: the class of each block, (n, m); model: share and sigma.

    Return bits per pixel. adapting.spent(k, number, model)[0] are the coefficients' bits.
    """
    # your lines here


check("price", price)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def price(k, number, model):
#     coefficients = adapting.spent(k, number, model)[0].sum()
#     side = -np.log2(model.share[number]).sum()
#     return (coefficients + side) / k.size
# ```
#
# </details>

# %% [markdown]
# ## Let it guess
#
# The decoder does know something: all that it has decoded. Fur goes on beside fur. So let it guess the class: from the mean
# busyness of the block to the left and the block above. **Not one bit is told.**
#
# What is known already and helps to guess the next is called **context**. A prior that uses it is a **context model**. It must be *causal*: it may look only at
# what comes earlier in the file. A model that guesses each number from numbers before it is called **autoregressive**, and a
# coder that sets itself by what it has coded, **backward adaptive**.
#
# ### ✎ 2 · `around`
#
# Write the guess. In the first row only the left block is there, in the first column only the upper one, and for the first block nothing: 0.


# %%
def around(busy):
    """busy: how busy each block is, float (n, m). Return the mean of left and above, (n, m)."""
    # your lines here


check("around", around)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def around(busy):
#     left, above = np.zeros_like(busy), np.zeros_like(busy)
#     left[:, 1:], above[1:] = busy[:, :-1], busy[:-1]
#     above[0], left[:, 0] = left[0], above[:, 0]  # at the rim: the one that is there
#     return (left + above) / 2
# ```
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
with Predict(
    "Eight guessed classes: the file against the told ones'?", unit="%", near=5
) as predict:
    blind = adapting.fit(others, 8, adapting.guessed)
    guess = adapting.classes(adapting.guessed(k), blind)
    alone = adapting.spent(k, guess, blind)[0].sum() / k.size
    print(f"told {bits + side:.3f}, guessed {alone:.3f} bits per pixel")
    predict.truth = round(100 * (alone / (bits + side) - 1))

# %% [markdown]
# On the cat the guess gains twice as much as the sketch. Is that the cat's luck? Let each photograph in turn be the one that nobody has seen:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
print("bits per pixel   one class     told   guessed")
sums = np.zeros(3)
for name in images.SAMPLES:
    c, seen = adapting.of_sample(name), adapting.others(images.sample(name))
    row = []
    for count, look in ((1, adapting.told), (8, adapting.told), (8, adapting.guessed)):
        model = adapting.fitted(seen, count, look)
        parts = adapting.spent(c, adapting.classes(look(c), model), model)
        row.append(sum(b.sum() for b in parts[: 1 + (look is adapting.told)]) / c.size)
    print(f"{name:13}" + "".join(f"{r:12.3f}" for r in row))
    sums += row
told_gain, guessed_gain = sums[1:] / sums[0] - 1
print(f"all together: told {told_gain:+.0%}, guessed {guessed_gain:+.0%}")

# %% [markdown]
# At the hard edges of a suit or a cup, where the blocks before say little of the next, telling wins; in fur, guessing. Over all four
# they are equal within one percent.
#
# ## Is it true? Real bytes
#
# Both codecs with a real range coder ([lesson 20](20_bitstream.ipynb) opens it; it takes numbers and their priors). Who is told reads the map, then everything at once. Who
# guesses must go block by block. There encoder and decoder take the *same walk*,
# and differ only in what they do at each block.

# %%
LAPLACE = constriction.stream.model.QuantizedLaplace(-4095, 4095)  # takes b = σ / √2
queue, Shares = constriction.stream.queue, constriction.stream.model.Categorical


def write_told(k, model):
    number = adapting.classes(adapting.told(k), model).ravel()
    coder = queue.RangeEncoder()
    coder.encode(number.astype(np.int32), Shares(model.share, perfect=False))  # the sketch first
    b = model.sigma[number].ravel() / 2**0.5
    coder.encode(k.ravel().astype(np.int32), LAPLACE, np.zeros(k.size), b)
    return coder.get_compressed()


def walk(visit, shape, model):
    """Block by block: guess the widths, let visit write or read the 64 numbers, remember them."""
    k, busy = np.zeros((*shape, 64), int), np.zeros(shape)
    for here in np.ndindex(*shape):
        guess = adapting.classes(adapting.around(busy)[here], model)
        k[here] = visit(here, model.sigma[guess] / 2**0.5)
        busy[here] = adapting.busyness(k[here])
    return k


# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
def read_told(words, shape, model):
    coder = queue.RangeDecoder(words)
    number = coder.decode(Shares(model.share, perfect=False), shape[0] * shape[1])
    b = model.sigma[number].ravel() / 2**0.5
    return coder.decode(LAPLACE, np.zeros(b.size), b).reshape(*shape, 64)


def write_guessed(k, model):
    coder = queue.RangeEncoder()

    def write(here, b):
        coder.encode(k[here].astype(np.int32), LAPLACE, np.zeros(64), b)
        return k[here]

    walk(write, k.shape[:2], model)
    return coder.get_compressed()


def read_guessed(words, shape, model):
    coder = queue.RangeDecoder(words)
    return walk(lambda here, b: coder.decode(LAPLACE, np.zeros(64), b), shape, model)


files = {  # name: the file, what its decoder reads, and the estimate in bits
    "one class": (f := write_guessed(k, one), read_guessed(f, (38, 57), one), single),
    "told": (f := write_told(k, eight), read_told(f, (38, 57), eight), bits + side),
    "guessed": (f := write_guessed(k, blind), read_guessed(f, (38, 57), blind), alone),
}
for name, (words, back, estimate) in files.items():
    np.testing.assert_array_equal(back, k)  # every number, exactly
    real = 32 * len(words) / k.size
    print(f"{name:10} estimate {estimate:.3f}, file {real:.3f} bits per pixel, all numbers back")

# %% [markdown]
# ## How many classes?
#
# Bars are told: coefficients in blue, the sketch in green. Dots are guessed. The right side of the picture shows the classes; move its border.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.tell_the_decoder_where.classes import Classes

explorer = Classes()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.
#
# ## A .jpg with a better prior
#
# An ordinary .jpg has such coefficients, in three planes. Keep every one of them, so that the picture stays as it is, and
# change only the prior. The standard itself has a second coder for it, an arithmetic one that counts as it goes (T.81 Annex D): backward adaptive, with
# small contexts.
#
# Ours is the guess above, grown up. It looks not at the sum of two blocks, but at all 64 sizes of the left block, the upper one, and the
# corners above; not eight classes, but a width for each coefficient, from a network of 8,288 numbers for luma and another for chroma. They
# train for 300 steps on the *other* photographs' .jpg files, with $-\log_2 P$ as loss.

# %%
# NBVAL_CHECK_OUTPUT
jpg = jpeg.encode(cat, 50)  # with Huffman tables of its own
arithmetic = len(jpeg.encode(cat, 50, arithmetic=True)) / len(jpg) - 1
print(f"arithmetic coder of the standard: {arithmetic:+.0%}")

# %%
with Predict("And the trained prior, its file against the .jpg?", unit="%", near=4) as predict:
    weights = recoding.for_photo("chelsea", 50)  # trained on the others
    parts = recoding.planes(jpg)  # the .jpg's own coefficients: Y, Cb, Cr
    payload = recoding.encode(parts, weights)
    back = recoding.decode(payload, [p.shape[:2] for p in parts], weights)
    assert recoding.restored(jpg, back) == jpg  # the same .jpg, byte for byte
    recoded = len(payload) + recoding.header_bytes(jpg)
    predict.truth = round(100 * (recoded / len(jpg) - 1))

# %% [markdown]
# No pixel has changed, and the file decodes to the very same .jpg: this is *JPEG with its prior
# learned, and nothing else*. Programs that do it are in daily use (Lepton, 2017; JPEG XL's recoder). They look harder,
# at the coefficients already decoded inside the block too: Lepton takes off 23 %.
#
# ## σ in the real codec
#
# The learned codec that comes with the course has both. Its file begins with a sketch $z$, one place for 32 × 32 pixels; every second latent, like the
# black fields of a checkerboard, is guessed from its four neighbours as well (Minnen and others joined the two in 2018). It expects a mean μ and a width σ for **each latent**. Here is one
# channel of the cat.
#
# Where σ is largest, the latents lie ten times as far from their mean as where it is smallest. **Predict:** divide each distance by its own σ.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
with Predict("How many times as far are they now?", unit="times", near=0.5) as predict:
    latents, channel = expected(cat, lam=0.01), 2
    sigma, left = latents.sigma[channel], latents.left[channel]
    figure, axes = plt.subplots(1, 3, figsize=(11, 2.8))
    for ax, values, (colours, low, high), title in (
        (axes[0], latents.y_hat[channel], ("gray", -4, 4), "latents ŷ"),
        (axes[1], np.log(sigma), ("Blues", None, None), "how wide the decoder expects it: σ"),
        (axes[2], left, ("gray", -3, 3), "(ŷ − μ) / σ: what is left"),
    ):
        ax.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    figure.tight_layout()
    quiet, busy = sigma <= np.quantile(sigma, 0.1), sigma >= np.quantile(sigma, 0.9)
    for words, values in (("distance from μ", left * sigma), ("divided by σ", left)):
        rms = [np.sqrt(np.mean(values[where] ** 2)) for where in (quiet, busy)]
        print(f"{words:16} where σ is small {rms[0]:.1f}, where it is large {rms[1]:.1f}")
    predict.truth = round(float(rms[1] / rms[0]), 1)

# %% [markdown]
# The cat stands in σ. What is left looks like noise, about equally strong wherever there is something at all, and noise
# cannot be foreseen. Whatever you still recognise in it is bits that a better prior would save. And the chessboard in σ is context: who sees
# its neighbours is surer here.
#
# So a decoder knows where the picture is busy because it was **told**, or because it **looked at what it has**. Real codecs do both.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: how much of it was the shape? (about 5 minutes)
#
# Papers take Gaussians, and so does this course's codec. Do the same here:

# %%
# NBVAL_CHECK_OUTPUT
print("bits per pixel    one class     told   guessed")
for shape in (GAUSSIAN, "Laplace"):
    row = []
    for count, look in ((1, adapting.told), (8, adapting.told), (8, adapting.guessed)):
        model = adapting.fit(others, count, look, shape)
        parts = adapting.spent(k, adapting.classes(look(k), model), model, shape)
        row.append(sum(b.sum() for b in parts[: 1 + (look is adapting.told)]) / k.size)
    gains = [r / row[0] - 1 for r in row[1:]]
    print(f"{shape:13}" + "".join(f"{r:12.3f}" for r in row), *(f"{g:+.0%}" for g in gains))

# %% [markdown]
# On the cat the told classes gain 18 % with Gaussians, not 6, and the guessed ones 20, not 12. The rest is the shape: a heap of narrow and wide Gaussians *is* a peaked density with
# long tails ([lesson 14](14_bits_from_probability.ipynb)), and one Laplace has that without knowing any place. A new idea should be measured against the best that the old one can
# do. So this lesson took Laplace for all three.
#
# One advantage it left to the guess: it coded the told classes without context. Let the classes to the left and above say which one comes, and telling takes 2 to 5 percent less, and leads on three of the four photographs.
#
# ## Depth: looking costs time (about 10 minutes)
#
# A told map lets the decoder decode all blocks at once, on a graphics card for example. A guess makes it wait.
#
# ### ✎ 3 · `rounds`
#
# Say that all blocks whose left and upper neighbours are there can be decoded in one round, at the same time. The first block is round 0. In which round is each?


# %%
def rounds(h, w):
    """Return the first round in which each block can be decoded, int (h, w)."""
    # your lines here


check("rounds", rounds)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def rounds(h, w):
#     rows, columns = np.mgrid[0:h, 0:w]
#     return rows + columns  # the wavefront: it goes through the picture aslant
# ```
#
# </details>
#
# A latent of Minnen's model of 2018 looks at the twelve before it in a window of 5 × 5, and waits for each. That was too slow for most uses. Dailan He and others took a **checkerboard** in 2021: all white fields in a first round, with
# the sketch alone; all black ones in a second, with the sketch and their neighbours on *all four* sides. Half of the latents get
# no context, the other half a better one. The course's codec does so (`learned/hyperprior.py`).
#
# ## Depth: other photographs, other qualities (about 5 minutes)
#
# The cat was one photograph. Here each of the four is recoded with networks that were trained on the three others:

# %%
# NBVAL_CHECK_OUTPUT
print("against the .jpg:   arithmetic   trained prior")
for name in images.SAMPLES:
    jpg = jpeg.encode(images.sample(name), 50)
    parts = recoding.planes(jpg)
    mine = recoding.estimate(parts, recoding.for_photo(name, 50)) / 8 + recoding.header_bytes(jpg)
    arithmetic = len(jpeg.encode(images.sample(name), 50, arithmetic=True))
    print(f"{name:18} {arithmetic / len(jpg) - 1:+11.0%} {mine / len(jpg) - 1:+15.0%}")

# %% [markdown]
# (Estimates; the real bytes of all four are in a test of the course, and lie within one percent.) The arithmetic coder has seen no other picture, and learns each from nothing. Ours has seen three.
# Neither knows the DC of a block before its first neighbour, nor the coefficients of the same block.
#
# The weights do not travel: the decoder must have them, as it has the course's codec. And they were trained for quality 50. `recoding.for_photo("chelsea", 90)` makes those for another
# one. What do the weights of 50 cost at 90?
#
# One thing our recoder has not: it computes widths in floating point. On one machine encoder and decoder agree to the last bit; between two machines one
# width that is rounded differently would break the rest of the file. The learned codec computes them in whole numbers for that reason ([lesson 20](20_bitstream.ipynb)).
#
# ## The scoreboard
#
# Recoded like this, with networks trained on the four sample photographs, the 24 Kodak photographs earn a new row: JPEG's own coefficients, only the prior learned.

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing

Drawing(board("tell_the_decoder_where"))

# %% [markdown]
# ## What you learnt
#
# - Pictures are quiet here and busy there. A prior that knows where needs fewer bits for the very same numbers.
# - **Side information** tells the decoder, in front and for bits: forward adaptation. A prior that is set by it is a **hyperprior**. It pays as long as it saves
#   more than it costs; the number of classes has an optimum.
# - **Context** is what is decoded already: backward adaptation. It costs no bits, but causality and time.
# - By hand, both gain about a fifth, and about the same. Real codecs have both.
# - Compare with the best that the old way can do: half of a gain may be the shape.
# - The prior alone, learned on JPEG's own coefficients, makes a .jpg a tenth to a sixth smaller and leaves it the same.
# - ŷ divided by its σ is noise. What you recognise in it is still to be saved.
#
# ## Further reading
#
# - J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a scale hyperprior", *ICLR*, 2018. Figure 2 is our last
#   picture. [arXiv:1802.01436](https://arxiv.org/abs/1802.01436)
# - D. Minnen, J. Ballé, G. Toderici, "Joint autoregressive and hierarchical priors for learned image compression", *NeurIPS*, 2018: context and hyperprior,
#   and why both. [arXiv:1809.02736](https://arxiv.org/abs/1809.02736)
# - D. He, Y. Zheng, B. Sun, Y. Wang, H. Qin, "Checkerboard context model for efficient learned image compression", *CVPR*, 2021.
#   [arXiv:2103.15306](https://arxiv.org/abs/2103.15306)
# - D. R. Horn, K. Elkabany, C. Lesniewski-Laas, K. Winstein, "The design, implementation, and deployment of a system to transparently compress hundreds of
#   petabytes of image files for a file-storage service", *NSDI*, 2017: Lepton, 23 % off a .jpg, exactly restored.
# - J. J. Rissanen, "A universal data compression system", *IEEE Transactions on Information Theory* 29(5), 656–664, 1983: contexts.
