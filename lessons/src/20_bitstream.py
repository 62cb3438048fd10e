# %% [markdown]
# # 20 · Bitstream
#
# **Is the estimate true?**
#
# Since [lesson 14](14_bits_from_probability.ipynb) bits have been a formula, $-\log_2 P$, summed over all latents: an *estimate*. Here are four photographs at four values of λ, the estimate beside the real file.

# %% jupyter={"source_hidden": true}
import bisect
import hashlib
import heapq
import itertools
import math
import os
import subprocess
import sys
import tempfile
import warnings
from fractions import Fraction as F

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.special import ndtr  # Φ, the distribution function of N(0, 1)

from lic_teach import images, jpeg, learned
from lic_teach.course.bitstream import interval_zoom, range_coder, real_file
from lic_teach.jpeg import codec as jpeg_codec
from lic_teach.jpeg import huffman, scan
from lic_teach.kit import mine
from lic_teach.kit.predict import Predict
from lic_teach.learned import codec, container, entropy, quantize
from lic_teach.learned.exact import FixedConv

torch.set_num_threads(1)
BLUE = "#2563b0"
model, cat = learned.load(), images.sample("chelsea")
latents = {name: learned.analyse(images.sample(name), model) for name in images.SAMPLES}
estimates, sizes = [], []
for name, y in latents.items():
    for lam in (5e-4, 3e-3, 1e-2, 1e-1):
        data = learned.encode_latents(y, images.sample(name).shape[:2], model, lam)
        estimates.append(learned.estimate(y, model, lam))
        sizes.append(8 * len(data))
estimates, sizes = np.array(estimates), np.array(sizes)
more = sizes - 8 * container.OVERHEAD - estimates

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
axes[1].set_title(f"The rest: 152 bits, and at most {max(more):.0f} more")
figure.tight_layout()
assert np.all(np.abs(more) < 64 + 3e-4 * estimates)

# %% [markdown]
# As short as promised, but for some bytes. You will write the coder yourself, and the cat's real file with it.
#
# **After this lesson** you can
# - code a message into a single number, and read it back;
# - write a range coder that makes the bytes of a real file;
# - say why a learned prior needs one, and what JPEG's own would have brought.
#
# You need lessons [05](05_entropy_coding.ipynb) (Huffman) and [14](14_bits_from_probability.ipynb) ($-\log_2 P$). About 30 minutes.

# %% [markdown]
# ## Less than one bit
#
# Most latents are 0 with near certainty. If $P(0) = 0.99$, a 0 is worth $-\log_2 0.99 = 0.0145$ bits. Huffman gives it a
# word, and a word has at least one bit: 69 times too much.
#
# Give words not to symbols, then, but to *blocks* of them. Here symbols are 0 or 1, and 1 has
# probability 0.01. Their entropy is 0.081 bits a symbol.


# %%
def huffman_bits(p):
    """The mean length of Huffman's words: each join puts one bit in front of all below it."""
    heap, bits = sorted(p), 0
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        bits += joined
        heapq.heappush(heap, joined)
    return bits


# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
with Predict("Huffman's words for blocks of 8: bits a symbol?", unit="bits", near=0.04) as predict:
    for n in (1, 2, 4, 8, 12):
        p = [math.prod(block) for block in itertools.product((0.99, 0.01), repeat=n)]
        print(f"blocks of {n:2}: {huffman_bits(p) / n:.3f} bits a symbol, {len(p):5,} words")
        if n == 8:
            predict.truth = round(huffman_bits(p) / n, 2)

# %% [markdown]
# Longer blocks come closer, but each further symbol doubles the table; with 4,096 words a symbol is still half as expensive again as it should be. Best would be one block: **the whole message**. Its table
# cannot be written down. But one word of it can be *computed*.
#
# ## One number for the message
#
# Take the numbers from 0 to 1. Each letter gets a part, as wide as it is probable. Our letters are A, B and C with
# $P = \tfrac18, \tfrac68, \tfrac18$. The first letter chooses its part. This part is divided in the same proportions for the second letter,
# and so on.


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
# Its width is $\tfrac68\cdot\tfrac68\cdot\tfrac18\cdot\tfrac68$: **the probability of the message.** All messages of *one length* together
# fill 0 to 1 without overlap. So any number from the interval names the message.
#
# Which one has the fewest binary digits? $k$ bits name a stretch of width $2^{-k}$, and no bits that follow lead out of it. An interval of width $w$ surely holds such a stretch if
# $2^{-k} \le w/2$ (before the next one begins, less than one is lost, and a whole one is left): at most $\lceil -\log_2 w \rceil + 1$ bits. Every message of up to seven letters:

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
tried, worst = 0, 0
for length in range(1, 8):
    for message in itertools.product("ABC", repeat=length):
        ends = to_interval(message)
        bits, ideal = (
            interval_zoom.shortest(interval_zoom.Interval(*ends)),
            -np.log2(float(ends[1])),
        )
        assert ideal <= len(bits) <= np.ceil(ideal) + 1
        tried, worst = tried + 1, max(worst, len(bits) - ideal)
print("BBCB is", interval_zoom.shortest(interval_zoom.Interval(low, width)), "in the file")
print(f"{tried} messages: at most {worst:.2f} bits over −log2 P")

# %% [markdown]
# Less than two bits are lost, **once for the whole message**. This is **arithmetic coding**
# (Rissanen, Pasco 1976). Zoom in: each bar is the interval, enlarged. The dark part is what the next letter takes. A bit is certain as soon as
# all numbers of the interval begin with it.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.bitstream.interval_zoom import IntervalZoom

explorer = IntervalZoom()
explorer

# %% [markdown]
# ### ✎ 1 · `read_back`
#
# Now the decoder. It must know **when to stop**: the interval of BBCB lies inside that of BBC, so one number names both. Either a letter of its own means "end", or the number of letters is known. (In a `.lic` file it follows from width and height.)
#
# `F(int(bits, 2), 2 ** len(bits))` makes a number from 0 to 1 of the bits. In whose part does it lie? Write the letter down. Then look at this part as if it were 0
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
# The fractions grow with each letter. But their leading digits soon no longer
# change, and the last ones hardly matter. So keep a *window*, and write down what leaves it on the left. Here it has four decimal digits; A, B and C have **counts** 1, 6, 1, together 8.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
SAY = {
    "start": "the window: 0 to 9999",
    "out": "less than 100 was left: two digits leave, the rest moves up",
    "carry": "low ran over 9999: the 1 belongs to the digits that have left",
    "end": "two more digits, rounded up: 0.7110 lies inside",
}
print("        low  width   file")
for what, low, width, file in range_coder.trace("BBCAB", {"A": (0, 1), "B": (1, 6), "C": (7, 1)}):
    print(f"{what:6}{low:5} {width:6}   {file:6} {SAY.get(what, '')}".rstrip())

# %% [markdown]
# - A symbol divides `width` by the total, drops the remainder, and moves `low` up to where its part begins.
# - **Renormalize:** if `width` gets small, the upper digits of `low` go to the file.
# - **Carry:** if `low` runs over, the 1 goes to what was already written: 0.0999… becomes 0.1000…
#
# The real window has 64 bits, and 32 leave it at a time: a *machine word*. Such a coder is called a **range coder** (Martin 1979). Here is its decoder. It only keeps how far the file's number lies above `low`, so it
# needs no carry. A *table* says where each symbol's part begins: `[0, 1, 7, 8]` for A, B and C.


# %%
def decoder(data):
    """Bytes -> ask(table), which returns the next symbol: 0, 1, ..."""
    data += bytes(8)  # what is not there counts as 0
    place, at, width = int.from_bytes(data[:8], "big"), 8, 2**64 - 1

    def ask(table):
        nonlocal place, at, width
        unit = width // table[-1]
        s = bisect.bisect(table, place // unit) - 1  # in whose part?
        place, width = place - unit * table[s], unit * (table[s + 1] - table[s])
        if width < 2**32:
            place, width = (place << 32) + int.from_bytes(data[at : at + 4], "big"), width << 32
            at += 4
        return s

    return ask


# %% [markdown]
# ### ✎ 2 · `range_coder`
#
# This encoder has three bugs. Mend it, with the trace beside you; the check names the first one that is left. (`file` is one long integer: it passes a carry on by itself.)


# %%
from lic_teach.course.bitstream.exercises import check


def my_encode(symbols, tables):
    """symbols: 0, 1, ...; tables: for each symbol its own. Return bytes."""
    file, words, low, width = 0, 0, 0, 2**64 - 1
    for s, table in zip(symbols, tables, strict=True):
        width = width // table[-1] * (table[s + 1] - table[s])
        low = low + width // table[-1] * table[s]
        if low >= 2**64:
            low = low - 2**64
        if width < 2**32:
            file, words = (file << 32) + (low >> 32), words + 1
            low, width = (low % 2**32) << 32, width << 32
    last = low // 2**32
    return ((file << 32) + last).to_bytes(4 * words + 4, "big")


check("range_coder", my_encode)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_encode(symbols, tables):
#     file, words, low, width = 0, 0, 0, 2**64 - 1
#     for s, table in zip(symbols, tables, strict=True):
#         unit = width // table[-1]  # 1: both from the width before the symbol
#         low, width = low + unit * table[s], unit * (table[s + 1] - table[s])
#         if low >= 2**64:
#             file, low = file + 1, low - 2**64  # 2: the carry
#         if width < 2**32:
#             file, words = (file << 32) + (low >> 32), words + 1
#             low, width = (low % 2**32) << 32, width << 32
#     last = -(-low // 2**32)  # 3: rounded up, or it lies below the interval
#     return ((file << 32) + last).to_bytes(4 * words + 4, "big")
# ```
#
# The second is the nastiest. A test with messages of 20 symbols hardly ever finds it, one with 1000 nearly always.
#
# </details>

# %% [markdown]
# ## The table may change at every symbol
#
# Look at `ask(table)`. Two symbols need not have the same table. Both sides must only *agree* on it. So the next table may come from anything decoded so far: counts, neighbours,
# a network that looks at them. Huffman would have to build a new code for each symbol. **This is why learned priors and arithmetic coding belong together.**
#
# The cat: the prior chooses one of 64 tables for each latent. The package leaves the bits to *constriction* (Bamler 2022), a library.

# %%
encode = mine.get("range_coder", default=range_coder.encode)  # yours, if it is in mine.py
symbols, tables = real_file.symbols(latents["chelsea"], model, lam=0.01)
own = real_file.payload(encode(symbols, tables))  # its bytes in the order of a .lic file

# %% jupyter={"source_hidden": true}
choices = ["a few at most", "about half", "nearly all"]
with Predict("How many of your bytes differ from constriction's?", choices) as predict:
    header, payload = container.read(learned.encode(cat, model, 0.01))
    estimate = learned.estimate(latents["chelsea"], model, 0.01) / 8
    print(f"{len(symbols):,} symbols with {len(set(map(id, tables)))} different tables")
    print(f"estimate {estimate:,.1f} bytes, yours {len(own):,}, the package's {len(payload):,}")
    assert abs(len(own) / len(payload) - 1) < 0.002
    differ = sum(a != b for a, b in zip(own, payload, strict=False))
    print(differ, "bytes differ")
    predict.truth = choices[int(np.digitize(differ / len(own), [0.01, 0.75]))]

# %% [markdown]
# Two programs that divide the same window by the same tables write the same number. So with a header around it this *is* the cat's file. Read it with the decoder above, and let the package paint it:

# %%
ask = decoder(encode(symbols, tables))
y_hat = real_file.latents(ask, latents["chelsea"].shape, model, lam=0.01)
data = container.write(header, own)  # a .lic file
np.testing.assert_array_equal(y_hat, learned.decode_latents(data, model)[0])  # every latent

# %% jupyter={"source_hidden": true}
figure, ax = plt.subplots(figsize=(3.4, 2.5))
ax.imshow(learned.decode(data, model))
ax.set_title(f"{len(data):,} bytes, from your coder", fontsize=10)
ax.set_axis_off()

# %% [markdown]
# **So the estimate is true**, by your own hand. What coders lose:
#
# | | a symbol costs | the loss |
# |---|---|---|
# | Huffman | whole bits, at least 1 | up to 1 bit a *symbol* |
# | arithmetic coding | $-\log_2 P$ | below 2 bits a *file* |
# | range coding | $-\log_2 P$, with $P$ as counts | a word or two a *file*, and the remainders |
#
# ## What JPEG could have had
#
# The JPEG standard has an arithmetic coder, too (T.81, Annex D). It asks yes-or-no questions ("is it zero?"). The first ones ("was that the last?", "is it zero?", "more than one?") have a probability of their own at each place along the zig-zag; those about the size share some, and the sign of a wave costs one bit. A probability moves after every answer. So it brings two things: no whole bits, *and* tables that change, with the place and with the answers.
#
# Your coder can tell them apart. Given Huffman's own symbols and counts, it brings the first alone. (The same coefficients everywhere; headers and tables are not counted.)

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
choices = ["no whole bits", "both about the same", "tables that change"]
with Predict("At quality 50, what brings more?", choices) as predict:
    print("against Huffman    quality   no whole bits   T.81: tables change, too")
    brought = {}
    for quality in (5, 50):
        for name in images.SAMPLES:
            by_huffman = jpeg.encode(images.sample(name), quality)
            arithmetic = jpeg.encode(images.sample(name), quality, arithmetic=True)
            was, now = (
                len(d) - sum(s.length for s in jpeg.container.parse(d) if s.name)
                for d in (by_huffman, arithmetic)
            )
            b, f, _ = jpeg_codec.unpack(by_huffman)
            stream = scan.symbol_stream(b, f, scan.script(f)[0])[0]
            saved = 0  # bytes
            for number, counts in enumerate(scan.symbol_counts(b, f)):
                message = (stream[stream // 256 == number] % 256).tolist()
                if message:
                    table = [0, *itertools.accumulate(counts.tolist())]
                    saved += counts @ huffman.code_lengths(counts) / 8
                    saved -= len(encode(message, [table] * len(message)))
            brought[quality, name] = -saved / was, now / was - 1
            one, two = brought[quality, name]
            print(f"{name:18} {quality:7} {one:+15.1%} {two:+15.1%}")
    one, two = np.mean([brought[50, name] for name in images.SAMPLES], 0)
    predict.truth = choices[int(np.digitize((two - one) / one, [0.7, 1.4]))]

# %% [markdown]
# At quality 50 Huffman's whole bits cost one percent; what pays is a table that changes with place and count. At quality 5 it is mostly the whole bits.
#
# Patents covered that coder, and hardly anybody used it. Pillow and this course read such files, **browsers do not**. Today's video coders have one: CABAC in H.264 (2003) and its successors, and AV1's, change their tables as they go.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: a stack instead of a queue (about 5 minutes)
#
# JPEG XL, zstd and the library CompressAI use another coder of this kind: *asymmetric numeral systems*, **ANS** (Duda 2009). No interval, no carry: all of the message is *one* number, the `state`. A symbol of probability $P$ makes it $1/P$ times as large, so it gets $-\log_2 P$ bits longer. Whoever divides it again gets the symbol back. When it becomes too long, its last 32 bits go to the file.


# %%
def ans_encode(symbols, tables):
    """Tables as above, whose total is a power of two. The last symbol goes in first."""
    state, words = 2**32, []
    for s, table in zip(reversed(symbols), reversed(tables), strict=True):
        total, count = table[-1], table[s + 1] - table[s]
        if state >= count * (2**64 // total):  # it would become too long
            state, words = state >> 32, [*words, state % 2**32]
        state = state // count * total + table[s] + state % count
    return state, words


def ans_decoder(state, words):
    def ask(table):
        nonlocal state
        place = state % table[-1]
        s = bisect.bisect(table, place) - 1
        state = (table[s + 1] - table[s]) * (state // table[-1]) + place - table[s]
        if state < 2**32:
            state = (state << 32) + words.pop()  # the last word written is the first one read
        return s

    return ask


# %%
# NBVAL_CHECK_OUTPUT
state, words = ans_encode(symbols, tables)
longer = 4 * len(words) + 8 - len(own)
ask = ans_decoder(state, words)
assert [ask(table) for table in tables] == symbols and state < 2**64
print("the cat by ANS: every symbol back,", "as long" if abs(longer) <= 8 else "not as long")

# %% [markdown]
# Equal bytes, to a word or two. Decoding needs no division where the total is a power of two, so it is fast: hence its success.
#
# But it is a *stack*: last in, first out. The encoder must begin with the last symbol, so it has to keep all symbols and all tables until the end. A range coder is a *queue*. It writes while the prior walks through the picture, in the order in which the decoder will walk. Where each table comes from symbols before it, as with context, that is the simpler way; therefore this course's codec has a queue.
#
# ## Depth: the file, and damage (about 10 minutes)
#
# Around the payload stands what a decoder must know. All of it:
#
# | offset | bytes | what |
# |---|---|---|
# | 0 | 4 | the *magic* by which programs know the format: 89 and "LIC" |
# | 4 | 1 | version |
# | 5 | 4 | which model: the first bytes of a *hash* of its weights, a fingerprint that is another one as soon as one weight is |
# | 9 | 2 + 2 | width − 1, height − 1 |
# | 13 | 2 | λ, on a logarithmic scale |
# | 15 | 4 n | payload: the range coder's words |
# | last 4 | 4 | a checksum of all bytes before (CRC-32: what remains when the file, taken as one long polynomial, is divided by a fixed one) |
#
# Numbers of more than one byte begin with the low byte. (Your coder's words began with the high one; `real_file.payload` has turned them round.)

# %%
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
# The coder ends on a whole word, and may need one more: up to 64 bits. (And constriction keeps each probability with 24 binary digits, the model's tables with 20. So a large file gets a few bits longer or shorter.) All this is for rounded latents. What a training plots is another
# number: [lesson 15](15_noise_for_rounding.ipynb).
#
# And damage? After one wrong bit the range coder reads another symbol, and from there on every interval is a wrong one. There is no place where it could
# catch itself again, as JPEG can at a restart marker. So a damaged file is refused as a whole; the
# message says what does not fit.

# %%
turned = bytearray(data)
turned[len(data) // 2] ^= 4  # one bit
stranger = container.write(header._replace(model=bytes(4)), payload)
for broken in (data[:100], bytes(turned), b"\xff\xd8" + data[2:], stranger):
    try:
        learned.decode(broken, model)
    except learned.LicError as error:
        print("LicError:", error)

# %% jupyter={"source_hidden": true}
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
# ## Depth: the same on every machine (about 20 minutes)
#
# Encoder and decoder must divide the interval in the same way. Not nearly: *the same*. A learned codec computes its tables: a network gives a width σ for each latent. And networks compute with floating point.

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


# %%
with Predict(
    "The same terms in another order: how many sums differ?", unit="%", near=15
) as predict:
    weight = trained[name].weight[:, :, 0, 0]
    one, two = channel_sums(x, weight), channel_sums(x[order], weight[:, order])
    print(f"{len(x)} terms, float32: they differ", end=" ")
    print(f"by up to {(one - two).abs().max() / one.abs().max():.0e} of the largest")
    predict.truth = round(100 * (one != two).double().mean().item())

# %% [markdown]
# Each sum is rounded at about the seventh digit, and in another order it is rounded elsewhere. Another processor, another number
# of threads, another version of a library: each may bring another order. And `exp` and `erf` are worse off. The standard for floating point (IEEE 754) fixes to the
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
# **What the codec does about it.** Two things, and it needs both.
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
# The **escape** says: a number that is not in this table; it follows in full. It hardly ever occurs, so its count is 1.

# %%
# NBVAL_CHECK_OUTPUT
with Predict("What does a latent of 500 cost here?", unit="bits", near=5) as predict:
    for symbol in (0, 3, 500):
        number = np.array([18], np.uint8)
        bits = entropy.information(np.array([symbol]), number, model.exact().tables)[0]
        print(f"a latent of {symbol:3} with σ = {sigma:.2f} costs {bits:5.2f} bits")
    predict.truth = round(bits)

# %% [markdown]
# 20 bits for the escape, 16 for the number. In each pass of the prior (first the side information, then one half of the places, then the other: [lesson 16](16_tell_the_decoder_where.ipynb)), symbols are written table by table: first all latents of table 1, then all of table 2, and so on. The
# decoder knows which latent has which table, so it can put them back in place. Table 0 is for latents that are always taken for 0. They
# are not written at all.
#
# **Second: fixed point.** Which number a latent gets must not depend on rounding either. So the networks of the prior compute with multiples of
# small fractions: weights are multiples of $2^{-12}$ and at most $2^4$, their inputs multiples of $2^{-10}$ and at most $2^{10}$. Every product is a
# multiple of $2^{-22}$ and at most $2^{14}$, that is $2^{36}$ such units. A float64 holds every whole number up to $2^{53}$, so a sum of up to $2^{17}$
# products **is exact in any order**, as long as it is computed as a sum of products. (Ballé, Johnston and Minnen, 2019, made the prior of integers for this reason; DCVC-RT, a video codec of 2025, all of its model.)

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
# **Decode it elsewhere.** Now the test. A new Python process gets the path of the file and nothing else (the model lies in the package). It decodes with one thread and with two. To compare, each side
# says the hash of the latents.

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
usual = codec.paint(y_hat, cat.shape[:2], model, code).astype(int)
with warnings.catch_warnings(action="ignore"), torch.backends.mkldnn.flags(enabled=False):
    other = codec.paint(y_hat, cat.shape[:2], model, code).astype(int)
apart = np.abs(usual - other)
assert apart.max() <= 1
print(f"{np.count_nonzero(apart)} of {apart.size:,} samples differ, by {apart.max()} at most")

# %% [markdown]
# That is the promise of the `.lic` file: **the same latents on every machine, and each sample within one grey level.** What we tested was
# one machine. That the latents of others agree follows from the arithmetic: whole numbers, and sums without rounding. The one grey level
# of the samples does not follow: it is measured.

# %% [markdown]
# ## The scoreboard
#
# JPEG by λ ([lesson 08](08_jpeg_by_lambda.ipynb)) with the arithmetic coder, on the 24 Kodak photographs: the last row. It is compared with the zero at the right, as every row is; the Huffman-coded one is the third.

# %% jupyter={"source_hidden": true}
from lic_teach.kit.scoreboard import board
from lic_teach.kit.stills import Drawing

Drawing(board("bitstream"))

# %% [markdown]
# ## What you learnt
#
# - Huffman's words for blocks come near the entropy, and their tables explode. A message is an interval, as wide as it is probable: its shortest name has $-\log_2 P$ bits, and less than two more.
# - A range coder does this with whole numbers: a window, words that leave it, a carry that runs back. The decoder must know when to stop.
# - The table may change at every symbol, as long as both sides know it. That is what priors need, and what JPEG's arithmetic coder gains by.
# - So the estimate is true. Your own coder wrote the real file, and it is as long as $-\log_2 P$ and a word or two.
# - A file around it takes 19 bytes. One wrong bit spoils it; a checksum notices.
# - The decoder must divide as the encoder did, to the last count. Tables made once, and a prior in fixed point, make the latents the same everywhere.
#
# The codec is complete. How good is it, and what does it cost? [Lesson 22](22_showdown.ipynb). But first: who says what good is?
# [Lesson 21](21_what_is_a_good_picture.ipynb).
#
# ## Further reading
#
# - J. J. Rissanen, "Generalized Kraft inequality and arithmetic coding", *IBM Journal of Research and Development* 20(3), 198–203, 1976.
# - R. C. Pasco, *Source coding algorithms for fast data compression*, PhD thesis, Stanford University, 1976.
# - G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised message", *Video & Data Recording Conference*,
#   Southampton, 1979.
# - I. H. Witten, R. M. Neal, J. G. Cleary, "Arithmetic coding for data compression", *Communications of the ACM* 30(6), 520–540, 1987.
# - D. Marpe, H. Schwarz, T. Wiegand, "Context-based adaptive binary arithmetic coding in the H.264/AVC video compression standard", *IEEE Transactions on Circuits and Systems for Video Technology* 13(7), 620–636, 2003: CABAC.
# - J. Duda, "Asymmetric numeral systems", [arXiv:0902.0271](https://arxiv.org/abs/0902.0271), 2009.
# - R. Bamler, "Understanding entropy coding with asymmetric numeral systems (ANS): a statistician's perspective", [arXiv:2201.01741](https://arxiv.org/abs/2201.01741), 2022
#   (the theory behind constriction).
# - J. Ballé, N. Johnston, D. Minnen, "Integer networks for data compression with latent-variable models", *ICLR*, 2019.
# - Z. Jia, B. Li, J. Li, W. Xie, L. Qi, H. Li, Y. Lu, "Towards practical real-time neural video compression", *CVPR*, 2025: DCVC-RT.
# - Stanford EE274, *Data Compression: Theory and Applications*, 2023: block codes, range coding, ANS. [stanforddatacompressionclass.github.io](https://stanforddatacompressionclass.github.io/notes/)
