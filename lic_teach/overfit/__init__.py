"""The overfitted codec, the smallest of the three. Start reading at codec.py.

transform, quantize, entropy, container as in its elder twins; fit is the search for one picture.
"""

from lic_teach.learned.container import LicError

from .codec import decode, encode
from .container import is_overfitted

__all__ = ["LicError", "decode", "encode", "is_overfitted"]
