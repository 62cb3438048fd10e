# %% [markdown]
# # 20 · Bitstream
#
# **Is the estimate true?**
#
# Since [lesson 14](14_bits_from_probability.ipynb) bits have been a formula, $-\log_2 P$, summed over all latents: an *estimate*. No training has seen a file. The files
# that you have seen agreed with it. Do they always, and why? Here are four photographs at four values of λ, the estimate beside the
# real file.

# %%
import bisect
import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import warnings
from fractions import Fraction as F

import constriction
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.special import ndtr  # Φ, the distribution function of N(0, 1)

from lic_teach import images, jpeg, learned
from lic_teach.course.bitstream import interval_zoom
from lic_teach.jpeg import codec as jpeg_codec
from lic_teach.jpeg import huffman, scan
from lic_teach.learned import codec, container, entropy, quantize
from lic_teach.learned.exact import FixedConv

torch.set_num_threads(1)
BLUE = "#2563b0"
model = learned.load()
latents = {name: learned.analyse(images.sample(name), model) for name in images.SAMPLES}
lams = (5e-4, 3e-3, 1e-2, 1e-1)
estimates, sizes = [], []
for name, y in latents.items():
    for lam in lams:
        data = learned.encode_latents(y, images.sample(name).shape[:2], model, lam)
        estimates.append(learned.estimate(y, model, lam))
        sizes.append(8 * len(data))
estimates, sizes = np.array(estimates), np.array(sizes)

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6))
ends = [estimates.min() * 0.8, sizes.max() * 1.2]
axes[0].loglog(ends, ends, color="gray", lw=1)
axes[0].loglog(estimates, sizes, "o", color=BLUE)
axes[0].set(
    xlabel="estimate, bits", ylabel="file, bits", title="Each file is as long as its estimate"
)
axes[1].semilogx(estimates, sizes - estimates, "o", color=BLUE)
axes[1].axhspan(0, 152, color="gray", alpha=0.25, lw=0)
axes[1].annotate("header and checksum", (estimates.min(), 60))
axes[1].set(xlabel="estimate, bits", ylabel="file − estimate, bits", ylim=(0, 260))
axes[1].set_title("The rest: 152 bits, and at most 100 more")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
assert np.all(np.abs(sizes - estimates) <= 0.01 * estimates + 8 * 64)
assert np.all(np.abs(sizes - 152 - estimates) < 100)
print(len(sizes), "files: header and checksum apart, each within 100 bits of its estimate")

# %% [markdown]
# A hundred bits are 13 bytes. The files are as short as promised, small ones and large ones. Huffman could not have done it. How is it done, and what does the
# decoder need for it?
#
# **After this lesson** you can
# - code a message into a single number, and read it back;
# - write a range coder with whole numbers and carry, and show that it spends $-\log_2 P$;
# - say what stands in each byte of a `.lic` file, and how a damaged one is noticed;
# - explain why a change of 0.0000001 in the decoder destroys a picture, and what the codec does about it.
#
# You need lessons [05](05_entropy_coding.ipynb), [14](14_bits_from_probability.ipynb) and [17](17_learned_codec.ipynb). About 30 minutes.

# %% [markdown]
# ## Less than one bit
#
# Most latents are 0 with near certainty. Say $P(0) = 0.99$. Such a 0 is worth $-\log_2 0.99 = 0.0145$ bits. Huffman gives it a
# word, and a word has at least one bit: 69 times too much. (JPEG helps itself with words for whole runs of zeros.)
#
# The way out is to give no word to a symbol at all. Give one **to the whole message**. Then the bits need to be whole
# only once, at the end.
#
# How? Take the numbers from 0 to 1. Each letter gets a part, as wide as it is probable. Our letters are A, B and C with
# $P = \tfrac18, \tfrac68, \tfrac18$. The first letter chooses its part. This part is divided in the same proportions, and the second letter chooses again,
# and so on.
#
# **Predict:** how wide is the interval of the message BBCB?


# %%
# NBVAL_CHECK_OUTPUT
parts = {"A": (F(0), F(1, 8)), "B": (F(1, 8), F(6, 8)), "C": (F(7, 8), F(1, 8))}  # start, width


def to_interval(message):
    """Exact fractions: low and width."""
    low, width = F(0), F(1)
    for letter in message:
        start, share = parts[letter]
        low, width = low + width * start, width * share
    return low, width


low, width = to_interval("BBCB")
print(f"BBCB: from {low} to {low + width}, width {width}")

# %% [markdown]
# Its width is $\tfrac68\cdot\tfrac68\cdot\tfrac18\cdot\tfrac68$: **the probability of the message.** Every message has an interval of its own, and together they
# fill 0 to 1 without overlap. So any number from the interval names the message.
#
# Which number has the fewest binary digits? $k$ bits name a stretch of width $2^{-k}$. As soon as a stretch fits inside,
# we are done, and whatever bits follow in the file cannot lead out of it. A width $w$ surely holds such a stretch if
# $2^{-k} \le w/2$. So $k$ is at most $\lceil -\log_2 w \rceil + 1$. Try **every** message of up to seven letters:


# %%
# NBVAL_CHECK_OUTPUT
def shortest(low, width):
    """The fewest bits whose stretch lies in the interval_zoom."""
    for k in itertools.count():
        number = -(-low * 2**k // 1)  # rounded up
        if number + 1 <= (low + width) * 2**k:
            return f"{int(number):0{k}b}" if k else ""


tried, worst = 0, 0
for length in range(1, 8):
    for message in itertools.product("ABC", repeat=length):
        ends = to_interval(message)
        bits, ideal = shortest(*ends), -np.log2(float(ends[1]))
        assert bits == interval_zoom.shortest(interval_zoom.Interval(*ends))  # the package's
        assert ideal <= len(bits) <= np.ceil(ideal) + 1
        tried, worst = tried + 1, max(worst, len(bits) - ideal)
print("BBCB is", shortest(low, width), "in the file")
print(f"{tried} messages: at most {worst:.2f} bits over −log2 P")

# %% [markdown]
# Less than two bits are lost, **once for the whole message**, whether it has four letters or four million. This is *arithmetic coding*
# (Rissanen 1976, Pasco 1976).
#
# ## Zoom in
#
# Each bar is the interval, enlarged to full width. The dark part is what the next letter takes. A bit is certain as soon as
# all numbers of the interval begin with it.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bitstream.interval_zoom import IntervalZoom

explorer = IntervalZoom()
explorer

# %% [markdown]
# ### ✎ 1 · `read_back`
#
# Encode here, decode there. You get the bits, the parts and the number of letters, nothing else. Turn the bits into a number from 0 to 1, with
# `F(int(bits, 2), 2 ** len(bits))`. In whose part does it lie? Write the letter down, and then look at this part as if it were 0
# to 1 itself.

# %%
from lic_teach.course.bitstream.exercises import check


def read_back(bits, parts, count):
    """bits: "1011..."; parts: {letter: (start, width)}, fractions. Return the message."""
    # your lines here


check("read_back", read_back)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def read_back(bits, parts, count):
#     number, message = F(int(bits, 2), 2 ** len(bits)), ""
#     for _ in range(count):
#         for letter, (start, width) in parts.items():
#             if start <= number < start + width:
#                 message += letter
#                 number = (number - start) / width
#                 break
#     return message
# ```
#
# The encoder goes from the outside to the inside, and so does the decoder: the first letter written is the first letter read.
#
# </details>

# %% [markdown]
# ## Whole numbers
#
# The fractions grow with each letter; after a photograph they would have hundreds of thousands of digits. But the leading digits no longer
# change, and the last ones hardly matter. So keep a *window* of 64 bits, and write down what leaves it on the left:
#
# - `low` and `width` are whole numbers below $2^{64}$. Probabilities are **counts** of a total, and the total is far below $2^{32}$.
# - A symbol divides `width` by the total. The remainder is thrown away; that is all that is lost.
# - **Renormalize:** if `width` falls below $2^{32}$, the upper 32 bits of `low` go to the file, as one *word*, and everything moves up by
#   32 bits.
# - **Carry:** if `low` runs over $2^{64}$, the 1 belongs to the words that were already written. This is 0.0111… becoming
#   0.1000… Python's long integers do it by themselves, if we keep the file as one of them.
#
# A coder that works in words or bytes rather than bits is called a **range coder** (Martin 1979). It is arithmetic coding, with
# coarser steps.


# %%
def range_encode(symbols, counts):
    """Whole numbers 0, 1, ... and how often each is expected -> bytes."""
    starts = [0, *itertools.accumulate(counts)]
    file, words, low, width = 0, 0, 0, 2**64
    for s in symbols:
        unit = width // starts[-1]
        low, width = low + unit * starts[s], unit * counts[s]
        if low >= 2**64:  # carry
            file, low = file + 1, low - 2**64
        if width < 2**32:  # renormalize
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = -(-low // 2**32)  # a number that ends in 32 zeros, and still inside: rounded up
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


def range_decode(data, counts, count):
    """Undo range_encode. place: how far the file's number lies above low."""
    starts = [0, *itertools.accumulate(counts)]
    data += bytes(8)  # what is not there counts as 0
    place, at, width, symbols = int.from_bytes(data[:8], "big"), 8, 2**64, []
    for _ in range(count):
        unit = width // starts[-1]
        s = bisect.bisect(starts, place // unit) - 1
        symbols.append(s)
        place, width = place - unit * starts[s], unit * counts[s]
        if width < 2**32:
            place, width = (place << 32) + int.from_bytes(data[at : at + 4], "big"), width << 32
            at += 4
    return symbols


# %% [markdown]
# The decoder does not need `low`, nor a carry: it only keeps the distance. **Predict:** 20,000 symbols, 99 % of them 0. How many
# bytes? (Huffman: 2,500 at least.) And how does *constriction* do, the library that the package uses (Bamler 2022)?


# %%
# NBVAL_CHECK_OUTPUT
def by_constriction(symbols, counts):
    """Bytes that the library needs."""
    share = constriction.stream.model.Categorical(np.array(counts) / sum(counts), perfect=False)
    coder = constriction.stream.queue.RangeEncoder()
    coder.encode(np.array(symbols, np.int32), share)
    return 4 * len(coder.get_compressed())


rng = np.random.default_rng(0)
print("counts                    −log2 P, bytes   mine   constriction")
for counts in ([99, 1], [1, 6, 1], [1, 2**19, 1], [5, 4, 3, 2, 1], [1] * 200):
    p = np.array(counts) / sum(counts)
    message = rng.choice(len(counts), 20_000, p=p).tolist()
    ideal = -np.log2(p[message]).sum() / 8
    mine, theirs = range_encode(message, counts), by_constriction(message, counts)
    assert range_decode(mine, counts, len(message)) == message
    assert ideal <= len(mine) <= ideal + 8 and abs(len(mine) - theirs) <= 4
    shown = str(counts) if len(counts) < 9 else "200 times 1"
    print(f"{shown:25} {ideal:13.0f} {len(mine):8} {theirs:12}")

# %% [markdown]
# All within two words of $-\log_2 P$, and within one word of the library. So this is what the three are:
#
# | | a symbol costs | the loss |
# |---|---|---|
# | Huffman | whole bits, at least 1 | up to 1 bit a *symbol* |
# | arithmetic coding | $-\log_2 P$ | below 2 bits a *file* |
# | range coding | $-\log_2 P$, with $P$ as counts | a word or two a *file*, and the remainders |
#
# ### ✎ 2 · `range_encode`
#
# This one has three bugs. The decoder is the one above, and it is right. Mend the encoder; the check names the first bug that is left.


# %%
from lic_teach.course.bitstream.exercises import check


def buggy_encode(symbols, counts):
    """Whole numbers 0, 1, ... and how often each is expected -> bytes."""
    starts = [0, *itertools.accumulate(counts)]
    file, words, low, width = 0, 0, 0, 2**64
    for s in symbols:
        width = width // starts[-1] * counts[s]
        low = low + width // starts[-1] * starts[s]
        if low >= 2**64:
            low = low - 2**64
        if width < 2**32:
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = low // 2**32
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


check("range_encode", buggy_encode)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def buggy_encode(symbols, counts):
#     starts = [0, *itertools.accumulate(counts)]
#     file, words, low, width = 0, 0, 0, 2**64
#     for s in symbols:
#         unit = width // starts[-1]  # 1: both from the width before the symbol
#         low, width = low + unit * starts[s], unit * counts[s]
#         if low >= 2**64:
#             file, low = file + 1, low - 2**64  # 2: the carry
#         if width < 2**32:
#             file, words = (file << 32) + (low >> 32), words + 1
#             low, width = (low % 2**32) << 32, width << 32
#     last = -(-low // 2**32)  # 3: rounded up, or it lies below the interval
#     return ((file << 32) + last).to_bytes(4 * words + 4, "big")
# ```
#
# The second is the nastiest. A test with messages of 20 symbols hardly ever finds it, one with 1000 always does.
#
# </details>

# %% [markdown]
# ## What JPEG could have had
#
# In [lesson 05](05_entropy_coding.ipynb) Huffman's whole bits cost 9 to 38 percent at quality 5. **Predict:** and our range coder, with the same counts for
# the same symbols?

# %%
# NBVAL_CHECK_OUTPUT
print("over the entropy of the symbols, quality 5:   Huffman   range coder")
for name in images.SAMPLES:
    b, f, _ = jpeg_codec.unpack(jpeg.encode(images.sample(name), 5))
    stream = scan.symbol_stream(b, f, scan.script(f)[0])[0]
    ideal = by_huffman = by_range = 0
    for number, counts in enumerate(scan.symbol_counts(b, f)):
        message = stream[stream // 256 == number] % 256
        if len(message):
            p = counts[counts > 0] / counts.sum()
            ideal -= np.sum(counts[counts > 0] * np.log2(p))
            by_huffman += counts @ huffman.code_lengths(counts)
            by_range += 8 * len(range_encode(message.tolist(), counts.tolist()))
    print(f"{name:43} {by_huffman / ideal - 1:9.1%} {by_range / ideal - 1:11.1%}")

# %% [markdown]
# Half a percent at most, and that is mainly the last word of each message: here each of JPEG's four tables has a message of its own. The JPEG standard has an arithmetic coder, too
# (T.81, Annex D). It was covered by patents, and was hardly ever used.

# %% [markdown]
# ## The real file
#
# The package leaves the bits to constriction, and adds what a decoder must know. All of it:
#
# | offset | bytes | what |
# |---|---|---|
# | 0 | 4 | magic: 89 and "LIC" |
# | 4 | 1 | version |
# | 5 | 4 | which model: the first bytes of a hash of its weights |
# | 9 | 2 + 2 | width − 1, height − 1 |
# | 13 | 2 | λ, on a logarithmic scale |
# | 15 | 4 n | payload: the range coder's words |
# | last 4 | 4 | checksum (CRC-32) of all bytes before |
#
# Numbers of more than one byte begin with the low byte.

# %%
photo = images.sample("chelsea")
size = photo.shape[:2]
data = learned.encode(photo, model, 1e-2)
header, payload = container.read(data)
print(data[:15].hex(" "), "...", data[-4:].hex(" "))
print(f"model {header.model.hex()}, {header.width} × {header.height} pixels,", end=" ")
print(f"λ = {quantize.from_code(header.lam_code):.4f}, {len(payload) // 4} words")

# %% [markdown]
# No tables, no steps, no transform: those are in the model, and both sides have the model. The JPEG file of the cat at quality 50 has 339 bytes of
# tables and headers.
#
# ### ✎ 3 · `bill`
#
# A file is what stands around the payload, plus the estimate, plus what the coder loses. Write the bill, in bits.

# %%
from lic_teach.course.bitstream.exercises import check


def bill(data, estimate):
    """data: the bytes of a .lic file; estimate: its latents' -log2 P. Return around, lost."""
    # your lines here


check("bill", bill)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def bill(data, estimate):
#     around = 8 * (15 + 4)
#     return around, 8 * len(data) - around - estimate
# ```
#
# </details>

# %% [markdown]
# For all the files of the first picture, with the size of each as a share of the estimate:

# %%
lost = (sizes - 8 * container.OVERHEAD - estimates).reshape(4, 4)
over = (sizes / estimates - 1).reshape(4, 4)
print("lost by the coder, bits; file over estimate")
print("λ =" + "".join(f"{lam:13}" for lam in lams))
for name, bits, share in zip(images.SAMPLES, lost, over, strict=True):
    row = "".join(f"{b:6.0f} {s:6.2%}" for b, s in zip(bits, share, strict=True))
    print(f"{name:9}{row}")

# %% [markdown]
# The coder ends on a whole word, and may need one more: up to 64 bits. (And constriction keeps each probability with 24 binary digits, so that
# a large file gets a few bits longer or shorter.) Only for the very smallest files are
# header and checksum more than one percent. **So the estimate is true.** (It is that of rounded latents. What a training plots is another
# number: [lesson 15](15_noise_for_rounding.ipynb).)
#
# ## Damage
#
# One wrong bit, and the range coder reads another letter; from there on every interval is a wrong one. There is no place where it could
# catch itself again, as JPEG can at a restart marker. So a damaged file is refused as a whole. Where the damage is, nobody can say; the
# message says what does not fit.

# %%
turned = bytearray(data)
turned[len(data) // 2] ^= 4
stranger = container.write(header._replace(model=bytes(4)), payload)
for broken in (data[:100], bytes(turned), b"\xff\xd8" + data[2:], stranger):
    try:
        learned.decode(broken, model)
    except learned.LicError as error:
        print("LicError:", error)

# %%
# NBVAL_CHECK_OUTPUT
rng, refused = np.random.default_rng(0), 0
for bit in rng.choice(8 * len(data), 1000, replace=False):
    turned = bytearray(data)
    turned[bit // 8] ^= 1 << bit % 8
    try:
        container.read(bytes(turned))
    except learned.LicError:
        refused += 1
print(f"{refused} of 1000 files with one wrong bit are refused")

# %% [markdown]
# That is no luck: CRC-32 finds every single wrong bit. Of worse damage about one file in four billion would pass. And it does not
# stop a forger, who can compute a new checksum.
#
# ## Break the decoder
#
# Encoder and decoder must divide the interval in the same way. Not nearly: *the same*. Above that was easy, the counts
# were whole numbers in a list. A learned codec computes them: a network gives a width σ for each latent, and the Gaussian's mass gives the
# counts.
#
# And networks compute with floating point. **Predict:** the same numbers are added in another order. Is the sum the same?

# %%
# the widest layer of the prior's network: as it was trained, and in fixed point (further below)
trained, exact = (dict(p.named_modules()) for p in (model.prior, model.exact().prior))
name = max(
    (name for name, m in exact.items() if isinstance(m, FixedConv) and m.kernel_size == (1, 1)),
    key=lambda name: exact[name].in_channels,
)
torch.manual_seed(0)
x = torch.randn(exact[name].in_channels, 1000)
order = torch.randperm(len(x))


def channel_sums(x, weight):
    """What a layer of a network adds up, term after term, in the order in which they come."""
    total = torch.zeros(len(weight), x.shape[1], dtype=x.dtype)
    for c in range(len(x)):
        total += weight[:, c : c + 1] * x[c]
    return total


weight = trained[name].weight[:, :, 0, 0]
one, two = channel_sums(x, weight), channel_sums(x[order], weight[:, order])
print(f"float32, {len(x)} terms: {(one != two).double().mean():.0%} of the sums differ,", end=" ")
print(f"by up to {(one - two).abs().max() / one.abs().max():.0e} of the largest")

# %% [markdown]
# In float32 it is not. Each sum is rounded at about the seventh digit, and in another order it is rounded elsewhere. Another processor, another number
# of threads, another version of a library: another order. And `exp` and `erf` are worse off. The standard for floating point (IEEE 754) fixes to the
# last bit what +, −, ×, ÷ and √ give, but not those.
#
# Does the seventh digit matter? **Take real latents of the cat,** and a toy prior that computes each width from the latents above it. The
# decoder's machine computes the widths a little differently. The slider says by how much. What is wrong there is used for the next row,
# as in a real codec whose prior looks at decoded neighbours ([lesson 16](16_tell_the_decoder_where.ipynb)).

# %%
from lic_teach.course.bitstream.break_decoder import BreakDecoder

breaker = BreakDecoder()
breaker

# %% [markdown]
# A picture of your own: the upload button, or `breaker.load("my_photo.jpg")`.

# %% [markdown]
# ## What the codec does about it
#
# Two things, and it needs both.
#
# **First: tables.** The counts of 64 Gaussians were computed once, when the model was made, and are stored with its weights. Each table adds
# up to $2^{20}$, and the next one is 13 % wider, so that eight of them make a factor $e$. The network only says *which number*. No `exp` and no `erf` runs when a
# file is read. Here is the one for σ ≈ 1, from the formula of [lesson 14](14_bits_from_probability.ipynb):

# %%
# NBVAL_CHECK_OUTPUT
table = model.exact().tables[18]
sigma = 0.11 * np.exp(18 / 8)
n = np.arange(-table.reach, table.reach + 1)
mass = ndtr((n + 0.5) / sigma) - ndtr((n - 0.5) / sigma)
np.testing.assert_allclose(table.counts[:-1] / entropy.TOTAL, mass, atol=0.005)
assert all(t.counts.sum() == entropy.TOTAL == 2**20 for t in model.exact().tables)
middle = table.counts[table.reach - 2 : table.reach + 3].astype(int)
print(f"σ = {sigma:.3f}: counts of −2 … 2 are", *middle)
print(f"the table goes from {-table.reach} to {table.reach}, and one count more is the escape")

# %% [markdown]
# The **escape** says: a number that is not in this table; it follows in full. It hardly ever occurs, so its count is 1. **Predict:** what does it cost?

# %%
# NBVAL_CHECK_OUTPUT
for symbol in (0, 3, 500):
    number = np.array([18], np.uint8)
    bits = entropy.information(np.array([symbol]), number, model.exact().tables)[0]
    print(f"a latent of {symbol:3} with σ = {sigma:.2f} costs {bits:5.2f} bits")

# %% [markdown]
# 20 bits for the escape, 16 for the number. In each pass of the prior (first the side information, then one half of the places, then the other: [lesson 16](16_tell_the_decoder_where.ipynb)), symbols are written table by table: first all latents of table 1, then all of table 2, and so on. The
# decoder knows which latent has which table, so it can put them back in place. Table 0 is for latents that are always taken for 0. They
# are not written at all.
#
# **Second: fixed point.** Which number a latent gets must not depend on rounding either. So the networks of the prior compute with multiples of
# small fractions: weights are multiples of $2^{-12}$ and at most $2^4$, their inputs multiples of $2^{-10}$ and at most $2^{10}$. Every product is a
# multiple of $2^{-22}$ and at most $2^{14}$, that is $2^{36}$ such units. A float64 holds every whole number up to $2^{53}$, so a sum of up to $2^{17}$
# products **is exact in any order**, as long as it is computed as a sum of products. (Ballé, Johnston and Minnen, 2019, made the whole prior of integers for this reason.)

# %%
# NBVAL_CHECK_OUTPUT
x = torch.round(x.double() * 2**10) / 2**10
weight = exact[name].weight[:, :, 0, 0]
one, two = channel_sums(x, weight), channel_sums(x[order], weight[:, order])
terms = max(m.weight[0].numel() for m in model.exact().prior.modules() if isinstance(m, FixedConv))
assert torch.equal(weight * 2**12, torch.round(weight * 2**12)) and weight.abs().max() <= 2**4
assert torch.equal(one * 2**22, torch.round(one * 2**22)) and terms <= 2**17
print(
    "fixed point in float64, in another order:", "equal" if torch.equal(one, two) else "not equal"
)

# %% [markdown]
# ## Decode it elsewhere
#
# Now the test. A new Python process gets the path of the file and nothing else. It decodes with one thread and with two. To compare, each side
# says the hash of the latents, a number that changes completely if a single latent differs.

# %%
# NBVAL_CHECK_OUTPUT
ELSEWHERE = """
import hashlib, pathlib, sys, torch
from lic_teach import learned
data = pathlib.Path(sys.argv[1]).read_bytes()
model = learned.model_of(data)
for threads in (1, 2):
    torch.set_num_threads(threads)
    y_hat, _ = learned.decode_latents(data, model)
    print(hashlib.sha256(y_hat.tobytes()).hexdigest())
"""
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "chelsea.lic")
    with open(path, "wb") as file:
        file.write(data)
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, path], capture_output=True, text=True, check=True
    )
y_hat, _ = learned.decode_latents(data, model)
here = hashlib.sha256(y_hat.tobytes()).hexdigest()
for threads, there in zip((1, 2), done.stdout.split(), strict=True):
    print(f"{threads} thread(s), another process: latents", "equal" if there == here else "differ")

# %% [markdown]
# And the picture? It is painted by $g_s$, in ordinary float32. After that nothing is decoded any more, so nothing can fall apart. The worst case: a sample
# lies so close to the border between two grey levels that it is rounded to the other. Paint it once more, without the library (oneDNN) that torch
# uses for convolutions, so that the sums are rounded otherwise:

# %%
code = quantize.to_code(1e-2)
usual = codec.paint(y_hat, size, model, code).astype(int)
with warnings.catch_warnings(action="ignore"), torch.backends.mkldnn.flags(enabled=False):
    other = codec.paint(y_hat, size, model, code).astype(int)
apart = np.abs(usual - other)
assert apart.max() <= 1
print(f"{np.count_nonzero(apart)} of {apart.size:,} samples differ, by {apart.max()} at most")

# %% [markdown]
# That is the promise of the `.lic` file: **the same latents on every machine, and each sample within one grey level.** What we tested was
# one machine. That the latents of others agree follows from the arithmetic: whole numbers, and sums without rounding.

# %% [markdown]
# ## What you learnt
#
# - A message is an interval, as wide as it is probable. Its shortest name has $-\log_2 P$ bits, and less than two more.
# - A range coder does this with whole numbers: a window of 64 bits, words that leave it, a carry that runs back.
# - So the estimate is true: file = estimate + 19 bytes + a word or two.
# - The decoder must divide as the encoder did, to the last count. A relative error of 1e-7 in a width is enough to lose the picture.
# - Tables made once, and a prior in fixed point, make the latents the same everywhere.
#
# The codec is complete. How good is it, and what does it cost? [Lesson 22](22_showdown.ipynb).
#
# ## Further reading
#
# - J. J. Rissanen, "Generalized Kraft inequality and arithmetic coding", *IBM Journal of Research and Development* 20(3), 198–203, 1976.
# - R. C. Pasco, *Source coding algorithms for fast data compression*, PhD thesis, Stanford University, 1976.
# - G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised message", *Video & Data Recording Conference*,
#   Southampton, 1979.
# - I. H. Witten, R. M. Neal, J. G. Cleary, "Arithmetic coding for data compression", *Communications of the ACM* 30(6), 520–540, 1987.
# - J. Ballé, N. Johnston, D. Minnen, "Integer networks for data compression with latent-variable models", *ICLR*, 2019.
# - R. Bamler, "Understanding entropy coding with asymmetric numeral systems (ANS): a statistician's perspective", arXiv:2201.01741, 2022
#   (the theory behind constriction). ANS is the other coder of this kind; it reads backwards, and its files are as short.
