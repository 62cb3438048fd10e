# %% [markdown]
# # 05 · Entropy coding
#
# **How do numbers become bits?**
#
# [Lesson 04](04_quantization.ipynb) left nine whole numbers and 55 zeros of our block at the rim of the cat's eye. Here they
# are, and beside them what stands in the file.

# %% jupyter={"source_hidden": true}
import heapq

import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg
from lic_teach.jpeg import bitstream, codec, frame, huffman, scan, symbols, transform
from lic_teach.kit.file_block import file_block
from lic_teach.kit.predict import Predict

data = jpeg.encode(images.sample("chelsea"), 50)
blocks, layout, tables = codec.unpack(data)
luma = frame.split(blocks, layout)[0]  # (block rows, block columns, 64), zig-zag
block = luma[11, 24]
found = file_block(11, 24)  # its symbols, read out of the file

figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
axes[0].imshow(block[transform.NATURAL].reshape(8, 8) != 0, cmap="Oranges", vmin=0, vmax=2)
row, column = np.divmod(transform.ZIGZAG, 8)
axes[0].plot(column, row, color="lightgray", lw=1, zorder=1)
for k in range(64):
    paper = {
        "boxstyle": "circle,pad=0.05",
        "fc": plt.cm.Oranges(0.5 if block[k] else 0.0),
        "ec": "none",
    }
    axes[0].text(column[k], row[k], block[k], ha="center", va="center", bbox=paper, zorder=2)
axes[0].set_title("64 numbers")
for line, s in enumerate(found):
    y = 0.95 - 0.1 * line
    name = {"DC": f"DC, size {s.size}", "AC": f"({s.run}, {s.size})"}.get(s.name, s.name)
    axes[1].text(0.0, y, name, va="center")
    axes[1].text(0.3, y, s.code, va="center", color="#d9730d", family="monospace", weight="bold")
    axes[1].text(0.315 + 0.0207 * len(s.code), y, s.extra, va="center", family="monospace")
axes[1].set_title("10 symbols, 73 bits")
for ax in axes:
    ax.axis("off")
figure.tight_layout()

# %% [markdown]
# The 64 pixels of the block, 8 bits each, were 512 bits. Nothing more is lost from here on: the decoder
# gets the very same 64 numbers.
#
# **After this lesson** you can
# - turn a block into symbols and bits as JPEG does, and read it back by hand;
# - say why frequent symbols get short words, and how short they can be;
# - say how many bits a file could have had at best, and where JPEG misses that.
#
# You need [lesson 04](04_quantization.ipynb), and the entropy of [lesson 01](01_redundancy.ipynb). About 30 minutes.

# %% [markdown]
# ## From a block to symbols
#
# Most zeros of a block are at the lower right. Along the **zig-zag**, the grey line, they come last, and
# one word can say: *nothing but zeros from here*. The numbers before them are told one by one, in three ways.
#
# **A number has two parts.** Small numbers are frequent, large ones rare. The *size* $n$ is how many
# binary digits $|v|$ has; $n$ **extra bits** say which number of this size it is:
#
# | size | numbers | extra bits |
# |---|---|---|
# | 0 | 0 | none |
# | 1 | −1, 1 | 0, 1 |
# | 2 | −3, −2, 2, 3 | 00, 01, 10, 11 |
# | 3 | −7 … −4, 4 … 7 | 000 … 011, 100 … 111 |
#
# A positive $v$ is written as it is. A negative one is written as $v + 2^n - 1$, with $n$ bits. So the first extra
# bit tells the sign: 0 is negative.
#
# **DC goes as a difference** to the block before it in the file, for neighbours are alike ([lesson 01](01_redundancy.ipynb)). In the
# file stand four blocks of luma, a square of 2 × 2 row by row, then one Cb and one Cr. Such a group is an
# **MCU**, a minimum coded unit. So the block before ours, in row 11, is not its left neighbour:

# %% jupyter={"source_hidden": true}
figure, ax = plt.subplots(figsize=(5.2, 2.6))
path = [(10, 22), (10, 23), (11, 22), (11, 23), (10, 24), (10, 25), (11, 24), (11, 25)]
for r, c in path:
    ours = (r, c) == (11, 24)
    ax.add_patch(plt.Rectangle((c, r), 1, 1, fc="#fdd0a2" if ours else "white", ec="gray"))
    ax.text(c + 0.05, r + 0.2, f"{r}, {c}", fontsize=8, color="gray")
    ax.text(c + 0.5, r + 0.75, luma[r, c, 0], ha="center", weight="bold")
ax.plot([c + 0.5 for _, c in path], [r + 0.45 for r, _ in path], color="#d9730d", lw=1.5)
ax.plot([24, 24], [10, 12], color="black", lw=2)
ax.set(xlim=(22, 26), ylim=(12, 10), title="Two MCUs: luma blocks, their DC, their order")
ax.axis("off")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
difference = int(block[0]) - int(luma[10, 25, 0])
print(f"DC {block[0]}, before it {luma[10, 25, 0]}: difference {difference}")
print("in the file: size", found[0].size, "extra bits", found[0].extra)

# %% [markdown]
# −12 has size 4, and −12 + 16 − 1 = 3 is 0011.
#
# **AC goes as (run, size)**: so many zeros, then a number of this size, whose extra bits follow. Two symbols are special:
#
# - **EOB**, end of block: all that is left is zero. It stands only where there *are* zeros at the end.
# - **ZRL**: sixteen zeros. A run has four bits and ends at 15; if more zeros come before a number, ZRL goes
#   first.
#
# Our block's AC are −15, 16, −3, 8, −4, 0, 0, −1, 1, then 14 zeros, −1, and zeros to the end. In the picture at the
# top you see their nine symbols. Another block has the AC 5, −1, 20 zeros, 1, and zeros to the end.

# %% jupyter={"source_hidden": true}
from lic_teach.course.entropy_coding.exercises import coded

with Predict("Into how many symbols do its AC go, EOB too?", unit="symbols") as predict:
    _, *ac = coded([0, 5, -1, *20 * [0], 1, *40 * [0]], before=0)
    special = {(0, 0): "EOB", (15, 0): "ZRL"}
    print(*[special.get((run, size), (run, size)) for run, size, _ in ac])
    predict.truth = len(ac)

# %% [markdown]
# ### ✎ 1 · `run_length`
#
# This coder has three bugs. Each is a mistake that real programs made. Find them and mend the code. The check
# says how many are mended, and has a hint at the next.

# %%
from lic_teach.course.entropy_coding.exercises import check


def run_length(block, before):
    """64 numbers and the DC before -> [(run, size, extra bits), ...]."""

    def extra_bits(value):
        size = abs(value).bit_length()
        value = value if value >= 0 else value + 2**size - 1
        return format(value, f"0{size}b") if size else ""

    difference = before - block[0]
    out = [(0, abs(difference).bit_length(), extra_bits(difference))]
    run = 0
    for value in block[1:]:
        if value == 0:
            run += 1
        else:
            out.append((run, abs(value).bit_length(), extra_bits(value)))
            run = 0
    out.append((0, 0, ""))
    return out


check("run_length", run_length)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def run_length(block, before):
#     def extra_bits(value):
#         size = abs(value).bit_length()
#         value = value if value >= 0 else value + 2**size - 1
#         return format(value, f"0{size}b") if size else ""
#
#     difference = block[0] - before  # 1: the sign
#     out = [(0, abs(difference).bit_length(), extra_bits(difference))]
#     run = 0
#     for value in block[1:]:
#         if value == 0:
#             run += 1
#         else:
#             while run > 15:  # 2: ZRL was missing
#                 out.append((15, 0, ""))
#                 run -= 16
#             out.append((run, abs(value).bit_length(), extra_bits(value)))
#             run = 0
#     if run:  # 3: no EOB after coefficient 63
#         out.append((0, 0, ""))
#     return out
# ```
#
# The third is the nastiest. The decoder knows that the block is full, and reads the EOB as the next block's
# DC. Everything after it is wrong.
#
# </details>

# %% [markdown]
# ## Step by step
#
# Click a block (or use the arrow keys) and step through its symbols. Orange bits are code words, the others
# are extra bits. All of it is read out of a real file.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.entropy_coding.block_bits import BlockBits

explorer = BlockBits()
explorer

# %% [markdown]
# A picture of your own: the upload button, or `explorer.load("my_photo.jpg")`.

# %% [markdown]
# ## Which symbol gets which word?
#
# Extra bits are written as they are. The symbols get **code words**, and frequent ones the short ones. No
# word may be the beginning of another, or the decoder could not tell where one ends: a **prefix code**.
#
# David MacKay's picture of it is a supermarket. On one shelf stand all words of 16 bits, 65,536 of them, side by side. Whoever
# takes the word 0 takes all that begin with 0: half of the shelf. A word of $n$ bits costs $2^{-n}$ of it. The
# shelf is of length 1, and what is sold is sold:
#
# $$\sum_s 2^{-n_s} \le 1$$
#
# That is *Kraft's inequality*. Whoever keeps it finds words: put them side by side, the shortest first, and read each
# word off the place where it begins. Lengths 1, 2, 3, 3 give 0, 10, 110, 111.

# %% jupyter={"source_hidden": true}
counts = scan.symbol_counts(blocks, layout)[4]  # the AC symbols of luma
lengths = huffman.code_lengths(counts)
table = huffman.table(lengths)
word, length = huffman.codes(table)

figure, axes = plt.subplots(2, 1, figsize=(9, 3.4), sharex=True)
for ax, sizes in zip(axes, (counts / counts.sum(), 2.0**-length * (length > 0)), strict=True):
    left = 0.0
    for n, s in enumerate(table.values.tolist()):
        shade = plt.cm.Oranges(0.25 + 0.5 * (n % 2))
        ax.add_patch(plt.Rectangle((left, 0), sizes[s], 1, fc=shade, ec="white", lw=0.5))
        name = {0: "EOB", 0xF0: "ZRL"}.get(s, f"{s >> 4}, {s & 15}")
        code = format(int(word[s]), f"0{length[s]}b")
        if sizes[s] > 0.04:
            label = name if ax is axes[0] else f"{name}\n{code}"
            ax.text(left + sizes[s] / 2, 0.5, label, ha="center", va="center", fontsize=8)
        left += sizes[s]
    ax.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
axes[0].set_title("How often each AC symbol of the cat's luma comes")
axes[1].set_title("How much of the shelf its code word takes: halves, quarters, eighths …")
figure.tight_layout()

# %% [markdown]
# How much should a symbol of probability $p$ buy? $p$ of the shelf: then it gets $-\log_2 p$ bits, and the mean is the
# entropy $H$ ([lesson 01](01_redundancy.ipynb)). But words have whole bits. Rounded *up*, every symbol gets less than one bit too
# much, and the shelf is not overdrawn:
#
# $$H \le \text{mean length} < H + 1$$
#
# David Huffman found in 1952 which lengths are the best: *join the two rarest, and repeat*. Why? In the best
# code the two longest words are as long as each other (a longer one alone could drop its last bit), and the two rarest symbols may as well have
# them. So they differ in the last bit only: tie them together to one symbol, and you have the same problem with one symbol less.
#
# JPEG lets nobody buy the end of the shelf (no word is all ones) and sells no word longer than 16 bits. Only the
# lengths go into the file, for both sides read the words off the same shelf: that is a **canonical** code.
# There are four shelves, each with a table of its own: DC and AC, of luma and of chroma.

# %%
with Predict("Which share of the file are extra bits?", unit="%", near=6) as predict:
    per_table = scan.symbol_counts(blocks, layout)
    code = sum(int(row @ huffman.code_lengths(row)) for row in per_table if row.any())
    extra = int((per_table.ravel() * symbols.EXTRA_LENGTHS[:2048]).sum())
    print(f"code words {code:,} bits, extra bits {extra:,}, the file {8 * len(data):,}")
    predict.truth = round(100 * extra / (8 * len(data)))

# %% [markdown]
# ### ✎ 2 · `by_hand`
#
# Now you are the decoder. These are the bits of another block of the cat, the DC of the block before
# it, and the code words that occur. Read them with a pencil.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
from lic_teach.course.entropy_coding.exercises import puzzle

bits, before, hidden = puzzle()
print("bits:", bits)
print("DC of the block before:", before)
for s in sorted(set(s[1:2] + s[3:6] for s in hidden), key=lambda s: (s[1] != "DC", s[0])):
    code, name, run, size = s
    print(f"{name:3} {code:8} " + ("" if name == "EOB" else f"run {run}, size {size}"))

# %%
my_block = {0: ...}  # position along the zig-zag: value; leave the zeros out
check("by_hand", my_block)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# my_block = {0: 21, 1: 2, 2: -6, 3: -1, 9: -1}
# ```
#
# </details>

# %% [markdown]
# That is how numbers become bits, and bits numbers.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: grow the tree (about 15 minutes)
#
# Draw the words as paths in a tree, 0 to the left and 1 to the right: each word ends at a leaf. Huffman's rule in
# Python:


# %%
def my_lengths(counts):
    """{symbol: count} -> {symbol: length of its code word}."""
    heap = [(count, number, [symbol]) for number, (symbol, count) in enumerate(counts.items())]
    heapq.heapify(heap)
    lengths = dict.fromkeys(counts, 0)
    while len(heap) > 1:
        rarest, _, left = heapq.heappop(heap)
        second, number, right = heapq.heappop(heap)
        for symbol in left + right:
            lengths[symbol] += 1  # all below the new joint are one step deeper
        heapq.heappush(heap, (rarest + second, number, left + right))
    return lengths


print(my_lengths({"A": 8, "B": 4, "C": 2, "D": 1}))

# %% [markdown]
# Change the counts and watch the tree. Stop it half-way with *Joins*. The table shows the words of
# the canonical code. They are as long as the paths in the tree, but not always equal to them; *canonical* shows their tree.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.entropy_coding.huffman_tree import HuffmanTree

tree = HuffmanTree()
tree

# %% [markdown]
# The end of the shelf is kept free by a trick of the standard: one more symbol, seen once, takes the word of
# ones and is struck out in the end (T.81 K.2). With that symbol our tree must cost the same as the package's
# `huffman.code_lengths`, as long as no word is longer than 16 bits. (Where one is, T.81's Figure K.3 moves pairs of long words up
# the tree, and the code is no longer the best one.)

# %%
# NBVAL_CHECK_OUTPUT
for number, name in ((0, "DC luma"), (1, "DC chroma"), (4, "AC luma"), (5, "AC chroma")):
    c = scan.symbol_counts(blocks, layout)[number]
    lengths = my_lengths({int(s): int(c[s]) for s in np.flatnonzero(c)} | {"ones": 1})
    mine = sum(c[s] * length for s, length in lengths.items() if s != "ones")
    theirs = c @ huffman.code_lengths(c)
    print(
        f"{name:10} mine {mine:6,} bits, the package {theirs:6,}, longest {max(lengths.values())}"
    )

# %% [markdown]
# The same, or a bit less: of the symbols that are seen once, the package gives the longest word to the one
# that is struck out.
#
# And the words? Sort the symbols by length and **count up**; where the length grows, append zeros. The file
# holds only how many words there are of each length, 16 bytes, and the symbols in their order.


# %%
def my_words(table):
    """The table as it stands in the file -> {symbol: code word}."""
    words, word, k = {}, 0, 0
    for length in range(1, 17):
        for _ in range(table.bits[length - 1]):
            words[int(table.values[k])] = format(word, f"0{length}b")
            word, k = word + 1, k + 1
        word *= 2
    return words


for number in (0, 1, 4, 5):
    table = huffman.table(huffman.code_lengths(scan.symbol_counts(blocks, layout)[number]))
    word, length = huffman.codes(table)
    mine = my_words(table)
    np.testing.assert_array_equal([int(mine[s], 2) for s in mine], word[list(mine)])
    np.testing.assert_array_equal([len(mine[s]) for s in mine], length[list(mine)])

# %% [markdown]
# Many programs do not bother: they write the tables of T.81 Annex K, with 162 AC words each, made once from
# the statistics of many pictures (K.3). EOB is 1010 there. What does a table of one's own save?

# %%
# NBVAL_CHECK_OUTPUT
print("bytes with the tables of Annex K, and with tables made for the picture:")
for name in images.SAMPLES:
    for quality in (10, 50, 90):
        standard, own = (
            len(jpeg.encode(images.sample(name), quality, optimize=o)) for o in (False, True)
        )
        print(f"{name:10} quality {quality}: {standard:7,} {own:7,} {own / standard - 1:+6.1%}")

# %% [markdown]
# ## Depth: write both directions (about 20 minutes)
#
# ### ✎ 3 · `amplitude`
#
# Write the extra bits of any number. (`format(5, "04b")` is "0101".)


# %%
def amplitude(value):
    """value: a whole number. Return its extra bits, a string."""
    # your lines here


check("amplitude", amplitude)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def amplitude(value):
#     size = abs(value).bit_length()
#     if value < 0:
#         value += 2**size - 1
#     return format(value, f"0{size}b") if size else ""
# ```
#
# </details>

# %% [markdown]
# ### ✎ 4 · `read_block`
#
# What you did with a pencil, in ten lines: walk along the bits until they are a word, read the extra bits, go on
# until the block is full.


# %%
def read_block(bits, dc_words, ac_words, before):
    """bits: "0110..."; dc_words: {word: size}; ac_words: {word: (run, size)}; before: the DC.

    Return the 64 numbers of the block, a list, and how many bits were read.
    """
    # your lines here


check("read_block", read_block)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def read_block(bits, dc_words, ac_words, before):
#     at, block, k = 0, [0] * 64, 0
#     while k < 64:
#         words, end = (ac_words if k else dc_words), at + 1
#         while bits[at:end] not in words:
#             end += 1
#         run, size = words[bits[at:end]] if k else (0, words[bits[at:end]])
#         at = end + size
#         if k and (run, size) == (0, 0):  # EOB
#             break
#         k += run
#         if size:
#             value = int(bits[end:at], 2)
#             block[k] = value if bits[end] == "1" else value - 2**size + 1
#         k += 1
#     block[0] += before
#     return block, at
# ```
#
# ZRL, (15, 0), needs no line of its own: fifteen zeros, and one number of size 0.
#
# </details>

# %% [markdown]
# Does the coder that you mended do the same as the package? Compare every symbol and all extra bits of four
# photographs. The package counts the symbols of its four tables apart: it adds 256 times the number of the
# table, 0 for DC and 4 for AC of luma, 1 and 5 of chroma. (Yours, if it is in `mine.py`.)


# %%
from lic_teach.course.entropy_coding.exercises import coded
from lic_teach.kit import mine

coder = mine.get("run_length", coded)

# %%
# NBVAL_CHECK_OUTPUT
for name in images.SAMPLES:
    b, f, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    order, member = frame.scan_order(f, (0, 1, 2))
    before, stream = [0, 0, 0], []
    for mcu in order:
        for number, m in zip(mcu, member, strict=True):
            parts = coder(b[number].tolist(), before[m])
            dc, *ac = [(16 * run + size, int(extra or "0", 2)) for run, size, extra in parts]
            before[m] = int(b[number, 0])
            table = min(int(m), 1)
            stream.append((256 * table + dc[0], dc[1]))
            stream += [(1024 + 256 * table + symbol, extra) for symbol, extra in ac]
    theirs = scan.symbol_stream(b, f, scan.script(f)[0])
    np.testing.assert_array_equal(np.array(stream).T, theirs)
    print(f"{name:10} {len(stream):6,} symbols, all equal")

# %% [markdown]
# ## Depth: how far from the entropy? (about 10 minutes)
#
# No code that looks at one symbol at a time can have fewer bits a symbol than the entropy. How
# much do whole bits cost, at quality 50 and at quality 5?

# %%
# NBVAL_CHECK_OUTPUT
print("over the entropy of the symbols:")
for name in images.SAMPLES:
    line = f"{name:10}"
    for quality in (5, 50, 95):
        b, f, _ = codec.unpack(jpeg.encode(images.sample(name), quality))
        ideal = spent = 0
        for c in scan.symbol_counts(b, f):
            if c.any():
                p = c[c > 0] / c.sum()
                ideal -= np.sum(c[c > 0] * np.log2(p))
                spent += c @ huffman.code_lengths(c)
        line += f"   quality {quality}: {spent / ideal - 1:+6.1%}"
    print(line)

# %% [markdown]
# At usual qualities Huffman's code is within two percent. At quality 5 it costs 9 to 38 percent. There one
# symbol makes 75 to 100 percent of each table of chroma, and 45 to 76 percent of each of luma. A symbol of probability far above one
# half is worth a small part of a bit, and still takes a whole one. A coder that needs no whole bits is in [lesson 20](20_bitstream.ipynb).
#
# And the entropy of the symbols is not the last word, either. It knows how often a symbol comes, and nothing of the place where it
# stands. Let coder and decoder count as they go, so that no table is sent, and count apart for each place along the zig-zag where the
# last number stood:


# %%
def places_and_symbols(block):
    """[(place of the last number that was not zero, symbol), ...] of the 63 AC of a block."""
    found, last = [], 0
    for k in np.flatnonzero(block[1:]) + 1:
        while k - last > 16:
            found.append((last, 0xF0))
            last += 16
        found.append((last, 16 * (k - last - 1) + abs(int(block[k])).bit_length()))
        last = k
    return found + [(last, 0)] if last < 63 else found


def adaptive_bits(pairs):
    """-log2 of each symbol's share among those seen before at the same place, summed."""
    counts, bits = np.full((64, 256), 0.01), 0
    for place, symbol in pairs:
        bits -= np.log2(counts[place, symbol] / counts[place].sum())
        counts[place, symbol] += 1
    return bits


# %%
# NBVAL_CHECK_OUTPUT
print("AC words of luma, against Huffman's bits:")
for name in images.SAMPLES:
    b, f, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    pairs = [p for one in frame.split(b, f)[0].reshape(-1, 64) for p in places_and_symbols(one)]
    c = scan.symbol_counts(b, f)[4]
    spent = c @ huffman.code_lengths(c)
    blind, placed = adaptive_bits([(0, s) for _, s in pairs]), adaptive_bits(pairs)
    print(f"{name:10} counted {blind / spent - 1:+5.1%}, by place {placed / spent - 1:+5.1%}")

# %% [markdown]
# Fractions of bits earn less than one percent here. Knowing the place earns 7 to 9 more. A model that knows
# more gives a lower entropy: that is the seed of half of this course ([19](19_why_the_prior_fits.ipynb)), and of programs
# that make JPEG files smaller without touching a pixel.
#
# Two smaller facts. The zig-zag brings the last number nearer:


# %%
# NBVAL_CHECK_OUTPUT
def last(rows):
    """Mean position of the last number that is not zero; rows: (n, 64)."""
    return np.mean([np.flatnonzero(row)[-1] if row.any() else 0 for row in rows])


for name in images.SAMPLES:
    b, f, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    rows = frame.split(b, f)[0].reshape(-1, 64)
    print(
        f"{name:10} row by row {last(rows[:, transform.NATURAL]):4.1f}, zig-zag {last(rows):4.1f}"
    )

# %% [markdown]
# And a difference of DC is cheaper than the DC:


# %%
# NBVAL_CHECK_OUTPUT
def bits_to_send(numbers):
    """Entropy of the sizes plus extra bits, per number."""
    sizes = np.array([bitstream.size_of(int(n)) for n in numbers])
    p = np.bincount(sizes) / sizes.size
    p = p[p > 0]
    return -np.sum(p * np.log2(p)) + sizes.mean()


for name in images.SAMPLES:
    b, f, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    order, member = frame.scan_order(f, (0, 1, 2))  # an MCU a row; member 0 is Y, 1 Cb, 2 Cr
    dc = b[order[:, member == 0].ravel(), 0].astype(int)
    print(
        f"{name:10} {bits_to_send(dc):.2f} bits as it is, {bits_to_send(np.diff(dc)):.2f} as difference"
    )

# %% [markdown]
# ## What you learnt
#
# - The zig-zag puts the zeros last; one EOB ends them all. ZRL is sixteen zeros inside.
# - A number is a size and as many extra bits; a negative one is $v + 2^n - 1$.
# - DC goes as a difference to the block before it in the file.
# - A word of $n$ bits takes $2^{-n}$ of the shelf. Huffman's tree joins the two rarest again and again; only the
#   lengths of the words travel. The mean is less than one bit above the entropy.
# - At quality 50 that is within two percent of the entropy of the symbols. It fails where a
#   symbol is worth less than one bit. Knowing the place of a symbol is worth more.
# - JPEG is three things in a row: linear transforms ([02](02_colour.ipynb), [03](03_dct.ipynb)), quantization ([04](04_quantization.ipynb)), and lossless coding (this lesson). Only the second loses
#   anything, apart from the subsampling of colour ([02](02_colour.ipynb)) and a little rounding.
#
# Our block is 73 bits now. Where in the file do they stand, and what stands around them? [Lesson 06](06_a_real_jpeg.ipynb).
#
# ## Further reading
#
# - ITU-T Recommendation T.81 (1992) | ISO/IEC 10918-1: F.1.2 (symbols), Annex C (code words), K.2 (lengths from
#   counts). [w3.org/Graphics/JPEG/itu-t81.pdf](https://www.w3.org/Graphics/JPEG/itu-t81.pdf)
# - D. A. Huffman, "A method for the construction of minimum-redundancy codes", *Proceedings of the IRE* 40(9),
#   1098–1101, 1952.
# - G. K. Wallace, "The JPEG still picture compression standard", *Communications of the ACM* 34(4), 30–44, 1991.
# - D. J. C. MacKay, *Information Theory, Inference, and Learning Algorithms*, Cambridge University Press, 2003,
#   chapter 5: the supermarket of code words, and Kraft's inequality.
