# %% [markdown]
# # 21 · What is a good picture?
#
# **Who says what D is?**
#
# One file, two decoders. Not one bit is different.

# %% jupyter={"source_hidden": true}
from itertools import product

import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, metrics
from lic_teach.course.what_is_a_good_picture import inside, pairs
from lic_teach.course.what_is_a_good_picture.blind_test import BlindTest
from lic_teach.course.what_is_a_good_picture.exercises import check
from lic_teach.course.what_is_a_good_picture.texture import Texture
from lic_teach.kit import mine
from lic_teach.kit.expected import expected
from lic_teach.kit.predict import Predict

WAYS = "falls", "rises"
OUTCOMES = [f"PSNR {p}, MS-SSIM {m}" for p in WAYS for m in WAYS]
cat = images.sample("chelsea")
latents = expected(cat, inside.LAM)
figure, axes = plt.subplots(1, 2, figsize=(11, 4.6))
for ax, strength, name in zip(axes, (0, 0.6), "AB", strict=True):
    picture = inside.painted(inside.drawn(latents, strength), cat.shape[:2])
    ax.imshow(picture[20:200, 60:320])
    ax.set_title(name)
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# Which one would you rather have? A is nearer to the original, by PSNR and by MS-SSIM. If you took B, then your D is neither of the two.
#
# **After this lesson** you can
# - compare codecs with your own eyes, and say how far to trust the result;
# - make one file for each of two metrics that disagree;
# - say why a decoder that draws texture must have a larger error, and how much larger if it believes what is true.
#
# You need $L = R + \lambda D$ ([lesson 07](07_rate_distortion.ipynb)), JPEG by λ ([lesson 08](08_jpeg_by_lambda.ipynb)) and the σ of a latent
# ([lesson 16](16_tell_the_decoder_where.ipynb)). About 30 minutes.

# %% [markdown]
# ## Twelve rounds
#
# Six codecs have each written a file of the cat, all of one size: JPEG, JPEG by λ, JPEG by λ for the eye (below), the learned codec, the same trained for MS-SSIM, and AVIF
# (where Pillow can write it). You see two at a time, without names; who stands left is drawn by lot. No variable
# of the kernel tells you. After the last round the names come out.

# %%
# NBVAL_CHECK_OUTPUT
explorer = BlindTest()
explorer

# %% [markdown]
# Your votes are kept in `mine.py` and counted together with those of your next game. A photograph of your own: the upload
# button, or `explorer.load("my_photo.jpg")`.
#
# ## A coin plays, too
#
# "I took AVIF both times." So does a coin, every fourth time. The table says for each pair how often a coin would be as uneven as you, or more. Either side may lead, since you named none before: 9 of 12, like 3 of 12, has 15 %. And it has the **95 % interval**: all true shares for
# which your count is no great surprise. With 9 of 12 it goes from 47 to 91 %. One half, the coin's share, lies in it: nothing is decided.
#
# ### ✎ 1 · `by_chance`
#
# You name a side *before*, and a coin is thrown $n$ times. How often does it fall so, $k$ times or more? All $2^n$ rows of throws are equally likely; `math.comb(n, j)`
# of them have that side $j$ times.

# %%
from math import comb


def by_chance(k, n):
    """Return the probability of k or more of n."""
    # your lines here


check("by_chance", by_chance)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from math import comb
#
#
# def by_chance(k, n):
#     return sum(comb(n, j) for j in range(k, n + 1)) / 2**n
# ```
#
# </details>
#
# **Predict:** six pairs, two rounds each, and a coin plays. Then you look for a winner: a pair in which one of the two, no matter which,
# was taken both times.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("In how many of 100 such games is there one?", unit="games", near=10) as predict:
    games = np.array(list(product((0, 1), repeat=12))).reshape(-1, 6, 2).sum(2)  # all of them
    predict.truth = round(100 * np.isin(games, (0, 2)).any(1).mean())

# %% [markdown]
# A pair has both votes alike in 2 of 4 cases, and no such pair is there in $(\tfrac12)^6 = 2\,\%$ of the games. Whoever looks for a winner among many finds one. So the line under your table asks more of each pair. Better: say *before* the test what you want to know, and how often you will vote.
#
# ## Two judges
#
# Two lines of your table are about metrics: did you take the picture that each likes better? They often disagree. JPEG by λ shows why: it minimizes $R + \lambda D$, and D is a choice. *For the eye* it takes a squared error
# in which fast waves and busy places count less, since errors are seen less there (`jpeg/eye.py`). The same machine, an ordinary .jpg, as many bytes.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("Made for the eye instead of the squared error:", OUTCOMES) as predict:
    for name in images.SAMPLES:
        photo = images.sample(name)
        data, plain = pairs.by_lambda(photo)(0.003)  # lam -> a file, and its picture
        other, seen = pairs.to_size(pairs.by_eye(photo), len(data), 1e-4, 0.1)  # as many bytes
        db = metrics.psnr(photo, seen) - metrics.psnr(photo, plain)
        similar = metrics.ms_ssim(photo, seen) - metrics.ms_ssim(photo, plain)
        print(f"{name:9} {len(other) / len(data):.2f} of the bytes: {db:+.1f} dB, {similar:+.3f}")
    predict.truth = f"PSNR {WAYS[db > 0]}, MS-SSIM {WAYS[similar > 0]}"

# %% [markdown]
# On all four the judges disagree. So "this codec is better" is half a sentence; the other half is *by which D*. Your table says which judge your
# eyes followed, if any. *Learned, MS-SSIM* was trained by another D (depth).
#
# ## What the decoder does not know
#
# Both judges compare place by place. That has a consequence. The file says in which bin a latent lies, not where. The
# usual decoder paints the middle. Of a hair that is smaller than a bin the middle is nothing: fur becomes plastic.
#
# But the decoder also knows the mean μ and the width σ that it expects. So it can **draw**: take a random point inside the bin, as the density of
# $N(\mu, \sigma)$ has it there. For all the decoder knows, the cat looked like this.
#
# ### ✎ 2 · `points`
#
# Let $k$ be the whole number in the file: the latent's distance from μ, rounded. The latent lies within half a step of it. For $u$ between 0 and 1, return the point
# below which the share $u$ of the bin's mass lies, relative to $k$. `norm.cdf`, from `scipy.stats`, turns places into shares of the mass, `norm.ppf` goes back; both are for σ = 1.


# %%
def points(k, sigma, u):
    """k, sigma, u: arrays of one shape. Return points, between -0.5 and 0.5."""
    # your lines here


check("points", points)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from scipy.stats import norm
#
#
# def points(k, sigma, u):
#     low, high = norm.cdf((k - 0.5) / sigma), norm.cdf((k + 0.5) / sigma)
#     return sigma * norm.ppf(low + u * (high - low)) - k
# ```
#
# </details>

# %% jupyter={"source_hidden": true}
draw = mine.get("points", inside.points)

# %% [markdown]
# Now draw the cat with it: all latents of luma, but for the mean of each block. *Detail* is the energy of the fast waves. The usual decoder paints 8 % of the original's.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("How many dB does the drawn cat lose?", unit="dB", near=0.5) as predict:
    usual = inside.painted(latents.y_hat, cat.shape[:2])
    drawn = inside.painted(inside.drawn(latents, 1.0, draw), cat.shape[:2])
    for name, picture in (("usual", usual), ("drawn", drawn)):
        similar, share = metrics.ms_ssim(cat, picture), inside.share(cat, picture)
        print(
            f"{name}: D = {metrics.mse(cat, picture):.0f}, MS-SSIM {similar:.2f}, detail {share:.0%}"
        )
    predict.truth = round(metrics.psnr(cat, usual) - metrics.psnr(cat, drawn), 1)

# %% [markdown]
# Both judges vote against it, though there is nearly as much detail as in the original. They must: a hair in the wrong place is two errors, one where it is and one where it should be.
#
# In the drawing D grows to the right. Upwards stands a distance that does not ask *where*: sort the blocks of both pictures by their
# detail, and compare the two rows (in decades: 1 is a factor of ten). The slider says how far each latent goes from the middle to the point that was drawn.

# %%
# NBVAL_CHECK_OUTPUT
texture = Texture()
texture

# %% [markdown]
# ## Why both cannot be had
#
# Down and left would be best, and no slider goes there. Blau and Michaeli proved (2019) that it must be so: at a given rate, who wants pictures that are *distributed*
# like photographs has to accept a larger error. There are three wishes: **rate, distortion, perception**.
#
# How much larger? Let the original $x$ be as uncertain as the decoder believes, and $x'$ drawn from the same belief. Both scatter around its mean $m$, the point of least
# squared error, and know nothing of each other:
#
# $$\mathrm{E}\,(x - x')^2 = \mathrm{E}\,(x - m)^2 + \mathrm{E}\,(x' - m)^2 = 2\,\mathrm{E}\,(x - m)^2 .$$
#
# **Twice the error, 3 dB, and not one bit.** That is the dashed line, the price of perfect perception if the belief is true (Yan and others, 2021).
#
# Ours is not true. It takes each latent alone, so it draws grain and not hair. The generative codecs of today believe better:
# networks that know fur ([lesson 24](24_what_next.ipynb)).
#
# So who says what D is? You do, when you say what the picture is for. A doctor wants no invented hair. A
# holiday picture may have its grain.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: the factor two, and why the cat's is smaller (about 6 minutes)
#
# Latents from $N(0, \sigma)$, rounded. Three decoders: the middle of the bin, the mean inside of the bin, a point that was drawn.

# %%
# NBVAL_CHECK_OUTPUT
rng = np.random.default_rng(0)
print("squared error, in steps²   middle     mean    drawn   drawn / mean")
for sigma in (0.2, 0.5, 1.0, 3.0):
    y = rng.normal(0, sigma, 1_000_000)
    k, s = np.rint(y), np.full(y.size, sigma)
    uniform = (np.arange(200) + 0.5) / 200
    inner = {b: np.mean(inside.points(np.full(200, b), s[:200], uniform)) for b in np.unique(k)}
    mean = np.array([inner[b] for b in np.unique(k)])[np.searchsorted(np.unique(k), k)]
    decoders = 0 * y, mean, inside.points(k, s, rng.random(y.size))
    middle, least, taken = (np.mean((y - k - d) ** 2) for d in decoders)
    print(f"σ = {sigma:<21} {middle:8.3f} {least:8.3f} {taken:8.3f} {taken / least:10.1f}")

# %% [markdown]
# Exactly two, whatever σ is: here the belief is true. For the best encoder perfect perception cannot be had for less, as long as encoder and decoder toss no coins together (Yan and others). The mean inside of the bin is the point of least error ([lesson 11](11_only_the_decoder.ipynb) moved JPEG's
# points there). The cat's error grew by a factor of 1.6 only. Of its 91, 47 stay even if the decoder is given the drawn latents unrounded: chroma, the means of the blocks, what the network cannot paint. The other 44 are what
# those bins cost, and became 96: a little more than twice as much.
#
# Why no chroma? Try it: `inside.drawn` leaves out the channels from 64 on. With them the cat falls to 25.0 dB, more than twice the error, and has coloured spots.
#
# ## Depth: the same choice, learned (about 3 minutes)
#
# JPEG's eye is made by hand. A learned codec needs only another D in its training: `ms_ssim` began as the codec of the course and was trained 1,000 steps further with
# $D = 1400\,(1 - \text{MS-SSIM})$, for all λ (`lic-teach train --distortion ms-ssim`). The 1400 brings that D to the size of a squared error, no more.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.learned.quantize import LAM_MAX, LAM_MIN

for name in images.SAMPLES:
    photo = images.sample(name)
    data, plain = pairs.by_learned(photo)(0.003)
    other, seen = pairs.to_size(pairs.by_learned_eye(photo), len(data), LAM_MIN, LAM_MAX)
    db = metrics.psnr(photo, seen) - metrics.psnr(photo, plain)
    similar = metrics.ms_ssim(photo, seen) - metrics.ms_ssim(photo, plain)
    print(f"{name:9} {len(other) / len(data):.2f} of the bytes: {db:+.1f} dB, {similar:+.3f}")

# %% [markdown]
# The same networks, the same files, another judge: every number has followed it.
#
# ## Depth: how many votes are enough? (about 6 minutes)
#
# Say that 60 of 100 people prefer codec A, and each vote is another person's (twelve of one person tell less). How often does a test of $n$ votes find an interval that leaves out one half?

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.kit import votes

for n in (12, 50, 100, 200, 400):
    sure = [k for k in range(n + 1) if votes.interval(k, n)[0] > 0.5]
    power = sum(comb(n, k) * 0.6**k * 0.4 ** (n - k) for k in sure)
    print(f"{n:4} votes: decided from {sure[0]} on, which happens {power:4.0%} of the time")

# %% [markdown]
# Twelve votes find only what is plain. But fix the number beforehand: whoever goes on until the interval leaves one half out will get there, with a coin, too. And six pairs at 95 % each are not 95 % together. At 99.2 % each they are: each pair gets a sixth of the 5 % (Bonferroni), and that is what the line under your table does. Two votes alike are 50 % in the coin's column, so a single game decides no pair: it takes eight of eight, or 13 of 15. That is why studies of codecs ask many people, often. Recommendations say how: how far away they sit, how bright the room is, how
# to leave out those who only press left (ITU-R BT.500). Your line *the left one* is such a check.
#
# And your room? What you saw were pieces of 192 × 192 pixels, enlarged. At arm's length, on a telephone, two of the
# pairs may well look the same. D depends on the distance, too.
#
# ## What you learnt
#
# - D is a choice. Squared error is the one that is easy to minimize.
# - A **blind test** hides names and sides, at equal bytes. Its result is a count: give it an **interval**, and ask what a coin would do.
# - Whoever looks for a winner among many pairs finds one by chance. Say before what you test.
# - The same encoder with another D makes another file: PSNR falls, MS-SSIM rises.
# - A decoder can **draw** inside the bins: same file, more texture, a larger error; twice as large where its belief is true.
# - **Rate, distortion, perception**: at one rate, more of one costs some of the other.
#
# ## Further reading
#
# - Y. Blau, T. Michaeli, "The perception-distortion tradeoff", *CVPR*, 2018: the same for restoring pictures, without a rate, and the factor two. [arXiv:1711.06077](https://arxiv.org/abs/1711.06077)
# - Y. Blau, T. Michaeli, "Rethinking lossy compression: the rate-distortion-perception tradeoff", *ICML*, 2019.
#   [arXiv:1901.07821](https://arxiv.org/abs/1901.07821)
# - Z. Yan, F. Wen, R. Ying, C. Ma, P. Liu, "On perceptual lossy compression: the cost of perceptual reconstruction and an optimal training
#   framework", *ICML*, 2021: the encoder for least error is good for perception, too; only the decoder changes. [arXiv:2106.02782](https://arxiv.org/abs/2106.02782)
# - L. Theis, E. Agustsson, "On the advantages of stochastic encoders", 2021: with coins that both sides know the price can be smaller.
#   [arXiv:2102.09270](https://arxiv.org/abs/2102.09270)
# - E. B. Wilson, "Probable inference, the law of succession, and statistical inference", *Journal of the American Statistical Association* 22, 209–212,
#   1927: the interval.
# - Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality assessment", *Asilomar Conference on Signals, Systems and
#   Computers*, 2003: MS-SSIM.
# - ITU-R, Recommendation BT.500, *Methodologies for the subjective assessment of the quality of television images*.
