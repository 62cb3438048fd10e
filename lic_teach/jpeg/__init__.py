"""JPEG, by hand: the hand-made half of the course. Start reading at codec.py.

>>> import numpy as np
>>> data = encode(np.full((8, 8, 3), 200, np.uint8), quality=90)
>>> data[:2].hex(), int(decode(data)[4, 4, 0])
('ffd8', 200)
"""

from . import container
from .codec import decode, encode
from .errors import JpegError, JpegWarning
from .trace import trace

__all__ = ["JpegError", "JpegWarning", "container", "decode", "encode", "trace"]
