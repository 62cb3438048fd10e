# %% [markdown]
# # 06 · A real JPEG
#
# **Is it really a .jpg?**
#
# In [lesson 05](05_entropy_coding.ipynb) the numbers became bits. A file is more than bits in a row: whoever opens it has never heard
# of our encoder. The next cell does not draw anything. It hands 12,952 bytes to the browser in which you read
# this, says "a JPEG", and leaves the rest to it.

# %%
import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image as Show
from PIL import Image

from lic_teach import images, jpeg, metrics
from lic_teach.jpeg import codec, frame, transform

photo = images.sample("chelsea")
data = jpeg.encode(photo, 50)
Show(data=data, format="jpeg", alt="The cat, decoded by the browser")

# %% [markdown]
# The browser found the size, the tables, the code words and the pixels. Everything it needed stands
# in the file. Here is the file itself, one square a byte, the first one at the upper left.

# %%
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
# **After this lesson** you can
# - walk through any .jpg from marker to marker and say what each part is for;
# - write a segment, and a whole file, that other programs open;
# - say what a wrong bit does, and what stops the damage;
# - explain why some pictures appear blurred first and become sharp.
#
# You need [lesson 05](05_entropy_coding.ipynb), and about 30 minutes.

# %% [markdown]
# ## From marker to marker
#
# [Lesson 04](04_quantization.ipynb) read the quantization tables of a camera's file. The rest is built the same way. A byte `FF` says:
# *look here*. The next byte says what comes. Both together are a **marker**:
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
# A marker and what belongs to it is a **segment**. Behind most markers stand two bytes with its **length**. They
# count themselves, not the marker. SOI and EOI stand alone. Behind the scan header the bits of the picture come
# without any length, so the reader looks for the next marker. There, `FF 00` does not count, nor do `FF D0` to
# `FF D7`. Further down you see why.


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
# From here on the package's `jpeg.container.parse` does it. It also says what each part means:

# %%
# NBVAL_CHECK_OUTPUT
parts = jpeg.container.parse(data)
for part in parts:
    print(f"{part.offset:6,} {part.length:6,}  {part.name or '  ':5} {part.meaning}")

# %% [markdown]
# Twelve parts. Look at the frame header, byte by byte:

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
#
# All parts but the picture itself have 339 bytes together, 2.6 percent of the file. **Predict:** how many bytes does
# a picture of one pixel take?

# %%
# NBVAL_CHECK_OUTPUT
rest = sum(part.length for part in parts if part.name)
print(f"the cat: {rest} of {len(data):,} bytes are not picture, {rest / len(data):.1%}")
for size in (1, 16, 64):
    small = jpeg.encode(images.centre_crop(photo, size), 50)
    rest = sum(part.length for part in jpeg.container.parse(small) if part.name)
    print(f"{size:2} x {size:2} pixels: {rest} of {len(small):,} bytes, {rest / len(small):.0%}")

# %% [markdown]
# A JPEG carries its tables with it, for one pixel as for a million. The learned codec of this course keeps its tables
# in the model, which both sides have, and its header takes 15 bytes ([lesson 17](17_bitstream.ipynb)).

# %% [markdown]
# ### ✎ 1 · `dqt`
#
# Write one segment yourself: a quantization table. Behind marker and length stands one byte with the number of the
# table, then the 64 steps, one byte each, in zig-zag order. `transform.ZIGZAG[k]` says where coefficient k stands in
# the table read row by row.

# %%
from lic_teach.course.a_real_jpeg.exercises import check

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
# `bytes([5, 7])` makes two bytes. `to_bytes(2, "big")` writes a number into two bytes, the high one first.
#
# </details>

# %% [markdown]
# ## FF in the picture
#
# A reader that looks for the next `FF` has a problem: the bits of the picture can make a byte `FF`, too. So the encoder
# writes a `00` behind each of them, and the decoder throws it away. This is **byte stuffing**.
#
# **Predict:** if all 256 bytes were equally frequent, how many `FF` would there be in the 12,613 bytes of the scan?

# %%
# NBVAL_CHECK_OUTPUT
bits_of_picture = next(part for part in parts if part.name == "")
coded = data[bits_of_picture.offset : bits_of_picture.offset + bits_of_picture.length]
print("FF:", coded.count(b"\xff"), " followed by 00:", coded.count(b"\xff\x00"))
print(f"expected: {len(coded) / 256:.0f}")

# %%
# NBVAL_CHECK_OUTPUT
for name in images.SAMPLES:
    one = jpeg.encode(images.sample(name), 50)
    scan = next(part for part in jpeg.container.parse(one) if part.name == "")
    count = one[scan.offset : scan.offset + scan.length].count(b"\xff")
    print(f"{name:10} {count:3} FF, expected {scan.length / 256:.0f}")

# %% [markdown]
# A third fewer. No code word consists of ones only ([lesson 05](05_entropy_coding.ipynb)), and that makes eight ones in a row rare.
#
# That rule has one more use. The bits of the picture seldom fill the last byte. The encoder fills it up with ones. Since ones
# alone are no code word, a decoder cannot take them for a symbol.
#
# ### ✎ 2 · `my_file`
#
# Now make a file. You get the segments DHT, DQT, SOF0 and SOS ready to use, and the bits of the scan as a string of
# 0 and 1. Put them together so that Pillow opens the result: begin and end as a JPEG does, fill the last byte, stuff
# what must be stuffed. (`int("1011", 2)` is 11.)


# %%
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
# ## Our block's 73 bits
#
# In [lesson 05](05_entropy_coding.ipynb) our block at the rim of the cat's eye became 73 bits. Where are they? Throw the stuffed zeros away, write
# the scan as one long string of 0 and 1, and look for them.

# %%
# NBVAL_CHECK_OUTPUT
from lic_teach.kit.file_block import file_block

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
# ## The byte microscope
#
# Here is everything at once: the decoded picture, the file as a map, and a window into its bytes. Click a byte in the
# map or in the window (the arrow keys work, too) and read what it says. Click a block of the cat and see its bytes.
# The names of the parts are buttons: they jump to the next part of that kind.
#
# And then break the file. *Sabotage* has seven ways to do it with one click. Or click the bits under the window: each
# click turns one round. Our decoder shows at once what it makes of it.

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
# ## One wrong bit
#
# A photograph on an old disk, a cable with a loose contact: one bit is wrong. The decoder reads a wrong code word,
# perhaps a shorter one, and is out of step. And each DC is a difference, so a wrong one shifts all blocks after it.
#
# Against this there are **restart markers**, `FF D0` to `FF D7`, numbered over and over. At each of them the decoder
# begins anew: at a whole byte, and with 0 as the DC before. A segment DRI, `FF DD`, says how many MCUs apart they are;
# here it is one row.
#
# **Predict:** turn one random bit of the scan round. Which share of the pixels is wrong, on average? And how often does
# the decoder notice at all?


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
# One wrong bit in a hundred thousand or more spoils 18 to 29 percent of the picture, on average. With fewer than a hundred bytes
# of restart markers it is one to three percent. And at least seven times out of ten the decoder notices nothing:
# nearly any bits are code words of *something*, and JPEG has no checksum. (The .lic files of this course have one.)

# %% [markdown]
# ## Coarse first
#
# When a picture took half a minute to arrive, the order mattered. A usual JPEG, a *sequential* one, then fills from the
# top, block by block. A **progressive** one sends the same coefficients in another order, in several **scans**, each
# over the whole picture:
#
# - *Spectral selection*: first DC of all blocks, then AC 1 to 5 of luma, then the rest.
# - *Successive approximation*: first the upper binary digits of each coefficient, then one digit more, then the last.

# %%
# NBVAL_CHECK_OUTPUT
progressive = jpeg.encode(photo, 50, progressive=True)
scans = [s for s in jpeg.container.parse(progressive) if s.name == "SOS"]
_, layout, _ = codec.unpack(progressive)

print("scan                                                              our block")
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
# **Predict:** you have the first quarter of each file. What do you see?

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
# More tables, but each is made for its own scan, and runs of empty blocks are one symbol. At quality 90 the progressive file is even
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
# ## A stranger's file
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
# So: is it really a .jpg? Browser and Pillow say yes.

# %% [markdown]
# ## What you learnt
#
# - A JPEG is a chain of segments. `FF` and a code begin each; most say how long they are. All tables travel in the file.
# - In the bits of the picture, `FF` is written `FF 00`, and ones fill the last byte.
# - Nothing says where a block begins. One wrong bit can spoil all that follows, up to the next restart marker, and
#   is rarely noticed.
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
