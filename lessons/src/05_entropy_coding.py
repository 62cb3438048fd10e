# %% [markdown]
# # 05 · Entropy coding
#
# **How do numbers become bits?**
#
# [Lesson 04](04_quantization.ipynb) left nine whole numbers and 55 zeros of our block at the rim of the cat's eye. Here they
# are, and beside them what stands in the file.

# %%
import heapq

import matplotlib.pyplot as plt
import numpy as np

from lic_teach import images, jpeg
from lic_teach.jpeg import bitstream, codec, frame, huffman, scan, symbols, transform
from lic_teach.kit.file_block import file_block

data = jpeg.encode(images.sample("chelsea"), 50)
blocks, layout, tables = codec.unpack(data)
luma = frame.split(blocks, layout)[0]  # (block rows, block columns, 64), zig-zag
block = luma[11, 24]
found = file_block(11, 24)  # its symbols, read out of the file

figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
axes[0].imshow(block[transform.NATURAL].reshape(8, 8) != 0, cmap="Oranges", vmin=0, vmax=2)
row, column = np.divmod(transform.ZIGZAG, 8)
axes[0].plot(column, row, color="gray", lw=1)
for k in range(64):
    axes[0].text(column[k], row[k], block[k], ha="center", va="center")
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

# %%
# NBVAL_CHECK_OUTPUT
bits = "".join(s.code + s.extra for s in found)
print(bits)
print(len(found), "symbols,", len(bits), "bits")

# %% [markdown]
# The 64 pixels of the block, 8 bits each, were 512 bits. Nothing more is lost from here on: the decoder
# gets the very same 64 numbers.
#
# **After this lesson** you can
# - turn a block into symbols and bits as JPEG does, and read it back by hand;
# - grow a Huffman tree from counts, and deal out its code words;
# - say how many bits a file could have had at best, and where JPEG misses that.
#
# You need [lesson 04](04_quantization.ipynb), and the entropy of [lesson 01](01_redundancy.ipynb). About 30 minutes.

# %% [markdown]
# ## Along a zig-zag
#
# A block is a square, a file is a line. In which order do the 64 numbers go? Most zeros are at the lower
# right. If they come last, one word can say: *nothing but zeros from here*.
#
# So JPEG walks from corner to corner along the diagonals, and turns at each edge. On the diagonal
# $v + u = d$ it goes down if $d$ is odd, up if it is even:

# %%
cells = [(v, u) for v in range(8) for u in range(8)]
cells.sort(key=lambda cell: (sum(cell), cell[0] if sum(cell) % 2 else -cell[0]))
mine = [8 * v + u for v, u in cells]

np.testing.assert_allclose(mine, transform.ZIGZAG)
print(mine[:10])

# %% [markdown]
# **Predict:** where does the last number that is not zero stand, on average, row by row and along the
# zig-zag?


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
# Along the zig-zag the zeros at the end come much sooner. The package keeps all blocks in this order.

# %% [markdown]
# ## A number in two parts
#
# Small numbers are frequent, large ones rare. JPEG writes a number $v$ in two parts. The **size** $n$ is how many
# binary digits $|v|$ has. Then come $n$ **extra bits** that say which of the numbers of this size it is:
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
# ### ✎ 1 · `amplitude`
#
# Write the extra bits of any number. (`format(5, "04b")` is "0101".)

# %%
from lic_teach.course.entropy_coding.exercises import check


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
# ## DC: only the difference
#
# The DC coefficient is the mean of its block, times eight, in steps. Neighbours are alike ([lesson 01](01_redundancy.ipynb)), so JPEG sends the
# difference to the block before it *in the file*. Chroma has half the size ([lesson 02](02_colour.ipynb)), so the file goes
# by squares of 2 × 2 luma blocks, then one Cb and one Cr. Such a group is an **MCU**, a minimum coded unit.
#
# The four go row by row: upper left, upper right, lower left, lower right. Ours, in block row 11, is the lower left one. Before
# it comes the upper right one, block row 10, column 25.

# %%
# NBVAL_CHECK_OUTPUT
difference = int(block[0]) - int(luma[10, 25, 0])
print(f"DC {block[0]}, before it {luma[10, 25, 0]}: difference {difference}")
print("in the file: size", found[0].size, "extra bits", found[0].extra)

# %% [markdown]
# −12 has size 4, and −12 + 16 − 1 = 3 is 0011. This is one block where the difference is larger than the number
# itself: an edge runs here. **Predict:** what does it do on average?


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
# ## AC: how many zeros, then which size
#
# For the other 63 the zeros between the numbers matter. One symbol (run, size) says: so many zeros, then
# a number of this size. Its extra bits follow. Two symbols are special:
#
# - **EOB**, end of block: all that is left is zero. It stands only where there *are* zeros at the end.
# - **ZRL**: sixteen zeros. A run has four bits and ends at 15; if more zeros come before a number, ZRL goes
#   first.
#
# A symbol is one byte, 16 · run + size. EOB is 0x00, ZRL is 0xF0. **Predict** the symbols of our block:
# −8, −15, 16, −3, 8, −4, 0, 0, −1, 1, then 14 zeros, −1, and zeros to the end.


# %%
def naive(block, before):
    """64 numbers and the DC before -> [(16 * run + size, extra bits as a number), ...]."""
    out, run = [], 0
    block = [int(value) for value in block]
    for k, value in enumerate([block[0] - int(before), *block[1:]]):
        if value == 0 and k > 0:
            run += 1
            continue
        while run > 15:
            out.append((0xF0, 0))
            run -= 16
        size = abs(value).bit_length()
        out.append((16 * run + size, value if value >= 0 else value + 2**size - 1))
        run = 0
    return out + [(0, 0)] if run else out


mine = naive(block, luma[10, 25, 0])
print([divmod(symbol, 16) for symbol, _ in mine])

# %% [markdown]
# Does it do the same as the package? Compare every symbol and all extra bits of four photographs. Symbols of different
# kinds have code tables of their own, and the package counts them apart: it adds 256 times the number of the table, 0 for DC
# and 4 for AC of luma, 1 and 5 of chroma.

# %%
# NBVAL_CHECK_OUTPUT
for name in images.SAMPLES:
    b, f, _ = codec.unpack(jpeg.encode(images.sample(name), 50))
    order, member = frame.scan_order(f, (0, 1, 2))
    before, stream = [0, 0, 0], []
    for mcu in order:
        for number, m in zip(mcu, member, strict=True):
            dc, *ac = naive(b[number], before[m])
            before[m] = int(b[number, 0])
            table = min(int(m), 1)
            stream.append((256 * table + dc[0], dc[1]))
            stream += [(1024 + 256 * table + symbol, extra) for symbol, extra in ac]
    theirs = scan.symbol_stream(b, f, scan.script(f)[0])
    np.testing.assert_array_equal(np.array(stream).T, theirs)
    print(f"{name:10} {len(stream):6,} symbols, all equal")

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
# ### ✎ 2 · `run_length`
#
# This coder has three bugs. Each is a mistake that real programs made. Find them and mend the code. The check
# says how many are mended, and has a hint at the next.


# %%
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
# ## Short words for frequent symbols
#
# Extra bits are written as they are. The symbols get **code words**, and the frequent ones the short ones. How
# often does each occur?

# %%
counts = scan.symbol_counts(blocks, layout)[4]  # the AC symbols of luma
first = np.argsort(-counts, kind="stable")[:16]
names = [{0: "EOB", 0xF0: "ZRL"}.get(s, f"({s >> 4}, {s & 15})") for s in first.tolist()]

figure, ax = plt.subplots(figsize=(9, 3))
ax.bar(names, 100 * counts[first] / counts.sum(), color="#d9730d")
ax.tick_params(axis="x", labelrotation=60)
ax.set(ylabel="share, %", title="A few symbols make up nearly everything")
figure.tight_layout()

# %% [markdown]
# No code word may be the beginning of another, or the decoder could not tell where one ends. Draw the words as
# paths in a tree, 0 to the left and 1 to the right: then each word ends at a leaf. David Huffman found in
# 1952 which tree is the best: *join the two rarest, and repeat*.


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
# Change the counts and watch the tree. Stop it half-way with *Joins*. The table shows the words that
# JPEG would use. They are as long as the paths in the tree, but not always equal to them; the next section
# tells why, and *canonical* shows their tree.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.entropy_coding.huffman_tree import HuffmanTree

tree = HuffmanTree()
tree

# %% [markdown]
# JPEG adds two rules: no word is longer than 16 bits, and none is all ones (the standard keeps those free, as the beginning of
# longer words). The package's
# `huffman.code_lengths` keeps them with a trick of the standard: one more symbol, seen once, takes the word of
# ones and is struck out in the end (T.81 K.2). With that symbol our tree must cost the same:

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

# %% [markdown]
# ## Only the lengths travel
#
# The decoder needs the same words. Sending the tree is not needed. Sort the symbols by length and **count up**;
# where the length grows, append zeros. Such a code is *canonical*. The file holds only how many words
# there are of each length, 16 bytes, and the symbols in their order.


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
# ### ✎ 3 · `by_hand`
#
# Now you are the decoder. These are the bits of another block of the cat, the DC of the block before
# it, and the code words that occur. Read them with a pencil.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.entropy_coding.exercises import puzzle

bits, before, hidden = puzzle()
print("bits:", bits)
print("DC of the block before:", before)
for s in sorted(set(s[1:2] + s[3:6] for s in hidden), key=lambda s: (s[1] != "DC", s[0])):
    code, name, run, size = s
    print(f"{name:3} {code:8} " + ("" if name == "EOB" else f"run {run}, size {size}"))

# %%
from lic_teach.course.entropy_coding.exercises import check

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
# ## How far from the entropy?
#
# No code that looks at one symbol at a time can have fewer bits a symbol than the entropy. **Predict:** how
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
# At usual qualities Huffman's code is within two percent. At quality 5 it costs 9 to 38 percent: nearly all blocks of
# chroma are empty there, EOB is almost certain and worth a small part of a bit, and still takes a whole
# one. A coder that needs no whole bits is in [lesson 17](17_bitstream.ipynb).
#
# What do the bits of our file consist of?

# %%
# NBVAL_CHECK_OUTPUT
c = scan.symbol_counts(blocks, layout)
code = sum(int(row @ huffman.code_lengths(row)) for row in c if row.any())
extra = int((c.ravel() * symbols.EXTRA_LENGTHS[:2048]).sum())  # how often, times how many
print(f"code words {code:6,} bits")
print(f"extra bits {extra:6,} bits")
print(f"the file   {8 * len(data):6,} bits, the rest is headers, tables and filling")

# %% [markdown]
# A third are extra bits, and those are not coded at all. And the entropy above is not the last word: it knows only
# how often a symbol comes, not what stood in the blocks around it. A model that knows more gives a lower
# entropy. The learned codec's model is learned (lessons [12](12_bits_from_probability.ipynb) and [16](16_why_the_prior_fits.ipynb)).

# %% [markdown]
# ## What you learnt
#
# - The zig-zag puts the zeros last; one EOB ends them all. ZRL is sixteen zeros inside.
# - A number is a size and as many extra bits; a negative one is $v + 2^n - 1$.
# - DC goes as a difference to the block before it in the file.
# - Huffman's tree joins the two rarest again and again; only the lengths of the words travel.
# - At quality 50 that is within two percent of the entropy of the symbols. It fails where a
#   symbol is worth less than one bit.
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
