"""A block of the cat in her file: images.thread_block, as the lessons read it there."""

import numpy as np

from lic_teach import images, jpeg
from lic_teach.jpeg import codec, frame, scan
from lic_teach.jpeg.trace import Symbol, trace


def file_block(row: int, column: int, quality: int = 50) -> list[Symbol]:
    """The symbols of a luma block of chelsea in its file."""
    data = jpeg.encode(images.sample("chelsea"), quality)
    blocks, layout, _ = codec.unpack(data)
    order, _ = frame.scan_order(layout, scan.script(layout)[0].members)
    index = row * frame.split(blocks, layout)[0].shape[1] + column
    return trace(data, int(np.flatnonzero(order.ravel() == index)[0]))
