"""The byte microscope: a file in colours, what each byte says, what damage does.

Click a byte and read what it says; click the photograph and find the bytes that draw the block.
Break the file, with one click or bit by bit: our decoder shows what it makes of it, beside the
picture of the whole file. A progressive file can be read scan by scan.

files.py makes and breaks the files, words.py knows what the bytes say,
byte_microscope_drawing.py draws, byte_view.py is the window of hexadecimal numbers.
"""

from typing import NamedTuple

import numpy as np
import traitlets
from ipywidgets import HTML, Dropdown, Layout, VBox

from lic_teach import jpeg
from lic_teach.course.a_real_jpeg import byte_microscope_drawing as drawing
from lic_teach.course.a_real_jpeg import files, words
from lic_teach.course.a_real_jpeg.byte_view import ByteView
from lic_teach.course.a_real_jpeg.sabotage import SABOTAGE
from lic_teach.jpeg.trace import Symbol
from lic_teach.kit.base import Explorer, row
from lic_teach.kit.controls import Picture, Readout, Slider, encode_picture


class Result(NamedTuple):
    source: files.Source
    kind: str
    sabotage: str
    file: files.File
    broken: files.Broken
    scans: int
    byte: int  # of broken.data
    block: int  # that the byte belonged to, by its number in the whole file, or -1
    symbols: list[Symbol]  # of that block, in the whole file


def compute(
    source, kind: str, sabotage: str, scans: int, byte: int, flips, at: tuple[int, int]
) -> Result:
    """Break a file, decode it, and find out about one byte -> Result.

    flips: bits that are turned round, as 8 * byte + place; at: a pixel of the block last chosen.
    """
    file = source.file(kind)
    scans = min(scans, file.scans)
    broken = source.broken(kind, sabotage, tuple(flips), scans)
    byte = min(max(byte, 0), len(broken.data) - 1)
    block = _block(file.blocks, int(broken.origin[byte]), at)
    symbols = jpeg.trace(file.data, block) if block >= 0 else []
    return Result(source, kind, sabotage, file, broken, scans, byte, block, symbols)


def _block(blocks, byte, at):
    """The block of a byte of the whole file: the one at `at` where the byte has a bit of it."""
    if blocks is None:
        return -1
    wanted = block_at(blocks, at)
    first, last = words.span(blocks, wanted)
    inside = first <= byte <= last and words.cleaned(blocks.payload, byte) >= 0
    return wanted if inside else words.block_of(blocks, byte)


def block_at(blocks, at: tuple[int, int]) -> int:
    """The luma block at a pixel (row, column), by its number in the file."""
    here = (blocks.component == 0) & (blocks.row == at[0] // 8 * 8)
    return int(np.argmax(here & (blocks.column == at[1] // 8 * 8)))


class Flips(traitlets.HasTraits):
    """The bits turned round by hand: a control without a face of its own, ByteView shows it."""

    value = traitlets.Tuple()


class ByteMicroscope(Explorer):
    """ByteMicroscope(), ByteMicroscope("coffee"), ByteMicroscope("my_photo.jpg").

    A small .jpg (files.py says how small) is shown byte by byte as "a stranger's"; of
    any other picture the files are made here. A byte of -1 is the first one of the block at `at`.
    """

    tries = {
        "the width, one bit": (
            dict(image="chelsea", byte=165, flips=(8 * 165 + 7,)),
            "Bytes 165 and 166 of the frame header are the width, <code>01 C3</code>. Which bit "
            "makes the picture 256 pixels narrower, and what do you expect to see?",
            "The high byte counts in steps of 256, so its last bit is the one. The blocks are "
            "all right, but each row of them now ends too early and goes on in the next: the cat "
            "is cut into strips.",
        ),
        "an extra bit": (
            dict(image="chelsea", flips=(8 * 4403 + 4,)),
            "The chosen byte is the first one of our block. A bit with an orange line belongs to a "
            "code word, one with a black line (white in the dark theme) is an extra bit; the first "
            "of those is turned round. How far does the damage reach?",
            "To the end of the file: 71 % of all pixels are too bright. Every DC is a difference "
            "to the one before, and nothing ever puts it right. The decoder notices nothing.",
        ),
        "one bit": (
            dict(image="chelsea", sabotage="flip one bit"),
            "A single bit of the picture data. How much of the picture does it cost?",
            "Two thirds of the pixels. (The button looks for a bit that does much harm.)",
        ),
        "one bit between restart markers": (
            dict(image="chelsea", kind=files.RESTARTS, sabotage="flip one bit"),
            "The same in a file with a <i>restart marker</i> after each row of MCUs, at which "
            "the decoder begins anew. How much now?",
            "The rest of one row. How a marker stops the damage: next section.",
        ),
        "a restart marker is gone": (
            dict(image="chelsea", kind=files.RESTARTS, sabotage="drop a restart marker"),
            "What does the decoder say?",
            "One row is lost, and it says which marker it missed.",
        ),
        "other quantization tables": (
            dict(image="chelsea", sabotage="swap the quantization tables"),
            "Luma's table for chroma and the other way round. Can the cat be recognised?",
            "Yes: every number is read correctly and multiplied by a wrong step.",
        ),
        "other Huffman tables": (
            dict(image="chelsea", sabotage="swap the Huffman tables"),
            "And with the Huffman tables? Why is that worse?",
            "With wrong code words nothing is read correctly.",
        ),
        "one scan": (
            dict(image="chelsea", kind=files.PROGRESSIVE, scans=1),
            "A <i>progressive</i> file tells the whole picture several times, coarse first. This "
            "is its first scan. Pull <i>Scans</i> to the right.",
            "After the first scan, 1,773 of 13,224 bytes, one colour a block is known. Our "
            "decoder, like most, guesses from the blocks around how it goes on inside (T.81 "
            "K.8), so the cat is out of focus; after the second you see the fur.",
        ),
    }

    draw = staticmethod(drawing.draw)
    _here = None  # kind, sabotage and picture that are shown
    _drawn = None  # the sabotage and the Broken that are on the map

    def __init__(self, image="chelsea", at=(88, 192)):
        self.original, self.map, self.captions = (
            Picture(),
            Picture(cell=1).add_class("lic-map"),
            (HTML(), HTML()),
        )
        self.verdict = Readout()
        view, flips = ByteView(value=-1), Flips()
        traitlets.link((flips, "value"), (view, "flipped"))
        super().__init__(
            image,
            picture=Picture(cell=8, at=at),
            kind=Dropdown(options=files.KINDS_OF_FILE, description="File"),
            sabotage=Dropdown(options=list(SABOTAGE), description="Sabotage"),
            scans=Slider(10, 1, 10, label="Scans", ends=("coarse", "complete")),
            byte=view,
            flips=flips,
        )
        self.map.observe(self._moved, "at")

    def prepare(self, image):
        """Of a small .jpg the bytes belong to the source."""
        return files.prepare(image, self._own)

    def load(self, picture):
        """As every explorer; a small .jpg is put under the microscope as it is."""
        self._own = files.own_file(picture)
        super().load(picture)
        if self._own:
            self.kind = files.STRANGER

    def set(self, image=None, **values):
        """As every explorer; the file first, since another one drops what was set in the last."""
        with self._one_at_a_time:
            with self._hold():
                if image is not None:
                    self.load(image)
                for name in ("kind", "sabotage"):
                    setattr(self, name, values.pop(name, getattr(self, name)))
                self._another_file()
                if values.get("byte", 0) < 0:
                    del values["byte"]  # then it is the sabotage's first
            super().set(**values)

    def _body(self):
        view = self.controls["byte"]
        half = {"flex": "1 1 300px", "max_width": "512px"}
        pictures = zip(self.captions, (self.picture, self.original), strict=True)
        lower = (self.map,), (view, self.readout)
        return [
            row(*(VBox(pair, layout=Layout(**half)) for pair in pictures)),
            self.verdict,
            row(*(VBox(parts, layout=Layout(**half)) for parts in lower)),
        ]

    def update(self, change=None):
        """As every explorer; photograph, map and bytes always show the same place."""
        if self._held:
            return
        with self.controls["byte"].hold_sync():  # the chosen byte can move more than once
            with self._hold():
                if self._here != (self.kind, self.sabotage, id(self.source)):
                    self._another_file()
                owner = getattr(change, "owner", None)
                if owner is self.map:
                    columns = drawing.map_columns(len(self.result.broken.data))
                    self.byte = self.map.at[0] * columns + self.map.at[1]
                elif owner is self.picture or self.byte < 0:
                    self.byte = self._first_byte()
            super().update(change)
            with self._hold():
                self._show()

    def _another_file(self):
        """Nothing is turned round by hand, all scans are read, and the sabotage is in view."""
        self._here = self.kind, self.sabotage, id(self.source)
        file, scans = self.source.file(self.kind), self.controls["scans"]
        self.flips = ()
        with scans.hold_sync():
            scans.maximum, scans.unit = max(file.scans, 2), f"of {file.scans}"
            self.scans = file.scans
        scans.layout.display = "" if file.scans > 1 else "none"  # seen when its limits are there
        edit = self.source.broken(self.kind, self.sabotage, (), file.scans).edit
        self.byte = edit.start if edit else -1

    def _first_byte(self):
        """Of the luma block that is chosen in the photograph; of the first scan if unknown."""
        file = self.source.file(self.kind)
        if file.blocks is None:
            return max(self.byte, 0)
        first, _ = words.span(file.blocks, block_at(file.blocks, self.picture.at))
        broken = self.source.broken(self.kind, self.sabotage, tuple(self.flips), self.scans)
        return int(np.searchsorted(broken.origin, first))

    def _show(self):
        """Bring everything that is not the base's in line with the result."""
        result, view = self.result, self.controls["byte"]
        blocks = result.file.blocks
        self.byte = result.byte
        if result.block >= 0:
            sides = self.image.shape[:2]
            place = blocks.row[result.block], blocks.column[result.block]
            self.picture.at = [
                min(int(p), (n - 1) // 8 * 8) for p, n in zip(place, sides, strict=True)
            ]
        if self._drawn != (result.sabotage, id(result.broken)):
            self._drawn = result.sabotage, id(result.broken)
            self._show_file(result)
        self.map.at = divmod(result.byte, drawing.map_columns(len(result.broken.data)))
        for name, value in drawing.draw_bytes(result).items():
            setattr(view, name, value)

    def _show_file(self, result):
        """What hangs on the file alone: the map, the picture of the whole file, the captions."""
        size = len(result.broken.data)
        with self.map.hold_sync():
            self.map.value = encode_picture(drawing.draw_map(result.broken))
            self.map.alt = f"The file, a square a byte: {size:,} of them"
        self.original.alt = "What the whole file decodes to"
        self.original.value = result.file.encoded
        for caption, text in zip(self.captions, drawing.captions(result), strict=True):
            caption.value = text
        self.verdict.value = drawing.verdict(result)
