"""Bits: one after the other, the most significant of a byte first.

    (value, length) --BitWriter--> bytes --BitReader--> value

The plain version, one call a number, for looking at a few bits: lessons and jpeg.trace use
it. The codecs' own loops keep the same buffer in two local variables (jpeg/huffman.py), and
the learned codec's range coder needs no whole bits at all. Lesson entropy_coding.
"""


class BitWriter:
    """Collects bits.

    >>> writer = BitWriter()
    >>> writer.write(0b101, 3)
    >>> writer.write(0b00001, 5)
    >>> writer.getvalue().hex()
    'a1'
    """

    def __init__(self):
        self.value, self.length = 0, 0

    def write(self, value: int, length: int) -> None:
        """Append the lowest `length` bits of value (0 <= value < 2**length)."""
        if not 0 <= value < 1 << length:
            raise ValueError(f"{value} does not fit in {length} bits")
        self.value = self.value << length | value
        self.length += length

    def getvalue(self) -> bytes:
        """Everything so far; the last byte is filled with ones (T.81 F.1.2.3)."""
        fill = -self.length % 8
        padded = self.value << fill | (1 << fill) - 1
        return padded.to_bytes((self.length + fill) // 8, "big")


class BitReader:
    """Reads bits from bytes; `position` counts them from the first byte.

    >>> reader = BitReader(bytes([0xA1]))
    >>> reader.read(3), reader.read(5), reader.position
    (5, 1, 8)
    """

    def __init__(self, data: bytes, position: int = 0):
        self.data, self.position = bytes(data), position

    def read(self, length: int) -> int:
        """The next `length` bits as a number; EOFError behind the last byte."""
        stop = self.position + length
        if stop > 8 * len(self.data):
            raise EOFError(f"{length} bits wanted at bit {self.position} of {8 * len(self.data)}")
        window = int.from_bytes(self.data[self.position // 8 : -(-stop // 8)], "big")
        self.position = stop
        return window >> -stop % 8 & (1 << length) - 1
