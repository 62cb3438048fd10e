# %% [markdown]
# # 06 · A real JPEG
#
# **Is it really a .jpg?**
#
# The next cell does not draw anything. It hands 12,952 bytes to the browser in which you read this,
# says "a JPEG", and leaves the rest to it.

# %% jupyter={"source_hidden": true}
import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image as Show
from PIL import Image

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, frame, scan, transform
from lic_teach.kit import mine
from lic_teach.kit.predict import Predict

# %%
photo = images.sample("chelsea")
data = jpeg.encode(photo, 50)
Show(data=data, format="jpeg", alt="The cat, decoded by the browser")

# %% [markdown]
# The browser has never heard of our encoder. All it needed stands in the file. Here it is, one square
# a byte, the first one at the upper left.

# %% jupyter={"source_hidden": true}
from lic_teach.course.a_real_jpeg import (
    byte_microscope_drawing,
    files,  # of the explorer further down
)

source = files.prepare(photo)
file_map = byte_microscope_drawing.draw_map(source.broken("ours", "none", (), 1))

figure, ax = plt.subplots(figsize=(7, 5.6))
ax.imshow(file_map, interpolation="nearest")
ax.set(title="12,952 bytes: first tables and headers, then the picture", xticks=[], yticks=[])
box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
ax.annotate(
    "start and JFIF (grey), quantization tables (green),\n"
    "frame header (violet), Huffman tables (pink), scan header (yellow)",
    xy=(64, 3),
    xytext=(64, 19),
    ha="center",
    bbox=box,
    arrowprops={"arrowstyle": "->", "lw": 2},
)
ax.text(64, 58, "the picture: the darker, the larger the byte", ha="center", bbox=box)
figure.tight_layout()

# %% [markdown]
# **After this lesson** you have written a JPEG encoder of your own, from colour to file, and can
# - walk through any .jpg from marker to marker and say what each part is for;
# - say what a wrong bit does, and what stops the damage;
# - explain why some pictures appear blurred first and become sharp.
#
# About 30 minutes.
#
# > **What you need from the lessons before.** A picture becomes luma and two chroma planes, chroma
# > halved ([02](02_colour.ipynb)). Each plane is cut into 8 × 8 blocks; a DCT ([03](03_dct.ipynb)) and a rounded division by
# > steps ([04](04_quantization.ipynb)) make 64 whole numbers of each, most of them 0. The first, DC, goes as the difference
# > to the block before. The others go along a zig-zag as symbols *(how many zeros, how many binary
# > digits)*. Frequent symbols get short code words, the digits themselves follow as *extra bits*, and
# > EOB ends a block ([05](05_entropy_coding.ipynb)). In the file four blocks of luma, one of Cb and one of Cr make an *MCU*.

# %% [markdown]
# ## From marker to marker
#
# A byte `FF` says: *look here*. The next byte says what comes. Both together are a **marker**:
#
# | bytes | name | what it means |
# |---|---|---|
# | `FF D8` | SOI | start of image |
# | `FF E0` … `FF EF` | APP0 … APP15 | whatever a program likes to keep here: the label JFIF, a camera's Exif, colour profiles |
# | `FF DB` | DQT | quantization tables ([lesson 04](04_quantization.ipynb)) |
# | `FF C0`, `FF C2` | SOF0, SOF2 | frame header: size and components; 0 is the usual kind, 2 is progressive |
# | `FF C4` | DHT | Huffman tables ([lesson 05](05_entropy_coding.ipynb)) |
# | `FF DA` | SOS | scan header; behind it stand the bits of the picture |
# | `FF D9` | EOI | end of image |
#
# A marker and what belongs to it is a **segment**. Behind most markers stand two bytes with its
# **length**, which counts them, but not the marker. `jpeg.container.parse` walks from one to the next:

# %%
# NBVAL_CHECK_OUTPUT
parts = jpeg.container.parse(data)
for part in parts:
    print(f"{part.offset:6,} {part.length:6,}  {part.name or '  ':5} {part.meaning}")

# %%
# NBVAL_CHECK_OUTPUT
header = next(part for part in parts if part.name == "SOF0")
print(data[header.offset : header.offset + header.length].hex(" ").upper())

# %% [markdown]
# | bytes | meaning |
# |---|---|
# | `FF C0` `00 11` | the marker, and a length of 17 |
# | `08` | 8 bits a sample |
# | `01 2C` `01 C3` | 300 lines, 451 pixels a line: 1 · 256 + 44, 1 · 256 + 195 |
# | `03` | three components |
# | `01 22 00` | component 1 is luma. It has 2 × 2 blocks in an MCU, and quantization table 0 |
# | `02 11 01` | component 2 is Cb: 1 × 1 block, table 1 |
# | `03 11 01` | component 3 is Cr: the same |
#
# "22" says that luma is twice as large as chroma in both directions. That is all there is of "4:2:0" in a file.
# All tables travel with the picture.

# %%
with Predict("How many bytes does a JPEG of one pixel take?", unit="bytes", near=80) as predict:
    one_pixel = jpeg.encode(photo[:1, :1], 50)
    predict.truth = len(one_pixel)

# %% [markdown]
# Nearly all of them are headers and tables. (The learned codec keeps its tables in the model, which both sides have:
# [lesson 20](20_bitstream.ipynb).)

# %% [markdown]
# ## FF in the picture
#
# Behind the scan header the bits of the picture come without any length. A reader looks for the next `FF`,
# and the bits of the picture can make a byte `FF`, too. So the encoder writes a `00` behind each of them,
# and the decoder throws it away: **byte stuffing**. And the bits seldom fill the last byte. The
# encoder fills it up with ones: no code word consists of ones alone, so nobody takes them for a symbol.
#
# ### ✎ 1 · `my_file`
#
# Make a file. You get the segments DHT, DQT, SOF0 and SOS ready to use, and the bits of the scan as a string of
# 0 and 1. Put them together so that Pillow opens the result: begin and end as a JPEG does, fill the last byte, stuff
# what must be stuffed. (`int("1011", 2)` is 11, and `(11).to_bytes(2, "big")` are the two bytes `00 0B`.)


# %%
from lic_teach.course.a_real_jpeg.exercises import check


def my_file(parts, bits):
    """parts: {"DHT": bytes, "DQT": ..., "SOF0": ..., "SOS": ...}; bits: "0110...". Return bytes."""
    # your lines here


check("my_file", my_file)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_file(parts, bits):
#     bits += "1" * (-len(bits) % 8)
#     scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
#     tables = parts["DQT"] + parts["SOF0"] + parts["DHT"]
#     return b"\xff\xd8" + tables + parts["SOS"] + scan + b"\xff\xd9"
# ```
#
# The APP0 segment with the letters JFIF is missing, and nobody minds. Strictly, it is that label which tells what
# three components mean: YCbCr, with chroma in the middle of its pixels ([lesson 02](02_colour.ipynb)). T.81 itself knows no colours.
#
# </details>

# %% [markdown]
# ## Your own encoder
#
# By now you have written nearly all of it. These are the pieces. What is in your `mine.py` is yours,
# what is missing there is the package's:

# %% jupyter={"source_hidden": true}
from lic_teach.course.a_real_jpeg import pieces
from lic_teach.jpeg import huffman, segments

to_ycbcr = mine.get("to_ycbcr", pieces.to_ycbcr)
down = mine.get("down", pieces.down)
dct_matrix = mine.get("dct_matrix", pieces.dct_matrix)
quantize = mine.get("quantize", pieces.quantize)
run_length = mine.get("run_length", pieces.run_length)
write_dqt = mine.get("dqt", pieces.dqt)
write_file = mine.get("my_file", pieces.my_file)

# %% [markdown]
# They are joined like this. First whatever loses something:


# %%
def planes(image):
    """uint8 (H, W, 3) -> Y, Cb, Cr of whole MCUs, chroma halved."""
    rows, columns = -image.shape[0] % 16, -image.shape[1] % 16
    whole = np.pad(image, ((0, rows), (0, columns), (0, 0)), mode="edge")
    y, cb, cr = to_ycbcr(whole)
    return y, down(cb), down(cr)


def numbers(plane, table):
    """A plane (H, W) -> its quantized coefficients (H/8, W/8, 64), zig-zag."""
    C, (height, width) = dct_matrix(8), plane.shape
    blocks = plane.reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2) - 128.0
    coefficients = (C @ blocks @ C.T).reshape(height // 8, width // 8, 64)
    return quantize(coefficients[..., transform.ZIGZAG], table.ravel()[transform.ZIGZAG])


# %% [markdown]
# Then what loses nothing. There are four code tables: DC and AC of luma, 0 and 4, DC and AC of chroma, 1 and 5.


# %%
def symbols_of(y, cb, cr):
    """What numbers() makes of three planes -> [(table, symbol, extra bits), ...], by MCUs."""
    found, before = [], [0, 0, 0]
    for row, column in np.ndindex(cb.shape[:2]):
        square = y[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(4, 64)
        blocks = [*square, cb[row, column], cr[row, column]]
        for part, block in zip((0, 0, 0, 0, 1, 2), blocks, strict=True):
            table = min(part, 1)
            for run, size, extra in run_length(block.tolist(), before[part]):
                found.append((table, 16 * run + size, extra))
                table = 4 + min(part, 1)  # after the first of a block all are AC
            before[part] = int(block[0])
    return found


def bits_of(found):
    """Symbols -> the bits of the scan, and the DHT segments that say the code words."""
    words, dht = {}, b""
    for number in sorted({table for table, _, _ in found}):
        counts = np.bincount([s for t, s, _ in found if t == number], minlength=256)
        table = huffman.table(huffman.code_lengths(counts))
        dht += segments.dht(number, table)
        word, length = huffman.codes(table)
        words |= {(number, int(s)): format(word[s], f"0{length[s]}b") for s in table.values}
    return "".join(words[table, s] + extra for table, s, extra in found), dht


# %% [markdown]
# ### ✎ 2 · `encoder`
#
# Join them. `pieces.tables(quality)` gives the standard's two tables of steps, int (8, 8), for luma and for
# both planes of chroma; `pieces.headers(image)` two of the four segments, SOF0 and SOS. `write_dqt(number, table)` makes a DQT
# segment: luma has the number 0, chroma 1, and the two are joined by `+`. `write_file(parts, bits)` is ✎ 1. What is
# missing: the numbers of the three planes, their symbols, the bits, and the file.


# %%
def my_encoder(image, quality):
    """image: uint8 (H, W, 3); quality: 1..100. Return the bytes of a .jpg."""
    # your lines here


check("encoder", my_encoder)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_encoder(image, quality):
#     luma, chroma = pieces.tables(quality)
#     sof0, sos = pieces.headers(image)
#     y, cb, cr = planes(image)
#     found = symbols_of(numbers(y, luma), numbers(cb, chroma), numbers(cr, chroma))
#     bits, dht = bits_of(found)
#     dqt = write_dqt(0, luma) + write_dqt(1, chroma)
#     return write_file({"DQT": dqt, "SOF0": sof0, "DHT": dht, "SOS": sos}, bits)
# ```
#
# </details>

# %% [markdown]
# Now a photograph of yours: write its name in the place of `photo`, `images.load("my_photo.jpg")`.
# Does the browser open *your* file? (While the exercise is open, this is the package's encoder.)

# %%
yours = mine.get("encoder", jpeg.encode)(photo, 50)
print(f"{len(yours):,} bytes; the package's has {len(jpeg.encode(photo, 50)):,}")
print(f"Pillow reads {Image.open(io.BytesIO(yours)).size} pixels")
Show(data=yours, format="jpeg", alt="The photograph, encoded by you, decoded by the browser")

# %% [markdown]
# ## The byte microscope
#
# The decoded picture, the file as a map, and a window into its bytes. Click a byte (the arrow keys work,
# too) and read what it says. Click a block of the cat and see its bytes. The names of the parts are buttons. And then
# break the file: *Sabotage* has seven ways, and each click on a bit under the window turns it round.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.course.a_real_jpeg.byte_microscope import ByteMicroscope

explorer = ByteMicroscope()
explorer

# %% [markdown]
# Press the buttons one after the other, and guess each time before you look. *Reset* makes the file whole again.
#
# Then upload a photograph. A .jpg of up to 128 kB and a million pixels is shown byte by byte, as *a stranger's*;
# anything else our encoder writes anew. From the notebook: `explorer.load("my_photo.jpg")`.

# %% [markdown]
# So: is it really a .jpg? Browser and Pillow say yes, of the package's file and of yours.
#
# **The question is answered. What follows is depth.**

# %% [markdown]
# ## Depth: which bit broke? (about 15 minutes)
#
# A photograph on an old disk, a cable with a loose contact: one bit is wrong. A bit of the scan is part of
# a code word, or it is an extra bit; of a DC difference, or of an AC number. That makes four kinds.

# %% jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
from lic_teach.course.a_real_jpeg import one_bit

kinds, places = one_bit.bit_kinds(data)
for number, name in enumerate(one_bit.KINDS):
    print(f"{name:13} {np.mean(kinds == number):4.0%} of all bits")

# %%
question = "One wrong bit of which kind spoils the fewest pixels?"
with Predict(question, one_bit.KINDS) as predict:
    rng = np.random.default_rng(0)
    print("one wrong bit   pixels wrong   blocks with wrong AC, median   in step again   noticed")
    means = {}
    for number, name in enumerate(one_bit.KINDS):
        some = rng.choice(places[kinds == number], 40, replace=False)
        found = [one_bit.flip(data, int(place)) for place in some]
        means[name] = np.mean([f.pixels for f in found])
        blocks = np.median([f.blocks for f in found])
        in_step, noticed = np.mean([(f.in_step, f.noticed) for f in found], 0)
        print(f"{name:14} {means[name]:10.1%} {blocks:20.0f} {in_step:25.0%} {noticed:13.0%}")
    predict.truth = min(means, key=means.get)

# %% [markdown]
# An extra bit of AC spoils one block, and nothing more: one number is a little wrong. An extra bit of DC
# spoils no AC at all, and still half of the picture, on average: every DC is a difference, so all
# blocks of its plane after it are too bright or too dark (or too blue, too red) by the same amount.
#
# A wrong code word should be the worst. The decoder reads another word, perhaps a shorter one, and is out of step with
# the words that follow. But look at the median: a few blocks of 3,306. **Huffman codes fall back into step by
# themselves.** A decoder that is out of step reads wrong words, until by chance it ends a word where a true one
# ends. In about two of three cases that is the end of it: from there on all is right, but for the DC, which has taken a
# wrong difference along. So most of what you see of a wrong bit is DC.
#
# And the third case? An EOB was lost on the way, or one too many was read. Then a block of luma is read with the words of
# chroma, and it is out of step again. In the end come bits that are no word at all, or too few bits, and *that* is what
# a decoder notices.
#
# Against this there are **restart markers**, `FF D0` to `FF D7`, numbered over and over. At each of them the decoder
# begins anew: at a whole byte, and with 0 as the DC before. A segment DRI, `FF DD`, says how many MCUs apart they are;
# here it is one row.


# %%
# NBVAL_CHECK_OUTPUT
def decode_anyway(data):
    """The picture as far as it can be decoded, and whether the decoder complained."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        return jpeg.decode(data, strict=False), bool(said)


def one_bit_wrong(data, times=60):
    """Share of wrong pixels and whether it was noticed, for random single bits of the scan."""
    rng = np.random.default_rng(6)
    scan = [s for s in jpeg.container.parse(data) if s.name == ""]
    places = np.concatenate([np.arange(s.offset, s.offset + s.length) for s in scan])
    good, shares, noticed = jpeg.decode(data), [], []
    for _ in range(times):
        broken = bytearray(data)
        broken[rng.choice(places)] ^= 1 << rng.integers(8)
        picture, complaint = decode_anyway(bytes(broken))
        shares.append((picture != good).any(-1).mean())
        noticed.append(complaint)
    return f"{np.mean(shares):3.0%} wrong, noticed {np.mean(noticed):3.0%}"


for name in images.SAMPLES:
    x = images.sample(name)
    row = -(-x.shape[1] // 16)  # MCUs
    plain, restarts = (jpeg.encode(x, 50, restart_interval=n) for n in (0, row))
    print(f"{name:10}{len(plain):7,} bytes: {one_bit_wrong(plain)}", end="   ")
    print(f"restarts {len(restarts) - len(plain):+4} bytes: {one_bit_wrong(restarts)}")

# %% [markdown]
# One wrong bit in a hundred thousand or more spoils 18 to 29 percent of the picture, on average over all kinds. With fewer than a hundred bytes
# of restart markers it is one or two percent. And at least seven times out of ten the decoder notices nothing:
# nearly any bits are code words of *something*. JPEG has no checksum. (The .lic files of this course have one.)
#
# Nothing in a file says where a block begins, either. In [lesson 05](05_entropy_coding.ipynb) our block at the rim of the cat's eye became 73
# bits. To find them, throw the stuffed zeros away and look for them in the whole scan:

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.kit.file_block import file_block

bits_of_picture = next(part for part in parts if part.name == "")
coded = data[bits_of_picture.offset : bits_of_picture.offset + bits_of_picture.length]
block_bits = "".join(s.code + s.extra for s in file_block(11, 24))
clean = coded.replace(b"\xff\x00", b"\xff")
stream = "".join(format(byte, "08b") for byte in clean)
at = stream.find(block_bits)

print(
    len(block_bits),
    "bits, found",
    stream.count(block_bits),
    "time, at bit",
    f"{at:,} of {len(stream):,}",
)

# %% [markdown]
# Once. Now count back to the file: the scan begins at byte 337, and some stuffed zeros come before our block.

# %%
# NBVAL_CHECK_OUTPUT
stuffed = clean[: at // 8].count(b"\xff")
byte = bits_of_picture.offset + at // 8 + stuffed

mcu = 5 * 29 + 12  # row 5 and column 12 of the MCUs, 29 in a row: two block rows and columns each
number = 6 * mcu + 2  # 4 luma blocks, Cb and Cr an MCU; ours is the lower left one
np.testing.assert_allclose(8 * byte + at % 8, jpeg.trace(data, number)[0].bit)

print(f"{stuffed} stuffed zeros before it; it begins at byte {byte:,}, bit {at % 8}")
print(data[byte : byte + 10].hex(" ").upper())

# %% [markdown]
# Ten bytes. The block begins at the third bit of the first one (bit 2, since bits count from 0) and ends at the third
# bit of the last. `jpeg.trace` finds block number 944 by reading the 944 before it, 0 to 943, symbol by symbol. There is no
# other way: nothing in the file says where a block begins.

# %% [markdown]
# ## Depth: coarse first (about 15 minutes)
#
# When a picture took half a minute to arrive, the order mattered. A usual JPEG, a *sequential* one, then fills from the
# top, block by block. A **progressive** one sends the same coefficients in another order, in several **scans**, each
# over the whole picture:
#
# - *Spectral selection*: first DC of all blocks, then AC 1 to 5 of luma, then the rest.
# - *Successive approximation*: first the upper binary digits of each coefficient, then one digit more, then the last.
#
# Think of all numbers of luma as a sheet: coefficients across, binary digits up. Each scan sends a
# rectangle of it.

# %% jupyter={"source_hidden": true}
progressive = jpeg.encode(photo, 50, progressive=True)
_, layout, _ = codec.unpack(progressive)

figure, ax = plt.subplots(figsize=(8.4, 3.2))
for k, part in enumerate(scan.script(layout), 1):
    if 0 in part.members:  # luma
        top = part.high if part.high else 6
        left, right = part.first**0.5, (part.last + 1) ** 0.5  # a root: DC is one of 64
        shade = plt.cm.Oranges(0.75 - 0.08 * k)
        size = right - left, top - part.low
        ax.add_patch(plt.Rectangle((left, part.low), *size, fc=shade, ec="black"))
        ax.text(left + size[0] / 2, part.low + size[1] / 2, f"scan {k}", ha="center", va="center")
marks = np.array([0, 1, 2, 6, 16, 36, 64])
ax.set(xlim=(0, 8), ylim=(0, 6), xticks=marks**0.5, xticklabels=marks, yticks=np.arange(6) + 0.5)
ax.set(xlabel="coefficient along the zig-zag, 0 is DC", ylabel="binary digit, 0 the lowest")
ax.set_yticklabels(["0", "1", "2", "3", "4", "5 …"])
ax.set_title("Luma: which scan sends which digits of which coefficients")
figure.tight_layout()

# %%
# NBVAL_CHECK_OUTPUT
print("scan                                                              our block")
scans = [s for s in jpeg.container.parse(progressive) if s.name == "SOS"]
for k, scan_header in enumerate(scans, 1):
    blocks, *_ = codec.unpack(progressive, scans=k)
    block = frame.split(blocks, layout)[0][11, 24]
    print(f"{k:2} {scan_header.meaning[8:]:62}", *block[:6])

# %% [markdown]
# The components are 1 luma, 2 Cb, 3 Cr. Coefficient 0 is DC. "Down to bit 2" means that each number comes without its
# lowest two binary digits; "bit 1" alone, that this one digit follows. So after scan 2 our −15 (1111 in binary) is
# known as −12 (1100), and −3 as 0. After scan 6 they are −14 (1110) and −2, after the last −15 and −3. The end is the
# same as ever, to the last bit:

# %%
np.testing.assert_array_equal(jpeg.decode(progressive), jpeg.decode(data))

# %% [markdown]
# You have the first quarter of each file. What do you see?

# %%
quarter = [decode_anyway(one[: len(one) // 4])[0] for one in (data, progressive)]

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4))
titles = ("a quarter of the sequential file", "a quarter of the progressive file")
for ax, picture, title in zip(axes, quarter, titles, strict=True):
    ax.imshow(picture)
    ax.set(title=title, xticks=[], yticks=[])
figure.tight_layout()

# %%
shares = np.linspace(0.05, 1, 20)
figure, ax = plt.subplots(figsize=(6.5, 3.8))
for name, one, look, place in (
    ("progressive", progressive, {"color": "#d9730d"}, (0.28, 31)),
    ("sequential", data, {"color": "#d9730d", "ls": "--"}, (0.5, 16)),
):
    psnr = [metrics.psnr(photo, decode_anyway(one[: int(s * len(one))])[0]) for s in shares]
    ax.plot(100 * shares, psnr, lw=2, **look)
    ax.annotate(name, (100 * place[0], place[1]), color="#d9730d")
ax.set(xlabel="part of the file, %", ylabel="PSNR (RGB), dB")
ax.set_title("Half a progressive file is a whole picture")
figure.tight_layout()

# %% [markdown]
# (The stripe under the cat's chin, on the right, is the block in which the file was cut.)
#
# What does the other order cost?

# %%
# NBVAL_CHECK_OUTPUT
print("progressive against sequential, bytes:")
for name in images.SAMPLES:
    line = f"{name:10}"
    for quality in (10, 50, 90):
        sizes = [
            len(jpeg.encode(images.sample(name), quality, progressive=p)) for p in (False, True)
        ]
        line += f"   quality {quality}: {sizes[1] / sizes[0] - 1:+5.1%}"
    print(line)

# %% [markdown]
# There are more tables, but each is made
# for its own scan, and runs of empty blocks are one symbol. At quality 90 the progressive file is even
# smaller; small or coarse files pay for the tables.
#
# ### ✎ 3 · `first_scans`
#
# A progressive file holds all its smaller versions. Cut one after its first $k$ scans, so that what is left is a
# whole JPEG again. `jpeg.container.parse` helps; the bits of a scan are the part with an empty name.


# %%
def first_scans(data, k):
    """data: a progressive file, without restart markers; k: from 1 on. Return bytes."""
    # your lines here


check("first_scans", first_scans)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def first_scans(data, k):
#     ends = [s.offset + s.length for s in jpeg.container.parse(data) if s.name == ""]
#     return data[: ends[k - 1]] + b"\xff\xd9"
# ```
#
# </details>

# %% [markdown]
# ## Depth: strangers (about 13 minutes)
#
# It works in the other direction, too. matplotlib brings a photograph of Grace Hopper along, and scikit-image one of a
# rocket, both as .jpg. Nobody made them for us. What does our decoder make of them, and what does Pillow's, which is
# libjpeg?

# %%
from importlib.resources import files as package_files

import matplotlib

with open(f"{matplotlib.get_data_path()}/sample_data/grace_hopper.jpg", "rb") as file:
    strangers = {"grace_hopper.jpg": file.read()}
strangers["rocket.jpg"] = (package_files("skimage.data") / "rocket.jpg").read_bytes()

for name, one in strangers.items():
    ours = jpeg.decode(one)
    theirs = np.array(Image.open(io.BytesIO(one)))
    difference = np.abs(ours.astype(int) - theirs)
    print(f"{name}: {len(one):,} bytes, {ours.shape[1]} x {ours.shape[0]} pixels")
    print(
        f"  {np.mean(difference == 0):.0%} of the samples are equal, the largest difference is {difference.max()}"
    )
    for part in jpeg.container.parse(one):
        if part.name in ("APP2", "COM", "SOF0"):
            print(f"  {part.name:5} {part.meaning}")

# %% [markdown]
# The same picture, up to a few grey levels here and there. The standard says what the numbers in the file are, to the
# last bit. It does not say how to round inside the inverse DCT, nor how to enlarge chroma, and libjpeg computes in
# integers.
#
# And how do others read *our* files? All four photographs, sequential, progressive and with restart markers:

# %%
worst = 0
for name in images.SAMPLES:
    for options in ({}, {"progressive": True}, {"restart_interval": 10}, {"subsampling": "4:4:4"}):
        one = jpeg.encode(images.sample(name), 75, **options)
        theirs = np.array(Image.open(io.BytesIO(one)))
        worst = max(worst, np.abs(jpeg.decode(one).astype(int) - theirs).max())
print("16 files opened by Pillow, the largest difference is", worst)

# %% [markdown]
# How does `parse` find its way? It needs fifteen lines. Behind the scan header there is no length, so it looks for
# the next `FF`; there, `FF 00` does not count, nor do the restart markers.


# %%
def walk(data):
    """[(offset, length, marker), ...] of a file; marker 0 for the bits of the picture."""
    found, position = [], 0
    while position < len(data):
        marker = data[position + 1]
        if marker in (0xD8, 0xD9):
            length = 2
        else:
            length = 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        found.append((position, length, marker))
        position += length
        if marker == 0xDA:
            start = position
            while data[position] != 0xFF or data[position + 1] in (0, *range(0xD0, 0xD8)):
                position += 1
            found.append((start, position - start, 0))
    return found


# Does the package cut the files in the same places? Ours and Pillow's, sequential and progressive.
files = []
for name in images.SAMPLES:
    for progressive in (False, True):
        files.append(jpeg.encode(images.sample(name), 50, progressive=progressive))
        buffer = io.BytesIO()
        Image.fromarray(images.sample(name)).save(buffer, "JPEG", progressive=progressive)
        files.append(buffer.getvalue())

for one in files:
    theirs = [(s.offset, s.length) for s in jpeg.container.parse(one)]
    np.testing.assert_allclose([part[:2] for part in walk(one)], theirs)
print(len(files), "files, the same parts")

# %% [markdown]
# And what stands in a Huffman table? The first one of the cat, for DC of luma, is this:

# %%
# NBVAL_CHECK_OUTPUT
dht = next(part for part in parts if part.name == "DHT")
print(data[dht.offset : dht.offset + dht.length].hex(" ").upper())

# %% [markdown]
# | bytes | meaning |
# |---|---|
# | `FF C4` `00 1A` | the marker, and a length of 26 |
# | `00` | upper digit 0: DC (1 is AC); lower digit 0: table 0, which luma uses |
# | `00 02 03 01 01` and eleven times `00` | no word of one bit, two of two bits, three of three, one of four, one of five |
# | `03 04` `01 02 05` `00` `06` | the symbols in this order: the sizes of the differences |
#
# The words are not there. Both sides count them up ([lesson 05](05_entropy_coding.ipynb)): 00, 01, 100, 101, 110, 1110, 11110. So size 4 is 01, and with 01
# our block began.

# %% [markdown]
# ### ✎ 4 · `dqt`
#
# Write one segment yourself: a quantization table. Behind marker and length stands one byte with the number of the
# table, then the 64 steps, one byte each, in zig-zag order. `transform.ZIGZAG[k]` says where coefficient k stands in
# the table read row by row. (`bytes([5, 7])` makes two bytes.)

# %%
print("the zig-zag begins", transform.ZIGZAG[:6].tolist())


def my_dqt(number, table):
    """number: 0..3; table: int (8, 8). Return the bytes of the segment."""
    # your lines here


check("dqt", my_dqt)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_dqt(number, table):
#     steps = bytes(table.ravel()[transform.ZIGZAG].tolist())
#     return b"\xff\xdb" + (2 + 1 + 64).to_bytes(2, "big") + bytes([number]) + steps
# ```
#
# `to_bytes(2, "big")` writes a number into two bytes, the high one first.
#
# </details>

# %% [markdown]
# ## What you learnt
#
# - A JPEG is a chain of segments. `FF` and a code begin each; most say how long they are. All tables travel in the file.
# - In the bits of the picture, `FF` is written `FF 00`, and ones fill the last byte.
# - Some fifty lines make an encoder whose files every program opens.
# - Nothing says where a block begins. One wrong bit can spoil all that follows, mostly through DC, up to the next restart
#   marker, and is rarely noticed.
# - A progressive file sends the same numbers coarse first, in several scans. Cut short, it is still a whole picture.
#
# Our codec is a real one now. Is it a *good* one? How does one compare two codecs at all? [Lesson 07](07_rate_distortion.ipynb).
#
# ## Further reading
#
# - ITU-T Recommendation T.81 (1992) | ISO/IEC 10918-1: Annex B (markers and segments), F.1.2.3 (byte stuffing), Annex G (progressive).
#   [w3.org/Graphics/JPEG/itu-t81.pdf](https://www.w3.org/Graphics/JPEG/itu-t81.pdf)
# - E. Hamilton, *JPEG File Interchange Format*, version 1.02, 1992. [w3.org/Graphics/JPEG/jfif3.pdf](https://www.w3.org/Graphics/JPEG/jfif3.pdf)
# - W. B. Pennebaker, J. L. Mitchell, *JPEG: Still Image Data Compression Standard*, Van Nostrand Reinhold, 1993.
# - O. Shehata, "Unraveling the JPEG", *Parametric Press* 1, 2019: a file to break in the browser.
#   [parametric.press/issue-01/unraveling-the-jpeg](https://parametric.press/issue-01/unraveling-the-jpeg/)
